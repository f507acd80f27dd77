//! Where collaborative transactions can be: a bit for every 64 transactions.
//!
//! A walk asks of each transaction whether it is one, and the list of them is long and seldom in a cache. Most
//! stretches of the chain have none, which one bit says: two megabytes for a thousand million transactions.

use athar_entities::Forest;
use athar_types::TxNum;

/// Transactions that one bit stands for, as a power of two.
const STRETCH_BITS: u32 = 6;

/// The stretches that have one.
#[derive(Debug, Default)]
pub(crate) struct Mixes(Vec<u64>);

impl Mixes {
    pub(crate) fn of(forest: &Forest) -> Self {
        let mut bits: Vec<u64> = Vec::new();
        for (tx, _) in forest.coinjoins() {
            let stretch = tx.0 >> STRETCH_BITS;
            let word = (stretch / 64) as usize;
            if bits.len() <= word {
                bits.resize(word + 1, 0);
            }
            bits[word] |= 1 << (stretch % 64);
        }
        Self(bits)
    }

    /// Whether one may be in the stretch of `tx`; where not, there is none.
    #[inline]
    pub(crate) fn may_have(&self, tx: TxNum) -> bool {
        let stretch = tx.0 >> STRETCH_BITS;
        self.0.get((stretch / 64) as usize).is_some_and(|word| word >> (stretch % 64) & 1 == 1)
    }
}
