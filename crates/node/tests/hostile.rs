//! A server on loopback that answers as no node should: every answer is an error in words, in bounded time and memory.
#![allow(clippy::unwrap_used)] // tests

use athar_node::{Credentials, Feed, FeedEvent, NodeError, Rpc, RpcUrl, ZmqUrl, fetch_blocks};
use athar_types::{Hash32, Network};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

const GENESIS: &str = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206";

/// Serves each connection on a thread of its own with `serve`; gives the port.
fn server(serve: impl Fn(usize, TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let serve = Arc::clone(&serve);
            let stream = stream.unwrap();
            thread::spawn(move || serve(number, stream));
        }
    });
    port
}

/// Reads one HTTP request; its head and body. `None` at the end of the connection.
fn request(reader: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line == "\r\n" {
            break;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((head, String::from_utf8(body).ok()?))
}

/// An HTTP server that answers each request by `answer` of its body: status and body.
fn http(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> u16 {
    server(move |_, stream| {
        let mut out = stream.try_clone().unwrap();
        let mut reader = BufReader::new(stream);
        while let Some((_, body)) = request(&mut reader) {
            let (status, body) = answer(&body);
            let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n", body.len());
            if out.write_all(head.as_bytes()).and_then(|()| out.write_all(body.as_bytes())).is_err() {
                return;
            }
        }
    })
}

fn rpc(port: u16) -> Rpc {
    let (url, credentials) = RpcUrl::parse(&format!("http://alice:secret@127.0.0.1:{port}")).unwrap();
    Rpc::with_call_max(url, credentials.unwrap(), Duration::from_secs(2))
}

/// The error of `getblockchaininfo` against an HTTP answer, checked to name the address and to keep the password.
fn error_of(status: u16, body: &str) -> NodeError {
    let body = body.to_owned();
    let port = http(move |_| (status, body.clone()));
    let error = rpc(port).chain_info().unwrap_err();
    let text = error.to_string();
    assert!(text.contains(&format!("127.0.0.1:{port}")), "{text}");
    assert!(!text.contains("secret"), "{text}");
    error
}

#[test]
fn each_refusal_has_its_own_words() {
    assert!(matches!(error_of(401, ""), NodeError::Password { .. }));
    assert!(error_of(401, "").to_string().contains("alice"));
    assert!(matches!(error_of(403, ""), NodeError::Forbidden { .. }));
    assert!(matches!(error_of(503, "Work queue depth exceeded"), NodeError::Busy { .. }));
    let warming = error_of(500, r#"{"result":null,"error":{"code":-28,"message":"Loading block index…"},"id":0}"#);
    assert!(matches!(&warming, NodeError::WarmingUp { message, .. } if message.contains("Loading")), "{warming}");
    assert!(warming.is_transient());
    let unknown = error_of(404, r#"{"result":null,"error":{"code":-32601,"message":"Method not found"},"id":0}"#);
    assert!(unknown.is_rpc(-32601) && unknown.to_string().contains("getblockchaininfo"), "{unknown}");
}

#[test]
fn what_is_no_node_is_called_so() {
    for (status, body) in [
        (200, "<html><body>Welcome to nginx</body></html>"),
        (200, "{\"result\":{\"chain\":\"regtest\",\"blo"),
        (200, "{\"result\":{\"chain\":7}}"),
        (200, "{}"),
        (200, "[]"),
        (200, ""),
        (302, "moved"),
        (200, "{\"result\":null,\"error\":null,\"id\":0}"),
    ] {
        let error = error_of(status, body);
        assert!(matches!(error, NodeError::NotANode { .. }), "{status} {body}: {error}");
    }
    let escape = error_of(200, "\u{1b}[31mred").to_string();
    assert!(!escape.contains('\u{1b}'), "{escape}");
    // deep nesting must not exhaust the stack
    let deep = format!("{{\"result\":{}", "[".repeat(500_000));
    assert!(matches!(error_of(200, &deep), NodeError::NotANode { .. }));
}

#[test]
fn an_endless_answer_is_cut_off() {
    let port = server(|_, stream| {
        let mut out = stream.try_clone().unwrap();
        request(&mut BufReader::new(stream));
        let _ = out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n{\"result\":\"");
        let chunk = vec![b'0'; 1 << 16];
        while out.write_all(&chunk).is_ok() {}
    });
    let error = rpc(port).chain_info().unwrap_err();
    assert!(matches!(error, NodeError::TooLarge { .. }), "{error}");
}

#[test]
fn a_server_that_answers_byte_by_byte_is_given_up() {
    let port = server(|_, stream| {
        let mut out = stream.try_clone().unwrap();
        request(&mut BufReader::new(stream));
        let _ = out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
        while out.write_all(b" ").is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    });
    let start = Instant::now();
    let error = rpc(port).chain_info().unwrap_err();
    assert!(matches!(error, NodeError::Timeout { seconds: 2, .. }), "{error}");
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn nobody_there_is_unreachable() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = rpc(port).chain_info().unwrap_err();
    assert!(matches!(error, NodeError::Unreachable { .. }), "{error}");
    assert!(error.is_transient());
}

#[test]
fn a_kept_connection_that_the_node_cut_is_made_anew() {
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    // each connection answers one request and is closed without a word, as after a node's idle time-out
    let port = server(move |_, stream| {
        count.fetch_add(1, Ordering::Relaxed);
        let mut out = stream.try_clone().unwrap();
        request(&mut BufReader::new(stream));
        let body = format!("{{\"result\":\"{GENESIS}\",\"error\":null,\"id\":0}}");
        let _ = write!(out, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    });
    let rpc = rpc(port);
    for _ in 0..5 {
        assert_eq!(rpc.best_hash().unwrap().to_string(), GENESIS);
        thread::sleep(Duration::from_millis(20));
    }
    assert!(connections.load(Ordering::Relaxed) >= 5);
}

#[test]
fn the_cookie_is_read_again_when_the_node_has_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let cookie = folder.path().join(".cookie");
    let (url, _) = RpcUrl::parse("http://127.0.0.1:1").unwrap();
    let missing = Rpc::new(url, Credentials::Cookie(cookie.clone())).chain_info().unwrap_err();
    assert!(matches!(&missing, NodeError::Cookie { path, .. } if *path == cookie), "{missing}");

    // the second cookie is right: base64 of __cookie__:two
    let port = server(|_, stream| {
        let mut out = stream.try_clone().unwrap();
        let mut reader = BufReader::new(stream);
        while let Some((head, _)) = request(&mut reader) {
            let body = format!("{{\"result\":\"{GENESIS}\",\"error\":null,\"id\":0}}");
            let (status, body) =
                if head.contains("Basic X19jb29raWVfXzp0d28=") { (200, body) } else { (401, String::new()) };
            let _ = write!(out, "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        }
    });
    let (url, _) = RpcUrl::parse(&format!("http://127.0.0.1:{port}")).unwrap();
    let rpc = Rpc::new(url, Credentials::Cookie(cookie.clone()));
    std::fs::write(&cookie, "__cookie__:one").unwrap();
    let refused = rpc.best_hash().unwrap_err();
    assert!(refused.to_string().contains(".cookie"), "{refused}");
    std::fs::write(&cookie, "__cookie__:two\n").unwrap();
    assert!(rpc.best_hash().is_ok());
}

#[test]
fn another_network_and_another_first_block_are_told_apart() {
    let info = |chain: &str| {
        format!(
            "{{\"result\":{{\"chain\":\"{chain}\",\"blocks\":0,\"headers\":0,\"bestblockhash\":\"{GENESIS}\",\"chainwork\":\"02\"}},\"error\":null,\"id\":0}}"
        )
    };
    let node = |chain: &str, first: &str| {
        let (info, first) = (info(chain), first.to_owned());
        let port = http(move |body| {
            let hash = format!("{{\"result\":\"{first}\",\"error\":null,\"id\":0}}");
            (200, if body.contains("getblockchaininfo") { info.clone() } else { hash })
        });
        let rpc = rpc(port);
        let info = rpc.chain_info().unwrap();
        (rpc, info)
    };
    let (rpc, info) = node("regtest", GENESIS);
    assert_eq!(rpc.check_network(&info, None).unwrap(), Network::Regtest);
    let other = rpc.check_network(&info, Some(Network::Mainnet)).unwrap_err();
    assert!(
        matches!(other, NodeError::OtherNetwork { found: Network::Regtest, expected: Network::Mainnet, .. }),
        "{other}"
    );
    let (rpc, info) = node("regtest", &GENESIS.replace("0f91", "0f92"));
    assert!(matches!(rpc.check_network(&info, None).unwrap_err(), NodeError::OtherGenesis { .. }));
    let (rpc, info) = node("liquidv1", GENESIS);
    assert!(rpc.check_network(&info, None).unwrap_err().to_string().contains("liquidv1"));
}

#[test]
fn answers_of_a_batch_are_matched_by_their_number() {
    let answers = |body: &'static str| rpc(http(move |_| (200, body.into()))).block_hashes([7, 8].into_iter());
    let ok = answers(
        r#"[{"result":"0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206","error":null,"id":1},
            {"result":null,"error":{"code":-8,"message":"out of range"},"id":0}]"#,
    );
    assert_eq!(ok.unwrap(), [None, Some(GENESIS.parse::<Hash32>().unwrap())]);
    for bad in [
        "[]",
        r#"[{"result":"00","error":null,"id":0}]"#,
        r#"[{"result":null,"error":{"code":-8,"message":""},"id":9}]"#,
        r#"[{"result":null,"error":{"code":-8,"message":""}}]"#,
        "{\"result\":1}",
        "[1,2]",
    ] {
        assert!(matches!(answers(bad).unwrap_err(), NodeError::NotANode { .. }), "{bad}");
    }
}

#[test]
fn blocks_come_in_order_and_an_error_ends_them_after_what_came_before() {
    // the block of a hash is the hash itself; block 40 is missing, and later ones answer sooner
    let port = http(|body| {
        let at = body.find("\"params\":[\"").unwrap() + 11;
        let hash = &body[at..at + 64];
        let number = u64::from_str_radix(&hash[62..], 16).unwrap();
        thread::sleep(Duration::from_millis(number % 4));
        match number {
            40 => (500, r#"{"result":null,"error":{"code":-5,"message":"Block not found"},"id":0}"#.into()),
            _ => (200, format!("{{\"result\":\"{hash}\",\"error\":null,\"id\":0}}")),
        }
    });
    let rpc = rpc(port);
    let hashes: Vec<Hash32> = (0..60_u8).map(|n| format!("{n:064x}").parse().unwrap()).collect();
    let mut seen = Vec::new();
    let result = fetch_blocks(
        &rpc,
        &hashes,
        |_, raw| raw[31],
        |n| -> Result<bool, NodeError> {
            seen.push(n);
            Ok(true)
        },
    );
    assert!(result.unwrap_err().is_rpc(-5));
    assert_eq!(seen, (0..40).collect::<Vec<u8>>());
    let mut count = 0;
    let stopped = fetch_blocks(
        &rpc,
        &hashes,
        |_, _| (),
        |()| -> Result<bool, NodeError> {
            count += 1;
            Ok(count < 3)
        },
    );
    assert!(stopped.is_ok() && count == 3);
}

/// The first event of a feed at one address.
fn first_event(port: u16) -> FeedEvent {
    let feed = Feed::start(vec![ZmqUrl::parse(&format!("tcp://127.0.0.1:{port}")).unwrap()]);
    feed.next(Duration::from_secs(15)).unwrap()
}

fn greeting() -> Vec<u8> {
    let mut out = vec![0; 64];
    (out[0], out[9], out[10]) = (0xff, 0x7f, 3);
    out[12..16].copy_from_slice(b"NULL");
    out
}

fn ready(kind: &str) -> Vec<u8> {
    let mut body = b"\x05READY\x0bSocket-Type\0\0\0".to_vec();
    body.push(kind.len() as u8);
    body.extend_from_slice(kind.as_bytes());
    [vec![4, body.len() as u8], body].concat()
}

#[test]
fn what_is_no_publisher_is_called_so() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert!(matches!(first_event(nobody), FeedEvent::Lost { error: NodeError::ZmqUnreachable { .. }, .. }));
    let sends = |bytes: Vec<u8>| {
        server(move |_, mut stream| {
            let _ = stream.write_all(&bytes);
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest);
        })
    };
    for (bytes, word) in [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), "does not speak ZMQ"),
        ([greeting(), ready("REP")].concat(), "REP"),
        ([greeting(), vec![4, 7], b"\x05ERROR\x01".to_vec()].concat(), "refuses"),
        ([greeting(), vec![0, 1, 7]].concat(), "before READY"),
        ([greeting(), vec![2, 255, 255, 255, 255, 255, 255, 255, 255]].concat(), "bytes"),
        (greeting(), "greeting"),
    ] {
        let event = first_event(sends(bytes));
        let FeedEvent::Lost { error, .. } = event else { panic!("{word}: {event:?}") };
        assert!(matches!(error, NodeError::NotZmq { .. }) && error.to_string().contains(word), "{word}: {error}");
    }
}

#[test]
fn a_publishers_gaps_and_its_end_are_told_once_and_it_is_tried_again() {
    let message = |topic: &[u8], body: &[u8], number: u32| {
        let part = |flags: u8, body: &[u8]| [vec![flags, body.len() as u8], body.to_vec()].concat();
        [part(1, topic), part(1, body), part(0, &number.to_le_bytes())].concat()
    };
    let notices = [
        message(b"hashblock", &[1; 32], u32::MAX),
        message(b"hashblock", &[2; 32], 0),
        message(b"sequence", &[[3; 32].to_vec(), b"C".to_vec()].concat(), 9),
        message(b"hashblock", &[4; 32], 4),
    ]
    .concat();
    let port = server(move |number, mut stream| {
        // two connections are refused after the first: that is no news
        if number == 1 || number == 2 {
            return;
        }
        let _ = stream.write_all(&[greeting(), ready("PUB"), notices.clone()].concat());
        let mut some = [0; 1024];
        let _ = stream.read(&mut some);
        thread::sleep(Duration::from_millis(300));
    });
    let feed = Feed::start(vec![ZmqUrl::parse(&format!("tcp://127.0.0.1:{port}")).unwrap()]);
    let mut told = Vec::new();
    while told.iter().filter(|t| *t == "connected").count() < 2 {
        told.push(match feed.next(Duration::from_secs(20)).expect("no event") {
            FeedEvent::Connected { .. } => "connected".to_owned(),
            FeedEvent::Lost { error, .. } => format!("lost: {error}"),
            FeedEvent::Gap { topic, missed } => format!("{} missed {missed}", topic.name()),
            FeedEvent::Notice { notice, .. } => format!("{notice:?}").chars().take(9).collect(),
        });
    }
    assert_eq!(told.len(), 8, "{told:?}");
    assert_eq!(told[..6], ["connected", "HashBlock", "HashBlock", "Sequence(", "hashblock missed 3", "HashBlock"]);
    assert!(told[6].starts_with("lost: the ZMQ connection"), "{told:?}");
}
