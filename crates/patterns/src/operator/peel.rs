//! `peel`: chains of transactions with one input and two outputs, each of which keeps most for the next.
//!
//! Every wallet that pays out of one large coin makes such a chain, so the shape alone says next to nothing: a rule may ask that
//! its money is tied to the mission: that it comes from somebody known, or that most of it goes there. That one of its payments
//! went to somebody known is not enough: a donor's change makes that chain. The whole ledger is gone through once with a bit per transaction; no chain is walked
//! twice, because a transaction with one input has one before it.

use super::seeds::{Seeds, m, p, read};
use super::start::pools;
use super::{At, Bound, Renewal, Scope, Spec};
use crate::measure::permille;
use crate::{Candidate, Classes, Party, Split, Subject, Sum, Unit, World};
use rayon::prelude::*;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Transactions that a thread takes at once: a multiple of 64, so that a word of bits is one thread's.
const CHUNK: u32 = 1 << 14;
/// Movements of an address that is walked back over at most.
const BACK_WEIGHT: u64 = 64;
/// Movements of a party whose money is traced back through it at most.
const ORIGIN_WEIGHT: u64 = BACK_WEIGHT * 16;
/// Payers of one party that are traced back at most, those that paid most.
const ORIGIN_FAN: usize = 16;

pub(super) static SPEC: Spec = Spec {
    name: "peel",
    about: "chains of one-input two-output transactions that keep most",
    parameters: &[
        p("keep_permille", Unit::Permille, "least part that a hop keeps"),
        p("hops_min", Unit::Count, "fewest hops"),
        p("hops_max", Unit::Count, "hops that are followed at most"),
        p("anchored_by", Unit::Count, "categories one of which the money must come from or go to; empty: every chain"),
        p("origin_hops", Unit::Count, "parties that the first coin is traced back through at most"),
        p(
            "linked_min",
            Unit::Permille,
            "least part of the first coin that comes from known parties, or of the chain that goes to them",
        ),
    ],
    measures: &[
        m("hops", Unit::Count, "hops of the chain"),
        m("keep_min_permille", Unit::Permille, "least part that a hop kept"),
        m("peeled_permille", Unit::Permille, "part of the first sum that was peeled off in all"),
        m("span_hours", Unit::Hours, "hours from the first hop to the last"),
        m("to_services", Unit::Count, "peeled parts that went to services or their deposit addresses"),
        m("own_linked", Unit::Flag, "a known party pays from the chain"),
        m(
            "from_linked_permille",
            Unit::Permille,
            "part of the first coin that known parties paid, traced back by what each party had received",
        ),
        m("to_linked_permille", Unit::Permille, "part of the first coin that the chain paid to known parties"),
        m("by_linked", Unit::Flag, "a known party pays from the chain, or enough of the first coin comes from some"),
        m("from_service", Unit::Flag, "a service pays from the chain: one that pays its customers"),
        m("labelled_business", Unit::Flag, "a label says that a merchant, aid organisation or authority pays from it"),
        m("bound_hit", Unit::Flag, "the chain goes on beyond what was followed"),
    ],
    bind: |params| {
        Ok(Box::new(Peel {
            keep: params.number("keep_permille")?,
            hops_min: params.small("hops_min")?.max(1),
            hops_max: params.small("hops_max")?.max(1),
            anchored_by: params.classes("anchored_by")?,
            origin_hops: params.small("origin_hops")?.min(8),
            linked_min: i64::try_from(params.number("linked_min")?).unwrap_or(i64::MAX),
            pools: pools(),
            services: Classes::services(),
            business: Classes::of([
                athar_types::Category::Merchant,
                athar_types::Category::HumanitarianOrganisation,
                athar_types::Category::Authority,
            ]),
        }))
    },
};

struct Peel {
    keep: u64,
    hops_min: u32,
    hops_max: u32,
    anchored_by: Classes,
    origin_hops: u32,
    linked_min: i64,
    pools: Classes,
    services: Classes,
    business: Classes,
}

impl Bound for Peel {
    fn scope(&self) -> Scope {
        Scope::Whole
    }

    fn renewal(&self) -> Renewal {
        Renewal::Added
    }

    fn whole(&self, at: &At<'_>, found: &mut Vec<Candidate>) {
        let seeds = Seeds::of(at.world, self.anchored_by);
        let starts: Vec<u32> = match at.since {
            Some(since) => {
                let new: Vec<u32> = (since..at.world.txs()).collect();
                let start = |tx: &u32| self.hop(at.world, *tx).map(|_| self.back(at, *tx));
                let mut starts: Vec<u32> = new.par_iter().filter_map(start).collect();
                starts.sort_unstable();
                starts.dedup();
                starts
            }
            None => self.starts(at.world),
        };
        let candidate = |start: &u32| self.chain(at, &seeds, *start);
        found.extend(starts.par_iter().filter_map(candidate).collect::<Vec<_>>());
    }
}

impl Peel {
    /// The transaction as a hop, where it keeps enough.
    fn hop(&self, world: &dyn World, tx: u32) -> Option<Split> {
        let split = world.split(tx)?;
        let is_hop = split.from != u32::MAX && permille(split.kept.1, split.units)? >= self.keep as i64;
        is_hop.then_some(split)
    }

    /// Every hop that is not the next of another, ascending.
    fn starts(&self, world: &dyn World) -> Vec<u32> {
        let txs = world.txs();
        let words = || (0..txs.div_ceil(64)).map(|_| AtomicU64::new(0)).collect::<Vec<_>>();
        let (hops, nexts) = (words(), words());
        let set = |bits: &[AtomicU64], tx: u32| {
            if let Some(word) = bits.get(tx as usize / 64) {
                word.fetch_or(1 << (tx % 64), Ordering::Relaxed);
            }
        };
        (0..txs.div_ceil(CHUNK)).into_par_iter().for_each(|chunk| {
            for tx in chunk * CHUNK..(chunk + 1).saturating_mul(CHUNK).min(txs) {
                let Some(hop) = self.hop(world, tx) else { continue };
                // only a chain of two or more needs its first hop told from the others
                set(&hops, tx);
                if let Some(next) = hop.kept.2 {
                    set(&nexts, next);
                }
            }
        });
        let starts = |word: usize| {
            let mut bits = hops[word].load(Ordering::Relaxed) & !nexts[word].load(Ordering::Relaxed);
            std::iter::from_fn(move || {
                let bit = (bits != 0).then(|| bits.trailing_zeros())?;
                bits &= bits - 1;
                Some(word as u32 * 64 + bit)
            })
        };
        (0..hops.len()).flat_map(starts).collect()
    }

    /// The first hop of the chain that a hop is in: back over the receipts of addresses that were spent from.
    fn back(&self, at: &At<'_>, tx: u32) -> u32 {
        let mut first = tx;
        for _ in 0..self.hops_max {
            let Some(split) = at.world.split(first) else { return first };
            let party = at.world.party(split.from);
            if at.world.is_heavier(party, BACK_WEIGHT) {
                return first;
            }
            let timeline = read(at, party, BACK_WEIGHT as usize);
            let is_before = |tx: u32| tx < first && self.hop(at.world, tx).is_some_and(|hop| hop.kept.2 == Some(first));
            let Some(before) = timeline.received().map(|m| m.tx).find(|tx| is_before(*tx)) else { return first };
            first = before;
        }
        first
    }

    /// The chain from its first hop on, as a candidate where it is long enough and anchored.
    fn chain(&self, at: &At<'_>, seeds: &Seeds, start: u32) -> Option<Candidate> {
        let world = at.world;
        // most chains are short: they are counted before anything is kept
        let (mut count, mut next) = (0, Some(start));
        while count < self.hops_min {
            next = self.hop(world, next?)?.kept.2;
            count += 1;
        }
        let mut hops: Vec<(u32, Split)> = Vec::new();
        let mut next = Some(start);
        let mut is_bounded = false;
        while let Some((tx, hop)) = next.and_then(|tx| Some((tx, self.hop(world, tx)?))) {
            if hops.len() == self.hops_max as usize {
                is_bounded = true;
                break;
            }
            hops.push((tx, hop));
            next = hop.kept.2;
        }
        let (first, last) = (hops.first()?.1, hops.last()?.1);
        let is_tied = |address: u32| seeds.has(world, address);
        let is_own = hops.iter().any(|(_, hop)| is_tied(hop.from));
        let paid = hops.iter().map(|(_, hop)| hop.peeled).chain([(last.kept.0, last.kept.1)]);
        let to_linked: Vec<(u32, u128)> = paid.filter(|(address, _)| is_tied(*address)).collect();
        let to_permille = permille(to_linked.iter().map(|(_, units)| *units).sum::<u128>(), first.units).unwrap_or(0);
        let mut origins = Vec::new();
        let from_permille = if is_own || self.anchored_by.is_empty() {
            0
        } else {
            self.origin(at, seeds, &mut origins, world.party(first.from), start, self.origin_hops) as i64
        };
        let is_by_linked = is_own || from_permille >= self.linked_min;
        if !(self.anchored_by.is_empty() || is_by_linked || to_permille >= self.linked_min) {
            return None;
        }
        let (funder, sum) = beginning(at, first.from, start, first.units);
        let mut candidate = Candidate::of(Subject::Address(first.from), []);
        candidate.total = sum.unwrap_or(Sum { units: first.units, cents: 0, unpriced: first.units });
        let (mut to_services, mut peeled, mut least) = (0_u64, 0_u128, i64::MAX);
        let (mut is_service, mut is_business) = (false, false);
        for (tx, hop) in &hops {
            candidate.addresses.push(hop.from);
            candidate.txs.push(*tx);
            candidate.start = candidate.start.min(world.time(*tx));
            candidate.end = candidate.end.max(world.time(*tx));
            peeled += hop.peeled.1;
            least = least.min(permille(hop.kept.1, hop.units)?);
            let classes = world.classes(world.party(hop.from));
            is_service |= classes.meets(self.services);
            is_business |= classes.meets(self.business);
            if hop.peeled.0 != u32::MAX {
                let payee = world.party(hop.peeled.0);
                candidate.parties.push(payee);
                let is_deposit = world.facts().deposits.contains(&hop.peeled.0);
                to_services += u64::from(is_deposit || world.classes(payee).meets(self.services));
            }
        }
        candidate.parties.extend(funder);
        candidate.parties.extend(origins);
        candidate.parties.push(world.party(last.kept.0));
        let measures = &mut candidate.measures;
        measures.set("hops", hops.len());
        measures.set("keep_min_permille", least);
        measures.maybe("peeled_permille", permille(peeled, first.units));
        measures.set("span_hours", (candidate.end - candidate.start).div_ceil(3_600));
        measures.set("to_services", to_services);
        measures.set("own_linked", i64::from(is_own));
        measures.set("from_linked_permille", from_permille);
        measures.set("to_linked_permille", to_permille);
        measures.set("by_linked", i64::from(is_by_linked));
        measures.set("from_service", i64::from(is_service));
        measures.set("labelled_business", i64::from(is_business));
        measures.set("bound_hit", i64::from(is_bounded));
        Some(candidate)
    }
}

impl Peel {
    /// Which part of what a party had received before a transaction comes from known parties, in thousandths: theirs, or that of
    /// whoever paid it, so many parties back. Services end it: what a customer paid in is not what another takes out.
    fn origin(&self, at: &At<'_>, seeds: &Seeds, found: &mut Vec<Party>, party: Party, before: u32, hops: u32) -> u64 {
        let world = at.world;
        if party == Party::NOBODY || world.classes(party).meets(self.pools) {
            return 0;
        }
        if seeds.has(world, party.0) {
            found.push(party);
            return 1_000;
        }
        if hops == 0 || world.is_heavier(party, ORIGIN_WEIGHT) {
            return 0;
        }
        let timeline = read(at, party, ORIGIN_WEIGHT as usize);
        let mut payers: BTreeMap<Party, (u128, u32)> = BTreeMap::new();
        let mut all = 0_u128;
        for receipt in timeline.received().filter(|m| m.tx < before) {
            all += receipt.units;
            let (units, tx) = payers.entry(receipt.party).or_default();
            (*units, *tx) = (*units + receipt.units, receipt.tx);
        }
        let mut payers: Vec<(Party, (u128, u32))> = payers.into_iter().collect();
        payers.sort_by_key(|(party, (units, _))| (Reverse(*units), *party));
        let of = |(party, (units, tx)): &(Party, (u128, u32)), found: &mut Vec<Party>| {
            u128::from(self.origin(at, seeds, found, *party, *tx, hops - 1)) * units
        };
        let linked: u128 = payers.iter().take(ORIGIN_FAN).map(|payer| of(payer, found)).sum();
        u64::try_from(linked.checked_div(all).unwrap_or(0)).unwrap_or(0)
    }
}

/// Who paid the coin that the chain begins with, where that is one party; and the worth of what its first hop spends, by the worth
/// of that transaction's own movements.
fn beginning(at: &At<'_>, address: u32, start: u32, units: u128) -> (Option<Party>, Option<Sum>) {
    let party = at.world.party(address);
    if at.world.is_heavier(party, BACK_WEIGHT * 16) {
        return (None, None);
    }
    let timeline = read(at, party, BACK_WEIGHT as usize * 16);
    let receipts = timeline.received().filter(|m| m.own == address && m.tx < start && m.party != Party::NOBODY);
    let funder = receipts.last().map(|m| m.party);
    let sent = Sum::of(timeline.sent().filter(|m| m.tx == start));
    let sum = (sent.units > 0 && sent.unpriced == 0).then(|| {
        let cents = u128::from(sent.cents).saturating_mul(units) / sent.units;
        Sum { units, cents: u64::try_from(cents).unwrap_or(u64::MAX), unpriced: 0 }
    });
    (funder, sum)
}

#[cfg(test)]
mod tests {
    use crate::fixture::HandWorld;
    use crate::{Hit, RunOptions, Standing, run, shipped};
    use athar_types::{Category, Level};

    const START: u32 = 1_600_000_000;
    const HOUR: u32 = 3_600;

    fn hits(world: &HandWorld, since: Option<u32>) -> Vec<Hit> {
        let rules: Vec<&crate::Rule> = shipped().iter().filter(|r| r.id == "peel-chain").collect();
        assert_eq!(rules.len(), 1);
        run(world, &rules, &|_| Standing::Held, RunOptions { since }).hits
    }

    /// Address 0 is paid a million cents by `from`; then so many hops keep `permille` each, in addresses 1, 2, …; 100, 101, … are paid.
    fn chain(from: u32, hops: u32, permille: u64) -> HandWorld {
        let mut world = HandWorld::outputs();
        let mut rest = 10_000_000;
        world.pay(START, from, 0, rest);
        for hop in 0..hops {
            let kept = rest * permille / 1000;
            let pair = [(100 + hop, rest - kept), (hop + 1, kept)];
            world.pay_all(START + (hop + 1) * HOUR, hop, &pair);
            rest = kept;
        }
        world
    }

    fn labelled(hops: u32, permille: u64) -> HandWorld {
        let mut world = chain(200, hops, permille);
        world.label(0, Category::TerroristFinancing);
        world
    }

    #[test]
    fn four_hops_that_keep_four_fifths_are_a_chain() {
        let found = hits(&labelled(4, 800), None);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].subject_text.as_str(), found[0].txids.len()), ("address-0", 4));
        assert_eq!((found[0].severity, found[0].total.cents), (Level::High, 10_000_000));
        assert_eq!((found[0].start, found[0].end), (START + HOUR, START + 4 * HOUR));
        assert!(hits(&labelled(3, 800), None).is_empty());
        assert!(hits(&labelled(4, 799), None).is_empty());
    }

    #[test]
    fn a_chain_with_nobody_in_it_is_an_ordinary_wallet() {
        assert!(hits(&chain(200, 9, 900), None).is_empty());
        for tied in [200, 3] {
            let mut world = chain(200, 9, 900);
            world.label(tied, Category::Facilitator);
            assert_eq!(hits(&world, None).len(), 1, "{tied}");
        }
    }

    #[test]
    fn one_gift_out_of_a_chain_is_a_donors_change() {
        // a tenth of the first coin, and what is left after nine tenths five and nine times
        for (hops, tied, found) in [(9, 100, 0), (9, 105, 0), (9, 9, 0), (5, 5, 1)] {
            let mut world = chain(200, hops, 900);
            world.label(tied, Category::Facilitator);
            let hits = hits(&world, None);
            assert_eq!(hits.len(), found, "{tied}");
            // where the money goes to raises nothing
            assert!(hits.iter().all(|hit| hit.severity == Level::Low));
        }
    }

    /// `payers` pay address 200 what it pays on into a chain.
    fn layered(payers: &[(u32, u64)], layers: u32) -> HandWorld {
        let mut world = HandWorld::outputs();
        for (payer, cents) in payers {
            world.pay(START - 2 * HOUR, *payer, 300, *cents);
        }
        let mut rest: u64 = payers.iter().map(|(_, cents)| cents).sum();
        for layer in 1..layers {
            world.pay(START - HOUR, 299 + layer, 300 + layer, rest);
        }
        world.pay(START, 299 + layers, 0, rest);
        for hop in 0..5 {
            let kept = rest * 9 / 10;
            world.pay_all(START + (hop + 1) * HOUR, hop, &[(100 + hop, rest - kept), (hop + 1, kept)]);
            rest = kept;
        }
        world.label(400, Category::TerroristFinancing);
        world
    }

    #[test]
    fn the_money_of_a_chain_is_traced_back_through_layers() {
        for (layers, found) in [(1, 1), (2, 1), (3, 0)] {
            let hits = hits(&layered(&[(400, 1_000_000)], layers), None);
            assert_eq!(hits.len(), found, "{layers}");
            assert!(hits.iter().all(|hit| hit.severity == Level::Medium));
        }
        assert_eq!(hits(&layered(&[(400, 500_000), (401, 500_000)], 1), None).len(), 1);
        assert!(hits(&layered(&[(400, 499_000), (401, 501_000)], 1), None).is_empty());
        let mut world = layered(&[(400, 1_000_000)], 2);
        world.label(300, Category::Exchange);
        assert!(hits(&world, None).is_empty(), "what a customer pays in is not what another takes out");
    }

    #[test]
    fn a_weak_hop_ends_a_chain_and_another_begins() {
        let mut world = chain(200, 5, 900);
        world.pay_all(START + 10 * HOUR, 5, &[(150, 3_000_000), (6, 2_900_000)]);
        for hop in 6..11 {
            world.pay_all(START + 20 * HOUR, hop, &[(hop + 1, 2_000_000), (hop + 150, 100)]);
        }
        world.label(0, Category::TerroristFinancing);
        world.label(11, Category::TerroristFinancing);
        let found = hits(&world, None);
        assert_eq!(found.iter().map(|h| h.txids.len()).collect::<Vec<_>>(), [5, 5]);
    }

    #[test]
    fn an_exchange_that_pays_its_customers_out_of_one_coin_is_left_out() {
        let mut world = labelled(6, 900);
        world.label(2, Category::Exchange);
        assert!(hits(&world, None).is_empty());
        // that it paid the first coin is a withdrawal
        let mut world = labelled(6, 900);
        world.label(200, Category::Exchange);
        assert_eq!(hits(&world, None).len(), 1);
        let mut world = labelled(6, 900);
        world.label(3, Category::Merchant);
        assert_eq!(
            (hits(&world, None)[0].severity, hits(&world, None)[0].capped_by.as_deref()),
            (Level::Low, Some("guard"))
        );
    }

    #[test]
    fn new_hops_tell_the_whole_chain() {
        let world = labelled(6, 900);
        let all = hits(&world, None);
        assert_eq!(hits(&world, Some(6)), all);
        assert!(hits(&world, Some(7)).is_empty());
        assert!(hits(&HandWorld::outputs(), None).is_empty());
    }
}
