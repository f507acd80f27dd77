//! Bitcoin Core's JSON-RPC over HTTP on loopback.

use crate::{HarnessError, Result};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use std::time::Duration;
use ureq::Agent;

/// Longer than any single call of the tests takes; a node that hangs must not hang the run.
const CALL_MAX: Duration = Duration::from_secs(300);
/// A block of regtest with everything about it is a few MB of JSON.
const ANSWER_BYTES_MAX: u64 = 512 << 20;

/// A connection to a node, or to one wallet of it. Clones share their connections.
#[derive(Clone)]
pub struct Rpc {
    agent: Agent,
    url: String,
    authorization: String,
}

impl Rpc {
    /// A client for `http://127.0.0.1:port`; `credentials` is `user:password`, which is also what a cookie file holds.
    pub fn new(port: u16, credentials: &str) -> Self {
        Self {
            agent: agent(CALL_MAX),
            url: format!("http://127.0.0.1:{port}/"),
            authorization: format!("Basic {}", BASE64_STANDARD.encode(credentials.trim())),
        }
    }

    /// The same node, each call ending after `limit`.
    pub(crate) fn with_call_max(&self, limit: Duration) -> Self {
        Self { agent: agent(limit), ..self.clone() }
    }

    /// The same node, calls going to the wallet of that name.
    #[must_use]
    pub fn wallet(&self, name: &str) -> Self {
        let root = self.url.find("wallet/").map_or(self.url.as_str(), |at| &self.url[..at]);
        Self { url: format!("{root}wallet/{name}"), ..self.clone() }
    }

    /// One call; `params` is an array (by position) or an object (by name).
    pub fn call(&self, method: &str, params: Value) -> Result<Value> {
        let transport = |source| HarnessError::Transport { method: method.to_owned(), source: Box::new(source) };
        let body = json!({"jsonrpc": "1.0", "id": 0, "method": method, "params": params});
        let mut response = self
            .agent
            .post(&self.url)
            .header("Authorization", &self.authorization)
            .send_json(&body)
            .map_err(transport)?;
        let status = response.status();
        let text = response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string().map_err(transport)?;
        let refused = |code: i64, message: &str| HarnessError::Refused {
            method: method.to_owned(),
            code,
            message: message.to_owned(),
        };
        let Ok(mut answer) = serde_json::from_str::<Value>(&text) else {
            return Err(refused(i64::from(status.as_u16()), text.trim()));
        };
        match answer.get("error") {
            None | Some(Value::Null) => Ok(answer["result"].take()),
            Some(error) => Err(refused(
                error["code"].as_i64().unwrap_or_default(),
                error["message"].as_str().unwrap_or("no message"),
            )),
        }
    }

    /// One call whose answer is a text.
    pub fn text(&self, method: &str, params: Value) -> Result<String> {
        let answer = self.call(method, params)?;
        answer.as_str().map(str::to_owned).ok_or_else(|| HarnessError::shape(format!("{method}: a text"), &answer))
    }
}

fn agent(call_max: Duration) -> Agent {
    let config = Agent::config_builder()
        .timeout_global(Some(call_max))
        // the node answers errors with status 500 and a body that says what is wrong
        .http_status_as_error(false)
        // loopback only: a proxy set for this machine must not see the calls
        .proxy(None)
        .build();
    config.into()
}

/// A text of `answer[field]`.
pub(crate) fn text_of(answer: &Value, field: &str) -> Result<String> {
    answer[field].as_str().map(str::to_owned).ok_or_else(|| HarnessError::shape(format!("text `{field}`"), answer))
}

/// A whole number of `answer[field]`.
pub(crate) fn number_of(answer: &Value, field: &str) -> Result<u64> {
    answer[field].as_u64().ok_or_else(|| HarnessError::shape(format!("number `{field}`"), answer))
}

/// A list of `answer[field]`.
pub(crate) fn list_of<'a>(answer: &'a Value, field: &str) -> Result<&'a [Value]> {
    answer[field].as_array().map(Vec::as_slice).ok_or_else(|| HarnessError::shape(format!("list `{field}`"), answer))
}

/// An amount in satoshi from the node's decimal bitcoin.
///
/// The number passes through a float, which is exact here: below 21 million coins the nearest `f64` is off by less than
/// a quarter of a satoshi, so rounding always finds the amount that was printed.
pub fn sats(amount: &Value) -> Result<u64> {
    let coins = amount.as_f64().filter(|coins| (0.0..=21e6).contains(coins));
    coins.map(|coins| (coins * 1e8).round() as u64).ok_or_else(|| HarnessError::shape("an amount", amount))
}

/// An amount in bitcoin as the node reads it: the text is decimal, so no float is involved.
pub(crate) fn coins(sat: u64) -> Value {
    Value::String(format!("{}.{:08}", sat / 100_000_000, sat % 100_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_survive_the_way_through_decimal_bitcoin() {
        for sat in [0, 1, 49, 99_999_999, 5_000_000_000, 2_099_999_997_690_000, 1_234_567_890_123_457] {
            let number: Value = serde_json::from_str(coins(sat).as_str().unwrap()).unwrap();
            assert_eq!(sats(&number).unwrap(), sat);
        }
        assert!(sats(&json!("1.0")).is_err());
        assert!(sats(&json!(-0.1)).is_err());
    }

    #[test]
    fn a_wallet_of_a_wallet_is_a_wallet_of_the_node() {
        let node = Rpc::new(1, "user:password");
        assert_eq!(node.wallet("alice").url, "http://127.0.0.1:1/wallet/alice");
        assert_eq!(node.wallet("alice").wallet("bob").url, "http://127.0.0.1:1/wallet/bob");
        assert_eq!(node.authorization, "Basic dXNlcjpwYXNzd29yZA==");
    }
}
