//! The torture set: recall and precision, counted and asserted.

use athar_extract::Extractor;
use athar_extract::torture::{Score, cases};

#[test]
fn recall_and_precision_on_the_torture_set_are_at_least_999_in_a_thousand() {
    let extractor = Extractor::default();
    let mut score = Score::default();
    for case in cases(7, 4) {
        score.count(&case, &extractor.finds(&case.text));
    }
    for (name, tally) in &score.forms {
        if tally.found < tally.planted {
            println!("{name}: {} of {}", tally.found, tally.planted);
        }
    }
    for (name, tally) in &score.disguises {
        if tally.found < tally.planted {
            println!("{name:?}: {} of {}", tally.found, tally.planted);
        }
    }
    for (name, (count, hit)) in &score.decoys {
        if *hit > 0 {
            println!("decoy {name}: {hit} of {count}");
        }
    }
    for example in score.examples.iter().take(25) {
        println!("{example}");
    }
    let (recall, precision) = score.recall_and_precision();
    println!("recall {recall:.5}, precision {precision:.5} of {:?}, {} wrong", score.total(), score.wrong);
    assert!(recall >= 0.999 && precision >= 0.999);
}

#[test]
fn the_first_pass_changes_nothing_that_is_found() {
    let extractor = Extractor::default();
    for case in cases(8, 1) {
        let mut all = Vec::new();
        extractor.scan_everything(&case.text, &mut |find| all.push(find));
        assert_eq!(extractor.finds(&case.text), all, "{}", case.text);
    }
}
