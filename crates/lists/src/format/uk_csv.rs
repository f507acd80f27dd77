//! The UK Sanctions List and OFSI's consolidated list (`ConList.csv`) as CSV: one line about the file, a header, then a
//! row for every combination of name and other values. Rows of one reference are one entry.

use super::table::{Table, records};
use super::uk_xml::name_kind;
use super::words::{birth, entry_kind};
use super::{Collector, Header, Provenance, ReadOptions};
use crate::entry::{ListEntry, NameKind, Quality, add, joined, tidy};
use crate::error::ListError;
use crate::list::{List, ListDefectKind, ListFormat, Report};
use crate::source::Text;
use std::collections::HashMap;

/// Columns that hold identifiers, with their kind and the column of a note.
const IDENTIFIERS: [(&str, &str, &str); 10] = [
    ("passportnumber", "passport", "passportadditionalinformation"),
    ("passportnumber", "passport", "passportdetails"),
    ("nationalidentifiernumber", "national_id", "nationalidentifieradditionalinformation"),
    ("nationalidentificationnumber", "national_id", "nationalidentificationdetails"),
    ("businessregistrationnumbers", "registration", ""),
    ("businessregistrationnumber", "registration", ""),
    ("imonumber", "imo", ""),
    ("phonenumber", "phone", ""),
    ("emailaddress", "email", ""),
    ("website", "website", ""),
];

const READ: [&str; 31] = [
    "lastupdated",
    "uniqueid",
    "groupid",
    "name1",
    "name2",
    "name3",
    "name4",
    "name5",
    "name6",
    "nametype",
    "aliastype",
    "aliasstrength",
    "aliasquality",
    "namenonlatinscript",
    "regimename",
    "regime",
    "designationtype",
    "grouptype",
    "individualentityship",
    "datedesignated",
    "listedon",
    "dob",
    "nationalityies",
    "nationality",
    "townofbirth",
    "countryofbirth",
    "country",
    "postzipcode",
    "addresspostalcode",
    "addresscountry",
    "ukstatementofreasons",
];

pub(super) fn read(text: &Text, options: &ReadOptions, is_ofsi: bool) -> Result<(List, Report), ListError> {
    let records = records(text, true, options.limits.text_bytes_max)?;
    let header_at = usize::from(records.first().is_none_or(|r| r.cells.len() <= 3));
    // `Last Updated,22/05/2024` or `Report Date: 22-May-2024`
    let about = records.first().filter(|_| header_at == 1).map(|r| r.cells.join(" ")).unwrap_or_default();
    let day = about.rsplit([' ', ',', ':']).find(|t| !t.is_empty()).unwrap_or_default().replace('-', " ");
    let as_of = crate::date::day(&day);
    let table = Table::new(text, records, header_at)?;
    let mut collector = Collector::default();
    let mut entries: Vec<ListEntry> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for row in &table.rows {
        let cell = |name: &str| table.cell(row, name);
        let id = tidy(cell(if is_ofsi { "groupid" } else { "uniqueid" }));
        if id.is_empty() {
            return Err(ListError::malformed(&text.path, row.line, row.byte as u64, "a row without its reference"));
        }
        let place = *places.entry(id.clone()).or_insert_with(|| {
            let kinds = [cell("designationtype"), cell("grouptype"), cell("individualentityship")];
            entries.push(ListEntry::new(id.clone(), entry_kind(&joined(kinds, "")), row.line));
            entries.len() - 1
        });
        let entry = &mut entries[place];
        let parts = ["name1", "name2", "name3", "name4", "name5", "name6"].map(cell);
        let kind = joined([cell("nametype"), cell("aliastype")], " ");
        let (kind, quality) = name_kind(&kind, &joined([cell("aliasstrength"), cell("aliasquality")], " "));
        entry.name(&joined(parts, " "), kind, quality);
        entry.name(cell("namenonlatinscript"), NameKind::OriginalScript, Quality::Unstated);
        add(&mut entry.programs, cell("regimename"));
        add(&mut entry.programs, cell("regime"));
        let updated = collector.day(row.line, &id, cell("lastupdated"));
        entry.updated_on = entry.updated_on.max(updated);
        for column in ["datedesignated", "listedon"] {
            if let Some(day) = collector.day(row.line, &id, cell(column)) {
                entry.listed_on = Some(entry.listed_on.map_or(day, |known| known.min(day)));
            }
        }
        if let Some(born) = birth(cell("dob")).filter(|b| !entry.births.contains(b)) {
            if born.from.is_none() {
                collector.report.defect(row.line, &id, ListDefectKind::Date, &born.as_written);
            }
            entry.births.push(born);
        }
        add(&mut entry.countries, cell("nationalityies"));
        add(&mut entry.countries, cell("nationality"));
        add(&mut entry.birth_places, &joined([cell("townofbirth"), cell("countryofbirth")], ", "));
        let lines = (1..=6).map(|i| joined([cell(&format!("addressline{i}")), cell(&format!("address{i}"))], " "));
        let lines: Vec<String> = lines.collect();
        let rest = ["addresspostalcode", "postzipcode", "addresscountry", "country"].map(cell);
        add(&mut entry.addresses, &joined(lines.iter().map(String::as_str).chain(rest), ", "));
        for (column, kind, note) in IDENTIFIERS {
            if !cell(column).is_empty()
                && !entry.identifiers.iter().any(|i| i.kind == kind && i.value == tidy(cell(column)))
            {
                entry.identifier(kind, cell(column), None, Some(cell(note)));
            }
        }
        if entry.remarks.is_none() {
            entry.remarks = Some(tidy(cell("ukstatementofreasons"))).filter(|t| !t.is_empty());
        }
        for (i, name) in table.columns().iter().enumerate() {
            let is_address = name.starts_with("address");
            let is_read = READ.contains(&name.as_str())
                || is_address
                || IDENTIFIERS.iter().any(|(c, _, n)| c == name || n == name);
            let value = tidy(&row.cells[i]);
            if !is_read && !entry.details.iter().any(|d| d.name == *name && d.value == value) {
                entry.detail(name, &value);
            }
        }
    }
    for entry in entries {
        collector.push(entry, false);
    }
    let (list, title, format) = if is_ofsi {
        ("uk-ofsi", "OFSI consolidated list of asset freeze targets", ListFormat::OfsiCsv)
    } else {
        ("uk-sanctions", "UK Sanctions List", ListFormat::UkCsv)
    };
    let header = Header { list: list.into(), title: title.into(), format, as_of };
    let from = Provenance::of(text, &mut collector.report);
    Ok(collector.finish(header, from, options))
}
