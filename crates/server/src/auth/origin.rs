//! Whether a page of another site had a browser send the request.
//!
//! Three walls, each enough: the session's cookie is not sent by other sites (`SameSite=Strict`), what browsers say of where a
//! request comes from (`Origin`, `Sec-Fetch-Site`) must be this site, and a change needs a token that only a page of this site
//! can read. Programs with a key pass none of them: no browser adds a key by itself.

use super::Source;
use crate::problem::{Problem, codes};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Method};
use std::net::IpAddr;
use subtle::ConstantTimeEq;

/// The header that carries the token.
pub(crate) const CSRF: &str = "x-athar-csrf";
/// What browsers say about where a request comes from.
const FETCH_SITE: &str = "sec-fetch-site";

/// Whether a method changes nothing, so that it needs no token.
pub(crate) fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Whether a browser sent it, as far as it says so. Browsers do with every request that is no mere link.
pub(crate) fn is_of_browser(headers: &HeaderMap) -> bool {
    headers.contains_key(ORIGIN) || headers.contains_key(FETCH_SITE)
}

/// Refuses what a browser says comes from elsewhere.
pub(crate) fn check_origin(headers: &HeaderMap, source: &Source, behind_proxy: bool) -> Result<(), Problem> {
    let refused =
        |field| Err(Problem::new(codes::ORIGIN_REFUSED, "open the application itself and ask there").at(field));
    let mut sites = headers.get_all(FETCH_SITE).iter();
    if !sites.all(|site| matches!(site.as_bytes(), b"same-origin" | b"none")) {
        return refused("Sec-Fetch-Site");
    }
    let host = headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    for origin in headers.get_all(ORIGIN) {
        let Some((scheme, authority)) = origin.to_str().ok().and_then(|text| text.split_once("://")) else {
            return refused("Origin");
        };
        // a proxy may speak TLS for this service, which then does not know it for sure
        let is_scheme = match scheme {
            "https" => source.tls || behind_proxy,
            "http" => !source.tls,
            _ => false,
        };
        let port = if scheme == "https" { ":443" } else { ":80" };
        let bare = |text: &str| text.strip_suffix(port).unwrap_or(text).to_ascii_lowercase();
        if !is_scheme || authority.is_empty() || bare(authority) != bare(host) {
            return refused("Origin");
        }
    }
    Ok(())
}

/// Refuses a change without the session's token.
pub(crate) fn check_token(headers: &HeaderMap, token: &str) -> Result<(), Problem> {
    let given = headers.get(CSRF).map(HeaderValue::as_bytes).unwrap_or_default();
    if !token.is_empty() && bool::from(given.ct_eq(token.as_bytes())) {
        return Ok(());
    }
    let detail = "GET /v1/session gives the token of the session; send it in this header";
    Err(Problem::new(codes::CSRF_REFUSED, detail).at("X-Athar-CSRF"))
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;

    #[test]
    fn without_keys_only_names_of_this_machine_are_answered() {
        let check =
            |host: &'static str| check_host(&HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))])).is_ok();
        for host in ["127.0.0.1", "127.0.0.1:8765", "localhost:1", "LOCALHOST", "[::1]:8765", "127.8.8.8:1"] {
            assert!(check(host), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example:80", "10.0.0.1:8765", "", "localhost.evil:1", "[::2]:1"] {
            assert!(!check(host), "{host}");
        }
        assert!(check_host(&HeaderMap::new()).is_err());
    }

    fn origin(pairs: &[(&str, &str)], tls: bool, behind_proxy: bool) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(axum::http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        check_origin(&headers, &Source { ip: "127.0.0.1".parse().unwrap(), tls }, behind_proxy).is_ok()
    }

    #[test]
    fn what_a_browser_says_comes_from_elsewhere_is_refused() {
        let host = ("host", "desk.example:8443");
        for (pairs, tls, proxy, may) in [
            (&[host][..], true, false, true),
            (&[host, ("origin", "https://desk.example:8443")], true, false, true),
            (&[host, ("origin", "https://DESK.example:8443")], true, false, true),
            (&[host, ("origin", "http://desk.example:8443")], true, false, false),
            (&[host, ("origin", "https://desk.example:8443")], false, false, false),
            (&[host, ("origin", "https://desk.example:8443")], false, true, true),
            (&[host, ("origin", "https://desk.example")], true, false, false),
            (&[host, ("origin", "https://evil.example:8443")], true, false, false),
            (&[host, ("origin", "https://desk.example:8443.evil.example")], true, false, false),
            (&[host, ("origin", "null")], true, false, false),
            (&[host, ("origin", "")], true, false, false),
            (&[host, ("origin", "https://desk.example:8443"), ("origin", "https://evil.example")], true, false, false),
            (&[("host", "desk.example"), ("origin", "https://desk.example:443")], true, false, true),
            (&[host, ("sec-fetch-site", "same-origin")], true, false, true),
            (&[host, ("sec-fetch-site", "none")], true, false, true),
            (&[host, ("sec-fetch-site", "same-site")], true, false, false),
            (&[host, ("sec-fetch-site", "cross-site"), ("origin", "https://desk.example:8443")], true, false, false),
        ] {
            assert_eq!(origin(pairs, tls, proxy), may, "{pairs:?} tls {tls} proxy {proxy}");
        }
    }

    #[test]
    fn a_change_needs_the_whole_token() {
        let with = |value: &'static str| {
            let headers = HeaderMap::from_iter([(axum::http::HeaderName::from_static(CSRF), value.parse().unwrap())]);
            check_token(&headers, "abcdef").is_ok()
        };
        assert!(with("abcdef"));
        assert!(!with("abcde") && !with("abcdefg") && !with("") && !with("ABCDEF"));
        assert!(check_token(&HeaderMap::new(), "abcdef").is_err());
        // a session without a token lets nothing through
        assert!(check_token(&HeaderMap::new(), "").is_err());
    }
}
