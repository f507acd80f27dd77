//! The project's chores: `cargo xtask test|ui|browser|check|soak|bench`.
//!
//! Chores are written in Rust rather than in a shell, so that they run wherever the project builds and so that what CI
//! runs is what a developer runs: `.ci/run` only installs tools and calls `cargo xtask check`.

mod bench;
mod cargo;
mod check;
mod node;
mod soak;
mod stage;
mod test;
mod ui;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// The project's chores.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Runs every test of the workspace; passes from the clone alone, with Rust alone.
    Test(test::Args),
    /// Checks and builds the browser application; needs Node and npm.
    Ui,
    /// Runs the tests of the application in Chromium, against the release build of the program.
    Browser(ui::BrowserArgs),
    /// Runs all that CI runs: the application, format, lints, docs, licences, tests, demo, browser and a soak sample.
    Check(check::Args),
    /// Long runs: thousands of kills, chains of many gigabytes.
    Soak(soak::Args),
    /// Runs every benchmark of the workspace, one after the other.
    Bench(bench::Args),
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<()> {
    match cli.chore {
        Chore::Test(args) => test::run(&args),
        Chore::Ui => ui::run(),
        Chore::Browser(args) => ui::run_browser(&args),
        Chore::Check(args) => check::run(&args),
        Chore::Soak(args) => soak::run(&args),
        Chore::Bench(args) => bench::run(&args),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
