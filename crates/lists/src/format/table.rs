//! Tables: records with their lines, whole or refused, and which list a header belongs to.

use super::{Collector, ReadOptions, eu_annex, names_csv, nbctf, ofac_crypto, ofac_csv, uk_csv};
use crate::error::ListError;
use crate::list::{List, ListDefectKind, Report, shown};
use crate::source::Text;

/// One record.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) line: u32,
    pub(super) byte: usize,
    pub(super) cells: Vec<String>,
}

/// Reads all records. A quote that is never closed is an error; so is a text that does not end with the end of a line,
/// where `must_end` says that the list always does: a file cut off inside a cell looks like that.
pub(super) fn records(text: &Text, must_end: bool, max: u64) -> Result<Vec<Record>, ListError> {
    if let Some(byte) = open_quote(&text.text) {
        return Err(text.malformed(byte, "a quote opens here and never closes: the file is cut off"));
    }
    if must_end && !text.text.is_empty() && !text.text.ends_with(['\n', '\r', '\u{1a}']) {
        let byte = text.text.len();
        return Err(
            text.malformed(byte, "the last line has no end: the file is cut off (or needs a line end, if it is whole)")
        );
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.text.as_bytes());
    let mut found = Vec::new();
    let (mut line, mut counted) = (1, 0);
    for record in reader.records() {
        let record = record.map_err(|error| {
            let byte = error.position().map_or(0, csv::Position::byte) as usize;
            text.malformed(byte, error)
        })?;
        // the reader's own place of a record is before the end of the line above where that is CR LF
        let mut byte = record.position().map_or(0, |p| p.byte() as usize);
        while matches!(text.text.as_bytes().get(byte), Some(b'\r' | b'\n')) {
            byte += 1;
        }
        line += text.text.as_bytes()[counted..byte].iter().filter(|b| **b == b'\n').count() as u32;
        counted = byte;
        if let Some(cell) = record.iter().find(|cell| cell.len() as u64 > max) {
            return Err(
                text.malformed(byte, format!("a cell of {} bytes, more than the {max} that are read", cell.len()))
            );
        }
        found.push(Record { line, byte, cells: record.iter().map(str::to_owned).collect() });
    }
    Ok(found)
}

/// The byte of a quote that opens a cell and never closes.
fn open_quote(text: &str) -> Option<usize> {
    let (mut open, mut at_start) = (None, true);
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        match (open, bytes[i]) {
            (Some(_), b'"') if bytes.get(i + 1) == Some(&b'"') => i += 1,
            (Some(_), b'"') => open = None,
            (None, b'"') if at_start => open = Some(i),
            _ => {}
        }
        at_start = open.is_none() && matches!(bytes[i], b',' | b'\n' | b'\r');
        i += 1;
    }
    open
}

/// A table with a header.
#[derive(Debug)]
pub(super) struct Table {
    header: Vec<String>,
    pub(super) rows: Vec<Record>,
}

impl Table {
    /// Takes the record at `at` for the header and holds every later one to its columns.
    pub(super) fn new(text: &Text, mut records: Vec<Record>, at: usize) -> Result<Self, ListError> {
        let rows = records.split_off((at + 1).min(records.len()));
        let Some(head) = records.pop() else { return Err(text.malformed(0, "no header")) };
        for row in &rows {
            if row.cells.len() != head.cells.len() {
                let message = format!("{} columns where the header has {}", row.cells.len(), head.cells.len());
                return Err(ListError::malformed(&text.path, row.line, row.byte as u64, message));
            }
        }
        let header: Vec<String> = head.cells.iter().map(|cell| simple(cell)).collect();
        for (i, name) in header.iter().enumerate() {
            if !name.is_empty() && header[..i].contains(name) {
                return Err(ListError::malformed(
                    &text.path,
                    head.line,
                    head.byte as u64,
                    format!("two columns `{}`", shown(name)),
                ));
            }
        }
        Ok(Self { header, rows })
    }

    /// The names of the columns, as [`simple`] gives them.
    pub(super) fn columns(&self) -> &[String] {
        &self.header
    }

    /// A cell by the name of its column; empty where there is none.
    pub(super) fn cell<'a>(&self, row: &'a Record, name: &str) -> &'a str {
        self.header.iter().position(|h| h == name).map_or("", |i| row.cells[i].trim())
    }

    /// Tells columns that the format does not have.
    pub(super) fn tell_unknown(&self, known: impl Fn(&str) -> bool, collector: &mut Collector) {
        for name in self.header.iter().filter(|name| !name.is_empty() && !known(name)) {
            collector.report.defect(1, "", ListDefectKind::UnknownField, name);
        }
    }
}

/// The name of a column without case, spaces and marks, so that `D.O.B` and `DOB` are one.
pub(super) fn simple(name: &str) -> String {
    name.trim_start_matches('\u{feff}').chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Reads a table, its list told by its header or, of OFAC's, by its form.
pub(super) fn read(text: Text, options: &ReadOptions) -> Result<(List, Report), ListError> {
    // the first records are enough to tell; the importer reads and checks the whole
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.text.as_bytes());
    let first: Vec<Vec<String>> = reader.records().take(2).flatten().map(|r| r.iter().map(simple).collect()).collect();
    let has = |i: usize, names: &[&str]| first.get(i).is_some_and(|h| names.iter().all(|n| h.iter().any(|c| c == n)));
    if has(0, &["address", "ofaccurrency", "sdnuid"]) {
        ofac_crypto::read(&text, options)
    } else if has(0, &["celex", "schema", "name"]) {
        eu_annex::read(&text, options)
    } else if has(1, &["uniqueid", "regimename"]) || has(0, &["uniqueid", "regimename"]) {
        uk_csv::read(&text, options, false)
    } else if has(1, &["groupid", "grouptype", "regime"]) {
        uk_csv::read(&text, options, true)
    } else if first.first().is_some_and(|header| nbctf::is_header(header)) {
        nbctf::read(&text, options)
    } else if has(0, &["id", "name"]) {
        names_csv::read(&text, options)
    } else if ofac_csv::is_record(&text) {
        ofac_csv::read(&text, options)
    } else {
        let begins: String = text.text.lines().next().unwrap_or_default().chars().take(80).collect();
        Err(ListError::UnknownFormat { path: text.path, message: format!("it begins with `{}`", shown(&begins)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn an_open_quote_is_found_where_it_opens() {
        assert_eq!(open_quote("a,\"b\"\"c\"\nd,\"e\n"), Some(11));
        assert_eq!(open_quote("a \"b,c\n\"x\",y\n"), None);
    }

    #[test]
    fn rows_of_other_widths_and_cut_ends_are_refused() {
        let read = |text: &str| {
            let text = Text::from_bytes(Path::new("t.csv"), text.as_bytes(), None).unwrap();
            records(&text, true, 100).and_then(|r| Table::new(&text, r, 0)).map_err(|error| error.to_string())
        };
        assert_eq!(read("ID,D.O.B\n1,2\n").unwrap().columns(), ["id", "dob"]);
        let crlf = Text::from_bytes(Path::new("t.csv"), b"a,b\r\n1,\"2\r\n2\"\r\n\r\n3,4\r\n", None).unwrap();
        let lines: Vec<u32> = records(&crlf, true, 100).unwrap().iter().map(|r| r.line).collect();
        assert_eq!(lines, [1, 2, 5]);
        assert!(read("a,b\n1,2\n3\n").unwrap_err().contains("line 3, byte 8: 1 columns where the header has 2"));
        assert!(read("a,b\n1,2").unwrap_err().contains("line 2, byte 7: the last line has no end"));
        assert!(read("a,b\n1,\"2\n").unwrap_err().contains("line 2, byte 6: a quote opens"));
        assert!(read("a,A\n1,2\n").unwrap_err().contains("two columns"));
        assert!(read(&format!("a\n{}\n", "x".repeat(200))).unwrap_err().contains("200 bytes"));
    }
}
