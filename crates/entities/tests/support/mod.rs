//! What the tests of this crate share.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

pub(crate) mod random;

use athar_entities::{EntitiesError, Forest, Links, Settings};
use athar_ledger::{BlockRows, Disk, Ledger, SegmentBuilder, Store, StoreLock, fixture};
use athar_types::{AddressId, Chain, Hash32, TxNum};
use std::{collections::BTreeMap, collections::BTreeSet, env, path::Path, path::PathBuf};

/// A store with these blocks, a segment for every `per_segment` of them.
pub(crate) fn store_of(folder: &Path, blocks: &[BlockRows], per_segment: usize) -> Store {
    let lock = StoreLock::take(folder).unwrap();
    let mut store = Store::open_for_writing(folder, &lock, Disk::default()).unwrap();
    store.set_network(Chain::Bitcoin, athar_types::Network::Regtest).unwrap();
    let chain_folder = store.chain_folder(Chain::Bitcoin);
    for part in blocks.chunks(per_segment.max(1)) {
        let ledger = store.ledger(Chain::Bitcoin).unwrap().unwrap();
        let mut builder = SegmentBuilder::new(ledger.end(), ledger.tip().map_or(Hash32::ZERO, |t| t.hash));
        for block in part {
            builder.push(block).unwrap();
        }
        let segment = builder.finish(&ledger, store.disk(), &chain_folder).unwrap();
        store.append(Chain::Bitcoin, segment).unwrap();
    }
    store
}

/// The ledger of a store.
pub(crate) fn ledger_of(store: &Store) -> Ledger {
    store.ledger(Chain::Bitcoin).unwrap().unwrap()
}

/// A ledger and its forest, in a folder of their own.
pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) ledger: Ledger,
    pub(crate) forest: Forest,
}

impl World {
    pub(crate) fn new(text: &str, settings: &Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = fixture::ledger(folder.path(), text);
        let forest = build(folder.path(), &ledger, settings).unwrap();
        Self { folder, ledger, forest }
    }

    pub(crate) fn address(&self, name: &str) -> AddressId {
        fixture::address(&self.ledger, name)
    }

    pub(crate) fn tx(&self, name: &str) -> TxNum {
        fixture::tx(&self.ledger, name)
    }

    pub(crate) fn same(&self, a: &str, b: &str) -> bool {
        self.forest.find(self.address(a)) == self.forest.find(self.address(b))
    }
}

pub(crate) fn build(folder: &Path, ledger: &Ledger, settings: &Settings) -> Result<Forest, EntitiesError> {
    Forest::build(folder, &Disk::default(), ledger, settings, u64::MAX, &mut |_| {})
}

/// Settings with these heuristics.
pub(crate) fn with(heuristics: &str) -> Settings {
    Settings { heuristics: heuristics.parse().unwrap(), ..Settings::default() }
}

/// The sets of addresses that a map from address to root describes.
pub(crate) fn partition(count: u32, root: impl Fn(AddressId) -> AddressId) -> BTreeSet<BTreeSet<u32>> {
    let mut sets: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for id in 0..count {
        sets.entry(root(AddressId(id)).0).or_default().insert(id);
    }
    sets.into_values().collect()
}

/// The folder of real data, or `None` where it is absent and may be.
pub(crate) fn shared(what: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let path = env::var_os("ATHAR_SHARED_DATA").map_or(root, PathBuf::from).join(what);
    if path.exists() {
        return Some(path);
    }
    assert!(env::var_os("ATHAR_REQUIRE_SHARED").is_none_or(|v| v != "1"), "{} is missing", path.display());
    println!("skipped: {} is missing", path.display());
    None
}
