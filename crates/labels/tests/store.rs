//! The store: what is kept, what is superseded, what survives a crash or damage.

use crate::common;

use athar_labels::{LabelError, LabelStore, Outcome};
use athar_types::Chain;
use common::{Bed, GENESIS, P2SH, SEGWIT, TRON, day};
use std::fs;

fn table(rows: &[(&str, &str)]) -> String {
    let rows: String =
        rows.iter().map(|(address, name)| format!("{address},{name},exchange,s\n")).collect::<Vec<_>>().concat();
    format!("address,label,category,source\n{rows}")
}

fn pack(title: &str, lastmod: &str, address: &str) -> String {
    format!(
        "title: {title}\ncreator: C\nlastmod: {lastmod}\ncurrency: BTC\nlabel: {title} {lastmod}\nsource: s\nconfidence: forensic\ntags:\n- address: {address}\n"
    )
}

fn names(store: &LabelStore, address: &str) -> Vec<String> {
    store.lookup(Chain::Bitcoin, address).map(|l| l.name.clone()).collect()
}

#[test]
fn a_store_that_does_not_exist_is_empty_and_opening_it_writes_nothing() {
    let bed = Bed::new();
    let store = bed.open();
    assert!(store.is_empty() && store.history().is_empty());
    assert!(store.lookup(Chain::Bitcoin, GENESIS).is_empty());
    assert!(!bed.dir().exists());
}

#[test]
fn what_was_imported_is_there_after_reopening() {
    let bed = Bed::new();
    let (store, _) = bed.read("a.csv", table(&[(GENESIS, "one"), (GENESIS, "two"), (SEGWIT, "three")]));
    let again = bed.open();
    assert!(store.iter().eq(again.iter()));
    assert_eq!(
        (names(&again, GENESIS), names(&again, SEGWIT)),
        (vec!["one".into(), "two".into()], vec!["three".into()])
    );
    assert!(again.lookup(Chain::BitcoinCash, GENESIS).is_empty(), "a label belongs to its chain");
    assert!(again.lookup(Chain::Bitcoin, P2SH).is_empty());
    assert_eq!(store.version(), again.version());
    again.verify().unwrap();
}

#[test]
fn the_same_file_again_changes_nothing_and_says_so() {
    let bed = Bed::new();
    let (mut store, _) = bed.read("a.csv", table(&[(GENESIS, "one")]));
    let before = fs::read(bed.dir().join("manifest.json")).unwrap();
    let outcome = bed.import(&mut store, "a.csv", table(&[(GENESIS, "one")]));
    assert_eq!(outcome.reports[0].outcome, Outcome::AlreadyStored);
    assert!(outcome.reports[0].to_string().contains("nothing changed"));
    assert_eq!(fs::read(bed.dir().join("manifest.json")).unwrap(), before);
    assert_eq!((store.len(), store.history().len()), (1, 1));
}

#[test]
fn a_newer_version_supersedes_the_older_one_and_both_are_kept() {
    let mut bed = Bed::new();
    let mut store = bed.open();
    bed.import(&mut store, "p.yaml", pack("A", "2020-01-01", GENESIS));
    bed.import(&mut store, "q.yaml", pack("B", "2020-01-01", GENESIS));
    bed.options.day = day("2026-02-02");
    let outcome = bed.import(&mut store, "p.yaml", pack("A", "2021-01-01", P2SH));
    let old = store.history()[0].clone();
    assert_eq!(
        (outcome.reports[0].outcome.clone(), &outcome.reports[0].supersedes[..]),
        (Outcome::Stored, &[old.pack][..])
    );
    assert_eq!((old.known_from, old.known_to), (day("2026-01-01"), Some(day("2026-02-02"))));
    assert_eq!(old.superseded_by, Some(outcome.reports[0].pack));
    for store in [&store, &bed.open()] {
        assert_eq!(names(store, GENESIS), ["B 2020-01-01"], "another pack is not touched");
        assert_eq!(names(store, P2SH), ["A 2021-01-01"]);
        let kept = store.pack(old.pack).unwrap();
        assert_eq!(kept.labels[0].name, "A 2020-01-01", "nothing is overwritten");
        store.verify().unwrap();
    }
}

#[test]
fn an_older_version_that_comes_later_is_history_at_once() {
    let bed = Bed::new();
    let mut store = bed.open();
    bed.import(&mut store, "a.yaml", pack("A", "2021-01-01", P2SH));
    let version = store.version();
    for expected in [Outcome::StoredAsHistory, Outcome::AlreadyStored] {
        let outcome = bed.import(&mut store, "a.yaml", pack("A", "2020-01-01", GENESIS));
        assert_eq!(outcome.reports[0].outcome, expected);
    }
    assert_eq!((store.len(), store.version(), store.history().len()), (1, version, 2));
    assert!(store.lookup(Chain::Bitcoin, GENESIS).is_empty());
}

#[test]
fn a_file_without_a_date_supersedes_its_namesake_and_can_come_back() {
    let bed = Bed::new();
    let mut store = bed.open();
    for (name, expected) in [("one", 1), ("two", 2), ("one", 3)] {
        let outcome = bed.import(&mut store, "a.csv", table(&[(GENESIS, name)]));
        assert_eq!(outcome.reports[0].outcome, Outcome::Stored);
        assert_eq!((names(&store, GENESIS), store.history().len()), (vec![name.into()], expected));
    }
    assert_eq!(names(&bed.open(), GENESIS), ["one"]);
    assert_eq!(store.history().iter().filter(|e| e.is_live()).count(), 1);
}

#[test]
fn packs_of_one_title_in_several_files_stand_beside_one_another() {
    let bed = Bed::new();
    let mut store = bed.open();
    bed.import(&mut store, "january.yaml", pack("A", "2021-01-31", GENESIS));
    let outcome = bed.import(&mut store, "february.yaml", pack("A", "2021-02-28", P2SH));
    assert_eq!((store.len(), outcome.reports[0].namesakes.len()), (2, 1));
    // and so do packs that have no title at all
    let untitled =
        |a: &str| format!("currency: BTC\nlabel: l\nsource: s\nconfidence: forensic\ntags:\n- address: {a}\n");
    bed.import(&mut store, "x/p.yaml", untitled(SEGWIT));
    bed.import(&mut store, "y/p.yaml", untitled(GENESIS));
    assert_eq!(store.len(), 4);
}

#[test]
fn tables_of_one_name_at_two_places_do_not_hide_each_other() {
    let bed = Bed::new();
    let mut store = bed.open();
    let paths = [bed.file("x/a.csv", table(&[(GENESIS, "one")])), bed.file("y/a.csv", table(&[(P2SH, "two")]))];
    let outcome = store.import(&paths, &bed.options).unwrap();
    assert_eq!((store.len(), &outcome.reports[1].namesakes[..]), (2, &[outcome.reports[0].pack][..]));
    assert!(outcome.reports[1].to_string().contains("stays in use beside it"));
    // unless the user says that they are versions of one thing
    let mut named = bed.options.clone();
    named.series = Some("ours".into());
    for (path, name) in paths.iter().zip(["one", "two"]) {
        let rows = format!("address,label,category,source\n{GENESIS},{name} of ours,exchange,s\n");
        fs::write(path, rows).unwrap();
        store.import(&[path], &named).unwrap();
    }
    assert_eq!(store.iter().filter(|l| l.name.ends_with("of ours")).count(), 1);
}

#[test]
fn versions_of_one_list_in_two_formats_supersede_each_other_by_their_day() {
    let bed = Bed::new();
    let mut store = bed.open();
    bed.import(&mut store, "2024-09-27/sanctioned_addresses_XBT.json", format!("[\"{GENESIS}\"]"));
    bed.import(&mut store, "2024-09-27/sanctioned_addresses_TRX.json", format!("[\"{TRON}\"]"));
    assert_eq!(store.len(), 2, "the parts of one day stand beside one another");
    let csv = format!("address,ofac_currency,sdn_uid,entity,programs\n{TRON},TRX,1,E,SDGT\n");
    let outcome = bed.import(&mut store, "ofac_2026-08-20.csv", csv);
    assert_eq!(outcome.reports[0].supersedes.len(), 2);
    assert!(store.lookup(Chain::Bitcoin, GENESIS).is_empty(), "no longer on the newest list");
    assert_eq!(store.lookup(Chain::Tron, TRON).count(), 1);
}

#[test]
fn the_version_depends_on_the_labels_in_use_and_not_on_order_or_day_of_import() {
    let (a, b) = (pack("A", "2020-01-01", GENESIS), pack("B", "2020-01-01", P2SH));
    let one = Bed::new();
    let mut first = one.open();
    let empty = first.version();
    one.import(&mut first, "a.yaml", &a);
    let only_a = first.version();
    one.import(&mut first, "b.yaml", &b);
    let mut two = Bed::new();
    two.options.day = day("2030-12-31");
    let mut second = two.open();
    two.import(&mut second, "sub/b.yaml", &b);
    two.import(&mut second, "a.yaml", &a);
    assert_eq!(first.version(), second.version());
    assert!(first.iter().eq(second.iter()), "and the labels come in the same order");
    assert!(only_a != first.version() && only_a != empty);
}

#[test]
fn a_damaged_pack_or_manifest_is_named() {
    let bed = Bed::new();
    let (store, _) = bed.read("a.csv", table(&[(GENESIS, "one")]));
    let pack = bed.dir().join("packs").join(format!("{}.jsonl", store.history()[0].pack));
    let good = fs::read(&pack).unwrap();
    let mut bad = good.clone();
    let last = bad.len() - 3;
    bad[last] ^= 1;
    fs::write(&pack, &bad).unwrap();
    let error = LabelStore::open(bed.dir()).unwrap_err();
    assert!(matches!(&error, LabelError::Corrupt { path, .. } if *path == pack), "{error}");
    assert!(store.verify().is_err());
    fs::write(&pack, &good[..good.len() - 1]).unwrap();
    assert!(matches!(LabelStore::open(bed.dir()), Err(LabelError::Corrupt { .. })));
    fs::remove_file(&pack).unwrap();
    assert!(matches!(LabelStore::open(bed.dir()), Err(LabelError::Io { path, .. }) if path == pack));
    fs::write(&pack, &good).unwrap();
    bed.open();

    let manifest = bed.dir().join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    for bad in [text.replace("\"accepted\": 1", "\"accepted\": 2"), text[..40].to_owned(), String::new()] {
        fs::write(&manifest, bad).unwrap();
        let error = LabelStore::open(bed.dir()).unwrap_err();
        assert!(matches!(&error, LabelError::Corrupt { path, .. } if *path == manifest), "{error}");
    }
}

#[test]
fn an_import_that_died_before_its_commit_leaves_the_old_store_and_can_be_repeated() {
    let bed = Bed::new();
    let (store, _) = bed.read("a.csv", table(&[(GENESIS, "one")]));
    let version = store.version();
    // the state after a crash between the packs and the manifest: packs that nobody names, half-written files
    let other = Bed::new();
    let (late, _) = other.read("b.csv", table(&[(P2SH, "late")]));
    let name = format!("{}.jsonl", late.history()[0].pack);
    let written = fs::read(other.dir().join("packs").join(&name)).unwrap();
    for cut in [0, 1, written.len() / 2, written.len()] {
        fs::write(bed.dir().join("packs").join(&name), &written[..cut]).unwrap();
        fs::write(bed.dir().join("packs").join(name.replace("jsonl", "new")), &written[..cut]).unwrap();
        fs::write(bed.dir().join("manifest.new"), "half").unwrap();
        assert_eq!(bed.open().version(), version);
    }
    fs::write(bed.dir().join("packs").join(&name), &written[..written.len() / 2]).unwrap();
    let mut store = bed.open();
    bed.import(&mut store, "b.csv", table(&[(P2SH, "late")]));
    assert_eq!(names(&bed.open(), P2SH), ["late"]);
}

#[test]
fn a_store_that_cannot_be_written_stays_as_it_was() {
    let bed = Bed::new();
    let (mut store, _) = bed.read("a.csv", table(&[(GENESIS, "one")]));
    let version = store.version();
    let packs = bed.dir().join("packs");
    fs::rename(&packs, bed.dir().join("aside")).unwrap();
    fs::write(&packs, "a file where the folder should be").unwrap();
    let error = store.import(&[bed.file("b.csv", table(&[(P2SH, "late")]))], &bed.options).unwrap_err();
    assert!(matches!(&error, LabelError::Io { path, .. } if path.starts_with(&packs)), "{error}");
    assert_eq!((store.version(), store.len()), (version, 1));
    fs::remove_file(&packs).unwrap();
    fs::rename(bed.dir().join("aside"), &packs).unwrap();
    assert_eq!(bed.open().version(), version);
}

#[test]
fn the_user_may_name_series_day_and_licence() {
    let mut bed = Bed::new();
    bed.options.series = Some("ours".into());
    bed.options.as_of = Some(day("2025-05-05"));
    bed.options.license = Some("CC0-1.0".into());
    let (store, report) = bed.read("a.csv", table(&[(GENESIS, "one")]));
    assert_eq!((report.series.as_str(), report.as_of), ("ours", Some(day("2025-05-05"))));
    let label = store.iter().next().unwrap();
    assert_eq!((label.pack.license.as_deref(), label.pack.source_hash.len()), (Some("CC0-1.0"), 64));
    let json = serde_json::to_value(label).unwrap();
    assert_eq!(
        (json["chain"].as_str(), json["text"].as_str(), json["status"].as_str()),
        (Some("bitcoin"), Some(GENESIS), Some("accepted"))
    );
    assert_eq!((json["pack_as_of"].as_str(), json["line"].as_u64()), (Some("2025-05-05"), Some(2)));
}
