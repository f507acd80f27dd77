//! `migrated`: an actor whose receipts move from Bitcoin to dollar tokens. The day is looked for at which the share of bitcoin
//! falls most, between a window before it and one after it.
//!
//! What ties the chains is a label's name or a campaign, never the shape; a shared first payer of gas is told beside it.

use super::beside::{NOTES_MAX, m, moves_of, note, p, ranked};
use super::{At, Bound, Scope, Spec};
use crate::measure::permille;
use crate::{ActorOverChains, Candidate, Elsewhere, Move, Party, Shape, Subject, Unit, Way};
use athar_types::{Bilingual, isolated};
use std::collections::{BTreeMap, BTreeSet};

/// Addresses of an actor on this chain that are looked at.
const ADDRESSES_LOOKED: usize = 10_000;

pub(super) static SPEC: Spec = Spec {
    name: "migrated",
    about: "an actor's receipts over all chains held: where bitcoin gives way to dollar tokens",
    parameters: &[
        p("window_days", Unit::Days, "length of the windows before and after"),
        p("least_cents", Unit::UsdCents, "least bitcoin before and least tokens after"),
    ],
    measures: &[
        m("fall_permille", Unit::Permille, "by how much of itself the share of bitcoin falls"),
        m("share_before", Unit::Permille, "share of bitcoin in the window before"),
        m("share_after", Unit::Permille, "share of bitcoin in the window after"),
        m("bitcoin_before_cents", Unit::UsdCents, "bitcoin received in the window before"),
        m("bitcoin_after_cents", Unit::UsdCents, "bitcoin received in the window after"),
        m("tokens_before_cents", Unit::UsdCents, "dollar tokens received in the window before"),
        m("tokens_after_cents", Unit::UsdCents, "dollar tokens received in the window after"),
        m("rise_cents", Unit::UsdCents, "by how much the tokens rise; 0 where they do not"),
        m("turned", Unit::Time, "the day between the windows"),
        m("addresses", Unit::Count, "addresses of the actor on all chains"),
        m("funded", Unit::Count, "accounts that only a shared funder of their first fees ties to it"),
        m("funder_service", Unit::Flag, "whether that funder is a service, which groups nobody"),
        m("bound_hit", Unit::Flag, "more addresses or movements than are looked at"),
    ],
    bind: |params| {
        Ok(Box::new(Migrated {
            window: params.small("window_days")?.saturating_mul(86_400),
            least: params.number("least_cents")?,
        }))
    },
};

struct Migrated {
    window: u32,
    least: u64,
}

/// Sums of two windows.
#[derive(Clone, Copy, Default)]
struct Turn {
    day: u32,
    before: [u64; 2],
    after: [u64; 2],
}

const BITCOIN: usize = 0;
const TOKENS: usize = 1;

impl Turn {
    fn shares(&self) -> Option<(i64, i64)> {
        let share = |of: [u64; 2]| permille(of[BITCOIN], u128::from(of[BITCOIN]) + u128::from(of[TOKENS]));
        Some((share(self.before)?, share(self.after)?))
    }

    /// By how many thousandths of itself the share of bitcoin falls.
    fn fall(&self) -> Option<i64> {
        let (before, after) = self.shares()?;
        (before > 0).then(|| (before - after).max(0) * 1000 / before)
    }
}

impl Bound for Migrated {
    fn scope(&self) -> Scope {
        Scope::Whole
    }

    fn whole(&self, at: &At<'_>, found: &mut Vec<Candidate>) {
        for actor in &at.world.facts().actors {
            let is_due = actor.addresses.iter().any(|address| at.is_due(at.world.party(*address)));
            if is_due && let Some(turn) = self.turn(&actor.received) {
                found.push(self.look(at, actor, &turn));
            }
        }
    }
}

impl Migrated {
    /// The turn with the largest fall; of equal ones that with most money, then the earliest.
    fn turn(&self, received: &[Elsewhere]) -> Option<Turn> {
        let mut days: BTreeMap<u32, [u64; 2]> = BTreeMap::new();
        for one in received {
            let sum = &mut days.entry(one.time.0).or_default()[if one.is_bitcoin { BITCOIN } else { TOKENS }];
            *sum = sum.saturating_add(one.cents);
        }
        // sums up to each day, so that a window is a difference
        let times: Vec<u32> = days.keys().copied().collect();
        let mut sums = vec![[0_u64; 2]];
        for of in days.values() {
            let last = sums[sums.len() - 1];
            sums.push([last[0].saturating_add(of[0]), last[1].saturating_add(of[1])]);
        }
        let between = |from: u32, to: u32| {
            let (a, b) = (times.partition_point(|t| *t < from), times.partition_point(|t| *t < to));
            [sums[b][0] - sums[a][0], sums[b][1] - sums[a][1]]
        };
        let turn = |day: &u32| Turn {
            day: *day,
            before: between(day.saturating_sub(self.window), *day),
            after: between(*day, day.saturating_add(self.window)),
        };
        let is_enough = |t: &Turn| t.before[BITCOIN] >= self.least && t.after[TOKENS] >= self.least;
        let key = |t: &Turn| {
            let money = t.before[BITCOIN].saturating_add(t.after[TOKENS]);
            (t.fall(), money, std::cmp::Reverse(t.day))
        };
        times.iter().map(turn).filter(is_enough).max_by_key(key)
    }

    fn look(&self, at: &At<'_>, actor: &ActorOverChains, turn: &Turn) -> Candidate {
        let own: BTreeSet<u32> = actor.addresses.iter().copied().take(ADDRESSES_LOOKED).collect();
        let parties: BTreeSet<Party> = own.iter().map(|address| at.world.party(*address)).collect();
        let (from, to) = (turn.day.saturating_sub(self.window), turn.day.saturating_add(self.window));
        let (mut moves, mut is_bound) = (Vec::new(), actor.addresses.len() > ADDRESSES_LOOKED);
        // the coin of a chain of accounts pays fees; here it is no receipt
        let is_fee = |m: &Move| at.world.shape() == Shape::Accounts && m.asset == 0;
        let is_receipt =
            |m: &Move| m.way == Way::In && !is_fee(m) && (from..to).contains(&m.time) && !parties.contains(&m.party);
        for party in &parties {
            match moves_of(at.world, *party, |address| own.contains(&address)) {
                Some(of) => moves.extend(of.into_iter().filter(is_receipt)),
                None => is_bound = true,
            }
        }
        let named = actor.addresses.first();
        let subject = named.map_or_else(|| Subject::Text(actor.name.clone()), |a| Subject::Address(*a));
        let mut candidate = Candidate::of(subject, ranked(&moves));
        if moves.is_empty() {
            (candidate.start, candidate.end) = (from, to);
        }
        candidate.addresses.extend(&own);
        let measures = &mut candidate.measures;
        measures.maybe("fall_permille", turn.fall());
        if let Some((before, after)) = turn.shares() {
            measures.set("share_before", before);
            measures.set("share_after", after);
        }
        measures.set("bitcoin_before_cents", turn.before[BITCOIN]);
        measures.set("bitcoin_after_cents", turn.after[BITCOIN]);
        measures.set("tokens_before_cents", turn.before[TOKENS]);
        measures.set("tokens_after_cents", turn.after[TOKENS]);
        measures.set("rise_cents", turn.after[TOKENS].saturating_sub(turn.before[TOKENS]));
        measures.set("turned", turn.day);
        measures.set("addresses", actor.addresses.len() + actor.others.len());
        measures.set("funded", actor.funded);
        measures.set("funder_service", i64::from(actor.funded > 0 && actor.funder_is_service));
        measures.set("bound_hit", i64::from(is_bound));
        candidate.notes.push(note(&actor.name).into());
        if let Some(funder) = actor.shared_funder.as_ref().filter(|_| !actor.funder_is_service) {
            let (funded, funder) = (actor.funded.to_string(), note(funder));
            candidate.notes.push(Bilingual::new(
                format!("first fees of {funded} more account(s) from {funder}"),
                format!("دفع {} أولى رسوم حسابات أخرى عددها {}", isolated(&funder), isolated(&funded)),
            ));
        }
        candidate.notes.extend(actor.others.iter().take(NOTES_MAX - 2).map(|other| note(other).into()));
        candidate
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::HandWorld;
    use crate::operator::beside::tests::{hits, value};
    use crate::{ActorOverChains, Elsewhere};
    use athar_types::{Category, Level, UnixTime};
    use proptest::prelude::*;

    const DAY: u32 = 86_400;
    const START: u32 = 1_600_000_000 / DAY * DAY;

    fn got(day: u32, is_bitcoin: bool, cents: u64) -> Elsewhere {
        Elsewhere { time: UnixTime(START + day * DAY), is_bitcoin, cents }
    }

    fn world(received: Vec<Elsewhere>) -> HandWorld {
        let mut world = HandWorld::outputs();
        for n in 0..10 {
            world.pay(START + n * 5 * DAY, 100 + n, 0, 10_000);
        }
        world.label(0, Category::TerroristFinancing);
        world.facts.actors.push(ActorOverChains {
            name: "Example Brigade".into(),
            addresses: vec![0],
            others: vec!["tron: T-example".into()],
            received,
            ..ActorOverChains::default()
        });
        world
    }

    /// Bitcoin for fifty days, then tokens, and at the end `rest` cents of bitcoin.
    fn moved(rest: u64) -> Vec<Elsewhere> {
        let mut received: Vec<Elsewhere> = (0..10).map(|n| got(n * 5, true, 10_000)).collect();
        received.extend((10..20).map(|n| got(n * 5, false, 10_000)));
        received.push(got(97, true, rest));
        received
    }

    #[test]
    fn receipts_that_turn_to_tokens_are_a_hit() {
        let found = hits(&world(moved(0)), "chain-migration");
        assert_eq!((found.len(), found[0].severity), (1, Level::High));
        assert_eq!(value(&found[0], "fall_permille"), Some(1_000));
        assert_eq!(value(&found[0], "turned"), Some(i64::from(START + 50 * DAY)));
        assert_eq!(found[0].txids.len(), 10);
        assert_eq!(found[0].notes, ["Example Brigade", "tron: T-example"].map(athar_types::Bilingual::from));
    }

    #[test]
    fn a_fall_of_four_fifths_is_too_little() {
        // 25,000 of 125,000 is a fifth: a fall of exactly 80%
        let found = hits(&world(moved(25_000)), "chain-migration");
        assert!(found.is_empty(), "{:?}", found[0].values);
        assert_eq!(hits(&world(moved(20_000)), "chain-migration").len(), 1);
    }

    #[test]
    fn too_little_money_too_slow_and_the_other_way_are_none() {
        let small: Vec<Elsewhere> = moved(0).into_iter().map(|e| Elsewhere { cents: e.cents / 1_000, ..e }).collect();
        assert!(hits(&world(small), "chain-migration").is_empty());
        // tokens begin four months after bitcoin ended
        let slow = vec![got(0, true, 100_000), got(121, false, 100_000)];
        assert!(hits(&world(slow), "chain-migration").is_empty());
        let back: Vec<Elsewhere> = moved(0).into_iter().map(|e| Elsewhere { is_bitcoin: !e.is_bitcoin, ..e }).collect();
        assert!(hits(&world(back), "chain-migration").is_empty());
        // tokens do not rise: bitcoin alone ends
        let mut ends: Vec<Elsewhere> = (0..10).map(|n| got(n * 5, true, 10_000)).collect();
        ends.extend((0..20).map(|n| got(n * 5, false, 10_000)));
        assert!(hits(&world(ends), "chain-migration").is_empty());
    }

    #[test]
    fn a_service_that_funds_groups_nobody_and_no_anchor_is_no_hit() {
        let mut world = world(moved(0));
        let actor = &mut world.facts.actors[0];
        (actor.shared_funder, actor.funded, actor.funder_is_service) = (Some("T-funder".into()), 4, true);
        let found = hits(&world, "chain-migration");
        assert_eq!((found[0].severity, found[0].capped_by.as_deref()), (Level::Low, Some("guard")));
        assert!(!found[0].notes.iter().any(|n| n.en.contains("T-funder")));
        let mut world = self::world(moved(0));
        world.facts.actors[0].addresses = vec![100];
        assert!(hits(&world, "chain-migration").is_empty());
    }

    proptest! {
        #[test]
        fn any_receipts_are_read_without_overflow(
            days in prop::collection::vec((0_u32..300, any::<bool>(), any::<u64>()), 0..40)
        ) {
            let received = days.into_iter().map(|(day, is_bitcoin, cents)| got(day, is_bitcoin, cents)).collect();
            for hit in hits(&world(received), "chain-migration") {
                prop_assert!(value(&hit, "fall_permille").is_some_and(|fall| (800..=1_000).contains(&fall)));
            }
        }
    }
}
