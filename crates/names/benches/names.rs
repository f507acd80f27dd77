//! One name against 100,000 made-up ones, and the comparison of two: prints its figures. `athar bench names --speed` does the
//! same with real names.
#![allow(missing_docs)] // a program

use athar_names::{Facts, Listed, ListedName, Query, Screener, Session, Wanted, compare};
use std::hint::black_box;
use std::time::Instant;

const SYLLABLES: [&str; 24] = [
    "mu", "ham", "mad", "ah", "yus", "uf", "kha", "lid", "ib", "ra", "him", "za", "wa", "hi", "ri", "tik", "ja", "mal",
    "sal", "im", "nas", "ser", "qa", "dir",
];

fn word(seed: usize) -> String {
    (0..2 + seed % 3).map(|i| SYLLABLES[(seed / (i * 7 + 1) + i * 5) % SYLLABLES.len()]).collect()
}

fn name(seed: usize) -> String {
    // a few words are common, most are rare, as with names
    let pick =
        |i: usize| (seed.wrapping_mul(2_654_435_761).wrapping_add(i * 40_503) >> 7) % (10 + (seed * (i + 3)) % 20_000);
    (0..2 + seed % 3).map(|i| word(pick(i))).collect::<Vec<_>>().join(" ")
}

fn main() {
    let count: usize = std::env::var("ATHAR_BENCH_NAMES").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let listed = |i: usize| Listed {
        list: "bench".into(),
        id: i.to_string(),
        names: vec![ListedName { text: name(i), weak: false }],
        facts: Facts::default(),
    };
    let start = Instant::now();
    let screener = Screener::new((0..count).map(listed).collect());
    println!("{} names filed in {:.2} s", screener.len(), start.elapsed().as_secs_f64());
    let mut session = Session::default();
    let wanted = Wanted::default();
    let mut times: Vec<f64> = (0..5_000)
        .map(|i| {
            let query = Query { name: name(i * 31 + 7), facts: Facts::default() };
            let start = Instant::now();
            black_box(screener.screen(&query, &wanted, &mut session));
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("one name: p50 {:.3} ms, p99 {:.3} ms", times[times.len() / 2], times[times.len() * 99 / 100]);
    let start = Instant::now();
    for i in 0..20_000 {
        black_box(compare(&name(i), &name(i + 1)));
    }
    println!("a pair compared: {:.1} us", start.elapsed().as_secs_f64() * 1e6 / 20_000.0);
}
