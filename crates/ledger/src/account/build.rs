//! Building a segment from decoded blocks, given in chain order.

use super::adjacency::sort_moved;
use super::ledger::AccountLedger;
use super::manifest::{AccountRanges, AccountSegmentMeta, Coverage};
use super::schema::AccountData;
use super::{NATIVE, NONE, payload};
use crate::error::LedgerError;
use crate::run::index::{Heads, ORDER};
use crate::segment::finish::write_folder;
use athar_disk::Disk;
use athar_types::account::{AccountBlock, AccountBytes, AssetKey, EventKind, U256};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use siphasher::sip::SipHasher13;
use std::path::Path;

/// How the folders of segments of account chains begin.
pub(crate) const ACCOUNTS: &str = "accounts";
/// Added to a transaction's status where it has a selector.
pub(super) const HAS_SELECTOR: u8 = 8;
/// An amount that stands elsewhere.
pub(super) const WIDE: [u8; 16] = [0xff; 16];
/// Bytes of memory that a transfer takes while its segment is built: columns, adjacency, and its share of the tables.
const TRANSFER_BYTES: u64 = 120;

/// Turns blocks into the next segment of a chain.
#[derive(Debug)]
pub struct AccountBuilder {
    data: AccountData,
    pub(super) ranges: AccountRanges,
    accounts: FxHashMap<AccountBytes, u32>,
    assets: FxHashMap<AssetKey, u32>,
    /// What the assets first named here are looked up by, in id order.
    asset_hashes: Vec<u64>,
    /// Accounts that this segment shows to be contracts.
    contracts: FxHashSet<u32>,
    numbers: Option<[u32; 2]>,
    tip: [u8; 32],
    coverage: Vec<Coverage>,
}

/// The hash that an account, or what names an asset, is looked up by. Keyed, so that no one can choose addresses that meet.
pub(super) fn hash_of(kind: u8, parts: &[&[u8]]) -> u64 {
    use std::hash::Hasher;
    let mut hasher = SipHasher13::new_with_keys(0x6174_6861_7220_6b65, 0x7920_6861_7368_2031);
    hasher.write(&[kind]);
    for part in parts {
        hasher.write(part);
    }
    hasher.finish()
}

/// Kind, contract and item of an asset, as columns have them.
pub(super) fn asset_parts(asset: &AssetKey) -> (u8, Option<AccountBytes>, [u8; 32]) {
    match asset {
        AssetKey::Native => (0, None, [0; 32]),
        AssetKey::Token(contract) => (1, Some(*contract), [0; 32]),
        AssetKey::Item(contract, id) => (2, Some(*contract), id.to_le_bytes()),
        AssetKey::Trc10(number) => (3, None, U256::from(*number).to_le_bytes()),
    }
}

pub(super) fn asset_hash(asset: &AssetKey) -> u64 {
    let (kind, contract, item) = asset_parts(asset);
    hash_of(16 + kind, &[contract.as_ref().map_or(&[], |c| c.as_slice()), &item])
}

/// Adds one where the ids have room for it.
fn next_id(id: &mut u32, what: &'static str) -> Result<u32, LedgerError> {
    let now = *id;
    *id = now.checked_add(1).filter(|next| *next != NONE).ok_or(LedgerError::Full(what))?;
    Ok(now)
}

impl AccountBuilder {
    /// A builder of what follows `earlier`; of a chain's beginning where that is `None`.
    pub fn new(earlier: Option<&AccountLedger>) -> Self {
        let ranges = earlier.map(|ledger| ledger.end().next()).unwrap_or_default();
        let mut builder = Self {
            data: AccountData::default(),
            ranges,
            accounts: FxHashMap::default(),
            assets: FxHashMap::default(),
            asset_hashes: Vec::new(),
            contracts: FxHashSet::default(),
            numbers: None,
            tip: [0; 32],
            coverage: Vec::new(),
        };
        if ranges.assets[1] == 0 {
            // the coin is number 0 on every chain, also where nothing ever moved it
            builder.data.asset_kind.push(0);
            builder.data.asset_contract.push(NONE);
            builder.data.asset_item.push([0; 32]);
            builder.asset_hashes.push(asset_hash(&AssetKey::Native));
            builder.ranges.assets[1] = 1;
        }
        builder.assets.insert(AssetKey::Native, NATIVE);
        builder
    }

    /// Transfers so far.
    pub fn transfers(&self) -> u64 {
        self.ranges.transfers[1] - self.ranges.transfers[0]
    }

    /// Blocks so far.
    pub fn blocks(&self) -> u32 {
        self.ranges.blocks[1] - self.ranges.blocks[0]
    }

    /// Bytes of memory in use, roughly.
    pub fn memory(&self) -> u64 {
        let rows = self.transfers() * TRANSFER_BYTES + self.data.tx_hash.len() as u64 * 80;
        rows + (self.accounts.len() + self.assets.len()) as u64 * 72
    }

    /// Says which blocks what was added stands for.
    pub fn cover(&mut self, coverage: Coverage) {
        self.coverage.push(coverage);
    }

    /// Adds a block. `earlier` is the ledger that the segment follows, as given to [`Self::new`].
    ///
    /// # Errors
    /// [`LedgerError::AccountBlock`] for a block that is not after the one before it, names another parent than that block, or
    /// whose rows name a transaction that it does not have; the builder is then as it was.
    pub fn push(&mut self, block: &AccountBlock, earlier: Option<&AccountLedger>) -> Result<(), LedgerError> {
        self.check(block, earlier)?;
        let d = &mut self.data;
        d.block_number.push(block.number);
        d.block_hash.push(block.hash);
        d.block_parent.push(block.parent);
        d.block_time.push(block.time.0);
        d.block_odd_logs.push(block.odd_logs);
        let first_tx = self.ranges.txs[1];
        let first_transfer = self.transfers();
        for tx in &block.txs {
            let from = self.account(tx.from, earlier)?;
            let to = self.optional(tx.to, earlier)?;
            let row = self.data.tx_hash.len() as u32;
            if let Some(created) = tx.created {
                let created = self.account(created, earlier)?;
                self.data.created_tx.push(row);
                self.data.created_account.push(created);
            }
            next_id(&mut self.ranges.txs[1], "transactions")?;
            let d = &mut self.data;
            d.tx_hash.push(tx.hash);
            d.tx_from.push(from);
            d.tx_to.push(to);
            d.tx_status.push(tx.status as u8 | if tx.selector.is_some() { HAS_SELECTOR } else { 0 });
            d.tx_selector.push(tx.selector.map_or(0, u32::from_be_bytes));
        }
        self.transfers_of(block, first_tx, earlier)?;
        self.place_transfers(block, first_transfer as u32);
        self.events_of(block, first_tx, earlier)?;
        self.data.block_tx_end.push(self.data.tx_hash.len() as u32);
        self.data.block_transfer_end.push(self.data.transfer_from.len() as u32);
        next_id(&mut self.ranges.blocks[1], "blocks")?;
        self.numbers = Some([self.numbers.map_or(block.number, |n| n[0]), block.number]);
        self.tip = block.hash;
        Ok(())
    }

    fn check(&self, block: &AccountBlock, earlier: Option<&AccountLedger>) -> Result<(), LedgerError> {
        let wrong = |what: String| Err(LedgerError::AccountBlock { number: block.number, what });
        let before = match self.numbers {
            Some([_, last]) => Some((last, self.tip)),
            None => earlier.and_then(AccountLedger::tip).map(|tip| (tip.number, tip.hash)),
        };
        if let Some((last, hash)) = before {
            if block.number <= last {
                return wrong(format!("it does not come after block {last}, the last one in the store"));
            }
            let known = hash != [0; 32] && block.parent != [0; 32];
            if block.number == last + 1 && known && block.parent != hash {
                return wrong(format!("its parent is {}, but block {last} is {}", hex(&block.parent), hex(&hash)));
            }
        }
        let txs = block.txs.len() as u32;
        let mut at = None;
        for transfer in &block.transfers {
            match transfer.tx {
                Some(tx) if tx >= txs => return wrong(format!("a transfer is of transaction {tx} of {txs}")),
                // within a block, transfers come in the order of transactions
                Some(tx) if at.is_some_and(|at| at > tx) => return wrong("its transfers are out of order".into()),
                Some(tx) => at = Some(tx),
                None => {}
            }
        }
        if let Some(event) = block.events.iter().find(|event| event.tx >= txs) {
            return wrong(format!("an event is of transaction {} of {txs}", event.tx));
        }
        if !block.events.is_sorted_by_key(|event| event.tx) {
            return wrong("its events are out of order".into());
        }
        let room = (u32::MAX - 1) as usize;
        if self.data.transfer_from.len() + block.transfers.len() >= room / 2 {
            return Err(LedgerError::Full("transfers of one segment"));
        }
        Ok(())
    }

    fn transfers_of(
        &mut self,
        block: &AccountBlock,
        first_tx: u32,
        earlier: Option<&AccountLedger>,
    ) -> Result<(), LedgerError> {
        for transfer in &block.transfers {
            let from = self.optional(transfer.from, earlier)?;
            let to = self.optional(transfer.to, earlier)?;
            let asset = self.asset(transfer.asset, earlier)?;
            let row = self.data.transfer_from.len() as u32;
            let d = &mut self.data;
            let bytes = transfer.amount.to_le_bytes::<32>();
            let mut amount = [0; 16];
            amount.copy_from_slice(&bytes[..16]);
            if bytes[16..] != [0; 16] || amount == WIDE {
                amount = WIDE;
                d.wide_transfer.push(row);
                d.wide_amount.push(bytes);
            }
            d.transfer_from.push(from);
            d.transfer_to.push(to);
            d.transfer_asset.push(asset);
            d.transfer_amount.push(amount);
            d.transfer_kind.push(transfer.kind as u8);
            d.transfer_tx.push(transfer.tx.map_or(NONE, |tx| first_tx + tx));
            self.ranges.transfers[1] += 1;
        }
        Ok(())
    }

    /// Where the transfers of each transaction of the block lie.
    fn place_transfers(&mut self, block: &AccountBlock, first: u32) {
        // those of the block itself stand before or after all others
        let before = block.transfers.iter().take_while(|t| t.tx.is_none()).count();
        let mut at = before;
        for tx in 0..block.txs.len() as u32 {
            let begin = at;
            while block.transfers.get(at).is_some_and(|t| t.tx == Some(tx)) {
                at += 1;
            }
            self.data.tx_transfer.push(first + begin as u32);
            self.data.tx_transfer_end.push(first + at as u32);
        }
    }

    fn events_of(
        &mut self,
        block: &AccountBlock,
        first_tx: u32,
        earlier: Option<&AccountLedger>,
    ) -> Result<(), LedgerError> {
        for event in &block.events {
            let tx = first_tx + event.tx;
            match event.kind {
                EventKind::Contract { account } => {
                    let account = self.account(account, earlier)?;
                    let is_known = earlier.is_some_and(|ledger| ledger.is_contract(account));
                    if !is_known && self.contracts.insert(account) {
                        self.data.contract_account.push(account);
                        self.data.contract_tx.push(tx);
                    }
                }
                EventKind::Swap { pool } => {
                    let pool = self.account(pool, earlier)?;
                    self.data.swap_tx.push(tx);
                    self.data.swap_pool.push(pool);
                }
                kind => {
                    let Some((code, contract, account, body)) = payload::notice(&kind) else { continue };
                    let contract = self.account(contract, earlier)?;
                    let account = self.optional(account, earlier)?;
                    let d = &mut self.data;
                    let start =
                        u32::try_from(d.notice_bytes.len()).map_err(|_| LedgerError::Full("bytes of events"))?;
                    d.notice_tx.push(tx);
                    d.notice_kind.push(code);
                    d.notice_contract.push(contract);
                    d.notice_account.push(account);
                    d.notice_start.push(start);
                    body.write(&mut d.notice_bytes);
                }
            }
        }
        Ok(())
    }

    fn optional(&mut self, account: Option<AccountBytes>, earlier: Option<&AccountLedger>) -> Result<u32, LedgerError> {
        account.map_or(Ok(NONE), |account| self.account(account, earlier))
    }

    fn account(&mut self, account: AccountBytes, earlier: Option<&AccountLedger>) -> Result<u32, LedgerError> {
        if let Some(id) = self.accounts.get(&account) {
            return Ok(*id);
        }
        let id = match earlier.and_then(|ledger| ledger.account_id(&account)) {
            Some(id) => id,
            None => {
                self.data.account_bytes.push(account);
                next_id(&mut self.ranges.accounts[1], "accounts")?
            }
        };
        self.accounts.insert(account, id);
        Ok(id)
    }

    fn asset(&mut self, asset: AssetKey, earlier: Option<&AccountLedger>) -> Result<u32, LedgerError> {
        if let Some(id) = self.assets.get(&asset) {
            return Ok(*id);
        }
        let id = match earlier.and_then(|ledger| ledger.asset_id(&asset)) {
            Some(id) => id,
            None => {
                let (kind, contract, item) = asset_parts(&asset);
                let contract = self.optional(contract, earlier)?;
                self.data.asset_kind.push(kind);
                self.data.asset_contract.push(contract);
                self.data.asset_item.push(item);
                self.asset_hashes.push(asset_hash(&asset));
                next_id(&mut self.ranges.assets[1], "assets")?
            }
        };
        self.assets.insert(asset, id);
        Ok(id)
    }

    /// Writes what was added as a segment, a folder inside `folder`. Nothing is committed: the caller hands the result to
    /// [`crate::Store::append_account`]. `None` where no block was added and nothing is covered.
    pub fn finish(mut self, disk: &Disk, folder: &Path) -> Result<Option<AccountSegmentMeta>, LedgerError> {
        let Some([first, last]) = self.numbers else { return Ok(None) };
        let accounts = self.ranges.accounts;
        drop(std::mem::take(&mut self.accounts));
        drop(std::mem::take(&mut self.assets));
        self.data.notice_start.push(self.data.notice_bytes.len() as u32);
        sort_moved(&mut self.data, accounts[0], accounts[1]);
        let d = &mut self.data;
        let txids: Vec<u64> = d.tx_hash.par_iter().map(txid_key).collect();
        let keys: Vec<u64> = d.account_bytes.par_iter().map(|bytes| hash_of(0, &[bytes])).collect();
        let names = std::mem::take(&mut self.asset_hashes);
        let [txid, key, name] = [txids, keys, names].map(index);
        (d.txid_head, d.txid_tx, d.txid_bucket) = txid;
        (d.key_head, d.key_account, d.key_bucket) = key;
        (d.name_head, d.name_asset, d.name_bucket) = name;
        let name = format!("{ACCOUNTS}-{first:09}-{last:09}-{}", hex(&self.tip[..4]));
        let files = write_folder(disk, &folder.join(&name), |path| self.data.write(disk, path))?;
        let coverage = Coverage::joined(self.coverage);
        Ok(Some(AccountSegmentMeta {
            folder: name,
            ranges: self.ranges,
            first,
            last,
            tip: hex(&self.tip),
            coverage,
            files,
        }))
    }
}

/// The key of a transaction: the first eight bytes of its hash.
pub(super) fn txid_key(hash: &[u8; 32]) -> u64 {
    let mut head = [0; 8];
    head.copy_from_slice(&hash[..8]);
    u64::from_be_bytes(head)
}

/// Heads, rows and buckets of a look-up over `keys`, in the order of rows.
fn index(keys: Vec<u64>) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
    let mut order: Vec<(u64, u32)> = keys.into_iter().zip(0_u32..).map(|(key, row)| (key & ORDER, row)).collect();
    order.par_sort_unstable();
    let mut heads = Heads::new(order.len());
    let head = order.iter().map(|(key, _)| heads.next(*key)).collect();
    (head, order.iter().map(|(_, row)| *row).collect(), heads.finish())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
