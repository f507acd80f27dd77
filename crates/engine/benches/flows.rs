//! How fast the engine traces over a store, with its labels, entities, CoinJoins and stops: edges a second by policy, and how soon
//! the first places are told.
//!
//! `cargo bench -p athar-engine --bench flows -- STORE`. Sources are the transactions of every so-manyth block, spread over the
//! whole chain, and every campaign that is labelled; each trace runs to its end or to ten million edges. Medians of five runs,
//! in processor time of the thread that traces; everything is read once before.

use athar_engine::read::{TraceEvent, TraceOptions};
use athar_engine::{Engine, Options, TaintPolicy};
use std::error::Error;
use std::path::Path;
use std::time::Instant;

const RUNS: usize = 5;
const EDGES_MAX: u64 = 10_000_000;
/// Fewer than these are over before the clock of the thread moves.
const EDGES_MIN: u64 = 10_000;

/// Nanoseconds that this thread has spent on a processor, where the system tells (Linux).
fn spent(start: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ns = told.as_deref().and_then(|t| t.split(' ').next()).and_then(|ns| ns.parse().ok());
    ns.unwrap_or_else(|| start.elapsed().as_nanos() as f64)
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).filter(|w| w != "--bench").collect();
    let [store, only @ ..] = &words[..] else {
        println!(
            "usage: cargo bench -p athar-engine --bench flows -- STORE [POLICY...] (a store is needed: nothing measured)"
        );
        return Ok(());
    };
    let engine = Engine::open(Path::new(store), &Options::default())?;
    let blocks = engine.status()?.chains.first().map_or(0, |c| c.blocks);
    let mut txids = Vec::new();
    for height in (0..blocks).step_by(1 + blocks as usize / 200) {
        if let Some(block) = engine.block(&height.to_string())? {
            txids.extend(block.txs.iter().take(5).map(ToString::to_string));
        }
    }
    let sets = [
        ("labelled terrorist financing", "category:terrorist_financing".to_string()),
        ("transactions of 200 blocks", txids.join(",")),
    ];
    for policy in TaintPolicy::ALL {
        if !only.is_empty() && !only.iter().any(|name| name == policy.name()) {
            continue;
        }
        for backward in [false, true] {
            for (name, target) in &sets {
                let options = TraceOptions {
                    policy,
                    backward,
                    hops_max: u32::MAX,
                    edges_max: EDGES_MAX,
                    edges_listed_max: 0,
                    outputs_max: u32::MAX,
                    ..TraceOptions::default()
                };
                let mut times = Vec::new();
                let mut edges = 0;
                for _ in 0..=RUNS {
                    let start = Instant::now();
                    let before = spent(start);
                    let Some(totals) = engine.trace_totals(target, &options)? else { continue };
                    times.push(spent(start) - before);
                    edges = totals.edge_count;
                }
                if times.is_empty() {
                    println!("{policy} {name}: not in this store");
                    continue;
                }
                let start = Instant::now();
                let mut first = None;
                engine.trace_stream(target, &options, |event| {
                    if matches!(event, TraceEvent::Edge(_)) {
                        first = Some(start.elapsed());
                    }
                    first.is_none()
                })?;
                times.remove(0); // the first run warms the pages
                times.sort_by(f64::total_cmp);
                let median = times[times.len() / 2];
                if edges < EDGES_MIN {
                    println!("{policy:<8} {name}: {edges} edges, too few to time");
                    continue;
                }
                let way = if backward { "backward" } else { "forward" };
                println!(
                    "{policy:<8} {way:<8} {name:<30} {edges:>9} edges {:>7.0} ns/edge {:>6.2} M edges/s, first edge told after {:.2} ms",
                    median / edges.max(1) as f64,
                    edges as f64 / median * 1e3,
                    first.map_or(f64::NAN, |d| d.as_secs_f64() * 1e3),
                );
            }
        }
    }
    Ok(())
}
