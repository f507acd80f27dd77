//! `athar bench screen`: how long screening takes, by what is asked and how far it looks.
//!
//! Every target is asked twice. What is measured is the second time, with a store in the page cache and with what the program
//! remembers of the targets; of the first time the 99th percentile is told beside it.

use super::open_engine;
use crate::Outcome;
use crate::args::BenchScreen;
use crate::printer::Printer;
use crate::show;
use athar_engine::Options;
use athar_engine::read::{Depth, SampleKind, Sampled, ScreenOptions};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// Answers that took longer are counted: of what is said of a target itself, and of what follows money.
const LATE: [Duration; 2] = [Duration::from_micros(20), Duration::from_millis(20)];

const OWNERSHIP: &str = "ownership";

/// What was measured.
#[derive(Debug, Serialize)]
pub(crate) struct BenchScreenView {
    /// Targets of each kind that were asked for.
    pub(crate) sample: u64,
    /// Seed of the sample.
    pub(crate) seed: u64,
    /// Hops of indirect exposure.
    pub(crate) hops: u32,
    /// Threads that asked at the same time.
    pub(crate) threads: u32,
    /// A row for each depth and kind.
    pub(crate) rows: Vec<BenchScreenRow>,
}

/// Answers of one depth to targets of one kind.
#[derive(Debug, Serialize)]
pub(crate) struct BenchScreenRow {
    /// `ownership`, `counterparty`, `indirect`, or `indirect, N ms`.
    pub(crate) depth: String,
    /// What was asked; `all` for all kinds together.
    pub(crate) kind: &'static str,
    /// Answers.
    pub(crate) answers: u64,
    /// Microseconds that half of the answers stay within.
    pub(crate) p50_us: f64,
    /// Microseconds that 99 % stay within.
    pub(crate) p99_us: f64,
    /// The same of the first time that the targets were asked.
    pub(crate) first_p99_us: f64,
    /// Microseconds that 99.9 % stay within.
    pub(crate) p999_us: f64,
    /// The slowest, in microseconds.
    pub(crate) max_us: f64,
    /// Answers that took longer than 20 us (`ownership`) or 20 ms (the others).
    pub(crate) late: u64,
    /// Answers a second, all threads together.
    pub(crate) per_second: f64,
    /// Answers that hit a bound other than that of hops, by bound.
    pub(crate) bounds: BTreeMap<String, u64>,
}

/// One answer.
struct Answer {
    kind: SampleKind,
    took: Duration,
    bounds: Vec<String>,
}

pub(crate) fn run(store: &Path, open: &Options, words: &BenchScreen, printer: &Printer) -> anyhow::Result<Outcome> {
    let engine = open_engine(store, open, printer)?;
    engine.warm()?;
    let sample = engine.sample(words.sample, words.seed)?;
    let full = ScreenOptions { hops_max: words.hops, ..ScreenOptions::default() };
    let limited = ScreenOptions { time_limit_ms: Some(words.time_limit), ..full };
    let named = |bounds: Vec<athar_engine::read::BoundedView>| bounds.into_iter().map(|b| b.bound).collect();
    let direct = |text: &str, depth| anyhow::Ok(named(engine.screen_direct(text, depth)?.bounds));
    let whole = |text: &str, options| anyhow::Ok(named(engine.screen(text, options)?.bounds));
    let mut rows = Vec::new();
    let mut measure = |depth: &str, ask: &(dyn Fn(&str) -> anyhow::Result<Vec<String>> + Sync)| {
        printer.note(&format!("{depth}: {} targets", sample.len()));
        let (first, _) = answers(&sample, words.threads, ask)?;
        let (answers, wall) = answers(&sample, words.threads, ask)?;
        rows.extend(summed(depth, [&first, &answers], wall, words.threads));
        anyhow::Ok(())
    };
    measure(OWNERSHIP, &|text| direct(text, Depth::Ownership))?;
    measure("counterparty", &|text| direct(text, Depth::Counterparty))?;
    measure("indirect", &|text| whole(text, &full))?;
    measure(&format!("indirect, {} ms", words.time_limit), &|text| whole(text, &limited))?;
    let view =
        BenchScreenView { sample: words.sample, seed: words.seed, hops: words.hops, threads: words.threads, rows };
    printer.view(&view, show::bench_screen)?;
    Ok(Outcome::Done)
}

/// Asks everything once. The threads take the targets in turn, so that each has some of every kind.
fn answers(
    sample: &[Sampled],
    threads: u32,
    ask: &(dyn Fn(&str) -> anyhow::Result<Vec<String>> + Sync),
) -> anyhow::Result<(Vec<Answer>, Duration)> {
    let began = Instant::now();
    let parts: Vec<anyhow::Result<Vec<Answer>>> = std::thread::scope(|scope| {
        let part = |first: usize| {
            let own = sample.iter().skip(first).step_by(threads as usize);
            own.map(|Sampled { kind, text }| {
                let asked = Instant::now();
                let bounds = ask(text)?;
                Ok(Answer { kind: *kind, took: asked.elapsed(), bounds })
            })
            .collect()
        };
        let running: Vec<_> = (0..threads as usize).map(|first| scope.spawn(move || part(first))).collect();
        running
            .into_iter()
            .map(|one| one.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread panicked"))))
            .collect()
    });
    let wall = began.elapsed();
    let mut all = Vec::with_capacity(sample.len());
    for part in parts {
        all.extend(part?);
    }
    Ok((all, wall))
}

/// A row for each kind, and one for all.
fn summed(depth: &str, [first, answers]: [&[Answer]; 2], wall: Duration, threads: u32) -> Vec<BenchScreenRow> {
    let late = if depth == OWNERSHIP { LATE[0] } else { LATE[1] };
    let sorted = |of: &mut dyn Iterator<Item = &Answer>| {
        let mut took: Vec<Duration> = of.map(|a| a.took).collect();
        took.sort_unstable();
        took
    };
    let row = |kind: &'static str, first: Vec<Duration>, of: Vec<&Answer>, per_second: f64| {
        let took = sorted(&mut of.iter().copied());
        let mut bounds = BTreeMap::new();
        for answer in &of {
            let mut hit: Vec<&String> = answer.bounds.iter().filter(|b| *b != "hops").collect();
            hit.sort_unstable();
            hit.dedup();
            for bound in hit {
                *bounds.entry(bound.clone()).or_insert(0) += 1;
            }
        }
        BenchScreenRow {
            depth: depth.to_string(),
            kind,
            answers: of.len() as u64,
            p50_us: within(&took, 500),
            p99_us: within(&took, 990),
            first_p99_us: within(&first, 990),
            p999_us: within(&took, 999),
            max_us: within(&took, 1000),
            late: took.iter().filter(|t| **t > late).count() as u64,
            per_second,
            bounds,
        }
    };
    let kinds = SampleKind::ALL.into_iter().map(|kind| {
        let of: Vec<&Answer> = answers.iter().filter(|a| a.kind == kind).collect();
        let busy: f64 = of.iter().map(|a| a.took.as_secs_f64()).sum();
        let per_second = of.len() as f64 / busy * f64::from(threads);
        row(kind.name(), sorted(&mut first.iter().filter(|a| a.kind == kind)), of, per_second)
    });
    let mut rows: Vec<_> = kinds.filter(|row| row.answers > 0).collect();
    rows.push(row(
        "all",
        sorted(&mut first.iter()),
        answers.iter().collect(),
        answers.len() as f64 / wall.as_secs_f64(),
    ));
    rows
}

/// Microseconds that so many of a thousand stay within (nearest rank).
fn within(sorted: &[Duration], permille: usize) -> f64 {
    let rank = (sorted.len() * permille).div_ceil(1000).max(1);
    sorted.get(rank - 1).map_or(0.0, |took| took.as_secs_f64() * 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_nearest_ranks() {
        let took: Vec<Duration> = (1..=1000).map(Duration::from_micros).collect();
        let us = |permille| within(&took, permille).round();
        assert_eq!([us(500), us(990), us(999), us(1000)], [500.0, 990.0, 999.0, 1000.0]);
        let few = [Duration::from_micros(3), Duration::from_micros(9)];
        assert_eq!([within(&few, 500).round(), within(&few, 990).round()], [3.0, 9.0]);
        assert_eq!(within(&[], 500), 0.0);
    }

    #[test]
    fn a_bound_is_counted_once_an_answer() {
        let answer = |bounds: &[&str]| Answer {
            kind: SampleKind::Address,
            took: Duration::from_millis(30),
            bounds: bounds.iter().map(ToString::to_string).collect(),
        };
        let all = [answer(&["edges", "edges", "hops"]), answer(&["hops"])];
        let rows = summed("x", [&all, &all], Duration::from_secs(1), 1);
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[1].bounds.len(), rows[1].bounds["edges"], rows[1].late), (1, 1, 2));
    }
}
