//! Lines of one table as rows.

use super::AccountSourceError;
use super::text::Chunk;
use athar_chains::account::etl::{
    self, BlockPart, Cells, Columns, EtlError, FeePart, LogPart, ReceiptPart, Table, TracePart, TxPart,
};
use std::path::Path;

/// A row of a table.
pub(crate) trait Row: Sized + Send {
    /// Reads it.
    fn read(cells: &Cells<'_>, table: Table) -> Result<Self, EtlError>;
    /// The number of its block, by which tables are merged.
    fn block(&self) -> u64;
}

macro_rules! row {
    ($part:ty, $read:expr, $block:expr) => {
        impl Row for $part {
            fn read(cells: &Cells<'_>, table: Table) -> Result<Self, EtlError> {
                let read: fn(&Cells<'_>, Table) -> Result<Self, EtlError> = $read;
                read(cells, table)
            }

            fn block(&self) -> u64 {
                let block: fn(&Self) -> u64 = $block;
                block(self)
            }
        }
    };
}

row!(BlockPart, |cells, _| etl::block(cells), |part| part.number);
row!(TxPart, |cells, _| etl::transaction(cells), |part| part.block);
row!(ReceiptPart, |cells, _| etl::receipt(cells), |part| part.block);
row!(
    LogPart,
    |cells, table| if table == Table::TokenTransfers { etl::token_transfer(cells) } else { etl::log(cells) },
    |part| part.block
);
row!(TracePart, |cells, _| etl::trace(cells), |part| part.block);
// a fee names no block: it is found by its transaction
row!(FeePart, |cells, _| etl::fee(cells), |_| 0);

/// A row and where it stands.
pub(crate) struct Keyed<R> {
    pub(crate) block: u64,
    pub(crate) line: u64,
    /// Which of the table's files.
    pub(crate) file: u32,
    /// Length of its line.
    pub(crate) len: u32,
    pub(crate) row: R,
}

/// How the lines of a file are written.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    /// CSV with these columns.
    Csv(Columns),
    /// One JSON object a line.
    Json,
}

/// Splits lines of CSV.
pub(crate) struct CsvLine {
    core: csv_core::Reader,
    out: Vec<u8>,
    ends: Vec<usize>,
}

impl CsvLine {
    pub(crate) fn new() -> Self {
        Self { core: csv_core::Reader::new(), out: Vec::new(), ends: Vec::new() }
    }

    /// The cells of a line. An error is the number of cells that it has, 0 where a quote does not end.
    pub(crate) fn cells<'a>(&'a mut self, line: &'a str, columns: &Columns) -> Result<Cells<'a>, usize> {
        let mut cells = Cells::default();
        let mut count = 0;
        let mut set = |text: &'a str| {
            if let Some(field) = columns.get(count) {
                cells.set_text(field, text);
            }
            count += 1;
        };
        let mut from = 0;
        // a line without quotes needs no more than its commas, and is read several times as fast
        if memchr::memchr(b'"', line.as_bytes()).is_none() {
            for comma in memchr::memchr_iter(b',', line.as_bytes()) {
                set(&line[from..comma]);
                from = comma + 1;
            }
            set(&line[from..]);
        } else {
            let fields = self.quoted(line).ok_or(0_usize)?;
            let text = std::str::from_utf8(&self.out).map_err(|_| 0_usize)?;
            for end in &self.ends[..fields] {
                set(text.get(from..*end).ok_or(0_usize)?);
                from = *end;
            }
        }
        if count == columns.len() { Ok(cells) } else { Err(count) }
    }

    /// Splits a line with quotes; the number of its cells.
    fn quoted(&mut self, line: &str) -> Option<usize> {
        if memchr::memchr_iter(b'"', line.as_bytes()).count() % 2 != 0 {
            return None;
        }
        self.core.reset();
        self.out.clear();
        self.out.resize(line.len() + 1, 0);
        self.ends.clear();
        self.ends.resize(memchr::memchr_iter(b',', line.as_bytes()).count() + 2, 0);
        let (result, read, wrote, fields) = self.core.read_record(line.as_bytes(), &mut self.out, &mut self.ends);
        if result != csv_core::ReadRecordResult::InputEmpty || read < line.len() {
            return None;
        }
        // a line without its end is a record once the end of the input is told
        let (_, _, _, last) = self.core.read_record(&[], &mut self.out[wrote..], &mut self.ends[fields..]);
        Some(fields + last)
    }
}

/// The rows of a chunk.
pub(crate) fn rows<R: Row>(
    chunk: &Chunk,
    shape: &Shape,
    table: Table,
    path: &Path,
    file: u32,
) -> Result<Vec<Keyed<R>>, AccountSourceError> {
    let mut out = Vec::with_capacity(chunk.bytes.len() / 256);
    let mut csv = CsvLine::new();
    for (line, bytes) in chunk.lines() {
        let place = || path.to_path_buf();
        let text = std::str::from_utf8(bytes).map_err(|_| AccountSourceError::Encoding { path: place(), line })?;
        let row = match shape {
            Shape::Json => Cells::of_json(text).and_then(|cells| R::read(&cells, table)),
            Shape::Csv(_) if line == 1 => continue, // the header
            Shape::Csv(columns) => {
                let expected = columns.len();
                let wrong = |found| AccountSourceError::Columns { path: place(), line, found, expected };
                R::read(&csv.cells(text, columns).map_err(wrong)?, table)
            }
        };
        let row = row.map_err(|source| AccountSourceError::Row { path: place(), line, source })?;
        out.push(Keyed { block: row.block(), line, file, len: bytes.len() as u32, row });
    }
    if let (Shape::Csv(_), false, Some(last)) = (shape, chunk.is_ended, out.last()) {
        // half a number is a number as well
        return Err(AccountSourceError::NoEnd { path: path.to_path_buf(), line: last.line });
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use athar_chains::account::etl::{Cell, Field};

    #[test]
    fn quotes_hold_commas_together() {
        let columns = Columns::of(["log_index", "data", "topics", "other"].into_iter()).unwrap();
        let mut csv = CsvLine::new();
        for (line, topics) in [
            ("1,0x,\"a,b\",x", Some("a,b")),
            ("1,0x,\"say \"\"b\"\"\",x", Some("say \"b\"")),
            ("1,0x,a;b,x", Some("a;b")),
            ("1,0x,\"\",x", None),
            ("1,0x,,", None),
        ] {
            let cells = csv.cells(line, &columns).unwrap();
            let expected = topics.map(|text| Cell::Text(text.into()));
            assert_eq!(cells.get(Field::Topics), expected.as_ref(), "{line}");
        }
        assert_eq!(csv.cells("1,0x,\"a,b", &columns).unwrap_err(), 0);
        assert_eq!(csv.cells("1,0x,\"a,b\"", &columns).unwrap_err(), 3);
        assert_eq!(csv.cells("1,0x,a,b,c", &columns).unwrap_err(), 5);
    }
}
