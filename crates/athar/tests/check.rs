//! `athar check` and `athar totals` as a user runs them: answers, exit codes, both languages, tables.
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// A valid address of the test network that nobody ever paid.
const UNSEEN: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

fn athar(store: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_athar")).arg("--store").arg(store).args(words).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {} {}", text(output), String::from_utf8_lossy(&output.stderr)))
}

struct Made {
    _folder: tempfile::TempDir,
    store: PathBuf,
    /// An address that a list designates.
    listed: String,
    /// The shipped rules, with a table that does not find the world's end, years ago, to be behind.
    policy: String,
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let (world, store) = (folder.path().join("world"), folder.path().join("store"));
        let run = |words: &[&str]| {
            let output = athar(&store, words);
            assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        };
        let path = |name: &str| world.join(name).display().to_string();
        run(&["-q", "simulate", "--seed", "77", "--txs", "10000", "--out", &world.display().to_string()]);
        run(&["-q", "ingest", "bitcoin", "--blocks", &path("blocks")]);
        run(&["-q", "labels", "import", &path("analyst/labels.csv")]);
        run(&["-q", "prices", "import", &path("analyst/prices.csv")]);
        let labels = std::fs::read_to_string(world.join("analyst/labels.csv")).unwrap();
        let designated =
            labels.lines().find(|line| line.contains(",designation,") && !line.contains("without")).unwrap();
        let listed = designated.split(',').next().unwrap().to_owned();
        let file = folder.path().join("mine.toml");
        let rules = text(&athar(&store, &["policy", "show", "strict-sanctions", "--file"]));
        let table = "\n[decision]\nwhen_behind = { seconds = 4000000000, answer = \"review\" }\n";
        std::fs::write(&file, format!("{}{table}", rules.replace("name = \"strict-sanctions\"", "name = \"mine\"")))
            .unwrap();
        Made { policy: file.display().to_string(), _folder: folder, store, listed }
    })
}

#[test]
fn a_check_answers_with_reasons_an_exit_code_and_a_place_in_the_journal() {
    let Made { store, listed, policy, .. } = made();
    let held = athar(
        store,
        &["check", listed, "--amount", "0.5", "--reference", "w-1", "--customer", "c-9", "--policy", policy],
    );
    let words = text(&held);
    assert_eq!(held.status.code(), Some(3), "{words}");
    assert!(words.starts_with("decision: hold (by the rules)") && words.contains("is on a sanctions list"), "{words}");
    assert!(words.contains("labels:") && words.contains("snapshot"), "{words}");
    let arabic = text(&athar(store, &["check", listed, "--policy", policy, "--lang", "ar"]));
    assert!(arabic.contains("القرار: الإيقاف") && arabic.contains("مدرج في قائمة عقوبات"), "{arabic}");

    let allowed = athar(store, &["--json", "check", UNSEEN, "--policy", policy]);
    assert_eq!(allowed.status.code(), Some(0), "{}", text(&allowed));
    let view = json(&allowed);
    assert_eq!((view["decision"].as_str(), view["complete"].as_bool()), (Some("allow"), Some(true)));
    assert!(view["kept"].is_i64());
    // the shipped table finds a store whose last block is years old to be behind
    let behind = json(&athar(store, &["--json", "check", UNSEEN, "--no-record"]));
    assert_eq!((behind["decision"].as_str(), behind["decided_by"].as_str()), (Some("review"), Some("staleness")));
    assert!(behind["kept"].is_null());
    let malformed = athar(store, &["--json", "check", "nonsense", "--policy", policy]);
    assert_eq!(
        (malformed.status.code(), json(&malformed)["decision"].as_str().map(str::to_owned)),
        (Some(3), Some("hold".into()))
    );
    let wrong = athar(store, &["check", UNSEEN, "--amount", "1e3"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("amount: `1e3`"));

    let kept = json(&athar(store, &["--json", "check", "kept", "--reference", "w-1"]));
    assert_eq!(kept.as_array().unwrap().len(), 1);
    assert_eq!(kept[0]["answer"]["decision"], "hold");
    let of = json(&athar(store, &["--json", "check", "kept", "--customer", "c-9"]));
    assert_eq!(of[0]["id"], kept[0]["id"]);
    assert!(!kept.to_string().contains("c-9"));
    let verified = athar(store, &["check", "verify"]);
    assert!(verified.status.success() && text(&verified).contains("all as they were appended"));
    let table = text(&athar(store, &["check", "table"]));
    assert!(table.contains("[decision]") && table.contains("when_late = \"hold\""));
}

#[test]
fn totals_are_told_in_two_languages_in_json_and_as_a_table() {
    let Made { store, .. } = made();
    let english = athar(store, &["totals", "--category", "terrorist_financing", "--by", "organisation"]);
    let words = text(&english);
    assert!(
        english.status.success() && words.contains("labelled addresses alone") && words.contains("with their entities"),
        "{words}"
    );
    assert!(words.contains("without one label") && words.contains("only alleged") && words.contains("USD"), "{words}");
    let arabic = text(&athar(store, &["totals", "--category", "terrorist_financing", "--lang", "ar"]));
    assert!(arabic.contains("المقبوض") && arabic.contains("بلا تصنيف واحد"), "{arabic}");
    let view = json(&athar(store, &["--json", "totals", "--category", "terrorist_financing"]));
    let total = &view["extended"]["total"]["received"];
    assert!(total["amounts"][0]["units"].as_str().unwrap().parse::<u64>().unwrap() > 0);
    let csv = text(&athar(store, &["totals", "--category", "terrorist_financing", "--csv", "-"]));
    let rows: Vec<&str> = csv.lines().collect();
    assert!(rows[0].starts_with("set,row,figure,count,usd"));
    let row = rows.iter().find(|row| row.starts_with("extended,total,received,")).unwrap();
    assert!(row.contains(total["amounts"][0]["units"].as_str().unwrap()), "{row}");
    let none = athar(store, &["totals", "--category", "ransomware"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(text(&none).contains("nothing is known"));
    let wrong = athar(store, &["totals", "--category", "terror"]);
    assert_eq!(wrong.status.code(), Some(2));
}
