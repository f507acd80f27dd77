//! Prices as they are listed: those in use, everything known of one day, and how far they reach.

use crate::Engine;
use crate::engine::BuiltinUse;
use crate::json::UsdPrice;
use crate::worth::PriceView;
use athar_prices::{Coverage, Import, builtin};
use athar_types::{Asset, Day};
use schemars::JsonSchema;
use serde::Serialize;

/// Ranges of missing days listed of each asset.
const GAPS_MAX: usize = 100;

/// A page of the prices of one asset that are in use.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PricesView {
    /// Symbol of the asset.
    #[schemars(with = "String")]
    pub asset: &'static str,
    /// The prices, by day. A day that is not listed has no price.
    pub prices: Vec<PriceView>,
    /// Prices in all, of the days asked for.
    pub total: u64,
    /// Where the page begins.
    pub offset: u64,
    /// Whether there are more after the page.
    pub truncated: bool,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// Everything known of the price of one asset on one day.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PriceDayView {
    /// Symbol of the asset.
    #[schemars(with = "String")]
    pub asset: &'static str,
    /// The day, in UTC.
    #[schemars(with = "String")]
    pub day: Day,
    /// The price in use; none: no price.
    pub price: Option<PriceView>,
    /// What the built-in history says of the day, whether it is in use or not.
    pub builtin_usd: Option<UsdPrice>,
    /// What imports brought for the day, in their order: the last one holds.
    pub history: Vec<RecordedView>,
    /// Whether the built-in history is in use.
    pub builtin: BuiltinUse,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// A price as an import brought it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RecordedView {
    /// US dollars for one unit.
    pub usd: UsdPrice,
    /// Where the price is from.
    pub source: String,
    /// Number of the import.
    pub import: u32,
    /// Name of the file.
    pub file: String,
    /// BLAKE3 of the file, in hexadecimal.
    pub blake3: String,
    /// Day of the import; none for the table of an older store.
    #[schemars(with = "Option<String>")]
    pub imported: Option<Day>,
}

/// How far the prices of a store reach.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PricesStatusView {
    /// Every asset that has a price.
    pub assets: Vec<AssetPricesView>,
    /// Whether the built-in history is in use.
    pub builtin: BuiltinUse,
    /// The imports that brought something, in their order.
    pub imports: Vec<PriceImportView>,
    /// Hash of the table in use.
    pub version: String,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// The prices of one asset.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AssetPricesView {
    /// Symbol of the asset.
    #[schemars(with = "String")]
    pub asset: &'static str,
    /// Days with a price.
    pub days: u64,
    /// First of them.
    #[schemars(with = "String")]
    pub from: Day,
    /// Last of them.
    #[schemars(with = "String")]
    pub to: Day,
    /// Days between the two without a price.
    pub missing: u64,
    /// Ranges of those days, at most 100.
    pub gaps: Vec<GapView>,
    /// Whether ranges were left out.
    pub gaps_truncated: bool,
    /// Where the prices are from.
    pub sources: Vec<PriceSourceView>,
}

/// Days without a price, both ends included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GapView {
    /// First day.
    #[schemars(with = "String")]
    pub from: Day,
    /// Last day.
    #[schemars(with = "String")]
    pub to: Day,
}

/// How many prices are from one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PriceSourceView {
    /// The source.
    pub source: String,
    /// Whether it is the history that comes with the program.
    pub builtin: bool,
    /// Days whose price it gives. Two sources may give the price of one day.
    pub days: u64,
}

/// An import of prices.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PriceImportView {
    /// Its number, from 1.
    pub import: u32,
    /// Name of the file.
    pub file: String,
    /// BLAKE3 of the file, in hexadecimal.
    pub blake3: String,
    /// Columns that the file was told by; none for the table of an older store.
    pub layout: Option<String>,
    /// Day of the import; none for the table of an older store.
    #[schemars(with = "Option<String>")]
    pub imported: Option<Day>,
    /// Prices that it brought.
    pub rows: u64,
}

impl From<&Import> for PriceImportView {
    fn from(import: &Import) -> Self {
        Self {
            import: import.number,
            file: import.file.clone(),
            blake3: import.blake3.clone(),
            layout: import.layout.clone(),
            imported: import.imported,
            rows: import.rows,
        }
    }
}

impl AssetPricesView {
    fn of(coverage: Coverage) -> Self {
        let gaps = coverage.gaps.iter().take(GAPS_MAX).map(|(from, to)| GapView { from: *from, to: *to });
        let source =
            |s: athar_prices::SourceDays| PriceSourceView { source: s.source, builtin: s.is_builtin, days: s.days };
        Self {
            asset: coverage.asset.symbol(),
            days: coverage.days,
            from: coverage.from,
            to: coverage.to,
            missing: (coverage.to.0 - coverage.from.0 + 1) as u64 - coverage.days,
            gaps: gaps.collect(),
            gaps_truncated: coverage.gaps.len() > GAPS_MAX,
            sources: coverage.sources.into_iter().map(source).collect(),
        }
    }
}

impl Engine {
    /// The prices of an asset (by default the coin of the store's chain) that are in use, from a day to a day, both
    /// included.
    pub fn prices(
        &self,
        asset: Option<Asset>,
        from: Option<Day>,
        to: Option<Day>,
        offset: u64,
        limit: usize,
    ) -> PricesView {
        let asset = asset.unwrap_or_else(|| self.asset());
        let within = |day: Day| from.is_none_or(|from| day >= from) && to.is_none_or(|to| day <= to);
        let matching: Vec<_> = self.prices.quotes(asset).filter(|(day, _)| within(*day)).collect();
        let page = matching.iter().skip(usize::try_from(offset).unwrap_or(usize::MAX)).take(limit);
        let prices: Vec<PriceView> = page.map(|(day, quote)| PriceView::of(asset, *day, quote)).collect();
        PricesView {
            asset: asset.symbol(),
            total: matching.len() as u64,
            truncated: offset.saturating_add(prices.len() as u64) < matching.len() as u64,
            prices,
            offset,
            snapshot: self.snapshot("prices list", &(asset.symbol(), from, to, offset, limit)),
        }
    }

    /// Everything known of the price of an asset (by default the coin of the store's chain) on a day.
    pub fn price_day(&self, day: Day, asset: Option<Asset>) -> PriceDayView {
        let asset = asset.unwrap_or_else(|| self.asset());
        let journal = self.prices.journal();
        let import = |number| journal.imports().iter().find(|i| i.number == number);
        let history = journal.history(asset, day).map(|row| {
            let import = import(row.import);
            RecordedView {
                usd: UsdPrice(row.price),
                source: row.source.clone(),
                import: row.import,
                file: import.map(|i| i.file.clone()).unwrap_or_default(),
                blake3: import.map(|i| i.blake3.clone()).unwrap_or_default(),
                imported: import.and_then(|i| i.imported),
            }
        });
        PriceDayView {
            asset: asset.symbol(),
            day,
            price: self.prices.quote(asset, day).map(|quote| PriceView::of(asset, day, &quote)),
            builtin_usd: builtin().iter().find(|b| b.asset == asset).and_then(|b| b.price(day)).map(UsdPrice),
            history: history.collect(),
            builtin: self.builtin,
            // the history is no part of the table in use, and so none of the snapshot's own parts
            snapshot: self.snapshot("prices show", &(asset.symbol(), day, self.builtin, journal.hash())),
        }
    }

    /// How far the prices reach, and which imports they are from.
    pub fn prices_status(&self) -> PricesStatusView {
        let journal = self.prices.journal();
        PricesStatusView {
            assets: self.prices.coverage().into_iter().map(AssetPricesView::of).collect(),
            builtin: self.builtin,
            imports: journal.imports().iter().map(PriceImportView::from).collect(),
            version: self.prices.version(),
            snapshot: self.snapshot("prices status", &(self.builtin, journal.hash())),
        }
    }
}
