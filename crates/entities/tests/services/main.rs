//! Figures of entities against a plain recount, the table that keeps them, and (`rules.rs`) the rules over them on stories
//! whose end is known.
#![allow(clippy::unwrap_used)] // tests

mod rules;
mod story;
#[path = "../support/mod.rs"]
mod support;

use athar_entities::services::{CountBounds, Figures, Services, ServicesState, count};
use athar_entities::{EntitiesError, Forest, Links, Settings, deposits};
use athar_ledger::{Disk, Ledger, Scratch, TxFlags, fixture};
use athar_types::{AddressId, TxNum};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use story::House;
use support::{build, ledger_of, random, store_of, with};

/// Counts every entity that was paid by others or made a transaction.
const ALL: CountBounds = CountBounds { made_min: 0, receipts_min: 1, sets_max: u64::MAX };

fn counted(ledger: &Ledger, forest: &Forest, bounds: &CountBounds) -> Vec<(AddressId, Figures)> {
    count(ledger, forest, &Scratch::in_memory(), bounds, &mut |_| {}).unwrap()
}

/// The same by asking the ledger for each transaction, with nothing shared but the questions.
fn plainly(ledger: &Ledger, forest: &Forest) -> BTreeMap<AddressId, Figures> {
    let mut all: BTreeMap<AddressId, Figures> = BTreeMap::new();
    let mut paid_by: BTreeMap<AddressId, BTreeSet<AddressId>> = BTreeMap::new();
    let mut paid_to: BTreeMap<AddressId, BTreeSet<AddressId>> = BTreeMap::new();
    let mut seen: BTreeMap<AddressId, Vec<u32>> = BTreeMap::new();
    for tx in (0..ledger.tx_count()).map(TxNum) {
        let is_coinbase = ledger.tx_flags(tx).has(TxFlags::COINBASE);
        let from: Vec<AddressId> = ledger.inputs(tx).filter_map(|i| i.address).collect();
        let roots: BTreeSet<AddressId> = from.iter().map(|a| forest.find(*a)).collect();
        let payer = match roots.len() {
            1 if forest.coinjoin(tx).is_none() => roots.first().copied(),
            _ => None,
        };
        let outputs: Vec<(Option<AddressId>, u64)> =
            ledger.outputs(tx).map(|o| (o.address.map(|a| forest.find(a)), o.value.0)).collect();
        let mut minted = BTreeSet::new();
        for (to, value) in &outputs {
            let Some(to) = to.filter(|to| Some(*to) != payer) else { continue };
            let f = all.entry(to).or_default();
            f.received_sat += value;
            seen.entry(to).or_default().push(tx.0);
            if is_coinbase {
                f.coinbases += u32::from(minted.insert(to));
            } else {
                f.receipts += 1;
            }
            if let Some(payer) = payer {
                paid_by.entry(to).or_default().insert(payer);
            }
        }
        let Some(payer) = payer else { continue };
        seen.entry(payer).or_default().push(tx.0);
        let f = all.entry(payer).or_default();
        f.made += 1;
        let mut others: Vec<(AddressId, u64)> =
            outputs.iter().filter_map(|(to, value)| Some(((*to)?, *value))).filter(|(to, _)| *to != payer).collect();
        let own = outputs.iter().filter(|(to, _)| *to == Some(payer)).count();
        f.sent_sat += others.iter().map(|(_, value)| value).sum::<u64>();
        let several = from.iter().collect::<BTreeSet<_>>().len() > 1;
        f.sweeps +=
            u32::from(own == outputs.len() && own <= 2 && several && ledger.inputs(tx).all(|i| i.address.is_some()));
        if own == 0 && !others.is_empty() {
            let largest = others.iter().map(|(_, value)| *value).max().unwrap();
            let at = others.iter().position(|(_, value)| *value == largest).unwrap();
            others.remove(at);
        }
        let distinct: BTreeSet<AddressId> = others.iter().map(|(to, _)| *to).collect();
        f.batches += u32::from(distinct.len() >= 3);
        paid_to.entry(payer).or_default().extend(distinct);
    }
    for (root, f) in &mut all {
        let (none, txs) = (BTreeSet::new(), &seen[root]);
        let (by, to) = (paid_by.get(root).unwrap_or(&none), paid_to.get(root).unwrap_or(&none));
        (f.payers, f.paid) = (by.len() as u32, to.len() as u32);
        f.both = by.intersection(to).count() as u32;
        (f.first_tx, f.last_tx) = (*txs.iter().min().unwrap(), *txs.iter().max().unwrap());
        let time = |tx| ledger.block_time(ledger.tx_height(TxNum(tx))).0;
        f.days = (time(f.last_tx) - time(f.first_tx)) / 86_400 + 1;
        let members = forest.members(*root, 0, u32::MAX);
        f.addresses = members.len() as u32;
        if f.sweeps > 0 {
            f.sampled = f.addresses;
            f.deposits = members.iter().filter(|a| deposits(ledger, forest, **a).is_some()).count() as u32;
        }
    }
    all.retain(|_, f| f.receipts + f.coinbases > 0);
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn figures_are_those_of_a_plain_recount_however_the_chain_came(
        blocks in random::blocks(2..12),
        per_segment in 1..4_usize,
        sets_max in 1..20_u64,
        heuristics in prop_oneof![Just("co-spend"), Just("same-key"), Just("co-spend,same-key")],
    ) {
        let now = fixture::blocks(&random::text(&blocks));
        let [whole, parts] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let settings = with(heuristics);
        // at once, in one segment
        let ledger = ledger_of(&store_of(whole.path(), &now, now.len()));
        let forest = build(whole.path(), &ledger, &settings).unwrap();
        let found = counted(&ledger, &forest, &ALL);
        prop_assert!(found.iter().copied().eq(plainly(&ledger, &forest)));
        // block by block, with so little room that the entities take turns
        let ledger = ledger_of(&store_of(parts.path(), &now, per_segment));
        let forest = build(parts.path(), &ledger, &settings).unwrap();
        prop_assert_eq!(counted(&ledger, &forest, &CountBounds { sets_max, ..ALL }), found.clone());
        // stored entities that are behind, extended in memory
        if heuristics == "co-spend" && now.len() > 2 {
            let old = tempfile::tempdir().unwrap();
            build(parts.path(), &ledger_of(&store_of(old.path(), &now[..now.len() / 2], 2)), &settings).unwrap();
            let extended = Forest::open_extended(parts.path(), &ledger, &settings).unwrap().unwrap();
            prop_assert_eq!(counted(&ledger, &extended, &ALL), found);
        }
    }
}

#[test]
fn a_table_says_which_block_it_is_of_and_answers_for_that() {
    let story = House::of("exchange-like").story();
    let now = story.blocks();
    let mut story = story;
    story.text.push_str("block\ncoinbase late -> stranger 50\nblock\n");
    let later = story.blocks();
    let [home, old] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let settings = Settings::default();
    let early = ledger_of(&store_of(old.path(), &now, now.len()));
    let forest = build(home.path(), &early, &settings).unwrap();
    assert!(matches!(Services::open(&forest, &early).unwrap(), ServicesState::Missing), "an old store");
    let made = Services::build(&Disk::default(), &early, &forest, u64::MAX, &mut |_| {}).unwrap();
    let hot = fixture::address(&early, "hot");
    let figures = made.figures(&forest, hot).unwrap();
    assert_eq!(made.verify(&early, &forest, u64::MAX, &mut |_| {}).unwrap().files, 17);

    let anew = tempfile::tempdir().unwrap();
    let ledger = ledger_of(&store_of(anew.path(), &later, later.len()));
    let forest = Forest::open_extended(home.path(), &ledger, &settings).unwrap().unwrap();
    let ServicesState::Ready(behind) = Services::open(&forest, &ledger).unwrap() else { panic!("of an earlier block") };
    assert_eq!((behind.manifest().tip, behind.figures(&forest, hot)), (early.tip(), Some(figures)));
    assert_eq!(behind.figures(&forest, fixture::address(&ledger, "stranger")), None);
    behind.verify(&ledger, &forest, u64::MAX, &mut |_| {}).unwrap();
    // built again it is of the last block, in another folder, and the earlier one is gone
    let again = Services::build(&Disk::default(), &ledger, &forest, u64::MAX, &mut |_| {}).unwrap();
    assert_eq!((again.manifest().tip, again.manifest().folder.as_str()), (ledger.tip(), "services-1"));
    let folder = home.path().join("entities/bitcoin/co-spend");
    assert!(folder.join("services-1").is_dir() && !folder.join("services-0").exists());

    // a chain that has left the table's block
    let other = &later[..later.len() - 1];
    let shorter = tempfile::tempdir().unwrap();
    let ledger = ledger_of(&store_of(shorter.path(), other, other.len()));
    let forest = Forest::open_extended(home.path(), &ledger, &settings).unwrap().unwrap();
    assert!(matches!(Services::open(&forest, &ledger).unwrap(), ServicesState::Left(_)));
}

#[test]
fn a_damaged_table_is_told_and_made_again() {
    let story = House::of("exchange-like").story();
    let world = story.world();
    let make = || Services::build(&Disk::default(), &world.ledger, &world.forest, u64::MAX, &mut |_| {}).unwrap();
    make();
    let folder = world.folder.path().join("entities/bitcoin/co-spend");
    let file = folder.join("services-0/service.paid.arrow");
    let mut bytes = std::fs::read(&file).unwrap();
    let at = bytes.iter().rposition(|b| *b != 0).unwrap();
    // a number in the body, not the foot
    let body = (4096..at).find(|i| bytes[*i] != 0).unwrap();
    bytes[body] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let ServicesState::Ready(services) = Services::open(&world.forest, &world.ledger).unwrap() else { panic!() };
    let error = services.verify(&world.ledger, &world.forest, u64::MAX, &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("service.paid.arrow"), "{error}");
    std::fs::write(folder.join("SERVICES.json"), "{").unwrap();
    let error = Services::open(&world.forest, &world.ledger).unwrap_err();
    assert!(matches!(&error, EntitiesError::Corrupt { path, .. } if path.ends_with("SERVICES.json")), "{error}");
    let again = make();
    again.verify(&world.ledger, &world.forest, u64::MAX, &mut |_| {}).unwrap();
}

#[test]
fn entities_of_another_block_are_not_counted() {
    let now = fixture::blocks("block\ncoinbase a -> x 5\nblock\ncoinbase b -> x 5\ntx c: a:0 -> y 4\n");
    let [home, old] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let early = ledger_of(&store_of(old.path(), &now[..1], 1));
    let forest = build(home.path(), &early, &Settings::default()).unwrap();
    let anew = tempfile::tempdir().unwrap();
    let late = ledger_of(&store_of(anew.path(), &now, 1));
    let error = Services::build(&Disk::default(), &late, &forest, u64::MAX, &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("another block"), "{error}");
    assert_eq!(early.address_count(), 1);
}
