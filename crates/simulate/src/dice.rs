//! Reproducible chance: ChaCha8 streams and the few distributions that the world needs, in integers.
//!
//! Floating-point functions may differ in the last bit between machines, so powers of two come from a table that is
//! computed at compile time by integer square roots, and bell curves are sums of uniform draws.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use sha2::{Digest, Sha256};

/// One stream of random numbers.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of that name under a seed. Streams of other names do not change when this one is used more.
    pub(crate) fn new(seed: u64, stream: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"athar-simulate/dice/");
        hash.update(seed.to_le_bytes());
        hash.update(stream);
        Self(ChaCha8Rng::from_seed(hash.finalize().into()))
    }

    /// Any number.
    #[inline]
    pub(crate) fn any(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// 0 to `n - 1`, by the widening product: its bias is below n / 2^64. 0 where `n` is 0.
    #[inline]
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(n)) >> 64) as u64
    }

    /// `lo` to `hi`, both included.
    #[inline]
    pub(crate) fn range(&mut self, lo: u64, hi: u64) -> u64 {
        lo + self.below(hi.saturating_sub(lo) + 1)
    }

    /// An index into something of that length.
    #[inline]
    pub(crate) fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// True that often in a thousand.
    #[inline]
    pub(crate) fn chance(&mut self, permille: u64) -> bool {
        self.below(1000) < permille
    }

    /// One of them; `items` must not be empty.
    #[inline]
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.index(items.len())]
    }

    /// An index, each as likely as its weight.
    pub(crate) fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut left = self.below(weights.iter().map(|w| u64::from(*w)).sum());
        for (index, weight) in weights.iter().enumerate() {
            if left < u64::from(*weight) {
                return index;
            }
            left -= u64::from(*weight);
        }
        0
    }

    /// `lo` to `hi`, small values as likely as large ones by the octave (log-uniform).
    pub(crate) fn octaves(&mut self, lo: u64, hi: u64) -> u64 {
        let steps = steps_between(lo, hi);
        scale(lo, self.below(u64::from(steps) + 1) as i32).clamp(lo, hi)
    }

    /// About log-normal: `median` times 2 to a bell-shaped power of at most `octaves` either way
    /// (four uniform draws; the standard deviation is 0.29 of `octaves`).
    pub(crate) fn bell(&mut self, median: u64, octaves: u32) -> u64 {
        let bits = self.0.next_u64();
        let sum: u64 = (0..4).map(|i| (bits >> (16 * i)) & 0xffff).sum();
        let half = i64::from(octaves) * 256;
        scale(median, ((sum as i64 * 2 * half) / (4 * 0xffff) - half) as i32)
    }

    /// A random order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.index(i + 1));
        }
    }
}

/// 2^(i/256) for i in 0..256, in units of 2^-32.
const POWERS: [u64; 256] = {
    // roots[k] = 2^(1/2^(k+1)) in units of 2^-62
    let mut roots = [0u128; 8];
    let mut last = 2u128 << 62;
    let mut k = 0;
    while k < 8 {
        last = (last << 62).isqrt();
        roots[k] = last;
        k += 1;
    }
    let mut table = [0u64; 256];
    let mut i = 0;
    while i < 256 {
        let mut product = 1u128 << 62;
        let mut bit = 0;
        while bit < 8 {
            if i >> (7 - bit) & 1 == 1 {
                product = (product * roots[bit]) >> 62;
            }
            bit += 1;
        }
        table[i] = (product >> 30) as u64;
        i += 1;
    }
    table
};

/// `value` times 2^(steps/256), rounded down; saturates.
pub(crate) fn scale(value: u64, steps: i32) -> u64 {
    let octave = steps.div_euclid(256);
    let product = u128::from(value) * u128::from(POWERS[steps.rem_euclid(256) as usize]);
    let shift = 32 - octave;
    if shift >= 128 {
        0
    } else if shift >= 0 {
        u64::try_from(product >> shift).unwrap_or(u64::MAX)
    } else {
        u64::MAX
    }
}

/// The most steps of 1/256 octave by which `lo` can grow without passing `hi`.
fn steps_between(lo: u64, hi: u64) -> u32 {
    let (mut low, mut high) = (0u32, 64 * 256);
    while low < high {
        let middle = (low + high).div_ceil(2);
        if scale(lo, middle as i32) <= hi {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_two_are_exact_at_octaves_and_close_between() {
        assert_eq!(scale(1000, 256), 2000);
        assert_eq!(scale(1000, -512), 250);
        assert_eq!(scale(1_000_000_000, 128), 1_414_213_562);
        assert_eq!(scale(1_000_000_000, -1), 997_296_056);
        assert_eq!(scale(7, 0), 7);
        assert_eq!(scale(u64::MAX, 256), u64::MAX);
        assert_eq!(scale(1, -20_000), 0);
    }

    #[test]
    fn draws_stay_in_their_ranges_and_reach_both_ends() {
        let mut dice = Dice::new(7, "test");
        let (mut low, mut high) = (u64::MAX, 0);
        for _ in 0..10_000 {
            let v = dice.range(3, 9);
            assert!((3..=9).contains(&v));
            (low, high) = (low.min(v), high.max(v));
            let v = dice.octaves(10, 1000);
            assert!((10..=1000).contains(&v));
            let v = dice.bell(1 << 20, 3);
            assert!((1 << 17..=1 << 23).contains(&v));
        }
        assert_eq!((low, high), (3, 9));
        let below_the_median = (0..10_000).filter(|_| dice.bell(1000, 4) < 1000).count();
        assert!((4800..5200).contains(&below_the_median), "{below_the_median}");
    }

    #[test]
    fn streams_differ_by_name_and_seed_and_repeat() {
        let first = |seed, name| Dice::new(seed, name).any();
        assert_eq!(first(1, "a"), first(1, "a"));
        assert_ne!(first(1, "a"), first(1, "b"));
        assert_ne!(first(1, "a"), first(2, "a"));
    }
}
