//! Paths: which way the taint on an output came, transaction by transaction.
//!
//! Every [`Link`] of a trace is kept, in the order of what it reaches. Under FIFO each satoshi has travelled exactly one
//! way; a path picks the satoshi on the output that made the fewest hops and follows it back to its source, so every
//! step of a path carried the very satoshi that the path ends in.

use crate::sink::Link;
use crate::source::Sources;
use crate::taint::Direction;
use athar_types::{OutputNum, TxNum};
use serde::Serialize;

/// One transaction on a path, in the money's direction whatever the direction of the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Step {
    /// The transaction.
    pub tx: TxNum,
    /// The output it spends.
    pub from_output: OutputNum,
    /// The output it makes.
    pub to_output: OutputNum,
    /// Satoshi of the contiguous run that the path follows through this transaction.
    pub sat: u64,
}

/// The links of a trace.
#[derive(Clone, Debug)]
pub(crate) struct Links {
    sorted: Vec<Link>,
    direction: Direction,
    sources: Sources,
}

impl Links {
    pub(crate) fn new(direction: Direction, sources: &Sources) -> Self {
        Self { sorted: Vec::new(), direction, sources: sources.clone() }
    }

    #[inline]
    pub(crate) fn push(&mut self, link: &Link) {
        self.sorted.push(*link);
    }

    /// To be called once, before any path is asked for.
    pub(crate) fn finish(&mut self) {
        // forward traces come sorted already, which this sort notices
        self.sorted.sort();
    }

    fn reaching(&self, output: OutputNum) -> &[Link] {
        let first = self.sorted.partition_point(|l| l.reached < output);
        let count = self.sorted[first..].partition_point(|l| l.reached == output);
        &self.sorted[first..first + count]
    }

    /// The path of the fewest hops to `output`, from the source on; of equal ones that of the longest run, then of the
    /// lowest satoshi. Empty for a source, `None` for an output not reached.
    pub(crate) fn shortest_to(&self, output: OutputNum) -> Option<Vec<Step>> {
        if !self.sources.of(output).is_empty() {
            return Some(Vec::new());
        }
        let best = self.reaching(output).iter().min_by_key(|l| (l.hop, std::cmp::Reverse(l.sat), l.reached_lo))?;
        self.path_of(output, best.reached_lo)
    }

    /// The path of satoshi `at` of `output`, from the source on. Empty for one of a source, `None` for one not reached.
    pub(crate) fn path_of(&self, mut output: OutputNum, mut at: u64) -> Option<Vec<Step>> {
        let mut steps = Vec::new();
        while !self.sources.of(output).iter().any(|s| s.lo <= at && at < s.hi) {
            let end = self.sorted.partition_point(|l| (l.reached, l.reached_lo) <= (output, at));
            let link = self.sorted[..end].last().filter(|l| l.reached == output && at - l.reached_lo < l.sat)?;
            let (from_output, to_output) = match self.direction {
                Direction::Forward => (link.before, link.reached),
                Direction::Backward => (link.reached, link.before),
            };
            steps.push(Step { tx: link.tx, from_output, to_output, sat: link.sat });
            (output, at) = (link.before, link.before_lo + (at - link.reached_lo));
        }
        steps.reverse();
        Some(steps)
    }
}
