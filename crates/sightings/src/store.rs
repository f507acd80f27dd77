//! The store: two databases in `STORE/sightings/`, and what is done with whole items: deleting, retention, checking.

use crate::custody::{Action, NewEntry, append, check_words};
use crate::error::Done;
use crate::field::Field;
use crate::{ItemId, SightingsError};
use athar_vault::{Database, Key, Keys, integrity, private_file, private_folder};
use rusqlite::{OptionalExtension, Transaction, params};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// States of an item.
pub(crate) const OPEN: i64 = 0;
pub(crate) const DONE: i64 = 1;
pub(crate) const SUPERSEDED: i64 = 2;
pub(crate) const DYING: i64 = 3;

/// The tables, version by version: entry `n` takes version `n` to `n + 1`.
const MIGRATIONS: [&str; 1] = [include_str!("schema.sql")];
/// Recordings come in transactions of some megabytes: the log may grow to 32 MiB before it is written back.
const CHECKPOINT_PAGES: u32 = 8_192;
/// Items that one transaction deletes.
const DELETED_AT_ONCE: usize = 256;

/// The sightings of a store. Threads share it by reference; several processes may use it at once.
#[derive(Debug)]
pub struct Sightings {
    pub(crate) db: Database<SightingsError>,
    pub(crate) keys: Keys,
    pub(crate) marks: Key,
    /// Random: what this process has open is not what a killed one left.
    pub(crate) run: i64,
}

/// How much there is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, JsonSchema)]
pub struct Counts {
    /// Finished items.
    pub items: u64,
    /// Their sightings.
    pub sightings: u64,
    /// Items that a run has begun and not finished.
    pub open: u64,
    /// Earlier readings that a newer one took the place of.
    pub superseded: u64,
    /// Items whose original is kept.
    pub originals: u64,
    /// Entries of the custody log.
    pub custody: u64,
}

impl Sightings {
    /// Opens the sightings of the store in the folder `store`, or makes them. Only the user may read their folder. What a killed run left
    /// half deleted is deleted.
    pub fn open(store: &Path) -> Result<Self, SightingsError> {
        let folder = store.join("sightings");
        private_folder(&folder)?;
        let paths = ["sightings.sqlite", "keys.sqlite"].map(|name| folder.join(name));
        for path in &paths {
            private_file(path)?;
        }
        let [db, keys] = paths;
        let keys = Keys::open(keys)?;
        let marks = keys.own("marks")?;
        let run = Key::random()?.mark("run", "");
        let run = i64::from_le_bytes([run[0], run[1], run[2], run[3], run[4], run[5], run[6], 0]);
        let store = Self { db: Database::open(db, &MIGRATIONS, CHECKPOINT_PAGES)?, keys, marks, run };
        store.finish_dying()?;
        Ok(store)
    }

    /// Whether the store has sightings.
    pub fn exists(store: &Path) -> bool {
        store.join("sightings").join("sightings.sqlite").exists()
    }

    /// The database of items and sightings.
    pub fn path(&self) -> &Path {
        self.db.path()
    }

    /// The database of keys. A copy of it outlives the deleting of an item: keep none, or keep it as short as items may be kept.
    pub fn keys_path(&self) -> &Path {
        self.keys.path()
    }

    /// How much there is.
    pub fn counts(&self) -> Result<Counts, SightingsError> {
        self.db.read(|t| {
            let count = |query: &str| t.query_row(query, [], |row| row.get::<_, i64>(0)).map(|n| n as u64);
            Ok(Counts {
                items: count("SELECT count(*) FROM items WHERE state = 1")?,
                sightings: count(
                    "SELECT count(*) FROM sightings WHERE item NOT IN (SELECT id FROM items WHERE state <> 1)",
                )?,
                open: count("SELECT count(*) FROM items WHERE state = 0")?,
                superseded: count("SELECT count(*) FROM items WHERE state = 2")?,
                originals: count("SELECT count(*) FROM originals")?,
                custody: count("SELECT count(*) FROM custody")?,
            })
        })
    }

    /// Deletes items: destroys their keys, removes their sightings, and leaves an entry in the custody log. Gives how many there were.
    ///
    /// `time` is now, in seconds since 1970. `reason` is kept, and must hold no personal data.
    pub fn delete(&self, items: &[ItemId], time: i64, operator: &str, reason: &str) -> Result<u64, SightingsError> {
        self.remove(items, time, operator, reason, Action::Deleted)
    }

    /// Deletes every item, finished or not, that was read before `read_before` (seconds since 1970), as [`Self::delete`] does.
    pub fn retain(&self, read_before: i64, time: i64, operator: &str, reason: &str) -> Result<u64, SightingsError> {
        let mut deleted = 0;
        loop {
            let items: Vec<ItemId> = self.db.read(|t| {
                let mut query = t.prepare_cached(
                    "SELECT id FROM items WHERE read_at < ?1 AND state <> 3 ORDER BY read_at LIMIT ?2",
                )?;
                let rows = query.query_map(params![read_before, DELETED_AT_ONCE as i64], |row| row.get::<_, i64>(0))?;
                Ok(rows.map(|id| id.map(|id| ItemId(id as u64))).collect::<Result<_, _>>()?)
            })?;
            if items.is_empty() {
                return Ok(deleted);
            }
            deleted += self.remove(&items, time, operator, reason, Action::Retention)?;
        }
    }

    fn remove(
        &self,
        items: &[ItemId],
        time: i64,
        operator: &str,
        reason: &str,
        action: Action,
    ) -> Result<u64, SightingsError> {
        check_words(operator, reason)?;
        let mut deleted = 0;
        for part in items.chunks(DELETED_AT_ONCE) {
            deleted += self.db.write(|t| {
                let mut deleted = 0;
                for item in part {
                    let found: Option<Option<Vec<u8>>> = t
                        .prepare_cached("SELECT sha256 FROM items WHERE id = ?1 AND state <> 3")?
                        .query_row([item.0 as i64], |row| row.get(0))
                        .optional()?;
                    let Some(sha256) = found else { continue };
                    bury(t, *item)?;
                    let entry = NewEntry {
                        time,
                        operator,
                        action,
                        item: Some(*item),
                        sha256: sha256.as_deref(),
                        details: reason,
                    };
                    append(t, entry)?;
                    deleted += 1;
                }
                Ok(deleted)
            })?;
            self.finish_dying()?;
        }
        Ok(deleted)
    }

    /// Destroys the keys of the items that are to be deleted, then removes what is left of them.
    pub(crate) fn finish_dying(&self) -> Result<(), SightingsError> {
        let dying: Vec<ItemId> = self.db.read(|t| {
            let mut query = t.prepare_cached("SELECT id FROM items WHERE state = 3")?;
            let rows = query.query_map([], |row| row.get::<_, i64>(0))?;
            Ok(rows.map(|id| id.map(|id| ItemId(id as u64))).collect::<Result<_, _>>()?)
        })?;
        if dying.is_empty() {
            return Ok(());
        }
        self.keys.destroy(&dying.iter().map(|item| item.0).collect::<Vec<_>>())?;
        self.db.write(|t| {
            for item in &dying {
                t.prepare_cached("DELETE FROM items WHERE id = ?1 AND state = 3")?.execute([item.0 as i64])?;
            }
            Ok(())
        })?;
        // the log of the database still holds the pages as they were
        self.db.empty_log()
    }

    /// Deletes keys that no item has: those of a run that was killed between storing a key and storing its item.
    pub fn tidy(&self) -> Result<u64, SightingsError> {
        let mut strays = Vec::new();
        // whoever stores items holds the write lock from before the key is stored until after the item is
        self.db.write(|t| {
            let mut next = 0;
            loop {
                let keys = self.keys.from(next, 10_000)?;
                let Some((last, _)) = keys.last() else { break };
                next = last + 1;
                let mut is_there = t.prepare_cached("SELECT 1 FROM items WHERE id = ?1")?;
                for (item, _) in &keys {
                    if !is_there.exists([*item as i64])? {
                        strays.push(*item);
                    }
                }
            }
            if !strays.is_empty() {
                self.keys.destroy(&strays)?;
            }
            Ok(())
        })?;
        Ok(strays.len() as u64)
    }

    /// Checks both databases: their pages, that every item has its key, that every sealed part opens, and the custody log. Gives what is
    /// wrong, at most about a hundred places; nothing where all is well.
    pub fn verify(&self) -> Result<Vec<String>, SightingsError> {
        const WRONG_MAX: usize = 100;
        let mut wrong = self.keys.verify()?;
        wrong.extend(self.verify_custody(None)?.wrong);
        self.db.read(|t| {
            wrong.extend(integrity(t)?);
            let orphans: i64 = t.query_row(
                "SELECT count(*) FROM sightings s WHERE NOT EXISTS (SELECT 1 FROM items i WHERE i.id = s.item)",
                [],
                |row| row.get(0),
            )?;
            if orphans > 0 {
                wrong.push(format!("sightings of no item: {orphans}"));
            }
            let mut items = t.prepare("SELECT id, sealed, sketch FROM items WHERE state <> 3 ORDER BY id")?;
            let mut rows = items.query([])?;
            while let Some(row) = rows.next()? {
                if wrong.len() >= WRONG_MAX {
                    wrong.push("and perhaps more".into());
                    break;
                }
                let item = ItemId(row.get::<_, i64>(0)? as u64);
                let Some(key) = self.keys.get(item.0)? else {
                    wrong.push(format!("item {item} has no key"));
                    continue;
                };
                let mut check = |field: Field, sealed: Option<&[u8]>| {
                    if sealed.is_some_and(|sealed| key.open(&field.place(item), sealed).is_none()) {
                        wrong.push(format!("item {item}: {} cannot be decrypted", field.words()));
                    }
                };
                check(Field::Item, row.get_ref(1)?.as_blob_or_null().unwrap_or_default());
                check(Field::ItemSketch, row.get_ref(2)?.as_blob_or_null().unwrap_or_default());
                let original: Option<Vec<u8>> = t
                    .prepare_cached("SELECT sealed FROM originals WHERE item = ?1")?
                    .query_row([item.0 as i64], |row| row.get(0))
                    .optional()?;
                check(Field::Original, original.as_deref());
                let mut seen =
                    t.prepare_cached("SELECT n, sealed, sketch FROM sightings WHERE item = ?1 ORDER BY n")?;
                let mut seen = seen.query([item.0 as i64])?;
                while let Some(row) = seen.next()? {
                    let n: u32 = row.get(0)?;
                    check(Field::Sighting(n), row.get_ref(1)?.as_blob_or_null().unwrap_or_default());
                    check(Field::SightingSketch(n), row.get_ref(2)?.as_blob_or_null().unwrap_or_default());
                }
            }
            Ok(())
        })?;
        Ok(wrong)
    }

    /// At most so many pages of 4 KiB: what a full disk is like, for tests.
    #[doc(hidden)]
    pub fn limit_pages(&self, pages: u32) -> Result<(), SightingsError> {
        self.db.limit_pages(pages)
    }

    pub(crate) fn item_error(&self, item: ItemId, field: Field, why: &str) -> SightingsError {
        let path: PathBuf = self.db.path().into();
        SightingsError::Item { item, path, what: format!("{}: {why}", field.words()) }
    }
}

/// Removes all of an item but its row, which says that its key is to be destroyed.
pub(crate) fn bury(t: &Transaction<'_>, item: ItemId) -> Done<()> {
    let id = item.0 as i64;
    t.prepare_cached("DELETE FROM aliases WHERE sighting IN (SELECT id FROM sightings WHERE item = ?1)")?
        .execute([id])?;
    t.prepare_cached("DELETE FROM sightings WHERE item = ?1")?.execute([id])?;
    t.prepare_cached("DELETE FROM originals WHERE item = ?1")?.execute([id])?;
    t.prepare_cached(
        "UPDATE items SET state = 3, file = x'', source = x'', kind = '', site = NULL, channel = NULL, sha256 = NULL,
         tool = '', lexicon = '', sealed = x'', sketch = NULL, originals = 0 WHERE id = ?1",
    )?
    .execute([id])?;
    Ok(())
}
