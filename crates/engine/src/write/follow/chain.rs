//! The store's chain, brought to where the node's is: fork, drop, fetch, commit.

use super::event::{Happening, Observer};
use crate::error::EngineError;
use crate::write::Stage;
use athar_chains::{bitcoin::Header, read_header};
use athar_ingest::decode_rows;
use athar_ledger::{BlockInfo, BlockRows, Ledger, LedgerError, Merger, SegmentBuilder, Store, Tip};
use athar_node::{ChainInfo, NodeError, Rpc, fetch_blocks};
use athar_types::{Chain, Hash32, Height, Network};
use rustc_hash::FxHashMap;
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

/// So few new blocks are committed one by one.
const SINGLY_MAX: usize = 3;
/// While following, blocks that one commit holds at most, so that each is told soon.
const FOLLOWING_MAX: usize = 64;
/// Heights asked for at once on the way down to a fork: first and most.
const FORK_STEP: u32 = 8;
const FORK_STEP_MAX: u32 = 4096;
/// Memory for blocks in flight, which the segment under construction may not use.
const IN_FLIGHT_BYTES: u64 = 512 << 20;
const SEGMENT_BYTES_MIN: u64 = 64 << 20;
/// Blocks published ahead of their turn that are kept.
const KEPT_BLOCKS_MAX: usize = 16;

/// How a synchronisation ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Synced {
    /// The store ends where the node does.
    AtTip,
    /// The store is kept as it is although the node's chain is another; why.
    Kept(String),
    /// The caller asked to stop.
    Stopped,
}

/// A block that was committed.
pub(super) struct Committed {
    pub(super) height: u32,
    pub(super) rows: BlockRows,
    pub(super) via: &'static str,
    pub(super) commit_ms: u64,
}

/// What there is to tell of the chain, in order.
pub(super) enum News {
    Reorg(Happening),
    Block(Committed),
}

/// The chain of a store that is open for writing.
pub(super) struct ChainSync {
    pub(super) store: Store,
    pub(super) ledger: Ledger,
    pub(super) network: Network,
    pub(super) added: u64,
    memory_bytes: u64,
    merger: Merger,
    /// Blocks that were published before their parent was committed.
    kept: FxHashMap<Hash32, Vec<u8>>,
    /// Happened and not told yet.
    pub(super) news: Vec<News>,
    pub(super) is_following: bool,
    /// Whether blocks were dropped since the caller last looked.
    pub(super) is_reorganised: bool,
    /// The tip as it was told.
    told: Option<Tip>,
}

impl ChainSync {
    pub(super) fn new(mut store: Store, network: Network, memory_bytes: u64) -> Result<Self, EngineError> {
        store.set_network(Chain::Bitcoin, network)?;
        let ledger = open(&store)?;
        let told = ledger.tip();
        Ok(Self {
            store,
            ledger,
            network,
            added: 0,
            memory_bytes: memory_bytes.saturating_sub(IN_FLIGHT_BYTES).max(SEGMENT_BYTES_MIN),
            merger: Merger::default(),
            kept: FxHashMap::default(),
            news: Vec::new(),
            is_following: false,
            is_reorganised: false,
            told,
        })
    }

    pub(super) fn tip(&self) -> Option<Tip> {
        self.ledger.tip()
    }

    pub(super) fn tip_hash(&self) -> Hash32 {
        self.tip().map_or(Hash32::ZERO, |t| t.hash)
    }

    /// Opens the ledger again after block files were read into the store.
    pub(super) fn read_elsewhere(&mut self) -> Result<(), EngineError> {
        self.reopen()?;
        self.told = self.tip();
        Ok(())
    }

    fn reopen(&mut self) -> Result<(), EngineError> {
        self.ledger = open(&self.store)?;
        Ok(())
    }

    /// A block that the node published: committed at once where it follows the tip, else kept for its turn. Whether it
    /// was committed.
    pub(super) fn published(&mut self, raw: Vec<u8>, received: Instant) -> Result<bool, EngineError> {
        let Some(header) = raw.first_chunk::<80>() else { return Ok(false) };
        let (hash, header) = (Header::hash(header), Header::parse(header));
        if header.prev != self.tip_hash() || self.tip().is_none() || !header.proves_work(&hash) {
            if self.kept.len() >= KEPT_BLOCKS_MAX {
                self.kept.clear();
            }
            self.kept.insert(hash, raw);
            return Ok(false);
        }
        // what cannot be read is asked for again by RPC, and is an error there
        let Ok(rows) = decode_rows(Chain::Bitcoin, &raw) else { return Ok(false) };
        self.commit_one(rows, "zmq", received)?;
        Ok(true)
    }

    fn commit_one(&mut self, rows: BlockRows, via: &'static str, since: Instant) -> Result<(), EngineError> {
        let mut builder = self.builder();
        builder.push(&rows)?;
        self.commit(builder, vec![rows], via, since)
    }

    /// Commits what the builder holds. `rows` are its blocks, where they are to be told.
    fn commit(
        &mut self,
        builder: SegmentBuilder,
        rows: Vec<BlockRows>,
        via: &'static str,
        since: Instant,
    ) -> Result<(), EngineError> {
        if builder.is_empty() {
            return Ok(());
        }
        let begin = self.ledger.block_count();
        let folder = self.store.chain_folder(Chain::Bitcoin);
        let piece = builder.finish(&self.ledger, self.store.disk(), &folder)?;
        self.store.append(Chain::Bitcoin, piece)?;
        let commit_ms = since.elapsed().as_millis() as u64;
        // segments of one block each are joined beside what follows
        self.merger.poll(&mut self.store, Chain::Bitcoin)?;
        self.reopen()?;
        self.note(begin, rows, via, commit_ms);
        Ok(())
    }

    /// Notes the blocks from `begin` on as news. `rows` are theirs, or none where they are not to be told one by one.
    fn note(&mut self, begin: u32, rows: Vec<BlockRows>, via: &'static str, commit_ms: u64) {
        let mut rows = rows.into_iter();
        for height in begin..self.ledger.block_count() {
            let row = rows.next();
            let Some(block) = self.ledger.block(Height(height)) else { return };
            self.added += 1;
            self.told = Some(Tip { height: block.height, hash: block.hash });
            self.news.extend(row.map(|rows| News::Block(Committed { height, rows, via, commit_ms })));
        }
    }

    /// Notes that what was told from height `common` on is no longer part of the chain.
    fn leave(&mut self, common: u32) {
        let Some(old) = self.told.filter(|told| told.height.0 >= common) else { return };
        let fork = common.checked_sub(1).and_then(|height| self.ledger.block(Height(height)));
        let Some(fork) = fork else { return };
        self.told = Some(Tip { height: fork.height, hash: fork.hash });
        self.is_reorganised = true;
        self.news.push(News::Reorg(Happening::Reorg {
            depth: old.height.0 + 1 - common,
            fork_height: fork.height.0,
            fork_hash: fork.hash,
            old_height: old.height.0,
            old_hash: old.hash,
        }));
    }

    fn builder(&self) -> SegmentBuilder {
        let new = if self.is_following { SegmentBuilder::small } else { SegmentBuilder::new };
        new(self.ledger.end(), self.tip_hash())
    }

    /// Brings the store to the node's best block, dropping what the node has left. Blocks are in `committed` afterwards
    /// where the follower has caught up before.
    pub(super) fn sync(
        &mut self,
        rpc: &Rpc,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<Synced, EngineError> {
        let since = Instant::now();
        loop {
            if stop.load(Ordering::Relaxed) {
                return Ok(Synced::Stopped);
            }
            let info = rpc.chain_info()?;
            if self.tip().is_some_and(|t| t.hash == info.best) {
                self.kept.clear();
                // the node may have gone further back while the rest was read again
                self.leave(self.ledger.block_count());
                return Ok(Synced::AtTip);
            }
            let common = self.common_blocks(rpc, &info)?;
            let ours = self.ledger.block_count();
            if common < ours {
                if let Some(why) = self.reason_to_stay(rpc, &info, common)? {
                    return Ok(Synced::Kept(why));
                }
                self.drop_from(common)?;
            }
            let from = self.ledger.block_count();
            if let Some(pruned_below) = info.pruneheight.filter(|below| info.pruned && *below > from) {
                return Err(NodeError::Pruned { url: rpc.url().to_string(), needed: from, pruned_below }.into());
            }
            let hashes: Vec<Hash32> = rpc.block_hashes(from..=info.blocks)?.into_iter().map_while(|h| h).collect();
            if !self.add(rpc, &hashes, since, stop, observer)? {
                return Ok(Synced::Stopped);
            }
        }
    }

    /// How many blocks, from the first on, node and store have in common.
    fn common_blocks(&self, rpc: &Rpc, info: &ChainInfo) -> Result<u32, EngineError> {
        let Some(tip) = self.tip() else { return Ok(0) };
        let (mut top, mut step) = (tip.height.0.min(info.blocks), FORK_STEP);
        loop {
            let low = top.saturating_sub(step - 1);
            let theirs = rpc.block_hashes((low..=top).rev())?;
            for (height, hash) in (low..=top).rev().zip(theirs) {
                if hash.is_some() && hash == self.ledger.block(Height(height)).map(|b| b.hash) {
                    return Ok(height + 1);
                }
            }
            if low == 0 {
                let found = rpc.block_hash(0)?;
                let expected = self.ledger.block(Height(0)).map_or(Hash32::ZERO, |b| b.hash);
                return Err(NodeError::OtherGenesis {
                    url: rpc.url().to_string(),
                    network: self.network,
                    found,
                    expected,
                }
                .into());
            }
            (top, step) = (low - 1, (step * 8).min(FORK_STEP_MAX));
        }
    }

    /// Why blocks of the store from `common` on are not to be dropped although the node's best chain lacks them; `None`
    /// where they are: the node's branch has more work, or the node has these blocks and has left them.
    fn reason_to_stay(&self, rpc: &Rpc, info: &ChainInfo, common: u32) -> Result<Option<String>, EngineError> {
        let Some((tip, fork)) = self.tip().zip(self.ledger.block(Height(common - 1))) else { return Ok(None) };
        let blocks = (common..=tip.height.0).filter_map(|h| self.ledger.block(Height(h)));
        let work_of = |b: BlockInfo| read_header(Chain::Bitcoin, &b.header).ok()?.work();
        let ours: u128 = blocks.filter_map(work_of).fold(0, u128::saturating_add);
        let theirs = match rpc.header(&fork.hash)? {
            Some(fork) => work(&info.chainwork).saturating_sub(work(&fork.chainwork)),
            None => 0,
        };
        if theirs > ours {
            return Ok(None);
        }
        // a node that reads its chain anew knows the blocks too, and comes back to them
        let has_left = |header: athar_node::HeaderInfo| header.confirmations < 0 && header.txs > 0;
        if !info.is_initial_download && rpc.header(&tip.hash)?.is_some_and(has_left) {
            return Ok(None);
        }
        Ok(Some(format!(
            "the node is at height {}, the store at {}, and the node's chain has no more work than the store's: nothing is dropped until it has",
            info.blocks, tip.height
        )))
    }

    fn drop_from(&mut self, common: u32) -> Result<(), EngineError> {
        self.leave(common);
        self.merger.cancel();
        self.store.unwind(Chain::Bitcoin, common)?;
        self.is_reorganised = true;
        self.reopen()
    }

    /// Adds the blocks `hashes`, which follow the tip. Whether to go on.
    fn add(
        &mut self,
        rpc: &Rpc,
        hashes: &[Hash32],
        since: Instant,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<bool, EngineError> {
        let url = || rpc.url().to_string();
        let decode = |hash: &Hash32, raw: Vec<u8>| match decode_rows(Chain::Bitcoin, &raw) {
            Ok(rows) if rows.hash == *hash => Ok(rows),
            Ok(rows) => Err(NodeError::Block { url: url(), hash: *hash, what: format!("it is block {}", rows.hash) }),
            Err(error) => Err(NodeError::Block { url: url(), hash: *hash, what: error.to_string() }),
        };
        let is_single = self.tip().is_some() && hashes.len() <= SINGLY_MAX;
        let mut singles = hashes;
        if is_single {
            // what was published already need not be asked for
            while let Some(raw) = singles.first().and_then(|h| self.kept.remove(h)) {
                self.commit_one(decode(&singles[0], raw)?, "zmq", since)?;
                singles = &singles[1..];
            }
        }
        let mut batch =
            Batch { builder: self.builder(), rows: Vec::new(), progress: athar_ingest::Progress::default() };
        batch.progress.blocks_total = singles.len() as u64;
        let mut is_other_branch = false;
        let fetched = fetch_blocks(rpc, singles, decode, |rows| -> Result<bool, EngineError> {
            let rows = rows?;
            match batch.builder.push(&rows) {
                Ok(()) => {}
                // the node changed its mind meanwhile: begin anew from what is committed
                Err(LedgerError::NotTheNextBlock { .. }) => {
                    is_other_branch = true;
                    return Ok(false);
                }
                Err(error) => return Err(error.into()),
            }
            batch.progress.height = batch.builder.next_height().0 - 1;
            batch.progress.blocks += 1;
            batch.progress.bytes += u64::from(rows.size);
            if self.is_following {
                batch.rows.push(rows);
            } else {
                observer.stage(Stage::Blocks(batch.progress));
            }
            if is_single || batch.rows.len() >= FOLLOWING_MAX || batch.builder.memory_bytes() >= self.memory_bytes {
                self.commit_batch(&mut batch, since)?;
            }
            Ok(!stop.load(Ordering::Relaxed))
        });
        // what came before an error is good: keep it
        let kept = self.commit_batch(&mut batch, since);
        fetched?;
        kept?;
        Ok(is_other_branch || !stop.load(Ordering::Relaxed))
    }

    fn commit_batch(&mut self, batch: &mut Batch, since: Instant) -> Result<(), EngineError> {
        let builder = std::mem::replace(&mut batch.builder, self.builder());
        self.commit(builder, std::mem::take(&mut batch.rows), "rpc", since)?;
        batch.builder = self.builder();
        Ok(())
    }
}

struct Batch {
    builder: SegmentBuilder,
    rows: Vec<BlockRows>,
    progress: athar_ingest::Progress,
}

fn open(store: &Store) -> Result<Ledger, EngineError> {
    store
        .ledger(Chain::Bitcoin)?
        .ok_or_else(|| EngineError::Empty { chain: Chain::Bitcoin, folder: store.folder().into() })
}

/// Work as the node gives it, 64 hexadecimal digits; what passes 128 bits is held there.
fn work(digits: &str) -> u128 {
    let digits = digits.trim_start_matches('0');
    if digits.len() > 32 { u128::MAX } else { u128::from_str_radix(digits, 16).unwrap_or(0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_read_from_the_nodes_digits() {
        assert_eq!(work("00000000000000000000000000000000000000000000000000000000000000ce"), 0xce);
        assert_eq!(work(&"0".repeat(64)), 0);
        assert_eq!(work(&"f".repeat(64)), u128::MAX);
    }
}
