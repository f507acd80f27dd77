//! The words of `athar records`.

use super::{Tongue, day};
use athar_engine::Day;
use athar_engine::records::{Field, Kind};
use clap::{Args as Words, Subcommand};
use std::path::PathBuf;

/// What is done with off-chain records.
#[derive(Debug, Subcommand)]
pub(crate) enum Records {
    /// Import a CSV or JSON file: coupon sales, redemptions, deposits, withdrawals, log-ins, fiat transfers
    ///
    /// What leads to a person is replaced by a keyed hash before it is stored; equal values stay equal. Every row is a record, known
    /// already, or in quarantine with its line and its reason. The same file again adds nothing. --chain gives the chain of addresses.
    Import(ImportRecords),
    /// Records, by kind, time, import, or by whom or what they name
    List(ListRecords),
    /// One record
    Show {
        /// Its number
        record: u64,
        #[command(flatten)]
        answered: Answered,
    },
    /// How much there is, and how long it is kept
    Stats {
        #[command(flatten)]
        answered: Answered,
    },
    /// Imports, each with its counts and its quarantine
    Imports {
        #[command(flatten)]
        page: RecordsPage,
        #[command(flatten)]
        answered: Answered,
    },
    /// Delete records, an import, everything that names a subject, or a note: keys are destroyed
    Delete(DeleteRecords),
    /// Delete what is past its time; or set how long records of a kind are kept
    ///
    /// Without a word more: what is past the limit of its import or of its kind, counted from the import. `athar records import` does
    /// that too, before it begins.
    Retain(RetainRecords),
    /// Join coupon sales with redemptions and with payments on the chain, by beneficiary
    Link(LinkRecords),
    /// Record what is known of the circumstances of a person: it stands beside every answer that names them
    Note(NoteWords),
    /// What is known of circumstances, of one subject or of all
    Notes {
        /// Pseudonym, crypto address, or value
        subject: Option<String>,
        #[command(flatten)]
        answered: Answered,
    },
    /// What was imported, deleted and noted, by whom
    Journal {
        #[command(flatten)]
        page: RecordsPage,
        #[command(flatten)]
        answered: Answered,
    },
}

/// How people are answered.
#[derive(Clone, Copy, Debug, Words)]
pub(crate) struct Answered {
    /// Language of the text
    #[arg(long, visible_alias = "lang", value_enum, default_value_t = Tongue::En, value_name = "LANGUAGE")]
    pub(crate) language: Tongue,
}

/// A page of what has ascending numbers.
#[derive(Clone, Copy, Debug, Words)]
pub(crate) struct RecordsPage {
    /// Number after which the page begins
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) after: u64,
    /// Rows to list
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=999))]
    pub(crate) limit: u32,
}

/// Who does it.
#[derive(Clone, Debug, Words)]
pub(crate) struct Doer {
    /// Who runs this, for the journal [default: the user's name]
    #[arg(long, value_name = "NAME")]
    pub(crate) operator: Option<String>,
}

#[derive(Debug, Words)]
pub(crate) struct ImportRecords {
    /// File
    pub(crate) file: PathBuf,
    /// What its rows are of: coupon-sale, redemption, deposit, withdrawal, login, fiat-transfer
    #[arg(long, value_parser = kind)]
    pub(crate) kind: Option<Kind>,
    /// Column map: a TOML file, or FIELD=COLUMN,…,FIELD:=VALUE [default: columns have the names of the fields]
    #[arg(long, value_name = "FILE|MAP")]
    pub(crate) map: Option<String>,
    /// Zone of times that name none, such as Europe/Paris or +02:00
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// Keep the values of this personal field, encrypted, beside their pseudonyms
    #[arg(long, value_name = "FIELD", value_parser = field, value_delimiter = ',')]
    pub(crate) keep_plain: Vec<Field>,
    /// Days after which these records are deleted
    #[arg(long, value_name = "DAYS")]
    pub(crate) retain: Option<u32>,
    #[command(flatten)]
    pub(crate) doer: Doer,
    #[command(flatten)]
    pub(crate) answered: Answered,
}

#[derive(Debug, Words)]
pub(crate) struct ListRecords {
    /// Of a kind
    #[arg(long, value_parser = kind)]
    pub(crate) kind: Option<Kind>,
    /// Of an import
    #[arg(long, value_name = "N")]
    pub(crate) import: Option<u64>,
    /// That name this: a pseudonym, or a value itself (account, serial, phone, address, transaction id)
    #[arg(long, value_name = "PSEUDONYM|VALUE")]
    pub(crate) subject: Option<String>,
    /// From this day on (UTC)
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) from: Option<Day>,
    /// Up to this day (UTC), which counts too
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) to: Option<Day>,
    #[command(flatten)]
    pub(crate) page: RecordsPage,
    #[command(flatten)]
    pub(crate) answered: Answered,
}

#[derive(Debug, Words)]
#[group(id = "deleted", required = true, multiple = false, args = ["record", "import", "subject", "note"])]
pub(crate) struct DeleteRecords {
    /// Records, by their numbers
    #[arg(long, value_name = "N", value_delimiter = ',')]
    pub(crate) record: Vec<u64>,
    /// An import with all its records
    #[arg(long, value_name = "N")]
    pub(crate) import: Option<u64>,
    /// Every record and note that names this
    #[arg(long, value_name = "PSEUDONYM|VALUE")]
    pub(crate) subject: Option<String>,
    /// A note
    #[arg(long, value_name = "N")]
    pub(crate) note: Option<u64>,
    /// Why; kept in the journal, so no personal data
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) doer: Doer,
}

#[derive(Debug, Words)]
pub(crate) struct RetainRecords {
    /// Of a kind
    #[arg(long, value_parser = kind)]
    pub(crate) kind: Option<Kind>,
    /// Keep records of the kind so many days after their import
    #[arg(long, value_name = "DAYS", requires = "kind", conflicts_with = "before")]
    pub(crate) days: Option<u32>,
    /// Lift the limit of the kind
    #[arg(long, requires = "kind", conflicts_with_all = ["days", "before"])]
    pub(crate) no_limit: bool,
    /// Delete what tells of a time before this day (UTC)
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) before: Option<Day>,
    #[command(flatten)]
    pub(crate) doer: Doer,
}

#[derive(Debug, Words)]
pub(crate) struct LinkRecords {
    /// Redeemed from this day on (UTC)
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) from: Option<Day>,
    /// Redeemed up to this day (UTC), which counts too
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) to: Option<Day>,
    /// Only beneficiaries with at least so many redemptions
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub(crate) redemptions_min: usize,
    /// By crypto address where there is one, else by account [default: the other way round]
    #[arg(long)]
    pub(crate) by_address: bool,
    #[command(flatten)]
    pub(crate) answered: Answered,
}

#[derive(Debug, Words)]
pub(crate) struct NoteWords {
    /// Pseudonym, crypto address, or a value that a record names
    #[arg(value_name = "SUBJECT")]
    pub(crate) subject: String,
    /// What is known
    #[arg(long)]
    pub(crate) text: String,
    /// Where it is known from
    #[arg(long)]
    pub(crate) source: String,
    /// Day on which it was so, or was learned [default: today]
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) time: Option<Day>,
    #[command(flatten)]
    pub(crate) doer: Doer,
    #[command(flatten)]
    pub(crate) answered: Answered,
}

fn kind(text: &str) -> Result<Kind, String> {
    Kind::from_name(text).ok_or_else(|| {
        let names: Vec<String> = Kind::ALL.into_iter().map(|kind| kind.name().replace('_', "-")).collect();
        format!("none of {}", names.join(", "))
    })
}

fn field(text: &str) -> Result<Field, String> {
    Field::from_name(text).filter(|field| field.is_personal()).ok_or_else(|| {
        let names: Vec<&str> = Field::ALL.into_iter().filter(|f| f.is_personal()).map(Field::name).collect();
        format!("none of {}", names.join(", "))
    })
}
