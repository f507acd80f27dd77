//! An opened segment of a chain of accounts.

use super::build::WIDE;
use super::manifest::AccountSegmentMeta;
use super::schema::AccountColumns;
use crate::error::LedgerError;
use crate::run::index::Index;
use crate::segment::misfit;
use athar_types::account::U256;
use std::ops::Range;
use std::path::Path;

/// Columns, mapped and checked to fit together.
#[derive(Debug)]
pub(super) struct AccountSegment {
    pub(super) meta: AccountSegmentMeta,
    pub(super) columns: AccountColumns,
}

impl AccountSegment {
    pub(super) fn open(folder: &Path, meta: &AccountSegmentMeta) -> Result<Self, LedgerError> {
        let folder = folder.join(&meta.folder);
        let columns = AccountColumns::open(&folder)?;
        let segment = Self { meta: meta.clone(), columns };
        match segment.misfit() {
            None => Ok(segment),
            Some(what) => Err(LedgerError::corrupt(folder, what)),
        }
    }

    fn misfit(&self) -> Option<String> {
        let (r, c) = (&self.meta.ranges, &self.columns);
        let blocks = (r.blocks[1] - r.blocks[0]) as usize;
        let txs = (r.txs[1] - r.txs[0]) as usize;
        let transfers = (r.transfers[1] - r.transfers[0]) as usize;
        let accounts = (r.accounts[1] - r.accounts[0]) as usize;
        let assets = (r.assets[1] - r.assets[0]) as usize;
        let notices = c.notice_tx.len();
        let end = |ends: &[u32]| ends.last().map_or(0, |end| *end as usize);
        let lengths = [
            ("block.number", c.block_number.len(), blocks),
            ("block.hash", c.block_hash.len(), blocks),
            ("block.parent", c.block_parent.len(), blocks),
            ("block.time", c.block_time.len(), blocks),
            ("block.odd_logs", c.block_odd_logs.len(), blocks),
            ("block.tx_end", c.block_tx_end.len(), blocks),
            ("block.transfer_end", c.block_transfer_end.len(), blocks),
            ("block.tx_end's end", end(&c.block_tx_end), txs),
            ("block.transfer_end's end", end(&c.block_transfer_end), transfers),
            ("tx.hash", c.tx_hash.len(), txs),
            ("tx.from", c.tx_from.len(), txs),
            ("tx.to", c.tx_to.len(), txs),
            ("tx.status", c.tx_status.len(), txs),
            ("tx.selector", c.tx_selector.len(), txs),
            ("tx.transfer", c.tx_transfer.len(), txs),
            ("tx.transfer_end", c.tx_transfer_end.len(), txs),
            ("created.account", c.created_account.len(), c.created_tx.len()),
            ("transfer.from", c.transfer_from.len(), transfers),
            ("transfer.to", c.transfer_to.len(), transfers),
            ("transfer.asset", c.transfer_asset.len(), transfers),
            ("transfer.amount", c.transfer_amount.len(), transfers),
            ("transfer.kind", c.transfer_kind.len(), transfers),
            ("transfer.tx", c.transfer_tx.len(), transfers),
            ("wide.amount", c.wide_amount.len(), c.wide_transfer.len()),
            ("swap.pool", c.swap_pool.len(), c.swap_tx.len()),
            ("notice.kind", c.notice_kind.len(), notices),
            ("notice.contract", c.notice_contract.len(), notices),
            ("notice.account", c.notice_account.len(), notices),
            ("notice.start", c.notice_start.len(), notices + 1),
            ("notice.bytes", c.notice_bytes.len(), end(&c.notice_start)),
            ("contract.tx", c.contract_tx.len(), c.contract_account.len()),
            ("account.bytes", c.account_bytes.len(), accounts),
            ("asset.kind", c.asset_kind.len(), assets),
            ("asset.contract", c.asset_contract.len(), assets),
            ("asset.item", c.asset_item.len(), assets),
            ("moved.start", c.moved_start.len(), c.moved_again.len() + accounts + 1),
            ("moved.transfer", c.moved_transfer.len(), end(&c.moved_start)),
        ];
        let of_index = |name: &str, index: Index<'_>, len: usize| {
            (!index.fits(len)).then(|| format!("the columns of {name} do not fit {len} rows"))
        };
        misfit(&lengths)
            .or_else(|| of_index("txid", self.txids(), txs))
            .or_else(|| of_index("key", self.keys(), accounts))
            .or_else(|| of_index("name", self.names(), assets))
    }

    pub(super) fn txids(&self) -> Index<'_> {
        let c = &self.columns;
        Index { head: &c.txid_head, row: &c.txid_tx, bucket: &c.txid_bucket }
    }

    pub(super) fn keys(&self) -> Index<'_> {
        let c = &self.columns;
        Index { head: &c.key_head, row: &c.key_account, bucket: &c.key_bucket }
    }

    pub(super) fn names(&self) -> Index<'_> {
        let c = &self.columns;
        Index { head: &c.name_head, row: &c.name_asset, bucket: &c.name_bucket }
    }

    /// The amount of a transfer, by its relative number.
    #[inline]
    pub(super) fn amount(&self, row: usize) -> U256 {
        let amount = &self.columns.transfer_amount[row];
        if *amount == WIDE {
            let at = self.columns.wide_transfer.partition_point(|wide| (*wide as usize) < row);
            return U256::from_le_bytes(self.columns.wide_amount[at]);
        }
        U256::from(u128::from_le_bytes(*amount))
    }

    /// The transfers of an account here, relative and ascending.
    #[inline]
    pub(super) fn moved(&self, account: u32) -> &[u32] {
        let c = &self.columns;
        let own = self.meta.ranges.accounts;
        let slot = if account >= own[1] {
            return &[];
        } else if account >= own[0] {
            c.moved_again.len() + (account - own[0]) as usize
        } else {
            match c.moved_again.binary_search(&account) {
                Ok(slot) => slot,
                Err(_) => return &[],
            }
        };
        &c.moved_transfer[c.moved_start[slot] as usize..c.moved_start[slot + 1] as usize]
    }

    /// Rows of a column of transactions (chain-wide, ascending) that are of `tx`.
    pub(super) fn of_tx(column: &[u32], tx: u32) -> Range<usize> {
        let begin = column.partition_point(|t| *t < tx);
        begin..begin + column[begin..].partition_point(|t| *t == tx)
    }
}
