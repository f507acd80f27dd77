//! `athar prices`.

use crate::Outcome;
use crate::args::Prices;
use crate::commands::today;
use crate::printer::Printer;
use crate::show;
use athar_engine::write::import_prices;
use athar_engine::{Engine, Options, PricesOptions};
use std::path::Path;

pub(crate) fn run(store: &Path, open: &Options, words: Prices, printer: &Printer) -> anyhow::Result<Outcome> {
    match words {
        Prices::Import { files, asset, source } => {
            let reports = import_prices(store, &files, &PricesOptions { asset, source, today: today() })?;
            printer.view(&reports, |reports| reports.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
            Ok(Outcome::Done)
        }
        Prices::List { asset, from, to, page } => {
            let view = Engine::open(store, open)?.prices(asset, from, to, page.offset, page.limit as usize);
            printer.view(&view, show::prices)?;
            Ok(if view.prices.is_empty() { Outcome::Nothing } else { Outcome::Done })
        }
        Prices::Show { day, asset } => {
            let view = Engine::open(store, open)?.price_day(day, asset);
            printer.view(&view, show::price_day)?;
            Ok(if view.price.is_some() { Outcome::Done } else { Outcome::Nothing })
        }
        Prices::Status => {
            printer.view(&Engine::open(store, open)?.prices_status(), show::prices_status)?;
            Ok(Outcome::Done)
        }
    }
}
