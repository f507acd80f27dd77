//! An import that fails at every operation: the store holds what it held, or all of the import.
use crate::common;

use athar_disk::{Cut, Disk, Failure, Fault, Step};
use athar_labels::{DecisionKind, LabelError, LabelStore, Ruling};
use athar_types::Day;
use common::{Bed, GENESIS, P2SH, SEGWIT};
use std::collections::BTreeMap;

const FAILURES: [Failure; 6] = [
    Failure::Refused,
    Failure::Full,
    Failure::Torn,
    Failure::Late,
    Failure::Power(Cut::LeavesRemovals),
    Failure::Power(Cut::LeavesRenames),
];

fn csv(address: &str) -> String {
    format!("address,label,category,source\n{address},Somebody,scam,test\n")
}

/// A store with one pack where `again`, then an import of two more files.
fn import(again: bool, fault: Option<Fault>) -> (Bed, Result<(), String>, Vec<Step>, [u8; 32]) {
    let bed = Bed::new();
    let mut store = bed.open();
    if again {
        bed.import(&mut store, "a.csv", csv(GENESIS));
    }
    let before = store.version();
    let files = [bed.file("b.csv", csv(SEGWIT)), bed.file("c.csv", csv(P2SH))];
    let disk = Disk::planned(bed.folder.path(), fault);
    let done = store.with_disk(disk.clone()).import(&files, &bed.options).map(|_| ()).map_err(|e| e.to_string());
    (bed, done, disk.steps(), before)
}

#[test]
fn an_import_survives_every_fault_at_every_operation() {
    let mut cases = 0;
    for again in [false, true] {
        let (bed, done, steps, _) = import(again, None);
        done.unwrap();
        let after = bed.open().version();
        for step in steps {
            for failure in FAILURES {
                let what = format!("{failure:?} at {step:?}, again: {again}");
                let (bed, done, _, before) = import(again, Some(Fault { step: step.clone(), failure }));
                let error = done.expect_err(&what);
                if !matches!(failure, Failure::Power(_)) {
                    let named = bed.folder.path().join(&step.path);
                    let named = named.to_str().unwrap().trim_end_matches('/');
                    assert!(error.contains(named), "{what}: {error}");
                }
                let mut store = bed.open();
                store.verify().unwrap_or_else(|error| panic!("{what}: {error}"));
                let version = store.version();
                assert!(version == before || version == after, "{what}: neither before nor after");
                let files = ["b.csv", "c.csv"].map(|name| bed.folder.path().join(name));
                store.import(&files, &bed.options).unwrap();
                assert_eq!(bed.open().version(), after, "again after {what}");
                cases += 1;
            }
        }
    }
    assert!(cases > 150, "{cases}");
}

/// A store with one label, then a decision about it.
fn decide(fault: Option<Fault>) -> (Bed, Result<(), String>, Vec<Step>, [u8; 32]) {
    let bed = Bed::new();
    let mut store = bed.open();
    bed.import(&mut store, "a.csv", csv(GENESIS));
    let before = store.version();
    let disk = Disk::planned(bed.folder.path(), fault);
    let mut store = store.with_disk(disk.clone());
    let done = retract(&mut store).map_err(|e| e.to_string());
    (bed, done, disk.steps(), before)
}

fn retract(store: &mut LabelStore) -> Result<(), LabelError> {
    let id = store.iter().next().unwrap().id();
    let (kind, day) = (DecisionKind::Retract, Day(20_500));
    let ruling = Ruling { kind, changes: BTreeMap::new(), reason: "wrong".into(), by: None, day };
    store.decide_on(id, ruling).map(|_| ())
}

#[test]
fn a_decision_survives_every_fault_at_every_operation() {
    let (bed, done, steps, _) = decide(None);
    done.unwrap();
    let after = bed.open().version();
    let mut cases = 0;
    for step in steps {
        for failure in FAILURES {
            let what = format!("{failure:?} at {step:?}");
            let (bed, done, _, before) = decide(Some(Fault { step: step.clone(), failure }));
            done.expect_err(&what);
            let mut store = bed.open();
            store.verify().unwrap_or_else(|error| panic!("{what}: {error}"));
            let version = store.version();
            assert!(version == before || version == after, "{what}: neither before nor after");
            if version == before {
                retract(&mut store).unwrap();
            }
            assert_eq!(bed.open().version(), after, "again after {what}");
            cases += 1;
        }
    }
    assert!(cases > 30, "{cases}");
}

/// A store with one pack, which takes in the history of another with two packs and a decision.
fn adopt(fault: Option<Fault>) -> (Bed, Result<(), String>, Vec<Step>, [u8; 32], Vec<u8>) {
    let (bed, other) = (Bed::new(), Bed::new());
    let mut theirs = other.open();
    other.import(&mut theirs, "b.csv", csv(SEGWIT));
    other.import(&mut theirs, "c.csv", csv(P2SH));
    retract(&mut theirs).unwrap();
    let mut history = Vec::new();
    theirs.export_history(&mut history).unwrap();
    let mut store = bed.open();
    bed.import(&mut store, "a.csv", csv(GENESIS));
    let before = store.history_version();
    let file = bed.file("history", &history);
    let disk = Disk::planned(bed.folder.path(), fault);
    let done = store.with_disk(disk.clone()).import_history(&file).map(|_| ()).map_err(|e| e.to_string());
    (bed, done, disk.steps(), before, history)
}

#[test]
fn taking_in_a_history_survives_every_fault_at_every_operation() {
    let (bed, done, steps, before, _) = adopt(None);
    done.unwrap();
    let after = bed.open().history_version();
    assert_ne!(before, after);
    let mut cases = 0;
    for step in steps {
        for failure in FAILURES {
            let what = format!("{failure:?} at {step:?}");
            let (bed, done, _, before, history) = adopt(Some(Fault { step: step.clone(), failure }));
            done.expect_err(&what);
            let mut store = bed.open();
            store.verify().unwrap_or_else(|error| panic!("{what}: {error}"));
            let version = store.history_version();
            assert!(version == before || version == after, "{what}: neither before nor after");
            store.import_history(&bed.file("again", &history)).unwrap();
            assert_eq!(bed.open().history_version(), after, "again after {what}");
            cases += 1;
        }
    }
    assert!(cases > 60, "{cases}");
}

#[test]
fn a_history_over_the_limit_is_refused_before_it_is_read() {
    let (bed, _, _, _, history) = adopt(None);
    let (mut store, file) = (bed.open(), bed.file("h", &history));
    let before = store.history_version();
    let error = store.import_history_within(&file, history.len() as u64 - 1).unwrap_err();
    assert!(matches!(error, LabelError::TooLarge { .. }) && error.path() == file, "{error}");
    assert_eq!(bed.open().history_version(), before);
    store.import_history_within(&file, history.len() as u64).unwrap();
}
