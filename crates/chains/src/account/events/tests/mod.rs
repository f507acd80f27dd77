//! Logs built here as contracts write them, and every way to get them slightly wrong.

mod cases;
mod passages;

use super::*;
use athar_types::account::{AccountBytes, EventKind, U256};
use proptest::prelude::*;
use sha3::{Digest, Keccak256};

/// A field of an event.
fn account(last: u8) -> [u8; 32] {
    let mut word = [0; 32];
    word[12..].fill(last);
    word
}

fn amount(n: u64) -> [u8; 32] {
    U256::from(n).to_be_bytes()
}

fn log(address: AccountBytes, signature: &str, indexed: &[[u8; 32]], data: &[[u8; 32]]) -> RawLog {
    let mut topics = vec![Keccak256::digest(signature).into()];
    topics.extend(indexed);
    RawLog { address, topics, data: data.concat(), index: None }
}

fn read(chain: Chain, log: &RawLog) -> Vec<EventKind> {
    let mut out = Vec::new();
    events(chain, 3, log, Tokens::shipped(), &mut out);
    assert!(out.iter().all(|row| row.tx == 3));
    out.into_iter().map(|row| row.kind).collect()
}

fn token(chain: Chain, symbol: &str) -> AccountBytes {
    Tokens::shipped().by_symbol(chain, symbol).unwrap().contract
}

#[test]
fn hashes_of_signatures_are_those_that_the_chains_have() {
    // facts of the chains, from any explorer
    for (text, topic) in [
        ("AddedBlackList(address)", "42e160154868087d6bfdc0ca23d96a1c1cfa32f1b72ba9ba27b69b98a0d819dc"),
        (
            "Swap(address,uint256,uint256,uint256,uint256,address)",
            "d78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822",
        ),
        (
            "Swap(address,address,int256,int256,uint160,uint128,int24)",
            "c42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67",
        ),
        (
            "Swap(address,address,int256,int256,uint160,uint128,int24,uint128,uint128)",
            "19b47279256b2a23a1665c810c8d55a1758940ee09377d4f8d26497a3577dc83",
        ),
        ("BlockReleased(address)", "665918c9e02eb2fd85acca3969cb054fc84c138e60ec4af22ab6ef2fd4c93c27"),
        ("DestroyedBlockedFunds(address,uint256)", "6a2859ae7902313752498feb80a014e6e7275fe964c79aa965db815db1c7f1e9"),
    ] {
        assert_eq!(hex::encode(signature::hash(text)), topic, "{text}");
    }
}

#[test]
fn freezes_are_read_in_both_forms_from_the_tokens_own_contract() {
    let frozen = [7; 20];
    for (chain, symbol, signature, is_frozen) in [
        (Chain::Ethereum, "USDT", "AddedBlackList(address)", true),
        (Chain::Ethereum, "USDT", "RemovedBlackList(address)", false),
        (Chain::Tron, "USDT", "AddedBlackList(address)", true),
        (Chain::Arbitrum, "USDT", "BlockPlaced(address)", true),
        (Chain::Polygon, "USDT", "BlockReleased(address)", false),
        (Chain::Ethereum, "USDC", "Blacklisted(address)", true),
        (Chain::Tron, "USDC", "UnBlacklisted(address)", false),
        (Chain::Ethereum, "BUSD", "AddressFrozen(address)", true),
        (Chain::Ethereum, "BUSD", "AddressUnfrozen(address)", false),
    ] {
        let contract = token(chain, symbol);
        let told = vec![EventKind::Freeze { token: contract, account: frozen, is_frozen }];
        assert_eq!(read(chain, &log(contract, signature, &[], &[account(7)])), told, "{signature}");
        assert_eq!(read(chain, &log(contract, signature, &[account(7)], &[])), told, "{signature}");
        assert_eq!(read(chain, &log([9; 20], signature, &[account(7)], &[])), [], "another contract");
        assert_eq!(read(Chain::EthereumClassic, &log(contract, signature, &[account(7)], &[])), [], "another chain");
        assert_eq!(read(chain, &log(contract, signature, &[], &[])), [], "no account");
        assert_eq!(read(chain, &log(contract, signature, &[account(7)], &[account(7)])), [], "too much data");
        assert_eq!(read(chain, &log(contract, signature, &[], &[[7; 32]])), [], "no address");
    }
    let dai = token(Chain::Ethereum, "DAI");
    assert_eq!(read(Chain::Ethereum, &log(dai, "AddedBlackList(address)", &[account(7)], &[])), []);
}

#[test]
fn destroyed_funds_are_read_with_their_amount() {
    let usdt = token(Chain::Ethereum, "USDT");
    let told = vec![EventKind::Destroyed { token: usdt, account: [7; 20], amount: U256::from(5) }];
    let signature = "DestroyedBlackFunds(address,uint256)";
    for (indexed, data) in [
        (&[][..], &[account(7), amount(5)][..]),
        (&[account(7)][..], &[amount(5)][..]),
        (&[account(7), amount(5)][..], &[][..]),
    ] {
        assert_eq!(read(Chain::Ethereum, &log(usdt, signature, indexed, data)), told);
    }
    assert_eq!(read(Chain::Ethereum, &log(usdt, signature, &[account(7)], &[])), []);
    let whole = log(usdt, signature, &[account(7)], &[[255; 32]]);
    assert!(matches!(read(Chain::Ethereum, &whole)[..], [EventKind::Destroyed { amount: U256::MAX, .. }]));
}

/// Signature, indexed fields and words of data of each trade.
const SWAPS: [(&str, usize, usize); 8] = [
    ("Swap(address,uint256,uint256,uint256,uint256,address)", 2, 4),
    ("Swap(address,address,int256,int256,uint160,uint128,int24)", 2, 5),
    ("Swap(address,address,int256,int256,uint160,uint128,int24,uint128,uint128)", 2, 7),
    ("TokenExchange(address,int128,uint256,int128,uint256)", 1, 4),
    ("TokenExchange(address,uint256,uint256,uint256,uint256)", 1, 4),
    ("TokenExchange(address,uint256,uint256,uint256,uint256,uint256,uint256)", 1, 6),
    ("Swap(bytes32,address,int128,int128,uint160,uint128,int24,uint24)", 2, 6),
    ("Swap(bytes32,address,address,uint256,uint256)", 3, 2),
];

#[test]
fn trades_are_read_in_their_exact_form_only() {
    for (signature, indexed, words) in SWAPS {
        let pool = [4; 20];
        let right = log(pool, signature, &vec![account(1); indexed], &vec![amount(9); words]);
        for chain in [Chain::Ethereum, Chain::Tron, Chain::BinanceSmartChain] {
            assert_eq!(read(chain, &right), [EventKind::Swap { pool }], "{signature}");
        }
        for (topics, data) in [(indexed - 1, words), (indexed + 1, words), (indexed, words - 1), (indexed, words + 1)] {
            let wrong = log(pool, signature, &vec![account(1); topics], &vec![amount(9); data]);
            assert_eq!(read(Chain::Ethereum, &wrong), [], "{signature} with {topics} topics and {data} words");
        }
        let mut cut = right.clone();
        cut.data.pop();
        assert_eq!(read(Chain::Ethereum, &cut), []);
        let mut odd = right.clone();
        *odd.topics.last_mut().unwrap() = [255; 32];
        assert_eq!(read(Chain::Ethereum, &odd), [], "{signature}: its last topic is no address");
    }
    let mut balancer = log([4; 20], SWAPS[7].0, &[[255; 32], account(1), account(2)], &[amount(1), amount(2)]);
    assert_eq!(read(Chain::Ethereum, &balancer).len(), 1, "a pool's id is any 32 bytes");
    balancer.topics.clear();
    assert_eq!(read(Chain::Ethereum, &balancer), []);
}

/// Logs that are nearly right: known signatures and contracts with any topics and data.
fn any_log() -> impl Strategy<Value = RawLog> {
    let own = freezes::EVENTS.iter().map(|(text, _)| *text).chain(swaps::EVENTS.iter().map(|(text, _)| *text));
    let passages = bridges::Bridges::shipped().forms().map(|(topic, _)| topic);
    let known: Vec<[u8; 32]> = own.map(signature::hash).chain(passages).collect();
    let sites = bridges::Bridges::shipped().sites().map(|site| site.contract);
    let contracts: Vec<AccountBytes> = Tokens::shipped().iter().map(|token| token.contract).chain(sites).collect();
    let topic = prop_oneof![any::<[u8; 32]>(), any::<u8>().prop_map(account), any::<u64>().prop_map(amount)];
    let data = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..600),
        proptest::collection::vec(topic.clone(), 0..20).prop_map(|words| words.concat()),
    ];
    let first = prop_oneof![proptest::sample::select(known).prop_map(Some), any::<Option<[u8; 32]>>(),];
    let address = prop_oneof![proptest::sample::select(contracts), any::<AccountBytes>()];
    (address, first, proptest::collection::vec(topic, 0..5), data).prop_map(|(address, first, rest, data)| {
        let topics = first.into_iter().chain(rest).collect();
        RawLog { address, topics, data, index: None }
    })
}

proptest! {
    #[test]
    fn any_log_gives_at_most_one_event_of_its_own_contract(log in any_log(), chain in 0..Chain::ALL.len()) {
        let chain = Chain::ALL[chain];
        let told = read(chain, &log);
        prop_assert!(told.len() <= 1);
        match told.first() {
            Some(EventKind::Freeze { token, .. } | EventKind::Destroyed { token, .. }) => {
                prop_assert_eq!(token, &log.address);
                prop_assert!(Tokens::shipped().get(chain, token).is_some_and(|token| token.can_freeze));
            }
            Some(EventKind::Swap { pool }) => prop_assert_eq!(pool, &log.address),
            Some(EventKind::Bridge(event)) => {
                let sites = bridges::Bridges::shipped().sites();
                let of_log = sites.filter(|site| site.chain == chain && site.contract == log.address);
                prop_assert!(of_log.into_iter().any(|site| site.protocol == event.protocol));
                prop_assert!(event.contract == log.address || bridge_id(event.protocol) == Some("wormhole"));
            }
            Some(other) => prop_assert!(false, "{other:?}"),
            None => {}
        }
    }
}
