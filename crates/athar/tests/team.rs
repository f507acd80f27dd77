//! The team from the command line: users, the audit log, backups, and the demo in the browser.
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

fn athar(store: &Path, words: &[&str], stdin: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_athar"))
        .env_remove("ATHAR_STORE")
        .env_remove("ATHAR_TEAM_DB")
        .args(["--store", &store.display().to_string()])
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // a command that refuses its words reads no password
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(store: &Path, words: &[&str], stdin: &str) -> Value {
    let output = athar(store, &[&["--json"], words].concat(), stdin);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

#[test]
fn users_are_made_changed_and_erased_and_the_log_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let made = json(&store, &["users", "add", "Amal", "--role", "admin", "--display", "أمل"], "");
    assert_eq!((made["name"].as_str(), made["role"].as_str()), (Some("amal"), Some("admin")));
    let password = made["new_password"].as_str().unwrap().to_owned();
    assert!(password.len() >= 12);
    let given = athar(
        &store,
        &["users", "add", "basma", "--role", "viewer", "--password-stdin"],
        "nine olive trees by the sea\n",
    );
    assert!(given.status.success() && !text(&given).contains("olive"), "{}", text(&given));
    let short = athar(&store, &["users", "add", "short", "--role", "viewer", "--password-stdin"], "olive\n");
    assert!(code(&short) == 2 && !String::from_utf8_lossy(&short.stderr).contains("olive"));
    let twice = athar(&store, &["users", "add", "AMAL", "--role", "viewer"], "");
    assert_eq!(code(&twice), 2);
    for (words, lang, says) in [(["users", "list"], "en", "kept out"), (["users", "list"], "ar", "موقوف")] {
        athar(&store, &["users", "disable", "basma"], "");
        let listed = text(&athar(&store, &[&words[..], &["--lang", lang]].concat(), ""));
        assert!(listed.contains(says) && listed.contains("أمل") && !listed.contains(&password), "{listed}");
    }
    assert_eq!(code(&athar(&store, &["users", "role", "amal", "viewer"], "")), 2, "the last administrator");
    assert_eq!(json(&store, &["users", "role", "basma", "analyst"], "")["role"], "analyst");
    assert_eq!(json(&store, &["users", "disable", "basma", "--undo"], "")["disabled"], false);
    assert!(json(&store, &["users", "password", "basma"], "")["new_password"].as_str().unwrap().len() >= 12);
    assert_eq!(code(&athar(&store, &["users", "erase", "nobody"], "")), 2);
    assert!(athar(&store, &["users", "erase", "basma", "--lang", "ar"], "").status.success());

    let entries = json(&store, &["audit", "list"], "");
    let actions: Vec<&str> = entries.as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    for action in ["user.create", "user.disable", "user.enable", "user.role", "user.password.set", "user.erase"] {
        assert!(actions.contains(&action), "{action} in {actions:?}");
    }
    assert!(!entries.to_string().contains("amal") && !entries.to_string().contains("أمل"));
    let head = text(&athar(&store, &["audit", "head"], "")).trim().to_owned();
    assert!(athar(&store, &["audit", "verify", "--anchor", &head], "").status.success());
    for wrong in ["", "7", "x:y", &format!("1:{}", "0".repeat(64)), &format!("99999:{}", "0".repeat(64))] {
        assert_eq!(code(&athar(&store, &["audit", "verify", "--anchor", wrong], "")), 2, "{wrong}");
    }

    // whole into another database, and refused where something is
    let file = folder.path().join("team.backup").display().to_string();
    assert!(athar(&store, &["team", "backup", &file], "").status.success());
    let other = folder.path().join("other.sqlite").display().to_string();
    assert!(athar(&store, &["team", "--team", &other, "restore", &file, "--lang", "ar"], "").status.success());
    let restored = json(&store, &["users", "--team", &other, "list"], "");
    assert_eq!(restored.as_array().unwrap().len(), 1);
    assert!(athar(&store, &["audit", "--team", &other, "verify"], "").status.success());
    assert!(json(&store, &["team", "migrate"], "")["tables_version"].as_i64().unwrap() >= 1);
    // a URL that cannot be reached is told without its password
    let unreachable = athar(&store, &["users", "--team", "postgres://athar:pa55-word@127.0.0.1:1/x", "list"], "");
    assert!(code(&unreachable) == 2 && !String::from_utf8_lossy(&unreachable.stderr).contains("pa55"));
}

#[test]
fn the_demo_opens_in_the_browser_with_a_case_that_is_begun() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("demo").display().to_string();
    let mut child = Command::new(env!("CARGO_BIN_EXE_athar"))
        .args(["demo", "--serve", "--listen", "127.0.0.1:0", "--txs", "10000", "--out", &out, "--lang", "ar"])
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let url = lines.by_ref().map_while(Result::ok).find(|line| line.starts_with("http://")).unwrap();
    let host = url.strip_prefix("http://").unwrap().to_owned();
    let get = |path: &str| -> Value {
        let mut stream = TcpStream::connect(&host).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        write!(stream, "GET {path} HTTP/1.0\r\nhost: {host}\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.0 200") || head.starts_with("HTTP/1.1 200"), "{path}: {head}");
        serde_json::from_str(body).unwrap()
    };
    let session = get("/v1/session");
    assert_eq!((session["mode"].as_str(), session["user"]["name"].as_str()), (Some("local"), Some("local")));
    let case = session["demo"]["case"].as_i64().unwrap();
    let address = session["demo"]["address"].as_str().unwrap();
    let whole = get(&format!("/v1/cases/{case}"));
    assert_eq!(whole["role"], "owner");
    assert!(
        whole["title"].as_str().unwrap().contains("محاكاة") && whole["title"].as_str().unwrap().contains("simulated")
    );
    let counts = &whole["counts"];
    assert!(counts["subjects"].as_i64() >= Some(3) && counts["tasks_open"].as_i64() >= Some(2), "{counts}");
    // what is pinned is what the service answers
    let findings = get(&format!("/v1/cases/{case}/findings"));
    let findings = findings["items"].as_array().unwrap();
    assert!(findings.len() >= 2, "{findings:?}");
    for finding in findings {
        let body = &finding["body"];
        assert_eq!(body["pinned"], get(body["path"].as_str().unwrap()), "{}", body["path"]);
        assert!(!body["snapshot"].as_str().unwrap().is_empty(), "{}", body["path"]);
    }
    let kept = get("/v1/patterns/hits?limit=500");
    assert!(kept.to_string().contains(address));
    let alerts = get("/v1/alerts?limit=500");
    assert!(!alerts["rows"].as_array().unwrap().is_empty(), "{alerts}");
    // SAFETY of the test: the process that was started, by its own id
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert!(child.wait().unwrap().success());
}
