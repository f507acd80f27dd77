//! A record's block: taken from the stream as its head says, and by where the next record begins where the head is wrong.

use super::stream::{SCAN_BYTES, Stream};
use super::{Format, Head, LOOK_BYTES};
use crate::TroubleKind;
use std::io::{self, BufRead, Read};

/// A block, or the beginning of a long one.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) bytes: Vec<u8>,
    /// Bytes that follow in the stream, of a block that is longer than what may be in memory.
    pub(crate) left: u64,
    /// Whether these are all bytes that the head promised.
    pub(crate) whole: bool,
    pub(crate) fault: Option<(TroubleKind, String)>,
}

impl Block {
    /// Takes at most `bytes_max` bytes.
    pub(crate) fn take<F: Format>(stream: &mut Stream<'_>, head: &Head, bytes_max: u64) -> Self {
        let want = head.length.unwrap_or(u64::MAX);
        let mut block = Self { bytes: Vec::new(), left: 0, whole: false, fault: None };
        let ended = block.fill::<F>(stream, want.min(bytes_max));
        let got = block.bytes.len() as u64;
        let nested = head.content_type.as_deref().is_some_and(|t| t.contains("warc") || t.contains("arc-file"));
        if got == want {
            block.whole = true;
            let after = stream.peek(LOOK_BYTES).trim_ascii_start();
            if after.is_empty() || F::begins(after) {
                return block;
            }
        } else if ended {
            let words = format!("is cut: {got} of {want} bytes");
            block.fault = head.length.map(|_| (TroubleKind::Truncated, words));
        } else {
            block.left = want - got;
        }
        if let Some(at) = F::find(&block.bytes).filter(|_| !nested) {
            stream.unread(&block.bytes[at..]);
            block.bytes.truncate(at);
            let blank = block.bytes.len() - block.bytes.trim_ascii_end().len();
            block.bytes.truncate(at - blank.min(4));
            block.left = 0;
            block.whole = false;
            block.fault = head.length.map(|length| {
                (TroubleKind::Malformed, format!("its length of {length} is wrong: the next record begins after {at}"))
            });
        }
        block
    }

    /// Whether the stream ended, or the next record began, before there were `want` bytes.
    fn fill<F: Format>(&mut self, stream: &mut Stream<'_>, want: u64) -> bool {
        while (self.bytes.len() as u64) < want {
            let Some(n) = step::<F>(stream, want - self.bytes.len() as u64) else {
                return true;
            };
            self.bytes.extend_from_slice(&stream.peek(1)[..n]);
            stream.consume(n);
        }
        false
    }
}

/// How many bytes of the block can be taken at once; `None` where it ends before it should. A packed member that begins a record ends
/// the block before it, whatever its length says.
fn step<F: Format>(stream: &mut Stream<'_>, left: u64) -> Option<usize> {
    let ready = stream.peek(1).len();
    if ready == 0 {
        return None;
    }
    if stream.member_here() && F::begins(stream.peek(LOOK_BYTES).trim_ascii_start()) {
        return None;
    }
    let ready = ready.min(usize::try_from(left).unwrap_or(usize::MAX));
    Some(stream.member_after().map_or(ready, |member| ready.min((member - stream.position()) as usize)))
}

/// The rest of a long block as a stream, which ends where another record begins.
pub(crate) struct Rest<'s, 'r> {
    stream: &'s mut Stream<'r>,
    left: u64,
    /// Bytes of the stream that are known to begin no record.
    clear: usize,
    /// Bytes of these that can be given.
    ready: usize,
    find: fn(&[u8]) -> Option<usize>,
    step: fn(&mut Stream<'r>, u64) -> Option<usize>,
    seen: Option<super::digest::Running>,
    ended: bool,
}

impl<'s, 'r> Rest<'s, 'r> {
    /// `scan` is false for a payload that is itself an archive.
    pub(crate) fn new<F: Format>(
        stream: &'s mut Stream<'r>,
        left: u64,
        seen: Option<super::digest::Running>,
        scan: bool,
    ) -> Self {
        let find: fn(&[u8]) -> Option<usize> = if scan { F::find } else { |_| None };
        Self { stream, left, clear: 0, ready: 0, find, step: step::<F>, seen, ended: false }
    }

    /// Reads to its end; the bytes that were missing, and the digest of all where they were not.
    pub(crate) fn finish(mut self) -> (u64, Option<super::digest::Running>) {
        while let Ok(n) = self.fill_buf().map(<[u8]>::len)
            && n > 0
        {
            self.consume(n);
        }
        (self.left, self.seen.filter(|_| self.left == 0))
    }
}

impl Read for Rest<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let n = ready.len().min(out.len());
        out[..n].copy_from_slice(&ready[..n]);
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for Rest<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.ready == 0 && !self.ended && self.left > 0 {
            if self.clear == 0 {
                let bytes = self.stream.peek(SCAN_BYTES);
                let length = bytes.len();
                self.clear = match (self.find)(bytes) {
                    Some(at) => at,
                    None if length >= SCAN_BYTES => length - LOOK_BYTES,
                    None => length,
                };
            }
            match (self.step)(self.stream, self.left) {
                Some(n) if self.clear > 0 => self.ready = n.min(self.clear),
                _ => self.ended = true,
            }
        }
        let n = self.ready;
        Ok(&self.stream.peek(n)[..n])
    }

    fn consume(&mut self, n: usize) {
        let n = n.min(self.ready);
        if let Some(seen) = &mut self.seen {
            seen.update(&self.stream.peek(n)[..n]);
        }
        self.stream.consume(n);
        self.clear -= n;
        self.ready -= n;
        self.left -= n as u64;
    }
}
