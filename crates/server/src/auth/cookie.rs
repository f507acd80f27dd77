//! The session's cookie.
//!
//! Where the way to the browser is encrypted the name begins with `__Host-`: browsers then take it from this very host alone, over
//! TLS alone, so that neither a sister domain nor a network can plant one.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

/// Characters of a session's token at most; ours are 43.
const TOKEN_MAX: usize = 128;

/// The name.
pub(crate) const fn name(secure: bool) -> &'static str {
    if secure { "__Host-athar_session" } else { "athar_session" }
}

/// The session's token of a request. Where two cookies have the name, somebody else planted one: neither counts.
pub(crate) fn read(headers: &HeaderMap, secure: bool) -> Option<&str> {
    let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut found = texts.flat_map(|text| text.split(';')).filter_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name(secure)).then_some(value)
    });
    let token = found.next()?;
    let is_token = (1..=TOKEN_MAX).contains(&token.len())
        && token.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    (is_token && found.next().is_none()).then_some(token)
}

/// Has the browser keep a session's token until it is closed: the service ends the session by its own clock.
pub(crate) fn set(token: &str, secure: bool) -> Option<HeaderValue> {
    let flags = if secure { "; Secure" } else { "" };
    let mut value =
        HeaderValue::try_from(format!("{}={token}; Path=/; HttpOnly; SameSite=Strict{flags}", name(secure))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Has the browser forget it.
pub(crate) fn clear(secure: bool) -> Option<HeaderValue> {
    let flags = if secure { "; Secure" } else { "" };
    HeaderValue::try_from(format!("{}=; Path=/; HttpOnly; SameSite=Strict{flags}; Max-Age=0", name(secure))).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;

    fn read_from(cookies: &[&str], secure: bool) -> Option<String> {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(COOKIE, cookie.parse().unwrap());
        }
        read(&headers, secure).map(str::to_owned)
    }

    #[test]
    fn one_cookie_of_the_right_name_is_read_and_a_planted_second_one_refused() {
        assert_eq!(read_from(&["a=b; athar_session=abc-_9; c=d"], false).as_deref(), Some("abc-_9"));
        assert_eq!(read_from(&["a=b", "__Host-athar_session=x"], true).as_deref(), Some("x"));
        assert_eq!(read_from(&["athar_session=x"], true), None, "planted without TLS");
        assert_eq!(read_from(&["__Host-athar_session=x"], false), None);
        assert_eq!(read_from(&["athar_session=x; athar_session=y"], false), None);
        for odd in ["athar_session=", "athar_session=a b", "athar_session=\"x\"", "Athar_Session=x", "athar_session"] {
            assert_eq!(read_from(&[odd], false), None, "{odd}");
        }
        assert_eq!(read_from(&[&format!("athar_session={}", "a".repeat(200))], false), None);
    }

    #[test]
    fn the_attributes_are_the_strict_ones() {
        let set_to = |secure| set("abc", secure).unwrap().to_str().unwrap().to_owned();
        assert_eq!(set_to(false), "athar_session=abc; Path=/; HttpOnly; SameSite=Strict");
        assert_eq!(set_to(true), "__Host-athar_session=abc; Path=/; HttpOnly; SameSite=Strict; Secure");
        assert!(clear(true).unwrap().to_str().unwrap().ends_with("Secure; Max-Age=0"));
        assert!(set("a\r\nset-cookie: x", false).is_none());
    }
}
