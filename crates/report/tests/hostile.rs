//! Labels, sources, targets and titles are written by others, some of them hostile: nothing of theirs may become markup,
//! turn the order of text, load anything, or make the report endless.

use crate::common;

use athar_engine::Level;
use athar_report::{Language, Title, render};
use athar_types::{Basis, Bilingual, Category, Relation, isolated};
use common::{address, campaign, screen, statement};
use std::collections::BTreeSet;

const SCRIPT: &str = "<script>alert(1)</script>";

/// Every attribute value and text of the document, told apart by a small tokeniser that is stricter than HTML: tags must
/// be closed, values quoted.
fn tags(html: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '!' | '/')).collect();
        assert!(!name.is_empty(), "a bare < before {:?}", rest.chars().take(30).collect::<String>());
        rest = &rest[name.len()..];
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix("/>").or_else(|| rest.strip_prefix('>')) {
                rest = after;
                break;
            }
            let key: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
            assert!(!key.is_empty(), "in <{name}: {:?}", rest.chars().take(30).collect::<String>());
            rest = &rest[key.len()..];
            let value = if let Some(after) = rest.strip_prefix("=\"") {
                let end = after.find('"').unwrap();
                rest = &after[end + 1..];
                after[..end].to_string()
            } else {
                String::new()
            };
            attributes.push((key, value));
        }
        if name == "style" {
            rest = &rest[rest.find("</style>").unwrap()..];
        }
        tags.push((name, attributes));
    }
    tags
}

#[test]
fn the_document_loads_nothing_and_runs_nothing() {
    let html = campaign().html();
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
    assert!(html.contains(&format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">")));
    for (name, attributes) in tags(&html) {
        let name = name.trim_start_matches('/');
        for forbidden in
            ["script", "link", "img", "iframe", "object", "embed", "image", "use", "base", "form", "foreignObject"]
        {
            assert_ne!(name, forbidden);
        }
        for (key, value) in attributes {
            assert!(!key.starts_with("on"), "{key}");
            assert!(!matches!(key.as_str(), "src" | "srcset" | "style" | "action" | "xlink"), "{key}");
            if key == "href" {
                assert!(value.starts_with('#'), "{value}");
            }
        }
    }
    let style = html.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    for forbidden in ["url(", "@import", "@font-face", "expression("] {
        assert!(!style.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn ids_are_unique_and_every_reference_has_its_target() {
    let html = campaign().html();
    let tags = tags(&html);
    let mut ids: Vec<&str> = Vec::new();
    for (key, value) in tags.iter().flat_map(|(_, a)| a) {
        if key == "id" {
            ids.push(value);
        }
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
    for (key, value) in tags.iter().flat_map(|(_, a)| a) {
        let references: Vec<&str> = match key.as_str() {
            "href" => vec![value.trim_start_matches('#')],
            "for" | "aria-labelledby" => value.split(' ').collect(),
            _ => continue,
        };
        for reference in references {
            assert!(ids.binary_search(&reference).is_ok(), "{key}={value}");
        }
    }
}

#[test]
fn markup_in_any_text_from_outside_is_shown_and_not_obeyed() {
    let mut case = campaign();
    let quoted = format!("\"' onload=x {SCRIPT}");
    for statement in case.screens.iter_mut().flat_map(|s| &mut s.statements) {
        statement.label.clone_from(&quoted);
        statement.entity.clone_from(&quoted);
        statement.evidence.push(common::label(&quoted, &quoted, Basis::OwnAnalysis, 1));
    }
    for place in case.trace.stopped.iter_mut().chain(&mut case.trace.held) {
        (place.label, place.category, place.reason) = (Some(quoted.clone()), Some(quoted.clone()), quoted.clone());
        place.address = Some(quoted.clone());
        place.time.clone_from(&quoted);
    }
    for edge in &mut case.trace.edges {
        (edge.from, edge.to) = (Some(quoted.clone()), Some(quoted.clone()));
    }
    case.screens[0].input.clone_from(&quoted);
    case.screens[0].reason = Some(quoted.clone().into());
    case.screens[0].notes = vec![quoted.clone().into()];
    case.status.program.clone_from(&quoted);
    case.status.prices.sources = vec![quoted.clone()];
    case.reproduce = vec![quoted.clone()];
    case.trace.bounded[0].bound.clone_from(&quoted);
    let entity = case.entity.as_mut().unwrap();
    entity.addresses = vec![quoted.clone()];
    entity.heuristics.clone_from(&quoted);
    let mut report = case.report(Language::English);
    report.title = Title { english: &quoted, arabic: &quoted };
    let html = render(&report).unwrap();
    assert!(!html.contains("<script") && !html.contains(SCRIPT));
    assert!(html.matches("&lt;script&gt;").count() > 100);
    // the tokeniser fails on any quote that escaped its attribute
    let names = |html: &str| tags(html).into_iter().map(|(name, _)| name).collect::<BTreeSet<String>>();
    assert_eq!(names(&html), names(&campaign().html()));
}

#[test]
fn characters_that_hide_or_turn_text_are_written_out() {
    let mut case = campaign();
    let evil = "good\u{202e}tsiorret\u{2066}\u{200b}\u{0}end";
    case.screens[0].statements[0].label = evil.into();
    case.screens[0].input = evil.into();
    case.trace.stopped[0].label = Some(evil.into());
    case.title = [evil.into(), evil.into()];
    case.screens[0].notes = vec![Bilingual::new(evil, format!("ملاحظة عن {}.", isolated(evil)))];
    let html = case.html();
    let bad = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}' | '\0');
    assert!(!html.contains(bad));
    assert!(html.contains("good[U+202E]tsiorret[U+2066][U+200B][U+0000]end"));
    assert!(html.contains("ملاحظة عن <bdi>good[U+202E]tsiorret[U+200B][U+0000]end</bdi>."));
}

#[test]
fn very_long_texts_are_cut_and_say_so() {
    let mut case = campaign();
    let long = "ل".repeat(2_000_000);
    case.screens[0].statements[0].label.clone_from(&long);
    case.screens[0].input.clone_from(&long);
    case.trace.stopped[0].label = Some(long);
    let html = case.html();
    assert!(html.len() < 2_000_000, "{}", html.len());
    assert!(html.contains("… (+1999840)"));
}

#[test]
fn ten_thousand_statements_are_bounded_and_counted() {
    let mut case = campaign();
    let many = |relation, n: usize| {
        (0..n).map(move |i| {
            let mut one = statement(relation, Category::Mixer, Level::Low, Basis::OwnAnalysis, &format!("mixer {i}"));
            one.evidence = vec![common::label(&address(i as u64), "m", Basis::OwnAnalysis, i as u32)];
            one
        })
    };
    let all: Vec<_> = many(Relation::Indirect, 9_000).chain(many(Relation::Counterparty, 1_000)).collect();
    case.screens = vec![screen(&address(1), Level::Low, all)];
    let html = case.html();
    assert!(html.len() < 3_000_000, "{}", html.len());
    assert_eq!(html.matches("<div class=\"proof\" id=\"en-e").count(), 200);
    assert!(html.contains("and 9,800 statements not shown here"));
    assert!(html.contains("ولم يُعرض هنا: 9,800 قول"));
    assert!(html.contains(&format!("athar screen {} --json", address(1))));
}

#[test]
fn long_lists_of_evidence_places_and_screens_are_bounded_and_counted() {
    let mut case = campaign();
    let merges = (0..500).map(|i| athar_engine::read::Evidence::Merge {
        txid: common::hash(i),
        height: 1,
        heuristic: "co-spend".into(),
        joins: [address(i), address(i + 1)],
    });
    case.screens[0].statements[0].evidence.extend(merges);
    case.screens[0].statements[1].evidence.push(common::path(1, &address(1), &address(2), 5, 400));
    case.screens.extend((0..300).map(|i| screen(&address(900 + i), Level::Unknown, Vec::new())));
    let mut place = case.trace.held.pop().unwrap();
    place.amount_sat /= 1_000;
    case.trace.held_sat = case.trace.held.iter().map(|p| p.amount_sat).sum::<u64>() + 1_000 * place.amount_sat;
    case.trace.held.extend(std::iter::repeat_n(place, 1_000));
    let parts = case.trace.stopped_sat + case.trace.held_sat + case.trace.fee_sat;
    case.trace.source_sat = parts + case.trace.internal_sat + case.trace.bounded_sat;
    let html = case.html();
    assert!(html.len() < 3_000_000, "{}", html.len());
    assert!(html.contains("and 482 pieces of evidence not shown here"), "of 502 merges 20 are shown");
    assert!(html.contains("and 340 transactions not shown here"), "of 400 steps 60 are shown");
    assert!(html.contains("Further targets screened and not shown here: 203."));
    let held = case.trace.held.len() - 300;
    assert!(html.contains(&format!("{held} outputs not listed here")), "{held}");
}
