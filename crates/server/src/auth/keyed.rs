//! Programs: the key of a request, its scopes, and how often it may ask.

use super::Caller;
use crate::generation::held;
use crate::keys::{Keys, Refusal};
use crate::problem::{Problem, codes};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// The key of a request: `Authorization: Bearer`, `X-API-Key`, or `Token`, which some vendors' clients send.
pub(super) fn token(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let named = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    bearer.or_else(|| named("x-api-key")).or_else(|| named("token"))
}

/// The bearer of a key.
pub(super) fn enter(keys: &Keys, token: &str, now_s: u64) -> Result<Caller, Problem> {
    let key = keys.check(token, now_s).map_err(|refusal| match refusal {
        Refusal::Unknown => Problem::new(codes::KEY_UNKNOWN, "no key of this service is like it"),
        Refusal::Expired => Problem::new(codes::KEY_EXPIRED, "the operator gives another"),
        Refusal::Revoked => Problem::new(codes::KEY_REVOKED, "the operator took it back"),
    })?;
    Ok(Caller::of_key(&key.id, &key.scopes))
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
