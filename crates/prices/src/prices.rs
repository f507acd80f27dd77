//! The table that figures come from.

use crate::builtin::builtin;
use crate::error::PricesError;
use crate::journal::Journal;
use crate::price::Price;
use crate::series::{Entry, Series};
use athar_types::{Asset, Day};
use std::collections::BTreeMap;
use std::path::Path;

/// Every price in use, by asset and day: imported ones first, built-in ones where nothing was imported.
#[derive(Clone, Debug, Default)]
pub struct Prices {
    series: BTreeMap<Asset, Series>,
    /// Names of sources, in the order of their first use.
    sources: Vec<String>,
    journal: Journal,
    version: Option<blake3::Hash>,
}

/// The price of a day, and who says so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quote<'a> {
    /// US dollars for one unit.
    pub price: Price,
    /// Every source that gives this price, sorted by name.
    pub sources: Vec<&'a str>,
    /// Whether it is the built-in one.
    pub is_builtin: bool,
}

/// What is there of one asset.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Coverage {
    /// The asset.
    pub asset: Asset,
    /// Days with a price.
    pub days: u64,
    /// First of them.
    pub from: Day,
    /// Last of them.
    pub to: Day,
    /// Ranges between the two without a price, both ends included.
    pub gaps: Vec<(Day, Day)>,
    /// Where the prices are from, sorted by name.
    pub sources: Vec<SourceDays>,
}

/// How much of an asset's prices is from one source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceDays {
    /// The source.
    pub source: String,
    /// Whether it is the built-in one.
    pub is_builtin: bool,
    /// Days that it gives the price of. Two sources may give the price of one day.
    pub days: u64,
}

impl Prices {
    /// The prices of the store in `folder`, laid over the built-in history where `with_builtin`.
    pub fn open(folder: &Path, with_builtin: bool) -> Result<Self, PricesError> {
        Ok(Self::of(Journal::open(folder)?, with_builtin))
    }

    /// The prices of a journal, laid over the built-in history where `with_builtin`.
    pub fn of(journal: Journal, with_builtin: bool) -> Self {
        let mut prices = Self::default();
        for table in builtin().iter().filter(|_| with_builtin) {
            let source = prices.source(&table.source);
            let series = prices.series.entry(table.asset).or_default();
            for (at, price) in table.prices.iter().enumerate() {
                if let Some(price) = *price {
                    series.set(Day(table.from.0 + at as i32), Entry { price, sources: vec![source], is_builtin: true });
                }
            }
        }
        for ((asset, day), settled) in journal.settled() {
            let sources = settled.sources.iter().map(|s| prices.source(s)).collect();
            let entry = Entry { price: settled.price, sources, is_builtin: false };
            prices.series.entry(asset).or_default().set(day, entry);
        }
        prices.journal = journal;
        prices.version = prices.hash();
        prices
    }

    /// The price of an asset on a day; `None` is "no price".
    pub fn price(&self, asset: Asset, day: Day) -> Option<Price> {
        Some(self.series.get(&asset)?.get(day)?.price)
    }

    /// The price with its sources.
    pub fn quote(&self, asset: Asset, day: Day) -> Option<Quote<'_>> {
        self.series.get(&asset)?.get(day).map(|entry| self.quoted(entry))
    }

    /// Every price of an asset in use, by day.
    pub fn quotes(&self, asset: Asset) -> impl Iterator<Item = (Day, Quote<'_>)> {
        self.series.get(&asset).into_iter().flat_map(Series::iter).map(|(day, entry)| (day, self.quoted(entry)))
    }

    /// Value in US cents of `amount` smallest units of an asset with so many `decimals`, rounded half up; `None` where
    /// the day has no price.
    pub fn cents(&self, asset: Asset, amount: u128, decimals: u32, day: Day) -> Option<u64> {
        self.price(asset, day)?.cents(amount, decimals)
    }

    /// What there is of every asset that has a price.
    pub fn coverage(&self) -> Vec<Coverage> {
        let of = |(asset, series): (&Asset, &Series)| {
            let (from, to) = series.span()?;
            let mut days: BTreeMap<(&str, bool), u64> = BTreeMap::new();
            for (_, entry) in series.iter() {
                for source in &entry.sources {
                    *days.entry((&self.sources[*source as usize], entry.is_builtin)).or_default() += 1;
                }
            }
            let sources = days.into_iter().map(|((source, is_builtin), days)| {
                let source = source.to_string();
                SourceDays { source, is_builtin, days }
            });
            let (days, gaps) = (series.count() as u64, series.gaps().collect());
            Some(Coverage { asset: *asset, days, from, to, gaps, sources: sources.collect() })
        };
        self.series.iter().filter_map(of).collect()
    }

    /// What was imported.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// BLAKE3 over the table in use (asset, day, price and sources of every row), in hexadecimal; `none` for an empty
    /// one. Part of every snapshot. The same table gives the same hash, whatever files it came in, in whatever order.
    pub fn version(&self) -> String {
        self.version.map_or_else(|| "none".into(), |h| h.to_hex().to_string())
    }

    fn quoted(&self, entry: &Entry) -> Quote<'_> {
        let sources = entry.sources.iter().map(|s| self.sources[*s as usize].as_str()).collect();
        Quote { price: entry.price, sources, is_builtin: entry.is_builtin }
    }

    fn source(&mut self, name: &str) -> u32 {
        let at = self.sources.iter().position(|s| s == name).unwrap_or_else(|| {
            self.sources.push(name.into());
            self.sources.len() - 1
        });
        at as u32
    }

    fn hash(&self) -> Option<blake3::Hash> {
        let mut hasher = blake3::Hasher::new_derive_key("athar price table version 1");
        let mut rows = 0u64;
        for (asset, series) in &self.series {
            for (day, entry) in series.iter() {
                rows += 1;
                let mut text = |t: &str| {
                    hasher.update(&(t.len() as u64).to_le_bytes());
                    hasher.update(t.as_bytes());
                };
                let sources = self.quoted(entry).sources;
                text(asset.symbol());
                text(&format!("{} {} {}", day.0, entry.price.units(), sources.len()));
                for source in sources {
                    text(source);
                }
            }
        }
        (rows > 0).then(|| hasher.finalize())
    }
}
