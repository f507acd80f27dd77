//! What is watched, what was answered about it, what changed.

use super::{BodyKind, Call, Part, READ, Route, Rows, Run, Task, Verb};
use crate::app::clock;
use crate::keys::Scope;
use crate::media::JSON;
use crate::parameters::{Kind, Param};
use crate::problem::{Problem, codes, shown};
use crate::reply::Reply;
use crate::routes::Ask;
use crate::screenings::{may_be_absent, wrong};
use athar_desk::{Change, Desk, NewSubject, Page, REGISTER_MAX, Registered, Screening, Subject, SubjectKind, Way};
use athar_engine::Chain;
use axum::http::StatusCode;
use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const TAG: &str = "desk";
/// A page of a list of the desk. Rows have numbers that ascend and never change.
pub(super) const PAGE: &[Param] = &[
    Param::new("limit", Kind::Integer(1, athar_desk::PAGE_MAX as u64, Some(100)), "Rows of the page"),
    Param::new("cursor", Kind::Text(100), "Where the page before ended, from its Link header"),
];
const SUBJECT: Part = Part { name: "id", summary: "Number of the subject" };
const READS: &[codes::Code] = &[codes::DESK_UNAVAILABLE];
const READS_ONE: &[codes::Code] = &[codes::DESK_UNAVAILABLE, codes::NOT_FOUND, codes::TARGET_INVALID];

/// Transfers to register.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Transfers {
    /// The transfers, up to 10,000; all are registered or none.
    #[schemars(length(min = 1, max = 10_000))]
    transfers: Vec<Transfer>,
}

/// A transfer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Transfer {
    /// `txid:vout`, or `txid:address`. The chain need not have it yet.
    transfer: String,
    /// `received`: where the money came from is screened. `sent`: whom it goes to.
    direction: Way,
    /// The chain, by name; without it the service's.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    chain: Option<String>,
    /// The asset; without it the coin of the chain.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    asset: Option<String>,
    /// The amount in the asset's smallest units, as digits.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    amount_units: Option<String>,
    /// Your own reference.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    reference: Option<String>,
    /// Pseudonym of the customer; never a name.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    customer: Option<String>,
    /// Until when it is watched, in seconds since 1970; for good where nothing is given.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    monitor_until: Option<i64>,
}

/// What was registered.
#[derive(Debug, Serialize, JsonSchema)]
struct RegisteredView {
    /// The numbers, in the order of the request.
    registered: Vec<Registered>,
}

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Verb::Post,
        path: "/v1/transfers",
        id: "registerTransfers",
        tag: TAG,
        summary: "Registers transfers: each is screened when the chain has it, and again when what is known of it changes",
        scope: Some(Scope::Write),
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<Transfers>(), idempotent: true }),
        status: 201,
        shape: |g| g.subschema_for::<RegisteredView>(),
        codes: &[
            codes::DESK_UNAVAILABLE,
            codes::BATCH_EMPTY,
            codes::BATCH_TOO_LARGE,
            codes::FIELD_INVALID,
            codes::CHAIN_UNKNOWN,
        ],
        run: Run::Task(|call| at_desk(call, register)),
        ..READ
    },
    Route {
        path: "/v1/transfers",
        id: "transfers",
        tag: TAG,
        summary: "Registered transfers",
        params: &[PAGE],
        shape: |g| g.subschema_for::<Page<Subject>>(),
        codes: READS,
        rows: Rows::Numbered,
        run: Run::Task(|call| {
            at_desk(call, |desk, ask, _| page(&desk.subjects(Some(SubjectKind::Transfer), after(ask), rows(ask))?))
        }),
        ..READ
    },
    Route {
        path: "/v1/subjects",
        id: "subjects",
        tag: TAG,
        summary: "Watched subjects",
        params: &[
            PAGE,
            &[Param::new(
                "kind",
                Kind::Word(&["address", "output", "transaction", "withdrawal_attempt", "transfer"]),
                "Only those of a kind",
            )],
        ],
        shape: |g| g.subschema_for::<Page<Subject>>(),
        codes: READS,
        rows: Rows::Numbered,
        run: Run::Task(|call| {
            at_desk(call, |desk, ask, _| {
                let kind = match ask.given.get("kind") {
                    Some("address") => Some(SubjectKind::Address),
                    Some("output") => Some(SubjectKind::Output),
                    Some("transaction") => Some(SubjectKind::Transaction),
                    Some("withdrawal_attempt") => Some(SubjectKind::WithdrawalAttempt),
                    Some("transfer") => Some(SubjectKind::Transfer),
                    _ => None,
                };
                page(&desk.subjects(kind, after(ask), rows(ask))?)
            })
        }),
        ..READ
    },
    Route {
        path: "/v1/subjects/{id}",
        id: "subject",
        tag: TAG,
        summary: "A watched subject",
        parts: &[SUBJECT],
        shape: |g| g.subschema_for::<Subject>(),
        codes: READS_ONE,
        rows: Rows::Numbered,
        run: Run::Task(|call| at_desk(call, |desk, ask, _| Reply::view(&subject(desk, ask)?))),
        ..READ
    },
    Route {
        path: "/v1/subjects/{id}/screenings",
        id: "subjectScreenings",
        tag: TAG,
        summary: "Every screening of a watched subject",
        parts: &[SUBJECT],
        params: &[PAGE],
        shape: |g| g.subschema_for::<Page<Screening>>(),
        codes: READS_ONE,
        rows: Rows::Numbered,
        run: Run::Task(|call| {
            at_desk(call, |desk, ask, _| page(&desk.screenings(Some(subject(desk, ask)?.id), after(ask), rows(ask))?))
        }),
        ..READ
    },
    Route {
        path: "/v1/changes",
        id: "changes",
        tag: TAG,
        summary: "Answers that changed, and why",
        params: &[PAGE, &[Param::new("subject", Kind::Integer(1, i64::MAX as u64, None), "Only those of a subject")]],
        shape: |g| g.subschema_for::<Page<Change>>(),
        codes: READS,
        rows: Rows::Numbered,
        run: Run::Task(|call| {
            at_desk(call, |desk, ask, _| page(&desk.changes(ask.given.parsed("subject"), after(ask), rows(ask))?))
        }),
        ..READ
    },
];

/// Asks the desk, in the pool: it reads and writes files.
pub(super) fn at_desk(
    call: Call,
    work: impl FnOnce(&Desk, &Ask, &Bytes) -> Result<Reply, Problem> + Send + 'static,
) -> Task {
    Box::pin(async move {
        let Call { app, ask, body, .. } = call;
        let (desk, time, cancel) = (app.desk()?.clone(), app.settings.limits.request_time, ask.cancel.clone());
        app.pool.run(time, &cancel, move || work(&desk, &ask, &body)).await
    })
}

pub(super) fn after(ask: &Ask) -> i64 {
    i64::try_from(ask.offset).unwrap_or(i64::MAX)
}

pub(super) fn rows(ask: &Ask) -> u32 {
    ask.limit as u32
}

/// A page, with the number after which the next one begins.
pub(super) fn page<T: Serialize>(page: &Page<T>) -> Result<Reply, Problem> {
    let mut reply = Reply::view(page)?;
    reply.next = page.next.and_then(|next| u64::try_from(next).ok());
    Ok(reply)
}

/// The number in a path.
pub(crate) fn number(ask: &Ask) -> Result<i64, Problem> {
    let text = ask.part(0);
    let is_number = text.bytes().all(|b| b.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|_| is_number)
        .ok_or_else(|| Problem::new(codes::TARGET_INVALID, format!("`{}` is no number of a row", shown(text))).at("id"))
}

fn subject(desk: &Desk, ask: &Ask) -> Result<Subject, Problem> {
    let none = || Problem::new(codes::NOT_FOUND, "no subject has this number");
    desk.subject(number(ask)?)?.ok_or_else(none)
}

fn register(desk: &Desk, ask: &Ask, body: &Bytes) -> Result<Reply, Problem> {
    let Transfers { transfers } = serde_json::from_slice(body).map_err(|e| wrong(&e))?;
    match transfers.len() {
        0 => return Err(Problem::new(codes::BATCH_EMPTY, "give at least one").at("transfers")),
        1..=REGISTER_MAX => {}
        _ => return Err(Problem::new(codes::BATCH_TOO_LARGE, format!("at most {REGISTER_MAX}")).at("transfers")),
    }
    let new = transfers.into_iter().enumerate().map(|(at, transfer)| {
        let new = new_transfer(ask, transfer).and_then(|new| {
            new.check()?;
            Ok(new)
        });
        new.map_err(|problem| {
            let field = problem.field.as_deref().unwrap_or_default().to_owned();
            problem.at(format!("transfers[{at}].{}", if field == "target" { "transfer" } else { &field }))
        })
    });
    let new = new.collect::<Result<Vec<NewSubject>, Problem>>()?;
    let registered = desk.register(&new, clock())?;
    Ok(Reply::json(&RegisteredView { registered })?.status(StatusCode::CREATED))
}

fn new_transfer(ask: &Ask, given: Transfer) -> Result<NewSubject, Problem> {
    let chain = match given.chain.as_deref() {
        None => ask.store.engine.chain(),
        Some(name) => {
            let known = Chain::from_name(name).filter(|chain| chain.has_ledger());
            known.ok_or_else(|| {
                let names = crate::parameters::chain_names().join(", ");
                Problem::new(codes::CHAIN_UNKNOWN, format!("`{}` is none of {names}", shown(name))).at("chain")
            })?
        }
    };
    let amount = match given.amount_units.as_deref() {
        None => None,
        Some(text) => {
            let digits = Some(text).filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
            Some(digits.and_then(|text| text.parse::<u128>().ok()).ok_or_else(|| {
                Problem::new(codes::FIELD_INVALID, format!("`{}` is no number of units", shown(text)))
                    .at("amount_units")
            })?)
        }
    };
    Ok(NewSubject {
        asset: given.asset,
        amount,
        direction: Some(given.direction),
        reference: given.reference,
        customer: given.customer,
        monitor_until: given.monitor_until,
        ..NewSubject::new(SubjectKind::Transfer, chain.name(), given.transfer.trim())
    })
}
