//! `bitcoin-block-parser`: parses on a pool of threads; resolving goes through a filter of unspent outputs, made by a
//! first pass over the files.

use crate::counts::Counts;
use anyhow::{Context, Result};
use bitcoin::{Block, Transaction, hashes::Hash};
use bitcoin_block_parser::{
    BlockParser, UtxoParser,
    blocks::{ParserIterator, ParserOptions},
    utxos::UtxoBlock,
};
use std::{path::Path, thread};

/// As many threads as cores; the default is 64.
fn options() -> Result<ParserOptions> {
    Ok(ParserOptions { num_threads: thread::available_parallelism()?.get(), ..ParserOptions::default() })
}

/// Parses all blocks, in any order, and hashes the txids where `hash` says so.
pub(crate) fn parse(folder: &Path, hash: bool) -> Result<Counts> {
    let parser = BlockParser::new_with_opts(text(folder)?, options()?)?;
    Ok(sum(parser.parse(move |block: Block| {
        let mut counts = Counts { blocks: 1, ..Counts::default() };
        for tx in &block.txdata {
            add(&mut counts, tx);
            if hash {
                counts.fold_txid(tx.compute_txid().as_byte_array());
            }
        }
        counts
    })))
}

/// Both passes: the filter (written to `scratch`), then blocks with the output of every input and the state of every
/// output. The number of unspent outputs is told; the default reserves memory for 250 million.
pub(crate) fn resolve(folder: &Path, scratch: &Path, unspent_max: usize) -> Result<Counts> {
    let filter = scratch.join("filter.bin");
    let parser =
        UtxoParser::new(text(folder)?, text(&filter)?).with_opts(options()?).estimated_utxos(unspent_max.max(1));
    Ok(sum(parser.create_filter()?.parse(|block: UtxoBlock| {
        let mut counts = Counts { blocks: 1, ..Counts::default() };
        for tx in &block.txdata {
            add(&mut counts, &tx.transaction);
            counts.fold_txid(tx.txid.as_byte_array());
            if !tx.transaction.is_coinbase() {
                tx.input().for_each(|(_, spent)| counts.resolve(spent.value.to_sat()));
            }
        }
        counts
    })?))
}

fn add(counts: &mut Counts, tx: &Transaction) {
    counts.txs += 1;
    counts.inputs += if tx.is_coinbase() { 0 } else { tx.input.len() as u64 };
    counts.outputs += tx.output.len() as u64;
    tx.output.iter().for_each(|output| counts.pay(output.value.to_sat()));
}

fn sum(blocks: ParserIterator<Counts>) -> Counts {
    let mut sum = Counts::default();
    blocks.into_iter().for_each(|block| sum += block);
    sum
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{} is no UTF-8", path.display()))
}
