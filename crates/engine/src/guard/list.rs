//! Versions of the cut list on disk: `cuts/CHAIN/NNNN.json`, each with `NNNN.parts` beside it, never overwritten.

use crate::error::EngineError;
use athar_ledger::{Disk, Ledger};
use athar_types::AddressId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

/// Why a merge is on the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CutKind {
    /// Labels name two owners of services on its two sides.
    Labels,
    /// Both sides are large, and nothing else ties them.
    Size,
    /// An analyst decided so.
    Analyst,
}

/// One transaction that is not believed to tie its inputs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CutEntry {
    /// The transaction.
    pub txid: String,
    /// Height of its block.
    pub height: u32,
    /// Why it is on the list.
    pub kind: CutKind,
    /// The same in words: the labels with their sources, the sizes of both sides, the analyst's reason.
    pub reason: String,
    /// Whether the entity falls apart without it, and so is read in parts.
    pub applied: bool,
    /// Addresses in the parts that it leaves, the largest first; none where it is not applied.
    pub sizes: Vec<u32>,
    /// Root of the entity in the forest.
    #[serde(default)]
    #[schemars(skip)]
    pub(crate) root: u32,
}

/// A decision of an analyst: the transaction counts no longer, or again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// The transaction.
    pub txid: String,
    /// Whether it ties nobody from now on; otherwise an earlier decision, or what was found, is overruled.
    pub cut: bool,
    /// Why.
    pub reason: String,
}

/// One version of the list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CutList {
    /// Number of the version, from 1.
    pub number: u32,
    /// BLAKE3 over heuristics, entries and decisions: equal lists have equal versions on every machine.
    pub version: String,
    /// Heuristics of the forest that it cuts, and the digest of its policy for change where it has one.
    pub heuristics: String,
    /// Height of the last block that it knows.
    pub tip_height: u32,
    /// Its hash.
    pub tip_hash: String,
    pub(crate) tip_tx: u32,
    /// The transactions that are not believed.
    pub entries: Vec<CutEntry>,
    /// What analysts decided, in order.
    pub decisions: Vec<Decision>,
    pub(crate) entities: Vec<CutEntity>,
    /// BLAKE3 of the file of parts.
    pub(crate) parts_hash: String,
}

/// An entity that the list cuts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct CutEntity {
    pub(crate) root: u32,
    /// Its parts, the largest first.
    pub(crate) parts: Vec<CutPart>,
    /// Where its addresses lie in the file of parts: those of every part but the largest, ascending.
    pub(crate) from: usize,
    pub(crate) to: usize,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct CutPart {
    pub(crate) name: u32,
    pub(crate) size: u32,
    pub(crate) received_sat: u64,
    pub(crate) sent_sat: u64,
    pub(crate) first_tx: u32,
    pub(crate) last_tx: u32,
}

/// A version with its parts.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) list: CutList,
    /// Address and part.
    pub(crate) parts: Vec<(u32, u32)>,
}

impl Stored {
    /// The part of an address in an entity that the list cuts: whoever is named in no smaller part is in the largest.
    pub(crate) fn part(&self, entity: &CutEntity, address: AddressId) -> usize {
        let own = &self.parts[entity.from..entity.to];
        own.binary_search_by_key(&address.0, |(a, _)| *a).map_or(0, |at| own[at].1 as usize)
    }

    /// The newest version for these heuristics.
    pub(crate) fn newest(store: &Path, ledger: &Ledger, heuristics: &str) -> Result<Option<Self>, EngineError> {
        let folder = folder(store, ledger, heuristics);
        let Some(number) = numbers(&folder)?.last().copied() else { return Ok(None) };
        let path = folder.join(format!("{number:04}.json"));
        let wrong = |path: &Path, what: String| EngineError::Cuts { path: path.into(), what };
        let text = fs::read_to_string(&path).map_err(|e| wrong(&path, e.to_string()))?;
        let list: CutList = serde_json::from_str(&text).map_err(|e| wrong(&path, e.to_string()))?;
        let path = folder.join(format!("{number:04}.parts"));
        let bytes = fs::read(&path).map_err(|e| wrong(&path, e.to_string()))?;
        if blake3::hash(&bytes).to_hex().as_str() != list.parts_hash || bytes.len() % 8 != 0 {
            return Err(wrong(&path, "its checksum does not match the list".into()));
        }
        let number = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let parts: Vec<(u32, u32)> = (0..bytes.len()).step_by(8).map(|at| (number(at), number(at + 4))).collect();
        if list.entities.iter().any(|e| e.from > e.to || e.to > parts.len() || e.parts.is_empty()) {
            return Err(wrong(&path, "it is shorter than the list says".into()));
        }
        Ok(Some(Self { list, parts }))
    }

    /// Writes a new version; the parts first, so that a list always has them.
    pub(crate) fn write(&mut self, store: &Path, ledger: &Ledger, disk: &Disk) -> Result<(), EngineError> {
        let folder = folder(store, ledger, &self.list.heuristics);
        disk.create_folder(&folder).map_err(athar_ledger::LedgerError::from)?;
        let bytes: Vec<u8> =
            self.parts.iter().flat_map(|(a, part)| [a.to_le_bytes(), part.to_le_bytes()].concat()).collect();
        self.list.parts_hash = blake3::hash(&bytes).to_hex().to_string();
        self.list.number = numbers(&folder)?.last().map_or(1, |n| n + 1);
        let number = self.list.number;
        let wrong = |e: serde_json::Error| EngineError::Cuts { path: folder.clone(), what: e.to_string() };
        let text = serde_json::to_string_pretty(&self.list).map_err(wrong)?;
        disk.replace(&folder.join(format!("{number:04}.parts")), &bytes).map_err(athar_ledger::LedgerError::from)?;
        disk.replace(&folder.join(format!("{number:04}.json")), text.as_bytes())
            .map_err(athar_ledger::LedgerError::from)?;
        Ok(())
    }
}

fn folder(store: &Path, ledger: &Ledger, heuristics: &str) -> PathBuf {
    store.join("cuts").join(ledger.chain().name()).join(heuristics.replace(',', "+"))
}

/// Numbers of the versions in a folder, ascending.
fn numbers(folder: &Path) -> Result<Vec<u32>, EngineError> {
    let wrong = |e: std::io::Error| EngineError::Cuts { path: folder.into(), what: e.to_string() };
    let items = match fs::read_dir(folder) {
        Ok(items) => items,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(wrong(e)),
    };
    let mut numbers = Vec::new();
    for item in items {
        let name = item.map_err(wrong)?.file_name();
        numbers.extend(name.to_string_lossy().strip_suffix(".json").and_then(|n| n.parse::<u32>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}
