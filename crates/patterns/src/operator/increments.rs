//! `increments`: transfers in round steps of thousands from one exchange to few, one of whom is known.
//!
//! Round sums are common. The operator starts from known parties: what one of them received in round steps from one exchange,
//! itself or through parties that pay it directly.

use super::specs::{m, p};
use super::start::{behind, known_and_paid, pools, read};
use super::through::businesses;
use super::{At, Bound, Scope, Spec};
use crate::measure::permille;
use crate::{Candidate, Classes, Move, Party, Subject, Sum, Timeline, Unit, Way};
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// Movements of a party that are read.
const MOVES_MAX: usize = 50_000;
/// Direct senders of a known party that are read.
const SENDERS_MAX: usize = 200;
/// A step is repeated at most so often in one transfer: above that, every sum is near a multiple.
const TIMES_MAX: u64 = 10;

pub(super) static SPEC: Spec = Spec {
    name: "increments",
    about: "transfers in round steps from one exchange to few beneficiaries, of whom one is known",
    parameters: &[
        p("steps_usd", Unit::Count, "round steps in whole dollars; up to ten of one are a transfer"),
        p("tolerance", Unit::Permille, "how far a transfer may be from a multiple, of the transfer"),
        p("origins", Unit::Count, "categories of the one that the transfers come from"),
        p("assets", Unit::Count, "symbols of the assets, dollar tokens"),
        p("window_days", Unit::Days, "all lie within so long"),
        p("linked_to", Unit::Count, "categories of the known parties that it starts from"),
    ],
    measures: &[
        m("transfers", Unit::Count, "transfers in round steps, in the busiest window"),
        m("beneficiaries", Unit::Count, "parties that received them"),
        m("round_permille", Unit::Permille, "part of all transfers from that origin to them that are round"),
        m("largest_cents", Unit::UsdCents, "the largest"),
        m("payroll", Unit::Flag, "equal sums at even distances of a week, two weeks or a month"),
        m("labelled_business", Unit::Flag, "a label says merchant, payment processor, aid organisation or authority"),
        m("bound_hit", Unit::Flag, "more senders or movements than are looked at"),
    ],
    bind: |params| {
        let read = |word: &String| word.parse::<u64>().ok().filter(|step| (1..=1_000_000_000).contains(step));
        let steps: Option<Vec<u64>> = params.names("steps_usd")?.iter().map(read).collect();
        Ok(Box::new(Increments {
            steps: steps.ok_or_else(|| params.wrong("steps_usd", "holds a word that is no whole number of dollars"))?,
            tolerance: params.number("tolerance")?,
            origins: params.classes("origins")?,
            assets: params.names("assets")?.to_vec(),
            window: params.small("window_days")?.saturating_mul(86_400),
            linked: params.classes("linked_to")?,
        }))
    },
};

struct Increments {
    steps: Vec<u64>,
    tolerance: u64,
    origins: Classes,
    assets: Vec<String>,
    window: u32,
    linked: Classes,
}

impl Bound for Increments {
    fn scope(&self) -> Scope {
        Scope::Whole
    }

    fn whole(&self, at: &At<'_>, found: &mut Vec<Candidate>) {
        let known = known_and_paid(at, self.linked);
        let of = |party: &Party| self.look(at, *party);
        found.extend(known.par_iter().flat_map_iter(of).collect::<Vec<_>>());
    }
}

impl Increments {
    /// Whether it is so many times a round step.
    fn is_round(&self, cents: u64) -> bool {
        self.steps.iter().any(|step| {
            let step = step * 100;
            let times = (cents + step / 2) / step;
            let off = cents.abs_diff(times * step);
            (1..=TIMES_MAX).contains(&times) && u128::from(off) * 1000 <= u128::from(cents) * u128::from(self.tolerance)
        })
    }

    fn look(&self, at: &At<'_>, party: Party) -> Vec<Candidate> {
        let mut timelines = vec![read(at, party, MOVES_MAX)];
        let services = pools();
        let mut senders: Vec<Party> = timelines[0].received().map(|m| m.party).collect();
        senders.sort_unstable();
        senders.dedup();
        senders.retain(|p| *p != Party::NOBODY && !at.world.classes(*p).meets(services));
        let mut is_bound = senders.len() > SENDERS_MAX || timelines[0].is_cut;
        for sender in senders.into_iter().take(SENDERS_MAX) {
            let timeline = read(at, sender, MOVES_MAX);
            is_bound |= timeline.is_cut;
            timelines.push(timeline);
        }
        let mut assets: BTreeMap<u32, bool> = BTreeMap::new();
        let mut is_asked =
            |asset: u32| *assets.entry(asset).or_insert_with(|| self.assets.contains(&at.world.asset(asset)));
        // by origin and asset: transfers from it, with the party that received them
        let mut by_origin: BTreeMap<(Party, u32), Vec<(Party, &Move)>> = BTreeMap::new();
        for timeline in &timelines {
            for movement in timeline.received().filter(|m| m.worth().is_some()) {
                let origin = behind(at.world, movement.party, movement.other);
                let is_origin = origin != Party::NOBODY && at.world.classes(origin).meets(self.origins);
                if is_origin && is_asked(movement.asset) {
                    by_origin.entry((origin, movement.asset)).or_default().push((timeline.party, movement));
                }
            }
        }
        let of = |transfers: &Vec<(Party, &Move)>| self.judge(at, party, transfers, is_bound, &timelines);
        by_origin.values().filter_map(of).collect()
    }

    fn judge(
        &self,
        at: &At<'_>,
        party: Party,
        transfers: &[(Party, &Move)],
        is_bound: bool,
        timelines: &[Timeline],
    ) -> Option<Candidate> {
        let mut round: Vec<(Party, &Move)> =
            transfers.iter().copied().filter(|(_, m)| self.is_round(m.cents)).collect();
        round.sort_by_key(|(_, m)| (m.tx, m.own));
        let (mut start, mut best) = (0, 0..0);
        for end in 0..round.len() {
            while round[end].1.time.saturating_sub(round[start].1.time) >= self.window && start < end {
                start += 1;
            }
            if end + 1 - start > best.len() {
                best = start..end + 1;
            }
        }
        let busiest = &round[best];
        let (first, last) = (busiest.first()?.1, busiest.last()?.1);
        let beneficiaries: FxHashSet<Party> = busiest.iter().map(|(p, _)| *p).collect();
        let moves: Vec<&Move> = busiest.iter().map(|(_, m)| *m).collect();
        let is_same =
            |(p, m): &&(Party, &Move)| beneficiaries.contains(p) && (first.time..=last.time).contains(&m.time);
        let all = transfers.iter().filter(is_same).count();
        let mut candidate = Candidate::of(Subject::Party(party), moves.iter().copied());
        // what the others sent on to the known one ties them to it
        for timeline in timelines.iter().filter(|t| t.party != party && beneficiaries.contains(&t.party)) {
            let to_known = |m: &&Move| m.way == Way::Out && m.party == party && m.tx >= first.tx;
            candidate.txs.extend(timeline.moves.iter().filter(to_known).map(|m| m.tx));
        }
        candidate.parties.extend(beneficiaries.iter().filter(|p| **p != party));
        candidate.total = Sum::of(moves.iter().copied());
        candidate.tidy();
        let measures = &mut candidate.measures;
        measures.set("transfers", moves.len());
        measures.set("beneficiaries", beneficiaries.len());
        measures.maybe("round_permille", permille(moves.len() as u64, all as u64));
        measures.set("largest_cents", moves.iter().map(|m| m.cents).max().unwrap_or(0));
        measures.set("payroll", i64::from(is_payroll(&moves)));
        let is_business = at.world.classes(party).meets(businesses());
        measures.set("labelled_business", i64::from(is_business));
        measures.set("bound_hit", i64::from(is_bound));
        Some(candidate)
    }
}

/// Sums within a tenth of one another, all at distances of about a week, two weeks or a month.
fn is_payroll(moves: &[&Move]) -> bool {
    const DAY: u32 = 86_400;
    let least = moves.iter().map(|m| m.cents).min().unwrap_or(0);
    let most = moves.iter().map(|m| m.cents).max().unwrap_or(0);
    // several on one day are one pay day
    let mut times: Vec<u32> = moves.iter().map(|m| m.time).collect();
    times.dedup_by(|b, a| b.abs_diff(*a) < 2 * DAY);
    let is_wage = |gap: u32| {
        let days = gap / DAY;
        (6..=8).contains(&days) || (13..=15).contains(&days) || (27..=33).contains(&days)
    };
    times.len() >= 3 && most - least <= most / 10 && times.windows(2).all(|t| is_wage(t[1].saturating_sub(t[0])))
}

#[cfg(test)]
mod tests;
