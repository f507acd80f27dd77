//! Alerts over HTTP: listing them, and what people do with them. Who acts is the key that asks.

use super::desk::{PAGE, after, at_desk, number, page, rows};
use super::{BodyKind, Call, Part, READ, Route, Rows, Run, Task, Verb};
use crate::app::clock;
use crate::auth::Caller;
use crate::keys::Scope;
use crate::media::JSON;
use crate::parameters::{Kind, Param};
use crate::problem::{Problem, codes, shown};
use crate::reply::Reply;
use crate::routes::Ask;
use crate::screenings::{may_be_absent, wrong};
use athar_desk::alert::{
    Alert, AlertFigures, AlertFilter, AlertOrder, AlertState, Handled, Handling, HistoryEntry, NewSuppression, Stage,
    Suppression, SuppressionKind,
};
use athar_desk::watch::WatchKind;
use athar_desk::webhook::Endpoint;
use athar_desk::{Desk, Page};
use axum::http::StatusCode;
use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const TAG: &str = "alerts";
const ALERT: Part = Part { name: "id", summary: "Number of the alert" };
const ONE: &[codes::Code] = &[codes::DESK_UNAVAILABLE, codes::NOT_FOUND, codes::TARGET_INVALID];
const HANDLES: &[codes::Code] = &[
    codes::DESK_UNAVAILABLE,
    codes::NOT_FOUND,
    codes::TARGET_INVALID,
    codes::FIELD_INVALID,
    codes::VERSION_CONFLICT,
    codes::STATE_REFUSED,
    codes::STORAGE_FULL,
];
/// Who acts where the service asks for no key and nobody says.
const NOBODY: &str = "local";

/// What is done with an alert.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Handle {
    /// The version that was looked at; where the alert has another by now, nothing is done.
    version: i64,
    /// Why. Needed to escalate, close and reopen.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    reason: Option<String>,
    /// To whom it is assigned; without it to nobody.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    assignee: Option<String>,
    /// What is noted.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    text: Option<String>,
    /// As what it is closed: `closed_true_positive` or `closed_false_positive`.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    outcome: Option<AlertState>,
    /// Who acts, where the service asks for no key.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    actor: Option<String>,
}

/// A suppression to add.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Suppress {
    /// What is held back.
    kind: SuppressionKind,
    /// The subject, the number of the watch, or the id of the pattern.
    value: String,
    /// The chain, by name; without it every chain.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    chain: Option<String>,
    /// Why.
    reason: String,
    /// Until when, in seconds since 1970: at most a year.
    expires_at: i64,
    /// Who says so, where the service asks for no key.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    actor: Option<String>,
}

/// A suppression that was added.
#[derive(Debug, Serialize, JsonSchema)]
struct Suppressed {
    /// Its number.
    id: i64,
}

/// Whom alerts are told.
#[derive(Debug, Serialize, JsonSchema)]
struct SinksView {
    /// Webhooks, mail, syslog and files, without their secrets.
    sinks: Vec<Endpoint>,
}

/// A suppression that was lifted.
#[derive(Debug, Serialize, JsonSchema)]
struct Lifted {
    /// Its number.
    id: i64,
    /// True.
    lifted: bool,
}

const HANDLE: Route = Route {
    method: Verb::Post,
    tag: TAG,
    scope: Some(Scope::Write),
    parts: &[ALERT],
    body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<Handle>(), idempotent: true }),
    shape: |g| g.subschema_for::<Handled>(),
    codes: HANDLES,
    rows: Rows::Numbered,
    ..READ
};

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/v1/alerts",
        id: "alerts",
        tag: TAG,
        summary: "Alerts, by ascending number or in the order of work",
        params: &[
            PAGE,
            &[
                Param::new(
                    "state",
                    Kind::Word(&["open", "in_review", "escalated", "closed_true_positive", "closed_false_positive"]),
                    "Only those in a state",
                ),
                Param::new("not_closed", Kind::Boolean, "Only those that are not closed"),
                Param::new(
                    "kind",
                    Kind::Word(&["address", "entity", "category", "campaign", "pattern", "amount"]),
                    "Only those that a watch of a kind raised",
                ),
                Param::new("stage", Kind::Word(&["mempool", "block", "reorged", "dropped"]), "Only those at a stage"),
                Param::new(
                    "severity",
                    Kind::Word(&["low", "medium", "high", "severe"]),
                    "Only those as severe or more",
                ),
                Param::new("watchlist", Kind::Text(64), "Only those of a list"),
                Param::new("subject", Kind::Text(256), "Only those about a subject"),
                Param::new("txid", Kind::Text(128), "Only those of a transaction"),
                Param::new("assignee", Kind::Text(128), "Only those with a person"),
                Param::new(
                    "order",
                    Kind::Word(&["number", "work"]),
                    "By ascending number, as where it is not given, or as a desk works: most severe first, of those as severe the one that was raised first",
                ),
            ],
        ],
        shape: |g| g.subschema_for::<Page<Alert>>(),
        codes: &[codes::DESK_UNAVAILABLE],
        rows: Rows::Numbered,
        run: Run::Task(|call| {
            at_desk(call, |desk, ask, _| {
                let text = |name: &str| ask.given.get(name).map(str::to_owned);
                let filter = AlertFilter {
                    state: ask.given.get("state").and_then(AlertState::of),
                    not_closed: ask.given.is("not_closed"),
                    kind: ask.given.get("kind").and_then(WatchKind::of),
                    stage: ask.given.get("stage").and_then(Stage::of),
                    severity: ask.given.parsed("severity"),
                    watchlist: text("watchlist"),
                    subject: text("subject"),
                    txid: text("txid"),
                    assignee: text("assignee"),
                    order: ask.given.get("order").and_then(AlertOrder::of).unwrap_or_default(),
                };
                page(&desk.alerts(&filter, after(ask), rows(ask))?)
            })
        }),
        ..READ
    },
    Route {
        path: "/v1/alerts/figures",
        id: "alertFigures",
        tag: TAG,
        summary: "How many alerts there are by state, severity and stage, the oldest that is open, and what waits to be delivered",
        shape: |g| g.subschema_for::<AlertFigures>(),
        codes: &[codes::DESK_UNAVAILABLE],
        rows: Rows::Numbered,
        run: Run::Task(|call| at_desk(call, |desk, _, _| Reply::view(&desk.alert_figures(clock())?))),
        ..READ
    },
    Route {
        path: "/v1/alerts/sinks",
        id: "alertSinks",
        tag: TAG,
        summary: "Whom alerts are told, without secrets; sinks that are no webhooks are added on the machine itself",
        scope: Some(Scope::Admin),
        shape: |g| g.subschema_for::<SinksView>(),
        codes: &[codes::DESK_UNAVAILABLE],
        rows: Rows::Numbered,
        run: Run::Task(|call| at_desk(call, |desk, _, _| Reply::view(&SinksView { sinks: desk.endpoints()? }))),
        ..READ
    },
    Route {
        path: "/v1/alerts/{id}",
        id: "alert",
        tag: TAG,
        summary: "An alert with its evidence",
        parts: &[ALERT],
        shape: |g| g.subschema_for::<Alert>(),
        codes: ONE,
        rows: Rows::Numbered,
        run: Run::Task(|call| at_desk(call, |desk, ask, _| Reply::view(&alert(desk, ask)?))),
        ..READ
    },
    Route {
        path: "/v1/alerts/{id}/history",
        id: "alertHistory",
        tag: TAG,
        summary: "Everything that happened to an alert",
        parts: &[ALERT],
        params: &[PAGE],
        shape: |g| g.subschema_for::<Page<HistoryEntry>>(),
        codes: ONE,
        rows: Rows::Numbered,
        run: Run::Task(|call| {
            at_desk(call, |desk, ask, _| page(&desk.alert_history(alert(desk, ask)?.id, after(ask), rows(ask))?))
        }),
        ..READ
    },
    Route {
        path: "/v1/alerts/{id}/assign",
        id: "assignAlert",
        summary: "Gives an alert to somebody, or to nobody",
        run: Run::Task(|call| handle(call, |given| Ok(Handling::Assign { to: given.assignee }))),
        ..HANDLE
    },
    Route {
        path: "/v1/alerts/{id}/note",
        id: "noteAlert",
        summary: "Writes something down about an alert",
        run: Run::Task(|call| handle(call, |given| Ok(Handling::Note { text: given.text.unwrap_or_default() }))),
        ..HANDLE
    },
    Route {
        path: "/v1/alerts/{id}/review",
        id: "reviewAlert",
        summary: "Begins to look at an alert; also takes back a closing that waits for a second person",
        run: Run::Task(|call| handle(call, |given| Ok(Handling::Review { reason: given.reason.unwrap_or_default() }))),
        ..HANDLE
    },
    Route {
        path: "/v1/alerts/{id}/escalate",
        id: "escalateAlert",
        summary: "Hands an alert on",
        run: Run::Task(|call| {
            handle(call, |given| Ok(Handling::Escalate { reason: given.reason.unwrap_or_default() }))
        }),
        ..HANDLE
    },
    Route {
        path: "/v1/alerts/{id}/close",
        id: "closeAlert",
        summary: "Closes an alert; a severe one stays as it is until a second key confirms the same",
        run: Run::Task(|call| {
            handle(call, |given| {
                let is_true = match given.outcome {
                    Some(AlertState::ClosedTruePositive) => true,
                    Some(AlertState::ClosedFalsePositive) => false,
                    _ => {
                        let detail = "closed_true_positive or closed_false_positive";
                        return Err(Problem::new(codes::FIELD_INVALID, detail).at("outcome"));
                    }
                };
                Ok(Handling::Close { is_true, reason: given.reason.unwrap_or_default() })
            })
        }),
        ..HANDLE
    },
    Route {
        path: "/v1/alerts/{id}/reopen",
        id: "reopenAlert",
        summary: "Opens a closed alert again",
        run: Run::Task(|call| handle(call, |given| Ok(Handling::Reopen { reason: given.reason.unwrap_or_default() }))),
        ..HANDLE
    },
    Route {
        method: Verb::Post,
        path: "/v1/suppressions",
        id: "suppressAlerts",
        tag: TAG,
        summary: "Holds alerts back, of a subject, a watch or a pattern, until a time and for a reason",
        scope: Some(Scope::Write),
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<Suppress>(), idempotent: true }),
        status: 201,
        shape: |g| g.subschema_for::<Suppressed>(),
        codes: &[codes::DESK_UNAVAILABLE, codes::FIELD_INVALID, codes::NOT_FOUND, codes::TOO_MANY, codes::STORAGE_FULL],
        run: Run::Task(|call| {
            as_actor(call, |desk, _, body, caller| {
                let given: Suppress = serde_json::from_slice(body).map_err(|e| wrong(&e))?;
                let actor = actor(caller, given.actor)?;
                let Suppress { kind, value, chain, reason, expires_at, .. } = given;
                if let Some(name) = chain.as_deref()
                    && athar_engine::Chain::from_name(name).is_none()
                {
                    let detail = format!("`{}` is no chain", shown(name));
                    return Err(Problem::new(codes::FIELD_INVALID, detail).at("chain"));
                }
                let new = NewSuppression { kind, value, chain, reason, expires_at };
                let id = desk.suppress(&new, &actor, clock())?;
                Ok(Reply::json(&Suppressed { id })?.status(StatusCode::CREATED))
            })
        }),
        ..READ
    },
    Route {
        path: "/v1/suppressions",
        id: "suppressions",
        tag: TAG,
        summary: "Suppressions, those that have ended too, and how much each held back",
        params: &[PAGE],
        shape: |g| g.subschema_for::<Page<Suppression>>(),
        codes: &[codes::DESK_UNAVAILABLE],
        rows: Rows::Numbered,
        run: Run::Task(|call| at_desk(call, |desk, ask, _| page(&desk.suppressions(after(ask), rows(ask))?))),
        ..READ
    },
    Route {
        method: Verb::Delete,
        path: "/v1/suppressions/{id}",
        id: "liftSuppression",
        tag: TAG,
        summary: "Ends a suppression before its time; it stays on the list",
        scope: Some(Scope::Write),
        parts: &[Part { name: "id", summary: "Number of the suppression" }],
        shape: |g| g.subschema_for::<Lifted>(),
        codes: &[codes::DESK_UNAVAILABLE, codes::NOT_FOUND, codes::TARGET_INVALID, codes::STORAGE_FULL],
        rows: Rows::Numbered,
        run: Run::Task(|call| {
            as_actor(call, |desk, ask, _, caller| {
                let id = number(ask)?;
                desk.lift(id, &actor(caller, None)?, clock())?;
                Reply::json(&Lifted { id, lifted: true })
            })
        }),
        ..READ
    },
];

/// As `at_desk`, with whose request it is.
pub(super) fn as_actor(
    call: Call,
    work: impl FnOnce(&Desk, &Ask, &Bytes, &Caller) -> Result<Reply, Problem> + Send + 'static,
) -> Task {
    let caller = call.caller.clone();
    at_desk(call, move |desk, ask, body| work(desk, ask, body, &caller))
}

/// Who acts: the key that asks. Only where the service asks for none may the request say.
pub(super) fn actor(caller: &Caller, given: Option<String>) -> Result<String, Problem> {
    match (&caller.key, given) {
        (Some(_), Some(_)) => {
            Err(Problem::new(codes::FIELD_INVALID, "the key of the request says who acts").at("actor"))
        }
        (Some(key), None) => Ok(key.to_string()),
        (None, given) => Ok(given.unwrap_or_else(|| NOBODY.to_owned())),
    }
}

fn alert(desk: &Desk, ask: &Ask) -> Result<Alert, Problem> {
    let none = || Problem::new(codes::NOT_FOUND, "no alert has this number");
    desk.alert(number(ask)?)?.ok_or_else(none)
}

fn handle(call: Call, what: fn(Handle) -> Result<Handling, Problem>) -> Task {
    as_actor(call, move |desk, ask, body, caller| {
        let mut given: Handle = serde_json::from_slice(body).map_err(|e| wrong(&e))?;
        let (actor, version) = (actor(caller, given.actor.take())?, given.version);
        Reply::view(&desk.handle(number(ask)?, &what(given)?, &actor, Some(version), clock())?)
    })
}
