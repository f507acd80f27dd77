//! The keys: a database of their own, so that a key that is destroyed is gone from every file.
//!
//! A rollback journal holds copies of pages, and with them keys. It is therefore kept in one file that is written over again and again
//! (`journal_mode=PERSIST`) and never unlinked; when a key is destroyed, its row is first overwritten and then deleted
//! (`secure_delete`), and the journal is filled with zeros while nobody else can use the database. There is no WAL. What a file
//! system or a disk keeps of overwritten blocks (snapshots, copy-on-write, wear levelling), and backups, are out of reach.

use crate::crypt::Key;
use crate::db::{BUSY, Done, failed, held, migrate};
use crate::{ItemId, SightingsError};
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The tables, version by version.
const MIGRATIONS: [&str; 1] = [include_str!("keys.sql")];

/// The database of keys.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) path: PathBuf,
    connection: Mutex<Connection>,
}

impl Keys {
    /// Opens it, or makes it; clears what a killed run left in its journal.
    pub(crate) fn open(path: PathBuf) -> Result<Self, SightingsError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connect = || {
            let connection = Connection::open_with_flags(&path, flags)?;
            connection.busy_timeout(BUSY)?;
            connection.query_row("PRAGMA journal_mode = PERSIST", [], |_| Ok(()))?;
            connection.execute_batch(
                "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;
                 PRAGMA cell_size_check = ON;",
            )?;
            Ok(connection)
        };
        let mut connection: Connection = connect().map_err(|error| failed(&path, error))?;
        migrate(&path, &mut connection, &MIGRATIONS)?;
        Ok(Self { path, connection: Mutex::new(connection) })
    }

    /// The store's own key: for marks.
    pub(crate) fn store(&self) -> Result<Key, SightingsError> {
        let fresh = Key::random()?;
        let mut connection = held(&self.connection);
        let run = |connection: &mut Connection| -> Done<Vec<u8>> {
            let t = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            t.execute("INSERT OR IGNORE INTO meta VALUES ('marks', ?1)", [&fresh.bytes()[..]])?;
            let kept = t.query_row("SELECT value FROM meta WHERE name = 'marks'", [], |row| row.get(0))?;
            t.commit()?;
            Ok(kept)
        };
        let bytes = run(&mut connection).map_err(|failure| failure.at(&self.path))?;
        Key::from_bytes(&bytes).ok_or_else(|| SightingsError::Damaged {
            path: self.path.clone(),
            what: "the store's key has a wrong length".into(),
        })
    }

    /// Adds keys, in one transaction.
    pub(crate) fn add<'k>(&self, keys: impl IntoIterator<Item = (ItemId, &'k Key)>) -> Result<(), SightingsError> {
        let mut connection = held(&self.connection);
        let run = |connection: &mut Connection| -> Done<()> {
            let t = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            {
                let mut add = t.prepare_cached("INSERT OR REPLACE INTO keys VALUES (?1, ?2)")?;
                for (item, key) in keys {
                    add.execute(params![item.0 as i64, &key.bytes()[..]])?;
                }
            }
            t.commit()?;
            Ok(())
        };
        run(&mut connection).map_err(|failure| failure.at(&self.path))
    }

    /// The key of an item; `None` where there is none.
    pub(crate) fn get(&self, item: ItemId) -> Result<Option<Key>, SightingsError> {
        let connection = held(&self.connection);
        let run = || -> Done<Option<Vec<u8>>> {
            let mut get = connection.prepare_cached("SELECT key FROM keys WHERE item = ?1")?;
            Ok(get.query_row([item.0 as i64], |row| row.get(0)).optional()?)
        };
        let bytes = run().map_err(|failure| failure.at(&self.path))?;
        Ok(bytes.and_then(|bytes| Key::from_bytes(&bytes)))
    }

    /// The keys of the items from `first` on, in the order of items, at most `count`.
    pub(crate) fn from(&self, first: ItemId, count: usize) -> Result<Vec<(ItemId, Key)>, SightingsError> {
        let connection = held(&self.connection);
        let run = || -> Done<Vec<(ItemId, Key)>> {
            let mut get =
                connection.prepare_cached("SELECT item, key FROM keys WHERE item >= ?1 ORDER BY item LIMIT ?2")?;
            let rows = get.query_map(params![first.0 as i64, count as i64], |row| {
                Ok((ItemId(row.get::<_, i64>(0)? as u64), row.get::<_, Vec<u8>>(1)?))
            })?;
            let mut keys = Vec::new();
            for row in rows {
                let (item, bytes) = row?;
                keys.extend(Key::from_bytes(&bytes).map(|key| (item, key)));
            }
            Ok(keys)
        };
        run().map_err(|failure| failure.at(&self.path))
    }

    /// Destroys keys: overwrites them, deletes them, and clears the journal. When it returns, no file of the store holds them.
    pub(crate) fn destroy(&self, items: &[ItemId]) -> Result<(), SightingsError> {
        let mut connection = held(&self.connection);
        let run = |connection: &mut Connection| -> Done<()> {
            // the lock stays after the commit, until the mode is normal again: nobody can be using the journal meanwhile
            connection.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |_| Ok(()))?;
            let t = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
            for item in items {
                t.prepare_cached("UPDATE keys SET key = zeroblob(32) WHERE item = ?1")?.execute([item.0 as i64])?;
                t.prepare_cached("DELETE FROM keys WHERE item = ?1")?.execute([item.0 as i64])?;
            }
            t.commit()?;
            let journal = journal(&self.path);
            overwrite(&journal).map_err(|source| SightingsError::Io { path: journal, source })?;
            Ok(())
        };
        let done = run(&mut connection).map_err(|failure| failure.at(&self.path));
        // the next statement in normal mode gives the lock back
        let back = connection
            .query_row("PRAGMA locking_mode = NORMAL", [], |_| Ok(()))
            .and_then(|()| connection.query_row("SELECT count(*) FROM meta", [], |_| Ok(())))
            .map_err(|error| failed(&self.path, error));
        done.and(back)
    }

    /// What is wrong with its pages; nothing where all is well.
    pub(crate) fn verify(&self) -> Result<Vec<String>, SightingsError> {
        let connection = held(&self.connection);
        let run = || -> Done<Vec<String>> {
            let mut check = connection.prepare("PRAGMA integrity_check(20)")?;
            let lines = check.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
            Ok(lines.into_iter().filter(|line| line != "ok").collect())
        };
        run().map_err(|failure| failure.at(&self.path))
    }
}

/// The journal of the database at `path`.
fn journal(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-journal");
    name.into()
}

/// Fills a file with zeros, as long as it is; nothing where there is none.
fn overwrite(path: &Path) -> io::Result<()> {
    let length = match fs::metadata(path) {
        Ok(found) => found.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut file = OpenOptions::new().write(true).open(path)?;
    io::copy(&mut io::Read::take(io::repeat(0), length), &mut file)?;
    file.flush()?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// Every 16 bytes in a row that stand in a file of the folder.
    fn windows(folder: &Path) -> HashSet<[u8; 16]> {
        let files = fs::read_dir(folder).unwrap().map(|e| fs::read(e.unwrap().path()).unwrap());
        files.flat_map(|f| f.windows(16).map(|w| w.try_into().unwrap()).collect::<Vec<_>>()).collect()
    }

    /// Any half of a key would be too much.
    fn halves(key: &Key) -> [[u8; 16]; 3] {
        [0, 8, 16].map(|at| key.bytes()[at..at + 16].try_into().unwrap())
    }

    #[test]
    fn destroyed_keys_are_in_no_file_whatever_the_order_they_came_in() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(folder.path().join("keys.sqlite")).unwrap();
        let mut all: Vec<(ItemId, Key)> = (0..3_000u64)
            .map(|n| (ItemId(n.wrapping_mul(2_654_435_761) % 1_000_003), Key::random().unwrap()))
            .collect();
        for part in all.chunks(37) {
            keys.add(part.iter().map(|(item, key)| (*item, key))).unwrap();
        }
        let before = windows(folder.path());
        assert!(all.iter().all(|(_, key)| before.contains(&halves(key)[0])), "they are there before");
        all.sort_by_key(|(item, _)| item.0 % 7);
        let (gone, left) = all.split_at(2_000);
        for part in gone.chunks(500) {
            keys.destroy(&part.iter().map(|(item, _)| *item).collect::<Vec<_>>()).unwrap();
        }
        let after = windows(folder.path());
        for (item, key) in gone {
            assert!(keys.get(*item).unwrap().is_none());
            assert!(halves(key).iter().all(|half| !after.contains(half)), "item {item}");
        }
        for (item, key) in left {
            assert_eq!(keys.get(*item).unwrap().unwrap().bytes(), key.bytes());
        }
        assert_eq!(keys.verify().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn another_connection_goes_on_after_a_key_was_destroyed() {
        let folder = tempfile::tempdir().unwrap();
        let one = Keys::open(folder.path().join("keys.sqlite")).unwrap();
        let two = Keys::open(folder.path().join("keys.sqlite")).unwrap();
        let key = Key::random().unwrap();
        one.add([(ItemId(1), &key), (ItemId(2), &key)]).unwrap();
        assert!(two.get(ItemId(1)).unwrap().is_some());
        one.destroy(&[ItemId(1)]).unwrap();
        assert!(two.get(ItemId(1)).unwrap().is_none());
        two.add([(ItemId(3), &key)]).unwrap();
        assert!(one.get(ItemId(3)).unwrap().is_some());
        assert_eq!(one.store().unwrap().bytes(), two.store().unwrap().bytes());
    }
}
