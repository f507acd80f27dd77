//! The keys: a database of their own, so that a key that is destroyed is gone from every file.
//!
//! A rollback journal holds copies of pages, and with them keys. It is therefore kept in one file that is written over again and again
//! (`journal_mode=PERSIST`) and never unlinked; when a key is destroyed, its row is first overwritten and then deleted
//! (`secure_delete`), and the journal is filled with zeros while nobody else can use the database. There is no WAL. What a file
//! system or a disk keeps of overwritten blocks (snapshots, copy-on-write, wear levelling), and backups, are out of reach.

use crate::database::{BUSY, failed, held, integrity, migrate};
use crate::{Key, VaultError};
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

type Done<T> = crate::Done<T, VaultError>;

/// The tables, version by version.
const MIGRATIONS: [&str; 1] = [include_str!("keys.sql")];
/// Keys that [`KeysInOrder`] fetches at once.
const KEYS_AT_ONCE: usize = 4_096;

/// The database of keys.
#[derive(Debug)]
pub struct Keys {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Keys {
    /// Opens it, or makes it; clears what a killed run left in its journal.
    pub fn open(path: PathBuf) -> Result<Self, VaultError> {
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
        migrate::<VaultError>(&path, &mut connection, &MIGRATIONS)?;
        Ok(Self { path, connection: Mutex::new(connection) })
    }

    /// Its file. A copy of it outlives the destruction of a key: keep none, or keep it as short as items may be kept.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A key of the store's own by its name, such as one for marks; made when it is first asked for.
    pub fn own(&self, name: &str) -> Result<Key, VaultError> {
        let fresh = Key::random()?;
        let mut connection = held(&self.connection);
        let run = |connection: &mut Connection| -> Done<Vec<u8>> {
            let mut made = connection.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
            if let Some(kept) = made.query_row([name], |row| row.get(0)).optional()? {
                return Ok(kept);
            }
            drop(made);
            let t = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            t.execute("INSERT OR IGNORE INTO meta VALUES (?1, ?2)", params![name, &fresh.bytes()[..]])?;
            let kept = t.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0))?;
            t.commit()?;
            Ok(kept)
        };
        let bytes = run(&mut connection).map_err(|failure| failure.at(&self.path))?;
        Key::from_bytes(&bytes).ok_or_else(|| VaultError::Damaged {
            path: self.path.clone(),
            what: "the store's key has a wrong length".into(),
        })
    }

    /// Adds keys, in one transaction.
    pub fn add<'k>(&self, keys: impl IntoIterator<Item = (u64, &'k Key)>) -> Result<(), VaultError> {
        let mut connection = held(&self.connection);
        let run = |connection: &mut Connection| -> Done<()> {
            let t = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            {
                let mut add = t.prepare_cached("INSERT OR REPLACE INTO keys VALUES (?1, ?2)")?;
                for (item, key) in keys {
                    add.execute(params![item as i64, &key.bytes()[..]])?;
                }
            }
            t.commit()?;
            Ok(())
        };
        run(&mut connection).map_err(|failure| failure.at(&self.path))
    }

    /// The key of an item; `None` where there is none.
    pub fn get(&self, item: u64) -> Result<Option<Key>, VaultError> {
        let connection = held(&self.connection);
        let run = || -> Done<Option<Vec<u8>>> {
            let mut get = connection.prepare_cached("SELECT key FROM keys WHERE item = ?1")?;
            Ok(get.query_row([item as i64], |row| row.get(0)).optional()?)
        };
        let bytes = run().map_err(|failure| failure.at(&self.path))?;
        Ok(bytes.and_then(|bytes| Key::from_bytes(&bytes)))
    }

    /// The keys of the items from `first` on, in the order of items, at most `count`.
    pub fn from(&self, first: u64, count: usize) -> Result<Vec<(u64, Key)>, VaultError> {
        let connection = held(&self.connection);
        let run = || -> Done<Vec<(u64, Key)>> {
            let mut get =
                connection.prepare_cached("SELECT item, key FROM keys WHERE item >= ?1 ORDER BY item LIMIT ?2")?;
            let rows = get.query_map(params![first as i64, count as i64], |row| {
                Ok((row.get::<_, i64>(0)? as u64, row.get::<_, Vec<u8>>(1)?))
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
    pub fn destroy(&self, items: &[u64]) -> Result<(), VaultError> {
        let mut connection = held(&self.connection);
        let run = |connection: &mut Connection| -> Done<()> {
            // In exclusive mode a connection that waits to write keeps its lock for reading, and whoever is about to commit waits for
            // that one: so the lock is taken first.
            let t = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
            // it stays after the commit, until the mode is normal again: nobody can be using the journal meanwhile
            t.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |_| Ok(()))?;
            for item in items {
                t.prepare_cached("UPDATE keys SET key = zeroblob(32) WHERE item = ?1")?.execute([*item as i64])?;
                t.prepare_cached("DELETE FROM keys WHERE item = ?1")?.execute([*item as i64])?;
            }
            t.commit()?;
            let journal = journal(&self.path);
            overwrite(&journal).map_err(|source| VaultError::Io { path: journal, source })?;
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
    pub fn verify(&self) -> Result<Vec<String>, VaultError> {
        let connection = held(&self.connection);
        integrity(&connection).map_err(|error| failed(&self.path, error))
    }
}

/// Keys in the order of items, some thousands at a time: for reading many items one after the other.
#[derive(Debug)]
pub struct KeysInOrder<'s> {
    store: &'s Keys,
    keys: Vec<(u64, Key)>,
    at: usize,
    whole: bool,
}

impl<'s> KeysInOrder<'s> {
    /// None is read yet.
    pub fn new(store: &'s Keys) -> Self {
        Self { store, keys: Vec::new(), at: 0, whole: false }
    }

    /// The key of an item, which must not lie before the one asked for last; `None` where there is none.
    pub fn get(&mut self, item: u64) -> Result<Option<&Key>, VaultError> {
        loop {
            while self.keys.get(self.at).is_some_and(|(found, _)| *found < item) {
                self.at += 1;
            }
            if self.at < self.keys.len() || self.whole {
                return Ok(self.keys.get(self.at).filter(|(found, _)| *found == item).map(|(_, key)| key));
            }
            self.keys = self.store.from(item, KEYS_AT_ONCE)?;
            self.at = 0;
            self.whole = self.keys.len() < KEYS_AT_ONCE;
        }
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
        let mut all: Vec<(u64, Key)> =
            (0..3_000u64).map(|n| (n.wrapping_mul(2_654_435_761) % 1_000_003, Key::random().unwrap())).collect();
        for part in all.chunks(37) {
            keys.add(part.iter().map(|(item, key)| (*item, key))).unwrap();
        }
        let before = windows(folder.path());
        assert!(all.iter().all(|(_, key)| before.contains(&halves(key)[0])), "they are there before");
        all.sort_by_key(|(item, _)| *item % 7);
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
        one.add([(1, &key), (2, &key)]).unwrap();
        assert!(two.get(1).unwrap().is_some());
        one.destroy(&[1]).unwrap();
        assert!(two.get(1).unwrap().is_none());
        two.add([(3, &key)]).unwrap();
        assert!(one.get(3).unwrap().is_some());
        assert_eq!(one.own("marks").unwrap().bytes(), two.own("marks").unwrap().bytes());
    }

    #[test]
    fn whoever_waits_to_destroy_keys_does_not_keep_others_from_ending_what_they_began() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Keys::open(folder.path().join("keys.sqlite")).unwrap();
        let (one, two) = (open(), open());
        let key = Key::random().unwrap();
        one.add([(1, &key)]).unwrap();
        let mut connection = held(&one.connection);
        let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        begun.execute("INSERT INTO keys VALUES (2, ?1)", [&key.bytes()[..]]).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| two.destroy(&[1]));
            // it has come as far as it can
            std::thread::sleep(std::time::Duration::from_millis(300));
            begun.commit().unwrap();
            waiting.join().unwrap().unwrap();
        });
        drop(connection);
        assert_eq!(one.from(0, 10).unwrap().iter().map(|(item, _)| *item).collect::<Vec<_>>(), [2]);
    }
}
