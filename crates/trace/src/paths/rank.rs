//! The first paths in an order, among the outputs that lie on any.
//!
//! Outputs are handled in chain order, so when one's turn comes all beginnings of paths that lead to it are known. Of
//! these a *label* is kept for each that can still become one of the first `count` paths: whatever follows is the same
//! for all labels of an output, so a label is dropped where `count` others, over other transactions, are better whatever
//! follows. By hops, and by arrival, which all labels of an output share, that is a plain order. By width it is not: of
//! two labels the narrower may win in the end, where something narrower still follows and it has fewer hops. There a
//! label counts as better only if it is as wide and not behind in the order among equals.

use super::answer::{Path, PathStep};
use super::ground::{Ground, Role};
use super::question::PathsOrder;
use super::region::Spot;
use crate::stop::{Owners, Stops};
use athar_ledger::Ledger;
use athar_types::{OutputNum, TxNum};
use rustc_hash::FxHashMap;
use std::cmp::Ordering;
use std::ops::Range;

/// No label, or no transaction.
const NONE: u32 = u32::MAX;

/// The beginning of a path, up to an output.
#[derive(Clone, Copy, Debug)]
struct Label {
    output: OutputNum,
    /// The label it goes on from; [`NONE`] for the first output.
    before: u32,
    /// Its transactions, as an entry of [`Ranking::ways`].
    way: u32,
    hops: u32,
    width_sat: u64,
}

/// Transactions in their order, as the last of them and the way before it.
#[derive(Clone, Copy, Debug)]
struct Way {
    before: u32,
    tx: TxNum,
}

struct Ranking {
    order: PathsOrder,
    count_max: usize,
    labels: Vec<Label>,
    ways: Vec<Way>,
    /// Entry of `ways` by what it is: two labels over the same transactions have the same one.
    known_ways: FxHashMap<(u32, u32), u32>,
}

/// The first `count_max` paths over these outputs, of at most `hops_max` hops, and whether there were more beginnings to
/// compare than [`super::PathsLimits::labels_max`].
pub(super) fn first<S: Stops + ?Sized, O: Owners + ?Sized>(
    ground: &mut Ground<'_, S, O>,
    region: Vec<Spot>,
    hops_max: u32,
    count_max: usize,
) -> (Vec<Path>, bool) {
    let (ledger, question) = (ground.ledger, ground.question);
    let mut ranking = Ranking {
        order: question.order,
        count_max,
        labels: Vec::new(),
        ways: Vec::new(),
        known_ways: FxHashMap::default(),
    };
    let place: FxHashMap<u64, u32> = region.iter().enumerate().map(|(at, spot)| (spot.output.0, at as u32)).collect();
    // labels to go on from, of each output of the region
    let mut of: Vec<Range<u32>> = Vec::with_capacity(region.len());
    let (mut arrived, mut candidates, mut seen) = (Vec::new(), Vec::new(), 0u64);
    let (mut entered, mut spent) = (None, Vec::new());
    // labels are numbered in 32 bits
    let labels_max = question.limits.labels_max.min(u64::from(u32::MAX / 2));
    for spot in &region {
        let width = ledger.output_value(spot.output).0;
        let begins = ranking.labels.len() as u32;
        if matches!(spot.role, Role::Start | Role::Both) {
            let label = Label { output: spot.output, before: NONE, way: NONE, hops: 0, width_sat: width };
            ranking.labels.push(label);
        }
        if spot.role != Role::Through {
            of.push(begins..ranking.labels.len() as u32);
        }
        if spot.role.takes_in() {
            candidates.clear();
            let tx = ledger.output_tx(spot.output).0;
            // outputs of one transaction come one after another
            if entered != Some(tx) {
                entered = Some(tx);
                let inputs = if ground.closed(tx).is_some() { 0..0 } else { ledger.tx_inputs(tx) };
                spent.clear();
                spent.extend(inputs.filter_map(|row| place.get(&ground.spent(row).0.0)).map(|at| *at as usize));
            }
            for at in spent.iter().copied() {
                let hop = u32::from(ground.is_hop(region[at].address, spot.address));
                for before in of[at].clone() {
                    seen += 1;
                    if seen > labels_max {
                        return (ranking.finish(ledger, arrived), true);
                    }
                    let label = ranking.labels[before as usize];
                    let hops = label.hops + hop;
                    if hops.saturating_add(spot.to_end) > hops_max {
                        continue;
                    }
                    let (way, width_sat) = (ranking.way(label.way, tx), label.width_sat.min(width));
                    candidates.push(Label { output: spot.output, before, way, hops, width_sat });
                }
            }
            ranking.keep(&mut candidates);
        }
        if spot.role == Role::Through {
            ranking.labels.append(&mut candidates);
            of.push(begins..ranking.labels.len() as u32);
        } else {
            arrived.append(&mut candidates);
        }
    }
    (ranking.finish(ledger, arrived), false)
}

impl Ranking {
    fn way(&mut self, before: u32, tx: TxNum) -> u32 {
        let next = self.ways.len() as u32;
        let way = *self.known_ways.entry((before, tx.0)).or_insert(next);
        if way == next {
            self.ways.push(Way { before, tx });
        }
        way
    }

    /// Compares the transactions of two ways, from the last one back.
    fn compare_ways(&self, mut a: u32, mut b: u32) -> Ordering {
        while a != b {
            let (Some(x), Some(y)) = (self.ways.get(a as usize), self.ways.get(b as usize)) else {
                // NONE, which is the larger number, has ended and comes first
                return b.cmp(&a);
            };
            if x.tx != y.tx {
                return x.tx.cmp(&y.tx);
            }
            (a, b) = (x.before, y.before);
        }
        Ordering::Equal
    }

    /// Compares the outputs of two labels over the same way, from the last one back.
    fn compare_outputs(&self, a: &Label, b: &Label) -> Ordering {
        let (mut a, mut b) = (*a, *b);
        loop {
            let order = a.output.cmp(&b.output);
            if order.is_ne() || a.before == b.before {
                return order;
            }
            (a, b) = (self.labels[a.before as usize], self.labels[b.before as usize]);
        }
    }

    /// The order among labels of one width and one arrival.
    fn compare(&self, a: &Label, b: &Label) -> Ordering {
        a.hops.cmp(&b.hops).then_with(|| self.compare_ways(a.way, b.way)).then_with(|| self.compare_outputs(a, b))
    }

    /// The order asked for, among whole paths.
    fn compare_whole(&self, a: &Label, b: &Label) -> Ordering {
        let arrival = |label: &Label| self.ways.get(label.way as usize).map(|w| w.tx);
        match self.order {
            PathsOrder::Hops => self.compare(a, b),
            PathsOrder::Value => b.width_sat.cmp(&a.width_sat).then_with(|| self.compare(a, b)),
            PathsOrder::Earliest => arrival(a).cmp(&arrival(b)).then_with(|| self.compare(a, b)),
        }
    }

    /// Keeps the labels of one output that can still become one of the first paths.
    fn keep(&self, labels: &mut Vec<Label>) {
        labels.sort_unstable_by(|a, b| self.compare(a, b));
        let mut kept: Vec<Label> = Vec::new();
        let mut better = Vec::new();
        labels.retain(|label| {
            // those kept are before it in the order among equals
            better.clear();
            for other in kept.iter().filter(|k| self.order != PathsOrder::Value || k.width_sat >= label.width_sat) {
                if other.way == label.way {
                    return false;
                }
                if !better.contains(&other.way) {
                    better.push(other.way);
                }
                if better.len() >= self.count_max {
                    return false;
                }
            }
            kept.push(*label);
            true
        });
    }

    fn finish(self, ledger: &Ledger, mut arrived: Vec<Label>) -> Vec<Path> {
        arrived.sort_unstable_by(|a, b| self.compare_whole(a, b));
        let mut ways = Vec::new();
        let mut paths = Vec::new();
        for label in arrived {
            if paths.len() >= self.count_max {
                break;
            }
            if !ways.contains(&label.way) {
                ways.push(label.way);
                paths.push(self.path(ledger, label));
            }
        }
        paths
    }

    fn path(&self, ledger: &Ledger, end: Label) -> Path {
        let (mut steps, mut at) = (Vec::new(), end);
        while let (Some(before), Some(way)) = (self.labels.get(at.before as usize), self.ways.get(at.way as usize)) {
            steps.push(PathStep {
                tx: way.tx,
                from_output: before.output,
                to_output: at.output,
                width_sat: ledger.output_value(before.output).min(ledger.output_value(at.output)).0,
                is_hop: at.hops > before.hops,
            });
            at = *before;
        }
        steps.reverse();
        Path { steps, hops: end.hops, width_sat: end.width_sat }
    }
}
