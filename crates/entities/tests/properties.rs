//! The forest against an independent recomputation, on random small chains.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use athar_entities::coinjoin::{ShapeBuffer, recognise_in};
use athar_entities::{Bounds, Forest, Heuristic, Links, explain, explain_as_of};
use athar_ledger::{Ledger, fixture};
use athar_types::{AddressId, AddressKey, AddressKind, TxNum};
use proptest::prelude::*;
use std::collections::BTreeMap;
use support::{build, ledger_of, partition, random, with};

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
fn replay(ledger: &Ledger, co_spend: bool, same_key: bool, mut each: impl FnMut(TxNum, &Naive)) {
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

fn check(text: &str, heuristics: &str) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger_of(&fixture::store(folder.path(), text, 3).unwrap());
    let forest = build(folder.path(), &ledger, &with(heuristics)).unwrap();
    let count = ledger.address_count();
    let (co_spend, same_key) = (heuristics.contains("co-spend"), heuristics.contains("same-key"));

    // the entities of every moment are those of the plain recomputation
    let mut last = None;
    replay(&ledger, co_spend, same_key, |tx, naive| {
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
    fn same_key_alone_equals_the_plain_recomputation(text in chain()) {
        check(&text, "same-key")?;
    }
}
