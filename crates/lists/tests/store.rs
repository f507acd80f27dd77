//! The store keeps every version, commits at once, and answers from what it keeps.
use athar_disk::{Disk, Failure, Fault};
use athar_lists::{Answer, Identifiers, ListStore, ReadOptions};
use athar_types::Day;
use std::fs;
use std::path::{Path, PathBuf};

fn file(dir: &Path, name: &str, text: &str) -> PathBuf {
    fs::write(dir.join(name), text).unwrap();
    dir.join(name)
}

fn options(as_of: &str) -> ReadOptions {
    ReadOptions { list: Some("l".into()), as_of: as_of.parse().ok(), ..ReadOptions::default() }
}

const OLD: &str = "id,name\n1,Ali Example\n2,Omar Example\n";
const NEW: &str = "id,name,kind\n1,Ali Exemple,person\n3,Third Example,person\n";

#[test]
fn versions_are_kept_and_the_newest_is_live_whatever_the_order_of_imports() {
    let dir = tempfile::tempdir().unwrap();
    let (old, new) = (file(dir.path(), "o.csv", OLD), file(dir.path(), "n.csv", NEW));
    let hash = |order: [(&PathBuf, &str); 2], folder: &str| {
        let mut store = ListStore::open(dir.path().join(folder)).unwrap();
        for (path, day) in order {
            store.import(&[path], &options(day), Day(20_000)).unwrap();
        }
        let store = ListStore::open(dir.path().join(folder)).unwrap();
        store.verify().unwrap();
        assert_eq!(store.live()[0].info.as_of, "2024-02-01".parse().ok());
        assert_eq!(store.versions("l").len(), 2);
        store.version_hash()
    };
    let forward = hash([(&old, "2024-01-01"), (&new, "2024-02-01")], "a");
    assert_eq!(forward, hash([(&new, "2024-02-01"), (&old, "2024-01-01")], "b"));
    let mut store = ListStore::open(dir.path().join("a")).unwrap();
    let again = store.import(&[&old], &options("2024-01-01"), Day(20_001)).unwrap();
    assert!(again.imports[0].already_stored && !again.imports[0].is_newest);
    assert_eq!(store.version_hash(), forward);
    let elsewhere = ReadOptions { origin: Some("https://example.org/l".into()), ..options("2024-01-01") };
    assert!(
        store.import(&[&old], &elsewhere, Day(20_002)).unwrap().imports[0].already_stored,
        "the place makes no version"
    );
    for (text, found) in [("l", "2024-02-01"), ("l@2024-01-01", "2024-01-01")] {
        assert_eq!(store.find_version(text).unwrap().info.as_of, found.parse().ok());
    }
    let prefix = &store.live()[0].version[..8];
    assert!(store.find_version(prefix).is_some() && store.find_version("l@2023-01-01").is_none());
    let on = |id: &str, day: &str| store.listed_on("l", id, day.parse().unwrap()).unwrap().answer;
    assert_eq!(
        (on("2", "2024-01-01"), on("2", "2024-02-01"), on("2", "2024-01-15")),
        (Answer::Yes, Answer::No, Answer::Unknown)
    );
    assert!(store.listed_on("m", "1", Day(1)).unwrap_err().to_string().contains("`m`"));
}

#[test]
fn a_bad_file_changes_nothing_and_the_others_are_stored() {
    let dir = tempfile::tempdir().unwrap();
    let (good, bad) = (file(dir.path(), "o.csv", OLD), file(dir.path(), "b.csv", "id,name\n1,\"A\n"));
    let mut store = ListStore::open(dir.path().join("s")).unwrap();
    let outcome = store.import(&[&bad], &options("2024-01-01"), Day(1)).unwrap();
    assert!(outcome.refused[0].to_string().contains("b.csv: line 2, byte 10"));
    assert!(!dir.path().join("s").exists(), "nothing was written");
    let outcome = store.import(&[&bad, &good], &options("2024-01-01"), Day(1)).unwrap();
    assert_eq!((outcome.refused.len(), outcome.imports.len()), (1, 1));
}

#[test]
fn a_damaged_store_is_told_and_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let old = file(dir.path(), "o.csv", OLD);
    let folder = dir.path().join("s");
    let mut store = ListStore::open(&folder).unwrap();
    let version = store.import(&[&old], &options("2024-01-01"), Day(1)).unwrap().imports[0].version.version.clone();
    let stored = folder.join("versions").join(format!("{version}.jsonl"));
    let text = fs::read_to_string(&stored).unwrap();
    fs::write(&stored, text.replace("Omar", "Umar")).unwrap();
    assert!(store.verify().unwrap_err().to_string().contains("does not match its name"));
    // the same import again writes it anew
    let again = store.import(&[&old], &options("2024-01-01"), Day(2)).unwrap();
    assert!(again.imports[0].already_stored);
    store.verify().unwrap();
    let manifest = fs::read_to_string(folder.join("manifest.json")).unwrap();
    fs::write(folder.join("manifest.json"), manifest.replace("o.csv", "p.csv")).unwrap();
    assert!(ListStore::open(&folder).unwrap_err().to_string().contains("checksum"));
}

#[test]
fn every_failing_disk_operation_leaves_the_old_store_or_the_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let (old, new) = (file(dir.path(), "o.csv", OLD), file(dir.path(), "n.csv", NEW));
    let prepared = |name: &str| {
        let root = dir.path().join(name);
        fs::create_dir(&root).unwrap();
        let mut store = ListStore::open(root.join("s")).unwrap();
        store.import(&[&old], &options("2024-01-01"), Day(1)).unwrap();
        (root, store.version_hash())
    };
    let (root, _) = prepared("clean");
    let disk = Disk::planned(&root, None);
    let mut store = ListStore::open(root.join("s")).unwrap().with_disk(disk.clone());
    store.import(&[&new], &options("2024-02-01"), Day(2)).unwrap();
    let steps = disk.steps();
    assert!(steps.len() >= 8, "{steps:?}");
    for (i, step) in steps.into_iter().enumerate() {
        for failure in [Failure::Refused, Failure::Torn, Failure::Late] {
            let (root, before) = prepared(&format!("{i} {failure:?}"));
            let disk = Disk::planned(&root, Some(Fault { step: step.clone(), failure }));
            let mut store = ListStore::open(root.join("s")).unwrap().with_disk(disk.clone());
            let result = store.import(&[&new], &options("2024-02-01"), Day(2));
            assert!(disk.has_failed() && result.is_err(), "{step:?} {failure:?}");
            let mut reopened = ListStore::open(root.join("s")).unwrap();
            reopened.verify().unwrap();
            assert!(reopened.version_hash() == before || reopened.versions("l").len() == 2);
            reopened.import(&[&new], &options("2024-02-01"), Day(2)).unwrap();
            assert_eq!(reopened.versions("l").len(), 2);
        }
    }
}

#[test]
fn identifiers_are_found_whatever_their_spaces_hyphens_and_case_and_only_whole() {
    let dir = tempfile::tempdir().unwrap();
    let text = "order,identifier,asset\nA 1/25,104728783,\nA 1/25,TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t,USDT\n";
    let orders = file(dir.path(), "orders.csv", text);
    let mut store = ListStore::open(dir.path().join("s")).unwrap();
    store.import(&[&orders], &ReadOptions::default(), Day(1)).unwrap();
    let all = Identifiers::of(&store).unwrap();
    for text in ["104728783", "104-728 783", "tr7nhqjekqxgtci8q8zy4pl8otszgjlj6t"] {
        let found = all.find(text);
        assert_eq!((found.len(), found[0].id.as_str(), found[0].list.as_str()), (1, "A 1/25", "il-nbctf"), "{text}");
    }
    assert!(all.find("10472878").is_empty() && all.find(" - ").is_empty());
}
