//! The look-up of a run: keys sorted by their first 48 bits, of which 32 are kept.
//!
//! A key is 64 well-mixed bits: the first eight bytes of a transaction id, or the hash of an address. A table over its
//! top bits says where a bucket of about sixteen keys begins. Small runs keep the 32 bits at the top of the key, large
//! ones those from the 17th on, since their buckets settle the first sixteen. So a run works as its own filter: a key
//! that is not in it is told from those that are by two short reads, wrongly in one of 2^48 cases a pair (2^32 in small
//! runs). A hit is never believed: the caller compares the whole key. Equal keys stand in chain order.
//!
//! Merging runs needs no key again: what they kept is the order.

/// Rows from which on a run keeps the bits from the 17th on: its buckets settle sixteen bits by then.
const LARGE: usize = 1 << 20;
/// The bits that decide the order of keys; ties stand in the order of their rows.
pub(crate) const ORDER: u64 = !0xffff;

/// How many top bits a run of `len` keys has buckets for.
fn bucket_bits(len: usize) -> u32 {
    usize::BITS - (len / 16).leading_zeros()
}

/// How many top bits the heads of a run of `len` keys leave out.
const fn shift(len: usize) -> u32 {
    if len >= LARGE { 16 } else { 0 }
}

/// Whether a run of `len` keys keeps all bits of the order; the others have to be asked of the rows.
const fn keeps_order(len: usize) -> bool {
    len >= LARGE
}

#[inline]
fn bucket_of(key: u64, bits: u32) -> usize {
    if bits == 0 { 0 } else { (key >> (64 - bits)) as usize }
}

/// Makes heads and bucket table from keys that come in order.
#[derive(Debug)]
pub(crate) struct Heads {
    bits: u32,
    shift: u32,
    table: Vec<u32>,
    count: u32,
}

impl Heads {
    /// For exactly `len` keys.
    pub(crate) fn new(len: usize) -> Self {
        let bits = bucket_bits(len);
        Self { bits, shift: shift(len), table: Vec::with_capacity((1 << bits) + 1), count: 0 }
    }

    /// The head of the next key.
    #[inline]
    pub(crate) fn next(&mut self, key: u64) -> u32 {
        let bucket = bucket_of(key, self.bits);
        while self.table.len() <= bucket {
            self.table.push(self.count);
        }
        self.count += 1;
        (key << self.shift >> 32) as u32
    }

    /// The bucket table.
    pub(crate) fn finish(mut self) -> Vec<u32> {
        self.table.resize((1 << self.bits) + 1, self.count);
        self.table
    }
}

/// The three columns of a look-up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Index<'a> {
    pub(crate) head: &'a [u32],
    pub(crate) row: &'a [u32],
    pub(crate) bucket: &'a [u32],
}

impl<'a> Index<'a> {
    /// Whether the columns fit together.
    pub(crate) fn fits(&self, len: usize) -> bool {
        self.head.len() == len && self.row.len() == len && self.bucket.len() == (1 << bucket_bits(len)) + 1
    }

    /// The rows whose kept bits are those of `key`, ascending: nearly always none or the one looked for.
    #[inline]
    pub(crate) fn candidates(&self, key: u64) -> &'a [u32] {
        let bits = (self.bucket.len() - 1).trailing_zeros();
        let bucket = bucket_of(key, bits);
        let start = self.bucket[bucket] as usize;
        let heads = &self.head[start..self.bucket[bucket + 1] as usize];
        let head = (key << shift(self.head.len()) >> 32) as u32;
        let end = heads.partition_point(|h| *h <= head);
        let equal = heads[..end].iter().rev().take_while(|h| **h == head).count();
        &self.row[start + end - equal..start + end]
    }

    /// The last row with `key` that `is_it` accepts.
    #[inline]
    pub(crate) fn find(&self, key: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        self.candidates(key).iter().rev().copied().find(|row| is_it(*row))
    }

    /// All keys (their first 48 bits) and rows in order. `key_of` gives the key of a row where the run left bits out.
    pub(crate) fn walk(self, key_of: impl Fn(u32) -> u64 + 'a) -> impl Iterator<Item = (u64, u32)> + 'a {
        let bits = (self.bucket.len() - 1).trailing_zeros();
        let kept = keeps_order(self.head.len());
        let mut bucket = 0_usize;
        (0..self.head.len()).map(move |at| {
            let row = self.row[at];
            if !kept {
                return (key_of(row) & ORDER, row);
            }
            while self.bucket[bucket + 1] as usize <= at {
                bucket += 1;
            }
            let top = (bucket >> (bits - 16)) as u64;
            (top << 48 | u64::from(self.head[at]) << 16, row)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(count: usize, mask: u64) -> Vec<(u64, u32)> {
        let mut state = 7_u64;
        let mut keys: Vec<(u64, u32)> = (0..count as u32)
            .map(|row| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                ((state ^ state >> 29).wrapping_mul(0x9e37_79b9_7f4a_7c15) & mask, row)
            })
            .collect();
        keys.sort_unstable_by_key(|(key, row)| (key & ORDER, *row));
        keys
    }

    #[test]
    fn every_key_is_found_at_its_last_row_and_walked_in_order_whatever_the_size() {
        // few distinct keys so that equal ones occur; sizes on both sides of the change of format
        for (count, mask) in [(0, u64::MAX), (1, 0), (700, 0xf000_0000_0000_00ff), (5000, u64::MAX), (LARGE, u64::MAX)]
            .into_iter()
            .chain([(LARGE + 3, 0xff0f_ffff_0000_0000)])
        {
            let keys = keys(count, mask);
            let mut heads = Heads::new(count);
            let head: Vec<u32> = keys.iter().map(|(key, _)| heads.next(*key)).collect();
            let row: Vec<u32> = keys.iter().map(|(_, row)| *row).collect();
            let bucket = heads.finish();
            let index = Index { head: &head, row: &row, bucket: &bucket };
            assert!(index.fits(count));
            let mut by_row = vec![0; count];
            for (key, row) in &keys {
                by_row[*row as usize] = *key;
            }
            let mut last = std::collections::HashMap::new();
            for (row, key) in by_row.iter().enumerate() {
                last.insert(*key, row as u32);
            }
            for (key, row) in last.iter().take(20_000) {
                assert_eq!(index.find(*key, |r| by_row[r as usize] == *key), Some(*row));
            }
            assert_eq!(index.find(0x1234_5678_9abc_def0, |r| by_row[r as usize] == 0x1234_5678_9abc_def0), None);
            let walked: Vec<_> = index.walk(|row| by_row[row as usize]).collect();
            let expected: Vec<_> = keys.iter().map(|(key, row)| (key & ORDER, *row)).collect();
            assert!(walked == expected, "{count} keys");
        }
    }
}
