//! The bounds of a trace over accounts, each with a name.

use super::amount::Sum;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// How far a trace may go. Every bound that is hit appears in the answer with what was left there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountLimits {
    /// Taint that arrives with this many hops is not followed further.
    pub hops_max: u32,
    /// The trace never has more edges (transfers that carry taint) than this.
    pub edges_max: u64,
    /// Transfers that are looked at, with those of the histories that opening balances are computed from. The trace ends when
    /// it has passed this number.
    pub looked_max: u64,
    /// A balance of which more transfers than this are known when taint is on it is not followed: its account serves many.
    /// So is one of an account that has 16 times as many transfers (and more than 1,000) of whatever asset before it. Under poison those
    /// since it was reached.
    pub fan_max: u64,
    /// Taint that arrives with one transfer and is below this much of its asset (smallest units) is not followed further.
    pub amount_min: BTreeMap<u32, Sum>,
    /// Going backward, only transfers with this number or above are followed.
    pub since: Option<u64>,
    /// Going forward, only transfers below this number are followed.
    pub until: Option<u64>,
    /// Whether to go through contracts that [`super::AccountStops`] does not name, as if they were persons.
    pub through_contracts: bool,
}

impl Default for AccountLimits {
    fn default() -> Self {
        Self {
            hops_max: 3,
            edges_max: 1_000_000,
            looked_max: 20_000_000,
            fan_max: 100_000,
            amount_min: BTreeMap::new(),
            since: None,
            until: None,
            through_contracts: false,
        }
    }
}

impl AccountLimits {
    /// No bound at all, but contracts.
    pub const NONE: Self = Self {
        hops_max: u32::MAX - 1,
        edges_max: u64::MAX,
        looked_max: u64::MAX,
        fan_max: u64::MAX,
        amount_min: BTreeMap::new(),
        since: None,
        until: None,
        through_contracts: false,
    };
}

/// A bound at which taint was left. Where several would apply, the first of this order is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AccountBound {
    /// [`AccountLimits::since`]: the next transfers lie below it.
    Since,
    /// [`AccountLimits::until`]: the next transfers lie above it.
    Until,
    /// [`AccountLimits::hops_max`].
    Hops,
    /// [`AccountLimits::amount_min`].
    Amount,
    /// [`AccountLimits::fan_max`].
    Fan,
    /// [`AccountLimits::edges_max`].
    Edges,
    /// [`AccountLimits::looked_max`].
    Looked,
    /// Paid back what the account had spent before it came, inside one transaction of swaps (a flash swap).
    Advance,
    /// The sink asked to end. An answer that holds it depends on more than its question.
    Cancelled,
}

impl AccountBound {
    /// Every bound, in order.
    pub const ALL: [Self; 9] = [
        Self::Since,
        Self::Until,
        Self::Hops,
        Self::Amount,
        Self::Fan,
        Self::Edges,
        Self::Looked,
        Self::Advance,
        Self::Cancelled,
    ];

    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Since => "since",
            Self::Until => "until",
            Self::Hops => "hops",
            Self::Amount => "amount",
            Self::Fan => "fan",
            Self::Edges => "edges",
            Self::Looked => "looked",
            Self::Advance => "advance",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for AccountBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_listed_in_order_and_serialised_by_name() {
        assert!(AccountBound::ALL.is_sorted());
        for bound in AccountBound::ALL {
            assert_eq!(serde_json::to_value(bound).unwrap(), bound.name());
        }
    }
}
