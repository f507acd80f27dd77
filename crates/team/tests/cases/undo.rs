//! Undoing and doing again.

use crate::world::{ADDRESS, NOW, OTHER, World, code, fields, finding, note, on_each, subject, task};
use athar_team::cases::{Action, Body, CasePatch, CaseRole, Kind, Seen, Who};
use proptest::prelude::*;

fn state(world: &World, case: i64) -> (Vec<(i64, String)>, String) {
    let fields = world.cases().case(&world.supervisor, case, NOW).unwrap().fields();
    (world.said(case), format!("{fields:?}"))
}

#[test]
fn an_undoing_is_a_change_and_is_taken_back_by_doing_again() {
    on_each(|world| {
        let (cases, case) = (world.cases(), world.case("A case").id);
        let item = world.add(&world.owner, case, note("one"));
        cases.change(&world.owner, case, Seen { item, version: 1 }, note("two"), None, NOW).unwrap();
        cases.remove(&world.owner, case, Kind::Note, item, Some(2), NOW).unwrap();
        assert_eq!(code(cases.item(&world.owner, case, Kind::Note, item, NOW)), "absent");
        let undone = cases.undo(&world.owner, case, None, NOW).unwrap();
        assert_eq!((undone.action, undone.item, undone.undone), (Action::Remove, Some(item), true));
        // it has the number it had, and a version that nobody has seen
        let back = cases.item(&world.owner, case, Kind::Note, item, NOW).unwrap();
        assert_eq!((back.version, back.body.get()), (4, r#"{"text":"two"}"#));
        assert_eq!((back.created_by, back.created_s), (world.owner.user.unwrap(), NOW));
        cases.undo(&world.owner, case, None, NOW).unwrap();
        assert_eq!(cases.item(&world.owner, case, Kind::Note, item, NOW).unwrap().body.get(), r#"{"text":"one"}"#);
        let redone = cases.redo(&world.owner, case, NOW).unwrap();
        assert_eq!((redone.action, redone.undone), (Action::Change, false));
        assert_eq!(cases.item(&world.owner, case, Kind::Note, item, NOW).unwrap().body.get(), r#"{"text":"two"}"#);
        let history = cases.history(&world.owner, case, None, 3, NOW).unwrap();
        let told: Vec<_> = history.changes.iter().map(|change| (change.action, change.of.is_some())).collect();
        assert_eq!(told, [(Action::Redo, true), (Action::Undo, true), (Action::Undo, true)]);
        let one = cases.history_of(&world.owner, case, history.changes[0].seq, NOW).unwrap();
        let text = |side: Option<Box<athar_team::cases::RawJson>>| side.unwrap().0.get().to_owned();
        assert!(text(one.before).contains("one") && text(one.after).contains("two"));
        // something new ends what could be done again
        world.add(&world.owner, case, note("new"));
        assert_eq!(code(cases.redo(&world.owner, case, NOW)), "state");
    });
}

#[test]
fn one_undoes_ones_own_and_a_certain_change_only_where_nothing_later_touched_the_thing() {
    on_each(|world| {
        let (cases, case) = (world.cases(), world.case("A case").id);
        let item = world.add(&world.owner, case, note("one"));
        cases.change(&world.owner, case, Seen { item, version: 1 }, note("two"), None, NOW).unwrap();
        cases.change(&world.editor, case, Seen { item, version: 2 }, note("three"), None, NOW).unwrap();
        let seqs: Vec<i64> =
            cases.history(&world.owner, case, None, 3, NOW).unwrap().changes.iter().map(|c| c.seq).collect();
        let [third, second, first] = seqs[..] else { panic!("{seqs:?}") };
        for seq in [first, second] {
            assert_eq!(code(cases.undo(&world.owner, case, Some(seq), NOW)), "state", "{seq}");
        }
        // the latest of the owner is covered by the editor's: nothing else is undone in its place
        assert_eq!(code(cases.undo(&world.owner, case, None, NOW)), "state");
        assert_eq!(cases.undo(&world.owner, case, Some(third), NOW).unwrap().seq, third);
        assert_eq!(code(cases.undo(&world.owner, case, Some(third), NOW)), "state");
        cases.undo(&world.owner, case, None, NOW).unwrap();
        // what rested on it cannot be done again before it is
        assert_eq!(cases.item(&world.owner, case, Kind::Note, item, NOW).unwrap().body.get(), r#"{"text":"one"}"#);
        assert_eq!(code(cases.undo(&world.outsider, case, Some(first), NOW)), "absent");
        assert_eq!(code(cases.undo(&world.owner, case, Some(999), NOW)), "absent");
        assert_eq!(code(cases.undo(&world.reader, case, Some(first), NOW)), "forbidden");
        let undoing = cases.history(&world.owner, case, None, 1, NOW).unwrap().changes[0].seq;
        assert_eq!(code(cases.undo(&world.owner, case, Some(undoing), NOW)), "state");
    });
}

#[test]
fn what_somebody_else_undid_meanwhile_is_not_done_again_over_it() {
    on_each(|world| {
        let (cases, case) = (world.cases(), world.case("A case").id);
        let item = world.add(&world.owner, case, note("one"));
        cases.change(&world.editor, case, Seen { item, version: 1 }, note("two"), None, NOW).unwrap();
        let seq = cases.history(&world.owner, case, None, 1, NOW).unwrap().changes[0].seq;
        cases.undo(&world.editor, case, None, NOW).unwrap();
        cases.undo(&world.owner, case, Some(seq - 1), NOW).unwrap();
        assert_eq!(code(cases.redo(&world.editor, case, NOW)), "state");
        assert!(world.said(case).is_empty());
        cases.redo(&world.owner, case, NOW).unwrap();
        cases.redo(&world.editor, case, NOW).unwrap();
        assert_eq!(world.said(case), [(item, r#"{"text":"two"}"#.to_owned())]);
    });
}

#[test]
fn a_removed_member_and_a_made_case_are_not_undone_and_say_so() {
    on_each(|world| {
        let (cases, case) = (world.cases(), world.case("A case").id);
        let reader = world.reader.user.unwrap();
        cases.remove_member(&world.owner, case, reader, NOW).unwrap();
        let seq = cases.history(&world.owner, case, None, 1, NOW).unwrap().changes[0].seq;
        let error = cases.undo(&world.owner, case, Some(seq), NOW).unwrap_err().to_string();
        assert!(error.contains("removal of a member cannot be undone"), "{error}");
        let error = cases.undo(&world.owner, case, Some(1), NOW).unwrap_err().to_string();
        assert!(error.contains("making of a case cannot be undone"), "{error}");
        // passed over where the latest is asked for: the editor's coming in is undone instead
        let undone = cases.undo(&world.owner, case, None, NOW).unwrap();
        assert_eq!((undone.item, undone.action), (world.editor.user, Action::Add));
        assert_eq!(code(cases.case(&world.editor, case, NOW)), "absent");
        assert_eq!(code(cases.case(&world.reader, case, NOW)), "absent");
        // who may not say who is a member may not undo it either
        cases.redo(&world.owner, case, NOW).unwrap();
        assert_eq!(code(cases.undo(&world.editor, case, Some(undone.seq), NOW)), "forbidden");
        assert_eq!(code(cases.undo(&world.editor, case, None, NOW)), "state");
        // nor does an undoing take the last owner away
        cases.put_member(&world.owner, case, world.outsider.user.unwrap(), CaseRole::Owner, NOW).unwrap();
        let seq = cases.history(&world.owner, case, None, 1, NOW).unwrap().changes[0].seq;
        cases.remove_member(&world.outsider, case, world.owner.user.unwrap(), NOW).unwrap();
        assert_eq!(code(cases.undo(&world.outsider, case, Some(seq), NOW)), "state");
    });
}

/// One thing that somebody does; what does not fit is refused and changes nothing.
#[derive(Clone, Debug)]
enum Step {
    Add(usize, u8),
    Change(usize, u8),
    Remove(usize),
    Patch(u8),
    Attach(u8),
    Undo,
    Redo,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..4_usize, any::<u8>()).prop_map(|(kind, text)| Step::Add(kind, text)),
        4 => (0..12_usize, any::<u8>()).prop_map(|(item, text)| Step::Change(item, text)),
        2 => (0..12_usize).prop_map(Step::Remove),
        1 => any::<u8>().prop_map(Step::Patch),
        1 => (0..3_u8).prop_map(Step::Attach),
        2 => Just(Step::Undo),
        1 => Just(Step::Redo),
    ];
    prop::collection::vec(step, 1..25)
}

fn body(kind: usize, text: u8) -> Body {
    match kind {
        0 => note(&format!("note {text}")),
        1 => task(&format!("task {text}")),
        2 => finding(&format!("finding {text}")),
        _ => subject(if text % 2 == 0 { ADDRESS } else { OTHER }),
    }
}

fn take(world: &World, who: &Who, case: i64, step: &Step) {
    let cases = world.cases();
    let items = || -> Vec<(Kind, i64, i64)> {
        let page = |kind| cases.items(who, case, kind, 0, 100, NOW).unwrap().items;
        Kind::ALL.into_iter().flat_map(|kind| page(kind).into_iter().map(move |i| (kind, i.id, i.version))).collect()
    };
    match step {
        Step::Add(kind, text) => _ = world.add(who, case, body(*kind, *text)),
        Step::Change(at, text) => {
            let items = items();
            let Some(&(kind, id, version)) = items.get(*at) else { return };
            let kinds = [Kind::Note, Kind::Task, Kind::Finding, Kind::Subject];
            let Some(kind) = kinds.iter().position(|other| *other == kind) else { return };
            cases.change(who, case, Seen { item: id, version }, body(kind, *text), None, NOW).unwrap();
        }
        Step::Remove(at) => {
            let Some(&(kind, id, version)) = items().get(*at) else { return };
            cases.remove(who, case, kind, id, Some(version), NOW).unwrap();
        }
        Step::Patch(text) => {
            let version = cases.case(who, case, NOW).unwrap().version;
            let patch = CasePatch { version, title: Some(format!("title {text}")), ..CasePatch::default() };
            cases.patch(who, case, &patch, NOW).unwrap();
        }
        Step::Attach(byte) => {
            let bytes = [*byte; 20];
            cases.attach(who, case, &format!("{byte}.bin"), "application/octet-stream", &bytes, NOW).unwrap();
        }
        Step::Undo => _ = cases.undo(who, case, None, NOW),
        Step::Redo => _ = cases.redo(who, case, NOW),
    }
}

#[test]
fn undoing_all_leads_to_the_beginning_and_doing_all_again_to_the_end() {
    let cases = std::env::var("ATHAR_UNDO_RUNS").ok().and_then(|n| n.parse().ok()).unwrap_or(24);
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    on_each(|world| {
        let mut runner = proptest::test_runner::TestRunner::new(config.clone());
        let run = runner.run(&steps(), |steps| {
            let case = world.cases().make(&world.owner, &fields("begin"), NOW).unwrap().id;
            let begin = state(world, case);
            for step in &steps {
                take(world, &world.owner, case, step);
            }
            // a doing again, asked for before, is no longer there after this
            world.add(&world.owner, case, note("last"));
            let end = state(world, case);
            let mut undone = 0;
            while let Ok(change) = world.cases().undo(&world.owner, case, None, NOW) {
                prop_assert!(change.undone);
                undone += 1;
            }
            prop_assert_eq!(&state(world, case), &begin);
            for _ in 0..undone {
                world.cases().redo(&world.owner, case, NOW).unwrap();
            }
            prop_assert_eq!(&state(world, case), &end);
            prop_assert_eq!(code(world.cases().redo(&world.owner, case, NOW)), "state");
            // and once more: what is undone again is what was done again
            for _ in 0..undone {
                world.cases().undo(&world.owner, case, None, NOW).unwrap();
            }
            prop_assert_eq!(&state(world, case), &begin);
            Ok(())
        });
        run.unwrap();
    });
}

#[test]
fn two_people_who_undo_in_any_order_never_leave_a_state_that_nobody_made() {
    let cases = std::env::var("ATHAR_UNDO_RUNS").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let both = prop::collection::vec((any::<bool>(), 0..4_u8, 1..12_i64), 4..30);
    on_each(|world| {
        let mut runner = proptest::test_runner::TestRunner::new(config.clone());
        let run = runner.run(&both, |steps| {
            let (cases, case) = (world.cases(), world.case("begin").id);
            let item = world.add(&world.owner, case, note("0"));
            let mut written = std::collections::HashSet::from(["0".to_owned()]);
            for (at, (is_owner, what, seq)) in steps.iter().enumerate() {
                let who = if *is_owner { &world.owner } else { &world.editor };
                match what {
                    0 | 1 => {
                        let Ok(now) = cases.item(who, case, Kind::Note, item, NOW) else { continue };
                        written.insert(at.to_string());
                        cases
                            .change(who, case, Seen { item, version: now.version }, note(&at.to_string()), None, NOW)
                            .unwrap();
                    }
                    2 => _ = cases.undo(who, case, (*seq > 3).then_some(*seq), NOW),
                    _ => _ = cases.redo(who, case, NOW),
                }
                for (_, body) in world.said(case) {
                    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
                    prop_assert!(written.contains(body["text"].as_str().unwrap()));
                }
            }
            // what it is is what the history says last
            let last = cases.history(&world.owner, case, None, 1, NOW).unwrap().changes.remove(0);
            let last = cases.history_of(&world.owner, case, last.seq, NOW).unwrap();
            let now = world.said(case);
            match (last.after, last.kind.item()) {
                (Some(state), Some(_)) => prop_assert!(state.0.get().contains(&now[0].1)),
                (None, Some(_)) => prop_assert!(now.is_empty()),
                _ => {}
            }
            Ok(())
        });
        run.unwrap();
    });
}
