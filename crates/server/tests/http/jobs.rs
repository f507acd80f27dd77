//! Long work.

use crate::client::{ask, get, post};
use crate::reads::copy;
use crate::world::{settings, shared, start, world};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;

fn begin(body: &Value) -> String {
    begin_at(shared(), body)
}

fn begin_at(at: SocketAddr, body: &Value) -> String {
    let answer = post(at, "/v1/jobs", &body.to_string());
    assert_eq!(answer.status, 202, "{}", answer.text());
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("location"), Some(format!("/v1/jobs/{id}").as_str()));
    id
}

fn ended(id: &str) -> Value {
    ended_at(shared(), id)
}

fn ended_at(at: SocketAddr, id: &str) -> Value {
    for _ in 0..600 {
        let job = get(at, &format!("/v1/jobs/{id}")).json();
        if !matches!(job["state"].as_str(), Some("waiting" | "running")) {
            return job;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the job does not end");
}

#[test]
fn a_job_ends_with_what_the_direct_question_answers() {
    let world = world();
    let job = ended(&begin(&json!({ "kind": "trace", "target": world.txid, "hops": 5 })));
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(job["result"], get(shared(), &format!("/v1/trace/{}?hops=5", world.txid)).json());

    let request = json!({ "subjects": [{ "value": world.listed }, { "value": "nonsense" }], "depth": "exposure" });
    let job = ended(&begin(&json!({ "kind": "screenings", "request": request })));
    assert_eq!((&job["done"], &job["total"]), (&json!(2), &json!(2)));
    assert_eq!(job["result"], post(shared(), "/v1/screenings", &request.to_string()).json());
}

#[test]
fn a_job_tells_how_it_goes_on_and_how_it_ended() {
    let subjects = vec![json!({ "value": world().listed }); 200];
    let id = begin(&json!({ "kind": "screenings", "request": { "subjects": subjects, "depth": "exposure" } }));
    let events = get(shared(), &format!("/v1/jobs/{id}/events"));
    assert_eq!(events.header("content-type"), Some("text/event-stream"));
    let mut last = 0;
    let mut names = Vec::new();
    for event in events.text().split("\n\n").filter(|event| event.starts_with("event: ")) {
        let (name, data) = event.strip_prefix("event: ").unwrap().split_once("\ndata: ").unwrap();
        let job: Value = serde_json::from_str(data).unwrap();
        assert!(job["done"].as_u64().unwrap() >= last && job.get("result").is_none());
        last = job["done"].as_u64().unwrap();
        names.push(name.to_owned());
    }
    assert_eq!((names.last().map(String::as_str), last), (Some("done"), 200));
    assert!(names[..names.len() - 1].iter().all(|name| name == "progress"));
}

#[test]
fn a_cancelled_job_ends_and_gives_nothing() {
    let subjects = vec![json!({ "value": world().listed }); 10_000];
    let id =
        begin(&json!({ "kind": "screenings", "request": { "subjects": subjects, "depth": "exposure", "hops": 9 } }));
    let cancelled = ask(shared(), "DELETE", &format!("/v1/jobs/{id}"), &[], b"");
    assert_eq!((cancelled.status, &cancelled.json()["state"]), (200, &json!("cancelled")));
    let job = ended(&id);
    assert_eq!((&job["state"], job.get("result")), (&json!("cancelled"), None));
    let events = get(shared(), &format!("/v1/jobs/{id}/events"));
    assert!(events.text().starts_with("event: cancelled\n"), "{}", events.text());
}

#[test]
fn a_job_that_means_nothing_is_not_begun() {
    let of = |body: &Value| post(shared(), "/v1/jobs", &body.to_string()).code();
    assert_eq!(of(&json!({ "kind": "mine" })), "body_invalid");
    assert_eq!(of(&json!({ "kind": "trace" })), "body_invalid");
    assert_eq!(of(&json!({ "kind": "trace", "target": "x", "hops": 0 })), "body_invalid");
    assert_eq!(of(&json!({ "kind": "trace", "target": "x", "chain": "monero" })), "chain_unknown");
    assert_eq!(of(&json!({ "kind": "screenings", "request": { "subjects": [] } })), "batch_empty");
    assert_eq!(get(shared(), "/v1/jobs/0123").code(), "job_unknown");
    let failed = ended(&begin(&json!({ "kind": "trace", "target": "nonsense" })));
    assert_eq!((&failed["state"], &failed["error"]["code"]), (&json!("failed"), &json!("target_invalid")));
}

#[test]
fn hits_that_a_job_keeps_are_there_when_it_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    copy(&world().store, &store);
    std::fs::remove_dir_all(store.join("patterns")).ok();
    let service = start(settings(&store));
    let hits = || get(service.address, "/v1/patterns/hits?limit=1");
    // an engine that has looked for kept hits once does not look again
    assert_eq!(hits().status, 404);
    let job = ended_at(service.address, &begin_at(service.address, &json!({ "kind": "patterns" })));
    let found = job["result"]["hits"].as_array().unwrap().iter().filter(|hit| hit["severity"] != "none").count();
    let hits = hits();
    assert_eq!(hits.status, 200, "{}", hits.text());
    assert_eq!((hits.json()["total"].as_u64().unwrap() as usize, found > 0), (found, true));
}
