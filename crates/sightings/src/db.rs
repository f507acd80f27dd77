//! The database of items and sightings: opening it, its versions, one writer, readers beside it.
//!
//! SQLite in WAL mode with `synchronous=FULL`: what was answered is on the disk. Whoever writes takes the write lock at once
//! (`BEGIN IMMEDIATE`), so two writers, of this process or of others, wait for each other instead of failing half-way.

use crate::error::SightingsError;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The tables, version by version: entry `n` takes version `n` to `n + 1`.
const MIGRATIONS: [&str; 1] = [include_str!("schema.sql")];
/// How long is waited for another writer.
pub(crate) const BUSY: Duration = Duration::from_secs(10);
/// Idle connections for reading that are kept.
const READERS_MAX: usize = 8;

/// An error inside a transaction: SQLite's, which gets the path later, or ours.
pub(crate) enum Failure {
    Sqlite(rusqlite::Error),
    Ours(SightingsError),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<SightingsError> for Failure {
    fn from(error: SightingsError) -> Self {
        Self::Ours(error)
    }
}

impl Failure {
    pub(crate) fn at(self, path: &Path) -> SightingsError {
        match self {
            Self::Ours(error) => error,
            Self::Sqlite(error) => failed(path, error),
        }
    }
}

/// What a transaction gives.
pub(crate) type Done<T> = Result<T, Failure>;

/// The database of items and sightings. Threads share it by reference.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl Database {
    /// Opens it, or makes it.
    pub(crate) fn open(path: PathBuf) -> Result<Self, SightingsError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut writer = connect(&path, flags).map_err(|error| failed(&path, error))?;
        migrate(&path, &mut writer, &MIGRATIONS)?;
        Ok(Self { path, writer: Mutex::new(writer), readers: Mutex::default() })
    }

    /// Runs `work` in one transaction: all of it is stored, or nothing.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Done<T>) -> Result<T, SightingsError> {
        let mut writer = held(&self.writer);
        let run = || -> Done<T> {
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        };
        run().map_err(|failure| failure.at(&self.path))
    }

    /// Runs `work` on one state of the database.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Done<T>) -> Result<T, SightingsError> {
        let idle = held(&self.readers).pop();
        let run = |connection: &mut Connection| -> Done<T> { work(&connection.transaction()?) };
        let connect = || connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE);
        let mut reader = idle.map_or_else(connect, Ok).map_err(|error| failed(&self.path, error))?;
        let done = run(&mut reader).map_err(|failure| failure.at(&self.path));
        let mut readers = held(&self.readers);
        if readers.len() < READERS_MAX {
            readers.push(reader);
        }
        done
    }

    /// Writes the log back into the database and empties it, as far as no reader is in the way.
    pub(crate) fn empty_log(&self) -> Result<(), SightingsError> {
        let writer = held(&self.writer);
        writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(|error| failed(&self.path, error))
    }

    /// At most so many pages of 4 KiB: what a full disk is like, for tests.
    pub(crate) fn limit_pages(&self, pages: u32) -> Result<(), SightingsError> {
        let writer = held(&self.writer);
        writer
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
            .map_err(|error| failed(&self.path, error))
    }
}

/// A lock that a panic elsewhere does not take away: every transaction is whole or not there.
pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 8192;",
    )?;
    Ok(connection)
}

/// Brings the tables to the newest version.
pub(crate) fn migrate(path: &Path, connection: &mut Connection, steps: &[&str]) -> Result<(), SightingsError> {
    let known = steps.len() as i64;
    let mut run = || -> Done<()> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if found > known {
            return Err(SightingsError::Newer { path: path.into(), found, known }.into());
        }
        for (from, step) in steps.iter().enumerate().skip(found.max(0) as usize) {
            transaction.execute_batch(step)?;
            transaction.pragma_update(None, "user_version", from as i64 + 1)?;
        }
        transaction.commit()?;
        Ok(())
    };
    run().map_err(|failure| failure.at(path))
}

/// SQLite's error in our words.
pub(crate) fn failed(path: &Path, error: rusqlite::Error) -> SightingsError {
    let path = path.to_path_buf();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            SightingsError::Damaged { path, what: error.to_string() }
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            SightingsError::Locked { path, what: error.to_string() }
        }
        Some(ErrorCode::DiskFull) => SightingsError::Full { path },
        _ => SightingsError::Database { path, source: error },
    }
}
