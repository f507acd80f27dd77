//! The words of `athar screen` and `athar bench screen`.

use super::AsOfDays;
use athar_engine::Level;
use clap::{Args as Words, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Words)]
pub(crate) struct Screen {
    /// Addresses, transaction ids or listed account numbers
    #[arg(required_unless_present = "file", value_name = "TARGET")]
    pub(crate) targets: Vec<String>,
    /// File with a target on each line; `-` reads stdin. Answered on all cores, in the order of the file
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Exit with 3 where any target reaches this level: unknown, low, medium, high, severe
    #[arg(long, value_parser = super::level, value_name = "LEVEL")]
    pub(crate) fail_on: Option<Level>,
    /// How far to look: the target itself, also its direct counterparties, or all within --hops
    #[arg(long, value_enum, default_value = "indirect")]
    pub(crate) depth: ScreenDepth,
    /// Hops that indirect exposure is followed for
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub(crate) hops: u32,
    /// Follow the money of each target for so many milliseconds at most; an answer that this cut says so and has no snapshot
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u32).range(1..=3_600_000))]
    pub(crate) time_limit: Option<u32>,
    /// Also ask a risk policy: active (with those on test beside it), a name, name@version, or a file; --fail-on is then of
    /// its level
    #[arg(long, value_name = "NAME|FILE", conflicts_with = "depth")]
    pub(crate) policy: Option<String>,
    /// For the policy: what somebody wants to withdraw to the target now, in the chain's smallest unit
    #[arg(long, value_name = "SAT", requires = "policy")]
    pub(crate) attempt_sat: Option<u64>,
    #[command(flatten)]
    pub(crate) moment: AsOfDays,
}

/// How far a screening looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScreenDepth {
    /// What is said of the target and its entity; follows nobody's money
    Ownership,
    /// Also labelled entities one hop away, of at most 1,000 outputs
    Counterparty,
    /// Also those further away, with paths and dollars
    Indirect,
}

#[derive(Debug, Words)]
pub(crate) struct BenchScreen {
    /// Targets of each kind: addresses, labelled ones, those of large entities, unseen ones, transactions, outputs, invalid text
    #[arg(long, default_value_t = 2_000, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) sample: u64,
    /// Seed of the sample
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Hops that indirect exposure is followed for
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub(crate) hops: u32,
    /// Milliseconds of the run with a time limit
    #[arg(long, default_value_t = 20, value_name = "MS", value_parser = clap::value_parser!(u32).range(1..=3_600_000))]
    pub(crate) time_limit: u32,
    /// Threads that ask at the same time
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) threads: u32,
}
