//! Making a new version of the cut list.

use crate::error::EngineError;
use crate::guard::{Decision, Found, update};
use crate::{Engine, Options};
use athar_ledger::{Disk, StoreLock};
use std::path::Path;

/// Looks for merges that are not to be believed, adds an analyst's decision where one is given, and writes a new version of
/// the cut list where it differs from the newest. Holds the store's lock; readers go on with what they have.
pub fn update_cuts(
    folder: &Path,
    options: &Options,
    decision: Option<Decision>,
    memory_bytes: u64,
) -> Result<Found, EngineError> {
    let _lock = StoreLock::take(folder)?;
    let engine = Engine::open(folder, &Options { no_cuts: true, ..options.clone() })?;
    let (ledger, forest) = (engine.ledger()?, engine.forest()?);
    if let Some(decision) = &decision {
        let known = decision.txid.parse().ok().and_then(|id| ledger.tx_by_id(&id));
        if known.is_none() {
            let what = "not a transaction of the chain in the store".into();
            return Err(EngineError::Target { input: crate::shortened(&decision.txid), what });
        }
    }
    update(folder, &Disk::default(), ledger, forest, &engine.labels, decision, memory_bytes)
}
