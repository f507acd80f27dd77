//! What can go wrong with what a team keeps.
//!
//! An error names the database by a text that never holds a password: the path of a file, or `postgres://USER@HOST:PORT/NAME`.

use athar_vault::VaultError;
use std::{io, path::PathBuf, sync::Arc};

/// An error of the team's database or of what is kept in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TeamError {
    /// The URL of a database cannot be used.
    #[error("this is no URL of a PostgreSQL database that can be used: {what}")]
    Url {
        /// What is wrong; never the password.
        what: String,
    },
    /// A database does not answer, or the connection to it was lost before anything was stored.
    #[error("{database} does not answer: {what}")]
    Unreachable {
        /// Which.
        database: String,
        /// What was said.
        what: String,
    },
    /// The connection was lost while a transaction was being stored.
    #[error(
        "{database}: the connection was lost while storing; look whether it was stored before doing it again: {what}"
    )]
    Unknown {
        /// Which.
        database: String,
        /// What was said.
        what: String,
    },
    /// Somebody else holds the database for longer than is waited.
    #[error("{database} is in use, and it was waited long enough: {what}")]
    Busy {
        /// Which.
        database: String,
        /// What was said.
        what: String,
    },
    /// No room to write. Nothing of the operation was stored.
    #[error("no room to write {database}: the disk or the database is full; nothing of this was stored")]
    Full {
        /// Which.
        database: String,
    },
    /// The database is damaged, or is none.
    #[error("{database} is damaged: {what}")]
    Damaged {
        /// Which.
        database: String,
        /// What was found.
        what: String,
    },
    /// Written by a newer version of the program.
    #[error(
        "{database} has version {found} of its tables, and this program knows up to {known}: use the newer program"
    )]
    Newer {
        /// Which.
        database: String,
        /// Its version.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// Anything else that the database says.
    #[error("cannot use {database}: {what}")]
    Database {
        /// Which.
        database: String,
        /// What was said.
        what: String,
    },
    /// A value that must be there once is there already.
    #[error("{what} is there already")]
    Taken {
        /// What.
        what: String,
    },
    /// A row refers to one that is not there, or would leave one that refers to it.
    #[error("something refers to what is not there: {what}")]
    Reference {
        /// What was said.
        what: String,
    },
    /// Not there, or not for whoever asks.
    #[error("there is no {what}")]
    NotFound {
        /// What kind of thing.
        what: &'static str,
    },
    /// It was changed since whoever asks saw it.
    #[error("this {what} was changed meanwhile: it has version {current}, and the change was made on version {seen}")]
    Version {
        /// What kind of thing.
        what: &'static str,
        /// The version that the change names.
        seen: i64,
        /// The version that is stored.
        current: i64,
    },
    /// A value that is refused.
    #[error("{field}: {why}")]
    Invalid {
        /// Which field of the request.
        field: &'static str,
        /// Why.
        why: String,
    },
    /// Not allowed in the present state, for instance taking the role from the last administrator.
    #[error("{why}")]
    Refused {
        /// Why.
        why: String,
    },
    /// More than a bound allows.
    #[error("too many {what}: at most {most}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The bound.
        most: u64,
    },
    /// The audit log could not be written, and with it not what it was to tell of.
    #[error("the audit log cannot be written: {0}")]
    Log(Arc<TeamError>),
    /// A backup cannot be read.
    #[error("{}: line {line}: {what}", path.display())]
    Backup {
        /// The file.
        path: PathBuf,
        /// The line of the unpacked file, from 1.
        line: u64,
        /// What is wrong.
        what: String,
    },
    /// A file cannot be used.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system gives no random numbers.
    #[error("no random bytes: {0}")]
    Random(String),
}

impl TeamError {
    pub(crate) fn invalid(field: &'static str, why: impl Into<String>) -> Self {
        Self::Invalid { field, why: why.into() }
    }
}

impl From<VaultError> for TeamError {
    fn from(error: VaultError) -> Self {
        let shown = |path: PathBuf| path.display().to_string();
        match error {
            VaultError::Damaged { path, what } => Self::Damaged {
                database: shown(path),
                what: format!("{what}\nhint: keep a copy of it, then restore a backup"),
            },
            VaultError::Locked { path, what } => Self::Busy { database: shown(path), what },
            VaultError::Full { path } => Self::Full { database: shown(path) },
            VaultError::Newer { path, found, known } => Self::Newer { database: shown(path), found, known },
            VaultError::Database { path, source } => Self::Database { database: shown(path), what: source.to_string() },
            VaultError::Io { path, source } => Self::Io { path, source },
            VaultError::Random(what) => Self::Random(what),
            other => Self::Database { database: "the database".into(), what: other.to_string() },
        }
    }
}
