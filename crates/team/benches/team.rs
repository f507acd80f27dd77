//! Figures of what a team keeps: entries of the audit log, checks of sessions, hashes of passwords. `cargo bench -p athar-team`.
//!
//! PostgreSQL is that of the tests (`tests/support`): Debian's, on this machine, as it is configured there; `ATHAR_TEST_POSTGRES` takes another.
#![allow(clippy::unwrap_used)]

#[path = "../tests/support/mod.rs"]
mod support;

use athar_team::{Actor, Entry, HashCost, Role, Target, Team};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use support::people::{PASSWORD, make};

/// How long each figure is measured.
const FOR: Duration = Duration::from_secs(3);

fn main() {
    // `cargo test` runs benchmarks too, to see that they build
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let cost = HashCost::default();
    println!("argon2id, {} MiB, {} passes", cost.memory_kib / 1024, cost.passes);
    support::on_each(|url| {
        let kind = if url.starts_with("postgres") { "PostgreSQL" } else { "SQLite" };
        let team = Team::open(url).unwrap();
        if kind == "SQLite" {
            let begun = Instant::now();
            make(&team, "timed", Role::Viewer);
            println!("  one hash and its row: {} ms", begun.elapsed().as_millis());
        }
        println!("{kind}");
        for threads in [1, 16, 200] {
            let (rate, median, p99) = rate(threads, |n| {
                team.append_read(Entry::new(1, Actor::User(1), "case.read", Target::id("case", n))).unwrap();
            });
            println!(
                "  reads logged, {threads:>3} waiting: {rate:>8.0} a second, median {median:.2} ms, p99 {p99:.2} ms"
            );
        }
        for threads in [1, 16] {
            let (rate, median, p99) = rate(threads, |n| {
                let entry = Entry::new(1, Actor::User(1), "case.write", Target::id("case", n));
                team.db().write(|tx| team.append_in(tx, std::slice::from_ref(&entry))).unwrap();
            });
            println!(
                "  changes with their entry, {threads:>2} threads: {rate:>8.0} a second, median {median:.2} ms, p99 {p99:.2} ms"
            );
        }
        let entries = team.audit_head().unwrap().seq;
        let begun = Instant::now();
        assert!(team.verify_audit(None).unwrap().ok());
        println!("  verified: {:.0} entries a second, of {entries}", entries as f64 / begun.elapsed().as_secs_f64());
        let cheap = support::people::open(url);
        make(&cheap, "ann", Role::Analyst);
        let sessions: Vec<String> =
            (0..8).map(|_| cheap.login(1_000, "ann", PASSWORD, None, None).unwrap().token).collect();
        for threads in [1, 16] {
            let (rate, median, p99) = rate(threads, |n| {
                assert!(cheap.session(1_010, &sessions[n as usize % 8]).unwrap().is_some());
            });
            println!(
                "  sessions checked, {threads:>2} threads: {rate:>8.0} a second, median {median:.2} ms, p99 {p99:.2} ms"
            );
        }
    });
}

/// Calls a second of `threads` at once, and the median and 99th percentile of one call, in milliseconds.
fn rate(threads: usize, call: impl Fn(u64) + Sync) -> (f64, f64, f64) {
    let count = AtomicU64::new(0);
    let times = Mutex::new(Vec::new());
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut own = Vec::new();
                while begun.elapsed() < FOR {
                    let one = Instant::now();
                    call(count.fetch_add(1, Ordering::Relaxed));
                    own.push(one.elapsed().as_secs_f64() * 1e3);
                }
                times.lock().unwrap().append(&mut own);
            });
        }
    });
    let seconds = begun.elapsed().as_secs_f64();
    let mut times = times.into_inner().unwrap();
    times.sort_by(f64::total_cmp);
    (times.len() as f64 / seconds, times[times.len() / 2], times[times.len() * 99 / 100])
}
