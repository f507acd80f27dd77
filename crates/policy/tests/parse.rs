//! What a policy file may say, how a wrong one is told, and what its version depends on.
use crate::support;

use athar_policy::{BYTES_MAX, DEPTH_MAX, Model, Policy, RULES_MAX, shipped};
use std::collections::BTreeSet;
use std::path::Path;
use support::{levels, parse, weighted};

/// A rule on one line each, beginning with the fifth line of the file.
fn rule(rest: &str) -> String {
    format!("[[rule]]\nid = \"r\"\ntitle = {{ en = \"R\", ar = \"ق\" }}\n{rest}\n")
}

fn refused(text: &str, line: usize, words: &[&str]) {
    let error = parse(text).err().unwrap_or_else(|| panic!("taken for sound:\n{text}"));
    assert!(error.starts_with(&format!("my.toml line {line}: ")), "{error}\n{text}");
    for word in words {
        assert!(error.contains(word), "no `{word}` in: {error}");
    }
}

#[test]
fn every_slip_is_refused_with_its_line_and_field() {
    let when = |when: &str| levels(&rule(&format!("level = \"high\"\nwhen = {when}")));
    assert!(parse(&when("{ ownership = {} }")).is_ok());
    // (when, on line 9, what the error says)
    for (condition, words) in [
        ("{ ownershop = {} }", &["rule[0].when", "ownershop", "ownership"][..]),
        ("{}", &["a condition without a kind"]),
        ("{ listed = {}, ownership = {} }", &["`ownership` beside `listed`"]),
        ("3", &["rule[0].when", "integer and not a table"]),
        ("{ all = [] }", &["rule[0].when.all", "empty list"]),
        ("{ all = [{ ownership = {} }, { any = 1 }] }", &["rule[0].when.all[1].any", "not a list"]),
        ("{ counterparty = { category = \"mixxer\" } }", &["counterparty.category", "mixxer"]),
        ("{ counterparty = { category = [\"mixer\", \"mixer\"] } }", &["category[1]", "twice"]),
        ("{ counterparty = { basis = \"rumour\" } }", &["rumour", "designation"]),
        ("{ counterparty = { direction = \"in\" } }", &["direction", "received"]),
        ("{ counterparty = { usd = \"1000\" } }", &["usd", "no comparison"]),
        ("{ counterparty = { usd = \">= 1.005\" } }", &["usd", "more than 2 decimals"]),
        ("{ counterparty = { usd = \">= -1\" } }", &["usd", "no number"]),
        ("{ counterparty = { usd = \">= 99999999999999999999999\" } }", &["usd", "too large"]),
        ("{ counterparty = { amount_sat = \">= 0.5\" } }", &["amount_sat", "more than 0 decimals"]),
        ("{ counterparty = { share = \">= 0.00001%\" } }", &["share", "more than 4 decimals"]),
        ("{ counterparty = { share = 0.5 } }", &["share", "float and not a text"]),
        ("{ counterparty = { disputed = \"no\" } }", &["disputed", "neither true nor false"]),
        ("{ counterparty = { taint = \"poison\", usd = \">= 1\" } }", &["never summed"]),
        ("{ ownership = { usd = \">= 1\" } }", &["ownership.usd", "moves no money"]),
        ("{ account_at = { direction = \"sent\" } }", &["account_at.direction", "moves no money"]),
        ("{ amount = { of = \"received\" } }", &["compares nothing"]),
        ("{ amount = { usd = \">= 1\" } }", &["`of` is missing"]),
        ("{ age = { of = \"birth\", days = \">= 1\" } }", &["birth", "first_seen"]),
        ("{ subject = {} }", &["asks nothing"]),
        ("{ search = { direction = \"sent\" } }", &["asks nothing"]),
        ("{ pattern = {} }", &["`id` is missing"]),
        ("{ pattern = { id = \"Peel Chain\" } }", &["no id"]),
    ] {
        refused(&when(condition), 9, words);
    }
    for (text, line, words) in [
        (levels(&rule("level = \"high\"")), 5, &["`when` is missing"][..]),
        (levels(&rule("when = { ownership = {} }")), 5, &["rule[0]", "does nothing", "level"]),
        (levels(&rule("level = \"terrible\"\nwhen = { ownership = {} }")), 8, &["terrible", "severe"]),
        (levels(&rule("level = \"unknown\"\nwhen = { ownership = {} }")), 8, &["unknown"]),
        (levels(&rule("weight = 1\nof = {}")), 8, &["levels model"]),
        (levels(&rule("level = \"low\"\nwhen = { ownership = {} }\nnote = \"x\"")), 10, &["unknown key `note`"]),
        (
            levels(&rule("level = \"low\"\nwhen = { ownership = {} }\nwhy = { en = \"x\" }")),
            10,
            &["why", "`ar` is missing"],
        ),
        (levels(&rule("level = \"low\"\nwhen = { ownership = {} }\nwhy = 3")), 10, &["why", "not a text"]),
        (
            levels(&rule("level = \"low\"\nwhen = { ownership = {} }").replace("ar = \"ق\"", "fr = \"R\"")),
            7,
            &["title", "fr"],
        ),
        (levels(&rule("level = \"low\"\nwhen = { ownership = {} }").replace("\"r\"", "\"R 1\"")), 6, &["rule[0].id"]),
        (
            levels(&rule("level = \"low\"\nwhen = { ownership = {} }").repeat(2)),
            11,
            &["rule[1].id", "rule[0]", "already"],
        ),
        (levels("rule = []\n"), 5, &["rule", "empty list"]),
        (levels("").replace("format = 1", "format = 2") + "x = 1\n", 5, &["unknown key `x`"]),
        (levels("").replace("format = 1", "format = 2"), 1, &["format 1"]),
        (levels("").replace("\"levels\"", "\"vibes\""), 4, &["model", "vibes"]),
        (levels("").replace("\"p\"", "\"P\""), 2, &["name"]),
        (levels("[groups]\nmixer = [\"scam\"]\n"), 6, &["groups.mixer", "taken"]),
        (levels("[groups]\nmine = [\"nonsense\"]\n"), 6, &["groups.mine[0]", "nonsense"]),
        (levels("[levels]\nlow = 0.1\n"), 5, &["only the weighted model"]),
        (levels("name = \"again\"\n"), 5, &["duplicate"]),
        (levels("rule = [[\n"), 5, &["my.toml"]),
        (weighted(&rule("level = \"low\"\nwhen = { ownership = {} }")), 11, &["weighted model"]),
        (weighted(&rule("weight = 1.5\nof = {}")), 11, &["weight", "more than 1"]),
        (weighted(&rule("weight = 0.5")), 8, &["`of` is missing"]),
        (weighted(&rule("weight = 0.5\nscore = 1\nof = {}")), 8, &["`score` stands alone"]),
        (weighted(&rule("weight = 1e-1\nof = {}")), 11, &["no number"]),
        (weighted(&rule("weight = nan\nof = {}")), 11, &["no number"]),
        (weighted(&rule("weight = 1\nof = { relation = \"ownership\" }")), 12, &["relation", "counterparty"]),
        (weighted(&rule("weight = 1\nof = { taint = \"poison\" }")), 12, &["never summed"]),
        (weighted(&rule("weight = 1\nof = {}")).replace("high = 0.5", "high = 0.1"), 7, &["levels.high", "not above"]),
        (
            weighted(&rule("weight = 1\nof = {}")).replace("[levels]\nlow = 0.1\nhigh = 0.5\n", ""),
            1,
            &["`levels` is missing"],
        ),
    ] {
        refused(&text, line, words);
    }
}

#[test]
fn a_file_is_bounded_in_size_depth_and_number_of_rules() {
    let nested = |depth: usize| {
        let when = format!("{}{{ ownership = {{}} }}{}", "{ not = ".repeat(depth), " }".repeat(depth));
        levels(&rule(&format!("level = \"high\"\nwhen = {when}")))
    };
    assert!(parse(&nested(DEPTH_MAX - 1)).is_ok());
    refused(&nested(DEPTH_MAX), 9, &["below one another"]);
    // far deeper than any reader should follow: an error, not an overflow of the stack
    assert!(parse(&nested(10_000)).is_err());
    let many = |count: usize| {
        let rules = (0..count)
            .map(|i| rule("level = \"low\"\nwhen = { ownership = {} }").replace("\"r\"", &format!("\"r{i}\"")));
        levels(&rules.collect::<String>())
    };
    assert!(parse(&many(RULES_MAX)).is_ok());
    assert!(parse(&many(RULES_MAX + 1)).unwrap_err().contains(&format!("at most {RULES_MAX}")));
    let wide = format!("{{ any = [{}] }}", vec!["{ ownership = {} }"; 256].join(", "));
    refused(&levels(&rule(&format!("level = \"low\"\nwhen = {wide}"))), 9, &["in one rule"]);
    let long = format!("{}# {}\n", levels(&rule("level = \"low\"\nwhen = { ownership = {} }")), "x".repeat(BYTES_MAX));
    assert!(parse(&long).unwrap_err().contains("longer than"));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("long.toml");
    std::fs::write(&path, long).unwrap();
    assert!(Policy::read(&path).unwrap_err().to_string().contains("long.toml: longer than"));
    std::fs::write(&path, b"format = 1\nname = \"\xff\"").unwrap();
    assert!(Policy::read(&path).unwrap_err().to_string().contains("line 2: not UTF-8"));
    let gone = Policy::read(&dir.path().join("gone.toml")).unwrap_err().to_string();
    assert!(gone.contains("cannot read") && gone.contains("gone.toml"), "{gone}");
}

const BASE: &str = r#"format = 1
name = "mine"
title = { en = "Mine", ar = "لي" }
about = { en = "About", ar = "عن" }
model = "weighted"
[levels]
low = 0.1
high = 0.5
[groups]
bad = ["mixer", "scam"]
[[rule]]
id = "one"
title = { en = "One", ar = "واحد" }
why = "because"
score = 0.5
when = { all = [{ ownership = { category = ["bad", "theft"], confidence = ">= 50" } }, { not = { listed = { list = "x" } } }] }
[[rule]]
id = "two"
title = { en = "Two", ar = "اثنان" }
weight = 0.75
of = { category = "exchange", direction = "sent", hops_min = "<= 2" }
when = { exposure = { usd = [">= 10", "< 100"], share = ">= 10%" } }
"#;

#[test]
fn the_version_is_that_of_what_a_policy_says_and_not_of_how_it_is_written() {
    let version = |text: &str| parse(text).unwrap_or_else(|e| panic!("{e}\n{text}")).version().to_owned();
    let base = version(BASE);
    let same = |from: &str, to: &str| {
        assert!(BASE.contains(from), "{from}");
        assert_eq!(version(&BASE.replace(from, to)), base, "{to}");
    };
    same("format = 1\n", "# a comment\n\nformat = 1 # another\n");
    same("low = 0.1\nhigh = 0.5", "high   =  \"0.500\"\nlow = 0.10");
    same("[\"mixer\", \"scam\"]", "[\n  \"scam\",\n  \"mixer\",\n]");
    same("[\"bad\", \"theft\"]", "[\"theft\", \"bad\"]");
    same(">= 50", ">=50");
    same(">= 10%", ">= 0.1");
    same("weight = 0.75", "weight = \"0.75\"");
    same("list = \"x\"", "list = [\"x\"]");
    same(
        "name = \"mine\"\ntitle = { en = \"Mine\", ar = \"لي\" }",
        "title = { ar = \"لي\", en = \"Mine\" }\nname = \"mine\"",
    );
    // key order within a rule
    same(
        "id = \"one\"\ntitle = { en = \"One\", ar = \"واحد\" }",
        "title = { ar = \"واحد\", en = \"One\" }\nid = \"one\"",
    );
    // a table under its own heading, where nothing of the rule follows
    same(
        "when = { exposure = { usd = [\">= 10\", \"< 100\"], share = \">= 10%\" } }",
        "[rule.when.exposure]\nusd = [\">= 10\", \"< 100\"]\nshare = \">= 10%\"",
    );

    // every edit of what it says is another version, and each another one
    let mut seen = BTreeSet::from([base.clone()]);
    for (from, to) in [
        ("name = \"mine\"", "name = \"yours\""),
        ("en = \"Mine\"", "en = \"Mine!\""),
        ("ar = \"لي\"", "ar = \"لك\""),
        ("en = \"About\"", "en = \"Above\""),
        ("low = 0.1", "low = 0.100001"),
        ("low = 0.1", "medium = 0.1"),
        ("[\"mixer\", \"scam\"]", "[\"mixer\"]"),
        ("bad", "worse"),
        ("id = \"one\"", "id = \"uno\""),
        ("en = \"One\"", "en = \"Uno\""),
        ("ar = \"واحد\"", "ar = \"أحد\""),
        ("why = \"because\"", "why = \"therefore\""),
        ("why = \"because\"\n", ""),
        ("why = \"because\"", "why = { en = \"because\", ar = \"لأن\" }"),
        ("why = \"because\"", "why = { en = \"because\", ar = \"إذ\" }"),
        ("score = 0.5", "score = 0.500001"),
        ("{ all = [{ own", "{ any = [{ own"),
        ("{ ownership =", "{ account_at ="),
        ("\"theft\"", "\"ransomware\""),
        (">= 50", "> 50"),
        (">= 50", ">= 51"),
        ("{ not = { listed = { list = \"x\" } } }", "{ listed = { list = \"x\" } }"),
        ("list = \"x\"", "list = \"y\""),
        ("list = \"x\"", "programme = \"x\""),
        ("weight = 0.75", "weight = 0.750001"),
        ("direction = \"sent\"", "direction = \"received\""),
        ("direction = \"sent\", ", ""),
        ("<= 2", "<= 3"),
        (">= 10\"", ">= 10.01\""),
        (">= 10%", ">= 10.0001%"),
        ("exposure = { usd", "counterparty = { usd"),
    ] {
        assert!(BASE.contains(from), "{from}");
        assert!(seen.insert(version(&BASE.replace(from, to))), "`{to}` for `{from}` made no other version");
    }
    // the order of rules, too: of equal weights the first counts
    let (head, rules) = BASE.split_at(BASE.find("[[rule]]").unwrap());
    let (one, two) = rules.split_at(rules.rfind("[[rule]]").unwrap());
    assert!(seen.insert(version(&format!("{head}{two}{one}"))));
}

#[test]
fn the_canonical_form_holds_no_float() {
    fn floats(value: &serde_json::Value) -> bool {
        match value {
            serde_json::Value::Number(number) => !number.is_u64(),
            serde_json::Value::Array(all) => all.iter().any(floats),
            serde_json::Value::Object(all) => all.values().any(floats),
            _ => false,
        }
    }
    assert!(!floats(&serde_json::to_value(parse(BASE).unwrap()).unwrap()));
}

#[test]
fn the_shipped_policies_are_sound_and_in_two_languages() {
    let names: Vec<&str> = shipped().iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["strict-sanctions", "weighted"]);
    for policy in shipped() {
        let titles = policy.rules.iter().map(|r| &r.title).chain([&policy.title]).chain(&policy.about);
        for title in titles {
            assert!(title.ar.chars().any(|c| ('\u{0621}'..='\u{064a}').contains(&c)), "{title:?}");
            assert!(title.en.is_ascii() && title.en != title.ar, "{title:?}");
        }
        let file = athar_policy::shipped_file(&policy.name).unwrap();
        assert_eq!(Policy::parse(Path::new("again"), file).unwrap(), *policy);
    }
    assert_eq!((shipped()[0].model, shipped()[1].model), (Model::Levels, Model::Weighted));
}
