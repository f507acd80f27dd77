//! The bounds, Athar's decoder over whole files, and the totals of an Athar store.

use crate::{blocks::BlockFiles, counts::Counts, reference::Totals, walk::walk};
use anyhow::{Context, Result, anyhow};
use athar_chains::bitcoin::{BlockVisitor, Input, Output, TxHead, decode_block};
use athar_ingest::decode_rows;
use athar_ledger::{Disk, SegmentBuilder, Store, StoreLock};
use athar_types::{Chain, Hash32, InputNum, OutputNum, TxNum};
use rayon::prelude::*;
use std::{
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// Blocks decoded together.
const BLOCKS: usize = 32;

/// The least that reading block files takes: every field walked, and every txid hashed where `hash` says so.
pub(crate) fn walk_files(folder: &Path, hash: bool) -> Result<Counts> {
    let mut totals = Totals::new(hash);
    BlockFiles::open(folder)?.for_each(|_, _, block| {
        totals.counts.blocks += 1;
        walk(block, &mut totals).context("not a block")
    })?;
    Ok(totals.counts)
}

/// Athar's decoder over every block, the files shared out among `threads`.
pub(crate) fn decode_files(folder: &Path, threads: usize) -> Result<Counts> {
    let files = BlockFiles::open(folder)?;
    let next = AtomicUsize::new(0);
    let work = || -> Result<Counts> {
        let (mut sum, mut buffer) = (Decoded::default(), Vec::new());
        while let Some(path) = files.paths.get(next.fetch_add(1, Ordering::Relaxed)) {
            files.read(path, &mut buffer)?;
            for frame in files.frames(path, &buffer) {
                let (offset, block) = frame?;
                decode_block(block, &mut sum).with_context(|| format!("{} at {offset}", path.display()))?;
                sum.0.blocks += 1;
            }
        }
        // a coinbase has exactly one input, or the decoder refuses its block
        sum.0.inputs -= sum.0.blocks;
        Ok(sum.0)
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut sum = Counts::default();
        for worker in workers {
            sum += worker.join().map_err(|_| anyhow!("a worker panicked"))??;
        }
        Ok(sum)
    })
}

/// Every input resolved to the output that it spends, with all checks of an ingest, and nothing written: blocks decoded on
/// all cores, matched as one segment.
pub(crate) fn resolve_files(folder: &Path, scratch: &Path) -> Result<Counts> {
    let files = BlockFiles::open(folder)?;
    let network = Chain::Bitcoin.network_of_magic(files.magic).context("blocks of no known network")?;
    let place = scratch.join("resolve");
    let lock = StoreLock::take(&place)?;
    let mut store = Store::open_for_writing(&place, &lock, Disk::default())?;
    store.set_network(Chain::Bitcoin, network)?;
    let nothing = store.ledger(Chain::Bitcoin)?.context("no ledger")?;
    let mut builder = SegmentBuilder::new(nothing.end(), Hash32::ZERO);
    let (mut counts, mut buffer) = (Counts::default(), Vec::new());
    for path in &files.paths {
        files.read(path, &mut buffer)?;
        let frames = files.frames(path, &buffer).map(|f| f.map(|(_, block)| block)).collect::<Result<Vec<_>>>()?;
        for some in frames.chunks(BLOCKS) {
            let blocks = some.par_iter().map(|raw| decode_rows(Chain::Bitcoin, raw)).collect::<Result<Vec<_>, _>>()?;
            for block in &blocks {
                builder.push(block).context("this measure needs block files in chain order")?;
                counts.blocks += 1;
                counts.txs += block.txs.len() as u64;
                counts.inputs += block.inputs.len() as u64;
                counts.outputs += block.outputs.len() as u64;
                block.txs.iter().for_each(|tx| counts.fold_txid(&tx.txid.0));
                block.outputs.iter().for_each(|output| counts.pay(output.value));
            }
        }
    }
    builder.resolve(&nothing)?.into_iter().for_each(|value| counts.resolve(value));
    Ok(counts)
}

#[derive(Default)]
struct Decoded(Counts);

impl BlockVisitor for Decoded {
    #[inline]
    fn input(&mut self, _: u32, _: &Input<'_>) {
        self.0.inputs += 1;
    }

    #[inline]
    fn output(&mut self, _: u32, output: &Output<'_>) {
        self.0.outputs += 1;
        self.0.pay(output.value.0);
    }

    #[inline]
    fn tx(&mut self, head: &TxHead) {
        self.0.txs += 1;
        self.0.fold_txid(&head.txid.0);
    }
}

/// Everything a store holds, read through its public interface.
pub(crate) fn store_counts(folder: &Path) -> Result<Counts> {
    let store = Store::open(folder)?;
    let ledger = store.ledger(Chain::Bitcoin)?.context("the store holds no Bitcoin ledger")?;
    let mut counts = Counts {
        blocks: ledger.block_count().into(),
        txs: ledger.tx_count().into(),
        inputs: ledger.input_count(),
        outputs: ledger.output_count(),
        ..Counts::default()
    };
    for tx in 0..ledger.tx_count() {
        counts.fold_txid(&ledger.txid(TxNum(tx)).0);
    }
    for output in 0..ledger.output_count() {
        counts.pay(ledger.output_value(OutputNum(output)).0);
    }
    for input in 0..ledger.input_count() {
        let spent = ledger.spent_output(&ledger.input(InputNum(input)));
        counts.resolve(ledger.output_value(spent).0);
    }
    Ok(counts)
}
