//! The words of `athar patterns`.

use super::Tongue;
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Patterns {
    /// Every pattern: its row, version, where it applies, and whether its error rate was measured
    List {
        /// A folder of rule files (*.toml) to use instead of the shipped ones
        #[arg(long, value_name = "DIR")]
        rules: Option<PathBuf>,
        /// Language of titles
        #[arg(long, value_enum, default_value_t = Tongue::En, value_name = "LANG")]
        lang: Tongue,
    },
    /// One pattern: what it looks for, its parameters and where they come from, its guards
    Show {
        /// Id, as static-donation-address
        id: String,
        /// Print the rule file itself: a copy of it, changed, is a rule of your own
        #[arg(long)]
        file: bool,
        /// A folder of rule files to use instead of the shipped ones
        #[arg(long, value_name = "DIR")]
        rules: Option<PathBuf>,
        /// Language of the text
        #[arg(long, value_enum, default_value_t = Tongue::En, value_name = "LANG")]
        lang: Tongue,
    },
    /// Read rule files and say what is wrong with them
    Check {
        /// A folder of rule files
        #[arg(value_name = "DIR")]
        rules: PathBuf,
    },
    /// Look for patterns over the whole chain; with --json an object a line for each hit
    ///
    /// Hits are shapes in the chain with what corroborates them: never a finding about a person. Severity above low needs
    /// corroboration. Exit code 1 where nothing was found.
    Run {
        /// Look for these alone; repeat for several
        #[arg(long, value_name = "ID")]
        only: Vec<String>,
        /// A folder of rule files to use instead of the shipped ones
        #[arg(long, value_name = "DIR")]
        rules: Option<PathBuf>,
        /// Leave out hits of a lower severity: unknown (nothing is left out, not even what is a label and no risk, as taking part in
        /// a CoinJoin; such hits are never kept), low, medium, high, severe
        #[arg(long, value_name = "LEVEL", default_value = "low", value_parser = super::level)]
        min_severity: athar_engine::Level,
        /// Only what blocks from this height on changed
        #[arg(long, value_name = "HEIGHT", conflicts_with = "keep")]
        since: Option<u32>,
        /// Give severities as if the error rate of every rule had been measured and held: for measuring them
        #[arg(long, conflicts_with = "keep")]
        as_measured: bool,
        /// Keep the hits in the store; where they were kept before, only what changed since is looked at
        #[arg(long)]
        keep: bool,
        /// Language of the text
        #[arg(long, value_enum, default_value_t = Tongue::En, value_name = "LANG")]
        lang: Tongue,
    },
    /// Dated events around which gifts may rise, for the pattern event-spike
    #[command(subcommand)]
    Events(Events),
    /// What a euro cost in dollars, for limits in euros
    #[command(subcommand)]
    Rates(Events),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Events {
    /// Replace what is in use by a CSV file: of events with the columns day and event, of rates valid_from and usd
    Import {
        /// File
        file: PathBuf,
    },
}
