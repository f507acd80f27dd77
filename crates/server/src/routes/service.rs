//! The service itself: whether it is there, what it offers, what an error means.

use super::{Part, READ, Route, Run};
use crate::media::JSON;
use crate::problem::{Problem, codes};
use crate::reply::Reply;
use schemars::JsonSchema;
use serde::Serialize;

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
