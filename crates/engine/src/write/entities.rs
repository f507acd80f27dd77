//! The second stage: which addresses act as one.

use crate::error::EngineError;
use athar_entities::{Clustering, Forest, Settings};
use athar_ledger::Store;
use athar_types::Chain;

/// Builds the entities of a chain of the store where they are missing or older than the chain, with arrays of at most
/// `memory_bytes` in anonymous memory. Gives their number.
pub(super) fn build(
    store: &Store,
    chain: Chain,
    clustering: &Clustering,
    memory_bytes: u64,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<u64, EngineError> {
    let Some(ledger) = store.ledger(chain)? else { return Ok(0) };
    let settings = Settings::from(clustering);
    let forest = match Forest::open(store.folder(), &ledger, &settings) {
        Ok(Some(forest)) => forest,
        // a damaged forest is derived data: building it again is the cure
        Ok(None) | Err(_) => Forest::build(store.folder(), store.disk(), &ledger, &settings, memory_bytes, &mut |p| {
            progress(p.done, p.total);
        })?,
    };
    Ok(u64::from(ledger.address_count()) - forest.manifest().merges)
}
