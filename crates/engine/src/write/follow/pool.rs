//! The mempool view of a follower: the node's list first, then its notices in order, missing bytes asked for.

use crate::error::EngineError;
use crate::live::now_ms;
use athar_ledger::Ledger;
use athar_node::{Change, Mempool, MempoolTx, OutPoint, Outputs, Paid, Rpc, SequenceNotice, parse_tx};
use athar_types::{Hash32, OutputNum};
use rustc_hash::{FxHashMap, FxHashSet};
use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

/// Transactions asked for in one request, so that a block that arrives meanwhile does not wait.
const BATCH: usize = 200;
/// Published transactions that are kept until the sequence names them.
const KEPT_MAX: usize = 8_192;
const KEPT_BYTES_MAX: usize = 64 << 20;
/// How often the mempool is listed where the node's sequence is not heard, and the part of the time that it may take.
const LIST_EVERY: Duration = Duration::from_secs(2);
const LIST_SHARE: u32 = 10;
/// The same where it is heard. A notice can be lost without a gap that shows it: one that is published before the node has
/// taken note of a new connection's subscription.
const LIST_BESIDE: Duration = Duration::from_secs(20);
const LIST_BESIDE_SHARE: u32 = 100;

/// The chain, as the mempool view looks outputs up.
struct OnChain<'a>(&'a Ledger);

impl Outputs for OnChain<'_> {
    fn output(&self, output: &OutPoint) -> Option<Paid> {
        let range = self.0.tx_outputs(self.0.tx_by_id(&output.txid)?);
        let num = OutputNum(range.start + u64::from(output.vout));
        range.contains(&num.0).then(|| Paid {
            value: self.0.output_value(num),
            address: self.0.output_address(num).map(|a| self.0.address_key(a)),
        })
    }

    fn is_confirmed(&self, txid: &Hash32) -> bool {
        self.0.tx_by_id(txid).is_some()
    }
}

/// A transaction whose bytes are still to be asked for.
struct Wanted {
    txid: Hash32,
    /// Whether its coming is news, or part of what was there at the beginning.
    is_news: bool,
}

/// The view and what is needed to keep it.
pub(super) struct PoolSync {
    pub(super) pool: Mempool,
    /// The changes that followed from notices and not told yet.
    pub(super) changes: Vec<Change>,
    /// What entered the view and was not told yet, news or not.
    pub(super) entered: Vec<Arc<MempoolTx>>,
    /// Whether the view holds all that the node listed at first.
    pub(super) is_ready: bool,
    /// Whether the view changed since the caller last looked.
    pub(super) is_changed: bool,
    /// Whether the node's list has to be read (again).
    is_list_due: bool,
    listed_at: Option<Instant>,
    list_took: Duration,
    wanted: VecDeque<Wanted>,
    /// Ids that left while their bytes were still to be asked for.
    unwanted: FxHashSet<Hash32>,
    /// Notices with a lower number are in the list already.
    sequence: u64,
    kept: FxHashMap<Hash32, MempoolTx>,
    kept_order: VecDeque<(Hash32, usize)>,
    kept_bytes: usize,
}

impl PoolSync {
    pub(super) fn new() -> Self {
        Self {
            pool: Mempool::default(),
            changes: Vec::new(),
            entered: Vec::new(),
            is_ready: false,
            is_changed: true,
            is_list_due: true,
            listed_at: None,
            list_took: Duration::ZERO,
            wanted: VecDeque::new(),
            unwanted: FxHashSet::default(),
            sequence: 0,
            kept: FxHashMap::default(),
            kept_order: VecDeque::new(),
            kept_bytes: 0,
        }
    }

    /// The list is read again: notices were missed, or the chain changed under the view.
    pub(super) fn list_again(&mut self) {
        self.is_list_due = true;
    }

    /// A transaction that the node published; kept until the sequence says that it entered the mempool.
    pub(super) fn published(&mut self, raw: &[u8]) {
        // a transaction that cannot be read here is asked for by RPC when the sequence names it
        let Ok(tx) = parse_tx(raw, now_ms()) else { return };
        if self.pool.knows(&tx.txid) || self.kept.contains_key(&tx.txid) {
            return;
        }
        self.kept_bytes += raw.len();
        self.kept_order.push_back((tx.txid, raw.len()));
        self.kept.insert(tx.txid, tx);
        while self.kept_order.len() > KEPT_MAX || self.kept_bytes > KEPT_BYTES_MAX {
            let Some((txid, bytes)) = self.kept_order.pop_front() else { break };
            self.kept.remove(&txid);
            self.kept_bytes -= bytes;
        }
    }

    /// A change of the mempool that the node told.
    pub(super) fn told(&mut self, notice: SequenceNotice, ledger: &Ledger) {
        match notice {
            SequenceNotice::Added { txid, sequence } if self.is_new(sequence) => {
                self.unwanted.remove(&txid);
                match self.kept.remove(&txid) {
                    Some(tx) => self.add(tx, true, ledger),
                    None if self.pool.knows(&txid) => {}
                    None => self.wanted.push_front(Wanted { txid, is_news: true }),
                }
            }
            SequenceNotice::Removed { txid, sequence } if self.is_new(sequence) => {
                self.kept.remove(&txid);
                if !self.wanted.is_empty() {
                    self.unwanted.insert(txid);
                }
                self.is_changed |= self.pool.knows(&txid);
                self.pool.remove(&txid, Instant::now());
            }
            _ => {}
        }
    }

    fn is_new(&mut self, sequence: u64) -> bool {
        // before the first list there is nothing to apply a change to
        let is_new = self.listed_at.is_some() && sequence >= self.sequence;
        if is_new {
            self.sequence = sequence + 1;
        }
        is_new
    }

    fn add(&mut self, tx: MempoolTx, is_news: bool, ledger: &Ledger) {
        let chain = OnChain(ledger);
        // a block may have been quicker than the notice
        if chain.is_confirmed(&tx.txid) {
            return;
        }
        let changes = self.pool.add(tx, &chain);
        self.is_changed = true;
        self.entered.extend(changes.iter().filter_map(|change| match change {
            Change::Added(tx) => Some(Arc::clone(tx)),
            _ => None,
        }));
        if is_news {
            self.changes.extend(changes);
        } else {
            self.changes.extend(changes.into_iter().filter(|c| !matches!(c, Change::Added(_))));
        }
    }

    /// A block was committed.
    pub(super) fn confirmed(&mut self, height: u32, rows: &athar_ledger::BlockRows) {
        let mut input = 0;
        for tx in &rows.txs {
            let spends = &rows.inputs[input..input + tx.inputs as usize];
            input += tx.inputs as usize;
            let spends = spends.iter().map(|i| OutPoint { txid: i.prev_txid, vout: i.prev_vout });
            self.kept.remove(&tx.txid);
            self.pool.confirm_tx(height, tx.txid, spends, &mut self.changes);
        }
        self.is_changed = true;
    }

    /// What there is to do over RPC: reading the list where it is due, then one batch of missing transactions. Whether
    /// there is more.
    pub(super) fn work(&mut self, rpc: &Rpc, ledger: &Ledger, is_sequence_heard: bool) -> Result<bool, EngineError> {
        let (every, share) =
            if is_sequence_heard { (LIST_BESIDE, LIST_BESIDE_SHARE) } else { (LIST_EVERY, LIST_SHARE) };
        let every = every.max(self.list_took * share);
        let is_stale = self.listed_at.is_none_or(|at| at.elapsed() >= every);
        if self.is_list_due || (is_stale && self.wanted.is_empty()) {
            self.list(rpc)?;
        }
        let batch: Vec<Wanted> = (0..BATCH).map_while(|_| self.wanted.pop_front()).collect();
        if !batch.is_empty() {
            let ids: Vec<Hash32> = batch.iter().map(|w| w.txid).collect();
            let raws = match rpc.mempool_txs(&ids) {
                Ok(raws) => raws,
                Err(error) => {
                    batch.into_iter().rev().for_each(|w| self.wanted.push_front(w));
                    return Err(error.into());
                }
            };
            for (wanted, raw) in batch.iter().zip(raws) {
                // one that left again meanwhile is of no interest any more
                let Some(raw) = raw.filter(|_| !self.unwanted.remove(&wanted.txid)) else { continue };
                if let Some(tx) = parse_tx(&raw, now_ms()).ok().filter(|tx| tx.txid == wanted.txid) {
                    self.add(tx, wanted.is_news, ledger);
                }
            }
        }
        if self.wanted.is_empty() {
            self.unwanted.clear();
            self.is_changed |= !self.is_ready;
            self.is_ready = true;
        }
        Ok(!self.wanted.is_empty())
    }

    /// Reads the node's list and notes what differs from the view.
    fn list(&mut self, rpc: &Rpc) -> Result<(), EngineError> {
        let start = Instant::now();
        let list = rpc.mempool()?;
        self.list_took = start.elapsed();
        self.listed_at = Some(Instant::now());
        self.is_list_due = false;
        self.sequence = list.sequence;
        let listed: FxHashSet<Hash32> = list.txids.into_iter().collect();
        let (left, new) = self.pool.difference(&listed);
        for txid in left {
            self.is_changed = true;
            self.pool.remove(&txid, Instant::now());
        }
        let was_news: FxHashSet<Hash32> = self.wanted.iter().filter(|w| w.is_news).map(|w| w.txid).collect();
        let is_ready = self.is_ready;
        self.wanted =
            new.into_iter().map(|txid| Wanted { is_news: is_ready || was_news.contains(&txid), txid }).collect();
        self.unwanted.clear();
        Ok(())
    }

    /// Removals whose reason did not come to light.
    pub(super) fn settle(&mut self) {
        self.changes.extend(self.pool.settle(Instant::now()));
    }
}
