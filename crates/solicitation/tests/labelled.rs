//! The goals on the labelled sets: per language a precision of 0.95 at a recall of 0.85; on the set that was held aside the precision.

use crate::labelled_set;

use athar_solicitation::{Language, Passage, Scorer};
use labelled_set::{Counts, groups, read};
use std::collections::BTreeMap;
use std::path::Path;

const PRECISION_MIN: f64 = 0.95;
const RECALL_MIN: f64 = 0.85;

#[test]
fn the_goals_are_reached_on_every_set_and_language() {
    let scorer = Scorer::new(groups(None));
    for name in ["dev.tsv", "dev_c.tsv", "own.tsv", "held.tsv"] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
        if !file.exists() {
            eprintln!("{name} is not there");
            continue;
        }
        let mut languages: BTreeMap<String, Counts> = BTreeMap::new();
        for row in read(&file) {
            let passage =
                Passage { segment: &row.segment, addresses_inside: row.addresses_inside, ..Passage::default() };
            let told = scorer.score(&passage);
            languages.entry(row.language).or_default().add(row.solicits, told.solicits);
        }
        for (language, counts) in &languages {
            println!("{name} {language}: {counts}");
        }
        for (language, counts) in languages {
            assert!(counts.precision() >= PRECISION_MIN, "{name} {language}: {counts}");
            // of writers that were not seen the recall is printed and not asserted: see tests/data/README.md
            assert!(name == "held.tsv" || counts.recall() >= RECALL_MIN, "{name} {language}: {counts}");
        }
    }
}

#[test]
fn the_language_of_nearly_every_passage_is_told() {
    let rows = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/dev.tsv"));
    let wrong: Vec<String> = rows
        .iter()
        .filter(|row| athar_solicitation::language(&row.segment).main.map(Language::code) != Some(&row.language))
        .map(|row| format!("{} {}: {}", row.id, row.language, row.segment))
        .collect();
    assert!(wrong.len() * 50 <= rows.len(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn the_reasons_explain_the_score_to_the_last_point() {
    let scorer = Scorer::new(groups(None));
    for row in read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/dev.tsv")) {
        let passage = Passage { segment: &row.segment, addresses_inside: row.addresses_inside, ..Passage::default() };
        let told = scorer.score(&passage);
        let sum: i32 = told.reasons.iter().map(|r| r.points).sum();
        assert_eq!(i32::from(told.score), sum.clamp(0, 100), "{}", row.id);
        assert!(told.reasons.iter().all(|r| r.points != 0), "{}", row.id);
        assert!(told.reasons.is_sorted_by_key(|r| -r.points.abs()), "{}", row.id);
        assert_eq!(told, scorer.score(&passage), "{} is told the same again", row.id);
    }
}

#[test]
fn a_word_counts_against_once() {
    let scorer = Scorer::new(groups(None));
    for name in ["dev.tsv", "dev_c.tsv", "own.tsv"] {
        for row in read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)) {
            let passage = Passage { segment: &row.segment, ..Passage::default() };
            let told = scorer.score(&passage);
            let made = |entry: &str| entry.starts_with("denied.") || entry == "quotation.marks";
            let mut words: Vec<&str> = told
                .reasons
                .iter()
                .filter(|r| r.points < 0 && !made(&r.entry) && !r.entry.starts_with("signs."))
                .map(|r| r.words.as_str())
                .collect();
            let all = words.len();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), all, "{}: {:?}", row.id, told.reasons);
        }
    }
}
