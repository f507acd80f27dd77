//! Long work: begun by one request, watched and fetched by others.
//!
//! A job waits for a place in the same pool as questions do, so that jobs never run beside more work than the machine is given.
//! It belongs to the key that began it; keys with the scope `admin` see all.

mod events;
pub(crate) mod import;
pub(crate) mod policy_test;
mod run;
mod table;

pub(crate) use table::{JobView, Jobs};

use crate::app::App;
use crate::auth::Caller;
use crate::generation::Generation;
use crate::keys::Scope;
use crate::media::{EVENTS, JSON};
use crate::problem::{Problem, codes};
use crate::reply::Reply;
use crate::routes::{BodyKind, Call, Part, READ, Route, Run, Verb};
use axum::http::StatusCode;
use run::JobShape;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

const TAG: &str = "jobs";
const ID: Part = Part { name: "id", summary: "Id of the job" };

/// Jobs.
#[derive(Debug, Serialize, JsonSchema)]
struct JobsView {
    /// The jobs that are kept.
    jobs: Vec<JobView>,
}

pub(crate) const ROUTES: &[Route] = &[
    Route {
        method: Verb::Post,
        path: "/v1/jobs",
        id: "beginJob",
        tag: TAG,
        summary: "Begins long work: a trace, or the screening of a batch",
        scope: Some(Scope::Screen),
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<JobShape>(), idempotent: true }),
        status: 202,
        shape: |g| g.subschema_for::<JobView>(),
        codes: &[
            codes::JOBS_FULL,
            codes::BATCH_EMPTY,
            codes::BATCH_TOO_LARGE,
            codes::POLICY_UNKNOWN,
            codes::CHAIN_UNKNOWN,
        ],
        run: Run::Task(|call| Box::pin(async move { begin(call) })),
        ..READ
    },
    Route {
        path: "/v1/jobs",
        id: "jobs",
        tag: TAG,
        summary: "The jobs of the caller, the newest first, without their results",
        scope: Some(Scope::Screen),
        shape: |g| g.subschema_for::<JobsView>(),
        run: Run::Task(|call| {
            Box::pin(async move {
                let jobs = call.app.jobs.of(&call.caller);
                Reply::json(&JobsView { jobs: jobs.iter().map(|job| job.view(false)).collect() })
            })
        }),
        ..READ
    },
    Route {
        path: "/v1/jobs/{id}",
        id: "job",
        tag: TAG,
        summary: "A job: how far it is, and its result when it is done",
        scope: Some(Scope::Screen),
        parts: &[ID],
        shape: |g| g.subschema_for::<JobView>(),
        codes: &[codes::JOB_UNKNOWN],
        run: Run::Task(|call| {
            Box::pin(async move {
                let job = call.app.jobs.find(call.ask.part(0), &call.caller)?;
                Reply::json(&job.view(true))
            })
        }),
        ..READ
    },
    Route {
        method: Verb::Delete,
        path: "/v1/jobs/{id}",
        id: "cancelJob",
        tag: TAG,
        summary: "Cancels a job: one that waits or runs ends, of a finished one the result is dropped",
        scope: Some(Scope::Screen),
        parts: &[ID],
        shape: |g| g.subschema_for::<JobView>(),
        codes: &[codes::JOB_UNKNOWN],
        run: Run::Task(|call| {
            Box::pin(async move {
                let job = call.app.jobs.find(call.ask.part(0), &call.caller)?;
                call.app.jobs.cancel(&job);
                Reply::json(&job.view(false))
            })
        }),
        ..READ
    },
    Route {
        path: "/v1/jobs/{id}/events",
        id: "jobEvents",
        tag: TAG,
        summary: "How a job goes on, as server-sent events: progress, then done, failed or cancelled",
        scope: Some(Scope::Screen),
        parts: &[ID],
        media: &[EVENTS],
        shape: |g| g.subschema_for::<JobView>(),
        codes: &[codes::JOB_UNKNOWN],
        run: Run::Task(|call| {
            Box::pin(async move {
                let job = call.app.jobs.find(call.ask.part(0), &call.caller)?;
                Ok(Reply::of(EVENTS, events::body(job)))
            })
        }),
        ..READ
    },
];

fn begin(call: Call) -> Result<Reply, Problem> {
    let work = run::read(&call.body)?;
    begin_work(call.app, call.ask.store, &call.caller, work)
}

/// Begins work as a job of the caller; the answer is how it stands.
pub(crate) fn begin_work(
    app: Arc<App>,
    store: Arc<Generation>,
    caller: &Caller,
    work: impl Into<run::Work>,
) -> Result<Reply, Problem> {
    let work = work.into();
    let job = app.jobs.begin(work.kind(), caller.key.clone())?;
    let view = job.view(false);
    tokio::spawn(run::run(app, store, job, work));
    let mut reply = Reply::json(&view)?.status(StatusCode::ACCEPTED);
    reply.location = Some(format!("/v1/jobs/{}", view.id));
    Ok(reply)
}
