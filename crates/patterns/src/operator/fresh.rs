//! `fresh`: an address for every payer, all swept to one wallet.
//!
//! On chains of outputs the addresses are swept together, which makes them one party, or a few at a time into a wallet that is
//! known or that a known party pays too; on chains of accounts each is a party of its
//! own and the wallet that they are swept to ties them. Every payment processor and every exchange does the same: a rule asks for
//! an anchor, and prefixes chosen by the owner or bursts of new addresses are told as measures only.

use super::seeds::{m, p, read};
use super::{At, Bound, Scope, Spec};
use crate::measure::permille;
use crate::{Candidate, Classes, Move, Party, Shape, Subject, Timeline, Unit, World};
use athar_types::Category;
use rustc_hash::FxHashMap;

/// Movements of a party that sweeps a few addresses at a time.
const SWEEPER_WEIGHT: u64 = 256;
/// Fewest movements of a wallet that is known itself: two sweeps.
const KNOWN_LEAST: u64 = 2;
/// Movements of a wallet that is swept to at most, above which it is not asked who else pays it.
const SINK_WEIGHT: u64 = 2_000;
/// Movements that a swept account has at most: a receipt, a sweep, and a few of gas.
const ACCOUNT_WEIGHT: u64 = 8;
/// Addresses of the whole chain that a prefix is compared with.
const SAMPLE: u32 = 256;
/// Addresses of a candidate whose text is looked at.
const TEXTS_MAX: usize = 256;

pub(super) static SPEC: Spec = Spec {
    name: "fresh",
    about: "addresses with one receipt each, swept to one wallet",
    parameters: &[
        p("addresses_min", Unit::Count, "fewest addresses with exactly one receipt"),
        p("dust_cents", Unit::UsdCents, "receipts worth less are not looked at; unpriced ones are"),
        p("burst_hours", Unit::Hours, "window of a burst of new addresses"),
        p("accounts_max", Unit::Count, "parties that swept to one wallet and are read at most"),
        p(
            "anchored_by",
            Unit::Count,
            "on chains of outputs, sweeps of a few at a time are looked at where a label of these is on the wallet or on who pays it",
        ),
    ],
    measures: &[
        m("fresh", Unit::Count, "addresses with exactly one receipt that were swept"),
        m("reused_permille", Unit::Permille, "of the receiving addresses those with more than one receipt"),
        m("sink_permille", Unit::Permille, "part of what was swept that went to one wallet"),
        m("donors", Unit::Count, "distinct payers; each customer of a service is another"),
        m("overlap_permille", Unit::Permille, "receipts from a payer who paid before"),
        m("vanity_chars", Unit::Count, "characters that half of the addresses begin with and others do not"),
        m("burst_permille", Unit::Permille, "of the addresses those first seen in the busiest window"),
        m("price_points_permille", Unit::Permille, "receipts whose worth in cents repeats exactly"),
        m("service", Unit::Flag, "a label says that the party, or the wallet swept to, is a service"),
        m("labelled_business", Unit::Flag, "a label says merchant, payment processor, aid organisation or authority"),
        m("bound_hit", Unit::Flag, "there were more accounts or movements than were read"),
    ],
    bind: |params| {
        Ok(Box::new(Fresh {
            addresses_min: params.number("addresses_min")?.max(2),
            dust: params.number("dust_cents")?,
            burst: params.small("burst_hours")?.saturating_mul(3_600),
            accounts_max: params.small("accounts_max")? as usize,
            anchored_by: params.classes("anchored_by")?,
            services: Classes::services(),
            business: Classes::of([
                Category::Merchant,
                Category::PaymentProcessor,
                Category::HumanitarianOrganisation,
                Category::Authority,
            ]),
        }))
    },
};

struct Fresh {
    addresses_min: u64,
    dust: u64,
    burst: u32,
    accounts_max: usize,
    anchored_by: Classes,
    services: Classes,
    business: Classes,
}

/// What was received at fresh addresses, and where it went.
struct Swept {
    receipts: Vec<Move>,
    sweeps: Vec<Move>,
    /// Addresses that received, and those of them that did so more than once.
    receivers: u64,
    reused: u64,
    /// Part of the swept amount that went to one wallet.
    sink_permille: Option<i64>,
    sink: Party,
    /// Known parties that pay the wallet themselves.
    beside: Vec<Party>,
    is_bounded: bool,
}

impl Bound for Fresh {
    fn scope(&self) -> Scope {
        // of a known wallet: a few sweeps
        Scope::Parties { least: KNOWN_LEAST.min(self.addresses_min) }
    }

    fn wants(&self, at: &At<'_>, party: Party) -> bool {
        // as many receipts and one sweep; on accounts as many sweeps
        at.world.is_heavier(party, self.addresses_min.saturating_sub(1))
            || (at.world.shape() == Shape::Outputs && self.is_known(at.world, party))
    }

    fn party(&self, at: &At<'_>, timeline: &Timeline, found: &mut Vec<Candidate>) {
        self.look(at, timeline, found);
        // of an incremental run: a known party's new payment to a wallet is news about whoever sweeps there, who did nothing new
        if let Some(since) = at.since
            && at.world.shape() == Shape::Outputs
            && timeline.received().any(|m| m.tx >= since && self.is_known(at.world, m.party))
            && self.is_sink(at.world, timeline.party)
        {
            let is_other = |party: &Party| {
                *party != Party::NOBODY && u64::from(at.world.size(*party)) >= self.addresses_min && !at.is_due(*party)
            };
            let mut others: Vec<Party> = timeline.received().map(|m| m.party).filter(is_other).collect();
            others.sort_unstable();
            others.dedup();
            for other in others {
                self.look(at, &read(at, other, crate::MOVES_MAX), found);
            }
        }
    }
}

impl Fresh {
    fn look(&self, at: &At<'_>, timeline: &Timeline, found: &mut Vec<Candidate>) {
        let swept = match at.world.shape() {
            Shape::Outputs => self.together(at, timeline).or_else(|| self.gathered(at, timeline)),
            Shape::Accounts => self.apart(at, timeline),
        };
        let Some(swept) = swept.filter(|s| s.receipts.len() as u64 >= self.addresses_min) else { return };
        let mut candidate = Candidate::of(Subject::Party(timeline.party), &swept.receipts);
        candidate.txs.extend(swept.sweeps.iter().map(|m| m.tx));
        candidate.end = swept.sweeps.iter().map(|m| m.time).fold(candidate.end, u32::max);
        let pools = |party: Party| party == Party::NOBODY || at.world.classes(party).meets(self.services);
        let mut payers: FxHashMap<Party, u64> = FxHashMap::default();
        let mut pooled = 0_u64;
        for movement in &swept.receipts {
            if pools(movement.party) {
                pooled += 1;
            } else {
                *payers.entry(movement.party).or_default() += 1;
            }
        }
        let overlap: u64 = payers.values().map(|n| n - 1).sum();
        let all = swept.receipts.len() as u64;
        let classes = at.world.classes(timeline.party).with(match swept.sink {
            Party::NOBODY => Classes::NONE,
            sink => at.world.classes(sink),
        });
        let worths: Vec<u64> = swept.receipts.iter().filter_map(Move::worth).collect();
        if swept.sink != timeline.party {
            candidate.parties.push(swept.sink);
        }
        candidate.parties.extend(&swept.beside);
        let own: Vec<u32> = swept.receipts.iter().map(|m| m.own).collect();
        let measures = &mut candidate.measures;
        measures.set("fresh", all);
        measures.maybe("reused_permille", permille(swept.reused, swept.receivers));
        measures.maybe("sink_permille", swept.sink_permille);
        measures.set("donors", pooled + payers.len() as u64);
        measures.maybe("overlap_permille", permille(overlap, all));
        measures.set("vanity_chars", vanity(at.world, &own));
        measures.maybe("burst_permille", permille(busiest(&swept.receipts, self.burst), all));
        measures.maybe("price_points_permille", repeated(&worths).and_then(|n| permille(n, worths.len() as u64)));
        let is_deposit = own.iter().any(|address| at.world.facts().deposits.contains(address));
        measures.set("service", i64::from(classes.meets(self.services) || is_deposit));
        measures.set("labelled_business", i64::from(classes.meets(self.business)));
        measures.set("bound_hit", i64::from(swept.is_bounded));
        found.push(candidate);
    }

    fn counts(&self, movement: &Move) -> bool {
        movement.worth().is_none_or(|cents| cents >= self.dust)
    }

    fn is_known(&self, world: &dyn World, party: Party) -> bool {
        party != Party::NOBODY && {
            let classes = world.classes(party);
            classes.meets(self.anchored_by) && !classes.meets(self.services)
        }
    }

    /// Whether a wallet that is swept to can be one campaign's: no service's, and not as busy as one.
    fn is_sink(&self, world: &dyn World, party: Party) -> bool {
        party != Party::NOBODY && !world.classes(party).meets(self.services) && !world.is_heavier(party, SINK_WEIGHT)
    }

    /// Known parties that pay a wallet.
    fn beside(&self, timeline: &Timeline, world: &dyn World) -> Vec<Party> {
        let mut beside: Vec<Party> =
            timeline.received().map(|m| m.party).filter(|party| self.is_known(world, *party)).collect();
        beside.sort_unstable();
        beside.dedup();
        beside
    }

    /// On chains of outputs: addresses of one party.
    fn together(&self, at: &At<'_>, timeline: &Timeline) -> Option<Swept> {
        let world = at.world;
        if u64::from(world.size(timeline.party)) < self.addresses_min {
            return None;
        }
        let mut receipts: FxHashMap<u32, (u64, Move)> = FxHashMap::default();
        for movement in timeline.received().filter(|m| self.counts(m)) {
            receipts.entry(movement.own).or_insert((0, *movement)).0 += 1;
        }
        let receivers = receipts.len() as u64;
        if receivers < self.addresses_min {
            return None;
        }
        let reused = receipts.values().filter(|(count, _)| *count > 1).count() as u64;
        let is_fresh = |(count, movement): &(u64, Move)| *count == 1 && movement.left != crate::NEVER;
        let mut fresh: Vec<Move> = receipts.into_values().filter(is_fresh).map(|(_, movement)| movement).collect();
        fresh.sort_unstable_by_key(|m| (m.tx, m.own));
        // what left when a fresh address was swept
        let mut swept_at: Vec<u32> = fresh.iter().map(|m| m.left).collect();
        swept_at.sort_unstable();
        swept_at.dedup();
        let sweeps: Vec<Move> = timeline.sent().filter(|m| swept_at.binary_search(&m.time).is_ok()).copied().collect();
        let mut sinks: FxHashMap<Party, u128> = FxHashMap::default();
        for movement in &sweeps {
            *sinks.entry(movement.party).or_default() += movement.units;
        }
        let all: u128 = sinks.values().sum();
        let (sink, most) = sinks.into_iter().max_by_key(|(party, units)| (*units, std::cmp::Reverse(*party)))?;
        let sink_permille = permille(most, all);
        // whoever gives each donor an address may have shown one to all before, which leads to the same wallet
        let is_enough = fresh.len() as u64 >= self.addresses_min;
        let beside = if is_enough && self.is_sink(world, sink) {
            self.beside(&read(at, sink, SINK_WEIGHT as usize), world)
        } else {
            Vec::new()
        };
        Some(Swept {
            receipts: fresh,
            sweeps,
            receivers,
            reused,
            sink_permille,
            sink,
            beside,
            is_bounded: timeline.is_cut,
        })
    }

    /// On chains of outputs: addresses of many parties that were swept a few at a time to this one, which is known or is paid by
    /// a known party too.
    fn gathered(&self, at: &At<'_>, timeline: &Timeline) -> Option<Swept> {
        let world = at.world;
        let own_label = self.is_known(world, timeline.party);
        let beside = self.beside(timeline, world);
        if self.anchored_by.is_empty() || (!own_label && beside.is_empty()) {
            return None;
        }
        let is_sweeper = |party: &Party| {
            *party != Party::NOBODY
                && !world.is_heavier(*party, SWEEPER_WEIGHT)
                && !world.classes(*party).meets(self.services)
                && !beside.contains(party)
        };
        let mut sweepers: Vec<Party> = timeline.received().map(|m| m.party).filter(is_sweeper).collect();
        sweepers.sort_unstable();
        sweepers.dedup();
        let is_bounded = sweepers.len() > self.accounts_max || timeline.is_cut;
        sweepers.truncate(self.accounts_max);
        let (mut receipts, mut sweeps) = (Vec::new(), Vec::new());
        let (mut receivers, mut reused, mut to_sink, mut all) = (0, 0, 0_u128, 0_u128);
        for party in sweepers {
            let own = read(at, party, SWEEPER_WEIGHT as usize);
            let units = |moves: &[&Move]| moves.iter().map(|m| m.units).sum::<u128>();
            let sent: Vec<&Move> = own.sent().collect();
            let swept: Vec<&Move> = sent.iter().copied().filter(|m| m.party == timeline.party).collect();
            // who pays this wallet and others is a payer, and no address of it
            if units(&swept) * 10 < units(&sent) * 9 {
                continue;
            }
            let mut by_address: FxHashMap<u32, (u64, Move)> = FxHashMap::default();
            for movement in own.received().filter(|m| self.counts(m) && m.party != timeline.party) {
                by_address.entry(movement.own).or_insert((0, *movement)).0 += 1;
            }
            // one address may be a donor's own, who draws a sum from an exchange and gives it to the address that is known; to a
            // wallet behind that one he gives nothing. Who has enough is told itself
            let is_donor = by_address.len() < 2 && (own_label || world.size(party) > 1);
            if by_address.is_empty() || is_donor || by_address.len() as u64 >= self.addresses_min {
                continue;
            }
            receivers += by_address.len() as u64;
            reused += by_address.values().filter(|(count, _)| *count > 1).count() as u64;
            to_sink += units(&swept);
            all += units(&sent);
            let is_fresh = |(count, movement): &(u64, Move)| *count == 1 && movement.left != crate::NEVER;
            receipts.extend(by_address.into_values().filter(is_fresh).map(|(_, movement)| movement));
            sweeps.extend(swept.into_iter().copied());
        }
        receipts.sort_unstable_by_key(|m| (m.tx, m.own));
        sweeps.sort_unstable_by_key(|m| (m.tx, m.own));
        let (sink, sink_permille) = (timeline.party, permille(to_sink, all));
        Some(Swept { receipts, sweeps, receivers, reused, sink_permille, sink, beside, is_bounded })
    }

    /// On chains of accounts: accounts that were paid once in an asset and sent it to this party.
    fn apart(&self, at: &At<'_>, timeline: &Timeline) -> Option<Swept> {
        let world = at.world;
        let is_account = |m: &&Move| {
            m.party != Party::NOBODY
                && self.counts(m)
                && !world.is_heavier(m.party, ACCOUNT_WEIGHT)
                && !world.classes(m.party).meets(self.services)
        };
        let mut by_account: FxHashMap<Party, (u64, Move)> = FxHashMap::default();
        for movement in timeline.received().filter(is_account) {
            by_account.entry(movement.party).or_insert((0, *movement)).0 += 1;
        }
        if (by_account.len() as u64) < self.addresses_min {
            return None;
        }
        let mut accounts: Vec<(Party, Move)> = by_account.into_iter().map(|(p, (_, movement))| (p, movement)).collect();
        accounts.sort_unstable_by_key(|(party, movement)| (movement.tx, *party));
        let is_bounded = accounts.len() > self.accounts_max || timeline.is_cut;
        accounts.truncate(self.accounts_max);
        let (mut receipts, mut sweeps, mut reused) = (Vec::new(), Vec::new(), 0);
        let (mut to_sink, mut all) = (0_u128, 0_u128);
        let receivers = accounts.len() as u64;
        for (party, sweep) in accounts {
            let own = read(at, party, ACCOUNT_WEIGHT as usize);
            let same: Vec<&Move> = own
                .received()
                .filter(|m| m.asset == sweep.asset && self.counts(m) && m.party != timeline.party)
                .collect();
            let sent = own.sent().filter(|m| m.asset == sweep.asset);
            for movement in sent {
                all += movement.units;
                to_sink += if movement.party == timeline.party { movement.units } else { 0 };
            }
            match same.as_slice() {
                [one] if one.tx < sweep.tx => {
                    receipts.push(**one);
                    sweeps.push(sweep);
                }
                [] | [_] => {}
                _ => reused += 1,
            }
        }
        // donors pay when they please; a collector empties many accounts at one go
        if sweeps.len() as u64 >= self.addresses_min && !is_batched(&sweeps) {
            return None;
        }
        receipts.sort_unstable_by_key(|m| (m.tx, m.own));
        let sink_permille = permille(to_sink, all);
        let (sink, beside) = (timeline.party, Vec::new());
        Some(Swept { receipts, sweeps, receivers, reused, sink_permille, sink, beside, is_bounded })
    }
}

/// Whether most sweeps came within an hour of another one.
fn is_batched(sweeps: &[Move]) -> bool {
    let mut times: Vec<u32> = sweeps.iter().map(|m| m.time).collect();
    times.sort_unstable();
    let is_near = |at: usize| {
        (at > 0 && times[at] - times[at - 1] <= 3_600)
            || times.get(at + 1).is_some_and(|next| next - times[at] <= 3_600)
    };
    (0..times.len()).filter(|at| is_near(*at)).count() * 2 >= times.len()
}

/// Receipts in the busiest window.
fn busiest(receipts: &[Move], seconds: u32) -> u64 {
    let (mut start, mut most) = (0, 0);
    for (end, movement) in receipts.iter().enumerate() {
        while movement.time - receipts[start].time > seconds {
            start += 1;
        }
        most = most.max(end + 1 - start);
    }
    most as u64
}

/// How many worths are exactly equal to another one.
fn repeated(worths: &[u64]) -> Option<u64> {
    let mut counts: FxHashMap<u64, u64> = FxHashMap::default();
    for worth in worths {
        *counts.entry(*worth).or_default() += 1;
    }
    (!worths.is_empty()).then(|| counts.values().filter(|n| **n > 1).sum())
}

/// Characters beyond chance that at least half of the addresses begin with: of the longest such prefix those after the part that
/// a twentieth of all addresses begin with anyway. With ten addresses and an alphabet of 32, one character is shared by half in
/// 0.03 % of cases: (10 over 5) × 32^-4.
fn vanity(world: &dyn World, addresses: &[u32]) -> usize {
    let mut texts: Vec<String> = addresses.iter().take(TEXTS_MAX).map(|a| world.address_text(*a)).collect();
    texts.sort_unstable();
    // sorted, half of them share what the two ends of some half share
    let half = texts.len().div_ceil(2);
    let shared = |at: usize| (common(&texts[at], &texts[at + half - 1]), at);
    let Some((length, at)) = (0..=texts.len() - half).map(shared).max_by_key(|(length, _)| *length) else { return 0 };
    let prefix = &texts[at][..length];
    let all = world.addresses();
    let step = (all / SAMPLE).max(1);
    let sample: Vec<String> = (0..all).step_by(step as usize).map(|a| world.address_text(a)).collect();
    let begins = |length: &usize| {
        let part = &prefix[..*length];
        sample.iter().filter(|text| text.starts_with(part)).count() * 20 >= sample.len()
    };
    let usual = (0..=length).rev().filter(|n| prefix.is_char_boundary(*n)).find(begins).unwrap_or(0);
    length - usual
}

/// Bytes that two texts begin with alike, up to a boundary of characters.
fn common(a: &str, b: &str) -> usize {
    let mut length = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    while !a.is_char_boundary(length) {
        length -= 1;
    }
    length
}

#[cfg(test)]
mod tests;
