//! Threads that filter ahead of the one that links.
//!
//! One thread at a time links: it takes the blocks of transactions in chain order. The others filter blocks further on:
//! they drop, on the forest as it is by now, what is one tree already. The thread that links joins what survived where a
//! block was filtered, and the block itself where none has begun to: filtering and linking one after the other costs more
//! than joining at once, so filters leave a gap of [`GAP`] blocks that is joined at once. Where a block is just being
//! filtered, the thread that links filters another one and comes back.

use super::BuiltMerge;
use super::link::{Linker, Survivors, Transactions};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

/// Blocks between the last one that is linked and the first one that a thread begins to filter.
const GAP: usize = 2;
/// Blocks that may be filtered before they are linked, for each thread: further ahead less is known, and less dropped.
const AHEAD: usize = 6;

/// The work of several threads.
pub(super) struct Shared<'a> {
    txs: &'a Transactions<'a>,
    blocks: &'a [Range<usize>],
    nodes: &'a [AtomicU64],
    /// Blocks that some thread filters or joins, or has.
    taken: Vec<AtomicBool>,
    /// No block before it is free to be filtered.
    next: AtomicUsize,
    /// Blocks linked, as the filters see it.
    linked: AtomicUsize,
    ahead_max: usize,
    /// What is filtered and not linked, at the number of its block modulo their number.
    filtered: Vec<Mutex<Option<Survivors>>>,
    linking: Mutex<Linking<'a>>,
}

/// Held by the thread that links.
struct Linking<'a> {
    linker: Linker<'a>,
    next: usize,
    /// Room of blocks that are linked, used again.
    spare: Vec<Survivors>,
}

impl<'a> Shared<'a> {
    pub(super) fn new(
        txs: &'a Transactions<'a>,
        blocks: &'a [Range<usize>],
        linker: Linker<'a>,
        threads: usize,
    ) -> Self {
        let ahead_max = GAP + AHEAD * threads;
        Self {
            txs,
            blocks,
            nodes: linker.nodes,
            taken: blocks.iter().map(|_| AtomicBool::new(false)).collect(),
            next: AtomicUsize::new(0),
            linked: AtomicUsize::new(0),
            ahead_max,
            filtered: (0..=ahead_max).map(|_| Mutex::new(None)).collect(),
            linking: Mutex::new(Linking { linker, next: 0, spare: Vec::new() }),
        }
    }

    /// Joins all transactions on so many threads; gives the number of links and the merges of two large trees.
    pub(super) fn run(self, threads: usize) -> (u64, Vec<BuiltMerge>) {
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|| self.work());
            }
            self.work();
        });
        let Linking { mut linker, next, .. } = self.linking.into_inner().unwrap_or_else(PoisonError::into_inner);
        assert!(next == self.blocks.len(), "a thread that joins addresses ended early");
        linker.write_size();
        (linker.merges, linker.large)
    }

    fn work(&self) {
        let mut room = Survivors::default();
        loop {
            match self.linking.try_lock() {
                Ok(mut linking) => {
                    self.link(&mut linking);
                    if let Some(spare) = linking.spare.pop() {
                        room = spare;
                    }
                }
                Err(TryLockError::Poisoned(poisoned)) => self.link(&mut poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => {}
            }
            if self.linked.load(Relaxed) == self.blocks.len() {
                return;
            }
            if let Some(block) = self.take_ahead() {
                room.filter(self.txs, self.nodes, self.blocks[block].clone());
                *lock(&self.filtered[block % self.filtered.len()]) = Some(std::mem::take(&mut room));
            } else {
                // nothing to filter: wait for the thread that links, and go on in its place
                self.link(&mut lock(&self.linking));
                std::thread::yield_now();
            }
        }
    }

    /// The next block to filter, where it is not too far ahead.
    fn take_ahead(&self) -> Option<usize> {
        loop {
            let linked = self.linked.load(Relaxed);
            let block = self.next.load(Relaxed).max(linked + GAP);
            if block >= self.blocks.len() || block >= linked + self.ahead_max {
                return None;
            }
            self.next.fetch_max(block + 1, Relaxed);
            if !self.taken[block].swap(true, Relaxed) {
                return Some(block);
            }
        }
    }

    /// Links every block whose turn it is, up to one that is just being filtered.
    fn link(&self, linking: &mut Linking<'_>) {
        while linking.next < self.blocks.len() {
            let block = linking.next;
            if self.taken[block].swap(true, Relaxed) {
                let Some(survivors) = lock(&self.filtered[block % self.filtered.len()]).take() else { return };
                linking.linker.join_survivors(&survivors);
                linking.spare.push(survivors);
            } else {
                linking.linker.join(self.txs, self.blocks[block].clone());
            }
            linking.next += 1;
            self.linked.store(linking.next, Relaxed);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
