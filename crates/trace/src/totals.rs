//! The sums of a trace: every satoshi of the sources, once. Of a set of places reached (poison) there are counts alone.

use crate::bounds::{Bound, Bounded};
use serde::Serialize;

/// Where the satoshi of the sources ended, each exactly once. Under poison every amount but [`Self::source_sat`] is 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Whether amounts are conserved and summed: under every policy but poison.
    pub is_summed: bool,
    /// What the sources hold together.
    pub source_sat: u64,
    /// Forward: on outputs that are not spent.
    pub held_sat: u64,
    /// Number of those outputs.
    pub held_outputs: u64,
    /// At stops.
    pub stopped_sat: u64,
    /// Number of outputs stopped at.
    pub stopped_outputs: u64,
    /// Forward: paid as fee.
    pub fee_sat: u64,
    /// Backward: made by a coinbase (subsidy and fees collected).
    pub minted_sat: u64,
    /// Number of outputs of coinbases that were reached.
    pub minted_outputs: u64,
    /// Came back to a source without ever leaving the owner: change, and moves within.
    pub internal_sat: u64,
    /// Came back to a source from somebody else.
    pub returned_sat: u64,
    /// Left at bounds, in the order of [`Bound`], each bound that was hit.
    pub bounded: Vec<Bounded>,
    /// Pairs of outputs that a transaction carried taint between.
    pub edge_count: u64,
    /// Transactions that carried taint.
    pub tx_count: u64,
    /// The most spans that waited at once: what the memory of a trace is proportional to.
    pub frontier_max: u64,
}

impl Totals {
    /// Left at bounds, together.
    pub fn bounded_sat(&self) -> u64 {
        self.bounded.iter().map(|b| b.sat).sum()
    }

    /// Whether every satoshi of the sources is accounted for exactly once. Of what is not summed, whether nothing was.
    pub fn check(&self) -> bool {
        let ends = [
            self.held_sat,
            self.stopped_sat,
            self.fee_sat,
            self.minted_sat,
            self.internal_sat,
            self.returned_sat,
            self.bounded_sat(),
        ];
        let whole = if self.is_summed { self.source_sat } else { 0 };
        ends.into_iter().map(u128::from).sum::<u128>() == u128::from(whole)
    }

    pub(crate) fn leave(&mut self, bound: Bound, sat: u64) {
        let at = self.bounded.partition_point(|b| b.bound < bound);
        match self.bounded.get_mut(at) {
            Some(b) if b.bound == bound => {
                b.sat += sat;
                b.outputs += 1;
            }
            _ => self.bounded.insert(at, Bounded { bound, sat, outputs: 1 }),
        }
    }
}
