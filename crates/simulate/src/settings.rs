//! What to simulate. Everything that can change a byte of the output is here; threads cannot.

use crate::SimulateError;
use std::{num::NonZeroUsize, path::PathBuf};

/// Which world to write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Story {
    /// The economy: people, services, campaigns and their look-alikes, with ground truth and an analyst's files.
    Economy,
    /// The benchmark's fixed profile: uniform random wallets, no story, no truth but the manifest. See
    /// the manifest for its figures.
    Profile,
}

/// What to simulate and where to write it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The seed: same settings and same seed, same bytes, on any machine.
    pub seed: u64,
    /// Transactions on the best chain, coinbases and the genesis block's included: exactly so many are written.
    pub txs: u32,
    /// The folder to write into; made where missing, and it must be empty.
    pub out: PathBuf,
    /// The economy or the benchmark's profile.
    pub story: Story,
    /// Threads for encoding; `None` takes one a core. Never changes a byte.
    pub threads: Option<NonZeroUsize>,
    /// Whether block files are XORed with a key that comes from the seed, as Bitcoin Core does since version 28.
    /// Otherwise `xor.dat` holds zeros.
    pub xor: bool,
    /// Whether some blocks lie out of order and some stale blocks lie between them, as in a real node's files.
    pub disorder: bool,
    /// The last block file is filled with zeros up to a multiple of this many bytes; 0 or 1 for none. Core: 16 MiB.
    pub tail_multiple: u64,
    /// No block file grows beyond this many bytes. Core: 128 MiB.
    pub file_len_max: u64,
    /// Whether `truth/entities.csv` is written: one row an address, about a tenth of the blocks' size.
    pub entities: bool,
    /// Of a profile: outputs (of 1000) that pay a new address of one service, which so becomes an entity of very many
    /// addresses. 0 for none.
    pub hub_permille: u32,
    /// Whether an earlier world in `out` (told by its `truth/manifest.json`) is removed first.
    pub overwrite: bool,
}

impl Settings {
    /// Fewest transactions: below, the campaigns would be most of the traffic.
    pub const TXS_MIN: u32 = 10_000;
    /// Most transactions: what 32-bit ids of transactions and addresses hold with room to spare.
    pub const TXS_MAX: u32 = 200_000_000;
    /// Bitcoin Core's `MAX_BLOCKFILE_SIZE`.
    pub const CORE_FILE_LEN_MAX: u64 = 128 << 20;
    /// Bitcoin Core's `BLOCKFILE_CHUNK_SIZE`.
    pub const CORE_TAIL_MULTIPLE: u64 = 16 << 20;

    /// An economy with every default: XORed files, some disorder, the truth in full. Worlds below 100,000
    /// transactions get a tail of zeros up to 64 KiB only, larger ones Core's 16 MiB.
    pub fn economy(seed: u64, txs: u32, out: impl Into<PathBuf>) -> Self {
        Self {
            seed,
            txs,
            out: out.into(),
            story: Story::Economy,
            threads: None,
            xor: true,
            disorder: true,
            tail_multiple: if txs < 100_000 { 64 << 10 } else { Self::CORE_TAIL_MULTIPLE },
            file_len_max: Self::CORE_FILE_LEN_MAX,
            entities: true,
            hub_permille: 0,
            overwrite: false,
        }
    }

    /// The benchmark's profile: no XOR, in order, no stale blocks, no tail.
    pub fn profile(seed: u64, txs: u32, out: impl Into<PathBuf>) -> Self {
        Self {
            story: Story::Profile,
            xor: false,
            disorder: false,
            tail_multiple: 0,
            entities: false,
            ..Self::economy(seed, txs, out)
        }
    }

    /// Refuses what cannot be simulated.
    pub(crate) fn check(&self) -> Result<(), SimulateError> {
        if !(Self::TXS_MIN..=Self::TXS_MAX).contains(&self.txs) {
            return Err(SimulateError::Size { txs: self.txs, min: Self::TXS_MIN, max: Self::TXS_MAX });
        }
        Ok(())
    }
}
