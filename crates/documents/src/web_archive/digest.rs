//! Digests that records carry of themselves: `sha1:` in base 32 as most crawlers write it, or SHA-1,
//! SHA-256 and MD5 in base 32, base 64 or hexadecimal.

use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, HEXLOWER};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// A digest that a record carries, of an algorithm that is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Claimed {
    algorithm: Algorithm,
    value: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Algorithm {
    Md5,
    Sha1,
    Sha256,
}

impl Claimed {
    /// `sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ`; `None` for another algorithm, or a value of another length.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, value) = text.trim().split_once(':')?;
        let (algorithm, bytes) = match name.to_ascii_lowercase().replace('-', "").as_str() {
            "md5" => (Algorithm::Md5, 16),
            "sha1" => (Algorithm::Sha1, 20),
            "sha256" => (Algorithm::Sha256, 32),
            _ => return None,
        };
        let value = value.trim().trim_end_matches('=');
        // the lengths of the bases differ for each algorithm
        let value = match value.len() {
            n if n == bytes * 2 => HEXLOWER.decode(value.to_ascii_lowercase().as_bytes()).ok()?,
            n if n == (bytes * 8).div_ceil(5) => BASE32_NOPAD.decode(value.to_ascii_uppercase().as_bytes()).ok()?,
            _ => BASE64_NOPAD.decode(value.replace('-', "+").replace('_', "/").as_bytes()).ok()?,
        };
        (value.len() == bytes).then_some(Self { algorithm, value })
    }

    /// Whether it is that of these bytes.
    pub(crate) fn is_of(&self, bytes: &[u8]) -> bool {
        let mut running = self.start();
        running.update(bytes);
        running.matches()
    }

    /// For bytes that come as a stream.
    pub(crate) fn start(&self) -> Running {
        let hasher = match self.algorithm {
            Algorithm::Md5 => Hasher::Md5(Md5::new()),
            Algorithm::Sha1 => Hasher::Sha1(Sha1::new()),
            Algorithm::Sha256 => Hasher::Sha256(Sha256::new()),
        };
        Running { hasher, value: self.value.clone() }
    }
}

/// A digest on its way.
pub(crate) struct Running {
    hasher: Hasher,
    value: Vec<u8>,
}

enum Hasher {
    Md5(Md5),
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Running {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match &mut self.hasher {
            Hasher::Md5(h) => h.update(bytes),
            Hasher::Sha1(h) => h.update(bytes),
            Hasher::Sha256(h) => h.update(bytes),
        }
    }

    /// Whether it came out as claimed.
    pub(crate) fn matches(self) -> bool {
        match self.hasher {
            Hasher::Md5(h) => h.finalize()[..] == self.value,
            Hasher::Sha1(h) => h.finalize()[..] == self.value,
            Hasher::Sha256(h) => h.finalize()[..] == self.value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_of_nothing_are_those_that_are_published() {
        for text in [
            "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ",
            "SHA-1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "sha1:2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
            "sha1:2jmj7l5rSw0yVb_vlWAYkK_YBwk=",
            "md5:d41d8cd98f00b204e9800998ecf8427e",
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ] {
            let claimed = Claimed::parse(text).unwrap();
            assert!(claimed.is_of(b""), "{text}");
            assert!(!claimed.is_of(b"x"), "{text}");
        }
        assert_eq!(Claimed::parse("sha1:short"), None);
        assert_eq!(Claimed::parse("blake3:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"), None);
    }
}
