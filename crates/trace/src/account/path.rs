//! Ways: by which transfers taint came to a place.
//!
//! Of each place only those arrivals are kept that came with fewer hops than all before. A way goes back from an arrival to the
//! nearest one at its giver that came before, so that every step carried taint, and each after the one before it. That the very units
//! came along it is not said: balances mix.

use super::flows::{Flows, Place, Transfer};
use super::sink::{AccountEdge, Conversion};
use super::source::AccountSources;
use crate::taint::Direction;
use rustc_hash::FxHashMap;
use serde::Serialize;

/// A step of a way, in the money's direction whatever the direction of the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AccountStep {
    /// The transfer; for an exchange, that on the side that taint went over to.
    pub transfer: u64,
    /// Where it came from; `None` for outside of the chain.
    pub from: Option<Place>,
    /// Where it went; `None` for outside of the chain.
    pub to: Option<Place>,
    /// Whether a pool exchanged one asset for another here: both places are the pool's.
    pub is_exchange: bool,
}

#[derive(Clone, Copy, Debug)]
struct Arrival {
    /// Rank among everything told.
    seq: u64,
    hop: u32,
    transfer: u64,
    /// Where taint was before, in trace order.
    before: Option<Place>,
    is_exchange: bool,
}

/// The arrivals of a trace.
#[derive(Debug)]
pub(super) struct Ways {
    is_back: bool,
    count: u64,
    seq: u64,
    arrivals: FxHashMap<Place, Vec<Arrival>>,
    /// Rank in trace order of the first source of a place.
    sources: FxHashMap<Place, u64>,
}

impl Ways {
    pub(super) fn new<F: Flows + ?Sized>(flows: &F, direction: Direction, sources: &AccountSources) -> Self {
        let is_back = direction == Direction::Backward;
        let mut ways = Self {
            is_back,
            count: flows.transfers(),
            seq: 0,
            arrivals: FxHashMap::default(),
            sources: FxHashMap::default(),
        };
        for (n, _) in sources.parts() {
            let transfer = flows.transfer(*n);
            let place = if is_back || !sources.are_reached() { transfer.receiver() } else { transfer.giver() };
            if let Some(place) = place {
                // inside a transaction of swaps the order of numbers means little
                let is_swap = flows.swap_pools(transfer.tx).next().is_some();
                let rank = match flows.of_tx(transfer.tx) {
                    tx if is_swap && tx.contains(n) => {
                        ways.rank(*n).min(ways.rank(tx.start)).min(ways.rank(tx.end - 1))
                    }
                    _ => ways.rank(*n),
                };
                let first = ways.sources.entry(place).or_insert(rank);
                *first = rank.min(*first);
            }
        }
        ways
    }

    fn rank(&self, n: u64) -> u64 {
        if self.is_back { self.count - 1 - n } else { n }
    }

    pub(super) fn edge(&mut self, edge: &AccountEdge) {
        let AccountEdge { tx, from, to, asset, kind, amount, .. } = *edge;
        let transfer = Transfer { tx, from, to, asset, amount, kind };
        let (mut before, mut reached) = (transfer.giver(), transfer.receiver());
        if self.is_back {
            std::mem::swap(&mut before, &mut reached);
        }
        if let Some(place) = reached {
            self.arrive(place, before, edge.transfer, edge.hop, false);
        }
    }

    pub(super) fn conversion(&mut self, c: &Conversion) {
        let (mut before, mut reached) = (Place::free(c.pool, c.asset_in), Place::free(c.pool, c.asset_out));
        if self.is_back {
            std::mem::swap(&mut before, &mut reached);
        }
        let hop = self.arrivals.get(&before).and_then(|list| list.last()).map_or(0, |arrival| arrival.hop);
        self.arrive(reached, Some(before), c.transfer, hop, true);
    }

    fn arrive(&mut self, place: Place, before: Option<Place>, transfer: u64, hop: u32, is_exchange: bool) {
        self.seq += 1;
        let list = self.arrivals.entry(place).or_default();
        if list.last().is_none_or(|last| hop < last.hop) {
            list.push(Arrival { seq: self.seq, hop, transfer, before, is_exchange });
        }
    }

    /// The way to a place, from the source on.
    pub(super) fn to(&self, place: Place) -> Option<Vec<AccountStep>> {
        let mut steps = Vec::new();
        let (mut at, mut seq, mut rank) = (place, u64::MAX, u64::MAX);
        loop {
            if self.sources.get(&at).is_some_and(|first| *first <= rank) {
                break;
            }
            let list = self.arrivals.get(&at)?;
            let arrival = list[..list.partition_point(|arrival| arrival.seq < seq)].last()?;
            let (mut from, mut to) = (arrival.before, Some(at));
            if self.is_back {
                std::mem::swap(&mut from, &mut to);
            }
            steps.push(AccountStep { transfer: arrival.transfer, from, to, is_exchange: arrival.is_exchange });
            (seq, rank) = (arrival.seq, self.rank(arrival.transfer));
            match arrival.before {
                Some(before) => at = before,
                // a source that came from outside of the chain, where it is yet to be reached
                None => break,
            }
        }
        steps.reverse();
        Some(steps)
    }
}
