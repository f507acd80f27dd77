//! What is measured, by name, and what must be known to compare it.

use crate::{Work, counts::Counts, own, peers, reference::Reference};
use anyhow::{Result, bail};
use clap::ValueEnum;

/// One measured thing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Contender {
    /// Bound: every field walked, nothing hashed, one thread
    Walk,
    /// Bound: every field walked, every txid hashed, one thread
    WalkTxid,
    /// Athar's decoder with txids and merkle roots, one thread
    Decode1,
    /// The same on two threads, a file each in turn
    Decode2,
    /// Athar's matching of inputs with the outputs they spend, nothing written
    Resolve,
    /// `athar ingest`: ledger and entities on disk
    Ingest,
    /// bitcoin-block-parser: blocks parsed
    BlockParser,
    /// bitcoin-block-parser: blocks parsed, txids hashed
    BlockParserTxid,
    /// bitcoin-block-parser: inputs and outputs resolved
    BlockParserUtxo,
    /// blocks_iterator without previous outputs
    BlocksIterator,
    /// blocks_iterator with previous outputs
    BlocksIteratorPrevout,
    /// bitcoin-explorer: txids and addresses
    Explorer,
    /// bitcoin-explorer: inputs replaced by the outputs they spend
    ExplorerConnected,
}

/// Which blocks a contender is expected to see.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reach {
    /// All in the files.
    Files,
    /// The longest chain.
    Chain,
    /// The longest chain without its last blocks.
    Settled,
}

impl Contender {
    /// Does the work in this process.
    pub(crate) fn work(self, work: &Work) -> Result<Counts> {
        match self {
            Self::Walk => own::walk_files(&work.blocks, false),
            Self::WalkTxid => own::walk_files(&work.blocks, true),
            Self::Decode1 => own::decode_files(&work.blocks, 1),
            Self::Decode2 => own::decode_files(&work.blocks, 2),
            Self::Resolve => own::resolve_files(&work.blocks, &work.scratch),
            Self::Ingest => bail!("`ingest` is a program of its own, which `run` starts"),
            Self::BlockParser => peers::block_parser::parse(&work.blocks, false),
            Self::BlockParserTxid => peers::block_parser::parse(&work.blocks, true),
            Self::BlockParserUtxo => peers::block_parser::resolve(&work.blocks, &work.scratch, work.unspent_max),
            Self::BlocksIterator => peers::blocks_iterator::iterate(&work.blocks, false),
            Self::BlocksIteratorPrevout => peers::blocks_iterator::iterate(&work.blocks, true),
            #[cfg(feature = "explorer")]
            Self::Explorer => peers::explorer::iterate(&work.blocks),
            #[cfg(feature = "explorer")]
            Self::ExplorerConnected => peers::explorer::connect(&work.blocks),
            #[cfg(not(feature = "explorer"))]
            Self::Explorer | Self::ExplorerConnected => bail!("built without the feature `explorer`"),
        }
    }

    /// The name on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// The name in the table.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Walk => "bound: read + walk every field, 1 thread",
            Self::WalkTxid => "bound: read + walk + txids, 1 thread",
            Self::Decode1 => "athar decode: txids, merkle roots, all checks, 1 thread",
            Self::Decode2 => "the same, 2 threads",
            Self::Resolve => "athar, inputs resolved, nothing written",
            Self::Ingest => "athar ingest: ledger and entities on disk",
            Self::BlockParser => "bitcoin-block-parser 0.5.3, parse",
            Self::BlockParserTxid => "same, parse + txids",
            Self::BlockParserUtxo => "same, inputs and outputs resolved",
            Self::BlocksIterator => "blocks_iterator 3.0.0, no prevouts",
            Self::BlocksIteratorPrevout => "same, with prevouts",
            Self::Explorer => "bitcoin-explorer 1.2.20, txids and addresses",
            Self::ExplorerConnected => "same, connected, in memory",
        }
    }

    /// What it is expected to count.
    pub(crate) fn expected(self, reference: &Reference) -> Counts {
        match self.reach() {
            Reach::Files => reference.files,
            Reach::Chain => reference.chain,
            Reach::Settled => reference.settled,
        }
    }

    /// Which blocks it sees.
    pub(crate) fn reach(self) -> Reach {
        match self {
            Self::Walk | Self::WalkTxid | Self::Decode1 | Self::Decode2 => Reach::Files,
            Self::BlocksIterator | Self::BlocksIteratorPrevout => Reach::Settled,
            _ => Reach::Chain,
        }
    }

    /// Whether it needs what [`peers::explorer`] prepares.
    pub(crate) fn is_explorer(self) -> bool {
        matches!(self, Self::Explorer | Self::ExplorerConnected)
    }
}
