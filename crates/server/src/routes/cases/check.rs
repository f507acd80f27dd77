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
use serde_json::Value;
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
    /// Fields of the pinned answer, of its first level, that are answered differently. `answer` where it is no object, or where there is
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

/// The snapshot that an answer names, at its top or in the first of a list.
fn snapshot_of(answer: &Value) -> Option<String> {
    let first = answer.as_array().map_or(Some(answer), |list| list.first())?;
    first.get("snapshot")?.as_str().map(str::to_owned)
}

/// Whether two lists say the same, the snapshots of their items apart.
fn is_alike(then: &[Value], now: &[Value]) -> bool {
    let bare = |item: &Value| {
        let mut item = item.clone();
        if let Value::Object(fields) = &mut item {
            fields.remove("snapshot");
        }
        item
    };
    then.len() == now.len() && then.iter().zip(now).all(|(then, now)| bare(then) == bare(now))
}

fn compare(finding: &Finding, status: StatusCode, now: Option<Value>) -> CheckView {
    let then: Value = serde_json::from_str(finding.pinned.get()).unwrap_or_default();
    let snapshot_now = now.as_ref().and_then(snapshot_of);
    let whole = || vec!["answer".to_owned()];
    let differs = match (&then, &now) {
        _ if !status.is_success() => whole(),
        (Value::Object(then), Some(Value::Object(now))) => {
            let other = then.iter().filter(|(name, was)| *name != "snapshot" && now.get(*name) != Some(*was));
            other.map(|(name, _)| name.clone()).collect()
        }
        (Value::Array(then), Some(Value::Array(now))) if is_alike(then, now) => Vec::new(),
        (then, Some(now)) if then == now => Vec::new(),
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
        let list =
            compare(&finding(r#"[{"a":1,"snapshot":"then"}]"#), StatusCode::OK, now(r#"[{"a":1,"snapshot":"now"}]"#));
        assert_eq!((list.same, list.snapshot_now.as_deref()), (true, Some("now")));
        assert!(!compare(&finding(r#"[{"a":1}]"#), StatusCode::OK, now(r#"[{"a":2}]"#)).same);
        assert!(!compare(&finding("[1]"), StatusCode::OK, None).same);
    }
}
