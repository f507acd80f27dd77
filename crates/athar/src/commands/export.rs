//! `athar export`.

use crate::Outcome;
use crate::args::{Export, ExportParquet};
use crate::printer::Printer;
use crate::show;
use athar_engine::{Engine, Options};
use athar_export::{Settings, Summary};
use std::path::Path;
use std::sync::OnceLock;

pub(crate) fn run(store: &Path, open: &Options, words: Export, printer: &Printer) -> anyhow::Result<Outcome> {
    let Export::Parquet(words) = words;
    let summary = with_progress(&Engine::open(store, open)?, &words, printer)?;
    printer.view(&summary, show::export)?;
    Ok(Outcome::Done)
}

/// Exports with a bar.
fn with_progress(engine: &Engine, words: &ExportParquet, printer: &Printer) -> anyhow::Result<Summary> {
    let mut settings = Settings::new(engine.chain());
    (settings.from, settings.to, settings.overwrite) = (words.from, words.to, words.overwrite);
    if !words.tables.is_empty() {
        settings.tables.clone_from(&words.tables);
    }
    let bar = OnceLock::new();
    let summary = athar_export::export(engine, &words.out, &settings, &|p| {
        let bar = bar.get_or_init(|| {
            let template = "{prefix:>9} {wide_bar} {human_pos}/{human_len} rows  {per_sec}  {eta}";
            let bar = printer.bar(p.total, "export", template);
            // what an earlier run finished says nothing about the speed of this one
            bar.set_position(p.rows);
            bar.reset_eta();
            bar
        });
        bar.set_position(p.rows);
    });
    if let Some(bar) = bar.get() {
        bar.finish_and_clear();
    }
    Ok(summary?)
}
