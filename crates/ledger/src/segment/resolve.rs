//! Resolving against earlier segments, in sorted batches: what is asked is sorted like the runs that answer, so each
//! run is walked front to back once, whatever the order of the blocks.

use super::Segment;
use super::build::Addresses;
use crate::error::LedgerError;
use crate::manifest::Ranges;
use athar_types::{AddressId, AddressKey, AddressKind, Hash32, Height, TxNum};
use rayon::prelude::*;
use std::sync::Arc;

/// An input whose spent transaction lies in an earlier segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    pub(super) txid: [u8; 32],
    pub(super) vout: u32,
    /// Relative number of the input.
    pub(super) input: u32,
    /// Chain-wide number of the spending transaction.
    pub(super) tx: u32,
}

/// A pending input with its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resolved {
    /// Relative number of the input.
    pub(super) input: u32,
    /// Chain-wide number of the spending transaction.
    pub(super) tx: u32,
    /// Chain-wide number of the spent transaction.
    pub(super) prev_tx: u32,
    /// Chain-wide number of the spent output.
    pub(super) output: u64,
    /// Chain-wide id of its address, or [`AddressId::NONE`].
    pub(super) address: u32,
}

/// Answers every pending input from the earlier segments; the answers come sorted by output.
pub(super) fn inputs(
    mut pending: Vec<Pending>,
    earlier: &[Arc<Segment>],
    height_of: impl Fn(u32) -> Height + Sync,
) -> Result<Vec<Resolved>, LedgerError> {
    pending.par_sort_unstable_by_key(|p| (p.txid, p.vout));
    let answer = |p: &Pending| -> Result<Resolved, LedgerError> {
        let (txid, vout, height) = (Hash32(p.txid), p.vout, height_of(p.tx));
        // newest first: where an id occurs twice (BIP 30), it means the later transaction
        let found = earlier.iter().rev().find_map(|s| s.tx_by_id(&txid).map(|tx| (s, tx)));
        let missing = LedgerError::MissingOutput { height, txid, vout };
        let Some((segment, prev_tx)) = found else { return Err(missing) };
        let row = (prev_tx.0 - segment.ranges.txs[0]) as usize;
        let (start, end) = (segment.columns.tx_output[row], segment.columns.tx_output[row + 1]);
        let Some(relative) = start.checked_add(vout).filter(|o| *o < end) else { return Err(missing) };
        if segment.columns.output_spent_by[relative as usize] != TxNum::NONE {
            return Err(LedgerError::DoubleSpend { height, txid, vout });
        }
        Ok(Resolved {
            input: p.input,
            tx: p.tx,
            prev_tx: prev_tx.0,
            output: segment.ranges.outputs[0] + u64::from(relative),
            address: segment.columns.output_address[relative as usize],
        })
    };
    let mut resolved = pending.par_iter().map(answer).collect::<Result<Vec<_>, _>>()?;
    drop(pending);
    resolved.par_sort_unstable_by_key(|r| r.output);
    let again = |output: u64| earlier.iter().any(|s| s.late_spend(output).is_some());
    let twice = resolved
        .par_windows(2)
        .find_first(|pair| pair[0].output == pair[1].output)
        .map(|pair| pair[1])
        .or_else(|| resolved.par_iter().find_first(|r| again(r.output)).copied());
    if let Some(r) = twice {
        let height = height_of(r.tx);
        let segment = segment_of_output(earlier, r.output);
        let row = (r.prev_tx - segment.ranges.txs[0]) as usize;
        let vout = (r.output - segment.ranges.outputs[0]) as u32 - segment.columns.tx_output[row];
        return Err(LedgerError::DoubleSpend { height, txid: segment.txid(row), vout });
    }
    Ok(resolved)
}

fn segment_of_output(earlier: &[Arc<Segment>], output: u64) -> &Segment {
    &earlier[earlier.partition_point(|s| s.ranges.outputs[1] <= output)]
}

/// The chain-wide id of each address row: those that earlier segments know keep theirs, the others are numbered in the
/// order of their first output. Also gives the rows that are new, in id order.
pub(super) fn addresses(rows: &Addresses, earlier: &[Arc<Segment>], ranges: &mut Ranges) -> (Vec<u32>, Vec<u32>) {
    let mut ids = vec![AddressId::NONE; rows.len()];
    if !earlier.is_empty() {
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        order.par_sort_unstable_by_key(|row| head(rows.payload(*row as usize)));
        let found: Vec<(u32, u32)> = order
            .par_iter()
            .filter_map(|row| {
                let kind = AddressKind::from_code(rows.kinds[*row as usize])?;
                let key = AddressKey::new(kind, rows.payload(*row as usize))?;
                earlier.iter().find_map(|s| s.address_id(&key)).map(|id| (*row, id.0))
            })
            .collect();
        for (row, id) in found {
            ids[row as usize] = id;
        }
    }
    let mut fresh = Vec::with_capacity(rows.len());
    let mut next = ranges.addresses[0];
    for (row, id) in ids.iter_mut().enumerate().filter(|(_, id)| **id == AddressId::NONE) {
        *id = next;
        next += 1;
        fresh.push(row as u32);
    }
    ranges.addresses[1] = next;
    (ids, fresh)
}

/// The first eight bytes as a number that sorts as the bytes do.
#[inline]
pub(super) fn head(payload: &[u8]) -> u64 {
    let mut word = [0; 8];
    let len = payload.len().min(8);
    word[..len].copy_from_slice(&payload[..len]);
    u64::from_be_bytes(word)
}
