//! `athar trace`.

use super::open_engine;
use crate::Outcome;
use crate::args::Trace;
use crate::printer::Printer;
use crate::show;
use athar_engine::Options;
use athar_engine::read::TraceOptions;
use std::path::Path;

pub(crate) fn run(store: &Path, open: &Options, words: &Trace, printer: &Printer) -> anyhow::Result<Outcome> {
    let options = TraceOptions {
        backward: words.backward,
        hops_max: words.hops,
        edges_listed_max: words.edges as usize,
        ..TraceOptions::default()
    };
    match open_engine(store, open, printer)?.trace(&words.target, &options)? {
        Some(view) => {
            printer.view(&view, show::trace)?;
            Ok(Outcome::Done)
        }
        None => {
            if printer.is_json() {
                printer.data("null\n")?;
            }
            printer.note(&format!("{}: not on the chain in this store", words.target));
            Ok(Outcome::Nothing)
        }
    }
}
