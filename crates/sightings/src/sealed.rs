//! What is encrypted of an item and of a sighting, as it is written: JSON, so that a later version can read an earlier one.

use crate::{NewItem, NewSighting};
use serde::{Deserialize, Serialize};

/// An item's own words.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SealedItem {
    pub(crate) file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) member: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) channel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) operator: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) captured: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) picture_hash: Option<u64>,
}

impl SealedItem {
    pub(crate) fn of(item: &NewItem) -> Self {
        Self {
            file: item.file.clone(),
            member: item.member.clone(),
            uri: item.uri.clone(),
            channel: item.channel.clone(),
            title: item.title.clone(),
            operator: item.operator.clone(),
            captured: item.captured.map(|t| t.0),
            picture_hash: item.picture_hash,
        }
    }
}

/// A sighting's words, and what need not be searched for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SealedSighting {
    /// The value, of what is personal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<String>,
    /// The canonical text of each chain, where it is not the value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) texts: Vec<(usize, String)>,
    pub(crate) proof: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) manner: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) page: Option<u32>,
    pub(crate) segment: String,
    pub(crate) excerpt: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) reasons: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) lexicon: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) author: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) channel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) posted: Option<u32>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) zone_known: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) forwarded_from: Option<String>,
}

/// Kinds whose value stands in the clear: what is on a public chain, and hosts. Every other kind is personal.
const PUBLIC: [&str; 4] = ["address", "txid", "lightning_invoice", "site"];
/// Kinds whose value is never kept, whatever the caller gives.
const SECRET: [&str; 2] = ["private_key", "seed_phrase"];

/// Whether a value of this kind says something of a person, so that it is encrypted.
pub fn is_personal(kind: &str) -> bool {
    !PUBLIC.contains(&kind)
}

/// Whether a value of this kind is shown only where it is asked for. Handles are personal and encrypted, and shown: they are what a channel is
/// found by.
pub fn is_masked(kind: &str) -> bool {
    is_personal(kind) && kind != "handle"
}

/// Whether a find of this kind is told as present only.
pub fn is_secret(kind: &str) -> bool {
    SECRET.contains(&kind)
}

impl SealedSighting {
    pub(crate) fn of(seen: &NewSighting) -> Self {
        let secret = is_secret(&seen.kind);
        let value = (is_personal(&seen.kind) && !secret).then(|| seen.value.clone());
        let texts = seen.chains.iter().enumerate().filter(|(_, (_, text))| *text != seen.value && !secret);
        Self {
            value,
            texts: texts.map(|(n, (_, text))| (n, text.clone())).collect(),
            proof: seen.proof.clone(),
            manner: seen.manner.clone(),
            offset: seen.offset,
            page: seen.page,
            segment: seen.segment.clone(),
            excerpt: seen.excerpt.clone(),
            language: seen.language.clone(),
            reasons: seen.reasons.clone(),
            lexicon: seen.lexicon.clone(),
            message: seen.message.clone(),
            author: seen.author.clone(),
            channel: seen.channel.clone(),
            posted: seen.posted.map(|t| t.0),
            zone_known: seen.zone_known,
            reply_to: seen.reply_to.clone(),
            forwarded_from: seen.forwarded_from.clone(),
        }
    }
}
