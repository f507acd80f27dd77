//! Values that a page does not show as text: which of them are worth reading, and how they become legible.

use crate::passage::Passage;
use crate::reader::Desk;
use crate::{Message, Segment, SegmentKind, SourceMap, Stop};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Letters and digits in a row that an address or a hash has at least. The shortest address that is read has 25.
const RUN_BYTES: usize = 20;

/// Base64 as it is found in pages and mail: with or without padding, and whatever the unused bits are.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A value with the place of its parts, as in a [`SourceMap`].
#[derive(Clone, Default, Debug)]
pub(crate) struct Value {
    pub(crate) text: String,
    pub(crate) map: Vec<(u32, u64)>,
}

/// Whether a value may carry an address or identifier, or words about one. What only lays out or loads the page is not read: it would
/// be most of the text of most pages.
pub(crate) fn is_read(name: &[u8], value: &[u8]) -> bool {
    match name {
        // hashes and drawings, which look like identifiers and are none
        b"integrity" | b"nonce" | b"d" | b"points" | b"viewbox" | b"srcset" | b"sizes" | b"style" | b"transform" => {
            false
        }
        b"alt" | b"title" | b"placeholder" | b"aria-label" | b"content" | b"value" | b"label" | b"summary" => {
            value.len() >= 3 && value.iter().any(|b| b.is_ascii_alphabetic() || *b >= 0x80 || b.is_ascii_digit())
        }
        b"href" | b"src" | b"action" | b"formaction" | b"cite" | b"poster" | b"data" | b"longdesc" | b"xlink:href" => {
            has_scheme(value) || has_long_run(value)
        }
        _ if name.starts_with(b"data-") || name.starts_with(b"on") => {
            let telling = |b: &u8| b.is_ascii_digit() || b"@:/".contains(b) || *b >= 0x80;
            value.len() >= 6 && value.iter().any(telling)
        }
        _ => has_long_run(value),
    }
}

/// Whether a value is a link with a scheme or a host, not one within the site.
fn has_scheme(value: &[u8]) -> bool {
    let value = value.trim_ascii_start();
    if value.starts_with(b"//") {
        return true;
    }
    let end = value.iter().position(|b| !(b.is_ascii_alphanumeric() || b"+-.".contains(b)));
    end.is_some_and(|end| end > 0 && value[end] == b':')
}

fn has_long_run(value: &[u8]) -> bool {
    value.len() >= RUN_BYTES
        && value
            .split(|b| !b.is_ascii_alphanumeric())
            .any(|run| run.len() >= RUN_BYTES && run.iter().any(u8::is_ascii_digit))
}

/// A link with its percent escapes undone where they are text. What they encode stands at its escape.
pub(crate) fn unescape(value: Value) -> Value {
    if !value.text.contains('%') {
        return value;
    }
    let bytes = value.text.as_bytes();
    let source = SourceMap(value.map.clone());
    let mut out = Value::default();
    let mut at = 0;
    while at < bytes.len() {
        let plain = memchr::memchr(b'%', &bytes[at..]).map_or(bytes.len(), |next| at + next);
        if plain > at {
            out.append(&value.text[at..plain], at, &source);
            at = plain;
            continue;
        }
        let mut escaped = Vec::new();
        let mut end = at;
        while let Some(byte) = bytes.get(end..end + 3).and_then(escape) {
            escaped.push(byte);
            end += 3;
        }
        match std::str::from_utf8(&escaped) {
            // one by one, so that each has its own place
            Ok(text) if !escaped.is_empty() => {
                for (in_text, char) in text.char_indices() {
                    if let Some(place) = source.source(at + in_text * 3) {
                        out.map.push((out.text.len() as u32, place));
                    }
                    out.text.push(char);
                }
                at = end;
            }
            _ => {
                // no escape, or of another encoding: as it stands
                let end = end.max(at + 1);
                out.append(&value.text[at..end], at, &source);
                at = end;
            }
        }
    }
    out
}

impl Value {
    /// Adds text that stands at a position of the value that `source` is of.
    fn append(&mut self, text: &str, at: usize, source: &SourceMap) {
        let start = self.text.len();
        if let Some(place) = source.source(at) {
            self.map.push((start as u32, place));
        }
        let inside = source.0.partition_point(|(from, _)| *from as usize <= at);
        for (from, place) in &source.0[inside..] {
            let after = *from as usize - at;
            if after >= text.len() {
                break;
            }
            self.map.push(((start + after) as u32, *place));
        }
        self.text.push_str(text);
    }
}

fn escape(triple: &[u8]) -> Option<u8> {
    let digit = |b: u8| char::from(b).to_digit(16);
    (triple[0] == b'%').then_some(())?;
    Some((digit(triple[1])? * 16 + digit(triple[2])?) as u8)
}

/// What a `data:` URI holds (RFC 2397): its media type and its bytes.
pub(crate) fn data_uri(value: &str) -> Option<(&str, Vec<u8>)> {
    let value = value.trim_start();
    let rest = value.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("data:")).map(|_| &value[5..])?;
    let (kind, data) = rest.split_once(',')?;
    let mut unescaped = Vec::with_capacity(data.len());
    let mut bytes = data.as_bytes();
    while let Some((&first, rest)) = bytes.split_first() {
        match bytes.get(..3).and_then(escape) {
            Some(byte) => {
                unescaped.push(byte);
                bytes = &bytes[3..];
            }
            None => {
                unescaped.push(first);
                bytes = rest;
            }
        }
    }
    let media = kind.split(';').next().unwrap_or_default();
    if kind.split(';').any(|word| word.trim().eq_ignore_ascii_case("base64")) {
        return Some((media, base64(unescaped)?));
    }
    Some((media, unescaped))
}

/// Decodes base64 with white space in it; `None` where it is none.
pub(crate) fn base64(mut encoded: Vec<u8>) -> Option<Vec<u8>> {
    encoded.retain(|b| !b.is_ascii_whitespace());
    LENIENT.decode(encoded).ok()
}

/// Gives a value as attribute segments: one, or more where it is long.
pub(crate) fn give(value: Value, context: Option<String>, message: Option<Box<Message>>, desk: &mut Desk<'_>) -> Stop {
    if value.text.len() <= desk.limits.segment_bytes {
        return desk.segment(Segment {
            kind: SegmentKind::Attribute,
            text: value.text,
            map: SourceMap(value.map),
            overlap: 0,
            context,
            message,
            page: None,
        });
    }
    let mut passage = Passage::new(SegmentKind::Attribute, desk).around(context).of(message);
    let ends = value.map.iter().skip(1).map(|(at, _)| *at as usize).chain([value.text.len()]);
    for ((at, source), end) in value.map.iter().zip(ends) {
        passage.push(&value.text[*at as usize..end], Some(*source), desk)?;
    }
    passage.flush(desk)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, at: u64) -> Value {
        Value { text: text.to_owned(), map: vec![(0, at)] }
    }

    #[test]
    fn escapes_of_a_link_are_undone_and_keep_their_place() {
        let link = unescape(value("https://t.me/share?url=bitcoin%3Abc1q%2F&text=%D8%AA%D8%A8", 100));
        assert_eq!(link.text, "https://t.me/share?url=bitcoin:bc1q/&text=تب");
        let map = SourceMap(link.map);
        assert_eq!(map.source(link.text.find(":bc1q").unwrap()), Some(100 + 30));
        assert_eq!(map.source(link.text.find("bc1q").unwrap()), Some(100 + 33));
        assert_eq!(map.source(link.text.find("ب").unwrap()), Some(100 + 52));
    }

    #[test]
    fn what_is_no_escape_of_text_stays() {
        for text in ["100%", "%", "%zz%", "%E4%F6x", "a%2"] {
            assert_eq!(unescape(value(text, 0)).text, text);
        }
    }

    #[test]
    fn a_data_uri_gives_its_bytes() {
        assert_eq!(data_uri("data:image/png;base64,iVBO\nRw%3D%3D"), Some(("image/png", b"\x89PNG".to_vec())));
        assert_eq!(data_uri("DATA:image/svg+xml,%3Csvg%3E"), Some(("image/svg+xml", b"<svg>".to_vec())));
        assert_eq!(data_uri("data:image/png;base64,***"), None);
        assert_eq!(data_uri("data:"), None);
        assert_eq!(data_uri("dat"), None);
        assert_eq!(data_uri("ددددد"), None);
    }

    #[test]
    fn links_within_a_site_and_layout_are_not_read() {
        let read = |name: &str, value: &str| is_read(name.as_bytes(), value.as_bytes());
        assert!(read("href", "bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"));
        assert!(read("href", "/pay/1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"));
        assert!(read("href", "//t.me/x"));
        assert!(read("data-address", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"));
        assert!(read("id", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"));
        assert!(read("onclick", "copy('@name')"));
        assert!(read("alt", "تبرع"));
        assert!(!read("href", "/news/2024/05/"));
        assert!(!read("class", "menu-item menu-item-type-post_type"));
        assert!(!read("data-toggle", "dropdown"));
        assert!(!read("integrity", "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K"));
    }
}
