//! What amounts are worth: the one place where satoshi become dollars.
//!
//! A figure is the amount at the price of the UTC day on which it moved, rounded half up to the cent. A sum adds such
//! figures, so each part is rounded by itself; what has no price is told beside it and never taken for zero.

use crate::Engine;
use crate::json::{Usd, UsdPrice};
use athar_prices::Quote;
use athar_types::{Asset, Chain, Day, UnixTime};
use schemars::JsonSchema;
use serde::Serialize;

/// Decimals of a satoshi, and of the smallest unit of every chain made like Bitcoin.
const SAT_DECIMALS: u32 = 8;

/// The price of one unit of an asset on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PriceView {
    /// Symbol of the asset.
    #[schemars(with = "String")]
    pub asset: &'static str,
    /// The day.
    #[schemars(with = "String")]
    pub day: Day,
    /// US dollars for one unit.
    pub usd: UsdPrice,
    /// Where the price is from: every source that gives it.
    pub sources: Vec<String>,
    /// Whether it is from the history that comes with the program.
    pub builtin: bool,
}

impl PriceView {
    pub(crate) fn of(asset: Asset, day: Day, quote: &Quote<'_>) -> Self {
        Self {
            asset: asset.symbol(),
            day,
            usd: UsdPrice(quote.price),
            sources: quote.sources.iter().map(ToString::to_string).collect(),
            builtin: quote.is_builtin,
        }
    }
}

/// A sum of amounts and of what they are worth.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Worth {
    cents: u64,
    is_priced: bool,
    unpriced_sat: u64,
}

impl Worth {
    /// Adds an amount and its worth; `None` is "no price".
    pub(crate) fn add(&mut self, sat: u64, usd: Option<Usd>) {
        // a part too large to add is left out in words, like one without a price
        match usd.and_then(|usd| self.cents.checked_add(usd.0)) {
            Some(cents) => {
                self.cents = cents;
                self.is_priced |= sat > 0;
            }
            None => self.unpriced_sat = self.unpriced_sat.saturating_add(sat),
        }
    }

    /// Worth of the part that has a price; none where no part has one.
    pub(crate) fn usd(self) -> Option<Usd> {
        (self.is_priced || self.unpriced_sat == 0).then_some(Usd(self.cents))
    }

    /// Satoshi that [`Self::usd`] leaves out.
    pub(crate) fn unpriced_sat(self) -> u64 {
        self.unpriced_sat
    }
}

impl Engine {
    /// The coin of the store's chain.
    pub(crate) fn asset(&self) -> Asset {
        Asset::coin_of(self.ledger.as_ref().map_or(Chain::Bitcoin, athar_ledger::Ledger::chain))
    }

    /// Worth of an amount that moved at `time`; `None` where that day has no price.
    pub(crate) fn usd(&self, sat: u64, time: UnixTime) -> Option<Usd> {
        self.usd_on(sat, time.day())
    }

    /// Worth of an amount that moved on `day`; `None` where it has no price.
    pub(crate) fn usd_on(&self, sat: u64, day: Day) -> Option<Usd> {
        self.prices.cents(self.asset(), u128::from(sat), SAT_DECIMALS, day).map(Usd)
    }

    /// The price of the chain's coin on the day of `time`.
    pub(crate) fn price_of(&self, time: UnixTime) -> Option<PriceView> {
        let day = time.day();
        self.prices.quote(self.asset(), day).map(|quote| PriceView::of(self.asset(), day, &quote))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_says_what_it_leaves_out() {
        let sum = |parts: &[(u64, Option<u64>)]| {
            let mut worth = Worth::default();
            for (sat, cents) in parts {
                worth.add(*sat, cents.map(Usd));
            }
            (worth.usd().map(|u| u.0), worth.unpriced_sat())
        };
        assert_eq!(sum(&[]), (Some(0), 0));
        assert_eq!(sum(&[(5, Some(7)), (6, Some(1))]), (Some(8), 0));
        assert_eq!(sum(&[(5, Some(7)), (6, None)]), (Some(7), 6));
        assert_eq!(sum(&[(5, None), (6, None)]), (None, 11));
        // worth less than half a cent is a price all the same; nothing at all is worth nothing
        assert_eq!(sum(&[(1, Some(0)), (6, None)]), (Some(0), 6));
        assert_eq!(sum(&[(0, Some(0)), (6, None)]), (None, 6));
        assert_eq!(sum(&[(0, None)]), (Some(0), 0));
        assert_eq!(sum(&[(5, Some(u64::MAX)), (6, Some(1))]), (Some(u64::MAX), 6));
    }
}
