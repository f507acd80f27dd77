//! The HTTP side: one agent, kept connections, limits, and what each failure means.

use super::answer::{ChainInfo, Envelope, HeaderInfo, MempoolList, ZmqTopic, bytes};
use crate::error::{NodeError, shortened};
use crate::url::{Credentials, RpcUrl};
use athar_chains::bitcoin::BLOCK_LEN_MAX;
use athar_types::{Hash32, Network};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::de::DeserializeOwned;
use serde_json::{Value, json, value::RawValue};
use std::{fs, io, sync::Mutex, time::Duration};
use ureq::{Agent, Error};

/// Longest wait for an answer, from the first byte sent to the last one read.
const CALL_MAX: Duration = Duration::from_secs(60);
/// Longest wait for a connection.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// A node closes a connection after 30 s without a call; ours are given up before that.
const IDLE_MAX: Duration = Duration::from_secs(20);
/// Bytes of an answer that is neither a block nor a list.
const SMALL_BYTES_MAX: u64 = 4 << 20;
/// Bytes of an answer that holds a block in hexadecimal, or a batch of transactions.
const BLOCK_BYTES_MAX: u64 = 2 * BLOCK_LEN_MAX as u64 + (1 << 16);
/// Bytes of a list of the mempool: three million ids.
const LIST_BYTES_MAX: u64 = 256 << 20;
/// Calls in one batch at most.
pub(crate) const BATCH_MAX: usize = 500;

/// A node's RPC. Shared by threads: each call takes a connection of its own from the pool.
#[derive(Debug)]
pub struct Rpc {
    agent: Agent,
    url: RpcUrl,
    credentials: Credentials,
    seconds: u64,
    /// The header that proves who calls; read again after a 401.
    authorization: Mutex<Option<String>>,
}

impl Rpc {
    /// A client. Nothing is sent yet.
    pub fn new(url: RpcUrl, credentials: Credentials) -> Self {
        Self::with_call_max(url, credentials, CALL_MAX)
    }

    /// The same with another limit for a call.
    pub fn with_call_max(url: RpcUrl, credentials: Credentials, call_max: Duration) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(call_max))
            .timeout_connect(Some(CONNECT_MAX.min(call_max)))
            .max_idle_age(IDLE_MAX)
            // the node says what is wrong in the body
            .http_status_as_error(false)
            // credentials go to the address that the user named and nowhere else
            .max_redirects(0)
            .proxy(None)
            .user_agent(concat!("athar/", env!("CARGO_PKG_VERSION")))
            .build();
        let seconds = call_max.as_secs();
        Self { agent: config.into(), url, credentials, seconds, authorization: Mutex::new(None) }
    }

    /// The address, without user and password.
    pub fn url(&self) -> &RpcUrl {
        &self.url
    }

    /// The node's state.
    pub fn chain_info(&self) -> Result<ChainInfo, NodeError> {
        self.call("getblockchaininfo", &json!([]))
    }

    /// Hash of the best block.
    pub fn best_hash(&self) -> Result<Hash32, NodeError> {
        self.call("getbestblockhash", &json!([]))
    }

    /// Seconds since the node started.
    pub fn uptime_seconds(&self) -> Result<u64, NodeError> {
        self.call("uptime", &json!([]))
    }

    /// The hash of the block of the best chain at a height.
    pub fn block_hash(&self, height: u32) -> Result<Hash32, NodeError> {
        self.call("getblockhash", &json!([height]))
    }

    /// The hashes of blocks of the best chain, in the order asked. `None` for a height that the chain does not reach.
    pub fn block_hashes(&self, heights: impl Iterator<Item = u32>) -> Result<Vec<Option<Hash32>>, NodeError> {
        let heights: Vec<u32> = heights.collect();
        let mut hashes = Vec::with_capacity(heights.len());
        for some in heights.chunks(BATCH_MAX) {
            let params = some.iter().map(|h| json!([h]));
            for answer in self.batch("getblockhash", params, SMALL_BYTES_MAX, &read)? {
                hashes.push(match answer {
                    Ok(hash) => Some(hash),
                    // block height out of range
                    Err(error) if error.is_rpc(-8) => None,
                    Err(error) => return Err(error),
                });
            }
        }
        Ok(hashes)
    }

    /// What the node knows of a header; `None` where it does not know it.
    pub fn header(&self, hash: &Hash32) -> Result<Option<HeaderInfo>, NodeError> {
        match self.call("getblockheader", &json!([hash, true])) {
            Ok(info) => Ok(Some(info)),
            Err(error) if error.is_rpc(-5) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The bytes of a block.
    pub fn block(&self, hash: &Hash32) -> Result<Vec<u8>, NodeError> {
        let method = "getblock";
        let body = request(method, &json!([hash, 0]), 0);
        let text = self.send(method, &body, BLOCK_BYTES_MAX)?;
        self.result(method, &text, &|raw| bytes(raw).ok_or_else(|| "no hexadecimal text".to_owned()))
    }

    /// All ids in the mempool with the number of its next change.
    pub fn mempool(&self) -> Result<MempoolList, NodeError> {
        let method = "getrawmempool";
        let text = self.send(method, &request(method, &json!([false, true]), 0), LIST_BYTES_MAX)?;
        self.result(method, &text, &read)
    }

    /// The bytes of transactions in the mempool, in the order asked (at most 500); `None` for one that is no longer there.
    pub fn mempool_txs(&self, txids: &[Hash32]) -> Result<Vec<Option<Vec<u8>>>, NodeError> {
        let params = txids.iter().map(|t| json!([t]));
        let hex = |raw: &RawValue| bytes(raw).ok_or_else(|| "no hexadecimal text".to_owned());
        let answers = self.batch("getrawtransaction", params, BLOCK_BYTES_MAX, &hex)?;
        answers
            .into_iter()
            .map(|answer| match answer {
                Ok(raw) => Ok(Some(raw)),
                Err(error) if error.is_rpc(-5) => Ok(None),
                Err(error) => Err(error),
            })
            .collect()
    }

    /// What the node publishes over ZMQ; none where it was built without it.
    pub fn zmq_topics(&self) -> Result<Vec<ZmqTopic>, NodeError> {
        match self.call("getzmqnotifications", &json!([])) {
            Err(error) if error.is_rpc(-32601) => Ok(Vec::new()),
            answer => answer,
        }
    }

    /// Makes sure that the node is on a network that Athar knows, and on `expected` where that is given: by its own
    /// word and by its first block.
    pub fn check_network(&self, info: &ChainInfo, expected: Option<Network>) -> Result<Network, NodeError> {
        let url = || self.url.to_string();
        let network =
            info.network().ok_or_else(|| NodeError::UnknownNetwork { url: url(), chain: shortened(&info.chain) })?;
        if let Some(expected) = expected.filter(|e| *e != network) {
            return Err(NodeError::OtherNetwork { url: url(), found: network, expected });
        }
        let (found, expected) = (self.block_hash(0)?, network.genesis());
        if found == expected {
            Ok(network)
        } else {
            Err(NodeError::OtherGenesis { url: url(), network, found, expected })
        }
    }

    /// One call with a small answer.
    fn call<T: DeserializeOwned>(&self, method: &'static str, params: &Value) -> Result<T, NodeError> {
        let text = self.send(method, &request(method, params, 0), SMALL_BYTES_MAX)?;
        self.result(method, &text, &read)
    }

    /// Many calls of one method in one request; an answer for each, in order.
    fn batch<T>(
        &self,
        method: &'static str,
        params: impl Iterator<Item = Value>,
        limit: u64,
        read: &dyn Fn(&RawValue) -> Result<T, String>,
    ) -> Result<Vec<Result<T, NodeError>>, NodeError> {
        let calls: Vec<String> = params.enumerate().map(|(id, p)| request(method, &p, id as u64)).collect();
        if calls.is_empty() {
            return Ok(Vec::new());
        }
        let text = self.send(method, &format!("[{}]", calls.join(",")), limit)?;
        let not_a_node = |what: String| NodeError::NotANode { url: self.url.to_string(), method, what };
        let answers: Vec<Envelope<'_>> = match serde_json::from_str(&text) {
            Ok(answers) => answers,
            // an error of the whole request comes as one answer
            Err(_) => {
                let error = self.result::<()>(method, &text, &|_| Err("one answer to many calls".into()));
                return Err(error.err().unwrap_or_else(|| not_a_node("no list of answers".into())));
            }
        };
        let mut all: Vec<Option<Result<T, NodeError>>> = calls.iter().map(|_| None).collect();
        for answer in answers {
            let place = answer.id.and_then(|id| all.get_mut(id as usize));
            let place = place.ok_or_else(|| not_a_node("an answer to nothing that was asked".into()))?;
            *place = Some(self.opened(method, answer, read));
        }
        let missing = || not_a_node("answers are missing".into());
        all.into_iter().map(|answer| answer.ok_or_else(missing)).collect()
    }

    /// Sends a request and reads the answer's text, once more where a kept connection turned out to be closed, and once
    /// more with the cookie read again where the node refuses the old one.
    fn send(&self, method: &'static str, body: &str, limit: u64) -> Result<String, NodeError> {
        let mut is_retried = false;
        let mut is_cookie_new = false;
        loop {
            let (authorization, is_fresh) = self.authorization()?;
            let sent = self.agent.post(self.url.as_str()).header("Authorization", &authorization);
            let answer = sent.content_type("application/json").send(body).and_then(|mut response| {
                let status = response.status().as_u16();
                response.body_mut().with_config().limit(limit).read_to_vec().map(|body| (status, body))
            });
            let (status, body) = match answer {
                Ok(answer) => answer,
                Err(error) if is_cut(&error) && !is_retried => {
                    is_retried = true;
                    continue;
                }
                Err(error) => return Err(self.failed(method, limit, error)),
            };
            if status == 401 {
                *self.lock() = None;
                // a node that restarted has written a new cookie
                if matches!(self.credentials, Credentials::Cookie(_)) && !is_fresh && !is_cookie_new {
                    is_cookie_new = true;
                    continue;
                }
            }
            return self.text(method, status, body);
        }
    }

    /// What an answer with this status means.
    fn text(&self, method: &'static str, status: u16, body: Vec<u8>) -> Result<String, NodeError> {
        let url = self.url.to_string();
        let text = String::from_utf8(body);
        match (status, text) {
            (401, _) => {
                let hint = match &self.credentials {
                    Credentials::Cookie(path) => format!("is {} the cookie of this node?", path.display()),
                    Credentials::Password { user, .. } => {
                        format!("are these those of its -rpcuser or -rpcauth? The user was {}", shortened(user))
                    }
                };
                Err(NodeError::Password { url, hint })
            }
            (403, _) => Err(NodeError::Forbidden { url }),
            (503, text) => Err(NodeError::Busy { url, message: shortened(text.unwrap_or_default().trim()) }),
            // errors of a call have status 500 or 404, and JSON that says which
            (200 | 400 | 404 | 500, Ok(text)) if text.trim_start().starts_with(['{', '[']) => Ok(text),
            (status, text) => {
                let begin = shortened(text.unwrap_or_else(|_| "bytes that are no text".into()).trim());
                Err(NodeError::NotANode { url, method, what: format!("HTTP {status}, {begin}") })
            }
        }
    }

    fn failed(&self, method: &'static str, limit: u64, error: Error) -> NodeError {
        let url = self.url.to_string();
        match error {
            Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
                NodeError::Unreachable { url, what: "no connection in time".into() }
            }
            Error::Timeout(_) => NodeError::Timeout { url, method, seconds: self.seconds },
            Error::BodyExceedsLimit(_) => NodeError::TooLarge { url, method, limit },
            Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => {
                NodeError::Timeout { url, method, seconds: self.seconds }
            }
            Error::Io(error) => NodeError::Unreachable { url, what: error.to_string() },
            Error::HostNotFound | Error::ConnectionFailed => NodeError::Unreachable { url, what: error.to_string() },
            other => NodeError::NotANode { url, method, what: shortened(&other.to_string()) },
        }
    }

    fn result<T>(
        &self,
        method: &'static str,
        text: &str,
        read: &dyn Fn(&RawValue) -> Result<T, String>,
    ) -> Result<T, NodeError> {
        let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|error| NodeError::NotANode {
            url: self.url.to_string(),
            method,
            what: format!("{error} in {}", shortened(text)),
        })?;
        self.opened(method, envelope, read)
    }

    fn opened<T>(
        &self,
        method: &'static str,
        envelope: Envelope<'_>,
        read: &dyn Fn(&RawValue) -> Result<T, String>,
    ) -> Result<T, NodeError> {
        let url = self.url.to_string();
        if let Some(error) = envelope.error {
            let message = shortened(&error.message);
            return Err(match error.code {
                -28 => NodeError::WarmingUp { url, message },
                code => NodeError::Rpc { url, method, code, message },
            });
        }
        let result = envelope.result.ok_or_else(|| "neither a result nor an error".to_owned());
        result.and_then(read).map_err(|what| NodeError::NotANode { url, method, what })
    }

    /// The authorisation, and whether it was read just now.
    fn authorization(&self) -> Result<(String, bool), NodeError> {
        let mut kept = self.lock();
        if let Some(kept) = &*kept {
            return Ok((kept.clone(), false));
        }
        let pair = match &self.credentials {
            Credentials::Password { user, password } => format!("{user}:{password}"),
            Credentials::Cookie(path) => {
                let read =
                    fs::read_to_string(path).map_err(|source| NodeError::Cookie { path: path.clone(), source })?;
                read.trim().to_owned()
            }
        };
        let header = format!("Basic {}", BASE64_STANDARD.encode(pair));
        *kept = Some(header.clone());
        Ok((header, true))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.authorization.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn request(method: &str, params: &Value, id: u64) -> String {
    json!({"jsonrpc": "1.0", "id": id, "method": method, "params": params}).to_string()
}

fn read<T: DeserializeOwned>(raw: &RawValue) -> Result<T, String> {
    serde_json::from_str(raw.get()).map_err(|e| e.to_string())
}

/// Whether a connection that was open before is no longer: then the node has not seen the call, or it does no harm to
/// ask again, since all calls only read.
fn is_cut(error: &Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    match error {
        Error::Io(error) => matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof),
        _ => false,
    }
}
