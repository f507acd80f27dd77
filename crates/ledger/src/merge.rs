//! Small into large: which runs and segments are joined, and when.
//!
//! Runs are joined eight at a time when they are about equally large (by factors of eight), so a row is written again once
//! for each such factor and a look-up touches at most seven runs a factor. Rows of segments are looked up by number, which
//! many segments do not slow down, so only small segments are joined: those that following the tip leaves.
//!
//! Joining works on immutable files beside everything else; only handing over the result is a commit. What it makes
//! depends on the sizes alone, never on the clock.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::manifest::{Ranges, RunMeta, SegmentMeta};
use crate::store::Store;
use crate::{run, segment};
use athar_disk::Disk;
use athar_types::{Chain, Hash32};
use std::{ops::Range, path::PathBuf, thread::JoinHandle};

/// Runs of about one size that are joined.
const FAN_IN: usize = 8;
/// Most runs joined at once.
const RUNS_MAX: usize = 64;
/// Outputs of a run that counts as the smallest.
const OUTPUTS_MIN: u64 = 4096;
/// Outputs that a run may have: places in it take 32 bits.
const RUN_OUTPUTS_MAX: u64 = u32::MAX as u64 - 1;
/// Outputs up to which segments are joined with their runs.
const SEGMENT_OUTPUTS_MAX: u64 = 2 << 20;
/// After a bulk load runs are joined where the largest has at most so many times the outputs of the others.
const SETTLE_RATIO: u64 = 4;

/// Which runs (places in the ledger's list) to join, and whether their segments too.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Plan {
    runs: Range<usize>,
    with_segments: bool,
}

fn outputs(ranges: &Ranges) -> u64 {
    ranges.outputs[1] - ranges.outputs[0]
}

fn level(outputs: u64) -> u32 {
    (outputs / OUTPUTS_MIN).max(1).ilog2() / FAN_IN.ilog2()
}

impl Plan {
    fn of(runs: Range<usize>, all: &[Ranges]) -> Option<Self> {
        let total: u64 = all[runs.clone()].iter().map(outputs).sum();
        (runs.len() > 1 && total <= RUN_OUTPUTS_MAX)
            .then_some(Self { runs, with_segments: total <= SEGMENT_OUTPUTS_MAX })
    }

    /// What is due: the youngest [`FAN_IN`] or more runs of one level.
    fn due(all: &[Ranges]) -> Option<Self> {
        // a small run before a large one counts as large: it can only be joined together with it
        let mut end = all.len();
        while end > 0 {
            let mut highest = level(outputs(&all[end - 1]));
            let mut start = end;
            while start > 0 && level(outputs(&all[start - 1])) <= highest {
                start -= 1;
                highest = highest.max(level(outputs(&all[start])));
            }
            if end - start >= FAN_IN {
                return Self::of(start..end.min(start + RUNS_MAX), all);
            }
            end = start;
        }
        None
    }

    /// What a bulk load leaves to be joined, so that look-ups touch as few runs as can be had for writing the rows
    /// once more: the most runs at the end of which the largest is not much larger than the others together.
    fn settling(all: &[Ranges]) -> Option<Self> {
        let sizes: Vec<u64> = all.iter().map(outputs).collect();
        let fits = |start: &usize| {
            let total: u64 = sizes[*start..].iter().sum();
            let largest = sizes[*start..].iter().copied().max().unwrap_or(0);
            total <= RUN_OUTPUTS_MAX && largest <= (total - largest).saturating_mul(SETTLE_RATIO)
        };
        let start = (all.len().saturating_sub(RUNS_MAX)..all.len()).find(fits)?;
        Self::of(start..all.len(), all)
    }
}

/// A finished join, not committed yet.
#[derive(Debug)]
pub(crate) struct Merged {
    pub(crate) run: RunMeta,
    pub(crate) segment: Option<SegmentMeta>,
}

/// Joins in the background; one at a time.
#[derive(Debug, Default)]
pub struct Merger {
    job: Option<JoinHandle<Result<Merged, LedgerError>>>,
}

impl Merger {
    /// Commits a join that is ready, and begins the next that is due. Never waits.
    pub fn poll(&mut self, store: &mut Store, chain: Chain) -> Result<(), LedgerError> {
        if self.job.as_ref().is_some_and(|job| !job.is_finished()) {
            return Ok(());
        }
        self.commit(store, chain)?;
        self.begin(store, chain, Plan::due)
    }

    /// Waits for what is under way and does all that is due.
    pub fn wait(&mut self, store: &mut Store, chain: Chain) -> Result<(), LedgerError> {
        self.until(store, chain, Plan::due)
    }

    /// The same, then joins what a bulk load leaves, so that look-ups touch few runs.
    pub fn settle(&mut self, store: &mut Store, chain: Chain) -> Result<(), LedgerError> {
        self.until(store, chain, Plan::due)?;
        self.until(store, chain, Plan::settling)
    }

    /// Waits for what is under way and drops it: for a chain that is about to be unwound.
    pub fn cancel(&mut self) {
        if let Some(job) = self.job.take() {
            // its folders are removed with the next leftovers; an error of it has no reader any more
            let _ = job.join();
        }
    }

    fn until(
        &mut self,
        store: &mut Store,
        chain: Chain,
        plan: fn(&[Ranges]) -> Option<Plan>,
    ) -> Result<(), LedgerError> {
        loop {
            self.commit(store, chain)?;
            self.begin(store, chain, plan)?;
            if self.job.is_none() {
                return Ok(());
            }
        }
    }

    /// Waits for the join under way, if any, and commits it.
    fn commit(&mut self, store: &mut Store, chain: Chain) -> Result<(), LedgerError> {
        let Some(job) = self.job.take() else { return Ok(()) };
        let merged = job.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        store.replace(chain, merged)
    }

    fn begin(&mut self, store: &Store, chain: Chain, plan: fn(&[Ranges]) -> Option<Plan>) -> Result<(), LedgerError> {
        let Some(entry) = store.chain(chain) else { return Ok(()) };
        let ranges: Vec<Ranges> = entry.runs.iter().map(|r| r.ranges).collect();
        let Some(plan) = plan(&ranges) else { return Ok(()) };
        let Some(ledger) = store.ledger(chain)? else { return Ok(()) };
        let (disk, folder) = (store.disk().clone(), store.chain_folder(chain));
        self.job = Some(std::thread::spawn(move || join(&ledger, &plan, &disk, folder)));
        Ok(())
    }
}

impl Drop for Merger {
    fn drop(&mut self) {
        self.cancel();
    }
}

fn join(ledger: &Ledger, plan: &Plan, disk: &Disk, folder: PathBuf) -> Result<Merged, LedgerError> {
    let runs = &ledger.runs()[plan.runs.clone()];
    let end = runs[runs.len() - 1].ranges;
    let tip = ledger.block(athar_types::Height(end.blocks[1] - 1)).map_or(Hash32::ZERO, |block| block.hash);
    let run = run::merge::merge(ledger, runs, &end, &tip, disk, &folder)?;
    let segments = ledger.segments();
    let from = segments.partition_point(|s| s.ranges.blocks[1] <= runs[0].ranges.blocks[0]);
    let to = segments.partition_point(|s| s.ranges.blocks[1] <= end.blocks[1]);
    let segment = if plan.with_segments && to - from > 1 {
        Some(segment::copy::copy(&segments[from..to], end.blocks[1], disk, &folder)?)
    } else {
        None
    };
    Ok(Merged { run, segment })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(sizes: &[u64]) -> Vec<Ranges> {
        let mut at = 0;
        sizes
            .iter()
            .map(|size| {
                at += size;
                Ranges { outputs: [at - size, at], ..Ranges::default() }
            })
            .collect()
    }

    fn due(sizes: &[u64]) -> Option<Range<usize>> {
        Plan::due(&ranges(sizes)).map(|p| p.runs)
    }

    #[test]
    fn eight_of_one_size_are_joined_and_seven_are_not() {
        assert_eq!(due(&[9000; 7]), None);
        assert_eq!(due(&[9000; 8]), Some(0..8));
        assert_eq!(due(&[100_000_000, 9000, 9000, 9000, 9000, 9000, 9000, 9000, 9000]), Some(1..9));
        // the older, larger ones too, once there are eight
        assert_eq!(due(&[200_000; 8].iter().copied().chain([9000; 3]).collect::<Vec<_>>()), Some(0..8));
    }

    #[test]
    fn a_small_run_before_a_large_one_does_not_stay_for_ever() {
        assert_eq!(due(&[9000, 9000, 10_000_000, 9000, 10_000_000, 10_000_000, 10_000_000, 10_000_000]), Some(0..8));
    }

    #[test]
    fn following_a_chain_keeps_few_runs_and_writes_each_row_a_few_times() {
        let mut sizes: Vec<u64> = Vec::new();
        let (mut written, mut most) = (0, 0);
        for _ in 0..20_000 {
            sizes.push(9000);
            while let Some(runs) = due(&sizes) {
                let total: u64 = sizes[runs.clone()].iter().sum();
                written += total;
                sizes.splice(runs, [total]);
            }
            most = most.max(sizes.len());
        }
        let all: u64 = sizes.iter().sum();
        assert_eq!(all, 20_000 * 9000);
        assert!(most <= 7 * 6, "{most} runs");
        assert!(written <= all * 5, "{written} of {all}");
    }

    #[test]
    fn settling_leaves_runs_that_grow_by_more_than_the_ratio() {
        let settled = |sizes: &[u64]| Plan::settling(&ranges(sizes)).map(|p| p.runs);
        assert_eq!(settled(&[10, 10, 10, 10]), Some(0..4));
        assert_eq!(settled(&[1000, 10]), None);
        assert_eq!(settled(&[1000, 10, 30]), Some(1..3));
        // a small rest at the end does not keep the others apart
        assert_eq!(settled(&[10, 10, 10, 1]), Some(0..4));
        assert_eq!(settled(&[RUN_OUTPUTS_MAX, RUN_OUTPUTS_MAX]), None);
        assert_eq!(settled(&[]), None);
    }
}
