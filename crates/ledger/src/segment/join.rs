//! Inputs of a segment: the transaction that each spends from, in this segment or an earlier one; who spends each output.

use super::build::{InputEntry, SegmentBuilder, TxEntry, exception};
use super::parts::{Part, Parts, Slots};
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::run::index::{Heads, ORDER};
use crate::schema::RunData;
use athar_types::{Hash32, Height, OutputNum, TxNum};
use rayon::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Transactions linked by one task.
const CHUNK: usize = 1 << 12;
/// Spends of earlier outputs looked up by one task.
const LATE_CHUNK: usize = 1 << 14;

/// A spend of an output of an earlier segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Late {
    /// Chain-wide number of the output.
    pub(super) output: u64,
    /// Relative number of the input.
    pub(super) input: u32,
}

/// What one part of the join gives.
struct Joined {
    /// Keys and relative numbers of its transactions, in order.
    index: Vec<(u64, u32)>,
    late: Vec<Late>,
    /// The first input that spends nothing known.
    missing: Option<InputEntry>,
}

#[inline]
fn hash(id: &[u8; 32]) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&id[8..16]);
    u64::from_le_bytes(word)
}

impl SegmentBuilder {
    /// Finds the transaction of every input (`input.prev_tx`), and makes the look-up of transaction ids. Gives the spends
    /// of earlier segments' outputs, by ascending output.
    pub(super) fn join_inputs(&mut self, earlier: &Ledger, run: &mut RunData) -> Result<Vec<Late>, LedgerError> {
        let prev_tx: Vec<AtomicU32> = self.data.input_prev_vout.iter().map(|_| AtomicU32::new(TxNum::NONE)).collect();
        let inputs = std::mem::replace(&mut self.inputs, Parts::new(0)).into_parts();
        let txs = std::mem::replace(&mut self.txs, Parts::new(0)).into_parts();
        let parts: Vec<_> = txs.into_iter().zip(inputs).collect();
        let joined: Vec<Joined> =
            parts.into_par_iter().map(|(txs, inputs)| self.join_part(txs, inputs, earlier, &prev_tx)).collect();
        self.data.input_prev_tx = prev_tx.into_iter().map(AtomicU32::into_inner).collect();
        if let Some(missing) = joined.iter().filter_map(|j| j.missing).min_by_key(|m| m.row) {
            return Err(self.missing(missing.row, missing.txid));
        }
        let mut heads = Heads::new(self.data.tx_id.len());
        run.txid_head = Vec::with_capacity(self.data.tx_id.len());
        run.txid_tx = Vec::with_capacity(self.data.tx_id.len());
        let mut late = Vec::with_capacity(joined.iter().map(|j| j.late.len()).sum());
        for part in joined {
            late.extend(part.late);
            for (key, tx) in part.index {
                run.txid_head.push(heads.next(key));
                run.txid_tx.push(tx);
            }
        }
        run.txid_bucket = heads.finish();
        late.par_sort_unstable_by_key(|l| (l.output, l.input));
        Ok(late)
    }

    fn join_part(
        &self,
        txs: Part<TxEntry>,
        inputs: Part<InputEntry>,
        earlier: &Ledger,
        prev_tx: &[AtomicU32],
    ) -> Joined {
        let txs = txs.into_vec();
        let first = self.ranges.txs[0];
        let mut slots = Slots::new(txs.len());
        for (at, tx) in txs.iter().enumerate() {
            // BIP 30: two early coinbases repeat an earlier id; from then on the id means the later transaction
            slots.put(hash(&tx.id), at as u32, |old| txs[old as usize].id == tx.id);
        }
        let mut pending = Vec::new();
        for input in inputs.iter() {
            match slots.get(hash(&input.txid), |at| txs[at as usize].id == input.txid) {
                Some(at) => prev_tx[input.row as usize].store(first + txs[at as usize].row, Relaxed),
                None => pending.push(*input),
            }
        }
        drop(inputs);
        drop(slots);
        let mut index: Vec<(u64, u32)> = txs.iter().map(|tx| (Hash32(tx.id).prefix() & ORDER, tx.row)).collect();
        drop(txs);
        index.sort_unstable();
        // what is asked is sorted like the runs that answer, so that each is walked front to back
        pending.sort_unstable_by_key(|input| (Hash32(input.txid).prefix(), input.row));
        let mut late = Vec::with_capacity(pending.len());
        let mut missing: Option<InputEntry> = None;
        for input in pending {
            let found = self.spent_earlier(&input.txid, input.row, earlier);
            match found {
                Some((tx, output)) => {
                    prev_tx[input.row as usize].store(tx.0, Relaxed);
                    late.push(Late { output, input: input.row });
                }
                None => missing = Some(missing.filter(|m| m.row < input.row).unwrap_or(input)),
            }
        }
        Joined { index, late, missing }
    }

    /// The transaction and output of an earlier segment that an input spends.
    fn spent_earlier(&self, txid: &[u8; 32], input: u32, earlier: &Ledger) -> Option<(TxNum, u64)> {
        let tx = earlier.tx_by_id(&Hash32(*txid))?;
        let outputs = earlier.tx_outputs(tx);
        let output = outputs.start + u64::from(self.vout(input));
        outputs.contains(&output).then_some((tx, output))
    }

    /// Which output of its transaction an input spends.
    pub(super) fn vout(&self, input: u32) -> u32 {
        match self.data.input_prev_vout[input as usize] {
            u8::MAX => exception(&self.data.vout_input, &self.data.vout_value, input).unwrap_or(u32::MAX),
            vout => u32::from(vout),
        }
    }

    /// Names the spender of each output spent in this segment, and the address of each input, given those of the
    /// outputs.
    pub(super) fn link_inputs(
        &mut self,
        late: &[Late],
        addresses: &[u32],
        earlier: &Ledger,
        run: &mut RunData,
    ) -> Result<(), LedgerError> {
        let linked = self.link_within(addresses, CHUNK).or_else(|_| {
            // once more in chain order, so that the error is the first one of the chain
            self.link_within(addresses, usize::MAX)
        });
        let (spent_by, mut input_address, replaced) = linked?;
        for (input, prev) in replaced {
            self.data.input_prev_tx[input as usize] = prev;
        }
        self.check_late(late, earlier)?;
        let found: Vec<u32> = late
            .par_chunks(LATE_CHUNK)
            .flat_map_iter(|chunk| {
                chunk
                    .iter()
                    .map(|l| earlier.output_address(OutputNum(l.output)).map_or(super::build::NO_ADDRESS, |a| a.0))
            })
            .collect();
        for (l, address) in late.iter().zip(found) {
            input_address[l.input as usize] = address;
        }
        self.data.input_address = input_address;
        run.spent_by = spent_by;
        run.late_output = late.iter().map(|l| l.output).collect();
        run.late_spent_by = late.par_iter().map(|l| self.ranges.txs[0] + self.tx_of_input(l.input)).collect();
        Ok(())
    }

    /// The links inside the segment: spender by output, address by input, and inputs whose id meant an earlier
    /// transaction after all.
    fn link_within(
        &self,
        addresses: &[u32],
        chunk: usize,
    ) -> Result<(Vec<u32>, Vec<u32>, Vec<(u32, u32)>), LedgerError> {
        let data = &self.data;
        let spent_by: Vec<AtomicU32> = addresses.iter().map(|_| AtomicU32::new(TxNum::NONE)).collect();
        let input_address: Vec<AtomicU32> =
            data.input_prev_vout.iter().map(|_| AtomicU32::new(super::build::NO_ADDRESS)).collect();
        let first = self.ranges.txs[0];
        let txs = data.tx_id.len();
        let step = chunk.min(txs.max(1));
        let replaced = (0..txs.div_ceil(step))
            .into_par_iter()
            .map(|at| {
                let mut replaced = Vec::new();
                for tx in at * step..(at * step + step).min(txs) {
                    for input in self.tx_input[tx]..self.tx_input[tx + 1] {
                        let Some(mut prev) = data.input_prev_tx[input as usize].checked_sub(first) else { continue };
                        if prev as usize >= tx {
                            // BIP 30: between two transactions of one id, it still means the first
                            prev = self
                                .earlier_of_id(prev, tx as u32)
                                .ok_or_else(|| self.missing(input, data.tx_id[prev as usize]))?;
                            replaced.push((input, first + prev));
                        }
                        let output = self.tx_output[prev as usize].checked_add(self.vout(input));
                        let output = output
                            .filter(|o| *o < self.tx_output[prev as usize + 1])
                            .ok_or_else(|| self.missing(input, data.tx_id[prev as usize]))?;
                        let before = spent_by[output as usize].swap(first + tx as u32, Relaxed);
                        if before != TxNum::NONE {
                            let (height, txid) = (self.height_of(tx as u32), Hash32(data.tx_id[prev as usize]));
                            return Err(LedgerError::DoubleSpend { height, txid, vout: self.vout(input) });
                        }
                        input_address[input as usize].store(addresses[output as usize], Relaxed);
                    }
                }
                Ok(replaced)
            })
            .collect::<Result<Vec<_>, LedgerError>>()?;
        Ok((
            spent_by.into_iter().map(AtomicU32::into_inner).collect(),
            input_address.into_iter().map(AtomicU32::into_inner).collect(),
            replaced.concat(),
        ))
    }

    /// The last transaction before `tx` with the same id as `later`.
    fn earlier_of_id(&self, later: u32, tx: u32) -> Option<u32> {
        let ids = &self.data.tx_id;
        ids[..tx as usize].iter().rposition(|id| *id == ids[later as usize]).map(|at| at as u32)
    }

    /// That no output of an earlier segment is spent twice.
    fn check_late(&self, late: &[Late], earlier: &Ledger) -> Result<(), LedgerError> {
        let twice = late.par_windows(2).find_first(|pair| pair[0].output == pair[1].output).map(|pair| pair[1]);
        let again = late
            .par_chunks(LATE_CHUNK)
            .find_map_first(|chunk| chunk.iter().find(|l| earlier.spent_by(OutputNum(l.output)).is_some()));
        let Some(bad) = twice.or(again.copied()) else { return Ok(()) };
        let (tx, vout) = earlier.output_tx(OutputNum(bad.output));
        let height = self.height_of(self.tx_of_input(bad.input));
        Err(LedgerError::DoubleSpend { height, txid: earlier.txid(tx), vout })
    }

    fn missing(&self, input: u32, txid: [u8; 32]) -> LedgerError {
        let height = self.height_of(self.tx_of_input(input));
        LedgerError::MissingOutput { height, txid: Hash32(txid), vout: self.vout(input) }
    }

    /// The relative number of the transaction of an input.
    pub(super) fn tx_of_input(&self, input: u32) -> u32 {
        (self.tx_input.partition_point(|start| *start <= input) - 1) as u32
    }

    /// The height of a transaction, by relative number.
    fn height_of(&self, tx: u32) -> Height {
        let tx = self.ranges.txs[0] + tx;
        Height(self.ranges.blocks[0] + self.data.block_tx_end.partition_point(|end| *end <= tx) as u32)
    }
}
