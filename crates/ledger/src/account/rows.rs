//! A stored block as the rows it was built from.

use super::segment::AccountSegment;
use super::{AccountLedger, NONE};
use athar_types::account::{AccountBlock, AccountTxRow, EventKind, EventRow, TransferRow};

impl AccountLedger {
    /// The rows of the block with that rank, as they were given to the builder. Within a transaction events come in the order:
    /// contracts, swaps, others; and a contract is told only where it was first seen to be one.
    pub fn rows(&self, rank: u32) -> AccountBlock {
        let block = self.block(rank);
        let account = |id: u32| (id != NONE).then(|| self.account_bytes(id));
        let mut out = AccountBlock {
            number: block.number,
            hash: block.hash,
            parent: block.parent,
            time: block.time,
            odd_logs: block.odd_logs,
            ..AccountBlock::default()
        };
        for tx in block.txs.clone() {
            let facts = self.tx(tx);
            out.txs.push(AccountTxRow {
                hash: facts.hash,
                from: self.account_bytes(facts.from),
                to: facts.to.map(|id| self.account_bytes(id)),
                created: facts.created.map(|id| self.account_bytes(id)),
                status: facts.status,
                selector: facts.selector,
            });
        }
        for n in block.transfers {
            let transfer = self.transfer(n);
            out.transfers.push(TransferRow {
                tx: (transfer.tx != NONE).then(|| transfer.tx - block.txs.start),
                from: account(transfer.from),
                to: account(transfer.to),
                asset: self.asset(transfer.asset),
                amount: transfer.amount,
                kind: transfer.kind,
            });
        }
        let at = self.segments.partition_point(|s| s.meta.ranges.blocks[1] <= rank);
        let c = &self.segments[at].columns;
        for tx in block.txs.clone() {
            let row = tx - block.txs.start;
            for at in AccountSegment::of_tx(&c.contract_tx, tx) {
                let kind = EventKind::Contract { account: self.account_bytes(c.contract_account[at]) };
                out.events.push(EventRow { tx: row, kind });
            }
            for pool in self.swap_pools(tx) {
                out.events.push(EventRow { tx: row, kind: EventKind::Swap { pool: self.account_bytes(pool) } });
            }
            out.events.extend(self.notices_of(tx).map(|notice| EventRow { tx: row, kind: notice.event }));
        }
        out
    }
}
