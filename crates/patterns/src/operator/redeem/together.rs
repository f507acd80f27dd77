//! Coupons that come together only at the off-ramp: each redeemed to a fresh address, from which the coins go, straight or over
//! one wallet more, to one customer's address at an exchange.
//!
//! No party shows such a beneficiary: nothing ties the fresh addresses but that one account takes all they held. The service that
//! the account is at is not looked at beyond that address.

use super::context;
use super::{BUYER_HOLD, BUYER_MOVES_MAX, Beside, Redeem, SELLER_MOVES_MAX, busiest, most_equal, recorded_of};
use crate::measure::permille;
use crate::operator::At;
use crate::operator::onward::{Leaving, leaving};
use crate::operator::start::{behind, classes_behind, read};
use crate::operator::through::businesses;
use crate::{Candidate, Classes, Move, Party, Redemption, Subject, Sum, Timeline, Way};
use athar_types::{Bilingual, Category, isolated};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// Coupons that one address takes at most: where more come together it is the service's own till.
const COUPONS_MAX: usize = 2_000;

/// Payments that a customer's account takes at most: what takes more is the service's own till.
const PAYERS_MAX: usize = 20_000;

/// A coupon's way to an off-ramp.
#[derive(Clone, Copy, Debug)]
struct Path {
    /// The receipt of the coupon.
    coupon: Move,
    /// The wallet that it was redeemed to.
    wallet: Party,
    /// The payment that reached the off-ramp, and by whom.
    payment: Move,
    payer: Party,
    /// The payment to the wallet in between, where there is one.
    between: Option<u32>,
}

impl Redeem {
    /// Candidates for every address of an off-ramp at which coupons of several wallets come together.
    pub(super) fn together(&self, at: &At<'_>, beside: &Beside<'_>, sellers: &[Party]) -> Vec<Candidate> {
        if sellers.is_empty() {
            return Vec::new();
        }
        let groups = match at.changed {
            None => self.groups(at, sellers),
            Some(changed) => {
                // few coupons reach an off-ramp with any block
                let ends = self.new_ends(at, changed);
                ends.par_iter().filter_map(|address| Some((*address, self.group(at, *address)?))).collect()
            }
        };
        let many = groups.into_par_iter().filter(|(_, paths)| paths.len() as u64 >= self.least);
        many.filter_map(|(address, paths)| self.of_group(at, beside, address, &paths)).collect()
    }

    /// Addresses of off-ramps at which coupons ended with new transactions.
    fn new_ends(&self, at: &At<'_>, changed: &[Party]) -> Vec<u32> {
        let of = |party: &Party| {
            let mut wallets = vec![*party];
            if let Some(timeline) = self.wallet(at, *party) {
                wallets.extend(timeline.received().map(|m| m.party).filter(|p| *p != Party::NOBODY));
            }
            wallets.sort_unstable();
            wallets.dedup();
            let paths = wallets.into_iter().flat_map(|wallet| self.paths(at, wallet));
            let is_new = |path: &Path| path.wallet == *party || path.payer == *party;
            paths.filter(is_new).map(|path| path.payment.other).collect::<Vec<_>>()
        };
        let mut ends: Vec<u32> = changed.par_iter().flat_map_iter(of).collect();
        ends.sort_unstable();
        ends.dedup();
        ends
    }

    /// The ways of all coupons, by the address that they end at, and in order of time.
    fn groups(&self, at: &At<'_>, sellers: &[Party]) -> Vec<(u32, Vec<Path>)> {
        let of = |seller: &Party| {
            let timeline = read(at, *seller, SELLER_MOVES_MAX);
            let paid = timeline.sent().filter(|m| self.is_coupon(at, m));
            paid.map(|m| m.party).collect::<Vec<_>>()
        };
        let mut wallets: Vec<Party> = sellers.par_iter().flat_map_iter(of).collect();
        wallets.sort_unstable();
        wallets.dedup();
        let mut paths: Vec<Path> = wallets.par_iter().flat_map_iter(|wallet| self.paths(at, *wallet)).collect();
        paths.sort_by_key(order);
        let groups = paths.chunk_by(|a, b| a.payment.other == b.payment.other);
        groups.map(|group| (group[0].payment.other, group.to_vec())).collect()
    }

    /// The ways that end at one address, from there back: over whoever paid it, and whoever paid these. `None` where more paid it
    /// than pay a customer's account.
    fn group(&self, at: &At<'_>, address: u32) -> Option<Vec<Path>> {
        let mut wallets = at.world.payers_of(address, PAYERS_MAX)?;
        let before = wallets.iter().filter_map(|payer| self.wallet(at, *payer));
        let before: Vec<Party> =
            before.flat_map(|timeline| timeline.moves).filter(is_from_somebody).map(|m| m.party).collect();
        wallets.extend(before);
        wallets.sort_unstable();
        wallets.dedup();
        let paths = wallets.par_iter().flat_map_iter(|wallet| self.paths(at, *wallet));
        let mut paths: Vec<Path> = paths.filter(|path| path.payment.other == address).collect();
        paths.sort_by_key(order);
        Some(paths)
    }

    /// A wallet that may redeem for somebody, read; `None` where it is a service or too busy.
    fn wallet(&self, at: &At<'_>, party: Party) -> Option<Timeline> {
        let is_one = party != Party::NOBODY
            && !at.world.classes(party).meets(self.services)
            && !at.world.is_heavier(party, BUYER_MOVES_MAX);
        is_one.then(|| read(at, party, BUYER_MOVES_MAX as usize))
    }

    /// The ways of a wallet's coupons that reach an off-ramp.
    fn paths(&self, at: &At<'_>, wallet: Party) -> Vec<Path> {
        let Some(timeline) = self.wallet(at, wallet) else { return Vec::new() };
        let is_one = |m: &&Move| self.is_seller(at, m.party) && self.is_coupon(at, m);
        let coupons: Vec<Move> = timeline.received().filter(is_one).copied().collect();
        if coupons.is_empty() {
            return Vec::new();
        }
        let sent = leaving(at, &timeline);
        let of = |coupon: &Move| {
            let first = next(&timeline, &sent, coupon)?;
            if first.time.saturating_sub(coupon.time) > BUYER_HOLD {
                return None;
            }
            if self.is_ramp(at, &first) {
                return Some(Path { coupon: *coupon, wallet, payment: first, payer: wallet, between: None });
            }
            let between = self.wallet(at, first.party).filter(|_| self.hops > 0)?;
            let receipt = *between.received().find(|m| m.tx == first.tx && m.own == first.other)?;
            let second = next(&between, &leaving(at, &between), &receipt)?;
            let is_end = self.is_ramp(at, &second) && second.time.saturating_sub(coupon.time) <= 2 * BUYER_HOLD;
            is_end.then_some(Path {
                coupon: *coupon,
                wallet,
                payment: second,
                payer: first.party,
                between: Some(first.tx),
            })
        };
        coupons.iter().filter_map(of).collect()
    }

    fn is_ramp(&self, at: &At<'_>, payment: &Move) -> bool {
        payment.other != u32::MAX && classes_behind(at.world, payment.party, payment.other).meets(self.off_ramps)
    }

    fn of_group(&self, at: &At<'_>, beside: &Beside<'_>, address: u32, paths: &[Path]) -> Option<Candidate> {
        if paths.len() > COUPONS_MAX || at.world.payers_of(address, PAYERS_MAX).is_none() {
            return None;
        }
        let times: Vec<u32> = paths.iter().map(|p| p.coupon.time).collect();
        let window = busiest(&times, self.window);
        let paths = paths.get(window.0..window.1)?;
        if (paths.len() as u64) < self.least {
            return None;
        }
        // where one party shows enough of them it is the beneficiary, and is looked at as such
        let mut by_payer: FxHashMap<Party, u64> = FxHashMap::default();
        for path in paths {
            *by_payer.entry(path.payer).or_default() += 1;
        }
        if by_payer.values().any(|count| *count >= self.least) {
            return None;
        }
        let (first, last) = (paths.first()?, paths.last()?);
        let coupons: Vec<&Move> = paths.iter().map(|p| &p.coupon).collect();
        let mut candidate = Candidate::of(Subject::Party(first.payer), coupons.iter().copied());
        candidate.addresses.extend(paths.iter().map(|p| p.payment.own));
        candidate.txs.extend(paths.iter().flat_map(|p| p.between.into_iter().chain([p.payment.tx])));
        candidate.parties = paths.iter().flat_map(|p| [p.wallet, p.payer, p.coupon.party]).collect();
        candidate.end = paths.iter().map(|p| p.payment.time).fold(last.coupon.time, u32::max);
        candidate.total = Sum::of(coupons.iter().copied());
        let at_one = at.world.address_text(address);
        candidate
            .notes
            .push(Bilingual::new(format!("all at {at_one}"), format!("كلها على العنوان {}", isolated(&at_one))));
        let mut recorded: Vec<&Redemption> =
            paths.iter().flat_map(|p| recorded_of(&beside.records, &p.coupon)).collect();
        recorded.sort_by(|a, b| (a.time, &a.record).cmp(&(b.time, &b.record)));
        recorded.dedup_by(|a, b| a.record == b.record);
        self.records(&recorded, &mut candidate);
        let by_record = recorded.iter().map(|r| beside.context.of_record(at.world, r, first.payer));
        let by_chain = paths.iter().map(|p| beside.context.of_parties([p.wallet, p.payer]));
        context::put(&mut candidate, by_record, by_chain);
        candidate.tidy();
        let service = behind(at.world, first.payment.party, address);
        let country = at.world.country(service).or_else(|| at.world.country(first.payment.party));
        let is_risk = country.is_some_and(|country| self.countries.contains(&country));
        let units = |paths: &mut dyn Iterator<Item = &Path>| paths.map(|p| p.coupon.units).sum::<u128>();
        let is_soon = |p: &&Path| p.payment.time.saturating_sub(p.coupon.time) <= self.onward;
        let (all, soon) = (units(&mut paths.iter()), units(&mut paths.iter().filter(is_soon)));
        let buyers: BTreeSet<Party> = paths.iter().filter(|p| p.between.is_some()).map(|p| p.wallet).collect();
        let parties = paths.iter().flat_map(|p| [p.wallet, p.payer]).map(|p| at.world.classes(p));
        let classes = parties.fold(Classes::NONE, Classes::with);
        let measures = &mut candidate.measures;
        measures.set("redemptions", paths.len());
        measures.set("on_chain", paths.len());
        if !buyers.is_empty() {
            let most = |name| measures.get(name).unwrap_or(0).max(buyers.len() as i64);
            let (points, of) = (most("points"), most("buyers"));
            measures.set("points", points);
            measures.set("buyers", of);
        }
        measures.maybe("onward_permille", permille(soon, all));
        measures.maybe("off_ramp_permille", permille(soon, all));
        measures.maybe("risk_off_ramp_permille", permille(if is_risk { soon } else { 0 }, all));
        if measures.get("equal_permille").is_none() {
            measures.maybe("equal_permille", most_equal(coupons.iter().map(|m| m.cents)));
        }
        measures.set("humanitarian", i64::from(classes.meets(Classes::of([Category::HumanitarianOrganisation]))));
        measures.set("service", 0);
        measures.set("labelled_business", i64::from(classes.meets(businesses())));
        measures.set("bound_hit", 0);
        Some(candidate)
    }
}

/// The order of ways: by where they end, then by time.
fn order(path: &Path) -> (u32, u32, u32, u32, u128) {
    (path.payment.other, path.coupon.time, path.coupon.tx, path.coupon.own, path.coupon.units)
}

fn is_from_somebody(movement: &Move) -> bool {
    movement.way == Way::In && movement.party != Party::NOBODY
}

/// By which payment a receipt left the party: of the transaction the largest that is no change, and no trickle.
fn next(timeline: &Timeline, leaving: &Leaving<'_>, receipt: &Move) -> Option<Move> {
    let from = timeline.moves.partition_point(|m| m.tx < receipt.tx);
    let spent = timeline.moves[from..].iter().find(|m| m.way == Way::Out && m.time == receipt.left)?.tx;
    let of_tx = leaving.sent.iter().filter(|m| m.tx == spent && m.asset == receipt.asset && m.party != Party::NOBODY);
    of_tx.max_by_key(|m| m.units).filter(|m| m.units.saturating_mul(2) >= receipt.units).map(|m| **m)
}
