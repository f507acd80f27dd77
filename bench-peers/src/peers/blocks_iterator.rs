//! `blocks_iterator`: blocks in order from a pipeline of threads, as bytes with txids, or with a map of the outputs
//! that each block spends.

use crate::{blocks::BlockFiles, counts::Counts, reference::HELD_BACK};
use anyhow::{Context, Result, ensure};
use blocks_iterator::{
    Config,
    bitcoin::{Network, OutPoint, hashes::Hash, p2p::Magic},
};
use std::path::Path;

/// Iterates over all blocks but the last, which it holds back.
///
/// Without previous outputs a block's fields are left in its bytes, so no output value is summed up; with them the
/// library parses each block itself.
pub(crate) fn iterate(folder: &Path, with_prevouts: bool) -> Result<Counts> {
    let magic = BlockFiles::open(folder)?.magic;
    let network = Network::from_magic(Magic::from_bytes(magic)).with_context(|| format!("no network has {magic:?}"))?;
    let mut config = Config::new(folder, network);
    ensure!(usize::from(config.max_reorg) == HELD_BACK, "holds back {} blocks", config.max_reorg);
    config.skip_prevout = !with_prevouts;
    let mut counts = Counts::default();
    for block in blocks_iterator::try_iter(config)? {
        counts.blocks += 1;
        counts.txs += block.txids().len() as u64;
        counts.inputs += block.block_total_inputs() as u64 - 1;
        counts.outputs += block.block_total_outputs() as u64;
        block.txids().iter().for_each(|txid| counts.fold_txid(txid.as_byte_array()));
        if with_prevouts {
            let outputs = block.block().txdata.iter().flat_map(|tx| &tx.output);
            outputs.for_each(|output| counts.pay(output.value.to_sat()));
            // the map also holds what a coinbase may claim, under the null outpoint
            let spent = block.outpoint_values().iter().filter(|(outpoint, _)| **outpoint != OutPoint::null());
            spent.for_each(|(_, output)| counts.resolve(output.value.to_sat()));
        }
    }
    Ok(counts)
}
