//! Deposit addresses: where a service takes what a customer is paid, and the names of services, to know whom to ask.
//!
//! On chains of accounts the entities know all of them. On chains of outputs a deposit address is in the service's own entity,
//! which the labels tell; here those are looked at that were published or listed.

use crate::Engine;
use athar_patterns::Facts;
use athar_types::AddressId;
use std::collections::BTreeSet;

/// Fills in deposits and the names of services.
pub(super) fn fill(engine: &Engine, facts: &mut Facts) {
    for label in engine.labels.iter().filter(|l| l.is_accepted() && l.is_service() && l.chain == Some(engine.chain)) {
        if let Some(address) = engine.number_of(&label.text) {
            let party = engine.party_of(address);
            facts.service_names.entry(party).or_insert_with(|| label.name.clone());
        }
    }
    if let Some(chain) = engine.of_accounts() {
        let Some(forest) = &chain.forest else { return };
        for deposit in (0..forest.deposits()).filter_map(|rank| forest.deposit(rank)) {
            facts.deposits.insert(deposit.account);
            facts.deposit_service.insert(deposit.account, engine.party_of(deposit.collector));
        }
        // a service whose payout wallet is labelled is the one that collects
        for collector in (0..forest.collectors()).filter_map(|rank| forest.collector_at(rank)) {
            let own = engine.party_of(collector.account);
            let named = collector.payout.iter().find_map(|p| facts.service_names.get(&engine.party_of(*p)).cloned());
            if let Some(name) = named {
                facts.service_names.entry(own).or_insert(name);
            }
        }
        return;
    }
    let published = facts.publications.iter().filter_map(|p| p.address);
    let listed = facts.listings.iter().filter_map(|l| l.address);
    for address in published.chain(listed).collect::<BTreeSet<u32>>() {
        if engine.account(AddressId(address)).is_some() {
            facts.deposits.insert(address);
            facts.deposit_service.insert(address, engine.party_of(address));
        }
    }
}
