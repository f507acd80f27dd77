//! Restoring: reading a backup line by line into an empty database, in one transaction.

use super::lines::{Hashes, Head, Line, Manifest, TableEnd, TableHead};
use super::tables::{TABLES, Table};
use super::{BackupReport, FORMAT};
use crate::audit::{self, Actor, Entry, Secret, Target, Verified};
use crate::db::{Database, Tx, Value};
use crate::{Team, TeamError};
use data_encoding::BASE64;
use serde::Serialize;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Bytes of a line: the largest attachment as base64, with room.
const LINE_BYTES_MAX: u64 = 128 << 20;

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestoreReport {
    /// What the backup held.
    pub backup: BackupReport,
    /// When it was made.
    pub made_s: i64,
    /// Whether the audit log in it was whole. A log that was broken before is restored as it was.
    pub audit: Verified,
}

impl Team {
    /// Fills an empty database, which no server uses, from a backup. Where anything is wrong nothing is stored.
    pub fn restore(text: &str, path: &Path, by: &Actor, now_s: i64) -> Result<RestoreReport, TeamError> {
        // before a database is made for it
        let head = Reader::open(path)?.head()?;
        let report = {
            let db = Database::open_at(text, head.tables_version)?;
            db.write(|tx| {
                empty(tx)?;
                let mut reader = Reader::open(path)?;
                reader.head()?;
                let backup = reader.fill(tx)?;
                let audit = audit::verify(tx, None)?;
                Ok::<_, TeamError>(RestoreReport { backup, made_s: head.made_s, audit })
            })?
        };
        // in the tables of this version
        let db = Database::open(text)?;
        db.write(|tx| {
            let secret = tx.one("SELECT value FROM settings WHERE name = 'secret'", &[])?.hash(0)?;
            audit::append(tx, &Secret(secret), &[Entry::new(now_s, by.clone(), "backup.restore", Target::None)])
        })?;
        Ok(report)
    }
}

/// A database that was opened and never used has its secret and the head of an empty log: they give way.
fn empty(tx: &mut Tx<'_>) -> Result<(), TeamError> {
    let mut rows = tx.first("SELECT seq FROM audit_head", &[])?.map_or(Ok(0), |row| row.int(0))?;
    for name in ["users", "audit"] {
        rows += tx.one(&format!("SELECT count(*) FROM {name}"), &[])?.int(0)?;
    }
    if rows > 0 {
        return Err(TeamError::Refused {
            why: "the database is in use: a backup is restored only into an empty one".into(),
        });
    }
    tx.execute("DELETE FROM settings", &[])?;
    tx.execute("DELETE FROM audit_head", &[]).map(drop)
}

struct Reader {
    path: PathBuf,
    from: BufReader<zstd::Decoder<'static, BufReader<File>>>,
    line: Vec<u8>,
    number: u64,
    hashes: Hashes,
    bytes: u64,
}

impl Reader {
    fn open(path: &Path) -> Result<Self, TeamError> {
        let failed = |source| TeamError::Io { path: path.into(), source };
        let file = File::open(path).map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        let from = BufReader::new(zstd::Decoder::new(file).map_err(failed)?);
        Ok(Self { path: path.into(), from, line: Vec::new(), number: 0, hashes: Hashes::default(), bytes })
    }

    fn bad(&self, what: impl Into<String>) -> TeamError {
        TeamError::Backup { path: self.path.clone(), line: self.number, what: what.into() }
    }

    /// The next line, with its end, into `self.line`; false at the end of the file.
    fn next(&mut self) -> Result<bool, TeamError> {
        self.line.clear();
        self.number += 1;
        let read = (&mut self.from).take(LINE_BYTES_MAX).read_until(b'\n', &mut self.line);
        if let Err(error) = read {
            return Err(self.bad(format!("cannot be unpacked: {error}")));
        }
        if self.line.is_empty() {
            return Ok(false);
        }
        if self.line.last() != Some(&b'\n') {
            return Err(self.bad("the line does not end, or is too long"));
        }
        Ok(true)
    }

    fn must(&mut self) -> Result<(), TeamError> {
        if self.next()? { Ok(()) } else { Err(self.bad("the file ends here, and its manifest is missing")) }
    }

    fn head(&mut self) -> Result<Head, TeamError> {
        self.must()?;
        let head: Head = serde_json::from_slice(&self.line).map_err(|_| self.bad("this is no backup of a team"))?;
        let known = Database::tables_version();
        if head.athar_team_backup > FORMAT || head.tables_version > known {
            return Err(self.bad(format!(
                "it is of format {} and tables {}, and this program knows up to {FORMAT} and {known}: use the newer program",
                head.athar_team_backup, head.tables_version
            )));
        }
        if head.tables_version < 1 {
            return Err(self.bad("its version is none"));
        }
        self.hashes.take(&self.line);
        Ok(head)
    }

    fn fill(&mut self, tx: &mut Tx<'_>) -> Result<BackupReport, TeamError> {
        let mut ends: Vec<TableEnd> = Vec::new();
        loop {
            self.must()?;
            match serde_json::from_slice(&self.line).map_err(|_| self.bad("neither a table nor the manifest"))? {
                Line::Table(head) => {
                    self.hashes.take(&self.line);
                    let table = self.known(&head, &ends)?;
                    ends.push(self.table(tx, table, &head)?);
                }
                Line::Manifest(manifest) => return self.finish(tx, &manifest, &ends),
                Line::End(_) => return Err(self.bad("the end of a table that did not begin")),
            }
        }
    }

    fn known(&self, head: &TableHead, before: &[TableEnd]) -> Result<&'static Table, TeamError> {
        let table = TABLES.iter().find(|table| table.name == head.table);
        let table = table.ok_or_else(|| self.bad(format!("the table {:?} is not known", head.table)))?;
        // names go into statements: only those that we know
        if let Some(column) = head.columns.iter().find(|column| !table.columns.contains(&column.as_str())) {
            return Err(self.bad(format!("the column {column:?} of {} is not known", table.name)));
        }
        if before.iter().any(|end| end.end == head.table) || head.columns.is_empty() {
            return Err(self.bad(format!("the table {} comes twice, or has no columns", table.name)));
        }
        Ok(table)
    }

    fn table(&mut self, tx: &mut Tx<'_>, table: &Table, head: &TableHead) -> Result<TableEnd, TeamError> {
        self.hashes.begin_table();
        let places: Vec<String> = (1..=head.columns.len()).map(|number| format!("?{number}")).collect();
        let sql = format!("INSERT INTO {} ({}) VALUES ({})", table.name, head.columns.join(", "), places.join(", "));
        loop {
            self.must()?;
            if self.line.first() != Some(&b'[') {
                break;
            }
            let row: Vec<serde_json::Value> =
                serde_json::from_slice(&self.line).map_err(|error| self.bad(format!("no row: {error}")))?;
            if row.len() != head.columns.len() {
                return Err(self.bad(format!("{} values for {} columns", row.len(), head.columns.len())));
            }
            let values = row.into_iter().map(decoded).collect::<Option<Vec<Value>>>();
            let values = values.ok_or_else(|| self.bad("a value is neither number, text, bytes nor null"))?;
            self.hashes.take(&self.line);
            tx.execute(&sql, &values).map_err(|error| match error {
                TeamError::Taken { .. } | TeamError::Reference { .. } | TeamError::Invalid { .. } => {
                    self.bad(format!("the row does not fit into {}: {error}", table.name))
                }
                other => other,
            })?;
        }
        let end: TableEnd =
            serde_json::from_slice(&self.line).map_err(|_| self.bad("neither a row nor the end of the table"))?;
        let (rows, blake3) = self.hashes.table();
        if (end.end.as_str(), end.rows) != (table.name, rows) {
            return Err(self.bad(format!(
                "{} rows of {} were read, and {} of {} are said to be",
                rows, table.name, end.rows, end.end
            )));
        }
        if end.blake3 != blake3 {
            return Err(
                self.bad(format!("the rows of {} are not those that were written: their hash is another", table.name))
            );
        }
        self.hashes.take(&self.line);
        if let Some(next) = head.next.filter(|_| table.numbered) {
            tx.set_next_key(table.name, next)?;
        }
        Ok(end)
    }

    fn finish(&mut self, tx: &mut Tx<'_>, manifest: &Manifest, ends: &[TableEnd]) -> Result<BackupReport, TeamError> {
        let blake3 = self.hashes.all();
        if manifest.manifest != ends || manifest.blake3 != blake3 {
            return Err(self.bad("the manifest is not that of the lines before it"));
        }
        if self.next()? {
            return Err(self.bad("there is more after the manifest"));
        }
        let audit_seq = tx.first("SELECT seq FROM audit_head", &[])?.map_or(Ok(0), |row| row.int(0))?;
        let tables = ends.iter().map(|end| (end.end.clone(), end.rows)).collect();
        Ok(BackupReport { tables, bytes: self.bytes, blake3, audit_seq })
    }
}

fn decoded(value: serde_json::Value) -> Option<Value> {
    Some(match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Number(number) => Value::Int(number.as_i64()?),
        serde_json::Value::String(text) => Value::Text(text),
        serde_json::Value::Object(object) => match (object.len(), object.get("b")) {
            (1, Some(serde_json::Value::String(text))) => Value::Bytes(BASE64.decode(text.as_bytes()).ok()?),
            _ => return None,
        },
        _ => return None,
    })
}
