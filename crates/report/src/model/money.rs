//! Where the money went, in a few figures and names.

use super::places::{Line, ends_of};
use super::{Amount, Worth};
use crate::limits::SERVICES_MAX;
use crate::numbers;
use crate::visible::visible;
use athar_engine::read::{PlaceView, TraceView};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The money in short.
#[derive(Debug, Serialize)]
pub(super) struct Money {
    is_backward: bool,
    target: String,
    source: Amount,
    figures: Vec<Line>,
    /// What reached services, and its share.
    stopped: Amount,
    stopped_share: Option<String>,
    service_count: usize,
    services: Vec<Service>,
    services_left: usize,
    hops_max: u32,
    /// Times of the first and last transaction; none where not all are listed.
    span: Option<(String, String)>,
    edge_count: u64,
    edges_listed: usize,
    is_partial: bool,
}

#[derive(Debug, Serialize)]
struct Service {
    label: Option<String>,
    category: Option<String>,
    outputs: usize,
    first: String,
    last: String,
    amount: Amount,
    share: Option<String>,
}

#[derive(Default)]
struct Sum<'a> {
    outputs: usize,
    sat: u64,
    worth: Worth,
    first: Option<&'a str>,
    last: Option<&'a str>,
}

impl Money {
    pub(super) fn of(trace: &TraceView) -> Self {
        let mut sums: BTreeMap<(Option<&str>, Option<&str>), Sum<'_>> = BTreeMap::new();
        for place in trace.stopped.iter().filter(|p| !p.reason.starts_with("coinjoin")) {
            let sum = sums.entry((place.label.as_deref(), place.category.as_deref())).or_default();
            sum.outputs += 1;
            sum.sat = sum.sat.saturating_add(place.amount_sat);
            sum.worth.add(place.amount_sat, place.usd);
            let time = place.time.as_str();
            sum.first = Some(sum.first.map_or(time, |t| t.min(time)));
            sum.last = Some(sum.last.map_or(time, |t| t.max(time)));
        }
        let mut ranked: Vec<_> = sums.into_iter().collect();
        ranked.sort_by_key(|(key, sum)| (Reverse(sum.sat), *key));
        let stopped_sat = ranked.iter().fold(0u64, |all, (_, s)| all.saturating_add(s.sat));
        let stopped = ranked.iter().fold(Worth::default(), |all, (_, s)| all.plus(s.worth));
        let services = ranked.iter().take(SERVICES_MAX).map(|((label, category), sum)| Service {
            label: label.map(visible),
            category: category.map(visible),
            outputs: sum.outputs,
            first: numbers::time(sum.first.unwrap_or_default()),
            last: numbers::time(sum.last.unwrap_or_default()),
            amount: sum.worth.amount(sum.sat),
            share: numbers::share(sum.sat, trace.source_sat),
        });
        Self {
            is_backward: trace.direction == "backward",
            target: visible(&trace.target),
            source: Amount::sum(trace.source_sat, trace.source_usd, trace.source_unpriced_sat),
            figures: ends_of(trace),
            stopped: stopped.amount(stopped_sat),
            stopped_share: numbers::share(stopped_sat, trace.source_sat),
            service_count: ranked.len(),
            services: services.collect(),
            services_left: ranked.len().saturating_sub(SERVICES_MAX),
            hops_max: trace.hops_max,
            span: span(trace),
            edge_count: trace.edge_count,
            edges_listed: trace.edges.len(),
            is_partial: trace.edges_truncated,
        }
    }
}

/// Times of the first and the last transaction of a trace.
fn span(trace: &TraceView) -> Option<(String, String)> {
    if trace.edges_truncated {
        return None;
    }
    let places = [&trace.stopped, &trace.held, &trace.minted].into_iter().flatten().map(|p: &PlaceView| &p.time);
    let times = || trace.edges.iter().map(|e| &e.time).chain(places.clone());
    // times of one form sort as text
    Some((numbers::time(times().min()?), numbers::time(times().max()?)))
}
