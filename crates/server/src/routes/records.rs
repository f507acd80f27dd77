//! Off-chain records: imported, read, joined with the chain, deleted.
//!
//! A body of `POST /v1/records` is what a file would be; how it is read stands in the query. Values that an import kept beside their
//! pseudonyms are given in no answer: over HTTP there is no way to ask for them. What is there is read as it is at the moment of the question.

use super::desk::{PAGE as NUMBERED, after, number, rows};
use super::{BodyKind, Call, Part, READ, Route, Rows, Run, Task, Verb};
use crate::app::clock;
use crate::keys::Scope;
use crate::media::{CSV, JSON};
use crate::parameters::{Kind, Param};
use crate::problem::{Problem, codes};
use crate::reply::Reply;
use crate::routes::Ask;
use crate::screenings::{may_be_absent, wrong};
use athar_engine::Day;
use athar_engine::read::{
    CouponFlowsView, NotesView, ReceiptsListView, RecordView, RecordsJournalView, RecordsStatusView, RecordsView,
    open_records, record, records, records_imports, records_journal, records_linked, records_notes, records_status,
};
use athar_engine::records::{
    By, Field, FlowQuery, Kind as RecordKind, Map, NewNote, Note, Order, Query, REASON_BYTES_MAX, RETAIN_DAYS_MAX,
    Receipt, Record, Records, RecordsError, Subject, Value,
};
use athar_engine::write::{forget_hits_on_records, import_record_bytes};
use axum::http::StatusCode;
use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;

const TAG: &str = "records";
/// Seconds of a day.
const DAY_S: i64 = 86_400;
const KINDS: &[&str] = &["coupon_sale", "redemption", "deposit", "withdrawal", "login", "fiat_transfer"];
const READS: &[codes::Code] = &[codes::RECORDS_UNAVAILABLE, codes::BUSY];
const SEARCHES: &[codes::Code] = &[codes::RECORDS_UNAVAILABLE, codes::BUSY, codes::FIELD_INVALID];
const WRITES: &[codes::Code] =
    &[codes::RECORDS_UNAVAILABLE, codes::STORAGE_FULL, codes::BUSY, codes::FIELD_INVALID, codes::STATE_REFUSED];
const DELETES: &[codes::Code] = &[
    codes::RECORDS_UNAVAILABLE,
    codes::STORAGE_FULL,
    codes::BUSY,
    codes::FIELD_INVALID,
    codes::NOT_FOUND,
    codes::TARGET_INVALID,
];
/// Characters of a subject.
const SUBJECT_MAX: usize = 1_024;
const REASON: Param =
    Param::new("reason", Kind::Text(REASON_BYTES_MAX), "Why; kept in the journal, so no personal data");
const RECORD: Part = Part { name: "id", summary: "Number of the record" };

/// What was deleted.
#[derive(Debug, Serialize, JsonSchema)]
struct DeletedView {
    /// How many records. Their keys are destroyed.
    deleted: u64,
}

/// Whom everything is deleted about.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Forget {
    /// A pseudonym, a crypto address, or a value itself.
    #[schemars(length(min = 1, max = 1_024))]
    subject: String,
    /// Why; kept in the journal, so no personal data.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    reason: Option<String>,
}

/// Whom or what records are looked for by: in a body, so that it stands in no log of addresses.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Search {
    /// A pseudonym, a crypto address, or a value itself: an account, a serial, a telephone number.
    #[schemars(length(min = 1, max = 1_024))]
    subject: String,
    /// The number after which the page begins.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    after: Option<u64>,
}

/// A note to be recorded.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NoteBody {
    /// A pseudonym, a crypto address, or a value that a record names.
    #[schemars(length(min = 1, max = 1_024))]
    subject: String,
    /// What is known of the circumstances.
    text: String,
    /// Where it is known from.
    source: String,
    /// When it was so, or was learned: seconds since 1970. Without it now.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    time: Option<i64>,
}

/// Whom a body names, where it names somebody and no more than a name's worth.
fn subject_of(text: &str) -> Result<Subject, Problem> {
    if text.is_empty() || text.chars().count() > SUBJECT_MAX {
        let detail = format!("1 to {SUBJECT_MAX} characters");
        return Err(Problem::new(codes::FIELD_INVALID, detail).at("subject"));
    }
    Ok(Subject::of(text))
}

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Verb::Post,
        path: "/v1/records",
        id: "importRecords",
        tag: TAG,
        summary: "Imports records: a JSON array of objects, JSON lines, or CSV. Pseudonyms take the place of what leads to a person; \
                  every row is a record, known already, or in quarantine; the same body again adds nothing",
        scope: Some(Scope::Write),
        params: &[&[
            Param::new("kind", Kind::Word(KINDS), "What the records are of").required(),
            Param::new(
                "map",
                Kind::Text(8_192),
                "Which column or key is which field: FIELD=COLUMN,…,FIELD:=VALUE; without it they have the names of the fields",
            ),
            Param::new("zone", Kind::Text(64), "Zone of times that name none, such as Europe/Paris or +02:00"),
            Param::new("chain", Kind::AnyChain, "Chain of the addresses"),
            Param::new(
                "keep_plain",
                Kind::Text(40),
                "A personal field whose values are kept, encrypted, beside their pseudonyms",
            )
            .repeated(),
            Param::new(
                "retain_days",
                Kind::Integer(0, RETAIN_DAYS_MAX as u64, None),
                "Days after which these records are deleted",
            ),
            Param::new("name", Kind::Text(1_024), "Name of the body, for the receipt"),
        ]],
        body: Some(BodyKind {
            media: &[JSON, "application/x-ndjson", CSV],
            shape: |g| g.subschema_for::<Vec<serde_json::Map<String, serde_json::Value>>>(),
            idempotent: true,
        }),
        status: 201,
        shape: |g| g.subschema_for::<Receipt>(),
        codes: WRITES,
        run: Run::Task(|call| in_pool(call, import)),
        ..READ
    },
    Route {
        path: "/v1/records",
        id: "records",
        tag: TAG,
        summary: "Records, in the order in which they were imported",
        params: &[
            NUMBERED,
            &[
                Param::new("kind", Kind::Word(KINDS), "Of a kind"),
                Param::new("import", Kind::Integer(1, i64::MAX as u64, None), "Of an import"),
                Param::new("from", Kind::Day, "From that day on (UTC)"),
                Param::new("to", Kind::Day, "Up to that day, which counts too"),
            ],
        ],
        shape: |g| g.subschema_for::<RecordsView>(),
        codes: READS,
        rows: Rows::Numbered,
        run: Run::Engine(|ask| page(ask, &query(ask))),
        ..READ
    },
    Route {
        method: Verb::Post,
        path: "/v1/records/search",
        id: "searchRecords",
        tag: TAG,
        summary: "Records that name somebody or something, with what is known of the circumstances",
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<Search>(), idempotent: false }),
        shape: |g| g.subschema_for::<RecordsView>(),
        codes: SEARCHES,
        run: Run::Task(|call| {
            in_pool(call, |ask, _, body| {
                let search: Search = serde_json::from_slice(body).map_err(|e| wrong(&e))?;
                let subject = Some(subject_of(&search.subject)?);
                page(ask, &Query { subject, after: search.after.unwrap_or(0), limit: 1_000, ..Query::default() })
            })
        }),
        ..READ
    },
    Route {
        path: "/v1/records/stats",
        id: "recordsStats",
        tag: TAG,
        summary: "How many records there are, and how long they are kept",
        shape: |g| g.subschema_for::<RecordsStatusView>(),
        codes: &[codes::NOT_FOUND, codes::RECORDS_UNAVAILABLE, codes::BUSY],
        run: Run::Engine(|ask| there(records_status(folder(ask))?)),
        ..READ
    },
    Route {
        path: "/v1/records/linked",
        id: "linkedRecords",
        tag: TAG,
        summary: "Coupon sales joined with redemptions and with payments on the chain, by beneficiary",
        params: &[&[
            Param::new("chain", Kind::Chain, "Chain to look for payments on; without it the service's"),
            Param::new("from", Kind::Day, "Redeemed from that day on (UTC)"),
            Param::new("to", Kind::Day, "Redeemed up to that day, which counts too"),
            Param::new(
                "redemptions_min",
                Kind::Integer(1, 1_000_000, Some(2)),
                "Only beneficiaries with at least so many redemptions",
            ),
            Param::new("by_address", Kind::Boolean, "By address where there is one, else by account"),
        ]],
        shape: |g| g.subschema_for::<CouponFlowsView>(),
        codes: &[codes::NOT_FOUND, codes::RECORDS_UNAVAILABLE, codes::BUSY, codes::TOO_MANY],
        run: Run::Engine(|ask| {
            let query = FlowQuery {
                from: day(ask, "from", 0),
                to: day(ask, "to", 1),
                redemptions_min: ask.given.parsed("redemptions_min").unwrap_or(2),
                by_address: ask.given.is("by_address"),
            };
            let engine = ask.engine()?;
            let engine =
                Some(&*engine).filter(|engine| !engine.is_account_chain() && engine.basis().tip_height.is_some());
            there(records_linked(folder(ask), &query, engine)?)
        }),
        ..READ
    },
    Route {
        path: "/v1/records/imports",
        id: "recordsImports",
        tag: TAG,
        summary: "Receipts of imports",
        params: &[NUMBERED],
        shape: |g| g.subschema_for::<ReceiptsListView>(),
        codes: READS,
        rows: Rows::Numbered,
        run: Run::Engine(|ask| {
            let view = records_imports(folder(ask), ask.offset, rows(ask))?;
            let view = view.unwrap_or(ReceiptsListView { imports: Vec::new(), next: None });
            let mut reply = Reply::view(&view)?;
            reply.next = view.next;
            Ok(reply)
        }),
        ..READ
    },
    Route {
        method: Verb::Delete,
        path: "/v1/records/imports/{id}",
        id: "deleteRecordsImport",
        tag: TAG,
        summary: "Deletes an import with all its records: their keys are destroyed",
        scope: Some(Scope::Write),
        parts: &[Part { name: "id", summary: "Number of the import" }],
        params: &[&[REASON]],
        shape: |g| g.subschema_for::<DeletedView>(),
        codes: DELETES,
        run: Run::Task(|call| {
            in_pool(call, |ask, by, _| {
                let id = u64::try_from(number(ask)?).unwrap_or_default();
                deleted(ask, opened(ask)?.delete_import(id, reasoned(by, ask.given.get("reason")))?)
            })
        }),
        ..READ
    },
    Route {
        method: Verb::Post,
        path: "/v1/records/forget",
        id: "forgetSubject",
        tag: TAG,
        summary: "Deletes every record and note that names a subject: their keys are destroyed",
        scope: Some(Scope::Write),
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<Forget>(), idempotent: false }),
        shape: |g| g.subschema_for::<DeletedView>(),
        codes: DELETES,
        run: Run::Task(|call| {
            in_pool(call, |ask, by, body| {
                let forget: Forget = serde_json::from_slice(body).map_err(|e| wrong(&e))?;
                let by = reasoned(by, forget.reason.as_deref());
                deleted(ask, opened(ask)?.delete_subject(&subject_of(&forget.subject)?, by)?)
            })
        }),
        ..READ
    },
    Route {
        path: "/v1/records/notes",
        id: "recordsNotes",
        tag: TAG,
        summary: "What is known of the circumstances of persons",
        shape: |g| g.subschema_for::<NotesView>(),
        codes: READS,
        run: Run::Engine(|ask| {
            Reply::view(&records_notes(folder(ask), None)?.unwrap_or(NotesView { notes: Vec::new() }))
        }),
        ..READ
    },
    Route {
        method: Verb::Post,
        path: "/v1/records/notes",
        id: "addRecordsNote",
        tag: TAG,
        summary: "Records what is known of the circumstances of a person: it stands beside every answer that names them",
        scope: Some(Scope::Write),
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<NoteBody>(), idempotent: true }),
        status: 201,
        shape: |g| g.subschema_for::<Note>(),
        codes: DELETES,
        run: Run::Task(|call| {
            in_pool(call, |ask, by, body| {
                let note: NoteBody = serde_json::from_slice(body).map_err(|e| wrong(&e))?;
                let new = NewNote {
                    subject: subject_of(&note.subject)?,
                    text: &note.text,
                    source: &note.source,
                    time: note.time.unwrap_or(by.time),
                };
                let note = opened(ask)?.humanitarian_context(&new, by)?;
                Ok(Reply::json(&note)?.status(StatusCode::CREATED))
            })
        }),
        ..READ
    },
    Route {
        path: "/v1/records/journal",
        id: "recordsJournal",
        tag: TAG,
        summary: "What was imported, deleted and noted, by whom, from the oldest entry on",
        params: &[NUMBERED],
        shape: |g| g.subschema_for::<RecordsJournalView>(),
        codes: READS,
        rows: Rows::Numbered,
        run: Run::Engine(|ask| {
            let view = records_journal(folder(ask), ask.offset, rows(ask))?;
            let view = view.unwrap_or(RecordsJournalView { entries: Vec::new(), next: None });
            let mut reply = Reply::view(&view)?;
            reply.next = view.next;
            Ok(reply)
        }),
        ..READ
    },
    Route {
        path: "/v1/records/{id}",
        id: "record",
        tag: TAG,
        summary: "A record, with what is known of the circumstances of whom it names",
        parts: &[RECORD],
        shape: |g| g.subschema_for::<RecordView>(),
        codes: &[codes::NOT_FOUND, codes::TARGET_INVALID, codes::RECORDS_UNAVAILABLE, codes::BUSY],
        run: Run::Engine(|ask| {
            let id = u64::try_from(number(ask)?).unwrap_or_default();
            let mut view = record(folder(ask), id)?;
            if let Some(view) = &mut view {
                hide(&mut view.record);
            }
            there(view)
        }),
        ..READ
    },
    Route {
        method: Verb::Delete,
        path: "/v1/records/{id}",
        id: "deleteRecord",
        tag: TAG,
        summary: "Deletes a record: its key is destroyed",
        scope: Some(Scope::Write),
        parts: &[RECORD],
        params: &[&[REASON]],
        shape: |g| g.subschema_for::<DeletedView>(),
        codes: DELETES,
        run: Run::Task(|call| {
            in_pool(call, |ask, by, _| {
                let id = u64::try_from(number(ask)?).unwrap_or_default();
                match opened(ask)?.delete(&[id], reasoned(by, ask.given.get("reason")))? {
                    0 => Err(Problem::new(codes::NOT_FOUND, "no record has this number")),
                    count => deleted(ask, count),
                }
            })
        }),
        ..READ
    },
];

fn folder(ask: &Ask) -> &Path {
    ask.store.folder()
}

fn opened(ask: &Ask) -> Result<Records, Problem> {
    open_records(folder(ask))?.ok_or_else(nothing)
}

fn nothing() -> Problem {
    Problem::new(codes::NOT_FOUND, "nothing of this kind was imported; that says nothing else of it")
}

fn there<T: Serialize>(view: Option<T>) -> Result<Reply, Problem> {
    Reply::view(&view.ok_or_else(nothing)?)
}

/// Hits of patterns that stood on records go with them: of a subject there may have been notes alone.
fn deleted(ask: &Ask, deleted: u64) -> Result<Reply, Problem> {
    forget_hits_on_records(folder(ask))?;
    Reply::json(&DeletedView { deleted })
}

fn day(ask: &Ask, name: &str, more: i64) -> Option<i64> {
    ask.given.parsed::<Day>(name).map(|day| (i64::from(day.0) + more) * DAY_S)
}

fn query(ask: &Ask) -> Query {
    Query {
        kind: ask.given.get("kind").and_then(RecordKind::from_name),
        import: ask.given.parsed("import"),
        subject: None,
        from: day(ask, "from", 0),
        to: day(ask, "to", 1),
        after: u64::try_from(after(ask)).unwrap_or_default(),
        limit: rows(ask),
    }
}

fn page(ask: &Ask, query: &Query) -> Result<Reply, Problem> {
    let mut view = records(folder(ask), query)?.unwrap_or_else(RecordsView::none);
    view.records.iter_mut().for_each(hide);
    let mut reply = Reply::view(&view)?;
    reply.next = view.next.filter(|_| query.subject.is_none());
    Ok(reply)
}

/// Takes out the values that an import kept.
fn hide(record: &mut Record) {
    for value in record.values.values_mut() {
        if let Value::Personal { value, .. } = value {
            *value = None;
        }
    }
}

fn reasoned<'a>(by: By<'a>, reason: Option<&'a str>) -> By<'a> {
    By { reason: reason.unwrap_or_default(), ..by }
}

fn import(ask: &Ask, by: By<'_>, body: &Bytes) -> Result<Reply, Problem> {
    let given = &ask.given;
    let at = |field: &'static str| move |error: RecordsError| Problem::from(error).at(field);
    let mut map = given.get("map").map_or_else(|| Ok(Map::default()), Map::from_line).map_err(at("map"))?;
    map.zone = given.get("zone").map(str::to_owned);
    if let Some(chain) = given.chain() {
        map.constants.entry(Field::Chain).or_insert_with(|| chain.name().to_owned());
    }
    for name in given.all("keep_plain") {
        let field = Field::from_name(&name)
            .ok_or_else(|| Problem::new(codes::FIELD_INVALID, "no such field").at("keep_plain"))?;
        map.keep_plain.push(field);
    }
    let name = match given.get("name") {
        Some(name) => name.to_owned(),
        None => format!("upload-{}", &blake3::hash(body).to_hex()[..16]),
    };
    let kind = given.get("kind").and_then(RecordKind::from_name);
    let order = Order { kind, map, retain_days: given.parsed("retain_days"), name: &name };
    let receipt = import_record_bytes(folder(ask), body, &order, by)?;
    Ok(Reply::json(&receipt)?.status(StatusCode::CREATED))
}

/// Works on the records, in the pool: it reads and writes files. The key of the request is who does it.
fn in_pool(call: Call, work: impl FnOnce(&Ask, By<'_>, &Bytes) -> Result<Reply, Problem> + Send + 'static) -> Task {
    Box::pin(async move {
        let Call { app, ask, caller, body, .. } = call;
        let (time, cancel) = (app.settings.limits.request_time, ask.cancel.clone());
        let operator = caller.as_author().unwrap_or_default();
        let of_app = Arc::clone(&app);
        app.pool
            .run(time, &cancel, move || {
                let by = By { time: clock(), operator: &operator, reason: "" };
                let reply = work(&ask, by, &body)?;
                crate::app::take_up(&of_app);
                Ok(reply)
            })
            .await
    })
}

impl From<RecordsError> for Problem {
    fn from(error: RecordsError) -> Self {
        use athar_engine::records::VaultError;
        match error {
            RecordsError::Input { field, what } => Self::new(codes::FIELD_INVALID, what).at(field),
            RecordsError::File { line, what, .. } => {
                Self::new(codes::BODY_INVALID, format!("line {line}: {what}; what came before is stored"))
            }
            RecordsError::Unknown { what, .. } => Self::new(codes::NOT_FOUND, format!("no {what} has this number")),
            RecordsError::DeletedMeanwhile { .. } => Self::new(
                codes::STATE_REFUSED,
                "the import was deleted while its file was read; nothing of it is stored",
            ),
            RecordsError::TooMany { what, max } => Self::new(codes::TOO_MANY, format!("{what}: no more than {max}")),
            RecordsError::Vault(VaultError::Full { .. }) => Self::new(codes::STORAGE_FULL, "the operator makes room"),
            RecordsError::Vault(VaultError::Locked { .. }) => {
                Self::new(codes::BUSY, "another process or request writes to the records").retry(1)
            }
            // the databases are their operator's matter, and their paths are not for clients
            other => {
                let detail = "the operator finds the cause in the log under the request's id";
                Self { cause: Some(other.to_string()), ..Self::new(codes::RECORDS_UNAVAILABLE, detail) }
            }
        }
    }
}
