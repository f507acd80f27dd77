//! `athar names`.

use crate::Outcome;
use crate::args::{Names, NamesCompare, NamesScreen};
use crate::commands::today;
use crate::printer::Printer;
use crate::show;
use athar_engine::lists::ReadOptions;
use athar_engine::names::{
    Batch, BatchFormat, BatchSummary, Customers, Facts, NamePairs, NameScreener, Query, Wanted, compare,
};
use athar_engine::write::import_lists;
use serde::Serialize;
use std::io::{self, BufWriter, Write};
use std::path::Path;

pub(crate) fn run(store: &Path, words: Names, printer: &Printer) -> anyhow::Result<Outcome> {
    match words {
        Names::Import { files, list, encoding } => {
            let options = ReadOptions { list, encoding, ..ReadOptions::default() };
            let import = import_lists(store, &files, &options, today())?;
            printer.view(&import.lists.imports, |imports| {
                imports.iter().map(show::list_import).collect::<Vec<_>>().join("\n")
            })?;
            import.lists.refused.iter().for_each(|refused| printer.warn(&refused.to_string()));
            Ok(if import.lists.refused.is_empty() { Outcome::Done } else { Outcome::Partly })
        }
        Names::Screen(words) => screen(store, &words, printer),
        Names::Compare(words) => compare_names(&words, printer),
    }
}

fn screen(store: &Path, words: &NamesScreen, printer: &Printer) -> anyhow::Result<Outcome> {
    let wanted = Wanted { threshold: words.threshold, top: words.top as usize };
    if let Some(born) = words.born.as_deref().filter(|born| Facts::years(born).is_none()) {
        anyhow::bail!("--born {born}: no year in it");
    }
    // the file is read before the lists: a wrong one is told at once
    let customers = match &words.file {
        Some(file) => Some(Customers::read(file, words.encoding.as_deref())?),
        None => None,
    };
    let screener = NameScreener::open(store, &words.list)?;
    let Some(customers) = customers else {
        let query = Query {
            name: words.name.clone().unwrap_or_default(),
            facts: Facts {
                born: words.born.as_deref().and_then(Facts::years).into_iter().collect(),
                countries: words.country.iter().cloned().collect(),
                identifiers: words.id.iter().cloned().collect(),
            },
        };
        let view = screener.view(&query, &wanted);
        printer.view(&view, show::names)?;
        return Ok(if view.hits.is_empty() { Outcome::Nothing } else { Outcome::Done });
    };
    if customers.encoding != "UTF-8" {
        printer.note(&format!("{} is read as {}", customers.path.display(), customers.encoding));
    }
    let format = if printer.is_json() { BatchFormat::JsonLines } else { BatchFormat::Csv };
    let batch = Batch { screener: &screener, customers: &customers, wanted, format };
    let total = customers.queries.len() as u64;
    let bar = printer.bar(total, "names", "{prefix} {bar:30} {human_pos} of {human_len} ({per_sec}, {eta})");
    let mut progress = |done| bar.set_position(done);
    let summary: BatchSummary = if let Some(out) = &words.out {
        batch.write_file(out, words.overwrite, &mut progress)?
    } else {
        batch.write(&mut BufWriter::new(io::stdout().lock()), &mut progress)?
    };
    bar.finish_and_clear();
    printer.note(&show::names_summary(&summary));
    Ok(if summary.customers > summary.before && summary.with_hits == 0 { Outcome::Nothing } else { Outcome::Done })
}

/// One pair's answer.
#[derive(Serialize)]
struct PairLine<'a> {
    name1: &'a str,
    name2: &'a str,
    #[serde(flatten)]
    comparison: athar_engine::names::Comparison,
}

fn compare_names(words: &NamesCompare, printer: &Printer) -> anyhow::Result<Outcome> {
    let Some(file) = &words.file else {
        let (a, b) = (words.a.as_deref().unwrap_or_default(), words.b.as_deref().unwrap_or_default());
        let comparison = compare(a, b);
        printer.view(&comparison, |c| show::comparison(a, b, c))?;
        return Ok(Outcome::Done);
    };
    let pairs = NamePairs::read(file, words.encoding.as_deref())?;
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    for (a, b) in &pairs.pairs {
        let comparison = compare(a, b);
        if printer.is_json() {
            serde_json::to_writer(&mut out, &PairLine { name1: a, name2: b, comparison })?;
            out.write_all(b"\n")?;
        } else {
            writeln!(out, "{}", show::comparison(a, b, &comparison))?;
        }
    }
    out.flush()?;
    Ok(Outcome::Done)
}
