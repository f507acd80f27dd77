//! What erasure leaves: nothing but ids in the audit log.

use crate::world::{NOW, World, code, finding, graph, note, subject};
use crate::{support, world::OTHER};
use athar_team::cases::{Body, CasePatch, CaseQuery, Kind, Seen, Subject, SubjectKind, Task};

const SECRET: &str = "Zarqa4711";

fn fill(world: &World) -> i64 {
    let (cases, case) = (world.cases(), world.case(&format!("About {SECRET}")).id);
    let patch = serde_json::from_str::<CasePatch>(&format!(
        r#"{{"version":1,"summary":"{SECRET}","legal_basis":"{SECRET}","humanitarian":{{"flag":true,"note":"{SECRET}"}}}}"#
    ));
    cases.patch(&world.owner, case, &patch.unwrap(), NOW).unwrap();
    let item = world.add(&world.owner, case, note(SECRET));
    cases.change(&world.editor, case, Seen { item, version: 1 }, note(&format!("{SECRET} again")), None, NOW).unwrap();
    cases.remove(&world.owner, case, Kind::Note, item, None, NOW).unwrap();
    world.add(&world.owner, case, finding(SECRET));
    world.add(&world.owner, case, graph(SECRET, 2));
    world.add(&world.owner, case, subject(OTHER));
    let person = Subject { kind: SubjectKind::Person, chain: None, value: SECRET.into(), note: SECRET.into() };
    world.add(&world.owner, case, Body::Subject(person.clone()));
    world.add(&world.owner, case, Body::Task(Task { text: SECRET.into(), assignee: None, due: None, done: false }));
    cases.attach(&world.owner, case, SECRET, "text/plain", SECRET.as_bytes(), NOW).unwrap();
    cases.also_in(&world.owner, &person, None, NOW).unwrap();
    cases.list(&world.owner, &CaseQuery { text: Some(SECRET.into()), limit: 1, ..CaseQuery::default() }, NOW).unwrap();
    cases.undo(&world.owner, case, None, NOW).unwrap();
    case
}

/// Every value of every table, as text.
fn everything(world: &World, is_sqlite: bool) -> String {
    let tables = if is_sqlite {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    } else {
        "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = 'public'"
    };
    let all = world.team.db().read(|tx| -> Result<String, athar_team::TeamError> {
        let mut all = String::new();
        for table in tx.query(tables, &[])? {
            let table = table.text(0)?;
            for row in tx.query(&format!("SELECT * FROM {table}"), &[])? {
                for value in row.values() {
                    match value {
                        athar_team::Value::Text(text) => all.push_str(text),
                        athar_team::Value::Bytes(bytes) => all.push_str(&String::from_utf8_lossy(bytes)),
                        _ => {}
                    }
                    all.push('\n');
                }
            }
        }
        Ok(all)
    });
    all.unwrap().to_lowercase()
}

#[test]
fn a_purged_case_leaves_nothing_in_any_table_but_ids_in_the_audit_log() {
    support::on_each(|url| {
        let (world, is_sqlite) = (World::open(url), !url.starts_with("postgres"));
        let cases = world.cases();
        let case = fill(&world);
        assert!(everything(&world, is_sqlite).contains(&SECRET.to_lowercase()));
        let kept = world.case("Another").id;
        cases.attach(&world.owner, kept, "shared.bin", "text/plain", b"shared bytes", NOW).unwrap();
        cases.attach(&world.owner, case, "shared.bin", "text/plain", b"shared bytes", NOW).unwrap();
        let version = cases.case(&world.owner, case, NOW).unwrap().version;
        assert_eq!(code(cases.purge(&world.owner, case, version, NOW)), "forbidden");
        assert_eq!(code(cases.purge(&world.supervisor, case, version - 1, NOW)), "overtaken");
        assert!(everything(&world, is_sqlite).contains(&SECRET.to_lowercase()));
        cases.purge(&world.supervisor, case, version, NOW).unwrap();
        let left = everything(&world, is_sqlite);
        assert!(!left.contains(&SECRET.to_lowercase()));
        assert!(!left.contains(&OTHER.to_lowercase()));
        // what another case holds too stays, and stays readable
        let file = cases.attachments(&world.owner, kept, NOW).unwrap().remove(0);
        assert_eq!(cases.attachment(&world.owner, kept, file.id, NOW).unwrap().1, b"shared bytes");
        assert_eq!(code(cases.case(&world.supervisor, case, NOW)), "absent");
        assert!(world.audit().contains(&("case.purge".into(), "done".into())));
        assert!(world.team.verify_audit(None).unwrap().ok());
        // its number is never given again
        assert!(world.case("Next").id > kept);
        if is_sqlite {
            drop(world);
            // nor do the bytes of the file hold it
            let mut bytes = std::fs::read(url).unwrap();
            if let Ok(log) = std::fs::read(format!("{url}-wal")) {
                bytes.extend(log);
            }
            let secret = SECRET.as_bytes();
            assert!(
                !bytes.windows(secret.len()).any(|window| window == secret),
                "the file still holds what was purged"
            );
        }
    });
}

#[test]
fn cases_past_their_retention_date_are_listed() {
    crate::world::on_each(|world| {
        let cases = world.cases();
        for (title, until) in [("past", "2020-01-01"), ("ahead", "2999-01-01")] {
            let case = world.case(title);
            let patch = format!(r#"{{"version":1,"retention_until":"{until}"}}"#);
            cases.patch(&world.owner, case.id, &serde_json::from_str(&patch).unwrap(), NOW).unwrap();
        }
        world.case("none");
        let query = CaseQuery { past_retention: true, limit: 10, ..CaseQuery::default() };
        let page = cases.list(&world.supervisor, &query, NOW).unwrap();
        assert_eq!(page.cases.iter().map(|case| case.title.as_str()).collect::<Vec<_>>(), ["past"]);
        assert!(page.cases[0].retention_past);
        let all = cases.list(&world.supervisor, &CaseQuery { limit: 10, ..CaseQuery::default() }, NOW).unwrap();
        assert_eq!(all.cases.iter().filter(|case| case.retention_past).count(), 1);
    });
}
