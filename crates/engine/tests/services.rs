//! Services that no label names, on a simulated world: recognised, overruled, not evaluated.
use athar_engine::guard::Decision;
use athar_engine::write::{IngestSettings, MEMORY_BYTES, import_labels, ingest_bitcoin, update_cuts};
use athar_engine::{Clustering, Day, Engine, Options};
use athar_ledger::Store;
use athar_simulate::{Settings, simulate};
use athar_types::{AddressId, Chain, address::parse_key};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn ingest(world: &Path, store: &Path) {
    let settings = IngestSettings { network: None, memory_bytes: 1 << 30, clusterings: vec![Clustering::strict()] };
    ingest_bitcoin(store, &world.join("blocks"), settings, &mut |_| true).unwrap();
}

fn open(store: &Path) -> Engine {
    Engine::open(store, &Options::default()).unwrap()
}

fn id(store: &Path, address: &str) -> AddressId {
    let ledger = Store::open(store).unwrap().ledger(Chain::Bitcoin).unwrap().unwrap();
    ledger.address_id(&parse_key(ledger.chain(), ledger.network(), address).unwrap()).unwrap()
}

/// An address of each entity that a rule recognises, with the rule and what its owner really is.
fn recognised(engine: &Engine, world: &Path) -> BTreeMap<String, (String, String, String)> {
    let kinds: Vec<String> = fs::read_to_string(world.join("truth/actors.csv"))
        .unwrap()
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(1).unwrap().into())
        .collect();
    let rows = fs::read_to_string(world.join("truth/entities.csv")).unwrap();
    let mut found = BTreeMap::new();
    for row in rows.lines().skip(1).step_by(5) {
        let mut cells = row.split(',');
        let (address, actor) = (cells.next().unwrap(), cells.next().unwrap().parse::<usize>().unwrap());
        let entity = engine.entity(address, 0, Some(1)).unwrap().unwrap();
        if let Some(rule) = entity.inferred_service.rule {
            found.entry(entity.entity).or_insert((address.into(), rule.name, kinds[actor].clone()));
        }
    }
    found
}

struct World {
    _folder: tempfile::TempDir,
    world: PathBuf,
    store: PathBuf,
}

fn make() -> World {
    let folder = tempfile::tempdir().unwrap();
    let (world, store) = (folder.path().join("world"), folder.path().join("store"));
    simulate(&Settings::economy(77, 30_000, &world), &mut |_| ()).unwrap();
    ingest(&world, &store);
    World { _folder: folder, world, store }
}

#[test]
fn services_are_inferred_with_their_numbers_and_labels_cuts_and_missing_figures_speak_louder() {
    let World { _folder: _kept, world, store } = make();
    let engine = open(&store);
    let found = recognised(&engine, &world);
    assert!(found.values().any(|(_, rule, _)| rule == "exchange-like"), "{found:?}");
    for (address, rule, kind) in found.values() {
        let kinds = ["exchange", "mining_pool", "payment_processor"];
        assert!(kinds.contains(&kind.as_str()), "{address} of a {kind} is held for {rule}");
        let number = engine.inferred_rule(id(&store, address)).unwrap();
        assert_eq!(engine.rule_name(number), rule);
    }
    assert_eq!(engine.rule_name(u32::MAX), "unknown-rule");
    let (address, ..) = found.values().find(|(_, rule, _)| rule == "exchange-like").unwrap();
    let view = engine.entity(address, 0, Some(10_000)).unwrap().unwrap();
    let inferred = &view.inferred_service;
    assert_eq!(
        (inferred.status, inferred.blocks_behind, inferred.as_of_height),
        ("recognised", Some(0), view.as_of_height)
    );
    let rule = inferred.rule.as_ref().unwrap();
    assert!(rule.stops_traces && rule.rate.as_ref().unwrap().entities.of > 0 && rule.conditions.len() > 3);
    let holds = |c: &athar_engine::read::ConditionView| match c.bound {
        "at-least" => c.value >= c.limit,
        _ => c.value <= c.limit,
    };
    assert!(rule.conditions.iter().all(holds), "{rule:?}");
    let of_address = engine.address(address, 0, None).unwrap().unwrap().inferred_service;
    assert_eq!(&of_address, inferred, "of the address it says the same");

    // a cut of the entity: what was counted is of the whole
    let cut = view.addresses[1..].iter().rev().find_map(|other| {
        let steps = engine.explain(&view.addresses[0], other).unwrap().unwrap().steps;
        let txid = steps.first()?.txid.clone();
        let without = engine.entity_without(&txid, other, 1_000_000).unwrap()?;
        (without.holds == Some(false)).then_some(txid)
    });
    let decision = Decision { txid: cut.unwrap(), cut: true, reason: "a test".into() };
    let cut = update_cuts(&store, &Options::default(), Some(decision), MEMORY_BYTES).unwrap();
    assert!(cut.list.entries.iter().any(|entry| entry.applied));
    let with_cut = open(&store);
    let inferred = with_cut.entity(address, 0, Some(1)).unwrap().unwrap().inferred_service;
    assert_eq!((inferred.status, inferred.figures), ("unknown", None));
    assert_eq!(with_cut.inferred_rule(id(&store, address)), None);
    fs::remove_dir_all(store.join("cuts")).unwrap();

    // no figures: a store of before
    let before = open(&store).basis().clone();
    let entities = store.join("entities/bitcoin/co-spend");
    fs::remove_file(entities.join("SERVICES.json")).unwrap();
    let old = open(&store);
    let inferred = old.entity(address, 0, Some(1)).unwrap().unwrap().inferred_service;
    assert_eq!(inferred.status, "not-evaluated");
    assert!(inferred.why.unwrap().contains("next ingest") && old.inferred_rule(id(&store, address)).is_none());
    assert!(old.basis() != &before && old.verify().unwrap().ok, "the figures are part of every snapshot");
    // the next ingest counts, though it brings no block
    ingest(&world, &store);
    let again = open(&store);
    assert_eq!(again.basis(), &before);
    assert!(again.inferred_rule(id(&store, address)).is_some() && again.verify().unwrap().ok);
    // a damaged table is counted again as well
    fs::write(entities.join("SERVICES.json"), "{").unwrap();
    let error = Engine::open(&store, &Options::default()).unwrap_err().to_string();
    assert!(error.contains("SERVICES.json"), "{error}");
    ingest(&world, &store);
    assert_eq!(open(&store).basis(), &before);

    // a label decides, whatever the rule says
    let labels = world.join("labels.csv");
    fs::write(&labels, format!("address,label,category,source\n{address},Appeal,donation_campaign,test\n")).unwrap();
    let report = import_labels(&store, &[labels], Day(20_000), None).unwrap();
    assert_eq!(report.reports[0].quarantined, 0, "{}", report.reports[0]);
    let labelled = open(&store);
    let inferred = labelled.entity(address, 0, Some(1)).unwrap().unwrap().inferred_service;
    assert!(inferred.status == "recognised" && !inferred.rule.unwrap().stops_traces && inferred.why.is_some());
    assert_eq!(labelled.inferred_rule(id(&store, address)), None);
}
