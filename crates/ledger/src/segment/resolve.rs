//! The spent outputs of blocks, without a store: for whoever wants these alone.

use super::build::SegmentBuilder;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::schema::RunData;
use athar_types::OutputNum;
use rayon::prelude::*;

/// Inputs resolved by one task.
const CHUNK: usize = 1 << 14;

impl SegmentBuilder {
    /// Resolves every input of the blocks added, and writes nothing: the value in satoshi of the output that each spends,
    /// in chain order. All checks of [`Self::finish`] are made: an input of nothing and a second spend are errors.
    pub fn resolve(mut self, earlier: &Ledger) -> Result<Vec<u64>, LedgerError> {
        let mut run = RunData::default();
        let late = self.join_inputs(earlier, &mut run)?;
        let nowhere = vec![super::build::NO_ADDRESS; self.data.output_value.len()];
        self.link_inputs(&late, &nowhere, earlier, &mut run)?;
        let first = self.ranges.txs[0];
        let value = |input: usize| -> u64 {
            // inputs of earlier segments follow below
            let Some(tx) = self.data.input_prev_tx[input].checked_sub(first) else { return 0 };
            let output = self.tx_output[tx as usize] + self.vout(input as u32);
            self.data.output_value[output as usize]
        };
        let mut values: Vec<u64> =
            (0..self.data.input_prev_tx.len()).into_par_iter().with_min_len(CHUNK).map(value).collect();
        for spend in &late {
            values[spend.input as usize] = earlier.output_value(OutputNum(spend.output)).0;
        }
        Ok(values)
    }
}
