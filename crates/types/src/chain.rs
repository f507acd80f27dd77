//! Chains and their networks, as parameters.

use crate::Hash32;
use crate::account::AccountParams;
use crate::params::{self, ChainParams};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A ledger that an address can live on. The name is the lower-case English one in every file and answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // the variants are the chains' own names
pub enum Chain {
    Bitcoin,
    BitcoinCash,
    BitcoinSv,
    BitcoinGold,
    Litecoin,
    Dogecoin,
    Dash,
    Zcash,
    Verge,
    Monero,
    Ethereum,
    EthereumClassic,
    BinanceSmartChain,
    Arbitrum,
    Polygon,
    Tron,
    Ripple,
    Solana,
    Ton,
    Stellar,
    Cardano,
    Polkadot,
}

impl Chain {
    /// Every chain, in the order of declaration.
    pub const ALL: [Self; 22] = [
        Self::Bitcoin,
        Self::BitcoinCash,
        Self::BitcoinSv,
        Self::BitcoinGold,
        Self::Litecoin,
        Self::Dogecoin,
        Self::Dash,
        Self::Zcash,
        Self::Verge,
        Self::Monero,
        Self::Ethereum,
        Self::EthereumClassic,
        Self::BinanceSmartChain,
        Self::Arbitrum,
        Self::Polygon,
        Self::Tron,
        Self::Ripple,
        Self::Solana,
        Self::Ton,
        Self::Stellar,
        Self::Cardano,
        Self::Polkadot,
    ];

    /// The name in files, answers and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bitcoin => "bitcoin",
            Self::BitcoinCash => "bitcoin-cash",
            Self::BitcoinSv => "bitcoin-sv",
            Self::BitcoinGold => "bitcoin-gold",
            Self::Litecoin => "litecoin",
            Self::Dogecoin => "dogecoin",
            Self::Dash => "dash",
            Self::Zcash => "zcash",
            Self::Verge => "verge",
            Self::Monero => "monero",
            Self::Ethereum => "ethereum",
            Self::EthereumClassic => "ethereum-classic",
            Self::BinanceSmartChain => "binance-smart-chain",
            Self::Arbitrum => "arbitrum",
            Self::Polygon => "polygon",
            Self::Tron => "tron",
            Self::Ripple => "ripple",
            Self::Solana => "solana",
            Self::Ton => "ton",
            Self::Stellar => "stellar",
            Self::Cardano => "cardano",
            Self::Polkadot => "polkadot",
        }
    }

    /// The chain of that [name](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }

    /// The chains of unspent outputs that the ledger can hold, in the order of declaration.
    pub const LEDGERS: [Self; 5] = [Self::Bitcoin, Self::BitcoinCash, Self::Litecoin, Self::Dogecoin, Self::Zcash];

    /// The chains of accounts that the ledger can hold, in the order of declaration.
    pub const ACCOUNT_LEDGERS: [Self; 6] =
        [Self::Ethereum, Self::EthereumClassic, Self::BinanceSmartChain, Self::Arbitrum, Self::Polygon, Self::Tron];

    /// Whether the ledger can hold the chain, of outputs or of accounts.
    pub fn has_ledger(self) -> bool {
        Self::LEDGERS.contains(&self) || Self::ACCOUNT_LEDGERS.contains(&self)
    }

    /// Every chain that the ledger can hold.
    pub fn with_ledger() -> impl Iterator<Item = Self> {
        Self::LEDGERS.into_iter().chain(Self::ACCOUNT_LEDGERS)
    }

    /// The parameters of a chain of accounts; `None` of the others.
    pub const fn account(self) -> Option<&'static AccountParams> {
        AccountParams::of(self)
    }

    /// The name of the native coin in exchange listings, where the ledger can hold the chain. A coin of each has eight
    /// decimals.
    pub const fn ticker(self) -> Option<&'static str> {
        match self {
            Self::Bitcoin => Some("BTC"),
            Self::BitcoinCash => Some("BCH"),
            Self::Litecoin => Some("LTC"),
            Self::Dogecoin => Some("DOGE"),
            Self::Zcash => Some("ZEC"),
            _ => None,
        }
    }

    /// Whether the chain has segregated witness, and with it outputs that are witness programs.
    pub const fn has_segwit(self) -> bool {
        matches!(self, Self::Bitcoin | Self::Litecoin)
    }

    /// The parameters of a network; `None` where the chain is no ledger of ours or has no such network.
    pub fn params(self, network: Network) -> Option<&'static ChainParams> {
        params::of(self, network)
    }

    /// The network whose blocks begin with `magic` on disk. Chains share magics: Bitcoin Cash uses Bitcoin's, and every
    /// chain but Zcash uses Bitcoin's for regtest.
    pub fn network_of_magic(self, magic: [u8; 4]) -> Option<Network> {
        Network::ALL.into_iter().find(|n| self.params(*n).is_some_and(|p| p.magic == magic))
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A network of a chain. Of Litecoin, Dogecoin and Zcash, which have one public test network each, it is `Testnet3`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Network {
    Mainnet,
    Testnet3,
    Testnet4,
    Signet,
    Regtest,
}

impl Network {
    /// Every network.
    pub const ALL: [Self; 5] = [Self::Mainnet, Self::Testnet3, Self::Testnet4, Self::Signet, Self::Regtest];

    /// The parameters of this network of Bitcoin. Other chains: [`Chain::params`].
    pub const fn params(self) -> &'static ChainParams {
        params::bitcoin(self)
    }

    /// The network of Bitcoin whose blocks begin with `magic`.
    pub fn from_magic(magic: [u8; 4]) -> Option<Self> {
        Self::ALL.into_iter().find(|n| n.params().magic == magic)
    }

    /// The name in files, answers and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mainnet => "mainnet",
            Self::Testnet3 => "testnet3",
            Self::Testnet4 => "testnet4",
            Self::Signet => "signet",
            Self::Regtest => "regtest",
        }
    }

    /// The network of that [name](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|n| n.name() == name)
    }

    /// The hash of Bitcoin's block 0.
    pub fn genesis(self) -> Hash32 {
        self.params().genesis.parse().unwrap_or_default()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bitcoin::{Network as Reference, constants::ChainHash, p2p::Magic};

    #[test]
    fn parameters_equal_the_reference_library() {
        for (ours, theirs) in [
            (Network::Mainnet, Reference::Bitcoin),
            (Network::Testnet3, Reference::Testnet),
            (Network::Testnet4, Reference::Testnet4),
            (Network::Signet, Reference::Signet),
            (Network::Regtest, Reference::Regtest),
        ] {
            assert_eq!(ours.params().magic, Magic::from(theirs).to_bytes(), "{ours}");
            let genesis = ChainHash::using_genesis_block_const(theirs);
            assert_eq!(ours.genesis().0, genesis.to_bytes(), "{ours}");
            assert_eq!(Network::from_name(ours.name()), Some(ours));
        }
    }

    #[test]
    fn chains_are_found_by_name() {
        for chain in Chain::ALL {
            assert_eq!(Chain::from_name(chain.name()), Some(chain));
            assert_eq!(serde_json::to_value(chain).unwrap(), chain.name());
        }
    }
}
