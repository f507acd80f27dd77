//! `cargo xtask soak`: runs too long for every commit. CI takes a timed sample of `kills`.

mod branch;
pub(crate) mod chain;
pub(crate) mod kills;
mod phase;
mod program;
mod reader;
mod scale;

use anyhow::Result;

/// Long runs through the program itself, as a user would start it.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    run: Run,
}

#[derive(clap::Subcommand)]
enum Run {
    /// Kills ingests at random instants and holds every store against one that was never disturbed.
    Kills(kills::Args),
    /// Simulates, ingests and verifies one large chain; prints rates, peak memory and store size.
    Chain(chain::Args),
    /// Ingests the benchmark's profile at several sizes; prints how time, memory and size grow.
    Scale(scale::Args),
}

/// Runs the subcommand.
pub(crate) fn run(args: &Args) -> Result<()> {
    match &args.run {
        Run::Kills(args) => kills::run(args),
        Run::Chain(args) => chain::run(args),
        Run::Scale(args) => scale::run(args),
    }
}
