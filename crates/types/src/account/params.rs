//! What distinguishes one chain of accounts from another.
//!
//! Sources: chain ids as registered by EIP-155 (`ethereum-lists/chains`), genesis hashes as every explorer of the chain
//! shows them, Tron's from `java-tron`.

use crate::address::{evm_text, parse_evm, parse_tron, tron_text};
use crate::{AddressError, Asset, Chain};

/// How 20 bytes are written as an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AddressForm {
    /// `0x` and hexadecimal digits, with the checksum of EIP-55 in their case.
    Evm,
    /// Base58Check from `T`.
    Tron,
}

impl AddressForm {
    /// The canonical text.
    pub fn text(self, account: &[u8; 20]) -> String {
        match self {
            Self::Evm => evm_text(account),
            Self::Tron => tron_text(account),
        }
    }

    /// Reads a text in this form.
    pub fn parse(self, text: &str) -> Result<[u8; 20], AddressError> {
        match self {
            Self::Evm => parse_evm(text),
            Self::Tron => parse_tron(text),
        }
    }
}

/// The parameters of a chain of accounts.
#[derive(Debug, PartialEq, Eq)]
pub struct AccountParams {
    /// The chain.
    pub chain: Chain,
    /// What its main network's nodes answer to `eth_chainId`. Another id is a test network.
    pub chain_id: u64,
    /// The coin that fees are paid in.
    pub coin: Asset,
    /// Its decimals: 18, or 6 on Tron.
    pub decimals: u8,
    /// How addresses are written.
    pub form: AddressForm,
    /// Blocks after which the chain's own rules, or every exchange, hold a block for final. What is younger can go.
    pub final_after: u32,
}

const BASE: AccountParams = AccountParams {
    chain: Chain::Ethereum,
    chain_id: 1,
    coin: Asset::Eth,
    decimals: 18,
    form: AddressForm::Evm,
    final_after: 64,
};

impl AccountParams {
    /// The parameters of `chain`; `None` where it is no chain of accounts that the ledger can hold.
    pub const fn of(chain: Chain) -> Option<&'static Self> {
        Some(match chain {
            Chain::Ethereum => &BASE,
            Chain::EthereumClassic => {
                &Self { chain: Chain::EthereumClassic, chain_id: 61, coin: Asset::Etc, final_after: 10_000, ..BASE }
            }
            Chain::BinanceSmartChain => {
                &Self { chain: Chain::BinanceSmartChain, chain_id: 56, coin: Asset::Bnb, ..BASE }
            }
            Chain::Arbitrum => &Self { chain: Chain::Arbitrum, chain_id: 42_161, ..BASE },
            Chain::Polygon => {
                &Self { chain: Chain::Polygon, chain_id: 137, coin: Asset::Pol, final_after: 256, ..BASE }
            }
            Chain::Tron => &Self {
                chain: Chain::Tron,
                chain_id: 728_126_428,
                coin: Asset::Trx,
                decimals: 6,
                form: AddressForm::Tron,
                // confirmed by 19 of the 27 block producers
                final_after: 19,
            },
            _ => return None,
        })
    }

    /// The chain whose main network has that id.
    pub fn of_chain_id(id: u64) -> Option<&'static Self> {
        Chain::ACCOUNT_LEDGERS.into_iter().filter_map(Self::of).find(|params| params.chain_id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chain_of_accounts_has_parameters_that_agree_with_its_coin() {
        for chain in Chain::ALL {
            let params = AccountParams::of(chain);
            assert_eq!(params.is_some(), Chain::ACCOUNT_LEDGERS.contains(&chain), "{chain}");
            let Some(params) = params else { continue };
            assert_eq!(params.chain, chain);
            assert_eq!(params.coin, Asset::coin_of(chain));
            assert_eq!(params.coin.coin_decimals(), Some(u32::from(params.decimals)));
            assert_eq!(AccountParams::of_chain_id(params.chain_id), Some(params));
            let text = params.form.text(&[7; 20]);
            assert_eq!(params.form.parse(&text), Ok([7; 20]));
        }
    }
}
