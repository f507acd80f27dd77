//! Change on small chains: each recorder where it is right and where it must stay silent, and what is never tied.
use crate::support;

use athar_entities::change::{self, ChangePolicy, Recorder, Vote};
use athar_entities::{Clustering, Heuristic, Link, Links, Settings};
use athar_ledger::{BlockRows, Ledger, TxFlags, fixture};
use athar_types::TxNum;
use std::{path::Path, sync::Arc};
use support::{build, ledger_of, store_of, with};

fn policy(rules: &str) -> ChangePolicy {
    let text = format!(
        "name = \"t\"\nheuristics = [\"change\"]\n[change]\noutputs-max = 3\nround-digits = 3\n[[change.rules]]\n{rules}"
    );
    (**Clustering::parse(Path::new("t.toml"), &text).unwrap().change().unwrap()).clone()
}

struct World {
    _folder: tempfile::TempDir,
    ledger: Ledger,
}

impl World {
    fn new(text: &str) -> Self {
        Self::changed(text, |_| ())
    }

    /// With versions, lock times or flags changed, which the text cannot say.
    fn changed(text: &str, change: impl FnOnce(&mut [BlockRows])) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut blocks = fixture::blocks(text);
        change(&mut blocks);
        let ledger = ledger_of(&store_of(folder.path(), &blocks, 2));
        Self { _folder: folder, ledger }
    }

    fn votes(&self, tx: &str, recorder: Recorder) -> Vec<Vote> {
        let votes = change::evidence(&self.ledger, &policy("change = \"fresh\""), fixture::tx(&self.ledger, tx));
        votes.iter().map(|output| output.votes.iter().find(|(r, _)| *r == recorder).unwrap().1).collect()
    }

    /// The tie of a transaction as (moment, output).
    fn tie(&self, tx: &str, rules: &str) -> Option<(TxNum, u32)> {
        let tie = change::tie_of(&self.ledger, &policy(rules), &|_| false, fixture::tx(&self.ledger, tx))?;
        assert_eq!(tie.tx, fixture::tx(&self.ledger, tx));
        Some((tie.at, tie.vout))
    }
}

/// Sets version, lock time and replaceability of the transactions so named.
fn style(blocks: &mut [BlockRows], names: &[&str], version: i32, locktime: u32, is_replaceable: bool) {
    for tx in blocks.iter_mut().flat_map(|block| &mut block.txs) {
        if names.iter().any(|name| fixture::txid(name) == tx.txid) {
            (tx.version, tx.locktime) = (version, locktime);
            tx.flags = TxFlags(tx.flags.0 | if is_replaceable { TxFlags::RBF } else { 0 });
        }
    }
}

use Vote::{Change, NotChange, Silent};

#[test]
fn fresh_is_an_address_never_paid_before_and_one_time_one_never_paid_again() {
    let world = World::new(
        "block\ncoinbase c -> a 90 shop 10\n\
         block\ntx pay: c:0 -> shop 30 a2 50\n\
         block\ntx twice: pay:1 -> x 20 x 20 y 5\n\
         block\ntx back: twice:0 -> a2 19",
    );
    assert_eq!(world.votes("pay", Recorder::Fresh), [NotChange, Change]);
    // a2 is paid again, but only later
    assert_eq!(world.votes("pay", Recorder::OneTime), [NotChange, NotChange]);
    assert_eq!(world.tie("pay", "change = \"one-time\""), Some((fixture::tx(&world.ledger, "pay"), 1)));
    assert_eq!(world.votes("twice", Recorder::Fresh), [NotChange, NotChange, Change]);
}

#[test]
fn the_only_output_of_the_inputs_type_is_change_by_address_type() {
    let world = World::new(
        "block\ncoinbase c -> p2wpkh/a 90 p2sh/b 90 p2wpkh/d 90\n\
         block\ntx one: c:0 -> shop 30 p2wpkh/a2 50\n\
         tx mixed: c:1 c:2 -> p2wpkh/e 100 f 70\n\
         block\ntx both: one:1 -> p2wpkh/g 20 p2wpkh/h 20",
    );
    assert_eq!(world.votes("one", Recorder::AddressType), [NotChange, Change]);
    assert_eq!(world.votes("mixed", Recorder::AddressType), [Silent, Silent]);
    assert_eq!(world.votes("both", Recorder::AddressType), [Silent, Silent]);
}

#[test]
fn a_round_payment_leaves_change_that_is_not_round() {
    let world = World::new(
        "block\ncoinbase c -> a 90000 b 90000\n\
         block\ntx one: c:0 -> shop 30000 a2 59123\n\
         tx both: c:1 -> x 30000 y 59000",
    );
    assert_eq!(world.votes("one", Recorder::RoundValue), [NotChange, Change]);
    assert_eq!(world.votes("both", Recorder::RoundValue), [Silent, Silent]);
}

#[test]
fn change_is_below_every_input_where_there_are_several() {
    let world = World::new(
        "block\ncoinbase c -> a 50 b 60 d 90\n\
         block\ntx two: c:0 c:1 -> shop 80 a2 20\n\
         tx single: c:2 -> shop 30 d2 50",
    );
    assert_eq!(world.votes("two", Recorder::OptimalChange), [NotChange, Change]);
    assert_eq!(world.votes("single", Recorder::OptimalChange), [Silent, Silent]);
}

const CHAIN: &str = "block\ncoinbase c -> a 90 q 10\n\
     block\ntx hop1: c:0 -> p1 10 a1 79\n\
     block\ntx hop2: hop1:1 -> p2 10 a2 68\n\
     block\ntx sweep: hop2:0 -> shop 9\n\
     block\ntx hop3: hop2:1 -> p3 10 a3 57\n";

#[test]
fn a_peeling_chain_goes_on_from_its_change_once_both_outputs_are_spent() {
    let world = World::new(CHAIN);
    // before hop1 stands a coinbase, which peels nothing
    assert_eq!(world.votes("hop1", Recorder::PeelingChain), [Silent, Silent]);
    assert_eq!(world.votes("hop2", Recorder::PeelingChain), [NotChange, Change]);
    assert_eq!(world.tie("hop2", "change = \"peeling-chain\""), Some((fixture::tx(&world.ledger, "hop3"), 1)));
    let until = World::new(CHAIN.rsplit_once("block").unwrap().0);
    assert_eq!(until.votes("hop2", Recorder::PeelingChain), [Silent, Silent]);
    assert_eq!(until.tie("hop2", "change = \"peeling-chain\""), None);
}

#[test]
fn fingerprints_and_lock_times_speak_once_every_output_is_spent_and_differs() {
    // hop2 locks to a height and is spent by hop3, which does too; the payee's sweep does not
    let world = World::changed(CHAIN, |blocks| {
        style(blocks, &["hop2"], 2, 2, true);
        style(blocks, &["hop3"], 2, 3, true);
    });
    let moment = fixture::tx(&world.ledger, "hop3");
    for recorder in [Recorder::LockTime, Recorder::Fingerprint] {
        assert_eq!(world.votes("hop2", recorder), [NotChange, Change]);
        assert_eq!(world.tie("hop2", &format!("change = \"{}\"", recorder.name())), Some((moment, 1)));
    }
    // with one software for all nothing can be told
    let alike = World::new(CHAIN);
    for recorder in [Recorder::LockTime, Recorder::Fingerprint] {
        assert_eq!(alike.votes("hop2", recorder), [Silent, Silent]);
    }
    assert_eq!(alike.votes("hop2", Recorder::Continuity), [Change, Change]);
    assert_eq!(alike.tie("hop2", "change = \"continuity\""), Some((fixture::tx(&alike.ledger, "sweep"), 0)));
    // every trace counts by itself
    for (version, locktime, is_replaceable) in [(1, 0, false), (2, 0, true), (2, 3, false), (2, 700_000_000, false)] {
        let other = World::changed(CHAIN, |blocks| style(blocks, &["sweep"], version, locktime, is_replaceable));
        assert_eq!(other.votes("hop2", Recorder::Fingerprint), [NotChange, Change], "{version} {locktime}");
    }
}

#[test]
fn an_order_that_only_bip_69_makes_differs_from_one_that_it_never_makes() {
    let world = World::new(
        "block\ncoinbase c -> a 900\n\
         block\ntx pay: c:0 -> a1 600 b 290\n\
         block\ntx sorted: pay:0 -> w 10 x 20 y 30 z 40\n\
         tx free: pay:1 -> v 200 u 50",
    );
    // pay is not in order: who spends a1 sorts
    assert_eq!(world.votes("pay", Recorder::Fingerprint), [NotChange, Change]);
}

#[test]
fn nothing_is_tied_where_an_output_pays_an_input_or_two_could_be_change() {
    let world = World::new(
        "block\ncoinbase c -> a 90 b 90 d 90 e 90\n\
         block\ntx reuse: c:0 -> a 30 x 50\n\
         tx both: c:1 -> y 30 z 50\n\
         tx batch: c:2 -> b 10 d 10 e 10 w 10\n\
         tx sweep: c:3 -> v 80",
    );
    assert_eq!(world.votes("reuse", Recorder::AddressReuse), [Change, NotChange]);
    for tx in ["reuse", "both", "batch", "sweep", "c"] {
        assert_eq!(world.tie(tx, "change = \"fresh\""), None, "{tx}");
    }
    let pay = fixture::tx(&world.ledger, "both");
    let first = "change = { all = [\"fresh\", \"round-value\"] }";
    let tie = change::tie_of(&world.ledger, &policy(first), &|tx| tx == pay, pay);
    assert_eq!(tie, None, "a transaction that ties nobody");
}

#[test]
fn thresholds_vetoes_and_eras_count() {
    let text = "block\ncoinbase c -> p2wpkh/a 90000\nblock\ntx pay: c:0 -> shop 30000 p2wpkh/a2 59123\n";
    let world = World::new(text);
    let at = Some((fixture::tx(&world.ledger, "pay"), 1));
    let votes = |n| format!("change = {{ votes = {n}, of = [\"fresh\", \"address-type\", \"round-value\"] }}");
    // the other output's only vote for it is that it is fresh as well
    assert_eq!(world.tie("pay", &votes(2)), at);
    assert_eq!(world.tie("pay", &votes(3)), at);
    assert_eq!(world.tie("pay", &format!("{}\nunless = \"round-value\"", votes(2))), None);
    let not = "change = { all = [\"fresh\", { not = { against = \"address-type\" } }] }";
    assert_eq!(world.tie("pay", not), at);
    for (era, expected) in [
        ("from-height = 1", at),
        ("from-height = 2", None),
        ("to-height = 0", None),
        ("from-day = \"2020-01-01\"\nto-day = \"2020-01-01\"", at),
        ("from-day = \"2020-01-02\"", None),
        ("chains = [\"litecoin\"]", None),
        ("chains = [\"bitcoin\"]", at),
    ] {
        assert_eq!(world.tie("pay", &format!("{}\n{era}", votes(3))), expected, "{era}");
    }
}

#[test]
fn change_joins_in_the_forest_from_its_moment_on() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = fixture::ledger(folder.path(), CHAIN);
    let rules = policy("change = \"peeling-chain\"");
    let settings = Settings { change: Some(Arc::new(rules)), ..with("co-spend,change") };
    let forest = build(folder.path(), &ledger, &settings).unwrap();
    let (a1, a2) = (fixture::address(&ledger, "a1"), fixture::address(&ledger, "a2"));
    let moment = fixture::tx(&ledger, "hop3");
    assert_eq!(forest.joined(a1, a2), Some(Link { tx: moment, heuristic: Heuristic::Change }));
    assert_ne!(forest.find_as_of(a1, TxNum(moment.0 - 1)), forest.find_as_of(a2, TxNum(moment.0 - 1)));
    assert_eq!(forest.manifest().merges, 1);
    // the same heuristics without a policy, or with another one, are other forests
    let other = Settings { change: Some(Arc::new(policy("change = \"lock-time\""))), ..settings.clone() };
    let is_there = |s: &Settings| athar_entities::Forest::open(folder.path(), &ledger, s).unwrap().is_some();
    assert_eq!([is_there(&settings), is_there(&other), is_there(&with("co-spend"))], [true, false, false]);
}
