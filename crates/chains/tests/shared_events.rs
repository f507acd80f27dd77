//! Events of real mainnet blocks, held against the transfers and calls of the same transactions.
use crate::support;

use athar_chains::account::events::{bridge_id, events};
use athar_chains::account::raw::RawLog;
use athar_chains::account::tokens::Tokens;
use athar_types::account::{AccountBytes, EventKind, U256};
use athar_types::{Asset, Chain};
use std::collections::BTreeMap;
use std::path::Path;
use support::shared;

const BLOCKS: &str = "ethereum/eth-tokens-15000000";

/// `Transfer(address,address,uint256)`, as every explorer shows it.
const TRANSFER: &str = "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";

struct Log {
    tx: String,
    log: RawLog,
}

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text.trim_start_matches("0x")).unwrap()
}

fn logs(data: &Path) -> Vec<Log> {
    let text = String::from_utf8(shared::read(&data.join(BLOCKS).join("logs.json"))).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let word = |value: &serde_json::Value| -> [u8; 32] { bytes(value.as_str().unwrap()).try_into().unwrap() };
    let mut logs: Vec<(u64, u64, Log)> = lines
        .map(|line| {
            let log = RawLog {
                address: bytes(line["address"].as_str().unwrap()).try_into().unwrap(),
                topics: line["topics"].as_array().unwrap().iter().map(word).collect(),
                data: bytes(line["data"].as_str().unwrap()),
                index: None,
            };
            let tx = line["txHash"].as_str().unwrap().to_string();
            (line["blockId"].as_u64().unwrap(), line["logIndex"].as_u64().unwrap(), Log { tx, log })
        })
        .collect();
    logs.sort_by_key(|(block, index, _)| (*block, *index));
    logs.into_iter().map(|(.., log)| log).collect()
}

/// The two accounts of a token's transfer.
fn transfer(log: &RawLog) -> Option<(AccountBytes, AccountBytes)> {
    let [first, from, to, ..] = &log.topics[..] else { return None };
    (hex::encode(first) == TRANSFER).then(|| (from[12..].try_into().unwrap(), to[12..].try_into().unwrap()))
}

#[test]
fn pools_that_tell_of_a_trade_moved_tokens_in_the_same_transaction() {
    let Some(data) = shared::data("pools_that_tell_of_a_trade_moved_tokens_in_the_same_transaction") else { return };
    let logs = logs(&data);
    let mut moved: BTreeMap<&str, Vec<(AccountBytes, AccountBytes)>> = BTreeMap::new();
    for Log { tx, log } in &logs {
        moved.entry(tx).or_default().extend(transfer(log));
    }
    // a side can be ether itself: calls that carried some
    let calls = String::from_utf8(shared::read(&data.join(BLOCKS).join("traces.csv"))).unwrap();
    let calls: Vec<Vec<&str>> = calls.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let account = |text: &str| AccountBytes::try_from(bytes(text)).unwrap();
    let mut with_ether = moved.clone();
    for call in calls.iter().filter(|call| call[8] == "call" && call[6] != "0" && call[7] == "1") {
        with_ether.entry(call[9]).or_default().push((account(call[4]), account(call[5])));
    }
    let (mut swaps, mut in_tokens, mut locked) = (0, 0, Vec::new());
    for Log { tx, log } in &logs {
        let mut out = Vec::new();
        events(Chain::Ethereum, 0, log, Tokens::shipped(), &mut out);
        match out.first().map(|row| row.kind) {
            Some(EventKind::Swap { pool }) => {
                swaps += 1;
                let is_both = |sides: &[(AccountBytes, AccountBytes)]| {
                    sides.iter().any(|(_, to)| *to == pool) && sides.iter().any(|(from, _)| *from == pool)
                };
                assert!(is_both(&with_ether[tx.as_str()]), "{tx}: a trade has two sides");
                in_tokens += usize::from(is_both(&moved[tx.as_str()]));
            }
            Some(EventKind::Bridge(event)) => locked.push((tx.clone(), event)),
            None => {}
            Some(other) => panic!("{tx}: {other:?}"),
        }
    }
    eprintln!("{} logs: {swaps} trades, {in_tokens} of them of two tokens, {} passages", logs.len(), locked.len());
    // counted apart, by the topics of Uniswap's two versions alone
    let topics = [
        "d78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822",
        "c42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67",
    ];
    let uniswap = logs.iter().filter(|l| l.log.topics.first().is_some_and(|t| topics.contains(&&*hex::encode(t))));
    assert_eq!(uniswap.count(), 123);
    // the others are of Curve and Balancer; one is of a token and ether itself
    assert_eq!((swaps, in_tokens), (129, 128));

    // ether locked by Polygon's bridge: the calls of the same transaction carried it there
    assert_eq!(locked.len(), 6);
    for (tx, event) in locked {
        assert_eq!((bridge_id(event.protocol), event.is_out, event.far_chain), (Some("polygon-pos"), true, Some(137)));
        assert_eq!(event.message, None);
        assert_ne!(event.amount, U256::ZERO);
        let to = format!("0x{}", hex::encode(event.contract));
        let amount = event.amount.to_string();
        let is_it = |call: &Vec<&str>| call[9] == tx && call[5] == to && call[6] == amount && call[8] == "call";
        let is_carried = calls.iter().any(is_it);
        assert!(is_carried, "{tx}: {} of {to}", event.amount);
    }
}

#[test]
fn transfers_of_the_reference_are_of_the_verified_usdt() {
    let Some(data) = shared::data("transfers_of_the_reference_are_of_the_verified_usdt") else { return };
    let usdt = Tokens::shipped().by_symbol(Chain::Ethereum, "USDT").unwrap();
    assert_eq!(usdt.price, Some(Asset::Usdt));
    let of_usdt = logs(&data).iter().filter(|l| l.log.address == usdt.contract && transfer(&l.log).is_some()).count();
    let reference = shared::read(&data.join(BLOCKS).join("reference/USDT_token_transfers.json"));
    let reference = reference.split(|b| *b == b'\n').filter(|line| !line.is_empty()).count();
    assert_eq!((of_usdt, reference), (143, 143));
}
