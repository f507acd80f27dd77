//! The queue of deliveries, and those who work it off.

use super::retry::{ATTEMPTS_MAX, delay_seconds};
use super::send::{SendError, Sender};
use crate::DeskError;
use crate::db::{Desk, held};
use crate::register::{Page, limit};
use crate::sink::Parcel;
use rusqlite::{Row, params};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::thread;

/// Deliveries of one endpoint that are taken together, and sent one after the other.
const BATCH: usize = 8;
/// Endpoints that are sent to at the same time.
const THREADS_MAX: usize = 8;
/// Longest text of an error that is kept, in characters.
const ERROR_CHARS_MAX: usize = 300;

/// What a run delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Delivered {
    /// Deliveries that their targets took.
    pub delivered: u64,
    /// Attempts that failed and will be made again.
    pub failed: u64,
    /// Deliveries given up in this run.
    pub dead: u64,
}

/// A delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Delivery {
    /// Its number.
    pub id: i64,
    /// The endpoint.
    pub endpoint: i64,
    /// Id of the event.
    pub event: String,
    /// Type of the event.
    pub kind: String,
    /// The subject; 0 for a test; of an alert its number, negative.
    pub subject: i64,
    /// `waiting`, `done` or `dead`.
    pub state: String,
    /// Attempts that ended.
    pub attempts: u32,
    /// Attempts that were begun, also those whose process ended on the way: from the second on what is sent is marked.
    pub begun: u32,
    /// When the next attempt is due, in seconds since 1970.
    pub due_at: i64,
    /// Why the last attempt failed.
    pub error: Option<String>,
}

/// What is sent.
struct Job {
    id: i64,
    endpoint: i64,
    url: String,
    secret: String,
    internal: bool,
    name: String,
    kind: String,
    body: String,
    attempts: u32,
    /// Which attempt this is, counted before it is made.
    begun: u32,
    lease: i64,
}

impl Desk {
    /// Sends what is due until nothing is, and gives what came of it. `clock` gives seconds since 1970; `go_on` is asked between
    /// rounds. An endpoint that does not answer is left alone for the rest of the run.
    pub fn deliver(
        &self,
        sender: &Sender,
        clock: &(dyn Fn() -> i64 + Sync),
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Delivered, DeskError> {
        let mut sum = Delivered::default();
        let down = Mutex::new(BTreeSet::new());
        while go_on() {
            let jobs = self.lease_due(sender, &held(&down).clone(), clock())?;
            if jobs.is_empty() {
                break;
            }
            let queues: Vec<&[Job]> = jobs.chunk_by(|a, b| a.endpoint == b.endpoint).collect();
            let (next, ended) = (Mutex::new(queues.into_iter()), Mutex::new(Vec::<DeskError>::new()));
            let round = Mutex::new(Delivered::default());
            thread::scope(|scope| {
                for _ in 0..THREADS_MAX {
                    scope.spawn(|| {
                        loop {
                            let queue = next.lock().ok().and_then(|mut next| next.next());
                            let Some(queue) = queue else { break };
                            match self.send_queue(queue, sender, &down, clock) {
                                Ok(done) => {
                                    if let Ok(mut round) = round.lock() {
                                        round.delivered += done.delivered;
                                        round.failed += done.failed;
                                        round.dead += done.dead;
                                    }
                                }
                                Err(error) => ended.lock().map(|mut e| e.push(error)).unwrap_or_default(),
                            }
                        }
                    });
                }
            });
            if let Some(error) = ended.into_inner().ok().and_then(|mut errors| errors.pop()) {
                return Err(error);
            }
            let round = round.into_inner().unwrap_or_default();
            sum.delivered += round.delivered;
            sum.failed += round.failed;
            sum.dead += round.dead;
        }
        Ok(sum)
    }

    /// Takes what is due, for as long as sending it can take; who is killed meanwhile loses it to the next.
    fn lease_due(&self, sender: &Sender, down: &BTreeSet<i64>, now: i64) -> Result<Vec<Job>, DeskError> {
        let lease = now + sender.seconds_max() * BATCH as i64 + 10;
        self.write(|t| {
            let mut endpoints = t.prepare_cached(
                "SELECT id, url, secret, allow_internal FROM endpoints WHERE enabled = 1 ORDER BY id",
            )?;
            let endpoints = endpoints
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
                .collect::<Result<Vec<(i64, String, String, bool)>, _>>()?;
            let mut due = t.prepare_cached(
                "SELECT d.id, e.name, e.kind, e.body, d.attempts, d.begun FROM deliveries d JOIN events e ON e.id = d.event
                 WHERE d.endpoint = ?1 AND d.state = 'waiting' AND d.due_at <= ?2 AND d.leased_until <= ?2
                 AND (d.subject = 0 OR NOT EXISTS (SELECT 1 FROM deliveries x WHERE x.endpoint = d.endpoint
                      AND x.subject = d.subject AND x.state = 'waiting' AND x.event < d.event))
                 ORDER BY d.event LIMIT ?3",
            )?;
            // counted before it is sent: a process that is killed on the way has sent it perhaps
            let mut take = t.prepare_cached("UPDATE deliveries SET leased_until = ?2, begun = begun + 1 WHERE id = ?1")?;
            let mut jobs = Vec::new();
            let takes = |id: &i64, url: &str| !down.contains(id) && (sender.has_stdout() || url != "jsonl:-");
            for (endpoint, url, secret, internal) in endpoints.into_iter().filter(|(id, url, ..)| takes(id, url)) {
                let rows = due.query_map(params![endpoint, now, BATCH as i64], |row| {
                    Ok(Job {
                        id: row.get(0)?,
                        endpoint,
                        url: url.clone(),
                        secret: secret.clone(),
                        internal,
                        name: row.get(1)?,
                        kind: row.get(2)?,
                        body: row.get(3)?,
                        attempts: row.get(4)?,
                        begun: row.get::<_, u32>(5)? + 1,
                        lease,
                    })
                })?;
                let rows = rows.collect::<Result<Vec<_>, _>>()?;
                for job in &rows {
                    take.execute([job.id, lease])?;
                }
                jobs.extend(rows);
            }
            Ok(jobs)
        })
    }

    /// Sends the deliveries of one endpoint in order, up to the first that fails for another reason than its own.
    fn send_queue(
        &self,
        queue: &[Job],
        sender: &Sender,
        down: &Mutex<BTreeSet<i64>>,
        clock: &(dyn Fn() -> i64 + Sync),
    ) -> Result<Delivered, DeskError> {
        let mut done = Delivered::default();
        let mut rest = queue.iter();
        for job in rest.by_ref() {
            let parcel = Parcel {
                delivery: job.id,
                attempt: job.begun,
                event: &job.name,
                kind: &job.kind,
                body: &job.body,
                now: clock(),
            };
            let sent = sender.send(&job.url, &job.secret, &parcel, job.internal);
            let is_down = !matches!(sent, Ok(()) | Err(SendError::Status { .. }));
            match self.end(job, &sent, clock())? {
                "done" => done.delivered += 1,
                "dead" => done.dead += 1,
                _ => done.failed += 1,
            }
            if is_down {
                held(down).insert(job.endpoint);
                break;
            }
        }
        let rest: Vec<&Job> = rest.collect();
        if !rest.is_empty() {
            // as due as before, and not begun after all
            self.write(|t| {
                let mut free = t.prepare_cached(
                    "UPDATE deliveries SET leased_until = 0, begun = begun - 1 WHERE id = ?1 AND leased_until = ?2",
                )?;
                for job in rest {
                    free.execute([job.id, job.lease])?;
                }
                Ok(())
            })?;
        }
        Ok(done)
    }

    /// Notes what came of a delivery; gives its state.
    fn end(&self, job: &Job, sent: &Result<(), SendError>, now: i64) -> Result<&'static str, DeskError> {
        let attempts = job.attempts + 1;
        let (state, due, error) = match sent {
            Ok(()) => ("done", now, None),
            Err(error) => {
                let text: String =
                    error.to_string().chars().take(ERROR_CHARS_MAX).flat_map(char::escape_debug).collect();
                let state = if attempts >= ATTEMPTS_MAX { "dead" } else { "waiting" };
                (state, now + delay_seconds(&job.name, attempts), Some(text))
            }
        };
        self.write(|t| {
            t.prepare_cached(
                "UPDATE deliveries SET state = ?3, attempts = ?4, due_at = ?5, error = ?6, leased_until = 0, ended_at = ?7
                 WHERE id = ?1 AND leased_until = ?2 AND state = 'waiting'",
            )?
            .execute(params![
                job.id,
                job.lease,
                state,
                attempts,
                due,
                error,
                (state != "waiting").then_some(now)
            ])?;
            Ok(())
        })?;
        Ok(state)
    }

    /// When the next delivery is due; none: nothing waits for an enabled endpoint.
    pub fn next_due(&self) -> Result<Option<i64>, DeskError> {
        self.read(|t| {
            let query =
                "SELECT min(max(d.due_at, d.leased_until)) FROM deliveries d JOIN endpoints e ON e.id = d.endpoint
                         WHERE d.state = 'waiting' AND e.enabled = 1";
            Ok(t.query_row(query, [], |row| row.get(0))?)
        })
    }

    /// Deliveries after number `after` that are in a state: `waiting`, `done` or `dead`.
    pub fn deliveries(&self, state: &str, after: i64, rows: u32) -> Result<Page<Delivery>, DeskError> {
        let rows = limit(rows)?;
        self.read(|t| {
            let mut query = t.prepare_cached(
                "SELECT d.id, d.endpoint, e.name, e.kind, d.subject, d.state, d.attempts, d.due_at, d.error, d.begun
                 FROM deliveries d JOIN events e ON e.id = d.event WHERE d.state = ?1 AND d.id > ?2 ORDER BY d.id LIMIT ?3",
            )?;
            let found = query.query_map(params![state, after, rows + 1], read_delivery)?;
            Ok(Page::new(found.collect::<Result<Vec<_>, _>>()?, rows, |d| d.id))
        })
    }

    /// Has dead deliveries sent again from the first attempt on: one, or all of an endpoint, or all. Gives how many.
    pub fn replay(&self, delivery: Option<i64>, endpoint: Option<i64>, now: i64) -> Result<u64, DeskError> {
        self.write(|t| {
            let query =
                "UPDATE deliveries SET state = 'waiting', attempts = 0, due_at = ?3, leased_until = 0, ended_at = NULL
                         WHERE state = 'dead' AND (?1 IS NULL OR id = ?1) AND (?2 IS NULL OR endpoint = ?2)";
            Ok(t.execute(query, params![delivery, endpoint, now])? as u64)
        })
    }
}

fn read_delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    Ok(Delivery {
        id: row.get(0)?,
        endpoint: row.get(1)?,
        event: row.get(2)?,
        kind: row.get(3)?,
        subject: row.get(4)?,
        state: row.get(5)?,
        attempts: row.get(6)?,
        due_at: row.get(7)?,
        error: row.get(8)?,
        begun: row.get(9)?,
    })
}
