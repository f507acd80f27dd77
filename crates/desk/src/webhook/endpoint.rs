//! Endpoints: the servers that are told.

use super::guard::{GuardError, Target};
use crate::DeskError;
use crate::db::{Desk, Done};
use crate::event::{self, EventKind};
use crate::sink::Transport;
use rusqlite::{OptionalExtension, Row, Transaction, params};
use schemars::JsonSchema;
use serde::Serialize;

/// Endpoints of one desk.
pub const ENDPOINTS_MAX: u64 = 100;
/// Shortest secret that is taken, in bytes.
const SECRET_BYTES_MIN: usize = 16;
const SECRET_BYTES_MAX: usize = 256;

/// An endpoint to add.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewEndpoint {
    /// Where to.
    pub url: String,
    /// Secret of the signatures; a new one where none is given.
    pub secret: Option<String>,
    /// Which events; all where none is named.
    pub events: Vec<EventKind>,
    /// `HOST:PORT` of the URL, where that is inside the operator's network and he means it.
    pub allow_internal: Option<String>,
}

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Endpoint {
    /// Its number.
    pub id: i64,
    /// Where to.
    pub url: String,
    /// How it is delivered to: `webhook`, `mail`, `syslog`, `lines` or `stdout`.
    pub transport: String,
    /// Names of the events it wants; empty: all.
    pub events: Vec<String>,
    /// Least severity of the alerts that it is told; none: all.
    pub least_severity: Option<String>,
    /// Whether anything is sent. What happens meanwhile is kept waiting.
    pub enabled: bool,
    /// Whether the target may be inside the operator's network.
    pub allow_internal: bool,
    /// When it was added, in seconds since 1970.
    pub added_at: i64,
    /// Deliveries that wait.
    pub waiting: u64,
    /// Deliveries that were given up.
    pub dead: u64,
}

impl Desk {
    /// Adds an endpoint and gives its number and its secret, which is not shown again. The URL's text is judged here; where the
    /// name leads is judged each time something is sent.
    pub fn add_endpoint(&self, new: &NewEndpoint, now: i64) -> Result<(i64, String), DeskError> {
        let target = Target::parse(&new.url)?;
        if let Some(allowed) = &new.allow_internal
            && *allowed != target.host_and_port()
        {
            return Err(GuardError::OtherTarget { allowed: allowed.clone(), target: target.host_and_port() }.into());
        }
        let internal = new.allow_internal.is_some();
        // a target that is refused whatever the answer of name servers is refused at once
        if let Ok(address) = target.host.parse() {
            target.judge(address, internal)?;
        } else if target.is_local_name() {
            target.judge([127, 0, 0, 1].into(), internal)?;
        }
        let secret = match &new.secret {
            Some(secret) if !(SECRET_BYTES_MIN..=SECRET_BYTES_MAX).contains(&secret.len()) => {
                return Err(DeskError::input(
                    "secret",
                    format!("does not have {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} bytes"),
                ));
            }
            Some(secret) => secret.clone(),
            None => {
                let mut bytes = [0; 32];
                getrandom::fill(&mut bytes).map_err(|e| DeskError::input("secret", format!("no random bytes: {e}")))?;
                format!("whsec_{}", hex::encode(bytes))
            }
        };
        let events = new.events.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(",");
        self.write(|t| {
            let count: i64 = t.query_row("SELECT count(*) FROM endpoints", [], |row| row.get(0))?;
            if count as u64 >= ENDPOINTS_MAX {
                return Err(DeskError::TooMany { what: "endpoints", max: ENDPOINTS_MAX }.into());
            }
            t.execute(
                "INSERT INTO endpoints (url, secret, events, enabled, allow_internal, added_at) VALUES (?1, ?2, ?3, 1, ?4, ?5)",
                params![new.url, secret, events, internal, now],
            )?;
            Ok((t.last_insert_rowid(), secret.clone()))
        })
    }

    /// All endpoints.
    pub fn endpoints(&self) -> Result<Vec<Endpoint>, DeskError> {
        self.read(|t| {
            let mut query = t.prepare_cached(
                "SELECT e.id, e.url, e.events, e.enabled, e.allow_internal, e.added_at,
                 e.waiting,
                 (SELECT count(*) FROM deliveries d WHERE d.endpoint = e.id AND d.state = 'dead'), e.least
                 FROM endpoints e ORDER BY e.id",
            )?;
            Ok(query.query_map([], read_endpoint)?.collect::<Result<Vec<_>, _>>()?)
        })
    }

    /// Has an endpoint be sent to, or not.
    pub fn enable_endpoint(&self, id: i64, enabled: bool) -> Result<(), DeskError> {
        self.write(|t| {
            known(t, id)?;
            t.execute("UPDATE endpoints SET enabled = ?2 WHERE id = ?1", params![id, enabled])?;
            Ok(())
        })
    }

    /// Deletes an endpoint with its secret and its deliveries.
    pub fn remove_endpoint(&self, id: i64) -> Result<(), DeskError> {
        self.write(|t| {
            known(t, id)?;
            t.execute("DELETE FROM deliveries WHERE endpoint = ?1", [id])?;
            t.execute("DELETE FROM endpoints WHERE id = ?1", [id])?;
            Ok(())
        })
    }

    /// Queues an event that tells nothing, to try an endpoint.
    pub fn test_endpoint(&self, id: i64, now: i64) -> Result<(), DeskError> {
        self.write(|t| {
            known(t, id)?;
            event::test(t, id, now)
        })
    }
}

fn known(t: &Transaction<'_>, id: i64) -> Done<()> {
    let found: Option<i64> =
        t.query_row("SELECT id FROM endpoints WHERE id = ?1", [id], |row| row.get(0)).optional()?;
    found.map(|_| ()).ok_or_else(|| DeskError::unknown("endpoint", id).into())
}

fn read_endpoint(row: &Row<'_>) -> rusqlite::Result<Endpoint> {
    let (url, events, least): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(8)?);
    Ok(Endpoint {
        id: row.get(0)?,
        transport: Transport::name_of(&url).to_owned(),
        least_severity: Some(least).filter(|least| !least.is_empty()),
        url,
        events: events.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        enabled: row.get(3)?,
        allow_internal: row.get(4)?,
        added_at: row.get(5)?,
        waiting: row.get::<_, i64>(6)? as u64,
        dead: row.get::<_, i64>(7)? as u64,
    })
}
