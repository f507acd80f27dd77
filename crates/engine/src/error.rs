//! What can go wrong behind the façade.

use athar_disk::DiskError;
use athar_entities::EntitiesError;
use athar_ingest::IngestError;
use athar_labels::LabelError;
use athar_ledger::LedgerError;
use athar_lists::ListError;
use athar_node::NodeError;
use athar_policy::PolicyError;
use athar_prices::PricesError;
use athar_trace::TraceError;
use athar_types::Chain;
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
    /// Official lists.
    #[error(transparent)]
    Lists(#[from] ListError),
    /// The chain in the store has moved on while a question about it was answered.
    #[error("the chain in {} moved on while the question was answered; ask again", folder.display())]
    Moved {
        /// The store.
        folder: PathBuf,
    },
    /// The store has no list to screen names against.
    #[error("no list of names is imported: `athar lists import FILE` or `athar names import FILE` brings one")]
    NoLists,
    /// What stands in an output file is no beginning of what is asked.
    #[error("{}: {what}", path.display())]
    Output {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Off-chain records.
    #[error(transparent)]
    Records(#[from] athar_records::RecordsError),
    /// Sightings.
    #[error(transparent)]
    Sightings(#[from] athar_sightings::SightingsError),
    /// Rules of patterns.
    #[error(transparent)]
    Patterns(#[from] athar_patterns::RuleError),
    /// Prices.
    #[error(transparent)]
    Prices(#[from] PricesError),
    /// Risk policies.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// Tracing over accounts.
    #[error(transparent)]
    AccountTrace(#[from] athar_trace::account::AccountError),
    /// Tracing.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// A live node, or the way to it.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// A live node of a chain of accounts.
    #[error(transparent)]
    AccountNode(#[from] athar_node::account::EvmError),
    /// The operating system refused an operation on a file.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of the store's is not what it should be at a line.
    #[error("{} line {line}: {what}", path.display())]
    Input {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong there.
        what: String,
    },
    /// The cut list of the store cannot be read or written.
    #[error("cut list {}: {what}", path.display())]
    Cuts {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The store has no chain yet.
    #[error("the store {} holds no blocks of {chain} yet\nhint: `athar ingest {chain} --blocks DIR` reads a node's block files", folder.display())]
    Empty {
        /// The chain asked.
        chain: Chain,
        /// The store.
        folder: PathBuf,
    },
    /// The store has nothing of a chain of accounts yet.
    #[error("the store {} holds no blocks of {chain} yet\nhint: `athar ingest {chain} --files FILE...` reads dumps, `--rpc URL` a node", folder.display())]
    EmptyAccounts {
        /// The chain asked.
        chain: Chain,
        /// The store.
        folder: PathBuf,
    },
    /// A question that chains of accounts do not answer yet.
    #[error("{0} is a chain of accounts, and this question is not there for such chains yet")]
    OnlyOutputs(Chain),
    /// A question that only chains of accounts answer.
    #[error("{0} is no chain of accounts")]
    NotAccounts(Chain),
    /// Files of a chain of accounts.
    #[error(transparent)]
    AccountSource(#[from] athar_ingest::account::AccountSourceError),
    /// A block of a chain of accounts that cannot be read.
    #[error(transparent)]
    AccountBlock(#[from] athar_chains::account::AccountError),
    /// The entities of that selection were not built, or are older than the chain.
    #[error("the store {} has no entities by {heuristics} for its chain\nhint: `athar ingest {chain} --blocks DIR --clustering {heuristics}` builds them, or `--heuristics` with a list of heuristics", folder.display())]
    NoEntities {
        /// The chain asked.
        chain: Chain,
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

impl From<DiskError> for EngineError {
    fn from(error: DiskError) -> Self {
        Self::Ledger(error.into())
    }
}
