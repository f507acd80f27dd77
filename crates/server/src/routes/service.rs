//! The service itself: whether it is there, what it offers, what an error means.

use super::{Call, Part, READ, Route, Rows, Run, Task};
use crate::app::clock;
use crate::auth::with_team;
use crate::media::{JSON, TEXT};
use crate::metrics::{self, TeamFigures};
use crate::problem::{Problem, codes};
use crate::reply::Reply;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::atomic::Ordering;
use std::time::Duration;

const TAG: &str = "service";

/// That the service answers, and from what.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct HealthView {
    /// `ok`.
    #[schemars(with = "String")]
    pub(crate) status: &'static str,
    /// Program and version.
    pub(crate) program: String,
}

/// That the service can answer questions.
#[derive(Debug, Serialize, JsonSchema)]
struct ReadyView {
    /// `ready`.
    #[schemars(with = "String")]
    status: &'static str,
    /// The store: `ok`.
    #[schemars(with = "String")]
    store: &'static str,
    /// The database of users and cases: `ok`, or `none` where the service was started without one.
    #[schemars(with = "String")]
    database: &'static str,
}

/// How long the database has to answer.
const READY_TIME: Duration = Duration::from_secs(5);

/// Asks what the service needs, apart from the pools: a load balancer wants to know whether it is there, not whether it is busy.
fn ready(call: Call) -> Task {
    Box::pin(async move {
        let app = call.app;
        let mut silent = Vec::new();
        if !call.ask.store.folder().join("MANIFEST.json").exists() {
            silent.push("the store");
        }
        let database = match app.team().cloned() {
            Err(_) => "none",
            Ok(team) => {
                let asked = tokio::task::spawn_blocking(move || team.db().ready());
                match tokio::time::timeout(READY_TIME, asked).await {
                    Ok(Ok(Ok(()))) => {}
                    _ => silent.push("the database of users and cases"),
                }
                "ok"
            }
        };
        if silent.is_empty() {
            return Reply::json(&ReadyView { status: "ready", store: "ok", database });
        }
        Err(Problem::new(codes::NOT_READY, silent.join(", ")).retry(5))
    })
}

/// Figures of the desk and of the team. A service without one of them has none of its figures.
fn figures(call: Call) -> Task {
    Box::pin(async move {
        let (app, now) = (call.app, clock());
        let logins = [&app.logins.done, &app.logins.refused, &app.logins.locked].map(|n| n.load(Ordering::Relaxed));
        let mut team = TeamFigures { logins, ..TeamFigures::default() };
        if app.team().is_ok() {
            let (counts, waiting) = with_team(&app, move |team| Ok((team.counts(now)?, team.log().waiting()))).await?;
            (team.counts, team.audit_waiting) = (Some(counts), waiting);
        }
        let mut text = match app.desk().cloned() {
            Ok(desk) => {
                let (time, cancel) = (app.settings.limits.request_time, call.ask.cancel.clone());
                app.pool.run(time, &cancel, move || Ok(metrics::text(&desk.alert_figures(now)?, now))).await?
            }
            Err(_) => String::new(),
        };
        text.push_str(&metrics::team_text(&team));
        Ok(Reply::of(TEXT, text))
    })
}

/// What a code means.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CodeView {
    /// The code.
    #[schemars(with = "String")]
    pub(crate) code: &'static str,
    /// The status it comes with.
    pub(crate) status: u16,
    /// What it means.
    #[schemars(with = "String")]
    pub(crate) title: &'static str,
    /// The section of the documentation.
    pub(crate) documentation: String,
}

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/health",
        id: "health",
        tag: TAG,
        summary: "Whether the service answers; asks for no key and tells nothing of the store",
        scope: None,
        shape: |g| g.subschema_for::<HealthView>(),
        run: Run::Quick(|_| {
            Reply::json(&HealthView { status: "ok", program: format!("athar {}", env!("CARGO_PKG_VERSION")) })
        }),
        ..READ
    },
    Route {
        path: "/ready",
        id: "ready",
        tag: TAG,
        summary: "Whether the service can answer questions: its store and its database of users and cases are there",
        scope: None,
        shape: |g| g.subschema_for::<ReadyView>(),
        codes: &[codes::NOT_READY],
        run: Run::Task(ready),
        ..READ
    },
    Route {
        path: "/metrics",
        id: "metrics",
        tag: TAG,
        summary: "Figures for Prometheus: alerts by state, severity and stage, what waits to be delivered, logins, sessions, cases",
        media: &[TEXT],
        shape: |g| g.subschema_for::<serde_json::Value>(),
        codes: &[codes::DESK_UNAVAILABLE],
        rows: Rows::Numbered,
        run: Run::Task(figures),
        ..READ
    },
    Route {
        path: "/openapi.json",
        id: "openapi",
        tag: TAG,
        summary: "This description, OpenAPI 3.1",
        scope: None,
        shape: |_| schemars::json_schema!({ "type": "object" }),
        run: Run::Task(|call| Box::pin(async move { Ok(Reply::of(JSON, call.app.openapi.clone())) })),
        ..READ
    },
    Route {
        path: "/problems/{code}",
        id: "problem",
        tag: TAG,
        summary: "What the code of an error means",
        scope: None,
        parts: &[Part { name: "code", summary: "The code" }],
        shape: |g| g.subschema_for::<CodeView>(),
        codes: &[codes::NOT_FOUND],
        run: Run::Quick(|ask| {
            let none = || Problem::new(codes::NOT_FOUND, "there is no such code");
            let code = codes::find(ask.part(0)).ok_or_else(none)?;
            let documentation = crate::problem::documentation(code);
            Reply::json(&CodeView { code: code.name, status: code.status, title: code.title, documentation })
        }),
        ..READ
    },
];
