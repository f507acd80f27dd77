//! A cursor over untrusted bytes: every read is bounds-checked and every failure knows its offset.
//!
//! Everything that moves the cursor is inlined by force, here and where it is used for a whole transaction: called
//! through a reference it lives in memory instead of registers, and walking a block takes twice as long (measured by
//! `benches/decode.rs`).
#![allow(clippy::inline_always, reason = "the hot path, see above")]

use super::error::{DecodeError, DecodeErrorKind, Part};

/// A position in `all`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    all: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    #[inline(always)]
    pub(crate) fn new(all: &'a [u8]) -> Self {
        Self { all, rest: all }
    }

    /// Bytes already read.
    #[inline(always)]
    pub(crate) fn at(&self) -> usize {
        self.all.len() - self.rest.len()
    }

    /// Bytes not yet read.
    #[inline(always)]
    pub(crate) fn left(&self) -> usize {
        self.rest.len()
    }

    /// The bytes between two positions already passed.
    #[inline(always)]
    pub(crate) fn between(&self, from: usize, to: usize) -> &'a [u8] {
        &self.all[from..to]
    }

    /// The next byte, not consumed.
    #[inline(always)]
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    #[inline(always)]
    pub(crate) fn array<const N: usize>(&mut self, part: Part) -> Result<&'a [u8; N], DecodeError> {
        match self.rest.split_first_chunk() {
            Some((head, rest)) => {
                self.rest = rest;
                Ok(head)
            }
            None => Err(fail(self.at(), DecodeErrorKind::Truncated(part))),
        }
    }

    #[inline(always)]
    pub(crate) fn bytes(&mut self, len: usize, part: Part) -> Result<&'a [u8], DecodeError> {
        match self.rest.split_at_checked(len) {
            Some((head, rest)) => {
                self.rest = rest;
                Ok(head)
            }
            None => Err(fail(self.at(), DecodeErrorKind::Truncated(part))),
        }
    }

    /// A count of things of at least `each` bytes (not 0), refused where the rest cannot hold that many.
    #[inline(always)]
    pub(crate) fn count(&mut self, each: usize, part: Part) -> Result<usize, DecodeError> {
        let at = self.at();
        let (value, rest) = match self.rest.split_first() {
            Some((&small @ 0..=0xfc, rest)) => (u64::from(small), rest),
            _ => long_count(self.rest, at, part)?,
        };
        self.rest = rest;
        // divided rather than multiplied: a claimed count may be anything up to 2^64
        if value > (rest.len() / each) as u64 {
            return Err(fail(at, DecodeErrorKind::TooMany { part, claimed: value, left: rest.len() }));
        }
        Ok(value as usize)
    }
}

/// A CompactSize of more than one byte, in its shortest form, at byte `at`; and what follows it.
#[inline(never)]
fn long_count(bytes: &[u8], at: usize, part: Part) -> Result<(u64, &[u8]), DecodeError> {
    let long = match bytes {
        [0xfd, rest @ ..] => rest.split_first_chunk().map(|(n, r)| (u64::from(u16::from_le_bytes(*n)), r, 0xfd)),
        [0xfe, rest @ ..] => rest.split_first_chunk().map(|(n, r)| (u64::from(u32::from_le_bytes(*n)), r, 0x1_0000)),
        [0xff, rest @ ..] => rest.split_first_chunk().map(|(n, r)| (u64::from_le_bytes(*n), r, 0x1_0000_0000)),
        [small, rest @ ..] => Some((u64::from(*small), rest, 0)),
        [] => None,
    };
    match long {
        None => Err(fail(at, DecodeErrorKind::Truncated(part))),
        Some((value, _, least)) if value < least => Err(fail(at, DecodeErrorKind::NonCanonical(part))),
        Some((value, rest, _)) => Ok((value, rest)),
    }
}

/// An error at byte `at`. Takes the offset, not the reader, whose address must not be taken.
#[cold]
#[inline(never)]
pub(crate) fn fail(at: usize, kind: DecodeErrorKind) -> DecodeError {
    DecodeError { offset: at, kind }
}
