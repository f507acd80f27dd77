//! One endpoint is wrong, another is right: the whole chain comes, and it is said what was wrong.

use crate::server::{Reply, Server, TIP, answer, assert_right, block, block_hash, client, fetch, is_fetch, receipts};
use serde_json::{Value, json};
use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

/// Fetches from a bad and a good endpoint; what is said of the bad one.
fn beside_good(bad: &Server) -> String {
    let good = Server::good();
    // the bad one comes second, so that it does not settle which chain it is
    let client = client(&[&good, bad]).unwrap();
    let (heads, error) = fetch(&client);
    assert!(error.is_none(), "{}", error.unwrap());
    assert_eq!(heads.len() as u64, TIP + 1);
    assert_right(&heads);
    let states = client.endpoints();
    assert_eq!(states[0].aside, None);
    let said = states[1].aside.clone().or(states[1].last.clone()).unwrap_or_default();
    assert!(!said.contains("0123456789"), "{said}");
    assert!(said.is_empty() || said.contains("endpoint 2 (http://127.0.0.1:"), "{said}");
    said
}

fn liar(change: impl Fn(&str, u64, Value) -> Value + Send + Sync + 'static) -> String {
    let bad = Server::changed(change);
    let said = beside_good(&bad);
    assert!(bad.requests.load(Ordering::SeqCst) > 3, "the liar was not asked for blocks");
    said
}

#[test]
fn wrong_blocks_are_not_believed() {
    type Change = fn(&str, u64, Value) -> Value;
    let cases: [(&str, Change); 9] = [
        ("its parent is not", |method, number, mut value| {
            if method == "eth_getBlockByNumber" && number % 2 == 1 {
                value["parentHash"] = json!(block_hash(number + 7, 1));
            }
            value
        }),
        ("receipts for", |method, _, mut value| {
            if method == "eth_getBlockReceipts" {
                value.as_array_mut().unwrap().pop();
            }
            value
        }),
        ("is of another block", |method, number, value| {
            if method == "eth_getBlockReceipts" && number % 4 > 0 {
                let mut value = receipts(number, 0);
                value[0]["blockHash"] = json!(block_hash(1, 0));
                return value;
            }
            value
        }),
        ("is of another transaction", |method, number, mut value| {
            if method == "eth_getBlockReceipts" && number % 4 > 1 {
                value.as_array_mut().unwrap().reverse();
            }
            value
        }),
        (
            "it is block",
            |method, number, value| if method == "eth_getBlockByNumber" { block(number + 1, 0) } else { value },
        ),
        ("logsBloom", |method, number, mut value| {
            if method == "eth_getBlockReceipts" && number % 4 > 0 {
                for receipt in value.as_array_mut().unwrap() {
                    receipt["logs"] = json!([]);
                }
            }
            value
        }),
        ("older than", |method, number, mut value| {
            if method == "eth_getBlockByNumber" && number % 2 == 1 {
                value["timestamp"] = json!("0x5");
            }
            value
        }),
        ("does not have block", |_, number, value| if number > 30 { Value::Null } else { value }),
        ("", |_, _, value| value),
    ];
    for (words, change) in cases {
        let said = liar(change);
        assert!(said.contains(words), "`{words}` is not in `{said}`");
        assert_eq!(said.is_empty(), words.is_empty(), "{said}");
    }
}

#[test]
fn endpoints_in_trouble_are_passed_over() {
    let of = |reply: fn(&str) -> Reply| {
        Server::start(
            move |_, body| {
                if is_fetch(body) { reply(body) } else { Reply::ok(&answer(body, 0, &|_, _, value| value)) }
            },
        )
    };
    type Case = (&'static str, fn(&str) -> Reply);
    let cases: [Case; 7] = [
        ("(429)", |_| Reply { status: 429, head: "Retry-After: 9\r\n".into(), ..Reply::default() }),
        ("HTTP 500", |_| Reply { status: 500, body: "oops".into(), ..Reply::default() }),
        ("within 1 s", |_| Reply { wait: Duration::from_secs(3), ..Reply::ok(&json!([])) }),
        ("more than 1048576 bytes", |_| Reply { status: 200, body: "[".repeat(3 << 20), ..Reply::default() }),
        ("cannot be reached", |body| Reply { cut: Some(200), ..Reply::ok(&answer(body, 0, &|_, _, value| value)) }),
        ("does not answer", |body| {
            let mut text = answer(body, 0, &|_, _, value| value).to_string();
            text.truncate(text.len() / 2);
            Reply { status: 200, body: text, ..Reply::default() }
        }),
        ("HTTP 403", |_| Reply { status: 403, body: "key-0123456789 is unknown".into(), ..Reply::default() }),
    ];
    for (words, reply) in cases {
        let start = Instant::now();
        let said = beside_good(&of(reply));
        assert!(said.contains(words), "`{words}` is not in `{said}`");
        assert!(start.elapsed() < Duration::from_secs(20), "{words}");
    }
}

#[test]
fn swapped_and_missing_ids_are_seen() {
    // the answers to a batch under each other's ids: the numbers do not fit
    let swapped = Server::start(|_, body| {
        let mut value = answer(body, 0, &|_, _, value| value);
        if let (true, Some(all)) = (is_fetch(body), value.as_array_mut()) {
            let ids: Vec<Value> = all.iter().map(|one| one["id"].clone()).collect();
            for (one, id) in all.iter_mut().zip(ids.into_iter().rev()) {
                one["id"] = id;
            }
        }
        Reply::ok(&value)
    });
    assert!(!beside_good(&swapped).is_empty());
    for (words, change) in [
        ("answers are missing", (|all: &mut Vec<Value>| drop(all.pop())) as fn(&mut Vec<Value>)),
        ("nothing that was asked", |all| all[0]["id"] = json!(999_999_999)),
        ("two answers to one call", |all| {
            let again = all[0].clone();
            all.push(again);
        }),
    ] {
        let bad = Server::start(move |_, body| {
            let mut value = answer(body, 0, &|_, _, value| value);
            if is_fetch(body) {
                change(value.as_array_mut().unwrap());
            }
            Reply::ok(&value)
        });
        let said = beside_good(&bad);
        assert!(said.contains(words), "`{words}` is not in `{said}`");
    }
}

#[test]
fn answers_in_another_order_are_right() {
    let turned = Server::start(|_, body| {
        let mut value = answer(body, 0, &|_, _, value| value);
        if let Some(all) = value.as_array_mut() {
            all.reverse();
        }
        Reply::ok(&value)
    });
    assert_eq!(beside_good(&turned), "");
}

#[test]
fn endpoints_of_another_chain_are_put_aside() {
    let other = Server::start(|_, body| {
        Reply::ok(&answer(body, 0, &|method, _, value| if method == "eth_chainId" { json!("0x38") } else { value }))
    });
    assert!(beside_good(&other).contains("chain id 56, not 1"));
    let other = Server::start(|_, body| {
        Reply::ok(&answer(body, 0, &|method, number, mut value| {
            if method == "eth_getBlockByNumber" && number == 0 {
                value["hash"] = json!(block_hash(5, 0));
            }
            value
        }))
    });
    assert!(beside_good(&other).contains("another chain with the same id"));
}

#[test]
fn an_endpoint_on_another_branch_is_found_out_by_the_others() {
    // consistent in itself from block 20 on, so that only the joint gives it away
    let branch = Server::start(|_, body| Reply::ok(&answer(body, 1, &|_, _, value| value)));
    let good = Server::good();
    let client = client(&[&good, &branch]).unwrap();
    let (heads, error) = fetch(&client);
    // either the right endpoint gave the joint, and everything is right, or the other did, and then it is said
    match error {
        None => assert_eq!(heads.len() as u64, TIP + 1),
        Some(error) => assert!(error.to_string().contains("does not follow"), "{error}"),
    }
    assert!(heads.windows(2).all(|pair| pair[0].hash == pair[1].parent));
}
