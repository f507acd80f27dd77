//! The shape of a direct screening: what is said of a target itself, in microseconds, and where asked for of those it dealt
//! with at first hand.

use super::{AccountView, BoundedView, CutsView, Direction, ListedIdentifier, ScreenStatus};
use crate::json::Millionths;
use athar_types::{Basis, Bilingual, Category, Level, Relation};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

/// How far a direct screening looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Depth {
    /// At the target and its entity: nobody's money is followed.
    Ownership,
    /// Also one hop, as far as that is cheap: 2,000 edges in each direction, of 1,000 addresses and 1,000 outputs of the
    /// entity at most.
    Counterparty,
}

/// The answer for one target. What it says of ownership is what a full screening says, without the transactions that tie
/// addresses of one entity, and up to ten labels for each statement.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DirectView {
    /// What was asked, as given.
    pub input: String,
    /// The chain it belongs to; none for accounts and invalid input.
    #[schemars(with = "Option<String>")]
    pub chain: Option<&'static str>,
    /// `address`, `transaction`, `output`, `account`, `identifier` (on an official list) or `unknown`.
    #[schemars(with = "String")]
    pub kind: &'static str,
    /// Whether the chain has it.
    pub status: ScreenStatus,
    /// Why it is invalid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Bilingual>,
    /// How far was looked. What lies beyond is not known to be without risk.
    pub depth: Depth,
    /// The highest level of all statements. `none` where a label of the target itself says so, or where every counterparty
    /// was looked at and at least one label was met; never because little was asked.
    #[schemars(with = "String")]
    pub risk: Level,
    /// Name of its entity: the first-seen address in it.
    pub entity: Option<String>,
    /// Number of addresses in that entity.
    pub entity_size: Option<u64>,
    /// The service that holds it for a customer, where it is used as a deposit address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_at: Option<AccountView>,
    /// The cut list, where it cuts the entity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cuts: Option<CutsView>,
    /// What is said of the target itself, the weightiest first.
    pub statements: DirectStatements,
    /// Whether there are more statements than listed; the level counts them all.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub statements_truncated: bool,
    /// Labelled entities that it dealt with at first hand, the weightiest first; empty where that was not asked for.
    pub counterparties: Vec<CounterpartyView>,
    /// Entries of official lists that have the text as an identifier; looked for where it is no address or transaction.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub listed: Vec<ListedIdentifier>,
    /// Things a reader should know: entries in quarantine that name the target, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Bilingual>,
    /// What the store covers, of a chain of accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub covered: Option<super::CoveredView>,
    /// Bounds that were hit while counterparties were looked for: there may be more of them.
    pub bounds: Vec<BoundedView>,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// One thing that is said of the target itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DirectStatement {
    /// Ownership, or account at a service.
    #[schemars(with = "String")]
    pub relation: Relation,
    /// Category of the labels.
    #[schemars(with = "String")]
    pub category: Category,
    /// The level that relation, category and basis give.
    #[schemars(with = "String")]
    pub level: Level,
    /// What the labels stand on.
    #[schemars(with = "String")]
    pub basis: Basis,
    /// Name of the labelled entity: the first-seen address in it. For a subject off the chain, its own text.
    pub entity: String,
    /// The label.
    pub label: String,
    /// The labels that say so.
    pub evidence: Vec<LabelRef>,
    /// Whether there are more.
    pub evidence_truncated: bool,
}

/// A label as evidence, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LabelRef {
    /// Identity of the statement (`athar labels`).
    pub id: String,
    /// The labelled address, transaction or account. Where it is another address than the one asked about, the two are one
    /// entity, and `athar explain` shows what ties them.
    pub subject: String,
    /// Where the statement was made.
    pub source: Option<String>,
    /// Whether somebody contests it.
    pub disputed: bool,
}

/// A labelled entity that the target dealt with at first hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CounterpartyView {
    /// Category of the label.
    #[schemars(with = "String")]
    pub category: Category,
    /// The level that it gives a counterparty.
    #[schemars(with = "String")]
    pub level: Level,
    /// What the label stands on.
    #[schemars(with = "String")]
    pub basis: Basis,
    /// Name of the entity.
    pub entity: String,
    /// The label.
    pub label: String,
    /// Which way value moved.
    pub direction: Direction,
    /// Satoshi that moved, under FIFO; none on a chain of accounts.
    pub amount_sat: Option<u64>,
    /// What moved on a chain of accounts, asset by asset.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amounts: Vec<super::AmountView>,
    /// Share of everything the target's entity received (or sent); on a chain of accounts of what has a price, and none where
    /// nothing has.
    pub share: Option<Millionths>,
    /// Outputs at which it was met.
    pub outputs: u64,
    /// The label that speaks for it.
    pub evidence: LabelRef,
}

/// Statements that several answers can share: those on a labelled entity are made once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectStatements(pub(crate) Arc<[DirectStatement]>);

impl Deref for DirectStatements {
    type Target = [DirectStatement];

    fn deref(&self) -> &[DirectStatement] {
        &self.0
    }
}

impl Serialize for DirectStatements {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter())
    }
}

impl JsonSchema for DirectStatements {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "DirectStatements".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<DirectStatement>::json_schema(generator)
    }
}
