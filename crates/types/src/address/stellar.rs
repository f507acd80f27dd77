//! Stellar addresses: "strkeys", base32 with a CRC-16, of accounts (`G…`), of one user inside an account (`M…`) and of contracts (`C…`).
//!
//! Source: SEP-23 of Stellar. A strkey is a version byte, the key and a CRC-16 (XMODEM, little end first) in RFC 4648 base32
//! without padding. An `M…` text is an account and a 64-bit id of its keeper's: it stays a text of its own here, because
//! the users of one custodian are not one another. [`stellar_account`] gives the account.

use super::AddressError;
use super::error::foreign_character;
use super::ton::crc16;

const ACCOUNT: u8 = 6 << 3;
const MUXED: u8 = 12 << 3;
const CONTRACT: u8 = 2 << 3;
const SEED: u8 = 18 << 3;

/// Reads an account, a user of one, or a contract.
pub(super) fn parse_stellar(text: &str) -> Result<String, AddressError> {
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    if let Some(error) = foreign_character(text) {
        return Err(error);
    }
    match decode(text)? {
        (ACCOUNT | CONTRACT, 32) | (MUXED, 40) => Ok(text.to_owned()),
        (SEED, 32) => Err(AddressError::Form("a secret seed of Stellar, not an address")),
        _ => Err(AddressError::Form("version byte of no Stellar address")),
    }
}

/// The account (`G…`) that a user's text (`M…`) belongs to; of an account its own text; `None` of anything else.
pub fn stellar_account(text: &str) -> Option<String> {
    let bytes = bytes_of(text)?;
    decode(text).ok().filter(|(version, _)| matches!(*version, ACCOUNT | MUXED))?;
    let mut data = vec![ACCOUNT];
    data.extend_from_slice(bytes.get(1..33)?);
    data.extend_from_slice(&crc16(&data).to_le_bytes());
    Some(encode(&data))
}

/// Whether the text is a secret seed (`S…`) by its checksum.
pub fn is_stellar_seed(text: &str) -> bool {
    matches!(decode(text), Ok((SEED, 32)))
}

/// Version byte and length of the payload, after the checksum.
fn decode(text: &str) -> Result<(u8, usize), AddressError> {
    let bytes = bytes_of(text).ok_or(AddressError::Form("neither 56 nor 69 letters of base32"))?;
    let (body, checksum) = bytes.split_at(bytes.len() - 2);
    if crc16(body).to_le_bytes() != *checksum {
        return Err(AddressError::Checksum);
    }
    Ok((body[0], body.len() - 1))
}

fn bytes_of(text: &str) -> Option<Vec<u8>> {
    if !matches!(text.len(), 56 | 69) {
        return None;
    }
    let (mut bits, mut count) = (0_u32, 0);
    let mut bytes = Vec::with_capacity(43);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => return None,
        };
        bits = bits << 5 | u32::from(value);
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    // bits left over must be zero, or one key would have several texts
    (bits == 0).then_some(bytes)
}

fn encode(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bits, mut count) = (0_u32, 0);
    let mut text = String::new();
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            text.push(char::from(LETTERS[(bits >> count & 31) as usize]));
        }
    }
    if count > 0 {
        text.push(char::from(LETTERS[(bits << (5 - count) & 31) as usize]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // of SEP-23: a user (id 1234) of an account
    const G: &str = "GAQAA5L65LSYH7CQ3VTJ7F3HHLGCL3DSLAR2Y47263D56MNNGHSQSTVY";
    const M: &str = "MAQAA5L65LSYH7CQ3VTJ7F3HHLGCL3DSLAR2Y47263D56MNNGHSQSAAAAAAAAAAE2LP26";

    #[test]
    fn the_examples_of_the_standard_pass() {
        assert_eq!(parse_stellar(G).as_deref(), Ok(G));
        assert_eq!(parse_stellar(M).as_deref(), Ok(M));
        assert_eq!(stellar_account(M).as_deref(), Some(G));
        assert_eq!(stellar_account(G).as_deref(), Some(G));
    }

    #[test]
    fn seeds_slips_and_other_lengths_are_refused() {
        let mut seed = vec![SEED];
        seed.extend_from_slice(&[7; 32]);
        seed.extend_from_slice(&crc16(&seed).to_le_bytes());
        let seed = encode(&seed);
        assert!(seed.starts_with('S') && is_stellar_seed(&seed) && !is_stellar_seed(G));
        assert_eq!(parse_stellar(&seed), Err(AddressError::Form("a secret seed of Stellar, not an address")));
        assert_eq!(stellar_account(&seed), None);
        assert_eq!(parse_stellar(&G.replacen('Q', "R", 1)), Err(AddressError::Checksum));
        // bits after the last byte: the last letter of an M text stands for one bit too many
        assert!(parse_stellar(&M.replace("P26", "P27")).is_err());
        for bad in ["", &G[..55], &M[..68], &G.to_lowercase()] {
            assert!(parse_stellar(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_key_reads_back_and_one_changed_letter_is_refused(
            key in any::<[u8; 32]>(), id in any::<[u8; 8]>(), muxed in any::<bool>(), at in 0usize..56, letter in "[A-Z2-7]",
        ) {
            let mut data = vec![if muxed { MUXED } else { ACCOUNT }];
            data.extend_from_slice(&key);
            if muxed {
                data.extend_from_slice(&id);
            }
            data.extend_from_slice(&crc16(&data).to_le_bytes());
            let good = encode(&data);
            let read = parse_stellar(&good);
            prop_assert_eq!(read.as_deref(), Ok(good.as_str()));
            let bad = format!("{}{letter}{}", &good[..at], &good[at + 1..]);
            prop_assert_eq!(parse_stellar(&bad).is_ok(), bad == good);
        }
    }
}
