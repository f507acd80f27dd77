//! The words of `athar names` and of `athar bench names`.

use athar_engine::names::THRESHOLD;
use clap::{Args as Words, Subcommand};
use std::path::PathBuf;

/// A score between 0 and 1.
fn score(text: &str) -> Result<f32, String> {
    match text.parse() {
        Ok(score) if (0.0..=1.0).contains(&score) => Ok(score),
        _ => Err("not a number from 0 to 1".into()),
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Names {
    /// Whom on the lists a name could be, or each name of a file of customers
    ///
    /// A name alone never says more than "possible"; a year of birth, a country or an identifier raises or lowers that.
    /// No hit means that no listed name is near, and nothing else.
    Screen(NamesScreen),
    /// Could two names be the same: the score and the reasons, of two names or of each pair in a file
    Compare(NamesCompare),
    /// Add lists of names: CSV with the columns id,name and, if there, alias… (or any list that `lists import` reads)
    Import {
        /// Files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Id of the list [default: names- and the name of the file]
        #[arg(long, value_name = "ID")]
        list: Option<String>,
        /// Character encoding of the files, where they do not show it
        #[arg(long, value_name = "NAME")]
        encoding: Option<String>,
    },
}

#[derive(Debug, Words)]
pub(crate) struct NamesScreen {
    /// Name, in any script
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    pub(crate) name: Option<String>,
    /// Year or date of birth
    #[arg(long, value_name = "DATE", conflicts_with = "file")]
    pub(crate) born: Option<String>,
    /// Country, by name or code
    #[arg(long, conflicts_with = "file")]
    pub(crate) country: Option<String>,
    /// Identifier: a passport, a number of registration
    #[arg(long, value_name = "NUMBER", conflicts_with = "file")]
    pub(crate) id: Option<String>,
    /// Lists to ask, with commas [default: all imported ones, newest versions]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) list: Vec<String>,
    /// Leave out hits of a lower score, 0 to 1
    #[arg(long, value_name = "T", value_parser = score, default_value_t = THRESHOLD)]
    pub(crate) threshold: f32,
    /// Hits of one name at most
    #[arg(long, value_name = "K", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) top: u32,
    /// Customers: CSV with the column name and, if there, born, country, id. With --json a JSON object a line
    #[arg(long, value_name = "CSV")]
    pub(crate) file: Option<PathBuf>,
    /// File for the answers; the same command goes on where an interrupted one stopped [default: stdout]
    #[arg(long, value_name = "FILE", requires = "file")]
    pub(crate) out: Option<PathBuf>,
    /// Replace what the file for the answers holds
    #[arg(long, requires = "out")]
    pub(crate) overwrite: bool,
    /// Character encoding of the customers, where the file does not show it
    #[arg(long, value_name = "NAME", requires = "file")]
    pub(crate) encoding: Option<String>,
}

#[derive(Debug, Words)]
pub(crate) struct NamesCompare {
    /// One name
    #[arg(required_unless_present = "file", requires = "b", conflicts_with = "file")]
    pub(crate) a: Option<String>,
    /// The other
    pub(crate) b: Option<String>,
    /// Pairs: CSV with the columns name1,name2; with --json a JSON object a line
    #[arg(long, value_name = "CSV")]
    pub(crate) file: Option<PathBuf>,
    /// Character encoding of the pairs, where the file does not show it
    #[arg(long, value_name = "NAME", requires = "file")]
    pub(crate) encoding: Option<String>,
}

#[derive(Debug, Words)]
pub(crate) struct BenchNames {
    /// UN list with original scripts, XML, plain or .zst
    #[arg(long, value_name = "FILE")]
    pub(crate) list: PathBuf,
    /// Another state of the list: only entries that it does not have are asked
    #[arg(long, value_name = "FILE")]
    pub(crate) without: Option<PathBuf>,
    /// Table of names: Latin, tab, Arabic, tab, count, plain or .zst
    #[arg(long, value_name = "FILE")]
    pub(crate) table: PathBuf,
    /// Threshold
    #[arg(long, default_value_t = THRESHOLD)]
    pub(crate) threshold: f32,
    /// Invented names of each kind
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1_000..=1_000_000))]
    pub(crate) strangers: u32,
    /// Seed of the invented names
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Also show every query that failed
    #[arg(long)]
    pub(crate) failed: bool,
    /// Time screening against 100,000 names
    #[arg(long)]
    pub(crate) speed: bool,
    /// Write labelled pairs (name1,name2,same,kind,person) to compare matchers with, and nothing else
    #[arg(long, value_name = "FILE")]
    pub(crate) pairs: Option<PathBuf>,
    /// Count how common names are anew, print the table, and nothing else
    #[arg(long)]
    pub(crate) frequencies: bool,
    /// Learn the costs of spellings anew from the table and the list, print them, and nothing else
    #[arg(long)]
    pub(crate) learn: bool,
}
