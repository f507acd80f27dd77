//! The satoshi a question is about.

use crate::error::TraceError;
use athar_ledger::Ledger;
use athar_types::{AddressId, OutputNum};
use rustc_hash::FxHashMap;
use std::{ops::Range, sync::Arc};

/// Satoshi `lo..hi` of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The output.
    pub output: OutputNum,
    /// First satoshi.
    pub lo: u64,
    /// End, exclusive.
    pub hi: u64,
}

/// A set of sources: every satoshi counts once, however often it was named.
///
/// Taint that comes back to a source is not counted a second time: it ends there, as `internal` (it never left the
/// owner) or `returned` (it did), and the source's own taint goes on in its place.
#[derive(Clone, Debug)]
pub struct Sources {
    parts: Arc<[Source]>,
    /// Parts of each output, as a range of `parts`; empty where there is one output only.
    index: FxHashMap<u64, Range<u32>>,
    sat: u64,
    truncated: bool,
    reached: bool,
}

impl Sources {
    /// Whole outputs. Only the first `outputs_max` are taken; [`Self::is_truncated`] says whether there were more.
    pub fn outputs(
        ledger: &Ledger,
        outputs: impl IntoIterator<Item = OutputNum>,
        outputs_max: usize,
    ) -> Result<Self, TraceError> {
        let mut outputs = outputs.into_iter();
        let mut parts = Vec::new();
        for output in outputs.by_ref().take(outputs_max) {
            check(ledger, output)?;
            parts.push(Source { output, lo: 0, hi: ledger.output_value(output).0 });
        }
        Self::new(parts, outputs.next().is_some())
    }

    /// Parts of outputs, each as a range of the output's satoshi. Only the first `parts_max` are taken.
    pub fn parts(
        ledger: &Ledger,
        parts: impl IntoIterator<Item = (OutputNum, Range<u64>)>,
        parts_max: usize,
    ) -> Result<Self, TraceError> {
        let mut given = parts.into_iter();
        let mut parts = Vec::new();
        for (output, part) in given.by_ref().take(parts_max) {
            check(ledger, output)?;
            let value = ledger.output_value(output).0;
            if part.is_empty() || part.end > value {
                return Err(TraceError::NoSuchPart { output, from: part.start, to: part.end, value });
            }
            parts.push(Source { output, lo: part.start, hi: part.end });
        }
        Self::new(parts, given.next().is_some())
    }

    /// Everything that was ever paid to the addresses: the outputs of the first, in chain order, then of the next. Only
    /// the first `outputs_max` outputs are taken.
    pub fn addresses(
        ledger: &Ledger,
        addresses: impl IntoIterator<Item = AddressId>,
        outputs_max: usize,
    ) -> Result<Self, TraceError> {
        let mut parts = Vec::new();
        for address in addresses {
            if address.0 >= ledger.address_count() {
                return Err(TraceError::UnknownAddress { address, count: ledger.address_count() });
            }
            for output in ledger.address_outputs(address) {
                if parts.len() >= outputs_max {
                    return Self::new(parts, true);
                }
                parts.push(Source { output, lo: 0, hi: ledger.output_value(output).0 });
            }
        }
        Self::new(parts, false)
    }

    fn new(mut parts: Vec<Source>, truncated: bool) -> Result<Self, TraceError> {
        parts.retain(|p| p.lo < p.hi);
        parts.sort_unstable();
        parts.dedup_by(|next, kept| {
            let joins = next.output == kept.output && next.lo <= kept.hi;
            if joins {
                kept.hi = kept.hi.max(next.hi);
            }
            joins
        });
        let sum = |sum: u64, part: &Source| sum.checked_add(part.hi - part.lo).ok_or(TraceError::TooMuch);
        let sat = parts.iter().try_fold(0, sum)?;
        let mut index = FxHashMap::default();
        if parts.first().map(|p| p.output) != parts.last().map(|p| p.output) {
            for (at, part) in parts.iter().enumerate() {
                let at = at as u32;
                index.entry(part.output.0).and_modify(|r: &mut Range<u32>| r.end = at + 1).or_insert(at..at + 1);
            }
        }
        Ok(Self { parts: parts.into(), index, sat, truncated, reached: false })
    }

    /// The same sources as places already reached: they are one hop away from the subject, stops apply to them, and the
    /// sink is told of them. For a subject that is a transaction: its outputs, or what it spends.
    #[must_use]
    pub fn reached(mut self) -> Self {
        self.reached = true;
        self
    }

    /// The same sources, known to be only the first of more.
    #[must_use]
    pub fn truncated(mut self) -> Self {
        self.truncated = true;
        self
    }

    /// Whether the sources are places already reached.
    pub fn are_reached(&self) -> bool {
        self.reached
    }

    /// How many satoshi.
    pub fn sat(&self) -> u64 {
        self.sat
    }

    /// Whether there were more sources than were taken.
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// The sources: ascending, apart from each other, none empty.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.parts.iter()
    }

    /// The parts of an output that are sources.
    #[inline]
    pub fn of(&self, output: OutputNum) -> &[Source] {
        match (self.parts.first(), self.parts.last()) {
            (Some(first), Some(last)) if first.output <= output && output <= last.output => {
                if self.index.is_empty() {
                    return &self.parts;
                }
                self.index.get(&output.0).map_or(&[], |r| &self.parts[r.start as usize..r.end as usize])
            }
            _ => &[],
        }
    }
}

fn check(ledger: &Ledger, output: OutputNum) -> Result<(), TraceError> {
    let count = ledger.output_count();
    if output.0 < count { Ok(()) } else { Err(TraceError::UnknownOutput { output, count }) }
}
