//! Files that somebody made to do harm: each is refused by the member that is wrong, and nothing of it is stored.

use crate::files::{export, full, members, zip};
use crate::world::{NOW, World, code, on_each};
use athar_team::cases::{CaseError, CaseQuery};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek, Write};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

type Members = BTreeMap<String, Vec<u8>>;

fn hash(bytes: &[u8]) -> (String, String) {
    use sha2::Digest;
    let sha256 = sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    (blake3::hash(bytes).to_hex().to_string(), sha256)
}

/// Makes the manifest say what is in the file.
fn listed(members: &mut Members) {
    let mut manifest: Value = serde_json::from_slice(&members["MANIFEST.json"]).unwrap();
    let files: Vec<Value> = members
        .iter()
        .filter(|(name, _)| *name != "MANIFEST.json")
        .map(|(name, bytes)| {
            let (blake3, sha256) = hash(bytes);
            json!({ "name": name, "bytes": bytes.len(), "blake3": blake3, "sha256": sha256 })
        })
        .collect();
    manifest["files"] = files.into();
    members.insert("MANIFEST.json".into(), manifest.to_string().into_bytes());
}

/// The same file with another `case.json`, its manifest right.
fn with_case(members: &Members, change: impl Fn(&mut Value)) -> Members {
    let mut changed = members.clone();
    let mut case: Value = serde_json::from_slice(&members["case.json"]).unwrap();
    change(&mut case);
    changed.insert("case.json".into(), case.to_string().into_bytes());
    listed(&mut changed);
    changed
}

fn with_manifest(members: &Members, change: impl Fn(&mut Value)) -> Members {
    let mut changed = members.clone();
    let mut manifest: Value = serde_json::from_slice(&members["MANIFEST.json"]).unwrap();
    change(&mut manifest);
    changed.insert("MANIFEST.json".into(), manifest.to_string().into_bytes());
    changed
}

fn counts(world: &World) -> Vec<i64> {
    ["cases", "case_items", "case_changes", "case_files", "case_holds", "case_people", "case_members"]
        .into_iter()
        .map(|table| world.team.db().read(|tx| tx.one(&format!("SELECT count(*) FROM {table}"), &[])?.int(0)).unwrap())
        .collect()
}

fn refused(world: &World, file: File, member: &str, words: &str) {
    let before = counts(world);
    match world.cases().import(&world.owner, file, NOW) {
        Err(CaseError::Archive { member: found, what }) => {
            assert!(found.starts_with(member), "{found}: {what}, expected {member}: {words}");
            assert!(what.contains(words), "{found}: {what}, expected {words}");
        }
        other => panic!("{member} {words}: {other:?}"),
    }
    assert_eq!(counts(world), before, "{member}: something was stored");
}

#[test]
fn a_hostile_file_is_refused_by_its_member_and_nothing_is_imported() {
    on_each(|world| {
        let case = full(world);
        let good = members(&mut export(world, &world.owner, case));
        let attachment = good.keys().find(|name| name.starts_with("attachments/")).unwrap().clone();

        // no ZIP file, or one that ends in the middle
        let mut none = tempfile::tempfile().unwrap();
        none.write_all(b"PK\x03\x04 not really").unwrap();
        refused(world, none, "the file", "no ZIP file");
        let whole = zip(&good);
        let length = whole.metadata().unwrap().len();
        whole.set_len(length / 2).unwrap();
        refused(world, whole, "the file", "no ZIP file");

        // names that lead elsewhere, or are none of the few
        for name in [
            "../../etc/passwd",
            "/etc/passwd",
            "attachments/../../x",
            "attachments\\x",
            "C:\\x",
            "notes.txt",
            "attachments/",
        ] {
            let mut changed = good.clone();
            changed.insert(name.into(), b"x".to_vec());
            let start: String = name.chars().take(4).flat_map(char::escape_debug).collect();
            refused(world, zip(&changed), &start, "");
        }
        // not in the manifest; in the manifest and not there; twice; hashes that lie
        let mut changed = good.clone();
        changed.insert(format!("attachments/{}", "a".repeat(64)), b"x".to_vec());
        refused(world, zip(&changed), "attachments/aaaa", "the manifest does not name it");
        let mut changed = good.clone();
        changed.remove(&attachment);
        refused(world, zip(&changed), &attachment, "missing");
        let mut changed = good.clone();
        changed.remove("MANIFEST.json");
        refused(world, zip(&changed), "MANIFEST.json", "missing");
        let mut changed = good.clone();
        changed.remove("case.json");
        refused(world, zip(&changed), "case.json", "missing");
        for (name, what) in [(attachment.as_str(), "hashes"), ("case.json", "hashes")] {
            let mut changed = good.clone();
            let bytes = changed.get_mut(name).unwrap();
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
            refused(world, zip(&changed), name, what);
        }
        let twice = with_manifest(&good, |manifest| {
            let first = manifest["files"][0].clone();
            manifest["files"].as_array_mut().unwrap().push(first);
        });
        refused(world, zip(&twice), "case.json", "twice");
        let lies = with_manifest(&good, |manifest| manifest["files"][0]["bytes"] = 7.into());
        refused(world, zip(&lies), "case.json", "the manifest says 7");
        let elsewhere = with_manifest(&good, |manifest| manifest["files"][1]["name"] = "/etc/passwd".into());
        refused(world, zip(&elsewhere), "/etc/passwd", "cannot be in the file");

        // of another kind or version
        let other = with_manifest(&good, |manifest| manifest["format"] = "something".into());
        refused(world, zip(&other), "MANIFEST.json", "no exported case");
        let newer = with_manifest(&good, |manifest| {
            manifest["version"] = 2.into();
            manifest["further"] = json!({});
        });
        refused(world, zip(&newer), "MANIFEST.json", "version 2");
        let more = with_manifest(&good, |manifest| manifest["further"] = json!({}));
        refused(world, zip(&more), "MANIFEST.json", "no manifest");

        assert_eq!(code(world.cases().import(&world.owner, zip(&good), NOW)), "ok");
    });
}

#[test]
fn a_case_that_is_not_what_its_history_leads_to_is_refused() {
    on_each(|world| {
        let case = full(world);
        let good = members(&mut export(world, &world.owner, case));
        let at = |kind: &str, case: &Value| -> usize {
            case["items"].as_array().unwrap().iter().position(|item| item["kind"] == kind).unwrap()
        };
        type Change = Box<dyn Fn(&mut Value)>;
        let changes: Vec<(&str, Change)> = vec![
            ("no case", Box::new(|case| case["further"] = 1.into())),
            ("no case", Box::new(|case| case["fields"]["state"] = "lost".into())),
            ("title", Box::new(|case| case["fields"]["title"] = "x".repeat(201).into())),
            ("fields are not", Box::new(|case| case["fields"]["title"] = "Another".into())),
            (
                "history leads to",
                Box::new(move |case| {
                    let note = at("note", case);
                    case["items"][note]["state"]["body"]["text"] = "I confess".into();
                }),
            ),
            (
                "history leads to",
                Box::new(move |case| {
                    let note = at("note", case);
                    case["items"][note]["version"] = 7.into();
                }),
            ),
            (
                "does not tell of it",
                Box::new(move |case| {
                    let note = at("note", case);
                    case["items"][note]["id"] = 99.into();
                }),
            ),
            (
                "twice",
                Box::new(|case| {
                    let item = case["items"][0].clone();
                    case["items"].as_array_mut().unwrap().push(item);
                }),
            ),
            ("history leads to", Box::new(|case| _ = case["items"].as_array_mut().unwrap().pop())),
            ("not whole", Box::new(|case| case["next_seq"] = 500.into())),
            ("out of order", Box::new(|case| _ = case["history"].as_array_mut().unwrap().remove(3))),
            ("out of order", Box::new(|case| case["history"][2]["at_s"] = (-5).into())),
            ("people", Box::new(|case| case["people"] = json!([]))),
            (
                "people",
                Box::new(|case| {
                    let first = case["people"][0].clone();
                    case["people"].as_array_mut().unwrap().push(first);
                }),
            ),
            ("people", Box::new(|case| case["people"][0]["display"] = "a\u{0}b".into())),
            (
                "left out",
                Box::new(|case| {
                    case["history"][0]["kept"] = false.into();
                    case["history"][0]["state"] = Value::Null;
                }),
            ),
            (
                "undone by no undoing",
                Box::new(|case| {
                    let last = case["history"].as_array().unwrap().len() - 1;
                    case["history"][last]["of"] = 1.into();
                }),
            ),
            ("undone by", Box::new(|case| case["history"][0]["undone_seq"] = 3.into())),
            ("numbers", Box::new(|case| case["next_item"] = 0.into())),
            (
                "path",
                Box::new(move |case| {
                    let finding = at("finding", case);
                    let id = case["items"][finding]["id"].clone();
                    case["items"][finding]["state"]["body"]["path"] = "//evil.example/".into();
                    for change in case["history"].as_array_mut().unwrap() {
                        if change["item"] == id && change["kind"] == "finding" {
                            change["state"]["body"]["path"] = "//evil.example/".into();
                        }
                    }
                }),
            ),
            (
                "name",
                Box::new(move |case| {
                    let file = at("attachment", case);
                    case["items"][file]["state"]["body"]["name"] = "../../x".into();
                }),
            ),
        ];
        for (words, change) in changes {
            refused(world, zip(&with_case(&good, change)), "case.json", words);
        }
        // an attachment that the case does not name, and one whose length it tells in another way
        let mut more = good.clone();
        more.insert(format!("attachments/{}", hash(b"more").0), b"more".to_vec());
        listed(&mut more);
        refused(world, zip(&more), "attachments/", "nothing in the case names it");
        assert_eq!(code(world.cases().import(&world.owner, zip(&with_case(&good, |_| ())), NOW)), "ok");
    });
}

#[test]
fn what_unpacks_to_more_than_may_be_is_refused_before_it_is_held() {
    on_each(|world| {
        let case = full(world);
        let good = members(&mut export(world, &world.owner, case));
        // 1 GiB of zeros in about 1 MiB, under the name of an attachment, the manifest saying that it is small
        let packed = |method| SimpleFileOptions::default().compression_method(method);
        let name = format!("attachments/{}", "b".repeat(64));
        let mut zip = ZipWriter::new(tempfile::tempfile().unwrap());
        let manifest = with_manifest(&good, |manifest| {
            let bomb = json!({ "name": name, "bytes": 5, "blake3": "b".repeat(64), "sha256": "b".repeat(64) });
            manifest["files"].as_array_mut().unwrap().push(bomb);
        });
        let case = with_case(&good, |case| {
            for list in ["items", "history"] {
                for entry in case[list].as_array_mut().unwrap() {
                    if entry["kind"] == "attachment" && entry["state"]["body"]["name"] == "gone.bin" {
                        entry["state"]["body"]["blake3"] = "b".repeat(64).into();
                    }
                }
            }
        });
        let mut manifest = Members::from([("MANIFEST.json".to_owned(), manifest["MANIFEST.json"].clone())]);
        let mut value: Value = serde_json::from_slice(&manifest["MANIFEST.json"]).unwrap();
        let (blake3, sha256) = hash(&case["case.json"]);
        value["files"][0] =
            json!({ "name": "case.json", "bytes": case["case.json"].len(), "blake3": blake3, "sha256": sha256 });
        let gone = format!("attachments/{}", hash(b"gone").0);
        value["files"].as_array_mut().unwrap().retain(|file| file["name"] != gone);
        manifest.insert("MANIFEST.json".into(), value.to_string().into_bytes());
        for (member, bytes) in good.iter().filter(|(name, _)| **name != gone) {
            let bytes = match member.as_str() {
                "MANIFEST.json" => &manifest["MANIFEST.json"],
                "case.json" => &case["case.json"],
                _ => bytes,
            };
            zip.start_file(member.as_str(), packed(CompressionMethod::Deflated)).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.start_file(name.as_str(), packed(CompressionMethod::Deflated)).unwrap();
        let zeros = vec![0_u8; 1 << 20];
        for _ in 0..64 {
            zip.write_all(&zeros).unwrap();
        }
        let mut file = zip.finish().unwrap();
        assert!(file.metadata().unwrap().len() < 1 << 20);
        file.rewind().unwrap();
        refused(world, file, "attachments/bbbb", "more than 33554432 bytes");
        // a manifest that is a bomb itself
        let mut zip = ZipWriter::new(tempfile::tempfile().unwrap());
        zip.start_file("MANIFEST.json", packed(CompressionMethod::Deflated)).unwrap();
        for _ in 0..17 {
            zip.write_all(&zeros).unwrap();
        }
        refused(world, zip.finish().unwrap(), "MANIFEST.json", "more than 16777216 bytes");
    });
}

#[test]
fn a_file_of_random_damage_never_brings_half_a_case() {
    on_each(|world| {
        let case = full(world);
        let mut file = zip(&members(&mut export(world, &world.owner, case)));
        let mut good = Vec::new();
        std::io::Read::read_to_end(&mut file, &mut good).unwrap();
        let list = |world: &World| {
            let query = CaseQuery { limit: 1_000, ..CaseQuery::default() };
            world.cases().list(&world.supervisor, &query, NOW).unwrap().cases.len()
        };
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..150 {
            let mut bytes = good.clone();
            for _ in 0..3 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let at = (state >> 33) as usize % bytes.len();
                bytes[at] = (state >> 20) as u8;
            }
            let before = (list(world), counts(world));
            let result = world.cases().import(&world.owner, std::io::Cursor::new(bytes), NOW);
            match result {
                // damage where nothing of the case is, as in a date of the ZIP file
                Ok(_) => assert_eq!(list(world), before.0 + 1),
                Err(CaseError::Archive { .. }) => assert_eq!((list(world), counts(world)), before),
                Err(other) => panic!("{other}"),
            }
        }
    });
}
