//! Prices: those in use, one day's, and how far they reach.

use super::words::{grouped, plain_table, price, safe};
use athar_engine::BuiltinUse;
use athar_engine::read::{AssetPricesView, PriceDayView, PriceView, PricesStatusView, PricesView};
use std::fmt::Write;

/// Ranges of missing days shown before the list is cut.
const GAPS_MAX: usize = 5;
/// Imports shown before the list is cut to the last ones.
const IMPORTS_MAX: usize = 20;

/// `desk, exchange`, or `brk (built in)`.
pub(crate) fn sources(p: &PriceView) -> String {
    let sources: Vec<String> = p.sources.iter().map(|s| safe(s)).collect();
    format!("{}{}", sources.join(", "), if p.builtin { " (built in)" } else { "" })
}

/// `USD 7,175.65 for 1 BTC on 2020-01-01, brk (built in)`.
pub(crate) fn price_line(p: &PriceView) -> String {
    format!("{} for 1 {} on {}, {}", price(p.usd), p.asset, p.day, sources(p))
}

pub(crate) fn prices(v: &PricesView) -> String {
    if v.total == 0 {
        return format!("no price of {} on these days", v.asset);
    }
    let rows = v.prices.iter().map(|p| vec![p.day.to_string(), price(p.usd), sources(p)]).collect();
    let table = plain_table(&["day", &format!("1 {}", v.asset), "source"], rows);
    let next = v.offset + v.prices.len() as u64;
    let more = if v.truncated { format!(", next page: --offset {next}") } else { String::new() };
    format!("{table}\n{} of {}{more}", grouped(v.prices.len() as u64), grouped(v.total))
}

pub(crate) fn price_day(v: &PriceDayView) -> String {
    let mut out = match &v.price {
        Some(p) => price_line(p),
        None => format!("no price of {} on {}", v.asset, v.day),
    };
    if let Some(usd) = v.builtin_usd.filter(|_| v.price.as_ref().is_none_or(|p| !p.builtin)) {
        let why = match v.builtin {
            BuiltinUse::Used => "an imported price holds before it",
            BuiltinUse::Off => "switched off",
            BuiltinUse::NoMarket => "not for the coins of a test network",
        };
        let _ = write!(out, "\nbuilt in: {}, not used: {why}", price(usd));
    }
    if !v.history.is_empty() {
        let rows = v.history.iter().map(|r| {
            let when = r.imported.map_or_else(|| "an older store".into(), |day| day.to_string());
            vec![format!("  {}", r.import), when, price(r.usd), safe(&r.source), safe(&r.file), r.blake3.clone()]
        });
        let header = ["  import", "on", "price", "source", "file", "blake3 of the file"];
        let _ = write!(out, "\n{}", plain_table(&header, rows.collect()));
    }
    out
}

pub(crate) fn prices_status(v: &PricesStatusView) -> String {
    let mut out = String::new();
    if v.assets.is_empty() {
        out.push_str("no asset has a price\n");
    }
    for asset in &v.assets {
        out.push_str(&self::asset(asset));
    }
    let builtin = match v.builtin {
        BuiltinUse::Used => "in use for every day that nothing was imported for",
        BuiltinUse::Off => "switched off",
        BuiltinUse::NoMarket => "not in use: the coins of a test network have no market",
    };
    let _ = writeln!(out, "built in   {builtin}");
    let left = v.imports.len().saturating_sub(IMPORTS_MAX);
    if left > 0 {
        let _ = writeln!(out, "           {left} earlier imports not shown (--json lists them)");
    }
    for i in v.imports.iter().skip(left) {
        let when = i.imported.map_or_else(|| "by an older version".into(), |day| format!("on {day}"));
        let _ = writeln!(out, "import {:<3} {} {when}: {} prices", i.import, safe(&i.file), grouped(i.rows));
        let _ = writeln!(out, "           blake3 {}", i.blake3);
    }
    let _ = write!(out, "version    {}\nsnapshot   {}", v.version, v.snapshot);
    out
}

fn asset(a: &AssetPricesView) -> String {
    let mut out = format!("{:<10} {} days, {} to {}", a.asset, grouped(a.days), a.from, a.to);
    if a.missing > 0 {
        let gap = |g: &athar_engine::read::GapView| {
            if g.from == g.to { g.from.to_string() } else { format!("{} to {}", g.from, g.to) }
        };
        let gaps: Vec<String> = a.gaps.iter().take(GAPS_MAX).map(gap).collect();
        let more = if a.gaps.len() > GAPS_MAX { ", …" } else { "" };
        let _ = write!(out, "; {} missing: {}{more}", grouped(a.missing), gaps.join(", "));
    }
    out.push('\n');
    for s in &a.sources {
        let builtin = if s.builtin { " (built in)" } else { "" };
        let _ = writeln!(out, "           {:>6} from {}{builtin}", grouped(s.days), safe(&s.source));
    }
    out
}
