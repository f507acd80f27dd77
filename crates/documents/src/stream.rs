//! The bytes of a document as a stream: counted, hashed and, where they are unpacked from something, bounded.

use crate::{DocumentEnd, Limits, Stop};
use sha2::{Digest, Sha256};
use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of the beginning that tell what a document is.
pub(crate) const HEAD_BYTES: usize = 16 << 10;

/// Bytes that a member may become whatever its packed size, before its ratio counts.
const RATIO_FREE_BYTES: u64 = 1 << 20;

/// What one file has used of its bounds: one count for all members, however deep they nest and whichever thread reads them.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    /// Bytes that members became when unpacked.
    pub(crate) unpacked: AtomicU64,
    /// Members.
    pub(crate) members: AtomicU64,
}

/// A bound that was hit while reading a stream, inside an [`io::Error`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum OverBound {
    /// Of one member.
    #[error("unpacks to more than {0} times its packed size")]
    Ratio(u64),
    /// Of all members together.
    #[error("the file's members unpack to more than {0} bytes together")]
    Unpacked(u64),
}

/// What comes out of an unpacker, until a bound is hit: then reading fails with [`OverBound`]. A panic of the unpacker is an error of
/// its input.
pub(crate) struct Unpacking<R> {
    inner: R,
    /// Bytes that it was unpacked from, as far as known.
    packed: Arc<AtomicU64>,
    given: u64,
    limits: Limits,
    usage: Arc<Usage>,
}

impl<R: Read> Unpacking<R> {
    pub(crate) fn new(inner: R, packed: Arc<AtomicU64>, limits: Limits, usage: Arc<Usage>) -> Self {
        Self { inner, packed, given: 0, limits, usage }
    }
}

impl<R: Read> Read for Unpacking<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = guarded(|| self.inner.read(out))
            .unwrap_or_else(|words| Err(io::Error::new(io::ErrorKind::InvalidData, words)))?;
        self.given += n as u64;
        let unpacked = self.usage.unpacked.fetch_add(n as u64, Ordering::Relaxed) + n as u64;
        if unpacked > self.limits.unpacked_bytes {
            return Err(io::Error::other(OverBound::Unpacked(self.limits.unpacked_bytes)));
        }
        let allowed = self.packed.load(Ordering::Relaxed).saturating_mul(self.limits.ratio).max(RATIO_FREE_BYTES);
        if self.given > allowed {
            return Err(io::Error::other(OverBound::Ratio(self.limits.ratio)));
        }
        Ok(n)
    }
}

/// Counts the bytes that an unpacker takes.
pub(crate) struct Counting<'r, R: ?Sized> {
    pub(crate) inner: &'r mut R,
    pub(crate) count: Arc<AtomicU64>,
}

impl<R: BufRead + ?Sized> Read for Counting<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(out)?;
        self.count.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

impl<R: BufRead + ?Sized> BufRead for Counting<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        self.count.fetch_add(n as u64, Ordering::Relaxed);
        self.inner.consume(n);
    }
}

/// Calls code of others on untrusted input: a panic there becomes words, and the next document follows.
pub(crate) fn guarded<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)).map_err(|panic| {
        let words =
            panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        format!("the parser failed on it: {}", words.unwrap_or("no reason given"))
    })
}

/// Bytes of a document as a stream that counts and hashes them, with their beginning at hand.
pub(crate) struct Hashing<'r> {
    inner: &'r mut dyn BufRead,
    head: Vec<u8>,
    /// Why the head could not be read on; told when reading comes there.
    head_error: Option<io::Error>,
    given: usize,
    hash: Sha256,
    bytes: u64,
    failed: bool,
}

impl<'r> Hashing<'r> {
    pub(crate) fn new(inner: &'r mut dyn BufRead) -> Self {
        Self { inner, head: Vec::new(), head_error: None, given: 0, hash: Sha256::new(), bytes: 0, failed: false }
    }

    /// The beginning, at most 16 KiB; reading goes on from the start of it.
    pub(crate) fn head(&mut self) -> &[u8] {
        self.fill_head(HEAD_BYTES);
        &self.head
    }

    /// The beginning as far as it is at hand.
    pub(crate) fn at_hand(&self) -> &[u8] {
        &self.head
    }

    /// Has at most `bytes_max` of the beginning at hand. True where that is the whole document.
    pub(crate) fn fill_head(&mut self, bytes_max: usize) -> bool {
        debug_assert!(self.bytes == 0);
        if self.head_error.is_some() {
            return false;
        }
        if self.head.len() < bytes_max {
            let more = (bytes_max - self.head.len()) as u64;
            if let Err(error) = (&mut *self.inner).take(more).read_to_end(&mut self.head) {
                self.head_error = Some(error);
                return false;
            }
        }
        matches!(self.inner.fill_buf(), Ok([]))
    }

    /// Takes the beginning out, as the bytes of a document of its own.
    pub(crate) fn take_head(&mut self) -> Vec<u8> {
        debug_assert!(self.bytes == 0);
        std::mem::take(&mut self.head)
    }

    /// Bytes read so far.
    pub(crate) fn position(&self) -> u64 {
        self.bytes
    }

    /// Whether bytes are left. An error of reading is told by the next reading.
    pub(crate) fn has_more(&mut self) -> bool {
        !self.failed && self.fill_buf().is_ok_and(|ready| !ready.is_empty())
    }

    /// What is left, as a whole; `None` where it is longer than `bytes_max`.
    pub(crate) fn whole(&mut self, bytes_max: u64) -> io::Result<Option<Vec<u8>>> {
        let mut all = Vec::new();
        self.take(bytes_max + 1).read_to_end(&mut all)?;
        Ok((all.len() as u64 <= bytes_max).then_some(all))
    }

    /// As [`Self::finish`], or as far as it was read where the reading was broken off.
    pub(crate) fn end(&mut self, stop: Stop) -> DocumentEnd {
        match stop {
            Stop::Continue(()) => self.finish(),
            Stop::Break(()) => DocumentEnd { bytes: self.bytes, ..DocumentEnd::default() },
        }
    }

    /// Reads what is left, so that the hash is that of the whole, and gives it. `None` where reading failed before.
    pub(crate) fn finish(&mut self) -> DocumentEnd {
        let rest = if self.failed { Ok(0) } else { io::copy(self, &mut io::sink()) };
        let whole = rest.is_ok() && !self.failed;
        DocumentEnd { sha256: whole.then(|| self.hash.clone().finalize().into()), bytes: self.bytes, title: None }
    }
}

impl Read for Hashing<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let n = ready.len().min(out.len());
        out[..n].copy_from_slice(&ready[..n]);
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for Hashing<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.given < self.head.len() {
            return Ok(&self.head[self.given..]);
        }
        if let Some(error) = self.head_error.take() {
            self.failed = true;
            return Err(error);
        }
        self.inner.fill_buf().inspect_err(|error| {
            if error.kind() != io::ErrorKind::Interrupted {
                self.failed = true;
            }
        })
    }

    fn consume(&mut self, n: usize) {
        self.bytes += n as u64;
        if self.given < self.head.len() {
            self.hash.update(&self.head[self.given..self.given + n]);
            self.given += n;
            return;
        }
        // what was filled is still there until it is consumed
        if let Ok(ready) = self.inner.fill_buf() {
            self.hash.update(&ready[..n]);
        }
        self.inner.consume(n);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Panics;

    impl Read for Panics {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("index out of bounds")
        }
    }

    #[test]
    fn a_panic_of_an_unpacker_is_an_error_of_its_input() {
        let mut unpacking = Unpacking::new(Panics, Arc::default(), Limits::default(), Arc::default());
        let error = unpacking.read(&mut [0; 8]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert_eq!(error.to_string(), "the parser failed on it: index out of bounds");
        assert_eq!(crate::Trouble::io(&error, None).kind, crate::TroubleKind::Malformed);
    }

    #[test]
    fn the_ratio_counts_from_the_first_mebibyte_and_grows_with_what_was_taken() {
        let packed = Arc::new(AtomicU64::new(10));
        let limits = Limits { ratio: 100_000, ..Limits::default() };
        let mut unpacking = Unpacking::new(io::repeat(1), Arc::clone(&packed), limits, Arc::default());
        let mut out = vec![0; 1 << 20];
        unpacking.read_exact(&mut out).unwrap();
        let error = unpacking.read(&mut out).unwrap_err();
        assert_eq!(error.to_string(), "unpacks to more than 100000 times its packed size");
        assert_eq!(crate::Trouble::io(&error, None).kind, crate::TroubleKind::Bound);
        packed.store(40, Ordering::Relaxed);
        unpacking.read_exact(&mut out).unwrap();
    }

    #[test]
    fn the_hash_is_that_of_all_bytes_however_they_were_read() {
        // of FIPS 180-4, "abc"
        let abc =
            const_hex::const_decode_to_array::<32>(b"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
                .unwrap();
        for head in [0, 1, 3] {
            for read in 0..=3 {
                let mut source: &[u8] = b"abc";
                let mut bytes = Hashing::new(&mut source);
                if head > 0 {
                    assert_eq!(bytes.fill_head(head), head == 3);
                }
                bytes.read_exact(&mut vec![0; read]).unwrap();
                assert_eq!(bytes.position(), read as u64);
                let end = bytes.finish();
                assert_eq!((end.sha256, end.bytes), (Some(abc), 3));
            }
        }
    }

    #[test]
    fn a_document_that_could_not_be_read_to_its_end_has_no_hash() {
        let mut source = io::BufReader::new((&b"abc"[..]).chain(Unpacking::new(
            Panics,
            Arc::default(),
            Limits::default(),
            Arc::default(),
        )));
        let mut bytes = Hashing::new(&mut source);
        assert!(!bytes.fill_head(100));
        let mut all = Vec::new();
        assert!(bytes.read_to_end(&mut all).is_err());
        assert_eq!(all, b"abc");
        let end = bytes.finish();
        assert_eq!((end.sha256, end.bytes), (None, 3));
    }
}
