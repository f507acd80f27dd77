//! What inputs spend, read in the order in which it lies on the disk.

use super::{View, sat};
use crate::error::ExportError;
use athar_ledger::Input;

/// The number and value in satoshi of the output that each input spends, in the order of the inputs.
///
/// The spent outputs of a batch lie scattered over the whole chain. Sorted, they are read in one pass over it: each page
/// is touched once a batch, however large the chain is.
pub(super) fn spent(view: &View<'_>, inputs: &[Input]) -> Result<Vec<(i64, i64)>, ExportError> {
    let mut order: Vec<u32> = (0..inputs.len() as u32).collect();
    order.sort_unstable_by_key(|i| (inputs[*i as usize].prev_tx, inputs[*i as usize].prev_vout));
    let mut found = vec![(0, 0); inputs.len()];
    for i in order {
        let num = view.ledger.spent_output(&inputs[i as usize]);
        let value_sat = view.ledger.output_value(num).0;
        let value = i64::try_from(value_sat).map_err(|_| ExportError::Value { output: num.0, value_sat })?;
        found[i as usize] = (num.0 as i64, value);
    }
    Ok(found)
}

/// The sum in satoshi of outputs given by their numbers.
pub(super) fn paid(view: &View<'_>, outputs: std::ops::Range<u64>) -> Result<i64, ExportError> {
    outputs
        .map(athar_types::OutputNum)
        .try_fold(0i64, |total, num| Ok(total.saturating_add(sat(&view.ledger.output(num))?)))
}
