//! What can go wrong behind the façade.

use athar_entities::EntitiesError;
use athar_ingest::IngestError;
use athar_labels::LabelError;
use athar_ledger::LedgerError;
use athar_node::NodeError;
use athar_trace::TraceError;
use std::{io, path::PathBuf};

/// An error of the engine. Every one names the file and place it came from, where there is one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Reading blocks.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// Entities.
    #[error(transparent)]
    Entities(#[from] EntitiesError),
    /// Labels.
    #[error(transparent)]
    Labels(#[from] LabelError),
    /// Tracing.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// A live node, or the way to it.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The operating system refused an operation on a file.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that the user gave is not what it should be.
    #[error("{} line {line}: {what}", path.display())]
    Input {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// What is wrong there.
        what: String,
    },
    /// The store has no chain yet.
    #[error("the store {} holds no blocks yet\nhint: `athar ingest bitcoin --blocks DIR` reads a node's block files", .0.display())]
    Empty(PathBuf),
    /// The entities of that selection were not built, or are older than the chain.
    #[error("the store {} has no entities by {heuristics} for its chain\nhint: `athar ingest bitcoin --blocks DIR --heuristics {heuristics}` builds them", folder.display())]
    NoEntities {
        /// The selection asked for.
        heuristics: String,
        /// The store.
        folder: PathBuf,
    },
    /// What was asked for is not of a form that the command takes.
    #[error("`{input}`: {what}")]
    Target {
        /// What was asked for, shortened.
        input: String,
        /// Why it cannot be used.
        what: String,
    },
}
