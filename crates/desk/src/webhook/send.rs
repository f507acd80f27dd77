//! Sending one delivery: over HTTP here, other ways by [`crate::sink`].

use super::guard::{GuardError, Target};
use super::sign::{SIGNATURE_HEADER, signature};
use crate::sink::{self, Parcel, Transport};
use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

/// Finds the addresses of a host and port.
pub type Lookup = Arc<dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync>;

/// Longest head of a response, in bytes. Its body is not read: the status says all.
const HEAD_BYTES_MAX: usize = 16 << 10;
/// Addresses of one host that are tried.
const ADDRESSES_MAX: usize = 8;

/// How long anything may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderSettings {
    /// Looking the name up.
    pub resolve: Duration,
    /// Connecting.
    pub connect: Duration,
    /// The whole delivery, to the end of the response's head.
    pub total: Duration,
}

impl Default for SenderSettings {
    fn default() -> Self {
        Self { resolve: Duration::from_secs(5), connect: Duration::from_secs(5), total: Duration::from_secs(15) }
    }
}

/// Why a delivery failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The target is refused.
    #[error("refused: {0}")]
    Refused(#[from] GuardError),
    /// It answered, but not with 2xx.
    #[error("answered {status}{}", if (300..400).contains(status) { ": redirects are not followed" } else { "" })]
    Status {
        /// The status.
        status: u16,
    },
    /// It did not answer, or not in time.
    #[error("{0}")]
    Failed(String),
    /// The certificates given to trust cannot be read.
    #[error("certificates to trust: {0}")]
    Certificates(String),
}

/// Sends deliveries.
#[derive(Clone)]
pub struct Sender {
    settings: SenderSettings,
    lookup: Lookup,
    roots: RootCerts,
    has_stdout: bool,
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Sender {
    /// A sender that asks the system for addresses and trusts the certificate authorities that Mozilla does.
    pub fn new(settings: SenderSettings) -> Self {
        let lookup: Lookup = Arc::new(|host, port| (host, port).to_socket_addrs().map(Iterator::collect));
        Self { settings, lookup, roots: RootCerts::WebPki, has_stdout: false }
    }

    /// The same with another way to find addresses.
    #[must_use]
    pub fn with_lookup(mut self, lookup: Lookup) -> Self {
        self.lookup = lookup;
        self
    }

    /// The same, but trusting only the certificates of a PEM text: for servers with a certificate of one's own authority.
    pub fn with_roots(mut self, pem: &[u8]) -> Result<Self, SendError> {
        let mut roots = Vec::new();
        for item in parse_pem(pem) {
            match item {
                Ok(PemItem::Certificate(certificate)) => roots.push(certificate),
                Ok(_) => {}
                Err(error) => return Err(SendError::Certificates(error.to_string())),
            }
        }
        if roots.is_empty() {
            return Err(SendError::Certificates("there is none in the file".into()));
        }
        self.roots = RootCerts::new_with_certs(&roots);
        Ok(self)
    }

    /// The longest that one delivery can take, in seconds.
    pub(crate) fn seconds_max(&self) -> i64 {
        self.settings.total.as_secs() as i64 + 1
    }

    /// The same for a process whose standard output takes events.
    #[must_use]
    pub fn with_stdout(mut self) -> Self {
        self.has_stdout = true;
        self
    }

    /// Whether events may go to the standard output.
    pub(crate) fn has_stdout(&self) -> bool {
        self.has_stdout
    }

    /// Sends one event, over HTTP signed for the time of sending.
    pub fn send(&self, url: &str, secret: &str, parcel: &Parcel<'_>, internal: bool) -> Result<(), SendError> {
        match Transport::parse(url) {
            Ok(Transport::Webhook) => {}
            Ok(transport) => return sink::send(&transport, secret, parcel, self.settings.total),
            Err(error) => return Err(SendError::Failed(error.to_string())),
        }
        let target = Target::parse(url)?;
        let config = Config::builder()
            // a proxy of the environment would be told the target, and connect where nobody judges
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .max_response_header_size(HEAD_BYTES_MAX)
            .max_idle_connections(0)
            .timeout_global(Some(self.settings.total))
            .timeout_connect(Some(self.settings.connect))
            .timeout_resolve(Some(self.settings.resolve))
            .tls_config(TlsConfig::builder().root_certs(self.roots.clone()).build())
            .user_agent(format!("athar/{}", env!("CARGO_PKG_VERSION")))
            .accept_encoding("identity")
            .build();
        let judge = Judge { target, internal, lookup: self.lookup.clone(), resolve: self.settings.resolve };
        let agent = ureq::Agent::with_parts(config, DefaultConnector::default(), judge);
        let sent = agent
            .post(url)
            .header("Content-Type", "application/json")
            .header("Athar-Event-Id", parcel.event)
            .header("Athar-Event-Type", parcel.kind)
            .header("Athar-Delivery-Id", parcel.delivery.to_string())
            .header("Athar-Attempt", parcel.attempt.to_string())
            .header("Athar-Duplicate", parcel.is_duplicate().to_string())
            .header(SIGNATURE_HEADER, signature(secret, parcel.now, parcel.body.as_bytes()))
            .send(parcel.body);
        match sent {
            Ok(response) if response.status().is_success() => Ok(()),
            Ok(response) => Err(SendError::Status { status: response.status().as_u16() }),
            Err(ureq::Error::Io(error)) => match error.get_ref().and_then(|e| e.downcast_ref::<GuardError>()) {
                Some(refused) => Err(SendError::Refused(refused.clone())),
                None => Err(SendError::Failed(error.to_string())),
            },
            Err(error) => Err(SendError::Failed(error.to_string())),
        }
    }
}

/// Looks the target up and judges every address that it has; the client connects to those it is given and no other.
struct Judge {
    target: Target,
    internal: bool,
    lookup: Lookup,
    resolve: Duration,
}

impl fmt::Debug for Judge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Judge").field("target", &self.target).finish_non_exhaustive()
    }
}

impl Resolver for Judge {
    fn resolve(&self, _: &Uri, _: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let (answer, answered) = mpsc::channel();
        let (host, port, lookup) = (self.target.host.clone(), self.target.port, self.lookup.clone());
        // a look-up by the system cannot be interrupted: it ends in its own time
        thread::Builder::new().name("webhook lookup".into()).spawn(move || answer.send(lookup(&host, port)))?;
        let wait = if timeout.after.is_not_happening() { self.resolve } else { (*timeout.after).min(self.resolve) };
        let found = answered.recv_timeout(wait).map_err(|_| ureq::Error::Timeout(ureq::Timeout::Resolve))??;
        let mut addresses = self.empty();
        for address in found.into_iter().take(ADDRESSES_MAX) {
            // one that is refused rules the host out: it must not depend on which of them answers
            self.target.judge(address.ip(), self.internal).map_err(io::Error::other)?;
            addresses.push(address);
        }
        if addresses.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(addresses) }
    }
}
