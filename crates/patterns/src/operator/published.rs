//! `published`: an address that was published: in how many channels and sites, and whether the passage asks for money for a
//! cause. The graph of places and addresses is walked one step: an address, its places, who else stands there.
//!
//! Text that quotes (news, courts, research) is counted and scored apart: it names an address and asks for nothing.

use super::beside::{NOTES_MAX, m, moves_of, note, p, ranked};
use super::{At, Bound, Scope, Spec};
use crate::{Candidate, Move, Publication, Subject, Unit, Way};
use athar_types::{Bilingual, isolated};
use std::collections::{BTreeMap, BTreeSet};

pub(super) static SPEC: Spec = Spec {
    name: "published",
    about: "an address that was published: its channels and sites, and what the passages ask",
    parameters: &[p("place_addresses_max", Unit::Count, "a place with more addresses is a list, and ties nobody")],
    measures: &[
        m("items", Unit::Count, "documents or messages that name it"),
        m(
            "places",
            Unit::Count,
            "channels and sites that name it, without those that only quote and those that are lists",
        ),
        m("quoted_items", Unit::Count, "documents that quote or report"),
        m("list_places", Unit::Count, "places that list more addresses than one campaign has"),
        m("soliciting", Unit::Count, "documents that solicit, without those that quote"),
        m("score", Unit::Count, "highest score of a passage that does not quote, 0 to 100"),
        m("quoted_score", Unit::Count, "highest score of a passage that quotes, told apart"),
        m("asks", Unit::Count, "points of asking in the passage that scores highest"),
        m("cause", Unit::Count, "points of a cause or listed group in the same passage"),
        m("aid_items", Unit::Count, "documents that claim to give aid"),
        m("proved", Unit::Flag, "whether a checksum proves the address"),
        m("on_chain", Unit::Flag, "whether the chain has the address"),
        m("neighbours", Unit::Count, "other addresses in the same places"),
        m("first_published", Unit::Time, "when it was first published or captured"),
        m("receipts_since", Unit::Count, "its receipts since then"),
        m("received_since_cents", Unit::UsdCents, "what they were worth"),
        m("bound_hit", Unit::Flag, "its entity has too many movements: those of the address were not looked at"),
    ],
    bind: |params| Ok(Box::new(Published { place_max: params.number("place_addresses_max")? })),
};

struct Published {
    place_max: u64,
}

impl Bound for Published {
    fn scope(&self) -> Scope {
        Scope::Whole
    }

    fn whole(&self, at: &At<'_>, found: &mut Vec<Candidate>) {
        let all = &at.world.facts().publications;
        let mut by_text: BTreeMap<&str, Vec<&Publication>> = BTreeMap::new();
        let mut at_place: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for publication in all {
            by_text.entry(&publication.text).or_default().push(publication);
            // where a document was published that is not known is no place
            if !publication.place.is_empty() {
                at_place.entry(&publication.place).or_default().insert(&publication.text);
            }
        }
        for (text, publications) in by_text {
            let address = publications.iter().find_map(|p| p.address);
            // what no chain has seen may be new off the chain: it is looked at every time
            if address.is_none_or(|address| at.is_due(at.world.party(address))) {
                found.push(self.look(at, text, address, &publications, &at_place));
            }
        }
    }
}

impl Published {
    fn look(
        &self,
        at: &At<'_>,
        text: &str,
        address: Option<u32>,
        publications: &[&Publication],
        at_place: &BTreeMap<&str, BTreeSet<&str>>,
    ) -> Candidate {
        let first = publications.iter().map(|p| p.time).min().unwrap_or_default();
        let read = address.map(|a| moves_of(at.world, at.world.party(a), |own| own == a));
        let since = |m: &&Move| m.way == Way::In && m.time >= first.0;
        let moves: Vec<&Move> = ranked(read.iter().flatten().flatten().filter(since));
        let subject = address.map_or_else(|| Subject::Text(text.into()), Subject::Address);
        let mut candidate = Candidate::of(subject, moves.iter().copied());
        if moves.is_empty() {
            let last = publications.iter().map(|p| p.time).max().unwrap_or_default();
            (candidate.start, candidate.end) = (first.0, last.0);
        }
        candidate.addresses.extend(address);
        let is_list = |place: &str| at_place.get(place).is_some_and(|texts| texts.len() as u64 > self.place_max);
        let items = |of: &dyn Fn(&Publication) -> bool| {
            publications.iter().filter(|p| of(p)).map(|p| p.item.as_str()).collect::<BTreeSet<_>>().len()
        };
        let places: BTreeSet<&str> = publications
            .iter()
            .filter(|p| !p.is_quoted && !p.place.is_empty() && !is_list(&p.place))
            .map(|p| p.place.as_str())
            .collect();
        let lists = publications.iter().map(|p| p.place.as_str()).filter(|p| is_list(p)).collect::<BTreeSet<_>>();
        let measures = &mut candidate.measures;
        measures.set("items", items(&|_| true));
        measures.set("places", places.len());
        measures.set("quoted_items", items(&|p| p.is_quoted));
        measures.set("list_places", lists.len());
        measures.set("soliciting", items(&|p| p.solicits && !p.is_quoted));
        let best =
            publications.iter().filter(|p| !p.is_quoted).max_by_key(|p| (p.solicits, p.solicitation, p.cause, p.asks));
        measures.set("score", best.map_or(0, |p| p.solicitation));
        measures.set("asks", best.map_or(0, |p| p.asks));
        measures.set("cause", best.map_or(0, |p| p.cause));
        let quoted = publications.iter().filter(|p| p.is_quoted).map(|p| p.solicitation);
        measures.maybe("quoted_score", quoted.max());
        measures.set("aid_items", items(&|p| p.claims_aid));
        measures.set("proved", i64::from(publications.iter().any(|p| p.is_proved)));
        measures.set("on_chain", i64::from(address.is_some()));
        let others: BTreeSet<&str> = places.iter().filter_map(|p| at_place.get(p)).flatten().copied().collect();
        measures.set("neighbours", others.len().saturating_sub(1));
        measures.set("first_published", first.0);
        if matches!(read, Some(Some(_))) {
            measures.set("receipts_since", moves.len());
            measures.set("received_since_cents", candidate.total.cents);
        }
        candidate.measures.set("bound_hit", i64::from(matches!(read, Some(None))));
        let mut shown: Vec<&&Publication> = publications.iter().collect();
        shown.sort_by_key(|p| (p.is_quoted, std::cmp::Reverse(p.solicitation), p.time, &p.item));
        for publication in shown.into_iter().take(NOTES_MAX) {
            let (kind, arabic) = if publication.is_quoted {
                ("quotes", "اقتباس، الدرجة")
            } else {
                ("score", "الدرجة")
            };
            let place = note(if publication.place.is_empty() { "?" } else { &publication.place });
            let (item, score) = (&publication.item, publication.solicitation.to_string());
            let day = publication.time.day().to_string();
            candidate.notes.push(Bilingual::new(
                format!("{place} ({item}, {day}; {kind} {score})"),
                format!("{} ({}، {}؛ {arabic} {})", isolated(&place), isolated(item), isolated(&day), isolated(&score)),
            ));
        }
        candidate
    }
}

#[cfg(test)]
mod tests {
    use crate::Publication;
    use crate::fixture::HandWorld;
    use crate::operator::beside::tests::{appeal, hits, hits_since, value};
    use athar_types::{Category, Level, UnixTime};

    /// Address 0 is paid before and after it is published, at 1,500.
    fn paid() -> HandWorld {
        let mut world = HandWorld::outputs();
        world.pay(1_000, 1, 0, 500);
        world.pay(2_000, 2, 0, 700);
        world.pay(2_500, 3, 0, 900);
        world
    }

    #[test]
    fn an_appeal_is_a_hit_with_what_came_since() {
        let mut world = paid();
        world.facts.publications.push(appeal(0, "channel-a"));
        let found = hits(&world, "solicitation-page");
        assert_eq!((found.len(), found[0].txids.len(), found[0].total.cents), (1, 2, 1_600));
        assert_eq!(found[0].severity, Level::Low);
        assert!(found[0].notes[0].en.contains("channel-a"), "{:?}", found[0].notes);
        // one place is no co-publication
        assert!(hits(&world, "co-publication").is_empty());
        world.label(0, Category::DonationCampaign);
        assert_eq!(hits(&world, "solicitation-page")[0].severity, Level::High);
    }

    #[test]
    fn just_short_of_asking_or_of_a_cause_is_none() {
        for short in [
            Publication { asks: 9, ..appeal(0, "a") },
            Publication { cause: 11, ..appeal(0, "a") },
            Publication { solicits: false, ..appeal(0, "a") },
            Publication { is_quoted: true, ..appeal(0, "a") },
        ] {
            let mut world = paid();
            world.facts.publications.push(short.clone());
            assert!(hits(&world, "solicitation-page").is_empty(), "{short:?}");
        }
        let mut world = paid();
        world.facts.publications.push(Publication { asks: 10, cause: 12, ..appeal(0, "a") });
        assert_eq!(hits(&world, "solicitation-page").len(), 1);
    }

    #[test]
    fn news_that_quotes_is_scored_apart() {
        let mut world = paid();
        world.facts.publications.push(appeal(0, "channel-a"));
        let news = Publication { is_quoted: true, solicitation: 90, item: "news".into(), ..appeal(0, "news.example") };
        world.facts.publications.push(news.clone());
        let found = hits(&world, "solicitation-page");
        assert_eq!((value(&found[0], "score"), value(&found[0], "quoted_score")), (Some(70), Some(90)));
        // and makes no second place
        assert!(hits(&world, "co-publication").is_empty());
    }

    #[test]
    fn an_unproved_address_and_a_charity_stay_low() {
        for kept_low in
            [Publication { is_proved: false, ..appeal(0, "a") }, Publication { claims_aid: true, ..appeal(0, "a") }]
        {
            let mut world = paid();
            world.label(0, Category::DonationCampaign);
            world.facts.publications.push(kept_low);
            let found = hits(&world, "solicitation-page");
            assert_eq!((found[0].severity, found[0].uncapped), (Level::Low, Level::High));
        }
    }

    #[test]
    fn two_places_are_one_publication_together() {
        let mut world = paid();
        world.facts.publications.extend([appeal(0, "channel-a"), appeal(0, "site.example"), appeal(7, "channel-a")]);
        let found = hits(&world, "co-publication");
        assert_eq!(found.len(), 1);
        assert_eq!((value(&found[0], "places"), value(&found[0], "neighbours")), (Some(2), Some(1)));
        assert_eq!(found[0].severity, Level::Medium);
        // nobody asks for money
        for publication in &mut world.facts.publications {
            publication.solicits = false;
        }
        assert_eq!(hits(&world, "co-publication")[0].severity, Level::Low);
    }

    #[test]
    fn a_place_that_lists_hundreds_ties_nobody() {
        let mut world = paid();
        world.facts.publications.extend([appeal(0, "channel-a"), appeal(0, "list.example")]);
        let listed = |n: u32| Publication { address: None, text: format!("other-{n}"), ..appeal(0, "list.example") };
        world.facts.publications.extend((0..199).map(listed));
        assert_eq!(hits(&world, "co-publication").len(), 1);
        world.facts.publications.push(listed(200));
        assert!(hits(&world, "co-publication").is_empty());
    }

    #[test]
    fn two_files_of_unknown_place_are_no_two_places() {
        let mut world = paid();
        let unknown = |item: &str| Publication { item: item.into(), ..appeal(0, "") };
        world.facts.publications.extend([unknown("item 1"), unknown("item 2"), appeal(0, "channel-a")]);
        assert!(hits(&world, "co-publication").is_empty());
        let found = hits(&world, "solicitation-page");
        assert_eq!(value(&found[0], "soliciting"), Some(3));
        assert!(!found[0].corroboration.iter().any(|c| c.anchor == crate::rule::Anchor::CoPublished));
    }

    #[test]
    fn what_no_chain_has_seen_is_a_hit_about_its_text() {
        let mut world = paid();
        world.facts.publications.push(Publication { address: None, text: "bc1-unseen".into(), ..appeal(0, "a") });
        let found = hits(&world, "solicitation-page");
        assert_eq!((found[0].subject_text.as_str(), found[0].txids.len()), ("bc1-unseen", 0));
        assert_eq!(UnixTime(found[0].start), UnixTime(1_500));
    }

    #[test]
    fn a_new_payment_makes_it_due_and_an_old_one_does_not() {
        let mut world = paid();
        world.facts.publications.push(appeal(0, "a"));
        assert_eq!(hits_since(&world, "solicitation-page", Some(2)).len(), 1);
        world.pay(3_000, 8, 9, 100);
        assert!(hits_since(&world, "solicitation-page", Some(3)).is_empty());
    }
}
