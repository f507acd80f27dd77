//! Assets that have a market price: the coin of each chain, and dollar tokens.

use crate::Chain;
use std::{fmt, str::FromStr};

/// Something that is bought and sold. Two chains may share one: ether is also the coin of Arbitrum.
///
/// A token is one asset whatever chain it lives on, since it has one price; its decimals differ by chain and are no part
/// of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
#[allow(missing_docs)] // the variants are the assets' own symbols
pub enum Asset {
    Btc,
    Bch,
    Bsv,
    Btg,
    Ltc,
    Doge,
    Dash,
    Zec,
    Xvg,
    Xmr,
    Eth,
    Etc,
    Bnb,
    Pol,
    Trx,
    Xrp,
    Sol,
    Usdt,
    Usdc,
    Dai,
    Ton,
    Xlm,
    Ada,
    Dot,
}

impl Asset {
    /// Every asset, in the order of declaration.
    pub const ALL: [Self; 24] = [
        Self::Btc,
        Self::Bch,
        Self::Bsv,
        Self::Btg,
        Self::Ltc,
        Self::Doge,
        Self::Dash,
        Self::Zec,
        Self::Xvg,
        Self::Xmr,
        Self::Eth,
        Self::Etc,
        Self::Bnb,
        Self::Pol,
        Self::Trx,
        Self::Xrp,
        Self::Sol,
        Self::Usdt,
        Self::Usdc,
        Self::Dai,
        Self::Ton,
        Self::Xlm,
        Self::Ada,
        Self::Dot,
    ];

    /// The coin that fees on a chain are paid in.
    pub const fn coin_of(chain: Chain) -> Self {
        match chain {
            Chain::Bitcoin => Self::Btc,
            Chain::BitcoinCash => Self::Bch,
            Chain::BitcoinSv => Self::Bsv,
            Chain::BitcoinGold => Self::Btg,
            Chain::Litecoin => Self::Ltc,
            Chain::Dogecoin => Self::Doge,
            Chain::Dash => Self::Dash,
            Chain::Zcash => Self::Zec,
            Chain::Verge => Self::Xvg,
            Chain::Monero => Self::Xmr,
            Chain::Ethereum | Chain::Arbitrum => Self::Eth,
            Chain::EthereumClassic => Self::Etc,
            Chain::BinanceSmartChain => Self::Bnb,
            Chain::Polygon => Self::Pol,
            Chain::Tron => Self::Trx,
            Chain::Ripple => Self::Xrp,
            Chain::Solana => Self::Sol,
            Chain::Ton => Self::Ton,
            Chain::Stellar => Self::Xlm,
            Chain::Cardano => Self::Ada,
            Chain::Polkadot => Self::Dot,
        }
    }

    /// The symbol in files, answers and on the command line.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Btc => "BTC",
            Self::Bch => "BCH",
            Self::Bsv => "BSV",
            Self::Btg => "BTG",
            Self::Ltc => "LTC",
            Self::Doge => "DOGE",
            Self::Dash => "DASH",
            Self::Zec => "ZEC",
            Self::Xvg => "XVG",
            Self::Xmr => "XMR",
            Self::Eth => "ETH",
            Self::Etc => "ETC",
            Self::Bnb => "BNB",
            Self::Pol => "POL",
            Self::Trx => "TRX",
            Self::Xrp => "XRP",
            Self::Sol => "SOL",
            Self::Usdt => "USDT",
            Self::Usdc => "USDC",
            Self::Dai => "DAI",
            Self::Ton => "TON",
            Self::Xlm => "XLM",
            Self::Ada => "ADA",
            Self::Dot => "DOT",
        }
    }

    /// Decimals between the unit that a price is quoted for and the smallest unit of its own chain: 8 for BTC (satoshi),
    /// 18 for ETH (wei), 6 for TRX (sun). `None` for a token, whose decimals each chain sets by itself.
    pub const fn coin_decimals(self) -> Option<u32> {
        match self {
            Self::Btc | Self::Bch | Self::Bsv | Self::Btg | Self::Ltc | Self::Doge | Self::Dash | Self::Zec => Some(8),
            Self::Xvg | Self::Trx | Self::Xrp | Self::Ada => Some(6),
            Self::Xlm => Some(7),
            Self::Sol | Self::Ton => Some(9),
            Self::Dot => Some(10),
            Self::Xmr => Some(12),
            Self::Eth | Self::Etc | Self::Bnb | Self::Pol => Some(18),
            Self::Usdt | Self::Usdc | Self::Dai => None,
        }
    }
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.symbol())
    }
}

/// Why a text is no asset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no asset that prices are kept of\nhint: one of {}", Asset::ALL.map(Asset::symbol).join(", "))]
pub struct AssetError;

/// Reads a symbol (`BTC`), a chain's name for its coin (`bitcoin`), or one of the other names in use (`XBT`, `MATIC`);
/// case does not matter.
impl FromStr for Asset {
    type Err = AssetError;

    fn from_str(text: &str) -> Result<Self, AssetError> {
        let text = text.trim();
        if let Some(asset) = Self::ALL.into_iter().find(|a| a.symbol().eq_ignore_ascii_case(text)) {
            return Ok(asset);
        }
        match text.to_ascii_lowercase().as_str() {
            "xbt" => Ok(Self::Btc),
            "matic" => Ok(Self::Pol),
            name => Chain::from_name(name).map(Self::coin_of).ok_or(AssetError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_asset_reads_back_and_every_chain_has_a_coin_with_decimals() {
        for asset in Asset::ALL {
            assert_eq!(asset.symbol().parse(), Ok(asset));
            assert_eq!(asset.symbol().to_lowercase().parse(), Ok(asset));
        }
        assert_eq!(Asset::ALL.into_iter().collect::<HashSet<_>>().len(), Asset::ALL.len());
        for chain in Chain::ALL {
            let coin = Asset::coin_of(chain);
            assert!(Asset::ALL.contains(&coin) && coin.coin_decimals().is_some(), "{chain}");
            assert_eq!(chain.name().parse(), Ok(coin));
        }
        assert_eq!(" xbt ".parse(), Ok(Asset::Btc));
        assert_eq!(Asset::Usdt.coin_decimals(), None);
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_ones() {
        for bad in ["", "BTCC", "bit coin", "USD", "ВТС"] {
            assert_eq!(bad.parse::<Asset>(), Err(AssetError), "{bad}");
        }
        assert!(AssetError.to_string().contains("hint: one of BTC, BCH"));
    }
}
