//! The forest of accounts: built from transfers, asked.

use super::collectors::{Collector, CollectorView, collectors, forwarders};
use super::deposits::{Deposit, deposits};
use super::evidence::{self, Evidence};
use super::flows::Flows;
use super::funder;
use super::settings::AccountSettings;
use super::tables::{Tables, Values};
use crate::links::{Link, Links};
use athar_ledger::{LedgerError, Scratch};
use athar_types::{AddressId, TxNum};
use rustc_hash::FxHashSet;

/// Which accounts are one, with the evidence.
///
/// An account here is its number in the ledger; entities, members and links use the same numbers as [`AddressId`]s.
#[derive(Debug)]
pub struct AccountForest {
    pub(super) tables: Tables,
    pub(super) settings: AccountSettings,
}

impl AccountForest {
    /// Builds the forest of all of `flows` in memory.
    ///
    /// Cost: every account's transfers are read once or twice, on all threads.
    pub fn build<F: Flows>(flows: &F, settings: &AccountSettings) -> Result<Self, LedgerError> {
        let forwarders = forwarders(flows, settings);
        let collectors = collectors(flows, &forwarders, settings);
        let found = deposits(flows, &collectors, settings);
        let mut rows = found.evidence;
        if settings.shared_funder {
            let mut services: FxHashSet<u32> = found.deposits.iter().map(|d| d.account).collect();
            services.extend(collectors.iter().flat_map(|c| c.hubs.iter().copied().chain([c.account])));
            rows.extend(funder::funded(flows, |account| services.contains(&account), settings));
            rows.sort_unstable_by_key(Evidence::order);
        }
        Self::of(flows.accounts(), &collectors, &found.deposits, &rows, settings)
    }

    fn of(
        accounts: u32,
        collectors: &[Collector],
        deposits: &[Deposit],
        rows: &[Evidence],
        settings: &AccountSettings,
    ) -> Result<Self, LedgerError> {
        let built = evidence::join(accounts, rows, &Scratch::in_memory())?;
        let (entity_root, member_start, member_account) = evidence::members(&built, rows);
        let links: Vec<(u32, u32, u8)> = (0..accounts).map(|account| built.row(account)).collect();
        let mut by_member: Vec<u32> = (0..rows.len() as u32).collect();
        by_member.sort_unstable_by_key(|row| (rows[*row as usize].member, *row));
        let mut payout_start = vec![0];
        let mut payout_account: Vec<u32> = Vec::new();
        for collector in collectors {
            payout_account.extend(&collector.hubs);
            payout_start.push(payout_account.len() as u32);
        }
        let tables = Tables {
            collector_account: Values::Owned(collectors.iter().map(|c| c.account).collect()),
            collector_since: Values::Owned(collectors.iter().map(|c| c.ready).collect()),
            collector_forwarders: Values::Owned(collectors.iter().map(|c| c.forwarders.len() as u32).collect()),
            payout_start: Values::Owned(payout_start),
            payout_account: Values::Owned(payout_account),
            deposit_received: Values::Owned(deposits.iter().map(|d| d.received).collect()),
            deposit_passed_on: Values::Owned(deposits.iter().map(|d| d.passed_on).collect()),
            parent: Values::Owned(links.iter().map(|l| l.0).collect()),
            link: Values::Owned(links.iter().map(|l| l.1).collect()),
            heuristic: Values::Owned(links.iter().map(|l| l.2).collect()),
            entity_root: Values::Owned(entity_root),
            member_start: Values::Owned(member_start),
            member_account: Values::Owned(member_account),
            deposit_account: Values::Owned(deposits.iter().map(|d| d.account).collect()),
            deposit_collector: Values::Owned(deposits.iter().map(|d| d.collector).collect()),
            deposit_since: Values::Owned(deposits.iter().map(|d| d.since).collect()),
            deposit_forwards: Values::Owned(deposits.iter().map(|d| d.forwards).collect()),
            deposit_permille: Values::Owned(deposits.iter().map(|d| d.forwarded_permille).collect()),
            deposit_contract: Values::Owned(deposits.iter().map(|d| u8::from(d.is_contract)).collect()),
            evidence_hub: Values::Owned(rows.iter().map(|e| e.hub).collect()),
            evidence_heuristic: Values::Owned(rows.iter().map(|e| e.heuristic as u8).collect()),
            evidence_member: Values::Owned(rows.iter().map(|e| e.member).collect()),
            evidence_since: Values::Owned(rows.iter().map(|e| e.since).collect()),
            evidence_sent: Values::Owned(rows.iter().map(|e| e.sent).collect()),
            evidence_passed_on: Values::Owned(rows.iter().map(|e| e.passed_on).collect()),
            evidence_by_member: Values::Owned(by_member),
        };
        Ok(Self { tables, settings: settings.clone() })
    }

    /// The settings that it was built with.
    pub fn settings(&self) -> &AccountSettings {
        &self.settings
    }

    /// The links, which answer who is one, since when and by which heuristic.
    pub fn links(&self) -> &impl Links {
        &self.tables
    }

    /// Number of accounts.
    pub fn accounts(&self) -> u32 {
        self.tables.address_count()
    }

    /// Number of entities of at least two accounts.
    pub fn entities(&self) -> usize {
        self.tables.entity_root.len()
    }

    /// All members of the entity of `account`, ascending; empty for a lone account.
    fn group(&self, account: u32) -> &[u32] {
        let root = self.tables.find(AddressId(account)).0;
        let Ok(row) = self.tables.entity_root.binary_search(&root) else { return &[] };
        &self.tables.member_account[self.tables.member_start[row] as usize..self.tables.member_start[row + 1] as usize]
    }

    /// The name of the entity of `account`: its account that was seen first.
    pub fn name(&self, account: u32) -> u32 {
        self.group(account).first().copied().unwrap_or(account)
    }

    /// Number of accounts in the entity of `account`, at least 1.
    pub fn size(&self, account: u32) -> u32 {
        self.group(account).len().max(1) as u32
    }

    /// A page of the accounts in the entity of `account`, ascending.
    pub fn members(&self, account: u32, offset: u32, limit: u32) -> Vec<u32> {
        match self.group(account) {
            [] => [account].into_iter().skip(offset as usize).take(limit as usize).collect(),
            group => group.iter().copied().skip(offset as usize).take(limit as usize).collect(),
        }
    }

    /// The accounts that were one with `account` by evidence that was there once `tx` had been seen, ascending: a page of
    /// them. Looks at every member of the entity.
    pub fn members_as_of(&self, account: u32, tx: u32, offset: u32, limit: u32) -> Vec<u32> {
        let then = self.tables.find_as_of(AddressId(account), TxNum(tx));
        let is_one = |other: &u32| self.tables.find_as_of(AddressId(*other), TxNum(tx)) == then;
        match self.group(account) {
            [] => self.members(account, offset, limit),
            group => group.iter().copied().filter(is_one).skip(offset as usize).take(limit as usize).collect(),
        }
    }

    /// The name that the entity of `account` had once `tx` had been seen.
    pub fn name_as_of(&self, account: u32, tx: u32) -> u32 {
        self.members_as_of(account, tx, 0, 1).first().copied().unwrap_or(account)
    }

    /// What first made `a` and `b` one.
    pub fn joined(&self, a: u32, b: u32) -> Option<Link> {
        self.tables.joined(AddressId(a), AddressId(b))
    }

    /// Number of deposit addresses.
    pub fn deposits(&self) -> usize {
        self.tables.deposit_account.len()
    }

    /// The deposit address of a rank below [`Self::deposits`], by account.
    pub fn deposit(&self, rank: usize) -> Option<Deposit> {
        let t = &self.tables;
        Some(Deposit {
            account: *t.deposit_account.get(rank)?,
            collector: t.deposit_collector[rank],
            since: t.deposit_since[rank],
            received: t.deposit_received[rank],
            passed_on: t.deposit_passed_on[rank],
            forwards: t.deposit_forwards[rank],
            forwarded_permille: t.deposit_permille[rank],
            is_contract: t.deposit_contract[rank] != 0,
        })
    }

    /// Number of collectors.
    pub fn collectors(&self) -> usize {
        self.tables.collector_account.len()
    }

    /// The collector of a rank below [`Self::collectors`], by account.
    pub fn collector_at(&self, rank: usize) -> Option<CollectorView> {
        let t = &self.tables;
        let payout = t.payout_start.get(rank).copied()? as usize..t.payout_start.get(rank + 1).copied()? as usize;
        Some(CollectorView {
            account: *t.collector_account.get(rank)?,
            since: t.collector_since[rank],
            forwarders: t.collector_forwarders[rank],
            payout: t.payout_account[payout].to_vec(),
        })
    }

    /// What is known of `account` as a service's collector. That it is none here is not "no service".
    pub fn collector(&self, account: u32) -> Option<CollectorView> {
        self.collector_at(self.tables.collector_account.binary_search(&account).ok()?)
    }

    /// Where `account` is a customer's account at a service: whose, and by what. What is paid there is the customer's, and
    /// what the collector pays out belongs to all customers, so its other customers are no counterparties.
    pub fn custody(&self, account: u32) -> Option<Deposit> {
        self.deposit(self.tables.deposit_account.binary_search(&account).ok()?)
    }

    /// The customers that pay the deposit address `account`, a page of them, in the order in which they were known.
    pub fn customers(&self, account: u32, offset: u32, limit: u32) -> Vec<u32> {
        let hub = &self.tables.evidence_hub;
        let range = hub.partition_point(|h| *h < account)..hub.partition_point(|h| *h <= account);
        let is_reuse = |row: &usize| self.tables.evidence_heuristic[*row] == crate::Heuristic::DepositReuse as u8;
        let rows = range.filter(is_reuse).skip(offset as usize).take(limit as usize);
        rows.map(|row| self.tables.evidence_member[row]).collect()
    }
}
