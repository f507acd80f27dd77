//! What receives documents as they are read.

use crate::stream::OverBound;
use crate::{Document, DocumentEnd, Member, Picture, Segment};
use serde::{Deserialize, Serialize};
use std::io;
use std::ops::ControlFlow;

/// Whether to go on: a sink that breaks ends the reading of the file.
pub type Stop = ControlFlow<()>;

/// Why something was not read, or not as a whole.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TroubleKind {
    /// The operating system refused.
    Io,
    /// It ends before it should.
    Truncated,
    /// It breaks the rules of its format.
    Malformed,
    /// A bound of [`Limits`](crate::Limits) was hit.
    Bound,
    /// It is encrypted.
    Encrypted,
    /// Its kind is known and not read, or a part of it is not.
    Unsupported,
    /// A member's name is a path that leads out of the archive. The member is read; the name is never used as a path.
    Path,
}

/// Something that was not read, or not as a whole. The document's other parts stand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trouble {
    /// Why.
    pub kind: TroubleKind,
    /// Where, in bytes of the document; `None` where it has no such position.
    pub offset: Option<u64>,
    /// What, in words for the user.
    pub words: String,
}

impl Trouble {
    /// The words of an error of reading: the operating system's own, or the bound that was hit.
    pub fn io(error: &io::Error, offset: Option<u64>) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::UnexpectedEof => TroubleKind::Truncated,
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => TroubleKind::Malformed,
            _ if matches!(error.get_ref(), Some(inner) if inner.is::<OverBound>()) => TroubleKind::Bound,
            _ => TroubleKind::Io,
        };
        Self { kind, offset, words: error.to_string() }
    }
}

/// Receives documents. Calls come in order: a document begins, its segments, pictures, troubles and members follow, it ends.
/// After a break only `end` calls follow, one for each open document.
pub trait Sink {
    /// A document begins.
    fn begin(&mut self, document: Document) -> Stop;
    /// A piece of its text.
    fn segment(&mut self, segment: Segment) -> Stop;
    /// It is a picture that was decoded.
    fn picture(&mut self, picture: Picture) -> Stop;
    /// Something of it was not read.
    fn trouble(&mut self, trouble: Trouble);
    /// A member of an archive whose bytes are at hand. A sink that takes it reads it later with [`Member::read`], perhaps on
    /// another thread; one that gives it back (the default) has it read here and now.
    fn defer(&mut self, member: Member) -> Option<Member> {
        Some(member)
    }
    /// The innermost open document ends.
    fn end(&mut self, end: DocumentEnd);
}
