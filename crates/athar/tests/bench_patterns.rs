//! `athar simulate --campaigns` and `athar bench patterns`, as their users run them.
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};

fn run(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_athar"));
    command.env_remove("ATHAR_STORE").args(args).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn hits_of_a_file_are_scored_against_the_world_of_their_seed() {
    let folder = tempfile::tempdir().unwrap();
    let (world, hits) = (folder.path().join("world"), folder.path().join("hits.jsonl"));
    let (verdicts, kept) = (folder.path().join("verdicts.jsonl"), folder.path().join("kept"));
    let common = ["--txs", "10000", "--campaigns", "all"];
    let made = run(&[&["simulate", "--seed", "950", "--out", text(&world)], &common[..]].concat());
    assert!(made.status.success(), "{made:?}");
    let truth: Value = serde_json::from_slice(&std::fs::read(world.join("truth/campaigns.json")).unwrap()).unwrap();
    let one = |decoy: bool| {
        let fits = |c: &&Value| c["kind"] == "pass-through" && c["decoy"] == decoy;
        let case = truth["campaigns"].as_array().unwrap().iter().find(fits).unwrap();
        let address = case["addresses"][0]["address"].clone();
        json!({"pattern": "pass-through", "subject": address, "addresses": [address], "severity": "high"}).to_string()
    };
    std::fs::write(&hits, format!("{}\n{}\n{{\"pattern\":\"pass-through\"}}\n", one(false), one(true))).unwrap();
    let words = ["--json", "bench", "patterns", "--seeds", "950", "--people", "0", "--hits", text(&hits)];
    let more = ["--verdicts", text(&verdicts), "--keep", text(&kept)];
    let output = run(&[&words[..], &common[..], &more[..]].concat());
    assert!(output.status.success(), "{output:?}");
    let rates: Value = serde_json::from_slice(&output.stdout).unwrap();
    let row = &rates["rows"][17];
    assert_eq!((&row["row"], &row["status"]), (&json!(18), &json!("measured")));
    assert_eq!(row["all"]["hits"], json!({"wrong": 2, "of": 3}));
    assert_eq!((&row["all"]["look_alikes"], &row["all"]["ordinary"]), (&json!(1), &json!(1)));
    assert_eq!(row["anchored"]["hits"], json!({"wrong": 1, "of": 2}));
    assert_eq!(rates["rows"][10]["status"], "unmeasured");
    let lines = std::fs::read_to_string(&verdicts).unwrap();
    let told = |what: &str| lines.lines().filter(|line| line.contains(&format!("\"told\":\"{what}\""))).count();
    assert_eq!((told("right"), told("look-alike"), told("ordinary")), (1, 1, 1));
    assert!(told("missed") > 0);
    assert!(kept.join("950/store").exists() && kept.join("950/world/truth/campaigns.json").exists());
}

#[test]
fn what_cannot_be_scored_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let hits = folder.path().join("hits.jsonl");
    std::fs::write(&hits, "{\"pattern\":\"structuring\"}\n{\"pattern\":7}\n").unwrap();
    let small = ["--txs", "10000", "--campaigns", "usual", "--people", "0"];
    let told = |seeds: &str| {
        let output = run(&[&["bench", "patterns", "--hits", text(&hits), "--seeds", seeds], &small[..]].concat());
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(told("1,2").contains("one seed"), "{}", told("1,2"));
    assert!(told("1").contains("hits.jsonl: line 2:"), "{}", told("1"));
    let world = folder.path().join("world");
    for words in [["--campaigns", "some"], ["--campaigns", "rare"]] {
        let args = ["simulate", "--seed", "1", "--txs", "10000", "--out", text(&world)];
        assert_eq!(run(&[&args[..], &words[..]].concat()).status.code(), Some(2), "{words:?}");
    }
}
