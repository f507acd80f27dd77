//! The forest as its users see it, on small chains written as text.
use crate::support;

use athar_entities::{CoinJoinKind, CoinJoins, EntitiesError, EntityView, Forest, Heuristic, Link, Links, Settings};
use athar_ledger::{Disk, fixture};
use athar_types::{AddressId, Sats, TxNum};
use std::{collections::BTreeMap, fs, path::Path};
use support::{World, build, ledger_of, with};

const CHAIN: &str = "
block
coinbase c0 -> miner 50
block
coinbase c1 -> miner 50
tx t1: c0:0 -> alice 30 bob 19
tx t2: t1:0 t1:1 -> carol 20 alice 28          # alice + bob
block
coinbase c2 -> pool 51
tx t3: t2:0 c1:0 -> dave 60 - 0 carol 9        # carol + miner
block
coinbase c3 -> eve 50
tx t4: t2:1 t3:2 -> erin 36                    # alice + carol: all four
";

#[test]
fn the_inputs_of_a_transaction_are_one_entity_from_then_on() {
    let world = World::new(CHAIN, &Settings::default());
    assert!(world.same("alice", "bob") && world.same("miner", "bob") && !world.same("alice", "dave"));
    let as_of = |a, tx| world.forest.find_as_of(world.address(a), world.tx(tx));
    assert_ne!(as_of("alice", "t1"), as_of("bob", "t1"));
    assert_eq!(as_of("alice", "t2"), as_of("bob", "t2"));
    assert_ne!(as_of("alice", "t3"), as_of("miner", "t3"));
    assert_eq!(as_of("alice", "t4"), as_of("miner", "t4"));
    let joined = |a, b| world.forest.joined(world.address(a), world.address(b));
    let by = |tx| Some(Link { tx: world.tx(tx), heuristic: Heuristic::CoSpend });
    assert_eq!(joined("alice", "bob"), by("t2"));
    assert_eq!(joined("miner", "carol"), by("t3"));
    assert_eq!(joined("bob", "miner"), by("t4"));
    assert_eq!((joined("bob", "dave"), joined("bob", "bob")), (None, None));
    assert_eq!(world.forest.manifest().merges, 3);
}

#[test]
fn an_entity_is_named_by_its_first_seen_address_and_summed_up() {
    let world = World::new(CHAIN, &Settings::default());
    let expected = EntityView {
        name: world.address("miner"),
        size: 4,
        first_tx: world.tx("c0"),
        last_tx: world.tx("t4"),
        received: Sats(50 + 50 + 30 + 19 + 20 + 28 + 9),
        sent: Sats(50 + 50 + 30 + 19 + 20 + 28 + 9),
    };
    for member in ["miner", "alice", "bob", "carol"] {
        let address = world.address(member);
        assert_eq!(world.forest.entity(&world.ledger, address), Some(expected), "{member}");
        assert_eq!((world.forest.name(address), world.forest.size(address)), (expected.name, 4));
    }
    let dave = world.address("dave");
    let alone = EntityView {
        name: dave,
        size: 1,
        first_tx: world.tx("t3"),
        last_tx: world.tx("t3"),
        received: Sats(60),
        sent: Sats(0),
    };
    assert_eq!(world.forest.entity(&world.ledger, dave), Some(alone));
    assert_eq!((world.forest.name(dave), world.forest.size(dave)), (dave, 1));
}

#[test]
fn members_come_page_by_page_in_the_order_in_which_they_joined() {
    let world = World::new(CHAIN, &Settings::default());
    let bob = world.address("bob");
    // t2 joins alice and bob, t3 carol and the miner, t4 the two pairs: at equal size the older root stays
    let all: Vec<_> = ["miner", "carol", "alice", "bob"].map(|n| world.address(n)).into();
    assert_eq!(world.forest.members(bob, 0, 100), all);
    assert_eq!(world.forest.members(bob, 1, 2), all[1..3]);
    assert_eq!(world.forest.members(bob, 3, 2), all[3..]);
    assert!(world.forest.members(bob, 4, 2).is_empty());
    let dave = world.address("dave");
    assert_eq!((world.forest.members(dave, 0, 5), world.forest.members(dave, 1, 5)), (vec![dave], vec![]));
}

#[test]
fn an_entity_is_known_as_of_any_transaction() {
    let world = World::new(CHAIN, &Settings::default());
    let as_of = |name: &str, tx: &str| {
        let (a, tx) = (world.address(name), world.tx(tx));
        let members = world.forest.members_as_of(a, tx, 0, 100);
        assert_eq!(members.len() as u32, world.forest.size_as_of(a, tx));
        let names = ["miner", "alice", "bob", "carol", "dave"];
        let listed: Vec<&str> =
            members.iter().map(|m| *names.iter().find(|n| world.address(n) == *m).unwrap()).collect();
        (listed, world.forest.name_as_of(a, tx) == world.address("miner"))
    };
    assert_eq!(as_of("bob", "t1"), (vec!["bob"], false));
    assert_eq!(as_of("bob", "t2"), (vec!["alice", "bob"], false));
    assert_eq!(as_of("bob", "t3"), (vec!["alice", "bob"], false));
    assert_eq!(as_of("carol", "t3"), (vec!["miner", "carol"], true));
    assert_eq!(as_of("carol", "t4"), (vec!["miner", "carol", "alice", "bob"], true));
    assert_eq!(as_of("dave", "t4"), (vec!["dave"], false));
}

#[test]
fn a_lone_address_that_very_many_outputs_pay_is_summed_up_as_well() {
    for count in [199, 200, 201, 255, 256, 300] {
        let paid = " shop 3".repeat(count);
        let text = format!("block\ncoinbase c0 -> miner 5000{paid}\nblock\ncoinbase c1 -> x 1\ntx s: c0:7 -> y 3\n");
        let world = World::new(&text, &Settings::default());
        let view = world.forest.entity(&world.ledger, world.address("shop")).unwrap();
        assert_eq!((view.received, view.sent, view.size), (Sats(3 * count as u64), Sats(3), 1), "{count} outputs");
        assert_eq!((view.first_tx, view.last_tx), (world.tx("c0"), world.tx("s")));
    }
}

#[test]
fn a_busy_address_is_summed_up_by_day_and_the_others_are_not() {
    for (count, busy) in [(2000, false), (2100, true)] {
        let paid = " shop 3".repeat(count);
        // a day has 144 blocks: the second half is paid a day after the first
        let days: String = (0..150).map(|i| format!("block\ncoinbase d{i} -> x 1\n")).collect();
        let text = format!(
            "block\ncoinbase c0 -> miner 50000{paid}\n{days}block\ncoinbase c1 -> x 1\ntx s: c0:7 c0:0 -> y 3{paid}\n"
        );
        let world = World::new(&text, &Settings::default());
        let shop = world.address("shop");
        let found = world.forest.busy(shop);
        assert_eq!(found.is_some(), busy, "{count} outputs twice");
        if let Some(found) = found {
            let sums: Vec<_> = found.received.iter().map(|(_, sum)| sum.0).collect();
            assert_eq!(sums, [3 * count as u64; 2]);
            assert_eq!(found.received[1].0.0 - found.received[0].0.0, 1);
            assert_eq!((found.sent, found.last_tx), (Sats(3), world.tx("s")));
        }
        assert_eq!(world.forest.busy(world.address("miner")), None);
    }
}

/// Three people mix 10,000 satoshi each; later one of them spends a coin of the mix with its change.
const MIX: &str = "
block
coinbase c0 -> alice 15000 bob 16000 carol 17000
block
coinbase c1 -> miner 50
tx mix: c0:0 c0:1 c0:2 -> a2 10000 b2 10000 c2 10000 alice2 5000 bob2 6000 carol2 7000
block
coinbase c2 -> miner 50
tx after: mix:0 mix:3 -> shop 14000
";

#[test]
fn who_mixes_coins_with_others_is_not_one_with_them() {
    let world = World::new(MIX, &Settings::default());
    assert!(!world.same("alice", "bob") && !world.same("bob", "carol"));
    assert!(world.same("a2", "alice2"));
    assert_eq!(world.forest.coinjoin(world.tx("mix")), Some(CoinJoinKind::JoinmarketLike));
    assert_eq!(world.forest.coinjoin(world.tx("after")), None);
    let all: Vec<_> = world.forest.coinjoins().collect();
    assert_eq!(all, [(world.tx("mix"), CoinJoinKind::JoinmarketLike)]);
}

#[test]
fn which_transactions_are_collaborative_can_be_said_from_outside() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = fixture::ledger(folder.path(), MIX);
    let given = |names: &[&str]| Settings {
        coinjoins: CoinJoins::Given(names.iter().map(|n| fixture::tx(&ledger, n)).collect()),
        ..Settings::default()
    };
    let find = |forest: &Forest, name| forest.find(fixture::address(&ledger, name));
    let none = build(folder.path(), &ledger, &given(&[])).unwrap();
    assert_eq!(find(&none, "alice"), find(&none, "bob"));
    let after = build(folder.path(), &ledger, &given(&["after"])).unwrap();
    assert_eq!(find(&after, "alice"), find(&after, "carol"));
    assert_ne!(find(&after, "a2"), find(&after, "alice2"));
    assert_eq!(after.coinjoin(fixture::tx(&ledger, "after")), Some(CoinJoinKind::Given));
    // both stay open beside each other
    assert_eq!(find(&none, "a2"), find(&none, "alice2"));
    let far = Settings { coinjoins: CoinJoins::Given([TxNum(1_000_000)].into()), ..Settings::default() };
    assert_eq!(build(folder.path(), &ledger, &far).unwrap().coinjoins().count(), 0);
}

/// Every file below a folder with its content, by name.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap())
        .map(|e| (e.file_name().to_string_lossy().into_owned(), fs::read(e.path()).unwrap()))
        .collect()
}

#[test]
fn the_tables_are_the_same_whatever_the_segments() {
    let keys = CHAIN.replace("dave 60", "p2wpkh/alice 60");
    for text in [CHAIN, MIX, &keys] {
        let mut first = None;
        for per_segment in 1..=5 {
            let folder = tempfile::tempdir().unwrap();
            let store = fixture::store(folder.path(), text, per_segment).unwrap();
            let forest = build(folder.path(), &ledger_of(&store), &with("co-spend,same-key")).unwrap();
            let home = folder.path().join("entities/bitcoin/co-spend+same-key");
            let tables = files(&home.join(&forest.manifest().folder));
            assert_eq!(tables.len(), 29);
            assert_eq!(first.get_or_insert_with(|| tables.clone()), &tables, "{per_segment} blocks a segment");
        }
    }
}

#[test]
fn a_forest_opens_only_for_the_tip_and_the_settings_it_was_built_for() {
    let folder = tempfile::tempdir().unwrap();
    let blocks = fixture::blocks(CHAIN);
    let store = support::store_of(folder.path(), &blocks[..3], 1);
    let ledger = ledger_of(&store);
    let open = |ledger, settings: &Settings| Forest::open(folder.path(), ledger, settings).unwrap();
    assert!(open(&ledger, &Settings::default()).is_none());
    build(folder.path(), &ledger, &Settings::default()).unwrap();
    let forest = open(&ledger, &Settings::default()).unwrap();
    assert_eq!(forest.manifest().tip, ledger.tip());
    assert!(open(&ledger, &with("same-key")).is_none());

    // the chain grows: the forest must be built again, and takes the old one's place
    let text = CHAIN.to_owned();
    let other = tempfile::tempdir().unwrap();
    let grown = fixture::ledger(other.path(), &text);
    assert!(open(&grown, &Settings::default()).is_none());
    let rebuilt = build(folder.path(), &grown, &Settings::default()).unwrap();
    assert_eq!(rebuilt.address_count(), grown.address_count());
    assert!(open(&ledger, &Settings::default()).is_none());
    let home = folder.path().join("entities/bitcoin/co-spend");
    assert_eq!(fs::read_dir(&home).unwrap().count(), 2, "one folder of columns and the manifest");
    // whoever has the old one open keeps it
    assert_eq!(forest.find(AddressId(0)), AddressId(0));
}

#[test]
fn an_empty_ledger_has_an_empty_forest() {
    let folder = tempfile::tempdir().unwrap();
    let store = support::store_of(folder.path(), &[], 1);
    let ledger = ledger_of(&store);
    let forest = build(folder.path(), &ledger, &with("co-spend,same-key")).unwrap();
    assert_eq!((forest.address_count(), forest.manifest().tip), (0, None));
    assert!(Forest::open(folder.path(), &ledger, &with("co-spend,same-key")).unwrap().is_some());
    forest.verify(&ledger, &with("co-spend,same-key"), u64::MAX, &mut |_| {}).unwrap();
}

#[test]
fn damage_to_any_file_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = fixture::ledger(folder.path(), CHAIN);
    let settings = with("co-spend,same-key");
    let forest = build(folder.path(), &ledger, &settings).unwrap();
    let report = forest.verify(&ledger, &settings, u64::MAX, &mut |_| {}).unwrap();
    assert_eq!((report.files, report.addresses, report.entities), (29, 8, 1));
    let home = folder.path().join("entities/bitcoin/co-spend+same-key");
    let columns = home.join(&forest.manifest().folder);
    drop(forest);
    let check = || {
        let opened = Forest::open(folder.path(), &ledger, &settings)?.unwrap();
        opened.verify(&ledger, &settings, u64::MAX, &mut |_| {})
    };
    for name in files(&columns).into_keys() {
        let path = columns.join(&name);
        let good = fs::read(&path).unwrap();
        for at in [3, 4096, good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            // a new file: a mapped one must never change
            fs::remove_file(&path).unwrap();
            fs::write(&path, &bad).unwrap();
            let error = check().unwrap_err().to_string();
            assert!(error.contains(path.to_str().unwrap()), "{error}");
        }
        fs::remove_file(&path).unwrap();
        let error = check().unwrap_err().to_string();
        assert!(error.contains(path.to_str().unwrap()), "{error}");
        fs::write(&path, &good).unwrap();
    }
    let manifest = home.join("MANIFEST.json");
    let text = fs::read_to_string(&manifest).unwrap();
    for bad in [text.replace("regtest", "mainnet"), text[..text.len() / 2].into(), String::new()] {
        fs::write(&manifest, bad).unwrap();
        let error = check().unwrap_err();
        assert!(matches!(error, EntitiesError::Corrupt { .. }) && error.to_string().contains("MANIFEST"), "{error}");
    }
    // another layout is no damage: it has to be built again
    let other = text.replace("\"format\":3", "\"format\":99");
    let body = &other[other.find("\"manifest\":").unwrap() + 11..other.len() - 1];
    let sum = blake3::hash(body.as_bytes()).to_hex();
    fs::write(&manifest, format!("{{\"checksum\":\"{sum}\",\"manifest\":{body}}}")).unwrap();
    assert!(Forest::open(folder.path(), &ledger, &settings).unwrap().is_none());
    // and building replaces whatever was there
    fs::write(&manifest, [0xff, 0xfe]).unwrap();
    assert!(Forest::open(folder.path(), &ledger, &settings).is_err());
    build(folder.path(), &ledger, &settings).unwrap();
    check().unwrap();
}

#[test]
fn verifying_against_another_chain_or_other_settings_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = fixture::ledger(folder.path(), CHAIN);
    let forest = build(folder.path(), &ledger, &Settings::default()).unwrap();
    let other = tempfile::tempdir().unwrap();
    let other = fixture::ledger(other.path(), MIX);
    assert!(forest.verify(&other, &Settings::default(), u64::MAX, &mut |_| {}).is_err());
    assert!(forest.verify(&ledger, &with("same-key"), u64::MAX, &mut |_| {}).is_err());
}

#[test]
fn a_full_disk_leaves_the_forest_that_was() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = fixture::ledger(folder.path(), CHAIN);
    let settings = Settings::default();
    build(folder.path(), &ledger, &settings).unwrap();
    let mut failed = 0;
    for space in (0..400_000).step_by(2_003) {
        match Forest::build(folder.path(), &Disk::with_space(space), &ledger, &settings, u64::MAX, &mut |_| {}) {
            Ok(_) => break,
            Err(error) => {
                failed += 1;
                assert!(error.to_string().contains(folder.path().to_str().unwrap()), "{error}");
            }
        }
        let forest = Forest::open(folder.path(), &ledger, &settings).unwrap().unwrap();
        forest.verify(&ledger, &settings, u64::MAX, &mut |_| {}).unwrap();
    }
    assert!(failed > 20, "the disk was never full");
    let forest = Forest::open(folder.path(), &ledger, &settings).unwrap().unwrap();
    assert_eq!(forest.manifest().generation, 1);
    forest.verify(&ledger, &settings, u64::MAX, &mut |_| {}).unwrap();
}

#[test]
fn progress_is_told_to_the_end_of_every_stage() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = fixture::ledger(folder.path(), CHAIN);
    let mut last = BTreeMap::new();
    Forest::build(folder.path(), &Disk::default(), &ledger, &Settings::default(), u64::MAX, &mut |p| {
        assert!(p.done <= p.total);
        last.insert(p.stage, p.done == p.total);
    })
    .unwrap();
    assert_eq!(last.into_values().collect::<Vec<_>>(), [true; 3]);
}
