//! FIFO and LIFO by single units: every unit of every transfer knows which unit of which earlier transfer it was.
//!
//! All balances are replayed from the first transfer on with their units in a line. A trace then follows units from transfer to
//! transfer, forward or backward by the same ties: that backward is the inverse of forward is not assumed of the walker.

use crate::answer::Answer;
use crate::world::Case;
use athar_trace::account::{AccountBound, AccountEnd, AccountOwners, AccountStop, AccountStops, NONE, Place, Transfer};
use athar_trace::{Direction, Policy};
use athar_types::account::TransferKind;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// Unit `.1` of transfer `.0`.
type Unit = (usize, u64);

struct Ties {
    /// The unit that a unit was before; missing where that is not known.
    before: HashMap<Unit, Unit>,
    after: HashMap<Unit, Unit>,
}

fn is_asked(t: &Transfer) -> bool {
    t.from != t.to && !t.amount.is_zero()
}

fn ties(transfers: &[Transfer], is_lifo: bool) -> Ties {
    let mut lines: HashMap<Place, VecDeque<Unit>> = HashMap::new();
    let mut ties = Ties { before: HashMap::new(), after: HashMap::new() };
    for (n, t) in transfers.iter().enumerate().filter(|(_, t)| is_asked(t)) {
        let amount: u64 = t.amount.to();
        if let Some(giver) = t.giver() {
            let line = lines.entry(giver).or_default();
            for at in 0..amount {
                // a line is kept so that the next to leave is in front
                let Some(unit) = line.pop_front() else { break };
                ties.before.insert((n, at), unit);
                ties.after.insert(unit, (n, at));
            }
        }
        if let Some(receiver) = t.receiver() {
            let line = lines.entry(receiver).or_default();
            if is_lifo {
                (0..amount).rev().for_each(|at| line.push_front((n, at)));
            } else {
                (0..amount).for_each(|at| line.push_back((n, at)));
            }
        }
    }
    ties
}

/// A unit's hops and mark.
type Kind = (u32, u32);

struct Replay<'a> {
    case: &'a Case,
    is_back: bool,
    ties: Ties,
    answer: Answer,
    /// Units on balances, each as the unit of the transfer that brought it.
    resting: HashMap<Place, Vec<(Unit, Kind)>>,
    /// Balances that serve too many, and the rank from which on.
    closed: HashMap<Place, usize>,
}

impl Replay<'_> {
    fn number(&self, rank: usize) -> usize {
        if self.is_back { self.case.transfers.len() - 1 - rank } else { rank }
    }

    fn transfer(&self, rank: usize) -> Transfer {
        let t = self.case.transfers[self.number(rank)];
        if self.is_back { Transfer { from: t.to, to: t.from, ..t } } else { t }
    }

    /// From which rank on a balance is not followed; backward that depends on when it is first reached.
    fn closes(&mut self, place: Place, rank: usize) -> usize {
        if let Some(closed) = self.closed.get(&place) {
            return *closed;
        }
        let most = self.case.limits.fan_max.min(1_000) as usize;
        let touches = |t: &Transfer| is_asked(t) && (t.giver() == Some(place) || t.receiver() == Some(place));
        let all: Vec<usize> = (0..self.case.transfers.len()).filter(|n| touches(&self.case.transfers[*n])).collect();
        let closes = if self.is_back {
            let n = self.number(rank);
            if all.iter().filter(|m| **m <= n).count() > most { rank } else { usize::MAX }
        } else {
            all.get(most).copied().unwrap_or(usize::MAX)
        };
        self.closed.insert(place, closes);
        closes
    }

    /// Ends what rests on a balance that is not followed from this rank on.
    fn close(&mut self, place: Option<Place>, rank: usize) {
        let Some(place) = place.filter(|p| self.resting.contains_key(p)) else { return };
        if self.closes(place, rank) == rank {
            for (_, kind) in self.resting.remove(&place).unwrap() {
                self.answer.end(place, AccountEnd::Bounded(AccountBound::Fan), kind.0, kind.1, 1);
            }
        }
    }

    /// Takes the units that go with this transfer from their balance.
    fn take(&mut self, rank: usize, giver: Option<Place>) -> BTreeMap<u64, Kind> {
        let n = self.number(rank);
        let Some(resting) = giver.and_then(|place| self.resting.get_mut(&place)) else { return BTreeMap::new() };
        let ties = if self.is_back { &self.ties.before } else { &self.ties.after };
        let mut moved = BTreeMap::new();
        resting.retain(|(unit, kind)| match ties.get(unit) {
            Some(next) if next.0 == n => {
                moved.insert(next.1, *kind);
                false
            }
            _ => true,
        });
        moved
    }

    fn rest(&mut self, rank: usize, place: Place, moved: BTreeMap<u64, Kind>) {
        let n = self.number(rank);
        for (at, kind) in moved {
            let is_closed = self.closes(place, rank) <= rank;
            if is_closed {
                self.answer.end(place, AccountEnd::Bounded(AccountBound::Fan), kind.0, kind.1, 1);
            } else if self.is_back && !self.ties.before.contains_key(&(n, at)) {
                self.answer.end(place, AccountEnd::Unknown, kind.0, kind.1, 1);
            } else {
                self.resting.entry(place).or_default().push(((n, at), kind));
            }
        }
    }

    fn end_all(&mut self, place: Place, moved: &mut BTreeMap<u64, Kind>, end: AccountEnd) {
        for (_, kind) in std::mem::take(moved) {
            self.answer.end(place, end, kind.0, kind.1, 1);
        }
    }

    fn edge(&mut self, n: usize, moved: &BTreeMap<u64, Kind>, more: u32) {
        let hop = moved.values().map(|kind| kind.0 + more).min().unwrap();
        self.answer.edges.push((n as u64, moved.len() as u64, hop));
    }

    /// What ends where it arrives.
    fn arrive(&mut self, t: &Transfer, moved: &mut BTreeMap<u64, Kind>) {
        let limits = &self.case.limits;
        let (giver, receiver) = (t.giver(), t.receiver());
        if t.kind.is_fee() {
            return self.end_all(giver.or(receiver).unwrap(), moved, AccountEnd::Fee);
        }
        let Some(place) = receiver else {
            return self.end_all(giver.unwrap(), moved, AccountEnd::Outside);
        };
        if place.is_staked || giver.is_some_and(|g| g.is_staked) {
            return;
        }
        let stop = if self.case.is_own(place.account) {
            None
        } else {
            let contract = !limits.through_contracts && self.case.contracts.contains(&place.account);
            self.case.stop(place.account).or(contract.then_some(AccountStop::Contract))
        };
        if let Some(stop) = stop {
            return self.end_all(place, moved, AccountEnd::Stopped(stop));
        }
        let mut far = moved.clone();
        far.retain(|_, kind| kind.0 >= limits.hops_max);
        moved.retain(|_, kind| kind.0 < limits.hops_max);
        self.end_all(place, &mut far, AccountEnd::Bounded(AccountBound::Hops));
        let min: u64 = limits.amount_min.get(&place.asset).map_or(0, |min| min.to());
        if (moved.len() as u64) < min {
            self.end_all(place, moved, AccountEnd::Bounded(AccountBound::Amount));
        }
    }

    /// Follows one transfer; whether the bound of edges was not hit.
    fn step(&mut self, rank: usize, source: Option<u32>) -> bool {
        let (n, t) = (self.number(rank), self.transfer(rank));
        let (giver, receiver) = (t.giver(), t.receiver());
        let amount: u64 = t.amount.to();
        let is_own = t.from != NONE && t.to != NONE && self.case.is_own(t.from) && self.case.is_own(t.to);
        let is_staked = giver.is_some_and(|p| p.is_staked) || receiver.is_some_and(|p| p.is_staked);
        let more = u32::from(!is_own && !is_staked);
        let is_full = |answer: &Answer| answer.edges.len() as u64 >= self.case.limits.edges_max;
        self.close(giver, rank);
        let mut moved = self.take(rank, giver);
        if !moved.is_empty() && is_full(&self.answer) {
            self.end_all(giver.unwrap(), &mut moved, AccountEnd::Bounded(AccountBound::Edges));
            if let Some(tag) = source {
                let place = self.case.transfers[n].receiver().unwrap();
                self.answer.end(place, AccountEnd::Bounded(AccountBound::Edges), 0, tag, amount);
            }
            self.close(receiver, rank);
            return false;
        }
        let mut is_placed = false;
        if let Some(tag) = source {
            if !moved.is_empty() {
                if !self.is_back && !self.case.are_reached {
                    self.edge(n, &moved, more);
                }
                self.end_all(receiver.or(giver).unwrap(), &mut moved, AccountEnd::Rejoined);
            }
            moved = (0..amount).map(|at| (at, (0, tag))).collect();
            is_placed = !self.is_back && !self.case.are_reached;
            if !is_placed && is_full(&self.answer) {
                let place = self.case.transfers[n].receiver().unwrap();
                self.end_all(place, &mut moved, AccountEnd::Bounded(AccountBound::Edges));
                self.close(receiver, rank);
                return false;
            }
        }
        if !is_placed && !moved.is_empty() {
            for kind in moved.values_mut() {
                kind.0 += more;
            }
            self.edge(n, &moved, 0);
            self.arrive(&t, &mut moved);
        }
        self.close(receiver, rank);
        if !moved.is_empty() {
            self.rest(rank, receiver.unwrap(), moved);
        }
        true
    }
}

/// What a trace must say.
pub(crate) fn replay(case: &Case, policy: Policy, direction: Direction) -> Answer {
    let is_back = direction == Direction::Backward;
    let count = case.transfers.len();
    let mut sources = BTreeMap::new();
    for (n, tag) in &case.sources {
        let t = &case.transfers[*n as usize];
        let is_fee = matches!(t.kind, TransferKind::Fee | TransferKind::FeeBurned);
        if is_asked(t) && t.receiver().is_some() && !is_fee {
            let least = sources.entry(*n as usize).or_insert(*tag);
            *least = (*least).min(*tag);
        }
    }
    let mut replay = Replay {
        case,
        is_back,
        ties: ties(&case.transfers, policy == Policy::Lifo),
        answer: Answer::default(),
        resting: HashMap::new(),
        closed: HashMap::new(),
    };
    let end = if is_back {
        count - (case.limits.since.unwrap_or(0) as usize).min(count)
    } else {
        case.limits.until.map_or(count, |until| (until as usize).min(count))
    };
    let mut bound = None;
    for rank in 0..end {
        let source = sources.remove(&replay.number(rank));
        if is_asked(&replay.transfer(rank)) && !replay.step(rank, source) {
            bound = Some(AccountBound::Edges);
            break;
        }
    }
    let edge = if is_back { AccountBound::Since } else { AccountBound::Until };
    for (place, units) in std::mem::take(&mut replay.resting) {
        let gives = |rank| is_asked(&replay.transfer(rank)) && replay.transfer(rank).giver() == Some(place);
        let end = match bound {
            Some(bound) => AccountEnd::Bounded(bound),
            None if (end..count).any(gives) => AccountEnd::Bounded(edge),
            None => AccountEnd::Held,
        };
        for (_, kind) in units {
            replay.answer.end(place, end, kind.0, kind.1, 1);
        }
    }
    for (n, tag) in sources {
        let t = &case.transfers[n];
        let end = AccountEnd::Bounded(bound.unwrap_or(edge));
        replay.answer.end(t.receiver().unwrap(), end, 0, tag, t.amount.to());
    }
    replay.answer
}
