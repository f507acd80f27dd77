//! The best chain: the one with the most work over all headers known.

use crate::scan::Found;
use athar_chains::read_header;
use athar_ledger::Ledger;
use athar_types::{Hash32, Height};
use rustc_hash::FxHashMap;

/// What to do to make the store follow the best chain.
#[derive(Debug)]
pub struct BestChain {
    /// Height of the first block to add; blocks of the store at or above it are on a branch with less work.
    pub from: Height,
    /// The blocks to add in chain order, as indexes into the scan.
    pub blocks: Vec<u32>,
    /// Blocks with less work than the best chain (indexes into the scan).
    pub stale: u32,
    /// Blocks that no known chain leads to.
    pub unconnected: Option<Unconnected>,
}

/// Blocks that no known chain leads to.
#[derive(Clone, Copy, Debug)]
pub struct Unconnected {
    /// How many.
    pub count: u32,
    /// One of those whose own parent is nowhere (the first in the files), as index into the scan.
    pub first: u32,
}

/// Chooses the chain with the most work among those that begin at the genesis block or in the store. Of two equal
/// chains the stored one stays; of two new ones that with the smaller tip hash wins, so that the choice does not depend
/// on the order of the files.
pub fn best_chain(ledger: Option<&Ledger>, found: &[Found]) -> BestChain {
    let stored = Stored::read(ledger);
    let mut by_hash: FxHashMap<Hash32, u32> = FxHashMap::default();
    by_hash.reserve(found.len());
    for (i, block) in found.iter().enumerate() {
        // a block may be in the files twice: the first copy serves
        by_hash.entry(block.hash).or_insert(i as u32);
    }
    // total work of each block, found by walking up to something known and down again
    let mut total: Vec<Option<u128>> = vec![None; found.len()];
    let mut lost = vec![false; found.len()];
    let mut path = Vec::new();
    for i in 0..found.len() as u32 {
        let mut at = i;
        let base = loop {
            let block = &found[at as usize];
            if let Some(work) = total[at as usize] {
                break Some(work);
            }
            if lost[at as usize] {
                break None;
            }
            path.push(at);
            if let Some(height) = stored.heights.get(&block.hash) {
                path.pop();
                total[at as usize] = Some(stored.work[*height as usize]);
                break total[at as usize];
            }
            if block.prev == Hash32::ZERO {
                break Some(0);
            }
            if let Some(height) = stored.heights.get(&block.prev) {
                break Some(stored.work[*height as usize]);
            }
            match by_hash.get(&block.prev) {
                Some(parent) => at = *parent,
                None => break None,
            }
        };
        let mut work = base;
        for at in path.drain(..).rev() {
            work = work.map(|w| w.saturating_add(found[at as usize].work));
            total[at as usize] = work;
            lost[at as usize] = work.is_none();
        }
    }

    let best = (0..found.len() as u32)
        .filter(|i| total[*i as usize].is_some())
        .max_by_key(|i| (total[*i as usize], std::cmp::Reverse(found[*i as usize].hash)));
    let mut blocks = Vec::new();
    let mut from = stored.work.len() as u32;
    let stored_work = stored.work.last().copied();
    if let Some(best) = best.filter(|b| stored_work.is_none_or(|have| total[*b as usize] > Some(have))) {
        let mut at = best;
        from = loop {
            let block = &found[at as usize];
            if let Some(height) = stored.heights.get(&block.hash) {
                break height + 1;
            }
            blocks.push(at);
            if block.prev == Hash32::ZERO {
                break 0;
            }
            if let Some(height) = stored.heights.get(&block.prev) {
                break height + 1;
            }
            match by_hash.get(&block.prev) {
                Some(parent) => at = *parent,
                None => break 0,
            }
        };
        blocks.reverse();
    }
    let on_chain = |i: usize| stored.heights.get(&found[i].hash).is_some_and(|h| *h < from);
    let added: rustc_hash::FxHashSet<Hash32> = blocks.iter().map(|i| found[*i as usize].hash).collect();
    let known = (0..found.len()).filter(|i| !lost[*i]);
    let mut stale: Vec<Hash32> =
        known.filter(|i| !on_chain(*i) && !added.contains(&found[*i].hash)).map(|i| found[i].hash).collect();
    stale.sort_unstable();
    stale.dedup();
    let count = lost.iter().filter(|l| **l).count() as u32;
    let orphan = |i: &usize| lost[*i] && !by_hash.contains_key(&found[*i].prev);
    let unconnected = (0..found.len()).find(orphan).map(|first| Unconnected { count, first: first as u32 });
    BestChain { from: Height(from), blocks, stale: stale.len() as u32, unconnected }
}

/// The chain in the store: height of each hash, total work up to each height.
struct Stored {
    heights: FxHashMap<Hash32, u32>,
    work: Vec<u128>,
}

impl Stored {
    fn read(ledger: Option<&Ledger>) -> Self {
        let mut stored = Self { heights: FxHashMap::default(), work: Vec::new() };
        let Some(ledger) = ledger else { return stored };
        let mut total = 0u128;
        for height in 0..ledger.block_count() {
            let Some(block) = ledger.block(Height(height)) else { break };
            total = total
                .saturating_add(read_header(ledger.chain(), &block.header).ok().and_then(|h| h.work()).unwrap_or(0));
            stored.heights.insert(block.hash, height);
            stored.work.push(total);
        }
        stored
    }
}
