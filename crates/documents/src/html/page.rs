//! The text of a page as it was sent, decoded, with the place of every part of it.

use crate::charset::Decoder;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::ops::{ControlFlow, Range};

/// Bytes at the beginning where a page may say its encoding. Browsers look at 1,024; saved pages put comments before it.
const DECLARED_BYTES: usize = 4096;

/// Bytes that are decoded at once.
const BLOCK_BYTES: usize = 64 << 10;

/// A page, decoded.
pub(crate) struct Page {
    pub(crate) text: String,
    /// Positions in the text and in the source, each good until the next; never empty.
    marks: Vec<(u32, u32)>,
}

impl Page {
    /// A page of these bytes; `charset` is what the transport declares.
    pub(crate) fn new(bytes: Vec<u8>, charset: Option<&str>) -> Self {
        let declared = charset.and_then(|label| Encoding::for_label(label.as_bytes())).or_else(|| declared(&bytes));
        let utf8 = declared.is_none_or(|encoding| encoding == UTF_8);
        let bytes = match String::from_utf8(bytes) {
            Ok(text) if utf8 && Encoding::for_bom(text.as_bytes()).is_none() => {
                return Self { text, marks: vec![(0, 0)] };
            }
            Ok(text) => text.into_bytes(),
            Err(error) => error.into_bytes(),
        };
        let (mut text, mut marks) = (String::with_capacity(bytes.len()), vec![(0, 0)]);
        // what only says that it is UTF-8 is guessed like what says nothing
        let mut decoder = Decoder::new(declared.filter(|_| !utf8), 0);
        let mut blocks = bytes.chunks(BLOCK_BYTES).peekable();
        while let Some(block) = blocks.next() {
            // it never breaks
            let _ = decoder.decode(block, blocks.peek().is_none(), &mut |run, run_marks| {
                for (at, source) in run_marks {
                    let (at, source) = (text.len() as u32 + at, *source as u32);
                    let goes_on = marks.last().is_some_and(|(text, from)| from + (at - text) == source);
                    if !goes_on {
                        marks.push((at, source));
                    }
                }
                text.push_str(run);
                ControlFlow::Continue(())
            });
        }
        Self { text, marks }
    }

    /// The position in the source of a position in the text.
    pub(crate) fn source(&self, at: usize) -> u64 {
        let mark = self.marks[self.mark(at)];
        u64::from(mark.1) + (at as u64 - u64::from(mark.0))
    }

    fn mark(&self, at: usize) -> usize {
        // most pages are UTF-8 and have one
        if self.marks.len() == 1 { 0 } else { self.marks.partition_point(|(text, _)| *text as usize <= at).max(1) - 1 }
    }

    /// The parts of a range of the text that stand in the source as they are, with where.
    pub(crate) fn runs(&self, range: Range<usize>) -> impl Iterator<Item = (&str, u64)> {
        let mut mark = self.mark(range.start);
        let mut at = range.start;
        std::iter::from_fn(move || {
            if at >= range.end {
                return None;
            }
            let next = self.marks.get(mark + 1).map_or(usize::MAX, |(text, _)| *text as usize);
            let (text, source) = self.marks[mark];
            let (start, end) = (at, next.min(range.end));
            at = end;
            mark += 1;
            let run = self.text.get(start..end).unwrap_or_default();
            Some((run, u64::from(source) + (start as u64 - u64::from(text))))
        })
    }
}

/// The encoding that a page says it has: in a `meta` element or an XML declaration.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes[..bytes.len().min(DECLARED_BYTES)].to_ascii_lowercase();
    let meta = memchr::memmem::find_iter(&head, b"<meta").find_map(|at| {
        let tag = &head[at..];
        label_after(&tag[..memchr::memchr(b'>', tag).unwrap_or(tag.len())], b"charset")
    });
    let xml = || {
        let declaration = head.strip_prefix(b"<?xml")?;
        label_after(&declaration[..memchr::memchr(b'>', declaration)?], b"encoding")
    };
    let encoding = Encoding::for_label(meta.or_else(xml)?)?;
    // what could be read so far is not in 16 bits (WHATWG HTML, "prescan a byte stream")
    Some(if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding })
}

/// The label in `name = "label"`.
fn label_after<'t>(tag: &'t [u8], name: &[u8]) -> Option<&'t [u8]> {
    let after = tag[memchr::memmem::find(tag, name)? + name.len()..].trim_ascii_start().strip_prefix(b"=")?;
    let after = after.trim_ascii_start();
    let after = after.strip_prefix(b"\"").or_else(|| after.strip_prefix(b"'")).unwrap_or(after);
    let end = after.iter().position(|b| b"\"'; \t\r\n/>".contains(b)).unwrap_or(after.len());
    Some(&after[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_that_of_the_transport_then_of_the_page_then_a_guess() {
        let arabic = "<meta charset=windows-1256><p>تبرعوا للعائلات";
        let (bytes, _, _) = encoding_rs::WINDOWS_1256.encode(arabic);
        assert_eq!(Page::new(bytes.to_vec(), None).text, arabic);
        let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode("<meta charset=windows-1256>Помощь");
        assert!(Page::new(bytes.to_vec(), Some("windows-1251")).text.ends_with("Помощь"));
        let (bytes, _, _) =
            encoding_rs::WINDOWS_1256.encode("<p>ساعدوا العائلات في هذا الشتاء وتبرعوا لهم بما تستطيعون");
        assert!(Page::new(bytes.to_vec(), None).text.contains("العائلات"));
        let marked = "\u{feff}<meta charset=windows-1251>é";
        assert!(Page::new(marked.as_bytes().to_vec(), Some("windows-1251")).text.ends_with(">é"));
    }

    #[test]
    fn a_declaration_stands_in_a_meta_element_or_in_an_xml_declaration() {
        let label = |page: &str| declared(page.as_bytes()).map(Encoding::name);
        assert_eq!(label("<html><META HTTP-EQUIV=x content='text/html; charset=ISO-8859-9'>"), Some("windows-1254"));
        assert_eq!(label("<meta charset = \"windows-1256\" />"), Some("windows-1256"));
        assert_eq!(label("<?xml version=\"1.0\" encoding='koi8-r'?><html>"), Some("KOI8-R"));
        assert_eq!(label("<script charset='koi8-r'></script>"), None);
        assert_eq!(label("<meta charset=utf-16le>"), Some("UTF-8"));
        assert_eq!(label("<meta charset="), None);
    }

    #[test]
    fn words_of_an_encoding_of_one_byte_have_their_place() {
        let text = "<p>عنوان bc1q و bc1p";
        let (bytes, _, _) = encoding_rs::WINDOWS_1256.encode(text);
        let page = Page::new(bytes.to_vec(), Some("windows-1256"));
        for word in ["bc1q", "bc1p", "<p>"] {
            let at = page.source(page.text.find(word).unwrap()) as usize;
            assert_eq!(&bytes[at..at + word.len()], word.as_bytes());
        }
        let runs: String = page.runs(0..page.text.len()).map(|(run, _)| run).collect();
        assert_eq!(runs, page.text);
    }
}
