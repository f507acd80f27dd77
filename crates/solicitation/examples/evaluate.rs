//! Scores labelled passages: `evaluate [--groups FILE] [--errors] [--sums] [--author A] FILE...` prints precision and recall per language with
//! 95 % Wilson intervals, and what was decided by kind.
#![allow(missing_docs, clippy::unwrap_used)] // a program

#[path = "../tests/labelled_set/mod.rs"]
mod labelled_set;

use athar_solicitation::{Language, Passage, ReasonKind, Scorer};
use labelled_set::{Counts, groups, read};
use std::collections::BTreeMap;

fn main() {
    let mut files = Vec::new();
    let (mut show, mut sums, mut author, mut list) = (false, false, None, None);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--errors" => show = true,
            "--author" => author = args.next(),
            "--groups" => list = args.next(),
            "--sums" => sums = true,
            "--bench" => {}
            _ => files.push(arg),
        }
    }
    let scorer = Scorer::new(groups(list.as_deref().map(std::path::Path::new)));
    println!("lexicons {}", athar_solicitation::Lexicon::embedded().version());
    let mut languages: BTreeMap<String, Counts> = BTreeMap::new();
    let mut kinds: BTreeMap<String, Counts> = BTreeMap::new();
    let (mut of_solicits, mut of_innocent) = (Vec::new(), Vec::new());
    for file in files {
        for row in read(std::path::Path::new(&file)) {
            if author.as_ref().is_some_and(|a| *a != row.author) {
                continue;
            }
            let passage =
                Passage { segment: &row.segment, addresses_inside: row.addresses_inside, ..Passage::default() };
            let (told, language) = scorer.score_with_language(&passage);
            if sums {
                let mut of_kind: BTreeMap<String, i32> = BTreeMap::new();
                for reason in &told.reasons {
                    *of_kind.entry(format!("{:?}", reason.kind)).or_default() += reason.points;
                }
                let largest =
                    told.reasons.iter().filter(|r| r.kind == ReasonKind::Donation).map(|r| r.points).max().unwrap_or(0);
                of_kind.insert("LargestAsking".into(), largest);
                println!("sums\t{}\t{}\t{}\t{of_kind:?}", row.id, row.language, row.solicits);
            }
            for key in [row.language.clone(), "all".into(), format!("{} by {}", row.language, row.author)] {
                languages.entry(key).or_default().add(row.solicits, told.solicits);
            }
            kinds.entry(row.kind.clone()).or_default().add(row.solicits, told.solicits);
            if row.solicits {
                of_solicits.push(told.score);
            } else {
                of_innocent.push(told.score);
            }
            // of the innocent also the near ones
            if show && (row.solicits != told.solicits || (!row.solicits && told.score >= 40)) {
                println!("\n{} {} {} {}: {} ({language:?})", row.id, row.language, row.kind, row.solicits, told.score);
                println!("  {}", row.segment.replace('\n', " / "));
                for reason in &told.reasons {
                    println!("    {}", reason.words_in(Language::En));
                }
            }
        }
    }
    println!("\nlanguage  precision           recall              solicits  innocent");
    for (language, counts) in &languages {
        println!("{language:<9} {counts}");
    }
    println!("\nscore     solicits innocent");
    for from in (0..=100).step_by(10) {
        let count = |of: &[u8]| of.iter().filter(|s| (from..from + 10).contains(&u32::from(**s))).count();
        println!("{from:>3} on    {:>8} {:>8}", count(&of_solicits), count(&of_innocent));
    }
    println!("\nkind                         found   of solicits   wrongly   of innocent");
    for (kind, c) in &kinds {
        println!("{kind:<28} {:>5} {:>10} {:>12} {:>10}", c.found, c.found + c.missed, c.wrong, c.wrong + c.left);
    }
}
