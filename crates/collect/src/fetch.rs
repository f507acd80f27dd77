//! Fetching a list: one URL after the other, politely, each answer into the archive.

use crate::list::Listed;
use crate::robots::{ROBOTS_BYTES_MAX, Robots};
use crate::warc::{RecordHead, WarcWriter, digest};
use crate::wire::{Tape, TapeConnector, Taped};
use crate::{CollectError, read_list};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Connector, NextTimeout, RustlsConnector, SocksConnector, TcpConnector};
use ureq::{Error, Proxy, ProxyProtocol};

/// The token that `robots.txt` files name us by.
const PRODUCT: &str = "athar";
/// Longest head of an answer, in bytes.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// Longest wait that a `robots.txt` may ask for between two requests; a longer one is cut to it, and told.
const DELAY_MAX: Duration = Duration::from_secs(60);

/// How to fetch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// A SOCKS proxy as `socks5h://127.0.0.1:9050`. With it everything goes through it, names included.
    pub proxy: Option<String>,
    /// Time between two requests to one host.
    pub delay: Duration,
    /// Longest time of one request, to the last byte.
    pub time: Duration,
    /// Largest answer that is kept, head and body, in bytes.
    pub bytes: usize,
    /// By what authority `robots.txt` is not asked, in the user's words; they go into the archive.
    pub authority: Option<String>,
    /// What is sent as `User-Agent`.
    pub user_agent: String,
    /// Who runs it, as they name themselves; goes into the archive.
    pub operator: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            proxy: None,
            delay: Duration::from_secs(2),
            time: Duration::from_secs(60),
            bytes: 32 << 20,
            authority: None,
            user_agent: format!("athar/{} (research; reads robots.txt)", env!("CARGO_PKG_VERSION")),
            operator: None,
        }
    }
}

/// What became of one URL.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// An answer came, whatever its status, and is in the archive.
    Stored,
    /// A part of an answer came and is in the archive, marked as cut.
    Cut,
    /// The host's `robots.txt` forbids it: it was not asked.
    Forbidden,
    /// No answer came.
    Failed,
}

/// One URL and what became of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Collected {
    /// The URL.
    pub url: String,
    /// Its line in the list, from 1.
    pub line: usize,
    /// What became of it.
    pub outcome: Outcome,
    /// The status of the answer.
    pub status: Option<u16>,
    /// Where a redirect leads. It was not followed: put it on the list to fetch it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Bytes of the answer that were kept, head and body.
    pub bytes: u64,
    /// SHA-256 of these bytes, as the archive has it.
    pub sha256: Option<String>,
    /// When it was asked, as 2026-01-31T12:00:00Z.
    pub time: String,
    /// The record's id in the archive.
    pub record: Option<String>,
    /// Why it failed, was cut or not asked.
    pub why: Option<String>,
}

/// What became of a list.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, JsonSchema)]
pub struct Summary {
    /// The archive.
    pub archive: PathBuf,
    /// URLs of the list.
    pub urls: usize,
    /// Those with an answer in the archive, whole or cut.
    pub stored: usize,
    /// Those that a `robots.txt` forbids.
    pub forbidden: usize,
    /// Those without an answer.
    pub failed: usize,
}

/// Fetches lists.
#[derive(Debug)]
pub struct Collector {
    settings: Settings,
    proxy: Option<Proxy>,
    robots: HashMap<String, Robots>,
    last: HashMap<String, Instant>,
}

impl Collector {
    /// A collector. A proxy that would look names up on this machine is refused.
    pub fn new(settings: Settings) -> Result<Self, CollectError> {
        let proxy = match &settings.proxy {
            None => None,
            Some(text) => {
                let proxy = Proxy::new(text).map_err(|e| CollectError::Proxy(format!("{text}: {e}")))?;
                if proxy.protocol() != ProxyProtocol::Socks5h {
                    let what = format!("{text}: it must be socks5h://HOST:PORT, so that no name is looked up here");
                    return Err(CollectError::Proxy(what));
                }
                Some(proxy)
            }
        };
        Ok(Self { settings, proxy, robots: HashMap::new(), last: HashMap::new() })
    }

    /// Fetches the URLs of `list` into a new archive at `archive`, and tells each as it is done. `told` may end the run by `false`; the
    /// archive then holds what came so far.
    pub fn collect(
        &mut self,
        list: &Path,
        archive: &Path,
        mut told: impl FnMut(&Collected) -> bool,
    ) -> Result<Summary, CollectError> {
        let listed = read_list(list)?;
        // before anything is sent: half a list fetched and then refused would be no use
        if let Some(onion) = listed.iter().find(|l| l.is_onion()).filter(|_| self.proxy.is_none()) {
            return Err(CollectError::Onion { path: list.into(), line: onion.line, host: onion.host() });
        }
        let io = |source| CollectError::Io { path: archive.into(), source };
        // never over something that is there: it may be evidence
        let file = OpenOptions::new().write(true).create_new(true).open(archive).map_err(io)?;
        let mut warc = WarcWriter::new(BufWriter::new(file));
        self.write_info(&mut warc, list).map_err(io)?;
        let mut summary = Summary { archive: archive.into(), urls: listed.len(), ..Summary::default() };
        for url in &listed {
            let collected = self.one(url, &mut warc).map_err(io)?;
            // what was told to be stored is on the disk
            warc.get_mut().get_ref().sync_data().map_err(io)?;
            match collected.outcome {
                Outcome::Stored | Outcome::Cut => summary.stored += 1,
                Outcome::Forbidden => summary.forbidden += 1,
                Outcome::Failed => summary.failed += 1,
            }
            if !told(&collected) {
                break;
            }
        }
        Ok(summary)
    }

    fn write_info(&self, warc: &mut WarcWriter<BufWriter<File>>, list: &Path) -> std::io::Result<()> {
        let settings = &self.settings;
        let name = list.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let mut info = format!(
            "software: athar/{}\r\nformat: WARC File Format 1.1\r\nlist: {name}\r\nuser-agent: {}\r\nrobots: {}\r\n",
            env!("CARGO_PKG_VERSION"),
            settings.user_agent,
            if settings.authority.is_some() { "not asked" } else { "honoured" },
        );
        for (key, value) in [("authority", &settings.authority), ("operator", &settings.operator)] {
            if let Some(value) = value {
                info.push_str(&format!("{key}: {}\r\n", value.replace(['\r', '\n'], " ")));
            }
        }
        info.push_str(&format!("proxied: {}\r\n", self.proxy.is_some()));
        let head =
            RecordHead { kind: "warcinfo", date: &now(), media: "application/warc-fields", ..RecordHead::default() };
        warc.write(&head, info.as_bytes()).map(drop)
    }

    fn one(&mut self, url: &Listed, warc: &mut WarcWriter<BufWriter<File>>) -> std::io::Result<Collected> {
        let mut collected = Collected {
            url: url.url.clone(),
            line: url.line,
            outcome: Outcome::Failed,
            status: None,
            location: None,
            bytes: 0,
            sha256: None,
            time: now(),
            record: None,
            why: None,
        };
        let mut delay = self.settings.delay;
        if self.settings.authority.is_none() {
            let robots = self.robots_of(url);
            if !robots.allows(&url.path()) {
                collected.outcome = Outcome::Forbidden;
                collected.why = Some("the host's robots.txt forbids it, or could not be read".into());
                return Ok(collected);
            }
            let asked = Duration::from_secs(u64::from(robots.delay_s.unwrap_or(0)));
            delay = delay.max(asked.min(DELAY_MAX));
        }
        self.wait(&url.origin(), delay);
        collected.time = now();
        let (answer, error) = self.get(&url.url, self.settings.bytes);
        let Taped { sent, received, was_cut, .. } = answer;
        // what was asked and what came of it; where nothing came, why
        let request = RecordHead {
            kind: "request",
            uri: Some(&url.url),
            date: &collected.time,
            media: "application/http; msgtype=request",
            ..RecordHead::default()
        };
        let head_end = head_end(&received);
        collected.why = error.as_ref().map(ToString::to_string);
        if received.is_empty() {
            let note = format!("failed: {}\r\n", collected.why.clone().unwrap_or_default().replace(['\r', '\n'], " "));
            let head = RecordHead { kind: "metadata", media: "application/warc-fields", ..request };
            collected.record = Some(warc.write(&head, note.as_bytes())?);
            return Ok(collected);
        }
        let truncated = match &error {
            _ if was_cut => Some("length"),
            Some(Error::Timeout(_)) => Some("time"),
            Some(_) => Some("disconnect"),
            None => None,
        };
        let head = RecordHead {
            kind: "response",
            media: "application/http; msgtype=response",
            truncated,
            payload_at: head_end,
            ..request.clone()
        };
        let id = warc.write(&head, &received)?;
        warc.write(&RecordHead { concurrent_to: Some(&id), ..request }, &sent)?;
        let (status, location) = status_and_location(&received[..head_end.unwrap_or(received.len())]);
        collected.outcome = if truncated.is_some() { Outcome::Cut } else { Outcome::Stored };
        if let (Some(_), Some(300..=399)) = (&location, status) {
            collected
                .why
                .get_or_insert_with(|| "a redirect; not followed, since only what the list names is fetched".into());
        }
        collected.status = status;
        collected.location = location;
        collected.bytes = received.len() as u64;
        collected.sha256 = Some(digest(&received).replacen("sha256:", "", 1));
        collected.record = Some(id);
        Ok(collected)
    }

    fn robots_of(&mut self, url: &Listed) -> Robots {
        let origin = url.origin();
        if let Some(robots) = self.robots.get(&origin) {
            return robots.clone();
        }
        self.wait(&origin, self.settings.delay);
        let bytes_max = ROBOTS_BYTES_MAX as usize + HEAD_BYTES_MAX;
        let (answer, error) = self.get(&format!("{origin}/robots.txt"), bytes_max);
        let end = head_end(&answer.received).unwrap_or(answer.received.len());
        let (status, _) = status_and_location(&answer.received[..end]);
        // RFC 9309, 2.3.1: absent is no rule; a failing or silent server is a complete ban; redirects we do not follow
        let robots = match (status, &error) {
            (Some(200..=299), _) if error.is_none() || answer.was_cut => {
                let body = &answer.received[end..];
                let text = String::from_utf8_lossy(&unchunked(&answer.received[..end], body)).into_owned();
                Robots::read(&text, PRODUCT)
            }
            (Some(300..=499), _) => Robots::allow_all(),
            _ => Robots::forbid_all(),
        };
        self.robots.insert(origin, robots.clone());
        robots
    }

    fn wait(&mut self, origin: &str, delay: Duration) {
        if let Some(last) = self.last.get(origin) {
            thread::sleep(delay.saturating_sub(last.elapsed()));
        }
        self.last.insert(origin.to_owned(), Instant::now());
    }

    /// One GET: what went over the wire, and how it ended.
    fn get(&self, url: &str, bytes_max: usize) -> (Taped, Option<Error>) {
        let tape = Tape::new(bytes_max);
        let config = ureq::Agent::config_builder()
            // a proxy of the environment would be told the target without the user's knowing
            .proxy(self.proxy.clone())
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .max_response_header_size(HEAD_BYTES_MAX)
            .max_idle_connections(0)
            .timeout_global(Some(self.settings.time))
            .user_agent(self.settings.user_agent.as_str())
            // the bytes are evidence: as plain as the server gives them
            .accept_encoding("identity")
            .build();
        let connector =
            ().chain(SocksConnector::default())
                .chain(TcpConnector::default())
                .chain(RustlsConnector::default())
                .chain(TapeConnector(tape.clone()));
        let resolver = Names { inner: DefaultResolver::default() };
        let agent = ureq::Agent::with_parts(config, connector, resolver);
        let error = match agent.get(url).header("Connection", "close").call() {
            Ok(response) => {
                let mut body = response.into_body().into_reader();
                std::io::copy(&mut body, &mut std::io::sink()).err().map(Error::from)
            }
            Err(error) => Some(error),
        };
        (tape.with(std::mem::take), error)
    }
}

/// Looks names up, but never that of an onion service: the question alone would tell the network who is being looked at.
#[derive(Debug)]
struct Names {
    inner: DefaultResolver,
}

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        if crate::list::is_onion(uri.host().unwrap_or_default()) {
            return Err(Error::HostNotFound);
        }
        self.inner.resolve(uri, config, timeout)
    }
}

/// Where the head of an answer ends.
fn head_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|w| w == b"\r\n\r\n").map(|at| at + 4)
}

/// The status of an answer, and where it leads.
fn status_and_location(head: &[u8]) -> (Option<u16>, Option<String>) {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|s| s.parse().ok());
    let location = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("location"))
        .map(|(_, value)| value.trim().chars().filter(|c| !c.is_control()).collect());
    (status, location)
}

/// The body of a `robots.txt`, without the lengths of chunks where it has them. A wrong length ends it there.
fn unchunked(head: &[u8], body: &[u8]) -> Vec<u8> {
    if !String::from_utf8_lossy(head).to_ascii_lowercase().contains("transfer-encoding: chunked") {
        return body.to_vec();
    }
    let (mut out, mut rest) = (Vec::new(), body);
    while let Some(end) = rest.windows(2).position(|w| w == b"\r\n") {
        let line = String::from_utf8_lossy(&rest[..end]).into_owned();
        let length = line.split(';').next().and_then(|n| usize::from_str_radix(n.trim(), 16).ok());
        let Some(length) = length.filter(|n| *n > 0) else { break };
        let chunk = &rest[end + 2..];
        out.extend_from_slice(&chunk[..length.min(chunk.len())]);
        rest = chunk.get(length.saturating_add(2)..).unwrap_or_default();
    }
    out
}

/// Now, as 2026-01-31T12:00:00Z.
fn now() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    athar_types::UnixTime(u32::try_from(seconds).unwrap_or(u32::MAX)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_and_chunks_are_read() {
        let answer = b"HTTP/1.1 302 Found\r\nLOCATION: /x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n";
        let end = head_end(answer).unwrap();
        assert_eq!(status_and_location(&answer[..end]), (Some(302), Some("/x".into())));
        assert_eq!(unchunked(&answer[..end], &answer[end..]), b"abcde");
        assert_eq!(unchunked(&answer[..end], b"ffffffffffffffff\r\nab"), b"ab");
        assert_eq!(unchunked(&answer[..end], b"9\r\nab"), b"ab");
        assert_eq!(status_and_location(b"garbage"), (None, None));
    }
}
