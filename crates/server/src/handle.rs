//! What happens to every request, in one order: let in, counted, read, checked, answered, logged.

use crate::app::App;
use crate::auth::{self, Caller};
use crate::cursor;
use crate::idempotency::{self, Begun, Guarded, Place, Stored};
use crate::log::Answered;
use crate::media;
use crate::parameters::Given;
use crate::pool::Cancel;
use crate::problem::{Problem, codes, shown};
use crate::reply::Reply;
use crate::routes::{Ask, Call, Route, Rows, Run};
use crate::settings::{BODY_BYTES_MAX, LogLevel, PAGE_DEFAULT};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::extract::path::RawPathParams;
use axum::extract::rejection::RawPathParamsRejection;
use axum::http::header::{CONTENT_TYPE, LINK, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use axum::routing::on;
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The header that carries a request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The router of all routes.
pub(crate) fn router(app: &Arc<App>) -> Router {
    let mut router = Router::new();
    for route in crate::routes::all() {
        let shared = Arc::clone(app);
        let handler = move |params: Result<RawPathParams, RawPathParamsRejection>, request: Request| {
            let app = Arc::clone(&shared);
            async move { handle(app, route, params, request).await }
        };
        router = router.route(route.path, on(route.method.filter(), handler));
    }
    let (pages, other) = (Arc::clone(app), Arc::clone(app));
    router
        .fallback(move |request: Request| async move { outside(&pages, request, crate::pages::answer) })
        .method_not_allowed_fallback(move |request: Request| async move {
            let detail = "GET /openapi.json lists what there is";
            outside(&other, request, |_| Err(Problem::new(codes::METHOD_NOT_ALLOWED, detail)))
        })
}

/// A request that no route takes: for a page, or for nothing. Its path is in neither the answer nor the log.
fn outside(app: &App, request: Request, answer: impl FnOnce(&Request) -> Result<Response, Problem>) -> Response {
    let asked = Asked { id: app.request_id(), method: request.method().clone(), route: None, begun: Instant::now() };
    // where no key is asked for the name that was asked for must be one of this machine, for pages too
    let entered = if app.keys.is_none() { auth::check_host(request.headers()) } else { Ok(()) };
    let result = entered.and_then(|()| answer(&request));
    let (head, _) = request.into_parts();
    finish(app, &asked, auth::source(app, &head).tls, None, result)
}

async fn handle(
    app: Arc<App>,
    route: &'static Route,
    params: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let (id, method) = (app.request_id(), head.method.clone());
    let asked = Asked { id, method, route: Some(route.path), begun: Instant::now() };
    let tls = auth::source(&app, &head).tls;
    let (caller, result) = match auth::enter(&app, &head, route.scope, route.door).await {
        Ok(caller) => (caller.key.clone(), answer(&app, route, params, head, body, caller).await),
        Err(problem) => (None, Err(problem)),
    };
    finish(&app, &asked, tls, caller.as_deref(), result)
}

async fn answer(
    app: &Arc<App>,
    route: &'static Route,
    params: Result<RawPathParams, RawPathParamsRejection>,
    head: Parts,
    body: Body,
    caller: Caller,
) -> Result<Response, Problem> {
    let parts = path_parts(params)?;
    let head = Arc::new(head);
    let query = head.uri.query().unwrap_or_default();
    let given = Given::read(query, route.params)?;
    let media = media::accepted(&head.headers, route.media)?;
    let store = app.store.load_full();
    let mark = match route.rows {
        Rows::OfStore => store.mark,
        // they are numbered once for all: a page of them ends where it ended whatever the store does
        Rows::Numbered => [0; 8],
        Rows::OfSightings => {
            let store = Arc::clone(&store);
            let mark = tokio::task::spawn_blocking(move || store.sightings_mark()).await;
            mark.map_err(|e| Problem::internal(e.to_string()))??
        }
    };
    let question = cursor::question(&format!("{} {}", route.method.name(), head.uri.path()), given.iter());
    let offset = match given.get("cursor") {
        Some(cursor) => cursor::read(cursor, question, mark)?,
        None => given.parsed("offset").unwrap_or(0),
    };
    let limit = given.parsed("limit").unwrap_or(PAGE_DEFAULT) as usize;
    let ask = Ask { store, parts, given, offset, limit, media, cancel: Cancel::default(), asked: [question, mark] };
    let reply = match route.run {
        Run::Quick(run) => run(&ask)?,
        Run::Engine(run) => {
            let (cancel, time) = (ask.cancel.clone(), app.settings.limits.request_time);
            app.pool.run(time, &cancel, move || run(&ask)).await?
        }
        Run::Task(run) => {
            // held until the answer is made: so long the bytes are
            let (body_media, bytes, _room) = match &route.body {
                Some(kind) => {
                    let media = media::of_body(&head.headers, kind.media)?;
                    let room = room_for(route.body_bytes_max, app.settings.limits.body_time).await?;
                    (media, read_body(app, &head, body, route.body_bytes_max).await?, room)
                }
                None => (media::JSON, Bytes::new(), None),
            };
            let is_idempotent = route.body.is_some_and(|kind| kind.idempotent);
            let key = if is_idempotent { idempotency::key_of(&head.headers)? } else { None };
            let place = key.map(|key| Place {
                owner: caller.key.clone(),
                route: format!("{} {}", route.method.name(), route.path),
                key,
            });
            match place {
                None => {
                    let head = Arc::clone(&head);
                    run(Call { app: Arc::clone(app), ask, caller, body: bytes, body_media, head }).await?
                }
                Some(place) => {
                    let mut hasher = blake3::Hasher::new_derive_key("athar idempotent request version 1");
                    for part in [query.as_bytes(), body_media.as_bytes(), media.as_bytes(), &bytes] {
                        hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
                    }
                    let (keeper, hash) = (Arc::clone(app), *hasher.finalize().as_bytes());
                    let begun = tokio::task::spawn_blocking(move || keeper.idempotency.begin(&place, hash)).await;
                    let guarded = match begun.map_err(|e| Problem::internal(e.to_string()))?? {
                        Begun::New(held) => Guarded::new(Arc::clone(app), held),
                        Begun::Answered(stored) => return Ok(replay(stored)),
                        Begun::Spent(status) => {
                            let detail = format!("it was answered with the status {status}");
                            return Err(Problem::new(codes::IDEMPOTENCY_SPENT, detail).at("Idempotency-Key"));
                        }
                        Begun::InProgress => {
                            let detail = "ask again when it is answered";
                            return Err(Problem::new(codes::IDEMPOTENCY_IN_PROGRESS, detail).retry(1));
                        }
                        Begun::Reused => {
                            let detail = "another body, query or media type came with it before";
                            return Err(Problem::new(codes::IDEMPOTENCY_KEY_REUSED, detail).at("Idempotency-Key"));
                        }
                    };
                    let head = Arc::clone(&head);
                    let call = Call { app: Arc::clone(app), ask, caller, body: bytes, body_media, head };
                    keep(run(call).await?, guarded).await?
                }
            }
        }
    };
    Ok(response(reply, &head, question, mark))
}

/// Keeps an answer for its idempotency key.
async fn keep(reply: Reply, guarded: Guarded) -> Result<Reply, Problem> {
    let Reply { status, media, body, next, location, headers } = reply;
    let collected = body.collect().await.map_err(|e| Problem::internal(e.to_string()))?;
    let bytes = collected.to_bytes();
    let stored = Stored { status: status.as_u16(), media, body: bytes.clone(), location: location.clone() };
    guarded.finish(stored).await?;
    Ok(Reply { status, media, body: Body::from(bytes), next, location, headers })
}

fn replay(stored: Stored) -> Response {
    let mut response = Response::new(Body::from(stored.body));
    *response.status_mut() = StatusCode::from_u16(stored.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(stored.media));
    headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
    if let Some(location) = stored.location.and_then(|l| HeaderValue::try_from(l).ok()) {
        headers.insert(LOCATION, location);
    }
    response
}

fn response(reply: Reply, head: &Parts, question: [u8; 8], mark: [u8; 8]) -> Response {
    let mut response = Response::new(reply.body);
    *response.status_mut() = reply.status;
    let headers = response.headers_mut();
    if reply.status != StatusCode::NO_CONTENT {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(reply.media));
    }
    headers.extend(reply.headers);
    if let Some(location) = reply.location.and_then(|l| HeaderValue::try_from(l).ok()) {
        headers.insert(LOCATION, location);
    }
    if let Some(row) = reply.next {
        let cursor = cursor::write(row, question, mark);
        let mut query = form_urlencoded::Serializer::new(String::new());
        let old = form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes());
        query.extend_pairs(old.filter(|(name, _)| name != "cursor" && name != "offset"));
        query.append_pair("cursor", &cursor);
        // the path as it came: it was a valid one, so it is a valid header
        if let Ok(link) = HeaderValue::try_from(format!("<{}?{}>; rel=\"next\"", head.uri.path(), query.finish())) {
            headers.insert(LINK, link);
        }
    }
    response
}

/// The parts of a path, percent signs read.
fn path_parts(params: Result<RawPathParams, RawPathParamsRejection>) -> Result<Vec<String>, Problem> {
    let params = params.map_err(|rejection| {
        let detail = match &rejection {
            RawPathParamsRejection::InvalidUtf8InPathParam(_) => "a part of it is not UTF-8",
            _ => "its parts cannot be told apart",
        };
        Problem::new(codes::PATH_INVALID, detail)
    })?;
    let parts: Vec<String> = params.iter().map(|(_, value)| value.to_owned()).collect();
    match parts.iter().find(|part| part.is_empty() || part.len() > 4_096) {
        Some(part) => Err(Problem::new(codes::PATH_INVALID, format!("a part of {} bytes", part.len()))),
        None => Ok(parts),
    }
}

/// Room for the larger bodies at once, in MiB: they are held in memory until they are stored.
const ROOM_MIB: usize = 1_024;
static ROOM: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(ROOM_MIB);

/// A place for a body of up to so many bytes, where it is one of the larger ones.
async fn room_for(max: usize, time: Duration) -> Result<Option<tokio::sync::SemaphorePermit<'static>>, Problem> {
    if max <= BODY_BYTES_MAX {
        return Ok(None);
    }
    let mib = u32::try_from(max.div_ceil(1 << 20)).unwrap_or(u32::MAX).min(ROOM_MIB as u32);
    match tokio::time::timeout(time, ROOM.acquire_many(mib)).await {
        Ok(Ok(permit)) => Ok(Some(permit)),
        _ => Err(Problem::new(codes::BUSY, "as many large bodies as may be are on their way").retry(5)),
    }
}

async fn read_body(app: &App, head: &Parts, body: Body, max: usize) -> Result<Bytes, Problem> {
    let too_large = || Problem::new(codes::BODY_TOO_LARGE, format!("more than {max} bytes"));
    let announced =
        head.headers.get("content-length").and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > max as u64) {
        return Err(too_large());
    }
    // a larger body has as much longer to come
    let time = app.settings.limits.body_time * u32::try_from(max.div_ceil(BODY_BYTES_MAX)).unwrap_or(1);
    match tokio::time::timeout(time, Limited::new(body, max).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(too_large()),
        Ok(Err(error)) => Err(Problem::new(codes::BODY_INVALID, shown(&error.to_string()))),
        Err(_) => Err(Problem::new(codes::BODY_TIMEOUT, format!("{} seconds", time.as_secs()))),
    }
}

/// What is told of a request in the log.
struct Asked {
    id: String,
    method: Method,
    /// The template; none where no route takes it.
    route: Option<&'static str>,
    begun: Instant,
}

/// The end of every request: common headers, and a line in the log.
fn finish(app: &App, asked: &Asked, tls: bool, key: Option<&str>, result: Result<Response, Problem>) -> Response {
    let code = result.as_ref().err().map(|problem| problem.code.name);
    let mut response = match result {
        Ok(response) => response,
        Err(problem) => {
            if let Some(cause) = &problem.cause {
                let fields = serde_json::json!({ "request_id": asked.id, "cause": cause });
                app.log.line(LogLevel::Error, "request_failed", fields);
            }
            problem.response(&asked.id)
        }
    };
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&asked.id) {
        headers.insert(REQUEST_ID, value);
    }
    crate::headers::put(headers, tls);
    if app.log.has(LogLevel::Requests) {
        let fields = Answered {
            request_id: &asked.id,
            method: known_method(asked.method.as_str()),
            route: asked.route,
            status: response.status().as_u16(),
            code,
            micros: asked.begun.elapsed().as_micros() as u64,
            key,
        };
        app.log.line(LogLevel::Requests, "request", fields);
    }
    response
}

/// A method is a text of the client's too.
fn known_method(method: &str) -> &str {
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].into_iter().find(|m| *m == method).unwrap_or("other")
}
