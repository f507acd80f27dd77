//! What is answered.

use super::question::{PathsLimits, PathsOrder};
use crate::stop::StopReason;
use athar_types::{OutputNum, TxNum};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whether there are paths. That none was found says nothing about the two parties beyond what was searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PathsOutcome {
    /// There is at least one.
    Found,
    /// There is none within the hops asked for: all that may be passed was looked at.
    NoneWithin,
    /// None was found, but not all was looked at: see [`Paths::gave_up`].
    GaveUp,
}

impl PathsOutcome {
    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::NoneWithin => "none_within",
            Self::GaveUp => "gave_up",
        }
    }
}

/// A bound of the work that was hit, so that there may be more or better paths than those given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PathsBound {
    /// [`PathsLimits::edges_max`].
    Edges,
    /// [`PathsLimits::fan_max`].
    Fan,
    /// [`PathsLimits::labels_max`].
    Labels,
    /// Both parties have more outputs than they list ([`super::Party::is_truncated`]).
    Parties,
    /// The caller asked to end. The answer depends on more than its question.
    Cancelled,
}

impl PathsBound {
    /// Every bound, in order.
    pub const ALL: [Self; 5] = [Self::Edges, Self::Fan, Self::Labels, Self::Parties, Self::Cancelled];

    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Edges => "edges",
            Self::Fan => "fan",
            Self::Labels => "labels",
            Self::Parties => "parties",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for PathsBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Why branches of the search ended where they did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PathsEnd {
    /// At a labelled service.
    Service,
    /// At a service that a rule recognised.
    InferredService,
    /// At the border of a hidden pool.
    Pool,
    /// At a CoinJoin.
    CoinJoin,
    /// The output holds less than [`PathsLimits::amount_min_sat`].
    Amount,
    /// The next transaction lies below [`PathsLimits::since`].
    Since,
    /// The next transaction lies above [`PathsLimits::until`].
    Until,
    /// The next transaction has more inputs or outputs than [`PathsLimits::fan_max`].
    Fan,
    /// More hops than [`PathsLimits::hops_max`] would be needed, or the search was over before.
    Hops,
}

impl PathsEnd {
    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::InferredService => "inferred_service",
            Self::Pool => "pool",
            Self::CoinJoin => "coinjoin",
            Self::Amount => "amount",
            Self::Since => "since",
            Self::Until => "until",
            Self::Fan => "fan",
            Self::Hops => "hops",
        }
    }
}

impl From<StopReason> for PathsEnd {
    fn from(reason: StopReason) -> Self {
        match reason {
            StopReason::Service { .. } => Self::Service,
            StopReason::InferredService { .. } => Self::InferredService,
            StopReason::Pool => Self::Pool,
            StopReason::CoinJoin { .. } => Self::CoinJoin,
        }
    }
}

/// How many outputs the search did not go past, for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Why.
    pub why: PathsEnd,
    /// Outputs reached from the party where paths begin.
    pub forward: u64,
    /// Outputs reached from the party where they end, against the money's direction.
    pub backward: u64,
}

/// One transaction on a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct PathStep {
    /// The transaction.
    pub tx: TxNum,
    /// The output it spends.
    pub from_output: OutputNum,
    /// The output it makes.
    pub to_output: OutputNum,
    /// What the step carries at most: the smaller of the two outputs, in satoshi.
    pub width_sat: u64,
    /// Whether the step goes from one owner to another, and so makes a hop.
    pub is_hop: bool,
}

/// A path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Path {
    /// Its transactions in chain order; at least one.
    pub steps: Vec<PathStep>,
    /// Hops: steps from one owner to another.
    pub hops: u32,
    /// The smallest output on it, both ends included, in satoshi: no more than this can have come the whole way along
    /// it.
    pub width_sat: u64,
}

/// The answer to a [`super::PathsQuestion`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Paths {
    /// The order.
    pub order: PathsOrder,
    /// The bounds asked for.
    pub limits: PathsLimits,
    /// Whether there are paths.
    pub outcome: PathsOutcome,
    /// The first paths of the order; all there are within the hops asked for, where they are fewer than
    /// [`PathsLimits::count_max`] and [`Self::gave_up`] is empty.
    pub paths: Vec<Path>,
    /// Every path of at most this many hops was looked at, but for those through [`PathsBound::Fan`]; `None`: of none.
    pub hops_covered: Option<u32>,
    /// Whether there is none of more hops either: the search ran out of places to look at.
    pub is_none_at_all: bool,
    /// Bounds of the work that were hit, ascending.
    pub gave_up: Vec<PathsBound>,
    /// Where branches of the search ended, ascending.
    pub ended: Vec<Ended>,
    /// Steps looked at.
    pub edge_count: u64,
    /// Outputs that belong to both parties. They are no path.
    pub shared_outputs: u64,
}

impl Paths {
    /// Whether the paths given are proven to be the first of the order, and all there are where they are fewer than
    /// asked for.
    pub fn is_whole(&self) -> bool {
        self.gave_up.is_empty()
    }
}
