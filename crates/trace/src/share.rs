//! An exact share of a whole.

use serde::{Serialize, Serializer};
use std::fmt;

/// `part` of `whole`, in satoshi. Serialised and shown as text with six decimals, rounded down, so that only the whole
/// is ever shown as `1.000000`; a share of nothing is shown as `0.000000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Share {
    /// The numerator.
    pub part: u128,
    /// The denominator; 0 where there is no whole.
    pub whole: u128,
}

impl Share {
    /// The share in millionths, rounded down; 0 of nothing.
    pub fn millionths(self) -> u128 {
        if self.whole == 0 {
            return 0;
        }
        // long division, each digit as ten additions modulo the whole: nothing can overflow, whatever the amounts
        let (mut millionths, mut rest) = (self.part / self.whole, self.part % self.whole);
        for _ in 0..6 {
            let (mut digit, mut sum) = (0, 0);
            for _ in 0..10 {
                if sum >= self.whole - rest {
                    sum -= self.whole - rest;
                    digit += 1;
                } else {
                    sum += rest;
                }
            }
            millionths = millionths.saturating_mul(10).saturating_add(digit);
            rest = sum;
        }
        millionths
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millionths = self.millionths();
        f.pad(&format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000))
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_shown_with_six_decimals_rounded_down() {
        for (part, whole, text) in [
            (0, 0, "0.000000"),
            (1, 3, "0.333333"),
            (2, 3, "0.666666"),
            (3, 3, "1.000000"),
            (2_099_999_997_689_999, 2_099_999_997_690_000, "0.999999"),
            (1, 2_099_999_997_690_000, "0.000000"),
            (1, 10, "0.100000"),
            (u128::MAX / 2, u128::MAX, "0.499999"),
        ] {
            assert_eq!(Share { part, whole }.to_string(), text, "{part} / {whole}");
        }
    }
}
