//! Entities: what they are, were and would be, and why.

use super::prices::price_line;
use super::words::{btc, fine_percent, grouped, money, plain_table, safe};
use athar_engine::guard::CutKind;
use athar_engine::read::{
    ClusteringView, ConflictsView, CutsView, EntityAnswer, EntityGrowthView, EntityPastView, ExplainView, StepView,
    WithoutView,
};
use athar_engine::read::{ConditionView, InferredServiceView, ServiceRateView, ShareView};
use std::fmt::Write;

/// Lines of a list shown before it is cut.
const LINES_MAX: usize = 40;

/// The clustering in words: `strict (co-spend)`.
fn tied_by(c: &ClusteringView) -> String {
    c.name.as_ref().map_or_else(|| c.heuristics.clone(), |name| format!("{} ({})", safe(name), c.heuristics))
}

pub(crate) fn entity(e: &EntityAnswer) -> String {
    let mut out = format!(
        "entity     {}\naddresses  {}, tied by {}\n",
        e.entity,
        grouped(u64::from(e.size)),
        tied_by(&e.clustering)
    );
    if let (Some(received), Some(sent), Some(balance)) = (e.received_sat, e.sent_sat, e.balance_sat) {
        let _ = writeln!(out, "received   {} (change included)\nsent       {}", btc(received), btc(sent));
        let _ = writeln!(out, "balance    {}", money(balance, e.balance_usd));
    } else {
        out.push_str(match e.figures_bound.as_deref() {
            Some("members") => "figures    not summed up: it joined a cut entity after the list was made\n",
            _ => "figures    not known until the entities are built again: blocks that paid it have left the chain\n",
        });
    }
    if let (Some(first), Some(last)) = (&e.first_time, &e.last_time) {
        let _ = writeln!(out, "active     {first} to {last}");
    }
    if let Some(price) = e.price.as_ref().filter(|_| e.balance_sat > Some(0)) {
        let _ = writeln!(out, "price      {}", price_line(price));
    }
    if let Some(list) = &e.cuts {
        out.push_str(&cuts(list));
    }
    out.push_str(&inferred(&e.inferred_service));
    for label in &e.labels {
        let _ = writeln!(
            out,
            "label      {} ({}, {}) on {}{}",
            safe(&label.label),
            label.category,
            super::evidence::basis_words(label),
            label.subject,
            if label.disputed.is_some() { " (disputed)" } else { "" }
        );
    }
    out + &page(&e.addresses, e.size, e.offset)
}

/// What is inferred of an entity, in one line or a few; nothing where it does too little for any rule.
pub(crate) fn inferred(i: &InferredServiceView) -> String {
    let why = i.why.as_deref().unwrap_or_default();
    let behind = match (i.blocks_behind, i.as_of_height) {
        (Some(blocks), Some(height)) if blocks > 0 => {
            format!(", as of block {}, {} blocks behind", grouped(u64::from(height)), grouped(u64::from(blocks)))
        }
        _ => String::new(),
    };
    let Some(rule) = &i.rule else {
        return match (i.status, &i.figures) {
            ("none", None) => String::new(),
            ("none", Some(f)) => format!(
                "service    none inferred: {} payers, {} paid, {} batches{behind}\n",
                grouped(u64::from(f.payers)),
                grouped(u64::from(f.paid)),
                grouped(u64::from(f.batches))
            ),
            ("unknown", _) => format!("service    unknown: {why}\n"),
            _ => format!("service    not evaluated: {why}\n"),
        };
    };
    let one = |c: &ConditionView| {
        let bound = if c.bound == "at-most" { "at most" } else { "at least" };
        format!("{} {} ({bound} {})", c.measure, grouped(c.value), grouped(c.limit))
    };
    let numbers: Vec<String> = rule.conditions.iter().map(one).collect();
    let mut out = format!(
        "service    inferred, no label: {} (rules {}.{}){behind}\n           {}\n",
        rule.name,
        rule.figures_version,
        rule.rules_version,
        numbers.join(", ")
    );
    if let Some(rate) = &rule.rate {
        let _ = writeln!(out, "           {}", service_rate(rate));
    }
    if !rule.stops_traces {
        let _ = writeln!(out, "           no trace stops here by it: {why}");
    }
    out
}

/// How often a rule was right, in words.
fn service_rate(rate: &ServiceRateView) -> String {
    let share = |s: &ShareView| {
        let most = s
            .share_wrong_max
            .map_or_else(|| "nothing measured".into(), |m| format!("95 %: at most {}", fine_percent(m)));
        format!("{} of {} ({most})", grouped(s.wrong), grouped(s.of))
    };
    format!(
        "measured on {} worlds: wrong {}; missed {}; campaigns wrongly taken for a service {}",
        rate.set,
        share(&rate.entities),
        share(&rate.missed),
        share(&rate.campaigns)
    )
}

/// A page of addresses, and how many more there are.
fn page(addresses: &[String], size: u32, offset: u64) -> String {
    let shown = addresses.len().min(LINES_MAX);
    let mut out: String = addresses[..shown].iter().map(|address| format!("  {address}\n")).collect();
    let left = u64::from(size).saturating_sub(offset + shown as u64);
    if left > 0 {
        let _ = write!(out, "… and {} more (--json, --offset, --limit)", grouped(left));
    }
    out
}

pub(crate) fn entity_past(e: &EntityPastView) -> String {
    let mut out = format!(
        "entity     {}\nas of      block {}, {}\naddresses  {}, tied by {}\n",
        e.entity,
        grouped(u64::from(e.as_of_height)),
        e.as_of_time,
        grouped(u64::from(e.size)),
        tied_by(&e.clustering)
    );
    if let (Some(received), Some(sent), Some(balance)) = (e.received_sat, e.sent_sat, e.balance_sat) {
        let _ = writeln!(out, "received   {} (change included)", btc(received));
        let _ = writeln!(out, "sent       {}\nbalance    {}", btc(sent), btc(balance));
    } else {
        out.push_str("figures    not summed up: too many outputs\n");
    }
    let _ = writeln!(out, "now        {} addresses, {}", grouped(u64::from(e.size_now)), e.entity_now);
    out + &page(&e.addresses, e.size, e.offset)
}

pub(crate) fn conflicts(c: &ConflictsView) -> String {
    let mut out = match &c.version {
        Some(version) => format!(
            "cut list {version}, number {}, as of block {}{}",
            c.number,
            grouped(u64::from(c.as_of_height.unwrap_or(0))),
            if c.is_new { ", made now" } else { "" }
        ),
        None => "no cut list: no merge is disbelieved".into(),
    };
    for entry in &c.entries {
        let kind = match entry.kind {
            CutKind::Labels => "labels",
            CutKind::Size => "size",
            CutKind::Analyst => "decided",
        };
        let _ = write!(
            out,
            "\n{} (block {})\n  {kind:9} {}",
            entry.txid,
            grouped(u64::from(entry.height)),
            safe(&entry.reason)
        );
        if entry.applied {
            let sizes: Vec<String> = entry.sizes.iter().take(5).map(|n| grouped(u64::from(*n))).collect();
            let _ = write!(out, "\n  applied   the entity is read in parts of {} addresses", sizes.join(", "));
        } else {
            out.push_str("\n  not cut   other transactions tie the entity together as well");
        }
    }
    for decision in &c.decisions {
        let what = if decision.cut { "cut" } else { "uncut" };
        let _ = write!(out, "\ndecision   {what} {}: {}", decision.txid, safe(&decision.reason));
    }
    if let Some(open) = c.left_open.filter(|n| *n > 0) {
        let _ = write!(out, "\nleft open  {} large merges: a bound ended the search for other ties", grouped(open));
    }
    if let Some(stale) = &c.stale {
        let _ = write!(out, "\nstale      {stale}");
    }
    out
}

/// The cut list where it cuts an entity.
pub(crate) fn cuts(cuts: &CutsView) -> String {
    let mut out = String::new();
    for entry in &cuts.applied {
        let _ = writeln!(
            out,
            "cut        {} is not believed: {} (cut list {}, as of block {})",
            entry.txid,
            safe(&entry.reason),
            cuts.version,
            grouped(u64::from(cuts.as_of_height))
        );
    }
    out
}

pub(crate) fn growth(g: &EntityGrowthView) -> String {
    let mut out = format!("{}\nentity     {}, {} addresses\n", g.address, g.entity, grouped(u64::from(g.size)));
    let rows = g
        .moments
        .iter()
        .map(|m| vec![format!("  {}", grouped(u64::from(m.height))), m.time.clone(), grouped(u64::from(m.size))]);
    let _ = writeln!(out, "{}", plain_table(&["  block", "time", "addresses"], rows.collect()));
    if g.merges.is_empty() {
        out.push_str("no merge of two parts of 100 addresses and more");
        return out;
    }
    let rows = g.merges.iter().map(|m| {
        let own = if m.is_own { "it joined" } else { "" };
        vec![
            format!("  {}", grouped(u64::from(m.height))),
            m.time.clone(),
            format!("{} to {}", grouped(u64::from(m.joined)), grouped(u64::from(m.to))),
            m.heuristic.clone(),
            m.txid.clone(),
            own.into(),
        ]
    });
    let head = ["  block", "time", "addresses", "why", "transaction", ""];
    let _ = write!(out, "merges of two large parts\n{}", plain_table(&head, rows.collect()));
    let left = g.merges_total - g.merges.len() as u64;
    if left > 0 {
        let _ = write!(out, "\n… and {} smaller ones", grouped(left));
    }
    out
}

pub(crate) fn explain(e: &ExplainView, a: &str, b: &str) -> String {
    if !e.linked {
        let cut = e.cuts.as_ref().map(cuts).unwrap_or_default();
        return format!("{a}\n{b}\nnothing ties these two together\n{cut}").trim_end().to_string();
    }
    let mut out = format!("{a}\n{b}\none entity");
    if let Some(height) = e.since_height {
        let _ = write!(out, " since block {}", grouped(u64::from(height)));
    }
    out.push_str(&steps(&e.steps));
    for rate in &e.rates {
        let _ = write!(
            out,
            "\nmeasured: {} was wrong in {} of {} ties of {} worlds (95 %: at most {})",
            rate.heuristic,
            grouped(rate.wrong),
            grouped(rate.of),
            rate.set,
            fine_percent(rate.share_wrong_max)
        );
    }
    if !e.rates.is_empty() {
        out.push_str("\non the real chain nobody knows the rate (docs/reference/error-rates.md)");
    }
    match e.bound_hit.as_deref() {
        Some("edges") => out.push_str("\na shorter path may exist: the search was bounded"),
        Some(_) => out.push_str("\nthe path is longer than can be listed"),
        None => {}
    }
    out
}

fn steps(steps: &[StepView]) -> String {
    let mut out = String::new();
    for (n, step) in steps.iter().enumerate() {
        let why = match step.heuristic.as_str() {
            "co-spend" => "are spent together in",
            "change" => "are payer and change in",
            _ => "are forms of one key, revealed in",
        };
        let _ = write!(out, "\n{:>3}. {} and {}\n     {why} {}", n + 1, step.joins[0], step.joins[1], step.txid);
        let _ = write!(out, " (block {})", grouped(u64::from(step.height)));
    }
    out
}

pub(crate) fn without(w: &WithoutView) -> String {
    let mut out =
        format!("{}\nin an entity of {} addresses, without {}\n", w.address, grouped(u64::from(w.size)), w.txid);
    out.push_str(match (w.ties, w.holds, w.one_since_height) {
        (false, ..) => "nothing changes: that transaction ties no two addresses of this entity",
        (_, _, Some(_)) => "nothing changes: what it ties was one already",
        (_, Some(true), _) => "the entity holds together: its addresses are tied by other transactions too",
        (_, Some(false), _) => "the entity falls apart",
        (_, None, _) => "not known: the search was bounded before it ended (--edges)",
    });
    if let Some(height) = w.one_since_height {
        let _ = write!(out, " since block {}", grouped(u64::from(height)));
    }
    if w.parts.len() > 1 {
        for (n, part) in w.parts.iter().enumerate() {
            let size = grouped(u64::from(part.size));
            let size = if part.exact { size } else { format!("at least {size}") };
            let has = match part.has_address {
                Some(true) => ", with the address asked about",
                Some(false) => "",
                None => ", perhaps with the address asked about",
            };
            let _ = write!(out, "\npart {}: {size} addresses{has}", n + 1);
            for address in part.addresses.iter().take(10) {
                let _ = write!(out, "\n     {address}");
            }
            if part.addresses.len() > 10 || part.addresses.len() < part.size as usize {
                out.push_str("\n     …");
            }
        }
    }
    for way in &w.ways {
        out.push_str("\nanother way:");
        out.push_str(&steps(way));
    }
    if w.bound_hit.is_some() && w.holds.is_some() {
        out.push_str("\nthe search was bounded: parts may be tied by what was not looked at (--edges)");
    }
    out
}
