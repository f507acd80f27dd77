//! The disk of tests does what a bad disk does, and nothing else.
#![allow(clippy::unwrap_used)] // tests

use athar_disk::{Cut, Disk, DiskError, Failure, Fault, Op, Step};
use std::{fs, io::Write, path::Path};

/// A tiny commit: a data file in a folder of its own, then the manifest that names it.
fn commit(disk: &Disk, root: &Path, generation: u8, ordered: bool) -> Result<(), DiskError> {
    let folder = root.join(format!("data-{generation}"));
    disk.create_folder(&folder)?;
    let path = folder.join("file");
    let mut file = disk.create(&path)?;
    let failed = |source| DiskError { op: "write", path: path.clone(), source };
    file.write_all(&[generation; 100]).map_err(failed)?;
    if ordered {
        file.sync().map_err(failed)?;
        disk.sync_folder(&folder)?;
        disk.sync_folder(root)?;
    }
    disk.replace(&root.join("MANIFEST"), &[generation])?;
    let old = root.join(format!("data-{}", generation - 1));
    if old.exists() {
        disk.remove_folder(&old)?;
    }
    Ok(())
}

/// The generation that a root stands at, where it is whole.
fn state(root: &Path) -> Option<u8> {
    let generation = match fs::read(root.join("MANIFEST")) {
        Ok(bytes) => *bytes.first()?,
        Err(_) => return Some(0),
    };
    let data = fs::read(root.join(format!("data-{generation}/file"))).ok()?;
    (data == [generation; 100]).then_some(generation)
}

/// Runs the second commit with every fault; gives the states that were found, `None` for a broken one.
fn states(failure: Failure, ordered: bool) -> Vec<(Step, Option<u8>)> {
    let undisturbed = tempfile::tempdir().unwrap();
    commit(&Disk::default(), undisturbed.path(), 1, true).unwrap();
    let disk = Disk::planned(undisturbed.path(), None);
    commit(&disk, undisturbed.path(), 2, ordered).unwrap();
    assert_eq!(state(undisturbed.path()), Some(2));
    let of_step = |step: Step| {
        let folder = tempfile::tempdir().unwrap();
        commit(&Disk::default(), folder.path(), 1, true).unwrap();
        let disk = Disk::planned(folder.path(), Some(Fault { step: step.clone(), failure }));
        let error = commit(&disk, folder.path(), 2, ordered).unwrap_err();
        assert!(disk.has_failed());
        assert!(error.to_string().contains(step.path.to_str().unwrap()), "{step:?}: {error}");
        (step, state(folder.path()))
    };
    disk.steps().into_iter().map(of_step).collect()
}

#[test]
fn an_ordered_commit_survives_every_failure_and_every_cut() {
    let cuts = [Cut::LeavesRemovals, Cut::LeavesRenames].map(Failure::Power);
    for failure in [Failure::Refused, Failure::Full, Failure::Torn, Failure::Late].into_iter().chain(cuts) {
        for (step, state) in states(failure, true) {
            assert!(matches!(state, Some(1 | 2)), "{failure:?} at {step:?}: {state:?}");
        }
    }
}

#[test]
fn a_commit_that_forgets_to_sync_its_data_is_found_out_by_a_cut() {
    let broken = |cut| states(Failure::Power(cut), false).iter().filter(|(_, state)| state.is_none()).count();
    assert!(broken(Cut::LeavesRenames) > 0);
    // the operations themselves never fail it
    assert!(states(Failure::Refused, false).iter().all(|(_, state)| state.is_some()));
}

#[test]
fn steps_are_named_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::planned(folder.path(), None);
    disk.create_folder(&folder.path().join("a/b")).unwrap();
    disk.replace(&folder.path().join("a/x"), b"1").unwrap();
    disk.replace(&folder.path().join("a/x"), b"2").unwrap();
    let steps: Vec<_> =
        disk.steps().into_iter().map(|s| format!("{:?} {} {}", s.op, s.path.display(), s.nth)).collect();
    let once = |n: u32| {
        [
            format!("Create a/x.new {n}"),
            format!("Write a/x.new {n}"),
            format!("Sync a/x.new {n}"),
            format!("Rename a/x {n}"),
            format!("SyncFolder a {n}"),
        ]
    };
    let folders = ["CreateFolder a 0", "SyncFolder  0", "CreateFolder a/b 0"].map(String::from);
    assert_eq!(steps, [&folders[..], &once(0), &once(1)].concat());
    assert_eq!(disk.steps()[0].op, Op::CreateFolder);
}

#[test]
fn a_failed_replacement_leaves_the_old_file_and_nothing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    Disk::default().replace(&path, b"old").unwrap();
    let error = Disk::with_space(3).replace(&path, b"longer").unwrap_err();
    assert!(error.to_string().contains("x.new"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    Disk::with_space(6).replace(&path, b"longer").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"longer");
}
