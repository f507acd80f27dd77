//! SQLite: the vault's database, which has the settings, the one writer and the readers beside it.

use super::dialect::{Dialect, tables};
use super::turns::Turns;
use super::tx::{Failed, Inner, Tx};
use super::value::{Row, Value};
use crate::TeamError;
use athar_vault::{CHECKPOINT_PAGES, Database, Failure, private_file, private_folder};
use rusqlite::types::ValueRef;
use rusqlite::{ErrorCode, ffi};
use std::path::Path;

#[derive(Debug)]
pub(super) struct Sqlite {
    pub(super) database: Database<TeamError>,
    turns: Turns,
}

impl Sqlite {
    /// Opens the file or makes it, with its folder, for this user alone.
    pub(super) fn open(path: &Path, steps: &[&str]) -> Result<Self, TeamError> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
            private_folder(folder)?;
        }
        private_file(path)?;
        let steps: Vec<String> = steps.iter().map(|sql| tables(Dialect::Sqlite, sql)).collect();
        let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
        Ok(Self { database: Database::open(path.into(), &steps, CHECKPOINT_PAGES)?, turns: Turns::default() })
    }

    pub(super) fn transaction<T, E: From<TeamError>>(
        &self,
        name: &str,
        writes: bool,
        work: &mut dyn FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        // the vault knows one type of error; the caller's waits outside
        let mut theirs = None;
        let run = |transaction: &rusqlite::Transaction<'_>| {
            let mut tx = Tx { inner: Inner::Sqlite(transaction), database: name, failed: None };
            let done = work(&mut tx);
            let failed = tx.failed;
            match done {
                Ok(done) if failed.is_none() => Ok(done),
                Ok(_) => Err(Failure::Ours(swallowed(name))),
                Err(error) => {
                    theirs = Some(error);
                    Err(Failure::Ours(swallowed(name)))
                }
            }
        };
        let _turn = writes.then(|| self.turns.take());
        let done = if writes { self.database.write(run) } else { self.database.read(run) };
        done.map_err(|error| theirs.unwrap_or_else(|| error.into()))
    }
}

/// A statement failed, and its error went no further: what came after it must not be stored.
pub(super) fn swallowed(name: &str) -> TeamError {
    TeamError::Database { database: name.into(), what: "a failed statement was passed over; nothing was stored".into() }
}

pub(super) fn run(
    transaction: &rusqlite::Transaction<'_>,
    name: &str,
    sql: &str,
    params: &[Value],
    take: &mut dyn FnMut(Row) -> Result<(), TeamError>,
) -> Result<u64, (Failed, TeamError)> {
    let failed = |error: rusqlite::Error| (Failed::Final, in_words(name, &error));
    let mut statement = transaction.prepare_cached(sql).map_err(failed)?;
    if statement.column_count() == 0 {
        let changed = statement.execute(rusqlite::params_from_iter(params)).map_err(failed)?;
        return Ok(changed as u64);
    }
    let columns = statement.column_count();
    let mut rows = statement.query(rusqlite::params_from_iter(params)).map_err(failed)?;
    let mut count = 0;
    while let Some(row) = rows.next().map_err(failed)? {
        let mut values = Vec::with_capacity(columns);
        for column in 0..columns {
            values.push(match row.get_ref(column).map_err(failed)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(value) => Value::Int(value),
                ValueRef::Text(value) => Value::Text(String::from_utf8_lossy(value).into_owned()),
                ValueRef::Blob(value) => Value::Bytes(value.into()),
                ValueRef::Real(_) => return Err((Failed::Final, real(name, column))),
            });
        }
        count += 1;
        take(Row { values }).map_err(|error| (Failed::Final, error))?;
    }
    Ok(count)
}

fn real(name: &str, column: usize) -> TeamError {
    TeamError::Damaged { database: name.into(), what: format!("column {column} holds a floating-point number") }
}

fn in_words(name: &str, error: &rusqlite::Error) -> TeamError {
    let database = name.to_owned();
    let what = error.to_string();
    let extended = error.sqlite_error().map_or(0, |error| error.extended_code);
    match error.sqlite_error_code() {
        _ if matches!(extended, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => {
            TeamError::Taken { what }
        }
        _ if extended == ffi::SQLITE_CONSTRAINT_FOREIGNKEY => TeamError::Reference { what },
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => TeamError::Damaged { database, what },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => TeamError::Busy { database, what },
        Some(ErrorCode::DiskFull) => TeamError::Full { database },
        _ => TeamError::Database { database, what },
    }
}
