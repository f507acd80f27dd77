//! Deleting: by record, by import, by subject, by age.
//!
//! In this order, so that a process that is killed at any moment leaves nothing half deleted for longer than until the records are opened
//! again: what is to go loses its marks and its bytes and is called dying, in one transaction with the entry of the journal; its keys are
//! destroyed ([`athar_vault::Keys::destroy`]); its row is removed, and the database's log is emptied, since that still holds the pages as they
//! were. A copy of the database that was made before is then unreadable too.

use crate::error::Done;
use crate::journal::{About, Action, append, salted};
use crate::store::{DYING, RAW, Raw};
use crate::{By, Kind, RETAIN_DAYS_MAX, Records, RecordsError, Subject};
use rusqlite::{OptionalExtension, Transaction, params};

/// Records that one transaction deletes.
const DELETED_AT_ONCE: usize = 4_096;
const DAY_S: i64 = 86_400;

impl Records {
    /// Deletes records by their numbers. Gives how many there were.
    pub fn delete(&self, ids: &[u64], by: By<'_>) -> Result<u64, RecordsError> {
        by.check()?;
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let mut deleted = 0;
        for part in ids.chunks(DELETED_AT_ONCE) {
            deleted += self.db.write(|t| {
                let gone = self.bury(t, part)?;
                for id in &gone {
                    let about = About { subject: Some(*id), count: 1, ..About::default() };
                    append(t, by, Action::DeletedRecords, about)?;
                }
                Ok(gone.len() as u64)
            })?;
            self.finish_dying()?;
        }
        Ok(deleted)
    }

    /// Deletes an import with all records that came with it. Gives how many records there were.
    pub fn delete_import(&self, id: u64, by: By<'_>) -> Result<u64, RecordsError> {
        by.check()?;
        self.remove_import(id, by, Action::DeletedImport)
    }

    fn remove_import(&self, id: u64, by: By<'_>, action: Action) -> Result<u64, RecordsError> {
        let count = self.db.write(|t| {
            let is_there = t
                .prepare_cached("UPDATE imports SET state = 3, file = x'', sealed = x'' WHERE id = ?1 AND state <> 3")?
                .execute([id as i64])?;
            if is_there == 0 {
                return Err(RecordsError::Unknown { what: "import", id }.into());
            }
            let count: i64 = t
                .prepare_cached("SELECT count(*) FROM records WHERE import = ?1 AND state = 1")?
                .query_row([id as i64], |row| row.get(0))?;
            append(t, by, action, About { subject: Some(id), count: count as u64, ..About::default() })?;
            Ok(count as u64)
        })?;
        self.finish_dying()?;
        Ok(count)
    }

    /// Deletes every record and every note that names a subject, in whatever field. Gives how many records there were.
    ///
    /// The journal keeps a salted hash of the subject's pseudonym or address, not the subject.
    pub fn delete_subject(&self, subject: &Subject, by: By<'_>) -> Result<u64, RecordsError> {
        by.check()?;
        let (ids, texts) = self.found(subject)?;
        let mut deleted = 0;
        for part in ids.chunks(DELETED_AT_ONCE) {
            deleted += self.db.write(|t| Ok(self.bury(t, part)?.len() as u64))?;
            self.finish_dying()?;
        }
        let notes: Vec<u64> = self.notes(subject)?.into_iter().map(|note| note.id).collect();
        self.db.write(|t| {
            for id in &notes {
                bury_note(t, *id)?;
            }
            for text in &texts {
                let mut salt = [0; 16];
                getrandom::fill(&mut salt).map_err(|e| athar_vault::VaultError::Random(e.to_string()))?;
                let digest = salted(&salt, text);
                let about = About { digest: Some((&salt, &digest)), count: deleted, ..About::default() };
                append(t, by, Action::DeletedSubject, about)?;
            }
            Ok(())
        })?;
        self.finish_dying()?;
        Ok(deleted)
    }

    /// Sets how many days records of a kind are kept after their import; `None` lifts the limit. Nothing is deleted before
    /// [`Records::retain`] is called.
    pub fn set_retention(&self, kind: Kind, days: Option<u32>, by: By<'_>) -> Result<(), RecordsError> {
        by.check()?;
        if days.is_some_and(|days| days > RETAIN_DAYS_MAX) {
            return Err(RecordsError::input("days", format!("no more than {RETAIN_DAYS_MAX}")));
        }
        self.db.write(|t| {
            match days {
                None => t.prepare_cached("DELETE FROM retention WHERE kind = ?1")?.execute([kind.code()])?,
                Some(days) => t
                    .prepare_cached("INSERT OR REPLACE INTO retention VALUES (?1, ?2)")?
                    .execute(params![kind.code(), days])?,
            };
            append(t, by, Action::RetentionSet, About { count: days.unwrap_or(0).into(), ..About::default() })
        })?;
        self.mark_version()
    }

    /// Deletes the imports whose time has passed: by the limit of their own or that of their kind, whichever ends first. Gives how many
    /// records there were.
    pub fn retain(&self, by: By<'_>) -> Result<u64, RecordsError> {
        by.check()?;
        let due: Vec<i64> = self.db.read(|t| {
            let mut query = t.prepare_cached(
                "SELECT i.id FROM imports i LEFT JOIN retention r ON r.kind = i.kind
                 WHERE i.state <> 3 AND (i.time + i.retain_days * ?2 <= ?1 OR i.time + r.days * ?2 <= ?1) ORDER BY i.id",
            )?;
            let rows = query.query_map([by.time, DAY_S], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?;
        let mut deleted = 0;
        for id in due {
            deleted += self.remove_import(id as u64, by, Action::Retention)?;
        }
        Ok(deleted)
    }

    /// Deletes the records of a kind, or of all, that tell of a time before `before` (seconds since 1970). Gives how many there were.
    pub fn delete_before(&self, kind: Option<Kind>, before: i64, by: By<'_>) -> Result<u64, RecordsError> {
        by.check()?;
        let mut deleted = 0;
        loop {
            let ids: Vec<u64> = self.db.read(|t| {
                let mut query = t.prepare_cached(
                    "SELECT id FROM records WHERE time < ?1 AND state = 1 AND (?2 IS NULL OR kind = ?2) LIMIT ?3",
                )?;
                let rows = query.query_map(params![before, kind.map(Kind::code), DELETED_AT_ONCE as i64], |row| {
                    row.get::<_, i64>(0)
                })?;
                let mut ids = rows.map(|id| id.map(|id| id as u64)).collect::<Result<Vec<_>, _>>()?;
                ids.sort_unstable();
                Ok(ids)
            })?;
            if ids.is_empty() {
                return Ok(deleted);
            }
            deleted += self.db.write(|t| {
                let gone = self.bury(t, &ids)?.len() as u64;
                append(t, by, Action::Retention, About { count: gone, ..About::default() })?;
                Ok(gone)
            })?;
            self.finish_dying()?;
        }
    }

    /// Takes from records all but their row, which says that their keys are to be destroyed; gives those that were there. `ids` in order.
    fn bury(&self, t: &Transaction<'_>, ids: &[u64]) -> Done<Vec<u64>> {
        let mut find = t.prepare_cached(&format!("SELECT {RAW} FROM records WHERE id = ?1 AND state = 1"))?;
        let mut unmark = t.prepare_cached("DELETE FROM marks WHERE mark = ?1 AND record = ?2")?;
        // of one that cannot be opened the marks are not known: they are looked for
        let mut search = t.prepare_cached("DELETE FROM marks WHERE record = ?1")?;
        let mut bury =
            t.prepare_cached("UPDATE records SET state = 3, line = 0, digest = NULL, sealed = x'' WHERE id = ?1")?;
        let mut gone = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(raw) = find.query_row([*id as i64], Raw::of).optional()? else { continue };
            match raw.content(self.keys.get(*id)?.as_ref()) {
                Ok(content) => {
                    for mark in self.marks_of(&content) {
                        unmark.execute([mark, *id as i64])?;
                    }
                }
                Err(_) => {
                    search.execute([*id as i64])?;
                }
            }
            bury.execute([*id as i64])?;
            gone.push(*id);
        }
        Ok(gone)
    }

    /// Finishes what is being deleted: records of a dying import are buried, keys are destroyed, rows removed.
    pub(crate) fn finish_dying(&self) -> Result<(), RecordsError> {
        let mut any = false;
        loop {
            let ids = |query: &str| {
                self.db.read(|t| {
                    let mut query = t.prepare_cached(query)?;
                    let rows = query.query_map([DELETED_AT_ONCE as i64], |row| row.get::<_, i64>(0))?;
                    Ok(rows.map(|id| id.map(|id| id as u64)).collect::<Result<Vec<_>, _>>()?)
                })
            };
            let records = ids("SELECT id FROM records WHERE state = 3 LIMIT ?1")?;
            let notes = ids("SELECT id FROM notes WHERE state = 3 LIMIT ?1")?;
            let of_imports = ids("SELECT r.id FROM imports i JOIN records r ON r.import = i.id
                 WHERE i.state = 3 AND r.state = 1 ORDER BY r.id LIMIT ?1")?;
            if !of_imports.is_empty() {
                self.db.write(|t| self.bury(t, &of_imports))?;
                self.clear(&of_imports, "records")?;
            }
            let imports = if of_imports.len() < DELETED_AT_ONCE {
                ids("SELECT id FROM imports i WHERE state = 3
                     AND NOT EXISTS (SELECT 1 FROM records r WHERE r.import = i.id) LIMIT ?1")?
            } else {
                Vec::new()
            };
            self.clear(&records, "records")?;
            self.clear(&notes, "notes")?;
            self.clear(&imports, "imports")?;
            let idle = [&records, &notes, &of_imports, &imports].iter().all(|ids| ids.is_empty());
            if idle {
                break;
            }
            any = true;
        }
        if any {
            self.db.empty_log()?;
            self.mark_version()?;
        }
        Ok(())
    }

    /// Destroys the keys of dying rows, then removes the rows.
    fn clear(&self, ids: &[u64], table: &str) -> Result<(), RecordsError> {
        if ids.is_empty() {
            return Ok(());
        }
        self.keys.destroy(ids)?;
        self.db.write(|t| {
            let mut remove = t.prepare_cached(&format!("DELETE FROM {table} WHERE id = ?1 AND state = {DYING}"))?;
            for id in ids {
                remove.execute([*id as i64])?;
            }
            Ok(())
        })
    }

    /// Deletes keys that nothing has: those of a run that was killed between storing keys and storing what they are of.
    pub fn tidy(&self) -> Result<u64, RecordsError> {
        let mut strays = Vec::new();
        // whoever stores rows holds the write lock from before their keys are stored until after they are
        self.db.write(|t| {
            let mut next = 0;
            loop {
                let keys = self.keys.from(next, 10_000)?;
                let Some((last, _)) = keys.last() else { break };
                next = last + 1;
                let mut is_there = t.prepare_cached(
                    "SELECT 1 WHERE EXISTS (SELECT 1 FROM records WHERE id = ?1)
                     OR EXISTS (SELECT 1 FROM imports WHERE id = ?1) OR EXISTS (SELECT 1 FROM notes WHERE id = ?1)",
                )?;
                for (id, _) in &keys {
                    if !is_there.exists([*id as i64])? {
                        strays.push(*id);
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
}

/// Takes from a note all but its row.
pub(crate) fn bury_note(t: &Transaction<'_>, id: u64) -> Done<bool> {
    let done = t
        .prepare_cached("UPDATE notes SET state = 3, mark = 0, sealed = x'' WHERE id = ?1 AND state = 1")?
        .execute([id as i64])?;
    Ok(done > 0)
}
