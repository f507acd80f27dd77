//! `athar serve` as its users run it: its answers beside those of the command line, and the Python example.
//!
//! The example needs a Python with `requests`: `ATHAR_PYTHON`, else the one that `scripts/python.sh` made, else `python3`. Without
//! one that test says so and passes; with `ATHAR_REQUIRE_PYTHON=1` it fails instead.
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;
use std::{env, fs};

/// A valid address of the test network that nobody ever paid.
const NOBODY: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

fn athar(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_athar")).env_remove("ATHAR_STORE").args(args).output().unwrap()
}

fn done(args: &[&str]) -> Output {
    let output = athar(args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// A store over a simulated world, made once a process in the system's temporary folder.
fn store() -> &'static str {
    static STORE: OnceLock<String> = OnceLock::new();
    STORE.get_or_init(|| {
        let folder = env::temp_dir().join(format!("athar-serve-{}", std::process::id()));
        let at = |name: &str| folder.join(name).display().to_string();
        done(&["simulate", "--seed", "5", "--txs", "10000", "--out", &at("world")]);
        let store = at("store");
        done(&["--store", &store, "ingest", "bitcoin", "--blocks", &at("world/blocks")]);
        done(&["--store", &store, "prices", "import", &at("world/analyst/prices.csv")]);
        let labels = fs::read_to_string(folder.join("world/analyst/labels.csv")).unwrap();
        let first = labels.lines().nth(3).unwrap().split(',').next().unwrap();
        let more = format!("address,label,category,source\n{first},حملة «الخير» \u{202e},scam,me\n");
        fs::write(folder.join("more.csv"), more).unwrap();
        done(&["--store", &store, "labels", "import", &at("world/analyst/labels.csv"), &at("more.csv")]);
        fs::write(folder.join("people.csv"), "id,name\n1,Ahmad Hassan\n2,حسن أحمد\n").unwrap();
        done(&["--store", &store, "names", "import", &at("people.csv"), "--list", "people"]);
        store
    })
}

/// A running service; ended as a user would, with SIGTERM.
struct Service {
    child: Child,
    base: String,
}

impl Service {
    fn start(args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_athar"))
            .args(["--store", store(), "serve", "--listen", "127.0.0.1:0", "--log", "error"])
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut base = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut base).unwrap();
        Self { child, base: base.trim().to_owned() }
    }

    /// Status and body of a GET.
    fn get(&self, path: &str, headers: &str) -> (u16, Vec<u8>) {
        let host = self.base.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\n{headers}connection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        let status = std::str::from_utf8(&answer[9..12]).unwrap().parse().unwrap();
        (status, answer.split_off(end + 4))
    }

    /// Asks it to end and gives its exit code.
    #[cfg(unix)]
    fn end(&mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ask(args: &[&str]) -> Value {
    let output = athar(&[&["--store", store(), "--json"], args].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

#[test]
fn every_answer_has_the_bytes_of_the_command_line() {
    let service = Service::start(&["--no-keys"]);
    let labels = ask(&["labels", "list"]);
    let listed = labels["labels"].as_array().unwrap().iter().find(|l| l["basis"] == "designation").unwrap();
    let listed = listed["subject"].as_str().unwrap();
    let block = ask(&["block", "100"]);
    let txid = block["txs"][0].as_str().unwrap();
    let questions: Vec<(String, Vec<&str>)> = vec![
        ("/v1/status".into(), vec!["status"]),
        ("/v1/block/100".into(), vec!["block", "100"]),
        (format!("/v1/tx/{txid}"), vec!["tx", txid]),
        (format!("/v1/address/{listed}"), vec!["address", listed]),
        (format!("/v1/address/{listed}?limit=2&offset=1"), vec!["address", listed, "--limit", "2", "--offset", "1"]),
        (format!("/v1/entity/{listed}"), vec!["entity", listed]),
        (format!("/v1/entity/{listed}?at=500"), vec!["entity", listed, "--at", "500"]),
        (format!("/v1/entity/{listed}/growth"), vec!["entity", "growth", listed]),
        (format!("/v1/entity/{listed}/without/{txid}"), vec!["entity", "without", txid, listed]),
        ("/v1/conflicts".into(), vec!["entity", "conflicts", "--stored"]),
        (format!("/v1/explain?a={listed}&b={listed}"), vec!["explain", listed, listed]),
        (format!("/v1/coinjoin/{txid}"), vec!["coinjoin", txid]),
        (format!("/v1/trace/{listed}?hops=4"), vec!["trace", listed, "--hops", "4"]),
        (format!("/v1/trace/{listed}?backward=true"), vec!["trace", listed, "--backward"]),
        (
            format!("/v1/trace/{listed}?policy=haircut&since=10&until=2030-01-01&amount_min=7"),
            vec!["trace", listed, "--policy", "haircut", "--since", "10", "--until", "2030-01-01", "--amount-min", "7"],
        ),
        (format!("/v1/trace-policies/{listed}?hops=2"), vec!["trace", listed, "--policy", "all", "--hops", "2"]),
        (format!("/v1/exposure/{listed}"), vec!["exposure", listed]),
        (
            format!("/v1/exposure/{listed}?policy=lifo&hops=2&at=2021-01-01"),
            vec!["exposure", listed, "--policy", "lifo", "--hops", "2", "--at", "2021-01-01"],
        ),
        (
            format!("/v1/paths?from={txid}&to={listed}&by=value&count=2&edges=5000"),
            vec!["paths", txid, listed, "--by", "value", "--count", "2", "--edges", "5000"],
        ),
        ("/v1/policies".into(), vec!["policy", "list"]),
        ("/v1/policies/weighted".into(), vec!["policy", "show", "weighted"]),
        (format!("/v1/screen?target={listed}&target=x"), vec!["screen", listed, "x"]),
        (
            format!("/v1/screen?target={listed}&hops=1&known_at=2001-01-01"),
            vec!["screen", listed, "--hops", "1", "--known-at", "2001-01-01"],
        ),
        ("/v1/labels".into(), vec!["labels", "list"]),
        ("/v1/labels?of=all&limit=5".into(), vec!["labels", "list", "--all", "--limit", "5"]),
        (format!("/v1/labels?subject={listed}"), vec!["labels", "list", listed]),
        ("/v1/labels/conflicts".into(), vec!["labels", "conflicts"]),
        ("/v1/labels/taxonomy".into(), vec!["labels", "taxonomy"]),
        ("/v1/lists".into(), vec!["lists"]),
        ("/v1/lists/people/entries/2".into(), vec!["lists", "show", "people", "2"]),
        ("/v1/lists/people/entries/2/on/2020-01-31".into(), vec!["lists", "on", "2020-01-31", "people", "2"]),
        ("/v1/lists/find?value=x1".into(), vec!["lists", "find", "x1"]),
        ("/v1/lists/diff?old=people&new=people".into(), vec!["lists", "diff", "people", "people"]),
        ("/v1/names/screen?name=Hasan%20Ahmed".into(), vec!["names", "screen", "Hasan Ahmed"]),
        ("/v1/names/compare?a=Ahmad&b=%D8%A3%D8%AD%D9%85%D8%AF".into(), vec!["names", "compare", "Ahmad", "أحمد"]),
        ("/v1/prices?limit=3".into(), vec!["prices", "list", "--limit", "3"]),
        ("/v1/prices/day/2019-02-03".into(), vec!["prices", "show", "2019-02-03"]),
        ("/v1/prices/status".into(), vec!["prices", "status"]),
    ];
    for (path, words) in questions {
        let (status, body) = service.get(&path, "");
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
        let printed = athar(&[&["--store", store(), "--json"], &words[..]].concat()).stdout;
        assert!(body == printed, "{path} is not `athar --json {}`", words.join(" "));
    }
    // what the command line calls null is a status of its own here
    assert_eq!(service.get(&format!("/v1/address/{NOBODY}"), "").0, 404);
}

#[test]
fn keys_are_made_listed_and_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.json").display().to_string();
    let refused = athar(&["--store", store(), "serve", "--keys", &file]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("athar serve keys add"));
    let keys = |words: &[&str]| ask(&[&["serve", "keys"], words, &["--keys", &file]].concat());
    let made = keys(&["add", "--name", "بنك", "--scope", "read,screen", "--days", "30"]);
    let (id, token) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    let mut service = Service::start(&["--keys", &file]);
    assert_eq!(service.get("/v1/status", "").0, 401);
    assert_eq!(service.get("/v1/status", &format!("authorization: Bearer {token}\r\n")).0, 200);
    assert_eq!(keys(&["list"])[0]["name"], "بنك");
    assert!(keys(&["list"])[0].get("key").is_none());
    assert_eq!(keys(&["revoke", id])["standing"], "revoked");
    for _ in 0..100 {
        if service.get("/v1/status", &format!("token: {token}\r\n")).0 == 401 {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(service.get("/v1/status", &format!("token: {token}\r\n")).0, 401);
    #[cfg(unix)]
    assert_eq!(service.end(), Some(0));
}

#[test]
fn without_keys_the_world_is_not_let_in() {
    let output = athar(&["--store", store(), "serve", "--no-keys", "--listen", "0.0.0.0:0"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("loopback"));
}

/// A Python with `requests`; none where the test is to skip itself.
fn python() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_BIN_EXE_athar")).ancestors().nth(2).unwrap().join("python/bin/python");
    let candidates = env::var_os("ATHAR_PYTHON").map_or_else(|| vec![own, "python3".into()], |set| vec![set.into()]);
    let has_requests = |python: &PathBuf| {
        let probe = Command::new(python).args(["-c", "import requests"]).stderr(Stdio::null()).status();
        probe.is_ok_and(|status| status.success())
    };
    let found = candidates.iter().find(|p| has_requests(p)).cloned();
    if found.is_none() {
        let words = format!("no Python with requests among {candidates:?}: run scripts/python.sh");
        assert!(env::var_os("ATHAR_REQUIRE_PYTHON").is_none_or(|v| v != "1"), "{words}");
        eprintln!("SKIPPED: {words}");
    }
    found
}

#[test]
fn the_python_example_screens_and_prints_arabic_as_it_is() {
    let Some(python) = python() else { return };
    let service = Service::start(&["--no-keys"]);
    let labels = ask(&["labels", "list"]);
    let of = |wanted: &str| {
        let label = labels["labels"].as_array().unwrap().iter().find(|l| l["label"].as_str().unwrap().contains(wanted));
        label.unwrap()["subject"].as_str().unwrap().to_owned()
    };
    let arabic = of("الخير");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/http/screen.py");
    // a terminal that knows no Arabic must change nothing
    let run = |args: &[&str]| {
        Command::new(&python)
            .arg(&script)
            .arg(&service.base)
            .args(args)
            .env("PYTHONIOENCODING", "ascii")
            .output()
            .unwrap()
    };
    let output = run(&[&arabic, NOBODY, "nonsense"]);
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("حملة «الخير»"), "{text}");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!((&lines[1]["risk"], &lines[2]["error"]), (&"unknown".into(), &"subject_invalid".into()));
    let shown = ask(&["screen", "--hops", "1", &arabic]);
    let own = shown[0]["statements"].as_array().unwrap().iter().filter(|s| s["direction"].is_null()).count();
    assert_eq!(lines[0]["reasons"].as_array().unwrap().len(), own);
    let severe = labels["labels"].as_array().unwrap().iter().find(|l| l["basis"] == "designation").unwrap();
    assert_eq!(run(&[severe["subject"].as_str().unwrap()]).status.code(), Some(3));
}
