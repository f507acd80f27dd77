//! Addresses on other chains, or in other forms, that the same key or script stands behind: where somebody may be "seen
//! also". They are never merged: who holds a key can use it anywhere, but nothing says that he did.
//!
//! Bitcoin's relatives pay to the hash of a public key (HASH160), and only version bytes or prefixes tell the chains apart.
//! Ethereum's relatives and Tron name an account by the last 20 bytes of Keccak-256 of the public key, so one key is the
//! same 20 bytes on all of them. Between the two families nothing can be computed without the public key itself.
//!
//! A contract has no key. Its address is computed from who deployed it and how often, or (CREATE2) from salt and code
//! (yellow paper, section 7; EIP-1014): the same bytes on another chain may be the same deployer's, anybody's or nobody's. On
//! Tron it is computed in another way, so there a contract has no twin at all.

use super::bitcoin::parse_bitcoin;
use super::forms::Forms;
use super::other::forms_of;
use super::{AddressError, AddressKey, AddressKind, evm_text, parse_evm, parse_for, parse_tron, tron_text};
use crate::{Chain, Network};
use serde::{Deserialize, Serialize};

/// What stands behind 20 bytes of a chain of accounts, as far as the caller knows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// A key: the account has signed a transaction. (Since EIP-7702 such an account may have code too.)
    Key,
    /// A contract: it was created by a transaction, or by another contract.
    Contract,
    /// Nothing on the chain says which.
    #[default]
    Unknown,
}

/// What two addresses have in common.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TwinReason {
    /// Both pay the same hash of a public key: who can spend one can spend the other.
    SameKeyHash,
    /// One is the segregated-witness form of the other's public-key hash (P2WPKH, or that inside P2SH). It holds for a
    /// compressed key only; a hash does not show which it is of.
    WitnessForm,
    /// Both pay the same script hash: the same conditions, so the same keys. Where the script is a witness program, a chain
    /// without segregated witness has no such use for it.
    SameScript,
    /// Both are the same taproot output key.
    SameOutputKey,
    /// Both are the same 20 bytes, and a key stands behind them.
    SameAccount,
    /// Both are the same 20 bytes, and it is not known whether a key or a contract stands behind them.
    SameAccountIfKey,
    /// Both are the same 20 bytes of a contract: the same deployer and code, perhaps, but no key. No sign of one holder.
    SameContractAddress,
}

impl TwinReason {
    /// Whether it follows that one person can use both.
    pub const fn is_one_key(self) -> bool {
        matches!(self, Self::SameKeyHash | Self::SameOutputKey | Self::SameAccount)
    }
}

/// An address that the same key or script stands behind.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Twin {
    /// The chain, on its main network; the address's own for another form on it.
    pub chain: Chain,
    /// The canonical text there.
    pub text: String,
    /// What it has in common with the address asked.
    pub reason: TwinReason,
}

/// The twins of an address of a main network, in the order of [`Chain::ALL`], then of reasons: at most 14. Empty for chains
/// with addresses of another kind, and for Zcash's shielded ones. `holder` is asked of chains of accounts only.
pub fn twins(chain: Chain, address: &str, holder: Holder) -> Result<Vec<Twin>, AddressError> {
    let own = parse_for(chain, address)?;
    let mut found = if let Some(forms) = forms_of(chain) {
        let key = match chain {
            Chain::Bitcoin => parse_bitcoin(&own.text, Network::Mainnet),
            _ => forms.read(&own.text),
        };
        // a good address that is no key of the chain: shielded
        key.map_or_else(|_| Vec::new(), |key| of_key(&key))
    } else if chain == Chain::Tron {
        of_account(chain, &parse_tron(&own.text)?, holder)
    } else if Chain::ACCOUNT_LEDGERS.contains(&chain) {
        of_account(chain, &parse_evm(&own.text)?, holder)
    } else {
        Vec::new()
    };
    found.retain(|twin| (twin.chain, &twin.text) != (chain, &own.text));
    found.sort_by_key(|twin| (twin.chain, twin.reason));
    Ok(found)
}

fn of_account(own: Chain, account: &[u8; 20], holder: Holder) -> Vec<Twin> {
    let reason = match holder {
        Holder::Key => TwinReason::SameAccount,
        Holder::Contract => TwinReason::SameContractAddress,
        Holder::Unknown => TwinReason::SameAccountIfKey,
    };
    let has_twin = |chain: Chain| holder != Holder::Contract || (own != Chain::Tron && chain != Chain::Tron);
    let text = |chain| if chain == Chain::Tron { tron_text(account) } else { evm_text(account) };
    let chains = Chain::ACCOUNT_LEDGERS.into_iter().filter(|chain| has_twin(*chain));
    chains.map(|chain| Twin { chain, text: text(chain), reason }).collect()
}

fn of_key(key: &AddressKey) -> Vec<Twin> {
    let chains = || Chain::ALL.into_iter().filter_map(|chain| Some((chain, forms_of(chain)?)));
    let with_witness = |forms: &Forms| !forms.hrp.is_empty();
    let mut found = Vec::new();
    let mut add = |chain, forms: &Forms, key: &AddressKey, reason| {
        found.push(Twin { chain, text: forms.text(key), reason });
    };
    let kind = key.kind();
    for (chain, forms) in chains() {
        match kind {
            AddressKind::P2pkh | AddressKind::P2wpkh => {
                let Ok(hash) = <[u8; 20]>::try_from(key.payload()) else { continue };
                let plain = AddressKey::new(AddressKind::P2pkh, &hash);
                let witness = AddressKey::new(AddressKind::P2wpkh, &hash);
                // a witness program is of a compressed key, whose plain form is then known
                let reason = if kind == AddressKind::P2pkh { TwinReason::WitnessForm } else { TwinReason::SameKeyHash };
                if let Some(plain) = plain {
                    add(chain, &forms, &plain, TwinReason::SameKeyHash);
                }
                if let Some(witness) = witness.filter(|_| with_witness(&forms)) {
                    add(chain, &forms, &witness, reason);
                    add(chain, &forms, &AddressKey::wrapped_p2wpkh(&hash), TwinReason::WitnessForm);
                }
            }
            AddressKind::P2sh => add(chain, &forms, key, TwinReason::SameScript),
            AddressKind::P2wsh if with_witness(&forms) => add(chain, &forms, key, TwinReason::SameScript),
            // Bitcoin Gold never activated taproot
            AddressKind::P2tr if chain.has_segwit() => add(chain, &forms, key, TwinReason::SameOutputKey),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(chain: Chain, address: &str) -> Vec<(Chain, String, TwinReason)> {
        let found = twins(chain, address, Holder::Unknown).unwrap();
        found.into_iter().map(|t| (t.chain, t.text, t.reason)).collect()
    }

    fn has(found: &[(Chain, String, TwinReason)], chain: Chain, text: &str, reason: TwinReason) {
        assert!(found.contains(&(chain, text.to_owned(), reason)), "{chain} {text} {reason:?} in {found:#?}");
    }

    /// Published pairs: BIP 173's example key (of the generator point), and CashAddr's test vectors.
    #[test]
    fn published_forms_of_one_key_are_twins() {
        // HASH160 of the compressed generator point: BIP 173, and every wallet's first private key
        let found = of(Chain::Bitcoin, "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH");
        has(&found, Chain::Bitcoin, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", TwinReason::WitnessForm);
        has(&found, Chain::Bitcoin, "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN", TwinReason::WitnessForm);
        has(&found, Chain::Litecoin, "LVuDpNCSSj6pQ7t9Pv6d6sUkLKoqDEVUnJ", TwinReason::SameKeyHash);
        has(&found, Chain::Dogecoin, "DFpN6QqFfUm3gKNaxN6tNcab1FArL9cZLE", TwinReason::SameKeyHash);
        let back = of(Chain::Dogecoin, "DFpN6QqFfUm3gKNaxN6tNcab1FArL9cZLE");
        has(&back, Chain::Bitcoin, "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", TwinReason::SameKeyHash);
        let found = of(Chain::Bitcoin, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");
        has(&found, Chain::Bitcoin, "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", TwinReason::SameKeyHash);
        // the address format's own specification
        let found = of(Chain::Bitcoin, "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu");
        let cash = "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a";
        has(&found, Chain::BitcoinCash, cash, TwinReason::SameKeyHash);
        let found = of(Chain::Bitcoin, "3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC");
        let cash = "bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq";
        has(&found, Chain::BitcoinCash, cash, TwinReason::SameScript);
    }

    #[test]
    fn one_account_is_the_same_bytes_on_every_chain_of_accounts() {
        // USDT on Tron, whose 20 bytes Tron's documentation shows in hexadecimal
        let tron = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";
        let evm = evm_text(&parse_evm("0xa614f803b6fd780986a42c78ec9c7f77e6ded13c").unwrap());
        let found = twins(Chain::Tron, tron, Holder::Key).unwrap();
        assert_eq!(found.len(), 5);
        assert!(found.iter().all(|t| t.text == evm && t.reason == TwinReason::SameAccount && t.reason.is_one_key()));
        let back = twins(Chain::Ethereum, &evm, Holder::Key).unwrap();
        assert!(back.iter().any(|t| t.chain == Chain::Tron && t.text == tron));
        assert!(back.iter().all(|t| t.chain != Chain::Ethereum));
    }

    #[test]
    fn a_contract_is_no_key() {
        let usdt = "0xdAC17F958D2ee523a2206206994597C13D831ec7";
        let found = twins(Chain::Ethereum, usdt, Holder::Contract).unwrap();
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found.iter().all(|t| t.reason == TwinReason::SameContractAddress && !t.reason.is_one_key()));
        assert!(found.iter().all(|t| t.chain != Chain::Tron));
        let tron = twins(Chain::Tron, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", Holder::Contract);
        assert_eq!(tron, Ok(Vec::new()));
        let unknown = twins(Chain::Ethereum, usdt, Holder::Unknown).unwrap();
        assert!(unknown.iter().all(|t| !t.reason.is_one_key()));
    }

    #[test]
    fn chains_without_such_addresses_have_no_twins_and_bad_text_is_an_error() {
        assert_eq!(twins(Chain::Ripple, "rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe", Holder::Unknown), Ok(Vec::new()));
        assert!(twins(Chain::Bitcoin, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", Holder::Unknown).is_err());
    }

    proptest! {
        /// Being a twin goes both ways, and every twin is a good address of its chain.
        #[test]
        fn twins_of_twins_lead_back(bytes in any::<[u8; 32]>(), kind in 0usize..5) {
            let kind = [AddressKind::P2pkh, AddressKind::P2sh, AddressKind::P2wpkh, AddressKind::P2wsh, AddressKind::P2tr][kind];
            let payload = &bytes[..kind.payload_len().unwrap()];
            let own = AddressKey::new(kind, payload).unwrap().to_text(Network::Mainnet);
            let found = twins(Chain::Bitcoin, &own, Holder::Unknown).unwrap();
            prop_assert!(!found.is_empty() && found.len() <= 14);
            for twin in found {
                let normal = parse_for(twin.chain, &twin.text).unwrap();
                prop_assert_eq!(&normal.text, &twin.text);
                let back = twins(twin.chain, &twin.text, Holder::Unknown).unwrap();
                // a script hash does not show the key inside
                let is_wrapped = kind != AddressKind::P2sh && twin.reason == TwinReason::WitnessForm
                    && !back.iter().any(|t| t.reason == TwinReason::SameKeyHash);
                prop_assert!(is_wrapped || back.iter().any(|t| t.chain == Chain::Bitcoin && t.text == own));
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,120}", chain in 0usize..18) {
            let _ = twins(Chain::ALL[chain], &text, Holder::Key);
        }
    }
}
