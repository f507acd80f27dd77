//! 32-byte hashes: transaction ids and block hashes.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// A double-SHA256 in the byte order of the wire. Shown reversed, as every block explorer does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct Hash32(pub [u8; 32]);

impl Hash32 {
    /// All zeros: the parent of a genesis block, the spent transaction of a coinbase.
    pub const ZERO: Self = Self([0; 32]);

    /// The first eight bytes as a big-endian number: the sort key of look-up runs.
    #[inline]
    pub fn prefix(&self) -> u64 {
        let mut head = [0; 8];
        head.copy_from_slice(&self.0[..8]);
        u64::from_be_bytes(head)
    }
}

impl fmt::Display for Hash32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().rev().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Hash32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is no transaction id or block hash.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not 64 hexadecimal digits")]
pub struct HashError;

impl FromStr for Hash32 {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Self, HashError> {
        let text = text.as_bytes();
        if text.len() != 64 {
            return Err(HashError);
        }
        let digit = |b: u8| (b as char).to_digit(16).ok_or(HashError);
        let mut out = [0; 32];
        for (i, pair) in text.chunks_exact(2).enumerate() {
            out[31 - i] = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
        }
        Ok(Self(out))
    }
}

impl Serialize for Hash32 {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash32 {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_reversed_and_read_back() {
        let mut h = Hash32::ZERO;
        h.0[0] = 0xab;
        assert!(h.to_string().ends_with("ab"));
        assert_eq!(h.to_string().parse(), Ok(h));
        assert_eq!("ab".parse::<Hash32>(), Err(HashError));
        assert_eq!("é".repeat(32).parse::<Hash32>(), Err(HashError));
    }
}
