//! Where an alert stands on the chain, and with whoever looks at it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the transaction of an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It waits in the mempool.
    Mempool,
    /// A block of the chain holds it.
    Block,
    /// The block that held it has left the chain.
    Reorged,
    /// It left the mempool and no block holds it: replaced, spent elsewhere, expired.
    Dropped,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 4] = [Self::Mempool, Self::Block, Self::Reorged, Self::Dropped];

    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mempool => "mempool",
            Self::Block => "block",
            Self::Reorged => "reorged",
            Self::Dropped => "dropped",
        }
    }

    /// The stage of a name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

/// What people have made of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Nobody has looked at it.
    Open,
    /// Somebody looks at it.
    InReview,
    /// Handed on.
    Escalated,
    /// Closed: it was what it said.
    ClosedTruePositive,
    /// Closed: it was not.
    ClosedFalsePositive,
}

impl AlertState {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::Open, Self::InReview, Self::Escalated, Self::ClosedTruePositive, Self::ClosedFalsePositive];

    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InReview => "in_review",
            Self::Escalated => "escalated",
            Self::ClosedTruePositive => "closed_true_positive",
            Self::ClosedFalsePositive => "closed_false_positive",
        }
    }

    /// The state of a name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether nothing is left to do.
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::ClosedTruePositive | Self::ClosedFalsePositive)
    }

    /// Whether an alert goes from this state to another. A closed one is reopened first.
    pub const fn goes_to(self, next: Self) -> bool {
        match (self, next) {
            (Self::Open, Self::Open) | (Self::InReview, Self::InReview) | (Self::Escalated, Self::Escalated) => false,
            (from, Self::Open) => from.is_closed(),
            (from, _) => !from.is_closed(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_alert_goes_nowhere_but_open() {
        use AlertState::{ClosedFalsePositive, ClosedTruePositive, Escalated, InReview, Open};
        for closed in [ClosedFalsePositive, ClosedTruePositive] {
            for next in AlertState::ALL {
                assert_eq!(closed.goes_to(next), next == Open, "{closed:?} {next:?}");
            }
        }
        assert!(Open.goes_to(InReview) && Escalated.goes_to(InReview) && InReview.goes_to(ClosedFalsePositive));
        assert!(!InReview.goes_to(Open) && !Open.goes_to(Open));
        for state in AlertState::ALL {
            assert_eq!(AlertState::of(state.name()), Some(state));
        }
        assert_eq!(AlertState::of("nonsense"), None);
    }
}
