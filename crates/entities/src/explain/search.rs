//! The shortest path between two addresses, searched from both ends.

use super::neighbours::{Budget, Hop};
use super::{Graph, Step};
use athar_types::{AddressId, TxNum};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::ControlFlow;

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
    let mut txs = std::mem::take(&mut side.txs);
    let mut met = None;
    for from in frontier {
        let ended = graph.neighbours(from, &mut txs, budget, &mut |address, hop| {
            if reach(side, other, address, hop) {
                met = Some(address);
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        match (met, ended) {
            (Some(address), _) => return Level::Met(address),
            (None, ControlFlow::Break(())) => return Level::Spent,
            (None, ControlFlow::Continue(())) => {}
        }
    }
    side.txs = txs;
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
