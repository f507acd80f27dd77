//! The shortest path between two addresses, searched from both ends.

use super::{Graph, Step};
use crate::Heuristic;
use athar_types::{AddressId, TxNum};
use rustc_hash::{FxHashMap, FxHashSet};

/// How an address was reached.
#[derive(Clone, Copy)]
struct Hop {
    from: AddressId,
    tx: TxNum,
    since: TxNum,
    heuristic: Heuristic,
}

/// What has been reached from one end.
struct Side {
    reached: FxHashMap<AddressId, Option<Hop>>,
    /// Addresses reached last, in the order in which they were.
    frontier: Vec<AddressId>,
    txs: FxHashSet<TxNum>,
}

impl Side {
    fn new(start: AddressId) -> Self {
        Self { reached: FxHashMap::from_iter([(start, None)]), frontier: vec![start], txs: FxHashSet::default() }
    }

    /// The hops from this side's end to `address`, the last one first.
    fn hops_back(&self, address: AddressId) -> Vec<(AddressId, Hop)> {
        let mut hops = Vec::new();
        let mut at = address;
        while let Some(hop) = self.reached.get(&at).copied().flatten() {
            hops.push((at, hop));
            at = hop.from;
        }
        hops
    }
}

/// What a search has left to spend, and whether it spent more.
struct Budget(u64);

impl Budget {
    fn spend(&mut self) -> bool {
        let left = self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        left
    }
}

/// A shortest path from `a` to `b`, or `None` where more than `edges_max` edges would have to be looked at.
///
/// Whole levels are searched in turn, from the end that has fewer addresses to look at. While the sides have not met,
/// the distance is longer than both depths together, so the first address found by both lies on a shortest path.
pub(super) fn shortest(graph: &Graph<'_>, a: AddressId, b: AddressId, edges_max: u64) -> Option<Vec<Step>> {
    let (mut from_a, mut from_b) = (Side::new(a), Side::new(b));
    let mut budget = Budget(edges_max);
    loop {
        let (side, other) = if from_a.frontier.len() <= from_b.frontier.len() {
            (&mut from_a, &from_b)
        } else {
            (&mut from_b, &from_a)
        };
        if side.frontier.is_empty() {
            return None;
        }
        match next_level(graph, side, other, &mut budget) {
            Level::Met(meeting) => return Some(steps(&from_a, &from_b, meeting)),
            Level::Apart => {}
            Level::Spent => return None,
        }
    }
}

/// What came of one more level.
enum Level {
    /// Both sides have reached this address.
    Met(AddressId),
    /// The sides have not met yet.
    Apart,
    /// The budget is spent.
    Spent,
}

/// Reaches one level further from one side.
fn next_level(graph: &Graph<'_>, side: &mut Side, other: &Side, budget: &mut Budget) -> Level {
    let frontier = std::mem::take(&mut side.frontier);
    for from in frontier {
        for output in graph.ledger.address_outputs(from) {
            if !budget.spend() {
                return Level::Spent;
            }
            let Some(tx) = graph.ledger.spent_by(output) else { continue };
            if !graph.ties_inputs(tx) || !side.txs.insert(tx) {
                continue;
            }
            for address in graph.input_addresses(tx) {
                if !budget.spend() {
                    return Level::Spent;
                }
                let hop = Hop { from, tx, since: tx, heuristic: Heuristic::CoSpend };
                if reach(side, other, address, hop) {
                    return Level::Met(address);
                }
            }
        }
        for tie in graph.forest.key_ties(from).filter(|tie| tie.at <= graph.as_of) {
            if !budget.spend() {
                return Level::Spent;
            }
            let address = if tie.a == from { tie.b } else { tie.a };
            let hop = Hop { from, tx: tie.reveal, since: tie.at, heuristic: Heuristic::SameKey };
            if reach(side, other, address, hop) {
                return Level::Met(address);
            }
        }
    }
    Level::Apart
}

/// Notes an address; whether the other side has it too.
fn reach(side: &mut Side, other: &Side, address: AddressId, hop: Hop) -> bool {
    if side.reached.contains_key(&address) {
        return false;
    }
    side.reached.insert(address, Some(hop));
    side.frontier.push(address);
    other.reached.contains_key(&address)
}

fn steps(from_a: &Side, from_b: &Side, meeting: AddressId) -> Vec<Step> {
    let step = |hop: &Hop, a, b| Step { tx: hop.tx, since: hop.since, heuristic: hop.heuristic, a, b };
    let first = from_a.hops_back(meeting).into_iter().rev().map(|(to, hop)| step(&hop, hop.from, to));
    let second = from_b.hops_back(meeting).into_iter().map(|(to, hop)| step(&hop, to, hop.from));
    first.chain(second).collect()
}
