//! The database: damage, versions, a full disk, a process that is killed at any moment.
use crate::support;

use athar_desk::{Desk, DeskError, NewSubject, SubjectKind, VaultError};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{fs, thread};
use support::{Block, Small, person};

fn new(number: u32) -> NewSubject {
    let mut new = NewSubject::new(SubjectKind::Address, "small", person(number % 200));
    new.reference = Some(format!("ref {number}"));
    new
}

fn world() -> Small {
    let mut world = Small::new(200);
    world.blocks.push(Block { payments: (0..199).map(|who| (who, who + 1)).collect(), joins: vec![] });
    world
}

#[test]
fn a_damaged_database_a_newer_one_and_a_locked_one_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path()).unwrap();
    let path = desk.path().to_path_buf();
    desk.register(&(0..500).map(new).collect::<Vec<_>>(), 1).unwrap();
    drop(desk);
    // someone writes for longer than is waited: told, and nothing is lost
    let good = fs::read(&path).unwrap();

    let other = rusqlite::Connection::open(&path).unwrap();
    other.pragma_update(None, "user_version", 99).unwrap();
    drop(other);
    let newer = Desk::open(folder.path()).unwrap_err();
    assert!(matches!(newer, DeskError::Vault(VaultError::Newer { found: 99, known: 3, .. })), "{newer}");
    assert!(newer.to_string().contains("use the newer program"));

    let _ = fs::remove_file(path.with_extension("sqlite-wal"));
    fs::write(&path, b"this is no database at all, but some text of a certain length").unwrap();
    let damaged = Desk::open(folder.path()).unwrap_err();
    assert!(matches!(damaged, DeskError::Vault(VaultError::Damaged { .. })), "{damaged}");
    assert!(damaged.to_string().contains("desk.sqlite is damaged"));

    // pages in the middle overwritten
    let mut bad = good.clone();
    let middle = bad.len() / 2;
    bad[middle..].iter_mut().take(40_000).for_each(|b| *b = 0xa5);
    fs::write(&path, bad).unwrap();
    let wrong = match Desk::open(folder.path()).and_then(|desk| desk.verify()) {
        Err(DeskError::Vault(VaultError::Damaged { .. })) => true,
        Err(other) => panic!("{other}"),
        Ok(wrong) => !wrong.is_empty(),
    };
    assert!(wrong);

    fs::write(&path, &good).unwrap();
    let desk = Desk::open(folder.path()).unwrap();
    assert_eq!(desk.counts().unwrap().subjects, 500);
    assert_eq!(desk.verify().unwrap(), Vec::<String>::new());
}

#[test]
fn a_full_disk_stores_nothing_of_what_it_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path()).unwrap();
    desk.register(&(0..100).map(new).collect::<Vec<_>>(), 1).unwrap();
    desk.limit_pages(60).unwrap();
    let full = desk.register(&(1_000..9_000).map(new).collect::<Vec<_>>(), 2).unwrap_err();
    assert!(matches!(full, DeskError::Vault(VaultError::Full { .. })), "{full}");
    assert_eq!(desk.counts().unwrap().subjects, 100);
    desk.limit_pages(1_000_000).unwrap();
    desk.register(&(1_000..9_000).map(new).collect::<Vec<_>>(), 2).unwrap();
    assert_eq!(desk.counts().unwrap().subjects, 8_100);
    assert_eq!(desk.verify().unwrap(), Vec::<String>::new());
}

#[test]
fn bad_subjects_are_named_by_field_and_none_of_the_batch_is_registered() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path()).unwrap();
    let txid = "ab".repeat(32);
    let mut bad = vec![
        ("target", NewSubject::new(SubjectKind::Address, "bitcoin", "")),
        ("target", NewSubject::new(SubjectKind::Address, "bitcoin", " 1A1z ")),
        ("target", NewSubject::new(SubjectKind::Address, "bitcoin", "a".repeat(300))),
        ("target", NewSubject::new(SubjectKind::Address, "bitcoin", "a\nb")),
        ("target", NewSubject::new(SubjectKind::Address, "bitcoin", txid.clone())),
        ("target", NewSubject::new(SubjectKind::Transaction, "bitcoin", "ab")),
        ("target", NewSubject::new(SubjectKind::Output, "bitcoin", format!("{txid}:x"))),
        ("target", NewSubject::new(SubjectKind::Output, "bitcoin", format!("{txid}:-1"))),
        ("direction", NewSubject::new(SubjectKind::Transfer, "bitcoin", format!("{txid}:0"))),
        ("chain", NewSubject::new(SubjectKind::Address, "", "1A1z")),
    ];
    let mut reference = NewSubject::new(SubjectKind::Address, "bitcoin", "1A1z");
    reference.reference = Some("r".repeat(257));
    bad.push(("reference", reference));
    for (field, subject) in bad {
        let good = NewSubject::new(SubjectKind::Address, "bitcoin", "1A1z");
        match desk.register(&[good, subject.clone()], 0).unwrap_err() {
            DeskError::Input { field: found, .. } => assert_eq!(found, field, "{subject:?}"),
            other => panic!("{other}"),
        }
    }
    let many: Vec<NewSubject> = (0..10_001).map(new).collect();
    assert!(matches!(desk.register(&many, 0), Err(DeskError::TooMany { max: 10_000, .. })));
    assert_eq!(desk.counts().unwrap().subjects, 0);
    assert!(matches!(desk.subjects(None, 0, 1_001), Err(DeskError::Input { .. })));
}

#[test]
fn pruning_keeps_the_newest_of_each_and_forgetting_leaves_nothing_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path()).unwrap();
    let mut world = world();
    let mut secret = new(7);
    secret.customer = Some("pseudonym-of-a-customer-4711".into());
    let id = desk.register(&[secret, new(8), new(100)], 1).unwrap()[0].id;
    desk.rescreen(&world, 10, &mut |_| true).unwrap();
    world.labels.insert(9, "terror".into());
    desk.rescreen(&world, 20, &mut |_| true).unwrap();
    assert_eq!(desk.counts().unwrap().screenings, 5);
    assert_eq!(desk.prune(15).unwrap(), 2, "the first ones of those who have a second");
    assert_eq!(desk.prune(100).unwrap(), 0);
    let newest: BTreeSet<i64> = desk.screenings(None, 0, 100).unwrap().rows.iter().map(|s| s.subject).collect();
    assert_eq!(newest.len(), 3);
    assert_eq!(desk.verify().unwrap(), Vec::<String>::new());

    let holds = |text: &str| {
        fs::read_dir(desk.path().parent().unwrap()).unwrap().any(|file| {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            bytes.windows(text.len()).any(|w| w == text.as_bytes())
        })
    };
    assert!(holds("pseudonym-of-a-customer-4711"));
    desk.forget(id).unwrap();
    assert!(!holds("pseudonym-of-a-customer-4711"));
    assert!(desk.subject(id).unwrap().is_none());
    assert!(desk.screenings(Some(id), 0, 10).unwrap().rows.is_empty());
    assert!(matches!(desk.forget(id), Err(DeskError::Unknown { .. })));
    assert_eq!(desk.verify().unwrap(), Vec::<String>::new());
    // another subject is never given its number
    assert!(desk.register(&[new(9)], 30).unwrap()[0].id > 3);
}

/// Writes without end: registers, screens, lets the world change. Says each number that was registered once it was told.
#[test]
#[ignore = "a part of the test below, run as a process of its own and killed"]
fn child_writes() {
    let folder = std::env::var("ATHAR_TEST_FOLDER").unwrap();
    let desk = Desk::open(Path::new(&folder)).unwrap();
    let from: u32 = std::env::var("ATHAR_TEST_FROM").unwrap().parse().unwrap();
    let mut world = world();
    for round in 0.. {
        let first = from + round * 10;
        for r in desk.register(&(first..first + 10).map(new).collect::<Vec<_>>(), 1).unwrap() {
            println!("\nregistered {}", r.id);
        }
        world.labels.insert((first / 10) % 200, if round % 2 == 0 { "terror" } else { "shop" }.into());
        desk.rescreen(&world, 1, &mut |_| true).unwrap();
    }
}

#[test]
fn nothing_that_was_answered_is_lost_however_often_the_writer_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let kills = std::env::var("ATHAR_DESK_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(12_u32);
    let mut told: BTreeSet<i64> = BTreeSet::new();
    for kill in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "storage::child_writes", "--ignored", "--nocapture"])
            .env("ATHAR_TEST_FOLDER", folder.path())
            .env("ATHAR_TEST_FROM", (kill * 100_000).to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = child.stdout.take().unwrap();
        let reader = thread::spawn(move || {
            let lines = BufReader::new(out).lines().map_while(Result::ok);
            lines.filter_map(|line| line.strip_prefix("registered ")?.parse().ok()).collect::<Vec<i64>>()
        });
        thread::sleep(Duration::from_millis(150 + u64::from(kill * 37 % 300)));
        child.kill().unwrap();
        child.wait().unwrap();
        let now = reader.join().unwrap();
        told.extend(now);
        let desk = Desk::open(folder.path()).unwrap();
        assert_eq!(desk.verify().unwrap(), Vec::<String>::new(), "after kill {kill}");
        let mut kept = BTreeSet::new();
        let mut after = 0;
        loop {
            let page = desk.subjects(None, after, 1_000).unwrap();
            kept.extend(page.rows.iter().map(|s| s.id));
            match page.next {
                Some(next) => after = next,
                None => break,
            }
        }
        let lost: Vec<_> = told.difference(&kept).collect();
        assert!(lost.is_empty(), "lost after kill {kill}: {lost:?}");
    }
    assert!(told.len() > 10, "the writer got to write: {}", told.len());
    // and a run after all that brings everybody up to date
    let desk = Desk::open(folder.path()).unwrap();
    let done = desk.rescreen(&world(), 2, &mut |_| true).unwrap();
    assert_eq!((done.failed, desk.counts().unwrap().queued), (0, 0));
}
