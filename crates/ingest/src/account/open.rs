//! Which files there are, and what each holds.

use super::era::EraFile;
use super::lines::{BLOCK_BYTES_MAX, LineFile};
use super::row::{CsvLine, Shape};
use super::text::{Chunks, ROW_BYTES_MAX};
use super::window::TableFile;
use super::{AccountSourceError, Format, Skipped};
use athar_chains::account::etl::{Cells, Columns, Field, Table, block_of};
use std::path::{Path, PathBuf};

/// Files that are read at most.
const FILES_MAX: usize = 1_000_000;
/// Folders inside one another that are looked into.
const DEPTH_MAX: usize = 8;
/// Endings of names that are looked into, before an ending for compression.
const ENDINGS: &[&str] = &["csv", "era", "era1", "erae", "ere", "json", "jsonl", "ndjson"];

/// What was found.
pub(crate) struct Found {
    pub(crate) format: Format,
    pub(crate) tables: Vec<TableFile>,
    pub(crate) lines: Vec<LineFile>,
    pub(crate) archives: Vec<EraFile>,
    pub(crate) skipped: Vec<Skipped>,
}

/// What a file is.
enum Kind {
    Table(Format, TableFile),
    Lines(LineFile),
    Archive(EraFile),
    Skip(&'static str),
}

/// Looks through `paths`.
pub(crate) fn find(paths: &[PathBuf], format: Option<Format>) -> Result<Found, AccountSourceError> {
    let mut found = Found {
        format: format.unwrap_or(Format::Etl),
        tables: Vec::new(),
        lines: Vec::new(),
        archives: Vec::new(),
        skipped: Vec::new(),
    };
    let mut first = format;
    for path in paths {
        let mut files = Vec::new();
        let is_folder = path.is_dir();
        if is_folder {
            list(path, 0, &mut files)?;
        } else {
            files.push(path.clone());
        }
        for file in files {
            if is_folder && !has_known_ending(&file) {
                found.skipped.push(Skipped { path: file, why: "its name has no ending of a known form" });
                continue;
            }
            match kind(&file)? {
                Some(Kind::Table(form, table)) => {
                    found.format = agree(&mut first, form, &file)?;
                    found.tables.push(table);
                }
                Some(Kind::Lines(lines)) => {
                    found.format = agree(&mut first, lines.format(), &file)?;
                    found.lines.push(lines);
                }
                Some(Kind::Archive(archive)) => {
                    found.format = agree(&mut first, Format::Era, &file)?;
                    found.archives.push(archive);
                }
                Some(Kind::Skip(why)) => found.skipped.push(Skipped { path: file, why }),
                // a table's own name and nothing of it in the first line: damaged, not another matter
                None if is_folder && !is_named_as_table(&file) => {
                    found.skipped.push(Skipped { path: file, why: "its first line is of no known form" });
                }
                None => return Err(AccountSourceError::NotRecognised(file)),
            }
        }
    }
    if found.tables.is_empty() && found.lines.is_empty() && found.archives.is_empty() {
        return Err(AccountSourceError::NoFiles(paths.first().cloned().unwrap_or_default()));
    }
    if found.tables.iter().any(|file| file.table == Table::Logs) {
        let is_beside = |file: &TableFile| file.table == Table::TokenTransfers;
        for file in found.tables.extract_if(.., |file| is_beside(file)) {
            found.skipped.push(Skipped { path: file.path, why: "the logs say the same, and more" });
        }
    }
    Ok(found)
}

/// The form so far, where `found` goes with it. Both forms of tables are read alike.
fn agree(first: &mut Option<Format>, found: Format, path: &Path) -> Result<Format, AccountSourceError> {
    let are_tables = |format| matches!(format, Format::Etl | Format::GraphSense);
    let expected = *first.get_or_insert(found);
    if expected == found || are_tables(expected) && are_tables(found) {
        return Ok(expected);
    }
    Err(AccountSourceError::TwoFormats { path: path.to_path_buf(), found, expected })
}

fn list(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), AccountSourceError> {
    let io = |source| AccountSourceError::Io { path: folder.to_path_buf(), source };
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(io)?
        .map(|entry| entry.map(|entry| entry.path()).map_err(io))
        .collect::<Result<_, _>>()?;
    entries.sort();
    for path in entries {
        let too_many = |what, most| AccountSourceError::TooMany { path: folder.to_path_buf(), what, most };
        if !path.is_dir() {
            if files.len() == FILES_MAX {
                return Err(too_many("files", FILES_MAX));
            }
            files.push(path);
        } else if depth == DEPTH_MAX {
            return Err(too_many("folders inside one another", DEPTH_MAX));
        } else {
            list(&path, depth + 1, files)?;
        }
    }
    Ok(())
}

fn has_known_ending(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
    !name.starts_with('.') && name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

fn is_named_as_table(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let name =
        name.split(['.', '-']).next().unwrap_or_default().trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    Table::ALL.iter().any(|table| table.name() == name)
}

fn kind(path: &Path) -> Result<Option<Kind>, AccountSourceError> {
    if let Some(archive) = EraFile::of(path)? {
        return Ok(Some(Kind::Archive(archive)));
    }
    // a header and a row are enough
    let lines = Chunks::first_lines(path, 2, ROW_BYTES_MAX)?;
    let Some(first) = lines.first() else { return Ok(Some(Kind::Skip("it is empty"))) };
    let Ok(text) = std::str::from_utf8(first) else { return Ok(None) };
    if text.starts_with("{\"block") || text.starts_with("{ \"block") || first.len() == ROW_BYTES_MAX {
        // a whole block can be longer than any row
        let whole = Chunks::first_lines(path, 1, BLOCK_BYTES_MAX)?;
        let line = whole.first().and_then(|line| std::str::from_utf8(line).ok());
        if let Some(line) = line
            && let Some(file) = LineFile::of(path, line)?
        {
            return Ok(Some(Kind::Lines(file)));
        }
    }
    if text.starts_with('{') {
        let Ok(cells) = Cells::of_json(text) else { return Ok(None) };
        let Some(table) = Table::of(&cells) else { return Ok(None) };
        return Ok(Some(of_table(path, table, Shape::Json, &cells, text, block_of(&cells))));
    }
    let names: Vec<&str> = text.split(',').map(|name| name.trim().trim_matches('"')).collect();
    if names.iter().all(|name| Field::of(name).is_none()) {
        return Ok(None);
    }
    let Some(columns) = Columns::of(names.into_iter()) else {
        return Err(AccountSourceError::Header(path.to_path_buf()));
    };
    let present = columns.present();
    let Some(table) = Table::of(&present) else { return Ok(None) };
    let second = lines.get(1).and_then(|line| std::str::from_utf8(line).ok());
    let mut csv = CsvLine::new();
    let block = second.and_then(|line| block_of(&csv.cells(line, &columns).ok()?));
    Ok(Some(of_table(path, table, Shape::Csv(columns.clone()), &present, text, block)))
}

fn of_table(path: &Path, table: Table, shape: Shape, cells: &Cells<'_>, names: &str, block: Option<u64>) -> Kind {
    // GraphSense numbers blocks by `blockId`, ethereum-etl by `block_number`
    let names = names.to_ascii_lowercase();
    let is_graphsense = ["blockid", "block_id", "txhash", "tx_hash"].iter().any(|name| names.contains(name));
    let format = if is_graphsense { Format::GraphSense } else { Format::Etl };
    let has_receipts = table == Table::Receipts || cells.has(Field::ReceiptGasUsed);
    let first = block.unwrap_or(u64::MAX);
    Kind::Table(format, TableFile { path: path.to_path_buf(), table, shape, has_receipts, first })
}
