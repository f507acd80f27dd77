//! Three-valued logic: what holds, what does not, and what cannot be said.
//!
//! The logic is Kleene's strong one (S. C. Kleene, "Introduction to Metamathematics", 1952, section 64): "unknown" stands
//! for a value that exists and is not known, so a conjunction with something false is false whatever the unknown part is,
//! and a disjunction with something true is true.

use schemars::JsonSchema;
use serde::Serialize;
use std::{fmt, ops::Not};

/// A truth value. The order false < unknown < true makes a conjunction the least and a disjunction the greatest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Truth {
    /// It does not hold.
    False,
    /// What would decide it is not known.
    Unknown,
    /// It holds.
    True,
}

impl Truth {
    /// Every value, in order.
    pub const ALL: [Self; 3] = [Self::False, Self::Unknown, Self::True];

    /// All hold; of nothing it is true.
    pub fn all(values: impl IntoIterator<Item = Self>) -> Self {
        values.into_iter().min().unwrap_or(Self::True)
    }

    /// At least one holds; of nothing it is false.
    pub fn any(values: impl IntoIterator<Item = Self>) -> Self {
        values.into_iter().max().unwrap_or(Self::False)
    }

    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::False => "false",
            Self::Unknown => "unknown",
            Self::True => "true",
        }
    }
}

impl Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

/// What is not known is unknown.
impl From<Option<bool>> for Truth {
    fn from(value: Option<bool>) -> Self {
        value.map_or(Self::Unknown, Self::from)
    }
}

impl fmt::Display for Truth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
