//! `athar serve`: the engine over HTTP, for programs in any language.
//!
//! The table of routes ([`routes`]) says what is asked where; every request goes through the same steps (`handle`), and every
//! error has a stable code ([`problem::codes`]). The store is opened once and shared; a commit is opened beside and put in its
//! place (`generation`), so that a request sees one state from its beginning to its end. Work of the engine runs in a bounded
//! pool (`pool`), direct screenings on the thread that received them.

mod app;
mod auth;
mod compat;
mod csv;
mod cursor;
mod error;
mod generation;
mod handle;
mod headers;
pub mod idempotency;
mod jobs;
pub mod keys;
mod log;
mod media;
mod metrics;
mod net;
mod openapi;
mod pages;
mod parameters;
mod pool;
pub mod problem;
mod reply;
pub mod routes;
mod screenings;
mod settings;
mod tls;
mod upkeep;
mod withdrawals;

pub use error::ServeError;
pub use openapi::document as openapi_document;
pub use settings::*;

use app::App;
use athar_desk::{Desk, DeskError, VaultError};
use athar_team::{NewPassword, NewUser, Role, SessionRules, Team, TeamError};
use generation::Generation;
use std::future::Future;
use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Threads that keep answers for idempotency keys: the desk writes one after the other anyway.
const KEEPERS: usize = 4;
/// Threads that read the policy of decisions and keep them: those that keep at the same time share one commit.
const DECIDERS: usize = 16;
/// The name of the user of local mode.
const LOCAL_USER: &str = "local";

/// The desk of a store; none where the system lets nobody write there.
fn desk_of(store: &std::path::Path, log: &log::Log) -> Result<Option<Arc<Desk>>, ServeError> {
    match Desk::open(store) {
        Ok(desk) => Ok(Some(Arc::new(desk))),
        Err(DeskError::Vault(VaultError::Io { source, .. }))
            if matches!(source.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) =>
        {
            log.line(LogLevel::Info, "read_only", serde_json::json!({ "cause": source.to_string() }));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// The team's database, with the times of sessions as asked.
fn open_team(url: &DatabaseUrl, people: &People) -> Result<Team, ServeError> {
    let seconds = |time: std::time::Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    let rules =
        SessionRules { idle_s: seconds(people.idle), absolute_s: seconds(people.absolute), ..SessionRules::default() };
    Ok(Team::open(&url.0)?.with_sessions(rules).with_hash_cost(people.hash))
}

/// The user whose cases those of local mode are. Nobody can log in as it: it has no password.
///
/// # Errors
/// Where the database cannot be asked.
pub fn local_user(team: &Team) -> Result<i64, ServeError> {
    if let Some(user) = team.user_by_name(LOCAL_USER)? {
        return Ok(user.id);
    }
    let new = NewUser {
        name: LOCAL_USER.into(),
        display: LOCAL_USER.into(),
        role: Role::Viewer,
        language: "und".into(),
        password: NewPassword::None,
    };
    Ok(team.create_user(&athar_team::Actor::System, app::clock(), &new)?.0.id)
}

/// A service whose store is open and whose address is taken; nothing is answered before [`run`](Self::run).
#[derive(Debug)]
pub struct Server {
    runtime: tokio::runtime::Runtime,
    app: Arc<App>,
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Opens the store and takes the address. `log` is where the log goes.
    pub fn bind(settings: Settings, log: impl Write + Send + 'static) -> Result<Self, ServeError> {
        let listen = settings.listen;
        if settings.keys.is_none() && !listen.ip().is_loopback() {
            return Err(ServeError::OpenToAll { listen });
        }
        let keys = settings.keys.as_deref().map(keys::Keys::read).transpose()?;
        let team = match settings.people.team.as_ref().map(|url| open_team(url, &settings.people)) {
            Some(Err(ServeError::Team(TeamError::Io { source, .. })))
                if settings.people.team_may_be_absent
                    && matches!(source.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) =>
            {
                None
            }
            opened => opened.transpose()?,
        };
        if let (Some(keys), Some(path)) = (&keys, &settings.keys) {
            let has_people = team.as_ref().map_or(Ok(false), Team::has_admin)?;
            if !keys.any_in_force(keys::now_s()) && !has_people {
                return Err(ServeError::NoKeys { path: path.clone() });
            }
        }
        let provider =
            settings.people.oidc.clone().map(auth::oidc::Provider::new).transpose().map_err(ServeError::Oidc)?;
        let local_user = match &team {
            Some(team) if settings.keys.is_none() => Some(local_user(team)?),
            _ => None,
        };
        let doors = app::Doors {
            tls: settings.transport.tls.as_ref().map(tls::Tls::open).transpose()?,
            local_csrf: auth::token().map_err(ServeError::Random)?,
            team: team.map(Arc::new),
            local_user,
            provider: provider.map(Arc::new),
        };
        let store = Generation::open(&settings.store, &settings.options, None)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(settings.workers.max(1))
            // the pools' questions, the watch over the store, and those that keep answers for idempotency keys
            .max_blocking_threads(settings.limits.running_max + 2 + KEEPERS + DECIDERS + app::TEAM_AT_ONCE)
            .thread_name("serve")
            .enable_all()
            .build()
            .map_err(|source| ServeError::System { what: "cannot start threads", source })?;
        let bound = runtime.block_on(async { net::listen(listen) });
        let listener = bound.map_err(|source| ServeError::Listen { listen, source })?;
        let address = listener.local_addr().map_err(|source| ServeError::Listen { listen, source })?;
        let log = log::Log::new(settings.log, log);
        let desk = desk_of(&settings.store, &log)?;
        let app = Arc::new(App::new(settings, store, keys, desk, log, doors));
        Ok(Self { runtime, app, listener, address })
    }

    /// Where it listens: with port 0 asked for, the one that the system gave.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether everybody is let in, or somebody can log in with a browser.
    pub fn has_people(&self) -> bool {
        self.app.keys.is_none()
            || self.app.provider.is_some()
            || self.app.team().is_ok_and(|team| team.has_admin().unwrap_or(true))
    }

    /// The team's database, where there is one.
    pub fn team(&self) -> Option<Arc<Team>> {
        self.app.team().ok().cloned()
    }

    /// Answers until `stop` is ready, then ends what runs. Gives the number of connections that had to be cut.
    pub fn run(self, stop: impl Future<Output = ()>) -> usize {
        let Self { runtime, app, listener, address } = self;
        let router = handle::router(&app);
        let time = app.settings.limits.shutdown_time;
        let cut = runtime.block_on(async {
            let fields = serde_json::json!({
                "listen": address.to_string(),
                "keys": app.settings.keys.is_some(),
                "workers": app.settings.workers,
                "chain": app.store.load().engine.chain().name(),
            });
            app.log.line(LogLevel::Info, "serving", fields);
            let watch = tokio::spawn(app::watch(Arc::clone(&app)));
            let keeping = upkeep::begin(&app);
            let cut = net::serve(&app, listener, router, stop).await;
            watch.abort();
            keeping.end(time).await;
            app.log.line(LogLevel::Info, "stopped", serde_json::json!({ "connections_cut": cut }));
            cut
        });
        runtime.shutdown_timeout(time);
        cut
    }

    /// Answers until the process is asked to end, by Ctrl-C or SIGTERM.
    pub fn run_until_signal(self) -> usize {
        self.run(async {
            #[cfg(unix)]
            {
                use tokio::signal::unix::{SignalKind, signal};
                if let Ok(mut term) = signal(SignalKind::terminate()) {
                    tokio::select! {
                        _ = tokio::signal::ctrl_c() => {}
                        _ = term.recv() => {}
                    }
                    return;
                }
            }
            let _ = tokio::signal::ctrl_c().await;
        })
    }
}
