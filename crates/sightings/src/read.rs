//! Reading: sightings by what was seen, where and when; items; originals.

use crate::custody::{Action, NewEntry, append, check_words};
use crate::error::Done;
use crate::field::Field;
use crate::sealed::{SealedItem, SealedSighting};
use crate::store::{DONE, DYING, SUPERSEDED};
use crate::{
    DateSource, Item, ItemId, MATERIAL_MAX, Material, PAGE_MAX, Page, Query, SAME_MAX, Sighting, Sightings,
    SightingsError, Unreadable,
};
use athar_types::{Chain, UnixTime};
use athar_vault::{Key, KeysInOrder};
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, Transaction, params, params_from_iter};
use std::collections::BTreeMap;

const SIGHTING: &str =
    "s.id, s.item, s.n, s.kind, s.chains, s.value, s.site, s.time, s.score, s.solicits, s.sealed, s.sketch, i.captured";
const ITEM: &str =
    "id, state, kind, site, read_at, sha256, bytes, tool, lexicon, sealed, sketch, originals, superseded_by";

impl Sightings {
    /// A page of the sightings that are asked for. One that cannot be decrypted is named, and the others are given.
    pub fn sightings(&self, query: &Query) -> Result<Page, SightingsError> {
        let limit = if query.limit == 0 { PAGE_MAX } else { query.limit.min(PAGE_MAX) } as usize;
        self.db.read(|t| {
            let mut found: BTreeMap<i64, RawSighting> = BTreeMap::new();
            match &query.value {
                None => self.branch(t, query, "", None, limit + 1, &mut found)?,
                Some(value) => {
                    let mark = Value::Blob(self.value_mark(value).to_vec());
                    let text = Value::Text(value.clone());
                    for (holds, value) in [
                        ("s.value = ? AND ", text.clone()),
                        ("s.id IN (SELECT sighting FROM aliases WHERE value = ?) AND ", text),
                        ("s.mark = ? AND ", mark),
                    ] {
                        self.branch(t, query, holds, Some(value), limit + 1, &mut found)?;
                    }
                }
            }
            let more = found.len() > limit;
            let mut page = Page::default();
            let mut key: Option<(ItemId, Option<Key>)> = None;
            for raw in found.into_values().take(limit) {
                page.next = more.then_some(raw.id as u64);
                if key.as_ref().is_none_or(|(item, _)| *item != raw.item) {
                    key = Some((raw.item, self.keys.get(raw.item.0)?));
                }
                let (id, item) = (raw.id as u64, raw.item);
                match raw.open(key.as_ref().and_then(|(_, key)| key.as_ref())) {
                    Ok(sighting) => page.sightings.push(sighting),
                    Err(_) if self.is_gone(item)? => {}
                    Err(what) => page.unreadable.push(Unreadable { item, sighting: Some(id), what }),
                }
            }
            Ok(page)
        })
    }

    fn branch(
        &self,
        t: &Transaction<'_>,
        query: &Query,
        holds: &str,
        value: Option<Value>,
        limit: usize,
        found: &mut BTreeMap<i64, RawSighting>,
    ) -> Done<()> {
        let mut sql = format!("SELECT {SIGHTING} FROM sightings s JOIN items i ON i.id = s.item WHERE {holds}s.id > ?");
        let mut bound: Vec<Value> = value.into_iter().collect();
        bound.push(Value::Integer(query.after as i64));
        let mut add = |words: &str, value: Value| {
            sql.push_str(words);
            bound.push(value);
        };
        if let Some(kind) = &query.kind {
            add(" AND s.kind = ?", Value::Text(kind.clone()));
        }
        if let Some(chain) = query.chain {
            add(" AND instr(s.chains, ?) > 0", Value::Text(format!(",{},", chain.name())));
        }
        if let Some(file) = &query.file {
            let mark = self.marks.mark("file", file);
            add(" AND s.item IN (SELECT id FROM items WHERE file = ?)", Value::Blob(mark.to_vec()));
        }
        if let Some(site) = &query.site {
            add(" AND s.site = ?", Value::Text(site.trim().to_lowercase()));
        }
        if let Some(channel) = &query.channel {
            add(" AND s.channel = ?", Value::Blob(self.channel_mark(channel).to_vec()));
        }
        if let Some(item) = query.item {
            add(" AND s.item = ?", Value::Integer(item.0 as i64));
        }
        if let Some(from) = query.from {
            add(" AND s.time >= ?", Value::Integer(from));
        }
        if let Some(to) = query.to {
            add(" AND s.time < ?", Value::Integer(to));
        }
        if query.score_min > 0 {
            add(" AND s.score >= ?", Value::Integer(query.score_min.into()));
        }
        if let Some(solicits) = query.solicits {
            add(" AND s.solicits = ?", Value::Integer(solicits.into()));
        }
        add(" AND i.state BETWEEN 1 AND ?", Value::Integer(if query.superseded { SUPERSEDED } else { DONE }));
        add(" ORDER BY s.id LIMIT ?", Value::Integer(limit as i64));
        let mut query = t.prepare_cached(&sql)?;
        let mut rows = query.query(params_from_iter(bound))?;
        while let Some(row) = rows.next()? {
            let raw = RawSighting::of(row)?;
            found.insert(raw.id, raw);
        }
        Ok(())
    }

    /// An item, with the items that have the same original.
    pub fn item(&self, item: ItemId) -> Result<Item, SightingsError> {
        self.db.read(|t| {
            let raw = t
                .prepare_cached(&format!("SELECT {ITEM} FROM items WHERE id = ?1"))?
                .query_row([item.0 as i64], RawItem::of)
                .optional()?;
            let raw =
                raw.filter(|raw| raw.state == DONE || raw.state == SUPERSEDED).ok_or(SightingsError::Unknown(item))?;
            let key = self.keys.get(item.0)?;
            let mut found = match raw.open(key.as_ref()) {
                Ok(found) => found,
                Err(_) if self.is_gone(item)? => return Err(SightingsError::Unknown(item).into()),
                Err(what) => return Err(self.item_error(item, Field::Item, &what).into()),
            };
            if let Some(sha256) = &found.sha256 {
                found.same_original = same(t, sha256, Some(item))?;
            }
            Ok(found)
        })
    }

    /// Finished items with this original, the earliest first; at most [`SAME_MAX`].
    pub fn items_of_original(&self, sha256: &[u8; 32]) -> Result<Vec<ItemId>, SightingsError> {
        self.db.read(|t| same(t, sha256, None))
    }

    /// The kept copy of an item's original; `None` where none is kept. That it was shown is written into the custody log first.
    ///
    /// `time` is now, in seconds since 1970.
    pub fn original(&self, item: ItemId, time: i64, operator: &str) -> Result<Option<Vec<u8>>, SightingsError> {
        check_words(operator, "")?;
        let key = self.keys.get(item.0)?;
        self.db.write(|t| {
            let found: Option<(i64, Option<Vec<u8>>)> = t
                .prepare_cached("SELECT state, sha256 FROM items WHERE id = ?1")?
                .query_row([item.0 as i64], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let Some((DONE | SUPERSEDED, sha256)) = found else { return Err(SightingsError::Unknown(item).into()) };
            let sealed: Option<Vec<u8>> = t
                .prepare_cached("SELECT sealed FROM originals WHERE item = ?1")?
                .query_row([item.0 as i64], |row| row.get(0))
                .optional()?;
            let Some(sealed) = sealed else { return Ok(None) };
            let key = key.ok_or_else(|| self.item_error(item, Field::Original, NO_KEY))?;
            let original = key
                .open(&Field::Original.place(item), &sealed)
                .ok_or_else(|| self.item_error(item, Field::Original, CHANGED))?;
            let action = Action::OriginalShown;
            append(t, NewEntry { time, operator, action, item: Some(item), sha256: sha256.as_deref(), details: "" })?;
            Ok(Some(original))
        })
    }

    /// Whether an item was deleted since this read began: then that its key is gone is no damage.
    fn is_gone(&self, item: ItemId) -> Result<bool, SightingsError> {
        self.db.read(|t| {
            let mut query = t.prepare_cached("SELECT 1 FROM items WHERE id = ?1 AND state IN (1, 2)")?;
            Ok(!query.exists([item.0 as i64])?)
        })
    }

    /// Every finished item and sighting, for [`crate::campaigns`]; up to [`MATERIAL_MAX`] sightings. What campaigns do not need is left empty, so
    /// that more of them fit: excerpts, reasons, authors, and the sketch of a message in all of its sightings but the first.
    pub fn material(&self) -> Result<Material, SightingsError> {
        self.db.read(|t| {
            let mut out = Material::default();
            let mut keys = KeysInOrder::new(&self.keys);
            let mut items = t.prepare(&format!("SELECT {ITEM} FROM items WHERE state = {DONE} ORDER BY id"))?;
            let mut items = items.query([])?;
            while let Some(row) = items.next()? {
                let raw = RawItem::of(row)?;
                let item = raw.id;
                match raw.open(keys.get(item.0)?) {
                    Ok(found) => out.items.push(found),
                    Err(_) if self.is_gone(item)? => {}
                    Err(what) => {
                        let what = format!("{}: {what}", Field::Item.words());
                        out.unreadable.push(Unreadable { item, sighting: None, what });
                    }
                }
            }
            let mut keys = KeysInOrder::new(&self.keys);
            let mut seen = t.prepare(&format!(
                "SELECT {SIGHTING} FROM items i JOIN sightings s ON s.item = i.id WHERE i.state = {DONE} ORDER BY i.id, s.n"
            ))?;
            let mut seen = seen.query([])?;
            while let Some(row) = seen.next()? {
                if out.sightings.len() as u64 >= MATERIAL_MAX {
                    out.cut = true;
                    break;
                }
                let raw = RawSighting::of(row)?;
                let (item, id) = (raw.item, raw.id as u64);
                match raw.open(keys.get(item.0)?) {
                    Ok(found) => {
                        let again = out.sightings.last().is_some_and(|last| {
                            (last.item, &last.channel, &last.message) == (found.item, &found.channel, &found.message)
                        });
                        let sketch = if again { Vec::new() } else { found.sketch };
                        out.sightings.push(Sighting {
                            sketch,
                            excerpt: String::new(),
                            reasons: String::new(),
                            author: None,
                            reply_to: None,
                            ..found
                        });
                    }
                    Err(_) if self.is_gone(item)? => {}
                    Err(what) => out.unreadable.push(Unreadable { item, sighting: Some(id), what }),
                }
            }
            Ok(out)
        })
    }
}

/// The sum of the points of the reasons that say that a text reports. Reasons that cannot be read say nothing.
fn opposing(reasons: &str) -> i64 {
    #[derive(serde::Deserialize)]
    struct Reason<'r> {
        kind: &'r str,
        points: i64,
    }
    if reasons.is_empty() {
        return 0;
    }
    let reasons: Vec<Reason<'_>> = serde_json::from_str(reasons).unwrap_or_default();
    let reports = |kind: &str| ["news", "court", "research", "warning", "quotation"].contains(&kind);
    reasons.iter().filter(|r| r.points < 0 && reports(r.kind)).fold(0, |sum, r| sum.saturating_add(r.points))
}

const NO_KEY: &str = "its key is not in the database of keys";
const CHANGED: &str = "it cannot be decrypted: a byte of it or of its key was changed";

fn same(t: &Transaction<'_>, sha256: &[u8; 32], but: Option<ItemId>) -> Done<Vec<ItemId>> {
    let mut query = t.prepare_cached(
        "SELECT id FROM items WHERE sha256 = ?1 AND state IN (1, 2) AND id <> ?2 ORDER BY id LIMIT ?3",
    )?;
    let but = but.map_or(-1, |item| item.0 as i64);
    let rows = query.query_map(params![&sha256[..], but, SAME_MAX as i64], |row| row.get::<_, i64>(0))?;
    Ok(rows.map(|id| id.map(|id| ItemId(id as u64))).collect::<Result<_, _>>()?)
}

struct RawSighting {
    id: i64,
    item: ItemId,
    n: u32,
    kind: String,
    chains: String,
    value: Option<String>,
    site: Option<String>,
    time: i64,
    score: u8,
    solicits: bool,
    sealed: Vec<u8>,
    sketch: Option<Vec<u8>>,
    captured: bool,
}

impl RawSighting {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            item: ItemId(row.get::<_, i64>(1)? as u64),
            n: row.get(2)?,
            kind: row.get(3)?,
            chains: row.get(4)?,
            value: row.get(5)?,
            site: row.get(6)?,
            time: row.get(7)?,
            score: row.get(8)?,
            solicits: row.get(9)?,
            sealed: row.get(10)?,
            sketch: row.get(11)?,
            captured: row.get(12)?,
        })
    }

    /// Decrypts it, or says why not.
    fn open(self, key: Option<&Key>) -> Result<Sighting, String> {
        let key = key.ok_or(NO_KEY)?;
        let field = Field::Sighting(self.n);
        let plain =
            key.open(&field.place(self.item), &self.sealed).ok_or_else(|| format!("{}: {CHANGED}", field.words()))?;
        let words: SealedSighting = serde_json::from_slice(&plain).map_err(|e| format!("{}: {e}", field.words()))?;
        let field = Field::SightingSketch(self.n);
        let sketch = match &self.sketch {
            None => Vec::new(),
            Some(sealed) => {
                key.open(&field.place(self.item), sealed).ok_or_else(|| format!("{}: {CHANGED}", field.words()))?
            }
        };
        let value = self.value.or(words.value).unwrap_or_default();
        let names = self.chains.split(',').filter(|name| !name.is_empty());
        let chains = names
            .enumerate()
            .filter_map(|(n, name)| {
                let text = words.texts.iter().find(|(at, _)| *at == n).map_or(&value, |(_, text)| text);
                Some((Chain::from_name(name)?, text.clone()))
            })
            .collect();
        let dated = match (words.posted, self.captured) {
            (Some(_), _) => DateSource::Posted,
            (None, true) => DateSource::Captured,
            (None, false) => DateSource::Read,
        };
        Ok(Sighting {
            id: self.id as u64,
            item: self.item,
            n: self.n,
            kind: self.kind,
            chains,
            value,
            proof: words.proof,
            manner: words.manner,
            offset: words.offset,
            page: words.page,
            segment: words.segment,
            excerpt: words.excerpt,
            language: words.language,
            score: self.score,
            solicits: self.solicits,
            against: opposing(&words.reasons),
            reasons: words.reasons,
            lexicon: words.lexicon,
            message: words.message,
            author: words.author,
            channel: words.channel,
            posted: words.posted.map(UnixTime),
            zone_known: words.zone_known,
            reply_to: words.reply_to,
            forwarded_from: words.forwarded_from,
            site: self.site,
            time: self.time,
            dated,
            sketch,
        })
    }
}

struct RawItem {
    id: ItemId,
    state: i64,
    kind: String,
    site: Option<String>,
    read_at: i64,
    sha256: Option<Vec<u8>>,
    bytes: i64,
    tool: String,
    lexicon: String,
    sealed: Vec<u8>,
    sketch: Option<Vec<u8>>,
    original_kept: bool,
    superseded_by: Option<i64>,
}

impl RawItem {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: ItemId(row.get::<_, i64>(0)? as u64),
            state: row.get(1)?,
            kind: row.get(2)?,
            site: row.get(3)?,
            read_at: row.get(4)?,
            sha256: row.get(5)?,
            bytes: row.get(6)?,
            tool: row.get(7)?,
            lexicon: row.get(8)?,
            sealed: row.get(9)?,
            sketch: row.get(10)?,
            original_kept: row.get(11)?,
            superseded_by: row.get(12)?,
        })
    }

    fn open(self, key: Option<&Key>) -> Result<Item, String> {
        debug_assert!(self.state != DYING);
        let key = key.ok_or(NO_KEY)?;
        let plain = key.open(&Field::Item.place(self.id), &self.sealed).ok_or(CHANGED)?;
        let words: SealedItem = serde_json::from_slice(&plain).map_err(|e| e.to_string())?;
        let sketch = match &self.sketch {
            None => Vec::new(),
            Some(sealed) => key.open(&Field::ItemSketch.place(self.id), sealed).ok_or(CHANGED)?,
        };
        Ok(Item {
            id: self.id,
            kind: self.kind,
            file: words.file,
            member: words.member,
            uri: words.uri,
            site: self.site,
            channel: words.channel,
            title: words.title,
            captured: words.captured.map(UnixTime),
            read_at: self.read_at,
            sha256: self.sha256.and_then(|hash| hash.try_into().ok()),
            bytes: self.bytes as u64,
            picture_hash: words.picture_hash,
            tool: self.tool,
            lexicon: self.lexicon,
            operator: words.operator,
            original_kept: self.original_kept,
            superseded_by: self.superseded_by.map(|id| ItemId(id as u64)),
            same_original: Vec::new(),
            sketch,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::opposing;

    #[test]
    fn only_reasons_that_say_a_text_reports_count_against_it() {
        let reasons = r#"[{"kind":"news","points":-20,"words":"x","entry":"e"},{"kind":"commerce","points":-30},
            {"kind":"court","points":-5},{"kind":"donation","points":40}]"#;
        assert_eq!(opposing(reasons), -25);
        assert_eq!((opposing(""), opposing("not JSON"), opposing("[]")), (0, 0, 0));
    }
}
