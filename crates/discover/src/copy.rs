//! The copy of an original that a store keeps: secrets are cut out, and where that cannot be known to be complete, there is none.
//!
//! What was found tells where secrets stand; but a secret may stand a second time where nothing was looked for (a comment of a page,
//! another encoding of a part of a mail). So the copy is read again as the original was, and its bytes are searched as text.

use crate::eyes::{Eyes, REMOVED};
use athar_documents::{Document, DocumentEnd, DocumentKind, Picture, Reader, Segment, Sink, Stop, Trouble};
use std::ops::{ControlFlow, Range};

/// Bytes that are searched as text at once, and those that are searched again with the next.
const BLOCK: usize = 1 << 20;
const OVERLAP: usize = 4 << 10;

/// The bytes with a mark in place of each secret; `None` where a secret does not lie in them.
pub(crate) fn without(bytes: &[u8], secrets: &[Range<u64>]) -> Option<Vec<u8>> {
    let mut secrets = secrets.to_vec();
    secrets.sort_unstable_by_key(|range| range.start);
    let mut out = Vec::with_capacity(bytes.len());
    let mut done = 0;
    for secret in secrets {
        let (start, end) = (usize::try_from(secret.start).ok()?, usize::try_from(secret.end).ok()?);
        if start > end || end > bytes.len() {
            return None;
        }
        // one may have been seen twice, as text and as a link's target
        if start >= done {
            out.extend_from_slice(&bytes[done..start]);
            out.extend_from_slice(REMOVED.as_bytes());
        }
        done = done.max(end);
    }
    out.extend_from_slice(&bytes[done..]);
    Some(out)
}

/// Whether no secret is found in a copy.
pub(crate) fn is_clean(document: &Document, copy: &[u8], reader: &Reader, eyes: &Eyes) -> bool {
    let mut check = Check { eyes, found: false };
    let _ = reader.read_bytes(document.clone(), copy, &mut check);
    !check.found && (is_packed(document.kind) || !shows_secret(copy, eyes))
}

/// Formats whose text does not stand in their bytes.
fn is_packed(kind: DocumentKind) -> bool {
    use DocumentKind::{Docx, Image, Pdf};
    matches!(kind, Docx | Image | Pdf)
}

fn shows_secret(bytes: &[u8], eyes: &Eyes) -> bool {
    let mut from = 0;
    loop {
        let to = (from + BLOCK).min(bytes.len());
        let text = String::from_utf8_lossy(&bytes[from..to]);
        if eyes.has_secret(&text) {
            return true;
        }
        if to == bytes.len() {
            return false;
        }
        from = to - OVERLAP;
    }
}

/// Reads a copy and looks for secrets only.
struct Check<'a> {
    eyes: &'a Eyes,
    found: bool,
}

impl Sink for Check<'_> {
    fn begin(&mut self, _: Document) -> Stop {
        ControlFlow::Continue(())
    }

    fn segment(&mut self, segment: Segment) -> Stop {
        self.found |= self.eyes.has_secret(&segment.text);
        if self.found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn picture(&mut self, _: Picture) -> Stop {
        ControlFlow::Continue(())
    }

    fn trouble(&mut self, _: Trouble) {}

    fn end(&mut self, _: DocumentEnd) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_cut_once_and_what_lies_outside_gives_no_copy() {
        let mark = REMOVED;
        let cut = |secrets: &[Range<u64>]| without(b"0123456789", secrets).map(|b| String::from_utf8(b).unwrap());
        assert_eq!(cut(&[7..9, 2..4]), Some(format!("01{mark}456{mark}9")));
        assert_eq!(cut(&[2..4, 2..4]), Some(format!("01{mark}456789")));
        assert_eq!(cut(&[2..5, 4..6]), Some(format!("01{mark}6789")));
        assert_eq!(cut(std::slice::from_ref(&(8..12))), None);
        assert_eq!(cut(&[]).as_deref(), Some("0123456789"));
    }
}
