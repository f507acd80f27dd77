//! Roles: each includes the one before it.

use crate::TeamError;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// What a user may do in general; what he may do in a case is the case's affair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads and screens.
    Viewer,
    /// Also writes: cases, decisions on alerts and labels.
    Analyst,
    /// Also sees every case, the audit log, and puts policies into force.
    Supervisor,
    /// Also keeps users, keys and settings.
    Admin,
}

impl Role {
    /// All, the least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Analyst, Self::Supervisor, Self::Admin];

    /// The stable word.
    pub fn text(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Analyst => "analyst",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Role {
    type Err = TeamError;

    fn from_str(text: &str) -> Result<Self, TeamError> {
        Self::ALL
            .into_iter()
            .find(|role| role.text() == text)
            .ok_or_else(|| TeamError::invalid("role", "is one of viewer, analyst, supervisor, admin"))
    }
}
