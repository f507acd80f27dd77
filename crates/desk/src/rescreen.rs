//! Screening again exactly those whose answers can have changed.
//!
//! Two steps, each safe to be killed in. *Catching up* compares the world's marks with those that the desk was last caught up
//! to, asks what that touches, puts the subjects that read any of it into the queue, and stores the new marks: one
//! transaction. *Working off* screens the queue piece by piece; a subject leaves it in the transaction that stores its answer.
//!
//! Places are numbers of the ledger, and an entity's root may give way to another when two entities become one. A subject
//! that this does not touch keeps what it noted; `moved` says where it is found now.

use crate::DeskError;
use crate::db::{Desk, Done, meta, set_meta};
use crate::place::Place;
use crate::record::record;
use crate::register::{enqueue, subject};
use crate::world::{Cause, Changes, Marks, World};
use athar_vault::VaultError;
use rusqlite::{Transaction, params};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{File, TryLockError};

/// Subjects that are screened between two transactions.
const PIECE: u32 = 100;

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Rescreened {
    /// Subjects that the changes of the world touched, and that were not waiting already.
    pub affected: u64,
    /// Watched subjects that they did not touch.
    pub spared: u64,
    /// Whether everything counted as touched, and why.
    pub everything: Option<Cause>,
    /// Texts whose labels changed.
    pub relabelled: u64,
    /// Screenings made.
    pub screened: u64,
    /// Answers that changed.
    pub changed: u64,
    /// Subjects whose screening failed and that wait for another run; the first error.
    pub failed: u64,
    /// The first of these errors.
    pub error: Option<String>,
    /// Whether the run was stopped before the queue was empty.
    pub stopped: bool,
}

/// The lock of a run. Given up by word when dropped: to close the file is not enough while a process that was begun meanwhile still has
/// it, between its fork and its own program.
struct Turn(File);

impl Drop for Turn {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

impl Desk {
    /// Catches up with a world and works off its queue. `go_on` is asked before each piece. One run at a time: another one
    /// meanwhile, of this or another process, is refused ([`VaultError::Locked`]).
    pub fn rescreen(
        &self,
        world: &dyn World,
        now: i64,
        go_on: &mut dyn FnMut(&Rescreened) -> bool,
    ) -> Result<Rescreened, DeskError> {
        let path = self.path().with_file_name("rescreen.lock");
        let io = |source| DeskError::io(&path, source);
        let lock = File::create(&path).map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(VaultError::Locked { path, what: "another run is screening again".into() }.into());
            }
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        let _turn = Turn(lock);
        let mut done = self.catch_up(world, now)?;
        self.work_off(world, now, &mut done, go_on)?;
        Ok(done)
    }

    /// The first step alone: queues whom the changes of the world touch.
    pub fn catch_up(&self, world: &dyn World, now: i64) -> Result<Rescreened, DeskError> {
        let (chain, marks) = (world.chain(), world.marks());
        let before = self.read(|t| stored_marks(t, &chain))?;
        let mut done = Rescreened::default();
        if before.as_ref() == Some(&marks) {
            done.spared = self.read(|t| watched(t, &chain, now))?;
            return Ok(done);
        }
        let relabelled = match &before {
            Some(before) if before.labels == marks.labels => None,
            _ => {
                let said = world.said()?;
                let texts = self.read(|t| relabelled(t, &chain, &said))?;
                Some((said, texts))
            }
        };
        let texts: &[String] = relabelled.as_ref().map_or(&[], |(_, texts)| texts);
        let changes = match &before {
            Some(before) => world.changed(before, texts)?,
            None => Changes {
                everything: Some(Cause::Everything { why: "the first run of this desk".into() }),
                ..Changes::default()
            },
        };
        done.relabelled = texts.len() as u64;
        done.everything.clone_from(&changes.everything);
        self.write(|t| {
            if stored_marks(t, &chain)? != before {
                let what = "another run caught up meanwhile".into();
                return Err(DeskError::from(VaultError::Locked { path: self.path().into(), what }).into());
            }
            done.affected = queue(t, &chain, &changes, now)?;
            if let Some((said, texts)) = &relabelled {
                remember(t, &chain, said, texts)?;
            }
            set_meta(t, &format!("marks:{chain}"), &serde_json::to_string(&marks).unwrap_or_default())?;
            done.spared = watched(t, &chain, now)?.saturating_sub(waiting(t, &chain)?);
            Ok(())
        })?;
        Ok(done)
    }

    fn work_off(
        &self,
        world: &dyn World,
        now: i64,
        done: &mut Rescreened,
        go_on: &mut dyn FnMut(&Rescreened) -> bool,
    ) -> Result<(), DeskError> {
        let (chain, marks) = (world.chain(), world.marks());
        // in ascending order, each once: what is queued again meanwhile is for the next run
        let mut after = 0;
        loop {
            let piece = self.read(|t| {
                let mut query = t.prepare_cached(
                    "SELECT q.subject, q.cause FROM queue q JOIN subjects s ON s.id = q.subject
                     WHERE s.chain = ?1 AND q.subject > ?2 ORDER BY q.subject LIMIT ?3",
                )?;
                let rows = query.query_map(params![chain, after, PIECE], |row| Ok((row.get(0)?, row.get(1)?)))?;
                let rows = rows.collect::<Result<Vec<(i64, String)>, _>>()?;
                let mut piece = Vec::new();
                for (id, cause) in rows {
                    let cause = serde_json::from_str(&cause).unwrap_or(Cause::Asked);
                    piece.extend(subject(t, id)?.map(|subject| (subject, cause)));
                }
                Ok(piece)
            })?;
            let Some((last, _)) = piece.last() else { return Ok(()) };
            after = last.id;
            if !go_on(done) {
                done.stopped = true;
                return Ok(());
            }
            let mut answers = Vec::with_capacity(piece.len());
            for (subject, cause) in &piece {
                match world.screen(subject) {
                    Ok(answer) => answers.push((subject.id, cause, answer)),
                    Err(error) => {
                        done.failed += 1;
                        done.error.get_or_insert_with(|| format!("subject {}: {error}", subject.id));
                    }
                }
            }
            let recorded = self.write(|t| {
                let mut recorded = Vec::new();
                for (id, cause, answer) in &answers {
                    recorded.extend(record(t, *id, answer, &marks, cause, now)?);
                }
                Ok(recorded)
            })?;
            done.screened += recorded.len() as u64;
            done.changed += recorded.iter().filter(|r| r.change.is_some()).count() as u64;
        }
    }

    /// Screens one subject now, whatever the queue, and keeps the answer.
    pub fn screen_now(&self, world: &dyn World, id: i64, now: i64) -> Result<crate::Recorded, DeskError> {
        let found = self.read(|t| subject(t, id))?.ok_or_else(|| DeskError::unknown("subject", id))?;
        if found.chain != world.chain() {
            return Err(DeskError::input("chain", format!("is {}, and {} is asked", found.chain, world.chain())));
        }
        let cause = if found.screening.is_none() { Cause::Registered } else { Cause::Asked };
        let answer = world.screen(&found)?;
        self.record(id, &answer, &world.marks(), &cause, now)?.ok_or_else(|| DeskError::unknown("subject", id))
    }

    /// What the desk was last caught up to, by chain.
    pub fn marks(&self, chain: &str) -> Result<Option<Marks>, DeskError> {
        self.read(|t| stored_marks(t, chain))
    }

    /// The watched subjects that read any of these places.
    pub fn affected(&self, places: &[Place], now: i64) -> Result<BTreeSet<i64>, DeskError> {
        self.read(|t| {
            let mut found = BTreeSet::new();
            readers(t, places, now, &mut |id| {
                found.insert(id);
                Ok(())
            })?;
            Ok(found)
        })
    }
}

pub(crate) fn stored_marks(t: &Transaction<'_>, chain: &str) -> Done<Option<Marks>> {
    Ok(meta(t, &format!("marks:{chain}"))?.and_then(|text| serde_json::from_str(&text).ok()))
}

fn watched(t: &Transaction<'_>, chain: &str, now: i64) -> Done<u64> {
    let query = "SELECT count(*) FROM subjects WHERE chain = ?1 AND (monitor_until IS NULL OR monitor_until > ?2)";
    Ok(t.query_row(query, params![chain, now], |row| row.get::<_, i64>(0))? as u64)
}

fn waiting(t: &Transaction<'_>, chain: &str) -> Done<u64> {
    let query = "SELECT count(*) FROM queue q JOIN subjects s ON s.id = q.subject WHERE s.chain = ?1";
    Ok(t.query_row(query, [chain], |row| row.get::<_, i64>(0))? as u64)
}

/// The texts of which labels say something else than when the desk was last caught up.
fn relabelled(t: &Transaction<'_>, chain: &str, said: &BTreeMap<String, [u8; 16]>) -> Done<Vec<String>> {
    let mut texts = Vec::new();
    let mut query = t.prepare("SELECT text, digest FROM said WHERE chain = ?1 ORDER BY text")?;
    let mut rows = query.query([chain])?;
    // both are in the order of bytes: walked side by side
    let mut new = said.iter().peekable();
    while let Some(row) = rows.next()? {
        let (text, digest): (String, Vec<u8>) = (row.get(0)?, row.get(1)?);
        while let Some((added, _)) = new.next_if(|(now, _)| **now < text) {
            texts.push(added.clone());
        }
        match new.next_if(|(now, _)| **now == text) {
            Some((_, now)) if now[..] == digest[..] => {}
            _ => texts.push(text),
        }
    }
    texts.extend(new.map(|(text, _)| text.clone()));
    Ok(texts)
}

fn remember(t: &Transaction<'_>, chain: &str, said: &BTreeMap<String, [u8; 16]>, texts: &[String]) -> Done<()> {
    let mut set = t.prepare(
        "INSERT INTO said VALUES (?1, ?2, ?3) ON CONFLICT (chain, text) DO UPDATE SET digest = excluded.digest",
    )?;
    let mut drop = t.prepare("DELETE FROM said WHERE chain = ?1 AND text = ?2")?;
    for text in texts {
        match said.get(text) {
            Some(digest) => set.execute(params![chain, text, &digest[..]])?,
            None => drop.execute([chain, text])?,
        };
    }
    Ok(())
}

/// Queues the subjects that a change touches; gives how many were not waiting already.
fn queue(t: &Transaction<'_>, chain: &str, changes: &Changes, now: i64) -> Done<u64> {
    if let Some(cause) = &changes.everything {
        let query = "INSERT OR IGNORE INTO queue SELECT id, ?2, ?3 FROM subjects
                     WHERE chain = ?1 AND (monitor_until IS NULL OR monitor_until > ?3)";
        return Ok(t.execute(query, params![chain, cause.to_json(), now])? as u64);
    }
    let mut queued = 0;
    for (cause, places) in &changes.touched {
        let cause = cause.to_json();
        let mut unknown = t.prepare_cached(
            "SELECT id FROM subjects WHERE chain = ?1 AND everything = 1 AND (monitor_until IS NULL OR monitor_until > ?2)",
        )?;
        let unknown = unknown.query_map(params![chain, now], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
        for id in unknown {
            queued += u64::from(enqueue(t, id, &cause, now)?);
        }
        readers(t, places, now, &mut |id| {
            queued += u64::from(enqueue(t, id, &cause, now)?);
            Ok(())
        })?;
    }
    let mut is_read = t.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM dependencies WHERE place = ?1) OR EXISTS (SELECT 1 FROM moved WHERE new = ?1)",
    )?;
    let mut add = t.prepare_cached("INSERT OR IGNORE INTO moved VALUES (?1, ?2)")?;
    for (old, new) in &changes.moved {
        if is_read.query_row([old.0], |row| row.get(0))? {
            add.execute([new.0, old.0])?;
        }
    }
    Ok(queued)
}

/// Tells of each watched subject that read one of the places, wherever they were when it did.
fn readers(t: &Transaction<'_>, places: &[Place], now: i64, found: &mut dyn FnMut(i64) -> Done<()>) -> Done<()> {
    let mut query = t.prepare_cached(
        "SELECT d.subject FROM dependencies d JOIN subjects s ON s.id = d.subject
         WHERE d.place = ?1 AND (s.monitor_until IS NULL OR s.monitor_until > ?2)",
    )?;
    let mut earlier = t.prepare_cached("SELECT old FROM moved WHERE new = ?1")?;
    let mut seen: HashSet<i64> = HashSet::new();
    let mut stack: Vec<i64> = Vec::new();
    for place in places {
        stack.push(place.0);
        while let Some(at) = stack.pop() {
            if !seen.insert(at) {
                continue;
            }
            let ids = query.query_map(params![at, now], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
            ids.into_iter().try_for_each(&mut *found)?;
            for old in earlier.query_map([at], |row| row.get(0))? {
                stack.push(old?);
            }
        }
    }
    Ok(())
}
