//! Money in the smallest unit of its chain, as an integer. Floats never hold money.

use serde::{Deserialize, Serialize};
use std::{fmt, iter::Sum, str::FromStr};

/// An amount in satoshi (1 BTC = 100,000,000 satoshi).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
#[repr(transparent)]
pub struct Sats(pub u64);

impl Sats {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// One bitcoin.
    pub const BTC: u64 = 100_000_000;

    /// `self + other`, or `None` on overflow.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// `self - other`, or `None` below zero.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
}

/// Shown as bitcoin with eight decimals, the field's usual form: `0.01000000`.
impl fmt::Display for Sats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{:08}", self.0 / Self::BTC, self.0 % Self::BTC))
    }
}

impl Sum for Sats {
    /// Saturates: no real sum of outputs comes near 2^64 satoshi, and a wrong small figure would be worse.
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        Self(iter.fold(0, |a, b| a.saturating_add(b.0)))
    }
}

/// Why a text is no amount.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no amount in BTC (digits, a point, at most eight decimals)")]
pub struct SatsError(String);

impl FromStr for Sats {
    type Err = SatsError;

    fn from_str(text: &str) -> Result<Self, SatsError> {
        let wrong = || SatsError(text.chars().take(40).collect());
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || part.len() > 8 || !digits(whole) || !digits(part) {
            return Err(wrong());
        }
        let whole: u64 = whole.parse().map_err(|_| wrong())?;
        let part: u64 = format!("{part:0<8}").parse().map_err(|_| wrong())?;
        whole.checked_mul(Self::BTC).and_then(|w| w.checked_add(part)).map(Self).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_back_as_shown() {
        for sats in [0, 1, 99_999_999, 100_000_000, 2_099_999_997_690_000] {
            assert_eq!(Sats(sats).to_string().parse(), Ok(Sats(sats)));
        }
        assert_eq!("5".parse(), Ok(Sats(500_000_000)));
        for bad in ["", ".5", "1.123456789", "-1", "1e3", "١", "184467440738.0"] {
            assert!(bad.parse::<Sats>().is_err(), "{bad}");
        }
    }
}
