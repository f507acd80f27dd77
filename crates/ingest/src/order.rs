//! The transactions of a block in an order in which what is spent comes first.
//!
//! Bitcoin Cash has ordered the transactions of a block by id since November 2018 (canonical transaction ordering), so a
//! transaction may spend an output of one that stands behind it. Everything downstream rests on the opposite: numbers of
//! transactions grow in the direction that money moves. So the rows are put in that order here, once; the order in the
//! block's bytes, which says nothing but the ids again, is not kept.

use athar_ledger::{BlockRows, RawScript};
use athar_types::Hash32;
use rustc_hash::FxHashMap;
use std::{cmp::Reverse, collections::BinaryHeap, ops::Range};

/// Puts each transaction behind those of the same block that it spends from; where that leaves a choice, the earlier in
/// the block comes first. A block that is in such an order already stays as it is.
///
/// Transactions that spend from each other in a circle (which no id can do) stay at the end, in their order: the ledger
/// refuses what they spend.
pub(crate) fn parents_first(rows: BlockRows) -> BlockRows {
    match order(&rows) {
        Some(order) => apply(rows, &order),
        None => rows,
    }
}

/// The new order, as indexes into the old; `None` where nothing has to move.
fn order(rows: &BlockRows) -> Option<Vec<u32>> {
    let by_id: FxHashMap<Hash32, u32> = rows.txs.iter().zip(0..).map(|(tx, i)| (tx.txid, i)).collect();
    let mut children: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    let mut waiting = vec![0_u32; rows.txs.len()];
    let mut ordered = true;
    let mut input = 0;
    for (tx, row) in (0..).zip(&rows.txs) {
        for spent in &rows.inputs[input..input + row.inputs as usize] {
            if let Some(parent) = by_id.get(&spent.prev_txid) {
                ordered &= *parent < tx;
                children.entry(*parent).or_default().push(tx);
                waiting[tx as usize] += 1;
            }
        }
        input += row.inputs as usize;
    }
    if ordered {
        return None;
    }
    let mut ready: BinaryHeap<Reverse<u32>> =
        (0..waiting.len() as u32).filter(|tx| waiting[*tx as usize] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(waiting.len());
    while let Some(Reverse(tx)) = ready.pop() {
        order.push(tx);
        for child in children.get(&tx).into_iter().flatten() {
            waiting[*child as usize] -= 1;
            if waiting[*child as usize] == 0 {
                ready.push(Reverse(*child));
            }
        }
    }
    order.extend((0..waiting.len() as u32).filter(|tx| waiting[*tx as usize] > 0));
    Some(order)
}

/// The rows of a block with its transactions in another order.
fn apply(mut old: BlockRows, order: &[u32]) -> BlockRows {
    let outputs = ranges(old.txs.iter().map(|tx| tx.outputs));
    let inputs = ranges(old.txs.iter().map(|tx| tx.inputs));
    let mut new = BlockRows {
        header: std::mem::take(&mut old.header),
        hash: old.hash,
        time: old.time,
        size: old.size,
        // outputs say where their payload is, so payloads may stay where they are
        keys: std::mem::take(&mut old.keys),
        script_bytes: std::mem::take(&mut old.script_bytes),
        ..BlockRows::default()
    };
    for (place, tx) in (0..).zip(order) {
        let (of_outputs, of_inputs) = (&outputs[*tx as usize], &inputs[*tx as usize]);
        let output_shift = new.outputs.len() as u32;
        let input_shift = new.inputs.len() as u32;
        new.txs.push(old.txs[*tx as usize]);
        new.outputs.extend_from_slice(&old.outputs[of_outputs.start as usize..of_outputs.end as usize]);
        new.inputs.extend_from_slice(&old.inputs[of_inputs.start as usize..of_inputs.end as usize]);
        for script in within(&old.scripts, of_outputs, |s| s.output) {
            let output = script.output - of_outputs.start + output_shift;
            new.scripts.push(RawScript { output, bytes: script.bytes.clone() });
        }
        for input in within(&old.uncompressed, of_inputs, |input| *input) {
            new.uncompressed.push(input - of_inputs.start + input_shift);
        }
        for flow in within(&old.pools, &(*tx..tx + 1), |flow| flow.tx) {
            new.pools.push(athar_ledger::PoolFlow { tx: place, ..*flow });
        }
    }
    new
}

/// The ranges that counts take one after another.
fn ranges(counts: impl Iterator<Item = u32>) -> Vec<Range<u32>> {
    let mut end = 0;
    counts
        .map(|count| {
            let start = end;
            end += count;
            start..end
        })
        .collect()
}

/// The part of an ascending list whose keys lie in `range`.
fn within<'a, T>(list: &'a [T], range: &Range<u32>, key: impl Fn(&T) -> u32) -> &'a [T] {
    let from = list.partition_point(|item| key(item) < range.start);
    let to = list.partition_point(|item| key(item) < range.end);
    &list[from..to]
}

#[cfg(test)]
mod tests {
    use super::*;
    use athar_ledger::{InRow, OutRow, PoolFlow, TxRow};
    use athar_types::ScriptKind;

    fn id(n: u8) -> Hash32 {
        Hash32([n; 32])
    }

    /// A block of transactions, each with its id, what it spends, and its outputs' values.
    fn block(txs: &[(u8, &[u8], &[u64])]) -> BlockRows {
        let mut rows = BlockRows::default();
        for (i, (txid, spends, values)) in txs.iter().enumerate() {
            let first_input = rows.inputs.len() as u32;
            for spent in *spends {
                rows.inputs.push(InRow { prev_txid: id(*spent), prev_vout: 0 });
            }
            if !spends.is_empty() {
                rows.uncompressed.push(first_input + spends.len() as u32 - 1);
            }
            for value in *values {
                let bytes = rows.script_bytes.len() as u32..rows.script_bytes.len() as u32 + 1;
                rows.script_bytes.push(*value as u8);
                rows.scripts.push(RawScript { output: rows.outputs.len() as u32, bytes });
                let kind = ScriptKind::Unknown;
                rows.outputs.push(OutRow { value: *value, key_hash: 0, key_start: 0, key_len: 0, key_kind: 0, kind });
            }
            rows.pools.push(PoolFlow { tx: i as u32, pool: 0, value_sat: i64::from(*txid) });
            let (inputs, outputs) = (spends.len() as u32, values.len() as u32);
            rows.txs.push(TxRow { txid: id(*txid), inputs, outputs, ..TxRow::default() });
        }
        rows
    }

    /// All that hangs on a transaction, by its id.
    fn told(rows: &BlockRows) -> Vec<(u8, Vec<u8>, Vec<u64>, Vec<u8>, Vec<u32>, i64)> {
        let outputs = ranges(rows.txs.iter().map(|tx| tx.outputs));
        let inputs = ranges(rows.txs.iter().map(|tx| tx.inputs));
        (0..rows.txs.len())
            .map(|i| {
                let (o, n) = (&outputs[i], &inputs[i]);
                (
                    rows.txs[i].txid.0[0],
                    rows.inputs[n.start as usize..n.end as usize].iter().map(|row| row.prev_txid.0[0]).collect(),
                    rows.outputs[o.start as usize..o.end as usize].iter().map(|row| row.value).collect(),
                    within(&rows.scripts, o, |s| s.output)
                        .iter()
                        .map(|s| rows.script_bytes[s.bytes.start as usize])
                        .collect(),
                    within(&rows.uncompressed, n, |u| *u).iter().map(|u| u - n.start).collect(),
                    within(&rows.pools, &(i as u32..i as u32 + 1), |p| p.tx).iter().map(|p| p.value_sat).sum(),
                )
            })
            .collect()
    }

    #[test]
    fn what_is_spent_comes_first_and_everything_moves_with_its_transaction() {
        // 3 spends 7, 7 spends 9 and something earlier; the coinbase leads
        let rows = block(&[
            (1, &[], &[50]),
            (3, &[7, 7], &[1, 2]),
            (5, &[200], &[3]),
            (7, &[9, 201], &[4, 5]),
            (9, &[202], &[6]),
        ]);
        let mut before = told(&rows);
        let after = told(&parents_first(rows));
        assert_eq!(after.iter().map(|t| t.0).collect::<Vec<_>>(), [1, 5, 9, 7, 3]);
        let mut sorted = after;
        sorted.sort();
        before.sort();
        assert_eq!(sorted, before);
    }

    #[test]
    fn a_block_in_order_stays_as_it_is_and_a_circle_ends() {
        let rows = block(&[(1, &[], &[50]), (9, &[1], &[1]), (3, &[9], &[1])]);
        assert!(order(&rows).is_none());
        let circle = block(&[(1, &[], &[50]), (2, &[3], &[1]), (3, &[2], &[1]), (4, &[1], &[9])]);
        let after = told(&parents_first(circle));
        assert_eq!(after.iter().map(|t| t.0).collect::<Vec<_>>(), [1, 4, 2, 3]);
    }
}
