//! Every address of the real seizure orders and of OFAC's list, screened over a store that holds Ethereum and Tron: with the
//! right list, the right order or entity, and told in words where an entry is damaged.
use athar_engine::lists::ReadOptions;
use athar_engine::read::{Evidence, ScreenOptions, ScreenView};
use athar_engine::write::{AccountIngestSettings, MEMORY_BYTES, Selected, import_lists, ingest_account_files};
use athar_engine::{Chain, Day, Engine, Level, Options};
use athar_types::Relation;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const ORDERS: &str = "nbctf_seizure_orders_2026-08-21.csv";
const OFAC: &str = "ofac_crypto_2026-08-20.csv";

fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("ATHAR_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    if folder.join("labels").join(ORDERS).is_file() {
        return Some(folder);
    }
    assert!(
        std::env::var_os("ATHAR_REQUIRE_SHARED").is_none_or(|v| v != "1"),
        "{} has no labels, and ATHAR_REQUIRE_SHARED is 1",
        folder.display()
    );
    eprintln!("skipped: {} is not there", folder.display());
    None
}

/// Says whether a statement of ownership rests on a label whose name or file holds both texts.
fn says(view: &ScreenView, text: &str, list: &str) -> bool {
    view.statements.iter().filter(|s| s.relation == Relation::Ownership).any(|s| {
        s.evidence.iter().any(|piece| match piece {
            Evidence::Label { label, pack, .. } => label.contains(text) && pack.contains(list),
            _ => false,
        })
    })
}

struct Asked {
    store: PathBuf,
    engines: BTreeMap<Chain, Engine>,
    any: Engine,
}

impl Asked {
    fn screen(&self, text: &str) -> ScreenView {
        let chain = Engine::chains_of(&self.store, text).unwrap().first().copied();
        let engine = chain.and_then(|chain| self.engines.get(&chain)).unwrap_or(&self.any);
        engine.screen(text, &ScreenOptions { hops_max: 1, ..ScreenOptions::default() }).unwrap()
    }
}

#[test]
fn all_listed_addresses_screen_with_their_list_and_order() {
    let Some(data) = shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    for (chain, dump) in [(Chain::Ethereum, "ethereum/eth-tokens-15000000"), (Chain::Tron, "tron/0to10000")] {
        let settings = AccountIngestSettings {
            chain,
            chain_id: None,
            memory_bytes: MEMORY_BYTES,
            selected: Selected::default(),
            format: None,
            blocks: [0, u32::MAX],
        };
        ingest_account_files(&store, &[data.join(dump)], &settings, &mut |_| true).unwrap();
    }
    let files = [data.join("labels").join(ORDERS), data.join("labels").join(OFAC)];
    let import = import_lists(&store, &files, &ReadOptions::default(), Day(20_000)).unwrap();
    assert!(import.lists.refused.is_empty());
    let open = |chain| Engine::open(&store, &Options { chain: Some(chain), ..Options::default() }).unwrap();
    let engines = [Chain::Ethereum, Chain::Tron].map(|chain| (chain, open(chain))).into_iter().collect();
    let asked = Asked { any: open(Chain::Bitcoin), store: store.clone(), engines };

    // the orders: by the form of the identifier
    let mut counts: BTreeMap<&str, [u32; 2]> = BTreeMap::new();
    let mut reader = csv::Reader::from_path(&files[0]).unwrap();
    for row in reader.records().map(Result::unwrap) {
        let (order, text) = (&row[0], row[1].trim());
        let kind = match text {
            t if t.len() == 34 && t.starts_with('T') && t.is_ascii() => "tron",
            t if t.len() == 42 && t.starts_with("0x") => "evm",
            t if t.starts_with("bc1") => "bitcoin",
            t if (26..=35).contains(&t.len())
                && t.starts_with(['1', '3'])
                && t.bytes().all(|b| b.is_ascii_alphanumeric())
                && t.bytes().any(|b| b.is_ascii_alphabetic()) =>
            {
                "bitcoin"
            }
            _ => continue,
        };
        let view = asked.screen(text);
        let count = counts.entry(kind).or_default();
        if says(&view, order, "National Bureau for Counter Terror Financing") {
            assert!(view.risk >= Level::High, "{text}: {:?}", view.risk);
            count[0] += 1;
        } else {
            // a damaged entry is no statement, but it is told with its order
            assert!(view.notes.iter().any(|note| note.en.contains(order)), "{text} {:?}", view.notes);
            count[1] += 1;
        }
    }
    assert_eq!(counts, BTreeMap::from([("bitcoin", [52, 2]), ("evm", [14, 0]), ("tron", [402, 0])]));

    // OFAC's addresses: the entity, or in words why not
    let (mut named, mut told, mut silent) = (0, 0, Vec::new());
    let mut reader = csv::Reader::from_path(&files[1]).unwrap();
    for row in reader.records().map(Result::unwrap) {
        let (text, entity) = (&row[0], &row[3]);
        let view = asked.screen(text);
        if says(&view, entity, "OFAC") {
            assert_eq!(view.risk, Level::Severe, "{text}");
            named += 1;
        } else if view.notes.iter().any(|note| note.en.contains(entity)) || !view.listed.is_empty() {
            told += 1;
        } else {
            silent.push(text.to_string());
        }
    }
    println!("OFAC: {named} name the entity, {told} are damaged entries that are told");
    assert!(silent.is_empty(), "{silent:?}");
    assert!(named >= 970, "{named}");
}
