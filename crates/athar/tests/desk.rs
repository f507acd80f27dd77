//! `athar desk`, as its users run it.
use serde_json::Value;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::thread;

const ADDRESS: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";

fn run(store: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_athar"));
    command.env_remove("ATHAR_STORE").arg("--store").arg(store).args(args).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

/// Makes a store, with a label on somebody else.
fn make(store: &Path) {
    let csv = store.with_extension("csv");
    let label = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT,Other,exchange,a list,complaint";
    fs::write(&csv, format!("address,label,category,source,basis\n{label}\n")).unwrap();
    let made = run(store, &["labels", "import", csv.to_str().unwrap()]);
    assert_eq!(code(&made), 0, "{made:?}");
}

/// Answers one request with 200 and gives it.
fn server() -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap().to_string();
    let request = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut text, mut piece) = (String::new(), [0; 4096]);
        while !text.ends_with('}') {
            let n = stream.read(&mut piece).unwrap();
            text.push_str(&String::from_utf8_lossy(&piece[..n]));
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
        text
    });
    (at, request)
}

#[test]
fn an_address_is_watched_and_a_label_on_it_is_told_to_the_server_that_was_named() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let ask = |args: &[&str]| run(&store, args);
    assert_eq!(code(&ask(&["desk", "subjects"])), 2, "no store yet");
    make(&store);

    let added = ask(&["desk", "add", "address", ADDRESS, "--reference", "customer 17", "--json"]);
    assert_eq!((code(&added), json(&added)["id"].as_i64(), json(&added)["is_new"].as_bool()), (0, Some(1), Some(true)));
    let bad = ask(&["desk", "add", "transaction", ADDRESS]);
    assert_eq!(code(&bad), 2);
    assert!(
        String::from_utf8_lossy(&bad.stderr).contains("target: is not of the form of a subject of kind transaction")
    );

    let (at, request) = server();
    let url = format!("http://{at}/hook");
    let inside = ask(&["desk", "webhooks", "add", &url]);
    assert_eq!(code(&inside), 2);
    assert!(String::from_utf8_lossy(&inside.stderr).contains("127.0.0.1 leads to 127.0.0.1: loopback"), "{inside:?}");
    let hook = ask(&["desk", "webhooks", "add", &url, "--allow-internal", &at, "--json"]);
    assert!(json(&hook)["secret"].as_str().unwrap().starts_with("whsec_"));

    let first = json(&ask(&["desk", "rescreen", "--once", "--json"]));
    assert_eq!(
        (first["rescreened"]["screened"].as_u64(), first["delivered"]["delivered"].as_u64()),
        (Some(1), Some(0))
    );
    assert_eq!(code(&ask(&["desk", "changes"])), 1, "a first answer is no change");

    let labels = folder.path().join("labels.csv");
    fs::write(
        &labels,
        format!("address,label,category,source,basis\n{ADDRESS},Bad,terrorist_financing,a list,complaint\n"),
    )
    .unwrap();
    assert_eq!(code(&ask(&["labels", "import", labels.to_str().unwrap()])), 0);
    let second = json(&ask(&["desk", "rescreen", "--once", "--json"]));
    assert_eq!(second["rescreened"]["changed"], 1, "{second}");
    assert_eq!(second["delivered"]["delivered"], 1, "{second}");
    let request = request.join().unwrap();
    let body: Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!((body["type"].as_str(), body["after"]["level"].as_str()), (Some("subject.changed"), Some("high")));
    assert_eq!(body["subject"]["reference"], "customer 17");
    assert_eq!(body["cause"]["text"], ADDRESS);

    let third = json(&ask(&["desk", "rescreen", "--once", "--json"]));
    assert_eq!((third["rescreened"]["screened"].as_u64(), third["rescreened"]["spared"].as_u64()), (Some(0), Some(1)));
    let subjects = json(&ask(&["desk", "subjects", "--json"]));
    assert_eq!(
        (subjects["rows"][0]["level"].as_str(), subjects["rows"][0]["state"].as_str()),
        (Some("high"), Some("screened"))
    );
    let changes = String::from_utf8(ask(&["desk", "changes"]).stdout).unwrap();
    assert!(changes.contains("unknown") && changes.contains("high") && changes.contains(ADDRESS), "{changes}");
    let page = json(&ask(&["desk", "screenings", "--limit", "1", "--json"]));
    assert_eq!((page["rows"].as_array().unwrap().len(), page["next"].as_i64()), (1, Some(1)));
    let list = String::from_utf8(ask(&["desk", "webhooks", "list"]).stdout).unwrap();
    assert!(list.contains(&url) && !list.contains("whsec_"), "{list}");
    assert_eq!(code(&ask(&["desk", "webhooks", "dead"])), 1);
    assert_eq!(code(&ask(&["desk", "webhooks", "replay"])), 1);

    let status = json(&ask(&["desk", "status", "--json"]));
    assert_eq!((status["subjects"].as_u64(), status["screenings"].as_u64()), (Some(1), Some(2)));
    assert_eq!(status["damage"].as_array().unwrap().len(), 0);
    assert_eq!(json(&ask(&["desk", "prune", "--before", "2100-01-01", "--json"]))["screenings"], 1);
    assert_eq!(code(&ask(&["desk", "forget", "1"])), 0);
    assert_eq!(code(&ask(&["desk", "forget", "1"])), 2);
    assert_eq!(code(&ask(&["desk", "subjects"])), 1);
}

#[test]
fn a_transfer_that_is_not_on_the_chain_is_pending() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    make(&store);
    let transfer = format!("{}:0", "ab".repeat(32));
    assert_eq!(code(&run(&store, &["desk", "transfers", "add", &transfer])), 2, "it needs a direction");
    let added = run(&store, &["desk", "transfers", "add", &transfer, "--direction", "received"]);
    assert_eq!(code(&added), 0, "{added:?}");
    assert_eq!(code(&run(&store, &["desk", "rescreen", "--once"])), 0);
    let list = json(&run(&store, &["desk", "transfers", "list", "--json"]));
    assert_eq!(
        (list["rows"][0]["state"].as_str(), list["rows"][0]["level"].as_str()),
        (Some("pending"), Some("unknown"))
    );
}
