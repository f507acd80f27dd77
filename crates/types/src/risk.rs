//! Levels of risk, and how an address relates to what makes the risk.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A level of risk. `Unknown` is the lowest: nothing is known, which is not the same as [`Level::None`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nothing is known.
    #[default]
    Unknown,
    /// Something is known, and it is no risk.
    None,
    /// Worth noting.
    Low,
    /// Worth a look by a person.
    Medium,
    /// To be decided on by a person before anything moves.
    High,
    /// Designated, or decided by a court.
    Severe,
}

impl Level {
    /// Every level, from the lowest.
    pub const ALL: [Self; 6] = [Self::Unknown, Self::None, Self::Low, Self::Medium, Self::High, Self::Severe];

    /// The name in files, answers and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Severe => "severe",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Why a text is no level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no known level (unknown, none, low, medium, high, severe)")]
pub struct LevelError;

impl FromStr for Level {
    type Err = LevelError;

    fn from_str(text: &str) -> Result<Self, LevelError> {
        Self::ALL.into_iter().find(|l| l.name() == text).ok_or(LevelError)
    }
}

/// How the address asked about relates to the labelled one. Three different things, never merged.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// The label is on the address itself or on its entity.
    Ownership,
    /// The address is a customer's deposit address, and the label is on the service that holds it.
    #[serde(rename = "account-at")]
    AccountAt,
    /// One transaction away: paid by it or paying it directly.
    Counterparty,
    /// More than one transaction away.
    Indirect,
}

impl Relation {
    /// Every relation, from the closest.
    pub const ALL: [Self; 4] = [Self::Ownership, Self::AccountAt, Self::Counterparty, Self::Indirect];

    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ownership => "ownership",
            Self::AccountAt => "account-at",
            Self::Counterparty => "counterparty",
            Self::Indirect => "indirect",
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_and_unknown_is_below_none() {
        assert!(Level::ALL.is_sorted());
        assert!(Level::Unknown < Level::None && Level::High < Level::Severe);
        for level in Level::ALL {
            assert_eq!(level.name().parse(), Ok(level));
            assert_eq!(serde_json::to_value(level).unwrap(), level.name());
        }
        assert_eq!("Severe".parse::<Level>(), Err(LevelError));
    }

    #[test]
    fn relations_are_named_as_in_answers() {
        for relation in Relation::ALL {
            assert_eq!(serde_json::to_value(relation).unwrap(), relation.name());
        }
    }
}
