//! The whole program on a small simulated chain.

#![allow(clippy::unwrap_used)] // helpers outside the test functions

use athar_simulate::{Settings, simulate};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn run(args: &[&str], blocks: &Path, scratch: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_athar-bench-peers"))
        .args(["run", "--rounds", "1", "--blocks"])
        .arg(blocks)
        .arg("--scratch")
        .arg(scratch)
        .args(args)
        .env_remove("ATHAR_BIN")
        .output()
        .unwrap()
}

fn chain(make: fn(u64, u32, PathBuf) -> Settings) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    simulate(&make(4, Settings::TXS_MIN, folder.path().to_path_buf()), &mut |_| ()).unwrap();
    folder
}

fn check(chain: &Path, rows_expected: usize, left_out: &str) {
    let scratch = tempfile::tempdir().unwrap();
    let output = run(&[], &chain.join("blocks"), scratch.path());
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}{errors}");
    let rows = text.lines().filter(|line| line.ends_with("| yes |")).count();
    assert_eq!(rows, rows_expected, "{text}{errors}");
    for left_out in ["ingest is left out: no program given", left_out] {
        assert!(errors.contains(left_out), "{errors}");
    }
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0, "something is left behind");
}

#[test]
fn all_parsers_count_the_same() {
    let (rows, left_out) =
        if cfg!(feature = "explorer") { (11, "") } else { (9, "explorer is left out: built without") };
    check(chain(Settings::profile).path(), rows, left_out);
}

/// Stale blocks, blocks before their predecessors, zeros behind the last, and a key.
#[test]
fn all_parsers_that_can_count_the_same_in_files_as_a_node_has_them() {
    let left_out = if cfg!(feature = "explorer") {
        "bitcoin-explorer is left out: "
    } else {
        "explorer is left out: built without"
    };
    check(chain(Settings::economy).path(), 9, left_out);
}

#[test]
fn a_block_that_is_cut_off_is_an_error_that_names_the_file() {
    let (chain, scratch) = (chain(Settings::profile), tempfile::tempdir().unwrap());
    let file = chain.path().join("blocks/blk00000.dat");
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() - 1]).unwrap();
    let output = run(&["--only", "walk"], &chain.path().join("blocks"), scratch.path());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && errors.contains("blk00000.dat: a block is cut off at"), "{errors}");
}
