//! The first 4,313 blocks of mainnet: entities against an independent recomputation, and answers that history knows.
use crate::support;

use athar_engine::read::{ScreenOptions, ScreenStatus, TraceOptions};
use athar_engine::write::{IngestSettings, import_labels, ingest_bitcoin};
use athar_engine::{Clustering, Day, Engine, Level, Network, Options};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use support::shared;

fn ingest(store: &std::path::Path, blocks: &std::path::Path) -> Engine {
    let settings = IngestSettings { network: None, memory_bytes: 1 << 30, clusterings: vec![Clustering::default()] };
    let summary = ingest_bitcoin(store, blocks, settings, &mut |_| true).unwrap();
    assert_eq!((summary.network, summary.blocks_added), (Network::Mainnet.name(), 4313));
    Engine::open(store, &Options::default()).unwrap()
}

#[test]
fn entities_equal_an_independent_recomputation() {
    let Some(blocks) = shared("bitcoin/mainnet-0-4312/blocks") else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = ingest(&folder.path().join("store"), &blocks);
    // through the answers for whole transactions, by merging sets until nothing changes: slow, and nothing like the forest
    let mut sets: Vec<BTreeSet<String>> = Vec::new();
    let mut seen = BTreeSet::new();
    for height in 0..4313 {
        for txid in engine.block(&height.to_string()).unwrap().unwrap().txs {
            let tx = engine.tx(&txid.to_string()).unwrap().unwrap();
            seen.extend(tx.outputs.iter().filter_map(|o| o.address.clone()));
            let inputs: BTreeSet<String> = tx.inputs.iter().filter_map(|i| i.address.clone()).collect();
            if inputs.len() < 2 {
                continue;
            }
            assert_eq!(tx.coinjoin, None, "there were no CoinJoins in January 2009");
            let mut joined = inputs;
            sets.retain(|set| {
                let touches = !set.is_disjoint(&joined);
                if touches {
                    joined.extend(set.iter().cloned());
                }
                !touches
            });
            sets.push(joined);
        }
    }
    let expected: BTreeMap<&String, &BTreeSet<String>> =
        sets.iter().flat_map(|s| s.iter().map(move |a| (a, s))).collect();
    let mut merged = 0;
    for address in &seen {
        let entity = engine.entity(address, 0, Some(10_000)).unwrap().unwrap();
        let found: BTreeSet<String> = entity.addresses.into_iter().collect();
        match expected.get(address) {
            Some(set) => {
                assert_eq!(&&found, set, "{address}");
                merged += 1;
            }
            None => assert_eq!(found, BTreeSet::from([address.clone()])),
        }
    }
    assert!(merged > 50 && seen.len() > 4000, "{merged} of {}", seen.len());
    let balance: u64 = seen.iter().map(|a| engine.address(a, 0, None).unwrap().unwrap().balance_sat).sum();
    // every coin of 4,313 blocks, lost fees aside, there being none yet
    assert_eq!(balance, 4313 * 50 * 100_000_000);
}

#[test]
fn real_labels_answer_on_a_real_chain() {
    let (Some(blocks), Some(labels)) = (shared("bitcoin/mainnet-0-4312/blocks"), shared("labels")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    drop(ingest(&store, &blocks));
    let files =
        ["ofac_crypto_2026-08-20.csv", "nbctf_seizure_orders_2026-08-21.csv", "tagpacks/aft-alqaeda-forfeit_vc.yaml"];
    let files: Vec<PathBuf> = files.into_iter().map(|f| labels.join(f)).collect();
    let import = import_labels(&store, &files, Day(20_000), None).unwrap();
    assert!(import.refused.is_empty());
    let engine = Engine::open(&store, &Options::default()).unwrap();
    let screen = |target: &str| engine.screen(target, &ScreenOptions::default()).unwrap();
    // listed, of another chain: the list speaks, the chain in the store does not
    let tron = screen("TNiq9AXBp9EjUqhDhrwrfvAA8U3GUQZH81");
    assert_eq!((tron.status, tron.risk, tron.chain.as_deref()), (ScreenStatus::Unseen, Level::Severe, Some("tron")));
    // named in a complaint: an allegation, never severe by itself
    let alleged = screen("1421chCK32pV32Tw5MQbiUiKWKvnmj7d91");
    assert!(alleged.risk > Level::Low && alleged.risk < Level::Severe, "{}", alleged.risk);
    // on the chain, and nobody says anything about it: unknown, not none
    let first = screen("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa");
    assert_eq!((first.status, first.risk), (ScreenStatus::Known, Level::Unknown));
    // nothing had a price in January 2009, built-in or not: that is said of every satoshi
    let first = engine.address("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", 0, None).unwrap().unwrap();
    assert!(first.received_sat > 0 && first.received_usd.is_none());
    assert_eq!((first.received_unpriced_sat, engine.status().unwrap().prices.days), (first.received_sat, 5695));
    let paid = screen("f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16");
    assert_eq!((paid.status, paid.kind), (ScreenStatus::Known, "transaction"));
    // Hal Finney's ten coins came from block 9's
    let back = TraceOptions { backward: true, ..TraceOptions::default() };
    let trace = engine.trace("1Q2TWHE3GMdB6BZKafqwxXtWAWgFt5Jvm3", &back).unwrap().unwrap();
    assert_eq!((trace.source_sat, trace.minted_sat), (1_000_000_000, 1_000_000_000));
    assert_eq!(trace.minted.iter().map(|p| p.height).collect::<Vec<_>>(), [9]);
}
