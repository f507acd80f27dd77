//! Who asks: the key of a request, its scopes, and how often it may ask.

use crate::generation::held;
use crate::keys::{Keys, Refusal, Scope};
use crate::problem::{Problem, codes};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HOST};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Whose request it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// Id of the key; none where the service asks for none.
    pub(crate) key: Option<Arc<str>>,
    /// Whether it may see and end the work of other keys.
    pub(crate) is_admin: bool,
    /// Whether it may change what the service keeps.
    pub(crate) may_write: bool,
}

impl Caller {
    /// Whether work of that owner is its own.
    pub(crate) fn owns(&self, owner: Option<&Arc<str>>) -> bool {
        self.is_admin || self.key.as_ref() == owner
    }
}

/// The key of a request: `Authorization: Bearer`, `X-API-Key`, or `Token`, which some vendors' clients send.
fn token(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let named = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    bearer.or_else(|| named("x-api-key")).or_else(|| named("token"))
}

/// Lets a request in that carries a key with the scope.
pub(crate) fn enter(keys: &Keys, headers: &HeaderMap, scope: Scope, now_s: u64) -> Result<Caller, Problem> {
    let Some(token) = token(headers) else {
        return Err(Problem::new(codes::UNAUTHENTICATED, "send `Authorization: Bearer KEY` or `X-API-Key: KEY`"));
    };
    let key = keys.check(token, now_s).map_err(|refusal| match refusal {
        Refusal::Unknown => Problem::new(codes::KEY_UNKNOWN, "no key of this service is like it"),
        Refusal::Expired => Problem::new(codes::KEY_EXPIRED, "the operator gives another"),
        Refusal::Revoked => Problem::new(codes::KEY_REVOKED, "the operator took it back"),
    })?;
    if !key.scopes.contains(&scope) {
        let detail = format!("the route asks for the scope `{}`", scope.name());
        return Err(Problem::new(codes::SCOPE_MISSING, detail));
    }
    let has = |scope| key.scopes.contains(&scope);
    Ok(Caller { key: Some(key.id.as_str().into()), is_admin: has(Scope::Admin), may_write: has(Scope::Write) })
}

/// Without keys the name that was asked for must be one of this machine: a page in a browser could else have its own name
/// resolve to 127.0.0.1 and read answers (DNS rebinding).
pub(crate) fn check_host(headers: &HeaderMap) -> Result<(), Problem> {
    let host = headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let is_loopback = name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if is_loopback || name.eq_ignore_ascii_case("localhost") {
        return Ok(());
    }
    Err(Problem::new(codes::HOST_REFUSED, "use http://127.0.0.1 or http://localhost").at("Host"))
}

/// How many requests each key has left.
#[derive(Debug, Default)]
pub(crate) struct Rates(Mutex<HashMap<Option<Arc<str>>, Bucket>>);

/// Fills by `rate` a second, up to one second's worth. Counted in millionths of a request.
#[derive(Debug)]
struct Bucket {
    millionths: u64,
    filled: Instant,
}

impl Rates {
    /// Counts a request of a key that may make `rate` a second.
    pub(crate) fn count(&self, key: Option<&Arc<str>>, rate: u32, now: Instant) -> Result<(), Problem> {
        let full = u64::from(rate) * 1_000_000;
        let mut buckets = held(&self.0);
        let bucket = buckets.entry(key.cloned()).or_insert(Bucket { millionths: full, filled: now });
        let micros = now.saturating_duration_since(bucket.filled).as_micros().min(1_000_000) as u64;
        bucket.millionths = (bucket.millionths + micros * u64::from(rate)).min(full);
        bucket.filled = now;
        match bucket.millionths.checked_sub(1_000_000) {
            Some(left) => {
                bucket.millionths = left;
                Ok(())
            }
            None => Err(Problem::new(codes::RATE_LIMITED, format!("{rate} requests a second")).retry(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;
    use std::time::Duration;

    #[test]
    fn without_keys_only_names_of_this_machine_are_answered() {
        let check = |host: &'static str| {
            check_host(&HeaderMap::from_iter([(HOST, axum::http::HeaderValue::from_static(host))])).is_ok()
        };
        for host in ["127.0.0.1", "127.0.0.1:8765", "localhost:1", "LOCALHOST", "[::1]:8765", "127.8.8.8:1"] {
            assert!(check(host), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example:80", "10.0.0.1:8765", "", "localhost.evil:1", "[::2]:1"] {
            assert!(!check(host), "{host}");
        }
        assert!(check_host(&HeaderMap::new()).is_err());
    }

    #[test]
    fn a_key_has_so_many_requests_a_second_and_no_more_saved_up() {
        let (rates, begin, key) = (Rates::default(), Instant::now(), Arc::<str>::from("a"));
        let ask = |ms: u64| rates.count(Some(&key), 2, begin + Duration::from_millis(ms)).is_ok();
        assert_eq!([ask(0), ask(0), ask(0)], [true, true, false]);
        assert_eq!([ask(400), ask(500), ask(600)], [false, true, false]);
        // a long silence saves up one second's worth
        assert_eq!([ask(60_000), ask(60_000), ask(60_000)], [true, true, false]);
        assert!(rates.count(None, 2, begin).is_ok());
    }

    #[test]
    fn the_key_may_come_in_any_of_three_headers() {
        for (name, value) in [("authorization", "bearer  abc"), ("x-api-key", "abc"), ("token", "abc")] {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            assert_eq!(token(&headers), Some("abc"), "{name}");
        }
        let mut basic = HeaderMap::new();
        basic.insert(AUTHORIZATION, "Basic abc".parse().unwrap());
        assert_eq!(token(&basic), None);
    }
}
