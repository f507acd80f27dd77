//! Entries of an e2store.

use super::EraError;
use std::io::Read;

/// Length of an entry's head: type, length, two reserved bytes.
pub const HEAD_LEN: usize = 8;
/// An entry longer than this, packed or unpacked, is refused. The largest bodies and receipts have some megabytes.
pub const ENTRY_BYTES_MAX: u32 = 256 << 20;

/// What an entry holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The beginning of a file.
    Version,
    /// A block's header.
    Header,
    /// A block's transactions and uncles.
    Body,
    /// A block's receipts.
    Receipts,
    /// The total difficulty.
    TotalDifficulty,
    /// The accumulator over all headers of the file.
    Accumulator,
    /// Where the blocks stand.
    Index,
    /// Anything else, to be passed over.
    Other,
}

/// The head of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// What it holds.
    pub kind: Kind,
    /// Bytes that follow.
    pub len: u32,
}

/// Reads the head of an entry.
pub fn entry_head(head: [u8; HEAD_LEN]) -> Result<Entry, EraError> {
    let [kind @ .., l0, l1, l2, l3, r0, r1] = head;
    let len = u32::from_le_bytes([l0, l1, l2, l3]);
    if [r0, r1] != [0, 0] {
        return Err(EraError::Reserved);
    }
    if len > ENTRY_BYTES_MAX {
        return Err(EraError::LongEntry(len));
    }
    let kind = match kind {
        [0x65, 0x32] => Kind::Version,
        [0x03, 0x00] => Kind::Header,
        [0x04, 0x00] => Kind::Body,
        [0x05, 0x00] => Kind::Receipts,
        [0x06, 0x00] => Kind::TotalDifficulty,
        [0x07, 0x00] => Kind::Accumulator,
        [0x66, 0x32] => Kind::Index,
        [0x01 | 0x02, 0x00] => {
            return Err(EraError::OtherForm(
                "an archive of the beacon chain, which is not read: it holds blocks of consensus",
            ));
        }
        [0x0a | 0x0b, 0x00] | [0x67, 0x32] | [0x03, 0x01] => {
            return Err(EraError::OtherForm("an archive of later history (ere, erae, e2hs), which is not read"));
        }
        _ => Kind::Other,
    };
    Ok(Entry { kind, len })
}

/// Unpacks snappy frames.
pub fn unpack(packed: &[u8]) -> Result<Vec<u8>, EraError> {
    let mut out = Vec::new();
    let mut reader = snap::read::FrameDecoder::new(packed).take(u64::from(ENTRY_BYTES_MAX) + 1);
    reader.read_to_end(&mut out).map_err(|error| EraError::Snappy(error.to_string()))?;
    if out.len() as u64 > u64::from(ENTRY_BYTES_MAX) {
        return Err(EraError::LongContent);
    }
    Ok(out)
}

/// What the index at the end of a file says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Index {
    /// The first block.
    pub first: u64,
    /// How many blocks there are.
    pub count: u64,
}

/// Reads the index of blocks: the first number, a place for each block, their count.
pub fn index(bytes: &[u8]) -> Result<Index, EraError> {
    let word = |at: usize| bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
    let count = bytes.len().checked_sub(8).and_then(word).ok_or(EraError::Index)?;
    let is_fit = count.checked_mul(8).and_then(|len| len.checked_add(16)) == Some(bytes.len() as u64);
    let first = word(0).filter(|_| is_fit).ok_or(EraError::Index)?;
    Ok(Index { first, count })
}
