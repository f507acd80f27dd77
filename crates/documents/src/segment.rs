//! A segment: a piece of text with its place, and the message it is, where it is one.

use athar_types::UnixTime;
use serde::{Deserialize, Serialize};

/// What a segment was.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SegmentKind {
    /// Running text. Blocks (paragraphs, items, cells) are parted by an empty line, forced line breaks by a line end.
    Text,
    /// The text of one message or post.
    Message,
    /// The title or subject.
    Title,
    /// A value that is not shown as text: the target of a link, a copy button's text, a form's value, a meta field, a script.
    Attribute,
    /// What a QR code in a picture says.
    Qr,
    /// What a machine read in a picture. It errs.
    Ocr,
    /// What a message that the service wrote says (somebody joined, a number changed).
    Notice,
    /// Text in an output of a transaction.
    OpReturn,
}

/// Byte positions of a text in what it was read from: pairs of (position in the text, position in the document's bytes), ascending,
/// each good until the next.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SourceMap(pub Vec<(u32, u64)>);

impl SourceMap {
    /// A text that stands in the document as it is, from `offset` on.
    pub fn plain(offset: u64) -> Self {
        Self(vec![(0, offset)])
    }

    /// The position in the document of a position in the text; `None` where the document has no such positions (a page
    /// of a PDF, a picture).
    pub fn source(&self, at: usize) -> Option<u64> {
        let after = self.0.partition_point(|(text, _)| *text as usize <= at);
        let (text, source) = *self.0.get(after.checked_sub(1)?)?;
        Some(source + (at - text as usize) as u64)
    }
}

/// When something was written, as its export says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Moment {
    /// The time; where the zone is not known, as if it were UTC.
    pub time: UnixTime,
    /// Whether the export tells the zone. Where it does not, the true time is up to 14 hours off.
    pub zone_known: bool,
}

/// The message that a segment is part of.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Message {
    /// The export's own id.
    pub id: Option<String>,
    /// The channel, group or chat.
    pub channel: Option<String>,
    /// The export's own id of it: names change, and two channels may have one name.
    pub channel_id: Option<String>,
    /// Who posted it, as the export names them.
    pub author: Option<String>,
    /// When.
    pub at: Option<Moment>,
    /// The id of the message that it answers.
    pub reply_to: Option<String>,
    /// Whom it was forwarded from, as the export names them.
    pub forwarded_from: Option<String>,
}

/// A piece of text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segment {
    /// What it was.
    pub kind: SegmentKind,
    /// The text. At most [`Limits::segment_bytes`](crate::Limits::segment_bytes).
    pub text: String,
    /// Where it stands.
    pub map: SourceMap,
    /// How many bytes at the beginning were already the end of the segment before: a long text is cut with an overlap, and what
    /// is found wholly inside the overlap was found before.
    pub overlap: usize,
    /// The text shown around it, where the segment itself is none that is read (an attribute, a QR code). At most a few hundred bytes.
    pub context: Option<String>,
    /// The message.
    pub message: Option<Box<Message>>,
    /// The page, from 1, of what has pages.
    pub page: Option<u32>,
}

impl Segment {
    /// A segment of plain text that stands in the document as it is.
    pub fn text(text: impl Into<String>, offset: u64) -> Self {
        Self {
            kind: SegmentKind::Text,
            text: text.into(),
            map: SourceMap::plain(offset),
            overlap: 0,
            context: None,
            message: None,
            page: None,
        }
    }
}
