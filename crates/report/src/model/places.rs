//! Where every satoshi of the trace ended, in tables that add up to the whole.

use super::{Amount, Worth};
use crate::error::ReportError;
use crate::limits::{EDGES_MAX, PLACES_MAX};
use crate::numbers;
use crate::visible::visible;
use athar_engine::read::{EdgeView, PlaceView, TraceView};
use serde::Serialize;

/// Every table of amounts.
#[derive(Debug, Serialize)]
pub(super) struct Tables {
    is_backward: bool,
    /// Non-zero ends, in order; their sum is `whole`.
    balance: Vec<Line>,
    whole: Amount,
    stopped: Places,
    held: Places,
    minted: Places,
    fee: Option<Amount>,
    internal: Option<Amount>,
    returned: Option<Amount>,
    bounds: Vec<Bound>,
    bounded: Amount,
    /// Movements by transaction, in the order of the trace.
    edges: Vec<Tx>,
    edge_count: u64,
    edges_left: u64,
}

/// One end of the money.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    /// Key of its name.
    pub(super) key: &'static str,
    pub(super) amount: Amount,
    pub(super) share: Option<String>,
    #[serde(skip)]
    pub(super) sat: u64,
}

#[derive(Debug, Serialize)]
struct Places {
    rows: Vec<Place>,
    /// What the rows do not hold.
    rest: Option<Rest>,
    sum: Amount,
    is_empty: bool,
}

#[derive(Debug, Serialize)]
struct Rest {
    /// How many outputs; none where that is not known.
    count: Option<usize>,
    amount: Amount,
}

#[derive(Debug, Serialize)]
struct Place {
    txid: String,
    vout: u32,
    height: u32,
    time: String,
    address: Option<String>,
    label: Option<String>,
    category: Option<String>,
    reason: String,
    detail: Option<String>,
    hops: u32,
    amount: Amount,
}

#[derive(Debug, Serialize)]
struct Bound {
    bound: String,
    outputs: u64,
    amount: Amount,
}

#[derive(Debug, Serialize)]
struct Tx {
    txid: String,
    height: u32,
    time: String,
    edges: Vec<Edge>,
}

#[derive(Debug, Serialize)]
struct Edge {
    hop: u32,
    from_output: String,
    from: Option<String>,
    /// Which output of the transaction; none for the fee.
    vout: Option<String>,
    to: Option<String>,
    btc: String,
}

impl Tx {
    /// `edges` are of one transaction, and at least one.
    fn of(edges: &[EdgeView]) -> Self {
        Self {
            txid: visible(&edges[0].txid),
            height: edges[0].height,
            time: numbers::time(&edges[0].time),
            edges: edges.iter().map(Edge::of).collect(),
        }
    }
}

impl Edge {
    fn of(edge: &EdgeView) -> Self {
        Self {
            hop: edge.hop,
            from_output: visible(&edge.from_output),
            from: edge.from.as_deref().map(visible),
            vout: edge.to_output.as_deref().map(|o| visible(o.rsplit_once(':').map_or(o, |(_, vout)| vout))),
            to: edge.to.as_deref().map(visible),
            btc: numbers::btc(edge.amount_sat),
        }
    }
}

impl Place {
    fn of(place: &PlaceView) -> Self {
        // `coinjoin (whirlpool)`: the reason, and which
        let (reason, detail) = match place.reason.split_once(" (") {
            Some((reason, rest)) => (reason, Some(rest.trim_end_matches(')'))),
            None => (place.reason.as_str(), None),
        };
        Self {
            txid: visible(&place.txid),
            vout: place.vout,
            height: place.height,
            time: numbers::time(&place.time),
            address: place.address.as_deref().map(visible),
            label: place.label.as_deref().map(visible),
            category: place.category.as_deref().map(visible),
            reason: visible(reason),
            detail: detail.map(visible),
            hops: place.hops,
            amount: Amount::of(place.amount_sat, place.usd),
        }
    }
}

/// Sum without overflow.
fn sum<'a>(amounts: impl Iterator<Item = &'a u64>) -> u128 {
    amounts.map(|a| u128::from(*a)).sum()
}

impl Places {
    fn of(trace: &TraceView, what: &'static str, list: &[PlaceView], whole: u64) -> Result<Self, ReportError> {
        let parts = sum(list.iter().map(|p| &p.amount_sat));
        let fits = if trace.places_truncated { parts <= u128::from(whole) } else { parts == u128::from(whole) };
        if !fits {
            return Err(ReportError::Unbalanced { target: visible(&trace.target), what, parts, whole });
        }
        let shown = list.len().min(PLACES_MAX);
        let shown_sat = sum(list[..shown].iter().map(|p| &p.amount_sat));
        let rest_sat = u64::try_from(u128::from(whole) - shown_sat).unwrap_or(0);
        let is_whole = parts == u128::from(whole);
        let rest = (rest_sat > 0 || shown < list.len())
            .then(|| Rest { count: is_whole.then(|| list.len() - shown), amount: Amount::bare(rest_sat) });
        let mut worth = Worth::default();
        for place in list {
            worth.add(place.amount_sat, place.usd);
        }
        Ok(Self {
            rows: list[..shown].iter().map(Place::of).collect(),
            rest,
            // what the answer does not list has no worth here
            sum: if is_whole { worth.amount(whole) } else { Amount::bare(whole) },
            is_empty: whole == 0 && list.is_empty(),
        })
    }
}

/// The ends of a trace that are not nothing, in the order of the report. Services and CoinJoins are told apart where the
/// answer lists every place.
pub(super) fn ends_of(trace: &TraceView) -> Vec<Line> {
    let is_backward = trace.direction == "backward";
    let coinjoin_sat = trace
        .stopped
        .iter()
        .filter(|p| p.reason.starts_with("coinjoin"))
        .fold(0u64, |sum, p| sum.saturating_add(p.amount_sat));
    let mut ends = match (trace.places_truncated && coinjoin_sat > 0, is_backward) {
        (true, false) => vec![("figure_stopped_any", trace.stopped_sat)],
        (true, true) => vec![("figure_stopped_any_backward", trace.stopped_sat)],
        (false, false) => {
            vec![("figure_stopped", trace.stopped_sat.saturating_sub(coinjoin_sat)), ("figure_coinjoin", coinjoin_sat)]
        }
        (false, true) => vec![
            ("figure_stopped_backward", trace.stopped_sat.saturating_sub(coinjoin_sat)),
            ("figure_coinjoin_backward", coinjoin_sat),
        ],
    };
    ends.extend([
        ("figure_held", trace.held_sat),
        ("figure_minted", trace.minted_sat),
        ("figure_returned", trace.internal_sat.saturating_add(trace.returned_sat)),
        ("figure_fee", trace.fee_sat),
        ("figure_bounded", trace.bounded_sat),
    ]);
    let line = |(key, sat): (&'static str, u64)| Line {
        key,
        amount: Amount::bare(sat),
        share: numbers::share(sat, trace.source_sat),
        sat,
    };
    ends.into_iter().filter(|(_, sat)| *sat > 0).map(line).collect()
}

impl Tables {
    pub(super) fn of(trace: &TraceView) -> Result<Self, ReportError> {
        let unbalanced =
            |what, parts, whole| Err(ReportError::Unbalanced { target: visible(&trace.target), what, parts, whole });
        let balance = ends_of(trace);
        let parts = sum(balance.iter().map(|l| &l.sat));
        if parts != u128::from(trace.source_sat) {
            return unbalanced("the whole trace", parts, trace.source_sat);
        }
        let bounded = sum(trace.bounded.iter().map(|b| &b.amount_sat));
        if bounded != u128::from(trace.bounded_sat) {
            return unbalanced("what was left at bounds", bounded, trace.bounded_sat);
        }
        let some = |sat: u64| (sat > 0).then(|| Amount::bare(sat));
        let came_back = trace.internal_sat > 0 || trace.returned_sat > 0;
        let back = |sat: u64| came_back.then(|| Amount::bare(sat));
        let edges_shown = trace.edges.len().min(EDGES_MAX);
        Ok(Self {
            is_backward: trace.direction == "backward",
            balance,
            whole: Amount::sum(trace.source_sat, trace.source_usd, trace.source_unpriced_sat),
            stopped: Places::of(trace, "what stopped", &trace.stopped, trace.stopped_sat)?,
            held: Places::of(trace, "what is unspent", &trace.held, trace.held_sat)?,
            minted: Places::of(trace, "what was mined", &trace.minted, trace.minted_sat)?,
            fee: some(trace.fee_sat),
            internal: back(trace.internal_sat),
            returned: back(trace.returned_sat),
            bounds: trace
                .bounded
                .iter()
                .map(|b| Bound { bound: visible(&b.bound), outputs: b.outputs, amount: Amount::bare(b.amount_sat) })
                .collect(),
            bounded: Amount::bare(trace.bounded_sat),
            edges: trace.edges[..edges_shown].chunk_by(|a, b| a.txid == b.txid).map(Tx::of).collect(),
            edge_count: trace.edge_count,
            edges_left: trace.edge_count.saturating_sub(edges_shown as u64),
        })
    }
}
