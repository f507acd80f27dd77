//! The words of `athar bench patterns`.

use athar_simulate::CampaignSet;
use clap::Args as Words;
use std::path::PathBuf;

#[derive(Debug, Words)]
pub(crate) struct BenchPatterns {
    /// Seeds of the worlds, with commas. Rules are tuned on the seeds 1 to 99; nothing may be tuned on 900 to 999
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "900,901,902,903,904,905,906,907,908,909")]
    pub(crate) seeds: Vec<u64>,
    /// Transactions in each world of bitcoin
    #[arg(long, default_value_t = 3_000_000, value_name = "N", value_parser = clap::value_parser!(u32).range(10_000..=100_000_000))]
    pub(crate) txs: u32,
    /// Which campaigns the worlds have: rare (at most one address in ten thousand), all, usual
    #[arg(long, default_value = "rare", value_name = "SET")]
    pub(crate) campaigns: CampaignSet,
    /// People in each of the two worlds of accounts that go with a world of bitcoin; 0 for none
    #[arg(long, default_value_t = 80_000, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=2_000_000))]
    pub(crate) people: u32,
    /// Score these hits instead of running the patterns: JSON lines as `athar patterns run --json` prints them, of the world of a
    /// single seed
    #[arg(long, value_name = "FILE", conflicts_with = "write")]
    pub(crate) hits: Option<PathBuf>,
    /// Write what became of every hit and of every campaign, as JSON lines: to see what a rule gets wrong
    #[arg(long, value_name = "FILE")]
    pub(crate) verdicts: Option<PathBuf>,
    /// Keep worlds and stores in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
    /// Write the rates into the program's data and documentation; in the project's folder only
    #[arg(long)]
    pub(crate) write: bool,
}
