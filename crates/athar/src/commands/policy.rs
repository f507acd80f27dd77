//! `athar policy`.

use super::screen::read_targets;
use crate::Outcome;
use crate::args::{PolicyTest, PolicyWords};
use crate::commands::today;
use crate::printer::Printer;
use crate::show;
use anyhow::Context;
use athar_engine::Options;
use athar_engine::policy::{Policy, diff, shipped_file};
use athar_engine::read::{BacktestOptions, PolicySet, PolicyView, ScreenOptions, backtest, policies};
use athar_engine::write::{PolicyChange, change_policy};
use signal_hook::{consts::TERM_SIGNALS, flag};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a shell says of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

pub(crate) fn run(store: &Path, open: &Options, words: PolicyWords, printer: &Printer) -> anyhow::Result<Outcome> {
    match words {
        PolicyWords::List => printer.view(&policies(store)?, show::policies)?,
        PolicyWords::Show { policy, file: true, .. } => {
            let text = shipped_file(&policy)
                .with_context(|| format!("`{policy}` does not come with the program: its file is your own"))?;
            printer.data(text)?;
        }
        PolicyWords::Show { policy, lang, .. } => {
            printer.view(&PolicyView::find(store, &policy)?, |view| show::policy(view, &lang))?;
        }
        PolicyWords::Check { file } => {
            let view = PolicyView::of(Policy::read(&file)?);
            printer.view(&view, |view| format!("{}: sound\n{}", file.display(), show::policy_head(view, "en")))?;
        }
        PolicyWords::Add { policy } => {
            let path = Path::new(&policy);
            let change = if path.is_file() { PolicyChange::Add(path) } else { PolicyChange::TakeUp(&policy) };
            changed(store, change, printer)?;
        }
        PolicyWords::Activate { name } => changed(store, PolicyChange::Activate(&name), printer)?,
        PolicyWords::Retire { name } => changed(store, PolicyChange::Retire(&name), printer)?,
        PolicyWords::Diff { a, b } => {
            let view = diff(&PolicySet::one(store, &a)?, &PolicySet::one(store, &b)?);
            printer.view(&view, show::policy_diff)?;
            return Ok(if view.is_empty() { Outcome::Nothing } else { Outcome::Done });
        }
        PolicyWords::Test(words) => return test(store, open, &words, printer),
    }
    Ok(Outcome::Done)
}

fn changed(store: &Path, change: PolicyChange<'_>, printer: &Printer) -> anyhow::Result<()> {
    printer.view(&change_policy(store, change, today())?, show::policy_stored)
}

fn test(store: &Path, open: &Options, words: &PolicyTest, printer: &Printer) -> anyhow::Result<Outcome> {
    let policy = PolicySet::one(store, &words.policy)?;
    let against = PolicySet::one(store, &words.against)?;
    let targets = match &words.addresses {
        Some(file) => {
            let mut targets = Vec::new();
            read_targets(file, &mut targets)?;
            Some(targets)
        }
        None => None,
    };
    // says what the entities are as of, and sets the coin that amounts are shown in
    drop(super::open_engine(store, open, printer)?);
    let stop = Arc::new(AtomicBool::new(false));
    for signal in TERM_SIGNALS {
        // the order counts: the first signal only sets the flag, a second one finds it set and ends the program
        flag::register_conditional_shutdown(*signal, INTERRUPTED, Arc::clone(&stop)).context("cannot take signals")?;
        flag::register(*signal, Arc::clone(&stop)).context("cannot take signals")?;
    }
    let options = BacktestOptions {
        screen: ScreenOptions { hops_max: words.hops, ..ScreenOptions::default() },
        targets,
        sample: words.sample,
        days: words.days.clone(),
    };
    let bar = printer.bar(0, "test", "{prefix:>9} {wide_bar} {human_pos}/{human_len}  {eta}");
    let view = backtest(store, open, &policy, &against, &options, &|done, all| {
        bar.set_length(all);
        bar.set_position(done);
        !stop.load(Ordering::Relaxed)
    })?;
    bar.finish_and_clear();
    printer.view(&view, show::backtest)?;
    Ok(if view.is_cancelled { Outcome::Partly } else { Outcome::Done })
}
