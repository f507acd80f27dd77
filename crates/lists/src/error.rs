//! Why a list or the store of lists cannot be read or written.

use athar_disk::DiskError;
use std::path::{Path, PathBuf};

/// A failure that concerns a file as a whole. What was stored before stays as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListError {
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is larger than the limit.
    #[error("{}: {bytes} bytes, more than the {max} that are read", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its length in bytes.
        bytes: u64,
        /// The limit in bytes.
        max: u64,
    },
    /// The file breaks its own format, is cut off, or is hostile: no part of it can be trusted.
    #[error("{}: line {line}, byte {byte}: {message}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u32,
        /// The byte, from 0.
        byte: u64,
        /// What is wrong.
        message: String,
    },
    /// No importer knows the file.
    #[error("{}: not a list that is read (OFAC, UN, EU, UK, NBCTF, FollowTheMoney, `id,name` CSV): {message}", path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// What it looks like.
        message: String,
    },
    /// A stored file is not what it was when it was written.
    #[error("{}: damaged: {message}; restore it from a copy, or import its source again into a new store", path.display())]
    Corrupt {
        /// The stored file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// The store has no such list or version.
    #[error("no imported list or version `{what}`; `athar lists` shows which there are")]
    NoSuch {
        /// What was asked for.
        what: String,
    },
}

impl From<DiskError> for ListError {
    fn from(DiskError { path, source, .. }: DiskError) -> Self {
        Self::Io { path, source }
    }
}

impl ListError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn corrupt(path: &Path, message: impl ToString) -> Self {
        Self::Corrupt { path: path.to_owned(), message: message.to_string() }
    }

    pub(crate) fn malformed(path: &Path, line: u32, byte: u64, message: impl ToString) -> Self {
        Self::Malformed { path: path.to_owned(), line, byte, message: message.to_string() }
    }
}
