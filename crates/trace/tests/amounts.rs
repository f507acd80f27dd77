//! Haircut and poison against plain implementations that share nothing with the library, on random small graphs.
use crate::naive;

use athar_ledger::Ledger;
use athar_trace::{Direction, Limits, Policy, Question, Sources, Trace};
use athar_types::{AddressId, OutputNum};
use naive::amounts::{haircut, poison};
use naive::{Dice, Known, NAMES, PlainAnswer, PlainChain, PlainQuestion};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const GRAPHS: usize = 32;

fn graphs() -> impl Strategy<Value = Vec<Vec<u32>>> {
    prop::collection::vec(prop::collection::vec(any::<u32>(), 20..160), GRAPHS)
}

/// A question about whole outputs of one graph, with stops, owners and bounds of every kind.
fn roll_question(chain: &PlainChain, graph: usize, policy: Policy, dice: &mut Dice<'_>) -> PlainQuestion {
    let outputs = chain.outputs_of(graph);
    let txs = chain.graphs[graph].clone();
    let first = graph as u32 * NAMES;
    let address = |dice: &mut Dice<'_>| first + dice.below(u64::from(NAMES)) as u32;
    let mut question = PlainQuestion {
        policy,
        direction: if dice.below(2) == 0 { Direction::Forward } else { Direction::Backward },
        sources: Vec::new(),
        reached: dice.one_in(4),
        stops: BTreeMap::new(),
        stop_txs: BTreeSet::new(),
        own: BTreeSet::new(),
        limits: Limits::NONE,
    };
    for _ in 0..=dice.below(3) {
        let output = outputs[dice.below(outputs.len() as u64) as usize];
        question.sources.push((output, 0, chain.outputs[output].value));
    }
    question.sources.retain(|(_, lo, hi)| lo < hi);
    question.sources.sort_unstable();
    question.sources.dedup();
    for _ in 0..dice.below(3) {
        let stop = address(dice);
        question.stops.insert(stop, dice.below(2) as u32);
    }
    for _ in 0..dice.below(3) {
        question.own.insert(address(dice));
    }
    if dice.below(2) == 0 {
        question.own.extend(question.sources.iter().filter_map(|(o, ..)| chain.outputs[*o].address));
    }
    if dice.one_in(3) {
        question.stop_txs.insert(txs.start + dice.below(txs.len() as u64) as usize);
    }
    let limits = &mut question.limits;
    if dice.below(2) == 0 {
        limits.hops_max = dice.below(5) as u32;
    }
    if dice.one_in(3) {
        limits.edges_max = dice.below(12);
    }
    if dice.one_in(3) {
        limits.amount_min_sat = dice.below(5);
    }
    if dice.one_in(4) {
        limits.outputs_max = 1 + dice.below(3) as u32;
    }
    question
}

fn ask(ledger: &Ledger, ids: &BTreeMap<u32, AddressId>, question: &PlainQuestion) -> Trace {
    let known = Known::new(question, ids);
    let outputs = question.sources.iter().map(|(o, ..)| OutputNum(*o as u64));
    let sources = Sources::outputs(ledger, outputs, usize::MAX).unwrap();
    let sources = if question.reached { sources.reached() } else { sources };
    let PlainQuestion { policy, direction, ref limits, .. } = *question;
    athar_trace::trace(
        ledger,
        &Question { policy, direction, sources: &sources, stops: &known, owners: &known, limits },
    )
}

/// Every way that a trace gives leads from a source to its place over edges of the trace.
fn check_paths(trace: &Trace, question: &PlainQuestion) {
    let edges: BTreeSet<_> = trace.edges.iter().map(|e| (e.tx, e.from_output, e.to_output)).collect();
    for place in trace.held.iter().chain(&trace.minted).map(|h| h.output).chain(trace.stopped.iter().map(|s| s.output))
    {
        let path = trace.path_to(place).unwrap();
        let mut at = None;
        for step in &path {
            assert!(edges.contains(&(step.tx, step.from_output, step.to_output)));
            let (near, far) = match question.direction {
                Direction::Forward => (step.from_output, step.to_output),
                Direction::Backward => (step.to_output, step.from_output),
            };
            assert_eq!(at.unwrap_or(near), near);
            at = Some(far);
        }
        assert_eq!(at.unwrap_or(place), place);
        let start = path.first().map_or(place, |s| match question.direction {
            Direction::Forward => s.from_output,
            Direction::Backward => s.to_output,
        });
        assert!(question.sources.iter().any(|(o, ..)| *o as u64 == start.0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn haircut_and_poison_equal_the_plain_ones(
        graphs in graphs(),
        rolls in prop::collection::vec(prop::collection::vec(any::<u32>(), 60), GRAPHS * 6),
        per_segment in prop_oneof![Just(usize::MAX), 25usize..70],
    ) {
        let chain = PlainChain::roll(&graphs);
        let ledger = chain.ledger(per_segment);
        let ids = chain.ids(&ledger);
        for (at, roll) in rolls.iter().enumerate() {
            for policy in [Policy::Haircut, Policy::Poison] {
                let question = roll_question(&chain, at % GRAPHS, policy, &mut Dice::new(roll));
                let trace = ask(&ledger, &ids, &question);
                prop_assert!(trace.check(), "not conserved: {:?}", trace.totals);
                prop_assert_eq!(trace.totals.is_summed, policy.is_summed());
                let expected = if policy == Policy::Haircut { haircut(&chain, &question) } else { poison(&chain, &question) };
                prop_assert_eq!(naive::plain(&trace), expected, "{:?}", question);
                check_paths(&trace, &question);
            }
        }
    }

    #[test]
    fn parts_of_outputs_are_conserved_under_every_policy_that_sums(
        graphs in graphs(),
        rolls in prop::collection::vec(prop::collection::vec(any::<u32>(), 60), GRAPHS * 2),
    ) {
        let chain = PlainChain::roll(&graphs);
        let ledger = chain.ledger(usize::MAX);
        let ids = chain.ids(&ledger);
        for (at, roll) in rolls.iter().enumerate() {
            for policy in Policy::ALL {
                let mut dice = Dice::new(roll);
                let question = roll_question(&chain, at % GRAPHS, policy, &mut dice);
                let known = Known::new(&question, &ids);
                let parts = question.sources.iter().map(|(o, _, hi)| {
                    let lo = dice.below(*hi as u64);
                    (OutputNum(*o as u64), lo..lo + 1 + dice.below(*hi as u64 - lo))
                });
                let sources = Sources::parts(&ledger, parts.collect::<Vec<_>>(), usize::MAX).unwrap();
                let PlainQuestion { direction, ref limits, .. } = question;
                let asked = Question { policy, direction, sources: &sources, stops: &known, owners: &known, limits };
                let trace = athar_trace::trace(&ledger, &asked);
                prop_assert!(trace.check(), "not conserved: {:?}", trace.totals);
                let held: u64 = trace.held.iter().map(|h| h.sat).sum();
                prop_assert!(!policy.is_summed() || held == trace.totals.held_sat);
                // no output ever carries more taint than it holds
                for place in &trace.held {
                    prop_assert!(place.sat <= chain.outputs[place.output.0 as usize].value as u64);
                }
            }
        }
    }

    #[test]
    fn poison_reaches_whatever_any_policy_reaches(
        graphs in graphs(),
        rolls in prop::collection::vec(prop::collection::vec(any::<u32>(), 60), GRAPHS),
    ) {
        let chain = PlainChain::roll(&graphs);
        let ledger = chain.ledger(usize::MAX);
        let ids = chain.ids(&ledger);
        for (at, roll) in rolls.iter().enumerate() {
            let mut question = roll_question(&chain, at % GRAPHS, Policy::Poison, &mut Dice::new(roll));
            question.limits = Limits::NONE;
            let reached = |policy| -> BTreeSet<OutputNum> {
                let trace = ask(&ledger, &ids, &PlainQuestion { policy, ..question.clone() });
                trace.edges.iter().map(|e| if question.direction == Direction::Forward { e.to_output } else { e.from_output }).collect()
            };
            let poisoned = reached(Policy::Poison);
            for policy in [Policy::Fifo, Policy::Lifo, Policy::Tiho, Policy::Haircut] {
                prop_assert!(reached(policy).is_subset(&poisoned), "{} goes where poison does not", policy);
            }
        }
    }
}

#[test]
fn the_random_questions_hit_every_kind_of_end() {
    let mut numbers = 1u32;
    let mut next = || {
        numbers = numbers.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        numbers >> 8
    };
    let graphs: Vec<Vec<u32>> = (0..200).map(|_| (0..120).map(|_| next()).collect()).collect();
    let chain = PlainChain::roll(&graphs);
    for policy in [Policy::Haircut, Policy::Poison] {
        let mut seen = PlainAnswer::default();
        let mut bounds = BTreeSet::new();
        let (mut several, mut rounded) = (0, 0);
        for at in 0..6000 {
            let roll: Vec<u32> = (0..60).map(|_| next()).collect();
            let question = roll_question(&chain, at % 200, policy, &mut Dice::new(&roll));
            let answer = if policy == Policy::Haircut { haircut(&chain, &question) } else { poison(&chain, &question) };
            bounds.extend(answer.bounded.keys().copied());
            seen.fee += answer.fee;
            seen.internal += answer.internal;
            seen.returned += answer.returned;
            let mut made: BTreeMap<usize, BTreeSet<u32>> = BTreeMap::new();
            for (tx, _, to, sat, hop) in &answer.edges {
                made.entry(*to).or_default().insert(*hop);
                rounded += usize::from(*sat * 3 < chain.outputs[*to].value as u64 && chain.txs[*tx].inputs.len() > 1);
            }
            several += made.values().filter(|hops| hops.len() > 1).count();
            seen.held.extend(answer.held);
            seen.stopped.extend(answer.stopped);
            seen.minted.extend(answer.minted);
            seen.edges.extend(answer.edges);
        }
        assert_eq!(bounds.len(), 4, "{policy} {bounds:?}");
        assert!(seen.held.len() > 100 && seen.stopped.len() > 100 && seen.minted.len() > 100);
        assert!(seen.edges.iter().any(|e| e.4 > 4), "no long way was found");
        assert!(several > 50, "{policy}: only {several} outputs were reached at several distances");
        let sums = [seen.fee, seen.internal, seen.returned];
        assert_eq!(sums.iter().all(|s| *s > 20), policy.is_summed(), "{sums:?}");
        assert!(policy == Policy::Poison || rounded > 100, "hardly any satoshi had to be shared out");
    }
}
