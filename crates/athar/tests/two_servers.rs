//! Two servers of one team on one PostgreSQL: a session holds on both, who changes an older version is told so by either, and
//! when one is killed while people write, nothing that was answered is lost and the audit log is whole.
#[path = "../../team/tests/support/mod.rs"]
mod support;

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Writers at once.
const WRITERS: usize = 6;
/// Notes that are stored before one server is killed, and in all.
const BEFORE: usize = 40;
const IN_ALL: usize = 120;

fn athar() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_athar"));
    command.env_remove("ATHAR_STORE").env_remove("ATHAR_TEAM_DB");
    command
}

/// A running server; ended when it is dropped.
struct Server {
    child: Child,
    host: String,
}

impl Server {
    fn start(store: &Path, team: &str) -> Self {
        let mut child = athar()
            .args(["--store", store.to_str().unwrap(), "serve", "--team", team])
            .args(["--listen", "127.0.0.1:0", "--log", "error", "--no-rescreen", "--no-deliver"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines.map_while(Result::ok).find(|line| line.starts_with("http://")).expect("the server started");
        Self { child, host: url.trim_start_matches("http://").trim().to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Who asks: the cookie and the token of a session.
#[derive(Clone, Default)]
struct Who {
    cookie: String,
    csrf: String,
}

/// Status, head and body of an answer; an error where none came whole.
fn ask(host: &str, who: &Who, method: &str, path: &str, body: &Value) -> std::io::Result<(u16, String, Value)> {
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let body = if body.is_null() { String::new() } else { body.to_string() };
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncookie: {}\r\nx-athar-csrf: {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        who.cookie,
        who.csrf,
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let cut = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(cut)?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(cut)?;
    let body = if body.is_empty() { Value::Null } else { serde_json::from_str(body).map_err(|_| cut())? };
    Ok((status, head.to_owned(), body))
}

#[test]
fn one_of_two_servers_is_killed_while_people_write_and_nothing_is_lost() {
    let Some(team) = support::postgres() else { return };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("demo");
    let made = athar().args(["--quiet", "demo", "--txs", "10000", "--out"]).arg(&out).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let store = out.join("store");
    let words = ["--json", "users", "--team", team.as_str(), "add", "amal", "--role", "admin"];
    let added = athar().arg("--store").arg(&store).args(words).output().unwrap();
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    let added: Value = serde_json::from_slice(&added.stdout).unwrap();

    let (mut one, two) = (Server::start(&store, &team), Server::start(&store, &team));
    let login = json!({ "name": "amal", "password": added["new_password"] });
    let (status, head, session) = ask(&one.host, &Who::default(), "POST", "/v1/session", &login).unwrap();
    assert_eq!(status, 200, "{session}");
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap().split(';').next().unwrap();
    let who = Who { cookie: cookie.to_owned(), csrf: session["csrf"].as_str().unwrap().to_owned() };
    let (status, _, case) = ask(&two.host, &who, "POST", "/v1/cases", &json!({ "title": "Shared" })).unwrap();
    assert_eq!(status, 201, "the session of one holds at the other: {case}");
    let case = case["id"].as_i64().unwrap();

    // both saw version 1: the second to write is told, by the other server
    let path = format!("/v1/cases/{case}");
    let change =
        |host: &str, title: &str| ask(host, &who, "PATCH", &path, &json!({ "version": 1, "title": title })).unwrap();
    assert_eq!(change(&one.host, "Renamed").0, 200);
    let (status, _, refused) = change(&two.host, "Renamed otherwise");
    assert_eq!((status, refused["current"]["title"].as_str()), (409, Some("Renamed")), "{refused}");

    let notes = format!("/v1/cases/{case}/notes");
    let (answered, dead) = (Mutex::new(BTreeSet::new()), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (answered, dead, who, notes) = (&answered, &dead, &who, &notes);
            let (first, second) = (one.host.clone(), two.host.clone());
            scope.spawn(move || {
                for n in 0.. {
                    if answered.lock().unwrap().len() >= IN_ALL {
                        break;
                    }
                    let host = if n % 2 == writer % 2 && !dead.load(Ordering::SeqCst) { &first } else { &second };
                    let text = format!("note {n} of {writer}");
                    // where the server died in between nothing is known of the note; the next one is written
                    if let Ok((201, _, item)) = ask(host, who, "POST", notes, &json!({ "text": text })) {
                        answered.lock().unwrap().insert((item["id"].as_i64().unwrap(), text));
                    }
                }
            });
        }
        while answered.lock().unwrap().len() < BEFORE {
            std::thread::sleep(Duration::from_millis(5));
        }
        one.child.kill().unwrap();
        dead.store(true, Ordering::SeqCst);
    });

    let mut stored = BTreeSet::new();
    let mut next = format!("{notes}?limit=100");
    loop {
        let (status, _, page) = ask(&two.host, &who, "GET", &next, &Value::Null).unwrap();
        assert_eq!(status, 200, "{page}");
        for item in page["items"].as_array().unwrap() {
            let text = item["body"]["text"].as_str().unwrap().to_owned();
            assert!(stored.insert((item["id"].as_i64().unwrap(), text)), "twice: {item}");
        }
        let Some(cursor) = page["next"].as_str() else { break };
        next = format!("{notes}?limit=100&cursor={cursor}");
    }
    let answered = answered.into_inner().unwrap();
    let lost: Vec<_> = answered.difference(&stored).collect();
    assert!(answered.len() >= IN_ALL && lost.is_empty(), "lost of {}: {lost:?}", answered.len());
    // what was being written when the server died is stored or not: at most one note a writer
    assert!(stored.len() <= answered.len() + WRITERS, "{} stored, {} answered", stored.len(), answered.len());

    let words = ["--json", "audit", "--team", team.as_str(), "verify"];
    let verified = athar().arg("--store").arg(&store).args(words).output().unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    let (_, _, log) = ask(&two.host, &who, "GET", "/v1/audit/verify", &Value::Null).unwrap();
    assert_eq!(log["ok"], true, "{log}");
    // every stored note has its entry
    assert!(log["entries"].as_u64().unwrap() >= stored.len() as u64, "{log}");
}
