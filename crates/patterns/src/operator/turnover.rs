//! `turnover`: a desk that takes in and pays out all the time and keeps little, and that deals both ways with somebody known.
//! What is linked is told apart from what it turned over: a provider's total is never attributed.
//!
//! On chains of outputs a desk pays a customer out of the change of the one before, and co-spending ties that change to it only
//! sometimes. Where a desk deals with somebody known, its payments are followed over change, so that a withdrawal counts whichever
//! coin it was paid from, and what came back to the desk does not.

use super::onward::leaving;
use super::specs::{m, p};
use super::start::{known, read};
use super::{At, Bound, Renewal, Scope, Spec};
use crate::measure::permille;
use crate::{Candidate, Classes, Move, Party, Shape, Subject, Sum, Timeline, Unit, Way};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use std::collections::VecDeque;

/// Movements of an address of change that are read: who moves more is no change.
const CHANGE_MOVES_MAX: u64 = 100;
/// Movements of a fresh address between a customer and a desk at most.
const FRESH_MOVES_MAX: u64 = 8;
/// Addresses of such a party at most, and how many of them lie between a known party and a desk.
const FRESH_SIZE: u32 = 2;
const FRESH_HOPS: u32 = 3;
/// Changes from which a known party was paid that are followed back to a desk.
const CHANGE_HOPS: u32 = 8;
/// Parties that are reached from a known one each way at most beyond those that it dealt with itself, and movements of it that are read.
const REACHED_MAX: usize = 400;
const KNOWN_MOVES_MAX: usize = 20_000;
/// Movements of a desk at most: who moves more is a service that no label names.
const DESK_MOVES_MAX: u64 = 1_000_000;
/// Addresses of change that are followed for one desk.
const CHANGES_MAX: usize = 20_000;

pub(super) static SPEC: Spec = Spec {
    name: "turnover",
    about: "a desk of many deposits and withdrawals with a small balance, and its dealings with known parties",
    parameters: &[
        p("window_days", Unit::Days, "length of the month that is counted"),
        p("movements_min", Unit::Count, "fewest deposits and withdrawals together in the busiest month"),
        p("linked_to", Unit::Count, "categories of the parties that count as known"),
        p("open_services", Unit::Count, "categories of services that deal with everybody: these are not looked at"),
    ],
    measures: &[
        m("movements", Unit::Count, "deposits and withdrawals (transactions) in its busiest month"),
        m("deposits", Unit::Count, "of these, deposits"),
        m("withdrawals", Unit::Count, "of these, withdrawals"),
        m("ratio", Unit::Hundredths, "deposits for each withdrawal"),
        m("balance_permille", Unit::Permille, "mean balance over the month, of what came in during it"),
        m("linked_parties", Unit::Count, "known parties that it dealt with, ever"),
        m("two_way", Unit::Count, "of these, those that it both received from and paid"),
        m("linked_permille", Unit::Permille, "linked part of all that it moved, ever"),
        m("customers", Unit::Count, "distinct parties that it dealt with, ever"),
        m("month_start", Unit::Time, "first second of the busiest month"),
        m("labelled_service", Unit::Flag, "a label says that it is a service of another kind, hawala among them"),
        m("bound_hit", Unit::Flag, "it has more movements or change than is read"),
    ],
    bind: |params| {
        Ok(Box::new(Turnover {
            window: params.small("window_days")?.saturating_mul(86_400),
            movements_min: params.number("movements_min")?.max(2),
            linked: params.classes("linked_to")?,
            open: params.classes("open_services")?,
        }))
    },
};

struct Turnover {
    window: u32,
    movements_min: u64,
    linked: Classes,
    open: Classes,
}

impl Bound for Turnover {
    fn scope(&self) -> Scope {
        Scope::Whole
    }

    fn renewal(&self) -> Renewal {
        // whom a desk dealt with can be seen by what somebody else's address did later
        Renewal::Whole
    }

    fn whole(&self, at: &At<'_>, found: &mut Vec<Candidate>) {
        let known = known(at, self.linked);
        let mut desks: Vec<Party> = known.par_iter().flat_map_iter(|party| self.desks(at, *party)).collect();
        desks.sort_unstable();
        desks.dedup();
        found.extend(desks.par_iter().filter_map(|desk| self.look(at, *desk, &known)).collect::<Vec<_>>());
    }
}

impl Turnover {
    /// Busy parties that a known one may have dealt with: directly, or on chains of outputs over addresses that were used for
    /// little else, as the fresh ones that a desk shows its customers and the change that it pays from.
    fn desks(&self, at: &At<'_>, from: Party) -> Vec<Party> {
        let least = self.movements_min / 2;
        let is_outputs = at.world.shape() == Shape::Outputs;
        let mut found = Vec::new();
        for way in [Way::Out, Way::In] {
            let hops = match (is_outputs, way) {
                (false, _) => 1,
                (true, Way::Out) => FRESH_HOPS,
                (true, Way::In) => CHANGE_HOPS,
            };
            let mut seen: FxHashSet<Party> = FxHashSet::from_iter([from]);
            let (mut waiting, mut beyond) = (VecDeque::from([(from, 0)]), 0);
            // the near ones first: a bound cuts what is far
            while let Some((party, hop)) = waiting.pop_front() {
                let timeline = read(at, party, KNOWN_MOVES_MAX);
                for movement in timeline.moves.iter().filter(|m| m.way == way) {
                    let next = movement.party;
                    if next == Party::NOBODY || (hop > 0 && beyond >= REACHED_MAX) || !seen.insert(next) {
                        continue;
                    }
                    beyond += usize::from(hop > 0);
                    let classes = at.world.classes(next);
                    if classes.meets(self.open) {
                        continue;
                    }
                    let is_busy = at.world.is_heavier(next, least.saturating_sub(1));
                    if is_busy && !at.world.is_heavier(next, DESK_MOVES_MAX) {
                        found.push(next);
                    } else if !is_busy && hop + 1 < hops && classes.is_empty() && at.world.size(next) <= FRESH_SIZE {
                        waiting.push_back((next, hop + 1));
                    }
                }
            }
        }
        found
    }

    fn look(&self, at: &At<'_>, desk: Party, linked_to: &[Party]) -> Option<Candidate> {
        let classes = at.world.classes(desk);
        let is_known = |party: Party| party != desk && linked_to.binary_search(&party).is_ok();
        let own = read(at, desk, DESK_MOVES_MAX as usize);
        let (mut timeline, is_bound) = over_change(at, &own);
        if at.world.shape() == Shape::Outputs {
            for movement in timeline.to_mut().moves.iter_mut().filter(|m| m.way == Way::In && !is_known(m.party)) {
                if let Some(behind) = payer_behind(at, movement.party, &is_known) {
                    movement.party = behind;
                }
            }
        }
        // whom it dealt with: whether money came from them, and went to them
        let mut others: FxHashMap<Party, (bool, bool)> = FxHashMap::default();
        for movement in &timeline.moves {
            let ways = others.entry(movement.party).or_default();
            match movement.way {
                Way::In => ways.0 = true,
                Way::Out => ways.1 = true,
            }
        }
        // and what it paid them out of what may be change, or over an address that was used for little else
        let over_fresh =
            if at.world.shape() == Shape::Outputs { paid_behind(at, &timeline, &is_known) } else { Vec::new() };
        for movement in &over_fresh {
            others.entry(movement.party).or_default().1 = true;
        }
        let known: FxHashMap<Party, (bool, bool)> =
            others.iter().filter(|(party, _)| is_known(**party)).map(|(p, ways)| (*p, *ways)).collect();
        if known.is_empty() {
            return None;
        }
        let (first, last) = self.months(&timeline)?;
        let month = &timeline.moves[first..last];
        let count = |way: Way| {
            let of = month.iter().filter(|m| m.way == way).map(|m| m.tx);
            of.fold((0_u64, u32::MAX), |(n, before), tx| (n + u64::from(tx != before), tx)).0
        };
        let (deposits, withdrawals) = (count(Way::In), count(Way::Out));
        let linked: Vec<&Move> = timeline.moves.iter().filter(|m| known.contains_key(&m.party)).collect();
        let mut candidate = Candidate::of(Subject::Party(desk), linked.iter().copied());
        let of_asset = |m: &&Move| m.asset == candidate.asset;
        let (mut part, all) =
            (Sum::of(linked.iter().copied().filter(of_asset)), Sum::of(timeline.moves.iter().filter(of_asset)));
        over_fresh.iter().filter(of_asset).for_each(|movement| part.add(movement));
        candidate.txs.extend(over_fresh.iter().map(|m| m.tx));
        candidate.parties.extend(over_fresh.iter().map(|m| m.party));
        (candidate.linked, candidate.total) = (Some(part), all);
        let measures = &mut candidate.measures;
        measures.set("movements", deposits + withdrawals);
        measures.set("deposits", deposits);
        measures.set("withdrawals", withdrawals);
        measures.maybe("ratio", (deposits * 100).checked_div(withdrawals));
        measures.maybe("balance_permille", balance(&timeline, first, last, candidate.asset));
        measures.set("linked_parties", known.len());
        measures.set("two_way", known.values().filter(|(took, paid)| *took && *paid).count());
        measures.maybe("linked_permille", permille(part.units, all.units));
        measures.set("customers", others.keys().filter(|p| **p != Party::NOBODY).count());
        measures.set("month_start", month.first().map_or(0, |m| m.time));
        measures.set("labelled_service", i64::from(classes.meets(Classes::services())));
        measures.set("bound_hit", i64::from(timeline.is_cut || is_bound));
        Some(candidate)
    }
}

/// The timeline with what was paid out of change in place of the change; and whether there was more than is followed.
fn over_change<'t>(at: &At<'_>, timeline: &'t Timeline) -> (Cow<'t, Timeline>, bool) {
    if at.world.shape() == Shape::Accounts {
        return (Cow::Borrowed(timeline), false);
    }
    let own = leaving(at, timeline);
    if own.change.is_empty() {
        return (Cow::Borrowed(timeline), false);
    }
    let mut waiting: Vec<Party> = own.change.iter().map(|m| m.party).collect();
    let mut moves: Vec<Move> = timeline.received().chain(own.sent.iter().copied()).copied().collect();
    let mut seen: FxHashSet<Party> = FxHashSet::from_iter([timeline.party]);
    // change that nobody has spent yet is still the desk's: it is neither in nor out
    while let Some(party) = waiting.pop() {
        if seen.len() > CHANGES_MAX {
            break;
        }
        if at.world.is_heavier(party, CHANGE_MOVES_MAX) || !at.world.classes(party).is_empty() || seen.contains(&party)
        {
            continue;
        }
        let change = read(at, party, CHANGE_MOVES_MAX as usize);
        // with coins of others in it, it is somebody's wallet
        if change.received().any(|m| !seen.contains(&m.party)) {
            continue;
        }
        seen.insert(party);
        let leaving = leaving(at, &change);
        let is_out = |m: &&&Move| !seen.contains(&m.party);
        moves.extend(leaving.sent.iter().filter(is_out).map(|m| **m));
        waiting.extend(leaving.change.iter().map(|m| m.party));
    }
    moves.retain(|m| m.way == Way::Out || !seen.contains(&m.party));
    moves.sort_by_key(|m| (m.tx, m.way, m.own, m.other));
    let is_bound = seen.len() > CHANGES_MAX;
    (Cow::Owned(Timeline { party: timeline.party, moves, is_cut: timeline.is_cut }), is_bound)
}

/// The known party that paid everything a little-used party ever received, over others such: a desk that shows each customer a fresh
/// address gets the rest of what he paid there when it spends it.
fn payer_behind(at: &At<'_>, party: Party, is_known: &dyn Fn(Party) -> bool) -> Option<Party> {
    let mut party = party;
    for _ in 0..FRESH_HOPS {
        if party == Party::NOBODY
            || at.world.size(party) > FRESH_SIZE
            || at.world.is_heavier(party, FRESH_MOVES_MAX)
            || !at.world.classes(party).is_empty()
        {
            return None;
        }
        let timeline = read(at, party, FRESH_MOVES_MAX as usize);
        let payer = timeline.received().next()?.party;
        if timeline.received().any(|m| m.party != payer) {
            return None;
        }
        if is_known(payer) {
            return Some(payer);
        }
        party = payer;
    }
    None
}

/// Payments to known parties out of little-used ones that were paid by this one alone: where the payment was larger than its
/// change, the change was not followed, and what was paid out of it next is not in the timeline.
fn paid_behind(at: &At<'_>, timeline: &Timeline, is_known: &dyn Fn(Party) -> bool) -> Vec<Move> {
    let mut seen: FxHashSet<Party> = FxHashSet::from_iter([timeline.party]);
    let mut waiting: Vec<(Party, u32)> = timeline.sent().map(|m| (m.party, 1)).collect();
    let mut found = Vec::new();
    while let Some((party, hop)) = waiting.pop() {
        if party == Party::NOBODY
            || seen.len() > CHANGES_MAX
            || !seen.insert(party)
            || at.world.size(party) > FRESH_SIZE
            || at.world.is_heavier(party, FRESH_MOVES_MAX)
            || !at.world.classes(party).is_empty()
        {
            continue;
        }
        let fresh = read(at, party, FRESH_MOVES_MAX as usize);
        let Some(payer) = fresh.received().next().map(|m| m.party) else { continue };
        if fresh.received().any(|m| m.party != payer) {
            continue;
        }
        found.extend(fresh.sent().filter(|m| is_known(m.party)).copied());
        if hop < FRESH_HOPS {
            waiting.extend(fresh.sent().map(|m| (m.party, hop + 1)));
        }
    }
    found.sort_by_key(|m| (m.tx, m.own, m.other));
    found
}

impl Turnover {
    /// The movements of the busiest month: from and to in the timeline; the earliest of equal ones.
    fn months(&self, timeline: &Timeline) -> Option<(usize, usize)> {
        let moves = &timeline.moves;
        // a transaction counts once each way: payments to many at once are one withdrawal
        let is_new = |at: usize| at == 0 || (moves[at].tx, moves[at].way) != (moves[at - 1].tx, moves[at - 1].way);
        let (mut start, mut count, mut best) = (0, 0_u64, None);
        for (end, movement) in moves.iter().enumerate() {
            count += u64::from(is_new(end));
            while movement.time.saturating_sub(moves[start].time) >= self.window && start < end {
                count -= u64::from(is_new(start));
                start += 1;
            }
            if best.is_none_or(|(most, _, _)| count > most) {
                best = Some((count, start, end + 1));
            }
        }
        best.filter(|(count, _, _)| *count >= self.movements_min).map(|(_, start, end)| (start, end))
    }
}

/// The mean over time of what lay there during the month, as part of what came in during it. What may be change is held for
/// gone where co-spending does not tie it, so on chains of outputs the true balance is not below this.
fn balance(timeline: &Timeline, first: usize, last: usize, asset: u32) -> Option<i64> {
    let moves: Vec<&Move> = timeline.moves[..last].iter().filter(|m| m.asset == asset).collect();
    let start = timeline.moves[first].time;
    let (mut held, mut before, mut came, mut area) = (0_u128, start, 0_u128, 0_u128);
    for movement in moves {
        if movement.time > before {
            area = area.saturating_add(held.saturating_mul(u128::from(movement.time - before)));
            before = movement.time;
        }
        match movement.way {
            Way::In => held = held.saturating_add(movement.units),
            Way::Out => held = held.saturating_sub(movement.units),
        }
        if movement.way == Way::In && movement.time >= start {
            came = came.saturating_add(movement.units);
        }
    }
    let seconds = before - start;
    permille(area.checked_div(u128::from(seconds))?, came)
}

#[cfg(test)]
mod tests;
