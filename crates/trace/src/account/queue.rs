//! What waits for its next transfer: a monotone priority queue of 64-way buckets, as that of the trace over outputs.
//!
//! Taint only moves to transfers later in trace order, so keys never fall below the last one taken. That allows a radix queue
//! (Ahuja, Mehlhorn, Orlin, Tarjan, "Faster algorithms for the shortest path problem", 1990): an entry lies on the level of the
//! highest 6-bit digit in which its key differs from the last key taken, and moves down at most once a level.

const DIGIT_BITS: u32 = 6;
const SLOTS: usize = 1 << DIGIT_BITS;
const LEVELS: usize = u64::BITS.div_ceil(DIGIT_BITS) as usize;

/// Numbers by key. Those of one key come out together.
pub(super) struct Queue {
    buckets: Vec<Vec<(u64, u32)>>,
    /// For each level, the buckets that are not empty.
    filled: [u64; LEVELS],
    /// The last key taken.
    current: u64,
    spare: Vec<(u64, u32)>,
}

impl Queue {
    pub(super) fn new() -> Self {
        let buckets = std::iter::repeat_with(Vec::new).take(SLOTS * LEVELS).collect();
        Self { buckets, filled: [0; LEVELS], current: 0, spare: Vec::new() }
    }

    /// Adds a number with a key that is not below the last one taken.
    #[inline]
    pub(super) fn push(&mut self, key: u64, number: u32) {
        debug_assert!(key >= self.current, "taint moved against the order of the trace");
        let level = ((key ^ self.current) | 1).ilog2() / DIGIT_BITS;
        let slot = (key >> (level * DIGIT_BITS)) & (SLOTS as u64 - 1);
        self.filled[level as usize] |= 1 << slot;
        self.buckets[level as usize * SLOTS + slot as usize].push((key, number));
    }

    /// Takes all numbers of the smallest key that is below `until`, appended to `out`, and gives the key.
    pub(super) fn pop(&mut self, until: u64, out: &mut Vec<u32>) -> Option<u64> {
        let level = self.filled.iter().position(|mask| *mask != 0)?;
        let slot = self.filled[level].trailing_zeros() as usize;
        let bucket = level * SLOTS + slot;
        // on the lowest level all keys of a bucket are one
        let key = if level == 0 {
            self.buckets[bucket].first()?.0
        } else {
            self.buckets[bucket].iter().map(|(key, _)| *key).min()?
        };
        if key >= until {
            return None;
        }
        self.filled[level] &= !(1 << slot);
        self.current = key;
        let mut moving = std::mem::take(&mut self.spare);
        std::mem::swap(&mut moving, &mut self.buckets[bucket]);
        for (other, number) in moving.drain(..) {
            if other == key { out.push(number) } else { self.push(other, number) }
        }
        self.spare = moving;
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn numbers_come_out_by_key_whatever_the_order_they_go_in(
            steps in prop::collection::vec((prop::collection::vec((0_u64..300, 0_u32..50), 0..6), 0_u64..400, 0_usize..64), 1..60),
        ) {
            let (mut queue, mut expected, mut last) = (Queue::new(), BTreeMap::<u64, Vec<u32>>::new(), 0);
            for (pushed, until, shift) in steps {
                for (ahead, number) in pushed {
                    let key = u64::saturating_add(last, ahead << (shift % 50));
                    queue.push(key, number);
                    expected.entry(key).or_default().push(number);
                }
                let until = u64::saturating_add(last, until << (shift % 50));
                let first = expected.first_key_value().map(|(key, _)| *key).filter(|key| *key < until);
                let mut out = Vec::new();
                prop_assert_eq!(queue.pop(until, &mut out), first);
                out.sort_unstable();
                let mut numbers = first.and_then(|key| expected.remove(&key)).unwrap_or_default();
                numbers.sort_unstable();
                prop_assert_eq!(out, numbers);
                last = first.unwrap_or(last);
            }
        }
    }
}
