//! What is asked: which paths, in which order, how far.

use super::party::Party;
use athar_types::Height;
use serde::{Deserialize, Serialize};

/// Which paths come first. Equal ones are in chain order, read from the end: the one whose last transaction is earlier,
/// then the one whose last but one is, and so on; then the same by the outputs between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PathsOrder {
    /// The fewest hops; of equal ones the earliest arrival.
    Hops,
    /// The widest: the largest smallest output; of equal ones the fewest hops. The width is what is known as the
    /// bottleneck of a path (Pollack 1960, "The maximum capacity through a network").
    Value,
    /// The earliest arrival: the last transaction that comes first in chain order; of equal ones the fewest hops.
    Earliest,
}

impl PathsOrder {
    /// Every order.
    pub const ALL: [Self; 3] = [Self::Hops, Self::Value, Self::Earliest];

    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hops => "hops",
            Self::Value => "value",
            Self::Earliest => "earliest",
        }
    }

    /// The order of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.name() == name)
    }
}

/// How far to look. `since`, `until` and `amount_min_sat` are part of what is asked for: what they leave out is no path.
/// The others bound the work, and an answer that hit one of them says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathsLimits {
    /// How many paths to give.
    pub count_max: usize,
    /// Paths of more hops than this are not looked for.
    pub hops_max: u32,
    /// Only transactions at or above this height are passed.
    pub since: Option<Height>,
    /// Only transactions at or below this height are passed.
    pub until: Option<Height>,
    /// Outputs of fewer satoshi than this are on no path. 0 is taken for 1: what carries nothing is no path.
    pub amount_min_sat: u64,
    /// Steps looked at: the first transaction whose steps would pass this number is not entered, nor is any after it.
    pub edges_max: u64,
    /// A transaction of more inputs or more outputs than this is not passed.
    pub fan_max: u32,
    /// Beginnings of paths that are compared with each other.
    pub labels_max: u64,
}

impl Default for PathsLimits {
    fn default() -> Self {
        Self {
            count_max: 3,
            hops_max: 6,
            since: None,
            until: None,
            amount_min_sat: 1,
            edges_max: 1_000_000,
            fan_max: 10_000,
            labels_max: 4_000_000,
        }
    }
}

/// Everything that an answer depends on beside the ledger.
#[derive(Debug)]
pub struct PathsQuestion<'a, S: ?Sized, O: ?Sized> {
    /// Where paths begin.
    pub from: &'a Party<'a>,
    /// Where they end.
    pub to: &'a Party<'a>,
    /// Which come first.
    pub order: PathsOrder,
    /// What is not passed. Outputs of the two parties themselves are never asked about; a path may end there whatever
    /// they are, but not pass.
    pub stops: &'a S,
    /// A step between two addresses of one owner makes no hop, nor does one that stays on an address.
    pub owners: &'a O,
    /// How far.
    pub limits: &'a PathsLimits,
}

/// How far a search has got, told before each transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathsProgress {
    /// Steps looked at so far.
    pub edge_count: u64,
    /// Hops within which every path is known already; `None` before there are any.
    pub hops_covered: Option<u32>,
}
