//! Patterns as text, in English and Arabic.

use super::words::{directed, grouped, plain_table, safe, told};
use crate::args::Tongue;
use athar_engine::Level;
use athar_engine::read::{PatternHitView, PatternStanding, PatternView, PatternsRunView, PatternsView};
use std::collections::BTreeMap;

const fn say(tongue: Tongue, en: &'static str, ar: &'static str) -> &'static str {
    match tongue {
        Tongue::En => en,
        Tongue::Ar => ar,
    }
}

const fn standing(standing: PatternStanding, t: Tongue) -> &'static str {
    match standing {
        PatternStanding::Held => say(t, "measured", "مَقيسة"),
        PatternStanding::Below => say(t, "below target", "دون الهدف"),
        PatternStanding::Unmeasured => say(t, "unmeasured", "غير مَقيسة"),
    }
}

const fn severity(level: Level, t: Tongue) -> &'static str {
    match level {
        Level::Unknown => say(t, "unknown", "غير معلومة"),
        Level::None => say(t, "none", "لا شيء"),
        Level::Low => say(t, "low", "منخفضة"),
        Level::Medium => say(t, "medium", "متوسطة"),
        Level::High => say(t, "high", "عالية"),
        Level::Severe => say(t, "severe", "شديدة"),
    }
}

/// Every pattern, a line each.
pub(crate) fn patterns(view: &PatternsView, t: Tongue) -> String {
    let header = [
        say(t, "row", "الصف"),
        say(t, "pattern", "النمط"),
        say(t, "title", "العنوان"),
        say(t, "version", "الإصدار"),
        say(t, "chains of", "سلاسل"),
        say(t, "error rate", "معدّل الخطأ"),
    ];
    let row = |pattern: &PatternView| {
        vec![
            pattern.row.to_string(),
            safe(&pattern.id),
            safe(if t == Tongue::Ar { &pattern.title_ar } else { &pattern.title }),
            pattern.version.clone(),
            pattern.on.join(", "),
            standing(pattern.standing, t).into(),
        ]
    };
    plain_table(&header, view.patterns.iter().map(row).collect())
}

/// One pattern.
pub(crate) fn pattern(pattern: &PatternView, t: Tongue) -> String {
    let (title, about) = match t {
        Tongue::En => (&pattern.title, &pattern.about),
        Tongue::Ar => (&pattern.title_ar, &pattern.about_ar),
    };
    let mut out = format!("{} {}\n{}\n{}\n", safe(&pattern.id), pattern.version, safe(title), safe(about));
    out.push_str(&format!("\n{}\n", say(t, "holds where", "تنطبق حيث")));
    for line in &pattern.requires {
        out.push_str(&format!("  {}\n", safe(line)));
    }
    if !pattern.guards.is_empty() {
        out.push_str(&format!("{}\n", say(t, "guards", "الحرّاس")));
    }
    for line in &pattern.guards {
        out.push_str(&format!("  {}\n", safe(line)));
    }
    let header = [say(t, "parameter", "المعامل"), say(t, "value", "القيمة"), say(t, "source", "المصدر")];
    let mut rows = Vec::new();
    for (name, parameter) in &pattern.parameters {
        let value = match (parameter.value, &parameter.names, parameter.unit) {
            (Some(value), _, Some(unit)) => unit.show(value),
            (Some(value), _, None) => value.to_string(),
            (None, Some(names), _) => names.join(", "),
            (None, None, _) => String::new(),
        };
        rows.push(vec![safe(name), safe(&value), safe(&parameter.source)]);
    }
    out.push_str(&format!("\n{}\n{}\n", plain_table(&header, rows), say(t, "sources", "المصادر")));
    for source in &pattern.sources {
        out.push_str(&format!("  {}\n", safe(source)));
    }
    out
}

/// A hit, as a paragraph with its proof.
pub(crate) fn pattern_hit(hit: &PatternHitView, t: Tongue) -> String {
    let why = if t == Tongue::Ar { &hit.why_ar } else { &hit.why };
    let mut out = format!(
        "{} {} · {} {} · {} {}\n  {}\n",
        say(t, "pattern", "النمط"),
        safe(&hit.pattern),
        say(t, "severity", "الخطورة"),
        severity(hit.severity, t),
        say(t, "subject", "الموضوع"),
        safe(&hit.subject),
        directed(why),
    );
    let shown = hit.txids.iter().take(3).map(|txid| safe(txid)).collect::<Vec<_>>();
    let more = hit.txids.len() as u64 + hit.more_txids - shown.len() as u64;
    if !shown.is_empty() {
        out.push_str(&format!("  {}: {}", say(t, "transactions", "المعاملات"), shown.join(" ")));
        if more > 0 {
            out.push_str(&format!(" (+{})", grouped(more)));
        }
        out.push('\n');
    }
    if !hit.other_legs.is_empty() {
        let shown = hit.other_legs.iter().take(3).map(|leg| format!("{} {}", safe(&leg.chain), safe(&leg.txid)));
        let shown = shown.collect::<Vec<_>>().join("; ");
        out.push_str(&format!("  {}: {shown}\n", say(t, "on the other chain", "على السلسلة الأخرى")));
    }
    for note in hit.notes.iter().take(3) {
        out.push_str(&format!("  {}\n", told(note, t)));
    }
    out.push_str(&format!("  {} {}\n\n", say(t, "rule", "القاعدة"), hit.rule_version));
    out
}

/// How many hits there are by pattern and severity.
pub(crate) fn patterns_run(view: &PatternsRunView, t: Tongue) -> String {
    let mut counts: BTreeMap<(u32, &str), [u64; 4]> = BTreeMap::new();
    for hit in &view.hits {
        let at = match hit.severity {
            Level::Unknown | Level::None | Level::Low => 0,
            Level::Medium => 1,
            Level::High => 2,
            Level::Severe => 3,
        };
        counts.entry((hit.row, &hit.pattern)).or_default()[at] += 1;
    }
    let header = [
        say(t, "pattern", "النمط"),
        say(t, "low", "منخفضة"),
        say(t, "medium", "متوسطة"),
        say(t, "high", "عالية"),
        say(t, "severe", "شديدة"),
    ];
    let mut rows = Vec::new();
    for ((_, pattern), by) in &counts {
        let mut row = vec![safe(pattern)];
        row.extend(by.iter().map(|n| grouped(*n)));
        rows.push(row);
    }
    let summary = format!(
        "{} {}; {} {}\n{} {}\n",
        grouped(view.hits.len() as u64),
        say(t, "hits", "إصابة"),
        grouped(view.parties),
        say(t, "entities read", "كيانًا قُرئت"),
        say(t, "snapshot", "اللقطة"),
        view.snapshot
    );
    if rows.is_empty() { summary } else { format!("{}\n{summary}", plain_table(&header, rows)) }
}
