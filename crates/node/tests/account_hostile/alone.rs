//! One endpoint alone: it is waited for where waiting helps, split where it is asked too much, and given up in words.

use crate::server::{Reply, Server, TIP, answer, assert_right, client, fetch, is_fetch};
use athar_node::account::{EndpointSettings, EndpointUrl, EvmClient, EvmError, Wanted};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

fn right(body: &str) -> Reply {
    Reply::ok(&answer(body, 0, &|_, _, value| value))
}

#[test]
fn an_endpoint_that_comes_back_is_waited_for() {
    // of every three requests two fail, in different ways
    let server = Server::start(|count, body| match count % 3 {
        0 if count > 6 => Reply { status: 503, body: "busy".into(), ..Reply::default() },
        1 if count > 6 => Reply { cut: Some(10), ..right(body) },
        _ => right(body),
    });
    let client = client(&[&server]).unwrap();
    let (heads, error) = fetch(&client);
    assert!(error.is_none(), "{}", error.unwrap());
    assert_eq!(heads.len() as u64, TIP + 1);
    assert_right(&heads);
}

#[test]
fn retry_after_is_followed() {
    let told: Arc<Mutex<Option<Instant>>> = Arc::default();
    let kept = Arc::clone(&told);
    let early = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&early);
    let server = Server::start(move |_, body| {
        if !is_fetch(body) {
            return right(body);
        }
        let mut told = kept.lock().unwrap();
        match *told {
            None => {
                *told = Some(Instant::now());
                Reply { status: 429, head: "Retry-After: 2\r\n".into(), ..Reply::default() }
            }
            Some(at) => {
                // those under way at that moment may come
                if at.elapsed() > Duration::from_millis(500) && at.elapsed() < Duration::from_millis(1_900) {
                    counted.fetch_add(1, Ordering::SeqCst);
                }
                right(body)
            }
        }
    });
    let client = client(&[&server]).unwrap();
    let (heads, error) = fetch(&client);
    assert!(error.is_none() && heads.len() as u64 == TIP + 1);
    assert_eq!(early.load(Ordering::SeqCst), 0);
}

#[test]
fn batches_shrink_to_what_the_endpoint_takes() {
    for kind in 0..4 {
        let largest = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&largest);
        let server = Server::start(move |_, body| {
            let count = serde_json::from_str::<Value>(body).unwrap().as_array().map_or(1, Vec::len);
            if count <= 3 {
                seen.fetch_max(count, Ordering::SeqCst);
                return right(body);
            }
            let error =
                json!({"jsonrpc": "2.0", "id": null, "error": {"code": -32600, "message": "batch limit 3 exceeded"}});
            match kind {
                0 => Reply { status: 413, body: "too large".into(), ..Reply::default() },
                1 => Reply::ok(&error),
                2 => Reply::ok(&json!([error])),
                // more bytes than are read
                _ => Reply { status: 200, body: " ".repeat(2 << 20), ..Reply::default() },
            }
        });
        let client = client(&[&server]).unwrap();
        let (heads, error) = fetch(&client);
        assert!(error.is_none(), "{kind}: {}", error.unwrap());
        assert_eq!(heads.len() as u64, TIP + 1);
        assert!((2..=3).contains(&largest.load(Ordering::SeqCst)));
    }
}

#[test]
fn a_node_without_batches_is_asked_one_by_one() {
    let server = Server::start(|_, body| {
        if body.starts_with('[') {
            return Reply::ok(&json!({"id": null, "error": {"code": -32600, "message": "Invalid Request"}}));
        }
        right(body)
    });
    let (heads, error) = fetch(&client(&[&server]).unwrap());
    assert!(error.is_none() && heads.len() as u64 == TIP + 1);
}

#[test]
fn a_rate_is_kept() {
    let server = Server::good();
    let mut settings = server.settings();
    settings.calls_per_second = Some(60);
    let start = Instant::now();
    let client = EvmClient::connect(vec![settings], Wanted::default()).unwrap();
    let (heads, error) = fetch(&client);
    assert!(error.is_none() && heads.len() as u64 == TIP + 1);
    // 122 calls for blocks and 6 before: one second's worth at once, the others at the rate
    assert!(start.elapsed() >= Duration::from_millis(1_100), "{:?}", start.elapsed());
}

#[test]
fn what_cannot_be_had_is_an_error_in_words() {
    let nobody =
        EndpointSettings::new(EndpointUrl::parse("http://user:secretsecret@127.0.0.1:1/secretsecret").unwrap());
    let error = EvmClient::connect_with(vec![nobody], Wanted::default(), Duration::from_millis(300)).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("http://127.0.0.1:1/…") && text.contains("cannot be reached") && !text.contains("secret"),
        "{text}"
    );

    let page = Server::start(|_, _| Reply { status: 200, body: "<html>welcome</html>".into(), ..Reply::default() });
    let error = client(&[&page]).unwrap_err();
    assert!(matches!(&error, EvmError::Nobody { reasons, .. } if reasons[0].contains("as a node does")), "{error}");

    // a liar alone: what was right before is handed on, nothing after
    let liar = Server::changed(|method, number, mut value| {
        if method == "eth_getBlockReceipts" && number >= 40 {
            value = json!([{}, {}, {}, {}]);
        }
        value
    });
    let (heads, error) = fetch(&client(&[&liar]).unwrap());
    let text = error.unwrap().to_string();
    assert!(heads.len() <= 40 && text.contains("that cannot be right"), "{} {text}", heads.len());
    assert_right(&heads);
    assert!(!text.contains("0123456789"), "{text}");

    // beyond the end of the chain
    let good = Server::good();
    let client = client(&[&good]).unwrap();
    assert_eq!(client.heads(&[TIP, TIP + 1]).unwrap().iter().filter(|head| head.is_some()).count(), 1);
    assert_eq!(client.head().unwrap().number, TIP);
}
