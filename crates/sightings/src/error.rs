//! What can go wrong in the store of sightings.

use crate::ItemId;
use std::{io, path::PathBuf};

/// An error of the store; it names the file, the item or the field.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SightingsError {
    /// A database is damaged, or is none.
    #[error("{} is damaged: {what}\nhint: keep a copy of it, then `sqlite3 FILE .recover` saves what can be read", path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        what: String,
    },
    /// What is kept of one item cannot be decrypted: a byte was changed, or its key is another. The other items are not touched by it.
    #[error("item {item} in {} cannot be read: {what}", path.display())]
    Item {
        /// The item.
        item: ItemId,
        /// The database.
        path: PathBuf,
        /// Which part, and why.
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
    /// There is no such item, or it was deleted.
    #[error("there is no item {0}")]
    Unknown(ItemId),
    /// An item is no longer open: another run reads the same file and took it over, or it was finished.
    #[error("item {0} is not open: it was finished, or another run reads the same document")]
    NotOpen(ItemId),
}

impl SightingsError {
    pub(crate) fn input(field: &'static str, what: impl Into<String>) -> Self {
        Self::Input { field, what: what.into() }
    }
}
