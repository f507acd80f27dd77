//! An alert as it is kept and shown, and what happened to it.

use super::state::{AlertState, Stage};
use crate::DeskError;
use crate::db::{Desk, Done};
use crate::register::{Page, limit};
use crate::watch::{Flow, WatchKind};
use athar_types::Level;
use rusqlite::{OptionalExtension, Row, Transaction, params};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

const ALERT: &str = "SELECT id, watch, watchlist, kind, value, pattern, chain, subject, txid, stage, block_height, block_hash, direction,
     asset, units, usd_cents, severity, state, reason, assignee, pending_state, pending_by, pending_reason, snapshot, evidence,
     raised_at, changed_at, version, place FROM alerts";
/// What a partial index of the table is over, word by word.
const WAITS: &str = "state IN ('open', 'in_review', 'escalated')";

/// A closing that a second person has to confirm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Pending {
    /// What was asked for.
    pub state: AlertState,
    /// By whom; he cannot confirm it.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// An alert.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Alert {
    /// Its number.
    pub id: i64,
    /// Number of the watch that raised it; the watch may be gone.
    pub watch: i64,
    /// Name of its list when it was raised.
    pub watchlist: String,
    /// What the watch names.
    pub kind: WatchKind,
    /// Address, category, id of a campaign or of a pattern that is watched; empty for an amount.
    pub value: String,
    /// The pattern that was hit; none where it is of a transaction.
    pub pattern: Option<String>,
    /// The chain.
    pub chain: String,
    /// Whom it is about: an address, or the subject of the pattern.
    pub subject: String,
    /// The transaction; none where it is of a pattern, whose transactions are in the evidence.
    pub txid: Option<String>,
    /// Where the transaction is.
    pub stage: Stage,
    /// Height of the block that holds it, or held it.
    pub block_height: Option<u32>,
    /// Hash of that block.
    pub block_hash: Option<String>,
    /// Which way the money went, seen from what is watched.
    pub direction: Flow,
    /// Asset of the amount.
    pub asset: String,
    /// Amount in the asset's smallest units, as digits.
    pub units: Option<String>,
    /// Its worth in cents of a US dollar; none where it has no price.
    pub usd_cents: Option<u64>,
    /// How serious it is.
    #[schemars(with = "String")]
    pub severity: Level,
    /// What people have made of it.
    pub state: AlertState,
    /// Why it was closed or reopened.
    pub reason: Option<String>,
    /// Who looks at it.
    pub assignee: Option<String>,
    /// A closing that waits for a second person.
    pub pending: Option<Pending>,
    /// Snapshot that it was found on.
    pub snapshot: String,
    /// What was found: plain JSON, never changed; of a pattern the newest hit.
    #[schemars(with = "serde_json::Value")]
    pub evidence: Box<RawValue>,
    /// When it was raised, in seconds since 1970.
    pub raised_at: i64,
    /// When it last changed.
    pub changed_at: i64,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// Something that happened to an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HistoryEntry {
    /// Its number.
    pub id: i64,
    /// The alert.
    pub alert: i64,
    /// Version of the alert after it.
    pub version: i64,
    /// When, in seconds since 1970.
    pub at: i64,
    /// Who: a person, a key of the service, or `athar`.
    pub actor: String,
    /// `raised`, `confirmed`, `reorged`, `dropped`, `seen_again`, `seen_more`, `state`, `close_asked`, `close_withdrawn`, `assigned`, `note`.
    pub action: String,
    /// What it was.
    pub from: String,
    /// What it is.
    pub to: String,
    /// Why.
    pub reason: String,
}

/// In which order alerts are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlertOrder {
    /// By ascending number.
    #[default]
    Number,
    /// As a desk works: most severe first, of those as severe the one that was raised first.
    Work,
}

impl AlertOrder {
    /// Every order.
    pub const ALL: [Self; 2] = [Self::Number, Self::Work];

    /// The name in questions.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Work => "work",
        }
    }

    /// The order of a name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.name() == name)
    }
}

/// Which alerts to list; what is not given does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// In this state.
    pub state: Option<AlertState>,
    /// Not closed.
    pub not_closed: bool,
    /// Raised by a watch of this kind.
    pub kind: Option<WatchKind>,
    /// At this stage.
    pub stage: Option<Stage>,
    /// At least as severe.
    pub severity: Option<Level>,
    /// Of this list.
    pub watchlist: Option<String>,
    /// About this subject.
    pub subject: Option<String>,
    /// Of this transaction.
    pub txid: Option<String>,
    /// With this person.
    pub assignee: Option<String>,
    /// In which order.
    pub order: AlertOrder,
}

impl Desk {
    /// One alert.
    pub fn alert(&self, id: i64) -> Result<Option<Alert>, DeskError> {
        self.read(|t| alert(t, id))
    }

    /// Alerts after `after`: their number where they come by number, the `next` of the page before where they come otherwise; 0
    /// begins.
    pub fn alerts(&self, filter: &AlertFilter, after: i64, rows: u32) -> Result<Page<Alert>, DeskError> {
        let rows = limit(rows)?;
        let severe: Vec<&str> = Level::ALL
            .into_iter()
            .filter(|level| filter.severity.is_none_or(|least| *level >= least))
            .map(Level::name)
            .collect();
        let severe = serde_json::to_string(&severe).unwrap_or_default();
        // Which index is named, since the planner takes the one of severities and sorts all that it finds, evidence and all.
        let by = match filter.order {
            AlertOrder::Number => "id",
            AlertOrder::Work => "place",
        };
        let (state, index) = match (filter.state, filter.not_closed, filter.order) {
            (Some(state), true, _) if state.is_closed() => return Ok(Page { rows: Vec::new(), next: None }),
            (Some(_), _, AlertOrder::Number) => ("state = ?3", "INDEXED BY alerts_state"),
            (Some(_), _, AlertOrder::Work) => ("state = ?3", "INDEXED BY alerts_state_place"),
            (None, true, AlertOrder::Number) => (WAITS, "INDEXED BY alerts_waiting"),
            (None, true, AlertOrder::Work) => (WAITS, "INDEXED BY alerts_waiting_place"),
            (None, false, AlertOrder::Number) => ("?3 IS NULL", "NOT INDEXED"),
            (None, false, AlertOrder::Work) => ("?3 IS NULL", "INDEXED BY alerts_place"),
        };
        self.read(|t| {
            let mut query = t.prepare_cached(&format!(
                "{ALERT} {index} WHERE {by} > ?1 AND +severity IN (SELECT value FROM json_each(?2)) AND {state}
                 AND (?4 IS NULL OR stage = ?4) AND (?5 IS NULL OR watchlist = ?5) AND (?6 IS NULL OR subject = ?6)
                 AND (?7 IS NULL OR txid = ?7) AND (?8 IS NULL OR assignee = ?8) AND (?9 IS NULL OR kind = ?9)
                 ORDER BY {by} LIMIT ?10"
            ))?;
            let found = query.query_map(
                params![
                    after,
                    severe,
                    filter.state.map(AlertState::name),
                    filter.stage.map(Stage::name),
                    filter.watchlist,
                    filter.subject,
                    filter.txid,
                    filter.assignee,
                    filter.kind.map(WatchKind::name),
                    rows + 1
                ],
                |row| Ok((read_alert(row)?, row.get::<_, i64>("place")?)),
            )?;
            let page = Page::new(found.collect::<Result<Vec<_>, _>>()?, rows, |(alert, place)| match filter.order {
                AlertOrder::Number => alert.id,
                AlertOrder::Work => *place,
            });
            Ok(Page { rows: page.rows.into_iter().map(|(alert, _)| alert).collect(), next: page.next })
        })
    }

    /// What happened to an alert, after number `after`.
    pub fn alert_history(&self, alert: i64, after: i64, rows: u32) -> Result<Page<HistoryEntry>, DeskError> {
        let rows = limit(rows)?;
        self.read(|t| {
            let mut query = t.prepare_cached(
                "SELECT id, alert, version, at, actor, action, was, now, reason FROM alert_history
                 WHERE alert = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
            )?;
            let found = query.query_map(params![alert, after, rows + 1], read_entry)?;
            Ok(Page::new(found.collect::<Result<Vec<_>, _>>()?, rows, |e| e.id))
        })
    }
}

pub(super) fn alert(t: &Transaction<'_>, id: i64) -> Done<Option<Alert>> {
    Ok(t.prepare_cached(&format!("{ALERT} WHERE id = ?1"))?.query_row([id], read_alert).optional()?)
}

/// Appends to the history; gives the entry.
#[allow(clippy::too_many_arguments)] // the columns of a row
pub(super) fn note(
    t: &Transaction<'_>,
    alert: i64,
    version: i64,
    at: i64,
    actor: &str,
    action: &'static str,
    from: &str,
    to: &str,
    reason: &str,
) -> Done<HistoryEntry> {
    t.prepare_cached(
        "INSERT INTO alert_history (alert, version, at, actor, action, was, now, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![alert, version, at, actor, action, from, to, reason])?;
    Ok(HistoryEntry {
        id: t.last_insert_rowid(),
        alert,
        version,
        at,
        actor: actor.into(),
        action: action.into(),
        from: from.into(),
        to: to.into(),
        reason: reason.into(),
    })
}

fn read_entry(row: &Row<'_>) -> rusqlite::Result<HistoryEntry> {
    Ok(HistoryEntry {
        id: row.get(0)?,
        alert: row.get(1)?,
        version: row.get(2)?,
        at: row.get(3)?,
        actor: row.get(4)?,
        action: row.get(5)?,
        from: row.get(6)?,
        to: row.get(7)?,
        reason: row.get(8)?,
    })
}

fn read_alert(row: &Row<'_>) -> rusqlite::Result<Alert> {
    let text = |at: usize| row.get::<_, String>(at);
    let filled = |at: usize| text(at).map(|text| Some(text).filter(|text| !text.is_empty()));
    let optional = |at: usize| row.get::<_, Option<String>>(at);
    let pending = match (optional(20)?, optional(21)?, optional(22)?) {
        (Some(state), Some(by), reason) => {
            AlertState::of(&state).map(|state| Pending { state, by, reason: reason.unwrap_or_default() })
        }
        _ => None,
    };
    // what was written is JSON; damage is shown as a text rather than hiding the alert
    let evidence = text(24)?;
    let evidence = RawValue::from_string(evidence.clone())
        .or_else(|_| serde_json::value::to_raw_value(&evidence))
        .map_err(|e| rusqlite::Error::FromSqlConversionFailure(24, rusqlite::types::Type::Text, e.into()))?;
    Ok(Alert {
        id: row.get(0)?,
        watch: row.get(1)?,
        watchlist: text(2)?,
        kind: WatchKind::of(&text(3)?).unwrap_or(WatchKind::Address),
        value: text(4)?,
        pattern: filled(5)?,
        chain: text(6)?,
        subject: text(7)?,
        txid: filled(8)?,
        stage: Stage::of(&text(9)?).unwrap_or(Stage::Block),
        block_height: row.get(10)?,
        block_hash: optional(11)?,
        direction: Flow::of(&text(12)?).unwrap_or_default(),
        asset: text(13)?,
        units: optional(14)?,
        usd_cents: row.get::<_, Option<i64>>(15)?.map(|cents| cents as u64),
        severity: text(16)?.parse().unwrap_or(Level::Severe),
        state: AlertState::of(&text(17)?).unwrap_or(AlertState::Open),
        reason: optional(18)?,
        assignee: optional(19)?,
        pending,
        snapshot: text(23)?,
        evidence,
        raised_at: row.get(25)?,
        changed_at: row.get(26)?,
        version: row.get(27)?,
    })
}
