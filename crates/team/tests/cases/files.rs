//! A case as a file, and back.

use crate::support;
use crate::world::{ADDRESS, NOW, OTHER, World, finding, graph, link, note, on_each, subject};
use athar_team::cases::{Body, CaseRole, Kind, Seen, Task, Who};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, Write};
use zip::ZipArchive;
use zip::write::{SimpleFileOptions, ZipWriter};

/// A case with something of every kind, and a history.
pub(crate) fn full(world: &World) -> i64 {
    let (cases, case) = (world.cases(), world.case("قضية القسائم").id);
    let patch = r#"{"version":1,"summary":"Coupons","legal_basis":"Art. 4","retention_until":"2027-01-31",
        "humanitarian":{"flag":true,"note":"a clinic"},"disclosure":"title","state":"review"}"#;
    cases.patch(&world.owner, case, &serde_json::from_str(patch).unwrap(), NOW).unwrap();
    cases.add(&world.owner, case, subject(ADDRESS), Some(OTHER), NOW).unwrap();
    let item = world.add(&world.owner, case, note("first"));
    cases.change(&world.editor, case, Seen { item, version: 1 }, note("second\n<b>"), None, NOW + 5).unwrap();
    world.add(&world.editor, case, finding("the money came from there"));
    let assignee = world.editor.user;
    world.add(&world.owner, case, Body::Task(Task { text: "ask".into(), assignee, due: None, done: false }));
    let other = world.case("Other").id;
    world.add(&world.owner, case, link(other));
    world.add(&world.owner, case, graph("Flows", 3));
    for bytes in [&b"one"[..], b"two", b"one"] {
        cases.attach(&world.owner, case, "file.bin", "application/x-thing", bytes, NOW).unwrap();
    }
    let gone = cases.attach(&world.owner, case, "gone.bin", "text/plain", b"gone", NOW).unwrap();
    cases.remove(&world.owner, case, Kind::Attachment, gone.id, None, NOW).unwrap();
    let undone = world.add(&world.editor, case, note("undone"));
    cases.undo(&world.editor, case, None, NOW + 9).unwrap();
    assert!(undone > item);
    case
}

pub(crate) fn export(world: &World, who: &Who, case: i64) -> File {
    let mut file = tempfile::tempfile().unwrap();
    world.cases().export(who, case, &mut file, NOW).unwrap();
    file.rewind().unwrap();
    file
}

/// The members of a ZIP file, unpacked.
pub(crate) fn members(file: &mut File) -> BTreeMap<String, Vec<u8>> {
    file.rewind().unwrap();
    let mut zip = ZipArchive::new(file).unwrap();
    (0..zip.len())
        .map(|at| {
            let mut member = zip.by_index(at).unwrap();
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).unwrap();
            (member.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

/// A ZIP file of members.
pub(crate) fn zip(members: &BTreeMap<String, Vec<u8>>) -> File {
    let mut zip = ZipWriter::new(tempfile::tempfile().unwrap());
    for (name, bytes) in members {
        zip.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    let mut file = zip.finish().unwrap();
    file.rewind().unwrap();
    file
}

/// `case.json`, without what is of the place where it is imported: who is a member there, and when.
fn case_json(file: &mut File) -> Value {
    let mut value: Value = serde_json::from_slice(&members(file)["case.json"]).unwrap();
    value["members"] = Value::Null;
    value["changed_s"] = Value::Null;
    value
}

#[test]
fn an_exported_case_is_imported_whole_and_exported_again_it_is_the_same() {
    on_each(|world| {
        let case = full(world);
        let mut first = export(world, &world.reader, case);
        let imported = world.cases().import(&world.outsider, first.try_clone().unwrap(), NOW + 100).unwrap();
        assert_ne!(imported.id, case);
        let original = world.cases().case(&world.owner, case, NOW).unwrap();
        assert_eq!((imported.fields(), imported.counts), (original.fields(), original.counts));
        assert_eq!((imported.version, imported.created_by, imported.created_s), (2, original.created_by, NOW));
        // nobody comes in by a file but who brings it
        assert_eq!(imported.members.len(), 1);
        assert_eq!(imported.role, Some(CaseRole::Owner));
        assert_eq!(world.said(imported.id), world.said(case));
        let mut second = export(world, &world.outsider, imported.id);
        let (was, mut is) = (case_json(&mut first), case_json(&mut second));
        // the one change that the import itself is
        let change = is["history"].as_array_mut().unwrap().pop().unwrap();
        assert_eq!((change["kind"].as_str(), change["item"].as_i64()), (Some("member"), world.outsider.user));
        is["next_seq"] = was["next_seq"].clone();
        is["people"].as_array_mut().unwrap().retain(|person| person["user"].as_i64() != world.outsider.user);
        assert_eq!(is, was);
        let files = |file: &mut File| -> Vec<(String, Vec<u8>)> {
            members(file).into_iter().filter(|(name, _)| name.starts_with("attachments/")).collect()
        };
        assert_eq!(files(&mut second), files(&mut first));
        assert_eq!(files(&mut first).len(), 3);
        // it is a case as any: its history is worked from, and what was undone can be seen to be
        let gone = world.cases().history(&world.outsider, imported.id, None, 100, NOW).unwrap();
        assert_eq!(gone.changes.iter().filter(|change| change.undone).count(), 1);
        let removal =
            gone.changes.iter().find(|c| c.action.name() == "remove" && c.kind.name() == "attachment").unwrap();
        world.cases().undo(&world.outsider, imported.id, Some(removal.seq), NOW).unwrap();
        let files = world.cases().attachments(&world.outsider, imported.id, NOW).unwrap();
        let back = files.iter().find(|file| file.name == "gone.bin").unwrap();
        assert_eq!(world.cases().attachment(&world.outsider, imported.id, back.id, NOW).unwrap().1, b"gone");
        // new items get new numbers
        let new = world.add(&world.outsider, imported.id, note("new"));
        assert!(world.said(case).iter().all(|(id, _)| *id < new));
    });
}

#[test]
fn in_another_database_authors_are_text_and_links_are_words() {
    on_each(|world| {
        let case = full(world);
        let mut file = export(world, &world.owner, case);
        // another team, on each of both databases in turn; its users have the same numbers
        support::on_each(|url| {
            let other = World::open(url);
            let imported = other.cases().import(&other.outsider, file.try_clone().unwrap(), NOW).unwrap();
            assert!(imported.created_by < 0);
            let names: Vec<&str> = imported.people.iter().map(|person| person.display.as_str()).collect();
            assert_eq!(names, ["The owner", "The editor", "The reader"]);
            let item =
                |kind| other.cases().items(&other.outsider, imported.id, kind, 0, 9, NOW).unwrap().items.remove(0);
            let note = item(Kind::Note);
            let editor = imported.people.iter().find(|person| person.display == "The editor").unwrap().user;
            assert_eq!((note.changed_by, note.changed_s), (editor, NOW + 5));
            let task: Value = serde_json::from_str(item(Kind::Task).body.get()).unwrap();
            assert_eq!(task["assignee"], editor);
            let link: Value = serde_json::from_str(item(Kind::Link).body.get()).unwrap();
            assert_eq!(link["case"], Value::Null);
            assert!(link["elsewhere"].as_str().unwrap().starts_with("case "), "{link}");
            // out of there and into a third place: nobody is lost
            let again = export(&other, &other.outsider, imported.id);
            let third = world.cases().import(&world.owner, again, NOW).unwrap();
            let names: Vec<&str> = third.people.iter().map(|person| person.display.as_str()).collect();
            assert_eq!(names, ["The owner", "The editor", "The reader", "The outsider"]);
            assert_eq!(third.counts, imported.counts);
        });
        // a file that was changed is a stranger's even where it was made
        let mut changed = members(&mut file);
        let mut manifest: Value = serde_json::from_slice(&changed["MANIFEST.json"]).unwrap();
        manifest["mark"] = "0".repeat(64).into();
        changed.insert("MANIFEST.json".into(), manifest.to_string().into_bytes());
        let imported = world.cases().import(&world.outsider, zip(&changed), NOW).unwrap();
        assert!(imported.created_by < 0, "nobody puts words into the mouth of a user");
    });
}
