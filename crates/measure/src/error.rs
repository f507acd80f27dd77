//! What can go wrong while measuring.

use std::{io, path::PathBuf};

/// What can go wrong while measuring. Every case names the file or the world.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// The world could not be made.
    #[error("simulated world {seed}: {source}")]
    Simulate {
        /// Its seed.
        seed: u64,
        /// Why.
        source: athar_simulate::SimulateError,
    },
    /// The world could not be read into a store, or the store not be read.
    #[error("simulated world {seed}: {source}")]
    Engine {
        /// Its seed.
        seed: u64,
        /// Why.
        source: Box<athar_engine::EngineError>,
    },
    /// A file of the truth, or a folder for it.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A list of names.
    #[error(transparent)]
    List(#[from] athar_lists::ListError),
    /// A table of names.
    #[error("{}: {what}", path.display())]
    Names {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Patterns could not be run.
    #[error("simulated world {seed}: patterns: {what}")]
    Patterns {
        /// Its seed.
        seed: u64,
        /// Why.
        what: String,
    },
    /// A line of the truth.
    #[error("{} line {line}: {what}", path.display())]
    Truth {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        what: String,
    },
}

impl MeasureError {
    pub(crate) fn names(path: &std::path::Path, what: impl ToString) -> Self {
        Self::Names { path: path.into(), what: what.to_string() }
    }
}
