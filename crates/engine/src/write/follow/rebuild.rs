//! Entities while following: built in the background, so that blocks do not wait, and seldom enough that the machine is
//! not kept busy with it. Between, whoever opens the store adds what is missing in memory
//! ([`athar_entities::Forest::open_extended`]); building keeps that little.

use crate::error::EngineError;
use crate::write::entities;
use athar_entities::Clustering;
use athar_ledger::{Ledger, Store, Tip};
use athar_types::Chain;
use std::{
    path::{Path, PathBuf},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// A rebuild waits until at least this many times its own duration has passed since the last: 5% of the time.
const PAUSE: u32 = 20;
/// And at least this long.
const PAUSE_MIN: Duration = Duration::from_secs(5);

/// What a rebuild gave.
pub(super) struct Rebuilt {
    pub(super) tip: Tip,
    pub(super) entities: u64,
    pub(super) took: Duration,
}

/// Rebuilds the entities of a store whose lock this process holds.
pub(super) struct Rebuild {
    folder: PathBuf,
    clustering: Clustering,
    memory_bytes: u64,
    running: Option<JoinHandle<Result<Option<Rebuilt>, EngineError>>>,
    built: Option<Tip>,
    not_before: Instant,
}

impl Rebuild {
    pub(super) fn new(folder: &Path, clustering: Clustering, memory_bytes: u64) -> Self {
        Self { folder: folder.into(), clustering, memory_bytes, running: None, built: None, not_before: Instant::now() }
    }

    /// Takes the result of a rebuild that ended, and begins one where that is due.
    /// Entities whose last block has left the chain are built anew without a pause: until then some figures are not known.
    pub(super) fn tick(&mut self, ledger: &Ledger) -> Result<Option<Rebuilt>, EngineError> {
        let tip = ledger.tip();
        if let Some(running) = self.running.take_if(|r| r.is_finished()) {
            return self.ended(running);
        }
        let is_lost = self.built.is_some_and(|b| ledger.block(b.height).is_none_or(|block| block.hash != b.hash));
        let is_due = tip != self.built && (Instant::now() >= self.not_before || is_lost);
        if self.running.is_none() && tip.is_some() && is_due {
            let (folder, clustering, memory_bytes) = (self.folder.clone(), self.clustering.clone(), self.memory_bytes);
            self.running = Some(thread::spawn(move || build(&folder, &clustering, memory_bytes)));
        }
        Ok(None)
    }

    /// Waits for a running rebuild and, where the entities are still behind, builds them once more.
    pub(super) fn finish(&mut self, tip: Option<Tip>) -> Result<Option<Rebuilt>, EngineError> {
        let mut last = match self.running.take() {
            // what went wrong there is tried again here
            Some(running) => self.ended(running).unwrap_or(None),
            None => None,
        };
        if tip.is_some() && tip != self.built {
            last = build(&self.folder, &self.clustering, self.memory_bytes)?;
        }
        Ok(last)
    }

    fn ended(
        &mut self,
        running: JoinHandle<Result<Option<Rebuilt>, EngineError>>,
    ) -> Result<Option<Rebuilt>, EngineError> {
        // a build that failed is tried again later, and does not count as lost
        self.built = None;
        self.not_before = Instant::now() + PAUSE_MIN;
        let Ok(rebuilt) = running.join() else { return Ok(None) };
        let rebuilt = rebuilt?;
        if let Some(rebuilt) = &rebuilt {
            self.built = Some(rebuilt.tip);
            self.not_before = Instant::now() + PAUSE_MIN.max(rebuilt.took * PAUSE);
        }
        Ok(rebuilt)
    }
}

impl Drop for Rebuild {
    fn drop(&mut self) {
        // it writes under the lock of this process, which is given up after this
        if let Some(running) = self.running.take() {
            let _ = running.join();
        }
    }
}

fn build(folder: &Path, clustering: &Clustering, memory_bytes: u64) -> Result<Option<Rebuilt>, EngineError> {
    let start = Instant::now();
    // the commit of this moment; what is committed meanwhile comes with the next rebuild
    let store = Store::open(folder)?;
    let Some(tip) = store.chain(Chain::Bitcoin).and_then(athar_ledger::ChainManifest::tip) else { return Ok(None) };
    let entities = entities::build(&store, Chain::Bitcoin, clustering, memory_bytes, &mut |_, _| ())?;
    Ok(Some(Rebuilt { tip, entities, took: start.elapsed() }))
}
