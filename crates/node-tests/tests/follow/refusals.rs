//! The wrong node, the wrong password, and blocks that are gone: each in its own words, and no store is harmed.

use crate::run::{Run, folder, mine, settings, wallet};
use athar_engine::{Credentials, Engine, Network, Options, ZmqUrl, write::FollowSettings};
use athar_node_tests::{BlockFiles, Node, configured};
use serde_json::json;

#[test]
fn a_wrong_password_a_wrong_network_and_a_missing_cookie_say_so() {
    let Some(bitcoind) = configured("refusals") else { return };
    let (data, store) = (folder("refusals"), folder("refusals-store"));
    let node = Node::start(&bitcoind, &data, BlockFiles::Default).unwrap();
    let how = || settings(&node, false);
    let wrong = Credentials::Password { user: "alice".into(), password: "hunter2".into() };
    let error = Run::with(FollowSettings { credentials: wrong, ..how() }, &store).error();
    assert!(error.contains("401") && error.contains("alice") && error.contains(&node.rpc_url()), "{error}");
    assert!(!error.contains("hunter2"), "{error}");

    let missing = Credentials::Cookie(data.join("no-cookie"));
    let error = Run::with(FollowSettings { credentials: missing, ..how() }, &store).error();
    assert!(error.contains("no-cookie"), "{error}");

    let error = Run::with(FollowSettings { network: Some(Network::Mainnet), ..how() }, &store).error();
    assert!(error.contains("regtest") && error.contains("mainnet"), "{error}");
    assert!(!store.exists(), "a refused node leaves no store behind");

    let url = node.rpc_url();
    let run = Run::with(how(), &store);
    run.wait_kind("caught-up");
    // the lock is held for as long as it follows; readers are not kept out
    let second = Run::with(how(), &store).error();
    assert!(second.contains("in use by another process"), "{second}");
    assert_eq!(Engine::open(&store, &Options::default()).unwrap().status().unwrap().chains[0].tip_height, Some(0));
    run.stop();

    let left = how();
    node.stop().unwrap();
    // the node took its cookie along; with a password it is plain that nobody is there
    let password = Credentials::Password { user: "u".into(), password: "p".into() };
    let error = Run::with(FollowSettings { credentials: password, ..left }, &store).error();
    assert!(error.contains("cannot be reached") && error.contains(&url), "{error}");
}

#[test]
fn a_pruned_node_that_has_deleted_needed_blocks_says_so() {
    let Some(bitcoind) = configured("pruned") else { return };
    let (data, store) = (folder("pruned"), folder("pruned-store"));
    let more = ["-txindex=0", "-prune=1"];
    let node = Node::start_with(&bitcoind, &data, BlockFiles::PlainAndSmall, false, &more).unwrap();
    let wallet = wallet(&node);
    // a store that ends before the node's blocks begin
    let run = Run::with(settings(&node, false), &store);
    run.wait_kind("caught-up");
    run.stop();
    mine(&wallet, 900);
    node.rpc().call("pruneblockchain", json!([600])).unwrap();
    let info = node.rpc().call("getblockchaininfo", json!([])).unwrap();
    let below = info["pruneheight"].as_u64().unwrap();
    assert!(below > 112, "{info}");
    let error = Run::with(settings(&node, false), &store).error();
    assert!(error.contains("is pruned") && error.contains(&below.to_string()) && error.contains("111"), "{error}");
    // what was stored before still stands
    let engine = Engine::open(&store, &Options::default()).unwrap();
    assert_eq!(engine.status().unwrap().chains[0].tip_height, Some(110));
    engine.verify().unwrap();
}

#[test]
fn an_rpc_port_is_no_zmq_address() {
    let Some(bitcoind) = configured("no-zmq") else { return };
    let (data, store) = (folder("no-zmq"), folder("no-zmq-store"));
    let node = Node::start(&bitcoind, &data, BlockFiles::Default).unwrap();
    let mut how = settings(&node, false);
    how.zmq = vec![ZmqUrl::parse(&node.rpc_url().replace("http://", "tcp://")).unwrap()];
    let run = Run::with(how, &store);
    let lost = run.wait_kind("disconnected");
    assert!(lost["error"].as_str().unwrap().contains("is no ZMQ publisher"), "{lost}");
}
