//! The search: two balls grown towards each other until they cover what is asked for.
//!
//! Where every output of less than a hops from the one party and of less than b hops from the other was gone on from, every path of at most
//! a + b - 1 hops is known. Take such a path, and the last output on it that is within a - 1 hops of its beginning. All
//! before it were gone on from, so the next is known from the front; that one has at most b - 1 hops to go, so it and all after
//! it are known from the back.

use super::answer::{Ended, Path, Paths, PathsBound, PathsEnd, PathsOutcome};
use super::ball::{Ball, FAR, Side};
use super::ground::{Ground, Role};
use super::party::Party;
use super::question::{PathsOrder, PathsProgress, PathsQuestion};
use super::{rank, region};
use crate::stop::{Owners, Stops};
use athar_ledger::Ledger;
use athar_types::{AddressId, OutputNum};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::collections::hash_map::Entry;

/// An output that was met.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) role: Role,
    pub(super) address: Option<AddressId>,
    /// Fewest hops from the one party and to the other, as far as known; indexed by [`Side`].
    pub(super) hops: [u32; 2],
}

/// Finds paths. `go_on` is asked before each transaction that the search enters whether to; where not, the answer is of
/// what was seen until then and says so.
///
/// Memory is proportional to the outputs met, of which there are at most [`super::PathsLimits::edges_max`] and those
/// listed by the parties, and to [`super::PathsLimits::labels_max`].
pub fn paths<S, O>(
    ledger: &Ledger,
    question: &PathsQuestion<'_, S, O>,
    go_on: &mut dyn FnMut(PathsProgress) -> bool,
) -> Paths
where
    S: Stops + ?Sized,
    O: Owners + ?Sized,
{
    let mut search = Search {
        ground: Ground::new(ledger, question),
        nodes: FxHashMap::default(),
        balls: [Ball::default(), Ball::default()],
        met: Vec::new(),
        edge_count: 0,
        halted: None,
        go_on,
    };
    search.run()
}

pub(super) struct Search<'a, 'g, S: ?Sized, O: ?Sized> {
    pub(super) ground: Ground<'a, S, O>,
    pub(super) nodes: FxHashMap<u64, Node>,
    balls: [Ball; 2],
    /// Outputs that are known from both sides.
    pub(super) met: Vec<u64>,
    edge_count: u64,
    /// Why nothing more is entered, once that is so.
    halted: Option<PathsBound>,
    go_on: &'g mut dyn FnMut(PathsProgress) -> bool,
}

impl<S: Stops + ?Sized, O: Owners + ?Sized> Search<'_, '_, S, O> {
    fn run(&mut self) -> Paths {
        let (order, limits) = (self.ground.question.order, *self.ground.question.limits);
        let count_max = limits.count_max.max(1);
        loop {
            let covered = self.covered();
            // fewest hops first: what is covered already may hold the first paths
            if let (PathsOrder::Hops, Some(covered)) = (order, covered) {
                let first = self.first(covered.min(limits.hops_max), count_max);
                if first.0.len() >= count_max || first.1 {
                    return self.answer(first);
                }
            }
            let side = self.cheaper();
            match side {
                Some(side) if self.halted.is_none() && covered.is_none_or(|c| c < limits.hops_max) => self.grow(side),
                _ => break,
            }
        }
        let first = self.first(limits.hops_max, count_max);
        self.answer(first)
    }

    /// The first paths among those known of at most so many hops, and whether there were too many to compare.
    fn first(&mut self, hops_max: u32, count_max: usize) -> (Vec<Path>, bool) {
        let region = region::find(self, hops_max);
        if region.is_empty() { (Vec::new(), false) } else { rank::first(&mut self.ground, region, hops_max, count_max) }
    }

    fn party(&self, side: Side) -> &Party<'_> {
        match side {
            Side::From => self.ground.question.from,
            Side::To => self.ground.question.to,
        }
    }

    /// Hops within which every path is known.
    fn covered(&self) -> Option<u32> {
        if self.balls.iter().any(Ball::is_exhausted) {
            return Some(u32::MAX);
        }
        let [from, to] = &self.balls;
        from.levels.saturating_add(to.levels).checked_sub(1)
    }

    /// The side to grow next: the one with fewer outputs to go on from, of those that list all of theirs.
    fn cheaper(&self) -> Option<Side> {
        let cost = |side: Side| match &self.balls[side.index()] {
            ball if ball.levels == 0 => self.party(side).listed().len(),
            ball => ball.next.len(),
        };
        let whole = |side: &Side| !self.party(*side).is_truncated() && !self.balls[side.index()].is_exhausted();
        let both_truncated = Side::BOTH.iter().all(|side| self.party(*side).is_truncated());
        if both_truncated {
            return (!self.balls[0].is_exhausted()).then_some(Side::From);
        }
        Side::BOTH.into_iter().filter(whole).min_by_key(|side| cost(*side))
    }

    /// Goes on from everything of the next number of hops.
    fn grow(&mut self, side: Side) {
        let level = self.balls[side.index()].levels;
        if level == 0 {
            let seeds = self.party(side).listed().to_vec();
            for output in seeds {
                let node = self.node(output);
                let is_seed = match side {
                    Side::From => matches!(node.role, Role::Start | Role::Both),
                    Side::To => matches!(node.role, Role::End | Role::Both),
                };
                if is_seed {
                    self.balls[side.index()].now.push(output.0);
                }
            }
            // taken from the end: in chain order
            self.balls[side.index()].now.reverse();
        } else {
            let ball = &mut self.balls[side.index()];
            ball.now = std::mem::take(&mut ball.next);
        }
        while let Some(output) = self.balls[side.index()].now.pop() {
            // what was reached in fewer hops since it was put there has been gone on from already
            if self.nodes.get(&output).is_some_and(|n| n.hops[side.index()] == level) {
                self.go_on_from(side, OutputNum(output), level);
                if self.halted.is_some() {
                    self.balls[side.index()].now.push(output);
                    return;
                }
            }
        }
        self.balls[side.index()].levels = level + 1;
    }

    /// Takes every step from an output, forward or backward.
    fn go_on_from(&mut self, side: Side, output: OutputNum, level: u32) {
        let ledger = self.ground.ledger;
        let (tx, steps) = match side {
            Side::From => match ledger.spent_by(output) {
                Some(tx) => (tx, ledger.tx_outputs(tx)),
                None => return,
            },
            Side::To => {
                let tx = ledger.output_tx(output).0;
                (tx, ledger.tx_inputs(tx))
            }
        };
        if steps.is_empty() {
            return;
        }
        if let Some(why) = self.ground.closed(tx) {
            return self.balls[side.index()].end(why);
        }
        let address = self.nodes.get(&output.0).and_then(|n| n.address);
        let entry = (tx.0, address.map_or(AddressId::NONE, |a| a.0));
        if self.balls[side.index()].entered.contains(&entry) {
            return;
        }
        let count = steps.end - steps.start;
        if self.edge_count.saturating_add(count) > self.ground.question.limits.edges_max {
            self.halted = Some(PathsBound::Edges);
            return;
        }
        let hops_covered = self.covered();
        if !(self.go_on)(PathsProgress { edge_count: self.edge_count, hops_covered }) {
            self.halted = Some(PathsBound::Cancelled);
            return;
        }
        self.balls[side.index()].entered.insert(entry);
        self.edge_count += count;
        for row in steps {
            let reached = match side {
                Side::From => OutputNum(row),
                Side::To => self.ground.spent(row).0,
            };
            let to = self.node(reached).address;
            let hop = match side {
                Side::From => self.ground.is_hop(address, to),
                Side::To => self.ground.is_hop(to, address),
            };
            self.reach(side, reached, level + u32::from(hop), hop);
        }
    }

    /// What is known of an output, looked up when it is first met.
    fn node(&mut self, output: OutputNum) -> Node {
        match self.nodes.entry(output.0) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(place) => {
                let (role, address) = self.ground.role(output);
                let hops = match role {
                    Role::Start => [0, FAR],
                    Role::End => [FAR, 0],
                    Role::Both => [0, 0],
                    Role::Through | Role::Barred(_) => [FAR, FAR],
                };
                if role == Role::Both {
                    self.met.push(output.0);
                }
                *place.insert(Node { role, address, hops })
            }
        }
    }

    /// Notes that an output is so many hops from a side's party.
    fn reach(&mut self, side: Side, output: OutputNum, hops: u32, is_hop: bool) {
        let (own, far) = (side.index(), side.other().index());
        let Some(node) = self.nodes.get_mut(&output.0) else { return };
        let before = node.hops[own];
        // its own outputs are at 0 hops already: a path does not come back to where it began
        if hops >= before {
            return;
        }
        node.hops[own] = hops;
        let (role, meets) = (node.role, node.hops[far] != FAR);
        if let Role::Barred(why) = role {
            if let (FAR, Some(why)) = (before, why) {
                self.balls[own].end(why);
            }
            return;
        }
        if before == FAR && meets {
            self.met.push(output.0);
        }
        if role == Role::Through {
            let ball = &mut self.balls[own];
            let queue = if is_hop { &mut ball.next } else { &mut ball.now };
            queue.push(output.0);
        }
    }

    fn answer(&mut self, (paths, too_many): (Vec<Path>, bool)) -> Paths {
        let question = self.ground.question;
        let is_proven = Side::BOTH.iter().any(|side| {
            let ball = &self.balls[side.index()];
            ball.is_exhausted() && ball.is_clean() && !self.party(*side).is_truncated()
        });
        let is_clean = is_proven || self.balls.iter().all(Ball::is_clean);
        let both_truncated = question.from.is_truncated() && question.to.is_truncated();
        let mut gave_up = Vec::from_iter(self.halted);
        gave_up.extend((!is_clean).then_some(PathsBound::Fan));
        gave_up.extend(too_many.then_some(PathsBound::Labels));
        gave_up.extend(both_truncated.then_some(PathsBound::Parties));
        gave_up.sort_unstable();
        let outcome = match (paths.is_empty(), gave_up.is_empty()) {
            (false, _) => PathsOutcome::Found,
            (true, true) => PathsOutcome::NoneWithin,
            (true, false) => PathsOutcome::GaveUp,
        };
        let hops_covered = if both_truncated { None } else { self.covered().map(|c| c.min(question.limits.hops_max)) };
        let left = Side::BOTH.map(|side| self.left(side));
        for side in Side::BOTH.into_iter().filter(|side| left[side.index()] > 0) {
            *self.balls[side.index()].ended.entry(PathsEnd::Hops).or_default() += left[side.index()];
        }
        let mut ended: BTreeMap<PathsEnd, [u64; 2]> = BTreeMap::new();
        for side in Side::BOTH {
            for (why, count) in &self.balls[side.index()].ended {
                ended.entry(*why).or_default()[side.index()] = *count;
            }
        }
        let listed = question.from.listed().iter();
        let shared = listed.filter(|o| question.to.has(**o, self.ground.ledger.output_address(**o)));
        Paths {
            order: question.order,
            limits: *question.limits,
            outcome,
            paths,
            hops_covered,
            // what both sides know lies on a way, if a longer one than asked for
            is_none_at_all: outcome == PathsOutcome::NoneWithin
                && self.met.is_empty()
                && Side::BOTH.iter().any(|s| self.balls[s.index()].levels > 0 && left[s.index()] == 0),
            gave_up,
            ended: ended.into_iter().map(|(why, [forward, backward])| Ended { why, forward, backward }).collect(),
            edge_count: self.edge_count,
            shared_outputs: shared.count() as u64,
        }
    }

    /// Outputs that a side met and could still go on from.
    fn left(&self, side: Side) -> u64 {
        let (ball, ledger) = (&self.balls[side.index()], self.ground.ledger);
        let leads = |output: OutputNum| match side {
            Side::From => ledger.spent_by(output).is_some(),
            Side::To => !ledger.tx_inputs(ledger.output_tx(output).0).is_empty(),
        };
        // where it was stopped inside a level, the next ones are one further
        let level = ball.levels + u32::from(!ball.now.is_empty());
        let at = |o: &u64, level| self.nodes.get(o).is_some_and(|n| n.hops[side.index()] == level);
        let now = ball.now.iter().filter(|o| at(o, ball.levels));
        let next = ball.next.iter().filter(|o| at(o, level));
        now.chain(next).filter(|o| leads(OutputNum(**o))).count() as u64
    }
}
