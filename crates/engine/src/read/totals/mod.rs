//! `totals`: what a category received, sent and cashed out, as an annual report tells it, and what that rests on.
//!
//! Each chain is counted by itself ([`Engine::totals_part`]), over two sets: the labelled addresses alone, and these with their
//! entities. [`totals`] puts the chains together. Every figure comes with what is left of it where one label, or one source,
//! is retracted: a sum that rests on one label is one label's sum. Amounts are in smallest units and in dollars of the day.
//!
//! What is counted is what is on the chain up to its last block and what labels say at the days asked. That an address is of a
//! group says nothing of why somebody paid it, and a payment to an exchange is the last that a chain shows: cashed out means
//! that it arrived there.

mod accounts;
mod assemble;
mod moves;
mod outputs;
mod sums;
mod units;
mod view;

pub use assemble::TotalsPart;
pub use view::{
    AmountChangeView, AmountRangeView, ChangeView, ContributionView, FigureView, MixView, ProviderView, RangeView,
    ServicePaidView, SumView, TotalAmountView, TotalsBy, TotalsChainView, TotalsRowView, TotalsScopeView, TotalsView,
};

use crate::Engine;
use crate::account_chain::worth;
use crate::error::EngineError;
use crate::read::AssetView;
use athar_types::account::U256;
use athar_types::{Bilingual, Category, Day, isolated};
use moves::Moves;
use outputs::Services;
use serde::Serialize;
use std::collections::BTreeMap;
use sums::{Context, Grouping, ScopeSums, sum_up};
use units::Units;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TotalsOptions {
    /// Addresses with a label of one of these.
    pub categories: Vec<Category>,
    /// What the rows are.
    pub by: TotalsBy,
}

impl Engine {
    /// The sums of the chain that this engine answers for, as the labels are that it was opened with.
    ///
    /// # Errors
    /// The store has no blocks of the chain.
    pub fn totals_part(&self, options: &TotalsOptions) -> Result<TotalsPart, EngineError> {
        let grouping = match options.by {
            TotalsBy::Month => Grouping::Month,
            TotalsBy::Organisation => Grouping::Organisation,
            TotalsBy::Asset => Grouping::Asset,
        };
        let mut services = Services::default();
        let mut odd = 0;
        let (units, moves) = match &self.account_chain {
            Some(chain) => {
                self.account_chain()?;
                let units = self.totals_account_units(chain, &options.categories);
                let mut count = |set: &[units::Unit]| {
                    let (moves, left_out) = self.totals_account_moves(chain, set, &options.categories, &mut services);
                    odd = odd.max(left_out);
                    moves
                };
                let labelled = count(&units.labelled);
                let extended = units.extended.as_deref().map(count);
                (units, (labelled, extended))
            }
            None => {
                let units = self.totals_units(&options.categories)?;
                let labelled = self.totals_moves(&units.labelled, &options.categories, &mut services)?;
                let extended = units.extended.as_deref();
                let extended = extended.map(|set| self.totals_moves(set, &options.categories, &mut services));
                (units, (labelled, extended.transpose()?))
            }
        };
        let (labelled, extended) = self.scopes(&units, &services, &moves, grouping);
        let basis = self.basis();
        Ok(TotalsPart {
            chain: TotalsChainView {
                chain: basis.chain.clone(),
                tip_height: basis.tip_height,
                tip_hash: basis.tip_hash.clone(),
                tip_day: self.tip_day(),
                addresses: units.labelled.len() as u64,
                has_entities: units.extended.is_some(),
                not_extended: units.not_extended,
                unverified_transfers: odd,
                snapshot: self.snapshot("totals", options),
            },
            chain_name: self.chain.name(),
            assets: self.totals_assets([&labelled, &extended]),
            labelled,
            extended,
            services,
            providers: units.providers,
        })
    }

    /// The sums of both sets.
    fn scopes(
        &self,
        units: &Units,
        services: &Services,
        (labelled, extended): &(Moves, Option<Moves>),
        grouping: Grouping,
    ) -> (ScopeSums, ScopeSums) {
        let worth = |asset: u32, amount: u128, day: Day| match &self.account_chain {
            Some(chain) => {
                worth(&self.prices, &chain.asset_facts(asset), U256::from(amount), day).map(|(usd, _)| usd.0)
            }
            None => u64::try_from(amount).ok().and_then(|sat| self.usd_on(sat, day)).map(|usd| usd.0),
        };
        let asset = |asset: u32| {
            let view = self.totals_asset(asset);
            // one token has a row for each chain that it is on
            format!("{} ({})", view.symbol.unwrap_or(view.id), self.chain.name())
        };
        let context = Context { units, services: &services.rows, grouping, worth: &worth, asset: &asset };
        let alone = sum_up(&context, &units.labelled, labelled);
        let extended = match (&units.extended, extended) {
            (Some(set), Some(moves)) => sum_up(&context, set, moves),
            _ => sum_up(&context, &units.labelled, labelled),
        };
        (alone, extended)
    }

    fn totals_asset(&self, asset: u32) -> AssetView {
        match &self.account_chain {
            Some(chain) => chain.asset_view(asset),
            None => AssetView {
                id: "native".into(),
                symbol: Some(self.asset().symbol().into()),
                verified: true,
                decimals: self.asset().coin_decimals().and_then(|d| u8::try_from(d).ok()),
            },
        }
    }

    fn totals_assets(&self, sums: [&ScopeSums; 2]) -> BTreeMap<u32, AssetView> {
        let keys = sums.into_iter().flat_map(|sums| sums.cells.keys().map(|(.., asset)| *asset));
        let changed = sums.into_iter().flat_map(|sums| sums.ranges.units.keys().map(|(.., asset)| *asset));
        let all: std::collections::BTreeSet<u32> = keys.chain(changed).collect();
        all.into_iter().map(|asset| (asset, self.totals_asset(asset))).collect()
    }
}

/// One answer of the sums of several chains.
pub fn totals(options: &TotalsOptions, parts: &[TotalsPart]) -> TotalsView {
    let (labelled, extended, providers) = assemble::assemble(parts, options.by);
    let mut notes = Vec::new();
    if parts.iter().all(|part| part.chain.addresses == 0) {
        notes.push(Bilingual::new(
            "no address on these chains has a label of the category: nothing is known, which is not nothing",
            "لا يحمل أي عنوان على هذه السلاسل وسمًا من الفئة: لا يُعرف شيء، ولا يعني ذلك أنه لا يوجد شيء",
        ));
    }
    for part in parts.iter().filter(|part| !part.chain.has_entities) {
        let chain = &part.chain_name;
        notes.push(Bilingual::new(
            format!("{chain} has no entities: its extended figures are those of the addresses"),
            format!("لا كيانات على سلسلة {}: فأرقام السلسلة الموسّعة هي أرقام عناوينها", isolated(chain)),
        ));
    }
    if parts.iter().any(|part| part.chain.unverified_transfers > 0) {
        notes
            .push(Bilingual::new("transfers of unverified tokens are not counted", "لا تُحسب تحويلات الرموز غير الموثّقة"));
    }
    let mut hasher = blake3::Hasher::new_derive_key("athar totals version 1");
    for part in parts {
        hasher.update(part.chain.snapshot.as_bytes());
    }
    TotalsView {
        categories: options.categories.clone(),
        by: options.by,
        chains: parts.iter().map(|part| part.chain.clone()).collect(),
        labelled,
        extended,
        providers,
        notes,
        snapshot: hasher.finalize().to_hex().to_string(),
    }
}

impl TotalsView {
    /// The columns of [`Self::records`].
    pub const COLUMNS: [&'static str; 15] = [
        "set",
        "row",
        "figure",
        "count",
        "usd",
        "usd_without_a_label_min",
        "usd_without_a_label_max",
        "usd_without_a_source_min",
        "usd_without_a_source_max",
        "chain",
        "asset",
        "units",
        "amount",
        "asset_usd",
        "unpriced_units",
    ];

    /// The figures as a table: a record for each set, row, figure and asset; the total has the row `total`. Cells are plain text
    /// of strangers too: whoever writes a file guards them.
    pub fn records(&self) -> Vec<[String; 15]> {
        let mut records = Vec::new();
        for (set, scope) in [("labelled", &self.labelled), ("extended", &self.extended)] {
            for row in std::iter::once(&scope.total).chain(&scope.rows) {
                let key = if row.key.is_empty() { "total" } else { &row.key };
                let figures = [("received", &row.received), ("sent", &row.sent), ("cashed_out", &row.cashed_out)];
                for (name, figure) in figures {
                    records.extend(record(set, key, name, &figure.sum, Some(figure)));
                }
                let sums = [
                    ("to_other_services", &row.to_other_services),
                    ("to_inferred_services", &row.to_inferred_services),
                    ("internal", &row.internal),
                    ("fees", &row.fees),
                    ("shared", &row.shared),
                ];
                for (name, sum) in sums {
                    records.extend(record(set, key, name, sum, None));
                }
            }
        }
        records
    }
}

fn record(set: &str, row: &str, name: &str, sum: &SumView, figure: Option<&FigureView>) -> Vec<[String; 15]> {
    let usd = |usd: Option<crate::Usd>| usd.map(|usd| usd.to_string()).unwrap_or_default();
    let range = |of: fn(&FigureView) -> Option<crate::Usd>| usd(figure.and_then(of));
    let head = [
        set.to_owned(),
        row.to_owned(),
        name.to_owned(),
        sum.count.to_string(),
        usd(sum.usd),
        range(|f| f.without_a_label.usd_min),
        range(|f| f.without_a_label.usd_max),
        range(|f| f.without_a_source.usd_min),
        range(|f| f.without_a_source.usd_max),
    ];
    let whole = |tail: [String; 6]| {
        let mut cells = head.iter().cloned().chain(tail);
        std::array::from_fn(|_| cells.next().unwrap_or_default())
    };
    if sum.amounts.is_empty() {
        return vec![whole(Default::default())];
    }
    let of = |amount: &TotalAmountView| {
        whole([
            amount.chain.clone(),
            amount.asset.symbol.clone().unwrap_or_else(|| amount.asset.id.clone()),
            amount.units.clone(),
            amount.amount.clone().unwrap_or_default(),
            usd(amount.usd),
            amount.unpriced_units.clone(),
        ])
    };
    sum.amounts.iter().map(of).collect()
}
