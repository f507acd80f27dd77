//! The words of `athar labels`, and the days that labels are asked of.

use super::Page;
use athar_engine::{AsOf, Category, Day, LabelBasis, SubjectKind};
use clap::{Args as Words, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Labels {
    /// Import label files: TagPack, ActorPack, OFAC, NBCTF, plain CSV (told by their content)
    Import {
        /// Files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Licence of the files, kept with every label
        #[arg(long)]
        license: Option<String>,
        /// Columns of a table or of JSON lines of any origin, as address=Wallet,label=Owner; fields as in the project's own CSV
        #[arg(long, value_delimiter = ',', value_parser = column, value_name = "FIELD=COLUMN")]
        columns: Vec<(String, String)>,
        /// Character encoding of the files, such as windows-1256 [default: told by their content]
        #[arg(long, value_name = "NAME")]
        encoding: Option<String>,
    },
    /// Take in the whole history of another store, as `export --format pack` wrote it
    Adopt {
        /// The file
        file: PathBuf,
    },
    /// Stop using a label, from today on; it stays as history
    Retract(Ruled),
    /// Use a retracted label again
    Restore(Ruled),
    /// Show a label as disputed; it keeps its weight
    Dispute(Ruled),
    /// End a dispute
    Undispute(Ruled),
    /// Replace fields of a label; an empty value means unknown. What the source said stays beside it
    Correct {
        #[command(flatten)]
        ruled: Ruled,
        /// Name
        #[arg(long)]
        name: Option<String>,
        /// Category; it cannot raise the level
        #[arg(long)]
        category: Option<String>,
        /// Actor
        #[arg(long)]
        actor: Option<String>,
        /// Country or jurisdiction
        #[arg(long)]
        country: Option<String>,
        /// First day on which it holds
        #[arg(long, value_name = "DAY")]
        valid_from: Option<String>,
        /// Last day on which it holds
        #[arg(long, value_name = "DAY")]
        valid_to: Option<String>,
        /// Where it is shown
        #[arg(long)]
        source: Option<String>,
        /// An id of confidence, or 0 to 100
        #[arg(long)]
        confidence: Option<String>,
    },
    /// Add a label of your own
    Add(AddLabel),
    /// Subjects whose labels contradict each other
    Conflicts {
        #[command(flatten)]
        page: Page,
    },
    /// List labels, or those of one address
    List {
        /// Address, transaction id or account
        subject: Option<String>,
        /// Only the quarantined entries
        #[arg(long)]
        quarantined: bool,
        /// Everything: retracted labels and quarantined entries too
        #[arg(long, conflicts_with = "quarantined")]
        all: bool,
        #[command(flatten)]
        moment: AsOfDays,
        #[command(flatten)]
        page: Page,
    },
    /// The categories, with the concepts of other vocabularies that become them
    Taxonomy,
    /// Write all labels to stdout, or TagPacks into a folder
    Export {
        /// csv, tagpack, actorpack, or pack: the whole history, for `adopt`
        #[arg(long, default_value = "csv", value_parser = ["csv", "tagpack", "actorpack", "pack"])]
        format: String,
        /// Folder for one TagPack of each imported file, instead of one of all on stdout
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

/// The days that labels are asked of.
#[derive(Clone, Copy, Debug, Default, Words)]
pub(crate) struct AsOfDays {
    /// Only labels that held in the world on that day, as far as their sources say
    #[arg(long, value_name = "DAY")]
    pub(crate) at: Option<Day>,
    /// Only what this store knew at the end of that day
    #[arg(long, value_name = "DAY")]
    pub(crate) known_at: Option<Day>,
}

impl AsOfDays {
    pub(crate) const fn as_of(self) -> AsOf {
        AsOf { true_on: self.at, known_on: self.known_at }
    }
}

/// A decision about a label.
#[derive(Debug, Words)]
pub(crate) struct Ruled {
    /// Id of the label, or an address that has just one
    pub(crate) label: String,
    /// Why
    #[arg(long)]
    pub(crate) reason: String,
    /// Who decides
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
}

#[derive(Debug, Words)]
pub(crate) struct AddLabel {
    /// The address, transaction id or account number
    pub(crate) subject: String,
    /// What it is: address, transaction or account
    #[arg(long, default_value = "address", value_parser = kind)]
    pub(crate) kind: SubjectKind,
    /// Name
    #[arg(long)]
    pub(crate) name: String,
    /// Category
    #[arg(long)]
    pub(crate) category: Category,
    /// What the statement stands on
    #[arg(long, default_value = "own_analysis")]
    pub(crate) basis: LabelBasis,
    /// Where it is shown
    #[arg(long)]
    pub(crate) source: String,
    /// Chain, where the address does not say it
    #[arg(long = "on", value_name = "CHAIN")]
    pub(crate) on: Option<String>,
    /// An id of confidence, or 0 to 100
    #[arg(long)]
    pub(crate) confidence: Option<String>,
    /// Country or jurisdiction
    #[arg(long, alias = "jurisdiction")]
    pub(crate) country: Option<String>,
    /// Actor
    #[arg(long)]
    pub(crate) actor: Option<String>,
    /// Further context
    #[arg(long)]
    pub(crate) context: Option<String>,
    /// Licence of the statement
    #[arg(long)]
    pub(crate) license: Option<String>,
    /// First day on which it holds
    #[arg(long, value_name = "DAY")]
    pub(crate) valid_from: Option<Day>,
    /// Last day on which it holds
    #[arg(long, value_name = "DAY")]
    pub(crate) valid_to: Option<Day>,
}

fn kind(text: &str) -> Result<SubjectKind, String> {
    let kinds = [SubjectKind::Address, SubjectKind::Transaction, SubjectKind::Account];
    kinds.into_iter().find(|k| k.name() == text).ok_or_else(|| "one of address, transaction, account".into())
}

/// A field of a label and the column of a table that holds it.
fn column(text: &str) -> Result<(String, String), String> {
    let (field, column) = text.split_once('=').ok_or("write FIELD=COLUMN")?;
    Ok((field.trim().to_owned(), column.trim().to_owned()))
}
