//! Requests that two readers could understand differently, and a crowd of slow connections.

use crate::client::{connect, get, raw};
use crate::world::{settings, shared, start, world};
use athar_server::{Limits, Settings};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How many answers are in what came back, and the status of each.
fn statuses(answer: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(answer);
    text.match_indices("HTTP/1.1 ").filter_map(|(at, _)| text.get(at + 9..at + 12)?.parse().ok()).collect()
}

/// The second request that must never be read out of the first one's body.
const HIDDEN: &str = "GET /problems/busy HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";

#[test]
fn what_two_readers_could_cut_differently_is_refused_and_the_connection_closed() {
    let head = "POST /v1/screenings HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n";
    let len = HIDDEN.len();
    for (name, request) in [
        ("two lengths", format!("{head}content-length: 0\r\ncontent-length: {len}\r\n\r\n{HIDDEN}")),
        ("two lengths in one", format!("{head}content-length: 0, {len}\r\n\r\n{HIDDEN}")),
        ("a length with a sign", format!("{head}content-length: +0\r\n\r\n{HIDDEN}")),
        ("a length in base 16", format!("{head}content-length: 0x0\r\n\r\n{HIDDEN}")),
        ("a folded header", format!("{head}x: a\r\n content-length: 0\r\n\r\n{HIDDEN}")),
        ("a space before the colon", format!("{head}content-length : 0\r\n\r\n{HIDDEN}")),
        ("a coding that is not known", format!("{head}transfer-encoding: identity, chunked2\r\n\r\n0\r\n\r\n{HIDDEN}")),
        ("chunked, then something", format!("{head}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n{HIDDEN}")),
        ("a chunk that is no number", format!("{head}transfer-encoding: chunked\r\n\r\nzz\r\n\r\n{HIDDEN}")),
        (
            "a chunk beyond 64 bits",
            format!("{head}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n{HIDDEN}"),
        ),
        ("a chunk without its end", format!("{head}transfer-encoding: chunked\r\n\r\n1\r\nab{HIDDEN}")),
        ("a bare line feed in a header", format!("{head}x: a\nb\r\ncontent-length: 0\r\n\r\n{HIDDEN}")),
        ("a bare carriage return", format!("{head}x: a\rcontent-length: {len}\r\n\r\n{HIDDEN}")),
    ] {
        let answer = raw(shared(), request.as_bytes());
        let got = statuses(&answer);
        assert!(got.iter().all(|status| *status >= 400), "{name}: {got:?}");
        assert!(!String::from_utf8_lossy(&answer).contains("\"busy\""), "{name}: the hidden request was answered");
    }
    // both a length and chunks: the chunks count, the length is dropped, and what follows the last chunk is another request
    let both =
        format!("{head}content-length: 4\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n0\r\n\r\n{HIDDEN}");
    let answer = raw(shared(), both.as_bytes());
    assert!(
        statuses(&answer).len() <= 1 && !String::from_utf8_lossy(&answer).contains("\"busy\""),
        "{:?}",
        statuses(&answer)
    );
    assert_eq!(get(shared(), "/health").status, 200);
}

#[test]
fn a_crowd_of_slow_connections_leaves_room_for_others() {
    const SLOW: usize = 2_000;
    // each end of a connection is a file of this process
    let room = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let wanted = (2 * SLOW + 500) as u64;
    if room.current.is_some_and(|now| now < wanted) {
        let raised = rustix::process::Rlimit { current: Some(wanted), maximum: room.maximum };
        if room.maximum.is_some_and(|most| most < wanted)
            || rustix::process::setrlimit(rustix::process::Resource::Nofile, raised).is_err()
        {
            eprintln!("this system allows too few open files: not tried");
            return;
        }
    }
    let second = Duration::from_secs(3);
    let limits = Limits { connections_max: SLOW + 100, head_time: second, ..Limits::for_workers(2) };
    let service = start(Settings { limits, ..settings(&world().store) });
    let slow: Vec<TcpStream> = (0..SLOW)
        .map(|_| {
            let mut stream = connect(service.address);
            stream.write_all(b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ").unwrap();
            stream
        })
        .collect();
    // all of them are held, and others are answered meanwhile
    for _ in 0..20 {
        assert_eq!(get(service.address, "/v1/labels/taxonomy").status, 200);
    }
    // and each is cut off when its time is over
    for mut stream in slow {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        assert!(statuses(&rest).iter().all(|status| *status == 408 || *status == 400));
    }
    assert_eq!(get(service.address, "/health").status, 200);
}
