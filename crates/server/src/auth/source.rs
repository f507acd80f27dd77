//! Where a request comes from: the address of the client, and whether what it sends is encrypted on the way.
//!
//! Behind a proxy both are what the proxy says, and only the proxy: of `X-Forwarded-For` the last address, which the peer itself
//! wrote. What stands before it was sent by the client and may be anything. Without `--behind-proxy` the headers count for nothing.

use axum::http::{Extensions, HeaderMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The other end of a connection; every request carries it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    /// Its address.
    pub(crate) ip: IpAddr,
    /// Whether the connection is encrypted.
    pub(crate) tls: bool,
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// The client's address.
    pub(crate) ip: IpAddr,
    /// Whether the client spoke TLS, to this service or to the proxy before it.
    pub(crate) tls: bool,
}

impl Source {
    /// Of a request.
    pub(crate) fn of(extensions: &Extensions, headers: &HeaderMap, behind_proxy: bool) -> Self {
        let unknown = Peer { ip: IpAddr::V4(Ipv4Addr::UNSPECIFIED), tls: false };
        let peer = extensions.get::<Peer>().copied().unwrap_or(unknown);
        if !behind_proxy {
            return Self { ip: peer.ip, tls: peer.tls };
        }
        let last = |name: &str| {
            let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
            value.rsplit(',').next().map(str::trim)
        };
        let ip = last("x-forwarded-for").and_then(address).unwrap_or(peer.ip);
        let tls = peer.tls || last("x-forwarded-proto").is_some_and(|proto| proto.eq_ignore_ascii_case("https"));
        Self { ip, tls }
    }

    /// The network that attempts are counted by: the address, of IPv6 the 64 bits that one customer of a provider has.
    pub(crate) fn network(&self) -> IpAddr {
        match self.ip {
            IpAddr::V4(ip) => ip.into(),
            IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
                Some(ip) => ip.into(),
                None => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
            },
        }
    }
}

/// An address as proxies write it: alone, with a port, in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.split(']').next());
    text.parse().ok().or_else(|| bare?.parse().ok()).or_else(|| text.rsplit_once(':')?.0.parse().ok())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;

    fn source(forwarded: &[&str], proto: &str, behind_proxy: bool) -> Source {
        let mut extensions = Extensions::new();
        extensions.insert(Peer { ip: "10.0.0.1".parse().unwrap(), tls: false });
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        headers.insert("x-forwarded-proto", proto.parse().unwrap());
        Source::of(&extensions, &headers, behind_proxy)
    }

    #[test]
    fn only_a_proxy_that_was_announced_is_believed_and_only_what_it_wrote_itself() {
        let ip = |source: Source| source.ip.to_string();
        assert_eq!(source(&["1.2.3.4"], "https", false), Source { ip: "10.0.0.1".parse().unwrap(), tls: false });
        assert_eq!(ip(source(&["6.6.6.6, 1.2.3.4"], "https", true)), "1.2.3.4");
        assert_eq!(ip(source(&["6.6.6.6", "1.2.3.4"], "https", true)), "1.2.3.4");
        assert!(source(&["1.2.3.4"], "HTTPS", true).tls && !source(&["1.2.3.4"], "https, http", true).tls);
        for (text, wanted) in [
            ("1.2.3.4:5555", "1.2.3.4"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("x", "10.0.0.1"),
        ] {
            assert_eq!(ip(source(&[text], "http", true)), wanted);
        }
    }

    #[test]
    fn attempts_are_counted_by_the_network_that_one_customer_has() {
        let of = |text: &str| Source { ip: text.parse().unwrap(), tls: false }.network().to_string();
        assert_eq!(of("2001:db8:1:2:aaaa::1"), of("2001:db8:1:2:bbbb::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:1.2.3.4"), "1.2.3.4");
        assert_ne!(of("1.2.3.4"), of("1.2.3.5"));
    }
}
