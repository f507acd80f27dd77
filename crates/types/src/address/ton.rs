//! TON addresses: 36 bytes in base64 with a checksum (the user-friendly form), or workchain and hash in hexadecimal (the raw
//! form, which has none).
//!
//! Source: TEP 2 ("TON addresses") and the page "Address formats" of docs.ton.org. The 36 bytes are a tag (0x11 bounceable,
//! 0x51 non-bounceable, 0x80 added on test networks), the workchain, 32 bytes of hash and a CRC-16 (XMODEM). One account
//! has many texts; canonical here is the bounceable one of the main network in base64url (`EQ…`, of the masterchain `Ef…`).

use super::AddressError;
use super::error::foreign_character;

const BOUNCEABLE: u8 = 0x11;
const NON_BOUNCEABLE: u8 = 0x51;
const TEST_ONLY: u8 = 0x80;

/// Reads an address in any of its forms and gives its canonical text. Only the user-friendly form has a checksum.
pub(super) fn parse_ton(text: &str) -> Result<String, AddressError> {
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    if let Some(error) = foreign_character(text) {
        return Err(error);
    }
    if let Some((workchain, digits)) = text.split_once(':') {
        let workchain: i8 = match workchain {
            "0" => 0,
            "-1" => -1,
            _ => return Err(AddressError::Form("workchain is neither 0 nor -1")),
        };
        return Ok(ton_text(workchain, &hex32(digits).ok_or(AddressError::Form("not 64 hexadecimal digits"))?));
    }
    let bytes = decode(text).ok_or(AddressError::Form("not 48 characters of base64"))?;
    if crc16(&bytes[..34]) != u16::from_be_bytes([bytes[34], bytes[35]]) {
        return Err(AddressError::Checksum);
    }
    match bytes[0] {
        BOUNCEABLE | NON_BOUNCEABLE => {}
        tag if matches!(tag ^ TEST_ONLY, BOUNCEABLE | NON_BOUNCEABLE) => {
            return Err(AddressError::Form("an address of TON's test network"));
        }
        _ => return Err(AddressError::Form("tag of no TON address")),
    }
    match bytes[1] as i8 {
        workchain @ (0 | -1) => {
            let mut hash = [0; 32];
            hash.copy_from_slice(&bytes[2..34]);
            Ok(ton_text(workchain, &hash))
        }
        _ => Err(AddressError::Form("workchain is neither 0 nor -1")),
    }
}

/// The canonical text of an account.
pub fn ton_text(workchain: i8, hash: &[u8; 32]) -> String {
    let mut bytes = [0; 36];
    bytes[0] = BOUNCEABLE;
    bytes[1] = workchain as u8;
    bytes[2..34].copy_from_slice(hash);
    let crc = crc16(&bytes[..34]);
    bytes[34..].copy_from_slice(&crc.to_be_bytes());
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let letter = |value: u32| char::from(LETTERS[(value & 63) as usize]);
    bytes
        .chunks_exact(3)
        .flat_map(|three| {
            let value = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
            [letter(value >> 18), letter(value >> 12), letter(value >> 6), letter(value)]
        })
        .collect()
}

/// CRC-16 with polynomial 0x1021 and start 0, unreflected (XMODEM): of TON's and of Stellar's texts.
pub(super) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc: u16, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 })
    })
}

/// 48 characters of base64, in the usual alphabet or the one for URLs, never both.
fn decode(text: &str) -> Option<[u8; 36]> {
    let usual = text.contains(['+', '/']);
    if text.len() != 48 || usual && text.contains(['-', '_']) {
        return None;
    }
    let mut bytes = [0; 36];
    for (three, four) in bytes.chunks_exact_mut(3).zip(text.as_bytes().chunks_exact(4)) {
        let mut value = 0_u32;
        for letter in four {
            let sextet = match letter {
                b'A'..=b'Z' => letter - b'A',
                b'a'..=b'z' => letter - b'a' + 26,
                b'0'..=b'9' => letter - b'0' + 52,
                b'-' | b'+' => 62,
                b'_' | b'/' => 63,
                _ => return None,
            };
            value = value << 6 | u32::from(sextet);
        }
        three.copy_from_slice(&value.to_be_bytes()[1..]);
    }
    Some(bytes)
}

fn hex32(digits: &str) -> Option<[u8; 32]> {
    if digits.len() != 64 {
        return None;
    }
    let mut out = [0; 32];
    for (byte, pair) in out.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        let nibble = |b: u8| char::from(b).to_digit(16);
        *byte = (nibble(pair[0])? << 4 | nibble(pair[1])?) as u8;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // of TON's documentation: one account in both forms
    const FRIENDLY: &str = "EQDKbjIcfM6ezt8KjKJJLshZJJSqX7XOA4ff-W72r5gqPrHF";
    const RAW: &str = "0:ca6e321c7cce9ecedf0a8ca2492ec8592494aa5fb5ce0387dff96ef6af982a3e";

    #[test]
    fn every_form_of_the_documented_account_is_one_text() {
        assert_eq!(parse_ton(FRIENDLY).as_deref(), Ok(FRIENDLY));
        assert_eq!(parse_ton(RAW).as_deref(), Ok(FRIENDLY));
        assert_eq!(parse_ton(&RAW.to_uppercase()).as_deref(), Ok(FRIENDLY));
        assert_eq!(parse_ton(&FRIENDLY.replace('-', "+")).as_deref(), Ok(FRIENDLY));
        // the non-bounceable form of the same account, made by hand: only the tag and the checksum differ
        let mut bytes = decode(FRIENDLY).unwrap();
        bytes[0] = NON_BOUNCEABLE;
        assert_ne!(crc16(&bytes[..34]).to_be_bytes(), bytes[34..]);
    }

    #[test]
    fn test_networks_and_slips_are_refused() {
        // of the documentation of ton3-core: bounceable, test network, masterchain
        let test = "kf/8uRo6OBbQ97jCx2EIuKm8Wmt6Vb15+KsQHFLbKSMiYIny";
        assert_eq!(parse_ton(test), Err(AddressError::Form("an address of TON's test network")));
        assert_eq!(parse_ton(&FRIENDLY.replacen('K', "L", 1)), Err(AddressError::Checksum));
        for bad in ["", "0:", "2:00", &RAW[..65], &FRIENDLY[..47], "EQDKbjIcfM6ezt8KjKJJLshZJJSqX7XOA4ff-W72r5gqP+HF"] {
            assert!(parse_ton(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_account_reads_back_and_one_changed_letter_is_refused(
            hash in any::<[u8; 32]>(), master in any::<bool>(), at in 0usize..48, letter in "[A-Za-z0-9_-]",
        ) {
            let good = ton_text(-i8::from(master), &hash);
            let read = parse_ton(&good);
            prop_assert_eq!(read.as_deref(), Ok(good.as_str()));
            let bad = format!("{}{letter}{}", &good[..at], &good[at + 1..]);
            prop_assert_eq!(parse_ton(&bad).is_ok(), bad == good);
        }
    }
}
