//! What is asked before a withdrawal goes out, and what is wrong with a question.

use athar_types::{Asset, Chain};
use serde::Serialize;

/// Bytes of an address or reference at most.
pub const CHECK_TEXT_MAX: usize = 4_096;
/// Digits of an amount at most: more than any asset has.
const DIGITS_MAX: usize = 78;

/// A withdrawal that is about to go out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckQuestion {
    /// The chain that it goes out on.
    pub chain: Chain,
    /// The address that it goes to, as given.
    pub address: String,
    /// The asset by symbol or contract; none: the chain's coin.
    pub asset: Option<String>,
    /// The amount as a decimal number of whole coins, as `0.015`.
    pub amount: Option<String>,
    /// The same in the asset's smallest unit. One of the two, or none.
    pub units: Option<String>,
    /// The address of one's own that it goes out from.
    pub from: Option<String>,
}

/// What is wrong with a field of a question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {what}")]
pub struct CheckFieldError {
    /// The field.
    pub field: &'static str,
    /// What is wrong with it.
    pub what: String,
}

impl CheckQuestion {
    /// A question about an address, without an amount.
    pub fn new(chain: Chain, address: impl Into<String>) -> Self {
        Self { chain, address: address.into(), asset: None, amount: None, units: None, from: None }
    }

    /// Checks the form of everything but the addresses: an address that is none is answered, not refused.
    ///
    /// # Errors
    /// The first field that is not of its form.
    pub fn check(&self) -> Result<(), CheckFieldError> {
        let wrong = |field, what: String| Err(CheckFieldError { field, what });
        let texts = [("address", Some(&self.address)), ("asset", self.asset.as_ref()), ("from", self.from.as_ref())];
        for (field, text) in texts {
            if text.is_some_and(|text| text.len() > CHECK_TEXT_MAX) {
                return wrong(field, format!("longer than {CHECK_TEXT_MAX} bytes"));
            }
            if text.is_some_and(|text| text.trim().is_empty()) {
                return wrong(field, "it is empty".into());
            }
        }
        if self.amount.is_some() && self.units.is_some() {
            return wrong("units", "either the amount in whole coins or in smallest units, not both".into());
        }
        if let Some(amount) = self.amount.as_deref().filter(|amount| !is_decimal(amount)) {
            return wrong("amount", format!("`{}` is no amount such as 0.015", crate::shortened(amount)));
        }
        if let Some(units) = self.units.as_deref().filter(|units| !is_digits(units)) {
            return wrong("units", format!("`{}` is no whole number of smallest units", crate::shortened(units)));
        }
        if self.is_coin()
            && let Some(amount) = &self.amount
            && decimals_of(amount) > self.coin_decimals()
        {
            return wrong("amount", format!("more than the {} decimals of {}", self.coin_decimals(), self.coin()));
        }
        Ok(())
    }

    fn coin(&self) -> Asset {
        Asset::coin_of(self.chain)
    }

    fn coin_decimals(&self) -> usize {
        self.coin().coin_decimals().unwrap_or_default() as usize
    }

    /// Whether the amount is of the chain's coin.
    fn is_coin(&self) -> bool {
        self.asset.as_deref().is_none_or(|asset| asset.parse() == Ok(self.coin()))
    }

    /// The amount in the coin's smallest unit, for policies. None of another asset, without an amount, and above 2^64: what a
    /// policy asks about the amount then stays open.
    pub(super) fn attempt(&self) -> Option<u64> {
        if !self.is_coin() {
            return None;
        }
        if let Some(units) = &self.units {
            return units.trim_start_matches('0').parse().ok().or_else(|| is_zero(units).then_some(0));
        }
        let amount = self.amount.as_deref()?;
        let decimals = self.coin_decimals();
        let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
        let part = part.trim_end_matches('0');
        let digits = format!("{whole}{part:0<decimals$}");
        digits.trim_start_matches('0').parse().ok().or_else(|| is_zero(&digits).then_some(0))
    }
}

fn is_zero(digits: &str) -> bool {
    digits.bytes().all(|b| b == b'0')
}

fn is_digits(text: &str) -> bool {
    (1..=DIGITS_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_decimal(text: &str) -> bool {
    let (whole, part) = text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
    is_digits(whole) && part.is_none_or(is_digits)
}

/// Decimals that say something.
fn decimals_of(amount: &str) -> usize {
    amount.split_once('.').map_or(0, |(_, part)| part.trim_end_matches('0').len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(amount: Option<&str>, units: Option<&str>, asset: Option<&str>) -> CheckQuestion {
        let text = |t: Option<&str>| t.map(str::to_owned);
        CheckQuestion {
            amount: text(amount),
            units: text(units),
            asset: text(asset),
            ..CheckQuestion::new(Chain::Bitcoin, "a")
        }
    }

    #[test]
    fn amounts_are_exact_or_left_open() {
        for (amount, sat) in
            [("0", Some(0)), ("0.015", Some(1_500_000)), ("007.50", Some(750_000_000)), ("184467440737.09551616", None)]
        {
            let question = of(Some(amount), None, Some("btc"));
            assert_eq!((question.check(), question.attempt()), (Ok(()), sat), "{amount}");
        }
        assert_eq!(of(None, Some("000"), None).attempt(), Some(0));
        assert_eq!(of(None, Some("18446744073709551615"), None).attempt(), Some(u64::MAX));
        assert_eq!(of(None, Some("18446744073709551616"), None).attempt(), None);
        assert_eq!(of(Some("5"), None, Some("USDT")).attempt(), None);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_field() {
        let field = |question: CheckQuestion| question.check().map_err(|error| error.field);
        for amount in ["", ".", "1.", ".5", "-1", "1e9", "1,5", "١", "NaN", "0.000000001"] {
            assert_eq!(field(of(Some(amount), None, None)), Err("amount"), "{amount}");
        }
        for units in ["", "1.5", "-1", "0x1", &"1".repeat(79)] {
            assert_eq!(field(of(None, Some(units), None)), Err("units"), "{units}");
        }
        assert_eq!(field(of(Some("1"), Some("1"), None)), Err("units"));
        // nine decimals of a token are its own matter
        assert_eq!(field(of(Some("0.000000001"), None, Some("USDT"))), Ok(()));
        assert_eq!(field(CheckQuestion::new(Chain::Bitcoin, " ")), Err("address"));
        assert_eq!(field(CheckQuestion::new(Chain::Bitcoin, "a".repeat(5_000))), Err("address"));
    }
}
