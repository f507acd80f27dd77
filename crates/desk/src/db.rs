//! The database: opening it, its versions, one writer, readers beside it.
//!
//! What the database promises (transactions that are on the disk, one writer, several processes) is that of [`athar_vault::Database`].

use crate::error::DeskError;
pub(crate) use athar_vault::held;
use athar_vault::{CHECKPOINT_PAGES, Database, integrity, private_folder};
use rusqlite::{OptionalExtension, Transaction};
use std::path::Path;

/// The tables, version by version: entry `n` takes version `n` to `n + 1`.
const MIGRATIONS: &[&str] = &[include_str!("schema.sql"), include_str!("alerts.sql"), include_str!("alerts_work.sql")];

/// An error inside a transaction: SQLite's, which gets the path later, or ours.
pub(crate) type Failure = athar_vault::Failure<DeskError>;

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Self {
        Self::Ours(error)
    }
}

/// What a transaction gives.
pub(crate) type Done<T> = Result<T, Failure>;

/// The desk of a store. Threads share it by reference.
#[derive(Debug)]
pub struct Desk {
    db: Database<DeskError>,
}

impl Desk {
    /// Opens the desk in the store in the folder `store`, or makes it. Only the user may read its folder: it holds the secrets of
    /// webhooks.
    pub fn open(store: &Path) -> Result<Self, DeskError> {
        let folder = store.join("desk");
        private_folder(&folder)?;
        Ok(Self { db: Database::open(folder.join("desk.sqlite"), MIGRATIONS, CHECKPOINT_PAGES)? })
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        self.db.path()
    }

    /// Whether the store has a desk.
    pub fn exists(store: &Path) -> bool {
        store.join("desk").join("desk.sqlite").exists()
    }

    /// Runs `work` in one transaction: all of it is stored, or nothing.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Done<T>) -> Result<T, DeskError> {
        self.db.write(work)
    }

    /// Runs `work` on one state of the database.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Done<T>) -> Result<T, DeskError> {
        self.db.read(work)
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
            let mut wrong: Vec<String> = integrity(t)?;
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
        self.db.empty_log()
    }

    /// At most so many pages of 4 KiB: what a full disk is like, for tests.
    #[doc(hidden)]
    pub fn limit_pages(&self, pages: u32) -> Result<(), DeskError> {
        self.db.limit_pages(pages)
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
