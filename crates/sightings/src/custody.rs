//! The chain of custody: what was done with which item, by whom and when, as a log that is only added to.
//!
//! Each entry holds the hash of the one before, so that a changed, removed or inserted entry breaks the chain. Whoever can write the whole
//! file could make the whole chain anew, or cut off its end: note its head ([`CustodyCheck::head`]) elsewhere, and give it to the
//! next check. Entries hold numbers and hashes; the reason and the operator are the words of the user.

use crate::error::Done;
use crate::{ItemId, Sightings, SightingsError};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Bytes of the details of an entry.
pub const DETAILS_BYTES_MAX: usize = 2_000;
/// Bytes of an operator's name.
pub const OPERATOR_BYTES_MAX: usize = 200;
/// Entries that one call gives.
pub const CUSTODY_PAGE_MAX: u32 = 1_000;

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// An item was recorded.
    Recorded,
    /// A newer reading of the same original took the item's place. It is still there.
    Superseded,
    /// The kept copy of the original was shown.
    OriginalShown,
    /// Something of the item, or of all, was exported.
    Exported,
    /// The item was deleted, and its key destroyed.
    Deleted,
    /// The same, because of its age.
    Retention,
}

impl Action {
    /// The name in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Superseded => "superseded",
            Self::OriginalShown => "original_shown",
            Self::Exported => "exported",
            Self::Deleted => "deleted",
            Self::Retention => "retention",
        }
    }
}

/// An entry of the log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct CustodyEntry {
    /// Number, from 1.
    pub seq: u64,
    /// When, in seconds since 1970.
    pub time: i64,
    /// Who, as they named themselves; empty of who did not.
    pub operator: String,
    /// What was done (a name of [`Action`]).
    pub action: String,
    /// The item.
    pub item: Option<ItemId>,
    /// SHA-256 of its untouched original, in hexadecimal.
    pub sha256: Option<String>,
    /// More: of a record, what was read and how; of a deletion, the reason.
    pub details: String,
    /// Hash of the entry before, in hexadecimal; 64 zeros of the first.
    pub previous: String,
    /// SHA-256 over the entry and the hash before, in hexadecimal.
    pub hash: String,
}

/// What a check of the log says.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, JsonSchema)]
pub struct CustodyCheck {
    /// Entries.
    pub entries: u64,
    /// Hash of the last, in hexadecimal; note it elsewhere. 64 zeros of an empty log.
    pub head: String,
    /// What does not fit, at most 20 places; empty where the chain is whole.
    pub wrong: Vec<String>,
}

/// What is written into an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewEntry<'a> {
    pub(crate) time: i64,
    pub(crate) operator: &'a str,
    pub(crate) action: Action,
    pub(crate) item: Option<ItemId>,
    pub(crate) sha256: Option<&'a [u8]>,
    pub(crate) details: &'a str,
}

/// Appends an entry, in a transaction.
pub(crate) fn append(t: &Transaction<'_>, entry: NewEntry<'_>) -> Done<()> {
    let last = t
        .prepare_cached("SELECT seq, hash FROM custody ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))
        .optional()?;
    let (seq, previous) = last.map_or((1, vec![0; 32]), |(seq, hash)| (seq + 1, hash));
    let mut raw = Raw {
        seq,
        time: entry.time,
        operator: entry.operator.to_owned(),
        action: entry.action.name().to_owned(),
        item: entry.item.map(|item| item.0 as i64),
        sha256: entry.sha256.map(<[u8]>::to_vec),
        details: entry.details.to_owned(),
        previous,
        hash: Vec::new(),
    };
    raw.hash = raw.digest().to_vec();
    t.prepare_cached("INSERT INTO custody VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?.execute(params![
        raw.seq,
        raw.time,
        raw.operator,
        raw.action,
        raw.item,
        raw.sha256,
        raw.details,
        raw.previous,
        raw.hash
    ])?;
    Ok(())
}

/// Whether an operator and details can be taken.
pub(crate) fn check_words(operator: &str, details: &str) -> Result<(), SightingsError> {
    if operator.len() > OPERATOR_BYTES_MAX {
        return Err(SightingsError::input("operator", format!("no longer than {OPERATOR_BYTES_MAX} bytes")));
    }
    if details.len() > DETAILS_BYTES_MAX {
        return Err(SightingsError::input("reason", format!("no longer than {DETAILS_BYTES_MAX} bytes")));
    }
    Ok(())
}

struct Raw {
    seq: i64,
    time: i64,
    operator: String,
    action: String,
    item: Option<i64>,
    sha256: Option<Vec<u8>>,
    details: String,
    previous: Vec<u8>,
    hash: Vec<u8>,
}

impl Raw {
    /// SHA-256 over the fields, each with its length before it, the hash before among them.
    fn digest(&self) -> [u8; 32] {
        let mut all = Sha256::new();
        let mut part = |bytes: &[u8]| {
            all.update((bytes.len() as u64).to_le_bytes());
            all.update(bytes);
        };
        part(b"athar custody 1");
        part(&self.seq.to_le_bytes());
        part(&self.time.to_le_bytes());
        part(self.operator.as_bytes());
        part(self.action.as_bytes());
        part(&self.item.map(i64::to_le_bytes).map_or(Vec::new(), |b| b.to_vec()));
        part(self.sha256.as_deref().unwrap_or_default());
        part(self.details.as_bytes());
        part(&self.previous);
        all.finalize().into()
    }

    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            time: row.get(1)?,
            operator: row.get(2)?,
            action: row.get(3)?,
            item: row.get(4)?,
            sha256: row.get(5)?,
            details: row.get(6)?,
            previous: row.get(7)?,
            hash: row.get(8)?,
        })
    }
}

impl Sightings {
    /// Writes into the log that something was exported: of one item, or of many (`item` is `None`; the details say what).
    pub fn log_export(
        &self,
        time: i64,
        operator: &str,
        item: Option<ItemId>,
        details: &str,
    ) -> Result<(), SightingsError> {
        check_words(operator, details)?;
        self.db.write(|t| append(t, NewEntry { time, operator, action: Action::Exported, item, sha256: None, details }))
    }

    /// Entries after number `after`, at most `limit` and [`CUSTODY_PAGE_MAX`]; of one item where it is named.
    pub fn custody(&self, item: Option<ItemId>, after: u64, limit: u32) -> Result<Vec<CustodyEntry>, SightingsError> {
        let limit = limit.min(CUSTODY_PAGE_MAX);
        self.db.read(|t| {
            let mut query = t.prepare_cached(
                "SELECT * FROM custody WHERE seq > ?1 AND (?2 IS NULL OR item = ?2) ORDER BY seq LIMIT ?3",
            )?;
            let rows = query.query_map(params![after as i64, item.map(|i| i.0 as i64), limit], Raw::of)?;
            let mut entries = Vec::new();
            for row in rows {
                let raw = row?;
                entries.push(CustodyEntry {
                    seq: raw.seq as u64,
                    time: raw.time,
                    operator: raw.operator,
                    action: raw.action,
                    item: raw.item.map(|i| ItemId(i as u64)),
                    sha256: raw.sha256.map(hex::encode),
                    details: raw.details,
                    previous: hex::encode(raw.previous),
                    hash: hex::encode(raw.hash),
                });
            }
            Ok(entries)
        })
    }

    /// Checks every entry of the log against the one before it; and that the log still holds the entry with hash `known` (a head that
    /// was noted before), where one is given.
    pub fn verify_custody(&self, known: Option<&str>) -> Result<CustodyCheck, SightingsError> {
        const WRONG_MAX: usize = 20;
        self.db.read(|t| {
            let mut check = CustodyCheck { head: hex::encode([0; 32]), ..CustodyCheck::default() };
            let mut previous = vec![0; 32];
            let known = known.map(str::to_lowercase);
            let mut met = known.as_deref().is_none_or(|known| known == check.head);
            let mut query = t.prepare("SELECT * FROM custody ORDER BY seq")?;
            for row in query.query_map([], Raw::of)? {
                let raw = row?;
                check.entries += 1;
                let mut wrong = |what: &str| {
                    if check.wrong.len() < WRONG_MAX {
                        check.wrong.push(format!("entry {}: {what}", raw.seq));
                    }
                };
                if raw.seq != check.entries as i64 {
                    wrong("an entry before it is missing");
                    check.entries = raw.seq as u64;
                }
                if raw.previous != previous {
                    wrong("it does not follow the entry before it");
                }
                if raw.digest()[..] != raw.hash[..] {
                    wrong("it was changed");
                }
                let head = hex::encode(&raw.hash);
                met |= known.as_deref() == Some(&*head);
                check.head = head;
                previous = raw.hash;
            }
            if !met {
                check
                    .wrong
                    .push("the entry that was noted before is not there: the log was cut off or made anew".into());
            }
            Ok(check)
        })
    }
}
