//! Addresses of nodes. What is shown never holds a password.

use crate::error::{NodeError, shortened};
use std::{fmt, path::PathBuf};

/// How to prove to the node who is calling.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// The file that the node writes anew at each start.
    Cookie(PathBuf),
    /// The node's `-rpcuser` and `-rpcpassword`, or one of its `-rpcauth`.
    Password {
        /// User.
        user: String,
        /// Password.
        password: String,
    },
}

/// Without the password.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cookie(path) => f.debug_tuple("Cookie").field(path).finish(),
            Self::Password { user, .. } => f.debug_struct("Password").field("user", user).finish_non_exhaustive(),
        }
    }
}

/// The address of a node's RPC, as `http://127.0.0.1:8332/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RpcUrl {
    clean: String,
}

impl RpcUrl {
    /// Reads `http://[user:password@]host[:port][/path]`; user and password come out apart, percent-decoded.
    pub fn parse(text: &str) -> Result<(Self, Option<Credentials>), NodeError> {
        // the error must not repeat a password
        let shown = match text.rsplit_once('@') {
            Some((_, rest)) => format!("…@{}", shortened(rest)),
            None => shortened(text),
        };
        let wrong = |what| NodeError::Url { input: shown.clone(), what };
        if text.starts_with("https://") {
            return Err(wrong(
                "a node's RPC is plain http; use a tunnel (ssh -L, stunnel) to reach one over a network",
            ));
        }
        let rest = text.strip_prefix("http://").ok_or_else(|| wrong("a node's RPC address begins with http://"))?;
        let (authority, path) = match rest.split_once('/') {
            Some((authority, path)) => (authority, path),
            None => (rest, ""),
        };
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        check_host(host).map_err(wrong)?;
        if !path.bytes().all(|b| b.is_ascii_graphic() && b != b'#' && b != b'"') {
            return Err(wrong("the path has characters that no node's address has"));
        }
        let credentials = match user {
            None => None,
            Some(pair) => {
                let (user, password) =
                    pair.split_once(':').ok_or_else(|| wrong("before the @ stands user:password"))?;
                let read = |text| decode(text).ok_or_else(|| wrong("user or password has a % that is no %XX of UTF-8"));
                Some(Credentials::Password { user: read(user)?, password: read(password)? })
            }
        };
        Ok((Self { clean: format!("http://{host}/{path}") }, credentials))
    }

    /// The address without user and password.
    pub fn as_str(&self) -> &str {
        &self.clean
    }
}

impl fmt::Display for RpcUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.clean)
    }
}

/// An address on which a node publishes notices, as `tcp://127.0.0.1:28332`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZmqUrl {
    host: String,
    port: u16,
}

impl ZmqUrl {
    /// Reads `tcp://host:port`.
    pub fn parse(text: &str) -> Result<Self, NodeError> {
        let wrong = |what| NodeError::Url { input: shortened(text), what };
        let rest = text.strip_prefix("tcp://").ok_or_else(|| wrong("a ZMQ address begins with tcp://"))?;
        check_host(rest).map_err(wrong)?;
        let (host, port) = rest.rsplit_once(':').ok_or_else(|| wrong("a ZMQ address ends with a port"))?;
        let port = port.parse().map_err(|_| wrong("a ZMQ address ends with a port"))?;
        Ok(Self { host: host.to_owned(), port })
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `host:port`, with an IPv6 host in brackets.
    pub(crate) fn socket(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

impl fmt::Display for ZmqUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("tcp://{}:{}", self.host, self.port))
    }
}

/// `host`, `host:port` or `[ipv6]:port`.
pub(crate) fn check_host(text: &str) -> Result<(), &'static str> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or("an IPv6 host stands in brackets")?;
            (host, port.strip_prefix(':').or(port.is_empty().then_some("0")))
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, Some("0")),
        },
    };
    if host.is_empty() || !host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:%".contains(&b)) {
        return Err("no host name or address there");
    }
    match port.map(str::parse::<u16>) {
        Some(Ok(_)) => Ok(()),
        _ => Err("the port is no number up to 65535"),
    }
}

pub(crate) fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let [high, low, after @ ..] = tail else { return None };
            let digit = |b: u8| (b as char).to_digit(16);
            out.push((digit(*high)? << 4 | digit(*low)?) as u8);
            rest = after;
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_password_come_out_apart_and_are_never_shown() {
        let (url, credentials) = RpcUrl::parse("http://alice:p%40ss%3A:w@127.0.0.1:8332").unwrap();
        assert_eq!(url.to_string(), "http://127.0.0.1:8332/");
        let credentials = credentials.unwrap();
        assert_eq!(credentials, Credentials::Password { user: "alice".into(), password: "p@ss::w".into() });
        assert!(!format!("{credentials:?} {url:?}").contains("p@ss"));
        assert_eq!(RpcUrl::parse("http://[::1]:18443/wallet/x").unwrap().0.as_str(), "http://[::1]:18443/wallet/x");
        assert_eq!(RpcUrl::parse("http://node").unwrap(), (RpcUrl { clean: "http://node/".into() }, None));
        for bad in [
            "127.0.0.1:8332",
            "ftp://secret@h",
            "https://u:secret@h",
            "http://",
            "http://u:secret@",
            "http://secret@host",
            "http://u:secret%zz@host",
            "http://u:secret@host:99999",
            "http://u:secret@ho st",
            "http://u:secret@[::1",
        ] {
            let error = RpcUrl::parse(bad).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn zmq_addresses_have_a_host_and_a_port() {
        assert_eq!(ZmqUrl::parse("tcp://127.0.0.1:28332").unwrap().to_string(), "tcp://127.0.0.1:28332");
        assert_eq!(ZmqUrl::parse("tcp://[::1]:1").unwrap().socket(), "[::1]:1");
        for bad in ["127.0.0.1:1", "tcp://:1", "tcp://h", "tcp://h:x", "tcp://h:70000", "ipc:///x", "tcp://[::1]"] {
            assert!(ZmqUrl::parse(bad).is_err(), "{bad}");
        }
    }
}
