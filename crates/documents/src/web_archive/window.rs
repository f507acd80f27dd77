//! A stream with a look ahead and a look back, both bounded.
//!
//! A broken gzip member is noticed only after bytes past its true end were taken for its own. The look back lets the search for the
//! next member begin where the broken one did.

use std::io::{self, BufRead};

/// Bytes kept behind the place of reading.
const KEPT_BYTES: usize = 1 << 20;
/// Bytes behind the place of reading after which the buffer is moved up: moving less often is cheaper.
const BEHIND_BYTES_MAX: usize = 4 << 20;

/// Bytes of a stream around the place of reading.
pub(crate) struct Window<'r> {
    inner: &'r mut dyn BufRead,
    buffer: Vec<u8>,
    at: usize,
    base: u64,
    ended: bool,
}

impl<'r> Window<'r> {
    pub(crate) fn new(inner: &'r mut dyn BufRead) -> Self {
        Self { inner, buffer: Vec::new(), at: 0, base: 0, ended: false }
    }

    /// The place of reading, in bytes from the beginning.
    pub(crate) fn position(&self) -> u64 {
        self.base + self.at as u64
    }

    /// What follows: at least `n` bytes, fewer only where the stream ends.
    pub(crate) fn peek(&mut self, n: usize) -> io::Result<&[u8]> {
        while self.buffer.len() - self.at < n && !self.ended {
            self.fill()?;
        }
        Ok(&self.buffer[self.at..])
    }

    /// Moves on by `n` bytes that [`Self::peek`] gave.
    pub(crate) fn consume(&mut self, n: usize) {
        self.at = (self.at + n).min(self.buffer.len());
    }

    /// Goes back to `position`, or as far as bytes are kept.
    pub(crate) fn rewind(&mut self, position: u64) {
        let at = position.saturating_sub(self.base) as usize;
        self.at = at.min(self.at);
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.at > BEHIND_BYTES_MAX {
            let gone = self.at - KEPT_BYTES;
            self.buffer.drain(..gone);
            self.base += gone as u64;
            self.at -= gone;
        }
        let n = match self.inner.fill_buf() {
            Ok(ready) => {
                self.buffer.extend_from_slice(ready);
                ready.len()
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            Err(error) => {
                self.ended = true;
                return Err(error);
            }
        };
        self.inner.consume(n);
        self.ended = n == 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_can_go_back_and_memory_stays_bounded() {
        let bytes: Vec<u8> = (0..40_000_000_u32).map(|i| (i / 7) as u8).collect();
        let mut inner = &bytes[..];
        let mut window = Window::new(&mut inner);
        let mut position = 0;
        loop {
            let n = window.peek(100_000).unwrap().len().min(99_999);
            if n == 0 {
                break;
            }
            assert_eq!(window.peek(1).unwrap()[0], bytes[position]);
            window.consume(n);
            position += n;
            assert_eq!(window.position(), position as u64);
        }
        window.rewind(39_999_000);
        assert_eq!(window.position(), 39_999_000);
        assert_eq!(window.peek(1).unwrap()[0], bytes[39_999_000]);
    }
}
