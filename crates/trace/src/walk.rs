//! The engine: takes what waits for the next transaction in trace order, lets the policy carry it through, and decides
//! for each output reached whether it rejoins a source, stops, ends, is left at a bound, or goes on.

use crate::bounds::{Bound, Limits};
use crate::haircut::Haircut;
use crate::line::{FIFO, LIFO, Line, TIHO};
use crate::poison::Poison;
use crate::queue::Queue;
use crate::sink::{Arrival, Edge, End, Link, Sink};
use crate::source::Sources;
use crate::stop::{Owners, Stops};
use crate::taint::{Direction, Entry, Meaning, Passage, Piece, Policy, Span, Spread, push_span};
use crate::totals::Totals;
use athar_ledger::{Ledger, SpendCursor, TxFlags};
use athar_types::{AddressId, OutputNum, TxNum};
use std::ops::Range;

/// Everything a trace depends on beside the ledger.
#[derive(Debug)]
pub struct Question<'a, S: ?Sized, O: ?Sized> {
    /// How transactions carry taint.
    pub policy: Policy,
    /// Which way.
    pub direction: Direction,
    /// From where.
    pub sources: &'a Sources,
    /// Where to stop.
    pub stops: &'a S,
    /// Who owns what.
    pub owners: &'a O,
    /// How far.
    pub limits: &'a Limits,
}

/// Runs a trace and tells `sink` of everything as it is found. Memory is proportional to the sources and to
/// [`Totals::frontier_max`].
pub fn stream<S, O, K>(ledger: &Ledger, question: &Question<'_, S, O>, sink: &mut K) -> Totals
where
    S: Stops + ?Sized,
    O: Owners + ?Sized,
    K: Sink,
{
    match question.policy {
        Policy::Fifo => Walk::new(ledger, question, sink, Line::<FIFO>::default()).run(),
        Policy::Lifo => Walk::new(ledger, question, sink, Line::<LIFO>::default()).run(),
        Policy::Tiho => Walk::new(ledger, question, sink, Line::<TIHO>::default()).run(),
        Policy::Haircut => Walk::new(ledger, question, sink, Haircut::default()).run(),
        Policy::Poison => Walk::new(ledger, question, sink, Poison).run(),
    }
}

/// An output that taint is on, and where it comes from.
#[derive(Clone, Copy)]
struct Place {
    output: OutputNum,
    made_by: TxNum,
    vout: u32,
    value: u64,
    address: Option<AddressId>,
}

struct Walk<'a, P, S: ?Sized, O: ?Sized, K> {
    ledger: &'a Ledger,
    question: &'a Question<'a, S, O>,
    sink: &'a mut K,
    policy: P,
    /// Transactions that lie within the heights asked for.
    window: Range<u32>,
    queue: Queue,
    totals: Totals,
    /// Why nothing more is entered, once that is so.
    halted: Option<Bound>,
    group: Vec<Entry>,
    pieces: Vec<Piece>,
    spans: Vec<Span>,
    cut: Vec<Span>,
    fresh: Vec<Span>,
    /// Hops and mark of each piece, and which it is: to lay amounts of one kind together.
    kinds: Vec<(u32, u32, u32)>,
    /// Outputs are reached in order, so their spends lie near each other.
    spends: SpendCursor,
}

impl<'a, P: Spread, S: Stops + ?Sized, O: Owners + ?Sized, K: Sink> Walk<'a, P, S, O, K> {
    fn new(ledger: &'a Ledger, question: &'a Question<'a, S, O>, sink: &'a mut K, policy: P) -> Self {
        let limits = question.limits;
        let end = ledger.tx_count();
        let since = limits.since.map_or(0, |h| ledger.block(h).map_or(end, |b| b.txs.start));
        let until = limits.until.and_then(|h| ledger.block(h)).map_or(end, |b| b.txs.end);
        Self {
            ledger,
            question,
            sink,
            policy,
            window: since..until,
            queue: Queue::new(),
            totals: Totals {
                source_sat: question.sources.sat(),
                is_summed: P::MEANING != Meaning::Reach,
                ..Totals::default()
            },
            halted: None,
            group: Vec::new(),
            pieces: Vec::new(),
            spans: Vec::new(),
            cut: Vec::new(),
            fresh: Vec::new(),
            kinds: Vec::new(),
            spends: SpendCursor::default(),
        }
    }

    fn run(mut self) -> Totals {
        self.start();
        let mut group = std::mem::take(&mut self.group);
        while let Some(key) = self.queue.pop(&mut group) {
            let tx = match self.question.direction {
                Direction::Forward => TxNum(key),
                Direction::Backward => TxNum(u32::MAX - key),
            };
            self.enter(tx, &group);
        }
        self.totals.frontier_max = self.queue.len_max() as u64;
        debug_assert!(self.totals.check(), "taint was not conserved: {:?}", self.totals);
        self.totals
    }

    fn start(&mut self) {
        let sources = self.question.sources;
        let mut parts = sources.iter().peekable();
        while let Some(first) = parts.next() {
            let output = first.output;
            let hop = u32::from(sources.are_reached());
            self.spans.clear();
            self.spans.push(Span { lo: first.lo, hi: first.hi, hop, tag: 0 });
            while let Some(next) = parts.next_if(|p| p.output == output) {
                self.spans.push(Span { lo: next.lo, hi: next.hi, hop, tag: 0 });
            }
            let (made_by, vout) = self.ledger.output_tx(output);
            let (value, address) = (self.ledger.output_value(output).0, self.ledger.output_address(output));
            let place = Place { output, made_by, vout, value, address };
            if sources.are_reached() {
                let is_own = address.is_some_and(|a| self.question.owners.is_own(a));
                self.reach(place, is_own);
            } else {
                self.settle(place);
            }
        }
    }

    /// Carries all taint that waits for `tx` through it, or ends it there.
    fn enter(&mut self, tx: TxNum, group: &[Entry]) {
        let (ledger, limits) = (self.ledger, self.question.limits);
        let through = Passage { tx, inputs: ledger.tx_inputs(tx), outputs: ledger.tx_outputs(tx) };
        let Passage { inputs, outputs, .. } = &through;
        let fan = match self.question.direction {
            Direction::Forward => outputs.end - outputs.start,
            Direction::Backward => inputs.end - inputs.start,
        };
        if self.question.direction == Direction::Backward && fan == 0 && self.is_coinbase(tx) {
            return self.end_group(group, End::Minted);
        }
        if let Some(reason) = self.question.stops.stop_tx(tx) {
            return self.end_group(group, End::Stopped(reason));
        }
        if fan > u64::from(limits.outputs_max) {
            return self.end_group(group, End::Bounded(Bound::Outputs));
        }
        if self.halted.is_none() && !self.sink.go_on(self.totals.edge_count) {
            self.halted = Some(Bound::Cancelled);
        }
        if let Some(bound) = self.halted {
            return self.end_group(group, End::Bounded(bound));
        }

        let mut pieces = std::mem::take(&mut self.pieces);
        pieces.clear();
        match self.question.direction {
            Direction::Forward => self.policy.forward(ledger, &through, group, &mut pieces),
            Direction::Backward => self.policy.backward(ledger, &through, group, &mut pieces),
        }
        let edges = edges_of(&pieces, group);
        if self.totals.edge_count.saturating_add(edges) > limits.edges_max {
            self.halted = Some(Bound::Edges);
            self.end_group(group, End::Bounded(Bound::Edges));
        } else {
            self.totals.edge_count += edges;
            self.totals.tx_count += 1;
            for run in pieces.chunk_by(|a, b| a.reached == b.reached) {
                self.carry(tx, run, group);
            }
        }
        self.pieces = pieces;
    }

    /// Hands on all taint that `tx` carries to one output.
    fn carry(&mut self, tx: TxNum, run: &[Piece], group: &[Entry]) {
        let piece = run[0];
        if piece.reached == Piece::END {
            let sat = run.iter().map(|p| p.sat).sum();
            match self.question.direction {
                Direction::Forward => {
                    self.totals.fee_sat += sat;
                    self.sink.fee(tx, sat);
                }
                // a transaction that makes more than it spends: no valid chain has one
                Direction::Backward => self.totals.minted_sat += sat,
            }
            return;
        }
        let output = OutputNum(piece.reached);
        let address = self.ledger.output_address(output);
        let is_own = address.is_some_and(|a| self.question.owners.is_own(a));
        let mut edge: Option<(u64, Edge)> = None;
        self.spans.clear();
        self.kinds.clear();
        for (index, piece) in run.iter().enumerate() {
            let entry = &group[piece.entry as usize];
            let hop = self.hop_to(entry, address);
            match &mut edge {
                Some((before, edge)) if *before == entry.output => {
                    edge.sat += piece.sat;
                    edge.hop = edge.hop.min(hop);
                }
                _ => {
                    let (from_output, to_output) = match self.question.direction {
                        Direction::Forward => (entry.output(), output),
                        Direction::Backward => (output, entry.output()),
                    };
                    let next = Edge { tx, from_output, to_output, sat: piece.sat, hop };
                    if let Some((_, done)) = edge.replace((entry.output, next)) {
                        self.sink.edge(&done);
                    }
                }
            }
            if P::MEANING == Meaning::Places {
                self.land(tx, output, piece, entry, hop);
            } else {
                self.kinds.push((hop, entry.tag, index as u32));
            }
        }
        if let Some((_, done)) = edge {
            self.sink.edge(&done);
        }
        if P::MEANING != Meaning::Places {
            self.land_sorted(tx, output, run, group);
        }
        let made_by = TxNum(piece.made_by);
        let place = Place { output, made_by, vout: piece.vout, value: piece.value, address };
        self.rejoin(output);
        if !self.spans.is_empty() {
            self.reach(place, is_own);
        }
    }

    /// Hops that taint of an entry has made when it reaches an address.
    #[inline]
    fn hop_to(&self, entry: &Entry, address: Option<AddressId>) -> u32 {
        let owners = self.question.owners;
        let stays = match (entry.address(), address) {
            (Some(before), Some(reached)) => match self.question.direction {
                Direction::Forward => owners.same_owner(before, reached),
                Direction::Backward => owners.same_owner(reached, before),
            },
            _ => false,
        };
        if stays { entry.hop } else { entry.hop + 1 }
    }

    /// Puts a piece on the output reached.
    #[inline]
    fn land(&mut self, tx: TxNum, output: OutputNum, piece: &Piece, entry: &Entry, hop: u32) {
        self.sink.link(&Link {
            reached: output,
            reached_lo: piece.lo,
            before: entry.output(),
            before_lo: piece.prior_lo,
            sat: piece.sat,
            tx,
            hop,
        });
        push_span(&mut self.spans, Span { lo: piece.lo, hi: piece.lo + piece.sat, hop, tag: entry.tag });
    }

    /// Puts the pieces on the output reached where their places mean nothing: amounts of one kind together; of a mere reach the
    /// nearest way there.
    fn land_sorted(&mut self, tx: TxNum, output: OutputNum, run: &[Piece], group: &[Entry]) {
        let mut kinds = std::mem::take(&mut self.kinds);
        kinds.sort_unstable();
        if P::MEANING == Meaning::Reach {
            kinds.truncate(1);
        }
        let mut lo = 0;
        for (hop, _, index) in &kinds {
            let piece = Piece { lo, ..run[*index as usize] };
            lo += piece.sat;
            self.land(tx, output, &piece, &group[piece.entry as usize], *hop);
        }
        self.kinds = kinds;
    }

    /// Ends what has come back to a source.
    fn rejoin(&mut self, output: OutputNum) {
        let parts = self.question.sources.of(output);
        if parts.is_empty() {
            return;
        }
        self.cut.clear();
        if P::MEANING == Meaning::Reach {
            // reached again as a whole, whatever part of it is a source
            self.cut.append(&mut self.spans);
            return self.sink.end(output, &self.cut, End::Rejoined);
        }
        let arrived = std::mem::replace(&mut self.spans, std::mem::take(&mut self.fresh));
        self.spans.clear();
        for span in &arrived {
            let mut at = span.lo;
            for part in parts.iter().filter(|p| p.lo < span.hi && p.hi > span.lo) {
                let (lo, hi) = (part.lo.max(span.lo), part.hi.min(span.hi));
                if at < lo {
                    self.spans.push(Span { lo: at, hi: lo, ..*span });
                }
                self.cut.push(Span { lo, hi, ..*span });
                let back = if span.hop == 0 { &mut self.totals.internal_sat } else { &mut self.totals.returned_sat };
                *back += hi - lo;
                at = hi;
            }
            if at < span.hi {
                self.spans.push(Span { lo: at, ..*span });
            }
        }
        self.fresh = arrived;
        if !self.cut.is_empty() {
            self.sink.end(output, &self.cut, End::Rejoined);
        }
    }

    /// Tells of the spans on an output just reached, and stops or settles them.
    fn reach(&mut self, place: Place, is_own: bool) {
        let stop = if is_own { None } else { self.question.stops.stop(place.output, place.address) };
        let at = Arrival { output: place.output, address: place.address, is_own, stop };
        self.sink.reach(&at, &mut self.spans);
        match stop {
            Some(reason) => self.end_spans(place.output, End::Stopped(reason)),
            None => self.settle(place),
        }
    }

    /// Ends the spans where they are, or queues them for their next transaction.
    fn settle(&mut self, place: Place) {
        let Place { output, made_by, vout, value, address } = place;
        let limits = self.question.limits;
        let (tx, key) = match self.question.direction {
            Direction::Forward => match self.ledger.spent_by_near(output, &mut self.spends) {
                Some(tx) => (tx, tx.0),
                None => return self.end_spans(output, End::Held),
            },
            Direction::Backward => (made_by, u32::MAX - made_by.0),
        };
        if tx.0 < self.window.start {
            return self.leave(&place, Bound::Since);
        }
        if tx.0 >= self.window.end {
            return self.leave(&place, Bound::Until);
        }
        if self.spans.iter().any(|s| s.hop >= limits.hops_max) {
            let mut on = std::mem::take(&mut self.cut);
            on.clear();
            on.extend(self.spans.iter().filter(|s| s.hop < limits.hops_max));
            self.spans.retain(|s| s.hop >= limits.hops_max);
            self.leave(&place, Bound::Hops);
            self.cut = std::mem::replace(&mut self.spans, on);
            if self.spans.is_empty() {
                return;
            }
        }
        if limits.amount_min_sat > 0 && self.spans.iter().map(Span::sat).sum::<u64>() < limits.amount_min_sat {
            return self.leave(&place, Bound::Amount);
        }
        let address = address.map_or(AddressId::NONE, |a| a.0);
        for Span { lo, hi, hop, tag } in self.spans.drain(..) {
            self.queue.push(Entry {
                key,
                hop,
                tag,
                address,
                made_by: made_by.0,
                vout,
                output: output.0,
                lo,
                hi,
                value,
            });
        }
    }

    /// Leaves the spans at a bound; backward, what a coinbase made has reached its origin whatever the bounds.
    fn leave(&mut self, place: &Place, bound: Bound) {
        let minted = self.question.direction == Direction::Backward && self.is_coinbase(place.made_by);
        self.end_spans(place.output, if minted { End::Minted } else { End::Bounded(bound) });
    }

    /// Whether a transaction makes new coins. No inputs alone do not say so: on Zcash money may come out of a pool.
    fn is_coinbase(&self, tx: TxNum) -> bool {
        self.ledger.tx(tx).flags.has(TxFlags::COINBASE)
    }

    fn end_group(&mut self, group: &[Entry], end: End) {
        for entries in group.chunk_by(|a, b| a.output == b.output) {
            self.spans.clear();
            self.spans.extend(entries.iter().map(Entry::span));
            self.end_spans(entries[0].output(), end);
        }
    }

    fn end_spans(&mut self, output: OutputNum, end: End) {
        let sat = if P::MEANING == Meaning::Reach { 0 } else { self.spans.iter().map(Span::sat).sum() };
        let totals = &mut self.totals;
        match end {
            End::Held => (totals.held_sat, totals.held_outputs) = (totals.held_sat + sat, totals.held_outputs + 1),
            End::Stopped(_) => {
                (totals.stopped_sat, totals.stopped_outputs) = (totals.stopped_sat + sat, totals.stopped_outputs + 1);
            }
            End::Minted => {
                (totals.minted_sat, totals.minted_outputs) = (totals.minted_sat + sat, totals.minted_outputs + 1);
            }
            End::Bounded(bound) => totals.leave(bound, sat),
            // counted where it is found, by whether it left the owner
            End::Rejoined => {}
        }
        self.sink.end(output, &self.spans, end);
    }
}

/// How many pairs of outputs the pieces connect.
fn edges_of(pieces: &[Piece], group: &[Entry]) -> u64 {
    let pair = |p: &Piece| (p.reached, group[p.entry as usize].output);
    let (mut edges, mut last) = (0, (Piece::END, 0));
    for piece in pieces.iter().filter(|p| p.reached != Piece::END) {
        let next = pair(piece);
        edges += u64::from(next != last);
        last = next;
    }
    edges
}
