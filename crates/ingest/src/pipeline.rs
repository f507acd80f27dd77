//! Reading the best chain into the ledger: batches of blocks are read and decoded in parallel while the one before is
//! added to the segment being built.

use crate::best::{BestChain, best_chain};
use crate::decode::read_block;
use crate::error::IngestError;
use crate::files::BlockFiles;
use crate::scan::{Damage, Found, Scan};
use athar_chains::bitcoin::FRAME_HEAD_LEN;
use athar_ledger::{Ledger, Merger, SegmentBuilder, Store, Tip};
use athar_types::{Chain, Hash32, Height, Network};
use rayon::prelude::*;
use std::sync::mpsc;

/// Bytes of blocks decoded together. Two batches are alive at once, with their rows: about six times this in memory.
const BATCH_BYTES: u64 = 16 << 20;
/// The part of the memory setting that a segment under construction may use; the rest is for the batches in flight.
const BATCHES_MEMORY: u64 = 8 * BATCH_BYTES;

/// What a header found in the files takes while the best chain is chosen, the maps by hash included.
const HEADER_MEMORY: u64 = 256;

/// How to ingest.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The chain whose blocks the files hold.
    pub chain: Chain,
    /// The network to expect; `None` takes the one of the first block.
    pub network: Option<Network>,
    /// Anonymous memory to stay within, in bytes.
    pub memory_bytes: u64,
}

/// How far an ingest is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// Height of the last block added.
    pub height: u32,
    /// Blocks added.
    pub blocks: u64,
    /// Blocks to add in all.
    pub blocks_total: u64,
    /// Bytes of blocks added.
    pub bytes: u64,
    /// Bytes of blocks to add in all.
    pub bytes_total: u64,
}

/// What an ingest did.
#[derive(Debug)]
pub struct IngestReport {
    /// The network of the blocks.
    pub network: Network,
    /// Blocks found in the files.
    pub blocks_found: u64,
    /// Blocks added to the ledger.
    pub blocks_added: u64,
    /// Blocks of the store that were dropped because another branch has more work.
    pub blocks_dropped: u64,
    /// Blocks in the files that lie on branches with less work.
    pub blocks_stale: u64,
    /// Bytes of the blocks added.
    pub bytes_added: u64,
    /// Segments written.
    pub segments: u64,
    /// Where the chain ends now.
    pub tip: Option<Tip>,
    /// Parts of the files that hold no readable block.
    pub damage: Vec<Damage>,
    /// Blocks that no chain leads to, and why the first of them is not connected.
    pub unconnected: Option<(u64, IngestError)>,
}

/// Brings the store up to the best chain in `files`. `progress` is called after each batch; returning `false` stops,
/// with what is committed by then.
///
/// Every segment is a commit. On an error what was committed stays, blocks before the one in error are committed too
/// where they form a whole, and the next call goes on from there.
pub fn ingest(
    store: &mut Store,
    files: &BlockFiles,
    settings: Settings,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<IngestReport, IngestError> {
    let chain = settings.chain;
    if let Some(network) = settings.network.filter(|network| chain.params(*network).is_none()) {
        return Err(IngestError::NoSuchNetwork { chain, network });
    }
    let stored = store.chain(chain).filter(|c| !c.segments.is_empty()).map(|c| c.network);
    let scan = Scan::run(files, chain, stored.or(settings.network))?;
    check_genesis(files, &scan)?;
    let ledger = store.ledger(chain)?;
    let before = ledger.as_ref().map_or(0, Ledger::block_count);
    let best = best_chain(ledger.as_ref(), &scan.blocks);
    drop(ledger);
    check_branch(files, &scan, &best)?;
    let unconnected =
        best.unconnected.map(|u| (u64::from(u.count), missing_parent(files, &scan.blocks[u.first as usize])));
    let mut report = IngestReport {
        network: scan.network,
        blocks_found: scan.blocks.len() as u64,
        blocks_added: 0,
        blocks_dropped: 0,
        blocks_stale: u64::from(best.stale),
        bytes_added: 0,
        segments: 0,
        tip: None,
        damage: scan.damage,
        unconnected,
    };
    if best.blocks.is_empty() && before == 0 {
        return Err(report.unconnected.map_or_else(|| IngestError::NoBlocks(files.path(0).into()), |(_, e)| e));
    }
    store.set_network(chain, scan.network)?;

    if best.from.0 < before {
        store.unwind(chain, best.from.0)?;
        report.blocks_dropped = u64::from(before - best.from.0);
    }
    let mut feeder = Feeder::new(store, files, &scan.blocks, &best.blocks, settings);
    let result = feeder.run(progress);
    report.blocks_added = feeder.progress.blocks;
    report.bytes_added = feeder.progress.bytes;
    report.segments = feeder.segments;
    result?;
    report.tip = store.chain(chain).and_then(athar_ledger::ChainManifest::tip);
    Ok(report)
}

fn missing_parent(files: &BlockFiles, block: &Found) -> IngestError {
    IngestError::MissingParent {
        path: files.path(block.file).into(),
        offset: block.offset - FRAME_HEAD_LEN as u64,
        hash: block.hash,
        parent: block.prev,
    }
}

/// A block without parent must be the genesis block of its network: the magic alone could be a copy's.
fn check_genesis(files: &BlockFiles, scan: &Scan) -> Result<(), IngestError> {
    let genesis = scan.chain.params(scan.network).map(athar_types::ChainParams::genesis).unwrap_or_default();
    match scan.blocks.iter().find(|b| b.prev == Hash32::ZERO && b.hash != genesis) {
        None => Ok(()),
        Some(block) => Err(IngestError::OtherGenesis {
            path: files.path(block.file).into(),
            offset: block.offset - FRAME_HEAD_LEN as u64,
            hash: block.hash,
            chain: scan.chain,
            network: scan.network,
        }),
    }
}

/// The first block of Bitcoin Cash that is not Bitcoin's too (Bitcoin Cash Node's `chainparams.cpp`, "UAHF fork block").
/// The two share the genesis block, the magic of their files and every block before it.
const CASH_HEIGHT: u32 = 478_559;
const CASH_HASH: &str = "000000000000000000651ef99cb9fcbe0dadde1d424bd9f15ff20136191a5eec";

/// Refuses blocks of Bitcoin Cash as Bitcoin's, and the other way round.
fn check_branch(files: &BlockFiles, scan: &Scan, best: &BestChain) -> Result<(), IngestError> {
    if scan.network != Network::Mainnet || !matches!(scan.chain, Chain::Bitcoin | Chain::BitcoinCash) {
        return Ok(());
    }
    let place = CASH_HEIGHT.checked_sub(best.from.0).and_then(|i| best.blocks.get(i as usize));
    let Some(block) = place.map(|i| &scan.blocks[*i as usize]) else { return Ok(()) };
    let found = if block.hash.to_string() == CASH_HASH { Chain::BitcoinCash } else { Chain::Bitcoin };
    if found == scan.chain {
        return Ok(());
    }
    Err(IngestError::OtherBranch {
        path: files.path(block.file).into(),
        offset: block.offset - FRAME_HEAD_LEN as u64,
        hash: block.hash,
        height: Height(CASH_HEIGHT),
        found,
        expected: scan.chain,
    })
}

struct Feeder<'a> {
    chain: Chain,
    store: &'a mut Store,
    files: &'a BlockFiles,
    found: &'a [Found],
    blocks: &'a [u32],
    segment_memory: u64,
    progress: Progress,
    segments: u64,
    merger: Merger,
}

impl<'a> Feeder<'a> {
    fn new(
        store: &'a mut Store,
        files: &'a BlockFiles,
        found: &'a [Found],
        blocks: &'a [u32],
        settings: Settings,
    ) -> Self {
        let bytes_total = blocks.iter().map(|b| u64::from(found[*b as usize].len)).sum();
        let progress = Progress { blocks_total: blocks.len() as u64, bytes_total, ..Progress::default() };
        let headers = found.len() as u64 * HEADER_MEMORY;
        let segment_memory = segment_bytes_of_tests()
            .unwrap_or_else(|| settings.memory_bytes.saturating_sub(BATCHES_MEMORY + headers).max(BATCH_BYTES));
        let merger = Merger::default();
        Self { chain: settings.chain, store, files, found, blocks, segment_memory, progress, segments: 0, merger }
    }

    /// The blocks in batches of about [`BATCH_BYTES`].
    fn batches(&self) -> Vec<&'a [u32]> {
        let mut batches = Vec::new();
        let (mut start, mut bytes) = (0, 0);
        for (i, block) in self.blocks.iter().enumerate() {
            bytes += u64::from(self.found[*block as usize].len);
            if bytes >= BATCH_BYTES {
                batches.push(&self.blocks[start..=i]);
                (start, bytes) = (i + 1, 0);
            }
        }
        if start < self.blocks.len() {
            batches.push(&self.blocks[start..]);
        }
        batches
    }

    fn run(&mut self, progress: &mut dyn FnMut(Progress) -> bool) -> Result<(), IngestError> {
        let batches = self.batches();
        let (files, found, chain) = (self.files, self.found, self.chain);
        std::thread::scope(|scope| {
            // room for one batch: while it is added here, the next one is decoded there
            let (sender, receiver) = mpsc::sync_channel(1);
            scope.spawn(move || {
                for batch in batches {
                    let decoded: Vec<_> =
                        batch.par_iter().map(|b| read_block(files, chain, &found[*b as usize])).collect();
                    if sender.send(decoded).is_err() {
                        return; // the other side stopped on an error
                    }
                }
            });
            let mut ledger = self.open()?;
            let mut builder = Self::builder(&ledger);
            for batch in receiver {
                for block in batch {
                    let block = match block {
                        Ok(block) => block,
                        Err(error) => {
                            // what came before it in the chain is good: keep it
                            self.finish(builder, &ledger)?;
                            return Err(error.at(builder_height(self.store, chain)));
                        }
                    };
                    builder.push(&block)?;
                    self.progress.height = builder.next_height().0 - 1;
                    self.progress.blocks += 1;
                    self.progress.bytes += u64::from(block.size);
                    if builder.memory_bytes() >= self.segment_memory {
                        self.finish(builder, &ledger)?;
                        ledger = self.open()?;
                        builder = Self::builder(&ledger);
                    }
                }
                if !progress(self.progress) {
                    self.finish(builder, &ledger)?;
                    return Err(IngestError::Cancelled);
                }
            }
            self.finish(builder, &ledger)?;
            drop(ledger);
            Ok(self.merger.settle(self.store, self.chain)?)
        })
    }

    fn open(&self) -> Result<Ledger, IngestError> {
        self.store.ledger(self.chain)?.ok_or_else(|| IngestError::NoBlocks(self.files.path(0).into()))
    }

    fn builder(ledger: &Ledger) -> SegmentBuilder {
        SegmentBuilder::new(ledger.end(), ledger.tip().map_or(Hash32::ZERO, |tip| tip.hash))
    }

    fn finish(&mut self, builder: SegmentBuilder, ledger: &Ledger) -> Result<(), IngestError> {
        if builder.is_empty() {
            return Ok(());
        }
        let folder = self.store.chain_folder(self.chain);
        let piece = builder.finish(ledger, self.store.disk(), &folder)?;
        self.store.append(self.chain, piece)?;
        self.segments += 1;
        Ok(self.merger.poll(self.store, self.chain)?)
    }
}

/// `ATHAR_SEGMENT_BYTES`: memory at which a segment is written, for tests that want many segments and joins of a small
/// chain. No setting for users: segments of a few blocks cost space and time.
fn segment_bytes_of_tests() -> Option<u64> {
    std::env::var("ATHAR_SEGMENT_BYTES").ok()?.parse().ok()
}

fn builder_height(store: &Store, chain: Chain) -> Height {
    let tip = store.chain(chain).and_then(athar_ledger::ChainManifest::tip);
    Height(tip.map_or(0, |t| t.height.0 + 1))
}

impl IngestError {
    /// Fills in the height, which the decoding threads do not know.
    fn at(mut self, at: Height) -> Self {
        if let Self::Block { height, .. } = &mut self {
            *height = at;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use athar_chains::write::{regtest_genesis, write_frame};

    /// A scan that found nothing but headers of the main network from some height on, the fork block being `fork`.
    fn scan(chain: Chain, fork: Hash32) -> Scan {
        let blocks = (0..20)
            .map(|i| {
                let hash = if i == 9 { fork } else { Hash32([i; 32]) };
                Found { hash, prev: Hash32::ZERO, work: 1, file: 0, offset: 1000 * u64::from(i) + 8, len: 100 }
            })
            .collect();
        Scan { chain, network: Network::Mainnet, blocks, damage: Vec::new() }
    }

    #[test]
    fn bitcoin_and_bitcoin_cash_are_told_apart_where_they_part() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = Vec::new();
        write_frame(&mut file, Chain::Bitcoin, Network::Regtest, &regtest_genesis(Chain::Bitcoin).unwrap());
        std::fs::write(folder.path().join("blk00000.dat"), file).unwrap();
        let files = BlockFiles::open(folder.path()).unwrap();
        let best = |from| BestChain { from: Height(from), blocks: (0..20).collect(), stale: 0, unconnected: None };
        let check = |chain, fork, from| check_branch(&files, &scan(chain, fork), &best(from));
        let (cash, other) = (CASH_HASH.parse().unwrap(), Hash32([77; 32]));
        let at_fork = CASH_HEIGHT - 9;
        check(Chain::BitcoinCash, cash, at_fork).unwrap();
        check(Chain::Bitcoin, other, at_fork).unwrap();
        let text = check(Chain::Bitcoin, cash, at_fork).unwrap_err().to_string();
        assert!(text.contains("at byte 9000: block 000000000000000000651e"), "{text}");
        assert!(text.contains("at height 478559 is on the branch of bitcoin-cash, not of bitcoin"), "{text}");
        let text = check(Chain::BitcoinCash, other, at_fork).unwrap_err().to_string();
        assert!(text.contains("on the branch of bitcoin, not of bitcoin-cash"), "{text}");
        // before they part, and past it, nothing can be told
        for from in [0, CASH_HEIGHT - 20, CASH_HEIGHT + 1] {
            check(Chain::Bitcoin, cash, from).unwrap();
        }
    }
}
