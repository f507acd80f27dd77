//! `ingest`: block files into the ledger, then everything derived from it.

use super::{Stage, entities};
use crate::error::EngineError;
use athar_entities::Clustering;
use athar_ingest::{BlockFiles, IngestError, Settings};
use athar_ledger::{ChainManifest, Disk, Store, StoreLock};
use athar_types::{Chain, Hash32, Network};
use serde::Serialize;
use std::path::Path;

/// How to ingest.
#[derive(Clone, Debug)]
pub struct IngestSettings {
    /// The network to expect; `None` takes the one of the first block.
    pub network: Option<Network>,
    /// Anonymous memory to stay within, in bytes.
    pub memory_bytes: u64,
    /// Which entities to build; the summary counts those of the first.
    pub clusterings: Vec<Clustering>,
}

/// What an ingest did.
#[derive(Clone, Debug, Serialize)]
pub struct IngestSummary {
    /// Chain.
    pub chain: &'static str,
    /// Network.
    pub network: &'static str,
    /// Blocks found in the files.
    pub blocks_found: u64,
    /// Blocks added.
    pub blocks_added: u64,
    /// Blocks dropped because another branch has more work.
    pub blocks_dropped: u64,
    /// Blocks in the files on branches with less work.
    pub blocks_stale: u64,
    /// Blocks that no chain leads to.
    pub blocks_unconnected: u64,
    /// Bytes of the blocks added.
    pub bytes_added: u64,
    /// Segments written.
    pub segments: u64,
    /// Height of the last block.
    pub tip_height: Option<u32>,
    /// Its hash.
    pub tip_hash: Option<Hash32>,
    /// Parts of the files that hold no readable block, one text each.
    pub damage: Vec<String>,
    /// Why blocks are unconnected: the file and byte of the first of them.
    pub unconnected: Option<String>,
    /// Entities after the ingest.
    pub entities: u64,
    /// Which heuristics tie addresses.
    pub heuristics: String,
}

/// As [`ingest_blocks`], of Bitcoin.
pub fn ingest_bitcoin(
    folder: &Path,
    blocks: &Path,
    settings: IngestSettings,
    progress: &mut dyn FnMut(Stage) -> bool,
) -> Result<IngestSummary, EngineError> {
    ingest_blocks(folder, Chain::Bitcoin, blocks, settings, progress)
}

/// Brings a chain of the store in `folder` up to the best chain in the block files of `blocks`, then rebuilds
/// what is derived from it. `progress` is told where it stands; returning `false` stops after the current batch.
///
/// A store is made where there is none. On an error everything committed before it stays.
pub fn ingest_blocks(
    folder: &Path,
    chain: Chain,
    blocks: &Path,
    settings: IngestSettings,
    progress: &mut dyn FnMut(Stage) -> bool,
) -> Result<IngestSummary, EngineError> {
    // the files first: a mistyped folder must not leave a new store behind
    let files = BlockFiles::open(blocks)?;
    let lock = StoreLock::take(folder)?;
    let mut store = Store::open_for_writing(folder, &lock, Disk::default())?;
    if let (Some(entry), Some(asked)) = (store.chain(chain), settings.network)
        && entry.network != asked
        && !entry.segments.is_empty()
    {
        let (stored, found) = (entry.network, asked);
        return Err(athar_ledger::LedgerError::OtherNetwork { chain, stored, found }.into());
    }
    let read = Settings { chain, network: settings.network, memory_bytes: settings.memory_bytes };
    let ingested = athar_ingest::ingest(&mut store, &files, read, &mut |p| progress(Stage::Blocks(p)));
    // what was committed before an error gets its entities too, so that the store answers for it
    let built = match store.chain(chain).and_then(ChainManifest::tip) {
        Some(_) if !matches!(ingested, Err(IngestError::Cancelled)) => {
            let told = &mut |done, total| {
                progress(Stage::Entities { done, total });
            };
            let all =
                settings.clusterings.iter().map(|c| entities::build(&store, chain, c, settings.memory_bytes, told));
            all.collect::<Result<Vec<u64>, _>>()
        }
        _ => Ok(Vec::new()),
    };
    let report = ingested?;
    let entities = built?.first().copied().unwrap_or(0);
    let (blocks_unconnected, unconnected) = match &report.unconnected {
        Some((count, why)) => (*count, Some(why.to_string())),
        None => (0, None),
    };
    Ok(IngestSummary {
        chain: chain.name(),
        network: report.network.name(),
        blocks_found: report.blocks_found,
        blocks_added: report.blocks_added,
        blocks_dropped: report.blocks_dropped,
        blocks_stale: report.blocks_stale,
        blocks_unconnected,
        bytes_added: report.bytes_added,
        segments: report.segments,
        tip_height: report.tip.map(|t| t.height.0),
        tip_hash: report.tip.map(|t| t.hash),
        damage: report.damage.iter().map(ToString::to_string).collect(),
        unconnected,
        entities,
        heuristics: settings.clusterings.first().map_or_else(String::new, |first| first.heuristics().to_string()),
    })
}
