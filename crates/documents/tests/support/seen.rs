//! A sink that keeps everything, and checks that documents nest.

use athar_documents::{Document, DocumentEnd, Picture, Segment, SegmentKind, Sink, Stop, Trouble, TroubleKind};

/// What a reader gave.
#[derive(Default)]
pub(crate) struct Seen {
    open: Vec<usize>,
    /// The documents in order, with their ends.
    pub(crate) documents: Vec<(Document, Option<DocumentEnd>)>,
    /// Segments with the place of their document in `documents`.
    pub(crate) segments: Vec<(usize, Segment)>,
    pub(crate) pictures: Vec<(usize, Picture)>,
    pub(crate) troubles: Vec<(usize, Trouble)>,
}

impl Seen {
    fn innermost(&self) -> usize {
        *self.open.last().expect("a document is open")
    }

    /// The texts of a kind.
    pub(crate) fn texts(&self, kind: SegmentKind) -> Vec<&str> {
        self.segments.iter().filter(|(_, s)| s.kind == kind).map(|(_, s)| s.text.as_str()).collect()
    }

    /// Whether a text was given in a segment of a kind.
    pub(crate) fn says(&self, kind: SegmentKind, text: &str) -> bool {
        self.texts(kind).iter().any(|said| said.contains(text))
    }

    pub(crate) fn trouble_kinds(&self) -> Vec<TroubleKind> {
        self.troubles.iter().map(|(_, trouble)| trouble.kind).collect()
    }

    /// All that began has ended.
    pub(crate) fn closed(&self) -> bool {
        self.open.is_empty() && self.documents.iter().all(|(_, end)| end.is_some())
    }
}

impl Sink for Seen {
    fn begin(&mut self, document: Document) -> Stop {
        self.open.push(self.documents.len());
        self.documents.push((document, None));
        Stop::Continue(())
    }
    fn segment(&mut self, segment: Segment) -> Stop {
        self.segments.push((self.innermost(), segment));
        Stop::Continue(())
    }
    fn picture(&mut self, picture: Picture) -> Stop {
        self.pictures.push((self.innermost(), picture));
        Stop::Continue(())
    }
    fn trouble(&mut self, trouble: Trouble) {
        self.troubles.push((self.innermost(), trouble));
    }
    fn end(&mut self, end: DocumentEnd) {
        let at = self.open.pop().expect("a document is open");
        self.documents[at].1 = Some(end);
    }
}
