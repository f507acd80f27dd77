//! Why a case cannot be read or changed.

use crate::TeamError;
use serde_json::Value;

/// An error about a case. None of them holds what a case says, so that they may stand in a log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaseError {
    /// There is no such thing, or the person who asks may not know of it: the two are told alike.
    #[error("there is no such {0}")]
    Absent(&'static str),
    /// The person may read, but not do this.
    #[error("{0}")]
    Forbidden(&'static str),
    /// A field is not of its form.
    #[error("`{field}` {what}")]
    Input {
        /// The field.
        field: String,
        /// What is wrong with it.
        what: String,
    },
    /// There are as many as there may be.
    #[error("{what}: no more than {max}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        max: u64,
    },
    /// Somebody else changed it since the version that was seen.
    #[error("it has version {found}, not {expected}")]
    Overtaken {
        /// The version that the change names.
        expected: i64,
        /// The version that it has.
        found: i64,
        /// The present state, as a reader would be given it.
        current: Box<Value>,
    },
    /// What was asked for does not fit the state.
    #[error("{0}")]
    State(String),
    /// A file of an exported case cannot be taken in.
    #[error("{member}: {what}; nothing was imported")]
    Archive {
        /// The member of the ZIP file it is about, short and without control characters.
        member: String,
        /// What is wrong.
        what: String,
    },
    /// The database, or the audit log.
    #[error(transparent)]
    Team(#[from] TeamError),
}

impl CaseError {
    /// A field that is not of its form.
    pub(crate) fn input(field: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Input { field: field.into(), what: what.into() }
    }

    /// A state that does not fit.
    pub(crate) fn state(what: impl Into<String>) -> Self {
        Self::State(what.into())
    }
}
