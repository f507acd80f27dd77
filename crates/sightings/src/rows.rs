//! What is asked of the store, and what it answers.

use crate::ItemId;
use athar_types::{Chain, UnixTime};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

/// Sightings of one page.
pub const PAGE_MAX: u32 = 1_000;
/// Items that are named as having the same original.
pub const SAME_MAX: usize = 100;
/// Sightings that campaigns are made of at once: about 1.6 GB.
pub const MATERIAL_MAX: u64 = 3_000_000;
/// What is asked for; everything that is set must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Query {
    /// The value, as its normal text; of an address, that of any of its candidate chains.
    pub value: Option<String>,
    /// The kind (`address`, `iban`, …).
    pub kind: Option<String>,
    /// One of the candidate chains.
    pub chain: Option<Chain>,
    /// The file, as it was named.
    pub file: Option<String>,
    /// The host of the item's URI.
    pub site: Option<String>,
    /// The channel of the message or the item; case and outer blanks do not count.
    pub channel: Option<String>,
    /// The item.
    pub item: Option<ItemId>,
    /// Not before (posted, else captured, else read), in seconds since 1970.
    pub from: Option<i64>,
    /// Before.
    pub to: Option<i64>,
    /// At least this score.
    pub score_min: u8,
    /// Only what solicits, or only what does not.
    pub solicits: Option<bool>,
    /// Readings too that a newer one took the place of.
    pub superseded: bool,
    /// After the sighting of this number.
    pub after: u64,
    /// At most so many; [`PAGE_MAX`] at most and where it is 0.
    pub limit: u32,
}

/// Which time a date is.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, serde::Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DateSource {
    /// When the message was posted, as its export says.
    Posted,
    /// When the page was captured, as its archive says: it was published then or before.
    Captured,
    /// When it was read by this program: it was published before.
    #[default]
    Read,
}

/// A page of sightings.
#[derive(Clone, PartialEq, Debug, Default, Serialize, JsonSchema)]
pub struct Page {
    /// In the order of their numbers.
    pub sightings: Vec<Sighting>,
    /// Sightings that cannot be decrypted.
    pub unreadable: Vec<Unreadable>,
    /// What goes into [`Query::after`] for the next page; `None` of the last.
    pub next: Option<u64>,
}

/// What cannot be decrypted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Unreadable {
    /// The item.
    pub item: ItemId,
    /// The sighting; `None` of the item's own record.
    pub sighting: Option<u64>,
    /// Which part, and why.
    pub what: String,
}

/// A sighting, decrypted. Personal values are not masked.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, JsonSchema)]
pub struct Sighting {
    /// Its number in the store.
    pub id: u64,
    /// The item.
    pub item: ItemId,
    /// Its number in the item, from 0.
    pub n: u32,
    /// What it is.
    pub kind: String,
    /// The likeliest chain first, each with the canonical text there.
    #[schemars(with = "Vec<(String, String)>")]
    pub chains: Vec<(Chain, String)>,
    /// The normal text; empty of a secret.
    pub value: String,
    /// What proves it.
    pub proof: String,
    /// How it was written, besides plainly.
    pub manner: Vec<String>,
    /// Byte of the document.
    pub offset: Option<u64>,
    /// Page, from 1.
    pub page: Option<u32>,
    /// What it stood in.
    pub segment: String,
    /// The text around it, secrets redacted.
    pub excerpt: String,
    /// Language of the segment (ISO 639-1).
    pub language: Option<String>,
    /// 0 to 100.
    pub score: u8,
    /// Whether the score reaches the threshold.
    pub solicits: bool,
    /// The reasons, as JSON.
    pub reasons: String,
    /// The sum of the points of the reasons that say that the text reports (news, court, research, warning, quotation); 0 or less.
    pub against: i64,
    /// Version of the lexicons.
    pub lexicon: String,
    /// Id of the message in its export.
    pub message: Option<String>,
    /// Who posted it.
    pub author: Option<String>,
    /// Channel of the message.
    pub channel: Option<String>,
    /// When it was posted, in seconds since 1970.
    #[schemars(with = "Option<u32>")]
    pub posted: Option<UnixTime>,
    /// Whether the zone of that time is known.
    pub zone_known: bool,
    /// Id of the message that it answers.
    pub reply_to: Option<String>,
    /// Whom it was forwarded from.
    pub forwarded_from: Option<String>,
    /// Host of the item's URI.
    pub site: Option<String>,
    /// Posted, else captured, else read: seconds since 1970.
    pub time: i64,
    /// Which of these.
    pub dated: DateSource,
    /// The sketch of the message.
    #[serde(skip)]
    pub sketch: Vec<u8>,
}

/// An item, decrypted.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, JsonSchema)]
pub struct Item {
    /// Its number.
    pub id: ItemId,
    /// What it was read as.
    pub kind: String,
    /// The file, as it was named.
    pub file: String,
    /// Where in the file.
    pub member: Option<String>,
    /// Where it was published.
    pub uri: Option<String>,
    /// The host of that.
    pub site: Option<String>,
    /// The channel that it is an export of.
    pub channel: Option<String>,
    /// The title or subject.
    pub title: Option<String>,
    /// When it was captured, in seconds since 1970.
    #[schemars(with = "Option<u32>")]
    pub captured: Option<UnixTime>,
    /// When it was read, in seconds since 1970.
    pub read_at: i64,
    /// SHA-256 of the untouched original, in hexadecimal.
    #[serde(serialize_with = "as_hex")]
    #[schemars(with = "Option<String>")]
    pub sha256: Option<[u8; 32]>,
    /// Its length.
    pub bytes: u64,
    /// The perceptual hash, of a picture, in hexadecimal.
    #[serde(serialize_with = "as_hex_number")]
    #[schemars(with = "Option<String>")]
    pub picture_hash: Option<u64>,
    /// Program and version that read it.
    pub tool: String,
    /// Version of the lexicons.
    pub lexicon: String,
    /// Who ran it, as they named themselves.
    pub operator: Option<String>,
    /// Whether a copy of the original is kept.
    pub original_kept: bool,
    /// The newer reading that took its place.
    pub superseded_by: Option<ItemId>,
    /// Other items with the same original, the earliest first; at most [`SAME_MAX`]. Empty where it was not asked.
    pub same_original: Vec<ItemId>,
    /// The sketch of its text.
    #[serde(skip)]
    pub sketch: Vec<u8>,
}

#[allow(clippy::ref_option)] // the shape that serde asks for
fn as_hex<S: Serializer>(hash: &Option<[u8; 32]>, s: S) -> Result<S::Ok, S::Error> {
    hash.map(hex::encode).serialize(s)
}

#[allow(clippy::ref_option)] // the same
fn as_hex_number<S: Serializer>(hash: &Option<u64>, s: S) -> Result<S::Ok, S::Error> {
    hash.map(|h| format!("{h:016x}")).serialize(s)
}

/// What campaigns are made of.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Material {
    /// Finished items, superseded ones left out.
    pub items: Vec<Item>,
    /// Their sightings.
    pub sightings: Vec<Sighting>,
    /// What could not be decrypted.
    pub unreadable: Vec<Unreadable>,
    /// Whether [`MATERIAL_MAX`] was reached: the sightings are those of the items recorded first.
    pub cut: bool,
}
