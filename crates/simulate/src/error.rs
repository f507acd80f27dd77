//! Why a world could not be written.

use std::{io, path::PathBuf};

/// Why a world could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// More or fewer transactions than the simulator is made for.
    #[error("{txs} transactions: choose {min} to {max}")]
    Size {
        /// What was asked for.
        txs: u32,
        /// Fewest.
        min: u32,
        /// Most.
        max: u32,
    },
    /// The folder holds something already; a world beside other block files would not be the world asked for.
    #[error("{path}: not empty (an earlier world there is replaced only when asked for)")]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A file or folder could not be made, written or removed: no such disk, no permission, disk full.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The encoding threads could not be started.
    #[error("cannot start {threads} encoding threads: {reason}")]
    Threads {
        /// How many were wanted; 0 is one a core.
        threads: usize,
        /// What the thread pool said.
        reason: String,
    },
}

impl SimulateError {
    /// An [`io::Error`] with the file it is about.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
