//! `athar prices`.

use crate::Outcome;
use crate::args::Prices;
use crate::printer::Printer;
use athar_engine::write::import_prices;
use std::path::Path;

pub(crate) fn run(store: &Path, words: Prices, printer: &Printer) -> anyhow::Result<Outcome> {
    let Prices::Import { file } = words;
    let report = import_prices(store, &file)?;
    printer.view(&report, |r| {
        let range = r.from.zip(r.to).map(|(a, b)| format!(", {a} to {b}")).unwrap_or_default();
        format!("{} days of prices from {}{range}; {} replaced", r.days, r.file.display(), r.replaced)
    })?;
    Ok(Outcome::Done)
}
