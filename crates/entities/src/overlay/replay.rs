//! Making an overlay: the cut, and the ties of the transactions after it.

use super::figures::Changes;
use super::{Added, Overlay, Tree};
use crate::builder::{BuiltMerge, LARGE_MERGE_MIN};
use crate::coinjoin::{CoinJoinKind, recognise_range};
use crate::cospend::{LaterTie, record_range};
use crate::tables::Tables;
use crate::{CoinJoins, Heuristic, Selection, Settings};
use athar_ledger::Ledger;
use athar_types::{AddressId, TxNum};
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;

impl Overlay {
    /// Whether all ties of a selection can be told for a range of transactions: those of co-spend alone.
    pub(crate) fn can_replay(selection: Selection) -> bool {
        Heuristic::ALL.into_iter().all(|heuristic| heuristic == Heuristic::CoSpend || !selection.has(heuristic))
    }

    /// Cuts the forest in `tables`, which ends with the transaction before `stored_txs`, before the transaction `cut`, and
    /// replays the ledger's transactions from there on. `later`: ties of those transactions besides co-spend, in
    /// chain order.
    pub(crate) fn new(
        tables: &Tables,
        stored_txs: u32,
        ledger: &Ledger,
        settings: &Settings,
        cut: u32,
        later: impl IntoIterator<Item = LaterTie>,
    ) -> Self {
        let range = cut..ledger.tx_count();
        let coinjoins = match &settings.coinjoins {
            CoinJoins::Recognised => recognise_range(ledger, range.clone()),
            CoinJoins::Given(txs) => {
                let given = txs.range(TxNum(range.start)..TxNum(range.end));
                given.map(|tx| (tx.0, CoinJoinKind::Given)).collect()
            }
        };
        let left_out: Vec<u32> = coinjoins.iter().map(|(tx, _)| *tx).collect();
        let mut overlay = Self {
            cut,
            addresses_at_cut: ledger.addresses_before(TxNum(cut)),
            is_rewound: cut < stored_txs,
            addresses: ledger.address_count(),
            links: FxHashMap::default(),
            children: FxHashMap::default(),
            trees: FxHashMap::default(),
            merges: Vec::new(),
            coinjoins,
            changes: Changes::default(),
        };
        let co_spend = settings.heuristics.has(Heuristic::CoSpend);
        record_range(ledger, range.clone(), co_spend, &left_out, later, &mut |tx, heuristic, addresses| {
            overlay.join(tables, tx, heuristic, addresses);
        });
        let links = &overlay.links;
        for children in overlay.children.values_mut() {
            children.sort_unstable_by_key(|child| (links[child].tx, links[child].heuristic, *child));
        }
        overlay.changes = Changes::of(&overlay, tables, ledger, range);
        overlay
    }

    /// Ties all of `addresses` to the first of them, as [`crate::ForestBuilder::join`] does.
    fn join(&mut self, tables: &Tables, tx: TxNum, heuristic: Heuristic, addresses: &[AddressId]) {
        let Some((first, others)) = addresses.split_first() else { return };
        let mut root = self.find(tables, first.0);
        let mut last = *first;
        for address in others {
            // many inputs in a row often spend from one address
            if *address == last {
                continue;
            }
            last = *address;
            let other = self.find(tables, address.0);
            if other != root {
                root = self.join_roots(tables, root, other, tx, heuristic);
            }
        }
    }

    /// Puts the smaller of two trees under the larger, at equal size the root with the higher id under the other.
    fn join_roots(&mut self, tables: &Tables, a: u32, b: u32, tx: TxNum, heuristic: Heuristic) -> u32 {
        let (tree_a, tree_b) = (self.tree(tables, a), self.tree(tables, b));
        let a_stays = tree_a.size > tree_b.size || (tree_a.size == tree_b.size && a < b);
        let (root, child) = if a_stays { (a, b) } else { (b, a) };
        self.trees.remove(&child);
        let tree = Tree { size: tree_a.size + tree_b.size, name: tree_a.name.min(tree_b.name) };
        self.trees.insert(root, tree);
        match self.links.entry(child) {
            Entry::Vacant(place) => place.insert(Added { parent: root, tx: tx.0, heuristic }),
            Entry::Occupied(_) => unreachable!("a root has no link"),
        };
        self.children.entry(root).or_default().push(child);
        let (child_size, other_size) = (tree_a.size.min(tree_b.size), tree_a.size.max(tree_b.size));
        if child_size >= LARGE_MERGE_MIN {
            self.merges.push(BuiltMerge { child, child_size, other_size });
        }
        root
    }
}
