//! Official lists through the façade: versions and labels in one import, answers with a snapshot that covers the lists.
use athar_engine::lists::{Answer, ListStore, ReadOptions};
use athar_engine::read::{ScreenOptions, ScreenStatus, ScreenSummary, lists_diff};
use athar_engine::write::import_lists;
use athar_engine::{Day, Engine, Level, Options};
use std::fs;
use std::path::{Path, PathBuf};

const TRON: &str = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";
const BITCOIN: &str = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT";
const TODAY: Day = Day(20_000);

fn file(dir: &Path, name: &str, text: &str) -> PathBuf {
    fs::write(dir.join(name), text).unwrap();
    dir.join(name)
}

fn orders(dir: &Path) -> PathBuf {
    file(dir, "orders.csv", &format!("order,identifier,asset\nA 1/25,{TRON},\nA 1/25,104728784,\n"))
}

fn sdn(dir: &Path) -> PathBuf {
    let null = "\"-0- \",".repeat(7);
    let row = |uid: u32, program: &str, remarks: &str| {
        format!("{uid},\"EXAMPLE, Ali\",\"individual\",\"{program}\",{null}\"{remarks}\"\n")
    };
    let remarks = format!(
        "Passport X7654321 (Exampleland); Email Address a@example.org; Digital Currency Address - XBT {BITCOIN}."
    );
    file(dir, "sdn.csv", &(row(7, "SDGT", &remarks) + &row(8, "CUBA", "-0- ") + "\u{1a}\n"))
}

#[test]
fn one_import_gives_versions_and_labels_and_screening_answers_from_both() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    let files = [orders(dir.path()), sdn(dir.path())];
    let import = import_lists(&store, &files, &ReadOptions::default(), TODAY).unwrap();
    assert_eq!((import.lists.imports.len(), import.lists.refused.len(), import.labels.reports.len()), (2, 0, 2));
    let engine = Engine::open(&store, &Options::default()).unwrap();
    let screen = |text: &str| engine.screen(text, &ScreenOptions::default()).unwrap();

    let view = screen(TRON);
    assert_eq!(view.statements[0].basis.to_string(), "seizure_order");
    assert_eq!(view.statements[0].category.to_string(), "terrorist_financing");
    let view = screen(BITCOIN);
    assert_eq!((view.statements[0].basis.to_string().as_str(), view.risk), ("designation", Level::Severe));
    let view = screen("104728784");
    assert_eq!((view.kind, view.status, view.listed.len()), ("account", ScreenStatus::Unseen, 1));
    assert!(view.risk > Level::Unknown);

    // an e-mail address names one holder; the number of a passport alone does not
    let view = screen("A@example.ORG");
    assert_eq!((view.kind, view.risk, view.listed[0].found.id.as_str()), ("identifier", Level::Severe, "7"));
    let view = screen("x-765 4321");
    assert_eq!((view.kind, view.risk, view.listed[0].counts), ("identifier", Level::Unknown, false));
    assert!(view.notes[0].en.contains("compare"));
    assert_eq!(
        serde_json::to_value(ScreenSummary::from(&view)).unwrap()["notes"],
        serde_json::json!([view.notes[0].en]),
        "a summary is compared with older ones"
    );
    let view = screen("X765432");
    assert_eq!((view.status, view.risk), (ScreenStatus::Invalid, Level::Unknown));
}

#[test]
fn what_a_crash_between_the_two_commits_left_the_same_import_completes() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    let files = [orders(dir.path())];
    let mut lists = ListStore::open(store.join("lists")).unwrap();
    lists.import(&files, &ReadOptions::default(), TODAY).unwrap();
    let import = import_lists(&store, &files, &ReadOptions::default(), TODAY).unwrap();
    assert!(import.lists.imports[0].already_stored);
    let engine = Engine::open(&store, &Options::default()).unwrap();
    assert_eq!(engine.labels(None, athar_engine::read::LabelsOf::InUse, 0, 10).unwrap().total, 2);
    let again = import_lists(&store, &files, &ReadOptions::default(), TODAY).unwrap();
    assert_eq!(again.labels.reports.len(), 1);
    let engine = Engine::open(&store, &Options::default()).unwrap();
    assert_eq!(engine.labels(None, athar_engine::read::LabelsOf::InUse, 0, 10).unwrap().total, 2);
}

#[test]
fn a_newer_version_takes_the_labels_of_the_older_with_it_and_changes_the_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    let at = |day: &str| ReadOptions { as_of: day.parse().ok(), ..ReadOptions::default() };
    import_lists(&store, &[sdn(dir.path())], &at("2024-01-01"), TODAY).unwrap();
    let before = Engine::open(&store, &Options::default()).unwrap().screen("none", &ScreenOptions::default()).unwrap();
    // the entry lost its address: it must lose the label too, though the new version has no address at all
    let text = fs::read_to_string(dir.path().join("sdn.csv")).unwrap();
    let text = text.replace(&format!("; Digital Currency Address - XBT {BITCOIN}"), "");
    let newer = file(dir.path(), "sdn.csv", &text);
    import_lists(&store, &[newer], &at("2024-02-01"), TODAY).unwrap();
    let engine = Engine::open(&store, &Options::default()).unwrap();
    assert!(engine.screen(BITCOIN, &ScreenOptions::default()).unwrap().statements.is_empty());
    assert_ne!(engine.screen("none", &ScreenOptions::default()).unwrap().snapshot, before.snapshot);

    let diff = lists_diff(&store, "us-ofac-sdn@2024-01-01", "us-ofac-sdn").unwrap().diff;
    assert_eq!((diff.added.len(), diff.removed.len(), diff.changed.len(), diff.unchanged), (0, 0, 1, 1));
    assert_eq!(diff.wallets_removed[0].address, BITCOIN);
    let day = |text: &str| engine.listed_on("us-ofac-sdn", "7", text.parse().unwrap()).unwrap().listed.answer;
    assert_eq!((day("2024-02-01"), day("2024-01-15")), (Answer::Yes, Answer::Unknown));
    assert_eq!(engine.lists_find("x7654321").unwrap().found.len(), 1);
    assert!(engine.list_entry("us-ofac-sdn", "9").unwrap().is_none());
    assert_eq!(engine.lists().versions.iter().filter(|v| v.newest).count(), 1);
}
