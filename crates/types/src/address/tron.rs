//! Tron addresses: Base58Check over the byte 0x41 and 20 bytes, or the same 21 bytes in hexadecimal.

use super::AddressError;
use super::error::foreign_character;
use super::evm::hex20;
use super::other::decode_base58check;

const PREFIX: u8 = 0x41;

/// Reads an address in either of its two forms: 34 characters from `T`, or `41` and 40 hexadecimal digits (which
/// carry no checksum).
pub fn parse_tron(text: &str) -> Result<[u8; 20], AddressError> {
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    if let Some(error) = foreign_character(text) {
        return Err(error);
    }
    if text.len() == 42
        && let Some(address) = text.strip_prefix("41").and_then(|digits| hex20(digits.as_bytes()))
    {
        return Ok(address);
    }
    let data = decode_base58check(text)?;
    match data.split_first() {
        Some((&PREFIX, payload)) => payload.try_into().map_err(|_| AddressError::Form("payload is not 20 bytes")),
        _ => Err(AddressError::Form("version byte is not Tron's")),
    }
}

/// The Base58Check text of an address.
pub fn tron_text(address: &[u8; 20]) -> String {
    let mut data = [PREFIX; 21];
    data[1..].copy_from_slice(address);
    base58ck::encode_check(&data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_forms_of_the_usdt_contract_are_one_address() {
        let text = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";
        let address = parse_tron(text).unwrap();
        assert_eq!(parse_tron("41a614f803b6fd780986a42c78ec9c7f77e6ded13c"), Ok(address));
        assert_eq!(tron_text(&address), text);
    }

    #[test]
    fn errors_say_what_is_wrong() {
        assert_eq!(parse_tron(""), Err(AddressError::Empty));
        assert_eq!(parse_tron("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6T"), Err(AddressError::Checksum));
        assert_eq!(
            parse_tron("T\u{41d}7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
            Err(AddressError::Character { code: 0x41d, position: 1, look_alike: true })
        );
        assert_eq!(
            parse_tron("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
            Err(AddressError::Form("version byte is not Tron's"))
        );
        assert!(parse_tron("41a614f803b6fd780986a42c78ec9c7f77e6ded1").is_err());
    }

    proptest! {
        #[test]
        fn every_address_reads_back_and_one_changed_letter_is_refused(
            bytes in any::<[u8; 20]>(), at in 0usize..34, letter in "[1-9A-HJ-NP-Za-km-z]",
        ) {
            let good = tron_text(&bytes);
            prop_assert_eq!(parse_tron(&good), Ok(bytes));
            let bad = format!("{}{letter}{}", &good[..at], &good[at + 1..]);
            prop_assert_eq!(parse_tron(&bad).is_ok(), bad == good);
        }
    }
}
