//! JSON as a stream of values: an export of many gigabytes is one object, of which one message at a time is in memory.
//!
//! serde_json reads values from a stream, but tells no place of what it read, bounds no value, and gives up for good at the first
//! fault. So the outer layers of an export are walked here by their brackets and quotes alone, and each message is cut out as bytes
//! with their place and given to serde_json. A message that is not sound then costs only itself.

use crate::reader::Hashing;
use crate::{Trouble, TroubleKind};
use memchr::memchr2;
use std::io::{self, BufRead};

/// Bytes of a key or of a value that is looked at between messages; longer ones are cut.
const SCALAR_BYTES_MAX: usize = 64 << 10;

/// Why the stream cannot be walked further.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Reading failed.
    Io(io::Error, u64),
    /// It ends inside.
    Cut(u64),
    /// Another byte than JSON lets follow.
    Unexpected(u8, u64),
}

impl Fault {
    /// The words for the user.
    pub(crate) fn trouble(self) -> Trouble {
        match self {
            Self::Io(error, at) => Trouble::io(&error, Some(at)),
            Self::Cut(at) => {
                Trouble { kind: TroubleKind::Truncated, offset: Some(at), words: "the JSON ends inside a value".into() }
            }
            Self::Unexpected(byte, at) => {
                let words = format!("the JSON breaks at {:?}; the rest is read as plain text", char::from(byte));
                Trouble { kind: TroubleKind::Malformed, offset: Some(at), words }
            }
        }
    }
}

/// A value that was cut out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Raw {
    /// Where it begins.
    pub(crate) offset: u64,
    /// Its bytes, or the first of them.
    pub(crate) bytes: Vec<u8>,
    /// Whether these are all.
    pub(crate) whole: bool,
}

/// Walks JSON.
pub(crate) struct Walk<'b, 'r> {
    bytes: &'b mut Hashing<'r>,
    /// Where in the document these bytes begin.
    base: u64,
    /// Open brackets of the value that is being cut out, and whether a string of it is open and its last byte escapes the next.
    depth: u64,
    quoted: bool,
    escaped: bool,
    scalar: bool,
}

impl<'b, 'r> Walk<'b, 'r> {
    pub(crate) fn new(bytes: &'b mut Hashing<'r>) -> Self {
        Self::at(bytes, 0)
    }

    /// Walks a part of a document that begins at `base`.
    pub(crate) fn at(bytes: &'b mut Hashing<'r>, base: u64) -> Self {
        Self { bytes, base, depth: 0, quoted: false, escaped: false, scalar: false }
    }

    /// Bytes read so far.
    pub(crate) fn position(&self) -> u64 {
        self.base + self.bytes.position()
    }

    /// The stream behind it.
    pub(crate) fn into_bytes(self) -> &'b mut Hashing<'r> {
        self.bytes
    }

    fn byte(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            match self.bytes.fill_buf() {
                Ok(ready) => return Ok(ready.first().copied()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Fault::Io(error, self.bytes.position())),
            }
        }
    }

    /// The next byte that is no white space, which stays; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<u8>, Fault> {
        while let Some(byte) = self.byte()? {
            // a mark of UTF-8 may stand before all
            if byte.is_ascii_whitespace() || (self.bytes.position() < 3 && matches!(byte, 0xef | 0xbb | 0xbf)) {
                self.bytes.consume(1);
            } else {
                return Ok(Some(byte));
            }
        }
        Ok(None)
    }

    /// Takes the byte that must follow.
    pub(crate) fn take(&mut self, wanted: u8) -> Result<(), Fault> {
        match self.next()? {
            Some(byte) if byte == wanted => {
                self.bytes.consume(1);
                Ok(())
            }
            other => Err(self.unexpected(other)),
        }
    }

    fn unexpected(&self, byte: Option<u8>) -> Fault {
        match byte {
            Some(byte) => Fault::Unexpected(byte, self.position()),
            None => Fault::Cut(self.position()),
        }
    }

    /// The next key of an object that was opened, with its colon taken; `None` where it closes.
    pub(crate) fn key(&mut self) -> Result<Option<String>, Fault> {
        if self.next()? == Some(b',') {
            self.bytes.consume(1);
        }
        match self.next()? {
            Some(b'}') => {
                self.bytes.consume(1);
                Ok(None)
            }
            Some(b'"') => {
                let raw = self.value(SCALAR_BYTES_MAX)?;
                self.pass_over()?;
                self.take(b':')?;
                Ok(Some(serde_json::from_slice(&raw.bytes).unwrap_or_default()))
            }
            other => Err(self.unexpected(other)),
        }
    }

    /// Whether an array that was opened has another element, which then follows.
    pub(crate) fn element(&mut self) -> Result<bool, Fault> {
        if self.next()? == Some(b',') {
            self.bytes.consume(1);
        }
        match self.next()? {
            Some(b']') => {
                self.bytes.consume(1);
                Ok(false)
            }
            Some(_) => Ok(true),
            None => Err(self.unexpected(None)),
        }
    }

    /// A short value as words: a string, or a number as it is written. `None` for anything else, which is passed over.
    pub(crate) fn words(&mut self) -> Result<Option<String>, Fault> {
        let raw = self.value(SCALAR_BYTES_MAX)?;
        self.pass_over()?;
        Ok(match serde_json::from_slice(&raw.bytes) {
            Ok(serde_json::Value::String(words)) => Some(words),
            Ok(serde_json::Value::Number(number)) => Some(number.to_string()),
            _ => None,
        })
    }

    /// Cuts out the value that follows, as far as `bytes_max`. [`Self::more`] goes on with what is longer.
    pub(crate) fn value(&mut self, bytes_max: usize) -> Result<Raw, Fault> {
        let mut raw = Raw { offset: self.position(), bytes: Vec::new(), whole: false };
        self.value_into(&mut raw, bytes_max)?;
        Ok(raw)
    }

    /// The same into `raw`, which keeps what there was of a value that is cut.
    pub(crate) fn value_into(&mut self, raw: &mut Raw, bytes_max: usize) -> Result<(), Fault> {
        let first = self.next()?;
        let Some(first) = first.filter(|b| !matches!(b, b',' | b':' | b']' | b'}')) else {
            return Err(self.unexpected(first));
        };
        raw.offset = self.position();
        (self.depth, self.quoted, self.escaped) = (0, false, false);
        self.scalar = !matches!(first, b'"' | b'{' | b'[');
        raw.whole = self.more(bytes_max, &mut raw.bytes)?;
        Ok(())
    }

    /// Adds at most `bytes_max` bytes of the value to `out`; whether it ends there.
    ///
    /// At the end of the file `out` keeps what there was.
    pub(crate) fn more(&mut self, bytes_max: usize, out: &mut Vec<u8>) -> Result<bool, Fault> {
        let end = out.len() + bytes_max;
        while out.len() < end {
            let ready = match self.bytes.fill_buf() {
                Ok([]) if self.scalar => return Ok(true),
                Ok([]) => return Err(Fault::Cut(self.position())),
                Ok(ready) => &ready[..ready.len().min(end - out.len())],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Fault::Io(error, self.bytes.position())),
            };
            let mut at = 0;
            let mut ended = false;
            while at < ready.len() && !ended {
                if self.escaped {
                    self.escaped = false;
                    at += 1;
                } else if self.quoted {
                    match memchr2(b'"', b'\\', &ready[at..]) {
                        Some(found) if ready[at + found] == b'"' => {
                            self.quoted = false;
                            at += found + 1;
                            ended = self.depth == 0;
                        }
                        Some(found) => {
                            self.escaped = true;
                            at += found + 1;
                        }
                        None => at = ready.len(),
                    }
                } else if self.scalar {
                    if ready[at].is_ascii_whitespace() || matches!(ready[at], b',' | b']' | b'}') {
                        break;
                    }
                    at += 1;
                } else {
                    match ready[at] {
                        b'"' => self.quoted = true,
                        b'{' | b'[' => self.depth += 1,
                        b'}' | b']' => {
                            self.depth -= 1;
                            ended = self.depth == 0;
                        }
                        _ => {}
                    }
                    at += 1;
                }
            }
            let stopped = self.scalar && at < ready.len();
            out.extend_from_slice(&ready[..at]);
            self.bytes.consume(at);
            if ended || stopped {
                self.depth = 0;
                self.scalar = false;
                return Ok(true);
            }
        }
        Ok(!self.quoted && self.depth == 0 && !self.scalar)
    }

    /// Passes over what is left of a value of which the beginning was taken.
    pub(crate) fn pass_over(&mut self) -> Result<(), Fault> {
        let mut gone = Vec::new();
        while self.quoted || self.depth > 0 || self.scalar {
            gone.clear();
            self.more(SCALAR_BYTES_MAX, &mut gone)?;
            if self.scalar && self.byte()?.is_none() {
                self.scalar = false;
            }
        }
        Ok(())
    }

    /// Passes over the value that follows.
    pub(crate) fn skip(&mut self) -> Result<(), Fault> {
        self.value(SCALAR_BYTES_MAX)?;
        self.pass_over()
    }
}

/// The parts of a JSON string (with its quotes) with the place of each: what stands as it is, and each escape.
///
/// An escape of half a pair of UTF-16 that has no other half is the replacement character.
pub(crate) fn string_parts(raw: &str, offset: u64, mut part: impl FnMut(&str, u64)) {
    let inner = raw.strip_prefix('"').and_then(|r| r.strip_suffix('"')).unwrap_or(raw);
    let begin = offset + u64::from(raw.starts_with('"'));
    let bytes = inner.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let plain = memchr::memchr(b'\\', &bytes[at..]).map_or(bytes.len(), |n| at + n);
        if plain > at {
            part(&inner[at..plain], begin + at as u64);
            at = plain;
            continue;
        }
        let place = begin + at as u64;
        let simple = match bytes.get(at + 1) {
            Some(b'n') => "\n",
            Some(b't') => "\t",
            Some(b'r') => "\r",
            Some(b'b') => "\u{8}",
            Some(b'f') => "\u{c}",
            Some(b'"') => "\"",
            Some(b'\\') => "\\",
            Some(b'/') => "/",
            Some(b'u') => "",
            _ => return,
        };
        if !simple.is_empty() {
            part(simple, place);
            at += 2;
            continue;
        }
        let unit = |at: usize| {
            let digits = inner.get(at..at + 6)?.strip_prefix("\\u")?;
            u16::from_str_radix(digits, 16).ok()
        };
        let Some(first) = unit(at) else { return };
        let pair = unit(at + 6).map(|second| [first, second]);
        let decoded = pair.and_then(|pair| match char::decode_utf16(pair).next() {
            Some(Ok(c)) if c as u32 > 0xffff => Some((c, 12)),
            _ => None,
        });
        let (c, length) =
            decoded.unwrap_or((char::from_u32(u32::from(first)).unwrap_or(char::REPLACEMENT_CHARACTER), 6));
        part(c.encode_utf8(&mut [0; 4]), place);
        at += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_out(json: &str, bytes_max: usize) -> Vec<(u64, String, bool)> {
        let mut inner = json.as_bytes();
        let mut bytes = Hashing::new(&mut inner);
        let mut walk = Walk::new(&mut bytes);
        walk.take(b'[').unwrap();
        let mut all = Vec::new();
        while walk.element().unwrap() {
            let raw = walk.value(bytes_max).unwrap();
            walk.pass_over().unwrap();
            all.push((raw.offset, String::from_utf8(raw.bytes).unwrap(), raw.whole));
        }
        all
    }

    #[test]
    fn values_are_cut_out_with_their_places_whatever_stands_in_their_strings() {
        let json = r#" [ {"a":"}]\"\\"} , "x\\", [1,[2,{}]],-1.5e3 ,null,{"b":[]}]"#;
        let all = cut_out(json, 1000);
        let texts: Vec<_> = all.iter().map(|(_, text, _)| &**text).collect();
        assert_eq!(texts, [r#"{"a":"}]\"\\"}"#, r#""x\\""#, "[1,[2,{}]]", "-1.5e3", "null", r#"{"b":[]}"#]);
        for (offset, text, whole) in all {
            assert!(json[offset as usize..].starts_with(&text) && whole);
        }
    }

    #[test]
    fn a_value_that_is_too_long_is_cut_and_the_next_one_follows() {
        let json = format!("[\"{}\", [{}1], 12345678, true]", "x".repeat(300_000), "1,".repeat(100_000));
        let all = cut_out(&json, 4);
        let texts: Vec<_> = all.iter().map(|(_, text, whole)| (&**text, *whole)).collect();
        assert_eq!(texts, [("\"xxx", false), ("[1,1", false), ("1234", false), ("true", false)]);
    }

    #[test]
    fn escapes_have_their_places() {
        let raw = r#""a\n\u0628\ud83d\ude00\ud83d!\"""#;
        let mut parts = Vec::new();
        string_parts(raw, 100, |text, at| parts.push((text.to_owned(), at)));
        let expected = [("a", 101), ("\n", 102), ("ب", 104), ("😀", 110), ("\u{fffd}", 122), ("!", 128), ("\"", 129)];
        assert_eq!(parts, expected.map(|(text, at)| (text.to_owned(), at)));
        assert_eq!(parts.iter().map(|p| &*p.0).collect::<String>().chars().count(), 7);
    }

    #[test]
    fn what_is_no_json_is_a_fault_with_its_place() {
        for (json, place) in [("[1 2", 5), ("[", 1), ("{", 0), ("[\"abc", 5), ("[{", 2)] {
            let mut inner = json.as_bytes();
            let mut bytes = Hashing::new(&mut inner);
            let mut walk = Walk::new(&mut bytes);
            let fault = (|| {
                walk.take(b'[')?;
                while walk.element()? {
                    walk.skip()?;
                }
                Ok(())
            })();
            let place = place.min(json.len() as u64);
            match fault {
                Err(Fault::Cut(at) | Fault::Unexpected(_, at)) => assert_eq!(at, place, "{json}"),
                other => panic!("{json}: {other:?}"),
            }
        }
    }
}
