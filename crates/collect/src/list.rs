//! The list of URLs: one a line; empty lines and lines that begin with `#` are left out.

use crate::CollectError;
use std::path::Path;
use ureq::http::Uri;

/// Longest URL, in bytes.
const URL_BYTES_MAX: usize = 4_096;
/// URLs of one list.
const URLS_MAX: usize = 1_000_000;

/// A URL to fetch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// As it is asked for: without a fragment.
    pub url: String,
    /// Line of the list, from 1.
    pub line: usize,
}

impl Listed {
    fn read(text: &str, line: usize) -> Result<Self, String> {
        if text.len() > URL_BYTES_MAX {
            return Err(format!("a URL of more than {URL_BYTES_MAX} bytes"));
        }
        let text = text.split('#').next().unwrap_or_default();
        if let Some(c) = text.chars().find(|c| c.is_control() || c.is_whitespace() || !c.is_ascii()) {
            return Err(format!(
                "{} in a URL; write it percent-encoded, and a host in its xn-- form",
                c.escape_unicode()
            ));
        }
        let uri: Uri = text.parse().map_err(|e| format!("no URL: {e}"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err("a URL must begin with http:// or https://".into());
        }
        let authority = uri.authority().ok_or("a URL without a host")?;
        if authority.as_str().contains('@') {
            return Err("a URL with a name or password: nothing is logged in to".into());
        }
        if uri.host().is_none_or(str::is_empty) {
            return Err("a URL without a host".into());
        }
        Ok(Self { url: uri.to_string(), line })
    }

    /// The host, in lower case.
    pub fn host(&self) -> String {
        self.uri().host().unwrap_or_default().to_ascii_lowercase()
    }

    /// Scheme, host and port: what `robots.txt` speaks of.
    pub(crate) fn origin(&self) -> String {
        let uri = self.uri();
        let authority = uri.authority().map(|a| a.as_str().to_ascii_lowercase()).unwrap_or_default();
        format!("{}://{authority}", uri.scheme_str().unwrap_or("http"))
    }

    /// Path and query.
    pub(crate) fn path(&self) -> String {
        self.uri().path_and_query().map_or_else(|| "/".into(), ToString::to_string)
    }

    /// Whether the host is an onion service.
    pub fn is_onion(&self) -> bool {
        is_onion(&self.host())
    }

    fn uri(&self) -> Uri {
        self.url.parse().unwrap_or_default()
    }
}

/// Whether a host is an onion service.
pub(crate) fn is_onion(host: &str) -> bool {
    // a dot at the end is the same host
    host.trim_end_matches('.').rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case("onion"))
}

/// Reads a list. The first wrong line is an error: a list is an order, and half an order is not carried out.
pub fn read_list(path: &Path) -> Result<Vec<Listed>, CollectError> {
    let text = std::fs::read_to_string(path).map_err(|source| CollectError::Io { path: path.into(), source })?;
    let mut listed = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim().trim_start_matches('\u{feff}');
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let error = |what| CollectError::List { path: path.into(), line: at + 1, what };
        if listed.len() == URLS_MAX {
            return Err(error(format!("more than {URLS_MAX} URLs")));
        }
        listed.push(Listed::read(line, at + 1).map_err(error)?);
    }
    Ok(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Result<Vec<Listed>, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read_list(file.path()).map_err(|e| e.to_string().replace(&file.path().display().to_string(), "LIST"))
    }

    #[test]
    fn a_list_holds_urls_and_remarks() {
        let read = list("# pages\n\nhttp://example.org/a?b=c#top\r\n  https://EXAMPLE.org:8443\n").unwrap();
        let urls: Vec<_> = read.iter().map(|l| (l.url.as_str(), l.line)).collect();
        assert_eq!(urls, [("http://example.org/a?b=c", 3), ("https://EXAMPLE.org:8443/", 4)]);
        assert_eq!(read[1].origin(), "https://example.org:8443");
        assert_eq!(read[0].path(), "/a?b=c");
        let onion = list("http://abc.onion./x").unwrap();
        assert!(onion[0].is_onion() && !read[0].is_onion());
    }

    #[test]
    fn a_wrong_line_is_named() {
        for (text, wrong) in [
            ("http://a.org/\nftp://a.org/\n", "LIST, line 2: a URL must begin with http:// or https://"),
            ("http://u:p@a.org/", "LIST, line 1: a URL with a name or password: nothing is logged in to"),
            ("javascript:alert(1)", "LIST, line 1: "),
            ("http://a.org/\u{202e}gpj", "LIST, line 1: \\u{202e} in a URL"),
            ("/etc/passwd", "LIST, line 1: a URL must begin with"),
        ] {
            let error = list(text).unwrap_err();
            assert!(error.starts_with(wrong), "{error}");
        }
    }
}
