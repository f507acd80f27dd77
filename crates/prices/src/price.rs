//! A price as an exact number, and what an amount is worth at it.

use std::{fmt, num::NonZeroU64, str::FromStr};

/// US dollars for one whole unit of an asset (one BTC, one ETH), in 10^-10 dollars. Never zero: a price of nothing is no
/// price.
///
/// Ten decimals keep what sources publish of cheap coins (TRX, DOGE) and of bitcoin's first cents; 64 bits leave room to
/// [`Price::MAX_USD`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Price(NonZeroU64);

/// A price as a source wrote it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reading {
    /// A price. `rounded`: it had more than ten decimals, and was rounded half up.
    Price {
        /// The price.
        price: Price,
        /// Whether digits were lost.
        rounded: bool,
    },
    /// Zero, or so little that ten decimals round it to zero: the source knew no price.
    Nothing,
}

/// Why a text is no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// It is no decimal number.
    #[error("no price (digits, a point and digits, or 8.4e-06)")]
    Form,
    /// It is below zero.
    #[error("a price below zero")]
    Negative,
    /// It is above [`Price::MAX_USD`].
    #[error("more than the {} dollars that a price may be", Price::MAX_USD)]
    TooLarge,
}

impl Price {
    /// Decimals that are kept.
    pub const DECIMALS: u32 = 10;
    /// No unit of any asset ever cost more dollars: a larger number is a broken file.
    pub const MAX_USD: u64 = 1_000_000_000;
    /// Most decimals that an asset may have in [`Price::cents`].
    pub const ASSET_DECIMALS_MAX: u32 = 18;

    const ONE_USD: u64 = 10u64.pow(Self::DECIMALS);

    /// The price of so many 10^-10 dollars; `None` for zero and above [`Self::MAX_USD`].
    pub fn from_units(units: u64) -> Option<Self> {
        NonZeroU64::new(units).filter(|u| u.get() <= Self::MAX_USD * Self::ONE_USD).map(Self)
    }

    /// In 10^-10 dollars.
    pub const fn units(self) -> u64 {
        self.0.get()
    }

    /// Reads a price in dollars: `0.01`, `19783.06`, `8.4e-06`. More than ten decimals are rounded half up.
    pub fn read(text: &str) -> Result<Reading, PriceError> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (number, exponent) = match text.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, read_exponent(exponent)?),
            None => (text, 0),
        };
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(part) || text.len() > 60 {
            return Err(PriceError::Form);
        }
        let digits = format!("{whole}{part}");
        let digits = digits.trim_start_matches('0');
        if digits.is_empty() {
            return Ok(Reading::Nothing);
        }
        if negative {
            return Err(PriceError::Negative);
        }
        // beyond 38 digits the number no longer fits; none that is a price has as many
        let number: u128 = digits.parse().map_err(|_| PriceError::Form)?;
        let shift = Self::DECIMALS as i32 - part.len() as i32 + exponent;
        let (units, rounded) = if shift >= 0 {
            let scale = 10u128.checked_pow(shift.unsigned_abs()).ok_or(PriceError::TooLarge)?;
            (number.checked_mul(scale).ok_or(PriceError::TooLarge)?, false)
        } else {
            match 10u128.checked_pow(shift.unsigned_abs()) {
                Some(scale) => (number / scale + u128::from(number % scale >= scale / 2), number % scale != 0),
                None => (0, true),
            }
        };
        let units = u64::try_from(units).map_err(|_| PriceError::TooLarge)?;
        match Self::from_units(units) {
            Some(price) => Ok(Reading::Price { price, rounded }),
            None if units == 0 => Ok(Reading::Nothing),
            None => Err(PriceError::TooLarge),
        }
    }

    /// What `amount` smallest units of an asset with so many `decimals` are worth, in US cents, rounded half up once at
    /// the end. `None` where that does not fit in 64 bits or the decimals are more than [`Self::ASSET_DECIMALS_MAX`]; no
    /// amount that exists of any asset comes near.
    pub fn cents(self, amount: u128, decimals: u32) -> Option<u64> {
        if decimals > Self::ASSET_DECIMALS_MAX {
            return None;
        }
        let one = 10u128.pow(decimals);
        let price = u128::from(self.units());
        // whole units and the rest apart, so that neither product outgrows 128 bits; what the second division drops is
        // less than one 10^-10 dollar and cannot change a cent that is rounded half up from a whole number of them
        let units = (amount / one).checked_mul(price)?.checked_add(amount % one * price / one)?;
        let cent = u128::from(Self::ONE_USD / 100);
        u64::try_from(units.checked_add(cent / 2)? / cent).ok()
    }
}

fn read_exponent(text: &str) -> Result<i32, PriceError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || digits.len() > 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(PriceError::Form);
    }
    text.parse().map_err(|_| PriceError::Form)
}

/// Shown in dollars with two decimals, or as many more as it takes: `7200.17`, `0.0054`.
impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = format!("{:010}", self.units() % Self::ONE_USD);
        let kept = part.trim_end_matches('0').len().max(2);
        f.pad(&format!("{}.{}", self.units() / Self::ONE_USD, &part[..kept]))
    }
}

/// Reads what [`Display`](fmt::Display) shows; a price of nothing is an error here.
impl FromStr for Price {
    type Err = PriceError;

    fn from_str(text: &str) -> Result<Self, PriceError> {
        match Self::read(text)? {
            Reading::Price { price, .. } => Ok(price),
            Reading::Nothing => Err(PriceError::Form),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn price(text: &str) -> Price {
        text.parse().unwrap()
    }

    #[test]
    fn cheap_and_early_prices_are_exact() {
        for (text, units, shown) in [
            ("0.01", 100_000_000, "0.01"),
            ("19783.06", 197_830_600_000_000, "19783.06"),
            ("0.00023456", 2_345_600, "0.00023456"),
            ("8.4e-06", 84_000, "0.0000084"),
            ("1.5E+3", 15_000_000_000_000, "1500.00"),
            ("0.0000000001", 1, "0.0000000001"),
            ("1000000000", 10_000_000_000_000_000_000, "1000000000.00"),
            ("007", 70_000_000_000, "7.00"),
        ] {
            assert_eq!(Price::read(text), Ok(Reading::Price { price: price(text), rounded: false }), "{text}");
            assert_eq!((price(text).units(), price(text).to_string().as_str()), (units, shown), "{text}");
        }
    }

    #[test]
    fn more_decimals_are_rounded_half_up_and_say_so() {
        for (text, units) in [
            ("0.6875857090838133", 6_875_857_091),
            ("0.00000000005", 1),
            ("1.00000000004999", 10_000_000_000),
            ("1.00000000005", 10_000_000_001),
            ("15e-11", 2),
        ] {
            let price = Price::from_units(units).unwrap();
            assert_eq!(Price::read(text), Ok(Reading::Price { price, rounded: true }), "{text}");
        }
    }

    #[test]
    fn nothing_is_no_price_and_nonsense_is_an_error() {
        for zero in ["0", "0.0", "0.00", "000.000", "-0.0", "0e5", "0.00000000004", "1e-99"] {
            assert_eq!(Price::read(zero), Ok(Reading::Nothing), "{zero}");
        }
        for bad in
            ["", ".5", "NaN", "inf", "1,000", "1_000", "0x10", "1e", "1e+", "1e1000", " 1", "$1", "١", "1.2.3", "+1"]
        {
            assert_eq!(Price::read(bad), Err(PriceError::Form), "{bad}");
        }
        assert_eq!(Price::read("-1"), Err(PriceError::Negative));
        assert_eq!(Price::read("-0.000001"), Err(PriceError::Negative));
        for large in ["1000000000.01", "1e10", "99999999999999999999999999999999999999", "1e38", "9e999"] {
            assert_eq!(Price::read(large), Err(PriceError::TooLarge), "{large}");
        }
        assert_eq!(Price::from_units(0), None);
        assert_eq!(Price::from_units(u64::MAX), None);
    }

    #[test]
    fn a_value_is_rounded_half_up_once_whatever_the_decimals() {
        let coin = 10u128.pow(18);
        for (usd, amount, decimals, cents) in [
            ("0.03", 50_000_000, 8, Some(2)),
            ("0.03", 49_999_999, 8, Some(1)),
            ("7200.17", 100_000_000, 8, Some(720_017)),
            ("4304.032421076", coin, 18, Some(430_403)),
            ("4304.032421076", coin / 3, 18, Some(143_468)),
            // half a cent, and a wei less
            ("0.005", coin, 18, Some(1)),
            ("0.005", coin - 1, 18, Some(0)),
            // every ether that there is, and every tether
            ("4304.032421076", 120_700_000 * coin, 18, Some(51_949_671_322_387)),
            ("1.0003", 143_000_000_000 * 1_000_000, 6, Some(14_304_290_000_000)),
            ("0.0017", 1_000_000, 6, Some(0)),
            ("0.1", 0, 8, Some(0)),
            ("1000000000", u128::MAX, 18, None),
            ("1", 1, 19, None),
        ] {
            assert_eq!(price(usd).cents(amount, decimals), cents, "{amount} at {usd}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(units in 1..=Price::MAX_USD * Price::ONE_USD) {
            let price = Price::from_units(units).unwrap();
            prop_assert_eq!(price.to_string().parse(), Ok(price));
        }

        #[test]
        fn a_value_is_what_long_division_gives(units in 1..=10_000_000_000_000_000u64, amount in 0..=u64::MAX, decimals in 0..=8u32) {
            // small enough that the whole product fits: no parts, one division
            let product = u128::from(units) * u128::from(amount);
            let divisor = 10u128.pow(decimals) * 100_000_000;
            let expected = u64::try_from((product * 2 + divisor) / (divisor * 2)).ok();
            prop_assert_eq!(Price::from_units(units).unwrap().cents(amount.into(), decimals), expected);
        }

        #[test]
        fn no_text_breaks_the_reader(text in "[-+0-9.eE]{0,64}|.{0,20}") {
            let _ = Price::read(&text);
        }
    }
}
