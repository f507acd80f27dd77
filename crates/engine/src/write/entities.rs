//! The second stage: which addresses act as one, and what each entity does.

use crate::error::EngineError;
use athar_entities::services::{Services, ServicesState};
use athar_entities::{Clustering, Forest, Settings};
use athar_ledger::{Ledger, Store};
use athar_types::Chain;

/// Builds the entities of a chain of the store, and the figures of services beside them, where they are missing or older than
/// the chain, with arrays of at most `memory_bytes` in anonymous memory. Gives the number of entities.
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
    if !is_counted(&forest, &ledger) {
        Services::build(store.disk(), &ledger, &forest, memory_bytes, &mut |p| progress(p.done, p.total))?;
    }
    Ok(u64::from(ledger.address_count()) - forest.manifest().merges)
}

/// Whether the figures of services are of the ledger's last block. A damaged table counts as missing: it is derived too.
fn is_counted(forest: &Forest, ledger: &Ledger) -> bool {
    match Services::open(forest, ledger) {
        Ok(ServicesState::Ready(services)) => services.manifest().tip == ledger.tip(),
        _ => false,
    }
}
