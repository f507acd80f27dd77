//! The manifest: what the store consists of at its last commit.

use crate::account::AccountManifest;
use crate::column::FileMeta;
use crate::error::{IoContext, LedgerError};
use athar_disk::Disk;
use athar_types::{Chain, Hash32, Height, Network};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::{fs, io, path::Path};

/// File name of the manifest inside a store.
pub(crate) const FILE: &str = "MANIFEST.json";
/// The format this program reads and writes. Any change to columns or manifest raises it.
///
/// A store without chains of accounts is written as format 2, which programs before them read: those would drop what they do
/// not know at their next commit, and must refuse the others.
const FORMAT: u32 = 3;
/// The format without chains of accounts.
const FORMAT_OUTPUTS: u32 = 2;

/// What the store consists of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Format number of the store.
    pub format: u32,
    /// Program and version that made the last commit.
    pub written_by: String,
    /// One entry a chain of outputs.
    pub chains: Vec<ChainManifest>,
    /// One entry a chain of accounts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<AccountManifest>,
}

/// The segments of one chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainManifest {
    /// The chain.
    pub chain: Chain,
    /// Its network.
    pub network: Network,
    /// Live segments in chain order, without gaps.
    pub segments: Vec<SegmentMeta>,
    /// Live runs in chain order: together they cover the segments, each of them whole ones.
    pub runs: Vec<RunMeta>,
}

/// The last block of the chain in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tip {
    /// Height of the block.
    pub height: Height,
    /// Its hash.
    pub hash: Hash32,
}

/// First (inclusive) and last (exclusive) ids of everything in a segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranges {
    /// Blocks, by height.
    pub blocks: [u32; 2],
    /// Transactions.
    pub txs: [u32; 2],
    /// Outputs.
    pub outputs: [u64; 2],
    /// Inputs that spend an output.
    pub inputs: [u64; 2],
    /// Addresses first paid here.
    pub addresses: [u32; 2],
}

impl Ranges {
    /// Whether these begin where `before` ends.
    pub(crate) fn follows(&self, before: &Self) -> bool {
        let begin = Self {
            blocks: [self.blocks[0]; 2],
            txs: [self.txs[0]; 2],
            outputs: [self.outputs[0]; 2],
            inputs: [self.inputs[0]; 2],
            addresses: [self.addresses[0]; 2],
        };
        begin == before.next()
    }

    /// Empty ranges that begin where these end.
    pub(crate) const fn next(&self) -> Self {
        Self {
            blocks: [self.blocks[1]; 2],
            txs: [self.txs[1]; 2],
            outputs: [self.outputs[1]; 2],
            inputs: [self.inputs[1]; 2],
            addresses: [self.addresses[1]; 2],
        }
    }
}

/// One segment as the manifest names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentMeta {
    /// Folder name inside the chain's folder.
    pub folder: String,
    /// Its ids.
    pub ranges: Ranges,
    /// Hash of its last block.
    pub tip: Hash32,
    /// Bytes of the blocks it was made from.
    pub block_bytes: u64,
    /// Its files with their checksums.
    pub files: Vec<FileMeta>,
}

/// One run as the manifest names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunMeta {
    /// Folder name inside the chain's folder.
    pub folder: String,
    /// The ids that it answers for.
    pub ranges: Ranges,
    /// Its files with their checksums.
    pub files: Vec<FileMeta>,
}

/// A segment as it was built, with the run over its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The segment.
    pub segment: SegmentMeta,
    /// Its run.
    pub run: RunMeta,
}

#[derive(Serialize, Deserialize)]
struct Envelope<'a> {
    checksum: String,
    #[serde(borrow)]
    manifest: &'a RawValue,
}

impl Manifest {
    /// A manifest of nothing.
    pub(crate) fn empty() -> Self {
        Self { format: FORMAT_OUTPUTS, written_by: program(), chains: Vec::new(), accounts: Vec::new() }
    }

    /// Reads the manifest of the store in `folder`; `None` where there is none.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, LedgerError> {
        let path = folder.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) if e.kind() == io::ErrorKind::InvalidData => return Err(LedgerError::corrupt(path, "not UTF-8")),
            Err(e) => return Err(e).at("read", path),
        };
        let damaged = |what: String| LedgerError::corrupt(&path, what);
        let envelope: Envelope<'_> = serde_json::from_str(&text).map_err(|e| damaged(e.to_string()))?;
        if blake3::hash(envelope.manifest.get().as_bytes()).to_hex().as_str() != envelope.checksum {
            return Err(damaged("checksum does not match".into()));
        }
        #[derive(Deserialize)]
        struct Version {
            format: u32,
            written_by: String,
        }
        let version: Version = serde_json::from_str(envelope.manifest.get()).map_err(|e| damaged(e.to_string()))?;
        if ![FORMAT_OUTPUTS, FORMAT].contains(&version.format) {
            let (found, written_by) = (version.format, version.written_by);
            return Err(LedgerError::Format { path, found, expected: FORMAT, written_by });
        }
        let manifest: Self = serde_json::from_str(envelope.manifest.get()).map_err(|e| damaged(e.to_string()))?;
        Ok(Some(manifest))
    }

    /// The format that it has to be written in.
    pub(crate) const fn format_needed(&self) -> u32 {
        if self.accounts.is_empty() { FORMAT_OUTPUTS } else { FORMAT }
    }

    /// Replaces the manifest of the store in `folder`: the commit.
    pub(crate) fn commit(&self, disk: &Disk, folder: &Path) -> Result<(), LedgerError> {
        let path = folder.join(FILE);
        let wrong = |e: serde_json::Error| LedgerError::corrupt(&path, e.to_string());
        let manifest = RawValue::from_string(serde_json::to_string(self).map_err(wrong)?).map_err(wrong)?;
        let checksum = blake3::hash(manifest.get().as_bytes()).to_hex().to_string();
        let text = serde_json::to_string(&Envelope { checksum, manifest: &manifest }).map_err(wrong)?;
        Ok(disk.replace(&path, text.as_bytes())?)
    }
}

impl ChainManifest {
    /// The end of the chain, `None` before the first block.
    pub fn tip(&self) -> Option<Tip> {
        self.segments.last().map(|s| Tip { height: Height(s.ranges.blocks[1] - 1), hash: s.tip })
    }
}

/// Program and version, as written into the manifest.
pub(crate) fn program() -> String {
    format!("athar {}", env!("CARGO_PKG_VERSION"))
}
