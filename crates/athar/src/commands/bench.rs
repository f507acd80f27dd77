//! `athar bench`.

use crate::Outcome;
use crate::args::{Bench, BenchEntities};
use crate::printer::Printer;
use anyhow::{Context, ensure};
use athar_engine::{Clustering, Selection};
use athar_measure::{Worlds, measure, table};
use std::{fs, path::Path};

pub(crate) fn run(words: &Bench, printer: &Printer) -> anyhow::Result<Outcome> {
    let Bench::Entities(words) = words;
    entities(words, printer)
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
