//! Walking rows in chain order while knowing the transaction and block of each.

use athar_ledger::{BlockInfo, Ledger};
use athar_types::{TxNum, UnixTime};
use std::ops::Range;

/// Where a walk over transactions stands.
pub(super) struct Cursor<'a> {
    ledger: &'a Ledger,
    block: Option<BlockInfo>,
}

/// The block of a transaction.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) height: i32,
    pub(super) time: UnixTime,
    /// The block's first transaction.
    pub(super) first_tx: u32,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(ledger: &'a Ledger) -> Self {
        Self { ledger, block: None }
    }

    /// The block of a transaction; quick where transactions are asked for in chain order.
    pub(super) fn place(&mut self, tx: TxNum) -> Place {
        if !self.block.as_ref().is_some_and(|b| b.txs.contains(&tx.0)) {
            let height = self.ledger.tx_height(tx);
            self.block = self.ledger.block(height);
        }
        let block = self.block.as_ref();
        Place {
            height: block.map_or(0, |b| b.height.0 as i32),
            time: block.map(BlockInfo::time).unwrap_or_default(),
            first_tx: block.map_or(0, |b| b.txs.start),
        }
    }
}

/// Cuts `rows` (outputs or inputs) at their transactions: each transaction with its own rows among them, given the first
/// transaction and the rows of any.
pub(super) fn by_tx(
    rows: Range<u64>,
    first: TxNum,
    rows_of: impl Fn(TxNum) -> Range<u64>,
) -> impl Iterator<Item = (TxNum, Range<u64>, u64)> {
    let mut tx = first;
    let mut at = rows.start;
    std::iter::from_fn(move || {
        while at < rows.end {
            let own = rows_of(tx);
            let this = tx;
            tx.0 += 1;
            let end = own.end.min(rows.end);
            // a coinbase has no inputs
            if end > at {
                let some = at..end;
                at = end;
                return Some((this, some, own.start));
            }
        }
        None
    })
}
