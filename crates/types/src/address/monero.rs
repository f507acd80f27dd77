//! Monero addresses: Base58 in blocks of 8 bytes, a network byte, two public keys and a Keccak-256 checksum.
//!
//! Source: `src/common/base58.cpp` and `src/cryptonote_config.h` of Monero.

use super::AddressError;
use super::error::foreign_character;
use sha3::{Digest, Keccak256};

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// Letters that encode a block of so many bytes (index 0 to 8).
const BLOCK_LETTERS: [usize; 9] = [0, 2, 3, 5, 6, 7, 9, 10, 11];

/// The kinds of Monero address on the main network, by network byte.
const STANDARD: u8 = 18;
const INTEGRATED: u8 = 19;
const SUBADDRESS: u8 = 42;

/// Reads a standard address, a subaddress (95 letters each) or an integrated address (106 letters, with a payment id).
pub(super) fn parse_monero(text: &str) -> Result<String, AddressError> {
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    if let Some(error) = foreign_character(text) {
        return Err(error);
    }
    if text.len() != 95 && text.len() != 106 {
        return Err(AddressError::Form("not 95 or 106 letters"));
    }
    let data = decode(text.as_bytes()).ok_or(AddressError::Checksum)?;
    let (body, checksum) = data.split_at(data.len() - 4);
    if Keccak256::digest(body)[..4] != *checksum {
        return Err(AddressError::Checksum);
    }
    match (body[0], text.len()) {
        (STANDARD | SUBADDRESS, 95) | (INTEGRATED, 106) => Ok(text.to_owned()),
        _ => Err(AddressError::Form("network byte of no Monero address on the main network")),
    }
}

/// Decodes block by block; `None` on a foreign letter or a block that overflows its bytes.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 8 / 11);
    for block in text.chunks(11) {
        let size = BLOCK_LETTERS.iter().position(|letters| *letters == block.len())?;
        let mut value = 0_u128;
        for letter in block {
            value = value * 58 + ALPHABET.iter().position(|a| a == letter)? as u128;
        }
        if value >> (8 * size) != 0 {
            return None;
        }
        out.extend_from_slice(&value.to_be_bytes()[16 - size..]);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encode(data: &[u8]) -> String {
        let mut out = String::new();
        for block in data.chunks(8) {
            let mut value = block.iter().fold(0_u128, |v, b| v << 8 | u128::from(*b));
            let mut letters = vec![b'1'; BLOCK_LETTERS[block.len()]];
            for letter in letters.iter_mut().rev() {
                *letter = ALPHABET[(value % 58) as usize];
                value /= 58;
            }
            out.push_str(std::str::from_utf8(&letters).unwrap());
        }
        out
    }

    fn address(kind: u8, keys: &[u8]) -> String {
        let mut data = vec![kind];
        data.extend_from_slice(keys);
        let checksum = Keccak256::digest(&data);
        data.extend_from_slice(&checksum[..4]);
        encode(&data)
    }

    #[test]
    fn the_projects_donation_address_passes() {
        // the general fund of the Monero project, in the README of its repository
        let text = "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H";
        assert_eq!(parse_monero(text).as_deref(), Ok(text));
        assert_eq!(parse_monero(&text[..94]), Err(AddressError::Form("not 95 or 106 letters")));
        assert_eq!(parse_monero(&text.replacen('N', "M", 1)), Err(AddressError::Checksum));
    }

    #[test]
    fn other_networks_and_hashes_are_refused() {
        let testnet = address(53, &[7; 64]);
        assert!(matches!(parse_monero(&testnet), Err(AddressError::Form(_))));
        let view_key = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
        assert!(matches!(parse_monero(view_key), Err(AddressError::Form(_))));
    }

    proptest! {
        #[test]
        fn every_kind_reads_back_and_one_changed_letter_is_refused(
            keys in any::<[[u8; 32]; 2]>(), id in any::<[u8; 8]>(), kind in 0usize..3, at in any::<usize>(),
            letter in "[1-9A-HJ-NP-Za-km-z]",
        ) {
            let mut body = keys.concat();
            if kind == 2 {
                body.extend_from_slice(&id);
            }
            let good = address([STANDARD, SUBADDRESS, INTEGRATED][kind], &body);
            let read = parse_monero(&good);
            prop_assert_eq!(read.as_ref(), Ok(&good));
            let at = at % good.len();
            let bad = format!("{}{letter}{}", &good[..at], &good[at + 1..]);
            prop_assert_eq!(parse_monero(&bad).is_ok(), bad == good);
        }
    }
}
