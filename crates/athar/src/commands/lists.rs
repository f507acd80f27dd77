//! `athar lists`.

use crate::Outcome;
use crate::args::{Lists, ListsQuestion};
use crate::commands::{open_engine, today};
use crate::printer::Printer;
use crate::show;
use athar_engine::Options;
use athar_engine::lists::{Answer, ReadOptions};
use athar_engine::read::lists_diff;
use athar_engine::write::import_lists;
use std::path::{Path, PathBuf};

pub(crate) fn run(store: &Path, open: &Options, words: Lists, printer: &Printer) -> anyhow::Result<Outcome> {
    match words.question {
        None => {
            let view = open_engine(store, open, printer)?.lists();
            printer.view(&view, show::lists)?;
            Ok(if view.versions.is_empty() { Outcome::Nothing } else { Outcome::Done })
        }
        Some(ListsQuestion::Import { files, list, as_of, origin, license, encoding }) => {
            let options = ReadOptions { list, as_of, origin, license, encoding, ..ReadOptions::default() };
            let import = import_lists(store, &without_companions(files), &options, today())?;
            printer.view(&import.lists.imports, |imports| {
                let mut text: Vec<String> = imports.iter().map(show::list_import).collect();
                text.extend(import.labels.reports.iter().map(|report| format!("labels of {report}")));
                text.join("\n")
            })?;
            import.lists.refused.iter().for_each(|refused| printer.warn(&refused.to_string()));
            import.labels.refused.iter().for_each(|refused| printer.warn(&refused.to_string()));
            let whole = import.lists.refused.is_empty() && import.labels.refused.is_empty();
            Ok(if whole { Outcome::Done } else { Outcome::Partly })
        }
        Some(ListsQuestion::Show { list, id }) => {
            let view = open_engine(store, open, printer)?.list_entry(&list, &id)?;
            printer.view(&view, |view| view.as_ref().map_or_else(|| "no such entry".into(), show::list_entry))?;
            Ok(if view.is_some() { Outcome::Done } else { Outcome::Nothing })
        }
        Some(ListsQuestion::Diff { old, new }) => {
            let view = lists_diff(store, &old, &new)?;
            printer.view(&view, show::list_diff)?;
            Ok(if view.diff.is_empty() { Outcome::Nothing } else { Outcome::Done })
        }
        Some(ListsQuestion::On { day, list, id }) => {
            let view = open_engine(store, open, printer)?.listed_on(&list, &id, day)?;
            printer.view(&view, show::listed)?;
            Ok(if view.listed.answer == Answer::Unknown { Outcome::Nothing } else { Outcome::Done })
        }
        Some(ListsQuestion::Find { value }) => {
            let view = open_engine(store, open, printer)?.lists_find(&value)?;
            printer.view(&view, show::lists_found)?;
            Ok(if view.found.is_empty() { Outcome::Nothing } else { Outcome::Done })
        }
    }
}

/// The files without OFAC's companion tables, where the main table that is read with them is given too.
fn without_companions(files: Vec<PathBuf>) -> Vec<PathBuf> {
    let name = |file: &Path| file.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    let given: Vec<(PathBuf, String)> =
        files.iter().map(|f| (f.parent().unwrap_or(Path::new("")).to_owned(), name(f))).collect();
    let is_companion = |file: &PathBuf| {
        let main = match name(file).as_str() {
            "alt.csv" | "add.csv" | "sdn_comments.csv" | "sdn_alt.csv" | "sdn_add.csv" => "sdn.csv",
            "cons_alt.csv" | "cons_add.csv" | "cons_comments.csv" => "cons_prim.csv",
            _ => return false,
        };
        given.contains(&(file.parent().unwrap_or(Path::new("")).to_owned(), main.to_owned()))
    };
    files.iter().filter(|file| !is_companion(file)).cloned().collect()
}
