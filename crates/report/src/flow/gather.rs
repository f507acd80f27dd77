//! The movements of a trace, seen from its subject, with an end for every satoshi.
//!
//! A movement leads from a near output to a far one, whichever way the trace goes. What an output takes in and does not
//! pass on is fee or was left at a bound; where the answer's own sums do not bear out which, the diagram does not claim it.

use super::graph::Kind;
use super::names::Name;
use athar_engine::read::{EdgeView, PlaceView, TraceView};
use std::collections::HashMap;

/// Where a movement begins or ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spot<'a> {
    Source,
    /// Index of an output on the way.
    Output(usize),
    /// A place at which money came to rest; services by name.
    End(Kind, Option<Name<'a>>),
}

/// An output on the way.
pub(super) struct Output<'a> {
    /// Its address, or where it has none the output itself.
    pub(super) owner: &'a str,
    pub(super) address: Option<&'a str>,
    /// Length of the longest way to it from the subject, in movements.
    pub(super) column: u32,
    taken_sat: u64,
    pub(super) given_sat: u64,
}

/// Money that moved.
pub(super) struct Movement<'a> {
    pub(super) near: Spot<'a>,
    pub(super) far: Spot<'a>,
    pub(super) sat: u64,
}

/// One end of a movement: the output and its address.
pub(super) type End<'a> = (&'a str, Option<&'a str>);

/// The near and the far end of a movement; no end where it is a fee.
pub(super) fn ends_of(edge: &EdgeView, backward: bool) -> (End<'_>, Option<End<'_>>) {
    let from = (edge.from_output.as_str(), edge.from.as_deref());
    let to = edge.to_output.as_deref().map(|output| (output, edge.to.as_deref()));
    match (backward, to) {
        (false, to) => (from, to),
        (true, Some(to)) => (to, Some(from)),
        (true, None) => (from, None),
    }
}

/// Whether an output is one that the trace started from: the target is an address, a transaction or an output.
pub(super) fn is_source(target: &str, (output, address): End<'_>) -> bool {
    // bech32 and hexadecimal may be asked for in capitals
    let same = |text: &str| text.eq_ignore_ascii_case(target);
    address.is_some_and(same) || same(output) || output.split_once(':').is_some_and(|(txid, _)| same(txid))
}

/// An output, as `txid:vout`.
pub(super) fn outpoint(place: &PlaceView) -> String {
    format!("{}:{}", place.txid, place.vout)
}

/// The box at which a stopped output ends.
pub(super) fn stop_spot(place: &PlaceView) -> (Kind, Option<Name<'_>>) {
    if place.reason.starts_with("coinjoin") {
        return (Kind::CoinJoin, None);
    }
    let name =
        place.label.as_deref().map(|label| Name { label, category: place.category.as_deref().unwrap_or("unknown") });
    (Kind::Service, name)
}

/// Every place at which money came to rest, with the box it ends in.
pub(super) fn places(trace: &TraceView) -> impl Iterator<Item = (&PlaceView, Kind, Option<Name<'_>>)> {
    let stopped = trace.stopped.iter().map(|place| {
        let (kind, name) = stop_spot(place);
        (place, kind, name)
    });
    let held = trace.held.iter().map(|place| (place, Kind::Held, None));
    stopped.chain(held).chain(trace.minted.iter().map(|place| (place, Kind::Minted, None)))
}

/// The movements of a trace with every satoshi's end.
pub(super) struct Gathered<'a> {
    pub(super) outputs: Vec<Output<'a>>,
    pub(super) movements: Vec<Movement<'a>>,
}

impl<'a> Gathered<'a> {
    pub(super) fn of(trace: &'a TraceView) -> Self {
        let backward = trace.direction == "backward";
        let mut resting: HashMap<String, (Kind, Option<Name<'a>>)> = HashMap::new();
        let mut movements = Vec::new();
        let mut source_left = trace.source_sat;
        for (place, kind, name) in places(trace) {
            let at = outpoint(place);
            if is_source(&trace.target, (&at, place.address.as_deref())) {
                source_left = source_left.saturating_sub(place.amount_sat);
                movements.push(Movement { near: Spot::Source, far: Spot::End(kind, name), sat: place.amount_sat });
            }
            resting.insert(at, (kind, name));
        }
        let mut outputs: Vec<Output<'a>> = Vec::new();
        let mut index: HashMap<&'a str, usize> = HashMap::new();
        let mut fee_seen = 0u64;
        for edge in &trace.edges {
            let (near, far) = ends_of(edge, backward);
            let (near_spot, near_column) = match index.get(near.0) {
                Some(&at) if !is_source(&trace.target, near) => {
                    outputs[at].given_sat = outputs[at].given_sat.saturating_add(edge.amount_sat);
                    (Spot::Output(at), outputs[at].column)
                }
                _ => {
                    source_left = source_left.saturating_sub(edge.amount_sat);
                    (Spot::Source, 0)
                }
            };
            let far_spot = match far {
                None => {
                    fee_seen = fee_seen.saturating_add(edge.amount_sat);
                    Spot::End(Kind::Fee, None)
                }
                Some(far) if is_source(&trace.target, far) => Spot::End(Kind::Returned, None),
                Some((output, address)) => {
                    if let Some((kind, name)) = resting.get(output) {
                        Spot::End(*kind, *name)
                    } else {
                        let at = *index.entry(output).or_insert_with(|| {
                            let owner = address.unwrap_or(output);
                            outputs.push(Output { owner, address, column: 0, taken_sat: 0, given_sat: 0 });
                            outputs.len() - 1
                        });
                        outputs[at].taken_sat = outputs[at].taken_sat.saturating_add(edge.amount_sat);
                        outputs[at].column = outputs[at].column.max(near_column + 1);
                        Spot::Output(at)
                    }
                }
            };
            movements.push(Movement { near: near_spot, far: far_spot, sat: edge.amount_sat });
        }
        let mut gathered = Self { outputs, movements };
        gathered.settle(trace, source_left, fee_seen);
        gathered
    }

    /// Gives an end to what outputs took in and did not pass on.
    fn settle(&mut self, trace: &TraceView, source_left: u64, fee_seen: u64) {
        let (mut fee, mut bounded) = (fee_seen, 0u64);
        for output in &self.outputs {
            let left = output.taken_sat.saturating_sub(output.given_sat);
            let sum = if output.given_sat > 0 { &mut fee } else { &mut bounded };
            *sum = sum.saturating_add(left);
        }
        let source_fee = trace.fee_sat.saturating_sub(fee).min(source_left);
        let source_bounded = source_left - source_fee;
        (fee, bounded) = (fee.saturating_add(source_fee), bounded.saturating_add(source_bounded));
        let is_whole = !trace.edges_truncated && !trace.places_truncated;
        let ends = if is_whole && (fee, bounded) == (trace.fee_sat, trace.bounded_sat) {
            [Kind::Fee, Kind::Bounded]
        } else if is_whole && fee.checked_add(bounded) == trace.fee_sat.checked_add(trace.bounded_sat) {
            [Kind::FeeBounded; 2]
        } else {
            [Kind::Unlisted; 2]
        };
        let [fee_end, bounded_end] = ends.map(|kind| Spot::End(kind, None));
        for movement in &mut self.movements {
            if movement.far == Spot::End(Kind::Fee, None) {
                movement.far = fee_end.clone();
            }
            if let Spot::Output(at) = movement.far
                && self.outputs[at].given_sat == 0
            {
                movement.far = bounded_end.clone();
            }
        }
        for (at, output) in self.outputs.iter().enumerate().filter(|(_, o)| o.given_sat > 0) {
            let sat = output.taken_sat.saturating_sub(output.given_sat);
            self.movements.push(Movement { near: Spot::Output(at), far: fee_end.clone(), sat });
        }
        self.movements.push(Movement { near: Spot::Source, far: fee_end, sat: source_fee });
        self.movements.push(Movement { near: Spot::Source, far: bounded_end, sat: source_bounded });
        self.movements.retain(|m| m.sat > 0);
    }
}
