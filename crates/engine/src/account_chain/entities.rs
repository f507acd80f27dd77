//! Entities of a chain of accounts: built after an ingest, opened with the chain.

use super::LedgerFlows;
use crate::error::EngineError;
use athar_entities::account::{AccountForest, AccountSettings, AccountTip, Flows, NOBODY, Transfer};
use athar_ledger::Disk;
use athar_ledger::account::{AccountLedger, NONE};
use athar_types::{Hash32, UnixTime};
use std::path::{Path, PathBuf};

/// Transfers up to which missing entities are built when a store is opened, in memory.
const BUILT_AT_ONCE_MAX: u64 = 500_000;

impl Flows for LedgerFlows<'_> {
    fn accounts(&self) -> u32 {
        self.0.account_count()
    }

    fn transfers(&self) -> u64 {
        self.0.transfer_count()
    }

    #[inline]
    fn transfer(&self, n: u64) -> Transfer {
        let athar_ledger::account::Transfer { tx, from, to, asset, amount, kind } = self.0.transfer(n);
        let tx = if tx == NONE { self.tx_before(n) } else { tx };
        Transfer { tx, from, to, asset, amount, kind }
    }

    #[inline]
    fn of_account(&self, account: u32, from: u64) -> impl Iterator<Item = u64> {
        self.0.of_account(account, from)
    }

    fn is_contract(&self, account: u32) -> bool {
        self.0.is_contract(account)
    }

    fn tx_time(&self, tx: u32) -> UnixTime {
        if tx < self.0.tx_count() { self.0.tx_time(tx) } else { UnixTime(0) }
    }

    fn tx_sender(&self, tx: u32) -> u32 {
        if tx < self.0.tx_count() { self.0.tx_sender(tx) } else { NOBODY }
    }
}

impl LedgerFlows<'_> {
    /// The last transaction before what a block does by itself.
    fn tx_before(self, n: u64) -> u32 {
        let block = self.0.block(self.0.transfer_block(n));
        let is_first = block.txs.is_empty() || n < self.0.tx_transfers(block.txs.start).start;
        (if is_first { block.txs.start } else { block.txs.end }).saturating_sub(1)
    }
}

fn home(store: &Path, ledger: &AccountLedger, settings: &AccountSettings) -> PathBuf {
    store.join("entities").join(ledger.chain().name()).join(settings.version())
}

fn tip_of(ledger: &AccountLedger) -> Option<AccountTip> {
    let tip = ledger.tip()?;
    Some(AccountTip {
        chain: ledger.chain(),
        block: tip.number,
        hash: Hash32(tip.hash),
        accounts: ledger.account_count(),
        transfers: ledger.transfer_count(),
    })
}

/// Builds the entities of a chain into the store. The caller holds its lock.
pub(crate) fn build(store: &Path, disk: &Disk, ledger: &AccountLedger) -> Result<usize, EngineError> {
    let settings = AccountSettings::default();
    let Some(tip) = tip_of(ledger) else { return Ok(0) };
    let home = home(store, ledger, &settings);
    disk.create_folder(&home).map_err(athar_ledger::LedgerError::from)?;
    let forest = AccountForest::build(&LedgerFlows(ledger), &settings)?;
    forest.write(disk, &home, tip)?;
    Ok(forest.entities())
}

/// The entities of a chain: stored ones, of its last block or of an earlier one, or built here where there are none of the
/// last block and the chain is small. None where neither is so.
pub(crate) fn open(store: &Path, ledger: &AccountLedger) -> Result<Option<(AccountForest, u32)>, EngineError> {
    let settings = AccountSettings::default();
    let Some(tip) = tip_of(ledger) else { return Ok(None) };
    let is_ours = |of: &AccountTip| {
        let block = ledger.rank_of(of.block).map(|rank| ledger.block(rank));
        of.chain == tip.chain
            && block.is_some_and(|block| block.hash == of.hash.0 && block.transfers.end == of.transfers)
    };
    let stored = AccountForest::open_of(&home(store, ledger, &settings), &settings, is_ours)?;
    match stored {
        Some((forest, of)) if of == tip || ledger.transfer_count() > BUILT_AT_ONCE_MAX => Ok(Some((forest, of.block))),
        None if ledger.transfer_count() > BUILT_AT_ONCE_MAX => Ok(None),
        _ => Ok(Some((AccountForest::build(&LedgerFlows(ledger), &settings)?, tip.block))),
    }
}
