//! The journal of decisions about withdrawals: every answer that was given, appended, never changed.
//!
//! A database of its own beside the desk's (`desk/decisions.sqlite`), so that a check waits for no other writer. Rows cannot be
//! changed or taken away with SQL, and each carries the hash of the one before: [`DecisionJournal::verify`] finds a row that
//! was altered by other means. Whoever holds the whole file can still cut off its end; keep the newest hash elsewhere where
//! that matters.
//!
//! A customer is kept as a keyed hash, never in clear: the same customer is found again, and the file names nobody. Threads
//! that append at the same time share one commit ([`Desk`](crate::Desk) explains the settings of SQLite).

use crate::error::DeskError;
use athar_engine::read::DecisionView;
use athar_vault::{CHECKPOINT_PAGES, Database, held, private_folder};
use rusqlite::{OptionalExtension, params};
use schemars::JsonSchema;
use serde::Serialize;
use std::io;
use std::path::Path;
use std::sync::{Condvar, Mutex};

/// Bytes of one answer that is kept.
pub const DECISION_BYTES_MAX: usize = 64 << 10;
/// Rows of one page.
pub const DECISIONS_PAGE_MAX: usize = 1_000;
const SCHEMA: &str = "
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    chain TEXT NOT NULL,
    address TEXT NOT NULL,
    reference TEXT,
    customer BLOB,                        -- keyed hash
    decision TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    answer TEXT NOT NULL,                 -- as it was sent, evidence left out where it was too long
    digest BLOB NOT NULL                  -- BLAKE3 over the digest before and this row
) STRICT;
CREATE INDEX decisions_address ON decisions (address, id);
CREATE INDEX decisions_reference ON decisions (reference, id) WHERE reference IS NOT NULL;
CREATE INDEX decisions_customer ON decisions (customer, id) WHERE customer IS NOT NULL;
CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END;
CREATE TRIGGER decisions_remain BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are never deleted'); END;
";

/// A decision to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDecision {
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// The chain.
    pub chain: String,
    /// The address, as given.
    pub address: String,
    /// The client's reference.
    pub reference: Option<String>,
    /// The customer, in clear; kept as a keyed hash.
    pub customer: Option<String>,
    /// `allow`, `review` or `hold`.
    pub decision: String,
    /// What made it so.
    pub decided_by: String,
    /// The answer in JSON, at most [`DECISION_BYTES_MAX`] bytes.
    pub answer: String,
}

impl NewDecision {
    /// A decision as it was answered. Evidence is left out of the kept answer where it is too long.
    pub fn of(view: &DecisionView, customer: Option<String>, at_ms: u64) -> Self {
        // a view is plain data: writing it does not fail
        let mut answer = serde_json::to_string(view).unwrap_or_default();
        if answer.len() > DECISION_BYTES_MAX {
            let mut short = view.clone();
            short.shorten();
            answer = serde_json::to_string(&short).unwrap_or_default();
        }
        Self {
            at_ms: i64::try_from(at_ms).unwrap_or(i64::MAX),
            chain: view.chain.clone(),
            address: view.address.clone(),
            reference: view.reference.clone(),
            customer,
            decision: view.decision.name().into(),
            decided_by: view.decided_by.name().into(),
            answer,
        }
    }
}

/// A decision that is kept.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct KeptDecision {
    /// Its number.
    pub id: i64,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// The chain.
    pub chain: String,
    /// The address, as given.
    pub address: String,
    /// The client's reference.
    pub reference: Option<String>,
    /// Keyed hash of the customer, in hexadecimal.
    pub customer_hash: Option<String>,
    /// `allow`, `review` or `hold`.
    pub decision: String,
    /// What made it so.
    pub decided_by: String,
    /// The answer as it was given.
    pub answer: serde_json::Value,
    /// The hash that the chain of rows has here, in hexadecimal.
    pub digest: String,
}

/// Which decisions are asked for. What is none is not looked at.
#[derive(Clone, Debug, Default)]
pub struct DecisionsOf<'a> {
    /// Of this address.
    pub address: Option<&'a str>,
    /// With this reference.
    pub reference: Option<&'a str>,
    /// Of this customer, in clear.
    pub customer: Option<&'a str>,
}

/// See the module.
#[derive(Debug)]
pub struct DecisionJournal {
    db: Database<DeskError>,
    key: [u8; 32],
    queue: Mutex<Queue>,
    done: Condvar,
}

/// What waits for the next commit. Whoever finds nobody writing writes all of it.
#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<NewDecision>,
    /// Number of the batch that `waiting` is.
    batch: u64,
    is_writing: bool,
    /// Results of batches, until all who wait for them have taken theirs.
    results: Vec<(u64, usize, Result<i64, String>)>,
}

impl DecisionJournal {
    /// Opens the journal of the store in the folder `store`, or makes it.
    ///
    /// # Errors
    /// It cannot be made or opened, is damaged, or was written by a newer program.
    pub fn open(store: &Path) -> Result<Self, DeskError> {
        let folder = store.join("desk");
        private_folder(&folder)?;
        let db: Database<DeskError> = Database::open(folder.join("decisions.sqlite"), &[SCHEMA], CHECKPOINT_PAGES)?;
        let mut fresh = [0; 32];
        getrandom::fill(&mut fresh).map_err(|error| DeskError::io(db.path(), io::Error::other(error.to_string())))?;
        // whoever opens it first settles the key
        let key = db.write(|t| {
            t.execute("INSERT OR IGNORE INTO meta VALUES ('customer key', ?1)", [&fresh[..]])?;
            Ok(t.query_row("SELECT value FROM meta WHERE name = 'customer key'", [], |row| row.get(0))?)
        })?;
        Ok(Self { db, key, queue: Mutex::default(), done: Condvar::new() })
    }

    /// Whether the store has one.
    pub fn exists(store: &Path) -> bool {
        store.join("desk").join("decisions.sqlite").exists()
    }

    /// The keyed hash that stands for a customer.
    pub fn customer_hash(&self, customer: &str) -> String {
        blake3::keyed_hash(&self.key, customer.as_bytes()).to_hex().to_string()
    }

    /// Appends a decision and gives its number. When this returns it is on the disk.
    ///
    /// # Errors
    /// The answer is too long, or the disk refuses; then nothing of it is stored.
    pub fn append(&self, decision: NewDecision) -> Result<i64, DeskError> {
        if decision.answer.len() > DECISION_BYTES_MAX {
            return Err(DeskError::input("answer", format!("longer than {DECISION_BYTES_MAX} bytes")));
        }
        let mut queue = held(&self.queue);
        let (batch, place) = (queue.batch, queue.waiting.len());
        queue.waiting.push(decision);
        loop {
            if let Some(at) = queue.results.iter().position(|(b, p, _)| (*b, *p) == (batch, place)) {
                let (.., result) = queue.results.swap_remove(at);
                return result.map_err(|what| DeskError::io(self.db.path(), io::Error::other(what)));
            }
            if queue.is_writing {
                queue = self.done.wait(queue).unwrap_or_else(std::sync::PoisonError::into_inner);
                continue;
            }
            queue.is_writing = true;
            let (of, rows) = (queue.batch, std::mem::take(&mut queue.waiting));
            queue.batch += 1;
            drop(queue);
            let written = self.write(&rows);
            queue = held(&self.queue);
            queue.is_writing = false;
            match &written {
                Ok(ids) => queue.results.extend(ids.iter().enumerate().map(|(p, id)| (of, p, Ok(*id)))),
                Err(error) => {
                    let what = error.to_string();
                    queue.results.extend((0..rows.len()).map(|p| (of, p, Err(what.clone()))));
                }
            }
            self.done.notify_all();
        }
    }

    fn write(&self, rows: &[NewDecision]) -> Result<Vec<i64>, DeskError> {
        self.db.write(|t| {
            let mut last: Vec<u8> = t
                .prepare_cached("SELECT digest FROM decisions ORDER BY id DESC LIMIT 1")?
                .query_row([], |row| row.get(0))
                .optional()?
                .unwrap_or_default();
            let mut ids = Vec::with_capacity(rows.len());
            {
                let mut insert = t.prepare_cached(
                    "INSERT INTO decisions (at_ms, chain, address, reference, customer, decision, decided_by, answer, digest)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                )?;
                for row in rows {
                    let customer =
                        row.customer.as_ref().map(|c| blake3::keyed_hash(&self.key, c.as_bytes()).as_bytes().to_vec());
                    let digest = digest(&last, row, customer.as_deref());
                    insert.execute(params![
                        row.at_ms,
                        row.chain,
                        row.address,
                        row.reference,
                        customer,
                        row.decision,
                        row.decided_by,
                        row.answer,
                        &digest[..]
                    ])?;
                    ids.push(t.last_insert_rowid());
                    last = digest.to_vec();
                }
            }
            Ok(ids)
        })
    }

    /// A page of decisions, the newest first, and whether there are more. `before` is the number that the page ends before, 0
    /// for the newest.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn page(
        &self,
        of: &DecisionsOf<'_>,
        before: u64,
        limit: usize,
    ) -> Result<(Vec<KeptDecision>, bool), DeskError> {
        let limit = limit.min(DECISIONS_PAGE_MAX);
        let customer = of.customer.map(|c| blake3::keyed_hash(&self.key, c.as_bytes()).as_bytes().to_vec());
        let mut rows: Vec<KeptDecision> = self.db.read(|t| {
            let mut query = t.prepare_cached(
                "SELECT id, at_ms, chain, address, reference, customer, decision, decided_by, answer, digest FROM decisions
                 WHERE (?1 IS NULL OR address = ?1) AND (?2 IS NULL OR reference = ?2) AND (?3 IS NULL OR customer = ?3)
                 AND (?5 = 0 OR id < ?5)
                 ORDER BY id DESC LIMIT ?4",
            )?;
            let before = i64::try_from(before).unwrap_or(i64::MAX);
            let rows = query.query_map(params![of.address, of.reference, customer, limit as i64 + 1, before], kept)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?;
        let is_more = rows.len() > limit;
        rows.truncate(limit);
        Ok((rows, is_more))
    }

    /// One decision.
    ///
    /// # Errors
    /// There is none of that number, or the journal cannot be read.
    pub fn decision(&self, id: i64) -> Result<KeptDecision, DeskError> {
        let found = self.db.read(|t| {
            let mut query = t.prepare_cached(
                "SELECT id, at_ms, chain, address, reference, customer, decision, decided_by, answer, digest FROM decisions
                 WHERE id = ?1",
            )?;
            Ok(query.query_row([id], kept).optional()?)
        })?;
        found.ok_or_else(|| DeskError::unknown("decision", id))
    }

    /// Computes the chain of hashes again: how many decisions there are, and what does not fit.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn verify(&self) -> Result<(u64, Vec<String>), DeskError> {
        self.db.read(|t| {
            let mut query = t.prepare(
                "SELECT id, at_ms, chain, address, reference, customer, decision, decided_by, answer, digest FROM decisions
                 ORDER BY id",
            )?;
            let (mut count, mut last, mut wrong) = (0_u64, Vec::new(), Vec::new());
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                count += 1;
                let id: i64 = row.get(0)?;
                let new = NewDecision {
                    at_ms: row.get(1)?,
                    chain: row.get(2)?,
                    address: row.get(3)?,
                    reference: row.get(4)?,
                    customer: None,
                    decision: row.get(6)?,
                    decided_by: row.get(7)?,
                    answer: row.get(8)?,
                };
                let customer: Option<Vec<u8>> = row.get(5)?;
                let stored: Vec<u8> = row.get(9)?;
                if digest(&last, &new, customer.as_deref())[..] != stored[..] && wrong.len() < 20 {
                    wrong.push(format!("decision {id} is not what was appended, or one before it is gone"));
                }
                last = stored;
            }
            Ok((count, wrong))
        })
    }
}

fn digest(last: &[u8], row: &NewDecision, customer: Option<&[u8]>) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("athar decision journal version 1");
    let at = row.at_ms.to_le_bytes();
    let parts: [Option<&[u8]>; 9] = [
        Some(last),
        Some(&at),
        Some(row.chain.as_bytes()),
        Some(row.address.as_bytes()),
        row.reference.as_deref().map(str::as_bytes),
        customer,
        Some(row.decision.as_bytes()),
        Some(row.decided_by.as_bytes()),
        Some(row.answer.as_bytes()),
    ];
    for part in parts {
        // none and empty are two things
        hasher.update(&[u8::from(part.is_some())]);
        let part = part.unwrap_or_default();
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
    }
    *hasher.finalize().as_bytes()
}

fn kept(row: &rusqlite::Row<'_>) -> Result<KeptDecision, rusqlite::Error> {
    let answer: String = row.get(8)?;
    let hex = |bytes: Vec<u8>| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    Ok(KeptDecision {
        id: row.get(0)?,
        at_ms: row.get(1)?,
        chain: row.get(2)?,
        address: row.get(3)?,
        reference: row.get(4)?,
        customer_hash: row.get::<_, Option<Vec<u8>>>(5)?.map(hex),
        decision: row.get(6)?,
        decided_by: row.get(7)?,
        answer: serde_json::from_str(&answer).unwrap_or(serde_json::Value::String(answer)),
        digest: hex(row.get(9)?),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;
    use rusqlite::Connection;
    use std::fs;
    use std::sync::Arc;

    fn new(address: &str, customer: Option<&str>) -> NewDecision {
        NewDecision {
            at_ms: 1_700_000_000_000,
            chain: "bitcoin".into(),
            address: address.into(),
            reference: Some(format!("w-{address}")),
            customer: customer.map(str::to_owned),
            decision: "hold".into(),
            decided_by: "rules".into(),
            answer: format!(r#"{{"decision":"hold","address":"{address}"}}"#),
        }
    }

    #[test]
    fn decisions_are_found_again_and_name_no_customer() {
        let folder = tempfile::tempdir().unwrap();
        let journal = DecisionJournal::open(folder.path()).unwrap();
        let first = journal.append(new("a", Some("Alice"))).unwrap();
        journal.append(new("b", None)).unwrap();
        drop(journal);
        let journal = DecisionJournal::open(folder.path()).unwrap();
        let of = DecisionsOf { customer: Some("Alice"), ..DecisionsOf::default() };
        let (found, more) = journal.page(&of, 0, 10).unwrap();
        assert_eq!((found.len(), found[0].id, more), (1, first, false));
        assert_eq!(found[0].customer_hash.as_deref(), Some(&*journal.customer_hash("Alice")));
        assert_eq!(found[0].answer["address"], "a");
        let (all, more) = journal.page(&DecisionsOf::default(), 0, 1).unwrap();
        assert_eq!((all[0].address.as_str(), more), ("b", true));
        assert!(matches!(journal.decision(99), Err(DeskError::Unknown { .. })));
        let bytes = fs::read(folder.path().join("desk/decisions.sqlite")).unwrap();
        let log = fs::read(folder.path().join("desk/decisions.sqlite-wal")).unwrap_or_default();
        assert!(!bytes.windows(5).chain(log.windows(5)).any(|w| w == b"Alice"));
    }

    #[test]
    fn what_is_kept_is_neither_changed_nor_deleted_and_tampering_shows() {
        let folder = tempfile::tempdir().unwrap();
        let journal = DecisionJournal::open(folder.path()).unwrap();
        for address in ["a", "b", "c"] {
            journal.append(new(address, None)).unwrap();
        }
        assert_eq!(journal.verify().unwrap(), (3, Vec::new()));
        let raw = Connection::open(folder.path().join("desk/decisions.sqlite")).unwrap();
        for statement in ["UPDATE decisions SET decision = 'allow'", "DELETE FROM decisions"] {
            assert!(raw.execute(statement, []).unwrap_err().to_string().contains("never"), "{statement}");
        }
        raw.execute_batch("DROP TRIGGER decisions_stay; UPDATE decisions SET decision = 'allow' WHERE id = 2;")
            .unwrap();
        let (count, wrong) = journal.verify().unwrap();
        assert_eq!((count, wrong.len()), (3, 1));
        assert!(wrong[0].contains("decision 2"), "{wrong:?}");
    }

    #[test]
    fn threads_that_append_together_each_get_their_own_number() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Arc::new(DecisionJournal::open(folder.path()).unwrap());
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let journal = Arc::clone(&journal);
                std::thread::spawn(move || {
                    (0..25)
                        .map(|n| {
                            let address = format!("{thread}-{n}");
                            let id = journal.append(new(&address, None)).unwrap();
                            assert_eq!(journal.decision(id).unwrap().address, address);
                            id
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        let mut ids: Vec<i64> = threads.into_iter().flat_map(|t| t.join().unwrap()).collect();
        ids.sort_unstable();
        assert_eq!(ids, (1..=200).collect::<Vec<_>>());
        assert_eq!(journal.verify().unwrap(), (200, Vec::new()));
    }

    #[test]
    fn what_is_too_long_or_damaged_is_refused_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let journal = DecisionJournal::open(folder.path()).unwrap();
        let long = NewDecision { answer: "x".repeat(DECISION_BYTES_MAX + 1), ..new("a", None) };
        assert!(journal.append(long).unwrap_err().to_string().contains("longer than"));
        assert_eq!(journal.verify().unwrap().0, 0);
        drop(journal);
        fs::write(folder.path().join("desk/decisions.sqlite"), b"no database, but long enough to be looked at")
            .unwrap();
        let error = DecisionJournal::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains("decisions.sqlite"), "{error}");
    }
}
