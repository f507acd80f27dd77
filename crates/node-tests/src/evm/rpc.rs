//! A node's JSON-RPC over HTTP on loopback.

use crate::{HarnessError, Result};
use serde_json::{Value, json};
use std::time::Duration;
use ureq::Agent;

/// Longer than any single call of the tests takes.
const CALL_MAX: Duration = Duration::from_secs(120);
/// A block with everything about it is a few MB.
const ANSWER_BYTES_MAX: u64 = 512 << 20;

/// A connection to a node. Clones share their connections.
#[derive(Clone)]
pub struct EvmRpc {
    agent: Agent,
    url: String,
}

impl EvmRpc {
    /// A client of the node at a port of loopback.
    pub fn new(port: u16) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(CALL_MAX))
            .http_status_as_error(false)
            // loopback only: a proxy set for this machine must not see the calls
            .proxy(None)
            .build();
        Self { agent: config.into(), url: format!("http://127.0.0.1:{port}") }
    }

    /// The text of the answer to any body.
    pub fn raw(&self, what: &str, body: &Value) -> Result<String> {
        let transport = |source| HarnessError::Transport { method: what.to_owned(), source: Box::new(source) };
        let mut response = self.agent.post(&self.url).send_json(body).map_err(transport)?;
        response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string().map_err(transport)
    }

    fn value(&self, what: &str, body: &Value) -> Result<Value> {
        let text = self.raw(what, body)?;
        serde_json::from_str(&text).map_err(|_| HarnessError::Refused {
            method: what.to_owned(),
            code: 0,
            message: text.chars().take(400).collect(),
        })
    }

    /// One call.
    pub fn call(&self, method: &str, params: Value) -> Result<Value> {
        opened(method, self.value(method, &json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))?)
    }

    /// One call whose answer is a text.
    pub fn text(&self, method: &str, params: Value) -> Result<String> {
        let answer = self.call(method, params)?;
        answer.as_str().map(str::to_owned).ok_or_else(|| HarnessError::shape(format!("{method}: a text"), &answer))
    }

    /// Many calls of one method, an answer for each in order.
    pub fn batch(&self, method: &str, params: &[Value]) -> Result<Vec<Value>> {
        let mut out = Vec::with_capacity(params.len());
        for some in params.chunks(200) {
            let calls: Vec<Value> = some
                .iter()
                .enumerate()
                .map(|(id, params)| json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))
                .collect();
            let Value::Array(mut answers) = self.value(method, &Value::Array(calls))? else {
                return Err(HarnessError::World(format!("{method}: no list of answers")));
            };
            answers.sort_by_key(|answer| answer["id"].as_u64());
            if answers.len() != some.len() {
                return Err(HarnessError::World(format!(
                    "{method}: {} answers to {} calls",
                    answers.len(),
                    some.len()
                )));
            }
            for answer in answers {
                out.push(opened(method, answer)?);
            }
        }
        Ok(out)
    }
}

fn opened(method: &str, mut answer: Value) -> Result<Value> {
    match answer.get("error") {
        None | Some(Value::Null) => Ok(answer["result"].take()),
        Some(error) => Err(HarnessError::Refused {
            method: method.to_owned(),
            code: error["code"].as_i64().unwrap_or_default(),
            message: error["message"].as_str().unwrap_or("no message").to_owned(),
        }),
    }
}

/// The bytes of `0x` and digits.
pub fn hex_bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x")?;
    let padded = if digits.len() % 2 == 1 { format!("0{digits}") } else { digits.to_owned() };
    (0..padded.len() / 2).map(|i| u8::from_str_radix(padded.get(2 * i..2 * i + 2)?, 16).ok()).collect()
}

/// Bytes as `0x` and digits.
pub fn hex_text(bytes: &[u8]) -> String {
    bytes.iter().fold(String::from("0x"), |text, b| text + &format!("{b:02x}"))
}
