//! What can go wrong at the desk.

use crate::webhook::GuardError;
use athar_engine::EngineError;
use athar_vault::VaultError;
use std::{io, path::PathBuf};

/// An error of the desk; it names the file or the field.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// The database is damaged, or is none.
    #[error("{} is damaged: {what}\nhint: keep a copy of it, then `sqlite3 FILE .recover` saves what can be read", path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        what: String,
    },
    /// Somebody else holds it for longer than is waited.
    #[error("{} is in use by another process: {what}", path.display())]
    Locked {
        /// The database, or the file that is locked.
        path: PathBuf,
        /// What SQLite said.
        what: String,
    },
    /// No room to write. Nothing of the operation was stored.
    #[error("no room to write {}: the disk or the database is full; nothing of this was stored", path.display())]
    Full {
        /// The database.
        path: PathBuf,
    },
    /// Written by a newer version of the program.
    #[error("{} has version {found} of its tables, and this program knows up to {known}: use the newer program", path.display())]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// Anything else that SQLite says.
    #[error("cannot use {}: {source}", path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What it said.
        source: rusqlite::Error,
    },
    /// The operating system refused something.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
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
    /// Anything else of the database.
    #[error(transparent)]
    Vault(VaultError),
    /// The store that is screened.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl DeskError {
    pub(crate) fn input(field: &'static str, what: impl Into<String>) -> Self {
        Self::Input { field, what: what.into() }
    }

    pub(crate) fn unknown(what: &'static str, id: impl ToString) -> Self {
        Self::Unknown { what, id: id.to_string() }
    }
}

impl From<VaultError> for DeskError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Damaged { path, what } => Self::Damaged { path, what },
            VaultError::Locked { path, what } => Self::Locked { path, what },
            VaultError::Full { path } => Self::Full { path },
            VaultError::Newer { path, found, known } => Self::Newer { path, found, known },
            VaultError::Database { path, source } => Self::Database { path, source },
            VaultError::Io { path, source } => Self::Io { path, source },
            other => Self::Vault(other),
        }
    }
}
