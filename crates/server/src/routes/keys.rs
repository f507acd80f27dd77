//! Keys of programs, over HTTP as on the command line.

use super::{BodyKind, Call, Part, READ, Route, Rows, Run, Task, Verb};
use crate::app::{App, clock};
use crate::auth::{Caller, with_team};
use crate::keys::{self, DAYS_MAX, Key, Keys, Scope, Standing, now_s};
use crate::media::JSON;
use crate::problem::{Problem, codes};
use crate::reply::Reply;
use crate::screenings::{may_be_absent, wrong};
use athar_team::{Entry, Target};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

const TAG: &str = "team";
const CODES: &[codes::Code] = &[codes::STORAGE_FULL, codes::TOO_MANY, codes::NOT_FOUND, codes::FIELD_INVALID];

/// A key, without its secret.
#[derive(Debug, Serialize, JsonSchema)]
struct KeyView {
    /// Names it in the log.
    id: String,
    /// Who bears it.
    name: String,
    /// What it is good for.
    scopes: Vec<Scope>,
    /// When it was made, seconds since 1970.
    created_s: u64,
    /// From when it holds no longer, seconds since 1970.
    expires_s: u64,
    /// `in_force`, `expired` or `revoked`.
    #[schemars(with = "String")]
    standing: Standing,
}

impl KeyView {
    fn of(key: &Key) -> Self {
        let Key { id, name, scopes, created_s, expires_s, .. } = key.clone();
        Self { id, name, scopes, created_s, expires_s, standing: key.standing(now_s()) }
    }
}

/// The keys.
#[derive(Debug, Serialize, JsonSchema)]
struct KeysView {
    /// All of them.
    keys: Vec<KeyView>,
}

/// A key to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewKey {
    /// Who bears it.
    name: String,
    /// What it is good for.
    scopes: Vec<Scope>,
    /// Days that it holds, 1 to 3650.
    #[serde(default = "quarter", skip_serializing_if = "may_be_absent")]
    days: u32,
}

const fn quarter() -> u32 {
    90
}

/// A key that was made.
#[derive(Serialize, JsonSchema)]
struct KeyMade {
    /// The key.
    key: KeyView,
    /// What a program sends: it is shown this once.
    token: String,
}

const ADMIN: Route = Route { tag: TAG, scope: Some(Scope::Admin), rows: Rows::Numbered, codes: CODES, ..READ };

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/v1/keys",
        id: "keys",
        summary: "The keys of programs, without their secrets",
        shape: |g| g.subschema_for::<KeysView>(),
        run: Run::Task(|call| {
            Box::pin(async move {
                let path = file(&call.app);
                let read = at_file(move || Keys::read(&path)).await?;
                audited(&call.app, &call.caller, "key.list", Target::None).await?;
                Reply::json(&KeysView { keys: read.all().iter().map(KeyView::of).collect() })
            })
        }),
        ..ADMIN
    },
    Route {
        method: Verb::Post,
        path: "/v1/keys",
        id: "addKey",
        summary: "Makes a key of a program; it is shown this once",
        // not kept for an idempotency key: the answer holds the key
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<NewKey>(), idempotent: false }),
        status: 201,
        shape: |g| g.subschema_for::<KeyMade>(),
        run: Run::Task(add),
        ..ADMIN
    },
    Route {
        method: Verb::Delete,
        path: "/v1/keys/{id}",
        id: "revokeKey",
        summary: "Takes a key back",
        parts: &[Part { name: "id", summary: "Id of the key" }],
        status: 204,
        run: Run::Task(revoke),
        ..ADMIN
    },
];

/// The file of keys: in local mode the one that a service for a team would read.
fn file(app: &App) -> PathBuf {
    app.settings.keys.clone().unwrap_or_else(|| keys::default_file(&app.settings.store))
}

async fn at_file<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, crate::ServeError> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|e| Problem::internal(e.to_string()))?;
    done.map_err(|e| Problem::internal(e.to_string()))
}

/// Puts what is done about a key into the audit log, where there is one, before it is done.
async fn audited(app: &App, caller: &Caller, action: &'static str, target: Target) -> Result<(), Problem> {
    if app.team().is_err() {
        return Ok(());
    }
    let entry = Entry::new(clock(), caller.in_audit(), action, target);
    with_team(app, move |team| Ok(team.append_read(entry).map(drop)?)).await
}

/// The next request is let in, or not, by the file as it is now.
async fn take_up(app: &App) -> Result<(), Problem> {
    if let (Some(keys), Some(path)) = (&app.keys, app.settings.keys.clone()) {
        keys.store(Arc::new(at_file(move || Keys::read(&path)).await?));
    }
    Ok(())
}

fn add(call: Call) -> Task {
    Box::pin(async move {
        let Call { app, caller, body, .. } = call;
        let NewKey { name, scopes, days } = serde_json::from_slice(&body).map_err(|e| wrong(&e))?;
        let invalid = |field, detail: String| Err(Problem::new(codes::FIELD_INVALID, detail).at(field));
        if name.trim().is_empty() || name.chars().count() > keys::NAME_MAX || name.chars().any(char::is_control) {
            return invalid("name", format!("it has 1 to {} characters and no control characters", keys::NAME_MAX));
        }
        if scopes.is_empty() {
            return invalid("scopes", "give at least one".into());
        }
        if !(1..=DAYS_MAX).contains(&days) {
            return invalid("days", format!("1 to {DAYS_MAX}"));
        }
        audited(&app, &caller, "key.create", Target::None).await?;
        let path = file(&app);
        let (key, token) = at_file(move || keys::add(&path, &name, &scopes, days, now_s())).await?;
        take_up(&app).await?;
        Ok(Reply::json(&KeyMade { key: KeyView::of(&key), token })?.status(StatusCode::CREATED))
    })
}

fn revoke(call: Call) -> Task {
    Box::pin(async move {
        let Call { app, caller, ask, .. } = call;
        let (path, id) = (file(&app), ask.part(0).to_owned());
        let known = at_file({
            let path = path.clone();
            move || Keys::read(&path)
        });
        if !known.await?.all().iter().any(|key| key.id == id) {
            return Err(Problem::new(codes::NOT_FOUND, "no key has this id"));
        }
        audited(&app, &caller, "key.revoke", Target::id("key", &id)).await?;
        at_file(move || keys::revoke(&path, &id, now_s())).await?;
        take_up(&app).await?;
        Ok(Reply::none())
    })
}
