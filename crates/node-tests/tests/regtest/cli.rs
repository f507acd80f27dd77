//! The program itself on the node's files: what it prints is what the engine says.

use crate::{fixture::fixture, store};
use serde_json::Value;
use std::{
    env,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Names the `athar` to test; `cargo xtask test` sets it to the one that it built.
const BINARY: &str = "ATHAR_BIN";

/// The `athar` of this run, or the one that the same build left beside the tests.
fn binary() -> Option<PathBuf> {
    if let Some(path) = env::var_os(BINARY).filter(|path| !path.is_empty()).map(PathBuf::from) {
        assert!(path.is_file(), "{BINARY} is {}, which is no file", path.display());
        return Some(path);
    }
    // this program is PROFILE/deps/regtest-HASH
    let own = env::current_exe().ok()?;
    let path = own.parent()?.parent()?.join(format!("athar{}", env::consts::EXE_SUFFIX));
    if path.is_file() {
        return Some(path);
    }
    // straight to stderr: the test runner would swallow what a passing test prints
    let _ = writeln!(std::io::stderr(), "skipped: cli: no athar program ({BINARY} names one)");
    None
}

fn run(binary: &Path, store: &Path, args: &[&str]) -> Output {
    Command::new(binary).arg("--store").arg(store).args(args).output().unwrap()
}

/// What a successful command prints as JSON.
fn json(binary: &Path, store: &Path, args: &[&str]) -> Value {
    let output = run(binary, store, &[&["--json"], args].concat());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {stderr}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{args:?}: {error}"))
}

#[test]
fn the_program_reads_the_nodes_files_and_prints_the_engines_answers() {
    let Some(fixture) = fixture() else { return };
    let Some(binary) = binary() else { return };
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let blocks = fixture.blocks.to_str().unwrap();
    let output = run(&binary, folder.path(), &["ingest", "bitcoin", "--blocks", blocks, "--network", "regtest"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let ask = |args: &[&str]| json(&binary, folder.path(), args);
    let engine = &store::mined(fixture).engine;
    let tip = fixture.chain.blocks.last().unwrap();

    let status = ask(&["status"]);
    assert_eq!(status["chains"][0]["tip_hash"], Value::from(tip.hash.clone()));
    assert_eq!(status["chains"][0]["txs"], Value::from(fixture.chain.txs().count()));
    assert_eq!(status["chains"][0]["addresses"], Value::from(fixture.chain.accounts().len()));

    let block = ask(&["block", &tip.hash]);
    assert_eq!(block, serde_json::to_value(engine.block(&tip.hash).unwrap()).unwrap());
    for txid in &fixture.world.special_txids {
        let tx = ask(&["tx", txid]);
        assert_eq!(tx, serde_json::to_value(engine.tx(txid).unwrap()).unwrap());
    }
    let accounts = fixture.chain.accounts();
    let (address, account) = accounts.iter().max_by_key(|(_, account)| account.spent_outputs).unwrap();
    let printed = ask(&["address", address]);
    assert_eq!(printed["received_sat"], Value::from(account.received_sat));
    assert_eq!(printed["balance_sat"], Value::from(account.balance_sat()));
    assert_eq!(printed, serde_json::to_value(engine.address(address, 0, Some(100)).unwrap()).unwrap());
    assert_eq!(ask(&["verify"])["ok"], Value::from(true));

    // what only the stale branch holds was not found
    let stale = run(&binary, folder.path(), &["tx", &fixture.world.replaced_txid]);
    assert_eq!(stale.status.code(), Some(1), "{}", String::from_utf8_lossy(&stale.stderr));
}
