//! One large chain from simulation to `verify`, with rates, peak memory and sizes: the numbers that must not grow
//! faster than the chain.

use super::program::{self, Program, Run};
use crate::stage::{Outcome, Stages};
use anyhow::{Context, Result, bail};
use std::{path::PathBuf, time::Instant};

/// Bytes of a simulated transaction on disk, for the choice of how many to simulate. The rates below are of the bytes
/// that were really written.
const TX_BYTES: f64 = 496.0;

/// How large a chain, and where.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Size of the block files in GB (10^9 bytes), about.
    #[arg(long, default_value_t = 8.0)]
    gb: f64,
    /// Seed of the chain.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for chain and store instead of the build output's: needs about twice the size of the chain.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Keep chain and store.
    #[arg(long)]
    keep: bool,
}

/// Runs the stages and prints the table.
pub(crate) fn run(args: &Args) -> Result<()> {
    if !(args.gb > 0.0 && args.gb < 1000.0) {
        bail!("--gb {} is no size between 0 and 1000 GB", args.gb);
    }
    let txs = (args.gb * 1e9 / TX_BYTES) as u64;
    let program = Program::new("chain", args.dir.as_deref(), None)?;
    let store = program.at("store");
    let mut stages = Stages::new();

    let mut chain = None;
    stages.run("simulate", || {
        let start = Instant::now();
        let blocks = program.simulate(args.seed, txs)?;
        let bytes = program::bytes_below(&blocks)?;
        let rate = bytes as f64 / 1e6 / start.elapsed().as_secs_f64();
        chain = Some((blocks, bytes));
        Ok(Outcome::Passed(format!("{txs} transactions, {:.3} GB, {rate:.0} MB/s", bytes as f64 / 1e9)))
    })?;
    let (blocks, bytes) = chain.context("no chain")?;

    stages.run("ingest", || {
        let run = program::measure_ok(&mut program.ingest(&store, &blocks))?;
        let stored = program::bytes_below(&store)?;
        Ok(Outcome::Passed(format!(
            "{}, store {:.3} GB = {:.1} % of the block files",
            rates(&run, bytes),
            stored as f64 / 1e9,
            stored as f64 * 100.0 / bytes as f64
        )))
    })?;
    stages.run("verify", || {
        let run = program.verify(&store)?;
        if !run.status.success() {
            bail!("verify says {}; the store is {}", run.status, store.display());
        }
        Ok(Outcome::Passed(rates(&run, bytes)))
    })?;
    stages.run("again", || {
        // nothing new: the store must not change
        let before = program.snapshot(&store)?;
        let run = program::measure_ok(&mut program.ingest(&store, &blocks))?;
        let after = program.snapshot(&store)?;
        if before != after {
            bail!("a second ingest of the same files moved the snapshot from {before} to {after}");
        }
        Ok(Outcome::Passed(format!("{}, snapshot {after}", rates(&run, bytes))))
    })?;
    stages.finish();
    if args.keep { Ok(()) } else { program.clean() }
}

fn rates(run: &Run, bytes: u64) -> String {
    let rate = bytes as f64 / 1e6 / run.time.as_secs_f64();
    let peak = run.peak_kib.map_or_else(|| "unknown".into(), |kib| format!("{} MiB", kib / 1024));
    format!("{rate:.0} MB/s, peak memory {peak}")
}
