//! What a trace over accounts tells while it runs.

use super::amount::{Sum, digits};
use super::flows::{AccountStop, Place};
use super::limits::AccountBound;
use super::pot::Part;
use athar_types::account::{TransferKind, U256};
use serde::{Serialize, Serializer};

/// Writes an amount as decimal digits in a text.
pub(super) fn units<S: Serializer>(amount: &U256, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(amount)
}

/// A transfer that carried taint, in the money's direction whatever the direction of the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AccountEdge {
    /// Number of the transfer.
    pub transfer: u64,
    /// Number of its transaction, or [`super::NONE`].
    pub tx: u32,
    /// Who gave, or [`super::NONE`].
    pub from: u32,
    /// Who received, or [`super::NONE`].
    pub to: u32,
    /// What.
    pub asset: u32,
    /// Why.
    pub kind: TransferKind,
    /// How much it moved.
    #[serde(serialize_with = "units")]
    pub amount: U256,
    /// How much of that was tainted.
    #[serde(serialize_with = "digits")]
    pub tainted: Sum,
    /// Fewest hops that any of it has made, this one included.
    pub hop: u32,
}

/// Taint that a pool exchanged, in the money's direction. Told once for each transfer out of the pool (backward: into it).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Conversion {
    /// The transaction.
    pub tx: u32,
    /// The contract that told of the swap.
    pub pool: u32,
    /// The transfer on the side that taint goes over to: out of the pool going forward, into it going backward.
    pub transfer: u64,
    /// The asset that went in.
    pub asset_in: u32,
    /// All of it that the pool took in this transaction (backward: what this transfer brought).
    #[serde(serialize_with = "digits")]
    pub amount_in: Sum,
    /// The tainted part of that.
    #[serde(serialize_with = "digits")]
    pub tainted_in: Sum,
    /// The asset that came out.
    pub asset_out: u32,
    /// What this transfer gave (backward: all that the pool gave of it in this transaction).
    #[serde(serialize_with = "digits")]
    pub amount_out: Sum,
    /// The tainted part of that: rounded down on the side that taint goes over to.
    #[serde(serialize_with = "digits")]
    pub tainted_out: Sum,
}

/// A balance that taint has just reached.
#[derive(Clone, Copy, Debug)]
pub struct AccountArrival {
    /// With which transfer.
    pub transfer: u64,
    /// Where.
    pub place: Place,
    /// Whether the account belongs to the subject.
    pub is_own: bool,
    /// Why the trace stops here, if it does.
    pub stop: Option<AccountStop>,
}

/// How taint ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountEnd {
    /// Forward: still on the balance. Backward: was there before the first transfer that is known.
    Held,
    /// At a stop.
    Stopped(AccountStop),
    /// Forward: paid as a fee. Backward: was collected as one.
    Fee,
    /// Forward: left the chain (a burn). Backward: came from outside of it (a mint, a reward, a first balance).
    Outside,
    /// Backward: the account gave more than its known receipts, and this is of what is not known.
    Unknown,
    /// Came back in a transfer that is itself a source, whose own taint goes on in its place.
    Rejoined,
    /// Was exchanged for another asset, in which taint goes on.
    Converted,
    /// Left at a bound.
    Bounded(AccountBound),
}

/// Receives the events of a trace, in trace order: chain order going forward, its reverse going backward; inside one transaction
/// of swaps in the order described in [`super`].
pub trait AccountSink {
    /// A transfer carried taint.
    fn edge(&mut self, edge: &AccountEdge) {
        let _ = edge;
    }

    /// Taint reached a balance. The sink may set each part's tag.
    fn reach(&mut self, at: &AccountArrival, parts: &mut [Part]) {
        let _ = (at, parts);
    }

    /// Taint went over to another asset.
    fn conversion(&mut self, conversion: &Conversion) {
        let _ = conversion;
    }

    /// Taint ends at a balance (a fee and what leaves the chain: at that of who gave it), with the transfer that brought it
    /// there, where there is one.
    fn end(&mut self, place: Place, transfer: Option<u64>, parts: &[Part], end: AccountEnd) {
        let _ = (place, transfer, parts, end);
    }

    /// Asked before each transfer or transaction of swaps: whether to go on. `edges` is how many were found so far. Where not,
    /// all taint that is still on its way ends at [`AccountBound::Cancelled`].
    fn go_on(&mut self, edges: u64) -> bool {
        let _ = edges;
        true
    }
}

/// Keeps nothing: for who wants the totals alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSink;

impl AccountSink for NoSink {}
