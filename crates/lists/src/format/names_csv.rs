//! A plain table of names: `id,name` and any number of `alias…` columns, or one `alias` column with `;` between names.
//! Optional columns: `kind`, `born`, `country`, `program`, `listed_on`.

use super::table::{Table, records};
use super::words::{birth, entry_kind};
use super::{Collector, Header, Provenance, ReadOptions};
use crate::entry::{EntryKind, ListEntry, NameKind, Quality, add, tidy};
use crate::error::ListError;
use crate::list::{List, ListDefectKind, ListFormat, Report};
use crate::source::Text;
use std::path::Path;

const OPTIONAL: [&str; 5] = ["kind", "born", "country", "program", "listedon"];

/// Reads a plain table `id,name[,alias…]` and nothing else.
///
/// # Errors
/// As [`crate::read`]; a file of another format is malformed.
pub fn read_names_csv(path: impl AsRef<Path>, options: &ReadOptions) -> Result<(List, Report), ListError> {
    let path = path.as_ref();
    read(&super::text(path, options)?, options)
}

pub(super) fn read(text: &Text, options: &ReadOptions) -> Result<(List, Report), ListError> {
    let table = Table::new(text, records(text, false, options.limits.text_bytes_max)?, 0)?;
    let mut collector = Collector::default();
    for column in ["id", "name"] {
        if !table.columns().iter().any(|c| c == column) {
            return Err(text.malformed(0, format!("no column `{column}`")));
        }
    }
    if !text.text.ends_with(['\n', '\r']) {
        collector.report.notes.push("the last line has no end: make sure that the file is whole".into());
    }
    let is_alias = |name: &str| name.starts_with("alias");
    table.tell_unknown(|n| n == "id" || n == "name" || is_alias(n) || OPTIONAL.contains(&n), &mut collector);
    let aliases: Vec<String> = table.columns().iter().filter(|n| is_alias(n)).cloned().collect();
    for row in &table.rows {
        let cell = |name: &str| table.cell(row, name);
        let kind = if cell("kind").is_empty() { EntryKind::Other } else { entry_kind(cell("kind")) };
        let mut entry = ListEntry::new(tidy(cell("id")), kind, row.line);
        entry.name(cell("name"), NameKind::Primary, Quality::Unstated);
        for column in &aliases {
            cell(column).split(';').for_each(|alias| entry.name(alias, NameKind::Alias, Quality::Unstated));
        }
        for born in cell("born").split(';').filter_map(birth) {
            if born.from.is_none() {
                collector.report.defect(row.line, &entry.id, ListDefectKind::Date, &born.as_written);
            }
            entry.births.push(born);
        }
        cell("country").split(';').for_each(|country| add(&mut entry.countries, country));
        cell("program").split(';').for_each(|program| add(&mut entry.programs, program));
        entry.listed_on = collector.day(row.line, &entry.id.clone(), cell("listedon"));
        for (i, name) in table.columns().iter().enumerate() {
            if !(name == "id" || name == "name" || is_alias(name) || OPTIONAL.contains(&name.as_str())) {
                entry.detail(name, &row.cells[i]);
            }
        }
        collector.push(entry, false);
    }
    let stem = text.path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let header = Header {
        list: format!("names-{}", stem.to_lowercase()),
        title: stem,
        format: ListFormat::NamesCsv,
        as_of: None,
    };
    let from = Provenance::of(text, &mut collector.report);
    Ok(collector.finish(header, from, options))
}
