//! The multi-input heuristic: whoever spends several outputs in one transaction holds all their keys.
//!
//! Sources: S. Nakamoto, "Bitcoin: A Peer-to-Peer Electronic Cash System", 2008, section 10; S. Meiklejohn et al.,
//! "A Fistful of Bitcoins", IMC 2013, heuristic 1. It fails where several people sign one transaction, so transactions
//! shaped like a CoinJoin are left out, see [`crate::coinjoin`].

use crate::change::ChangeTie;
use crate::same_key::KeyTie;
use crate::{ForestBuilder, Heuristic, Progress};
use athar_ledger::Ledger;
use athar_types::{AddressId, TxNum};
use std::ops::Range;

/// Transactions between two reports of progress.
const REPORT_EVERY: u32 = 1 << 20;

/// Records every tie of the chain into `builder`, in chain order: for each transaction the addresses of its inputs
/// (where `co_spend` says so and it is not in `left_out`, ascending), then the ties between forms of one key that hold
/// from it on, then those of change outputs. Streams over the input columns once.
pub(crate) fn record(
    ledger: &Ledger,
    builder: &mut ForestBuilder,
    co_spend: bool,
    left_out: &[u32],
    keys: &[KeyTie],
    changes: &[ChangeTie],
    progress: &mut dyn FnMut(Progress),
) {
    let total = u64::from(ledger.tx_count());
    let (mut keys, mut changes) = (keys.iter().peekable(), changes.iter().peekable());
    for segment in ledger.segments() {
        let (starts, addresses) = (segment.tx_input_starts(), segment.input_addresses());
        let [mut from, end] = segment.ranges().txs;
        let first = from;
        while from < end {
            progress(Progress { stage: "entities: joining", done: u64::from(from), total });
            let next_key = keys.peek().map_or(u32::MAX, |tie| tie.at.0);
            let next_tie = changes.peek().map_or(next_key, |tie| next_key.min(tie.at.0));
            // up to and with the transaction of the next tie of another kind, which comes after it
            let to = end.min(from.saturating_add(REPORT_EVERY)).min(next_tie.saturating_add(1));
            if co_spend {
                let rows = (from - first) as usize..=(to - first) as usize;
                builder.join_all(TxNum(from), &starts[rows], addresses, left_out_from(left_out, from));
            }
            while let Some(tie) = keys.next_if(|tie| tie.at.0 < to) {
                builder.join(tie.at, Heuristic::SameKey, &[tie.a.0, tie.b.0]);
            }
            while let Some(tie) = changes.next_if(|tie| tie.at.0 < to) {
                builder.join(tie.at, Heuristic::Change, &[tie.a.0, tie.b.0]);
            }
            from = to;
        }
    }
    progress(Progress { stage: "entities: joining", done: total, total });
}

fn left_out_from(left_out: &[u32], tx: u32) -> &[u32] {
    &left_out[left_out.partition_point(|x| *x < tx)..]
}

/// A tie of another heuristic than co-spend, which comes after the co-spend of the transaction from which it holds on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct LaterTie {
    /// That transaction.
    pub(crate) at: TxNum,
    pub(crate) heuristic: Heuristic,
    pub(crate) a: AddressId,
    pub(crate) b: AddressId,
}

/// Tells `join` every tie of the transactions in `txs`, in the order of [`record`]: for each transaction the addresses of its
/// inputs (where `co_spend` says so and it is not in `left_out`, ascending), then those of `later`, which must come in
/// chain order. For few transactions: asks for each, and does not stream.
pub(crate) fn record_range(
    ledger: &Ledger,
    txs: Range<u32>,
    co_spend: bool,
    left_out: &[u32],
    later: impl IntoIterator<Item = LaterTie>,
    join: &mut dyn FnMut(TxNum, Heuristic, &[AddressId]),
) {
    let mut left_out = left_out_from(left_out, txs.start).iter().copied().peekable();
    let mut later = later.into_iter().peekable();
    let mut addresses = Vec::new();
    for tx in txs {
        let is_left_out = left_out.next_if_eq(&tx).is_some();
        if co_spend && !is_left_out && ledger.tx_inputs(TxNum(tx)).count() > 1 {
            addresses.clear();
            addresses.extend(ledger.inputs(TxNum(tx)).filter_map(|input| input.address));
            join(TxNum(tx), Heuristic::CoSpend, &addresses);
        }
        while let Some(tie) = later.next_if(|tie| tie.at.0 == tx) {
            join(tie.at, tie.heuristic, &[tie.a, tie.b]);
        }
    }
}
