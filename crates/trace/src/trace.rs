//! A whole trace in memory.

use crate::bounds::{Bounded, Limits};
use crate::path::{Links, Step};
use crate::sink::{Arrival, Edge, End, Link, Sink};
use crate::stop::{Owners, StopReason, Stops};
use crate::taint::{Direction, Policy, Span};
use crate::totals::Totals;
use crate::walk::{Question, stream};
use athar_ledger::Ledger;
use athar_types::OutputNum;
use serde::Serialize;

/// Taint that rests on an output. Under poison `sat` is the value of the output, reached and not carried there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The output.
    pub output: OutputNum,
    /// Satoshi of taint on it.
    pub sat: u64,
    /// Fewest hops that any of them has made.
    pub hops: u32,
}

/// Taint that was stopped. [`Trace::path_to`] gives the evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stopped {
    /// The output on which it was stopped.
    pub output: OutputNum,
    /// Satoshi of taint on it.
    pub sat: u64,
    /// Fewest hops that any of them has made.
    pub hops: u32,
    /// Why.
    pub reason: StopReason,
}

/// The answer to a [`Question`]. Lists are in ascending order of output; edges are in trace order.
#[derive(Clone, Debug, Serialize)]
pub struct Trace {
    /// How transactions carried taint.
    pub policy: Policy,
    /// Which way.
    pub direction: Direction,
    /// The bounds asked for.
    pub limits: Limits,
    /// Where everything ended, and how much there was of it.
    pub totals: Totals,
    /// Whether there were more sources than were taken.
    pub sources_truncated: bool,
    /// Forward: outputs that are not spent.
    pub held: Vec<Held>,
    /// Outputs at which the trace stopped.
    pub stopped: Vec<Stopped>,
    /// Backward: outputs of coinbases.
    pub minted: Vec<Held>,
    /// The first edges in trace order; [`Totals::edge_count`] says how many there are.
    pub edges: Vec<Edge>,
    /// Whether there are more edges than listed.
    pub edges_truncated: bool,
    #[serde(skip)]
    links: Option<Links>,
}

impl Trace {
    /// What was left at bounds; empty where the trace is whole.
    pub fn bounded(&self) -> &[Bounded] {
        &self.totals.bounded
    }

    /// The way from a source to an output, from the source on: that of the satoshi which made the fewest hops. Empty for
    /// a source itself, `None` where the trace did not reach the output or kept no paths ([`Limits::keep_paths`]).
    pub fn path_to(&self, output: OutputNum) -> Option<Vec<Step>> {
        self.links.as_ref()?.shortest_to(output)
    }

    /// Whether every satoshi of the sources is accounted for exactly once, in the sums and in the lists.
    pub fn check(&self) -> bool {
        let sum = |list: &[Held]| list.iter().map(|h| h.sat).sum::<u64>();
        if !self.totals.is_summed {
            return self.totals.check() && self.held.len() as u64 <= self.totals.held_outputs;
        }
        self.totals.check()
            && sum(&self.held) == self.totals.held_sat
            && sum(&self.minted) <= self.totals.minted_sat
            && self.stopped.iter().map(|s| s.sat).sum::<u64>() == self.totals.stopped_sat
            && self.edges_truncated == ((self.edges.len() as u64) < self.totals.edge_count)
    }
}

/// Answers a question whole. For traces too large to hold, use [`stream`].
pub fn trace<S: Stops + ?Sized, O: Owners + ?Sized>(ledger: &Ledger, question: &Question<'_, S, O>) -> Trace {
    let limits = *question.limits;
    let mut collector = Collector {
        held: Vec::new(),
        stopped: Vec::new(),
        minted: Vec::new(),
        edges: Vec::new(),
        edges_max: limits.edges_listed_max,
        links: limits.keep_paths.then(|| Links::new(question.direction, question.sources)),
    };
    let totals = stream(ledger, question, &mut collector);
    let Collector { mut held, mut stopped, mut minted, edges, mut links, .. } = collector;
    merge(&mut held);
    merge(&mut minted);
    // a source that taint also reaches in another part can be stopped twice: by its transaction, once for each
    stopped.sort_by_key(|s| (s.output, s.reason));
    stopped.dedup_by(|next, kept| {
        let same = (next.output, next.reason) == (kept.output, kept.reason);
        if same {
            kept.sat += next.sat;
            kept.hops = kept.hops.min(next.hops);
        }
        same
    });
    if let Some(links) = &mut links {
        links.finish();
    }
    let trace = Trace {
        policy: question.policy,
        direction: question.direction,
        limits,
        edges_truncated: (edges.len() as u64) < totals.edge_count,
        totals,
        sources_truncated: question.sources.is_truncated(),
        held,
        stopped,
        minted,
        edges,
        links,
    };
    debug_assert!(trace.check(), "the lists of a trace do not add up to its sums");
    trace
}

/// Sorts by output; parts of one output become one.
fn merge(list: &mut Vec<Held>) {
    list.sort_by_key(|h| h.output);
    list.dedup_by(|next, kept| {
        let same = next.output == kept.output;
        if same {
            kept.sat += next.sat;
            kept.hops = kept.hops.min(next.hops);
        }
        same
    });
}

struct Collector {
    held: Vec<Held>,
    stopped: Vec<Stopped>,
    minted: Vec<Held>,
    edges: Vec<Edge>,
    edges_max: usize,
    links: Option<Links>,
}

impl Sink for Collector {
    #[inline]
    fn edge(&mut self, edge: &Edge) {
        if self.edges.len() < self.edges_max {
            self.edges.push(*edge);
        }
    }

    #[inline]
    fn link(&mut self, link: &Link) {
        if let Some(links) = &mut self.links {
            links.push(link);
        }
    }

    #[inline]
    fn reach(&mut self, _: &Arrival, _: &mut [Span]) {}

    #[inline]
    fn end(&mut self, output: OutputNum, spans: &[Span], end: End) {
        let sat = spans.iter().map(Span::sat).sum();
        let hops = spans.iter().map(|s| s.hop).min().unwrap_or(0);
        match end {
            End::Held => self.held.push(Held { output, sat, hops }),
            End::Minted => self.minted.push(Held { output, sat, hops }),
            End::Stopped(reason) => self.stopped.push(Stopped { output, sat, hops, reason }),
            End::Rejoined | End::Bounded(_) => {}
        }
    }
}
