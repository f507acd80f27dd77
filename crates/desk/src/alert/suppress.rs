//! Holding alerts back: by subject, watch or pattern, until a day, with a reason. What was held back is counted, not kept.

use crate::DeskError;
use crate::db::{Desk, Done};
use crate::register::{Page, limit};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest time that anything is held back: a year. Who still means it says so again.
pub const SUPPRESSED_SECONDS_MAX: i64 = 366 * 86_400;
/// Suppressions of one desk that have not ended.
const SUPPRESSIONS_MAX: u64 = 10_000;
const TEXT_MAX: usize = 1_000;

/// What is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuppressionKind {
    /// Alerts about a subject.
    Subject,
    /// Alerts of a watch, by its number.
    Watch,
    /// Alerts of a pattern, by its id.
    Pattern,
}

impl SuppressionKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Subject, Self::Watch, Self::Pattern];

    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Watch => "watch",
            Self::Pattern => "pattern",
        }
    }

    /// The kind of a name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A suppression to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSuppression {
    /// What is held back.
    pub kind: SuppressionKind,
    /// The subject, the number of the watch, or the id of the pattern.
    pub value: String,
    /// The chain, by name; none: every chain.
    pub chain: Option<String>,
    /// Why.
    pub reason: String,
    /// Until when, in seconds since 1970.
    pub expires_at: i64,
}

/// A suppression.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Suppression {
    /// Its number.
    pub id: i64,
    /// What is held back.
    pub kind: SuppressionKind,
    /// The subject, the number of the watch, or the id of the pattern.
    pub value: String,
    /// The chain; none: every chain.
    pub chain: Option<String>,
    /// Why.
    pub reason: String,
    /// Who said so.
    pub actor: String,
    /// When it was added, in seconds since 1970.
    pub added_at: i64,
    /// When it ends.
    pub expires_at: i64,
    /// When it was lifted before that.
    pub lifted_at: Option<i64>,
    /// By whom.
    pub lifted_by: Option<String>,
    /// Matches that raised no alert. A transaction that is seen in the mempool and in a block counts twice, and one that
    /// entered the mempool while its watch was being read may count once more.
    pub held_back: u64,
    /// When it last held one back.
    pub last_at: Option<i64>,
    /// Which: a transaction, or the subject of a pattern.
    pub last_match: Option<String>,
}

impl Desk {
    /// Holds alerts back from now on; gives the number.
    pub fn suppress(&self, new: &NewSuppression, actor: &str, now: i64) -> Result<i64, DeskError> {
        for (field, text) in [("value", &new.value), ("reason", &new.reason)] {
            if text.trim().is_empty() || text.len() > TEXT_MAX || text.chars().any(char::is_control) {
                let what = format!("is empty, has more than {TEXT_MAX} bytes, or control characters");
                return Err(DeskError::input(field, what));
            }
        }
        if new.expires_at <= now {
            return Err(DeskError::input("expires_at", "has passed already"));
        }
        if new.expires_at - now > SUPPRESSED_SECONDS_MAX {
            return Err(DeskError::input("expires_at", "is more than a year away"));
        }
        self.write(|t| {
            let query = "SELECT count(*) FROM suppressions WHERE expires_at > ?1 AND lifted_at IS NULL";
            let count: i64 = t.query_row(query, [now], |row| row.get(0))?;
            if count as u64 >= SUPPRESSIONS_MAX {
                return Err(DeskError::TooMany { what: "suppressions", max: SUPPRESSIONS_MAX }.into());
            }
            if new.kind == SuppressionKind::Watch {
                let id = new.value.parse::<i64>().ok();
                let known = t
                    .query_row("SELECT id FROM watches WHERE id = ?1", [id], |row| row.get::<_, i64>(0))
                    .optional()?;
                known.ok_or_else(|| DeskError::unknown("watch", &new.value))?;
            }
            t.execute(
                "INSERT INTO suppressions (kind, value, chain, reason, actor, added_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    new.kind.name(),
                    new.value.trim(),
                    new.chain.as_deref().unwrap_or(""),
                    new.reason,
                    actor,
                    now,
                    new.expires_at
                ],
            )?;
            Ok(t.last_insert_rowid())
        })
    }

    /// Ends a suppression before its time.
    pub fn lift(&self, id: i64, actor: &str, now: i64) -> Result<(), DeskError> {
        self.write(|t| {
            let query = "UPDATE suppressions SET lifted_at = ?2, lifted_by = ?3
                         WHERE id = ?1 AND lifted_at IS NULL AND expires_at > ?2";
            match t.execute(query, params![id, now, actor])? {
                0 => Err(DeskError::unknown("suppression that has not ended", id).into()),
                _ => Ok(()),
            }
        })
    }

    /// Suppressions after number `after`; those that have ended too.
    pub fn suppressions(&self, after: i64, rows: u32) -> Result<Page<Suppression>, DeskError> {
        let rows = limit(rows)?;
        self.read(|t| {
            let mut query = t.prepare_cached(
                "SELECT id, kind, value, chain, reason, actor, added_at, expires_at, lifted_at, lifted_by, held_back, last_at, last_match
                 FROM suppressions WHERE id > ?1 ORDER BY id LIMIT ?2",
            )?;
            let found = query.query_map(params![after, rows + 1], read)?;
            Ok(Page::new(found.collect::<Result<Vec<_>, _>>()?, rows, |s| s.id))
        })
    }
}

/// Whether something holds an alert back; it is counted there.
pub(super) fn held_back(
    t: &Transaction<'_>,
    (watch, pattern, subject): (i64, &str, &str),
    chain: &str,
    what: &str,
    now: i64,
) -> Done<bool> {
    let mut query = t.prepare_cached(
        "SELECT id FROM suppressions WHERE expires_at > ?1 AND lifted_at IS NULL AND chain IN ('', ?2)
         AND ((kind = 'subject' AND value = ?3) OR (kind = 'watch' AND value = ?4) OR (kind = 'pattern' AND value = ?5 AND ?5 <> ''))
         ORDER BY id LIMIT 1",
    )?;
    let found: Option<i64> =
        query.query_row(params![now, chain, subject, watch.to_string(), pattern], |row| row.get(0)).optional()?;
    let Some(id) = found else { return Ok(false) };
    t.prepare_cached("UPDATE suppressions SET held_back = held_back + 1, last_at = ?2, last_match = ?3 WHERE id = ?1")?
        .execute(params![id, now, what])?;
    Ok(true)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Suppression> {
    let kind: String = row.get(1)?;
    let chain: String = row.get(3)?;
    Ok(Suppression {
        id: row.get(0)?,
        kind: SuppressionKind::of(&kind).unwrap_or(SuppressionKind::Subject),
        value: row.get(2)?,
        chain: Some(chain).filter(|chain| !chain.is_empty()),
        reason: row.get(4)?,
        actor: row.get(5)?,
        added_at: row.get(6)?,
        expires_at: row.get(7)?,
        lifted_at: row.get(8)?,
        lifted_by: row.get(9)?,
        held_back: row.get::<_, i64>(10)? as u64,
        last_at: row.get(11)?,
        last_match: row.get(12)?,
    })
}
