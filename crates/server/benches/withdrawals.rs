//! How long a decision takes over HTTP, beside a plain screening of the same addresses: `cargo bench -p athar-server`.
//!
//! Over a simulated world, or a store that `ATHAR_BENCH_STORE` names (a Bitcoin chain of any network). `ATHAR_BENCH_TXS` is
//! the size of the world (200,000), `ATHAR_BENCH_CLIENTS` the connections that ask at the same time (1 and 4),
//! `ATHAR_BENCH_REQUESTS` the requests of each. A screening that takes longer than a request may (30 s) is counted as refused. Every number is
//! measured from before a request is written to when its answer is read; decisions are kept on the disk as in production.

#![allow(missing_docs)] // a program

use athar_engine::write::{IngestSettings, PolicyChange, change_policy, import_labels, import_prices, ingest_bitcoin};
use athar_engine::{Clustering, Day, Engine, Options, PricesOptions};
use athar_server::{Limits, LogLevel, People, Server, Settings, Transport, Upkeep};
use std::error::Error;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

type Failed = Box<dyn Error + Send + Sync>;

const DAY: Day = Day(20_000);
/// Requests of each kind and connection, unless asked otherwise.
const REQUESTS: u32 = 2_000;
/// The shipped rules, with a table that does not find the world's end, years ago, to be behind.
const TABLE: &str = "\n[decision]\nwhen_behind = { lists_days = 1000000, answer = \"review\" }\n";

fn main() -> Result<(), Failed> {
    // `cargo test` builds and runs benches too
    if std::env::args().any(|arg| arg == "--test") {
        return Ok(());
    }
    let number = |name: &str, or: u32| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(or);
    let folder = tempfile::tempdir()?;
    let store = match std::env::var_os("ATHAR_BENCH_STORE") {
        Some(store) => PathBuf::from(store),
        None => made(folder.path(), number("ATHAR_BENCH_TXS", 200_000))?,
    };
    let policy = folder.path().join("bench.toml");
    let rules = athar_engine::policy::shipped_file("strict-sanctions").ok_or("no shipped policy")?;
    std::fs::write(&policy, format!("{}{TABLE}", rules.replace("name = \"strict-sanctions\"", "name = \"bench\"")))?;
    change_policy(&store, PolicyChange::Add(&policy), DAY)?;
    change_policy(&store, PolicyChange::Activate("bench"), DAY)?;
    let addresses = sample(&store)?;
    let requests = number("ATHAR_BENCH_REQUESTS", REQUESTS) as usize;
    println!("{} addresses, {requests} requests a connection", addresses.len());
    let server = Server::bind(settings(&store), std::io::sink())?;
    let at = server.address();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let thread = std::thread::spawn(move || {
        server.run(async {
            let _ = stopped.await;
        })
    });
    let check = |address: &str| {
        let body = format!(r#"{{"chain":"bitcoin","address":"{address}","amount":"0.1","time_limit_ms":500}}"#);
        ("POST", "/v1/withdrawals/check".to_owned(), body)
    };
    let tight = |address: &str| {
        let body = format!(r#"{{"chain":"bitcoin","address":"{address}","amount":"0.1","time_limit_ms":20}}"#);
        ("POST", "/v1/withdrawals/check".to_owned(), body)
    };
    let direct = |address: &str| ("GET", format!("/v1/screenings?value={address}"), String::new());
    let assessed = |address: &str| ("GET", format!("/v1/screenings?policy=active&value={address}"), String::new());
    type Of<'a> = &'a (dyn Fn(&str) -> (&'static str, String, String) + Sync);
    let kinds: [(&str, Of<'_>); 4] = [
        ("screening, direct", &direct),
        ("screening, policy", &assessed),
        ("check, 500 ms", &check),
        ("check, 20 ms", &tight),
    ];
    println!(
        "{:<20} {:>7} {:>9} {:>9} {:>9} {:>9} {:>9} {:>6} {:>7}",
        "", "clients", "p50 ms", "p90 ms", "p99 ms", "max ms", "a second", "late", "refused"
    );
    for clients in [1, number("ATHAR_BENCH_CLIENTS", 4) as usize] {
        for (name, kind) in kinds {
            run(name, at, (clients, requests), &addresses, kind)?;
        }
    }
    let _ = stop.send(());
    let _ = thread.join();
    Ok(())
}

fn made(folder: &Path, txs: u32) -> Result<PathBuf, Failed> {
    let (world, store) = (folder.join("world"), folder.join("store"));
    athar_simulate::simulate(&athar_simulate::Settings::economy(5, txs, &world), &mut |_| ())?;
    let settings = IngestSettings { network: None, memory_bytes: 1 << 30, clusterings: vec![Clustering::default()] };
    ingest_bitcoin(&store, &world.join("blocks"), settings, &mut |_| true)?;
    import_labels(&store, &[world.join("analyst/labels.csv")], DAY, None)?;
    let prices = [world.join("analyst/prices.csv")];
    import_prices(&store, &prices, &PricesOptions { today: DAY, ..PricesOptions::default() })?;
    Ok(store)
}

/// Addresses from blocks all over the chain: the first outputs of each.
fn sample(store: &Path) -> Result<Vec<String>, Failed> {
    let engine = Engine::open(store, &Options::default())?;
    let tip = engine.basis().tip_height.ok_or("an empty store")?;
    let mut addresses = Vec::new();
    for height in (1..=tip).step_by((tip as usize / 300).max(1)) {
        let Some(block) = engine.block(&height.to_string())? else { continue };
        for txid in block.txs.iter().take(4) {
            let tx = engine.tx(&txid.to_string())?;
            addresses.extend(tx.into_iter().flat_map(|tx| tx.outputs).filter_map(|o| o.address).take(2));
        }
    }
    Ok(addresses)
}

fn settings(store: &Path) -> Settings {
    Settings {
        store: store.into(),
        options: Options::default(),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        keys: None,
        workers: 2,
        log: LogLevel::Error,
        limits: Limits::for_workers(2),
        upkeep: Upkeep { deliver: false, rescreen: false, ..Upkeep::default() },
        transport: Transport::default(),
        people: People::default(),
    }
}

/// Asks over kept connections and prints how long answers took.
fn run(
    name: &str,
    at: SocketAddr,
    (clients, requests): (usize, usize),
    addresses: &[String],
    kind: &(dyn Fn(&str) -> (&'static str, String, String) + Sync),
) -> Result<(), Failed> {
    let begun = Instant::now();
    let parts: Vec<Result<(Vec<Duration>, usize, usize), Failed>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients)
            .map(|client| {
                scope.spawn(move || {
                    let mut stream = TcpStream::connect(at)?;
                    stream.set_nodelay(true)?;
                    let (mut times, mut late, mut refused) = (Vec::with_capacity(requests), 0, 0);
                    for n in 0..requests {
                        let (method, path, body) = kind(&addresses[(client * 7919 + n * 31) % addresses.len()]);
                        let request = format!(
                            "{method} {path} HTTP/1.1\r\nhost: {at}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                            body.len()
                        );
                        let asked = Instant::now();
                        stream.write_all(request.as_bytes())?;
                        let (status, answer) = read(&mut stream)?;
                        times.push(asked.elapsed());
                        match status {
                            200 => {}
                            503 => refused += 1,
                            _ => return Err(format!("{name}: {status} {answer}").into()),
                        }
                        late += usize::from(answer.contains("\"decided_by\": \"limit\""));
                    }
                    Ok((times, late, refused))
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap_or_else(|_| Err("a client ended".into()))).collect()
    });
    let took = begun.elapsed();
    let (mut times, mut late, mut refused) = (Vec::new(), 0, 0);
    for part in parts {
        let (of, cut, no) = part?;
        times.extend(of);
        late += cut;
        refused += no;
    }
    times.sort_unstable();
    let ms = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    println!(
        "{name:<20} {clients:>7} {:>9.3} {:>9.3} {:>9.3} {:>9.3} {:>9.0} {late:>6} {refused:>7}",
        ms(0.5),
        ms(0.9),
        ms(0.99),
        ms(1.0),
        times.len() as f64 / took.as_secs_f64()
    );
    Ok(())
}

/// One answer with a known length.
fn read(stream: &mut TcpStream) -> Result<(u16, String), Failed> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 16 << 10]);
    loop {
        let n = stream.read(&mut piece)?;
        if n == 0 {
            return Err("the connection ended".into());
        }
        bytes.extend_from_slice(&piece[..n]);
        let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&bytes[..end])?.to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.ok_or("an answer without a length")?.trim().parse()?;
        if bytes.len() >= end + 4 + length {
            let status = head.split(' ').nth(1).ok_or("no status")?.parse()?;
            return Ok((status, String::from_utf8_lossy(&bytes[end + 4..end + 4 + length]).into_owned()));
        }
    }
}
