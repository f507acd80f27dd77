//! Names of assets and networks, and the chains whose addresses they are: the table `data/assets.csv`.

use athar_types::Chain;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

const TABLE: &str = include_str!("../data/assets.csv");

/// What the name of an asset says about the chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Asset {
    /// The coin of one chain.
    Coin(Chain),
    /// A token on several chains, in the order in which a text is tried.
    Token(Vec<Chain>),
    /// A known asset whose addresses cannot be checked here.
    Unsupported,
    /// Not in the table.
    Unknown,
    /// Nothing is said.
    Unstated,
}

static ASSETS: LazyLock<FxHashMap<&'static str, Asset>> = LazyLock::new(|| {
    // the text is part of the program, and a test reads it
    read(TABLE).unwrap_or_else(|error| panic!("assets.csv: {error}"))
});

fn read(text: &'static str) -> Result<FxHashMap<&'static str, Asset>, String> {
    let mut assets = FxHashMap::default();
    for row in text.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let [symbol, chains, token] = row.split(',').collect::<Vec<_>>()[..] else {
            return Err(format!("`{row}` has not three columns"));
        };
        let chains: Option<Vec<Chain>> = chains.split_whitespace().map(Chain::from_name).collect();
        let chains = chains.ok_or_else(|| format!("`{row}` names an unknown chain"))?;
        let asset = match (chains.as_slice(), token) {
            ([], "") => Asset::Unsupported,
            ([chain], "") => Asset::Coin(*chain),
            ([_, ..], "yes") => Asset::Token(chains),
            _ => return Err(format!("`{row}` fits no kind of asset")),
        };
        if assets.insert(symbol, asset).is_some() {
            return Err(format!("`{row}` stands there twice"));
        }
    }
    Ok(assets)
}

/// What the name of an asset or network says; case does not matter.
pub fn asset(name: &str) -> Asset {
    let name = name.trim();
    if name.is_empty() || name.chars().all(|c| c == '-') {
        return Asset::Unstated;
    }
    ASSETS.get(name.to_ascii_uppercase().as_str()).cloned().unwrap_or(Asset::Unknown)
}

/// The symbol that packs use for a chain's coin.
pub(crate) fn symbol(chain: Chain) -> &'static str {
    match chain {
        Chain::Bitcoin => "BTC",
        Chain::BitcoinCash => "BCH",
        Chain::BitcoinSv => "BSV",
        Chain::BitcoinGold => "BTG",
        Chain::Litecoin => "LTC",
        Chain::Dogecoin => "DOGE",
        Chain::Dash => "DASH",
        Chain::Zcash => "ZEC",
        Chain::Verge => "XVG",
        Chain::Monero => "XMR",
        Chain::Ethereum => "ETH",
        Chain::EthereumClassic => "ETC",
        Chain::BinanceSmartChain => "BSC",
        Chain::Arbitrum => "ARB",
        Chain::Polygon => "MATIC",
        Chain::Tron => "TRX",
        Chain::Ripple => "XRP",
        Chain::Solana => "SOL",
        Chain::Ton => "TON",
        Chain::Stellar => "XLM",
        Chain::Cardano => "ADA",
        Chain::Polkadot => "DOT",
    }
}

/// BLAKE3 of the table: part of a pack's identity, since another table would read the same file otherwise.
pub(crate) fn hash() -> [u8; 32] {
    *blake3::hash(TABLE.as_bytes()).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_reads_and_every_chain_has_its_name_and_symbol_in_it() {
        for chain in Chain::ALL {
            assert_eq!(asset(chain.name()), Asset::Coin(chain), "{chain}");
            assert_eq!(asset(symbol(chain)), Asset::Coin(chain), "{chain}");
        }
        assert_eq!(asset(" xbt "), Asset::Coin(Chain::Bitcoin));
        assert!(matches!(asset("USDT"), Asset::Token(chains) if chains.contains(&Chain::Bitcoin)));
        assert_eq!(asset("ATOM"), Asset::Unsupported);
        assert_eq!(asset("Blockstream"), Asset::Unknown);
        assert_eq!((asset(""), asset(" - ")), (Asset::Unstated, Asset::Unstated));
    }

    #[test]
    fn a_broken_table_is_told() {
        for (bad, why) in [
            ("h\nBTC", "three columns"),
            ("h\nBTC,moon,", "unknown chain"),
            ("h\nBTC,bitcoin litecoin,", "no kind"),
            ("h\nA,,\nA,,", "twice"),
        ] {
            assert!(read(bad).unwrap_err().contains(why), "{bad}");
        }
    }
}
