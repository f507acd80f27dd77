//! Rows of `transactions`.

use super::cursor::Cursor;
use super::spent::spent;
use super::{View, array, hashes, paid, times, words};
use crate::error::ExportError;
use arrow_array::{ArrayRef, BooleanArray, Int32Array, Int64Array, UInt32Array};
use athar_entities::CoinJoinKind;
use athar_ledger::{Input, Tx, TxFlags};
use athar_types::{InputNum, TxNum};
use std::ops::Range;

pub(super) fn columns(view: &View<'_>, rows: Range<u64>) -> Result<Vec<ArrayRef>, ExportError> {
    let ledger = view.ledger;
    let txs: Vec<Tx> = rows.map(|tx| ledger.tx(TxNum(tx as u32))).collect();
    let mut cursor = Cursor::new(ledger);
    let places: Vec<_> = txs.iter().map(|tx| cursor.place(tx.num)).collect();

    let all = txs.first().map_or(0, |tx| tx.inputs.start)..txs.last().map_or(0, |tx| tx.inputs.end);
    let inputs: Vec<Input> = all.clone().map(|num| ledger.input(InputNum(num))).collect();
    let spent = spent(view, &inputs)?;
    let own = |tx: &Tx| &spent[(tx.inputs.start - all.start) as usize..(tx.inputs.end - all.start) as usize];
    let input_sat: Vec<i64> =
        txs.iter().map(|tx| own(tx).iter().fold(0i64, |total, (_, value)| total.saturating_add(*value))).collect();
    let output_sat = txs.iter().map(|tx| paid(view, tx.outputs.clone())).collect::<Result<Vec<i64>, _>>()?;
    let is_coinbase = |tx: &Tx| tx.flags.has(TxFlags::COINBASE);
    let fee = |((tx, paid), made): ((&Tx, &i64), &i64)| (!is_coinbase(tx)).then(|| (paid - made).max(0));

    let int32 = |value: &dyn Fn(&Tx) -> i32| array(Int32Array::from_iter_values(txs.iter().map(value)));
    let int64 = |value: &dyn Fn(&Tx) -> u64| array(Int64Array::from_iter_values(txs.iter().map(|t| value(t) as i64)));
    let flag = |bit: u8| array(txs.iter().map(|tx| Some(tx.flags.has(bit))).collect::<BooleanArray>());
    Ok(vec![
        array(UInt32Array::from_iter_values(txs.iter().map(|tx| tx.num.0))),
        hashes(txs.iter().map(|tx| ledger.txid(tx.num))),
        array(Int32Array::from_iter_values(places.iter().map(|p| p.height))),
        times(places.iter().map(|p| p.time)),
        array(Int32Array::from_iter_values(txs.iter().zip(&places).map(|(tx, p)| (tx.num.0 - p.first_tx) as i32))),
        int32(&|tx| tx.version),
        array(UInt32Array::from_iter_values(txs.iter().map(|tx| tx.locktime))),
        int32(&|tx| tx.weight as i32),
        flag(TxFlags::COINBASE),
        flag(TxFlags::SEGWIT),
        flag(TxFlags::RBF),
        int64(&|tx| tx.inputs.start),
        int32(&|tx| (tx.inputs.end - tx.inputs.start) as i32),
        int64(&|tx| tx.outputs.start),
        int32(&|tx| (tx.outputs.end - tx.outputs.start) as i32),
        array(Int64Array::from_iter_values(input_sat.iter().copied())),
        array(Int64Array::from_iter_values(output_sat.iter().copied())),
        array(txs.iter().zip(&input_sat).zip(&output_sat).map(fee).collect::<Int64Array>()),
        words(txs.iter().map(|tx| view.forest.coinjoin(tx.num).map(CoinJoinKind::name))),
    ])
}
