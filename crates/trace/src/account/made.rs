//! Transfers in memory: for tests, benchmarks, and small sets that no ledger holds.

use super::bridge::Passage;
use super::flows::{Flows, NONE, Transfer};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;

/// Transfers in memory, with an index of accounts.
#[derive(Clone, Debug, Default)]
pub struct MadeFlows {
    transfers: Vec<Transfer>,
    /// Of each account, where its numbers begin in `numbers`; one more at the end.
    starts: Vec<u64>,
    numbers: Vec<u64>,
    txs: FxHashMap<u32, Range<u64>>,
    pools: FxHashMap<u32, Vec<u32>>,
    contracts: FxHashSet<u32>,
    bridges: FxHashMap<u64, Passage>,
}

impl MadeFlows {
    /// From transfers in chain order. A transaction whose transfers do not follow one another is known by the first run of them.
    /// Memory is proportional to the transfers and to the largest number of an account.
    pub fn new(transfers: Vec<Transfer>) -> Self {
        let ends = |t: &Transfer| {
            let other = (t.to != t.from).then_some(t.to);
            [Some(t.from), other].into_iter().flatten().filter(|a| *a != NONE)
        };
        let accounts = transfers.iter().flat_map(ends).max().map_or(0, |a| a as usize + 1);
        let mut starts = vec![0_u64; accounts + 1];
        for account in transfers.iter().flat_map(ends) {
            starts[account as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut numbers = vec![0; starts.last().copied().unwrap_or(0) as usize];
        let mut txs: FxHashMap<u32, Range<u64>> = FxHashMap::default();
        for (n, t) in transfers.iter().enumerate() {
            let n = n as u64;
            for account in ends(t) {
                let at = &mut next[account as usize];
                numbers[*at as usize] = n;
                *at += 1;
            }
            if t.tx != NONE {
                let range = txs.entry(t.tx).or_insert(n..n);
                if range.end == n {
                    range.end = n + 1;
                }
            }
        }
        Self { transfers, starts, numbers, txs, ..Self::default() }
    }

    /// Says that an account told of a swap in a transaction; it is a contract, then.
    pub fn swap(&mut self, tx: u32, pool: u32) {
        self.contracts.insert(pool);
        let pools = self.pools.entry(tx).or_default();
        if !pools.contains(&pool) {
            pools.push(pool);
        }
    }

    /// Says that an account is a contract.
    pub fn contract(&mut self, account: u32) {
        self.contracts.insert(account);
    }

    /// Says that a transfer passed a bridge.
    pub fn passage(&mut self, n: u64, passage: Passage) {
        self.bridges.insert(n, passage);
    }

    fn of(&self, account: u32) -> &[u64] {
        match self.starts.get(account as usize..account as usize + 2) {
            Some(&[start, end]) => &self.numbers[start as usize..end as usize],
            _ => &[],
        }
    }
}

impl Flows for MadeFlows {
    #[inline]
    fn transfer(&self, n: u64) -> Transfer {
        self.transfers[n as usize]
    }

    fn transfers(&self) -> u64 {
        self.transfers.len() as u64
    }

    #[inline]
    fn of_account(&self, account: u32, from: u64) -> impl Iterator<Item = u64> {
        let all = self.of(account);
        all[all.partition_point(|n| *n < from)..].iter().copied()
    }

    #[inline]
    fn of_account_back(&self, account: u32, before: u64) -> impl Iterator<Item = u64> {
        let all = self.of(account);
        all[..all.partition_point(|n| *n < before)].iter().rev().copied()
    }

    fn of_tx(&self, tx: u32) -> Range<u64> {
        self.txs.get(&tx).cloned().unwrap_or(0..0)
    }

    #[inline]
    fn swap_pools(&self, tx: u32) -> impl Iterator<Item = u32> {
        self.pools.get(&tx).into_iter().flatten().copied()
    }

    #[inline]
    fn is_contract(&self, account: u32) -> bool {
        self.contracts.contains(&account)
    }

    #[inline]
    fn bridge(&self, n: u64) -> Option<Passage> {
        self.bridges.get(&n).cloned()
    }
}
