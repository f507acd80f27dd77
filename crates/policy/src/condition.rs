//! What a rule asks: a tree of conditions. Every leaf says which facts it reads and what it compares them with.

use crate::exact::Comparison;
use crate::facts::{Flow, SubjectKind, SubjectStatus, Taint};
use athar_types::{Basis, Category, Relation};
use serde::Serialize;
use std::collections::BTreeSet;

/// A condition. Its truth is three-valued, see [`crate::Truth`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// All hold.
    All(Vec<Condition>),
    /// At least one holds.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// Somebody with such a label is the subject, holds its account, or dealt with it.
    Exposure(Box<ExposureTest>),
    /// The subject itself stands on a list.
    Listed(ListedTest),
    /// A pattern was found.
    Pattern(PatternTest),
    /// An amount of the subject.
    Amount(AmountTest),
    /// An age of the subject.
    Age(AgeTest),
    /// What the subject is.
    Subject(SubjectTest),
    /// How far the search went.
    Search(SearchTest),
}

/// One or both directions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// To the subject.
    Received,
    /// From the subject.
    Sent,
    /// Each of them by itself; it is enough that it holds for one.
    Either,
}

impl Side {
    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Sent => "sent",
            Self::Either => "either",
        }
    }

    /// The directions it means.
    pub const fn flows(self) -> &'static [Flow] {
        match self {
            Self::Received => &[Flow::Received],
            Self::Sent => &[Flow::Sent],
            Self::Either => &[Flow::Received, Flow::Sent],
        }
    }
}

/// Categories as a policy names them: by name, by a group of the policy, or by `any-risk` and `any-service`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Categories {
    /// The words, in order and once each. None: every category.
    pub words: BTreeSet<String>,
    /// What they mean.
    pub of: BTreeSet<Category>,
}

/// Which exposures are meant. A set that is empty asks nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Selector {
    /// Ownership, account, counterparty, indirect: at least one. Amounts are never summed over the first two.
    pub relations: BTreeSet<Relation>,
    /// Of money.
    pub direction: Side,
    /// What a label says.
    pub categories: Categories,
    /// On what ground.
    pub basis: BTreeSet<Basis>,
    /// On which list.
    pub lists: BTreeSet<String>,
    /// Under which programme; compared without regard to case.
    pub programmes: BTreeSet<String>,
    /// How sure its source is, 0 to 100.
    pub confidence: Vec<Comparison>,
    /// Whether it is contested.
    pub disputed: Option<bool>,
    /// Days from the listing to the last day on which money moved.
    pub days_after_listing: Vec<Comparison>,
    /// Fewest hops of an exposure.
    pub hops_min: Vec<Comparison>,
    /// How taint is carried.
    pub taint: Taint,
}

impl Selector {
    /// Whether it asks for money that moved, and not for the subject's own labels.
    pub fn is_of_money(&self) -> bool {
        self.relations.iter().any(|r| matches!(r, Relation::Counterparty | Relation::Indirect))
    }
}

/// Such exposures exist, and what they sum up to in one direction compares as asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ExposureTest {
    /// Which.
    pub of: Selector,
    /// Sum in the chain's smallest unit.
    pub amount_sat: Vec<Comparison>,
    /// Sum in dollars, each part at the price of its day.
    pub usd: Vec<Comparison>,
    /// Sum of shares.
    pub share: Vec<Comparison>,
    /// Number of labelled entities.
    pub entities: Vec<Comparison>,
}

/// The subject itself stands on a list: a label on it is a designation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ListedTest {
    /// On which; none named: any.
    pub lists: BTreeSet<String>,
    /// Under which programme.
    pub programmes: BTreeSet<String>,
    /// Days from the listing to the chain's last block.
    pub days: Vec<Comparison>,
    /// Days from the listing to the subject's last transaction.
    pub active_after_days: Vec<Comparison>,
}

/// One of these patterns was found so often.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PatternTest {
    /// Ids of patterns; the counts are added.
    pub ids: BTreeSet<String>,
    /// How often; nothing asked means at least once.
    pub count: Vec<Comparison>,
}

/// Which amount of the subject.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountOf {
    /// All it received.
    Received,
    /// All it sent.
    Sent,
    /// What it holds.
    Balance,
    /// What somebody wants to withdraw to it now.
    Attempt,
}

/// An amount of the subject compares as asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AmountTest {
    /// Which.
    pub of: AmountOf,
    /// In the chain's smallest unit.
    pub amount_sat: Vec<Comparison>,
    /// In dollars.
    pub usd: Vec<Comparison>,
}

/// Which age of the subject.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AgeOf {
    /// Since it was first paid.
    FirstSeen,
    /// Since it was last paid or spent from.
    LastSeen,
}

/// Days from then to the chain's last block.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AgeTest {
    /// Which.
    pub of: AgeOf,
    /// How many.
    pub days: Vec<Comparison>,
}

/// What the subject is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SubjectTest {
    /// Its kind.
    pub kinds: BTreeSet<SubjectKind>,
    /// Whether the chain has it.
    pub statuses: BTreeSet<SubjectStatus>,
    /// Whether it is a customer's deposit address.
    pub deposit_account: Option<bool>,
    /// Addresses in its entity.
    pub entity_size: Vec<Comparison>,
}

/// How far the search went.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SearchTest {
    /// In which direction; either: in both.
    pub direction: Side,
    /// Whether nothing was left at a bound but that of hops.
    pub complete: Option<bool>,
    /// Hops followed.
    pub hops: Vec<Comparison>,
}

impl Condition {
    /// The kind, as it is written.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::All(_) => "all",
            Self::Any(_) => "any",
            Self::Not(_) => "not",
            Self::Exposure(test) => test.of.kind(),
            Self::Listed(_) => "listed",
            Self::Pattern(_) => "pattern",
            Self::Amount(_) => "amount",
            Self::Age(_) => "age",
            Self::Subject(_) => "subject",
            Self::Search(_) => "search",
        }
    }

    /// What the node itself asks, in short words; its numbers and children are not repeated.
    pub fn words(&self) -> String {
        let mut words: Vec<String> = Vec::new();
        match self {
            Self::All(_) | Self::Any(_) | Self::Not(_) => {}
            Self::Exposure(test) => return test.of.words(),
            Self::Listed(test) => {
                put(&mut words, "list", &test.lists);
                put(&mut words, "programme", &test.programmes);
            }
            Self::Pattern(test) => words.push(joined(&test.ids)),
            Self::Amount(test) => words.push(
                match test.of {
                    AmountOf::Received => "received",
                    AmountOf::Sent => "sent",
                    AmountOf::Balance => "balance",
                    AmountOf::Attempt => "attempt",
                }
                .into(),
            ),
            Self::Age(test) => words.push(
                match test.of {
                    AgeOf::FirstSeen => "since first seen",
                    AgeOf::LastSeen => "since last seen",
                }
                .into(),
            ),
            Self::Subject(test) => {
                put(&mut words, "kind", &test.kinds.iter().map(|k| k.name().to_owned()).collect());
                put(&mut words, "status", &test.statuses.iter().map(|s| s.name().to_owned()).collect());
                words.extend(test.deposit_account.map(|is| said(is, "a deposit account")));
            }
            Self::Search(test) => {
                words.push(test.direction.name().into());
                words.extend(test.complete.map(|is| said(is, "complete")));
            }
        }
        words.join("; ")
    }
}

impl Selector {
    /// The relation as it is written, or `exposure` where there are several.
    pub fn kind(&self) -> &'static str {
        let mut relations = self.relations.iter();
        match (relations.next(), relations.next()) {
            (Some(Relation::Ownership), None) => "ownership",
            (Some(Relation::AccountAt), None) => "account_at",
            (Some(Relation::Counterparty), None) => "counterparty",
            (Some(Relation::Indirect), None) => "indirect",
            _ => "exposure",
        }
    }

    /// What it asks, in short words.
    pub fn words(&self) -> String {
        let mut words: Vec<String> = Vec::new();
        let any = self.categories.words.is_empty();
        words.push(if any { "any category".into() } else { joined(&self.categories.words) });
        if self.relations.len() > 1 {
            words.push(joined(&self.relations.iter().map(|r| r.name().to_owned()).collect()));
        }
        if self.is_of_money() {
            words.push(self.direction.name().into());
            if self.taint != Taint::Fifo {
                words.push(self.taint.name().into());
            }
        }
        put(&mut words, "basis", &self.basis.iter().map(|b| b.name().to_owned()).collect());
        put(&mut words, "list", &self.lists);
        put(&mut words, "programme", &self.programmes);
        let compared = [
            ("confidence", &self.confidence),
            ("days after listing", &self.days_after_listing),
            ("hops", &self.hops_min),
        ];
        for (name, comparisons) in compared {
            words.extend(comparisons.iter().map(|c| format!("{name} {c}")));
        }
        words.extend(self.disputed.map(|is| said(is, "disputed")));
        words.join("; ")
    }
}

fn joined(words: &BTreeSet<String>) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn put(words: &mut Vec<String>, name: &str, of: &BTreeSet<String>) {
    if !of.is_empty() {
        words.push(format!("{name} {}", joined(of)));
    }
}

fn said(is: bool, what: &str) -> String {
    if is { what.into() } else { format!("not {what}") }
}
