//! Whoever imports and deletes is killed in the middle: what was answered is there, what was deleted stays away, nothing is half there.
#![cfg(unix)]

use athar_records::{By, Kind, Map, Order, Query, Records, Subject};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const FOLDER: &str = "ATHAR_RECORDS_KILLED_FOLDER";
const FROM: &str = "ATHAR_RECORDS_KILLED_FROM";
const ROWS: u64 = 400;
const BY: By<'_> = By { time: 1_700_000_000, operator: "child", reason: "" };

/// File number `n`: log-ins of accounts of its own.
fn rows(n: u64) -> String {
    (0..ROWS).fold("account,time\n".into(), |text, k| text + &format!("a{n}-{k},{}\n", 1_600_000_000 + n * ROWS + k))
}

/// Not a test of itself: what the child does until it is killed.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let store = Records::open(Path::new(&folder)).unwrap();
    // what the last one was at when it was killed is done again
    let from: u64 = std::env::var(FROM).unwrap().parse().unwrap();
    for n in from.. {
        let text = rows(n);
        let order = Order { kind: Some(Kind::Login), map: Map::default(), retain_days: None, name: "f" };
        let receipt = store.import(&order, BY, || Ok(text.as_bytes())).unwrap();
        eprintln!("imported {n}");
        if n % 3 == 0 {
            assert!(store.delete_subject(&Subject::of(&format!("a{n}-7")), BY).unwrap() <= 1);
            eprintln!("forgot {n}");
        }
        if n % 4 == 3 {
            store.delete_import(receipt.import, BY).unwrap();
            eprintln!("deleted {n}");
        }
    }
}

fn count(store: &Records, account: &str) -> usize {
    let query = Query { subject: Some(Subject::of(account)), ..Query::default() };
    store.list(&query).unwrap().records.len()
}

#[test]
fn a_killed_import_or_deletion_is_whole_or_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let kills: u64 = std::env::var("ATHAR_RECORDS_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(6);
    let mut told: [BTreeSet<u64>; 3] = Default::default();
    for round in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["kill::child", "--exact", "--nocapture"])
            .env(FOLDER, folder.path())
            .env(FROM, told[0].last().copied().unwrap_or(0).to_string())
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
            for (at, word) in ["imported ", "forgot ", "deleted "].into_iter().enumerate() {
                if let Some(n) = line.strip_prefix(word) {
                    told[at].insert(n.parse().unwrap());
                }
            }
        }
        let store = Records::open(folder.path()).unwrap();
        store.tidy().unwrap();
        assert_eq!(store.verify().unwrap(), Vec::<String>::new(), "round {round}");
        let [imported, forgot, deleted] = &told;
        let last = imported.last().copied().unwrap_or(0);
        for n in imported {
            // what the child was doing when it was killed may be done or not
            if *n == last {
                continue;
            }
            let is_there = n % 4 != 3;
            assert!(is_there || deleted.contains(n), "round {round}: {n} was deleted");
            assert_eq!(count(&store, &format!("a{n}-1")), usize::from(is_there), "round {round}, file {n}");
            let is_forgotten = forgot.contains(n) || !is_there;
            assert_eq!(count(&store, &format!("a{n}-7")), usize::from(!is_forgotten), "round {round}, file {n}");
        }
    }
    assert!(told[0].len() > 8, "the child got far enough: {}", told[0].len());
}
