//! `athar check`: may this withdrawal go out?
//!
//! The store is opened before the clock starts, as a service has it open. The work runs on a thread of its own, so that the
//! answer is there at the end of the time whatever the work is at.

use crate::Outcome;
use crate::args::{Check, CheckQuestionWords};
use crate::printer::Printer;
use crate::show;
use anyhow::Context;
use athar_desk::{DecisionJournal, DecisionsOf, NewDecision};
use athar_engine::policy::{Answer, DecisionTable};
use athar_engine::read::{CheckEnd, CheckFound, CheckMade, CheckQuestion, DecisionView, PolicySet, StoreState};
use athar_engine::{Bilingual, EngineError, Options};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What the thread that looks tells.
enum Told {
    Found(Box<CheckFound>),
    Ended(Result<(), EngineError>),
}

pub(crate) fn run(store: &Path, open: &Options, words: &Check, printer: &Printer) -> anyhow::Result<Outcome> {
    match &words.question {
        Some(question) => about(store, question, printer),
        None => decide(store, open, words, printer),
    }
}

fn decide(store: &Path, open: &Options, words: &Check, printer: &Printer) -> anyhow::Result<Outcome> {
    let address = words.address.clone().context("no address given")?;
    let engine = Arc::new(super::open_engine_for(store, open, &address, printer)?);
    let question = CheckQuestion {
        chain: open.chain.unwrap_or(engine.chain()),
        asset: words.asset.clone(),
        amount: words.amount.clone(),
        units: words.units.clone(),
        from: words.from.clone(),
        address,
    };
    question.check()?;
    let set = Arc::new(PolicySet::find(store, &words.policy)?);
    let table = set.deciding.decision();
    let limit_ms = words.time_limit.unwrap_or(table.time_limit_ms);
    let (began, limit) = (Instant::now(), Duration::from_millis(limit_ms.into()));
    let until = began + limit;
    let now = now_ms();
    let (tell, told) = channel();
    let knowledge = engine.knowledge(now, StoreState::Current, &table.when_behind);
    {
        let (engine, set, question) = (Arc::clone(&engine), Arc::clone(&set), question.clone());
        std::thread::spawn(move || {
            // whoever waited may have gone: then nobody is told
            let ended = engine.check(&question, &set, until, &mut |found| {
                let _ = tell.send(Told::Found(Box::new(found)));
            });
            let _ = tell.send(Told::Ended(ended));
        });
    }
    let mut found = None;
    let end = loop {
        match told.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Told::Found(deeper)) => found = Some(deeper),
            Ok(Told::Ended(Ok(()))) => break CheckEnd::Done,
            Ok(Told::Ended(Err(error))) => {
                printer.warn(&error.to_string());
                break CheckEnd::StoreFailed(Bilingual::new("the store cannot be read", "تعذّرت قراءة قاعدة البيانات"));
            }
            Err(RecvTimeoutError::Timeout) => {
                let en = "the time limit was over before everything was looked at";
                break CheckEnd::Late(Bilingual::new(en, "انتهت المهلة قبل النظر في كل شيء"));
            }
            Err(RecvTimeoutError::Disconnected) => {
                break CheckEnd::Failed(Bilingual::new("looking failed", "تعذّر النظر لسبب داخلي"));
            }
        }
    };
    let mut view = CheckMade {
        question: &question,
        reference: words.reference.as_deref(),
        set: Some(&set),
        knowledge: Some(knowledge),
        found: found.as_deref(),
        end,
        time_limit_ms: limit_ms,
        took: began.elapsed(),
    }
    .decide();
    if !words.no_record {
        keep(store, &mut view, words.customer.clone(), table, printer);
    }
    printer.view(&view, |view| show::decision(view, words.lang))?;
    Ok(if view.decision == Answer::Allow { Outcome::Done } else { Outcome::Reached })
}

/// Keeps a decision. Where that fails the table says what follows.
fn keep(store: &Path, view: &mut DecisionView, customer: Option<String>, table: &DecisionTable, printer: &Printer) {
    let decision = NewDecision::of(view, customer, now_ms());
    match DecisionJournal::open(store).and_then(|journal| journal.append(decision)) {
        Ok(id) => view.kept = Some(id),
        Err(error) => {
            printer.warn(&error.to_string());
            view.not_kept(table, &DecisionView::journal_failed());
        }
    }
}

fn about(store: &Path, question: &CheckQuestionWords, printer: &Printer) -> anyhow::Result<Outcome> {
    if let CheckQuestionWords::Table = question {
        printer.data(DecisionTable::shipped_text())?;
        return Ok(Outcome::Done);
    }
    anyhow::ensure!(DecisionJournal::exists(store), "the store {} has no journal of decisions", store.display());
    let journal = DecisionJournal::open(store)?;
    match question {
        CheckQuestionWords::Kept { address, reference, customer, before, limit } => {
            let of = DecisionsOf {
                address: address.as_deref(),
                reference: reference.as_deref(),
                customer: customer.as_deref(),
            };
            let (rows, is_more) = journal.page(&of, *before, *limit as usize)?;
            printer.view(&rows, |rows| show::decisions_kept(rows))?;
            if let Some(last) = rows.last().filter(|_| is_more) {
                printer.note(&format!("there are more: --before {}", last.id));
            }
            Ok(if rows.is_empty() { Outcome::Nothing } else { Outcome::Done })
        }
        CheckQuestionWords::Verify => {
            let (count, wrong) = journal.verify()?;
            for line in &wrong {
                printer.warn(line);
            }
            printer.view(&serde_json::json!({ "decisions": count, "wrong": wrong }), |_| {
                format!("{count} decisions, {}", if wrong.is_empty() { "all as they were appended" } else { "altered" })
            })?;
            Ok(if wrong.is_empty() { Outcome::Done } else { Outcome::Partly })
        }
        CheckQuestionWords::Table => Ok(Outcome::Done),
    }
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as u64)
}
