//! A store made through RPC, one made of block files, and one that did both answer with the same bytes.

use crate::compare;
use crate::run::{Run, check_equals_node, folder, mine, settings};
use athar_engine::{
    Basis, Clustering, Engine, Options,
    write::{IngestSettings, MEMORY_BYTES, ingest_bitcoin},
};
use athar_node_tests::{BlockFiles, Node, NodeChain, configured, world};
use serde_json::json;
use std::path::Path;

const SEED: u64 = 5;

fn open(store: &Path) -> Engine {
    Engine::open(store, &Options::default()).unwrap()
}

/// Answers without what rests on the counted figures of services: those are of the last build, whose block they name and which
/// is a part of the snapshot.
fn apart_from_services(answers: &[String]) -> Vec<serde_json::Value> {
    let apart = |text: &String| {
        let mut answer: serde_json::Value = serde_json::from_str(text).unwrap();
        if let Some(fields) = answer.as_object_mut() {
            fields.remove("snapshot");
            fields.remove("inferred_service");
        }
        answer
    };
    answers.iter().map(apart).collect()
}

#[test]
fn a_store_made_through_rpc_answers_as_one_made_of_block_files() {
    let Some(bitcoind) = configured("catch_up") else { return };
    let folder = folder("catch-up");
    let node = Node::start(&bitcoind, &folder.join("node"), BlockFiles::Default).unwrap();
    world::build(node.rpc(), SEED).unwrap();

    // half the chain first, so that the second follower begins in the middle
    let (by_rpc, by_both) = (folder.join("rpc"), folder.join("both"));
    let run = Run::with(settings(&node, false), &by_rpc);
    let caught_up = run.wait_kind("caught-up");
    assert_eq!(run.count("block"), 0, "blocks are told one by one only after catching up");
    let built = run.wait_kind("entities");
    assert_eq!(built["height"], caught_up["height"]);
    let more = mine(&node.rpc().wallet("alice"), 3);
    run.wait_block(&more[2]);
    // the next build comes seconds later: until then the stored entities are extended wherever the store is opened
    let chain = NodeChain::read(node.rpc()).unwrap();
    let engine = open(&by_rpc);
    assert_eq!(engine.entities_behind(), None);
    compare::everything(&engine, &chain);
    let extended = (engine.basis().clone(), compare::answers(&engine, &chain));
    assert_eq!(engine.verify().unwrap().entities, Some(true));
    let summary = run.stop();
    assert_eq!(caught_up["height"].as_u64().unwrap() + 3, u64::from(summary.tip.unwrap().0));
    assert_eq!(summary.tip.unwrap().1.to_string(), more[2]);

    let run = Run::with(
        athar_engine::write::FollowSettings { blocks: Some(node.blocks_dir()), ..settings(&node, false) },
        &by_both,
    );
    run.wait_kind("caught-up");
    run.stop();

    let by_files = folder.join("files");
    let how = IngestSettings { network: None, memory_bytes: MEMORY_BYTES, clusterings: vec![Clustering::default()] };
    ingest_bitcoin(&by_files, &node.blocks_dir(), how, &mut |_| true).unwrap();
    let wanted = compare::answers(&open(&by_files), &chain);
    assert!(apart_from_services(&extended.1) == apart_from_services(&wanted), "extended in memory");
    for store in [&by_rpc, &by_both] {
        let engine = open(store);
        compare::everything(&engine, &chain);
        assert_eq!(engine.entities_behind(), None, "the entities are built at the end");
        assert_eq!(engine.basis(), open(&by_files).basis());
        let then = Basis { services: engine.basis().services.clone(), ..extended.0.clone() };
        assert_eq!(engine.basis(), &then);
        assert!(compare::answers(&engine, &chain) == wanted, "{}", store.display());
        engine.verify().unwrap();
    }
}

#[test]
fn a_kept_connection_outlives_the_nodes_idle_time_out() {
    let Some(bitcoind) = configured("idle") else { return };
    let folder = folder("idle");
    let node = Node::start_with(&bitcoind, &folder.join("node"), BlockFiles::Default, false, &["-rpcservertimeout=1"])
        .unwrap();
    let how = settings(&node, false);
    let rpc = athar_node::Rpc::new(how.rpc.clone(), how.credentials.clone());
    for _ in 0..3 {
        rpc.best_hash().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(2500));
    }
    rpc.best_hash().unwrap();
}

#[test]
fn a_node_that_is_behind_makes_the_store_drop_nothing() {
    let Some(bitcoind) = configured("behind") else { return };
    let (folder, store) = (folder("behind"), folder("behind-store"));
    let node = Node::start(&bitcoind, &folder.join("one"), BlockFiles::Default).unwrap();
    let wallet = crate::run::wallet(&node);
    let run = Run::with(settings(&node, false), &store);
    run.wait_kind("caught-up");
    run.stop();
    // another node of the same network that has only begun
    let young = Node::start(&bitcoind, &folder.join("two"), BlockFiles::Default).unwrap();
    let run = Run::with(settings(&young, false), &store);
    let waiting = run.wait_kind("waiting");
    assert!(waiting["why"].as_str().unwrap().contains("nothing is dropped"), "{waiting}");
    // and goes on once it has the blocks
    for height in 1..=110 {
        let hash = node.rpc().text("getblockhash", json!([height])).unwrap();
        let raw = node.rpc().text("getblock", json!([hash, 0])).unwrap();
        young.rpc().call("submitblock", json!([raw])).unwrap();
    }
    run.wait_kind("caught-up");
    assert_eq!(run.count("reorg"), 0);
    drop(run);
    check_equals_node(&store, node.rpc());
    drop(wallet);
}
