//! Re-reads a chain of accounts and checks that its tables say the same thing twice wherever they can.

use super::NONE;
use super::ledger::AccountLedger;
use crate::error::LedgerError;
use rayon::prelude::*;
use std::path::Path;

/// What a verification of chains of accounts read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountVerifyReport {
    /// Segments.
    pub segments: u64,
    /// Blocks whose parent was checked where both are known.
    pub blocks: u64,
    /// Transactions found again by their hash.
    pub txs: u64,
    /// Transfers found again under both their accounts.
    pub transfers: u64,
    /// Accounts found again by their address.
    pub accounts: u64,
    /// Assets found again by what names them.
    pub assets: u64,
}

/// Checks the tables of one ledger, whose files' checksums were checked before.
pub(crate) fn check(ledger: &AccountLedger, folder: &Path) -> Result<AccountVerifyReport, LedgerError> {
    let wrong = |what: String| LedgerError::corrupt(folder, what);
    let mut before: Option<(u32, [u8; 32])> = None;
    for rank in 0..ledger.block_count() {
        let block = ledger.block(rank);
        if let Some((number, hash)) = before {
            let known = hash != [0; 32] && block.parent != [0; 32];
            if block.number <= number || (block.number == number + 1 && known && block.parent != hash) {
                return Err(wrong(format!("block {} does not follow block {number}", block.number)));
            }
        }
        before = Some((block.number, block.hash));
    }
    (0..ledger.tx_count()).into_par_iter().try_for_each(|tx| {
        let block = ledger.block(ledger.tx_block(tx));
        let transfers = ledger.tx_transfers(tx);
        let inside = transfers.start >= block.transfers.start && transfers.end <= block.transfers.end;
        if !block.txs.contains(&tx) || !inside || transfers.clone().any(|n| ledger.transfer(n).tx != tx) {
            return Err(wrong(format!("transaction {tx} and its transfers disagree")));
        }
        match ledger.tx_by_hash(&ledger.tx_hash(tx)) {
            Some(found) if found >= tx => Ok(()),
            _ => Err(wrong(format!("transaction {tx} is not found by its hash"))),
        }
    })?;
    let accounts = ledger.account_count();
    let moved: u64 = (0..accounts)
        .into_par_iter()
        .map(|account| {
            if ledger.account_id(&ledger.account_bytes(account)) != Some(account) {
                return Err(wrong(format!("account {account} is not found by its address")));
            }
            let mut count = 0;
            for n in ledger.of_account(account, 0) {
                let transfer = ledger.transfer(n);
                if transfer.from != account && transfer.to != account {
                    return Err(wrong(format!("transfer {n} stands under an account that it does not touch")));
                }
                count += 1;
            }
            Ok(count)
        })
        .try_reduce(|| 0, |a, b| Ok(a + b))?;
    let sides: u64 = (0..ledger.transfer_count())
        .into_par_iter()
        .map(|n| {
            let transfer = ledger.transfer(n);
            u64::from(transfer.from != NONE) + u64::from(transfer.to != NONE && transfer.to != transfer.from)
        })
        .sum();
    if moved != sides {
        return Err(wrong(format!("transfers have {sides} sides, {moved} stand under an account")));
    }
    if let Some(asset) = (0..ledger.asset_count()).find(|asset| !ledger.parts_fit(*asset)) {
        return Err(wrong(format!("asset {asset} is not found by its name")));
    }
    Ok(AccountVerifyReport {
        segments: ledger.segment_count() as u64,
        blocks: u64::from(ledger.block_count()),
        txs: u64::from(ledger.tx_count()),
        transfers: ledger.transfer_count(),
        accounts: u64::from(accounts),
        assets: u64::from(ledger.asset_count()),
    })
}
