//! The lists and their watches, as they are kept.

use super::condition::{Flow, NewWatch, Watch, WatchKind};
use crate::DeskError;
use crate::db::{Desk, Done, meta, set_meta};
use crate::register::{Page, Registered, limit};
use athar_types::{Chain, Level};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use schemars::JsonSchema;
use serde::Serialize;

/// Watchlists of one desk.
pub const WATCHLISTS_MAX: u64 = 1_000;
/// Watches of one desk.
pub const WATCHES_MAX: u64 = 2_000_000;
/// Longest name of a list, in bytes.
const NAME_BYTES_MAX: usize = 64;
/// Counts every change of what is watched, so that whoever watches sees that he has to read it again.
const REVISION: &str = "watch_revision";

const WATCH: &str = "SELECT w.id, l.name, w.kind, w.chain, w.value, w.direction, w.asset, w.units, w.usd_cents, w.severity, w.note, w.added_at
     FROM watches w JOIN watchlists l ON l.id = w.watchlist";

/// A named list of watches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Watchlist {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub note: String,
    /// When it was made, in seconds since 1970.
    pub added_at: i64,
    /// By whom.
    pub added_by: String,
    /// Watches on it.
    pub watches: u64,
}

impl Desk {
    /// Makes a watchlist; one of that name is kept as it is. Gives its number, and whether it is new.
    pub fn add_watchlist(&self, name: &str, note: &str, actor: &str, now: i64) -> Result<Registered, DeskError> {
        check_name(name)?;
        if note.len() > super::WATCH_NOTE_BYTES_MAX || note.chars().any(char::is_control) {
            return Err(DeskError::input("note", "is too long, or has control characters"));
        }
        self.write(|t| {
            if let Some(id) = find(t, name)? {
                return Ok(Registered { id, is_new: false });
            }
            let count: i64 = t.query_row("SELECT count(*) FROM watchlists", [], |row| row.get(0))?;
            if count as u64 >= WATCHLISTS_MAX {
                return Err(DeskError::TooMany { what: "watchlists", max: WATCHLISTS_MAX }.into());
            }
            t.execute(
                "INSERT INTO watchlists (name, note, added_at, added_by) VALUES (?1, ?2, ?3, ?4)",
                params![name, note, now, actor],
            )?;
            Ok(Registered { id: t.last_insert_rowid(), is_new: true })
        })
    }

    /// All watchlists.
    pub fn watchlists(&self) -> Result<Vec<Watchlist>, DeskError> {
        self.read(|t| {
            let mut query = t.prepare_cached(
                "SELECT l.id, l.name, l.note, l.added_at, l.added_by, (SELECT count(*) FROM watches w WHERE w.watchlist = l.id)
                 FROM watchlists l ORDER BY l.id",
            )?;
            let rows = query.query_map([], |row| {
                Ok(Watchlist {
                    id: row.get(0)?,
                    name: row.get(1)?,
                    note: row.get(2)?,
                    added_at: row.get(3)?,
                    added_by: row.get(4)?,
                    watches: row.get::<_, i64>(5)? as u64,
                })
            })?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?)
        })
    }

    /// Deletes a watchlist with its watches; the alerts that they raised stay.
    pub fn remove_watchlist(&self, name: &str) -> Result<u64, DeskError> {
        self.write(|t| {
            let id = find(t, name)?.ok_or_else(|| DeskError::unknown("watchlist", name))?;
            let gone = t.execute("DELETE FROM watches WHERE watchlist = ?1", [id])?;
            t.execute("DELETE FROM watchlists WHERE id = ?1", [id])?;
            revise(t)?;
            Ok(gone as u64)
        })
    }

    /// Adds watches to a list, all or none. One that is on it already keeps its number and takes over severity and note.
    pub fn add_watches(&self, list: &str, new: Vec<NewWatch>, now: i64) -> Result<Vec<Registered>, DeskError> {
        let new = new.into_iter().map(NewWatch::checked).collect::<Result<Vec<_>, _>>()?;
        self.write(|t| add(t, list, &new, now))
    }

    /// Watches after number `after`, of one list or all.
    pub fn watches(&self, list: Option<&str>, after: i64, rows: u32) -> Result<Page<Watch>, DeskError> {
        let rows = limit(rows)?;
        self.read(|t| {
            let of = match list {
                Some(name) => Some(find(t, name)?.ok_or_else(|| DeskError::unknown("watchlist", name))?),
                None => None,
            };
            let found = match of {
                Some(id) => {
                    let mut query = t.prepare_cached(&format!(
                        "{WATCH} WHERE w.watchlist = ?1 AND w.id > ?2 ORDER BY w.id LIMIT ?3"
                    ))?;
                    query.query_map(params![id, after, rows + 1], read_watch)?.collect::<Result<Vec<_>, _>>()?
                }
                None => {
                    let mut query = t.prepare_cached(&format!("{WATCH} WHERE w.id > ?1 ORDER BY w.id LIMIT ?2"))?;
                    query.query_map(params![after, rows + 1], read_watch)?.collect::<Result<Vec<_>, _>>()?
                }
            };
            Ok(Page::new(found, rows, |w| w.id))
        })
    }

    /// Deletes one watch; the alerts that it raised stay.
    pub fn remove_watch(&self, id: i64) -> Result<(), DeskError> {
        self.write(|t| {
            if t.execute("DELETE FROM watches WHERE id = ?1", [id])? == 0 {
                return Err(DeskError::unknown("watch", id).into());
            }
            revise(t)
        })
    }

    /// A number that changes whenever what is watched does.
    pub fn watch_revision(&self) -> Result<i64, DeskError> {
        self.read(revision)
    }

    /// Every watch that concerns a chain, with the revision that it was read at: of patterns only, or all others.
    pub(crate) fn watches_of(&self, chain: &str, of_patterns: bool) -> Result<(Vec<Watch>, i64), DeskError> {
        self.read(|t| Ok((watches_of(t, chain, of_patterns)?, revision(t)?)))
    }
}

pub(crate) fn watches_of(t: &Transaction<'_>, chain: &str, of_patterns: bool) -> Done<Vec<Watch>> {
    let mut query =
        t.prepare_cached(&format!("{WATCH} WHERE w.chain IN ('', ?1) AND (w.kind = 'pattern') = ?2 ORDER BY w.id"))?;
    Ok(query.query_map(params![chain, of_patterns], read_watch)?.collect::<Result<Vec<_>, _>>()?)
}

/// Adds watches that were checked.
pub(super) fn add(t: &Transaction<'_>, list: &str, new: &[NewWatch], now: i64) -> Done<Vec<Registered>> {
    let id = find(t, list)?.ok_or_else(|| DeskError::unknown("watchlist", list))?;
    let mut count: i64 = t.query_row("SELECT count(*) FROM watches", [], |row| row.get(0))?;
    let mut known = t.prepare_cached("SELECT id, severity, note FROM watches WHERE identity = ?1")?;
    let mut change = t.prepare_cached("UPDATE watches SET severity = ?2, note = ?3 WHERE id = ?1")?;
    let mut add = t.prepare_cached(
        "INSERT INTO watches (watchlist, identity, kind, chain, value, direction, asset, units, usd_cents, severity, note, added_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    let mut added = Vec::with_capacity(new.len());
    let mut is_changed = false;
    for watch in new {
        let identity = watch.identity(id);
        let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?));
        if let Some((id, severity, note)) = known.query_row([&identity[..]], read).optional()? {
            if severity != watch.severity.name() || note != watch.note {
                change.execute(params![id, watch.severity.name(), watch.note])?;
                is_changed = true;
            }
            added.push(Registered { id, is_new: false });
            continue;
        }
        count += 1;
        if count as u64 > WATCHES_MAX {
            return Err(DeskError::TooMany { what: "watches", max: WATCHES_MAX }.into());
        }
        add.execute(params![
            id,
            &identity[..],
            watch.kind.name(),
            watch.chain.map_or("", Chain::name),
            watch.value,
            watch.direction.name(),
            watch.asset.as_deref().unwrap_or(""),
            watch.at_least_units.map(|units| units.to_string()),
            watch.at_least_usd_cents.map(|cents| i64::try_from(cents).unwrap_or(i64::MAX)),
            watch.severity.name(),
            watch.note,
            now
        ])?;
        added.push(Registered { id: t.last_insert_rowid(), is_new: true });
        is_changed = true;
    }
    if is_changed {
        revise(t)?;
    }
    Ok(added)
}

fn find(t: &Transaction<'_>, name: &str) -> Done<Option<i64>> {
    Ok(t.prepare_cached("SELECT id FROM watchlists WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()?)
}

fn check_name(name: &str) -> Result<(), DeskError> {
    let fits = !name.is_empty()
        && name.len() <= NAME_BYTES_MAX
        && name.trim() == name
        && !name.chars().any(|c| c.is_control() || matches!(c, '/' | '?' | '#' | '%'));
    if fits {
        return Ok(());
    }
    let what = format!("has 1 to {NAME_BYTES_MAX} bytes, no white space around it and none of / ? # %");
    Err(DeskError::input("name", what))
}

fn revision(t: &Transaction<'_>) -> Done<i64> {
    Ok(meta(t, REVISION)?.and_then(|text| text.parse().ok()).unwrap_or(0))
}

fn revise(t: &Transaction<'_>) -> Done<()> {
    let next = revision(t)? + 1;
    set_meta(t, REVISION, &next.to_string())
}

fn read_watch(row: &Row<'_>) -> rusqlite::Result<Watch> {
    let text = |at: usize| row.get::<_, String>(at);
    let filled = |at: usize| text(at).map(|text| Some(text).filter(|text| !text.is_empty()));
    Ok(Watch {
        id: row.get(0)?,
        watchlist: text(1)?,
        kind: WatchKind::of(&text(2)?).unwrap_or(WatchKind::Address),
        chain: filled(3)?,
        value: text(4)?,
        direction: Flow::of(&text(5)?).unwrap_or_default(),
        asset: filled(6)?,
        at_least_units: row.get(7)?,
        at_least_usd_cents: row.get::<_, Option<i64>>(8)?.map(|cents| cents as u64),
        severity: text(9)?.parse().unwrap_or(Level::Medium),
        note: text(10)?,
        added_at: row.get(11)?,
    })
}
