//! A find with its place and its passage: one line of `athar discover --json`.

use athar_documents::{SegmentKind, TroubleKind};
use athar_extract::{Candidate, Kind, Manner, Proof};
use athar_solicitation::Reason;
use schemars::JsonSchema;
use serde::Serialize;

/// A find: what stood where, in which passage.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[schemars(rename = "DocumentFind")]
pub struct Found {
    /// What it is: `address`, `txid`, `iban`, `qr`, and the others of the reference.
    #[serde(rename = "type")]
    #[schemars(with = "String")]
    pub kind: FoundKind,
    /// The likeliest chain of an address or transaction id.
    #[schemars(with = "Option<String>")]
    pub chain: Option<athar_types::Chain>,
    /// The canonical text; masked where it belongs to a person and nothing else was asked; empty of a secret.
    pub value: String,
    /// Whether its checksum was verified, or, of a kind that has none, its form and the words around it fit.
    pub valid: bool,
    /// What proves it.
    #[schemars(with = "String")]
    pub proof: Proof,
    /// Every chain it could belong to, where they are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<CandidateShape>")]
    pub chains: Vec<Candidate>,
    /// How it was written, besides plainly.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub manner: Vec<Manner>,
    /// The file, as it was named.
    pub file: String,
    /// Where in the file, from outside to inside.
    pub member: Option<String>,
    /// Byte of the document (of the member, where there is one) that it begins at.
    pub offset: Option<u64>,
    /// Page, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// What it stood in.
    #[schemars(with = "String")]
    pub segment: SegmentKind,
    /// Language of the passage (ISO 639-1).
    pub segment_language: Option<&'static str>,
    /// How much the passage asks for money for a cause.
    pub solicitation: Solicited,
    /// Whether `value` is masked.
    pub masked: bool,
    /// The text around it, without secrets; only where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
    /// Where the document was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// When the document was captured, where it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub captured: Option<String>,
    /// The message that it stands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub posted: Option<Posted>,
}

#[derive(JsonSchema)]
#[allow(dead_code)] // the JSON shape of a candidate, whose crate knows no schemas
struct CandidateShape {
    /// The chain.
    chain: String,
    /// The canonical text there.
    value: String,
    /// What proves it.
    proof: String,
}

/// What a find is: a kind of identifier, or what a QR code says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(untagged)]
pub enum FoundKind {
    /// An identifier.
    Identifier(Kind),
    /// The whole of what a QR code says; what is found in it is told besides.
    Qr(QrWord),
}

/// `qr`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub enum QrWord {
    /// The one word.
    #[serde(rename = "qr")]
    Qr,
}

impl FoundKind {
    /// What a QR code says.
    pub const QR: Self = Self::Qr(QrWord::Qr);

    /// As in answers.
    pub fn name(self) -> String {
        word(&self)
    }
}

/// A value that is one word in JSON.
pub(crate) fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The score of a passage.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, JsonSchema)]
pub struct Solicited {
    /// 0 to 100.
    pub score: u8,
    /// Whether it reaches the threshold of the lexicons.
    pub solicits: bool,
    /// Every reason, the heaviest first.
    #[schemars(with = "Vec<ReasonShape>")]
    pub reasons: Vec<Reason>,
}

#[derive(JsonSchema)]
#[allow(dead_code)] // the JSON shape of a reason, whose crate knows no schemas
struct ReasonShape {
    /// What it is about.
    kind: String,
    /// The words that hit.
    words: String,
    /// The entry of the lexicon or list.
    entry: String,
    /// Points; negative where it speaks against.
    points: i32,
}

/// The message that a find stands in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Posted {
    /// The export's own id.
    pub id: Option<String>,
    /// The channel, group or chat.
    pub channel: Option<String>,
    /// Who posted it; only where personal identifiers were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// When.
    pub at: Option<String>,
    /// Whether the zone of `at` is known; where it is not, the true time is up to 14 hours off.
    pub zone_known: bool,
    /// The message that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// Whom it was forwarded from; only where personal identifiers were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarded_from: Option<String>,
}

/// Something that was not read, with its place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[schemars(rename = "DocumentProblem")]
pub struct Problem {
    /// Why.
    #[schemars(with = "String")]
    pub kind: TroubleKind,
    /// The file.
    pub file: String,
    /// Where in it.
    pub member: Option<String>,
    /// Byte of the document.
    pub offset: Option<u64>,
    /// What, in words.
    pub words: String,
}
