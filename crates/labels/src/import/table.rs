//! Tables in CSV or JSON lines: a header that must fit, rows with their true line numbers, and a refusal of the whole where the
//! columns do not add up.

use super::source::Source;
use crate::defect::shown;
use crate::error::LabelError;
use crate::export::guarded;
use crate::pack::Format;
use csv::{ReaderBuilder, StringRecord};
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A table with its header.
pub(crate) struct Table {
    columns: Vec<String>,
    rows: Vec<(u32, StringRecord)>,
}

/// A row: its cells by column, and its line.
#[derive(Clone, Copy)]
pub(crate) struct TableRow<'a> {
    table: &'a Table,
    record: &'a StringRecord,
    pub(crate) line: u32,
}

impl<'a> TableRow<'a> {
    /// The cell of a column as written; empty where there is no such column.
    pub(crate) fn raw(&self, column: &str) -> &'a str {
        let at = self.table.columns.iter().position(|c| c == column);
        at.and_then(|i| self.record.get(i)).unwrap_or_default()
    }

    /// The cell of a column without white space around it; `None` where it is empty.
    pub(crate) fn cell(&self, column: &str) -> Option<&'a str> {
        Some(self.raw(column).trim()).filter(|text| !text.is_empty())
    }
}

impl Table {
    /// Reads a table whose header has at least `required` columns, each once.
    pub(crate) fn read(source: &Source, required: &[&str]) -> Result<Self, LabelError> {
        Self::read_as(source, required, b',', &BTreeMap::new())
    }

    /// As [`Self::read`], of cells parted by `delimiter`; `names` has the header's name for a column of ours.
    pub(crate) fn read_as(
        source: &Source,
        required: &[&str],
        delimiter: u8,
        names: &BTreeMap<String, String>,
    ) -> Result<Self, LabelError> {
        let mut reader =
            ReaderBuilder::new().has_headers(false).delimiter(delimiter).from_reader(source.text.as_bytes());
        let mut records = Vec::new();
        let mut record = StringRecord::new();
        loop {
            // the reader's position may still stand before line ends and blank lines that it is about to skip
            let start = reader.position().byte() as usize;
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return Err(refusal(source, start, &error)),
            }
            records.push((source.line(skip_line_ends(&source.text, start)), record.clone()));
        }
        let mut rows = records.into_iter();
        let Some((line, header)) = rows.next() else { return Err(source.malformed(1, 0, "no header")) };
        let columns = header.iter().map(|name| name.trim().to_lowercase()).collect();
        Ok(Self { columns: named(source, line, columns, names, required)?, rows: rows.collect() })
    }

    /// Reads JSON lines, an object on each, as a table: its columns are the names of all fields, in the order in which they
    /// come. A number stays as written; a list or an object is its JSON text. Cells are guarded as those of our own tables are.
    pub(crate) fn read_json_lines(
        source: &Source,
        required: &[&str],
        names: &BTreeMap<String, String>,
    ) -> Result<Self, LabelError> {
        let mut columns: Vec<String> = Vec::new();
        let mut objects = Vec::new();
        for (i, text) in source.text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
            let line = i as u32 + 1;
            let fields: Fields<'_> = serde_json::from_str(text)
                .map_err(|error| source.malformed(line, error.column() as u32, error.to_string()))?;
            let mut cells: Vec<(usize, String)> = Vec::with_capacity(fields.0.len());
            for (name, value) in fields.0 {
                let name = name.trim().to_lowercase();
                let at = columns.iter().position(|c| *c == name).unwrap_or_else(|| {
                    columns.push(name.clone());
                    columns.len() - 1
                });
                if columns.len() > COLUMNS_MAX {
                    return Err(source.malformed(line, 0, format!("more than {COLUMNS_MAX} different fields")));
                }
                if cells.iter().any(|(other, _)| *other == at) {
                    return Err(source.malformed(line, 0, format!("field `{}` stands there twice", shown(&name))));
                }
                let text = match value.get() {
                    "null" => String::new(),
                    text if text.starts_with('"') => serde_json::from_str(text)
                        .map_err(|error| source.malformed(line, 0, format!("`{}`: {error}", shown(&name))))?,
                    text => text.to_owned(),
                };
                cells.push((at, guarded(&text)));
            }
            objects.push((line, cells));
        }
        let width = columns.len();
        let row = |cells: Vec<(usize, String)>| {
            let mut row = vec![String::new(); width];
            for (at, text) in cells {
                row[at] = text;
            }
            StringRecord::from(row)
        };
        let columns = named(source, 1, columns, names, required)?;
        Ok(Self { columns, rows: objects.into_iter().map(|(line, cells)| (line, row(cells))).collect() })
    }

    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = TableRow<'_>> {
        self.rows.iter().map(|(line, record)| TableRow { table: self, record, line: *line })
    }
}

/// Different fields of JSON lines; each is a column of every row.
const COLUMNS_MAX: usize = 256;

/// The fields of a JSON object in their order, doubled ones too, with their values as written.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfObject;

        impl<'de> Visitor<'de> for OfObject {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object on each line")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(OfObject)
    }
}

/// The columns under our names, each there once and none that is required absent.
fn named(
    source: &Source,
    line: u32,
    mut columns: Vec<String>,
    names: &BTreeMap<String, String>,
    required: &[&str],
) -> Result<Vec<String>, LabelError> {
    let mut renamed: Vec<(usize, String)> = Vec::with_capacity(names.len());
    for (ours, theirs) in names {
        let theirs = theirs.trim().to_lowercase();
        let Some(at) = columns.iter().position(|c| *c == theirs) else {
            return Err(source.malformed(line, 0, format!("column `{}` is missing", shown(&theirs))));
        };
        if renamed.iter().any(|(other, _)| *other == at) {
            let message = format!("column `{}` is named for two fields", shown(&theirs));
            return Err(source.malformed(line, 0, message));
        }
        renamed.push((at, ours.clone()));
    }
    for (at, ours) in renamed {
        columns[at] = ours;
    }
    for (i, name) in columns.iter().enumerate() {
        if columns[..i].contains(name) {
            return Err(source.malformed(line, 0, format!("column `{}` stands there twice", shown(name))));
        }
    }
    for name in required {
        if !columns.iter().any(|c| c == name) {
            return Err(source.malformed(line, 0, format!("column `{name}` is missing")));
        }
    }
    Ok(columns)
}

fn skip_line_ends(text: &str, from: usize) -> usize {
    from + text.as_bytes()[from.min(text.len())..].iter().take_while(|b| matches!(b, b'\r' | b'\n')).count()
}

fn refusal(source: &Source, start: usize, error: &csv::Error) -> LabelError {
    let line = source.line(skip_line_ends(&source.text, start));
    let message = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} columns where the header has {expected_len}")
        }
        _ => error.to_string(),
    };
    source.malformed(line, 0, message)
}

/// The table format that a header belongs to.
pub(crate) fn recognise(text: &str) -> Option<Format> {
    let header = text.lines().next()?;
    let columns: Vec<String> = header.split(',').map(|c| c.trim().trim_matches('"').to_lowercase()).collect();
    let has = |names: &[&str]| names.iter().all(|name| columns.iter().any(|c| c == name));
    if has(&["address", "ofac_currency", "sdn_uid", "entity"]) {
        Some(Format::OfacCsv)
    } else if has(&["order", "identifier", "asset"]) {
        Some(Format::Nbctf)
    } else if columns.iter().any(|c| c == "address") {
        Some(Format::PlainCsv)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::Limits;
    use std::path::Path;

    fn source(text: &str) -> Source {
        Source::from_bytes(Path::new("f.csv"), text.as_bytes(), &Limits::default(), None).unwrap()
    }

    fn refused(text: &str) -> String {
        Table::read(&source(text), &["a", "b"]).err().unwrap().to_string()
    }

    #[test]
    fn rows_know_their_line_past_blank_lines_and_quoted_line_ends() {
        let source = source("\r\na, B \r\n\r\n\r\n1,\"x\ny\"\r\n2, z \n\n3,\n");
        let table = Table::read(&source, &["a", "b"]).unwrap();
        let rows: Vec<_> = table.rows().map(|r| (r.line, r.raw("a"), r.cell("b"))).collect();
        assert_eq!(rows, [(5, "1", Some("x\ny")), (7, "2", Some("z")), (9, "3", None)]);
        assert_eq!(table.rows().next().unwrap().raw("no such column"), "");
    }

    #[test]
    fn columns_that_do_not_add_up_refuse_the_file_with_its_line() {
        assert_eq!(refused("a,b\n1,2\n\n1,2,3\n"), "f.csv: line 4, column 0: 3 columns where the header has 2");
        assert_eq!(refused("a,c\n"), "f.csv: line 1, column 0: column `b` is missing");
        assert_eq!(refused("a,b,A\n"), "f.csv: line 1, column 0: column `a` stands there twice");
        assert_eq!(refused(""), "f.csv: line 1, column 0: no header");
        // an open quote swallows the rest of the file, and the row then has too few columns
        assert_eq!(refused("a,b\n\"1,2\n3,4\n"), "f.csv: line 2, column 0: 1 columns where the header has 2");
    }
}
