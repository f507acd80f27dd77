//! The shape of a decision: the answer, why, on what it rests, and what kept it from knowing more.

use super::knowledge::KnowledgeView;
use crate::read::{ListedIdentifier, Statement};
use athar_policy::{Answer, Quantity};
use athar_types::{Bilingual, Level};
use schemars::JsonSchema;
use serde::Serialize;

/// What made a decision what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecidedBy {
    /// The rules of the policy and the form of the address.
    Rules,
    /// The time limit.
    Limit,
    /// The store is behind.
    Staleness,
    /// Something failed: the store or a newer state of it, the policy, the program, or the keeping of the decision.
    Error,
}

impl DecidedBy {
    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::Limit => "limit",
            Self::Staleness => "staleness",
            Self::Error => "error",
        }
    }
}

/// How deep the address was looked at when the decision was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckDepth {
    /// The address itself, its entity, its labels and listings.
    Ownership,
    /// Also whom it dealt with at first hand.
    Counterparty,
    /// Everything that the policy asks about.
    Exposure,
}

impl CheckDepth {
    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ownership => "ownership",
            Self::Counterparty => "counterparty",
            Self::Exposure => "exposure",
        }
    }
}

/// Which kind of reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// A rule of the policy holds.
    Rule,
    /// The level or score that the policy's rules make together.
    Verdict,
    /// The address, its entity, or the text itself is designated.
    Listed,
    /// What is said of the address itself, where the policy could not be asked in time.
    Ownership,
    /// A rule is not known to be false.
    Undecided,
    /// An entry that names the address could not be read as a label.
    Quarantined,
    /// The chain has never seen the address.
    UnknownAddress,
    /// The store has no blocks of the chain.
    OtherChain,
    /// It is no address of the chain.
    MalformedAddress,
    /// The own address that was named is none.
    MalformedFrom,
    /// The time was over.
    Late,
    /// The store is behind.
    Behind,
    /// The store, or a newer state of it, cannot be read.
    StoreFailed,
    /// The program or the policy failed.
    Failed,
    /// The decision could not be kept.
    NotKept,
}

impl ReasonCode {
    /// What such a reason counts as.
    pub const fn decided_by(self) -> DecidedBy {
        match self {
            Self::Late | Self::Ownership => DecidedBy::Limit,
            Self::Behind => DecidedBy::Staleness,
            Self::StoreFailed | Self::Failed | Self::NotKept => DecidedBy::Error,
            _ => DecidedBy::Rules,
        }
    }
}

/// Why the answer is what it is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReasonView {
    /// Which kind.
    pub code: ReasonCode,
    /// What it asks for; none of a rule that only adds to a score.
    pub answer: Option<Answer>,
    /// In words.
    pub says: Bilingual,
    /// The rule of the policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The level that it gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub level: Option<Level>,
    /// Identities of the labels that it rests on, at most 20 (`athar labels`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// What proves it, at most 5 statements.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Statement>,
    /// Entries of official lists that have the very text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub listed: Vec<ListedIdentifier>,
    /// Whether labels or evidence were left out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

/// The policy that decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DecidingPolicy {
    /// Its name.
    pub name: String,
    /// Its version: BLAKE3 of its content.
    pub version: String,
    /// Whether the table of answers is its own; else it is the shipped one.
    pub has_table: bool,
    /// Version of that table.
    pub table: String,
}

/// A decision about a withdrawal.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DecisionView {
    /// What is done: allow, review, hold.
    pub decision: Answer,
    /// What made it so.
    pub decided_by: DecidedBy,
    /// The chain asked.
    pub chain: String,
    /// The address, as given.
    pub address: String,
    /// The asset, as given.
    pub asset: Option<String>,
    /// The amount in whole coins, as given.
    pub amount: Option<String>,
    /// The amount in smallest units, as given.
    pub units: Option<String>,
    /// The client's reference, given back as it came.
    pub reference: Option<String>,
    /// Every reason, the strictest first.
    pub reasons: Vec<ReasonView>,
    /// The highest level of everything known, by the shipped risk table; none where nothing could be looked up.
    #[schemars(with = "Option<String>")]
    pub risk: Option<Level>,
    /// The level that the policy gives; null where no rule applied.
    #[schemars(with = "Option<String>")]
    pub level: Option<Level>,
    /// The score that the policy gives.
    pub score: Option<Quantity>,
    /// The policy; none where it could not be read.
    pub policy: Option<DecidingPolicy>,
    /// How deep was looked; none where nothing could be looked up in time.
    pub depth: Option<CheckDepth>,
    /// Whether everything was looked at that the policy asks about. An answer that cannot become stricter is given early.
    pub complete: bool,
    /// Whether the address belongs to the entity of the own address that was named; none where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_entity: Option<bool>,
    /// What it was based on; none where the store could not be read.
    pub knowledge: Option<KnowledgeView>,
    /// Things a reader should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Bilingual>,
    /// The time limit that held, in milliseconds.
    pub time_limit_ms: u32,
    /// Milliseconds until the decision was made, with the time that it waited.
    pub took_ms: f64,
    /// Its number in the journal of decisions; none where it could not be kept, or was not yet when this was sent.
    pub kept: Option<i64>,
    /// Snapshot of the screening, policy and table; none where the clock cut it or something failed.
    pub snapshot: Option<String>,
}

/// A number of milliseconds with three decimals.
pub(super) fn millis(took: std::time::Duration) -> f64 {
    (took.as_micros() as f64) / 1000.0
}
