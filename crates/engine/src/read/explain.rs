//! Why two addresses are one entity.

use crate::Engine;
use crate::error::EngineError;
use crate::json::Millionths;
use crate::read::Moment;
use athar_entities::{BoundHit, Bounds, ErrorRates, Explanation, Heuristic, Tally, explain_without};
use athar_types::{AddressId, TxNum};
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
    /// How often each heuristic in the path was wrong where the truth is known.
    pub rates: Vec<RateView>,
    /// The cut list, where it cuts the entity that the forest has both in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cuts: Option<super::CutsView>,
    /// A bound that was hit: `edges` (a shorter path may exist) or `steps` (the path is longer and left out).
    pub bound_hit: Option<String>,
    /// The clustering that the answer is of.
    pub clustering: super::ClusteringView,
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

/// How often a heuristic was wrong where the truth is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RateView {
    /// The heuristic.
    pub heuristic: String,
    /// Where it was measured: `simulated` (worlds whose owners are known).
    pub set: String,
    /// Ties that joined addresses of different owners.
    pub wrong: u64,
    /// Ties looked at.
    pub of: u64,
    /// Lower end of the 95 % interval of the share that is wrong.
    pub share_wrong_min: Millionths,
    /// Upper end of it, rounded up.
    pub share_wrong_max: Millionths,
}

impl RateView {
    /// The shipped rate of a heuristic, where it was measured.
    pub(crate) fn of(heuristic: Heuristic) -> Option<Self> {
        let rate = ErrorRates::shipped().of(heuristic)?;
        Self::new(&heuristic.to_string(), &rate.set, rate.ties)
    }

    /// The shipped rate of recognising deposit addresses.
    pub(crate) fn of_deposits() -> Option<Self> {
        Self::new("deposit-address", "simulated", ErrorRates::shipped().deposits.wrong)
    }

    fn new(what: &str, set: &str, tally: Tally) -> Option<Self> {
        let [low, high] = tally.interval_95()?;
        Some(Self {
            heuristic: what.into(),
            set: set.into(),
            wrong: tally.wrong,
            of: tally.of,
            share_wrong_min: Millionths((low * 1e6).floor() as u64),
            share_wrong_max: Millionths((high * 1e6).ceil() as u64),
        })
    }
}

impl Engine {
    /// Explains why two addresses are one entity; `None` where the chain never paid one of them.
    pub fn explain(&self, a: &str, b: &str) -> Result<Option<ExplainView>, EngineError> {
        self.explain_at(a, b, None)
    }

    /// As [`Self::explain`], by what had been seen by a moment.
    pub fn explain_at(&self, a: &str, b: &str, at: Option<Moment>) -> Result<Option<ExplainView>, EngineError> {
        self.forest()?;
        let ledger = self.ledger()?;
        let (Some(x), Some(y)) = (self.address_id(a)?, self.address_id(b)?) else { return Ok(None) };
        let (found, cuts) = self.explanation(x, y, at)?;
        let steps = found.steps.iter().map(|step| self.step_view(step));
        let used = |h: &Heuristic| found.steps.iter().any(|step| step.heuristic == *h);
        Ok(Some(ExplainView {
            clustering: self.clustering_view(),
            cuts,
            rates: Heuristic::ALL.into_iter().filter(used).filter_map(RateView::of).collect(),
            linked: found.linked,
            since_height: found.since.map(|link| ledger.tx_height(link.tx).0),
            steps: steps.collect(),
            bound_hit: found.bound_hit.map(|hit| bound_name(hit).to_string()),
            snapshot: match at {
                None => self.snapshot("explain", &(ledger.address_text(x), ledger.address_text(y))),
                Some(at) => self.snapshot("explain at", &(ledger.address_text(x), ledger.address_text(y), at)),
            },
        }))
    }
    /// What ties two addresses of the chain, and the cut list where it has to do with it.
    pub(crate) fn explanation(
        &self,
        x: AddressId,
        y: AddressId,
        at: Option<Moment>,
    ) -> Result<(Explanation, Option<super::CutsView>), EngineError> {
        let (ledger, forest) = (self.ledger()?, self.forest()?);
        let cuts = self.cuts_view(x);
        let cut: Vec<TxNum> =
            cuts.iter().flat_map(|c| &c.applied).filter_map(|e| ledger.tx_by_id(&e.txid.parse().ok()?)).collect();
        let mut found = explain_without(ledger, forest, x, y, self.as_of(at)?, &cut, &Bounds::default())?;
        if self.root_of(x) != self.root_of(y) {
            // the forest has them in one entity, the cut list in two parts
            found = Explanation { linked: false, since: None, steps: Vec::new(), bound_hit: None };
        }
        Ok((found, cuts))
    }
}

/// The name in answers of a bound that an explanation hit.
pub(crate) fn bound_name(hit: BoundHit) -> &'static str {
    match hit {
        BoundHit::Edges => "edges",
        BoundHit::Steps => "steps",
    }
}
