//! What two people do at the same time.

use crate::world::{NOW, code, graph, note, on_each, task};
use athar_team::cases::{CaseError, CasePatch, CaseState, Kind, Seen};
use std::sync::Barrier;

#[test]
fn of_two_changes_of_one_version_one_holds_and_the_other_is_told_the_present_state() {
    on_each(|world| {
        let (cases, case) = (world.cases(), world.case("A case"));
        let item = world.add(&world.owner, case.id, note("begin"));
        for round in 0..5 {
            let (barrier, version) = (Barrier::new(2), round + 1);
            let change = |who, text: String| {
                barrier.wait();
                cases.change(who, case.id, Seen { item, version }, note(&text), None, NOW)
            };
            let results = std::thread::scope(|scope| {
                let first = scope.spawn(|| change(&world.owner, format!("owner {round}")));
                let second = scope.spawn(|| change(&world.editor, format!("editor {round}")));
                [first.join().unwrap(), second.join().unwrap()]
            });
            let held: Vec<_> = results.iter().filter_map(|result| result.as_ref().ok()).collect();
            assert_eq!(held.len(), 1, "{results:?}");
            let now = cases.item(&world.reader, case.id, Kind::Note, item, NOW).unwrap();
            assert_eq!((now.version, now.body.get()), (version + 1, held[0].body.get()));
            let Some(Err(CaseError::Overtaken { expected, found, current })) = results.iter().find(|r| r.is_err())
            else {
                panic!("{results:?}")
            };
            assert_eq!((*expected, *found), (version, version + 1));
            assert_eq!(
                current["body"]["text"],
                serde_json::from_str::<serde_json::Value>(now.body.get()).unwrap()["text"]
            );
        }
        // the history has one change for each that held, and no more
        assert_eq!(cases.history(&world.owner, case.id, None, 100, NOW).unwrap().changes.len(), 3 + 1 + 5);
    });
}

#[test]
fn many_add_at_once_and_every_number_is_given_once() {
    on_each(|world| {
        let (cases, case) = (world.cases(), world.case("A case"));
        let mut ids: Vec<i64> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|thread| {
                    let who = if thread % 2 == 0 { &world.owner } else { &world.editor };
                    scope.spawn(move || -> Vec<i64> {
                        (0..10).map(|at| world.add(who, case.id, note(&format!("{thread}-{at}")))).collect()
                    })
                })
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        ids.sort_unstable();
        assert_eq!(ids, (1..=40).collect::<Vec<i64>>());
        let seqs: Vec<i64> =
            cases.history(&world.owner, case.id, None, 100, NOW).unwrap().changes.iter().map(|c| c.seq).collect();
        assert_eq!(seqs, (1..=43).rev().collect::<Vec<i64>>());
    });
}

#[test]
fn the_fields_of_a_case_have_a_version_and_what_is_not_given_stays() {
    on_each(|world| {
        let (cases, case) = (world.cases(), world.case("A case"));
        let patch = |text: &str| serde_json::from_str::<CasePatch>(text).unwrap();
        let until = patch(r#"{"version":1,"retention_until":"2027-01-31","summary":"Coupons"}"#);
        let changed = cases.patch(&world.editor, case.id, &until, NOW).unwrap();
        assert_eq!((changed.version, changed.retention_until.as_deref()), (2, Some("2027-01-31")));
        assert_eq!(code(cases.patch(&world.owner, case.id, &until, NOW)), "overtaken");
        let state = patch(r#"{"version":2,"state":"review"}"#);
        let changed = cases.patch(&world.owner, case.id, &state, NOW).unwrap();
        assert_eq!((changed.state, changed.summary.as_str()), (CaseState::Review, "Coupons"));
        assert_eq!(changed.retention_until.as_deref(), Some("2027-01-31"));
        let none = cases.patch(&world.owner, case.id, &patch(r#"{"version":3,"retention_until":null}"#), NOW).unwrap();
        assert_eq!((none.version, none.retention_until), (4, None));
        // what changes nothing makes no version
        assert_eq!(
            cases.patch(&world.owner, case.id, &patch(r#"{"version":4,"title":"A case"}"#), NOW).unwrap().version,
            4
        );
        assert_eq!(code(cases.patch(&world.owner, case.id, &patch(r#"{"version":4,"title":" "}"#), NOW)), "input");
    });
}

#[test]
fn saves_of_a_graph_in_a_row_are_one_change_and_old_ones_are_let_go() {
    on_each(|world| {
        let (cases, case) = (world.cases(), world.case("A case"));
        let item = world.add(&world.owner, case.id, graph("Flows", 1));
        let changes = || cases.history(&world.owner, case.id, None, 1_000, NOW).unwrap().changes;
        let begin = changes().len();
        for (version, at) in [(1, 0), (2, 100), (3, 200)] {
            cases
                .change(&world.owner, case.id, Seen { item, version }, graph("Flows", at as usize + 2), None, NOW + at)
                .unwrap();
        }
        assert_eq!(changes().len(), begin + 1);
        // another person's save is a change of its own, and so is one after some minutes
        cases.change(&world.editor, case.id, Seen { item, version: 4 }, graph("Flows", 3), None, NOW + 201).unwrap();
        cases.change(&world.editor, case.id, Seen { item, version: 5 }, graph("Flows", 4), None, NOW + 601).unwrap();
        assert_eq!(changes().len(), begin + 3);
        let undone = cases.undo(&world.editor, case.id, None, NOW + 602).unwrap();
        assert!(undone.undone);
        let now = cases.item(&world.owner, case.id, Kind::Graph, item, NOW).unwrap();
        assert_eq!((now.version, now.body.get()), (7, graph("Flows", 3).to_json().unwrap().as_str()));
        for version in 7..40 {
            let at = NOW + 1_000 * version;
            cases
                .change(&world.owner, case.id, Seen { item, version }, graph("Flows", version as usize), None, at)
                .unwrap();
        }
        let all = changes();
        assert_eq!(all.iter().filter(|change| change.undoable && change.item == Some(item)).count(), 20);
        let oldest = all.iter().rev().find(|change| change.item == Some(item)).unwrap();
        assert_eq!(code(cases.undo(&world.owner, case.id, Some(oldest.seq), NOW)), "state");
    });
}

#[test]
fn open_tasks_are_told_over_all_cases_that_one_is_in() {
    on_each(|world| {
        let cases = world.cases();
        let (first, second) = (world.case("First"), world.case("Second"));
        cases.remove_member(&world.owner, second.id, world.reader.user.unwrap(), NOW).unwrap();
        let reader = world.reader.user.unwrap();
        let given = |text: &str, assignee, done| {
            athar_team::cases::Body::Task(athar_team::cases::Task { text: text.into(), assignee, due: None, done })
        };
        world.add(&world.owner, first.id, given("for the reader", Some(reader), false));
        world.add(&world.owner, first.id, given("done", None, true));
        world.add(&world.owner, second.id, task("for anybody"));
        assert_eq!(code(cases.add(&world.owner, second.id, given("x", Some(reader), false), None, NOW)), "input");
        let titles = |who, all, assigned| -> Vec<String> {
            let page = cases.tasks(who, all, assigned, NOW).unwrap();
            page.tasks.into_iter().map(|task| task.case_title).collect()
        };
        assert_eq!(titles(&world.owner, false, false), ["First", "Second"]);
        assert_eq!(titles(&world.reader, false, false), ["First"]);
        assert_eq!(titles(&world.reader, false, true), ["First"]);
        assert_eq!(titles(&world.owner, false, true), [""; 0]);
        assert_eq!(titles(&world.outsider, true, false), [""; 0]);
        assert_eq!(titles(&world.supervisor, false, false), [""; 0]);
        assert_eq!(titles(&world.supervisor, true, false), ["First", "Second"]);
        let counts = cases.case(&world.owner, first.id, NOW).unwrap().counts;
        assert_eq!((counts.tasks, counts.tasks_open), (2, 1));
    });
}
