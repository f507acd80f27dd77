//! Which entities an answer is of.

use crate::Engine;
use schemars::JsonSchema;
use serde::Serialize;

/// The clustering that an answer is of: several can stand side by side in a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClusteringView {
    /// `strict`, `extended`, or the name in a policy file; none where heuristics were merely listed.
    pub name: Option<String>,
    /// Heuristics that tie addresses.
    pub heuristics: String,
    /// Digest of the rules: equal rules have equal versions.
    pub version: String,
}

impl Engine {
    /// The clustering that the answers of this engine are of.
    pub(crate) fn clustering_view(&self) -> ClusteringView {
        ClusteringView {
            name: self.clustering.name().map(String::from),
            heuristics: self.clustering.heuristics().to_string(),
            version: self.clustering.version().to_string(),
        }
    }
}
