//! What happens, as events in order, and who receives them.

use crate::{Found, Problem, Source};
use athar_documents::{Document, DocumentEnd, Picture};
use athar_sightings::NewSighting;
use std::ops::ControlFlow;
use std::sync::Arc;

/// A document among the results, by a number that is its own within a run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Item(pub u64);

/// One thing that happened. Events come in the order of the files and of the documents in them.
#[derive(Debug)]
pub enum Event {
    /// A document begins.
    Begin(Item, Arc<Document>),
    /// A member that the store has already, with the same content, read by the same program: it was not read again.
    Known(Arc<Document>),
    /// A find, and where it is to be recorded what is recorded of it (boxed: it is large).
    Find(Box<Found>, Option<(Item, Box<NewSighting>)>),
    /// Something was not read.
    Problem(Box<Problem>),
    /// A document ended, with what was learned of it and the bytes of text looked at.
    End(Item, Box<Ended>, u64),
    /// A file was read to its end.
    FileDone(Source),
    /// A file that the store has already, unchanged since: it was not read again.
    FileKnown(Source),
}

/// What was learned of a document when it ended.
#[derive(Clone, Debug, Default)]
pub struct Ended {
    /// Hash, length and title.
    pub end: DocumentEnd,
    /// What it looks like, of a picture.
    pub picture: Option<Picture>,
    /// A sketch of its text for finding near-duplicates; empty where there is too little.
    pub sketch: Vec<u8>,
    /// A copy with secrets removed, where one is to be kept.
    pub original: Option<Vec<u8>>,
}

/// Receives events; a break ends the run.
pub trait Results: Send {
    /// Takes one event.
    fn take(&mut self, event: Event) -> Result<(), ControlFlow<()>>;
}
