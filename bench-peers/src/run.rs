//! The run: reference, rounds, comparison.

use crate::{
    blocks::BlockFiles,
    child::{self, Usage},
    contender::Contender,
    counts::Counts,
    reference::Reference,
    scratch::Scratch,
    table,
};
use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of blk*.dat files, of one whole chain
    #[arg(long)]
    blocks: PathBuf,
    /// How often everything is measured; the table shows medians
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Only these, with commas
    #[arg(long, value_delimiter = ',')]
    only: Vec<Contender>,
    /// Folder for stores and copies; a new folder in it is removed in the end
    #[arg(long, default_value_os_t = env::temp_dir())]
    scratch: PathBuf,
    /// The `athar` program, for `ingest`
    #[arg(long, env = "ATHAR_BIN")]
    athar: Option<PathBuf>,
}

/// One contender's rounds.
pub(crate) struct Measured {
    /// Which.
    pub(crate) contender: Contender,
    /// What each round took.
    pub(crate) rounds: Vec<Usage>,
    /// What it counted, the same in all rounds.
    pub(crate) counts: Counts,
    /// Where that differs from the reference.
    pub(crate) differences: Vec<String>,
}

/// Measures, prints the table, fails where counts differ.
pub(crate) fn run(args: &Args) -> Result<()> {
    let mut contenders = contenders(args)?;
    let own = env::current_exe().context("cannot find this program")?;
    let files = BlockFiles::open(&args.blocks)?;
    let scratch = Scratch::new(&args.scratch)?;
    let blocks = scratch.linked(&files)?;

    eprintln!("reference");
    let (reference, _): (Reference, _) = child::json(Command::new(&own).arg("reference").arg(&blocks))?;
    let plain = prepare_explorer(&mut contenders, &own, &scratch, &blocks)?;

    let mut measured: Vec<Measured> = Vec::new();
    for round in 1..=args.rounds {
        for &contender in &contenders {
            let folder = if contender.is_explorer() { &plain } else { &blocks };
            let space = scratch.empty("space")?;
            let (counts, usage) = match (contender, &args.athar) {
                (Contender::Ingest, Some(athar)) => ingest(&own, athar, &blocks, &space)?,
                _ => child::json(
                    Command::new(&own)
                        .args(["work", &contender.name(), "--unspent-max", &reference.unspent_max.to_string()])
                        .arg("--blocks")
                        .arg(folder)
                        .arg("--scratch")
                        .arg(&space),
                )?,
            };
            eprintln!(
                "round {round}: {}: {:.2} s wall, {:.2} s of processor time",
                contender.name(),
                usage.wall.as_secs_f64(),
                usage.cpu.as_secs_f64()
            );
            match measured.iter_mut().find(|row| row.contender == contender) {
                Some(row) => {
                    ensure!(row.counts == counts, "{}: counts change from round to round", contender.name());
                    row.rounds.push(usage);
                }
                None => measured.push(Measured {
                    contender,
                    rounds: vec![usage],
                    counts,
                    differences: counts.differences(&contender.expected(&reference)),
                }),
            }
        }
    }
    print!("{}", table::table(files.total_len()?, args.rounds, &reference, &measured));
    let differing: Vec<_> = measured.iter().filter(|m| !m.differences.is_empty()).map(|m| m.contender.name()).collect();
    ensure!(differing.is_empty(), "not the same work: {}", differing.join(", "));
    Ok(())
}

/// What can be measured of what is wanted; what cannot is said, and an error where it was asked for by name.
fn contenders(args: &Args) -> Result<Vec<Contender>> {
    let wanted = if args.only.is_empty() { Contender::value_variants() } else { &args.only };
    let mut found = Vec::new();
    for &contender in wanted {
        let missing = if contender == Contender::Ingest && args.athar.is_none() {
            "no program given: set ATHAR_BIN or --athar"
        } else if contender.is_explorer() && !cfg!(feature = "explorer") {
            "built without `--features explorer`"
        } else {
            found.push(contender);
            continue;
        };
        if args.only.is_empty() {
            eprintln!("{} is left out: {missing}", contender.name());
        } else {
            bail!("{}: {missing}", contender.name());
        }
    }
    Ok(found)
}

/// The folder that bitcoin-explorer reads, with its index; where no index can be made, it is left out. Another process
/// makes it: what this one once had in memory would count as its children's.
fn prepare_explorer(contenders: &mut Vec<Contender>, own: &Path, scratch: &Scratch, blocks: &Path) -> Result<PathBuf> {
    let node = scratch.empty("node")?;
    if contenders.iter().any(|c| c.is_explorer())
        && let Err(error) = child::run(Command::new(own).arg("explorer-node").arg(&node).arg(blocks))
    {
        eprintln!("bitcoin-explorer is left out: {error:#}");
        contenders.retain(|c| !c.is_explorer());
    }
    Ok(node.join("blocks"))
}

/// `athar ingest` into a new store, which is then read by another process, so that only the ingest is measured.
fn ingest(own: &Path, athar: &Path, blocks: &Path, space: &Path) -> Result<(Counts, Usage)> {
    let store = space.join("store");
    let (_, usage) = child::run(
        Command::new(athar).arg("--store").arg(&store).args(["--quiet", "ingest", "bitcoin", "--blocks"]).arg(blocks),
    )?;
    let (counts, _) = child::json(Command::new(own).arg("store").arg(&store))?;
    fs::remove_dir_all(&store)?;
    Ok((counts, usage))
}
