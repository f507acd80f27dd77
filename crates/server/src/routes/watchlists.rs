//! Watchlists over HTTP: what alerts are raised for.

use super::alerts::{actor, as_actor};
use super::desk::{PAGE, after, at_desk, number, page, rows};
use super::{BodyKind, Part, READ, Route, Rows, Run, Verb};
use crate::app::clock;
use crate::keys::Scope;
use crate::media::{CSV, JSON};
use crate::problem::{Problem, codes, shown};
use crate::reply::Reply;
use crate::routes::Ask;
use crate::screenings::{may_be_absent, wrong};
use athar_desk::watch::{Flow, NewWatch, Watch, WatchImport, WatchKind, Watchlist};
use athar_desk::{Desk, Page, Registered};
use athar_engine::{Chain, Level};
use axum::http::StatusCode;
use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const TAG: &str = "watchlists";
/// Watches of one request in JSON; a CSV body may hold more.
const WATCHES_MAX: usize = 10_000;
const LIST: Part = Part { name: "name", summary: "Name of the list" };
const ONE: &[codes::Code] = &[codes::DESK_UNAVAILABLE, codes::NOT_FOUND, codes::STORAGE_FULL];

/// A list to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewList {
    /// Its name, of 1 to 64 bytes.
    name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    note: Option<String>,
    /// Who makes it, where the service asks for no key.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    actor: Option<String>,
}

/// Watches to add.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewWatches {
    /// The watches, up to 10,000; all are added or none.
    #[schemars(length(min = 1, max = 10_000))]
    watches: Vec<NewWatchBody>,
}

/// A watch to add.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewWatchBody {
    /// What it names.
    kind: WatchKind,
    /// Address, category, id of a campaign or of a pattern (`*` for any); nothing for an amount.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    value: Option<String>,
    /// The chain, by name; without it the service's for an address or entity, and every chain for the rest.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    chain: Option<String>,
    /// Which way, seen from what is watched; without it either.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    direction: Option<Flow>,
    /// Asset of the amount; without it the coin of the chain.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    asset: Option<String>,
    /// Least amount in the asset's smallest units, as digits.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    at_least_units: Option<String>,
    /// Least amount in cents of a US dollar.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    at_least_usd_cents: Option<u64>,
    /// `low`, `medium`, `high` or `severe`; of a pattern the least severity of hits that raise an alert.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    severity: Option<String>,
    /// Why it is watched.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    note: Option<String>,
}

/// What was added.
#[derive(Debug, Serialize, JsonSchema)]
struct WatchesAdded {
    /// The numbers, in the order of the request; none of a CSV body.
    registered: Vec<Registered>,
    /// How many lines were read, and how many are new.
    counts: WatchImport,
}

/// The lists.
#[derive(Debug, Serialize, JsonSchema)]
struct ListsView {
    /// All of them.
    watchlists: Vec<Watchlist>,
}

/// What was taken away.
#[derive(Debug, Serialize, JsonSchema)]
struct Removed {
    /// Watches that are gone.
    watches: u64,
}

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Verb::Post,
        path: "/v1/watchlists",
        id: "addWatchlist",
        tag: TAG,
        summary: "Makes a watchlist; one of that name is kept as it is",
        scope: Some(Scope::Write),
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<NewList>(), idempotent: true }),
        status: 201,
        shape: |g| g.subschema_for::<Registered>(),
        codes: &[codes::DESK_UNAVAILABLE, codes::FIELD_INVALID, codes::TOO_MANY, codes::STORAGE_FULL],
        run: Run::Task(|call| {
            as_actor(call, |desk, _, body, caller| {
                let given: NewList = serde_json::from_slice(body).map_err(|e| wrong(&e))?;
                let actor = actor(caller, given.actor)?;
                let added = desk.add_watchlist(&given.name, given.note.as_deref().unwrap_or(""), &actor, clock())?;
                Ok(Reply::json(&added)?.status(StatusCode::CREATED))
            })
        }),
        ..READ
    },
    Route {
        path: "/v1/watchlists",
        id: "watchlists",
        tag: TAG,
        summary: "The watchlists",
        shape: |g| g.subschema_for::<ListsView>(),
        codes: &[codes::DESK_UNAVAILABLE],
        rows: Rows::Numbered,
        run: Run::Task(|call| at_desk(call, |desk, _, _| Reply::view(&ListsView { watchlists: desk.watchlists()? }))),
        ..READ
    },
    Route {
        method: Verb::Delete,
        path: "/v1/watchlists/{name}",
        id: "removeWatchlist",
        tag: TAG,
        summary: "Deletes a watchlist with its watches; the alerts that they raised stay",
        scope: Some(Scope::Write),
        parts: &[LIST],
        shape: |g| g.subschema_for::<Removed>(),
        codes: ONE,
        rows: Rows::Numbered,
        run: Run::Task(|call| {
            at_desk(call, |desk, ask, _| Reply::json(&Removed { watches: desk.remove_watchlist(ask.part(0))? }))
        }),
        ..READ
    },
    Route {
        method: Verb::Post,
        path: "/v1/watchlists/{name}/watches",
        id: "addWatches",
        tag: TAG,
        summary: "Adds watches to a list, all or none: as JSON, or as a CSV file of addresses or with a header",
        scope: Some(Scope::Write),
        parts: &[LIST],
        body: Some(BodyKind { media: &[JSON, CSV], shape: |g| g.subschema_for::<NewWatches>(), idempotent: true }),
        status: 201,
        shape: |g| g.subschema_for::<WatchesAdded>(),
        codes: &[
            codes::DESK_UNAVAILABLE,
            codes::NOT_FOUND,
            codes::FIELD_INVALID,
            codes::CHAIN_UNKNOWN,
            codes::BATCH_EMPTY,
            codes::BATCH_TOO_LARGE,
            codes::TOO_MANY,
            codes::STORAGE_FULL,
        ],
        run: Run::Task(|call| {
            let is_csv = call.body_media == CSV;
            at_desk(call, move |desk, ask, body| add(desk, ask, body, is_csv))
        }),
        ..READ
    },
    Route {
        path: "/v1/watchlists/{name}/watches",
        id: "watches",
        tag: TAG,
        summary: "The watches of a list",
        parts: &[LIST],
        params: &[PAGE],
        shape: |g| g.subschema_for::<Page<Watch>>(),
        codes: &[codes::DESK_UNAVAILABLE, codes::NOT_FOUND],
        rows: Rows::Numbered,
        run: Run::Task(|call| {
            at_desk(call, |desk, ask, _| page(&desk.watches(Some(ask.part(0)), after(ask), rows(ask))?))
        }),
        ..READ
    },
    Route {
        method: Verb::Delete,
        path: "/v1/watches/{id}",
        id: "removeWatch",
        tag: TAG,
        summary: "Deletes one watch; the alerts that it raised stay",
        scope: Some(Scope::Write),
        parts: &[Part { name: "id", summary: "Number of the watch" }],
        shape: |g| g.subschema_for::<Removed>(),
        codes: &[codes::DESK_UNAVAILABLE, codes::NOT_FOUND, codes::TARGET_INVALID, codes::STORAGE_FULL],
        rows: Rows::Numbered,
        run: Run::Task(|call| {
            at_desk(call, |desk, ask, _| {
                desk.remove_watch(number(ask)?)?;
                Reply::json(&Removed { watches: 1 })
            })
        }),
        ..READ
    },
];

fn add(desk: &Desk, ask: &Ask, body: &Bytes, is_csv: bool) -> Result<Reply, Problem> {
    let chain = ask.store.engine.chain();
    let added = if is_csv {
        let like = NewWatch::new(WatchKind::Address, Some(chain), "");
        let counts = desk.import_watches_from(ask.part(0), &body[..], "the body", &like, clock())?;
        WatchesAdded { registered: Vec::new(), counts }
    } else {
        let NewWatches { watches } = serde_json::from_slice(body).map_err(|e| wrong(&e))?;
        match watches.len() {
            0 => return Err(Problem::new(codes::BATCH_EMPTY, "give at least one").at("watches")),
            1..=WATCHES_MAX => {}
            _ => return Err(Problem::new(codes::BATCH_TOO_LARGE, format!("at most {WATCHES_MAX}")).at("watches")),
        }
        let new = watches.into_iter().enumerate().map(|(at, watch)| {
            watch_of(watch, chain).map_err(|problem| {
                let field = problem.field.clone().unwrap_or_default();
                problem.at(format!("watches[{at}].{field}"))
            })
        });
        let registered = desk.add_watches(ask.part(0), new.collect::<Result<_, _>>()?, clock())?;
        let new = registered.iter().filter(|row| row.is_new).count() as u64;
        let lines = registered.len() as u64;
        WatchesAdded { registered, counts: WatchImport { lines, added: new, known: lines - new } }
    };
    Ok(Reply::json(&added)?.status(StatusCode::CREATED))
}

fn watch_of(given: NewWatchBody, ours: Chain) -> Result<NewWatch, Problem> {
    let needs_chain = matches!(given.kind, WatchKind::Address | WatchKind::Entity);
    let chain =
        match given.chain.as_deref() {
            None => needs_chain.then_some(ours),
            Some(name) => Some(Chain::from_name(name).ok_or_else(|| {
                Problem::new(codes::CHAIN_UNKNOWN, format!("`{}` is no chain", shown(name))).at("chain")
            })?),
        };
    let invalid = |field: &'static str, text: &str, what: &str| {
        Problem::new(codes::FIELD_INVALID, format!("`{}` is {what}", shown(text))).at(field)
    };
    let units = given.at_least_units.as_deref().map(|text| {
        let digits = Some(text).filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
        digits.and_then(|text| text.parse().ok()).ok_or_else(|| invalid("at_least_units", text, "no number of units"))
    });
    let severity = given.severity.as_deref().map(|text| {
        let level: Option<Level> = text.parse().ok().filter(|level| *level >= Level::Low);
        level.ok_or_else(|| invalid("severity", text, "none of low, medium, high, severe"))
    });
    let new = NewWatch::new(given.kind, chain, given.value.unwrap_or_default().trim());
    Ok(NewWatch {
        direction: given.direction.unwrap_or_default(),
        asset: given.asset,
        at_least_units: units.transpose()?,
        at_least_usd_cents: given.at_least_usd_cents,
        severity: severity.transpose()?.unwrap_or(new.severity),
        note: given.note.unwrap_or_default(),
        ..new
    })
}
