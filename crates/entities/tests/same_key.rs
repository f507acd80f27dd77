//! Ties between the address forms of one key.
use crate::support;

use athar_entities::{Heuristic, Link, Links, Settings, same_key::KeyTie};
use athar_ledger::fixture;
use support::{World, build, ledger_of, store_of, with};

/// All three forms of one key exist before its first spend.
const ALL_FORMS: &str = "
block
coinbase c0 -> miner 50
block
coinbase c1 -> miner 50
tx pay: c0:0 -> k 10 p2wpkh/k 11 wrapped/k 12 other 5
tx spend: pay:1 -> shop 10
";

#[test]
fn a_spend_ties_the_three_forms_of_its_key() {
    let world = World::new(ALL_FORMS, &with("same-key"));
    assert!(world.same("k", "p2wpkh/k") && world.same("k", "wrapped/k") && !world.same("k", "other"));
    let spend = Link { tx: world.tx("spend"), heuristic: Heuristic::SameKey };
    assert_eq!(world.forest.joined(world.address("k"), world.address("wrapped/k")), Some(spend));
    let ties: Vec<_> = world.forest.key_ties(world.address("k")).collect();
    let tie = |b| KeyTie { at: spend.tx, a: world.address("k"), b: world.address(b), reveal: spend.tx };
    assert_eq!(ties, [tie("p2wpkh/k"), tie("wrapped/k")]);
    assert_eq!(world.forest.key_ties_at(spend.tx).collect::<Vec<_>>(), ties);
    assert_eq!(world.forest.key_ties(world.address("wrapped/k")).collect::<Vec<_>>(), [tie("wrapped/k")]);
    assert_eq!(world.forest.key_ties(world.address("other")).count(), 0);
}

#[test]
fn forms_are_not_tied_unless_asked_for() {
    let world = World::new(ALL_FORMS, &Settings::default());
    assert!(!world.same("k", "p2wpkh/k"));
    assert_eq!(world.forest.key_ties(world.address("k")).count(), 0);
}

#[test]
fn every_form_can_be_the_one_that_reveals_the_key() {
    for vout in 0..3 {
        let text = ALL_FORMS.replace("pay:1", &format!("pay:{vout}"));
        let world = World::new(&text, &with("same-key"));
        assert!(world.same("k", "p2wpkh/k") && world.same("wrapped/k", "p2wpkh/k"), "output {vout}");
    }
}

#[test]
fn a_key_never_seen_ties_nothing() {
    let text = ALL_FORMS.replace("pay:1", "pay:3");
    let world = World::new(&text, &with("same-key"));
    assert!(!world.same("k", "p2wpkh/k") && !world.same("k", "wrapped/k"));
}

#[test]
fn a_form_that_comes_later_is_tied_when_it_comes() {
    let text = "
        block
        coinbase c0 -> p2wpkh/k 50
        block
        coinbase c1 -> miner 50
        tx spend: c0:0 -> shop 10 miner 39
        block
        coinbase c2 -> miner 50
        tx late: spend:1 -> wrapped/k 20 miner 18
        tx later: late:1 -> k 5 miner 12
        block
        coinbase c3 -> miner 50
        tx again: late:0 -> shop 19
    ";
    let world = World::new(text, &with("co-spend,same-key"));
    let joined = |a, b| world.forest.joined(world.address(a), world.address(b)).map(|l| l.tx);
    assert_eq!(joined("p2wpkh/k", "wrapped/k"), Some(world.tx("late")));
    assert_eq!(joined("p2wpkh/k", "k"), Some(world.tx("later")));
    let reveals: Vec<_> = world.forest.key_ties(world.address("p2wpkh/k")).map(|t| t.reveal).collect();
    assert_eq!(reveals, [world.tx("spend"), world.tx("spend")]);
}

#[test]
fn an_uncompressed_key_has_no_segwit_forms() {
    let mut blocks = fixture::blocks(&ALL_FORMS.replace("pay:1", "pay:0"));
    let folder = tempfile::tempdir().unwrap();
    // the spend's input: the second one of the block
    blocks[1].uncompressed.push(1);
    let ledger = ledger_of(&store_of(folder.path(), &blocks, 9));
    let forest = build(folder.path(), &ledger, &with("same-key")).unwrap();
    assert_eq!(forest.manifest().merges, 0);
    assert!(ledger.is_uncompressed(fixture::address(&ledger, "k")));
}

#[test]
fn forms_join_what_was_spent_together_with_each() {
    let text = "
        block
        coinbase c0 -> miner 50
        block
        coinbase c1 -> miner 50
        tx pay: c0:0 -> k 10 p2wpkh/k 11 a 5 b 5
        tx one: pay:0 pay:2 -> shop 10
        tx two: pay:1 pay:3 -> shop 10
    ";
    let world = World::new(text, &with("co-spend,same-key"));
    assert!(world.same("a", "b"));
    // the key is seen in `one`, and from then on its forms are one: before `two`
    let joined = |a, b| world.forest.joined(world.address(a), world.address(b)).unwrap();
    assert_eq!(joined("a", "p2wpkh/k"), Link { tx: world.tx("one"), heuristic: Heuristic::SameKey });
    assert_eq!(joined("a", "b"), Link { tx: world.tx("two"), heuristic: Heuristic::CoSpend });
    let co_spend_only = World::new(text, &Settings::default());
    assert!(!co_spend_only.same("a", "b"));
}
