//! What would be left of an entity if one transaction did not count.

use super::StepView;
use crate::Engine;
use crate::error::EngineError;
use athar_entities::{Step, without};
use athar_types::Hash32;
use schemars::JsonSchema;
use serde::Serialize;

/// Outputs, inputs and ties that are looked at, unless asked otherwise.
pub const WITHOUT_EDGES: u64 = 200_000;

/// An entity without what one transaction ties.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WithoutView {
    /// The transaction left out.
    pub txid: String,
    /// The address asked about.
    pub address: String,
    /// Number of addresses in its entity as it is.
    pub size: u32,
    /// Whether the transaction ties addresses of that entity at all.
    pub ties: bool,
    /// Whether the entity holds together without it; none where the bound ended the search before that was known.
    pub holds: Option<bool>,
    /// Where the transaction changed nothing: the height since which what it ties had been one already.
    pub one_since_height: Option<u32>,
    /// What is left, the largest part first.
    pub parts: Vec<PartView>,
    /// Ways by which its addresses are one without it.
    pub ways: Vec<Vec<StepView>>,
    /// A bound that was hit: `edges`.
    pub bound_hit: Option<String>,
    /// The heuristics that tie the entity.
    pub heuristics: String,
    /// The clustering that the answer is of.
    pub clustering: super::ClusteringView,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// A part of an entity.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PartView {
    /// Number of addresses, or at least so many.
    pub size: u32,
    /// Whether the size is exact.
    pub exact: bool,
    /// Whether the address asked about is in it; none where that was not reached.
    pub has_address: Option<bool>,
    /// Up to 100 of its addresses.
    pub addresses: Vec<String>,
}

impl Engine {
    /// The entity of an address as if a transaction were a CoinJoin, looking at most at `edges_max` outputs, inputs and
    /// ties; `None` where the chain has no such address or transaction.
    pub fn entity_without(
        &self,
        txid: &str,
        address: &str,
        edges_max: u64,
    ) -> Result<Option<WithoutView>, EngineError> {
        let forest = self.forest()?;
        let ledger = self.ledger()?;
        let id: Hash32 = txid.trim().parse().map_err(|_| EngineError::Target {
            input: crate::shortened(txid),
            what: "a transaction id has 64 hexadecimal digits".into(),
        })?;
        let (Some(asked), Some(tx)) = (self.address_id(address)?, ledger.tx_by_id(&id)) else { return Ok(None) };
        let found = without(ledger, forest, tx, asked, edges_max);
        let text = |a| ledger.address_text(a);
        let mut view = WithoutView {
            txid: id.to_string(),
            address: text(asked),
            size: forest.size(asked),
            ties: found.is_some(),
            holds: Some(true),
            one_since_height: None,
            parts: Vec::new(),
            ways: Vec::new(),
            bound_hit: None,
            heuristics: self.settings.heuristics.to_string(),
            clustering: self.clustering_view(),
            snapshot: self.snapshot("entity without", &(id.to_string(), text(asked), edges_max)),
        };
        let Some(found) = found else { return Ok(Some(view)) };
        view.holds = match (found.parts.len(), found.bound_hit) {
            (1, _) => Some(true),
            // a part that was searched to its end has fallen off, whatever the others are
            (_, true) if found.parts.iter().all(|p| !p.is_whole) => None,
            _ => Some(false),
        };
        view.one_since_height = found.since.map(|link| ledger.tx_height(link.tx).0);
        view.bound_hit = found.bound_hit.then(|| "edges".into());
        view.parts = found
            .parts
            .into_iter()
            .map(|part| PartView {
                size: part.size,
                exact: part.is_whole,
                has_address: part.has_asked,
                addresses: part.addresses.into_iter().map(text).collect(),
            })
            .collect();
        view.ways = found.ways.iter().map(|way| way.iter().map(|step| self.step_view(step)).collect()).collect();
        Ok(Some(view))
    }

    /// A step of a way between two addresses.
    pub(crate) fn step_view(&self, step: &Step) -> StepView {
        let ledger = self.ledger_or_empty();
        StepView {
            txid: ledger.txid(step.tx).to_string(),
            height: ledger.tx_height(step.tx).0,
            heuristic: step.heuristic.to_string(),
            joins: [ledger.address_text(step.a), ledger.address_text(step.b)],
        }
    }
}
