//! What can go wrong with a database or a key.

use std::{io, path::PathBuf};

/// An error of a database or of its keys; it names the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// A database is damaged, or is none.
    #[error("{} is damaged: {what}\nhint: keep a copy of it, then `sqlite3 FILE .recover` saves what can be read", path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        what: String,
    },
    /// Somebody else holds a database for longer than is waited.
    #[error("{} is in use by another process: {what}", path.display())]
    Locked {
        /// The database.
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
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The operating system gives no random numbers.
    #[error("no random bytes for a key: {0}")]
    Random(String),
    /// More than the cipher takes: some 256 GiB.
    #[error("too long to encrypt")]
    TooLong,
}
