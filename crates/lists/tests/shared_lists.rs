//! The real lists beside the checkout.

use athar_lists::{List, ListDefectKind, ReadOptions, Report, diff, read};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

fn shared(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("ATHAR_SHARED_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var_os("ATHAR_REQUIRE_SHARED").is_none(), "{} is not there", path.display());
    eprintln!("skipped: {} is not there", path.display());
    None
}

fn unpacked(name: &str) -> Option<(tempfile::TempDir, PathBuf, Vec<u8>)> {
    let packed = std::fs::read(shared(name)?).unwrap();
    let bytes = zstd::decode_all(&packed[..]).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("list.xml");
    std::fs::write(&path, &bytes).unwrap();
    Some((dir, path, bytes))
}

fn list(path: &PathBuf) -> (List, Report) {
    read(path, &ReadOptions::default()).unwrap()
}

#[test]
fn explore() {
    for name in ["names/un_consolidated_2020-11-30.xml.zst", "names/un_consolidated_2026-02-27.xml.zst"] {
        let Some((_dir, path, _)) = unpacked(name) else { return };
        let (list, report) = list(&path);
        println!("{:?}\n{:?}", list.info, report.defects_by_kind);
        for d in &report.defects {
            println!("{d:?}");
        }
    }
    for name in [
        "names/eu_32002R0881.csv",
        "labels/nbctf_seizure_orders_2026-08-21.csv",
        "labels/ofac_crypto_2026-08-20.csv",
        "labels/ofac_2024-09-27_by_asset",
    ] {
        let (list, report) = list(&shared(name).unwrap());
        println!("{:?}\n{:?}", list.info, report.defects_by_kind);
        for d in report.defects.iter().filter(|d| d.kind != ListDefectKind::NoReference).take(60) {
            println!("{d:?}");
        }
        let w: usize = list.entries.iter().map(|e| e.wallets.len()).sum();
        let i: usize = list.entries.iter().map(|e| e.identifiers.len()).sum();
        let b: usize = list.entries.iter().map(|e| e.births.len()).sum();
        let o: usize = list
            .entries
            .iter()
            .map(|e| usize::from(e.names.iter().any(|n| n.kind == athar_lists::NameKind::OriginalScript)))
            .sum();
        println!("wallets {w} identifiers {i} births {b} original {o}");
    }
    let Some((_d, path, _)) = unpacked("names/un_consolidated_2025-08-16.damaged.xml.zst") else { return };
    println!("{}", read(&path, &ReadOptions::default()).unwrap_err());
    let _: (BTreeMap<u8, u8>, BTreeSet<u8>) = Default::default();
    let a = list(&shared("labels/ofac_2024-09-27_by_asset").unwrap()).0;
    let b = list(&shared("labels/ofac_crypto_2026-08-20.csv").unwrap()).0;
    let d = diff(&a, &b);
    println!("{} {} {}", d.wallets_added.len(), d.wallets_removed.len(), d.wallets_unchanged);
}
