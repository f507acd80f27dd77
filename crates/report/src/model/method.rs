//! What the answers stand on, and the commands that give them again.

use crate::input::CaseReport;
use crate::numbers;
use crate::visible::{visible, visible_command};
use athar_engine::read::{PricesStatus, TraceView};
use athar_types::{Basis, Level};
use serde::Serialize;

/// The head of the report.
#[derive(Debug, Serialize)]
pub(super) struct Facts {
    program: String,
    target: String,
    snapshot: String,
    chain: Option<Chain>,
    simulated: Option<Simulated>,
}

#[derive(Debug, Serialize)]
struct Chain {
    chain: String,
    network: String,
    tip_height: Option<u32>,
    tip_hash: Option<String>,
    tip_time: Option<String>,
    blocks: String,
    txs: String,
    addresses: String,
}

/// The snapshot of a trace; one that was cut short by hand has none, and no report is made of it.
fn snapshot_of(trace: &TraceView) -> &str {
    trace.snapshot.as_deref().unwrap_or_default()
}

#[derive(Debug, Serialize)]
struct Simulated {
    seed: u64,
    txs: u64,
}

impl Facts {
    pub(super) fn of(case: &CaseReport<'_>) -> Self {
        Self {
            program: visible(&case.status.program),
            target: visible(&case.trace.target),
            snapshot: visible(snapshot_of(case.trace)),
            chain: case.status.chains.first().map(|c| Chain {
                chain: visible(&c.chain),
                network: visible(&c.network),
                tip_height: c.tip_height,
                tip_hash: c.tip_hash.map(|h| h.to_string()),
                tip_time: c.tip_time.as_deref().map(numbers::time),
                blocks: numbers::grouped(u64::from(c.blocks)),
                txs: numbers::grouped(u64::from(c.txs)),
                addresses: numbers::grouped(u64::from(c.addresses)),
            }),
            simulated: case.simulated.map(|w| Simulated { seed: w.seed, txs: w.txs }),
        }
    }
}

/// The last section.
#[derive(Debug, Serialize)]
pub(super) struct Method {
    entities: Option<String>,
    coinjoins: Option<String>,
    /// Names of the heuristics in use.
    heuristics: Vec<String>,
    heuristics_version: Option<u32>,
    labels: String,
    packs: u64,
    quarantined: String,
    price_days: String,
    price_sources: Vec<String>,
    levels: Vec<&'static str>,
    bases: Vec<&'static str>,
    commands: Vec<String>,
    /// What was asked and the snapshot of the answer.
    snapshots: Vec<(String, String)>,
}

impl Method {
    pub(super) fn of(case: &CaseReport<'_>) -> Self {
        let entities = case.status.entities.as_ref();
        let mut answers: Vec<(String, &str)> = Vec::new();
        for screen in case.screens.iter().take(crate::limits::SCREENS_MAX) {
            // an answer that the clock cut has none
            if let Some(snapshot) = &screen.snapshot {
                answers.push((format!("athar screen {}", quoted(&screen.input)), snapshot));
            }
        }
        if let Some(entity) = case.entity {
            answers.push((format!("athar entity {}", quoted(&entity.entity)), &entity.snapshot));
        }
        if let Some(explain) = case.explain
            && let (Some(first), Some(last)) = (explain.steps.first(), explain.steps.last())
        {
            let (a, b) = (quoted(&first.joins[0]), quoted(&last.joins[1]));
            answers.push((format!("athar explain {a} {b}"), &explain.snapshot));
        }
        for trace in case.origin.into_iter().chain([case.trace]) {
            let backward = if trace.direction == "backward" { " --backward" } else { "" };
            let (target, hops) = (quoted(&trace.target), trace.hops_max);
            answers.push((format!("athar trace {target}{backward} --hops {hops}"), snapshot_of(trace)));
        }
        let commands = case.reproduce.iter().cloned().chain(answers.iter().map(|(command, _)| command.clone()));
        Self {
            entities: entities.map(|e| numbers::grouped(e.entities)),
            coinjoins: entities.map(|e| numbers::grouped(e.coinjoins)),
            heuristics: entities
                .map(|e| e.heuristics.split(',').map(|h| visible(h.trim())).collect())
                .unwrap_or_default(),
            heuristics_version: entities.map(|e| e.heuristics_version),
            labels: numbers::grouped(case.status.labels.labels),
            packs: case.status.labels.packs,
            quarantined: numbers::grouped(case.status.labels.quarantined),
            price_days: price_days(&case.status.prices),
            price_sources: case.status.prices.sources.iter().map(|s| visible(s)).collect(),
            levels: Level::ALL.iter().rev().map(|l| l.name()).collect(),
            bases: Basis::ALL.iter().map(|b| b.name()).collect(),
            commands: commands.map(|c| visible_command(&c)).collect(),
            snapshots: answers.into_iter().map(|(c, s)| (visible_command(&c), visible(s))).collect(),
        }
    }
}

/// How many days have a price, and from when to when.
fn price_days(prices: &PricesStatus) -> String {
    let days = numbers::grouped(prices.days);
    match (prices.from, prices.to) {
        (Some(from), Some(to)) => format!("{days} ({from} – {to})"),
        _ => days,
    }
}

/// A word for a POSIX shell: as it is where nothing in it means anything to the shell, otherwise in single quotes.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '/' | '@' | '+' | '-');
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        return word.into();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_target_is_one_word_for_the_shell() {
        assert_eq!(quoted("bcrt1qabc"), "bcrt1qabc");
        assert_eq!(quoted("ab:1"), "ab:1");
        assert_eq!(quoted("x; rm -rf ~"), "'x; rm -rf ~'");
        assert_eq!(quoted("it's $(id)"), r"'it'\''s $(id)'");
        assert_eq!(quoted("--fail-on"), "'--fail-on'");
        assert_eq!(quoted(""), "''");
    }
}
