//! The database: opening it, its versions, one writer, readers beside it.
//!
//! SQLite in WAL mode with `synchronous=FULL`: a transaction that was answered is on the disk. Whoever writes takes the
//! write lock at once (`BEGIN IMMEDIATE`), so two writers wait for each other instead of failing half-way; several processes
//! may do so. `secure_delete` overwrites what is deleted.

use crate::error::DeskError;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fs, io};

/// The tables, version by version: entry `n` takes version `n` to `n + 1`.
const MIGRATIONS: [&str; 1] = [include_str!("schema.sql")];
/// How long is waited for another writer.
const BUSY: Duration = Duration::from_secs(10);
/// Idle connections for reading that are kept.
const READERS_MAX: usize = 8;

/// An error inside a transaction: SQLite's, which gets the path later, or ours.
pub(crate) enum Failure {
    Sqlite(rusqlite::Error),
    Desk(DeskError),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Self {
        Self::Desk(error)
    }
}

/// What a transaction gives.
pub(crate) type Done<T> = Result<T, Failure>;

/// The desk of a store. Threads share it by reference.
#[derive(Debug)]
pub struct Desk {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl Desk {
    /// Opens the desk in the store in the folder `store`, or makes it. Only the user may read its folder: it holds the secrets of
    /// webhooks.
    pub fn open(store: &Path) -> Result<Self, DeskError> {
        let folder = store.join("desk");
        let io = |source: io::Error| DeskError::Io { path: folder.clone(), source };
        fs::create_dir_all(&folder).map_err(io)?;
        private(&folder).map_err(io)?;
        let path = folder.join("desk.sqlite");
        let made = |error| failed(&path, error);
        let mut writer =
            connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE).map_err(made)?;
        migrate(&path, &mut writer)?;
        Ok(Self { path, writer: Mutex::new(writer), readers: Mutex::default() })
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the store has a desk.
    pub fn exists(store: &Path) -> bool {
        store.join("desk").join("desk.sqlite").exists()
    }

    fn error(&self, failure: Failure) -> DeskError {
        match failure {
            Failure::Desk(error) => error,
            Failure::Sqlite(error) => failed(&self.path, error),
        }
    }

    /// Runs `work` in one transaction: all of it is stored, or nothing.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Done<T>) -> Result<T, DeskError> {
        let mut writer = held(&self.writer);
        let run = || -> Done<T> {
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        };
        run().map_err(|failure| self.error(failure))
    }

    /// Runs `work` on one state of the database.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Done<T>) -> Result<T, DeskError> {
        let idle = held(&self.readers).pop();
        let run = |connection: &mut Connection| -> Done<T> { work(&connection.transaction()?) };
        let connect = || connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE);
        let mut reader = idle.map_or_else(connect, Ok).map_err(|error| failed(&self.path, error))?;
        let done = run(&mut reader).map_err(|failure| self.error(failure));
        let mut readers = held(&self.readers);
        if readers.len() < READERS_MAX {
            readers.push(reader);
        }
        done
    }

    /// Checks the whole database: its pages, and that what depends on each other agrees. Gives what is wrong, nothing where all is
    /// well.
    pub fn verify(&self) -> Result<Vec<String>, DeskError> {
        const RULES: [(&str, &str); 6] = [
            (
                "a subject whose newest screening is not there",
                "SELECT count(*) FROM subjects s WHERE s.screening IS NOT NULL AND NOT EXISTS (SELECT 1 FROM screenings x WHERE x.id = s.screening AND x.subject = s.id)",
            ),
            (
                "a subject neither screened nor queued",
                "SELECT count(*) FROM subjects s WHERE s.screening IS NULL AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.subject = s.id)",
            ),
            (
                "a screening without its answer",
                "SELECT count(*) FROM screenings x WHERE NOT EXISTS (SELECT 1 FROM answers a WHERE a.digest = x.digest)",
            ),
            (
                "a dependency of no subject",
                "SELECT count(*) FROM dependencies d WHERE NOT EXISTS (SELECT 1 FROM subjects s WHERE s.id = d.subject)",
            ),
            (
                "a subject whose dependencies are not all there",
                "SELECT count(*) FROM subjects s WHERE length(s.places) / 8 <> (SELECT count(*) FROM dependencies d WHERE d.subject = s.id)",
            ),
            (
                "a delivery without its event",
                "SELECT count(*) FROM deliveries d WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.id = d.event)",
            ),
        ];
        self.read(|t| {
            let mut wrong: Vec<String> = Vec::new();
            let mut pages = t.prepare("PRAGMA integrity_check(20)")?;
            for line in pages.query_map([], |row| row.get::<_, String>(0))? {
                let line = line?;
                if line != "ok" {
                    wrong.push(line);
                }
            }
            // the dependencies are ordered by place: counted by subject once, not once a subject
            t.execute_batch("CREATE TEMP TABLE IF NOT EXISTS counted (subject INTEGER PRIMARY KEY, n INTEGER); DELETE FROM counted; INSERT INTO counted SELECT subject, count(*) FROM dependencies GROUP BY subject;")?;
            for (what, query) in RULES {
                let query = query.replace(
                    "(SELECT count(*) FROM dependencies d WHERE d.subject = s.id)",
                    "coalesce((SELECT n FROM counted c WHERE c.subject = s.id), 0)",
                );
                let count: i64 = t.query_row(&query, [], |row| row.get(0))?;
                if count > 0 {
                    wrong.push(format!("{what}: {count}"));
                }
            }
            Ok(wrong)
        })
    }

    /// Writes the log back into the database and empties it, as far as no reader is in the way.
    pub(crate) fn empty_log(&self) -> Result<(), DeskError> {
        let writer = held(&self.writer);
        writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(|error| failed(&self.path, error))
    }

    /// At most so many pages of 4 KiB: what a full disk is like, for tests.
    #[doc(hidden)]
    pub fn limit_pages(&self, pages: u32) -> Result<(), DeskError> {
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
         PRAGMA cell_size_check = ON; PRAGMA cache_size = -65536;",
    )?;
    Ok(connection)
}

fn migrate(path: &Path, connection: &mut Connection) -> Result<(), DeskError> {
    let known = MIGRATIONS.len() as i64;
    let mut run = || -> Done<()> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if found > known {
            return Err(DeskError::Newer { path: path.into(), found, known }.into());
        }
        for (from, step) in MIGRATIONS.iter().enumerate().skip(found.max(0) as usize) {
            transaction.execute_batch(step)?;
            transaction.pragma_update(None, "user_version", from as i64 + 1)?;
        }
        transaction.commit()?;
        Ok(())
    };
    run().map_err(|failure| match failure {
        Failure::Desk(error) => error,
        Failure::Sqlite(error) => failed(path, error),
    })
}

/// SQLite's error in our words.
fn failed(path: &Path, error: rusqlite::Error) -> DeskError {
    let path = path.to_path_buf();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            DeskError::Damaged { path, what: error.to_string() }
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            DeskError::Locked { path, what: error.to_string() }
        }
        Some(ErrorCode::DiskFull) => DeskError::Full { path },
        _ => DeskError::Database { path, source: error },
    }
}

/// Reads one value of the `meta` table.
pub(crate) fn meta(t: &Transaction<'_>, name: &str) -> Done<Option<String>> {
    let mut query = t.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
    Ok(query.query_row([name], |row| row.get(0)).optional()?)
}

/// Writes one value of it.
pub(crate) fn set_meta(t: &Transaction<'_>, name: &str, value: &str) -> Done<()> {
    t.prepare_cached("INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")?
        .execute([name, value])?;
    Ok(())
}

#[cfg(unix)]
fn private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn private(_: &Path) -> io::Result<()> {
    Ok(())
}
