//! Any bytes as a PDF.
#![no_main]

#[path = "../../crates/documents/tests/support/seen.rs"]
#[allow(dead_code, reason = "each target uses its part")]
mod seen;

use athar_documents::{Document, DocumentKind, Limits, Reader};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let limits = Limits { pixels: 1 << 20, document_bytes: 1 << 20, pages: 50, seconds: 2, ..Limits::default() };
    let document = Document { kind: DocumentKind::Pdf, ..Document::file("fuzz") };
    let mut seen = seen::Seen::default();
    let _ = Reader::new(limits).read_bytes(document, data, &mut seen);
    assert!(seen.closed());
    // a library's panic is caught where it happens, and told in these words
    assert!(seen.troubles.iter().all(|(_, trouble)| !trouble.words.contains("reading it failed")));
});
