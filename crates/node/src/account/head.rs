//! What a node says of a block's place in its chain.

use super::hex;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A block's place in the chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    /// Its number.
    pub number: u64,
    /// Its hash, as shown.
    pub hash: [u8; 32],
    /// The hash of the block before it.
    pub parent: [u8; 32],
    /// When it was made, in seconds since 1970.
    pub time: u64,
}

/// The head's fields. Texts of hexadecimal digits have no escapes, so they are borrowed.
#[derive(Deserialize)]
struct HeadJson<'a> {
    number: &'a str,
    hash: &'a str,
    #[serde(rename = "parentHash")]
    parent: &'a str,
    timestamp: &'a str,
}

/// Reads the head of a block; `None` where the answer is `null`.
pub(crate) fn head(raw: &RawValue) -> Result<Option<Head>, String> {
    let json: Option<HeadJson<'_>> = serde_json::from_str(raw.get()).map_err(|error| error.to_string())?;
    let Some(json) = json else { return Ok(None) };
    let wrong = |field: &str| format!("its {field} cannot be read");
    Ok(Some(Head {
        number: hex::quantity(json.number).ok_or_else(|| wrong("number"))?,
        hash: hex::fixed(json.hash).ok_or_else(|| wrong("hash"))?,
        parent: hex::fixed(json.parent).ok_or_else(|| wrong("parentHash"))?,
        time: hex::quantity(json.timestamp).ok_or_else(|| wrong("timestamp"))?,
    }))
}

/// Reads a quantity that is the whole answer.
pub(crate) fn number(raw: &RawValue) -> Option<u64> {
    hex::quantity(serde_json::from_str::<&str>(raw.get()).ok()?)
}
