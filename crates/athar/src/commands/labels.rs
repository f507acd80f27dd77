//! `athar labels`.

use crate::Outcome;
use crate::args::Labels;
use crate::commands::{open_engine, today};
use crate::printer::Printer;
use crate::show;
use athar_engine::Options;
use athar_engine::write::import_labels;
use std::path::Path;

pub(crate) fn run(store: &Path, open: &Options, words: Labels, printer: &Printer) -> anyhow::Result<Outcome> {
    match words {
        Labels::Import { files, license } => {
            let import = import_labels(store, &files, today(), license)?;
            printer.view(&import.reports, |reports| {
                reports.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
            })?;
            for refused in &import.refused {
                printer.warn(&refused.to_string());
            }
            Ok(if import.refused.is_empty() { Outcome::Done } else { Outcome::Partly })
        }
        Labels::List { subject, quarantined, page } => {
            let engine = open_engine(store, open, printer)?;
            let view = engine.labels(subject.as_deref(), quarantined, page.offset, page.limit as usize)?;
            printer.view(&view, show::labels)?;
            Ok(if view.labels.is_empty() { Outcome::Nothing } else { Outcome::Done })
        }
        Labels::Export { format } => {
            let engine = open_engine(store, open, printer)?;
            let text = if format == "tagpack" { engine.labels_tagpack()? } else { engine.labels_csv()? };
            printer.data(&text)?;
            Ok(Outcome::Done)
        }
    }
}
