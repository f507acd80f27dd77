//! Whether what a finding rests on is still answered: its path is asked again.
//!
//! The question goes through this service's own door, with the key or session of whoever asks: nobody learns by a finding what they could
//! not ask themselves. Only reads of what the store knows can be asked so; a path is data that somebody wrote.

use super::{CASE, ITEM, WRITING, at_cases_of};
use crate::auth::Peer;
use crate::media::JSON;
use crate::problem::{Problem, codes};
use crate::reply::Reply;
use crate::routes::{Call, Route, Run, Task, Verb};
use athar_team::cases::{Body as ItemBody, Finding, Kind};
use axum::body::Body;
use axum::http::header::{ACCEPT, AUTHORIZATION, COOKIE, HOST};
use axum::http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Limited};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Number, Value};
use tower::ServiceExt;

/// Bytes of an answer that is compared.
const ANSWER_BYTES_MAX: usize = 16 << 20;
/// First parts of paths that can be asked again: reads of the store, of its labels, lists, sightings, patterns and records.
const AREAS: &[&str] = &[
    "activity",
    "address",
    "alerts",
    "block",
    "campaigns",
    "coinjoin",
    "conflicts",
    "counterparties",
    "entity",
    "explain",
    "exposure",
    "labels",
    "lists",
    "names",
    "paths",
    "patterns",
    "policies",
    "prices",
    "records",
    "resolve",
    "screen",
    "sightings",
    "status",
    "totals",
    "trace",
    "trace-policies",
    "tx",
];

/// What a finding's path answers now, beside what it answered then.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FindingCheck")]
struct CheckView {
    /// Whether every field of the pinned answer, its snapshot apart, is answered alike.
    same: bool,
    /// The status of the answer now.
    status: u16,
    /// The snapshot that the finding pins.
    snapshot_then: String,
    /// The snapshot of the answer now; none where it has none.
    snapshot_now: Option<String>,
    /// Fields of the pinned answer, of its first level, that are answered differently; of a pinned part of an answer those that are
    /// nowhere in it. `answer` where it is no object, or where there is
    /// no answer now.
    differs: Vec<String>,
}

pub(super) const CHECK: Route = Route {
    method: Verb::Post,
    path: "/v1/cases/{case}/findings/{id}/check",
    id: "checkCaseFinding",
    summary: "Asks the path of a finding again, as whoever asks, and tells what is answered differently",
    scope: Some(crate::keys::Scope::CaseRead),
    parts: &[CASE, ITEM],
    shape: |g| g.subschema_for::<CheckView>(),
    codes: super::CHECKS,
    run: Run::Task(check),
    ..WRITING
};

fn check(call: Call) -> Task {
    Box::pin(async move {
        let (app, head) = (std::sync::Arc::clone(&call.app), std::sync::Arc::clone(&call.head));
        let finding = at_cases_of(call, |at| {
            let item = at.cases.item(at.who, at.case()?, Kind::Finding, at.item()?, at.now_s)?;
            match ItemBody::read(Kind::Finding, item.body.get().as_bytes())? {
                ItemBody::Finding(finding) => Ok(finding),
                _ => Err(Problem::internal("a finding that is none")),
            }
        })
        .await?;
        let uri = may_be_asked(&finding.path)?;
        let mut request = Request::new(Body::empty());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = uri;
        // the others are what the router found in this request's own path
        if let Some(peer) = head.extensions.get::<Peer>() {
            request.extensions_mut().insert(*peer);
        }
        let own = [AUTHORIZATION, COOKIE, HOST, HeaderName::from_static("x-api-key"), HeaderName::from_static("token")];
        for name in own {
            for value in head.headers.get_all(&name) {
                request.headers_mut().append(name.clone(), value.clone());
            }
        }
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static(JSON));
        let Ok(answer) = crate::handle::router(&app).oneshot(request).await;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|_| Problem::new(codes::STATE_REFUSED, "the answer is too long to be compared"))?;
        let bytes = body.to_bytes();
        Reply::json(&compare(&finding, status, serde_json::from_slice(&bytes).ok()))
    })
}

/// The path of a finding, where it is one that can be asked again.
fn may_be_asked(path: &str) -> Result<Uri, Problem> {
    let refused = || {
        let detail = "the path of the finding is none that can be asked again: only reads of the store can";
        Problem::new(codes::STATE_REFUSED, detail).at("path")
    };
    let uri: Uri = path.parse().map_err(|_| refused())?;
    if uri.scheme().is_some() || uri.authority().is_some() {
        return Err(refused());
    }
    let area = uri.path().strip_prefix("/v1/").and_then(|rest| rest.split('/').next()).unwrap_or_default();
    // a stream never ends
    if !AREAS.contains(&area) || uri.path().ends_with("/events") || uri.path().contains("//") {
        return Err(refused());
    }
    Ok(uri)
}

fn compare(finding: &Finding, status: StatusCode, now: Option<Value>) -> CheckView {
    let then: Value = serde_json::from_str(finding.pinned.get()).unwrap_or_default();
    let snapshot_now = now.as_ref().and_then(snapshot_of);
    let whole = || vec!["answer".to_owned()];
    let differs = match (&then, &now) {
        _ if !status.is_success() => whole(),
        (Value::Object(then), Some(now)) => {
            let other = then.iter().filter(|(name, was)| *name != "snapshot" && !is_answered(name, was, now));
            other.map(|(name, _)| name.clone()).collect()
        }
        (then, Some(now)) if is_same(then, now) => Vec::new(),
        _ => whole(),
    };
    CheckView {
        same: differs.is_empty(),
        status: status.as_u16(),
        snapshot_then: finding.snapshot.clone(),
        snapshot_now,
        differs,
    }
}

/// Whether a field of what was pinned is answered alike. Who pins a part of an answer gives it a name of their own: such a part is
/// looked for in the whole answer, a list of parts one by one.
fn is_answered(name: &str, was: &Value, now: &Value) -> bool {
    if let Some(is) = now.get(name) {
        return is_same(was, is);
    }
    match was {
        Value::Object(_) => holds(now, &|_, is| is_same(was, is)),
        Value::Array(parts) if !parts.is_empty() => {
            parts.iter().all(|part| holds(now, &|at, is| (at.is_none() || part.is_object()) && is_same(part, is)))
        }
        // a bare word or number means something under its own name only
        _ => holds(now, &|at, is| at == Some(name) && is_same(was, is)),
    }
}

/// Whether an answer holds, at any depth, a value that is looked for; it is told with its name, in a list without.
fn holds(answer: &Value, wanted: &dyn Fn(Option<&str>, &Value) -> bool) -> bool {
    let is_there = |name, value| wanted(name, value) || holds(value, wanted);
    match answer {
        Value::Object(fields) => fields.iter().any(|(name, value)| is_there(Some(name.as_str()), value)),
        Value::Array(values) => values.iter().any(|value| is_there(None, value)),
        _ => false,
    }
}

/// The snapshot that an answer names, itself or in the first of a list.
fn snapshot_of(answer: &Value) -> Option<String> {
    let one = answer.as_array().map_or(Some(answer), |list| list.first())?;
    one.get("snapshot")?.as_str().map(str::to_owned)
}

/// Whether two values say the same. Numbers are compared as numbers: a browser that has read 285.00 sends 285.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (whole(a), whole(b)) {
            (Some(a), Some(b)) => a == b,
            _ => a.as_f64() == b.as_f64(),
        },
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| is_same(a, b)))
        }
        (a, b) => a == b,
    }
}

/// An integer, exactly: a float would hold two large ones for equal.
fn whole(number: &Number) -> Option<i128> {
    number.as_u64().map(i128::from).or_else(|| number.as_i64().map(i128::from))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;

    #[test]
    fn only_reads_of_the_store_can_be_asked_again() {
        for path in ["/v1/address/x?chain=bitcoin", "/v1/status", "/v1/labels?subject=a", "/v1/explain?a=x&b=y"] {
            assert!(may_be_asked(path).is_ok(), "{path}");
        }
        for path in [
            "/v1/cases/1",
            "/v1/users",
            "/v1/audit",
            "/v1/session",
            "/v1/keys",
            "/v1/jobs/1/events",
            "/v1/deconfliction?kind=person&value=x",
            "/metrics",
            "/compat/x",
            "//evil.example/v1/status",
            "http://evil.example/v1/status",
            "/v1//cases",
            "/v1/status/../cases/1",
            "/v1/address/../../v1/cases",
        ] {
            let asked = may_be_asked(path);
            // a path is never made shorter by its dots: the router knows none such
            assert!(asked.is_err() || path.contains(".."), "{path}");
        }
    }

    #[test]
    fn fields_that_differ_are_named_and_a_snapshot_alone_is_no_difference() {
        let finding = |pinned: &str| Finding {
            statement: "s".into(),
            path: "/v1/status".into(),
            snapshot: "then".into(),
            pinned: serde_json::value::RawValue::from_string(pinned.into()).unwrap(),
            note: String::new(),
        };
        let now = |text: &str| Some(serde_json::from_str(text).unwrap());
        let pinned = finding(r#"{"a": 1, "b": [1, 2], "snapshot": "then"}"#);
        let same = compare(&pinned, StatusCode::OK, now(r#"{"b":[1,2],"a":1,"snapshot":"now","new":0}"#));
        assert!(same.same && same.differs.is_empty());
        assert_eq!(same.snapshot_now.as_deref(), Some("now"));
        let other = compare(&pinned, StatusCode::OK, now(r#"{"a":2,"snapshot":"then"}"#));
        assert_eq!((other.same, other.differs), (false, vec!["a".to_owned(), "b".to_owned()]));
        let gone = compare(&pinned, StatusCode::NOT_FOUND, now(r#"{"a":1,"b":[1,2]}"#));
        assert_eq!((gone.same, gone.differs, gone.status), (false, vec!["answer".to_owned()], 404));
        assert!(compare(&finding("[1]"), StatusCode::OK, now("[1]")).same);
        assert!(!compare(&finding("[1]"), StatusCode::OK, None).same);
    }

    #[test]
    fn numbers_are_compared_as_numbers_and_parts_are_looked_for_in_the_whole_answer() {
        let differs = |pinned: &str, now: &str| {
            let finding = Finding {
                statement: "s".into(),
                path: "/v1/status".into(),
                snapshot: "then".into(),
                pinned: serde_json::value::RawValue::from_string(pinned.into()).unwrap(),
                note: String::new(),
            };
            compare(&finding, StatusCode::OK, Some(serde_json::from_str(now).unwrap())).differs
        };
        let now = r#"{"sum": 285.00, "rows": [{"id": 1, "usd": 5.0}, {"id": 2}], "deep": {"kind": "exchange", "sat": 9007199254740993}}"#;
        for same in [
            r#"{"sum": 285}"#,
            r#"{"statement": {"id": 1, "usd": 5}}"#,
            r#"{"places": [{"id": 2}, {"id": 1, "usd": 5}]}"#,
            r#"{"kind": "exchange"}"#,
            r#"{"sat": 9007199254740993}"#,
        ] {
            let list = format!("[{now}]");
            assert!(same.contains("sum") || differs(same, &list).is_empty(), "{same}");
            assert_eq!(differs(same, now), Vec::<String>::new(), "{same}");
        }
        for other in [
            r#"{"sum": 286}"#,
            r#"{"rows": [{"id": 1, "usd": 5}]}"#,
            r#"{"statement": {"id": 1, "usd": 6}}"#,
            r#"{"places": [{"id": 2}, {"id": 3}]}"#,
            r#"{"category": "exchange"}"#,
            r#"{"sat": 9007199254740992}"#,
            r#"{"gone": []}"#,
        ] {
            assert_eq!(differs(other, now).len(), 1, "{other}");
        }
    }
}
