//! What would be left of an entity if one transaction did not count: "and if that was a CoinJoin?"
//!
//! The forest alone cannot say: links made later hang under whichever root was larger, so taking one link away would take
//! along whatever joined afterwards. What is asked is the adjacency of addresses and transactions inside the entity. Before
//! that, the forest gives an exact short cut: what a transaction ties to one another that was one already before it, falls
//! not apart without it.
//!
//! The trees that it did join are the sides. From each of them the search goes on over all other ties, always from the side
//! that has cost least so far. Where two sides meet they are one by another way, which is told. A side that has nothing
//! left to reach is a part of its own, whole and counted. When a single side is left, it is the rest, and its size follows
//! from that of the entity. So a small part falls off a large entity at the cost of the small part.

use super::neighbours::{Budget, Hop};
use super::{Graph, Step};
use crate::forest::Forest;
use crate::links::{Link, Links};
use athar_ledger::Ledger;
use athar_types::{AddressId, TxNum};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;
use std::ops::ControlFlow;

/// Addresses of a part that are listed.
const LISTED_MAX: usize = 100;

/// One part of an entity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// Number of addresses; where the part [is not whole](Self::is_whole), at least so many.
    pub size: u32,
    /// Whether `size` is exact: nothing else is tied to these addresses.
    pub is_whole: bool,
    /// Some of its addresses, ascending: of a part that was searched to its end the first 100, else those of the
    /// transaction that was left out.
    pub addresses: Vec<AddressId>,
    /// Whether the address asked about is in it; `None` where the search ended before that was known.
    pub has_asked: Option<bool>,
}

/// An entity without one transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Without {
    /// Number of addresses in the entity as it is.
    pub size: u32,
    /// The addresses that the transaction ties, once each, in its order.
    pub tied: Vec<AddressId>,
    /// How many trees it joined into this entity: 1 or 0 where it changed nothing.
    pub sides: usize,
    /// Where it changed nothing: since when the first and the last of the addresses that it ties had been one.
    pub since: Option<Link>,
    /// What is left, the largest first. A single part: the entity holds together without it.
    pub parts: Vec<Part>,
    /// Ways by which sides are one without the transaction, each from an address that it ties to another.
    pub ways: Vec<Vec<Step>>,
    /// Whether the bound on edges ended the search, so that parts may still be one.
    pub bound_hit: bool,
}

/// The entity of `address` without what `tx` ties, by co-spend or as change: as if it were a CoinJoin. Looks at most at `edges_max`
/// outputs, inputs and ties. `None` where the transaction ties no two addresses of that entity.
pub fn without(ledger: &Ledger, forest: &Forest, tx: TxNum, address: AddressId, edges_max: u64) -> Option<Without> {
    let heuristics = forest.manifest().heuristics;
    let whole = Graph { ledger, forest, heuristics, as_of: TxNum(u32::MAX - 1), without: &[] };
    let root = forest.find(address);
    let mut seen = FxHashSet::default();
    let inputs = whole.ties_inputs(tx).then(|| whole.input_addresses(tx)).into_iter().flatten();
    let change = whole.change_tie(tx).map(|tie| tie.b);
    let tied: Vec<AddressId> = inputs.chain(change).filter(|a| forest.find(*a) == root && seen.insert(*a)).collect();
    if tied.len() < 2 {
        return None;
    }
    let before = |a: AddressId| tx.0.checked_sub(1).map_or(a, |before| forest.find_as_of(a, TxNum(before)));
    let mut sides: Vec<Side> = Vec::new();
    for a in &tied {
        match sides.iter_mut().find(|side| side.trees[0] == before(*a)) {
            Some(side) => side.start(*a),
            None => sides.push(Side::new(before(*a), *a)),
        }
    }
    let size = forest.size(address);
    let mut found =
        Without { size, sides: sides.len(), since: None, parts: Vec::new(), ways: Vec::new(), bound_hit: false, tied };
    if sides.len() < 2 {
        found.since = forest.joined(found.tied[0], found.tied[found.tied.len() - 1]);
        found.parts.push(Part { size, is_whole: true, addresses: found.tied.clone(), has_asked: Some(true) });
        return Some(found);
    }
    let left_out = [tx];
    let graph = Graph { without: &left_out, ..whole };
    search(&graph, &mut sides, edges_max, &mut found);
    tell(&sides, address, before(address), &mut found);
    Some(found)
}

/// What is reached from one of the trees that the transaction joined.
struct Side {
    /// Roots of the trees just before the transaction that turned out to be one.
    trees: Vec<AddressId>,
    starts: Vec<AddressId>,
    reached: FxHashMap<AddressId, Option<Hop>>,
    queue: VecDeque<AddressId>,
    txs: FxHashSet<TxNum>,
    cost: u64,
    /// The side that it turned out to be one with.
    met: Option<usize>,
}

impl Side {
    fn new(tree: AddressId, start: AddressId) -> Self {
        Self {
            trees: vec![tree],
            starts: vec![start],
            reached: FxHashMap::from_iter([(start, None)]),
            queue: VecDeque::from([start]),
            txs: FxHashSet::default(),
            cost: 0,
            met: None,
        }
    }

    fn start(&mut self, address: AddressId) {
        self.starts.push(address);
        if self.reached.insert(address, None).is_none() {
            self.queue.push_back(address);
        }
    }

    /// The way from one of the side's starts to `address`.
    fn way(&self, address: AddressId) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut at = address;
        while let Some(hop) = self.reached.get(&at).copied().flatten() {
            steps.push(Step { tx: hop.tx, since: hop.since, heuristic: hop.heuristic, a: hop.from, b: at });
            at = hop.from;
        }
        steps.reverse();
        steps
    }
}

/// Searches until a single side is not exhausted, or the budget is spent.
fn search(graph: &Graph<'_>, sides: &mut [Side], edges_max: u64, found: &mut Without) {
    let mut budget = Budget(edges_max);
    loop {
        let mut open = (0..sides.len()).filter(|i| sides[*i].met.is_none() && !sides[*i].queue.is_empty());
        let Some(first) = open.next() else { return };
        let cheapest =
            open.fold((first, 1), |(best, n), i| (if sides[i].cost < sides[best].cost { i } else { best }, n + 1));
        if cheapest.1 == 1 {
            return;
        }
        let mut own = cheapest.0;
        let Some(from) = sides[own].queue.pop_front() else { return };
        let left = budget.0;
        let mut txs = std::mem::take(&mut sides[own].txs);
        let mut new: Vec<(AddressId, Hop)> = Vec::new();
        let ended = graph.neighbours(from, &mut txs, &mut budget, &mut |address, hop| {
            new.push((address, hop));
            ControlFlow::Continue(())
        });
        sides[own].txs = txs;
        sides[own].cost += left - budget.0;
        for (address, hop) in new {
            if sides[own].reached.contains_key(&address) {
                continue;
            }
            sides[own].reached.insert(address, Some(hop));
            sides[own].queue.push_back(address);
            let other = (0..sides.len())
                .find(|i| *i != own && sides[*i].met.is_none() && sides[*i].reached.contains_key(&address));
            if let Some(other) = other {
                let mut way = sides[own].way(address);
                let back = sides[other].way(address);
                way.extend(back.into_iter().rev().map(|s| Step { a: s.b, b: s.a, ..s }));
                found.ways.push(way);
                // what else is new belongs to the one that is left
                own = unite(sides, own, other);
            }
        }
        if ended.is_break() {
            // not looked at to its end, so its side is not exhausted
            sides[own].queue.push_front(from);
            found.bound_hit = true;
            return;
        }
    }
}

/// Makes two sides one, and says which is left: the one that has reached more takes over what the other has.
fn unite(sides: &mut [Side], a: usize, b: usize) -> usize {
    let (keep, drop) = if sides[a].reached.len() >= sides[b].reached.len() { (a, b) } else { (b, a) };
    let Side { trees, starts, reached, queue, txs, cost, .. } =
        std::mem::replace(&mut sides[drop], Side::new(AddressId(0), AddressId(0)));
    sides[drop].met = Some(keep);
    let side = &mut sides[keep];
    side.trees.extend(trees);
    side.starts.extend(starts);
    side.cost += cost;
    side.txs.extend(txs);
    for (address, hop) in reached {
        side.reached.entry(address).or_insert(hop);
    }
    side.queue.extend(queue);
    keep
}

/// The parts, from what was reached.
fn tell(sides: &[Side], asked: AddressId, asked_tree: AddressId, found: &mut Without) {
    let left: Vec<&Side> = sides.iter().filter(|s| s.met.is_none()).collect();
    let open = left.iter().filter(|s| !s.queue.is_empty()).count();
    let closed: u32 = left.iter().filter(|s| s.queue.is_empty()).map(|s| s.reached.len() as u32).sum();
    let in_closed = left.iter().any(|s| s.queue.is_empty() && s.reached.contains_key(&asked));
    for side in &left {
        let is_closed = side.queue.is_empty();
        // what no closed part has is the rest's, where there is one rest only
        let is_rest = !is_closed && open == 1;
        let own_tree = side.trees.contains(&asked_tree) || side.reached.contains_key(&asked);
        let mut addresses: Vec<AddressId> =
            if is_closed { side.reached.keys().copied().collect() } else { side.starts.clone() };
        addresses.sort_unstable();
        addresses.truncate(LISTED_MAX);
        found.parts.push(Part {
            size: if is_rest { found.size - closed } else { side.reached.len() as u32 },
            is_whole: is_closed || is_rest,
            addresses,
            has_asked: match (is_closed, is_rest) {
                (true, _) => Some(side.reached.contains_key(&asked)),
                (false, true) => Some(!in_closed),
                (false, false) if own_tree => Some(true),
                (false, false) => {
                    if in_closed {
                        Some(false)
                    } else {
                        None
                    }
                }
            },
        });
    }
    found.parts.sort_by_key(|part| (std::cmp::Reverse(part.size), part.addresses.first().copied()));
}
