//! Blocks of Tron's HTTP API: what each type of contract becomes, and that nothing panics.
use athar_chains::account::raw::{RawBlock, RawCall, RawCallKind};
use athar_chains::account::{AccountError, tron};
use athar_types::account::{AccountBytes, U256};
use proptest::prelude::*;
use serde_json::{Value, json};

const OWNER: &str = "410000000000000000000000000000000000000001";
const OTHER: &str = "410000000000000000000000000000000000000002";

fn account(n: u8) -> AccountBytes {
    let mut bytes = [0; 20];
    bytes[19] = n;
    bytes
}

fn hash(n: u64) -> String {
    format!("{n:064x}")
}

/// A block of these contracts, each with what its information says beyond the least.
fn texts(contracts: &[(&str, Value, Value)]) -> (Value, Value) {
    let number = 50_000_000_u64;
    let mut txs = Vec::new();
    let mut infos = Vec::new();
    for (at, (kind, value, more)) in contracts.iter().enumerate() {
        let mut value = value.clone();
        value["owner_address"] = json!(OWNER);
        txs.push(json!({
            "txID": hash(at as u64 + 1),
            "ret": [{"contractRet": more.get("ret").unwrap_or(&json!("SUCCESS"))}],
            "signature": ["00"],
            "raw_data": {"contract": [{
                "type": kind,
                "parameter": {"value": value, "type_url": format!("type.googleapis.com/protocol.{kind}")},
            }], "ref_block_bytes": "0001", "timestamp": 1},
            "raw_data_hex": "0a",
        }));
        let mut info = json!({
            "id": hash(at as u64 + 1), "blockNumber": number, "blockTimeStamp": 1_680_000_003_000_u64,
            "contractResult": [""], "receipt": {"net_usage": 268},
        });
        for (name, field) in more.as_object().unwrap().iter().filter(|(name, _)| *name != "ret") {
            info[name] = field.clone();
        }
        infos.push(info);
    }
    let block = json!({
        "blockID": format!("{number:016x}{:048x}", 7),
        "block_header": {
            "raw_data": {
                "number": number, "txTrieRoot": hash(9), "witness_address": OTHER,
                "parentHash": format!("{:016x}{:048x}", number - 1, 6), "version": 27, "timestamp": 1_680_000_003_000_u64,
            },
            "witness_signature": "00",
        },
        "transactions": txs,
    });
    (block, Value::Array(infos))
}

fn read(contracts: &[(&str, Value, Value)]) -> (RawBlock, u64) {
    let (block, infos) = texts(contracts);
    let (block, told) = tron::block(&block.to_string(), Some(&infos.to_string())).unwrap();
    (block, told.not_told)
}

/// What one contract becomes, without the block around it.
fn one(kind: &str, value: Value, more: Value) -> (RawBlock, u64) {
    let read = read(&[(kind, value, more)]);
    assert_eq!(read.0.txs.len(), 1);
    read
}

fn calls(block: &RawBlock) -> Vec<(RawCallKind, Option<u8>, Option<u8>, u64)> {
    let last = |account: Option<AccountBytes>| account.map(|account| account[19]);
    let of = |call: &RawCall| (call.kind, last(call.from), last(call.to), call.value.to::<u64>());
    block.calls.as_ref().unwrap().iter().map(of).collect()
}

#[test]
fn a_block_says_what_it_is() {
    let (block, _) = read(&[]);
    assert_eq!((block.number, block.time, block.producer), (50_000_000, 1_680_000_003, account(2)));
    assert_eq!((block.hash[31], block.parent[31]), (7, 6));
    assert_eq!(block.parent[..8], 49_999_999_u64.to_be_bytes());
}

/// A block of the Nile network as the API's answer is shown in public: <https://nile.trongrid.io/wallet/getnowblock>.
#[test]
fn a_published_block_is_read() {
    let text = r#"{"blockID":"000000000326c641ee5f2819cdaccd67a616195ea214a4c352a4bfa47d61e1c8","block_header":{"raw_data":{"number":52872769,"txTrieRoot":"0000000000000000000000000000000000000000000000000000000000000000","witness_address":"4150d3765e4e670727ebac9d5b598f74b75a3d54a7","parentHash":"000000000326c640639ec37b4f981df3dd768e926305bd0ddb2b91e759fa2fda","version":30,"timestamp":1734518928000},"witness_signature":"1d2d3256479d3c813282e0f92d6b37e50ef9e3382a82d992e50d09cda059b2623a49b5134ba40fc976ee60b63bae8bd940dadff04c132094e7bc12c7e543dc1701"}}"#;
    let (block, told) = tron::block(text, None).unwrap();
    assert_eq!((block.number, block.time, block.txs.len()), (52_872_769, 1_734_518_928, 0));
    assert_eq!(block.producer[..4], [0x50, 0xd3, 0x76, 0x5e]);
    assert_eq!(told, tron::TronTold::default());
}

#[test]
fn coins_and_tokens_are_the_value_of_a_transaction() {
    let (block, told) = one("TransferContract", json!({"to_address": OTHER, "amount": 5}), json!({"fee": 1_100_000}));
    let tx = &block.txs[0];
    assert_eq!((tx.from, tx.to, tx.value), (account(1), Some(account(2)), U256::from(5)));
    let receipt = tx.receipt.as_ref().unwrap();
    assert_eq!((receipt.status, receipt.fee), (Some(true), Some(U256::from(1_100_000))));
    assert_eq!(told, 0);

    // `visible`: Base58Check, and names as they stand
    let visible = json!({"to_address": "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "amount": 7, "asset_name": "1002000"});
    let (block, told) = one("TransferAssetContract", visible, json!({}));
    assert_eq!((block.txs[0].trc10, block.txs[0].value, told), (Some((1_002_000, U256::from(7))), U256::ZERO, 0));
    assert_eq!(block.txs[0].to.unwrap()[0], 0xa6);
    let hex = json!({"to_address": OTHER, "amount": 7, "asset_name": "31303032303030"});
    assert_eq!(one("TransferAssetContract", hex, json!({})).0.txs[0].trc10, Some((1_002_000, U256::from(7))));
    // before tokens had numbers they went by names, which two tokens may share
    let named = json!({"to_address": OTHER, "amount": 7, "asset_name": "53454544"});
    let (block, told) = one("TransferAssetContract", named, json!({}));
    assert_eq!((block.txs[0].trc10, told), (None, 1));
}

#[test]
fn calls_of_contracts_carry_logs_and_calls_inside() {
    let usdt = "41a614f803b6fd780986a42c78ec9c7f77e6ded13c";
    let topic = "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
    let value = json!({"contract_address": usdt, "data": "a9059cbb00", "call_value": 3, "call_token_value": 4, "token_id": 1_000_001});
    let log = json!([{"address": &usdt[2..], "topics": [topic, hash(1), hash(2)], "data": hash(1_000_000)}]);
    let inside = json!([
        {"hash": "00", "caller_address": OWNER, "transferTo_address": OTHER, "callValueInfo": [{"callValue": 9}], "note": "63616c6c"},
        {"hash": "00", "caller_address": OWNER, "transferTo_address": OTHER, "callValueInfo": [{"callValue": 2, "tokenId": "1000001"}, {}], "note": "63616c6c"},
        {"hash": "00", "caller_address": OWNER, "transferTo_address": OTHER, "callValueInfo": [{"callValue": 8}], "note": "63616c6c", "rejected": true},
        {"hash": "00", "caller_address": OWNER, "transferTo_address": OTHER, "callValueInfo": [{"callValue": 6}], "note": "73756963696465"},
    ]);
    let more = json!({"log": log, "internal_transactions": inside, "contract_address": usdt, "receipt": {"energy_usage_total": 13_000}});
    let (block, _) = one("TriggerSmartContract", value, more);
    let tx = &block.txs[0];
    assert_eq!((tx.value, tx.selector), (U256::from(3), Some([0xa9, 5, 0x9c, 0xbb])));
    assert_eq!(tx.trc10, Some((1_000_001, U256::from(4))));
    let receipt = tx.receipt.as_ref().unwrap();
    assert_eq!((receipt.created, receipt.gas_used), (None, 13_000));
    let log = &receipt.logs[0];
    assert_eq!((log.address[0], log.topics.len(), log.index), (0xa6, 3, Some(0)));
    assert_eq!(U256::from_be_slice(&log.data), U256::from(1_000_000));
    let expected = [
        (RawCallKind::Call, Some(1), Some(2), 9),
        (RawCallKind::Call, Some(1), Some(2), 2),
        (RawCallKind::Call, Some(1), Some(2), 8),
        (RawCallKind::SelfDestruct, Some(1), Some(2), 6),
    ];
    assert_eq!(calls(&block), expected);
    let all = block.calls.unwrap();
    assert_eq!(all.iter().map(|call| call.trc10).collect::<Vec<_>>(), [None, Some(1_000_001), None, None]);
    assert_eq!(all.iter().map(|call| call.is_reverted).collect::<Vec<_>>(), [false, false, true, false]);

    let (block, _) =
        one("CreateSmartContract", json!({"new_contract": {"call_value": 12}}), json!({"contract_address": usdt}));
    let tx = &block.txs[0];
    assert_eq!((tx.to, tx.value), (None, U256::from(12)));
    assert_eq!(tx.receipt.as_ref().unwrap().created.unwrap()[0], 0xa6);

    let failed = json!({"ret": "OUT_OF_ENERGY", "result": "FAILED", "fee": 77});
    let (block, _) = one("TriggerSmartContract", json!({"contract_address": usdt, "call_value": 3}), failed);
    assert_eq!(block.txs[0].receipt.as_ref().unwrap().status, Some(false));
    assert_eq!(block.txs[0].receipt.as_ref().unwrap().fee, Some(U256::from(77)));
}

#[test]
fn stakes_leave_the_balance_and_come_back() {
    use RawCallKind::{Reward, Stake};
    let (block, _) = one("FreezeBalanceV2Contract", json!({"frozen_balance": 50, "resource": "ENERGY"}), json!({}));
    assert_eq!(calls(&block), [(Stake, Some(1), None, 50)]);
    assert_eq!((block.txs[0].to, block.txs[0].value, block.delegations.len()), (None, U256::ZERO, 0));
    // under Stake 2.0 what is unfrozen waits; what is due comes back with it
    let (block, _) =
        one("UnfreezeBalanceV2Contract", json!({"unfreeze_balance": 50}), json!({"withdraw_expire_amount": 30}));
    assert_eq!(calls(&block), [(Stake, None, Some(1), 30)]);
    let (block, _) = one("WithdrawExpireUnfreezeContract", json!({}), json!({"withdraw_expire_amount": 50}));
    assert_eq!(calls(&block), [(Stake, None, Some(1), 50)]);
    let (block, _) = one("WithdrawBalanceContract", json!({}), json!({"withdraw_amount": 8}));
    assert_eq!(calls(&block), [(Reward, None, Some(1), 8)]);
    // Stake 1.0, for another account
    let (block, _) = one("FreezeBalanceContract", json!({"frozen_balance": 50, "receiver_address": OTHER}), json!({}));
    assert_eq!(calls(&block), [(Stake, Some(1), None, 50)]);
    let lent = block.delegations[0];
    assert_eq!((lent.from, lent.to, lent.amount, lent.is_given), (account(1), account(2), U256::from(50), true));
    let (block, _) = one("UnfreezeBalanceContract", json!({"receiver_address": OTHER}), json!({"unfreeze_amount": 50}));
    assert_eq!(calls(&block), [(Stake, None, Some(1), 50)]);
    assert_eq!((block.delegations[0].amount, block.delegations[0].is_given), (U256::from(50), false));
}

#[test]
fn lending_moves_nothing_and_is_told() {
    for (kind, is_given) in [("DelegateResourceContract", true), ("UnDelegateResourceContract", false)] {
        let (block, told) =
            one(kind, json!({"balance": 40, "receiver_address": OTHER, "resource": "ENERGY"}), json!({}));
        assert!(calls(&block).is_empty() && told == 0);
        let lent = block.delegations[0];
        assert_eq!((lent.tx, lent.from, lent.to), (0, account(1), account(2)));
        assert_eq!((lent.amount, lent.is_given), (U256::from(40), is_given));
    }
    let failed = json!({"balance": 40, "receiver_address": OTHER});
    assert!(one("DelegateResourceContract", failed, json!({"ret": "REVERT"})).0.delegations.is_empty());
}

#[test]
fn contracts_stake_and_lend_as_well() {
    let internal = |note: &str, value: u64, rejected: bool| {
        let note: String = note.bytes().map(|b| format!("{b:02x}")).collect();
        json!({"hash": "00", "caller_address": OWNER, "transferTo_address": OTHER, "callValueInfo": [{"callValue": value}], "note": note, "rejected": rejected})
    };
    let inside = json!([
        internal("freezeBalanceV2ForEnergy", 1, false),
        internal("unfreezeBalanceV2ForEnergy", 2, false),
        internal("withdrawExpireUnfreeze", 3, false),
        internal("delegateResourceOfEnergy", 4, false),
        internal("unDelegateResourceOfBandwidth", 5, false),
        internal("delegateResourceOfEnergy", 6, true),
        internal("withdrawReward", 7, false),
        internal("voteWitness", 8, false),
    ]);
    let value = json!({"contract_address": OTHER});
    let (block, told) = one("TriggerSmartContract", value, json!({"internal_transactions": inside}));
    use RawCallKind::{Reward, Stake};
    let expected = [(Stake, Some(1), None, 1), (Stake, None, Some(1), 3), (Reward, None, Some(1), 7)];
    assert_eq!((calls(&block), told), (expected.to_vec(), 0));
    let lent: Vec<_> = block.delegations.iter().map(|lent| (lent.amount.to::<u64>(), lent.is_given)).collect();
    assert_eq!(lent, [(4, true), (5, false)]);
}

#[test]
fn what_is_not_told_in_full_is_counted() {
    let (block, told) =
        one("ExchangeTransactionContract", json!({"exchange_id": 1, "token_id": "5f", "quant": 9}), json!({}));
    assert_eq!((calls(&block), told), (vec![(RawCallKind::Stake, Some(1), None, 9)], 1));
    assert_eq!(one("SomethingNewContract", json!({}), json!({})).1, 1);
    assert_eq!(one("VoteWitnessContract", json!({"votes": [{"vote_count": 3}]}), json!({})).1, 0);
}

#[test]
fn answers_that_do_not_belong_together_are_refused() {
    let (block, infos) = texts(&[("TransferContract", json!({"to_address": OTHER, "amount": 5}), json!({}))]);
    let read = |block: &Value, infos: &Value| tron::block(&block.to_string(), Some(&infos.to_string()));
    assert!(read(&block, &infos).is_ok());
    let is_block = |result: Result<_, _>| matches!(result, Err(AccountError::Block { block: 50_000_000, .. }));
    assert!(is_block(read(&block, &json!([])).map(|_| ())));
    let mut other = infos.clone();
    other[0]["id"] = json!(hash(99));
    assert!(is_block(read(&block, &other).map(|_| ())));
    let mut other = infos.clone();
    other[0]["blockNumber"] = json!(1);
    assert!(is_block(read(&block, &other).map(|_| ())));
    let mut other = block.clone();
    other["blockID"] = json!(hash(3));
    assert!(is_block(read(&other, &infos).map(|_| ())));
    let mut other = block.clone();
    other["transactions"][0]["raw_data"]["contract"] = json!([]);
    assert!(is_block(read(&other, &infos).map(|_| ())));
    for (pointer, value) in [
        ("/transactions/0/raw_data/contract/0/parameter/value/amount", json!(-5)),
        ("/transactions/0/raw_data/contract/0/parameter/value/to_address", json!("42")),
        ("/transactions/0/txID", json!("zz")),
        ("/block_header/raw_data/number", json!("5")),
    ] {
        let mut other = block.clone();
        *other.pointer_mut(pointer).unwrap() = value;
        assert!(matches!(read(&other, &infos), Err(AccountError::Json { .. })), "{pointer}");
    }
    // without information the status is known and the fee is not
    let (alone, _) = tron::block(&block.to_string(), None).unwrap();
    let receipt = alone.txs[0].receipt.as_ref().unwrap();
    assert_eq!((receipt.status, receipt.fee), (Some(true), None));
}

proptest! {
    #[test]
    fn damage_never_panics(at in any::<prop::sample::Index>(), with in any::<u8>(), cut in any::<bool>(), infos in any::<bool>()) {
        let more = json!({"internal_transactions": [{"caller_address": OWNER, "callValueInfo": [{"callValue": 9}], "note": "63616c6c"}]});
        let (block, info) = texts(&[
            ("TransferContract", json!({"to_address": OTHER, "amount": 5}), json!({})),
            ("TriggerSmartContract", json!({"contract_address": OTHER, "data": "a9059cbb"}), more),
        ]);
        let (mut block, mut info) = (block.to_string().into_bytes(), info.to_string().into_bytes());
        let text = if infos { &mut info } else { &mut block };
        let at = at.index(text.len());
        text[at] = with;
        if cut { text.truncate(at); }
        let (block, info) = (String::from_utf8_lossy(&block), String::from_utf8_lossy(&info));
        let _ = tron::block(&block, Some(&info));
    }
}
