//! The words of `athar policy`.

use athar_engine::Day;
use clap::{Args as Words, Subcommand};
use std::path::PathBuf;

/// Risk policies.
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyWords {
    /// The policies of the store, and which one decides
    List,
    /// A policy with its rules: active, a name, name@version, or a file
    Show {
        /// Name or file
        #[arg(value_name = "NAME|FILE")]
        policy: String,
        /// Language of titles: en, ar
        #[arg(long, default_value = "en", value_parser = ["en", "ar"])]
        lang: String,
        /// Print the file itself, to begin your own with; of a policy that comes with the program
        #[arg(long)]
        file: bool,
    },
    /// Read a file and say its version, or what is wrong and on which line
    Check {
        /// File
        file: PathBuf,
    },
    /// Add a policy and put it on test: evaluated beside the one that decides, never deciding
    ///
    /// A name puts a policy on test that comes with the program or that was retired.
    Add {
        /// File or name
        #[arg(value_name = "FILE|NAME")]
        policy: String,
    },
    /// Make a policy the one that decides
    Activate {
        /// Name, or name@version
        name: String,
    },
    /// Take a policy off test
    Retire {
        /// Name, or name@version
        name: String,
    },
    /// What changed from one policy to another, rule by rule
    Diff {
        /// The older: name or file
        a: String,
        /// The newer
        b: String,
    },
    /// What a policy would have said of many addresses, beside the one that decides
    ///
    /// Ctrl-C ends it and prints what was found until then.
    Test(PolicyTest),
}

#[derive(Debug, Words)]
pub(crate) struct PolicyTest {
    /// Name or file
    #[arg(value_name = "FILE|NAME")]
    pub(crate) policy: String,
    /// What to compare it with: name or file
    #[arg(long, default_value = "active", value_name = "NAME|FILE")]
    pub(crate) against: String,
    /// Addresses of the chain to take, the same ones for the same chain
    #[arg(long, default_value_t = 1000, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) sample: u64,
    /// File with a target on each line instead; `-` reads stdin
    #[arg(long, value_name = "FILE", conflicts_with = "sample")]
    pub(crate) addresses: Option<PathBuf>,
    /// As the labels were known at the end of these days, with commas between them [default: as they are known now]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) days: Vec<Day>,
    /// Hops that indirect exposure is followed for
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub(crate) hops: u32,
}
