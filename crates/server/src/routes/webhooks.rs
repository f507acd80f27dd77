//! Who is told of changes. Whoever may set this can have the machine send requests: it asks for the scope `admin`.

use super::desk::{PAGE, after, at_desk, number, page, rows};
use super::{BodyKind, Part, READ, Route, Rows, Run, Verb};
use crate::app::clock;
use crate::keys::Scope;
use crate::media::JSON;
use crate::problem::{Problem, codes, shown};
use crate::reply::Reply;
use crate::screenings::{may_be_absent, wrong};
use athar_desk::webhook::{Delivery, Endpoint, NewEndpoint};
use athar_desk::{EventKind, Page};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const TAG: &str = "webhooks";
const CODES: &[codes::Code] = &[codes::DESK_UNAVAILABLE];
const CODES_ONE: &[codes::Code] =
    &[codes::DESK_UNAVAILABLE, codes::NOT_FOUND, codes::TARGET_INVALID, codes::STORAGE_FULL];

/// A server to tell.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewWebhook {
    /// http or https URL.
    url: String,
    /// `subject.changed`, `transfer.screened`, `alert.raised`, `alert.confirmed`, `alert.changed`, `webhook.test`; without it all.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    events: Vec<String>,
    /// Secret of the signatures, of 16 to 256 bytes; without it a new one.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    secret: Option<String>,
    /// `HOST:PORT` of the URL, where that is inside the operator's own network.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    allow_internal: Option<String>,
}

/// A server that was added.
#[derive(Debug, Serialize, JsonSchema)]
struct WebhookAdded {
    /// Its number.
    id: i64,
    /// Secret of the signatures; it is not shown again.
    secret: String,
}

/// The servers.
#[derive(Debug, Serialize, JsonSchema)]
struct WebhooksView {
    /// All of them: no more than a hundred.
    webhooks: Vec<Endpoint>,
}

/// A server that was deleted.
#[derive(Debug, Serialize, JsonSchema)]
struct WebhookRemoved {
    /// Its number.
    id: i64,
    /// True.
    removed: bool,
}

/// A delivery that is begun again.
#[derive(Debug, Serialize, JsonSchema)]
struct Replayed {
    /// How many: 1.
    replayed: u64,
}

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Verb::Post,
        path: "/v1/webhooks",
        id: "addWebhook",
        tag: TAG,
        summary: "Adds a server that is told of changes; the secret of its signatures is shown this once",
        scope: Some(Scope::Admin),
        // not kept for an idempotency key: the answer holds the secret
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<NewWebhook>(), idempotent: false }),
        status: 201,
        shape: |g| g.subschema_for::<WebhookAdded>(),
        codes: &[
            codes::DESK_UNAVAILABLE,
            codes::WEBHOOK_TARGET_REFUSED,
            codes::FIELD_INVALID,
            codes::TOO_MANY,
            codes::STORAGE_FULL,
        ],
        run: Run::Task(|call| {
            at_desk(call, |desk, _, body| {
                let given: NewWebhook = serde_json::from_slice(body).map_err(|e| wrong(&e))?;
                let event = |name: &String| {
                    let names = EventKind::ALL.map(EventKind::name).join(", ");
                    let none = || {
                        let detail = format!("`{}` is none of {names}", shown(name));
                        Problem::new(codes::FIELD_INVALID, detail).at("events")
                    };
                    EventKind::of(name).ok_or_else(none)
                };
                let events = given.events.iter().map(event).collect::<Result<_, _>>()?;
                let NewWebhook { url, secret, allow_internal, .. } = given;
                let new = NewEndpoint { url, secret, events, allow_internal };
                let (id, secret) = desk.add_endpoint(&new, clock())?;
                Ok(Reply::json(&WebhookAdded { id, secret })?.status(StatusCode::CREATED))
            })
        }),
        ..READ
    },
    Route {
        path: "/v1/webhooks",
        id: "webhooks",
        tag: TAG,
        summary: "The servers that are told of changes, without their secrets",
        scope: Some(Scope::Admin),
        shape: |g| g.subschema_for::<WebhooksView>(),
        codes: CODES,
        rows: Rows::Numbered,
        run: Run::Task(|call| at_desk(call, |desk, _, _| Reply::view(&WebhooksView { webhooks: desk.endpoints()? }))),
        ..READ
    },
    Route {
        method: Verb::Delete,
        path: "/v1/webhooks/{id}",
        id: "removeWebhook",
        tag: TAG,
        summary: "Deletes a server with its secret and its deliveries",
        scope: Some(Scope::Admin),
        parts: &[Part { name: "id", summary: "Number of the server" }],
        shape: |g| g.subschema_for::<WebhookRemoved>(),
        codes: CODES_ONE,
        rows: Rows::Numbered,
        run: Run::Task(|call| {
            at_desk(call, |desk, ask, _| {
                let id = number(ask)?;
                desk.remove_endpoint(id)?;
                Reply::json(&WebhookRemoved { id, removed: true })
            })
        }),
        ..READ
    },
    Route {
        path: "/v1/webhooks/dead",
        id: "deadDeliveries",
        tag: TAG,
        summary: "Deliveries that were given up",
        scope: Some(Scope::Admin),
        params: &[PAGE],
        shape: |g| g.subschema_for::<Page<Delivery>>(),
        codes: CODES,
        rows: Rows::Numbered,
        run: Run::Task(|call| at_desk(call, |desk, ask, _| page(&desk.deliveries("dead", after(ask), rows(ask))?))),
        ..READ
    },
    Route {
        method: Verb::Post,
        path: "/v1/webhooks/dead/{id}/replay",
        id: "replayDelivery",
        tag: TAG,
        summary: "Has a delivery that was given up sent again, from the first attempt on",
        scope: Some(Scope::Admin),
        parts: &[Part { name: "id", summary: "Number of the delivery" }],
        shape: |g| g.subschema_for::<Replayed>(),
        codes: CODES_ONE,
        rows: Rows::Numbered,
        run: Run::Task(|call| {
            at_desk(call, |desk, ask, _| match desk.replay(Some(number(ask)?), None, clock())? {
                0 => Err(Problem::new(codes::NOT_FOUND, "no delivery of this number was given up")),
                replayed => Reply::json(&Replayed { replayed }),
            })
        }),
        ..READ
    },
];
