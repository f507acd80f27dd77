//! The bounds, Athar's decoder over whole files, and the totals of an Athar store.

use crate::{blocks::BlockFiles, counts::Counts, reference::Totals, walk::walk};
use anyhow::{Context, Result, anyhow};
use athar_chains::bitcoin::{BlockVisitor, Input, Output, TxHead, decode_block};
use athar_ledger::Store;
use athar_types::{Chain, InputNum, OutputNum, TxNum};
use std::{
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

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
