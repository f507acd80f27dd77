//! A trace told as it runs: nothing is kept but what waits for its transaction.

use super::{EdgeView, Known, PlaceView, TraceOptions, TraceView};
use crate::Engine;
use crate::error::EngineError;
use athar_trace::{Direction, Edge, End, Sink, Span, stream};
use athar_types::OutputNum;
use serde::Serialize;

/// Edges between two signs of life.
const PROGRESS_EDGES: u64 = 16_384;

/// Something that a running trace has found.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TraceEvent {
    /// Money moved.
    Edge(EdgeView),
    /// Money came to rest, at a stop, unspent or newly mined.
    Place(PlaceView),
    /// A sign of life, now and then.
    Progress {
        /// Edges so far.
        edges: u64,
        /// Height of the transaction that the trace has come to; it only grows, or (backward) only falls.
        height: u32,
    },
}

struct Teller<'a, F> {
    engine: &'a Engine,
    tell: F,
    go_on: bool,
    told: u64,
    height: u32,
}

impl<F: FnMut(TraceEvent) -> bool> Teller<'_, F> {
    fn tell(&mut self, event: TraceEvent) {
        self.go_on &= (self.tell)(event);
    }
}

impl<F: FnMut(TraceEvent) -> bool> Sink for Teller<'_, F> {
    fn edge(&mut self, edge: &Edge) {
        self.height = self.engine.ledger_or_empty().tx_height(edge.tx).0;
        if self.go_on {
            let edge = self.engine.edge(edge);
            self.tell(TraceEvent::Edge(edge));
        }
    }

    fn end(&mut self, output: OutputNum, spans: &[Span], end: End) {
        if !self.go_on {
            return;
        }
        let sat = spans.iter().map(Span::sat).sum();
        let hops = spans.iter().map(|s| s.hop).min().unwrap_or(0);
        let place = match end {
            End::Held => self.engine.place(output, sat, hops, "unspent".into()),
            End::Minted => self.engine.place(output, sat, hops, "minted".into()),
            End::Stopped(reason) => self.engine.stopped_place(output, sat, hops, reason),
            End::Rejoined | End::Bounded(_) => return,
        };
        self.tell(TraceEvent::Place(place));
    }

    fn go_on(&mut self, edges: u64) -> bool {
        if edges >= self.told + PROGRESS_EDGES {
            self.told = edges;
            self.tell(TraceEvent::Progress { edges, height: self.height });
        }
        self.go_on
    }
}

impl Engine {
    /// Runs a trace and tells of everything as it is found, in the order of the chain (backward: in its reverse). `tell` says
    /// whether to go on; where not, what is still on its way is left at the bound `cancelled`. The view at the end has the sums;
    /// its lists are empty, since everything was told. Memory is proportional to the sources and to what waits for
    /// its next transaction.
    pub fn trace_stream(
        &self,
        target: &str,
        options: &TraceOptions,
        tell: impl FnMut(TraceEvent) -> bool,
    ) -> Result<Option<TraceView>, EngineError> {
        let Some(asked) = self.asked(target)? else { return Ok(None) };
        let limits = self.trace_limits(options)?;
        let start = if options.direction() == Direction::Forward { 0 } else { self.ledger()?.block_count() };
        let mut teller = Teller { engine: self, tell, go_on: true, told: 0, height: start };
        let stops = Known(self);
        let question = asked.question(options.policy, options, &stops, &limits);
        let totals = stream(self.ledger()?, &question, &mut teller);
        let mut view = self.trace_view(target, options, &asked, &totals);
        view.places_truncated = true;
        view.edges_truncated = totals.edge_count > 0;
        Ok(Some(view))
    }
}
