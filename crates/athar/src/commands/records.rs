//! `athar records`: importing, reading, joining and deleting what is known beside the chain.

use crate::Outcome;
use crate::args::{DeleteRecords, ImportRecords, LinkRecords, ListRecords, NoteWords, Records, RetainRecords};
use crate::commands::{open_engine, today};
use crate::printer::Printer;
use crate::show::records as show;
use anyhow::Context;
use athar_engine::read::{self, open_records};
use athar_engine::records::{self, By, Field, FlowQuery, Map, NewNote, Order, Query, Subject};
use athar_engine::write::{forget_hits_on_records, import_records};
use athar_engine::{Day, Engine, Options};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

const DAY_S: i64 = 86_400;

pub(crate) fn run(store: &Path, open: &Options, words: &Records, printer: &Printer) -> anyhow::Result<Outcome> {
    match words {
        Records::Import(words) => import(store, open, words, printer),
        Records::List(words) => list(store, words, printer),
        Records::Show { record, answered } => {
            let view = read::record(store, *record)?;
            super::read::found(view, &record.to_string(), printer, |view| show::record(view, answered.language))
        }
        Records::Stats { answered } => {
            let view = imported(read::records_status(store)?)?;
            printer.view(&view, |view| show::stats(view, answered.language))?;
            Ok(if view.journal_wrong.is_empty() { Outcome::Done } else { Outcome::Partly })
        }
        Records::Imports { page, answered } => {
            let view = imported(read::records_imports(store, page.after, page.limit)?)?;
            printer.view(&view, |view| show::imports(view, answered.language))?;
            Ok(if view.imports.is_empty() { Outcome::Nothing } else { Outcome::Done })
        }
        Records::Delete(words) => delete(store, words, printer),
        Records::Retain(words) => retain(store, words, printer),
        Records::Link(words) => link(store, open, words, printer),
        Records::Note(words) => note(store, words, printer),
        Records::Notes { subject, answered } => {
            let subject = subject.as_deref().map(Subject::of);
            let view = imported(read::records_notes(store, subject.as_ref())?)?;
            printer.view(&view, |view| show::notes(&view.notes, answered.language))?;
            Ok(if view.notes.is_empty() { Outcome::Nothing } else { Outcome::Done })
        }
        Records::Journal { page, answered } => {
            let view = imported(read::records_journal(store, page.after, page.limit)?)?;
            printer.view(&view, |view| show::journal(view, answered.language))?;
            Ok(Outcome::Done)
        }
    }
}

/// What is asked of the records, or the error that says how to get some.
fn imported<T>(view: Option<T>) -> anyhow::Result<T> {
    view.context("the store has no records yet; `athar records import FILE --kind KIND` brings some")
}

fn opened(store: &Path) -> anyhow::Result<records::Records> {
    imported(open_records(store)?)
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |t| t.as_secs() as i64)
}

/// Whoever runs the program, where no name was given.
fn operator(named: Option<&str>) -> String {
    let user = || std::env::var("USER").ok().filter(|user| !user.is_empty());
    named.map(str::to_owned).or_else(user).unwrap_or_else(|| "unknown".into())
}

fn first_second(day: Day) -> i64 {
    i64::from(day.0) * DAY_S
}

fn import(store: &Path, open: &Options, words: &ImportRecords, printer: &Printer) -> anyhow::Result<Outcome> {
    let mut map = words.map.as_deref().map(Map::from_argument).transpose()?.unwrap_or_default();
    if let Some(chain) = open.chain {
        map.constants.entry(Field::Chain).or_insert_with(|| chain.name().to_owned());
    }
    map.zone = words.zone.clone().or(map.zone);
    for field in &words.keep_plain {
        if !map.keep_plain.contains(field) {
            map.keep_plain.push(*field);
        }
    }
    let name = words.file.display().to_string();
    let order = Order { kind: words.kind, map, retain_days: words.retain, name: &name };
    let who = operator(words.doer.operator.as_deref());
    let by = By { time: now(), operator: &who, reason: "" };
    let receipt = import_records(store, &words.file, &order, by)?;
    printer.view(&receipt, |receipt| show::receipt(receipt, words.answered.language))?;
    Ok(if receipt.rows > 0 && receipt.quarantined == receipt.rows { Outcome::Partly } else { Outcome::Done })
}

fn list(store: &Path, words: &ListRecords, printer: &Printer) -> anyhow::Result<Outcome> {
    let query = Query {
        kind: words.kind,
        import: words.import,
        subject: words.subject.as_deref().map(Subject::of),
        from: words.from.map(first_second),
        to: words.to.map(|day| first_second(day) + DAY_S),
        after: words.page.after,
        limit: words.page.limit,
    };
    let view = imported(read::records(store, &query)?)?;
    printer.view(&view, |view| show::list(view, words.answered.language))?;
    Ok(if !view.unreadable.is_empty() {
        Outcome::Partly
    } else if view.records.is_empty() {
        Outcome::Nothing
    } else {
        Outcome::Done
    })
}

fn delete(folder: &Path, words: &DeleteRecords, printer: &Printer) -> anyhow::Result<Outcome> {
    let store = opened(folder)?;
    let who = operator(words.doer.operator.as_deref());
    let by = By { time: now(), operator: &who, reason: &words.reason };
    if let Some(note) = words.note {
        let was = store.delete_note(note, by)?;
        forget_hits_on_records(folder)?;
        printer.note(if was { "1 note deleted, its key destroyed" } else { "there is no such note" });
        return Ok(if was { Outcome::Done } else { Outcome::Nothing });
    }
    let deleted = match (words.import, &words.subject) {
        (Some(import), _) => store.delete_import(import, by)?,
        (None, Some(subject)) => store.delete_subject(&Subject::of(subject), by)?,
        (None, None) => store.delete(&words.record, by)?,
    };
    // a subject may have had notes alone
    forget_hits_on_records(folder)?;
    printer.note(&format!("{deleted} records deleted, their keys destroyed"));
    Ok(if deleted == 0 && words.import.is_none() { Outcome::Nothing } else { Outcome::Done })
}

fn retain(folder: &Path, words: &RetainRecords, printer: &Printer) -> anyhow::Result<Outcome> {
    let store = opened(folder)?;
    let who = operator(words.doer.operator.as_deref());
    let by = By { time: now(), operator: &who, reason: "" };
    if let Some(kind) = words.kind.filter(|_| words.days.is_some() || words.no_limit) {
        store.set_retention(kind, words.days, by)?;
        printer.note(&match words.days {
            Some(days) => format!("records of the kind {kind} are kept {days} days after their import"),
            None => format!("records of the kind {kind} are kept until they are deleted"),
        });
    }
    let deleted = match words.before {
        Some(before) => store.delete_before(words.kind, first_second(before), by)?,
        None => store.retain(by)?,
    };
    if deleted > 0 {
        forget_hits_on_records(folder)?;
    }
    printer.note(&format!("{deleted} records deleted, their keys destroyed"));
    Ok(Outcome::Done)
}

fn link(store: &Path, open: &Options, words: &LinkRecords, printer: &Printer) -> anyhow::Result<Outcome> {
    let query = FlowQuery {
        from: words.from.map(first_second),
        to: words.to.map(|day| first_second(day) + DAY_S),
        redemptions_min: words.redemptions_min,
        by_address: words.by_address,
    };
    // records need no chain; one of outputs is joined with
    let held = Engine::chains_held(store).unwrap_or_default();
    let engine = if held.is_empty() { None } else { Some(open_engine(store, open, printer)?) };
    let engine = engine.filter(|engine| !engine.is_account_chain());
    let view = imported(read::records_linked(store, &query, engine.as_ref())?)?;
    printer.view(&view, |view| show::linked(view, words.answered.language))?;
    Ok(if view.beneficiaries.is_empty() { Outcome::Nothing } else { Outcome::Done })
}

fn note(store: &Path, words: &NoteWords, printer: &Printer) -> anyhow::Result<Outcome> {
    let store = opened(store)?;
    let who = operator(words.doer.operator.as_deref());
    let by = By { time: now(), operator: &who, reason: "" };
    let new = NewNote {
        subject: Subject::of(&words.subject),
        text: &words.text,
        source: &words.source,
        time: first_second(words.time.unwrap_or_else(today)),
    };
    let note = store.humanitarian_context(&new, by)?;
    printer.view(&note, |note| show::notes(std::slice::from_ref(note), words.answered.language))?;
    Ok(Outcome::Done)
}
