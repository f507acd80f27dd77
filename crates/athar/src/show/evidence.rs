//! What is known and why: explanations, screenings, labels.

use super::words::{btc, grouped, money_of_sum, percent, plain_table, safe};
use athar_engine::Level;
use athar_engine::read::{
    AccountView, BoundedView, CategoryView, CoinJoinView, Direction, Evidence, LabelConflictsView, LabelView,
    LabelsView, ListedIdentifier, PathStep, ScreenStatus, ScreenView, Statement,
};
use std::fmt::Write;

pub(crate) fn coinjoin(c: &CoinJoinView) -> String {
    let mut out = format!("{}\nkind       {}", c.txid, c.kind);
    let ties = match (c.kind.as_str(), c.ties_nobody) {
        ("none", _) => "yes: no rule matches, which does not prove that one person made it",
        (_, true) => "no: its inputs say nothing about who is who",
        (_, false) => "yes: one owner prepares coins",
    };
    let _ = write!(out, "\nties       {ties}");
    for reason in &c.reasons {
        let _ = write!(out, "\nbecause    {reason}");
    }
    for hint in &c.hints {
        let _ = write!(out, "\nperhaps    {hint} (too common in ordinary wallets to change anything)");
    }
    if let Some(rate) = &c.rate {
        let _ = write!(
            out,
            "\nmeasured   {} of {} labelled ones found; {} of {} others with as many equal outputs wrongly held for one",
            grouped(rate.found),
            grouped(rate.of),
            grouped(rate.wrong),
            grouped(rate.wrong_of)
        );
    }
    out
}

pub(crate) fn labels(l: &LabelsView) -> String {
    let rows = l.labels.iter().map(|v| {
        vec![
            v.id.clone(),
            safe(&v.subject),
            v.chain.unwrap_or("-").into(),
            v.category.to_string(),
            basis_words(v),
            safe(&v.label),
            standing(v),
        ]
    });
    let table = plain_table(&["id", "subject", "chain", "category", "basis", "label", ""], rows.collect());
    let next = l.offset + l.labels.len() as u64;
    let more = if l.truncated { format!(", next page: --offset {next}") } else { String::new() };
    format!("{table}\n{} of {}{more}", grouped(l.labels.len() as u64), grouped(l.total))
}

/// The basis of a label, and that it is an allegation where it is one.
pub(crate) fn basis_words(v: &LabelView) -> String {
    if v.alleged { format!("{}, alleged", v.basis) } else { v.basis.to_string() }
}

/// What was decided about a label, or why it is kept aside.
pub(crate) fn standing(v: &LabelView) -> String {
    let mut words = Vec::new();
    words.extend(v.quarantine.as_ref().map(|q| format!("quarantined: {q}")));
    words.extend(v.retracted.as_ref().map(|why| format!("retracted: {}", safe(why))));
    words.extend(v.disputed.as_ref().map(|why| format!("disputed: {}", safe(why))));
    words.extend(v.corrected.iter().map(|why| format!("corrected: {}", safe(why))));
    words.join("; ")
}

pub(crate) fn taxonomy(categories: &[CategoryView]) -> String {
    let rows = categories.iter().map(|c| {
        let concepts = c.concepts.iter().filter(|(_, names)| !names.is_empty());
        let concepts: Vec<String> = concepts.map(|(scheme, names)| format!("{scheme}: {}", names.join(" "))).collect();
        let of = |words: &std::collections::BTreeMap<&str, &'static str>, language| words.get(language).copied();
        let arabic = of(&c.name, "ar").unwrap_or_default().to_owned();
        let meaning = of(&c.definition, "en").unwrap_or_default().to_owned();
        vec![c.category.to_string(), arabic, c.proven.to_string(), c.claimed.to_string(), meaning, concepts.join("; ")]
    });
    plain_table(&["category", "Arabic", "proven", "claimed", "meaning", "concepts"], rows.collect())
}

pub(crate) fn label_conflicts(c: &LabelConflictsView) -> String {
    let mut out = String::new();
    for conflict in &c.conflicts {
        let _ = writeln!(out, "{} ({}): {}", safe(&conflict.subject), conflict.chain.unwrap_or("-"), conflict.kind);
        for v in &conflict.labels {
            let source = v.source.as_deref().unwrap_or(&v.pack);
            let standing = Some(standing(v)).filter(|s| !s.is_empty()).map(|s| format!(" [{s}]")).unwrap_or_default();
            let _ = writeln!(
                out,
                "  {} {} \"{}\", {}: {}{standing}",
                v.id,
                v.category,
                safe(&v.label),
                basis_words(v),
                safe(source)
            );
        }
    }
    let next = c.offset + c.conflicts.len() as u64;
    let more = if c.truncated { format!(", next page: --offset {next}") } else { String::new() };
    format!("{out}{} of {}{more}", grouped(c.conflicts.len() as u64), grouped(c.total))
}

pub(crate) fn screen(v: &ScreenView) -> String {
    let mut out = format!("{}\n", safe(&v.input));
    let status = status_words(v.status);
    let chain = v.chain.as_deref().unwrap_or("");
    let _ = writeln!(out, "  what      {chain} {}, {status}", v.kind);
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
    out.push_str(&super::accounts::seen_also_on(&v.seen_also_on));
    if let Some(deposit) = &v.deposit_at {
        out.push_str(&super::accounts::deposit_lines(deposit));
    }
    if let Some(covered) = &v.covered {
        let _ = writeln!(out, "  covers    {}", super::covered(covered));
    }
    if let Some(at) = &v.account_at {
        out.push_str(&account(at));
    }
    let _ = writeln!(out, "  risk      {}", risk(v.risk));
    for statement in &v.statements {
        out.push_str(&self::statement(statement));
    }
    v.listed.iter().for_each(|listed| out.push_str(&listed_line(listed)));
    for note in &v.notes {
        let _ = writeln!(out, "  note      {}", safe(&note.en));
    }
    v.bounds.iter().filter(|b| b.bound != "hops").for_each(|b| out.push_str(&bound(b)));
    if v.snapshot.is_none() {
        out.push_str("  cut short by the time limit: another run may say more\n");
    }
    out
}

pub(super) fn status_words(status: ScreenStatus) -> &'static str {
    match status {
        ScreenStatus::Known => "on the chain in this store",
        ScreenStatus::Unseen => "not on the chain in this store",
        ScreenStatus::Invalid => "invalid",
    }
}

/// The service that holds an address for a customer.
pub(super) fn account(account: &AccountView) -> String {
    let service = account.label.as_deref().map_or_else(|| "a large service".into(), |l| format!("\"{}\"", safe(l)));
    let mut out = format!(
        "  account   a deposit address at {service}, entity {} ({} addresses): a customer's account, not the service\n",
        account.entity,
        grouped(u64::from(account.size))
    );
    if let Some(sweep) = account.sweeps.first() {
        let _ = writeln!(out, "            swept in {sweep}");
    }
    out
}

/// An entry of an official list.
pub(super) fn listed_line(listed: &ListedIdentifier) -> String {
    let found = &listed.found;
    format!(
        "  listed    {} {}: {} ({}, {}), {} {}\n",
        safe(&found.list),
        safe(&found.id),
        found.name.as_deref().map(safe).unwrap_or_default(),
        listed.category,
        listed.basis,
        safe(&found.kind),
        safe(&found.value)
    )
}

/// A bound that was hit.
pub(super) fn bound(b: &BoundedView) -> String {
    let what = match (b.amount_sat, b.outputs) {
        (0, 0) => "more outputs".into(),
        (0, outputs) => format!("{} more", grouped(outputs)),
        (sat, _) => btc(sat),
    };
    format!("  bound     {} hit: {what} not followed\n", b.bound)
}

/// A level in words that keep "nothing known" apart from "no risk".
pub(crate) fn risk(level: Level) -> &'static str {
    match level {
        Level::Unknown => "UNKNOWN: nothing is known, which does not mean that it is clean",
        Level::None => "NONE: what is known carries no risk",
        Level::Low => "LOW",
        Level::Medium => "MEDIUM",
        Level::High => "HIGH",
        Level::Severe => "SEVERE",
    }
}

/// One statement with its evidence.
pub(crate) fn statement(s: &Statement) -> String {
    let mut out = headline(s);
    for evidence in s.evidence.iter().take(4) {
        out.push_str(&self::evidence(evidence));
    }
    if s.evidence.len() > 4 || s.evidence_truncated {
        out.push_str("            … more evidence with --json\n");
    }
    out
}

/// One statement without its evidence.
pub(crate) fn headline(s: &Statement) -> String {
    let level = s.level.name().to_uppercase();
    let mut out = format!("  [{level:^7}] {}: {} \"{}\"", s.relation, s.category, safe(&s.label));
    let _ = write!(out, " by {}", s.basis);
    if s.basis.is_allegation() && s.category.is_risk() {
        out.push_str(" (an allegation)");
    }
    if s.evidence.iter().any(|e| matches!(e, Evidence::Label { disputed: Some(_), .. })) {
        out.push_str(" (disputed)");
    }
    if let (Some(direction), Some(sat), Some(hops)) = (s.direction, s.amount_sat, s.hops_min) {
        let way = if direction == Direction::Received { "received from" } else { "sent to" };
        let share = s.share.map(|p| {
            format!(", {} of all {}", percent(p), if direction == Direction::Received { "received" } else { "sent" })
        });
        let hops = if hops == 1 { "directly".into() } else { format!("within {hops} hops") };
        let money = money_of_sum(sat, s.usd, s.unpriced_sat.unwrap_or(0));
        let _ = write!(out, "\n            {way} {} {hops}: {money}{}", s.entity, share.unwrap_or_default());
    }
    if let (Some(direction), false, Some(hops)) = (s.direction, s.amounts.is_empty(), s.hops_min) {
        let way = if direction == Direction::Received { "received from" } else { "sent to" };
        let hops = if hops == 1 { "directly".into() } else { format!("within {hops} hops") };
        let share = s.share.map(|p| {
            format!(", {} of all {}", percent(p), if direction == Direction::Received { "received" } else { "sent" })
        });
        let amounts: Vec<String> = s.amounts.iter().map(super::amount).collect();
        let _ =
            write!(out, "\n            {way} {} {hops}: {}{}", s.entity, amounts.join(", "), share.unwrap_or_default());
    }
    out.push('\n');
    out
}

fn evidence(e: &Evidence) -> String {
    match e {
        Evidence::Label { subject, source, pack, line, id, disputed, .. } => {
            let source = source.as_deref().map(|s| format!(", {}", safe(s))).unwrap_or_default();
            let disputed =
                disputed.as_deref().map(|s| format!("\n            disputed: {}", safe(s))).unwrap_or_default();
            format!("            label {id} on {}: {} line {line}{source}{disputed}\n", safe(subject), safe(pack))
        }
        Evidence::Merge { txid, height, heuristic, joins } => {
            format!("            tied by {heuristic} in {txid} (block {height}): {} + {}\n", joins[0], joins[1])
        }
        Evidence::Path { amount_sat, steps } => {
            let mut out = format!("            {} through\n", btc(*amount_sat));
            for step in steps {
                out.push_str(&path_step(step));
            }
            out
        }
        Evidence::Transfer { transfer } => {
            let side = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
            let tx = transfer.tx.as_deref().unwrap_or("(of the block itself)");
            format!(
                "            {} {} {tx}\n              {} -> {}\n",
                &transfer.time[..10],
                super::amount(&transfer.amount),
                side(&transfer.from),
                side(&transfer.to)
            )
        }
        Evidence::Issuer { act } => {
            let token = act.token.symbol.as_deref().unwrap_or(&act.token.id);
            format!("            {} by the issuer of {} {} {}\n", act.act, safe(token), &act.time[..10], act.tx)
        }
        Evidence::Cut { bound } => format!("            (longer than listed: {bound})\n"),
    }
}

fn path_step(s: &PathStep) -> String {
    let none = "(no address)";
    let (from, to) = (s.from.as_deref().unwrap_or(none), s.to.as_deref().unwrap_or(none));
    format!("              {} {}:{}\n                {from} -> {to}\n", &s.time[..10], s.txid, s.vout)
}
