//! `/v1/screenings`: what is known of a subject, alone or in a batch, in JSON or as a table.

mod request;
mod result;
mod subject;
mod watch;

pub(crate) use request::{Request, may_be_absent, wrong};
pub(crate) use result::{ScreeningsAnswer, SubjectProblem, batch, direct};

use crate::csv::Table;
use crate::keys::Scope;
use crate::media::{CSV, JSON};
use crate::parameters::{DAYS, Kind, Param};
use crate::problem::{Problem, codes};
use crate::reply::Reply;
use crate::routes::{BodyKind, Call, READ, Route, Run, Verb};
use athar_engine::AsOf;
use request::{BatchShape, Depth, How, SingleShape};
use result::{ScreeningResult, one};
use subject::Subject;

const TAG: &str = "screenings";
/// Bodies up to this size are read on the thread that received them: less work than to hand them over.
const SMALL_BYTES: usize = 4_096;
const DEPTH: &[Param] = &[
    Param::new(
        "depth",
        Kind::Word(&["direct", "counterparty", "exposure"]),
        "What is known of the subject itself, also of whom it dealt with at first hand, or of everybody on the way",
    ),
    Param::new(
        "hops",
        Kind::Integer(1, 20, None),
        "Hops that indirect exposure is followed for; with the depth exposure",
    ),
    Param::new(
        "policy",
        Kind::Text(200),
        "The policy to judge by: active, or a name or version; the depth is then exposure unless it is given",
    ),
];
const SUBJECT_CODES: &[codes::Code] = &[
    codes::SUBJECT_MALFORMED,
    codes::SUBJECT_INVALID,
    codes::SUBJECT_KIND_OTHER,
    codes::SUBJECT_CHAIN_OTHER,
    codes::CHAIN_UNKNOWN,
    codes::AMOUNT_INVALID,
    codes::BODY_INVALID,
    codes::STORE_EMPTY,
    codes::POLICY_UNKNOWN,
];
const BATCH_CODES: &[codes::Code] = &[
    codes::SUBJECT_MALFORMED,
    codes::SUBJECT_INVALID,
    codes::SUBJECT_KIND_OTHER,
    codes::SUBJECT_CHAIN_OTHER,
    codes::CHAIN_UNKNOWN,
    codes::AMOUNT_INVALID,
    codes::STORE_EMPTY,
    codes::BATCH_EMPTY,
    codes::BATCH_TOO_LARGE,
    codes::POLICY_UNKNOWN,
    codes::SCOPE_MISSING,
    codes::SUBJECT_NOT_WATCHABLE,
    codes::FIELD_INVALID,
    codes::TOO_MANY,
    codes::DESK_UNAVAILABLE,
    codes::STORAGE_FULL,
    codes::BUSY,
];

/// The body that screens: one subject, or a batch.
pub(crate) fn body_shape(g: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let shapes = [g.subschema_for::<SingleShape>(), g.subschema_for::<BatchShape>()];
    schemars::json_schema!({ "anyOf": shapes })
}

pub(crate) const ROUTES: &[Route] = &[
    Route {
        path: "/v1/screenings",
        id: "screening",
        tag: TAG,
        summary: "Screens one subject",
        scope: Some(Scope::Screen),
        params: &[
            DEPTH,
            DAYS,
            &[
                Param::new("value", Kind::Text(4_096), "The address, transaction id, txid:vout, or number").required(),
                Param::new(
                    "kind",
                    Kind::Word(&["address", "output", "transaction", "withdrawal_attempt", "account"]),
                    "What the value is; without it whatever it turns out to be",
                ),
                Param::new("chain", Kind::Text(40), "The chain of the value"),
            ],
        ],
        shape: |g| g.subschema_for::<ScreeningResult>(),
        codes: SUBJECT_CODES,
        run: Run::Task(|call| Box::pin(get(call))),
        ..READ
    },
    Route {
        method: Verb::Post,
        path: "/v1/screenings",
        id: "screenings",
        tag: TAG,
        summary: "Screens one subject, or a batch of up to 10,000; in a table `depth`, `hops` and days are parameters",
        scope: Some(Scope::Screen),
        params: &[DEPTH, DAYS],
        body: Some(BodyKind { media: &[JSON, CSV], shape: body_shape, idempotent: true }),
        media: &[JSON, CSV],
        shape: |g| {
            let shapes = [g.subschema_for::<ScreeningResult>(), g.subschema_for::<ScreeningsAnswer>()];
            schemars::json_schema!({ "anyOf": shapes })
        },
        codes: BATCH_CODES,
        run: Run::Task(|call| Box::pin(post(call))),
        ..READ
    },
];

/// `depth`, `hops` and the days, from a query.
fn how_of_query(given: &crate::parameters::Given) -> Result<How, Problem> {
    let depth = given.get("depth").map(|name| match name {
        "exposure" => Depth::Exposure,
        "counterparty" => Depth::Counterparty,
        _ => Depth::Direct,
    });
    request::how(depth, given.parsed("hops"), given.get("policy").map(str::to_owned), given.as_of())
}

async fn get(call: Call) -> Result<Reply, Problem> {
    let given = &call.ask.given;
    let text = |name: &str| given.get(name).map(str::to_owned);
    let value = text("value").unwrap_or_default();
    let subject = Subject { kind: text("kind"), chain: text("chain"), value, ..Subject::default() };
    let request = Request { subjects: vec![Ok(subject)], is_single: true, how: how_of_query(given)? };
    answer(call, request).await
}

async fn post(call: Call) -> Result<Reply, Problem> {
    if call.body_media == CSV {
        let how = how_of_query(&call.ask.given)?;
        let body = call.body.clone();
        return pooled(call, move || Request::csv(&body, how)).await;
    }
    if let Some((name, _)) = call.ask.given.iter().next() {
        let detail = "with a body of JSON it is a field of the body";
        return Err(Problem::new(codes::PARAMETER_INVALID, detail).at(name));
    }
    if call.body.len() <= SMALL_BYTES {
        let request = Request::json(&call.body)?;
        return answer(call, request).await;
    }
    let body = call.body.clone();
    pooled(call, move || Request::json(&body)).await
}

/// Answers: at once where it takes microseconds, in the pool otherwise.
async fn answer(call: Call, request: Request) -> Result<Reply, Problem> {
    if let [Ok(subject)] = &request.subjects[..]
        && request.how.depth == Depth::Direct
        && request.how.as_of == AsOf::default()
        && subject.monitor != Some(true)
        && let Some(engine) = call.ask.store.opened(subject.check()?.chain)
    {
        let found = one(&engine, subject, &request.how, None);
        return reply(vec![ScreeningResult::of(Ok(subject.clone()), found)], request.is_single, call.ask.media);
    }
    pooled(call, move || Ok(request)).await
}

async fn pooled(
    call: Call,
    read: impl FnOnce() -> Result<Request, Problem> + Send + 'static,
) -> Result<Reply, Problem> {
    let (store, cancel, media) = (call.ask.store.clone(), call.ask.cancel.clone(), call.ask.media);
    let (app, may_write) = (call.app.clone(), call.caller.may_write);
    let work = move || {
        let request = read()?;
        let is_single = request.is_single;
        let is_watching = request.is_watching();
        if is_watching && !may_write {
            return Err(Problem::new(codes::SCOPE_MISSING, "`monitor` asks for the scope `write` too").at("monitor"));
        }
        let mut results = batch(&store, request, &cancel, &mut |_| {})?;
        if is_watching {
            watch::watch(app.desk()?, &store, &mut results)?;
        }
        reply(results, is_single, media)
    };
    call.app.pool.run(call.app.settings.limits.request_time, &call.ask.cancel, work).await
}

/// The answer in the form asked for. An error of a single subject is the request's.
fn reply(mut results: Vec<ScreeningResult>, is_single: bool, media: &'static str) -> Result<Reply, Problem> {
    if is_single && let Some(problem) = results.first_mut().and_then(ScreeningResult::take_problem) {
        return Err(problem);
    }
    if media == CSV {
        return Ok(Reply::of(CSV, table(&results)?));
    }
    match results.pop() {
        Some(result) if is_single => Reply::json(&result),
        last => {
            results.extend(last);
            Reply::json(&ScreeningsAnswer::of(results))
        }
    }
}

/// One row a subject, in the order of the request.
fn table(results: &[ScreeningResult]) -> Result<Vec<u8>, Problem> {
    let mut table = Table::new(&[
        "reference",
        "kind",
        "chain",
        "value",
        "status",
        "risk",
        "entity",
        "entity_size",
        "categories",
        "policy",
        "policy_level",
        "policy_score",
        "error",
        "detail",
        "snapshot",
    ])?;
    for result in results {
        table.row(result.cells().into_iter())?;
    }
    table.end()
}
