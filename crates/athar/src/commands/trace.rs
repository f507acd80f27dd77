//! `athar trace` and `athar exposure`.

use super::open_engine_for;
use crate::Outcome;
use crate::args::{Exposure, Policies, Trace};
use crate::printer::{Printer, is_closed_pipe};
use crate::show;
use athar_engine::Options;
use athar_engine::read::TraceEvent;
use indicatif::ProgressBar;
use serde::Serialize;
use std::path::Path;
use std::sync::atomic::Ordering;

pub(crate) fn run(store: &Path, open: &Options, words: &Trace, printer: &Printer) -> anyhow::Result<Outcome> {
    if words.stream {
        return streamed(store, open, words, printer);
    }
    let (target, options) = (words.target(), words.options());
    let engine = open_engine_for(store, open, words.targets.first().map_or("", String::as_str), printer)?;
    if engine.is_account_chain() {
        return super::accounts::trace(&engine, words, printer);
    }
    match words.policy {
        Policies::All => {
            shown(engine.trace_compare(&target, &options)?.as_ref(), &target, printer, show::trace_compare)
        }
        Policies::One(_) => shown(engine.trace(&target, &options)?.as_ref(), &target, printer, show::trace),
    }
}

/// Prints a view, or that there is nothing.
pub(super) fn shown<T: Serialize>(
    view: Option<&T>,
    target: &str,
    printer: &Printer,
    show: impl FnOnce(&T) -> String,
) -> anyhow::Result<Outcome> {
    if let Some(view) = view {
        printer.view(view, show)?;
        return Ok(Outcome::Done);
    }
    if printer.is_json() {
        printer.data("null\n")?;
    }
    printer.note(&format!("{target}: not on the chain in this store"));
    Ok(Outcome::Nothing)
}

/// The last line of a stream.
#[derive(Serialize)]
#[serde(tag = "type", rename = "end")]
struct Last<'a> {
    #[serde(flatten)]
    view: &'a athar_engine::read::TraceView,
}

fn streamed(store: &Path, open: &Options, words: &Trace, printer: &Printer) -> anyhow::Result<Outcome> {
    anyhow::ensure!(
        words.policy != Policies::All,
        "a stream is of one policy\nhint: name it with --policy, or leave --stream out to have all side by side"
    );
    let stop = super::follow::stopped_by_signals()?;
    let engine = open_engine_for(store, open, words.targets.first().map_or("", String::as_str), printer)?;
    let bar: ProgressBar = printer.bar(0, "tracing", "{prefix} {msg}, {elapsed}");
    let mut failed = None;
    let found = engine.trace_stream(&words.target(), &words.options(), |event| {
        let done = match &event {
            TraceEvent::Progress { edges, height } => {
                bar.set_message(format!("{} edges, at height {height}", show::grouped(*edges)));
                Ok(())
            }
            TraceEvent::Edge(_) | TraceEvent::Place(_) => line(printer, &event),
        };
        failed = done.err();
        failed.is_none() && !stop.load(Ordering::Relaxed)
    });
    bar.finish_and_clear();
    match failed {
        Some(error) if is_closed_pipe(&error) => return Ok(Outcome::Done),
        Some(error) => return Err(error),
        None => {}
    }
    let Some(view) = found? else {
        printer.note(&format!("{}: not on the chain in this store", words.target()));
        return Ok(Outcome::Nothing);
    };
    line(printer, &Last { view: &view })?;
    Ok(Outcome::Done)
}

fn line(printer: &Printer, value: &impl Serialize) -> anyhow::Result<()> {
    let mut text = serde_json::to_string(value)?;
    text.push('\n');
    printer.data(&text)
}

pub(crate) fn exposure(store: &Path, open: &Options, words: &Exposure, printer: &Printer) -> anyhow::Result<Outcome> {
    let engine = open_engine_for(store, open, &words.target, printer)?;
    let options = words.options();
    if engine.is_account_chain() {
        anyhow::ensure!(words.at.is_none(), "--at is not there yet for chains of accounts");
        let view = engine.account_exposure(&words.target, &options)?;
        return shown(view.as_ref(), &words.target, printer, show::account_exposure);
    }
    match words.at {
        Some(at) => {
            let view = engine.exposure_as_of(&words.target, at, &options)?;
            shown(view.as_ref(), &words.target, printer, show::exposure_as_of)
        }
        None => shown(engine.exposure(&words.target, &options)?.as_ref(), &words.target, printer, show::exposure),
    }
}
