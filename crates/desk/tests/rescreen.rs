//! The central claim: screening only the affected again leaves the desk in the state of screening all again.
use crate::support;

use athar_desk::{Cause, Desk, DeskError, NewSubject, SubjectKind, VaultError, World};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use std::collections::BTreeSet;
use support::{Block, Small, person};

const PEOPLE: u32 = 24;

#[derive(Clone, Debug)]
enum Step {
    Block(Block),
    Label(u32, &'static str),
    Unlabel(u32),
    Reorganise(usize, Block),
    Policy,
    Register(u32),
}

fn block() -> impl Strategy<Value = Block> {
    let pair = || (0..PEOPLE, 0..PEOPLE);
    (prop::collection::vec(pair(), 0..4), prop::collection::vec(pair(), 0..3))
        .prop_map(|(payments, joins)| Block { payments, joins })
}

fn step() -> impl Strategy<Value = Step> {
    let label = prop::sample::select(vec!["terror", "service", "shop"]);
    prop_oneof![
        6 => block().prop_map(Step::Block),
        5 => (0..PEOPLE, label).prop_map(|(who, label)| Step::Label(who, label)),
        2 => (0..PEOPLE).prop_map(Step::Unlabel),
        1 => (1..4_usize, block()).prop_map(|(depth, block)| Step::Reorganise(depth, block)),
        1 => Just(Step::Policy),
        1 => (0..PEOPLE).prop_map(Step::Register),
    ]
}

/// A history in which nothing touches everybody, many become one, and few are labelled.
fn calm_step() -> impl Strategy<Value = Step> {
    let pairs = |most| prop::collection::vec((0..PEOPLE, 0..PEOPLE), 0..most);
    prop_oneof![
        4 => (pairs(2), pairs(4)).prop_map(|(payments, joins)| Step::Block(Block { payments, joins })),
        1 => (0..PEOPLE).prop_map(|who| Step::Label(who, "terror")),
        1 => (0..PEOPLE).prop_map(Step::Unlabel),
    ]
}

fn apply(world: &mut Small, step: &Step) {
    match step {
        Step::Block(block) => world.blocks.push(block.clone()),
        Step::Label(who, label) => drop(world.labels.insert(*who, (*label).into())),
        Step::Unlabel(who) => drop(world.labels.remove(who)),
        Step::Reorganise(depth, block) => {
            world.blocks.truncate(world.blocks.len().saturating_sub(*depth).max(1));
            world.blocks.push(block.clone());
        }
        Step::Policy => world.policy += 1,
        Step::Register(_) => {}
    }
}

fn watch(desk: &Desk, people: impl IntoIterator<Item = u32>) {
    let new: Vec<NewSubject> =
        people.into_iter().map(|who| NewSubject::new(SubjectKind::Address, "small", person(who))).collect();
    desk.register(&new, 0).unwrap();
}

/// What the desk holds for true of each subject.
fn state(desk: &Desk) -> Vec<(String, String, String)> {
    let page = desk.subjects(None, 0, 1_000).unwrap();
    let subjects = page.rows.into_iter();
    subjects
        .map(|s| {
            let screening = desk.screening(s.screening.unwrap()).unwrap().unwrap();
            (s.target, screening.level, screening.summary.get().to_string())
        })
        .collect()
}

/// Runs a history and gives how many watched subjects were screened and spared, all steps together.
fn run(first: &Block, steps: &[Vec<Step>], places_max: usize, hops: u32) -> Result<(u64, u64), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path()).unwrap();
    let mut world = Small { blocks: vec![first.clone()], places_max, hops, ..Small::new(PEOPLE) };
    watch(&desk, (0..PEOPLE).step_by(2));
    desk.rescreen(&world, 1, &mut |_| true).unwrap();
    let mut sum = (0, 0);
    for (time, several) in steps.iter().enumerate() {
        for step in several {
            apply(&mut world, step);
            if let Step::Register(who) = step {
                watch(&desk, [*who]);
            }
        }
        let before = state_of_screened(&desk);
        let done = desk.rescreen(&world, time as i64 + 2, &mut |_| true).unwrap();
        prop_assert_eq!(done.failed, 0);
        if done.everything.is_none() {
            sum = (sum.0 + done.screened, sum.1 + done.spared);
        }
        // the same subjects, all screened anew
        let expected: Vec<_> = desk
            .subjects(None, 0, 1_000)
            .unwrap()
            .rows
            .iter()
            .map(|s| {
                let answer = world.screen(s).unwrap();
                (s.target.clone(), answer.level, answer.summary)
            })
            .collect();
        let now = state(&desk);
        prop_assert_eq!(&now, &expected, "after step {} {:?}", time, several);
        // and exactly the answers that differ were announced
        let differing = before.iter().filter(|b| !now.contains(b)).count() as u64;
        prop_assert_eq!(done.changed, differing);
    }
    prop_assert_eq!(desk.verify().unwrap(), Vec::<String>::new());
    Ok(sum)
}

fn state_of_screened(desk: &Desk) -> Vec<(String, String, String)> {
    let waiting = desk.subjects(None, 0, 1_000).unwrap().rows.iter().any(|s| s.screening.is_none());
    if !waiting {
        return state(desk);
    }
    let page = desk.subjects(None, 0, 1_000).unwrap();
    page.rows
        .into_iter()
        .filter_map(|s| {
            let screening = desk.screening(s.screening?).unwrap().unwrap();
            Some((s.target, screening.level, screening.summary.get().to_string()))
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 2_000, ..ProptestConfig::default() })]
    #[test]
    fn screening_the_affected_gives_the_state_of_screening_all(
        first in block(),
        steps in prop::collection::vec(prop::collection::vec(step(), 1..4), 1..10),
        places_max in prop_oneof![4 => Just(40_usize), 1 => Just(6)],
        // with one hop nobody is walked through: then all turns on labels, and on finding who was met under new numbers
        hops in 1..3_u32,
    ) {
        run(&first, &steps, places_max, hops)?;
    }

    #[test]
    fn who_was_met_is_found_again_however_often_he_became_one_with_others(
        payments in prop::collection::vec((0..PEOPLE, 0..PEOPLE), 8..30),
        steps in prop::collection::vec(calm_step(), 8..16),
    ) {
        let steps: Vec<Vec<Step>> = steps.into_iter().map(|step| vec![step]).collect();
        run(&Block { payments, joins: vec![] }, &steps, 40, 1)?;
    }
}

#[test]
fn most_are_spared_and_the_count_says_how_many() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut sum = (0, 0);
    for _ in 0..20 {
        let strategy = (block(), prop::collection::vec(prop::collection::vec(step(), 1..2), 20));
        let (first, steps) = strategy.new_tree(&mut runner).unwrap().current();
        let (screened, spared) = run(&first, &steps, 40, 2).unwrap();
        sum = (sum.0 + screened, sum.1 + spared);
    }
    println!("screened again {}, spared {}", sum.0, sum.1);
    assert!(sum.1 > sum.0, "screened {}, spared {}", sum.0, sum.1);
}

#[test]
fn a_label_on_someone_met_long_before_touches_those_who_met_him_alone() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path()).unwrap();
    let mut world = Small::new(PEOPLE);
    // 0 and 3 pay 1, who pays 2; 10 and 11 are elsewhere. 2 is the last that 0 and 3 meet: nobody walks on from him
    world.blocks.push(Block { payments: vec![(0, 1), (3, 1), (1, 2), (10, 11)], joins: vec![] });
    watch(&desk, [0, 3, 10]);
    let first = desk.rescreen(&world, 1, &mut |_| true).unwrap();
    assert_eq!((first.screened, first.changed), (3, 0), "first answers are no changes");
    // 5 and 6 join 2, so that he is found under another number; nobody is labelled, so nobody's answer can change
    world.blocks.push(Block { payments: vec![], joins: vec![(5, 6), (5, 2)] });
    assert_eq!(desk.rescreen(&world, 2, &mut |_| true).unwrap().affected, 0);
    // and they join others: the way there is followed twice
    world.blocks.push(Block { payments: vec![], joins: vec![(12, 13), (13, 14), (14, 15), (15, 5)] });
    assert_eq!(desk.rescreen(&world, 2, &mut |_| true).unwrap().affected, 0);
    // the label is on somebody whom nobody met, and who is one with somebody whom they did
    world.labels.insert(6, "terror".into());
    let done = desk.rescreen(&world, 3, &mut |_| true).unwrap();
    assert_eq!((done.affected, done.spared, done.changed), (2, 1, 2));
    let changes = desk.changes(None, 0, 10).unwrap().rows;
    assert!(changes.iter().all(|c| c.cause == Cause::Labels { text: person(6) }), "{changes:?}");
    assert!(changes.iter().all(|c| (c.level_before.as_str(), c.level_after.as_str()) == ("unknown", "high")));
    // nothing more happened: nothing is done
    let again = desk.rescreen(&world, 4, &mut |_| true).unwrap();
    assert_eq!((again.affected, again.screened, again.spared), (0, 0, 3));
}

#[test]
fn what_is_watched_no_more_is_left_alone_until_it_is_registered_again() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path()).unwrap();
    let mut world = Small::new(PEOPLE);
    world.blocks.push(Block { payments: vec![(0, 1)], joins: vec![] });
    let mut new = NewSubject::new(SubjectKind::Address, "small", person(0));
    new.monitor_until = Some(10);
    let id = desk.register(&[new.clone()], 1).unwrap()[0].id;
    desk.rescreen(&world, 2, &mut |_| true).unwrap();
    world.labels.insert(1, "terror".into());
    assert_eq!(desk.rescreen(&world, 11, &mut |_| true).unwrap().affected, 0);
    assert_eq!(desk.subject(id).unwrap().unwrap().level.as_deref(), Some("unknown"));
    new.monitor_until = None;
    let again = desk.register(&[new], 12).unwrap()[0];
    assert_eq!((again.id, again.is_new), (id, false));
    assert_eq!(desk.rescreen(&world, 13, &mut |_| true).unwrap().changed, 1);
    assert_eq!(desk.subject(id).unwrap().unwrap().level.as_deref(), Some("high"));
}

#[test]
fn an_answer_of_an_older_world_is_kept_and_due_again() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path()).unwrap();
    let mut world = Small::new(PEOPLE);
    world.blocks.push(Block { payments: vec![(0, 1)], joins: vec![] });
    let old = world.clone();
    world.labels.insert(1, "terror".into());
    desk.rescreen(&world, 1, &mut |_| true).unwrap();
    let id = desk.register(&[NewSubject::new(SubjectKind::Address, "small", person(0))], 2).unwrap()[0].id;
    let recorded = desk.screen_now(&old, id, 3).unwrap();
    assert!(recorded.is_overtaken);
    assert_eq!(desk.rescreen(&world, 4, &mut |_| true).unwrap().changed, 1);
    assert_eq!(desk.subject(id).unwrap().unwrap().level.as_deref(), Some("high"));
    assert!(!desk.screen_now(&world, id, 5).unwrap().is_overtaken);
}

#[test]
fn a_run_that_is_stopped_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path()).unwrap();
    let mut world = Small::new(400);
    world.blocks.push(Block::default());
    watch(&desk, 0..350);
    let mut pieces = 0;
    let stopped = desk
        .rescreen(&world, 1, &mut |_| {
            pieces += 1;
            pieces <= 2
        })
        .unwrap();
    assert!(stopped.stopped);
    assert_eq!((stopped.screened, desk.counts().unwrap().queued), (200, 150));
    // the world moves on meanwhile, which loses nobody
    world.policy += 1;
    let done = desk.rescreen(&world, 2, &mut |_| true).unwrap();
    assert_eq!((done.screened, desk.counts().unwrap().queued), (350, 0));
    let ids: BTreeSet<i64> = desk.screenings(None, 0, 1_000).unwrap().rows.iter().map(|s| s.subject).collect();
    assert_eq!(ids.len(), 350);
}

#[test]
fn two_runs_at_once_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path()).unwrap();
    let mut world = Small::new(PEOPLE);
    world.blocks.push(Block::default());
    watch(&desk, [1]);
    let other = Desk::open(folder.path()).unwrap();
    let done = desk
        .rescreen(&world, 1, &mut |_| {
            let refused = other.rescreen(&world, 1, &mut |_| true).unwrap_err();
            assert!(matches!(refused, DeskError::Vault(VaultError::Locked { .. })), "{refused}");
            true
        })
        .unwrap();
    assert_eq!(done.screened, 1);
}
