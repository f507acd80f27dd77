//! The registry of verified token contracts.
//!
//! A symbol proves nothing: anybody can deploy a contract that calls itself USDT. What `data/tokens.toml` has is the token
//! of its symbol; everything else only ever claims it.

use athar_types::account::AccountBytes;
use athar_types::address::evm_has_checksum;
use athar_types::{Asset, Chain};
use serde::Deserialize;
use std::sync::OnceLock;

const SHIPPED: &str = include_str!("../../data/tokens.toml");

/// A contract that is what its symbol says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// The chain that it is on.
    pub chain: Chain,
    /// The contract.
    pub contract: AccountBytes,
    /// Its symbol. One symbol stands once per chain.
    pub symbol: String,
    /// Its decimals. The same asset can have others on another chain (USDT: 6 on Ethereum, 18 on BNB Smart Chain).
    pub decimals: u8,
    /// The asset whose price is taken for it; `None` where there is none in the tables.
    pub price: Option<Asset>,
    /// Whether it is meant to be worth one US dollar.
    pub is_dollar: bool,
    /// Whether it is the chain's own coin put into a contract that gives it back at any time.
    pub is_wrapped_coin: bool,
    /// Whether the issuer can block accounts, and its logs of that are read.
    pub can_freeze: bool,
}

/// Why a registry was refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TokensError {
    /// Not the expected fields.
    #[error("registry of tokens: {0}")]
    Form(String),
    /// A line that cannot be right.
    #[error("registry of tokens: token {number} ({symbol}): {why}")]
    Token {
        /// Which, from 1.
        number: usize,
        /// Its symbol.
        symbol: String,
        /// What is wrong with it.
        why: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    token: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    chain: Chain,
    symbol: String,
    contract: String,
    decimals: u8,
    price: Option<String>,
    #[serde(default)]
    dollar: bool,
    #[serde(default)]
    wrapped_coin: bool,
    #[serde(default)]
    freezes: bool,
}

/// Verified token contracts of every chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tokens {
    /// By chain and contract.
    tokens: Vec<Token>,
    version: String,
}

impl Tokens {
    /// The registry that is built in.
    pub fn shipped() -> &'static Self {
        static TOKENS: OnceLock<Tokens> = OnceLock::new();
        TOKENS.get_or_init(|| Self::parse(SHIPPED).unwrap_or_else(|error| panic!("data/tokens.toml: {error}")))
    }

    /// Reads a registry in the form of `data/tokens.toml`. Addresses must carry their checksum; no contract and no symbol
    /// stands twice on a chain.
    pub fn parse(text: &str) -> Result<Self, TokensError> {
        let file: File = toml::from_str(text).map_err(|error| TokensError::Form(error.to_string()))?;
        let mut tokens = Vec::with_capacity(file.token.len());
        for (i, line) in file.token.into_iter().enumerate() {
            let symbol = line.symbol.clone();
            let wrong = |why| TokensError::Token { number: i + 1, symbol, why };
            let token = read(line).map_err(wrong.clone())?;
            let is_twin = |other: &Token| {
                other.chain == token.chain
                    && (other.contract == token.contract || other.symbol.eq_ignore_ascii_case(&token.symbol))
            };
            if tokens.iter().any(is_twin) {
                return Err(wrong(format!("its contract or symbol stands twice on {}", token.chain)));
            }
            tokens.push(token);
        }
        tokens.sort_by_key(|token| (token.chain, token.contract));
        Ok(Self { tokens, version: blake3::hash(text.as_bytes()).to_hex().to_string() })
    }

    /// The token with that contract.
    pub fn get(&self, chain: Chain, contract: &AccountBytes) -> Option<&Token> {
        let found = self.tokens.binary_search_by(|token| (token.chain, &token.contract).cmp(&(chain, contract)));
        found.ok().map(|i| &self.tokens[i])
    }

    /// The token with that symbol; the case of letters does not matter.
    pub fn by_symbol(&self, chain: Chain, symbol: &str) -> Option<&Token> {
        self.on(chain).find(|token| token.symbol.eq_ignore_ascii_case(symbol))
    }

    /// Every token, by chain and contract.
    pub fn iter(&self) -> impl Iterator<Item = &Token> {
        self.tokens.iter()
    }

    /// The tokens of one chain, by contract.
    pub fn on(&self, chain: Chain) -> impl Iterator<Item = &Token> {
        self.tokens.iter().filter(move |token| token.chain == chain)
    }

    /// BLAKE3 of the registry's file in hexadecimal: what an answer was made with.
    pub fn version(&self) -> String {
        self.version.clone()
    }
}

fn read(line: Line) -> Result<Token, String> {
    let params = line.chain.account().ok_or_else(|| format!("{} is no chain of accounts", line.chain))?;
    let contract = params.form.parse(&line.contract).map_err(|error| error.to_string())?;
    if line.contract.starts_with("0x") && !evm_has_checksum(&line.contract)
        || params.form.text(&contract) != line.contract
    {
        return Err("the address is not written with its checksum".to_string());
    }
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'.';
    if line.symbol.is_empty() || !line.symbol.bytes().all(is_plain) {
        return Err("a symbol has letters, digits and points only".to_string());
    }
    let price = line.price.map(|symbol| symbol.parse::<Asset>().map_err(|error| error.to_string())).transpose()?;
    if line.wrapped_coin && price != Some(params.coin) {
        return Err(format!("a wrapped coin of {} is priced as {}", line.chain, params.coin));
    }
    Ok(Token {
        chain: line.chain,
        contract,
        symbol: line.symbol,
        decimals: line.decimals,
        price,
        is_dollar: line.dollar,
        is_wrapped_coin: line.wrapped_coin,
        can_freeze: line.freezes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Facts that each of these tokens' issuers publish, apart from the file.
    #[test]
    fn the_shipped_registry_has_the_main_tokens_of_every_chain() {
        let tokens = Tokens::shipped();
        for (chain, symbol, decimals, price) in [
            (Chain::Ethereum, "usdt", 6, Some(Asset::Usdt)),
            (Chain::Tron, "USDT", 6, Some(Asset::Usdt)),
            (Chain::BinanceSmartChain, "USDT", 18, Some(Asset::Usdt)),
            (Chain::Polygon, "USDT", 6, Some(Asset::Usdt)),
            (Chain::Arbitrum, "USDT", 6, Some(Asset::Usdt)),
            (Chain::Ethereum, "WBTC", 8, Some(Asset::Btc)),
            (Chain::Arbitrum, "usdc.E", 6, Some(Asset::Usdc)),
            (Chain::Tron, "USDD", 18, None),
        ] {
            let token = tokens.by_symbol(chain, symbol).unwrap();
            assert_eq!((token.decimals, token.price), (decimals, price), "{chain} {symbol}");
            assert_eq!(tokens.get(chain, &token.contract), Some(token));
        }
        for chain in [Chain::Ethereum, Chain::Tron, Chain::BinanceSmartChain, Chain::Polygon, Chain::Arbitrum] {
            let wrapped: Vec<&Token> = tokens.on(chain).filter(|token| token.is_wrapped_coin).collect();
            assert_eq!(wrapped.len(), 1, "{chain}");
            assert!(tokens.by_symbol(chain, "USDC").unwrap().is_dollar);
        }
        let usdt = tokens.by_symbol(Chain::Ethereum, "USDT").unwrap();
        assert!(usdt.can_freeze && !tokens.by_symbol(Chain::Ethereum, "DAI").unwrap().can_freeze);
        assert_eq!(tokens.get(Chain::Polygon, &usdt.contract), None, "a contract is one chain's");
        assert_eq!(tokens.version().len(), 64);
    }

    #[test]
    fn every_address_carries_its_checksum_and_stands_once_on_its_chain() {
        let file: File = toml::from_str(SHIPPED).unwrap();
        let mut seen = std::collections::BTreeSet::new();
        for line in &file.token {
            let form = line.chain.account().unwrap().form;
            let contract = form.parse(&line.contract).unwrap();
            assert_eq!(form.text(&contract), line.contract, "checksum of {} on {}", line.symbol, line.chain);
            assert!(seen.insert((line.chain, contract)), "{} on {} stands twice", line.symbol, line.chain);
        }
        assert_eq!(seen.len(), Tokens::shipped().iter().count());
    }

    #[test]
    fn a_registry_that_cannot_be_right_is_refused_with_the_token() {
        let token = |chain: &str, symbol: &str, contract: &str, more: &str| {
            format!(
                "[[token]]\nchain = \"{chain}\"\nsymbol = \"{symbol}\"\ncontract = \"{contract}\"\ndecimals = 6\n{more}\n"
            )
        };
        let good = token("ethereum", "USDT", "0xdAC17F958D2ee523a2206206994597C13D831ec7", "");
        assert_eq!(Tokens::parse(&good).unwrap().iter().count(), 1);
        let why = |text: &str| Tokens::parse(text).unwrap_err().to_string();
        for (bad, said) in [
            (good.clone() + &good, "token 2 (USDT): its contract or symbol stands twice"),
            (token("ethereum", "USDT", "0xdAC17F958D2ee523a2206206994597C13D831eC7", ""), "token 1 (USDT)"),
            (token("ethereum", "USDT", "0xdac17f958d2ee523a2206206994597c13d831ec7", ""), "with its checksum"),
            (token("tron", "USDT", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u", ""), "token 1 (USDT)"),
            (token("bitcoin", "USDT", "0xdAC17F958D2ee523a2206206994597C13D831ec7", ""), "no chain of accounts"),
            (token("ethereum", "USDТ", "0xdAC17F958D2ee523a2206206994597C13D831ec7", ""), "letters, digits"),
            (token("ethereum", "USDT", "0xdAC17F958D2ee523a2206206994597C13D831ec7", "price = \"EURO\""), "no asset"),
            (
                token("ethereum", "WETH", "0xdAC17F958D2ee523a2206206994597C13D831ec7", "wrapped_coin = true"),
                "priced as ETH",
            ),
            (token("ethereum", "USDT", "0xdAC17F958D2ee523a2206206994597C13D831ec7", "colour = 1"), "colour"),
            (String::new(), "token"),
        ] {
            assert!(why(&bad).contains(said), "{bad}: {}", why(&bad));
        }
    }
}
