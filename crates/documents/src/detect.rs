//! What a document is, by content first and by name where content does not tell.
//!
//! A list of rules, tried in order: one line for one kind. A rule that fits too much must stand below those that fit less. Only
//! the beginning is looked at, so a rule must hold for a document that is cut after it.

use crate::DocumentKind;
use DocumentKind as Kind;

/// A kind and how to know it.
type Rule = (Kind, fn(&Head<'_>) -> bool);

const RULES: &[Rule] = &[
    (Kind::Warc, |head| crate::web_archive::kind(head.bytes) == Some(Kind::Warc)),
    (Kind::Arc, |head| crate::web_archive::kind(head.bytes) == Some(Kind::Arc)),
    (Kind::Gzip, |head| head.bytes.starts_with(b"\x1f\x8b")),
    (Kind::Docx, |head| head.is_docx()),
    (Kind::Zip, |head| head.bytes.starts_with(b"PK\x03\x04") || head.bytes.starts_with(b"PK\x05\x06")),
    (Kind::Pdf, |head| head.within(1024, b"%PDF-")),
    (Kind::Image, |head| head.is_picture()),
    (Kind::Mhtml, |head| head.is_mail() && head.is_saved_page()),
    (Kind::Email, |head| head.is_mail()),
    (Kind::TelegramHtml, |head| head.is_page() && head.is_telegram_page()),
    (Kind::Html, |head| head.is_page()),
    (Kind::Other, |head| head.is_binary()),
    (Kind::TelegramJson, |head| crate::telegram::is_json(head.bytes)),
    (Kind::ChatJson, |head| crate::chat::objects::is_chat(head.bytes, None)),
    (Kind::ChatCsv, |head| {
        matches!(&*head.extension, "csv" | "tsv" | "tab") && crate::chat::table::is_chat(head.bytes, None)
    }),
    (Kind::Whatsapp, |head| crate::whatsapp::is_chat(head.trimmed)),
    (Kind::Markdown, |head| matches!(&*head.extension, "md" | "markdown" | "mdown" | "mkd")),
    (Kind::Text, |_| true),
];

/// What a document is, from its name and its first bytes.
pub(crate) fn detect(name: &str, bytes: &[u8]) -> DocumentKind {
    let head = Head::new(name, bytes);
    RULES.iter().find(|(_, fits)| fits(&head)).map_or(Kind::Other, |(kind, _)| *kind)
}

/// The beginning of a document.
struct Head<'a> {
    /// What the name ends with, after its last point, in lower case.
    extension: String,
    bytes: &'a [u8],
    /// The bytes without a mark of UTF-8 and without white space at the start.
    trimmed: &'a [u8],
}

impl<'a> Head<'a> {
    fn new(name: &str, bytes: &'a [u8]) -> Self {
        let extension = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default();
        let trimmed = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
        Self { extension, bytes, trimmed }
    }

    /// Whether `words` stand in the first `bytes_max`.
    fn within(&self, bytes_max: usize, words: &[u8]) -> bool {
        memchr::memmem::find(&self.bytes[..self.bytes.len().min(bytes_max)], words).is_some()
    }

    /// Whether the beginning, without regard to case, has `words` (in lower case).
    fn has(&self, words: &[u8]) -> bool {
        self.bytes.windows(words.len()).any(|at| at.eq_ignore_ascii_case(words))
    }

    fn starts(&self, words: &[u8]) -> bool {
        self.trimmed.get(..words.len()).is_some_and(|start| start.eq_ignore_ascii_case(words))
    }

    /// The encoding of 16 bits that a mark tells.
    fn encoded_wide(&self) -> Option<&'static encoding_rs::Encoding> {
        encoding_rs::Encoding::for_bom(self.bytes).map(|(e, _)| e).filter(|e| *e != encoding_rs::UTF_8)
    }

    fn is_docx(&self) -> bool {
        let word = matches!(&*self.extension, "docx" | "docm" | "dotx") || self.within(HEAD, b"word/");
        self.bytes.starts_with(b"PK\x03\x04") && word
    }

    /// Bytes of no text: more zeros than a stray one. One alone hides nothing.
    fn is_binary(&self) -> bool {
        let zeros = memchr::memchr_iter(0, self.bytes).count();
        self.encoded_wide().is_none() && zeros * 64 > self.bytes.len()
    }

    /// A picture by the first bytes of its format.
    fn is_picture(&self) -> bool {
        const STARTS: [&[u8]; 8] =
            [b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*", b"\0\0\x01\0", b"qoif"];
        let riff = self.bytes.starts_with(b"RIFF") && self.bytes.get(8..12) == Some(b"WEBP");
        // a bitmap says its size, which no text that begins with these letters does
        let bmp = self.bytes.starts_with(b"BM") && self.bytes.get(6..10) == Some(&[0; 4]);
        let avif = self.bytes.get(4..8) == Some(b"ftyp")
            && matches!(self.bytes.get(8..12), Some(b"avif" | b"avis" | b"heic" | b"heix" | b"mif1"));
        riff || bmp || avif || STARTS.iter().any(|start| self.bytes.starts_with(start)) || self.is_svg()
    }

    fn is_svg(&self) -> bool {
        self.starts(b"<svg") || (self.extension == "svg" && self.starts(b"<") && self.has(b"<svg"))
    }

    /// Headers of a mail (RFC 5322), perhaps after the line that parts mails in a mailbox (RFC 4155).
    fn is_mail(&self) -> bool {
        const NAMES: [&str; 22] = [
            "from",
            "to",
            "cc",
            "subject",
            "date",
            "message-id",
            "received",
            "return-path",
            "delivered-to",
            "mime-version",
            "content-type",
            "content-transfer-encoding",
            "reply-to",
            "sender",
            "dkim-signature",
            "in-reply-to",
            "references",
            "authentication-results",
            "received-spf",
            "arc-seal",
            "content-location",
            "snapshot-content-location",
        ];
        let mut lines =
            self.trimmed.split(|&b| b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).peekable();
        let boxed = lines.next_if(|line| line.starts_with(b"From ")).is_some();
        let (mut known, mut names) = (0, 0);
        for line in lines {
            if line.is_empty() {
                break;
            }
            if line.starts_with(b" ") || line.starts_with(b"\t") {
                continue; // the header before goes on
            }
            // a line that is no header ends them; the last may be cut
            let Some(colon) = memchr::memchr(b':', line) else { break };
            let Ok(name) = std::str::from_utf8(&line[..colon]) else { break };
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_graphic()) {
                break;
            }
            names += 1;
            known += usize::from(NAMES.iter().any(|known| known.eq_ignore_ascii_case(name)));
        }
        let named = matches!(&*self.extension, "eml" | "mht" | "mhtml" | "mbox" | "mbx");
        // a text with "From: … Date: …" on top is read as a mail, which loses nothing of it
        known >= 3 || (known >= 1 && (boxed || named)) || (named && names > 0)
    }

    fn is_saved_page(&self) -> bool {
        matches!(&*self.extension, "mht" | "mhtml")
            || self.has(b"snapshot-content-location:")
            || (self.has(b"multipart/related") && self.has(b"content-location:"))
    }

    fn is_page(&self) -> bool {
        // WHATWG MIME Sniffing, "identifying a resource with an unknown MIME type", and what saved pieces of pages begin with
        const TAGS: [&[u8]; 30] = [
            b"!doctype html",
            b"html",
            b"head",
            b"body",
            b"title",
            b"meta",
            b"script",
            b"style",
            b"link",
            b"iframe",
            b"table",
            b"div",
            b"span",
            b"p",
            b"a",
            b"b",
            b"br",
            b"font",
            b"center",
            b"h1",
            b"h2",
            b"h3",
            b"ul",
            b"ol",
            b"img",
            b"pre",
            b"section",
            b"article",
            b"main",
            b"form",
        ];
        let begins = |tag: &&[u8]| {
            let after = self.trimmed.get(1 + tag.len());
            self.starts(b"<")
                && self.trimmed[1..].get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag))
                && after.is_none_or(|b| b.is_ascii_whitespace() || *b == b'>')
        };
        let named = matches!(&*self.extension, "html" | "htm" | "xhtml" | "shtml");
        if TAGS.iter().any(begins) || (named && self.encoded_wide().is_none()) {
            return true;
        }
        // behind a comment or an XML declaration, and in 16 bits, a page still says what it is
        let opens = self.starts(b"<!--") || self.starts(b"<?xml") || self.encoded_wide().is_some();
        let narrow: Vec<u8> = self.bytes.iter().copied().filter(|&b| b != 0).collect();
        opens && Head::new("", &narrow).has(b"<html")
    }

    fn is_telegram_page(&self) -> bool {
        self.has(b"class=\"page_wrap") && (self.has(b"exported data") || self.has(b"class=\"history"))
    }
}

/// How much of the beginning is ever looked at.
const HEAD: usize = crate::reader::HEAD_BYTES;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_known_by_its_content_whatever_its_name() {
        let cases: &[(Kind, &[u8])] = &[
            (Kind::Gzip, b"\x1f\x8b\x08\0\0\0\0\0"),
            (Kind::Warc, b"WARC/1.0\r\nWARC-Type: warcinfo\r\n"),
            (Kind::Arc, b"filedesc://a.arc 0.0.0.0 20080101000000 text/plain 76\n"),
            (Kind::Docx, b"PK\x03\x04\x14\0\x06\0[Content_Types].xml PK\x03\x04 word/document.xml"),
            (Kind::Zip, b"PK\x03\x04\x14\0\x06\0a.txt"),
            (Kind::Zip, b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
            (Kind::Pdf, b"%PDF-1.7\n%\xe2\xe3\0"),
            (Kind::Image, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
            (Kind::Image, b"\xff\xd8\xff\xe0\0\x10JFIF"),
            (Kind::Image, b"<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>"),
            (Kind::Other, b"\x7fELF\x02\x01\x01\0"),
            (Kind::Email, b"Return-Path: <a@example.org>\r\nFrom: A <a@example.org>\r\nSubject: x\r\n\r\nx"),
            (Kind::Email, b"From a@example.org Thu Jan  1 00:00:00 2015\nSubject: x\n\nx"),
            (
                Kind::Mhtml,
                b"From: <Saved by Blink>\r\nSnapshot-Content-Location: http://example.org/\r\nSubject: x\r\n\r\n",
            ),
            (Kind::Html, b"\xef\xbb\xbf\r\n <!DOCTYPE html><html>"),
            (Kind::Html, b"<!-- saved from url=(0019)http://example.org/ -->\n<html>"),
            (Kind::Html, b"<?xml version=\"1.0\"?>\n<html xmlns=\"x\">"),
            (Kind::Html, b"\xff\xfe<\0h\0t\0m\0l\0>\0"),
            (Kind::Html, b"<p class=x>y"),
            (Kind::Text, b"<person> wrote: a"),
            (Kind::Html, b"<html>\0<p>a zero hides no page"),
            (Kind::Text, b"nor does one hide a text that is\0long enough to be a text and nothing but a text"),
            (
                Kind::TelegramHtml,
                b"<!DOCTYPE html><html><head><title>Exported Data</title></head><body><div class=\"page_wrap\">",
            ),
            (
                Kind::TelegramJson,
                b"{\n \"name\": \"x\",\n \"type\": \"public_channel\",\n \"id\": 1,\n \"messages\": [",
            ),
            (Kind::Whatsapp, b"12/31/20, 11:59 PM - A: hello\n"),
            (Kind::Whatsapp, "\u{200f}[٣١/١٢/٢٠٢٠، ١١:٥٩:٠٠ م] A: x\n".as_bytes()),
            (Kind::Text, b"\xff\xfeh\0i\0"),
            (Kind::Text, b"From here to there: nothing\n\nDate: none"),
            (Kind::Text, b"12/31/20 was a day"),
            (Kind::Text, b""),
        ];
        for (kind, bytes) in cases {
            assert_eq!(detect("name", bytes), *kind, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_name_tells_where_content_does_not() {
        assert_eq!(detect("read.MD", b"# x"), Kind::Markdown);
        assert_eq!(detect("page.html", b"hello"), Kind::Html);
        assert_eq!(detect("page.html", b"%PDF-1.4"), Kind::Pdf);
        assert_eq!(detect("a.docx", b"PK\x03\x04"), Kind::Docx);
        assert_eq!(detect("a.docx", b"plain"), Kind::Text);
        assert_eq!(detect("a.eml", b"X-Own: 1\n\nx"), Kind::Email);
    }
}
