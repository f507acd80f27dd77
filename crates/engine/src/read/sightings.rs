//! Where identifiers were published: sightings, recorded documents, and their custody. Needs no chain.
//!
//! What belongs to a person (account, card and telephone numbers, coupon codes, e-mail addresses, names of authors) is masked unless it
//! was asked for, in excerpts too.

use crate::error::EngineError;
use athar_discover::{is_personal, mask, masked_text};
use athar_sightings::{
    CustodyCheck, CustodyEntry, DateSource, Item, ItemId, Known, NEAR_MIN, PICTURE_BITS, Query, Sighting, Sightings,
    Sketch, Unreadable,
};
use athar_types::{Chain, UnixTime};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::Path;

/// Sightings of one document that are listed with it.
const ITEM_SIGHTINGS_LISTED: u32 = 1_000;
/// Documents that one resembles that are listed with it.
const NEAR_LISTED: usize = 50;
/// Entries of the chain of custody that are listed with a document.
const ITEM_CUSTODY_LISTED: u32 = 100;

/// A chain that a sighting could belong to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SightedOnView {
    /// The chain.
    #[schemars(with = "String")]
    pub chain: Chain,
    /// The canonical text there.
    pub value: String,
}

/// The score of the passage that an identifier was seen in.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SolicitationView {
    /// 0 to 100.
    pub score: u8,
    /// Whether it reached the threshold of the lexicons.
    pub solicits: bool,
    /// The reasons, each with its kind, words, entry and points.
    pub reasons: serde_json::Value,
    /// Version of the lexicons.
    pub lexicon: String,
}

/// Where and when an identifier was seen.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SightingView {
    /// Its number in the store.
    pub id: u64,
    /// The document.
    pub item: u64,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// The likeliest chain of an address or transaction id.
    #[schemars(with = "Option<String>")]
    pub chain: Option<Chain>,
    /// Every chain it could belong to, where they are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chains: Vec<SightedOnView>,
    /// The canonical text; empty of a secret.
    pub value: String,
    /// Whether `value` is masked.
    pub masked: bool,
    /// What proves it: `form`, `context`, `checksum`.
    pub proof: String,
    /// How it was written, besides plainly.
    pub manner: Vec<String>,
    /// Byte of the document.
    pub offset: Option<u64>,
    /// Page, from 1.
    pub page: Option<u32>,
    /// What it stood in.
    pub segment: String,
    /// The text around it, without secrets.
    pub excerpt: String,
    /// Language of the passage (ISO 639-1).
    pub language: Option<String>,
    /// How much the passage asks for money for a cause.
    pub solicitation: SolicitationView,
    /// Id of the message in its export.
    pub message: Option<String>,
    /// Who posted it; only where personal identifiers were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Channel of the message or the document.
    pub channel: Option<String>,
    /// Host of the document's URI.
    pub site: Option<String>,
    /// When it was published, as far as is known.
    pub time: String,
    /// What that rests on.
    pub dated: DateSource,
    /// Whether the zone of that time is known; where it is not, the true time is up to 14 hours off.
    pub zone_known: bool,
    /// Id of the message that it answers.
    pub reply_to: Option<String>,
    /// Whom it was forwarded from; only where personal identifiers were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarded_from: Option<String>,
}

impl SightingView {
    fn of(seen: Sighting, unmasked: bool) -> Self {
        let value = match seen.kind.as_str() {
            _ if unmasked => seen.value.clone(),
            // a text, which may hold anything
            "qr" => masked_text(&seen.value),
            kind => mask(kind, &seen.value),
        };
        let masked = !unmasked && (is_personal(&seen.kind) || value != seen.value);
        let chains: Vec<SightedOnView> =
            seen.chains.iter().map(|(chain, value)| SightedOnView { chain: *chain, value: value.clone() }).collect();
        Self {
            id: seen.id,
            item: seen.item.0,
            chain: chains.first().map(|c| c.chain),
            chains: if chains.len() > 1 { chains } else { Vec::new() },
            value,
            masked,
            proof: seen.proof,
            manner: seen.manner,
            offset: seen.offset,
            page: seen.page,
            segment: seen.segment,
            excerpt: if unmasked { seen.excerpt } else { masked_text(&seen.excerpt) },
            language: seen.language,
            solicitation: SolicitationView {
                score: seen.score,
                solicits: seen.solicits,
                reasons: serde_json::from_str(&seen.reasons).unwrap_or_default(),
                lexicon: seen.lexicon,
            },
            message: seen.message,
            author: seen.author.filter(|_| unmasked),
            channel: seen.channel,
            site: seen.site,
            time: time_of(seen.time),
            dated: seen.dated,
            zone_known: seen.zone_known || seen.dated != DateSource::Posted,
            reply_to: seen.reply_to,
            forwarded_from: seen.forwarded_from.filter(|_| unmasked),
            kind: seen.kind,
        }
    }
}

/// A page of sightings.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SightingsView {
    /// In the order in which they were recorded.
    pub sightings: Vec<SightingView>,
    /// Those that cannot be decrypted.
    pub unreadable: Vec<Unreadable>,
    /// Number after which the next page begins; none of the last.
    pub next: Option<u64>,
    /// Snapshot of this answer.
    pub snapshot: String,
}

impl SightingsView {
    /// The answer where nothing was ever recorded.
    pub fn none(query: &Query, unmasked: bool) -> Self {
        let snapshot = snapshot_at("", "sightings", &[&format!("{query:?}"), &unmasked.to_string()]);
        Self { sightings: Vec::new(), unreadable: Vec::new(), next: None, snapshot }
    }
}

/// A recorded document that another resembles.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ResemblesView {
    /// The other document.
    pub item: u64,
    /// `same_original`, `near_duplicate` (of the text), `picture`.
    #[schemars(with = "String")]
    pub how: &'static str,
    /// Estimated share of common text (Jaccard), of a text; common bits of the perceptual hash of 64, of a picture; 1 of the same original.
    pub similarity: f64,
}

/// A recorded document with what was seen in it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ItemView {
    /// The document.
    #[serde(flatten)]
    pub item: Item,
    /// What was seen in it.
    pub sightings: Vec<SightingView>,
    /// Whether there are more sightings than are listed.
    pub sightings_truncated: bool,
    /// Documents with the same original, and those that resemble it: a known document that was found again.
    pub resembles: Vec<ResemblesView>,
    /// What was done with it.
    pub custody: Vec<CustodyEntry>,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// The chain of custody, checked, with a page of its entries.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "SightingsCustodyView")]
pub struct CustodyView {
    /// The check.
    #[serde(flatten)]
    pub check: CustodyCheck,
    /// A page of entries, from the oldest on.
    pub page: Vec<CustodyEntry>,
    /// Whether there are more entries after the page.
    pub truncated: bool,
}

impl CustodyView {
    /// The answer where nothing was ever recorded.
    pub fn none() -> Self {
        let check = CustodyCheck { head: "0".repeat(64), ..CustodyCheck::default() };
        Self { check, page: Vec::new(), truncated: false }
    }
}

/// The store of sightings in `folder`; `None` where nothing was ever recorded.
pub fn open_sightings(folder: &Path) -> Result<Option<Sightings>, EngineError> {
    Ok(if Sightings::exists(folder) { Some(Sightings::open(folder)?) } else { None })
}

/// Sightings that fit a query, with personal values masked unless `unmasked`. `None` where nothing was ever recorded.
pub fn sightings(folder: &Path, query: &Query, unmasked: bool) -> Result<Option<SightingsView>, EngineError> {
    let Some(store) = open_sightings(folder)? else { return Ok(None) };
    let page = store.sightings(query)?;
    Ok(Some(SightingsView {
        sightings: page.sightings.into_iter().map(|seen| SightingView::of(seen, unmasked)).collect(),
        unreadable: page.unreadable,
        next: page.next,
        snapshot: snapshot(&store, "sightings", &[&format!("{query:?}"), &unmasked.to_string()])?,
    }))
}

/// A recorded document; `None` where there is none of that number.
pub fn sighted_item(folder: &Path, id: u64, unmasked: bool) -> Result<Option<ItemView>, EngineError> {
    let Some(store) = open_sightings(folder)? else { return Ok(None) };
    let mut item = match store.item(ItemId(id)) {
        Ok(item) => item,
        Err(athar_sightings::SightingsError::Unknown(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let query = Query { item: Some(item.id), limit: ITEM_SIGHTINGS_LISTED, superseded: true, ..Query::default() };
    let page = store.sightings(&query)?;
    if !unmasked {
        item.title = item.title.map(|title| masked_text(&title));
    }
    Ok(Some(ItemView {
        resembles: resembles(&store, &item)?,
        custody: store.custody(Some(item.id), 0, ITEM_CUSTODY_LISTED)?,
        sightings_truncated: page.next.is_some(),
        sightings: page.sightings.into_iter().map(|seen| SightingView::of(seen, unmasked)).collect(),
        snapshot: snapshot(&store, "item", &[&id.to_string(), &unmasked.to_string()])?,
        item,
    }))
}

/// The chain of custody from entry `after` on.
pub fn custody(folder: &Path, after: u64, limit: u32) -> Result<Option<CustodyView>, EngineError> {
    let Some(store) = open_sightings(folder)? else { return Ok(None) };
    let check = store.verify_custody(None)?;
    let page = store.custody(None, after, limit)?;
    let truncated = page.last().is_some_and(|last| last.seq < check.entries);
    Ok(Some(CustodyView { check, page, truncated }))
}

/// The documents that one equals or resembles.
fn resembles(store: &Sightings, item: &Item) -> Result<Vec<ResemblesView>, EngineError> {
    let same = item.same_original.iter().map(|id| ResemblesView { item: id.0, how: "same_original", similarity: 1.0 });
    let mut all: Vec<ResemblesView> = same.collect();
    let sketch = Sketch::from_bytes(&item.sketch);
    if sketch.is_none() && item.picture_hash.is_none() {
        return Ok(all);
    }
    let known = Known::of(&store.material()?);
    // most of what an item resembles first is itself: one more than is listed is asked for
    let texts = sketch.map_or_else(Vec::new, |sketch| known.texts(&sketch, NEAR_MIN).0);
    let pictures = item.picture_hash.map_or_else(Vec::new, |hash| known.pictures(hash, PICTURE_BITS));
    for (how, found) in [("near_duplicate", texts), ("picture", pictures)] {
        // the item as a whole, not its messages: those are listed as sightings
        let others = found.into_iter().filter(|again| again.unit.message.is_none() && again.unit.item != item.id);
        for again in others.take(NEAR_LISTED) {
            if !all.iter().any(|r| r.item == again.unit.item.0) {
                all.push(ResemblesView { item: again.unit.item.0, how, similarity: again.similarity });
            }
        }
    }
    Ok(all)
}

/// The snapshot of an answer from sightings: BLAKE3 over the program's version, the head of the custody log and the question.
pub(crate) fn snapshot(store: &Sightings, command: &str, question: &[&str]) -> Result<String, EngineError> {
    Ok(snapshot_at(&store.custody_head()?.unwrap_or_default(), command, question))
}

/// The same with the head of the custody log, empty where there is none.
pub(crate) fn snapshot_at(head: &str, command: &str, question: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("athar sightings snapshot version 1");
    for part in [env!("CARGO_PKG_VERSION"), head, command].iter().chain(question) {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// Seconds since 1970 as answers show times; those before it or beyond 2106 as what they are nearest to.
pub(crate) fn time_of(seconds: i64) -> String {
    UnixTime(u32::try_from(seconds.max(0)).unwrap_or(u32::MAX)).to_string()
}
