//! Polkadot addresses: SS58, which is Base58 over a network number, an account of 32 bytes and two bytes of Blake2b-512.
//!
//! Source: the page "SS58 address format" of Polkadot's documentation. The same account has a text on every network of the
//! family. Polkadot's number is 0; the generic form (42) and Kusama's (2) are good addresses, but say of another network or of
//! none that they are meant for it, and are refused with that reason.

use super::AddressError;
use super::error::foreign_character;

const POLKADOT: u8 = 0;

/// Reads an address of Polkadot itself.
pub(super) fn parse_polkadot(text: &str) -> Result<String, AddressError> {
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    if let Some(error) = foreign_character(text) {
        return Err(error);
    }
    if !(45..=50).contains(&text.len()) {
        return Err(AddressError::Form("not 45 to 50 letters"));
    }
    let data = base58ck::decode(text).map_err(|_| AddressError::Form("a character outside the Base58 alphabet"))?;
    // networks above 63 have two bytes
    let number = match (data.first(), data.len()) {
        (Some(number @ 0..=63), 35) => *number,
        (Some(64..=127), 36) => u8::MAX,
        _ => return Err(AddressError::Form("not an account of 32 bytes")),
    };
    let (body, checksum) = data.split_at(data.len() - 2);
    let hash = blake2b_simd::Params::new().hash_length(64).to_state().update(b"SS58PRE").update(body).finalize();
    if hash.as_bytes()[..2] != *checksum {
        return Err(AddressError::Checksum);
    }
    match number {
        POLKADOT => Ok(text.to_owned()),
        2 => Err(AddressError::Form("an address of Kusama")),
        42 => Err(AddressError::Form("SS58 of no network in particular (42)")),
        _ => Err(AddressError::Form("SS58 of another network than Polkadot")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn address(number: u8, account: &[u8; 32]) -> String {
        let mut data = vec![number];
        data.extend_from_slice(account);
        let hash = blake2b_simd::Params::new().hash_length(64).to_state().update(b"SS58PRE").update(&data).finalize();
        data.extend_from_slice(&hash.as_bytes()[..2]);
        base58ck::encode(&data)
    }

    #[test]
    fn one_account_on_four_networks_is_polkadots_on_one() {
        // published together as the texts of one key: Polkadot, the generic form, Kusama, Acala
        let own = "19E2g3eFj1V3ioeuYdygKk6XpuQz6S1w2os836nfy3P5bYL";
        assert_eq!(parse_polkadot(own).as_deref(), Ok(own));
        for (other, why) in [
            ("5CCvtLnaPwk1cBo8wuayYAuwgCumHnssrY5Nxk7S7t1ruBU2", "SS58 of no network in particular (42)"),
            ("CiYYf8T2JkwMqcaicQ2S8GwpoC16Th4Juv8MQPPbgEMe6dv", "an address of Kusama"),
            ("211pcbTg6dkkcJrHxsSDTLQLzgLMXvjDpSMBGsXoJWzFtbPS", "SS58 of another network than Polkadot"),
        ] {
            assert_eq!(parse_polkadot(other), Err(AddressError::Form(why)), "{other}");
        }
        assert_eq!(parse_polkadot(&own.replacen('g', "h", 1)), Err(AddressError::Checksum));
        for bad in ["", "19E2", &"1".repeat(48), &own.replacen('E', "0", 1)] {
            assert!(parse_polkadot(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_account_reads_back(account in any::<[u8; 32]>()) {
            let good = address(POLKADOT, &account);
            let read = parse_polkadot(&good);
            prop_assert_eq!(read.as_deref(), Ok(good.as_str()));
            prop_assert!(parse_polkadot(&address(42, &account)).is_err());
        }
    }
}
