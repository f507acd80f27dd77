//! A stored forest that is extended in memory, against one that is built anew.
use crate::support;

use athar_entities::{BUSY_OUTPUTS_MIN, Bounds, Busy, CoinJoins, Forest, LARGE_MERGE_MIN, Links, Settings};
use athar_entities::{explain_as_of, without};
use athar_ledger::{BlockRows, Ledger, fixture};
use athar_types::address::sha256d;
use athar_types::{AddressId, Hash32, TxNum};
use proptest::prelude::*;
use std::fmt::Write;
use support::{build, ledger_of, random, store_of, with};

/// Blocks whose hashes from `fork` on are those of another branch.
fn branch(mut blocks: Vec<BlockRows>, fork: usize) -> Vec<BlockRows> {
    for height in fork..blocks.len() {
        let parent = height.checked_sub(1).map_or(Hash32::ZERO, |below| blocks[below].hash);
        let block = &mut blocks[height];
        block.header[4..36].copy_from_slice(&parent.0);
        block.header[76] ^= 1;
        block.hash = Hash32(sha256d(&block.header));
    }
    blocks
}

/// Everything that a forest answers. Gives how many figures were not known.
fn equal(extended: &Forest, fresh: &Forest, ledger: &Ledger, text: &str) -> usize {
    let (own, other) = (extended.manifest(), fresh.manifest());
    assert_eq!((own.tip, own.txs, own.addresses, own.merges), (other.tip, other.txs, other.addresses, other.merges));
    assert_eq!(extended.address_count(), fresh.address_count());
    assert!(extended.coinjoins().eq(fresh.coinjoins()), "{text}");
    assert!((0..own.txs).all(|tx| extended.coinjoin(TxNum(tx)) == fresh.coinjoin(TxNum(tx))));
    assert!(extended.all_large_merges().eq(fresh.all_large_merges()), "{text}");
    let mut unknown = 0;
    for id in (0..ledger.address_count()).map(AddressId) {
        assert_eq!(extended.parent(id), fresh.parent(id), "{id}\n{text}");
        assert_eq!(extended.link(id), fresh.link(id), "{id}\n{text}");
        assert_eq!((extended.size(id), extended.name(id)), (fresh.size(id), fresh.name(id)), "{id}\n{text}");
        assert_eq!(extended.members(id, 0, u32::MAX), fresh.members(id, 0, u32::MAX), "{id}\n{text}");
        assert_eq!(extended.members(id, 1, 2), fresh.members(id, 1, 2), "{id}\n{text}");
        assert!(extended.large_merges(id).eq(fresh.large_merges(id)), "{id}\n{text}");
        match extended.entity(ledger, id) {
            Some(view) => assert_eq!(Some(view), fresh.entity(ledger, id), "{id}\n{text}"),
            None => unknown += 1,
        }
        if let Some(busy) = extended.busy(id) {
            assert_eq!(Some(busy), fresh.busy(id), "{id}");
        }
    }
    unknown
}

/// What it answers as of every transaction, and why.
fn equal_as_of(extended: &Forest, fresh: &Forest, ledger: &Ledger, text: &str) {
    let count = ledger.address_count();
    for tx in (0..ledger.tx_count()).map(TxNum) {
        for id in (0..count).map(AddressId) {
            assert_eq!(extended.find_as_of(id, tx), fresh.find_as_of(id, tx), "{id} as of {tx}\n{text}");
            let members = extended.members_as_of(id, tx, 0, u32::MAX);
            assert_eq!(members, fresh.members_as_of(id, tx, 0, u32::MAX), "{id} as of {tx}\n{text}");
            assert_eq!(extended.size_as_of(id, tx), fresh.size_as_of(id, tx), "{id} as of {tx}\n{text}");
            assert_eq!(extended.name_as_of(id, tx), fresh.name_as_of(id, tx), "{id} as of {tx}\n{text}");
        }
        let first = ledger.inputs(tx).find_map(|input| input.address);
        if let Some(first) = first {
            let ask = |forest| without(ledger, forest, tx, first, 10_000);
            assert_eq!(ask(extended), ask(fresh), "without {tx}\n{text}");
        }
    }
    let end = TxNum(ledger.tx_count());
    for (a, b) in (0..count).flat_map(|a| (0..count).map(move |b| (AddressId(a), AddressId(b)))) {
        assert_eq!(extended.joined(a, b), fresh.joined(a, b), "{a} {b}\n{text}");
        for bounds in [Bounds::default(), Bounds { edges_max: 0, steps_max: usize::MAX }] {
            let ask = |forest| explain_as_of(ledger, forest, a, b, end, &bounds).unwrap();
            assert_eq!(ask(extended), ask(fresh), "{a} {b}\n{text}");
        }
    }
}

/// Stores the forest of `stored`, opens it for the ledger of `now`, and compares it with that ledger's own.
fn check(stored: &[BlockRows], now: &[BlockRows], per_segment: usize, settings: &Settings, text: &str) {
    let [folder, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let old = tempfile::tempdir().unwrap();
    build(folder.path(), &ledger_of(&store_of(old.path(), stored, per_segment)), settings).unwrap();
    let ledger = ledger_of(&store_of(other.path(), now, per_segment));
    let fresh = build(other.path(), &ledger, settings).unwrap();
    let extended = Forest::open_extended(folder.path(), &ledger, settings).unwrap().unwrap();
    assert_eq!(equal(&extended, &fresh, &ledger, text), 0, "figures of few outputs are always known");
    equal_as_of(&extended, &fresh, &ledger, text);
    let report = extended.verify(&ledger, settings, u64::MAX, &mut |_| {}).unwrap();
    assert_eq!(report.addresses, u64::from(ledger.address_count()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 15, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_chain_that_goes_on_is_answered_as_if_built_anew(
        blocks in random::blocks(2..10),
        cut in any::<prop::sample::Index>(),
        per_segment in 1..4_usize,
    ) {
        let text = random::text(&blocks);
        let now = fixture::blocks(&text);
        let cut = 1 + cut.index(now.len() - 1);
        check(&now[..cut], &now, per_segment, &Settings::default(), &text);
        // and the other way round: the ledger is the older one
        check(&now, &now[..cut], per_segment, &Settings::default(), &text);
    }

    #[test]
    fn a_chain_that_took_another_branch_is_answered_as_if_built_anew(
        mut blocks in random::blocks(2..9),
        others in random::blocks(1..6),
        fork in any::<prop::sample::Index>(),
        per_segment in 1..4_usize,
    ) {
        let stored = fixture::blocks(&random::text(&blocks));
        let fork = 1 + fork.index(blocks.len() - 1);
        blocks.truncate(fork);
        blocks.extend(others);
        let text = random::text(&blocks);
        let now = branch(fixture::blocks(&text), fork);
        check(&stored, &now, per_segment, &Settings::default(), &text);
    }

    #[test]
    fn given_coinjoins_are_replayed_too(blocks in random::blocks(2..8), given in prop::collection::btree_set(0..20_u32, 0..6)) {
        let text = random::text(&blocks);
        let now = fixture::blocks(&text);
        let coinjoins = CoinJoins::Given(given.into_iter().map(TxNum).collect());
        check(&now[..1], &now, 1, &Settings { coinjoins, ..Settings::default() }, &text);
    }
}

/// Blocks in which `many` lone addresses `NAME0` … each get a coin, which `NAMEx` collects; `before` come first.
fn gather(text: &mut String, name: &str, many: u32) {
    let paid: String = (0..many).map(|n| format!(" {name}{n} 10")).collect();
    let spent: String = (0..many).map(|n| format!(" {name}paid:{n}")).collect();
    writeln!(text, "block\ncoinbase {name}paid ->{paid}").unwrap();
    writeln!(text, "block\ncoinbase {name}c -> {name}x 50 {name}0 50\ntx {name}t:{spent} -> {name}x 1000").unwrap();
}

#[test]
fn large_merges_and_busy_addresses_are_those_of_a_forest_built_anew() {
    let mut text = String::from("block\ncoinbase c0 -> miner 50\n");
    for name in ["a", "b", "c"] {
        gather(&mut text, name, LARGE_MERGE_MIN + 20);
    }
    let busy: String = (0..=BUSY_OUTPUTS_MIN).map(|_| " shop 1").collect();
    // height 7: the shop; 8 and 9: two merges, each of two large trees, the shop in the second
    write!(text, "block\ncoinbase busy ->{busy}\nblock\ntx m1: ac:1 bc:1 -> b0 99 shop 1\n").unwrap();
    writeln!(text, "block\ntx m2: cc:1 m1:0 busy:5 busy:6 -> miner 100 b0 40").unwrap();
    write!(text, "block\ncoinbase last -> b1 5 shop 3\ntx more: m2:1 last:0 cc:0 -> c1 3\n").unwrap();
    let now = fixture::blocks(&text);
    let settings = Settings::default();
    let [home, anew] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let ledger = ledger_of(&store_of(anew.path(), &now, 3));
    let fresh = build(anew.path(), &ledger, &settings).unwrap();
    assert_eq!(fresh.all_large_merges().count(), 2);
    let shop = fixture::address(&ledger, "shop");
    assert_eq!(fresh.busy(shop), Some(Busy::sum_up(&ledger, shop)));
    for cut in 1..now.len() {
        let old = tempfile::tempdir().unwrap();
        build(home.path(), &ledger_of(&store_of(old.path(), &now[..cut], 3)), &settings).unwrap();
        let extended = Forest::open_extended(home.path(), &ledger, &settings).unwrap().unwrap();
        assert_eq!(equal(&extended, &fresh, &ledger, ""), 0, "cut at {cut}");
        assert_eq!(extended.busy(shop).is_some(), cut > 7, "busy when it was stored");
        assert!(extended.rewound_from().is_none());
        extended.verify(&ledger, &settings, u64::MAX, &mut |_| {}).unwrap();
    }

    // another branch that drops the last blocks: what touched the shop there is not in its stored figures any more
    let home = tempfile::tempdir().unwrap();
    build(home.path(), &ledger, &settings).unwrap();
    for fork in [9, 10] {
        let other = branch(now.iter().take(fork).chain(&now[now.len() - 1..]).cloned().collect(), fork);
        let other = if fork == 9 { other[..9].to_vec() } else { other };
        let anew = tempfile::tempdir().unwrap();
        let ledger = ledger_of(&store_of(anew.path(), &other, 3));
        let fresh = build(anew.path(), &ledger, &settings).unwrap();
        let extended = Forest::open_extended(home.path(), &ledger, &settings).unwrap().unwrap();
        assert_eq!(equal(&extended, &fresh, &ledger, ""), 0);
        assert_eq!(extended.busy(shop), None);
        assert!(extended.rewound_from().is_some());
        extended.verify(&ledger, &settings, u64::MAX, &mut |_| {}).unwrap();
    }
}

#[test]
fn figures_of_a_large_entity_that_a_lost_block_paid_are_unknown_not_wrong() {
    let many: String = (0..10_001).map(|_| " shop 1").collect();
    let text = format!("block\ncoinbase a ->{many} quiet 5\nblock\ncoinbase b -> shop 7\n");
    let stored = fixture::blocks(&text);
    let now = branch(fixture::blocks(&text.replace("shop 7", "other 7")), 1);
    let [home, anew, old] = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let settings = Settings::default();
    build(home.path(), &ledger_of(&store_of(old.path(), &stored, 1)), &settings).unwrap();
    let ledger = ledger_of(&store_of(anew.path(), &now, 1));
    let extended = Forest::open_extended(home.path(), &ledger, &settings).unwrap().unwrap();
    let fresh = build(anew.path(), &ledger, &settings).unwrap();
    assert_eq!(equal(&extended, &fresh, &ledger, ""), 1);
    assert_eq!(extended.entity(&ledger, fixture::address(&ledger, "shop")), None);
    assert!(extended.entity(&ledger, fixture::address(&ledger, "quiet")).is_some());
    assert_eq!(extended.rewound_from(), ledger_of(&store_of(tempfile::tempdir().unwrap().path(), &stored, 1)).tip());
}

#[test]
fn what_cannot_be_replayed_is_answered_as_of_an_earlier_block_or_not_at_all() {
    let mut text = String::new();
    for height in 0..6 {
        writeln!(text, "block\ncoinbase c{height} -> n{height} 50").unwrap();
    }
    let now = fixture::blocks(&text);
    let [home, anew, old] = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let early = ledger_of(&store_of(old.path(), &now[..3], 1));
    let late = ledger_of(&store_of(anew.path(), &now, 1));
    for heuristics in ["co-spend", "co-spend,same-key"] {
        build(home.path(), &early, &with(heuristics)).unwrap();
    }
    let open =
        |ledger, heuristics, max| Forest::open_extended_within(home.path(), ledger, &with(heuristics), max).unwrap();
    let tip_of = |forest: Option<Forest>| forest.unwrap().manifest().tip;
    assert_eq!(tip_of(open(&late, "co-spend", 3)), late.tip());
    assert_eq!(tip_of(open(&late, "co-spend", 2)), early.tip());
    assert_eq!(tip_of(open(&late, "co-spend,same-key", 3)), early.tip());
    let behind = open(&late, "co-spend", 0).unwrap();
    let young = fixture::address(&late, "n5");
    assert_eq!((behind.size(young), behind.name(young), behind.members(young, 0, 9)), (1, young, vec![young]));
    behind.verify_behind(&late, &with("co-spend"), u64::MAX, &mut |_| {}).unwrap();

    let left = tempfile::tempdir().unwrap();
    let other = ledger_of(&store_of(left.path(), &branch(now.clone(), 2), 1));
    assert_eq!(tip_of(open(&other, "co-spend", 4)), other.tip());
    assert!(open(&other, "co-spend", 3).is_none());
    assert!(open(&other, "co-spend,same-key", 9).is_none());
    let all_other = tempfile::tempdir().unwrap();
    let all_other = ledger_of(&store_of(all_other.path(), &branch(now, 0), 1));
    assert!(open(&all_other, "co-spend", 9).is_none(), "no block in common");
}

#[test]
fn a_fork_deeper_than_the_last_144_blocks_is_found_too() {
    let mut text = String::new();
    for height in 0..400 {
        writeln!(text, "block\ncoinbase c{height} -> n{} 50", height % 7).unwrap();
        if height > 9 {
            writeln!(text, "tx t{height}: c{}:0 c{}:0 -> m{height} 90", height - 10, height - 9).unwrap();
        }
    }
    // every coin once
    let text: String = text
        .lines()
        .filter(|line| !line.starts_with("tx") || line.split(':').next().unwrap().ends_with(['0', '2', '4', '6', '8']))
        .fold(String::new(), |all, line| all + line + "\n");
    let stored = fixture::blocks(&text);
    let home = tempfile::tempdir().unwrap();
    let old = tempfile::tempdir().unwrap();
    let forest = build(home.path(), &ledger_of(&store_of(old.path(), &stored, 50)), &Settings::default()).unwrap();
    let heights: Vec<u32> = forest.manifest().locator.iter().map(|block| block.height.0).collect();
    assert_eq!((heights[0], heights.last(), heights[143]), (399, Some(&0), 256));
    for fork in [399, 300, 256, 255, 180, 2, 1] {
        let now = branch(stored[..stored.len().min(fork + 20)].to_vec(), fork);
        let anew = tempfile::tempdir().unwrap();
        let ledger = ledger_of(&store_of(anew.path(), &now, 50));
        let extended = Forest::open_extended(home.path(), &ledger, &Settings::default()).unwrap().unwrap();
        equal(&extended, &build(anew.path(), &ledger, &Settings::default()).unwrap(), &ledger, "");
    }
}
