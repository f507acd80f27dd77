//! `redeem`: coupons bought in several places that come together at one beneficiary and go on to an off-ramp.
//!
//! It works on what the chain shows (payments from parties labelled as coupon sellers, directly or through the wallets of those
//! who redeem) and on records of redemptions, with either alone; where both are there the fuller one counts, and the measures
//! say which. Points of sale are known from records; from the chain only wallets that redeem are.

use super::onward::{forwarded, leaving};
use super::specs::{m, p};
use super::start::{behind, classes_behind, pools, read};
use super::through::businesses;
use super::{At, Bound, Scope, Spec};
use crate::measure::permille;
use crate::{Candidate, Classes, Move, Party, Redemption, Subject, Sum, Timeline, Unit, Way};
use athar_types::{Bilingual, Category, isolated};
use context::Context;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

mod context;
mod together;

/// Movements of a coupon seller that are read.
const SELLER_MOVES_MAX: usize = 1_000_000;
/// Movements of a beneficiary or of one on the way that are read.
const MOVES_MAX: usize = 20_000;
/// Movements of a wallet that redeems for somebody else: who moves more is no such wallet.
const BUYER_MOVES_MAX: u64 = 200;
/// Senders of one beneficiary that are read, to see whether they redeem for it.
const SENDERS_MAX: usize = 64;
/// Parties that are read on the way to an off-ramp, for one beneficiary.
const WAY_MAX: usize = 200;
/// A wallet that redeems hands on within so long.
const BUYER_HOLD: u32 = 7 * 86_400;
/// A receipt and a record of it lie at most so far apart.
const SAME_WITHIN: u32 = 2 * 3_600;

pub(super) static SPEC: Spec = Spec {
    name: "redeem",
    about: "coupons of several buyers redeemed for one, and moved on to an off-ramp",
    parameters: &[
        p("sellers", Unit::Count, "categories of those who pay coupons out"),
        p("worth_min", Unit::EurCents, "a coupon is worth at least"),
        p("worth_max", Unit::EurCents, "and at most"),
        p("usd_min", Unit::UsdCents, "the same in dollars, for days without a rate of the euro"),
        p("usd_max", Unit::UsdCents, "the same in dollars, for days without a rate of the euro"),
        p("window_days", Unit::Days, "all lie within so long"),
        p("redemptions_min", Unit::Count, "fewest redemptions"),
        p("onward_hours", Unit::Hours, "moved on within so long"),
        p("off_ramps", Unit::Count, "categories of those who turn coins into money"),
        p("risk_countries", Unit::Count, "jurisdictions of such an off-ramp, ISO 3166-1 alpha-2"),
        p("hops", Unit::Count, "parties between the beneficiary and the off-ramp, at most"),
    ],
    measures: &[
        m("redemptions", Unit::Count, "redemptions in the busiest window, of the fuller source"),
        m("recorded", Unit::Count, "of these, by records"),
        m("on_chain", Unit::Count, "of these, by payments of coupon sellers"),
        m("points", Unit::Count, "distinct points of sale, buyers or wallets that redeem, whichever are most"),
        m("outlets", Unit::Count, "distinct points of sale in the records"),
        m("buyers", Unit::Count, "distinct buyers in the records, or wallets that redeem"),
        m("euro_cents", Unit::EurCents, "worth of the recorded ones"),
        m("abroad_permille", Unit::Permille, "recorded ones that were redeemed in a risk jurisdiction"),
        m("onward_permille", Unit::Permille, "of what was received, what left within the time"),
        m("off_ramp_permille", Unit::Permille, "of what was received, what reached an off-ramp in time"),
        m(
            "risk_off_ramp_permille",
            Unit::Permille,
            "the same, of off-ramps that a label places in a risk jurisdiction",
        ),
        m("one_buyer_permille", Unit::Permille, "recorded ones of the busiest buyer: a reseller buys them all"),
        m("equal_permille", Unit::Permille, "most frequent amount: wages and standing orders are equal"),
        m("humanitarian", Unit::Flag, "a label of it or of whom it pays is that of an aid organisation"),
        m(
            "context",
            Unit::Count,
            "redemptions for which humanitarian context is recorded, of the beneficiary or the buyer",
        ),
        m("context_notes", Unit::Count, "notes that say so"),
        m("service", Unit::Flag, "a label says that the beneficiary is a service, or an address is a deposit address"),
        m("labelled_business", Unit::Flag, "a label says merchant, payment processor, aid organisation or authority"),
        m("bound_hit", Unit::Flag, "more movements or parties on the way than are read"),
    ],
    bind: |params| {
        Ok(Box::new(Redeem {
            sellers: params.classes("sellers")?,
            euro: (params.number("worth_min")?, params.number("worth_max")?),
            usd: (params.number("usd_min")?, params.number("usd_max")?),
            window: params.small("window_days")?.saturating_mul(86_400),
            least: params.number("redemptions_min")?.max(1),
            onward: params.small("onward_hours")?.saturating_mul(3_600),
            off_ramps: params.classes("off_ramps")?,
            countries: params.countries("risk_countries")?,
            hops: params.small("hops")?.min(4),
            services: pools(),
        }))
    },
};

struct Redeem {
    sellers: Classes,
    euro: (u64, u64),
    usd: (u64, u64),
    window: u32,
    least: u64,
    onward: u32,
    off_ramps: Classes,
    countries: Vec<[u8; 2]>,
    hops: u32,
    services: Classes,
}

/// A coupon that reached the beneficiary on the chain: the receipt, and the wallet that redeemed it where it was another.
struct Redeemed<'t> {
    receipt: &'t Move,
    buyer: Option<Party>,
    /// The coupon seller's payment: to that wallet, where there is one.
    first: Move,
}

/// Records of redemptions by the address that they name.
type ByAddress<'a> = FxHashMap<u32, Vec<&'a Redemption>>;

/// The records of a coupon's payment: of its address, at its time.
fn recorded_of<'a>(records: &ByAddress<'a>, coupon: &Move) -> Vec<&'a Redemption> {
    let of_address = records.get(&coupon.own).map_or(&[][..], Vec::as_slice);
    of_address.iter().copied().filter(|r| r.time.0.abs_diff(coupon.time) <= SAME_WITHIN).collect()
}

/// What stands beside the chain, for every candidate.
struct Beside<'a> {
    context: Context<'a>,
    records: ByAddress<'a>,
}

impl Bound for Redeem {
    fn scope(&self) -> Scope {
        Scope::Whole
    }

    fn whole(&self, at: &At<'_>, found: &mut Vec<Candidate>) {
        let mut recorded: BTreeMap<Party, Vec<&Redemption>> = BTreeMap::new();
        let mut by_address: ByAddress<'_> = ByAddress::default();
        let mut off_chain: BTreeMap<&str, Vec<&Redemption>> = BTreeMap::new();
        for redemption in &at.world.facts().redemptions {
            if !(self.euro.0..=self.euro.1).contains(&redemption.euro_cents) {
                continue;
            }
            match redemption.address {
                Some(address) => {
                    recorded.entry(at.world.party(address)).or_default().push(redemption);
                    by_address.entry(address).or_default().push(redemption);
                }
                None => off_chain.entry(&redemption.beneficiary).or_default().push(redemption),
            }
        }
        let sellers = at.world.labelled(self.sellers);
        let mut parties = match at.changed {
            Some(changed) if !sellers.is_empty() => changed.to_vec(),
            Some(_) => Vec::new(),
            None => self.receivers(at, &sellers),
        };
        // records change without a new transaction
        parties.extend(recorded.keys());
        parties.sort_unstable();
        parties.dedup();
        let none = Vec::new();
        let beside = Beside { context: Context::of(at.world), records: by_address };
        let of = |party: &Party| self.look(at, &beside, *party, recorded.get(party).unwrap_or(&none));
        found.extend(parties.par_iter().filter_map(of).collect::<Vec<_>>());
        found.extend(self.together(at, &beside, &sellers));
        found.extend(off_chain.iter().filter_map(|(beneficiary, all)| self.account(beneficiary, all)));
    }
}

impl Redeem {
    fn is_coupon(&self, at: &At<'_>, movement: &Move) -> bool {
        let Some(cents) = movement.worth() else { return false };
        let (worth, (least, most)) = match at.world.euro_cents(movement.time, cents) {
            Some(euro) => (euro, self.euro),
            None => (cents, self.usd),
        };
        (least..=most).contains(&worth)
    }

    fn is_seller(&self, at: &At<'_>, party: Party) -> bool {
        party != Party::NOBODY && at.world.classes(party).meets(self.sellers)
    }

    /// Whom coupon sellers pay, and whom these pay.
    fn receivers(&self, at: &At<'_>, sellers: &[Party]) -> Vec<Party> {
        let of = |seller: &Party| {
            let timeline = read(at, *seller, SELLER_MOVES_MAX);
            let paid = timeline.sent().filter(|m| m.party != Party::NOBODY && self.is_coupon(at, m));
            paid.map(|m| m.party).collect::<Vec<_>>()
        };
        let mut direct: Vec<Party> = sellers.par_iter().flat_map_iter(of).collect();
        direct.sort_unstable();
        direct.dedup();
        direct.retain(|p| !at.world.classes(*p).meets(self.services));
        let of = |buyer: &Party| {
            let timeline = if at.world.is_heavier(*buyer, BUYER_MOVES_MAX) {
                Timeline::default()
            } else {
                read(at, *buyer, BUYER_MOVES_MAX as usize)
            };
            timeline.sent().map(|m| m.party).filter(|p| *p != Party::NOBODY).collect::<Vec<_>>()
        };
        let mut indirect: Vec<Party> = direct.par_iter().flat_map_iter(of).collect();
        indirect.sort_unstable();
        // one payment from one such wallet is nothing: several have to come together
        let most = indirect.chunk_by(|a, b| a == b).filter(|same| same.len() > 1).map(|same| same[0]);
        direct.extend(most.filter(|p| !at.world.classes(*p).meets(self.services)));
        direct
    }

    fn look(&self, at: &At<'_>, beside: &Beside<'_>, party: Party, recorded: &[&Redemption]) -> Option<Candidate> {
        if party == Party::NOBODY || at.world.classes(party).meets(self.services) {
            return None;
        }
        if recorded.is_empty() && !at.world.is_heavier(party, self.least.saturating_sub(1)) {
            return None;
        }
        let timeline = read(at, party, MOVES_MAX);
        let mut is_bound = timeline.is_cut;
        let on_chain = self.on_chain(at, &timeline, &mut is_bound);
        let chain: Vec<u32> = on_chain.iter().map(|r| r.receipt.time).collect();
        let mut recorded = recorded.to_vec();
        recorded.sort_by(|a, b| (a.time, &a.record).cmp(&(b.time, &b.record)));
        let times: Vec<u32> = recorded.iter().map(|r| r.time.0).collect();
        let (by_chain, by_record) = (busiest(&chain, self.window), busiest(&times, self.window));
        let (start, end) =
            if by_record.len() >= by_chain.len() { by_record.span(&times) } else { by_chain.span(&chain) }?;
        let (from, to) = (start.saturating_sub(SAME_WITHIN), end.saturating_add(SAME_WITHIN));
        let on_chain: Vec<&Redeemed<'_>> = on_chain.iter().filter(|r| (from..=to).contains(&r.receipt.time)).collect();
        recorded.retain(|r| (from..=to).contains(&r.time.0));
        let own: Vec<u32> = recorded.iter().filter_map(|r| r.address).collect();
        // the books name the wallet that a coupon was paid to, and the chain whom that wallet passed it on to
        let through = on_chain.iter().filter(|r| r.buyer.is_some());
        recorded.extend(through.flat_map(|r| recorded_of(&beside.records, &r.first)));
        recorded.sort_by(|a, b| (a.time, &a.record).cmp(&(b.time, &b.record)));
        recorded.dedup_by(|a, b| a.record == b.record);
        if (on_chain.len().max(recorded.len()) as u64) < self.least {
            return None;
        }
        // what the chain shows of them: the coupon sellers' payments, or receipts at the time of the records
        let mut receipts: Vec<&Move> = on_chain.iter().map(|r| r.receipt).collect();
        receipts.extend(
            timeline.received().filter(|m| {
                recorded.iter().any(|r| r.address == Some(m.own) && r.time.0.abs_diff(m.time) <= SAME_WITHIN)
            }),
        );
        receipts.sort_by_key(|m| (m.tx, m.own, m.units));
        receipts.dedup_by_key(|m| (m.tx, m.own, m.units));
        let leaving = leaving(at, &timeline);
        let soon: Vec<&Move> = leaving
            .sent
            .iter()
            .copied()
            .filter(|m| (start..=to.saturating_add(self.onward)).contains(&m.time))
            .collect();
        let mut way = Budget { left: WAY_MAX, is_bound };
        let ends: Vec<End> = soon.iter().map(|m| self.end(at, m, self.hops, &mut way)).collect();
        let to_ramp = soon.iter().zip(&ends).filter(|(_, end)| end.is_ramp).map(|(m, _)| *m).collect::<Vec<_>>();
        let to_risk = soon.iter().zip(&ends).filter(|(_, end)| end.is_risk).map(|(m, _)| *m).collect::<Vec<_>>();
        let mut candidate =
            Candidate::of(Subject::Party(party), receipts.iter().copied().chain(to_ramp.iter().copied()));
        candidate.total = Sum::of(receipts.iter().copied());
        candidate.txs.extend(on_chain.iter().map(|r| r.first.tx));
        candidate.txs.extend(ends.iter().flat_map(|end| end.txs.iter()));
        candidate.addresses.extend(own);
        candidate.parties.extend(on_chain.iter().filter_map(|r| r.buyer));
        (candidate.start, candidate.end) = (candidate.start.min(start), candidate.end.max(end));
        candidate.tidy();
        self.records(&recorded, &mut candidate);
        let by_record = recorded.iter().map(|r| beside.context.of_record(at.world, r, party));
        let by_chain = on_chain.iter().map(|r| beside.context.of_parties([party].into_iter().chain(r.buyer)));
        context::put(&mut candidate, by_record, by_chain);
        let all: u128 = receipts.iter().map(|m| m.units).sum();
        let share = |sent: &[&Move]| permille(forwarded(at, &receipts, sent, self.onward).iter().sum::<u128>(), all);
        let wallets: FxHashSet<Party> = on_chain.iter().filter_map(|r| r.buyer).collect();
        let classes = at.world.classes(party);
        let aid = Classes::of([Category::HumanitarianOrganisation]);
        let is_aid = classes.meets(aid) || soon.iter().any(|m| classes_behind(at.world, m.party, m.other).meets(aid));
        let is_deposit = receipts.iter().any(|m| at.world.facts().deposits.contains(&m.own));
        let measures = &mut candidate.measures;
        measures.set("redemptions", on_chain.len().max(recorded.len()));
        measures.set("on_chain", on_chain.len());
        if !wallets.is_empty() {
            let most = |name| measures.get(name).unwrap_or(0).max(wallets.len() as i64);
            let (points, buyers) = (most("points"), most("buyers"));
            measures.set("points", points);
            measures.set("buyers", buyers);
        }
        measures.maybe("onward_permille", share(&soon));
        measures.maybe("off_ramp_permille", share(&to_ramp));
        measures.maybe("risk_off_ramp_permille", share(&to_risk));
        if measures.get("equal_permille").is_none() {
            measures.maybe("equal_permille", most_equal(receipts.iter().map(|m| m.cents)));
        }
        measures.set("humanitarian", i64::from(is_aid));
        measures.set("service", i64::from(is_deposit));
        measures.set("labelled_business", i64::from(classes.meets(businesses())));
        measures.set("bound_hit", i64::from(way.is_bound));
        Some(candidate)
    }

    /// An account that records name and no chain shows.
    fn account(&self, beneficiary: &str, all: &[&Redemption]) -> Option<Candidate> {
        let mut all = all.to_vec();
        all.sort_by(|a, b| (a.time, &a.record).cmp(&(b.time, &b.record)));
        let times: Vec<u32> = all.iter().map(|r| r.time.0).collect();
        let window = busiest(&times, self.window);
        if (window.len() as u64) < self.least {
            return None;
        }
        let (start, end) = window.span(&times)?;
        let mut candidate = Candidate::of(Subject::Text(beneficiary.into()), std::iter::empty());
        (candidate.start, candidate.end) = (start, end);
        self.records(&all[window.0..window.1], &mut candidate);
        let by_record = all[window.0..window.1].iter().map(|r| context::written(r));
        context::put(&mut candidate, by_record, std::iter::empty());
        let count = window.len();
        candidate.measures.set("redemptions", count);
        Some(candidate)
    }

    /// What records tell.
    fn records(&self, recorded: &[&Redemption], candidate: &mut Candidate) {
        let measures = &mut candidate.measures;
        measures.set("recorded", recorded.len());
        if recorded.is_empty() {
            return;
        }
        let distinct = |of: &dyn Fn(&Redemption) -> Option<&str>| {
            let mut counts: BTreeMap<String, u64> = BTreeMap::new();
            for name in recorded.iter().filter_map(|r| of(r)) {
                *counts.entry(name.into()).or_default() += 1;
            }
            (counts.len(), counts.values().copied().max().unwrap_or(0))
        };
        let (outlets, _) = distinct(&|r| r.outlet.as_deref());
        let (buyers, busiest) = distinct(&|r| r.buyer.as_deref());
        if outlets > 0 {
            measures.set("outlets", outlets);
        }
        if buyers > 0 {
            measures.set("buyers", buyers);
            measures.maybe("one_buyer_permille", permille(busiest, recorded.len() as u64));
        }
        if outlets.max(buyers) > 0 {
            measures.set("points", outlets.max(buyers));
        }
        measures.set("euro_cents", recorded.iter().map(|r| r.euro_cents).fold(0, u64::saturating_add));
        let placed = recorded.iter().filter(|r| r.country.is_some()).count();
        let abroad = recorded.iter().filter(|r| r.country.is_some_and(|c| self.countries.contains(&c))).count();
        measures.maybe("abroad_permille", permille(abroad as u64, placed as u64));
        measures.maybe("equal_permille", most_equal(recorded.iter().map(|r| r.euro_cents)));
        const TOLD: usize = 20;
        let record =
            |r: &&Redemption| Bilingual::new(format!("record {}", r.record), format!("السجل {}", isolated(&r.record)));
        candidate.notes.extend(recorded.iter().take(TOLD).map(record));
        if recorded.len() > TOLD {
            let more = (recorded.len() - TOLD).to_string();
            let ar = format!("وسجلات أخرى عددها {}", isolated(&more));
            candidate.notes.push(Bilingual::new(format!("and {more} more records"), ar));
        }
    }

    /// Coupons on the chain, in order: paid to the party by a seller, or by a wallet that a seller had paid.
    fn on_chain<'t>(&self, at: &At<'_>, timeline: &'t Timeline, is_bound: &mut bool) -> Vec<Redeemed<'t>> {
        let mut all = Vec::new();
        let mut by_sender: FxHashMap<Party, Vec<&Move>> = FxHashMap::default();
        for receipt in timeline.received() {
            if self.is_seller(at, receipt.party) {
                if self.is_coupon(at, receipt) {
                    all.push(Redeemed { receipt, buyer: None, first: *receipt });
                }
            } else if receipt.party != Party::NOBODY {
                by_sender.entry(receipt.party).or_default().push(receipt);
            }
        }
        let is_small = |sender: &Party| {
            !at.world.classes(*sender).meets(self.services) && !at.world.is_heavier(*sender, BUYER_MOVES_MAX)
        };
        let mut few: Vec<(Party, Vec<&Move>)> =
            by_sender.into_iter().filter(|(sender, _)| is_small(sender)).take(SENDERS_MAX + 1).collect();
        // whoever is paid by so many small wallets is a shop; what it is not is a beneficiary of a few
        if few.len() > SENDERS_MAX {
            few.clear();
            *is_bound = true;
        }
        for (sender, receipts) in few {
            let buyer = read(at, sender, BUYER_MOVES_MAX as usize);
            let is_one = |m: &&Move| self.is_seller(at, m.party) && self.is_coupon(at, m);
            let mut coupons: Vec<Move> = buyer.received().filter(is_one).copied().collect();
            for receipt in receipts {
                // what he handed on is at most what the coupons before it were worth
                let mut rest = receipt.units;
                coupons.retain(|coupon| {
                    let is_his = coupon.tx <= receipt.tx
                        && receipt.time.saturating_sub(coupon.time) <= BUYER_HOLD
                        && rest * 10 >= coupon.units * 5;
                    if is_his {
                        rest = rest.saturating_sub(coupon.units);
                        all.push(Redeemed { receipt, buyer: Some(sender), first: *coupon });
                    }
                    !is_his
                });
            }
        }
        all.sort_by_key(|r| (r.receipt.tx, r.first.tx));
        all
    }

    /// Where a payment ends: at an off-ramp, itself or through parties that pay it on in time.
    fn end(&self, at: &At<'_>, payment: &Move, hops: u32, way: &mut Budget) -> End {
        let target = behind(at.world, payment.party, payment.other);
        if target == Party::NOBODY {
            return End::default();
        }
        let classes = classes_behind(at.world, payment.party, payment.other);
        if classes.meets(self.off_ramps) {
            let country = at.world.country(target).or_else(|| at.world.country(payment.party));
            let is_risk = country.is_some_and(|country| self.countries.contains(&country));
            return End { is_ramp: true, is_risk, txs: vec![payment.tx] };
        }
        if hops == 0 || classes.meets(self.services) {
            return End::default();
        }
        if way.left == 0 {
            way.is_bound = true;
            return End::default();
        }
        way.left -= 1;
        let timeline = read(at, payment.party, MOVES_MAX);
        let is_next =
            |m: &&Move| m.way == Way::Out && m.tx >= payment.tx && m.time.saturating_sub(payment.time) <= self.onward;
        for next in timeline.moves.iter().filter(is_next).take(WAY_MAX) {
            // a trickle is not the payment going on
            if next.units.saturating_mul(2) < payment.units || next.asset != payment.asset {
                continue;
            }
            let mut end = self.end(at, next, hops - 1, way);
            if end.is_ramp {
                end.txs.push(payment.tx);
                return end;
            }
        }
        End::default()
    }
}

/// What a walk towards off-ramps may still read.
struct Budget {
    left: usize,
    is_bound: bool,
}

#[derive(Default)]
struct End {
    is_ramp: bool,
    is_risk: bool,
    txs: Vec<u32>,
}

/// A window of events: from and to, of their order.
#[derive(Clone, Copy)]
struct Window(usize, usize);

impl Window {
    const fn len(self) -> usize {
        self.1 - self.0
    }

    fn span(self, times: &[u32]) -> Option<(u32, u32)> {
        let times = times.get(self.0..self.1)?;
        Some((*times.first()?, *times.last()?))
    }
}

/// The window with most events; the earliest of equal ones.
fn busiest(times: &[u32], seconds: u32) -> Window {
    let (mut start, mut best) = (0, Window(0, 0));
    for end in 0..times.len() {
        while times[end].saturating_sub(times[start]) >= seconds && start < end {
            start += 1;
        }
        if end + 1 - start > best.len() {
            best = Window(start, end + 1);
        }
    }
    best
}

/// How many, of a thousand, are the most frequent value.
fn most_equal(values: impl Iterator<Item = u64>) -> Option<i64> {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    let most = values.chunk_by(|a, b| a == b).map(<[u64]>::len).max()?;
    permille(most as u64, values.len() as u64)
}

#[cfg(test)]
mod tests;
