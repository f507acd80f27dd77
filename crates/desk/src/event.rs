//! Events: what is announced. An event's body is written once, with the change that it tells of; every delivery of it has the
//! same bytes.

use crate::alert::{Alert, HistoryEntry};
use crate::db::{Done, meta, set_meta};
use crate::record::{Screening, screening};
use crate::subject::{Subject, SubjectKind};
use crate::world::{Cause, State};
use athar_types::Level;
use rusqlite::{Transaction, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Deliveries that may wait for one endpoint; further ones are dead at once, and can be replayed.
pub const WAITING_MAX: i64 = 1_000_000;

/// What an event tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A subject's answer is another than before.
    SubjectChanged,
    /// A transfer that was registered before its transaction was on the chain has been screened.
    TransferScreened,
    /// Something of what is watched was met.
    AlertRaised,
    /// A block of the chain holds the transaction of an alert.
    AlertConfirmed,
    /// An alert is at another stage or in another state, or with somebody else.
    AlertChanged,
    /// Somebody tries an endpoint.
    Test,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::SubjectChanged,
        Self::TransferScreened,
        Self::AlertRaised,
        Self::AlertConfirmed,
        Self::AlertChanged,
        Self::Test,
    ];

    /// The name in bodies and settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SubjectChanged => "subject.changed",
            Self::TransferScreened => "transfer.screened",
            Self::AlertRaised => "alert.raised",
            Self::AlertConfirmed => "alert.confirmed",
            Self::AlertChanged => "alert.changed",
            Self::Test => "webhook.test",
        }
    }

    /// The kind of a name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

#[derive(Serialize)]
struct Side<'a> {
    screening: i64,
    state: State,
    level: &'a str,
    score: Option<i64>,
    policy: &'a str,
    snapshot: &'a str,
    taken_at: i64,
    summary: &'a RawValue,
}

impl<'a> Side<'a> {
    fn of(s: &'a Screening) -> Self {
        Self {
            screening: s.id,
            state: s.state,
            level: &s.level,
            score: s.score,
            policy: &s.policy,
            snapshot: &s.snapshot,
            taken_at: s.taken_at,
            summary: &s.summary,
        }
    }
}

#[derive(Serialize)]
struct Named<'a> {
    id: i64,
    kind: SubjectKind,
    chain: &'a str,
    target: &'a str,
    reference: Option<&'a str>,
}

#[derive(Serialize)]
struct Body<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    sequence: i64,
    at: i64,
    subject: Option<Named<'a>>,
    cause: Option<&'a Cause>,
    change: Option<i64>,
    before: Option<Side<'a>>,
    after: Option<Side<'a>>,
}

/// Writes the event of a change, and a delivery of it to each endpoint that wants it.
pub(crate) fn announce(
    t: &Transaction<'_>,
    subject: &Subject,
    change: i64,
    before: i64,
    after: i64,
    cause: &Cause,
    now: i64,
) -> Done<()> {
    let (Some(before), Some(after)) = (screening(t, before)?, screening(t, after)?) else { return Ok(()) };
    let arrived = subject.kind == SubjectKind::Transfer && before.state != State::Screened;
    let kind =
        if arrived && after.state == State::Screened { EventKind::TransferScreened } else { EventKind::SubjectChanged };
    let named = Named {
        id: subject.id,
        kind: subject.kind,
        chain: &subject.chain,
        target: &subject.target,
        reference: subject.reference.as_deref(),
    };
    let body = |name: &str, sequence| {
        let body = Body {
            id: name,
            kind: kind.name(),
            sequence,
            at: now,
            subject: Some(named),
            cause: Some(cause),
            change: Some(change),
            before: Some(Side::of(&before)),
            after: Some(Side::of(&after)),
        };
        serde_json::to_string(&body).unwrap_or_default()
    };
    let event = write(t, kind, subject.id, now, body)?;
    queue(t, event, kind, subject.id, None, now)
}

#[derive(Serialize)]
struct AlertBody<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    sequence: i64,
    at: i64,
    alert: &'a Alert,
    change: &'a HistoryEntry,
}

/// Writes the event of a change of an alert, and a delivery of it to each endpoint that wants it. Alerts are told in the order of their
/// changes as subjects are: their numbers are negative there.
pub(crate) fn announce_alert(
    t: &Transaction<'_>,
    kind: EventKind,
    alert: &Alert,
    change: &HistoryEntry,
    now: i64,
) -> Done<()> {
    let body = |name: &str, sequence| {
        let body = AlertBody { id: name, kind: kind.name(), sequence, at: now, alert, change };
        serde_json::to_string(&body).unwrap_or_default()
    };
    let event = write(t, kind, -alert.id, now, body)?;
    queue(t, event, kind, -alert.id, Some(alert.severity), now)
}

/// A delivery of an event to each endpoint that wants it.
fn queue(
    t: &Transaction<'_>,
    event: i64,
    kind: EventKind,
    subject: i64,
    severity: Option<Level>,
    now: i64,
) -> Done<()> {
    let mut wanting =
        t.prepare_cached("SELECT id, events, waiting, least FROM endpoints WHERE enabled = 1 ORDER BY id")?;
    let wanting = wanting
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<Result<Vec<(i64, String, i64, String)>, _>>()?;
    for (endpoint, events, waiting, least) in wanting {
        if !events.is_empty() && !events.split(',').any(|name| name == kind.name()) {
            continue;
        }
        if severity.is_some_and(|severity| least.parse::<Level>().is_ok_and(|least| severity < least)) {
            continue;
        }
        let full = waiting >= WAITING_MAX;
        t.prepare_cached(
            "INSERT INTO deliveries (event, endpoint, subject, state, due_at, error, ended_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            event,
            endpoint,
            subject,
            if full { "dead" } else { "waiting" },
            now,
            full.then_some("too many deliveries wait for this endpoint"),
            full.then_some(now)
        ])?;
    }
    Ok(())
}

/// An event that tells nothing, for one endpoint.
pub(crate) fn test(t: &Transaction<'_>, endpoint: i64, now: i64) -> Done<()> {
    let kind = EventKind::Test;
    let body = |name: &str, sequence| {
        let body = Body {
            id: name,
            kind: kind.name(),
            sequence,
            at: now,
            subject: None,
            cause: None,
            change: None,
            before: None,
            after: None,
        };
        serde_json::to_string(&body).unwrap_or_default()
    };
    let event = write(t, kind, 0, now, body)?;
    t.execute(
        "INSERT INTO deliveries (event, endpoint, subject, state, due_at) VALUES (?1, ?2, 0, 'waiting', ?3)",
        [event, endpoint, now],
    )?;
    Ok(())
}

/// Writes an event under a name that no other desk gives.
fn write(
    t: &Transaction<'_>,
    kind: EventKind,
    subject: i64,
    now: i64,
    body: impl FnOnce(&str, i64) -> String,
) -> Done<i64> {
    let desk = match meta(t, "desk")? {
        Some(desk) => desk,
        None => {
            let desk: String = t.query_row("SELECT lower(hex(randomblob(16)))", [], |row| row.get(0))?;
            set_meta(t, "desk", &desk)?;
            desk
        }
    };
    t.prepare_cached(
        "INSERT INTO events (name, kind, subject, at, body) VALUES (lower(hex(randomblob(16))), ?1, ?2, ?3, '')",
    )?
    .execute(params![kind.name(), subject, now])?;
    let id = t.last_insert_rowid();
    let hash = blake3::hash(format!("{desk} {id}").as_bytes()).to_hex();
    let name = format!("evt_{}", &hash[..32]);
    t.prepare_cached("UPDATE events SET name = ?2, body = ?3 WHERE id = ?1")?.execute(params![
        id,
        name,
        body(&name, id)
    ])?;
    Ok(id)
}
