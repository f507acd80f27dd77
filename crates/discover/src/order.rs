//! The order of results: units of work come in as they are done and go out in the order of the files and of the documents in them.
//!
//! The unit whose turn it is passes straight through. Others wait in memory, and a thread that reads a file whose turn has not come
//! stops when they are too many ([`WAITING_MAX`]); it then helps with what waits to be read, so that the turn comes.

use crate::record::{Event, Results};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Events that wait for their turn.
pub(crate) const WAITING_MAX: usize = 200_000;

/// A unit of work: file and place in it, both ascending.
pub(crate) type Unit = (u32, u32);

/// What was looked at and found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, JsonSchema)]
pub struct Totals {
    /// Files read.
    pub files: u64,
    /// Files that were recorded before and did not change since.
    pub files_known: u64,
    /// Documents in them, members of archives counted one by one.
    pub documents: u64,
    /// Documents that were recorded before.
    pub documents_known: u64,
    /// Bytes of text looked at.
    pub text_bytes: u64,
    /// Finds.
    pub finds: u64,
    /// Finds in passages that solicit.
    pub soliciting: u64,
    /// Places where something was not read.
    pub problems: u64,
}

/// The results in order.
pub(crate) struct Order<R> {
    results: R,
    /// The unit whose turn it is.
    turn: Unit,
    waiting: BTreeMap<Unit, Vec<Event>>,
    done: BTreeSet<Unit>,
    /// How many units a file has, once that is known.
    units: BTreeMap<u32, u32>,
    count: usize,
    pub(crate) totals: Totals,
    failed: bool,
}

impl<R: Results> Order<R> {
    pub(crate) fn new(results: R) -> Self {
        Self {
            results,
            turn: (0, 0),
            waiting: BTreeMap::new(),
            done: BTreeSet::new(),
            units: BTreeMap::new(),
            count: 0,
            totals: Totals::default(),
            failed: false,
        }
    }

    /// The file whose turn it is.
    pub(crate) fn turn(&self) -> u32 {
        self.turn.0
    }

    /// Whether so much waits that a thread ahead of its turn should not add to it.
    pub(crate) fn is_full(&self) -> bool {
        self.count >= WAITING_MAX
    }

    /// Whether a result was refused: nothing more is wanted.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed
    }

    /// Takes events of a unit.
    pub(crate) fn give(&mut self, unit: Unit, events: Vec<Event>) {
        if unit == self.turn {
            self.pass(events);
        } else if !self.failed {
            self.count += events.len();
            self.waiting.entry(unit).or_default().extend(events);
        }
    }

    /// A unit is done.
    pub(crate) fn finish(&mut self, unit: Unit) {
        self.done.insert(unit);
        self.advance();
    }

    /// A file has so many units and no more.
    pub(crate) fn finish_file(&mut self, file: u32, units: u32) {
        self.units.insert(file, units);
        self.advance();
    }

    /// The end: gives the results back.
    pub(crate) fn end(self) -> (R, Totals) {
        debug_assert!(self.failed || (self.waiting.is_empty() && self.done.is_empty()));
        (self.results, self.totals)
    }

    fn advance(&mut self) {
        loop {
            if self.done.remove(&self.turn) {
                self.turn.1 += 1;
            } else if self.units.get(&self.turn.0) == Some(&self.turn.1) {
                self.units.remove(&self.turn.0);
                self.turn = (self.turn.0 + 1, 0);
            } else {
                return;
            }
            if let Some(events) = self.waiting.remove(&self.turn) {
                self.count -= events.len();
                self.pass(events);
            }
        }
    }

    fn pass(&mut self, events: Vec<Event>) {
        for event in events {
            if self.failed {
                return;
            }
            match &event {
                Event::Begin(..) => self.totals.documents += 1,
                Event::Known(_) => self.totals.documents_known += 1,
                Event::Find(found, _) => {
                    self.totals.finds += 1;
                    self.totals.soliciting += u64::from(found.solicitation.solicits);
                }
                Event::Problem(_) => self.totals.problems += 1,
                Event::End(_, _, text_bytes) => self.totals.text_bytes += text_bytes,
                Event::FileDone(_) => self.totals.files += 1,
                Event::FileKnown(_) => self.totals.files_known += 1,
            }
            self.failed = self.results.take(event).is_err();
        }
    }
}
