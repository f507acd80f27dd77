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
        found[i as usize] = (num.0 as i64, sat(num, view.ledger.output_value(num))?);
    }
    Ok(found)
}
