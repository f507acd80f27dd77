//! Building a merge forest in memory, from ties given in chain order.
//!
//! Eight bytes an address: the parent and the link stand side by side, so that following a link and joining two roots
//! touch one cache line each. Nothing is compressed, not even for a while: joined by size, trees stay so shallow (five
//! links at most over 62 million ties of real-world skew) that a second, compressed array costs more memory traffic
//! than it saves. What costs is waiting for memory, so [`ForestBuilder::join_all`] looks a window of addresses ahead:
//! their first two steps upwards do not depend on one another, and the processor fetches them at the same time. A step
//! taken early stays right, because a link once made never changes.

use crate::Heuristic;
use crate::links::{Link, Links, NO_LINK};
use athar_ledger::{LedgerError, Scratch, ScratchArray};
use athar_types::{AddressId, TxNum};
use bytemuck::{Pod, Zeroable};

/// A merge of two trees of at least so many addresses each is told apart: it is what makes large entities, rightly or not.
pub const LARGE_MERGE_MIN: u32 = 100;

/// Addresses whose way upwards is begun at the same time.
const WINDOW: usize = 128;

/// One address while building. A root is its own parent, and has the size of its tree in place of a link.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
struct Node {
    parent: u32,
    link: u32,
}

/// Joins addresses into a forest. Ties must come in chain order.
#[derive(Debug)]
pub struct ForestBuilder {
    nodes: ScratchArray<Node>,
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
        let mut nodes = scratch.zeros::<Node>(addresses as usize)?;
        for (id, node) in (0..).zip(nodes.iter_mut()) {
            *node = Node { parent: id, link: 1 };
        }
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
        let mut root = self.climb(first);
        for address in addresses {
            let other = self.climb(address);
            if other != root {
                root = self.link(root, other, tx.0, heuristic);
            }
        }
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
        let mut left_out = left_out.iter().copied().skip_while(|tx| *tx < first.0).peekable();
        let (mut ahead, mut window) = (starts[0] as usize..starts[0] as usize, [0; WINDOW]);
        let end = starts[count] as usize;
        for (i, pair) in starts.windows(2).enumerate() {
            let tx = first.0 + i as u32;
            let (start, stop) = (pair[0] as usize, pair[1] as usize);
            if left_out.next_if_eq(&tx).is_some() || stop - start < 2 {
                continue;
            }
            let mut root = NO_LINK;
            let mut last = NO_LINK;
            for at in start..stop {
                if at >= ahead.end {
                    ahead = at..(at + WINDOW).min(end);
                    self.look_ahead(&addresses[ahead.clone()], &mut window);
                }
                let address = addresses[at];
                // many inputs in a row often spend from one address
                if address == last || address == AddressId::NONE {
                    continue;
                }
                last = address;
                let other = self.climb(window[at - ahead.start]);
                if root == NO_LINK {
                    root = other;
                } else if other != root {
                    root = self.link(root, other, tx, Heuristic::CoSpend);
                }
            }
        }
        self.last = Some(Link { tx: TxNum(first.0 + count as u32 - 1), heuristic: Heuristic::CoSpend });
    }

    /// Two steps upwards from each address, all of them at once.
    #[inline]
    fn look_ahead(&self, addresses: &[u32], window: &mut [u32; WINDOW]) {
        if self.nodes.is_empty() {
            return;
        }
        let nodes = &*self.nodes;
        for (ahead, address) in window.iter_mut().zip(addresses) {
            // what names no address is passed over later; here any place will do
            let place = if *address == AddressId::NONE { 0 } else { *address };
            *ahead = nodes[place as usize].parent;
        }
        for ahead in &mut window[..addresses.len()] {
            *ahead = nodes[*ahead as usize].parent;
        }
    }

    fn advance(&mut self, link: Link) {
        assert!(
            self.last.is_none_or(|last| last <= link),
            "ties must come in chain order: {link:?} after {:?}",
            self.last
        );
        self.last = Some(link);
    }

    #[inline]
    fn climb(&self, mut at: u32) -> u32 {
        let nodes = &*self.nodes;
        loop {
            let parent = nodes[at as usize].parent;
            if parent == at {
                return at;
            }
            at = parent;
        }
    }

    /// Puts the smaller of two trees under the larger and returns the root of both.
    #[inline]
    fn link(&mut self, a: u32, b: u32, tx: u32, heuristic: Heuristic) -> u32 {
        let (size_a, size_b) = (self.nodes[a as usize].link, self.nodes[b as usize].link);
        let (root, child) = if size_a > size_b || (size_a == size_b && a < b) { (a, b) } else { (b, a) };
        self.nodes[child as usize] = Node { parent: root, link: tx };
        self.nodes[root as usize].link = size_a + size_b;
        self.merges += 1;
        let (child_size, other_size) = if child == b { (size_b, size_a) } else { (size_a, size_b) };
        // the child's is the smaller
        if child_size >= LARGE_MERGE_MIN {
            self.large.push(BuiltMerge { child, child_size, other_size });
        }
        if let Some(of_child) = self.heuristics.get_mut(child as usize) {
            *of_child = heuristic as u8;
        } else {
            assert!(heuristic == Heuristic::CoSpend, "{heuristic} in a forest of co-spend alone");
        }
        root
    }

    /// The finished forest.
    pub fn finish(self) -> BuiltForest {
        BuiltForest { nodes: self.nodes, heuristics: self.heuristics, merges: self.merges, large: self.large }
    }
}

/// A forest in memory.
#[derive(Debug)]
pub struct BuiltForest {
    nodes: ScratchArray<Node>,
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
        if node.parent == root.0 { node.link } else { 0 }
    }

    /// Whether any link is of another heuristic than co-spend.
    pub(crate) fn is_mixed(&self) -> bool {
        !self.heuristics.is_empty()
    }

    /// Parent, link and heuristic of an address as the columns hold them.
    #[inline]
    pub(crate) fn row(&self, address: u32) -> (u32, u32, u8) {
        let node = self.nodes[address as usize];
        if node.parent == address {
            (address, NO_LINK, 0)
        } else {
            let heuristic = self.heuristics.get(address as usize).copied().unwrap_or(Heuristic::CoSpend as u8);
            (node.parent, node.link, heuristic)
        }
    }

    /// The root of every address, in id order: the forest flattened.
    pub fn roots(&self) -> Vec<u32> {
        let mut roots = Vec::with_capacity(self.nodes.len());
        let mut window = [0; WINDOW];
        for (block, nodes) in self.nodes.chunks(WINDOW).enumerate() {
            for (ahead, node) in window.iter_mut().zip(nodes) {
                *ahead = self.nodes[node.parent as usize].parent;
            }
            debug_assert_eq!(roots.len(), block * WINDOW);
            roots.extend(window[..nodes.len()].iter().map(|ahead| self.find(AddressId(*ahead)).0));
        }
        roots
    }
}

impl Links for BuiltForest {
    fn address_count(&self) -> u32 {
        self.nodes.len() as u32
    }

    #[inline]
    fn parent(&self, address: AddressId) -> AddressId {
        AddressId(self.nodes[address.index()].parent)
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
            let roots = bulk.roots();
            assert!((0..count).all(|a| roots[a as usize] == bulk.find(AddressId(a)).0));
            assert_eq!((0..count).map(|a| u64::from(bulk.size(AddressId(a)))).sum::<u64>(), u64::from(count));
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
        assert_eq!((forest.address_count(), forest.merges(), forest.roots().len()), (0, 0, 0));
    }
}
