//! Where anchored operators begin: parties and addresses that labels, lists, pages or records tie to the mission. A walk from few
//! such beginnings costs little however long the chain is, and what it finds has its corroboration already.

use super::{At, MeasureSpec, ParamSpec};
use crate::{Classes, Move, Party, Timeline, Unit, World};
use rustc_hash::{FxHashMap, FxHashSet};

pub(super) const fn p(name: &'static str, unit: Unit, about: &'static str) -> ParamSpec {
    ParamSpec { name, unit, about }
}

pub(super) const fn m(name: &'static str, unit: Unit, about: &'static str) -> MeasureSpec {
    MeasureSpec { name, unit, about }
}

/// What is tied to the mission before anything is measured.
pub(super) struct Seeds {
    classes: Classes,
    parties: FxHashSet<Party>,
    addresses: FxHashSet<u32>,
}

impl Seeds {
    /// Parties labelled with one of `classes`; addresses of soliciting pages, of lists and of records.
    pub(super) fn of(world: &dyn World, classes: Classes) -> Self {
        let facts = world.facts();
        let published = facts.publications.iter().filter(|p| p.solicits && !p.is_quoted).filter_map(|p| p.address);
        let listed = facts.listings.iter().filter_map(|l| l.address);
        let recorded = facts.redemptions.iter().filter_map(|r| r.address);
        let addresses: FxHashSet<u32> = published.chain(listed).chain(recorded).collect();
        let parties = world.labelled(classes).into_iter().collect();
        Self { classes, parties, addresses }
    }

    /// Whether an address, or its party, is one.
    pub(super) fn has(&self, world: &dyn World, address: u32) -> bool {
        address != u32::MAX
            && (self.addresses.contains(&address)
                || self.parties.contains(&world.party(address))
                || world.address_classes(address).meets(self.classes))
    }

    /// The parties of all of them that are no service, ascending. Of a service, a label says nothing about a customer.
    pub(super) fn parties(&self, world: &dyn World) -> Vec<Party> {
        let services = Classes::services();
        let of_addresses = self.addresses.iter().map(|a| world.party(*a));
        let mut all: Vec<Party> = self.parties.iter().copied().chain(of_addresses).collect();
        all.retain(|p| *p != Party::NOBODY && !world.classes(*p).meets(services));
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// Reads a party's timeline anew.
pub(super) fn read(at: &At<'_>, party: Party, max: usize) -> Timeline {
    let mut timeline = Timeline { party, ..Timeline::default() };
    at.world.fill(party, max, &mut timeline);
    timeline
}

/// Movements with those of the asset first that most dollars moved in, so that the sums of a candidate are of that asset. Without
/// any price the asset with most movements; of equal ones the lowest number.
pub(super) fn main_asset_first<'m>(moves: &[&'m Move]) -> Vec<&'m Move> {
    let mut worth: FxHashMap<u32, (u64, u64)> = FxHashMap::default();
    for movement in moves {
        let entry = worth.entry(movement.asset).or_default();
        entry.0 = entry.0.saturating_add(movement.worth().unwrap_or(0));
        entry.1 += 1;
    }
    let main = worth.iter().max_by_key(|(asset, sum)| (**sum, std::cmp::Reverse(**asset))).map(|(asset, _)| *asset);
    let is_main = |m: &&&Move| Some(m.asset) == main;
    moves.iter().filter(is_main).chain(moves.iter().filter(|m| !is_main(m))).copied().collect()
}

/// The worth of movements in US cents; what has no price is not in it.
pub(super) fn cents<'m>(moves: impl IntoIterator<Item = &'m Move>) -> u64 {
    moves.into_iter().filter_map(Move::worth).fold(0, u64::saturating_add)
}
