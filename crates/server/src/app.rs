//! What all requests share.

use crate::auth::oidc::Provider;
use crate::auth::{Attempts, Rates};
use crate::generation::{Fingerprint, Generation, held};
use crate::idempotency::{AtDesk, Idempotency, InMemory};
use crate::jobs::Jobs;
use crate::keys::Keys;
use crate::log::Log;
use crate::pool::Pool;
use crate::problem::{Problem, codes};
use crate::settings::{LogLevel, Settings, WATCH_EVERY};
use crate::tls::Tls;
use crate::withdrawals::Deciding;
use arc_swap::ArcSwap;
use athar_desk::Desk;
use athar_team::Team;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

/// Questions to the team's database at once, and those that wait for their turn.
pub(crate) const TEAM_AT_ONCE: usize = 16;
const TEAM_WAITING: usize = 2_048;

/// How clients come in, made before the first request.
pub(crate) struct Doors {
    pub(crate) tls: Option<Tls>,
    pub(crate) local_csrf: String,
    pub(crate) team: Option<Arc<Team>>,
    pub(crate) local_user: Option<i64>,
    pub(crate) provider: Option<Arc<Provider>>,
}

/// What became of logins since the service was started.
#[derive(Debug, Default)]
pub(crate) struct Logins {
    pub(crate) done: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) locked: AtomicU64,
}

/// What all requests share.
pub(crate) struct App {
    pub(crate) settings: Settings,
    /// The state of the store that new requests are answered from.
    pub(crate) store: ArcSwap<Generation>,
    /// Held by whoever puts another state in its place, so that an older one never follows a newer one.
    taking_up: Mutex<()>,
    /// The keys in force; none where the service asks for none.
    pub(crate) keys: Option<ArcSwap<Keys>>,
    pub(crate) pool: Pool,
    pub(crate) rates: Rates,
    /// How often logins were tried.
    pub(crate) attempts: Attempts,
    /// The token that a browser needs for changes in local mode; new in each process.
    pub(crate) local_csrf: String,
    /// The certificate, where clients speak TLS to this service itself.
    pub(crate) tls: Option<Tls>,
    /// Users, cases and the audit log; none where the service was given no database.
    team: Option<Arc<Team>>,
    /// The user of local mode.
    pub(crate) local_user: Option<i64>,
    /// Those who ask the team's database.
    pub(crate) team_pool: Pool,
    /// The provider to log in at.
    pub(crate) provider: Option<Arc<Provider>>,
    /// Logins, for the figures.
    pub(crate) logins: Logins,
    pub(crate) jobs: Jobs,
    pub(crate) idempotency: Box<dyn Idempotency>,
    /// What decisions about withdrawals need.
    pub(crate) deciding: Deciding,
    /// What is watched; none where the store cannot be written.
    desk: Option<Arc<Desk>>,
    pub(crate) log: Log,
    /// The document of `GET /openapi.json`.
    pub(crate) openapi: bytes::Bytes,
    /// Tells one run's requests from another's.
    run: u32,
    requests: AtomicU64,
}

impl App {
    pub(crate) fn new(
        settings: Settings,
        store: Generation,
        keys: Option<Keys>,
        desk: Option<Arc<Desk>>,
        log: Log,
        doors: Doors,
    ) -> Self {
        let Doors { tls, local_csrf, team, local_user, provider } = doors;
        let mut run = [0; 4];
        // ids need not be secret: where the system gives no random numbers they are told apart by their counter alone
        let _ = getrandom::fill(&mut run);
        Self {
            pool: Pool::new(settings.limits.running_max, settings.limits.waiting_max),
            store: ArcSwap::from_pointee(store),
            keys: keys.map(ArcSwap::from_pointee),
            rates: Rates::default(),
            attempts: Attempts::default(),
            taking_up: Mutex::default(),
            local_csrf,
            tls,
            team,
            local_user,
            team_pool: Pool::new(TEAM_AT_ONCE, TEAM_WAITING),
            provider,
            logins: Logins::default(),
            jobs: Jobs::default(),
            deciding: Deciding::default(),
            idempotency: match &desk {
                Some(desk) => Box::new(AtDesk(Arc::clone(desk))),
                None => Box::new(InMemory::default()),
            },
            desk,
            log,
            openapi: bytes::Bytes::from(crate::openapi::document()),
            run: u32::from_be_bytes(run),
            requests: AtomicU64::new(0),
            settings,
        }
    }

    /// The desk.
    pub(crate) fn desk(&self) -> Result<&Arc<Desk>, Problem> {
        self.desk.as_ref().ok_or_else(|| Problem::new(codes::DESK_UNAVAILABLE, "it only reads"))
    }

    /// The database of users, cases and the audit log.
    pub(crate) fn team(&self) -> Result<&Arc<Team>, Problem> {
        self.team.as_ref().ok_or_else(|| Problem::new(codes::TEAM_UNAVAILABLE, "the service was started without one"))
    }

    /// Whether the way to browsers is encrypted, so that cookies may ask for it.
    pub(crate) fn is_secure(&self) -> bool {
        self.tls.is_some() || self.settings.transport.behind_proxy
    }

    /// A new id of a request.
    pub(crate) fn request_id(&self) -> String {
        format!("{:08x}-{:08x}", self.run, self.requests.fetch_add(1, Ordering::Relaxed))
    }
}

/// Seconds since 1970, as the desk counts them.
pub(crate) fn clock() -> i64 {
    crate::keys::now_s() as i64
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Takes up changes of the store and of the keys until the task is dropped. A state that cannot be opened leaves the old one in
/// use, with an error in the log, and is tried again when the store changes once more.
pub(crate) async fn watch(app: Arc<App>) {
    let mut failed: Option<Fingerprint> = None;
    let mut keys_seen = app.settings.keys.as_deref().map(changed);
    loop {
        tokio::time::sleep(WATCH_EVERY).await;
        let watched = Arc::clone(&app);
        let (last_failed, last_keys) = (failed.take(), keys_seen.take());
        let looked = tokio::task::spawn_blocking(move || {
            let keys = look_at_keys(&watched, last_keys);
            look_at_tls(&watched);
            (look_at_store(&watched, last_failed), keys)
        });
        if let Ok((store, keys)) = looked.await {
            (failed, keys_seen) = (store, keys);
        }
    }
}

/// Takes up what this service itself has just written, so that whoever is told that it was done finds it at the next question.
pub(crate) fn take_up(app: &App) {
    look_at_store(app, None);
}

fn look_at_store(app: &App, failed: Option<Fingerprint>) -> Option<Fingerprint> {
    let _turn = held(&app.taking_up);
    let current = app.store.load_full();
    let now = Fingerprint::of(current.folder());
    if now == current.fingerprint {
        app.deciding.note(None);
        return failed;
    }
    if failed.as_ref() == Some(&now) {
        return failed;
    }
    match Generation::open(&app.settings.store, &app.settings.options, Some(&current)) {
        Ok(next) => {
            let tip = next.engine.basis().tip_height;
            app.store.store(Arc::new(next));
            app.deciding.note(None);
            app.log.line(LogLevel::Info, "store_changed", serde_json::json!({ "tip_height": tip }));
            None
        }
        Err(error) => {
            app.deciding.note(Some(&error.to_string()));
            app.log.line(
                LogLevel::Error,
                "store_unreadable",
                serde_json::json!({ "cause": error.to_string(), "in_use": "the state before" }),
            );
            Some(now)
        }
    }
}

/// Takes up a renewed certificate. A pair of files that does not fit together leaves the old one in use.
fn look_at_tls(app: &App) {
    match app.tls.as_ref().map(Tls::look) {
        Some(Ok(true)) => app.log.line(LogLevel::Info, "certificate_changed", serde_json::json!({})),
        Some(Err(error)) => {
            let fields = serde_json::json!({ "cause": error.to_string(), "in_use": "the certificate before" });
            app.log.line(LogLevel::Error, "certificate_unreadable", fields);
        }
        Some(Ok(false)) | None => {}
    }
}

type Changed = Option<(u64, SystemTime)>;

fn changed(path: &Path) -> Changed {
    let data = std::fs::metadata(path).ok()?;
    Some((data.len(), data.modified().ok()?))
}

/// Takes up a changed file of keys. One that cannot be read leaves the old keys in force, and is tried again.
fn look_at_keys(app: &App, seen: Option<Changed>) -> Option<Changed> {
    let (path, keys) = (app.settings.keys.as_deref()?, app.keys.as_ref()?);
    let now = changed(path);
    if seen == Some(now) {
        return seen;
    }
    match Keys::read(path) {
        Ok(read) => {
            app.log.line(LogLevel::Info, "keys_changed", serde_json::json!({ "keys": read.all().len() }));
            keys.store(Arc::new(read));
            Some(now)
        }
        Err(error) => {
            app.log.line(LogLevel::Error, "keys_unreadable", serde_json::json!({ "cause": error.to_string() }));
            seen
        }
    }
}
