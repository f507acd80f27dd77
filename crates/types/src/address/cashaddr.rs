//! CashAddr, the address format of Bitcoin Cash: a prefix, base-32 letters of Bech32's alphabet and a 40-bit BCH code.
//!
//! Sources: the specification `cashaddr.md` of Bitcoin Cash (upgrade specifications); CHIP-2022-02-CashTokens for the
//! token-aware kinds and CHIP-2022-05-Pay-to-Script-Hash-32 for 32-byte hashes. Hashes of other lengths, which the
//! format has room for, are in no use and are refused.

use super::{AddressError, AddressKey, AddressKind};

const LETTERS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// Whether the text has the form of a CashAddr rather than of Base58: the prefix, or the letters it may begin with.
pub(super) fn looks_like(prefix: &str, text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    without_prefix(prefix, &lower).is_some()
        || (matches!(lower.len(), 42 | 61) && matches!(lower.as_bytes()[0], b'q' | b'p' | b'r' | b'z'))
}

fn without_prefix<'a>(prefix: &str, lower: &'a str) -> Option<&'a str> {
    lower.strip_prefix(prefix)?.strip_prefix(':')
}

/// Reads a CashAddr with or without its prefix. The token-aware kinds (2, 3) name the same scripts as 0 and 1 and read
/// as those.
pub(super) fn parse(prefix: &str, text: &str) -> Result<AddressKey, AddressError> {
    if text.bytes().any(|b| b.is_ascii_lowercase()) && text.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(AddressError::MixedCase);
    }
    let lower = text.to_ascii_lowercase();
    let letters = without_prefix(prefix, &lower).unwrap_or(&lower);
    if !matches!(letters.len(), 42 | 61) {
        return Err(AddressError::Form("neither 42 nor 61 letters"));
    }
    let values: Option<Vec<u8>> =
        letters.bytes().map(|b| LETTERS.iter().position(|l| *l == b).map(|i| i as u8)).collect();
    let values = values.ok_or(AddressError::Checksum)?;
    if polymod(prefix, values.iter().copied()) != 0 {
        return Err(AddressError::Checksum);
    }
    // letters of 5 bits: version byte, 20 or 32 bytes, padding; then eight of checksum
    let mut bits = 0_u32;
    let mut count = 0;
    let mut bytes = Vec::with_capacity(33);
    for value in &values[..values.len() - 8] {
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
    let kind = match bytes.first() {
        Some(0 | 16) => AddressKind::P2pkh,
        Some(8 | 24) => AddressKind::P2sh,
        Some(11 | 27) => AddressKind::P2sh32,
        _ => return Err(AddressError::Form("unknown version byte")),
    };
    AddressKey::new(kind, &bytes[1..]).ok_or(AddressError::Form("payload of a length that its kind does not have"))
}

/// The canonical text: lower case, with its prefix. `None` of kinds that the format has no form for.
pub(super) fn text(prefix: &str, key: &AddressKey) -> Option<String> {
    let version = match key.kind() {
        AddressKind::P2pkh => 0,
        AddressKind::P2sh => 8,
        AddressKind::P2sh32 => 11,
        _ => return None,
    };
    let mut values = Vec::with_capacity(61);
    let mut bits = 0_u32;
    let mut count = 0;
    for byte in std::iter::once(version).chain(key.payload().iter().copied()) {
        bits = bits << 8 | u32::from(byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            values.push((bits >> count & 31) as u8);
        }
        bits &= (1 << count) - 1;
    }
    values.push((bits << (5 - count) & 31) as u8);
    let checksum = polymod(prefix, values.iter().copied().chain([0; 8]));
    values.extend((0..8).map(|i| (checksum >> (5 * (7 - i)) & 31) as u8));
    let letters: String = values.into_iter().map(|v| char::from(LETTERS[usize::from(v)])).collect();
    Some(format!("{prefix}:{letters}"))
}

/// The specification's checksum over the prefix and `values`; 0 where they end in their right checksum.
fn polymod(prefix: &str, values: impl Iterator<Item = u8>) -> u64 {
    const GENERATOR: [u64; 5] = [0x98_f2bc_8e61, 0x79_b76d_99e2, 0xf3_3e5f_b3c4, 0xae_2eab_e2a8, 0x1e_4f43_e470];
    let prefix = prefix.bytes().map(|b| b & 31).chain([0]);
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

    const MAIN: &str = "bitcoincash";

    #[test]
    fn the_specifications_examples_translate() {
        for (legacy, cash) in [
            ("1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"),
            ("1KXrWXciRDZUpQwQmuM1DbwsKDLYAYsVLR", "bitcoincash:qr95sy3j9xwd2ap32xkykttr4cvcu7as4y0qverfuy"),
            ("3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC", "bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq"),
        ] {
            let data = base58ck::decode_check(legacy).unwrap();
            let kind = if data[0] == 5 { AddressKind::P2sh } else { AddressKind::P2pkh };
            let key = AddressKey::new(kind, &data[1..]).unwrap();
            assert_eq!(text(MAIN, &key).as_deref(), Some(cash));
            assert_eq!(parse(MAIN, cash), Ok(key));
            assert_eq!(parse(MAIN, &cash["bitcoincash:".len()..]), Ok(key));
            assert_eq!(parse(MAIN, &cash.to_uppercase()), Ok(key));
        }
    }

    #[test]
    fn the_specifications_vectors_of_twenty_and_thirty_two_bytes_read() {
        // test vectors of cashaddr.md: type, payload, text
        let short = "f5bf48b397dae70be82b3cca4793f8eb2b6cdac9";
        let long = "3173ef6623c6b48ffd1a3dcc0cc6489b0a07bb47a37f47cfef4fe69de825c060";
        let bytes = |hex: &str| -> Vec<u8> {
            (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
        };
        for (prefix, kind, payload, cash) in [
            (MAIN, AddressKind::P2pkh, short, "bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2"),
            ("bchtest", AddressKind::P2sh, short, "bchtest:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t"),
            (
                "bchtest",
                AddressKind::P2sh32,
                long,
                "bchtest:pvch8mmxy0rtfrlarg7ucrxxfzds5pamg73h7370aa87d80gyhqxq7fqng6m6",
            ),
        ] {
            let key = AddressKey::new(kind, &bytes(payload)).unwrap();
            assert_eq!(text(prefix, &key).as_deref(), Some(cash));
            assert_eq!(parse(prefix, cash), Ok(key));
        }
        assert!(parse(MAIN, "bchtest:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t").is_err());
    }

    #[test]
    fn token_aware_forms_name_the_same_script() {
        // version 16: a token-aware public-key hash, with its checksum made here
        let hash = [9; 20];
        let plain = AddressKey::new(AddressKind::P2pkh, &hash).unwrap();
        let mut values: Vec<u8> = Vec::new();
        let (mut bits, mut count) = (0u32, 0);
        for byte in std::iter::once(16).chain(hash) {
            bits = bits << 8 | u32::from(byte);
            count += 8;
            while count >= 5 {
                count -= 5;
                values.push((bits >> count & 31) as u8);
            }
        }
        values.push((bits << (5 - count) & 31) as u8);
        let checksum = polymod(MAIN, values.iter().copied().chain([0; 8]));
        values.extend((0..8).map(|i| (checksum >> (5 * (7 - i)) & 31) as u8));
        let letters: String = values.into_iter().map(|v| char::from(LETTERS[usize::from(v)])).collect();
        assert!(letters.starts_with('z'), "{letters}");
        assert_eq!(parse(MAIN, &letters), Ok(plain));
    }

    proptest! {
        #[test]
        fn every_address_reads_back_and_one_changed_letter_is_refused(
            hash in any::<[u8; 32]>(), kind in 0u8..3, at in any::<usize>(), letter in "[02-9ac-hj-np-z]",
        ) {
            let (kind, len) =
                [(AddressKind::P2pkh, 20), (AddressKind::P2sh, 20), (AddressKind::P2sh32, 32)][usize::from(kind)];
            let key = AddressKey::new(kind, &hash[..len]).unwrap();
            let good = text(MAIN, &key).unwrap();
            prop_assert_eq!(parse(MAIN, &good), Ok(key));
            let at = 12 + at % (good.len() - 12);
            let bad = format!("{}{letter}{}", &good[..at], &good[at + 1..]);
            prop_assert_eq!(parse(MAIN, &bad).is_ok(), bad == good);
        }
    }
}
