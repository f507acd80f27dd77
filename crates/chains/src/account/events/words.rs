//! The words that logs are made of: 32 bytes each, numbers to the right, addresses in the last 20 bytes.
//!
//! Source: Contract ABI Specification of Solidity, "Formal Specification of the Encoding".

use crate::account::raw::RawLog;
use athar_types::account::{AccountBytes, U256};

/// One word.
pub(super) type Word = [u8; 32];

/// The address in a word; `None` where the 12 bytes before it are not zero, as no compiler writes them.
pub(super) fn address(word: &Word) -> Option<AccountBytes> {
    let (head, tail) = word.split_at(12);
    if head.iter().any(|b| *b != 0) {
        return None;
    }
    tail.try_into().ok()
}

/// The unsigned number in a word.
pub(super) const fn number(word: &Word) -> U256 {
    U256::from_be_bytes(*word)
}

/// The number in a word where it fits into 64 bits.
pub(super) fn small(word: &Word) -> Option<u64> {
    u64::try_from(number(word)).ok()
}

/// A word of the log's data, from 0.
pub(super) fn data(log: &RawLog, at: usize) -> Option<&Word> {
    log.data.get(at.checked_mul(32)?..)?.first_chunk()
}

/// A topic after the signature, from 0: the event's indexed fields in order.
pub(super) fn topic(log: &RawLog, at: usize) -> Option<&Word> {
    log.topics.get(at + 1)
}

/// The bytes of a field of variable length whose place stands in word `at` of the data. `None` where the place or the
/// length points outside of the data.
pub(super) fn bytes(log: &RawLog, at: usize) -> Option<&[u8]> {
    let place = usize::try_from(small(data(log, at)?)?).ok()?;
    let rest = log.data.get(place..)?;
    let (length, rest) = rest.split_first_chunk::<32>()?;
    rest.get(..usize::try_from(small(length)?).ok()?)
}
