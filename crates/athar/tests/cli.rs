//! Whole runs of the program, as its users run it.
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

fn athar() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_athar"));
    command.env_remove("ATHAR_STORE").env_remove("ATHAR_NO_BUILTIN_PRICES");
    command
}

fn run(args: &[&str]) -> Output {
    athar().args(args).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

/// The demo's folder and its answer, made once.
fn demo() -> &'static (PathBuf, Value) {
    static DEMO: OnceLock<(PathBuf, Value)> = OnceLock::new();
    DEMO.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("athar-cli-{}", std::process::id()));
        let output = run(&["demo", "--json", "--out", folder.to_str().unwrap()]);
        assert_eq!(code(&output), 0, "{}", err(&output));
        (folder, json(&output))
    })
}

fn store() -> String {
    demo().0.join("store").display().to_string()
}

fn ask(args: &[&str]) -> Output {
    run(&[&["--store", &store(), "--json"], args].concat())
}

/// A copy of the demo's store, to be changed.
fn copy_of_store(to: &Path) {
    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            if entry.path().is_dir() {
                copy(&entry.path(), &target);
            } else {
                std::fs::copy(entry.path(), target).unwrap();
            }
        }
    }
    copy(Path::new(&store()), to);
}

#[test]
fn the_demo_finds_the_campaign_and_agrees_with_the_truth() {
    let (folder, view) = demo();
    assert_eq!(view["screens"][0]["risk"], "severe");
    let truth = &view["truth"];
    assert_eq!(truth["donated_sat"], truth["traced_sat"]);
    assert!(truth["donated_sat"].as_u64().unwrap() > 0 && truth["cash_outs_reached"].as_u64().unwrap() > 0);
    assert_eq!(truth["cash_outs_overstated"], 0);
    // what the rules find is what a run over the demo's store finds
    let patterns = &view["patterns"];
    let own = patterns["own"].as_array().unwrap();
    let shown: Vec<&str> = own.iter().map(|hit| hit["pattern"].as_str().unwrap()).collect();
    assert!(shown.contains(&"listed-owner") && shown.contains(&"solicitation-page"), "{shown:?}");
    assert!(
        own.iter().all(|hit| !hit["title"].as_str().unwrap().is_empty() && !hit["why"].as_str().unwrap().is_empty())
    );
    let output = ask(&["patterns", "run"]);
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count() as u64, patterns["hits"].as_u64().unwrap());
    let report = std::fs::read_to_string(folder.join("report.html")).unwrap();
    let target = view["target"].as_str().unwrap();
    for part in ["lang=\"en\"", "lang=\"ar\"", "dir=\"rtl\"", "<svg", target, "حملة تبرعات"] {
        assert!(report.contains(part), "the report lacks {part}");
    }
    // the story for people says the same, and prints the report's path
    let second = tempfile::tempdir().unwrap();
    let output = run(&["demo", "--out", second.path().join("d").to_str().unwrap()]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("risk SEVERE") && text.contains(target) && text.contains("report.html"), "{text}");
    assert!(text.contains(": equal"), "{text}");
    assert!(text.contains("Which typologies it shows") && text.contains("never a finding about a person"), "{text}");
    let again = std::fs::read_to_string(second.path().join("d/report.html")).unwrap();
    assert!(again == report, "the same world gives another report");
}

#[test]
fn every_read_command_answers_in_json_and_in_text() {
    let target = demo().1["target"].as_str().unwrap();
    let txid = demo().1["trace"]["edges"][0]["txid"].as_str().unwrap();
    let commands: [(&[&str], &str); 14] = [
        (&["status"], "/chains/0/network"),
        (&["verify"], "/ok"),
        (&["block", "100"], "/hash"),
        (&["tx", txid], "/outputs/0/value_sat"),
        (&["address", target], "/outputs/0/txid"),
        (&["entity", target], "/addresses/0"),
        (&["labels", "list"], "/labels/0/basis"),
        (&["prices", "list", "--from", "2018-01-01", "--limit", "3"], "/prices/2/usd"),
        (&["prices", "show", "2018-01-01"], "/price/sources/0"),
        (&["prices", "status"], "/assets/0/from"),
        (&["screen", target], "/0/statements/0/evidence/0/line"),
        (&["screen", target, "--depth", "ownership"], "/0/statements/0/evidence/0/id"),
        (&["screen", target, "--depth", "counterparty"], "/0/counterparties/0/amount_sat"),
        (&["trace", target, "--backward", "--hops", "2"], "/edges/0/amount_sat"),
    ];
    for (words, pointer) in commands {
        let output = ask(words);
        assert_eq!(code(&output), 0, "{words:?}: {}", err(&output));
        assert!(json(&output).pointer(pointer).is_some_and(|v| !v.is_null()), "{words:?} lacks {pointer}");
        let text = run(&[&["--store", &store()], words].concat());
        assert_eq!(code(&text), 0);
        assert!(!text.stdout.is_empty() && text.stderr.is_empty(), "{words:?}: {}", err(&text));
    }
    let entity = json(&ask(&["entity", target]));
    let other = entity["addresses"].as_array().unwrap().iter().find(|a| *a != target).unwrap().as_str().unwrap();
    let explain = json(&ask(&["explain", target, other]));
    assert_eq!((&explain["linked"], &explain["steps"][0]["joins"][0]), (&Value::Bool(true), &entity_or(target)));
    for format in ["csv", "tagpack"] {
        let export = run(&["--store", &store(), "labels", "export", "--format", format]);
        assert!(String::from_utf8(export.stdout).unwrap().contains(target));
    }
}

fn entity_or(text: &str) -> Value {
    Value::String(text.to_string())
}

#[test]
fn exit_codes_tell_what_happened() {
    let target = demo().1["target"].as_str().unwrap();
    let nobody = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    let nothing = "00000000000000000000000000000000000000000000000000000000000000aa";
    for (words, expected) in [
        (&["screen", target][..], 0),
        (&["screen", target, "--fail-on", "severe"], 3),
        (&["screen", nobody, target, "--fail-on", "medium"], 3),
        (&["screen", nobody, target, "--depth", "ownership", "--fail-on", "severe"], 3),
        (&["screen", nobody, "--depth", "counterparty", "--fail-on", "low"], 0),
        (&["screen", target, "--time-limit", "60000"], 0),
        (&["screen", target, "--time-limit", "0"], 2),
        (&["bench", "screen", "--sample", "3", "--threads", "2"], 0),
        (&["screen", nobody], 0),
        (&["screen", nobody, "--fail-on", "low"], 0),
        (&["screen", nobody, "--fail-on", "unknown"], 3),
        (&["screen", target, "--fail-on", "unknown"], 0),
        (&["tx", nothing], 1),
        (&["block", "999999"], 1),
        (&["address", nobody], 1),
        (&["entity", nobody], 1),
        (&["trace", nobody], 1),
        (&["explain", target, nobody], 1),
        (&["prices", "show", "2017-01-01"], 1),
        (&["prices", "show", "2018-01-01", "--asset", "ltc"], 1),
        (&["prices", "list", "--asset", "ETH"], 1),
        (&["prices", "show", "2018-02-30"], 2),
        (&["prices", "list", "--asset", "EUR"], 2),
        (&["tx", "zz"], 2),
        (&["address", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"], 2),
        (&["block", "-1"], 2),
        (&["screen"], 2),
        (&["screen", target, "--fail-on", "none"], 2),
        (&["no-such-word"], 2),
    ] {
        let output = ask(words);
        assert_eq!(code(&output), expected, "{words:?}: {}", err(&output));
    }
    assert_eq!(code(&run(&["--help"])), 0);
}

#[test]
fn a_screening_keeps_order_and_reads_files() {
    let target = demo().1["target"].as_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("targets.txt");
    std::fs::write(&file, format!("\u{0627}\u{062b}\u{0631}\r\n\n  {target}  \n")).unwrap();
    let output = ask(&["screen", "--file", file.to_str().unwrap()]);
    let views = json(&output);
    assert_eq!(views[0]["status"], "invalid");
    assert_eq!(views[0]["risk"], "unknown");
    assert_eq!(views[1]["risk"], "severe");
    std::fs::write(&file, b"ok\n\xff\xfe\n").unwrap();
    let broken = ask(&["screen", "--file", file.to_str().unwrap()]);
    assert_eq!(code(&broken), 2);
    assert!(err(&broken).contains("targets.txt line 2: not UTF-8"), "{}", err(&broken));
    std::fs::write(&file, "a".repeat(10_000_000)).unwrap();
    assert!(err(&ask(&["screen", "--file", file.to_str().unwrap()])).contains("line 1"));
}

#[test]
fn errors_name_the_file_and_what_was_stored_stays() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    // nothing there
    let none = run(&["--store", &at("none"), "status"]);
    assert!(code(&none) == 2 && err(&none).contains(&at("none")), "{}", err(&none));
    // mistyped folder: no store is left behind
    let typo = run(&["--store", &at("new"), "ingest", "bitcoin", "--blocks", &at("typo")]);
    assert!(code(&typo) == 2 && err(&typo).contains("typo") && !folder.path().join("new").exists());
    // a file where the store should be
    std::fs::write(folder.path().join("file"), "").unwrap();
    let blocks = demo().0.join("world/blocks").display().to_string();
    let file = run(&["--store", &at("file"), "ingest", "bitcoin", "--blocks", &blocks]);
    assert!(code(&file) == 2 && err(&file).contains(&at("file")), "{}", err(&file));

    copy_of_store(&folder.path().join("store"));
    let verify = || code(&run(&["--store", &at("store"), "verify"]));
    let before = json(&run(&["--store", &at("store"), "--json", "status"]))["snapshot"].clone();
    // another network than the stored one
    let network = run(&["--store", &at("store"), "ingest", "bitcoin", "--blocks", &blocks, "--network", "mainnet"]);
    assert!(code(&network) == 2 && err(&network).contains("regtest") && err(&network).contains("mainnet"));
    // malformed label files, each refused whole with its line
    let deep = format!("title: x\ncreator: y\ntags: {}{}\n", "[".repeat(5_000), "]".repeat(5_000));
    for (name, text) in [
        ("bad-utf8.csv", &b"address,label,category,source\n1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa,\xff,scam,x\n"[..]),
        ("long.csv", &[b"address,label,category,source\n".to_vec(), vec![b'a'; 10_000_000]].concat()),
        ("twice.yaml", b"title: x\ntitle: y\ncreator: z\ntags:\n- address: a\n"),
        ("deep.yaml", deep.as_bytes()),
        ("cut.yaml", b"title: x\ncreator: y\ntags:\n- address: \"1A1z"),
        ("columns.csv", b"who,what\na,b\n"),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
        let output = run(&["--store", &at("store"), "labels", "import", &at(name)]);
        assert_eq!(code(&output), 2, "{name}: {}", err(&output));
        assert!(err(&output).contains(name), "{name}: {}", err(&output));
    }
    // prices
    std::fs::write(folder.path().join("p.csv"), "day,asset,usd,source\n2020-01-01,BTC,abc,x\n").unwrap();
    let prices = run(&["--store", &at("store"), "prices", "import", &at("p.csv")]);
    assert!(code(&prices) == 2 && err(&prices).contains("p.csv line 2"), "{}", err(&prices));
    assert_eq!(verify(), 0);
    assert_eq!(json(&run(&["--store", &at("store"), "--json", "status"]))["chains"][0]["blocks"], 2523);
    // (the store's folder is no part of the snapshot)
    assert_eq!(json(&run(&["--store", &at("store"), "--json", "status"]))["snapshot"], before);

    // a manifest that was changed by hand is not believed
    let manifest = folder.path().join("store/MANIFEST.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("bitcoin", "bitcoib")).unwrap();
    let damaged = run(&["--store", &at("store"), "status"]);
    assert!(code(&damaged) == 2 && err(&damaged).contains("MANIFEST.json"), "{}", err(&damaged));
}

#[test]
fn a_second_writer_is_told_who_holds_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    copy_of_store(&store);
    let lock = std::fs::OpenOptions::new().write(true).open(store.join("LOCK")).unwrap();
    lock.lock().unwrap();
    let labels = demo().0.join("world/analyst/labels.csv");
    let output = athar().args(["--store"]).arg(&store).args(["labels", "import"]).arg(&labels).output().unwrap();
    assert!(code(&output) == 2 && err(&output).contains("in use by another process"), "{}", err(&output));
    // readers are not in its way
    assert!(athar().arg("--store").arg(&store).arg("status").output().unwrap().status.success());
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = athar()
        .args(["--store", &store(), "labels", "export"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", err(&output));
}

#[test]
fn prices_are_imported_shown_and_told_from_no_price() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let athar = |words: &[&str]| run(&[&["--store", &at("store")], words].concat());
    let text = |output: &Output| String::from_utf8(output.stdout.clone()).unwrap();
    write(
        "bars.csv",
        "date,open,high,low,close\n2020-01-01,1,1,1,7200.17\n2020-01-02,1,1,1,0.0\n2020-01-04,1,1,1,7344.88\n",
    );
    // what the columns do not say must be said, and a mistake leaves no store behind
    let unnamed = athar(&["prices", "import", &at("bars.csv")]);
    assert!(code(&unnamed) == 2 && err(&unnamed).contains("bars.csv line 1"), "{}", err(&unnamed));
    assert!(err(&unnamed).contains("hint: --asset BTC") && !folder.path().join("store").exists());
    let done = athar(&["prices", "import", &at("bars.csv"), "--asset", "ltc", "--source", "desk"]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    for part in [
        "2 days of LTC, 2020-01-01 to 2020-01-04",
        "2 new",
        "1 without a price: zero in the file (2020-01-02)",
        "1 missing between the first and the last (2020-01-03)",
    ] {
        assert!(text(&done).contains(part), "{}", text(&done));
    }
    let shown = athar(&["prices", "show", "2020-01-01", "--asset", "LTC"]);
    assert!(text(&shown).contains("USD 7,200.17 for 1 LTC on 2020-01-01, desk") && text(&shown).contains("bars.csv"));
    let none = athar(&["prices", "show", "2020-01-02", "--asset", "LTC"]);
    assert_eq!((code(&none), text(&none).trim()), (1, "no price of LTC on 2020-01-02"));
    // no chain yet: the built-in history counts, unless it is switched off, in words or by the environment
    let day = ["prices", "show", "2020-01-01", "--json"];
    assert_eq!(json(&athar(&day))["price"]["builtin"], true);
    let off = athar(&[&day[..], &["--no-builtin-prices"]].concat());
    assert_eq!((code(&off), &json(&off)["price"], &json(&off)["builtin"]), (1, &Value::Null, &entity_or("off")));
    let mut by_environment = self::athar();
    by_environment.env("ATHAR_NO_BUILTIN_PRICES", "1").args(["--store", &at("store")]).args(day);
    assert_eq!(json(&by_environment.output().unwrap())["builtin"], "off");
    let status = text(&athar(&["prices", "status"]));
    for part in [
        "BTC        5,695 days",
        "LTC        2 days",
        "2 missing: 2020-01-02 to 2020-01-03",
        "(built in)",
        "import 1   bars.csv",
    ] {
        assert!(status.contains(part), "{status}");
    }
    // the demo's chain is a test network: its invented prices count, and real ones do not
    let demo = json(&ask(&["prices", "status"]));
    assert_eq!((&demo["builtin"], demo["assets"].as_array().unwrap().len()), (&entity_or("no_market"), 1));
    assert_eq!(demo["assets"][0]["sources"][0]["source"], "simulated");
}

#[test]
fn following_needs_a_node_that_can_be_reached_and_words_that_fit() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let follow = |more: &[&str]| {
        let mut command = athar();
        for variable in ["ATHAR_RPC", "ATHAR_RPC_USER", "ATHAR_RPC_PASSWORD"] {
            command.env_remove(variable);
        }
        command.args(["--store", store.to_str().unwrap(), "follow", "bitcoin"]).args(more).output().unwrap()
    };
    // a port of loopback at which nobody listens any more
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://alice:hunter2@127.0.0.1:{port}");
    for (args, words) in [
        (vec!["--rpc", url.as_str()], "cannot be reached"),
        (vec!["--rpc", "http://127.0.0.1:1"], "asks for a user and a password"),
        (vec!["--rpc", "http://127.0.0.1:1", "--rpc-user", "alice"], "ATHAR_RPC_PASSWORD"),
        (vec!["--rpc", "127.0.0.1:1"], "begins with http://"),
        (vec!["--rpc", "http://127.0.0.1:1", "--cookie", "none/.cookie"], "none/.cookie"),
        (vec!["--rpc", url.as_str(), "--zmq", "127.0.0.1:1"], "begins with tcp://"),
        (vec!["--rpc", url.as_str(), "--blocks", "none"], "none"),
        (vec![], "--rpc"),
    ] {
        let output = follow(&args);
        assert_eq!((code(&output), output.stdout.len()), (2, 0), "{args:?}");
        assert!(err(&output).contains(words) && !err(&output).contains("hunter2"), "{args:?}: {}", err(&output));
    }
    assert!(!store.exists(), "a node that was never reached leaves no store behind");
}

#[test]
fn the_mempool_without_a_follower_is_nothing_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().to_str().unwrap();
    let output = run(&["--store", store, "mempool"]);
    assert_eq!((code(&output), output.stdout.len()), (1, 0));
    assert!(err(&output).contains("no follower"), "{}", err(&output));
    let output = run(&["--store", store, "--json", "mempool"]);
    assert_eq!((code(&output), json(&output)), (1, Value::Null));
    // a view that was cut off is an error that names the place
    let live = folder.path().join("live");
    std::fs::create_dir(&live).unwrap();
    let head = r#"{"format":1,"written_ms":1000,"network":"regtest","tip_height":7,"tip_hash":null,"txs":1,"left_out":0,"complete":true}"#;
    std::fs::write(live.join("mempool.jsonl"), format!("{head}\n")).unwrap();
    let output = run(&["--store", store, "mempool"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("mempool.jsonl line 1"), "{}", err(&output));
    std::fs::write(live.join("mempool.jsonl"), head.replace("\"txs\":1", "\"txs\":0")).unwrap();
    let output = run(&["--store", store, "mempool"]);
    assert_eq!(code(&output), 1);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("1970-01-01T00:00:01.000Z") && text.contains("No follower keeps it"), "{text}");
}

#[test]
fn a_label_is_added_disputed_retracted_and_asked_as_of_a_day() {
    const ADDRESS: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let athar = |args: &[&str]| run(&[&["--store", &at("store")], args].concat());
    let text = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
    let list = ["labels", "list", ADDRESS];
    let add = ["labels", "add", ADDRESS, "--name", "A\u{202e}B", "--category", "scam", "--source", "case 7"];
    assert_eq!(code(&athar(&add)), 0);
    let shown = text(&athar(&list));
    assert!(shown.contains("own_analysis, alleged") && !shown.contains('\u{202e}'), "{shown}");
    let before = athar(&[&list[..], &["--known-at", "2020-01-01"]].concat());
    assert_eq!(code(&before), 1, "{}", text(&before));

    let decide = |what: &str, reason: &str| athar(&["labels", what, ADDRESS, "--reason", reason]);
    let refused = decide("undispute", "x");
    assert!(code(&refused) == 2 && err(&refused).contains("not disputed"), "{}", err(&refused));
    assert_eq!(code(&decide("dispute", "he says no")), 0);
    let screened = text(&athar(&["screen", ADDRESS]));
    assert!(screened.contains("(disputed)") && screened.contains("disputed: he says no"), "{screened}");
    assert_eq!(json(&athar(&["labels", "conflicts", "--json"]))["conflicts"][0]["kind"], "disputed");
    assert_eq!(code(&decide("retract", "another man")), 0);
    assert_eq!(code(&athar(&list)), 1);
    assert!(text(&athar(&[&list[..], &["--all"]].concat())).contains("retracted: another man"));
    assert_eq!(json(&athar(&["screen", ADDRESS, "--json"]))[0]["risk"], "unknown");

    let history = athar(&["labels", "export", "--format", "pack"]);
    std::fs::write(at("history"), &history.stdout).unwrap();
    let other = |args: &[&str]| run(&[&["--store", &at("other")], args].concat());
    assert!(text(&other(&["labels", "adopt", &at("history")])).starts_with("1 imports and 2 decisions"));
    assert!(text(&other(&[&list[..], &["--all"]].concat())).contains("retracted: another man"));
    std::fs::write(at("cut"), &history.stdout[..history.stdout.len() - 3]).unwrap();
    let cut = other(&["labels", "adopt", &at("cut")]);
    assert!(code(&cut) == 2 && err(&cut).contains("checksum"), "{}", err(&cut));

    std::fs::write(at("t.tsv"), format!("Owner\tWallet\nAmal\t{ADDRESS}\n")).unwrap();
    let columns = ["labels", "import", &at("t.tsv"), "--columns", "address=Wallet,label=Owner"];
    assert_eq!(code(&athar(&columns)), 0);
    assert!(text(&athar(&list)).contains("Amal"));
    assert!(text(&athar(&["labels", "taxonomy"])).contains("interpol: cyberterrorist"));
}

#[test]
fn paths_are_found_or_not_and_say_which() {
    let labels = json(&ask(&["labels", "list", "--limit", "1000"]));
    let labels = labels["labels"].as_array().unwrap();
    let listed =
        labels.iter().filter(|l| l["category"] == "terrorist_financing").map(|l| l["subject"].as_str().unwrap());
    // a payment that the store holds, by whoever it was
    let edge = listed
        .filter(|address| address.len() < 64)
        .flat_map(|address| json(&ask(&["trace", address]))["edges"].as_array().cloned().unwrap_or_default())
        .find(|edge| edge["from"].is_string() && edge["to"].is_string() && edge["from"] != edge["to"])
        .unwrap();
    let text = |key: &str| edge[key].as_str().unwrap();
    let (from, to) = (text("from_output"), text("to_output"));
    let found = ask(&["paths", from, to]);
    assert_eq!(code(&found), 0, "{}", err(&found));
    let view = json(&found);
    let path = &view["searches"][0]["paths"][0];
    assert_eq!((&path["steps"][0]["txid"], &path["steps"][0]["to"]["output"]), (&edge["txid"], &edge["to_output"]));
    assert_eq!((&view["link"], &view["searches"][0]["outcome"]), (&"output".into(), &"found".into()));
    // the other way there is none, since money goes forward; the text says so in words
    let back = run(&["--store", &store(), "paths", to, from]);
    let words = String::from_utf8(back.stdout.clone()).unwrap();
    assert!(code(&back) == 1 && words.contains("none within 6 hops") && !words.contains("gave up"), "{words}");
    let both = run(&["--store", &store(), "paths", to, from, "--either", "--by", "value", "--count", "1"]);
    let words = String::from_utf8(both.stdout.clone()).unwrap();
    assert!(code(&both) == 0 && words.contains(text("txid")) && words.contains("proven to be the first"), "{words}");
    // what is not on the chain has no paths
    let payer = format!("{}:0", "00".repeat(32));
    let unseen = ask(&["paths", &payer, to]);
    assert_eq!((code(&unseen), &json(&unseen)["from"]["kind"]), (1, &Value::Null));
    for wrong in [&["paths", from, from][..], &["paths", from, "nobody"], &["paths", from, to, "--by", "luck"]] {
        assert_eq!(code(&ask(wrong)), 2, "{wrong:?}");
    }
}
