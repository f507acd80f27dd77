//! Screenings: single, in batches, as tables, again with a key.

use crate::client::{Answer, ask, get, post};
use crate::world::{settings, shared, start, world};
use athar_server::{Limits, Settings};
use serde_json::{Value, json};
use std::time::Duration;

fn table(body: &str, query: &str, accept: &str) -> Answer {
    let headers = [("content-type", "text/csv; charset=utf-8"), ("accept", accept)];
    ask(shared(), "POST", &format!("/v1/screenings{query}"), &headers, body.as_bytes())
}

#[test]
fn a_single_subject_is_answered_alike_by_get_and_post() {
    let listed = &world().listed;
    let got = get(shared(), &format!("/v1/screenings?value={listed}&kind=address&chain=bitcoin"));
    let body = json!({ "kind": "address", "chain": "bitcoin", "value": listed }).to_string();
    let posted = post(shared(), "/v1/screenings", &body);
    assert_eq!(got.status, 200, "{}", got.text());
    assert_eq!(got.body, posted.body);
    let answer = got.json();
    assert_eq!(
        (&answer["risk"], &answer["status"], &answer["error"]),
        (&json!("severe"), &json!("known"), &Value::Null)
    );
    assert_eq!(answer["subject"], serde_json::from_str::<Value>(&body).unwrap());
    assert_eq!(answer["screening"]["statements"][0]["relation"], "ownership");
}

#[test]
fn direct_says_nothing_of_others_and_exposure_does() {
    let paid = world().listed.clone();
    let exposed = |body: Value| -> usize {
        let answer = post(shared(), "/v1/screenings", &body.to_string()).json();
        let statements = answer["screening"]["statements"].as_array().unwrap().clone();
        statements.iter().filter(|s| !s["direction"].is_null()).count()
    };
    assert_eq!(exposed(json!({ "value": paid })), 0);
    assert!(exposed(json!({ "value": paid, "depth": "exposure", "hops": 6 })) > 0);
}

#[test]
fn a_counterparty_is_met_at_the_depth_of_that_name_and_ownership_is_the_same_at_each() {
    let world = world();
    let of = |depth: &str| {
        let body = json!({ "value": world.listed, "depth": depth }).to_string();
        post(shared(), "/v1/screenings", &body).json()["screening"].clone()
    };
    let (direct, counterparty, exposure) = (of("direct"), of("counterparty"), of("exposure"));
    assert_eq!(direct["depth"], "ownership");
    assert_eq!(direct["counterparties"], json!([]));
    assert_eq!(direct["statements"], counterparty["statements"]);
    let own = |view: &Value| -> Vec<String> {
        let statements = view["statements"].as_array().unwrap().iter().filter(|s| s["direction"].is_null());
        statements.map(|s| format!("{} {} {}", s["relation"], s["category"], s["level"])).collect()
    };
    assert!(!own(&direct).is_empty());
    assert_eq!(own(&direct), own(&exposure));
}

#[test]
fn a_policy_judges_and_the_attempt_is_put_to_it() {
    let world = world();
    let body = |policy: &str, amount: &str| {
        let subjects = json!([
            { "kind": "withdrawal_attempt", "value": world.listed, "amount": amount, "asset": "BTC" },
            { "value": "nonsense" },
        ]);
        json!({ "subjects": subjects, "policy": policy, "hops": 2 }).to_string()
    };
    let answer = post(shared(), "/v1/screenings", &body("active", "0.015")).json();
    let assessment = &answer["results"][0]["assessment"];
    assert_eq!((&assessment["attempt_sat"], &assessment["verdict"]["mode"]), (&json!(1_500_000), &json!("active")));
    assert_eq!(assessment["verdict"]["level"], "severe", "a designated owner, by the shipped policy");
    assert!(!assessment["verdict"]["rules"].as_array().unwrap().is_empty());
    assert_eq!(answer["results"][0]["screening"]["snapshot"], assessment["screen_snapshot"]);
    assert!(answer["results"][1].get("assessment").is_none());
    let finer = post(shared(), "/v1/screenings", &body("active", "0.000000001")).json();
    assert_eq!(finer["results"][0]["error"]["code"], "amount_invalid");
    // by name and by version, each as `GET /v1/policies` says
    let policies = get(shared(), "/v1/policies").json();
    for policy in policies["policies"].as_array().unwrap() {
        let (name, version) = (policy["name"].as_str().unwrap(), policy["version"].as_str().unwrap());
        let answer = post(shared(), "/v1/screenings", &body(name, "1")).json();
        assert_eq!(answer["results"][0]["assessment"]["verdict"]["version"], version);
        assert_eq!(get(shared(), &format!("/v1/policies/{}", &version[..12])).json()["version"], version);
    }
    assert_eq!(get(shared(), "/v1/policies/none").code(), "policy_unknown");
    let csv = table(&format!("value\n{}\n", world.listed), "?policy=active", "text/csv");
    assert!(csv.text().lines().nth(1).unwrap().contains("strict-sanctions@"), "{}", csv.text());
}

#[test]
fn each_subject_of_a_batch_has_its_own_answer_or_error() {
    let world = world();
    let tron = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";
    let subjects = json!([
        { "kind": "address", "value": world.listed, "reference": "r-1" },
        { "kind": "address", "value": "bcrt1QW508d6qejxtdg4y5r3zarvary0c5xw7kygt080" },
        { "kind": "address", "chain": "dogechain", "value": world.listed },
        { "kind": "transaction", "value": world.txid },
        { "kind": "address", "value": world.txid },
        { "kind": "output", "value": format!("{}:0", world.txid) },
        { "kind": "withdrawal_attempt", "value": world.tied[0], "amount": "0.015", "asset": "BTC" },
        { "kind": "withdrawal_attempt", "value": world.tied[0], "amount": "1e3" },
        { "kind": "address", "chain": "tron", "value": tron },
        { "kind": "address", "chain": "bitcoin", "value": tron },
        7,
        { "value": "\u{0}'; DROP TABLE labels; --\r\nX: y" },
    ]);
    let answer = post(shared(), "/v1/screenings", &json!({ "subjects": subjects }).to_string());
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    let results = answer["results"].as_array().unwrap();
    let codes: Vec<&str> = results.iter().map(|r| r["error"]["code"].as_str().unwrap_or("-")).collect();
    assert_eq!(
        codes,
        [
            "-",
            "subject_invalid",
            "chain_unknown",
            "-",
            "subject_kind_other",
            "-",
            "-",
            "amount_invalid",
            "-",
            "subject_chain_other",
            "subject_malformed",
            "subject_invalid"
        ]
    );
    assert_eq!((&answer["screened"], &answer["failed"]), (&json!(5), &json!(7)));
    for (result, subject) in results.iter().zip(subjects.as_array().unwrap()) {
        assert_eq!(&result["subject"], subject, "the subject as given");
        assert_eq!(result["error"].is_null(), result["screening"].is_object());
        assert_eq!(result["error"].is_null(), result["risk"].is_string());
    }
    // nothing known is never "none"
    assert_eq!(results[8]["risk"], "unknown");
    assert_eq!(results[8]["status"], "unseen");
}

#[test]
fn a_single_subject_that_is_wrong_is_the_requests_error() {
    let of = |body: &str| post(shared(), "/v1/screenings", body).code();
    assert_eq!(of(r#"{"value":"nonsense"}"#), "subject_invalid");
    assert_eq!(of(r#"{"value":"x","chain":"none"}"#), "chain_unknown");
    assert_eq!(of(r#"{"value":"x","policy":"strict"}"#), "policy_unknown");
    // a client's text never names a file of the machine
    assert_eq!(of(r#"{"value":"x","policy":"../policy.toml"}"#), "policy_unknown");
    assert_eq!(of(r#"{"value":"x","policy":"active","depth":"direct"}"#), "body_invalid");
    assert_eq!(of(r#"{"value":1}"#), "body_invalid");
    assert_eq!(of("{"), "body_invalid");
    assert_eq!(of(""), "body_invalid");
    assert_eq!(of(r#"{"subjects":[]}"#), "batch_empty");
    let answer = ask(shared(), "POST", "/v1/screenings", &[("content-type", "text/plain")], b"x");
    assert_eq!(answer.code(), "media_type_unsupported");
    assert_eq!(post(shared(), "/v1/screenings?depth=direct", "{}").code(), "parameter_invalid");
    let forged = post(shared(), "/v1/screenings", "{\"value\":\"\\u001b[31m\\u202e<script>\"}");
    assert_eq!(forged.code(), "subject_invalid");
    assert!(!forged.text().contains(['\u{1b}', '\u{202e}']), "{}", forged.text());
}

#[test]
fn ten_thousand_subjects_are_screened_and_one_more_is_refused() {
    // nobody ever paid it: the quickest answer there is
    let subject = json!({ "value": "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080" });
    let body = |n: usize| json!({ "subjects": vec![subject.clone(); n] }).to_string();
    // time enough for a build without optimisation on a busy machine
    let limits = Limits { request_time: Duration::from_secs(600), ..Limits::for_workers(2) };
    let service = start(Settings { limits, ..settings(&world().store) });
    let answer = post(service.address, "/v1/screenings", &body(10_000));
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["screened"], 10_000);
    assert_eq!(post(shared(), "/v1/screenings", &body(10_001)).code(), "batch_too_large");
    let rows = format!("value\n{}", format!("{}\n", world().listed).repeat(10_001));
    assert_eq!(table(&rows, "", "text/csv").code(), "batch_too_large");
}

#[test]
fn a_table_goes_in_and_comes_out_with_guarded_cells() {
    let listed = &world().listed;
    let hostile = ["=HYPERLINK(1)", "@SUM(1)", "+1", "-1+1", "a\"b", "\tx"];
    let mut body = String::from("reference,value\n");
    for reference in hostile {
        body.push_str(&format!("\"{}\",{listed}\n", reference.replace('"', "\"\"")));
    }
    body.push_str("bad,=cmd|' /C calc'!A0\n");
    let answer = table(&body, "", "text/csv");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/csv")), "{}", answer.text());
    let lines: Vec<&str> = answer.text().lines().collect();
    assert_eq!(lines.len(), hostile.len() + 2);
    assert_eq!(
        lines[0],
        "reference,kind,chain,value,status,risk,entity,entity_size,categories,policy,policy_level,policy_score,error,detail,snapshot"
    );
    for cell in lines.iter().flat_map(|line| line.split(',')) {
        let text = cell.trim_matches('"');
        assert!(!text.starts_with(['=', '+', '-', '@', '\t']), "{cell:?}");
    }
    assert!(lines[1].contains(",known,severe,"), "{}", lines[1]);
    assert!(lines[hostile.len() + 1].contains("subject_invalid"));
    // the same as JSON
    let json = table(&body, "?depth=exposure&hops=2", "application/json").json();
    assert_eq!(json["failed"], 1);
    assert_eq!(json["results"][0]["subject"]["reference"], hostile[0]);
    assert_eq!(table("colour\nred\n", "", "text/csv").code(), "body_invalid");
}

#[test]
fn a_repeated_key_gets_the_first_answer_and_another_body_is_refused() {
    let with = |key: &str, body: &str| {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        ask(shared(), "POST", "/v1/screenings", &headers, body.as_bytes())
    };
    let body = json!({ "value": world().listed, "reference": "one" }).to_string();
    let first = with("k1", &body);
    let again = with("k1", &body);
    assert_eq!((first.status, first.header("idempotent-replayed")), (200, None));
    assert_eq!((again.status, again.header("idempotent-replayed")), (200, Some("true")));
    assert_eq!(first.body, again.body);
    assert_eq!(with("k1", &body.replace("one", "two")).code(), "idempotency_key_reused");
    assert_eq!(with("k2", &body.replace("one", "two")).status, 200);
    // a refused request leaves its key free
    assert_eq!(with("k3", "{").code(), "body_invalid");
    assert_eq!(with("k3", &body).status, 200);
    assert_eq!(with(&"k".repeat(256), &body).code(), "idempotency_key_invalid");
}

#[test]
fn labels_of_a_day_answer_as_of_that_day() {
    let listed = &world().listed;
    let now = post(shared(), "/v1/screenings", &json!({ "value": listed }).to_string()).json();
    let before = json!({ "value": listed, "known_at": "2001-01-01" }).to_string();
    let before = post(shared(), "/v1/screenings", &before).json();
    assert_eq!((&now["risk"], &before["risk"]), (&json!("severe"), &json!("unknown")));
    assert_ne!(now["screening"]["snapshot"], before["screening"]["snapshot"]);
}

#[test]
fn the_shapes_of_another_service_are_answered() {
    let base = "/compat/chainalysis/api";
    let listed = &world().listed;
    let answer = get(shared(), &format!("{base}/v1/address/{listed}")).json();
    let first = &answer["identifications"][0];
    assert_eq!(first["category"], "sanctions");
    for field in ["name", "description", "url"] {
        assert!(first.get(field).is_some(), "{first}");
    }
    let unseen = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    assert_eq!(get(shared(), &format!("{base}/v1/address/{unseen}")).json(), json!({ "identifications": [] }));
    assert_eq!(get(shared(), &format!("{base}/v1/address/nonsense")).code(), "target_invalid");

    let body = json!({ "address": listed }).to_string();
    let registered = post(shared(), &format!("{base}/risk/v2/entities"), &body);
    assert_eq!((registered.status, registered.json()), (201, json!({ "address": listed })));
    let risk = get(shared(), &format!("{base}/risk/v2/entities/{listed}")).json();
    assert_eq!(
        (&risk["risk"], &risk["status"], &risk["address"]),
        (&json!("Severe"), &json!("COMPLETE"), &json!(listed))
    );
    assert!(risk["riskReason"].is_string() && risk["cluster"]["name"].is_string());
    assert!(!risk["triggers"].as_array().unwrap().is_empty());
    let unknown = get(shared(), &format!("{base}/risk/v2/entities/{unseen}")).json();
    assert_eq!((&unknown["risk"], &unknown["cluster"]), (&Value::Null, &Value::Null));
}
