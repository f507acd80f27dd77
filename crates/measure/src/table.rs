//! The page of the documentation that shows the rates.

use crate::{ALL_ERAS, ErrorRates, Tally};
use athar_entities::DepositRate;
use std::fmt::Write;

/// Where the page lies in the project.
pub const PAGE: &str = "docs/reference/error-rates.md";
/// Where the rates lie that the program is built with.
pub const DATA: &str = "crates/entities/data/error_rates.json";

/// The page, in Markdown.
pub fn page(rates: &ErrorRates) -> String {
    let mut page = String::from(
        "# Error rates of entities\n\n\
         Made by `athar bench entities --write`; not written by hand. The same figures are built into the program, and\n\
         `athar explain` quotes those of each heuristic that it used.\n\n\
         A *tie* is what a heuristic says by one transaction (or one key): these addresses are one owner's. It is wrong\n\
         where they are not. *Pairs* are counted over whole entities: a wrong tie between two large entities makes many\n\
         wrong pairs, and a missing one many missed pairs. Intervals are of 95 % (Wilson).\n\n\
         **What these figures are not:** rates on the real chain, whose owners nobody knows as a whole. Simulated owners\n\
         have the habits that the simulator gives them. Read them as what the rules do where nothing unknown happens, and\n\
         as a comparison between rules and years. What was measured on real transactions is on the\n\
         [page of CoinJoins](coinjoins.md).\n\nSets:\n\n",
    );
    let _ = writeln!(page, "- heuristics version {}", rates.heuristics_version);
    for set in &rates.sets {
        let _ = writeln!(page, "- {set}");
    }
    page.push_str("\n## Ties by heuristic and year\n\n| heuristic | set | year | wrong ties | of | share wrong, 95 % |\n|---|---|---|---|---|---|\n");
    for rate in &rates.heuristics {
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} |",
            rate.heuristic,
            rate.set,
            rate.era,
            rate.ties.wrong,
            rate.ties.of,
            interval(rate.ties)
        );
    }
    page.push_str(
        "\n## Clusterings, as of the end of each year\n\n\
         Precision: the share of the pairs in one entity that are of one owner. Recall: the share of the pairs of one owner\n\
         that are in one entity. *Pure*: entities of two addresses and more with a single owner. *Whole*: owners of two\n\
         addresses and more in a single entity.\n\n\
         | clustering | set | year | pairs claimed | pairwise precision | pairwise recall | pure entities | mean share of main owner | whole owners | mean share in main entity |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    for rate in &rates.clusterings {
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {} of {} | {} | {} of {} | {} |",
            rate.clustering,
            rate.set,
            if rate.era == ALL_ERAS { "end" } else { &rate.era },
            rate.pairs.of,
            right(rate.pairs),
            right(rate.owner_pairs),
            rate.entities.of - rate.entities.wrong,
            rate.entities.of,
            share(rate.precision_per_entity_millionths),
            rate.owners.of - rate.owners.wrong,
            rate.owners.of,
            share(rate.recall_per_owner_millionths),
        );
    }
    let DepositRate { wrong, missed } = rates.deposits;
    let _ = writeln!(
        page,
        "\n## Deposit addresses at services\n\nAddresses that a service gave out for a customer, to pay into an account or to be paid an invoice, in entities of 1,000\naddresses and more. Held for one and none: {} of {} ({}). Spent from and not recognised: {} of {} ({}).",
        wrong.wrong,
        wrong.of,
        interval(wrong),
        missed.wrong,
        missed.of,
        interval(missed)
    );
    page
}

/// The share that is wrong, with its interval, as `0.12 % (0.10-0.15)`.
pub fn interval(tally: Tally) -> String {
    let Some([low, high]) = tally.interval_95() else { return "nothing measured".into() };
    let percent = |share: f64| {
        let text = format!("{:.5}", 100.0 * share);
        let short = text.trim_end_matches('0').trim_end_matches('.');
        if short.is_empty() { "0".to_string() } else { short.to_string() }
    };
    format!("{} % ({}-{})", percent(tally.wrong as f64 / tally.of as f64), percent(low), percent(high))
}

fn right(tally: Tally) -> String {
    if tally.of == 0 {
        return "no pairs".into();
    }
    // cut, not rounded: 99.9999 is not all
    let parts = (u128::from(tally.of - tally.wrong) * 100_000_000 / u128::from(tally.of)) as u64;
    format!("{}.{:06} %", parts / 1_000_000, parts % 1_000_000)
}

fn share(millionths: u64) -> String {
    format!("{}.{:04} %", millionths / 10_000, millionths % 10_000)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn shares_are_never_rounded_up_to_all() {
        assert_eq!(right(Tally { wrong: 0, of: 3 }), "100.000000 %");
        assert_eq!(right(Tally { wrong: 1, of: 3_000_000_000 }), "99.999999 %");
        assert_eq!(right(Tally { wrong: 1, of: 3 }), "66.666666 %");
        assert_eq!(share(999_999), "99.9999 %");
        assert_eq!(interval(Tally { wrong: 1, of: 2000 }), "0.05 % (0.00883-0.28269)");
        assert_eq!(interval(Tally { wrong: 0, of: 0 }), "nothing measured");
        assert_eq!(interval(Tally { wrong: 0, of: 10 }), "0 % (0-27.75328)");
    }

    #[test]
    fn the_page_in_the_documentation_is_that_of_the_shipped_rates() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(PAGE);
        let found = std::fs::read_to_string(path).unwrap();
        assert!(found == page(ErrorRates::shipped()), "run `athar bench entities --write`");
    }
}
