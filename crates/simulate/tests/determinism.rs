//! The same settings give the same bytes.

use crate::common;

use athar_simulate::{Settings, simulate};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fs, num::NonZeroUsize, path::Path};

/// Hash of every file below a folder, by relative path.
fn hashes(root: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for folder in ["blocks", "truth", "analyst"] {
        let Ok(entries) = fs::read_dir(root.join(folder)) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            let name = format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap());
            found.insert(name, hex::encode(Sha256::digest(fs::read(path).unwrap())));
        }
    }
    found
}

#[test]
fn threads_change_no_byte_and_seeds_change_most() {
    let dir = tempfile::tempdir().unwrap();
    let run = |name: &str, seed, threads, profile| {
        let out = dir.path().join(name);
        let make = if profile { Settings::profile } else { Settings::economy };
        let settings = make(seed, 10_000, out.clone());
        let settings = Settings { threads: NonZeroUsize::new(threads), ..settings };
        (simulate(&settings, &mut |_| {}).unwrap(), hashes(&out))
    };
    for profile in [false, true] {
        let (one, first) = run(&format!("one-{profile}"), 9, 1, profile);
        let (four, second) = run(&format!("four-{profile}"), 9, 4, profile);
        assert_eq!(one, four);
        assert_eq!(first, second);
        let (other, third) = run(&format!("other-{profile}"), 10, 2, profile);
        assert_ne!(one.digest, other.digest);
        assert_ne!(first["blocks/blk00000.dat"], third["blocks/blk00000.dat"]);
    }
}

#[test]
fn the_manifest_has_the_hash_of_every_other_file() {
    let world = common::World::new(|s| Settings { txs: 10_000, file_len_max: 1 << 20, ..s });
    let manifest = world.json("truth/manifest.json");
    let mut on_disk = hashes(&world.path(""));
    on_disk.remove("truth/manifest.json");
    let listed: BTreeMap<String, String> = manifest["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["path"].as_str().unwrap().to_owned(), f["sha256"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(listed, on_disk);
    let lines = listed.iter().fold(String::new(), |text, (path, hash)| text + hash + "  " + path + "\n");
    assert_eq!(manifest["digest"], hex::encode(Sha256::digest(lines)));
    assert_eq!(manifest["digest"], world.summary.digest);
    assert_eq!(world.summary.files, listed.len() + 1);
    assert!(listed.contains_key("blocks/blk00003.dat"), "files are cut at the size asked for");
    for (path, _) in listed.iter().filter(|(p, _)| p.starts_with("blocks/blk")) {
        assert!(fs::metadata(world.path(path)).unwrap().len() <= 1 << 20, "{path}");
    }
}

/// The fingerprint of seed 1: a change here changes the demo, the README's picture and every number that was measured
/// on a world. It is meant to fail when the economy is changed; then the new value belongs here and in the changelog.
#[test]
fn the_world_of_seed_1_is_the_one_that_was_published() {
    let world = common::World::new(|s| s);
    assert_eq!(world.summary.digest, include_str!("seed-1-20000-books.digest").trim());
    // without the books of the coupon service it is the world that was published before there were any
    let manifest = world.json("truth/manifest.json");
    let files = manifest["files"].as_array().unwrap().iter();
    let lines = files.fold(String::new(), |text, file| {
        let (path, hash) = (file["path"].as_str().unwrap(), file["sha256"].as_str().unwrap());
        let is_book = matches!(path, "analyst/coupon_sales.csv" | "analyst/redemptions.csv");
        if is_book { text } else { text + hash + "  " + path + "\n" }
    });
    assert_eq!(hex::encode(Sha256::digest(lines)), include_str!("seed-1-20000.digest").trim());
}
