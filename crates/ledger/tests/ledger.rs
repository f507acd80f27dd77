//! The ledger as its users see it, on small chains written as text.
#![allow(clippy::unwrap_used)] // tests

use athar_ledger::{Disk, Ledger, LedgerError, SegmentBuilder, Store, StoreLock, fixture, verify};
use athar_types::{AddressId, Chain, Hash32, Height, OutputNum, Sats, ScriptKind};
use std::{collections::BTreeMap, fs, path::Path};

const CHAIN: &str = "
block
coinbase c0 -> miner 50
block
coinbase c1 -> miner 50
tx t1: c0:0 -> alice 30 p2wpkh/bob 19
tx t2: t1:0 -> p2tr/carol 10 alice 20
block
coinbase c2 -> p2wsh/pool 51
tx t3: t1:1 t2:1 -> wrapped/dave 25 - 0 alice 13
block
coinbase c3 -> miner 50
tx t4: t3:0 c1:0 -> p2sh/eve 70 alice 4
";

/// Everything the chain says, by names instead of ids.
fn facts(ledger: &Ledger) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    for height in 0..ledger.block_count() {
        let block = ledger.block(Height(height)).unwrap();
        assert_eq!(ledger.height_of(&block.hash), Some(Height(height)));
        facts.insert(format!("block {height}"), format!("{} {:?} {}", block.hash, block.txs, block.time()));
    }
    for num in 0..ledger.tx_count() {
        let tx = ledger.tx(athar_types::TxNum(num));
        let txid = ledger.txid(tx.num);
        assert_eq!(ledger.tx_by_id(&txid), Some(tx.num));
        let inputs: Vec<_> = ledger
            .inputs(tx.num)
            .map(|i| {
                assert_eq!(ledger.input_tx(i.num), tx.num);
                (ledger.txid(i.prev_tx), i.prev_vout, i.address.map(|a| ledger.address_text(a)))
            })
            .collect();
        facts.insert(format!("tx {num}"), format!("{txid} {} {inputs:?}", tx.height));
    }
    for num in 0..ledger.output_count() {
        let output = ledger.output(OutputNum(num));
        let (tx, vout) = ledger.output_tx(output.num);
        assert_eq!(ledger.tx_outputs(tx).start + u64::from(vout), num);
        facts.insert(format!("output {num}"), format!("{output:?} {:?}", ledger.output_script(output.num)));
    }
    for id in (0..ledger.address_count()).map(AddressId) {
        let key = ledger.address_key(id);
        assert_eq!(ledger.address_id(&key), Some(id));
        let outputs: Vec<_> = ledger.address_outputs(id).collect();
        assert!(outputs.iter().all(|o| ledger.output_address(*o) == Some(id)));
        facts.insert(format!("address {id}"), format!("{key:?} {outputs:?}"));
    }
    facts.insert("wrapped".into(), format!("{:?}", ledger.wrapped_reveals().collect::<Vec<_>>()));
    facts
}

#[test]
fn a_chain_reads_the_same_whatever_its_segments() {
    let folder = tempfile::tempdir().unwrap();
    let whole = fixture::ledger(&folder.path().join("whole"), CHAIN);
    let expected = facts(&whole);
    for per_segment in 1..=4 {
        let store = fixture::store(&folder.path().join(per_segment.to_string()), CHAIN, per_segment).unwrap();
        assert_eq!(facts(&store.ledger(Chain::Bitcoin).unwrap().unwrap()), expected, "{per_segment} blocks a segment");
        assert_eq!(verify(&store).unwrap().outputs, 13);
    }
}

#[test]
fn outputs_know_their_spender_and_addresses_their_outputs() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = fixture::ledger(folder.path(), CHAIN);
    let tx = |name| fixture::tx(&ledger, name);
    let alice = fixture::address(&ledger, "alice");
    let received: Vec<_> = ledger.address_outputs(alice).map(|o| ledger.output(o)).collect();
    assert_eq!(received.iter().map(|o| o.value.0).collect::<Vec<_>>(), [30, 20, 13, 4]);
    assert_eq!(received.iter().map(|o| o.spent_by).collect::<Vec<_>>(), [Some(tx("t2")), Some(tx("t3")), None, None]);
    // ids follow the order of first payment
    let first: Vec<_> = ["miner", "alice", "p2wpkh/bob", "p2tr/carol", "p2wsh/pool", "wrapped/dave", "p2sh/eve"]
        .iter()
        .map(|n| fixture::address(&ledger, n).0)
        .collect();
    assert_eq!(first, [0, 1, 2, 3, 4, 5, 6]);
    let data = ledger.outputs(tx("t3")).nth(1).unwrap();
    assert_eq!((data.kind, data.address, data.value), (ScriptKind::OpReturn, None, Sats(0)));
    assert_eq!(ledger.output_script(data.num), Some(&[0x6a, 1, 0x41][..]));
    assert_eq!(ledger.inputs(tx("c2")).count(), 0);
    assert_eq!(ledger.address_id(&fixture::key("nobody")), None);
    assert_eq!(ledger.tx_by_id(&fixture::txid("nothing")), None);
}

#[test]
fn a_repeated_coinbase_id_means_the_later_one() {
    // BIP 30: blocks 91842 and 91880 of mainnet
    let folder = tempfile::tempdir().unwrap();
    let text =
        "block\ncoinbase same -> a 50\nblock\ncoinbase same -> b 50\nblock\ncoinbase x -> m 1\ntx s: same:0 -> c 50";
    for per_segment in 1..=3 {
        let store = fixture::store(&folder.path().join(per_segment.to_string()), text, per_segment).unwrap();
        let ledger = store.ledger(Chain::Bitcoin).unwrap().unwrap();
        let spent: Vec<_> = ledger.inputs(fixture::tx(&ledger, "s")).collect();
        assert_eq!(spent[0].address, Some(fixture::address(&ledger, "b")));
        assert!(verify(&store).is_ok());
    }
}

fn refused(text: &str, per_segment: usize) -> LedgerError {
    let folder = tempfile::tempdir().unwrap();
    fixture::store(folder.path(), text, per_segment).unwrap_err()
}

#[test]
fn impossible_spends_are_refused_within_a_segment_and_across() {
    let base = "block\ncoinbase c0 -> a 50\nblock\ncoinbase c1 -> m 50\ntx t1: c0:0 -> b 50\n";
    for per_segment in 1..=4 {
        for (line, missing) in [("nothing:0", true), ("c0:1", true), ("c0:0", false)] {
            let text = format!("{base}block\ncoinbase c2 -> m 50\ntx bad: {line} -> x 1\n");
            let error = refused(&text, per_segment);
            match error {
                LedgerError::MissingOutput { height, .. } => assert!(missing && height == Height(2), "{line}"),
                LedgerError::DoubleSpend { height, .. } => assert!(!missing && height == Height(2), "{line}"),
                other => panic!("{line}: {other}"),
            }
        }
    }
    // two spends of one old output in one new segment
    let text = "block\ncoinbase c0 -> a 50\nblock\ncoinbase c1 -> m 50\ntx t1: c0:0 -> b 50\ntx t2: c0:0 -> c 50\n";
    assert!(matches!(refused(text, 1), LedgerError::DoubleSpend { .. }));
}

#[test]
fn only_one_process_writes_and_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let held = StoreLock::take(folder.path()).unwrap();
    let error = StoreLock::take(folder.path()).unwrap_err().to_string();
    assert!(error.contains(&format!("pid {}", std::process::id())), "{error}");
    drop(held);
    assert!(StoreLock::take(folder.path()).is_ok());
}

#[test]
fn a_full_disk_leaves_the_last_commit() {
    let folder = tempfile::tempdir().unwrap();
    fixture::store(folder.path(), CHAIN, 2).unwrap();
    let before = facts(&Store::open(folder.path()).unwrap().ledger(Chain::Bitcoin).unwrap().unwrap());
    let more = format!("{CHAIN}block\ncoinbase c4 -> alice 50\n");
    let blocks = fixture::blocks(&more);
    let mut failed = 0;
    for space in (0..500_000).step_by(4_001) {
        let lock = StoreLock::take(folder.path()).unwrap();
        let result = (|| {
            let mut store = Store::open_for_writing(folder.path(), &lock, Disk::with_space(space))?;
            let ledger = store.ledger(Chain::Bitcoin)?.unwrap();
            let mut builder = SegmentBuilder::new(ledger.end(), ledger.tip().unwrap().hash);
            builder.push(blocks.last().unwrap())?;
            let meta = builder.finish(ledger.segments(), store.disk(), &store.chain_folder(Chain::Bitcoin))?;
            store.append(Chain::Bitcoin, meta)
        })();
        drop(lock);
        let store = Store::open(folder.path()).unwrap();
        verify(&store).unwrap();
        match result {
            Err(LedgerError::Io { path, .. }) => {
                failed += 1;
                assert!(path.starts_with(folder.path()));
                assert_eq!(facts(&store.ledger(Chain::Bitcoin).unwrap().unwrap()), before, "with {space} bytes left");
            }
            Err(other) => panic!("{other}"),
            Ok(()) => break,
        }
    }
    assert!(failed > 20, "the disk was never full");
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.ledger(Chain::Bitcoin).unwrap().unwrap().block_count(), 5);
}

#[test]
fn unwinding_drops_tail_segments_and_the_chain_can_grow_again() {
    let folder = tempfile::tempdir().unwrap();
    fixture::store(folder.path(), CHAIN, 1).unwrap();
    let lock = StoreLock::take(folder.path()).unwrap();
    let mut store = Store::open_for_writing(folder.path(), &lock, Disk::default()).unwrap();
    assert_eq!(store.unwind(Chain::Bitcoin, 2).unwrap(), 2);
    let ledger = store.ledger(Chain::Bitcoin).unwrap().unwrap();
    assert_eq!(ledger.block_count(), 2);
    assert_eq!(ledger.address_id(&fixture::key("p2sh/eve")), None);
    assert_eq!(ledger.spent_by(ledger.address_outputs(fixture::address(&ledger, "p2wpkh/bob")).next().unwrap()), None);
    assert_eq!(fs::read_dir(folder.path().join("bitcoin")).unwrap().count(), 2);
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    found.sort();
    found
}

#[test]
fn damage_to_any_file_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    fixture::store(folder.path(), CHAIN, 9).unwrap();
    let segment = files(&folder.path().join("bitcoin")).pop().unwrap();
    for file in files(&segment) {
        let good = fs::read(&file).unwrap();
        let mut bad = good.clone();
        let at = bad.len() / 2;
        bad[at] ^= 1;
        fs::write(&file, &bad).unwrap();
        let error = Store::open(folder.path()).and_then(|s| verify(&s)).unwrap_err().to_string();
        assert!(error.contains(file.to_str().unwrap()), "{error}");
        fs::write(&file, &good).unwrap();
    }
    let manifest = folder.path().join("MANIFEST.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("regtest", "mainnet")).unwrap();
    assert!(matches!(Store::open(folder.path()), Err(LedgerError::Corrupt { .. })));
    fs::write(&manifest, text).unwrap();
    assert!(Store::open(folder.path()).is_ok());
}

#[test]
fn a_block_that_does_not_follow_is_refused() {
    let blocks = fixture::blocks(CHAIN);
    let mut builder = SegmentBuilder::new(&athar_ledger::Ranges::default(), Hash32::ZERO);
    builder.push(&blocks[0]).unwrap();
    assert!(matches!(builder.push(&blocks[2]), Err(LedgerError::NotTheNextBlock { .. })));
}

#[test]
fn a_store_of_another_format_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    fixture::store(folder.path(), CHAIN, 9).unwrap();
    let path = folder.path().join("MANIFEST.json");
    let text = fs::read_to_string(&path).unwrap();
    let (_, manifest) = text.split_once("\"manifest\":").unwrap();
    let manifest = manifest.strip_suffix('}').unwrap().replace("\"format\":1,", "\"format\":99,");
    let checksum = blake3::hash(manifest.as_bytes()).to_hex();
    fs::write(&path, format!("{{\"checksum\":\"{checksum}\",\"manifest\":{manifest}}}")).unwrap();
    let error = Store::open(folder.path()).unwrap_err();
    assert!(matches!(error, LedgerError::Format { found: 99, expected: 1, .. }), "{error}");
    assert!(error.to_string().contains("hint:"), "{error}");
}
