//! Assets in words, and sums of amounts of several.
//!
//! Only the coin and the tokens of the registry have a symbol, decimals and a worth. Whatever another contract calls
//! itself, it is shown by its address: a false USDT never counts as USDT.

use super::AccountChain;
use crate::json::Usd;
use athar_prices::Prices;
use athar_types::account::{AssetKey, U256, show_units};
use athar_types::{Asset, Day};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// What is known of an asset.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AssetFacts {
    pub(crate) key: AssetKey,
    pub(crate) symbol: Option<&'static str>,
    pub(crate) decimals: Option<u8>,
    /// What its price is kept under.
    pub(crate) priced_as: Option<Asset>,
    /// Whether a unit is meant to be a dollar, so that it is taken for one where no price is kept.
    pub(crate) is_dollar: bool,
}

/// An asset in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AssetView {
    /// `native`, the token's contract, `CONTRACT:ID` for an item, or `trc10:NUMBER`.
    pub id: String,
    /// Its symbol, of the coin and verified tokens only.
    pub symbol: Option<String>,
    /// Whether it is the coin, or a token whose contract the registry has. Anything else can call itself what it likes.
    pub verified: bool,
    /// Its decimals, where known.
    pub decimals: Option<u8>,
}

/// An amount of an asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AmountView {
    /// The asset.
    pub asset: AssetView,
    /// The amount in the asset's smallest unit, exact: up to 78 digits, hence a text.
    pub units: String,
    /// The same in whole coins, where the decimals are known.
    pub amount: Option<String>,
    /// What it is worth, each part at the price of its day; none where there is no price.
    pub usd: Option<Usd>,
    /// Whether the worth is the face value of a dollar token, for lack of an imported price.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub usd_at_par: bool,
}

impl AccountChain {
    /// What is known of the asset with that number.
    pub(crate) fn asset_facts(&self, asset: u32) -> AssetFacts {
        self.facts_of(self.ledger.asset(asset))
    }

    pub(crate) fn facts_of(&self, key: AssetKey) -> AssetFacts {
        let params = self.ledger.params();
        // a token of a test network is worth nothing, whatever stands at that address on the main one
        let is_main = self.ledger.is_mainnet();
        match key {
            AssetKey::Native => AssetFacts {
                key,
                symbol: Some(params.coin.symbol()),
                decimals: Some(params.decimals),
                priced_as: is_main.then_some(params.coin),
                is_dollar: false,
            },
            AssetKey::Token(contract) => match Self::tokens().get(params.chain, &contract).filter(|_| is_main) {
                Some(token) => AssetFacts {
                    key,
                    symbol: Some(token.symbol.as_str()),
                    decimals: Some(token.decimals),
                    priced_as: token.price,
                    is_dollar: token.is_dollar,
                },
                None => AssetFacts { key, symbol: None, decimals: None, priced_as: None, is_dollar: false },
            },
            _ => AssetFacts { key, symbol: None, decimals: None, priced_as: None, is_dollar: false },
        }
    }

    /// An asset as answers name it.
    pub(crate) fn asset_view(&self, asset: u32) -> AssetView {
        self.view_of(&self.asset_facts(asset))
    }

    /// An asset as answers name it, by what names it on the chain.
    pub(crate) fn view_of_key(&self, key: AssetKey) -> AssetView {
        self.view_of(&self.facts_of(key))
    }

    fn view_of(&self, facts: &AssetFacts) -> AssetView {
        let form = self.ledger.form();
        AssetView {
            id: match facts.key {
                AssetKey::Native => "native".into(),
                AssetKey::Token(contract) => form.text(&contract),
                AssetKey::Item(contract, id) => format!("{}:{id}", form.text(&contract)),
                AssetKey::Trc10(number) => format!("trc10:{number}"),
            },
            symbol: facts.symbol.map(str::to_string),
            verified: facts.symbol.is_some(),
            decimals: facts.decimals,
        }
    }

    /// An amount with what it was worth on a day.
    pub(crate) fn amount_on(&self, prices: &Prices, asset: u32, amount: U256, day: Day) -> AmountView {
        let facts = self.asset_facts(asset);
        let worth = worth(prices, &facts, amount, day);
        self.amount_view(&facts, amount, worth.map(|(usd, _)| usd), worth.is_some_and(|(_, par)| par))
    }

    fn amount_view(&self, facts: &AssetFacts, amount: U256, usd: Option<Usd>, usd_at_par: bool) -> AmountView {
        AmountView {
            asset: self.view_of(facts),
            units: amount.to_string(),
            amount: facts.decimals.map(|decimals| show_units(amount, decimals)),
            usd,
            usd_at_par,
        }
    }
}

/// What an amount was worth on a day, and whether that is its face value.
pub(crate) fn worth(prices: &Prices, facts: &AssetFacts, amount: U256, day: Day) -> Option<(Usd, bool)> {
    let decimals = facts.decimals?;
    let small: u128 = amount.try_into().ok()?;
    if let Some(asset) = facts.priced_as
        && let Some(cents) = prices.cents(asset, small, u32::from(decimals), day)
    {
        return Some((Usd(cents), false));
    }
    if !facts.is_dollar {
        return None;
    }
    // two decimals, rounded half up
    let unit = 10_u128.checked_pow(u32::from(decimals))?;
    let cents = (small / unit).checked_mul(100)?.checked_add((small % unit * 100 + unit / 2) / unit)?;
    Some((Usd(u64::try_from(cents).ok()?), true))
}

/// One asset's sum.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    pub(crate) amount: U256,
    /// Whether the sum did not fit in 256 bits: only a hostile token's does not.
    pub(crate) overflowed: bool,
    pub(crate) count: u64,
    cents: u64,
    is_priced: bool,
    is_par: bool,
    pub(crate) unpriced: bool,
}

/// Sums of amounts, asset by asset.
#[derive(Clone, Debug)]
pub(crate) struct Sums<'a> {
    chain: &'a AccountChain,
    prices: &'a Prices,
    sums: BTreeMap<u32, Sum>,
}

impl<'a> Sums<'a> {
    pub(super) fn new(chain: &'a AccountChain, prices: &'a Prices) -> Self {
        Self { chain, prices, sums: BTreeMap::new() }
    }

    /// Adds an amount that moved on a day.
    pub(crate) fn add(&mut self, asset: u32, amount: U256, day: Day) {
        let sum = self.sums.entry(asset).or_default();
        let (total, overflowed) = sum.amount.overflowing_add(amount);
        sum.amount = if overflowed { U256::MAX } else { total };
        sum.overflowed |= overflowed;
        sum.count += 1;
        let facts = self.chain.asset_facts(asset);
        match worth(self.prices, &facts, amount, day) {
            Some((usd, par)) => {
                sum.cents = sum.cents.saturating_add(usd.0);
                sum.is_priced = true;
                sum.is_par |= par;
            }
            None => sum.unpriced |= amount != U256::ZERO,
        }
    }

    /// Adds an amount of which nothing says what it was worth.
    pub(crate) fn add_unpriced(&mut self, asset: u32, amount: U256) {
        let sum = self.sums.entry(asset).or_default();
        let (total, overflowed) = sum.amount.overflowing_add(amount);
        sum.amount = if overflowed { U256::MAX } else { total };
        sum.overflowed |= overflowed;
        sum.count += 1;
        sum.unpriced |= amount != U256::ZERO;
    }

    /// The sum of one asset.
    pub(crate) fn of(&self, asset: u32) -> Sum {
        self.sums.get(&asset).copied().unwrap_or_default()
    }

    /// Every asset that something was added of, by number.
    pub(crate) fn assets(&self) -> impl Iterator<Item = u32> + '_ {
        self.sums.keys().copied()
    }

    /// What everything with a price is worth; none where nothing has one. And whether something has none.
    pub(crate) fn usd(&self) -> (Option<Usd>, bool) {
        let priced = self.sums.values().any(|sum| sum.is_priced);
        let cents = self.sums.values().fold(0_u64, |all, sum| all.saturating_add(sum.cents));
        let unpriced = self.sums.values().any(|sum| sum.unpriced);
        ((priced || !unpriced).then_some(Usd(cents)), unpriced)
    }

    /// One asset's sum as a view.
    pub(crate) fn view(&self, asset: u32) -> AmountView {
        let sum = self.of(asset);
        let facts = self.chain.asset_facts(asset);
        self.chain.amount_view(&facts, sum.amount, sum.is_priced.then_some(Usd(sum.cents)), sum.is_par)
    }

    /// The assets: verified ones first, those worth most before the others.
    pub(crate) fn order(&self) -> Vec<u32> {
        let mut order: Vec<(bool, std::cmp::Reverse<u64>, u32)> = self
            .sums
            .iter()
            .map(|(asset, sum)| {
                let verified = self.chain.asset_facts(*asset).symbol.is_some();
                (!verified, std::cmp::Reverse(sum.cents), *asset)
            })
            .collect();
        order.sort_unstable();
        order.into_iter().map(|(.., asset)| asset).collect()
    }

    /// All of them: verified assets first, those worth most before the others, at most `max`.
    pub(crate) fn views(&self, max: usize) -> Vec<AmountView> {
        self.order().into_iter().take(max).map(|asset| self.view(asset)).collect()
    }
}
