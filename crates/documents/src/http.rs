//! The HTTP answer inside an archived record: its head, and its body freed of transfer and content encodings, with bounds.
//!
//! Archives hold answers as servers sent them, and servers and crawlers both break the rules: heads that no strict parser takes,
//! bodies that were decoded before they were stored while the head still names the encoding. What plainly is not encoded as it
//! claims is taken as it stands.

use std::io::{self, BufRead, BufReader, Read};

/// Bytes of a head.
pub(crate) const HEAD_BYTES_MAX: usize = 256 << 10;
const HEADERS_MAX: usize = 256;

/// What is used of the head.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Head {
    /// Where the body begins.
    pub(crate) body_at: usize,
    /// The type without its parameters, in small letters.
    pub(crate) content_type: Option<String>,
    /// The charset that the type names.
    pub(crate) charset: Option<String>,
    pub(crate) chunked: bool,
    /// From the innermost to the outermost.
    pub(crate) encodings: Vec<Encoding>,
}

/// How a body is packed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Encoding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
    /// One that is not known, by its name.
    Other(String),
}

/// The type and the charset of a `Content-Type`.
pub(crate) fn content_type(value: &str) -> (Option<String>, Option<String>) {
    let mut parts = value.split(';');
    let kind = parts.next().map(|t| t.trim().to_ascii_lowercase()).filter(|t| !t.is_empty());
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
    });
    (kind, charset)
}

/// Reads the head at the beginning of `block`; `None` where there is none.
pub(crate) fn head(block: &[u8]) -> Option<Head> {
    if !block.starts_with(b"HTTP/") && !block.starts_with(b"ICY ") {
        return None;
    }
    let bytes = &block[..block.len().min(HEAD_BYTES_MAX)];
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let mut config = httparse::ParserConfig::default();
    config
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_multiple_spaces_in_response_status_delimiters(true)
        .ignore_invalid_headers_in_responses(true);
    let mut head = Head::default();
    match config.parse_response(&mut response, bytes) {
        Ok(httparse::Status::Complete(body_at)) => {
            head.body_at = body_at;
            for header in response.headers.iter() {
                head.header(header.name, &String::from_utf8_lossy(header.value));
            }
        }
        // no rule that a head may break hides the body
        _ => {
            head.body_at = blank_line(bytes)?;
            for line in bytes[..head.body_at].split(|b| *b == b'\n').skip(1) {
                let line = String::from_utf8_lossy(line);
                if let Some((name, value)) = line.split_once(':') {
                    head.header(name.trim(), value);
                }
            }
        }
    }
    Some(head)
}

/// Where what follows the first empty line begins.
fn blank_line(bytes: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'\n', bytes).find_map(|at| match bytes.get(at + 1..)? {
        [b'\n', ..] => Some(at + 2),
        [b'\r', b'\n', ..] => Some(at + 3),
        _ => None,
    })
}

impl Head {
    fn header(&mut self, name: &str, value: &str) {
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-type") && self.content_type.is_none() {
            (self.content_type, self.charset) = content_type(value);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            for coding in value.split(',').map(str::trim) {
                if coding.eq_ignore_ascii_case("chunked") {
                    self.chunked = true;
                } else {
                    self.encodings.extend(Encoding::parse(coding));
                }
            }
        } else if name.eq_ignore_ascii_case("content-encoding") {
            // a crawler that lists an encoding twice undoes it once, and so does the bound on their number
            self.encodings.extend(value.split(',').filter_map(Encoding::parse).take(4));
        }
    }

    /// The body, of what follows the head: its chunks joined and its content encodings undone.
    pub(crate) fn body<'b>(&self, mut raw: Box<dyn BufRead + 'b>) -> io::Result<Box<dyn BufRead + 'b>> {
        if self.chunked && looks_chunked(raw.fill_buf()?) {
            raw = Box::new(BufReader::with_capacity(16 << 10, Chunked::new(raw)));
        }
        self.decoded(raw)
    }

    /// The chunks of a body at hand as one; `None` where it has none.
    pub(crate) fn unchunked<'b>(&self, raw: &'b [u8]) -> Option<impl Read + use<'b>> {
        (self.chunked && looks_chunked(raw)).then(|| Chunked::new(raw))
    }

    /// The body with its content encodings undone.
    pub(crate) fn decoded<'b>(&self, mut raw: Box<dyn BufRead + 'b>) -> io::Result<Box<dyn BufRead + 'b>> {
        for encoding in self.encodings.iter().rev() {
            let head = raw.fill_buf()?;
            if head.is_empty() {
                break;
            }
            let unpacked: Box<dyn Read + 'b> = match encoding {
                Encoding::Gzip if head.starts_with(&[0x1f, 0x8b]) => {
                    Box::new(flate2::bufread::MultiGzDecoder::new(raw))
                }
                Encoding::Deflate if is_zlib(head) => Box::new(flate2::bufread::ZlibDecoder::new(raw)),
                Encoding::Deflate => Box::new(flate2::bufread::DeflateDecoder::new(raw)),
                Encoding::Brotli => Box::new(brotli_decompressor::Decompressor::new(raw, 16 << 10)),
                Encoding::Zstd if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) => {
                    Box::new(zstd::stream::read::Decoder::with_buffer(raw)?)
                }
                Encoding::Gzip | Encoding::Zstd => continue,
                Encoding::Other(name) => {
                    let words = format!("the content encoding {} is not known", name.escape_debug());
                    return Err(io::Error::new(io::ErrorKind::InvalidData, words));
                }
            };
            raw = Box::new(BufReader::with_capacity(32 << 10, unpacked));
        }
        Ok(raw)
    }

    /// Whether the body as it stands is not the text itself.
    pub(crate) fn is_encoded(&self) -> bool {
        self.chunked || !self.encodings.is_empty()
    }
}

impl Encoding {
    fn parse(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        match name.as_str() {
            "" | "identity" | "none" | "utf-8" | "utf8" | "binary" => None,
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "deflate" => Some(Self::Deflate),
            "br" => Some(Self::Brotli),
            "zstd" => Some(Self::Zstd),
            _ => Some(Self::Other(name.chars().take(40).collect())),
        }
    }
}

/// A zlib header (RFC 1950): servers send both it and bare deflate under the one name.
fn is_zlib(head: &[u8]) -> bool {
    matches!(head, [a, b, ..] if a & 0x0f == 8 && (u16::from(*a) << 8 | u16::from(*b)) % 31 == 0)
}

/// Whether bytes begin with the line of a chunk's size.
pub(crate) fn looks_chunked(bytes: &[u8]) -> bool {
    let digits = bytes.iter().take_while(|b| b.is_ascii_hexdigit()).count();
    let after = bytes[digits..].iter().position(|b| !matches!(b, b' ' | b'\t')).map(|at| bytes[digits + at]);
    (1..=16).contains(&digits) && matches!(after, Some(b'\r' | b'\n' | b';'))
}

/// A body in chunks (RFC 9112, 7.1), joined. A size that is none ends it with an error; what came before stands.
struct Chunked<R> {
    inner: R,
    /// Bytes left of the chunk; `None` before a size.
    left: Option<u64>,
    first: bool,
    done: bool,
}

impl<R: BufRead> Chunked<R> {
    fn new(inner: R) -> Self {
        Self { inner, left: None, first: true, done: false }
    }

    fn size(&mut self) -> io::Result<u64> {
        let mut line = Vec::new();
        // the line end after the chunk before
        let tries = if self.first { 1 } else { 2 };
        self.first = false;
        for _ in 0..tries {
            line.clear();
            (&mut self.inner).take(4096).read_until(b'\n', &mut line)?;
            if !line.trim_ascii().is_empty() {
                break;
            }
        }
        if line.is_empty() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the chunked body is cut"));
        }
        let text = line.split(|b| *b == b';').next().unwrap_or_default().trim_ascii();
        std::str::from_utf8(text)
            .ok()
            .and_then(|t| u64::from_str_radix(t, 16).ok())
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the size of a chunk of the body is none"))
    }
}

impl<R: BufRead> Read for Chunked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.done || out.is_empty() {
            return Ok(0);
        }
        let left = match self.left {
            Some(left) => left,
            None => self.size()?,
        };
        if left == 0 {
            self.done = true;
            return Ok(0);
        }
        let want = out.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let n = self.inner.read(&mut out[..want])?;
        if n == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a chunk of the body is cut"));
        }
        self.left = (left > n as u64).then_some(left - n as u64);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn body_of(block: &[u8]) -> (Vec<u8>, Option<String>) {
        let head = head(block).unwrap();
        let mut out = Vec::new();
        let error = head.body(Box::new(&block[head.body_at..])).and_then(|mut body| body.read_to_end(&mut out)).err();
        (out, error.map(|e| e.to_string()))
    }

    #[test]
    fn a_head_gives_type_charset_and_encodings() {
        let head = head(b"HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; Charset=\"windows-1256\"\r\nContent-Encoding: gzip, br\r\n\r\nx").unwrap();
        assert_eq!(head.content_type.as_deref(), Some("text/html"));
        assert_eq!(head.charset.as_deref(), Some("windows-1256"));
        assert_eq!(head.encodings, [Encoding::Gzip, Encoding::Brotli]);
    }

    #[test]
    fn a_head_that_breaks_the_rules_hides_no_body() {
        for block in [
            &b"HTTP/1.1 200\r\nbad header\x01: x\r\nContent-Type : text/html\r\n\r\nbody"[..],
            b"HTTP/1.1 999 \xff\xfe\nContent-Type:text/html\n\nbody",
            b"HTTP/9.9 abc\nContent-Type: text/html\n\nbody",
            b"ICY 200 OK\r\nContent-Type: text/html\r\n\r\nbody",
            b"HTTP/1.0 200 OK\r\n folded\r\nContent-Type: text/html\r\n\r\nbody",
        ] {
            let head = head(block).unwrap();
            assert_eq!(&block[head.body_at..], b"body");
            assert_eq!(head.content_type.as_deref(), Some("text/html"), "{}", String::from_utf8_lossy(block));
        }
        assert_eq!(head(b"HTTP/1.1 200 OK\r\nno end"), None);
        assert_eq!(head(b"<html>"), None);
    }

    #[test]
    fn chunks_are_joined_and_a_cut_or_wrong_one_keeps_what_came_before() {
        let with = |body: &str| [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", body.as_bytes()].concat();
        assert_eq!(body_of(&with("3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n")), (b"abcdefg".to_vec(), None));
        assert_eq!(body_of(&with("<p>decoded before it was stored")).0, b"<p>decoded before it was stored");
        let (body, error) = body_of(&with("3\r\nabc\r\nffffffffffffffff\r\ndef"));
        assert_eq!((&body[..], error.as_deref()), (&b"abcdef"[..], Some("a chunk of the body is cut")));
        let (body, error) = body_of(&with("3\r\nabc\r\nxyz\r\n"));
        assert_eq!((&body[..], error.as_deref()), (&b"abc"[..], Some("the size of a chunk of the body is none")));
    }

    const BROTLI: &[u8] = b"1be703f81da9539f3bdedbc4f335d4f26d435d49ccb34c73a34b9db1b768318200b8df2d219ab11924d991db99a9d265c5e77579bd10f96cd797149c04";

    #[test]
    fn encodings_are_undone() {
        let text = b"bitcoin:BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4".repeat(20);
        let deflate = |zlib: bool| {
            let mut out = Vec::new();
            if zlib {
                flate2::write::ZlibEncoder::new(&mut out, flate2::Compression::fast()).write_all(&text).unwrap();
            } else {
                flate2::write::DeflateEncoder::new(&mut out, flate2::Compression::fast()).write_all(&text).unwrap();
            }
            out
        };
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&text).unwrap();
        let cases = [
            ("gzip", gzip.finish().unwrap()),
            ("gzip", text.clone()),
            ("deflate", deflate(true)),
            ("deflate", deflate(false)),
            ("zstd", zstd::bulk::compress(&text, 3).unwrap()),
            // packed by another implementation (Google's, in Node.js)
            ("br", data_encoding::HEXLOWER.decode(BROTLI).unwrap()),
            ("identity", text.clone()),
        ];
        for (name, packed) in cases {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {name}\r\n\r\n");
            assert_eq!(body_of(&[head.as_bytes(), &packed].concat()), (text.clone(), None), "{name}");
        }
        let (_, error) = body_of(b"HTTP/1.1 200 OK\r\nContent-Encoding: rot13\r\n\r\nabc");
        assert_eq!(error.as_deref(), Some("the content encoding rot13 is not known"));
    }
}
