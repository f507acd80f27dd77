//! `listed`: an address that stands, or stood, on an official list. What was listed when is told apart from what is listed now:
//! a designation nearly always follows the payments.

use super::beside::{NOTES_MAX, m, moves_of, note, p, ranked};
use super::{At, Bound, Scope, Spec};
use crate::{Candidate, Classes, Listing, Move, Subject, Sum, Unit};
use athar_types::address::detect_on;
use athar_types::{Bilingual, Network, isolated};
use std::collections::{BTreeMap, BTreeSet};

pub(super) static SPEC: Spec = Spec {
    name: "listed",
    about: "an address on an imported version of an official list, with what was listed when",
    parameters: &[p(
        "linked_entries",
        Unit::Count,
        "categories of an entry that link it to the financing of terrorism",
    )],
    measures: &[
        m("lists", Unit::Count, "lists that have it, in any imported version"),
        m("entries", Unit::Count, "entries of them"),
        m("listed_now", Unit::Flag, "whether the newest version of one has it"),
        m(
            "listed_at_tx",
            Unit::Count,
            "its transactions while it was listed, by the list's own dates or the imported versions",
        ),
        m("txs_before", Unit::Count, "its transactions before it was first listed"),
        m("first_seen_on_list", Unit::Time, "day of the first imported version that has it"),
        m("listed_since", Unit::Time, "the day that the list itself gives"),
        m("listed_until", Unit::Time, "when it left the last list, by imported versions"),
        m("linked_entry", Unit::Flag, "whether an entry means the financing of terrorism"),
        m(
            "checksum",
            Unit::Flag,
            "whether the text as the list writes it passes its checksum; unknown where the form has none",
        ),
        m(
            "odd_characters",
            Unit::Count,
            "characters of the text as the list writes it that no address has, as look-alike letters",
        ),
        m("received_while_listed_cents", Unit::UsdCents, "worth of what came in while it was listed"),
        m("bound_hit", Unit::Flag, "its entity has too many movements: those of the address were not looked at"),
    ],
    bind: |params| Ok(Box::new(Listed { linked: params.classes("linked_entries")? })),
};

struct Listed {
    linked: Classes,
}

impl Bound for Listed {
    fn scope(&self) -> Scope {
        Scope::Whole
    }

    fn whole(&self, at: &At<'_>, found: &mut Vec<Candidate>) {
        let mut by_address: BTreeMap<u32, Vec<&Listing>> = BTreeMap::new();
        for listing in &at.world.facts().listings {
            if let Some(address) = listing.address {
                by_address.entry(address).or_default().push(listing);
            }
        }
        for (address, listings) in by_address {
            if at.is_due(at.world.party(address)) {
                found.push(self.look(at, address, &listings));
            }
        }
    }
}

impl Listed {
    fn look(&self, at: &At<'_>, address: u32, listings: &[&Listing]) -> Candidate {
        let read = moves_of(at.world, at.world.party(address), |own| own == address);
        let moves = read.as_deref().unwrap_or(&[]);
        let mut candidate = Candidate::of(Subject::Address(address), ranked(moves));
        let is_linked = listings.iter().any(|l| l.classes.meets(self.linked));
        candidate.linked = Some(if is_linked { candidate.total } else { Sum::default() });
        let measures = &mut candidate.measures;
        let distinct = |of: fn(&Listing) -> (&str, &str)| listings.iter().map(|l| of(l)).collect::<BTreeSet<_>>().len();
        measures.set("lists", distinct(|l| (&l.list, "")));
        measures.set("entries", distinct(|l| (&l.list, &l.entry)));
        measures.set("listed_now", i64::from(listings.iter().any(|l| l.listed_until.is_none())));
        measures.maybe("first_seen_on_list", listings.iter().filter_map(|l| l.first_seen).min().map(|t| t.0));
        measures.maybe("listed_since", listings.iter().filter_map(|l| l.listed_since).min().map(|t| t.0));
        if listings.iter().all(|l| l.listed_until.is_some()) {
            measures.maybe("listed_until", listings.iter().filter_map(|l| l.listed_until).max().map(|t| t.0));
        }
        measures.set("linked_entry", i64::from(is_linked));
        measures.maybe("checksum", checksum(listings));
        let odd = |l: &&Listing| l.written.chars().filter(|c| !c.is_ascii_graphic()).count();
        measures.set("odd_characters", listings.iter().map(odd).min().unwrap_or(0));
        measures.set("bound_hit", i64::from(read.is_none()));
        if read.is_some() {
            let while_listed = |m: &&Move| listings.iter().any(|l| was_listed(l, m.time));
            let txs = |moves: &mut dyn Iterator<Item = &Move>| moves.map(|m| m.tx).collect::<BTreeSet<_>>().len();
            measures.set("listed_at_tx", txs(&mut moves.iter().filter(while_listed)));
            let first = listings.iter().filter_map(|l| from(l)).min();
            if let Some(first) = first {
                measures.set("txs_before", txs(&mut moves.iter().filter(|m| m.time < first)));
            }
            let received = moves.iter().filter(|m| m.way == crate::Way::In).filter(while_listed);
            measures.set("received_while_listed_cents", Sum::of(received).cents);
        }
        for listing in listings.iter().take(NOTES_MAX) {
            let day = |t: Option<athar_types::UnixTime>| t.map_or_else(|| "?".into(), |t| t.day().to_string());
            let [list, entry] = [&listing.list, &listing.entry].map(|text| note(text));
            let (from, seen) = (day(listing.listed_since.or(listing.first_seen)), day(listing.first_seen));
            let until = listing.listed_until.map(|t| t.day().to_string());
            candidate.notes.push(Bilingual::new(
                format!(
                    "{list} {entry}: {from} – {}; first imported version with it {seen}",
                    until.as_deref().unwrap_or("now")
                ),
                format!(
                    "{}: من {} إلى {}؛ وأول نسخة مستوردة ورد فيها: {}",
                    isolated(&format!("{list} {entry}")),
                    isolated(&from),
                    until.as_deref().map_or_else(|| "الآن".into(), isolated),
                    isolated(&seen)
                ),
            ));
        }
        candidate
    }
}

/// From when an identifier was listed: the list's own date, else the first version that has it.
fn from(listing: &Listing) -> Option<u32> {
    listing.listed_since.or(listing.first_seen).map(|t| t.0)
}

fn was_listed(listing: &Listing, time: u32) -> bool {
    from(listing).is_some_and(|from| from <= time) && listing.listed_until.is_none_or(|until| time < until.0)
}

/// Whether the text of one entry proves itself: 1; that none is an address: 0; `None` where the form has no checksum.
fn checksum(listings: &[&Listing]) -> Option<i64> {
    let read = |l: &&Listing| {
        let found = Network::ALL.iter().flat_map(|network| detect_on(*network, l.written.trim()));
        found.map(|candidate| candidate.checked).reduce(|a, b| a || b)
    };
    let each: Vec<Option<bool>> = listings.iter().map(read).collect();
    match (each.contains(&Some(true)), each.contains(&Some(false))) {
        (true, _) => Some(1),
        (false, true) => None,
        (false, false) => Some(0),
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::HandWorld;
    use crate::operator::beside::tests::hits;
    use crate::{Classes, Listing};
    use athar_types::{Category, Level, UnixTime};

    const REAL: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";

    fn listing(address: u32, since: u32, until: Option<u32>) -> Listing {
        Listing {
            address: Some(address),
            text: REAL.into(),
            list: "us-ofac-sdn".into(),
            entry: "1".into(),
            first_seen: Some(UnixTime(since + 100)),
            listed_since: Some(UnixTime(since)),
            listed_until: until.map(UnixTime),
            written: REAL.into(),
            classes: Classes::of([Category::TerroristFinancing]),
        }
    }

    /// Address 0 is paid at 1,000 and 2,000 and pays at 3,000.
    fn paid() -> HandWorld {
        let mut world = HandWorld::outputs();
        world.pay(1_000, 1, 0, 500);
        world.pay(2_000, 2, 0, 700);
        world.pay(3_000, 0, 3, 1_000);
        world
    }

    #[test]
    fn what_was_listed_at_the_payment_is_told_apart_from_now() {
        let mut world = paid();
        world.facts.listings.push(listing(0, 1_500, None));
        let found = hits(&world, "listed-owner");
        let value = |name: &str| found[0].values.iter().find(|v| v.measure == name).map(|v| v.value);
        assert_eq!((found.len(), found[0].txids.len(), found[0].severity), (1, 3, Level::Severe));
        assert_eq!((value("listed_at_tx"), value("txs_before")), (Some(2), Some(1)));
        assert_eq!((value("listed_now"), value("first_seen_on_list")), (Some(1), Some(1_600)));
        assert_eq!(value("received_while_listed_cents"), Some(700));
        assert_eq!(found[0].linked, found[0].total);
        assert!(found[0].why_en.contains("on one now: yes"), "{}", found[0].why_en);
        assert!(found[0].why_ar.contains("\u{2068}نعم\u{2069}"), "{}", found[0].why_ar);
        let first = &found[0].corroboration[0];
        assert_eq!(first.what, format!("{REAL}: us-ofac-sdn 1").into());
    }

    #[test]
    fn a_delisting_and_a_late_listing_grade_lower() {
        let mut world = paid();
        world.facts.listings.push(listing(0, 1_500, Some(2_500)));
        assert_eq!(hits(&world, "listed-owner")[0].severity, Level::High);
        world.facts.listings = vec![listing(0, 5_000, Some(6_000))];
        assert_eq!(hits(&world, "listed-owner")[0].severity, Level::Medium);
        // the last second of the listing is no longer listed
        world.facts.listings = vec![listing(0, 1_000, Some(1_000))];
        let found = hits(&world, "listed-owner");
        assert!(found[0].values.iter().any(|v| v.measure == "listed_at_tx" && v.value == 0));
    }

    #[test]
    fn a_list_for_another_reason_links_nothing() {
        let mut world = paid();
        let other = Listing { classes: Classes::of([Category::Sanctioned]), ..listing(0, 5_000, None) };
        world.facts.listings.push(other);
        let found = hits(&world, "listed-owner");
        assert_eq!((found[0].severity, found[0].linked.units), (Level::Medium, 0));
        assert!(found[0].total.units > 0);
    }

    #[test]
    fn slips_and_look_alikes_are_no_hits_and_no_checksum_is_told() {
        for written in ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "1\u{410}1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"] {
            let mut world = paid();
            world.facts.listings.push(Listing { written: written.into(), ..listing(0, 1_500, None) });
            assert!(hits(&world, "listed-owner").is_empty(), "{written}");
        }
        let mut world = paid();
        let lower = "0xdac17f958d2ee523a2206206994597c13d831ec7";
        world.facts.listings.push(Listing { written: lower.into(), ..listing(0, 1_500, None) });
        let found = hits(&world, "listed-owner");
        assert!(found[0].why_en.contains("has no checksum"), "{}", found[0].why_en);
        assert_eq!(found[0].severity, Level::Severe);
    }

    #[test]
    fn one_written_right_on_another_list_is_enough_and_unseen_ones_are_none() {
        let mut world = paid();
        world.facts.listings.push(Listing { written: "typo".into(), ..listing(0, 1_500, None) });
        world.facts.listings.push(Listing { list: "un-sc".into(), ..listing(0, 1_500, None) });
        world.facts.listings.push(Listing { address: None, ..listing(0, 1_500, None) });
        let found = hits(&world, "listed-owner");
        assert_eq!(found.len(), 1);
        assert!(found[0].why_en.contains("2 official list(s)"), "{}", found[0].why_en);
    }
}
