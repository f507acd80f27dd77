//! Rows of `outputs`.

use super::cursor::{Cursor, by_tx};
use super::{View, array, misfit, sat, script_kinds, times};
use crate::Table;
use crate::error::ExportError;
use arrow_array::{ArrayRef, BinaryArray, Int32Array, Int64Array, UInt32Array};
use athar_ledger::Output;
use athar_types::OutputNum;
use std::ops::Range;

pub(super) fn columns(view: &View<'_>, rows: Range<u64>) -> Result<Vec<ArrayRef>, ExportError> {
    let ledger = view.ledger;
    let outputs: Vec<Output> = rows.clone().map(|num| ledger.output(OutputNum(num))).collect();
    let values = outputs.iter().map(|o| sat(o.num, o.value)).collect::<Result<Vec<i64>, _>>()?;
    let len = outputs.len();
    let (mut txs, mut vouts, mut heights, mut when) =
        (Vec::with_capacity(len), Vec::with_capacity(len), Vec::with_capacity(len), Vec::with_capacity(len));
    let mut cursor = Cursor::new(ledger);
    for (tx, some, first) in by_tx(rows.clone(), ledger.output_tx(OutputNum(rows.start)).0, |tx| ledger.tx_outputs(tx))
    {
        let place = cursor.place(tx);
        for num in some {
            txs.push(tx.0);
            vouts.push((num - first) as i32);
            heights.push(place.height);
            when.push(place.time);
        }
    }
    let script = |o: &Output| if o.kind.implied_by_address() { None } else { ledger.output_script(o.num) };
    Ok(vec![
        array(Int64Array::from_iter_values(rows.map(|num| num as i64))),
        array(UInt32Array::from(txs)),
        array(Int32Array::from(vouts)),
        array(Int32Array::from(heights)),
        times(when.into_iter()),
        array(Int64Array::from(values)),
        array(outputs.iter().map(|o| o.address.map(|a| a.0)).collect::<UInt32Array>()),
        script_kinds(outputs.iter().map(|o| o.kind)).map_err(|e| misfit(Table::Outputs, e))?,
        array(outputs.iter().map(script).collect::<BinaryArray>()),
        array(outputs.iter().map(|o| o.spent_by.map(|tx| tx.0)).collect::<UInt32Array>()),
    ])
}
