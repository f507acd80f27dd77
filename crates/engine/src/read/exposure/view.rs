//! The shape of an exposure: by category, by relation, by policy.

use crate::json::{Millionths, Usd};
use crate::read::{BoundedView, ClusteringView, Direction, PathStep};
use athar_types::{Basis, Category, Level, Relation};
use schemars::JsonSchema;
use serde::Serialize;

/// What a target has to do with every category, in both directions, under every policy asked for. Three things stay
/// apart: what the target is (`ownership`), whom it dealt with (relation `counterparty`), and what lies behind those
/// (`indirect`). A category that is not listed was not met within the bounds; that is not a statement that there is none.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ExposureView {
    /// What was asked, as given.
    pub target: String,
    /// `address`, `transaction` or `output`.
    #[schemars(with = "String")]
    pub kind: &'static str,
    /// Name of the target's entity: the first-seen address in it. Its whole money is followed, unless the target is a
    /// customer's account at a service: then that of the address alone.
    pub entity: Option<String>,
    /// Number of addresses whose money is followed.
    pub addresses: u64,
    /// The service that holds the target for a customer, by label or else by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_at: Option<String>,
    /// Hops followed.
    pub hops_max: u32,
    /// Height of the last block that counts.
    pub as_of_height: u32,
    /// Time of that block.
    pub as_of_time: String,
    /// What the target is called itself.
    pub ownership: Vec<OwnView>,
    /// Where its money came from.
    pub received: ExposureSideView,
    /// Where its money went.
    pub sent: ExposureSideView,
    /// The clustering that the answer is of.
    pub clustering: ClusteringView,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// A label on the target, its entity, or the service that holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OwnView {
    /// `ownership`, or `account_at` where the label is the service's that holds the target for a customer.
    #[schemars(with = "String")]
    pub relation: Relation,
    /// The category.
    #[schemars(with = "String")]
    pub category: Category,
    /// The level that relation, category and basis give.
    #[schemars(with = "String")]
    pub level: Level,
    /// What the label stands on.
    #[schemars(with = "String")]
    pub basis: Basis,
    /// The label.
    pub label: String,
    /// Where the statement was made.
    pub source: Option<String>,
}

/// One direction of an exposure.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ExposureSideView {
    /// `received` or `sent`.
    pub direction: Direction,
    /// Everything that the target received from others, or sent to others (fees included), in satoshi; by the first policy
    /// that sums. What of it met no category is known to nobody here.
    pub total_sat: u64,
    /// Categories met, the weightiest first.
    pub categories: Vec<CategoryExposureView>,
    /// How far each policy was followed.
    pub followed: Vec<FollowedView>,
}

/// What one category has to do with the target in one relation. Amounts of different categories are not to be added up:
/// one satoshi may meet several.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CategoryExposureView {
    /// The category.
    #[schemars(with = "String")]
    pub category: Category,
    /// `counterparty` (one hop) or `indirect`.
    #[schemars(with = "String")]
    pub relation: Relation,
    /// The highest level that the labels met give.
    #[schemars(with = "String")]
    pub level: Level,
    /// What each policy says.
    pub by_policy: Vec<ExposureSumView>,
    /// Who was met, the largest amounts first; at most 20.
    pub entities: Vec<LinkedView>,
    /// Whether there are more.
    pub entities_truncated: bool,
}

/// What one policy says of a category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExposureSumView {
    /// `fifo`, `lifo`, `tiho`, `haircut` or `poison`.
    #[schemars(with = "String")]
    pub policy: &'static str,
    /// Satoshi of the target that met the category, each counted once; none under poison, which adds nothing up.
    pub amount_sat: Option<u64>,
    /// The same, each part at the price of its day; none: no price.
    pub usd: Option<Usd>,
    /// The part of the amount that has no price, or lies beyond the 2,000 places that are valued.
    pub unpriced_sat: u64,
    /// Share of everything received, or sent.
    pub share: Option<Millionths>,
    /// Fewest hops.
    pub hops_min: u32,
    /// Number of outputs at which the category was met.
    pub outputs: u64,
}

/// An entity that was met. What links it to the target is one thing, and its whole turnover another: a large sum through a
/// facilitator is not the target's.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LinkedView {
    /// Its name: the first-seen address in it.
    pub entity: String,
    /// The label that speaks for the category.
    pub label: String,
    /// What that label stands on.
    #[schemars(with = "String")]
    pub basis: Basis,
    /// The level that the label gives in this relation.
    #[schemars(with = "String")]
    pub level: Level,
    /// The policy of the amount.
    #[schemars(with = "String")]
    pub policy: &'static str,
    /// Satoshi that link the two; none under poison.
    pub linked_sat: Option<u64>,
    /// The same at the prices of their days.
    pub linked_usd: Option<Usd>,
    /// Everything the entity ever received (for a payee) or sent (for a payer), whoever with; none where its figures are not known.
    pub total_sat: Option<u64>,
    /// Fewest hops.
    pub hops_min: u32,
    /// Ways that the money took, fewest hops and largest amounts first, from payer to payee; at most three.
    pub evidence: Vec<Vec<PathStep>>,
}

/// How far a policy was followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FollowedView {
    /// The policy.
    #[schemars(with = "String")]
    pub policy: &'static str,
    /// Whether, within the hops asked for, nothing was left at a bound.
    pub is_complete: bool,
    /// What was left at bounds.
    pub bounded: Vec<BoundedView>,
    /// Edges followed.
    pub edge_count: u64,
}

/// Exposure as of a moment: with the labels and lists that were known on that day, and with those known now, where they say
/// something else.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ExposureAsOfView {
    /// The day whose knowledge `known_then` rests on.
    #[schemars(with = "String")]
    pub known_on: athar_types::Day,
    /// By the labels that were true and known on that day.
    pub known_then: ExposureView,
    /// By the labels that are known now; none where they say the same.
    pub known_now: Option<ExposureView>,
}
