//! Corroboration, found for every rule in the same way: what labels, lists, publications and records say of whoever takes
//! part. A pattern alone is a shape; these tie it to the mission.

use crate::rule::Anchor;
use crate::{Candidate, Classes, Corroboration, Facts, Party, Subject, World};
use athar_types::{Bilingual, Category, isolated, words};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// Corroborations of one kind that a hit tells at most.
pub(crate) const EACH_MAX: usize = 10;
/// Addresses and parties of a candidate that are looked at.
const LOOKED_MAX: usize = 10_000;

/// The facts by address, looked up for many candidates.
#[derive(Debug)]
pub(crate) struct Anchors<'a> {
    facts: &'a Facts,
    publications: FxHashMap<u32, Vec<usize>>,
    listings: FxHashMap<u32, Vec<usize>>,
    redemptions: FxHashSet<u32>,
}

impl<'a> Anchors<'a> {
    pub(crate) fn of(facts: &'a Facts) -> Self {
        let mut publications: FxHashMap<u32, Vec<usize>> = FxHashMap::default();
        for (at, publication) in facts.publications.iter().enumerate() {
            if let Some(address) = publication.address {
                publications.entry(address).or_default().push(at);
            }
        }
        let mut listings: FxHashMap<u32, Vec<usize>> = FxHashMap::default();
        for (at, listing) in facts.listings.iter().enumerate() {
            if let Some(address) = listing.address {
                listings.entry(address).or_default().push(at);
            }
        }
        let redemptions = facts.redemptions.iter().filter_map(|r| r.address).collect();
        Self { facts, publications, listings, redemptions }
    }

    /// Everything that corroborates a candidate, ordered; at most [`EACH_MAX`] of a kind.
    pub(crate) fn of_candidate(&self, world: &dyn World, linked: Classes, candidate: &Candidate) -> Vec<Corroboration> {
        let mut found = BTreeSet::new();
        let mut note = |anchor, what: Bilingual| {
            if found.iter().filter(|c: &&Corroboration| c.anchor == anchor).count() < EACH_MAX {
                found.insert(Corroboration { anchor, what });
            }
        };
        let say = |address: u32, classes: Classes| {
            let address = world.address_text(address);
            let named = |c: Category| words(c).map_or_else(|| c.name().into(), |words| words.ar[0].clone());
            let (names, arabic): (Vec<_>, Vec<_>) = classes.iter().map(|c| (c.name(), named(c))).unzip();
            Bilingual::new(
                format!("{address} ({})", names.join(", ")),
                format!("{} ({})", isolated(&address), arabic.join("، ")),
            )
        };
        let mut addresses: Vec<u32> = candidate.addresses.iter().copied().take(LOOKED_MAX).collect();
        let mut parties: BTreeSet<Party> = addresses.iter().map(|a| world.party(*a)).collect();
        match candidate.subject {
            Subject::Party(party) => {
                parties.insert(party);
            }
            Subject::Address(address) => {
                parties.insert(world.party(address));
                addresses.push(address);
            }
            Subject::Tx(_) | Subject::Text(_) => {}
        }
        for party in &parties {
            // of a service, its own label says nothing about one of its customers
            let classes = world.classes(*party);
            if classes.meets(linked) {
                note(Anchor::Owner, say(party.0, classes));
            }
        }
        for address in &addresses {
            let classes = world.address_classes(*address);
            if classes.meets(linked) {
                note(Anchor::Owner, say(*address, classes));
            }
            for at in self.listings.get(address).into_iter().flatten() {
                let listing = &self.facts.listings[*at];
                // a list for another reason links nobody to the mission; one whose meaning is not known may
                if !listing.classes.is_empty() && !listing.classes.meets(linked) {
                    continue;
                }
                note(Anchor::Listed, format!("{}: {} {}", listing.text, listing.list, listing.entry).into());
            }
            let published = self.publications.get(address);
            for at in published.into_iter().flatten() {
                let publication = &self.facts.publications[*at];
                if publication.solicits && !publication.is_quoted {
                    note(
                        Anchor::Published,
                        format!("{}: {} ({})", publication.text, publication.place, publication.item).into(),
                    );
                }
            }
            // who quotes an address does not publish it, and an unknown place is none
            let published = published.into_iter().flatten().map(|at| &self.facts.publications[*at]);
            let places: BTreeSet<&str> =
                published.filter(|p| !p.is_quoted && !p.place.is_empty()).map(|p| p.place.as_str()).collect();
            if places.len() >= 2 {
                let places: Vec<&str> = places.into_iter().take(EACH_MAX).collect();
                note(Anchor::CoPublished, format!("{}: {}", world.address_text(*address), places.join(", ")).into());
            }
            if self.redemptions.contains(address) {
                note(Anchor::Record, world.address_text(*address).into());
            }
        }
        // records may name those who redeemed for it, and not itself
        let recorded = candidate.measures.get("recorded").filter(|n| *n > 0);
        if let (Some(count), Subject::Party(_)) = (recorded, &candidate.subject)
            && !addresses.iter().any(|address| self.redemptions.contains(address))
        {
            let what = format!("سجلات صرف القسائم: {}", isolated(&count.to_string()));
            note(Anchor::Record, Bilingual::new(format!("{count} records of redemptions"), what));
        }
        for party in candidate.parties.iter().filter(|p| **p != Party::NOBODY).take(LOOKED_MAX) {
            let classes = world.classes(*party);
            if classes.meets(linked) && !parties.contains(party) {
                note(Anchor::Counterparty, say(party.0, classes));
            }
        }
        found.into_iter().collect()
    }
}
