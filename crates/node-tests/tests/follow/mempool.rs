//! The mempool view beside the node's own.

use crate::run::{Run, folder, mine, settings, wallet};
use athar_engine::read::mempool;
use athar_node_tests::{BlockFiles, Node, Rpc, configured, sats};
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::Path, thread, time::Duration};

fn send(wallet: &Rpc, amount: &str) -> String {
    let to = wallet.text("getnewaddress", json!([])).unwrap();
    wallet.text("sendtoaddress", json!({"address": to, "amount": amount, "replaceable": true, "fee_rate": 10})).unwrap()
}

fn added(run: &Run, txid: &str) -> Value {
    run.wait(&format!("mempool-added {txid}"), |e| e["kind"] == "mempool-added" && e["txid"] == txid)
}

/// The view that other processes read becomes the node's mempool, with the node's fees.
fn check_view_equals_node(store: &Path, rpc: &Rpc) {
    let node = rpc.call("getrawmempool", json!([true])).unwrap();
    let wanted: BTreeSet<String> = node.as_object().unwrap().keys().cloned().collect();
    let mut seen = BTreeSet::new();
    for _ in 0..100 {
        if let Some(view) = mempool(store, None, 0, 10_000).unwrap() {
            seen = view.txs.iter().map(|tx| tx.txid.to_string()).collect();
            if seen == wanted {
                assert_eq!((view.txs_total as usize, view.left_out, view.complete), (wanted.len(), 0, true));
                assert!(view.follower.is_some() && view.snapshot.is_none());
                for tx in &view.txs {
                    let theirs = &node[tx.txid.to_string()];
                    assert_eq!(tx.fee_sat, Some(sats(&theirs["fees"]["base"]).unwrap()), "{}", tx.txid);
                    assert_eq!(json!(tx.weight), theirs["weight"], "{}", tx.txid);
                    assert_eq!(tx.unresolved_inputs, 0, "{}", tx.txid);
                }
                return;
            }
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("the view {seen:?} did not become the node's {wanted:?}");
}

#[test]
fn the_view_follows_the_nodes_mempool() {
    let Some(bitcoind) = configured("mempool") else { return };
    let (data, store) = (folder("mempool"), folder("mempool-store"));
    let node = Node::start_with(&bitcoind, &data, BlockFiles::Default, true, &[]).unwrap();
    let wallet = wallet(&node);
    // what waits before the follower starts is part of the view, and no news
    let first: Vec<String> = (0..5).map(|_| send(&wallet, "0.1")).collect();
    let run = Run::start(&node, &store);
    assert_eq!(run.wait_kind("mempool-ready")["txs"], 5);
    assert_eq!(run.count("mempool-added"), 0);
    check_view_equals_node(&store, node.rpc());

    // added: value, fee and addresses are the node's
    let txid = send(&wallet, "1.25");
    let event = added(&run, &txid);
    let theirs = wallet.call("gettransaction", json!([txid])).unwrap();
    assert_eq!(event["replaceable"], true);
    assert_eq!(event["fee_sat"], json!(sats(&json!(-theirs["fee"].as_f64().unwrap())).unwrap()));
    assert!(event["outputs"].as_array().unwrap().iter().any(|o| o["value_sat"] == 125_000_000));
    assert!(event["inputs"].as_array().unwrap().iter().all(|i| i["address"].is_string()));

    // replaced
    let bumped = wallet.call("bumpfee", json!([txid, {"fee_rate": 60}])).unwrap();
    let by = bumped["txid"].as_str().unwrap();
    let replaced = run.wait("the replacement", |e| e["kind"] == "mempool-replaced");
    assert_eq!((&replaced["txid"], &replaced["by"]), (&json!(txid), &json!(by)));
    assert_eq!(replaced["signalled"], true);
    added(&run, by);

    // spent twice: a block holds another spend of the same coin, which no mempool ever saw
    let victim = send(&wallet, "2.5");
    added(&run, &victim);
    let raw = wallet.call("getrawtransaction", json!([victim, true])).unwrap();
    let inputs: Vec<Value> =
        raw["vin"].as_array().unwrap().iter().map(|i| json!({"txid": i["txid"], "vout": i["vout"]})).collect();
    let to = wallet.text("getnewaddress", json!([])).unwrap();
    let rival = wallet.text("createrawtransaction", json!([inputs, {to.clone(): "0.001"}])).unwrap();
    let rival = wallet.call("signrawtransactionwithwallet", json!([rival])).unwrap();
    let block = node.rpc().call("generateblock", json!([to, [rival["hex"]]])).unwrap();
    run.wait_block(block["hash"].as_str().unwrap());
    let lost = run.wait("the double spend", |e| e["kind"] == "double-spend");
    assert_eq!(lost["txid"], json!(victim));
    let rival = wallet.call("decoderawtransaction", json!([rival["hex"]])).unwrap();
    assert_eq!(lost["by"], rival["txid"]);
    check_view_equals_node(&store, node.rpc());

    // confirmed
    let hash = mine(&wallet, 1).remove(0);
    run.wait_block(&hash);
    for txid in first.iter().chain([&by.to_owned()]) {
        let gone = run.wait(txid, |e| e["kind"] == "mempool-removed" && e["txid"] == *txid);
        assert_eq!(gone["reason"], "confirmed", "{gone}");
    }
    check_view_equals_node(&store, node.rpc());

    // one address
    let (ours, theirs) =
        (wallet.text("getnewaddress", json!([])).unwrap(), wallet.text("getnewaddress", json!([])).unwrap());
    let txid = wallet.text("sendtoaddress", json!([ours, "0.75"])).unwrap();
    added(&run, &txid);
    check_view_equals_node(&store, node.rpc());
    let view = mempool(&store, Some(&ours), 0, 10).unwrap().unwrap();
    assert_eq!((view.incoming_sat, view.outgoing_sat, view.txs_matching), (Some(75_000_000), Some(0), 1));
    assert_eq!(mempool(&store, Some(&theirs), 0, 10).unwrap().unwrap().txs_matching, 0);
    assert!(mempool(&store, Some("1nonsense"), 0, 10).is_err());

    run.stop();
    assert!(mempool(&store, None, 0, 10).unwrap().unwrap().follower.is_none(), "nobody keeps it any more");
}

#[test]
fn without_notices_the_view_is_listed() {
    let Some(bitcoind) = configured("mempool-asked") else { return };
    let (data, store) = (folder("mempool-asked"), folder("mempool-asked-store"));
    let node = Node::start(&bitcoind, &data, BlockFiles::Default).unwrap();
    let wallet = wallet(&node);
    let run = Run::with(settings(&node, false), &store);
    run.wait_kind("mempool-ready");
    let txid = send(&wallet, "1");
    added(&run, &txid);
    let bumped = wallet.call("bumpfee", json!([txid, {"fee_rate": 60}])).unwrap();
    let replaced = run.wait("the replacement", |e| e["kind"] == "mempool-replaced");
    assert_eq!((&replaced["txid"], &replaced["by"]), (&json!(txid), &bumped["txid"]));
    check_view_equals_node(&store, node.rpc());
}
