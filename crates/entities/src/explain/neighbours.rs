//! The addresses that a single tie joins to an address, as the recorders see it.

use super::Graph;
use crate::Heuristic;
use athar_types::{AddressId, OutputNum, TxNum};
use rustc_hash::FxHashSet;
use std::ops::ControlFlow;

/// How an address was reached.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hop {
    pub(super) from: AddressId,
    /// The transaction that shows it.
    pub(super) tx: TxNum,
    /// From which transaction on it holds.
    pub(super) since: TxNum,
    pub(super) heuristic: Heuristic,
}

/// What a search has left to spend, and whether it spent more.
pub(super) struct Budget(pub(super) u64);

impl Budget {
    pub(super) fn spend(&mut self) -> bool {
        let left = self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        left
    }
}

impl Graph<'_> {
    /// Tells `reach` every address that one tie joins to `from`, until it breaks off or the budget is spent: both end in
    /// [`ControlFlow::Break`]. Transactions in `txs` are passed over, and those looked at are added, so that none is looked
    /// at twice.
    pub(super) fn neighbours(
        &self,
        from: AddressId,
        txs: &mut FxHashSet<TxNum>,
        budget: &mut Budget,
        reach: &mut dyn FnMut(AddressId, Hop) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for output in self.ledger.address_outputs(from) {
            if !budget.spend() {
                return ControlFlow::Break(());
            }
            let spender = self.ledger.spent_by(output);
            if self.forest.change_policy().is_some() {
                self.changes(from, output, spender, budget, reach)?;
            }
            let Some(tx) = spender else { continue };
            if !self.ties_inputs(tx) || !txs.insert(tx) {
                continue;
            }
            for address in self.input_addresses(tx) {
                if !budget.spend() {
                    return ControlFlow::Break(());
                }
                reach(address, Hop { from, tx, since: tx, heuristic: Heuristic::CoSpend })?;
            }
        }
        for tie in self.forest.key_ties(from).filter(|tie| tie.at <= self.as_of) {
            if !budget.spend() {
                return ControlFlow::Break(());
            }
            let address = if tie.a == from { tie.b } else { tie.a };
            reach(address, Hop { from, tx: tie.reveal, since: tie.at, heuristic: Heuristic::SameKey })?;
        }
        ControlFlow::Continue(())
    }

    /// The change ties that `from` has part in through one of its outputs: the change of the transaction that spends it,
    /// or the inputs of the one whose change it is.
    fn changes(
        &self,
        from: AddressId,
        output: OutputNum,
        spender: Option<TxNum>,
        budget: &mut Budget,
        reach: &mut dyn FnMut(AddressId, Hop) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for tx in [Some(self.ledger.output_tx(output).0), spender].into_iter().flatten() {
            if !budget.spend() {
                return ControlFlow::Break(());
            }
            let Some(tie) = self.change_tie(tx) else { continue };
            let address = match from {
                a if a == tie.a => tie.b,
                b if b == tie.b => tie.a,
                _ => continue,
            };
            reach(address, Hop { from, tx, since: tie.at, heuristic: Heuristic::Change })?;
        }
        ControlFlow::Continue(())
    }
}
