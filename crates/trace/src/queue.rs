//! What waits for its transaction: a monotone priority queue of 64-way buckets.
//!
//! Taint always moves on to transactions later in trace order, so keys never fall below the last one taken. That allows
//! a radix queue (Ahuja, Mehlhorn, Orlin, Tarjan, "Faster algorithms for the shortest path problem", 1990): an entry
//! lies on the level of the highest 6-bit digit in which its key differs from the last key taken, and moves down at
//! most once a level. Appending to buckets is sequential memory, where a binary heap of a million entries is not.

use crate::taint::Entry;

const DIGIT_BITS: u32 = 6;
const SLOTS: usize = 1 << DIGIT_BITS;
const LEVELS: usize = u32::BITS.div_ceil(DIGIT_BITS) as usize;

/// The queue. Entries with one key come out together.
#[derive(Debug)]
pub(crate) struct Queue {
    buckets: Vec<Vec<Entry>>,
    /// For each level, the buckets that are not empty.
    filled: [u64; LEVELS],
    /// The last key taken.
    current: u32,
    len: usize,
    len_max: usize,
    spare: Vec<Entry>,
}

impl Queue {
    pub(crate) fn new() -> Self {
        let buckets = std::iter::repeat_with(Vec::new).take(SLOTS * LEVELS).collect();
        Self { buckets, filled: [0; LEVELS], current: 0, len: 0, len_max: 0, spare: Vec::new() }
    }

    /// The most entries that ever waited.
    pub(crate) fn len_max(&self) -> usize {
        self.len_max
    }

    #[inline]
    fn place(&mut self, entry: Entry) {
        let level = (entry.key ^ self.current | 1).ilog2() / DIGIT_BITS;
        let slot = entry.key >> (level * DIGIT_BITS) & (SLOTS as u32 - 1);
        self.filled[level as usize] |= 1 << slot;
        self.buckets[level as usize * SLOTS + slot as usize].push(entry);
    }

    /// Adds an entry whose key is not below the last one taken.
    #[inline]
    pub(crate) fn push(&mut self, entry: Entry) {
        debug_assert!(entry.key >= self.current, "taint moved against the order of the trace");
        self.place(entry);
        self.len += 1;
        self.len_max = self.len_max.max(self.len);
    }

    /// Takes all entries of the smallest key into `out`, sorted by output and span, and gives the key.
    pub(crate) fn pop(&mut self, out: &mut Vec<Entry>) -> Option<u32> {
        out.clear();
        let level = self.filled.iter().position(|mask| *mask != 0)?;
        let slot = self.filled[level].trailing_zeros() as usize;
        self.filled[level] &= !(1 << slot);
        let bucket = level * SLOTS + slot;
        if level == 0 {
            std::mem::swap(out, &mut self.buckets[bucket]);
            self.current = out[0].key;
        } else {
            let mut moving = std::mem::take(&mut self.spare);
            std::mem::swap(&mut moving, &mut self.buckets[bucket]);
            self.current = moving.iter().map(|e| e.key).min()?;
            for entry in moving.drain(..) {
                if entry.key == self.current { out.push(entry) } else { self.place(entry) }
            }
            self.spare = moving;
        }
        self.len -= out.len();
        if out.len() > 1 {
            out.sort_unstable_by_key(|e| (e.output, e.lo));
        }
        Some(self.current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{cmp::Reverse, collections::BinaryHeap};

    fn entry(key: u32, output: u64) -> Entry {
        Entry { key, hop: 0, tag: 0, address: 0, made_by: 0, vout: 0, output, lo: 0, hi: 1, value: 1 }
    }

    proptest! {
        #[test]
        fn keys_come_out_as_from_a_binary_heap(
            first in prop::collection::vec(any::<u32>(), 1..60),
            steps in prop::collection::vec((0u32..33, any::<u32>()), 0..300),
        ) {
            let (mut queue, mut heap) = (Queue::new(), BinaryHeap::new());
            let add = |queue: &mut Queue, heap: &mut BinaryHeap<_>, key| {
                let output = heap.len() as u64 * 7 % 5;
                queue.push(entry(key, output));
                heap.push(Reverse((key, output)));
            };
            for key in first {
                add(&mut queue, &mut heap, key);
            }
            let (mut group, mut steps) = (Vec::new(), steps.into_iter());
            while let Some(key) = queue.pop(&mut group) {
                for e in &group {
                    prop_assert_eq!(heap.pop(), Some(Reverse((key, e.output))));
                }
                prop_assert!(heap.peek().is_none_or(|Reverse((next, _))| *next > key));
                // near and far: the new key differs from this one in its low bits only, or in any
                for (bits, noise) in steps.by_ref().take(2) {
                    let more = noise.checked_shr(bits).unwrap_or(0);
                    add(&mut queue, &mut heap, key.saturating_add(more));
                }
            }
            prop_assert!(heap.is_empty());
            prop_assert!(queue.len == 0 && queue.len_max > 0);
        }
    }
}
