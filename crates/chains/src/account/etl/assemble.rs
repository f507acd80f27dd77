//! The rows of one block as one block.
//!
//! Tables name a transaction by its hash, and not every table need hold every transaction: a dump may be a sample, or
//! hold the logs of one token only. A transaction that only a trace or a log names is kept all the same, with what they
//! say of it, and counted. Transactions stand by the rank that a table says; one that has none stands where its traces
//! do, one that names another block's hash stands last.

use super::EtlError;
use super::record::{BlockPart, FeePart, LogPart, ReceiptPart, TxPart};
use super::trace::{TracePart, TracePath};
use crate::account::raw::{RawBlock, RawCall, RawCallKind, RawReceipt, RawTx};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// Fees by transaction, for a source that keeps them apart.
pub type Fees = FxHashMap<[u8; 32], FeePart>;

/// The rows of one block.
#[derive(Debug, Default, Clone)]
pub struct Parts {
    /// Its number.
    pub number: u64,
    /// Its own rows: one, or none.
    pub blocks: Vec<BlockPart>,
    /// Its transactions.
    pub txs: Vec<TxPart>,
    /// Their receipts.
    pub receipts: Vec<ReceiptPart>,
    /// Their logs.
    pub logs: Vec<LogPart>,
    /// Its traces; `None` where the source has no table of them.
    pub traces: Option<Vec<TracePart>>,
}

/// What had to be decided to make the blocks, and how often. Every count of zero is good news.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Assembly {
    /// Blocks without a row of their own: hash and time are those that their transactions name, or unknown.
    pub blocks_without_facts: u64,
    /// Transactions without a row, known by the call that they are: sender, recipient and value, but no fee.
    pub txs_by_trace: u64,
    /// Transactions of which only the hash is known: no sender, value or fee.
    pub txs_by_hash: u64,
    /// Transactions that a block says it has beyond those known.
    pub txs_absent: u64,
    /// Transactions that name another hash than their block's own.
    pub txs_of_other_block: u64,
    /// Transactions of one block that claim a rank that another has.
    pub ranks_claimed_twice: u64,
    /// Traces that can move nothing: delegate calls, static calls, call codes.
    pub calls_that_move_nothing: u64,
    /// Traces whose amount is below zero in the file, and so unknown. They are kept without amount.
    pub values_lost: u64,
    /// Transactions on Tron with a value and without a recipient (votes, resources): the value is no transfer.
    pub values_without_recipient: u64,
    /// Receipts of transactions that are in no other table.
    pub receipts_alone: u64,
    /// What moves coins or tokens in a way that the source does not tell in full (Tron's own exchange, sales of its
    /// tokens, tokens by name): kept as far as told.
    pub not_told: u64,
}

impl std::ops::AddAssign for Assembly {
    fn add_assign(&mut self, more: Self) {
        self.blocks_without_facts += more.blocks_without_facts;
        self.txs_by_trace += more.txs_by_trace;
        self.txs_by_hash += more.txs_by_hash;
        self.txs_absent += more.txs_absent;
        self.txs_of_other_block += more.txs_of_other_block;
        self.ranks_claimed_twice += more.ranks_claimed_twice;
        self.calls_that_move_nothing += more.calls_that_move_nothing;
        self.values_lost += more.values_lost;
        self.values_without_recipient += more.values_without_recipient;
        self.receipts_alone += more.receipts_alone;
        self.not_told += more.not_told;
    }
}

/// A transaction while its block is put together.
struct Entry {
    tx: RawTx,
    rank: Option<u32>,
    /// Where its first trace stands.
    traced: Option<u32>,
    has_row: bool,
    /// Whether it names another hash than its block's own.
    is_foreign: bool,
}

struct Txs {
    entries: Vec<Entry>,
    by_hash: FxHashMap<[u8; 32], u32>,
}

impl Txs {
    /// The entry of the transaction with that hash, made where there is none.
    fn at(&mut self, hash: [u8; 32]) -> &mut Entry {
        let next = self.entries.len() as u32;
        let at = *self.by_hash.entry(hash).or_insert(next);
        if at == next {
            let tx = RawTx { hash, ..RawTx::default() };
            self.entries.push(Entry { tx, rank: None, traced: None, has_row: false, is_foreign: false });
        }
        &mut self.entries[at as usize]
    }

    /// The order of the entries: where each stands in the block.
    fn order(&self) -> (Vec<u32>, u64) {
        let mut keys: Vec<(bool, i64, u32)> = vec![(true, 0, 0); self.entries.len()];
        let mut by_trace: Vec<u32> = (0..self.entries.len() as u32).collect();
        by_trace.sort_by_key(|at| self.entries[*at as usize].traced.unwrap_or(u32::MAX));
        let mut before = -1;
        for (step, at) in by_trace.iter().enumerate() {
            let entry = &self.entries[*at as usize];
            keys[*at as usize] = match (entry.rank, entry.traced) {
                (Some(rank), traced) => {
                    if traced.is_some() && !entry.is_foreign {
                        before = i64::from(rank);
                    }
                    (entry.is_foreign, i64::from(rank), 0)
                }
                // after the one whose traces come before its own
                (None, Some(_)) => (entry.is_foreign, before, step as u32 + 1),
                (None, None) => (entry.is_foreign, i64::MAX, step as u32),
            };
        }
        let mut order: Vec<u32> = (0..keys.len() as u32).collect();
        order.sort_by_key(|at| (keys[*at as usize], *at));
        let is_ranked = |at: &&u32| self.entries[**at as usize].rank.is_some();
        let mut ranks: Vec<_> = order.iter().filter(is_ranked).map(|at| self.entries[*at as usize].rank).collect();
        ranks.sort_unstable();
        let twice = ranks.windows(2).filter(|pair| pair[0] == pair[1]).count() as u64;
        (order, twice)
    }
}

/// Makes a block of its rows. `fees` are those of transactions by hash, for a source that keeps them apart; `is_tron`
/// says that a transaction without recipient need not create a contract.
pub fn assemble(parts: Parts, fees: &Fees, is_tron: bool) -> Result<(RawBlock, Assembly), EtlError> {
    let mut told = Assembly::default();
    let mut rows = parts.blocks.into_iter();
    let facts = rows.next();
    if rows.next().is_some() {
        return Err(EtlError::BlockTwice(parts.number));
    }
    let mut block = RawBlock { number: parts.number, ..RawBlock::default() };
    let tx_count = facts.as_ref().and_then(|facts| facts.tx_count);
    let has_facts = facts.is_some();
    if let Some(facts) = facts {
        block.hash = facts.hash;
        block.parent = facts.parent;
        block.time = facts.time;
        block.producer = facts.producer;
        block.base_fee = facts.base_fee;
        block.withdrawals = facts.withdrawals;
    } else {
        told.blocks_without_facts = 1;
        block.time = parts.txs.iter().find_map(|tx| tx.block_time).unwrap_or_default();
        let named =
            parts.txs.iter().filter_map(|tx| tx.block_hash).chain(parts.logs.iter().filter_map(|l| l.block_hash));
        block.hash = { named }.next().unwrap_or_default();
    }
    let room = parts.txs.len();
    let by_hash = FxHashMap::with_capacity_and_hasher(room, rustc_hash::FxBuildHasher);
    let mut txs = Txs { entries: Vec::with_capacity(room), by_hash };
    for part in parts.txs {
        let entry = txs.at(part.tx.hash);
        if std::mem::replace(&mut entry.has_row, true) {
            return Err(EtlError::TxTwice { block: parts.number, tx: part.tx.hash });
        }
        entry.rank = part.rank;
        entry.is_foreign = part.block_hash.is_some_and(|hash| hash != block.hash && block.hash != [0; 32]);
        told.txs_of_other_block += u64::from(entry.is_foreign);
        entry.tx = part.tx;
    }
    for part in parts.receipts {
        let entry = txs.at(part.tx);
        told.receipts_alone += u64::from(!entry.has_row);
        if entry.tx.receipt.replace(part.receipt).is_some() {
            return Err(EtlError::ReceiptTwice { block: parts.number, tx: part.tx });
        }
        entry.rank = entry.rank.or(part.rank);
    }
    if !fees.is_empty() {
        for entry in &mut txs.entries {
            let Some(fee) = fees.get(&entry.tx.hash) else { continue };
            let receipt = entry.tx.receipt.get_or_insert_with(RawReceipt::default);
            receipt.fee = Some(fee.fee);
            receipt.status = receipt.status.or(fee.status);
        }
    }
    add_logs(parts.logs, &mut txs, parts.number)?;
    let calls = match parts.traces {
        Some(traces) => Some(add_traces(traces, &mut txs, &mut told, parts.number)?),
        None => None,
    };
    for entry in &mut txs.entries {
        if is_tron && entry.tx.to.is_none() && !entry.tx.value.is_zero() {
            let is_creation = entry.tx.receipt.as_ref().is_some_and(|receipt| receipt.created.is_some());
            if !is_creation {
                told.values_without_recipient += 1;
                entry.tx.value = athar_types::account::U256::ZERO;
            }
        }
        if !entry.has_row && entry.tx.from == [0; 20] {
            told.txs_by_hash += 1;
        } else if !entry.has_row {
            told.txs_by_trace += 1;
        }
    }
    if has_facts {
        told.txs_absent = tx_count.map_or(0, |count| count.saturating_sub(txs.entries.len() as u64));
    }
    let (order, twice) = txs.order();
    told.ranks_claimed_twice = twice;
    let mut place = vec![0_u32; order.len()];
    for (rank, at) in order.iter().enumerate() {
        place[*at as usize] = rank as u32;
    }
    block.calls = calls.map(|calls| {
        let mut calls = calls;
        for call in &mut calls {
            call.tx = call.tx.map(|at| place[at as usize]);
        }
        // stable: the calls of a transaction keep their order; those of the block stand last, a genesis first
        calls.sort_by_key(|call| (call.kind != RawCallKind::Genesis, call.tx.is_none(), call.tx));
        calls
    });
    let mut moved: Vec<Option<RawTx>> = txs.entries.into_iter().map(|entry| Some(entry.tx)).collect();
    block.txs = order.iter().filter_map(|at| moved[*at as usize].take()).collect();
    Ok((block, told))
}

fn add_logs(mut logs: Vec<LogPart>, txs: &mut Txs, block: u64) -> Result<(), EtlError> {
    logs.sort_by_key(|part| part.log.index.unwrap_or(u32::MAX));
    for pair in logs.windows(2) {
        if let (Some(index), true) = (pair[0].log.index, pair[0].log.index == pair[1].log.index) {
            return Err(EtlError::LogTwice { block, index });
        }
    }
    for part in logs {
        let entry = txs.at(part.tx);
        entry.rank = entry.rank.or(part.rank);
        let receipt = entry.tx.receipt.get_or_insert_with(RawReceipt::default);
        // what failed leaves no logs
        receipt.status = receipt.status.or(Some(true));
        receipt.logs.push(part.log);
    }
    Ok(())
}

/// The calls in their order, with the entry's number as the rank of the transaction.
fn add_traces(
    mut traces: Vec<TracePart>,
    txs: &mut Txs,
    told: &mut Assembly,
    block: u64,
) -> Result<Vec<RawCall>, EtlError> {
    if traces.iter().all(|part| part.order.is_some()) {
        traces.sort_by_key(|part| (part.tx.is_none(), part.rank, part.order));
        // read twice, its value would count twice
        let is_twice = |pair: &&[TracePart]| pair[0].order == pair[1].order && pair[0].tx == pair[1].tx;
        if let Some(pair) = traces.windows(2).find(is_twice) {
            return Err(EtlError::TraceTwice { block, order: pair[0].order.unwrap_or_default().0 });
        }
    } else if traces.iter().all(|part| part.tx.is_none() || (part.rank.is_some() && part.path.is_some())) {
        traces.sort_by(|a, b| (a.tx.is_none(), a.rank, &a.path).cmp(&(b.tx.is_none(), b.rank, &b.path)));
    } // else the order of the file is all there is
    inherit_failure(&mut traces);
    let mut calls = Vec::with_capacity(traces.len());
    for (step, part) in traces.into_iter().enumerate() {
        told.values_lost += u64::from(part.is_value_lost);
        let mut call = part.call;
        if let Some(hash) = part.tx {
            let entry = txs.at(hash);
            entry.rank = entry.rank.or(part.rank);
            entry.traced.get_or_insert(step as u32);
            call.is_top = part.path.as_ref().is_some_and(SmallVec::is_empty);
            if call.is_top {
                complete(entry, &call);
            }
            call.tx = txs.by_hash.get(&hash).copied();
        }
        if part.moves {
            calls.push(call);
        } else {
            told.calls_that_move_nothing += 1;
        }
    }
    Ok(calls)
}

/// What the outermost call says of its transaction beyond the tables.
fn complete(entry: &mut Entry, call: &RawCall) {
    if !entry.has_row {
        entry.tx.from = call.from.unwrap_or_default();
        entry.tx.value = call.value;
        if call.kind == RawCallKind::Create {
            entry.tx.to = None;
        } else {
            entry.tx.to = call.to;
        }
        entry.tx.receipt.get_or_insert_with(RawReceipt::default);
    }
    let Some(receipt) = &mut entry.tx.receipt else { return };
    receipt.status = receipt.status.or(Some(!call.is_reverted));
    if call.kind == RawCallKind::Create && !call.is_reverted && receipt.created.is_none() {
        receipt.created = call.to;
    }
}

/// A call inside one that failed moved nothing either. Exporters that write a status have said so already; where a row
/// has only its own error, the outer ones tell.
fn inherit_failure(traces: &mut [TracePart]) {
    if !traces.iter().any(|part| part.call.is_reverted) {
        return;
    }
    let mut by_path: Vec<&mut TracePart> =
        traces.iter_mut().filter(|part| part.tx.is_some() && part.path.is_some()).collect();
    // what is inside of a call stands right behind it
    by_path.sort_by(|a, b| (a.tx, &a.path).cmp(&(b.tx, &b.path)));
    let mut outer: Option<([u8; 32], TracePath)> = None;
    for part in by_path {
        let (Some(tx), Some(path)) = (part.tx, &part.path) else { continue };
        if outer.as_ref().is_some_and(|(outer_tx, outer_path)| *outer_tx == tx && path.starts_with(outer_path)) {
            part.call.is_reverted = true;
        } else if part.call.is_reverted {
            outer = Some((tx, path.clone()));
        }
    }
}
