//! `athar totals`: of the chain that was named, or of every chain in the store.

use crate::Outcome;
use crate::args::Totals;
use crate::printer::Printer;
use crate::show;
use anyhow::Context;
use athar_engine::read::{TotalsOptions, TotalsView, totals};
use athar_engine::{Engine, Options, guarded};
use std::io::Write;
use std::path::Path;

pub(crate) fn run(store: &Path, open: &Options, words: &Totals, printer: &Printer) -> anyhow::Result<Outcome> {
    let mut categories = words.category.clone();
    categories.sort_unstable();
    categories.dedup();
    let options = TotalsOptions { categories, by: words.by };
    let open = Options { labels_as_of: words.moment.as_of(), ..open.clone() };
    let chains = match open.chain {
        Some(chain) => vec![Some(chain)],
        None => {
            let held = Engine::chains_held(store)?;
            if held.is_empty() { vec![None] } else { held.into_iter().map(Some).collect() }
        }
    };
    let bar = printer.bar(chains.len() as u64, "totals", "{prefix:>9} {wide_bar} {human_pos}/{human_len} chains");
    let mut parts = Vec::with_capacity(chains.len());
    for chain in chains {
        let engine = super::open_engine(store, &Options { chain, ..open.clone() }, printer)?;
        parts.push(engine.totals_part(&options)?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let view = totals(&options, &parts);
    match &words.csv {
        None => printer.view(&view, |view| show::totals(view, words.lang))?,
        Some(file) => {
            let table = table(&view)?;
            if file.as_os_str() == "-" {
                printer.data(&String::from_utf8(table)?)?;
            } else {
                let mut out =
                    std::fs::File::create(file).with_context(|| format!("cannot write {}", file.display()))?;
                out.write_all(&table).with_context(|| format!("cannot write {}", file.display()))?;
            }
        }
    }
    Ok(if view.labelled.units == 0 { Outcome::Nothing } else { Outcome::Done })
}

/// The figures as a table whose cells no spreadsheet runs.
fn table(view: &TotalsView) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(TotalsView::COLUMNS)?;
    for record in view.records() {
        writer.write_record(record.iter().map(|cell| guarded(cell).replace(char::is_control, " ")))?;
    }
    Ok(writer.into_inner()?)
}
