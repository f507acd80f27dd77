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

/// Which campaigns an economy has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum CampaignSet {
    /// The appeal of the demo, and campaigns and look-alikes of rows 4 to 7, 9, 10, 17 and 23. These worlds never change: their
    /// digests are published.
    #[default]
    Usual,
    /// Those, and campaigns and look-alikes of rows 8, 12 (its half on this chain), 13, 14 and 18 to 21; dated events in
    /// `analyst/events.csv`.
    All,
    /// For measuring: campaigns of every row by turns, from seed to seed, each with one look-alike, as long as the campaigns' own
    /// addresses stay below one in [`CampaignSet::RARE_ONE_IN`] of the world's. Worlds of a million transactions hold about
    /// ten, of ten million a hundred and more.
    Rare,
}

impl CampaignSet {
    /// Of so many addresses of a world at most one belongs to a campaign, where campaigns are rare.
    pub const RARE_ONE_IN: u32 = 10_000;
    /// Fewest transactions of a world of rare campaigns: below, there is no room for one of the larger ones.
    pub const RARE_TXS_MIN: u32 = 500_000;
    /// Every set.
    pub const ALL: [Self; 3] = [Self::Usual, Self::All, Self::Rare];

    /// Its name on the command line and in the manifest.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Usual => "usual",
            Self::All => "all",
            Self::Rare => "rare",
        }
    }
}

impl std::str::FromStr for CampaignSet {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|set| set.name() == text);
        found.ok_or_else(|| format!("`{text}` is none of usual, all, rare"))
    }
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
    /// Of an economy: which campaigns it has.
    pub campaigns: CampaignSet,
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
            campaigns: CampaignSet::Usual,
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
        let rare = self.story == Story::Economy && self.campaigns == CampaignSet::Rare;
        if rare && self.txs < CampaignSet::RARE_TXS_MIN {
            return Err(SimulateError::Size { txs: self.txs, min: CampaignSet::RARE_TXS_MIN, max: Self::TXS_MAX });
        }
        Ok(())
    }
}
