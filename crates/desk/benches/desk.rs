//! How fast the desk registers, records, and finds who is touched: `cargo bench -p athar-desk`.
//!
//! `ATHAR_DESK_SUBJECTS` sets how many subjects the look-up is measured among (1,000,000), each with 20 places: 19 drawn from a
//! space of as many places as subjects, so that a place has about 19 readers, and one of a thousand that many share.
#![allow(missing_docs)]

use athar_desk::{Answer, Cause, Dependencies, Desk, DeskError, Marks, NewSubject, Place, State, SubjectKind};
use std::time::{Duration, Instant};

const BATCH: u32 = 10_000;
const PLACES: u64 = 20;

fn spread(number: u64) -> u64 {
    let mut x = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

fn answer(number: u64, of: u64) -> Answer {
    let mut places: Vec<Place> = (1..PLACES).map(|n| Place::new(1, 0, spread(number * PLACES + n) % of)).collect();
    places.push(Place::new(2, 0, spread(number) % 1_000));
    Answer {
        state: State::Screened,
        level: "unknown".into(),
        score: None,
        policy: "p".into(),
        snapshot: "0".repeat(64),
        summary: format!("{{\"target\":\"bench-{number}\",\"statements\":[]}}"),
        dependencies: Dependencies::new(places),
    }
}

fn quantile(times: &mut [Duration], of: f64) -> Duration {
    times.sort_unstable();
    times[((times.len() - 1) as f64 * of) as usize]
}

fn main() -> Result<(), DeskError> {
    if !std::env::args().any(|arg| arg == "--bench") {
        return Ok(()); // built by `cargo test`, which runs nothing here
    }
    let subjects: u64 = std::env::var("ATHAR_DESK_SUBJECTS").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let Ok(folder) = tempfile::tempdir() else { return Ok(()) };
    let desk = Desk::open(folder.path())?;
    let new = |number: u64| NewSubject::new(SubjectKind::Address, "bench", format!("bench-{number}"));

    // one at a time, each on the disk before the next
    let began = Instant::now();
    for number in 0..500 {
        desk.register(&[new(number)], 1)?;
    }
    let each = began.elapsed();
    println!("registrations, one in a transaction: {:.0} a second", 500.0 / each.as_secs_f64());

    let began = Instant::now();
    let mut first = 500;
    while first < subjects {
        let last = (first + u64::from(BATCH)).min(subjects);
        desk.register(&(first..last).map(new).collect::<Vec<_>>(), 1)?;
        first = last;
    }
    let rate = (subjects - 500) as f64 / began.elapsed().as_secs_f64();
    println!("registrations, {BATCH} in a transaction: {rate:.0} a second ({subjects} subjects)");

    // answers, recorded as re-screening does it: 100 in a transaction
    let began = Instant::now();
    let mut number = 0;
    let mut slowest = Duration::ZERO;
    while number < subjects {
        let piece: Vec<(i64, Answer)> =
            (number..(number + 100).min(subjects)).map(|n| (n as i64 + 1, answer(n, subjects))).collect();
        let one = Instant::now();
        desk.record_all(&piece, &Marks::default(), &Cause::Registered, 2)?;
        slowest = slowest.max(one.elapsed());
        number += 100;
    }
    let rate = subjects as f64 / began.elapsed().as_secs_f64();
    println!("answers recorded with {PLACES} places each: {rate:.0} a second; slowest hundred {slowest:.2?}");
    let size = std::fs::metadata(desk.path()).map_or(0, |m| m.len());
    println!("database: {:.0} MB, {:.0} bytes a subject", size as f64 / 1e6, size as f64 / subjects as f64);

    let mut times = Vec::new();
    let mut found = 0;
    for n in 0..1_000_u64 {
        let began = Instant::now();
        found += desk.affected(&[Place::new(1, 0, spread(n ^ 0xabcd) % subjects)], 3)?.len();
        times.push(began.elapsed());
    }
    let [half, most, worst] = [0.5, 0.99, 1.0].map(|of| quantile(&mut times, of));
    println!(
        "who is touched by one address, {:.0} of {subjects}: p50 {half:.1?}, p99 {most:.1?}, worst {worst:.1?}",
        found as f64 / 1e3
    );
    let mut times = Vec::new();
    let mut found = 0;
    for n in 0..50 {
        let began = Instant::now();
        found += desk.affected(&[Place::new(2, 0, n)], 3)?.len();
        times.push(began.elapsed());
    }
    let [half, worst] = [0.5, 1.0].map(|of| quantile(&mut times, of));
    println!(
        "who is touched by one busy place, {:.0} of {subjects}: p50 {half:.1?}, worst {worst:.1?}",
        found as f64 / 50.0
    );
    // a block: 10,000 places, most of which nobody read
    let block: Vec<Place> =
        (0..10_000).map(|n| Place::new(if n % 100 == 0 { 1 } else { 5 }, 0, spread(n) % subjects)).collect();
    let began = Instant::now();
    let touched = desk.affected(&block, 3)?.len();
    println!("who is touched by a block of 10,000 places, {touched} of {subjects}: {:.1?}", began.elapsed());
    Ok(())
}
