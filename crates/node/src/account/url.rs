//! Addresses of endpoints and how to prove who calls. What is shown never holds a secret: hosted nodes put keys into the
//! path or the query, so everything behind the host is left out.

use super::error::EvmError;
use crate::error::shortened;
use base64::{Engine, prelude::BASE64_STANDARD};
use std::fmt;

/// A part of an address shorter than this is no key (`v3`, `rpc`), and would be cut out of every word otherwise.
const SECRET_MIN: usize = 8;

/// How to prove to an endpoint who is calling.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum Auth {
    /// Not at all, or by a key in the address.
    #[default]
    None,
    /// User and password.
    Basic(String, String),
    /// A token.
    Bearer(String),
    /// A header of the host's own, as `TRON-PRO-API-KEY`: name and value.
    Header(String, String),
}

/// Without secrets.
impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Basic(..) => "Basic(…)",
            Self::Bearer(_) => "Bearer(…)",
            Self::Header(..) => "Header(…)",
        })
    }
}

impl Auth {
    /// The header to send; `None` where there is none.
    pub(crate) fn header(&self) -> Option<(String, String)> {
        match self {
            Self::None => None,
            Self::Basic(user, password) => {
                let pair = BASE64_STANDARD.encode(format!("{user}:{password}"));
                Some(("Authorization".into(), format!("Basic {pair}")))
            }
            Self::Bearer(token) => Some(("Authorization".into(), format!("Bearer {token}"))),
            Self::Header(name, value) => Some((name.clone(), value.clone())),
        }
    }

    fn secrets(&self) -> Vec<&str> {
        match self {
            Self::None => Vec::new(),
            Self::Basic(_, password) => vec![password],
            Self::Bearer(text) | Self::Header(_, text) => vec![text],
        }
    }
}

/// The address of an endpoint: `http://`, `https://`, `ws://` or `wss://`.
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointUrl {
    whole: String,
    shown: String,
    auth: Auth,
}

impl fmt::Debug for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// Scheme, host and port; `/…` stands for a path.
impl fmt::Display for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.shown)
    }
}

impl EndpointUrl {
    /// Reads `scheme://[user:password@]host[:port][/path][?query]`; user and password come out apart, percent-decoded.
    pub fn parse(text: &str) -> Result<Self, EvmError> {
        // an error must not repeat what could be a key: nothing but the scheme is shown before the rest is understood
        let shown = text.split_once("://").map_or("…".to_owned(), |(scheme, _)| format!("{}://…", shortened(scheme)));
        let wrong = |what| EvmError::Url { input: shown.clone(), what };
        let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong("an address begins with http:// or ws://"))?;
        if !matches!(scheme, "http" | "https" | "ws" | "wss") {
            return Err(wrong("an address begins with http://, https://, ws:// or wss://"));
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        crate::url::check_host(host).map_err(wrong)?;
        if !path.bytes().all(|b| b.is_ascii_graphic() && b != b'#' && b != b'"') {
            return Err(wrong("the path has characters that no address has"));
        }
        let auth = match user {
            None => Auth::None,
            Some(pair) => {
                let (user, password) =
                    pair.split_once(':').ok_or_else(|| wrong("before the @ stands user:password"))?;
                let read = |text| {
                    crate::url::decode(text).ok_or_else(|| wrong("user or password has a % that is no %XX of UTF-8"))
                };
                Auth::Basic(read(user)?, read(password)?)
            }
        };
        let more = if path.len() > 1 { "/…" } else { "" };
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { whole: format!("{scheme}://{host}{path}"), shown: format!("{scheme}://{host}{more}"), auth })
    }

    /// The address with its path, without user and password. It can hold a key: not for showing.
    pub(crate) fn whole(&self) -> &str {
        &self.whole
    }

    /// User and password of the address.
    pub(crate) fn auth(&self) -> &Auth {
        &self.auth
    }

    /// Whether it is a WebSocket's.
    pub fn is_socket(&self) -> bool {
        self.whole.starts_with("ws")
    }

    /// What must never be shown: a server's words can repeat them.
    pub(crate) fn redactor(&self, auth: &Auth) -> Redactor {
        let path = self.whole.splitn(4, '/').nth(3).unwrap_or_default();
        let parts = path.split(['/', '?', '&', '=']).filter(|part| part.len() >= SECRET_MIN);
        let secrets = auth.secrets().into_iter().chain(self.auth.secrets()).filter(|secret| !secret.is_empty());
        Redactor(secrets.chain(parts).map(str::to_owned).collect())
    }
}

/// Cuts secrets out of texts.
#[derive(Clone, Default)]
pub(crate) struct Redactor(Vec<String>);

impl Redactor {
    /// A stranger's text: short, without control characters, without secrets.
    pub(crate) fn short(&self, text: &str) -> String {
        // a head large enough that no secret is cut in half at its end and shown
        let mut head: String = text.chars().take(4096).collect();
        for secret in &self.0 {
            head = head.replace(secret.as_str(), "…");
        }
        shortened(head.trim())
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let url = EndpointUrl::parse("https://user:p%40ss@host.example:8545/v3/0123456789abcdef?apikey=deadbeefdead")
            .unwrap();
        assert_eq!(url.whole(), "https://host.example:8545/v3/0123456789abcdef?apikey=deadbeefdead");
        assert_eq!(url.auth(), &Auth::Basic("user".into(), "p@ss".into()));
        let texts = [url.to_string(), format!("{url:?} {:?}", url.auth())];
        let said = url
            .redactor(&Auth::Bearer("tokentoken".into()))
            .short("invalid key 0123456789abcdef or deadbeefdead, \u{1b}p@ss tokentoken of v3");
        assert_eq!(said, "invalid key … or …, \\u{1b}… … of v3");
        for text in texts {
            assert!(!["p@ss", "0123456789", "deadbeef", "user"].iter().any(|s| text.contains(s)), "{text}");
        }
        assert_eq!(EndpointUrl::parse("http://127.0.0.1:8545").unwrap().to_string(), "http://127.0.0.1:8545");
        assert_eq!(EndpointUrl::parse("http://h?k=1").unwrap().whole(), "http://h/?k=1");
        assert!(EndpointUrl::parse("ws://[::1]:8546/").unwrap().is_socket());
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_it() {
        for bad in [
            "secret:8545",
            "ftp://secret",
            "http://",
            "http://secret@h",
            "http://u:secret%zz@h",
            "http://ho st/secret",
            "http://h:99999/secret",
            "http://h/sec ret",
        ] {
            let error = EndpointUrl::parse(bad).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
