//! Account chains from files: blocks in ascending order, without an archive node.
//!
//! A [`Source`] reads a folder or files of one [`Format`] and gives [`RawBlock`]s; what they mean is `athar-chains`'
//! matter, what is kept the ledger's. Nothing is dropped in silence: [`Counts`] says how many rows of each table were
//! read, [`Assembly`] what had to be decided, [`Source::skipped`] which files were left alone, [`Knows`] what the source
//! can tell at all.
//!
//! Memory is bounded: a window of text per table ([`Settings::window_bytes`]), one batch of blocks, and for GraphSense's
//! fees of Tron, which name no block, a table of at most four million.

mod era;
mod error;
mod lines;
mod open;
mod row;
mod tables;
mod text;
mod window;

pub use athar_chains::account::etl::Assembly;
pub use error::AccountSourceError;

use athar_chains::account::etl::Parts;
use athar_chains::account::raw::RawBlock;
use athar_types::Chain;
use era::Era;
use lines::Lines;
use std::fmt;
use std::path::PathBuf;
use tables::Tables;

/// The form of files.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Format {
    /// Archives of Ethereum's history before the merge (`.era1`).
    Era,
    /// Tables of ethereum-etl (or BigQuery's export of them): CSV or one JSON object a line.
    Etl,
    /// Tables as GraphSense dumps them.
    GraphSense,
    /// Answers of Tron's HTTP API, one block a line.
    TronHttp,
    /// Answers of a node's JSON-RPC, one block a line.
    JsonRpc,
}

impl Format {
    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Era => "era",
            Self::Etl => "etl",
            Self::GraphSense => "graphsense",
            Self::TronHttp => "tron_http",
            Self::JsonRpc => "json_rpc",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How to read.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The form of the files; `None` finds out.
    pub format: Option<Format>,
    /// How far out of order, in bytes of text, rows of a table may be; also how much of each table is held.
    pub window_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { format: None, window_bytes: 64 << 20 }
    }
}

/// What a source can tell, as its tables or parts go. That rows are absent from a table is told by [`Assembly`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Knows {
    /// Whether a transaction succeeded, and what it used.
    pub receipts: bool,
    /// Logs, and so every token transfer and event.
    pub logs: bool,
    /// Token transfers: by logs, or by a table that some other program made of them, without the rest of the logs.
    pub token_transfers: bool,
    /// What contracts sent on.
    pub traces: bool,
    /// What transactions paid.
    pub fees: bool,
    /// Transactions with their values: in a table of their own.
    pub has_transactions: bool,
    /// Whether all of these are there, and blocks with their own rows.
    pub is_block_complete: bool,
}

/// Rows that were read and given out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Blocks with a row of their own.
    pub blocks: u64,
    /// Transactions with a row of their own.
    pub transactions: u64,
    /// Receipts in a table of their own.
    pub receipts: u64,
    /// Logs.
    pub logs: u64,
    /// Rows of token transfers; read only where there are no logs.
    pub token_transfers: u64,
    /// Traces, those that can move nothing included.
    pub traces: u64,
    /// Fees in a table of their own.
    pub fees: u64,
    /// Of those, the ones whose transaction has not come.
    pub fees_unused: u64,
    /// Validators' withdrawals.
    pub withdrawals: u64,
}

impl Counts {
    fn add(&mut self, parts: &Parts, are_logs: bool) {
        self.blocks += parts.blocks.len() as u64;
        self.transactions += parts.txs.len() as u64;
        self.receipts += parts.receipts.len() as u64;
        *(if are_logs { &mut self.logs } else { &mut self.token_transfers }) += parts.logs.len() as u64;
        self.traces += parts.traces.as_ref().map_or(0, Vec::len) as u64;
        self.withdrawals += parts.blocks.iter().map(|block| block.withdrawals.len() as u64).sum::<u64>();
    }
}

/// A file that was left alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Skipped {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub why: &'static str,
}

enum Inner {
    Tables(Box<Tables>),
    Lines(Box<Lines>),
    Era(Box<Era>),
}

/// Files of a chain, as blocks in ascending order.
///
/// As an iterator it gives blocks until the end or the first error, and nothing after an error.
pub struct Source {
    inner: Inner,
    format: Format,
    skipped: Vec<Skipped>,
    /// Number and hash of the block before.
    last: Option<(u64, [u8; 32])>,
    is_over: bool,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("format", &self.format).field("counts", &self.counts()).finish_non_exhaustive()
    }
}

impl Source {
    /// Opens folders or files of `chain`. In folders, files of no known form are left alone and [told](Self::skipped).
    pub fn open(paths: &[PathBuf], chain: Chain) -> Result<Self, AccountSourceError> {
        Self::open_with(paths, chain, Settings::default())
    }

    /// Opens them as `settings` say.
    pub fn open_with(paths: &[PathBuf], chain: Chain, settings: Settings) -> Result<Self, AccountSourceError> {
        if chain.account().is_none() {
            return Err(AccountSourceError::Chain(chain));
        }
        let found = open::find(paths, settings.format)?;
        let inner = if !found.archives.is_empty() {
            Inner::Era(Box::new(Era::open(found.archives)))
        } else if found.lines.is_empty() {
            Inner::Tables(Box::new(Tables::open(found.tables, chain == Chain::Tron, settings.window_bytes)?))
        } else {
            Inner::Lines(Box::new(Lines::open(found.lines)?))
        };
        Ok(Self { inner, format: found.format, skipped: found.skipped, last: None, is_over: false })
    }

    /// The form of the files.
    pub fn format(&self) -> Format {
        self.format
    }

    /// What the source can tell.
    pub fn knows(&self) -> Knows {
        match &self.inner {
            Inner::Tables(tables) => tables.knows(),
            Inner::Lines(lines) => lines.knows(),
            Inner::Era(_) => Era::knows(),
        }
    }

    /// The rows given out so far.
    pub fn counts(&self) -> Counts {
        match &self.inner {
            Inner::Tables(tables) => tables.counts(),
            Inner::Lines(lines) => lines.counts(),
            Inner::Era(era) => era.counts(),
        }
    }

    /// What had to be decided for the blocks given out so far.
    pub fn told(&self) -> Assembly {
        match &self.inner {
            Inner::Tables(tables) => tables.told(),
            Inner::Lines(lines) => lines.told(),
            // an archive leaves nothing open
            Inner::Era(_) => Assembly::default(),
        }
    }

    /// Files that were left alone.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }
}

impl Iterator for Source {
    type Item = Result<RawBlock, AccountSourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let mut next = match &mut self.inner {
            Inner::Tables(tables) => tables.next(),
            Inner::Lines(lines) => lines.next(),
            Inner::Era(era) => era.next(),
        };
        if let Some(Ok(block)) = &next {
            let before = self.last.replace((block.number, block.hash));
            let is_known = |hash: [u8; 32]| hash != [0; 32];
            if let Some((number, hash)) = before
                && block.number == number + 1
                && is_known(hash)
                && is_known(block.parent)
                && hash != block.parent
            {
                next = Some(Err(AccountSourceError::Parent { block: block.number }));
            }
        }
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}
