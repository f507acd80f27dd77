//! What a trace tells while it runs.

use crate::bounds::Bound;
use crate::stop::StopReason;
use crate::taint::Span;
use athar_types::{AddressId, OutputNum, TxNum};
use serde::Serialize;

/// Taint that a transaction carried from an output that it spends to an output that it makes, in the money's direction
/// whatever the direction of the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Edge {
    /// The transaction.
    pub tx: TxNum,
    /// The output it spends.
    pub from_output: OutputNum,
    /// The output it makes.
    pub to_output: OutputNum,
    /// Satoshi of taint.
    pub sat: u64,
    /// Fewest hops that any of them has made, counted from the source and including this transaction.
    pub hop: u32,
}

/// A contiguous run of an edge: which satoshi of the output reached are which of the output before it. `before` is the
/// end nearer to the source: what the transaction spends going forward, what it makes going backward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// The output reached.
    pub reached: OutputNum,
    /// First satoshi of the run in it.
    pub reached_lo: u64,
    /// The output before it.
    pub before: OutputNum,
    /// First satoshi of the run in that one.
    pub before_lo: u64,
    /// Satoshi.
    pub sat: u64,
    /// The transaction.
    pub tx: TxNum,
    /// Hops from the source, including this transaction.
    pub hop: u32,
}

/// An output that taint has just reached.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// The output.
    pub output: OutputNum,
    /// Its address.
    pub address: Option<AddressId>,
    /// Whether the address belongs to the subject.
    pub is_own: bool,
    /// Why the trace stops here, if it does.
    pub stop: Option<StopReason>,
}

/// How taint on an output ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// Forward: not spent.
    Held,
    /// At a stop.
    Stopped(StopReason),
    /// Backward: made by a coinbase.
    Minted,
    /// Came back to a source, whose own taint goes on in its place.
    Rejoined,
    /// Left at a bound.
    Bounded(Bound),
}

/// Receives the events of a trace, in trace order: chain order going forward, its reverse going backward.
pub trait Sink {
    /// A transaction carried taint.
    fn edge(&mut self, edge: &Edge) {
        let _ = edge;
    }

    /// A run of the edge that comes next.
    fn link(&mut self, link: &Link) {
        let _ = link;
    }

    /// Taint reached an output that is no source. Told once for each output, with all of its taint but what rejoined a
    /// source; the sink may set each span's tag.
    fn reach(&mut self, at: &Arrival, spans: &mut [Span]) {
        let _ = (at, spans);
    }

    /// Taint on an output ends.
    fn end(&mut self, output: OutputNum, spans: &[Span], end: End) {
        let _ = (output, spans, end);
    }

    /// Taint went to a transaction's fee, on which a forward trace ends: whom the miner pays with it is his business.
    fn fee(&mut self, tx: TxNum, sat: u64) {
        let _ = (tx, sat);
    }

    /// Asked before each transaction: whether to go on. `edges` is how many were found so far. Where not, all taint that
    /// is still on its way ends at [`Bound::Cancelled`].
    fn go_on(&mut self, edges: u64) -> bool {
        let _ = edges;
        true
    }
}
