//! Imports, decisions about labels, and policies, over HTTP.

use crate::client::{Answer, ask, get, post};
use crate::reads::copy;
use crate::world::{Service, settings, start, world};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use tempfile::TempDir;

/// A service over a store of its own.
fn own() -> (TempDir, PathBuf, Service) {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    copy(&world().store, &store);
    let service = start(settings(&store));
    (folder, store, service)
}

/// A small policy.
pub(crate) fn policy(name: &str) -> String {
    let shipped = athar_engine::policy::shipped_file("strict-sanctions").unwrap();
    let line = shipped.lines().find(|line| line.trim_start().starts_with("name")).unwrap();
    shipped.replacen(line, &format!("name = \"{name}\""), 1)
}

fn import(address: SocketAddr, path: &str, body: &[u8]) -> Answer {
    ask(address, "POST", path, &[("content-type", "application/octet-stream")], body)
}

/// A job once it is over.
fn over(address: SocketAddr, begun: &Answer) -> Value {
    assert_eq!(begun.status, 202, "{}", begun.text());
    let path = begun.header("location").unwrap().to_owned();
    for _ in 0..600 {
        let job = get(address, &path).json();
        if !matches!(job["state"].as_str(), Some("waiting" | "running")) {
            return job;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the job does not end");
}

#[test]
fn labels_are_imported_with_refusals_by_line_and_without_a_trace_of_where_the_file_lay() {
    let (_folder, _store, service) = own();
    let address = &world().tied[0];
    let file = format!("address,label,category,source\n{address},Imported,exchange,me\nbroken,Broken,exchange,me\n");
    let begun = import(service.address, "/v1/imports/labels?name=..%2Fmine.csv", file.as_bytes());
    let job = over(service.address, &begun);
    assert_eq!((&job["kind"], &job["state"]), (&json!("import"), &json!("done")), "{job}");
    let result = &job["result"];
    assert_eq!((&result["name"], &result["taken"], &result["refused"]), (&json!("mine.csv"), &json!(1), &json!(1)));
    assert_eq!(result["refusals"][0]["line"], 3, "{job}");
    assert_eq!(result["report"][0]["file"], "mine.csv", "{job}");
    assert!(!job.to_string().contains("/tmp"), "{job}");
    let path = format!("/v1/labels?subject={address}");
    // whoever is told that it was done finds it at the next question
    assert!(get(service.address, &path).text().contains("Imported"));
    // the same again changes nothing
    let again = over(service.address, &import(service.address, "/v1/imports/labels?name=mine.csv", file.as_bytes()));
    assert_eq!(again["result"]["already"], true, "{again}");
}

#[test]
fn what_is_no_such_file_is_refused_whole_and_named() {
    let (_folder, store, service) = own();
    let before = std::fs::read(store.join("labels/manifest.json")).unwrap();
    for (path, body, place) in [
        ("labels?name=a.csv", &b"no,columns\n1,2\n"[..], "a.csv"),
        ("lists?name=b.xml", b"<unclosed", "b.xml"),
        ("prices?name=c.csv&asset=BTC&source=me", b"date,close\n2020-01-01,abc\n", "c.csv line 2"),
        ("rates?name=d.csv", b"day,usd\n2020-01-01,x\n", "line 2"),
    ] {
        let job = over(service.address, &import(service.address, &format!("/v1/imports/{path}"), body));
        assert_eq!(
            (&job["state"], &job["error"]["code"]),
            (&json!("failed"), &json!("import_refused")),
            "{path}: {job}"
        );
        let detail = job["error"]["detail"].as_str().unwrap();
        assert!(detail.contains(place) && !detail.contains("/tmp"), "{path}: {detail}");
    }
    assert_eq!(std::fs::read(store.join("labels/manifest.json")).unwrap(), before);
    let of = |path: &str, body: &[u8]| import(service.address, path, body).code();
    assert_eq!(of("/v1/imports/labels?name=x", b""), "body_invalid");
    assert_eq!(of("/v1/imports/labels", b"x"), "parameter_missing");
    assert_eq!(of("/v1/imports/labels?name=..", b"x"), "field_invalid");
    assert_eq!(of("/v1/imports/chains?name=x", b"x"), "target_invalid");
    assert_eq!(of("/v1/imports/records?name=x", b"x"), "field_invalid");
}

#[test]
fn prices_rates_records_lists_and_documents_are_imported() {
    let (_folder, _store, service) = own();
    for (path, body, taken) in [
        ("prices?name=p.csv&asset=LTC&source=me", "date,close\n2019-01-01,30.5\n2019-01-02,31\n", 2),
        ("rates?name=r.csv", "day,usd\n2020-01-01,1.12\n2020-02-01,1.10\n", 2),
        ("records?name=s.csv&kind=redemption", "serial,account,country,time\n5,user-1,tr,2020-09-29T12:00:00Z\n", 1),
        ("lists?name=names.csv&list=others&as_of=2022-01-01", "id,name\n1,Somebody Else\n2,Another One\n", 2),
        ("documents?name=post.txt", "Send money for our fighters: 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", 1),
    ] {
        let job = over(service.address, &import(service.address, &format!("/v1/imports/{path}"), body.as_bytes()));
        assert_eq!((&job["state"], &job["result"]["taken"]), (&json!("done"), &json!(taken)), "{path}: {job}");
        let read = u64::from(path.starts_with("documents"));
        assert_eq!((&job["done"], &job["total"]), (&json!(read), &json!(null)), "{path}");
    }
    assert!(get(service.address, "/v1/lists").text().contains("\"others\""));
    let seen = get(service.address, "/v1/sightings?value=1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa").json();
    assert_eq!(seen["sightings"].as_array().unwrap().len(), 1);
}

#[test]
fn a_store_that_another_process_writes_to_is_told_so() {
    let (_folder, store, service) = own();
    // the lock of the store, as another process holds it
    let file = std::fs::OpenOptions::new().read(true).write(true).open(store.join("LOCK")).unwrap();
    file.lock().unwrap();
    let csv = format!("address,label,category,source\n{},x,exchange,me\n", world().tied[0]);
    assert_eq!(import(service.address, "/v1/imports/labels?name=a.csv", csv.as_bytes()).code(), "store_locked");
    let add =
        json!({ "action": "add", "subject": world().tied[0], "name": "x", "category": "exchange", "source": "me" });
    assert_eq!(post(service.address, "/v1/labels/decisions", &add.to_string()).code(), "store_locked");
    let proposed = json!({ "text": policy("locked") }).to_string();
    assert_eq!(post(service.address, "/v1/policies", &proposed).code(), "store_locked");
    drop(file);
    assert_eq!(post(service.address, "/v1/labels/decisions", &add.to_string()).status, 201);
}

#[test]
fn labels_are_added_disputed_corrected_and_retracted() {
    let (_folder, _store, service) = own();
    let subject = &world().tied[1];
    let decide = |body: Value| post(service.address, "/v1/labels/decisions", &body.to_string());
    let added = decide(json!({
        "action": "add", "subject": subject, "name": "Of our own", "category": "exchange", "basis": "own_analysis",
        "source": "case 5",
    }));
    assert_eq!(added.status, 201, "{}", added.text());
    let path = format!("/v1/labels?subject={subject}&of=all");
    let of_own = |labels: &Value| -> Option<Value> {
        labels["labels"].as_array()?.iter().find(|label| label["label"] == "Of our own").cloned()
    };
    let label = of_own(&get(service.address, &path).json()).unwrap();
    let id = label["id"].as_str().unwrap();
    let disputed = decide(json!({ "action": "dispute", "label": id, "reason": "they say so" }));
    assert_eq!(disputed.status, 201, "{}", disputed.text());
    assert_eq!(disputed.json()["decision"]["kind"], "dispute");
    // the same again would change nothing
    assert_eq!(decide(json!({ "action": "dispute", "label": id, "reason": "again" })).code(), "field_invalid");
    let corrected =
        decide(json!({ "action": "correct", "label": id, "reason": "typo", "changes": { "name": "Of ours" } }));
    assert_eq!(corrected.status, 201, "{}", corrected.text());
    assert_eq!(decide(json!({ "action": "retract", "label": id, "reason": "wrong" })).status, 201);
    for (wrong, field) in [
        (json!({ "action": "praise", "label": id, "reason": "r" }), "action"),
        (json!({ "action": "retract", "label": "xyz", "reason": "r" }), "label"),
        (json!({ "action": "retract", "label": id, "reason": " " }), "reason"),
        (json!({ "action": "correct", "label": id, "reason": "r", "changes": { "level": "low" } }), "changes"),
        (json!({ "action": "add", "subject": subject, "name": "x", "category": "nice", "source": "s" }), "category"),
        (json!({ "action": "add", "subject": subject, "name": "x", "category": "exchange" }), "source"),
    ] {
        let answer = decide(wrong.clone());
        assert_eq!(answer.code(), "field_invalid", "{wrong}");
        assert_eq!(answer.json()["field"], field, "{wrong}");
    }
    let unknown = decide(json!({ "action": "retract", "label": "0".repeat(32), "reason": "r" }));
    assert_eq!(unknown.status, 422, "{}", unknown.text());
}

#[test]
fn policies_are_proposed_tested_and_put_to_work() {
    let (_folder, _store, service) = own();
    let proposed = post(service.address, "/v1/policies", &json!({ "text": policy("mine") }).to_string());
    assert_eq!((proposed.status, &proposed.json()["mode"]), (201, &json!("test")), "{}", proposed.text());
    let wrong = post(service.address, "/v1/policies", &json!({ "text": "name = 7\n" }).to_string());
    assert_eq!(wrong.code(), "policy_refused");
    assert!(wrong.json()["detail"].as_str().unwrap().contains("line 1"), "{}", wrong.text());
    let mode = |name: &str, mode: &str| {
        post(service.address, &format!("/v1/policies/{name}/mode"), &json!({ "mode": mode }).to_string())
    };
    let active = mode("mine", "active");
    assert_eq!((active.status, &active.json()["mode"]), (200, &json!("active")), "{}", active.text());
    assert_eq!(mode("none", "active").code(), "not_found");
    assert_eq!(mode("mine", "sleeping").code(), "field_invalid");
    // a file of the machine is no policy of the store
    assert_eq!(mode("%2Fetc%2Fpasswd", "test").code(), "not_found");
    let test = |body: Value| post(service.address, "/v1/policies/test", &body.to_string());
    let job =
        over(service.address, &test(json!({ "text": policy("other"), "against": "strict-sanctions", "sample": 40 })));
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!((&job["result"]["targets"], &job["result"]["is_sample"]), (&json!(40), &json!(true)), "{job}");
    assert_eq!(job["result"]["moments"][0]["changed"], 0, "the same rules say the same");
    let named = over(
        service.address,
        &test(json!({ "name": "strict-sanctions", "against": "strict-sanctions", "addresses": [world().listed] })),
    );
    assert_eq!(named["result"]["targets"], 1, "{named}");
    assert_eq!(test(json!({ "name": "none" })).code(), "policy_unknown");
    assert_eq!(test(json!({ "name": "strict-sanctions", "text": "x" })).code(), "field_invalid");
    assert_eq!(test(json!({ "text": "nonsense" })).code(), "policy_refused");
    assert_eq!(test(json!({ "name": "strict-sanctions", "sample": 0 })).code(), "field_invalid");
    // the editor's questions: the text as it was written, and what a draft would change
    let text = get(service.address, "/v1/policies/mine/text").json();
    assert_eq!(text["text"], policy("mine").as_str(), "{text}");
    assert_eq!(get(service.address, "/v1/policies/none/text").code(), "policy_unknown");
    let check = |text: &str| post(service.address, "/v1/policies/check", &json!({ "text": text }).to_string());
    let draft = check(&policy("draft")).json();
    assert_eq!(draft["policy"]["name"], "draft", "{draft}");
    assert!(draft["changes"]["head"].is_array());
    assert_eq!(check("nonsense").code(), "policy_refused");
    // both tests are among the caller's jobs, the newest first
    let jobs = get(service.address, "/v1/jobs").json();
    let kinds: Vec<&str> = jobs["jobs"].as_array().unwrap().iter().filter_map(|job| job["kind"].as_str()).collect();
    assert_eq!(kinds, ["policy_test", "policy_test"]);
    assert_eq!(jobs["jobs"][0]["id"], named["id"]);
}
