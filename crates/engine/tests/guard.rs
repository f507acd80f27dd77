//! The cut list on a simulated world: found, decided, applied, kept.
use athar_engine::guard::{CutKind, Decision};
use athar_engine::write::{IngestSettings, MEMORY_BYTES, import_labels, ingest_bitcoin, update_cuts};
use athar_engine::{Clustering, Day, Engine, EngineError, Options};
use athar_simulate::{Settings, simulate};
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::PathBuf;

struct World {
    folder: tempfile::TempDir,
    store: PathBuf,
}

fn world(seed: u64, txs: u32) -> World {
    let folder = tempfile::tempdir().unwrap();
    let (world, store) = (folder.path().join("world"), folder.path().join("store"));
    simulate(&Settings::economy(seed, txs, &world), &mut |_| ()).unwrap();
    let settings = IngestSettings { network: None, memory_bytes: 1 << 30, clusterings: vec![Clustering::strict()] };
    ingest_bitcoin(&store, &world.join("blocks"), settings, &mut |_| true).unwrap();
    World { folder, store }
}

impl World {
    fn open(&self) -> Engine {
        Engine::open(&self.store, &Options::default()).unwrap()
    }

    fn update(&self, decision: Option<Decision>) -> athar_engine::guard::Found {
        update_cuts(&self.store, &Options::default(), decision, MEMORY_BYTES).unwrap()
    }

    fn label(&self, rows: &[(&str, &str)]) {
        let path = self.folder.path().join("labels.csv");
        let mut text = String::from("address,label,category,source\n");
        for (address, label) in rows {
            text.push_str(&format!("{address},{label},exchange,test\n"));
        }
        fs::write(&path, text).unwrap();
        import_labels(&self.store, &[path], Day(20_000), None).unwrap();
    }

    /// Two addresses of one entity of at least so many, and the single transaction between them.
    fn tied_once(&self, size: u32) -> (String, String, String) {
        let engine = self.open();
        let rows = fs::read_to_string(self.folder.path().join("world/truth/entities.csv")).unwrap();
        let mut by_entity: HashMap<String, Vec<String>> = HashMap::new();
        for address in rows.lines().skip(1).take(8_000).map(|l| l.split(',').next().unwrap()) {
            let Some(entity) = engine.entity(address, 0, Some(50)).unwrap().filter(|e| e.size >= size && e.size < 50)
            else {
                continue;
            };
            by_entity.entry(entity.entity).or_insert(entity.addresses);
        }
        let mut entities: Vec<_> = by_entity.into_values().collect();
        entities.sort();
        for members in entities {
            for other in &members[1..] {
                let steps = engine.explain(&members[0], other).unwrap().unwrap().steps;
                let txid = steps[0].txid.clone();
                let without = engine.entity_without(&txid, &members[0], 100_000).unwrap().unwrap();
                if without.holds == Some(false) {
                    let [a, b] = &steps[0].joins;
                    let part = |x: &String| without.parts.iter().position(|p| p.addresses.contains(x));
                    if let (Some(p), Some(q)) = (part(a), part(b))
                        && p != q
                    {
                        return (a.clone(), b.clone(), txid);
                    }
                }
            }
        }
        panic!("no entity hangs on one transaction");
    }
}

#[test]
fn two_owners_by_label_are_read_apart_and_the_answer_names_the_list() {
    let world = world(3, 20_000);
    let (a, b, txid) = world.tied_once(4);
    let whole = world.open().entity(&a, 0, None).unwrap().unwrap();
    // labels of one owner by two names with a word in common are no conflict
    world.label(&[(&a, "Kraken hot"), (&b, "Kraken cold")]);
    assert!(!world.update(None).list.entries.iter().any(|e| e.txid == txid));
    world.label(&[(&a, "Kraken"), (&b, "Bitstamp")]);
    let before = world.open().basis().clone();
    let found = world.update(None);
    let entry = found.list.entries.iter().find(|e| e.kind == CutKind::Labels).unwrap();
    assert!(found.is_new && entry.applied, "{entry:?}");
    assert!(entry.reason.contains("Kraken") && entry.reason.contains("Bitstamp") && entry.reason.contains("line 2"));
    assert_eq!(entry.sizes.iter().sum::<u32>(), whole.size);
    // applied: two entities, whose parts and figures are those of the whole
    let engine = world.open();
    assert_ne!(engine.basis(), &before, "the list is part of every snapshot");
    let (one, other) = (engine.entity(&a, 0, None).unwrap().unwrap(), engine.entity(&b, 0, None).unwrap().unwrap());
    assert_ne!(one.entity, other.entity);
    assert!(one.addresses.contains(&a) && !one.addresses.contains(&b) && other.addresses.contains(&b));
    assert!(one.addresses.len() == one.size as usize && one.received_sat < whole.received_sat);
    let cuts = one.cuts.as_ref().unwrap();
    assert_eq!((cuts.version.as_str(), cuts.number), (found.list.version.as_str(), found.list.number));
    assert_eq!(one.labels.iter().map(|l| l.label.as_str()).collect::<BTreeSet<_>>(), BTreeSet::from(["Kraken"]));
    let why = engine.explain(&a, &b).unwrap().unwrap();
    assert!(!why.linked && why.steps.is_empty() && why.cuts.is_some());
    // the forest itself is as it was
    let bare = Engine::open(&world.store, &Options { no_cuts: true, ..Options::default() }).unwrap();
    let bare_entity = bare.entity(&a, 0, None).unwrap().unwrap();
    assert_eq!((bare_entity.size, bare_entity.cuts.is_none()), (whole.size, true));
    // the same again is no new version
    let again = world.update(None);
    assert_eq!((again.is_new, &again.list.version), (false, &found.list.version));
}

#[test]
fn an_analyst_decides_and_every_version_is_kept() {
    let world = world(3, 20_000);
    let (a, b, txid) = world.tied_once(4);
    let decide = |cut, reason: &str| world.update(Some(Decision { txid: txid.clone(), cut, reason: reason.into() }));
    let first = decide(true, "a CoinJoin that no rule knows");
    assert_eq!((first.list.number, first.list.entries[0].kind, first.is_new), (1, CutKind::Analyst, true));
    let apart = |engine: &Engine| {
        engine.entity(&a, 0, None).unwrap().unwrap().entity != engine.entity(&b, 0, None).unwrap().unwrap().entity
    };
    assert!(apart(&world.open()));
    let second = decide(false, "the owner said so");
    assert_eq!((second.list.number, second.list.entries.len(), second.list.decisions.len()), (2, 0, 2));
    assert!(!apart(&world.open()));
    let folder = world.store.join("cuts/bitcoin");
    let kept: Vec<_> = walk(&folder);
    assert_eq!(kept.iter().filter(|p| p.extension().is_some_and(|e| e == "json")).count(), 2);
    // a transaction that the chain does not have is no decision
    let unknown = Decision { txid: "ab".repeat(32), cut: true, reason: "x".into() };
    let error = update_cuts(&world.store, &Options::default(), Some(unknown), MEMORY_BYTES).unwrap_err();
    assert!(matches!(error, EngineError::Target { .. }), "{error}");
    // a damaged list is named, and not passed over
    let newest = kept.iter().filter(|p| p.extension().is_some_and(|e| e == "json")).max().unwrap();
    fs::write(newest, "{").unwrap();
    let error = Engine::open(&world.store, &Options::default()).unwrap_err().to_string();
    assert!(error.contains("0002.json"), "{error}");
}

fn walk(folder: &std::path::Path) -> Vec<PathBuf> {
    let items = fs::read_dir(folder).unwrap().map(|i| i.unwrap().path());
    items.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
