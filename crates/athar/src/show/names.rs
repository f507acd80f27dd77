//! Names, hits and reasons as text.

use super::words::{grouped, safe};
use athar_engine::names::{BatchSummary, Comparison, Grade, Hit, NameView, Why};
use std::fmt::Write;

pub(crate) fn names(view: &NameView) -> String {
    let mut out = String::new();
    let lists: Vec<String> = view
        .lists
        .iter()
        .map(|l| format!("{} of {}", safe(&l.list), l.as_of.map_or_else(|| "unknown day".into(), |d| d.to_string())))
        .collect();
    let _ = writeln!(out, "{} against {}", safe(&view.name), lists.join(", "));
    if view.hits.is_empty() {
        let _ = writeln!(
            out,
            "no listed name scores {:.3} or more; that is no finding that nobody is listed",
            view.threshold
        );
    }
    for hit in &view.hits {
        out += &one(hit);
    }
    if view.hits.iter().any(|h| h.grade <= Grade::Possible) {
        let _ = writeln!(out, "\nA name alone is shared by many people: compare birth, country and identifiers first.");
    }
    let _ = write!(out, "snapshot {}", view.snapshot);
    out
}

fn one(hit: &Hit) -> String {
    let mut out = String::new();
    let weak = if hit.weak_alias { ", a weak alias" } else { "" };
    let _ = writeln!(
        out,
        "\n{:.3} {:9} {} {}  {}{weak}",
        hit.score,
        hit.grade.name(),
        safe(&hit.list),
        safe(&hit.id),
        safe(&hit.matched_name)
    );
    out + &why(&hit.why)
}

fn why(why: &Why) -> String {
    let mut out = String::new();
    for part in &why.parts {
        let group = part.group.as_ref().map(|g| format!(" of {}", safe(g))).unwrap_or_default();
        let (query, listed) = (safe(&part.query), safe(&part.listed));
        let _ = writeln!(out, "      {query} = {listed}  ({}{group}, {:.2})", part.rule.name(), part.likeness);
    }
    let mut open = |what: &str, words: &[String]| {
        if !words.is_empty() {
            let _ = writeln!(out, "      {what}: {}", safe(&words.join(" ")));
        }
    };
    open("only in the name asked", &why.unmatched_query);
    open("only in the listed name", &why.unmatched_listed);
    let latin = why.query_latin.iter().chain(&why.listed_latin);
    for text in latin {
        let _ = writeln!(out, "      letter by letter: {}", safe(text));
    }
    for odd in &why.odd {
        let _ = writeln!(out, "      the name as written holds {}", odd.words());
    }
    let _ = writeln!(
        out,
        "      names {:.3}, {:.0} bits; birth {}, country {}, identifier {}",
        why.name_score,
        why.bits,
        why.facts.born.name(),
        why.facts.country.name(),
        why.facts.identifier.name()
    );
    out
}

pub(crate) fn comparison(a: &str, b: &str, comparison: &Comparison) -> String {
    format!("{:.3}  {} | {}\n{}", comparison.score, safe(a), safe(b), why(&comparison.why))
}

pub(crate) fn names_summary(summary: &BatchSummary) -> String {
    let before = match summary.before {
        0 => String::new(),
        n => format!(", {} of them answered before", grouped(n)),
    };
    format!(
        "{} names{before}; {} with a hit\nsnapshot {}",
        grouped(summary.customers),
        grouped(summary.with_hits),
        summary.snapshot
    )
}
