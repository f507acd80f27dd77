//! The desk's lists.

use super::words::{grouped, plain_table, safe};
use athar_desk::webhook::{Delivered, Delivery, Endpoint};
use athar_desk::{Cause, Change, Counts, Page, Rescreened, Screening, Subject, Way};
use athar_engine::Day;

fn time(seconds: i64) -> String {
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let day = i32::try_from(day).map_or_else(|_| day.to_string(), |day| Day(day).to_string());
    format!("{day} {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

fn with_next<T>(page: &Page<T>, text: String, nothing: &str) -> String {
    match page.next {
        _ if page.rows.is_empty() => nothing.into(),
        Some(next) => format!("{text}\nmore: --after {next}"),
        None => text,
    }
}

fn cause(cause: &Cause) -> String {
    match cause {
        Cause::Registered => "registered".into(),
        Cause::Asked => "asked for".into(),
        Cause::Labels { text } => format!("labels of {}", safe(text)),
        Cause::Blocks { from, to } if *to == from + 1 => format!("block {to}"),
        Cause::Blocks { from, to } => format!("blocks {} to {to}", from + 1),
        Cause::Lists => "official lists".into(),
        Cause::Policy { .. } => "risk policy".into(),
        Cause::Everything { why } => safe(why),
        Cause::Overtaken => "overtaken by changes".into(),
    }
}

pub(crate) fn counts(c: &Counts, damage: &[String]) -> String {
    let mut text = format!(
        "{} subjects, {} waiting for a screening, {} whose answers depend on everything\n{} screenings, {} changes\n\
         {} deliveries wait, {} were given up",
        grouped(c.subjects),
        grouped(c.queued),
        grouped(c.everything),
        grouped(c.screenings),
        grouped(c.changes),
        grouped(c.waiting),
        grouped(c.dead)
    );
    for line in damage {
        text.push_str("\ndamaged: ");
        text.push_str(&safe(line));
    }
    text
}

pub(crate) fn subjects(page: &Page<Subject>) -> String {
    let rows = page.rows.iter().map(|s| {
        let state = s.state.and_then(|state| serde_json::to_value(state).ok()?.as_str().map(str::to_owned));
        vec![
            s.id.to_string(),
            s.kind.name().to_string(),
            safe(&s.target),
            s.direction.map_or("", Way::name).to_string(),
            state.unwrap_or_else(|| "waiting".into()),
            s.level.as_deref().map_or_else(String::new, safe),
            s.reference.as_deref().map_or_else(String::new, safe),
        ]
    });
    let table = plain_table(&["id", "kind", "target", "way", "state", "level", "reference"], rows.collect());
    with_next(page, table, "nothing is watched")
}

pub(crate) fn screenings(page: &Page<Screening>) -> String {
    let rows = page.rows.iter().map(|s| {
        let score = s.score.map_or_else(String::new, |score| score.to_string());
        let snapshot: String = s.snapshot.chars().take(16).collect();
        vec![
            s.id.to_string(),
            s.subject.to_string(),
            time(s.taken_at),
            safe(&s.level),
            score,
            cause(&s.cause),
            safe(&snapshot),
        ]
    });
    let table = plain_table(&["id", "subject", "taken", "level", "score", "cause", "snapshot"], rows.collect());
    with_next(page, table, "no screenings")
}

pub(crate) fn changes(page: &Page<Change>) -> String {
    let rows = page.rows.iter().map(|c| {
        vec![
            c.id.to_string(),
            c.subject.to_string(),
            time(c.at),
            safe(&c.level_before),
            safe(&c.level_after),
            cause(&c.cause),
        ]
    });
    let table = plain_table(&["id", "subject", "at", "before", "after", "cause"], rows.collect());
    with_next(page, table, "no changes")
}

pub(crate) fn endpoints(endpoints: &[Endpoint]) -> String {
    let rows = endpoints.iter().map(|e| {
        let events = if e.events.is_empty() { "all".to_string() } else { e.events.join(" ") };
        vec![
            e.id.to_string(),
            safe(&e.url),
            events,
            if e.enabled { "yes" } else { "no" }.to_string(),
            if e.allow_internal { "allowed" } else { "refused" }.to_string(),
            grouped(e.waiting),
            grouped(e.dead),
        ]
    });
    if endpoints.is_empty() {
        return "nobody is told: `athar desk webhooks add URL` adds a server".into();
    }
    plain_table(&["id", "url", "events", "enabled", "internal", "waiting", "dead"], rows.collect())
}

pub(crate) fn deliveries(page: &Page<Delivery>) -> String {
    let rows = page.rows.iter().map(|d| {
        vec![
            d.id.to_string(),
            d.endpoint.to_string(),
            d.event.clone(),
            d.kind.clone(),
            d.attempts.to_string(),
            if d.state == "waiting" { time(d.due_at) } else { String::new() },
            d.error.as_deref().map_or_else(String::new, safe),
        ]
    });
    let table = plain_table(&["id", "endpoint", "event", "type", "attempts", "due", "error"], rows.collect());
    with_next(page, table, "none")
}

pub(crate) fn rescreened(r: &Rescreened, d: &Delivered) -> String {
    let mut text = String::new();
    if let Some(why) = &r.everything {
        text.push_str(&format!("everybody is screened again: {}\n", cause(why)));
    }
    text.push_str(&format!(
        "{} touched, {} spared, {} screened, {} answers changed",
        grouped(r.affected),
        grouped(r.spared),
        grouped(r.screened),
        grouped(r.changed)
    ));
    if r.failed > 0 {
        text.push_str(&format!(", {} failed and wait", grouped(r.failed)));
    }
    text.push_str(&format!(
        "\nwebhooks: {} delivered, {} failed and wait, {} given up",
        grouped(d.delivered),
        grouped(d.failed),
        grouped(d.dead)
    ));
    text
}
