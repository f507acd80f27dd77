//! Clients that are slow, wrong or wicked.

use crate::client::{Answer, ask, connect, get, parse, post, raw};
use crate::world::{settings, shared, start, world};
use athar_server::{BODY_BYTES_MAX, Limits, Settings};
use serde_json::json;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

fn impatient() -> Limits {
    let second = Duration::from_secs(1);
    Limits { head_time: second, body_time: second, write_time: second, ..Limits::for_workers(2) }
}

#[test]
fn a_client_that_trickles_its_headers_is_cut_off() {
    let service = start(Settings { limits: impatient(), ..settings(&world().store) });
    let begun = Instant::now();
    let mut stream = connect(service.address);
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: ").unwrap();
    let mut is_cut = false;
    for _ in 0..300 {
        if stream.write_all(b"a").is_err() {
            is_cut = true;
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(is_cut && begun.elapsed() < Duration::from_secs(14), "{:?}", begun.elapsed());
    assert_eq!(get(service.address, "/health").status, 200);
}

#[test]
fn a_client_that_trickles_its_body_is_told_so() {
    let service = start(Settings { limits: impatient(), ..settings(&world().store) });
    let mut stream = connect(service.address);
    let head = "POST /v1/screenings HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{";
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = vec![0; 16_384];
    let mut length = 0;
    while length == 0 || !answer[..length].windows(2).any(|w| w == b"\"}") {
        match stream.read(&mut answer[length..]) {
            Ok(0) | Err(_) => break,
            Ok(read) => length += read,
        }
    }
    assert_eq!(parse(&answer[..length]).code(), "body_timeout");
}

#[test]
fn a_body_that_is_too_large_is_refused_before_and_while_it_arrives() {
    let head = |length: &str| {
        format!(
            "POST /v1/screenings HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-type: application/json\r\n{length}\r\n\r\n"
        )
    };
    let announced = raw(shared(), head(&format!("content-length: {}", 1_u64 << 40)).as_bytes());
    assert_eq!(parse(&announced).code(), "body_too_large");
    // chunked, so that nothing is announced
    let mut stream = connect(shared());
    stream.write_all(head("transfer-encoding: chunked").as_bytes()).unwrap();
    let chunk = vec![b' '; 1 << 20];
    for _ in 0..=BODY_BYTES_MAX >> 20 {
        let sent = stream
            .write_all(b"100000\r\n")
            .and_then(|()| stream.write_all(&chunk))
            .and_then(|()| stream.write_all(b"\r\n"));
        if sent.is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    // a system may throw an answer away together with a connection that has unread data
    if !answer.is_empty() {
        assert_eq!(parse(&answer).code(), "body_too_large");
    }
    assert_eq!(get(shared(), "/health").status, 200);
}

#[test]
fn garbage_gets_an_error_and_the_service_goes_on() {
    let long =
        format!("GET /v1/address/{} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n", "a".repeat(100_000));
    let many = format!("GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n{}\r\n", "x: y\r\n".repeat(1_000));
    let wrong: [&[u8]; 9] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: -1\r\n\r\n",
        b"POST /v1/screenings HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\nabc",
        b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\nx: a\x00b\r\n\r\n",
        long.as_bytes(),
        many.as_bytes(),
    ];
    for request in wrong {
        let answer = raw(shared(), request);
        let status = answer.get(9..12).map(|s| String::from_utf8_lossy(s).into_owned()).unwrap_or_default();
        assert!(status.is_empty() || status.starts_with('4'), "{status}: {:?}", String::from_utf8_lossy(request));
    }
    assert_eq!(get(shared(), "/health").status, 200);
}

#[test]
fn paths_lead_nowhere_else() {
    for (path, codes) in [
        ("/v1/../v1/status", &["no_such_route"][..]),
        ("//v1/status", &["no_such_route"]),
        ("/v1/status/", &["no_such_route"]),
        ("/v1/address/..%2f..%2fetc%2fpasswd", &["target_invalid"]),
        ("/v1/address/%00", &["target_invalid"]),
        ("/v1/address/%ff%fe", &["path_invalid"]),
        ("/v1/address/%zz", &["target_invalid", "path_invalid"]),
        ("/v1/coinjoin/%2fetc%2fpasswd", &["target_invalid"]),
        ("/v1/block/-1", &["target_invalid"]),
        ("/v1/lists/..%2f..%2fmanifest.json/entries/1", &["not_found"]),
        ("/V1/STATUS", &["no_such_route"]),
    ] {
        let answer = get(shared(), path);
        let code = answer.code();
        assert!(codes.contains(&code.as_str()), "{path}: {code}");
        assert!(!answer.text().contains("root:"), "{path}");
    }
}

#[test]
fn two_requests_at_once_on_one_connection_are_answered_in_order() {
    let request = "GET /problems/busy HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\nGET /problems/internal HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n";
    let answer = raw(shared(), request.as_bytes());
    let text = String::from_utf8_lossy(&answer);
    let (busy, internal) = (text.find("\"busy\""), text.find("\"internal\""));
    assert!(busy.is_some() && busy < internal, "{text}");
}

#[test]
fn long_questions_are_ended_by_the_clock_and_the_service_says_when_it_is_busy() {
    let limits =
        Limits { running_max: 1, waiting_max: 1, request_time: Duration::from_millis(300), ..Limits::for_workers(2) };
    let service = start(Settings { limits, ..settings(&world().store) });
    let body = json!({ "subjects": vec![json!({ "value": world().listed }); 10_000], "depth": "exposure", "hops": 20 });
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let asked: Vec<_> =
            (0..6).map(|_| scope.spawn(|| post(service.address, "/v1/screenings", &body.to_string()))).collect();
        asked.into_iter().map(|handle| handle.join().unwrap()).collect()
    });
    let codes: Vec<String> = answers.iter().map(Answer::code).collect();
    assert!(codes.iter().all(|code| code == "time_limit" || code == "busy"), "{codes:?}");
    assert!(codes.iter().any(|code| code == "time_limit"), "{codes:?}");
    assert!(answers.iter().all(|a| a.status == 503 && a.header("retry-after").is_some()));
    // the work stopped at the sign, so its place is free again
    let mut is_free = false;
    for _ in 0..100 {
        is_free = is_free || get(service.address, "/v1/lists").status == 200;
        std::thread::sleep(Duration::from_millis(if is_free { 0 } else { 50 }));
    }
    assert!(is_free);
}

#[test]
fn a_stopped_service_ends_what_runs_and_takes_no_more() {
    let mut service = start(settings(&world().store));
    let address = service.address;
    let body = json!({ "subjects": vec![json!({ "value": world().listed }); 300] }).to_string();
    let mut running = connect(address);
    let head = format!(
        "POST /v1/screenings HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    running.write_all(head.as_bytes()).unwrap();
    // asked for its body, so it has begun
    let mut go_on = [0; 25];
    running.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    // a connection that is open and silent holds nothing up
    let idle = connect(address);
    let answered = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        running.write_all(body.as_bytes()).unwrap();
        let mut answer = Vec::new();
        running.read_to_end(&mut answer).unwrap();
        parse(&answer)
    });
    assert_eq!(service.stop(), Some(0));
    assert_eq!(answered.join().unwrap().json()["screened"], 300);
    drop(idle);
    assert!(std::net::TcpStream::connect(address).is_err());
    assert!(service.log.text().contains("\"event\":\"stopped\""));
}

#[test]
fn the_log_holds_no_subject_and_no_forged_line() {
    let service = start(settings(&world().store));
    let secret = &world().listed;
    let forged = "%0A%7B%22event%22%3A%22forged%22%7D%1b%5B31m";
    get(service.address, &format!("/v1/address/{secret}"));
    get(service.address, &format!("/v1/screen?target={secret}&target={forged}"));
    get(service.address, &format!("/nowhere/{secret}/{forged}"));
    get(service.address, &format!("/v1/address/{forged}"));
    post(
        service.address,
        "/v1/screenings",
        &json!({ "value": secret, "reference": "\n{\"event\":\"forged\"}" }).to_string(),
    );
    ask(service.address, "GET", "/v1/status", &[("user-agent", "forged")], b"");
    for _ in 0..100 {
        if service.log.text().lines().filter(|l| l.contains("\"request\"")).count() >= 6 {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let log = service.log.text();
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["event"].is_string() && line["time_ms"].is_u64());
    }
    assert!(log.contains("\"/v1/address/{address}\""), "{log}");
    assert!(!log.contains(secret.as_str()) && !log.contains("forged"), "{log}");
}
