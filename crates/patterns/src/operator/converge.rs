//! `converge`: several sources lead to one sink. From what is tied to the mission forwards to where most of its money goes, and
//! from there back to others that lead there too.
//!
//! Two typologies are made of it: donation addresses that follow each other in time and share a sink (or a page), and a hub that
//! layers lead to and that shares out again. One source is many addresses of a wallet, or many wallets: what is told apart are
//! addresses with payers of their own.

use super::flow::{Limits, Towards, add_part, walk};
use super::seeds::{Seeds, m, main_asset_first, p, read};
use super::{At, Bound, Renewal, Scope, Spec};
use crate::measure::permille;
use crate::{Candidate, Classes, Move, Party, Shape, Subject, Sum, Timeline, Unit, Way};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// Movements of what may be change at most: more is a wallet of its own.
const CHANGE_WEIGHT: u64 = 64;
/// Changes of a hub that are followed.
const CHANGES_MAX: usize = 32;
/// Addresses of one sink that are put in order of time at most, those with most receipts.
const IN_ORDER_MAX: usize = 500;

pub(super) static SPEC: Spec = Spec {
    name: "converge",
    about: "several sources lead to one sink, one after the other or through layers",
    parameters: &[
        p("anchored_by", Unit::Count, "categories of the parties to begin with, beside pages, lists and records"),
        p(
            "seeds_only",
            Unit::Flag,
            "1: sources are what is tied to the mission; 0: also others that lead to the same sink",
        ),
        p("hops_from", Unit::Count, "fewest hops from a source to the sink; 0: addresses of one wallet too"),
        p("hops_max", Unit::Count, "most hops"),
        p("keep_permille", Unit::Permille, "least part of what a source received that reaches the sink, by haircut"),
        p("follow_permille", Unit::Permille, "parts of a source below this are not followed"),
        p("dust_cents", Unit::UsdCents, "movements worth less are not looked at; unpriced ones are"),
        p(
            "payers_min",
            Unit::Count,
            "fewest distinct payers of an address that counts as a source in time, and of a source that is not tied",
        ),
        p("gap_days", Unit::Days, "longest pause between two addresses that follow each other"),
        p("fan_days", Unit::Days, "window in which the sink pays on; 0: not looked at"),
        p("parties_max", Unit::Count, "parties of one walk at most"),
        p("weight_max", Unit::Count, "a party with more movements is held to be a service"),
    ],
    measures: &[
        m("sources", Unit::Count, "parties that lead to the sink"),
        m("known_sources", Unit::Count, "those of them that are tied to the mission themselves"),
        m("hops_min", Unit::Count, "fewest hops"),
        m("hops_most", Unit::Count, "most hops of the source that is farthest, by its shortest way"),
        m("kept_min_permille", Unit::Permille, "least part of a source that reaches the sink"),
        m("in_turn", Unit::Count, "addresses that were in use one after the other"),
        m("longest_gap_days", Unit::Days, "longest pause between two of them"),
        m("payers", Unit::Count, "payers of the addresses in turn"),
        m("shared_sink", Unit::Flag, "they lead to one sink"),
        m("co_published", Unit::Flag, "they were published at one place"),
        m("links", Unit::Count, "ways in which they are tied: a sink, a place"),
        m("groups", Unit::Count, "parties that the sink paid in the busiest window"),
        m("service", Unit::Flag, "a label says that the sink is a service"),
        m("bound_hit", Unit::Flag, "a walk hit a bound: there may be more"),
    ],
    bind: |params| {
        let hops = u8::try_from(params.number("hops_max")?).unwrap_or(u8::MAX);
        Ok(Box::new(Converge {
            anchored_by: params.classes("anchored_by")?,
            seeds_only: params.number("seeds_only")? == 1,
            hops_from: u8::try_from(params.number("hops_from")?).unwrap_or(u8::MAX),
            keep: params.small("keep_permille")?.into(),
            dust: params.number("dust_cents")?,
            payers_min: params.number("payers_min")?,
            gap: params.small("gap_days")?.saturating_mul(86_400),
            fan: params.small("fan_days")?.saturating_mul(86_400),
            limits: Limits {
                hops,
                dust: params.number("dust_cents")?,
                keep_permille: params.number("follow_permille")?.into(),
                part_permille: 0,
                parties_max: params.small("parties_max")? as usize,
                moves_max: 2_000_000,
                weight_max: params.number("weight_max")?,
            },
            services: Classes::services(),
        }))
    },
};

struct Converge {
    anchored_by: Classes,
    seeds_only: bool,
    hops_from: u8,
    keep: i64,
    dust: u64,
    payers_min: u64,
    gap: u32,
    fan: u32,
    limits: Limits,
    services: Classes,
}

/// A source and how it leads to a sink.
#[derive(Clone)]
struct Arrival {
    source: Party,
    sink: Party,
    hops: u8,
    kept: i64,
    /// What arrived by haircut, as movements of the sink or, found backwards, of the source; with the units that count.
    parts: Vec<(Move, u128)>,
    /// The transactions of the shortest way.
    way: Vec<u32>,
    is_bounded: bool,
}

/// An address with payers of its own.
#[derive(Clone)]
struct Active {
    address: u32,
    receipts: Vec<Move>,
    payers: Vec<Party>,
}

impl Active {
    fn first(&self) -> u32 {
        self.receipts.first().map_or(0, |m| m.time)
    }

    fn last(&self) -> u32 {
        self.receipts.last().map_or(0, |m| m.time)
    }
}

impl Bound for Converge {
    fn scope(&self) -> Scope {
        Scope::Whole
    }

    fn renewal(&self) -> Renewal {
        Renewal::Whole
    }

    fn whole(&self, at: &At<'_>, found: &mut Vec<Candidate>) {
        let seeds = Seeds::of(at.world, self.anchored_by);
        let parties = seeds.parties(at.world);
        let mut arrivals: Vec<Arrival> = parties.par_iter().flat_map_iter(|seed| self.arrivals(at, *seed)).collect();
        arrivals.sort_by_key(|a| (a.sink, a.hops, a.source));
        let mut made: Vec<Made> = arrivals
            .chunk_by(|a, b| a.sink == b.sink)
            .collect::<Vec<_>>()
            .into_par_iter()
            .filter_map(|group| self.candidate(at, &seeds, group))
            .collect();
        if self.hops_from == 0 {
            made.extend(self.places(at));
        }
        // a new payment may change which sink is told of, though nobody there did anything: an incremental run is a whole one
        found.extend(without_repeats(made));
    }
}

impl Converge {
    /// Where most of a seed's money goes.
    fn arrivals(&self, at: &At<'_>, seed: Party) -> Vec<Arrival> {
        if at.world.is_heavier(seed, self.limits.weight_max) {
            return Vec::new();
        }
        let own = read(at, seed, self.limits.moves_max);
        let mut all = Vec::new();
        if self.hops_from == 0 {
            all.push(Arrival {
                source: seed,
                sink: seed,
                hops: 0,
                kept: 1000,
                parts: Vec::new(),
                way: Vec::new(),
                is_bounded: own.is_cut,
            });
        }
        let Some((asset, whole)) = main(&own) else { return all };
        let walked = walk(at, &[seed], Towards::Later, self.limits);
        let mut reached: Vec<_> = walked.reached.iter().filter(|(_, reached)| !reached.is_service).collect();
        reached.sort_by_key(|(party, _)| **party);
        for (sink, reached) in reached {
            let parts = || reached.parts.iter().filter(|p| p.hops >= self.hops_from && p.movement.asset == asset);
            let arrived: u128 = parts().map(|p| p.haircut).sum();
            let (Some(kept), Some(hops)) = (permille(arrived, whole), parts().map(|p| p.hops).min()) else { continue };
            if kept >= self.keep {
                let parts = parts().map(|p| (p.movement, p.haircut)).collect();
                let (kept, way) = (kept.min(1000), walked.path(*sink).1);
                all.push(Arrival { source: seed, sink: *sink, hops, kept, parts, way, is_bounded: walked.is_bounded });
            }
        }
        all
    }

    /// Others that lead to a sink, with what is known of them backwards.
    fn others(&self, at: &At<'_>, sink: Party, known: &[Arrival]) -> Vec<Arrival> {
        let limits = Limits { keep_permille: 0, ..self.limits };
        let walked = walk(at, &[sink], Towards::Earlier, limits);
        let ways: FxHashSet<u32> = known.iter().flat_map(|a| a.way.iter().copied()).collect();
        let is_new = |party: &Party| known.iter().all(|a| a.source != *party);
        let mut reached: Vec<_> =
            walked.reached.iter().filter(|(party, reached)| !reached.is_service && is_new(party)).collect();
        reached.sort_by_key(|(party, _)| **party);
        let mut all = Vec::new();
        for (source, reached) in reached {
            if at.world.is_heavier(*source, self.limits.weight_max)
                || !at.world.is_heavier(*source, self.payers_min.saturating_sub(1))
            {
                continue;
            }
            let own = read(at, *source, self.limits.moves_max);
            // of layers and donors few know many payers
            let payers: FxHashSet<Party> = own.received().map(|m| m.party).collect();
            let is_layer = || own.sent().any(|m| ways.contains(&m.tx));
            if (payers.len() as u64) < self.payers_min || (self.hops_from > 0 && is_layer()) {
                continue;
            }
            let Some((asset, whole)) = main(&own) else { continue };
            let parts = || reached.parts.iter().filter(|p| p.hops >= self.hops_from && p.movement.asset == asset);
            let (Some(kept), Some(hops)) =
                (permille(parts().map(|p| p.haircut).sum::<u128>(), whole), parts().map(|p| p.hops).min())
            else {
                continue;
            };
            if kept >= self.keep {
                let parts = parts().map(|p| (p.movement, p.haircut)).collect();
                let (kept, way) = (kept.min(1000), walked.path(*source).1);
                all.push(Arrival { source: *source, sink, hops, kept, parts, way, is_bounded: walked.is_bounded });
            }
        }
        all
    }

    fn candidate(&self, at: &At<'_>, seeds: &Seeds, known: &[Arrival]) -> Option<Made> {
        let sink = known[0].sink;
        let mut all = known.to_vec();
        if !self.seeds_only {
            all.extend(self.others(at, sink, known));
        }
        let actives: Vec<Active> = if self.gap > 0 {
            let sources: FxHashSet<Party> = all.iter().map(|a| a.source).collect();
            let mut sources: Vec<Party> = sources.into_iter().collect();
            sources.sort_unstable();
            sources.iter().flat_map(|party| self.actives(at, *party)).collect()
        } else {
            Vec::new()
        };
        let turn = self.in_turn(&actives, &|address| seeds.has(at.world, address));
        let is_in_time = self.gap > 0;
        if is_in_time && turn.is_empty() {
            return None;
        }
        if is_in_time {
            let owners: FxHashSet<Party> = turn.iter().map(|a| at.world.party(a.address)).collect();
            all.retain(|a| owners.contains(&a.source));
        }
        let arrived: Vec<&Move> = all.iter().flat_map(|a| a.parts.iter().map(|(movement, _)| movement)).collect();
        let receipts: Vec<&Move> = turn.iter().flat_map(|a| &a.receipts).collect();
        let mut candidate =
            Candidate::of(Subject::Party(sink), main_asset_first(if is_in_time { &receipts } else { &arrived }));
        candidate.txs.extend(arrived.iter().map(|m| m.tx).chain(all.iter().flat_map(|a| a.way.iter().copied())));
        // who leads here is told as a counterparty, though layers lie between
        let mut parties: Vec<Party> = all.iter().map(|a| a.source).filter(|source| *source != sink).collect();
        parties.sort_unstable();
        parties.dedup();
        if !is_in_time {
            // what was sent by sources that were found backwards is not the sink's own
            candidate.addresses.retain(|address| at.world.party(*address) == sink);
            candidate.parties.clear();
            // what only leads here alike is not linked
            let is_known = |a: &&Arrival| known.iter().any(|b| b.source == a.source);
            let of_known = all.iter().filter(is_known).flat_map(|a| &a.parts);
            let linked = of_known.filter(|(m, _)| m.asset == candidate.asset);
            candidate.linked = Some(haircut_sum(linked));
        }
        let (groups, paid, changes) = self.fan(at, sink, candidate.start);
        candidate.txs.extend(paid.iter().map(|m| m.tx));
        candidate.end = paid.iter().map(|m| m.time).fold(candidate.end, u32::max);
        let measures = &mut candidate.measures;
        measures.set("sources", parties.len() + usize::from(all.iter().any(|a| a.source == sink)));
        measures.set("known_sources", known.iter().filter(|a| all.iter().any(|b| b.source == a.source)).count());
        measures.maybe("hops_min", all.iter().map(|a| a.hops).min());
        measures.maybe("hops_most", all.iter().map(|a| a.hops).max());
        measures.maybe("kept_min_permille", all.iter().map(|a| a.kept).min());
        order(measures, &turn);
        measures.set("shared_sink", 1);
        measures.set("co_published", 0);
        measures.set("links", 1);
        if self.fan > 0 {
            measures.set("groups", groups);
        }
        measures.set("service", i64::from(at.world.classes(sink).meets(self.services)));
        measures.set("bound_hit", i64::from(all.iter().any(|a| a.is_bounded)));
        candidate.parties.extend(parties);
        Some(Made { candidate, sink, changes })
    }

    /// Addresses that one place published, in turn.
    fn places(&self, at: &At<'_>) -> Vec<Made> {
        let mut by_place: FxHashMap<&str, Vec<u32>> = FxHashMap::default();
        for publication in at.world.facts().publications.iter().filter(|p| p.solicits && !p.is_quoted) {
            if let Some(address) = publication.address {
                by_place.entry(&publication.place).or_default().push(address);
            }
        }
        let mut places: Vec<(&str, Vec<u32>)> = by_place.into_iter().collect();
        places.sort_unstable();
        let of_place = |(place, mut addresses): (&str, Vec<u32>)| {
            addresses.sort_unstable();
            addresses.dedup();
            let parties: FxHashSet<Party> = addresses.iter().map(|a| at.world.party(*a)).collect();
            let is_read = |p: &Party| {
                !at.world.is_heavier(*p, self.limits.weight_max) && !at.world.classes(*p).meets(self.services)
            };
            let mut parties: Vec<Party> = parties.into_iter().filter(is_read).collect();
            parties.sort_unstable();
            let mut actives: Vec<Active> = parties.iter().flat_map(|p| self.actives(at, *p)).collect();
            actives.retain(|a| addresses.binary_search(&a.address).is_ok());
            let turn = self.in_turn(&actives, &|_| true);
            let receipts: Vec<&Move> = turn.iter().flat_map(|a| &a.receipts).collect();
            let first = turn.first()?;
            let mut candidate = Candidate::of(Subject::Address(first.address), main_asset_first(&receipts));
            let measures = &mut candidate.measures;
            measures.set("sources", parties.len());
            order(measures, &turn);
            measures.set("shared_sink", 0);
            measures.set("co_published", 1);
            measures.set("links", 1);
            measures.set("service", 0);
            measures.set("bound_hit", 0);
            candidate.notes = vec![place.to_string().into()];
            let sink = at.world.party(first.address);
            Some(Made { candidate, sink, changes: Vec::new() })
        };
        places.into_par_iter().filter_map(of_place).collect()
    }

    /// The addresses of a party with enough payers of their own.
    fn actives(&self, at: &At<'_>, party: Party) -> Vec<Active> {
        let timeline = read(at, party, self.limits.moves_max);
        let mut by_address: FxHashMap<u32, Vec<Move>> = FxHashMap::default();
        for movement in timeline.received().filter(|m| m.worth().is_none_or(|c| c >= self.dust)) {
            by_address.entry(movement.own).or_default().push(*movement);
        }
        let active = |(address, receipts): (u32, Vec<Move>)| {
            // each customer of a service is somebody else
            let pooled = |m: &Move| m.party == Party::NOBODY || at.world.classes(m.party).meets(self.services);
            let alone = receipts.iter().filter(|m| pooled(m)).count() as u64;
            let mut payers: Vec<Party> = receipts.iter().filter(|m| !pooled(m)).map(|m| m.party).collect();
            payers.sort_unstable();
            payers.dedup();
            (payers.len() as u64 + alone >= self.payers_min).then_some(Active { address, receipts, payers })
        };
        let mut actives: Vec<Active> = by_address.into_iter().filter_map(active).collect();
        actives.sort_by_key(|a| a.address);
        actives
    }

    /// The longest row of addresses of which each begins after the one before it ended, and no later than the gap allows; one of
    /// them must be tied to the mission. Empty where there are fewer than two.
    fn in_turn(&self, actives: &[Active], is_tied: &dyn Fn(u32) -> bool) -> Vec<Active> {
        let mut all: Vec<&Active> = actives.iter().collect();
        if all.len() > IN_ORDER_MAX {
            all.sort_by_key(|a| (std::cmp::Reverse(a.receipts.len()), a.address));
            all.truncate(IN_ORDER_MAX);
        }
        all.sort_by_key(|a| (a.first(), a.last(), a.address));
        // longest row that ends at each, as (length, tied) so that a tied one is preferred
        let mut best: Vec<(usize, bool, Option<usize>)> = Vec::with_capacity(all.len());
        for (at, active) in all.iter().enumerate() {
            let tied = is_tied(active.address);
            let mut own = (1, tied, None);
            for before in 0..at {
                let (first, last) = (active.first(), all[before].last());
                if first > last && first - last <= self.gap {
                    let (length, is_tied, _) = best[before];
                    let longer = (length + 1, is_tied || tied, Some(before));
                    if (longer.1, longer.0) > (own.1, own.0) {
                        own = longer;
                    }
                }
            }
            best.push(own);
        }
        let last = (0..best.len())
            .filter(|at| best[*at].0 >= 2 && best[*at].1)
            .max_by_key(|at| (best[*at].0, usize::MAX - at));
        let mut row = Vec::new();
        let mut next = last;
        while let Some(at) = next {
            row.push(all[at].clone());
            next = best[at].2;
        }
        row.reverse();
        row
    }

    /// Parties that a sink paid in the busiest window from a time on, its payments to them, and the changes that were followed.
    /// On chains of outputs the larger of two parts that goes to an address nobody had used is held for change.
    fn fan(&self, at: &At<'_>, sink: Party, from: u32) -> (usize, Vec<Move>, Vec<Party>) {
        if self.fan == 0 {
            return (0, Vec::new(), Vec::new());
        }
        let (mut own, mut next, mut paid) = (vec![sink], 0, Vec::new());
        while let Some(party) = own.get(next).copied() {
            next += 1;
            let timeline = read(at, party, self.limits.moves_max);
            let sent: Vec<&Move> =
                timeline.sent().filter(|m| m.time >= from && m.worth().is_none_or(|c| c >= self.dust)).collect();
            for payments in sent.chunk_by(|a, b| a.tx == b.tx) {
                let mut to: Vec<Party> = payments.iter().map(|m| m.party).collect();
                to.sort_unstable();
                to.dedup();
                let change = match to.as_slice() {
                    [_, _] if at.world.shape() == Shape::Outputs && own.len() <= CHANGES_MAX => {
                        self.change(at, payments)
                    }
                    _ => None,
                };
                if let Some(change) = change
                    && !own.contains(&change)
                {
                    own.push(change);
                }
                let is_paid = |m: &&&Move| m.party != Party::NOBODY && !own.contains(&m.party);
                paid.extend(payments.iter().filter(is_paid).map(|m| **m));
            }
        }
        paid.sort_by_key(|m| (m.time, m.tx, m.other));
        paid.retain(|m: &Move| !own.contains(&m.party));
        let (mut best, mut most, mut start) = (0..0, 0, 0);
        let mut counts: FxHashMap<Party, u32> = FxHashMap::default();
        for (end, movement) in paid.iter().enumerate() {
            *counts.entry(movement.party).or_default() += 1;
            while movement.time - paid[start].time > self.fan {
                if let Some(count) = counts.get_mut(&paid[start].party) {
                    *count -= 1;
                    if *count == 0 {
                        counts.remove(&paid[start].party);
                    }
                }
                start += 1;
            }
            if counts.len() > most {
                (best, most) = (start..end + 1, counts.len());
            }
        }
        own.remove(0);
        (most, paid[best].to_vec(), own)
    }

    fn change(&self, at: &At<'_>, payments: &[&Move]) -> Option<Party> {
        let larger = payments.iter().max_by_key(|m| (m.units, std::cmp::Reverse(m.other)))?;
        let world = at.world;
        if larger.party == Party::NOBODY
            || world.size(larger.party) != 1
            || world.is_heavier(larger.party, CHANGE_WEIGHT)
            || world.classes(larger.party).meets(self.services)
        {
            return None;
        }
        let timeline = read(at, larger.party, CHANGE_WEIGHT as usize);
        (timeline.received().next()?.tx == larger.tx).then_some(larger.party)
    }
}

/// The asset that most of a party's money moved in, and how much it received of it.
fn main(timeline: &Timeline) -> Option<(u32, u128)> {
    let moves: Vec<&Move> = timeline.moves.iter().collect();
    let asset = main_asset_first(&moves).first()?.asset;
    let sum =
        |way: Way| timeline.moves.iter().filter(|m| m.way == way && m.asset == asset).map(|m| m.units).sum::<u128>();
    Some((asset, sum(Way::In).max(sum(Way::Out))))
}

fn haircut_sum<'p>(parts: impl Iterator<Item = &'p (Move, u128)>) -> Sum {
    let mut sum = Sum::default();
    for (movement, units) in parts {
        add_part(&mut sum, movement, *units);
    }
    sum
}

fn order(measures: &mut crate::Measures, turn: &[Active]) {
    measures.set("in_turn", turn.len());
    let gaps = turn.windows(2).map(|pair| (pair[1].first() - pair[0].last()).div_ceil(86_400));
    measures.maybe("longest_gap_days", gaps.max());
    let payers: FxHashSet<Party> = turn.iter().flat_map(|a| a.payers.iter().copied()).collect();
    measures.set("payers", payers.len());
}

/// A candidate with what tells whether another one says the same.
struct Made {
    candidate: Candidate,
    sink: Party,
    /// What goes on paying for the sink.
    changes: Vec<Party>,
}

/// Without candidates that say what a better one says: every party behind a sink is a sink of the same addresses too, and so is
/// every change of a hub.
fn without_repeats(mut all: Vec<Made>) -> Vec<Candidate> {
    all.sort_by_cached_key(|made| {
        let c = &made.candidate;
        let rank = |name: &str| c.measures.get(name).unwrap_or(0);
        let more = std::cmp::Reverse((rank("in_turn"), rank("sources"), rank("groups")));
        (more, rank("hops_min"), rank("co_published"), c.subject.clone())
    });
    let mut known: FxHashSet<u32> = FxHashSet::default();
    let mut behind: FxHashSet<Party> = FxHashSet::default();
    let is_new = |made: &Made| {
        if made.candidate.measures.get("in_turn").unwrap_or(0) > 0 {
            let more = made.candidate.addresses.iter().filter(|a| known.insert(**a)).count();
            return more > 0;
        }
        let is_first = !behind.contains(&made.sink);
        behind.extend(made.changes.iter().copied());
        is_first
    };
    all.retain(is_new);
    let mut candidates: Vec<Candidate> = all.into_iter().map(|made| made.candidate).collect();
    candidates.sort_by(|a, b| a.subject.cmp(&b.subject));
    candidates
}

#[cfg(test)]
mod tests;
