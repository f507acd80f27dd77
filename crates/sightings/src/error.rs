//! What can go wrong in the store of sightings.

use crate::ItemId;
use athar_vault::{Failure, VaultError};
use std::path::PathBuf;

/// What a transaction gives.
pub(crate) type Done<T> = athar_vault::Done<T, SightingsError>;

/// An error of the store; it names the file, the item or the field.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SightingsError {
    /// The databases.
    #[error(transparent)]
    Vault(#[from] VaultError),
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

impl From<SightingsError> for Failure<SightingsError> {
    fn from(error: SightingsError) -> Self {
        Self::Ours(error)
    }
}
