//! The shape of the totals: what a category received, sent and cashed out, and how far each figure can be relied on.

use crate::json::Usd;
use crate::read::AssetView;
use athar_types::{Basis, Bilingual, Category};
use schemars::JsonSchema;
use serde::Serialize;

/// How rows are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TotalsBy {
    /// A row a calendar month, in UTC.
    #[default]
    Month,
    /// A row an organisation: the actor of the label that speaks for an address, or its name.
    Organisation,
    /// A row an asset.
    Asset,
}

impl TotalsBy {
    /// The name on the command line and in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Organisation => "organisation",
            Self::Asset => "asset",
        }
    }

    /// The grouping of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Month, Self::Organisation, Self::Asset].into_iter().find(|by| by.name() == name)
    }
}

/// The figures of a category.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TotalsView {
    /// The categories that were asked for.
    #[schemars(with = "Vec<String>")]
    pub categories: Vec<Category>,
    /// What the rows are.
    pub by: TotalsBy,
    /// The chains that were counted.
    pub chains: Vec<TotalsChainView>,
    /// Labelled addresses alone. What they send to their own change is sent, where the change address carries no label.
    pub labelled: TotalsScopeView,
    /// The same with the entities that they belong to; of the chains that have entities.
    pub extended: TotalsScopeView,
    /// Services that carry the category: nothing of what they hold for their customers is anybody's figure. What the set's own
    /// addresses moved to and from them is told.
    pub providers: Vec<ProviderView>,
    /// Things a reader should know.
    pub notes: Vec<Bilingual>,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// A chain that was counted.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TotalsChainView {
    /// Chain and network.
    pub chain: String,
    /// Height or number of its last block.
    pub tip_height: Option<u32>,
    /// Its hash.
    pub tip_hash: Option<String>,
    /// Day of its last block: what came later is not counted.
    pub tip_day: Option<String>,
    /// Labelled addresses of the category that the chain has.
    pub addresses: u64,
    /// Whether it has entities; else the extended figures are those of the addresses alone.
    pub has_entities: bool,
    /// Labelled addresses that were not extended to their entity, by reason: `custody`, `service`, `inferred_service`, `size`.
    #[schemars(with = "std::collections::BTreeMap<String, u64>")]
    pub not_extended: std::collections::BTreeMap<&'static str, u64>,
    /// Transfers of unverified tokens, which are not counted: anybody can make such a token and send it to anybody.
    pub unverified_transfers: u64,
    /// Snapshot of this part.
    pub snapshot: String,
}

/// The figures of one set.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TotalsScopeView {
    /// Addresses in the set.
    pub addresses: u64,
    /// Addresses or entities that one retraction can take away as a whole.
    pub units: u64,
    /// Labels that make the set.
    pub labels: u64,
    /// Sources that they come from.
    pub sources: u64,
    /// Units of which a label is disputed.
    pub disputed_units: u64,
    /// Units whose labels name several organisations; each is counted for the one whose label stands on the strongest ground.
    pub contested_units: u64,
    /// Transactions or transfers that touch the set.
    pub transactions: u64,
    /// Everything together.
    pub total: TotalsRowView,
    /// The rows.
    pub rows: Vec<TotalsRowView>,
    /// Rows left out for their number, those with the least dollars; the total counts them.
    pub rows_left_out: u64,
    /// By the strongest ground that a unit's labels stand on.
    pub by_basis: Vec<MixView>,
    /// By the highest confidence that a source of the unit gives: `high` from 70, `medium` from 40, `low`, `not_said`.
    pub by_confidence: Vec<MixView>,
    /// Units of which an authority or court has decided.
    pub decided: MixView,
    /// Units that are only alleged to be of the category.
    pub alleged: MixView,
    /// What services were paid, by kind.
    pub services: Vec<ServicePaidView>,
    /// The labels whose retraction alone changes most, at most 20.
    pub weightiest_labels: Vec<ContributionView>,
    /// Labels whose retraction alone changes nothing, since another says the same of the address.
    pub labels_without_effect: u64,
    /// The sources without which most changes, at most 20.
    pub weightiest_sources: Vec<ContributionView>,
    /// Whether a bound was hit: 20,000,000 transactions, or 16,000,000 sides of them.
    pub truncated: bool,
}

/// A row of figures.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct TotalsRowView {
    /// The month as 2019-06, the organisation, or the asset; empty for the total.
    pub key: String,
    /// From outside the set.
    pub received: FigureView,
    /// To outside the set, services among them.
    pub sent: FigureView,
    /// Of what was sent: directly to labelled services where coins become money or goods.
    pub cashed_out: FigureView,
    /// Of what was sent: directly to other labelled services.
    pub to_other_services: SumView,
    /// Of what was sent: to services that a rule recognised and no label names.
    pub to_inferred_services: SumView,
    /// Among the set's own addresses: in no other figure.
    pub internal: SumView,
    /// Fees that the set paid, where it alone paid for the transaction.
    pub fees: SumView,
    /// Of what was received or sent: the net of transactions that others paid into too.
    pub shared: SumView,
}

/// A sum, asset by asset, and in dollars.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SumView {
    /// Movements.
    pub count: u64,
    /// The amounts.
    pub amounts: Vec<TotalAmountView>,
    /// What they were worth, each movement at the price of its day; none where nothing has a price.
    pub usd: Option<Usd>,
    /// Whether something has no price and is not in `usd`: see `unpriced_units` of the amounts.
    pub is_partly_unpriced: bool,
}

/// An amount of one asset on one chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TotalAmountView {
    /// The chain.
    pub chain: String,
    /// The asset.
    pub asset: AssetView,
    /// In its smallest unit, exact.
    pub units: String,
    /// In whole coins.
    pub amount: Option<String>,
    /// What it was worth; none where no part has a price.
    pub usd: Option<Usd>,
    /// The part that `usd` leaves out, in the smallest unit.
    pub unpriced_units: String,
}

/// A sum with what retractions would leave of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FigureView {
    /// The sum.
    #[serde(flatten)]
    pub sum: SumView,
    /// The least and the most that is left where any one label is retracted.
    pub without_a_label: RangeView,
    /// The same where everything that any one source says is.
    pub without_a_source: RangeView,
}

/// The least and the most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RangeView {
    /// In dollars; none where nothing has a price.
    pub usd_min: Option<Usd>,
    /// In dollars.
    pub usd_max: Option<Usd>,
    /// In smallest units, asset by asset, in the order of the amounts.
    pub amounts: Vec<AmountRangeView>,
}

/// The least and the most of an asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AmountRangeView {
    /// The chain.
    pub chain: String,
    /// The asset: its symbol, or what names it.
    pub asset: String,
    /// The least, in its smallest unit.
    pub units_min: String,
    /// The most.
    pub units_max: String,
}

/// Figures of the units of one ground or confidence.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct MixView {
    /// The ground or the confidence.
    pub of: String,
    /// Whether it is an allegation that nobody has decided on; none of a confidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_allegation: Option<bool>,
    /// Units.
    pub units: u64,
    /// What they received.
    pub received: SumView,
    /// What they sent.
    pub sent: SumView,
    /// What of it went to services where coins become money or goods.
    pub cashed_out: SumView,
}

/// What services of one kind were paid.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ServicePaidView {
    /// Category of their labels; none of services that a rule recognised.
    #[schemars(with = "Option<String>")]
    pub category: Option<Category>,
    /// Whether it counts as cashed out.
    pub is_cash_out: bool,
    /// Services.
    pub services: u64,
    /// What they were paid.
    pub paid: SumView,
}

/// A service that carries the category itself.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProviderView {
    /// Name.
    pub name: String,
    /// Its chain.
    pub chain: String,
    /// What the set with its entities paid to it.
    pub linked_sent: SumView,
    /// What the set with its entities received in transactions that it gave in.
    pub linked_received: SumView,
}

/// A retraction, and what it would change of the totals.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ContributionView {
    /// Identity of the label; none of a source.
    pub label: Option<String>,
    /// Its address.
    pub subject: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// What it stands on.
    #[schemars(with = "Option<String>")]
    pub basis: Option<Basis>,
    /// The source.
    pub source: String,
    /// Labels that are retracted.
    pub labels: u64,
    /// Addresses that leave the set.
    pub addresses: u64,
    /// What changes of what was received.
    pub received: ChangeView,
    /// Of what was sent.
    pub sent: ChangeView,
    /// Of what was cashed out.
    pub cashed_out: ChangeView,
}

/// A change of a sum.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChangeView {
    /// In dollars with a sign, as a text; what has no price is not in it.
    pub usd: String,
    /// In smallest units with a sign, asset by asset.
    pub amounts: Vec<AmountChangeView>,
}

/// A change of an asset's sum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AmountChangeView {
    /// The chain.
    pub chain: String,
    /// The asset: its symbol, or what names it.
    pub asset: String,
    /// Smallest units with a sign.
    pub units: String,
}
