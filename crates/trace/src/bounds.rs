//! The bounds of a trace, each with a name, and what was left at each.

use athar_types::Height;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How far a trace may go. Every bound that is hit appears in the answer ([`Bounded`]) with what was left there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Taint that has made this many hops is not followed further. 0 follows nothing.
    pub hops_max: u32,
    /// The trace never has more edges than this: the first transaction, in trace order, whose edges would pass it is
    /// not entered, nor is any after it.
    pub edges_max: u64,
    /// An output whose taint is below this many satoshi is not followed further.
    pub amount_min_sat: u64,
    /// Only transactions at or above this height are passed through.
    pub since: Option<Height>,
    /// Only transactions at or below this height are passed through.
    pub until: Option<Height>,
    /// A transaction with more outputs than this (backward: more inputs) is not entered.
    pub outputs_max: u32,
    /// At most this many outputs are taken as sources, the first in the caller's order; see [`crate::Sources`].
    pub sources_max: usize,
    /// At most this many edges are listed in a [`crate::Trace`]. Counting, amounts and paths do not depend on it.
    pub edges_listed_max: usize,
    /// Whether paths can be asked for afterwards: 48 bytes of memory for each edge.
    pub keep_paths: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            hops_max: 3,
            edges_max: 1_000_000,
            amount_min_sat: 0,
            since: None,
            until: None,
            outputs_max: 10_000,
            sources_max: 1_000_000,
            edges_listed_max: 10_000,
            keep_paths: true,
        }
    }
}

impl Limits {
    /// No bound at all: follows everything to its end.
    pub const NONE: Self = Self {
        hops_max: u32::MAX,
        edges_max: u64::MAX,
        amount_min_sat: 0,
        since: None,
        until: None,
        outputs_max: u32::MAX,
        sources_max: usize::MAX,
        edges_listed_max: usize::MAX,
        keep_paths: true,
    };
}

/// A bound at which taint was left. Where several would apply, the first of this order is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Bound {
    /// [`Limits::since`]: the next transaction lies below it.
    Since,
    /// [`Limits::until`]: the next transaction lies above it.
    Until,
    /// [`Limits::hops_max`].
    Hops,
    /// [`Limits::amount_min_sat`].
    Amount,
    /// [`Limits::outputs_max`].
    Outputs,
    /// [`Limits::edges_max`].
    Edges,
    /// The [`crate::Sink`] asked to end. An answer that holds it depends on more than its question.
    Cancelled,
}

impl Bound {
    /// Every bound, in order.
    pub const ALL: [Self; 7] =
        [Self::Since, Self::Until, Self::Hops, Self::Amount, Self::Outputs, Self::Edges, Self::Cancelled];

    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Since => "since",
            Self::Until => "until",
            Self::Hops => "hops",
            Self::Amount => "amount",
            Self::Outputs => "outputs",
            Self::Edges => "edges",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What was left at one bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounded {
    /// The bound.
    pub bound: Bound,
    /// Satoshi left there.
    pub sat: u64,
    /// Number of outputs they lie on.
    pub outputs: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_listed_in_order_and_serialised_by_name() {
        assert!(Bound::ALL.is_sorted());
        for bound in Bound::ALL {
            assert_eq!(serde_json::to_value(bound).unwrap(), bound.name());
        }
    }
}
