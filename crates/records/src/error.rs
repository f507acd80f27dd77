//! What can go wrong with records.

use athar_vault::{Failure, VaultError};
use std::{io, path::PathBuf};

/// What a transaction gives.
pub(crate) type Done<T> = athar_vault::Done<T, RecordsError>;

/// An error of the store of records; it names the file and the place in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordsError {
    /// The databases.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A record cannot be decrypted: a byte was changed, or its key is another. The other records are not touched by it.
    #[error("record {id} in {} cannot be read: {what}", path.display())]
    Record {
        /// The record.
        id: u64,
        /// The database.
        path: PathBuf,
        /// Why.
        what: String,
    },
    /// The file cannot be read further. What was read before this place is stored, and importing the file again goes on.
    #[error("{file}: line {line}: {what}")]
    File {
        /// The file, as it was named.
        file: String,
        /// Where: a line from 1, of a JSON array its element.
        line: u64,
        /// What is wrong.
        what: String,
    },
    /// The operating system refused something.
    #[error("cannot read {file}: {source}")]
    Io {
        /// The file, as it was named.
        file: String,
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
    /// There is no such record or import, or it was deleted.
    #[error("there is no {what} {id}")]
    Unknown {
        /// `record` or `import`.
        what: &'static str,
        /// Its number.
        id: u64,
    },
    /// An import was deleted while its file was read: nothing of it is stored.
    #[error("import {id} was deleted while its file was read; nothing of it is stored")]
    DeletedMeanwhile {
        /// Its number.
        id: u64,
    },
    /// More than one answer may hold.
    #[error("{what}: more than {max}; ask for fewer")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        max: u64,
    },
}

impl RecordsError {
    pub(crate) fn input(field: &'static str, what: impl Into<String>) -> Self {
        Self::Input { field, what: what.into() }
    }
}

impl From<RecordsError> for Failure<RecordsError> {
    fn from(error: RecordsError) -> Self {
        Self::Ours(error)
    }
}
