//! Paths between two subjects.

use super::words::{btc, dollars, grouped, plain_table, safe};
use athar_engine::read::{FoundPathView, PathsPartyView, PathsPlaceView, PathsSearchView, PathsView};
use std::fmt::Write;

/// Steps of a path shown before the list is cut.
const STEPS_MAX: usize = 20;

pub(crate) fn paths(v: &PathsView) -> String {
    let mut out = format!("from  {}\nto    {}\n", party(&v.from), party(&v.to));
    let first = match v.by {
        "value" => "the widest first",
        "earliest" => "the earliest to arrive first",
        _ => "the fewest hops first",
    };
    let mut within = format!("within {}", count(u64::from(v.hops_max), "hop"));
    match (v.since, v.until) {
        (Some(since), Some(until)) => _ = write!(within, ", in blocks {since} to {until}"),
        (Some(since), None) => _ = write!(within, ", from block {since} on"),
        (None, Some(until)) => _ = write!(within, ", up to block {until}"),
        (None, None) => {}
    }
    if v.amount_min_sat > 1 {
        let _ = write!(within, ", through outputs of at least {}", btc(v.amount_min_sat));
    }
    let _ = writeln!(out, "paths {within}, {first}; each step spends what the one before made");
    if v.through_services {
        out.push_str("also through services: there, what goes in and what comes out need not be the same money\n");
    }
    for search in &v.searches {
        out.push_str(&self::search(v, search, &within));
    }
    out
}

fn party(p: &PathsPartyView) -> String {
    let Some(kind) = p.kind else { return format!("{}: not on the chain in this store", safe(&p.target)) };
    let label = match (&p.label, &p.category) {
        (Some(label), Some(category)) => format!(", \"{}\" ({category})", safe(label)),
        _ => String::new(),
    };
    let more = if p.outputs_truncated { "more than " } else { "" };
    format!("{}: {kind}, {more}{}{label}", safe(&p.target), count(p.outputs, "output"))
}

fn search(v: &PathsView, s: &PathsSearchView, within: &str) -> String {
    let mut out = String::new();
    if v.searches.len() > 1 {
        let _ = writeln!(out, "\n{} -> {}", safe(&s.from), safe(&s.to));
    }
    for (number, path) in s.paths.iter().enumerate() {
        out.push_str(&self::path(number + 1, path));
    }
    let bounds = s.gave_up.iter().map(|b| bound(b)).collect::<Vec<_>>().join(", ");
    let _ = match s.outcome {
        "found" if s.gave_up.is_empty() && (s.paths.len() as u64) < v.count_max => {
            writeln!(out, "these are all there are {within}")
        }
        "found" if s.gave_up.is_empty() => writeln!(out, "proven to be the first"),
        "found" => writeln!(out, "there may be others, and better ones: gave up at {bounds}"),
        "none_within" => writeln!(out, "none {within}: all that may be passed was looked at"),
        _ => writeln!(out, "gave up at {bounds}: none found so far, which does not mean that there is none"),
    };
    match s.hops_covered {
        Some(hops) if !s.gave_up.is_empty() => {
            let _ = writeln!(out, "every path of at most {} was looked at", count(u64::from(hops), "hop"));
        }
        _ if s.is_none_at_all => out.push_str("nor is there one of more hops\n"),
        _ => {}
    }
    if s.shared_outputs > 0 {
        let _ = writeln!(out, "of both: {}", count(s.shared_outputs, "output"));
    }
    let rows: Vec<Vec<String>> =
        s.ended.iter().map(|e| vec![format!("  {}", why(e.why)), grouped(e.forward), grouped(e.backward)]).collect();
    if !rows.is_empty() {
        let _ = writeln!(out, "{}", plain_table(&["  branches ended", "forward", "backward"], rows));
    }
    let _ = writeln!(out, "{} looked at", count(s.edge_count, "step"));
    out
}

fn path(number: usize, p: &FoundPathView) -> String {
    let (hops, txs) = (count(u64::from(p.hops), "hop"), count(p.step_count, "transaction"));
    let mut out = format!(
        "\n{number}. {hops}, {txs}, {} to {}, at most {} ({})\n",
        &p.left_at[..10],
        &p.arrived_at[..10],
        btc(p.width_sat),
        dollars(p.width_usd)
    );
    if let Some(first) = p.steps.first() {
        let _ = writeln!(out, "     {}", place(&first.from));
    }
    for step in p.steps.iter().take(STEPS_MAX) {
        let inside = if step.is_hop { "" } else { ", inside one entity" };
        let _ = writeln!(out, "       {} block {} {}{inside}", &step.time[..16], step.height, step.txid);
        let _ = writeln!(out, "     {}", place(&step.to));
    }
    let more = p.step_count.saturating_sub(STEPS_MAX as u64);
    if more > 0 {
        let _ = writeln!(out, "       … and {} more (--json lists them)", count(more, "transaction"));
    }
    out
}

fn place(p: &PathsPlaceView) -> String {
    let address = p.address.as_deref().unwrap_or("(no address)");
    let label = p.label.as_deref().map(|l| format!(" \"{}\"", safe(l))).unwrap_or_default();
    let service = if p.is_service { ", a service" } else { "" };
    let vout = p.output.rsplit(':').next().unwrap_or_default();
    format!("{address}{label}{service}: output {vout}, {}", btc(p.value_sat))
}

/// `1 hop`, `2 hops`.
fn count(number: u64, what: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{} {what}{s}", grouped(number))
}

fn bound(name: &str) -> &str {
    match name {
        "edges" => "the steps to look at (--edges)",
        "fan" => "transactions of too many inputs or outputs (--fan)",
        "labels" => "the beginnings of paths to compare",
        "parties" => "the outputs of both subjects, which have too many",
        other => other,
    }
}

fn why(name: &str) -> &str {
    match name {
        "service" => "at services",
        "inferred_service" => "at services recognised by a rule",
        "pool" => "at hidden pools",
        "coinjoin" => "at CoinJoins",
        "amount" => "at outputs too small",
        "since" => "at blocks too early",
        "until" => "at blocks too late",
        "fan" => "at transactions too wide",
        "hops" => "left where the search was over",
        other => other,
    }
}
