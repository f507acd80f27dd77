//! The node goes away and comes back.

use crate::run::{Run, check_equals_node, folder, mine, settings, wallet};
use athar_node_tests::{BlockFiles, Node, configured};
use serde_json::json;
use std::time::Duration;

#[test]
fn a_node_that_restarts_is_told_once_and_followed_on() {
    let Some(bitcoind) = configured("restart") else { return };
    let (data, store) = (folder("restart"), folder("restart-store"));
    let node = Node::start_with(&bitcoind, &data, BlockFiles::Default, true, &[]).unwrap();
    let wallet_of = wallet(&node);
    let run = Run::start(&node, &store);
    run.wait_kind("mempool-ready");
    let before = mine(&wallet_of, 1);
    run.wait_block(&before[0]);

    // long enough for several tries, none of which is told
    let node = node.restart(Duration::from_secs(3)).unwrap();
    let back = run.wait("rpc again", |e| e["kind"] == "reconnected" && e["what"] == "rpc");
    assert_eq!(back["restarted"], true, "{back}");
    let mut from = 0;
    for _ in 0..3 {
        from = run.wait_from(from, "zmq again", |e| e["kind"] == "reconnected" && e["what"] == "zmq").0 + 1;
    }
    node.rpc().call("loadwallet", json!(["alice"])).unwrap();
    let wallet_of = node.rpc().wallet("alice");
    let after = mine(&wallet_of, 1);
    run.wait_block(&after[0]);
    let to = wallet_of.text("getnewaddress", json!([])).unwrap();
    let txid = wallet_of.text("sendtoaddress", json!([to, "1"])).unwrap();
    run.wait("a payment", |e| e["kind"] == "mempool-added" && e["txid"] == txid);

    let told = |what: &str, kind: &str| run.all().iter().filter(|e| e["kind"] == kind && e["what"] == what).count();
    assert_eq!((told("rpc", "disconnected"), told("rpc", "reconnected")), (1, 1), "{:#?}", run.all());
    assert_eq!((told("zmq", "disconnected"), told("zmq", "reconnected")), (3, 3), "{:#?}", run.all());
    run.stop();
    check_equals_node(&store, node.rpc());
}

#[test]
fn a_dead_zmq_address_is_told_and_the_node_is_asked_instead() {
    let Some(bitcoind) = configured("dead-zmq") else { return };
    let (data, store) = (folder("dead-zmq"), folder("dead-zmq-store"));
    let node = Node::start_with(&bitcoind, &data, BlockFiles::Default, true, &[]).unwrap();
    let wallet_of = wallet(&node);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut how = settings(&node, true);
    // only rawtx of what the node publishes, and a port at which nobody listens
    how.zmq.drain(..2);
    how.zmq.push(athar_engine::ZmqUrl::parse(&format!("tcp://127.0.0.1:{closed}")).unwrap());
    let run = Run::with(how, &store);
    let lost = run.wait_kind("disconnected");
    assert!(lost["error"].as_str().unwrap().contains(&format!("tcp://127.0.0.1:{closed}")), "{lost}");
    let warned =
        |words: &str| run.wait(words, |e| e["kind"] == "warning" && e["text"].as_str().unwrap().contains(words));
    warned("publishes nothing on that port");
    warned("does not publish `sequence`");
    warned("does not publish `rawblock`");
    let hash = mine(&wallet_of, 1).remove(0);
    assert_eq!(run.wait_block(&hash)["via"], "rpc");
    let to = wallet_of.text("getnewaddress", json!([])).unwrap();
    let txid = wallet_of.text("sendtoaddress", json!([to, "1"])).unwrap();
    run.wait("a payment", |e| e["kind"] == "mempool-added" && e["txid"] == txid);
    assert_eq!(run.count("disconnected"), 1);
}
