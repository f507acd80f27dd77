//! Keys and what is sealed under them.
//!
//! XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) with random nonces of 192 bits: with a key for each item no nonce can meet itself by chance.
//! What is sealed is bound to its place: the item, the field and the number in the item are the associated data, so that no part can be put in
//! the place of another. Keys are wiped from memory when they are dropped.

use crate::{ItemId, SightingsError};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroize;

/// Bytes of a key.
pub(crate) const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// Bytes of a mark: a keyed hash, cut.
pub(crate) const MARK_BYTES: usize = 16;

/// What is sealed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Field {
    /// An item's words: file, URI, channel, title, operator.
    Item,
    /// A sketch of the item's text.
    ItemSketch,
    /// The copy of the original.
    Original,
    /// A sighting's words, by its number.
    Sighting(u32),
    /// A sketch of the message that a sighting stood in.
    SightingSketch(u32),
}

impl Field {
    /// The associated data of this field of an item.
    fn place(self, item: ItemId) -> [u8; 29] {
        let (code, n) = match self {
            Self::Item => (1, 0),
            Self::ItemSketch => (2, 0),
            Self::Original => (3, 0),
            Self::Sighting(n) => (4, n),
            Self::SightingSketch(n) => (5, n),
        };
        let mut out = [0; 29];
        out[..16].copy_from_slice(b"athar sighting 1");
        out[16..24].copy_from_slice(&item.0.to_le_bytes());
        out[24] = code;
        out[25..].copy_from_slice(&n.to_le_bytes());
        out
    }

    /// In an error's words.
    pub(crate) fn words(self) -> String {
        match self {
            Self::Item => "its own record".into(),
            Self::ItemSketch => "the sketch of its text".into(),
            Self::Original => "the copy of the original".into(),
            Self::Sighting(n) => format!("sighting number {n}"),
            Self::SightingSketch(n) => format!("the sketch of sighting number {n}"),
        }
    }
}

/// A key of 256 bits.
#[derive(Clone)]
pub(crate) struct Key([u8; KEY_BYTES]);

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
    pub(crate) fn random() -> Result<Self, SightingsError> {
        let mut bytes = [0; KEY_BYTES];
        random(&mut bytes)?;
        Ok(Self(bytes))
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// Nonce and ciphertext.
    pub(crate) fn seal(&self, item: ItemId, field: Field, plain: &[u8]) -> Result<Vec<u8>, SightingsError> {
        let mut nonce = [0; NONCE_BYTES];
        random(&mut nonce)?;
        let cipher = XChaCha20Poly1305::new(&self.0.into());
        let sealed = cipher
            .encrypt(&nonce.into(), Payload { msg: plain, aad: &field.place(item) })
            .map_err(|_| SightingsError::input("item", "too long to encrypt"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// What was sealed; `None` where a byte of it, of its place or of the key is another.
    pub(crate) fn open(&self, item: ItemId, field: Field, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let cipher = XChaCha20Poly1305::new(&self.0.into());
        cipher.decrypt(&(*nonce).into(), Payload { msg: sealed, aad: &field.place(item) }).ok()
    }

    /// The mark of a text: HMAC-SHA-256 over what it is and the text, cut to 128 bits.
    pub(crate) fn mark(&self, what: &str, text: &str) -> [u8; MARK_BYTES] {
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

fn random(bytes: &mut [u8]) -> Result<(), SightingsError> {
    getrandom::fill(bytes).map_err(|e| SightingsError::input("key", format!("no random bytes: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_in_its_own_place_alone() {
        let key = Key::random().unwrap();
        let sealed = key.seal(ItemId(7), Field::Sighting(3), b"words").unwrap();
        assert_eq!(key.open(ItemId(7), Field::Sighting(3), &sealed).unwrap(), b"words");
        assert!(!sealed.windows(5).any(|w| w == b"words"));
        for (item, field) in [
            (8, Field::Sighting(3)),
            (7, Field::Sighting(4)),
            (7, Field::SightingSketch(3)),
            (7, Field::Item),
            (7, Field::Original),
        ] {
            assert!(key.open(ItemId(item), field, &sealed).is_none(), "{item} {field:?}");
        }
        assert!(Key::random().unwrap().open(ItemId(7), Field::Sighting(3), &sealed).is_none(), "another key");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open(ItemId(7), Field::Sighting(3), &changed).is_none(), "byte {at}");
        }
        for short in 0..sealed.len() {
            assert!(key.open(ItemId(7), Field::Sighting(3), &sealed[..short]).is_none());
        }
    }

    #[test]
    fn the_same_words_sealed_twice_differ() {
        let key = Key::random().unwrap();
        let once = key.seal(ItemId(1), Field::Item, b"words").unwrap();
        assert_ne!(once, key.seal(ItemId(1), Field::Item, b"words").unwrap());
    }

    #[test]
    fn a_mark_is_the_keyed_hash_of_what_and_text() {
        let key = Key::from_bytes(&[7; 32]).unwrap();
        // printf 'value\0+15550100' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07, the first 16 bytes
        assert_eq!(hex::encode(key.mark("value", "+15550100")), "993d8b5fc66acb95e1d415aa9e8421b6");
        assert_ne!(key.mark("value", "a"), key.mark("channel", "a"));
    }
}
