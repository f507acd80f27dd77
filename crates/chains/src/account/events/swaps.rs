//! Trades that pools tell of.
//!
//! Sources: `UniswapV2Pair.sol`, `UniswapV3Pool.sol`, `PancakeV3Pool.sol` (with the protocol's fees at the end), the pools
//! of Curve in Vyper (numbers of coins are `int128` in older ones and `uint256` in those for volatile coins), Uniswap's
//! `IPoolManager.sol` (v4), Balancer's `IVault.sol` (v2). Pools that copy them (SushiSwap, PancakeSwap v2, QuickSwap, SunSwap v2 ...) tell the same.

use super::words::address;
use crate::account::raw::RawLog;
use athar_types::account::EventKind;

/// A form of trade: topics after the signature, and words of data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Swap {
    indexed: usize,
    words: usize,
    /// How many of the topics, from the first, are addresses.
    addresses: Addresses,
}

/// Which topics are addresses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Addresses {
    All,
    AllButFirst,
}

const fn form(indexed: usize, words: usize) -> Swap {
    Swap { indexed, words, addresses: Addresses::All }
}

/// With the id of a pool as the first indexed field.
const fn with_id(indexed: usize, words: usize) -> Swap {
    Swap { indexed, words, addresses: Addresses::AllButFirst }
}

/// Signatures.
pub(super) const EVENTS: [(&str, Swap); 8] = [
    // Uniswap v2: sender, amounts in and out of both tokens, receiver
    ("Swap(address,uint256,uint256,uint256,uint256,address)", form(2, 4)),
    // Uniswap v3: sender, receiver, amounts, price, liquidity, tick
    ("Swap(address,address,int256,int256,uint160,uint128,int24)", form(2, 5)),
    // PancakeSwap v3: the same and two fees
    ("Swap(address,address,int256,int256,uint160,uint128,int24,uint128,uint128)", form(2, 7)),
    // Curve: buyer, coin sold, amount, coin bought, amount
    ("TokenExchange(address,int128,uint256,int128,uint256)", form(1, 4)),
    ("TokenExchange(address,uint256,uint256,uint256,uint256)", form(1, 4)),
    // its newer pools for volatile coins: the same, fee and prices
    ("TokenExchange(address,uint256,uint256,uint256,uint256,uint256,uint256)", form(1, 6)),
    // Uniswap v4: pool's id, sender, amounts, price, liquidity, tick, fee; one contract holds the assets of every pool
    ("Swap(bytes32,address,int128,int128,uint160,uint128,int24,uint24)", with_id(2, 6)),
    // Balancer v2's vault, which does as well: pool's id, token in, token out, amounts
    ("Swap(bytes32,address,address,uint256,uint256)", with_id(3, 2)),
];

/// The trade. Its pool is the contract that wrote the log, which is the one that holds the assets.
pub(super) fn read(event: Swap, log: &RawLog) -> Option<EventKind> {
    if log.topics.len() != event.indexed + 1 || log.data.len() != event.words * 32 {
        return None;
    }
    let skip = match event.addresses {
        Addresses::All => 1,
        Addresses::AllButFirst => 2,
    };
    let is_address = log.topics.iter().skip(skip).all(|word| address(word).is_some());
    is_address.then_some(EventKind::Swap { pool: log.address })
}
