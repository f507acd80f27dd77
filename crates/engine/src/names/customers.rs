//! Files of names to ask: customers (`name`, and if there `born`, `country`, `id`), or pairs to compare.

use crate::error::EngineError;
use athar_lists::{ReadOptions, read_text};
use athar_names::{Facts, Query};
use std::path::{Path, PathBuf};

/// The customers of a file.
#[derive(Clone, Debug)]
pub struct Customers {
    /// The file.
    pub path: PathBuf,
    /// BLAKE3 of the file in hexadecimal.
    pub hash: String,
    /// The encoding that it was read in.
    pub encoding: String,
    /// A query for each row, in the order of the file.
    pub queries: Vec<Query>,
}

/// Pairs of names.
#[derive(Clone, Debug)]
pub struct NamePairs {
    /// The encoding that the file was read in.
    pub encoding: String,
    /// The pairs, in the order of the file.
    pub pairs: Vec<(String, String)>,
}

/// A table with named columns.
struct Table {
    hash: String,
    encoding: String,
    columns: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

impl Table {
    fn read(path: &Path, encoding: Option<&str>) -> Result<Self, EngineError> {
        let options = ReadOptions { encoding: encoding.map(str::to_owned), ..ReadOptions::default() };
        let (text, hash, encoding) = read_text(path, &options)?;
        let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
        let input = |error: &csv::Error| EngineError::Input {
            path: path.into(),
            line: error.position().map_or(1, csv::Position::line),
            what: error.to_string(),
        };
        let header = reader.headers().map_err(|e| input(&e))?;
        let columns = header.iter().map(|c| c.trim().trim_start_matches('\u{FEFF}').to_lowercase()).collect();
        let rows = reader.records().collect::<Result<Vec<_>, _>>().map_err(|e| input(&e))?;
        Ok(Self { hash, encoding, columns, rows })
    }

    fn column(&self, names: &[&str]) -> Option<usize> {
        self.columns.iter().position(|c| names.contains(&c.as_str()))
    }

    fn required(&self, path: &Path, name: &str) -> Result<usize, EngineError> {
        self.column(&[name]).ok_or_else(|| EngineError::Input {
            path: path.into(),
            line: 1,
            what: format!("no column `{name}`"),
        })
    }
}

impl Customers {
    /// Reads a table with the column `name` and, if there, `born` (a year or a date), `country` and `id` (passport, number
    /// of registration). `encoding`: what the file is in, where its bytes do not show it.
    pub fn read(path: &Path, encoding: Option<&str>) -> Result<Self, EngineError> {
        let table = Table::read(path, encoding)?;
        let name = table.required(path, "name")?;
        let born = table.column(&["born", "birth", "birth_date", "date_of_birth", "dob"]);
        let country = table.column(&["country", "nationality"]);
        let id = table.column(&["id", "identifier", "passport"]);
        let query = |row: &csv::StringRecord| {
            let cell = |column: Option<usize>| column.and_then(|c| row.get(c)).map(str::trim).filter(|t| !t.is_empty());
            Query {
                name: row.get(name).unwrap_or_default().to_owned(),
                facts: Facts {
                    born: cell(born).and_then(Facts::years).into_iter().collect(),
                    countries: cell(country).map(str::to_owned).into_iter().collect(),
                    identifiers: cell(id).map(str::to_owned).into_iter().collect(),
                },
            }
        };
        let queries = table.rows.iter().map(query).collect();
        Ok(Self { path: path.into(), hash: table.hash, encoding: table.encoding, queries })
    }
}

impl NamePairs {
    /// Reads a table with the columns `name1` and `name2`.
    pub fn read(path: &Path, encoding: Option<&str>) -> Result<Self, EngineError> {
        let table = Table::read(path, encoding)?;
        let (one, two) = (table.required(path, "name1")?, table.required(path, "name2")?);
        let cell = |row: &csv::StringRecord, column: usize| row.get(column).unwrap_or_default().to_owned();
        let pairs = table.rows.iter().map(|row| (cell(row, one), cell(row, two))).collect();
        Ok(Self { encoding: table.encoding, pairs })
    }
}
