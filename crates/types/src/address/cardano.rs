//! Cardano addresses: Bech32 since Shelley (`addr1…`, of stake `stake1…`), Base58 over CBOR with a CRC-32 before (Byron).
//!
//! Source: CIP-19 and its CDDL of Byron addresses. Cardano uses Bech32 without the length limit of BIP 173. A Byron address of
//! a test network carries a network tag among its attributes; those of the main network have none.

use super::AddressError;
use super::error::foreign_character;
use bech32::primitives::decode::CheckedHrpstring;

/// Reads an address of the main network and gives its canonical text: Bech32 in lower case, Byron as is.
pub(super) fn parse_cardano(text: &str) -> Result<String, AddressError> {
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    if let Some(error) = foreign_character(text) {
        return Err(error);
    }
    // the longest Byron address known has 104 letters, the longest Shelley one 103 and a pointer
    if text.len() > 128 {
        return Err(AddressError::Form("too long"));
    }
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("addr_test1") || lower.starts_with("stake_test1") {
        return Err(AddressError::Form("an address of a test network of Cardano"));
    }
    if !lower.starts_with("addr1") && !lower.starts_with("stake1") {
        return byron(text).map(|()| text.to_owned());
    }
    let stake = lower.starts_with("stake1");
    let checked = CheckedHrpstring::new::<bech32::Bech32>(text).map_err(|_| AddressError::Checksum)?;
    let bytes: Vec<u8> = checked.byte_iter().collect();
    let Some((header, payload)) = bytes.split_first() else {
        return Err(AddressError::Form("empty payload"));
    };
    if header & 15 != 1 {
        return Err(AddressError::Form("network tag is not the main network's"));
    }
    // hashes of 28 bytes; a pointer is three numbers of seven bits a byte
    let fits = match (header >> 4, payload.len()) {
        (0..=3, len) => !stake && len == 56,
        (4 | 5, len) => !stake && (31..=58).contains(&len),
        (6 | 7, len) => !stake && len == 28,
        (14 | 15, len) => stake && len == 28,
        _ => false,
    };
    if fits { Ok(lower) } else { Err(AddressError::Form("header of no Cardano address")) }
}

/// Checks a Byron address: CBOR `[24(bytes), crc32(bytes)]`, in which the bytes are `[hash of 28 bytes, attributes, type]`.
fn byron(text: &str) -> Result<(), AddressError> {
    let bytes = base58ck::decode(text).map_err(|_| AddressError::Form("neither Bech32 nor Base58"))?;
    let form = AddressError::Form("not the CBOR of a Byron address");
    let mut cbor = Cbor(&bytes);
    if cbor.head() != Some((4, 2)) || cbor.head() != Some((6, 24)) {
        return Err(form);
    }
    let (Some(payload), Some((0, crc)), []) = (cbor.bytes(), cbor.head(), cbor.0) else {
        return Err(form);
    };
    if u64::from(crc32fast::hash(payload)) != crc {
        return Err(AddressError::Checksum);
    }
    let mut cbor = Cbor(payload);
    if cbor.head() != Some((4, 3)) || cbor.bytes().is_none_or(|hash| hash.len() != 28) {
        return Err(form);
    }
    let Some((5, attributes)) = cbor.head() else {
        return Err(form);
    };
    for _ in 0..attributes {
        let (Some((0, key)), Some(_)) = (cbor.head(), cbor.bytes()) else {
            return Err(form);
        };
        if key == 2 {
            return Err(AddressError::Form("an address of a test network of Cardano"));
        }
    }
    match (cbor.head(), cbor.0) {
        (Some((0, 0 | 2)), []) => Ok(()),
        _ => Err(form),
    }
}

/// The little of CBOR (RFC 8949) that a Byron address uses.
struct Cbor<'a>(&'a [u8]);

impl<'a> Cbor<'a> {
    /// Major type and argument of the next item.
    fn head(&mut self) -> Option<(u8, u64)> {
        let (first, rest) = self.0.split_first()?;
        let size = match first & 31 {
            short @ 0..=23 => {
                self.0 = rest;
                return Some((first >> 5, u64::from(short)));
            }
            24 => 1,
            25 => 2,
            26 => 4,
            _ => return None,
        };
        let (argument, rest) = rest.split_at_checked(size)?;
        self.0 = rest;
        Some((first >> 5, argument.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))))
    }

    /// A byte string.
    fn bytes(&mut self) -> Option<&'a [u8]> {
        let (2, len) = self.head()? else { return None };
        let (bytes, rest) = self.0.split_at_checked(usize::try_from(len).ok()?)?;
        self.0 = rest;
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // the test vectors of CIP-19, main network: types 0 to 7, 14 and 15
    const SHELLEY: [&str; 10] = [
        "addr1qx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgse35a3x",
        "addr1z8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gten0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgs9yc0hh",
        "addr1yx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzerkr0vd4msrxnuwnccdxlhdjar77j6lg0wypcc9uar5d2shs2z78ve",
        "addr1x8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gt7r0vd4msrxnuwnccdxlhdjar77j6lg0wypcc9uar5d2shskhj42g",
        "addr1gx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer5pnz75xxcrzqf96k",
        "addr128phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gtupnz75xxcrtw79hu",
        "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8",
        "addr1w8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gtcyjy7wx",
        "stake1uyehkck0lajq8gr28t9uxnuvgcqrc6070x3k9r8048z8y5gh6ffgw",
        "stake178phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gtcccycj5",
    ];
    // of the tests of the wallets Yoroi and Daedalus
    const BYRON: [&str; 2] = [
        "Ae2tdPwUPEZFRbyhz3cpfC2CumGzNkFBN2L42rcUc2yjQpEkxDbkPodpMAi",
        "DdzFFzCqrhsw3prhfMFDNFowbzUku3QmrMwarfjUbWXRisodn97R436SHc1rimp4MhPNmbdYb1aTdqtGSJixMVMi5MkArDQJ6Sc1n3Ez",
    ];

    #[test]
    fn the_vectors_of_the_standard_pass() {
        for text in SHELLEY.into_iter().chain(BYRON) {
            assert_eq!(parse_cardano(text).as_deref(), Ok(text));
        }
        assert_eq!(parse_cardano(&SHELLEY[6].to_uppercase()).as_deref(), Ok(SHELLEY[6]));
    }

    #[test]
    fn test_networks_and_slips_are_refused() {
        let test = Err(AddressError::Form("an address of a test network of Cardano"));
        assert_eq!(parse_cardano("addr_test1vz2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzerspjrlsz"), test);
        // Daedalus, test network: told by its network tag alone
        let byron = "37btjrVyb4KEB2STADSsj3MYSAdj52X5FrFWpw2r7Wmj2GDzXjFRsHWuZqrw7zSkwopv8Ci3VWeg6bisU9dgJxW5hb2MZYeduNKbQJrqz3zVBsu9nT";
        assert_eq!(parse_cardano(byron), test);
        assert_eq!(parse_cardano(&SHELLEY[0].replacen('q', "p", 1)), Err(AddressError::Checksum));
        assert!(parse_cardano(&BYRON[0].replacen('R', "S", 1)).is_err());
        for bad in ["", "addr1", "stake1", "Ae2tdPwUPEZ", "11111111111111111111111111111111"] {
            assert!(parse_cardano(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_changed_letter_passes(which in 0usize..12, at in any::<usize>(), letter in "[1-9A-HJ-NP-Za-km-z]") {
            let good = SHELLEY.iter().chain(&BYRON).nth(which).copied().unwrap();
            let at = at % good.len();
            let bad = format!("{}{letter}{}", &good[..at], &good[at + 1..]);
            prop_assert_eq!(parse_cardano(&bad).is_ok(), bad == good);
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = parse_cardano(&base58ck::encode(&bytes));
            let framed = [&[0x82, 0xd8, 0x18, 0x58, bytes.len() as u8][..], &bytes, &[0x1a, 0, 0, 0, 0]].concat();
            let _ = parse_cardano(&base58ck::encode(&framed));
        }
    }
}
