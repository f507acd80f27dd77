//! Stored entities that are behind the chain, or of blocks that it has dropped: the answers are those of entities built anew.
use athar_engine::read::ScreenOptions;
use athar_engine::write::{IngestSettings, ingest_bitcoin};
use athar_engine::{Chain, Clustering, Engine, Options};
use athar_ledger::{Disk, Store, StoreLock};
use athar_simulate::{Settings, simulate};
use std::{fs, path::Path};

const BLOCKS: u32 = 9;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap().map(Result::unwrap) {
        if item.file_type().unwrap().is_dir() {
            copy(&item.path(), &to.join(item.file_name()));
        } else {
            fs::copy(item.path(), to.join(item.file_name())).unwrap();
        }
    }
}

fn build_entities(folder: &Path) {
    let ledger = Store::open(folder).unwrap().ledger(Chain::Bitcoin).unwrap().unwrap();
    let settings = athar_entities::Settings::default();
    athar_entities::Forest::build(folder, &Disk::default(), &ledger, &settings, 1 << 30, &mut |_| {}).unwrap();
}

/// Answers about some of `addresses`, with their snapshots where asked for.
fn answers(engine: &Engine, addresses: &[String], with_snapshots: bool) -> Vec<String> {
    let mut all = Vec::new();
    for pair in addresses.chunks(2).filter(|pair| pair.len() == 2) {
        let entity = engine.entity(&pair[0], 0, Some(1000)).unwrap();
        let other = entity.as_ref().and_then(|e| e.addresses.last().cloned()).unwrap_or_else(|| pair[1].clone());
        let mut values = [
            serde_json::to_value(&entity).unwrap(),
            serde_json::to_value(engine.address(&pair[0], 0, None).unwrap()).unwrap(),
            serde_json::to_value(engine.explain(&pair[0], &other).unwrap()).unwrap(),
            serde_json::to_value(engine.entity_growth(&pair[0]).unwrap()).unwrap(),
            serde_json::to_value(engine.screen(&pair[1], &ScreenOptions::default()).unwrap()).unwrap(),
        ];
        if !with_snapshots {
            values.iter_mut().filter_map(|v| v.as_object_mut()).for_each(|v| drop(v.remove("snapshot")));
        }
        all.extend(values.iter().map(ToString::to_string));
    }
    all
}

#[test]
fn answers_are_at_the_tip_whatever_block_the_stored_entities_end_with() {
    let folder = tempfile::tempdir().unwrap();
    let (world, full) = (folder.path().join("world"), folder.path().join("full"));
    simulate(&Settings::economy(77, 20_000, &world), &mut |_| ()).unwrap();
    let settings = IngestSettings { network: None, memory_bytes: 1 << 30, clusterings: vec![Clustering::strict()] };
    ingest_bitcoin(&full, &world.join("blocks"), settings, &mut |_| true).unwrap();
    let truth = fs::read_to_string(world.join("truth/entities.csv")).unwrap();
    let addresses: Vec<String> =
        truth.lines().skip(1).step_by(23).map(|line| line.split(',').next().unwrap().into()).collect();
    assert!(addresses.len() > 200);

    // the same store without its last blocks, still with the entities of all
    let rewound = folder.path().join("rewound");
    copy(&full, &rewound);
    let lock = StoreLock::take(&rewound).unwrap();
    let mut store = Store::open_for_writing(&rewound, &lock, Disk::default()).unwrap();
    let tip = store.ledger(Chain::Bitcoin).unwrap().unwrap().tip().unwrap();
    store.unwind(Chain::Bitcoin, tip.height.0 + 1 - BLOCKS).unwrap();
    let open = |folder: &Path| Engine::open(folder, &Options::default()).unwrap();
    let engine = open(&rewound);
    assert_eq!((engine.entities_behind(), engine.entities_rewound()), (None, Some(tip.height.0)));
    assert_eq!(engine.basis().entities_tip, Some(tip.hash.to_string()));
    assert_eq!(engine.verify().unwrap().entities, Some(true));
    assert!(engine.whole(Chain::Bitcoin).unwrap_err().to_string().contains("does not hold"));
    let found = answers(&engine, &addresses, false);
    build_entities(&rewound);
    let anew = open(&rewound);
    assert_eq!((anew.entities_rewound(), &anew.basis().entities_tip), (None, &None));
    assert!(anew.whole(Chain::Bitcoin).is_ok());
    assert!(found == answers(&anew, &addresses, false), "after blocks were dropped");

    // and the other way round: entities without the last blocks in a store that has them
    let wanted = answers(&open(&full), &addresses, true);
    fs::remove_dir_all(full.join("entities")).unwrap();
    copy(&rewound.join("entities"), &full.join("entities"));
    let extended = open(&full);
    assert_eq!((extended.entities_behind(), extended.entities_rewound()), (None, None));
    assert!(answers(&extended, &addresses, true) == wanted, "after blocks were added");
    assert_eq!(extended.verify().unwrap().entities, Some(true));
    assert!(extended.whole(Chain::Bitcoin).is_ok());
}
