//! The lines of a backup, and their hashes.

use super::hex;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    /// Version of the file's format.
    pub(super) athar_team_backup: u32,
    /// Version of the tables.
    pub(super) tables_version: i64,
    pub(super) made_s: i64,
}

/// Every further line that is no row.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Line {
    Table(TableHead),
    End(TableEnd),
    Manifest(Manifest),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableHead {
    pub(super) table: String,
    pub(super) columns: Vec<String>,
    /// The key that the next row would have got: a key of a deleted row is not given again, in the restored database neither.
    pub(super) next: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableEnd {
    pub(super) end: String,
    pub(super) rows: u64,
    /// Of the table's rows, each with its end of line.
    pub(super) blake3: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) manifest: Vec<TableEnd>,
    /// Of all lines before this one.
    pub(super) blake3: String,
}

/// Hashes of the lines that pass: of all, and of a table's rows.
#[derive(Debug, Default)]
pub(super) struct Hashes {
    all: blake3::Hasher,
    table: blake3::Hasher,
    rows: u64,
}

impl Hashes {
    /// A line, with its end.
    pub(super) fn take(&mut self, line: &[u8]) {
        self.all.update(line);
        self.table.update(line);
        self.rows += 1;
    }

    pub(super) fn begin_table(&mut self) {
        self.table.reset();
        self.rows = 0;
    }

    /// Rows since the table began, and their hash.
    pub(super) fn table(&self) -> (u64, String) {
        (self.rows, hex(&self.table.finalize()))
    }

    pub(super) fn all(&self) -> String {
        hex(&self.all.finalize())
    }
}

/// A writer of lines.
#[derive(Debug)]
pub(super) struct Hashed<W> {
    inner: W,
    pub(super) hashes: Hashes,
}

impl<W: Write> Hashed<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, hashes: Hashes::default() }
    }

    pub(super) fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.hashes.take(&text);
        self.inner.write_all(&text)
    }

    pub(super) fn into_inner(self) -> W {
        self.inner
    }
}
