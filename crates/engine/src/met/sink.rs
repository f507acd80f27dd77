//! Sums up where a walk meets labels.

use super::lookup::Lookup;
use athar_trace::{Arrival, Bound, End, Link, Sink, Span, Step, StopReason};
use athar_types::{OutputNum, Relation, TxNum};
use rustc_hash::FxHashMap;
use std::{cmp::Reverse, collections::BTreeMap, time::Instant};

/// Transactions between two looks at the clock.
const LOOK_EVERY: u32 = 32;

/// A place where a label was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) hops: u32,
    /// Satoshi that first met the label there, at this number of hops.
    pub(crate) sat: u64,
    /// The output at the labelled address.
    pub(crate) output: OutputNum,
    /// The first satoshi that met the label there.
    pub(super) at: u64,
    /// The transaction that moved them there, or from there. Always known once a side is done.
    pub(crate) moved: Option<TxNum>,
    /// The way from the subject on; empty where none was asked for, and where the subject is the transaction itself.
    pub(crate) path: Vec<Step>,
}

impl Place {
    fn rank(&self) -> (u32, Reverse<u64>, OutputNum, u64) {
        (self.hops, Reverse(self.sat), self.output, self.at)
    }
}

/// What one label has to do with the subject, in one direction and one relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Met {
    pub(crate) label: u32,
    pub(crate) relation: Relation,
    /// Satoshi of the subject that met it.
    pub(crate) sat: u64,
    pub(crate) hops_min: u32,
    /// Places where it was met: outputs, counted once for each number of hops at which they were reached.
    pub(crate) places_count: u64,
    /// The first of them.
    pub(crate) places: Vec<Place>,
}

impl Met {
    /// Keeps the first places only, in order.
    fn keep(&mut self, places_max: usize) {
        if self.places.len() > places_max {
            self.places.select_nth_unstable_by_key(places_max, Place::rank);
            self.places.truncate(places_max);
        }
    }
}

/// Sets of labels that taint has met, as small numbers: what travels with the taint.
#[derive(Debug, Default)]
struct Sets {
    /// The members of set `n + 1`, sorted; set 0 is empty.
    members: Vec<Vec<u32>>,
    numbers: FxHashMap<Vec<u32>, u32>,
    /// The set with a label added, where it was asked for before; `None` where it holds it already.
    grown: FxHashMap<(u32, u32), Option<u32>>,
}

impl Sets {
    fn with(&mut self, set: u32, label: u32) -> Option<u32> {
        if let Some(known) = self.grown.get(&(set, label)) {
            return *known;
        }
        let members = if set == 0 { &[][..] } else { &self.members[set as usize - 1] };
        let grown = match members.binary_search(&label) {
            Ok(_) => None,
            Err(at) => {
                let mut grown = members.to_vec();
                grown.insert(at, label);
                let number = self.members.len() as u32 + 1;
                let members = &mut self.members;
                Some(*self.numbers.entry(grown).or_insert_with_key(|grown| {
                    members.push(grown.clone());
                    number
                }))
            }
        };
        self.grown.insert((set, label), grown);
        grown
    }
}

/// The sink.
pub(super) struct Meetings<'a> {
    lookup: &'a Lookup<'a>,
    sets: Sets,
    met: Vec<Met>,
    by_label: FxHashMap<(u32, Relation), usize>,
    places_max: usize,
    /// Satoshi that never left the subject, or did outside the heights asked for.
    at_home_sat: u64,
    links: Option<&'a mut Vec<Link>>,
    /// The last link and what it reached.
    last: Option<(OutputNum, TxNum)>,
    deadline: Option<Instant>,
    asked: u32,
    is_over: bool,
    /// Of one output: hops, satoshi that meet the label there, the first of them.
    by_hops: Vec<(u32, u64, u64)>,
    /// What stopped at services that no label names, by rule: satoshi, outputs.
    inferred: BTreeMap<u32, (u64, u64)>,
}

impl<'a> Meetings<'a> {
    pub(super) fn new(
        lookup: &'a Lookup<'a>,
        places_max: usize,
        deadline: Option<Instant>,
        links: Option<&'a mut Vec<Link>>,
    ) -> Self {
        Self {
            lookup,
            sets: Sets::default(),
            met: Vec::new(),
            by_label: FxHashMap::default(),
            places_max,
            at_home_sat: 0,
            links,
            last: None,
            deadline,
            asked: 0,
            is_over: false,
            by_hops: Vec::new(),
            inferred: BTreeMap::new(),
        }
    }

    /// What was met, by label and relation, the satoshi that stayed at home, and those that stopped at services that no label
    /// names: rule, satoshi, outputs.
    pub(super) fn finish(mut self) -> (Vec<Met>, u64, BTreeMap<u32, (u64, u64)>) {
        for met in &mut self.met {
            met.keep(self.places_max);
            met.places.sort_unstable_by_key(Place::rank);
        }
        self.met.sort_unstable_by_key(|met| (met.label, met.relation));
        (self.met, self.at_home_sat, self.inferred)
    }

    fn meet(&mut self, label: u32, output: OutputNum, moved: Option<TxNum>) {
        self.by_hops.sort_unstable();
        for (hops, sat, at) in self.by_hops.drain(..) {
            let relation = if hops <= 1 { Relation::Counterparty } else { Relation::Indirect };
            let next = self.met.len();
            let place = *self.by_label.entry((label, relation)).or_insert(next);
            if place == next {
                self.met.push(Met { label, relation, sat: 0, hops_min: hops, places_count: 0, places: Vec::new() });
            }
            let met = &mut self.met[place];
            met.sat += sat;
            met.hops_min = met.hops_min.min(hops);
            met.places_count += 1;
            met.places.push(Place { hops, sat, output, at, moved, path: Vec::new() });
            if met.places.len() >= self.places_max.saturating_mul(2).max(64) {
                met.keep(self.places_max);
            }
        }
    }
}

impl Sink for Meetings<'_> {
    #[inline]
    fn link(&mut self, link: &Link) {
        self.last = Some((link.reached, link.tx));
        if let Some(links) = &mut self.links {
            links.push(*link);
        }
    }

    #[inline]
    fn reach(&mut self, at: &Arrival, spans: &mut [Span]) {
        if at.is_own {
            return;
        }
        let Some(label) = self.lookup.label(at.address, at.stop) else { return };
        for span in spans {
            let Some(set) = self.sets.with(span.tag, label) else { continue };
            span.tag = set;
            match self.by_hops.iter_mut().find(|(hops, ..)| *hops == span.hop) {
                Some((_, sat, _)) => *sat += span.sat(),
                None => self.by_hops.push((span.hop, span.sat(), span.lo)),
            }
        }
        if !self.by_hops.is_empty() {
            let moved = self.last.filter(|(output, _)| *output == at.output).map(|(_, tx)| tx);
            self.meet(label, at.output, moved);
        }
    }

    fn end(&mut self, _: OutputNum, spans: &[Span], end: End) {
        if let End::Stopped(StopReason::InferredService { rule }) = end {
            let (sat, outputs) = self.inferred.entry(rule).or_default();
            *sat += spans.iter().map(Span::sat).sum::<u64>();
            *outputs += 1;
        }
        if matches!(end, End::Held | End::Bounded(Bound::Since | Bound::Until)) {
            self.at_home_sat += spans.iter().filter(|s| s.hop == 0).map(Span::sat).sum::<u64>();
        }
    }

    #[inline]
    fn go_on(&mut self, _: u64) -> bool {
        if let Some(deadline) = self.deadline
            && !self.is_over
        {
            self.is_over = self.asked.is_multiple_of(LOOK_EVERY) && Instant::now() >= deadline;
            self.asked = self.asked.wrapping_add(1);
        }
        !self.is_over
    }
}
