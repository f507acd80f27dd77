//! The journal: what was imported, deleted and noted, by whom and when, as a log that is only added to.
//!
//! It holds numbers, counts and salted hashes, so that it can be kept after what it speaks of is gone: with a value in hand one can check
//! whether its deletion was carried out ([`JournalEntry::speaks_of`]), without one nothing can be read from it. Each entry holds the hash of
//! the one before.

use crate::error::Done;
use crate::{Records, RecordsError};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Bytes of a reason.
pub const REASON_BYTES_MAX: usize = 2_000;
/// Bytes of an operator's name.
pub const OPERATOR_BYTES_MAX: usize = 200;
/// Entries that one call gives.
pub const JOURNAL_PAGE_MAX: u32 = 1_000;

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Action {
    Imported,
    DeletedRecords,
    DeletedImport,
    DeletedSubject,
    Retention,
    RetentionSet,
    Noted,
    DeletedNote,
}

impl Action {
    const fn name(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::DeletedRecords => "deleted_records",
            Self::DeletedImport => "deleted_import",
            Self::DeletedSubject => "deleted_subject",
            Self::Retention => "retention",
            Self::RetentionSet => "retention_set",
            Self::Noted => "noted",
            Self::DeletedNote => "deleted_note",
        }
    }
}

/// Who does something, when and why. The reason must hold no personal data.
#[derive(Clone, Copy, Debug, Default)]
pub struct By<'a> {
    /// Now, in seconds since 1970.
    pub time: i64,
    /// Who, as they name themselves.
    pub operator: &'a str,
    /// Why.
    pub reason: &'a str,
}

impl By<'_> {
    pub(crate) fn check(&self) -> Result<(), RecordsError> {
        for (field, text, max) in
            [("operator", self.operator, OPERATOR_BYTES_MAX), ("reason", self.reason, REASON_BYTES_MAX)]
        {
            if text.len() > max {
                return Err(RecordsError::input(field, format!("no longer than {max} bytes")));
            }
        }
        Ok(())
    }
}

/// An entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[schemars(rename = "RecordsJournalEntry")]
pub struct JournalEntry {
    /// Number, from 1.
    pub seq: u64,
    /// When, in seconds since 1970.
    pub time: i64,
    /// Who; empty of who did not say.
    pub operator: String,
    /// `imported`, `deleted_records`, `deleted_import`, `deleted_subject`, `retention`, `retention_set`, `noted`, `deleted_note`.
    pub action: String,
    /// Number of the record, import or note, where it was one.
    pub subject: Option<u64>,
    /// Salt of the digest, in hexadecimal.
    pub salt: Option<String>,
    /// SHA-256 over the salt and the subject (its pseudonym or address as text), in hexadecimal.
    pub digest: Option<String>,
    /// How many records it was about; of a limit that was set, its days.
    pub count: u64,
    /// Why.
    pub reason: String,
    /// Hash of the entry before, in hexadecimal; 64 zeros of the first.
    pub previous: String,
    /// SHA-256 over the entry and the hash before, in hexadecimal.
    pub hash: String,
}

impl JournalEntry {
    /// Whether a deletion was asked for this subject: a pseudonym or an address, as text.
    pub fn speaks_of(&self, subject: &str) -> bool {
        let (Some(salt), Some(digest)) = (&self.salt, &self.digest) else { return false };
        hex::decode(salt).is_ok_and(|salt| hex::encode(salted(&salt, subject)) == *digest)
    }
}

pub(crate) fn salted(salt: &[u8], subject: &str) -> [u8; 32] {
    Sha256::new().chain_update(salt).chain_update(subject.as_bytes()).finalize().into()
}

/// What is written into an entry beside who and when.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct About<'a> {
    pub(crate) subject: Option<u64>,
    /// Salt and salted hash.
    pub(crate) digest: Option<(&'a [u8], &'a [u8])>,
    pub(crate) count: u64,
}

pub(crate) fn append(t: &Transaction<'_>, by: By<'_>, action: Action, about: About<'_>) -> Done<()> {
    let last = t
        .prepare_cached("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))
        .optional()?;
    let (seq, previous) = last.map_or((1, vec![0; 32]), |(seq, hash)| (seq + 1, hash));
    let mut raw = Raw {
        seq,
        time: by.time,
        operator: by.operator.to_owned(),
        action: action.name().to_owned(),
        subject: about.subject.map(|id| id as i64),
        salt: about.digest.map(|(salt, _)| salt.to_vec()),
        digest: about.digest.map(|(_, digest)| digest.to_vec()),
        count: about.count as i64,
        reason: by.reason.to_owned(),
        previous,
        hash: Vec::new(),
    };
    raw.hash = raw.own_hash().to_vec();
    t.prepare_cached("INSERT INTO journal VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")?.execute(params![
        raw.seq,
        raw.time,
        raw.operator,
        raw.action,
        raw.subject,
        raw.salt,
        raw.digest,
        raw.count,
        raw.reason,
        raw.previous,
        raw.hash
    ])?;
    Ok(())
}

struct Raw {
    seq: i64,
    time: i64,
    operator: String,
    action: String,
    subject: Option<i64>,
    salt: Option<Vec<u8>>,
    digest: Option<Vec<u8>>,
    count: i64,
    reason: String,
    previous: Vec<u8>,
    hash: Vec<u8>,
}

impl Raw {
    fn of(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            seq: row.get(0)?,
            time: row.get(1)?,
            operator: row.get(2)?,
            action: row.get(3)?,
            subject: row.get(4)?,
            salt: row.get(5)?,
            digest: row.get(6)?,
            count: row.get(7)?,
            reason: row.get(8)?,
            previous: row.get(9)?,
            hash: row.get(10)?,
        })
    }

    fn own_hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"athar records journal 1");
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        part(&self.seq.to_le_bytes());
        part(&self.time.to_le_bytes());
        part(self.operator.as_bytes());
        part(self.action.as_bytes());
        part(&self.subject.map_or_else(Vec::new, |id| id.to_le_bytes().to_vec()));
        part(self.salt.as_deref().unwrap_or_default());
        part(self.digest.as_deref().unwrap_or_default());
        part(&self.count.to_le_bytes());
        part(self.reason.as_bytes());
        part(&self.previous);
        hash.finalize().into()
    }

    fn shown(self) -> JournalEntry {
        JournalEntry {
            seq: self.seq as u64,
            time: self.time,
            operator: self.operator,
            action: self.action,
            subject: self.subject.map(|id| id as u64),
            salt: self.salt.map(hex::encode),
            digest: self.digest.map(hex::encode),
            count: self.count as u64,
            reason: self.reason,
            previous: hex::encode(self.previous),
            hash: hex::encode(self.hash),
        }
    }
}

impl Records {
    /// Entries after number `after`, from the oldest on, at most `limit` ([`JOURNAL_PAGE_MAX`]).
    pub fn journal(&self, after: u64, limit: u32) -> Result<Vec<JournalEntry>, RecordsError> {
        self.db.read(|t| {
            let mut query = t.prepare_cached("SELECT * FROM journal WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
            let rows = query.query_map(params![after as i64, limit.min(JOURNAL_PAGE_MAX)], Raw::of)?;
            Ok(rows.map(|row| row.map(Raw::shown)).collect::<Result<_, _>>()?)
        })
    }

    /// What does not fit in the journal, at most 20 places; nothing where the chain is whole.
    pub fn verify_journal(&self) -> Result<Vec<String>, RecordsError> {
        self.db.read(|t| {
            let mut query = t.prepare("SELECT * FROM journal ORDER BY seq")?;
            let (mut wrong, mut previous, mut seq) = (Vec::new(), vec![0; 32], 0);
            for row in query.query_map([], Raw::of)? {
                let row = row?;
                if row.seq != seq + 1 || row.previous != previous || row.hash != row.own_hash() {
                    wrong.push(format!(
                        "entry {} of the journal does not follow the one before, or was changed",
                        row.seq
                    ));
                }
                if wrong.len() >= 20 {
                    break;
                }
                (seq, previous) = (row.seq, row.hash);
            }
            Ok(wrong)
        })
    }

    /// Hash of the last entry; 32 zeros where there is none.
    pub(crate) fn head(t: &Transaction<'_>) -> Done<Vec<u8>> {
        let mut query = t.prepare_cached("SELECT hash FROM journal ORDER BY seq DESC LIMIT 1")?;
        Ok(query.query_row([], |row| row.get(0)).optional()?.unwrap_or_else(|| vec![0; 32]))
    }
}
