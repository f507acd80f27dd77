//! The transactions by id and by what they spend, and how changes follow from each other.
//!
//! A node says *that* a transaction left, not why. The reason follows from what comes next: a transaction that spends
//! the same output took its place, or a block did. So one that left is kept aside until its reason is known, or until
//! [`SETTLE`] has passed without one.

use super::tx::{MempoolTx, OutPoint, Outputs};
use athar_types::Hash32;
use rustc_hash::{FxHashMap, FxHashSet};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Transactions in the view at most; what comes beyond is counted and left out.
pub const MEMPOOL_TXS_MAX: usize = 400_000;
/// Bytes of memory that the view takes at most (an estimate from above).
pub const MEMPOOL_BYTES_MAX: usize = 512 << 20;
/// How long the reason for a removal is waited for.
pub const SETTLE: Duration = Duration::from_secs(2);

/// Why a transaction left the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// A block holds it.
    Confirmed {
        /// Height of the block.
        height: u32,
    },
    /// What it spends was an output of a transaction that was replaced, or spent elsewhere by a block.
    ParentGone {
        /// The transaction that made its parent impossible.
        by: Hash32,
    },
    /// The node does not say: expired, pushed out by better-paying ones, or no longer valid.
    Unknown,
}

/// What happened to the view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A transaction is new.
    Added(Arc<MempoolTx>),
    /// A transaction took the place of another, which spends the same output.
    Replaced {
        /// The one that left.
        old: Arc<MempoolTx>,
        /// The one that took its place.
        by: Hash32,
        /// An output that both spend.
        output: OutPoint,
    },
    /// A block holds a transaction that spends the same output as one that waited: that one can never be confirmed on
    /// this chain.
    DoubleSpent {
        /// The one that waited.
        old: Arc<MempoolTx>,
        /// The one in the block.
        by: Hash32,
        /// Height of the block.
        height: u32,
        /// An output that both spend.
        output: OutPoint,
    },
    /// A transaction left.
    Removed {
        /// Which.
        tx: Arc<MempoolTx>,
        /// Why.
        why: Removal,
    },
}

/// The view.
#[derive(Debug)]
pub struct Mempool {
    txs_max: usize,
    bytes_max: usize,
    txs: FxHashMap<Hash32, Arc<MempoolTx>>,
    spends: FxHashMap<OutPoint, Hash32>,
    bytes: usize,
    /// Left, reason not known yet.
    gone: FxHashMap<Hash32, (Arc<MempoolTx>, Instant)>,
    gone_spends: FxHashMap<OutPoint, Hash32>,
    /// Left out for lack of room.
    left_out: FxHashSet<Hash32>,
}

impl Default for Mempool {
    fn default() -> Self {
        Self::with_room(MEMPOOL_TXS_MAX, MEMPOOL_BYTES_MAX)
    }
}

impl Mempool {
    /// An empty view that holds at most so many transactions in so many bytes.
    fn with_room(txs_max: usize, bytes_max: usize) -> Self {
        Self {
            txs_max,
            bytes_max,
            txs: FxHashMap::default(),
            spends: FxHashMap::default(),
            bytes: 0,
            gone: FxHashMap::default(),
            gone_spends: FxHashMap::default(),
            left_out: FxHashSet::default(),
        }
    }

    /// Number of transactions.
    pub fn len(&self) -> usize {
        self.txs.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.txs.is_empty()
    }

    /// Transactions of the node's mempool that are not in the view because a maximum was reached.
    pub fn left_out(&self) -> usize {
        self.left_out.len()
    }

    /// Whether a transaction is in the view, or was left out of it for lack of room.
    pub fn knows(&self, txid: &Hash32) -> bool {
        self.txs.contains_key(txid) || self.left_out.contains(txid)
    }

    /// A transaction of the view.
    pub fn get(&self, txid: &Hash32) -> Option<&Arc<MempoolTx>> {
        self.txs.get(txid)
    }

    /// All transactions, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<MempoolTx>> {
        self.txs.values()
    }

    /// Adds a transaction, with what it spends looked up in the view and in `chain`. What it makes impossible leaves.
    pub fn add(&mut self, mut tx: MempoolTx, chain: &dyn Outputs) -> Vec<Change> {
        let mut changes = Vec::new();
        // one that comes back before its removal was told never left
        let is_back = self.forget_gone(&tx.txid).is_some();
        if self.knows(&tx.txid) {
            return changes;
        }
        let bytes = tx.memory_bytes();
        if self.txs.len() >= self.txs_max || self.bytes + bytes > self.bytes_max {
            self.left_out.insert(tx.txid);
            return changes;
        }
        for input in &mut tx.inputs {
            let parent = self.txs.get(&input.output.txid);
            input.paid = match parent {
                Some(parent) => parent.outputs.get(input.output.vout as usize).copied(),
                None => chain.output(&input.output),
            };
        }
        for output in tx.inputs.iter().map(|i| i.output) {
            let old = match self.gone_spends.get(&output).copied() {
                Some(old) => self.forget_gone(&old),
                // the notice of its removal was missed
                None => self.spends.get(&output).copied().and_then(|old| self.take(&old)),
            };
            if let Some(old) = old {
                changes.push(Change::Replaced { old: Arc::clone(&old), by: tx.txid, output });
                self.drop_children(&old, tx.txid, &mut changes);
            }
        }
        self.resolve_children(&tx);
        for input in &tx.inputs {
            self.spends.insert(input.output, tx.txid);
        }
        self.bytes += bytes;
        let tx = Arc::new(tx);
        self.txs.insert(tx.txid, Arc::clone(&tx));
        if !is_back {
            changes.push(Change::Added(tx));
        }
        changes
    }

    /// The node says that a transaction left. Told once the reason is known, or by [`settle`](Self::settle).
    pub fn remove(&mut self, txid: &Hash32, now: Instant) {
        self.left_out.remove(txid);
        if let Some(tx) = self.take(txid) {
            for input in &tx.inputs {
                self.gone_spends.insert(input.output, *txid);
            }
            self.gone.insert(*txid, (tx, now));
        }
    }

    /// A block holds `txid`, which spends `spends`: it leaves, and so does what it makes impossible.
    pub fn confirm_tx(
        &mut self,
        height: u32,
        txid: Hash32,
        spends: impl Iterator<Item = OutPoint>,
        changes: &mut Vec<Change>,
    ) {
        self.left_out.remove(&txid);
        if let Some(tx) = self.take(&txid).or_else(|| self.forget_gone(&txid)) {
            changes.push(Change::Removed { tx, why: Removal::Confirmed { height } });
        }
        for output in spends {
            let old = self.spends.get(&output).or_else(|| self.gone_spends.get(&output)).copied();
            if let Some(old) = old.and_then(|old| self.take(&old).or_else(|| self.forget_gone(&old))) {
                changes.push(Change::DoubleSpent { old: Arc::clone(&old), by: txid, height, output });
                self.drop_children(&old, txid, changes);
            }
        }
    }

    /// Tells of transactions that left [`SETTLE`] ago and whose reason did not come to light.
    pub fn settle(&mut self, now: Instant) -> Vec<Change> {
        if self.gone.is_empty() {
            return Vec::new();
        }
        let mut due: Vec<(Instant, Hash32)> = self
            .gone
            .iter()
            .filter(|(_, (_, since))| now.saturating_duration_since(*since) >= SETTLE)
            .map(|(txid, (_, since))| (*since, *txid))
            .collect();
        due.sort_unstable();
        due.iter()
            .filter_map(|(_, txid)| self.forget_gone(txid))
            .map(|tx| Change::Removed { tx, why: Removal::Unknown })
            .collect()
    }

    /// The ids in the view that are not in `listed`, and those in `listed` that the view does not know.
    pub fn difference(&self, listed: &FxHashSet<Hash32>) -> (Vec<Hash32>, Vec<Hash32>) {
        let known = self.txs.keys().chain(&self.left_out);
        let mut left: Vec<Hash32> = known.filter(|txid| !listed.contains(txid)).copied().collect();
        let mut new: Vec<Hash32> = listed.iter().filter(|txid| !self.knows(txid)).copied().collect();
        left.sort_unstable();
        new.sort_unstable();
        (left, new)
    }

    /// Takes a transaction out of the view and its indexes.
    fn take(&mut self, txid: &Hash32) -> Option<Arc<MempoolTx>> {
        let tx = self.txs.remove(txid)?;
        self.bytes -= tx.memory_bytes();
        for input in &tx.inputs {
            if self.spends.get(&input.output) == Some(txid) {
                self.spends.remove(&input.output);
            }
        }
        Some(tx)
    }

    fn forget_gone(&mut self, txid: &Hash32) -> Option<Arc<MempoolTx>> {
        let (tx, _) = self.gone.remove(txid)?;
        for input in &tx.inputs {
            if self.gone_spends.get(&input.output) == Some(txid) {
                self.gone_spends.remove(&input.output);
            }
        }
        Some(tx)
    }

    /// What spends outputs of `parent` cannot be confirmed either, and what spends theirs.
    fn drop_children(&mut self, parent: &Arc<MempoolTx>, by: Hash32, changes: &mut Vec<Change>) {
        let mut parents = vec![Arc::clone(parent)];
        while let Some(parent) = parents.pop() {
            for vout in 0..parent.outputs.len() as u32 {
                let output = OutPoint { txid: parent.txid, vout };
                let child = self.spends.get(&output).or_else(|| self.gone_spends.get(&output)).copied();
                let Some(child) = child else { continue };
                if let Some(tx) = self.take(&child).or_else(|| self.forget_gone(&child)) {
                    parents.push(Arc::clone(&tx));
                    changes.push(Change::Removed { tx, why: Removal::ParentGone { by } });
                }
            }
        }
    }

    /// Transactions that came before their parent learn now what they spend.
    fn resolve_children(&mut self, parent: &MempoolTx) {
        for (vout, paid) in parent.outputs.iter().enumerate() {
            let output = OutPoint { txid: parent.txid, vout: vout as u32 };
            let Some(child) = self.spends.get(&output).and_then(|child| self.txs.get_mut(child)) else { continue };
            for input in Arc::make_mut(child).inputs.iter_mut().filter(|i| i.output == output) {
                input.paid = Some(*paid);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tx::{Paid, Spent};
    use super::*;
    use athar_types::Sats;

    /// A chain of one output: 1000 sat of transaction 1.
    struct Chain;

    impl Outputs for Chain {
        fn output(&self, output: &OutPoint) -> Option<Paid> {
            (*output == at(1, 0)).then_some(Paid { value: Sats(1000), address: None })
        }

        fn is_confirmed(&self, txid: &Hash32) -> bool {
            *txid == id(1)
        }
    }

    fn id(n: u8) -> Hash32 {
        Hash32([n; 32])
    }

    fn at(n: u8, vout: u32) -> OutPoint {
        OutPoint { txid: id(n), vout }
    }

    fn tx(n: u8, spends: &[OutPoint], pays: &[u64]) -> MempoolTx {
        MempoolTx {
            txid: id(n),
            weight: 400,
            is_replaceable: true,
            seen_ms: u64::from(n),
            inputs: spends.iter().map(|output| Spent { output: *output, paid: None }).collect(),
            outputs: pays.iter().map(|sat| Paid { value: Sats(*sat), address: None }).collect(),
        }
    }

    /// Changes as short texts.
    fn told(changes: &[Change]) -> Vec<String> {
        let n = |hash: &Hash32| hash.0[0];
        let one = |change: &Change| match change {
            Change::Added(tx) => format!("+{}", n(&tx.txid)),
            Change::Replaced { old, by, output } => {
                format!("{} replaced by {} at {}:{}", n(&old.txid), n(by), n(&output.txid), output.vout)
            }
            Change::DoubleSpent { old, by, height, .. } => format!("{} spent by {} in {height}", n(&old.txid), n(by)),
            Change::Removed { tx, why: Removal::Confirmed { height } } => format!("{} in {height}", n(&tx.txid)),
            Change::Removed { tx, why: Removal::ParentGone { by } } => {
                format!("{} lost its parent to {}", n(&tx.txid), n(by))
            }
            Change::Removed { tx, why: Removal::Unknown } => format!("-{}", n(&tx.txid)),
        };
        changes.iter().map(one).collect()
    }

    fn confirm(pool: &mut Mempool, height: u32, n: u8, spends: &[OutPoint]) -> Vec<String> {
        let mut changes = Vec::new();
        pool.confirm_tx(height, id(n), spends.iter().copied(), &mut changes);
        told(&changes)
    }

    #[test]
    fn inputs_are_resolved_from_the_chain_and_from_parents_that_come_later() {
        let mut pool = Mempool::default();
        assert_eq!(told(&pool.add(tx(3, &[at(2, 1)], &[300]), &Chain)), ["+3"]);
        assert_eq!((pool.get(&id(3)).unwrap().fee(), pool.get(&id(3)).unwrap().unresolved()), (None, 1));
        pool.add(tx(2, &[at(1, 0)], &[500, 400]), &Chain);
        assert_eq!(pool.get(&id(2)).unwrap().fee(), Some(Sats(100)));
        assert_eq!(pool.get(&id(3)).unwrap().fee(), Some(Sats(100)));
        // the chain does not make this output
        pool.add(tx(4, &[at(1, 9)], &[1]), &Chain);
        assert_eq!(pool.get(&id(4)).unwrap().unresolved(), 1);
        assert!(pool.add(tx(4, &[at(1, 9)], &[1]), &Chain).is_empty(), "known already");
    }

    #[test]
    fn a_transaction_that_takes_anothers_place_is_told_with_what_it_makes_impossible() {
        let mut pool = Mempool::default();
        pool.add(tx(2, &[at(1, 0)], &[900]), &Chain);
        pool.add(tx(3, &[at(2, 0)], &[800]), &Chain);
        pool.add(tx(4, &[at(3, 0)], &[700]), &Chain);
        // the node removes children first, then tells the new one
        let now = Instant::now();
        for n in [4, 3, 2] {
            pool.remove(&id(n), now);
        }
        assert!(pool.settle(now).is_empty());
        let changes = pool.add(tx(5, &[at(1, 0)], &[850]), &Chain);
        assert_eq!(
            told(&changes),
            ["2 replaced by 5 at 1:0", "3 lost its parent to 5", "4 lost its parent to 5", "+5"]
        );
        assert!(pool.settle(now + SETTLE).is_empty());
        // the same where the removals were missed
        pool.add(tx(6, &[at(5, 0)], &[1]), &Chain);
        let changes = pool.add(tx(7, &[at(1, 0)], &[800]), &Chain);
        assert_eq!(told(&changes), ["5 replaced by 7 at 1:0", "6 lost its parent to 7", "+7"]);
        assert_eq!((pool.len(), pool.spends.len(), pool.gone.len(), pool.gone_spends.len()), (1, 1, 0, 0));
    }

    #[test]
    fn a_block_confirms_and_what_it_spends_is_a_double_spend() {
        let mut pool = Mempool::default();
        pool.add(tx(2, &[at(1, 0)], &[900]), &Chain);
        pool.add(tx(3, &[at(2, 0)], &[800]), &Chain);
        pool.add(tx(8, &[at(9, 0), at(9, 1)], &[8]), &Chain);
        assert_eq!(confirm(&mut pool, 7, 8, &[at(9, 0), at(9, 1)]), ["8 in 7"]);
        assert_eq!(confirm(&mut pool, 7, 5, &[at(1, 0)]), ["2 spent by 5 in 7", "3 lost its parent to 5"]);
        assert!(pool.is_empty() && pool.spends.is_empty());
        assert_eq!(pool.bytes, 0);
        // the node may tell the removal before the block
        pool.add(tx(2, &[at(1, 0)], &[900]), &Chain);
        pool.remove(&id(2), Instant::now());
        assert_eq!(confirm(&mut pool, 8, 6, &[at(1, 0)]), ["2 spent by 6 in 8"]);
        assert!(pool.gone.is_empty());
    }

    #[test]
    fn a_removal_without_a_reason_is_told_after_a_while_and_a_return_is_no_news() {
        let mut pool = Mempool::default();
        let now = Instant::now();
        pool.add(tx(2, &[at(1, 0)], &[900]), &Chain);
        pool.remove(&id(2), now);
        assert!(pool.settle(now + SETTLE / 2).is_empty());
        assert!(pool.add(tx(2, &[at(1, 0)], &[900]), &Chain).is_empty());
        pool.remove(&id(2), now);
        assert_eq!(told(&pool.settle(now + SETTLE)), ["-2"]);
        pool.remove(&id(2), now);
        assert!(pool.settle(now + SETTLE).is_empty(), "nobody knows it any more");
    }

    #[test]
    fn what_passes_the_maximum_is_counted_and_left_out() {
        let small = tx(2, &[at(1, 0)], &[1]).memory_bytes();
        let mut pool = Mempool::with_room(9, small + 100);
        assert_eq!(told(&pool.add(tx(2, &[at(1, 0)], &[1]), &Chain)), ["+2"]);
        assert!(pool.add(tx(3, &[at(9, 0)], &[1]), &Chain).is_empty());
        assert_eq!((pool.len(), pool.left_out()), (1, 1));
        let mut few = Mempool::with_room(1, usize::MAX);
        few.add(tx(2, &[at(1, 0)], &[1]), &Chain);
        few.add(tx(3, &[at(9, 0)], &[1]), &Chain);
        assert_eq!((few.len(), few.left_out()), (1, 1));
        assert!(pool.knows(&id(3)) && pool.get(&id(3)).is_none());
        assert_eq!(confirm(&mut pool, 1, 3, &[]), [""; 0]);
        assert!(!pool.knows(&id(3)));
    }

    #[test]
    fn the_difference_to_a_list_is_what_left_and_what_is_new() {
        let mut pool = Mempool::default();
        pool.add(tx(2, &[at(1, 0)], &[900]), &Chain);
        pool.add(tx(3, &[at(9, 0)], &[900]), &Chain);
        let listed: FxHashSet<Hash32> = [id(3), id(4)].into_iter().collect();
        assert_eq!(pool.difference(&listed), (vec![id(2)], vec![id(4)]));
    }
}
