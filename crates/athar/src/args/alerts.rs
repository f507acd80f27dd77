//! The words of `athar watch` and `athar alerts`.

use super::{DeskPage, Tongue};
use athar_desk::EventKind;
use athar_desk::alert::{AlertOrder, AlertState, Stage, SuppressionKind};
use athar_desk::watch::{Flow, WatchKind};
use athar_engine::{Day, Level};
use clap::{Args as Words, Subcommand};
use std::path::PathBuf;

/// What is watched for.
#[derive(Debug, Subcommand)]
pub(crate) enum Watch {
    /// Watch for something; the list is made where there is none of its name
    Add {
        /// Name of the list
        list: String,
        /// What is named: address, entity (by an address in it), category, campaign, pattern (* for any), amount
        #[arg(value_parser = kind)]
        kind: WatchKind,
        /// Address, category, id of a campaign or of a pattern; nothing for an amount
        #[arg(default_value = "")]
        value: String,
        #[command(flatten)]
        about: WatchAbout,
    },
    /// Watch for everything in a CSV file, or for nothing of it where a line cannot be read
    ///
    /// Columns by a header, in any order: value (or address), kind, chain, direction, asset, units, usd, severity, note. A file of
    /// addresses alone needs no header.
    Import {
        /// Name of the list
        list: String,
        /// The file
        file: PathBuf,
        #[command(flatten)]
        about: WatchAbout,
    },
    /// The lists, or the watches of one
    List {
        /// Name of the list [default: which lists there are]
        list: Option<String>,
        #[command(flatten)]
        page: DeskPage,
        #[command(flatten)]
        tongue: Lang,
    },
    /// Delete a list with its watches, or one watch; the alerts stay
    Remove {
        /// Name of the list
        #[arg(required_unless_present = "watch")]
        list: Option<String>,
        /// Number of one watch
        #[arg(long, value_name = "ID", conflicts_with = "list")]
        watch: Option<i64>,
        #[command(flatten)]
        tongue: Lang,
    },
}

/// What else is said of a watch.
#[derive(Debug, Words)]
pub(crate) struct WatchAbout {
    /// Which way money goes, seen from what is watched: any, received, sent
    #[arg(long, default_value = "any", value_parser = flow)]
    pub(crate) direction: Flow,
    /// Least amount in the asset's smallest units
    #[arg(long, value_name = "N")]
    pub(crate) units: Option<u128>,
    /// Least amount in US dollars, as 1000 or 1000.50, at the price of the day
    #[arg(long, value_name = "USD", value_parser = cents)]
    pub(crate) usd: Option<u64>,
    /// Asset of the amount [default: the coin of the chain]
    #[arg(long)]
    pub(crate) asset: Option<String>,
    /// Severity of its alerts: low, medium, high, severe; of a pattern the least that raises one [default: medium, low of patterns]
    #[arg(long, value_parser = severity)]
    pub(crate) severity: Option<Level>,
    /// Why it is watched
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) note: String,
    /// Who adds it
    #[command(flatten)]
    pub(crate) who: Actor,
    #[command(flatten)]
    pub(crate) tongue: Lang,
}

/// Who acts.
#[derive(Debug, Words)]
pub(crate) struct Actor {
    /// Who acts, for the history [default: the user of this machine]
    #[arg(long, value_name = "NAME", env = "ATHAR_ACTOR")]
    pub(crate) actor: Option<String>,
}

/// What is done with alerts.
#[derive(Debug, Subcommand)]
pub(crate) enum Alerts {
    /// Alerts, by ascending number or in the order of work
    List {
        /// Only those in a state: open, in_review, escalated, closed_true_positive, closed_false_positive
        #[arg(long, value_parser = state)]
        state: Option<AlertState>,
        /// Closed ones too
        #[arg(long, conflicts_with = "state")]
        all: bool,
        /// Only those that a watch of a kind raised: address, entity, category, campaign, pattern, amount
        #[arg(long, value_parser = kind)]
        kind: Option<WatchKind>,
        /// Only those at a stage: mempool, block, reorged, dropped
        #[arg(long, value_parser = stage)]
        stage: Option<Stage>,
        /// Only those as severe or more: low, medium, high, severe
        #[arg(long, value_parser = severity)]
        severity: Option<Level>,
        /// Only those of a list
        #[arg(long, value_name = "NAME")]
        watchlist: Option<String>,
        /// Only those about a subject
        #[arg(long, value_name = "SUBJECT")]
        subject: Option<String>,
        /// Only those of a transaction
        #[arg(long)]
        txid: Option<String>,
        /// Only those with a person
        #[arg(long, value_name = "NAME")]
        assignee: Option<String>,
        /// By number, or in the order of work (most severe first): number, work
        #[arg(long, value_parser = order, default_value = "number")]
        order: AlertOrder,
        #[command(flatten)]
        tongue: Lang,
        #[command(flatten)]
        page: DeskPage,
    },
    /// An alert with its evidence and everything that happened to it
    Show {
        /// Its number
        id: i64,
        #[command(flatten)]
        tongue: Lang,
    },
    /// Give an alert to somebody, or to nobody
    Assign {
        /// Its number
        id: i64,
        /// To whom [default: to nobody]
        to: Option<String>,
        #[command(flatten)]
        act: Act,
    },
    /// Write something down about an alert
    Note {
        /// Its number
        id: i64,
        /// What
        text: String,
        #[command(flatten)]
        act: Act,
    },
    /// Begin to look at an alert; also takes back a closing that waits for a second person
    Review {
        /// Its number
        id: i64,
        /// Why
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        reason: String,
        #[command(flatten)]
        act: Act,
    },
    /// Hand an alert on
    Escalate {
        /// Its number
        id: i64,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        act: Act,
    },
    /// Close an alert; a severe one stays as it is until a second person confirms the same
    Close {
        /// Its number
        id: i64,
        /// As what: true-positive or false-positive
        #[arg(long, value_name = "OUTCOME", action = clap::ArgAction::Set, value_parser = outcome)]
        outcome: bool,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        act: Act,
    },
    /// Open a closed alert again
    Reopen {
        /// Its number
        id: i64,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        act: Act,
    },
    /// Hold alerts back, of a subject, a watch or a pattern
    Suppress {
        /// What: subject, watch, pattern
        #[arg(value_parser = suppressed)]
        kind: SuppressionKind,
        /// The subject, the number of the watch, or the id of the pattern
        value: String,
        /// Last day on which they are held back: at most a year away
        #[arg(long, value_name = "DAY")]
        until: Day,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        who: Actor,
        #[command(flatten)]
        tongue: Lang,
    },
    /// What is held back, what was, and how much
    Suppressions {
        #[command(flatten)]
        page: DeskPage,
        #[command(flatten)]
        tongue: Lang,
    },
    /// End a suppression before its time
    Lift {
        /// Its number
        id: i64,
        #[command(flatten)]
        who: Actor,
        #[command(flatten)]
        tongue: Lang,
    },
    /// Look at the blocks of the store that were not looked at yet, as `athar follow` and `athar serve` do by themselves
    Run {
        #[command(flatten)]
        tongue: Lang,
    },
    /// Raise alerts of hits of patterns: lines of JSON, as `athar patterns run --json` prints them
    Patterns {
        /// The file; - is standard input
        file: PathBuf,
        #[command(flatten)]
        tongue: Lang,
    },
    /// How many alerts there are by state, severity and stage, and what waits to be delivered
    Figures {
        #[command(flatten)]
        tongue: Lang,
    },
    /// Deliver what is due, by every way that was added
    Deliver(Deliver),
    /// Mail, syslog and files that alerts are told to; webhooks are added by `athar desk webhooks`
    #[command(subcommand)]
    Sinks(Sinks),
}

/// Who acts, on what he saw.
#[derive(Debug, Words)]
pub(crate) struct Act {
    /// The version that was looked at; nothing is done where the alert has another by now [default: whatever it has]
    #[arg(long, value_name = "VERSION")]
    pub(crate) expect: Option<i64>,
    #[command(flatten)]
    pub(crate) who: Actor,
    #[command(flatten)]
    pub(crate) tongue: Lang,
}

/// In which language.
#[derive(Clone, Copy, Debug, Words)]
pub(crate) struct Lang {
    /// Language of the text
    #[arg(long = "lang", visible_alias = "language", value_enum, default_value_t = Tongue::En, value_name = "LANGUAGE")]
    pub(crate) tongue: Tongue,
}

#[derive(Debug, Words)]
pub(crate) struct Deliver {
    /// Once, then end
    #[arg(long)]
    pub(crate) once: bool,
    /// Seconds between two looks at what is due
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=86_400), conflicts_with = "once")]
    pub(crate) every: u32,
    /// Print what goes to the sink jsonl:- instead of the counts
    #[arg(long)]
    pub(crate) stdout: bool,
    /// PEM file of the only certificates to trust for webhooks [default: Mozilla's]
    #[arg(long, value_name = "FILE", env = "ATHAR_WEBHOOK_CA")]
    pub(crate) ca: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) tongue: Lang,
}

/// What is done with sinks.
#[derive(Debug, Subcommand)]
pub(crate) enum Sinks {
    /// Add a sink
    ///
    /// smtps://HOST?from=A&to=B,C or smtps://USER@HOST?…; smtp://… with STARTTLS; syslog+udp://127.0.0.1:514, syslog+tcp://127.0.0.1:601,
    /// syslog+unix:///dev/log; jsonl:///FOLDER/FILE; jsonl:- for the output of `athar alerts deliver --stdout`
    Add {
        /// Where to
        url: String,
        /// Events it wants [default: those of alerts]
        #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = event)]
        events: Vec<EventKind>,
        /// Least severity that it is told: low, medium, high, severe
        #[arg(long, value_parser = severity)]
        severity: Option<Level>,
        /// Password of the mail server; better given by the environment, since others can see the words of a command
        #[arg(long, value_name = "PASSWORD", env = "ATHAR_SMTP_PASSWORD", hide_env_values = true)]
        password: Option<String>,
        #[command(flatten)]
        tongue: Lang,
    },
    /// Everything that is told: sinks and webhooks
    List {
        #[command(flatten)]
        tongue: Lang,
    },
    /// Send nothing to a sink; what happens meanwhile waits for it
    Disable(OneSink),
    /// Send to a sink again
    Enable(OneSink),
    /// Delete a sink with its deliveries
    Remove(OneSink),
    /// Queue an event that tells nothing, to try a sink
    Test(OneSink),
}

/// A sink.
#[derive(Clone, Copy, Debug, Words)]
pub(crate) struct OneSink {
    /// Its number
    pub(crate) id: i64,
    #[command(flatten)]
    pub(crate) tongue: Lang,
}

fn names<T>(text: &str, found: Option<T>, all: &[&str]) -> Result<T, String> {
    found.ok_or_else(|| format!("`{text}` is none of {}", all.join(", ")))
}

fn kind(text: &str) -> Result<WatchKind, String> {
    names(text, WatchKind::of(text), &WatchKind::ALL.map(WatchKind::name))
}

fn flow(text: &str) -> Result<Flow, String> {
    names(text, Flow::of(text), &Flow::ALL.map(Flow::name))
}

fn state(text: &str) -> Result<AlertState, String> {
    names(text, AlertState::of(&text.replace('-', "_")), &AlertState::ALL.map(AlertState::name))
}

fn order(text: &str) -> Result<AlertOrder, String> {
    names(text, AlertOrder::of(text), &AlertOrder::ALL.map(AlertOrder::name))
}

fn stage(text: &str) -> Result<Stage, String> {
    names(text, Stage::of(text), &Stage::ALL.map(Stage::name))
}

fn suppressed(text: &str) -> Result<SuppressionKind, String> {
    names(text, SuppressionKind::of(text), &SuppressionKind::ALL.map(SuppressionKind::name))
}

fn severity(text: &str) -> Result<Level, String> {
    names(text, text.parse().ok().filter(|level| *level >= Level::Low), &["low", "medium", "high", "severe"])
}

fn outcome(text: &str) -> Result<bool, String> {
    match text {
        "true-positive" => Ok(true),
        "false-positive" => Ok(false),
        _ => Err("true-positive or false-positive".into()),
    }
}

fn event(text: &str) -> Result<EventKind, String> {
    names(text, EventKind::of(text), &EventKind::ALL.map(EventKind::name))
}

fn cents(text: &str) -> Result<u64, String> {
    athar_desk::watch::usd_cents(text).ok_or_else(|| "an amount of dollars, as 1000 or 1000.50".into())
}
