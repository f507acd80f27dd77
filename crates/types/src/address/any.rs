//! Any text as an address of any chain: read for a given chain, or asked which chains it could belong to.

use super::cardano::parse_cardano;
use super::other::{parse_descendant, parse_ripple, parse_solana};
use super::polkadot::parse_polkadot;
use super::stellar::parse_stellar;
use super::ton::parse_ton;
use super::{AddressError, evm_has_checksum, evm_text, monero, parse_bitcoin, parse_evm, parse_tron, tron_text};
use crate::{Chain, Network};
use serde::{Deserialize, Serialize};
use std::fmt;

/// An address in the one canonical text of its chain: the key of every look-up of labels.
///
/// Canonical is: Bitcoin and its descendants Base58 as is, Bech32 in lower case; Bitcoin Cash CashAddr with its prefix;
/// Litecoin script hashes as `M…`; Zcash's TEX addresses as the `t1…` they stand for; the Ethereum family with its EIP-55 checksum; Tron
/// Base58Check; TON the bounceable user-friendly form in base64url; Cardano Bech32 in lower case, Byron as is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct NormalAddress {
    /// The chain it was read for.
    pub chain: Chain,
    /// The canonical text.
    pub text: String,
}

impl fmt::Display for NormalAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// A chain that a text could belong to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// The address.
    pub address: NormalAddress,
    /// Whether a checksum was verified. Solana, Ethereum's family in one case only, and the
    /// raw forms of Tron and TON have none.
    pub checked: bool,
}

/// Reads an address of `chain` on its main network. Surrounding white space is the caller's to remove.
///
/// A text that fails but is a good address of another chain by its checksum gives [`AddressError::OtherChain`].
pub fn parse_for(chain: Chain, text: &str) -> Result<NormalAddress, AddressError> {
    parse_on(chain, Network::Mainnet, text)
}

/// As [`parse_for`], with the network of the chains that the ledger can hold; other chains, and those without such a
/// network, are read on their main one.
pub fn parse_on(chain: Chain, network: Network, text: &str) -> Result<NormalAddress, AddressError> {
    let error = match read(chain, network, text) {
        Ok(text) => return Ok(NormalAddress { chain, text }),
        Err(error) => error,
    };
    if matches!(error, AddressError::Form(_) | AddressError::Checksum)
        && let Some(other) = detect_on(network, text).into_iter().find(|c| c.checked)
    {
        return Err(AddressError::OtherChain(other.address.chain));
    }
    Err(error)
}

/// As [`parse_on`], without looking for another chain that a text that fails may belong to: for those who try many texts.
pub fn read_on(chain: Chain, network: Network, text: &str) -> Result<NormalAddress, AddressError> {
    read(chain, network, text).map(|text| NormalAddress { chain, text })
}

fn read(chain: Chain, network: Network, text: &str) -> Result<String, AddressError> {
    match chain {
        Chain::Bitcoin => parse_bitcoin(text, network).map(|key| key.to_text(network)),
        Chain::Ethereum | Chain::EthereumClassic | Chain::BinanceSmartChain | Chain::Arbitrum | Chain::Polygon => {
            parse_evm(text).map(|address| evm_text(&address))
        }
        Chain::Tron => parse_tron(text).map(|address| tron_text(&address)),
        Chain::Monero => monero::parse_monero(text),
        Chain::Ripple => parse_ripple(text),
        Chain::Solana => parse_solana(text),
        Chain::Ton => parse_ton(text),
        Chain::Stellar => parse_stellar(text),
        Chain::Cardano => parse_cardano(text),
        Chain::Polkadot => parse_polkadot(text),
        Chain::BitcoinCash
        | Chain::BitcoinSv
        | Chain::BitcoinGold
        | Chain::Litecoin
        | Chain::Dogecoin
        | Chain::Dash
        | Chain::Zcash
        | Chain::Verge => parse_descendant(chain, network_of(chain, network), text),
    }
}

/// The network asked for, or the main one of a chain that has none of that name.
fn network_of(chain: Chain, network: Network) -> Network {
    if chain.params(network).is_some() { network } else { Network::Mainnet }
}

/// The chains whose address a text could be, the likeliest first (the order of [`Chain::ALL`]). Solana,
/// whose format proves nothing, is named only where no checksum proves another chain. Empty where the text is no address at all.
pub fn detect(text: &str) -> Vec<Candidate> {
    detect_on(Network::Mainnet, text)
}

/// As [`detect`], with the network of the chains that the ledger can hold.
pub fn detect_on(network: Network, text: &str) -> Vec<Candidate> {
    // no address is longer than a unified Zcash one; a bound keeps every parser off hostile input
    if text.is_empty() || text.len() > 512 {
        return Vec::new();
    }
    let mut found: Vec<Candidate> = Chain::ALL
        .into_iter()
        .filter_map(|chain| {
            let canonical = read(chain, network, text).ok()?;
            let checked = match chain {
                Chain::Solana => false,
                Chain::Tron => text.starts_with('T'),
                Chain::Ton => !text.contains(':'),
                _ if text.starts_with("0x") => evm_has_checksum(text),
                _ => true,
            };
            Some(Candidate { address: NormalAddress { chain, text: canonical }, checked })
        })
        .collect();
    // an address proved by its checksum is never Solana's by accident
    if found.iter().any(|c| c.checked) {
        found.retain(|c| c.address.chain != Chain::Solana);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chains(text: &str) -> Vec<Chain> {
        detect(text).into_iter().map(|c| c.address.chain).collect()
    }

    const EVM: [Chain; 5] =
        [Chain::Ethereum, Chain::EthereumClassic, Chain::BinanceSmartChain, Chain::Arbitrum, Chain::Polygon];

    #[test]
    fn a_text_names_the_chains_it_could_belong_to() {
        use Chain::{Bitcoin, BitcoinCash, BitcoinSv, Dogecoin, Litecoin, Ripple, Solana, Tron, Verge};
        assert_eq!(chains("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"), [Bitcoin, BitcoinCash, BitcoinSv]);
        assert_eq!(chains("3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"), [Bitcoin, BitcoinCash, BitcoinSv, Litecoin]);
        assert_eq!(chains("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"), [Bitcoin]);
        assert_eq!(chains("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"), [Tron]);
        assert_eq!(chains("0xdAC17F958D2ee523a2206206994597C13D831ec7"), EVM);
        assert_eq!(chains("DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L"), [Dogecoin, Verge]);
        assert_eq!(chains("rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe"), [Ripple]);
        assert_eq!(chains("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"), [Solana]);
        for nothing in ["", "123456", "hello", "0x12", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"] {
            assert!(chains(nothing).is_empty(), "{nothing}");
        }
        assert!(chains(&"1".repeat(100_000)).is_empty());
    }

    #[test]
    fn an_address_of_another_chain_is_named_as_such() {
        let tron = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";
        assert_eq!(parse_for(Chain::Bitcoin, tron), Err(AddressError::OtherChain(Chain::Tron)));
        assert_eq!(parse_for(Chain::Ethereum, tron), Err(AddressError::OtherChain(Chain::Tron)));
        let bitcoin = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
        assert_eq!(parse_for(Chain::Tron, bitcoin), Err(AddressError::OtherChain(Chain::Bitcoin)));
        // nothing is proved by an address without a checksum
        let lower = "0xdac17f958d2ee523a2206206994597c13d831ec7";
        assert_eq!(parse_for(Chain::Tron, lower), Err(AddressError::Checksum));
        assert!(detect(lower).iter().all(|c| !c.checked));
    }

    #[test]
    fn every_form_of_an_address_has_one_canonical_text() {
        let same = |chain, a: &str, b: &str| assert_eq!(parse_for(chain, a).unwrap(), parse_for(chain, b).unwrap());
        let text = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
        same(Chain::Bitcoin, text, &text.to_uppercase());
        assert_eq!(parse_for(Chain::Bitcoin, &text.to_uppercase()).unwrap().to_string(), text);
        let contract = "0xdAC17F958D2ee523a2206206994597C13D831ec7";
        same(Chain::Polygon, contract, &contract.to_lowercase());
        same(Chain::Tron, "41a614f803b6fd780986a42c78ec9c7f77e6ded13c", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t");
        same(Chain::BitcoinCash, "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a");
    }

    #[test]
    fn other_networks_of_bitcoin_are_read_where_asked_for() {
        let regtest = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
        assert_eq!(parse_for(Chain::Bitcoin, regtest), Err(AddressError::OtherNetwork(Network::Regtest)));
        assert_eq!(parse_on(Chain::Bitcoin, Network::Regtest, regtest).unwrap().text, regtest);
    }

    proptest! {
        #[test]
        fn no_text_panics_and_canonical_texts_are_their_own_canonical_text(text in "\\PC{0,120}") {
            for candidate in detect(&text) {
                let NormalAddress { chain, text } = candidate.address;
                prop_assert_eq!(parse_for(chain, &text).unwrap().text, text);
            }
        }

        #[test]
        fn what_is_detected_parses_for_the_chain_it_is_detected_for(bytes in any::<[u8; 20]>(), version in any::<u8>()) {
            let text = base58ck::encode_check(&[&[version][..], &bytes].concat());
            for candidate in detect(&text) {
                prop_assert_eq!(parse_for(candidate.address.chain, &text), Ok(candidate.address.clone()));
            }
        }
    }
}
