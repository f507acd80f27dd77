//! Athar's reading of block files beside the Bitcoin block parsers of crates.io: one run, the same files, one table.
//!
//! Every contender runs in a process of its own, so that its processor time and peak memory are its own: the program
//! starts itself again with `work NAME`. Rounds are interleaved (each contender once, then each again), so that a busy
//! machine treats them alike, and the table shows medians. What a contender counted is compared with a reference that
//! this crate works out by itself; a difference is printed and fails the run.

mod blocks;
mod child;
mod contender;
mod counts;
mod own;
mod peers;
mod reference;
mod run;
mod scratch;
mod table;
mod walk;

use anyhow::Result;
use clap::{Parser, Subcommand};
use contender::Contender;
use std::path::PathBuf;

/// Measures block parsers on the same block files.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure all contenders and print the table
    Run(run::Args),
    /// One contender in this process: prints what it counted as JSON
    #[command(hide = true)]
    Work(Work),
    /// The totals that all contenders are compared with, as JSON
    #[command(hide = true)]
    Reference(Folder),
    /// The totals of an Athar store, as JSON
    #[command(hide = true)]
    Store(Folder),
    /// Makes the folder that bitcoin-explorer reads
    #[cfg(feature = "explorer")]
    #[command(hide = true)]
    ExplorerNode {
        /// Where to: an empty folder
        node: PathBuf,
        /// Folder of blk*.dat files
        blocks: PathBuf,
    },
}

/// What a contender is given.
#[derive(clap::Args)]
struct Work {
    contender: Contender,
    /// Folder of blk*.dat files
    #[arg(long)]
    blocks: PathBuf,
    /// Empty folder for what it must write
    #[arg(long)]
    scratch: PathBuf,
    /// Unspent outputs at their most, for a parser that wants to know
    #[arg(long)]
    unspent_max: usize,
}

#[derive(clap::Args)]
struct Folder {
    folder: PathBuf,
}

fn main() -> Result<()> {
    match Args::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Work(work) => print(&work.contender.work(&work)?),
        Command::Reference(Folder { folder }) => print(&reference::reference(&folder)?),
        Command::Store(Folder { folder }) => print(&own::store_counts(&folder)?),
        #[cfg(feature = "explorer")]
        Command::ExplorerNode { node, blocks } => peers::explorer::prepare(&node, &blocks),
    }
}

fn print(value: &impl serde::Serialize) -> Result<()> {
    println!("{}", serde_json::to_string(value)?);
    Ok(())
}
