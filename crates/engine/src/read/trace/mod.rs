//! `trace`: where money came from or went, satoshi by satoshi.

mod asked;
mod compare;
mod known;
mod stream;

pub use compare::{PolicySums, TraceCompareView, TraceEnd, TraceEndSum};
pub(crate) use known::{Known, Own};
pub use stream::TraceEvent;

use super::Moment;
use crate::error::EngineError;
use crate::json::Usd;
use crate::{Engine, worth::Worth};
use asked::Asked;
use athar_entities::CoinJoinKind;
use athar_trace::{Bound, Bounded, Direction, Edge, Held, Limits, Policy, Sink, StopReason, Totals, Trace, trace};
use athar_types::OutputNum;
use schemars::JsonSchema;
use serde::Serialize;

/// Places listed of each sort.
const PLACES_MAX: usize = 1_000;

/// How to trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TraceOptions {
    /// How a transaction hands taint on.
    pub policy: Policy,
    /// Backward: where it came from. Otherwise forward: where it went.
    pub backward: bool,
    /// Hops to follow.
    pub hops_max: u32,
    /// Edges that the trace may have.
    pub edges_max: u64,
    /// Edges listed.
    pub edges_listed_max: usize,
    /// An output with less taint than this is not followed further, in satoshi.
    pub amount_min_sat: u64,
    /// Only transactions from this moment on are passed through.
    pub since: Option<Moment>,
    /// Only transactions up to this moment are passed through.
    pub until: Option<Moment>,
    /// A transaction with more outputs than this (backward: inputs) is not entered.
    pub outputs_max: u32,
}

impl TraceOptions {
    pub(crate) fn direction(&self) -> Direction {
        if self.backward { Direction::Backward } else { Direction::Forward }
    }
}

impl Default for TraceOptions {
    fn default() -> Self {
        Self {
            policy: Policy::Fifo,
            backward: false,
            hops_max: 3,
            edges_max: 1_000_000,
            edges_listed_max: 1_000,
            amount_min_sat: 0,
            since: None,
            until: None,
            outputs_max: Limits::default().outputs_max,
        }
    }
}

/// The answer to a trace. `source_sat` = `stopped_sat` + `held_sat` + `fee_sat` + `minted_sat` +
/// `internal_sat` + `returned_sat` + `bounded_sat`: not a satoshi is lost. Under poison, which says what was reached and
/// adds nothing up, every one of these sums is 0.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TraceView {
    /// What was asked, as given.
    pub target: String,
    /// `forward` or `backward`.
    #[schemars(with = "String")]
    pub direction: &'static str,
    /// How taint moves through a transaction: `fifo`, `lifo`, `tiho` (taint in, highest out), `haircut` or `poison`.
    #[schemars(with = "String")]
    pub policy: &'static str,
    /// Whether amounts are conserved and summed: under every policy but poison.
    pub is_summed: bool,
    /// Hops followed.
    pub hops_max: u32,
    /// What of the target names nothing on the chain in the store.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<String>,
    /// Satoshi that the trace starts with.
    pub source_sat: u64,
    /// The same at the prices of their days; none where none of those days has a price.
    pub source_usd: Option<Usd>,
    /// The part of `source_sat` that `source_usd` leaves out, since its days have no price.
    pub source_unpriced_sat: u64,
    /// Whether the target has more outputs than the 100,000 that the trace starts from.
    pub sources_truncated: bool,
    /// Satoshi that reached a labelled service, a CoinJoin or a hidden pool, and where.
    pub stopped: Vec<PlaceView>,
    /// Their sum.
    pub stopped_sat: u64,
    /// Number of outputs stopped at.
    pub stopped_outputs: u64,
    /// Satoshi that lie unspent (backward: none), and where.
    pub held: Vec<PlaceView>,
    /// Their sum.
    pub held_sat: u64,
    /// Number of outputs that hold them.
    pub held_outputs: u64,
    /// Satoshi paid to miners.
    pub fee_sat: u64,
    /// Backward: satoshi that were newly mined.
    pub minted_sat: u64,
    /// Backward: the outputs of the coinbases that mined them.
    pub minted: Vec<PlaceView>,
    /// Satoshi that came back to the target's own addresses without leaving them: change.
    pub internal_sat: u64,
    /// Satoshi that came back to the target from others.
    pub returned_sat: u64,
    /// Satoshi left at a bound, by bound.
    pub bounded: Vec<BoundedView>,
    /// Their sum.
    pub bounded_sat: u64,
    /// Edges of the trace.
    pub edge_count: u64,
    /// Transactions that carried taint.
    pub tx_count: u64,
    /// The first edges, in the order of the trace.
    pub edges: Vec<EdgeView>,
    /// Whether edges were left out of the list.
    pub edges_truncated: bool,
    /// Whether places were left out of the lists; the sums are whole.
    pub places_truncated: bool,
    /// The clustering that the answer is of.
    pub clustering: super::ClusteringView,
    /// Snapshot of this answer; none where it was cut short by hand.
    pub snapshot: Option<String>,
}

/// An output at which money came to rest.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PlaceView {
    /// The transaction.
    pub txid: String,
    /// Which of its outputs.
    pub vout: u32,
    /// Height of its block.
    pub height: u32,
    /// Time of its block.
    pub time: String,
    /// The address it pays.
    pub address: Option<String>,
    /// The label of that address's entity, by name.
    pub label: Option<String>,
    /// The category of that label.
    pub category: Option<String>,
    /// Why the trace went no further: `service`, `pool` (a hidden pool's border), `unspent`, …
    pub reason: String,
    /// Of a CoinJoin: how many of its outputs cannot be told apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymity_set: Option<u32>,
    /// Satoshi of the trace on it; under poison the value of the output, which is reached and not carried there.
    pub amount_sat: u64,
    /// The same at that day's price; none: no price.
    pub usd: Option<Usd>,
    /// Hops from the target.
    pub hops: u32,
}

/// Money left at a bound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BoundedView {
    /// The bound: `hops`, `edges`, …
    pub bound: String,
    /// Which trace hit it, where an answer has several: `received` or `sent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<super::Direction>,
    /// Satoshi left there.
    pub amount_sat: u64,
    /// Outputs they lie on.
    pub outputs: u64,
}

impl From<&Bounded> for BoundedView {
    fn from(left: &Bounded) -> Self {
        Self { bound: left.bound.name().into(), direction: None, amount_sat: left.sat, outputs: left.outputs }
    }
}

/// Money moving from one output to another through a transaction.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EdgeView {
    /// The transaction.
    pub txid: String,
    /// Height of its block.
    pub height: u32,
    /// Time of its block.
    pub time: String,
    /// The output it came from, as `txid:vout`.
    pub from_output: String,
    /// The address of that output.
    pub from: Option<String>,
    /// The output it went to, as `txid:vout`; none for the fee.
    pub to_output: Option<String>,
    /// The address of that output.
    pub to: Option<String>,
    /// Satoshi that moved.
    pub amount_sat: u64,
    /// Hops from the target.
    pub hop: u32,
}

impl Engine {
    /// Traces from whatever `target` names (docs/reference/tracing.md), stopping at labelled services, at CoinJoins and at the border
    /// of hidden pools. `None` where the chain has no such thing.
    pub fn trace(&self, target: &str, options: &TraceOptions) -> Result<Option<TraceView>, EngineError> {
        let Some(asked) = self.asked(target)? else { return Ok(None) };
        let limits = self.trace_limits(options)?;
        let stops = Known(self);
        let question = asked.question(options.policy, options, &stops, &limits);
        let traced = trace(self.ledger()?, &question);
        debug_assert!(traced.check(), "a trace that loses money");
        let mut view = self.trace_view(target, options, &asked, &traced.totals);
        self.fill(&mut view, &traced);
        Ok(Some(view))
    }

    /// The sums of a trace alone: nothing is kept or told, and what is paid for is the walk. `None` where the chain has no such
    /// thing.
    pub fn trace_totals(&self, target: &str, options: &TraceOptions) -> Result<Option<Totals>, EngineError> {
        /// Wants to know nothing.
        struct Silent;
        impl Sink for Silent {}
        let Some(asked) = self.asked(target)? else { return Ok(None) };
        let limits = self.trace_limits(options)?;
        let stops = Known(self);
        let question = asked.question(options.policy, options, &stops, &limits);
        Ok(Some(athar_trace::stream(self.ledger()?, &question, &mut Silent)))
    }

    /// The bounds of a trace.
    pub(crate) fn trace_limits(&self, options: &TraceOptions) -> Result<Limits, EngineError> {
        Ok(Limits {
            hops_max: options.hops_max,
            edges_max: options.edges_max,
            edges_listed_max: options.edges_listed_max,
            amount_min_sat: options.amount_min_sat,
            since: options.since.map(|moment| self.since(moment)).transpose()?,
            until: options.until.map(|moment| self.until(moment)).transpose()?,
            outputs_max: options.outputs_max,
            sources_max: asked::SOURCES_MAX,
            keep_paths: false,
        })
    }

    /// The view of a trace without its lists.
    pub(crate) fn trace_view(
        &self,
        target: &str,
        options: &TraceOptions,
        asked: &Asked<'_>,
        totals: &Totals,
    ) -> TraceView {
        let mut worth = Worth::default();
        for source in asked.sources.iter() {
            let (sat, made) = (source.hi - source.lo, self.ledger_or_empty().output_tx(source.output).0);
            worth.add(sat, self.usd(sat, self.tx_time(made)));
        }
        let is_cancelled = totals.bounded.iter().any(|b| b.bound == Bound::Cancelled);
        TraceView {
            clustering: self.clustering_view(),
            target: target.trim().into(),
            direction: options.direction().name(),
            policy: options.policy.name(),
            is_summed: totals.is_summed,
            hops_max: options.hops_max,
            unseen: asked.unseen.clone(),
            source_sat: totals.source_sat,
            source_usd: worth.usd(),
            source_unpriced_sat: worth.unpriced_sat(),
            sources_truncated: asked.sources.is_truncated(),
            places_truncated: false,
            stopped: Vec::new(),
            stopped_sat: totals.stopped_sat,
            stopped_outputs: totals.stopped_outputs,
            held: Vec::new(),
            held_sat: totals.held_sat,
            held_outputs: totals.held_outputs,
            fee_sat: totals.fee_sat,
            minted_sat: totals.minted_sat,
            minted: Vec::new(),
            internal_sat: totals.internal_sat,
            returned_sat: totals.returned_sat,
            bounded: totals.bounded.iter().map(BoundedView::from).collect(),
            bounded_sat: totals.bounded_sat(),
            edge_count: totals.edge_count,
            tx_count: totals.tx_count,
            edges: Vec::new(),
            edges_truncated: false,
            // what a clock or a hand cut short depends on more than its question
            snapshot: (!is_cancelled).then(|| self.snapshot("trace", &(target.trim(), options))),
        }
    }

    /// Adds the lists of a trace to its view.
    fn fill(&self, view: &mut TraceView, traced: &Trace) {
        let stopped = traced.stopped.iter().map(|s| self.stopped_place(s.output, s.sat, s.hops, s.reason));
        let resting = |held: &[Held], why: &str| {
            biggest(held.iter().map(|h| self.place(h.output, h.sat, h.hops, why.to_string())).collect())
        };
        let stopped = biggest(stopped.collect());
        let (held, minted) = (resting(&traced.held, "unspent"), resting(&traced.minted, "minted"));
        view.places_truncated = [stopped.1, held.1, minted.1].contains(&true) || view.sources_truncated;
        (view.stopped, view.held, view.minted) = (stopped.0, held.0, minted.0);
        view.edges = traced.edges.iter().map(|e| self.edge(e)).collect();
        view.edges_truncated = traced.edges_truncated;
    }

    /// A place at which a trace stopped; of a CoinJoin with its anonymity set.
    pub(crate) fn stopped_place(&self, output: OutputNum, sat: u64, hops: u32, reason: StopReason) -> PlaceView {
        let mut place = self.place(output, sat, hops, self.reason(output, reason));
        if let StopReason::CoinJoin { anonymity_set } = reason {
            place.anonymity_set = Some(anonymity_set);
        }
        place
    }

    fn reason(&self, output: OutputNum, reason: StopReason) -> String {
        match reason {
            StopReason::Service { .. } => "service".into(),
            StopReason::InferredService { rule } => format!("inferred service ({})", self.rule_name(rule)),
            StopReason::Pool => "pool".into(),
            StopReason::CoinJoin { .. } => {
                // named by the transaction that mixes: the one that spends the output, or (backward) that made it
                let Some(ledger) = &self.ledger else { return "coinjoin".into() };
                let txs = [ledger.spent_by(output), Some(ledger.output_tx(output).0)];
                let kind = txs.into_iter().flatten().find_map(|tx| self.coinjoin_kind(tx));
                kind.map_or_else(|| "coinjoin".into(), |k: CoinJoinKind| format!("coinjoin ({})", k.name()))
            }
            _ => "stopped".into(),
        }
    }

    pub(crate) fn place(&self, output: OutputNum, sat: u64, hops: u32, reason: String) -> PlaceView {
        let ledger = self.ledger_or_empty();
        let (tx, vout) = ledger.output_tx(output);
        let address = ledger.output_address(output);
        let subject = address.and_then(|a| self.subject_of(a));
        let label = subject.and_then(|s| self.known.heaviest(s, &self.labels));
        PlaceView {
            txid: ledger.txid(tx).to_string(),
            vout,
            height: ledger.tx_height(tx).0,
            time: self.tx_time(tx).to_string(),
            address: address.map(|a| ledger.address_text(a)),
            label: label.map(|l| l.name.clone()),
            category: label.map(|l| l.category.name().to_string()),
            reason,
            anonymity_set: None,
            amount_sat: sat,
            usd: self.usd(sat, self.tx_time(tx)),
            hops,
        }
    }

    pub(crate) fn edge(&self, edge: &Edge) -> EdgeView {
        let ledger = self.ledger_or_empty();
        let named = |output: OutputNum| {
            let (tx, vout) = ledger.output_tx(output);
            format!("{}:{vout}", ledger.txid(tx))
        };
        let paid = |output: OutputNum| ledger.output_address(output).map(|a| ledger.address_text(a));
        EdgeView {
            txid: ledger.txid(edge.tx).to_string(),
            height: ledger.tx_height(edge.tx).0,
            time: self.tx_time(edge.tx).to_string(),
            from_output: named(edge.from_output),
            from: paid(edge.from_output),
            to_output: Some(named(edge.to_output)),
            to: paid(edge.to_output),
            amount_sat: edge.sat,
            hop: edge.hop,
        }
    }
}

/// The largest amounts first, at most [`PLACES_MAX`], and whether there were more.
fn biggest(mut places: Vec<PlaceView>) -> (Vec<PlaceView>, bool) {
    places.sort_by(|a, b| b.amount_sat.cmp(&a.amount_sat).then_with(|| (&a.txid, a.vout).cmp(&(&b.txid, b.vout))));
    let truncated = places.len() > PLACES_MAX;
    places.truncate(PLACES_MAX);
    (places, truncated)
}
