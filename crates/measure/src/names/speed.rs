//! How fast names are screened: one against 100,000 listed names, and a file of customers.

use super::Sets;
use athar_names::{Facts, Listed, ListedName, Query, Screener, Session, Wanted};
use rayon::prelude::*;
use serde::Serialize;
use std::hint::black_box;
use std::time::Instant;

/// What the speed of screening is, in milliseconds and names a second.
#[derive(Clone, Debug, Serialize)]
pub struct NameSpeed {
    /// Names on the list, aliases among them.
    pub listed: usize,
    /// Seconds to file them.
    pub build_s: f64,
    /// Queries that were timed one by one, each in a session that remembers nothing.
    pub queries: usize,
    /// Median of one, wall clock.
    pub p50_ms: f64,
    /// 99th percentile, wall clock.
    pub p99_ms: f64,
    /// 99th percentile of the thread's processor time: without what other processes took.
    pub p99_cpu_ms: f64,
    /// Customers screened in parallel, on [`Self::threads`] threads.
    pub customers: usize,
    /// Threads.
    pub threads: usize,
    /// Customers a second.
    pub per_second: f64,
}

/// Processor time of this thread in milliseconds.
fn cpu_ms() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// Times screening against the strangers' own names as a list, four names a subject, `listed` names in all.
pub fn name_speed(sets: &Sets, listed: usize, threshold: f32) -> NameSpeed {
    let names: Vec<&String> =
        sets.strangers.iter().filter(|(k, _)| k.starts_with("latin")).flat_map(|(_, n)| n).collect();
    let subjects: Vec<Listed> = names[..listed.min(names.len())]
        .chunks(4)
        .enumerate()
        .map(|(i, names)| Listed {
            list: "speed".into(),
            id: i.to_string(),
            names: names.iter().map(|n| ListedName { text: (*n).clone(), weak: false }).collect(),
            facts: Facts::default(),
        })
        .collect();
    let start = Instant::now();
    let screener = Screener::new(subjects);
    let build_s = start.elapsed().as_secs_f64();
    let wanted = Wanted { threshold, top: 10 };
    let query = |name: &String| Query { name: name.clone(), facts: Facts::default() };
    // half in Arabic letters, half in Latin ones, of both kinds
    let queries: Vec<Query> = sets.strangers.iter().flat_map(|(_, n)| n.iter().rev().take(1_000).map(query)).collect();
    let mut wall = Vec::with_capacity(queries.len());
    let mut cpu = Vec::with_capacity(queries.len());
    for asked in &queries {
        let mut session = Session::default();
        // the first query of a session makes its tables, which is no part of answering
        black_box(screener.screen(&Query { name: "x".into(), facts: Facts::default() }, &wanted, &mut session));
        let (start, before) = (Instant::now(), cpu_ms());
        black_box(screener.screen(asked, &wanted, &mut session));
        cpu.push(cpu_ms() - before);
        wall.push(start.elapsed().as_secs_f64() * 1e3);
    }
    wall.sort_by(f64::total_cmp);
    cpu.sort_by(f64::total_cmp);
    let at = |times: &[f64], share: f64| times[((times.len() - 1) as f64 * share) as usize];
    let customers: Vec<Query> = sets.strangers.iter().flat_map(|(_, n)| n.iter().map(query)).collect();
    let threads = rayon::current_num_threads();
    let start = Instant::now();
    let piece = customers.len().div_ceil(threads);
    customers.par_chunks(piece).for_each(|part| {
        let mut session = Session::default();
        for asked in part {
            black_box(screener.screen(asked, &wanted, &mut session));
        }
    });
    NameSpeed {
        listed: screener.len(),
        build_s,
        queries: queries.len(),
        p50_ms: at(&wall, 0.5),
        p99_ms: at(&wall, 0.99),
        p99_cpu_ms: at(&cpu, 0.99),
        customers: customers.len(),
        threads,
        per_second: customers.len() as f64 / start.elapsed().as_secs_f64(),
    }
}

/// The figures as text.
pub fn speed_text(speed: &NameSpeed) -> String {
    format!(
        "one name against {} names (filed in {:.2} s): p50 {:.2} ms, p99 {:.2} ms, p99 of processor time {:.2} ms ({} queries)\n\
         {} customers on {} threads: {:.0} a second\n",
        speed.listed,
        speed.build_s,
        speed.p50_ms,
        speed.p99_ms,
        speed.p99_cpu_ms,
        speed.queries,
        speed.customers,
        speed.threads,
        speed.per_second
    )
}
