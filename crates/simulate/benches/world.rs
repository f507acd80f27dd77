//! How fast worlds are written: `cargo bench -p athar-simulate --bench world`.
//!
//! `ATHAR_BENCH_TXS` (default 200000) sets the size, `ATHAR_BENCH_SEED` (default 1) the seed, `ATHAR_BENCH_OUT` a folder
//! to write into and keep (default: a temporary one, removed afterwards).

use athar_simulate::{Settings, Summary, simulate};
use std::{env, error::Error, path::PathBuf, time::Instant};

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo test --benches` passes this: only see that it starts
    let quick = env::args().any(|a| a == "--test");
    let number = |name: &str, or: u64| env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(or);
    let txs = if quick { Settings::TXS_MIN } else { number("ATHAR_BENCH_TXS", 200_000) as u32 };
    let seed = number("ATHAR_BENCH_SEED", 1);
    let keep = env::var_os("ATHAR_BENCH_OUT").map(PathBuf::from);
    println!(
        "{:10} {:>10} {:>9} {:>8} {:>7} {:>6} {:>6} {:>7}",
        "story", "txs", "MB", "s", "MB/s", "in/tx", "out/tx", "B/tx"
    );
    let one = env::var("ATHAR_BENCH_STORY").ok();
    for story in ["economy", "profile"].into_iter().filter(|s| one.as_deref().is_none_or(|o| o == *s)) {
        let temporary = tempfile::tempdir()?;
        let out = keep.as_ref().map_or_else(|| temporary.path().to_owned(), |folder| folder.join(story));
        let settings = match story {
            "economy" => Settings::economy(seed, txs, out),
            _ => Settings::profile(seed, txs, out),
        };
        let settings = Settings { overwrite: true, ..settings };
        let start = Instant::now();
        let summary: Summary = simulate(&settings, &mut |_| {})?;
        let seconds = start.elapsed().as_secs_f64();
        let (megabytes, count) = (summary.block_bytes as f64 / 1e6, summary.txs as f64);
        println!(
            "{story:10} {:>10} {megabytes:>9.1} {seconds:>8.2} {:>7.1} {:>6.2} {:>6.2} {:>7.1}",
            summary.txs,
            megabytes / seconds,
            summary.inputs as f64 / count,
            summary.outputs as f64 / count,
            summary.block_bytes as f64 / count,
        );
    }
    Ok(())
}
