//! Looking through a ledger for CoinJoins.

use super::{CoinJoin, CoinJoinKind, Shape, ShapeInput, ShapeOutput, recognise};
use crate::Progress;
use athar_ledger::{Ledger, Segment};
use athar_types::{AddressId, ScriptKind, TxNum};
use rayon::prelude::*;
use std::ops::Range;

/// Transactions looked at by one task.
const CHUNK: u32 = 1 << 16;
/// Transactions of a range looked at by one task.
const RANGE_CHUNK: u32 = 1 << 10;
/// Tasks between two reports of progress.
const REPORT_EVERY: usize = 16;

/// Room for the shape of one transaction, used again for the next.
#[derive(Debug, Default)]
pub struct ShapeBuffer {
    inputs: Vec<ShapeInput>,
    outputs: Vec<ShapeOutput>,
}

/// Recognises a collaborative transaction, or one that prepares a mix, in a ledger.
pub fn recognise_in(ledger: &Ledger, tx: TxNum, buffer: &mut ShapeBuffer) -> Option<CoinJoin> {
    recognise(&shape_in(ledger, tx, buffer))
}

/// The shape of a transaction in a ledger.
pub fn shape_in<'a>(ledger: &Ledger, tx: TxNum, buffer: &'a mut ShapeBuffer) -> Shape<'a> {
    buffer.outputs.clear();
    buffer.outputs.extend(ledger.outputs(tx).map(|o| {
        // only the script of a data output says something by its length
        let script = if o.kind == ScriptKind::OpReturn { ledger.output_script(o.num) } else { None };
        let script_len = script.map_or(0, |s| s.len() as u32);
        ShapeOutput { value: o.value, address: o.address, kind: o.kind, script_len }
    }));
    buffer.inputs.clear();
    buffer.inputs.extend(
        ledger
            .inputs(tx)
            .map(|i| ShapeInput { value: ledger.output_value(ledger.spent_output(&i)), address: i.address }),
    );
    Shape { inputs: &buffer.inputs, outputs: &buffer.outputs }
}

/// Every transaction that ties nobody ([`CoinJoinKind::ties_nobody`]), in chain order, with its kind. Streams over the output columns; only for
/// transactions that could be one are the values of the spent outputs looked up.
pub(crate) fn recognise_all(ledger: &Ledger, progress: &mut dyn FnMut(Progress)) -> Vec<(u32, CoinJoinKind)> {
    let total = u64::from(ledger.tx_count());
    let mut found = Vec::new();
    for segment in ledger.segments() {
        let [first, end] = segment.ranges().txs;
        let (outputs, inputs) = (segment.tx_output_starts(), segment.tx_input_starts());
        let chunks: Vec<u32> = (first..end).step_by(CHUNK as usize).collect();
        for some in chunks.chunks(REPORT_EVERY) {
            progress(Progress { stage: "entities: recognising CoinJoins", done: u64::from(some[0]), total });
            let parts: Vec<Vec<_>> = some
                .par_iter()
                .map(|from| {
                    let (mut buffer, mut values) = (ShapeBuffer::default(), Vec::new());
                    (*from..from.saturating_add(CHUNK).min(end))
                        .filter_map(|tx| {
                            let coinjoin = could_be(segment, &outputs, &inputs, (tx - first) as usize, &mut values)
                                .then(|| recognise_in(ledger, TxNum(tx), &mut buffer));
                            coinjoin.flatten().filter(|c| c.kind.ties_nobody()).map(|c| (tx, c.kind))
                        })
                        .collect()
                })
                .collect();
            found.extend(parts.into_iter().flatten());
        }
    }
    progress(Progress { stage: "entities: recognising CoinJoins", done: total, total });
    found
}

/// As [`recognise_all`], for the transactions of a range, which are asked one by one.
pub(crate) fn recognise_range(ledger: &Ledger, txs: Range<u32>) -> Vec<(u32, CoinJoinKind)> {
    let chunks: Vec<u32> = txs.clone().step_by(RANGE_CHUNK as usize).collect();
    let of_chunk = |from: u32| {
        let mut buffer = ShapeBuffer::default();
        (from..from.saturating_add(RANGE_CHUNK).min(txs.end))
            .filter_map(|tx| {
                let num = TxNum(tx);
                let count = |range: Range<u64>| range.end - range.start;
                let could_be = count(ledger.tx_inputs(num)) >= 2 && count(ledger.tx_outputs(num)) >= 3;
                let coinjoin = could_be.then(|| recognise_in(ledger, num, &mut buffer)).flatten()?;
                coinjoin.kind.ties_nobody().then_some((tx, coinjoin.kind))
            })
            .collect::<Vec<_>>()
    };
    chunks.into_par_iter().flat_map_iter(of_chunk).collect()
}

/// Whether inputs come from at least two addresses and at least two of at least three outputs are equal: no rule
/// matches without that.
fn could_be(segment: &Segment, outputs: &[u32], inputs: &[u32], row: usize, values: &mut Vec<u64>) -> bool {
    let range = |starts: &[u32]| starts[row] as usize..starts[row + 1] as usize;
    let (outputs, inputs) = (range(outputs), range(inputs));
    if outputs.len() < 3 || inputs.len() < 2 {
        return false;
    }
    let mut addresses = segment.input_addresses()[inputs].iter().filter(|a| **a != AddressId::NONE);
    let first = addresses.next();
    if first.is_none() || addresses.all(|a| Some(a) == first) {
        return false;
    }
    values.clear();
    values.extend_from_slice(&segment.output_values()[outputs]);
    values.sort_unstable();
    values.windows(2).any(|pair| pair[0] == pair[1])
}
