//! The real lists beside the checkout: counts made apart from the readers (by cutting the text, by a script), defects each of
//! which was looked at, differences as sets computed apart from the readers. Where the data is absent the tests say so and pass, unless `ATHAR_REQUIRE_SHARED` asks for them.
use athar_lists::{EntryKind, List, ListDefectKind as Kind, NameKind, ReadOptions, Report, diff, read};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn shared(name: &str) -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let path = std::env::var_os("ATHAR_SHARED_DATA").map_or_else(beside, PathBuf::from).join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var_os("ATHAR_REQUIRE_SHARED").is_none(), "{} is not there", path.display());
    eprintln!("skipped: {} is not there", path.display());
    None
}

fn unpacked(name: &str) -> Option<(tempfile::TempDir, PathBuf, Vec<u8>)> {
    let bytes = zstd::decode_all(&fs::read(shared(name)?).unwrap()[..]).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("list.xml");
    fs::write(&path, &bytes).unwrap();
    Some((dir, path, bytes))
}

fn list(path: &Path) -> (List, Report) {
    read(path, &ReadOptions::default()).unwrap()
}

const UN_OLD: &str = "names/un_consolidated_2020-11-30.xml.zst";
const UN_NEW: &str = "names/un_consolidated_2026-02-27.xml.zst";

/// The texts between two tags, found without an XML parser.
fn between<'a>(text: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).filter_map(move |rest| rest.split(close).next()).map(str::trim)
}

/// Reference -> latest day of update, by cutting the text at the ends of entries.
fn un_by_hand(text: &str) -> BTreeMap<String, Option<String>> {
    let mut found = BTreeMap::new();
    for entry in text.split("<DATAID>").skip(1) {
        let id = between(entry, "<REFERENCE_NUMBER>", "</REFERENCE_NUMBER>").next().unwrap().to_owned();
        let updates = between(entry, "<LAST_DAY_UPDATED>", "</LAST_DAY_UPDATED>");
        let days = updates.flat_map(|u| between(u, "<VALUE>", "</VALUE>").map(|d| d[..10].to_owned()));
        assert!(found.insert(id, days.max()).is_none());
    }
    found
}

#[test]
fn the_un_lists_are_read_whole_with_their_defects() {
    for (name, day, persons, entities, aliases, original, form, damaged) in
        [(UN_OLD, "2020-11-30", 713, 305, 3289, 408, 21, 0), (UN_NEW, "2026-02-27", 730, 273, 3043, 378, 14, 1)]
    {
        let Some((_dir, path, bytes)) = unpacked(name) else { return };
        let text = String::from_utf8(bytes).unwrap();
        let (list, report) = list(&path);
        assert_eq!(list.info.as_of.unwrap().to_string(), day);
        let of = |kind: EntryKind| list.entries.iter().filter(|e| e.kind == kind).count();
        assert_eq!((of(EntryKind::Person), of(EntryKind::Organisation)), (persons, entities));
        let by_hand = un_by_hand(&text);
        let read: BTreeSet<&str> = list.entries.iter().map(|e| e.id.as_str()).collect();
        assert_eq!(read, by_hand.keys().map(String::as_str).collect());
        for entry in &list.entries {
            assert_eq!(entry.updated_on.map(|d| d.to_string()), by_hand[&entry.id], "{}", entry.id);
            assert!(entry.listed_on.is_some() && !entry.names.is_empty(), "{}", entry.id);
        }
        // every alias in the text is one of the entry's names; empty ones are none
        let tags = text.matches("<INDIVIDUAL_ALIAS>").count() + text.matches("<ENTITY_ALIAS>").count();
        assert_eq!(tags, aliases);
        let tidy = |t: &str| {
            t.replace("&amp;", "&")
                .replace("&quot;", "\"")
                .replace("&apos;", "'")
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        };
        let names: BTreeSet<&str> = list.entries.iter().flat_map(|e| &e.names).map(|n| n.text.as_str()).collect();
        for alias in between(&text, "<ALIAS_NAME>", "</ALIAS_NAME>").map(tidy).filter(|a| !a.is_empty()) {
            assert!(names.contains(alias.as_str()), "{alias}");
        }
        let scripts: Vec<String> = between(&text, "<NAME_ORIGINAL_SCRIPT>", "</NAME_ORIGINAL_SCRIPT>")
            .map(tidy)
            .filter(|t| !t.is_empty())
            .collect();
        assert_eq!(scripts.len(), original);
        let originals: BTreeSet<&str> = list
            .entries
            .iter()
            .flat_map(|e| &e.names)
            .filter(|n| n.kind == NameKind::OriginalScript)
            .map(|n| n.text.as_str())
            .collect();
        assert!(scripts.iter().all(|s| originals.contains(s.as_str())));
        assert_eq!((report.count(Kind::Form), report.count(Kind::DamagedText)), (form, damaged));
        assert_eq!(report.total(), form + damaged);
    }
}

#[test]
fn the_difference_of_the_un_lists_is_complete_and_right() {
    let (Some((_a, old_path, old_bytes)), Some((_b, new_path, new_bytes))) = (unpacked(UN_OLD), unpacked(UN_NEW))
    else {
        return;
    };
    let (old, new) = (list(&old_path).0, list(&new_path).0);
    let by_hand = |bytes: Vec<u8>| un_by_hand(&String::from_utf8(bytes).unwrap());
    let (before, after) = (by_hand(old_bytes), by_hand(new_bytes));
    let found = diff(&old, &new);
    let ids = |entries: &[athar_lists::EntrySummary]| entries.iter().map(|e| e.id.clone()).collect::<Vec<_>>();
    let only = |a: &BTreeMap<String, Option<String>>, b: &BTreeMap<String, Option<String>>| {
        a.keys().filter(|id| !b.contains_key(*id)).cloned().collect::<Vec<_>>()
    };
    assert_eq!(ids(&found.added), only(&after, &before));
    assert_eq!(ids(&found.removed), only(&before, &after));
    assert_eq!((found.added.len(), found.removed.len()), (91, 106));
    let kept = after.keys().filter(|id| before.contains_key(*id)).count();
    assert_eq!(found.changed.len() as u64 + found.unchanged, kept as u64);
    // whatever the list says it updated is told with both days, and no other entry's day is
    for (id, day) in &after {
        let Some(earlier) = before.get(id) else { continue };
        let change = found.changed.iter().find(|c| c.id == *id);
        let days = change.and_then(|c| c.fields.iter().find(|f| f.field == "updated_on"));
        match (earlier == day, days) {
            (true, None) => {}
            (false, Some(field)) => {
                assert_eq!(field.old, earlier.iter().cloned().collect::<Vec<_>>(), "{id}");
                assert_eq!(field.new, day.iter().cloned().collect::<Vec<_>>(), "{id}");
            }
            other => panic!("{id}: {other:?}"),
        }
    }
    let again = diff(&list(&old_path).0, &list(&new_path).0);
    assert_eq!(serde_json::to_string(&found).unwrap(), serde_json::to_string(&again).unwrap());
    let back = diff(&new, &old);
    assert_eq!((ids(&back.added), ids(&back.removed)), (ids(&found.removed), ids(&found.added)));
    assert!(diff(&new, &new).is_empty());
}

#[test]
fn the_damaged_un_list_is_refused_at_its_first_bad_byte() {
    let Some((_dir, path, bytes)) = unpacked("names/un_consolidated_2025-08-16.damaged.xml.zst") else { return };
    // the first byte that XML in UTF-8 cannot hold: a control character, well before the first byte that is no UTF-8
    let control = bytes.iter().position(|b| *b < 0x20 && ![9, 10, 13].contains(b)).unwrap();
    let no_utf8 = std::str::from_utf8(&bytes).unwrap_err().valid_up_to();
    let bad = control.min(no_utf8);
    let line = bytes[..bad].iter().filter(|b| **b == b'\n').count() + 1;
    assert_eq!((bad, line, no_utf8), (2110, 53, 2192));
    let error = read(&path, &ReadOptions::default()).unwrap_err().to_string();
    assert!(error.contains(&format!("line {line}, byte {bad}: ")), "{error}");
    // without its control characters it is still no UTF-8, and refused at that byte
    let repaired: Vec<u8> =
        bytes.iter().map(|b| if *b < 0x20 && ![9, 10, 13].contains(b) { b' ' } else { *b }).collect();
    fs::write(&path, repaired).unwrap();
    let error = read(&path, &ReadOptions::default()).unwrap_err().to_string();
    assert!(error.contains("line 54, byte 2192: not UTF-8 from byte 0xe9 on"), "{error}");
}

#[test]
fn a_list_cut_off_anywhere_is_refused() {
    let Some((_dir, path, bytes)) = unpacked(UN_NEW) else { return };
    for keep in [100, 5_000, bytes.len() / 2, bytes.len() - 30, bytes.len() - 1] {
        fs::write(&path, &bytes[..keep]).unwrap();
        let error = read(&path, &ReadOptions::default()).unwrap_err().to_string();
        assert!(error.contains("line ") && error.contains("byte "), "{keep}: {error}");
    }
    for name in
        ["names/eu_32002R0881.csv", "labels/nbctf_seizure_orders_2026-08-21.csv", "labels/ofac_crypto_2026-08-20.csv"]
    {
        let bytes = fs::read(shared(name).unwrap()).unwrap();
        for keep in [bytes.len() / 2, bytes.len() - 40] {
            let mut end = keep;
            while matches!(bytes[end - 1], b'\n' | b'\r') {
                end -= 1;
            }
            fs::write(&path, &bytes[..end]).unwrap();
            assert!(read(&path, &ReadOptions::default()).is_err(), "{name} {end}");
        }
    }
}

#[test]
fn the_tables_are_read_whole_with_their_defects() {
    let Some(eu) = shared("names/eu_32002R0881.csv") else { return };
    let (list, report) = list(&eu);
    assert_eq!((list.info.list.as_str(), list.entries.len(), list.info.as_of), ("eu-32002R0881", 350, None));
    let is_arabic = |c: char| ('\u{600}'..='\u{6ff}').contains(&c);
    let with_arabic = list.entries.iter().filter(|e| e.names.iter().any(|n| n.text.chars().any(is_arabic))).count();
    let original = list
        .entries
        .iter()
        .filter(|e| e.names.iter().any(|n| n.kind == NameKind::OriginalScript && n.text.chars().any(is_arabic)))
        .count();
    assert_eq!((with_arabic, original), (51, 51));
    assert_eq!(list.entries.iter().filter(|e| e.listed_on.is_some()).count(), 328);
    assert_eq!(
        (report.count(Kind::NoReference), report.count(Kind::RepeatedReference), report.count(Kind::Date)),
        (350, 2, 6)
    );
    assert_eq!(report.total(), 358);
    let dates: Vec<u32> = report.defects.iter().filter(|d| d.kind == Kind::Date).map(|d| d.line).collect();
    let text = fs::read_to_string(&eu).unwrap();
    for line in dates {
        // the place is the entry's own line in the file, as an editor counts
        let entry = list.entries.iter().find(|e| e.line == line).unwrap();
        assert!(text.lines().nth(line as usize - 1).unwrap().contains(entry.primary_name().unwrap()), "{line}");
    }

    let (list, report) = self::list(&shared("labels/nbctf_seizure_orders_2026-08-21.csv").unwrap());
    let wallets: usize = list.entries.iter().map(|e| e.wallets.len()).sum();
    let accounts = list.entries.iter().flat_map(|e| &e.identifiers).filter(|i| i.kind == "account").count();
    // 908 rows: 389 of digits alone, 19 empty or a dash
    assert_eq!((list.entries.len(), wallets, accounts, report.count(Kind::Form)), (35, 500, 389, 19));
    assert_eq!(wallets + accounts + 19, 908);
    assert!(list.entries.iter().all(|e| e.listed_on.is_none()), "an order number gives no day");

    let (list, report) = self::list(&shared("labels/ofac_crypto_2026-08-20.csv").unwrap());
    let wallets: usize = list.entries.iter().map(|e| e.wallets.len()).sum();
    assert_eq!((list.entries.len(), wallets, report.total(), list.info.as_of), (94, 977, 0, None));
}

#[test]
fn the_two_states_of_ofacs_addresses_differ_as_sets_computed_apart() {
    let Some(folder) = shared("labels/ofac_2024-09-27_by_asset") else { return };
    let table = shared("labels/ofac_crypto_2026-08-20.csv").unwrap();
    let key = |a: &str| if a.starts_with("0x") || a.starts_with("bc1") { a.to_lowercase() } else { a.to_owned() };
    let mut old: BTreeSet<String> = BTreeSet::new();
    for file in fs::read_dir(&folder).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        old.extend(text.split('"').filter(|part| part.chars().all(char::is_alphanumeric) && part.len() > 20).map(key));
    }
    let text = fs::read_to_string(&table).unwrap();
    let new: BTreeSet<String> = text.lines().skip(1).map(|line| key(line.split(',').next().unwrap())).collect();
    let found = diff(&list(&folder).0, &list(&table).0);
    assert!(!found.entries_compared);
    let told =
        |wallets: &[athar_lists::WalletSummary]| wallets.iter().map(|w| key(&w.address)).collect::<BTreeSet<_>>();
    assert_eq!(told(&found.wallets_added), new.difference(&old).cloned().collect());
    assert_eq!(told(&found.wallets_removed), old.difference(&new).cloned().collect());
    assert_eq!(found.wallets_unchanged as usize, new.intersection(&old).count());
    assert_eq!((found.wallets_added.len(), found.wallets_removed.len(), found.wallets_unchanged), (410, 90, 551));
}
