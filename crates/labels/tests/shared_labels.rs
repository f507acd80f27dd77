//! Every real label file: counts and defects against a table that was checked by hand.
//!
//! The table was written from an independent script (its own Base58Check, Bech32, CashAddr, Keccak and EIP-55 code, and
//! `PyYAML` and Python's `csv` as readers), not from what the importers report. Lines are those of the files.

use crate::common;

use athar_labels::{
    DefectKind as D, Format, ImportOptions, ImportOutcome, ImportReport, Label, LabelStore, Meaning, Outcome, Scheme,
    meaning,
};
use athar_types::{Basis, Category, Chain, Level, Relation, address};
use common::day;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The folder of the shared data, or `None` (told) where it is absent and not required.
fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("ATHAR_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    if folder.join("labels").is_dir() {
        return Some(folder.join("labels"));
    }
    assert!(
        std::env::var_os("ATHAR_REQUIRE_SHARED").is_none_or(|v| v != "1"),
        "the shared data is required and absent: {}",
        folder.display()
    );
    println!("skipped: no shared data at {}", folder.display());
    None
}

fn import(folder: &Path, files: &[&str]) -> (TempDir, LabelStore, ImportOutcome) {
    let dir = tempfile::tempdir().unwrap();
    let mut store = LabelStore::open(dir.path()).unwrap();
    let paths: Vec<PathBuf> = files.iter().map(|f| folder.join(f)).collect();
    let outcome = store.import(&paths, &ImportOptions::new(day("2026-11-01"))).unwrap();
    (dir, store, outcome)
}

fn one(folder: &Path, file: &str) -> (TempDir, LabelStore, ImportReport) {
    let (dir, store, mut outcome) = import(folder, &[file]);
    assert!(outcome.refused.is_empty(), "{:?}", outcome.refused);
    (dir, store, outcome.reports.remove(0))
}

fn lines(report: &ImportReport, kind: D) -> Vec<u32> {
    report.defects.iter().filter(|d| d.kind == kind).map(|d| d.line).collect()
}

/// The cell of a line of a table without quotes around cells up to it.
fn cell(folder: &Path, file: &str, line: usize, column: usize) -> String {
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().nth(line - 1).unwrap().unwrap()[column].to_owned()
}

/// `(file, rows, accepted, quarantined, duplicates)`; rows that are neither are account numbers, actors or concepts.
const COUNTS: [(&str, u64, u64, u64, u64); 43] = [
    ("nbctf_seizure_orders_2026-08-21.csv", 908, 481, 37, 4),
    ("ofac_crypto_2026-08-20.csv", 977, 960, 3, 14),
    ("dwva-taxonomy-v03.ttl", 99, 0, 0, 0),
    ("ofac_2024-09-27_by_asset/sanctioned_addresses_ARB.json", 1, 1, 0, 0),
    ("ofac_2024-09-27_by_asset/sanctioned_addresses_BCH.json", 7, 7, 0, 0),
    ("ofac_2024-09-27_by_asset/sanctioned_addresses_BSC.json", 1, 1, 0, 0),
    ("ofac_2024-09-27_by_asset/sanctioned_addresses_BSV.json", 1, 1, 0, 0),
    ("ofac_2024-09-27_by_asset/sanctioned_addresses_BTG.json", 1, 1, 0, 0),
    ("ofac_2024-09-27_by_asset/sanctioned_addresses_DASH.json", 3, 3, 0, 0),
    ("ofac_2024-09-27_by_asset/sanctioned_addresses_ETC.json", 1, 1, 0, 0),
    ("ofac_2024-09-27_by_asset/sanctioned_addresses_ETH.json", 152, 152, 0, 0),
    ("ofac_2024-09-27_by_asset/sanctioned_addresses_LTC.json", 10, 10, 0, 0),
    ("ofac_2024-09-27_by_asset/sanctioned_addresses_TRX.json", 6, 6, 0, 0),
    ("ofac_2024-09-27_by_asset/sanctioned_addresses_USDC.json", 2, 2, 0, 0),
    ("ofac_2024-09-27_by_asset/sanctioned_addresses_USDT.json", 26, 26, 0, 0),
    ("ofac_2024-09-27_by_asset/sanctioned_addresses_XBT.json", 435, 435, 0, 0),
    ("ofac_2024-09-27_by_asset/sanctioned_addresses_XMR.json", 3, 2, 1, 0),
    ("ofac_2024-09-27_by_asset/sanctioned_addresses_XRP.json", 1, 1, 0, 0),
    ("ofac_2024-09-27_by_asset/sanctioned_addresses_XVG.json", 1, 1, 0, 0),
    ("ofac_2024-09-27_by_asset/sanctioned_addresses_ZEC.json", 3, 3, 0, 0),
    ("tagpacks/Alt-Right.yaml", 517, 517, 0, 0),
    ("tagpacks/actors.actorpack.yaml", 3813, 0, 0, 0),
    ("tagpacks/aft-alqaeda-forfeit_vc.yaml", 155, 155, 0, 0),
    ("tagpacks/binance_hack.yaml", 44, 44, 0, 0),
    ("tagpacks/blender_io.yaml", 45, 45, 0, 0),
    ("tagpacks/chaininfo.yaml", 122, 122, 0, 0),
    ("tagpacks/demo.yaml", 5, 5, 0, 0),
    ("tagpacks/exchange-wallets-binance.yaml", 86, 61, 25, 0),
    ("tagpacks/exchange-wallets-bitfinexcom.yaml", 135, 46, 89, 0),
    ("tagpacks/exchange-wallets-huobi.yaml", 58, 52, 6, 0),
    ("tagpacks/exchange-wallets-kucoin.yaml", 59, 43, 11, 5),
    ("tagpacks/exchange-wallets-okx.yaml", 36, 36, 0, 0),
    ("tagpacks/hydra.yaml", 117, 117, 0, 0),
    ("tagpacks/interpol-real_services.yaml", 10, 10, 0, 0),
    ("tagpacks/lazarus.yaml", 21, 21, 0, 0),
    ("tagpacks/mixing_fc2021.yaml", 66, 66, 0, 0),
    ("tagpacks/ofac.yaml", 572, 569, 3, 0),
    ("tagpacks/ransomwhere.yaml", 7457, 7457, 0, 0),
    ("tagpacks/samourai.yaml", 36_548, 36_548, 0, 0),
    ("tagpacks/sinbad_io.yaml", 2, 2, 0, 0),
    ("tagpacks/tornado_cash.yaml", 39, 38, 0, 1),
    ("tagpacks/usdt_blacklist.yaml", 774, 774, 0, 0),
    ("tagpacks/walletexplorer.yaml", 386, 386, 0, 0),
];

#[test]
fn every_file_is_read_and_no_row_is_dropped() {
    let Some(folder) = shared() else { return };
    let files: Vec<&str> = COUNTS.iter().map(|c| c.0).chain(["tagpacks/wasabi_collector.yaml"]).collect();
    // the table must name every file that is there
    let mut there: Vec<String> = ["", "ofac_2024-09-27_by_asset", "tagpacks"]
        .iter()
        .flat_map(|sub| std::fs::read_dir(folder.join(sub)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file() && path.file_name().unwrap() != "LICENSE")
        .map(|path| path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned())
        .collect();
    there.sort();
    let mut named = files.clone();
    named.sort_unstable();
    assert_eq!(named, there);

    let (_dir, store, outcome) = import(&folder, &files);
    assert!(outcome.refused.is_empty(), "{:?}", outcome.refused);
    for (report, (file, rows, accepted, quarantined, duplicates)) in outcome.reports.iter().zip(COUNTS) {
        let found = (report.rows, report.accepted, report.quarantined, report.duplicates);
        assert_eq!(found, (rows, accepted, quarantined, duplicates), "{file}");
        let kept = report.accepted + report.identifiers + report.actors + report.concepts;
        assert_eq!(rows, kept + quarantined + duplicates, "{file}");
        assert_eq!(report.transactions, 0, "none of these packs tags a transaction");
        assert!(report.unknown_concepts.is_empty(), "{file}: {:?}", report.unknown_concepts);
        assert!(report.unknown_fields.is_empty(), "{file}: {:?}", report.unknown_fields);
    }
    assert_eq!(outcome.reports[43].accepted, 2);
    assert_eq!((store.actors_len(), store.concepts().count()), (3813, 99));
    // the newest copy of the SDN list is the one in use; 17 files and one pack are older copies
    let history = outcome.reports.iter().filter(|r| r.outcome == Outcome::StoredAsHistory).count();
    assert_eq!(history, 18);
    let live: u64 = store.history().iter().filter(|e| e.is_live()).map(|e| e.accepted + e.quarantined).sum();
    assert_eq!(store.len() as u64, live);
    store.verify().unwrap();
}

#[test]
fn the_order_of_imports_does_not_matter() {
    let Some(folder) = shared() else { return };
    let lists = |name: &&str| name.contains("ofac") || name.contains("nbctf");
    let mut files: Vec<&str> = COUNTS.iter().map(|c| c.0).filter(lists).collect();
    let (_one, first, _) = import(&folder, &files);
    files.reverse();
    let (_two, second, outcome) = import(&folder, &files);
    assert_eq!(first.version(), second.version());
    assert!(first.iter().eq(second.iter()));
    // in this order the older copies were in use before the newest came
    assert!(outcome.reports.iter().all(|r| r.outcome == Outcome::Stored));
    assert_eq!(second.history().iter().filter(|e| !e.is_live()).count(), 18);
}

#[test]
fn the_seizure_orders_show_every_documented_defect() {
    let Some(folder) = shared() else { return };
    const FILE: &str = "nbctf_seizure_orders_2026-08-21.csv";
    let (_dir, store, report) = one(&folder, FILE);
    assert_eq!((report.format, report.as_of), (Format::Nbctf, Some(day("2026-08-21"))));
    // good rows: 402 Tron, 50 + 2 bitcoin (6 of them typed USDT), 14 of the Ethereum family; one bitcoin row is a repetition
    let chains: Vec<_> = report.chains.iter().map(|(chain, n)| (*chain, *n)).collect();
    assert_eq!(
        chains,
        [
            (Chain::Bitcoin, 51),
            (Chain::Litecoin, 4),
            (Chain::Dogecoin, 7),
            (Chain::Zcash, 1),
            (Chain::Verge, 1),
            (Chain::Ethereum, 14),
            (Chain::Tron, 402),
            (Chain::Cardano, 1),
        ]
    );
    assert_eq!(lines(&report, D::LookAlike), [350]);
    assert!(report.defects.iter().any(|d| d.line == 350 && d.text.starts_with("T\\u{41d}96")));
    assert_eq!(lines(&report, D::Checksum), [888, 891]);
    assert_eq!(lines(&report, D::SeveralAddresses), [576]);
    assert_eq!(lines(&report, D::TrailingText), [838, 839, 845, 846]);
    assert_eq!(lines(&report, D::OmniToken), [828, 835, 863, 870, 880, 882]);
    assert_eq!(lines(&report, D::Placeholder), [149, 152, 163, 169, 176, 184]);
    assert_eq!(lines(&report, D::Empty), [344, 345, 347, 348, 574, 577, 580, 583, 683, 690, 771, 774, 858]);
    // Sia, Lisk, DigiByte, Algorand, Stratis, Komodo
    assert_eq!(lines(&report, D::UnsupportedAsset), [840, 842, 851, 852, 856, 871, 874, 875, 886, 887]);
    assert_eq!(lines(&report, D::Duplicate), [790, 791, 792, 908]);
    // 389 cells hold digits only; three are repetitions
    assert_eq!((report.count(D::AccountNumber), report.identifiers), (389, 386));
    assert_eq!(report.chain_from_text, 8 + 9 + 6 + 392);
    // the cell with two addresses is one entry, found by either address, and accepted for neither
    let both = cell(&folder, FILE, 576, 1);
    for part in both.split(", ") {
        let candidate = address::detect(part).remove(0).address;
        assert!(store.mentions(candidate.chain, &candidate.text).any(|l| l.line == 576), "{part}");
        assert!(store.lookup(candidate.chain, &candidate.text).all(|l| l.line != 576));
    }
    for label in store.iter().filter(|l| l.is_accepted()) {
        assert_eq!((label.basis, label.category), (Basis::SeizureOrder, Category::TerroristFinancing));
        assert_eq!(label.level(Relation::Ownership), Level::High);
        assert!(label.entry.is_some() && label.valid_from.is_none() && label.lastmod.is_none());
    }
}

#[test]
fn the_ofac_table_shows_every_documented_defect() {
    let Some(folder) = shared() else { return };
    const FILE: &str = "ofac_crypto_2026-08-20.csv";
    let (_dir, store, report) = one(&folder, FILE);
    let mismatch = lines(&report, D::AssetMismatch);
    let [line] = mismatch[..] else { panic!("one Tron address is typed XBT: {mismatch:?}") };
    let text = cell(&folder, FILE, line as usize, 0);
    assert_eq!((cell(&folder, FILE, line as usize, 1), text.chars().next()), ("XBT".into(), Some('T')));
    let label = store.lookup(Chain::Tron, &text).next().unwrap();
    assert_eq!((label.note, label.asset.as_deref()), (Some(D::AssetMismatch), Some("XBT")));
    assert!(store.lookup(Chain::Bitcoin, &text).is_empty());
    // 9 + 2 cells typed USDT hold a bitcoin address
    let omni = lines(&report, D::OmniToken);
    assert_eq!(omni.len(), 11);
    for line in omni {
        assert_eq!(cell(&folder, FILE, line as usize, 1), "USDT");
        let label = store.lookup(Chain::Bitcoin, &cell(&folder, FILE, line as usize, 0)).next().unwrap();
        assert_eq!(label.note, Some(D::OmniToken));
    }
    assert_eq!(lines(&report, D::Checksum), [9], "a Monero address with a broken checksum");
    assert_eq!(lines(&report, D::Form), [244, 967], "a Monero view key, a Beacon Chain address");
    assert_eq!(report.count(D::Duplicate), 14);
    let terror = store.iter().filter(|l| l.category == Category::TerroristFinancing).count();
    let sanctioned = store.iter().filter(|l| l.category == Category::Sanctioned).count();
    assert_eq!(terror + sanctioned, store.len());
    for label in &store {
        let listed = label.concepts.iter().any(|c| c == "SDGT" || c == "FTO");
        assert_eq!(label.category == Category::TerroristFinancing, listed, "{:?}", label.concepts);
        assert_eq!(label.level(Relation::Ownership), Level::Severe);
    }
}

#[test]
fn the_older_list_and_its_copy_show_the_same_tron_address() {
    let Some(folder) = shared() else { return };
    let (_dir, _, report) = one(&folder, "ofac_2024-09-27_by_asset/sanctioned_addresses_XBT.json");
    assert_eq!((lines(&report, D::AssetMismatch), report.chains[&Chain::Tron]), (vec![356], 1));
    let (_dir, _, report) = one(&folder, "ofac_2024-09-27_by_asset/sanctioned_addresses_USDT.json");
    assert_eq!(lines(&report, D::OmniToken), [10, 11, 12, 13, 14, 15, 16]);
    let (_dir, _, report) = one(&folder, "ofac_2024-09-27_by_asset/sanctioned_addresses_XMR.json");
    assert_eq!(lines(&report, D::Form), [3]);
    let (_dir, store, report) = one(&folder, "tagpacks/ofac.yaml");
    assert_eq!(lines(&report, D::AssetMismatch), [1069]);
    assert_eq!(lines(&report, D::OmniToken), [195, 241, 847]);
    assert_eq!(lines(&report, D::Form), [571, 801, 803], "a view key, and two Monero addresses that were cut short");
    assert_eq!(report.missing_fields["confidence"], 572);
    assert!(store.iter().all(|l| l.basis == Basis::Designation && l.category == Category::Sanctioned));
}

#[test]
fn the_forfeiture_complaint_is_an_allegation_of_terrorist_financing() {
    let Some(folder) = shared() else { return };
    let (_dir, store, report) = one(&folder, "tagpacks/aft-alqaeda-forfeit_vc.yaml");
    assert_eq!((report.accepted, report.defects.len(), report.as_of), (155, 0, None));
    let labels: Vec<&Label> = store.iter().collect();
    assert_eq!(labels.first().map(|l| l.line), Some(10));
    for label in labels {
        assert_eq!((label.basis, label.category), (Basis::Complaint, Category::TerroristFinancing));
        assert_eq!(label.level(Relation::Ownership), Level::High);
        assert_eq!((label.is_cluster_definer, label.confidence.as_ref().unwrap().level), (Some(false), Some(60)));
    }
}

#[test]
fn the_packs_keep_their_meaning() {
    let Some(folder) = shared() else { return };
    for (file, category, basis) in [
        ("Alt-Right.yaml", Category::Extremism, Basis::ThirdPartyClaim),
        ("binance_hack.yaml", Category::Theft, Basis::ThirdPartyClaim),
        ("blender_io.yaml", Category::Mixer, Basis::AuthorityStatement),
        ("hydra.yaml", Category::Market, Basis::AuthorityStatement),
        ("lazarus.yaml", Category::Sanctioned, Basis::AuthorityStatement),
        ("ransomwhere.yaml", Category::Ransomware, Basis::ThirdPartyClaim),
        ("samourai.yaml", Category::Coinjoin, Basis::ThirdPartyClaim),
        ("tornado_cash.yaml", Category::Mixer, Basis::AuthorityStatement),
        ("usdt_blacklist.yaml", Category::Blacklisted, Basis::ThirdPartyClaim),
        ("chaininfo.yaml", Category::Exchange, Basis::ThirdPartyClaim),
    ] {
        let (_dir, store, _) = one(&folder, &format!("tagpacks/{file}"));
        assert!(!store.is_empty());
        assert!(store.iter().all(|l| l.category == category && l.basis == basis), "{file}");
    }
    let (_dir, store, report) = one(&folder, "tagpacks/tornado_cash.yaml");
    assert_eq!((lines(&report, D::WhiteSpace), lines(&report, D::Duplicate)), (vec![51], vec![51]));
    assert_eq!(store.iter().map(|l| l.line).min(), Some(13));
    let (_dir, store, _) = one(&folder, "tagpacks/usdt_blacklist.yaml");
    assert!(store.iter().all(|l| l.context.as_deref().is_some_and(|c| c.contains("\"token\": \"USDT\""))));
    let (_dir, store, report) = one(&folder, "tagpacks/exchange-wallets-bitfinexcom.yaml");
    assert_eq!(
        lines(&report, D::AssetMismatch),
        [76, 250],
        "a Bitcoin Cash address typed BSV, a Polkadot one typed USDT"
    );
    assert_eq!(
        store.iter().filter(|l| l.quarantine == Some(D::UnsupportedAsset)).count() as u64,
        report.count(D::UnsupportedAsset)
    );
}

#[test]
fn every_concept_of_the_interpol_taxonomy_is_mapped_or_silent_by_name() {
    let Some(folder) = shared() else { return };
    let (_place, store, _) = one(&folder, "dwva-taxonomy-v03.ttl");
    let unknown: Vec<&str> = store
        .concepts()
        .map(|c| c.id.as_str())
        .filter(|id| meaning(Scheme::Interpol, id) == Meaning::Unknown)
        .collect();
    assert_eq!((store.concepts().count(), unknown), (99, vec![]));
}

#[test]
fn the_actors_written_as_a_pack_read_back_the_same() {
    let Some(folder) = shared() else { return };
    let packs = std::fs::read_dir(folder.join("tagpacks")).unwrap().map(|e| e.unwrap().path());
    let pack = packs.into_iter().find(|p| std::fs::read_to_string(p).is_ok_and(|t| t.contains("\nactors:"))).unwrap();
    let place = tempfile::tempdir().unwrap();
    let mut store = LabelStore::open(place.path().join("a")).unwrap();
    store.import(&[pack], &ImportOptions::new(day("2026-01-01"))).unwrap();
    let mut text = Vec::new();
    let written = athar_labels::export_actorpack("All", "Athar", store.actors(), &mut text).unwrap();
    std::fs::write(place.path().join("actors.yaml"), text).unwrap();
    let mut back = LabelStore::open(place.path().join("b")).unwrap();
    let outcome = back.import(&[place.path().join("actors.yaml")], &ImportOptions::new(day("2026-01-01"))).unwrap();
    assert!(outcome.refused.is_empty(), "{:?}", outcome.refused);
    assert!(written > 1000 && back.actors_len() as u64 == written, "{written}");
    for (a, b) in store.actors().into_iter().zip(back.actors()) {
        let without_line = |actor: &athar_labels::Actor| athar_labels::Actor { line: 0, ..actor.clone() };
        assert_eq!(without_line(a), without_line(b));
    }
}
