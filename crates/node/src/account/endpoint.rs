//! One endpoint: kept connections, time and size limits, batches that shrink to what it takes, and what each failure means.

use super::{
    call::{Answer, Call, Envelope},
    error::EvmError,
    limiter::Limiter,
    url::{Auth, EndpointUrl, Redactor},
};
use std::{
    io,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};
use ureq::{Agent, Error};

/// Longest wait for an answer, from the first byte sent to the last one read. Traces of a full block take a node a while.
const CALL_MAX: Duration = Duration::from_secs(60);
/// Longest wait for a connection.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// Kept connections are given up before most servers close them.
const IDLE_MAX: Duration = Duration::from_secs(20);
/// Bytes of one HTTP answer.
pub const ANSWER_BYTES_MAX: u64 = 128 << 20;
/// Calls in one request at most; fewer where the endpoint refuses so many.
pub const BATCH_MAX: usize = 100;

/// An endpoint and how to use it.
#[derive(Clone, Debug)]
pub struct EndpointSettings {
    /// Where. User and password of the address are used where [`Self::auth`] is [`Auth::None`].
    pub url: EndpointUrl,
    /// Who calls.
    pub auth: Auth,
    /// Calls (not requests) a second at most.
    pub calls_per_second: Option<u32>,
    /// Calls in one request at most, up to [`BATCH_MAX`].
    pub batch_max: usize,
    /// Longest wait for an answer.
    pub call_max: Duration,
    /// Bytes of an answer at most, up to [`ANSWER_BYTES_MAX`].
    pub answer_bytes_max: u64,
}

impl EndpointSettings {
    /// The usual settings.
    pub fn new(url: EndpointUrl) -> Self {
        Self {
            url,
            auth: Auth::None,
            calls_per_second: None,
            batch_max: BATCH_MAX,
            call_max: CALL_MAX,
            answer_bytes_max: ANSWER_BYTES_MAX,
        }
    }
}

/// An endpoint, shared by threads.
#[derive(Debug)]
pub(crate) struct Endpoint {
    agent: Agent,
    rank: usize,
    url: EndpointUrl,
    shown: String,
    header: Option<(String, String)>,
    redactor: Redactor,
    limiter: Limiter,
    batch_max: AtomicUsize,
    next_id: AtomicU64,
    call_max: Duration,
    answer_bytes_max: u64,
}

impl Endpoint {
    /// A client of the endpoint that is number `rank` of `count`. Nothing is sent yet.
    pub(crate) fn new(settings: EndpointSettings, rank: usize, count: usize) -> Self {
        let auth = if settings.auth == Auth::None { settings.url.auth().clone() } else { settings.auth };
        let config = Agent::config_builder()
            .timeout_global(Some(settings.call_max))
            .timeout_connect(Some(CONNECT_MAX.min(settings.call_max)))
            .max_idle_age(IDLE_MAX)
            // the node says what is wrong in the body
            .http_status_as_error(false)
            // keys go to the address that the user named and nowhere else
            .max_redirects(0)
            .proxy(None)
            .user_agent(concat!("athar/", env!("CARGO_PKG_VERSION")))
            .build();
        // two keys at one host look alike
        let shown =
            if count > 1 { format!("endpoint {} ({})", rank + 1, settings.url) } else { settings.url.to_string() };
        Self {
            agent: config.into(),
            rank,
            redactor: settings.url.redactor(&auth),
            header: auth.header(),
            url: settings.url,
            shown,
            limiter: Limiter::new(settings.calls_per_second),
            batch_max: AtomicUsize::new(settings.batch_max.clamp(1, BATCH_MAX)),
            next_id: AtomicU64::new(1),
            call_max: settings.call_max,
            answer_bytes_max: settings.answer_bytes_max.min(ANSWER_BYTES_MAX),
        }
    }

    /// Its place among the endpoints of its client.
    pub(crate) fn rank(&self) -> usize {
        self.rank
    }

    /// How it is named to people.
    pub(crate) fn shown(&self) -> String {
        self.shown.clone()
    }

    /// An error that the endpoint gave to one call.
    pub(crate) fn refused(&self, method: &'static str, error: &super::CallError) -> EvmError {
        let (url, message) = (self.shown(), self.redactor.short(&error.message));
        if error.is_rate() {
            return EvmError::RateLimited { url, after_seconds: None, message };
        }
        EvmError::Rpc { url, method, code: error.code, message }
    }

    /// One call.
    pub(crate) fn one(&self, call: &Call) -> Result<Answer, EvmError> {
        let mut answers = self.many(std::slice::from_ref(call))?;
        answers.pop().ok_or_else(|| self.no_node(call.method, "no answer".into()))
    }

    /// Many calls; an answer for each, in order. Requests hold as many as the endpoint takes and can answer within the
    /// limit of bytes.
    pub(crate) fn many(&self, calls: &[Call]) -> Result<Vec<Answer>, EvmError> {
        let mut answers = Vec::with_capacity(calls.len());
        let mut local_max = usize::MAX;
        while answers.len() < calls.len() {
            let rest = &calls[answers.len()..];
            let count = rest.len().min(self.batch_max.load(Ordering::Relaxed)).min(local_max);
            match self.request(&rest[..count]) {
                Ok(some) => answers.extend(some),
                Err(EvmError::BatchRefused { .. }) if count > 1 => {
                    self.batch_max.fetch_min(count / 2, Ordering::Relaxed);
                }
                // large answers are of these blocks, not of the endpoint
                Err(EvmError::TooLarge { .. }) if count > 1 => local_max = count / 2,
                Err(error) => return Err(error),
            }
        }
        Ok(answers)
    }

    fn request(&self, calls: &[Call]) -> Result<Vec<Answer>, EvmError> {
        let Some(first) = calls.first() else { return Ok(Vec::new()) };
        let method = first.method;
        let wait = self.limiter.take(calls.len(), Instant::now());
        if !wait.is_zero() {
            thread::sleep(wait);
        }
        let id = self.next_id.fetch_add(calls.len() as u64, Ordering::Relaxed);
        if calls.len() == 1 {
            let text = self.send(method, &first.body(id).to_string(), 1)?;
            let envelope: Envelope<'_> = self.read(method, &text)?;
            // some servers answer an error of the whole request without its id
            if envelope.id != Some(id) && envelope.error.is_none() {
                return Err(self.no_node(method, "an answer to nothing that was asked".into()));
            }
            let answer =
                envelope.answer().ok_or_else(|| self.no_node(method, "neither a result nor an error".into()))?;
            return Ok(vec![self.passed(method, answer)?]);
        }
        let bodies: Vec<_> = calls.iter().zip(id..).map(|(call, id)| call.body(id).to_string()).collect();
        let text = self.send(method, &format!("[{}]", bodies.join(",")), calls.len())?;
        if text.trim_start().starts_with('{') {
            // an error of the whole request comes as one answer
            let envelope: Envelope<'_> = self.read(method, &text)?;
            let error = envelope.error.ok_or_else(|| self.no_node(method, "one answer to many calls".into()))?;
            if error.is_rate() {
                return Err(self.refused(method, &error));
            }
            let message = self.redactor.short(&error.message);
            return Err(EvmError::BatchRefused { url: self.shown(), calls: calls.len(), message });
        }
        let envelopes: Vec<Envelope<'_>> = self.read(method, &text)?;
        let mut all: Vec<Option<Answer>> = calls.iter().map(|_| None).collect();
        for envelope in envelopes {
            let rank = envelope.id.and_then(|found| found.checked_sub(id));
            let Some(rank) = rank.map(|rank| rank as usize).filter(|rank| *rank < calls.len()) else {
                // nodes report a batch that they would not finish as errors without ids
                if let Some(error) = envelope.error.filter(super::CallError::is_batch) {
                    let message = self.redactor.short(&error.message);
                    return Err(EvmError::BatchRefused { url: self.shown(), calls: calls.len(), message });
                }
                return Err(self.no_node(method, "an answer to nothing that was asked".into()));
            };
            let method = calls[rank].method;
            let answer =
                envelope.answer().ok_or_else(|| self.no_node(method, "neither a result nor an error".into()))?;
            if let Err(error) = &answer
                && error.is_batch()
            {
                let message = self.redactor.short(&error.message);
                return Err(EvmError::BatchRefused { url: self.shown(), calls: calls.len(), message });
            }
            if all[rank].replace(self.passed(method, answer)?).is_some() {
                return Err(self.no_node(method, "two answers to one call".into()));
            }
        }
        let missing = || self.no_node(method, "answers are missing".into());
        all.into_iter().map(|answer| answer.ok_or_else(missing)).collect()
    }

    /// A rate limit in JSON is one of the endpoint, not of the call.
    fn passed(&self, method: &'static str, answer: Answer) -> Result<Answer, EvmError> {
        match answer {
            Err(error) if error.is_rate() => Err(self.refused(method, &error)),
            answer => Ok(answer),
        }
    }

    /// Sends a request and reads the answer's text; once more where a kept connection turned out to be closed.
    fn send(&self, method: &'static str, body: &str, calls: usize) -> Result<String, EvmError> {
        let mut is_retried = false;
        loop {
            let mut sent = self.agent.post(self.url.whole()).content_type("application/json");
            if let Some((name, value)) = &self.header {
                sent = sent.header(name, value);
            }
            let answer = sent.send(body).and_then(|mut response| {
                let status = response.status().as_u16();
                let after = response.headers().get("retry-after").and_then(|v| v.to_str().ok()?.trim().parse().ok());
                let config = response.body_mut().with_config().limit(self.answer_bytes_max);
                config.read_to_vec().map(|body| (status, after, body))
            });
            return match answer {
                Ok((status, after, body)) => self.text(method, status, after, body, calls),
                // all calls only read, so it does no harm to ask again
                Err(error) if is_cut(&error) && !is_retried => {
                    is_retried = true;
                    continue;
                }
                Err(error) => Err(self.failed(method, error)),
            };
        }
    }

    /// What an answer with this status means.
    fn text(
        &self,
        method: &'static str,
        status: u16,
        after_seconds: Option<u64>,
        body: Vec<u8>,
        calls: usize,
    ) -> Result<String, EvmError> {
        let url = self.shown();
        let text = String::from_utf8(body);
        let short = || self.redactor.short(text.as_deref().unwrap_or("bytes that are no text"));
        let is_json = text.as_ref().is_ok_and(|text| text.trim_start().starts_with(['{', '[']));
        Err(match status {
            401 | 403 => EvmError::Refused { url, status },
            429 => EvmError::RateLimited { url, after_seconds, message: short() },
            413 if calls > 1 => EvmError::BatchRefused { url, calls, message: short() },
            // errors of a call have status 400, 404 or 500 at some nodes, and JSON that says which
            200 | 400 | 404 | 500 if is_json => return Ok(text.unwrap_or_default()),
            500..=599 => EvmError::Trouble { url, status, message: short() },
            status => EvmError::NotANode { url, method, what: format!("HTTP {status}, {}", short()) },
        })
    }

    fn failed(&self, method: &'static str, error: Error) -> EvmError {
        let url = self.shown();
        let seconds = self.call_max.as_secs();
        let what = self.redactor.short(&error.to_string());
        match error {
            Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
                EvmError::Unreachable { url, what: "no connection in time".into() }
            }
            Error::Timeout(_) => EvmError::Timeout { url, method, seconds },
            Error::BodyExceedsLimit(_) => EvmError::TooLarge { url, method, limit: self.answer_bytes_max },
            Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => EvmError::Timeout { url, method, seconds },
            Error::Io(_) | Error::HostNotFound | Error::ConnectionFailed => EvmError::Unreachable { url, what },
            _ => EvmError::NotANode { url, method, what },
        }
    }

    fn read<'a, T: serde::Deserialize<'a>>(&self, method: &'static str, text: &'a str) -> Result<T, EvmError> {
        serde_json::from_str(text)
            .map_err(|error| self.no_node(method, format!("{error} in {}", self.redactor.short(text))))
    }

    /// What came is no node's answer.
    pub(crate) fn no_node(&self, method: &'static str, what: String) -> EvmError {
        EvmError::NotANode { url: self.shown(), method, what }
    }
}

/// Whether a kept connection is no longer one.
fn is_cut(error: &Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    match error {
        Error::Io(error) => matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof),
        _ => false,
    }
}
