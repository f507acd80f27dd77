//! ARC, the format that was before WARC (Internet Archive, 1996; versions 1 and 2): a line for each record, and its block.
//!
//! The line's fields stand in a fixed order, and URIs with spaces break it. So a line is read from the date outwards: the token of
//! digits behind an address, with the URI before them and the length at the end.

use crate::moment;
use crate::reader::{Desk, Hashing};
use crate::web_archive::{self, Content, Format, Head, LOOK_BYTES};
use crate::{Document, Stop, TroubleKind};
use memchr::{memchr, memchr_iter, memmem};

/// Reads an ARC.
pub(crate) fn read(document: Document, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
    web_archive::read::<Arc>(document, bytes, desk)
}

/// Whether a file's first bytes, unpacked, are those of an ARC.
pub(crate) fn begins(head: &[u8]) -> bool {
    head.trim_ascii_start().starts_with(b"filedesc://") && Arc::begins(head.trim_ascii_start())
}

struct Arc;

/// The parts of a record's line.
struct Line<'a> {
    uri: &'a str,
    date: &'a str,
    content_type: &'a str,
    length: &'a str,
}

fn line(bytes: &[u8]) -> Option<Line<'_>> {
    let text = std::str::from_utf8(bytes).ok()?.trim_end();
    let scheme = text.find(':')?;
    if scheme == 0 || !text[..scheme].bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-')) {
        return None;
    }
    let mut tokens: Vec<(usize, &str)> = Vec::new();
    let mut at = 0;
    for token in text.split(' ') {
        tokens.push((at, token));
        at += token.len() + 1;
    }
    let date = (2..tokens.len().saturating_sub(2)).rev().find(|i| {
        let (date, address) = (tokens[*i].1, tokens[*i - 1].1);
        let digits = (8..=18).contains(&date.len()) && date.bytes().all(|b| b.is_ascii_digit());
        let address_like = address == "-" || address.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b'.' | b':'));
        digits && address_like && !address.is_empty()
    })?;
    let uri = text[..tokens[date - 1].0].trim_end();
    Some(Line { uri, date: tokens[date].1, content_type: tokens[date + 1].1, length: tokens[tokens.len() - 1].1 })
}

impl Format for Arc {
    const NAME: &'static str = "ARC";

    fn begins(bytes: &[u8]) -> bool {
        let bytes = &bytes[..bytes.len().min(LOOK_BYTES)];
        memchr(b'\n', bytes).is_some_and(|end| line(&bytes[..end]).is_some())
    }

    fn find(bytes: &[u8]) -> Option<usize> {
        let mut starts = std::iter::once(0).chain(memchr_iter(b'\n', bytes).map(|at| at + 1));
        starts.find(|from| {
            let line = &bytes[*from..bytes.len().min(from + LOOK_BYTES)];
            let line = &line[..memchr(b'\n', line).unwrap_or(line.len())];
            // most lines are told by this alone
            memmem::find(line, b"://").is_some() && Self::begins(&bytes[*from..])
        })
    }

    fn head_end(bytes: &[u8]) -> Option<usize> {
        memchr(b'\n', bytes).map(|at| at + 1)
    }

    fn head(bytes: &[u8]) -> Option<Head> {
        let end = Self::head_end(bytes)?;
        let line = line(&bytes[..end])?;
        let mut faults = Vec::new();
        let length = line.length.parse().ok();
        if length.is_none() {
            faults.push((TroubleKind::Malformed, format!("its length is {}", line.length.escape_debug())));
        }
        let captured = moment::digits14(line.date);
        if captured.is_none() {
            faults.push((TroubleKind::Malformed, format!("its date is {}", line.date.escape_debug())));
        }
        let http = line.uri.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http"));
        let info = line.uri.starts_with("filedesc:");
        Some(Head {
            bytes: end,
            content: if info {
                Content::Info
            } else if http {
                Content::Http
            } else {
                Content::Payload
            },
            length,
            uri: (!info).then(|| line.uri.to_owned()),
            captured,
            id: None,
            content_type: Some(line.content_type.to_ascii_lowercase()).filter(|t| t.contains('/')),
            block_digest: None,
            payload_digest: None,
            faults,
        })
    }
}
