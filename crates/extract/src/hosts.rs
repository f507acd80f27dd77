//! Hosts of web addresses, e-mail addresses, and handles of messengers and networks.

use crate::cells::Cells;
use sha3::{Digest, Sha3_256};

/// A host that was read.
pub(crate) struct Host {
    /// The cell after its last.
    pub(crate) end: usize,
    /// In lower case.
    pub(crate) name: String,
    /// Whether a mark stood for a dot (`[dot]`, `(.)`).
    pub(crate) marked: bool,
}

/// The cell after a mark that stands for `sign`: the sign itself, or it or its word in brackets, with blanks around. And whether
/// it was a mark.
pub(crate) fn sign(cells: &Cells, i: usize, sign: u8, word: &[u8]) -> Option<(usize, bool)> {
    if cells.get(i) == sign {
        return Some((i + 1, false));
    }
    let mut at = i;
    while cells.get(at) == b' ' && at < i + 2 {
        at += 1;
    }
    let close = match cells.get(at) {
        b'[' => b']',
        b'(' => b')',
        b'{' => b'}',
        _ => return None,
    };
    at += 1;
    if cells.get(at) == sign {
        at += 1;
    } else if word.iter().enumerate().all(|(n, c)| cells.get(at + n).to_ascii_lowercase() == *c) {
        at += word.len();
    } else {
        return None;
    }
    if cells.get(at) != close {
        return None;
    }
    at += 1;
    let mut blanks = 0;
    while cells.get(at) == b' ' && blanks < 2 {
        at += 1;
        blanks += 1;
    }
    Some((at, true))
}

/// The host at cell `i`: labels of letters, digits and hyphens with dots between, the last of at least two letters; or an
/// address in four numbers where `numbers`.
pub(crate) fn host_at(cells: &Cells, i: usize, numbers: bool) -> Option<Host> {
    let (mut name, mut at, mut marked, mut labels) = (String::new(), i, false, 0);
    let mut best = None;
    loop {
        let start = name.len();
        let first = at;
        while cells.get(at).is_ascii_alphanumeric() || matches!(cells.get(at), b'-' | b'_') && at > first {
            name.push(char::from(cells.get(at).to_ascii_lowercase()));
            at += 1;
        }
        let label = &name[start..];
        if label.is_empty() || label.len() > 63 || label.ends_with('-') || name.len() > 253 || cells.is_word(at) {
            break;
        }
        labels += 1;
        let top = label.len() >= 2 && label.bytes().all(|b| b.is_ascii_lowercase());
        let address = numbers && labels == 4 && name.split('.').all(|n| n.parse::<u8>().is_ok());
        if labels > 1 && (top || address || label.starts_with("xn--")) {
            best = Some((at, name.len(), marked));
        }
        let Some((next, mark)) = sign(cells, at, b'.', b"dot") else { break };
        if !cells.get(next).is_ascii_alphanumeric() {
            break;
        }
        marked |= mark;
        name.push('.');
        at = next;
    }
    let (end, len, marked) = best?;
    name.truncate(len);
    Some(Host { end, name, marked })
}

/// Endings that are hardly ever anything but a host's, so that a host without `https://` counts.
const PLAIN_ENDINGS: [&str; 14] =
    ["com", "net", "org", "info", "biz", "xyz", "online", "site", "shop", "store", "club", "onion", "news", "website"];

/// Whether a label is such an ending; case does not matter.
pub(crate) fn is_plain_ending(label: &[u8]) -> bool {
    PLAIN_ENDINGS.iter().any(|ending| label.eq_ignore_ascii_case(ending.as_bytes()))
}

/// Whether a host counts that nothing says is one.
pub(crate) fn plain_host(cells: &Cells, host: &Host) -> bool {
    let ending = host.name.rsplit('.').next().unwrap_or("");
    let path = cells.get(host.end) == b'/' && cells.get(host.end + 1).is_ascii_alphanumeric();
    host.name.starts_with("www.")
        || PLAIN_ENDINGS.contains(&ending)
        || path && ending.len() <= 4 && host.name.len() > ending.len() + 1 && !host.name.bytes().any(|b| b == b'_')
}

/// What a host is as one of Tor's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Onion {
    /// None: another ending.
    Other,
    /// Version 3, whose checksum is right.
    Checked,
    /// Version 2, which had no checksum.
    Unchecked,
    /// The ending, but no such host.
    Broken,
}

/// Looks at a host as one of Tor's (rend-spec-v3: SHA3-256 of `.onion checksum`, key and version).
pub(crate) fn onion(host: &str) -> Onion {
    let Some(name) = host.strip_suffix(".onion").and_then(|rest| rest.rsplit('.').next()) else { return Onion::Other };
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::with_capacity(35));
    for letter in name.bytes() {
        let value = match letter {
            b'a'..=b'z' => letter - b'a',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => return Onion::Broken,
        };
        bits = bits << 5 | u32::from(value);
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    match (name.len(), bytes.split_at_checked(32)) {
        (16, _) => Onion::Unchecked,
        (56, Some((key, [first, second, 3]))) => {
            let mut hash = Sha3_256::new();
            hash.update(b".onion checksum");
            hash.update(key);
            hash.update([3]);
            if hash.finalize()[..2] == [*first, *second] { Onion::Checked } else { Onion::Broken }
        }
        _ => Onion::Broken,
    }
}

/// What a path on a messenger's or network's host names: the handle (with its network) or a telephone number, and the
/// cell after it. `i` is the cell after the host.
pub(crate) fn handle_of(cells: &Cells, host: &str, i: usize) -> Option<(Named, usize)> {
    let host = host.strip_prefix("www.").or_else(|| host.strip_prefix("m.")).unwrap_or(host);
    let host = host.strip_prefix("mobile.").unwrap_or(host);
    if cells.get(i) != b'/' {
        return None;
    }
    let segment = |from: usize| {
        let mut to = from;
        while cells.get(to).is_ascii_alphanumeric() || matches!(cells.get(to), b'_' | b'.' | b'-' | b'+' | b'@') {
            to += 1;
        }
        // a full stop after it is the sentence's
        while to > from && matches!(cells.get(to - 1), b'.' | b'-') {
            to -= 1;
        }
        (cells.ch.get(from..to).unwrap_or_default().iter().map(|c| char::from(*c)).collect::<String>(), to)
    };
    let (first, to) = segment(i + 1);
    let second = || if cells.get(to) == b'/' { segment(to + 1) } else { (String::new(), to) };
    let plain = |network: &str, name: &str, to: usize| {
        let name = name.trim_start_matches('@').to_ascii_lowercase();
        let fits = (2..=40).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
            && !RESERVED.contains(&name.as_str());
        fits.then(|| (Named::Handle(format!("{network}:{name}")), to))
    };
    let invite = |network: &str, code: &str, to: usize| {
        (code.len() >= 6).then(|| (Named::Handle(format!("{network}-invite:{code}")), to))
    };
    match host {
        "t.me" | "telegram.me" | "telegram.dog" => match first.as_str() {
            "joinchat" => second_invite(second(), invite),
            "s" => {
                let (name, to) = second();
                plain("telegram", &name, to)
            }
            _ if first.starts_with('+') => {
                // a digit-only code after `+` is a telephone number
                let code = &first[1..];
                if code.bytes().all(|b| b.is_ascii_digit()) {
                    Some((Named::Phone(format!("+{code}")), to))
                } else {
                    invite("telegram", code, to)
                }
            }
            _ => plain("telegram", &first, to),
        },
        "twitter.com" | "x.com" => plain("x", &first, to),
        "instagram.com" => plain("instagram", &first, to),
        "facebook.com" | "fb.com" | "fb.me" => plain("facebook", &first, to),
        "vk.com" => plain("vk", &first, to),
        "tiktok.com" | "youtube.com" | "truthsocial.com" | "threads.net" | "medium.com" if first.starts_with('@') => {
            plain(host.split('.').next().unwrap_or(host), &first, to)
        }
        "snapchat.com" if first == "add" => {
            let (name, to) = second();
            plain("snapchat", &name, to)
        }
        "reddit.com" if first == "user" || first == "u" => {
            let (name, to) = second();
            plain("reddit", &name, to)
        }
        "threema.id" => plain("threema", &first, to),
        "wa.me" => {
            let digits = first.trim_start_matches('+');
            ((8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()))
                .then(|| (Named::Phone(format!("+{digits}")), to))
        }
        "chat.whatsapp.com" => invite("whatsapp", &first, to),
        "discord.gg" => invite("discord", &first, to),
        _ => None,
    }
}

fn second_invite(
    (code, to): (String, usize),
    invite: impl Fn(&str, &str, usize) -> Option<(Named, usize)>,
) -> Option<(Named, usize)> {
    invite("telegram", &code, to)
}

/// What a path names.
pub(crate) enum Named {
    Handle(String),
    Phone(String),
}

/// Paths of such hosts, and words after `@` in code, that name nobody.
pub(crate) const RESERVED: [&str; 52] = [
    "share",
    "addstickers",
    "proxy",
    "socks",
    "login",
    "setlanguage",
    "addtheme",
    "invoice",
    "iv",
    "home",
    "intent",
    "search",
    "hashtag",
    "explore",
    "settings",
    "about",
    "help",
    "privacy",
    "tos",
    "terms",
    "profile.php",
    "groups",
    "pages",
    "events",
    "watch",
    "sharer",
    "sharer.php",
    "story.php",
    "p",
    "reel",
    "reels",
    "stories",
    "accounts",
    "feed",
    "media",
    "import",
    "charset",
    "keyframes",
    "supports",
    "page",
    "layer",
    "param",
    "return",
    "returns",
    "override",
    "deprecated",
    "author",
    "since",
    "see",
    "throws",
    "property",
    "todo",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Cells {
        let mut cells = Cells::default();
        cells.read(text, 0, text.len());
        cells
    }

    #[test]
    fn hosts_are_read_with_marks_for_dots() {
        for (text, name, marked) in [
            ("Example.ORG/path", "example.org", false),
            ("example[.]org", "example.org", true),
            ("mail (dot) example [dot] org now", "mail.example.org", true),
            ("example.org.", "example.org", false),
            ("a-b.example.co.uk", "a-b.example.co.uk", false),
        ] {
            let host = host_at(&cells(text), 0, false).unwrap();
            assert_eq!((host.name.as_str(), host.marked), (name, marked), "{text}");
        }
        for bad in ["3.14", "example", "x.", "..", "a.b", "1.2.3.4"] {
            assert!(host_at(&cells(bad), 0, false).is_none(), "{bad}");
        }
        assert_eq!(host_at(&cells("192.0.2.1:80"), 0, true).unwrap().name, "192.0.2.1");
    }

    #[test]
    fn onion_hosts_of_version_3_are_checked() {
        // the Tor Project's own site
        let tor = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion";
        assert_eq!(onion(tor), Onion::Checked);
        assert_eq!(onion(&format!("www.{tor}")), Onion::Checked);
        assert_eq!(onion(&tor.replacen('g', "h", 1)), Onion::Broken);
        assert_eq!(onion("expyuzz4wqqyqhjn.onion"), Onion::Unchecked);
        assert_eq!(onion("example.org"), Onion::Other);
    }

    #[test]
    fn paths_on_networks_name_handles() {
        for (host, path, expected) in [
            ("t.me", "/Some_Channel", "telegram:some_channel"),
            ("t.me", "/s/Some_Channel/12", "telegram:some_channel"),
            ("t.me", "/joinchat/AbCdEfGh", "telegram-invite:AbCdEfGh"),
            ("www.instagram.com", "/some.name/", "instagram:some.name"),
            ("x.com", "/name.", "x:name"),
            ("wa.me", "/442079460958", "+442079460958"),
        ] {
            let named = match handle_of(&cells(path), host, 0).unwrap().0 {
                Named::Handle(text) | Named::Phone(text) => text,
            };
            assert_eq!(named, expected);
        }
        assert!(handle_of(&cells("/share/url"), "t.me", 0).is_none());
        assert!(handle_of(&cells("/name"), "example.org", 0).is_none());
    }
}
