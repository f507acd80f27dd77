//! The provider's keys (JWKS, RFC 7517), and whether a token is signed by one of them (RFC 7515).
//!
//! The algorithm is the key's matter, never the token's alone: a token that names another one than its key is for is refused, `none`
//! and those with a shared secret always.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;

/// Keys of a provider that are looked at.
const KEYS_MAX: usize = 64;
/// Bytes of a token.
const TOKEN_BYTES_MAX: usize = 64 << 10;

/// The keys of a provider.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Keys {
    keys: Vec<Key>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Key {
    kty: String,
    kid: Option<String>,
    r#use: Option<String>,
    alg: Option<String>,
    crv: String,
    n: String,
    e: String,
    x: String,
    y: String,
}

#[derive(Debug, Deserialize)]
struct Head {
    alg: String,
    kid: Option<String>,
    /// Extensions that a reader must understand: this one understands none.
    crit: Option<serde_json::Value>,
}

/// Why a token counts for nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unsigned {
    /// No key of the provider has the id that it names: it may have changed its keys.
    UnknownKey,
    /// Anything else.
    Wrong(&'static str),
}

impl Keys {
    /// The content of a token that one of the keys has signed.
    pub(super) fn open(&self, token: &str) -> Result<Vec<u8>, Unsigned> {
        let wrong = |what| Unsigned::Wrong(what);
        if token.len() > TOKEN_BYTES_MAX {
            return Err(wrong("the token is too long"));
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(wrong("the token has not three parts"))?;
        let (head, content) = signed.split_once('.').ok_or(wrong("the token has not three parts"))?;
        let decode =
            |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong("a part of the token is no base64url"));
        let head: Head =
            serde_json::from_slice(&decode(head)?).map_err(|_| wrong("the token's head is not understood"))?;
        if head.crit.is_some() {
            return Err(wrong("the token has extensions"));
        }
        let signature = decode(signature)?;
        let named = |key: &&Key| match (&head.kid, &key.kid) {
            (Some(wanted), Some(kid)) => wanted == kid,
            (Some(_), None) => false,
            (None, _) => true,
        };
        let signs = |key: &&Key| key.r#use.as_deref().is_none_or(|used| used == "sig");
        let mut found = self.keys.iter().take(KEYS_MAX).filter(named).filter(signs).peekable();
        if found.peek().is_none() {
            return Err(Unsigned::UnknownKey);
        }
        if found.any(|key| key.has_signed(&head.alg, signed.as_bytes(), &signature)) {
            decode(content)
        } else {
            Err(wrong("the signature is by none of the provider's keys"))
        }
    }
}

impl Key {
    fn has_signed(&self, alg: &str, message: &[u8], signature: &[u8]) -> bool {
        if self.alg.as_deref().is_some_and(|own| own != alg) {
            return false;
        }
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        let point = || [&[4][..], &bytes(&self.x), &bytes(&self.y)].concat();
        match (self.kty.as_str(), self.crv.as_str(), alg) {
            ("RSA", _, "RS256" | "PS256") => {
                let form = if alg == "RS256" { &RSA_PKCS1_2048_8192_SHA256 } else { &RSA_PSS_2048_8192_SHA256 };
                RsaPublicKeyComponents { n: bytes(&self.n), e: bytes(&self.e) }.verify(form, message, signature).is_ok()
            }
            ("EC", "P-256", "ES256") => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point()).verify(message, signature).is_ok()
            }
            ("EC", "P-384", "ES384") => {
                UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point()).verify(message, signature).is_ok()
            }
            ("OKP", "Ed25519", "EdDSA") => {
                UnparsedPublicKey::new(&ED25519, bytes(&self.x)).verify(message, signature).is_ok()
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
    use serde_json::json;

    struct Signer(EcdsaKeyPair, SystemRandom);

    impl Signer {
        fn new() -> Self {
            let random = SystemRandom::new();
            let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, made.as_ref(), &random).unwrap();
            Self(pair, random)
        }

        fn keys(&self, kid: &str) -> Keys {
            let point = self.0.public_key().as_ref();
            let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
            serde_json::from_value(json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": y }] }))
                .unwrap()
        }

        fn token(&self, head: &serde_json::Value) -> String {
            let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(head.to_string()), URL_SAFE_NO_PAD.encode("content"));
            let signature = self.0.sign(&self.1, signed.as_bytes()).unwrap();
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
        }
    }

    #[test]
    fn only_what_a_key_of_the_provider_signed_is_read() {
        let (signer, other) = (Signer::new(), Signer::new());
        let keys = signer.keys("k1");
        let good = signer.token(&json!({ "alg": "ES256", "kid": "k1" }));
        assert_eq!(keys.open(&good).unwrap(), b"content");
        assert_eq!(keys.open(&signer.token(&json!({ "alg": "ES256" }))).unwrap(), b"content");
        assert_eq!(keys.open(&signer.token(&json!({ "alg": "ES256", "kid": "k2" }))), Err(Unsigned::UnknownKey));
        for token in [
            other.token(&json!({ "alg": "ES256", "kid": "k1" })),
            signer.token(&json!({ "alg": "none", "kid": "k1" })),
            signer.token(&json!({ "alg": "HS256", "kid": "k1" })),
            signer.token(&json!({ "alg": "RS256", "kid": "k1" })),
            signer.token(&json!({ "alg": "ES256", "kid": "k1", "crit": ["exp"] })),
            format!("{}x", &good[..good.len() - 1]),
            good.rsplit_once('.').unwrap().0.to_owned() + ".",
            "a.b".into(),
            String::new(),
            "x".repeat(TOKEN_BYTES_MAX + 1),
        ] {
            assert!(matches!(keys.open(&token), Err(Unsigned::Wrong(_))), "{token}");
        }
        // another content under the same signature
        let parts: Vec<&str> = good.split('.').collect();
        let forged = format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode("forged"), parts[2]);
        assert!(keys.open(&forged).is_err());
    }
}
