//! Tests of the operators on ordinary life: people, shops, an employer and an exchange on a chain of outputs, where every
//! payment returns change to a fresh address and co-spending ties only some of these. And on any payments at all.

use crate::fixture::HandWorld;
use crate::{Move, Party, Publication, Redemption, Way};
use athar_types::{Category, UnixTime};
use proptest::prelude::*;
use std::collections::BTreeMap;

const T: u32 = 1_600_000_000;
const EXCHANGE: u32 = 0;
const SHOPS: u32 = 5;
const EMPLOYER: u32 = 6;

/// Rows of this kind: whatever one party does.
const ROWS: [&str; 11] = [
    "facilitator",
    "voucher-network",
    "round-increment-remittance",
    "sudden-large-donation",
    "event-spike",
    "pass-through",
    "structuring",
    "new-account-drain",
    "dark-market-purchase",
    "charity-front",
    "fraud-front",
];

/// A small generator (SplitMix64, public domain constants) so that the worlds are the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

/// Some days of so many people. Each has coins at addresses of their own; a payment takes one coin or two (which ties their
/// addresses), goes to a shop, another person or the exchange, and returns change to a fresh address. Whom `known` names is
/// labelled: the party of their first address.
fn life(people: u32, payments: u32, days: u32, seed: u64, known: &[u32]) -> HandWorld {
    let (mut world, mut dice) = (HandWorld::outputs(), Dice(seed));
    world.label(EXCHANGE, Category::Exchange);
    let mut next = 10 + people;
    // coins by person: address and cents; the first address of each is reused as a receiving address by half of them
    let mut coins: Vec<Vec<(u32, u64)>> = vec![Vec::new(); people as usize];
    let mut ties: Vec<Vec<u32>> = (0..people).map(|_| Vec::new()).collect();
    let mut time = T;
    let step = days * 86_400 / payments;
    for person in known {
        world.label(10 + person, Category::DonationCampaign);
    }
    for _ in 0..payments {
        time += dice.below(u64::from(2 * step)) as u32;
        let person = dice.below(u64::from(people)) as usize;
        let mut fresh = || {
            next += 1;
            next
        };
        let receive = |person: usize, fresh: &mut dyn FnMut() -> u32| {
            if person % 2 == 0 { 10 + person as u32 } else { fresh() }
        };
        if coins[person].is_empty() || dice.below(3) == 0 {
            let (to, cents) = (receive(person, &mut fresh), 5_000 + dice.below(200_000));
            let from = if dice.below(2) == 0 { EXCHANGE } else { EMPLOYER };
            world.pay(time, from, to, cents);
            coins[person].push((to, cents));
            continue;
        }
        let place = dice.below(coins[person].len() as u64) as usize;
        let (from, mut cents) = coins[person].swap_remove(place);
        if dice.below(3) == 0
            && let Some((other, more)) = coins[person].pop()
        {
            cents += more;
            if other != from {
                ties[person].extend([from, other]);
            }
        }
        if cents < 500 {
            continue;
        }
        let paid = (cents * (1 + dice.below(97)) / 100).max(1);
        let to = match dice.below(4) {
            0 => 1 + dice.below(u64::from(SHOPS)) as u32,
            1 => EXCHANGE,
            2 => fresh(),
            _ => {
                let other = dice.below(u64::from(people)) as usize;
                let to = receive(other, &mut fresh);
                coins[other].push((to, paid));
                to
            }
        };
        let back = fresh();
        world.pay_all(time, from, &[(to, paid), (back, cents - paid)]);
        coins[person].push((back, cents - paid));
    }
    for addresses in ties.iter_mut().filter(|a| !a.is_empty()) {
        addresses.sort_unstable();
        addresses.dedup();
        world.tie(addresses);
    }
    world
}

#[test]
fn ordinary_wallets_with_change_give_no_hits_even_where_they_are_known() {
    let known: Vec<u32> = (0..30).collect();
    // half a year of quiet life, and a few days in which everybody pays several times an hour
    for (days, most) in [(180, 1), (10, 1), (2, 3)] {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for seed in 1..=4 {
            let world = life(30, 1_200, days, seed, &known);
            for id in ROWS {
                *counts.entry(id).or_default() += world.hits_of(id).len();
            }
        }
        println!("{days} days, 120 ordinary wallets, all of them labelled: {counts:?}");
        for (id, count) in counts {
            assert!(count <= most, "{id} in {days} days: {count}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_payments_and_facts_break_any_rule(
        steps in proptest::collection::vec((0_u32..8, 0_u32..8, 1_u64..2_000_000, 0_u32..40_000, 0_u32..3), 0..80),
        labels in proptest::collection::vec((0_u32..8, 0_usize..Category::ALL.len()), 0..8),
        tied: bool,
        by_outputs: bool,
    ) {
        let mut world = if by_outputs { HandWorld::outputs() } else { HandWorld::accounts() };
        let mut time = T;
        for (from, to, cents, wait, kind) in &steps {
            time += wait;
            match kind {
                0 => world.pay(time, *from, *to, *cents),
                1 => world.pay(time, u32::MAX, *to, *cents),
                _ => world.pay_all(time, *from, &[(*to, *cents), (20 + *to, cents / 2 + 1)]),
            };
            world.last(*kind, kind != &1 || cents % 2 == 0);
        }
        for (party, category) in labels {
            world.label(party, Category::ALL[category]);
        }
        if tied && !steps.is_empty() {
            world.tie(&[1, 2]);
        }
        for address in 0..4 {
            world.facts.publications.push(Publication {
                address: Some(address),
                solicits: true,
                claims_aid: true,
                ..Publication::default()
            });
            world.facts.redemptions.push(Redemption {
            context: Vec::new(),
            account: None,
                address: Some(address), beneficiary: String::new(), time: UnixTime(time), euro_cents: 5_000,
                outlet: None, buyer: None, country: None, record: String::new(),
            });
            world.facts.events.push(crate::DatedEvent { id: String::new(), time: UnixTime(time), title: String::new() });
        }
        let txs = steps.len() as u32;
        for id in ROWS {
            let whole = world.hits_of(id);
            prop_assert_eq!(&whole, &world.hits_of(id), "twice the same");
            // what takes part in the last transaction itself is found again from it alone
            for hit in world.hits_since(id, Some(txs.saturating_sub(1))) {
                prop_assert!(whole.contains(&hit), "{} finds more in a part than in the whole: {:?}", id, hit);
            }
        }
    }
}

/// What an operator measures of a timeline given by hand, before any requirement.
fn candidates(id: &str, world: &HandWorld, timeline: &crate::Timeline) -> Vec<crate::Candidate> {
    let rule = crate::shipped().iter().find(|rule| rule.id == id).unwrap();
    let mut found = Vec::new();
    rule.bound.party(&super::At { world, since: None, changed: None }, timeline, &mut found);
    found
}

fn movement(time: u32, tx: u32, way: Way, other: u32, cents: u64, left: u32) -> Move {
    let (units, party) = (u128::from(cents) * 100, Party(other));
    Move { time, tx, way, own: 0, party, other, asset: 0, units, cents, left }
}

#[test]
fn a_timeline_that_was_cut_says_so() {
    let mut world = HandWorld::accounts();
    world.label(1, Category::TerroristFinancing);
    let mut moves = Vec::new();
    for n in 0..60 {
        moves.push(movement(T + n * 3_600, 2 * n, Way::In, if n == 2 { 1 } else { 100 + n }, 10_000, crate::NEVER));
        moves.push(movement(
            T + n * 3_600 + 60,
            2 * n + 1,
            Way::Out,
            if n == 5 { 1 } else { 200 },
            10_000,
            crate::NEVER,
        ));
    }
    moves.push(movement(T + 70 * 3_600, 120, Way::In, 300, 900_000, crate::NEVER));
    for is_cut in [false, true] {
        let timeline = crate::Timeline { party: Party(0), moves: moves.clone(), is_cut };
        let found = candidates("sudden-large-donation", &world, &timeline);
        assert_eq!(found[0].measures.get("bound_hit"), Some(i64::from(is_cut)));
    }
}

proptest! {
    /// Blocks' times go back by hours at times: Bitcoin asks only that a block be later than the median of eleven.
    #[test]
    fn times_that_go_back_break_nothing(
        steps in proptest::collection::vec((any::<bool>(), 0_u32..6, 1_u64..2_000_000, any::<u32>(), 0_u32..100_000), 0..150),
        near: bool,
    ) {
        for mut world in [HandWorld::accounts(), HandWorld::outputs()] {
            world.label(1, Category::TerroristFinancing);
            for _ in 0..steps.len() {
                world.pay(T, 0, 1, 1);
            }
            let moves = (0..).zip(&steps).map(|(tx, (is_in, other, cents, time, left))| {
                let time = if near { T + time % 20_000 } else { *time };
                let way = if *is_in { Way::In } else { Way::Out };
                movement(time, tx, way, *other, *cents, time.saturating_add(*left))
            });
            let timeline = crate::Timeline { party: Party(0), moves: moves.collect(), is_cut: false };
            for id in ["pass-through", "structuring", "sudden-large-donation"] {
                candidates(id, &world, &timeline);
            }
        }
    }
}
