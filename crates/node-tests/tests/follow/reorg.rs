//! Branches that the node leaves, however deep, by notices and by asking.

use crate::compare;
use crate::run::{Run, check_equals_node, folder, mine, settings, wallet};
use athar_engine::{Engine, Options};
use athar_node_tests::{BlockFiles, Node, NodeChain, configured};
use serde_json::{Value, json};

fn reorganise(name: &str, is_listening: bool, depths: &[usize]) {
    let Some(bitcoind) = configured(name) else { return };
    let (data, store) = (folder(name), folder(&format!("{name}-store")));
    let node = Node::start_with(&bitcoind, &data, BlockFiles::Default, is_listening, &[]).unwrap();
    let wallet = wallet(&node);
    mine(&wallet, 30);
    let run = Run::with(settings(&node, is_listening), &store);
    run.wait_kind("mempool-ready");
    for depth in depths {
        // a payment in the last block, so that it comes back into the mempool
        let to = wallet.text("getnewaddress", json!([])).unwrap();
        let txid = wallet.text("sendtoaddress", json!([to, "0.5"])).unwrap();
        run.wait("the payment", |e| e["kind"] == "mempool-added" && e["txid"] == txid);
        let old = mine(&wallet, 1);
        run.wait_block(&old[0]);
        let height = node.rpc().call("getblockcount", json!([])).unwrap().as_u64().unwrap() as usize;
        let fork = height - depth;
        let left = node.rpc().text("getblockhash", json!([fork + 1])).unwrap();
        let from = run.len();

        node.rpc().call("invalidateblock", json!([left])).unwrap();
        // the node takes a deep branch off block by block, and may be seen on the way
        let at_fork = |e: &Value| e["kind"] == "reorg" && e["fork_height"] == json!(fork);
        let (end, reorg) = run.wait_from(from, "the reorganisation", at_fork);
        let all = run.all();
        let steps: Vec<&Value> = all[from..=end].iter().filter(|e| e["kind"] == "reorg").collect();
        let dropped: u64 = steps.iter().map(|e| e["depth"].as_u64().unwrap()).sum();
        assert_eq!(dropped, *depth as u64, "{steps:?}");
        assert_eq!(reorg["fork_hash"], json!(node.rpc().text("getblockhash", json!([fork])).unwrap()));
        assert_eq!(steps[0]["old_hash"], json!(old[0]));
        // unconfirmed once more, unless the coin that it spends is gone with the branch or no longer mature
        let waits = node.rpc().call("getrawmempool", json!([])).unwrap();
        if waits.as_array().unwrap().contains(&json!(txid)) {
            run.wait_from(from, "the payment's return", |e| e["kind"] == "mempool-added" && e["txid"] == txid);
        } else {
            assert!(*depth > 1, "the payment did not come back at the node");
        }

        let branch = mine(&wallet, depth + 1);
        run.wait_block(branch.last().unwrap());
        let told: Vec<_> =
            run.all()[from..].iter().filter(|e| e["kind"] == "block").map(|e| e["height"].as_u64().unwrap()).collect();
        let wanted: Vec<u64> = (fork as u64 + 1..=(fork + depth + 1) as u64).collect();
        assert_eq!(told, wanted, "each new block once, in order, and none of the others again");
        let engine = Engine::open(&store, &Options::default()).unwrap();
        assert!(engine.block(&left).unwrap().is_none());
        // the stored entities may still be those of the branch that was left
        assert_eq!(engine.entities_behind(), None);
        compare::everything(&engine, &NodeChain::read(node.rpc()).unwrap());
    }
    run.stop();
    check_equals_node(&store, node.rpc());
    assert_eq!(Engine::open(&store, &Options::default()).unwrap().entities_behind(), None);
}

#[test]
fn branches_are_left_with_the_node_by_its_notices() {
    reorganise("reorg", true, &[1, 6, 120]);
}

#[test]
fn branches_are_left_with_the_node_by_asking() {
    reorganise("reorg-asked", false, &[1, 6]);
}

#[test]
fn a_branch_that_was_left_while_nobody_followed_is_left_at_the_next_start() {
    let Some(bitcoind) = configured("reorg-away") else { return };
    let (data, store) = (folder("reorg-away"), folder("reorg-away-store"));
    let node = Node::start(&bitcoind, &data, BlockFiles::Default).unwrap();
    let wallet = wallet(&node);
    let run = Run::with(settings(&node, false), &store);
    run.wait_kind("caught-up");
    run.stop();
    let left = node.rpc().text("getblockhash", json!([60])).unwrap();
    node.rpc().call("invalidateblock", json!([left])).unwrap();
    mine(&wallet, 70);
    let run = Run::with(settings(&node, false), &store);
    assert_eq!(run.wait_kind("reorg")["depth"], 51);
    run.wait_kind("caught-up");
    run.stop();
    check_equals_node(&store, node.rpc());
}
