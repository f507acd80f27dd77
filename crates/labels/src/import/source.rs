//! A file as text, after the bounds that every format shares: size, line length, encoding.

use super::Limits;
use crate::error::LabelError;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A file that passed the bounds.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) hash: blake3::Hash,
    /// Length of the file in bytes, a byte-order mark included.
    pub(crate) bytes: u64,
    /// Byte at which each line begins.
    lines: Vec<usize>,
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl Source {
    /// A file that was read elsewhere: its place, hash (hexadecimal) and length, without its text.
    pub(crate) fn known(path: &Path, hash: &str, bytes: u64) -> Self {
        let hash = blake3::Hash::from_hex(hash).unwrap_or_else(|_| blake3::hash(hash.as_bytes()));
        Self { path: path.to_owned(), text: String::new(), hash, bytes, lines: vec![0] }
    }

    /// Reads a file, or says what makes it unreadable as a whole.
    pub(crate) fn read(path: &Path, limits: &Limits) -> Result<Self, LabelError> {
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
        Self::from_bytes(path, bytes, limits)
    }

    /// As [`Self::read`], of bytes already at hand.
    pub(crate) fn from_bytes(path: &Path, mut bytes: Vec<u8>, limits: &Limits) -> Result<Self, LabelError> {
        let (hash, length) = (blake3::hash(&bytes), bytes.len() as u64);
        let encoding = |line, byte, message| LabelError::Encoding { path: path.to_owned(), line, byte, message };
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            return Err(encoding(1, 0, "UTF-16; only UTF-8 is read"));
        }
        let skipped = if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        bytes.drain(..skipped);
        let lines: Vec<usize> = std::iter::once(0)
            .chain(bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i + 1))
            .collect();
        for (i, start) in lines.iter().enumerate() {
            let end = lines.get(i + 1).copied().unwrap_or(bytes.len());
            if end - start > limits.line_bytes_max {
                return Err(LabelError::LineTooLong {
                    path: path.to_owned(),
                    line: i as u32 + 1,
                    byte: (start + skipped) as u64,
                    length: end - start,
                    max: limits.line_bytes_max,
                });
            }
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let byte = error.utf8_error().valid_up_to();
            encoding(line_of(&lines, byte), (byte + skipped) as u64, "not UTF-8")
        })?;
        if let Some(byte) = text.find('\0') {
            return Err(encoding(line_of(&lines, byte), (byte + skipped) as u64, "a zero byte; not a text"));
        }
        Ok(Self { path: path.to_owned(), text, hash, bytes: length, lines })
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

fn line_of(lines: &[usize], byte: usize) -> u32 {
    lines.partition_point(|start| *start <= byte) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Source, LabelError> {
        let limits = Limits { bytes_max: 1_000, line_bytes_max: 50, ..Limits::default() };
        Source::from_bytes(Path::new("f"), bytes.to_vec(), &limits)
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
        assert_eq!(message(b"ab\ncd\xffe"), "f: line 2, byte 5: not UTF-8");
        assert_eq!(message(b"\xef\xbb\xbfab\n\xff"), "f: line 2, byte 6: not UTF-8");
        assert_eq!(message(b"a\n\0"), "f: line 2, byte 2: a zero byte; not a text");
        assert!(message(b"\xff\xfea\0").contains("UTF-16"));
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
        let error = Source::read(file.path(), &limits).unwrap_err();
        assert!(matches!(error, LabelError::TooLarge { bytes: 1_002, max: 1_000, .. }), "{error}");
    }
}
