//! The manifest of a stored forest: what it was built from and which files it consists of.

use crate::error::{EntitiesError, IoContext};
use crate::{HEURISTICS_VERSION, Selection, Settings};
use athar_ledger::{Disk, FileMeta, Ledger, Tip};
use athar_types::{Chain, Hash32, Height, Network};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::{fs, io, path::Path};

/// File name of the manifest inside the folder of a forest.
pub(crate) const FILE: &str = "MANIFEST.json";
/// Layout of columns and manifest. Any change to them raises it, and a forest of another format is built again.
const FORMAT: u32 = 3;
/// So many of the last blocks are all in the locator; before them, each step is twice as long as the one before.
const LOCATOR_BLOCKS: u32 = 144;

/// What a stored forest was built from and consists of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForestManifest {
    /// Layout of columns and manifest.
    pub format: u32,
    /// Version of the rules.
    pub heuristics_version: u32,
    /// The heuristics that tie addresses.
    pub heuristics: Selection,
    /// Where the knowledge of collaborative transactions came from: [`crate::CoinJoins::name`].
    pub coinjoins: String,
    /// Digest of the policy for change outputs; `None` where change ties nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// The chain.
    pub chain: Chain,
    /// Its network.
    pub network: Network,
    /// The last block that was read; `None` for an empty ledger.
    pub tip: Option<Tip>,
    /// Number of transactions up to it.
    pub txs: u32,
    /// Number of addresses up to it.
    pub addresses: u32,
    /// Number of links.
    pub merges: u64,
    /// Blocks by which the last one in common with another branch is found: the last 144, the first, and ever fewer
    /// between; descending.
    pub locator: Vec<LocatorBlock>,
    /// Counts the builds in this folder, so that none writes where another is read.
    pub generation: u64,
    /// Folder of the columns, beside this manifest.
    pub folder: String,
    /// The columns with their checksums.
    pub files: Vec<FileMeta>,
}

/// A block that a forest has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocatorBlock {
    /// Its height.
    pub height: Height,
    /// Its hash.
    pub hash: Hash32,
    /// Number of transactions up to it.
    pub txs: u32,
    /// Number of links made up to it.
    pub merges: u64,
}

#[derive(Serialize, Deserialize)]
struct Envelope<'a> {
    checksum: String,
    #[serde(borrow)]
    manifest: &'a RawValue,
}

impl ForestManifest {
    /// What a forest of the whole of `ledger` says of itself, without files yet.
    pub(crate) fn new(ledger: &Ledger, settings: &Settings, generation: u64) -> Self {
        Self {
            format: FORMAT,
            heuristics_version: HEURISTICS_VERSION,
            heuristics: settings.heuristics,
            coinjoins: settings.coinjoins.name(),
            change: settings.change_version(),
            chain: ledger.chain(),
            network: ledger.network(),
            tip: ledger.tip(),
            txs: ledger.tx_count(),
            addresses: ledger.address_count(),
            merges: 0,
            locator: Vec::new(),
            generation,
            folder: format!("forest-{generation}"),
            files: Vec::new(),
        }
    }

    /// Whether a forest with this manifest answers for the whole of `ledger` under `settings`.
    pub(crate) fn fits(&self, ledger: &Ledger, settings: &Settings) -> bool {
        let at_tip = (self.tip, self.txs, self.addresses);
        at_tip == (ledger.tip(), ledger.tx_count(), ledger.address_count()) && self.fits_rules(ledger, settings)
    }

    /// Whether it was built from the same chain, or from a branch of it, by the same rules.
    fn fits_rules(&self, ledger: &Ledger, settings: &Settings) -> bool {
        let wanted = Self::new(ledger, settings, self.generation);
        let own = Self { tip: wanted.tip, txs: wanted.txs, addresses: wanted.addresses, ..self.clone() };
        Self { files: Vec::new(), locator: Vec::new(), merges: 0, ..own } == wanted
    }

    /// Whether a forest with this manifest answers for the beginning of `ledger` up to the forest's tip: built under
    /// `settings` from a chain that `ledger` goes on.
    pub(crate) fn fits_beginning(&self, ledger: &Ledger, settings: &Settings) -> bool {
        // a hash stands for the whole chain before it
        self.fork(ledger, settings).is_some_and(|fork| Some(fork.height) == self.tip.map(|tip| tip.height))
    }

    /// The last block of the locator that is also the ledger's; `None` where there is none, or the rules differ.
    pub(crate) fn fork(&self, ledger: &Ledger, settings: &Settings) -> Option<LocatorBlock> {
        if !self.fits_rules(ledger, settings) {
            return None;
        }
        let is_common = |b: &&LocatorBlock| ledger.block(b.height).is_some_and(|block| block.hash == b.hash);
        self.locator.iter().find(is_common).copied()
    }

    /// Reads the manifest in `home`; `None` where there is none, or one of another format.
    pub(crate) fn read(home: &Path) -> Result<Option<Self>, EntitiesError> {
        read_checked(home, FILE, FORMAT)
    }

    /// Replaces the manifest in `home`: the commit.
    pub(crate) fn commit(&self, disk: &Disk, home: &Path) -> Result<(), EntitiesError> {
        commit_checked(disk, home, FILE, self)
    }
}

/// Reads a manifest with its checksum from the file `name` in `home`; `None` where there is none, or one whose `format` is
/// another.
pub(crate) fn read_checked<T: DeserializeOwned>(
    home: &Path,
    name: &str,
    format: u32,
) -> Result<Option<T>, EntitiesError> {
    let path = home.join(name);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) if e.kind() == io::ErrorKind::InvalidData => return Err(damaged(home, name, "not UTF-8")),
        Err(e) => return Err(e).at("read", path),
    };
    let wrong = |e: serde_json::Error| damaged(home, name, e.to_string());
    let envelope: Envelope<'_> = serde_json::from_str(&text).map_err(wrong)?;
    if blake3::hash(envelope.manifest.get().as_bytes()).to_hex().as_str() != envelope.checksum {
        return Err(damaged(home, name, "checksum does not match"));
    }
    #[derive(Deserialize)]
    struct Version {
        format: u32,
    }
    let version: Version = serde_json::from_str(envelope.manifest.get()).map_err(wrong)?;
    if version.format != format {
        return Ok(None);
    }
    serde_json::from_str(envelope.manifest.get()).map_err(wrong).map(Some)
}

/// Replaces the file `name` in `home` by a manifest with its checksum: a commit.
pub(crate) fn commit_checked(
    disk: &Disk,
    home: &Path,
    name: &str,
    manifest: &impl Serialize,
) -> Result<(), EntitiesError> {
    let wrong = |e: serde_json::Error| damaged(home, name, e.to_string());
    let manifest = RawValue::from_string(serde_json::to_string(manifest).map_err(wrong)?).map_err(wrong)?;
    let checksum = blake3::hash(manifest.get().as_bytes()).to_hex().to_string();
    let text = serde_json::to_string(&Envelope { checksum, manifest: &manifest }).map_err(wrong)?;
    Ok(disk.replace(&home.join(name), text.as_bytes())?)
}

/// The blocks of a ledger's locator, without their merges yet.
pub(crate) fn locator(ledger: &Ledger) -> Vec<LocatorBlock> {
    let mut blocks = Vec::new();
    let (mut next, mut step) = (ledger.block_count().checked_sub(1), 1);
    while let Some(height) = next {
        let Some(block) = ledger.block(Height(height)) else { break };
        blocks.push(LocatorBlock { height: block.height, hash: block.hash, txs: block.txs.end, merges: 0 });
        if blocks.len() as u32 >= LOCATOR_BLOCKS {
            step *= 2;
        }
        // the first block is always one of them
        next = if height == 0 { None } else { Some(height.saturating_sub(step)) };
    }
    blocks
}

fn damaged(home: &Path, name: &str, what: impl Into<String>) -> EntitiesError {
    EntitiesError::Corrupt { path: home.join(name), what: what.into(), forest: home.into() }
}
