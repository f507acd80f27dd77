//! Raising alerts, and what the chain makes of them afterwards.
//!
//! A watch and a transaction make one alert, whatever sees them and how often: in the mempool, in a block, in a block of another
//! branch, in two processes at once. Alert, history, event and deliveries are one transaction.

use super::hit::{Seen, TxHit};
use super::model::{alert, note};
use super::state::Stage;
use super::suppress::held_back;
use crate::DeskError;
use crate::db::{Desk, Done};
use crate::event::{EventKind, announce_alert};
use athar_types::Hash32;
use rusqlite::{OptionalExtension, Transaction, params};
use schemars::JsonSchema;
use serde::Serialize;
use std::ops::AddAssign;

/// Who the history names where no person did it.
pub(super) const PROGRAM: &str = "athar";

/// What came of what was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Raised {
    /// New alerts.
    pub raised: u64,
    /// Alerts whose transaction a block holds now.
    pub confirmed: u64,
    /// Seen before in the same way.
    pub known: u64,
    /// Held back by a suppression.
    pub held_back: u64,
    /// Alerts whose block has left the chain.
    pub reorged: u64,
    /// Alerts whose transaction has left the mempool without a block.
    pub dropped: u64,
}

impl AddAssign for Raised {
    fn add_assign(&mut self, more: Self) {
        self.raised += more.raised;
        self.confirmed += more.confirmed;
        self.known += more.known;
        self.held_back += more.held_back;
        self.reorged += more.reorged;
        self.dropped += more.dropped;
    }
}

impl Desk {
    /// Takes note of transactions that meet watches, all or none.
    pub fn see(&self, hits: &[TxHit], now: i64) -> Result<Raised, DeskError> {
        if hits.is_empty() {
            return Ok(Raised::default());
        }
        self.write(|t| {
            let mut sum = Raised::default();
            for hit in hits {
                see(t, hit, now, &mut sum)?;
            }
            Ok(sum)
        })
    }

    /// The transactions whose alerts say that they wait in the mempool of a chain.
    pub fn waiting_txids(&self, chain: &str) -> Result<Vec<Hash32>, DeskError> {
        self.read(|t| {
            let mut query = t.prepare_cached(
                "SELECT DISTINCT txid FROM alerts WHERE chain = ?1 AND txid <> '' AND stage = 'mempool' AND stage <> 'block'",
            )?;
            let found = query.query_map([chain], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
            Ok(found.iter().filter_map(|txid| txid.parse().ok()).collect())
        })
    }

    /// Takes note that transactions left the mempool of a chain and no block holds them, each with why.
    pub fn see_left(&self, chain: &str, left: &[(Hash32, &str)], now: i64) -> Result<Raised, DeskError> {
        self.write(|t| {
            let mut sum = Raised::default();
            for (txid, why) in left {
                for id in of_tx(t, chain, &txid.to_string(), "mempool")? {
                    go(t, id, Stage::Dropped, None, why, now)?;
                    sum.dropped += 1;
                }
            }
            Ok(sum)
        })
    }
}

/// The alerts of a transaction that are at a stage.
pub(super) fn of_tx(t: &Transaction<'_>, chain: &str, txid: &str, stage: &str) -> Done<Vec<i64>> {
    let mut query =
        t.prepare_cached("SELECT id FROM alerts WHERE chain = ?1 AND txid = ?2 AND stage = ?3 ORDER BY id")?;
    Ok(query.query_map([chain, txid, stage], |row| row.get(0))?.collect::<Result<Vec<_>, _>>()?)
}

/// Takes note of one hit.
pub(super) fn see(t: &Transaction<'_>, hit: &TxHit, now: i64, sum: &mut Raised) -> Done<()> {
    let identity = identity(&["transaction", &hit.watch.to_string(), &hit.chain, &hit.txid]);
    let mut known = t.prepare_cached("SELECT id, stage, block_hash FROM alerts WHERE identity = ?1")?;
    let found = known
        .query_row([&identity[..]], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?))
        })
        .optional()?;
    if let Some((id, stage, block)) = found {
        match (&hit.seen, Stage::of(&stage)) {
            (Seen::Block { hash, .. }, Some(Stage::Block)) if block.as_ref() == Some(hash) => sum.known += 1,
            (Seen::Block { height, hash }, _) => {
                go(t, id, Stage::Block, Some((*height, hash)), "", now)?;
                sum.confirmed += 1;
            }
            // the mempool has it again
            (Seen::Mempool, Some(Stage::Dropped)) => go(t, id, Stage::Mempool, None, "", now)?,
            (Seen::Mempool, _) => sum.known += 1,
        }
        return Ok(());
    }
    if held_back(t, (hit.watch, "", &hit.subject), &hit.chain, &hit.txid, now)? {
        sum.held_back += 1;
        return Ok(());
    }
    let (stage, block) = match &hit.seen {
        Seen::Mempool => (Stage::Mempool, None),
        Seen::Block { height, hash } => (Stage::Block, Some((*height, hash))),
    };
    t.prepare_cached(
        "INSERT INTO alerts (identity, watch, watchlist, kind, value, pattern, chain, subject, txid, stage, block_height, block_hash,
         direction, asset, units, usd_cents, severity, state, snapshot, evidence, raised_at, changed_at, version)
         VALUES (?1, ?2, ?3, ?4, ?5, '', ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, 'open', ?17, ?18, ?19, ?19, 1)",
    )?
    .execute(params![
        &identity[..],
        hit.watch,
        hit.watchlist,
        hit.kind.name(),
        hit.value,
        hit.chain,
        hit.subject,
        hit.txid,
        stage.name(),
        block.map(|(height, _)| height),
        block.map(|(_, hash)| hash),
        hit.direction.name(),
        hit.asset,
        hit.units.to_string(),
        hit.usd_cents.map(|cents| i64::try_from(cents).unwrap_or(i64::MAX)),
        hit.severity.name(),
        hit.snapshot,
        hit.evidence.to_string(),
        now
    ])?;
    raised(t, t.last_insert_rowid(), stage, now)?;
    sum.raised += 1;
    Ok(())
}

/// Notes and announces a new alert.
pub(super) fn raised(t: &Transaction<'_>, id: i64, stage: Stage, now: i64) -> Done<()> {
    let entry = note(t, id, 1, now, PROGRAM, "raised", "", stage.name(), "")?;
    tell(t, id, EventKind::AlertRaised, &entry, now)
}

/// Announces what happened to an alert.
pub(super) fn tell(t: &Transaction<'_>, id: i64, kind: EventKind, entry: &super::HistoryEntry, now: i64) -> Done<()> {
    match alert(t, id)? {
        Some(alert) => announce_alert(t, kind, &alert, entry, now),
        None => Ok(()),
    }
}

/// Takes an alert to another stage, and tells.
pub(super) fn go(
    t: &Transaction<'_>,
    id: i64,
    stage: Stage,
    block: Option<(u32, &String)>,
    why: &str,
    now: i64,
) -> Done<()> {
    let was: String = t.prepare_cached("SELECT stage FROM alerts WHERE id = ?1")?.query_row([id], |row| row.get(0))?;
    // where it was is kept: a block that left the chain is still named
    t.prepare_cached(
        "UPDATE alerts SET stage = ?2, block_height = coalesce(?3, block_height), block_hash = coalesce(?4, block_hash),
         changed_at = ?5, version = version + 1 WHERE id = ?1",
    )?
    .execute(params![id, stage.name(), block.map(|(height, _)| height), block.map(|(_, hash)| hash), now])?;
    let version: i64 =
        t.prepare_cached("SELECT version FROM alerts WHERE id = ?1")?.query_row([id], |row| row.get(0))?;
    let (action, kind) = match stage {
        Stage::Block => ("confirmed", EventKind::AlertConfirmed),
        Stage::Reorged => ("reorged", EventKind::AlertChanged),
        Stage::Dropped => ("dropped", EventKind::AlertChanged),
        Stage::Mempool => ("seen_again", EventKind::AlertChanged),
    };
    let reason = block.map_or_else(|| why.to_owned(), |(height, hash)| format!("block {height} {hash}"));
    let entry = note(t, id, version, now, PROGRAM, action, &was, stage.name(), &reason)?;
    tell(t, id, kind, &entry, now)
}

/// What makes two alerts the same.
pub(super) fn identity(parts: &[&str]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("athar alert identity 1");
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}
