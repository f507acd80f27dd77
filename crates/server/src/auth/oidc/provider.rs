//! Speaking to the provider: where its pages are, its keys, and a code against a token.

use super::keys::{Keys, Unsigned};
use super::{Begun, Identity, Oidc, claims, refused};
use crate::generation::held;
use crate::problem::{Problem, codes};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

/// How long one of its answers may take.
const TIME: Duration = Duration::from_secs(10);
/// Bytes of one of its answers.
const ANSWER_BYTES_MAX: u64 = 1 << 20;
/// How long what it says of itself is kept.
const KEPT: Duration = Duration::from_secs(3_600);
/// How soon its keys are asked for again where a token names an unknown one.
const ASK_AGAIN: Duration = Duration::from_secs(30);

/// A provider, and what it said of itself.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) oidc: Oidc,
    agent: ureq::Agent,
    known: Mutex<Option<Arc<Known>>>,
}

#[derive(Debug)]
struct Known {
    places: Places,
    keys: Keys,
    at: Instant,
}

/// What it says of itself (OpenID Connect Discovery).
#[derive(Debug, Deserialize)]
struct Places {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

impl Provider {
    /// Asks nobody anything yet. Only certificates that cannot be read are an error.
    pub(crate) fn new(oidc: Oidc) -> Result<Self, String> {
        let roots = match &oidc.roots {
            None => RootCerts::WebPki,
            Some(pem) => {
                let items = parse_pem(pem).filter_map(|item| match item {
                    Ok(PemItem::Certificate(certificate)) => Some(Ok(certificate)),
                    Ok(_) => None,
                    Err(error) => Some(Err(error.to_string())),
                });
                RootCerts::from(items.collect::<Result<Vec<_>, _>>()?)
            }
        };
        if !is_guarded(&oidc.issuer) {
            return Err("the issuer must be an https URL (http on a loopback address)".into());
        }
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(TIME))
            .max_redirects(0)
            .http_status_as_error(false)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build();
        Ok(Self { oidc, agent: config.into(), known: Mutex::new(None) })
    }

    /// Where the browser goes to log in. `back` is where it comes back to. Blocks.
    pub(crate) fn begin(&self, begun: &Begun, back: &str) -> Result<String, Problem> {
        let known = self.known(KEPT)?;
        let place = &known.places.authorization_endpoint;
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.oidc.client_id)
            .append_pair("redirect_uri", back)
            .append_pair("scope", "openid profile email")
            .append_pair("state", &begun.state)
            .append_pair("nonce", &begun.nonce)
            .append_pair("code_challenge", &begun.challenge())
            .append_pair("code_challenge_method", "S256");
        let separator = if place.contains('?') { '&' } else { '?' };
        Ok(format!("{place}{separator}{}", query.finish()))
    }

    /// Who came back with a code. Blocks.
    pub(crate) fn finish(&self, begun: &Begun, code: &str, back: &str, now_s: i64) -> Result<Identity, Problem> {
        let known = self.known(KEPT)?;
        let token = self.token(&known.places, begun, code, back)?;
        let content = match known.keys.open(&token) {
            Err(Unsigned::UnknownKey) => self.known(ASK_AGAIN)?.keys.open(&token),
            opened => opened,
        };
        let content = content.map_err(|error| match error {
            Unsigned::UnknownKey => refused("the ID token is signed by a key that the provider does not publish"),
            Unsigned::Wrong(what) => refused(what),
        })?;
        claims::check(&content, &self.oidc, &begun.nonce, now_s).map_err(refused)
    }

    /// What it says of itself, no older than so.
    fn known(&self, age: Duration) -> Result<Arc<Known>, Problem> {
        if let Some(known) = held(&self.known).clone().filter(|known| known.at.elapsed() < age) {
            return Ok(known);
        }
        let place = format!("{}/.well-known/openid-configuration", self.oidc.issuer.trim_end_matches('/'));
        let places: Places = self.get(&place)?;
        if places.issuer != self.oidc.issuer {
            return Err(silent(format!("the provider calls itself {}", crate::problem::shown(&places.issuer))));
        }
        for url in [&places.authorization_endpoint, &places.token_endpoint, &places.jwks_uri] {
            if !is_guarded(url) {
                return Err(silent("one of the provider's addresses is no https URL"));
            }
        }
        let keys = self.get(&places.jwks_uri)?;
        let known = Arc::new(Known { places, keys, at: Instant::now() });
        *held(&self.known) = Some(Arc::clone(&known));
        Ok(known)
    }

    fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T, Problem> {
        read(self.agent.get(url).header("accept", "application/json").call())
    }

    fn token(&self, places: &Places, begun: &Begun, code: &str, back: &str) -> Result<String, Problem> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", back),
            ("code_verifier", &begun.verifier),
        ];
        let mut request = self.agent.post(&places.token_endpoint).header("accept", "application/json");
        let methods = &places.token_endpoint_auth_methods_supported;
        let in_body = !methods.is_empty() && !methods.iter().any(|m| m == "client_secret_basic");
        match &self.oidc.client_secret {
            Some(secret) if !in_body => {
                // both are form-encoded before they are joined (RFC 6749, 2.3.1)
                let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let pair = format!("{}:{}", encoded(&self.oidc.client_id), encoded(secret));
                request = request.header("authorization", format!("Basic {}", STANDARD.encode(pair)));
            }
            secret => {
                form.push(("client_id", &self.oidc.client_id));
                form.extend(secret.as_deref().map(|secret| ("client_secret", secret)));
            }
        }
        let tokens: Tokens = read(request.send_form(form))?;
        Ok(tokens.id_token)
    }
}

/// Whether a URL keeps what is sent there from others: https, or a loopback address.
fn is_guarded(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    };
    let is_loopback = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    !host.is_empty() && !authority.contains('@') && (scheme == "https" || scheme == "http" && is_loopback)
}

fn read<T: DeserializeOwned>(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<T, Problem> {
    let mut answer = answer.map_err(|e| silent(format!("the provider does not answer: {e}")))?;
    let status = answer.status();
    if status.is_client_error() {
        return Err(refused(format!("the provider answered {status}")));
    }
    if !status.is_success() {
        return Err(silent(format!("the provider answered {status}")));
    }
    let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
    let body = body.map_err(|e| silent(format!("the provider's answer broke off: {e}")))?;
    // what is wrong with it is told by place, never by what stands there: it may be a token
    serde_json::from_slice(&body).map_err(|e| {
        silent(format!("the provider's answer is not understood at line {} column {}", e.line(), e.column()))
    })
}

/// The provider cannot be asked: another time it may.
fn silent(cause: impl Into<String>) -> Problem {
    let mut problem = Problem::new(codes::LOGIN_PROVIDER, "try again later, or log in by name and password");
    problem.cause = Some(cause.into());
    problem.retry(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_sent_where_others_could_read_it() {
        for url in [
            "https://login.example",
            "https://login.example:8443/x",
            "http://127.0.0.1:9/x",
            "http://[::1]:9",
            "http://localhost",
        ] {
            assert!(is_guarded(url), "{url}");
        }
        for url in [
            "http://login.example",
            "ftp://login.example",
            "https://",
            "login.example",
            "http://localhost.evil.example",
            "http://127.0.0.1@evil.example",
            "https://a@b",
        ] {
            assert!(!is_guarded(url), "{url}");
        }
    }
}
