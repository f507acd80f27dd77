//! The bytes of a list's file as text: bounds, hash and encoding.
//!
//! XML goes through [`Guard`], a piece at a time, so that memory does not grow with the file; tables and JSON lines are
//! read whole, under a smaller limit.

use crate::error::ListError;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1256};
use std::fs::{self, File};
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};

/// How large a list may be that is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of an XML file, which is read as a stream.
    pub stream_bytes_max: u64,
    /// Bytes of a table or of JSON lines, which are read whole.
    pub bytes_max: u64,
    /// Bytes of one text, attribute or comment of XML, and of one cell or line of the others.
    pub text_bytes_max: u64,
    /// Bytes of one entry of an XML file.
    pub entry_bytes_max: u64,
    /// Levels of nesting in XML.
    pub depth_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            stream_bytes_max: 4 << 30,
            bytes_max: 512 << 20,
            text_bytes_max: 1 << 20,
            entry_bytes_max: 16 << 20,
            depth_max: 32,
        }
    }
}

/// A file as text.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) hash: String,
    pub(crate) bytes: u64,
    pub(crate) encoding: &'static str,
    pub(crate) guessed: bool,
}

impl Text {
    /// Reads a file whole. `encoding`: what the user says it is in; else a mark at its beginning, else UTF-8, else
    /// windows-1256 where that gives Arabic text.
    pub(crate) fn read(path: &Path, limits: &Limits, encoding: Option<&'static Encoding>) -> Result<Self, ListError> {
        let bytes = fs::metadata(path).map_err(ListError::io(path))?.len();
        if bytes > limits.bytes_max {
            return Err(ListError::TooLarge { path: path.into(), bytes, max: limits.bytes_max });
        }
        let file = File::open(path).map_err(ListError::io(path))?;
        let mut raw = Vec::with_capacity(bytes as usize);
        file.take(limits.bytes_max + 1).read_to_end(&mut raw).map_err(ListError::io(path))?;
        Self::from_bytes(path, &raw, encoding)
    }

    pub(crate) fn from_bytes(path: &Path, raw: &[u8], encoding: Option<&'static Encoding>) -> Result<Self, ListError> {
        let (encoding, guessed, skip) = match (encoding, Encoding::for_bom(raw)) {
            (Some(said), Some((marked, skip))) if said == marked => (said, false, skip),
            (Some(said), _) => (said, false, 0),
            (None, Some((marked, skip))) => (marked, false, skip),
            (None, None) => match std::str::from_utf8(raw) {
                Ok(_) => (UTF_8, false, 0),
                Err(error) => (arabic(path, raw, error.valid_up_to())?, true, 0),
            },
        };
        let text = decode(path, &raw[skip..], encoding, skip as u64)?;
        Ok(Self {
            path: path.into(),
            text,
            hash: blake3::hash(raw).to_hex().to_string(),
            bytes: raw.len() as u64,
            encoding: encoding.name(),
            guessed,
        })
    }

    /// The line, from 1, that holds a byte of the text.
    pub(crate) fn line_of(&self, byte: usize) -> u32 {
        line_of(self.text.as_bytes(), byte)
    }

    /// The error that the file is malformed at a byte of its text.
    pub(crate) fn malformed(&self, byte: usize, message: impl ToString) -> ListError {
        ListError::malformed(&self.path, self.line_of(byte), byte as u64, message)
    }
}

fn line_of(bytes: &[u8], byte: usize) -> u32 {
    bytes[..byte.min(bytes.len())].iter().filter(|b| **b == b'\n').count() as u32 + 1
}

/// Decodes without ever putting in a replacement: what cannot be decoded is an error with its byte.
fn decode(path: &Path, raw: &[u8], encoding: &'static Encoding, skipped: u64) -> Result<String, ListError> {
    if encoding == UTF_8 {
        return std::str::from_utf8(raw).map(str::to_owned).map_err(|error| {
            let byte = error.valid_up_to();
            let message = format!("not UTF-8 from byte 0x{:02x} on; two encodings in one file are not read", raw[byte]);
            ListError::malformed(path, line_of(raw, byte), byte as u64 + skipped, message)
        });
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length(raw.len()).unwrap_or(raw.len()));
    let (result, read) = decoder.decode_to_string_without_replacement(raw, &mut text, true);
    if result == encoding_rs::DecoderResult::InputEmpty {
        Ok(text)
    } else {
        let line = line_of(text.as_bytes(), text.len());
        let message = format!("a byte that is none in {}", encoding.name());
        Err(ListError::malformed(path, line, (read as u64 + skipped).saturating_sub(1), message))
    }
}

/// windows-1256 for bytes that are no UTF-8 but read as Arabic in it. Anything else is refused, and so is a file in which
/// UTF-8 and other bytes stand side by side: whichever way it were read, part of it would be wrong.
fn arabic(path: &Path, raw: &[u8], bad: usize) -> Result<&'static Encoding, ListError> {
    let refuse = |message: &str| Err(ListError::malformed(path, line_of(raw, bad), bad as u64, message));
    let (mut utf8, mut longest, mut rest) = (0_usize, 0_usize, raw);
    while !rest.is_empty() {
        let (valid, skip) = match std::str::from_utf8(rest) {
            Ok(text) => (text, rest.len()),
            Err(error) => {
                let (head, _) = rest.split_at(error.valid_up_to());
                let skip = head.len() + error.error_len().unwrap_or(rest.len() - head.len());
                (std::str::from_utf8(head).unwrap_or_default(), skip)
            }
        };
        let mut run = 0;
        for c in valid.chars() {
            // three bytes in a row that happen to be one UTF-8 character are not Arabic in windows-1256 by chance
            run = if c.is_ascii() { 0 } else { run + 1 + usize::from(c.len_utf8() > 2) };
            longest = longest.max(run);
            utf8 += usize::from(!c.is_ascii());
        }
        rest = &rest[skip.max(1)..];
    }
    let decoded = WINDOWS_1256.decode_without_bom_handling(raw).0;
    let foreign = decoded.chars().filter(|c| !c.is_ascii()).count();
    let letters = decoded.chars().filter(|c| ('\u{600}'..='\u{6ff}').contains(c)).count();
    if longest >= 2 {
        return refuse("not UTF-8 from here on, though it is elsewhere: two encodings in one file are not read");
    }
    if letters * 10 < foreign * 7 || utf8 * 10 > letters {
        return refuse("not UTF-8, and not Arabic in windows-1256 either; `--encoding` says what it is");
    }
    Ok(WINDOWS_1256)
}

/// What a [`Guard`] refused, with its place.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) line: u32,
    pub(crate) byte: u64,
    pub(crate) message: String,
}

/// A stream that is hashed, checked to be UTF-8 without control characters, and bounded, as it is read.
pub(crate) struct Guard {
    inner: Box<dyn Read>,
    hasher: Option<blake3::Hasher>,
    buffer: Vec<u8>,
    at: usize,
    /// The end of the last piece where it cuts a character.
    pending: Vec<u8>,
    /// Bytes that were consumed, and newlines among them.
    pub(crate) consumed: u64,
    pub(crate) lines: u32,
    /// Where the event that is read began, and how many bytes it may have.
    pub(crate) event_start: u64,
    pub(crate) event_max: u64,
    bytes_max: u64,
    pub(crate) refusal: Option<Refusal>,
    ended: bool,
}

const PIECE: usize = 64 << 10;

impl Guard {
    /// Opens a file. One in UTF-16 (told by its mark) is decoded whole, under the limit of tables.
    pub(crate) fn open(path: &Path, limits: &Limits) -> Result<(Self, Option<(String, u64, &'static str)>), ListError> {
        let bytes = fs::metadata(path).map_err(ListError::io(path))?.len();
        if bytes > limits.stream_bytes_max {
            return Err(ListError::TooLarge { path: path.into(), bytes, max: limits.stream_bytes_max });
        }
        let mut file = File::open(path).map_err(ListError::io(path))?;
        let mut head = Vec::new();
        file.by_ref().take(3).read_to_end(&mut head).map_err(ListError::io(path))?;
        match Encoding::for_bom(&head) {
            Some((encoding, _)) if encoding == UTF_16LE || encoding == UTF_16BE => {
                let text = Text::read(path, limits, None)?;
                let known = (text.hash, text.bytes, text.encoding);
                Ok((Self::new(Box::new(io::Cursor::new(text.text.into_bytes())), limits), Some(known)))
            }
            _ => {
                let stream = io::Cursor::new(head).chain(file);
                Ok((Self::new(Box::new(stream), limits), None))
            }
        }
    }

    pub(crate) fn new(inner: Box<dyn Read>, limits: &Limits) -> Self {
        Self {
            inner,
            hasher: Some(blake3::Hasher::new()),
            buffer: Vec::new(),
            at: 0,
            pending: Vec::new(),
            consumed: 0,
            lines: 0,
            event_start: 0,
            event_max: limits.text_bytes_max,
            bytes_max: limits.stream_bytes_max,
            refusal: None,
            ended: false,
        }
    }

    /// BLAKE3 of what was read, once it was read to its end.
    pub(crate) fn hash(&mut self) -> String {
        self.hasher.take().map(|h| h.finalize().to_hex().to_string()).unwrap_or_default()
    }

    fn refuse(&mut self, byte: u64, line: u32, message: String) -> io::Error {
        self.refusal = Some(Refusal { line, byte, message });
        io::Error::other("refused")
    }

    fn refill(&mut self) -> io::Result<()> {
        let start = self.consumed;
        self.buffer.resize(PIECE, 0);
        let read = self.inner.read(&mut self.buffer)?;
        self.buffer.truncate(read);
        self.at = 0;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&self.buffer);
        }
        self.ended = read == 0;
        let carried = self.pending.len() as u64;
        let mut whole = std::mem::take(&mut self.pending);
        whole.extend_from_slice(&self.buffer);
        let (good, cut) = match std::str::from_utf8(&whole) {
            Ok(_) => (whole.len(), false),
            Err(error) => (error.valid_up_to(), error.error_len().is_some() || self.ended),
        };
        let line_at = |guard: &Self, i: usize| {
            guard.lines + 1 + whole[..i].iter().skip(carried as usize).filter(|b| **b == b'\n').count() as u32
        };
        let control = whole[..good].iter().position(|b| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r'));
        if let Some(i) = control {
            let message = format!("the control character 0x{:02x}, which XML does not allow", whole[i]);
            let line = line_at(self, i);
            return Err(self.refuse(start + i as u64 - carried, line, message));
        }
        if cut {
            let message = match whole.get(good) {
                Some(byte) => {
                    format!("not UTF-8 from byte 0x{byte:02x} on: the file is damaged, or holds text in two encodings")
                }
                None => "the file ends inside a character".into(),
            };
            let line = line_at(self, good);
            return Err(self.refuse(start + good as u64 - carried, line, message));
        }
        self.pending = whole[good..].to_vec();
        Ok(())
    }
}

impl Read for Guard {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let n = available.len().min(out.len());
        out[..n].copy_from_slice(&available[..n]);
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for Guard {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.consumed - self.event_start > self.event_max {
            let (byte, line) = (self.event_start, self.lines + 1);
            let message = format!("a text or tag of more than {} bytes", self.event_max);
            return Err(self.refuse(byte, line, message));
        }
        if self.consumed > self.bytes_max {
            let (byte, line) = (self.consumed, self.lines + 1);
            let message = format!("more than the {} bytes that are read", self.bytes_max);
            return Err(self.refuse(byte, line, message));
        }
        if self.at == self.buffer.len() && !self.ended {
            self.refill()?;
        }
        Ok(&self.buffer[self.at..])
    }

    fn consume(&mut self, n: usize) {
        self.lines += self.buffer[self.at..self.at + n].iter().filter(|b| **b == b'\n').count() as u32;
        self.at += n;
        self.consumed += n as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &[u8]) -> Result<Text, String> {
        Text::from_bytes(Path::new("f.csv"), raw, None).map_err(|error| error.to_string())
    }

    #[test]
    fn encodings_are_told_by_mark_or_content_and_a_mixture_is_refused_with_its_byte() {
        assert_eq!(read("id,name\n1,محمد\n".as_bytes()).unwrap().encoding, "UTF-8");
        assert_eq!(read(b"\xef\xbb\xbfid\n").unwrap().text, "id\n");
        let utf16: Vec<u8> = "\u{feff}id,محمد\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let text = read(&utf16).unwrap();
        assert_eq!((text.text.as_str(), text.encoding), ("id,محمد\n", "UTF-16LE"));
        let (cp1256, _, _) = WINDOWS_1256.encode("id,name\n1,محمد، عبد الله\n");
        let text = read(&cp1256).unwrap();
        assert_eq!((text.encoding, text.guessed), ("windows-1256", true));
        assert!(text.text.contains("محمد، عبد الله"));
        let mut mixed = "id,name\n1,محمد\n2,".as_bytes().to_vec();
        let bad = mixed.len();
        mixed.extend_from_slice(&WINDOWS_1256.encode("محمد").0);
        let error = read(&mixed).unwrap_err();
        assert!(error.contains(&format!("line 3, byte {bad}")) && error.contains("two encodings"), "{error}");
        let error = read(b"id,name\n1,Jos\xe9\n").unwrap_err();
        assert!(error.contains("line 2, byte 13") && error.contains("--encoding"), "{error}");
        let said = Text::from_bytes(Path::new("f"), b"Jos\xe9", Encoding::for_label(b"windows-1252")).unwrap();
        assert_eq!(said.text, "José");
    }
}
