//! The audit log: appended to, never changed, each entry bound to all before it by its hash.
//!
//! A change is logged in its own transaction ([`append_in`]): there is no change without its entry, nor an entry without its change. A read is logged by
//! [`Log::append_read`], which answers when the entry is on the disk; entries that wait at the same time share one transaction.

mod entry;
mod log;
mod verify;

pub use entry::{Actor, Entry, Kept, Outcome, Target};
pub use log::Log;
pub use verify::{Anchor, Verified};
pub(crate) use verify::{head, verify};

use crate::db::{Row, Tx, Value};
use crate::{TeamError, params};
use data_encoding::HEXLOWER;

/// Entries that a page may have.
pub const AUDIT_PAGE_MAX: u32 = 1_000;

/// The secret of a database, under which searched values and sources are marked.
#[derive(Clone)]
pub(crate) struct Secret(pub(crate) [u8; 32]);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// A hash that nobody can make without the secret. `what` keeps marks for one use apart from those for another.
    pub(crate) fn mark(&self, what: &str, value: &str) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(&(what.len() as u32).to_be_bytes()).update(what.as_bytes()).update(value.as_bytes());
        *hasher.finalize().as_bytes()
    }
}

/// Which part of the log is asked for.
#[derive(Debug, Clone, Default)]
pub struct AuditOf {
    /// Of this actor alone ([`Actor::text`]).
    pub actor: Option<String>,
    /// Of this case alone.
    pub case: Option<i64>,
    /// Older than this number.
    pub before: Option<i64>,
}

/// Rows that one statement puts in, where there are so many: a server that is asked once for each is waited for once for each.
const ROWS_AT_ONCE: usize = 32;

/// Appends entries inside the transaction of what they tell of.
pub(crate) fn append(tx: &mut Tx<'_>, secret: &Secret, entries: &[Entry]) -> Result<i64, TeamError> {
    entries.iter().try_for_each(Entry::check)?;
    // changed first, so that whoever else appends waits here
    let head = tx.one("UPDATE audit_head SET seq = seq WHERE one = 1 RETURNING seq, hash", &[])?;
    let (mut seq, mut hash) = (head.int(0)?, head.hash(1)?);
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        seq += 1;
        let (target_kind, target) = match &entry.target {
            Target::None => ("", String::new()),
            Target::Id { kind, id } => (*kind, id.clone()),
            Target::Hashed { kind, value } => (*kind, hashed(tx, secret, kind, value)?),
        };
        let mut kept = Kept {
            seq,
            at_s: entry.at_s,
            actor: entry.actor.text(),
            action: entry.action.into(),
            target_kind: target_kind.into(),
            target,
            case: entry.case,
            outcome: entry.outcome.text().into(),
            hash,
        };
        kept.hash = kept.hash_after(&hash);
        hash = kept.hash;
        rows.push(kept);
    }
    let many = rows.chunks_exact(ROWS_AT_ONCE);
    for row in many.remainder() {
        tx.execute(&insert(1), &values(std::slice::from_ref(row)))?;
    }
    for rows in many {
        tx.execute(&insert(ROWS_AT_ONCE), &values(rows))?;
    }
    tx.execute("UPDATE audit_head SET seq = ?1, hash = ?2 WHERE one = 1", params![seq, hash])?;
    Ok(seq)
}

/// The statement that puts in so many rows.
fn insert(rows: usize) -> String {
    let row = |row: usize| {
        let places: Vec<String> = (1..=9).map(|column| format!("?{}", 9 * row + column)).collect();
        format!("({})", places.join(", "))
    };
    format!("INSERT INTO audit ({COLUMNS}) VALUES {}", (0..rows).map(row).collect::<Vec<_>>().join(", "))
}

fn values(rows: &[Kept]) -> Vec<Value> {
    let mut values = Vec::with_capacity(9 * rows.len());
    for row in rows {
        let Kept { seq, at_s, actor, action, target_kind, target, case, outcome, hash } = row;
        values.extend_from_slice(params![*seq, *at_s, actor, action, target_kind, target, *case, outcome, hash]);
    }
    values
}

/// The hash of a value under its salt, which is made at the first time.
fn hashed(tx: &mut Tx<'_>, secret: &Secret, kind: &str, value: &str) -> Result<String, TeamError> {
    let mark = secret.mark(kind, value);
    let salt = match tx.first("SELECT salt FROM audit_salts WHERE mark = ?1", params![mark])? {
        Some(row) => row.hash(0)?,
        None => {
            let salt = crate::random::bytes()?;
            tx.execute("INSERT INTO audit_salts (mark, salt) VALUES (?1, ?2)", params![mark, salt])?;
            salt
        }
    };
    Ok(salted(&salt, kind, value))
}

fn salted(salt: &[u8; 32], kind: &str, value: &str) -> String {
    format!("hash:{}", HEXLOWER.encode(&Secret(*salt).mark(kind, value)))
}

/// What a searched value is called in the log; nothing where it never was, or where it was forgotten.
pub(crate) fn name_in_log(
    tx: &mut Tx<'_>,
    secret: &Secret,
    kind: &str,
    value: &str,
) -> Result<Option<String>, TeamError> {
    let row = tx.first("SELECT salt FROM audit_salts WHERE mark = ?1", params![secret.mark(kind, value)])?;
    row.map(|row| Ok(salted(&row.hash(0)?, kind, value))).transpose()
}

/// Destroys the salt of a value: entries about it stay, and say no more what they were about.
pub(crate) fn forget(tx: &mut Tx<'_>, secret: &Secret, kind: &str, value: &str) -> Result<bool, TeamError> {
    Ok(tx.execute("DELETE FROM audit_salts WHERE mark = ?1", params![secret.mark(kind, value)])? > 0)
}

/// A page, newest first.
pub(crate) fn page(tx: &mut Tx<'_>, of: &AuditOf, limit: u32) -> Result<Vec<Kept>, TeamError> {
    let limit = limit.clamp(1, AUDIT_PAGE_MAX);
    let before = of.before.unwrap_or(i64::MAX);
    let rows = match (&of.actor, of.case) {
        (None, None) => tx.query(&select("seq < ?1", "?2"), params![before, limit])?,
        (Some(actor), None) => tx.query(&select("seq < ?1 AND actor = ?3", "?2"), params![before, limit, actor])?,
        (None, Some(case)) => tx.query(&select("seq < ?1 AND case_id = ?3", "?2"), params![before, limit, case])?,
        (Some(actor), Some(case)) => {
            tx.query(&select("seq < ?1 AND actor = ?3 AND case_id = ?4", "?2"), params![before, limit, actor, case])?
        }
    };
    rows.iter().map(kept).collect()
}

fn select(condition: &str, limit: &str) -> String {
    format!("SELECT {COLUMNS} FROM audit WHERE {condition} ORDER BY seq DESC LIMIT {limit}")
}

const COLUMNS: &str = "seq, at_s, actor, action, target_kind, target, case_id, outcome, hash";

fn kept(row: &Row) -> Result<Kept, TeamError> {
    Ok(Kept {
        seq: row.int(0)?,
        at_s: row.int(1)?,
        actor: row.text(2)?,
        action: row.text(3)?,
        target_kind: row.text(4)?,
        target: row.text(5)?,
        case: row.opt_int(6)?,
        outcome: row.text(7)?,
        hash: row.hash(8)?,
    })
}
