//! The forest against an independent recomputation, on random small chains.
use crate::support;

use athar_entities::change::{self, ChangePolicy, ChangeTie};
use athar_entities::coinjoin::{ShapeBuffer, recognise_in};
use athar_entities::{Bounds, Clustering, Forest, Heuristic, Links, Settings, explain, explain_as_of};
use athar_ledger::{BlockRows, Ledger, fixture};
use athar_types::{AddressId, AddressKey, AddressKind, TxNum};
use proptest::prelude::*;
use std::{collections::BTreeMap, ops::Range, path::Path, sync::Arc};
use support::{build, ledger_of, partition, random, store_of, with};

/// A random chain as text.
fn chain() -> impl Strategy<Value = String> {
    random::blocks(1..12).prop_map(|blocks| random::text(&blocks))
}

/// Labels of all addresses, relabelled one by one: as plain as it can be.
struct Naive {
    label: Vec<u32>,
}

impl Naive {
    fn join(&mut self, a: AddressId, b: AddressId) {
        let (a, b) = (self.label[a.index()], self.label[b.index()]);
        self.label.iter_mut().filter(|l| **l == b).for_each(|l| *l = a);
    }
}

/// The hashes of all keys that a random chain uses.
fn hashes() -> impl Iterator<Item = [u8; 20]> {
    (0..14).map(|n| fixture::key(&format!("n{n}")).payload().try_into().unwrap())
}

/// The three forms of a key.
fn forms_of(hash: &[u8; 20]) -> [AddressKey; 3] {
    [
        AddressKey::new(AddressKind::P2pkh, hash).unwrap(),
        AddressKey::new(AddressKind::P2wpkh, hash).unwrap(),
        AddressKey::wrapped_p2wpkh(hash),
    ]
}

/// Calls `each` with the partition after every transaction, from the definitions of the heuristics alone.
fn replay(ledger: &Ledger, heuristics: &str, changes: &[ChangeTie], mut each: impl FnMut(TxNum, &Naive)) {
    let (co_spend, same_key) = (heuristics.contains("co-spend"), heuristics.contains("same-key"));
    let mut naive = Naive { label: (0..ledger.address_count()).collect() };
    let mut existing: BTreeMap<AddressKey, AddressId> = BTreeMap::new();
    let mut revealed: Vec<[u8; 20]> = Vec::new();
    // which key a wrapped address hides
    let hash_of = |key: &AddressKey| match key.kind() {
        AddressKind::P2pkh | AddressKind::P2wpkh => key.payload().try_into().ok(),
        AddressKind::P2sh => hashes().find(|h| AddressKey::wrapped_p2wpkh(h) == *key),
        _ => None,
    };
    for tx in (0..ledger.tx_count()).map(TxNum) {
        let inputs: Vec<AddressId> = ledger.inputs(tx).filter_map(|i| i.address).collect();
        if co_spend && recognise_in(ledger, tx, &mut ShapeBuffer::default()).is_none() {
            inputs.windows(2).for_each(|pair| naive.join(pair[0], pair[1]));
        }
        for output in ledger.outputs(tx) {
            let address = output.address.unwrap();
            existing.insert(ledger.address_key(address), address);
        }
        revealed.extend(inputs.iter().filter_map(|a| hash_of(&ledger.address_key(*a))));
        if same_key {
            for hash in &revealed {
                let found: Vec<_> = forms_of(hash).iter().filter_map(|f| existing.get(f).copied()).collect();
                found.windows(2).for_each(|pair| naive.join(pair[0], pair[1]));
            }
        }
        changes.iter().filter(|tie| tie.at == tx).for_each(|tie| naive.join(tie.a, tie.b));
        each(tx, &naive);
    }
}

fn steps_hold(ledger: &Ledger, forest: &Forest, a: AddressId, b: AddressId, as_of: TxNum, bounds: &Bounds) -> bool {
    let found = explain_as_of(ledger, forest, a, b, as_of, bounds).unwrap();
    let linked = forest.find_as_of(a, as_of) == forest.find_as_of(b, as_of);
    let mut at = a;
    for step in &found.steps {
        let inputs: Vec<_> = ledger.inputs(step.tx).filter_map(|i| i.address).collect();
        let holds = match step.heuristic {
            Heuristic::CoSpend => {
                inputs.contains(&step.a) && inputs.contains(&step.b) && forest.coinjoin(step.tx).is_none()
            }
            // both are forms of one key, and a form of it is spent in the transaction that is said to reveal it
            Heuristic::SameKey => hashes().any(|hash| {
                let forms = forms_of(&hash);
                let is_form = |a: &AddressId| forms.contains(&ledger.address_key(*a));
                is_form(&step.a) && is_form(&step.b) && inputs.iter().any(is_form)
            }),
            // one is an input, the other an output of a transaction that is no CoinJoin
            Heuristic::Change => {
                let paid: Vec<_> = ledger.outputs(step.tx).filter_map(|o| o.address).collect();
                let is_change = |a, b| inputs.contains(a) && paid.contains(b);
                (is_change(&step.a, &step.b) || is_change(&step.b, &step.a)) && forest.coinjoin(step.tx).is_none()
            }
            Heuristic::DepositReuse | Heuristic::SharedFunder => unreachable!("of chains of accounts"),
        };
        if !holds || step.a != at || step.a == step.b || step.since > as_of || step.tx > step.since {
            return false;
        }
        at = step.b;
    }
    found.linked == linked
        && (!linked || at == b)
        && (linked || found.steps.is_empty())
        && found.since.is_some() == (linked && a != b)
}

/// Gives transactions one of two versions, so that fingerprints differ.
fn with_habits(mut blocks: Vec<BlockRows>) -> Vec<BlockRows> {
    for tx in blocks.iter_mut().flat_map(|block| &mut block.txs) {
        tx.version = 1 + i32::from(tx.txid.0[0] & 1);
    }
    blocks
}

/// A policy that ties much, at every kind of moment.
fn policy() -> ChangePolicy {
    let text = r#"
        name = "loose"
        heuristics = ["change"]
        [change]
        outputs-max = 4
        round-digits = 3
        [[change.rules]]
        change = { any = ["optimal-change", "fingerprint", { all = ["fresh", "address-type"] }] }
        [[change.rules]]
        change = { all = ["one-time", "continuity"] }
        unless = { against = "round-value" }
    "#;
    (**Clustering::parse(Path::new("loose.toml"), text).unwrap().change().unwrap()).clone()
}

fn ties_in(ledger: &Ledger, txs: Range<u32>) -> Vec<ChangeTie> {
    change::ties(ledger, txs, &policy(), &|tx| recognise_in(ledger, tx, &mut ShapeBuffer::default()).is_some())
}

/// The ties of every block, each asked of a ledger that ends with it: what is not yet on the chain cannot be seen.
fn changes_block_by_block(blocks: &[BlockRows]) -> Vec<ChangeTie> {
    let (mut ties, mut from) = (Vec::new(), 0);
    for count in 1..=blocks.len() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = ledger_of(&store_of(folder.path(), &blocks[..count], 2));
        ties.extend(ties_in(&ledger, from..ledger.tx_count()));
        from = ledger.tx_count();
    }
    ties
}

fn check(text: &str, heuristics: &str) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let blocks = with_habits(fixture::blocks(text));
    let ledger = ledger_of(&store_of(folder.path(), &blocks, 3));
    let settings = Settings { change: Some(Arc::new(policy())), ..with(heuristics) };
    let forest = build(folder.path(), &ledger, &settings).unwrap();
    let count = ledger.address_count();
    let changes = if heuristics.contains("change") { changes_block_by_block(&blocks) } else { Vec::new() };

    // the entities of every moment are those of the plain recomputation
    let mut last = None;
    replay(&ledger, heuristics, &changes, |tx, naive| {
        let expected = partition(count, |a| AddressId(naive.label[a.index()]));
        assert_eq!(partition(count, |a| forest.find_as_of(a, tx)), expected, "as of {tx}\n{text}");
        for id in (0..count).map(AddressId) {
            let own = expected.iter().find(|set| set.contains(&id.0)).unwrap();
            let mut members: Vec<u32> = forest.members_as_of(id, tx, 0, u32::MAX).into_iter().map(|a| a.0).collect();
            members.sort_unstable();
            assert_eq!(&members, &own.iter().copied().collect::<Vec<_>>(), "as of {tx}\n{text}");
            assert_eq!((forest.size_as_of(id, tx) as usize, forest.name_as_of(id, tx).0), (members.len(), members[0]));
        }
        last = Some(expected);
    });
    let now = partition(count, |a| forest.find(a));
    prop_assert_eq!(Some(&now), last.as_ref());

    for id in (0..count).map(AddressId) {
        // links never decrease on the way to the root, and trees are shallow
        let way = forest.way(id);
        let links: Vec<_> = way.iter().filter_map(|a| forest.link(*a)).collect();
        prop_assert!(links.is_sorted(), "{:?}", links);
        prop_assert_eq!((links.len(), forest.depth(id)), (way.len() - 1, way.len() - 1));
        prop_assert!(1 << forest.depth(id) <= forest.size(id).max(1));

        // members, name and figures follow from the partition and the ledger
        let members = now.iter().find(|set| set.contains(&id.0)).unwrap();
        let mut listed: Vec<u32> = forest.members(id, 0, u32::MAX).into_iter().map(|a| a.0).collect();
        listed.sort_unstable();
        prop_assert_eq!(&listed, &members.iter().copied().collect::<Vec<_>>());
        let view = forest.entity(&ledger, id).unwrap();
        prop_assert_eq!((view.name.0, view.size as usize), (listed[0], listed.len()));
        let outputs: Vec<_> =
            listed.iter().flat_map(|a| ledger.address_outputs(AddressId(*a))).map(|o| ledger.output(o)).collect();
        prop_assert_eq!(view.received.0, outputs.iter().map(|o| o.value.0).sum::<u64>());
        let spent = || outputs.iter().filter_map(|o| o.spent_by.map(|tx| (o.value.0, tx)));
        prop_assert_eq!(view.sent.0, spent().map(|(value, _)| value).sum::<u64>());
        let paid = || outputs.iter().map(|o| ledger.output_tx(o.num).0);
        prop_assert_eq!(Some(view.first_tx), paid().min());
        prop_assert_eq!(Some(view.last_tx), paid().chain(spent().map(|(_, tx)| tx)).max());
    }

    // what joined two addresses is the first moment at which they are one, and every explanation holds
    let end = TxNum(ledger.tx_count());
    let tight = Bounds { edges_max: 0, steps_max: usize::MAX };
    for a in (0..count).map(AddressId) {
        for b in (0..count).map(AddressId) {
            let first =
                (0..ledger.tx_count()).map(TxNum).find(|tx| forest.find_as_of(a, *tx) == forest.find_as_of(b, *tx));
            if a != b {
                prop_assert_eq!(forest.joined(a, b).map(|l| l.tx), first);
            }
            for bounds in [Bounds::default(), tight] {
                prop_assert!(steps_hold(&ledger, &forest, a, b, end, &bounds), "{} {}\n{}", a, b, text);
                if let Some(first) = first {
                    prop_assert!(steps_hold(&ledger, &forest, a, b, first, &bounds), "{} {}\n{}", a, b, text);
                }
            }
            let short = explain(&ledger, &forest, a, b, &Bounds::default()).unwrap().steps.len();
            let long = explain(&ledger, &forest, a, b, &tight).unwrap().steps.len();
            prop_assert!(short <= long);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn co_spend_alone_equals_the_plain_recomputation(text in chain()) {
        check(&text, "co-spend")?;
    }

    #[test]
    fn both_heuristics_equal_the_plain_recomputation(text in chain()) {
        check(&text, "co-spend,same-key")?;
    }

    #[test]
    fn change_beside_the_others_equals_the_plain_recomputation(text in chain()) {
        check(&text, "co-spend,same-key,change")?;
    }

    #[test]
    fn change_ties_are_the_same_asked_at_once_or_one_by_one(text in chain()) {
        let folder = tempfile::tempdir().unwrap();
        let blocks = with_habits(fixture::blocks(&text));
        let ledger = ledger_of(&store_of(folder.path(), &blocks, 3));
        let whole = ties_in(&ledger, 0..ledger.tx_count());
        prop_assert!(whole.is_sorted());
        prop_assert_eq!(&changes_block_by_block(&blocks), &whole);
        let single: Vec<_> = (0..ledger.tx_count()).flat_map(|tx| ties_in(&ledger, tx..tx + 1)).collect();
        prop_assert_eq!(&single, &whole);
        let nobody = |tx| recognise_in(&ledger, tx, &mut ShapeBuffer::default()).is_some();
        let mut by_tx: Vec<_> =
            (0..ledger.tx_count()).filter_map(|tx| change::tie_of(&ledger, &policy(), &nobody, TxNum(tx))).collect();
        by_tx.sort_unstable();
        prop_assert_eq!(&by_tx, &whole);
    }

    #[test]
    fn same_key_alone_equals_the_plain_recomputation(text in chain()) {
        check(&text, "same-key")?;
    }
}
