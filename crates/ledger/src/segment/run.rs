//! Sorted runs: look-up by a table of the top bits, then by bisection inside the bucket.
//!
//! Runs hold whole keys, so a hit is a proof and no second read is needed; a bucket that an adversary fills with keys of
//! his own making costs a logarithm, not a scan.

/// The first 32 bits of a key as a number.
#[inline]
fn head(key: &[u8]) -> u32 {
    u32::from_be_bytes([key[0], key[1], key[2], key[3]])
}

/// How many top bits index the buckets of a run of `len` keys: about sixteen keys a bucket.
pub(super) fn bucket_bits(len: usize) -> u32 {
    usize::BITS - (len / 16).leading_zeros()
}

/// The bucket table of a sorted run: where each value of the top bits begins, and the end.
pub(super) fn buckets<const N: usize>(sorted: &[[u8; N]]) -> Vec<u32> {
    let bits = bucket_bits(sorted.len());
    let mut table = Vec::with_capacity((1 << bits) + 1);
    for (place, key) in sorted.iter().enumerate() {
        let bucket = if bits == 0 { 0 } else { (head(key) >> (32 - bits)) as usize };
        while table.len() <= bucket {
            table.push(place as u32);
        }
    }
    table.resize((1 << bits) + 1, sorted.len() as u32);
    table
}

/// The keys that share the top bits of `key`: a range of places.
#[inline]
fn bucket_of(table: &[u32], key: &[u8]) -> std::ops::Range<usize> {
    let bits = (table.len() - 1).trailing_zeros();
    let bucket = if bits == 0 { 0 } else { (head(key) >> (32 - bits)) as usize };
    table[bucket] as usize..table[bucket + 1] as usize
}

/// The last place of `key` in a sorted run.
#[inline]
pub(super) fn find_last<const N: usize>(sorted: &[[u8; N]], table: &[u32], key: &[u8; N]) -> Option<usize> {
    let bucket = bucket_of(table, key);
    let keys = &sorted[bucket.clone()];
    let end = keys.partition_point(|k| k <= key);
    (end > 0 && keys[end - 1] == *key).then(|| bucket.start + end - 1)
}

/// The place of `key` with `kind` in a run sorted by key and then kind.
#[inline]
pub(super) fn find_kind<const N: usize>(
    sorted: &[[u8; N]],
    table: &[u32],
    kinds: &[u8],
    key: &[u8; N],
    kind: u8,
) -> Option<usize> {
    let last = find_last(sorted, table, key)?;
    (0..=last).rev().take_while(|i| sorted[*i] == *key).find(|i| kinds[*i] == kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_key_is_found_and_no_other(keys in prop::collection::vec((any::<[u8; 2]>(), 0u8..3), 0..400), probe in any::<[u8; 2]>()) {
            // few distinct keys, so that equal ones and full buckets occur
            let mut rows: Vec<([u8; 20], u8)> = keys.iter().map(|(k, kind)| {
                let mut key = [7; 20];
                key[0] = k[0] & 0x83;
                key[19] = k[1] & 3;
                (key, *kind)
            }).collect();
            rows.sort_unstable();
            rows.dedup();
            let sorted: Vec<[u8; 20]> = rows.iter().map(|r| r.0).collect();
            let kinds: Vec<u8> = rows.iter().map(|r| r.1).collect();
            let table = buckets(&sorted);
            for (place, (key, kind)) in rows.iter().enumerate() {
                prop_assert_eq!(find_kind(&sorted, &table, &kinds, key, *kind), Some(place));
                prop_assert_eq!(find_last(&sorted, &table, key), sorted.iter().rposition(|k| k == key));
            }
            let mut absent = [9; 20];
            absent[..2].copy_from_slice(&probe);
            prop_assert_eq!(find_last(&sorted, &table, &absent), None);
        }
    }
}
