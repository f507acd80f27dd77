//! Policies and what they say: the rule tree, differences, back-tests.

use super::evidence::risk;
use super::words::{grouped, plain_table, safe};
use athar_engine::Level;
use athar_engine::policy::{
    Applied, Condition, Effect, Mode, Node, NodeNumber, PolicyDiff, Quantity, Stored, Truth, Verdict,
};
use athar_engine::read::{
    AssessedScreenView, BacktestMoment, BacktestView, BacktestedTarget, PoliciesView, PolicyView,
};
use std::fmt::Write;

/// Digits of a version that are shown.
const VERSION_DIGITS: usize = 12;

pub(crate) fn policies(view: &PoliciesView) -> String {
    let rows = view.policies.iter().map(|line| {
        let title = line.title.as_ref().map(|t| safe(&t.en));
        vec![
            line.stored.mode.name().into(),
            safe(&line.stored.name),
            line.stored.version[..VERSION_DIGITS].into(),
            line.rules.map_or_else(|| "-".into(), |n| n.to_string()),
            line.stored.added_on.map_or_else(|| "-".into(), |day| day.to_string()),
            title.or_else(|| line.defect.as_deref().map(safe)).unwrap_or_default(),
        ]
    });
    plain_table(&["mode", "name", "version", "rules", "added", "title"], rows.collect())
}

pub(crate) fn policy_stored(stored: &Stored) -> String {
    let what = match stored.mode {
        Mode::Active => "decides from now on",
        Mode::Test => "is on test: shown beside the one that decides",
        Mode::Idle | Mode::Asked => "is kept, and no longer evaluated",
    };
    format!("{}@{} {what}", safe(&stored.name), &stored.version[..VERSION_DIGITS])
}

/// What a policy is, without its rules.
pub(crate) fn policy_head(view: &PolicyView, language: &str) -> String {
    let policy = &view.policy;
    let mut out = format!("{}@{}\n", safe(&policy.name), &view.version[..VERSION_DIGITS]);
    let _ = writeln!(out, "  title     {}", safe(policy.title.of(language)));
    if let Some(about) = &policy.about {
        let _ = writeln!(out, "  about     {}", safe(about.of(language)));
    }
    let [levels, scores, weights] = view.effects();
    let rules = [(levels, "level"), (scores, "score"), (weights, "weight")];
    let rules: Vec<String> =
        rules.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} with a {what}")).collect();
    let _ = writeln!(out, "  model     {}; rules: {}", policy.model.name(), rules.join(", "));
    if !policy.levels.is_empty() {
        let levels: Vec<String> = policy.levels.iter().map(|l| format!("{} from {}", l.level, l.score)).collect();
        let _ = writeln!(out, "  levels    {}", levels.join(", "));
    }
    if policy.decision.is_some() {
        let _ = writeln!(out, "  decision  withdrawals by a table of its own");
    }
    let _ = write!(out, "  version   {}", view.version);
    out
}

pub(crate) fn policy(view: &PolicyView, language: &str) -> String {
    let mut out = policy_head(view, language);
    for rule in &view.policy.rules {
        let _ = write!(out, "\n\n{}  {}  {}", rule.id, rule.effect, safe(rule.title.of(language)));
        if let Some(why) = &rule.why {
            let _ = write!(out, "\n  why: {}", safe(why.of(language)));
        }
        if let Some(when) = &rule.when {
            condition(&mut out, when, 1);
        }
        if let Effect::Weight { of, .. } = &rule.effect {
            let _ = write!(out, "\n  share of {}: {}", of.kind(), safe(&of.words()));
        }
    }
    out
}

/// A condition as lines, each below the one it belongs to.
fn condition(out: &mut String, of: &Condition, depth: usize) {
    let asks = of.words();
    let mut words = vec![safe(&asks)].into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>();
    let mut compared = |name: &str, with: &[athar_engine::policy::Comparison]| {
        words.extend(with.iter().map(|c| format!("{name} {c}")));
    };
    match of {
        Condition::Exposure(test) => {
            compared("amount_sat", &test.amount_sat);
            compared("usd", &test.usd);
            compared("share", &test.share);
            compared("entities", &test.entities);
        }
        Condition::Listed(test) => {
            compared("days", &test.days);
            compared("active_after_days", &test.active_after_days);
        }
        Condition::Pattern(test) => compared("count", &test.count),
        Condition::Amount(test) => {
            compared("amount_sat", &test.amount_sat);
            compared("usd", &test.usd);
        }
        Condition::Age(test) => compared("days", &test.days),
        Condition::Subject(test) => compared("entity_size", &test.entity_size),
        Condition::Search(test) => compared("hops", &test.hops),
        Condition::All(_) | Condition::Any(_) | Condition::Not(_) => {}
    }
    let colon = if words.is_empty() { "" } else { ": " };
    let _ = write!(out, "\n{}{}{colon}{}", "  ".repeat(depth), of.kind(), words.join("; "));
    match of {
        Condition::All(inner) | Condition::Any(inner) => inner.iter().for_each(|c| condition(out, c, depth + 1)),
        Condition::Not(inner) => condition(out, inner, depth + 1),
        _ => {}
    }
}

pub(crate) fn assessment(view: &AssessedScreenView) -> String {
    let mut out = super::screen(&view.screen);
    if !out.ends_with('\n') {
        out.push('\n');
    }
    verdict(&mut out, &view.assessment.verdict);
    for beside in &view.assessment.beside {
        verdict(&mut out, beside);
    }
    out
}

fn verdict(out: &mut String, v: &Verdict) {
    let beside = if v.mode == Mode::Test { ", on test: it decides nothing" } else { "" };
    let _ = writeln!(out, "  policy    {}@{}{beside}", safe(&v.policy), &v.version[..VERSION_DIGITS]);
    let level = |level: Option<Level>| level.map_or("no rule applies", risk).to_owned();
    let mut line = level(v.level);
    if let Some(score) = v.score {
        let _ = write!(line, ", score {score}");
    }
    if (v.level_at_most, v.score_at_most) != (v.level, v.score) {
        let score = v.score_at_most.map(|s| format!(", score {s}")).unwrap_or_default();
        let _ = write!(line, " (with what is not known it could be {}{score})", level(v.level_at_most));
    }
    let _ = writeln!(out, "  verdict   {line}");
    for part in &v.weighed {
        let _ = writeln!(
            out,
            "    {} {} {} ({}): share {}, counted {}, times {} = {}",
            word(part.direction),
            part.relation,
            safe(&part.entity),
            part.rule,
            part.share,
            part.counted,
            part.weight,
            part.points
        );
    }
    if v.weighed_truncated {
        let _ = writeln!(out, "    … and more parts than are listed");
    }
    for rule in v.rules.iter().filter(|r| r.outcome != Truth::False) {
        let effect = match &rule.effect {
            Applied::Level(level) => format!("level {level}"),
            Applied::Score(score) => format!("score {score}"),
            Applied::Weight(weight) => format!("weight {weight}"),
        };
        let _ = writeln!(out, "    {} {}  {effect}: {}", sign(rule.outcome), rule.id, safe(&rule.title.en));
        match reason(&rule.tree) {
            Some(why) if rule.outcome == Truth::Unknown && !is_met(&rule.tree) => {
                let _ = writeln!(out, "      not known: {why}");
            }
            _ => node(out, &rule.tree, 3),
        }
    }
    let not = v.rules.iter().filter(|r| r.outcome == Truth::False).map(|r| r.id.as_str()).collect::<Vec<_>>();
    if !not.is_empty() {
        let _ = writeln!(out, "    - do not hold: {}", not.join(", "));
    }
}

/// Why a tree is unknown: the first reason in it.
fn reason(node: &Node) -> Option<&str> {
    node.unknown.as_deref().or_else(|| node.children.iter().find_map(reason))
}

/// Whether anybody was met.
fn is_met(node: &Node) -> bool {
    !node.matched.is_empty() || node.children.iter().any(is_met)
}

fn word(flow: athar_engine::policy::Flow) -> &'static str {
    match flow {
        athar_engine::policy::Flow::Received => "received",
        athar_engine::policy::Flow::Sent => "sent",
    }
}

fn sign(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "+",
        Truth::False => "-",
        Truth::Unknown => "?",
    }
}

fn node(out: &mut String, of: &Node, depth: usize) {
    let asks = if of.asks.is_empty() { String::new() } else { format!(": {}", safe(&of.asks)) };
    let _ = write!(out, "{}{} {}{asks}", "  ".repeat(depth), sign(of.outcome), of.kind);
    let numbers: Vec<String> = of.numbers.iter().map(number).collect();
    if !numbers.is_empty() {
        let _ = write!(out, " [{}]", numbers.join(", "));
    }
    if let Some(unknown) = &of.unknown {
        let _ = write!(out, " (not known: {unknown})");
    }
    out.push('\n');
    for met in &of.matched {
        let entity = safe(&met.entity);
        let _ =
            writeln!(out, "{}  \"{}\" {entity}, label {}", "  ".repeat(depth), safe(&met.label), safe(&met.label_id));
    }
    if of.matched_truncated {
        let _ = writeln!(out, "{}  … and more", "  ".repeat(depth));
    }
    of.children.iter().for_each(|child| node(out, child, depth + 1));
}

/// `usd 12.00 >= 1.00`, `usd at least 3.00 >= 5.00 ?`, `share 0.010000`.
fn number(n: &NodeNumber) -> String {
    let value = match (n.at_least, n.at_most) {
        (Some(low), Some(high)) if low == high => low.to_string(),
        (Some(low), Some(high)) => format!("{low} to {high}"),
        (Some(low), None) => format!("at least {low}"),
        (None, Some(high)) => format!("at most {high}"),
        (None, None) => "not known".into(),
    };
    let compared = n.comparison.zip(n.threshold).map(|(op, t): (_, Quantity)| format!(" {op} {t}")).unwrap_or_default();
    let open = if n.outcome == Some(Truth::Unknown) { " ?" } else { "" };
    format!("{} {value}{compared}{open}", n.name)
}

pub(crate) fn policy_diff(diff: &PolicyDiff) -> String {
    let mut out = format!("{} -> {}\n", diff.old, diff.new);
    let value = |value: &Option<String>| value.as_deref().map_or_else(|| "(not there)".into(), safe);
    for change in &diff.head {
        let _ = writeln!(out, "  {}: {} -> {}", safe(&change.field), value(&change.old), value(&change.new));
    }
    diff.added.iter().for_each(|id| out.push_str(&format!("  + {id}\n")));
    diff.removed.iter().for_each(|id| out.push_str(&format!("  - {id}\n")));
    for rule in &diff.changed {
        let _ = writeln!(out, "  ~ {}", rule.id);
        for change in &rule.changes {
            let _ = writeln!(out, "      {}: {} -> {}", safe(&change.field), value(&change.old), value(&change.new));
        }
        if rule.truncated {
            let _ = writeln!(out, "      … and more");
        }
    }
    let (added, removed, changed) = (diff.added.len(), diff.removed.len(), diff.changed.len());
    if diff.is_empty() {
        out.push_str("they say the same");
    } else {
        let _ = write!(out, "{added} added, {removed} removed, {changed} changed");
    }
    out
}

pub(crate) fn backtest(view: &BacktestView) -> String {
    let of = if view.is_sample { "sampled addresses" } else { "targets" };
    let mut out = format!("{} against {}, {} {of}\n", view.policy, view.against, grouped(view.targets));
    for moment in &view.moments {
        self::moment(&mut out, moment);
    }
    if view.is_cancelled {
        out.push_str("\nended early: what stands above is a part\n");
    }
    out
}

fn moment(out: &mut String, m: &BacktestMoment) {
    let known = m.known_on.map_or_else(|| "as it is known now".into(), |day| format!("as it was known on {day}"));
    let _ = writeln!(out, "\n{known}: {} assessed", grouped(m.assessed));
    let names = ["no_rule", "none", "low", "medium", "high", "severe"];
    let count = |of: &std::collections::BTreeMap<&str, u64>, name| grouped(of.get(name).copied().unwrap_or(0));
    let rows = names.iter().filter(|n| m.levels.contains_key(**n) || m.against_levels.contains_key(**n));
    let rows = rows.map(|n| vec![format!("  {n}"), count(&m.against_levels, n), count(&m.levels, n)]);
    let _ = writeln!(out, "{}", plain_table(&["  level", "against", "policy"], rows.collect()));
    let _ = writeln!(
        out,
        "  changed   {}; left open where it could be higher: {}",
        grouped(m.changed),
        grouped(m.undecided)
    );
    for (change, count) in &m.changes {
        let _ = writeln!(out, "    {change}: {}", grouped(*count));
    }
    for example in &m.examples {
        let _ = writeln!(out, "  {}", safe(&example.target));
        let _ = writeln!(out, "    against {}", short(&example.against));
        let _ = writeln!(out, "    policy  {}", short(&example.verdict));
    }
    if m.examples_truncated {
        let _ = writeln!(out, "  … and {} more", grouped(m.changed - m.examples.len() as u64));
    }
}

fn short(of: &BacktestedTarget) -> String {
    let level = of.level.map_or("no rule", Level::name);
    let score = of.score.map(|s| format!(", score {s}")).unwrap_or_default();
    let rules = if of.rules.is_empty() { String::new() } else { format!(": {}", of.rules.join(", ")) };
    format!("{level}{score}{rules}")
}
