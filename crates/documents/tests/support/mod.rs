//! A sink that keeps everything and checks the order of the calls.
#![allow(dead_code)] // each test uses its part

use athar_documents::{
    Document, DocumentEnd, Limits, Picture, Reader, Segment, SegmentKind, Sink, Stop, Trouble, TroubleKind,
};
use std::ops::ControlFlow;

/// A document as it was read.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) document: Document,
    pub(crate) segments: Vec<Segment>,
    pub(crate) troubles: Vec<Trouble>,
    pub(crate) end: DocumentEnd,
    ended: bool,
}

/// All that was read.
#[derive(Debug, Default)]
pub(crate) struct Keep {
    /// In the order in which they began.
    pub(crate) documents: Vec<Kept>,
    /// Segments of all documents, in order.
    pub(crate) all: Vec<Segment>,
    pub(crate) open: Vec<usize>,
    /// Segments after which it breaks.
    pub(crate) break_after: Option<usize>,
}

impl Sink for Keep {
    fn begin(&mut self, document: Document) -> Stop {
        self.open.push(self.documents.len());
        let (segments, troubles) = (Vec::new(), Vec::new());
        self.documents.push(Kept { document, segments, troubles, end: DocumentEnd::default(), ended: false });
        ControlFlow::Continue(())
    }

    fn segment(&mut self, segment: Segment) -> Stop {
        assert!(segment.overlap <= segment.text.len() && segment.text.is_char_boundary(segment.overlap));
        assert!(segment.map.0.is_sorted_by(|a, b| a.0 < b.0), "{:?}", segment.map);
        let open = *self.open.last().expect("a document is open");
        self.documents[open].segments.push(segment.clone());
        self.all.push(segment);
        match self.break_after {
            Some(n) if self.all.len() >= n => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }

    fn picture(&mut self, _: Picture) -> Stop {
        ControlFlow::Continue(())
    }

    fn trouble(&mut self, trouble: Trouble) {
        let open = *self.open.last().expect("a document is open");
        self.documents[open].troubles.push(trouble);
    }

    fn end(&mut self, end: DocumentEnd) {
        let open = self.open.pop().expect("a document is open");
        self.documents[open].end = end;
        self.documents[open].ended = true;
    }
}

impl Keep {
    pub(crate) fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.all.iter()
    }

    /// The texts of a kind, in order.
    pub(crate) fn texts(&self, kind: SegmentKind) -> Vec<&str> {
        self.all.iter().filter(|segment| segment.kind == kind).map(|segment| &*segment.text).collect()
    }

    /// Troubles of all documents but those of kinds that nobody reads yet.
    pub(crate) fn troubles(&self) -> Vec<&Trouble> {
        self.documents
            .iter()
            .flat_map(|document| &document.troubles)
            .filter(|t| t.kind != TroubleKind::Unsupported)
            .collect()
    }

    pub(crate) fn members(&self) -> Vec<&str> {
        self.documents.iter().filter_map(|document| document.document.member.as_deref()).collect()
    }

    fn checked(self) -> Self {
        assert!(self.open.is_empty() && self.documents.iter().all(|document| document.ended));
        self
    }
}

pub(crate) fn read(bytes: &[u8]) -> Keep {
    read_document("file", bytes)
}

pub(crate) fn read_document(name: &str, bytes: &[u8]) -> Keep {
    read_with(Limits::default(), name, bytes)
}

pub(crate) fn read_with(limits: Limits, name: &str, bytes: &[u8]) -> Keep {
    let mut keep = Keep::default();
    let stop = Reader::new(limits).read_bytes(Document::file(name), bytes, &mut keep);
    assert!(stop.is_continue());
    keep.checked()
}

/// Reads a file of its own, as the program does.
pub(crate) fn read_file(limits: Limits, name: &str, bytes: &[u8]) -> Keep {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("file");
    std::fs::write(&path, bytes).expect("a file");
    let mut keep = Keep::default();
    let stop = Reader::new(limits).read(&path, name, &mut keep);
    assert!(stop.is_continue());
    keep.checked()
}
