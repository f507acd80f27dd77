//! Recording: items and their sightings, gathered and stored together.
//!
//! Nothing of an item is seen by a reader before it is finished. What a killed run leaves is an open item, or none; the next run that reads
//! the same document takes its place. What [`Writer::flush`] has answered is on the disk.

use crate::custody::{Action, NewEntry, append, check_words};
use crate::error::Done;
use crate::field::Field;
use crate::sealed::{SealedItem, SealedSighting, is_personal, is_secret};
use crate::store::{DONE, OPEN, bury};
use crate::{ItemEnd, ItemId, NewItem, NewSighting, Sightings, SightingsError};
use athar_vault::{Key, MARK_BYTES};
use rusqlite::{OptionalExtension, Transaction, params};
use rustc_hash::FxHashMap;
use std::ops::Range;

/// Bytes that are gathered before they are stored.
const PENDING_BYTES_MAX: usize = 8 << 20;
/// Sightings that are gathered before they are stored.
const PENDING_SIGHTINGS_MAX: usize = 8_192;
/// Items that are gathered before they are stored.
const PENDING_ITEMS_MAX: usize = 1_024;
/// Numbers that are taken at once.
const NUMBERS_AT_ONCE: i64 = 256;
/// Bytes of a copy of an original.
pub const ORIGINAL_BYTES_MAX: usize = 512 << 20;
/// Bytes of an excerpt. A longer one is cut at a character.
pub const EXCERPT_BYTES_MAX: usize = 16 << 10;
/// Bytes of any other text of an item or a sighting. A longer one is cut at a character.
pub const TEXT_BYTES_MAX: usize = 4 << 10;
/// Sightings of one item.
pub const ITEM_SIGHTINGS_MAX: u32 = 50_000_000;

/// What tells a document from others when it is read again.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// The file, as it was named.
    pub file: &'a str,
    /// Where in the file.
    pub member: Option<&'a str>,
    /// SHA-256 of the untouched original.
    pub sha256: &'a [u8; 32],
    /// Program and version that reads it.
    pub tool: &'a str,
    /// Version of the lexicons.
    pub lexicon: &'a str,
}

/// A file of which nothing is left to read.
#[derive(Clone, Copy, Debug)]
pub struct FileState<'a> {
    /// Its path, as it was named.
    pub path: &'a str,
    /// Its length.
    pub bytes: u64,
    /// When it was changed, in nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Hash of the settings that it was read with, versions included.
    pub settings: &'a [u8],
}

/// A sighting, sealed.
struct Row {
    n: u32,
    kind: String,
    chains: String,
    value: Option<String>,
    mark: Option<[u8; MARK_BYTES]>,
    channel: Option<[u8; MARK_BYTES]>,
    time: i64,
    score: u8,
    solicits: bool,
    sealed: Vec<u8>,
    sketch: Option<Vec<u8>>,
    aliases: Vec<String>,
}

struct Pending {
    item: NewItem,
    key: Key,
    rows: Vec<Row>,
    /// Sightings so far.
    n: u32,
    /// Whether its row is stored.
    stored: bool,
    finished: bool,
}

/// Records items. Each thread has its own, or shares one behind a lock.
pub struct Writer<'s> {
    store: &'s Sightings,
    pending: FxHashMap<ItemId, Pending>,
    /// In the order in which they began.
    order: Vec<ItemId>,
    numbers: Range<i64>,
    bytes: usize,
    sightings: usize,
    fresh: usize,
}

impl std::fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("items", &self.order.len()).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

impl Sightings {
    /// Begins recording. What is not [flushed](Writer::flush) when the writer is dropped is not stored.
    pub fn writer(&self) -> Writer<'_> {
        Writer {
            store: self,
            pending: FxHashMap::default(),
            order: Vec::new(),
            numbers: 0..0,
            bytes: 0,
            sightings: 0,
            fresh: 0,
        }
    }

    /// Whether this document was read to its end before: the same original at the same place, by the same program and lexicons.
    pub fn is_done(&self, reading: Reading<'_>) -> Result<bool, SightingsError> {
        let source = self.source_mark(reading.file, reading.member);
        self.db.read(|t| {
            let mut query = t.prepare_cached(
                "SELECT 1 FROM items WHERE source = ?1 AND state = 1 AND sha256 = ?2 AND tool = ?3 AND lexicon = ?4",
            )?;
            Ok(query.exists(params![&source[..], &reading.sha256[..], reading.tool, reading.lexicon])?)
        })
    }

    /// Whether the file is the one that was read to its end with these settings.
    pub fn file_is_done(&self, file: FileState<'_>) -> Result<bool, SightingsError> {
        let path = self.marks.mark("file", file.path);
        self.db.read(|t| {
            let mut query = t.prepare_cached(
                "SELECT 1 FROM files WHERE path = ?1 AND bytes = ?2 AND mtime_ns = ?3 AND settings = ?4",
            )?;
            Ok(query.exists(params![&path[..], file.bytes as i64, file.mtime_ns, file.settings])?)
        })
    }

    pub(crate) fn source_mark(&self, file: &str, member: Option<&str>) -> [u8; MARK_BYTES] {
        let text = format!("{}:{file}{}", file.len(), member.map(|m| format!(" > {m}")).unwrap_or_default());
        self.marks.mark("source", &text)
    }

    pub(crate) fn channel_mark(&self, channel: &str) -> [u8; MARK_BYTES] {
        self.marks.mark("channel", &channel.trim().to_lowercase())
    }

    pub(crate) fn value_mark(&self, value: &str) -> [u8; MARK_BYTES] {
        self.marks.mark("value", value)
    }
}

impl Writer<'_> {
    /// Begins an item. Items may be open at the same time: a page inside an archive begins and ends while the archive is open.
    pub fn begin(&mut self, item: NewItem) -> Result<ItemId, SightingsError> {
        check_original(item.original.as_deref())?;
        check_words(item.operator.as_deref().unwrap_or_default(), "")?;
        if self.fresh >= PENDING_ITEMS_MAX {
            self.flush()?;
        }
        let id = self.number()?;
        let mut item = item;
        for text in [&mut item.member, &mut item.uri, &mut item.channel, &mut item.title].into_iter().flatten() {
            cut(text, TEXT_BYTES_MAX);
        }
        self.bytes += item.original.as_ref().map_or(0, Vec::len) + item.sketch.len() + 512;
        self.fresh += 1;
        let key = Key::random()?;
        self.pending.insert(id, Pending { item, key, rows: Vec::new(), n: 0, stored: false, finished: false });
        self.order.push(id);
        Ok(id)
    }

    /// Adds sightings to an open item. Of a secret only its kind and place are kept, whatever is given.
    pub fn add(&mut self, item: ItemId, seen: &[NewSighting]) -> Result<(), SightingsError> {
        let store = self.store;
        let open = self.pending.get_mut(&item).filter(|p| !p.finished).ok_or(SightingsError::NotOpen(item))?;
        for seen in seen {
            if open.n >= ITEM_SIGHTINGS_MAX {
                return Err(SightingsError::input(
                    "sightings",
                    format!("no more than {ITEM_SIGHTINGS_MAX} in one item"),
                ));
            }
            let row = seal(store, item, open, seen)?;
            open.n += 1;
            self.bytes += row.sealed.len() + row.sketch.as_ref().map_or(0, Vec::len) + 256;
            self.sightings += 1;
            open.rows.push(row);
        }
        if self.bytes >= PENDING_BYTES_MAX || self.sightings >= PENDING_SIGHTINGS_MAX {
            self.flush()?;
        }
        Ok(())
    }

    /// Finishes an item with what is known of it at its end. It is stored with the next [flush](Self::flush), which comes by itself when
    /// enough is gathered.
    ///
    /// The reading of the same original at the same place by an earlier run is then superseded: kept, and no longer counted.
    pub fn finish(&mut self, item: ItemId, end: ItemEnd) -> Result<(), SightingsError> {
        check_original(end.original.as_deref())?;
        let open = self.pending.get_mut(&item).filter(|p| !p.finished).ok_or(SightingsError::NotOpen(item))?;
        self.bytes += end.original.as_ref().map_or(0, Vec::len) + end.sketch.len();
        let kept = &mut open.item;
        kept.sha256 = end.sha256.or(kept.sha256);
        kept.bytes = end.bytes.unwrap_or(kept.bytes);
        kept.title = end.title.or(kept.title.take());
        if let Some(title) = &mut kept.title {
            cut(title, TEXT_BYTES_MAX);
        }
        kept.picture_hash = end.picture_hash.or(kept.picture_hash);
        kept.original = end.original.or(kept.original.take());
        if !end.sketch.is_empty() {
            kept.sketch = end.sketch;
        }
        open.finished = true;
        if self.bytes >= PENDING_BYTES_MAX { self.flush() } else { Ok(()) }
    }

    /// Gives up an open item: nothing of it is kept.
    pub fn abandon(&mut self, item: ItemId) -> Result<(), SightingsError> {
        let open = self.pending.remove(&item).ok_or(SightingsError::NotOpen(item))?;
        self.order.retain(|id| *id != item);
        self.sightings -= open.rows.len();
        if open.stored {
            self.store.db.write(|t| if is_open(t, item)? { bury(t, item) } else { Ok(()) })?;
            self.store.finish_dying()?;
        } else {
            self.fresh -= 1;
        }
        Ok(())
    }

    /// Writes down that nothing of a file is left to read, after storing all that was gathered.
    pub fn file_done(&mut self, file: FileState<'_>) -> Result<(), SightingsError> {
        self.flush()?;
        let path = self.store.marks.mark("file", file.path);
        self.store.db.write(|t| {
            t.prepare_cached("INSERT OR REPLACE INTO files VALUES (?1, ?2, ?3, ?4)")?.execute(params![
                &path[..],
                file.bytes as i64,
                file.mtime_ns,
                file.settings
            ])?;
            Ok(())
        })
    }

    /// Stores what was gathered, in one transaction. On an error nothing of it is stored, all of it stays gathered, and it can be tried again;
    /// an item that another run took over is given up.
    pub fn flush(&mut self) -> Result<(), SightingsError> {
        if self.order.is_empty()
            || (self.fresh == 0 && self.sightings == 0 && !self.pending.values().any(|p| p.finished))
        {
            return Ok(());
        }
        let (store, pending, order) = (self.store, &self.pending, &self.order);
        let stored = store.db.write(|t| {
            let fresh = order.iter().filter(|id| !pending[id].stored);
            store.keys.add(fresh.map(|id| (id.0, &pending[id].key)))?;
            let mut buried = false;
            for id in order {
                buried |= put(t, store, *id, &pending[id])?;
            }
            Ok(buried)
        });
        match stored {
            Ok(buried) => {
                self.order.retain(|id| {
                    let open = self.pending.get_mut(id).is_some_and(|p| {
                        p.stored = true;
                        p.rows = Vec::new();
                        !p.finished
                    });
                    if !open {
                        self.pending.remove(id);
                    }
                    open
                });
                (self.bytes, self.sightings, self.fresh) = (0, 0, 0);
                if buried { self.store.finish_dying() } else { Ok(()) }
            }
            Err(SightingsError::NotOpen(id)) => {
                if let Some(gone) = self.pending.remove(&id) {
                    self.sightings -= gone.rows.len();
                }
                self.order.retain(|other| *other != id);
                Err(SightingsError::NotOpen(id))
            }
            Err(error) => Err(error),
        }
    }

    fn number(&mut self) -> Result<ItemId, SightingsError> {
        if let Some(id) = self.numbers.next() {
            return Ok(ItemId(id as u64));
        }
        let first: i64 = self.store.db.write(|t| {
            let next =
                t.query_row("SELECT value FROM meta WHERE name = 'next_item'", [], |row| row.get(0)).optional()?;
            let first: i64 = next.unwrap_or(1);
            t.execute("INSERT OR REPLACE INTO meta VALUES ('next_item', ?1)", [first + NUMBERS_AT_ONCE])?;
            Ok(first)
        })?;
        self.numbers = first + 1..first + NUMBERS_AT_ONCE;
        Ok(ItemId(first as u64))
    }
}

fn check_original(original: Option<&[u8]>) -> Result<(), SightingsError> {
    match original {
        Some(copy) if copy.len() > ORIGINAL_BYTES_MAX => Err(SightingsError::input(
            "original",
            format!("{} bytes are too many to keep, no more than {ORIGINAL_BYTES_MAX}", copy.len()),
        )),
        _ => Ok(()),
    }
}

/// Cuts a text to at most `max` bytes, at a character.
fn cut(text: &mut String, max: usize) {
    if text.len() > max {
        let end = (0..=max).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        text.truncate(end);
    }
}

fn seal(store: &Sightings, item: ItemId, open: &Pending, seen: &NewSighting) -> Result<Row, SightingsError> {
    let secret = is_secret(&seen.kind);
    let public = !is_personal(&seen.kind);
    let mut words = SealedSighting::of(seen);
    cut(&mut words.excerpt, EXCERPT_BYTES_MAX);
    cut(&mut words.reasons, EXCERPT_BYTES_MAX);
    let texts =
        [&mut words.message, &mut words.author, &mut words.channel, &mut words.reply_to, &mut words.forwarded_from];
    for text in texts.into_iter().flatten() {
        cut(text, TEXT_BYTES_MAX);
    }
    let mut value = seen.value.clone();
    cut(&mut value, TEXT_BYTES_MAX);
    if words.value.is_some() {
        words.value = Some(value.clone());
    }
    let n = open.n;
    let plain = serde_json::to_vec(&words).map_err(|e| SightingsError::input("sighting", e.to_string()))?;
    let mark = (!public && !secret && !value.is_empty()).then(|| store.value_mark(&value));
    let mut aliases: Vec<String> =
        seen.chains.iter().map(|(_, text)| text.clone()).filter(|text| *text != value && public).collect();
    aliases.sort();
    aliases.dedup();
    let names: Vec<&str> =
        if secret { Vec::new() } else { seen.chains.iter().map(|(chain, _)| chain.name()).collect() };
    let time = seen.posted.or(open.item.captured).map_or(open.item.read_at, |t| i64::from(t.0));
    let sketch = &seen.sketch;
    Ok(Row {
        n,
        kind: seen.kind.clone(),
        chains: if names.is_empty() { String::new() } else { format!(",{},", names.join(",")) },
        value: (public && !value.is_empty()).then_some(value),
        mark,
        channel: seen.channel.as_deref().or(open.item.channel.as_deref()).map(|c| store.channel_mark(c)),
        time,
        score: seen.score,
        solicits: seen.solicits,
        sealed: open.key.seal(&Field::Sighting(n).place(item), &plain)?,
        sketch: if sketch.is_empty() {
            None
        } else {
            Some(open.key.seal(&Field::SightingSketch(n).place(item), sketch)?)
        },
        aliases,
    })
}

fn is_open(t: &Transaction<'_>, item: ItemId) -> Done<bool> {
    let mut query = t.prepare_cached("SELECT 1 FROM items WHERE id = ?1 AND state = 0")?;
    Ok(query.exists([item.0 as i64])?)
}

/// Stores what is gathered of one item, and whether others were buried for it.
fn put(t: &Transaction<'_>, store: &Sightings, id: ItemId, pending: &Pending) -> Done<bool> {
    let item = &pending.item;
    let source = store.source_mark(&item.file, item.member.as_deref());
    let site = item.uri.as_deref().and_then(host);
    let mut buried = false;
    if pending.stored && !is_open(t, id)? {
        return Err(SightingsError::NotOpen(id).into());
    }
    if !pending.stored {
        let mut stale = t.prepare_cached("SELECT id FROM items WHERE source = ?1 AND state = 0 AND run <> ?2")?;
        let stale: Vec<i64> =
            stale.query_map(params![&source[..], store.run], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for old in stale {
            bury(t, ItemId(old as u64))?;
            buried = true;
        }
    }
    if !pending.stored || pending.finished {
        let words =
            serde_json::to_vec(&SealedItem::of(item)).map_err(|e| SightingsError::input("item", e.to_string()))?;
        let sealed = pending.key.seal(&Field::Item.place(id), &words)?;
        let sketch = if item.sketch.is_empty() {
            None
        } else {
            Some(pending.key.seal(&Field::ItemSketch.place(id), &item.sketch)?)
        };
        let channel = item.channel.as_deref().map(|c| store.channel_mark(c));
        let file = store.marks.mark("file", &item.file);
        t.prepare_cached(
            "INSERT OR REPLACE INTO items VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, NULL, ?17)",
        )?
        .execute(params![
            id.0 as i64,
            if pending.finished { DONE } else { OPEN },
            &file[..],
            &source[..],
            item.kind,
            site,
            channel.as_ref().map(|c| &c[..]),
            item.captured.is_some(),
            item.read_at,
            item.sha256.as_ref().map(|h| &h[..]),
            item.bytes as i64,
            item.tool,
            item.lexicon,
            sealed,
            sketch,
            i64::from(pending.finished && item.original.is_some()),
            store.run,
        ])?;
    }
    {
        let mut add = t.prepare_cached(
            "INSERT INTO sightings VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?;
        let mut alias = t.prepare_cached("INSERT OR IGNORE INTO aliases VALUES (?1, ?2)")?;
        for row in &pending.rows {
            let sighting = add.insert(params![
                id.0 as i64,
                row.n,
                row.kind,
                row.chains,
                row.value,
                row.mark.as_ref().map(|m| &m[..]),
                site,
                row.channel.as_ref().map(|m| &m[..]),
                row.time,
                row.score,
                row.solicits,
                row.sealed,
                row.sketch,
            ])?;
            for text in &row.aliases {
                alias.execute(params![text, sighting])?;
            }
        }
    }
    if pending.finished {
        finish(t, id, pending, &source, store.run)?;
    }
    Ok(buried)
}

/// Stores the original, supersedes earlier readings, and writes the entry of the custody log.
fn finish(t: &Transaction<'_>, id: ItemId, pending: &Pending, source: &[u8; MARK_BYTES], run: i64) -> Done<()> {
    let item = &pending.item;
    if let Some(original) = &item.original {
        let sealed = pending.key.seal(&Field::Original.place(id), original)?;
        t.prepare_cached("INSERT OR REPLACE INTO originals VALUES (?1, ?2)")?.execute(params![id.0 as i64, sealed])?;
    }
    let operator = item.operator.as_deref().unwrap_or_default();
    let sha256 = item.sha256.as_ref().map(|h| &h[..]);
    let mut same_as = None;
    if let Some(sha256) = sha256 {
        let mut earlier =
            t.prepare_cached("SELECT id FROM items WHERE source = ?1 AND state = 1 AND sha256 = ?2 AND run <> ?3")?;
        let earlier: Vec<i64> =
            earlier.query_map(params![&source[..], sha256, run], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for old in earlier {
            t.prepare_cached("UPDATE items SET state = 2, superseded_by = ?2 WHERE id = ?1")?
                .execute(params![old, id.0 as i64])?;
            let details = format!("{{\"by\":{id}}}");
            let old = Some(ItemId(old as u64));
            let (time, action) = (item.read_at, Action::Superseded);
            append(t, NewEntry { time, operator, action, item: old, sha256: Some(sha256), details: &details })?;
        }
        same_as = t
            .prepare_cached("SELECT min(id) FROM items WHERE sha256 = ?1 AND state IN (1, 2) AND id <> ?2")?
            .query_row(params![sha256, id.0 as i64], |row| row.get::<_, Option<i64>>(0))?;
    }
    let details = serde_json::json!({
        "kind": item.kind,
        "bytes": item.bytes,
        "tool": item.tool,
        "lexicon": item.lexicon,
        "sightings": pending.n,
        "original_kept": item.original.is_some(),
        "same_original_as": same_as,
    });
    append(
        t,
        NewEntry {
            time: item.read_at,
            operator,
            action: Action::Recorded,
            item: Some(id),
            sha256,
            details: &details.to_string(),
        },
    )
}

/// The host of a URI, in lower case, without user and port; `None` where it has none.
pub fn host(uri: &str) -> Option<String> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit('@').next()?;
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next()?,
        None => authority.split(':').next()?,
    };
    let host = host.trim_end_matches('.').to_lowercase();
    (!host.is_empty()).then_some(host)
}
