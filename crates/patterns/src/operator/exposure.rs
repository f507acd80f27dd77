//! `exposure`: which part of a party's money came from labelled parties, or went to them, through others.
//!
//! First in, first out, haircut and poison side by side ([`super::flow`]), because they answer differently and none is the truth.
//! Direct dealings are another statement and not counted here. Of the sums only the haircut part is linked.

use super::flow::{Found, Limits, Part, Towards, add_part, walk, worth_of};
use super::seeds::{m, p, read};
use super::{At, Bound, Renewal, Scope, Spec};
use crate::measure::permille;
use crate::{Candidate, Classes, Move, Party, Subject, Sum, Unit, Way};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

pub(super) static SPEC: Spec = Spec {
    name: "exposure",
    about: "the part of a party's money that came from or went to labelled parties through others",
    parameters: &[
        p("with", Unit::Count, "categories of the labelled parties"),
        p("hops_from", Unit::Count, "fewest hops that count: 2 leaves direct dealings out"),
        p("hops_max", Unit::Count, "most hops"),
        p("dust_cents", Unit::UsdCents, "parts worth less are not followed"),
        p("part_permille", Unit::Permille, "parts that make less of a movement than this are not followed"),
        p("parties_max", Unit::Count, "parties that are gone through at most, each way"),
        p("moves_max", Unit::Count, "movements that are read at most, each way"),
        p("weight_max", Unit::Count, "a party with more movements is held to be a service and gone no further through"),
    ],
    measures: &[
        m("share_permille", Unit::Permille, "the larger of both directions, by haircut"),
        m("hops_min", Unit::Count, "fewest hops to a labelled party"),
        m("linked_cents", Unit::UsdCents, "worth of the linked part by haircut, both ways"),
        m("from_fifo_permille", Unit::Permille, "of what it received: from them by first in, first out"),
        m("from_haircut_permille", Unit::Permille, "of what it received: from them by haircut"),
        m("from_poison_permille", Unit::Permille, "of what it received: movements that carry any of theirs"),
        m("from_hops", Unit::Count, "fewest hops from them"),
        m("to_fifo_permille", Unit::Permille, "of what it sent: to them by first in, first out"),
        m("to_haircut_permille", Unit::Permille, "of what it sent: to them by haircut"),
        m("to_poison_permille", Unit::Permille, "of what it sent: movements that carry any to them"),
        m("to_hops", Unit::Count, "fewest hops to them"),
        m("bound_hit", Unit::Flag, "the walk hit a bound: there may be more"),
    ],
    bind: |params| {
        Ok(Box::new(Exposure {
            with: params.classes("with")?,
            hops_from: u8::try_from(params.number("hops_from")?).unwrap_or(u8::MAX),
            limits: Limits {
                hops: u8::try_from(params.number("hops_max")?).unwrap_or(u8::MAX),
                dust: params.number("dust_cents")?,
                keep_permille: 0,
                part_permille: params.small("part_permille")?.into(),
                parties_max: params.small("parties_max")? as usize,
                moves_max: params.small("moves_max")? as usize,
                weight_max: params.number("weight_max")?,
            },
        }))
    },
};

struct Exposure {
    with: Classes,
    hops_from: u8,
    limits: Limits,
}

impl Bound for Exposure {
    fn scope(&self) -> Scope {
        Scope::Whole
    }

    fn renewal(&self) -> Renewal {
        Renewal::Whole
    }

    fn whole(&self, at: &At<'_>, found: &mut Vec<Candidate>) {
        let labelled = at.world.labelled(self.with);
        if labelled.is_empty() {
            return;
        }
        // What somebody sent may reach a labelled party long after, when neither does anything: nothing less than the whole walk
        // tells what new transactions change, so an incremental run is a whole one.
        let (from, to) = rayon::join(
            || walk(at, &labelled, Towards::Later, self.limits),
            || walk(at, &labelled, Towards::Earlier, self.limits),
        );
        let parties = self.parties(&from, &to);
        let candidate = |party: &Party| self.candidate(at, *party, &from, &to);
        found.extend(parties.par_iter().filter_map(candidate).collect::<Vec<_>>());
    }
}

impl Exposure {
    /// Parts that count of a party.
    fn parts<'f>(&self, found: &'f Found, party: Party) -> impl Iterator<Item = &'f Part> + Clone + use<'f> {
        let hops_from = self.hops_from;
        let parts = found.reached.get(&party).map_or(&[][..], |reached| &reached.parts);
        parts.iter().filter(move |part| part.hops >= hops_from)
    }

    /// Whom to tell of, ascending: no service.
    fn parties(&self, from: &Found, to: &Found) -> Vec<Party> {
        let is_told = |party: &Party| self.parts(from, *party).chain(self.parts(to, *party)).next().is_some();
        let reached = from.reached.iter().chain(&to.reached).filter(|(_, reached)| !reached.is_service);
        let mut parties: Vec<Party> = reached.map(|(party, _)| *party).filter(is_told).collect();
        parties.sort_unstable();
        parties.dedup();
        parties
    }

    fn candidate(&self, at: &At<'_>, party: Party, from: &Found, to: &Found) -> Option<Candidate> {
        // of a party this large the part would say nothing, and it is likely a service that nobody labelled
        if at.world.is_heavier(party, self.limits.weight_max) {
            return None;
        }
        let asset = main_asset(self.parts(from, party).chain(self.parts(to, party)))?;
        let timeline = read(at, party, self.limits.moves_max);
        let of_asset = |way: Way| timeline.moves.iter().filter(move |m| m.way == way && m.asset == asset);
        let (received, sent) = (Sum::of(of_asset(Way::In)), Sum::of(of_asset(Way::Out)));
        let side = |found: &Found, whole: Sum| {
            let mut side = Side { hops: u8::MAX, whole: whole.units, ..Side::default() };
            let mut known = FxHashSet::default();
            for part in self.parts(found, party).filter(|part| part.movement.asset == asset) {
                let m = &part.movement;
                side.hops = side.hops.min(part.hops);
                side.fifo += part.fifo;
                if known.insert((m.tx, m.own, m.other, m.units)) {
                    side.poison += m.units;
                }
                add_part(&mut side.linked, m, part.haircut);
            }
            side
        };
        let (came, went) = (side(from, received), side(to, sent));
        let moves: Vec<&Move> =
            self.parts(from, party).chain(self.parts(to, party)).map(|part| &part.movement).collect();
        let is_main = |m: &&Move| m.asset == asset;
        let others = moves.iter().filter(|m| !is_main(m));
        let ordered: Vec<&Move> = moves.iter().filter(|m| is_main(m)).chain(others).copied().collect();
        let mut candidate = Candidate::of(Subject::Party(party), ordered);
        candidate.asset = asset;
        // everything that it moved, of which little may be linked
        candidate.total = Sum {
            units: received.units.saturating_add(sent.units),
            cents: received.cents.saturating_add(sent.cents),
            unpriced: received.unpriced.saturating_add(sent.unpriced),
        };
        let linked = Sum {
            units: came.linked.units.saturating_add(went.linked.units),
            cents: came.linked.cents.saturating_add(went.linked.cents),
            unpriced: came.linked.unpriced.saturating_add(went.linked.unpriced),
        };
        candidate.linked = Some(linked);
        for (found, is_from) in [(from, true), (to, false)] {
            if self.parts(found, party).next().is_none() {
                continue;
            }
            let (mut parties, mut txs) = found.path(party);
            if !is_from {
                parties.reverse();
                txs.reverse();
            }
            let texts: Vec<String> = parties.iter().map(|p| at.world.address_text(p.0)).collect();
            candidate.notes.push(texts.join(" > ").into());
            candidate.txs.extend(txs);
        }
        let measures = &mut candidate.measures;
        let share = |units: u128, side: &Side| permille(units, side.whole).map(|share| share.min(1000));
        measures.maybe("share_permille", share(came.linked.units, &came).max(share(went.linked.units, &went)));
        measures.set("hops_min", came.hops.min(went.hops));
        measures.set("linked_cents", linked.cents);
        for (side, [fifo, haircut, poison, hops]) in [
            (&came, ["from_fifo_permille", "from_haircut_permille", "from_poison_permille", "from_hops"]),
            (&went, ["to_fifo_permille", "to_haircut_permille", "to_poison_permille", "to_hops"]),
        ] {
            if side.hops < u8::MAX {
                measures.maybe(fifo, share(side.fifo, side));
                measures.maybe(haircut, share(side.linked.units, side));
                measures.maybe(poison, share(side.poison, side));
                measures.set(hops, side.hops);
            }
        }
        measures.set("bound_hit", i64::from(from.is_bounded || to.is_bounded));
        Some(candidate)
    }
}

/// One direction's sums, in units of the asset.
#[derive(Default)]
struct Side {
    hops: u8,
    whole: u128,
    fifo: u128,
    poison: u128,
    /// By haircut.
    linked: Sum,
}

/// The asset that most dollars are linked in; without a price that with most movements; of equal ones the lowest number.
fn main_asset<'p>(parts: impl Iterator<Item = &'p Part>) -> Option<u32> {
    let mut worth: FxHashMap<u32, (u64, u64)> = FxHashMap::default();
    for part in parts {
        let entry = worth.entry(part.movement.asset).or_default();
        let cents = worth_of(&part.movement, part.haircut.max(part.fifo)).unwrap_or(0);
        entry.0 = entry.0.saturating_add(cents);
        entry.1 += 1;
    }
    worth.into_iter().max_by_key(|(asset, sum)| (*sum, std::cmp::Reverse(*asset))).map(|(asset, _)| asset)
}

#[cfg(test)]
mod tests {
    use crate::fixture::HandWorld;
    use crate::{Hit, RunOptions, Standing, run, shipped};
    use athar_types::{Category, Level};

    const START: u32 = 1_600_000_000;

    fn hits(world: &HandWorld, since: Option<u32>) -> Vec<Hit> {
        let rules: Vec<&crate::Rule> = shipped().iter().filter(|r| r.id == "indirect-exposure").collect();
        assert_eq!(rules.len(), 1);
        run(world, &rules, &|_| Standing::Held, RunOptions { since }).hits
    }

    fn hit<'h>(hits: &'h [Hit], address: &str) -> &'h Hit {
        hits.iter().find(|h| h.subject_text == address).unwrap()
    }

    fn value(hit: &Hit, name: &str) -> Option<i64> {
        hit.values.iter().find(|v| v.measure == name).map(|v| v.value)
    }

    /// 0 is labelled.
    fn world() -> HandWorld {
        let mut world = HandWorld::outputs();
        world.label(0, Category::TerroristFinancing);
        world
    }

    #[test]
    fn three_policies_stand_side_by_side() {
        let mut world = world();
        // party 1 gets 100 from 0, then 300 from elsewhere, and sends 200 to 2 and 200 to 3
        world.pay(START, 0, 1, 10_000);
        world.pay(START + 1, 90, 1, 30_000);
        world.pay(START + 2, 1, 2, 20_000);
        world.pay(START + 3, 1, 3, 20_000);
        // 2 also gets 600 from elsewhere
        world.pay(START + 4, 91, 2, 60_000);
        let hits = hits(&world, None);
        let two = hit(&hits, "address-2");
        // first in, first out: all of the 100 went to 2; haircut: a quarter of 200
        assert_eq!(value(two, "from_fifo_permille"), Some(125));
        assert_eq!(value(two, "from_haircut_permille"), Some(62));
        assert_eq!(value(two, "from_poison_permille"), Some(250));
        assert_eq!(value(two, "hops_min"), Some(2));
        assert_eq!((two.linked.cents, two.total.cents), (5_000, 80_000));
        let three = hit(&hits, "address-3");
        assert_eq!(value(three, "from_fifo_permille"), Some(0));
        assert_eq!(value(three, "from_haircut_permille"), Some(250));
        assert_eq!(value(three, "from_poison_permille"), Some(1000));
        assert!(three.notes[0].en == "address-0 > address-1 > address-3", "{:?}", three.notes);
        // the direct one is another statement
        assert!(hits.iter().all(|h| h.subject_text != "address-1"));
    }

    #[test]
    fn what_goes_to_them_is_seen_backwards() {
        let mut world = world();
        world.pay(START, 5, 4, 30_000);
        world.pay(START, 6, 4, 10_000);
        world.pay(START + 1, 4, 0, 20_000);
        world.pay(START + 2, 4, 7, 20_000);
        let hits = hits(&world, None);
        let five = hit(&hits, "address-5");
        assert_eq!(value(five, "to_fifo_permille"), Some(666));
        assert_eq!(value(five, "to_haircut_permille"), Some(500));
        assert_eq!(value(five, "to_poison_permille"), Some(1000));
        assert_eq!(value(five, "from_hops"), None);
        assert_eq!(five.notes, ["address-5 > address-4 > address-0".into()]);
        let six = hit(&hits, "address-6");
        assert_eq!((value(six, "to_fifo_permille"), value(six, "to_haircut_permille")), (Some(0), Some(500)));
    }

    #[test]
    fn the_third_hop_is_the_last_and_never_more_than_low() {
        let mut world = world();
        for hop in 0..5 {
            world.pay(START + hop, hop, hop + 1, 10_000);
        }
        world.facts.redemptions.push(crate::Redemption {
            context: Vec::new(),
            account: None,
            address: Some(2),
            beneficiary: "address-2".into(),
            time: athar_types::UnixTime(START),
            euro_cents: 100,
            outlet: None,
            buyer: None,
            country: None,
            record: "record".into(),
        });
        world.facts.redemptions.push(crate::Redemption { address: Some(3), ..world.facts.redemptions[0].clone() });
        let hits = hits(&world, None);
        let names: Vec<&str> = hits.iter().map(|h| h.subject_text.as_str()).collect();
        assert_eq!(names, ["address-2", "address-3"]);
        assert_eq!((hits[0].severity, hits[1].severity), (Level::Medium, Level::Low));
        assert_eq!((value(&hits[0], "hops_min"), value(&hits[1], "hops_min")), (Some(2), Some(3)));
    }

    #[test]
    fn services_stop_the_walk_and_money_sent_before_carries_nothing() {
        let mut world = world();
        world.label(1, Category::Exchange);
        world.pay(START, 0, 1, 10_000);
        world.pay(START + 1, 1, 2, 10_000);
        assert!(hits(&world, None).is_empty());
        let mut world = self::world();
        world.pay(START, 8, 1, 10_000);
        world.pay(START + 1, 1, 2, 10_000);
        world.pay(START + 2, 0, 1, 10_000);
        assert!(hits(&world, None).is_empty());
        world.pay(START + 3, 1, 3, 10_000);
        assert_eq!(hits(&world, None).len(), 1);
    }

    #[test]
    fn small_shares_and_dust_are_left_out() {
        let at = |linked: u64, other: u64| {
            let mut world = world();
            world.pay(START, 0, 1, linked);
            world.pay(START + 1, 1, 2, linked);
            world.pay(START + 2, 9, 2, other);
            hits(&world, None).len()
        };
        assert_eq!((at(5_000, 95_000), at(4_900, 95_100)), (1, 0));
        assert_eq!((at(100, 100), at(99, 100)), (1, 0));
        // what makes too little of a payment is not followed
        let through = |linked: u64| {
            let mut world = world();
            world.pay(START, 0, 1, linked);
            world.pay(START + 1, 9, 1, 1_000_000 - linked);
            world.pay(START + 2, 1, 2, 500_000);
            let hits = hits(&world, None);
            hits.iter().map(|h| value(h, "from_haircut_permille").unwrap()).collect::<Vec<_>>()
        };
        assert_eq!((through(50_000), through(9_000)), (vec![50], vec![]));
    }

    #[test]
    fn an_incremental_run_is_a_whole_one() {
        let mut world = world();
        world.pay(START, 0, 1, 10_000);
        world.pay(START + 1, 1, 2, 4_000);
        world.pay(START + 1, 7, 8, 4_000);
        // long after 7 paid 8, 8 pays the labelled one: that is news about 7
        let since = world.pay(START + 2, 8, 0, 4_000);
        let all = hits(&world, None);
        assert_eq!((all.len(), hits(&world, Some(since))), (2, all));
        assert!(hits(&HandWorld::outputs(), None).is_empty());
    }

    #[test]
    fn assets_are_kept_apart() {
        let mut world = HandWorld::accounts();
        world.label(0, Category::TerroristFinancing);
        world.pay(START, 0, 1, 50_000);
        world.last(1, true);
        world.pay(START + 1, 1, 2, 50_000);
        assert!(hits(&world, None).is_empty());
        world.pay(START + 2, 1, 3, 20_000);
        world.last(1, true);
        let hits = hits(&world, None);
        assert_eq!((hits.len(), hits[0].asset.as_str()), (1, "USDT"));
        assert_eq!(value(&hits[0], "from_fifo_permille"), Some(1000));
    }

    proptest::proptest! {
        /// Over any payments: no policy gives more than everything, first in first out and haircut never exceed poison, and
        /// what left a labelled party is conserved.
        #[test]
        fn shares_are_shares(pays in proptest::collection::vec((0_u32..8, 0_u32..8, 1_u64..500), 0..60), accounts: bool) {
            let mut world = if accounts { HandWorld::accounts() } else { HandWorld::outputs() };
            world.label(0, Category::TerroristFinancing);
            for (i, (from, to, dollars)) in pays.iter().enumerate() {
                if from != to {
                    world.pay(START + i as u32 / 2, *from, *to, dollars * 100);
                }
            }
            for hit in hits(&world, None) {
                for side in ["from", "to"] {
                    let of = |policy: &str| {
                        let name = format!("{side}_{policy}_permille");
                        hit.values.iter().find(|v| v.measure == name).map(|v| v.value)
                    };
                    if let (Some(fifo), Some(haircut), Some(poison)) = (of("fifo"), of("haircut"), of("poison")) {
                        proptest::prop_assert!(fifo <= poison && haircut <= poison && poison <= 1000);
                    }
                }
                proptest::prop_assert!(hit.linked.units <= hit.total.units);
            }
        }
    }
}
