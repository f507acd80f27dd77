//! A sink that keeps everything, and real data beside the checkout.
#![allow(dead_code)] // each test file uses its part

use athar_documents::{Document, DocumentEnd, DocumentKind, Limits, Picture, Reader, Segment, Sink, Stop, Trouble};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// A document as it was read.
#[derive(Debug, Clone)]
pub(crate) struct Read {
    pub(crate) document: Document,
    pub(crate) segments: Vec<Segment>,
    pub(crate) troubles: Vec<Trouble>,
    pub(crate) end: Option<DocumentEnd>,
}

impl Read {
    /// All its text.
    pub(crate) fn text(&self) -> String {
        self.segments.iter().map(|s| &s.text[s.overlap..]).collect::<Vec<_>>().join("\n")
    }
}

/// Keeps everything. Checks that calls come in order and that segments keep to the bound.
#[derive(Debug, Default)]
pub(crate) struct Keep {
    pub(crate) all: Vec<Read>,
    open: Vec<usize>,
    pub(crate) segment_bytes_max: usize,
}

impl Sink for Keep {
    fn begin(&mut self, document: Document) -> Stop {
        self.open.push(self.all.len());
        self.all.push(Read { document, segments: Vec::new(), troubles: Vec::new(), end: None });
        ControlFlow::Continue(())
    }

    fn segment(&mut self, segment: Segment) -> Stop {
        assert!(segment.overlap <= segment.text.len());
        self.segment_bytes_max = self.segment_bytes_max.max(segment.text.len());
        self.all[*self.open.last().expect("a document is open")].segments.push(segment);
        ControlFlow::Continue(())
    }

    fn picture(&mut self, _: Picture) -> Stop {
        ControlFlow::Continue(())
    }

    fn trouble(&mut self, trouble: Trouble) {
        self.all[*self.open.last().expect("a document is open")].troubles.push(trouble);
    }

    fn end(&mut self, end: DocumentEnd) {
        let index = self.open.pop().expect("a document is open");
        self.all[index].end = Some(end);
    }
}

impl Keep {
    /// The documents but the file itself.
    pub(crate) fn members(&self) -> &[Read] {
        &self.all[1..]
    }

    /// All troubles in words.
    pub(crate) fn troubles(&self) -> Vec<String> {
        self.all.iter().flat_map(|read| &read.troubles).map(|trouble| trouble.words.clone()).collect()
    }
}

/// Reads bytes as a file of this name.
pub(crate) fn read(name: &str, bytes: &[u8]) -> Keep {
    read_with(Reader::new(Limits::default()), name, bytes)
}

/// The same with a reader of one's own.
pub(crate) fn read_with(reader: Reader, name: &str, bytes: &[u8]) -> Keep {
    let mut keep = Keep::default();
    assert!(reader.read_bytes(Document::file(name), bytes, &mut keep).is_continue());
    assert!(keep.open.is_empty(), "every document ends");
    keep
}

/// The kind of the file itself.
pub(crate) fn kind(keep: &Keep) -> DocumentKind {
    keep.all[0].document.kind
}

/// The folder of shared real data, or `None` (said on stderr) where it is absent and not required.
///
/// `../shared/data` from the workspace's root, or `ATHAR_SHARED_DATA`; `ATHAR_REQUIRE_SHARED=1` makes absence fail.
pub(crate) fn shared(test: &str) -> Option<PathBuf> {
    let path = std::env::var_os("ATHAR_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    if path.is_dir() {
        return Some(path);
    }
    let required = std::env::var_os("ATHAR_REQUIRE_SHARED").is_some_and(|v| v == "1");
    assert!(!required, "{test}: shared data required but absent at {}", path.display());
    eprintln!("{test}: skipped, no shared data at {}", path.display());
    None
}
