//! Haircut and poison, plainly: amounts by hops for every output, in trace order; reached or not, until nothing changes.

use super::{PlainAnswer, PlainChain, PlainQuestion};
use athar_trace::{Bound, Direction, StopReason};
use std::collections::BTreeMap;

/// Shares a total by weights: whole parts, then one each to the largest remainders, ties in order.
fn by_largest_remainders(total: u64, weights: &[u64]) -> Vec<u64> {
    let whole: u64 = weights.iter().sum();
    let mut parts: Vec<u64> = weights.iter().map(|w| (total * w).checked_div(whole).unwrap_or(0)).collect();
    while parts.iter().sum::<u64>() < total {
        let mut best = None;
        for (at, weight) in weights.iter().enumerate() {
            // whoever has had an extra one already is out
            let rest = total * weight % whole;
            let had = parts[at] > total * weight / whole;
            if rest > 0 && !had && best.is_none_or(|(most, _)| rest > most) {
                best = Some((rest, at));
            }
        }
        parts[best.expect("somebody has a remainder").1] += 1;
    }
    parts
}

struct Walk<'a> {
    chain: &'a PlainChain,
    question: &'a PlainQuestion,
    /// Satoshi by hops on each output that waits.
    waiting: BTreeMap<usize, BTreeMap<u32, u64>>,
    answer: PlainAnswer,
    halted: bool,
}

/// Haircut taint, transaction by transaction. Sources must be whole outputs.
pub(crate) fn haircut(chain: &PlainChain, question: &PlainQuestion) -> PlainAnswer {
    let mut walk = Walk { chain, question, waiting: BTreeMap::new(), answer: PlainAnswer::default(), halted: false };
    for (output, _, value) in &question.sources {
        walk.answer.source += value;
        let kinds = BTreeMap::from([(u32::from(question.reached), *value as u64)]);
        if question.reached { walk.arrive(*output, kinds) } else { walk.settle(*output, kinds) }
    }
    let mut order: Vec<usize> = (0..chain.txs.len()).collect();
    if question.direction == Direction::Backward {
        order.reverse();
    }
    for tx in order {
        walk.pass(tx);
    }
    assert!(walk.waiting.is_empty());
    walk.answer
}

fn sum(kinds: &BTreeMap<u32, u64>) -> u64 {
    kinds.values().sum()
}

fn put(map: &mut BTreeMap<usize, (u64, u32)>, output: usize, kinds: &BTreeMap<u32, u64>) {
    let entry = map.entry(output).or_insert((0, u32::MAX));
    *entry = (entry.0 + sum(kinds), entry.1.min(*kinds.keys().next().unwrap()));
}

impl Walk<'_> {
    fn is_own(&self, output: usize) -> bool {
        self.chain.outputs[output].address.is_some_and(|a| self.question.own.contains(&a))
    }

    fn leave(&mut self, bound: Bound, sat: u64) {
        *self.answer.bounded.entry(bound).or_default() += sat;
    }

    fn stop(&mut self, output: usize, reason: StopReason, kinds: &BTreeMap<u32, u64>) {
        let entry = self.answer.stopped.entry((output, reason)).or_insert((0, u32::MAX));
        *entry = (entry.0 + sum(kinds), entry.1.min(*kinds.keys().next().unwrap()));
    }

    fn pass(&mut self, tx: usize) {
        let forward = self.question.direction == Direction::Forward;
        let plain = &self.chain.txs[tx];
        let (near, far) = if forward { (&plain.inputs, &plain.outputs) } else { (&plain.outputs, &plain.inputs) };
        // outputs in the order of their numbers
        let mut near_sorted = near.clone();
        near_sorted.sort_unstable();
        let waiting: Vec<_> = near_sorted.iter().filter_map(|o| Some((*o, self.waiting.remove(o)?))).collect();
        if waiting.is_empty() {
            return;
        }
        let limits = &self.question.limits;
        if !forward && far.is_empty() {
            return waiting.iter().for_each(|(output, kinds)| put(&mut self.answer.minted, *output, kinds));
        }
        if self.question.stop_txs.contains(&tx) {
            let reason = StopReason::CoinJoin { anonymity_set: 5 };
            return waiting.iter().for_each(|(output, kinds)| self.stop(*output, reason, kinds));
        }
        let total: u64 = waiting.iter().map(|(_, kinds)| sum(kinds)).sum();
        if far.len() > limits.outputs_max as usize {
            return self.leave(Bound::Outputs, total);
        }
        if self.halted {
            return self.leave(Bound::Edges, total);
        }
        let value = |o: &usize| self.chain.outputs[*o].value as u64;
        let near_value: u64 = near.iter().map(value).sum();
        let mut weights: Vec<u64> = far.iter().map(value).collect();
        let far_value: u64 = weights.iter().sum();
        weights.push(near_value.saturating_sub(far_value));
        let mut room = by_largest_remainders(total, &weights);
        let mut arrived: BTreeMap<usize, BTreeMap<u32, u64>> = BTreeMap::new();
        let mut edges: BTreeMap<(usize, usize), (usize, usize, u64, u32)> = BTreeMap::new();
        let mut fee = 0;
        for (output, kinds) in &waiting {
            for (hop, sat) in kinds {
                let parts = by_largest_remainders(*sat, &room);
                for (at, part) in parts.iter().enumerate().filter(|(_, part)| **part > 0) {
                    room[at] -= part;
                    let Some(reached) = far.get(at) else {
                        fee += part;
                        continue;
                    };
                    let hop = if self.is_own(*output) && self.is_own(*reached) { *hop } else { hop + 1 };
                    *arrived.entry(*reached).or_default().entry(hop).or_default() += part;
                    let edge = edges.entry((at, *output)).or_insert((*output, *reached, 0, hop));
                    *edge = (edge.0, edge.1, edge.2 + part, edge.3.min(hop));
                }
            }
        }
        if self.answer.edges.len() + edges.len() > limits.edges_max as usize {
            self.halted = true;
            return self.leave(Bound::Edges, total);
        }
        assert!(forward || fee == 0);
        self.answer.fee += fee;
        for (near, reached, sat, hop) in edges.into_values() {
            let (from, to) = if forward { (near, reached) } else { (reached, near) };
            self.answer.edges.push((tx, from, to, sat, hop));
        }
        for (output, kinds) in arrived {
            if self.question.sources.iter().any(|(o, ..)| *o == output) {
                for (hop, sat) in kinds {
                    *(if hop == 0 { &mut self.answer.internal } else { &mut self.answer.returned }) += sat;
                }
            } else {
                self.arrive(output, kinds);
            }
        }
    }

    fn arrive(&mut self, output: usize, kinds: BTreeMap<u32, u64>) {
        match self.chain.outputs[output].address.and_then(|a| self.question.stops.get(&a)) {
            Some(label) if !self.is_own(output) => self.stop(output, StopReason::Service { label: *label }, &kinds),
            _ => self.settle(output, kinds),
        }
    }

    fn settle(&mut self, output: usize, mut kinds: BTreeMap<u32, u64>) {
        let limits = &self.question.limits;
        let plain = &self.chain.outputs[output];
        let backward = self.question.direction == Direction::Backward;
        let Some(tx) = (if backward { Some(plain.made_by) } else { plain.spent_by }) else {
            return put(&mut self.answer.held, output, &kinds);
        };
        if backward && self.chain.txs[tx].inputs.is_empty() {
            return put(&mut self.answer.minted, output, &kinds);
        }
        let before = sum(&kinds);
        kinds.retain(|hop, _| *hop < limits.hops_max);
        let left = sum(&kinds);
        if left < before {
            self.leave(Bound::Hops, before - left);
        }
        if left > 0 && left < limits.amount_min_sat {
            return self.leave(Bound::Amount, left);
        }
        if left > 0 {
            self.waiting.insert(output, kinds);
        }
    }
}

/// Poison: the fewest hops to each output, relaxed until nothing changes; then the ends. With an edge bound the order
/// matters, so the walk is by transactions, each seeing what was reached before it.
pub(crate) fn poison(chain: &PlainChain, question: &PlainQuestion) -> PlainAnswer {
    let forward = question.direction == Direction::Forward;
    let limits = &question.limits;
    let mut answer = PlainAnswer { source: question.sources.iter().map(|s| s.2).sum(), ..PlainAnswer::default() };
    let is_own = |o: usize| chain.outputs[o].address.is_some_and(|a| question.own.contains(&a));
    let is_source = |o: usize| question.sources.iter().any(|s| s.0 == o);
    // hops of each output reached, and whether it goes on
    let mut reached: BTreeMap<usize, u32> =
        question.sources.iter().map(|s| (s.0, u32::from(question.reached))).collect();
    let mut order: Vec<usize> = (0..chain.txs.len()).collect();
    if !forward {
        order.reverse();
    }
    let goes_on = |output: usize, hop: u32, answer: &mut PlainAnswer| -> bool {
        let plain = &chain.outputs[output];
        let value = plain.value as u64;
        let arrived = !is_source(output) || question.reached;
        if arrived
            && !is_own(output)
            && let Some(label) = plain.address.and_then(|a| question.stops.get(&a))
        {
            answer.stopped.insert((output, StopReason::Service { label: *label }), (value, hop));
            return false;
        }
        let Some(tx) = (if forward { plain.spent_by } else { Some(plain.made_by) }) else {
            answer.held.insert(output, (value, hop));
            return false;
        };
        if !forward && chain.txs[tx].inputs.is_empty() {
            answer.minted.insert(output, (value, hop));
            return false;
        }
        let bound = if hop >= limits.hops_max {
            Bound::Hops
        } else if value < limits.amount_min_sat {
            Bound::Amount
        } else {
            return true;
        };
        answer.bounded.insert(bound, 0);
        false
    };
    let mut on: BTreeMap<usize, u32> = BTreeMap::new();
    for (output, hop) in &reached {
        if goes_on(*output, *hop, &mut answer) {
            on.insert(*output, *hop);
        }
    }
    let mut halted = false;
    for tx in order {
        let plain = &chain.txs[tx];
        let (near, far) = if forward { (&plain.inputs, &plain.outputs) } else { (&plain.outputs, &plain.inputs) };
        let mut from: Vec<(usize, u32)> = near.iter().filter_map(|o| Some((*o, *on.get(o)?))).collect();
        from.sort_unstable();
        if from.is_empty() {
            continue;
        }
        if question.stop_txs.contains(&tx) {
            for (output, hop) in from {
                let value = chain.outputs[output].value as u64;
                answer.stopped.insert((output, StopReason::CoinJoin { anonymity_set: 5 }), (value, hop));
            }
            continue;
        }
        if far.len() > limits.outputs_max as usize {
            answer.bounded.insert(Bound::Outputs, 0);
            continue;
        }
        let hit: Vec<usize> = far.iter().copied().filter(|o| chain.outputs[*o].value > 0).collect();
        halted |= answer.edges.len() + hit.len() * from.len() > limits.edges_max as usize;
        if halted {
            answer.bounded.insert(Bound::Edges, 0);
            continue;
        }
        for output in hit {
            let mut nearest = u32::MAX;
            for (before, hop) in &from {
                let hop = if is_own(*before) && is_own(output) { *hop } else { hop + 1 };
                nearest = nearest.min(hop);
                let (a, b) = if forward { (*before, output) } else { (output, *before) };
                answer.edges.push((tx, a, b, chain.outputs[output].value as u64, hop));
            }
            if !is_source(output) {
                reached.insert(output, nearest);
                if goes_on(output, nearest, &mut answer) {
                    on.insert(output, nearest);
                }
            }
        }
    }
    answer
}
