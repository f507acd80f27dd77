//! The words of `athar desk`.

use athar_desk::{EventKind, SubjectKind, Way};
use athar_engine::Day;
use clap::{Args as Words, Subcommand};
use std::path::PathBuf;

/// What is done at the desk.
#[derive(Debug, Subcommand)]
pub(crate) enum Desk {
    /// How much the desk holds, and whether it is sound
    Status,
    /// Watch an address, a transaction, an output, or an address that somebody wants to be paid out to
    Add {
        /// What it is: address, transaction, output, withdrawal-attempt
        #[arg(value_parser = kind)]
        kind: SubjectKind,
        /// Address, transaction id, or txid:vout
        target: String,
        #[command(flatten)]
        about: About,
    },
    /// Watched subjects
    Subjects(DeskPage),
    /// Screenings that were made, of all subjects or of one
    Screenings {
        /// Number of the subject
        #[arg(long, value_name = "ID")]
        subject: Option<i64>,
        #[command(flatten)]
        page: DeskPage,
    },
    /// Answers that changed, and why
    Changes {
        /// Number of the subject
        #[arg(long, value_name = "ID")]
        subject: Option<i64>,
        #[command(flatten)]
        page: DeskPage,
    },
    /// Transfers, screened when their transaction is on the chain
    #[command(subcommand)]
    Transfers(Transfers),
    /// Servers that are told of changes
    #[command(subcommand)]
    Webhooks(Webhooks),
    /// Screen again whom changes of the store touched, and deliver what is due
    ///
    /// Goes on until Ctrl-C, looking at the store every few seconds. Only servers that were added with `athar desk webhooks add`
    /// are spoken to.
    Rescreen(Rescreen),
    /// Delete old screenings, changes and deliveries; the newest screening of each subject stays
    Prune {
        /// First day that is kept
        #[arg(long, value_name = "DAY")]
        before: Day,
    },
    /// Delete a subject with everything about it, overwriting it on the disk
    Forget {
        /// Number of the subject
        id: i64,
    },
}

/// What else is said of a subject.
#[derive(Debug, Words)]
pub(crate) struct About {
    /// Your own reference
    #[arg(long, value_name = "TEXT")]
    pub(crate) reference: Option<String>,
    /// Pseudonym of the customer; never a name
    #[arg(long, value_name = "TEXT")]
    pub(crate) customer: Option<String>,
    /// Asset [default: the coin of the chain]
    #[arg(long)]
    pub(crate) asset: Option<String>,
    /// Amount in the asset's smallest units
    #[arg(long, value_name = "N")]
    pub(crate) amount: Option<u128>,
    /// Last day on which it is watched [default: for good]
    #[arg(long, value_name = "DAY")]
    pub(crate) until: Option<Day>,
}

/// A page of a list of the desk.
#[derive(Clone, Copy, Debug, Words)]
pub(crate) struct DeskPage {
    /// Number after which to begin: `next` of the page before
    #[arg(long, default_value_t = 0, value_name = "ID")]
    pub(crate) after: i64,
    /// Rows to list
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) limit: u32,
}

/// What is done with transfers.
#[derive(Debug, Subcommand)]
pub(crate) enum Transfers {
    /// Register a transfer
    Add {
        /// The transfer: txid:vout or txid:address
        transfer: String,
        /// Which way, seen from you: received (where the money came from is screened) or sent (whom it goes to)
        #[arg(long, value_parser = way)]
        direction: Way,
        #[command(flatten)]
        about: About,
    },
    /// Registered transfers
    List(DeskPage),
}

/// What is done with webhooks.
#[derive(Debug, Subcommand)]
pub(crate) enum Webhooks {
    /// Add a server; its secret is printed once
    Add {
        /// http or https URL
        url: String,
        /// Events it wants: subject.changed, transfer.screened, alert.raised, alert.confirmed, alert.changed, webhook.test [default: all]
        #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = event)]
        events: Vec<EventKind>,
        /// The server is inside your own network: HOST:PORT exactly as in the URL
        #[arg(long, value_name = "HOST:PORT")]
        allow_internal: Option<String>,
        /// Secret of the signatures, of 16 to 256 bytes [default: a new one]
        #[arg(long, value_name = "SECRET", env = "ATHAR_WEBHOOK_SECRET", hide_env_values = true)]
        secret: Option<String>,
    },
    /// Servers that were added
    List,
    /// Send nothing to a server; what happens meanwhile waits for it
    Disable {
        /// Its number
        id: i64,
    },
    /// Send to a server again
    Enable {
        /// Its number
        id: i64,
    },
    /// Delete a server with its secret and its deliveries
    Remove {
        /// Its number
        id: i64,
    },
    /// Queue an event that tells nothing, to try a server
    Test {
        /// Its number
        id: i64,
    },
    /// Deliveries that were given up
    Dead(DeskPage),
    /// Deliveries that wait
    Waiting(DeskPage),
    /// Deliver what was given up, from the first attempt on
    Replay {
        /// Number of one delivery [default: all that were given up]
        delivery: Option<i64>,
        /// Only those of one server
        #[arg(long, value_name = "ID")]
        endpoint: Option<i64>,
    },
}

#[derive(Debug, Words)]
pub(crate) struct Rescreen {
    /// Once, then end: what a cron job runs
    #[arg(long)]
    pub(crate) once: bool,
    /// Seconds between two looks at the store
    #[arg(long, default_value_t = 30, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=86_400), conflicts_with = "once")]
    pub(crate) every: u32,
    /// Hops that indirect exposure is followed for; another number than before screens everybody again
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub(crate) hops: u32,
    /// Do not deliver webhooks
    #[arg(long)]
    pub(crate) no_deliver: bool,
    /// PEM file of the only certificates to trust, for servers of your own authority [default: Mozilla's]
    #[arg(long, value_name = "FILE", env = "ATHAR_WEBHOOK_CA")]
    pub(crate) ca: Option<PathBuf>,
}

fn kind(text: &str) -> Result<SubjectKind, String> {
    match text {
        "address" => Ok(SubjectKind::Address),
        "transaction" => Ok(SubjectKind::Transaction),
        "output" => Ok(SubjectKind::Output),
        "withdrawal-attempt" => Ok(SubjectKind::WithdrawalAttempt),
        _ => {
            Err("one of address, transaction, output, withdrawal-attempt; transfers have `athar desk transfers`".into())
        }
    }
}

fn way(text: &str) -> Result<Way, String> {
    match text {
        "received" => Ok(Way::Received),
        "sent" => Ok(Way::Sent),
        _ => Err("received or sent".into()),
    }
}

fn event(text: &str) -> Result<EventKind, String> {
    EventKind::of(text).ok_or_else(|| format!("one of {}", EventKind::ALL.map(EventKind::name).join(", ")))
}
