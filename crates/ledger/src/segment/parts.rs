//! Rows parted by the top bits of a key, so that each part can be worked on inside a processor's cache.
//!
//! What a segment has to match (an input with its transaction, an output with its address) lies far apart in chain
//! order; one random read a row would cost more than all decoding. Parted rows are written once and read once, both in
//! order, and parts are independent of one another, so all cores share them.

use rayon::prelude::*;

/// Rows of a chunk: small enough that a thousand begun ones do not matter, large enough to be streamed.
const CHUNK: usize = 128;

/// Rows by part, in the order in which they were added.
#[derive(Debug)]
pub(super) struct Parts<T> {
    bits: u32,
    parts: Vec<Part<T>>,
}

/// The rows of one part: full chunks, and the one that is being filled. That one's head lies in the list of parts
/// itself, so that adding a row touches no more memory than it must.
#[derive(Debug)]
pub(super) struct Part<T> {
    filling: Vec<T>,
    full: Vec<Vec<T>>,
}

impl<T: Copy + Send + Sync> Parts<T> {
    /// `2^bits` empty parts.
    pub(super) fn new(bits: u32) -> Self {
        Self { bits, parts: (0..1 << bits).map(|_| Part { filling: Vec::new(), full: Vec::new() }).collect() }
    }

    /// Adds a row to the part of `key`.
    #[inline]
    pub(super) fn push(&mut self, key: u64, row: T) {
        self.push_to((key >> (64 - self.bits)) as usize, row);
    }

    /// Adds a row to a part.
    #[inline]
    pub(super) fn push_to(&mut self, part: usize, row: T) {
        let Part { filling, full } = &mut self.parts[part];
        if filling.len() == CHUNK {
            // the first chunk grows, so that few rows take little; whoever fills one will fill more
            full.push(std::mem::replace(filling, Vec::with_capacity(CHUNK)));
        }
        filling.push(row);
    }

    /// The parts, to be consumed one by one.
    pub(super) fn into_parts(self) -> Vec<Part<T>> {
        self.parts
    }

    /// Works on all parts in parallel; the results stand in the order of the parts.
    pub(super) fn map<R: Send>(self, work: impl Fn(usize, Part<T>) -> R + Sync) -> Vec<R> {
        self.parts.into_par_iter().enumerate().map(|(at, part)| work(at, part)).collect()
    }
}

impl<T: Copy> Part<T> {
    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.full.len() * CHUNK + self.filling.len()
    }

    /// All rows in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.full.iter().flatten().chain(&self.filling)
    }

    /// All rows in one piece.
    pub(super) fn into_vec(self) -> Vec<T> {
        if self.full.is_empty() {
            return self.filling;
        }
        let mut rows = Vec::with_capacity(self.len());
        self.full.iter().chain([&self.filling]).for_each(|chunk| rows.extend_from_slice(chunk));
        rows
    }
}

/// A hash table over the rows of one part: row numbers by 64 mixed bits.
pub(super) struct Slots {
    slots: Vec<u32>,
    mask: usize,
}

impl Slots {
    const EMPTY: u32 = u32::MAX;

    /// Room for `rows` rows.
    pub(super) fn new(rows: usize) -> Self {
        let size = (rows * 2).next_power_of_two().max(2);
        Self { slots: vec![Self::EMPTY; size], mask: size - 1 }
    }

    /// The slot of the row that `is_it` accepts among those with this hash, or the free slot where it belongs.
    #[inline]
    fn slot(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> (usize, Option<u32>) {
        let mut at = hash as usize & self.mask;
        loop {
            match self.slots[at] {
                Self::EMPTY => return (at, None),
                row if is_it(row) => return (at, Some(row)),
                _ => at = (at + 1) & self.mask,
            }
        }
    }

    /// The row that `is_it` accepts among those with this hash.
    #[inline]
    pub(super) fn get(&self, hash: u64, is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        self.slot(hash, is_it).1
    }

    /// The row that `is_it` accepts, or `None` after putting `row` where it belongs.
    #[inline]
    pub(super) fn get_or_put(&mut self, hash: u64, row: u32, is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let (at, found) = self.slot(hash, is_it);
        if found.is_none() {
            self.slots[at] = row;
        }
        found
    }

    /// Puts `row` in place of the one that `is_it` accepts, which is returned, or into a free slot.
    #[inline]
    pub(super) fn put(&mut self, hash: u64, row: u32, is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let (at, found) = self.slot(hash, is_it);
        self.slots[at] = row;
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_in_order_from_the_part_of_their_key() {
        let mut parts = Parts::new(4);
        for row in 0..10_000_u64 {
            parts.push(row.wrapping_mul(0x9e37_79b9_7f4a_7c15), row);
        }
        let back = parts.map(|at, part| {
            let rows = part.into_vec();
            assert!(rows.iter().all(|row| row.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 60 == at as u64));
            assert!(rows.is_sorted());
            rows
        });
        let mut all = back.concat();
        all.sort_unstable();
        assert_eq!(all, (0..10_000).collect::<Vec<_>>());
    }

    #[test]
    fn slots_find_what_was_put_and_replace_it() {
        let keys = [5_u64, 9, 5, 1 << 40 | 5];
        let mut slots = Slots::new(2 * keys.len());
        let replaced: Vec<_> = (0..4)
            .map(|row| slots.put(keys[row as usize] & 7, row, |r| keys[r as usize] == keys[row as usize]))
            .collect();
        assert_eq!(replaced, [None, None, Some(0), None]);
        assert_eq!(slots.get(5, |r| keys[r as usize] == 5), Some(2));
        assert_eq!(slots.get(5, |r| keys[r as usize] == 1 << 40 | 5), Some(3));
        assert_eq!(slots.get(1, |r| keys[r as usize] == 17), None);
        assert_eq!(slots.get_or_put(1, 7, |r| keys[r as usize] == 9), Some(1));
        assert_eq!(slots.get_or_put(17, 8, |r| r == 8), None);
        assert_eq!(slots.get(17, |r| r == 8), Some(8));
    }
}
