//! Direct screenings, and how long screening takes.

use super::evidence::{account, bound, listed_line, risk, status_words};
use super::words::{btc, grouped, percent, plain_table, safe};
use crate::commands::bench_screen::BenchScreenView;
use athar_engine::read::{Depth, DirectView, Direction};
use std::fmt::Write;

/// Labels shown with a statement.
const LABELS_MAX: usize = 3;

pub(crate) fn screen_direct(v: &DirectView) -> String {
    let mut out = format!("{}\n", safe(&v.input));
    let _ = writeln!(out, "  what      {} {}, {}", v.chain.unwrap_or(""), v.kind, status_words(v.status));
    if let Some(reason) = &v.reason {
        let _ = writeln!(out, "  why       {}", safe(&reason.en));
    }
    if let Some(entity) = &v.entity {
        let _ = writeln!(out, "  entity    {entity} ({} addresses)", grouped(v.entity_size.unwrap_or(1)));
    }
    if let Some(list) = &v.cuts {
        for line in super::cuts(list).lines() {
            let _ = writeln!(out, "  {line}");
        }
    }
    if let Some(at) = &v.account_at {
        out.push_str(&account(at));
    }
    let looked = match v.depth {
        Depth::Ownership => "of the target itself; nobody's money was followed",
        Depth::Counterparty => "of the target itself and its direct counterparties",
    };
    let _ = writeln!(out, "  risk      {}\n            {looked}", risk(v.risk));
    for s in v.statements.iter() {
        let level = s.level.name().to_uppercase();
        let _ = writeln!(out, "  [{level:^7}] {}: {} \"{}\" by {}", s.relation, s.category, safe(&s.label), s.basis);
        for label in s.evidence.iter().take(LABELS_MAX) {
            let source = label.source.as_deref().map(|s| format!(", {}", safe(s))).unwrap_or_default();
            let disputed = if label.disputed { " (disputed)" } else { "" };
            let _ = writeln!(out, "            label {} on {}{source}{disputed}", label.id, safe(&label.subject));
        }
        if s.evidence.len() > LABELS_MAX || s.evidence_truncated {
            out.push_str("            … more evidence with --json\n");
        }
    }
    if v.statements_truncated {
        out.push_str("  … more statements than are listed\n");
    }
    for c in &v.counterparties {
        let level = c.level.name().to_uppercase();
        let (way, all) = match c.direction {
            Direction::Received => ("received from", "received"),
            Direction::Sent => ("sent to", "sent"),
        };
        let money = match c.amount_sat {
            Some(sat) => btc(sat),
            None => c.amounts.iter().map(super::amount).collect::<Vec<_>>().join(", "),
        };
        let share = c.share.map(|share| format!(", {} of all {all}", percent(share))).unwrap_or_default();
        let _ = writeln!(
            out,
            "  [{level:^7}] counterparty: {} \"{}\" by {}\n            {way} {} directly: {money}{share}\n            \
             label {} on {}",
            c.category,
            safe(&c.label),
            c.basis,
            c.entity,
            c.evidence.id,
            safe(&c.evidence.subject)
        );
    }
    v.listed.iter().for_each(|listed| out.push_str(&listed_line(listed)));
    for note in &v.notes {
        let _ = writeln!(out, "  note      {}", safe(&note.en));
    }
    v.bounds.iter().for_each(|b| out.push_str(&bound(b)));
    out
}

pub(crate) fn bench_screen(v: &BenchScreenView) -> String {
    let us = |us: f64| if us >= 1000.0 { grouped(us.round() as u64) } else { format!("{us:.1}") };
    let rows = v.rows.iter().map(|r| {
        let bounds: Vec<String> = r.bounds.iter().map(|(bound, n)| format!("{bound} {}", grouped(*n))).collect();
        vec![
            r.depth.clone(),
            r.kind.into(),
            grouped(r.answers),
            us(r.p50_us),
            us(r.p99_us),
            us(r.first_p99_us),
            us(r.p999_us),
            us(r.max_us),
            format!("{:.2} %", 100.0 * r.late as f64 / r.answers.max(1) as f64),
            grouped(r.per_second.round() as u64),
            bounds.join(", "),
        ]
    });
    let header = [
        "depth",
        "asked",
        "answers",
        "p50 us",
        "p99 us",
        "first p99",
        "p99.9 us",
        "max us",
        "late",
        "a second",
        "bounds hit",
    ];
    format!(
        "{}\n{} of each kind where there are as many, seed {}, {} hops, {} threads; asked twice, the second time measured\n\
         late: over 20 us at ownership, over 20 ms at the others",
        plain_table(&header, rows.collect()),
        grouped(v.sample),
        v.seed,
        v.hops,
        v.threads
    )
}
