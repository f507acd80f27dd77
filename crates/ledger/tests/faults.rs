//! Everything that can go wrong on a disk, at every operation of every kind of commit: the store is before the commit or
//! after it, never between, and what failed can be done again. `ATHAR_EVERY_FAULT=1` tries every failure at every
//! operation, of columns too; build with `--release` then.
use crate::support;

use athar_disk::{Cut, Failure, Fault, Op, Step};
use athar_ledger::{Disk, LedgerError, Manifest, Merger, SegmentBuilder, Store, StoreLock, fixture, verify};
use athar_types::{Chain, Hash32, Network};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use support::{facts, files, long_chain};

const BLOCKS: usize = 12;
const FAILURES: [Failure; 6] = [
    Failure::Refused,
    Failure::Full,
    Failure::Torn,
    Failure::Late,
    Failure::Power(Cut::LeavesRemovals),
    Failure::Power(Cut::LeavesRenames),
];

/// One kind of commit: how the store is prepared, and what is done. Doing it again after it was done changes nothing.
#[derive(Clone, Copy)]
struct Work {
    prepare: fn(&Path),
    run: fn(&Path, Disk) -> Result<(), LedgerError>,
}

/// Adds blocks up to `end` as one segment.
fn grow(folder: &Path, disk: Disk, end: usize) -> Result<(), LedgerError> {
    let lock = StoreLock::take(folder)?;
    let mut store = Store::open_for_writing(folder, &lock, disk)?;
    store.set_network(Chain::Bitcoin, Network::Regtest)?;
    let ledger = store.ledger(Chain::Bitcoin)?.unwrap();
    let stored = ledger.block_count() as usize;
    if stored < end {
        let mut builder = SegmentBuilder::small(ledger.end(), ledger.tip().map_or(Hash32::ZERO, |t| t.hash));
        let blocks = fixture::blocks(&long_chain(BLOCKS));
        blocks[stored..end].iter().try_for_each(|block| builder.push(block))?;
        let piece = builder.finish(&ledger, store.disk(), &store.chain_folder(Chain::Bitcoin))?;
        store.append(Chain::Bitcoin, piece)?;
    }
    Ok(())
}

/// The first commits of a new store.
const BEGIN: Work = Work { prepare: |_| {}, run: |folder, disk| grow(folder, disk, 3) };

/// A segment more.
const APPEND: Work = Work {
    prepare: |folder| (1..=3).for_each(|end| grow(folder, Disk::default(), end * 2).unwrap()),
    run: |folder, disk| grow(folder, disk, 8),
};

/// Eight segments and their runs become one.
const MERGE: Work = Work {
    prepare: |folder| (1..=8).for_each(|end| grow(folder, Disk::default(), end).unwrap()),
    run: |folder, disk| {
        let lock = StoreLock::take(folder)?;
        let mut store = Store::open_for_writing(folder, &lock, disk)?;
        Merger::default().wait(&mut store, Chain::Bitcoin)
    },
};

/// A cut through the middle of a segment; a whole one after it goes too.
const UNWIND: Work = Work {
    prepare: |folder| [3, 8, 10].into_iter().for_each(|end| grow(folder, Disk::default(), end).unwrap()),
    run: |folder, disk| {
        let lock = StoreLock::take(folder)?;
        let mut store = Store::open_for_writing(folder, &lock, disk)?;
        store.unwind(Chain::Bitcoin, 6).map(|_| ())
    },
};

/// What a store says: its manifest and all facts. `None` where there is no store yet.
type State = Option<(Manifest, BTreeMap<String, String>)>;

fn state(folder: &Path) -> State {
    let store = match Store::open(folder) {
        Err(LedgerError::NoStore(_)) => return None,
        opened => opened.unwrap(),
    };
    verify(&store).unwrap();
    let facts = store.ledger(Chain::Bitcoin).unwrap().map(|ledger| facts(&ledger)).unwrap_or_default();
    Some((store.manifest().clone(), facts))
}

/// A folder in memory where the system has one: a planned disk syncs nothing anyway.
fn quick_folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

/// The same files under other names: nothing of a store is written in place.
fn link(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for path in files(from) {
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            link(&path, &target);
        } else if path.file_name().is_none_or(|name| name != "LOCK") {
            fs::hard_link(&path, &target).unwrap();
        }
    }
}

/// Every state that the undisturbed work passes through, in order, and its steps.
fn undisturbed(work: Work, prepared: &Path, root: &Path) -> (Vec<State>, Vec<Step>) {
    let place = root.join("store");
    link(prepared, &place);
    let disk = Disk::planned(root, None);
    (work.run)(&place, disk.clone()).unwrap();
    let steps = disk.steps();
    let commits = steps.iter().filter(|s| s.op == Op::Rename).count();
    // cut off after each commit, so that states between two commits of one work are known too
    let mut states = vec![state(prepared)];
    for nth in 0..commits as u32 {
        let folder = tempfile::tempdir_in(root).unwrap();
        let place = folder.path().join("store");
        link(prepared, &place);
        let step = steps.iter().filter(|s| s.op == Op::Rename).nth(nth as usize).unwrap().clone();
        let disk = Disk::planned(folder.path(), Some(Fault { step, failure: Failure::Late }));
        (work.run)(&place, disk).unwrap_err();
        states.push(state(&place));
    }
    assert_eq!(states.last().unwrap(), &state(&place));
    (states, steps)
}

fn survives_everything(work: Work) -> usize {
    let folder = quick_folder();
    let prepared = folder.path().join("prepared");
    fs::create_dir(&prepared).unwrap();
    (work.prepare)(&prepared);
    let (states, steps) = undisturbed(work, &prepared, &folder.path().join("undisturbed"));
    let case = |number: usize, step: &Step, failure: Failure| {
        let what = format!("{failure:?} at {step:?}");
        let root = folder.path().join(format!("{number}-{failure:?}"));
        let place = root.join("store");
        link(&prepared, &place);
        let disk = Disk::planned(&root, Some(Fault { step: step.clone(), failure }));
        let error = (work.run)(&place, disk.clone()).expect_err(&what).to_string();
        assert!(disk.has_failed(), "{what}");
        // the error names the file, after a power cut any one
        let named = match failure {
            Failure::Power(_) => root.clone(),
            _ => root.join(&step.path),
        };
        assert!(error.contains(named.to_str().unwrap().trim_end_matches('/')), "{what}: {error}");
        let found = state(&place);
        assert!(states.contains(&found), "{what}: neither before nor after");
        // a cut loses no commit that was reported, a failure none that was made
        (work.run)(&place, Disk::planned(&root, None)).unwrap_or_else(|error| panic!("again after {what}: {error}"));
        assert_eq!(&state(&place), states.last().unwrap(), "again after {what}");
        let left = files(&place).into_iter().filter(|p| p.extension().is_some_and(|e| e == "new")).count();
        assert_eq!(left, 0, "{what}: a temporary file is left");
        fs::remove_dir_all(&root).unwrap();
    };
    // columns are written by one code: each of their steps meets one failure, in turn, every other step meets all
    let every = std::env::var_os("ATHAR_EVERY_FAULT").is_some();
    let mut cases = 0;
    for (number, step) in steps.iter().enumerate() {
        let of_column = step.path.extension().is_some_and(|e| e == "arrow");
        for (turn, failure) in FAILURES.into_iter().enumerate() {
            if every || !of_column || turn == number % FAILURES.len() {
                case(number, step, failure);
                cases += 1;
            }
        }
    }
    eprintln!("{} operations, {cases} faults", steps.len());
    assert!(cases >= steps.len());
    cases
}

#[test]
fn the_first_commits_survive_every_fault_at_every_operation() {
    assert!(survives_everything(BEGIN) > 300);
}

#[test]
fn an_append_survives_every_fault_at_every_operation() {
    assert!(survives_everything(APPEND) > 300);
}

#[test]
fn a_merge_survives_every_fault_at_every_operation() {
    assert!(survives_everything(MERGE) > 300);
}

#[test]
fn an_unwind_survives_every_fault_at_every_operation() {
    assert!(survives_everything(UNWIND) > 300);
}

/// Where a step stands among all, the last of its kind before `end`.
fn last(steps: &[Step], op: Op, path: &Path, end: usize) -> usize {
    let found = steps[..end].iter().rposition(|step| step.op == op && step.path == path);
    found.unwrap_or_else(|| panic!("no {op:?} of {}", path.display()))
}

#[test]
fn whatever_a_manifest_names_is_durable_before_it_has_its_name() {
    for (name, work) in [("begin", BEGIN), ("append", APPEND), ("merge", MERGE), ("unwind", UNWIND)] {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("store");
        (work.prepare)(&place);
        let before = Store::open(&place).map(|s| s.manifest().clone()).ok();
        let disk = Disk::planned(folder.path(), None);
        (work.run)(&place, disk.clone()).unwrap();
        let after = Store::open(&place).unwrap().manifest().clone();
        let steps = disk.steps();
        let [store, chain] = ["store", "store/bitcoin"].map(PathBuf::from);
        let (manifest, temporary) = (store.join("MANIFEST.json"), store.join("MANIFEST.new"));
        let commit = last(&steps, Op::Rename, &manifest, steps.len());

        let mut checked = 0;
        let old = before.iter().flat_map(|m| &m.chains).flat_map(folders).collect::<Vec<_>>();
        for (name, files) in folders(&after.chains[0]).into_iter().filter(|f| !old.contains(f)) {
            let home = chain.join(&name);
            let named = last(&steps, Op::SyncFolder, &home, commit);
            assert!(last(&steps, Op::CreateFolder, &home, commit) < last(&steps, Op::SyncFolder, &chain, commit));
            for file in files.iter().map(|file| home.join(file)) {
                let synced = last(&steps, Op::Sync, &file, commit);
                assert!(last(&steps, Op::Write, &file, commit) < synced, "{}", file.display());
                assert!(last(&steps, Op::Create, &file, commit) < named, "{}", file.display());
                // nothing writes to it once it is named
                assert!(!steps[synced + 1..].iter().any(|s| s.path == file), "{}", file.display());
                checked += 1;
            }
        }
        assert!(checked > 50, "{name}: {checked} files");
        let synced = last(&steps, Op::Sync, &temporary, commit);
        assert!(last(&steps, Op::Write, &temporary, commit) < synced);
        let end = steps.iter().skip(commit).position(|s| s.op == Op::SyncFolder && s.path == store).unwrap() + commit;
        // the chain's own folder too, where it is new
        if steps.iter().any(|s| s.op == Op::CreateFolder && s.path == chain) {
            assert!(last(&steps, Op::CreateFolder, &chain, commit) < last(&steps, Op::SyncFolder, &store, commit));
        }
        // what the old manifest names stays until the new one is durable
        for (at, step) in steps.iter().enumerate().filter(|(_, step)| step.op == Op::Remove) {
            assert!(at > end, "{name}: {step:?} before the commit was durable");
        }
    }
}

/// Folders of a chain's segments and runs, with the names of their files.
fn folders(chain: &athar_ledger::ChainManifest) -> Vec<(String, Vec<String>)> {
    let segments = chain.segments.iter().map(|s| (&s.folder, &s.files));
    let all = segments.chain(chain.runs.iter().map(|r| (&r.folder, &r.files)));
    all.map(|(folder, files)| (folder.clone(), files.iter().map(|f| f.name.clone()).collect())).collect()
}

#[test]
fn a_commit_that_was_made_though_its_sync_failed_is_gone_on_from() {
    let folder = quick_folder();
    let record = folder.path().join("record");
    (APPEND.prepare)(&record.join("store"));
    let disk = Disk::planned(&record, None);
    (APPEND.run)(&record.join("store"), disk.clone()).unwrap();
    let end = disk.steps().into_iter().rfind(|s| s.op == Op::SyncFolder && s.path == Path::new("store")).unwrap();

    let root = folder.path().join("faulty");
    let place = root.join("store");
    (APPEND.prepare)(&place);
    let lock = StoreLock::take(&place).unwrap();
    let disk = Disk::planned(&root, Some(Fault { step: end, failure: Failure::Refused }));
    let mut store = Store::open_for_writing(&place, &lock, disk.clone()).unwrap();
    let blocks = fixture::blocks(&long_chain(BLOCKS));
    let append = |store: &mut Store, from: usize, to: usize| {
        let ledger = store.ledger(Chain::Bitcoin).unwrap().unwrap();
        let mut builder = SegmentBuilder::small(ledger.end(), ledger.tip().unwrap().hash);
        blocks[from..to].iter().for_each(|block| builder.push(block).unwrap());
        let piece = builder.finish(&ledger, store.disk(), &store.chain_folder(Chain::Bitcoin)).unwrap();
        store.append(Chain::Bitcoin, piece)
    };
    let error = append(&mut store, 6, 8).unwrap_err().to_string();
    assert!(error.contains(place.to_str().unwrap()), "{error}");
    // what stands on the disk is what the store goes on from
    assert_eq!(store.manifest(), Store::open(&place).unwrap().manifest());
    assert_eq!(store.ledger(Chain::Bitcoin).unwrap().unwrap().block_count(), 8);
    append(&mut store, 8, 9).unwrap();
    assert_eq!(state(&place).unwrap().1, facts(&fixture::ledger(&folder.path().join("whole"), &long_chain(9))));
}

#[test]
fn a_segment_that_does_not_follow_the_chain_is_refused_before_the_commit() {
    let folder = quick_folder();
    grow(folder.path(), Disk::default(), 4).unwrap();
    let lock = StoreLock::take(folder.path()).unwrap();
    let mut store = Store::open_for_writing(folder.path(), &lock, Disk::default()).unwrap();
    let before = store.manifest().clone();
    let ledger = store.ledger(Chain::Bitcoin).unwrap().unwrap();
    let mut builder = SegmentBuilder::small(ledger.end(), ledger.tip().unwrap().hash);
    builder.push(&fixture::blocks(&long_chain(5))[4]).unwrap();
    let piece = builder.finish(&ledger, store.disk(), &store.chain_folder(Chain::Bitcoin)).unwrap();
    store.append(Chain::Bitcoin, piece.clone()).unwrap();
    let after = store.manifest().clone();
    assert_ne!(before, after);
    let error = store.append(Chain::Bitcoin, piece).unwrap_err().to_string();
    assert!(error.contains("from block 4 on cannot follow a chain that ends before block 5"), "{error}");
    assert_eq!(store.manifest(), &after);
    verify(&store).unwrap();
}

#[test]
fn a_reader_that_meets_a_half_written_folder_of_a_later_commit_opens_that_commit() {
    let folder = quick_folder();
    for end in [3, 6] {
        grow(folder.path(), Disk::default(), end).unwrap();
    }
    let reader = Store::open(folder.path()).unwrap();
    let last = reader.manifest().chains[0].segments[1].folder.clone();
    let lock = StoreLock::take(folder.path()).unwrap();
    let mut store = Store::open_for_writing(folder.path(), &lock, Disk::default()).unwrap();
    store.unwind(Chain::Bitcoin, 3).unwrap();
    // the branch is taken up again: its folder is being written anew under the same name
    let home = folder.path().join("bitcoin").join(last);
    fs::create_dir(&home).unwrap();
    for column in files(&folder.path().join("bitcoin").join(&store.manifest().chains[0].segments[0].folder)) {
        fs::write(home.join(column.file_name().unwrap()), "half").unwrap();
    }
    assert_eq!(reader.ledger(Chain::Bitcoin).unwrap().unwrap().block_count(), 3);
}
