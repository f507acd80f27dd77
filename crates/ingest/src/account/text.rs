//! Plain, gzip and zstd files as chunks of whole lines.

use super::AccountSourceError;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A row of a table longer than this is refused: the longest real one is a transaction's input, some hundred kilobytes.
pub(crate) const ROW_BYTES_MAX: usize = 16 << 20;

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// Largest window that a zstd frame may ask memory for, as a power of two: what `zstd --long` makes.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

/// Opens a file; what it is compressed with follows from its first bytes, not from its name.
pub(crate) fn open(path: &Path) -> Result<Box<dyn Read + Send>, AccountSourceError> {
    let io = |source| AccountSourceError::Io { path: path.to_path_buf(), source };
    let mut file = File::open(path).map_err(io)?;
    let mut head = Vec::with_capacity(4);
    file.by_ref().take(4).read_to_end(&mut head).map_err(io)?;
    let kind = head.clone();
    let whole = io::Cursor::new(head).chain(file);
    Ok(if kind.starts_with(GZIP) {
        Box::new(flate2::read::MultiGzDecoder::new(io::BufReader::with_capacity(1 << 16, whole)))
    } else if kind == ZSTD {
        let mut reader = zstd::stream::read::Decoder::new(whole).map_err(io)?;
        reader.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(io)?;
        Box::new(reader)
    } else {
        Box::new(whole)
    })
}

/// Whole lines of a file.
pub(crate) struct Chunk {
    /// The lines.
    pub(crate) bytes: Vec<u8>,
    /// The first of them, from 1.
    pub(crate) line: u64,
    /// Whether the last of them has its end, which the last line of a cut file lacks.
    pub(crate) is_ended: bool,
}

impl Chunk {
    /// Its lines that are not empty, with their numbers.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let mut rest = self.bytes.as_slice();
        let mut number = self.line;
        std::iter::from_fn(move || {
            while !rest.is_empty() {
                let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                let (line, after) = rest.split_at(end);
                rest = after.get(1..).unwrap_or_default();
                number += 1;
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                if !line.is_empty() {
                    return Some((number - 1, line));
                }
            }
            None
        })
    }
}

/// A file as chunks.
pub(crate) struct Chunks {
    path: PathBuf,
    reader: Box<dyn Read + Send>,
    rest: Vec<u8>,
    line: u64,
    line_max: usize,
    is_done: bool,
}

impl Chunks {
    /// Opens `path`; a line longer than `line_max` is an error.
    pub(crate) fn open(path: &Path, line_max: usize) -> Result<Self, AccountSourceError> {
        let reader = open(path)?;
        Ok(Self { path: path.to_path_buf(), reader, rest: Vec::new(), line: 1, line_max, is_done: false })
    }

    /// The next chunk of about `want` bytes, more where one line is longer. `None` at the end.
    pub(crate) fn next(&mut self, want: usize) -> Result<Option<Chunk>, AccountSourceError> {
        let mut bytes = std::mem::take(&mut self.rest);
        let mut target = want.max(1);
        loop {
            if !self.is_done && bytes.len() < target {
                let missing = target - bytes.len();
                let before = bytes.len();
                bytes.reserve(missing);
                let io = |source| AccountSourceError::Io { path: self.path.clone(), source };
                self.reader.by_ref().take(missing as u64).read_to_end(&mut bytes).map_err(io)?;
                self.is_done = bytes.len() - before < missing;
            }
            if self.is_done {
                break;
            }
            if let Some(end) = memchr::memrchr(b'\n', &bytes) {
                // room for the next chunk at once
                self.rest = Vec::with_capacity(want + bytes.len() - end);
                self.rest.extend_from_slice(&bytes[end + 1..]);
                bytes.truncate(end + 1);
                break;
            }
            if bytes.len() > self.line_max {
                let (line, most) = (self.line, self.line_max);
                return Err(AccountSourceError::LongLine { path: self.path.clone(), line, most });
            }
            target = bytes.len().saturating_mul(2).min(self.line_max + 1);
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        let line = self.line;
        self.line += memchr::memchr_iter(b'\n', &bytes).count() as u64;
        let is_ended = bytes.ends_with(b"\n");
        Ok(Some(Chunk { bytes, line, is_ended }))
    }

    /// The first `count` lines that are not empty; no more than `most` bytes are read for each.
    pub(crate) fn first_lines(path: &Path, count: usize, most: usize) -> Result<Vec<Vec<u8>>, AccountSourceError> {
        let io = |source| AccountSourceError::Io { path: path.to_path_buf(), source };
        let mut reader = io::BufReader::new(open(path)?.take((most * count) as u64));
        let mut lines = Vec::new();
        while lines.len() < count {
            let mut line = Vec::new();
            if io::BufRead::read_until(&mut reader, b'\n', &mut line).map_err(io)? == 0 {
                break;
            }
            while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
                line.pop();
            }
            if !line.is_empty() {
                lines.push(line);
            }
        }
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn all(path: &Path, want: usize) -> Result<Vec<(u64, String)>, AccountSourceError> {
        let mut chunks = Chunks::open(path, 1000)?;
        let mut out = Vec::new();
        while let Some(chunk) = chunks.next(want)? {
            out.extend(chunk.lines().map(|(n, line)| (n, String::from_utf8(line.to_vec()).unwrap())));
        }
        Ok(out)
    }

    #[test]
    fn lines_are_the_same_however_they_are_cut_and_packed() {
        let folder = tempfile::tempdir().unwrap();
        let text = "one\r\n\ntwo\nthree, long enough to need more than one read\n\n\nlast";
        let expected: Vec<_> =
            [(1, "one"), (3, "two"), (4, "three, long enough to need more than one read"), (7, "last")]
                .map(|(n, line)| (n, line.to_string()))
                .into();
        let plain = folder.path().join("plain");
        std::fs::write(&plain, text).unwrap();
        let gzip = folder.path().join("gzip");
        let mut writer = flate2::write::GzEncoder::new(File::create(&gzip).unwrap(), flate2::Compression::fast());
        writer.write_all(text.as_bytes()).unwrap();
        writer.finish().unwrap();
        let packed = folder.path().join("zstd");
        std::fs::write(&packed, zstd::encode_all(text.as_bytes(), 1).unwrap()).unwrap();
        for want in [1, 2, 7, 50, 1000] {
            for path in [&plain, &gzip, &packed] {
                assert_eq!(all(path, want).unwrap(), expected, "{want}");
            }
        }
        for path in [&gzip, &packed] {
            let whole = std::fs::read(path).unwrap();
            std::fs::write(path, &whole[..whole.len() - 9]).unwrap();
            assert!(matches!(all(path, 1000), Err(AccountSourceError::Io { .. })), "a cut file is told");
        }
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long");
        std::fs::write(&path, format!("a\n{}\nb\n", "x".repeat(1500))).unwrap();
        assert!(matches!(all(&path, 10), Err(AccountSourceError::LongLine { line: 2, most: 1000, .. })));
        std::fs::write(&path, format!("a\n{}\nb\n", "x".repeat(1000))).unwrap();
        assert_eq!(all(&path, 10).unwrap().len(), 3);
    }
}
