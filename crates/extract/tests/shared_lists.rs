//! Published vectors and lists: every valid address of them is found in a sentence, and no invalid one.

use athar_extract::{Extractor, Kind, Options};
use athar_types::{Chain, address};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A folder of the shared data, or `None` (told) where it is absent and not required.
fn shared(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("ATHAR_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    if folder.join(name).is_dir() {
        return Some(folder.join(name));
    }
    assert!(
        std::env::var_os("ATHAR_REQUIRE_SHARED").is_none_or(|v| v != "1"),
        "the shared data is required and absent: {}",
        folder.display()
    );
    println!("skipped: no shared data at {}", folder.display());
    None
}

fn addresses(text: &str) -> Vec<(Vec<Chain>, String, String)> {
    let extractor = Extractor::new(Options { test_networks: true, ..Options::default() });
    let mut found = Vec::new();
    extractor.scan(text, &mut |find| {
        if find.kind == Kind::Address {
            found.push((find.chains.iter().map(|c| c.chain).collect(), find.value, text[find.at].to_owned()));
        }
    });
    found
}

/// The addresses of the two lists of a BIP: those under the line that says they are valid, and those under the other.
fn vectors(text: &str, valid: &str, invalid: &str) -> (Vec<String>, Vec<String>) {
    let (_, from_valid) = text.split_once(valid).unwrap();
    let (good, bad) = from_valid.split_once(invalid).unwrap();
    let first = |part: &str| -> Vec<String> {
        part.lines()
            .filter_map(|line| line.trim_start().strip_prefix("* <tt>")?.split_once("</tt>"))
            .map(|(text, _)| text.to_owned())
            .take_while(|text| !text.is_empty())
            .collect()
    };
    (first(good), first(bad))
}

#[test]
fn the_vectors_of_bip_173_350_and_341_are_found_and_the_invalid_ones_are_not() {
    let Some(folder) = shared("addresses") else { return };
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let bip350 = read("bip-0350.mediawiki");
    let (mut good, mut bad) = vectors(
        &bip350,
        "The following list gives valid segwit addresses",
        "The following list gives invalid segwit addresses",
    );
    let (old_good, old_bad) = vectors(
        &read("bip-0173.mediawiki"),
        "The following list gives valid segwit addresses",
        "The following list gives invalid segwit addresses",
    );
    assert_eq!((good.len(), old_good.len()), (8, 6));
    assert!(bad.len() >= 15 && old_bad.len() >= 10, "{} {}", bad.len(), old_bad.len());
    // BIP 350 gave the versions above 0 another checksum: what BIP 173 lists of them is invalid since
    for text in old_good {
        let version_0 = text.to_lowercase().contains("1q");
        if version_0 { good.push(text) } else { bad.push(text) }
    }
    bad.extend(old_bad);
    let taproot: serde_json::Value = serde_json::from_str(&read("bip-0341/wallet-test-vectors.json")).unwrap();
    let keys = taproot["scriptPubKey"].as_array().unwrap();
    good.extend(keys.iter().map(|k| k["expected"]["bip350Address"].as_str().unwrap().to_owned()));
    for text in &good {
        let found = addresses(&format!("Vector {text} of the standard."));
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!((found[0].1.as_str(), found[0].2.as_str()), (text.to_lowercase().as_str(), text.as_str()));
    }
    for text in &bad {
        assert_eq!(addresses(&format!("Vector {text} of the standard.")), [], "{text}");
    }
    println!("{} valid vectors found, {} invalid ones not", good.len(), bad.len());
}

/// Every text of the label files that stands where an address should.
fn listed(folder: &Path) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (file, column) in [("ofac_crypto_2026-08-20.csv", 0), ("nbctf_seizure_orders_2026-08-21.csv", 1)] {
        let mut reader = csv::Reader::from_path(folder.join(file)).unwrap();
        all.extend(reader.records().map(|row| row.unwrap()[column].trim().to_owned()));
    }
    for entry in std::fs::read_dir(folder.join("ofac_2024-09-27_by_asset")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        all.extend(serde_json::from_str::<Vec<String>>(&text).unwrap());
    }
    for entry in std::fs::read_dir(folder.join("tagpacks")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "yaml") {
            let text = std::fs::read_to_string(path).unwrap();
            let lines = text.lines().filter_map(|line| line.trim_start_matches([' ', '-']).strip_prefix("address:"));
            all.extend(lines.map(|value| value.trim().trim_matches(['\'', '"']).to_owned()));
        }
    }
    all
}

#[test]
fn every_valid_address_of_the_lists_is_found_in_a_sentence_and_no_broken_one() {
    let Some(folder) = shared("labels") else { return };
    let sentences = [
        "Payments went to {} in the summer.",
        "العنوان {} ورد في القرار.",
        "L\u{2019}adresse {} figure dans la liste.",
        "Адрес «{}» указан в списке.",
        "row,{},1234.50,2021-03-04",
    ];
    let (mut valid, mut broken) = (0_u32, Vec::new());
    for (n, text) in listed(&folder).into_iter().enumerate() {
        let candidates = address::detect(&text);
        let found = addresses(&sentences[n % sentences.len()].replace("{}", &text));
        let solana = candidates.iter().all(|c| c.address.chain == Chain::Solana);
        if candidates.is_empty() {
            broken.push((text, found));
        } else if solana {
            // without a checksum, a word must say it
            let told = addresses(&format!("Solana {text}"));
            assert_eq!(told.first().map(|f| f.1.as_str()), Some(text.as_str()), "{text}");
            assert_eq!(found, [], "{text}");
            valid += 1;
        } else {
            assert_eq!(found.len(), 1, "{text}");
            let chains: Vec<Chain> = candidates.iter().map(|c| c.address.chain).collect();
            let mut both = (found[0].0.clone(), chains);
            both.0.sort_unstable();
            both.1.sort_unstable();
            assert_eq!(both.0, both.1, "{text}");
            valid += 1;
        }
    }
    println!("{valid} valid addresses found; {} cells are none as they stand, of which these hold one:", broken.len());
    for (text, found) in broken.iter().filter(|(_, found)| !found.is_empty()) {
        println!("  {text:?} holds {found:?}");
        // with blanks or notes around it, or with letters of another script in it, which the checksum proves
        assert!(found.iter().all(|f| f.2 != *text || !text.is_ascii()), "{text}");
    }
    assert!(valid > 20_000, "{valid}");
}
