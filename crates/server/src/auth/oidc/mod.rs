//! Logging in at a provider of OpenID Connect: authorization code with PKCE, a nonce, and the provider's published keys.
//!
//! What belongs to a login under way (state, nonce, verifier) goes with the browser in a cookie of ten minutes, so that any of
//! several servers can take the way back. The cookie is bound to this host (`__Host-` where there is TLS), and the state in it must be
//! the one that the provider gives back: a login begun by somebody else cannot be finished here.

mod claims;
mod keys;
mod provider;

pub(crate) use provider::Provider;

use crate::problem::{Problem, codes};
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use std::fmt;
use subtle::ConstantTimeEq;

/// Seconds that a login at the provider may take.
const LOGIN_SECONDS: u32 = 600;

/// A provider to log in at.
#[derive(Clone, PartialEq, Eq)]
pub struct Oidc {
    /// The provider, exactly as it calls itself: `https://login.example/realms/fiu`.
    pub issuer: String,
    /// What it calls this service.
    pub client_id: String,
    /// The secret of this service with it; none for a public client.
    pub client_secret: Option<String>,
    /// The name on the button.
    pub name: String,
    /// Whether somebody whom the provider lets in and nobody here knows becomes a viewer.
    pub make_users: bool,
    /// Certificates that alone are trusted for it, as PEM; Mozilla's where none are given.
    pub roots: Option<Vec<u8>>,
}

impl fmt::Debug for Oidc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { issuer, client_id, name, make_users, .. } = self;
        let mut out = f.debug_struct("Oidc");
        out.field("issuer", issuer).field("client_id", client_id).field("name", name).field("make_users", make_users);
        out.finish_non_exhaustive()
    }
}

/// Who the provider says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The number of the person with the provider; never given to another.
    pub(crate) subject: String,
    /// The name that the person logs in by there, where it tells one.
    pub(crate) name: Option<String>,
    /// The name for people to read, where it tells one.
    pub(crate) display: Option<String>,
}

/// A login under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Begun {
    state: String,
    nonce: String,
    verifier: String,
}

impl Begun {
    /// A new one.
    pub(crate) fn new() -> Result<Self, Problem> {
        let token = || super::token().map_err(Problem::internal);
        Ok(Self { state: token()?, nonce: token()?, verifier: token()? })
    }

    /// The one of a request, where the state that the provider gave back is its own.
    pub(crate) fn of(headers: &HeaderMap, secure: bool, state: &str) -> Result<Self, Problem> {
        let none = || refused("the login was begun elsewhere, or longer than ten minutes ago");
        let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut values = texts.flat_map(|text| text.split(';')).filter_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == cookie_name(secure)).then_some(value)
        });
        let (Some(value), None) = (values.next(), values.next()) else { return Err(none()) };
        let parts: Vec<&str> = value.split('.').collect();
        let [stored, nonce, verifier] = parts[..] else { return Err(none()) };
        let is_own = bool::from(stored.as_bytes().ct_eq(state.as_bytes())) && !stored.is_empty();
        if !is_own || nonce.is_empty() || verifier.is_empty() {
            return Err(none());
        }
        Ok(Self { state: stored.into(), nonce: nonce.into(), verifier: verifier.into() })
    }

    /// The cookie that goes with the browser. The way back begins at the provider, so it is sent by a link from another site.
    pub(crate) fn cookie(&self, secure: bool) -> Option<HeaderValue> {
        let Self { state, nonce, verifier } = self;
        let flags = if secure { "; Secure" } else { "" };
        let name = cookie_name(secure);
        let text = format!(
            "{name}={state}.{nonce}.{verifier}; Path=/; HttpOnly; SameSite=Lax{flags}; Max-Age={LOGIN_SECONDS}"
        );
        let mut value = HeaderValue::try_from(text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// What the provider is given instead of the verifier: its SHA-256 (RFC 7636).
    fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, self.verifier.as_bytes()))
    }
}

/// Has the browser forget the cookie.
pub(crate) fn clear(secure: bool) -> Option<HeaderValue> {
    let flags = if secure { "; Secure" } else { "" };
    HeaderValue::try_from(format!("{}=; Path=/; HttpOnly; SameSite=Lax{flags}; Max-Age=0", cookie_name(secure))).ok()
}

const fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-athar_oidc" } else { "athar_oidc" }
}

/// A login that the provider, or this service, does not grant. What exactly was wrong is for the log.
pub(crate) fn refused(cause: impl Into<String>) -> Problem {
    let mut problem = Problem::new(codes::LOGIN_REFUSED, "the provider's answer lets nobody in; begin again");
    problem.cause = Some(cause.into());
    problem
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;

    #[test]
    fn a_login_comes_back_only_to_the_browser_that_began_it() {
        let begun = Begun::new().unwrap();
        let cookie = begun.cookie(true).unwrap().to_str().unwrap().to_owned();
        assert!(cookie.starts_with("__Host-athar_oidc=") && cookie.contains("; Secure") && cookie.contains("HttpOnly"));
        let sent = cookie.split(';').next().unwrap();
        let headers = HeaderMap::from_iter([(COOKIE, sent.parse().unwrap())]);
        assert_eq!(Begun::of(&headers, true, &begun.state).unwrap(), begun);
        for wrong in ["", "x", &Begun::new().unwrap().state] {
            assert_eq!(Begun::of(&headers, true, wrong).unwrap_err().code, codes::LOGIN_REFUSED);
        }
        assert!(Begun::of(&headers, false, &begun.state).is_err(), "a cookie that a plain page could have planted");
        assert!(Begun::of(&HeaderMap::new(), true, &begun.state).is_err());
        let twice = HeaderMap::from_iter([(COOKIE, format!("{sent}; {sent}").parse().unwrap())]);
        assert!(Begun::of(&twice, true, &begun.state).is_err());
    }

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned();
        let begun = Begun { state: String::new(), nonce: String::new(), verifier };
        assert_eq!(begun.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn the_secret_is_shown_nowhere() {
        let oidc = Oidc {
            issuer: "https://login.example".into(),
            client_id: "athar".into(),
            client_secret: Some("hunter2".into()),
            name: "Login".into(),
            make_users: false,
            roots: None,
        };
        assert!(!format!("{oidc:?}").contains("hunter2"));
    }
}
