//! Any bytes as a document of any kind.
#![allow(missing_docs)] // tests

#[path = "support/checks.rs"]
mod checks;

use athar_documents::fixture::{Docx, Part, docx, gzip, mail, zip};
use proptest::prelude::*;

/// Files that are whole, to be damaged.
fn whole(which: usize) -> Vec<u8> {
    let page = "<html><title>t</title><p>text &amp; <a href='bitcoin:1A1z%20x'>more</a><script>x</script><svg><path d='1'/></svg>";
    match which % 5 {
        0 => page.as_bytes().to_vec(),
        1 => mail(
            &["From: a@example.org", "Subject: =?utf-8?B?2LnZhNmK?=", "Date: Tue, 5 Mar 2024 10:00:00 +0300"],
            &[
                Part::new("text/plain", "body = text").encoded("quoted-printable"),
                Part::new("text/html", page).encoded("base64"),
            ],
        ),
        2 => zip(&[("a.txt", b"text"), ("b.html", page.as_bytes()), ("c.gz", &gzip(b"packed"))]),
        3 => docx(&Docx {
            paragraphs: vec![vec!["some".into(), "text".into()]],
            title: Some("t".into()),
            ..Docx::default()
        }),
        _ => gzip(page.as_bytes()),
    }
}

proptest! {
    #[test]
    fn any_bytes_of_any_kind_are_read_or_told(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        checks::document(&bytes);
    }

    #[test]
    fn any_damage_is_read_or_told(which in 0..5_usize, kind in any::<u8>(), damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8), cut in any::<prop::sample::Index>()) {
        let mut bytes = whole(which);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let cut = cut.index(bytes.len() * 2);
        bytes.truncate(cut.max(1));
        bytes.insert(0, kind);
        checks::document(&bytes);
        bytes[0] = 0;
        checks::document(&bytes);
    }
}
