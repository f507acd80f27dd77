//! `outlier`: one receipt far above all that a party is used to, and soon gone.

use super::onward::{forwarded, leaving};
use super::specs::{m, p};
use super::start::pools;
use super::through::businesses;
use super::{At, Bound, Scope, Spec};
use crate::measure::permille;
use crate::{Candidate, Classes, Move, Party, Subject, Sum, Timeline, Unit, Way};

/// Outliers of one party that are told at most, the first ones.
const EACH_MAX: usize = 20;
/// Receipts of one party that are looked at, the oldest ones.
const RECEIPTS_MAX: usize = 200_000;

pub(super) static SPEC: Spec = Spec {
    name: "outlier",
    about: "one receipt far above a party's own history, and soon sent on",
    parameters: &[
        p("history_min", Unit::Count, "receipts that have to stand before it"),
        p("times_min", Unit::Hundredths, "how many times the median of these it is at least"),
        p("hours", Unit::Hours, "what was sent on within so long is gone"),
        p("dust_cents", Unit::UsdCents, "receipts worth less are not looked at"),
    ],
    measures: &[
        m("amount_cents", Unit::UsdCents, "what it is worth"),
        m("history", Unit::Count, "receipts before it"),
        m("median_cents", Unit::UsdCents, "their median"),
        m("top_cents", Unit::UsdCents, "their 99th percentile by nearest rank"),
        m("above_top", Unit::Flag, "whether it is above that"),
        m("times", Unit::Hundredths, "how many times the median"),
        m("onward_permille", Unit::Permille, "of the receipt, what was sent on in time; possible change is not"),
        m("own_sender", Unit::Flag, "the sender was paid by the party, or the money went back to the sender"),
        m(
            "service",
            Unit::Flag,
            "a label says that the party is a service, or an address is a customer deposit address",
        ),
        m("labelled_business", Unit::Flag, "a label says merchant, payment processor, aid organisation or authority"),
        m("bound_hit", Unit::Flag, "more receipts than are looked at"),
    ],
    bind: |params| {
        Ok(Box::new(Outlier {
            history_min: params.number("history_min")?.max(1),
            times_min: params.number("times_min")?,
            within: params.small("hours")?.saturating_mul(3_600),
            dust: params.number("dust_cents")?,
            services: pools(),
        }))
    },
};

struct Outlier {
    history_min: u64,
    times_min: u64,
    within: u32,
    dust: u64,
    services: Classes,
}

impl Bound for Outlier {
    fn scope(&self) -> Scope {
        Scope::Parties { least: self.history_min + 1 }
    }

    fn wants(&self, at: &At<'_>, party: Party) -> bool {
        !at.world.classes(party).meets(self.services)
    }

    fn party(&self, at: &At<'_>, timeline: &Timeline, found: &mut Vec<Candidate>) {
        let classes = at.world.classes(timeline.party);
        if classes.meets(self.services) {
            return;
        }
        let kept = |m: &&Move| m.worth().is_some_and(|cents| cents >= self.dust);
        let received: Vec<&Move> = timeline.received().filter(kept).take(RECEIPTS_MAX).collect();
        if received.len() as u64 <= self.history_min {
            return;
        }
        let outliers = self.outliers(&received);
        if outliers.is_empty() {
            return;
        }
        let leaving = leaving(at, timeline);
        for (place, median, top) in outliers {
            let receipt = received[place];
            let first = leaving.sent.partition_point(|m| m.tx < receipt.tx);
            let passed = forwarded(at, &[receipt], &leaving.sent[first..], self.within)[0];
            let after = leaving.sent[first..].iter().copied().filter(|m| m.asset == receipt.asset);
            let soon: Vec<&Move> = after.take_while(|m| m.time.saturating_sub(receipt.time) <= self.within).collect();
            let mut candidate =
                Candidate::of(Subject::Party(timeline.party), std::iter::once(receipt).chain(soon.iter().copied()));
            candidate.total = Sum::of([receipt]);
            let is_own = timeline.moves.iter().any(|m| {
                let is_before = m.tx <= receipt.tx || soon.iter().any(|s| s.tx == m.tx);
                m.way == Way::Out && is_before && m.party == receipt.party && m.party != Party::NOBODY
            });
            let is_deposit = at.world.facts().deposits.contains(&receipt.own);
            let measures = &mut candidate.measures;
            measures.set("amount_cents", receipt.cents);
            measures.set("history", place);
            measures.set("median_cents", median);
            measures.set("top_cents", top);
            measures.set("above_top", i64::from(receipt.cents > top));
            measures.maybe("times", times(receipt.cents, median));
            measures.maybe("onward_permille", permille(passed, receipt.units));
            measures.set("own_sender", i64::from(is_own));
            measures.set("service", i64::from(is_deposit));
            measures.set("labelled_business", i64::from(classes.meets(businesses())));
            measures.set("bound_hit", i64::from(received.len() == RECEIPTS_MAX || timeline.is_cut));
            found.push(candidate);
        }
    }
}

impl Outlier {
    /// Receipts above the 99th percentile and so many times the median of those before them: place, median, percentile.
    fn outliers(&self, received: &[&Move]) -> Vec<(usize, u64, u64)> {
        let mut values: Vec<u64> = received.iter().map(|m| m.cents).collect();
        values.sort_unstable();
        values.dedup();
        let mut before = Ranks::new(values.len());
        let mut found = Vec::new();
        for (place, receipt) in received.iter().enumerate() {
            if place as u64 >= self.history_min {
                let n = place as u64;
                let median = values[before.nth((n - 1) / 2)];
                let top = values[before.nth((n * 99).div_ceil(100) - 1)];
                let is_far = times(receipt.cents, median).is_some_and(|t| t.cast_unsigned() >= self.times_min);
                if receipt.cents > top && is_far {
                    found.push((place, median, top));
                    if found.len() == EACH_MAX {
                        break;
                    }
                }
            }
            before.add(values.partition_point(|v| *v < receipt.cents));
        }
        found
    }
}

/// In hundredths.
fn times(cents: u64, median: u64) -> Option<i64> {
    i64::try_from((u128::from(cents) * 100).checked_div(u128::from(median))?).ok()
}

/// Counts of values by rank: adds one and finds the n-th in logarithmic time (Fenwick, "A new data structure for cumulative
/// frequency tables", 1994).
struct Ranks(Vec<u64>);

impl Ranks {
    fn new(ranks: usize) -> Self {
        Self(vec![0; ranks + 1])
    }

    fn add(&mut self, rank: usize) {
        let mut at = rank + 1;
        while at < self.0.len() {
            self.0[at] += 1;
            at += at & at.wrapping_neg();
        }
    }

    /// The rank of the n-th value from 0.
    fn nth(&self, n: u64) -> usize {
        let (mut at, mut rest) = (0, n);
        let mut step = self.0.len().next_power_of_two() / 2;
        while step > 0 {
            if at + step < self.0.len() && self.0[at + step] <= rest {
                at += step;
                rest -= self.0[at];
            }
            step /= 2;
        }
        at.min(self.0.len().saturating_sub(2))
    }
}

#[cfg(test)]
mod tests;
