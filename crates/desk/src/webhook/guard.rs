//! Which targets are refused. A webhook is a request that the desk's machine makes where others may have chosen the URL: it
//! must not become a way into the network that the machine stands in (server-side request forgery).
//!
//! The rule is on addresses, after the name was looked up, and the very address that was judged is connected to: a name that
//! answers otherwise the second time gains nothing. All that is not plainly public is refused, after the IANA registries of
//! special-purpose addresses (RFC 6890 and later).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use ureq::http::Uri;

/// Longest URL.
const URL_BYTES_MAX: usize = 2_048;

/// Why a target is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GuardError {
    /// The text is no URL that is used.
    #[error("`{url}`: {what}")]
    Url {
        /// The URL, shortened.
        url: String,
        /// What is wrong.
        what: &'static str,
    },
    /// The name leads to an address that is not public.
    #[error("{host} leads to {address}: {why}")]
    Internal {
        /// The host of the URL.
        host: String,
        /// Its address.
        address: IpAddr,
        /// What kind of address that is.
        why: &'static str,
    },
    /// `--allow-internal` names another target than the URL.
    #[error("--allow-internal {allowed} is not the target of the URL, {target}")]
    OtherTarget {
        /// What is allowed.
        allowed: String,
        /// `HOST:PORT` of the URL.
        target: String,
    },
}

/// A URL that is fit to be a target, as far as its text says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Host, an IPv6 address without its brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Whether it is https.
    pub is_https: bool,
}

impl Target {
    /// Reads a URL.
    pub fn parse(url: &str) -> Result<Self, GuardError> {
        let refuse =
            |what| Err(GuardError::Url { url: url.chars().take(80).flat_map(char::escape_debug).collect(), what });
        if url.len() > URL_BYTES_MAX {
            return refuse("is longer than 2,048 bytes");
        }
        if !url.bytes().all(|b| b.is_ascii_graphic()) {
            return refuse("has characters that must be escaped in a URL");
        }
        let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        let is_https = match scheme.as_deref() {
            Some("https") => true,
            Some("http") => false,
            _ => return refuse("is neither http nor https"),
        };
        let Ok(uri) = url.parse::<Uri>() else { return refuse("is no URL") };
        let Some(authority) = uri.authority() else { return refuse("names no host") };
        if authority.as_str().contains('@') {
            return refuse("carries a user or password: the signature is what proves the sender");
        }
        if url.contains('#') {
            return refuse("has a fragment");
        }
        let default = if is_https { 443 } else { 80 };
        let port = match authority.port() {
            Some(port) if port.as_u16() == 0 => return refuse("has port 0"),
            Some(port) => port.as_u16(),
            None => default,
        };
        let host = authority.host();
        if let Some(inner) = host.strip_prefix('[') {
            let inner = inner.strip_suffix(']').unwrap_or(inner);
            let Ok(address) = inner.parse::<Ipv6Addr>() else {
                return refuse("has a bracketed host that is no IPv6 address");
            };
            return Ok(Self { host: address.to_string(), port, is_https });
        }
        let bare = host.strip_suffix('.').unwrap_or(host);
        let last = bare.rsplit('.').next().unwrap_or_default();
        let is_number = |label: &str| {
            let hex = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_digit())
                || hex.is_some_and(|h| h.bytes().all(|b| b.is_ascii_hexdigit()))
        };
        // 2130706433, 0x7f.1, 017700000001, 127.1: old ways to write 127.0.0.1 that resolvers still read
        if is_number(last) && host.parse::<Ipv4Addr>().is_err() {
            return refuse("has a host that is a number but no dotted IPv4 address");
        }
        let lower = bare.to_ascii_lowercase();
        if lower.is_empty() || !lower.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_')) {
            return refuse("has a host that is no name");
        }
        Ok(Self { host: lower, port, is_https })
    }

    /// `HOST:PORT`, an IPv6 address in brackets.
    pub fn host_and_port(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Whether the name alone says that it means this machine.
    pub fn is_local_name(&self) -> bool {
        self.host == "localhost" || self.host.ends_with(".localhost")
    }

    /// Judges an address that the host was found to have. With `internal` the operator has named this very target.
    pub fn judge(&self, address: IpAddr, internal: bool) -> Result<(), GuardError> {
        let refused = match refusal(address) {
            Some((why, may_be_allowed)) if !(internal && may_be_allowed) => Some(why),
            _ if self.is_local_name() && !internal => Some("the name means this machine"),
            _ => None,
        };
        refused.map_or(Ok(()), |why| Err(GuardError::Internal { host: self.host.clone(), address, why }))
    }
}

/// Why an address is refused, and whether an operator may allow it: his own networks he may, a cloud's metadata service and
/// what is no single machine he may not.
pub fn refusal(address: IpAddr) -> Option<(&'static str, bool)> {
    match address {
        IpAddr::V4(v4) => refusal_v4(v4),
        IpAddr::V6(v6) => refusal_v6(v6),
    }
}

fn refusal_v4(a: Ipv4Addr) -> Option<(&'static str, bool)> {
    let [b0, b1, b2, _] = a.octets();
    Some(match (b0, b1, b2) {
        (0, ..) => ("\"this network\"", false),
        (127, ..) => ("loopback", true),
        (10, ..) | (172, 16..=31, _) | (192, 168, _) => ("a private network", true),
        (169, 254, _) => ("link-local, where clouds keep their metadata", false),
        (100, 64..=127, _) => ("shared address space of a carrier", true),
        (192, 0, 0) => ("IETF protocol assignments", false),
        (192, 0, 2) | (198, 51, 100) | (203, 0, 113) => ("an address of documentation", false),
        (192, 88, 99) => ("a 6to4 relay", false),
        (198, 18..=19, _) => ("a benchmarking network", true),
        (224..=239, ..) => ("multicast", false),
        (240..=255, ..) => ("reserved or broadcast", false),
        _ => return None,
    })
}

fn refusal_v6(a: Ipv6Addr) -> Option<(&'static str, bool)> {
    let s = a.segments();
    let embedded = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    if a == Ipv6Addr::LOCALHOST {
        return Some(("loopback", true));
    }
    if a.is_unspecified() {
        return Some(("unspecified", false));
    }
    if s[..6] == [0, 0, 0, 0, 0, 0xffff] || s[..6] == [0; 6] {
        // IPv4-mapped and IPv4-compatible: what stands in it counts
        return refusal_v4(embedded(s[6], s[7]))
            .or_else(|| (s[5] == 0).then_some(("an IPv4-compatible address", false)));
    }
    if s[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        // NAT64, as DNS64 gives it where there is no IPv4
        return refusal_v4(embedded(s[6], s[7]));
    }
    Some(match s[0] {
        0x2002 => return refusal_v4(embedded(s[1], s[2])).or(Some(("a 6to4 address", false))),
        0xfc00..=0xfdff => ("unique local", true),
        0xfe80..=0xfebf => ("link-local", false),
        0xfec0..=0xfeff => ("site-local", true),
        0xff00..=0xffff => ("multicast", false),
        0x2001 if s[1] == 0 => ("Teredo", false),
        0x2001 if s[1] == 0xdb8 => ("an address of documentation", false),
        0x2001 if s[1] < 0x200 => ("IETF protocol assignments", false),
        0x3fff if s[1] < 0x1000 => ("an address of documentation", false),
        0x2000..=0x3fff => return None,
        _ => ("not a public address", false),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> bool {
        refusal(text.parse().unwrap()).is_some()
    }

    #[test]
    fn internal_addresses_are_refused_in_every_clothing() {
        for address in [
            "127.0.0.1",
            "127.255.255.254",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "239.255.255.255",
            "255.255.255.255",
            "240.0.0.1",
            "198.18.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "::",
            "::1",
            "fe80::1",
            "febf::1",
            "fc00::1",
            "fd12:3456::1",
            "ff02::1",
            "fec0::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2002:808:808::1",
            "2001:db8::1",
            "2001::1",
            "100::1",
            "fd00:ec2::254",
        ] {
            assert!(refused(address), "{address}");
        }
        for address in [
            "8.8.8.8",
            "1.1.1.1",
            "172.15.0.1",
            "172.32.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "192.167.1.1",
            "2606:4700::1111",
            "2a00:1450:4001::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            assert!(!refused(address), "{address}");
        }
        // an operator may name his own network, but neither metadata nor multicast
        for (address, may) in [
            ("127.0.0.1", true),
            ("10.0.0.1", true),
            ("fd00::1", true),
            ("::1", true),
            ("::ffff:10.0.0.1", true),
            ("169.254.169.254", false),
            ("::ffff:169.254.169.254", false),
            ("224.0.0.1", false),
            ("0.0.0.0", false),
        ] {
            assert_eq!(refusal(address.parse().unwrap()).unwrap().1, may, "{address}");
        }
    }

    #[test]
    fn urls_are_judged_by_their_text_first() {
        let target = |url: &str| Target::parse(url).map(|t| t.host_and_port());
        assert_eq!(target("https://hooks.example.com/a?b=c").unwrap(), "hooks.example.com:443");
        assert_eq!(target("http://Hooks.Example.com:8080/").unwrap(), "hooks.example.com:8080");
        assert_eq!(target("http://[2606:4700:0::1111]/").unwrap(), "[2606:4700::1111]:80");
        assert_eq!(target("http://8.8.8.8/").unwrap(), "8.8.8.8:80");
        for (url, words) in [
            ("ftp://example.com/", "neither http nor https"),
            ("file:///etc/passwd", "neither http nor https"),
            ("gopher://example.com:70/_x", "neither http nor https"),
            ("example.com/hook", ""),
            ("https://user:secret@example.com/", "user or password"),
            ("https://example.com@127.0.0.1/", "user or password"),
            ("http://2130706433/", "number"),
            ("http://0x7f000001/", "number"),
            ("http://017700000001/", "number"),
            ("http://127.1/", "number"),
            ("http://0x7f.0.0.1/", "number"),
            ("http://127.0.0.1.:80/", "number"),
            ("http://[::1%25lo]/", ""),
            ("https://example.com/#a", "fragment"),
            ("https://exa mple.com/", "escaped"),
            ("https://example.com/\r\nX: y", "escaped"),
            ("https://localhost:0/", "port 0"),
        ] {
            let error = target(url).expect_err(url).to_string();
            assert!(error.contains(words), "{url}: {error}");
            assert!(!error.contains('\n'));
        }
    }

    #[test]
    fn a_name_that_means_this_machine_is_refused_whatever_it_resolves_to() {
        let public = "8.8.8.8".parse().unwrap();
        for url in ["http://localhost/", "http://LOCALHOST./", "http://a.localhost:9/"] {
            let target = Target::parse(url).unwrap();
            assert!(target.judge(public, false).is_err(), "{url}");
            assert!(target.judge(public, true).is_ok(), "{url}");
        }
    }
}
