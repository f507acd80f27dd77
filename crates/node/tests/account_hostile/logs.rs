//! Servers that find a range of logs too large, or tell of logs that are not where they say.

use crate::server::{Reply, Server, TIP, answer, client, range};
use athar_chains::account::Tokens;
use athar_node::account::{EvmError, LogFetcher, LogSelection};
use athar_types::{Chain, account::AccountParams};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Fetches what is chosen; transactions of each block that came.
fn chosen(servers: &[&Server]) -> Result<Vec<(u32, usize)>, EvmError> {
    let client = client(servers).unwrap();
    let params = AccountParams::of(Chain::Ethereum).unwrap();
    let selection = LogSelection { tokens: vec![[0xbb; 20]], accounts: Vec::new() };
    let mut found = Vec::new();
    LogFetcher::new(&client, params, Tokens::shipped(), &selection)?.run::<EvmError>(0, TIP, |blocks, _| {
        found.extend(blocks.iter().map(|block| (block.number, block.txs.len())));
        Ok(true)
    })?;
    Ok(found)
}

fn expected() -> Vec<(u32, usize)> {
    (0..=TIP as u32).filter(|n| n % 4 > 0).map(|n| (n, n as usize % 4)).collect()
}

#[test]
fn ranges_shrink_to_what_the_endpoint_takes() {
    for message in
        ["query returned more than 10000 results", "Block range is too large", "response size exceeds the limit"]
    {
        let largest = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&largest);
        let server = Server::start(move |_, body| {
            let call: Value = serde_json::from_str(body).unwrap();
            if call["method"] == "eth_getLogs" {
                let range = range(&call["params"][0]);
                let count = range.end() - range.start() + 1;
                if count > 7 {
                    return Reply::ok(&json!({"id": call["id"], "error": {"code": -32005, "message": message}}));
                }
                seen.fetch_max(count, Ordering::SeqCst);
            }
            Reply::ok(&answer(body, 0, &|_, _, value| value))
        });
        assert_eq!(chosen(&[&server]).unwrap(), expected());
        assert!((4..=7).contains(&largest.load(Ordering::SeqCst)));
    }
    // one block is never too large a range: then it is an error
    let server = Server::start(|_, body| {
        let call: Value = serde_json::from_str(body).unwrap();
        if call["method"] == "eth_getLogs" {
            return Reply::ok(&json!({"id": call["id"], "error": {"code": -32005, "message": "too many results"}}));
        }
        Reply::ok(&answer(body, 0, &|_, _, value| value))
    });
    assert!(matches!(chosen(&[&server]), Err(EvmError::Rpc { code: -32005, .. })));
}

#[test]
fn logs_that_are_not_where_they_say_are_not_believed() {
    type Change = fn(&mut Value);
    let cases: [(&str, Change); 4] = [
        ("of another block", |log| log["blockHash"] = json!(format!("0x{}", "77".repeat(32)))),
        ("of no transaction in it", |log| log["transactionHash"] = json!(format!("0x{}", "77".repeat(32)))),
        ("which is outside", |log| log["blockNumber"] = json!("0xffff")),
        ("does not say where it stands", |log| log["transactionIndex"] = Value::Null),
    ];
    for (words, change) in cases {
        let bad = Server::start(move |_, body| {
            Reply::ok(&answer(body, 0, &|method, _, mut value| {
                if method == "eth_getLogs" {
                    change(&mut value[3]);
                }
                value
            }))
        });
        let error = chosen(&[&bad]).unwrap_err().to_string();
        assert!(error.contains(words), "`{words}` is not in `{error}`");
        assert_eq!(chosen(&[&Server::good(), &bad]).unwrap(), expected());
    }
}

#[test]
fn nothing_chosen_is_refused() {
    let server = Server::good();
    let client = client(&[&server]).unwrap();
    let params = AccountParams::of(Chain::Ethereum).unwrap();
    for accounts in [Vec::new(), vec![[1; 20]; 10_001]] {
        let selection = LogSelection { tokens: Vec::new(), accounts };
        let error = LogFetcher::new(&client, params, Tokens::shipped(), &selection).unwrap_err();
        assert!(matches!(error, EvmError::Chosen { .. }), "{error}");
    }
}
