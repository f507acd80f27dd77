//! Random kills: whatever the instant, the store opens at its last commit, `verify` passes and the next ingest goes on
//! to the very snapshot of a store that was never disturbed.

use super::program::{self, Program};
use crate::stage::{Outcome, Stages, seconds};
use anyhow::{Context, Result, bail};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Transactions of the chain that CI's sample kills over: an ingest of about a second.
const SAMPLE_TXS: u64 = 100_000;

/// How many kills over how large a chain.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Kills to make.
    #[arg(long, default_value_t = 1000)]
    count: u64,
    /// Stop after this many seconds, whatever the count.
    #[arg(long)]
    seconds: Option<u64>,
    /// Transactions of the simulated chain.
    #[arg(long, default_value_t = 400_000)]
    txs: u64,
    /// Seed of the chain and of the instants.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for chain and stores instead of the build output's.
    #[arg(long)]
    dir: Option<std::path::PathBuf>,
}

/// Makes the kills as timed stages.
pub(crate) fn run(args: &Args) -> Result<()> {
    let mut stages = Stages::new();
    soak(args, &mut stages)?;
    stages.finish();
    Ok(())
}

/// CI's sample: as many kills as fit into `seconds`, after the chain is made.
pub(crate) fn sample(seconds: u64) -> Result<Outcome> {
    let args = Args { count: u64::MAX, seconds: Some(seconds), txs: SAMPLE_TXS, seed: 1, dir: None };
    let mut stages = Stages::new();
    let tally = soak(&args, &mut stages)?;
    stages.finish();
    Ok(Outcome::Passed(tally.to_string()))
}

fn soak(args: &Args, stages: &mut Stages) -> Result<Tally> {
    let program = Program::new("kills", args.dir.as_deref())?;
    let mut blocks = None;
    stages.run("simulate", || {
        blocks = Some(program.simulate(args.seed, args.txs)?);
        Ok(Outcome::Passed(format!("{} transactions, seed {}", args.txs, args.seed)))
    })?;
    let blocks = blocks.context("no chain")?;

    let mut reference = None;
    stages.run("undisturbed", || {
        let store = program.at("undisturbed");
        let run = program::measure_ok(&mut program.ingest(&store, &blocks))?;
        let verified = program.verify(&store)?;
        if !verified.status.success() {
            bail!("verify of an undisturbed store: {}", verified.status);
        }
        let snapshot = program.snapshot(&store)?;
        reference = Some((run.time, snapshot.clone()));
        Ok(Outcome::Passed(format!("ingest {}, snapshot {snapshot}", seconds(run.time))))
    })?;
    let (whole, snapshot) = reference.context("no reference")?;

    let mut tally = Tally::default();
    stages.run("kills", || {
        kill_many(args, &program, &blocks, whole, &snapshot, &mut tally)?;
        if tally.kills == 0 {
            bail!("no kill landed: the ingest of {} is too short, give a larger --txs", seconds(whole));
        }
        Ok(Outcome::Passed(tally.to_string()))
    })?;
    program.clean()?;
    Ok(tally)
}

/// What was done so far.
#[derive(Default)]
struct Tally {
    /// Ingests that were killed.
    kills: u64,
    /// Stores that passed `verify` after a kill.
    verified: u64,
    /// Kills before the first commit: nothing stored, and said so.
    empty: u64,
    /// Stores that reached the end and equalled the undisturbed one.
    completed: u64,
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kills, verified, empty, completed } = self;
        write!(
            f,
            "{kills} kills: {verified} stores verified, {empty} without a commit yet, {completed} completed equal"
        )
    }
}

fn kill_many(
    args: &Args,
    program: &Program,
    blocks: &Path,
    whole: Duration,
    snapshot: &str,
    tally: &mut Tally,
) -> Result<()> {
    let store = program.at("killed");
    let mut instants = ChaCha8Rng::seed_from_u64(args.seed);
    let end = args.seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    while tally.kills < args.count && end.is_none_or(|end| Instant::now() < end) {
        // up to a tenth beyond the whole time, so that some ingests end by themselves and are compared
        let delay = whole.mul_f64(instants.random_range(0.0..1.1));
        let at = || format!("kill {} after {} ms (seed {})", tally.kills, delay.as_millis(), args.seed);
        match program::kill_after(&mut program.ingest(&store, blocks), delay)? {
            Some(status) if status.success() => {
                finish(program, &store, snapshot).with_context(|| format!("after {} kills", tally.kills))?;
                tally.completed += 1;
            }
            Some(status) => bail!("{}: the ingest before it failed by itself: {status}", at()),
            None => {
                let verified = program.verify(&store)?;
                match verified.status.code() {
                    Some(0) => tally.verified += 1,
                    Some(1) => tally.empty += 1,
                    _ => bail!("{}: verify says {}; the store is {}", at(), verified.status, store.display()),
                }
                tally.kills += 1;
            }
        }
    }
    // the last store too must reach the end
    program::measure_ok(&mut program.ingest(&store, blocks))?;
    finish(program, &store, snapshot)?;
    tally.completed += 1;
    Ok(())
}

/// Holds a store that reached the end against the undisturbed one, and removes it.
fn finish(program: &Program, store: &Path, snapshot: &str) -> Result<()> {
    let verified = program.verify(store)?;
    if !verified.status.success() {
        bail!("verify of a completed store says {}; it is {}", verified.status, store.display());
    }
    let reached = program.snapshot(store)?;
    if reached != snapshot {
        bail!("a completed store is at snapshot {reached}, not {snapshot}; it is {}", store.display());
    }
    program::remove(store)
}
