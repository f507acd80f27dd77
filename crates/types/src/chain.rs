//! Chains and their networks, as parameters.

use crate::Hash32;
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
}

impl Chain {
    /// Every chain, in the order of declaration.
    pub const ALL: [Self; 18] = [
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
        }
    }

    /// The chain of that [name](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A network of the Bitcoin chain.
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

/// What distinguishes one network from another. Source: Bitcoin Core's `kernel/chainparams.cpp`.
#[derive(Debug, PartialEq, Eq)]
pub struct NetworkParams {
    /// The four bytes before every block on disk and every message on the wire.
    pub magic: [u8; 4],
    /// Base58Check version byte of a public-key hash.
    pub p2pkh_prefix: u8,
    /// Base58Check version byte of a script hash.
    pub p2sh_prefix: u8,
    /// Human-readable part of segwit addresses.
    pub hrp: &'static str,
    /// Hash of block 0, in hexadecimal as shown.
    pub genesis: &'static str,
}

impl Network {
    /// Every network.
    pub const ALL: [Self; 5] = [Self::Mainnet, Self::Testnet3, Self::Testnet4, Self::Signet, Self::Regtest];

    /// The parameters of this network.
    pub const fn params(self) -> &'static NetworkParams {
        match self {
            Self::Mainnet => &NetworkParams {
                magic: [0xf9, 0xbe, 0xb4, 0xd9],
                p2pkh_prefix: 0x00,
                p2sh_prefix: 0x05,
                hrp: "bc",
                genesis: "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
            },
            Self::Testnet3 => &NetworkParams {
                magic: [0x0b, 0x11, 0x09, 0x07],
                p2pkh_prefix: 0x6f,
                p2sh_prefix: 0xc4,
                hrp: "tb",
                genesis: "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943",
            },
            Self::Testnet4 => &NetworkParams {
                magic: [0x1c, 0x16, 0x3f, 0x28],
                p2pkh_prefix: 0x6f,
                p2sh_prefix: 0xc4,
                hrp: "tb",
                genesis: "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043",
            },
            Self::Signet => &NetworkParams {
                magic: [0x0a, 0x03, 0xcf, 0x40],
                p2pkh_prefix: 0x6f,
                p2sh_prefix: 0xc4,
                hrp: "tb",
                genesis: "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6",
            },
            Self::Regtest => &NetworkParams {
                magic: [0xfa, 0xbf, 0xb5, 0xda],
                p2pkh_prefix: 0x6f,
                p2sh_prefix: 0xc4,
                hrp: "bcrt",
                genesis: "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
            },
        }
    }

    /// The network whose blocks begin with `magic`.
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

    /// The hash of block 0.
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
