//! Webhooks against servers that misbehave in every way that was thought of.
use crate::support;

use athar_desk::sink::Parcel;
use athar_desk::webhook::{
    ATTEMPTS_MAX, Lookup, NewEndpoint, SIGNATURE_HEADER, Sender, SenderSettings, Target, delay_seconds,
};
use athar_desk::{Desk, DeskError, EventKind, NewSubject, SubjectKind};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use support::{Block, Small, person};

const PARCEL: Parcel<'_> = Parcel { delivery: 1, attempt: 1, event: "evt_1", kind: "webhook.test", body: "{}", now: 1 };

/// A request as it came in.
#[derive(Clone, Debug)]
struct Request {
    head: String,
    body: String,
}

impl Request {
    fn header(&self, name: &str) -> String {
        let line =
            self.head.lines().find(|l| l.to_ascii_lowercase().starts_with(&format!("{}:", name.to_ascii_lowercase())));
        line.map(|l| l.split_once(':').unwrap().1.trim().to_string()).unwrap_or_default()
    }
}

/// A server on this machine that answers each connection as `answer` says; ends when it is dropped.
struct Server {
    at: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn new(answer: impl Fn(usize, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let (requests, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (seen, ended, answer) = (requests.clone(), stop.clone(), Arc::new(answer));
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::SeqCst) {
                    break;
                }
                let (mut stream, seen, answer) = (stream.unwrap(), seen.clone(), answer.clone());
                // a connection of its own thread, so that one that hangs holds nobody up
                thread::spawn(move || {
                    let Some(request) = read(&mut stream) else { return };
                    let number = {
                        let mut seen = seen.lock().unwrap();
                        seen.push(request);
                        seen.len()
                    };
                    answer(number, &mut stream);
                });
            }
        });
        Self { at, requests, stop, thread: Some(thread) }
    }

    fn status(status: u16) -> Self {
        Self::new(move |_, stream| respond(stream, status, ""))
    }

    fn url(&self) -> String {
        format!("http://{}/hook", self.at)
    }

    fn seen(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.at);
        self.thread.take().unwrap().join().unwrap();
    }
}

fn respond(stream: &mut TcpStream, status: u16, more: &str) {
    let _ = write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: 0\r\n{more}Connection: close\r\n\r\n");
}

fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let n = stream.read(&mut piece).ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&piece[..n]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let request = Request { head: head.into(), body: body.into() };
            if body.len() >= request.header("content-length").parse().unwrap_or(0) {
                return Some(request);
            }
        }
    }
}

fn quick() -> Sender {
    Sender::new(SenderSettings {
        resolve: Duration::from_millis(500),
        connect: Duration::from_millis(500),
        total: Duration::from_secs(1),
    })
}

/// A desk that watches people 0 to 9, who all met 20; labelling him changes all their answers.
struct Scene {
    _folder: tempfile::TempDir,
    desk: Desk,
    world: Small,
    now: AtomicI64,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let desk = Desk::open(folder.path()).unwrap();
        let mut world = Small::new(30);
        world.blocks.push(Block { payments: (0..10).map(|who| (who, 20)).collect(), joins: vec![] });
        let new: Vec<NewSubject> =
            (0..10).map(|who| NewSubject::new(SubjectKind::Address, "small", person(who))).collect();
        desk.register(&new, 1).unwrap();
        desk.rescreen(&world, 1, &mut |_| true).unwrap();
        Self { _folder: folder, desk, world, now: AtomicI64::new(1_700_000_000) }
    }

    fn internal(&self, server: &Server) -> i64 {
        let new = NewEndpoint {
            url: server.url(),
            secret: Some("a secret of the test".into()),
            events: vec![],
            allow_internal: Some(server.at.to_string()),
        };
        self.desk.add_endpoint(&new, 1).unwrap().0
    }

    /// Changes the answers of all ten.
    fn change(&mut self, label: &str) {
        self.world.labels.insert(20, label.into());
        let done = self.desk.rescreen(&self.world, self.now.load(Ordering::SeqCst), &mut |_| true).unwrap();
        assert_eq!(done.changed, 10);
    }

    fn deliver(&self, sender: &Sender) -> athar_desk::webhook::Delivered {
        self.desk.deliver(sender, &|| self.now.load(Ordering::SeqCst), &mut || true).unwrap()
    }

    fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    fn errors(&self) -> Vec<String> {
        self.desk.deliveries("waiting", 0, 100).unwrap().rows.into_iter().filter_map(|d| d.error).collect()
    }
}

/// HMAC-SHA256 after RFC 2104, from SHA-256 alone: no code in common with what is tested.
fn hmac_sha256(key: &[u8], message: &[u8]) -> String {
    let mut block = [0_u8; 64];
    if key.len() > 64 {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::digest([&block.map(|b| b ^ 0x36)[..], message].concat());
    let outer = Sha256::digest([&block.map(|b| b ^ 0x5c)[..], &inner[..]].concat());
    outer.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn a_change_arrives_signed_with_all_that_it_says() {
    let mut scene = Scene::new();
    let server = Server::status(204);
    scene.internal(&server);
    scene.change("terror");
    let done = scene.deliver(&quick());
    assert_eq!((done.delivered, done.failed, done.dead), (10, 0, 0));
    let seen = server.seen();
    assert_eq!(seen.len(), 10);
    for request in &seen {
        let header = request.header(SIGNATURE_HEADER);
        let expected = hmac_sha256(b"a secret of the test", format!("1700000000.{}", request.body).as_bytes());
        assert_eq!(header, format!("t=1700000000,v1={expected}"));
        let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
        assert_eq!(body["type"], "subject.changed");
        assert_eq!(body["id"], request.header("Athar-Event-Id"));
        assert_eq!((&body["before"]["level"], &body["after"]["level"]), (&"unknown".into(), &"high".into()));
        assert_eq!(body["cause"], serde_json::json!({"kind": "labels", "text": "person-20"}));
        assert!(body["after"]["summary"].as_str().unwrap().contains("terror"));
        assert_ne!(body["before"]["snapshot"], body["after"]["snapshot"]);
        assert!(request.head.starts_with("POST /hook HTTP/1.1"));
    }
    let mut ids: Vec<String> = seen.iter().map(|r| r.header("Athar-Event-Id")).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 10);
    // nothing is left, and nothing is sent twice
    assert_eq!(scene.deliver(&quick()).delivered, 0);
    assert_eq!(scene.desk.next_due().unwrap(), None);
}

#[test]
fn a_target_that_recovers_gets_everything_in_the_order_of_each_subject() {
    let mut scene = Scene::new();
    let down = Arc::new(AtomicBool::new(true));
    let is_down = down.clone();
    let server =
        Server::new(move |_, stream| respond(stream, if is_down.load(Ordering::SeqCst) { 500 } else { 200 }, ""));
    scene.internal(&server);
    for label in ["terror", "shop", "terror", "shop"] {
        scene.change(label);
    }
    // the first event of each subject is tried, none of the later ones
    let done = scene.deliver(&quick());
    assert_eq!((done.delivered, done.failed), (0, 10));
    assert!(scene.errors().iter().all(|e| e == "answered 500"), "{:?}", scene.errors());
    // not due: nothing is sent
    assert_eq!(scene.deliver(&quick()).failed, 0);
    assert_eq!(server.seen().len(), 10);
    scene.pass(10);
    assert_eq!(scene.deliver(&quick()).failed, 10);
    down.store(false, Ordering::SeqCst);
    scene.pass(20);
    assert_eq!(scene.deliver(&quick()).delivered, 40);
    let mut order: std::collections::BTreeMap<i64, Vec<i64>> = std::collections::BTreeMap::new();
    for request in &server.seen()[20..] {
        let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
        order.entry(body["subject"]["id"].as_i64().unwrap()).or_default().push(body["sequence"].as_i64().unwrap());
    }
    assert_eq!(order.len(), 10);
    assert!(order.values().all(|sequence| sequence.len() == 4 && sequence.is_sorted()), "{order:?}");
}

#[test]
fn after_the_last_attempt_it_is_dead_kept_and_can_be_replayed() {
    let mut scene = Scene::new();
    let down = Arc::new(AtomicBool::new(true));
    let is_down = down.clone();
    let server =
        Server::new(move |_, stream| respond(stream, if is_down.load(Ordering::SeqCst) { 503 } else { 200 }, ""));
    let endpoint = scene.internal(&server);
    scene.change("terror");
    let mut waited = 0;
    let start = scene.now.load(Ordering::SeqCst);
    while let Some(due) = scene.desk.next_due().unwrap() {
        scene.now.store(due.max(scene.now.load(Ordering::SeqCst)), Ordering::SeqCst);
        scene.deliver(&quick());
        waited += 1;
        assert!(waited < 500);
    }
    let dead = scene.desk.deliveries("dead", 0, 100).unwrap().rows;
    assert_eq!(dead.len(), 10);
    for d in &dead {
        assert_eq!((d.attempts, d.error.as_deref()), (ATTEMPTS_MAX, Some("answered 503")));
    }
    // the times are those that the page gives
    let waits: i64 = (1..ATTEMPTS_MAX).map(|attempt| delay_seconds(&dead[0].event, attempt)).sum();
    assert!(scene.now.load(Ordering::SeqCst) - start >= waits);
    assert_eq!(server.seen().len(), 10 * ATTEMPTS_MAX as usize);
    down.store(false, Ordering::SeqCst);
    assert_eq!(scene.deliver(&quick()).delivered, 0, "the dead stay dead by themselves");
    let now = scene.now.load(Ordering::SeqCst);
    assert_eq!(scene.desk.replay(Some(dead[0].id), None, now).unwrap(), 1);
    assert_eq!(scene.deliver(&quick()).delivered, 1);
    assert_eq!(scene.desk.replay(None, Some(endpoint), now).unwrap(), 9);
    assert_eq!(scene.deliver(&quick()).delivered, 9);
    assert_eq!(scene.desk.counts().unwrap().dead, 0);
}

#[test]
fn servers_that_hang_trickle_break_off_or_never_stop_cost_a_bounded_time() {
    let hang = Server::new(|_, _| thread::sleep(Duration::from_secs(4)));
    let trickle = Server::new(|_, stream| {
        for byte in
            b"HTTP/1.1 200 OK\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".iter().cycle().take(60)
        {
            if stream.write_all(&[*byte]).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
    });
    let closes = Server::new(|_, stream| drop(stream.write_all(b"HTTP/1.1 200 O")));
    let head = Server::new(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        for n in 0..100_000 {
            if stream.write_all(format!("X-{n}: {}\r\n", "a".repeat(200)).as_bytes()).is_err() {
                return;
            }
        }
    });
    let junk = Server::new(|_, stream| drop(stream.write_all(b"220 mail.example ESMTP\r\n")));
    for (name, server) in
        [("hang", &hang), ("trickle", &trickle), ("closes", &closes), ("head", &head), ("junk", &junk)]
    {
        let began = Instant::now();
        let error = quick().send(&server.url(), "s", &PARCEL, true).unwrap_err();
        assert!(began.elapsed() < Duration::from_secs(3), "{name} took {:?}", began.elapsed());
        assert!(!error.to_string().is_empty(), "{name}");
    }
    // a body without end is not read: the status was good
    let endless = Server::new(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n");
        let piece = vec![b'a'; 65_536];
        while stream.write_all(&piece).is_ok() {}
    });
    let began = Instant::now();
    quick().send(&endless.url(), "s", &PARCEL, true).unwrap();
    assert!(began.elapsed() < Duration::from_secs(3));
    // nobody listens
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert!(quick().send(&format!("http://{gone}/"), "s", &PARCEL, true).is_err());
}

#[test]
fn one_endpoint_that_hangs_does_not_hold_another_up() {
    let mut scene = Scene::new();
    let (hang, good) = (Server::new(|_, _| thread::sleep(Duration::from_secs(3))), Server::status(200));
    scene.internal(&hang);
    scene.internal(&good);
    scene.change("terror");
    let began = Instant::now();
    let done = scene.deliver(&quick());
    assert_eq!(done.delivered, 10);
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    assert_eq!(good.seen().len(), 10);
    assert_eq!(hang.seen().len(), 1, "an endpoint that is down is tried once in a run");
    let list = scene.desk.endpoints().unwrap();
    assert_eq!((list[0].waiting, list[1].waiting), (10, 0));
}

#[test]
fn redirects_are_not_followed_least_of_all_inside() {
    let inside = Server::status(200);
    for status in [301, 302, 303, 307, 308] {
        let location = format!("Location: http://{}/secret\r\n", inside.at);
        let server = Server::new(move |_, stream| respond(stream, status, &location));
        let error = quick().send(&server.url(), "s", &PARCEL, true).unwrap_err();
        assert_eq!(error.to_string(), format!("answered {status}: redirects are not followed"));
    }
    assert!(inside.seen().is_empty());
}

#[test]
fn internal_targets_are_refused_when_added_and_when_looked_up() {
    let scene = Scene::new();
    let server = Server::status(200);
    let port = server.at.port();
    let add = |url: String, allow: Option<String>| {
        let new = NewEndpoint { url, allow_internal: allow, ..NewEndpoint::default() };
        scene.desk.add_endpoint(&new, 1)
    };
    for host in [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "10.0.0.1",
        "169.254.169.254",
        "[::ffff:127.0.0.1]",
        "[fd00::1]",
        "2130706433",
        "0177.0.0.1",
        "0x7f.1",
        "a.localhost",
    ] {
        let refused = add(format!("http://{host}:{port}/"), None).unwrap_err();
        assert!(matches!(refused, DeskError::Target(_)), "{host}: {refused}");
    }
    // metadata is refused even where it is allowed, and what is allowed is one target
    assert!(add("http://169.254.169.254/latest".into(), Some("169.254.169.254:80".into())).is_err());
    let other = add(server.url(), Some("127.0.0.1:1".into())).unwrap_err().to_string();
    assert!(other.contains("--allow-internal 127.0.0.1:1 is not the target"), "{other}");
    add(server.url(), Some(format!("127.0.0.1:{port}"))).unwrap();

    // names that lead inside are found out when something is sent
    for inside in ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fe80::1"]
    {
        let address: std::net::IpAddr = inside.parse().unwrap();
        let lookup: Lookup = Arc::new(move |_, port| {
            Ok(vec![SocketAddr::new("8.8.8.8".parse().unwrap(), port), SocketAddr::new(address, port)])
        });
        let url = format!("http://rebind.example:{port}/");
        let error = quick().with_lookup(lookup).send(&url, "s", &PARCEL, false).unwrap_err().to_string();
        assert!(error.starts_with("refused: rebind.example leads to"), "{inside}: {error}");
    }
    // and so are addresses that an older version of the desk may have let in
    let error = quick().send(&server.url(), "s", &PARCEL, false).unwrap_err().to_string();
    assert_eq!(error, "refused: 127.0.0.1 leads to 127.0.0.1: loopback");
    assert!(server.seen().is_empty());
}

#[test]
fn a_name_is_looked_up_once_and_that_address_is_connected_to() {
    let server = Server::status(200);
    let (port, asked) = (server.at.port(), Arc::new(AtomicU32::new(0)));
    let count = asked.clone();
    // public for who asks first, inside for who asks again: the trick of DNS rebinding
    let lookup: Lookup = Arc::new(move |_, port| {
        let first = count.fetch_add(1, Ordering::SeqCst) == 0;
        // 192.0.2.0/24 would be refused: 203.1.113.1 is public and is hoped not to answer within half a second
        let address = if first { "203.1.113.1" } else { "127.0.0.1" };
        Ok(vec![SocketAddr::new(address.parse().unwrap(), port)])
    });
    let sender = Sender::new(SenderSettings {
        resolve: Duration::from_millis(300),
        connect: Duration::from_millis(300),
        total: Duration::from_millis(300),
    });
    let url = format!("http://rebind.example:{port}/");
    let error = sender.with_lookup(lookup).send(&url, "s", &PARCEL, false).unwrap_err();
    assert!(!error.to_string().starts_with("refused"), "{error}");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert!(server.seen().is_empty());
}

#[test]
fn a_proxy_of_the_environment_is_not_used() {
    // only this process's own setting is read, and it is off
    let server = Server::status(200);
    let url = server.url();
    let target = Target::parse(&url).unwrap();
    assert_eq!(target.host_and_port(), server.at.to_string());
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "webhooks::child_sends", "--ignored"])
        .env("ATHAR_TEST_URL", &url)
        .env("http_proxy", "http://127.0.0.1:1")
        .env("HTTP_PROXY", "http://127.0.0.1:1")
        .env("ALL_PROXY", "http://127.0.0.1:1")
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    assert_eq!(server.seen().len(), 1);
}

#[test]
#[ignore = "a part of the test above, run as a process of its own"]
fn child_sends() {
    let url = std::env::var("ATHAR_TEST_URL").unwrap();
    quick().send(&url, "s", &PARCEL, true).unwrap();
}

#[test]
fn endpoints_get_what_they_asked_for_while_they_are_enabled() {
    let mut scene = Scene::new();
    let (all, transfers) = (Server::status(200), Server::status(200));
    let first = scene.internal(&all);
    let new = NewEndpoint {
        url: transfers.url(),
        secret: None,
        events: vec![EventKind::TransferScreened],
        allow_internal: Some(transfers.at.to_string()),
    };
    let (second, secret) = scene.desk.add_endpoint(&new, 1).unwrap();
    assert!(secret.starts_with("whsec_") && secret.len() == 70);
    scene.desk.enable_endpoint(first, false).unwrap();
    scene.change("terror");
    assert_eq!(scene.deliver(&quick()).delivered, 0);
    scene.desk.enable_endpoint(first, true).unwrap();
    scene.change("shop");
    assert_eq!(scene.deliver(&quick()).delivered, 10);
    scene.desk.test_endpoint(second, 1).unwrap();
    assert_eq!(scene.deliver(&quick()).delivered, 1);
    assert!(transfers.seen()[0].body.contains("webhook.test"));
    let list = scene.desk.endpoints().unwrap();
    assert!(!serde_json::to_string(&list).unwrap().contains(&secret), "a list shows no secret");
    scene.desk.remove_endpoint(second).unwrap();
    assert_eq!(scene.desk.endpoints().unwrap().len(), 1);
    assert!(matches!(scene.desk.remove_endpoint(second), Err(DeskError::Unknown { .. })));
    let short =
        NewEndpoint { url: "https://example.com/".into(), secret: Some("short".into()), ..NewEndpoint::default() };
    assert!(scene.desk.add_endpoint(&short, 1).is_err());
}
