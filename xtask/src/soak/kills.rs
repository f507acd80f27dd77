//! Random kills: whatever the instant, the store opens at its last commit, `verify` passes and the next run goes on to
//! the very snapshot and answers of a store that was never disturbed.
//!
//! A cycle is a store from nothing: the first branch is read in many small segments that are joined on the way, labels
//! are imported, then a longer branch replaces the end of the first. Each of the three is started again until it gets to
//! its end, and killed before: every other time at a random instant, else just after the files show a phase that is too
//! short to be hit by chance. A reader asks all the while.

use super::branch::Branches;
use super::phase::{self, Phase, Work};
use super::program::{self, Program};
use super::reader::Reader;
use crate::stage::{Outcome, Stages, seconds};
use anyhow::{Context, Result, bail, ensure};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

/// Transactions of the chain that CI's sample kills over: an ingest of about a second.
const SAMPLE_TXS: u64 = 50_000;
/// Memory at which a segment is written, so that a small chain has dozens: see `ATHAR_SEGMENT_BYTES`.
const SEGMENT_BYTES: &str = "600000";
/// Addresses whose answers are held against the undisturbed store's.
const ADDRESSES: usize = 12;
/// Labels that are imported, several for each of those addresses: enough for the import to take its time.
const LABELS: usize = 10_000;
/// After so many kills one work is let go to its end: an import of labels begins anew each time and would rarely get
/// there.
const KILLS_MAX: u32 = 6;
/// An aimed kill comes at most so long after what it is aimed at was seen.
const AIM_MAX: Duration = Duration::from_millis(6);

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
    #[arg(long, default_value_t = 60_000)]
    txs: u64,
    /// Seed of the chain and of the instants.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for chain and stores instead of the build output's.
    #[arg(long)]
    dir: Option<PathBuf>,
}

/// Makes the kills as timed stages.
pub(crate) fn run(args: &Args) -> Result<()> {
    let mut stages = Stages::new();
    soak(args, None, &mut stages)?;
    stages.finish();
    Ok(())
}

/// CI's sample: as many kills of `program` as fit into `seconds`, after the chain is made.
pub(crate) fn sample(seconds: u64, program: &Path) -> Result<Outcome> {
    let args = Args { count: u64::MAX, seconds: Some(seconds), txs: SAMPLE_TXS, seed: 1, dir: None };
    let mut stages = Stages::new();
    let tally = soak(&args, Some(program), &mut stages)?;
    stages.finish();
    Ok(Outcome::Passed(tally.to_string()))
}

fn soak(args: &Args, program: Option<&Path>, stages: &mut Stages) -> Result<Tally> {
    let program = Program::new("kills", args.dir.as_deref(), program)?;
    let mut bed = None;
    stages.run("simulate", || {
        let blocks = program.simulate(args.seed, args.txs)?;
        let branches = Branches::make(&blocks, &program.at("branches"))?;
        let Branches { fork, short_tip, long_tip, .. } = branches;
        let note = format!("{} transactions, branches to {short_tip} and {long_tip} from {fork}", args.txs);
        bed = Some(Bed { program: &program, branches, labels: program.at("labels.csv"), addresses: Vec::new() });
        Ok(Outcome::Passed(note))
    })?;
    let mut bed = bed.context("no chain")?;

    let mut reference = Vec::new();
    stages.run("undisturbed", || {
        reference = bed.undisturbed(&program.at("undisturbed"))?;
        let times: Vec<_> =
            reference.iter().map(|r| format!("{:?} {}", r.work, seconds(r.time)).to_lowercase()).collect();
        Ok(Outcome::Passed(times.join(", ")))
    })?;

    let mut tally = Tally::default();
    stages.run("kills", || {
        bed.kill_many(args, &reference, &mut tally)?;
        if tally.kills() == 0 {
            bail!("no kill landed: the chain is too short, give a larger --txs");
        }
        Ok(Outcome::Passed(tally.to_string()))
    })?;
    program.clean()?;
    Ok(tally)
}

/// What was done so far.
#[derive(Default)]
struct Tally {
    /// Kills by what they fell into.
    phases: BTreeMap<Phase, u64>,
    /// Stores that passed `verify` after a kill.
    verified: u64,
    /// Kills before the first commit: nothing stored, and said so.
    empty: u64,
    /// Runs that reached their end with the undisturbed store's snapshot and answers.
    equal: u64,
    /// What the reader got: answers, and "not yet".
    read: [u64; 2],
}

impl Tally {
    fn kills(&self) -> u64 {
        self.phases.values().sum()
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { phases, verified, empty, equal, read: [answers, not_yet] } = self;
        let phases: Vec<_> = phases.iter().map(|(phase, count)| format!("{count} {phase}")).collect();
        write!(
            f,
            "{} kills ({}): {verified} stores verified, {empty} without a commit yet, {equal} runs to the end, equal; \
             a reader beside them: {answers} answers, {not_yet} \"not yet\"",
            self.kills(),
            phases.join(", ")
        )
    }
}

/// One of the three works, as it goes undisturbed.
struct Reference {
    work: Work,
    time: Duration,
    snapshot: String,
    answers: Vec<String>,
}

/// What the kills are made on.
struct Bed<'a> {
    program: &'a Program,
    branches: Branches,
    labels: PathBuf,
    addresses: Vec<String>,
}

impl Bed<'_> {
    fn command(&self, work: Work, store: &Path) -> Command {
        let mut command = match work {
            Work::Bulk => self.program.ingest(store, &self.branches.short),
            Work::Labels => self.program.labels(store, std::slice::from_ref(&self.labels)),
            Work::Reorg => self.program.ingest(store, &self.branches.long),
        };
        command.env("ATHAR_SEGMENT_BYTES", SEGMENT_BYTES);
        command
    }

    /// The snapshot and the answers of a store.
    fn says(&self, store: &Path) -> Result<(String, Vec<String>)> {
        let answers = self.addresses.iter().map(|address| self.program.answer(store, &["address", address]));
        Ok((self.program.snapshot(store)?, answers.collect::<Result<_>>()?))
    }

    /// Does all three works without a kill.
    fn undisturbed(&mut self, store: &Path) -> Result<Vec<Reference>> {
        let mut reference = Vec::new();
        for work in [Work::Bulk, Work::Labels, Work::Reorg] {
            let time = program::measure_ok(&mut self.command(work, store))?.time;
            let verified = self.program.verify(store)?;
            ensure!(verified.status.success(), "verify of an undisturbed store: {}", verified.status);
            if work == Work::Bulk {
                self.choose_addresses(store)?;
            }
            let (snapshot, answers) = self.says(store)?;
            reference.push(Reference { work, time, snapshot, answers });
        }
        Ok(reference)
    }

    /// Takes addresses of transactions all along the chain, and writes labels for them.
    fn choose_addresses(&mut self, store: &Path) -> Result<()> {
        let mut found = BTreeSet::new();
        for part in 1..=ADDRESSES as u32 {
            let height = (self.branches.short_tip * part / ADDRESSES as u32).to_string();
            let block: Value = serde_json::from_str(&self.program.answer(store, &["block", &height])?)?;
            let txid = block["txs"].as_array().and_then(|txs| txs.last()?.as_str()).context("a block without txs")?;
            let tx: Value = serde_json::from_str(&self.program.answer(store, &["tx", txid])?)?;
            let outputs = tx["outputs"].as_array().context("a transaction without outputs")?;
            found.extend(outputs.iter().find_map(|output| output["address"].as_str().map(str::to_owned)));
        }
        ensure!(found.len() > ADDRESSES / 2, "only {} addresses found", found.len());
        self.addresses = found.into_iter().collect();
        let mut text = String::from("address,label,category,source\n");
        for (n, address) in self.addresses.iter().cycle().take(LABELS).enumerate() {
            text.push_str(&format!("{address},Label {n},scam,soak\n"));
        }
        fs::write(&self.labels, text).with_context(|| format!("writing {}", self.labels.display()))
    }

    fn kill_many(&self, args: &Args, reference: &[Reference], tally: &mut Tally) -> Result<()> {
        let (store, reader) = (self.program.at("killed"), Reader::default());
        thread::scope(|scope| {
            let reading = scope.spawn(|| self.read(&reader, &store));
            let mut instants = ChaCha8Rng::seed_from_u64(args.seed);
            let end = args.seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
            let mut killing = || -> Result<()> {
                let goes_on = |tally: &Tally| tally.kills() < args.count && end.is_none_or(|e| Instant::now() < e);
                while goes_on(tally) && !reading.is_finished() {
                    for work in reference {
                        self.cycle(work, &store, &mut instants, tally, goes_on)
                            .with_context(|| format!("after {} kills (seed {})", tally.kills(), args.seed))?;
                    }
                    reader.without(|| program::remove(&store))?;
                }
                Ok(())
            };
            let killed = killing();
            reader.stop();
            let read = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            tally.read = reader.counts();
            killed.and(read)
        })
    }

    fn read(&self, reader: &Reader, store: &Path) -> Result<()> {
        reader.run(self.program, store, &self.addresses)
    }

    /// One of the works, killed until it gets to its end, and held against the undisturbed one there.
    fn cycle(
        &self,
        reference: &Reference,
        store: &Path,
        instants: &mut ChaCha8Rng,
        tally: &mut Tally,
        goes_on: impl Fn(&Tally) -> bool,
    ) -> Result<()> {
        let work = reference.work;
        for kill in 0.. {
            let goes_on = kill < KILLS_MAX && goes_on(tally);
            // up to a tenth beyond the whole time, so that some end by themselves; after the last kill all do
            let whole = if goes_on { reference.time } else { Duration::MAX / 4 };
            // every other kill is aimed at what takes too short a time to be hit by chance
            let aims: &[Phase] = match work {
                _ if !goes_on || instants.random_range(0..2) == 0 => &[],
                Work::Bulk => &[Phase::Segment, Phase::Merge, Phase::Entities],
                Work::Reorg => &[Phase::Unwind, Phase::Unwind, Phase::Merge, Phase::Entities],
                Work::Labels => &[],
            };
            let aim = (!aims.is_empty()).then(|| aims[instants.random_range(0..aims.len())]);
            let delay = aim.map_or(whole, |_| AIM_MAX).mul_f64(instants.random_range(0.0..1.1));
            let at = || format!("{work:?} killed after {} ms (aimed at {aim:?})", delay.as_millis());
            let ready = || aim.is_none_or(|aim| phase::judge(store, work, &self.branches) == aim);
            match program::kill_when(&mut self.command(work, store), ready, delay)? {
                Some(status) if status.success() => break,
                Some(status) => bail!("{}: it failed by itself before: {status}", at()),
                None => {
                    let phase = phase::judge(store, work, &self.branches);
                    let verified = self.program.verify(store)?;
                    match verified.status.code() {
                        Some(0) => tally.verified += 1,
                        Some(1) => tally.empty += 1,
                        _ => bail!("{} ({phase}): verify says {}; see {}", at(), verified.status, store.display()),
                    }
                    *tally.phases.entry(phase).or_default() += 1;
                }
            }
        }
        let verified = self.program.verify(store)?;
        ensure!(verified.status.success(), "verify after {work:?} says {}; see {}", verified.status, store.display());
        let (snapshot, answers) = self.says(store)?;
        ensure!(
            snapshot == reference.snapshot,
            "{work:?} ended at snapshot {snapshot}, not {}; see {}",
            reference.snapshot,
            store.display()
        );
        ensure!(answers == reference.answers, "{work:?} ended with other answers; see {}", store.display());
        tally.equal += 1;
        Ok(())
    }
}
