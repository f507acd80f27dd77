//! The ledger as its users see it, on small chains written as text.
use crate::support;

use athar_ledger::{Disk, LedgerError, Merger, SegmentBuilder, SpendCursor, Store, StoreLock, fixture, verify};
use athar_types::{Chain, Hash32, Height, OutputNum, Sats, ScriptKind};
use std::fs;
use support::{facts, files, long_chain};

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
fn spends_looked_for_near_the_last_one_are_those_looked_for_from_scratch() {
    let folder = tempfile::tempdir().unwrap();
    let mut late = 0;
    for per_segment in [1, 3, 1000] {
        let store = fixture::store(&folder.path().join(per_segment.to_string()), &long_chain(30), per_segment).unwrap();
        let ledger = store.ledger(Chain::Bitcoin).unwrap().unwrap();
        let count = ledger.output_count();
        // in order, in reverse, and by leaps of a stride that meets every output
        let stride = (1..count).rev().find(|s| gcd(*s, count) == 1 && *s < count / 2).unwrap_or(1);
        let orders: [Vec<u64>; 3] =
            [(0..count).collect(), (0..count).rev().collect(), (0..count).map(|n| n * stride % count).collect()];
        for order in orders {
            let mut near = SpendCursor::default();
            for output in order.into_iter().map(OutputNum) {
                let spender = ledger.spent_by(output);
                assert_eq!(
                    ledger.spent_by_near(output, &mut near),
                    spender,
                    "{per_segment} blocks a segment, {output}"
                );
                late +=
                    u64::from(spender.is_some_and(|tx| {
                        ledger.tx_height(tx).0 >= ledger.tx_height(ledger.output_tx(output).0).0 + 3
                    }));
            }
        }
    }
    assert!(late > 50, "only {late} spends lie in later runs");
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
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

#[test]
fn spent_values_come_without_a_store_as_with_one() {
    let folder = tempfile::tempdir().unwrap();
    let whole = fixture::ledger(&folder.path().join("whole"), CHAIN);
    let expected: Vec<u64> = (0..whole.input_count())
        .map(|i| whole.output_value(whole.spent_output(&whole.input(athar_types::InputNum(i)))).0)
        .collect();
    let blocks = fixture::blocks(CHAIN);
    for known in 1..3 {
        let before = fixture::ledger(&folder.path().join(known.to_string()), &up_to(known));
        let mut builder = SegmentBuilder::new(before.end(), before.tip().unwrap().hash);
        blocks[known..].iter().for_each(|block| builder.push(block).unwrap());
        assert_eq!(builder.resolve(&before).unwrap(), expected[before.input_count() as usize..]);
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
    for space in (0..2_000_000).step_by(8_003) {
        let lock = StoreLock::take(folder.path()).unwrap();
        let result = (|| {
            let mut store = Store::open_for_writing(folder.path(), &lock, Disk::with_space(space))?;
            let ledger = store.ledger(Chain::Bitcoin)?.unwrap();
            let mut builder = SegmentBuilder::new(ledger.end(), ledger.tip().unwrap().hash);
            builder.push(blocks.last().unwrap())?;
            let meta = builder.finish(&ledger, store.disk(), &store.chain_folder(Chain::Bitcoin))?;
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

/// The blocks of the chain up to a height, as text.
fn up_to(height: usize) -> String {
    CHAIN.split("block\n").skip(1).take(height).map(|block| format!("block\n{block}")).collect()
}

#[test]
fn unwinding_to_any_height_leaves_the_chain_up_to_there_and_it_can_grow_again() {
    let folder = tempfile::tempdir().unwrap();
    let whole = facts(&fixture::ledger(&folder.path().join("whole"), CHAIN));
    for per_segment in 1..=4 {
        for height in 0..4 {
            let place = folder.path().join(format!("{per_segment}-{height}"));
            fixture::store(&place, CHAIN, per_segment).unwrap();
            let lock = StoreLock::take(&place).unwrap();
            let mut store = Store::open_for_writing(&place, &lock, Disk::default()).unwrap();
            assert_eq!(store.unwind(Chain::Bitcoin, height).unwrap(), height);
            verify(&store).unwrap();
            let ledger = store.ledger(Chain::Bitcoin).unwrap().unwrap();
            let expected = fixture::ledger(&place.join("expected"), &up_to(height as usize));
            assert_eq!(facts(&ledger), facts(&expected), "{per_segment} blocks a segment, cut at {height}");
            // nothing but what the manifest names is left
            let named = &store.manifest().chains[0];
            assert_eq!(files(&place.join("bitcoin")).len(), named.segments.len() + named.runs.len());

            let mut builder = SegmentBuilder::new(ledger.end(), ledger.tip().map_or(Hash32::ZERO, |t| t.hash));
            fixture::blocks(CHAIN)[height as usize..].iter().for_each(|block| builder.push(block).unwrap());
            let piece = builder.finish(&ledger, store.disk(), &store.chain_folder(Chain::Bitcoin)).unwrap();
            store.append(Chain::Bitcoin, piece).unwrap();
            verify(&store).unwrap();
            assert_eq!(facts(&store.ledger(Chain::Bitcoin).unwrap().unwrap()), whole);
        }
    }
}

#[test]
fn joined_runs_and_segments_say_the_same_and_can_be_cut_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let text = long_chain(40);
    let whole = facts(&fixture::ledger(&folder.path().join("whole"), &text));
    for settle in [false, true] {
        let place = folder.path().join(settle.to_string());
        let mut store = fixture::store(&place, &text, 1).unwrap();
        let mut merger = Merger::default();
        if settle {
            merger.settle(&mut store, Chain::Bitcoin).unwrap();
        } else {
            merger.wait(&mut store, Chain::Bitcoin).unwrap();
        }
        let entry = &store.manifest().chains[0];
        assert!(entry.runs.len() < 8, "{} runs", entry.runs.len());
        assert_eq!(entry.runs.len(), entry.segments.len());
        assert_eq!(files(&place.join("bitcoin")).len(), 2 * entry.runs.len());
        verify(&store).unwrap();
        let ledger = store.ledger(Chain::Bitcoin).unwrap().unwrap();
        assert_eq!(facts(&ledger), whole);
        // pages of an address are the same however they are cut
        let alice = fixture::address(&ledger, "alice");
        let all: Vec<_> = ledger.address_outputs(alice).collect();
        assert_eq!(ledger.address_output_count(alice), all.len() as u64);
        for skip in 0..=all.len() {
            assert_eq!(ledger.address_outputs(alice).skip(skip).collect::<Vec<_>>(), all[skip..]);
        }
        for height in (0..40).rev().step_by(3) {
            store.unwind(Chain::Bitcoin, height).unwrap();
            verify(&store).unwrap();
            let short: String =
                text.split("block\n").skip(1).take(height as usize).map(|b| format!("block\n{b}")).collect();
            let expected = fixture::ledger(&folder.path().join(format!("{settle}-{height}")), &short);
            assert_eq!(facts(&store.ledger(Chain::Bitcoin).unwrap().unwrap()), facts(&expected), "cut at {height}");
        }
    }
}

#[test]
fn a_ledger_opened_before_runs_are_joined_stays_readable_and_a_late_opener_finds_the_new_ones() {
    let folder = tempfile::tempdir().unwrap();
    let text = long_chain(20);
    let mut store = fixture::store(folder.path(), &text, 1).unwrap();
    let reader = Store::open(folder.path()).unwrap();
    let before = reader.ledger(Chain::Bitcoin).unwrap().unwrap();
    Merger::default().settle(&mut store, Chain::Bitcoin).unwrap();
    // the files that the first reader's manifest names are gone: what it mapped is not
    let after = reader.ledger(Chain::Bitcoin).unwrap().unwrap();
    assert_eq!(facts(&before), facts(&after));
    assert!(before.runs().len() > after.runs().len());
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
    let manifest = manifest.strip_suffix('}').unwrap().replace("\"format\":2,", "\"format\":99,");
    let checksum = blake3::hash(manifest.as_bytes()).to_hex();
    fs::write(&path, format!("{{\"checksum\":\"{checksum}\",\"manifest\":{manifest}}}")).unwrap();
    let error = Store::open(folder.path()).unwrap_err();
    assert!(matches!(error, LedgerError::Format { found: 99, expected: 3, .. }), "{error}");
    assert!(error.to_string().contains("hint:"), "{error}");
}
