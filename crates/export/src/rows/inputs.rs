//! Rows of `inputs`.

use super::cursor::{Cursor, by_tx};
use super::spent::spent;
use super::{View, array, times};
use crate::error::ExportError;
use arrow_array::{ArrayRef, Int32Array, Int64Array, UInt32Array};
use athar_ledger::Input;
use athar_types::InputNum;
use std::ops::Range;

pub(super) fn columns(view: &View<'_>, rows: Range<u64>) -> Result<Vec<ArrayRef>, ExportError> {
    let ledger = view.ledger;
    let inputs: Vec<Input> = rows.clone().map(|num| ledger.input(InputNum(num))).collect();
    let spent = spent(view, &inputs)?;
    let len = inputs.len();
    let (mut txs, mut indexes, mut heights, mut when) =
        (Vec::with_capacity(len), Vec::with_capacity(len), Vec::with_capacity(len), Vec::with_capacity(len));
    let mut cursor = Cursor::new(ledger);
    for (tx, some, first) in by_tx(rows.clone(), ledger.input_tx(InputNum(rows.start)), |tx| ledger.tx_inputs(tx)) {
        let place = cursor.place(tx);
        for num in some {
            txs.push(tx.0);
            indexes.push((num - first) as i32);
            heights.push(place.height);
            when.push(place.time);
        }
    }
    Ok(vec![
        array(Int64Array::from_iter_values(rows.map(|num| num as i64))),
        array(UInt32Array::from(txs)),
        array(Int32Array::from(indexes)),
        array(Int32Array::from(heights)),
        times(when.into_iter()),
        array(Int64Array::from_iter_values(spent.iter().map(|(num, _)| *num))),
        array(UInt32Array::from_iter_values(inputs.iter().map(|i| i.prev_tx.0))),
        array(Int32Array::from_iter_values(inputs.iter().map(|i| i.prev_vout as i32))),
        array(Int64Array::from_iter_values(spent.iter().map(|(_, value)| *value))),
        array(inputs.iter().map(|i| i.address.map(|a| a.0)).collect::<UInt32Array>()),
    ])
}
