//! Whether the log is whole: every hash made again from the first entry on.
//!
//! The chain shows a changed, missing, moved or added entry. It cannot show by itself that entries were cut off its end and the head put back: for that somebody
//! remembers a number and its hash elsewhere ([`Anchor`]) and asks with it.

use super::{COLUMNS, kept};
use crate::db::Tx;
use crate::{TeamError, params};
use serde::Serialize;

/// Entries that are read at once.
const STEP: i64 = 5_000;

/// A number and its hash, remembered outside of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Anchor {
    /// The number of an entry.
    pub seq: i64,
    /// Its hash.
    #[serde(serialize_with = "super::entry::hex")]
    pub hash: [u8; 32],
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Entries that were read.
    pub entries: i64,
    /// The first number at which the log is not what it was; nothing where it is whole.
    pub broken_at: Option<i64>,
    /// What is wrong there, in words.
    pub why: Option<String>,
    /// The newest entry of the log.
    pub head: Anchor,
}

impl Verified {
    /// Whether it is whole.
    pub fn ok(&self) -> bool {
        self.broken_at.is_none()
    }
}

pub(crate) fn head(tx: &mut Tx<'_>) -> Result<Anchor, TeamError> {
    let row = tx.one("SELECT seq, hash FROM audit_head WHERE one = 1", &[])?;
    Ok(Anchor { seq: row.int(0)?, hash: row.hash(1)? })
}

/// Reads all entries, in the one state that `tx` sees.
pub(crate) fn verify(tx: &mut Tx<'_>, anchor: Option<Anchor>) -> Result<Verified, TeamError> {
    let head = head(tx)?;
    let (mut seq, mut hash) = (0, [0; 32]);
    let broken =
        |entries: i64, at: i64, why: &str| Ok(Verified { entries, broken_at: Some(at), why: Some(why.into()), head });
    loop {
        let sql = format!("SELECT {COLUMNS} FROM audit WHERE seq > ?1 ORDER BY seq LIMIT ?2");
        let rows = tx.query(&sql, params![seq, STEP])?;
        for row in &rows {
            let entry = kept(row)?;
            if entry.seq != seq + 1 {
                return broken(seq, seq + 1, "the entry is missing");
            }
            if entry.hash_after(&hash) != entry.hash {
                return broken(seq, entry.seq, "the entry, or its hash, was changed");
            }
            (seq, hash) = (entry.seq, entry.hash);
            if anchor.is_some_and(|anchor| anchor.seq == seq && anchor.hash != hash) {
                return broken(seq, seq, "the hash is not the one that was remembered: the log was written again");
            }
        }
        if (rows.len() as i64) < STEP {
            break;
        }
    }
    if seq < head.seq {
        return broken(seq, seq + 1, "entries were cut off the end");
    }
    if seq > head.seq || hash != head.hash {
        return broken(seq, head.seq.min(seq), "the log's end is not what its head says");
    }
    if anchor.is_some_and(|anchor| anchor.seq > seq) {
        return broken(seq, seq + 1, "entries were cut off the end: one that was remembered is not there");
    }
    Ok(Verified { entries: seq, broken_at: None, why: None, head })
}
