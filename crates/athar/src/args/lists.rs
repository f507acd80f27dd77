//! The words of `athar lists`.

use athar_engine::Day;
use clap::{Args as Words, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Words)]
pub(crate) struct Lists {
    #[command(subcommand)]
    pub(crate) question: Option<ListsQuestion>,
}

/// What is done with official lists.
#[derive(Debug, Subcommand)]
pub(crate) enum ListsQuestion {
    /// Import lists in their official formats, told by their content: OFAC, UN, EU, UK, NBCTF, FollowTheMoney, id,name CSV
    ///
    /// A file that is cut off or damaged is refused whole. Addresses of digital currencies become labels. `sdn.csv` and
    /// `cons_prim.csv` are read with the tables beside them.
    Import {
        /// Files, or a folder of OFAC's addresses by asset
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Id of the list, instead of what the files say
        #[arg(long, value_name = "ID")]
        list: Option<String>,
        /// Day of the version, instead of what the files say; where neither says it, it is unknown
        #[arg(long, value_name = "DAY")]
        as_of: Option<Day>,
        /// Where the files were obtained; kept with the version
        #[arg(long, value_name = "URL")]
        origin: Option<String>,
        /// Licence of the files; kept with the version and its labels
        #[arg(long)]
        license: Option<String>,
        /// Character encoding of tables, such as windows-1256 [default: told by their content]
        #[arg(long, value_name = "NAME")]
        encoding: Option<String>,
    },
    /// All that a list says of one entry
    Show {
        /// List, or one of its versions as list@day or list@hash
        list: String,
        /// The list's reference
        id: String,
    },
    /// What was added, removed and changed between two lists
    Diff {
        /// The older: a file, a folder of addresses by asset, or a stored version (list, list@day, hash)
        old: String,
        /// The newer
        new: String,
    },
    /// Was it listed on that day? Yes, no or unknown, with the reason
    On {
        /// Day as 2020-01-31
        day: Day,
        /// List
        list: String,
        /// The list's reference
        id: String,
    },
    /// Which entries have this account number, passport, phone number, e-mail or address? Exact but for spaces, hyphens, case
    Find {
        /// The identifier
        value: String,
    },
}
