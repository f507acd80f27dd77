//! Commits of chains of accounts.

use super::build::AccountBuilder;
use super::ledger::AccountLedger;
use super::manifest::{AccountManifest, AccountRanges, AccountSegmentMeta, Coverage};
use crate::error::LedgerError;
use crate::manifest::Manifest;
use crate::store::Store;
use athar_types::Chain;
use std::io::ErrorKind::NotFound;

/// How often opening a ledger begins anew where a writer replaces its files meanwhile.
const OPEN_TRIES: usize = 5;
/// Segments are joined up to so many transfers.
const JOINED_MAX: u64 = 16_000_000;
/// A segment is joined with the one before it where that is not larger than so many times it.
const RATIO: u64 = 4;

fn transfers(ranges: &AccountRanges) -> u64 {
    ranges.transfers[1] - ranges.transfers[0]
}

impl Store {
    /// The manifest's entry for a chain of accounts.
    pub fn account_chain(&self, chain: Chain) -> Option<&AccountManifest> {
        self.manifest().accounts.iter().find(|entry| entry.chain == chain)
    }

    /// The ledger of a chain of accounts, `None` where none of it was ingested. See [`Self::ledger`].
    pub fn account_ledger(&self, chain: Chain) -> Result<Option<AccountLedger>, LedgerError> {
        let folder = self.chain_folder(chain);
        let Some(entry) = self.account_chain(chain) else { return Ok(None) };
        let mut opened = AccountLedger::open(&folder, entry);
        let mut tried = entry.clone();
        for _ in 0..OPEN_TRIES {
            let Err(error) = opened else { break };
            let now = Manifest::read(self.folder())?.unwrap_or_else(Manifest::empty);
            let Some(entry) = now.accounts.into_iter().find(|entry| entry.chain == chain) else { return Ok(None) };
            // damage stays where it is; a file that is missing or half written may be a writer's at work
            if entry == tried && !matches!(&error, LedgerError::Io { source, .. } if source.kind() == NotFound) {
                return Err(error);
            }
            opened = AccountLedger::open(&folder, &entry);
            tried = entry;
        }
        opened.map(Some)
    }

    /// Says which network of a chain of accounts the store holds from now on; an error where it holds another one.
    pub fn set_chain_id(&mut self, chain: Chain, chain_id: u64) -> Result<(), LedgerError> {
        match self.account_chain(chain) {
            Some(entry) if entry.chain_id == chain_id => Ok(()),
            Some(entry) if !entry.segments.is_empty() => {
                Err(LedgerError::OtherChainId { chain, stored: entry.chain_id, found: chain_id })
            }
            _ => {
                let mut next = self.manifest().clone();
                next.accounts.retain(|entry| entry.chain != chain);
                next.accounts.push(AccountManifest { chain, chain_id, segments: Vec::new() });
                next.accounts.sort_by_key(|entry| entry.chain);
                self.commit(next)
            }
        }
    }

    /// Commits a finished segment at the end of `chain`, and joins small segments at the end where there are several.
    pub fn append_account(&mut self, chain: Chain, segment: AccountSegmentMeta) -> Result<(), LedgerError> {
        let mut next = self.manifest().clone();
        let folder = self.chain_folder(chain);
        let Some(entry) = next.accounts.iter_mut().find(|entry| entry.chain == chain) else {
            return Err(LedgerError::corrupt(folder, "a segment for a chain whose network is not set"));
        };
        let end = entry.segments.last();
        let fits = segment.ranges.follows(&end.map(|s| s.ranges).unwrap_or_default());
        if !fits || end.is_some_and(|s| s.last >= segment.first) {
            let (first, last) = (segment.first, end.map_or(0, |s| s.last));
            let what = format!("a segment from block {first} on cannot follow a chain that ends with block {last}");
            return Err(LedgerError::corrupt(folder.join(segment.folder), what));
        }
        entry.segments.push(segment);
        self.disk().sync_folder(&folder)?;
        self.commit(next)?;
        self.join_accounts(chain)
    }

    /// Joins segments at the end until each is several times larger than the next. A look-up by key asks every segment, so
    /// there must be few.
    fn join_accounts(&mut self, chain: Chain) -> Result<(), LedgerError> {
        let Some(entry) = self.account_chain(chain) else { return Ok(()) };
        let sizes: Vec<u64> = entry.segments.iter().map(|s| transfers(&s.ranges)).collect();
        let (mut keep, mut sum) = (sizes.len(), 0);
        while let Some(before) = keep.checked_sub(1) {
            let joined = sum + sizes[before];
            if joined > JOINED_MAX || (keep < sizes.len() && sizes[before] > RATIO * sum.max(1)) {
                break;
            }
            (keep, sum) = (before, joined);
        }
        if keep + 2 > sizes.len() {
            return Ok(());
        }
        self.rebuild_account(chain, keep, u32::MAX)
    }

    /// Drops the blocks of a chain of accounts above `number`, in one commit. Gives the number of the last block that is left.
    pub fn unwind_account(&mut self, chain: Chain, number: u32) -> Result<Option<u32>, LedgerError> {
        let Some(entry) = self.account_chain(chain) else { return Ok(None) };
        let keep = entry.segments.partition_point(|s| s.last <= number);
        if keep < entry.segments.len() {
            self.rebuild_account(chain, keep, number)?;
        }
        Ok(self.account_chain(chain).and_then(|entry| entry.segments.last()).map(|s| s.last))
    }

    /// Builds everything from segment `keep` on anew as one segment, without the blocks above `number`.
    fn rebuild_account(&mut self, chain: Chain, keep: usize, number: u32) -> Result<(), LedgerError> {
        let Some(ledger) = self.account_ledger(chain)? else { return Ok(()) };
        let mut next = self.manifest().clone();
        let folder = self.chain_folder(chain);
        let Some(entry) = next.accounts.iter_mut().find(|entry| entry.chain == chain) else { return Ok(()) };
        let dropped = entry.segments.split_off(keep.min(entry.segments.len()));
        let earlier = AccountLedger::open(&folder, entry)?;
        let earlier = (!entry.segments.is_empty()).then_some(&earlier);
        let mut builder = AccountBuilder::new(earlier);
        let from = dropped.first().map_or(0, |s| s.ranges.blocks[0]);
        for rank in (from..ledger.block_count()).take_while(|rank| ledger.block(*rank).number <= number) {
            builder.push(&ledger.rows(rank), earlier)?;
        }
        for coverage in dropped.into_iter().flat_map(|s| s.coverage).filter(|c| c.from <= number) {
            builder.cover(Coverage { to: coverage.to.min(number), ..coverage });
        }
        if let Some(segment) = builder.finish(self.disk(), &folder)? {
            entry.segments.push(segment);
        } else if let Some(last) = entry.segments.last_mut() {
            // what is left of the coverage has no block of its own
            last.coverage = Coverage::joined(last.coverage.clone());
        }
        self.disk().sync_folder(&folder)?;
        self.commit(next)?;
        self.remove_leftovers()
    }
}
