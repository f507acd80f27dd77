//! The shape of a screening: the answer for one target, its statements, and what proves them.

use super::BoundedView;
use crate::json::{Millionths, Usd};
use athar_types::{Basis, Bilingual, Category, Level, Relation};
use schemars::JsonSchema;
use serde::Serialize;

/// How to screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ScreenOptions {
    /// Hops that indirect exposure is followed for.
    pub hops_max: u32,
    /// Edges that a trace may have, in each direction.
    pub edges_max: u64,
    /// Milliseconds after which money is not followed any further; `None` sets no limit. An answer that the clock cut says so
    /// (bound `time`) and has no snapshot; one that was ready before is the answer without a limit, under the same snapshot,
    /// so that the limit is no part of the question.
    #[serde(skip)]
    pub time_limit_ms: Option<u32>,
}

impl Default for ScreenOptions {
    fn default() -> Self {
        Self { hops_max: 3, edges_max: 200_000, time_limit_ms: None }
    }
}

/// Presence of a target on the chain, and nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ScreenStatus {
    /// It is on the chain in the store.
    Known,
    /// It is well-formed, and not on the chain in the store.
    Unseen,
    /// It is no address, transaction id or listed account number.
    Invalid,
}

/// The answer for one target.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ScreenView {
    /// What was asked, as given.
    pub input: String,
    /// The chain it belongs to; none for accounts and invalid input.
    pub chain: Option<String>,
    /// `address`, `transaction`, `output`, `account`, `identifier` (on an official list) or `unknown`.
    #[schemars(with = "String")]
    pub kind: &'static str,
    /// Whether the chain has it.
    pub status: ScreenStatus,
    /// Why it is invalid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Bilingual>,
    /// The highest level of all statements.
    #[schemars(with = "String")]
    pub risk: Level,
    /// Name of its entity: the first-seen address in it.
    pub entity: Option<String>,
    /// Number of addresses in that entity.
    pub entity_size: Option<u64>,
    /// The service that holds it for a customer, where it is used as a deposit address: an account, not the service itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_at: Option<super::AccountView>,
    /// The cut list, where it cuts the entity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cuts: Option<super::CutsView>,
    /// What is known, the weightiest first.
    pub statements: Vec<Statement>,
    /// Entries of official lists that have the text as an identifier; looked for where it is no address or transaction.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub listed: Vec<ListedIdentifier>,
    /// Things a reader should know: entries in quarantine that name the target, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Bilingual>,
    /// Bounds that were hit: the exposure may be incomplete beyond them. `time` is the limit that was asked for.
    pub bounds: Vec<BoundedView>,
    /// The clustering that the answer is of.
    pub clustering: super::ClusteringView,
    /// Other chains and forms on which the same key is labelled or in the store. Nothing of it counts for the level.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seen_also_on: Vec<super::SeenOnView>,
    /// The service that holds it for a customer, on a chain of accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deposit_at: Option<super::DepositView>,
    /// What the store covers, of a chain of accounts: what it does not cover is unknown, not none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub covered: Option<super::CoveredView>,
    /// Snapshot of this answer; none where the clock cut it, since the same question may then be answered otherwise.
    pub snapshot: Option<String>,
}

/// An entry of an official list that has the screened text as an identifier.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ListedIdentifier {
    /// What its listing says of the entry.
    #[schemars(with = "String")]
    pub category: Category,
    /// What the listing is.
    #[schemars(with = "String")]
    pub basis: Basis,
    /// The level of the entry.
    #[schemars(with = "String")]
    pub level: Level,
    /// Whether the level counts for the screened text: the number of a passport or identity card alone does not name one
    /// person, since other countries issue the same.
    pub counts: bool,
    /// The entry and the identifier as it is written there.
    #[serde(flatten)]
    pub found: athar_lists::Found,
}

/// Which way value moved, seen from the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// To the target.
    Received,
    /// From the target.
    Sent,
}

/// One thing that is known.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Statement {
    /// How the target relates to the labelled subject.
    #[schemars(with = "String")]
    pub relation: Relation,
    /// Category of the label.
    #[schemars(with = "String")]
    pub category: Category,
    /// The level that relation, category and basis give.
    #[schemars(with = "String")]
    pub level: Level,
    /// What the label stands on.
    #[schemars(with = "String")]
    pub basis: Basis,
    /// Name of the labelled entity: the first-seen address in it. For a subject off the chain, its own text.
    pub entity: String,
    /// The label.
    pub label: String,
    /// Which way value moved; none for ownership.
    pub direction: Option<Direction>,
    /// Satoshi that moved, under FIFO; none for ownership.
    pub amount_sat: Option<u64>,
    /// What moved on a chain of accounts, asset by asset; then `amount_sat` has none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amounts: Vec<super::AmountView>,
    /// The same in dollars, each part at the price of its day; none where none of those days has a price.
    pub usd: Option<Usd>,
    /// The part of `amount_sat` that `usd` leaves out: its days have no price, or it lies beyond the 2,000 places that
    /// are valued. None for ownership.
    pub unpriced_sat: Option<u64>,
    /// Share of everything the target's entity received (or sent).
    pub share: Option<Millionths>,
    /// Fewest hops between them: 1 for a direct counterparty.
    pub hops_min: Option<u32>,
    /// What proves it.
    pub evidence: Vec<Evidence>,
    /// Whether evidence was left out.
    pub evidence_truncated: bool,
}

/// A piece of evidence.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Evidence {
    /// A label in an imported file.
    Label {
        /// The labelled address, transaction or account.
        subject: String,
        /// The label.
        label: String,
        /// What it stands on.
        #[schemars(with = "String")]
        basis: Basis,
        /// Where the statement was made.
        source: Option<String>,
        /// How sure the source is, 0 to 100.
        confidence: Option<u8>,
        /// Title of the file.
        pack: String,
        /// Line in the file.
        line: u32,
        /// Identity of the statement, for decisions about it.
        id: String,
        /// Reason of the dispute in force: somebody contests the label, which keeps its weight all the same.
        disputed: Option<String>,
    },
    /// A transaction that ties two addresses to one entity.
    Merge {
        /// The transaction.
        txid: String,
        /// Its height.
        height: u32,
        /// The heuristic.
        heuristic: String,
        /// The two addresses.
        joins: [String; 2],
    },
    /// A way that money took, transaction by transaction.
    Path {
        /// Satoshi that took it.
        amount_sat: u64,
        /// The steps, from the payer to the payee.
        steps: Vec<PathStep>,
    },
    /// A transfer on a chain of accounts.
    Transfer {
        /// The transfer.
        #[serde(flatten)]
        transfer: Box<super::TransferView>,
    },
    /// What the issuer of a token did to the account.
    Issuer {
        /// The act.
        #[serde(flatten)]
        act: super::FreezeView,
    },
    /// The entity is tied together by more transactions than can be listed.
    Cut {
        /// Which bound was hit.
        bound: String,
    },
}

/// A step of a way that money took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PathStep {
    /// The transaction.
    pub txid: String,
    /// Its height.
    pub height: u32,
    /// Its time.
    pub time: String,
    /// The address it was paid from; none where the output has no address.
    pub from: Option<String>,
    /// The address it was paid to.
    pub to: Option<String>,
    /// The output that carries it, in that transaction.
    pub vout: u32,
    /// Satoshi on this step.
    pub amount_sat: u64,
}
