//! Building a merge forest in memory, from ties given in chain order.
//!
//! Eight bytes an address: the parent and the link stand side by side, so that following a link and joining two roots
//! touch one cache line each. Nothing is compressed, not even for a while: joined by size, trees stay so shallow (five
//! links at most over 62 million ties of real-world skew) that a second, compressed array costs more memory traffic
//! than it saves. What costs is waiting for memory, so a window of addresses is looked ahead: their first two steps upwards
//! do not depend on one another, and the processor fetches them at the same time. A step taken early stays right, because
//! a link once made never changes.
//!
//! For the same reason the work can be shared ([`ForestBuilder::join_all`]). Links must be made in chain order by one
//! thread at a time, but what is one tree stays one: other threads run ahead, find the roots as they are by then, and drop
//! every input that already is in the tree of the transaction's first one. What survives is joined in order, from the roots
//! that were found. No tie of a later transaction is seen by that, since a block of transactions is linked only after it
//! was filtered, so the forest is the same, link by link, whatever the threads.

mod link;
mod shared;

use crate::Heuristic;
use crate::links::{Link, Links, NO_LINK};
use athar_ledger::{LedgerError, Scratch, ScratchArray};
use athar_types::{AddressId, TxNum};
use link::{Linker, Transactions, climb};
use rayon::prelude::*;
use shared::Shared;
use std::sync::atomic::Ordering::Relaxed;

/// A merge of two trees of at least so many addresses each is told apart: it is what makes large entities, rightly or not.
pub const LARGE_MERGE_MIN: u32 = 100;

/// Inputs of a block of transactions that one thread filters at a time.
const BLOCK_INPUTS: u32 = 1 << 15;
/// Addresses that one task maps.
const CHUNK: usize = 1 << 16;
/// Addresses whose way upwards is begun at the same time.
const WINDOW: usize = 128;

/// One address while building: the parent in the lower half, the transaction of the link in the upper. A root is its own
/// parent, and has the size of its tree in place of a link.
#[inline]
const fn node(parent: u32, link: u32) -> u64 {
    (link as u64) << 32 | parent as u64
}

#[inline]
const fn parent_of(node: u64) -> u32 {
    node as u32
}

#[inline]
const fn link_of(node: u64) -> u32 {
    (node >> 32) as u32
}

/// Joins addresses into a forest. Ties must come in chain order.
#[derive(Debug)]
pub struct ForestBuilder {
    nodes: ScratchArray<u64>,
    /// Heuristics of the links, kept only from the first one on that is not co-spend.
    heuristics: ScratchArray<u8>,
    last: Option<Link>,
    merges: u64,
    large: Vec<BuiltMerge>,
}

/// A merge of two large trees, as it is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct BuiltMerge {
    /// Root of the tree that was put under the other.
    pub(crate) child: u32,
    /// Addresses in it.
    pub(crate) child_size: u32,
    /// Addresses in the other before that.
    pub(crate) other_size: u32,
}

impl ForestBuilder {
    /// A forest of `addresses` lone addresses. `mixed`: ties of other heuristics than co-spend will come, for which a
    /// ninth byte an address is kept.
    pub fn new(addresses: u32, mixed: bool, scratch: &Scratch) -> Result<Self, LedgerError> {
        let mut nodes = scratch.zeros::<u64>(addresses as usize)?;
        // touched by several threads at once: most of the time is the system's, for new pages
        nodes.par_chunks_mut(1 << 16).enumerate().for_each(|(chunk, some)| {
            for (id, place) in ((chunk << 16) as u32..).zip(some) {
                *place = node(id, 1);
            }
        });
        let heuristics = scratch.zeros::<u8>(if mixed { addresses as usize } else { 0 })?;
        Ok(Self { nodes, heuristics, last: None, merges: 0, large: Vec::new() })
    }

    /// Ties all of `addresses` to the first of them, in their order; [`AddressId::NONE`] is passed over.
    ///
    /// # Panics
    /// Where `tx` lies before that of an earlier call (or equals it under a heuristic that comes first), and on an
    /// address past the end: both would make a forest that lies about its past.
    pub fn join(&mut self, tx: TxNum, heuristic: Heuristic, addresses: &[u32]) {
        self.advance(Link { tx, heuristic });
        let mut addresses = addresses.iter().copied().filter(|a| *a != AddressId::NONE);
        let Some(first) = addresses.next() else { return };
        let mut linker = self.linker();
        let mut root = climb(linker.nodes, first);
        for address in addresses {
            let other = climb(linker.nodes, address);
            if other != root {
                root = linker.link(root, other, tx.0, heuristic);
            }
        }
        linker.write_size();
        let (merges, large) = (linker.merges, linker.large);
        self.note(merges, large);
    }

    /// Ties by co-spend, for many transactions at once: transaction `first + i` has the addresses
    /// `addresses[starts[i]..starts[i + 1]]`. Transactions in `left_out` (ascending) tie nobody; [`AddressId::NONE`]
    /// is passed over.
    ///
    /// # Panics
    /// As [`Self::join`], and on starts that do not ascend within `addresses`.
    pub fn join_all(&mut self, first: TxNum, starts: &[u32], addresses: &[u32], left_out: &[u32]) {
        let Some(count) = starts.len().checked_sub(1).filter(|n| *n > 0) else { return };
        self.advance(Link { tx: first, heuristic: Heuristic::CoSpend });
        let txs = Transactions { first: first.0, starts, addresses, left_out };
        let blocks = txs.blocks(BLOCK_INPUTS);
        let threads = rayon::current_num_threads().min(blocks.len() / 2);
        let mut linker = self.linker();
        let (merges, large) = if threads < 2 {
            linker.join(&txs, 0..count);
            linker.write_size();
            (linker.merges, linker.large)
        } else {
            Shared::new(&txs, &blocks, linker, threads).run(threads)
        };
        self.note(merges, large);
        self.last = Some(Link { tx: TxNum(first.0 + count as u32 - 1), heuristic: Heuristic::CoSpend });
    }

    fn linker(&mut self) -> Linker<'_> {
        Linker {
            nodes: self.nodes.atomics(),
            heuristics: &mut self.heuristics,
            merges: 0,
            large: Vec::new(),
            last: (NO_LINK, 0),
        }
    }

    fn note(&mut self, merges: u64, large: Vec<BuiltMerge>) {
        self.merges += merges;
        self.large.extend(large);
    }

    fn advance(&mut self, link: Link) {
        assert!(
            self.last.is_none_or(|last| last <= link),
            "ties must come in chain order: {link:?} after {:?}",
            self.last
        );
        self.last = Some(link);
    }

    /// The finished forest.
    pub fn finish(self) -> BuiltForest {
        BuiltForest { nodes: self.nodes, heuristics: self.heuristics, merges: self.merges, large: self.large }
    }
}

/// A forest in memory.
#[derive(Debug)]
pub struct BuiltForest {
    nodes: ScratchArray<u64>,
    heuristics: ScratchArray<u8>,
    merges: u64,
    large: Vec<BuiltMerge>,
}

impl BuiltForest {
    /// Merges of two large trees, in the order in which they were made.
    pub(crate) fn large_merges(&self) -> &[BuiltMerge] {
        &self.large
    }

    /// Number of links: addresses less entities.
    pub fn merges(&self) -> u64 {
        self.merges
    }

    /// Number of addresses in the tree of a root; 0 for an address that is none.
    #[inline]
    pub fn size(&self, root: AddressId) -> u32 {
        let node = self.nodes[root.index()];
        if parent_of(node) == root.0 { link_of(node) } else { 0 }
    }

    /// Whether any link is of another heuristic than co-spend.
    pub(crate) fn is_mixed(&self) -> bool {
        !self.heuristics.is_empty()
    }

    /// Parent, link and heuristic of an address as the columns hold them.
    #[inline]
    pub(crate) fn row(&self, address: u32) -> (u32, u32, u8) {
        let node = self.nodes[address as usize];
        if parent_of(node) == address {
            (address, NO_LINK, 0)
        } else {
            let heuristic = self.heuristics.get(address as usize).copied().unwrap_or(Heuristic::CoSpend as u8);
            (parent_of(node), link_of(node), heuristic)
        }
    }

    /// The first-seen address of the entity of every address, in id order.
    pub fn names(&self, scratch: &Scratch) -> Result<ScratchArray<u32>, LedgerError> {
        let mut names = scratch.zeros::<u32>(self.nodes.len())?;
        let places = names.atomics();
        // at a root the least id of its tree, as a complement so that the zeros stand for nothing yet; elsewhere the root
        self.each_root(|id, root| {
            if id != root {
                places[id as usize].store(root, Relaxed);
            }
            let least = &places[root as usize];
            // ids ascend, so most find a smaller one there already
            if least.load(Relaxed) < !id {
                least.fetch_max(!id, Relaxed);
            }
        });
        self.each(|id, is_root| {
            if !is_root {
                let place = &places[id as usize];
                place.store(!places[place.load(Relaxed) as usize].load(Relaxed), Relaxed);
            }
        });
        self.each(|id, is_root| {
            if is_root {
                // nobody told of a lone address
                let place = &places[id as usize];
                let least = place.load(Relaxed);
                place.store(if least == 0 { id } else { !least }, Relaxed);
            }
        });
        Ok(names)
    }

    /// Tells every address, and whether it is a root.
    fn each(&self, tell: impl Fn(u32, bool) + Sync) {
        self.nodes.par_chunks(CHUNK).enumerate().for_each(|(chunk, nodes)| {
            for (id, node) in ((chunk * CHUNK) as u32..).zip(nodes) {
                tell(id, parent_of(*node) == id);
            }
        });
    }

    /// Tells the root of every address that is not alone.
    fn each_root(&self, tell: impl Fn(u32, u32) + Sync) {
        self.nodes.par_chunks(CHUNK).enumerate().for_each(|(chunk, nodes)| {
            let mut window = [0; WINDOW];
            for (place, nodes) in nodes.chunks(WINDOW).enumerate() {
                let first = (chunk * CHUNK + place * WINDOW) as u32;
                for (ahead, node) in window.iter_mut().zip(nodes) {
                    *ahead = parent_of(self.nodes[parent_of(*node) as usize]);
                }
                for (id, (node, ahead)) in (first..).zip(nodes.iter().zip(window)) {
                    if parent_of(*node) != id || link_of(*node) > 1 {
                        tell(id, self.find(AddressId(ahead)).0);
                    }
                }
            }
        });
    }
}

impl Links for BuiltForest {
    fn address_count(&self) -> u32 {
        self.nodes.len() as u32
    }

    #[inline]
    fn parent(&self, address: AddressId) -> AddressId {
        AddressId(parent_of(self.nodes[address.index()]))
    }

    #[inline]
    fn link(&self, address: AddressId) -> Option<Link> {
        let (_, link, heuristic) = self.row(address.0);
        Heuristic::from_code(heuristic).map(|heuristic| Link { tx: TxNum(link), heuristic })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small generator of the same numbers everywhere.
    fn numbers(seed: u64) -> impl FnMut(u32) -> u32 {
        let mut state = seed;
        move |below| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % u64::from(below)) as u32
        }
    }

    fn rows(forest: &BuiltForest) -> Vec<(u32, u32, u8)> {
        (0..forest.address_count()).map(|a| forest.row(a)).collect()
    }

    #[test]
    fn many_transactions_at_once_make_the_forest_of_one_after_the_other() {
        for seed in 0..50 {
            let mut below = numbers(seed);
            let count = 1 + below(400);
            let (mut starts, mut addresses, mut left_out) = (vec![0], Vec::new(), Vec::new());
            for tx in 0..100 {
                // now and then more than a window
                let inputs = if below(20) == 0 { below(300) } else { below(5) };
                addresses.extend((0..inputs).map(|_| if below(10) == 0 { AddressId::NONE } else { below(count) }));
                starts.push(addresses.len() as u32);
                if below(10) == 0 {
                    left_out.push(7 + tx);
                }
            }
            let mut single = ForestBuilder::new(count, true, &Scratch::in_memory()).unwrap();
            for (i, pair) in starts.windows(2).enumerate().filter(|(i, _)| !left_out.contains(&(7 + *i as u32))) {
                let some = &addresses[pair[0] as usize..pair[1] as usize];
                single.join(TxNum(7 + i as u32), Heuristic::CoSpend, some);
            }
            let mut bulk = ForestBuilder::new(count, true, &Scratch::in_memory()).unwrap();
            let cut = below(100) as usize;
            bulk.join_all(TxNum(7), &starts[..=cut], &addresses, &left_out);
            bulk.join_all(TxNum(7 + cut as u32), &starts[cut..], &addresses, &left_out);
            let (single, bulk) = (single.finish(), bulk.finish());
            assert_eq!(rows(&bulk), rows(&single), "seed {seed}");
            assert_eq!(bulk.merges(), rows(&bulk).iter().filter(|r| r.1 != NO_LINK).count() as u64);
            let names = bulk.names(&Scratch::in_memory()).unwrap();
            let least = |a: u32| (0..count).find(|b| bulk.find(AddressId(*b)) == bulk.find(AddressId(a)));
            assert!((0..count).all(|a| least(a) == Some(names[a as usize])));
            assert_eq!((0..count).map(|a| u64::from(bulk.size(AddressId(a)))).sum::<u64>(), u64::from(count));
        }
    }

    #[test]
    fn many_threads_make_the_forest_of_one() {
        for seed in 0..60 {
            let mut below = numbers(seed + 1000);
            let count = 1 + below(3000);
            let (mut starts, mut addresses, mut left_out) = (vec![0], Vec::new(), Vec::new());
            for tx in 0..2_000 {
                let inputs = if below(50) == 0 { below(400) } else { below(5) };
                addresses.extend((0..inputs).map(|_| if below(20) == 0 { AddressId::NONE } else { below(count) }));
                starts.push(addresses.len() as u32);
                if below(20) == 0 {
                    left_out.push(7 + tx);
                }
            }
            let mut alone = ForestBuilder::new(count, false, &Scratch::in_memory()).unwrap();
            alone.join_all(TxNum(7), &starts, &addresses, &left_out);
            let alone = alone.finish();
            for (threads, inputs) in [(1, 50), (2, 1), (3, 30), (8, 100)] {
                let mut shared = ForestBuilder::new(count, false, &Scratch::in_memory()).unwrap();
                let txs = Transactions { first: 7, starts: &starts, addresses: &addresses, left_out: &left_out };
                let blocks = txs.blocks(inputs);
                assert!(blocks.len() > 20);
                let (merges, large) = Shared::new(&txs, &blocks, shared.linker(), threads).run(threads);
                shared.note(merges, large);
                let shared = shared.finish();
                assert_eq!(rows(&shared), rows(&alone), "seed {seed}, {threads} threads");
                assert_eq!((shared.merges(), shared.large_merges()), (alone.merges(), alone.large_merges()));
            }
            let names = alone.names(&Scratch::in_memory()).unwrap();
            let least = |a: u32| (0..count).find(|b| alone.find(AddressId(*b)) == alone.find(AddressId(a)));
            assert!((0..count).step_by(37).all(|a| least(a) == Some(names[a as usize])));
        }
    }

    #[test]
    fn the_larger_tree_keeps_its_root_and_of_two_equal_ones_the_older() {
        let mut builder = ForestBuilder::new(6, true, &Scratch::in_memory()).unwrap();
        builder.join(TxNum(1), Heuristic::CoSpend, &[3, 2]);
        builder.join(TxNum(2), Heuristic::CoSpend, &[0, 3]);
        builder.join(TxNum(2), Heuristic::SameKey, &[4, 5]);
        builder.join(TxNum(9), Heuristic::CoSpend, &[5, AddressId::NONE, 0]);
        let forest = builder.finish();
        assert_eq!(rows(&forest), [(2, 2, 1), (1, NO_LINK, 0), (2, NO_LINK, 0), (2, 1, 1), (2, 9, 1), (4, 2, 2)]);
        assert_eq!((forest.size(AddressId(2)), forest.size(AddressId(1)), forest.size(AddressId(4))), (5, 1, 0));
        let joined = |a, b| forest.joined(AddressId(a), AddressId(b)).map(|l| (l.tx.0, l.heuristic));
        assert_eq!(joined(3, 5), Some((9, Heuristic::CoSpend)));
        assert_eq!(joined(5, 4), Some((2, Heuristic::SameKey)));
        assert_eq!(joined(0, 3), Some((2, Heuristic::CoSpend)));
        assert_eq!((joined(1, 0), joined(5, 5)), (None, None));
        assert_eq!((forest.depth(AddressId(5)), forest.depth(AddressId(2))), (2, 0));
        assert_eq!(forest.find_as_of(AddressId(5), TxNum(8)), AddressId(4));
        assert_eq!(forest.find_as_of(AddressId(5), TxNum(9)), AddressId(2));
    }

    #[test]
    #[should_panic(expected = "chain order")]
    fn a_tie_out_of_order_is_refused() {
        let mut builder = ForestBuilder::new(3, true, &Scratch::in_memory()).unwrap();
        builder.join(TxNum(5), Heuristic::SameKey, &[0, 1]);
        builder.join(TxNum(5), Heuristic::CoSpend, &[1, 2]);
    }

    #[test]
    fn no_addresses_make_an_empty_forest() {
        let mut builder = ForestBuilder::new(0, false, &Scratch::in_memory()).unwrap();
        builder.join_all(TxNum(0), &[0, 2], &[AddressId::NONE, AddressId::NONE], &[]);
        builder.join_all(TxNum(1), &[2], &[], &[]);
        let forest = builder.finish();
        assert_eq!(
            (forest.address_count(), forest.merges(), forest.names(&Scratch::in_memory()).unwrap().len()),
            (0, 0, 0)
        );
    }
}
