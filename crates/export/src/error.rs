//! What can go wrong with an export, always with the file it went wrong in.

use crate::Table;
use arrow_schema::ArrowError;
use athar_engine::EngineError;
use parquet::errors::ParquetError;
use std::{io, path::PathBuf};

/// An error of an export. Files that were finished before it stay, and the next run goes on after them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The store.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The operating system refused an operation on a file.
    #[error("cannot {op} {}: {source}\nhint: what is finished stays; the same command goes on where it stopped", path.display())]
    Io {
        /// What was tried, as a verb.
        op: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file could not be encoded.
    #[error("cannot write {}: {source}", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What the encoder said.
        source: ParquetError,
    },
    /// Rows that do not fit their table.
    #[error("table {table}: {source}")]
    Rows {
        /// The table.
        table: Table,
        /// What does not fit.
        source: ArrowError,
    },
    /// A value that a column cannot hold.
    #[error("output {output} has a value of {value_sat} satoshi, more than any chain allows: run `athar verify`")]
    Value {
        /// The output.
        output: u64,
        /// Its value.
        value_sat: u64,
    },
    /// Blocks that the chain does not have.
    #[error("blocks {from} to {to}: {what}")]
    Range {
        /// First block asked for.
        from: u32,
        /// Last block asked for.
        to: u32,
        /// Why there are none such.
        what: String,
    },
    /// The folder holds something that no export wrote.
    #[error("{} is no part of an export\nhint: export into a new or an empty folder", .0.display())]
    Foreign(PathBuf),
    /// The folder holds an export of another state of the store, or with other settings.
    #[error("{} holds the table {table} of another state of the store, or with other settings: {held}\nhint: {hint}", folder.display())]
    OtherState {
        /// The folder.
        folder: PathBuf,
        /// The first table that differs.
        table: Table,
        /// What the folder says of itself.
        held: String,
        /// What the user can do.
        hint: String,
    },
    /// The manifest of the folder cannot be believed.
    #[error("{} is damaged: {what}\nhint: export into a new folder", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// Another process exports into the folder.
    #[error("{} is in use by another export\nhint: wait for it to end, or export into another folder", .0.display())]
    Locked(PathBuf),
}

impl ExportError {
    /// An error of the encoder: one of the file below it where there is one.
    pub(crate) fn parquet(path: impl Into<PathBuf>, error: ParquetError) -> Self {
        let path = path.into();
        match error {
            ParquetError::External(inner) => match inner.downcast::<io::Error>() {
                Ok(source) => Self::Io { op: "write", path, source: *source },
                Err(inner) => Self::Parquet { path, source: ParquetError::External(inner) },
            },
            source => Self::Parquet { path, source },
        }
    }
}

/// Adds what was tried, and on which file, to an IO error.
pub(crate) trait IoContext<T> {
    fn at(self, op: &'static str, path: impl Into<PathBuf>) -> Result<T, ExportError>;
}

impl<T> IoContext<T> for io::Result<T> {
    fn at(self, op: &'static str, path: impl Into<PathBuf>) -> Result<T, ExportError> {
        self.map_err(|source| ExportError::Io { op, path: path.into(), source })
    }
}
