//! How the cost of an ingest grows with the chain: the same profile at several sizes, one line each.

use super::program;
use crate::cargo;
use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Bytes of a transaction of the profile on disk, for the choice of how many to simulate.
const TX_BYTES: f64 = 496.0;
/// How often a running ingest is looked at.
const POLL: Duration = Duration::from_millis(10);
/// Ticks of processor time a second in `/proc`: fixed on every Linux that Rust runs on.
const TICKS: f64 = 100.0;

/// Which sizes, where, and how often.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Sizes of the block files in GB (10^9 bytes), about.
    #[arg(long, value_delimiter = ',', default_value = "0.5,1,2,4,8")]
    sizes: Vec<f64>,
    /// Folder for chains and stores: needs the sum of the sizes and a third of the largest. Chains in it are used again.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Ingests of each size; the medians are printed.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Memory setting of the ingests.
    #[arg(long, default_value = "2G")]
    memory: String,
    /// Seed of the chains.
    #[arg(long, default_value_t = 3)]
    seed: u64,
}

/// What one ingest took.
#[derive(Clone, Copy, Default)]
struct Cost {
    wall: f64,
    cpu: f64,
    user: f64,
    /// Most memory resident at once, mapped files included, in MiB.
    resident: f64,
    /// Most anonymous memory resident at once, in MiB.
    anonymous: f64,
    stored: f64,
}

/// Makes the chains that are missing, ingests each and prints a line of the table.
pub(crate) fn run(args: &Args) -> Result<()> {
    let athar = cargo::athar_release()?;
    let folder = match &args.dir {
        Some(dir) => dir.clone(),
        None => cargo::target_dir()?.join("soak").join("scale"),
    };
    println!(
        "| GB | s wall | s CPU | MB/s wall | MB per CPU second | wall s per GB | user s per GB | system s per GB | peak resident MiB | peak anonymous MiB | store % |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for size in &args.sizes {
        let chain = folder.join(format!("profile-{size}-{}", args.seed));
        if !chain.join("blocks").is_dir() {
            simulate(&athar, *size, args.seed, &chain)?;
        }
        let blocks = chain.join("blocks");
        let bytes = program::bytes_below(&blocks)? as f64;
        let mut costs = Vec::new();
        for _ in 0..args.rounds.max(1) {
            costs.push(ingest(&athar, &folder.join("store"), &blocks, &args.memory)?);
        }
        let of = |figure: fn(&Cost) -> f64| {
            let mut figures: Vec<f64> = costs.iter().map(figure).collect();
            figures.sort_by(f64::total_cmp);
            figures[figures.len() / 2]
        };
        let (wall, cpu) = (of(|c| c.wall), of(|c| c.cpu));
        println!(
            "| {:.2} | {wall:.1} | {cpu:.1} | {:.0} | {:.0} | {:.2} | {:.2} | {:.2} | {:.0} | {:.0} | {:.1} |",
            bytes / 1e9,
            bytes / 1e6 / wall,
            bytes / 1e6 / cpu,
            wall / (bytes / 1e9),
            of(|c| c.user) / (bytes / 1e9),
            (cpu - of(|c| c.user)) / (bytes / 1e9),
            of(|c| c.resident),
            of(|c| c.anonymous),
            of(|c| c.stored) * 100.0 / bytes,
        );
    }
    Ok(())
}

fn simulate(athar: &Path, size: f64, seed: u64, out: &Path) -> Result<()> {
    if !(size > 0.0 && size < 100.0) {
        bail!("{size} is no size between 0 and 100 GB");
    }
    let txs = (size * 1e9 / TX_BYTES) as u64;
    let mut command = Command::new(athar);
    command.args(["simulate", "--profile", "--seed", &seed.to_string(), "--txs", &txs.to_string(), "--out"]).arg(out);
    cargo::run(command.stdin(Stdio::null()).stdout(Stdio::null()))
}

fn ingest(athar: &Path, store: &Path, blocks: &Path, memory: &str) -> Result<Cost> {
    program::remove(store)?;
    let mut command = Command::new(athar);
    command
        .arg("--quiet")
        .arg("--store")
        .arg(store)
        .args(["ingest", "bitcoin", "--memory", memory, "--blocks"])
        .arg(blocks);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn().with_context(|| format!("could not start `{}`", cargo::line(&command)))?;
    let mut cost = Cost::default();
    loop {
        cost.look(&child);
        if let Some(status) = child.try_wait()? {
            if !status.success() {
                bail!("`{}` failed: {status}", cargo::line(&command));
            }
            break;
        }
        thread::sleep(POLL);
    }
    cost.wall = start.elapsed().as_secs_f64();
    cost.stored = program::bytes_below(store)? as f64;
    program::remove(store)?;
    Ok(cost)
}

impl Cost {
    /// Brings the figures of a running child up to now. Linux tells them; elsewhere they stay 0.
    fn look(&mut self, child: &Child) {
        let read = |name: &str| fs::read_to_string(format!("/proc/{}/{name}", child.id())).unwrap_or_default();
        let status = read("status");
        let mib = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key));
            let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
            kib.unwrap_or(0.0) / 1024.0
        };
        self.resident = self.resident.max(mib("VmHWM:"));
        self.anonymous = self.anonymous.max(mib("RssAnon:"));
        // fields 14 and 15 of the line; the second may hold spaces but ends with the last parenthesis
        let stat = read("stat");
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
        self.user = self.user.max(ticks(11) / TICKS);
        self.cpu = self.cpu.max((ticks(11) + ticks(12)) / TICKS);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_figures_of_a_child_are_read() {
        let mut child = Command::new("sh").args(["-c", "while :; do :; done"]).spawn().unwrap();
        let mut cost = Cost::default();
        let start = Instant::now();
        while cost.cpu < 0.05 && start.elapsed() < Duration::from_secs(60) {
            thread::sleep(POLL);
            cost.look(&child);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(cost.cpu >= 0.05 && cost.resident > 0.0 && cost.anonymous > 0.0);
    }
}
