//! The totals that every contender must reach, worked out by a plain walk and a table of unspent outputs.

use crate::{
    blocks::BlockFiles,
    counts::Counts,
    walk::{TxParts, Walker, header_hash, walk},
};
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, path::Path};

/// How many blocks at the tip a parser may hold back: those of `blocks_iterator`'s default.
pub(crate) const HELD_BACK: usize = 6;

/// Totals over different reaches of the same files.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Reference {
    /// Every block in the files, of the best chain or not; nothing resolved.
    pub(crate) files: Counts,
    /// The longest chain.
    pub(crate) chain: Counts,
    /// The same without its last [`HELD_BACK`] blocks.
    pub(crate) settled: Counts,
    /// Unspent outputs on the longest chain where they were most.
    pub(crate) unspent_max: usize,
}

struct Place {
    prev: [u8; 32],
    file: usize,
    offset: usize,
    len: usize,
}

/// Reads everything twice: once to find the longest chain, once along it.
pub(crate) fn reference(folder: &Path) -> Result<Reference> {
    let files = BlockFiles::open(folder)?;
    let mut result = Reference::default();
    let mut places: HashMap<[u8; 32], Place> = HashMap::new();
    let mut order = Vec::new();
    files.for_each(|file, offset, block| {
        let (header, _) = block.split_first_chunk::<80>().context("shorter than a header")?;
        let hash = header_hash(header);
        let mut prev = [0; 32];
        prev.copy_from_slice(&header[4..36]);
        places.insert(hash, Place { prev, file, offset, len: block.len() });
        order.push(hash);
        let mut totals = Totals::new(true);
        walk(block, &mut totals).context("not a block")?;
        result.files += totals.counts;
        result.files.blocks += 1;
        Ok(())
    })?;
    let chain = longest(&places, &order)?;
    let mut unspent =
        Unspent { outputs: HashMap::new(), max: 0, made: Vec::new(), spent: Vec::new(), counts: Counts::default() };
    let mut loaded = (usize::MAX, Vec::new());
    for (height, hash) in chain.iter().enumerate() {
        if height + HELD_BACK == chain.len() {
            result.settled = unspent.counts;
        }
        let place = &places[hash];
        if loaded.0 != place.file {
            files.read(&files.paths[place.file], &mut loaded.1)?;
            loaded.0 = place.file;
        }
        walk(&loaded.1[place.offset..][..place.len], &mut unspent).context("not a block")?;
        unspent.counts.blocks += 1;
    }
    let wanted = unspent.counts.inputs;
    ensure!(
        unspent.counts.resolved.unwrap_or(0) == wanted,
        "{} of {wanted} inputs spend an output of the chain: the files are no whole chain",
        unspent.counts.resolved.unwrap_or(0)
    );
    result.chain = unspent.counts;
    result.unspent_max = unspent.max;
    Ok(result)
}

/// The hashes of the longest chain from the block without a predecessor on.
fn longest(places: &HashMap<[u8; 32], Place>, order: &[[u8; 32]]) -> Result<Vec<[u8; 32]>> {
    let mut next: HashMap<[u8; 32], Vec<[u8; 32]>> = HashMap::new();
    for hash in order {
        next.entry(places[hash].prev).or_default().push(*hash);
    }
    let mut tips: Vec<[u8; 32]> = vec![[0; 32]];
    // level by level: of the last level that is not empty, the first found wins, as a node has it
    loop {
        let level: Vec<_> = tips.iter().filter_map(|tip| next.get(tip)).flatten().copied().collect();
        if level.is_empty() {
            break;
        }
        tips = level;
    }
    let mut chain = Vec::new();
    let mut at = tips[0];
    while at != [0; 32] {
        chain.push(at);
        at = places[&at].prev;
    }
    ensure!(!chain.is_empty(), "the files hold no block without a predecessor");
    chain.reverse();
    Ok(chain)
}

/// Adds up a walk, with txids if wanted.
pub(crate) struct Totals {
    pub(crate) counts: Counts,
    hash: bool,
    inputs: u64,
}

impl Totals {
    pub(crate) fn new(hash: bool) -> Self {
        Self { counts: Counts { output_sat: Some(0), ..Counts::default() }, hash, inputs: 0 }
    }
}

impl Walker for Totals {
    #[inline]
    fn input(&mut self, outpoint: &[u8; 36]) {
        // looked at, so that the field is read
        let _ = outpoint;
        self.inputs += 1;
    }

    #[inline]
    fn output(&mut self, value_sat: u64) {
        self.counts.outputs += 1;
        self.counts.pay(value_sat);
    }

    #[inline]
    fn tx(&mut self, tx: &TxParts<'_>) {
        self.counts.txs += 1;
        self.counts.inputs += if tx.is_coinbase { 0 } else { self.inputs };
        self.inputs = 0;
        if self.hash {
            self.counts.fold_txid(&tx.txid());
        }
    }
}

/// Follows a chain and keeps its unspent outputs.
struct Unspent {
    outputs: HashMap<[u8; 36], u64>,
    max: usize,
    made: Vec<u64>,
    spent: Vec<[u8; 36]>,
    counts: Counts,
}

impl Walker for Unspent {
    fn input(&mut self, outpoint: &[u8; 36]) {
        self.spent.push(*outpoint);
    }

    fn output(&mut self, value_sat: u64) {
        self.made.push(value_sat);
    }

    fn tx(&mut self, tx: &TxParts<'_>) {
        let txid = tx.txid();
        self.counts.txs += 1;
        self.counts.fold_txid(&txid);
        if !tx.is_coinbase {
            self.counts.inputs += self.spent.len() as u64;
            for outpoint in &self.spent {
                if let Some(value_sat) = self.outputs.remove(outpoint) {
                    self.counts.resolve(value_sat);
                }
            }
        }
        for (index, value_sat) in (0_u32..).zip(&self.made) {
            self.counts.outputs += 1;
            self.counts.pay(*value_sat);
            let mut outpoint = [0; 36];
            outpoint[..32].copy_from_slice(&txid);
            outpoint[32..].copy_from_slice(&index.to_le_bytes());
            self.outputs.insert(outpoint, *value_sat);
        }
        self.max = self.max.max(self.outputs.len());
        self.spent.clear();
        self.made.clear();
    }
}
