//! Transfers in memory, from blocks: for tests, simulated worlds and small ranges.

use super::flows::{Flows, Lent, NOBODY, Transfer};
use athar_types::UnixTime;
use athar_types::account::{AccountBlock, AccountBytes, AssetKey, EventKind};
use rustc_hash::FxHashMap;

/// Blocks that cannot be numbered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MemoryFlowsError {
    /// A transfer or event names a transaction that its block does not have.
    #[error("block {block}: transaction {tx} is named, but there are only {txs}")]
    Tx {
        /// Number of the block.
        block: u32,
        /// Rank that is named.
        tx: u32,
        /// Transactions in the block.
        txs: usize,
    },
    /// More accounts, assets or transactions than 32 bits hold.
    #[error("block {block}: more accounts, assets or transactions than 2^32-1")]
    Full {
        /// Number of the block.
        block: u32,
    },
}

/// Transfers in memory. Accounts and assets are numbered by first appearance, asset 0 being the chain's own coin.
#[derive(Debug, Default)]
pub struct MemoryFlows {
    accounts: Vec<AccountBytes>,
    ids: FxHashMap<AccountBytes, u32>,
    assets: Vec<AssetKey>,
    transfers: Vec<Transfer>,
    is_contract: Vec<bool>,
    senders: Vec<u32>,
    times: Vec<UnixTime>,
    /// Where the transfers of each account begin in `rows`; one more entry at the end.
    starts: Vec<u64>,
    rows: Vec<u64>,
    /// To whom, and what; by account.
    lent: Vec<(u32, Lent)>,
}

impl MemoryFlows {
    /// Numbers the transfers of these blocks, which must stand in chain order.
    pub fn of(blocks: &[AccountBlock]) -> Result<Self, MemoryFlowsError> {
        let mut flows = Self { assets: vec![AssetKey::Native], ..Self::default() };
        let mut asset_ids: FxHashMap<AssetKey, u32> = FxHashMap::from_iter([(AssetKey::Native, 0)]);
        for block in blocks {
            let full = MemoryFlowsError::Full { block: block.number };
            let first = u32::try_from(flows.senders.len()).map_err(|_| full.clone())?;
            let wrong = |tx| MemoryFlowsError::Tx { block: block.number, tx, txs: block.txs.len() };
            for tx in &block.txs {
                let sender = flows.id(tx.from).ok_or_else(|| full.clone())?;
                flows.senders.push(sender);
                flows.times.push(block.time);
                if let Some(created) = tx.created {
                    flows.contract(created).ok_or_else(|| full.clone())?;
                }
            }
            if block.txs.is_empty() && flows.senders.is_empty() {
                // what stands before every transaction still needs one to be dated by
                flows.senders.push(NOBODY);
                flows.times.push(block.time);
            }
            for event in &block.events {
                if event.tx as usize >= block.txs.len() {
                    return Err(wrong(event.tx));
                }
                match event.kind {
                    EventKind::Contract { account } => flows.contract(account).ok_or_else(|| full.clone())?,
                    EventKind::Delegate { from, to, is_given: true, .. } => {
                        let from = flows.id(from).ok_or_else(|| full.clone())?;
                        let to = flows.id(to).ok_or_else(|| full.clone())?;
                        flows.lent.push((to, Lent { tx: first + event.tx, from }));
                    }
                    _ => {}
                }
            }
            let mut last = first.saturating_sub(1);
            for row in &block.transfers {
                if let Some(tx) = row.tx {
                    if tx as usize >= block.txs.len() {
                        return Err(wrong(tx));
                    }
                    last = last.max(first + tx);
                }
                let from = row.from.map_or(Some(NOBODY), |a| flows.id(a)).ok_or_else(|| full.clone())?;
                let to = row.to.map_or(Some(NOBODY), |a| flows.id(a)).ok_or_else(|| full.clone())?;
                let next = u32::try_from(flows.assets.len()).map_err(|_| full.clone())?;
                let asset = *asset_ids.entry(row.asset).or_insert(next);
                if asset == next {
                    flows.assets.push(row.asset);
                    if let AssetKey::Token(contract) | AssetKey::Item(contract, _) = row.asset {
                        flows.contract(contract).ok_or_else(|| full.clone())?;
                    }
                }
                flows.transfers.push(Transfer { tx: last, from, to, asset, amount: row.amount, kind: row.kind });
            }
        }
        flows.lent.sort_unstable();
        flows.index();
        Ok(flows)
    }

    fn id(&mut self, account: AccountBytes) -> Option<u32> {
        let next = u32::try_from(self.accounts.len()).ok().filter(|n| *n != NOBODY)?;
        let id = *self.ids.entry(account).or_insert(next);
        if id == next {
            self.accounts.push(account);
            self.is_contract.push(false);
        }
        Some(id)
    }

    fn contract(&mut self, account: AccountBytes) -> Option<()> {
        let id = self.id(account)?;
        self.is_contract[id as usize] = true;
        Some(())
    }

    fn index(&mut self) {
        let mut starts = vec![0u64; self.accounts.len() + 1];
        let sides = |t: &Transfer| [Some(t.from), (t.to != t.from).then_some(t.to)].into_iter().flatten();
        for t in &self.transfers {
            for side in sides(t).filter(|side| *side != NOBODY) {
                starts[side as usize + 1] += 1;
            }
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        self.rows = vec![0; starts.last().copied().unwrap_or(0) as usize];
        for (n, t) in (0u64..).zip(&self.transfers) {
            for side in sides(t).filter(|side| *side != NOBODY) {
                self.rows[next[side as usize] as usize] = n;
                next[side as usize] += 1;
            }
        }
        self.starts = starts;
    }

    /// The number of an account.
    pub fn account(&self, account: &AccountBytes) -> Option<u32> {
        self.ids.get(account).copied()
    }

    /// The account of a number.
    pub fn bytes(&self, account: u32) -> Option<AccountBytes> {
        self.accounts.get(account as usize).copied()
    }

    /// The asset of a number.
    pub fn asset(&self, asset: u32) -> Option<AssetKey> {
        self.assets.get(asset as usize).copied()
    }

    /// Number of transactions.
    pub fn txs(&self) -> u32 {
        self.senders.len() as u32
    }
}

impl Flows for MemoryFlows {
    fn accounts(&self) -> u32 {
        self.accounts.len() as u32
    }

    fn transfers(&self) -> u64 {
        self.transfers.len() as u64
    }

    fn transfer(&self, n: u64) -> Transfer {
        self.transfers[n as usize]
    }

    fn of_account(&self, account: u32, from: u64) -> impl Iterator<Item = u64> {
        let range = self.starts[account as usize] as usize..self.starts[account as usize + 1] as usize;
        let rows = &self.rows[range];
        rows[rows.partition_point(|n| *n < from)..].iter().copied()
    }

    fn is_contract(&self, account: u32) -> bool {
        self.is_contract[account as usize]
    }

    fn tx_time(&self, tx: u32) -> UnixTime {
        self.times[tx as usize]
    }

    fn tx_sender(&self, tx: u32) -> u32 {
        self.senders[tx as usize]
    }

    fn lent_to(&self, account: u32) -> impl Iterator<Item = Lent> {
        let first = self.lent.partition_point(|(to, _)| *to < account);
        self.lent[first..].iter().take_while(move |(to, _)| *to == account).map(|(_, lent)| *lent)
    }
}
