//! FIFO, LIFO and taint-in-highest-out against a tracer that moves satoshi one by one, on random small graphs.
use crate::naive;

use athar_ledger::Ledger;
use athar_trace::{Direction, Limits, NoOwners, NoStops, Policy, Question, Sources, Step, Trace};
use athar_types::{AddressId, Height, OutputNum};
use naive::{Dice, Known, NAMES, PlainAnswer, PlainChain, PlainQuestion};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const GRAPHS: usize = 32;

fn graphs() -> impl Strategy<Value = Vec<Vec<u32>>> {
    prop::collection::vec(prop::collection::vec(any::<u32>(), 20..160), GRAPHS)
}

fn ask(ledger: &Ledger, ids: &BTreeMap<u32, AddressId>, question: &PlainQuestion) -> Trace {
    let known = Known::new(question, ids);
    let parts = question.sources.iter().map(|(o, lo, hi)| (OutputNum(*o as u64), *lo as u64..*hi as u64));
    let sources = Sources::parts(ledger, parts, usize::MAX).unwrap();
    let sources = if question.reached { sources.reached() } else { sources };
    athar_trace::trace(
        ledger,
        &Question {
            policy: question.policy,
            direction: question.direction,
            sources: &sources,
            stops: &known,
            owners: &known,
            limits: &question.limits,
        },
    )
}

/// A question about one graph; with `bounded`, stops, owners and bounds of every kind occur.
fn roll_question(chain: &PlainChain, graph: usize, bounded: bool, dice: &mut Dice<'_>) -> PlainQuestion {
    let outputs = chain.outputs_of(graph);
    let txs = chain.graphs[graph].clone();
    let direction = if dice.below(2) == 0 { Direction::Forward } else { Direction::Backward };
    let mut question = PlainQuestion {
        policy: [Policy::Fifo, Policy::Lifo, Policy::Tiho][dice.below(3) as usize],
        direction,
        sources: Vec::new(),
        reached: false,
        stops: BTreeMap::new(),
        stop_txs: BTreeSet::new(),
        own: BTreeSet::new(),
        limits: Limits::NONE,
    };
    let first = graph as u32 * NAMES;
    if dice.one_in(3) {
        // everything an address was paid
        let address = first + dice.below(u64::from(NAMES)) as u32;
        let paid = outputs.iter().filter(|o| chain.outputs[**o].address == Some(address));
        question.sources = paid.map(|o| (*o, 0, chain.outputs[*o].value)).collect();
        question.own.extend((dice.below(2) == 0).then_some(address));
    } else {
        for _ in 0..=dice.below(3) {
            let output = outputs[dice.below(outputs.len() as u64) as usize];
            let value = chain.outputs[output].value;
            let lo = if dice.below(2) == 0 { 0 } else { dice.below(value as u64) as usize };
            let hi = if dice.below(2) == 0 { value } else { lo + dice.below((value - lo) as u64 + 1) as usize };
            question.sources.push((output, lo, hi));
        }
    }
    question.sources.retain(|(_, lo, hi)| lo < hi);
    if !bounded {
        return question;
    }
    let address = |dice: &mut Dice<'_>| first + dice.below(u64::from(NAMES)) as u32;
    for _ in 0..dice.below(3) {
        let stop = address(dice);
        question.stops.insert(stop, dice.below(2) as u32);
    }
    for _ in 0..dice.below(3) {
        question.own.insert(address(dice));
    }
    if dice.one_in(3) {
        question.stop_txs.insert(txs.start + dice.below(txs.len() as u64) as usize);
    }
    question.reached = dice.one_in(4);
    let heights = chain.txs[txs.start].height..=chain.txs[txs.end - 1].height;
    let height = |dice: &mut Dice<'_>| Height(heights.start() + dice.below(heights.clone().count() as u64) as u32);
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
        limits.since = Some(height(dice));
    }
    if dice.one_in(4) {
        limits.until = Some(height(dice));
    }
    if dice.one_in(4) {
        limits.outputs_max = 1 + dice.below(3) as u32;
    }
    question
}

/// Whether satoshi `at` of the place that a path ends in took every step of it and began in a source.
fn went(chain: &PlainChain, question: &PlainQuestion, path: &[Step], at: usize) -> bool {
    let forward = question.direction == Direction::Forward;
    let far = |step: &Step| if forward { step.to_output } else { step.from_output };
    let mut place = path.last().map_or((0, at), |step| (far(step).0 as usize, at));
    for step in path.iter().rev() {
        let before = if forward {
            chain.previous(question.policy, place.0, place.1)
        } else {
            chain.next(question.policy, place.0, place.1).and_then(|(tx, next)| Some((tx, next?)))
        };
        match before {
            Some((tx, before)) if step.tx.0 as usize == tx && far(step).0 as usize == place.0 => place = before,
            _ => return false,
        }
    }
    question.sources.iter().any(|(o, lo, hi)| *o == place.0 && (*lo..*hi).contains(&place.1))
}

/// Every place a trace speaks of has a path that the chain and the trace's own edges bear out.
fn check_paths(chain: &PlainChain, question: &PlainQuestion, trace: &Trace) {
    let edges: BTreeMap<_, u64> = trace.edges.iter().map(|e| ((e.tx, e.from_output, e.to_output), e.sat)).collect();
    let is_source = |output: OutputNum| question.sources.iter().any(|(o, ..)| *o as u64 == output.0);
    let is_own =
        |output: OutputNum| chain.outputs[output.0 as usize].address.is_some_and(|a| question.own.contains(&a));
    let places = trace.held.iter().chain(&trace.minted).map(|h| (h.output, h.hops));
    for (output, hops) in places.chain(trace.stopped.iter().map(|s| (s.output, s.hops))) {
        let path = trace.path_to(output).unwrap();
        if is_source(output) {
            assert!(path.is_empty());
            continue;
        }
        let mut counted = u32::from(question.reached);
        let mut at = None;
        for step in &path {
            assert!(edges[&(step.tx, step.from_output, step.to_output)] >= step.sat && step.sat > 0);
            let (near, far) = match question.direction {
                Direction::Forward => (step.from_output, step.to_output),
                Direction::Backward => (step.to_output, step.from_output),
            };
            assert!(at.map_or(is_source(near), |at| at == near));
            counted += u32::from(!(is_own(near) && is_own(far)));
            at = Some(far);
        }
        assert_eq!((at, counted), (Some(output), hops));
        if question.policy == Policy::Tiho {
            continue; // where a satoshi goes depends on which others are tainted
        }
        let travelled = (0..chain.outputs[output.0 as usize].value).any(|at| went(chain, question, &path, at));
        assert!(travelled, "no satoshi went all of {path:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn traces_equal_those_of_moving_satoshi_one_by_one(
        graphs in graphs(),
        rolls in prop::collection::vec(prop::collection::vec(any::<u32>(), 60), GRAPHS * 6),
        per_segment in prop_oneof![Just(usize::MAX), 25usize..70],
    ) {
        let chain = PlainChain::roll(&graphs);
        let ledger = chain.ledger(per_segment);
        let ids = chain.ids(&ledger);
        for (at, roll) in rolls.iter().enumerate() {
            let question = roll_question(&chain, at % GRAPHS, at >= GRAPHS * 2, &mut Dice::new(roll));
            let trace = ask(&ledger, &ids, &question);
            prop_assert!(trace.check(), "not conserved: {:?}", trace.totals);
            let expected = naive::trace(&chain, &question);
            prop_assert_eq!(naive::plain(&trace), expected, "{:?}", question);
            check_paths(&chain, &question, &trace);

            // the same question gives the same answer, and its sources may come in any order and more than once
            let mut again = question.clone();
            again.sources.reverse();
            again.sources.extend(question.sources.clone());
            let again = ask(&ledger, &ids, &again);
            prop_assert_eq!(
                serde_json::to_string(&trace).unwrap(),
                serde_json::to_string(&again).unwrap()
            );
        }
    }

    #[test]
    fn forward_and_backward_traces_are_one_bijection_of_satoshi(
        graphs in graphs(),
        policy in prop_oneof![Just(Policy::Fifo), Just(Policy::Lifo)],
    ) {
        let chain = PlainChain::roll(&graphs);
        let ledger = chain.ledger(usize::MAX);
        for graph in 0..GRAPHS {
            let outputs = chain.outputs_of(graph);
            let all = |direction| -> Vec<Trace> {
                outputs.iter().map(|o| {
                    let sources = Sources::outputs(&ledger, [OutputNum(*o as u64)], 1).unwrap();
                    athar_trace::trace(&ledger, &Question {
                        policy,
                        direction,
                        sources: &sources,
                        stops: &NoStops,
                        owners: &NoOwners,
                        limits: &Limits::NONE,
                    })
                }).collect()
            };
            let (forward, backward) = (all(Direction::Forward), all(Direction::Backward));
            for (a, from_a) in outputs.iter().zip(&forward) {
                // by recursion on single satoshi: everything that passes through each output
                let mut passes: BTreeMap<usize, u64> = BTreeMap::new();
                let mut fee = 0;
                for at in 0..chain.outputs[*a].value {
                    let mut place = Some((*a, at));
                    while let Some((output, at)) = place {
                        *passes.entry(output).or_default() += 1;
                        place = match chain.next(policy, output, at) {
                            Some((_, next)) => {
                                fee += u64::from(next.is_none());
                                next
                            }
                            None => None,
                        };
                    }
                }
                prop_assert_eq!(from_a.totals.fee_sat, fee);
                for (b, from_b) in outputs.iter().zip(&backward).filter(|(b, _)| *b != a) {
                    let to = |e: &&athar_trace::Edge| e.to_output.0 == *b as u64;
                    let from = |e: &&athar_trace::Edge| e.from_output.0 == *a as u64;
                    let there: u64 = from_a.edges.iter().filter(to).map(|e| e.sat).sum();
                    let back: u64 = from_b.edges.iter().filter(from).map(|e| e.sat).sum();
                    prop_assert_eq!(there, back, "from {} to {}", a, b);
                    prop_assert_eq!(there, passes.get(b).copied().unwrap_or(0));
                }
            }
            // and going back one step is the inverse of going on one step
            for output in &outputs {
                for at in 0..chain.outputs[*output].value {
                    if let Some((tx, Some((next, next_at)))) = chain.next(policy, *output, at) {
                        prop_assert_eq!(chain.previous(policy, next, next_at), Some((tx, (*output, at))));
                    }
                }
            }
        }
    }
}

#[test]
fn the_random_questions_hit_every_kind_of_end() {
    // the properties above say nothing where a kind of end never occurs
    let mut numbers = 1u32;
    let mut next = || {
        numbers = numbers.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        numbers >> 8
    };
    let graphs: Vec<Vec<u32>> = (0..200).map(|_| (0..120).map(|_| next()).collect()).collect();
    let chain = PlainChain::roll(&graphs);
    let mut seen = PlainAnswer::default();
    let mut bounds = BTreeSet::new();
    for at in 0..2000 {
        let roll: Vec<u32> = (0..60).map(|_| next()).collect();
        let answer = naive::trace(&chain, &roll_question(&chain, at % 200, true, &mut Dice::new(&roll)));
        bounds.extend(answer.bounded.keys().copied());
        seen.fee += answer.fee;
        seen.internal += answer.internal;
        seen.returned += answer.returned;
        seen.held.extend(answer.held);
        seen.stopped.extend(answer.stopped);
        seen.minted.extend(answer.minted);
        seen.edges.extend(answer.edges);
    }
    assert_eq!(bounds.len(), 6, "{bounds:?}");
    assert!(seen.fee > 100 && seen.internal > 20 && seen.returned > 20, "{seen:?}");
    assert!(seen.held.len() > 100 && seen.stopped.len() > 100 && seen.minted.len() > 100);
    assert!(seen.edges.iter().any(|e| e.4 > 4), "no long way was found");
}
