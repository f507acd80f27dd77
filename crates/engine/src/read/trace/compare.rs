//! Every policy side by side: where the same money went by each.

use super::{BoundedView, Known, TraceOptions};
use crate::Engine;
use crate::error::EngineError;
use crate::json::Usd;
use crate::worth::Worth;
use athar_trace::{End, Policy, Sink, Span, StopReason, Totals, stream};
use athar_types::OutputNum;
use schemars::JsonSchema;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Ends listed, the largest of any policy first.
const ENDS_MAX: usize = 200;

/// One trace under every policy.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TraceCompareView {
    /// What was asked, as given.
    pub target: String,
    /// `forward` or `backward`.
    #[schemars(with = "String")]
    pub direction: &'static str,
    /// Hops followed.
    pub hops_max: u32,
    /// What of the target names nothing on the chain in the store.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<String>,
    /// Satoshi that each trace starts with.
    pub source_sat: u64,
    /// Whether the target has more outputs than the 100,000 that the traces start from.
    pub sources_truncated: bool,
    /// The sums of each policy.
    pub policies: Vec<PolicySums>,
    /// Where money came to rest, each with what every policy says of it.
    pub ends: Vec<TraceEnd>,
    /// Whether ends were left out of the list; the sums are whole.
    pub ends_truncated: bool,
    /// The clustering that the answer is of.
    pub clustering: super::super::ClusteringView,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// The sums of one policy, in satoshi. What it starts with is the sum of them all; under poison, which adds nothing up,
/// they are 0 and the numbers of outputs count.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PolicySums {
    /// `fifo`, `lifo`, `tiho`, `haircut` or `poison`.
    #[schemars(with = "String")]
    pub policy: &'static str,
    /// Whether amounts are conserved and summed.
    pub is_summed: bool,
    /// At services, CoinJoins and hidden pools.
    pub stopped_sat: u64,
    /// Number of outputs there.
    pub stopped_outputs: u64,
    /// Unspent.
    pub held_sat: u64,
    /// Number of outputs there.
    pub held_outputs: u64,
    /// Paid to miners.
    pub fee_sat: u64,
    /// Backward: newly mined.
    pub minted_sat: u64,
    /// Change to the target itself.
    pub internal_sat: u64,
    /// Came back from others.
    pub returned_sat: u64,
    /// Left at bounds.
    pub bounded_sat: u64,
    /// Which bounds.
    pub bounded: Vec<BoundedView>,
    /// Edges of the trace.
    pub edge_count: u64,
}

/// Somebody at whom money came to rest.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TraceEnd {
    /// `service`, `coinjoin`, `pool`, `unspent`, `minted`, …
    pub reason: String,
    /// Name of the entity: the first-seen address in it. None where the outputs pay no address, and for CoinJoins and pools.
    pub entity: Option<String>,
    /// Its label.
    pub label: Option<String>,
    /// The category of that label.
    pub category: Option<String>,
    /// What each policy says, in the order of the policies; one that does not come here is left out.
    pub by_policy: Vec<TraceEndSum>,
}

/// What one policy says of an end.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TraceEndSum {
    /// The policy.
    #[schemars(with = "String")]
    pub policy: &'static str,
    /// Satoshi; none under poison, which adds nothing up.
    pub amount_sat: Option<u64>,
    /// The same, each part at the price of its day; none: no price.
    pub usd: Option<Usd>,
    /// The part of the amount that has no price.
    pub unpriced_sat: u64,
    /// Number of outputs.
    pub outputs: u64,
    /// Fewest hops.
    pub hops_min: u32,
}

/// What ends are put together by: the reason, and the entity's root.
type Key = (&'static str, Option<u32>);

#[derive(Clone, Copy, Default)]
struct Sum {
    sat: u64,
    worth: Worth,
    outputs: u64,
    hops_min: u32,
}

struct Ends<'a> {
    engine: &'a Engine,
    by_key: BTreeMap<Key, Sum>,
}

impl Sink for Ends<'_> {
    fn end(&mut self, output: OutputNum, spans: &[Span], end: End) {
        let engine = self.engine;
        let ledger = engine.ledger_or_empty();
        let root = || ledger.output_address(output).map(|a| engine.root_of(a).0);
        let key = match end {
            End::Held => ("unspent", root()),
            End::Minted => ("minted", root()),
            End::Stopped(StopReason::Service { .. }) => ("service", root()),
            End::Stopped(StopReason::InferredService { .. }) => ("inferred_service", root()),
            End::Stopped(StopReason::CoinJoin { .. }) => ("coinjoin", None),
            End::Stopped(StopReason::Pool) => ("pool", None),
            End::Stopped(_) => ("stopped", root()),
            End::Rejoined | End::Bounded(_) => return,
        };
        let sat = spans.iter().map(Span::sat).sum();
        let hops = spans.iter().map(|s| s.hop).min().unwrap_or(0);
        let sum = self.by_key.entry(key).or_insert(Sum { hops_min: hops, ..Sum::default() });
        sum.sat = sum.sat.saturating_add(sat);
        sum.worth.add(sat, engine.usd(sat, engine.tx_time(ledger.output_tx(output).0)));
        sum.outputs += 1;
        sum.hops_min = sum.hops_min.min(hops);
    }
}

impl Engine {
    /// Traces the same money under every policy, side by side; the policy of the options does not count. `None` where the
    /// chain has no such thing.
    pub fn trace_compare(&self, target: &str, options: &TraceOptions) -> Result<Option<TraceCompareView>, EngineError> {
        let Some(asked) = self.asked(target)? else { return Ok(None) };
        let limits = self.trace_limits(options)?;
        let mut policies = Vec::new();
        let mut ends: BTreeMap<Key, Vec<(Policy, Sum)>> = BTreeMap::new();
        let stops = Known(self);
        for policy in Policy::ALL {
            let mut sink = Ends { engine: self, by_key: BTreeMap::new() };
            let question = asked.question(policy, options, &stops, &limits);
            let totals = stream(self.ledger()?, &question, &mut sink);
            policies.push(sums(policy, &totals));
            for (key, sum) in sink.by_key {
                ends.entry(key).or_default().push((policy, sum));
            }
        }
        let mut ends: Vec<_> = ends.into_iter().collect();
        // what poison alone reaches comes last: it carries nothing there
        let most = |sums: &[(Policy, Sum)]| sums.iter().filter(|(p, _)| p.is_summed()).map(|(_, s)| s.sat).max();
        ends.sort_by_key(|(key, sums)| (Reverse(most(sums)), *key));
        let ends_truncated = ends.len() > ENDS_MAX;
        ends.truncate(ENDS_MAX);
        let mut given = *options;
        given.policy = Policy::default();
        Ok(Some(TraceCompareView {
            target: target.trim().into(),
            direction: options.direction().name(),
            hops_max: options.hops_max,
            unseen: asked.unseen,
            source_sat: asked.sources.sat(),
            sources_truncated: asked.sources.is_truncated(),
            policies,
            ends: ends.into_iter().map(|(key, sums)| self.trace_end(key, &sums)).collect(),
            ends_truncated,
            clustering: self.clustering_view(),
            snapshot: self.snapshot("trace policies", &(target.trim(), given)),
        }))
    }

    fn trace_end(&self, (reason, root): Key, sums: &[(Policy, Sum)]) -> TraceEnd {
        let root = root.map(athar_types::AddressId);
        let label = root.and_then(|r| self.subject_of(r)).and_then(|s| self.known.heaviest(s, &self.labels));
        let name = root.map(|r| self.forest.as_ref().map_or(r, |forest| self.guard.name(forest, r)));
        let sum = |(policy, sum): &(Policy, Sum)| TraceEndSum {
            policy: policy.name(),
            amount_sat: policy.is_summed().then_some(sum.sat),
            usd: if policy.is_summed() { sum.worth.usd() } else { None },
            unpriced_sat: if policy.is_summed() { sum.worth.unpriced_sat() } else { 0 },
            outputs: sum.outputs,
            hops_min: sum.hops_min,
        };
        TraceEnd {
            reason: reason.into(),
            entity: name.map(|n| self.ledger_or_empty().address_text(n)),
            label: label.map(|l| l.name.clone()),
            category: label.map(|l| l.category.name().to_string()),
            by_policy: sums.iter().map(sum).collect(),
        }
    }
}

fn sums(policy: Policy, totals: &Totals) -> PolicySums {
    PolicySums {
        policy: policy.name(),
        is_summed: totals.is_summed,
        stopped_sat: totals.stopped_sat,
        stopped_outputs: totals.stopped_outputs,
        held_sat: totals.held_sat,
        held_outputs: totals.held_outputs,
        fee_sat: totals.fee_sat,
        minted_sat: totals.minted_sat,
        internal_sat: totals.internal_sat,
        returned_sat: totals.returned_sat,
        bounded_sat: totals.bounded_sat(),
        bounded: totals.bounded.iter().map(BoundedView::from).collect(),
        edge_count: totals.edge_count,
    }
}
