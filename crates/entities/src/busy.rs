//! Addresses that very many outputs pay, summed up by day, so that no question about one has to walk all of them.

use crate::forest::Forest;
use athar_ledger::Ledger;
use athar_types::{AddressId, Day, Sats, TxNum};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// An address that more outputs pay is summed up.
pub const BUSY_OUTPUTS_MIN: u64 = 4096;

/// The figures of an address, by day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Busy {
    /// The address.
    pub address: AddressId,
    /// Sum of the outputs that pay it, by the day of their block.
    pub received: Vec<(Day, Sats)>,
    /// Sum of those that were spent.
    pub sent: Sats,
    /// Last transaction that pays it or spends from it.
    pub last_tx: TxNum,
}

/// The busy ones among `candidates` (ascending).
pub(crate) fn sum_up(ledger: &Ledger, candidates: &[u32]) -> Vec<Busy> {
    let busy = |id: &u32| {
        let address = AddressId(*id);
        (ledger.address_output_count(address) > BUSY_OUTPUTS_MIN).then(|| Busy::sum_up(ledger, address))
    };
    candidates.par_iter().filter_map(busy).collect()
}

impl Busy {
    /// Sums up an address, busy or not, from every output that pays it.
    pub fn sum_up(ledger: &Ledger, address: AddressId) -> Self {
        let mut days: BTreeMap<Day, u64> = BTreeMap::new();
        let (mut sent, mut last_tx) = (0_u64, TxNum(0));
        for num in ledger.address_outputs(address) {
            let (output, (tx, _)) = (ledger.output(num), ledger.output_tx(num));
            let time = ledger.block_time(ledger.tx_height(tx));
            let day = days.entry(time.day()).or_default();
            *day = day.saturating_add(output.value.0);
            last_tx = last_tx.max(tx);
            if let Some(spender) = output.spent_by {
                sent = sent.saturating_add(output.value.0);
                last_tx = last_tx.max(spender);
            }
        }
        let received = days.into_iter().map(|(day, sum)| (day, Sats(sum))).collect();
        Self { address, received, sent: Sats(sent), last_tx }
    }
}

impl Forest {
    /// The figures of an address that more than [`BUSY_OUTPUTS_MIN`] outputs pay. `None` for the others, whose outputs are few
    /// enough to be asked; where the forest was stored at an earlier block, also for an address that has become busy
    /// since, and for one whose figures know blocks that have left the chain: [`Busy::sum_up`] gives those.
    pub fn busy(&self, address: AddressId) -> Option<Busy> {
        let t = &self.tables;
        let row = t.busy_address.binary_search(&address.0).ok()?;
        let days = t.busy_start[row] as usize..t.busy_start[row + 1] as usize;
        let received = days.map(|at| (Day(t.busy_day[at]), Sats(t.busy_received[at]))).collect();
        let stored = Busy { address, received, sent: Sats(t.busy_sent[row]), last_tx: TxNum(t.busy_last_tx[row]) };
        match &self.overlay {
            Some(overlay) => overlay.busy(row, stored),
            None => Some(stored),
        }
    }
}
