//! The table that turns a verdict into an answer: what it says, and what it may not say.
use athar_policy::{Answer, DecisionTable, Policy, diff, shipped};
use athar_types::Level;
use std::path::Path;

const RULES: &str = r#"
format = 1
name = "mine"
model = "levels"
title = { en = "Mine", ar = "لي" }

[[rule]]
id = "one"
title = { en = "One", ar = "واحد" }
level = "high"
when = { ownership = { category = "any-risk" } }
"#;

fn read(table: &str) -> Result<Policy, String> {
    Policy::parse(Path::new("mine.toml"), &format!("{RULES}{table}")).map_err(|error| error.to_string())
}

#[test]
fn what_a_table_leaves_out_is_as_shipped_and_a_policy_without_one_is_what_it_was() {
    let plain = read("").unwrap();
    assert_eq!((plain.decision.is_none(), plain.decision()), (true, DecisionTable::shipped()));
    let own = read("[decision]\nwhen_late = \"allow\"\nlevels = { low = \"review\" }\n").unwrap();
    let table = own.decision();
    assert_eq!((table.when_late, table.levels.of(Some(Level::Low))), (Answer::Allow, Answer::Review));
    assert_eq!(table.levels.of(Some(Level::Severe)), DecisionTable::shipped().levels.severe);
    assert_eq!(table.when_behind, DecisionTable::shipped().when_behind);
    // the table is part of the version, and of what a difference tells
    assert_ne!(own.version(), plain.version());
    let changes: Vec<String> = diff(&plain, &own).head.into_iter().map(|change| change.field).collect();
    assert!(changes.iter().any(|field| field.starts_with("decision")), "{changes:?}");
    // shipped policies have none: their versions are those of before there were tables
    assert!(shipped().iter().all(|policy| policy.decision.is_none()));
    // the shipped table can be put into a policy as it stands
    let copied = read(DecisionTable::shipped_text()).unwrap();
    assert_eq!(copied.decision(), DecisionTable::shipped());
}

#[test]
fn a_table_that_makes_no_sense_is_refused_with_line_and_field() {
    for (table, field, what) in [
        ("[decision]\nwhen_late = \"pass\"\n", "decision.when_late", "none of allow, review, hold"),
        ("[decision]\nwhen_late = 1\n", "decision.when_late", "not a text"),
        ("[decision]\nmalformed_address = \"allow\"\n", "decision.malformed_address", "never allowed"),
        ("[decision]\nlevels = { high = \"allow\" }\n", "decision.levels", "more mildly"),
        ("[decision]\nlevels = { odd = \"allow\" }\n", "decision.levels", "unknown key"),
        ("[decision]\ntime_limit_ms = 0\n", "decision.time_limit_ms", "no whole number"),
        ("[decision]\ntime_limit_ms = 60001\n", "decision.time_limit_ms", "no whole number"),
        ("[decision]\ntime_limit_ms = 1.5\n", "decision.time_limit_ms", "no whole number"),
        ("[decision]\nwhen_behind = { answer = \"hold\" }\n", "decision.when_behind", "names none of"),
        ("[decision]\nwhen_behind = { seconds = 1 }\n", "decision.when_behind", "`answer` is missing"),
        (
            "[decision]\nwhen_behind = { seconds = -1, answer = \"hold\" }\n",
            "decision.when_behind.seconds",
            "no whole number",
        ),
        ("[decision]\nscores = { review = 0.5, hold = 0.5 }\n", "decision.scores.hold", "not above"),
        ("[decision]\nscores = { hold = 2 }\n", "decision.scores.hold", "more than 1"),
        ("[decision]\nscores = {}\n", "decision.scores", "names no score"),
        ("[decision]\nwhen_lost = \"hold\"\n", "decision", "unknown key"),
        ("decision = \"hold\"\n", "", ""),
    ] {
        let error = read(table).unwrap_err();
        assert!(error.contains("mine.toml line") && error.contains(field) && error.contains(what), "{table}: {error}");
    }
}
