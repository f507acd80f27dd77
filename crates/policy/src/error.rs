//! What can be wrong with a policy, its file, or the store of policies.

use athar_disk::DiskError;
use std::{io, path::PathBuf};

/// An error about policies. It names the file, and the line and field where there is one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is longer than a policy can be.
    #[error("{}: longer than {max} bytes, so no policy", path.display())]
    Large {
        /// The file.
        path: PathBuf,
        /// The bound.
        max: usize,
    },
    /// The file is no TOML, or one of its fields is wrong.
    #[error("{} line {line}: {}{what}", path.display(), if field.is_empty() { String::new() } else { format!("{field}: ") })]
    Field {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The field, as `rule[2].when.all[0].usd`; empty where it is the whole file.
        field: String,
        /// What is wrong.
        what: String,
    },
    /// No policy has that name.
    #[error("no policy is called {what}\nhint: `athar policy list` names them; a file is named by its path")]
    NoSuch {
        /// What was asked for.
        what: String,
    },
    /// The store of policies does not allow it.
    #[error("policy {what}")]
    Refused {
        /// What and why.
        what: String,
    },
    /// A file of the store is damaged.
    #[error("{}: {what}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The disk refused to write.
    #[error(transparent)]
    Disk(#[from] DiskError),
}
