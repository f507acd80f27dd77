//! Addresses of the chains that descend from Bitcoin, and of Ripple and Solana.
//!
//! Version bytes come from each chain's own `chainparams.cpp`; where two forms of one address are in use the
//! newer one is canonical (Litecoin `M…` for `3…`, Bitcoin Cash CashAddr for the old Base58).

use super::AddressError;
use super::cashaddr;
use super::error::foreign_character;
use crate::Chain;

/// What tells the Base58Check and segwit addresses of one chain from another's.
struct Coin {
    chain: Chain,
    /// Version bytes of a public-key hash.
    p2pkh: &'static [u8],
    /// Version bytes of a script hash; the first is the canonical one.
    p2sh: &'static [&'static [u8]],
    /// Human-readable part of segwit addresses.
    hrp: Option<&'static str>,
}

const COINS: [Coin; 8] = [
    Coin { chain: Chain::BitcoinCash, p2pkh: &[0x00], p2sh: &[&[0x05]], hrp: None },
    Coin { chain: Chain::BitcoinSv, p2pkh: &[0x00], p2sh: &[&[0x05]], hrp: None },
    Coin { chain: Chain::BitcoinGold, p2pkh: &[0x26], p2sh: &[&[0x17]], hrp: Some("btg") },
    Coin { chain: Chain::Litecoin, p2pkh: &[0x30], p2sh: &[&[0x32], &[0x05]], hrp: Some("ltc") },
    Coin { chain: Chain::Dogecoin, p2pkh: &[0x1e], p2sh: &[&[0x16]], hrp: None },
    Coin { chain: Chain::Dash, p2pkh: &[0x4c], p2sh: &[&[0x10]], hrp: None },
    Coin { chain: Chain::Zcash, p2pkh: &[0x1c, 0xb8], p2sh: &[&[0x1c, 0xbd]], hrp: None },
    Coin { chain: Chain::Verge, p2pkh: &[0x1e], p2sh: &[&[0x21]], hrp: None },
];

/// Reads an address of one of the chains that descend from Bitcoin (not Bitcoin itself) and gives its canonical text.
pub(super) fn parse_descendant(chain: Chain, text: &str) -> Result<String, AddressError> {
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    if let Some(error) = foreign_character(text) {
        return Err(error);
    }
    let coin = COINS.iter().find(|c| c.chain == chain).ok_or(AddressError::Form("not a chain with such addresses"))?;
    if chain == Chain::BitcoinCash && cashaddr::looks_like(text) {
        return cashaddr::parse(text).map(|(kind, hash)| cashaddr::text(kind, &hash));
    }
    if chain == Chain::Zcash
        && let Some(shielded) = parse_shielded(text)
    {
        return shielded;
    }
    if let Some(hrp) = coin.hrp
        && text.get(..hrp.len()).is_some_and(|head| head.eq_ignore_ascii_case(hrp))
        && text.as_bytes().get(hrp.len()) == Some(&b'1')
    {
        if text.bytes().any(|b| b.is_ascii_lowercase()) && text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(AddressError::MixedCase);
        }
        bech32::segwit::decode(text).map_err(|_| AddressError::Checksum)?;
        return Ok(text.to_ascii_lowercase());
    }
    let data = decode_base58check(text)?;
    let versions = std::iter::once(coin.p2pkh).chain(coin.p2sh.iter().copied());
    for (i, version) in versions.enumerate() {
        let Some(payload) = data.strip_prefix(version) else { continue };
        let hash: [u8; 20] = payload.try_into().map_err(|_| AddressError::Form("payload is not 20 bytes"))?;
        if chain == Chain::BitcoinCash {
            return Ok(cashaddr::text(u8::from(i > 0), &hash));
        }
        let canonical = if i == 0 { coin.p2pkh } else { coin.p2sh[0] };
        return Ok(base58ck::encode_check(&[canonical, &hash].concat()));
    }
    Err(AddressError::Form("version byte of another chain"))
}

/// Zcash's shielded forms: Sprout (`zc`), Sapling (`zs1`, ZIP 173), unified (`u1`, ZIP 316) and transparent-only
/// (`tex1`, ZIP 320). `None` where the text begins like none of them. Of a unified address only the checksum is
/// checked, not its receivers.
fn parse_shielded(text: &str) -> Option<Result<String, AddressError>> {
    use bech32::primitives::decode::CheckedHrpstring;
    if text.starts_with("zc") {
        return Some(decode_base58check(text).and_then(|data| match data.strip_prefix(&[0x16, 0x9a]) {
            Some(payload) if payload.len() == 64 => Ok(text.to_owned()),
            _ => Err(AddressError::Form("not a Sprout address")),
        }));
    }
    let lower = text.to_ascii_lowercase();
    let checked = if lower.starts_with("zs1") {
        CheckedHrpstring::new::<bech32::Bech32>(text).ok().filter(|c| c.byte_iter().count() == 43)
    } else if lower.starts_with("tex1") {
        CheckedHrpstring::new::<bech32::Bech32m>(text).ok().filter(|c| c.byte_iter().count() == 20)
    } else if lower.starts_with("u1") {
        CheckedHrpstring::new::<bech32::Bech32m>(text).ok()
    } else {
        return None;
    };
    Some(checked.map(|_| lower).ok_or(AddressError::Checksum))
}

/// Decodes Base58Check, refusing lengths that no address has before the quadratic decoder sees them.
pub(super) fn decode_base58check(text: &str) -> Result<Vec<u8>, AddressError> {
    // the longest real one is Zcash's Sprout form with 95 characters
    if text.len() > 112 {
        return Err(AddressError::Form("too long"));
    }
    base58ck::decode_check(text).map_err(|_| AddressError::Checksum)
}

const BITCOIN_ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const RIPPLE_ALPHABET: &[u8; 58] = b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";

/// Reads a Ripple account (`r…`): Base58Check in Ripple's own order of the alphabet, version 0, 20 bytes.
/// An X-address (`X…`) holds an account and a destination tag together and is refused: it is not one account.
pub(super) fn parse_ripple(text: &str) -> Result<String, AddressError> {
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    if let Some(error) = foreign_character(text) {
        return Err(error);
    }
    if text.starts_with('X') && text.len() > 40 {
        return Err(AddressError::Form("an X-address: account and destination tag in one"));
    }
    let translated: Option<String> = text
        .bytes()
        .map(|b| RIPPLE_ALPHABET.iter().position(|a| *a == b).map(|i| char::from(BITCOIN_ALPHABET[i])))
        .collect();
    let data = decode_base58check(&translated.ok_or(AddressError::Checksum)?)?;
    match data.split_first() {
        Some((0, payload)) if payload.len() == 20 => Ok(text.to_owned()),
        _ => Err(AddressError::Form("not a Ripple account")),
    }
}

/// Reads a Solana address: Base58 of exactly 32 bytes. The format has no checksum: a slip of the pen in it cannot be
/// found, and many texts of 32 to 44 letters are one.
pub(super) fn parse_solana(text: &str) -> Result<String, AddressError> {
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    if let Some(error) = foreign_character(text) {
        return Err(error);
    }
    if !(32..=44).contains(&text.len()) {
        return Err(AddressError::Form("not 32 to 44 characters"));
    }
    match base58ck::decode(text) {
        Ok(bytes) if bytes.len() == 32 => Ok(text.to_owned()),
        Ok(_) => Err(AddressError::Form("not 32 bytes")),
        Err(_) => Err(AddressError::Form("a character outside the Base58 alphabet")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ACCOUNT: &str = "rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe"; // in the documentation of the XRP Ledger
    const SYSTEM: &str = "11111111111111111111111111111111"; // Solana's system program

    fn encode_ripple(data: &[u8]) -> String {
        let index = |b: u8| BITCOIN_ALPHABET.iter().position(|a| *a == b).unwrap();
        base58ck::encode_check(data).bytes().map(|b| char::from(RIPPLE_ALPHABET[index(b)])).collect()
    }

    #[test]
    fn known_addresses_of_each_chain_pass() {
        for (chain, text) in [
            (Chain::Litecoin, "LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9"),
            (Chain::Dogecoin, "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L"),
        ] {
            assert_eq!(parse_descendant(chain, text).as_deref(), Ok(text), "{chain}");
        }
        assert_eq!(parse_ripple(ACCOUNT).as_deref(), Ok(ACCOUNT));
        assert_eq!(parse_solana(SYSTEM).as_deref(), Ok(SYSTEM));
        // each chain's addresses are known by their first letter
        for (chain, first) in [
            (Chain::BitcoinSv, "1"),
            (Chain::BitcoinGold, "G"),
            (Chain::Litecoin, "L"),
            (Chain::Dogecoin, "D"),
            (Chain::Dash, "X"),
            (Chain::Zcash, "t1"),
            (Chain::Verge, "D"),
        ] {
            let coin = COINS.iter().find(|c| c.chain == chain).unwrap();
            let text = base58ck::encode_check(&[coin.p2pkh, &[77; 20]].concat());
            assert!(text.starts_with(first), "{chain} {text}");
        }
    }

    #[test]
    fn old_forms_become_the_canonical_one() {
        let old = base58ck::encode_check(&[&[0x05][..], &[9; 20]].concat());
        let new = parse_descendant(Chain::Litecoin, &old).unwrap();
        assert!(old.starts_with('3') && new.starts_with('M'), "{old} {new}");
        assert_eq!(parse_descendant(Chain::Litecoin, &new).as_ref(), Ok(&new));
        let cash = parse_descendant(Chain::BitcoinCash, &old).unwrap();
        assert!(cash.starts_with("bitcoincash:p"), "{cash}");
        assert_eq!(parse_descendant(Chain::BitcoinCash, &cash["bitcoincash:".len()..]), Ok(cash));
    }

    #[test]
    fn shielded_zcash_addresses_are_told_from_broken_ones() {
        use bech32::{Bech32, Bech32m, Hrp};
        let hrp = |text| Hrp::parse(text).unwrap();
        let sapling = bech32::encode::<Bech32>(hrp("zs"), &[5; 43]).unwrap();
        let tex = bech32::encode::<Bech32m>(hrp("tex"), &[5; 20]).unwrap();
        let unified = bech32::encode::<Bech32m>(hrp("u"), &[5; 106]).unwrap();
        let sprout = base58ck::encode_check(&[&[0x16, 0x9a][..], &[5; 64]].concat());
        for good in [sapling, tex, unified, sprout] {
            assert_eq!(parse_descendant(Chain::Zcash, &good).as_ref(), Ok(&good));
            let last = good.chars().last().unwrap();
            let bad = format!("{}{}", &good[..good.len() - 1], if last == 'q' { 'p' } else { 'q' });
            assert_eq!(parse_descendant(Chain::Zcash, &bad), Err(AddressError::Checksum), "{bad}");
        }
    }

    #[test]
    fn errors_say_what_is_wrong() {
        assert_eq!(parse_descendant(Chain::Dash, ""), Err(AddressError::Empty));
        assert!(matches!(parse_ripple("XVLhHMPHU98es4dbozjVtdWzVrDjtV18pX8yuPT7y4xaEHi"), Err(AddressError::Form(_))));
        assert!(matches!(parse_solana("1111"), Err(AddressError::Form(_))));
        assert!(matches!(parse_solana("O1111111111111111111111111111111"), Err(AddressError::Form(_))));
        assert_eq!(parse_descendant(Chain::Dash, &"1".repeat(5_000)), Err(AddressError::Form("too long")));
        assert_eq!(
            parse_ripple("r\u{420}T1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe"),
            Err(AddressError::Character { code: 0x420, position: 1, look_alike: true })
        );
    }

    proptest! {
        #[test]
        fn base58_addresses_read_back_and_one_changed_letter_is_refused(
            hash in any::<[u8; 20]>(), coin in 0usize..8, script in any::<bool>(), at in any::<usize>(),
            letter in "[1-9A-HJ-NP-Za-km-z]",
        ) {
            let coin = &COINS[coin];
            let version = if script { coin.p2sh[0] } else { coin.p2pkh };
            let good = base58ck::encode_check(&[version, &hash].concat());
            let read = parse_descendant(coin.chain, &good).unwrap();
            if coin.chain != Chain::BitcoinCash {
                prop_assert_eq!(&read, &good);
            }
            let at = at % good.len();
            let bad = format!("{}{letter}{}", &good[..at], &good[at + 1..]);
            prop_assert_eq!(parse_descendant(coin.chain, &bad).is_ok(), bad == good);
        }

        #[test]
        fn segwit_addresses_of_other_chains_read_back_and_one_changed_letter_is_refused(
            hash in any::<[u8; 20]>(), gold in any::<bool>(), at in 5usize..43, letter in "[02-9ac-hj-np-z]",
        ) {
            let (chain, hrp) =
                if gold { (Chain::BitcoinGold, "btg") } else { (Chain::Litecoin, "ltc") };
            let good = bech32::segwit::encode_v0(bech32::Hrp::parse(hrp).unwrap(), &hash).unwrap();
            let read = parse_descendant(chain, &good.to_uppercase());
            prop_assert_eq!(read.as_ref(), Ok(&good));
            let bad = format!("{}{letter}{}", &good[..at], &good[at + 1..]);
            prop_assert_eq!(parse_descendant(chain, &bad).is_ok(), bad == good);
        }

        #[test]
        fn ripple_accounts_read_back_and_one_changed_letter_is_refused(
            hash in any::<[u8; 20]>(), at in any::<usize>(), letter in "[1-9A-HJ-NP-Za-km-z]",
        ) {
            let good = encode_ripple(&[&[0][..], &hash].concat());
            let read = parse_ripple(&good);
            prop_assert_eq!(read.as_ref(), Ok(&good));
            let at = at % good.len();
            let bad = format!("{}{letter}{}", &good[..at], &good[at + 1..]);
            prop_assert_eq!(parse_ripple(&bad).is_ok(), bad == good);
        }

        #[test]
        fn solana_addresses_read_back_though_nothing_checks_them(bytes in any::<[u8; 32]>()) {
            let text = base58ck::encode(&bytes);
            let read = parse_solana(&text);
            prop_assert_eq!(read, Ok(text));
        }
    }
}
