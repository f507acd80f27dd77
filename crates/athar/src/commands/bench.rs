//! `athar bench`.

use crate::Outcome;
use crate::args::{Bench, BenchEntities, BenchNames};
use crate::printer::Printer;
use anyhow::{Context, ensure};
use athar_engine::{Clustering, Options, Selection};
use athar_measure::names::{Sets, learn, measure_names, name_speed, names_text, speed_text};
use athar_measure::{Worlds, measure, table};
use std::{fs, path::Path};

pub(crate) fn run(store: &Path, open: &Options, words: &Bench, printer: &Printer) -> anyhow::Result<Outcome> {
    match words {
        Bench::Entities(words) => entities(words, printer),
        Bench::Names(words) => names(words, printer),
        Bench::Screen(words) => super::bench_screen::run(store, open, words, printer),
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
        // before an hour of work, not after it
        for path in [table::DATA, table::PAGE] {
            ensure!(Path::new(path).exists(), "{path}: not found; --write works in the project's own folder");
        }
    }
    let same_key = Clustering::of("co-spend,same-key".parse::<Selection>()?);
    let clusterings = vec![Clustering::strict(), same_key, Clustering::extended()];
    let worlds = Worlds { seeds: words.seeds.clone(), txs: words.txs, clusterings };
    let rates = measure(&worlds, &mut |seed| printer.note(&format!("world {seed}")))?;
    if words.write {
        let mut json = serde_json::to_string_pretty(&rates)?;
        json.push('\n');
        fs::write(table::DATA, json).with_context(|| format!("cannot write {}", table::DATA))?;
        fs::write(table::PAGE, table::page(&rates)).with_context(|| format!("cannot write {}", table::PAGE))?;
    }
    printer.view(&rates, table::page)?;
    Ok(Outcome::Done)
}
