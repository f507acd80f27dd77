//! Real blocks of Ethereum, and the transfers of USDT that another program found in them.
//!
//! The dump is parsed here by the least that it takes, apart from the readers that the program itself uses.
use crate::support;

use athar_chains::account::raw::{RawBlock, RawCall, RawCallKind, RawLog, RawReceipt, RawTx};
use athar_chains::account::{Tokens, rows};
use athar_types::Chain;
use athar_types::account::{AccountBlock, AccountBytes, AssetKey, EventKind, TransferKind, TxStatus, U256};
use base64::Engine;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use support::shared;

const FOLDER: &str = "ethereum/eth-tokens-15000000";
const USDT: &str = "dac17f958d2ee523a2206206994597c13d831ec7";

type Record = HashMap<String, String>;

fn csv(path: &Path) -> Vec<Record> {
    let text = String::from_utf8(shared::read(path)).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let record = |line: &str| -> Record {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells.len(), names.len(), "{line}");
        names.iter().zip(cells).map(|(name, cell)| ((*name).to_string(), cell.to_string())).collect()
    };
    lines.filter(|line| !line.is_empty()).map(record).collect()
}

fn json_lines(path: &Path) -> Vec<Value> {
    let text = String::from_utf8(shared::read(path)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Lines of JSON whose numbers are beyond 64 bits.
fn exact_lines(path: &Path) -> Vec<HashMap<String, Box<RawValue>>> {
    let text = String::from_utf8(shared::read(path)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// An amount of coin of the reference.
fn coin(value: &RawValue) -> U256 {
    let fields: HashMap<String, Box<RawValue>> = serde_json::from_str(value.get()).unwrap();
    fields["value"].get().parse().unwrap()
}

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text.strip_prefix("0x").unwrap_or(text)).unwrap()
}

fn fixed<const N: usize>(text: &str) -> [u8; N] {
    bytes(text).try_into().unwrap()
}

fn account(text: &str) -> Option<AccountBytes> {
    (!text.is_empty()).then(|| fixed(text))
}

/// Some amounts of the dump are written as `199e17`.
fn amount(text: &str) -> U256 {
    let (digits, zeros) = text.split_once('e').unwrap_or((text, "0"));
    digits.parse::<U256>().unwrap() * U256::from(10).pow(zeros.parse().unwrap())
}

/// The blocks, and for each the ranks on the chain of its transactions.
///
/// Most transactions are known by their logs and calls alone: 326 of 1,092 are in the dump. Those that only calls name
/// have no rank; they stand last.
struct Dump {
    blocks: BTreeMap<u64, RawBlock>,
    ranks: BTreeMap<u64, Vec<u64>>,
}

const NO_RANK: u64 = 1 << 32;

fn dump(folder: &Path) -> Dump {
    let mut blocks: BTreeMap<u64, RawBlock> = BTreeMap::new();
    for record in csv(&folder.join("blocks.csv")) {
        let number = record["blockId"].parse().unwrap();
        let block = RawBlock {
            number,
            hash: fixed(&record["blockHash"]),
            parent: fixed(&record["parentHash"]),
            time: record["timestamp"].parse().unwrap(),
            producer: fixed(&record["miner"]),
            base_fee: (!record["baseFeePerGas"].is_empty()).then(|| amount(&record["baseFeePerGas"])),
            calls: Some(Vec::new()),
            ..RawBlock::default()
        };
        assert_eq!(blocks.insert(number, block), None, "a block is there once");
    }
    let mut txs: BTreeMap<(u64, u64), RawTx> = BTreeMap::new();
    for record in csv(&folder.join("transactions.csv")) {
        // six were put into the dump by hand: they name another block's hash
        if fixed(&record["blockHash"]) != blocks[&record["blockId"].parse().unwrap()].hash {
            continue;
        }
        let input = bytes(&record["input"]);
        let tx = RawTx {
            hash: fixed(&record["txHash"]),
            from: fixed(&record["fromAddress"]),
            to: account(&record["toAddress"]),
            value: amount(&record["value"]),
            selector: input.first_chunk().copied(),
            gas_price: amount(&record["gasPrice"]),
            receipt: Some(RawReceipt { gas_used: record["receiptGasUsed"].parse().unwrap(), ..RawReceipt::default() }),
            trc10: None,
        };
        let place = (record["blockId"].parse().unwrap(), record["transactionIndex"].parse().unwrap());
        assert_eq!(txs.insert(place, tx), None);
    }
    let known = |hash| RawTx { hash, receipt: Some(RawReceipt::default()), ..RawTx::default() };
    for log in json_lines(&folder.join("logs.json")) {
        let place = (log["blockId"].as_u64().unwrap(), log["transactionIndex"].as_u64().unwrap());
        txs.entry(place).or_insert_with(|| known(fixed(log["txHash"].as_str().unwrap())));
    }
    let mut hashes: BTreeSet<[u8; 32]> = txs.values().map(|tx| tx.hash).collect();
    for record in csv(&folder.join("traces.csv")).iter().filter(|r| !r["txHash"].is_empty()) {
        let hash = fixed(&record["txHash"]);
        if hashes.insert(hash) {
            txs.insert((record["blockId"].parse().unwrap(), NO_RANK + hashes.len() as u64), known(hash));
        }
    }
    let mut ranks: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for ((block, rank), tx) in txs {
        ranks.entry(block).or_default().push(rank);
        blocks.get_mut(&block).unwrap().txs.push(tx);
    }
    let mut dump = Dump { blocks, ranks };
    logs(folder, &mut dump);
    calls(folder, &mut dump.blocks);
    dump
}

fn logs(folder: &Path, dump: &mut Dump) {
    for log in json_lines(&folder.join("logs.json")) {
        let block = log["blockId"].as_u64().unwrap();
        let rank = log["transactionIndex"].as_u64().unwrap();
        let place = dump.ranks[&block].binary_search(&rank).unwrap();
        let tx = &mut dump.blocks.get_mut(&block).unwrap().txs[place];
        assert_eq!(fixed(log["txHash"].as_str().unwrap()), tx.hash);
        let topics = log["topics"].as_array().unwrap().iter().map(|t| fixed(t.as_str().unwrap())).collect();
        tx.receipt.as_mut().unwrap().logs.push(RawLog {
            address: fixed(log["address"].as_str().unwrap()),
            topics,
            data: bytes(log["data"].as_str().unwrap()),
            index: Some(log["logIndex"].as_u64().unwrap() as u32),
        });
    }
    // the dump has them ordered by their first topic
    for tx in dump.blocks.values_mut().flat_map(|block| &mut block.txs) {
        tx.receipt.as_mut().unwrap().logs.sort_by_key(|log| log.index);
    }
}

fn calls(folder: &Path, blocks: &mut BTreeMap<u64, RawBlock>) {
    let mut records = csv(&folder.join("traces.csv"));
    records.sort_by_key(|r| (r["blockId"].parse::<u64>().unwrap(), r["traceIndex"].parse::<u64>().unwrap()));
    // what failed takes what is below it along: `call_HASH_0_2` is below `call_HASH_0`
    let place = |r: &Record| r["traceId"].split('_').skip(2).filter(|p| !p.is_empty()).map(str::to_string).collect();
    let failed: BTreeSet<(String, Vec<String>)> =
        records.iter().filter(|r| r["status"] == "0").map(|r| (r["txHash"].clone(), place(r))).collect();
    for record in records {
        let block = blocks.entry(record["blockId"].parse().unwrap()).or_default();
        let kind = match (record["traceId"].split('_').next().unwrap(), record["callType"].as_str()) {
            ("call", "call") => RawCallKind::Call,
            ("call", "delegatecall" | "staticcall" | "callcode") => continue,
            ("create", "") => RawCallKind::Create,
            ("reward", "") => RawCallKind::Reward,
            ("genesis", "") => RawCallKind::Genesis,
            other => panic!("{other:?}"),
        };
        let hash = (!record["txHash"].is_empty()).then(|| fixed(&record["txHash"]));
        let rank = hash.map(|hash| block.txs.iter().position(|tx| tx.hash == hash).unwrap() as u32);
        let at: Vec<String> = place(&record);
        let is_reverted = (0..=at.len()).any(|len| failed.contains(&(record["txHash"].clone(), at[..len].to_vec())));
        let (from, to, value) =
            (account(&record["fromAddress"]), account(&record["toAddress"]), amount(&record["value"]));
        let is_top = rank.is_some() && at.is_empty();
        if let Some(tx) = rank.map(|rank| &mut block.txs[rank as usize]).filter(|tx| is_top && tx.from == [0; 20]) {
            // all that is known of a transaction that is not in the dump itself
            (tx.from, tx.to, tx.value) = (from.unwrap(), to.filter(|_| kind == RawCallKind::Call), value);
        }
        block.calls.get_or_insert_default().push(RawCall {
            tx: rank,
            kind,
            is_top,
            from,
            to,
            value,
            trc10: None,
            is_reverted: rank.is_some() && is_reverted,
        });
    }
}

fn made(test: &str) -> Option<(std::path::PathBuf, Dump, Vec<AccountBlock>)> {
    let folder = shared::data(test)?.join(FOLDER);
    let dump = dump(&folder);
    let made =
        dump.blocks.values().map(|raw| rows(raw, Chain::Ethereum.account().unwrap(), Tokens::shipped()).unwrap());
    let made = made.collect();
    Some((folder, dump, made))
}

#[test]
fn the_143_transfers_of_usdt_are_found_and_no_other() {
    let Some((folder, dump, made)) = made("the_143_transfers_of_usdt_are_found_and_no_other") else { return };
    let usdt: AccountBytes = fixed(USDT);
    let base64 = |value: &Value| base64::engine::general_purpose::STANDARD.decode(value.as_str().unwrap()).unwrap();
    let mut expected: Vec<(u64, u64, u64, Vec<u8>, Vec<u8>, u64)> = Vec::new();
    for record in json_lines(&folder.join("reference/USDT_token_transfers.json")) {
        let n = |field: &str| record[field].as_u64().unwrap();
        assert_eq!(base64(&record["tokenAddress"]), usdt);
        let sides = (base64(&record["from"]), base64(&record["to"]));
        expected.push((n("blockId"), n("transactionIndex"), n("logIndex"), sides.0, sides.1, n("value")));
    }
    expected.sort();
    assert_eq!(expected.len(), 143);

    let transfer: [u8; 32] = fixed("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
    let mut got = Vec::new();
    for block in &made {
        // rows say no index of logs: those of one contract stand in the order of its logs
        let number = u64::from(block.number);
        let txs = dump.blocks[&number].txs.iter().enumerate();
        let logs = txs.flat_map(|(rank, tx)| tx.receipt.iter().flat_map(|r| &r.logs).map(move |log| (rank, log)));
        let mut logs = logs.filter(|(_, log)| log.address == usdt && log.topics[0] == transfer);
        for row in block.transfers.iter().filter(|row| row.asset == AssetKey::Token(usdt)) {
            assert_eq!(row.kind, TransferKind::Token);
            let (rank, log) = logs.next().unwrap();
            assert_eq!(row.tx, Some(rank as u32));
            let place = (number, dump.ranks[&number][rank], u64::from(log.index.unwrap()));
            let sides = (row.from.unwrap().to_vec(), row.to.unwrap().to_vec());
            got.push((place.0, place.1, place.2, sides.0, sides.1, u64::try_from(row.amount).unwrap()));
        }
        assert_eq!(logs.next(), None);
    }
    assert_eq!(got, expected);
}

#[test]
fn every_log_call_and_transaction_of_the_blocks_is_accounted_for() {
    let Some((_, Dump { blocks: raw, .. }, made)) =
        made("every_log_call_and_transaction_of_the_blocks_is_accounted_for")
    else {
        return;
    };
    let txs: usize = made.iter().map(|block| block.txs.len()).sum();
    let logs: usize = raw.values().flat_map(|b| &b.txs).map(|tx| tx.receipt.as_ref().unwrap().logs.len()).sum();
    assert_eq!((txs, logs), (1_092, 2_228));
    let of = |kind: TransferKind| made.iter().flat_map(|b| &b.transfers).filter(|t| t.kind == kind).count();
    assert_eq!((of(TransferKind::Genesis), of(TransferKind::Reward)), (5, 90));
    let failed = made.iter().flat_map(|b| &b.txs).filter(|tx| tx.status == TxStatus::Failed).count();
    let odd: u32 = made.iter().map(|b| b.odd_logs).sum();
    let contracts: BTreeSet<AccountBytes> = made
        .iter()
        .flat_map(|b| &b.events)
        .filter_map(|event| match event.kind {
            EventKind::Contract { account } => Some(account),
            _ => None,
        })
        .collect();
    assert_eq!((failed, odd), (42, 0));
    // 1,118 by the standards' own logs; 54 deposits into WETH and 44 withdrawals, of which it writes no Transfer
    let tokens = (of(TransferKind::Token), of(TransferKind::Mint), of(TransferKind::Burn));
    assert_eq!(tokens, (986, 123 + 54, 9 + 44));
    // who signs is no contract: the blocks are older than EIP-7702
    for tx in made.iter().flat_map(|block| &block.txs).filter(|tx| tx.from != [0; 20]) {
        assert!(!contracts.contains(&tx.from), "{}", hex::encode(tx.from));
    }
    // a failed transaction moves its fee alone
    for block in &made {
        for (rank, tx) in (0_u32..).zip(&block.txs) {
            let moved = block.transfers.iter().filter(|t| t.tx == Some(rank));
            if tx.status == TxStatus::Failed {
                assert!(moved.clone().all(|t| t.kind.is_fee()), "{}", hex::encode(tx.hash));
            }
            let fee: U256 = moved.filter(|t| t.kind.is_fee()).map(|t| t.amount).sum();
            let raw = &raw[&u64::from(block.number)].txs[rank as usize];
            // of the others no gas is known, and so no fee is told
            assert_eq!(fee, raw.gas_price * U256::from(raw.receipt.as_ref().unwrap().gas_used));
        }
    }
}

/// The other program counts the value that a delegate call is told with as moved once more, though it moves nothing: code
/// of another contract runs on the caller's own account. With those added, its sums are those of our rows, to the wei.
#[test]
fn sums_of_coin_by_account_and_by_pair_are_the_references_but_for_delegate_calls() {
    let test = "sums_of_coin_by_account_and_by_pair_are_the_references_but_for_delegate_calls";
    let Some((folder, _, made)) = made(test) else { return };
    let mut received: HashMap<AccountBytes, U256> = HashMap::new();
    let mut spent: HashMap<AccountBytes, U256> = HashMap::new();
    let mut pairs: HashMap<(AccountBytes, AccountBytes), U256> = HashMap::new();
    let mut add = |from: Option<AccountBytes>, to: Option<AccountBytes>, amount: U256| {
        if let Some(from) = from {
            *spent.entry(from).or_default() += amount;
        }
        if let Some(to) = to {
            *received.entry(to).or_default() += amount;
        }
        if let (Some(from), Some(to)) = (from, to) {
            *pairs.entry((from, to)).or_default() += amount;
        }
    };
    for row in made.iter().flat_map(|block| &block.transfers) {
        if row.asset == AssetKey::Native && !row.kind.is_fee() {
            add(row.from, row.to, row.amount);
        }
    }
    let mut delegated = 0;
    for record in csv(&folder.join("traces.csv")) {
        let value = amount(&record["value"]);
        if record["callType"] == "delegatecall" && record["status"] == "1" && value != U256::ZERO {
            add(account(&record["fromAddress"]), account(&record["toAddress"]), value);
            delegated += 1;
        }
    }
    assert_eq!(delegated, 126);

    let mut accounts: HashMap<u64, AccountBytes> = HashMap::new();
    for record in exact_lines(&folder.join("reference/addresses.json")) {
        let text: String = serde_json::from_str(record["address"].get()).unwrap();
        let account: AccountBytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap().try_into().unwrap();
        accounts.insert(record["addressId"].get().parse().unwrap(), account);
        let sum = |of: &HashMap<AccountBytes, U256>| of.get(&account).copied().unwrap_or_default();
        let expected = (coin(&record["totalReceived"]), coin(&record["totalSpent"]));
        assert_eq!((sum(&received), sum(&spent)), expected, "{}", hex::encode(account));
    }
    let mut compared = 0;
    for record in exact_lines(&folder.join("reference/address_relations.json")) {
        let side = |field: &str| accounts.get(&record[field].get().parse().unwrap()).copied();
        // the reference has the accounts of some relations only
        let (Some(from), Some(to)) = (side("srcAddressId"), side("dstAddressId")) else { continue };
        let sum = pairs.get(&(from, to)).copied().unwrap_or_default();
        assert_eq!(sum, coin(&record["value"]), "{} to {}", hex::encode(from), hex::encode(to));
        compared += 1;
    }
    assert_eq!((accounts.len(), compared), (782, 1_306));
}
