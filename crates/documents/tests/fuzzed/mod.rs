//! What must hold of any bytes that are read as an archive or a chat: for the fuzzer and for tests.

use athar_documents::{Document, DocumentEnd, DocumentKind, Limits, Picture, Reader, Segment, Sink, Stop, Trouble};
use std::ops::ControlFlow;

/// Checks the order of calls, and that segments keep to their bound and name places in the document.
struct Check {
    open: usize,
    segment_bytes: usize,
    document_bytes: Option<u64>,
}

impl Sink for Check {
    fn begin(&mut self, _: Document) -> Stop {
        self.open += 1;
        ControlFlow::Continue(())
    }
    fn segment(&mut self, segment: Segment) -> Stop {
        assert!(self.open > 0);
        assert!(segment.text.len() <= self.segment_bytes && segment.overlap <= segment.text.len());
        assert!(segment.map.0.is_sorted_by(|a, b| a.0 < b.0), "{:?}", segment.map);
        if let Some(bytes) = self.document_bytes.filter(|_| self.open == 1) {
            assert!(segment.map.0.iter().all(|(_, source)| *source <= bytes), "{:?}", segment.map);
        }
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

fn check(kinds: &[DocumentKind], data: &[u8]) {
    let Some((first, bytes)) = data.split_first() else { return };
    let mut document = Document::file("file");
    document.kind = kinds[usize::from(*first) % kinds.len()];
    let small = *first >= 128;
    let limits = Limits {
        segment_bytes: if small { 256 } else { 64 << 10 },
        document_bytes: if small { 1 << 10 } else { 4 << 20 },
        unpacked_bytes: 64 << 20,
        ..Limits::default()
    };
    let mut sink = Check { open: 0, segment_bytes: limits.segment_bytes, document_bytes: Some(bytes.len() as u64) };
    assert!(Reader::new(limits).read_bytes(document, bytes, &mut sink).is_continue());
    assert_eq!(sink.open, 0);
}

pub(crate) fn web_archive(data: &[u8]) {
    check(&[DocumentKind::Warc, DocumentKind::Arc, DocumentKind::Other], data);
}

pub(crate) fn chat(data: &[u8]) {
    use DocumentKind as Kind;
    check(&[Kind::TelegramJson, Kind::TelegramHtml, Kind::Whatsapp, Kind::ChatCsv, Kind::ChatJson], data);
}
