//! Bitcoin addresses: Base58Check, Bech32 (BIP 173) and Bech32m (BIP 350).

use super::error::foreign_character;
use super::{AddressError, AddressKey, AddressKind};
use crate::Network;

/// Reads an address of `network`. Surrounding white space is the caller's to remove.
///
/// Testnet3, testnet4 and signet share one set of prefixes, and regtest shares their Base58 ones: a text that fits
/// any of them is taken for `network` when that is among them.
pub fn parse_bitcoin(text: &str, network: Network) -> Result<AddressKey, AddressError> {
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    if let Some(error) = foreign_character(text) {
        return Err(error);
    }
    // Base58 never contains '1' before a human-readable part of ours followed by a version letter, so the
    // separator with a known prefix decides; anything else is Base58.
    let lower = text.to_ascii_lowercase();
    let segwit =
        Network::ALL.into_iter().find(|n| lower.strip_prefix(n.params().hrp).is_some_and(|rest| rest.starts_with('1')));
    if let Some(found) = segwit {
        let key = parse_segwit(text)?;
        return if found.params().hrp == network.params().hrp {
            Ok(key)
        } else {
            Err(AddressError::OtherNetwork(found))
        };
    }
    parse_base58(text, network)
}

pub(super) fn parse_segwit(text: &str) -> Result<AddressKey, AddressError> {
    if text.bytes().any(|b| b.is_ascii_lowercase()) && text.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(AddressError::MixedCase);
    }
    let (_, version, program) = bech32::segwit::decode(text).map_err(|_| AddressError::Checksum)?;
    match (version.to_u8(), program.len()) {
        (0, 20) => AddressKey::new(AddressKind::P2wpkh, &program),
        (0, 32) => AddressKey::new(AddressKind::P2wsh, &program),
        (1, 32) => AddressKey::new(AddressKind::P2tr, &program),
        (version, _) => {
            let mut payload = vec![version];
            payload.extend_from_slice(&program);
            AddressKey::new(AddressKind::Witness, &payload)
        }
    }
    .ok_or(AddressError::Form("witness program of a length that its version does not allow"))
}

fn parse_base58(text: &str, network: Network) -> Result<AddressKey, AddressError> {
    // longest valid text is 35 characters; a bound keeps the quadratic decoder off hostile input
    if text.len() > 40 {
        return Err(AddressError::Form("too long"));
    }
    let data = base58ck::decode_check(text).map_err(|_| AddressError::Checksum)?;
    let [prefix, payload @ ..] = data.as_slice() else {
        return Err(AddressError::Form("empty payload"));
    };
    if payload.len() != 20 {
        return Err(AddressError::Form("payload is not 20 bytes"));
    }
    let kind_on = |n: Network| match std::slice::from_ref(prefix) {
        version if version == n.params().p2pkh => Some(AddressKind::P2pkh),
        version if n.params().p2sh.contains(&version) => Some(AddressKind::P2sh),
        _ => None,
    };
    if let Some(kind) = kind_on(network) {
        return AddressKey::new(kind, payload).ok_or(AddressError::Form("payload is not 20 bytes"));
    }
    match Network::ALL.into_iter().find(|n| kind_on(*n).is_some()) {
        Some(other) => Err(AddressError::OtherNetwork(other)),
        None => Err(AddressError::Form("version byte of no Bitcoin network")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bitcoin::{Address, ScriptBuf, WitnessProgram, WitnessVersion, address::NetworkUnchecked};
    use proptest::prelude::*;

    fn reference(network: Network) -> bitcoin::Network {
        match network {
            Network::Mainnet => bitcoin::Network::Bitcoin,
            Network::Testnet3 => bitcoin::Network::Testnet,
            Network::Testnet4 => bitcoin::Network::Testnet4,
            Network::Signet => bitcoin::Network::Signet,
            Network::Regtest => bitcoin::Network::Regtest,
        }
    }

    proptest! {
        #[test]
        fn text_equals_the_reference_library(kind in 0u8..6, bytes in any::<[u8; 32]>(), net in 0usize..5, v in 1u8..17) {
            let network = Network::ALL[net];
            let kind = AddressKind::from_code(kind).unwrap();
            let mut other = vec![v];
            other.extend_from_slice(&bytes[..30]);
            let payload = kind.payload_len().map_or(&other[..], |len| &bytes[..len]);
            let key = AddressKey::new(kind, payload).unwrap();
            let script = match kind {
                AddressKind::P2pkh => ScriptBuf::new_p2pkh(&bitcoin::hashes::Hash::from_byte_array(bytes[..20].try_into().unwrap())),
                AddressKind::P2sh => ScriptBuf::new_p2sh(&bitcoin::hashes::Hash::from_byte_array(bytes[..20].try_into().unwrap())),
                AddressKind::P2wpkh => ScriptBuf::new_witness_program(&WitnessProgram::new(WitnessVersion::V0, &bytes[..20]).unwrap()),
                AddressKind::P2wsh => ScriptBuf::new_witness_program(&WitnessProgram::new(WitnessVersion::V0, &bytes).unwrap()),
                AddressKind::P2tr => ScriptBuf::new_witness_program(&WitnessProgram::new(WitnessVersion::V1, &bytes).unwrap()),
                AddressKind::Witness => ScriptBuf::new_witness_program(&WitnessProgram::new(WitnessVersion::try_from(v).unwrap(), &bytes[..30]).unwrap()),
                AddressKind::P2sh32 => unreachable!("not Bitcoin's"),
            };
            let expected = Address::from_script(&script, reference(network)).unwrap().to_string();
            prop_assert_eq!(key.to_text(network), expected.clone());
            prop_assert_eq!(parse_bitcoin(&expected, network), Ok(key));
        }

        #[test]
        fn parsing_agrees_with_the_reference_library_on_one_changed_letter(
            bytes in any::<[u8; 20]>(), segwit in any::<bool>(), at in 0usize..34, letter in "[0-9A-Za-z]",
        ) {
            let kind = if segwit { AddressKind::P2wpkh } else { AddressKind::P2pkh };
            let good = AddressKey::new(kind, &bytes).unwrap().to_text(Network::Mainnet);
            let at = at % good.len();
            let text = format!("{}{letter}{}", &good[..at], &good[at + 1..]);
            let theirs = text.parse::<Address<NetworkUnchecked>>().ok()
                .and_then(|a| a.require_network(bitcoin::Network::Bitcoin).ok());
            prop_assert_eq!(parse_bitcoin(&text, Network::Mainnet).is_ok(), theirs.is_some(), "{}", text);
        }
    }

    #[test]
    fn errors_say_what_is_wrong() {
        let parse = |t| parse_bitcoin(t, Network::Mainnet).unwrap_err();
        assert_eq!(parse(""), AddressError::Empty);
        assert_eq!(parse("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"), AddressError::Checksum);
        assert_eq!(
            parse("1А1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"), // the second letter is Cyrillic
            AddressError::Character { code: 0x410, position: 1, look_alike: true }
        );
        assert_eq!(parse("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn"), AddressError::OtherNetwork(Network::Testnet3));
        assert_eq!(parse("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"), AddressError::OtherNetwork(Network::Testnet3));
        assert_eq!(parse("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3T4"), AddressError::MixedCase);
        assert_eq!(
            parse("TNiq9AXBp9EjUqhDhrwrfvAA8U3GUQZH81"),
            AddressError::Form("version byte of no Bitcoin network")
        );
    }
}
