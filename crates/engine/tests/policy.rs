//! Policies on a simulated world: what they say against the screening and the simulator's own record.
use athar_engine::policy::{Mode, Node, Policy, Truth, shipped};
use athar_engine::read::{AssessOptions, AssessedScreenView, BacktestOptions, PolicySet, backtest, policies};
use athar_engine::write::{IngestSettings, PolicyChange, change_policy, import_labels, import_prices, ingest_bitcoin};
use athar_engine::{Clustering, Day, Engine, Level, Options, PricesOptions};
use athar_simulate::{Settings, simulate};
use athar_types::Relation;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

const DAY: Day = Day(20_000);

struct World {
    folder: tempfile::TempDir,
    store: PathBuf,
}

/// A world with labels and without prices: made once, changed by none.
fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let (world, store) = (folder.path().join("world"), folder.path().join("store"));
        simulate(&Settings::economy(91, 10_000, &world), &mut |_| ()).unwrap();
        let clusterings = vec![Clustering::strict()];
        let settings = IngestSettings { network: None, memory_bytes: 1 << 30, clusterings };
        ingest_bitcoin(&store, &world.join("blocks"), settings, &mut |_| true).unwrap();
        let labels = import_labels(&store, &[world.join("analyst/labels.csv")], DAY, None).unwrap();
        assert!(labels.refused.is_empty());
        World { folder, store }
    })
}

fn engine() -> Engine {
    Engine::open(&world().store, &Options::default()).unwrap()
}

fn labels(engine: &Engine) -> Vec<athar_engine::read::LabelView> {
    engine.labels(None, athar_engine::read::LabelsOf::InUse, 0, usize::MAX).unwrap().labels
}

fn assess(engine: &Engine, target: &str, policy: &Policy) -> AssessedScreenView {
    let set = PolicySet::of(policy.clone(), Mode::Asked);
    engine.assess(target, &AssessOptions::default(), &set).unwrap()
}

/// The nodes of a tree that have a kind.
fn nodes<'a>(node: &'a Node, kind: &str, found: &mut Vec<&'a Node>) {
    if node.kind == kind {
        found.push(node);
    }
    node.children.iter().for_each(|child| nodes(child, kind, found));
}

fn policy(text: &str) -> Policy {
    Policy::parse(Path::new("test.toml"), text).unwrap_or_else(|e| panic!("{e}"))
}

fn one(when: &str) -> Policy {
    policy(&format!(
        "format = 1\nname = \"p\"\ntitle = {{ en = \"P\", ar = \"س\" }}\nmodel = \"levels\"\n[[rule]]\nid = \"r\"\ntitle = {{ en = \"R\", ar = \"ق\" }}\nlevel = \"high\"\nwhen = {when}\n"
    ))
}

#[test]
fn the_strict_policy_says_of_every_labelled_address_what_its_statements_say() {
    let engine = engine();
    let strict = &shipped()[0];
    let (mut severe, mut open) = (0, 0);
    for label in labels(&engine) {
        let view = assess(&engine, &label.subject, strict);
        let verdict = &view.assessment.verdict;
        let owned = |s: &&athar_engine::read::Statement| s.relation == Relation::Ownership;
        let designated = view.screen.statements.iter().filter(owned).any(|s| s.basis.name() == "designation");
        let rule = verdict.rules.iter().find(|r| r.id == "listed-owner").unwrap();
        assert_eq!(rule.outcome, Truth::from(designated), "{}", label.subject);
        if designated {
            assert_eq!(verdict.level, Some(Level::Severe));
            assert_eq!(rule.tree.matched[0].label, label.label);
            severe += 1;
        }
        // the policy never says severe where the screening does not
        assert!(verdict.level != Some(Level::Severe) || view.screen.risk == Level::Severe, "{}", label.subject);
        open += usize::from(verdict.rules.iter().any(|r| r.outcome == Truth::Unknown));
        assert_ne!(view.assessment.snapshot, view.screen.snapshot);
    }
    assert!(severe > 0);
    // no prices were imported and the coins of a test network have none: dust cannot be told from a payment
    assert!(open > 0);
}

#[test]
fn sums_of_conditions_are_those_of_the_screening() {
    let engine = engine();
    let mut compared = 0;
    for label in labels(&engine) {
        let any = assess(&engine, &label.subject, &one("{ counterparty = {} }"));
        let mut sides = Vec::new();
        for side in ["received", "sent"] {
            nodes(&any.assessment.verdict.rules[0].tree, side, &mut sides);
        }
        for side in sides {
            // an entity with labels of two categories has two statements of one amount: it counts once
            let mut entities: Vec<(String, u64, u64)> = Vec::new();
            for s in &any.screen.statements {
                let same = s.direction.is_some_and(|d| format!("{d:?}").to_lowercase() == side.kind);
                if s.relation == Relation::Counterparty && same {
                    let part = (s.entity.clone(), s.amount_sat.unwrap(), s.share.unwrap().0);
                    if !entities.contains(&part) {
                        entities.push(part);
                    }
                }
            }
            let number = |name: &str| side.numbers.iter().find(|n| n.name == name).and_then(|n| n.at_least);
            if entities.is_empty() {
                assert_eq!(number("amount_sat"), None);
                continue;
            }
            let (sat, share): (u64, u64) = entities.iter().fold((0, 0), |(a, b), (_, sat, share)| (a + sat, b + share));
            assert_eq!(number("amount_sat").unwrap().parts, i128::from(sat), "{}", label.subject);
            assert_eq!(number("share").unwrap().parts, i128::from(share.min(1_000_000)), "{}", label.subject);
            compared += 1;
            // and the threshold is met exactly there
            for (op, expected) in [(">=", true), (">", false)] {
                let when =
                    format!("{{ counterparty = {{ direction = \"{}\", amount_sat = \"{op} {sat}\" }} }}", side.kind);
                let verdict = assess(&engine, &label.subject, &one(&when)).assessment.verdict;
                let outcome = verdict.rules[0].outcome;
                let complete = any.screen.bounds.iter().all(|b| b.bound == "hops");
                assert!(
                    outcome == Truth::from(expected) || (!complete && outcome == Truth::Unknown),
                    "{when}: {outcome}"
                );
            }
        }
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn the_weighted_score_is_exact_and_null_where_nothing_applies() {
    let engine = engine();
    let weighted = &shipped()[1];
    let (mut scored, mut null) = (0, 0);
    for label in labels(&engine) {
        let verdict = assess(&engine, &label.subject, weighted).assessment.verdict;
        for flow in [athar_engine::policy::Flow::Received, athar_engine::policy::Flow::Sent] {
            let of: Vec<_> = verdict.weighed.iter().filter(|w| w.direction == flow).collect();
            let points: i128 = of.iter().map(|w| w.counted.parts * w.weight.parts).sum::<i128>() / 1_000_000;
            let counted: i128 = of.iter().map(|w| w.counted.parts).sum();
            assert!(counted <= 1_000_000 && of.iter().all(|w| w.counted.parts <= w.share.parts));
            assert!(of.is_empty() || verdict.score.unwrap().parts >= points);
        }
        match verdict.score {
            Some(score) => {
                assert!((0..=1_000_000).contains(&score.parts));
                scored += 1;
            }
            None => {
                assert!(verdict.weighed.is_empty() && verdict.level.is_none());
                null += 1;
            }
        }
    }
    assert!(scored > 0, "{scored} {null}");
    // an address that is well-formed and on no chain here: nothing applies, and it is not called clean
    let tron = assess(&engine, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", weighted).assessment.verdict;
    assert_eq!((tron.score, tron.level), (None, None));
    assert_eq!(tron.level_at_most, Some(Level::Severe));
}

#[test]
fn a_missing_price_leaves_a_rule_open_until_prices_are_imported() {
    let world = world();
    let engine = engine();
    let when = "{ counterparty = { direction = \"received\", usd = \">= 0.01\" } }";
    let open = labels(&engine).into_iter().find(|label| {
        let verdict = assess(&engine, &label.subject, &one(when)).assessment.verdict;
        verdict.rules[0].outcome == Truth::Unknown
            && verdict.rules[0].tree.unknown.as_deref() == Some("part of the money has no price")
    });
    let target = open.expect("somebody was paid").subject;
    let verdict = assess(&engine, &target, &one(when)).assessment.verdict;
    assert_eq!(
        (verdict.level, verdict.level_at_most, &verdict.undecided[..]),
        (None, Some(Level::High), &["r".to_owned()][..])
    );
    // the same store with prices
    let copy = tempfile::tempdir().unwrap();
    copy_folder(&world.store, copy.path());
    let prices = [world.folder.path().join("world/analyst/prices.csv")];
    import_prices(copy.path(), &prices, &PricesOptions { today: DAY, ..PricesOptions::default() }).unwrap();
    let priced = Engine::open(copy.path(), &Options::default()).unwrap();
    let verdict = assess(&priced, &target, &one(when)).assessment.verdict;
    assert_eq!(verdict.rules[0].outcome, Truth::True, "{:?}", verdict.rules[0].tree);
}

#[test]
fn a_store_keeps_its_policies_and_those_on_test_stand_beside() {
    let dir = tempfile::tempdir().unwrap();
    copy_folder(&world().store, dir.path());
    let file = dir.path().join("mine.toml");
    let mine = "format = 1\nname = \"mine\"\ntitle = { en = \"Mine\", ar = \"لي\" }\nmodel = \"levels\"\n[[rule]]\nid = \"any\"\ntitle = { en = \"Any\", ar = \"أي\" }\nlevel = \"low\"\nwhen = { subject = { kind = \"address\" } }\n";
    std::fs::write(&file, mine).unwrap();
    let target = labels(&engine())[0].subject.clone();
    let ask = || {
        let engine = Engine::open(dir.path(), &Options::default()).unwrap();
        let set = PolicySet::find(dir.path(), "active").unwrap();
        engine.assess(&target, &AssessOptions::default(), &set).unwrap().assessment
    };
    let before = ask();
    assert_eq!(
        (before.verdict.policy.as_str(), before.verdict.mode, before.beside.len()),
        ("strict-sanctions", Mode::Active, 0)
    );
    change_policy(dir.path(), PolicyChange::Add(&file), DAY).unwrap();
    let tested = ask();
    assert_eq!(tested.verdict, before.verdict);
    assert_eq!((tested.beside[0].policy.as_str(), tested.beside[0].mode), ("mine", Mode::Test));
    assert_ne!(tested.snapshot, before.snapshot);
    change_policy(dir.path(), PolicyChange::Activate("mine"), DAY).unwrap();
    let active = ask();
    assert_eq!(
        (active.verdict.policy.as_str(), active.verdict.level, active.beside.len()),
        ("mine", Some(Level::Low), 0)
    );
    // a bad file is refused and nothing is changed
    std::fs::write(&file, mine.replace("low", "lowest")).unwrap();
    let error = change_policy(dir.path(), PolicyChange::Add(&file), DAY).unwrap_err().to_string();
    assert!(error.contains("mine.toml line 8: rule[0].level"), "{error}");
    assert_eq!(ask().snapshot, active.snapshot);
    assert_eq!(policies(dir.path()).unwrap().policies.len(), 3);
    // the same question again gives the same bytes
    assert_eq!(serde_json::to_string(&ask()).unwrap(), serde_json::to_string(&active).unwrap());
    Engine::open(dir.path(), &Options::default()).unwrap().verify().unwrap();
    let version =
        policies(dir.path()).unwrap().policies.into_iter().find(|p| p.stored.name == "mine").unwrap().stored.version;
    std::fs::write(dir.path().join(format!("policies/versions/{version}.toml")), "format = 1").unwrap();
    let error = Engine::open(dir.path(), &Options::default()).unwrap().verify().unwrap_err().to_string();
    assert!(error.contains(&version), "{error}");
}

#[test]
fn a_back_test_counts_what_single_assessments_say() {
    let world = world();
    let [strict, weighted] = shipped() else { panic!("two are shipped") };
    let options = BacktestOptions { sample: 300, ..BacktestOptions::default() };
    let run = |options: &BacktestOptions| {
        backtest(&world.store, &Options::default(), strict, weighted, options, &|_, _| true).unwrap()
    };
    let view = run(&options);
    assert_eq!(serde_json::to_string(&view).unwrap(), serde_json::to_string(&run(&options)).unwrap());
    let moment = &view.moments[0];
    assert_eq!((view.targets, moment.assessed, view.is_sample, view.is_cancelled), (300, 300, true, false));
    assert_eq!(moment.levels.values().sum::<u64>(), 300);
    assert_eq!(moment.changes.values().sum::<u64>(), moment.changed);
    // given targets, one by one
    let engine = engine();
    let targets: Vec<String> = labels(&engine).into_iter().map(|l| l.subject).collect();
    let options = BacktestOptions { targets: Some(targets.clone()), ..BacktestOptions::default() };
    let view = run(&options);
    let mut severe = 0;
    let mut changed = 0;
    for target in &targets {
        let of = |p| assess(&engine, target, p).assessment.verdict;
        let (new, old) = (of(strict), of(weighted));
        severe += u64::from(new.level == Some(Level::Severe));
        changed += u64::from(new.level != old.level);
    }
    assert!(severe > 0);
    assert_eq!(view.moments[0].levels.get("severe"), Some(&severe));
    assert_eq!(view.moments[0].changed, changed);
    // before the labels were known, nothing of them counts
    let days = vec![Day(DAY.0 - 1), DAY];
    let view = run(&BacktestOptions { days, ..options });
    assert_eq!(view.moments[0].levels.get("severe"), None);
    assert_eq!(view.moments[1].levels.get("severe"), Some(&severe));
    assert!(view.snapshot.is_some());
    // ended early: what was found stands, without a snapshot
    let steps = AtomicU64::new(0);
    let options = BacktestOptions { sample: 1_000, ..BacktestOptions::default() };
    let cut = backtest(&world.store, &Options::default(), strict, weighted, &options, &|_, _| {
        steps.fetch_add(1, Ordering::Relaxed) < 1
    });
    let cut = cut.unwrap();
    assert_eq!((cut.is_cancelled, cut.snapshot, cut.moments[0].assessed), (true, None, 256));
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
