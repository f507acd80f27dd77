//! Screenings as they are kept: appended with their snapshot, never changed; and what became of an answer.

use crate::DeskError;
use crate::db::{Desk, Done};
use crate::event::announce;
use crate::place::Dependencies;
use crate::register::{Page, enqueue, limit, remove_answers, subject};
use crate::rescreen::stored_marks;
use crate::subject::Subject;
use crate::world::{Answer, Cause, Marks, State};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

/// Longest summary of one answer, in bytes.
pub const SUMMARY_BYTES_MAX: usize = 1 << 20;

const SCREENING: &str =
    "SELECT x.id, x.subject, x.taken_at, x.cause, x.state, x.level, x.score, x.policy, x.snapshot, a.summary
     FROM screenings x JOIN answers a ON a.digest = x.digest";

/// A screening.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Screening {
    /// Its number.
    pub id: i64,
    /// The subject.
    pub subject: i64,
    /// When, in seconds since 1970.
    pub taken_at: i64,
    /// Why.
    pub cause: Cause,
    /// Whether the subject could be screened.
    pub state: State,
    /// The level; `unknown` is not `none`.
    pub level: String,
    /// The score; none where no rule applied.
    pub score: Option<i64>,
    /// Version of the policy.
    pub policy: String,
    /// Snapshot of the answer.
    pub snapshot: String,
    /// What it said.
    #[schemars(with = "serde_json::Value")]
    pub summary: Box<RawValue>,
}

/// A change of a subject's answer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Change {
    /// Its number.
    pub id: i64,
    /// The subject.
    pub subject: i64,
    /// When it was found, in seconds since 1970.
    pub at: i64,
    /// What brought it.
    pub cause: Cause,
    /// The screening before.
    pub before: i64,
    /// Level before.
    pub level_before: String,
    /// The screening after.
    pub after: i64,
    /// Level after.
    pub level_after: String,
}

/// What recording an answer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Recorded {
    /// The screening's number.
    pub screening: i64,
    /// Number of the change, where the answer is another than before.
    pub change: Option<i64>,
    /// Whether the subject waits for another screening, because the answer is of other marks than the desk has.
    pub is_overtaken: bool,
}

impl Desk {
    /// Keeps an answer about a subject, computed at `marks`, with its change and the webhooks for that: all of it or nothing.
    /// `None` where the subject was forgotten meanwhile.
    pub fn record(
        &self,
        id: i64,
        answer: &Answer,
        marks: &Marks,
        cause: &Cause,
        now: i64,
    ) -> Result<Option<Recorded>, DeskError> {
        self.write(|t| record(t, id, answer, marks, cause, now))
    }

    /// The same for answers about several subjects, in one transaction.
    pub fn record_all(
        &self,
        answers: &[(i64, Answer)],
        marks: &Marks,
        cause: &Cause,
        now: i64,
    ) -> Result<Vec<Option<Recorded>>, DeskError> {
        self.write(|t| answers.iter().map(|(id, answer)| record(t, *id, answer, marks, cause, now)).collect())
    }

    /// The screenings of one subject, or of all, after number `after`.
    pub fn screenings(&self, of: Option<i64>, after: i64, rows: u32) -> Result<Page<Screening>, DeskError> {
        let rows = limit(rows)?;
        self.read(|t| {
            let which = if of.is_some() { "x.subject = ?1 AND x.id > ?2" } else { "?1 IS NULL AND x.id > ?2" };
            let mut query = t.prepare_cached(&format!("{SCREENING} WHERE {which} ORDER BY x.id LIMIT ?3"))?;
            let found = query.query_map(params![of, after, rows + 1], read_screening)?;
            Ok(Page::new(found.collect::<Result<Vec<_>, _>>()?, rows, |s| s.id))
        })
    }

    /// One screening.
    pub fn screening(&self, id: i64) -> Result<Option<Screening>, DeskError> {
        self.read(|t| screening(t, id))
    }

    /// The changes of one subject, or of all, after number `after`.
    pub fn changes(&self, of: Option<i64>, after: i64, rows: u32) -> Result<Page<Change>, DeskError> {
        let rows = limit(rows)?;
        self.read(|t| {
            let which = if of.is_some() { "c.subject = ?1 AND c.id > ?2" } else { "?1 IS NULL AND c.id > ?2" };
            let mut query = t.prepare_cached(&format!(
                "SELECT c.id, c.subject, c.at, c.cause, c.before, c.level_before, c.after, c.level_after FROM changes c
                 WHERE {which} ORDER BY c.id LIMIT ?3"
            ))?;
            let found = query.query_map(params![of, after, rows + 1], |row| {
                Ok(Change {
                    id: row.get(0)?,
                    subject: row.get(1)?,
                    at: row.get(2)?,
                    cause: read_cause(row, 3)?,
                    before: row.get(4)?,
                    level_before: row.get(5)?,
                    after: row.get(6)?,
                    level_after: row.get(7)?,
                })
            })?;
            Ok(Page::new(found.collect::<Result<Vec<_>, _>>()?, rows, |c| c.id))
        })
    }

    /// Deletes screenings taken before a time, but never the newest of a subject; and changes, ended deliveries and their
    /// events of before. Gives how many screenings were deleted.
    pub fn prune(&self, before: i64) -> Result<u64, DeskError> {
        let (mut pruned, mut after) = (0, 0);
        loop {
            // in pieces, so that other writers are not kept waiting
            let piece = self.write(|t| {
                let mut old = t.prepare(
                    "SELECT x.id, x.digest FROM screenings x JOIN subjects s ON s.id = x.subject
                     WHERE x.id > ?2 AND x.taken_at < ?1 AND x.id <> s.screening ORDER BY x.id LIMIT 10000",
                )?;
                let old = old
                    .query_map([before, after], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect::<Result<Vec<(i64, Vec<u8>)>, _>>()?;
                for (id, _) in &old {
                    t.prepare_cached("DELETE FROM screenings WHERE id = ?1")?.execute([id])?;
                }
                let digests: Vec<Vec<u8>> = old.iter().map(|(_, digest)| digest.clone()).collect();
                remove_answers(t, &digests)?;
                Ok((old.len() as u64, old.last().map(|(id, _)| *id)))
            })?;
            pruned += piece.0;
            match piece.1 {
                Some(last) => after = last,
                None => break,
            }
        }
        self.write(|t| {
            t.execute("DELETE FROM changes WHERE at < ?1", [before])?;
            // ways to places that nobody has noted any more, from their ends
            while t.execute(
                "DELETE FROM moved WHERE NOT EXISTS (SELECT 1 FROM dependencies d WHERE d.place = moved.old)
                 AND NOT EXISTS (SELECT 1 FROM moved m WHERE m.new = moved.old)",
                [],
            )? > 0
            {}
            t.execute("DELETE FROM deliveries WHERE state = 'done' AND ended_at < ?1", [before])?;
            t.execute(
                "DELETE FROM events WHERE at < ?1 AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.event = events.id)",
                [before],
            )?;
            Ok(())
        })?;
        self.empty_log()?;
        Ok(pruned)
    }
}

pub(crate) fn screening(t: &Transaction<'_>, id: i64) -> Done<Option<Screening>> {
    let mut query = t.prepare_cached(&format!("{SCREENING} WHERE x.id = ?1"))?;
    Ok(query.query_row([id], read_screening).optional()?)
}

fn read_cause(row: &Row<'_>, at: usize) -> rusqlite::Result<Cause> {
    let text: String = row.get(at)?;
    serde_json::from_str(&text)
        .map_err(|e| rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, Box::new(e)))
}

fn read_screening(row: &Row<'_>) -> rusqlite::Result<Screening> {
    let (state, summary): (String, String) = (row.get(4)?, row.get(9)?);
    Ok(Screening {
        id: row.get(0)?,
        subject: row.get(1)?,
        taken_at: row.get(2)?,
        cause: read_cause(row, 3)?,
        state: State::of(&state),
        level: row.get(5)?,
        score: row.get(6)?,
        policy: row.get(7)?,
        snapshot: row.get(8)?,
        summary: RawValue::from_string(summary)
            .map_err(|e| rusqlite::Error::FromSqlConversionFailure(9, rusqlite::types::Type::Text, Box::new(e)))?,
    })
}

/// Hash of what an answer says.
fn digest(answer: &Answer) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    let score = answer.score.map_or_else(String::new, |s| s.to_string());
    for part in [answer.state.name(), &answer.level, &score, &answer.summary] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

pub(crate) fn record(
    t: &Transaction<'_>,
    id: i64,
    answer: &Answer,
    marks: &Marks,
    cause: &Cause,
    now: i64,
) -> Done<Option<Recorded>> {
    if answer.summary.len() > SUMMARY_BYTES_MAX {
        return Err(DeskError::TooMany { what: "bytes of a summary", max: SUMMARY_BYTES_MAX as u64 }.into());
    }
    let Some(subject) = subject(t, id)? else { return Ok(None) };
    let before = match subject.screening {
        Some(screening) => Some((
            screening,
            t.prepare_cached("SELECT digest, level FROM screenings WHERE id = ?1")?
                .query_row([screening], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?)))?,
        )),
        None => None,
    };
    let digest = digest(answer);
    t.prepare_cached("INSERT OR IGNORE INTO answers VALUES (?1, ?2)")?.execute(params![&digest[..], answer.summary])?;
    t.prepare_cached(
        "INSERT INTO screenings (subject, taken_at, cause, state, level, score, policy, snapshot, digest)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        id,
        now,
        cause.to_json(),
        answer.state.name(),
        answer.level,
        answer.score,
        answer.policy,
        answer.snapshot,
        &digest[..]
    ])?;
    let screening = t.last_insert_rowid();
    keep_places(t, &subject, screening, &answer.dependencies)?;
    // what the desk was last caught up to is what the answer must be of; otherwise it is due again
    let is_overtaken = stored_marks(t, &subject.chain)?.is_some_and(|stored| stored != *marks);
    t.prepare_cached("DELETE FROM queue WHERE subject = ?1")?.execute([id])?;
    if is_overtaken {
        enqueue(t, id, &Cause::Overtaken.to_json(), now)?;
    }
    let mut change = None;
    if let Some((before, (_, level_before))) = before.filter(|(_, (before, _))| before[..] != digest[..]) {
        t.prepare_cached(
            "INSERT INTO changes (subject, at, cause, before, level_before, after, level_after)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![id, now, cause.to_json(), before, level_before, screening, answer.level])?;
        let number = t.last_insert_rowid();
        change = Some(number);
        announce(t, &subject, number, before, screening, cause, now)?;
    }
    Ok(Some(Recorded { screening, change, is_overtaken }))
}

/// Replaces what a subject's answer was read from; only the difference is written.
fn keep_places(t: &Transaction<'_>, subject: &Subject, screening: i64, now: &Dependencies) -> Done<()> {
    let old: Vec<u8> =
        t.prepare_cached("SELECT places FROM subjects WHERE id = ?1")?.query_row([subject.id], |row| row.get(0))?;
    let old = Dependencies::places_of(&old);
    let mut remove = t.prepare_cached("DELETE FROM dependencies WHERE place = ?1 AND subject = ?2")?;
    for place in old.iter().filter(|place| now.places().binary_search(place).is_err()) {
        remove.execute([place.0, subject.id])?;
    }
    let mut add = t.prepare_cached("INSERT INTO dependencies VALUES (?1, ?2)")?;
    for place in now.places().iter().filter(|place| old.binary_search(place).is_err()) {
        add.execute([place.0, subject.id])?;
    }
    t.prepare_cached("UPDATE subjects SET screening = ?2, everything = ?3, places = ?4 WHERE id = ?1")?
        .execute(params![subject.id, screening, now.is_everything(), now.to_bytes()])?;
    Ok(())
}
