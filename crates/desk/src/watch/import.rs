//! Watches from a CSV file.
//!
//! A header names the columns, in any order: `value` (or `address`), and where they are wanted `kind`, `chain`, `direction`, `asset`,
//! `units`, `usd`, `severity`, `note`. A file whose only column is addresses needs no header. All lines are added or none: an error
//! names the line.

use super::condition::{Flow, NewWatch, WatchKind};
use super::list;
use crate::DeskError;
use crate::db::Desk;
use athar_types::{Chain, Level};
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{BufRead, Read};
use std::path::Path;

/// Longest line of a file, in bytes.
pub const CSV_LINE_BYTES_MAX: usize = 64 << 10;
/// Watches that may stay in the log of the database.
const LOGGED_MAX: usize = 10_000;
const COLUMNS: [&str; 10] =
    ["kind", "value", "address", "chain", "direction", "asset", "units", "usd", "severity", "note"];

/// What an import brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WatchImport {
    /// Lines that were read.
    pub lines: u64,
    /// Watches that are new.
    pub added: u64,
    /// Watches that were on the list already.
    pub known: u64,
}

impl Desk {
    /// Adds the watches of a CSV file to a list, all or none. `like` says what a line does not: chain, direction, severity.
    pub fn import_watches(&self, list: &str, file: &Path, like: &NewWatch, now: i64) -> Result<WatchImport, DeskError> {
        let open = std::fs::File::open(file).map_err(|source| DeskError::io(file, source))?;
        self.import_watches_from(list, std::io::BufReader::new(open), &file.display().to_string(), like, now)
    }

    /// The same from anything that can be read; `named` is what errors call it.
    pub fn import_watches_from(
        &self,
        list: &str,
        from: impl BufRead,
        named: &str,
        like: &NewWatch,
        now: i64,
    ) -> Result<WatchImport, DeskError> {
        let watches = read(from, named, like)?;
        let added = self.write(|t| list::add(t, list, &watches, now))?;
        // what a long list left in the log is written back now, and not by whoever stores the next alert
        if added.len() > LOGGED_MAX {
            self.empty_log()?;
        }
        let new = added.iter().filter(|row| row.is_new).count() as u64;
        Ok(WatchImport { lines: added.len() as u64, added: new, known: added.len() as u64 - new })
    }
}

/// Hands lines on, and fails where one is longer than the bound: the CSV reader would keep it all.
struct Bounded<R> {
    from: R,
    line: usize,
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.from.read(into)?;
        for byte in &into[..read] {
            self.line = if *byte == b'\n' { 0 } else { self.line + 1 };
            if self.line > CSV_LINE_BYTES_MAX {
                return Err(std::io::Error::other(format!("a line has more than {CSV_LINE_BYTES_MAX} bytes")));
            }
        }
        Ok(read)
    }
}

/// Reads and checks every line.
fn read(from: impl BufRead, named: &str, like: &NewWatch) -> Result<Vec<NewWatch>, DeskError> {
    let at = |line: u64, what: String| DeskError::File { file: named.to_owned(), line, what };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_reader(Bounded { from, line: 0 });
    let mut columns: Option<Vec<usize>> = None;
    let mut record = csv::StringRecord::new();
    let mut watches = Vec::new();
    loop {
        let before = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Err(at(error.position().map_or(before, csv::Position::line), error.to_string())),
        }
        let line = record.position().map_or(before, csv::Position::line);
        let Some(known) = &columns else {
            let (found, is_header) = header(&record).map_err(|what| at(line, what))?;
            columns = Some(found);
            if !is_header {
                watches.push(watch(&[2], &record, like).map_err(|what| at(line, what))?);
            }
            continue;
        };
        if watches.len() as u64 >= super::WATCHES_MAX {
            return Err(DeskError::TooMany { what: "watches", max: super::WATCHES_MAX });
        }
        watches.push(watch(known, &record, like).map_err(|what| at(line, what))?);
    }
    if watches.is_empty() {
        return Err(at(1, "there is no watch in it".into()));
    }
    Ok(watches)
}

/// What each column is, as places in [`COLUMNS`], and whether the line says so; a single other field is an address.
fn header(record: &csv::StringRecord) -> Result<(Vec<usize>, bool), String> {
    let name = |text: &str| text.trim_start_matches('\u{feff}').to_ascii_lowercase();
    let place = |text: &str| COLUMNS.iter().position(|column| *column == name(text));
    if record.len() == 1 && place(&record[0]).is_none() {
        return Ok((vec![2], false));
    }
    let mut columns = Vec::new();
    for field in record {
        let column = place(field)
            .ok_or_else(|| format!("`{}` is no column; they are {}", field.escape_debug(), COLUMNS.join(", ")))?;
        if columns.contains(&column) {
            return Err(format!("the column `{}` is there twice", COLUMNS[column]));
        }
        columns.push(column);
    }
    let has = |name: &str| columns.iter().any(|column| COLUMNS[*column] == name);
    if !has("value") && !has("address") && !has("units") && !has("usd") {
        return Err("there is no column `value`".into());
    }
    Ok((columns, true))
}

fn watch(columns: &[usize], record: &csv::StringRecord, like: &NewWatch) -> Result<NewWatch, String> {
    if record.len() != columns.len() {
        return Err(format!("has {} fields, the header {}", record.len(), columns.len()));
    }
    let mut watch = like.clone();
    for (column, field) in columns.iter().zip(record).filter(|(_, field)| !field.is_empty()) {
        let wrong = |words: &str| format!("{} `{}`: {words}", COLUMNS[*column], field.escape_debug());
        match COLUMNS[*column] {
            "kind" => {
                let names = WatchKind::ALL.map(WatchKind::name).join(", ");
                watch.kind = WatchKind::of(field).ok_or_else(|| wrong(&format!("one of {names}")))?;
            }
            "value" | "address" => field.clone_into(&mut watch.value),
            "chain" => watch.chain = Some(Chain::from_name(field).ok_or_else(|| wrong("no chain"))?),
            "direction" => {
                watch.direction = Flow::of(field).ok_or_else(|| wrong("one of any, received, sent"))?;
            }
            "asset" => watch.asset = Some(field.to_owned()),
            "units" => watch.at_least_units = Some(field.parse().map_err(|_| wrong("no number of units"))?),
            "usd" => watch.at_least_usd_cents = Some(usd_cents(field).ok_or_else(|| wrong("no amount of dollars"))?),
            "severity" => {
                let level: Option<Level> = field.parse().ok().filter(|level| *level >= Level::Low);
                watch.severity = level.ok_or_else(|| wrong("one of low, medium, high, severe"))?;
            }
            _ => field.clone_into(&mut watch.note),
        }
    }
    if watch.kind == WatchKind::Amount {
        watch.value.clear();
    }
    watch.checked().map_err(|error| error.to_string())
}

/// `1000` or `1000.50` dollars as cents; none where it is neither.
pub fn usd_cents(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 2 {
        return None;
    }
    let part: u64 = format!("{part:0<2}").parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like() -> NewWatch {
        NewWatch::new(WatchKind::Address, Some(Chain::Bitcoin), "")
    }

    fn wrong(text: &str) -> String {
        read(text.as_bytes(), "list.csv", &like()).unwrap_err().to_string()
    }

    const A: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";

    #[test]
    fn lines_say_what_they_say_and_the_rest_is_as_given() {
        let text = format!(
            "# a comment\nvalue,kind,usd,severity,note\n{A},,,severe,first\n{A},entity,1000.5,,\n,amount,20,,\n"
        );
        let lines = read(text.as_bytes(), "list.csv", &like()).unwrap();
        assert_eq!(lines.len(), 3);
        assert_eq!(
            (lines[0].kind, lines[0].severity, lines[0].note.as_str()),
            (WatchKind::Address, Level::Severe, "first")
        );
        assert_eq!((lines[1].kind, lines[1].at_least_usd_cents), (WatchKind::Entity, Some(100_050)));
        assert_eq!((lines[2].kind, lines[2].at_least_usd_cents), (WatchKind::Amount, Some(2_000)));
        // addresses alone
        let bare = read(format!("{A}\r\n{A}\r\n").as_bytes(), "list.csv", &like()).unwrap();
        assert_eq!(bare.len(), 2);
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        assert!(wrong("").contains("there is no watch"));
        assert!(
            wrong(&format!("{A}\nnonsense\n")).starts_with("list.csv line 2: "),
            "{}",
            wrong(&format!("{A}\nnonsense\n"))
        );
        assert!(wrong(&format!("value,colour\n{A},red\n")).starts_with("list.csv line 1: `colour` is no column"));
        assert!(wrong(&format!("value,severity\n{A},worst\n")).contains("line 2: severity `worst`"));
        assert!(wrong(&format!("value,usd\n{A},1.234\n")).contains("line 2: usd `1.234`"));
        assert!(wrong(&format!("value,units\n{A},-1\n")).contains("line 2: units `-1`"));
        assert!(wrong(&format!("value,kind\n{A}\n")).contains("line 2: has 1 fields, the header 2"));
        assert!(wrong("value,value\n").contains("twice"));
        assert!(wrong("value\n\"never closed\n").starts_with("list.csv line 2"));
        assert!(
            wrong(&format!("value,note\n{A},{}\n", "x".repeat(CSV_LINE_BYTES_MAX))).contains("more than 65536 bytes")
        );
        assert!(read(&b"value\n\xff\xfe\n"[..], "list.csv", &like()).unwrap_err().to_string().contains("line 2"));
    }

    #[test]
    fn dollars_are_read_exactly() {
        assert_eq!(usd_cents("10"), Some(1_000));
        assert_eq!(usd_cents("10.5"), Some(1_050));
        assert_eq!(usd_cents("0.01"), Some(1));
        for wrong in ["", ".", "1.", "-1", "1e3", "1.001", "99999999999999999999"] {
            assert_eq!(usd_cents(wrong), None, "{wrong}");
        }
    }
}
