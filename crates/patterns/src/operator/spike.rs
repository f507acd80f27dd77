//! `spike`: gifts that rise around a dated event. Of a known party, what came in within days of an event, against windows of the
//! same length in its own history, and against how the whole chain moved in the same windows.
//!
//! With many wallets and many events some rise by chance: the operator looks at known parties alone.

use super::specs::{m, p};
use super::start::{known, read};
use super::through::businesses;
use super::{At, Bound, Scope, Spec};
use crate::facts::DatedEvent;
use crate::{Candidate, Classes, Move, Party, Subject, Timeline, Unit};
use rayon::prelude::*;

/// Movements of one party that are read.
const MOVES_MAX: usize = 500_000;
/// Events that are looked at, the newest.
const EVENTS_MAX: usize = 2_000;
/// Windows of history that are looked at on each side.
const WINDOWS_MAX: u32 = 12;

pub(super) static SPEC: Spec = Spec {
    name: "spike",
    about: "inflow of a known party around a dated event, against its own history and the whole chain",
    parameters: &[
        p("days", Unit::Days, "days before and after the event"),
        p("windows_min", Unit::Count, "fewest windows of history, all within the party's life"),
        p("receipts_min", Unit::Count, "fewest receipts around the event"),
        p("linked_to", Unit::Count, "categories of the known parties that it starts from"),
    ],
    measures: &[
        m("inflow_cents", Unit::UsdCents, "what came in around the event"),
        m("receipts", Unit::Count, "in how many receipts"),
        m("usual_cents", Unit::UsdCents, "mean of the windows of history"),
        m("windows", Unit::Count, "windows of history"),
        m("z", Unit::Hundredths, "how many standard deviations above that mean"),
        m("market_z", Unit::Hundredths, "the same of the chain's transactions in the same windows"),
        m("times", Unit::Hundredths, "how many times its mean"),
        m("market_times", Unit::Hundredths, "how many times the chain's transactions are theirs"),
        m("over_market", Unit::Hundredths, "the first by the second"),
        m("largest_permille", Unit::Permille, "part of the largest receipt: one gift is no wave"),
        m("labelled_business", Unit::Flag, "a label says merchant, payment processor, aid organisation or authority"),
        m("bound_hit", Unit::Flag, "more movements or events than are looked at"),
    ],
    bind: |params| {
        Ok(Box::new(Spike {
            days: params.small("days")?.min(365),
            windows_min: params.small("windows_min")?.max(2),
            receipts_min: params.number("receipts_min")?.max(1),
            linked: params.classes("linked_to")?,
        }))
    },
};

struct Spike {
    days: u32,
    windows_min: u32,
    receipts_min: u64,
    linked: Classes,
}

impl Bound for Spike {
    fn scope(&self) -> Scope {
        Scope::Whole
    }

    fn whole(&self, at: &At<'_>, found: &mut Vec<Candidate>) {
        let events = &at.world.facts().events;
        if events.is_empty() || at.world.txs() == 0 {
            return;
        }
        let parties: Vec<Party> = known(at, self.linked).into_iter().filter(|p| at.is_due(*p)).collect();
        let skipped = events.len().saturating_sub(EVENTS_MAX);
        let of = |party: &Party| {
            let timeline = read(at, *party, MOVES_MAX);
            let is_bound = timeline.is_cut || skipped > 0;
            let of = |event: &DatedEvent| self.look(at, &timeline, event, is_bound);
            events[skipped..].iter().filter_map(of).collect::<Vec<_>>()
        };
        found.extend(parties.par_iter().flat_map_iter(of).collect::<Vec<_>>());
    }
}

/// Transactions of the chain in a span of time; both ends by bisection, since transactions are in order of time.
fn txs_between(at: &At<'_>, from: u32, to: u32) -> u64 {
    let before = |time: u32| {
        let (mut low, mut high) = (0, at.world.txs());
        while low < high {
            let middle = low + (high - low) / 2;
            if at.world.time(middle) < time { low = middle + 1 } else { high = middle }
        }
        low
    };
    u64::from(before(to).saturating_sub(before(from)))
}

impl Spike {
    fn look(&self, at: &At<'_>, timeline: &Timeline, event: &DatedEvent, is_bound: bool) -> Option<Candidate> {
        let half = self.days * 86_400;
        let length = half * 2 + 86_400;
        let from = event.time.0.saturating_sub(half);
        let to = from.saturating_add(length);
        let received = |from: u32, to: u32| {
            let first = timeline.moves.partition_point(|m| m.time < from);
            let last = timeline.moves.partition_point(|m| m.time < to);
            timeline.moves[first..last].iter().filter(|m| m.way == crate::Way::In && m.worth().is_some())
        };
        let around: Vec<&Move> = received(from, to).collect();
        if (around.len() as u64) < self.receipts_min {
            return None;
        }
        // history lies within the party's life: before its first receipt and after its last there was nothing that could rise
        let born = timeline.received().next()?.time;
        let last = timeline.received().last()?.time;
        let before = (1..=WINDOWS_MAX).map(|n| from.checked_sub(length * n)).map_while(|s| s.filter(|s| *s >= born));
        let after = (0..WINDOWS_MAX).map(|n| u64::from(to) + u64::from(length) * u64::from(n));
        let is_past = |start: &u64| start + u64::from(length) <= u64::from(last);
        let windows: Vec<u32> = before.chain(after.take_while(is_past).filter_map(|s| u32::try_from(s).ok())).collect();
        if (windows.len() as u32) < self.windows_min {
            return None;
        }
        let cents = |from: u32, to: u32| received(from, to).map(|m| m.cents).fold(0, u64::saturating_add);
        let own: Vec<u64> = windows.iter().map(|start| cents(*start, start + length)).collect();
        let market: Vec<u64> = windows.iter().map(|start| txs_between(at, *start, start + length)).collect();
        let (inflow, moved) = (cents(from, to), txs_between(at, from, to));
        let mut candidate = Candidate::of(Subject::Party(timeline.party), around.iter().copied());
        candidate.notes.push(format!("{}: {} ({})", event.id, event.title, event.time.day()).into());
        let measures = &mut candidate.measures;
        measures.set("inflow_cents", inflow);
        measures.set("receipts", around.len());
        measures.set("windows", windows.len());
        measures
            .maybe("usual_cents", own.iter().fold(0, |a: u64, b| a.saturating_add(*b)).checked_div(own.len() as u64));
        let largest = around.iter().map(|m| m.cents).max().unwrap_or(0);
        measures.maybe("largest_permille", crate::measure::permille(largest, inflow));
        measures.maybe("z", score(inflow, &own));
        measures.maybe("market_z", score(moved, &market));
        let (times, market_times) = (times(inflow, &own), times(moved, &market));
        measures.maybe("times", times);
        measures.maybe("market_times", market_times);
        if let (Some(own), Some(market)) = (times, market_times) {
            measures.maybe("over_market", own.saturating_mul(100).checked_div(market));
        }
        measures.set("labelled_business", i64::from(at.world.classes(timeline.party).meets(businesses())));
        measures.set("bound_hit", i64::from(is_bound));
        Some(candidate)
    }
}

/// Standard deviations above the mean, in hundredths. A deviation below a tenth of the mean counts as a tenth, so that a very even
/// history does not make every change a wonder; without any history there is no score.
fn score(value: u64, history: &[u64]) -> Option<i64> {
    let n = history.len() as f64;
    // statistics of sums, no money: a float is enough, and equal input gives equal output
    let mean = history.iter().map(|v| *v as f64).sum::<f64>() / n;
    let variance = history.iter().map(|v| (*v as f64 - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let deviation = variance.sqrt().max(mean / 10.0);
    (deviation > 0.0).then(|| ((value as f64 - mean) / deviation * 100.0).round() as i64)
}

fn times(value: u64, history: &[u64]) -> Option<i64> {
    let sum: u128 = history.iter().map(|v| u128::from(*v)).sum();
    i64::try_from((u128::from(value) * 100 * history.len() as u128).checked_div(sum)?).ok()
}

#[cfg(test)]
mod tests;
