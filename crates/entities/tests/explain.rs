//! Explanations: every step can be looked up, and together they lead from one address to the other.
use crate::support;

use athar_entities::{BoundHit, Bounds, Explanation, Heuristic, Settings, Step, explain, explain_as_of};
use support::{World, with};

/// Addresses a..f in a row, each tied to the next; then a and f directly.
const ROW: &str = "
block
coinbase c0 -> a 1000 b 1000 b 1000 c 1000 c 1000 d 1000 d 1000 e 1000 e 1000 f 1000 f 1000 a 1000 z 7
block
coinbase c1 -> miner 50
tx de: c0:5 c0:7 -> x1 1999
tx ab: c0:0 c0:1 -> x2 1999
tx bc: c0:2 c0:3 -> x3 1999
tx ef: c0:8 c0:9 -> x4 1999
tx cd: c0:4 c0:6 -> x5 1999
block
coinbase c2 -> miner 50
tx af: c0:10 c0:11 -> x6 1999
";

const TIGHT: Bounds = Bounds { edges_max: 0, steps_max: 1_000 };

fn ask(world: &World, a: &str, b: &str, bounds: &Bounds) -> Explanation {
    let explanation = explain(&world.ledger, &world.forest, world.address(a), world.address(b), bounds).unwrap();
    check(world, a, b, &explanation);
    explanation
}

/// Each step is what it says, and they lead from `a` to `b`.
fn check(world: &World, a: &str, b: &str, explanation: &Explanation) {
    let mut at = world.address(a);
    for step in &explanation.steps {
        assert_eq!(step.a, at);
        let inputs: Vec<_> = world.ledger.inputs(step.tx).filter_map(|i| i.address).collect();
        match step.heuristic {
            Heuristic::CoSpend => {
                assert!(inputs.contains(&step.a) && inputs.contains(&step.b) && step.since == step.tx);
            }
            Heuristic::SameKey => {
                let tie = world.forest.key_ties(step.a).find(|t| t.a == step.b || t.b == step.b).unwrap();
                assert_eq!((tie.reveal, tie.at), (step.tx, step.since));
            }
            Heuristic::Change => {
                let tie = world.forest.change_tie(&world.ledger, step.tx).unwrap();
                assert!([(tie.a, tie.b), (tie.b, tie.a)].contains(&(step.a, step.b)) && step.since == tie.at);
            }
            Heuristic::DepositReuse | Heuristic::SharedFunder => unreachable!("of chains of accounts"),
        }
        at = step.b;
    }
    if !explanation.steps.is_empty() {
        assert_eq!(at, world.address(b));
    }
}

fn txs(world: &World, steps: &[Step]) -> Vec<String> {
    let names = ["ab", "bc", "cd", "de", "ef", "af"];
    let name = |s: &Step| names.into_iter().find(|n| world.tx(n) == s.tx).unwrap().to_owned();
    steps.iter().map(name).collect()
}

#[test]
fn the_shortest_path_is_given_with_the_moment_of_the_first() {
    let world = World::new(ROW, &Settings::default());
    let found = ask(&world, "a", "f", &Bounds::default());
    assert!(found.linked && found.bound_hit.is_none());
    assert_eq!(txs(&world, &found.steps), ["af"]);
    assert_eq!(found.since.unwrap().tx, world.tx("cd"));
    assert_eq!(txs(&world, &ask(&world, "a", "e", &Bounds::default()).steps), ["af", "ef"]);
    assert_eq!(txs(&world, &ask(&world, "b", "d", &Bounds::default()).steps), ["bc", "cd"]);
    // the other way round it is the same path
    assert_eq!(txs(&world, &ask(&world, "d", "b", &Bounds::default()).steps), ["cd", "bc"]);
}

#[test]
fn as_of_an_earlier_transaction_only_what_was_known_counts() {
    let world = World::new(ROW, &Settings::default());
    let at = |a, b, tx| {
        let (a_id, b_id) = (world.address(a), world.address(b));
        let bounds = Bounds::default();
        let found = explain_as_of(&world.ledger, &world.forest, a_id, b_id, world.tx(tx), &bounds).unwrap();
        check(&world, a, b, &found);
        (found.linked, txs(&world, &found.steps))
    };
    assert_eq!(at("a", "f", "ef"), (false, vec![]));
    assert_eq!(at("a", "f", "cd"), (true, ["ab", "bc", "cd", "de", "ef"].map(String::from).into()));
    assert_eq!(at("a", "f", "af"), (true, vec!["af".into()]));
}

#[test]
fn a_bound_is_said_and_the_forest_gives_a_path_all_the_same() {
    let world = World::new(ROW, &Settings::default());
    for (a, b) in [("a", "f"), ("f", "a"), ("b", "e"), ("c", "d"), ("e", "b")] {
        let found = ask(&world, a, b, &TIGHT);
        assert_eq!(found.bound_hit, Some(BoundHit::Edges));
        assert!(!found.steps.is_empty());
    }
    // the forest knows only what first joined them
    assert_eq!(txs(&world, &ask(&world, "a", "f", &TIGHT).steps), ["ab", "bc", "cd", "de", "ef"]);
    let shorter = Bounds { steps_max: 4, ..TIGHT };
    let cut = ask(&world, "a", "f", &shorter);
    assert_eq!((cut.linked, cut.bound_hit, cut.steps.len()), (true, Some(BoundHit::Steps), 0));
    assert_eq!(cut.since.unwrap().tx, world.tx("cd"));
    assert_eq!(ask(&world, "a", "f", &Bounds { steps_max: 5, ..TIGHT }).steps.len(), 5);
}

#[test]
fn the_search_stops_at_its_bound_and_not_before() {
    let world = World::new(ROW, &Settings::default());
    let exact = (0..100).find(|n| ask(&world, "a", "e", &Bounds { edges_max: *n, steps_max: 9 }).bound_hit.is_none());
    assert!(exact.is_some_and(|n| n > 5), "{exact:?}");
}

#[test]
fn the_same_address_needs_no_steps_and_strangers_have_none() {
    let world = World::new(ROW, &Settings::default());
    let same = ask(&world, "a", "a", &Bounds::default());
    assert_eq!(same, Explanation { linked: true, since: None, steps: vec![], bound_hit: None });
    let strangers = ask(&world, "a", "z", &Bounds::default());
    assert_eq!(strangers, Explanation { linked: false, since: None, steps: vec![], bound_hit: None });
}

/// Three people mix; two of the coins are then spent together by one of them.
#[test]
fn no_path_leads_through_a_mix() {
    let text = "
        block
        coinbase c0 -> alice 15000 bob 16000 carol 17000 alice 100 bob 100 w 100 w 100
        block
        coinbase c1 -> miner 50
        tx mix: c0:0 c0:1 c0:2 -> a2 10000 b2 10000 c2 10000 a3 5000 b3 6000 c3 7000
        tx aw: c0:3 c0:5 -> x 200
        tx wb: c0:6 c0:4 -> x 200
    ";
    let world = World::new(text, &Settings::default());
    for bounds in [Bounds::default(), TIGHT] {
        let found = ask(&world, "alice", "bob", &bounds);
        assert_eq!(found.steps.iter().map(|s| s.tx).collect::<Vec<_>>(), [world.tx("aw"), world.tx("wb")]);
        assert!(!ask(&world, "alice", "carol", &bounds).linked);
    }
}

/// Two keys are seen in one transaction, and a coin of each was spent with the other's second form before.
const KEYS: &str = "
block
coinbase c0 -> k 100 p2wpkh/k 100 m 100 p2wpkh/m 100 wrapped/m 100 far 100
block
coinbase c1 -> miner 50
tx tie: c0:1 c0:4 -> x 100
block
coinbase c2 -> miner 50
tx far: c0:3 c0:5 -> x 100
";

#[test]
fn forms_of_a_key_are_steps_of_their_own() {
    let world = World::new(KEYS, &with("co-spend,same-key"));
    for bounds in [Bounds::default(), TIGHT] {
        let found = ask(&world, "k", "m", &bounds);
        let steps: Vec<_> = found.steps.iter().map(|s| (s.heuristic, s.tx)).collect();
        let tie = world.tx("tie");
        assert_eq!(steps, [(Heuristic::SameKey, tie), (Heuristic::CoSpend, tie), (Heuristic::SameKey, tie)]);
        let far = ask(&world, "k", "far", &bounds);
        assert!(far.linked && far.steps.last().unwrap().tx == world.tx("far"));
    }
    let alone = World::new(KEYS, &Settings::default());
    assert!(!ask(&alone, "k", "m", &Bounds::default()).linked);
    // same-key alone: spending together ties nothing
    let keys = World::new(KEYS, &with("same-key"));
    assert!(ask(&keys, "k", "p2wpkh/k", &Bounds::default()).linked);
    assert!(!ask(&keys, "k", "m", &Bounds::default()).linked);
}
