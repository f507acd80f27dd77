//! What can go wrong with a forest, always with the file it went wrong in.

use athar_disk::DiskError;
use athar_ledger::LedgerError;
use std::{io, path::PathBuf};

/// An error of the entities. None of them leaves a forest that cannot be built again from the ledger.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EntitiesError {
    /// A file could not be written or read, or a column of the forest is damaged.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The operating system refused an operation on a file.
    #[error("cannot {op} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        op: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of the forest is not what its manifest or its rules say.
    #[error("{} is damaged: {what}\nhint: remove {} and build the entities again", path.display(), forest.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        what: String,
        /// The folder that can be removed: everything in it can be rebuilt.
        forest: PathBuf,
    },
    /// Entities of another block than the ledger's last one, where a table of the whole chain was to be made.
    #[error("the entities in {} end at another block than the chain\nhint: build them first", forest.display())]
    Behind {
        /// The folder of the entities.
        forest: PathBuf,
    },
}

impl From<DiskError> for EntitiesError {
    fn from(DiskError { op, path, source }: DiskError) -> Self {
        Self::Io { op, path, source }
    }
}

/// Adds what was tried, and on which file, to an IO error.
pub(crate) trait IoContext<T> {
    fn at(self, op: &'static str, path: impl Into<PathBuf>) -> Result<T, EntitiesError>;
}

impl<T> IoContext<T> for io::Result<T> {
    fn at(self, op: &'static str, path: impl Into<PathBuf>) -> Result<T, EntitiesError> {
        self.map_err(|source| EntitiesError::Io { op, path: path.into(), source })
    }
}
