//! The browser application: its files, and its page at every path that is no path of the API.
//!
//! A path names a file of the binary or none: it is compared, never opened. Whoever asks for a page below `/cases/7` gets the one
//! page, which reads the path itself; a path that no link of the application has is refused rather than answered with a page.

use crate::problem::{Problem, codes};
use athar_webui::Asset;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use percent_encoding::percent_decode_str;

/// Bytes of a page's path.
const PATH_BYTES_MAX: usize = 2_048;
/// Folders and names of the API.
const API: [&str; 7] = ["v1", "compat", "problems", "health", "ready", "metrics", "openapi.json"];
/// Ends of names that are files: where there is no such file, there is no page either.
const FILES: [&str; 14] =
    ["js", "mjs", "css", "map", "json", "ico", "png", "svg", "webp", "txt", "xml", "woff2", "wasm", "webmanifest"];

/// The answer to a request that no route takes, where it asks for a page or a file of the application.
pub(crate) fn answer(request: &Request) -> Result<Response, Problem> {
    let none = || Problem::new(codes::NO_SUCH_ROUTE, "GET /openapi.json lists what there is");
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(none());
    }
    let path = clean(request.uri().path()).ok_or_else(none)?;
    let first = path.split('/').next().unwrap_or_default();
    if API.iter().any(|name| first.eq_ignore_ascii_case(name)) {
        return Err(none());
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    let is_file = last.rsplit_once('.').is_some_and(|(_, end)| FILES.contains(&end));
    let found = athar_webui::asset(&path);
    match found {
        Some(asset) => Ok(serve(asset, request.headers())),
        None if is_file || first == "assets" => Err(none()),
        None => athar_webui::asset("index.html").map(|page| serve(page, request.headers())).ok_or_else(none),
    }
}

/// A path without its first slash, percent signs read; none where it is not of the form that links have: parts that are not
/// empty, no dots that lead up, no backslash, no control character.
fn clean(path: &str) -> Option<String> {
    let path = path.strip_prefix('/')?;
    if path.len() > PATH_BYTES_MAX {
        return None;
    }
    // a part that holds a slash when it is read would be another path
    let mut parts = Vec::new();
    for part in path.split('/') {
        let part = percent_decode_str(part).decode_utf8().ok()?;
        let is_odd = part.chars().any(|c| c.is_control() || matches!(c, '/' | '\\'));
        if is_odd || part == "." || part == ".." || (part.is_empty() && !path.is_empty()) {
            return None;
        }
        parts.push(part);
    }
    Some(parts.join("/"))
}

/// A file in the form that the client takes.
fn serve(asset: &'static Asset, headers: &HeaderMap) -> Response {
    let (encoding, bytes) = form(asset, headers);
    let tag = match encoding {
        Some(encoding) => format!("\"{}-{encoding}\"", asset.hash),
        None => format!("\"{}\"", asset.hash),
    };
    let is_page = asset.path == "index.html";
    let is_known = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|known| known.trim() == "*" || known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let mut response = Response::new(if is_known { Body::empty() } else { Body::from(bytes) });
    *response.status_mut() = match (is_known, is_page && !athar_webui::is_built()) {
        (true, _) => StatusCode::NOT_MODIFIED,
        (false, true) => StatusCode::SERVICE_UNAVAILABLE,
        (false, false) => StatusCode::OK,
    };
    let out = response.headers_mut();
    // a name with a hash in it is another name when the content changes; the page is asked for each time
    let keep = if asset.is_immutable() { "public, max-age=31536000, immutable" } else { "no-cache" };
    out.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    out.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        out.insert(ETAG, tag);
    }
    if !is_known {
        out.insert(CONTENT_TYPE, HeaderValue::from_static(asset.media));
        out.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        if let Some(encoding) = encoding {
            out.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
    }
    response
}

/// The smallest form that the client takes. A client that says nothing takes the plain one.
fn form(asset: &'static Asset, headers: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
    let texts = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let items: Vec<(&str, bool)> = texts
        .flat_map(|text| text.split(','))
        .map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let none = |q: &str| q.bytes().all(|b| matches!(b, b'0' | b'.'));
            (name, !parts.any(|part| part.strip_prefix("q=").is_some_and(none)))
        })
        .collect();
    let takes = |encoding: &str| {
        let named = items.iter().find(|(name, _)| name.eq_ignore_ascii_case(encoding));
        named.or_else(|| items.iter().find(|(name, _)| *name == "*")).is_some_and(|(_, is_taken)| *is_taken)
    };
    match (asset.brotli, asset.gzip) {
        (Some(bytes), _) if takes("br") => (Some("br"), bytes),
        (_, Some(bytes)) if takes("gzip") => (Some("gzip"), bytes),
        _ => (None, asset.bytes),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;

    static ASSET: Asset = Asset {
        path: "assets/a-1.js",
        media: "text/javascript; charset=utf-8",
        hash: "0123",
        bytes: b"plain",
        gzip: Some(b"gzip"),
        brotli: Some(b"br"),
    };

    fn served(name: &str, value: &str) -> Response {
        serve(
            &ASSET,
            &HeaderMap::from_iter([(axum::http::HeaderName::try_from(name).unwrap(), value.parse().unwrap())]),
        )
    }

    #[test]
    fn a_path_leads_to_a_page_or_nowhere() {
        for path in ["/", "/s/bitcoin/abc", "/cases/7", "/%D8%A3%D8%AB%D8%B1", "/a.b/c"] {
            assert!(clean(path).is_some(), "{path}");
        }
        let long = format!("/{}", "a".repeat(PATH_BYTES_MAX + 1));
        for path in [
            "//v1/status",
            "/a//b",
            "/a/",
            "/../etc/passwd",
            "/%2e%2e/etc",
            "/a/%2E%2e%2fetc",
            "/a%2fb",
            "/a%5c..%5cb",
            "/a\\b",
            "/%00",
            "/a%00.js",
            "/%ff",
            "/.",
            "/./a",
            "/%0d%0aset-cookie:x",
            "",
            &long,
        ] {
            assert_eq!(clean(path), None, "{path}");
        }
        let ask = |method: Method, path: &str| {
            let request = axum::http::Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
            answer(&request).map_or_else(|p| p.code.status, |r| r.status().as_u16())
        };
        let page = if athar_webui::is_built() { 200 } else { 503 };
        for path in ["/", "/cases/7", "/users", "/index.html"] {
            assert_eq!((ask(Method::GET, path), ask(Method::HEAD, path)), (page, page), "{path}");
        }
        for path in
            ["/v1/nothing", "/V1/STATUS", "/assets/none", "/assets", "/favicon.gone.js", "/.env.txt", "/%2e%2e/x"]
        {
            assert_eq!(ask(Method::GET, path), 404, "{path}");
        }
        assert_eq!(ask(Method::POST, "/cases/7"), 404);
    }

    #[test]
    fn the_form_is_the_smallest_one_that_the_client_takes() {
        for (accepts, wanted) in [
            ("gzip, deflate, br, zstd", Some("br")),
            ("gzip", Some("gzip")),
            ("br;q=0, gzip;q=0.5", Some("gzip")),
            ("br;q=0.000, gzip;q=0", None),
            ("*", Some("br")),
            ("identity", None),
            ("", None),
        ] {
            let response = served("accept-encoding", accepts);
            let encoding = response.headers().get(CONTENT_ENCODING).map(|v| v.to_str().unwrap());
            assert_eq!(encoding, wanted, "{accepts}");
            assert_eq!(response.headers()[VARY], "Accept-Encoding");
        }
    }

    #[test]
    fn what_the_browser_has_is_not_sent_again() {
        let first = served("accept-encoding", "br");
        assert_eq!(first.headers()[ETAG], "\"0123-br\"");
        assert_eq!(first.headers()[CACHE_CONTROL], "public, max-age=31536000, immutable");
        for (known, status) in
            [("\"0123\"", 304), ("\"x\", W/\"0123\"", 304), ("*", 304), ("\"0123-br\"", 200), ("\"x\"", 200)]
        {
            assert_eq!(served("if-none-match", known).status(), status, "{known}");
        }
    }
}
