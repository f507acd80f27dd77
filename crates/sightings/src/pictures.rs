//! Pictures that look alike: perceptual hashes of 64 bits that differ in few of them.
//!
//! Multi-index hashing (Norouzi, Punjani, Fleet, "Fast Search in Hamming Space with Multi-Index Hashing", 2012): of two hashes that
//! differ in at most `d` bits, one of four parts of 16 bits differs in at most `d / 4`. What is near in a part is compared as a whole.

/// Bits in which hashes may differ that are called alike, unless told otherwise.
pub const PICTURE_BITS: u32 = 6;
/// The most that can be asked.
pub const PICTURE_BITS_MAX: u32 = 15;
/// Bits of one kind below which a hash says nothing: that of a plain area, a gradient.
pub const PICTURE_BITS_MIN: u32 = 8;

const PARTS: usize = 4;
const PART_VALUES: usize = 1 << 16;

/// Whether a hash tells a picture from others.
pub fn is_telling(hash: u64) -> bool {
    (PICTURE_BITS_MIN..=64 - PICTURE_BITS_MIN).contains(&hash.count_ones())
}

/// An index of hashes.
#[derive(Clone, Debug)]
pub struct PictureIndex {
    hashes: Vec<u64>,
    /// For each part: where the places of a value begin, and the places.
    parts: Vec<(Vec<u32>, Vec<u32>)>,
}

impl PictureIndex {
    /// Builds it. At most `u32::MAX` hashes; later ones are left out.
    pub fn new(mut hashes: Vec<u64>) -> Self {
        hashes.truncate(u32::MAX as usize);
        let parts = (0..PARTS).map(|part| {
            let mut starts = vec![0u32; PART_VALUES + 1];
            for hash in &hashes {
                starts[value(*hash, part) + 1] += 1;
            }
            for n in 0..PART_VALUES {
                starts[n + 1] += starts[n];
            }
            let mut next = starts.clone();
            let mut places = vec![0; hashes.len()];
            for (place, hash) in hashes.iter().enumerate() {
                let next = &mut next[value(*hash, part)];
                places[*next as usize] = place as u32;
                *next += 1;
            }
            (starts, places)
        });
        Self { parts: parts.collect(), hashes }
    }

    /// The places of the hashes that differ in at most `bits` bits (cut to [`PICTURE_BITS_MAX`]), with the number, the nearest first.
    pub fn near(&self, hash: u64, bits: u32) -> Vec<(usize, u32)> {
        let bits = bits.min(PICTURE_BITS_MAX);
        let mut found = Vec::new();
        for (part, (starts, places)) in self.parts.iter().enumerate() {
            each_near(value(hash, part) as u16, bits / PARTS as u32, &mut |value| {
                let (from, to) = (starts[usize::from(value)] as usize, starts[usize::from(value) + 1] as usize);
                for place in &places[from..to] {
                    let distance = (self.hashes[*place as usize] ^ hash).count_ones();
                    if distance <= bits {
                        found.push((distance, *place as usize));
                    }
                }
            });
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|(distance, place)| (place, distance)).collect()
    }
}

fn value(hash: u64, part: usize) -> usize {
    usize::from((hash >> (16 * part)) as u16)
}

/// Every value that differs in at most `bits` bits.
fn each_near(value: u16, bits: u32, then: &mut impl FnMut(u16)) {
    fn flip(value: u16, from: u32, bits: u32, then: &mut impl FnMut(u16)) {
        then(value);
        if bits > 0 {
            for bit in from..16 {
                flip(value ^ 1 << bit, bit + 1, bits - 1, then);
            }
        }
    }
    flip(value, 0, bits, then);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn neighbours_are_those_of_a_full_comparison(
            seeds in prop::collection::vec(any::<u64>(), 1..40),
            flips in prop::collection::vec((0usize..40, any::<[u8; 6]>()), 0..60),
            bits in 0u32..20,
        ) {
            let mut hashes = seeds.clone();
            for (n, at) in flips {
                let near = at.iter().fold(seeds[n % seeds.len()], |hash, bit| hash ^ 1 << (bit % 64));
                hashes.push(near);
            }
            let index = PictureIndex::new(hashes.clone());
            for hash in &hashes {
                let all = hashes.iter().enumerate().map(|(place, other)| (place, (hash ^ other).count_ones()));
                let mut truth: Vec<_> = all.filter(|(_, d)| *d <= bits.min(PICTURE_BITS_MAX)).collect();
                truth.sort_by_key(|(place, distance)| (*distance, *place));
                prop_assert_eq!(index.near(*hash, bits), truth);
            }
        }
    }

    #[test]
    fn plain_areas_tell_nothing() {
        assert!(!is_telling(0) && !is_telling(u64::MAX) && !is_telling(0xff >> 1) && !is_telling(!0b1111));
        assert!(is_telling(0x0f0f_0f0f_0f0f_0f0f));
    }
}
