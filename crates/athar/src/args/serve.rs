//! The words of `athar serve`.

use athar_server::keys::Scope;
use athar_server::{LISTEN_DEFAULT, LogLevel};
use clap::{Args as Words, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Debug, Words)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Serve {
    /// Where to listen; port 0 takes a free one, which the first line of the log names
    #[arg(long, default_value = LISTEN_DEFAULT, value_name = "ADDRESS:PORT")]
    pub(crate) listen: SocketAddr,
    /// File of keys [default: keys.json in the store]
    #[arg(long, value_name = "FILE", conflicts_with = "no_keys")]
    pub(crate) keys: Option<PathBuf>,
    /// Ask for no key: on a loopback address only, where every program of this machine is let in
    #[arg(long)]
    pub(crate) no_keys: bool,
    /// Threads [default: as many as there are processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) workers: Option<u16>,
    /// Requests a second that each key may make [default: as many as it likes]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) rate: Option<u32>,
    /// Seconds that an answer may take
    #[arg(long, default_value_t = 30, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(crate) time_limit: u32,
    /// Connections at once
    #[arg(long, default_value_t = 1_024, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) connections: u32,
    /// What is logged: error, info (also beginning, end, changes of the store), requests (also a line for each request)
    #[arg(long, default_value = "requests", value_name = "LEVEL", value_parser = level)]
    pub(crate) log: LogLevel,
    /// Do not screen watched subjects again when the store changes: `athar desk rescreen` does
    #[arg(long)]
    pub(crate) no_rescreen: bool,
    /// Hops that indirect exposure of watched subjects is followed for; another number than before screens everybody again
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20))]
    pub(crate) rescreen_hops: u32,
    /// Do not deliver webhooks
    #[arg(long)]
    pub(crate) no_deliver: bool,
    /// PEM file of the only certificates to trust for webhooks, for servers of your own authority [default: Mozilla's]
    #[arg(long, value_name = "FILE", env = "ATHAR_WEBHOOK_CA")]
    pub(crate) webhook_ca: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) question: Option<ServeQuestion>,
}

/// What else is done about the service.
#[derive(Debug, Subcommand)]
pub(crate) enum ServeQuestion {
    /// Keys: who may ask what, until when
    #[command(subcommand)]
    Keys(KeysQuestion),
}

/// What is done about keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysQuestion {
    /// Make a key and show it, once: the file keeps its hash alone
    Add {
        /// Who bears it
        #[arg(long)]
        name: String,
        /// What it is good for, with commas: read, screen, write, admin
        #[arg(long, value_name = "LIST", value_delimiter = ',', required = true)]
        scope: Vec<Scope>,
        /// Days that it holds
        #[arg(long, default_value_t = 90, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: u32,
        /// File of keys [default: keys.json in the store]
        #[arg(long, value_name = "FILE")]
        keys: Option<PathBuf>,
    },
    /// List the keys, without their secrets
    List {
        /// File of keys [default: keys.json in the store]
        #[arg(long, value_name = "FILE")]
        keys: Option<PathBuf>,
    },
    /// Take a key back; a running service knows within a second or two
    Revoke {
        /// Id of the key
        id: String,
        /// File of keys [default: keys.json in the store]
        #[arg(long, value_name = "FILE")]
        keys: Option<PathBuf>,
    },
}

fn level(text: &str) -> Result<LogLevel, String> {
    match text {
        "error" => Ok(LogLevel::Error),
        "info" => Ok(LogLevel::Info),
        "requests" => Ok(LogLevel::Requests),
        _ => Err("one of error, info, requests".into()),
    }
}
