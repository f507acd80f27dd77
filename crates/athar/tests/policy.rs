//! `athar policy` and `athar screen --policy`, as their users run them.
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(store: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_athar"));
    command.env_remove("ATHAR_STORE").arg("--store").arg(store).args(args).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

#[test]
fn policies_are_listed_shown_checked_added_and_compared_without_a_chain() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    let list = run(&store, &["policy", "list"]);
    assert_eq!(code(&list), 0, "{list:?}");
    assert!(
        text(&list).lines().any(|l| l.trim_start().starts_with("active") && l.contains("strict-sanctions")),
        "{list:?}"
    );
    assert!(!store.exists());
    // titles in the language asked for
    let english = text(&run(&store, &["policy", "show", "strict-sanctions"]));
    let arabic = text(&run(&store, &["policy", "show", "strict-sanctions", "--lang", "ar"]));
    assert!(english.contains("The subject is designated") && !arabic.contains("The subject is designated"));
    assert!(arabic.contains("صاحب العنوان مدرج في قائمة عقوبات"), "{arabic}");
    // a shipped file is a beginning
    let file = dir.path().join("mine.toml");
    let own = text(&run(&store, &["policy", "show", "strict-sanctions", "--file"]));
    let own = own.replace("name = \"strict-sanctions\"", "name = \"mine\"").replace("usd = \">= 1\"", "usd = \">= 5\"");
    fs::write(&file, &own).unwrap();
    let path = file.display().to_string();
    let checked = run(&store, &["policy", "check", &path, "--json"]);
    assert_eq!(code(&checked), 0);
    let version = json(&checked)["version"].as_str().unwrap().to_owned();
    assert!(!store.exists());
    let diff = run(&store, &["policy", "diff", "strict-sanctions", &path]);
    assert_eq!(code(&diff), 0);
    assert!(text(&diff).contains("name: strict-sanctions -> mine"), "{diff:?}");
    assert!(text(&diff).contains("when.exposure.usd: >= 1.00 -> >= 5.00"), "{diff:?}");
    assert_eq!(code(&run(&store, &["policy", "diff", "weighted", "weighted"])), 1);

    let added = run(&store, &["policy", "add", &path, "--json"]);
    assert_eq!((code(&added), json(&added)["mode"].as_str()), (0, Some("test")), "{added:?}");
    assert_eq!(json(&added)["version"].as_str(), Some(version.as_str()));
    assert_eq!(code(&run(&store, &["policy", "add", "weighted"])), 0);
    assert_eq!(code(&run(&store, &["policy", "activate", "mine"])), 0);
    let modes = json(&run(&store, &["policy", "list", "--json"]));
    let modes: Vec<(&str, &str)> = modes["policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["name"].as_str().unwrap(), p["mode"].as_str().unwrap()))
        .collect();
    assert_eq!(modes, [("strict-sanctions", "idle"), ("weighted", "test"), ("mine", "active")]);
    let refused = run(&store, &["policy", "retire", "mine"]);
    assert_eq!(code(&refused), 2);
    assert!(err(&refused).contains("one always decides"), "{refused:?}");
    assert_eq!(code(&run(&store, &["policy", "retire", "weighted"])), 0);

    // a wrong file is told with line and field, and nothing is stored
    fs::write(&file, own.replacen("level = \"severe\"", "level = \"extreme\"", 1)).unwrap();
    let line = own.lines().position(|l| l == "level = \"severe\"").unwrap() + 1;
    for command in ["check", "add"] {
        let wrong = run(&store, &["policy", command, &path]);
        assert_eq!(code(&wrong), 2);
        assert!(err(&wrong).contains(&format!("mine.toml line {line}: rule[0].level: `extreme`")), "{wrong:?}");
    }
    let unknown = run(&store, &["policy", "show", "nobody"]);
    assert!(code(&unknown) == 2 && err(&unknown).contains("athar policy list"), "{unknown:?}");
}

#[test]
fn a_screening_shows_the_rule_tree_and_a_back_test_what_changes() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().display().to_string();
    let demo = run(&dir.path().join("none"), &["demo", "--txs", "10000", "--json", "--out", &out]);
    assert_eq!(code(&demo), 0, "{}", err(&demo));
    let target = json(&demo)["target"].as_str().unwrap().to_owned();
    let store = dir.path().join("store");

    let plain = run(&store, &["screen", &target, "--json"]);
    let asked = run(&store, &["screen", &target, "--policy", "active", "--json"]);
    assert_eq!(code(&asked), 0, "{asked:?}");
    // the screening is the same, and the verdict stands beside it
    let (plain, mut asked) = (json(&plain), json(&asked));
    let assessment = asked[0].as_object_mut().unwrap().remove("assessment").unwrap();
    assert_eq!(plain, asked);
    assert_eq!(assessment["verdict"]["level"], "severe");
    assert_eq!(assessment["verdict"]["mode"], "active");
    assert!(assessment["verdict"]["score"].is_null());
    let rules = assessment["verdict"]["rules"].as_array().unwrap();
    assert!(rules.iter().all(|r| ["true", "false", "unknown"].contains(&r["outcome"].as_str().unwrap())));
    assert_eq!(rules[0]["tree"]["kind"], "ownership");
    assert!(!rules[0]["tree"]["matched"].as_array().unwrap().is_empty());

    let shown = run(&store, &["screen", &target, "--policy", "strict-sanctions"]);
    let shown = text(&shown);
    assert!(shown.contains("policy    strict-sanctions@") && shown.contains("verdict   SEVERE"), "{shown}");
    assert!(shown.contains("+ listed-owner  level severe: The subject is designated"), "{shown}");
    assert!(shown.contains("+ ownership: any category; basis designation [entities 1]"), "{shown}");
    let weighted = text(&run(&store, &["screen", &target, "--policy", "weighted"]));
    assert!(weighted.contains("score 1.000000"), "{weighted}");
    let reached = |policy: &str, level: &str, target: &str| {
        code(&run(&store, &["screen", target, "--policy", policy, "--fail-on", level]))
    };
    assert_eq!(reached("active", "severe", &target), 3);
    // another chain: no rule applies, and that is nothing known
    let tron = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";
    assert_eq!((reached("active", "low", tron), reached("active", "unknown", tron)), (0, 3));
    let open = text(&run(&store, &["screen", tron, "--policy", "active"]));
    assert!(open.contains("no rule applies (with what is not known it could be"), "{open}");
    let with_amount = ["screen", &target, "--policy", "active", "--attempt-sat", "5000", "--json"];
    assert_eq!(json(&run(&store, &with_amount))[0]["assessment"]["attempt_sat"], 5000);
    assert_eq!(code(&run(&store, &["screen", &target, "--attempt-sat", "5000"])), 2);

    let tested = run(&store, &["policy", "test", "weighted", "--sample", "200", "--json"]);
    assert_eq!(code(&tested), 0, "{tested:?}");
    let tested = json(&tested);
    assert_eq!((tested["targets"].as_u64(), tested["moments"][0]["assessed"].as_u64()), (Some(200), Some(200)));
    let list = dir.path().join("targets");
    fs::write(&list, format!("{target}\n\n{tron}\n")).unwrap();
    let days = ["policy", "test", "weighted", "--addresses", list.to_str().unwrap(), "--days", "2020-01-01"];
    let tested = text(&run(&store, &days));
    assert!(tested.contains("as it was known on 2020-01-01: 2 assessed"), "{tested}");
}
