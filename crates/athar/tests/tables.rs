//! `athar export parquet` as its users run it, and the queries of `examples/` held against the program's own answers.
//!
//! The queries need a Python with the packages of `examples/requirements.txt`: `ATHAR_PYTHON`, else the one that
//! `scripts/python.sh` made, else `python3`. Without one those tests say so and pass; with `ATHAR_REQUIRE_PYTHON=1` they
//! fail instead.
#![cfg(feature = "parquet")]
use serde_json::Value;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::{env, fs};

/// A valid address of the test network that nobody ever paid.
const NOBODY: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

fn athar(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_athar"));
    command.env_remove("ATHAR_STORE").args(args).output().unwrap()
}

fn done(args: &[&str]) -> Output {
    let output = athar(args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", err(&output));
    output
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

/// A simulated world in a store with labels and prices, and its tables. Made once, and left in the system's temporary
/// folder under one name a process.
struct World {
    folder: PathBuf,
    /// An address with a label on it alone, beside those of its entity.
    custodial: String,
}

impl World {
    fn at(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn ask(&self, args: &[&str]) -> Value {
        json(&athar(&[&["--store", &self.at("store"), "--json"], args].concat()))
    }
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let folder = env::temp_dir().join(format!("athar-tables-{}", std::process::id()));
        let at = |name: &str| folder.join(name).display().to_string();
        done(&["simulate", "--seed", "5", "--txs", "20000", "--out", &at("world")]);
        let store = at("store");
        done(&["--store", &store, "ingest", "bitcoin", "--blocks", &at("world/blocks")]);
        done(&["--store", &store, "prices", "import", &at("world/analyst/prices.csv")]);
        // what the simulated analyst knows, and what tests a table: strangers' text, an account that says nothing about the
        // service that holds it, a second label on one address, another chain, an entry in quarantine
        let labels = fs::read_to_string(folder.join("world/analyst/labels.csv")).unwrap();
        let addresses: Vec<&str> = labels.lines().skip(1).map(|l| l.split(',').next().unwrap()).collect();
        let (account, other) = (addresses[0], addresses[2]);
        fs::write(
            folder.join("more.csv"),
            format!(
                "address,label,category,source,chain,confidence,valid_from,concepts\n\
                 {account},one customer,custodial_account,me,bitcoin,,2019-02-03,custodial_account\n\
                 {other},\"حملة \u{202e}\"\"x'\",scam,me,bitcoin,75,,scam|hack\n\
                 TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t,elsewhere,exchange,me,tron,,,\n\
                 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb,mistyped,exchange,me,bitcoin,,,\n"
            ),
        )
        .unwrap();
        done(&["--store", &store, "labels", "import", &at("world/analyst/labels.csv"), &at("more.csv")]);
        done(&["--store", &store, "export", "parquet", &at("tables")]);
        World { custodial: account.to_string(), folder }
    })
}

/// A Python with the packages of the examples; none where the test is to skip itself.
fn python() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_BIN_EXE_athar")).ancestors().nth(2).unwrap().join("python/bin/python");
    let candidates = env::var_os("ATHAR_PYTHON").map_or_else(|| vec![own, "python3".into()], |set| vec![set.into()]);
    let has_packages = |python: &PathBuf| {
        let probe = Command::new(python).args(["-c", "import duckdb, polars, pyarrow"]).stderr(Stdio::null()).status();
        probe.is_ok_and(|status| status.success())
    };
    let found = candidates.iter().find(|p| has_packages(p)).cloned();
    if found.is_none() {
        let words = format!("no Python with duckdb, polars and pyarrow among {candidates:?}: run scripts/python.sh");
        assert!(env::var_os("ATHAR_REQUIRE_PYTHON").is_none_or(|v| v != "1"), "{words}");
        eprintln!("SKIPPED: {words}");
    }
    found
}

/// Runs an example and gives its exit code and what it printed.
fn example(python: &Path, script: &str, args: &[&str]) -> (i32, Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(script);
    // another time zone than UTC must not change an answer
    let output = Command::new(python)
        .arg(path)
        .args(args)
        .env("TZ", "Asia/Kathmandu")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    assert!(output.stderr.is_empty(), "{script} {args:?}: {}", err(&output));
    (output.status.code().unwrap(), json(&output))
}

/// Addresses of every kind that matters here.
fn addresses(world: &World) -> Vec<(&'static str, String)> {
    let of = |height: &str, tx: usize, vout: usize| {
        let block = world.ask(&["block", height]);
        let tx = world.ask(&["tx", block["txs"][tx].as_str().unwrap()]);
        tx["outputs"][vout]["address"].as_str().unwrap().to_string()
    };
    let labels = world.ask(&["labels", "list"]);
    let labelled = |category: &str| {
        let label = labels["labels"].as_array().unwrap().iter().find(|l| l["category"] == category);
        label.unwrap()["subject"].as_str().unwrap().to_string()
    };
    vec![
        ("custodial", world.custodial.clone()),
        ("exchange", labelled("exchange")),
        ("hostile label", labelled("scam")),
        ("campaign", labelled("terrorist_financing")),
        ("no price", of("0", 0, 0)),
        ("last miner", of("2522", 0, 0)),
        ("somebody", of("1500", 1, 0)),
    ]
}

#[test]
fn queries_in_duckdb_and_polars_give_the_programs_own_answers() {
    let Some(python) = python() else { return };
    let world = world();
    let tables = world.at("tables");
    let addresses = addresses(world);
    let pages: [&[&str]; 2] = [&[], &["--offset", "3", "--limit", "2"]];
    let (mut busiest, mut largest, mut lone, mut unpriced, mut unspent) = (0, 0, 0, 0, 0);
    for (kind, address) in &addresses {
        for question in ["address", "entity"] {
            // every question on its first page, one kind on a later one
            for page in pages.iter().take(if *kind == "exchange" { 2 } else { 1 }) {
                let mut expected = world.ask(&[&[question, address.as_str()], *page].concat());
                // a snapshot is a hash over the store, which the tables do not hold
                assert!(expected.as_object_mut().unwrap().remove("snapshot").is_some());
                // nor do they hold the name of a policy, or what the program says beside them of accounts and services
                assert!(expected.as_object_mut().unwrap().remove("clustering").is_some());
                expected.as_object_mut().unwrap().remove("account_at");
                assert!(expected.as_object_mut().unwrap().remove("inferred_service").is_some());
                // nor the identity of a statement and what was decided about it
                let labels = expected.get_mut("labels").and_then(Value::as_array_mut);
                for label in labels.into_iter().flatten().filter_map(Value::as_object_mut) {
                    let decided = ["disputed", "retracted", "corrected", "known_from", "known_to"];
                    for field in ["id", "alleged", "license", "context"].into_iter().chain(decided) {
                        assert!(label.remove(field).is_some(), "{field}");
                    }
                }
                // the program pages in the order of joining, the tables in that of ids: the pages have other addresses
                let listed = expected.as_object_mut().unwrap().remove("addresses");
                let listed = listed.map_or(0, |list| list.as_array().unwrap().len());
                let whole = world.ask(&["entity", address, "--limit", "10000"])["addresses"].clone();
                let whole: HashSet<Value> = whole.as_array().unwrap().iter().cloned().collect();
                let args = [&[tables.as_str(), address.as_str()], *page].concat();
                let asked = [&[question], &args[..]].concat();
                for (engine, (code, mut answer)) in [
                    ("duckdb", example(&python, "duckdb/run.py", &asked)),
                    ("polars", example(&python, &format!("polars/{question}.py"), &args)),
                ] {
                    assert_eq!(code, 0);
                    if question == "entity" {
                        let page = answer.as_object_mut().unwrap().remove("addresses").unwrap();
                        let page = page.as_array().unwrap();
                        assert!(page.len() == listed && page.iter().all(|a| whole.contains(a)), "{engine} {address}");
                    }
                    assert_eq!(answer, expected, "{engine}, {question} of {address} ({kind}) {page:?}");
                }
                busiest = busiest.max(expected["output_count"].as_u64().unwrap_or(0));
                largest = largest.max(expected["size"].as_u64().unwrap_or(0));
                lone += u64::from(expected["size"] == 1);
                unpriced += u64::from(question == "address" && expected["received_usd"].is_null());
                unspent += u64::from(question == "address" && expected["sent_sat"] == 0);
            }
        }
    }
    // the addresses are what their names say
    assert!(busiest > 100 && largest > 100 && lone > 0 && unpriced > 0 && unspent > 0);
    let custodial = world.ask(&["entity", &world.custodial]);
    assert_eq!(custodial["labels"][0]["category"], "custodial_account", "{custodial}");

    for question in ["address", "entity"] {
        assert_eq!(athar(&["--store", &world.at("store"), question, NOBODY]).status.code(), Some(1));
        assert_eq!(example(&python, "duckdb/run.py", &[question, &tables, NOBODY]), (1, Value::Null));
        assert_eq!(example(&python, &format!("polars/{question}.py"), &[&tables, NOBODY]), (1, Value::Null));
    }
}

#[test]
fn live_columns_open_in_pyarrow_without_a_copy() {
    let Some(python) = python() else { return };
    let world = world();
    let (code, answer) = example(&python, "pyarrow/live_columns.py", &[&world.at("store")]);
    let status = world.ask(&["status"]);
    let chain = &status["chains"][0];
    assert_eq!(code, 0);
    assert_eq!(answer["tip_hash"], chain["tip_hash"]);
    for (ours, theirs) in [("blocks", "blocks"), ("outputs", "outputs"), ("addresses_paid", "addresses")] {
        assert_eq!(answer[ours], chain[theirs], "{ours}");
    }
    assert_eq!(answer["columns"]["output.value"], serde_json::json!({ "type": "uint64", "rows": chain["outputs"] }));
    assert_eq!(answer["copied_bytes"], 0);
    assert!(answer["mapped_bytes"].as_u64().unwrap() > 1_000_000);
}

#[test]
fn an_export_says_what_it_did_and_does_it_once() {
    let world = world();
    let store = world.at("store");
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("t").display().to_string();
    let text = String::from_utf8(done(&["--store", &store, "export", "parquet", &to]).stdout).unwrap();
    for part in ["bitcoin/regtest, blocks 0 to 2,522", "outputs", "44,000", "7 files written, 0 kept", &to] {
        assert!(text.contains(part), "{text}");
    }
    let again = world.ask(&["export", "parquet", &to]);
    assert_eq!((&again["files_written"], &again["files_kept"]), (&Value::from(0), &Value::from(7)));
    assert_eq!(
        again["tables"][3],
        serde_json::json!({
            "table": "outputs",
            "files": 1,
            "rows": 44_000,
            "bytes": again["tables"][3]["bytes"],
            "snapshot": again["tables"][3]["snapshot"],
        })
    );
    let some = folder.path().join("some").display().to_string();
    let args =
        ["export", "parquet", &some, "--tables", "blocks,labels", "--from", "100", "--to", "199", "--chain", "bitcoin"];
    let view = world.ask(&args);
    assert_eq!((&view["tables"][0]["rows"], &view["tables"][1]["table"]), (&Value::from(100), &Value::from("labels")));
    // accepted labels only: 43 of the analyst, 3 of ours, and one in quarantine left out
    assert_eq!(view["tables"][1]["rows"], 46);
    for (words, says) in [
        (&["--tables", "blobs"][..], "blobs"),
        (&["--chain", "litecoin"], "holds no blocks of litecoin yet"),
        (&["--chain", "doge"], "one of bitcoin"),
        (&["--from", "9999"], "the first is above the last"),
        (&["--to", "9999"], "the chain ends at 2522"),
        (&["--to", "9"], "--overwrite"),
    ] {
        let output = athar(&[&["--store", &store, "export", "parquet", &to], words].concat());
        assert!(output.status.code() == Some(2) && err(&output).contains(says), "{words:?}: {}", err(&output));
    }
}

#[test]
fn a_killed_export_goes_on_and_ends_with_the_same_bytes() {
    let world = world();
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("t");
    let manifest = || -> Option<Value> { serde_json::from_slice(&fs::read(to.join("_athar_export.json")).ok()?).ok() };
    let finished = || manifest().map_or(0, |m| m["files"].as_array().unwrap().len());
    let mut kills = 0;
    // on a busy machine an export may end before it is seen to begin: then all of it is tried anew
    for _ in 0..10 {
        if kills >= 3 {
            break;
        }
        if to.exists() {
            fs::remove_dir_all(&to).unwrap();
        }
        kills = 0;
        // one more file is waited for each time, so that kills fall into the writing of every table
        for wanted in 0..7 {
            let mut child = Command::new(env!("CARGO_BIN_EXE_athar"))
                .args(["--store", &world.at("store"), "export", "parquet"])
                .arg(&to)
                .env("RAYON_NUM_THREADS", "1")
                .stdout(Stdio::null())
                .spawn()
                .unwrap();
            while child.try_wait().unwrap().is_none() && (!to.exists() || finished() < wanted) {
                std::thread::yield_now();
            }
            if child.try_wait().unwrap().is_none() {
                child.kill().unwrap();
                kills += 1;
            }
            child.wait().unwrap();
            let complete = manifest().is_some_and(|m| m["complete"] == true);
            if complete {
                break;
            }
        }
    }
    assert!(kills >= 3, "only {kills} exports were killed before they ended");
    done(&["--store", &world.at("store"), "export", "parquet", &to.display().to_string()]);
    let whole: Value =
        serde_json::from_slice(&fs::read(world.folder.join("tables/_athar_export.json")).unwrap()).unwrap();
    assert_eq!(manifest().unwrap(), whole, "hashes of the finished files, among other things");
    for file in whole["files"].as_array().unwrap() {
        let path = file["path"].as_str().unwrap();
        assert!(
            fs::read(to.join(path)).unwrap() == fs::read(world.folder.join("tables").join(path)).unwrap(),
            "{path}"
        );
    }
}

/// The system's limit on the size of a file stands for a full disk: a write fails in the middle of a file.
#[cfg(unix)]
#[test]
fn a_write_that_fails_names_the_file_and_leaves_no_part_of_it() {
    let world = world();
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("t").display().to_string();
    let output = Command::new("sh")
        // blocks of 512 bytes
        .args(["-c", "trap '' XFSZ; ulimit -f 1000; exec \"$@\"", "sh"])
        .args([env!("CARGO_BIN_EXE_athar"), "--store", &world.at("store"), "export", "parquet", &to])
        .output()
        .unwrap();
    let said = err(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("cannot write") && said.contains(".parquet") && said.contains("goes on where it stopped"),
        "{said}"
    );
    let mut unfinished = Vec::new();
    let mut folders = vec![folder.path().to_path_buf()];
    while let Some(next) = folders.pop() {
        for item in fs::read_dir(next).unwrap().map(Result::unwrap) {
            if item.path().is_dir() {
                folders.push(item.path());
            } else if item.file_name().to_string_lossy().ends_with(".tmp") {
                unfinished.push(item.path());
            }
        }
    }
    assert_eq!(unfinished, Vec::<PathBuf>::new());
    // with room again the same command finishes
    let view = world.ask(&["export", "parquet", &to]);
    assert_eq!(view["tables"], world.ask(&["export", "parquet", &world.at("tables")])["tables"]);
}
