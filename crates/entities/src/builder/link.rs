//! Climbing to roots and making links, one at a time.

use super::{BuiltMerge, LARGE_MERGE_MIN, WINDOW, node, parent_of};
use crate::Heuristic;
use crate::links::NO_LINK;
use athar_types::AddressId;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The root of an address's tree, as it is by now.
#[inline]
pub(super) fn climb(nodes: &[AtomicU64], mut at: u32) -> u32 {
    loop {
        let parent = parent_of(nodes[at as usize].load(Relaxed));
        if parent == at {
            return at;
        }
        at = parent;
    }
}

/// Two steps upwards from each address, all of them at once.
#[inline]
fn look_ahead(nodes: &[AtomicU64], addresses: &[u32], window: &mut [u32; WINDOW]) {
    if nodes.is_empty() {
        return;
    }
    for (ahead, address) in window.iter_mut().zip(addresses) {
        // what names no address is passed over later; here any place will do
        let place = if *address == AddressId::NONE { 0 } else { *address };
        *ahead = parent_of(nodes[place as usize].load(Relaxed));
    }
    for ahead in &mut window[..addresses.len()] {
        *ahead = parent_of(nodes[*ahead as usize].load(Relaxed));
    }
}

/// What makes links: one at a time, in chain order.
#[derive(Debug)]
pub(super) struct Linker<'a> {
    pub(super) nodes: &'a [AtomicU64],
    pub(super) heuristics: &'a mut [u8],
    pub(super) merges: u64,
    pub(super) large: Vec<BuiltMerge>,
    /// The root that won last, and its size, which is not written yet. In a forest with one giant nearly every link changes
    /// the giant's size: written each time, it would take its place in memory from the threads that climb to it.
    pub(super) last: (u32, u32),
}

impl Linker<'_> {
    /// Puts the smaller of two trees under the larger and returns the root of both.
    #[inline]
    pub(super) fn link(&mut self, a: u32, b: u32, tx: u32, heuristic: Heuristic) -> u32 {
        let last = self.last;
        // a root has its size in place of a link
        let size = |root: u32| {
            if root == last.0 { last.1 } else { super::link_of(self.nodes[root as usize].load(Relaxed)) }
        };
        let (size_a, size_b) = (size(a), size(b));
        let (root, child) = if size_a > size_b || (size_a == size_b && a < b) { (a, b) } else { (b, a) };
        if root != last.0 && child != last.0 {
            self.write_size();
        }
        self.nodes[child as usize].store(node(root, tx), Relaxed);
        self.last = (root, size_a + size_b);
        self.merges += 1;
        let (child_size, other_size) = (size_a.min(size_b), size_a.max(size_b));
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

    /// Writes the size of the root that won last.
    pub(super) fn write_size(&mut self) {
        let (root, size) = self.last;
        if root != NO_LINK {
            self.nodes[root as usize].store(node(root, size), Relaxed);
        }
        self.last = (NO_LINK, 0);
    }

    /// Joins transactions one after the other.
    pub(super) fn join(&mut self, txs: &Transactions<'_>, range: Range<usize>) {
        let nodes = self.nodes;
        txs.each(nodes, range, &mut |tx, inputs, window| {
            let mut root = NO_LINK;
            let mut last = NO_LINK;
            for (address, ahead) in inputs.iter().zip(window) {
                // many inputs in a row often spend from one address
                if *address == last || *address == AddressId::NONE {
                    continue;
                }
                last = *address;
                let other = climb(nodes, *ahead);
                if root == NO_LINK {
                    root = other;
                } else if other != root {
                    root = self.link(root, other, tx, Heuristic::CoSpend);
                }
            }
        });
    }

    /// Joins what survived the filter.
    pub(super) fn join_survivors(&mut self, some: &Survivors) {
        let mut window = [0; WINDOW];
        let (mut ahead, mut at) = (0..0, 0);
        for (tx, end) in &some.txs {
            let mut root = NO_LINK;
            while at < *end as usize {
                if at >= ahead.end {
                    ahead = at..(at + WINDOW).min(some.roots.len());
                    for (place, root) in window.iter_mut().zip(&some.roots[ahead.clone()]) {
                        *place = parent_of(self.nodes[*root as usize].load(Relaxed));
                    }
                }
                let other = climb(self.nodes, window[at - ahead.start]);
                at += 1;
                if root == NO_LINK {
                    root = other;
                } else if other != root {
                    root = self.link(root, other, *tx, Heuristic::CoSpend);
                }
            }
        }
    }
}

/// Transactions as they are handed over.
#[derive(Debug)]
pub(super) struct Transactions<'a> {
    pub(super) first: u32,
    pub(super) starts: &'a [u32],
    pub(super) addresses: &'a [u32],
    pub(super) left_out: &'a [u32],
}

impl Transactions<'_> {
    pub(super) fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// Ranges of transactions of about so many inputs each.
    pub(super) fn blocks(&self, inputs: u32) -> Vec<Range<usize>> {
        let (mut blocks, mut from) = (Vec::new(), 0);
        while from < self.count() {
            let enough = self.starts[from].saturating_add(inputs);
            let to = self.starts.partition_point(|start| *start < enough).clamp(from + 1, self.count());
            blocks.push(from..to);
            from = to;
        }
        blocks
    }

    /// Calls `tell` for each transaction of `range` that can tie addresses, with its inputs and the places that are two
    /// steps above them.
    #[inline]
    fn each(&self, nodes: &[AtomicU64], range: Range<usize>, tell: &mut impl FnMut(u32, &[u32], &[u32])) {
        let from = self.first + range.start as u32;
        let mut left_out = self.left_out[self.left_out.partition_point(|tx| *tx < from)..].iter().copied().peekable();
        let end = self.starts[range.end] as usize;
        let (mut ahead, mut window) = (0..0, [0; WINDOW]);
        let mut long = Vec::new();
        for i in range {
            let tx = self.first + i as u32;
            let (start, stop) = (self.starts[i] as usize, self.starts[i + 1] as usize);
            if left_out.next_if_eq(&tx).is_some() || stop - start < 2 {
                continue;
            }
            if stop > ahead.end {
                ahead = start..(start + WINDOW).min(end);
                look_ahead(nodes, &self.addresses[ahead.clone()], &mut window);
            }
            if stop <= ahead.end {
                tell(tx, &self.addresses[start..stop], &window[start - ahead.start..stop - ahead.start]);
                continue;
            }
            // more inputs than a window holds
            long.clear();
            for some in self.addresses[start..stop].chunks(WINDOW) {
                look_ahead(nodes, some, &mut window);
                long.extend_from_slice(&window[..some.len()]);
            }
            ahead = 0..0;
            tell(tx, &self.addresses[start..stop], &long);
        }
    }
}

/// What is left of a block of transactions: for each transaction the roots that were still apart.
#[derive(Debug, Default)]
pub(super) struct Survivors {
    /// A transaction, and where its roots end in `roots`.
    txs: Vec<(u32, u32)>,
    roots: Vec<u32>,
}

impl Survivors {
    pub(super) fn filter(&mut self, txs: &Transactions<'_>, nodes: &[AtomicU64], range: Range<usize>) {
        self.txs.clear();
        self.roots.clear();
        let (tied, roots) = (&mut self.txs, &mut self.roots);
        txs.each(nodes, range, &mut |tx, inputs, window| {
            let begin = roots.len();
            let mut last = NO_LINK;
            for (address, ahead) in inputs.iter().zip(window) {
                if *address == last || *address == AddressId::NONE {
                    continue;
                }
                last = *address;
                let root = climb(nodes, *ahead);
                // in the tree of the first one already: that stays so
                if roots.get(begin).is_none_or(|first| *first != root) {
                    roots.push(root);
                }
            }
            if roots.len() - begin > 1 {
                tied.push((tx, roots.len() as u32));
            } else {
                roots.truncate(begin);
            }
        });
    }
}
