//! Haircut and poison by replaying every transfer with a balance for everybody.
//!
//! Backward, every balance at every moment is known from a replay forward, so that the mirrored replay begins with the last ones.

use crate::answer::Answer;
use crate::world::Case;
use athar_trace::account::{AccountBound, AccountEnd, AccountOwners, AccountStop, AccountStops, NONE, Place, Transfer};
use athar_trace::{Direction, Policy};
use std::collections::{BTreeMap, HashMap, HashSet};

type Kind = (u32, u32);
/// Tainted units by kind.
type Taint = BTreeMap<Kind, u64>;

#[derive(Default)]
struct Pot {
    balance: u64,
    taint: Taint,
    /// Transfers that touched it so far, or under poison since it was reached.
    count: u64,
    is_followed: bool,
}

fn is_asked(t: &Transfer) -> bool {
    t.from != t.to && !t.amount.is_zero()
}

fn sum(taint: &Taint) -> u64 {
    taint.values().sum()
}

/// `total * part / whole` to the nearest, halves up.
fn near(total: u64, part: u64, whole: u64) -> u64 {
    if whole == 0 { 0 } else { (2 * total * part + whole) / (2 * whole) }
}

/// Splits off the share of the taint that `part` is of `whole`.
fn split(taint: &mut Taint, part: u64, whole: u64) -> Taint {
    let mut of_all = sum(taint);
    let mut left = near(of_all, part, whole);
    let mut out = Taint::new();
    for (kind, units) in taint.iter_mut() {
        let take = near(*units, left, of_all);
        of_all -= *units;
        left -= take;
        *units -= take;
        if take > 0 {
            out.insert(*kind, take);
        }
    }
    taint.retain(|_, units| *units > 0);
    out
}

struct Replay<'a> {
    case: &'a Case,
    is_back: bool,
    is_poison: bool,
    pots: HashMap<Place, Pot>,
    closed: HashSet<Place>,
    /// By number, what its giver lacked.
    lacks: HashMap<usize, u64>,
    /// Backward: transfers of each place with that number or below.
    histories: HashMap<(Place, usize), u64>,
    answer: Answer,
}

impl Replay<'_> {
    fn number(&self, rank: usize) -> usize {
        if self.is_back { self.case.transfers.len() - 1 - rank } else { rank }
    }

    fn transfer(&self, rank: usize) -> Transfer {
        let t = self.case.transfers[self.number(rank)];
        if self.is_back { Transfer { from: t.to, to: t.from, ..t } } else { t }
    }

    fn end(&mut self, place: Place, taint: &mut Taint, end: AccountEnd) {
        for ((hop, tag), units) in std::mem::take(taint) {
            if self.is_poison {
                self.answer.poisoned(place, end);
            } else {
                self.answer.end(place, end, hop, tag, units);
            }
        }
    }

    /// The last balances, and what each transfer took that there was not.
    fn forward(&mut self) {
        for (n, t) in self.case.transfers.iter().enumerate().filter(|(_, t)| is_asked(t)) {
            let amount: u64 = t.amount.to();
            if let Some(giver) = t.giver() {
                let pot = self.pots.entry(giver).or_default();
                if amount > pot.balance {
                    self.lacks.insert(n, amount - pot.balance);
                }
                pot.balance = pot.balance.saturating_sub(amount);
                pot.count += 1;
                self.histories.insert((giver, n), pot.count);
            }
            if let Some(receiver) = t.receiver() {
                let pot = self.pots.entry(receiver).or_default();
                pot.balance += amount;
                pot.count += 1;
                self.histories.insert((receiver, n), pot.count);
            }
        }
        self.pots.values_mut().for_each(|pot| pot.count = 0);
    }

    /// Counts a transfer of a place; whether that is followed.
    fn counts(&mut self, place: Place, is_reached: bool, n: usize) -> bool {
        let most = self.case.limits.fan_max;
        let is_poison = self.is_poison;
        let pot = self.pots.entry(place).or_default();
        let is_tainted = is_reached || !pot.taint.is_empty();
        if !is_poison || is_tainted {
            pot.count += 1;
        }
        if self.closed.contains(&place) {
            return false;
        }
        let is_over = if self.is_back && !is_poison {
            // as it is first reached
            is_reached && !std::mem::replace(&mut pot.is_followed, true) && self.histories[&(place, n)] > most
        } else {
            is_tainted && pot.count > most
        };
        if is_over {
            self.closed.insert(place);
            let mut taint = std::mem::take(&mut pot.taint);
            self.end(place, &mut taint, AccountEnd::Bounded(AccountBound::Fan));
        }
        !is_over
    }

    fn edge(&mut self, n: usize, taint: &Taint, more: u32) {
        let hop = taint.keys().map(|kind| kind.0 + more).min().unwrap();
        self.answer.edges.push((n as u64, sum(taint), hop));
    }

    fn take(&mut self, t: &Transfer, n: usize) -> Taint {
        let amount: u64 = t.amount.to();
        let Some(giver) = t.giver() else { return Taint::new() };
        self.counts(giver, false, n);
        let pot = self.pots.entry(giver).or_default();
        if self.is_poison {
            let nearest = pot.taint.keys().next();
            return nearest.map_or_else(Taint::new, |kind| Taint::from([(*kind, amount)]));
        }
        let given = amount.min(pot.balance);
        let moved = split(&mut pot.taint, given, pot.balance);
        pot.balance -= given;
        moved
    }

    fn put(&mut self, t: &Transfer, n: usize, mut moved: Taint) {
        let amount: u64 = t.amount.to();
        let Some(receiver) = t.receiver() else { return };
        if !self.counts(receiver, !moved.is_empty(), n) {
            self.end(receiver, &mut moved, AccountEnd::Bounded(AccountBound::Fan));
        }
        let lacks = if self.is_back { self.lacks.get(&n).copied().unwrap_or(0) } else { 0 };
        if lacks > 0 && !self.is_poison {
            let mut gone = split(&mut moved, lacks, amount);
            self.end(receiver, &mut gone, AccountEnd::Unknown);
        }
        let pot = self.pots.entry(receiver).or_default();
        pot.balance += amount - lacks;
        for (kind, units) in moved {
            *pot.taint.entry(kind).or_default() += units;
        }
        if self.is_poison && pot.taint.len() > 1 {
            let nearest = *pot.taint.keys().next().unwrap();
            pot.taint.retain(|kind, _| *kind == nearest);
        }
    }

    fn arrive(&mut self, t: &Transfer, moved: &mut Taint) {
        let limits = &self.case.limits;
        let (giver, receiver) = (t.giver(), t.receiver());
        if t.kind.is_fee() {
            return self.end(giver.or(receiver).unwrap(), moved, AccountEnd::Fee);
        }
        let Some(place) = receiver else {
            return self.end(giver.unwrap(), moved, AccountEnd::Outside);
        };
        if place.is_staked || giver.is_some_and(|g| g.is_staked) {
            return;
        }
        if !self.case.is_own(place.account) {
            let contract = !limits.through_contracts && self.case.contracts.contains(&place.account);
            let stop = self.case.stop(place.account).or(contract.then_some(AccountStop::Contract));
            if let Some(stop) = stop {
                return self.end(place, moved, AccountEnd::Stopped(stop));
            }
        }
        let mut far = moved.clone();
        far.retain(|kind, _| kind.0 >= limits.hops_max);
        moved.retain(|kind, _| kind.0 < limits.hops_max);
        self.end(place, &mut far, AccountEnd::Bounded(AccountBound::Hops));
        let min: u64 = limits.amount_min.get(&place.asset).map_or(0, |min| min.to());
        if sum(moved) < min {
            self.end(place, moved, AccountEnd::Bounded(AccountBound::Amount));
        }
    }

    /// Follows one transfer; whether the bound of edges was not hit.
    fn step(&mut self, rank: usize, source: Option<u32>) -> bool {
        let (n, t) = (self.number(rank), self.transfer(rank));
        let amount: u64 = t.amount.to();
        let is_own = t.from != NONE && t.to != NONE && self.case.is_own(t.from) && self.case.is_own(t.to);
        let is_staked = [t.giver(), t.receiver()].into_iter().flatten().any(|p| p.is_staked);
        let more = u32::from(!is_own && !is_staked);
        let most = self.case.limits.edges_max;
        let mut moved = self.take(&t, n);
        let mut goes_on = true;
        let mut is_placed = false;
        if !moved.is_empty() && self.answer.edges.len() as u64 >= most {
            self.end(t.giver().unwrap(), &mut moved, AccountEnd::Bounded(AccountBound::Edges));
            goes_on = false;
        }
        if let Some(tag) = source {
            let place = self.case.transfers[n].receiver().unwrap();
            let mut whole = Taint::from([((0, tag), amount)]);
            if goes_on {
                is_placed = !self.is_back && !self.case.are_reached;
                if !moved.is_empty() {
                    if is_placed {
                        self.edge(n, &moved, more);
                    }
                    self.end(t.receiver().or(t.giver()).unwrap(), &mut moved, AccountEnd::Rejoined);
                }
                if !is_placed && self.answer.edges.len() as u64 >= most {
                    self.end(place, &mut whole, AccountEnd::Bounded(AccountBound::Edges));
                    goes_on = false;
                }
                moved = whole;
            } else {
                self.end(place, &mut whole, AccountEnd::Bounded(AccountBound::Edges));
            }
        }
        if !is_placed && !moved.is_empty() {
            moved = moved.into_iter().map(|((hop, tag), units)| ((hop + more, tag), units)).collect();
            self.edge(n, &moved, 0);
            self.arrive(&t, &mut moved);
        }
        self.put(&t, n, moved);
        goes_on
    }
}

/// What a trace must say.
pub(crate) fn replay(case: &Case, policy: Policy, direction: Direction) -> Answer {
    let is_back = direction == Direction::Backward;
    let count = case.transfers.len();
    let mut sources: BTreeMap<usize, u32> = BTreeMap::new();
    for (n, tag) in &case.sources {
        let t = &case.transfers[*n as usize];
        if is_asked(t) && t.receiver().is_some() && !t.kind.is_fee() {
            let least = sources.entry(*n as usize).or_insert(*tag);
            *least = (*least).min(*tag);
        }
    }
    let mut replay = Replay {
        case,
        is_back,
        is_poison: policy == Policy::Poison,
        pots: HashMap::new(),
        closed: HashSet::new(),
        lacks: HashMap::new(),
        histories: HashMap::new(),
        answer: Answer::default(),
    };
    if is_back {
        replay.forward();
    }
    let until = if is_back {
        count - (case.limits.since.unwrap_or(0) as usize).min(count)
    } else {
        case.limits.until.map_or(count, |until| (until as usize).min(count))
    };
    let mut bound = None;
    for rank in 0..until {
        let source = sources.remove(&replay.number(rank));
        if is_asked(&replay.transfer(rank)) && !replay.step(rank, source) {
            bound = Some(AccountBound::Edges);
            break;
        }
    }
    let edge = if is_back { AccountBound::Since } else { AccountBound::Until };
    let mut left: Vec<_> = replay.pots.iter().map(|(place, pot)| (*place, pot.taint.clone())).collect();
    for (place, taint) in &mut left {
        let gives = |rank| is_asked(&replay.transfer(rank)) && replay.transfer(rank).giver() == Some(*place);
        let end = match bound {
            Some(bound) => AccountEnd::Bounded(bound),
            None if (until..count).any(gives) => AccountEnd::Bounded(edge),
            None => AccountEnd::Held,
        };
        replay.end(*place, taint, end);
    }
    for (n, tag) in sources {
        let t = &case.transfers[n];
        let mut whole = Taint::from([((0, tag), t.amount.to())]);
        replay.end(t.receiver().unwrap(), &mut whole, AccountEnd::Bounded(bound.unwrap_or(edge)));
    }
    replay.answer
}
