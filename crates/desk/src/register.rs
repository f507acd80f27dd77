//! The register of subjects.

use crate::DeskError;
use crate::db::{Desk, Done};
use crate::place::Dependencies;
use crate::subject::{NewSubject, Subject, SubjectKind, Way};
use crate::world::{Cause, State};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use schemars::JsonSchema;
use serde::Serialize;

/// Subjects that are registered in one transaction.
pub const REGISTER_MAX: usize = 10_000;
/// Subjects of one desk.
pub const SUBJECTS_MAX: u64 = 50_000_000;
/// Rows of one page of a list.
pub const PAGE_MAX: u32 = 1_000;

pub(crate) const SUBJECT: &str =
    "SELECT s.id, s.kind, s.chain, s.target, s.asset, s.amount, s.direction, s.reference, s.customer,
     s.registered_at, s.monitor_until, s.screening, x.level, x.state
     FROM subjects s LEFT JOIN screenings x ON x.id = s.screening";

/// A subject that was registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Registered {
    /// Its number.
    pub id: i64,
    /// Whether it was not registered before. Where it was, only until when it is watched is taken over.
    pub is_new: bool,
}

/// A page of a list, by ascending number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Number after which the next page begins; none: this is the last one.
    pub next: Option<i64>,
}

impl<T> Page<T> {
    pub(crate) fn new(mut rows: Vec<T>, limit: u32, id: impl Fn(&T) -> i64) -> Self {
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(id);
        Self { rows, next }
    }
}

pub(crate) fn limit(asked: u32) -> Result<u32, DeskError> {
    if (1..=PAGE_MAX).contains(&asked) {
        Ok(asked)
    } else {
        Err(DeskError::input("limit", format!("is not from 1 to {PAGE_MAX}")))
    }
}

impl Desk {
    /// Registers subjects, all or none; each waits for its first screening from then on. A subject that is registered already
    /// (same kind, chain, target, asset, direction, reference and customer) keeps its number.
    pub fn register(&self, subjects: &[NewSubject], now: i64) -> Result<Vec<Registered>, DeskError> {
        if subjects.len() > REGISTER_MAX {
            return Err(DeskError::TooMany { what: "subjects at once", max: REGISTER_MAX as u64 });
        }
        subjects.iter().try_for_each(NewSubject::check)?;
        self.write(|t| register(t, subjects, now))
    }

    /// One subject.
    pub fn subject(&self, id: i64) -> Result<Option<Subject>, DeskError> {
        self.read(|t| subject(t, id))
    }

    /// Subjects after number `after`, of one kind or all.
    pub fn subjects(&self, kind: Option<SubjectKind>, after: i64, rows: u32) -> Result<Page<Subject>, DeskError> {
        let rows = limit(rows)?;
        self.read(|t| {
            let mut query = t.prepare_cached(&format!(
                "{SUBJECT} WHERE s.id > ?1 AND (?2 IS NULL OR s.kind = ?2) ORDER BY s.id LIMIT ?3"
            ))?;
            let found = query.query_map(params![after, kind.map(SubjectKind::name), rows + 1], read_subject)?;
            Ok(Page::new(found.collect::<Result<Vec<_>, _>>()?, rows, |s| s.id))
        })
    }

    /// The chains of the subjects, by name.
    pub fn chains(&self) -> Result<Vec<String>, DeskError> {
        self.read(|t| {
            // from one to the next in the index: there are few chains and many subjects
            let mut next = t.prepare_cached("SELECT min(chain) FROM subjects WHERE chain > ?1")?;
            let mut chains: Vec<String> = Vec::new();
            loop {
                let after = chains.last().map_or("", String::as_str);
                match next.query_row([after], |row| row.get::<_, Option<String>>(0))? {
                    Some(chain) => chains.push(chain),
                    None => return Ok(chains),
                }
            }
        })
    }

    /// Whether anybody waits for a screening.
    pub fn is_anybody_waiting(&self) -> Result<bool, DeskError> {
        self.read(|t| Ok(t.query_row("SELECT EXISTS (SELECT 1 FROM queue)", [], |row| row.get(0))?))
    }

    /// How many subjects there are, how many of them wait for a screening, and how many depend on everything.
    pub fn counts(&self) -> Result<Counts, DeskError> {
        self.read(|t| {
            let count = |query: &str| t.query_row(query, [], |row| row.get::<_, i64>(0));
            Ok(Counts {
                subjects: count("SELECT count(*) FROM subjects")? as u64,
                queued: count("SELECT count(*) FROM queue")? as u64,
                everything: count("SELECT count(*) FROM subjects WHERE everything = 1")? as u64,
                screenings: count("SELECT count(*) FROM screenings")? as u64,
                changes: count("SELECT count(*) FROM changes")? as u64,
                waiting: count("SELECT count(*) FROM deliveries WHERE state = 'waiting'")? as u64,
                dead: count("SELECT count(*) FROM deliveries WHERE state = 'dead'")? as u64,
            })
        })
    }

    /// Deletes a subject with its screenings, changes, events and deliveries, and the answers that no other subject shares.
    /// What was deleted is overwritten in the database, and the write-ahead log is emptied.
    pub fn forget(&self, id: i64) -> Result<(), DeskError> {
        self.write(|t| {
            if subject(t, id)?.is_none() {
                return Err(DeskError::unknown("subject", id).into());
            }
            remove_places(t, id)?;
            for query in [
                "DELETE FROM queue WHERE subject = ?1",
                "DELETE FROM changes WHERE subject = ?1",
                "DELETE FROM deliveries WHERE event IN (SELECT id FROM events WHERE subject = ?1)",
                "DELETE FROM events WHERE subject = ?1",
            ] {
                t.execute(query, [id])?;
            }
            let mut digests = t.prepare("SELECT DISTINCT digest FROM screenings WHERE subject = ?1")?;
            let digests = digests.query_map([id], |row| row.get(0))?.collect::<Result<Vec<Vec<u8>>, _>>()?;
            t.execute("DELETE FROM screenings WHERE subject = ?1", [id])?;
            remove_answers(t, &digests)?;
            t.execute("DELETE FROM subjects WHERE id = ?1", [id])?;
            Ok(())
        })?;
        self.empty_log()
    }
}

/// How much a desk holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// Registered subjects.
    pub subjects: u64,
    /// Of these, waiting for a screening.
    pub queued: u64,
    /// Of these, whose answer depends on everything.
    pub everything: u64,
    /// Screenings kept.
    pub screenings: u64,
    /// Changes of answers.
    pub changes: u64,
    /// Deliveries of webhooks that wait.
    pub waiting: u64,
    /// Those that were given up.
    pub dead: u64,
}

pub(crate) fn register(t: &Transaction<'_>, subjects: &[NewSubject], now: i64) -> Done<Vec<Registered>> {
    let mut find = t.prepare_cached("SELECT id, monitor_until <= ?2 FROM subjects WHERE identity = ?1")?;
    let mut add = t.prepare_cached(
        "INSERT INTO subjects (identity, kind, chain, target, asset, amount, direction, reference, customer, registered_at,
         monitor_until) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    let mut watch = t.prepare_cached("UPDATE subjects SET monitor_until = ?2 WHERE id = ?1")?;
    let mut registered = Vec::with_capacity(subjects.len());
    for new in subjects {
        let identity = new.identity();
        let known =
            find.query_row(params![&identity[..], now], |row| Ok((row.get(0)?, row.get::<_, Option<bool>>(1)?)));
        if let Some((id, had_ended)) = known.optional()? {
            watch.execute(params![id, new.monitor_until])?;
            if had_ended == Some(true) {
                // nobody looked at it meanwhile
                enqueue(t, id, &Cause::Registered.to_json(), now)?;
            }
            registered.push(Registered { id, is_new: false });
            continue;
        }
        add.execute(params![
            &identity[..],
            new.kind.name(),
            new.chain,
            new.target,
            new.asset.as_deref().unwrap_or(""),
            new.amount.map(|a| a.to_string()),
            new.direction.map(Way::name),
            new.reference,
            new.customer,
            now,
            new.monitor_until
        ])?;
        let id = t.last_insert_rowid();
        if id as u64 > SUBJECTS_MAX {
            return Err(DeskError::TooMany { what: "subjects", max: SUBJECTS_MAX }.into());
        }
        enqueue(t, id, &Cause::Registered.to_json(), now)?;
        registered.push(Registered { id, is_new: true });
    }
    Ok(registered)
}

/// Has a subject wait for a screening; the first cause stands.
pub(crate) fn enqueue(t: &Transaction<'_>, id: i64, cause: &str, now: i64) -> Done<bool> {
    let mut add = t.prepare_cached("INSERT OR IGNORE INTO queue VALUES (?1, ?2, ?3)")?;
    Ok(add.execute(params![id, cause, now])? > 0)
}

pub(crate) fn subject(t: &Transaction<'_>, id: i64) -> Done<Option<Subject>> {
    let mut query = t.prepare_cached(&format!("{SUBJECT} WHERE s.id = ?1"))?;
    Ok(query.query_row([id], read_subject).optional()?)
}

pub(crate) fn read_subject(row: &Row<'_>) -> rusqlite::Result<Subject> {
    let kind: String = row.get(1)?;
    let direction: Option<String> = row.get(6)?;
    let state: Option<String> = row.get(13)?;
    Ok(Subject {
        id: row.get(0)?,
        kind: SubjectKind::of(&kind).unwrap_or(SubjectKind::Address),
        chain: row.get(2)?,
        target: row.get(3)?,
        asset: row.get(4)?,
        amount: row.get(5)?,
        direction: direction.and_then(|way| Way::of(&way)),
        reference: row.get(7)?,
        customer: row.get(8)?,
        registered_at: row.get(9)?,
        monitor_until: row.get(10)?,
        screening: row.get(11)?,
        level: row.get(12)?,
        state: state.as_deref().map(State::of),
    })
}

/// Removes what a subject's answer was read from.
pub(crate) fn remove_places(t: &Transaction<'_>, id: i64) -> Done<()> {
    let places: Vec<u8> = t.query_row("SELECT places FROM subjects WHERE id = ?1", [id], |row| row.get(0))?;
    let mut remove = t.prepare_cached("DELETE FROM dependencies WHERE place = ?1 AND subject = ?2")?;
    for place in Dependencies::places_of(&places) {
        remove.execute([place.0, id])?;
    }
    t.execute("UPDATE subjects SET places = x'', everything = 0 WHERE id = ?1", [id])?;
    Ok(())
}

/// Removes those answers that no screening has any more.
pub(crate) fn remove_answers(t: &Transaction<'_>, digests: &[Vec<u8>]) -> Done<()> {
    let mut remove = t.prepare_cached(
        "DELETE FROM answers WHERE digest = ?1 AND NOT EXISTS (SELECT 1 FROM screenings WHERE digest = ?1)",
    )?;
    for digest in digests {
        remove.execute([digest])?;
    }
    Ok(())
}
