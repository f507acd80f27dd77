//! Figures of alerts and of what waits to be delivered: what a monitor asks for.

use super::state::{AlertState, Stage};
use crate::DeskError;
use crate::db::Desk;
use crate::sink::Transport;
use athar_types::Level;
use schemars::JsonSchema;
use serde::Serialize;

/// How many alerts are alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AlertCount {
    /// Their state.
    pub state: AlertState,
    /// Their severity.
    #[schemars(with = "String")]
    pub severity: Level,
    /// Their stage.
    pub stage: Stage,
    /// How many.
    pub count: u64,
}

/// What waits for one endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct QueueFigures {
    /// Number of the endpoint.
    pub endpoint: i64,
    /// `webhook`, `mail`, `syslog`, `lines` or `stdout`.
    pub transport: String,
    /// Deliveries that wait.
    pub waiting: u64,
    /// Deliveries that were given up.
    pub dead: u64,
    /// When the oldest that waits was queued, in seconds since 1970.
    pub oldest_at: Option<i64>,
}

/// Everything that is counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AlertFigures {
    /// Alerts by state, severity and stage.
    pub alerts: Vec<AlertCount>,
    /// When the oldest that is not closed was raised, in seconds since 1970.
    pub oldest_open_at: Option<i64>,
    /// Alerts whose closing waits for a second person.
    pub pending: u64,
    /// Watches.
    pub watches: u64,
    /// Suppressions that have not ended.
    pub suppressions: u64,
    /// What waits, endpoint by endpoint.
    pub queues: Vec<QueueFigures>,
}

impl Desk {
    /// The figures of this moment.
    pub fn alert_figures(&self, now: i64) -> Result<AlertFigures, DeskError> {
        self.read(|t| {
            let mut query = t.prepare_cached(
                "SELECT state, severity, stage, count(*) FROM alerts GROUP BY state, severity, stage",
            )?;
            let alerts = query.query_map([], |row| {
                let text = |at: usize| row.get::<_, String>(at);
                Ok(AlertCount {
                    state: AlertState::of(&text(0)?).unwrap_or(AlertState::Open),
                    severity: text(1)?.parse().unwrap_or(Level::Severe),
                    stage: Stage::of(&text(2)?).unwrap_or(Stage::Block),
                    count: row.get::<_, i64>(3)? as u64,
                })
            })?;
            let alerts = alerts.collect::<Result<Vec<_>, _>>()?;
            let mut query = t.prepare_cached(
                "SELECT e.id, e.url, e.waiting, (SELECT count(*) FROM deliveries d WHERE d.endpoint = e.id AND d.state = 'dead'),
                 (SELECT x.at FROM deliveries d JOIN events x ON x.id = d.event WHERE d.endpoint = e.id AND d.state = 'waiting'
                  ORDER BY d.event LIMIT 1)
                 FROM endpoints e ORDER BY e.id",
            )?;
            let queues = query.query_map([], |row| {
                Ok(QueueFigures {
                    endpoint: row.get(0)?,
                    transport: Transport::name_of(&row.get::<_, String>(1)?).to_owned(),
                    waiting: row.get::<_, i64>(2)? as u64,
                    dead: row.get::<_, i64>(3)? as u64,
                    oldest_at: row.get(4)?,
                })
            })?;
            let queues = queues.collect::<Result<Vec<_>, _>>()?;
            let one = |query: &str| t.query_row(query, [], |row| row.get::<_, i64>(0));
            Ok(AlertFigures {
                alerts,
                oldest_open_at: t.query_row(
                    "SELECT min(raised_at) FROM alerts WHERE state IN ('open', 'in_review', 'escalated')",
                    [],
                    |row| row.get(0),
                )?,
                pending: one("SELECT count(*) FROM alerts WHERE pending_state IS NOT NULL AND state IN ('open', 'in_review', 'escalated')")?
                    as u64,
                watches: one("SELECT count(*) FROM watches")? as u64,
                suppressions: t.query_row(
                    "SELECT count(*) FROM suppressions WHERE expires_at > ?1 AND lifted_at IS NULL",
                    [now],
                    |row| row.get::<_, i64>(0),
                )? as u64,
                queues,
            })
        })
    }
}
