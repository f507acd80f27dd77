//! Keys and what is sealed under them.
//!
//! XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) with random nonces of 192 bits: with a key for each item no nonce can meet itself by chance.
//! What is sealed is bound to its place, which the caller names and which is the associated data: so that no part can be put in the place of
//! another. Keys are wiped from memory when they are dropped.

use crate::VaultError;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroize;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// Bytes of a mark: a keyed hash, cut.
pub const MARK_BYTES: usize = 16;

/// A key of 256 bits.
#[derive(Clone)]
pub struct Key([u8; KEY_BYTES]);

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// A new one, from the operating system's random numbers.
    pub fn random() -> Result<Self, VaultError> {
        let mut bytes = [0; KEY_BYTES];
        random(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// A kept one; `None` of another length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// Nonce and ciphertext of `plain`, bound to its `place`.
    pub fn seal(&self, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut nonce = [0; NONCE_BYTES];
        random(&mut nonce)?;
        let cipher = XChaCha20Poly1305::new(&self.0.into());
        let sealed =
            cipher.encrypt(&nonce.into(), Payload { msg: plain, aad: place }).map_err(|_| VaultError::TooLong)?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// What was sealed; `None` where a byte of it, of its place or of the key is another.
    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let cipher = XChaCha20Poly1305::new(&self.0.into());
        cipher.decrypt(&(*nonce).into(), Payload { msg: sealed, aad: place }).ok()
    }

    /// The mark of a text: HMAC-SHA-256 over what it is and the text, cut to 128 bits.
    pub fn mark(&self, what: &str, text: &str) -> [u8; MARK_BYTES] {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(what.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        let whole: [u8; 32] = mac.finalize().into_bytes().into();
        let mut mark = [0; MARK_BYTES];
        mark.copy_from_slice(&whole[..MARK_BYTES]);
        mark
    }
}

fn random(bytes: &mut [u8]) -> Result<(), VaultError> {
    getrandom::fill(bytes).map_err(|e| VaultError::Random(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_in_its_own_place_alone() {
        let key = Key::random().unwrap();
        let sealed = key.seal(b"item 7", b"words").unwrap();
        assert_eq!(key.open(b"item 7", &sealed).unwrap(), b"words");
        assert!(!sealed.windows(5).any(|w| w == b"words"));
        assert!(key.open(b"item 8", &sealed).is_none() && key.open(b"", &sealed).is_none());
        assert!(Key::random().unwrap().open(b"item 7", &sealed).is_none(), "another key");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open(b"item 7", &changed).is_none(), "byte {at}");
        }
        for short in 0..sealed.len() {
            assert!(key.open(b"item 7", &sealed[..short]).is_none());
        }
    }

    #[test]
    fn the_same_words_sealed_twice_differ() {
        let key = Key::random().unwrap();
        let once = key.seal(b"item", b"words").unwrap();
        assert_ne!(once, key.seal(b"item", b"words").unwrap());
    }

    #[test]
    fn a_mark_is_the_keyed_hash_of_what_and_text() {
        let key = Key::from_bytes(&[7; 32]).unwrap();
        // printf 'value\0+15550100' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07, the first 16 bytes
        assert_eq!(hex::encode(key.mark("value", "+15550100")), "993d8b5fc66acb95e1d415aa9e8421b6");
        assert_ne!(key.mark("value", "a"), key.mark("channel", "a"));
    }
}
