//! `athar lists`, as its users run it.
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

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

#[test]
fn lists_are_imported_compared_and_asked_with_their_exit_codes() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        fs::write(dir.path().join(name), text).unwrap();
        dir.path().join(name).display().to_string()
    };
    let store = dir.path().join("store");
    let old = file("old.csv", "id,name\n1,Ali Example\n2,evil\u{202e}name\n");
    let new = file("new.csv", "id,name\n1,Ali Exemple\n3,Third Example\n");
    let cut = file("cut.csv", "id,name\n1,\"Ali\n");

    // files alone need no store
    let diff = run(&store, &["lists", "diff", &old, &new, "--json"]);
    assert_eq!((code(&diff), json(&diff)["added"][0]["id"].as_str()), (0, Some("3")));
    assert_eq!(code(&run(&store, &["lists", "diff", &old, &old])), 1);
    assert!(!store.exists());

    let at = |path: &str, day: &str| run(&store, &["lists", "import", path, "--list", "mine", "--as-of", day]);
    let import = at(&old, "2024-01-01");
    assert_eq!(code(&import), 0, "{import:?}");
    assert!(text(&import).contains("bidi_character: 1") && !text(&import).contains('\u{202e}'));
    let refused = at(&cut, "2024-03-01");
    assert_eq!(code(&refused), 2);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("cut.csv: line 2, byte 10: a quote opens here"));
    assert_eq!(code(&at(&new, "2024-02-01")), 0);

    let all = json(&run(&store, &["lists", "--json"]));
    assert_eq!(all["versions"].as_array().unwrap().len(), 2);
    assert_eq!(
        (all["versions"][1]["newest"].as_bool(), all["versions"][1]["as_of"].as_str()),
        (Some(true), Some("2024-02-01"))
    );
    let diff = text(&run(&store, &["lists", "diff", "mine@2024-01-01", "mine"]));
    assert!(diff.contains("1 added, 1 removed, 1 changed, 0 unchanged"), "{diff}");
    assert!(diff.contains("name: Ali Example (primary, unstated) -> Ali Exemple (primary, unstated)"), "{diff}");
    assert!(diff.contains("evil\\u{202e}name") && !diff.contains('\u{202e}'), "{diff}");

    for (day, answer, exit) in [("2024-01-01", "no", 0), ("2024-02-01", "yes", 0), ("2024-01-15", "unknown", 1)] {
        let on = run(&store, &["lists", "on", day, "mine", "3", "--json"]);
        assert_eq!((json(&on)["answer"].as_str(), code(&on)), (Some(answer), exit), "{day}");
        assert!(!json(&on)["reason"].as_str().unwrap().is_empty());
    }
    assert_eq!(code(&run(&store, &["lists", "show", "mine", "1"])), 0);
    assert_eq!(code(&run(&store, &["lists", "show", "mine", "9"])), 1);
    assert_eq!(code(&run(&store, &["lists", "show", "other", "1"])), 2);
    let find = run(&store, &["lists", "find", "A1234567"]);
    assert_eq!(code(&find), 1);
    assert!(text(&find).contains("no clean bill"));
}
