//! Which entities have a row of their own in the tables, who belongs to each, and their figures.
//!
//! Everything is streamed in chain order: no random read of the ledger for an address or an output, only into the sums.

use crate::{BuiltForest, Progress};
use athar_ledger::Ledger;
use athar_types::{AddressId, OutputNum, TxNum};

/// A lone address that more outputs pay has an entity row, so that no question sums up more than that.
const LONE_OUTPUTS_MAX: u8 = 200;
/// Stored for an address whose entity has no row.
const NO_ROW: u32 = u32::MAX;

/// Figures being summed up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Sums {
    /// Every output paid, in satoshi.
    pub(crate) received: u64,
    /// Every such output that was spent.
    pub(crate) sent: u64,
    pub(crate) first_tx: u32,
    pub(crate) last_tx: u32,
}

impl Default for Sums {
    fn default() -> Self {
        Self { received: 0, sent: 0, first_tx: u32::MAX, last_tx: 0 }
    }
}

impl Sums {
    #[inline]
    pub(crate) fn pay(&mut self, value: u64, tx: u32) {
        self.received = self.received.saturating_add(value);
        self.first_tx = self.first_tx.min(tx);
        self.last_tx = self.last_tx.max(tx);
    }

    #[inline]
    pub(crate) fn spend(&mut self, value: u64, tx: u32) {
        self.sent = self.sent.saturating_add(value);
        self.last_tx = self.last_tx.max(tx);
    }
}

/// Which entities have a row, and who belongs to each.
pub(crate) struct Rows {
    /// Root of each row, ascending.
    pub(crate) roots: Vec<u32>,
    /// Where the members of each row begin; one more entry at the end.
    pub(crate) starts: Vec<u32>,
    /// Row of each address, or [`NO_ROW`].
    of_address: Vec<u32>,
}

impl Rows {
    pub(crate) fn new(ledger: &Ledger, forest: &BuiltForest) -> Self {
        let outputs = count_outputs(ledger);
        let mut of_address = forest.roots();
        let (mut roots, mut starts) = (Vec::new(), vec![0]);
        let mut row_of_root = vec![NO_ROW; of_address.len()];
        let mut end = 0_u32;
        for root in (0..ledger.address_count()).filter(|a| of_address[*a as usize] == *a) {
            let size = forest.size(AddressId(root));
            if size > 1 || outputs[root as usize] > LONE_OUTPUTS_MAX {
                row_of_root[root as usize] = roots.len() as u32;
                roots.push(root);
                end += size;
                starts.push(end);
            }
        }
        for root in &mut of_address {
            *root = row_of_root[*root as usize];
        }
        Self { roots, starts, of_address }
    }

    /// The members of all rows, one row after the other, ascending in each.
    pub(crate) fn members(&self) -> Vec<u32> {
        let mut next: Vec<u32> = self.starts.clone();
        let mut members = vec![0; self.starts.last().map_or(0, |end| *end as usize)];
        for (address, row) in self.of_address.iter().enumerate().filter(|(_, row)| **row != NO_ROW) {
            let place = &mut next[*row as usize];
            members[*place as usize] = address as u32;
            *place += 1;
        }
        members
    }

    /// The figures of every row. Streams over the outputs of each segment, then over the spends that later runs
    /// add to them.
    pub(crate) fn sums(&self, ledger: &Ledger, progress: &mut dyn FnMut(Progress)) -> Vec<Sums> {
        let mut sums = vec![Sums::default(); self.roots.len()];
        let total = ledger.output_count();
        let row_of = |address: u32| {
            let row = if address == AddressId::NONE { NO_ROW } else { self.of_address[address as usize] };
            (row != NO_ROW).then_some(row as usize)
        };
        for segment in ledger.segments() {
            progress(Progress { stage: "entities: summing up", done: segment.ranges().outputs[0], total });
            let first_tx = segment.ranges().txs[0];
            let (addresses, values) = (segment.output_addresses(), segment.output_values());
            let spenders = ledger.spenders_of(segment);
            for (tx, outputs) in segment.tx_output_starts().windows(2).enumerate() {
                let tx = first_tx + tx as u32;
                for output in outputs[0] as usize..outputs[1] as usize {
                    let Some(row) = row_of(addresses[output]) else { continue };
                    sums[row].pay(values[output], tx);
                    if spenders[output] != TxNum::NONE {
                        sums[row].spend(values[output], spenders[output]);
                    }
                }
            }
        }
        for run in ledger.runs() {
            let (late, spenders) = run.late_spends();
            for (output, tx) in late.iter().zip(spenders) {
                let output = OutputNum(*output);
                let address = ledger.output_address(output).map_or(AddressId::NONE, |a| a.0);
                let Some(row) = row_of(address) else { continue };
                sums[row].spend(ledger.output_value(output).0, *tx);
            }
        }
        progress(Progress { stage: "entities: summing up", done: total, total });
        sums
    }
}

/// How many outputs pay each address, counted up to 255.
fn count_outputs(ledger: &Ledger) -> Vec<u8> {
    let mut counts = vec![0_u8; ledger.address_count() as usize];
    for segment in ledger.segments() {
        for address in segment.output_addresses().iter().filter(|a| **a != AddressId::NONE) {
            let count = &mut counts[*address as usize];
            *count = count.saturating_add(1);
        }
    }
    counts
}
