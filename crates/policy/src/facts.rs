//! What a policy is asked about: plain data on one subject, with what is not known left open.
//!
//! Nothing here is an opinion. A field that is `None` was not asked, or has no answer, and every condition on it is
//! "unknown" — never false.

use athar_types::{Basis, Category, Day, Relation};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of one subject.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    /// The subject itself.
    pub subject: Subject,
    /// The day that ages are counted to: that of the chain's last block. None: no chain.
    pub today: Option<Day>,
    /// Whom it is, whose account it is, and with whom it dealt.
    pub exposures: Vec<Exposure>,
    /// Whether every label on the subject and its entity was looked up: not for a text that is no target, nor for an address
    /// whose entity is not known, as on another chain.
    pub is_labelled_known: bool,
    /// How far money to the subject was followed.
    pub received: Reach,
    /// How far money from the subject was followed.
    pub sent: Reach,
    /// Patterns that were looked for, with how often each was found. None: none was looked for.
    pub patterns: Option<BTreeMap<String, u64>>,
    /// Which ways of carrying taint the exposures hold.
    pub taints: BTreeSet<Taint>,
}

/// The subject itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// Whether the chain has it.
    pub status: SubjectStatus,
    /// Whether it is a customer's deposit address at a service. None: not asked.
    pub is_deposit_account: Option<bool>,
    /// Addresses in its entity.
    pub entity_size: Option<u64>,
    /// The day it was first paid, or of the transaction.
    pub first_seen: Option<Day>,
    /// The day it was last paid or spent from, or of the transaction.
    pub last_seen: Option<Day>,
    /// Everything it received: of the address itself, not of its entity.
    pub received: Option<Money>,
    /// Everything it sent.
    pub sent: Option<Money>,
    /// What it holds.
    pub balance: Option<Money>,
    /// What somebody wants to withdraw to it now.
    pub attempt: Option<Money>,
}

/// An amount, and what is known of its worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Money {
    /// In the chain's smallest unit; none where it is of several assets.
    pub sat: Option<u64>,
    /// In cents; none where nothing of it has a price.
    pub usd_cents: Option<u64>,
    /// The part of `sat` that `usd_cents` leaves out.
    pub unpriced_sat: u64,
}

/// What kind of thing is asked about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// An address.
    Address,
    /// A transaction.
    Transaction,
    /// One output of a transaction.
    Output,
    /// A listed account number.
    Account,
    /// An identifier on an official list.
    Identifier,
    /// None of these.
    Unknown,
}

impl SubjectKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Address, Self::Transaction, Self::Output, Self::Account, Self::Identifier, Self::Unknown];

    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Transaction => "transaction",
            Self::Output => "output",
            Self::Account => "account",
            Self::Identifier => "identifier",
            Self::Unknown => "unknown",
        }
    }
}

/// Whether the chain has the subject.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectStatus {
    /// It has.
    Known,
    /// It has not.
    Unseen,
    /// It is no well-formed target.
    Invalid,
}

impl SubjectStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Known, Self::Unseen, Self::Invalid];

    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Unseen => "unseen",
            Self::Invalid => "invalid",
        }
    }
}

/// How far one direction was followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reach {
    /// Whether it was followed at all.
    pub is_known: bool,
    /// Whether nothing was left at a bound other than that of hops.
    pub is_complete: bool,
    /// Hops that were followed.
    pub hops_max: u32,
    /// Whether money went on beyond those hops.
    pub is_at_hops: bool,
}

/// Which way money moved, seen from the subject.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// To the subject.
    Received,
    /// From the subject.
    Sent,
}

/// How transactions carry taint from inputs to outputs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Taint {
    /// First in, first out.
    Fifo,
    /// Last in, first out.
    Lifo,
    /// In proportion.
    Haircut,
    /// Taint in, highest out.
    Tiho,
    /// Everything that is reached; its amounts are reach, not sums.
    Poison,
}

impl Taint {
    /// Every way.
    pub const ALL: [Self; 5] = [Self::Fifo, Self::Lifo, Self::Haircut, Self::Tiho, Self::Poison];

    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fifo => "fifo",
            Self::Lifo => "lifo",
            Self::Haircut => "haircut",
            Self::Tiho => "tiho",
            Self::Poison => "poison",
        }
    }
}

/// What one labelled entity has to do with the subject, in one relation and one direction. One entity appears once for
/// each of these, however many labels it has: so its money is counted once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exposure {
    /// Ownership, account, counterparty or indirect.
    pub relation: Relation,
    /// None for ownership and accounts.
    pub flow: Option<Flow>,
    /// How taint was carried; none for ownership and accounts.
    pub taint: Option<Taint>,
    /// Name of the labelled entity.
    pub entity: String,
    /// Its labels, ordered by id.
    pub labels: Vec<LabelFact>,
    /// Whether it has more labels of the same categories and grounds than these.
    pub labels_truncated: bool,
    /// What moved; none for ownership and accounts.
    pub money: Option<Money>,
    /// That, of everything the subject received or sent, in millionths.
    pub share: Option<u64>,
    /// Fewest hops.
    pub hops_min: Option<u32>,
    /// The last day on which money is known to have moved.
    pub last_day: Option<Day>,
    /// Whether it may have moved later, too: not all ways were listed.
    pub days_truncated: bool,
}

/// One statement about an entity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LabelFact {
    /// Its identity.
    pub id: String,
    /// The label as written.
    pub name: String,
    /// What it says: its risks, or where it has none the one that says most.
    pub categories: Vec<Category>,
    /// On what ground.
    pub basis: Basis,
    /// How sure the source is, 0 to 100.
    pub confidence: Option<u8>,
    /// Whether somebody contests it.
    pub is_disputed: bool,
    /// The list, or the series of label files, that says it.
    pub list: Option<String>,
    /// Programmes and other concepts as the source writes them.
    pub programmes: Vec<String>,
    /// The day of the listing, as the source gives it.
    pub listed_on: Option<Day>,
}
