//! A file as text, after the bounds that every format shares: size, line length, encoding.

use super::Limits;
use crate::error::LabelError;
use athar_lists::{ListError, decode_text};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

const UTF_8: &str = "UTF-8";

/// A file that passed the bounds.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) hash: blake3::Hash,
    /// Length of the file in bytes, a byte-order mark included.
    pub(crate) bytes: u64,
    /// The encoding that it was read in, and whether that was guessed from its content.
    pub(crate) encoding: (&'static str, bool),
    /// Byte at which each line begins.
    lines: Vec<usize>,
}

impl Source {
    /// A file that was read elsewhere: its place, hash (hexadecimal) and length, without its text.
    pub(crate) fn known(path: &Path, hash: &str, bytes: u64) -> Self {
        let hash = blake3::Hash::from_hex(hash).unwrap_or_else(|_| blake3::hash(hash.as_bytes()));
        Self { path: path.to_owned(), text: String::new(), hash, bytes, encoding: (UTF_8, false), lines: vec![0] }
    }

    /// Reads a file, or says what makes it unreadable as a whole.
    pub(crate) fn read(path: &Path, limits: &Limits, encoding: Option<&str>) -> Result<Self, LabelError> {
        let io = LabelError::io;
        let file = File::open(path).map_err(io(path))?;
        let metadata = file.metadata().map_err(io(path))?;
        if metadata.is_dir() {
            return Err(io(path)(std::io::ErrorKind::IsADirectory.into()));
        }
        let too_large = |bytes| LabelError::TooLarge { path: path.to_owned(), bytes, max: limits.bytes_max };
        if metadata.len() > limits.bytes_max {
            return Err(too_large(metadata.len()));
        }
        let mut bytes = Vec::new();
        // a pipe or a growing file has no length to trust
        let read = file.take(limits.bytes_max.saturating_add(1)).read_to_end(&mut bytes).map_err(io(path))?;
        if read as u64 > limits.bytes_max {
            return Err(too_large(read as u64));
        }
        Self::from_bytes(path, &bytes, limits, encoding)
    }

    /// As [`Self::read`], of bytes already at hand. `encoding`: what the user says they are in; else their mark, else UTF-8, else
    /// windows-1256 where that gives Arabic words. Two encodings in one file are refused.
    pub(crate) fn from_bytes(
        path: &Path,
        bytes: &[u8],
        limits: &Limits,
        encoding: Option<&str>,
    ) -> Result<Self, LabelError> {
        let (hash, length) = (blake3::hash(bytes), bytes.len() as u64);
        let refuse = |line, byte, message| LabelError::Encoding { path: path.to_owned(), line, byte, message };
        // a line without end is refused before anything looks at it
        check_lines(path, bytes, limits)?;
        let (text, name, guessed) = match decode_text(path, bytes, encoding) {
            Ok(decoded) => decoded,
            Err(ListError::Malformed { line, byte, message, .. }) => return Err(refuse(line, byte, message)),
            Err(other) => return Err(refuse(1, 0, other.to_string())),
        };
        if guessed && !has_arabic_word(&text) {
            // one damaged byte is a letter of windows-1256 too
            let byte = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), |_| 0);
            let line = bytes[..byte].iter().filter(|b| **b == b'\n').count() as u32 + 1;
            return Err(refuse(line, byte as u64, "not UTF-8; `--encoding` says what it is".into()));
        }
        let skipped = if name == UTF_8 { bytes.len() - text.len() } else { 0 };
        let lines: Vec<usize> = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1))
            .collect();
        if let Some(byte) = text.find('\0') {
            return Err(refuse(line_of(&lines, byte), (byte + skipped) as u64, "a zero byte; not a text".into()));
        }
        Ok(Self { path: path.to_owned(), text, hash, bytes: length, encoding: (name, guessed), lines })
    }

    /// The file's name without its folder.
    pub(crate) fn name(&self) -> String {
        self.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// The line, from 1, that holds a byte of the text.
    pub(crate) fn line(&self, byte: usize) -> u32 {
        line_of(&self.lines, byte)
    }

    /// The last line that holds anything.
    pub(crate) fn last_line(&self) -> u32 {
        self.line(self.text.trim_end().len().saturating_sub(1))
    }

    /// The column in characters, from 1, of a byte of the text.
    pub(crate) fn column(&self, byte: usize) -> u32 {
        let start = self.lines[self.line(byte) as usize - 1];
        self.text.get(start..byte).map_or(0, |head| head.chars().count() as u32 + 1)
    }

    /// An error about a place in the file. Column 0: the whole line.
    pub(crate) fn malformed(&self, line: u32, column: u32, message: impl ToString) -> LabelError {
        LabelError::Malformed { path: self.path.clone(), line, column, message: message.to_string() }
    }
}

/// Refuses a line that is longer than the limit, in bytes of the file.
fn check_lines(path: &Path, bytes: &[u8], limits: &Limits) -> Result<(), LabelError> {
    let mark = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let (mut start, mut line) = (mark, 1);
    let ends = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i + 1).chain([bytes.len()]);
    for end in ends {
        let length = end.saturating_sub(start);
        if length > limits.line_bytes_max {
            let (path, byte, max) = (path.to_owned(), start as u64, limits.line_bytes_max);
            return Err(LabelError::LineTooLong { path, line, byte, length, max });
        }
        (start, line) = (end, line + 1);
    }
    Ok(())
}

/// Whether two letters of the Arabic alphabet stand side by side.
fn has_arabic_word(text: &str) -> bool {
    let mut before = false;
    text.chars().any(|c| {
        let letter = ('\u{621}'..='\u{64a}').contains(&c);
        std::mem::replace(&mut before, letter) && letter
    })
}

fn line_of(lines: &[usize], byte: usize) -> u32 {
    lines.partition_point(|start| *start <= byte) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Source, LabelError> {
        let limits = Limits { bytes_max: 1_000, line_bytes_max: 50, ..Limits::default() };
        Source::from_bytes(Path::new("f"), bytes, &limits, None)
    }

    #[test]
    fn bytes_are_found_in_their_line_and_column() {
        let source = read("a\nאb\r\nc".as_bytes()).unwrap();
        let at = |byte| (source.line(byte), source.column(byte));
        assert_eq!((at(0), at(2), at(4), at(7)), ((1, 1), (2, 1), (2, 2), (3, 1)));
    }

    #[test]
    fn what_is_no_utf_8_is_refused_with_line_and_byte() {
        let message = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
        let end = "; `--encoding` says what it is";
        assert_eq!(message(b"ab\ncd\xffe"), format!("f: line 2, byte 5: not UTF-8{end}"));
        assert_eq!(
            message(b"\xef\xbb\xbfab\n\xff"),
            "f: line 2, byte 6: not UTF-8 from byte 0xff on; two encodings in one file are not read"
        );
        assert_eq!(message(b"a\n\0"), "f: line 2, byte 2: a zero byte; not a text");
    }

    #[test]
    fn utf_16_and_windows_1256_are_read_and_a_mixture_is_refused() {
        let utf16: Vec<u8> = "\u{feff}a\nشبكة".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let source = read(&utf16).unwrap();
        assert_eq!((source.text.as_str(), source.encoding), ("a\nشبكة", ("UTF-16LE", false)));
        let arabic = b"a,\xd4\xc8\xdf\xc9\n";
        let source = read(arabic).unwrap();
        assert_eq!((source.text.as_str(), source.encoding), ("a,شبكة\n", ("windows-1256", true)));
        let mixed = ["محمد\n".as_bytes(), arabic].concat();
        let error = read(&mixed).unwrap_err().to_string();
        assert!(error.starts_with("f: line 2, byte 11: ") && error.contains("two encodings"), "{error}");
        let said = |name| Source::from_bytes(Path::new("f"), b"Jos\xe9", &Limits::default(), Some(name));
        assert_eq!(said("windows-1252").unwrap().text, "José");
        assert!(said("klingon").unwrap_err().to_string().contains("no encoding is called `klingon`"));
    }

    #[test]
    fn a_byte_order_mark_is_no_text_but_counts_in_the_hash() {
        let (with, without) = (read(b"\xef\xbb\xbfab").unwrap(), read(b"ab").unwrap());
        assert_eq!(with.text, without.text);
        assert_ne!(with.hash, without.hash);
    }

    #[test]
    fn long_lines_and_large_files_are_refused() {
        let long = [b"short\n", "x".repeat(51).as_bytes()].concat();
        assert_eq!(
            read(&long).unwrap_err().to_string(),
            "f: line 2 (byte 6) is 51 bytes long, more than the 50 that are read"
        );
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "x\n".repeat(501)).unwrap();
        let limits = Limits { bytes_max: 1_000, ..Limits::default() };
        let error = Source::read(file.path(), &limits, None).unwrap_err();
        assert!(matches!(error, LabelError::TooLarge { bytes: 1_002, max: 1_000, .. }), "{error}");
    }
}
