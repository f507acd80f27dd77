//! Stores that the tests make of block files.

use crate::fixture::Fixture;
use athar_engine::{
    Clustering, Engine, EngineError, Options,
    write::{IngestSettings, IngestSummary, MEMORY_BYTES, ingest_bitcoin},
};
use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};
use tempfile::TempDir;

/// Brings the store in `folder` up to the best chain in `blocks`.
pub(crate) fn ingest(folder: &Path, blocks: &Path) -> Result<IngestSummary, EngineError> {
    let settings =
        IngestSettings { network: None, memory_bytes: MEMORY_BYTES, clusterings: vec![Clustering::default()] };
    ingest_bitcoin(folder, blocks, settings, &mut |_| true)
}

pub(crate) fn open(folder: &Path) -> Engine {
    Engine::open(folder, &Options::default()).unwrap()
}

/// A store with the whole fixture, read at once.
pub(crate) struct Whole {
    folder: TempDir,
    pub(crate) summary: IngestSummary,
    pub(crate) engine: Engine,
}

impl Whole {
    fn of(blocks: &Path) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let summary = ingest(folder.path(), blocks).unwrap();
        let engine = open(folder.path());
        Self { folder, summary, engine }
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }
}

static MINED: OnceLock<Whole> = OnceLock::new();
static SHUFFLED: OnceLock<Whole> = OnceLock::new();

/// The store of the miner's files.
pub(crate) fn mined(fixture: &Fixture) -> &'static Whole {
    MINED.get_or_init(|| Whole::of(&fixture.blocks))
}

/// The store of the other node's files.
pub(crate) fn shuffled(fixture: &Fixture) -> &'static Whole {
    SHUFFLED.get_or_init(|| Whole::of(&fixture.shuffled_blocks))
}
