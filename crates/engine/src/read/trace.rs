//! `trace`: where money came from or went, satoshi by satoshi.

use crate::error::EngineError;
use crate::json::Usd;
use crate::{Engine, target::Target, worth::Worth};
use athar_entities::CoinJoinKind;
use athar_ledger::TxFlags;
use athar_trace::{Direction, Edge, Held, Limits, Owners, Policy, Question, Sources, StopReason, Stops, Trace, trace};
use athar_types::{AddressId, OutputNum, TxNum};
use schemars::JsonSchema;
use serde::Serialize;

/// Places listed of each sort.
const PLACES_MAX: usize = 1_000;
/// Outputs that a trace may start from.
const SOURCES_MAX: usize = 100_000;

/// How to trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TraceOptions {
    /// Backward: where it came from. Otherwise forward: where it went.
    pub backward: bool,
    /// Hops to follow.
    pub hops_max: u32,
    /// Edges that the trace may have.
    pub edges_max: u64,
    /// Edges listed.
    pub edges_listed_max: usize,
}

impl Default for TraceOptions {
    fn default() -> Self {
        Self { backward: false, hops_max: 3, edges_max: 1_000_000, edges_listed_max: 1_000 }
    }
}

/// The answer to a trace. `source_sat` = `stopped_sat` + `held_sat` + `fee_sat` + `minted_sat` +
/// `internal_sat` + `returned_sat` + `bounded_sat`: not a satoshi is lost.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TraceView {
    /// What was asked, as given.
    pub target: String,
    /// `forward` or `backward`.
    #[schemars(with = "String")]
    pub direction: &'static str,
    /// How taint moves through a transaction: `fifo`.
    #[schemars(with = "String")]
    pub policy: &'static str,
    /// Hops followed.
    pub hops_max: u32,
    /// Satoshi that the trace starts with.
    pub source_sat: u64,
    /// The same at the prices of their days; none where none of those days has a price.
    pub source_usd: Option<Usd>,
    /// The part of `source_sat` that `source_usd` leaves out, since its days have no price.
    pub source_unpriced_sat: u64,
    /// Satoshi that reached a labelled service, and where.
    pub stopped: Vec<PlaceView>,
    /// Their sum.
    pub stopped_sat: u64,
    /// Satoshi that lie unspent (backward: none), and where.
    pub held: Vec<PlaceView>,
    /// Their sum.
    pub held_sat: u64,
    /// Satoshi paid to miners.
    pub fee_sat: u64,
    /// Backward: satoshi that were newly mined.
    pub minted_sat: u64,
    /// Backward: the outputs of the coinbases that mined them.
    pub minted: Vec<PlaceView>,
    /// Satoshi that came back to the target's own address without leaving it: change.
    pub internal_sat: u64,
    /// Satoshi that came back to the target from others.
    pub returned_sat: u64,
    /// Satoshi left at a bound, by bound.
    pub bounded: Vec<BoundedView>,
    /// Their sum.
    pub bounded_sat: u64,
    /// Edges of the trace.
    pub edge_count: u64,
    /// The first of them, in the order of the trace.
    pub edges: Vec<EdgeView>,
    /// Whether edges were left out of the list.
    pub edges_truncated: bool,
    /// Whether places were left out of the lists; the sums are whole.
    pub places_truncated: bool,
    /// The clustering that the answer is of.
    pub clustering: super::ClusteringView,
    /// Snapshot of this answer.
    pub snapshot: String,
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
    /// Satoshi of the trace on it.
    pub amount_sat: u64,
    /// The same at that day's price; none: no price.
    pub usd: Option<Usd>,
    /// Hops from the target.
    pub hops: u32,
}

/// Money left at a bound.
#[derive(Clone, Debug, Serialize, JsonSchema)]
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

/// What the engine knows of services and CoinJoins, for a trace.
pub(crate) struct Known<'a>(pub(crate) &'a Engine);

impl Stops for Known<'_> {
    fn stop(&self, _output: OutputNum, address: Option<AddressId>) -> Option<StopReason> {
        let subject = self.0.subject_of(address?)?;
        self.0.known.is_service(subject).then_some(StopReason::Service { label: subject })
    }

    fn stop_tx(&self, tx: TxNum) -> Option<StopReason> {
        // what crosses the border of a hidden pool is nobody's in particular on the other side
        // (new coins are new, though part of them may be made inside)
        let crosses = |flags: TxFlags| flags.has(TxFlags::HOGEX) || flags.has(TxFlags::SHIELDED);
        let hidden = |flags: TxFlags| crosses(flags) && !flags.has(TxFlags::COINBASE);
        if self.0.ledger.as_ref().is_some_and(|ledger| hidden(ledger.tx(tx).flags)) {
            return Some(StopReason::Pool);
        }
        // inside a CoinJoin the order of inputs and outputs says nothing about whose money is whose
        self.0.coinjoin_kind(tx).map(|_| StopReason::CoinJoin { anonymity_set: 0 })
    }
}

impl athar_trace::Labels for Known<'_> {
    fn label_of(&self, address: AddressId) -> Option<u32> {
        self.0.subject_of(address)
    }
}

/// One address is the owner: money that it pays to itself makes no hop.
struct Own(Option<AddressId>);

impl Owners for Own {
    fn is_own(&self, address: AddressId) -> bool {
        self.0 == Some(address)
    }
}

impl Engine {
    /// Traces from an address (everything ever paid to it), a transaction (all its outputs) or an output, under FIFO,
    /// stopping at labelled services, at CoinJoins and at the border of hidden pools. `None` where the chain has no such thing.
    pub fn trace(&self, target: &str, options: &TraceOptions) -> Result<Option<TraceView>, EngineError> {
        let ledger = self.ledger()?;
        let refuse = |what: String| EngineError::Target { input: crate::shortened(target), what };
        let (sources, own) = match Target::parse(target, ledger.chain(), ledger.network()) {
            Target::Invalid(error) => return Err(refuse(format!("no address, transaction id or output: {error}"))),
            Target::Address(address) => {
                let key = athar_types::address::parse_key(ledger.chain(), ledger.network(), &address.text);
                let Some(id) = key.ok().and_then(|key| ledger.address_id(&key)) else { return Ok(None) };
                (Sources::addresses(ledger, [id], SOURCES_MAX)?, Some(id))
            }
            Target::Hash(txid) => {
                let Some(tx) = ledger.tx_by_id(&txid) else { return Ok(None) };
                (Sources::outputs(ledger, ledger.tx_outputs(tx).map(OutputNum), SOURCES_MAX)?, None)
            }
            Target::Output(txid, vout) => {
                let outputs = ledger.tx_by_id(&txid).map(|tx| ledger.tx_outputs(tx));
                let Some(output) = outputs.and_then(|mut o| o.nth(vout as usize)) else { return Ok(None) };
                (Sources::outputs(ledger, [OutputNum(output)], SOURCES_MAX)?, None)
            }
        };
        let limits = Limits {
            hops_max: options.hops_max,
            edges_max: options.edges_max,
            edges_listed_max: options.edges_listed_max,
            sources_max: SOURCES_MAX,
            keep_paths: false,
            ..Limits::default()
        };
        let direction = if options.backward { Direction::Backward } else { Direction::Forward };
        let (stops, owners) = (Known(self), Own(own));
        let question = Question {
            policy: Policy::Fifo,
            direction,
            sources: &sources,
            stops: &stops,
            owners: &owners,
            limits: &limits,
        };
        let traced = trace(ledger, &question);
        debug_assert!(traced.check(), "a trace that loses money");
        Ok(Some(self.trace_view(target, options, &sources, &traced)))
    }

    fn trace_view(&self, target: &str, options: &TraceOptions, sources: &Sources, traced: &Trace) -> TraceView {
        let totals = &traced.totals;
        let stopped =
            traced.stopped.iter().map(|s| self.place(s.output, s.sat, s.hops, self.reason(s.output, s.reason)));
        let resting = |held: &[Held], why: &str| {
            biggest(held.iter().map(|h| self.place(h.output, h.sat, h.hops, why.to_string())).collect())
        };
        let stopped = biggest(stopped.collect());
        let (held, minted) = (resting(&traced.held, "unspent"), resting(&traced.minted, "minted"));
        let mut worth = Worth::default();
        for source in sources.iter() {
            let (sat, made) = (source.hi - source.lo, self.ledger_or_empty().output_tx(source.output).0);
            worth.add(sat, self.usd(sat, self.tx_time(made)));
        }
        let view = |b: &athar_trace::Bounded| BoundedView {
            bound: b.bound.name().into(),
            direction: None,
            amount_sat: b.sat,
            outputs: b.outputs,
        };
        TraceView {
            clustering: self.clustering_view(),
            target: target.trim().into(),
            direction: if options.backward { "backward" } else { "forward" },
            policy: "fifo",
            hops_max: options.hops_max,
            source_sat: totals.source_sat,
            source_usd: worth.usd(),
            source_unpriced_sat: worth.unpriced_sat(),
            places_truncated: [stopped.1, held.1, minted.1].contains(&true) || traced.sources_truncated,
            stopped: stopped.0,
            stopped_sat: totals.stopped_sat,
            held: held.0,
            held_sat: totals.held_sat,
            fee_sat: totals.fee_sat,
            minted_sat: totals.minted_sat,
            minted: minted.0,
            internal_sat: totals.internal_sat,
            returned_sat: totals.returned_sat,
            bounded: totals.bounded.iter().map(view).collect(),
            bounded_sat: totals.bounded.iter().map(|b| b.sat).sum(),
            edge_count: totals.edge_count,
            edges: traced.edges.iter().map(|e| self.edge(e)).collect(),
            edges_truncated: traced.edges_truncated,
            snapshot: self.snapshot("trace", &(target.trim(), options)),
        }
    }

    fn reason(&self, output: OutputNum, reason: StopReason) -> String {
        match reason {
            StopReason::Service { .. } => "service".into(),
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

    fn place(&self, output: OutputNum, sat: u64, hops: u32, reason: String) -> PlaceView {
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
            amount_sat: sat,
            usd: self.usd(sat, self.tx_time(tx)),
            hops,
        }
    }

    fn edge(&self, edge: &Edge) -> EdgeView {
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

    /// The labelled subject that an address belongs to.
    pub(crate) fn subject_of(&self, address: AddressId) -> Option<u32> {
        let root = self.root_of(address);
        self.known.subject(address, root)
    }
}

/// The largest amounts first, at most [`PLACES_MAX`], and whether there were more.
fn biggest(mut places: Vec<PlaceView>) -> (Vec<PlaceView>, bool) {
    places.sort_by(|a, b| b.amount_sat.cmp(&a.amount_sat).then_with(|| (&a.txid, a.vout).cmp(&(&b.txid, b.vout))));
    let truncated = places.len() > PLACES_MAX;
    places.truncate(PLACES_MAX);
    (places, truncated)
}
