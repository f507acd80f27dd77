//! What watching costs: `cargo bench -p athar-desk --bench alerts`.
//!
//! Transactions that concern nobody, two inputs and three outputs each, with 1, 1,000, 100,000 and 1,000,000 watched addresses: the look
//! alone, and with the decoding of the transaction and its id before it (what else a follower does with one, such as looking up what it
//! spends, is left out). Rounds are short and take turns, so that what else the machine does falls on all alike; the quickest round of
//! each counts. Then how long lists take to import and to load, and a page of the queue of 100,000 alerts.
#![allow(missing_docs, clippy::unwrap_used)] // a benchmark ends where anything goes wrong

use athar_desk::Desk;
use athar_desk::alert::{AlertFilter, AlertOrder, Seen, TxHit};
use athar_desk::watch::{Flow, Matcher, NewWatch, Watch, WatchKind};
use athar_node::{MempoolTx, parse_tx};
use athar_types::{AddressKey, AddressKind, Chain, Level, Network};
use std::hint::black_box;
use std::time::{Duration, Instant};

const TXS: u64 = 2_000;
const ROUNDS: usize = 300;

fn spread(number: u64) -> [u8; 32] {
    *blake3::hash(&number.to_le_bytes()).as_bytes()
}

fn address(number: u64) -> String {
    AddressKey::new(AddressKind::P2wpkh, &spread(number)[..20]).unwrap().to_text(Network::Regtest)
}

/// A transaction in its bytes, paying three fresh addresses.
fn raw(number: u64) -> Vec<u8> {
    let mut bytes = vec![2, 0, 0, 0, 2];
    for input in 0..2 {
        bytes.extend_from_slice(&spread(1 << 40 | number << 1 | input));
        bytes.extend_from_slice(&[0, 0, 0, 0, 0, 0xfd, 0xff, 0xff, 0xff]);
    }
    bytes.push(3);
    for output in 0..3 {
        bytes.extend_from_slice(&(10_000 + number).to_le_bytes());
        bytes.extend_from_slice(&[22, 0, 20]);
        bytes.extend_from_slice(&spread(1 << 50 | number << 2 | output)[..20]);
    }
    bytes.extend_from_slice(&[0; 4]);
    bytes
}

fn look(matcher: &Matcher, tx: &MempoolTx) -> bool {
    let largest = tx.outputs.iter().map(|output| output.value.0).max().unwrap_or(0);
    matcher.concerns(tx.outputs.iter().filter_map(|output| output.address), largest)
}

fn main() {
    if !std::env::args().any(|arg| arg == "--bench") {
        return; // built by `cargo test`, which runs nothing here
    }
    let raws: Vec<Vec<u8>> = (0..TXS).map(raw).collect();
    let txs: Vec<MempoolTx> = raws.iter().map(|raw| parse_tx(raw, 0).unwrap()).collect();
    assert!(txs.iter().all(|tx| tx.outputs.iter().all(|output| output.address.is_some())));
    let sizes = [1_u64, 1_000, 100_000, 1_000_000];
    let matchers: Vec<Matcher> = sizes
        .iter()
        .map(|size| {
            let watch = |number| Watch {
                id: number as i64,
                watchlist: "bench".into(),
                kind: WatchKind::Address,
                chain: None,
                value: address(number),
                direction: Flow::Any,
                asset: None,
                at_least_units: None,
                at_least_usd_cents: None,
                severity: Level::Medium,
                note: String::new(),
                added_at: 0,
            };
            Matcher::bare(Chain::Bitcoin, Network::Regtest, (0..*size).map(watch).collect()).unwrap()
        })
        .collect();
    let mut alone = vec![Duration::MAX; sizes.len()];
    let mut whole = alone.clone();
    for _ in 0..ROUNDS {
        for (at, matcher) in matchers.iter().enumerate() {
            let began = Instant::now();
            let found = txs.iter().filter(|tx| look(black_box(matcher), tx)).count();
            alone[at] = alone[at].min(began.elapsed());
            assert_eq!(black_box(found), 0);
            let began = Instant::now();
            let found = raws.iter().filter(|raw| look(black_box(matcher), &parse_tx(raw, 0).unwrap())).count();
            whole[at] = whole[at].min(began.elapsed());
            assert_eq!(black_box(found), 0);
        }
    }
    let each = |time: Duration| time.as_secs_f64() * 1e9 / TXS as f64;
    for (at, size) in sizes.iter().enumerate() {
        println!(
            "{size:>9} watched: the look alone {:.1} ns a transaction ({:.2} of that with one), decoded and looked at {:.0} ns ({:.3})",
            each(alone[at]),
            each(alone[at]) / each(alone[0]),
            each(whole[at]),
            each(whole[at]) / each(whole[0])
        );
    }

    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path()).unwrap();
    desk.add_watchlist("bench", "", "bench", 0).unwrap();
    let lines: Vec<String> = (0..100_000).map(address).collect();
    let like = NewWatch::new(WatchKind::Address, Some(Chain::Bitcoin), "");
    let began = Instant::now();
    desk.import_watches_from("bench", lines.join("\n").as_bytes(), "bench", &like, 1).unwrap();
    println!("100,000 addresses imported in {:.2?}", began.elapsed());
    let began = Instant::now();
    let watches: Vec<Watch> = {
        let mut all = Vec::new();
        let mut after = Some(0);
        while let Some(from) = after {
            let page = desk.watches(None, from, 1_000).unwrap();
            all.extend(page.rows);
            after = page.next;
        }
        all
    };
    let matcher = Matcher::bare(Chain::Bitcoin, Network::Regtest, watches).unwrap();
    println!("{} of them loaded in {:.2?}", matcher.addresses(), began.elapsed());
    println!("database: {:.1} MB", std::fs::metadata(desk.path()).map_or(0.0, |m| m.len() as f64 / 1e6));
    queue(&desk, &desk.watches(None, 0, 1).unwrap().rows[0]);
}

/// A page of 200 of 100,000 alerts, one of a hundred of them severe: the median of 50 questions each.
fn queue(desk: &Desk, watch: &Watch) {
    let hit = |number: u64| TxHit {
        watch: watch.id,
        watchlist: watch.watchlist.clone(),
        kind: watch.kind,
        value: watch.value.clone(),
        severity: if number % 100 == 99 { Level::Severe } else { Level::Medium },
        chain: "bitcoin".into(),
        subject: watch.value.clone(),
        txid: blake3::hash(&number.to_le_bytes()).to_string(),
        direction: Flow::Received,
        asset: "BTC".into(),
        units: 5_000,
        usd_cents: Some(300),
        evidence: serde_json::json!({ "sides": [] }),
        snapshot: "s".into(),
        seen: Seen::Mempool,
    };
    let began = Instant::now();
    for part in 0..100 {
        let hits: Vec<TxHit> = (part * 1_000..(part + 1) * 1_000).map(hit).collect();
        desk.see(&hits, 100).unwrap();
    }
    println!("100,000 alerts raised in {:.2?}", began.elapsed());
    let waits = AlertFilter { not_closed: true, ..AlertFilter::default() };
    let work = AlertFilter { order: AlertOrder::Work, ..waits.clone() };
    for (what, filter) in [
        ("by number", waits),
        ("in the order of work", work.clone()),
        ("in the order of work, of a kind that has none", AlertFilter { kind: Some(WatchKind::Amount), ..work }),
    ] {
        let mut times: Vec<Duration> = (0..50)
            .map(|_| {
                let began = Instant::now();
                black_box(desk.alerts(&filter, 0, 200).unwrap());
                began.elapsed()
            })
            .collect();
        times.sort();
        println!("a page of 200 {what}: {:.2?}", times[25]);
    }
}
