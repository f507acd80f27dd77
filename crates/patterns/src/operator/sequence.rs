//! `sequence`: coins bought at an on-ramp, held briefly, and spent at a labelled vendor, by somebody who did nothing before.
//!
//! It starts from the vendors' receipts and looks back. On chains of outputs the buyer's coins often lie at a fresh address of
//! change: where a payer has one address that got the change of somebody else's payment, the look goes on at that one.
//!
//! A market takes a fresh address for every order and sweeps many of them at once into the wallet that the label names. Co-spending
//! ties the swept ones to each other and often not to that wallet, so whoever paid an order is two steps from the label: what
//! gathers from several and then hands everything to the vendor, without change, is the vendor's own till.

use super::onward::change;
use super::specs::{m, p};
use super::start::{behind, classes_behind, pools, read};
use super::{At, Bound, Renewal, Scope, Spec};
use crate::{Candidate, Classes, Move, Party, Subject, Sum, Timeline, Unit, Way};
use rayon::prelude::*;

/// Movements of a vendor that are read.
const VENDOR_MOVES_MAX: usize = 1_000_000;
/// Movements of a buyer that are read: who moves more is no first-time buyer.
const BUYER_MOVES_MAX: u64 = 500;
/// Movements of a party that may be a vendor's till, up to a sweep.
const TILL_MOVES_MAX: u64 = 5_000;
/// Distinct parties that paid into a till at least: of a buyer's own wallet the coins rarely come from so many, and never all of
/// them go on whole.
const TILL_PAYERS_MIN: usize = 3;

pub(super) static SPEC: Spec = Spec {
    name: "sequence",
    about: "bought at an on-ramp, held briefly, spent at a labelled vendor, with nothing before",
    parameters: &[
        p("vendors", Unit::Count, "categories of the vendors"),
        p("on_ramps", Unit::Count, "categories of those who sell coins"),
        p("cents_min", Unit::UsdCents, "a purchase is worth at least"),
        p("cents_max", Unit::UsdCents, "and at most"),
        p("hold_hours", Unit::Hours, "from the on-ramp to the vendor at most"),
        p("hops", Unit::Count, "times that the look back goes on over change"),
    ],
    measures: &[
        m("purchase_cents", Unit::UsdCents, "what was paid to the vendor"),
        m("hold_minutes", Unit::Minutes, "from the on-ramp to the vendor"),
        m("hops", Unit::Count, "over how many addresses of change the look went"),
        m("earlier_purchases", Unit::Count, "payments to such vendors before it, of the same coins' owner"),
        m("earlier_movements", Unit::Count, "movements of the one who bought the coins, before he did"),
        m("weapons_or_papers", Unit::Flag, "the vendor is labelled for weapons, or for false documents and cards"),
        m("bound_hit", Unit::Flag, "the vendor has more movements than are read"),
    ],
    bind: |params| {
        Ok(Box::new(Sequence {
            vendors: params.classes("vendors")?,
            on_ramps: params.classes("on_ramps")?,
            cents: (params.number("cents_min")?, params.number("cents_max")?),
            hold: params.small("hold_hours")?.saturating_mul(3_600),
            hops: params.small("hops")?.min(16),
            services: pools(),
        }))
    },
};

struct Sequence {
    vendors: Classes,
    on_ramps: Classes,
    cents: (u64, u64),
    hold: u32,
    hops: u32,
    services: Classes,
}

impl Bound for Sequence {
    fn scope(&self) -> Scope {
        Scope::Whole
    }

    fn renewal(&self) -> Renewal {
        Renewal::Added
    }

    fn whole(&self, at: &At<'_>, found: &mut Vec<Candidate>) {
        let mut vendors = at.world.labelled(self.vendors);
        // addresses at which customers of such a vendor deposit
        for (address, service) in &at.world.facts().deposit_service {
            if at.world.classes(at.world.party(*service)).meets(self.vendors) {
                vendors.push(at.world.party(*address));
            }
        }
        vendors.sort_unstable();
        vendors.dedup();
        vendors.retain(|p| *p != Party::NOBODY);
        let purchases = match at.since {
            Some(since) => (self.new_purchases(at, &vendors, since), false),
            None => self.all_purchases(at, &vendors),
        };
        let of = |purchase: &Purchase| self.look(at, purchase, purchases.1);
        found.extend(purchases.0.par_iter().filter_map(of).collect::<Vec<_>>());
    }
}

impl Sequence {
    fn is_asked(&self, movement: &Move) -> bool {
        movement.worth().is_some_and(|cents| (self.cents.0..=self.cents.1).contains(&cents))
    }

    /// Every payment to a vendor, seen from the buyer; and whether a vendor has more movements than are read.
    fn all_purchases(&self, at: &At<'_>, vendors: &[Party]) -> (Vec<Purchase>, bool) {
        let (mut paid, mut is_cut) = (Vec::new(), false);
        for vendor in vendors {
            let timeline = read(at, *vendor, VENDOR_MOVES_MAX);
            is_cut |= timeline.is_cut;
            let of = |m: &Move| (m.party, m.tx, *vendor);
            paid.extend(timeline.received().filter(|m| m.party != Party::NOBODY).map(of));
        }
        paid.sort_unstable();
        paid.dedup();
        let of = |paid: &[(Party, u32, Party)]| self.of_payer(at, paid);
        let all: Vec<Purchase> = paid.par_chunk_by(|a, b| a.0 == b.0).flat_map_iter(of).collect();
        (all, is_cut)
    }

    /// Payments to vendors in new transactions: from the buyers, who are small, not from the vendors, who need not be.
    fn new_purchases(&self, at: &At<'_>, vendors: &[Party], since: u32) -> Vec<Purchase> {
        if vendors.is_empty() {
            return Vec::new();
        }
        let of = |tx: u32| {
            let mut parties = Vec::new();
            at.world.parties_of(tx, &mut parties);
            parties.sort_unstable();
            parties.dedup();
            let (to, from): (Vec<Party>, Vec<Party>) = parties
                .into_iter()
                .filter(|p| *p != Party::NOBODY)
                .partition(|party| vendors.binary_search(party).is_ok());
            let pairs = from.iter().flat_map(|payer| to.iter().map(|vendor| (*payer, tx, *vendor)));
            pairs.flat_map(|paid| self.of_payer(at, &[paid])).collect::<Vec<_>>()
        };
        (since..at.world.txs()).into_par_iter().flat_map_iter(of).collect()
    }

    /// What one payer's transactions with vendors were: purchases of its own; or, where it is a vendor's till, those of whoever
    /// paid into it. Nothing that came after a transaction decides what it was.
    fn of_payer(&self, at: &At<'_>, paid: &[(Party, u32, Party)]) -> Vec<Purchase> {
        let Some((payer, _, _)) = paid.first() else { return Vec::new() };
        let classes = at.world.classes(*payer);
        if at.world.is_heavier(*payer, TILL_MOVES_MAX) || classes.meets(self.services) || classes.meets(self.vendors) {
            return Vec::new();
        }
        let timeline = read(at, *payer, TILL_MOVES_MAX as usize);
        let mut found = Vec::new();
        for (_, tx, vendor) in paid {
            let of_tx = timeline.sent().filter(|m| m.tx == *tx && m.party == *vendor);
            if is_till(at, &timeline, *tx, *vendor) {
                let swept = timeline.received().filter(|m| sweep_of(&timeline, m) == Some(*tx));
                let flip = |m: &Move| Move { way: Way::Out, own: m.other, other: m.own, party: *vendor, ..*m };
                let bought = swept.filter(|m| m.party != Party::NOBODY && self.is_asked(m)).map(flip);
                found.extend(bought.map(|payment| Purchase { payment, swept: Some((*payer, *tx)) }));
            } else {
                found.extend(of_tx.filter(|m| self.is_asked(m)).map(|m| Purchase { payment: *m, swept: None }));
            }
        }
        found
    }

    fn look(&self, at: &At<'_>, bought: &Purchase, is_cut: bool) -> Option<Candidate> {
        let (purchase, swept) = (&bought.payment, bought.swept);
        let vendor = purchase.party;
        let till = swept.map(|(till, _)| till);
        if purchase.own == u32::MAX {
            return None;
        }
        let (mut owner, mut tx, mut hops, mut earlier) = (at.world.party(purchase.own), purchase.tx, 0, 0);
        let mut addresses = vec![purchase.own];
        let mut txs = vec![purchase.tx];
        let (bought, before) = loop {
            if owner == Party::NOBODY || at.world.is_heavier(owner, BUYER_MOVES_MAX) {
                return None;
            }
            let classes = at.world.classes(owner);
            if classes.meets(self.services) || classes.meets(self.vendors) {
                return None;
            }
            let timeline = read(at, owner, BUYER_MOVES_MAX as usize);
            let is_purchase = |m: &&Move| {
                m.way == Way::Out
                    && m.tx < purchase.tx
                    && (classes_behind(at.world, m.party, m.other).meets(self.vendors) || Some(m.party) == till)
            };
            let mut purchases: Vec<u32> = timeline.moves.iter().filter(is_purchase).map(|m| m.tx).collect();
            purchases.dedup();
            earlier += purchases.len();
            let is_asked = |m: &&Move| m.tx <= tx && purchase.time.saturating_sub(m.time) <= self.hold;
            let recent: Vec<&Move> = timeline.received().filter(is_asked).collect();
            let is_sold = |m: &&&Move| {
                m.asset == purchase.asset && classes_behind(at.world, m.party, m.other).meets(self.on_ramps)
            };
            if let Some(bought) = recent.iter().rfind(is_sold) {
                let before = timeline.moves.iter().filter(|m| m.tx < bought.tx).count();
                break (**bought, before);
            }
            // the change of an earlier payment of the same owner
            let next = recent.iter().rev().find_map(|m| self.payer_whose_change(at, &timeline, m))?;
            if hops == self.hops {
                return None;
            }
            hops += 1;
            addresses.push(next.own);
            txs.push(next.tx);
            (owner, tx) = (next.payer, next.tx);
        };
        let mut candidate = Candidate::of(Subject::Party(owner), [purchase]);
        addresses.push(bought.own);
        txs.push(bought.tx);
        txs.extend(swept.map(|(_, tx)| tx));
        candidate.addresses = addresses;
        candidate.txs = txs;
        candidate.parties = vec![vendor, behind(at.world, vendor, purchase.other), bought.party];
        candidate.start = bought.time;
        candidate.linked = Some(Sum::of([purchase]));
        candidate.tidy();
        let papers = Classes::of([athar_types::Category::Weapons, athar_types::Category::FraudShop]);
        let measures = &mut candidate.measures;
        measures.set("purchase_cents", purchase.cents);
        measures.set("hold_minutes", purchase.time.saturating_sub(bought.time) / 60);
        measures.set("hops", hops);
        measures.set("earlier_purchases", earlier);
        measures.set("earlier_movements", before);
        measures.set("weapons_or_papers", i64::from(classes_behind(at.world, vendor, purchase.other).meets(papers)));
        measures.set("bound_hit", i64::from(is_cut));
        Some(candidate)
    }

    /// Who paid the party what may be his change, where the party has one address.
    fn payer_whose_change(&self, at: &At<'_>, timeline: &Timeline, receipt: &Move) -> Option<Payer> {
        let payer = receipt.party;
        if payer == Party::NOBODY
            || at.world.size(timeline.party) != 1
            || at.world.classes(payer).meets(self.services)
            || at.world.is_heavier(payer, BUYER_MOVES_MAX)
        {
            return None;
        }
        let paying = read(at, payer, BUYER_MOVES_MAX as usize);
        let of_tx: Vec<&Move> = paying.sent().filter(|m| m.tx == receipt.tx).collect();
        let change = change(at, &of_tx)?;
        (change.other == receipt.own).then_some(Payer { payer, own: change.own, tx: change.tx })
    }
}

/// A payment to a vendor, seen from the buyer; where it went through the vendor's till, that till and the sweep of it.
struct Purchase {
    payment: Move,
    swept: Option<(Party, u32)>,
}

/// Whether the party was nothing but the vendor's till up to that transaction: several paid into it, and every payment out of it
/// gave the vendor everything at once.
fn is_till(at: &At<'_>, timeline: &Timeline, tx: u32, vendor: Party) -> bool {
    let until = timeline.moves.partition_point(|m| m.tx <= tx);
    let moves = &timeline.moves[..until];
    let mut payers: Vec<Party> =
        moves.iter().filter(|m| m.way == Way::In && m.party != Party::NOBODY).map(|m| m.party).collect();
    payers.sort_unstable();
    payers.dedup();
    let is_sweep = |m: &Move| m.party == vendor && at.world.output_count(m.tx) == 1;
    payers.len() >= TILL_PAYERS_MIN && moves.iter().filter(|m| m.way == Way::Out).all(is_sweep)
}

/// The transaction by which a receipt left the party.
fn sweep_of(timeline: &Timeline, receipt: &Move) -> Option<u32> {
    let from = timeline.moves.partition_point(|m| m.tx < receipt.tx);
    timeline.moves[from..].iter().find(|m| m.way == Way::Out && m.time == receipt.left).map(|m| m.tx)
}

/// One step back.
struct Payer {
    payer: Party,
    own: u32,
    tx: u32,
}

#[cfg(test)]
mod tests;
