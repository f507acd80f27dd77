//! Why two addresses are one entity.

use crate::Engine;
use crate::error::EngineError;
use athar_entities::{Bounds, explain};
use schemars::JsonSchema;
use serde::Serialize;

/// Whether and why two addresses are one entity.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ExplainView {
    /// Whether they are.
    pub linked: bool,
    /// Height of the block since which they are; none where they are not, or are the same address.
    pub since_height: Option<u32>,
    /// The path: the first step begins at the first address, the last ends at the second, and each begins where the one
    /// before it ended.
    pub steps: Vec<StepView>,
    /// A bound that was hit: `edges` (a shorter path may exist) or `steps` (the path is longer and left out).
    pub bound_hit: Option<String>,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// One step of a path.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StepView {
    /// The transaction that ties the two.
    pub txid: String,
    /// Height of its block.
    pub height: u32,
    /// Why: `co-spend` (both are inputs) or `same-key` (both are forms of a key that it revealed).
    pub heuristic: String,
    /// The two addresses.
    pub joins: [String; 2],
}

impl Engine {
    /// Explains why two addresses are one entity; `None` where the chain never paid one of them.
    pub fn explain(&self, a: &str, b: &str) -> Result<Option<ExplainView>, EngineError> {
        let forest = self.forest()?;
        let ledger = self.ledger()?;
        let (Some(x), Some(y)) = (self.address_id(a)?, self.address_id(b)?) else { return Ok(None) };
        let found = explain(ledger, forest, x, y, &Bounds::default())?;
        let steps = found.steps.iter().map(|step| StepView {
            txid: ledger.txid(step.tx).to_string(),
            height: ledger.tx_height(step.tx).0,
            heuristic: step.heuristic.to_string(),
            joins: [ledger.address_text(step.a), ledger.address_text(step.b)],
        });
        let bound = |hit| match hit {
            athar_entities::BoundHit::Edges => "edges",
            athar_entities::BoundHit::Steps => "steps",
        };
        Ok(Some(ExplainView {
            linked: found.linked,
            since_height: found.since.map(|link| ledger.tx_height(link.tx).0),
            steps: steps.collect(),
            bound_hit: found.bound_hit.map(|hit| bound(hit).to_string()),
            snapshot: self.snapshot("explain", &(ledger.address_text(x), ledger.address_text(y))),
        }))
    }
}
