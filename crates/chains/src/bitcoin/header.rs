//! The 80-byte block header: fields, hash, and the work it stands for.
//!
//! Work decides which branch is the best chain, so it is computed exactly as Bitcoin Core does
//! (`arith_uint256::SetCompact` and `GetBlockProof`), not in floating point.

use super::sha;
use athar_types::{Hash32, UnixTime};

/// Bytes of a serialised header.
pub const HEADER_LEN: usize = 80;

/// A block header.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Header {
    /// Version bits (BIP 9). Signed, as on the wire; says nothing about validity here.
    pub version: i32,
    /// Hash of the parent block; zero for a genesis block.
    pub prev: Hash32,
    /// Root of the merkle tree over the txids.
    pub merkle_root: Hash32,
    /// The miner's clock.
    pub time: UnixTime,
    /// The target in compact form.
    pub bits: u32,
    /// The number that miners vary.
    pub nonce: u32,
}

impl Header {
    /// Reads a header. Any 80 bytes are one.
    #[inline]
    pub fn parse(raw: &[u8; HEADER_LEN]) -> Self {
        Self {
            version: i32::from_le_bytes(part(raw, 0)),
            prev: Hash32(part(raw, 4)),
            merkle_root: Hash32(part(raw, 36)),
            time: UnixTime(u32::from_le_bytes(part(raw, 68))),
            bits: u32::from_le_bytes(part(raw, 72)),
            nonce: u32::from_le_bytes(part(raw, 76)),
        }
    }

    /// The bytes that [`parse`](Self::parse) reads back.
    pub fn encode(&self) -> [u8; HEADER_LEN] {
        let mut raw = [0; HEADER_LEN];
        raw[..4].copy_from_slice(&self.version.to_le_bytes());
        raw[4..36].copy_from_slice(&self.prev.0);
        raw[36..68].copy_from_slice(&self.merkle_root.0);
        raw[68..72].copy_from_slice(&self.time.0.to_le_bytes());
        raw[72..76].copy_from_slice(&self.bits.to_le_bytes());
        raw[76..].copy_from_slice(&self.nonce.to_le_bytes());
        raw
    }

    /// The block's hash: double SHA-256 of its header.
    #[inline]
    pub fn hash(raw: &[u8; HEADER_LEN]) -> Hash32 {
        sha::sha256d(raw)
    }

    /// How many hashes are expected to find such a block: 2^256 / (target + 1), rounded down.
    ///
    /// `None` where `bits` encodes a negative, zero or overflowing target, or one below 2^128, whose work does not fit
    /// (the hardest target in Bitcoin's history is above 2^174).
    pub fn work(&self) -> Option<u128> {
        let target = U256::from_compact(self.bits)?;
        // 2^256 / (t + 1) = (2^256 - 1 - t) / (t + 1) + 1, which needs no 257th bit
        let quotient = target.not().div(target.plus_one()?)?;
        if quotient.hi == 0 { quotient.lo.checked_add(1) } else { None }
    }

    /// Whether `bits` encodes a target at all.
    pub(super) fn has_target(&self) -> bool {
        U256::from_compact(self.bits).is_some()
    }

    /// Whether `hash` is at or below the target in `bits`. The network's easiest allowed target is not looked at.
    pub fn proves_work(&self, hash: &Hash32) -> bool {
        U256::from_compact(self.bits).is_some_and(|target| U256::from_le(&hash.0) <= target)
    }
}

/// `N` bytes of a header from `at`, both constants at every call.
#[inline]
fn part<const N: usize>(raw: &[u8; HEADER_LEN], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&raw[at..at + N]);
    out
}

/// An unsigned 256-bit number; field order makes the derived comparison the numeric one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct U256 {
    hi: u128,
    lo: u128,
}

impl U256 {
    const ZERO: Self = Self { hi: 0, lo: 0 };

    fn from_le(bytes: &[u8; 32]) -> Self {
        let (lo, hi) = bytes.split_at(16);
        let number = |half: &[u8]| half.iter().rev().fold(0, |n, b| n << 8 | u128::from(*b));
        Self { hi: number(hi), lo: number(lo) }
    }

    /// The target that `bits` encodes: a 23-bit mantissa, a sign bit and a base-256 exponent.
    /// `None` where it is negative, zero or over 256 bits.
    fn from_compact(bits: u32) -> Option<Self> {
        let size = bits >> 24;
        let mantissa = bits & 0x007f_ffff;
        if size <= 3 {
            let small = mantissa >> (8 * (3 - size));
            return (small != 0 && bits & 0x0080_0000 == 0).then_some(Self { hi: 0, lo: u128::from(small) });
        }
        let overflow = size > 34 || (mantissa > 0xff && size > 33) || (mantissa > 0xffff && size > 32);
        if mantissa == 0 || overflow || bits & 0x0080_0000 != 0 {
            return None;
        }
        Some(Self { hi: 0, lo: u128::from(mantissa) }.shl(8 * (size - 3)))
    }

    /// Shift left by fewer than 256 bits; what leaves the top is lost.
    fn shl(self, by: u32) -> Self {
        match by {
            0 => self,
            1..128 => Self { hi: self.hi << by | self.lo >> (128 - by), lo: self.lo << by },
            _ => Self { hi: self.lo << (by - 128), lo: 0 },
        }
    }

    fn not(self) -> Self {
        Self { hi: !self.hi, lo: !self.lo }
    }

    fn plus_one(self) -> Option<Self> {
        let (lo, carry) = self.lo.overflowing_add(1);
        Some(Self { hi: self.hi.checked_add(u128::from(carry))?, lo })
    }

    fn minus(self, other: Self) -> Self {
        let (lo, borrow) = self.lo.overflowing_sub(other.lo);
        Self { hi: self.hi.wrapping_sub(other.hi).wrapping_sub(u128::from(borrow)), lo }
    }

    /// Quotient by long division in base 2: 256 steps, once a block. One of the two numbers must be at most 2^255, so
    /// that the rest never outgrows 256 bits; of a number and one more than its complement, one always is.
    fn div(self, divisor: Self) -> Option<Self> {
        if divisor == Self::ZERO {
            return None;
        }
        let (mut quotient, mut rest, mut left) = (Self::ZERO, Self::ZERO, self);
        for _ in 0..256 {
            rest = rest.shl(1);
            rest.lo |= left.hi >> 127;
            left = left.shl(1);
            quotient = quotient.shl(1);
            if rest >= divisor {
                rest = rest.minus(divisor);
                quotient.lo |= 1;
            }
        }
        Some(quotient)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use athar_types::Network;

    /// The first block's header, from its published fields.
    fn genesis() -> Header {
        Header {
            version: 1,
            prev: Hash32::ZERO,
            merkle_root: "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b".parse().unwrap(),
            time: UnixTime(1_231_006_505),
            bits: 0x1d00_ffff,
            nonce: 2_083_236_893,
        }
    }

    fn work(bits: u32) -> Option<u128> {
        Header { bits, ..Header::default() }.work()
    }

    #[test]
    fn the_first_block_has_its_known_hash_and_proves_its_work() {
        let raw = genesis().encode();
        assert_eq!(Header::parse(&raw), genesis());
        let hash = Header::hash(&raw);
        assert_eq!(hash, Network::Mainnet.genesis());
        assert!(genesis().proves_work(&hash));
        assert!(!Header { bits: 0x1b00_ffff, ..genesis() }.proves_work(&hash));
    }

    #[test]
    fn work_equals_the_published_values() {
        // from Bitcoin Core's getblockheader: chainwork of block 0 and of regtest's block 0
        assert_eq!(work(0x1d00_ffff), Some(0x1_0001_0001));
        assert_eq!(work(0x207f_ffff), Some(2));
        // the target one below a power of two: 2^256 / 2^240
        assert_eq!(work(0x1f00_ffff), Some(0x1_0001));
        // 2^256 / (0xffff * 2^240 + 1): the largest target there is
        assert_eq!(work(0x2100_ffff), Some(1));
        // the hardest whose work fits: a target of 0x01 * 2^128
        assert_eq!(work(0x1101_0000), Some(u128::MAX));
        assert_eq!(work(0x1100_ffff), None);
    }

    #[test]
    fn bits_that_encode_no_target_have_no_work_and_prove_none() {
        // zero, zero by shifting, negative, overflowing (Bitcoin Core's arith_uint256_tests)
        for bits in [0, 0x0100_3456, 0x0112_3456 & 0x0100_ffff, 0x0492_3456, 0x04ff_ffff, 0xff12_3456, 0x2300_0001] {
            assert_eq!(work(bits), None, "{bits:08x}");
            assert!(!Header { bits, ..Header::default() }.proves_work(&Hash32::ZERO), "{bits:08x}");
        }
    }

    #[test]
    fn a_hash_equal_to_the_target_proves_the_work_and_one_more_does_not() {
        let header = Header { bits: 0x0312_3456, ..Header::default() };
        let hash = |n: u32| {
            let mut bytes = [0; 32];
            bytes[..4].copy_from_slice(&n.to_le_bytes());
            Hash32(bytes)
        };
        assert!(header.proves_work(&hash(0x12_3456)));
        assert!(!header.proves_work(&hash(0x12_3457)));
    }
}
