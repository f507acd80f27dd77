//! What can be wrong with a price file.

use std::{io, path::PathBuf};

/// An error about prices. Every one names the file, and the line where there is one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PricesError {
    /// The operating system refused to read a file.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{} line {line}: {what}", path.display())]
    Input {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// What is wrong there.
        what: String,
    },
    /// The prices of a store are not the ones that were written.
    #[error(
        "{} does not fit its checksum: it was changed or cut off\nhint: restore it from a copy, or remove it and import the prices again",
        .0.display()
    )]
    Damaged(PathBuf),
    /// The prices of a store were written by a later program.
    #[error("{} has version {version}, which this program does not know\nhint: use the program that wrote it", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The version.
        version: String,
    },
}
