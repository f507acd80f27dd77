//! `athar patterns`.

use crate::Outcome;
use crate::args::{Events, Patterns, Tongue};
use crate::commands::open_engine;
use crate::printer::Printer;
use crate::show;
use anyhow::{Context, bail};
use athar_engine::Options;
use athar_engine::read::{PatternsOptions, PatternsRunView, Rules, pattern_file, patterns};
use athar_engine::write::{import_events, import_rates};
use std::path::Path;

pub(crate) fn run(store: &Path, open: &Options, words: &Patterns, printer: &Printer) -> anyhow::Result<Outcome> {
    match words {
        Patterns::List { rules, lang } => {
            let view = patterns(&Rules::open(rules.as_deref())?)?;
            printer.view(&view, |view| show::patterns(view, *lang))?;
        }
        Patterns::Show { id, file: true, rules, .. } => {
            if rules.is_some() {
                bail!("the files of --rules are your own: read them there");
            }
            let text = pattern_file(id).with_context(|| format!("no rule has the id {id}; `athar patterns list`"))?;
            printer.data(text)?;
        }
        Patterns::Show { id, rules, lang, .. } => {
            let mut view = patterns(&Rules::open(rules.as_deref())?)?;
            view.patterns.retain(|pattern| pattern.id == *id);
            let pattern =
                view.patterns.pop().with_context(|| format!("no rule has the id {id}; `athar patterns list`"))?;
            printer.view(&pattern, |pattern| show::pattern(pattern, *lang))?;
        }
        Patterns::Check { rules } => {
            let view = patterns(&Rules::open(Some(rules))?)?;
            printer.view(&view, |view| format!("{}: {} sound rules\n", rules.display(), view.patterns.len()))?;
        }
        Patterns::Events(Events::Import { file }) => {
            let report = import_events(store, file)?;
            printer.view(&report, |r| format!("{} events in use, {} before\n", r.events, r.before))?;
        }
        Patterns::Rates(Events::Import { file }) => {
            let report = import_rates(store, file)?;
            printer.view(&report, |r| format!("{} rates in use\n", r.rates))?;
        }
        Patterns::Run { only, rules, min_severity, since, as_measured, keep, lang } => {
            let rules = Rules::open(rules.as_deref())?;
            let options = PatternsOptions { only: only.clone(), since_height: *since, as_measured: *as_measured };
            let engine = open_engine(store, open, printer)?;
            let mut view =
                if *keep { engine.patterns_keep(&rules, &options)? } else { engine.patterns_run(&rules, &options)? };
            let all = view.hits.len();
            view.hits.retain(|hit| hit.severity >= *min_severity);
            let left_out = all - view.hits.len();
            if left_out > 0 {
                printer.note(&format!("{left_out} hits of a lower severity are left out (--min-severity)"));
            }
            return hits(&view, *lang, printer);
        }
    }
    Ok(Outcome::Done)
}

/// Prints hits: with `--json` an object a line, else a paragraph each and how many there are by pattern.
fn hits(view: &PatternsRunView, lang: Tongue, printer: &Printer) -> anyhow::Result<Outcome> {
    let mut text = String::new();
    for hit in &view.hits {
        if printer.is_json() {
            text.push_str(&serde_json::to_string(hit)?);
            text.push('\n');
        } else {
            text.push_str(&show::pattern_hit(hit, lang));
        }
    }
    if !printer.is_json() {
        text.push_str(&show::patterns_run(view, lang));
    }
    printer.data(&text)?;
    if view.cut_parties > 0 {
        printer
            .note(&format!("of {} entities only the oldest movements were read: they have too many", view.cut_parties));
    }
    Ok(if view.hits.is_empty() { Outcome::Nothing } else { Outcome::Done })
}
