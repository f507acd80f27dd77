//! The figures of addresses, summed up over their outputs.

use super::View;
use athar_types::{AddressId, OutputNum, TxNum};
use std::ops::Range;

/// Outputs collected before they are read.
const PAID_MAX: usize = 1 << 20;

/// An address in figures.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figures {
    pub(super) output_count: i64,
    pub(super) received_sat: u64,
    pub(super) sent_sat: u64,
    first_output: u64,
    last_output: u64,
    last_spender: u32,
}

impl Figures {
    const NONE: Self =
        Self { output_count: 0, received_sat: 0, sent_sat: 0, first_output: u64::MAX, last_output: 0, last_spender: 0 };

    fn add(&mut self, num: OutputNum, value: u64, spent_by: Option<TxNum>) {
        self.output_count += 1;
        self.received_sat = self.received_sat.saturating_add(value);
        self.first_output = self.first_output.min(num.0);
        self.last_output = self.last_output.max(num.0);
        if let Some(tx) = spent_by {
            self.sent_sat = self.sent_sat.saturating_add(value);
            self.last_spender = self.last_spender.max(tx.0);
        }
    }

    /// First transaction that pays it, and last that pays it or spends from it.
    pub(super) fn txs(&self, view: &View<'_>) -> (TxNum, TxNum) {
        let tx = |output| view.ledger.output_tx(OutputNum(output)).0;
        let last = tx(self.last_output).0.max(self.last_spender);
        (tx(self.first_output), TxNum(last))
    }
}

/// The figures of the addresses in `ids` for which `wanted` is true, in order; the others have none.
///
/// As with spent outputs, what the addresses of a batch were paid lies scattered and is read sorted. An address with very
/// many outputs is read in several rounds, so that no address needs more memory than another.
pub(super) fn figures(view: &View<'_>, ids: Range<u64>, wanted: impl Fn(AddressId) -> bool) -> Vec<Figures> {
    let mut figures = vec![Figures::NONE; (ids.end - ids.start) as usize];
    let mut paid: Vec<(u64, u32)> = Vec::with_capacity(figures.len() * 2);
    for (place, id) in ids.enumerate() {
        let address = AddressId(id as u32);
        if !wanted(address) {
            continue;
        }
        for num in view.ledger.address_outputs(address) {
            paid.push((num.0, place as u32));
            if paid.len() == PAID_MAX {
                read(view, &mut paid, &mut figures);
            }
        }
    }
    read(view, &mut paid, &mut figures);
    figures
}

fn read(view: &View<'_>, paid: &mut Vec<(u64, u32)>, figures: &mut [Figures]) {
    paid.sort_unstable();
    for (num, place) in paid.drain(..) {
        let output = view.ledger.output(OutputNum(num));
        figures[place as usize].add(output.num, output.value.0, output.spent_by);
    }
}
