//! Which node a test run may use, and what happens without one.

use std::{env, io::Write, path::PathBuf};

/// Names the `bitcoind` to test against; `cargo xtask test --nodes` sets it.
const NODE: &str = "ATHAR_NODE_BITCOIND";
/// `1` turns a missing node into a failure.
const REQUIRED: &str = "ATHAR_REQUIRE_NODES";

/// The `bitcoind` of this run, or `None` after a line that says that `test` is skipped.
///
/// # Panics
/// Where `ATHAR_REQUIRE_NODES=1` asks for a node and none is given, or the one given is no file.
pub fn configured(test: &str) -> Option<PathBuf> {
    let node = env::var_os(NODE).filter(|path| !path.is_empty()).map(PathBuf::from);
    if let Some(path) = &node {
        assert!(path.is_file(), "{NODE} is {}, which is no file", path.display());
        return node;
    }
    assert!(env::var_os(REQUIRED).is_none_or(|value| value != "1"), "{REQUIRED}=1, but {NODE} names no bitcoind");
    // straight to stderr: the test runner would swallow what a passing test prints
    let _ = writeln!(std::io::stderr(), "skipped: {test}: no Bitcoin node (`cargo xtask test --nodes` brings one)");
    None
}
