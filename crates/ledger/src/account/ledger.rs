//! A read view over the segments of one commit.

use super::build::{HAS_SELECTOR, asset_hash, asset_parts, hash_of, txid_key};
use super::manifest::{AccountManifest, AccountRanges, AccountTip, Coverage};
use super::segment::AccountSegment;
use super::{NONE, payload};
use crate::error::LedgerError;
use athar_types::account::{
    AccountBytes, AccountParams, AddressForm, AssetKey, EventKind, TransferKind, TxStatus, U256,
};
use athar_types::{Chain, UnixTime};
use std::ops::Range;
use std::path::Path;

/// A block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountBlockInfo {
    /// Its rank in the store.
    pub rank: u32,
    /// Its number.
    pub number: u32,
    /// Its hash, as shown; zeros where the source did not say.
    pub hash: [u8; 32],
    /// The hash of the block before it.
    pub parent: [u8; 32],
    /// When it was made.
    pub time: UnixTime,
    /// Its transactions.
    pub txs: Range<u32>,
    /// Its transfers, with those of the block itself.
    pub transfers: Range<u64>,
    /// Logs that look like transfers and are none.
    pub odd_logs: u32,
}

/// A transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountTx {
    /// Its number.
    pub tx: u32,
    /// Its hash, as shown.
    pub hash: [u8; 32],
    /// Who signed it.
    pub from: u32,
    /// Who was called.
    pub to: Option<u32>,
    /// The contract it created.
    pub created: Option<u32>,
    /// How it ended.
    pub status: TxStatus,
    /// First four bytes of its input.
    pub selector: Option<[u8; 4]>,
    /// Its transfers.
    pub transfers: Range<u64>,
}

/// A transfer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transfer {
    /// Its transaction; [`NONE`] for what a block does by itself.
    pub tx: u32,
    /// Who gives; [`NONE`] is outside of the chain.
    pub from: u32,
    /// Who receives.
    pub to: u32,
    /// Which asset; 0 is the coin.
    pub asset: u32,
    /// How much, in the asset's smallest unit.
    pub amount: U256,
    /// Why.
    pub kind: TransferKind,
}

/// An event other than a swap, with its transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Notice {
    /// The transaction.
    pub tx: u32,
    /// What.
    pub event: EventKind,
}

/// The ledger of one chain of accounts. It never changes and needs no lock.
#[derive(Debug)]
pub struct AccountLedger {
    chain: Chain,
    chain_id: u64,
    pub(super) segments: Vec<AccountSegment>,
    /// A bit an account: whether it is known to be a contract.
    contracts: Vec<u64>,
}

impl AccountLedger {
    pub(crate) fn open(folder: &Path, entry: &AccountManifest) -> Result<Self, LedgerError> {
        let segments =
            entry.segments.iter().map(|meta| AccountSegment::open(folder, meta)).collect::<Result<Vec<_>, _>>()?;
        let accounts = segments.last().map_or(0, |s| s.meta.ranges.accounts[1]);
        let mut contracts = vec![0_u64; (accounts as usize).div_ceil(64)];
        for account in segments.iter().flat_map(|s| s.columns.contract_account.iter()) {
            if let Some(word) = contracts.get_mut((*account / 64) as usize) {
                *word |= 1 << (account % 64);
            }
        }
        Ok(Self { chain: entry.chain, chain_id: entry.chain_id, segments, contracts })
    }

    /// The chain.
    pub fn chain(&self) -> Chain {
        self.chain
    }

    /// The id that its nodes answer to `eth_chainId`.
    pub fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// The chain's parameters.
    pub fn params(&self) -> &'static AccountParams {
        // only chains of accounts get an entry in a manifest
        self.chain.account().or(AccountParams::of(Chain::Ethereum)).unwrap_or_else(|| unreachable!())
    }

    /// How addresses are written.
    pub fn form(&self) -> AddressForm {
        self.params().form
    }

    /// Whether this is the chain's main network.
    pub fn is_mainnet(&self) -> bool {
        self.params().chain_id == self.chain_id
    }

    /// Which blocks the store stands for, and how much of them.
    pub fn coverage(&self) -> Vec<Coverage> {
        Coverage::joined(self.segments.iter().flat_map(|s| s.meta.coverage.iter().cloned()))
    }

    pub(super) fn end(&self) -> AccountRanges {
        self.segments.last().map(|s| s.meta.ranges).unwrap_or_default()
    }

    /// Segments in use.
    pub fn segment_count(&self) -> usize {
        self.segments.len()
    }

    /// Blocks in the store.
    pub fn block_count(&self) -> u32 {
        self.end().blocks[1]
    }

    /// Transactions.
    pub fn tx_count(&self) -> u32 {
        self.end().txs[1]
    }

    /// Transfers.
    pub fn transfer_count(&self) -> u64 {
        self.end().transfers[1]
    }

    /// Accounts.
    pub fn account_count(&self) -> u32 {
        self.end().accounts[1]
    }

    /// Assets, the coin among them.
    pub fn asset_count(&self) -> u32 {
        self.end().assets[1]
    }

    /// The last block; `None` before the first.
    pub fn tip(&self) -> Option<AccountTip> {
        let block = self.block(self.block_count().checked_sub(1)?);
        Some(AccountTip { number: block.number, hash: block.hash, time: block.time })
    }

    #[inline]
    fn by<K: PartialOrd>(&self, key: K, end: impl Fn(&AccountRanges) -> K) -> &AccountSegment {
        if let [only] = self.segments.as_slice() {
            return only;
        }
        let at = self.segments.partition_point(|s| end(&s.meta.ranges) <= key);
        &self.segments[at]
    }

    /// The block with that rank.
    ///
    /// # Panics
    /// Past the end, as every query by an id that is not from this ledger.
    pub fn block(&self, rank: u32) -> AccountBlockInfo {
        let s = self.by(rank, |r| r.blocks[1]);
        let (r, c) = (&s.meta.ranges, &s.columns);
        let at = (rank - r.blocks[0]) as usize;
        let before = |ends: &[u32]| at.checked_sub(1).map_or(0, |before| ends[before]);
        let (tx, transfer) = (before(&c.block_tx_end), before(&c.block_transfer_end));
        AccountBlockInfo {
            rank,
            number: c.block_number[at],
            hash: c.block_hash[at],
            parent: c.block_parent[at],
            time: UnixTime(c.block_time[at]),
            txs: r.txs[0] + tx..r.txs[0] + c.block_tx_end[at],
            transfers: r.transfers[0] + u64::from(transfer)..r.transfers[0] + u64::from(c.block_transfer_end[at]),
            odd_logs: c.block_odd_logs[at],
        }
    }

    /// The rank of the block with that number, where it is in the store.
    pub fn rank_of(&self, number: u32) -> Option<u32> {
        let rank = self.first_rank_from(number);
        (rank < self.block_count() && self.block(rank).number == number).then_some(rank)
    }

    /// The rank of the first block with at least that number; the count of blocks where there is none.
    pub fn first_rank_from(&self, number: u32) -> u32 {
        let at = self.segments.partition_point(|s| s.meta.last < number);
        let Some(s) = self.segments.get(at) else { return self.block_count() };
        s.meta.ranges.blocks[0] + s.columns.block_number.partition_point(|n| *n < number) as u32
    }

    /// The rank of the first block made at or after that time; blocks' times ascend.
    pub fn first_rank_at(&self, time: UnixTime) -> u32 {
        let at = self.segments.partition_point(|s| s.columns.block_time.last().is_none_or(|t| *t < time.0));
        let Some(s) = self.segments.get(at) else { return self.block_count() };
        s.meta.ranges.blocks[0] + s.columns.block_time.partition_point(|t| *t < time.0) as u32
    }

    /// The block with that hash.
    pub fn block_by_hash(&self, hash: &[u8; 32]) -> Option<u32> {
        self.segments.iter().find_map(|s| {
            let at = s.columns.block_hash.iter().position(|h| h == hash)?;
            Some(s.meta.ranges.blocks[0] + at as u32)
        })
    }

    /// The rank of the block of a transaction.
    pub fn tx_block(&self, tx: u32) -> u32 {
        let s = self.by(tx, |r| r.txs[1]);
        let row = tx - s.meta.ranges.txs[0];
        s.meta.ranges.blocks[0] + s.columns.block_tx_end.partition_point(|end| *end <= row) as u32
    }

    /// The rank of the block of a transfer.
    pub fn transfer_block(&self, transfer: u64) -> u32 {
        let s = self.by(transfer, |r| r.transfers[1]);
        let row = (transfer - s.meta.ranges.transfers[0]) as u32;
        s.meta.ranges.blocks[0] + s.columns.block_transfer_end.partition_point(|end| *end <= row) as u32
    }

    /// The time of a transaction's block.
    pub fn tx_time(&self, tx: u32) -> UnixTime {
        let s = self.by(tx, |r| r.txs[1]);
        let row = tx - s.meta.ranges.txs[0];
        UnixTime(s.columns.block_time[s.columns.block_tx_end.partition_point(|end| *end <= row)])
    }

    /// The transaction with that hash.
    pub fn tx_by_hash(&self, hash: &[u8; 32]) -> Option<u32> {
        let key = txid_key(hash);
        self.segments.iter().rev().find_map(|s| {
            let row = s.txids().find(key, |row| s.columns.tx_hash[row as usize] == *hash)?;
            Some(s.meta.ranges.txs[0] + row)
        })
    }

    /// A transaction.
    pub fn tx(&self, tx: u32) -> AccountTx {
        let s = self.by(tx, |r| r.txs[1]);
        let (r, c) = (&s.meta.ranges, &s.columns);
        let row = (tx - r.txs[0]) as usize;
        let some = |id: u32| (id != NONE).then_some(id);
        let status = c.tx_status[row];
        AccountTx {
            tx,
            hash: c.tx_hash[row],
            from: c.tx_from[row],
            to: some(c.tx_to[row]),
            created: c.created_tx.binary_search(&(row as u32)).ok().map(|at| c.created_account[at]),
            status: match status & !HAS_SELECTOR {
                0 => TxStatus::Success,
                1 => TxStatus::Failed,
                _ => TxStatus::Unknown,
            },
            selector: (status & HAS_SELECTOR != 0).then(|| c.tx_selector[row].to_be_bytes()),
            transfers: self.tx_transfers(tx),
        }
    }

    /// Who signed a transaction.
    #[inline]
    pub fn tx_sender(&self, tx: u32) -> u32 {
        let s = self.by(tx, |r| r.txs[1]);
        s.columns.tx_from[(tx - s.meta.ranges.txs[0]) as usize]
    }

    /// The hash of a transaction.
    pub fn tx_hash(&self, tx: u32) -> [u8; 32] {
        let s = self.by(tx, |r| r.txs[1]);
        s.columns.tx_hash[(tx - s.meta.ranges.txs[0]) as usize]
    }

    /// The transfers of a transaction.
    #[inline]
    pub fn tx_transfers(&self, tx: u32) -> Range<u64> {
        let s = self.by(tx, |r| r.txs[1]);
        let row = (tx - s.meta.ranges.txs[0]) as usize;
        let first = s.meta.ranges.transfers[0];
        first + u64::from(s.columns.tx_transfer[row])..first + u64::from(s.columns.tx_transfer_end[row])
    }

    /// A transfer.
    #[inline]
    pub fn transfer(&self, transfer: u64) -> Transfer {
        let s = self.by(transfer, |r| r.transfers[1]);
        let row = (transfer - s.meta.ranges.transfers[0]) as usize;
        let c = &s.columns;
        Transfer {
            tx: c.transfer_tx[row],
            from: c.transfer_from[row],
            to: c.transfer_to[row],
            asset: c.transfer_asset[row],
            amount: s.amount(row),
            kind: TransferKind::from_code(c.transfer_kind[row]).unwrap_or(TransferKind::Internal),
        }
    }

    /// The account with that address.
    pub fn account_id(&self, account: &AccountBytes) -> Option<u32> {
        let key = hash_of(0, &[account]);
        self.segments.iter().find_map(|s| {
            let row = s.keys().find(key, |row| s.columns.account_bytes[row as usize] == *account)?;
            Some(s.meta.ranges.accounts[0] + row)
        })
    }

    /// The address of an account.
    #[inline]
    pub fn account_bytes(&self, account: u32) -> AccountBytes {
        let s = self.by(account, |r| r.accounts[1]);
        s.columns.account_bytes[(account - s.meta.ranges.accounts[0]) as usize]
    }

    /// The address of an account as text.
    pub fn account_text(&self, account: u32) -> String {
        self.form().text(&self.account_bytes(account))
    }

    /// Whether an account is known to be a contract: it was created as one, or wrote a log. One that did neither within
    /// what the store covers is not known to be one.
    #[inline]
    pub fn is_contract(&self, account: u32) -> bool {
        self.contracts.get((account / 64) as usize).is_some_and(|word| word >> (account % 64) & 1 == 1)
    }

    /// The asset of that name.
    pub fn asset_id(&self, asset: &AssetKey) -> Option<u32> {
        let key = asset_hash(asset);
        self.segments.iter().find_map(|s| {
            let first = s.meta.ranges.assets[0];
            let row = s.names().find(key, |row| self.asset(first + row) == *asset)?;
            Some(first + row)
        })
    }

    /// What names an asset on the chain.
    pub fn asset(&self, asset: u32) -> AssetKey {
        let s = self.by(asset, |r| r.assets[1]);
        let c = &s.columns;
        let row = (asset - s.meta.ranges.assets[0]) as usize;
        let (contract, item) = (c.asset_contract[row], U256::from_le_bytes(c.asset_item[row]));
        match c.asset_kind[row] {
            1 => AssetKey::Token(self.account_bytes(contract)),
            2 => AssetKey::Item(self.account_bytes(contract), item),
            3 => AssetKey::Trc10(item.saturating_to()),
            _ => AssetKey::Native,
        }
    }

    /// The transfers of an account from the number `from` on, ascending. One to oneself comes once.
    pub fn of_account(&self, account: u32, from: u64) -> OfAccount<'_> {
        let segment = self.segments.partition_point(|s| s.meta.ranges.transfers[1] <= from);
        OfAccount { ledger: self, account, segment, from, rows: [].iter() }
    }

    /// The transfers of an account before the number `before`, descending.
    pub fn of_account_back(&self, account: u32, before: u64) -> impl Iterator<Item = u64> + '_ {
        let end = self.segments.partition_point(|s| s.meta.ranges.transfers[0] < before);
        self.segments[..end].iter().rev().flat_map(move |s| {
            let first = s.meta.ranges.transfers[0];
            let rows = s.moved(account);
            let below = rows.partition_point(|row| first + u64::from(*row) < before);
            rows[..below].iter().rev().map(move |row| first + u64::from(*row))
        })
    }

    /// How many transfers an account has.
    pub fn moved_count(&self, account: u32) -> u64 {
        self.segments.iter().map(|s| s.moved(account).len() as u64).sum()
    }

    /// The pools that exchanged assets in a transaction, in the order they told it.
    pub fn swap_pools(&self, tx: u32) -> impl Iterator<Item = u32> + '_ {
        let s = self.by(tx, |r| r.txs[1]);
        let c = &s.columns;
        AccountSegment::of_tx(&c.swap_tx, tx).map(|at| c.swap_pool[at])
    }

    /// The other events of a transaction.
    pub fn notices_of(&self, tx: u32) -> impl Iterator<Item = Notice> + '_ {
        let s = self.by(tx, |r| r.txs[1]);
        AccountSegment::of_tx(&s.columns.notice_tx, tx).filter_map(|at| self.notice(s, at))
    }

    /// Every event but swaps, in chain order.
    pub fn notices(&self) -> impl Iterator<Item = Notice> + '_ {
        self.segments.iter().flat_map(|s| (0..s.columns.notice_tx.len()).filter_map(|at| self.notice(s, at)))
    }

    fn notice(&self, s: &AccountSegment, at: usize) -> Option<Notice> {
        let c = &s.columns;
        let bytes = &c.notice_bytes[c.notice_start[at] as usize..c.notice_start[at + 1] as usize];
        let account = Some(c.notice_account[at]).filter(|id| *id != NONE).map(|id| self.account_bytes(id));
        let event = payload::event(c.notice_kind[at], self.account_bytes(c.notice_contract[at]), account, bytes)?;
        Some(Notice { tx: c.notice_tx[at], event })
    }

    /// Accounts first seen to be contracts, with the transaction that shows it, in chain order.
    pub fn contracts(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.segments
            .iter()
            .flat_map(|s| s.columns.contract_account.iter().copied().zip(s.columns.contract_tx.iter().copied()))
    }

    /// What an account holds of an asset after all transfers before the number `before`, as far as the store knows: what came
    /// in and what went out. They are not subtracted, because a store that begins in the middle of a chain, or a token
    /// that changes balances without saying so, lets more go out than came in. Both saturate.
    pub fn flows_before(&self, account: u32, asset: u32, before: u64) -> (U256, U256) {
        let mut sums = (U256::ZERO, U256::ZERO);
        for n in self.of_account(account, 0).take_while(|n| *n < before) {
            let transfer = self.transfer(n);
            if transfer.asset == asset {
                if transfer.to == account {
                    sums.0 = sums.0.saturating_add(transfer.amount);
                }
                if transfer.from == account {
                    sums.1 = sums.1.saturating_add(transfer.amount);
                }
            }
        }
        sums
    }

    /// What is stored of an asset's name, for checks.
    pub(super) fn parts_fit(&self, asset: u32) -> bool {
        let key = self.asset(asset);
        asset_parts(&key).0 <= 3 && self.asset_id(&key) == Some(asset)
    }
}

/// See [`AccountLedger::of_account`].
#[derive(Clone, Debug)]
pub struct OfAccount<'a> {
    ledger: &'a AccountLedger,
    account: u32,
    /// The next segment.
    segment: usize,
    /// Transfers before this number are passed over, and added to what the rows say.
    from: u64,
    rows: std::slice::Iter<'a, u32>,
}

impl Iterator for OfAccount<'_> {
    type Item = u64;

    #[inline]
    fn next(&mut self) -> Option<u64> {
        loop {
            if let Some(row) = self.rows.next() {
                return Some(self.ledger.segments[self.segment - 1].meta.ranges.transfers[0] + u64::from(*row));
            }
            let s = self.ledger.segments.get(self.segment)?;
            let rows = s.moved(self.account);
            let first = s.meta.ranges.transfers[0];
            let skip = rows.partition_point(|row| first + u64::from(*row) < self.from);
            self.rows = rows[skip..].iter();
            self.segment += 1;
        }
    }
}
