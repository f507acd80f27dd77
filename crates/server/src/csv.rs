//! Tables out: comma-separated values whose cells no spreadsheet runs.

use crate::problem::Problem;
use athar_engine::guarded;
use serde_json::Value;

/// A table in the making.
pub(crate) struct Table {
    writer: csv::Writer<Vec<u8>>,
}

impl Table {
    /// A table with these columns.
    pub(crate) fn new(columns: &[&str]) -> Result<Self, Problem> {
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        writer.write_record(columns).map_err(|e| Problem::internal(e.to_string()))?;
        Ok(Self { writer })
    }

    /// A row. Every cell is guarded: an apostrophe stands before what a spreadsheet would take for a formula, control characters
    /// become spaces.
    pub(crate) fn row(&mut self, cells: impl Iterator<Item = String>) -> Result<(), Problem> {
        // guarded first: a tab or a return at the beginning counts as one of a formula's
        let cells = cells.map(|cell| guarded(&cell).replace(char::is_control, " "));
        self.writer.write_record(cells).map_err(|e| Problem::internal(e.to_string()))
    }

    /// The bytes.
    pub(crate) fn end(mut self) -> Result<Vec<u8>, Problem> {
        self.writer.flush().map_err(|e| Problem::internal(e.to_string()))?;
        self.writer.into_inner().map_err(|e| Problem::internal(e.to_string()))
    }
}

/// A JSON value as a cell: a text as it is, null as nothing.
pub(crate) fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;

    #[test]
    fn no_cell_begins_a_formula_or_breaks_its_row() {
        let mut table = Table::new(&["a", "b"]).unwrap();
        let hostile = ["=1+1", "@x", "+x", "-x", "\t=x", "\r=x", "a\nb", "\"quoted\", twice", "\u{1b}[31m", "'=x"];
        for text in hostile {
            table.row([text.to_string(), text.to_string()].into_iter()).unwrap();
        }
        let bytes = table.end().unwrap();
        let mut reader = csv::Reader::from_reader(&bytes[..]);
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), hostile.len());
        for cell in rows.iter().flatten() {
            let first = cell.trim_start().chars().next().unwrap();
            assert!(!"=+-@".contains(first) && !cell.contains(char::is_control), "{cell:?}");
        }
    }
}
