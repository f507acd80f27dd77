//! Addresses of the chains that descend from Bitcoin, and of Ripple and Solana.
//!
//! Version bytes come from each chain's own `chainparams.cpp`; where two forms of one address are in use the
//! newer one is canonical (Litecoin `M…` for `3…`, Bitcoin Cash CashAddr for the old Base58).

use super::AddressError;
use super::error::foreign_character;
use super::forms::{Forms, parse_key};
use crate::{Chain, Network};

/// The chains whose addresses we read without keeping their ledger, on their main network.
const COINS: [(Chain, Forms); 4] = [
    (Chain::BitcoinSv, Forms { p2pkh: &[0x00], p2sh: &[&[0x05]], ..Forms::NONE }),
    (Chain::BitcoinGold, Forms { p2pkh: &[0x26], p2sh: &[&[0x17]], hrp: "btg", ..Forms::NONE }),
    (Chain::Dash, Forms { p2pkh: &[0x4c], p2sh: &[&[0x10]], ..Forms::NONE }),
    (Chain::Verge, Forms { p2pkh: &[0x1e], p2sh: &[&[0x21]], ..Forms::NONE }),
];

/// The forms of the addresses of a chain of unspent outputs on its main network; `None` of other chains.
pub(super) fn forms_of(chain: Chain) -> Option<Forms> {
    let own = COINS.iter().find(|(c, _)| *c == chain).map(|(_, forms)| *forms);
    own.or_else(|| chain.params(Network::Mainnet).map(Forms::of))
}

/// Reads an address of one of the chains that descend from Bitcoin (not Bitcoin itself) on a network (of the chains in
/// `COINS`: on their main one) and gives its canonical text.
pub(super) fn parse_descendant(chain: Chain, network: Network, text: &str) -> Result<String, AddressError> {
    if chain == Chain::Zcash
        && let Some(shielded) = parse_shielded(text)
    {
        return match foreign_character(text) {
            Some(error) => Err(error),
            None => shielded,
        };
    }
    if chain.params(network).is_some() {
        return parse_key(chain, network, text).map(|key| key.to_text_on(chain, network));
    }
    match COINS.iter().find(|(c, _)| *c == chain) {
        Some((_, forms)) => forms.read(text).map(|key| forms.text(&key)),
        None => Err(AddressError::Form("not a chain with such addresses")),
    }
}

/// Zcash's shielded forms: Sprout (`zc`), Sapling (`zs1`, ZIP 173) and unified (`u1`, ZIP 316), of the main network. `None` where the text begins like none of them. Of a unified address only the checksum is
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
    let data = decode_ripple(text).ok_or(AddressError::Checksum)?;
    match data.split_first() {
        Some((0, payload)) if payload.len() == 20 => Ok(text.to_owned()),
        _ => Err(AddressError::Form("not a Ripple account")),
    }
}

/// The Base58Check bytes of a text in Ripple's alphabet, without the checksum.
fn decode_ripple(text: &str) -> Option<Vec<u8>> {
    let translated: Option<String> = text
        .bytes()
        .map(|b| RIPPLE_ALPHABET.iter().position(|a| *a == b).map(|i| char::from(BITCOIN_ALPHABET[i])))
        .collect();
    decode_base58check(&translated?).ok()
}

/// Reads a Ripple X-address of the main network (XLS-5d: prefix `05 44`, account, flag, tag in eight bytes, little end
/// first): the account (`r…`) and its destination tag.
pub fn parse_ripple_x(text: &str) -> Option<(String, Option<u32>)> {
    let data = decode_ripple(text)?;
    let payload = data.strip_prefix(&[0x05, 0x44])?;
    let (account, tail) = payload.split_at_checked(20)?;
    let (flag, tag) = tail.split_first()?;
    let tag = u64::from_le_bytes(tag.try_into().ok()?);
    let tag = match flag {
        0 if tag == 0 => None,
        1 => Some(u32::try_from(tag).ok()?),
        _ => return None,
    };
    let text = base58ck::encode_check(&[&[0][..], account].concat());
    let letters = text.bytes().map(|b| {
        let at = BITCOIN_ALPHABET.iter().position(|a| *a == b).unwrap_or_default();
        char::from(RIPPLE_ALPHABET[at])
    });
    Some((letters.collect(), tag))
}

/// Whether the text is a seed of Ripple (`s…`: Base58Check, version 33, 16 bytes; or Ed25519's `sEd…`) by its checksum: a secret.
pub fn ripple_seed_checks(text: &str) -> bool {
    decode_ripple(text).is_some_and(|data| match data.as_slice() {
        [33, seed @ ..] | [1, 0xe1, 0x4b, seed @ ..] => seed.len() == 16,
        _ => false,
    })
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
    use crate::AddressKey;
    use crate::address::AddressKind;
    use proptest::prelude::*;

    const ACCOUNT: &str = "rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe"; // in the documentation of the XRP Ledger
    #[test]
    fn an_x_address_gives_account_and_tag() {
        // of the documentation of ripple-address-codec
        assert_eq!(
            parse_ripple_x("XVLhHMPHU98es4dbozjVtdWzVrDjtV18pX8yuPT7y4xaEHi"),
            Some(("rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf".to_owned(), Some(u32::MAX)))
        );
        for bad in ["", "X", "T7oKJ3q7s94kDH6tpkBowhetT1JKfcfdSCmAXbS75iATyLD", ACCOUNT] {
            assert_eq!(parse_ripple_x(bad), None, "{bad}");
        }
    }

    #[test]
    fn seeds_are_told_by_their_checksum() {
        // of the documentation of the XRP Ledger
        assert!(
            ripple_seed_checks("sn3nxiW7v8KXzPzAqzyHXbSSKNuN9")
                && ripple_seed_checks("sEdTM1uX8pu2do5XvTnutH6HsouMaM2")
        );
        assert!(!ripple_seed_checks("sn3nxiW7v8KXzPzAqzyHXbSSKNuN8") && !ripple_seed_checks(ACCOUNT));
    }

    const SYSTEM: &str = "11111111111111111111111111111111"; // Solana's system program

    fn parse(chain: Chain, text: &str) -> Result<String, AddressError> {
        parse_descendant(chain, Network::Mainnet, text)
    }

    fn forms(chain: Chain) -> Forms {
        forms_of(chain).unwrap()
    }

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
            assert_eq!(parse(chain, text).as_deref(), Ok(text), "{chain}");
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
            let text = base58ck::encode_check(&[forms(chain).p2pkh, &[77; 20]].concat());
            assert!(text.starts_with(first), "{chain} {text}");
        }
    }

    #[test]
    fn old_forms_become_the_canonical_one() {
        let old = base58ck::encode_check(&[&[0x05][..], &[9; 20]].concat());
        let new = parse(Chain::Litecoin, &old).unwrap();
        assert!(old.starts_with('3') && new.starts_with('M'), "{old} {new}");
        assert_eq!(parse(Chain::Litecoin, &new).as_ref(), Ok(&new));
        let cash = parse(Chain::BitcoinCash, &old).unwrap();
        assert!(cash.starts_with("bitcoincash:p"), "{cash}");
        assert_eq!(parse(Chain::BitcoinCash, &cash["bitcoincash:".len()..]), Ok(cash));
    }

    #[test]
    fn shielded_zcash_addresses_are_told_from_broken_ones() {
        use bech32::{Bech32, Bech32m, Hrp};
        let hrp = |text| Hrp::parse(text).unwrap();
        let sapling = bech32::encode::<Bech32>(hrp("zs"), &[5; 43]).unwrap();
        let tex = bech32::encode::<Bech32m>(hrp("tex"), &[5; 20]).unwrap();
        let unified = bech32::encode::<Bech32m>(hrp("u"), &[5; 106]).unwrap();
        let sprout = base58ck::encode_check(&[&[0x16, 0x9a][..], &[5; 64]].concat());
        // an address for transparent senders is the public-key hash in it
        let key = AddressKey::new(AddressKind::P2pkh, &[5; 20]).unwrap();
        assert_eq!(parse(Chain::Zcash, &tex), Ok(key.to_text_on(Chain::Zcash, Network::Mainnet)));
        for good in [sapling, unified, sprout] {
            assert_eq!(parse(Chain::Zcash, &good).as_ref(), Ok(&good));
            let last = good.chars().last().unwrap();
            let bad = format!("{}{}", &good[..good.len() - 1], if last == 'q' { 'p' } else { 'q' });
            assert_eq!(parse(Chain::Zcash, &bad), Err(AddressError::Checksum), "{bad}");
        }
    }

    #[test]
    fn errors_say_what_is_wrong() {
        assert_eq!(parse(Chain::Dash, ""), Err(AddressError::Empty));
        assert!(matches!(parse_ripple("XVLhHMPHU98es4dbozjVtdWzVrDjtV18pX8yuPT7y4xaEHi"), Err(AddressError::Form(_))));
        assert!(matches!(parse_solana("1111"), Err(AddressError::Form(_))));
        assert!(matches!(parse_solana("O1111111111111111111111111111111"), Err(AddressError::Form(_))));
        assert_eq!(parse(Chain::Dash, &"1".repeat(5_000)), Err(AddressError::Form("too long")));
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
            let chain = [
                Chain::BitcoinCash, Chain::BitcoinSv, Chain::BitcoinGold, Chain::Litecoin, Chain::Dogecoin, Chain::Dash,
                Chain::Zcash, Chain::Verge,
            ][coin];
            let forms = forms(chain);
            let version = if script { forms.p2sh[0] } else { forms.p2pkh };
            let good = base58ck::encode_check(&[version, &hash].concat());
            let read = parse(chain, &good).unwrap();
            if chain != Chain::BitcoinCash {
                prop_assert_eq!(&read, &good);
            }
            let at = at % good.len();
            let bad = format!("{}{letter}{}", &good[..at], &good[at + 1..]);
            prop_assert_eq!(parse(chain, &bad).is_ok(), bad == good);
        }

        #[test]
        fn segwit_addresses_of_other_chains_read_back_and_one_changed_letter_is_refused(
            hash in any::<[u8; 20]>(), gold in any::<bool>(), at in 5usize..43, letter in "[02-9ac-hj-np-z]",
        ) {
            let (chain, hrp) =
                if gold { (Chain::BitcoinGold, "btg") } else { (Chain::Litecoin, "ltc") };
            let good = bech32::segwit::encode_v0(bech32::Hrp::parse(hrp).unwrap(), &hash).unwrap();
            let read = parse(chain, &good.to_uppercase());
            prop_assert_eq!(read.as_ref(), Ok(&good));
            let bad = format!("{}{letter}{}", &good[..at], &good[at + 1..]);
            prop_assert_eq!(parse(chain, &bad).is_ok(), bad == good);
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
