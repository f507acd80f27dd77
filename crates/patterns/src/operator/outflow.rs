//! `outflow`: what somebody who says what he is does with the money: an appeal for aid that pays no aid, a shop that never
//! refunds and deals with known parties.
//!
//! It starts from pages and labels. On chains of outputs it follows what may be change, so that a wallet's later payments are
//! seen although each starts from another address.

use super::onward::leaving;
use super::specs::{m, p};
use super::start::{classes_behind, pools, read};
use super::{At, Bound, Scope, Spec};
use crate::measure::permille;
use crate::{Candidate, Classes, Move, Party, Subject, Sum, Timeline, Unit, Way};
use athar_types::{Bilingual, Category};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// Movements of a party that are read.
const MOVES_MAX: usize = 100_000;
/// Subjects whose change is followed with each new block.
const EACH_BLOCK_MAX: usize = 200;
/// Parties of change that are followed for one subject.
const CHANGE_MAX: usize = 300;

pub(super) static SPEC: Spec = Spec {
    name: "outflow",
    about: "where the money of one who says what he is goes, and whether he ever refunds",
    parameters: &[
        p("of_pages", Unit::Flag, "1: parties whose address stands on a page that claims to give aid"),
        p("of_categories", Unit::Count, "parties with labels of these categories, too"),
        p("spent_on", Unit::Count, "categories that an honest one would pay"),
        p("exits", Unit::Count, "categories that turn coins into money"),
        p("linked_to", Unit::Count, "categories of the parties that count as known"),
        p("allow", Unit::Count, "addresses of aid organisations that are left out, besides what labels say"),
        p("dust_cents", Unit::UsdCents, "movements worth less are not looked at"),
    ],
    measures: &[
        m("outflow_cents", Unit::UsdCents, "what it paid, without what may be change"),
        m("payments", Unit::Count, "in how many payments"),
        m("spent_permille", Unit::Permille, "part of it to those that an honest one would pay"),
        m("exit_permille", Unit::Permille, "part of it to exits and known parties"),
        m("unknown_permille", Unit::Permille, "part of it to parties of which nothing is known"),
        m("receipts", Unit::Count, "receipts"),
        m("customers", Unit::Count, "distinct senders"),
        m("refunds", Unit::Count, "payments to an earlier payer, or of exactly the units of an earlier receipt"),
        m("linked_parties", Unit::Count, "known parties that it dealt with; its own label counts"),
        m(
            "allowed",
            Unit::Flag,
            "a label names it as an aid organisation or an authority, or the rule lists its address",
        ),
        m("service", Unit::Flag, "a label says that it pools customers' money, or the address is a deposit address"),
        m("change_parties", Unit::Count, "addresses of change that were followed"),
        m("bound_hit", Unit::Flag, "more movements or change than is read"),
    ],
    bind: |params| {
        Ok(Box::new(Outflow {
            of_pages: params.number("of_pages")? == 1,
            of_categories: params.classes("of_categories")?,
            spent_on: params.classes("spent_on")?,
            exits: params.classes("exits")?,
            linked: params.classes("linked_to")?,
            allow: params.names("allow")?.iter().cloned().collect(),
            dust: params.number("dust_cents")?,
        }))
    },
};

struct Outflow {
    of_pages: bool,
    of_categories: Classes,
    spent_on: Classes,
    exits: Classes,
    linked: Classes,
    allow: FxHashSet<String>,
    dust: u64,
}

impl Bound for Outflow {
    fn scope(&self) -> Scope {
        Scope::Whole
    }

    fn whole(&self, at: &At<'_>, found: &mut Vec<Candidate>) {
        // a party with the published address and the places where it stands
        let mut subjects: BTreeMap<Party, (Vec<u32>, Vec<String>)> = BTreeMap::new();
        if self.of_pages {
            for page in at.world.facts().publications.iter().filter(|p| p.claims_aid && !p.is_quoted) {
                if let Some(address) = page.address {
                    let subject = subjects.entry(at.world.party(address)).or_default();
                    subject.0.push(address);
                    subject.1.push(format!("{} ({})", page.place, page.item));
                }
            }
        }
        for party in at.world.labelled(self.of_categories) {
            subjects.entry(party).or_default();
        }
        let mut subjects: Vec<_> = subjects.into_iter().filter(|(party, _)| *party != Party::NOBODY).collect();
        // with each new block the change of every subject is too much to read: then a later payment out of change alone is
        // found by the next whole run
        if at.changed.is_some() && subjects.len() > EACH_BLOCK_MAX {
            subjects.retain(|(party, _)| at.is_due(*party));
        }
        let of =
            |(party, (addresses, places)): &(Party, (Vec<u32>, Vec<String>))| self.look(at, *party, addresses, places);
        found.extend(subjects.par_iter().filter_map(of).collect::<Vec<_>>());
    }
}

/// The timelines of a wallet: the party's own, then those of what may be its change.
fn wallet(at: &At<'_>, party: Party) -> (Vec<Timeline>, FxHashSet<(u32, u32)>, bool) {
    let mut timelines = vec![read(at, party, MOVES_MAX)];
    let (mut is_bound, mut known) = (timelines[0].is_cut, FxHashSet::from_iter([party]));
    // transaction and address of what went to change: movements within the wallet
    let mut within = FxHashSet::default();
    let mut next = 0;
    while next < timelines.len() {
        let change: Vec<(Party, u32, u32)> =
            leaving(at, &timelines[next]).change.iter().map(|m| (m.party, m.tx, m.other)).collect();
        for (party, tx, address) in change {
            within.insert((tx, address));
            // a change address that was merged into a larger party is no longer this wallet's alone
            if at.world.size(party) != 1 || !known.insert(party) {
                continue;
            }
            if timelines.len() > CHANGE_MAX {
                is_bound = true;
                continue;
            }
            timelines.push(read(at, party, MOVES_MAX));
        }
        next += 1;
    }
    (timelines, within, is_bound)
}

impl Outflow {
    fn look(&self, at: &At<'_>, party: Party, addresses: &[u32], places: &[String]) -> Option<Candidate> {
        // cheap first: who has not moved at all gives nothing
        let own = at.world.classes(party);
        let (timelines, within, is_bound) = wallet(at, party);
        if at.changed.is_some() && !timelines.iter().any(|t| at.is_due(t.party)) {
            return None;
        }
        let wallets: FxHashSet<Party> = timelines.iter().map(|t| t.party).collect();
        let is_within = |m: &Move| match m.way {
            Way::Out => within.contains(&(m.tx, m.other)) || wallets.contains(&m.party),
            Way::In => wallets.contains(&m.party),
        };
        let kept = |m: &&Move| m.worth().is_some_and(|cents| cents >= self.dust) && !is_within(m);
        let mut moves: Vec<&Move> = timelines.iter().flat_map(|t| &t.moves).filter(kept).collect();
        moves.sort_by_key(|m| (m.tx, m.way, m.own, m.other, m.units));
        let (received, paid): (Vec<&Move>, Vec<&Move>) = moves.iter().partition(|m| m.way == Way::In);
        if received.is_empty() {
            return None;
        }
        let mut candidate = Candidate::of(Subject::Party(party), moves.iter().copied());
        let (mut spent, mut exits, mut unknown, mut all) = (0_u64, 0_u64, 0_u64, 0_u64);
        let (mut linked, mut known) = (Sum::default(), FxHashSet::default());
        let mut is_known = |m: &Move, classes: Classes| {
            let is_known = classes.meets(self.linked);
            if is_known {
                known.insert(m.party);
                if m.asset == candidate.asset {
                    linked.add(m);
                }
            }
            is_known
        };
        for movement in &paid {
            let classes = classes_behind(at.world, movement.party, movement.other);
            all = all.saturating_add(movement.cents);
            let place = if is_known(movement, classes) || classes.meets(self.exits) {
                &mut exits
            } else if classes.meets(self.spent_on) {
                &mut spent
            } else {
                &mut unknown
            };
            *place = place.saturating_add(movement.cents);
        }
        for movement in &received {
            is_known(movement, classes_behind(at.world, movement.party, movement.other));
        }
        // what came in is the amount. Of an account that was there before its transfers were kept, more may have gone to known parties
        candidate.total = Sum::of(received.iter().copied().filter(|m| m.asset == candidate.asset));
        let is_all = own.meets(self.linked) || linked.units > candidate.total.units;
        candidate.linked = Some(if is_all { candidate.total } else { linked });
        candidate.addresses.extend(addresses);
        candidate.notes.extend(places.iter().take(10).cloned().map(Bilingual::same));
        candidate.tidy();
        let deposits = &at.world.facts().deposits;
        let is_deposit =
            received.iter().any(|m| deposits.contains(&m.own)) || addresses.iter().any(|a| deposits.contains(a));
        let customers: FxHashSet<Party> = received.iter().map(|m| m.party).filter(|p| *p != Party::NOBODY).collect();
        let trade = Classes::of([Category::Market, Category::Merchant, Category::PaymentProcessor]);
        let mut written = candidate.addresses.iter().take(crate::ADDRESSES_MAX).map(|a| at.world.address_text(*a));
        let is_listed = !self.allow.is_empty() && written.any(|text| self.allow.contains(&text));
        let measures = &mut candidate.measures;
        measures.set("outflow_cents", all);
        measures.set("payments", paid.len());
        measures.maybe("spent_permille", permille(spent, all));
        measures.maybe("exit_permille", permille(exits, all));
        measures.maybe("unknown_permille", permille(unknown, all));
        measures.set("receipts", received.len());
        measures.set("customers", customers.len());
        measures.set("refunds", self.refunds(at, &received, &paid));
        measures.set("linked_parties", known.len() + usize::from(own.meets(self.linked)));
        let allowed = Classes::of([Category::HumanitarianOrganisation, Category::Authority]);
        measures.set("allowed", i64::from(is_listed || own.meets(allowed)));
        // a market is a service to a trace; as the subject of this rule it is the shop itself
        let is_service = own.meets(pools()) && !own.meets(trade);
        measures.set("service", i64::from(is_service || is_deposit));
        measures.set("change_parties", timelines.len() - 1);
        measures.set("bound_hit", i64::from(is_bound || timelines.iter().any(|t| t.is_cut)));
        Some(candidate)
    }

    /// Payments to somebody who paid before, or of exactly the units of an earlier receipt to somebody unlabelled. Known parties
    /// and services that hold many customers are no customer of a shop.
    fn refunds(&self, at: &At<'_>, received: &[&Move], paid: &[&Move]) -> usize {
        let mut payers: FxHashMap<Party, u32> = FxHashMap::default();
        let mut amounts: FxHashMap<(u32, u128), u32> = FxHashMap::default();
        for receipt in received {
            payers.entry(receipt.party).or_insert(receipt.tx);
            amounts.entry((receipt.asset, receipt.units)).or_insert(receipt.tx);
        }
        let is_refund = |m: &&&Move| {
            let classes = classes_behind(at.world, m.party, m.other);
            let is_earlier = |tx: Option<&u32>| tx.is_some_and(|tx| *tx < m.tx);
            if classes.meets(self.linked) || m.party == Party::NOBODY || classes.meets(pools()) {
                return false;
            }
            is_earlier(payers.get(&m.party)) || classes.is_empty() && is_earlier(amounts.get(&(m.asset, m.units)))
        };
        paid.iter().filter(is_refund).count()
    }
}

#[cfg(test)]
mod tests;
