//! Hits that are kept in the store, so that the next run looks only at what changed, and other questions need no run.
//!
//! `STORE/patterns/CHAIN.json`, derived: it says what it was made from, and where anything of that changed but the tip of the
//! chain, everything is made again. A file that cannot be read is made again too; it is never trusted.

use crate::error::EngineError;
use crate::read::records_basis;
use athar_disk::Disk;
use athar_patterns::Hit;
use athar_patterns::rule::Anchor;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The form of the file.
const FORMAT: u32 = 2;

/// Kept hits with what they were made from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    format: u32,
    /// Everything but the chain's tip that can change a hit.
    pub(crate) basis: String,
    /// Height of the last block that was looked at.
    pub(crate) tip_height: u32,
    /// Its hash.
    pub(crate) tip_hash: String,
    /// Transactions up to it.
    pub(crate) txs: u32,
    /// Ids of the rules that were run.
    pub(crate) rules: Vec<String>,
    /// The hits.
    pub(crate) hits: Vec<Hit>,
}

/// Kept hits, with those of each address.
#[derive(Debug)]
pub(crate) struct KeptPatterns {
    pub(crate) kept: Kept,
    by_address: FxHashMap<String, Vec<u32>>,
}

impl KeptPatterns {
    pub(super) fn of(kept: Kept) -> Self {
        let mut by_address: FxHashMap<String, Vec<u32>> = FxHashMap::default();
        for (at, hit) in kept.hits.iter().enumerate() {
            for address in hit.addresses.iter().chain([&hit.subject_text]) {
                let of = by_address.entry(address.clone()).or_default();
                if of.last() != Some(&(at as u32)) {
                    of.push(at as u32);
                }
            }
        }
        Self { kept, by_address }
    }

    /// What the hits stand on, for a snapshot.
    pub(crate) fn basis(&self) -> (&str, &str) {
        (&self.kept.basis, &self.kept.tip_hash)
    }

    /// How many hits of each pattern an address takes part in; 0 of those that were looked for.
    pub(crate) fn counts(&self, address: &str) -> BTreeMap<String, u64> {
        let mut counts: BTreeMap<String, u64> = self.kept.rules.iter().map(|id| (id.clone(), 0)).collect();
        for at in self.by_address.get(address).into_iter().flatten() {
            *counts.entry(self.kept.hits[*at as usize].pattern.clone()).or_default() += 1;
        }
        counts
    }
}

impl Kept {
    pub(crate) fn new(
        basis: String,
        tip_height: u32,
        tip_hash: String,
        txs: u32,
        rules: Vec<String>,
        hits: Vec<Hit>,
    ) -> Self {
        Self { format: FORMAT, basis, tip_height, tip_hash, txs, rules, hits }
    }

    fn path(store: &Path, chain: &str) -> PathBuf {
        folder(store).join(format!("{chain}.json"))
    }

    /// What is kept of a chain; none where nothing is, or nothing that this program can read.
    pub(crate) fn open(store: &Path, chain: &str) -> Option<Self> {
        let bytes = fs::read(Self::path(store, chain)).ok()?;
        serde_json::from_slice(&bytes).ok().filter(|kept: &Self| kept.format == FORMAT)
    }

    /// Replaces what is kept, in one step. `records` is the version of the off-chain records that the engine was opened with, which stands in
    /// the basis: where it is another by now, something may have been deleted meanwhile, also between the deletion and the call of
    /// [`Kept::forget_recorded`] that follows it, and hits on records are left out as there.
    pub(crate) fn save(mut self, store: &Path, chain: &str, records: Option<&str>) -> Result<(), EngineError> {
        let _lock = lock(store)?;
        if records_basis(store)?.as_deref() != records {
            self.hits.retain(|hit| !is_recorded(hit));
        }
        self.write(store, chain)
    }

    /// To be called under the lock. A file that says the same already is not touched: services open the store again where it changes.
    fn write(&self, store: &Path, chain: &str) -> Result<(), EngineError> {
        let path = Self::path(store, chain);
        let bytes = serde_json::to_vec(self)
            .map_err(|error| EngineError::Output { path: path.clone(), what: error.to_string() })?;
        if fs::read(&path).is_ok_and(|there| there == bytes) {
            return Ok(());
        }
        Ok(Disk::default().replace(&path, &bytes)?)
    }

    /// Takes hits that stand on off-chain records out of what is kept of any chain; how many. What was deleted there must not go on
    /// here. The next run that keeps hits makes all of them again, since the records are another version.
    pub(crate) fn forget_recorded(store: &Path) -> Result<u64, EngineError> {
        let mut forgotten = 0;
        if !folder(store).exists() {
            return Ok(0);
        }
        let _lock = lock(store)?;
        for chain in athar_types::Chain::ALL {
            let Some(mut kept) = Self::open(store, chain.name()) else {
                // of another version, or damaged: it is made again, and until then nothing says what it holds
                let path = Self::path(store, chain.name());
                match fs::remove_file(&path) {
                    Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                        return Err(EngineError::Io { path, source });
                    }
                    _ => continue,
                }
            };
            let before = kept.hits.len();
            kept.hits.retain(|hit| !is_recorded(hit));
            let gone = before - kept.hits.len();
            if gone > 0 {
                kept.write(store, chain.name())?;
                forgotten += gone as u64;
            }
        }
        Ok(forgotten)
    }
}

fn folder(store: &Path) -> PathBuf {
    store.join("patterns")
}

/// Held by whoever changes this folder, so that what was forgotten is not put back by a run that began before. The store's own lock
/// would not do: a follower holds that for as long as it follows.
pub(crate) fn lock(store: &Path) -> Result<File, EngineError> {
    let folder = folder(store);
    let path = folder.join("LOCK");
    let take = || {
        fs::create_dir_all(&folder)?;
        let file = File::options().create(true).truncate(false).write(true).open(&path)?;
        file.lock()?;
        Ok(file)
    };
    take().map_err(|source| EngineError::Io { path: path.clone(), source })
}

/// Whether a hit stands on off-chain records, or names notes of them.
fn is_recorded(hit: &Hit) -> bool {
    let counts = |name: &str| hit.values.iter().any(|met| met.measure == name && met.value > 0);
    counts("recorded") || counts("context") || hit.corroboration.iter().any(|c| c.anchor == Anchor::Record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use athar_patterns::Standing;
    use athar_records::{By, Kind as RecordKind, Map, Order, Records};
    use serde_json::json;

    #[test]
    fn what_cannot_be_read_is_gone_when_records_are_forgotten() {
        let store = tempfile::tempdir().unwrap();
        let kept = Kept::new("basis".into(), 1, "hash".into(), 1, vec!["voucher-network".into()], Vec::new());
        kept.save(store.path(), "bitcoin", None).unwrap();
        let path = Kept::path(store.path(), "bitcoin");
        assert_eq!(Kept::forget_recorded(store.path()).unwrap(), 0);
        assert!(path.exists(), "nothing in it stands on records");
        let older = fs::read_to_string(&path).unwrap().replace(&format!("\"format\":{FORMAT}"), "\"format\":1");
        for unreadable in [older.as_str(), "{"] {
            fs::write(&path, unreadable).unwrap();
            assert_eq!(Kept::forget_recorded(store.path()).unwrap(), 0);
            assert!(!path.exists(), "{unreadable}");
        }
    }

    #[test]
    fn what_was_deleted_while_a_run_looked_is_not_kept_by_it() {
        let store = tempfile::tempdir().unwrap();
        let hit = |measure: &str| -> Hit {
            serde_json::from_value(json!({
                "pattern": "voucher-network", "rule_version": "1", "row": 1, "subject": { "Text": "record" },
                "subject_text": "record", "addresses": [], "more_addresses": 0, "txids": [], "more_txids": 0,
                "last_tx": null, "start": 0, "end": 0, "asset": "BTC",
                "linked": { "units": "0", "cents": 0, "unpriced": "0" }, "total": { "units": "0", "cents": 0, "unpriced": "0" },
                "severity": "high", "uncapped": "high", "capped_by": null, "standing": Standing::Held,
                "values": [{ "measure": measure, "unit": "count", "value": 3, "test": null, "source": null }],
                "guards": [], "corroboration": [], "notes": [], "why_en": "", "why_ar": "",
            }))
            .unwrap()
        };
        let by = By { time: 1, operator: "a", reason: "" };
        let records = Records::open(store.path()).unwrap();
        let order = Order { map: Map::default(), kind: Some(RecordKind::Login), retain_days: None, name: "f" };
        let receipt = records.import(&order, by, || Ok(&b"account,time\na,1600000000\n"[..])).unwrap();
        // the run begins
        let before = records_basis(store.path()).unwrap();
        let found = vec![hit("recorded"), hit("senders")];
        let kept = Kept::new("basis".into(), 1, "hash".into(), 1, vec!["voucher-network".into()], found);
        let hits = || Kept::open(store.path(), "bitcoin").unwrap().hits;
        kept.clone().save(store.path(), "bitcoin", before.as_deref()).unwrap();
        assert_eq!(hits().len(), 2, "nothing was deleted");
        // it is asked to delete, and does so, before the run ends
        records.delete_import(receipt.import, by).unwrap();
        assert_eq!(Kept::forget_recorded(store.path()).unwrap(), 1);
        kept.save(store.path(), "bitcoin", before.as_deref()).unwrap();
        assert_eq!(hits().iter().map(|hit| hit.values[0].measure.as_str()).collect::<Vec<_>>(), ["senders"]);
    }

    #[test]
    fn runs_that_end_at_once_leave_a_whole_file() {
        let store = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for n in 0..4_u32 {
                let path = store.path();
                scope.spawn(move || {
                    for _ in 0..10 {
                        let ids = vec!["voucher-network".into(); n as usize * 5_000];
                        let kept = Kept::new(n.to_string(), n, "hash".into(), n, ids, Vec::new());
                        kept.save(path, "bitcoin", None).unwrap();
                        assert!(Kept::open(path, "bitcoin").is_some());
                    }
                });
            }
        });
    }
}
