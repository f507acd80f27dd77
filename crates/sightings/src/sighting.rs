//! What is recorded: an item (a document that was read) and what was seen in it.

use athar_types::{Chain, UnixTime};
use serde::{Deserialize, Serialize};

/// How much of a document is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// The hash of the original, and an excerpt around each find with secrets redacted.
    #[default]
    Excerpt,
    /// The same and a whole copy of the original, secrets redacted in it. The hash is that of the untouched original.
    Original,
}

/// A document that was read, to be recorded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewItem {
    /// What it was read as (`html`, `warc`, …).
    pub kind: String,
    /// The file, as it was named.
    pub file: String,
    /// Where in the file.
    pub member: Option<String>,
    /// Where it was published.
    pub uri: Option<String>,
    /// The channel, group or chat that it is an export of.
    pub channel: Option<String>,
    /// The title or subject.
    pub title: Option<String>,
    /// When it was captured, where the file says so.
    pub captured: Option<UnixTime>,
    /// When it was read, in seconds since 1970.
    pub read_at: i64,
    /// SHA-256 of the untouched original.
    pub sha256: Option<[u8; 32]>,
    /// Its length.
    pub bytes: u64,
    /// The perceptual hash, of a picture.
    pub picture_hash: Option<u64>,
    /// A sketch of the text for finding near-duplicates; empty where there is too little text.
    pub sketch: Vec<u8>,
    /// Program and version that read it.
    pub tool: String,
    /// Version of the lexicons that its text was scored with.
    pub lexicon: String,
    /// Who ran it, as they named themselves.
    pub operator: Option<String>,
    /// A copy with secrets redacted, where [`Keep::Original`] was asked.
    pub original: Option<Vec<u8>>,
}

/// What is known of a document only when it ends. What is `None` or empty leaves what the item began with.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ItemEnd {
    /// SHA-256 of the untouched original.
    pub sha256: Option<[u8; 32]>,
    /// Its length.
    pub bytes: Option<u64>,
    /// The title or subject.
    pub title: Option<String>,
    /// The perceptual hash, of a picture.
    pub picture_hash: Option<u64>,
    /// A sketch of the text.
    pub sketch: Vec<u8>,
    /// A copy with secrets redacted.
    pub original: Option<Vec<u8>>,
}

/// Something seen in an item, to be recorded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewSighting {
    /// What it is (`address`, `txid`, `iban`, …).
    pub kind: String,
    /// The likeliest chain first, each with the canonical text there; empty of what is no address or transaction id.
    pub chains: Vec<(Chain, String)>,
    /// The normal text; empty of a secret.
    pub value: String,
    /// What proves it (`form`, `context`, `checksum`).
    pub proof: String,
    /// How it was written, besides plainly.
    pub manner: Vec<String>,
    /// Byte of the document.
    pub offset: Option<u64>,
    /// Page, from 1.
    pub page: Option<u32>,
    /// What it stood in (`text`, `message`, `qr`, …).
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
    /// Version of the lexicons.
    pub lexicon: String,
    /// Id of the message in its export.
    pub message: Option<String>,
    /// Who posted it.
    pub author: Option<String>,
    /// Channel of the message.
    pub channel: Option<String>,
    /// When it was posted.
    pub posted: Option<UnixTime>,
    /// Whether the zone of that time is known.
    pub zone_known: bool,
    /// Id of the message that it answers.
    pub reply_to: Option<String>,
    /// Whom it was forwarded from.
    pub forwarded_from: Option<String>,
    /// A sketch of the message that it stood in; empty where the item is no chat, or the message has too little text.
    pub sketch: Vec<u8>,
}
