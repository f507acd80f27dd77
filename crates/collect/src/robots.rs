//! `robots.txt` by RFC 9309: groups by product token, the longest matching rule counts, `Allow` before `Disallow` of one length.
//!
//! Own code, since the crates that read it are not kept up; the RFC is short, and its examples are the tests.

/// Bytes of a `robots.txt` that are read (RFC 9309, 2.5: at least 500 KiB).
pub(crate) const ROBOTS_BYTES_MAX: u64 = 512 << 10;

/// The rules for one product token.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Robots {
    /// Pattern, and whether it allows.
    rules: Vec<(Vec<u8>, bool)>,
    /// Seconds to wait between two requests, where the file asks for that (no part of the RFC, yet wide-spread).
    pub delay_s: Option<u32>,
    forbids_all: bool,
}

impl Robots {
    /// No rule: everything may be asked.
    pub fn allow_all() -> Self {
        Self::default()
    }

    /// Nothing may be asked: what RFC 9309, 2.3.1.4, asks of a server that fails.
    pub fn forbid_all() -> Self {
        Self { forbids_all: true, ..Self::default() }
    }

    /// Reads the rules for a product token; those of `*` where none names it.
    pub fn read(text: &str, product: &str) -> Self {
        let (mut own, mut any) = (None::<Self>, None::<Self>);
        // a group begins with one or more user-agent lines and goes on until the next that follows a rule
        let (mut of_own, mut of_any, mut in_rules) = (false, false, true);
        for line in text.trim_start_matches('\u{feff}').lines() {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            if key == "user-agent" {
                if in_rules {
                    (of_own, of_any, in_rules) = (false, false, false);
                }
                // a token may carry a version, which is no part of it
                let token: String =
                    value.chars().take_while(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '_')).collect();
                of_own |= token.eq_ignore_ascii_case(product) && !token.is_empty();
                of_any |= value == "*";
                if of_own {
                    own.get_or_insert_default();
                }
                if of_any {
                    any.get_or_insert_default();
                }
                continue;
            }
            let rule = match key.as_str() {
                "allow" => Some(true),
                "disallow" => Some(false),
                "crawl-delay" => None,
                _ => continue,
            };
            in_rules = true;
            for (is_of, group) in [(of_own, &mut own), (of_any, &mut any)] {
                let Some(group) = group.as_mut().filter(|_| is_of) else { continue };
                match rule {
                    // an empty pattern matches nothing
                    Some(_) if value.is_empty() => {}
                    Some(allows) => group.rules.push((normal(value), allows)),
                    None => group.delay_s = value.parse::<f64>().ok().map(|s| s.clamp(0.0, 3_600.0).ceil() as u32),
                }
            }
        }
        own.or(any).unwrap_or_default()
    }

    /// Whether a path with its query may be asked.
    pub fn allows(&self, path: &str) -> bool {
        let path = normal(path);
        if path == b"/robots.txt" {
            return true;
        }
        if self.forbids_all {
            return false;
        }
        let hits = self.rules.iter().filter(|(pattern, _)| matches(pattern, &path));
        // the longest counts, and allowing before forbidding
        hits.max_by_key(|(pattern, allows)| (pattern.len(), *allows)).is_none_or(|(_, allows)| *allows)
    }
}

/// Percent-encoding in one form: unreserved characters plain, others as upper-case escapes, bytes outside ASCII escaped.
fn normal(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        match escaped {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => out.push(byte),
            Some(byte) => out.extend(format!("%{byte:02X}").bytes()),
            None if bytes[at].is_ascii() => out.push(bytes[at]),
            None => out.extend(format!("%{:02X}", bytes[at]).bytes()),
        }
        at += if escaped.is_some() { 3 } else { 1 };
    }
    out
}

/// Whether a pattern (`*` any bytes, `$` at its end the path's end) matches the beginning of a path. Greedy with one step back: linear
/// times the number of stars at worst.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    let (pattern, to_end) = match pattern.split_last() {
        Some((b'$', rest)) => (rest, true),
        _ => (pattern, false),
    };
    let (mut p, mut s) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        if p == pattern.len() && (!to_end || s == path.len()) {
            return true;
        }
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, s));
            p += 1;
        } else if p < pattern.len() && s < path.len() && pattern[p] == path[s] {
            p += 1;
            s += 1;
        } else if let Some((at, from)) = star.filter(|(_, from)| *from < path.len()) {
            star = Some((at, from + 1));
            p = at + 1;
            s = from + 1;
        } else {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = "User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\nAllow: /publications/\n\n\
        User-Agent: foobot\nDisallow:/\nAllow:/example/page.html\nAllow:/example/allowed.gif\n\n\
        User-Agent: barbot\nUser-Agent: bazbot\nDisallow: /example/page.html\n\nUser-Agent: quxbot\n\nEOF\n";

    #[test]
    fn the_example_of_the_rfc_is_read_as_it_says() {
        let can = |product: &str, path: &str| Robots::read(TEXT, product).allows(path);
        assert!(!can("other", "/a/b.gif") && can("other", "/a/b.gif?x") && !can("other", "/example/x"));
        assert!(can("other", "/publications/") && can("other", "/"));
        assert!(can("foobot", "/example/page.html") && can("foobot", "/example/allowed.gif"));
        assert!(!can("foobot", "/") && !can("FooBot", "/x"));
        assert!(!can("bazbot", "/example/page.html") && can("barbot", "/example/"));
        assert!(can("quxbot", "/example/"));
    }

    #[test]
    fn the_longest_rule_counts_and_escapes_are_one_form() {
        let robots =
            Robots::read("user-agent:*\ndisallow:/a\nallow:/a/b\nallow:/c\ndisallow:/c\ncrawl-delay: 2.5", "athar");
        assert!(
            robots.allows("/a/b/c") && !robots.allows("/a/c") && robots.allows("/c") && robots.allows("/robots.txt")
        );
        assert_eq!(robots.delay_s, Some(3));
        let robots = Robots::read("user-agent: *\ndisallow: /foo/bar?baz=%61\ndisallow: /ツ", "athar");
        assert!(!robots.allows("/foo/bar?baz=a") && !robots.allows("/%e3%83%84"));
        assert!(!Robots::forbid_all().allows("/") && Robots::allow_all().allows("/"));
        assert!(Robots::read("<html>no robots</html>", "athar").allows("/"));
    }

    proptest! {
        #[test]
        fn patterns_match_as_a_slow_recursion_says(pattern in "[ab*]{0,8}\\$?", path in "[ab]{0,10}") {
            fn slow(p: &[u8], s: &[u8]) -> bool {
                match p {
                    [] => true,
                    [b'$'] => s.is_empty(),
                    [b'*', rest @ ..] => (0..=s.len()).any(|i| slow(rest, &s[i..])),
                    [c, rest @ ..] => s.first() == Some(c) && slow(rest, &s[1..]),
                }
            }
            prop_assert_eq!(matches(pattern.as_bytes(), path.as_bytes()), slow(pattern.as_bytes(), path.as_bytes()));
        }

        #[test]
        fn no_file_panics(text in "\\PC{0,400}", path in "\\PC{0,60}") {
            Robots::read(&text, "athar").allows(&path);
        }
    }
}
