//! Services that no label names: entities that act as one who pools the money of many, by what they do.
//!
//! A trace must not go on through such a one: what comes out is other people's money. [`count()`] counts what every busy entity
//! does ([`Figures`]); the rules ([`RuleSet`]) say which figures make it a service of a kind. What they say is
//! *inferred*: a rule's name, its numbers and a measured error rate ([`ServiceRates`]), never a name or a label.
//!
//! Figures lie in a small table beside the forest, with a manifest of their own (`SERVICES.json`), so that a forest without
//! one is as good as before, and rules can change without a reading of the chain. The table knows the chain up to a
//! block; of an entity that has grown since, it answers for what that was then ([`Links::find_as_of`]).

mod count;
mod figures;
mod rates;
mod rules;

pub use count::{CountBounds, count};
pub use figures::{BATCH_PAID_MIN, DISTINCT_MAX, FIGURES_VERSION, Figures, MADE_MIN, RECEIPTS_MIN, SAMPLE_MAX};
pub use rates::{FoundRate, KindFound, RuleRate, ServiceRates, WorldRate, WrongStop};
pub use rules::{Condition, Measure, Rule, RuleSet};

use crate::error::EntitiesError;
use crate::forest::{Forest, OPEN_TRIES, remove_folders};
use crate::manifest::{commit_checked, read_checked};
use crate::{ForestManifest, ForestReport, Links, Progress, Selection};
use athar_ledger::{Disk, FileMeta, Ledger, LedgerError, Scratch, Tip};
use athar_types::{AddressId, Chain, Network, TxNum};
use figures::Columns;
use serde::{Deserialize, Serialize};
use std::{io, path::PathBuf};

/// File name of the manifest, beside the forest's.
const FILE: &str = "SERVICES.json";
/// What the names of the folders of columns begin with.
const PREFIX: &str = "services-";

/// What a table of figures was made from and consists of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicesManifest {
    /// [`FIGURES_VERSION`]: a table of another one is made again.
    pub format: u32,
    /// Version of the rules of entities.
    pub heuristics_version: u32,
    /// The heuristics that tie addresses.
    pub heuristics: Selection,
    /// Where the knowledge of collaborative transactions came from.
    pub coinjoins: String,
    /// Digest of the policy for change outputs; `None` where change ties nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// The chain.
    pub chain: Chain,
    /// Its network.
    pub network: Network,
    /// The last block that was read.
    pub tip: Option<Tip>,
    /// Number of transactions up to it.
    pub txs: u32,
    /// Counts the tables in this folder, so that none is written where another is read.
    pub generation: u64,
    /// Folder of the columns, beside this manifest.
    pub folder: String,
    /// The columns with their checksums.
    pub files: Vec<FileMeta>,
}

impl ServicesManifest {
    fn new(of: &ForestManifest, generation: u64) -> Self {
        Self {
            format: FIGURES_VERSION,
            heuristics_version: of.heuristics_version,
            heuristics: of.heuristics,
            coinjoins: of.coinjoins.clone(),
            change: of.change.clone(),
            chain: of.chain,
            network: of.network,
            tip: of.tip,
            txs: of.txs,
            generation,
            folder: format!("{PREFIX}{generation}"),
            files: Vec::new(),
        }
    }

    /// Whether it was made by the rules of that forest, whatever the block.
    fn fits_rules(&self, of: &ForestManifest) -> bool {
        let wanted = Self::new(of, self.generation);
        Self { tip: wanted.tip, txs: wanted.txs, files: Vec::new(), ..self.clone() } == wanted
    }
}

/// A table of figures, opened.
#[derive(Debug)]
pub struct Services {
    home: PathBuf,
    manifest: ServicesManifest,
    columns: Columns,
}

/// What stands beside a forest.
#[derive(Debug)]
pub enum ServicesState {
    /// No table, or one of other figures: nothing was evaluated.
    Missing,
    /// A table of a block that has left the chain: its figures count what did not happen.
    Left(Tip),
    /// A table of the chain's last block or of an earlier one.
    Ready(Box<Services>),
}

impl Services {
    /// Counts what the entities of `forest` do and stores it beside the forest, in place of an earlier table. Arrays beyond
    /// `memory_bytes` of anonymous memory lie in files; the sets of counterparties take about 600 MB more at most. The
    /// caller holds the store's lock. An error where the forest is not of the ledger's last block.
    pub fn build(
        disk: &Disk,
        ledger: &Ledger,
        forest: &Forest,
        memory_bytes: u64,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, EntitiesError> {
        let home = forest.home.clone();
        if forest.manifest.tip != ledger.tip() {
            return Err(EntitiesError::Behind { forest: home });
        }
        // a damaged manifest must not stand in the way of replacing it
        let earlier = read_checked::<ServicesManifest>(&home, FILE, FIGURES_VERSION).ok().flatten();
        let generation = earlier.map_or_else(|| free_generation(&home), |m| m.generation + 1);
        let mut manifest = ServicesManifest::new(&forest.manifest, generation);
        remove_folders(disk, &home, PREFIX, |name| name == manifest.folder)?;
        let folder = home.join(&manifest.folder);
        disk.create_folder(&folder)?;
        let rows = count(ledger, forest, &Scratch::new(&folder, memory_bytes), &CountBounds::default(), progress)?;
        manifest.files = figures::write_all(disk, &folder, &rows)?;
        disk.sync_folder(&folder)?;
        disk.sync_folder(&home)?;
        commit_checked(disk, &home, FILE, &manifest)?;
        remove_folders(disk, &home, PREFIX, |name| name != manifest.folder)?;
        Self::open_at(home, manifest)
    }

    /// Opens what stands beside `forest`, which is open for `ledger`.
    pub fn open(forest: &Forest, ledger: &Ledger) -> Result<ServicesState, EntitiesError> {
        let mut last = None;
        for _ in 0..OPEN_TRIES {
            let found = read_checked::<ServicesManifest>(&forest.home, FILE, FIGURES_VERSION)?;
            let fits = |m: &ServicesManifest| m.fits_rules(&forest.manifest);
            let Some(manifest) = found.filter(fits) else { return Ok(ServicesState::Missing) };
            let Some(tip) = manifest.tip else { return Ok(ServicesState::Missing) };
            if ledger.block(tip.height).is_none_or(|block| block.hash != tip.hash) {
                return Ok(ServicesState::Left(tip));
            }
            // a forest that stayed behind the table cannot say what the table's entities were
            if manifest.txs > forest.manifest.txs {
                return Ok(ServicesState::Missing);
            }
            match Self::open_at(forest.home.clone(), manifest.clone()) {
                // a builder may have replaced the table between the manifest and the columns
                Err(EntitiesError::Ledger(LedgerError::Io { source, .. }))
                    if source.kind() == io::ErrorKind::NotFound && last.as_ref() != Some(&manifest) =>
                {
                    last = Some(manifest);
                }
                opened => return opened.map(|services| ServicesState::Ready(Box::new(services))),
            }
        }
        Ok(ServicesState::Missing)
    }

    fn open_at(home: PathBuf, manifest: ServicesManifest) -> Result<Self, EntitiesError> {
        let folder = home.join(&manifest.folder);
        let columns = Columns::open(&folder)?;
        if let Some((name, what)) = columns.misfit() {
            return Err(EntitiesError::Corrupt { path: folder.join(format!("{name}.arrow")), what, forest: folder });
        }
        Ok(Self { home, manifest, columns })
    }

    /// What the table was made from.
    pub fn manifest(&self) -> &ServicesManifest {
        &self.manifest
    }

    /// Number of entities that have figures.
    pub fn len(&self) -> usize {
        self.columns.root.len()
    }

    /// Whether none has.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them by root, as of the table's block.
    pub fn iter(&self) -> impl Iterator<Item = (AddressId, Figures)> + '_ {
        (0..self.len()).map(|row| (AddressId(self.columns.root[row]), self.columns.row(row)))
    }

    /// The figures of an address's entity as of the table's block; none where it does too little for any rule, or was
    /// first paid later. `forest` is the one that the table was opened beside.
    #[inline]
    pub fn figures(&self, forest: &Forest, address: AddressId) -> Option<Figures> {
        let root = self.root(forest, address)?;
        let row = self.columns.root.binary_search(&root.0).ok()?;
        Some(self.columns.row(row))
    }

    /// The root that the entity of an address had at the table's block: what [`Self::iter`] names it by.
    #[inline]
    pub fn root(&self, forest: &Forest, address: AddressId) -> Option<AddressId> {
        if self.manifest.txs == forest.manifest.txs {
            return Some(forest.find(address));
        }
        Some(forest.find_as_of(address, TxNum(self.manifest.txs.checked_sub(1)?)))
    }

    /// Checks every file against the manifest and, where the table is of the ledger's last block, counts again and compares.
    pub fn verify(
        &self,
        ledger: &Ledger,
        forest: &Forest,
        memory_bytes: u64,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<ForestReport, EntitiesError> {
        let folder = self.home.join(&self.manifest.folder);
        let mut report = ForestReport::default();
        for file in &self.manifest.files {
            file.verify(&folder)?;
            report.files += 1;
            report.bytes += file.bytes;
        }
        if self.manifest.tip == ledger.tip() && forest.manifest.tip == ledger.tip() {
            let scratch = Scratch::new(&folder, memory_bytes);
            if !self.iter().eq(count(ledger, forest, &scratch, &CountBounds::default(), progress)?) {
                let path = folder.join("service.root.arrow");
                let what = "other figures than the chain shows".into();
                return Err(EntitiesError::Corrupt { path, what, forest: folder });
            }
        }
        Ok(report)
    }
}

/// A number above those of all folders of tables that are there, for where no manifest names the last one.
fn free_generation(home: &std::path::Path) -> u64 {
    let names = std::fs::read_dir(home).into_iter().flatten().flatten();
    let numbers = names.filter_map(|item| item.file_name().to_str()?.strip_prefix(PREFIX)?.parse::<u64>().ok());
    numbers.max().map_or(0, |n| n + 1)
}
