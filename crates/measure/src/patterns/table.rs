//! The page of the documentation that shows the rates of patterns.

use super::{PatternRate, PatternRates, RateStatus, Shares};
use crate::Tally;
use std::fmt::Write;

/// Where the page lies in the project.
pub const PAGE: &str = "docs/reference/pattern-rates.md";
/// Where the rates lie that the program is built with.
pub const DATA: &str = "crates/patterns/data/pattern_rates.json";

const HEAD: &str = "# Rates of patterns

Made by `athar bench patterns --write`; not written by hand. How worlds, campaigns and look-alikes are made is on the
[page of simulated campaigns](simulate-campaigns.md).

A hit is *right* where it overlaps a campaign of its row: an address of the campaign's own, or a transaction that spends its coins.
Several hits on one campaign are each right; the campaign is found once. A wrong hit is a *look-alike's*, *another row's campaign* (also
terrorist financing, but not of this shape) or the *ordinary* economy's. *Precision* is the share of hits that are right, *recall* the share
of the campaigns within the definition that some hit finds; campaigns outside of it are told apart. *Anchored* hits are of more than low
severity; *anchored* campaigns have a label of a list or document on one of their addresses, or their row is about a labelled service (10,
23). Intervals are of 95 % (Wilson).

A row *reaches the aim* where anchored hits are right nine times in ten and find four of five anchored campaigns. Where it does not, or where
no world has the row (`unmeasured`), no hit of it should weigh more than low.

**What these figures are not:** rates on a real chain. The economy has the habits that the simulator gives it; nobody in it launders, mixes
for sport or trades by robot beyond what its page says, and real ordinary life is richer in coincidences. Read them as what the rules do
where nothing unknown happens, and as a comparison between rows.

";

/// The page, in Markdown.
pub fn page(rates: &PatternRates) -> String {
    let mut page = String::from(HEAD);
    for set in &rates.sets {
        let _ = writeln!(page, "- {set}");
    }
    let one_in = rates.one_in().map_or_else(|| "none".into(), |n| format!("one in {n}"));
    let _ = writeln!(
        page,
        "- {} transactions and {} addresses in all; own addresses of campaigns: {} ({one_in})",
        rates.txs, rates.addresses, rates.campaign_addresses
    );
    page.push_str(
        "\n## By row\n\n\
         | row | pattern | hits | precision | anchored hits | anchored precision | recall | anchored recall | outside the definition, found | alerts a million transactions (anchored) | reaches the aim |\n\
         |---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for rate in &rates.rows {
        let _ = writeln!(page, "{}", line(rate));
    }
    page.push_str(
        "\n## Wrong hits by whom they wrong\n\n\
         | row | pattern | look-alikes | other campaigns | ordinary | look-alikes of the row: hit, of, within the definition but for the guard |\n\
         |---|---|---|---|---|---|\n",
    );
    for rate in rates.rows.iter().filter(|rate| rate.status == RateStatus::Measured) {
        let Shares { look_alikes, other_campaigns, ordinary, .. } = rate.all;
        let told: Vec<String> = rate
            .look_alikes
            .iter()
            .map(|l| match l.of_row.of {
                0 => format!("{} (of other rows): {} hits", l.look_alike, l.hits),
                of => format!("{}: {} of {of}, {} within", l.look_alike, l.of_row.wrong, l.within),
            })
            .collect();
        let told = if told.is_empty() { "none".into() } else { told.join("; ") };
        let _ = writeln!(
            page,
            "| {} | {} | {look_alikes} | {other_campaigns} | {ordinary} | {told} |",
            rate.row, rate.pattern
        );
    }
    page
}

fn line(rate: &PatternRate) -> String {
    let head = format!("| {} | {} |", rate.row, rate.pattern);
    if rate.status == RateStatus::Unmeasured {
        return format!("{head} unmeasured | | | | | | | | |");
    }
    let [all, anchored] = rate.alerts_per_million_thousandths().map(thousandths);
    let reaches = match rate.reaches {
        Some(true) => "yes",
        Some(false) => "no",
        None if rate.all.reaches() == Some(true) => "no anchored campaign; all hits: yes",
        None => "no anchored campaign; all hits: no",
    };
    format!(
        "{head} {} | {} | {} | {} | {} | {} | {} of {} | {all} ({anchored}) | {reaches} |",
        rate.all.hits.of,
        right(rate.all.hits),
        rate.anchored.hits.of,
        right(rate.anchored.hits),
        right(rate.all.campaigns),
        right(rate.anchored.campaigns),
        rate.outside.of - rate.outside.wrong,
        rate.outside.of,
    )
}

/// The share that is right, with its interval and what it is of: `0.93 (0.81-0.98), 42`.
fn right(tally: Tally) -> String {
    let Some([low, high]) = tally.interval_95() else { return "none".into() };
    let share = (tally.of - tally.wrong) as f64 / tally.of as f64;
    // cut, not rounded: 0.999 is not all
    let cut = |share: f64| (share * 1000.0).floor() / 1000.0;
    format!("{:.3} ({:.3}-{:.3}), {} of {}", cut(share), 1.0 - high, 1.0 - low, tally.of - tally.wrong, tally.of)
}

fn thousandths(value: u64) -> String {
    format!("{}.{:03}", value / 1000, value % 1000)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn shares_are_of_what_is_right_and_never_rounded_up_to_all() {
        assert_eq!(right(Tally { wrong: 1, of: 10_000 }), "0.999 (0.999-1.000), 9999 of 10000");
        assert_eq!(right(Tally { wrong: 0, of: 10 }), "1.000 (0.722-1.000), 10 of 10");
        assert_eq!(right(Tally { wrong: 0, of: 0 }), "none");
        assert_eq!(thousandths(1_234_005), "1234.005");
    }

    #[test]
    fn the_page_is_that_of_the_data_that_the_program_is_built_with() {
        let data = include_str!("../../../patterns/data/pattern_rates.json");
        let rates: PatternRates = serde_json::from_str(data).unwrap();
        assert_eq!(page(&rates), include_str!("../../../../docs/reference/pattern-rates.md"));
        assert_eq!(format!("{}\n", serde_json::to_string_pretty(&rates).unwrap()), data);
    }
}
