//! `athar bench`.

use crate::Outcome;
use crate::args::{Bench, BenchEntities, BenchNames, BenchServices};
use crate::printer::Printer;
use anyhow::{Context, ensure};
use athar_engine::{Clustering, Options, Selection};
use athar_measure::names::{Sets, learn, measure_names, name_speed, names_text, speed_text};
use athar_measure::services::{ServiceWorlds, measure_services, table as services_table};
use athar_measure::{Worlds, measure, table};
use std::{fs, io::Write, path::Path, path::PathBuf};

pub(crate) fn run(store: &Path, open: &Options, words: &Bench, printer: &Printer) -> anyhow::Result<Outcome> {
    match words {
        Bench::Entities(words) => entities(words, printer),
        Bench::Names(words) => names(words, printer),
        Bench::Patterns(words) => super::bench_patterns::run(words, printer),
        Bench::Screen(words) => super::bench_screen::run(store, open, words, printer),
        Bench::Services(words) => services(words, printer),
    }
}

fn names(words: &BenchNames, printer: &Printer) -> anyhow::Result<Outcome> {
    let sets = Sets::read(&words.list, words.without.as_deref(), &words.table, words.strangers as usize, words.seed)?;
    if let Some(path) = &words.pairs {
        let mut out = csv::Writer::from_path(path).with_context(|| format!("cannot write {}", path.display()))?;
        for pair in sets.pairs(words.seed) {
            out.serialize(pair)?;
        }
        out.flush()?;
    } else if words.frequencies {
        printer.data(&athar_measure::names::frequency_table(&sets.populations))?;
    } else if words.learn {
        printer.data(&learn(&sets))?;
    } else if words.speed {
        printer.view(&name_speed(&sets, 100_000, words.threshold), speed_text)?;
    } else {
        printer.view(&measure_names(&sets, words.threshold, words.failed), names_text)?;
    }
    Ok(Outcome::Done)
}

fn entities(words: &BenchEntities, printer: &Printer) -> anyhow::Result<Outcome> {
    if words.write {
        in_project(&[table::DATA, table::PAGE])?;
    }
    let same_key = Clustering::of("co-spend,same-key".parse::<Selection>()?);
    let clusterings = vec![Clustering::strict(), same_key, Clustering::extended()];
    let worlds = Worlds { seeds: words.seeds.clone(), txs: words.txs, clusterings };
    let rates = measure(&worlds, &mut |seed| printer.note(&format!("world {seed}")))?;
    if words.write {
        keep(table::DATA, &rates, table::PAGE, &table::page(&rates))?;
    }
    printer.view(&rates, table::page)?;
    Ok(Outcome::Done)
}

fn services(words: &BenchServices, printer: &Printer) -> anyhow::Result<Outcome> {
    if words.write {
        in_project(&[services_table::DATA, services_table::PAGE])?;
    }
    let open = |path: &PathBuf| fs::File::create(path).with_context(|| format!("cannot write {}", path.display()));
    let mut out = words.figures.as_ref().map(open).transpose()?.map(std::io::BufWriter::new);
    let mut failed = None;
    let worlds = ServiceWorlds { seeds: words.seeds.clone(), txs: words.txs };
    let rates = measure_services(&worlds, &mut |seed| printer.note(&format!("world {seed}")), &mut |candidate| {
        let Some(out) = &mut out else { return };
        let line = serde_json::to_string(&candidate).map_err(std::io::Error::from);
        if let Err(error) = line.and_then(|line| writeln!(out, "{line}")) {
            failed.get_or_insert(error);
        }
    })?;
    if let (Some(mut out), Some(path)) = (out, &words.figures) {
        let written = failed.map_or_else(|| out.flush(), Err);
        written.with_context(|| format!("cannot write {}", path.display()))?;
    }
    if words.write {
        keep(services_table::DATA, &rates, services_table::PAGE, &services_table::page(&rates))?;
    }
    printer.view(&rates, services_table::page)?;
    Ok(Outcome::Done)
}

/// Before an hour of work, not after it: whether the files to be written are where they belong.
pub(super) fn in_project(paths: &[&str]) -> anyhow::Result<()> {
    for path in paths {
        ensure!(Path::new(path).exists(), "{path}: not found; --write works in the project's own folder");
    }
    Ok(())
}

/// Writes the rates that the program is built with, and the page that shows them.
pub(super) fn keep(data: &str, rates: &impl serde::Serialize, page: &str, text: &str) -> anyhow::Result<()> {
    let mut json = serde_json::to_string_pretty(rates)?;
    json.push('\n');
    fs::write(data, json).with_context(|| format!("cannot write {data}"))?;
    fs::write(page, text).with_context(|| format!("cannot write {page}"))
}
