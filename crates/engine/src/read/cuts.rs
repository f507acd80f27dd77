//! The cut list: which merges are not believed, and why.

use crate::Engine;
use crate::error::EngineError;
use crate::guard::{CutEntry, Decision, Found};
use schemars::JsonSchema;
use serde::Serialize;

/// The cut list as an answer names it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CutsView {
    /// Version: equal lists have equal versions.
    pub version: String,
    /// Number of the version in this store.
    pub number: u32,
    /// Height of the last block that it knows: addresses that joined later stand for themselves.
    pub as_of_height: u32,
    /// The entries that cut the entity.
    pub applied: Vec<CutEntry>,
}

/// The whole cut list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ConflictsView {
    /// Version; none where there is no list.
    pub version: Option<String>,
    /// Number of the version in this store, from 1; 0 where there is none.
    pub number: u32,
    /// Whether this run made it.
    pub is_new: bool,
    /// Height of the last block that it knows.
    pub as_of_height: Option<u32>,
    /// Merges that are not believed.
    pub entries: Vec<CutEntry>,
    /// What analysts decided, in order.
    pub decisions: Vec<Decision>,
    /// Large merges of which a bound left open whether anything else ties the sides; none where nothing was looked for.
    pub left_open: Option<u64>,
    /// Why the list is not applied.
    pub stale: Option<String>,
    /// Heuristics of the entities that it cuts.
    pub heuristics: String,
    /// The clustering that the answer is of.
    pub clustering: super::ClusteringView,
    /// Snapshot of this answer.
    pub snapshot: String,
}

impl Engine {
    /// The cut list in use.
    pub fn conflicts(&self) -> Result<ConflictsView, EngineError> {
        self.forest()?;
        let list = self.guard.list();
        Ok(ConflictsView {
            version: list.map(|l| l.version.clone()),
            number: list.map_or(0, |l| l.number),
            is_new: false,
            as_of_height: list.map(|l| l.tip_height),
            entries: list.map(|l| l.entries.clone()).unwrap_or_default(),
            decisions: list.map(|l| l.decisions.clone()).unwrap_or_default(),
            left_open: None,
            stale: self.guard.stale().map(String::from),
            heuristics: self.settings.heuristics.to_string(),
            clustering: self.clustering_view(),
            snapshot: self.snapshot("entity conflicts", &()),
        })
    }

    /// The same, with what an update found.
    pub fn conflicts_found(&self, found: &Found) -> Result<ConflictsView, EngineError> {
        let view = self.conflicts()?;
        Ok(ConflictsView { is_new: found.is_new, left_open: Some(found.open), ..view })
    }
}
