//! `athar watch` and `athar alerts`, as their users run them.
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const ADDRESS: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
const OTHER: &str = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT";

fn run(store: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_athar"));
    command.env_remove("ATHAR_STORE").env("ATHAR_ACTOR", "amal").arg("--store").arg(store).args(args).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn from_a_watchlist_to_a_closed_alert_that_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let ask = |args: &[&str]| run(&store, args);
    assert_eq!(code(&ask(&["alerts", "list"])), 2, "nothing is watched for");
    assert_eq!(code(&ask(&["watch", "list"])), 2, "no store");

    // what is watched for
    let added =
        ask(&["--json", "watch", "add", "cases", "address", ADDRESS, "--severity", "severe", "--usd", "100.50"]);
    assert_eq!((code(&added), &json(&added)["is_new"]), (0, &true.into()), "{added:?}");
    assert_eq!(code(&ask(&["watch", "add", "cases", "pattern", "*", "--severity", "medium"])), 0);
    assert_eq!(code(&ask(&["watch", "add", "cases", "address", "nonsense"])), 2);
    assert_eq!(code(&ask(&["watch", "add", "cases", "amount"])), 2, "an amount needs one");
    assert_eq!(code(&ask(&["watch", "add", "cases", "amount", "--usd", "10000"])), 0);
    let file = folder.path().join("watch.csv");
    fs::write(&file, format!("address,note\n{ADDRESS},first\n{OTHER}x,second\n")).unwrap();
    let wrong = ask(&["watch", "import", "more", file.to_str().unwrap()]);
    assert_eq!(code(&wrong), 2);
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("watch.csv line 3: "), "{wrong:?}");
    fs::write(&file, format!("address,note\n{ADDRESS},first\n{OTHER},second\n")).unwrap();
    let imported = json(&ask(&["--json", "watch", "import", "more", file.to_str().unwrap()]));
    assert_eq!((&imported["lines"], &imported["added"]), (&2.into(), &2.into()));
    let lists = json(&ask(&["--json", "watch", "list"]));
    assert_eq!(
        (&lists[0]["watches"], &lists[1]["name"], &lists[1]["added_by"]),
        (&3.into(), &"more".into(), &"amal".into())
    );
    let watches = json(&ask(&["--json", "watch", "list", "cases"]));
    assert_eq!(watches["rows"][0]["at_least_usd_cents"], 10_050);

    // who is told
    let out = folder.path().join("alerts.jsonl");
    assert_eq!(code(&ask(&["alerts", "sinks", "add", &format!("jsonl://{}", out.display())])), 0);
    assert_eq!(code(&ask(&["alerts", "sinks", "add", "jsonl:-", "--severity", "severe"])), 0);
    assert_eq!(code(&ask(&["alerts", "sinks", "add", "syslog+udp://192.0.2.1:514"])), 2, "not this machine");
    assert_eq!(code(&ask(&["alerts", "sinks", "add", "smtp://mail.example.org?from=x"])), 2);

    // hits, as they are printed
    let hits = folder.path().join("hits.jsonl");
    let hit = |severity: &str, txids: &str| {
        format!(
            "{{\"pattern\":\"peel_chain\",\"rule_version\":1,\"subject\":\"{ADDRESS}\",\"addresses\":[\"{ADDRESS}\"],\"txids\":[{txids}],\
             \"total_sat\":150000000,\"severity\":\"{severity}\",\"why\":{{\"hops\":7}},\"snapshot\":\"s\",\"start\":\"2020-01-01\"}}\n"
        )
    };
    fs::write(&hits, hit("severe", "\"aa\",\"bb\"")).unwrap();
    let raised = json(&ask(&["--json", "alerts", "patterns", hits.to_str().unwrap()]));
    assert_eq!(raised["raised"], 1);
    fs::write(&hits, format!("{}{{\"pattern\":1}}\n", hit("severe", "\"cc\""))).unwrap();
    let wrong = ask(&["alerts", "patterns", hits.to_str().unwrap()]);
    assert!(code(&wrong) == 2 && String::from_utf8_lossy(&wrong.stderr).contains("hits.jsonl line 2"), "{wrong:?}");

    // listed and shown, in both languages
    let listed = text(&ask(&["alerts", "list"]));
    assert!(listed.contains("severe") && listed.contains(ADDRESS) && listed.contains("1.50000000 BTC"), "{listed}");
    let arabic = text(&ask(&["alerts", "show", "1", "--lang", "ar"]));
    assert!(arabic.contains("انطبق النمط peel_chain") && arabic.contains("شديدة"), "{arabic}");
    assert!(text(&ask(&["alerts", "show", "1"])).contains("not a finding of guilt"));
    assert_eq!(code(&ask(&["alerts", "show", "9"])), 2);
    assert_eq!(code(&ask(&["alerts", "list", "--state", "nonsense"])), 2);

    // two people close it
    let close = ["alerts", "close", "1", "--outcome", "true-positive", "--reason", "confirmed with the exchange"];
    assert_eq!(code(&ask(&[&close[..], &["--expect", "9"]].concat())), 2, "another version");
    let asked = json(&ask(&[&["--json"], &close[..], &["--expect", "1"]].concat()));
    assert_eq!((&asked["needs_second_person"], &asked["alert"]["state"]), (&true.into(), &"open".into()));
    assert_eq!(code(&ask(&close)), 2, "the same person");
    let closed = json(&ask(&[&["--json"], &close[..], &["--actor", "basim"]].concat()));
    assert_eq!(closed["alert"]["state"], "closed_true_positive");
    assert_eq!(code(&ask(&["alerts", "list"])), 1, "none is left");
    assert_eq!(code(&ask(&["alerts", "list", "--all"])), 0);
    assert_eq!(code(&ask(&["alerts", "reopen", "1", "--reason", "a second case"])), 0);
    assert_eq!(code(&ask(&["alerts", "assign", "1", "basim"])), 0);
    assert_eq!(code(&ask(&["alerts", "note", "1", "called the bank"])), 0);

    // held back
    let day = "2100-01-01";
    assert_eq!(
        code(&ask(&["alerts", "suppress", "subject", OTHER, "--until", day, "--reason", "ours"])),
        2,
        "too long"
    );
    assert_eq!(
        code(&ask(&["alerts", "suppress", "subject", OTHER, "--until", "2001-01-01", "--reason", "ours"])),
        2,
        "over"
    );
    let soon = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() / 86_400 + 30;
    let soon = athar_engine::Day(soon as i32).to_string();
    assert_eq!(code(&ask(&["alerts", "suppress", "subject", OTHER, "--until", &soon, "--reason", "ours"])), 0);
    fs::write(&hits, hit("high", "\"dd\"").replace(ADDRESS, OTHER)).unwrap();
    assert_eq!(json(&ask(&["--json", "alerts", "patterns", hits.to_str().unwrap()]))["held_back"], 1);
    assert!(text(&ask(&["alerts", "suppressions"])).contains("holds"));
    assert_eq!(code(&ask(&["alerts", "lift", "1"])), 0);
    assert_eq!(code(&ask(&["alerts", "lift", "1"])), 2);

    // told
    let sent = json(&ask(&["--json", "alerts", "deliver", "--once"]));
    assert_eq!((&sent["delivered"], &sent["failed"]), (&5.into(), &0.into()), "{sent}");
    let lines: Vec<Value> =
        fs::read_to_string(&out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 5);
    assert_eq!(lines[0]["event"]["type"], "alert.raised");
    assert!(lines.iter().all(|line| line["duplicate"] == false));
    let printed = text(&ask(&["alerts", "deliver", "--once", "--stdout"]));
    assert_eq!(printed.lines().filter(|line| line.contains("\"event\"")).count(), 5, "{printed}");
    let figures = json(&ask(&["--json", "alerts", "figures"]));
    assert_eq!((&figures["queues"][0]["waiting"], &figures["watches"]), (&0.into(), &5.into()));
    assert!(text(&ask(&["alerts", "figures", "--lang", "ar"])).contains("التنبيهات"));
    assert_eq!(code(&ask(&["alerts", "run"])), 2, "there are no blocks to look at");

    assert_eq!(code(&ask(&["watch", "remove", "--watch", "1"])), 0);
    assert_eq!(code(&ask(&["watch", "remove", "cases"])), 0);
    assert_eq!(code(&ask(&["watch", "remove", "cases"])), 2);
}

#[test]
fn what_is_watched_for_and_who_is_told_is_said_in_arabic() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let arabic = |args: &[&str]| {
        let output = run(&store, &[args, &["--lang", "ar"]].concat());
        assert!(code(&output) <= 1, "{args:?}: {output:?}");
        text(&output)
    };
    let file = folder.path().join("watch.csv");
    fs::write(&file, format!("address,note\n{OTHER},second\n")).unwrap();
    let sink = format!("jsonl://{}", folder.path().join("alerts.jsonl").display());
    for (args, words) in [
        (&["watch", "add", "cases", "address", ADDRESS, "--severity", "severe"][..], "قائمة من الآن"),
        (&["watch", "add", "cases", "address", ADDRESS, "--severity", "severe"], "كانت قائمة من قبل"),
        (&["watch", "import", "more", file.to_str().unwrap()], "تُراقَب من الآن 1"),
        (&["watch", "list"], "المراقبات"),
        (&["watch", "list", "cases"], "شديدة"),
        (&["alerts", "sinks", "list"], "لا يُبلَّغ أحد"),
        (&["alerts", "sinks", "add", &sink], "الوجهة 1"),
        (&["alerts", "sinks", "list"], "بالانتظار"),
        (&["alerts", "sinks", "test", "1"], "بالانتظار"),
        (&["alerts", "deliver", "--once"], "سُلّم 1"),
        (&["alerts", "sinks", "disable", "1"], "لا يُرسَل شيء"),
        (&["alerts", "sinks", "enable", "1"], "يُرسَل إلى"),
        (&["alerts", "sinks", "remove", "1"], "حُذفت الوجهة"),
        (&["watch", "remove", "--watch", "1"], "حُذفت المراقبة 1"),
        (&["watch", "remove", "more"], "حُذفت القائمة more"),
    ] {
        let told = arabic(args);
        assert!(told.contains(words), "{args:?}: {words} is not in {told}");
    }
    // without the word it is English as before
    assert!(text(&run(&store, &["watch", "list", "cases"])).contains("no watches"));
}
