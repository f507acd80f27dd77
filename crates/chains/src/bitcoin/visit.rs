//! The receiver of what the decoder finds.

use super::parts::{Input, Output, TxHead};
use super::witness::Witness;
use athar_types::Pool;

/// Receives the parts of transactions in the order of the bytes. Every method does nothing by default.
///
/// Parts arrive before the transaction (and the block) is known to be good: keep them aside until the decoder returns.
pub trait BlockVisitor {
    /// Input `index` of the current transaction.
    #[inline]
    fn input(&mut self, index: u32, input: &Input<'_>) {
        let _ = (index, input);
    }

    /// Output `index` of the current transaction, after all inputs.
    #[inline]
    fn output(&mut self, index: u32, output: &Output<'_>) {
        let _ = (index, output);
    }

    /// The witness of input `input_index`, after all outputs. Called for transactions in segwit form only, and there
    /// for every input, also one whose witness is empty.
    #[inline]
    fn witness(&mut self, input_index: u32, witness: &Witness<'_>) {
        let _ = (input_index, witness);
    }

    /// What the current transaction moves into a hidden pool: satoshi, negative where they come out of it; never 0, and
    /// at most once for each pool.
    #[inline]
    fn pool(&mut self, pool: Pool, value_sat: i64) {
        let _ = (pool, value_sat);
    }

    /// The end of the current transaction.
    #[inline]
    fn tx(&mut self, head: &TxHead) {
        let _ = head;
    }
}

/// Looks at nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoVisitor;

impl BlockVisitor for NoVisitor {}
