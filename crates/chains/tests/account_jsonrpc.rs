//! Answers of nodes as rows, and answers that are no answers.
use athar_chains::account::jsonrpc::{block, debug_trace_block, logs, receipts, trace_block};
use athar_chains::account::raw::{RawBlock, RawCallKind, RawTx};
use athar_chains::account::{AccountError, Tokens, rows};
use athar_types::Chain;
use athar_types::account::{AccountBlock, AssetKey, EventKind, TransferKind, TxStatus, U256};
use proptest::prelude::*;
use serde_json::{Value, json};

fn account(n: u8) -> String {
    format!("0x{}", hex::encode([n; 20]))
}

fn hash(n: u8) -> String {
    format!("0x{}", hex::encode([n; 32]))
}

/// A block with two transactions: the first a call of contract 7 that sends on, the second failed.
fn block_text() -> Value {
    let tx = |rank: u8, from: u8, to: Value, value: &str| {
        json!({ "hash": hash(100 + rank), "from": account(from), "to": to, "value": value, "input": "0xa9059cbb00",
            "gasPrice": "0x5", "transactionIndex": format!("0x{rank:x}"), "blockHash": hash(2), "blockNumber": "0x10" })
    };
    json!({ "number": "0x10", "hash": hash(2), "parentHash": hash(1), "timestamp": "0x64", "miner": account(99),
        "baseFeePerGas": "0x2", "transactions": [tx(0, 1, json!(account(7)), "0x64"), tx(1, 2, json!(null), "0x1")],
        "withdrawals": [{ "address": account(5), "amount": "0x3", "index": "0x0", "validatorIndex": "0x0" }] })
}

fn receipts_text() -> Value {
    let word = |n: u8| format!("0x{}{}", "00".repeat(12), hex::encode([n; 20]));
    let transfer = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
    let amount = format!("0x{:064x}", 77);
    let log = |topics: Value, data: &str| {
        json!({ "address": account(50), "topics": topics, "data": data, "logIndex": "0x0", "blockNumber": "0x10",
            "blockHash": hash(2), "transactionHash": hash(100), "transactionIndex": "0x0" })
    };
    json!([
        { "transactionHash": hash(100), "blockHash": hash(2), "status": "0x1", "gasUsed": "0xa", "effectiveGasPrice": "0x3",
          "contractAddress": null, "logs": [
            log(json!([transfer, word(1), word(3)]), &amount), log(json!([transfer, word(1)]), &amount),
          ] },
        { "transactionHash": hash(101), "blockHash": hash(2), "status": "0x0", "gasUsed": "0x4", "effectiveGasPrice": "0x5",
          "contractAddress": account(60), "logs": [] },
    ])
}

/// In the first transaction: 7 sends 30 on to 3, then a call that fails and in it one that does not; the second failed.
fn trace_text() -> Value {
    let call = |tx: u8, at: Value, from: u8, to: u8, value: &str, error: Value| {
        json!({ "action": { "callType": "call", "from": account(from), "to": account(to), "value": value, "gas": "0x0", "input": "0x" },
            "blockHash": hash(2), "blockNumber": 16, "error": error, "result": null, "subtraces": 0, "traceAddress": at,
            "transactionHash": hash(100 + tx), "transactionPosition": tx, "type": "call" })
    };
    let mut delegate = call(0, json!([3]), 7, 8, "0x64", json!(null));
    delegate["action"]["callType"] = json!("delegatecall");
    let mut failed = call(1, json!([]), 2, 0, "0x1", json!("Reverted"));
    failed["type"] = json!("create");
    failed["action"] = json!({ "from": account(2), "value": "0x1", "gas": "0x0", "init": "0x" });
    let reward = json!({ "action": { "author": account(99), "rewardType": "block", "value": "0x9" }, "blockHash": hash(2),
        "blockNumber": 16, "result": null, "subtraces": 0, "traceAddress": [], "type": "reward" });
    json!([
        call(0, json!([]), 1, 7, "0x64", json!(null)),
        call(0, json!([0]), 7, 3, "0x1e", json!(null)),
        call(0, json!([1]), 7, 4, "0x5", json!("out of gas")),
        call(0, json!([1, 0]), 4, 6, "0x5", json!(null)),
        call(0, json!([2]), 7, 6, "0x2", json!(null)),
        delegate,
        failed,
        reward,
    ])
}

/// The same in the form of geth's tracer.
fn debug_text() -> Value {
    let call = |kind: &str, from: u8, to: u8, value: &str| json!({ "type": kind, "from": account(from), "to": account(to), "value": value, "gas": "0x0", "gasUsed": "0x0", "input": "0x" });
    let mut top = call("CALL", 1, 7, "0x64");
    let mut fails = call("CALL", 7, 4, "0x5");
    fails["error"] = json!("out of gas");
    fails["calls"] = json!([call("CALL", 4, 6, "0x5")]);
    top["calls"] =
        json!([call("CALL", 7, 3, "0x1e"), fails, call("CALL", 7, 6, "0x2"), call("DELEGATECALL", 7, 8, "0x64"),]);
    let mut second = call("CREATE", 2, 60, "0x1");
    second["error"] = json!("execution reverted");
    json!([{ "txHash": hash(100), "result": top }, { "txHash": hash(101), "result": second }])
}

fn whole(traces: impl Fn(&mut RawBlock) -> Result<(), AccountError>) -> AccountBlock {
    let mut raw = block(&block_text().to_string()).unwrap();
    receipts(&receipts_text().to_string(), &mut raw).unwrap();
    traces(&mut raw).unwrap();
    rows(&raw, Chain::Ethereum.account().unwrap(), Tokens::shipped()).unwrap()
}

#[test]
fn both_kinds_of_traces_give_the_same_rows() {
    let parity = whole(|raw| trace_block(&trace_text().to_string(), raw));
    let geth = whole(|raw| debug_trace_block(&debug_text().to_string(), raw));
    let moved = |block: &AccountBlock| -> Vec<(Option<u32>, Option<u8>, Option<u8>, u64, TransferKind)> {
        let side = |account: Option<[u8; 20]>| account.map(|bytes| bytes[0]);
        block.transfers.iter().map(|t| (t.tx, side(t.from), side(t.to), t.amount.saturating_to(), t.kind)).collect()
    };
    use TransferKind::{Fee, FeeBurned, Internal, Reward, Token, Value, Withdrawal};
    let expected = [
        (Some(0), Some(1), None, 20, FeeBurned),
        (Some(0), Some(1), Some(99), 10, Fee),
        (Some(0), Some(1), Some(7), 100, Value),
        (Some(0), Some(7), Some(3), 30, Internal),
        (Some(0), Some(7), Some(6), 2, Internal),
        (Some(0), Some(1), Some(3), 77, Token),
        (Some(1), Some(2), None, 8, FeeBurned),
        (Some(1), Some(2), Some(99), 12, Fee),
    ];
    let own = [(None, None, Some(99), 9, Reward), (None, None, Some(5), 3_000_000_000, Withdrawal)];
    assert_eq!(moved(&parity), [&expected[..], &own].concat());
    // geth's tracer says nothing of rewards
    assert_eq!(moved(&geth), [&expected[..], &own[1..]].concat());
    assert_eq!(parity.transfers[5].asset, AssetKey::Token([50; 20]));
    assert_eq!(parity.txs.iter().map(|t| t.status).collect::<Vec<_>>(), [TxStatus::Success, TxStatus::Failed]);
    assert_eq!(parity.txs[1].created, None, "a creation that failed made nothing");
    assert_eq!((parity.odd_logs, parity.txs[0].selector), (1, Some([0xa9, 0x05, 0x9c, 0xbb])));
    let contracts: Vec<u8> = parity
        .events
        .iter()
        .filter_map(|e| match e.kind {
            EventKind::Contract { account } => Some(account[0]),
            _ => None,
        })
        .collect();
    assert_eq!(contracts, [7, 50]);
}

#[test]
fn without_receipts_no_fee_is_invented_and_without_traces_nothing_is_said_of_them() {
    let raw = block(&block_text().to_string()).unwrap();
    assert_eq!(raw.calls, None);
    let made = rows(&raw, Chain::Ethereum.account().unwrap(), Tokens::shipped()).unwrap();
    assert!(made.transfers.iter().all(|t| !t.kind.is_fee()));
    assert!(made.txs.iter().all(|t| t.status == TxStatus::Unknown));
}

#[test]
fn parts_of_other_blocks_are_refused_and_the_block_stays() {
    let good = block(&block_text().to_string()).unwrap();
    let refused = |what: &str, change: &dyn Fn(&mut Value)| {
        let mut text = receipts_text();
        change(&mut text);
        let mut raw = good.clone();
        let error = receipts(&text.to_string(), &mut raw).unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
        assert_eq!(raw, good);
    };
    refused("block 16: 2 transactions, 1 receipts", &|v| {
        v.as_array_mut().unwrap().pop();
    });
    refused("receipt 0 is of another transaction", &|v| v.as_array_mut().unwrap().swap(0, 1));
    refused("receipt 1 is of another block", &|v| v[1]["blockHash"] = json!(hash(9)));
    refused("receipt 0 has a log of another transaction", &|v| v[0]["logs"][1]["transactionHash"] = json!(hash(101)));
    refused("`gasUsed` is beyond 64 bits", &|v| v[1]["gasUsed"] = json!(format!("0x{}", "f".repeat(20))));
    refused("missing field `logs`", &|v| {
        v[0].as_object_mut().unwrap().remove("logs");
    });
    refused("32 bytes in hexadecimal", &|v| v[0]["logs"][0]["topics"][0] = json!("0x12"));
    refused("bytes in hexadecimal", &|v| v[0]["logs"][0]["data"] = json!("0x123"));
    let mut raw = good.clone();
    assert!(receipts("null", &mut raw).unwrap_err().to_string().contains("block 16: the node has no receipts"));
    for (text, what) in [
        (json!([]), "2 transactions, 0 traces"),
        (json!([{ "txHash": hash(101), "result": {} }, {}]), "trace 0 is of another transaction"),
        (json!([{ "error": "boom" }, {}]), "no trace of transaction 0: boom"),
    ] {
        let error = debug_trace_block(&text.to_string(), &mut raw).unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    }
    let mut other = trace_text();
    other[0]["transactionPosition"] = json!(5);
    assert!(trace_block(&other.to_string(), &mut raw).unwrap_err().to_string().contains("transaction 5 of 2"));
    assert_eq!(raw, good);

    for (change, what) in [
        (json!({ "transactionIndex": "0x7" }), "transaction 0: it says that it stands elsewhere"),
        (json!({ "blockHash": hash(3) }), "transaction 0: it says that it stands in another block"),
        (json!({ "value": "100" }), "a number in hexadecimal"),
        (json!({ "from": "0x12" }), "an address of 20 bytes"),
    ] {
        let mut text = block_text();
        for (key, value) in change.as_object().unwrap() {
            text["transactions"][0][key] = value.clone();
        }
        let error = block(&text.to_string()).unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    }
    assert!(block("null").unwrap_err().to_string().contains("does not have this block"));
}

#[test]
fn calls_nested_beyond_the_machine_are_refused_without_filling_the_stack() {
    let mut text = json!({ "type": "CALL", "from": account(1), "to": account(2) }).to_string();
    for _ in 0..3_000 {
        text = format!("{{\"type\":\"CALL\",\"calls\":[{text}]}}");
    }
    let mut raw = RawBlock { number: 4, txs: vec![RawTx::default()], ..RawBlock::default() };
    let error = debug_trace_block(&format!("[{{\"result\":{text}}}]"), &mut raw).unwrap_err().to_string();
    assert!(error.contains("block 4: the calls of transaction 0 are deeper than 1100"), "{error}");
}

#[test]
fn logs_of_a_filter_say_where_they_stand() {
    let all: Value = receipts_text()[0]["logs"].clone();
    let read = logs(&all.to_string()).unwrap();
    assert_eq!((read.len(), read[0].block, read[0].tx_index, read[0].log.address), (2, 16, 0, [50; 20]));
    let mut gone = all.clone();
    gone[0]["removed"] = json!(true);
    assert_eq!(logs(&gone.to_string()).unwrap().len(), 1);
    gone[1].as_object_mut().unwrap().remove("blockHash");
    assert!(logs(&gone.to_string()).unwrap_err().to_string().contains("does not say where it stands"));
}

#[test]
fn fees_that_overflow_are_errors_and_the_largest_amounts_are_kept() {
    let mut raw = block(&block_text().to_string()).unwrap();
    raw.txs[0].value = U256::MAX;
    let made = rows(&raw, Chain::Ethereum.account().unwrap(), Tokens::shipped()).unwrap();
    assert!(made.transfers.iter().any(|t| t.amount == U256::MAX));
    let mut text = receipts_text();
    text[0]["effectiveGasPrice"] = json!(format!("0x{}", "f".repeat(64)));
    receipts(&text.to_string(), &mut raw).unwrap();
    let error = rows(&raw, Chain::Ethereum.account().unwrap(), Tokens::shipped()).unwrap_err().to_string();
    assert!(error.contains("block 16: the fee of transaction 0 is beyond 256 bits"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_damaged_answer_is_an_error_or_an_answer(cut in 0_usize..3000, at in 0_usize..3000, byte: u8, which in 0..5_usize) {
        let text = [block_text(), receipts_text(), trace_text(), debug_text(), receipts_text()[0]["logs"].clone()][which].to_string();
        let mut bytes = text.into_bytes();
        bytes.truncate(bytes.len().min(cut.max(1)));
        if let Some(b) = bytes.get_mut(at) { *b = byte; }
        let damaged = String::from_utf8_lossy(&bytes);
        let mut raw = block(&block_text().to_string()).unwrap();
        match which {
            0 => { let _ = block(&damaged); }
            1 => { let _ = receipts(&damaged, &mut raw); }
            2 => { let _ = trace_block(&damaged, &mut raw); }
            3 => { let _ = debug_trace_block(&damaged, &mut raw); }
            _ => { let _ = logs(&damaged); }
        }
        let _ = rows(&raw, Chain::Ethereum.account().unwrap(), Tokens::shipped());
    }
}

#[test]
fn a_self_destruction_and_a_creation_move_what_they_carry() {
    let mut raw = block(&block_text().to_string()).unwrap();
    let frame = json!([{ "result": { "type": "CALL", "from": account(1), "to": account(7), "value": "0x64", "calls": [
        { "type": "CREATE2", "from": account(7), "to": account(8), "value": "0x3", "calls": [
            { "type": "SELFDESTRUCT", "from": account(8), "to": account(1), "value": "0x3" } ] } ] } },
        { "result": { "type": "CREATE", "from": account(2), "to": account(60), "value": "0x1" } }]);
    debug_trace_block(&frame.to_string(), &mut raw).unwrap();
    assert_eq!(raw.calls.as_ref().unwrap()[2].kind, RawCallKind::SelfDestruct);
    let made = rows(&raw, Chain::Ethereum.account().unwrap(), Tokens::shipped()).unwrap();
    let kinds: Vec<TransferKind> = made.transfers.iter().filter(|t| t.tx.is_some()).map(|t| t.kind).collect();
    use TransferKind::{Create, SelfDestruct, Value};
    assert_eq!(kinds, [Value, Create, SelfDestruct, Create]);
    assert_eq!(made.txs[1].created, Some([60; 20]));
}
