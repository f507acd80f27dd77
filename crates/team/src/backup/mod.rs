//! Backup and restore: everything that a team keeps, in one file that either database can be filled from.
//!
//! The file is zstd over lines of JSON: a head, then for each table a line with its columns, a line for each row and a line with its count and hash, and at
//! last a manifest with the counts and hashes of all. It is read from one state of the database while others go on writing. A file
//! that ends too early, or of which a byte is another, is refused with its line, and nothing of it is stored.
//!
//! Sessions and counted failures are left out: a restored database lets nobody in who had not logged in again.

mod lines;
mod restore;
mod tables;

use crate::audit::{Actor, Entry, Target};
use crate::db::{Database, Value};
use crate::{Team, TeamError};
use data_encoding::{BASE64, HEXLOWER};
use lines::{Hashed, Head, Line, Manifest, TableEnd, TableHead};
use serde::Serialize;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::Path;

pub use restore::RestoreReport;
use tables::TABLES;

/// Version of the file.
const FORMAT: u32 = 1;
/// Level of compression: fast, since a backup should be made often.
const LEVEL: i32 = 3;

/// What a backup holds, or what was restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackupReport {
    /// Rows, by table.
    pub tables: Vec<(String, u64)>,
    /// Bytes of the file.
    pub bytes: u64,
    /// BLAKE3 of all lines before the manifest, in hexadecimal digits.
    pub blake3: String,
    /// The newest entry of the audit log in it.
    pub audit_seq: i64,
}

impl Team {
    /// Writes a backup to a file that is not there yet; it appears whole or not at all, readable for this user alone.
    pub fn backup(&self, by: &Actor, now_s: i64, path: &Path) -> Result<BackupReport, TeamError> {
        if path.exists() {
            return Err(TeamError::Refused { why: format!("{} is there already", path.display()) });
        }
        let entry = Entry::new(now_s, by.clone(), "backup.make", Target::None);
        self.append_read(entry)?;
        let failed = |source| TeamError::Io { path: path.into(), source };
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = path.with_file_name(name);
        // what an earlier run left behind
        let _ = fs::remove_file(&part);
        athar_vault::private_file(&part)?;
        let done = write(self.db(), now_s, &part).and_then(|report| {
            fs::rename(&part, path).map_err(failed)?;
            sync_folder(path).map_err(failed)?;
            Ok(report)
        });
        if done.is_err() {
            let _ = fs::remove_file(&part);
        }
        done
    }
}

/// The folder's entry of a renamed file is on the disk too.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn write(db: &Database, now_s: i64, part: &Path) -> Result<BackupReport, TeamError> {
    let failed = |source| TeamError::Io { path: part.into(), source };
    db.read(|tx| {
        let file = File::options().write(true).truncate(true).open(part).map_err(failed)?;
        let zstd = zstd::Encoder::new(BufWriter::new(file), LEVEL).map_err(failed)?;
        let mut out = Hashed::new(zstd);
        let head = Head { athar_team_backup: FORMAT, tables_version: Database::tables_version(), made_s: now_s };
        out.line(&head).map_err(failed)?;
        let audit_seq = tx.one("SELECT seq FROM audit_head", &[])?.int(0)?;
        let mut manifest = Vec::new();
        for table in TABLES {
            let next = if table.numbered { Some(tx.next_key(table.name)?) } else { None };
            let columns = table.columns.iter().map(ToString::to_string).collect();
            out.line(&Line::Table(TableHead { table: table.name.into(), columns, next })).map_err(failed)?;
            out.hashes.begin_table();
            let sql = format!("SELECT {} FROM {}", table.columns.join(", "), table.name);
            tx.each(&sql, &[], |row| out.line(&encoded(row.values())).map_err(failed))?;
            let (rows, blake3) = out.hashes.table();
            let end = TableEnd { end: table.name.into(), rows, blake3 };
            out.line(&Line::End(end.clone())).map_err(failed)?;
            manifest.push(end);
        }
        let blake3 = out.hashes.all();
        let tables = manifest.iter().map(|end| (end.end.clone(), end.rows)).collect();
        out.line(&Line::Manifest(Manifest { manifest, blake3: blake3.clone() })).map_err(failed)?;
        let file = out.into_inner().finish().and_then(|buffer| Ok(buffer.into_inner()?)).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        Ok(BackupReport { tables, bytes, blake3, audit_seq })
    })
}

fn encoded(values: &[Value]) -> Vec<serde_json::Value> {
    let one = |value: &Value| match value {
        Value::Int(value) => (*value).into(),
        Value::Text(value) => value.as_str().into(),
        Value::Bytes(value) => serde_json::json!({ "b": BASE64.encode(value) }),
        Value::Null => serde_json::Value::Null,
    };
    values.iter().map(one).collect()
}

fn hex(hash: &blake3::Hash) -> String {
    HEXLOWER.encode(hash.as_bytes())
}
