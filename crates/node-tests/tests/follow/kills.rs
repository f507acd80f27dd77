//! `athar follow`, killed at random instants while blocks arrive: the store opens, verifies and goes on.

use crate::run::{check_equals_node, folder, mine, wallet};
use athar_engine::{Engine, EngineError, Options};
use athar_node_tests::{BlockFiles, Node, configured};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

/// Kills, unless `ATHAR_FOLLOW_KILLS` says how many.
const KILLS: usize = 30;
const SEED: u64 = 3;

/// The `athar` of this run, or the one that the same build left beside the tests.
fn binary() -> Option<PathBuf> {
    if let Some(path) = env::var_os("ATHAR_BIN").filter(|path| !path.is_empty()).map(PathBuf::from) {
        assert!(path.is_file(), "ATHAR_BIN is {}, which is no file", path.display());
        return Some(path);
    }
    let path = env::current_exe().ok()?.parent()?.parent()?.join(format!("athar{}", env::consts::EXE_SUFFIX));
    if path.is_file() {
        return Some(path);
    }
    let _ = writeln!(std::io::stderr(), "skipped: follow kills: no athar program (ATHAR_BIN names one)");
    None
}

fn follow(binary: &Path, node: &Node, store: &Path) -> Child {
    let mut command = Command::new(binary);
    command.arg("--store").arg(store).args(["--json", "follow", "bitcoin", "--rpc", &node.rpc_url(), "--cookie"]);
    command.arg(node.cookie());
    for url in node.zmq_urls() {
        command.args(["--zmq", &url]);
    }
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// Whether the store verifies; false where nothing was committed yet.
fn verifies(store: &Path) -> bool {
    match Engine::open(store, &Options::default()) {
        Ok(engine) if engine.status().unwrap().chains.is_empty() => false,
        Ok(engine) => engine.verify().is_ok_and(|v| v.ok),
        Err(EngineError::Ledger(athar_ledger::LedgerError::NoStore(_))) => false,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_follower_killed_at_any_instant_leaves_a_store_that_goes_on() {
    let Some(bitcoind) = configured("follow kills") else { return };
    let Some(binary) = binary() else { return };
    let kills = env::var("ATHAR_FOLLOW_KILLS").ok().map_or(KILLS, |n| n.parse().unwrap());
    let (data, store) = (folder("kills"), folder("kills-store"));
    let node = Node::start_with(&bitcoind, &data, BlockFiles::Default, true, &[]).unwrap();
    let wallet = wallet(&node);
    let is_over = AtomicBool::new(false);
    let mut verified = 0;
    thread::scope(|scope| {
        // blocks and payments without end, and now and then another branch
        let miner = scope.spawn(|| {
            let mut round = 0;
            while !is_over.load(Ordering::Relaxed) {
                let to = wallet.text("getnewaddress", json!([])).unwrap();
                wallet.text("sendtoaddress", json!([to, "0.01"])).unwrap();
                mine(&wallet, 1);
                round += 1;
                if round % 25 == 0 {
                    let height = node.rpc().call("getblockcount", json!([])).unwrap().as_u64().unwrap();
                    let left = node.rpc().text("getblockhash", json!([height - 2])).unwrap();
                    node.rpc().call("invalidateblock", json!([left])).unwrap();
                    mine(&wallet, 4);
                }
                thread::sleep(Duration::from_millis(20));
            }
        });
        let mut random = ChaCha8Rng::seed_from_u64(SEED);
        for kill in 0..kills {
            let mut child = follow(&binary, &node, &store);
            thread::sleep(Duration::from_millis(random.random_range(20..1200)));
            assert!(child.try_wait().unwrap().is_none(), "kill {kill}: the follower ended by itself");
            child.kill().unwrap();
            child.wait().unwrap();
            verified += usize::from(verifies(&store));
        }
        is_over.store(true, Ordering::Relaxed);
        miner.join().unwrap();
    });
    assert!(verified * 2 > kills, "{verified} of {kills} kills left anything to verify");
    let _ = writeln!(std::io::stderr(), "{kills} kills, {verified} stores verified (the others had no commit yet)");

    // undisturbed once more, ended as a user ends it
    let mut child = follow(&binary, &node, &store);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("\"kind\":\"caught-up\"")));
    let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(asked.success());
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert!(rest.last().is_some_and(|line| line.contains("\"kind\":\"stopped\"")), "{rest:?}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    check_equals_node(&store, node.rpc());
}
