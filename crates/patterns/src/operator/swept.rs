//! `swept`: a published address whose money a service takes: it is a customer's account there. Its keys are the service's, so it
//! ties to nobody by the chain; whose it is, the service knows.

use super::beside::{NOTES_MAX, m, moves_of, note, p, ranked};
use super::{At, Bound, Scope, Spec};
use crate::measure::permille;
use crate::{Candidate, Classes, Move, Party, Publication, Subject, Unit, Way};
use athar_types::{Bilingual, Category, isolated};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

pub(super) static SPEC: Spec = Spec {
    name: "swept",
    about: "a published address that a service holds for a customer, with the service to ask",
    parameters: &[
        p("sweeps_min", Unit::Count, "fewest payments to one service that are sweeps"),
        p("swept_min", Unit::Permille, "least share of what left that went to that service"),
    ],
    measures: &[
        m("account", Unit::Flag, "whether it is a customer's account: known as one, or by its sweeps"),
        m("known", Unit::Flag, "whether labels or the entities say so, and not the sweeps alone"),
        m("sweeps", Unit::Count, "transactions in which the service took money from it"),
        m("swept_permille", Unit::Permille, "share of what left that went to the service"),
        m("receipts", Unit::Count, "its receipts"),
        m("named", Unit::Flag, "whether a label names the service"),
        m("items", Unit::Count, "documents that name the address"),
        m("soliciting", Unit::Count, "those that solicit and do not quote"),
        m("bound_hit", Unit::Flag, "its entity has too many movements: those of the address were not looked at"),
    ],
    bind: |params| {
        Ok(Box::new(Swept {
            sweeps_min: params.number("sweeps_min")?,
            swept_min: i64::from(params.small("swept_min")?),
            services: Classes::services(),
            custodial: Classes::of([Category::CustodialAccount]),
        }))
    },
};

struct Swept {
    sweeps_min: u64,
    swept_min: i64,
    services: Classes,
    custodial: Classes,
}

impl Bound for Swept {
    fn scope(&self) -> Scope {
        Scope::Whole
    }

    fn whole(&self, at: &At<'_>, found: &mut Vec<Candidate>) {
        let mut by_address: BTreeMap<u32, Vec<&Publication>> = BTreeMap::new();
        for publication in &at.world.facts().publications {
            if let Some(address) = publication.address {
                by_address.entry(address).or_default().push(publication);
            }
        }
        for (address, publications) in by_address {
            if at.is_due(at.world.party(address)) {
                found.extend(self.look(at, address, &publications));
            }
        }
    }
}

impl Swept {
    fn look(&self, at: &At<'_>, address: u32, publications: &[&Publication]) -> Option<Candidate> {
        let (world, facts) = (at.world, at.world.facts());
        let party = world.party(address);
        let is_service = |party: Party| world.classes(party).meets(self.services);
        let known = facts.deposits.contains(&address) || world.address_classes(address).meets(self.custodial);
        // the service's own movements are no movements of this customer's
        let read = if is_service(party) { None } else { moves_of(world, party, |own| own == address) };
        let moves = read.as_deref().unwrap_or(&[]);
        let taken = most_taken(moves, &is_service);
        let (sweeps, share) = taken.map_or((0, None), |(_, sweeps, share)| (sweeps, share));
        let by_sweeps = sweeps >= self.sweeps_min && share.is_some_and(|share| share >= self.swept_min);
        let of_facts = facts.deposit_service.get(&address).map(|service| Party(*service));
        let own = is_service(party).then_some(party);
        let service = of_facts.or(own.filter(|_| known)).or(taken.map(|(service, ..)| service));
        if !known && !by_sweeps {
            return None;
        }
        let received = moves.iter().filter(|m| m.way == Way::In);
        let mut candidate = Candidate::of(Subject::Address(address), ranked(received.clone()));
        let swept = moves.iter().filter(|m| m.way == Way::Out && Some(m.party) == service);
        candidate.txs.extend(swept.map(|m| m.tx));
        candidate.addresses.push(address);
        candidate.parties.extend(service);
        if moves.is_empty() {
            let times = publications.iter().map(|p| p.time.0);
            (candidate.start, candidate.end) = (times.clone().min().unwrap_or(0), times.max().unwrap_or(0));
        }
        let measures = &mut candidate.measures;
        measures.set("account", 1);
        measures.set("known", i64::from(known));
        if read.is_some() {
            measures.set("sweeps", sweeps);
            measures.maybe("swept_permille", share);
            measures.set("receipts", received.count());
        }
        let name = service.and_then(|service| facts.service_names.get(&service.0));
        measures.set("named", i64::from(name.is_some()));
        let items = |of: &dyn Fn(&Publication) -> bool| {
            publications.iter().filter(|p| of(p)).map(|p| p.item.as_str()).collect::<BTreeSet<_>>().len()
        };
        measures.set("items", items(&|_| true));
        measures.set("soliciting", items(&|p| p.solicits && !p.is_quoted));
        measures.set("bound_hit", i64::from(read.is_none() && own.is_none()));
        if let Some(service) = service {
            let country =
                world.country(service).map_or_else(String::new, |c| format!(", {}{}", c[0] as char, c[1] as char));
            let called = name.cloned().unwrap_or_else(|| world.address_text(service.0));
            let asked = note(&format!("{called}{country}"));
            candidate
                .notes
                .push(Bilingual::new(format!("ask: {asked}"), format!("الجهة التي تُسأل: {}", isolated(&asked))));
        }
        for publication in publications.iter().take(NOTES_MAX - 1) {
            candidate.notes.push(note(&format!("{} ({})", publication.place, publication.item)).into());
        }
        Some(candidate)
    }
}

/// The service that took most of what left, in how many transactions, and its share; of the asset that left most often.
fn most_taken(moves: &[Move], is_service: &dyn Fn(Party) -> bool) -> Option<(Party, u64, Option<i64>)> {
    let sent = || moves.iter().filter(|m| m.way == Way::Out);
    let mut assets: BTreeMap<u32, u64> = BTreeMap::new();
    for movement in sent() {
        *assets.entry(movement.asset).or_default() += 1;
    }
    let (asset, _) = assets.into_iter().max_by_key(|(asset, count)| (*count, std::cmp::Reverse(*asset)))?;
    let mut by_party: FxHashMap<Party, (u128, BTreeSet<u32>)> = FxHashMap::default();
    let mut all = 0_u128;
    for movement in sent().filter(|m| m.asset == asset) {
        all = all.saturating_add(movement.units);
        if movement.party != Party::NOBODY && is_service(movement.party) {
            let (units, txs) = by_party.entry(movement.party).or_default();
            *units = units.saturating_add(movement.units);
            txs.insert(movement.tx);
        }
    }
    let (service, (units, txs)) =
        by_party.into_iter().max_by_key(|(party, (units, _))| (*units, std::cmp::Reverse(*party)))?;
    Some((service, txs.len() as u64, permille(units, all)))
}

#[cfg(test)]
mod tests {
    use crate::Publication;
    use crate::fixture::HandWorld;
    use crate::operator::beside::tests::{appeal, hits, value};
    use athar_types::{Category, Level};

    /// Address 0 is published; whatever it receives goes to 9, an exchange, in `sweeps` payments.
    fn account(sweeps: u32) -> HandWorld {
        let mut world = HandWorld::outputs();
        for n in 0..sweeps {
            world.pay(2_000 + n * 100, 10 + n, 0, 1_000);
            world.pay(2_010 + n * 100, 0, 9, 1_000);
        }
        world.label(9, Category::Exchange);
        world.place(9, *b"TR");
        world.facts.publications.push(appeal(0, "channel-a"));
        world.facts.service_names.insert(9, "Example Exchange".into());
        world
    }

    #[test]
    fn a_swept_address_names_the_service_to_ask() {
        let found = hits(&account(3), "deposit-address-in-appeal");
        assert_eq!((found.len(), found[0].subject_text.as_str()), (1, "address-0"));
        assert_eq!(found[0].notes[0].en, "ask: Example Exchange, TR");
        assert_eq!((found[0].txids.len(), value(&found[0], "swept_permille")), (6, Some(1_000)));
        assert_eq!(found[0].total.cents, 3_000);
        assert_eq!(found[0].severity, Level::Medium);
        assert!(found[0].why_en.contains("belongs to no cluster"));
    }

    #[test]
    fn one_payment_to_an_exchange_is_no_sweep() {
        assert!(hits(&account(1), "deposit-address-in-appeal").is_empty());
        assert_eq!(hits(&account(2), "deposit-address-in-appeal").len(), 1);
    }

    #[test]
    fn who_pays_others_too_is_no_account() {
        let mut world = account(9);
        // a tenth goes elsewhere: 9,000 of 10,000
        world.pay(9_000, 0, 8, 1_000);
        assert_eq!(hits(&world, "deposit-address-in-appeal").len(), 1);
        world.pay(9_100, 0, 8, 100);
        assert!(hits(&world, "deposit-address-in-appeal").is_empty());
    }

    #[test]
    fn what_the_entities_know_needs_no_sweeps() {
        let mut world = HandWorld::outputs();
        world.pay(2_000, 5, 0, 1_000);
        world.pay(2_010, 9, 7, 1_000);
        world.tie(&[9, 0]);
        world.label(9, Category::Exchange);
        world.facts.publications.push(appeal(0, "channel-a"));
        assert!(hits(&world, "deposit-address-in-appeal").is_empty());
        world.facts.deposits.insert(0);
        let found = hits(&world, "deposit-address-in-appeal");
        // nothing of the service's own movements is in it
        assert_eq!((found.len(), found[0].txids.len(), found[0].total.units), (1, 0, 0));
        // no label names it
        assert_eq!((found[0].severity, found[0].capped_by.as_deref()), (Level::Low, Some("guard")));
    }

    #[test]
    fn an_exchanges_customer_who_asks_for_nothing_stays_low() {
        let mut world = account(3);
        world.facts.publications[0].solicits = false;
        world.facts.publications.push(Publication { solicits: false, ..appeal(0, "channel-b") });
        let found = hits(&world, "deposit-address-in-appeal");
        assert_eq!((found[0].severity, found[0].capped_by.as_deref()), (Level::Low, Some("guard")));
        world.facts.publications.clear();
        assert!(hits(&world, "deposit-address-in-appeal").is_empty());
    }
}
