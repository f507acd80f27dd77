//! Decisions about labels, the two axes of time, and the history as a file that carries both.
use crate::common;

use athar_labels::{
    AsOf, ConflictKind, DecisionKind, Field, Label, LabelId, LabelStore, OwnLabel, Ruling, SubjectKind,
};
use athar_types::{Basis, Category, Chain, Day};
use common::{Bed, GENESIS, P2SH, SEGWIT, day};
use std::collections::BTreeMap;
use std::path::PathBuf;

const HEAD: &str = "address,label,category,source,basis,valid_from,valid_to\n";

fn row(address: &str, label: &str, category: &str, basis: &str, dates: &str) -> String {
    format!("{address},{label},{category},https://example.org,{basis},{dates}\n")
}

fn ruling(kind: DecisionKind, on: &str) -> Ruling {
    Ruling { kind, changes: BTreeMap::new(), reason: "wrong person".into(), by: Some("Amal".into()), day: day(on) }
}

fn id(store: &LabelStore, address: &str) -> LabelId {
    store.iter().find(|l| &*l.text == address).unwrap().id()
}

fn names(store: &LabelStore, address: &str) -> Vec<String> {
    store.lookup(Chain::Bitcoin, address).map(|l| l.name.clone()).collect()
}

fn at(store: &LabelStore, true_on: Option<&str>, known_on: Option<&str>) -> LabelStore {
    store.as_of(AsOf { true_on: true_on.map(day), known_on: known_on.map(day) }).unwrap()
}

/// A list of two versions, the second without its first entry.
fn two_versions() -> (Bed, LabelStore) {
    let mut bed = Bed::new();
    let mut store = bed.open();
    let first = row(GENESIS, "One", "sanctioned", "designation", ",");
    let second = row(SEGWIT, "Two", "sanctioned", "designation", "2020-01-01,2021-01-01");
    bed.import(&mut store, "list.csv", format!("{HEAD}{first}{second}"));
    bed.options.day = day("2026-03-01");
    bed.import(&mut store, "list.csv", format!("{HEAD}{second}"));
    (bed, store)
}

#[test]
fn what_was_known_and_what_was_true_are_asked_apart() {
    let (_bed, store) = two_versions();
    assert!(names(&store, GENESIS).is_empty());
    assert_eq!(names(&at(&store, None, Some("2026-02-28")), GENESIS), ["One"]);
    assert!(names(&at(&store, None, Some("2026-03-01")), GENESIS).is_empty(), "the end of the day counts");
    assert!(at(&store, None, Some("2025-12-31")).is_empty(), "nothing was imported yet");
    for (true_on, holds) in [("2019-12-31", false), ("2020-01-01", true), ("2021-01-01", true), ("2021-01-02", false)] {
        assert_eq!(!names(&at(&store, Some(true_on), None), SEGWIT).is_empty(), holds, "{true_on}");
    }
    let both = at(&store, Some("2022-01-01"), Some("2026-02-01"));
    assert_eq!((names(&both, GENESIS), names(&both, SEGWIT)), (vec!["One".to_owned()], vec![]), "no date: holds");
    let versions = [
        store.version(),
        at(&store, None, Some("2026-02-01")).version(),
        at(&store, Some("2020-06-01"), None).version(),
        at(&store, Some("2020-06-01"), Some("2026-02-01")).version(),
    ];
    assert!((0..4).all(|i| (0..i).all(|j| versions[i] != versions[j])), "each answer has its own version");
    assert!(at(&store, None, Some("2026-02-01")).import::<PathBuf>(&[], &Bed::new().options).is_err());
}

#[test]
fn a_retracted_label_is_not_used_from_its_day_on_and_stays_as_history() {
    let bed = Bed::new();
    let mut store = bed.open();
    bed.import(&mut store, "a.csv", format!("{HEAD}{}", row(GENESIS, "A", "scam", "", ",")));
    let (label, version) = (id(&store, GENESIS), store.version());
    let decision = store.decide_on(label, ruling(DecisionKind::Retract, "2026-02-01")).unwrap();
    for store in [&store, &bed.open()] {
        assert!(names(store, GENESIS).is_empty());
        let kept = store.of_id(label).next().unwrap();
        assert!(kept.is_retracted() && !kept.is_accepted());
        assert_eq!(kept.decided.as_ref().unwrap().retracted, Some(decision.clone()));
        assert_eq!(serde_json::to_value(kept).unwrap()["status"], "retracted");
        assert_eq!(names(&at(store, None, Some("2026-01-31")), GENESIS), ["A"], "it was used then");
        assert!(names(&at(store, None, Some("2026-02-01")), GENESIS).is_empty());
        assert_ne!(store.version(), version);
        store.verify().unwrap();
    }
    store.decide_on(label, ruling(DecisionKind::Restore, "2026-02-02")).unwrap();
    assert_eq!(names(&bed.open(), GENESIS), ["A"]);
    assert_eq!(store.decisions().len(), 2, "nothing is overwritten");
}

#[test]
fn a_retraction_outlives_the_next_version_of_its_list_and_stops_at_another_statement() {
    let mut bed = Bed::new();
    let mut store = bed.open();
    let said = row(GENESIS, "A", "scam", "", ",");
    bed.import(&mut store, "a.csv", format!("{HEAD}{said}"));
    let label = id(&store, GENESIS);
    store.decide_on(label, ruling(DecisionKind::Retract, "2026-02-01")).unwrap();
    bed.options.day = day("2026-03-01");
    bed.import(&mut store, "a.csv", format!("{HEAD}{}{said}", row(SEGWIT, "B", "scam", "", ",")));
    assert!(names(&store, GENESIS).is_empty(), "the next version says the same");
    bed.import(&mut store, "a.csv", format!("{HEAD}{}", row(GENESIS, "A", "sanctioned", "designation", ",")));
    assert_eq!(names(&store, GENESIS), ["A"], "a designation is another statement");
    bed.import(&mut store, "other.csv", format!("{HEAD}{said}"));
    assert_eq!(names(&store, GENESIS).len(), 2, "so is what another source says");
}

#[test]
fn a_disputed_label_keeps_its_level_and_is_shown_as_disputed() {
    let bed = Bed::new();
    let mut store = bed.open();
    bed.import(&mut store, "a.csv", format!("{HEAD}{}", row(GENESIS, "A", "scam", "", ",")));
    let label = id(&store, GENESIS);
    let level = |l: &Label| l.level(athar_types::Relation::Ownership);
    let before = level(store.iter().next().unwrap());
    store.decide_on(label, ruling(DecisionKind::Dispute, "2026-02-01")).unwrap();
    let disputed = store.lookup(Chain::Bitcoin, GENESIS).next().unwrap();
    assert!(disputed.is_disputed() && disputed.is_accepted());
    assert_eq!(level(disputed), before);
    assert_eq!(serde_json::to_value(disputed).unwrap()["disputed"], "wrong person");
    assert_eq!(store.conflicts()[0].kind, ConflictKind::Disputed);
    store.decide_on(label, ruling(DecisionKind::Undispute, "2026-02-01")).unwrap();
    assert!(!store.iter().next().unwrap().is_disputed());
}

#[test]
fn a_correction_keeps_what_was_said_and_cannot_make_it_worse() {
    let bed = Bed::new();
    let mut store = bed.open();
    bed.import(&mut store, "a.csv", format!("{HEAD}{}", row(GENESIS, "Shop", "gambling", "", "2020-01-01,")));
    let label = id(&store, GENESIS);
    let correct = |changes: &[(Field, Option<&str>)]| {
        let changes = changes.iter().map(|(f, v)| (*f, v.map(str::to_owned))).collect();
        Ruling { changes, ..ruling(DecisionKind::Correct, "2026-02-01") }
    };
    let version = store.version();
    for (changes, why) in [
        (&[(Field::Category, Some("terrorist_financing"))][..], "weigh more"),
        (&[(Field::Category, Some("nonsense"))][..], "nonsense"),
        (&[(Field::Name, None)][..], "needs a name"),
        (&[(Field::ValidTo, Some("2019-01-01"))][..], "before it begins"),
        (&[(Field::ValidFrom, Some("soon"))][..], "YYYY-MM-DD"),
        (&[(Field::Name, Some("Shop"))][..], "already"),
    ] {
        let error = store.decide_on(label, correct(changes)).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    assert_eq!((store.version(), store.decisions().len()), (version, 0), "nothing changed");
    let changes = [(Field::Name, Some("The Shop")), (Field::Category, Some("merchant")), (Field::ValidFrom, None)];
    store.decide_on(label, correct(&changes)).unwrap();
    for store in [&store, &bed.open()] {
        let new = store.lookup(Chain::Bitcoin, GENESIS).next().unwrap();
        assert_eq!((&*new.name, new.category, new.valid_from), ("The Shop", Category::Merchant, None));
        assert_eq!((&*new.as_said().name, new.as_said().category), ("Shop", Category::Gambling));
        assert_eq!(new.id(), label, "its identity stays");
        assert_eq!(names(&at(store, None, Some("2026-01-31")), GENESIS), ["Shop"]);
    }
}

#[test]
fn decisions_that_say_nothing_are_refused() {
    let bed = Bed::new();
    let mut store = bed.open();
    bed.import(&mut store, "a.csv", format!("{HEAD}{}", row(GENESIS, "A", "scam", "", ",")));
    let label = id(&store, GENESIS);
    let mut refused = |id: LabelId, ruling| store.decide_on(id, ruling).unwrap_err().to_string();
    let unreasoned = Ruling { reason: " ".into(), ..ruling(DecisionKind::Retract, "2026-02-01") };
    assert!(refused(label, unreasoned).contains("needs a reason"));
    let nobody = "00000000000000000000000000000000".parse().unwrap();
    assert!(refused(nobody, ruling(DecisionKind::Retract, "2026-02-01")).contains("no label in use"));
    assert!(refused(label, ruling(DecisionKind::Restore, "2026-02-01")).contains("not retracted"));
    assert!(refused(label, ruling(DecisionKind::Undispute, "2026-02-01")).contains("not disputed"));
    store.decide_on(label, ruling(DecisionKind::Dispute, "2026-02-02")).unwrap();
    let error = store.decide_on(label, ruling(DecisionKind::Retract, "2026-02-01")).unwrap_err().to_string();
    assert!(error.contains("before that of the last decision"), "{error}");
}

#[test]
fn a_damaged_decision_is_named_and_an_unlisted_one_ignored() {
    let bed = Bed::new();
    let mut store = bed.open();
    bed.import(&mut store, "a.csv", format!("{HEAD}{}", row(GENESIS, "A", "scam", "", ",")));
    let label = id(&store, GENESIS);
    std::fs::create_dir_all(bed.dir().join("decisions")).unwrap();
    std::fs::write(bed.dir().join("decisions/000001.json"), "half a dec").unwrap();
    assert_eq!(names(&bed.open(), GENESIS), ["A"]);
    store.decide_on(label, ruling(DecisionKind::Retract, "2026-02-01")).unwrap();
    assert!(names(&bed.open(), GENESIS).is_empty());
    std::fs::write(bed.dir().join("decisions/000001.json"), "{}\n").unwrap();
    let error = LabelStore::open(bed.dir()).unwrap_err().to_string();
    assert!(error.contains("000001.json") && error.contains("does not match"), "{error}");
}

fn own(subject: &str) -> OwnLabel {
    OwnLabel {
        subject: subject.into(),
        chain: None,
        name: "=Campaign".into(),
        category: Category::DonationCampaign,
        basis: Basis::OwnAnalysis,
        source: "case 7".into(),
        confidence: Some("forensic".into()),
        country: None,
        actor: None,
        valid_from: Some(day("2024-01-01")),
        valid_to: None,
        context: None,
        kind: SubjectKind::Address,
        license: None,
    }
}

#[test]
fn a_label_of_ones_own_is_checked_like_any_other() {
    let bed = Bed::new();
    let mut store = bed.open();
    store.add(&own(GENESIS), &bed.options).unwrap();
    let label = store.lookup(Chain::Bitcoin, GENESIS).next().unwrap();
    assert_eq!(
        (&*label.name, label.basis, label.valid_from),
        ("=Campaign", Basis::OwnAnalysis, Some(day("2024-01-01")))
    );
    assert_ne!(label.level(athar_types::Relation::Ownership), athar_types::Level::Severe);
    let version = store.version();
    store.add(&own(GENESIS), &bed.options).unwrap();
    assert_eq!((store.len(), store.version()), (1, version), "the same again is no second statement");
    let mut refused = |own: &OwnLabel| store.add(own, &bed.options).unwrap_err().to_string();
    assert!(refused(&OwnLabel { source: String::new(), ..own(GENESIS) }).contains("source"));
    assert!(!refused(&own("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb")).is_empty());
    assert_eq!((store.len(), store.version(), bed.open().len()), (1, version, 1));
}

#[test]
fn the_history_gives_another_store_the_same_answers_as_of_every_day() {
    let (bed, mut store) = two_versions();
    let label = id(&store, SEGWIT);
    store.decide_on(label, ruling(DecisionKind::Dispute, "2026-03-05")).unwrap();
    store.decide_on(label, ruling(DecisionKind::Retract, "2026-03-07")).unwrap();
    store.add(&own(P2SH), &bed.options).unwrap();
    let mut file = Vec::new();
    store.export_history(&mut file).unwrap();
    let folder = bed.folder.path().to_string_lossy().into_owned();
    assert!(!String::from_utf8_lossy(&file).contains(&folder), "no place on this machine leaves it");

    let other = Bed::new();
    let mut copy = other.open();
    let report = copy.import_history(&other.file("history", &file)).unwrap();
    assert_eq!((report.imports, report.decisions, report.known), (3, 2, 0));
    assert_eq!(copy.history_version(), store.history_version());
    for offset in 0..120 {
        let on = Day(day("2025-12-15").0 + offset);
        let as_of = AsOf { known_on: Some(on), true_on: None };
        let (here, there) = (store.as_of(as_of).unwrap(), copy.as_of(as_of).unwrap());
        let flat = |s: &LabelStore| s.iter().map(|l| serde_json::to_string(l).unwrap()).collect::<Vec<_>>();
        assert_eq!(flat(&here), flat(&there), "{on}");
        assert_eq!(here.version(), there.version(), "{on}");
    }
    let report = copy.import_history(&other.file("history", &file)).unwrap();
    assert_eq!((report.imports, report.decisions, report.known), (0, 0, 5), "twice is once");
    let mut back = Vec::new();
    copy.export_history(&mut back).unwrap();
    assert_eq!(back, file, "the same bytes from the copy");
    assert_eq!(store.import_history(&bed.file("back", &back)).unwrap().known, 5, "and it comes home");
}

#[test]
fn a_history_that_goes_on_is_taken_up_and_one_that_contradicts_is_refused_whole() {
    let mut bed = Bed::new();
    bed.options.series = Some("the-list".into());
    let mut store = bed.open();
    bed.import(&mut store, "a.yaml", "title: A\ncreator: c\nlastmod: 2020-01-01\ntags: []\n");
    let mut early = Vec::new();
    store.export_history(&mut early).unwrap();
    let other = Bed::new();
    let mut copy = other.open();
    copy.import_history(&other.file("early", &early)).unwrap();
    bed.options.day = day("2026-02-02");
    bed.import(&mut store, "a.yaml", "title: A\ncreator: c\nlastmod: 2021-01-01\ntags: []\n");
    let mut late = Vec::new();
    store.export_history(&mut late).unwrap();
    assert_eq!(copy.import_history(&other.file("late", &late)).unwrap().imports, 1);
    assert_eq!(copy.history_version(), store.history_version());

    let mut third = Bed::new();
    third.options.series = bed.options.series.clone();
    let mut rival = third.open();
    third.import(&mut rival, "a.yaml", "title: A\ncreator: c\nlastmod: 2020-06-01\ntags: []\n");
    let before = rival.history_version();
    let error = rival.import_history(&third.file("late", &late)).unwrap_err().to_string();
    assert!(error.contains("late") && error.contains("contradict"), "{error}");
    assert_eq!((rival.history_version(), third.open().history_version()), (before, before));
}

#[test]
fn a_damaged_history_is_refused_whole() {
    let (bed, store) = two_versions();
    let mut file = Vec::new();
    store.export_history(&mut file).unwrap();
    let other = Bed::new();
    let mut copy = other.open();
    for cut in [0, 10, file.len() / 2, file.len() - 1] {
        let error = copy.import_history(&other.file("cut", &file[..cut])).unwrap_err().to_string();
        assert!(error.contains("cut") && error.contains("line 1"), "{error}");
    }
    let at = file.len() - 20;
    file[at] ^= 1;
    let error = copy.import_history(&other.file("flipped", &file)).unwrap_err().to_string();
    assert!(error.contains("checksum"), "{error}");
    assert!(copy.is_empty() && other.open().history().is_empty());
    drop(bed);
}

#[test]
fn contradictions_about_a_subject_are_reported_with_both_sides_in_a_fixed_order() {
    let bed = Bed::new();
    let mut store = bed.open();
    let a = [
        row(GENESIS, "Kraken", "exchange", "", ","),
        row(SEGWIT, "One", "sanctioned", "designation", "2020-01-01,2021-01-01"),
        row(P2SH, "a donor", "user", "", ","),
    ];
    let b = [
        row(GENESIS, "Binance", "exchange", "", ","),
        row(GENESIS, "kraken", "scam", "", ","),
        row(SEGWIT, "One", "sanctioned", "designation", "2022-01-01,"),
        row(P2SH, "a buyer", "user", "", ","),
    ];
    bed.import(&mut store, "a.csv", format!("{HEAD}{}", a.concat()));
    bed.import(&mut store, "b.csv", format!("{HEAD}{}", b.concat()));
    let found = store.conflicts();
    let kinds: Vec<_> = found.iter().map(|c| (c.text, c.kind, c.labels.len())).collect();
    assert_eq!(
        kinds,
        [(GENESIS, ConflictKind::Owner, 2), (GENESIS, ConflictKind::Risk, 3), (SEGWIT, ConflictKind::Designation, 2)]
    );
    assert_eq!(found, bed.open().conflicts());
}

#[test]
fn own_labels_of_transactions_and_accounts_and_corrections_of_source_and_confidence() {
    let bed = Bed::new();
    let mut store = bed.open();
    let account = OwnLabel { kind: SubjectKind::Account, license: Some("CC0".into()), ..own("00417") };
    store.add(&account, &bed.options).unwrap();
    let transaction = OwnLabel { kind: SubjectKind::Transaction, chain: Some("bitcoin".into()), ..own(common::TXID) };
    store.add(&transaction, &bed.options).unwrap();
    assert!(store.add(&OwnLabel { subject: "no id".into(), ..transaction }, &bed.options).is_err());
    assert!(store.add(&OwnLabel { subject: " ".into(), ..account }, &bed.options).is_err());
    let store = bed.open();
    assert_eq!(store.len(), 2);
    assert_eq!(store.lookup_transaction(Chain::Bitcoin, common::TXID).count(), 1);
    let label = store.lookup_account("00417").next().unwrap();
    assert_eq!(label.license(), Some("CC0"));
    let (id, mut store) = (label.id(), bed.open());
    let correct = |field, value: &str| Ruling {
        kind: DecisionKind::Correct,
        changes: [(field, Some(value.to_owned()).filter(|v| !v.is_empty()))].into(),
        reason: "r".into(),
        by: None,
        day: day("2026-01-02"),
    };
    assert!(store.decide_on(id, correct(Field::Source, "")).is_err());
    assert!(store.decide_on(id, correct(Field::Confidence, "very")).is_err());
    store.decide_on(id, correct(Field::Source, "order 5/24")).unwrap();
    store.decide_on(id, correct(Field::Confidence, "40")).unwrap();
    let store = bed.open();
    let label = store.lookup_account("00417").next().unwrap();
    assert_eq!((label.source.as_deref(), label.confidence.as_ref().unwrap().level), (Some("order 5/24"), Some(40)));
    assert_eq!((label.id(), label.as_said().source.as_deref()), (id, own("").source.as_str().into()));
}
