//! A writer that is killed in the middle: what it was answered is there, nothing is half there, and the next run takes its place.
#![cfg(unix)]

use athar_sightings::{ItemEnd, ItemId, NewItem, NewSighting, Query, Reading, Sightings};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const FOLDER: &str = "ATHAR_SIGHTINGS_KILLED_FOLDER";
const SEEN: usize = 40;

fn item(n: u64) -> NewItem {
    let file = format!("file-{n}");
    let sha256 = *blake3::hash(file.as_bytes()).as_bytes();
    NewItem { file, sha256: Some(sha256), read_at: 1, tool: "t".into(), ..NewItem::default() }
}

fn seen(n: u64) -> Vec<NewSighting> {
    let one = |k: usize| NewSighting {
        kind: "email".into(),
        value: format!("n{n}k{k}@example.org"),
        excerpt: "words ".repeat(40),
        ..NewSighting::default()
    };
    (0..SEEN).map(one).collect()
}

fn is_done(store: &Sightings, n: u64) -> bool {
    let item = item(n);
    let sha256 = item.sha256.unwrap();
    store.is_done(Reading { file: &item.file, member: None, sha256: &sha256, tool: "t", lexicon: "" }).unwrap()
}

/// Not a test of itself: what the child does until it is killed.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let store = Sightings::open(Path::new(&folder)).unwrap();
    let mut writer = store.writer();
    for n in 0.. {
        if is_done(&store, n) {
            continue;
        }
        let id = writer.begin(item(n)).unwrap();
        let seen = seen(n);
        writer.add(id, &seen[..SEEN / 2]).unwrap();
        if n % 3 == 0 {
            writer.flush().unwrap(); // in the middle of an item
        }
        writer.add(id, &seen[SEEN / 2..]).unwrap();
        writer.finish(id, ItemEnd::default()).unwrap();
        if n % 5 == 4 {
            writer.flush().unwrap();
            eprintln!("stored {n}");
        }
        if n % 7 == 6 {
            let found = store.items_of_original(&item(n - 6).sha256.unwrap()).unwrap();
            store.delete(&found, 2, "child", "every seventh").unwrap();
            eprintln!("deleted {}", n - 6);
        }
    }
}

#[test]
fn a_killed_writer_leaves_whole_items_and_the_next_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let kills: u64 = std::env::var("ATHAR_SIGHTINGS_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(6);
    let (mut stored, mut deleted) = (BTreeSet::new(), BTreeSet::new());
    for round in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["kill::child", "--exact", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // killed some while after it has answered a few times, wherever it is then
        let mut output = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let mut lines: Vec<String> = output.by_ref().take(3 + round as usize % 4).collect();
        std::thread::sleep(Duration::from_micros(round * 3_700 % 20_000));
        child.kill().unwrap();
        child.wait().unwrap();
        lines.extend(output);
        for line in lines {
            let number = |rest: &str| rest.parse::<u64>().unwrap();
            if let Some(n) = line.strip_prefix("stored ") {
                let n = number(n);
                stored.extend(n.saturating_sub(4)..=n);
            } else if let Some(n) = line.strip_prefix("deleted ") {
                deleted.insert(number(n));
            }
        }
        let store = Sightings::open(folder.path()).unwrap();
        store.tidy().unwrap();
        assert_eq!(store.verify().unwrap(), Vec::<String>::new(), "round {round}");
        let material = store.material().unwrap();
        let mut sightings: std::collections::BTreeMap<ItemId, usize> = std::collections::BTreeMap::new();
        for seen in &material.sightings {
            *sightings.entry(seen.item).or_default() += 1;
        }
        for item in &material.items {
            assert_eq!(sightings.get(&item.id), Some(&SEEN), "round {round}, {}: whole or not there", item.file);
        }
        let files: BTreeSet<&str> = material.items.iter().map(|i| &*i.file).collect();
        for n in &stored {
            // one that was being deleted when it was killed may be gone, and is read again
            if !deleted.contains(n) && n % 7 != 0 {
                assert!(files.contains(&*format!("file-{n}")), "round {round}: {n} was stored");
            }
        }
        assert_eq!(files.len(), material.items.len(), "no document twice");
    }
    assert!(stored.len() > 20, "the child got far enough: {}", stored.len());
    // a run of another process clears the open item of the last
    let store = Sightings::open(folder.path()).unwrap();
    let next = (0..1_000_000).find(|n| !is_done(&store, *n) && n % 7 != 0).unwrap();
    let mut writer = store.writer();
    let id = writer.begin(item(next)).unwrap();
    writer.add(id, &seen(next)).unwrap();
    writer.finish(id, ItemEnd::default()).unwrap();
    writer.flush().unwrap();
    let value = format!("n{next}k0@example.org");
    assert_eq!(store.sightings(&Query { value: Some(value), ..Query::default() }).unwrap().sightings.len(), 1);
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
}
