//! The folder of a node that runs: blocks are read while it writes them.

use crate::{compare, store};
use athar_engine::write::IngestSummary;
use athar_node_tests::{BlockFiles, Node, NodeChain, Result, Rpc, configured};
use serde_json::{Map, json};
use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

/// Ingests beside the mining node.
const INGESTS: usize = 6;
/// The miner stops by itself after these, should the ingests never end.
const ROUNDS_MAX: usize = 400;

/// A payment with many outputs, so that a block does not fit into one buffer of the node, and a block.
fn round(wallet: &Rpc, address: &str) -> Result<()> {
    let mut amounts = Map::new();
    for _ in 0..150 {
        amounts.insert(wallet.text("getnewaddress", json!(["", "bech32m"]))?, json!("0.001"));
    }
    wallet.call("sendmany", json!({"amounts": amounts, "fee_rate": 10}))?;
    wallet.call("generatetoaddress", json!([1, address]))?;
    Ok(())
}

/// The blocks of the store are the node's blocks of the same heights; gives how many.
fn check_is_part_of_the_nodes_chain(folder: &Path, rpc: &Rpc) -> usize {
    let engine = store::open(folder);
    let blocks = engine.status().unwrap().chains[0].blocks;
    for height in 0..blocks {
        let hash = rpc.text("getblockhash", json!([height])).unwrap();
        assert_eq!(engine.block(&height.to_string()).unwrap().unwrap().hash.to_string(), hash, "height {height}");
    }
    blocks as usize
}

#[test]
fn the_folder_of_a_node_is_read_while_the_node_mines_and_reorganises() {
    let Some(bitcoind) = configured("live") else { return };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("live");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    let node = Node::start(&bitcoind, &folder.join("node"), BlockFiles::Default).unwrap();
    let (rpc, wallet, at) = (node.rpc(), node.rpc().wallet("alice"), folder.join("store"));
    rpc.call("createwallet", json!(["alice"])).unwrap();
    let address = wallet.text("getnewaddress", json!([])).unwrap();
    wallet.call("generatetoaddress", json!([110, address])).unwrap();

    let enough = AtomicBool::new(false);
    let (seen, mined) = std::thread::scope(|scope| {
        let miner = scope.spawn(|| {
            let rounds = (0..ROUNDS_MAX).take_while(|_| !enough.load(Ordering::Relaxed));
            rounds.map(|_| round(&wallet, &address)).collect::<Result<Vec<()>>>()
        });
        let seen: Vec<std::result::Result<IngestSummary, String>> =
            (0..INGESTS).map(|_| store::ingest(&at, &node.blocks_dir()).map_err(|error| error.to_string())).collect();
        enough.store(true, Ordering::Relaxed);
        (seen, miner.join().unwrap())
    });
    assert!(!mined.unwrap().is_empty());
    let seen: Vec<IngestSummary> = seen.into_iter().collect::<std::result::Result<_, _>>().unwrap();
    assert!(seen.windows(2).all(|pair| pair[0].tip_height <= pair[1].tip_height));
    assert!(seen.iter().all(|summary| summary.tip_height >= Some(110) && summary.blocks_dropped == 0));
    check_is_part_of_the_nodes_chain(&at, rpc);

    // the node runs on, but has nothing left to write: everything is there
    store::ingest(&at, &node.blocks_dir()).unwrap();
    let count = rpc.call("getblockcount", json!([])).unwrap().as_u64().unwrap() as usize;
    assert_eq!(check_is_part_of_the_nodes_chain(&at, rpc), count + 1);

    let left = rpc.text("getblockhash", json!([count - 2])).unwrap();
    rpc.call("invalidateblock", json!([left])).unwrap();
    // the payments of the three blocks wait in the mempool and are mined again; to another address, because the same
    // block as before, made in the same second, would be refused
    let other = wallet.text("getnewaddress", json!([])).unwrap();
    wallet.call("generatetoaddress", json!([5, other])).unwrap();
    let summary = store::ingest(&at, &node.blocks_dir()).unwrap();
    assert_eq!((summary.blocks_dropped, summary.blocks_stale), (3, 3));
    assert_eq!(check_is_part_of_the_nodes_chain(&at, rpc), count + 3);
    assert!(store::open(&at).block(&left).unwrap().is_none());

    let chain = NodeChain::read(rpc).unwrap();
    let blocks = node.stop().unwrap();
    let summary = store::ingest(&at, &blocks).unwrap();
    assert_eq!((summary.blocks_added, summary.blocks_dropped), (0, 0));
    assert_eq!(summary.damage, Vec::<String>::new());
    let engine = store::open(&at);
    compare::everything(&engine, &chain);

    let fresh = folder.join("fresh");
    store::ingest(&fresh, &blocks).unwrap();
    assert_eq!(compare::answers(&engine, &chain), compare::answers(&store::open(&fresh), &chain));
}
