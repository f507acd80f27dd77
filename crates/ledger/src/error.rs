//! What can go wrong with a store, always with the file it went wrong in.

use athar_disk::DiskError;
use athar_types::{Chain, Hash32, Height, Network};
use std::{io, path::PathBuf};

/// An error of the ledger. None of them leaves a store that cannot be opened again at its last commit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The operating system refused an operation on a file.
    #[error("cannot {op} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        op: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of the store is not what its manifest or format says.
    #[error("{} is damaged: {what}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        what: String,
    },
    /// Another process writes to this store.
    #[error("the store {} is in use by another process{}\nhint: wait for it to end, or use another --store", path.display(), holder.map(|p| format!(" (pid {p})")).unwrap_or_default())]
    Locked {
        /// The store's folder.
        path: PathBuf,
        /// Process id of the holder where it could be read.
        holder: Option<u32>,
    },
    /// The store was written in a format that this program does not read.
    #[error("the store {} has format {found}, this program reads format {expected}\nhint: use the program version that wrote it ({written_by}), or ingest into a new store", path.display())]
    Format {
        /// The manifest.
        path: PathBuf,
        /// Format number in the manifest.
        found: u32,
        /// Format number of this program.
        expected: u32,
        /// Program and version that wrote the manifest.
        written_by: String,
    },
    /// There is no store in that folder.
    #[error("no store in {}\nhint: `athar ingest` makes one", .0.display())]
    NoStore(PathBuf),
    /// The store holds another network of the chain.
    #[error("the store holds {chain} {stored}, the blocks are of {found}")]
    OtherNetwork {
        /// The chain.
        chain: Chain,
        /// Network in the store.
        stored: Network,
        /// Network of the blocks.
        found: Network,
    },
    /// An input spends an output that the ledger has never seen.
    #[error("block {height}: an input spends output {vout} of {txid}, which no earlier block contains")]
    MissingOutput {
        /// Height of the spending block.
        height: Height,
        /// The spent transaction.
        txid: Hash32,
        /// The spent output.
        vout: u32,
    },
    /// An output is spent a second time.
    #[error("block {height}: output {vout} of {txid} is spent a second time")]
    DoubleSpend {
        /// Height of the second spending block.
        height: Height,
        /// The spent transaction.
        txid: Hash32,
        /// The spent output.
        vout: u32,
    },
    /// A block does not follow the one before it.
    #[error("block {hash} names parent {parent}, but the chain ends at {tip}")]
    NotTheNextBlock {
        /// The block.
        hash: Hash32,
        /// Its parent.
        parent: Hash32,
        /// The end of the chain in the store.
        tip: Hash32,
    },
    /// A block of a chain of accounts does not fit what is stored, or itself.
    #[error("block {number}: {what}")]
    AccountBlock {
        /// Its number.
        number: u32,
        /// What does not fit.
        what: String,
    },
    /// The store holds another network of a chain of accounts.
    #[error("the store holds {chain} with chain id {stored}, the blocks are of chain id {found}")]
    OtherChainId {
        /// The chain.
        chain: Chain,
        /// Chain id in the store.
        stored: u64,
        /// Chain id of the blocks.
        found: u64,
    },
    /// An id space is full.
    #[error("the chain has more {0} than 32-bit ids can name")]
    Full(&'static str),
}

impl From<DiskError> for LedgerError {
    fn from(DiskError { op, path, source }: DiskError) -> Self {
        Self::Io { op, path, source }
    }
}

impl LedgerError {
    pub(crate) fn corrupt(path: impl Into<PathBuf>, what: impl Into<String>) -> Self {
        Self::Corrupt { path: path.into(), what: what.into() }
    }
}

/// Adds what was tried, and on which file, to an IO error.
pub(crate) trait IoContext<T> {
    fn at(self, op: &'static str, path: impl Into<PathBuf>) -> Result<T, LedgerError>;
}

impl<T> IoContext<T> for io::Result<T> {
    fn at(self, op: &'static str, path: impl Into<PathBuf>) -> Result<T, LedgerError> {
        self.map_err(|source| LedgerError::Io { op, path: path.into(), source })
    }
}
