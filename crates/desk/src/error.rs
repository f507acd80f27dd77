//! What can go wrong at the desk.

use crate::webhook::GuardError;
use athar_engine::EngineError;
use athar_vault::VaultError;
use std::{io, path::PathBuf};

/// An error of the desk; it names the file or the field.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// The databases, or the operating system.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// What was given cannot be taken.
    #[error("{field}: {what}")]
    Input {
        /// Which field.
        field: &'static str,
        /// Why not.
        what: String,
    },
    /// A named maximum is reached.
    #[error("{what}: no more than {max}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        max: u64,
    },
    /// There is no such thing.
    #[error("there is no {what} {id}")]
    Unknown {
        /// What kind of thing.
        what: &'static str,
        /// Which.
        id: String,
    },
    /// The time in which a request should have been finished has passed, and another has taken it over.
    #[error("the request was taken over by another: its time had passed")]
    TakenOver,
    /// A line of a file that cannot be read.
    #[error("{file} line {line}: {what}")]
    File {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// Somebody else changed it meanwhile.
    #[error("alert {id} has version {found}, not {expected}: somebody else changed it meanwhile; look at it again")]
    Overtaken {
        /// Which.
        id: i64,
        /// The version that was looked at.
        expected: i64,
        /// The version that it has.
        found: i64,
    },
    /// What was asked for does not fit the state that something is in.
    #[error("alert {id}: {what}")]
    State {
        /// Which.
        id: i64,
        /// Why not.
        what: String,
    },
    /// A target of webhooks that is refused.
    #[error("webhook target: {0}")]
    Target(#[from] GuardError),
    /// The store that is screened.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl DeskError {
    /// What the operating system refused, of a file.
    pub(crate) fn io(path: impl Into<PathBuf>, source: io::Error) -> Self {
        VaultError::Io { path: path.into(), source }.into()
    }

    pub(crate) fn input(field: &'static str, what: impl Into<String>) -> Self {
        Self::Input { field, what: what.into() }
    }

    pub(crate) fn unknown(what: &'static str, id: impl ToString) -> Self {
        Self::Unknown { what, id: id.to_string() }
    }
}
