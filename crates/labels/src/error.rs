//! Why a file or the store cannot be read or written.

use athar_disk::DiskError;
use std::path::{Path, PathBuf};

/// A failure that concerns a file as a whole. What was stored before stays as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabelError {
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
    /// A line is longer than the limit.
    #[error("{}: line {line} (byte {byte}) is {length} bytes long, more than the {max} that are read", path.display())]
    LineTooLong {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: u32,
        /// Byte at which the line begins, from 0.
        byte: u64,
        /// Its length in bytes.
        length: usize,
        /// The limit in bytes.
        max: usize,
    },
    /// In no encoding that is read, or in two.
    #[error("{}: line {line}, byte {byte}: {message}", path.display())]
    Encoding {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u32,
        /// The first wrong byte, from 0.
        byte: u64,
        /// What is wrong.
        message: String,
    },
    /// The file breaks its own format, so that no part of it can be trusted.
    #[error("{}: line {line}, column {column}: {message}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u32,
        /// The column in characters, from 1; 0 where the whole line is meant.
        column: u32,
        /// What is wrong.
        message: String,
    },
    /// No importer knows the file.
    #[error("{}: not a format that is read (TagPack, ActorPack, OFAC, NBCTF, CSV, Turtle): {message}", path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// What it looks like.
        message: String,
    },
    /// A decision, or a label of one's own, that cannot be made. Nothing changed.
    #[error("{}: {message}", path.display())]
    Undecidable {
        /// The label folder.
        path: PathBuf,
        /// Why not.
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
}

impl From<DiskError> for LabelError {
    fn from(DiskError { path, source, .. }: DiskError) -> Self {
        Self::Io { path, source }
    }
}

impl LabelError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn corrupt(path: &Path, message: impl ToString) -> Self {
        Self::Corrupt { path: path.to_owned(), message: message.to_string() }
    }

    pub(crate) fn undecidable(path: &Path, message: impl ToString) -> Self {
        Self::Undecidable { path: path.to_owned(), message: message.to_string() }
    }

    /// The file concerned.
    pub fn path(&self) -> &Path {
        match self {
            Self::Io { path, .. }
            | Self::TooLarge { path, .. }
            | Self::LineTooLong { path, .. }
            | Self::Encoding { path, .. }
            | Self::Malformed { path, .. }
            | Self::UnknownFormat { path, .. }
            | Self::Undecidable { path, .. }
            | Self::Corrupt { path, .. } => path,
        }
    }
}
