//! Direct dealings: whom a subject dealt with at first hand, day by day, and what went directly between some subjects.
//!
//! One rule decides all three, and it is that of a screening's statements on direct counterparties: in each transaction the
//! satoshi of the inputs, in order, fill the outputs in order, then the fee (first in, first out). So a party that these answers
//! name has the same amount here and there. What comes out of a CoinJoin or a hidden pool, or goes into one, comes from and goes to
//! nobody in particular. What the subject pays itself is told apart and is in no party's sum.
//!
//! Where a bound is hit, whole transactions are left out and the answer says which bound it was: the parts of a sum always add up.

mod accounts;
mod activity;
mod counterparties;
mod links;
mod moves;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests;
mod whose;

pub use activity::{ActivityBy, ActivityPeriod, ActivityView};
pub use counterparties::{CounterpartiesView, DealtView, ExaminedView, MixedView, PartyView};
pub use links::{LINKED_MAX, LinkView, LinksView, MergedNode};

use crate::error::EngineError;
use athar_types::Day;
use std::str::FromStr;

/// Outputs of a subject whose transactions are looked at.
const OUTPUTS_MAX: usize = 100_000;
/// Inputs and outputs of transactions that are read for one answer.
const SLOTS_MAX: u64 = 3_000_000;
/// Addresses of an entity that are looked at.
const MEMBERS_MAX: u32 = 50_000;
/// Transactions given as a sample.
const SAMPLE: usize = 5;

/// What a subject is: one address, or all addresses that act as one with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Of {
    /// The address alone.
    Address,
    /// Its entity.
    Entity,
}

impl Of {
    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Entity => "entity",
        }
    }
}

impl FromStr for Of {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "address" => Ok(Self::Address),
            "entity" => Ok(Self::Entity),
            _ => Err("address or entity".into()),
        }
    }
}

/// Which side of a subject's dealings is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sides {
    /// What it received.
    Received,
    /// What it sent.
    Sent,
    /// Both.
    #[default]
    Both,
}

impl FromStr for Sides {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "received" => Ok(Self::Received),
            "sent" => Ok(Self::Sent),
            "both" => Ok(Self::Both),
            _ => Err("received, sent or both".into()),
        }
    }
}

/// What is asked about a subject's dealings.
#[derive(Clone, Debug)]
pub struct DealingsAsk {
    /// An address.
    pub address: String,
    /// Whether it alone, or its entity.
    pub of: Of,
    /// Transactions of that day or later only.
    pub from: Option<Day>,
    /// Transactions of that day or before only.
    pub to: Option<Day>,
}

impl DealingsAsk {
    /// About a subject written as in a question: an address, or `entity:ADDRESS`. `of` speaks where no prefix does.
    pub fn read(subject: &str, of: Option<Of>) -> Self {
        let subject = subject.trim();
        let (address, of) = match subject.strip_prefix("entity:") {
            Some(address) => (address, Of::Entity),
            None => (subject, of.unwrap_or(Of::Address)),
        };
        Self { address: address.trim().to_owned(), of, from: None, to: None }
    }

    fn holds(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    fn check(&self) -> Result<(), EngineError> {
        match (self.from, self.to) {
            (Some(from), Some(to)) if from > to => Err(EngineError::Target {
                input: format!("{from}..{to}"),
                what: "the first day is after the last".into(),
            }),
            _ => Ok(()),
        }
    }
}
