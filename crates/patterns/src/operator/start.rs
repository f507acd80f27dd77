//! Where anchored operators start: the parties that labels, lists and publications name, and whom they dealt with. Records of a
//! coupon seller or exchange name every customer, and so nobody.
//!
//! A shape that ordinary wallets have too (a new account that is emptied, a month that is better than others) says something
//! only of somebody who is known for another reason. Such rules start here instead of reading every party of the chain.

use super::At;
use crate::{Classes, Party, Timeline, World};
use rayon::prelude::*;

/// Movements of a known party that are read to find whom it dealt with.
const MOVES_MAX: usize = 50_000;
/// Movements of a party that is due and not known itself, above which it is not read: whoever moves so much is a service that no
/// label names.
const DUE_MOVES_MAX: u64 = 2_000;

/// Categories of parties that pool the money of many: services, and contracts, which pass on whoever calls them.
pub(super) fn pools() -> Classes {
    let mut pools = Classes::services();
    pools.insert(athar_types::Category::Contract);
    pools
}

/// Parties that are known for something of `linked`: by a label, a list, or a passage that asks for money. Services are not
/// among them: what is said of a service says nothing of one of its customers.
pub(super) fn known(at: &At<'_>, linked: Classes) -> Vec<Party> {
    let (world, facts) = (at.world, at.world.facts());
    let mut parties = world.labelled(linked);
    let published = facts.publications.iter().filter(|p| p.solicits && !p.is_quoted).filter_map(|p| p.address);
    let of_mission = |l: &&crate::Listing| l.classes.is_empty() || l.classes.meets(linked);
    let listed = facts.listings.iter().filter(of_mission).filter_map(|l| l.address);
    parties.extend(published.chain(listed).map(|address| world.party(address)));
    let services = pools();
    parties.retain(|p| *p != Party::NOBODY && !world.classes(*p).meets(services));
    parties.sort_unstable();
    parties.dedup();
    parties
}

/// Of an incremental run, the known ones that something new may concern: those that are due, and those whom a due party paid
/// at any time. Of a whole run all of them.
pub(super) fn known_and_paid(at: &At<'_>, linked: Classes) -> Vec<Party> {
    let known = known(at, linked);
    let Some(changed) = at.changed else { return known };
    if known.is_empty() {
        return known;
    }
    let services = pools();
    let of = |party: &Party| {
        let mut found: Vec<Party> = known.binary_search(party).is_ok().then_some(*party).into_iter().collect();
        if !at.world.classes(*party).meets(services) && !at.world.is_heavier(*party, DUE_MOVES_MAX) {
            let timeline = read(at, *party, MOVES_MAX);
            found.extend(timeline.sent().map(|m| m.party).filter(|p| known.binary_search(p).is_ok()));
        }
        found
    };
    let mut due: Vec<Party> = changed.par_iter().flat_map_iter(of).collect();
    due.sort_unstable();
    due.dedup();
    due
}

/// The timeline of a party, at most `max` movements.
pub(super) fn read(at: &At<'_>, party: Party, max: usize) -> Timeline {
    let mut timeline = Timeline { party, ..Timeline::default() };
    at.world.fill(party, max, &mut timeline);
    timeline
}

/// Whom an address of the other side stands for: of a customer deposit address the service behind it, else its party.
pub(super) fn behind(world: &dyn World, party: Party, address: u32) -> Party {
    match world.facts().deposit_service.get(&address) {
        Some(service) => world.party(*service),
        None => party,
    }
}

/// What labels say of the other side, of the service behind a deposit address too.
pub(super) fn classes_behind(world: &dyn World, party: Party, address: u32) -> Classes {
    let on_address = if address == u32::MAX { Classes::NONE } else { world.address_classes(address) };
    let of = |party: Party| if party == Party::NOBODY { Classes::NONE } else { world.classes(party) };
    of(party).with(of(behind(world, party, address))).with(on_address)
}
