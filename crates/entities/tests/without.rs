//! An entity without one transaction, against union-find over everything else.
use crate::support;

use athar_entities::{Part, Settings, partition, without};
use athar_ledger::Scratch;
use athar_types::{AddressId, TxNum};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use support::World;

const CHAIN: &str = "
block
coinbase c0 -> a 100 b 100 b 100 c 100 c 100 d 100 a 100 d 100 e 100 e 100 f 100
block
coinbase c1 -> miner 50
tx ab: c0:0 c0:1 -> x1 199
tx bc: c0:2 c0:3 -> x2 199
tx ad: c0:6 c0:5 -> x3 199
block
coinbase c2 -> miner 50
tx de: c0:7 c0:8 -> x4 199
tx ef: c0:9 c0:10 -> x5 199
";

fn names(world: &World, part: &Part) -> String {
    let all = ["a", "b", "c", "d", "e", "f"];
    let has = |n: &&str| part.addresses.contains(&world.address(n));
    all.into_iter().filter(has).collect()
}

#[test]
fn a_part_falls_off_and_the_address_asked_is_in_one() {
    let world = World::new(CHAIN, &Settings::default());
    let ask = |tx, a| without(&world.ledger, &world.forest, world.tx(tx), world.address(a), 10_000).unwrap();
    let found = ask("ad", "e");
    assert_eq!((found.size, found.sides, found.bound_hit, found.ways.len()), (6, 2, false, 0));
    let mut parts: Vec<(u32, String, Option<bool>)> =
        found.parts.iter().map(|p| (p.size, names(&world, p), p.has_asked)).collect();
    // one of the two is searched to its end, the other is the rest: its size is exact, its list only the start
    assert!(found.parts.iter().all(|p| p.is_whole));
    assert_eq!(parts.iter().map(|p| p.0).collect::<Vec<_>>(), [3, 3]);
    parts.sort_by_key(|p| !p.1.contains('a'));
    assert_eq!((parts[0].2, parts[1].2), (Some(false), Some(true)));
    // a transaction that ties nobody of this entity
    assert_eq!(without(&world.ledger, &world.forest, world.tx("c2"), world.address("a"), 10_000), None);
    assert_eq!(without(&world.ledger, &world.forest, world.tx("ad"), world.address("x4"), 10_000), None);
}

#[test]
fn what_was_one_before_stays_one_and_another_way_is_told() {
    let chain =
        format!("{CHAIN}block\ncoinbase c3 -> a 60 f 60\nblock\ncoinbase c4 -> y 5\ntx af: c3:0 c3:1 -> x6 119\n");
    let world = World::new(&chain, &Settings::default());
    let ask = |tx, a| without(&world.ledger, &world.forest, world.tx(tx), world.address(a), 10_000).unwrap();
    let late = ask("af", "b");
    assert_eq!((late.sides, late.parts.len(), late.parts[0].size), (1, 1, 6));
    assert_eq!(late.since.map(|l| l.tx), Some(world.tx("ef")));
    // the earlier one did join trees, but af ties them too
    let found = ask("ad", "b");
    assert_eq!((found.sides, found.parts.len(), found.parts[0].size, found.ways.len()), (2, 1, 6, 1));
    let way = &found.ways[0];
    let ends = [way[0].a, way[way.len() - 1].b];
    assert!(ends.contains(&world.address("a")) && ends.contains(&world.address("d")));
    assert!(way.iter().all(|step| step.tx != world.tx("ad")) && way.iter().any(|step| step.tx == world.tx("af")));
    assert!(way.windows(2).all(|pair| pair[0].b == pair[1].a));
    // no budget: what is known is told, and that it is not all
    let bounded = without(&world.ledger, &world.forest, world.tx("ad"), world.address("b"), 1).unwrap();
    assert!(bounded.bound_hit && bounded.parts.len() == 2 && bounded.parts.iter().all(|p| !p.is_whole));
    assert_eq!(bounded.parts.iter().filter(|p| p.has_asked == Some(true)).count(), 1);
}

/// A chain in which every address is paid several times and transactions spend from random ones.
fn random_chain(seed: u64) -> (String, u32) {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut below = move |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let people = 4 + below(12);
    let mut text = String::from("block\ncoinbase c0 ->");
    let coins = 60;
    for coin in 0..coins {
        let owner = if coin < people { coin } else { below(people) };
        write!(text, " p{owner} 100").unwrap();
    }
    let (mut next, mut txs) = (0, 0);
    for block in 1..6 {
        write!(text, "\nblock\ncoinbase c{block} -> m 50").unwrap();
        for _ in 0..4 {
            let inputs = 1 + below(3).min(coins - next - 1);
            if next + inputs >= coins {
                break;
            }
            write!(text, "\ntx t{txs}:").unwrap();
            (0..inputs).for_each(|i| write!(text, " c0:{}", next + i).unwrap());
            write!(text, " -> z{txs} 10").unwrap();
            next += inputs;
            txs += 1;
        }
    }
    (text + "\n", txs)
}

#[test]
fn parts_equal_union_find_over_all_other_transactions() {
    let (mut split, mut held) = (0, 0);
    for seed in 0..25 {
        let (chain, txs) = random_chain(seed);
        let world = World::new(&chain, &Settings::default());
        let inputs = |tx: TxNum| -> Vec<AddressId> { world.ledger.inputs(tx).filter_map(|i| i.address).collect() };
        for left_out in (0..txs).map(|n| world.tx(&format!("t{n}"))) {
            let mut part: BTreeMap<AddressId, AddressId> = BTreeMap::new();
            for tx in (0..world.ledger.tx_count()).map(TxNum).filter(|tx| *tx != left_out) {
                let tied: BTreeSet<AddressId> = inputs(tx).into_iter().collect();
                for pair in tied.iter().zip(tied.iter().skip(1)) {
                    let of = |a: &AddressId| part.get(a).copied().unwrap_or(*a);
                    let (x, y) = (of(pair.0), of(pair.1));
                    (0..world.ledger.address_count())
                        .map(AddressId)
                        .filter(|a| of(a) == y)
                        .collect::<Vec<_>>()
                        .into_iter()
                        .for_each(|a| {
                            part.insert(a, x);
                        });
                }
            }
            let of = |a: AddressId| part.get(&a).copied().unwrap_or(a);
            let tied = inputs(left_out);
            let Some(found) = without(&world.ledger, &world.forest, left_out, tied[0], 1_000_000) else {
                assert!(tied.iter().all(|a| *a == tied[0]), "seed {seed}");
                continue;
            };
            let members = world.forest.members(tied[0], 0, 1000);
            let mut expected: BTreeMap<AddressId, u32> = BTreeMap::new();
            for a in &members {
                *expected.entry(of(*a)).or_default() += 1;
            }
            let mut sizes: Vec<u32> = expected.values().copied().collect();
            sizes.sort_unstable_by(|a, b| b.cmp(a));
            assert!(!found.bound_hit && found.parts.iter().all(|p| p.is_whole), "seed {seed}");
            assert_eq!(found.parts.iter().map(|p| p.size).collect::<Vec<_>>(), sizes, "seed {seed}: {chain}");
            let own = found.parts.iter().find(|p| p.has_asked == Some(true)).unwrap();
            assert_eq!(own.size, expected[&of(tied[0])], "seed {seed}");
            for way in &found.ways {
                assert!(
                    way.iter().all(|s| s.tx != left_out && inputs(s.tx).contains(&s.a) && inputs(s.tx).contains(&s.b))
                );
            }
            if sizes.len() > 1 { split += 1 } else { held += 1 }
        }
    }
    assert!(split > 15 && held > 15, "{split} {held}");
}

#[test]
fn the_parts_of_a_partition_are_those_of_the_search() {
    let mut compared = 0;
    for seed in 0..25 {
        let (chain, txs) = random_chain(seed);
        let world = World::new(&chain, &Settings::default());
        for left_out in (0..txs).map(|n| world.tx(&format!("t{n}"))) {
            let first = world.ledger.inputs(left_out).find_map(|i| i.address).unwrap();
            let Some(found) = without(&world.ledger, &world.forest, left_out, first, 1_000_000) else { continue };
            let parts = partition(&world.ledger, &world.forest, first, &[left_out], &Scratch::in_memory()).unwrap();
            assert_eq!(
                parts.iter().map(|p| p.addresses.len() as u32).collect::<Vec<_>>(),
                found.parts.iter().map(|p| p.size).collect::<Vec<_>>(),
                "seed {seed}"
            );
            // together they are the entity, in figures too
            let whole = world.forest.entity(&world.ledger, first).unwrap();
            assert_eq!(parts.iter().map(|p| p.received.0).sum::<u64>(), whole.received.0);
            assert_eq!(parts.iter().map(|p| p.sent.0).sum::<u64>(), whole.sent.0);
            assert_eq!(parts.iter().map(|p| p.addresses[0]).min(), Some(whole.name));
            compared += 1;
        }
    }
    assert!(compared > 60, "{compared}");
}
