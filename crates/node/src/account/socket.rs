//! A WebSocket on which a node tells of new blocks and of transactions that wait. It only wakes: what it says is asked
//! again by the client, so a socket that lies or repeats itself does no harm.

use super::{
    client::lock,
    error::EvmError,
    hex,
    url::{Auth, EndpointUrl, Redactor},
};
use crate::backoff::Backoff;
use serde::Deserialize;
use serde_json::{json, value::RawValue};
use std::{
    collections::VecDeque,
    io,
    net::{TcpStream, ToSocketAddrs},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tungstenite::{
    Error, Message, WebSocket,
    client::IntoClientRequest,
    handshake::HandshakeError,
    http::{HeaderName, HeaderValue},
    protocol::WebSocketConfig,
    stream::MaybeTlsStream,
};

/// Longest wait for a connection, and for the answer to the first request.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// How often the thread looks whether it shall end.
const TICK: Duration = Duration::from_millis(200);
/// After so long without a word the node is pinged; after twice as long the connection counts as lost.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// Bytes of one message. A head has less than 10 KB.
const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// Hashes of waiting transactions that nobody has asked about yet; further ones are counted and left out.
const HASHES_MAX: usize = 10_000;

/// What came since the last look.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Whether there was a new block, or the connection is new.
    pub(crate) is_head: bool,
    /// Transactions that wait.
    pub(crate) hashes: VecDeque<[u8; 32]>,
    /// How many of them there was no room for.
    pub(crate) left_out: u64,
    /// Set once for each connection made.
    pub(crate) is_connected: bool,
    /// Why the connection was lost.
    pub(crate) lost: Option<EvmError>,
}

#[derive(Debug, Default)]
struct Shared {
    told: Mutex<Told>,
    changed: Condvar,
    is_over: AtomicBool,
}

/// A connection kept up by a thread. Dropping it ends the thread.
#[derive(Debug)]
pub(crate) struct Socket {
    shared: Arc<Shared>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Socket {
    /// Connects, and again whenever the connection is lost.
    pub(crate) fn start(url: EndpointUrl, auth: Auth, is_pending: bool) -> Self {
        let shared = Arc::new(Shared::default());
        let auth = if auth == Auth::None { url.auth().clone() } else { auth };
        let line = Line { redactor: url.redactor(&auth), url, auth, is_pending, shared: Arc::clone(&shared) };
        let thread = thread::spawn(move || line.keep());
        Self { shared, thread: Some(thread) }
    }

    /// Waits until something was told, at most for `wait`, and takes it.
    pub(crate) fn take(&self, wait: Duration) -> Told {
        let start = Instant::now();
        let mut told = lock(&self.shared.told);
        loop {
            let left = wait.saturating_sub(start.elapsed());
            if told.is_head || told.is_connected || !told.hashes.is_empty() || told.lost.is_some() || left.is_zero() {
                return std::mem::take(&mut *told);
            }
            told = self.shared.changed.wait_timeout(told, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Line {
    url: EndpointUrl,
    auth: Auth,
    redactor: Redactor,
    is_pending: bool,
    shared: Arc<Shared>,
}

#[derive(Deserialize)]
struct Notice<'a> {
    #[serde(borrow, default)]
    params: Option<Params<'a>>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow)]
    result: &'a RawValue,
}

impl Line {
    fn keep(&self) {
        let mut backoff = Backoff::default();
        while !self.is_over() {
            let start = Instant::now();
            let lost = match self.connect() {
                Ok(mut socket) => {
                    self.tell(|told| (told.is_connected, told.is_head) = (true, true));
                    self.listen(&mut socket)
                }
                Err(error) => error,
            };
            if self.is_over() {
                return;
            }
            self.tell(|told| told.lost = Some(lost));
            // a connection that held for a while was a good one
            if start.elapsed() > SILENCE_MAX {
                backoff.reset();
            }
            let until = Instant::now() + backoff.next_wait();
            while Instant::now() < until && !self.is_over() {
                thread::sleep(TICK.min(until.saturating_duration_since(Instant::now())));
            }
        }
    }

    fn is_over(&self) -> bool {
        self.shared.is_over.load(Ordering::Relaxed)
    }

    fn tell(&self, what: impl FnOnce(&mut Told)) {
        what(&mut lock(&self.shared.told));
        self.shared.changed.notify_all();
    }

    fn lost(&self, what: &str) -> EvmError {
        EvmError::Socket { url: self.url.to_string(), what: self.redactor.short(what) }
    }

    fn connect(&self) -> Result<WebSocket<MaybeTlsStream<TcpStream>>, EvmError> {
        let io = |error: io::Error| self.lost(&error.to_string());
        let mut request = self.url.whole().into_client_request().map_err(|error| self.lost(&error.to_string()))?;
        if let Some((name, value)) = self.auth.header() {
            let name = HeaderName::try_from(name).map_err(|_| self.lost("the header's name is none"))?;
            let value =
                HeaderValue::try_from(value).map_err(|_| self.lost("the header has a value that none can have"))?;
            request.headers_mut().insert(name, value);
        }
        let host = request.uri().host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = request.uri().port_u16().unwrap_or(if self.url.whole().starts_with("wss") { 443 } else { 80 });
        let mut last = self.lost("the host has no address");
        for address in (host.as_str(), port).to_socket_addrs().map_err(io)? {
            match TcpStream::connect_timeout(&address, CONNECT_MAX) {
                Ok(stream) => return self.greet(request, stream),
                Err(error) => last = io(error),
            }
        }
        Err(last)
    }

    fn greet(
        &self,
        request: tungstenite::http::Request<()>,
        stream: TcpStream,
    ) -> Result<WebSocket<MaybeTlsStream<TcpStream>>, EvmError> {
        let io = |error: io::Error| self.lost(&error.to_string());
        stream.set_read_timeout(Some(CONNECT_MAX)).map_err(io)?;
        stream.set_write_timeout(Some(CONNECT_MAX)).map_err(io)?;
        // shares the socket's settings
        let handle = stream.try_clone().map_err(io)?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_BYTES_MAX))
            .max_frame_size(Some(MESSAGE_BYTES_MAX));
        let (mut socket, _) =
            tungstenite::client_tls_with_config(request, stream, Some(config), None).map_err(|error| match error {
                HandshakeError::Failure(error) => self.lost(&error.to_string()),
                HandshakeError::Interrupted(_) => self.lost("no answer in time"),
            })?;
        let mut topics = vec!["newHeads"];
        if self.is_pending {
            topics.push("newPendingTransactions");
        }
        for (id, topic) in (1..).zip(topics) {
            let call = json!({"jsonrpc": "2.0", "id": id, "method": "eth_subscribe", "params": [topic]});
            socket.send(Message::text(call.to_string())).map_err(|error| self.lost(&error.to_string()))?;
        }
        handle.set_read_timeout(Some(TICK)).map_err(io)?;
        Ok(socket)
    }

    /// Reads until the connection ends; says why it did.
    fn listen(&self, socket: &mut WebSocket<MaybeTlsStream<TcpStream>>) -> EvmError {
        let mut heard = Instant::now();
        let mut is_pinged = false;
        loop {
            if self.is_over() {
                let _ = socket.close(None);
                return self.lost("it is no longer needed");
            }
            match socket.read() {
                Ok(message) => {
                    (heard, is_pinged) = (Instant::now(), false);
                    if let Message::Text(text) = message
                        && let Err(what) = self.notice(&text)
                    {
                        return self.lost(&what);
                    }
                }
                Err(Error::Io(error))
                    if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) =>
                {
                    if heard.elapsed() > 2 * SILENCE_MAX {
                        return self.lost("nothing was heard for a minute");
                    }
                    if heard.elapsed() > SILENCE_MAX && !is_pinged {
                        is_pinged = true;
                        if let Err(error) = socket.send(Message::Ping(Vec::new().into())) {
                            return self.lost(&error.to_string());
                        }
                    }
                }
                Err(error) => return self.lost(&error.to_string()),
            }
        }
    }

    fn notice(&self, text: &str) -> Result<(), String> {
        let notice: Notice<'_> = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if let Some(error) = notice.error {
            return Err(format!("it refuses the subscription: {}", error.get()));
        }
        let Some(params) = notice.params else { return Ok(()) };
        // a text is the hash of a transaction, an object a head
        match serde_json::from_str::<&str>(params.result.get()) {
            Ok(text) => {
                let Some(hash) = hex::fixed(text) else { return Ok(()) };
                self.tell(|told| {
                    if told.hashes.len() < HASHES_MAX {
                        told.hashes.push_back(hash);
                    } else {
                        told.left_out += 1;
                    }
                });
            }
            Err(_) => self.tell(|told| told.is_head = true),
        }
        Ok(())
    }
}
