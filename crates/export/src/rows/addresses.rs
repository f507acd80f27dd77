//! Rows of `addresses`.

use super::figures::figures;
use super::{View, array, misfit, script_kinds, sum};
use crate::Table;
use crate::error::ExportError;
use arrow_array::{ArrayRef, Int32Array, Int64Array, StringArray, UInt32Array};
use athar_types::{AddressId, TxNum};
use std::ops::Range;

pub(super) fn columns(view: &View<'_>, rows: Range<u64>) -> Result<Vec<ArrayRef>, ExportError> {
    let (ledger, forest) = (view.ledger, view.forest);
    let ids: Vec<AddressId> = rows.clone().map(|id| AddressId(id as u32)).collect();
    let keys: Vec<_> = ids.iter().map(|id| ledger.address_key(*id)).collect();
    let figures = figures(view, rows, |_| true);
    let txs: Vec<(TxNum, TxNum)> = figures.iter().map(|f| f.txs(view)).collect();
    let height = |tx: TxNum| ledger.tx_height(tx).0 as i32;
    Ok(vec![
        array(UInt32Array::from_iter_values(ids.iter().map(|id| id.0))),
        array(StringArray::from_iter_values(keys.iter().map(|key| key.to_text(ledger.network())))),
        script_kinds(keys.iter().map(|key| key.kind().script_kind())).map_err(|e| misfit(Table::Addresses, e))?,
        array(Int64Array::from_iter_values(figures.iter().map(|f| f.output_count))),
        array(Int64Array::from_iter_values(figures.iter().map(|f| sum(f.received_sat)))),
        array(Int64Array::from_iter_values(figures.iter().map(|f| sum(f.sent_sat)))),
        array(UInt32Array::from_iter_values(txs.iter().map(|(first, _)| first.0))),
        array(UInt32Array::from_iter_values(txs.iter().map(|(_, last)| last.0))),
        array(Int32Array::from_iter_values(txs.iter().map(|(first, _)| height(*first)))),
        array(Int32Array::from_iter_values(txs.iter().map(|(_, last)| height(*last)))),
        array(UInt32Array::from_iter_values(ids.iter().map(|id| forest.name(*id).0))),
    ])
}
