//! The annex of an EU regulation as a table (`celex,recordId,programKey,annex,…`), several values in a cell parted by `;`
//! or numbered `(a)`, `(b)`.
//!
//! Where `recordId` is empty the name stands in for the reference.

use super::table::{Table, records};
use super::words::{birth, entry_kind, lettered, name_with_scripts};
use super::{Collector, Header, Provenance, ReadOptions};
use crate::entry::{ListEntry, NameKind, Quality, add, tidy};
use crate::error::ListError;
use crate::list::{List, ListDefectKind, ListFormat, Report};
use crate::source::Text;

/// Columns that hold identifiers, with their kind.
const IDENTIFIERS: [(&str, &str); 17] = [
    ("passportnumber", "passport"),
    ("idnumber", "national_id"),
    ("taxnumber", "tax_id"),
    ("inncode", "tax_id"),
    ("registrationnumber", "registration"),
    ("ogrncode", "registration"),
    ("kppcode", "registration"),
    ("okpocode", "registration"),
    ("leicode", "lei"),
    ("swiftbic", "swift"),
    ("imonumber", "imo"),
    ("mmsi", "mmsi"),
    ("phone", "phone"),
    ("email", "email"),
    ("website", "website"),
    ("ticker", "ticker"),
    ("flag", "flag"),
];

pub(super) fn read(text: &Text, options: &ReadOptions) -> Result<(List, Report), ListError> {
    let table = Table::new(text, records(text, true, options.limits.text_bytes_max)?, 0)?;
    let mut collector = Collector::default();
    let mut acts: Vec<String> = Vec::new();
    for row in &table.rows {
        let cell = |name: &str| table.cell(row, name);
        add(&mut acts, cell("celex"));
        let mut entry = ListEntry::new(tidy(cell("recordid")), entry_kind(cell("schema")), row.line);
        name_with_scripts(&mut entry, cell("name"), NameKind::Primary, Quality::Unstated);
        for (column, kind, quality) in [
            ("alias", NameKind::Alias, Quality::Unstated),
            ("weakalias", NameKind::Alias, Quality::Low),
            ("previousname", NameKind::Former, Quality::Unstated),
        ] {
            cell(column).split(';').for_each(|name| name_with_scripts(&mut entry, name, kind, quality));
        }
        add(&mut entry.programs, cell("programkey"));
        for column in ["country", "nationality", "jurisdiction"] {
            for country in &lettered(cell(column)) {
                add(&mut entry.countries, country);
            }
        }
        for place in lettered(cell("birthplace")) {
            add(&mut entry.birth_places, &place);
        }
        let id = if entry.id.is_empty() { tidy(cell("name")) } else { entry.id.clone() };
        for part in &cell("birthdate").split(';').flat_map(lettered).collect::<Vec<_>>() {
            let Some(born) = birth(part) else { continue };
            if born.from.is_none() {
                collector.report.defect(row.line, &id, ListDefectKind::Date, part);
            }
            entry.births.push(born);
        }
        for (column, kind) in IDENTIFIERS {
            for value in &lettered(cell(column)) {
                entry.identifier(kind, value, None, None);
            }
        }
        for address in lettered(cell("address")) {
            add(&mut entry.addresses, &address);
        }
        // the day from which the measure applies to the entry
        entry.listed_on = collector.day(row.line, &id, cell("startdate"));
        let remarks = [cell("reason"), cell("notes")].map(tidy).into_iter().filter(|t| !t.is_empty());
        entry.remarks = Some(remarks.collect::<Vec<_>>().join(" ")).filter(|t| !t.is_empty());
        const READ: [&str; 18] = [
            "celex",
            "recordid",
            "programkey",
            "schema",
            "name",
            "alias",
            "weakalias",
            "previousname",
            "country",
            "nationality",
            "jurisdiction",
            "birthplace",
            "birthdate",
            "address",
            "startdate",
            "reason",
            "notes",
            "",
        ];
        for (i, name) in table.columns().iter().enumerate() {
            let is_read = READ.contains(&name.as_str()) || IDENTIFIERS.iter().any(|(column, _)| column == name);
            if !is_read {
                entry.detail(name, &row.cells[i]);
            }
        }
        collector.push(entry, false);
    }
    let list = match &acts[..] {
        [act] => format!("eu-{act}"),
        _ => "eu-annexes".into(),
    };
    let title = format!("Annex of EU act {}", acts.join(", "));
    let header = Header { list, title, format: ListFormat::EuAnnexCsv, as_of: None };
    let from = Provenance::of(text, &mut collector.report);
    Ok(collector.finish(header, from, options))
}
