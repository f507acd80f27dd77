//! Media types: what a client accepts, and what it says its body is.

use crate::problem::{Problem, codes};
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE};

/// JSON.
pub(crate) const JSON: &str = "application/json";
/// Comma-separated values, with a header row.
pub(crate) const CSV: &str = "text/csv";
/// Plain text.
pub(crate) const TEXT: &str = "text/plain";
/// Bytes that are to be saved, and never shown.
pub(crate) const OCTETS: &str = "application/octet-stream";
/// A ZIP file.
pub(crate) const ZIP: &str = "application/zip";
/// A body of whatever type: its bytes are taken as they are.
pub(crate) const ANY: &str = "*/*";
/// Server-sent events.
pub(crate) const EVENTS: &str = "text/event-stream";

/// The type of that name, of those that are kept with answers.
pub(crate) fn named(name: &str) -> Option<&'static str> {
    [JSON, CSV, TEXT, EVENTS].into_iter().find(|media| *media == name)
}

/// The type among `offered` that the client likes best; the first where it says nothing or likes several as much.
pub(crate) fn accepted(headers: &HeaderMap, offered: &'static [&'static str]) -> Result<&'static str, Problem> {
    let mut texts = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
    let first = offered.first().copied().unwrap_or(JSON);
    if texts.peek().is_none() {
        return Ok(first);
    }
    let mut best: Option<(u32, &'static str)> = None;
    for item in texts.flat_map(|text| text.split(',')) {
        let mut parts = item.split(';').map(str::trim);
        let range = parts.next().unwrap_or_default();
        let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(1_000, thousandths);
        let fits = |media: &&&str| {
            let (kind, _) = media.split_once('/').unwrap_or_default();
            range == "*/*" || range.eq_ignore_ascii_case(media) || range.eq_ignore_ascii_case(&format!("{kind}/*"))
        };
        if let Some(media) = offered.iter().find(fits)
            && quality > best.map_or(0, |(q, _)| q)
        {
            best = Some((quality, *media));
        }
    }
    best.map(|(_, media)| media).ok_or_else(|| {
        Problem::new(codes::NOT_ACCEPTABLE, format!("it answers in {}", offered.join(", "))).at("Accept")
    })
}

/// A quality from 0 to 1 in thousandths; one that cannot be read counts as 1.
fn thousandths(text: &str) -> u32 {
    let digits: String = text.chars().filter(char::is_ascii_digit).take(4).collect();
    format!("{digits:0<4}").parse().unwrap_or(1_000).min(1_000)
}

/// The type of the body among those that a route reads.
pub(crate) fn of_body(headers: &HeaderMap, read: &'static [&'static str]) -> Result<&'static str, Problem> {
    if read.contains(&ANY) {
        return Ok(OCTETS);
    }
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    read.iter().find(|media| essence.eq_ignore_ascii_case(media)).copied().ok_or_else(|| {
        Problem::new(codes::MEDIA_TYPE_UNSUPPORTED, format!("it reads {}", read.join(", "))).at("Content-Type")
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;

    #[test]
    fn the_best_liked_type_is_answered_in() {
        let of = |accept: &str| {
            let headers = HeaderMap::from_iter([(ACCEPT, accept.parse().unwrap())]);
            accepted(&headers, &[JSON, CSV]).ok()
        };
        assert_eq!(accepted(&HeaderMap::new(), &[JSON, CSV]).ok(), Some(JSON));
        assert_eq!(of("*/*"), Some(JSON));
        assert_eq!(of("text/csv"), Some(CSV));
        assert_eq!(of("text/*;q=0.5, application/json;q=0.4"), Some(CSV));
        assert_eq!(of("text/html, */*;q=0.1"), Some(JSON));
        assert_eq!(of("text/html"), None);
        assert_eq!(of("text/csv;q=0"), None);
    }
}
