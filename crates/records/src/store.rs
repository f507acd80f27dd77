//! The store: two databases in `STORE/records/`, opened, counted and checked.

use crate::error::Done;
use crate::record::Content;
use crate::{Kind, Receipt, Record, Records, RecordsError};
use athar_vault::{Database, Key, Keys, KeysInOrder, MARK_BYTES, VaultError, integrity, private_file, private_folder};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

/// States of a row.
pub(crate) const OPEN: i64 = 0;
pub(crate) const THERE: i64 = 1;
pub(crate) const DYING: i64 = 3;

/// The tables, version by version: entry `n` takes version `n` to `n + 1`.
const MIGRATIONS: [&str; 1] = [include_str!("schema.sql")];
/// File beside the databases with the version of what they hold.
const VERSION: &str = "VERSION";
/// Imports come in transactions of some megabytes: the log may grow to 32 MiB before it is written back.
const CHECKPOINT_PAGES: u32 = 8_192;

/// What is sealed, so that none can take the place of another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    Record,
    Import,
    Note,
}

impl Place {
    /// The associated data of this of row `id`.
    pub(crate) fn of(self, id: u64) -> [u8; 23] {
        let mut out = [0; 23];
        out[..14].copy_from_slice(b"athar record 1");
        out[14..22].copy_from_slice(&id.to_le_bytes());
        out[22] = self as u8;
        out
    }
}

/// The first 64 bits of a mark, as they stand in the index.
pub(crate) fn mark_number(mark: &[u8; MARK_BYTES]) -> i64 {
    let [a, b, c, d, e, f, g, h, ..] = *mark;
    i64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// How much there is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "RecordsCounts")]
pub struct Counts {
    /// Records, by kind.
    pub records: BTreeMap<Kind, u64>,
    /// Imports, finished or not.
    pub imports: u64,
    /// Imports that a run began and did not finish.
    pub open: u64,
    /// Notes on the circumstances of persons.
    pub notes: u64,
    /// Entries of the journal.
    pub journal: u64,
    /// Days that records are kept after their import, by kind, where there is a limit.
    pub retention_days: BTreeMap<Kind, u32>,
}

impl Records {
    /// Opens the records of the store in the folder `store`, or makes them. Only the user may read their folder. What a killed run left half
    /// deleted is deleted.
    pub fn open(store: &Path) -> Result<Self, RecordsError> {
        let folder = store.join("records");
        private_folder(&folder)?;
        let [db, keys] = ["records.sqlite", "keys.sqlite"].map(|name| folder.join(name));
        for path in [&db, &keys] {
            private_file(path)?;
        }
        let keys = Keys::open(keys)?;
        let marks = keys.own("marks")?;
        let store = Self { db: Database::open(db, &MIGRATIONS, CHECKPOINT_PAGES)?, keys, marks };
        store.finish_dying()?;
        store.mark_version()?;
        Ok(store)
    }

    /// Writes the version beside the databases, where it is another: what a service looks at to notice a change without opening them.
    pub(crate) fn mark_version(&self) -> Result<(), RecordsError> {
        let path = self.db.path().with_file_name(VERSION);
        let is_marked = |version: &str| fs::read_to_string(&path).is_ok_and(|marked| marked == version);
        if is_marked(&self.version()?) {
            return Ok(());
        }
        let failed = |source| VaultError::Io { path: path.clone(), source };
        // One at a time, and what is written is read under the lock: of two who change the records at once, the later must not be
        // overwritten by the earlier, nor lose the file that it is about to put in its place.
        let lock = File::options().create(true).truncate(false).write(true).open(path.with_extension("lock"));
        let lock = lock.and_then(|lock| lock.lock().map(|()| lock)).map_err(failed)?;
        let (version, next) = (self.version()?, path.with_extension("next"));
        if !is_marked(&version) {
            fs::write(&next, version).and_then(|()| fs::rename(&next, &path)).map_err(failed)?;
        }
        drop(lock);
        Ok(())
    }

    /// Whether the store has records.
    pub fn exists(store: &Path) -> bool {
        store.join("records").join("records.sqlite").exists()
    }

    /// The database of records.
    pub fn path(&self) -> &Path {
        self.db.path()
    }

    /// The database of keys. A copy of it outlives the deleting of a record: keep none, or keep it as short as records may be kept.
    pub fn keys_path(&self) -> &Path {
        self.keys.path()
    }

    /// The version of what is there: BLAKE3, in hexadecimal, over the last entry of the journal and the last number given. It changes with
    /// every import, deletion and note, and goes into the snapshot of every answer that records had a part in.
    pub fn version(&self) -> Result<String, RecordsError> {
        self.db.read(|t| {
            let mut hash = blake3::Hasher::new_derive_key("athar records version 1");
            hash.update(&Self::head(t)?);
            let next: i64 = t.query_row("SELECT value FROM meta WHERE name = 'next'", [], |row| row.get(0))?;
            hash.update(&next.to_le_bytes());
            Ok(hash.finalize().to_hex().to_string())
        })
    }

    /// How much there is.
    pub fn counts(&self) -> Result<Counts, RecordsError> {
        self.db.read(|t| {
            let count = |query: &str| t.query_row(query, [], |row| row.get::<_, i64>(0)).map(|n| n as u64);
            let by_kind = |query: &str| -> Done<Vec<(Kind, u64)>> {
                let mut query = t.prepare(query)?;
                let rows = query.query_map([], |row| Ok((row.get::<_, u8>(0)?, row.get::<_, i64>(1)?)))?;
                let rows = rows.collect::<Result<Vec<_>, _>>()?;
                Ok(rows.into_iter().filter_map(|(kind, n)| Some((Kind::from_code(kind)?, n as u64))).collect())
            };
            let days = by_kind("SELECT kind, days FROM retention")?;
            Ok(Counts {
                records: by_kind("SELECT kind, count(*) FROM records WHERE state = 1 GROUP BY kind")?
                    .into_iter()
                    .collect(),
                imports: count("SELECT count(*) FROM imports WHERE state <> 3")?,
                open: count("SELECT count(*) FROM imports WHERE state = 0")?,
                notes: count("SELECT count(*) FROM notes WHERE state = 1")?,
                journal: count("SELECT count(*) FROM journal")?,
                retention_days: days.into_iter().map(|(kind, days)| (kind, days as u32)).collect(),
            })
        })
    }

    /// The receipts of imports after number `after`, in the order of imports, at most `limit` (1,000).
    pub fn imports(&self, after: u64, limit: u32) -> Result<Vec<Receipt>, RecordsError> {
        let ids: Vec<i64> = self.db.read(|t| {
            let mut query =
                t.prepare_cached("SELECT id FROM imports WHERE id > ?1 AND state <> 3 ORDER BY id LIMIT ?2")?;
            let rows = query.query_map(params![after as i64, limit.min(1_000)], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?;
        let receipts = ids.into_iter().map(|id| self.receipt(id as u64));
        // deleted since
        receipts.filter(|receipt| !matches!(receipt, Err(RecordsError::Unknown { .. }))).collect()
    }

    /// The receipt of one import.
    pub fn receipt(&self, id: u64) -> Result<Receipt, RecordsError> {
        let sealed = || {
            self.db.read(|t| -> Done<Option<Vec<u8>>> {
                let mut query = t.prepare_cached("SELECT sealed FROM imports WHERE id = ?1 AND state <> 3")?;
                Ok(query.query_row([id as i64], |row| row.get(0)).optional()?)
            })
        };
        let unknown = RecordsError::Unknown { what: "import", id };
        let Some(bytes) = sealed()? else { return Err(unknown) };
        let plain = self.keys.get(id)?.and_then(|key| key.open(&Place::Import.of(id), &bytes));
        match plain.and_then(|plain| serde_json::from_slice(&plain).ok()) {
            Some(receipt) => Ok(receipt),
            // deleted between the two
            None if sealed()?.is_none() => Err(unknown),
            None => Err(self.unreadable(id, None)),
        }
    }

    /// Checks both databases: their pages, that every record has its key and opens, and the journal. Gives what is wrong, at most about a
    /// hundred places; nothing where all is well.
    pub fn verify(&self) -> Result<Vec<String>, RecordsError> {
        const WRONG_MAX: usize = 100;
        let mut wrong = self.keys.verify()?;
        wrong.extend(self.verify_journal()?);
        self.db.read(|t| {
            wrong.extend(integrity(t)?);
            let orphans =
                "SELECT count(*) FROM records r WHERE NOT EXISTS (SELECT 1 FROM imports i WHERE i.id = r.import)";
            let orphans: i64 = t.query_row(orphans, [], |row| row.get(0))?;
            if orphans > 0 {
                wrong.push(format!("records of no import: {orphans}"));
            }
            let mut keys = KeysInOrder::new(&self.keys);
            let mut query = t.prepare(&format!("SELECT {RAW} FROM records WHERE state = 1 ORDER BY id"))?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                if wrong.len() >= WRONG_MAX {
                    wrong.push("and perhaps more".into());
                    break;
                }
                let raw = Raw::of(row)?;
                if let Err(what) = raw.open(keys.get(raw.id)?)
                    && !self.is_gone(raw.id)?
                {
                    wrong.push(format!("record {}: {what}", raw.id));
                }
            }
            Ok(())
        })?;
        Ok(wrong)
    }

    /// At most so many pages of 4 KiB: what a full disk is like, for tests.
    #[doc(hidden)]
    pub fn limit_pages(&self, pages: u32) -> Result<(), RecordsError> {
        self.db.limit_pages(pages)
    }

    /// Takes `count` numbers; gives the first.
    pub(crate) fn numbers(t: &Transaction<'_>, count: u64) -> Done<u64> {
        let next: i64 = t
            .prepare_cached("UPDATE meta SET value = value + ?1 WHERE name = 'next' RETURNING value")?
            .query_row([count as i64], |row| row.get(0))?;
        Ok(next as u64 - count)
    }

    /// The mark of a value that stands in a record as it is: an address, a transaction id.
    pub(crate) fn plain_mark(&self, text: &str) -> i64 {
        mark_number(&self.marks.mark("plain", text))
    }

    pub(crate) fn unreadable(&self, id: u64, what: Option<&str>) -> RecordsError {
        RecordsError::Record { id, path: self.db.path().into(), what: what.unwrap_or(CHANGED).into() }
    }
}

const NO_KEY: &str = "its key is not in the database of keys";
const CHANGED: &str = "it cannot be decrypted: a byte of it or of its key was changed";

/// Columns of a [`Raw`].
pub(crate) const RAW: &str = "id, import, line, sealed";

/// A record as it is stored.
pub(crate) struct Raw {
    pub(crate) id: u64,
    pub(crate) import: u64,
    pub(crate) line: u64,
    pub(crate) sealed: Vec<u8>,
}

impl Raw {
    pub(crate) fn of(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            id: row.get::<_, i64>(0)? as u64,
            import: row.get::<_, i64>(1)? as u64,
            line: row.get::<_, i64>(2)? as u64,
            sealed: row.get(3)?,
        })
    }

    pub(crate) fn content(&self, key: Option<&Key>) -> Result<Content, &'static str> {
        let plain = key.ok_or(NO_KEY)?.open(&Place::Record.of(self.id), &self.sealed).ok_or(CHANGED)?;
        Content::read(&plain).ok_or("it was written by a newer program")
    }

    pub(crate) fn open(&self, key: Option<&Key>) -> Result<Record, &'static str> {
        let Content { kind, time, amount, values } = self.content(key)?;
        Ok(Record { id: self.id, import: self.import, line: self.line, kind, time, amount, values })
    }
}
