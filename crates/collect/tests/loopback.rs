//! The collector against servers on this machine: what it asks, what it keeps, what it refuses.
#![allow(clippy::unwrap_used)] // tests

use athar_collect::{CollectError, Collected, Collector, Outcome, Settings};
use flate2::read::MultiGzDecoder;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A server that answers each path with fixed bytes and remembers what it was asked.
struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<(String, Instant)>>>,
}

impl Server {
    fn new(pages: &[(&str, Vec<u8>)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let pages: HashMap<String, Vec<u8>> = pages.iter().map(|(p, a)| ((*p).to_owned(), a.clone())).collect();
        let log = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (pages, log) = (pages.clone(), Arc::clone(&log));
                thread::spawn(move || answer(stream, &pages, &log));
            }
        });
        Self { port, asked }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn heads(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(head, _)| head.clone()).collect()
    }

    fn paths(&self) -> Vec<String> {
        self.heads().iter().map(|head| head.split(' ').nth(1).unwrap().to_owned()).collect()
    }
}

fn answer(mut stream: TcpStream, pages: &HashMap<String, Vec<u8>>, log: &Mutex<Vec<(String, Instant)>>) {
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    log.lock().unwrap().push((head, Instant::now()));
    match path.as_str() {
        "/never" => thread::sleep(Duration::from_secs(20)),
        "/slow" => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\npart");
            thread::sleep(Duration::from_secs(20));
        }
        _ => {
            let none = b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone".to_vec();
            let _ = stream.write_all(pages.get(&path).unwrap_or(&none));
        }
    }
}

fn ok(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn quick() -> Settings {
    Settings { delay: Duration::ZERO, time: Duration::from_secs(10), ..Settings::default() }
}

fn collect(urls: &[String], settings: Settings, folder: &Path) -> (Vec<Collected>, String) {
    let (list, archive) = (folder.join("list.txt"), folder.join("out.warc.gz"));
    std::fs::write(&list, urls.join("\n")).unwrap();
    let mut told = Vec::new();
    let mut collector = Collector::new(settings).unwrap();
    let summary = collector
        .collect(&list, &archive, |collected| {
            told.push(collected.clone());
            true
        })
        .unwrap();
    assert_eq!(summary.urls, urls.len());
    assert_eq!(summary.stored + summary.forbidden + summary.failed, urls.len());
    let mut text = Vec::new();
    MultiGzDecoder::new(std::fs::File::open(archive).unwrap()).read_to_end(&mut text).unwrap();
    (told, String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn the_raw_answer_is_kept_and_nothing_else_is_asked() {
    let page = ok("<a href='/other'>x</a><img src='/pixel.png'>");
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n".to_vec();
    let away = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/away\r\nContent-Length: 0\r\n\r\n".to_vec();
    let server = Server::new(&[("/", page.clone()), ("/chunks", chunked.clone()), ("/away", away)]);
    let folder = tempfile::tempdir().unwrap();
    let urls: Vec<String> = ["/", "/chunks", "/away", "/none"].map(|path| server.url(path)).into();
    let (told, warc) = collect(&urls, quick(), folder.path());
    assert!(told.iter().all(|c| c.outcome == Outcome::Stored && c.sha256.is_some()), "{told:?}");
    assert_eq!(told.iter().map(|c| c.status).collect::<Vec<_>>(), [Some(200), Some(200), Some(302), Some(404)]);
    assert_eq!(told[2].location.as_deref(), Some("http://127.0.0.1:1/away"));
    assert!(warc.contains(std::str::from_utf8(&page).unwrap()));
    assert!(warc.contains(std::str::from_utf8(&chunked).unwrap()), "the lengths of chunks are part of the answer");
    assert_eq!(told[0].bytes, page.len() as u64);
    for collected in &told {
        assert!(warc.contains(&format!("WARC-Block-Digest: sha256:{}", collected.sha256.as_deref().unwrap())));
    }
    assert_eq!(server.paths(), ["/robots.txt", "/", "/chunks", "/away", "/none"]);
    for head in server.heads() {
        let head = head.to_lowercase();
        assert!(head.starts_with("get ") && !head.contains("cookie") && !head.contains("referer"), "{head}");
        assert!(head.contains("user-agent: athar/"), "{head}");
    }
}

#[test]
fn robots_is_honoured_unless_an_authority_is_stated() {
    let robots = ok("User-agent: *\nDisallow: /private");
    let server = Server::new(&[("/robots.txt", robots), ("/private", ok("p")), ("/open", ok("o"))]);
    let urls = [server.url("/private"), server.url("/open")];
    let folder = tempfile::tempdir().unwrap();
    let (told, warc) = collect(&urls, quick(), folder.path());
    assert_eq!(told.iter().map(|c| c.outcome).collect::<Vec<_>>(), [Outcome::Forbidden, Outcome::Stored]);
    assert!(warc.contains("robots: honoured\r\n"));
    assert_eq!(server.paths(), ["/robots.txt", "/open"]);

    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { authority: Some("Order 12/2026\r\nof the court".into()), ..quick() };
    let (told, warc) = collect(&urls, settings, folder.path());
    assert!(told.iter().all(|c| c.outcome == Outcome::Stored));
    assert!(warc.contains("robots: not asked\r\nauthority: Order 12/2026  of the court\r\n"));
}

#[test]
fn a_server_whose_robots_fails_is_not_asked_further() {
    let broken = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n".to_vec();
    let server = Server::new(&[("/robots.txt", broken), ("/a", ok("a"))]);
    let folder = tempfile::tempdir().unwrap();
    let (told, _) = collect(&[server.url("/a")], quick(), folder.path());
    assert_eq!(told[0].outcome, Outcome::Forbidden);
    assert_eq!(server.paths(), ["/robots.txt"]);
}

#[test]
fn what_is_too_long_too_slow_or_broken_is_cut_and_marked() {
    let long = ok(&"x".repeat(100_000));
    let lying = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort".to_vec();
    let garbage = b"\x00\x01garbage that is no HTTP\r\n\r\n".to_vec();
    let server = Server::new(&[("/long", long), ("/lying", lying), ("/garbage", garbage)]);
    let dead = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut urls: Vec<String> = ["/long", "/lying", "/garbage", "/slow", "/never"].map(|p| server.url(p)).into();
    urls.push(format!("http://127.0.0.1:{dead}/"));
    let folder = tempfile::tempdir().unwrap();
    let settings =
        Settings { bytes: 10_000, time: Duration::from_secs(2), authority: Some("a test".into()), ..quick() };
    let (told, warc) = collect(&urls, settings, folder.path());
    let outcomes: Vec<_> = told.iter().map(|c| (c.outcome, c.bytes)).collect();
    assert_eq!(outcomes[0], (Outcome::Cut, 10_000));
    assert_eq!(outcomes[1].0, Outcome::Cut);
    assert_eq!(outcomes[2].0, Outcome::Cut, "what came is kept, whatever it is: {:?}", told[2]);
    assert_eq!((outcomes[3].0, told[3].why.as_deref().is_some_and(|w| w.contains("timeout"))), (Outcome::Cut, true));
    assert_eq!((outcomes[4], outcomes[5]), ((Outcome::Failed, 0), (Outcome::Failed, 0)));
    assert!(told[5].why.as_deref().is_some_and(|why| why.contains("refused")), "{:?}", told[5]);
    for why in ["length", "time", "disconnect"] {
        assert!(warc.contains(&format!("WARC-Truncated: {why}\r\n")), "{why}");
    }
}

#[test]
fn requests_to_one_host_keep_their_distance() {
    let server = Server::new(&[("/robots.txt", ok("User-agent: athar\nCrawl-delay: 1"))]);
    let folder = tempfile::tempdir().unwrap();
    collect(&[server.url("/1"), server.url("/2")], quick(), folder.path());
    let times: Vec<Instant> = server.asked.lock().unwrap().iter().map(|(_, time)| *time).collect();
    assert_eq!(times.len(), 3);
    // the server's clock is the same one; a request may only come later than it must
    assert!(times[1] - times[0] >= Duration::from_millis(950) && times[2] - times[1] >= Duration::from_millis(950));
}

/// A SOCKS5 proxy that gives `answer` for any host, and remembers the names that it was asked for.
fn proxy(answer: Vec<u8>) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut hello = [0; 2];
            stream.read_exact(&mut hello).unwrap();
            let mut methods = vec![0; usize::from(hello[1])];
            stream.read_exact(&mut methods).unwrap();
            stream.write_all(&[5, 0]).unwrap();
            let mut head = [0; 5];
            stream.read_exact(&mut head).unwrap();
            assert_eq!(head[3], 3, "the name goes to the proxy, not an address of it");
            let mut rest = vec![0; usize::from(head[4]) + 2];
            stream.read_exact(&mut rest).unwrap();
            log.lock().unwrap().push(String::from_utf8_lossy(&rest[..rest.len() - 2]).into_owned());
            stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
            let mut request = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            while !line.ends_with("\r\n\r\n") && request.read_line(&mut line).unwrap() > 0 {}
            stream.write_all(&answer).unwrap();
        }
    });
    (port, asked)
}

#[test]
fn onion_hosts_go_by_name_through_the_proxy_and_never_without_one() {
    let (port, asked) = proxy(ok("hidden"));
    let host = "athartestathartestathartestathartestathartestathartestaa.onion";
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { proxy: Some(format!("socks5h://127.0.0.1:{port}")), ..quick() };
    let (told, warc) = collect(&[format!("http://{host}/donate")], settings, folder.path());
    assert_eq!((told[0].outcome, told[0].status), (Outcome::Stored, Some(200)));
    assert!(warc.ends_with("\r\n\r\n") && warc.contains("hidden") && warc.contains("proxied: true"));
    assert_eq!(*asked.lock().unwrap(), [host, host]);

    let list = folder.path().join("list.txt");
    let server = Server::new(&[("/", ok("x"))]);
    std::fs::write(&list, format!("{}\nhttp://{host}./x", server.url("/"))).unwrap();
    let archive = folder.path().join("other.warc.gz");
    let error = Collector::new(quick()).unwrap().collect(&list, &archive, |_| true).unwrap_err();
    assert!(matches!(&error, CollectError::Onion { line: 2, .. }), "{error}");
    assert!(!archive.exists() && server.paths().is_empty(), "nothing is asked before the whole list is judged");
    for local in ["socks5://127.0.0.1:9050", "http://127.0.0.1:3128", "no proxy"] {
        let settings = Settings { proxy: Some(local.into()), ..quick() };
        assert!(matches!(Collector::new(settings), Err(CollectError::Proxy(_))), "{local}");
    }
}

#[test]
fn an_archive_that_is_there_is_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let (list, archive) = (folder.path().join("list.txt"), folder.path().join("out.warc.gz"));
    std::fs::write(&list, "http://127.0.0.1:1/").unwrap();
    std::fs::write(&archive, "evidence").unwrap();
    let error = Collector::new(quick()).unwrap().collect(&list, &archive, |_| true).unwrap_err();
    assert!(error.to_string().contains("out.warc.gz"), "{error}");
    assert_eq!(std::fs::read(&archive).unwrap(), b"evidence");
}
