//! Who may do what, role by role; and that what was refused is in the log.

use crate::world::{ADDRESS, NOW, World, code, fields, note, on_each, subject};
use athar_team::cases::{CasePatch, CaseQuery, CaseRole, Kind, Seen, Who};
use athar_team::{Actor, Outcome};

/// The codes of everything that one can do with a case, in an order that leaves it as it was for the next.
fn all(world: &World, who: &Who) -> Vec<(&'static str, &'static str)> {
    let (cases, case) = (world.cases(), world.case("A case"));
    let (id, now) = (case.id, NOW + 1);
    let item = world.add(&world.owner, id, note("one"));
    let file = cases.attach(&world.owner, id, "a.txt", "text/plain", b"bytes", NOW).unwrap();
    let reader = world.reader.user.unwrap();
    let patch = CasePatch { version: case.version, title: Some("B".into()), ..CasePatch::default() };
    let mut out = tempfile::tempfile().unwrap();
    vec![
        ("case", code(cases.case(who, id, now))),
        ("items", code(cases.items(who, id, Kind::Note, 0, 10, now))),
        ("item", code(cases.item(who, id, Kind::Note, item, now))),
        ("links", code(cases.links(who, id, 0, 10, now))),
        ("attachments", code(cases.attachments(who, id, now))),
        ("attachment", code(cases.attachment(who, id, file.id, now))),
        ("history", code(cases.history(who, id, None, 10, now))),
        ("change of history", code(cases.history_of(who, id, 1, now))),
        ("export", code(cases.export(who, id, &mut out, now))),
        ("add", code(cases.add(who, id, note("two"), None, now))),
        ("change", code(cases.change(who, id, Seen { item, version: 1 }, note("three"), None, now))),
        ("undo", code(cases.undo(who, id, None, now))),
        ("redo", code(cases.redo(who, id, now))),
        ("remove", code(cases.remove(who, id, Kind::Note, item, None, now))),
        ("attach", code(cases.attach(who, id, "b.txt", "text/plain", b"more", now))),
        ("patch", code(cases.patch(who, id, &patch, now))),
        ("member", code(cases.put_member(who, id, reader, CaseRole::Reader, now))),
        ("purge", code(cases.purge(who, id, 99, now))),
        ("no member", code(cases.remove_member(who, id, world.editor.user.unwrap(), now))),
    ]
}

#[test]
fn each_role_may_do_what_it_may_and_nothing_else() {
    on_each(|world| {
        let reads =
            ["case", "items", "item", "links", "attachments", "attachment", "history", "change of history", "export"];
        let manages = ["member", "no member"];
        let expect = |operation: &str, may_write: bool, may_manage: bool, may_purge: bool| {
            let allowed = reads.contains(&operation)
                || operation == "purge" && may_purge
                || manages.contains(&operation) && may_manage
                || !manages.contains(&operation) && operation != "purge" && may_write;
            match (allowed, operation) {
                (false, _) => "forbidden",
                // of another version: it is let in, and then told so
                (true, "purge") => "overtaken",
                (true, _) => "ok",
            }
        };
        for (who, name, writes, manages, purges) in [
            (&world.owner, "owner", true, true, false),
            (&world.editor, "editor", true, false, false),
            (&world.reader, "reader", false, false, false),
            (&world.supervisor, "supervisor", true, true, true),
        ] {
            for (operation, found) in all(world, who) {
                // an editor may leave, as everybody may
                let is_leaving = name == "editor" && operation == "no member";
                let expected = if is_leaving { "ok" } else { expect(operation, writes, manages, purges) };
                assert_eq!(found, expected, "{name}: {operation}");
            }
        }
        for (operation, found) in all(world, &world.outsider) {
            assert_eq!(found, "absent", "an outsider: {operation}");
        }
        // who may only read reads, whatever the role in the case
        let viewer = Who { writes: false, ..world.owner.clone() };
        for (operation, found) in all(world, &viewer) {
            let expected = if reads.contains(&operation) { "ok" } else { "forbidden" };
            assert_eq!(found, expected, "an owner who is a viewer: {operation}");
        }
        let found = world.audit();
        assert!(found.contains(&("note.add".into(), Outcome::Refused.text().into())));
        assert!(world.team.verify_audit(None).unwrap().ok());
    });
}

#[test]
fn a_case_of_others_is_told_as_one_that_is_not_there() {
    on_each(|world| {
        let id = world.case("A case").id;
        let words = |case| world.cases().case(&world.outsider, case, NOW).unwrap_err().to_string();
        assert_eq!(words(id), words(id + 1_000));
        let list = |who: &Who| world.cases().list(who, &CaseQuery { limit: 10, ..CaseQuery::default() }, NOW).unwrap();
        assert!(list(&world.outsider).cases.is_empty());
        assert_eq!(list(&world.reader).cases[0].role, Some(CaseRole::Reader));
        let seen = list(&world.supervisor).cases;
        assert_eq!((seen[0].id, seen[0].role, seen[0].members.len()), (id, None, 3));
    });
}

#[test]
fn a_program_with_a_key_sees_what_a_supervisor_sees_and_owns_nothing() {
    on_each(|world| {
        let id = world.case("A case").id;
        let key = |supervises| Who { user: None, actor: Actor::Key("k1".into()), writes: true, supervises };
        assert_eq!(code(world.cases().make(&key(true), &fields("Mine"), NOW)), "forbidden");
        assert_eq!(code(world.cases().case(&key(false), id, NOW)), "absent");
        let item = world.cases().add(&key(true), id, note("by a program"), None, NOW).unwrap().item;
        assert_eq!(item.created_by, 0);
    });
}

#[test]
fn a_case_keeps_an_owner_and_members_are_users_who_may_come_in() {
    on_each(|world| {
        let (cases, id) = (world.cases(), world.case("A case").id);
        let owner = world.owner.user.unwrap();
        assert_eq!(code(cases.remove_member(&world.owner, id, owner, NOW)), "state");
        assert_eq!(code(cases.put_member(&world.supervisor, id, owner, CaseRole::Reader, NOW)), "state");
        assert_eq!(code(cases.put_member(&world.owner, id, 9_999, CaseRole::Reader, NOW)), "absent");
        let outsider = world.outsider.user.unwrap();
        cases.put_member(&world.owner, id, outsider, CaseRole::Owner, NOW).unwrap();
        cases.remove_member(&world.owner, id, owner, NOW).unwrap();
        assert_eq!(code(cases.case(&world.owner, id, NOW)), "absent");
        assert_eq!(cases.case(&world.outsider, id, NOW).unwrap().role, Some(CaseRole::Owner));
    });
}

#[test]
fn every_read_and_write_is_in_the_log_and_tells_nothing() {
    on_each(|world| {
        let (cases, before) = (world.cases(), world.audit().len());
        let id = cases.make(&world.owner, &fields("Secretaddendum"), NOW).unwrap().id;
        let item = world.add(&world.owner, id, subject(ADDRESS));
        cases.item(&world.owner, id, Kind::Subject, item, NOW).unwrap();
        cases
            .list(&world.owner, &CaseQuery { text: Some("secret".into()), limit: 9, ..CaseQuery::default() }, NOW)
            .unwrap();
        cases.tasks(&world.owner, false, false, NOW).unwrap();
        cases.remove(&world.owner, id, Kind::Subject, item, None, NOW).unwrap();
        let actions: Vec<String> = world.audit().into_iter().skip(before).map(|(action, _)| action).collect();
        assert_eq!(actions, ["case.make", "subject.add", "subject.read", "case.list", "task.list", "subject.remove"]);
        let log = format!("{:?}", world.team.audit(&athar_team::AuditOf::default(), 1_000).unwrap());
        assert!(!log.contains(ADDRESS) && !log.to_lowercase().contains("secretaddendum"));
        assert!(log.contains("kind: \"subject\"") || log.contains("target_kind: \"subject\""));
    });
}
