//! A database: opening it, its versions, one writer, readers beside it.
//!
//! SQLite in WAL mode with `synchronous=FULL`: what was answered is on the disk. Whoever writes takes the write lock at once
//! (`BEGIN IMMEDIATE`), so two writers, of this process or of others, wait for each other instead of failing half-way.
//! `secure_delete` overwrites what is deleted.

use crate::VaultError;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use std::fmt;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long is waited for another writer.
pub(crate) const BUSY: Duration = Duration::from_secs(10);
/// Between two tries of what SQLite does not wait for itself.
const RETRY: Duration = Duration::from_millis(5);
/// Idle connections for reading that are kept.
const READERS_MAX: usize = 8;
/// Pages of 4 KiB after which SQLite writes the log back into the database, where nothing else is wished for.
pub const CHECKPOINT_PAGES: u32 = 1_000;

/// An error inside a transaction: SQLite's, which gets the path later, or that of the caller.
#[derive(Debug)]
pub enum Failure<E> {
    /// Of SQLite.
    Sqlite(rusqlite::Error),
    /// Of the caller.
    Ours(E),
}

impl<E> From<rusqlite::Error> for Failure<E> {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl<E: From<VaultError>> From<VaultError> for Failure<E> {
    fn from(error: VaultError) -> Self {
        Self::Ours(error.into())
    }
}

impl<E: From<VaultError>> Failure<E> {
    /// The error, with the path of the database that it happened in.
    pub fn at(self, path: &Path) -> E {
        match self {
            Self::Ours(error) => error,
            Self::Sqlite(error) => failed(path, error).into(),
        }
    }
}

/// What a transaction gives. A crate adds `impl From<ItsError> for Failure<ItsError>`, so that `?` takes its own errors too.
pub type Done<T, E> = Result<T, Failure<E>>;

/// A database of a crate whose errors are `E`. Threads share it by reference; several processes may use it at once.
pub struct Database<E> {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    checkpoint_pages: u32,
    error: PhantomData<fn() -> E>,
}

impl<E> fmt::Debug for Database<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("path", &self.path).finish_non_exhaustive()
    }
}

impl<E: From<VaultError>> Database<E> {
    /// Opens it, or makes it. Entry `n` of `migrations` is the SQL that takes version `n` of its tables to `n + 1`; the log is written
    /// back after `checkpoint_pages` ([`CHECKPOINT_PAGES`], more for large transactions).
    pub fn open(path: PathBuf, migrations: &[&str], checkpoint_pages: u32) -> Result<Self, E> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut writer = connect(&path, flags, checkpoint_pages).map_err(|error| failed(&path, error))?;
        migrate::<E>(&path, &mut writer, migrations)?;
        Ok(Self { path, writer: Mutex::new(writer), readers: Mutex::default(), checkpoint_pages, error: PhantomData })
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work` in one transaction: all of it is stored, or nothing.
    pub fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Done<T, E>) -> Result<T, E> {
        let mut writer = held(&self.writer);
        let run = || -> Done<T, E> {
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        };
        run().map_err(|failure| failure.at(&self.path))
    }

    /// Runs `work` on one state of the database.
    pub fn read<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Done<T, E>) -> Result<T, E> {
        let idle = held(&self.readers).pop();
        let run = |connection: &mut Connection| -> Done<T, E> { work(&connection.transaction()?) };
        let connect = || connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE, self.checkpoint_pages);
        let mut reader = idle.map_or_else(connect, Ok).map_err(|error| failed(&self.path, error))?;
        let done = run(&mut reader).map_err(|failure| failure.at(&self.path));
        let mut readers = held(&self.readers);
        if readers.len() < READERS_MAX {
            readers.push(reader);
        }
        done
    }

    /// Writes the log back into the database and empties it, as far as no reader is in the way.
    pub fn empty_log(&self) -> Result<(), E> {
        let writer = held(&self.writer);
        let done = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        done.map_err(|error| failed(&self.path, error).into())
    }

    /// At most so many pages of 4 KiB: what a full disk is like, for tests.
    #[doc(hidden)]
    pub fn limit_pages(&self, pages: u32) -> Result<(), E> {
        let writer = held(&self.writer);
        let done = writer.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()));
        done.map_err(|error| failed(&self.path, error).into())
    }
}

/// A lock that a panic elsewhere does not take away: every transaction is whole or not there.
pub fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is wrong with the pages of a database; nothing where all is well.
pub fn integrity(connection: &Connection) -> Result<Vec<String>, rusqlite::Error> {
    let mut check = connection.prepare("PRAGMA integrity_check(20)")?;
    let lines = check.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}

fn connect(path: &Path, flags: OpenFlags, checkpoint_pages: u32) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    keep_a_log(&connection)?;
    connection.execute_batch(&format!(
        "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = {checkpoint_pages};"
    ))?;
    Ok(connection)
}

/// Turns WAL on. The first who does so needs the file alone, and SQLite does not wait for it by `busy_timeout` where two try at once: each
/// holds a lock that the other would wait for, so both are told that the database is busy. Nothing is held between two tries here.
fn keep_a_log(connection: &Connection) -> Result<(), rusqlite::Error> {
    let begun = Instant::now();
    loop {
        match connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && begun.elapsed() < BUSY => {
                std::thread::sleep(RETRY);
            }
            done => return done,
        }
    }
}

/// Brings the tables to the newest version.
pub(crate) fn migrate<E: From<VaultError>>(path: &Path, connection: &mut Connection, steps: &[&str]) -> Result<(), E> {
    let known = steps.len() as i64;
    let mut run = || -> Done<(), E> {
        // whoever only reads must not wait for a writer
        if connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))? == known {
            return Ok(());
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if found > known {
            return Err(VaultError::Newer { path: path.into(), found, known }.into());
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
pub(crate) fn failed(path: &Path, error: rusqlite::Error) -> VaultError {
    let path = path.to_path_buf();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            VaultError::Damaged { path, what: error.to_string() }
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            VaultError::Locked { path, what: error.to_string() }
        }
        Some(ErrorCode::DiskFull) => VaultError::Full { path },
        _ => VaultError::Database { path, source: error },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [&str; 2] = ["CREATE TABLE a (x TEXT) STRICT;", "ALTER TABLE a ADD COLUMN y INTEGER;"];

    fn open(path: &Path, steps: &[&str]) -> Result<Database<VaultError>, VaultError> {
        Database::open(path.into(), steps, CHECKPOINT_PAGES)
    }

    #[test]
    fn tables_go_from_version_to_version_and_newer_ones_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite");
        let old = open(&path, &STEPS[..1]).unwrap();
        old.write(|t| Ok(t.execute("INSERT INTO a VALUES ('kept')", [])?)).unwrap();
        drop(old);
        let new = open(&path, &STEPS).unwrap();
        let kept: (String, Option<i64>) =
            new.read(|t| Ok(t.query_row("SELECT x, y FROM a", [], |row| Ok((row.get(0)?, row.get(1)?)))?)).unwrap();
        assert_eq!(kept, ("kept".into(), None));
        drop(new);
        assert!(matches!(open(&path, &STEPS[..1]), Err(VaultError::Newer { found: 2, known: 1, .. })));
        std::fs::write(&path, vec![b'x'; 8_192]).unwrap();
        let damaged = open(&path, &STEPS).unwrap_err();
        assert!(matches!(damaged, VaultError::Damaged { .. }) && damaged.to_string().contains("a.sqlite"));
    }

    #[test]
    fn whoever_opens_it_does_not_wait_for_a_writer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite");
        let one = open(&path, &STEPS).unwrap();
        let count = one
            .write(|t| {
                t.execute("INSERT INTO a VALUES ('not yet', 1)", [])?;
                // another process would wait for as long as this one writes
                let two = open(&path, &STEPS)?;
                two.read(|t| Ok(t.query_row("SELECT count(*) FROM a", [], |row| row.get::<_, i64>(0))?))
                    .map_err(Failure::Ours)
            })
            .unwrap();
        assert_eq!(count, 0);
    }

    #[test]
    fn whoever_makes_it_while_another_does_waits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite");
        // as far as the other has come: its write is begun, and the file has no log yet
        let mut other = Connection::open(&path).unwrap();
        let making = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        std::thread::scope(|scope| {
            let opened = scope.spawn(|| open(&path, &STEPS).map(drop));
            std::thread::sleep(Duration::from_millis(200));
            making.commit().unwrap();
            opened.join().unwrap().unwrap();
        });
        drop(other);
        let start = std::sync::Barrier::new(8);
        let path = folder.path().join("b.sqlite");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    start.wait();
                    let db = open(&path, &STEPS).unwrap();
                    db.write(|t| Ok(t.execute("INSERT INTO a VALUES ('one', 1)", [])?)).unwrap();
                });
            }
        });
        let count = |t: &Transaction<'_>| Ok(t.query_row("SELECT count(*) FROM a", [], |row| row.get::<_, i64>(0))?);
        assert_eq!(open(&path, &STEPS).unwrap().read(count).unwrap(), 8);
    }

    #[test]
    fn what_fails_half_way_or_finds_no_room_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let db = open(&folder.path().join("a.sqlite"), &STEPS).unwrap();
        let half = db.write(|t| {
            t.execute("INSERT INTO a VALUES ('half', 1)", [])?;
            Err::<(), _>(VaultError::TooLong.into())
        });
        assert!(matches!(half, Err(VaultError::TooLong)));
        let pages: u32 = db.read(|t| Ok(t.query_row("PRAGMA page_count", [], |row| row.get(0))?)).unwrap();
        db.limit_pages(pages + 2).unwrap();
        let full = db.write(|t| Ok(t.execute("INSERT INTO a VALUES (?1, 1)", ["x".repeat(100_000)])?));
        assert!(matches!(full, Err(VaultError::Full { .. })));
        let count: i64 = db.read(|t| Ok(t.query_row("SELECT count(*) FROM a", [], |row| row.get(0))?)).unwrap();
        assert_eq!(count, 0);
        assert_eq!(db.read(|t| Ok(integrity(t)?)).unwrap(), Vec::<String>::new());
    }
}
