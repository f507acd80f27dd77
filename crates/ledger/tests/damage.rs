//! A store that somebody or something damaged: every error names the file, and opening never makes it worse.
use crate::support;

use athar_ledger::{Disk, LedgerError, Store, StoreLock, fixture, verify};
use athar_types::Chain;
use std::{
    fs,
    path::{Path, PathBuf},
};
use support::{facts, files, long_chain};

/// A store of several segments and runs.
fn store(folder: &Path) -> Store {
    fixture::store(folder, &long_chain(11), 4).unwrap()
}

/// Reads everything; the error where something does not fit.
fn read(folder: &Path) -> Result<(), LedgerError> {
    let store = Store::open(folder)?;
    store.ledger(Chain::Bitcoin)?;
    verify(&store).map(|_| ())
}

fn error(folder: &Path) -> String {
    read(folder).expect_err("damage that nobody noticed").to_string()
}

/// Puts a manifest with a right checksum into a store.
fn write_manifest(path: &Path, manifest: &str) {
    let checksum = blake3::hash(manifest.as_bytes()).to_hex();
    fs::write(path, format!("{{\"checksum\":\"{checksum}\",\"manifest\":{manifest}}}")).unwrap();
}

#[test]
fn older_and_newer_formats_are_refused_in_words_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    store(folder.path());
    // format 2 is that of a store without chains of accounts, which is read as well
    let own = 3;
    let path = folder.path().join("MANIFEST.json");
    for found in [0, 1, own + 1, u32::MAX] {
        // only number and program are read of a format that is not ours
        write_manifest(&path, &format!("{{\"format\":{found},\"written_by\":\"athar x.y\",\"other\":[]}}"));
        let text = fs::read(&path).unwrap();
        let there = files(&folder.path().join("bitcoin"));
        let lock = StoreLock::take(folder.path()).unwrap();
        for error in [
            Store::open(folder.path()).unwrap_err(),
            Store::open_for_writing(folder.path(), &lock, Disk::default()).unwrap_err(),
        ] {
            assert!(matches!(error, LedgerError::Format { .. }), "{error}");
            let error = error.to_string();
            for part in [path.to_str().unwrap(), &format!("format {found}"), &format!("format {own}"), "athar x.y"] {
                assert!(error.contains(part), "{error}");
            }
            assert!(error.contains("hint: ") && error.contains("ingest into a new store"), "{error}");
        }
        assert_eq!((fs::read(&path).unwrap(), files(&folder.path().join("bitcoin"))), (text, there));
    }
}

#[test]
fn a_manifest_cut_short_or_changed_in_any_byte_is_damaged_by_name() {
    let folder = tempfile::tempdir().unwrap();
    store(folder.path());
    let path = folder.path().join("MANIFEST.json");
    let good = fs::read(&path).unwrap();
    let there = files(&folder.path().join("bitcoin"));
    let refused = |bytes: &[u8], what: String| {
        fs::write(&path, bytes).unwrap();
        let lock = StoreLock::take(folder.path()).unwrap();
        for error in [
            Store::open(folder.path()).expect_err(&what),
            Store::open_for_writing(folder.path(), &lock, Disk::default()).expect_err(&what),
        ] {
            assert!(matches!(error, LedgerError::Corrupt { .. }), "{what}: {error}");
            assert!(error.to_string().contains(path.to_str().unwrap()), "{what}: {error}");
        }
    };
    for cut in (0..good.len()).step_by(good.len() / 97).chain([1, 2, good.len() - 1]) {
        refused(&good[..cut], format!("cut at {cut}"));
    }
    for at in (0..good.len()).step_by(good.len() / 211).chain(0..100) {
        for flip in [0x01, 0x80] {
            let mut bad = good.clone();
            bad[at] ^= flip;
            refused(&bad, format!("byte {at} flipped by {flip:#x}"));
        }
    }
    // nothing was taken for a leftover meanwhile
    assert_eq!(files(&folder.path().join("bitcoin")), there);
    fs::write(&path, good).unwrap();
    read(folder.path()).unwrap();
}

#[test]
fn a_column_that_is_missing_cut_or_changed_is_named_and_so_is_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    store(folder.path());
    let folders = files(&folder.path().join("bitcoin"));
    let aside = folder.path().join("aside");
    for home in &folders {
        fs::rename(home, &aside).unwrap();
        let message = error(folder.path());
        assert!(message.contains(home.to_str().unwrap()), "{message}");
        fs::rename(&aside, home).unwrap();
    }
    // every column once, of a segment and of a run
    let columns: Vec<PathBuf> =
        [folders.first().unwrap(), folders.last().unwrap()].into_iter().flat_map(|home| files(home)).collect();
    assert!(columns.len() > 50);
    for column in columns {
        let good = fs::read(&column).unwrap();
        let named = |what: &str| {
            let message = error(folder.path());
            assert!(message.contains(column.to_str().unwrap()), "{what}: {message}");
        };
        fs::rename(&column, &aside).unwrap();
        named("missing");
        fs::rename(&aside, &column).unwrap();
        for cut in [0, 100, 4096, good.len() - 1] {
            fs::write(&column, &good[..cut]).unwrap();
            named("cut");
        }
        let mut bad = good.clone();
        bad[4000] ^= 1;
        fs::write(&column, &bad).unwrap();
        named("changed");
        fs::write(&column, good).unwrap();
    }
    read(folder.path()).unwrap();
}

#[test]
fn what_a_killed_writer_leaves_is_removed_and_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let before = facts(&store(folder.path()).ledger(Chain::Bitcoin).unwrap().unwrap());
    let chain = folder.path().join("bitcoin");
    let there = files(&chain);
    // the lock of a process that is gone, with its id or without
    for text in [&b"4294967294"[..], b"", b"\xff\xfe", b"not a number"] {
        fs::write(folder.path().join("LOCK"), text).unwrap();
        for name in ["segment-0000011-0000015-0badc0de", "run-0000000-0000015-0badc0de"] {
            fs::create_dir_all(chain.join(name)).unwrap();
            fs::write(chain.join(name).join("tx.id.arrow"), "half").unwrap();
        }
        fs::write(folder.path().join("MANIFEST.new"), "{\"checksum\"").unwrap();
        fs::write(chain.join("notes.txt"), "of somebody else").unwrap();
        read(folder.path()).unwrap();
        let lock = StoreLock::take(folder.path()).unwrap();
        let store = Store::open_for_writing(folder.path(), &lock, Disk::default()).unwrap();
        assert_eq!(facts(&store.ledger(Chain::Bitcoin).unwrap().unwrap()), before);
        fs::remove_file(chain.join("notes.txt")).unwrap();
        assert_eq!(files(&chain), there);
    }
}

#[test]
fn a_store_where_files_should_be_folders_says_which() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("LOCK");
    fs::create_dir(&path).unwrap();
    let error = StoreLock::take(folder.path()).unwrap_err().to_string();
    assert!(error.contains(path.to_str().unwrap()), "{error}");
    fs::remove_dir(&path).unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = StoreLock::take(&file.join("store")).unwrap_err().to_string();
    assert!(error.contains(file.to_str().unwrap()), "{error}");
    let manifest = folder.path().join("MANIFEST.json");
    fs::create_dir(&manifest).unwrap();
    let error = Store::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains(manifest.to_str().unwrap()), "{error}");
}
