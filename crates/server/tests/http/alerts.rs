//! Watchlists and alerts over HTTP, and the metrics of them.

use crate::client::{ask, get};
use crate::reads::copy;
use crate::world::{settings, start, world};
use athar_desk::Desk;
use athar_desk::alert::PatternHit;
use athar_engine::Level;
use serde_json::{Value, json};
use std::net::SocketAddr;

fn send(service: SocketAddr, path: &str, body: &Value) -> crate::client::Answer {
    let headers = [("content-type", "application/json")];
    ask(service, "POST", path, &headers, body.to_string().as_bytes())
}

fn hit(subject: &str) -> PatternHit {
    PatternHit {
        pattern: "peel_chain".into(),
        rule_version: "1".into(),
        severity: Level::Severe,
        chain: "bitcoin".into(),
        subject: subject.into(),
        addresses: vec![subject.into()],
        txids: vec!["ab".repeat(32)],
        units: Some(5),
        usd_cents: None,
        why: json!({ "hops": 7 }),
        snapshot: "s".into(),
    }
}

#[test]
fn a_list_is_kept_an_alert_is_handled_and_everything_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    copy(&world().store, &store);
    let service = start(settings(&store));
    let at = service.address;
    let post = |path: &str, body: Value| send(at, path, &body);

    let made = post("/v1/watchlists", json!({ "name": "cases", "actor": "amal" }));
    assert_eq!((made.status, &made.json()["is_new"]), (201, &true.into()), "{}", made.text());
    assert_eq!(post("/v1/watchlists", json!({ "name": "a/b" })).code(), "field_invalid");
    let tied = &world().tied[0];
    let watches = json!({ "watches": [
        { "kind": "entity", "value": tied, "severity": "high" },
        { "kind": "pattern", "value": "*" },
        { "kind": "category", "value": "scam" },
        { "kind": "amount", "at_least_units": "100000000000" },
    ] });
    let added = post("/v1/watchlists/cases/watches", watches);
    assert_eq!((added.status, &added.json()["counts"]["added"]), (201, &4.into()), "{}", added.text());
    let wrong =
        post("/v1/watchlists/cases/watches", json!({ "watches": [{ "kind": "address", "value": "nonsense" }] }));
    assert_eq!(wrong.code(), "field_invalid");
    assert_eq!(
        post("/v1/watchlists/none/watches", json!({ "watches": [{ "kind": "pattern", "value": "x" }] })).code(),
        "not_found"
    );
    let csv = ask(
        at,
        "POST",
        "/v1/watchlists/cases/watches",
        &[("content-type", "text/csv")],
        format!("address\n{tied}\n").as_bytes(),
    );
    assert_eq!((csv.status, &csv.json()["counts"]["lines"]), (201, &1.into()), "{}", csv.text());
    let bad = ask(at, "POST", "/v1/watchlists/cases/watches", &[("content-type", "text/csv")], b"address\nnonsense\n");
    assert!(
        bad.code() == "field_invalid" && bad.json()["detail"].as_str().unwrap().contains("line 2"),
        "{}",
        bad.text()
    );
    assert_eq!(get(at, "/v1/watchlists").json()["watchlists"][0]["watches"], 5);
    let page = get(at, "/v1/watchlists/cases/watches?limit=2");
    assert_eq!(page.json()["rows"].as_array().unwrap().len(), 2);
    assert_eq!(get(at, &page.next().unwrap()).json()["rows"][0]["kind"], "category");

    // a hit, as whoever runs the patterns stores it
    let desk = Desk::open(&store).unwrap();
    assert_eq!(desk.see_patterns(&[hit(tied)], 100).unwrap().raised, 1);
    let alerts = get(at, "/v1/alerts?severity=severe&not_closed=true").json();
    let id = alerts["rows"][0]["id"].as_i64().unwrap();
    assert_eq!(
        (&alerts["rows"][0]["pattern"], &alerts["rows"][0]["evidence"]["why"]["hops"]),
        (&"peel_chain".into(), &7.into())
    );
    let first = get(at, "/v1/alerts?order=work&limit=1&kind=pattern").json();
    assert_eq!(first["rows"][0]["id"], id);
    assert!(get(at, "/v1/alerts?order=work&kind=address").json()["rows"].as_array().unwrap().is_empty());
    for wrong in ["state=nonsense", "kind=nonsense", "order=nonsense"] {
        assert_eq!(get(at, &format!("/v1/alerts?{wrong}")).code(), "parameter_invalid", "{wrong}");
    }
    assert_eq!(get(at, "/v1/alerts/999").code(), "not_found");
    assert_eq!(get(at, "/v1/alerts/x").code(), "target_invalid");
    let act = |what: &str, body: Value| post(&format!("/v1/alerts/{id}/{what}"), body);
    assert_eq!(act("review", json!({ "version": 1, "actor": "amal" })).json()["alert"]["state"], "in_review");
    assert_eq!(act("assign", json!({ "version": 1, "assignee": "basim", "actor": "amal" })).code(), "version_conflict");
    assert_eq!(
        act("assign", json!({ "version": 2, "assignee": "basim", "actor": "amal" })).json()["alert"]["assignee"],
        "basim"
    );
    assert_eq!(act("escalate", json!({ "version": 3 })).code(), "field_invalid", "why?");
    assert_eq!(act("close", json!({ "version": 3, "outcome": "open", "reason": "x" })).code(), "field_invalid");
    let close = |version: i64, actor: &str| {
        act("close", json!({ "version": version, "outcome": "closed_true_positive", "reason": "r", "actor": actor }))
    };
    assert_eq!(close(3, "amal").json()["needs_second_person"], true);
    assert_eq!(close(4, "amal").code(), "state_refused");
    assert_eq!(close(4, "basim").json()["alert"]["state"], "closed_true_positive");
    assert_eq!(act("review", json!({ "version": 5 })).code(), "state_refused");
    assert_eq!(act("reopen", json!({ "version": 5, "reason": "a second case" })).json()["alert"]["state"], "open");
    let history = get(at, &format!("/v1/alerts/{id}/history")).json();
    let actions: Vec<&str> =
        history["rows"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["raised", "state", "assigned", "close_asked", "state", "state"]);

    let until = desk_now() + 1_000;
    let held =
        post("/v1/suppressions", json!({ "kind": "subject", "value": "x", "reason": "ours", "expires_at": until }));
    assert_eq!(held.status, 201, "{}", held.text());
    assert_eq!(
        post("/v1/suppressions", json!({ "kind": "subject", "value": "x", "reason": "ours", "expires_at": 5 })).code(),
        "field_invalid"
    );
    let number = held.json()["id"].as_i64().unwrap();
    let path = format!("/v1/suppressions/{number}");
    assert_eq!(ask(at, "DELETE", &path, &[], b"").status, 200);
    assert_eq!(ask(at, "DELETE", &path, &[], b"").code(), "not_found");
    assert_eq!(get(at, "/v1/suppressions").json()["rows"][0]["lifted_by"], "local");

    let metrics = get(at, "/metrics");
    assert_eq!(metrics.header("content-type"), Some("text/plain"));
    let line = "athar_alerts{state=\"open\",severity=\"severe\",stage=\"block\"} 1";
    assert!(metrics.text().lines().any(|l| l == line), "{}", metrics.text());
    assert!(metrics.text().contains("athar_watches 5\n"));
    assert_eq!(get(at, "/v1/alerts/figures").json()["watches"], 5);
    assert_eq!(get(at, "/v1/alerts/sinks").json()["sinks"], json!([]));
    assert_eq!(ask(at, "DELETE", "/v1/watches/1", &[], b"").status, 200);
    assert_eq!(ask(at, "DELETE", "/v1/watchlists/cases", &[], b"").json()["watches"], 4);
}

fn desk_now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64
}
