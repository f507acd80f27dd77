//! What the tests of this crate share: small stores, and tables read back.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use arrow_array::RecordBatch;
use athar_engine::{Engine, Options};
use athar_entities::Forest;
use athar_export::{Chain, ExportError, Settings, Sizes, Summary, Table, export};
use athar_ledger::{Disk, fixture};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::Path,
};

/// A chain with late spends, outputs without address, a transaction that spends from its own block, an address that is
/// paid often, and a block that spends nothing.
pub(crate) const CHAIN: &str = "
block
coinbase c0 -> miner 50
block
coinbase c1 -> p2wpkh/miner 50
tx a: c0:0 -> alice 20 p2wpkh/bob 10 - 0 alice 19
block
coinbase c2 -> miner 51
tx b: a:0 a:1 -> p2tr/carol 25 alice 4
tx d: b:1 -> - 1 p2wsh/dan 3
block
coinbase c3 -> miner 50
block
coinbase c4 -> miner 52
tx e: c2:0 c3:0 c1:0 -> alice 100 p2sh/shop 49
tx f: a:3 e:0 -> alice 1 alice 2 alice 3 alice 4 alice 5 erin 99
block
coinbase c5 -> miner 50
tx g: f:0 f:2 d:1 -> p2sh/shop 7
";

/// The same chain and one block more.
pub(crate) fn longer() -> String {
    format!("{CHAIN}\nblock\ncoinbase c6 -> miner 50\ntx h: f:1 e:1 -> frank 50\n")
}

/// Sizes that cut the chain into many files.
pub(crate) const SMALL: Sizes = Sizes { blocks_per_partition: 2, ids_per_partition: 4, part_rows: 3 };

/// Makes a store of a fixture text with its entities, a segment for every `per_segment` blocks.
pub(crate) fn store(folder: &Path, text: &str, per_segment: usize) {
    let store = fixture::store(folder, text, per_segment).unwrap();
    let ledger = store.ledger(Chain::Bitcoin).unwrap().unwrap();
    Forest::build(folder, &Disk::default(), &ledger, &athar_entities::Settings::default(), 1 << 28, &mut |_| ())
        .unwrap();
}

pub(crate) fn open(store: &Path) -> Engine {
    Engine::open(store, &Options::default()).unwrap()
}

pub(crate) fn settings() -> Settings {
    Settings { sizes: SMALL, ..Settings::new(Chain::Bitcoin) }
}

pub(crate) fn run(store: &Path, to: &Path, settings: &Settings) -> Result<Summary, ExportError> {
    export(&open(store), to, settings, &|_| ())
}

/// The rows of a table, in the order of its files.
pub(crate) fn rows(folder: &Path, table: Table) -> RecordBatch {
    let files: Vec<_> = files(folder).into_keys().filter(|path| path.starts_with(&format!("{table}/"))).collect();
    assert!(!files.is_empty(), "no file of {table}");
    let mut batches = Vec::new();
    for path in files {
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(folder.join(path)).unwrap()).unwrap();
        assert_eq!(reader.schema().fields(), table.schema().fields());
        batches.extend(reader.build().unwrap().map(Result::unwrap));
    }
    arrow_select::concat::concat_batches(&table.schema(), &batches).unwrap()
}

/// Every Parquet file with its bytes.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(folder: &Path, inside: &str, found: &mut BTreeMap<String, Vec<u8>>) {
        for item in fs::read_dir(folder).unwrap() {
            let item = item.unwrap();
            let path = format!("{inside}{}", item.file_name().to_string_lossy());
            if item.path().is_dir() {
                walk(&item.path(), &format!("{path}/"), found);
            } else if !path.starts_with("_athar") {
                found.insert(path, fs::read(item.path()).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, "", &mut found);
    found
}
