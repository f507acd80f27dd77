//! What must hold for any bytes that are read as a document. The fuzz target and the seeded random test run the same checks.

use athar_documents::{Document, DocumentEnd, DocumentKind, Limits, Picture, Reader, Segment, Sink, Stop, Trouble};
use std::ops::ControlFlow;

/// Bytes of a segment, small so that short inputs are cut.
const SEGMENT_BYTES: usize = 300;

/// Counts what is open and checks each segment.
#[derive(Default)]
struct Check {
    open: usize,
    documents: usize,
}

impl Sink for Check {
    fn begin(&mut self, _: Document) -> Stop {
        self.open += 1;
        self.documents += 1;
        ControlFlow::Continue(())
    }

    fn segment(&mut self, segment: Segment) -> Stop {
        assert!(self.open > 0);
        assert!(segment.text.len() <= SEGMENT_BYTES);
        assert!(segment.text.is_char_boundary(segment.overlap));
        assert!(segment.map.0.is_sorted_by(|a, b| a.0 < b.0));
        assert!(segment.map.0.last().is_none_or(|(at, _)| *at as usize <= segment.text.len()));
        ControlFlow::Continue(())
    }

    fn picture(&mut self, _: Picture) -> Stop {
        ControlFlow::Continue(())
    }

    fn trouble(&mut self, _: Trouble) {
        assert!(self.open > 0);
    }

    fn end(&mut self, _: DocumentEnd) {
        self.open -= 1;
    }
}

/// Reads bytes as a document of a kind that the first byte chooses: nothing panics, and every document that begins ends.
pub(crate) fn document(data: &[u8]) {
    let Some((which, bytes)) = data.split_first() else { return };
    let kinds = [
        DocumentKind::Other,
        DocumentKind::Html,
        DocumentKind::Text,
        DocumentKind::Email,
        DocumentKind::Mhtml,
        DocumentKind::Zip,
        DocumentKind::Gzip,
        DocumentKind::Docx,
    ];
    let document = Document { kind: kinds[usize::from(*which) % kinds.len()], ..Document::file("any") };
    let limits = Limits { segment_bytes: SEGMENT_BYTES, unpacked_bytes: 8 << 20, members: 100, ..Limits::default() };
    let mut check = Check::default();
    let stop = Reader::new(limits).read_bytes(document, bytes, &mut check);
    assert!(stop.is_continue() && check.open == 0 && check.documents > 0);
}
