//! OFAC's tables without headers: `sdn.csv` (or `cons_prim.csv`) with `alt`, `add` and the comments beside it.
//!
//! Form: OFAC's "Specially Designated Nationals List: Data Formats & Data Schemas" (`dat_spec.txt`). `-0-` is an empty
//! cell, and each file ends with a line that holds 0x1A alone: one without it was cut off.

use super::table::{Record, records};
use super::words::{birth, entry_kind, identifier_kind};
use super::{Collector, Header, Provenance, ReadOptions};
use crate::entry::{EntryKind, ListEntry, NameKind, Quality, Wallet, add, joined, tidy};
use crate::error::ListError;
use crate::list::{List, ListDefectKind, ListFormat, Report};
use crate::source::Text;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

const COLUMNS: usize = 12;

/// Whether a table looks like one of these: a number, then as many columns as a file of the set has.
pub(super) fn is_record(text: &Text) -> bool {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.text.as_bytes());
    let Some(Ok(first)) = reader.records().next() else { return false };
    let is_number = first.get(0).is_some_and(|c| !c.trim().is_empty() && c.trim().bytes().all(|b| b.is_ascii_digit()));
    is_number && [COLUMNS, 6, 5, 2].contains(&first.len())
}

pub(super) fn read(text: &Text, options: &ReadOptions) -> Result<(List, Report), ListError> {
    let main = whole(text, options, COLUMNS)?;
    let mut collector = Collector::default();
    let mut entries: Vec<ListEntry> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for row in &main {
        let entry = entry(row, &mut collector);
        if places.insert(entry.id.clone(), entries.len()).is_some() {
            return Err(ListError::malformed(&text.path, row.line, row.byte as u64, "two records of one number"));
        }
        entries.push(entry);
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(text.hash.as_bytes());
    let (mut bytes, mut companions) = (text.bytes, 0);
    for (part, columns) in [("alt", 5), ("add", 6), ("comments", 2)] {
        let Some(path) = companion(&text.path, part) else {
            collector.report.notes.push(format!("no file of OFAC's `{part}` beside it: what stands there is missing"));
            continue;
        };
        let other = Text::read(&path, &options.limits, options.encoding(&path)?)?;
        hasher.update(part.as_bytes()).update(other.hash.as_bytes());
        bytes += other.bytes;
        companions += 1;
        for row in whole(&other, options, columns)? {
            let id = row.cells[0].trim();
            let Some(entry) = places.get(id).map(|i| &mut entries[*i]) else {
                collector.report.defect(row.line, id, ListDefectKind::Orphan, &row.cells.join(","));
                continue;
            };
            match part {
                "alt" => {
                    let kind = if given(&row, 2).starts_with("fka") { NameKind::Former } else { NameKind::Alias };
                    let quality = if given(&row, 4).contains("weak") { Quality::Low } else { Quality::Unstated };
                    entry.name(given(&row, 3), kind, quality);
                }
                "add" => {
                    let text = joined([given(&row, 2), given(&row, 3), given(&row, 4), given(&row, 5)], ", ");
                    add(&mut entry.addresses, &text);
                }
                _ => {
                    let more = given(&row, 1).to_owned();
                    remarks(entry, &more, row.line, &mut collector);
                }
            }
        }
    }
    for entry in entries {
        collector.push(entry, false);
    }
    let name = file_name(&text.path);
    let (list, title) = if name.starts_with("cons") {
        ("us-ofac-cons", "OFAC Consolidated Sanctions List (non-SDN)")
    } else {
        ("us-ofac-sdn", "OFAC Specially Designated Nationals List")
    };
    let mut from = Provenance::of(text, &mut collector.report);
    if companions > 0 {
        from = Provenance { hash: hasher.finalize().to_hex().to_string(), bytes, ..from };
    }
    let header = Header { list: list.into(), title: title.into(), format: ListFormat::OfacCsv, as_of: None };
    Ok(collector.finish(header, from, options))
}

/// The records of a file that ends as OFAC's do.
fn whole(text: &Text, options: &ReadOptions, columns: usize) -> Result<Vec<Record>, ListError> {
    if !text.text.trim_end_matches(['\r', '\n']).ends_with('\u{1a}') {
        let message = "the line with 0x1A that ends each of OFAC's tables is not there: the file is cut off";
        return Err(text.malformed(text.text.len(), message));
    }
    let mut found = records(text, true, options.limits.text_bytes_max)?;
    found.retain(|row| row.cells.len() != 1 || !row.cells[0].trim_matches(['\u{1a}', ' ', '\r']).is_empty());
    for row in &found {
        if row.cells.len() != columns {
            let message = match (columns, row.cells.len()) {
                (COLUMNS, 2 | 5 | 6) => {
                    "one of OFAC's companion tables: give `sdn.csv` or `cons_prim.csv`, which is read with them".into()
                }
                (_, n) => format!("{n} columns where this table has {columns}"),
            };
            return Err(ListError::malformed(&text.path, row.line, row.byte as u64, message));
        }
    }
    Ok(found)
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// The companion in the same folder: `alt.csv` or `sdn_alt.csv` of `sdn.csv`, `cons_alt.csv` of `cons_prim.csv`.
fn companion(path: &Path, part: &str) -> Option<PathBuf> {
    let names: Vec<String> = if file_name(path).starts_with("cons") {
        vec![format!("cons_{part}.csv")]
    } else {
        vec![format!("{part}.csv"), format!("sdn_{part}.csv")]
    };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut inside: Vec<PathBuf> = folder.read_dir().ok()?.flatten().map(|entry| entry.path()).collect();
    inside.sort();
    inside.into_iter().find(|file| names.contains(&file_name(file)))
}

/// A cell; empty where it holds `-0-`.
fn given(row: &Record, i: usize) -> &str {
    let cell = row.cells[i].trim();
    if cell == "-0-" { "" } else { cell }
}

fn entry(row: &Record, collector: &mut Collector) -> ListEntry {
    let kind = match given(row, 2) {
        // the table leaves the type of organisations empty
        "" => EntryKind::Organisation,
        words => entry_kind(words),
    };
    let mut entry = ListEntry::new(given(row, 0), kind, row.line);
    entry.name(given(row, 1), NameKind::Primary, Quality::Unstated);
    given(row, 3).split("] [").for_each(|p| add(&mut entry.programs, p.trim_matches(['[', ']', ' '])));
    let names = ["title", "call_sign", "vessel_type", "tonnage", "grt", "vessel_flag", "vessel_owner"];
    for (i, name) in names.iter().enumerate() {
        entry.detail(name, given(row, 4 + i));
    }
    remarks(&mut entry, given(row, 11), row.line, collector);
    entry
}

/// Remarks are statements parted by `; `: what has a field of its own goes there, the whole stays as it is.
fn remarks(entry: &mut ListEntry, text: &str, line: u32, collector: &mut Collector) {
    if text.is_empty() {
        return;
    }
    let text = match &entry.remarks {
        Some(before) => format!("{before} {text}"),
        None => text.to_owned(),
    };
    // an overlong remark goes on in the comments, possibly inside a statement: read again as a whole
    entry.births.clear();
    entry.birth_places.clear();
    entry.countries.clear();
    entry.identifiers.clear();
    entry.wallets.clear();
    for statement in text.split(';') {
        let statement = statement.trim().trim_end_matches('.');
        let statement = statement.strip_prefix("alt. ").unwrap_or(statement);
        if let Some(rest) = statement.strip_prefix("Digital Currency Address - ") {
            match rest.split_once(' ') {
                Some((asset, address)) if !address.trim().contains(' ') => {
                    let (asset, address) = (asset.to_owned(), address.trim().to_owned());
                    entry.wallets.push(Wallet { asset, address, line });
                }
                _ => collector.report.defect(line, &entry.id, ListDefectKind::Form, statement),
            }
        } else if let Some(born) = statement.strip_prefix("DOB ").and_then(birth) {
            if born.from.is_none() {
                collector.report.defect(line, &entry.id, ListDefectKind::Date, statement);
            }
            entry.births.push(born);
        } else if let Some(place) = statement.strip_prefix("POB ") {
            add(&mut entry.birth_places, place);
        } else if let Some(country) =
            statement.strip_prefix("nationality ").or_else(|| statement.strip_prefix("citizen "))
        {
            add(&mut entry.countries, country);
        } else {
            identifier(entry, statement);
        }
    }
    entry.remarks = Some(tidy(&text));
}

/// `Passport A1234567 (Iran) expires …`: words, a number with digits, a country in brackets, a rest.
fn identifier(entry: &mut ListEntry, statement: &str) {
    const KINDS: [&str; 16] = [
        "Passport",
        "National ID No.",
        "Identification Number",
        "Tax ID No.",
        "Registration Number",
        "Registration ID",
        "Cedula No.",
        "SSN",
        "SWIFT/BIC",
        "Email Address",
        "Website",
        "Phone Number",
        "National Foreign ID Number",
        "Vessel Registration Identification",
        "Company Number",
        "Bank Account Number",
    ];
    let Some(words) = KINDS.iter().find(|words| statement.starts_with(**words)) else { return };
    let rest = statement[words.len()..].trim();
    let (value, note) = rest.split_once(" (").unwrap_or((rest, ""));
    let (country, note) = note.split_once(')').unwrap_or((note, ""));
    entry.identifier(identifier_kind(words), value, Some(country), Some(&joined([*words, note], " ")));
}
