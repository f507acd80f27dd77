//! The words of `athar serve`.

use super::TeamPlace;
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
    /// Local mode, without keys and logins: on a loopback address only, where everybody at this machine is let in
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
    #[command(flatten)]
    pub(crate) place: TeamPlace,
    /// PEM file of the certificate and those that sign it: the service then speaks TLS; read again when it changes
    #[arg(long, value_name = "FILE", requires = "tls_key", help_heading = "Transport")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// PEM file of the certificate's private key
    #[arg(long, value_name = "FILE", requires = "tls_cert", help_heading = "Transport")]
    pub(crate) tls_key: Option<PathBuf>,
    /// A proxy with TLS is before the service: believe its X-Forwarded-For and X-Forwarded-Proto, give cookies for TLS alone
    #[arg(long, help_heading = "Transport")]
    pub(crate) behind_proxy: bool,
    /// Minutes without a request after which a session ends
    #[arg(long, default_value_t = 30, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(1..=1_440), help_heading = "People")]
    pub(crate) session_idle: u32,
    /// Hours after which a session ends in any case
    #[arg(long, default_value_t = 12, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(1..=168), help_heading = "People")]
    pub(crate) session_hours: u32,
    /// Logins that may be tried from one network in a minute, right ones not counted
    #[arg(long, default_value_t = 60, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000), help_heading = "People")]
    pub(crate) login_rate: u32,
    /// Let people log in at this provider of OpenID Connect, named exactly as it calls itself
    #[arg(long, value_name = "URL", env = "ATHAR_OIDC_ISSUER", requires = "oidc_client_id", help_heading = "People")]
    pub(crate) oidc_issuer: Option<String>,
    /// What the provider calls this service
    #[arg(long, value_name = "ID", env = "ATHAR_OIDC_CLIENT_ID", requires = "oidc_issuer", help_heading = "People")]
    pub(crate) oidc_client_id: Option<String>,
    /// File with the secret of this service with the provider [or the environment variable ATHAR_OIDC_CLIENT_SECRET]
    #[arg(long, value_name = "FILE", requires = "oidc_issuer", help_heading = "People")]
    pub(crate) oidc_client_secret_file: Option<PathBuf>,
    /// Name of the provider on the button
    #[arg(long, default_value = "OpenID Connect", value_name = "NAME", help_heading = "People")]
    pub(crate) oidc_name: String,
    /// Make a viewer of everybody whom the provider lets in; without it only users who were made before come in
    #[arg(long, requires = "oidc_issuer", help_heading = "People")]
    pub(crate) oidc_make_users: bool,
    /// PEM file of the only certificates to trust for the provider [default: Mozilla's]
    #[arg(long, value_name = "FILE", requires = "oidc_issuer", help_heading = "People")]
    pub(crate) oidc_ca: Option<PathBuf>,
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
        /// What it is good for, with commas: read, screen, write, admin, case_read, case_write, supervise
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
