//! Alerts of hits of patterns.
//!
//! A pattern is run again with every block, and a hit grows. So a watch, a pattern, a chain and a subject have one alert for as long as
//! it is not closed: what is added is noted in its history and its evidence is the newest hit. After it was closed a hit raises
//! another only where it has transactions that the closed one did not have.

use super::hit::PatternHit;
use super::model::note;
use super::raise::{PROGRAM, Raised, identity, raised, tell};
use super::state::{AlertState, Stage};
use super::suppress::held_back;
use crate::DeskError;
use crate::db::{Desk, Done};
use crate::event::EventKind;
use crate::watch::{Watch, WatchKind};
use athar_types::{Asset, Chain, Level};
use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Addresses and transactions of a hit that its evidence lists.
const LISTED_MAX: usize = 1_000;

impl Desk {
    /// Takes note of hits of patterns, all or none: each raises an alert for every watch of its pattern that asks for no more than its
    /// severity (and worth, where both are given).
    pub fn see_patterns(&self, hits: &[PatternHit], now: i64) -> Result<Raised, DeskError> {
        self.write(|t| {
            let mut sum = Raised::default();
            let mut watches: BTreeMap<&str, Vec<Watch>> = BTreeMap::new();
            for hit in hits {
                if !watches.contains_key(hit.chain.as_str()) {
                    watches.insert(&hit.chain, crate::watch::watches_of(t, &hit.chain, true)?);
                }
                for watch in watches.get(hit.chain.as_str()).into_iter().flatten() {
                    let is_it = watch.value == "*" || watch.value == hit.pattern;
                    let worth = watch.at_least_usd_cents.zip(hit.usd_cents);
                    if is_it && hit.severity >= watch.severity && worth.is_none_or(|(least, has)| has >= least) {
                        see(t, watch, hit, now, &mut sum)?;
                    }
                }
            }
            Ok(sum)
        })
    }
}

struct Before {
    id: i64,
    state: AlertState,
    severity: Level,
    evidence: String,
    version: i64,
}

fn see(t: &Transaction<'_>, watch: &Watch, hit: &PatternHit, now: i64, sum: &mut Raised) -> Done<()> {
    let mut query = t.prepare_cached(
        "SELECT id, state, severity, evidence, version FROM alerts
         WHERE watch = ?1 AND pattern = ?2 AND chain = ?3 AND subject = ?4 AND pattern <> '' ORDER BY id DESC LIMIT 1",
    )?;
    let before = query
        .query_row(params![watch.id, hit.pattern, hit.chain, hit.subject], |row| {
            Ok(Before {
                id: row.get(0)?,
                state: AlertState::of(&row.get::<_, String>(1)?).unwrap_or(AlertState::Open),
                severity: row.get::<_, String>(2)?.parse().unwrap_or(Level::Severe),
                evidence: row.get(3)?,
                version: row.get(4)?,
            })
        })
        .optional()?;
    if let Some(before) = &before {
        let told: Value = serde_json::from_str(&before.evidence).unwrap_or_default();
        let known: BTreeSet<&str> = told["txids"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let new = listed(&hit.txids).iter().filter(|txid| !known.contains(txid.as_str())).count();
        // more than are listed: only the number tells
        let more = hit.txids.len() as u64 > told["txids_total"].as_u64().unwrap_or(0);
        if new == 0 && !more && hit.severity <= before.severity {
            sum.known += 1;
            return Ok(());
        }
        if !before.state.is_closed() {
            grow(t, before, hit, new, now)?;
            sum.known += 1;
            return Ok(());
        }
        if new == 0 && !more {
            sum.known += 1;
            return Ok(());
        }
    }
    if held_back(t, (watch.id, &hit.pattern, &hit.subject), &hit.chain, &hit.subject, now)? {
        sum.held_back += 1;
        return Ok(());
    }
    let generation = before.map_or(0, |before| before.id).to_string();
    let identity = identity(&["pattern", &watch.id.to_string(), &hit.pattern, &hit.chain, &hit.subject, &generation]);
    let asset = Chain::from_name(&hit.chain).map_or("", |chain| Asset::coin_of(chain).symbol());
    t.prepare_cached(
        "INSERT INTO alerts (identity, watch, watchlist, kind, value, pattern, chain, subject, txid, stage, direction, asset, units,
         usd_cents, severity, state, snapshot, evidence, raised_at, changed_at, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, '', 'block', 'any', ?9, ?10, ?11, ?12, 'open', ?13, ?14, ?15, ?15, 1)",
    )?
    .execute(params![
        &identity[..],
        watch.id,
        watch.watchlist,
        WatchKind::Pattern.name(),
        watch.value,
        hit.pattern,
        hit.chain,
        hit.subject,
        asset,
        hit.units.map(|units| units.to_string()),
        hit.usd_cents.map(|cents| i64::try_from(cents).unwrap_or(i64::MAX)),
        hit.severity.name(),
        hit.snapshot,
        evidence(hit),
        now
    ])?;
    raised(t, t.last_insert_rowid(), Stage::Block, now)?;
    sum.raised += 1;
    Ok(())
}

/// Takes a hit that grew into the alert that it raised.
fn grow(t: &Transaction<'_>, before: &Before, hit: &PatternHit, new: usize, now: i64) -> Done<()> {
    let version = before.version + 1;
    let severity = hit.severity.max(before.severity);
    t.prepare_cached(
        "UPDATE alerts SET evidence = ?2, snapshot = ?3, severity = ?4, units = ?5, usd_cents = ?6, changed_at = ?7, version = ?8 WHERE id = ?1",
    )?
    .execute(params![
        before.id,
        evidence(hit),
        hit.snapshot,
        severity.name(),
        hit.units.map(|units| units.to_string()),
        hit.usd_cents.map(|cents| i64::try_from(cents).unwrap_or(i64::MAX)),
        now,
        version
    ])?;
    let reason = format!("{new} more transactions, {} in all", hit.txids.len());
    let entry =
        note(t, before.id, version, now, PROGRAM, "seen_more", before.severity.name(), severity.name(), &reason)?;
    // that it grows is in the history; that it is worse than was told has to be told
    if severity > before.severity {
        tell(t, before.id, EventKind::AlertChanged, &entry, now)?;
    }
    Ok(())
}

fn listed(all: &[String]) -> &[String] {
    &all[..all.len().min(LISTED_MAX)]
}

fn evidence(hit: &PatternHit) -> String {
    json!({
        "rule_version": hit.rule_version,
        "addresses": listed(&hit.addresses),
        "addresses_total": hit.addresses.len(),
        "txids": listed(&hit.txids),
        "txids_total": hit.txids.len(),
        "why": hit.why,
    })
    .to_string()
}
