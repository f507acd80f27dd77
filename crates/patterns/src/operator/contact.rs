//! `contact`: everybody who dealt with a labelled party, from the labelled ones outward: what went which way, how often, when.
//!
//! Nobody can help being sent something. What a labelled party sends unasked, in small sums to many at once, makes no contact.

use super::seeds::{cents, m, main_asset_first, p, read};
use super::{At, Bound, Renewal, Scope, Spec};
use crate::{Candidate, Classes, Move, Party, Subject, Unit, Way};
use rayon::prelude::*;

pub(super) static SPEC: Spec = Spec {
    name: "contact",
    about: "everybody who dealt with a labelled party",
    parameters: &[
        p("with", Unit::Count, "categories of the labelled parties"),
        p("dust_cents", Unit::UsdCents, "movements worth less are not looked at; unpriced ones are"),
        p("spray_outputs", Unit::Count, "a receipt of a transaction with so many outputs may be sent unasked"),
        p("spray_cents", Unit::UsdCents, "and is held to be so where it is worth less than this"),
        p("moves_max", Unit::Count, "movements of a labelled party that are read at most, the oldest"),
    ],
    measures: &[
        m("contacts", Unit::Count, "movements that count"),
        m("partners", Unit::Count, "labelled parties that it dealt with"),
        m("received_cents", Unit::UsdCents, "received from them"),
        m("sent_cents", Unit::UsdCents, "sent to them"),
        m("two_way", Unit::Flag, "both received and sent"),
        m("asked", Unit::Flag, "it sent something, or got what is not sent to many unasked"),
        m("service", Unit::Flag, "it is a service: a customer dealt through it"),
        m("first_time", Unit::Time, "the first contact"),
        m("last_time", Unit::Time, "the last one"),
        m("bound_hit", Unit::Flag, "a labelled party has more movements than were read"),
    ],
    bind: |params| {
        Ok(Box::new(Contact {
            with: params.classes("with")?,
            dust: params.number("dust_cents")?,
            spray_outputs: params.small("spray_outputs")?,
            spray_cents: params.number("spray_cents")?,
            moves_max: params.small("moves_max")?,
            services: Classes::services(),
        }))
    },
};

struct Contact {
    with: Classes,
    dust: u64,
    spray_outputs: u32,
    spray_cents: u64,
    moves_max: u32,
    services: Classes,
}

/// A movement seen from the other side: whose, at which of its addresses where that matters, and whether more were not read.
struct Seen {
    party: Party,
    at: u32,
    movement: Move,
    is_cut: bool,
}

impl Bound for Contact {
    fn scope(&self) -> Scope {
        Scope::Whole
    }

    fn renewal(&self) -> Renewal {
        Renewal::Added
    }

    fn whole(&self, at: &At<'_>, found: &mut Vec<Candidate>) {
        let labelled = at.world.labelled(self.with);
        let is_labelled = |party: &Party| labelled.binary_search(party).is_ok();
        // a contact is a movement of both: with nothing new at the labelled party there is none
        let due: Vec<Party> = labelled.iter().copied().filter(|p| at.is_due(*p)).collect();
        let mut seen: Vec<Seen> = due
            .par_iter()
            .flat_map_iter(|party| {
                let timeline = read(at, *party, self.moves_max as usize);
                let is_cut = timeline.is_cut;
                let counts = |m: &Move| {
                    m.party != Party::NOBODY && !is_labelled(&m.party) && m.worth().is_none_or(|c| c >= self.dust)
                };
                timeline.moves.into_iter().filter(counts).map(move |m| self.turned(at, m, *party, is_cut))
            })
            .collect();
        if at.since.is_some() {
            // whoever has a new contact is told with all of them, those with other labelled parties too
            let is_new = |s: &Seen| at.since.is_some_and(|since| s.movement.tx >= since);
            let mut new: Vec<(Party, u32)> = seen.iter().filter(|s| is_new(s)).map(|s| (s.party, s.at)).collect();
            new.sort_unstable();
            new.dedup();
            seen.retain(|s| new.binary_search(&(s.party, s.at)).is_ok());
            let rest: Vec<Party> = labelled.iter().copied().filter(|p| !at.is_due(*p)).collect();
            let more = new.par_iter().filter(|(_, own)| *own == u32::MAX).flat_map_iter(|(party, _)| {
                let is_rest = |m: &Move| rest.binary_search(&m.party).is_ok();
                let counts = |m: &Move| m.worth().is_none_or(|c| c >= self.dust);
                let timeline = read(at, *party, self.moves_max as usize);
                let is_cut = timeline.is_cut;
                let own = *party;
                let found: Vec<Move> = timeline.moves.into_iter().filter(|m| is_rest(m) && counts(m)).collect();
                found.into_iter().map(move |movement| Seen { party: own, at: u32::MAX, movement, is_cut })
            });
            let more: Vec<Seen> = more.collect();
            seen.extend(more);
        }
        seen.par_sort_by_key(|s| (s.party, s.at, s.movement.tx, s.movement.other, s.movement.way == Way::Out));
        let groups: Vec<&[Seen]> = seen.chunk_by(|a, b| (a.party, a.at) == (b.party, b.at)).collect();
        found.extend(groups.into_par_iter().map(|group| self.candidate(at, group)).collect::<Vec<_>>());
    }
}

impl Contact {
    /// Turns a movement of a labelled party into one of its counterparty. Of a service each address is looked at alone: behind it
    /// is one customer.
    fn turned(&self, at: &At<'_>, m: Move, labelled: Party, is_cut: bool) -> Seen {
        let way = if m.way == Way::In { Way::Out } else { Way::In };
        let movement = Move { way, own: m.other, other: m.own, party: labelled, left: crate::NEVER, ..m };
        let is_service = at.world.classes(m.party).meets(self.services);
        Seen { party: m.party, at: if is_service { m.other } else { u32::MAX }, movement, is_cut }
    }

    fn candidate(&self, at: &At<'_>, group: &[Seen]) -> Candidate {
        let moves: Vec<&Move> = group.iter().map(|s| &s.movement).collect();
        let (party, own) = (group[0].party, group[0].at);
        let subject = if own == u32::MAX { Subject::Party(party) } else { Subject::Address(own) };
        let mut candidate = Candidate::of(subject, main_asset_first(&moves));
        let received: Vec<&Move> = moves.iter().copied().filter(|m| m.way == Way::In).collect();
        let sent: Vec<&Move> = moves.iter().copied().filter(|m| m.way == Way::Out).collect();
        let is_sprayed = |m: &&Move| {
            at.world.output_count(m.tx) >= self.spray_outputs && m.worth().is_some_and(|c| c < self.spray_cents)
        };
        let measures = &mut candidate.measures;
        measures.set("contacts", moves.len());
        measures.set("partners", candidate.parties.len());
        measures.set("received_cents", cents(received.iter().copied()));
        measures.set("sent_cents", cents(sent.iter().copied()));
        measures.set("two_way", i64::from(!received.is_empty() && !sent.is_empty()));
        measures.set("asked", i64::from(!sent.is_empty() || !received.iter().all(is_sprayed)));
        measures.set("service", i64::from(own != u32::MAX));
        measures.set("first_time", candidate.start);
        measures.set("last_time", candidate.end);
        measures.set("bound_hit", i64::from(group.iter().any(|s| s.is_cut)));
        // all of it is with the labelled party
        candidate.linked = Some(candidate.total);
        candidate
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::HandWorld;
    use crate::{Hit, RunOptions, Standing, run, shipped};
    use athar_types::{Category, Level};

    const START: u32 = 1_600_000_000;

    fn hits(world: &HandWorld, since: Option<u32>) -> Vec<Hit> {
        let rules: Vec<&crate::Rule> = shipped().iter().filter(|r| r.id == "direct-counterparty").collect();
        assert_eq!(rules.len(), 1);
        run(world, &rules, &|_| Standing::Held, RunOptions { since }).hits
    }

    fn labelled() -> HandWorld {
        let mut world = HandWorld::outputs();
        world.label(0, Category::TerroristFinancing);
        world
    }

    fn value(hit: &Hit, name: &str) -> i64 {
        hit.values.iter().find(|v| v.measure == name).unwrap().value
    }

    #[test]
    fn whoever_dealt_with_a_labelled_party_is_told_with_sums_both_ways() {
        let mut world = labelled();
        world.pay(START, 1, 0, 5_000);
        world.pay(START + 60, 0, 1, 2_000);
        world.pay(START + 120, 1, 2, 900);
        let hits = hits(&world, None);
        assert_eq!(hits.len(), 1);
        assert_eq!(hits[0].subject_text, "address-1");
        assert_eq!((value(&hits[0], "sent_cents"), value(&hits[0], "received_cents")), (5_000, 2_000));
        assert_eq!((hits[0].start, hits[0].end), (START, START + 60));
        assert_eq!(hits[0].linked, hits[0].total);
        assert_eq!(hits[0].linked.cents, 7_000);
        assert!(hits[0].severity >= Level::Medium);
        assert!(hits[0].why_en.contains("address-1") && hits[0].why_ar.contains("address-1"));
    }

    #[test]
    fn dust_is_below_a_dollar() {
        let mut world = labelled();
        world.pay(START, 1, 0, 99);
        assert!(hits(&world, None).is_empty());
        world.pay(START, 2, 0, 100);
        assert_eq!(hits(&world, None).len(), 1);
        // what has no price may be worth something
        world.pay(START, 3, 0, 1);
        world.last(0, false);
        assert_eq!(hits(&world, None).len(), 2);
    }

    #[test]
    fn what_is_sent_to_many_unasked_scores_nothing() {
        let mut world = labelled();
        let many: Vec<(u32, u64)> = (10..60).map(|a| (a, 150)).collect();
        world.pay_all(START, 0, &many);
        assert!(hits(&world, None).is_empty());
        // one of them answers
        world.pay(START + 60, 10, 0, 5_000);
        assert_eq!(hits(&world, None).len(), 1);
        // a sum that nobody sends as dust
        world.pay(START + 120, 0, 11, 50_000);
        assert_eq!(hits(&world, None).len(), 2);
    }

    #[test]
    fn a_customer_of_an_exchange_is_told_by_the_address_and_stays_low() {
        let mut world = labelled();
        world.tie(&[5, 6, 7]);
        world.label(5, Category::Exchange);
        world.pay(START, 0, 6, 50_000);
        world.pay(START, 0, 7, 60_000);
        let hits = hits(&world, None);
        assert_eq!(hits.iter().map(|h| h.subject_text.as_str()).collect::<Vec<_>>(), ["address-6", "address-7"]);
        assert!(hits.iter().all(|h| h.severity == Level::Low && h.capped_by.as_deref() == Some("guard")));
    }

    #[test]
    fn other_labels_and_an_empty_world_give_nothing() {
        assert!(hits(&HandWorld::outputs(), None).is_empty());
        assert!(hits(&HandWorld::accounts(), None).is_empty());
        let mut world = HandWorld::accounts();
        world.label(0, Category::Merchant);
        world.pay(START, 1, 0, 5_000);
        assert!(hits(&world, None).is_empty());
    }

    #[test]
    fn new_contacts_are_told_with_the_old_ones() {
        let mut world = labelled();
        world.label(9, Category::Facilitator);
        world.pay(START, 1, 0, 5_000);
        world.pay(START, 2, 0, 5_000);
        world.pay(START, 1, 9, 3_000);
        let since = world.pay(START + 60, 0, 1, 700);
        let all = hits(&world, None);
        let new = hits(&world, Some(since));
        assert_eq!(all.len(), 2);
        assert_eq!(new, all.into_iter().filter(|h| h.subject_text == "address-1").collect::<Vec<_>>());
        assert_eq!(value(&new[0], "partners"), 2);
    }

    #[test]
    fn sums_are_of_the_asset_that_most_dollars_moved_in() {
        let mut world = HandWorld::accounts();
        world.label(0, Category::TerroristFinancing);
        world.pay(START, 1, 0, 500);
        world.pay(START + 1, 1, 0, 90_000);
        world.last(1, true);
        let hits = hits(&world, None);
        assert_eq!((hits[0].asset.as_str(), hits[0].total.cents, hits[0].txids.len()), ("USDT", 90_000, 2));
        assert_eq!(value(&hits[0], "sent_cents"), 90_500);
    }
}
