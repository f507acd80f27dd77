//! CashAddr, the address format of Bitcoin Cash: a prefix, base-32 letters of Bech32's alphabet and a 40-bit BCH code.
//!
//! Source: the specification `cashaddr.md` of Bitcoin Cash (upgrade specifications). Only 20-byte hashes are in use.

use super::AddressError;

const PREFIX: &str = "bitcoincash";
const LETTERS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// Whether the text has the form of a CashAddr rather than of Base58: the prefix, or the letters it may begin with.
pub(super) fn looks_like(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.starts_with("bitcoincash:") || (lower.len() == 42 && matches!(lower.as_bytes()[0], b'q' | b'p' | b'r' | b'z'))
}

/// Reads a CashAddr with or without its prefix: kind (0 public-key hash, 1 script hash) and hash. The token-aware
/// kinds (2, 3) name the same scripts and read as 0 and 1.
pub(super) fn parse(text: &str) -> Result<(u8, [u8; 20]), AddressError> {
    if text.bytes().any(|b| b.is_ascii_lowercase()) && text.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(AddressError::MixedCase);
    }
    let lower = text.to_ascii_lowercase();
    let letters = lower.strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix(':')).unwrap_or(&lower);
    if letters.len() != 42 {
        return Err(AddressError::Form("not 42 letters"));
    }
    let values: Option<Vec<u8>> =
        letters.bytes().map(|b| LETTERS.iter().position(|l| *l == b).map(|i| i as u8)).collect();
    let values = values.ok_or(AddressError::Checksum)?;
    if polymod(values.iter().copied()) != 0 {
        return Err(AddressError::Checksum);
    }
    // 34 letters of 5 bits: version byte, 20 bytes, 2 bits of padding
    let mut bits = 0_u32;
    let mut count = 0;
    let mut bytes = Vec::with_capacity(21);
    for value in &values[..34] {
        bits = bits << 5 | u32::from(*value);
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    if bits != 0 {
        return Err(AddressError::Form("padding is not zero"));
    }
    let [version @ (0 | 8 | 16 | 24), hash @ ..] = bytes.as_slice() else {
        return Err(AddressError::Form("unknown version byte"));
    };
    let hash = hash.try_into().map_err(|_| AddressError::Form("payload is not 20 bytes"))?;
    Ok((version >> 3 & 1, hash))
}

/// The canonical text: lower case, with its prefix.
pub(super) fn text(kind: u8, hash: &[u8; 20]) -> String {
    let mut values = Vec::with_capacity(42);
    let mut bits = 0_u32;
    let mut count = 0;
    for byte in std::iter::once(kind << 3).chain(hash.iter().copied()) {
        bits = bits << 8 | u32::from(byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            values.push((bits >> count & 31) as u8);
        }
        bits &= (1 << count) - 1;
    }
    values.push((bits << (5 - count) & 31) as u8);
    let checksum = polymod(values.iter().copied().chain([0; 8]));
    values.extend((0..8).map(|i| (checksum >> (5 * (7 - i)) & 31) as u8));
    let letters: String = values.into_iter().map(|v| char::from(LETTERS[usize::from(v)])).collect();
    format!("{PREFIX}:{letters}")
}

/// The specification's checksum over the prefix and `values`; 0 where they end in their right checksum.
fn polymod(values: impl Iterator<Item = u8>) -> u64 {
    const GENERATOR: [u64; 5] = [0x98_f2bc_8e61, 0x79_b76d_99e2, 0xf3_3e5f_b3c4, 0xae_2eab_e2a8, 0x1e_4f43_e470];
    let prefix = PREFIX.bytes().map(|b| b & 31).chain([0]);
    prefix.chain(values).fold(1_u64, |c, value| {
        let top = c >> 35;
        let mut c = (c & 0x07_ffff_ffff) << 5 ^ u64::from(value);
        for (bit, generator) in GENERATOR.into_iter().enumerate() {
            if top >> bit & 1 == 1 {
                c ^= generator;
            }
        }
        c
    }) ^ 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_specifications_examples_translate() {
        for (legacy, cash) in [
            ("1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"),
            ("1KXrWXciRDZUpQwQmuM1DbwsKDLYAYsVLR", "bitcoincash:qr95sy3j9xwd2ap32xkykttr4cvcu7as4y0qverfuy"),
            ("3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC", "bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq"),
        ] {
            let data = base58ck::decode_check(legacy).unwrap();
            let kind = u8::from(data[0] == 5);
            let hash: [u8; 20] = data[1..].try_into().unwrap();
            assert_eq!(text(kind, &hash), cash);
            assert_eq!(parse(cash), Ok((kind, hash)));
            assert_eq!(parse(&cash["bitcoincash:".len()..]), Ok((kind, hash)));
            assert_eq!(parse(&cash.to_uppercase()), Ok((kind, hash)));
        }
    }

    proptest! {
        #[test]
        fn every_address_reads_back_and_one_changed_letter_is_refused(
            hash in any::<[u8; 20]>(), kind in 0u8..2, at in 12usize..54, letter in "[02-9ac-hj-np-z]",
        ) {
            let good = text(kind, &hash);
            prop_assert_eq!(parse(&good), Ok((kind, hash)));
            let bad = format!("{}{letter}{}", &good[..at], &good[at + 1..]);
            prop_assert_eq!(parse(&bad).is_ok(), bad == good);
        }
    }
}
