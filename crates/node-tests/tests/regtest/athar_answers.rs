//! Athar's transactions, balances and spenders equal the node's own answers, address by address.

use crate::{
    compare,
    files::block_files,
    fixture::{Fixture, fixture},
    store::{self, Whole},
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// What the report of an ingest says of files that hold the whole fixture.
fn check_summary(fixture: &Fixture, whole: &Whole) {
    let (summary, blocks) = (&whole.summary, fixture.chain.blocks.len() as u64);
    let stale = fixture.world.stale_blocks.len() as u64;
    assert_eq!((summary.chain, summary.network), ("bitcoin", "regtest"));
    assert_eq!(summary.blocks_found, blocks + stale);
    assert_eq!((summary.blocks_added, summary.blocks_dropped), (blocks, 0));
    assert_eq!((summary.blocks_stale, summary.blocks_unconnected), (stale, 0));
    assert_eq!(summary.unconnected, None);
    // the space that the node allocated in advance is no damage
    assert_eq!(summary.damage, Vec::<String>::new());
    assert_eq!(summary.bytes_added, fixture.chain.blocks.iter().map(|block| block.size).sum::<u64>());
    let tip = fixture.chain.blocks.last().unwrap();
    assert_eq!(summary.tip_height, Some(blocks as u32 - 1));
    assert_eq!(summary.tip_hash.map(|hash| hash.to_string()).as_ref(), Some(&tip.hash));
}

#[test]
fn every_answer_about_xored_files_with_a_stale_branch_equals_the_nodes() {
    let Some(fixture) = fixture() else { return };
    // otherwise nothing below says anything about allocated space
    let bytes = fs::metadata(fixture.blocks.join("blk00000.dat")).unwrap().len();
    let used: usize = block_files(&fixture.blocks)[0].iter().map(Vec::len).sum();
    assert!(used as u64 + 8 < bytes, "the file of {bytes} bytes ends with its last block");
    let whole = store::mined(fixture);
    check_summary(fixture, whole);
    compare::everything(&whole.engine, &fixture.chain);
}

#[test]
fn stale_blocks_and_what_only_they_hold_are_in_no_answer() {
    let Some(fixture) = fixture() else { return };
    let engine = &store::mined(fixture).engine;
    for hash in &fixture.world.stale_blocks {
        assert!(engine.block(hash).unwrap().is_none(), "{hash}");
    }
    assert!(engine.tx(&fixture.world.replaced_txid).unwrap().is_none());
}

#[test]
fn the_payload_of_an_output_is_read_as_text_where_it_is_one() {
    let Some(fixture) = fixture() else { return };
    let engine = &store::mined(fixture).engine;
    let texts = fixture.world.special_txids.iter().flat_map(|txid| engine.tx(txid).unwrap().unwrap().outputs);
    let texts: Vec<String> = texts.filter_map(|output| output.data_text).collect();
    assert!(texts.contains(&"athar: a payload of more than a few bytes".to_owned()), "{texts:?}");
}

#[test]
fn everything_in_the_store_verifies() {
    let Some(fixture) = fixture() else { return };
    let verified = store::mined(fixture).engine.verify().unwrap();
    assert!(verified.ok);
    assert_eq!(verified.blocks as usize, fixture.chain.blocks.len());
    assert_eq!(verified.txs as usize, fixture.chain.txs().count());
    assert_eq!(verified.inputs as usize, fixture.chain.txs().map(|(_, tx)| tx.inputs.len()).sum::<usize>());
    assert_eq!(verified.addresses as usize, fixture.chain.accounts().len());
    assert_eq!(verified.entities, Some(true));
}

#[test]
fn the_same_blocks_in_many_plain_files_out_of_order_give_the_same_bytes() {
    let Some(fixture) = fixture() else { return };
    let (mined, shuffled) = (store::mined(fixture), store::shuffled(fixture));
    check_summary(fixture, shuffled);
    let (first, second) = (files_of(&mined.folder()), files_of(&shuffled.folder()));
    assert!(first.contains_key(Path::new("MANIFEST.json")));
    assert!(first.keys().filter(|path| path.starts_with("bitcoin")).count() > 10, "{:?}", first.keys());
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    for (path, bytes) in &first {
        assert!(*bytes == second[path], "{} differs", path.display());
    }
    assert_eq!(
        compare::answers(&mined.engine, &fixture.chain),
        compare::answers(&shuffled.engine, &fixture.chain),
        "the answers differ"
    );
}

/// Every file of a store but its lock, by its path in the store.
fn files_of(store: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![store.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(store).unwrap().to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name != Path::new("LOCK") {
                files.insert(name, fs::read(path).unwrap());
            }
        }
    }
    files
}
