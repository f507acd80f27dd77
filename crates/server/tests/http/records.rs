//! Off-chain records over HTTP: what is imported is read back under pseudonyms, by every route, and is gone when it is deleted.

use crate::client::{Answer, ask, get};
use crate::reads::copy;
use crate::world::{Service, settings, start, world};
use athar_server::Settings;
use athar_server::keys::{self, Scope};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use tempfile::TempDir;

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];
const SALES: &str = "code,outlet,place,sold,amount,phone\n11-22,Tabac A,Lyon,2020-09-29 12:00,50,+33639980001\n\
                     33-44,Tabac B,Lille,2020-09-30 12:00,150,+33639980001\n55-66,Tabac C,Lille,yesterday,150,\n";

/// A service over a store of its own, in which there are no records yet.
fn fresh() -> (TempDir, PathBuf, Service) {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    copy(&world().store, &store);
    let service = start(settings(&store));
    (folder, store, service)
}

fn sell(at: SocketAddr) -> Answer {
    let query = "kind=coupon_sale&map=serial%3Dcode%2Ctime%3Dsold%2Ccurrency%3A%3DEUR&zone=Europe%2FParis&keep_plain=outlet&name=s.csv";
    ask(at, "POST", &format!("/v1/records?{query}"), &[("content-type", "text/csv")], SALES.as_bytes())
}

fn send(at: SocketAddr, path: &str, body: &Value) -> Answer {
    ask(at, "POST", path, JSON, body.to_string().as_bytes())
}

#[test]
fn records_are_imported_joined_noted_and_forgotten() {
    let (_folder, _store, service) = fresh();
    let at = service.address;
    // nothing was imported: lists are empty, one thing is not there
    for (path, name) in [
        ("/v1/records", "records"),
        ("/v1/records/imports", "imports"),
        ("/v1/records/journal", "entries"),
        ("/v1/records/notes", "notes"),
    ] {
        assert_eq!(get(at, path).json()[name], json!([]), "{path}");
    }
    for path in ["/v1/records/1", "/v1/records/stats", "/v1/records/linked"] {
        assert_eq!(get(at, path).status, 404, "{path}");
    }
    let receipt = sell(at);
    assert_eq!(receipt.status, 201, "{}", receipt.text());
    let receipt = receipt.json();
    assert_eq!((&receipt["rows"], &receipt["added"], &receipt["quarantined"]), (&json!(3), &json!(2), &json!(1)));
    let reason = json!({ "en": "time: not in a form that is read", "ar": "\u{2068}time\u{2069}: ليس بصيغة مقروءة" });
    assert_eq!(receipt["quarantine"][0], json!({ "line": 4, "reason": reason }));
    assert_eq!(sell(at).json()["already"], true);
    let redeemed = json!([
        { "serial": "1122", "account": "user-77", "country": "tr", "time": "2020-09-29T12:00:00Z" },
        { "serial": "3344", "account": "user-77", "country": "tr", "time": 1_601_500_000 },
    ]);
    assert_eq!(send(at, "/v1/records?kind=redemption", &redeemed).json()["added"], 2);

    let all = get(at, "/v1/records");
    assert_eq!(all.json()["records"].as_array().unwrap().len(), 4);
    for personal in ["user-77", "1122", "11-22", "Tabac", "33639980001"] {
        assert!(!all.text().contains(personal), "{personal} in {}", all.text());
    }
    let first = &all.json()["records"][0];
    assert_eq!((&first["time"], &first["amount"]["minor"]), (&json!("2020-09-29T12:00:00+02:00"), &json!("5000")));
    assert!(first["outlet"]["pseudonym"].as_str().unwrap().starts_with("p-"));
    assert_eq!(first["outlet"]["value"], Value::Null, "what was kept is not told");
    let id = first["id"].as_u64().unwrap();
    assert_eq!(&get(at, &format!("/v1/records/{id}")).json()["serial"], &first["serial"]);
    // pages
    let page = get(at, "/v1/records?limit=3&kind=coupon_sale");
    assert_eq!(page.json()["records"].as_array().unwrap().len(), 2);
    // a value finds its records without standing in any address
    let found = send(at, "/v1/records/search", &json!({ "subject": "0033 6 39 98 00 01" })).json();
    assert_eq!(found["records"].as_array().unwrap().len(), 2);
    let note = send(
        at,
        "/v1/records/notes",
        &json!({ "subject": "+33639980001", "text": "a relative", "source": "statement" }),
    );
    assert_eq!(note.status, 201, "{}", note.text());
    let linked = get(at, "/v1/records/linked").json();
    assert_eq!((&linked["redemptions"], &linked["matched"]), (&json!(2), &json!(2)));
    let one = &linked["beneficiaries"][0];
    assert_eq!((&one["outlets"], &one["euro_cents"], &one["countries"]), (&json!(2), &json!(20_000), &json!(["TR"])));
    assert_eq!(one["context"][0]["text"], "a relative");
    let stats = get(at, "/v1/records/stats").json();
    assert_eq!((&stats["records"]["coupon_sale"], &stats["notes"]), (&json!(2), &json!(1)));

    let gone = send(at, "/v1/records/forget", &json!({ "subject": "+33639980001", "reason": "request" })).json();
    assert_eq!(gone["deleted"], 2);
    assert_eq!(get(at, &format!("/v1/records/{id}")).status, 404);
    let left = get(at, "/v1/records").json();
    let id = left["records"][0]["id"].as_u64().unwrap();
    let delete = |path: &str| ask(at, "DELETE", path, &[], b"");
    assert_eq!(delete(&format!("/v1/records/{id}?reason=wrong")).json()["deleted"], 1);
    assert_eq!(delete(&format!("/v1/records/{id}")).status, 404);
    let import = left["records"][1]["import"].as_u64().unwrap();
    assert_eq!(delete(&format!("/v1/records/imports/{import}")).json()["deleted"], 1);
    let journal = get(at, "/v1/records/journal").json();
    let actions: Vec<&str> =
        journal["entries"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["imported", "imported", "noted", "deleted_subject", "deleted_records", "deleted_import"]);
}

#[test]
fn a_bad_request_says_what_is_wrong_with_it() {
    let (_folder, _store, service) = fresh();
    let at = service.address;
    let csv = |query: &str, body: &str| {
        ask(at, "POST", &format!("/v1/records?{query}"), &[("content-type", "text/csv")], body.as_bytes())
    };
    let code = |answer: Answer| (answer.status, answer.code());
    assert_eq!(code(csv("kind=salary", "a\n")), (400, "parameter_invalid".into()));
    assert_eq!(code(csv("kind=login&map=nobody%3Da", "a\n")), (422, "field_invalid".into()));
    assert_eq!(code(csv("kind=login&map=account%3Db", "a\n1\n")), (400, "body_invalid".into()));
    assert_eq!(code(csv("kind=login&zone=Mars", "a\n")), (422, "field_invalid".into()));
    assert_eq!(code(csv("kind=login&keep_plain=country", "a\n")), (422, "field_invalid".into()));
    assert_eq!(code(send(at, "/v1/records/notes", &json!({ "subject": "x" }))), (400, "body_invalid".into()));
}

#[test]
fn a_key_that_only_reads_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    copy(&world().store, &store);
    let file = folder.path().join("keys.json");
    let (_, reader) = keys::add(&file, "reader", &[Scope::Read], 1, keys::now_s()).unwrap();
    let service = start(Settings { keys: Some(file), ..settings(&store) });
    let headers = [("x-api-key", reader.as_str()), ("content-type", "application/json")];
    let at = service.address;
    for (method, path) in [
        ("POST", "/v1/records?kind=login"),
        ("POST", "/v1/records/forget"),
        ("POST", "/v1/records/notes"),
        ("DELETE", "/v1/records/1"),
        ("DELETE", "/v1/records/imports/1"),
    ] {
        let answer = ask(at, method, path, &headers, b"[]");
        assert_eq!((answer.status, answer.code()), (403, "scope_missing".to_owned()), "{method} {path}");
    }
    assert_eq!(ask(at, "GET", "/v1/records", &headers, b"").status, 200);
}
