//! Calls and answers of JSON-RPC 2.0.

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

/// A call.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method.
    pub method: &'static str,
    /// Its parameters, an array.
    pub params: Value,
}

impl Call {
    /// A call of `method`.
    pub fn new(method: &'static str, params: Value) -> Self {
        Self { method, params }
    }

    pub(super) fn body(&self, id: u64) -> Value {
        json!({"jsonrpc": "2.0", "id": id, "method": self.method, "params": self.params})
    }
}

/// The node's own error to one call.
#[derive(Clone, Debug, Deserialize)]
pub struct CallError {
    /// Its code.
    #[serde(default)]
    pub code: i64,
    /// Its words, as they came.
    #[serde(default)]
    pub message: String,
}

impl CallError {
    /// Whether the node does not have the method, or does not offer it here. There is a code for it (-32601), but hosts
    /// use others and say it in words.
    pub fn is_unknown_method(&self) -> bool {
        let text = self.message.to_lowercase();
        let words = [
            "not found",
            "not supported",
            "unsupported",
            "not available",
            "not enabled",
            "does not exist",
            "not whitelisted",
            "not allowed",
            "unknown method",
        ];
        self.code == -32601 || (text.contains("method") && words.iter().any(|word| text.contains(word)))
    }

    /// Whether it asks for fewer calls: hosts answer 429 or -32005 in JSON too.
    pub(super) fn is_rate(&self) -> bool {
        let text = self.message.to_lowercase();
        self.code == 429
            || text.contains("rate limit")
            || text.contains("too many requests")
            || text.contains("compute units per second")
    }

    /// Whether the answer would be too large: a smaller range of blocks or fewer calls can help.
    pub fn is_too_much(&self) -> bool {
        let text = self.message.to_lowercase();
        let words = [
            "too many results",
            "more than",
            "too large",
            "too big",
            "limit exceeded",
            "range is too",
            "block range",
            "response size",
            "exceeds",
            "exceed maximum",
            "timed out",
            "timeout",
            "query returned",
        ];
        !self.is_rate() && words.iter().any(|word| text.contains(word))
    }

    /// Whether it is about the size of the batch.
    pub(super) fn is_batch(&self) -> bool {
        self.message.to_lowercase().contains("batch")
    }
}

/// One answer: the result's text as it came, or the node's error. A result of `null` is the text `null`.
pub type Answer = Result<Box<RawValue>, CallError>;

/// The envelope of one answer.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope<'a> {
    /// Present and `null` is an answer too, so the text is kept and not an `Option`.
    #[serde(borrow, default, deserialize_with = "kept")]
    pub(super) result: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) error: Option<CallError>,
    #[serde(default)]
    pub(super) id: Option<u64>,
}

fn kept<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

impl Envelope<'_> {
    /// The answer; `None` where there is neither a result nor an error.
    pub(super) fn answer(self) -> Option<Answer> {
        match (self.error, self.result) {
            (Some(error), _) => Some(Err(error)),
            (None, Some(result)) => Some(Ok(result.to_owned())),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_is_an_answer_and_nothing_is_none() {
        let open = |text| serde_json::from_str::<Envelope<'_>>(text).unwrap().answer();
        assert_eq!(open(r#"{"id":1,"result":null}"#).unwrap().unwrap().get(), "null");
        assert!(open(r#"{"id":1}"#).is_none());
        assert_eq!(open(r#"{"id":1,"result":null,"error":{"code":-1,"message":"x"}}"#).unwrap().unwrap_err().code, -1);
        assert_eq!(open(r#"{"id":1,"error":null,"result":[1]}"#).unwrap().unwrap().get(), "[1]");
    }

    #[test]
    fn refusals_are_told_apart_by_code_and_words() {
        let error = |code, message: &str| CallError { code, message: message.into() };
        assert!(error(-32601, "").is_unknown_method());
        assert!(error(-32000, "The method trace_block does not exist/is not available").is_unknown_method());
        assert!(!error(-32000, "header not found").is_unknown_method());
        assert!(error(-32005, "query returned more than 10000 results").is_too_much());
        assert!(error(-32602, "Block range is too large").is_too_much());
        assert!(error(-32005, "daily request count exceeded, request rate limited").is_rate());
        assert!(error(429, "slow down").is_rate() && !error(429, "limit exceeded").is_too_much());
        assert!(error(-32600, "batch too large").is_batch());
    }
}
