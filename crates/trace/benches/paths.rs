//! How fast paths are found, over a simulated economy of a million transactions.
//!
//! `cargo bench -p athar-trace --bench paths [-- TRANSACTIONS]`. The world is that of `athar simulate` with seed 1. A query asks for
//! three paths of at most six hops between the addresses of two outputs. *Connected* ones were found by going one to
//! six random steps forward from a random output, *random* ones are any two. Addresses paid more than 1,000 times stop, as
//! labelled services do. Each line gives processor time per query (median, 99th in a hundred, longest), steps looked at in a
//! second of processor time, and what came out. Pages are warm: the queries run twice, the second time counts.

use athar_ingest::{BlockFiles, Settings as Ingest, ingest};
use athar_ledger::{Disk, Ledger, Store, StoreLock};
use athar_simulate::{Settings, simulate};
use athar_trace::{NoOwners, Party, PathsLimits, PathsOrder, PathsOutcome, PathsQuestion, StopReason, Stops, paths};
use athar_types::{AddressId, Chain, OutputNum};
use std::{error::Error, time::Instant};

/// Queries of each sort.
const QUERIES: usize = 400;
/// Addresses paid more often than this stop.
const PAID_MAX: u64 = 1_000;

struct Busy<'a>(&'a Ledger);

impl Stops for Busy<'_> {
    fn stop(&self, _: OutputNum, address: Option<AddressId>) -> Option<StopReason> {
        let paid = self.0.address_output_count(address?);
        (paid > PAID_MAX).then_some(StopReason::InferredService { rule: 0 })
    }
}

/// Xorshift.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % sides.max(1)
    }
}

fn ledger(folder: &std::path::Path, txs: u32) -> Result<Ledger, Box<dyn Error>> {
    let (world, store) = (folder.join("world"), folder.join("store"));
    simulate(&Settings { entities: false, ..Settings::economy(1, txs, &world) }, &mut |_| {})?;
    let lock = StoreLock::take(&store)?;
    let mut store = Store::open_for_writing(&store, &lock, Disk::default())?;
    let files = BlockFiles::open(&world.join("blocks"))?;
    let settings = Ingest { chain: Chain::Bitcoin, network: None, memory_bytes: 1 << 30 };
    ingest(&mut store, &files, settings, &mut |_| true)?;
    Ok(store.ledger(Chain::Bitcoin)?.ok_or("the store has no chain")?)
}

/// Addresses of two outputs, the second reached from the first in so many steps; `None` where the way ends before.
fn connected(ledger: &Ledger, dice: &mut Dice) -> Option<[AddressId; 2]> {
    let mut output = OutputNum(dice.below(ledger.output_count()));
    let first = ledger.output_address(output)?;
    for _ in 0..=dice.below(6) {
        let outputs = ledger.tx_outputs(ledger.spent_by(output)?);
        output = OutputNum(outputs.start + dice.below(outputs.end - outputs.start));
    }
    Some([first, ledger.output_address(output)?])
}

fn random(ledger: &Ledger, dice: &mut Dice) -> Option<[AddressId; 2]> {
    let mut one = || ledger.output_address(OutputNum(dice.below(ledger.output_count())));
    Some([one()?, one()?])
}

/// Nanoseconds that this thread has spent on a processor, where the system tells (Linux); else those since `start`. On a
/// machine shared with others only the former says what the work costs.
fn spent(start: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ns = told.as_deref().and_then(|t| t.split(' ').next()).and_then(|ns| ns.parse().ok());
    ns.unwrap_or_else(|| start.elapsed().as_nanos() as f64)
}

fn report(name: &str, ledger: &Ledger, pairs: &[[AddressId; 2]], order: PathsOrder) -> Result<(), Box<dyn Error>> {
    let limits = PathsLimits::default();
    let (mut times, mut edges, mut work) = (Vec::new(), 0, 0.0);
    let mut outcomes = [0; 3];
    for counts in [false, true] {
        for [from, to] in pairs {
            let (start, parties) = (Instant::now(), [from, to].map(|a| Party::addresses(ledger, [*a], 1_000_000)));
            let [from, to] = parties;
            let (from, to) = (from?, to?);
            let question =
                PathsQuestion { from: &from, to: &to, order, stops: &Busy(ledger), owners: &NoOwners, limits: &limits };
            let before = spent(start);
            let answer = paths(ledger, &question, &mut |_| true);
            if counts {
                let took = spent(start) - before;
                work += took;
                times.push(took / 1e6);
                edges += answer.edge_count;
                outcomes[match answer.outcome {
                    PathsOutcome::Found => 0,
                    PathsOutcome::NoneWithin => 1,
                    PathsOutcome::GaveUp => 2,
                }] += 1;
            }
        }
    }
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
    println!(
        "{name:<10} {:<9} {:>9.3} {:>9.3} {:>9.3} ms {:>8.2} M steps/s {:>11.0} steps/query   {:>4} found {:>4} none {:>4} gave up",
        order.name(),
        at(0.5),
        at(0.99),
        at(1.0),
        edges as f64 / work * 1e3,
        edges as f64 / times.len() as f64,
        outcomes[0],
        outcomes[1],
        outcomes[2]
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo test --benches` passes this: only see that it starts
    let quick = std::env::args().any(|a| a == "--test");
    let asked = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(1_000_000);
    let (txs, queries) = if quick { (Settings::TXS_MIN, 5) } else { (asked, QUERIES) };
    let folder = tempfile::tempdir()?;
    let start = Instant::now();
    let ledger = ledger(folder.path(), txs)?;
    println!(
        "{} transactions, {} outputs, {} addresses made and read in {:.1} s",
        ledger.tx_count(),
        ledger.output_count(),
        ledger.address_count(),
        start.elapsed().as_secs_f64()
    );
    println!("{:<20} {:>9} {:>9} {:>9}", "", "median", "99%", "longest");
    for (name, roll) in
        [("connected", connected as fn(&Ledger, &mut Dice) -> Option<[AddressId; 2]>), ("random", random)]
    {
        let mut dice = Dice(0x2545_f491_4f6c_dd1d);
        let pairs: Vec<_> = std::iter::repeat_with(|| roll(&ledger, &mut dice))
            .flatten()
            .filter(|[a, b]| a != b)
            .take(queries)
            .collect();
        for order in PathsOrder::ALL {
            report(name, &ledger, &pairs, order)?;
        }
    }
    Ok(())
}
