//! The clusters of GraphSense's own fixture, with and without its CoinJoin flag, from the real file.
//!
//! The fixture's amounts do not add up on purpose and its transactions were never on a chain, so its rows are turned
//! into the text of a small chain; addresses keep their names.
use crate::support;

use athar_entities::{CoinJoins, Forest, Links, Settings};
use athar_ledger::{Ledger, fixture};
use athar_types::{AddressId, TxNum};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::Path,
};
use support::{build, shared};

fn lines(path: &Path) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// The fixture as a chain: transactions are called `tx<id>`, what has not exactly one address is paid to nobody.
fn chain(txs: &[Value]) -> String {
    let mut text = String::new();
    let mut block = 0;
    let mut unspent: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let who = |row: &Value| {
        let all: Vec<&str> = row["address"].as_array().unwrap().iter().map(|a| a.as_str().unwrap()).collect();
        all.join("+")
    };
    for tx in txs {
        let id = tx["txId"].as_u64().unwrap();
        if tx["blockId"].as_u64().unwrap() != block {
            block = tx["blockId"].as_u64().unwrap();
            text += "block\n";
        }
        let inputs: Vec<String> =
            tx["inputs"].as_array().unwrap().iter().map(|i| unspent.get_mut(&who(i)).unwrap().remove(0)).collect();
        let outputs = tx["outputs"].as_array().unwrap();
        for (vout, output) in outputs.iter().enumerate() {
            unspent.entry(who(output)).or_default().push(format!("tx{id}:{vout}"));
        }
        let outputs: Vec<String> = outputs
            .iter()
            .map(|o| {
                let name = who(o);
                format!("{} {}", if name.contains('+') { "-" } else { &name }, o["value"])
            })
            .collect();
        let kind = if tx["coinbase"].as_bool().unwrap() { "coinbase" } else { "tx" };
        writeln!(text, "{kind} tx{id} {} -> {}", inputs.join(" "), outputs.join(" ")).unwrap();
    }
    text
}

/// Sets of address names.
type Clusters = BTreeSet<BTreeSet<String>>;

fn grouped<K: Ord>(rows: impl Iterator<Item = (K, String)>) -> Clusters {
    let mut sets: BTreeMap<K, BTreeSet<String>> = BTreeMap::new();
    for (cluster, name) in rows {
        sets.entry(cluster).or_default().insert(name);
    }
    sets.into_values().collect()
}

fn names(folder: &Path) -> BTreeMap<u64, String> {
    let number = |row: &Value| row["addressId"].as_u64().unwrap();
    lines(&folder.join("reference/address_by_address_prefix.json"))
        .iter()
        .filter(|row| number(row) != 0)
        .map(|row| (number(row), row["address"].as_str().unwrap().to_owned()))
        .collect()
}

fn expected(folder: &Path, file: &str) -> Clusters {
    let names = names(folder);
    let rows = lines(&folder.join("reference").join(file));
    // cluster 0 is the coinbase, which is nobody's address here
    let of_address = rows.iter().filter(|row| row["addressId"] != 0);
    grouped(
        of_address.map(|row| (row["clusterId"].as_u64().unwrap(), names[&row["addressId"].as_u64().unwrap()].clone())),
    )
}

fn found(ledger: &Ledger, forest: &Forest, names: &BTreeMap<u64, String>) -> Clusters {
    grouped(names.values().map(|name| (forest.find(fixture::address(ledger, name)), name.clone())))
}

#[test]
fn clusters_are_exactly_those_of_graphsense_with_and_without_coinjoins() {
    let Some(folder) = shared("clustering/graphsense-utxo-fixture") else { return };
    let txs = lines(&folder.join("test_txs.json"));
    let names = names(&folder);
    let store = tempfile::tempdir().unwrap();
    let ledger = fixture::ledger(store.path(), &chain(&txs));
    assert_eq!((ledger.tx_count(), ledger.address_count() as usize), (10, names.len()));
    // ids follow the order of first payment on both sides
    for (id, name) in &names {
        assert_eq!(u64::from(fixture::address(&ledger, name).0) + 1, *id);
    }
    let flagged: BTreeSet<TxNum> = txs
        .iter()
        .filter(|tx| tx["coinjoin"].as_bool().unwrap())
        .map(|tx| fixture::tx(&ledger, &format!("tx{}", tx["txId"])))
        .collect();
    assert_eq!(flagged.len(), 1);
    for (coinjoins, file) in [
        (CoinJoins::Given(flagged), "address_cluster.json"),
        (CoinJoins::Given(BTreeSet::new()), "address_cluster_with_coinjoin.json"),
        // the flagged transaction has no CoinJoin's shape
        (CoinJoins::Recognised, "address_cluster_with_coinjoin.json"),
    ] {
        let settings = Settings { coinjoins, ..Settings::default() };
        let forest = build(store.path(), &ledger, &settings).unwrap();
        assert_eq!(found(&ledger, &forest, &names), expected(&folder, file), "{file}");
    }
}

#[test]
fn figures_of_clusters_are_those_of_graphsense() {
    let Some(folder) = shared("clustering/graphsense-utxo-fixture") else { return };
    let txs = lines(&folder.join("test_txs.json"));
    let names = names(&folder);
    let store = tempfile::tempdir().unwrap();
    let ledger = fixture::ledger(store.path(), &chain(&txs));
    let none = Settings { coinjoins: CoinJoins::Given(BTreeSet::new()), ..Settings::default() };
    let forest = build(store.path(), &ledger, &none).unwrap();
    let mut compared = 0;
    for row in lines(&folder.join("reference/cluster.json")) {
        let number = |v: &Value| v.as_u64().unwrap();
        let Some(name) = names.get(&number(&row["clusterId"])) else { continue };
        // GraphSense nets what a cluster pays itself, and this one does; its amounts are not gross sums
        let view = forest.entity(&ledger, fixture::address(&ledger, name)).unwrap();
        if number(&row["clusterId"]) == 4 {
            assert_eq!((view.received.0, view.sent.0), (495_000 + 345_000, 495_000 + 345_000));
            continue;
        }
        assert_eq!(view.name, AddressId(number(&row["clusterId"]) as u32 - 1));
        assert_eq!(u64::from(view.first_tx.0) + 1, number(&row["firstTxId"]), "{name}");
        assert_eq!(u64::from(view.last_tx.0) + 1, number(&row["lastTxId"]), "{name}");
        assert_eq!(view.received.0, number(&row["totalReceived"]["value"]), "{name}");
        assert_eq!(view.sent.0, number(&row["totalSpent"]["value"]), "{name}");
        compared += 1;
    }
    assert!(compared >= 9, "{compared}");
}
