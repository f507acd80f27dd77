//! How the service runs, and every bound it keeps.

pub use crate::auth::oidc::Oidc;
pub use crate::tls::TlsFiles;
use athar_desk::webhook::SenderSettings;
use athar_engine::Options;
pub use athar_team::HashCost;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Where the service listens unless asked otherwise.
pub const LISTEN_DEFAULT: &str = "127.0.0.1:8765";
/// Subjects of one batch.
pub const BATCH_MAX: usize = 10_000;
/// Bytes of a request's body.
pub const BODY_BYTES_MAX: usize = 8 << 20;
/// Bytes of a request's line and headers together.
pub const HEAD_BYTES_MAX: usize = 32 << 10;
/// Headers of a request.
pub const HEADERS_MAX: usize = 64;
/// Campaigns whose receipts are kept for one state of the store.
pub(crate) const CAMPAIGN_TOTALS_MAX: usize = 10_000;
/// Lists that are kept read whole.
pub(crate) const LISTS_LOADED_MAX: usize = 4;
/// Rows of a page.
pub const PAGE_MAX: u32 = 10_000;
/// Rows of a page unless asked otherwise.
pub const PAGE_DEFAULT: u32 = 100;
/// Parameters of a request, repeated ones counted each.
pub const PARAMETERS_MAX: usize = 200;
/// Engines of past days that are kept open.
pub const PAST_ENGINES_MAX: usize = 4;
/// Filings of names that are kept: one for each choice of lists.
pub const NAME_FILINGS_MAX: usize = 4;
/// Sets of policies that are kept read.
pub const POLICIES_MAX: usize = 8;
/// Jobs that wait or run.
pub const JOBS_ACTIVE_MAX: usize = 64;
/// Jobs that are kept, finished ones included.
pub const JOBS_KEPT_MAX: usize = 512;
/// Bytes of one job's result.
pub const JOB_RESULT_BYTES_MAX: usize = 128 << 20;
/// Bytes of all kept results together.
pub const JOB_RESULTS_BYTES_MAX: usize = 512 << 20;
/// How long a finished job is kept.
pub const JOB_KEPT: Duration = Duration::from_secs(3600);
/// Answers that are kept for idempotency keys.
pub const IDEMPOTENT_MAX: usize = 10_000;
/// Bytes of those answers together.
pub const IDEMPOTENT_BYTES_MAX: usize = 256 << 20;
/// How long such an answer is kept.
pub const IDEMPOTENT_KEPT: Duration = Duration::from_secs(24 * 3600);
/// How often the store and the keys are looked at for changes.
pub const WATCH_EVERY: Duration = Duration::from_secs(1);
/// How long a subject that could not be screened waits for the next attempt.
pub const RESCREEN_RETRY: Duration = Duration::from_secs(60);
/// Finds in a document that are listed; the rest is counted.
pub const FINDS_MAX: usize = 10_000;
/// Places of a document that could not be read that are listed; the rest is counted.
pub const UNREAD_MAX: usize = 1_000;
/// Bytes of a member of a document that must be in memory as a whole to be read.
pub const MEMBER_BYTES_MAX: u64 = 32 << 20;
/// Bytes that all members of a document may become when unpacked, together.
pub const UNPACKED_BYTES_MAX: u64 = 256 << 20;
/// Members of a document.
pub const MEMBERS_MAX: u64 = 100_000;
/// Lines of the log that may wait to be written; more are dropped and counted.
pub const LOG_LINES_MAX: usize = 65_536;

/// How the service runs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The store.
    pub store: PathBuf,
    /// How the store is opened: clustering, cuts, prices. The chain is that of requests that name none.
    pub options: Options,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The file of keys; `None` lets everybody in, and is taken for a loopback address only.
    pub keys: Option<PathBuf>,
    /// Threads that answer requests.
    pub workers: usize,
    /// What is logged.
    pub log: LogLevel,
    /// The bounds that the operator may set.
    pub limits: Limits,
    /// What is done beside answering.
    pub upkeep: Upkeep,
    /// How clients come here.
    pub transport: Transport,
    /// Who works here, and where their cases are.
    pub people: People,
}

/// How clients come here.
#[derive(Clone, Debug, Default)]
pub struct Transport {
    /// Certificate and key; without them the service speaks plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Whether a proxy is before it that speaks TLS to clients and says whose request it passes on.
    pub behind_proxy: bool,
}

/// Who works here, and where their cases are.
#[derive(Clone, Debug)]
pub struct People {
    /// The database of users, cases and the audit log; none: the service keeps no cases.
    pub team: Option<DatabaseUrl>,
    /// Whether a store that cannot be written is served without that database, which nobody named.
    pub team_may_be_absent: bool,
    /// How long a session lasts without a request.
    pub idle: Duration,
    /// How long a session lasts at all.
    pub absolute: Duration,
    /// Logins that may be tried, right ones not counted, from one network in a minute.
    pub logins_per_minute: u32,
    /// A provider to log in at.
    pub oidc: Option<Oidc>,
    /// What a hash of a password costs.
    pub hash: HashCost,
    /// The case that the application begins with, where the store is the demo's.
    pub demo: Option<DemoCase>,
}

impl Default for People {
    fn default() -> Self {
        Self {
            team: None,
            team_may_be_absent: false,
            idle: Duration::from_secs(30 * 60),
            absolute: Duration::from_secs(12 * 3_600),
            logins_per_minute: 60,
            oidc: None,
            hash: HashCost::default(),
            demo: None,
        }
    }
}

/// The guided case of the demo.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct DemoCase {
    /// Its number.
    pub case: i64,
    /// The address that it is about.
    pub address: String,
}

/// Where the team's database is: a path, or `postgres://USER:PASSWORD@HOST/NAME`. It is shown nowhere: it may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(pub String);

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

/// The database of a store's team, unless the operator names another.
pub fn team_default(store: &std::path::Path) -> DatabaseUrl {
    DatabaseUrl(store.join("desk").join("team.sqlite").display().to_string())
}

/// What the service does beside answering: watched subjects are screened again, changes are told.
#[derive(Clone, Debug)]
pub struct Upkeep {
    /// Whether watched subjects are screened again when the store changes.
    pub rescreen: bool,
    /// Hops that indirect exposure is followed for.
    pub hops: u32,
    /// Whether webhooks are delivered.
    pub deliver: bool,
    /// Certificates that alone are trusted for webhooks, as PEM; Mozilla's where none are given.
    pub roots: Option<Vec<u8>>,
    /// How long a delivery may take.
    pub sending: SenderSettings,
}

impl Default for Upkeep {
    fn default() -> Self {
        Self { rescreen: true, hops: 3, deliver: true, roots: None, sending: SenderSettings::default() }
    }
}

/// Bounds that the operator may set.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once; further ones wait to be accepted.
    pub connections_max: usize,
    /// Questions to the engine at once.
    pub running_max: usize,
    /// Questions that wait for their turn; further ones are told that the service is busy.
    pub waiting_max: usize,
    /// Time for a request's line and headers to arrive.
    pub head_time: Duration,
    /// Time for the body to arrive.
    pub body_time: Duration,
    /// Time for the client to take a part of the answer.
    pub write_time: Duration,
    /// Time for an answer, waiting included.
    pub request_time: Duration,
    /// Time that running requests get when the service is stopped.
    pub shutdown_time: Duration,
    /// Requests a second that each key may make; none: as many as it likes.
    pub rate: Option<u32>,
}

impl Limits {
    /// The bounds for so many threads.
    pub const fn for_workers(workers: usize) -> Self {
        Self {
            connections_max: 1_024,
            running_max: if workers < 2 { 2 } else { workers },
            waiting_max: 256,
            head_time: Duration::from_secs(10),
            body_time: Duration::from_secs(30),
            write_time: Duration::from_secs(30),
            request_time: Duration::from_secs(30),
            shutdown_time: Duration::from_secs(20),
            rate: None,
        }
    }
}

/// What is logged. Values of requests never are: no address, hash, name or parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Failures of the service.
    Error,
    /// Also its beginning and end, and when it takes up a change of the store.
    Info,
    /// Also a line for each request: route, status, time, key.
    Requests,
}
