//! The address vectors of BIP 173, 350 and 341, through scripts and back.
use crate::support;

use athar_chains::bitcoin::{Script, classify};
use athar_types::address::parse_bitcoin;
use athar_types::{AddressError, Network};
use support::shared;

/// Lines of a BIP's text that begin with an address in `<tt>`: the address, and what follows it.
fn vectors(text: &str) -> Vec<(&str, &str)> {
    text.lines()
        .filter_map(|line| line.strip_prefix("* <tt>")?.split_once("</tt>"))
        .map(|(address, rest)| (address, rest.trim_start_matches(": ")))
        .filter(|(address, _)| {
            let lower = address.to_ascii_lowercase();
            lower.starts_with("bc1") || lower.starts_with("tb1")
        })
        .collect()
}

fn network(address: &str) -> Network {
    if address.to_ascii_lowercase().starts_with("bc") { Network::Mainnet } else { Network::Testnet3 }
}

fn round_trip(address: &str, script: &str) {
    let script = hex::decode(script).unwrap();
    let from_script = classify(&script).address();
    let from_text = parse_bitcoin(address, network(address)).unwrap_or_else(|e| panic!("{address}: {e}"));
    assert_eq!(from_script, Some(from_text), "{address}");
    assert_eq!(from_text.to_text(network(address)), address.to_ascii_lowercase());
    let other = if network(address) == Network::Mainnet { Network::Testnet3 } else { Network::Mainnet };
    assert_eq!(parse_bitcoin(address, other), Err(AddressError::OtherNetwork(network(address))), "{address}");
}

#[test]
fn bip_350_addresses_are_those_of_their_scripts_and_the_bad_ones_are_refused() {
    let Some(data) = shared::data("bip_350_addresses_are_those_of_their_scripts_and_the_bad_ones_are_refused") else {
        return;
    };
    let text = String::from_utf8(shared::read(&data.join("addresses/bip-0350.mediawiki"))).unwrap();
    let (mut good, mut bad) = (0, 0);
    for (address, rest) in vectors(&text) {
        if let Some(script) = rest.strip_prefix("<tt>").and_then(|r| r.strip_suffix("</tt>")) {
            round_trip(address, script);
            good += 1;
        } else {
            assert!(parse_bitcoin(address, network(address)).is_err(), "{address}: {rest}");
            bad += 1;
        }
    }
    assert_eq!((good, bad), (8, 14));
}

#[test]
fn bip_173_addresses_of_version_0_stand_and_those_that_bip_350_replaced_do_not() {
    let Some(data) = shared::data("bip_173_addresses_of_version_0_stand") else { return };
    let text = String::from_utf8(shared::read(&data.join("addresses/bip-0173.mediawiki"))).unwrap();
    let (mut good, mut replaced, mut bad) = (0, 0, 0);
    for (address, rest) in vectors(&text) {
        match rest.strip_prefix("<tt>").and_then(|r| r.strip_suffix("</tt>")) {
            Some(script) if script.starts_with("00") => {
                round_trip(address, script);
                good += 1;
            }
            Some(_) => {
                assert_eq!(parse_bitcoin(address, network(address)), Err(AddressError::Checksum), "{address}");
                replaced += 1;
            }
            None => {
                assert!(parse_bitcoin(address, network(address)).is_err(), "{address}: {rest}");
                bad += 1;
            }
        }
    }
    assert_eq!((good, replaced, bad), (3, 3, 9));
}

#[test]
fn bip_341_outputs_have_their_addresses() {
    let Some(data) = shared::data("bip_341_outputs_have_their_addresses") else { return };
    let raw = shared::read(&data.join("addresses/bip-0341/wallet-test-vectors.json"));
    let vectors: serde_json::Value = serde_json::from_slice(&raw).unwrap();
    let list = vectors["scriptPubKey"].as_array().unwrap();
    assert_eq!(list.len(), 7);
    for vector in list {
        let expected = &vector["expected"];
        let (script, address) =
            (expected["scriptPubKey"].as_str().unwrap(), expected["bip350Address"].as_str().unwrap());
        round_trip(address, script);
        let raw = hex::decode(script).unwrap();
        let Script::P2tr(key) = classify(&raw) else { panic!("{script} is not taproot") };
        assert_eq!(hex::encode(key), vector["intermediary"]["tweakedPubkey"].as_str().unwrap());
    }
}
