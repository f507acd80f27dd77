//! A forest whose building fails at every operation: the one before it stays, or the new one stands.
use athar_disk::{Cut, Disk, Failure, Fault, Op, Step};
use athar_entities::{Forest, Settings};
use athar_ledger::{Ledger, fixture};
use std::{fs, path::Path};

const CHAIN: &str = "
block
coinbase c0 -> miner 50
block
coinbase c1 -> miner 50
tx t1: c0:0 -> alice 30 bob 19
tx t2: t1:0 t1:1 -> carol 10 alice 20
";
const FAILURES: [Failure; 6] = [
    Failure::Refused,
    Failure::Full,
    Failure::Torn,
    Failure::Late,
    Failure::Power(Cut::LeavesRemovals),
    Failure::Power(Cut::LeavesRenames),
];

/// Builds the forest in `root`/store, after an earlier one where `again`.
fn build(root: &Path, ledger: &Ledger, again: bool, fault: Option<Fault>) -> (Result<Forest, String>, Vec<Step>) {
    let store = root.join("store");
    fs::create_dir(&store).unwrap();
    let settings = Settings::default();
    if again {
        // syncing for real would only take time: the cuts below are worked out
        Forest::build(&store, &Disk::planned(root, None), ledger, &settings, u64::MAX, &mut |_| {}).unwrap();
    }
    let disk = Disk::planned(root, fault);
    let built =
        Forest::build(&store, &disk, ledger, &settings, u64::MAX, &mut |_| {}).map_err(|error| error.to_string());
    (built, disk.steps())
}

#[test]
fn a_build_survives_every_fault_at_every_operation() {
    let home = tempfile::tempdir().unwrap();
    let ledger = fixture::ledger(home.path(), CHAIN);
    let settings = Settings::default();
    let mut cases = 0;
    for again in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (built, steps) = build(folder.path(), &ledger, again, None);
        built.unwrap();
        for (number, step) in steps.into_iter().enumerate() {
            let of_column = step.path.extension().is_some_and(|e| e == "arrow");
            for (turn, failure) in FAILURES.into_iter().enumerate() {
                // columns are written by one code: each of their steps meets one failure, in turn
                if of_column && turn != number % FAILURES.len() {
                    continue;
                }
                let what = format!("{failure:?} at {step:?}, again: {again}");
                let folder = tempfile::tempdir().unwrap();
                let fault = Fault { step: step.clone(), failure };
                let error = build(folder.path(), &ledger, again, Some(fault)).0.expect_err(&what);
                if !matches!(failure, Failure::Power(_)) {
                    assert!(error.contains(folder.path().join(&step.path).to_str().unwrap()), "{what}: {error}");
                }
                let store = folder.path().join("store");
                let opened = Forest::open(&store, &ledger, &settings).unwrap_or_else(|e| panic!("{what}: {e}"));
                assert!(opened.is_some() || !again, "{what}: the earlier forest is lost");
                if let Some(forest) = opened {
                    forest.verify(&ledger, &settings, u64::MAX, &mut |_| {}).unwrap_or_else(|e| panic!("{what}: {e}"));
                }
                let disk = Disk::planned(folder.path(), None);
                let forest = Forest::build(&store, &disk, &ledger, &settings, u64::MAX, &mut |_| {}).unwrap();
                forest.verify(&ledger, &settings, u64::MAX, &mut |_| {}).unwrap();
                cases += 1;
            }
        }
    }
    assert!(cases > 200, "{cases}");
}

#[test]
fn the_forest_is_durable_before_its_manifest_has_its_name_and_the_old_one_stays_until_then() {
    let home = tempfile::tempdir().unwrap();
    let ledger = fixture::ledger(home.path(), CHAIN);
    let folder = tempfile::tempdir().unwrap();
    let (built, steps) = build(folder.path(), &ledger, true, None);
    let built = built.unwrap();
    let place = Path::new("store/entities/bitcoin").join(Settings::default().heuristics.to_string());
    let forest = place.join(&built.manifest().folder);
    let commit = steps.iter().position(|s| s.op == Op::Rename).unwrap();
    let at = |op: Op, path: &Path| {
        let found = steps[..commit].iter().rposition(|s| s.op == op && s.path == path);
        found.unwrap_or_else(|| panic!("no {op:?} of {} before the commit", path.display()))
    };
    for file in &built.manifest().files {
        let path = forest.join(&file.name);
        assert!(at(Op::Write, &path) < at(Op::Sync, &path) && at(Op::Create, &path) < at(Op::SyncFolder, &forest));
    }
    assert!(at(Op::CreateFolder, &forest) < at(Op::SyncFolder, &place));
    let durable = steps.iter().skip(commit).position(|s| s.op == Op::SyncFolder && s.path == place).unwrap() + commit;
    let removed = steps.iter().rposition(|s| s.op == Op::Remove).unwrap();
    assert!(removed > durable);
}
