//! How long a passage takes to score: prints its figures, per language of the labelled set.
#![allow(missing_docs)] // a program

#[path = "../tests/labelled_set/mod.rs"]
mod labelled_set;

use athar_solicitation::{Lexicon, Passage, Scorer};
use labelled_set::{groups, read};
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

fn main() {
    let start = Instant::now();
    println!(
        "{} entries of lexicons read in {:.1} ms",
        Lexicon::embedded().entries().len(),
        start.elapsed().as_secs_f64() * 1e3
    );
    let scorer = Scorer::new(groups(None));
    let rows = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/dev.tsv"));
    for language in ["ar", "en", "fr", "tr"] {
        let of: Vec<&str> = rows.iter().filter(|r| r.language == language).map(|r| r.segment.as_str()).collect();
        let bytes: usize = of.iter().map(|s| s.len()).sum();
        // the best of many: other work on the machine is no property of the scorer
        let mut times: Vec<f64> = of
            .iter()
            .map(|segment| {
                let passage = Passage { segment, addresses_inside: 1, ..Passage::default() };
                (0..30)
                    .map(|_| {
                        let start = Instant::now();
                        black_box(scorer.score(&passage));
                        start.elapsed().as_secs_f64() * 1e6
                    })
                    .fold(f64::INFINITY, f64::min)
            })
            .collect();
        times.sort_by(f64::total_cmp);
        let mean = times.iter().sum::<f64>() / times.len() as f64;
        let (p50, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
        let length = bytes / of.len().max(1);
        println!("{language}: a passage of {length} bytes: mean {mean:.1} us, p50 {p50:.1} us, p99 {p99:.1} us");
    }
}
