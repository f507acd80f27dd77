//! What is watched is screened again when the store changes under the running service, and changes are told.

use crate::client::{Answer, ask, get, post};
use crate::reads::copy;
use crate::world::{settings, start, world};
use athar_desk::webhook::{SenderSettings, verify};
use athar_engine::Day;
use athar_engine::write::{PolicyChange, change_policy, import_labels};
use athar_server::{Settings, Upkeep};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A valid address of the test network that nobody ever paid.
const WATCHED: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
/// On a machine that builds something else meanwhile.
const PATIENCE: Duration = Duration::from_secs(240);

/// A server that takes webhooks and gives what it got: head and body.
fn taker() -> (SocketAddr, Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (send, got) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
            let (head, length) = loop {
                let n = stream.read(&mut piece).unwrap();
                bytes.extend_from_slice(&piece[..n]);
                if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
                    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
                    let length = header(&head, "content-length").unwrap().parse::<usize>().unwrap();
                    break (head, end + 4 + length);
                }
            };
            while bytes.len() < length {
                let n = stream.read(&mut piece).unwrap();
                bytes.extend_from_slice(&piece[..n]);
            }
            stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").unwrap();
            let body = bytes[head.len() + 4..].to_vec();
            if send.send((head, body)).is_err() {
                return;
            }
        }
    });
    (address, got)
}

/// A server that takes connections and never says anything.
fn hanging() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming() {
            held.push(stream);
        }
    });
    address
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.split_once(": ").filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v))
}

/// Asks until the answer is as wanted.
fn until(service: SocketAddr, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let answer = get(service, path).json();
        if wanted(&answer) {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "{path}: {answer:#}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn rows(answer: &Value) -> &Vec<Value> {
    answer["rows"].as_array().unwrap()
}

#[test]
fn exactly_the_affected_are_screened_again_and_the_change_is_told_with_a_signature() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    copy(&world().store, &store);
    // other tests watch theirs
    let _ = std::fs::remove_dir_all(store.join("desk"));
    let second = Duration::from_secs(1);
    let sending = SenderSettings { resolve: second, connect: second, total: 3 * second };
    let upkeep = Upkeep { deliver: true, sending, ..Upkeep::default() };
    let mut service = start(Settings { upkeep, ..settings(&store) });
    let at = service.address;

    let ((taker, got), hanging) = (taker(), hanging());
    let refused = post(at, "/v1/webhooks", &json!({ "url": format!("http://{taker}/hook") }).to_string());
    assert_eq!(refused.code(), "webhook_target_refused");
    let add = |target: SocketAddr| -> Answer {
        let body = json!({ "url": format!("http://{target}/hook"), "allow_internal": target.to_string() });
        post(at, "/v1/webhooks", &body.to_string())
    };
    let (told, silent) = (add(taker), add(hanging));
    assert_eq!((told.status, silent.status), (201, 201), "{}", told.text());
    let secret = told.json()["secret"].as_str().unwrap().to_owned();
    assert!(!get(at, "/v1/webhooks").text().contains("whsec_"));

    // an address, another one beside it, and a transfer
    let subjects = json!({ "subjects": [
        { "value": WATCHED, "monitor": true, "reference": "customer 17" },
        { "value": world().listed, "monitor": true },
    ] });
    let watched = post(at, "/v1/screenings", &subjects.to_string()).json();
    let id = |n: usize| watched["results"][n]["watched"].as_i64().unwrap();
    let transfers =
        json!({ "transfers": [{ "transfer": format!("{}:0", world().txid), "direction": "received" }] }).to_string();
    let with_key = [("content-type", "application/json"), ("idempotency-key", "t1")];
    let registered = ask(at, "POST", "/v1/transfers", &with_key, transfers.as_bytes());
    let again = ask(at, "POST", "/v1/transfers", &with_key, transfers.as_bytes());
    assert_eq!((registered.status, &registered.body), (201, &again.body));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let transfer = registered.json()["registered"][0]["id"].as_i64().unwrap();
    let ids = [id(0), id(1), transfer];
    let all = until(at, "/v1/subjects", |s| rows(s).iter().all(|subject| subject["screening"].is_i64()));
    assert_eq!(rows(&all).iter().map(|s| s["id"].as_i64().unwrap()).collect::<Vec<_>>(), ids);
    assert_eq!((&rows(&all)[0]["level"], &rows(&all)[1]["level"]), (&json!("unknown"), &json!("severe")));
    assert_eq!(rows(&get(at, "/v1/changes").json()).len(), 0, "a first answer is no change");
    // pages by cursor
    let first = get(at, "/v1/subjects?limit=2");
    assert_eq!(rows(&first.json()).len(), 2);
    assert_eq!(rows(&get(at, &first.next().unwrap()).json())[0]["id"], transfer);

    // a label comes while the service runs
    let csv = folder.path().join("labels.csv");
    let label = "address,label,category,source,basis\n";
    std::fs::write(&csv, format!("{label}{WATCHED},Bad,terrorist_financing,a list,complaint\n")).unwrap();
    import_labels(&store, &[csv], Day(20_001), None).unwrap();
    let changes = until(at, "/v1/changes", |changes| !rows(changes).is_empty());
    let change = &rows(&changes)[0];
    assert_eq!((rows(&changes).len(), &change["subject"]), (1, &json!(ids[0])));
    assert_eq!(change["cause"], json!({ "kind": "labels", "text": WATCHED }));
    assert_eq!((&change["level_before"], &change["level_after"]), (&json!("unknown"), &json!("high")));
    let counts = || ids.map(|id| rows(&get(at, &format!("/v1/subjects/{id}/screenings")).json()).len());
    assert_eq!(counts(), [2, 1, 1], "screenings of each");

    let (head, body) = got.recv_timeout(PATIENCE).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    let signature = header(&head, "athar-signature").unwrap();
    assert!(verify(&secret, signature, &body, now), "{head}");
    assert!(!verify("whsec_of-another", signature, &body, now));
    let event: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&event["type"], &event["subject"]["reference"]), (&json!("subject.changed"), &json!("customer 17")));
    assert_eq!((&event["after"]["level"], &event["change"]), (&json!("high"), &change["id"]));

    // the server that hangs has its delivery waiting, and holds nobody up
    let hooks = get(at, "/v1/webhooks").json();
    assert_eq!(hooks["webhooks"][1]["waiting"], 1, "{hooks}");
    assert_eq!(get(at, "/health").status, 200);

    // another policy is active: everybody is judged again
    let version = change_policy(&store, PolicyChange::TakeUp("weighted"), Day(20_002)).unwrap().version;
    change_policy(&store, PolicyChange::Activate("weighted"), Day(20_002)).unwrap();
    for id in ids {
        until(at, &format!("/v1/subjects/{id}/screenings"), |s| rows(s).last().unwrap()["policy"] == version.as_str());
    }
    let last = get(at, &format!("/v1/subjects/{}/screenings", ids[1])).json();
    let last = rows(&last).last().unwrap().clone();
    assert_eq!(last["cause"]["kind"], "policy", "{last}");
    assert!(last["score"].is_i64(), "{last}");

    // a round of deliveries is told when it is over, and the silent server takes the whole of its time
    let begun = Instant::now();
    while !service.log.text().contains("\"delivered\"") {
        assert!(begun.elapsed() < PATIENCE, "{}", service.log.text());
        std::thread::sleep(Duration::from_millis(100));
    }
    let stopping = Instant::now();
    service.stop();
    assert!(stopping.elapsed() < Duration::from_secs(60), "{:?}", stopping.elapsed());
    let log = service.log.text();
    assert!(log.contains("\"rescreened\""), "{log}");
    assert!(!log.contains(WATCHED) && !log.contains(&world().listed) && !log.contains(&world().txid), "{log}");
}
