//! Which entities have a row of their own in the tables, who belongs to each, and their figures.
//!
//! Everything is streamed in chain order: no random read of the ledger for an address or an output, only into the sums.

use crate::busy::BUSY_OUTPUTS_MIN;
use crate::{BuiltForest, Links, Progress};
use athar_ledger::{Ledger, LedgerError, Scratch, ScratchArray};
use athar_types::{AddressId, OutputNum, TxNum};
use bytemuck::{Pod, Zeroable};

/// A lone address that more outputs pay has an entity row, so that no question sums up more than that.
const LONE_OUTPUTS_MAX: u64 = 200;
/// Outputs whose rows are looked up together.
const WINDOW: usize = 128;
/// Stored for an address whose entity has no row.
const NO_ROW: u32 = u32::MAX;

/// Figures being summed up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Pod, Zeroable)]
#[repr(C)]
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

    /// Adds what was summed up elsewhere.
    pub(crate) fn add(&mut self, other: &Self) {
        self.received = self.received.saturating_add(other.received);
        self.sent = self.sent.saturating_add(other.sent);
        self.first_tx = self.first_tx.min(other.first_tx);
        self.last_tx = self.last_tx.max(other.last_tx);
    }

    /// Adds the outputs that pay an address, and gives their number. Ends early with a larger number than `outputs_max`.
    pub(crate) fn add_outputs(&mut self, ledger: &Ledger, address: AddressId, outputs_max: usize) -> usize {
        let mut count = 0;
        for num in ledger.address_outputs(address) {
            count += 1;
            if count > outputs_max {
                break;
            }
            let output = ledger.output(num);
            self.pay(output.value.0, ledger.output_tx(num).0.0);
            if let Some(tx) = output.spent_by {
                self.spend(output.value.0, tx.0);
            }
        }
        count
    }
}

/// Which entities have a row, and who belongs to each.
pub(crate) struct Rows {
    /// Root of each row, ascending.
    pub(crate) roots: ScratchArray<u32>,
    /// Where the members of each row begin; one more entry at the end.
    pub(crate) starts: ScratchArray<u32>,
    /// Row of each address, or [`NO_ROW`].
    of_address: ScratchArray<u32>,
    /// Addresses that many outputs pay, ascending.
    pub(crate) busy: Vec<u32>,
}

impl Rows {
    pub(crate) fn new(ledger: &Ledger, forest: &BuiltForest, scratch: &Scratch) -> Result<Self, LedgerError> {
        let mut of_address = scratch.zeros::<u32>(ledger.address_count() as usize)?;
        let (mut busy, mut rows) = (Vec::new(), 0_u32);
        // first the roots, in their order; `size` is 0 for an address that is none
        for (address, outputs) in paid_counts(ledger) {
            let size = forest.size(address);
            let has_row = size > 1 || (size == 1 && outputs > LONE_OUTPUTS_MAX);
            of_address[address.index()] = if has_row { rows } else { NO_ROW };
            rows += u32::from(has_row);
            if outputs > BUSY_OUTPUTS_MIN {
                busy.push(address.0);
            }
        }
        let mut roots = scratch.zeros::<u32>(rows as usize)?;
        let mut starts = scratch.zeros::<u32>(rows as usize + 1)?;
        let mut end = 0;
        for address in (0..ledger.address_count()).map(AddressId) {
            match (forest.size(address), of_address[address.index()]) {
                (0, _) => of_address[address.index()] = of_address[forest.find(address).index()],
                (_, NO_ROW) => {}
                (size, row) => {
                    roots[row as usize] = address.0;
                    end += size;
                    starts[row as usize + 1] = end;
                }
            }
        }
        Ok(Self { roots, starts, of_address, busy })
    }

    /// The members of all rows, one row after the other, each in the order of joining ([`crate::members`]).
    pub(crate) fn members(&self, forest: &BuiltForest, scratch: &Scratch) -> Result<ScratchArray<u32>, LedgerError> {
        let len = self.starts.last().map_or(0, |end| *end as usize);
        crate::members::lists(forest, &self.roots, len, scratch)
    }

    /// The figures of every row. Streams over the outputs of each segment, then over the spends that later runs
    /// add to them.
    pub(crate) fn sums(
        &self,
        ledger: &Ledger,
        scratch: &Scratch,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<ScratchArray<Sums>, LedgerError> {
        let mut sums = scratch.zeros::<Sums>(self.roots.len())?;
        sums.fill(Sums::default());
        let total = ledger.output_count();
        let row_of = |address: u32| {
            let row = if address == AddressId::NONE { NO_ROW } else { self.of_address[address as usize] };
            (row != NO_ROW).then_some(row as usize)
        };
        for segment in ledger.segments() {
            progress(Progress { stage: "entities: summing up", done: segment.ranges().outputs[0], total });
            let first_tx = segment.ranges().txs[0];
            let (addresses, values) = (segment.output_addresses(), segment.output_values());
            let (spenders, starts) = (ledger.spenders_of(segment), segment.tx_output_starts());
            let (mut tx, mut rows) = (0, [None; WINDOW]);
            for (window, some) in addresses.chunks(WINDOW).enumerate() {
                // reads of far memory that do not wait for one another
                for (row, address) in rows.iter_mut().zip(some) {
                    *row = row_of(*address);
                }
                for (at, row) in rows[..some.len()].iter().enumerate() {
                    let output = window * WINDOW + at;
                    while starts[tx + 1] as usize <= output {
                        tx += 1;
                    }
                    let Some(row) = *row else { continue };
                    sums[row].pay(values[output], first_tx + tx as u32);
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
        Ok(sums)
    }
}

/// How many outputs pay each address, ascending: the lists of all runs side by side, read front to back.
fn paid_counts(ledger: &Ledger) -> impl Iterator<Item = (AddressId, u64)> + '_ {
    let mut runs: Vec<_> = ledger.runs().iter().map(|run| run.paid_counts().peekable()).collect();
    // every address is paid by some output, so none is left out
    (0..ledger.address_count()).map(AddressId).map(move |address| {
        let counts = runs.iter_mut().filter_map(|run| run.next_if(|(a, _)| *a == address));
        (address, counts.map(|(_, count)| count).sum())
    })
}
