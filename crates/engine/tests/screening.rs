//! Direct screening held against full screening, answers under a time limit, batches, and text that is no address.
use athar_engine::guard::Decision;
use athar_engine::read::{
    Depth, DirectStatement, DirectView, Evidence, SampleKind, ScreenOptions, ScreenStatus, ScreenView, Statement,
};
use athar_engine::write::{IngestSettings, MEMORY_BYTES, import_labels, ingest_bitcoin, update_cuts};
use athar_engine::{Category, Clustering, Day, Engine, Level, Options};
use athar_simulate::{Settings, simulate};
use athar_types::Relation;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const DAY: Day = Day(20_000);
const HEAD: &str = "address,label,category,source,confidence,basis\n";

struct World {
    folder: tempfile::TempDir,
    store: PathBuf,
}

fn world(seed: u64) -> World {
    let folder = tempfile::tempdir().unwrap();
    let (world, store) = (folder.path().join("world"), folder.path().join("store"));
    simulate(&Settings::economy(seed, 20_000, &world), &mut |_| ()).unwrap();
    let settings = IngestSettings { network: None, memory_bytes: 1 << 30, clusterings: vec![Clustering::strict()] };
    ingest_bitcoin(&store, &world.join("blocks"), settings, &mut |_| true).unwrap();
    import_labels(&store, &[world.join("analyst/labels.csv")], DAY, None).unwrap();
    World { folder, store }
}

impl World {
    fn open(&self) -> Engine {
        Engine::open(&self.store, &Options::default()).unwrap()
    }

    fn addresses(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join("world/truth/entities.csv")).unwrap();
        text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_string()).collect()
    }

    fn import(&self, name: &str, rows: &str) {
        let path = self.folder.path().join(name);
        fs::write(&path, format!("{HEAD}{rows}")).unwrap();
        let report = &import_labels(&self.store, &[path], DAY, None).unwrap().reports[0];
        assert_eq!(report.quarantined, 0, "{report}");
    }
}

/// What a full screening says of the target itself, as a direct one says it: without ties.
fn of_itself(view: &ScreenView) -> Vec<&Statement> {
    view.statements.iter().filter(|s| s.relation <= Relation::AccountAt).collect()
}

fn labels_of(statement: &Statement) -> Vec<(&str, &str)> {
    let of = |e: &'_ Evidence| matches!(e, Evidence::Label { .. });
    let labels = statement.evidence.iter().filter(|e| of(e));
    labels
        .map(|e| match e {
            Evidence::Label { id, subject, .. } => (id.as_str(), subject.as_str()),
            _ => unreachable!("filtered"),
        })
        .collect()
}

fn assert_same(full: &ScreenView, direct: &DirectView) {
    let what = &full.input;
    assert_eq!((full.kind, full.status, &full.reason), (direct.kind, direct.status, &direct.reason), "{what}");
    assert_eq!((full.chain.as_deref(), &full.entity), (direct.chain, &direct.entity), "{what}");
    assert_eq!((full.entity_size, &full.notes), (direct.entity_size, &direct.notes), "{what}");
    let json = |value: serde_json::Result<serde_json::Value>| value.unwrap();
    assert_eq!(
        json(serde_json::to_value((&full.account_at, &full.cuts, &full.listed))),
        json(serde_json::to_value((&direct.account_at, &direct.cuts, &direct.listed))),
        "{what}"
    );
    let own = of_itself(full);
    let short = |s: &Statement| (s.relation, s.category, s.level, s.basis, s.entity.clone(), s.label.clone());
    let shorter = |s: &DirectStatement| (s.relation, s.category, s.level, s.basis, s.entity.clone(), s.label.clone());
    let (of_full, of_direct): (Vec<_>, Vec<_>) =
        (own.iter().map(|s| short(s)).collect(), direct.statements.iter().map(shorter).collect());
    assert_eq!(of_full, of_direct, "{what}");
    for (full, direct) in own.iter().zip(direct.statements.iter()) {
        // ties take room from labels in the full answer alone
        let labels: Vec<_> = direct.evidence.iter().map(|l| (l.id.as_str(), l.subject.as_str())).collect();
        let of_full = labels_of(full);
        assert_eq!(labels[..of_full.len().min(labels.len())], of_full, "{what}");
        assert_eq!(full.evidence_truncated, direct.evidence_truncated || labels.len() > of_full.len(), "{what}");
    }
    // exposure can only add to what is known of the target itself
    assert!(direct.risk <= full.risk || direct.risk == Level::None, "{what}: {} {}", direct.risk, full.risk);
}

/// Whether the counterparties are those of the full answer.
fn assert_same_counterparties(full: &ScreenView, direct: &DirectView) {
    let of = |s: &&Statement| s.relation == Relation::Counterparty;
    let full: BTreeSet<_> = full
        .statements
        .iter()
        .filter(of)
        .map(|s| (s.category, s.level, s.entity.clone(), s.label.clone(), s.direction, s.amount_sat, s.share))
        .map(|s| format!("{s:?}"))
        .collect();
    let found: BTreeSet<_> = direct
        .counterparties
        .iter()
        .map(|c| {
            let (direction, sat, share) = (Some(c.direction), c.amount_sat, c.share);
            format!("{:?}", (c.category, c.level, c.entity.clone(), c.label.clone(), direction, sat, share))
        })
        .collect();
    assert_eq!(full, found, "{}", direct.input);
    assert_eq!(found.len(), direct.counterparties.len(), "each is said once");
}

#[test]
fn a_direct_answer_says_of_every_address_what_a_full_one_says_of_it() {
    let one_hop = ScreenOptions { hops_max: 1, ..ScreenOptions::default() };
    let (mut labelled, mut accounts, mut met, mut bounded) = (0, 0, 0, 0);
    // every address of one world, some of another
    for (seed, step) in [(77, 1), (78, 9)] {
        let world = world(seed);
        let addresses: Vec<String> = world.addresses().into_iter().step_by(step).collect();
        // a service with more labels than a statement lists, on many of its addresses and with several names, and a label
        // of a customer's own on some of its deposit addresses
        let engine = world.open();
        let service = addresses.iter().filter_map(|a| engine.screen_direct(a, Depth::Ownership).unwrap().account_at);
        let service = service.max_by_key(|account| account.size).unwrap();
        let members = engine.entity(&service.entity, 0, Some(10_000)).unwrap().unwrap().addresses;
        let rows: String = members
            .iter()
            .step_by(3)
            .enumerate()
            .map(|(i, a)| match i % 4 {
                0 => format!("{a},Big,exchange,list,,third_party_claim\n"),
                1 => format!("{a},Big,exchange,web,,authority_statement\n"),
                2 => format!("{a},Seized {},terrorist_financing,order,,seizure_order\n", i % 8),
                _ => format!("{a},Other name {i},exchange,web,,third_party_claim\n"),
            })
            .collect();
        world.import("more.csv", &rows);
        let engine = world.open();
        let full = engine.screen_batch(&addresses, &one_hop, &|| ()).unwrap();
        for (address, full) in addresses.iter().zip(&full) {
            let direct = engine.screen_direct(address, Depth::Ownership).unwrap();
            assert_same(full, &direct);
            assert!(direct.counterparties.is_empty() && direct.bounds.is_empty());
            labelled += usize::from(!direct.statements.is_empty());
            accounts += usize::from(direct.account_at.is_some());
            // a second answer comes from what the first one kept
            let again = engine.screen_direct(address, Depth::Ownership).unwrap();
            assert_eq!(serde_json::to_string(&again).unwrap(), serde_json::to_string(&direct).unwrap());
            let with = engine.screen_direct(address, Depth::Counterparty).unwrap();
            assert_eq!(with.statements, direct.statements);
            assert_ne!(with.snapshot, direct.snapshot, "another question");
            if with.bounds.is_empty() && full.bounds.iter().all(|b| b.bound == "hops") {
                assert_same_counterparties(full, &with);
                assert_eq!(with.risk, full.risk, "{address}");
                met += with.counterparties.len();
            } else {
                bounded += 1;
                assert!(with.risk != Level::None || direct.risk == Level::None, "{address}");
            }
        }
        // so do transactions and outputs, and everything else that is asked
        for sampled in engine.sample(200, seed).unwrap() {
            let full = engine.screen(&sampled.text, &one_hop).unwrap();
            let direct = engine.screen_direct(&sampled.text, Depth::Counterparty).unwrap();
            assert_same(&full, &direct);
            if direct.bounds.is_empty() && full.bounds.iter().all(|b| b.bound == "hops") {
                assert_same_counterparties(&full, &direct);
            }
            let status = match sampled.kind {
                SampleKind::Unseen => Some(ScreenStatus::Unseen),
                // of a chain without checksums what is spoilt may be an address all the same
                SampleKind::Invalid if direct.chain == Some("solana") => None,
                SampleKind::Invalid => Some(ScreenStatus::Invalid),
                SampleKind::Labelled => None,
                _ => Some(ScreenStatus::Known),
            };
            assert!(status.is_none_or(|s| s == full.status), "{sampled:?}: {:?}", full.status);
        }
    }
    println!("{labelled} labelled, {accounts} accounts, {met} counterparties, {bounded} at a bound");
    assert!(labelled > 1_000 && accounts > 200 && met > 5_000 && bounded > 0);
}

#[test]
fn a_cut_entity_is_screened_by_its_parts_at_every_depth() {
    let world = world(3);
    let engine = world.open();
    let mut cut = None;
    for address in world.addresses().iter().step_by(11) {
        let Some(entity) = engine.entity(address, 0, Some(100)).unwrap().filter(|e| (3..60).contains(&e.size)) else {
            continue;
        };
        let other = entity.addresses.iter().find(|a| *a != address).unwrap();
        let steps = engine.explain(address, other).unwrap().unwrap().steps;
        let txid = steps[0].txid.clone();
        let without = engine.entity_without(&txid, address, 100_000).unwrap().unwrap();
        if without.holds == Some(false) {
            cut = Some((entity.addresses, txid));
            break;
        }
    }
    let (members, txid) = cut.expect("an entity that hangs on one transaction");
    let rows: String = members.iter().map(|a| format!("{a},Name of {a},scam,test,,third_party_claim\n")).collect();
    world.import("names.csv", &rows);
    let decision = Decision { txid, cut: true, reason: "a test".into() };
    let found = update_cuts(&world.store, &Options::default(), Some(decision), MEMORY_BYTES).unwrap();
    assert!(found.is_new);
    let engine = world.open();
    let mut names = BTreeSet::new();
    for address in &members {
        let full = engine.screen(address, &ScreenOptions::default()).unwrap();
        let direct = engine.screen_direct(address, Depth::Ownership).unwrap();
        assert!(full.cuts.is_some());
        assert_same(&full, &direct);
        names.insert(direct.entity.unwrap());
    }
    assert!(names.len() > 1, "the entity was cut");
}

#[test]
fn an_answer_that_the_clock_cut_says_so_and_names_no_snapshot() {
    let world = world(77);
    let engine = world.open();
    // whoever met much: services, which have the longest walks
    let full = ScreenOptions { hops_max: 12, ..ScreenOptions::default() };
    let sample = engine.sample(40, 5).unwrap();
    let targets: Vec<&str> =
        sample.iter().filter(|s| s.kind == SampleKind::Labelled).map(|s| s.text.as_str()).collect();
    let (mut cut, mut whole) = (0, 0);
    for target in targets {
        let unlimited = engine.screen(target, &full).unwrap();
        assert!(unlimited.snapshot.is_some() && unlimited.bounds.iter().all(|b| b.bound != "time"));
        for limit in [0, 1, 60_000] {
            let view = engine.screen(target, &ScreenOptions { time_limit_ms: Some(limit), ..full }).unwrap();
            let is_cut = view.bounds.iter().any(|b| b.bound == "time");
            let ties = view.statements.iter().flat_map(|s| &s.evidence);
            let untied = ties.filter(|e| matches!(e, Evidence::Cut { bound } if bound == "time")).count();
            if view.snapshot.is_none() {
                cut += 1;
                assert!(is_cut || untied > 0, "{target}");
                // what is said of the target itself does not depend on the clock, nor is "none" said for want of time
                assert_eq!(of_itself(&view).len(), of_itself(&unlimited).len());
                let itself = of_itself(&view).iter().any(|s| s.relation == Relation::Ownership);
                assert!(view.risk != Level::None || itself, "{target}");
                assert!(view.risk <= unlimited.risk || unlimited.risk == Level::Unknown);
            } else {
                whole += 1;
                assert!(!is_cut && untied == 0);
                let json = |view: &ScreenView| serde_json::to_string(view).unwrap();
                assert_eq!(json(&view), json(&unlimited), "an answer in time is the answer");
            }
        }
        // a whole minute is enough for any of them
        let view = engine.screen(target, &ScreenOptions { time_limit_ms: Some(60_000), ..full }).unwrap();
        assert_eq!(view.snapshot, unlimited.snapshot);
    }
    println!("{cut} cut, {whole} whole");
    assert!(cut > 20 && whole > 20, "{cut} {whole}");
}

#[test]
fn a_batch_is_answered_in_its_order() {
    let world = world(78);
    let engine = world.open();
    let targets: Vec<String> = engine.sample(60, 9).unwrap().into_iter().map(|s| s.text).collect();
    let options = ScreenOptions::default();
    let done = std::sync::atomic::AtomicUsize::new(0);
    let count = || {
        done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    };
    let batch = engine.screen_batch(&targets, &options, &count).unwrap();
    assert_eq!(done.into_inner(), targets.len());
    let direct = engine.screen_direct_batch(&targets, Depth::Ownership, &|| ()).unwrap();
    for ((target, view), direct) in targets.iter().zip(&batch).zip(&direct) {
        let alone = engine.screen(target, &options).unwrap();
        assert_eq!(serde_json::to_string(view).unwrap(), serde_json::to_string(&alone).unwrap());
        assert_eq!((&direct.input, &view.input), (target, target));
    }
    assert!(engine.screen_batch::<String>(&[], &options, &|| ()).unwrap().is_empty());
}

#[test]
fn text_that_is_no_address_is_answered_at_every_depth_and_soon() {
    let world = world(77);
    let engine = world.open();
    let long = |unit: &str| unit.repeat((1 << 20) / unit.len());
    let invalid = [
        String::new(),
        " \t\n".into(),
        "\0".into(),
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfN\0a".into(),
        // a wrong letter, and one that only looks right
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb".into(),
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfN\u{430}".into(),
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5".into(),
        // Bech32 in mixed case
        "bc1qw508d6qejxtdg4y5R3zarvary0c5xw7kv8f3t4".into(),
        "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7Kv8f3t4".into(),
        // a prefix of no chain that is known, and one of a chain with the rest of another
        "xyz1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4".into(),
        "bitcoincash:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa".into(),
        // directions of text, hidden marks, a key and its end
        "\u{202e}1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa\u{202c}".into(),
        "1A1zP1eP5QGefi2\u{200b}DMPTfTL5SLmv7DivfNa".into(),
        // outputs that are none
        format!("{}:-1", "0".repeat(64)),
        format!("{}:4294967296", "0".repeat(64)),
        format!("{}:", "0".repeat(64)),
        "0".repeat(63),
        "g".repeat(64),
        // a megabyte of letters, of colons, of Base58, of Bech32, of a character of four bytes
        long("1"),
        long(":"),
        long("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        format!("bc1{}", long("q")),
        long("\u{1f4b0}"),
    ];
    engine.warm().unwrap();
    for text in &invalid {
        let shown: String = text.chars().take(60).collect();
        let began = Instant::now();
        let direct = engine.screen_direct(text, Depth::Counterparty).unwrap();
        let took = began.elapsed();
        assert_eq!((direct.status, direct.risk), (ScreenStatus::Invalid, Level::Unknown), "{shown:?}");
        assert!(direct.reason.is_some() && direct.statements.is_empty(), "{shown:?}");
        assert_eq!(&direct.input, text);
        // unoptimised, on a busy machine: what must not be is a second for each character
        assert!(took < Duration::from_secs(2), "{shown:?} took {took:?}");
        let full = engine.screen(text, &ScreenOptions { time_limit_ms: Some(1_000), ..ScreenOptions::default() });
        assert_same(&full.unwrap(), &direct);
    }
    // an output of a transaction that is there, beyond its last
    let txid = engine.sample(1, 1).unwrap().into_iter().find(|s| s.kind == SampleKind::Transaction).unwrap().text;
    let beyond = engine.screen_direct(&format!("{txid}:4294967295"), Depth::Counterparty).unwrap();
    assert_eq!((beyond.kind, beyond.status, beyond.risk), ("output", ScreenStatus::Unseen, Level::Unknown));
    // white space around an address is no part of it
    let address = &world.addresses()[0];
    let (bare, padded) = (engine.screen_direct(address, Depth::Ownership), format!("  {address}\r\n"));
    let padded = engine.screen_direct(&padded, Depth::Ownership).unwrap();
    assert_eq!(bare.unwrap().snapshot, padded.snapshot);
}

#[test]
fn an_entity_of_very_many_names_is_answered_with_its_weightiest() {
    let world = world(77);
    let engine = world.open();
    let accounts = world.addresses();
    let service = accounts.iter().filter_map(|a| engine.screen_direct(a, Depth::Ownership).unwrap().account_at);
    let service = service.max_by_key(|account| account.size).unwrap().entity;
    let rows: String =
        (0..3_000).map(|i| format!("{service},Name {i:04},exchange,test,,third_party_claim\n")).collect();
    world.import("names.csv", &rows);
    world.import("one.csv", &format!("{service},Listed,terrorist_financing,test,,designation\n"));
    let direct = world.open().screen_direct(&service, Depth::Ownership).unwrap();
    assert!(direct.statements_truncated && direct.statements.len() == 1_000);
    assert_eq!((direct.risk, direct.statements[0].category), (Level::Severe, Category::TerroristFinancing));
    assert_eq!(direct.statements[0].label, "Listed");
}

/// Two engines opened on one store, and one question twice, give the same bytes.
#[test]
fn a_direct_answer_depends_on_its_snapshot_alone() {
    let world = world(78);
    let (a, b) = (world.open(), world.open());
    for sampled in a.sample(50, 3).unwrap() {
        for depth in [Depth::Ownership, Depth::Counterparty] {
            let json = |engine: &Engine| serde_json::to_string(&engine.screen_direct(&sampled.text, depth).unwrap());
            assert_eq!(json(&a).unwrap(), json(&b).unwrap());
        }
    }
    assert_eq!(a.sample(50, 3).unwrap(), b.sample(50, 3).unwrap());
    assert_ne!(a.sample(50, 3).unwrap(), a.sample(50, 4).unwrap());
}
