//! What is decided about labels, and when they were known, in the answers that rest on them.
use athar_engine::read::{Evidence, LabelsOf, ScreenOptions, ScreenView};
use athar_engine::write::{add_label, adopt_labels, decide_label, import_labels};
use athar_engine::{
    AsOf, Category, Day, DecisionKind, Engine, LabelBasis, LabelId, Level, Options, OwnLabel, Ruling, SubjectKind,
};
use std::collections::BTreeMap;
use std::path::Path;

const GENESIS: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn screen(store: &Path, true_on: Option<&str>, known_on: Option<&str>) -> ScreenView {
    let labels_as_of = AsOf { true_on: true_on.map(day), known_on: known_on.map(day) };
    let engine = Engine::open(store, &Options { labels_as_of, ..Options::default() }).unwrap();
    engine.screen(GENESIS, &ScreenOptions::default()).unwrap()
}

fn label(store: &Path) -> LabelId {
    let view = Engine::open(store, &Options::default()).unwrap().labels(None, LabelsOf::All, 0, 10).unwrap();
    view.labels[0].id.parse().unwrap()
}

fn decide(store: &Path, kind: DecisionKind, on: &str) {
    let ruling = Ruling { kind, changes: BTreeMap::new(), reason: "he is not".into(), by: None, day: day(on) };
    decide_label(store, label(store), ruling).unwrap();
}

#[test]
fn a_screening_as_of_a_day_rests_on_what_was_true_and_known_then() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let csv = folder.path().join("labels.csv");
    let text = format!(
        "address,label,category,source,basis,valid_from\n{GENESIS},A,terrorist_financing,complaint 1,complaint,2020-01-01\n"
    );
    std::fs::write(&csv, text).unwrap();
    import_labels(&store, &[csv], day("2026-01-10"), Some("CC0".into())).unwrap();

    assert_eq!(screen(&store, None, None).risk, Level::High, "a complaint is an allegation: not severe");
    assert_eq!(screen(&store, Some("2019-12-31"), None).risk, Level::Unknown);
    assert_eq!(screen(&store, None, Some("2026-01-09")).risk, Level::Unknown, "nothing known is not `none`");
    assert_eq!(screen(&store, Some("2020-01-01"), Some("2026-01-10")).risk, Level::High);

    decide(&store, DecisionKind::Dispute, "2026-01-12");
    let disputed = screen(&store, None, None);
    assert_eq!(disputed.risk, Level::High, "a dispute lowers nothing");
    let why = |view: &ScreenView| match &view.statements[0].evidence[0] {
        Evidence::Label { disputed, .. } => disputed.clone(),
        _ => None,
    };
    assert_eq!(why(&disputed).as_deref(), Some("he is not"));
    assert_eq!(why(&screen(&store, None, Some("2026-01-11"))), None);

    decide(&store, DecisionKind::Retract, "2026-01-14");
    let now = screen(&store, None, None);
    assert_eq!((now.risk, now.statements.len()), (Level::Unknown, 0));
    let then = screen(&store, None, Some("2026-01-13"));
    assert_eq!(then.risk, Level::High);
    assert_ne!(now.snapshot, then.snapshot);

    let engine = Engine::open(&store, &Options::default()).unwrap();
    assert!(engine.labels(Some(GENESIS), LabelsOf::InUse, 0, 10).unwrap().labels.is_empty());
    let all = engine.labels(Some(GENESIS), LabelsOf::All, 0, 10).unwrap().labels;
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].retracted.as_deref(), all[0].license.as_deref()), (Some("he is not"), Some("CC0")));
    assert_eq!((all[0].known_from, all[0].alleged), (Some(day("2026-01-10")), true));
    assert_eq!(engine.status().unwrap().labels.quarantined, 0, "retracted is not quarantined");

    let mut history = Vec::new();
    engine.labels_history(&mut history).unwrap();
    let file = folder.path().join("history");
    std::fs::write(&file, history).unwrap();
    let second = folder.path().join("second");
    adopt_labels(&second, &file).unwrap();
    for known_on in [None, Some("2026-01-09"), Some("2026-01-10"), Some("2026-01-12"), Some("2026-01-13")] {
        let (here, there) = (screen(&store, None, known_on), screen(&second, None, known_on));
        assert_eq!(serde_json::to_string(&here).unwrap(), serde_json::to_string(&there).unwrap(), "{known_on:?}");
    }
}

#[test]
fn a_label_of_ones_own_is_never_severe() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let own = OwnLabel {
        subject: GENESIS.into(),
        chain: None,
        name: "Campaign".into(),
        category: Category::DonationCampaign,
        basis: LabelBasis::OwnAnalysis,
        source: "case 7".into(),
        confidence: None,
        country: None,
        actor: None,
        valid_from: None,
        valid_to: None,
        context: None,
        kind: SubjectKind::Address,
        license: None,
    };
    add_label(&store, &own, day("2026-01-10")).unwrap();
    assert_eq!(screen(&store, None, None).risk, Level::High);
}
