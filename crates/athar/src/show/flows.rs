//! Where money came from and went: traces and exposure.

use super::words::{btc, dollars, dollars_of_sum, grouped, money_of_sum, plain_table, safe};
use athar_engine::read::{
    CategoryExposureView, Direction, ExposureAsOfView, ExposureSideView, ExposureView, PlaceView, TraceCompareView,
    TraceView,
};
use std::fmt::Write;

/// Places of a trace, and ends of a comparison, shown before the list is cut.
const PLACES_MAX: usize = 20;

fn way(direction: &str) -> &'static str {
    if direction == "forward" { "where it went" } else { "where it came from" }
}

pub(crate) fn trace(t: &TraceView) -> String {
    let mut out = format!(
        "{}\n{}, {} within {} hops: {}\n",
        safe(&t.target),
        way(t.direction),
        t.policy.to_uppercase(),
        t.hops_max,
        money_of_sum(t.source_sat, t.source_usd, t.source_unpriced_sat)
    );
    unseen(&mut out, &t.unseen);
    if t.is_summed {
        let mut rows = vec![
            ("at services, CoinJoins, hidden pools", t.stopped_sat),
            ("unspent", t.held_sat),
            ("newly mined", t.minted_sat),
            ("fees", t.fee_sat),
            ("change to itself", t.internal_sat),
            ("came back from others", t.returned_sat),
        ];
        rows.extend(t.bounded.iter().map(|b| (bound_words(&b.bound), b.amount_sat)));
        for (what, sat) in rows.iter().filter(|(_, sat)| *sat > 0) {
            let _ = writeln!(out, "  {what:<36} {:>22}", btc(*sat));
        }
    } else {
        out.push_str("poison says what was reached, not how much: values below are those of the outputs\n");
        let mut rows = vec![("at services, CoinJoins, hidden pools", t.stopped_outputs), ("unspent", t.held_outputs)];
        rows.extend(t.bounded.iter().map(|b| (bound_words(&b.bound), b.outputs)));
        for (what, outputs) in rows.iter().filter(|(_, outputs)| *outputs > 0) {
            let _ = writeln!(out, "  {what:<36} {:>14} outputs", grouped(*outputs));
        }
    }
    for (title, places) in [("stopped at", &t.stopped), ("unspent on", &t.held), ("mined in", &t.minted)] {
        if !places.is_empty() {
            let _ = writeln!(out, "{title}\n{}", self::places(places));
        }
    }
    let cut = t.bounded.iter().any(|b| b.bound == "cancelled");
    let _ = write!(
        out,
        "{} edges{}{}",
        grouped(t.edge_count),
        if t.edges_truncated { " (not all listed)" } else { "" },
        if cut { "; ended by hand before it was whole" } else { "" }
    );
    out
}

fn unseen(out: &mut String, unseen: &[String]) {
    for text in unseen.iter().take(PLACES_MAX) {
        let _ = writeln!(out, "  not on the chain in this store: {}", safe(text));
    }
}

/// What a bound is called in text.
pub(crate) fn bound_words(bound: &str) -> &str {
    match bound {
        "hops" => "beyond the hops followed",
        "edges" => "beyond the edges followed",
        "outputs" => "in transactions with too many outputs",
        "amount" => "in amounts too small to follow",
        "since" => "before the time asked for",
        "until" => "after the time asked for",
        "cancelled" => "left when it was ended",
        other => other,
    }
}

/// A table of places, the largest first.
pub(crate) fn places(places: &[PlaceView]) -> String {
    let rows = places.iter().take(PLACES_MAX).map(|p| {
        let reason = match p.anonymity_set {
            Some(set) => format!("{}, 1 of {set}", p.reason),
            None if p.label.is_none() && !matches!(p.reason.as_str(), "unspent" | "minted") => safe(&p.reason),
            None => "-".into(),
        };
        let who = p.label.as_deref().map_or(reason, safe);
        let address = p.address.clone().unwrap_or_else(|| "(no address)".into());
        let when = p.time[..10].to_string();
        vec![format!("  {when}"), btc(p.amount_sat), dollars(p.usd), who, address, format!("{}:{}", p.txid, p.vout)]
    });
    let table = plain_table(&["  day", "amount", "then worth", "who", "address", "output"], rows.collect());
    let more = places.len().saturating_sub(PLACES_MAX);
    if more == 0 { table } else { format!("{table}\n  … and {more} more (--json lists them)") }
}

pub(crate) fn trace_compare(t: &TraceCompareView) -> String {
    let mut out = format!(
        "{}\n{} within {} hops, by every policy: {}\n",
        safe(&t.target),
        way(t.direction),
        t.hops_max,
        btc(t.source_sat)
    );
    unseen(&mut out, &t.unseen);
    let header: Vec<&str> = std::iter::once("").chain(t.policies.iter().map(|p| p.policy)).collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row = |what: &str, of: &dyn Fn(&athar_engine::read::PolicySums) -> u64| {
        if t.policies.iter().any(|p| of(p) > 0) {
            let cells = t.policies.iter().map(|p| if p.is_summed { btc(of(p)) } else { "-".into() });
            rows.push(std::iter::once(format!("  {what}")).chain(cells).collect());
        }
    };
    row("stopped", &|p| p.stopped_sat);
    row("unspent", &|p| p.held_sat);
    row("newly mined", &|p| p.minted_sat);
    row("fees", &|p| p.fee_sat);
    row("change to itself", &|p| p.internal_sat);
    row("came back", &|p| p.returned_sat);
    row("left at bounds", &|p| p.bounded_sat);
    let reached = t.policies.iter().map(|p| grouped(p.stopped_outputs + p.held_outputs));
    rows.push(std::iter::once("  outputs reached".to_string()).chain(reached).collect());
    let _ = writeln!(out, "{}", plain_table(&header, rows));
    let rows = t.ends.iter().take(PLACES_MAX).map(|end| {
        let who = end.label.as_deref().map(safe).or_else(|| end.entity.clone()).unwrap_or_else(|| "-".into());
        let cells = t.policies.iter().map(|p| match end.by_policy.iter().find(|s| s.policy == p.policy) {
            Some(sum) => sum.amount_sat.map_or_else(|| format!("reached, {} hops", sum.hops_min), btc),
            None => "-".into(),
        });
        [format!("  {}", end.reason), who].into_iter().chain(cells).collect()
    });
    let header: Vec<&str> = ["  end", "who"].into_iter().chain(t.policies.iter().map(|p| p.policy)).collect();
    out.push_str(&plain_table(&header, rows.collect()));
    let more = t.ends.len().saturating_sub(PLACES_MAX);
    if more > 0 {
        let _ = write!(out, "\n  … and {more} more (--json lists them)");
    }
    out
}

pub(crate) fn exposure(e: &ExposureView) -> String {
    let mut out = format!(
        "{}\n{} of {} address{}, {} hops, as of block {} ({})\n",
        safe(&e.target),
        e.entity.as_deref().map_or_else(|| e.kind.to_string(), |name| format!("entity {name}")),
        grouped(e.addresses),
        if e.addresses == 1 { "" } else { "es" },
        e.hops_max,
        e.as_of_height,
        e.as_of_time
    );
    if let Some(service) = &e.account_at {
        let _ = writeln!(out, "a customer's account at {}: only its own money is followed", safe(service));
    }
    if e.ownership.is_empty() {
        out.push_str("itself     nothing is known of it, which is not to say that there is nothing\n");
    }
    for own in &e.ownership {
        let _ = writeln!(out, "itself     {}: {} ({}, {})", own.level, own.category, safe(&own.label), own.relation);
    }
    side(&mut out, &e.received);
    side(&mut out, &e.sent);
    out.truncate(out.trim_end().len());
    out
}

fn side(out: &mut String, side: &ExposureSideView) {
    let (title, from) = match side.direction {
        Direction::Received => ("received", "from"),
        Direction::Sent => ("sent", "to"),
    };
    let _ = writeln!(out, "{title}, {} in all", btc(side.total_sat));
    if side.categories.is_empty() {
        out.push_str("  no labelled party was met within the bounds\n");
    }
    for category in &side.categories {
        self::category(out, category, from);
    }
    for followed in side.followed.iter().filter(|f| !f.is_complete) {
        let bounds: Vec<_> =
            followed.bounded.iter().filter(|b| b.bound != "hops").map(|b| bound_words(&b.bound)).collect();
        let _ = writeln!(out, "  {} was not followed to its end: {}", followed.policy, bounds.join(", "));
    }
}

fn category(out: &mut String, c: &CategoryExposureView, from: &str) {
    let _ = writeln!(out, "  {} {from} {} ({})", c.level, c.category, c.relation);
    for sum in &c.by_policy {
        let what = match (sum.amount_sat, sum.share) {
            (Some(sat), Some(share)) => {
                format!(
                    "{:>22} {:>10} of all, {}",
                    btc(sat),
                    share.to_string(),
                    dollars_of_sum(sum.usd, sum.unpriced_sat)
                )
            }
            _ => format!("{:>22} on {} outputs", "reached", grouped(sum.outputs)),
        };
        let _ = writeln!(out, "    {:<8} {what}, from {} hops on", sum.policy, sum.hops_min);
    }
    for linked in c.entities.iter().take(5) {
        let amount = linked.linked_sat.map_or_else(|| "reached".into(), btc);
        let total = linked.total_sat.map_or_else(|| "of a turnover not known".into(), |t| format!("of its {}", btc(t)));
        let _ = writeln!(out, "    {} ({}): linked {amount} {total}", safe(&linked.label), linked.entity);
    }
    let more = c.entities.len().saturating_sub(5);
    if more > 0 {
        let _ = writeln!(out, "    … and {more} more (--json lists them)");
    }
}

pub(crate) fn exposure_as_of(e: &ExposureAsOfView) -> String {
    let mut out = format!("by what was known on {}\n{}", e.known_on, exposure(&e.known_then));
    match &e.known_now {
        Some(now) => {
            let _ = write!(out, "\n\nby what is known now\n{}", exposure(now));
        }
        None => out.push_str("\n\nby what is known now: the same"),
    }
    out
}
