//! A process that raises alerts and delivers them, killed at random moments: no alert is lost, and none arrives twice without its mark.
use athar_desk::Desk;
use athar_desk::alert::{AlertFilter, Seen, TxHit};
use athar_desk::sink::NewSink;
use athar_desk::watch::{Flow, NewWatch, WatchKind};
use athar_desk::webhook::{NewEndpoint, Sender, SenderSettings};
use athar_engine::{Chain, Level};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

const ADDRESS: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
/// Longer than any lease: what a killed process had taken is due again.
const ROUND_SECONDS: i64 = 1_000;

fn hit(watch: i64, number: u64, seen: Seen) -> TxHit {
    TxHit {
        watch,
        watchlist: "cases".into(),
        kind: WatchKind::Address,
        value: ADDRESS.into(),
        severity: Level::High,
        chain: "bitcoin".into(),
        subject: ADDRESS.into(),
        txid: format!("{number:064x}"),
        direction: Flow::Received,
        asset: "BTC".into(),
        units: 1,
        usd_cents: None,
        evidence: json!({}),
        snapshot: "s".into(),
        seen,
    }
}

fn sender() -> Sender {
    let second = Duration::from_secs(1);
    Sender::new(SenderSettings { resolve: second, connect: second, total: second })
}

/// Raises alerts, confirms them, and delivers, without end. Says each transaction once its alert was stored.
#[test]
#[ignore = "a part of the test below, run as a process of its own and killed"]
fn child_alerts() {
    let env = |name: &str| std::env::var(name).unwrap();
    let desk = Arc::new(Desk::open(Path::new(&env("ATHAR_TEST_FOLDER"))).unwrap());
    let from: u64 = env("ATHAR_TEST_FROM").parse().unwrap();
    let now: i64 = env("ATHAR_TEST_NOW").parse().unwrap();
    let watch = desk.watches(None, 0, 1).unwrap().rows[0].id;
    let delivering = Arc::clone(&desk);
    thread::spawn(move || {
        loop {
            delivering.deliver(&sender(), &|| now, &mut || true).unwrap();
            thread::sleep(Duration::from_millis(1));
        }
    });
    for number in from.. {
        let seen = desk.see(&[hit(watch, number, Seen::Mempool)], now).unwrap();
        assert_eq!(seen.raised, 1);
        println!("\nraised {number}");
        if number % 3 == 0 {
            desk.see(&[hit(watch, number, Seen::Block { height: 1, hash: "b".into() })], now).unwrap();
            println!("\nconfirmed {number}");
        }
        thread::sleep(Duration::from_millis(3));
    }
}

/// An arrival: id of the event, its type, its transaction, and whether it was marked as a duplicate.
type Arrival = (String, String, String, bool);

/// A server on this machine that takes every webhook, and now and then does not say so.
fn server() -> (String, Arc<Mutex<Vec<Arrival>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let arrivals: Arc<Mutex<Vec<Arrival>>> = Arc::default();
    let kept = arrivals.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let kept = kept.clone();
            thread::spawn(move || stream.ok().and_then(|stream| take(stream, &kept)));
        }
    });
    (url, arrivals)
}

fn take(mut stream: TcpStream, kept: &Mutex<Vec<Arrival>>) -> Option<()> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let read = stream.read(&mut piece).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let header = |name: &str| {
            let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")));
            line.map_or("", |line| line.split_once(':').unwrap().1.trim()).to_owned()
        };
        if body.len() < header("content-length").parse().unwrap_or(0) {
            continue;
        }
        let event: Value = serde_json::from_str(body).unwrap();
        assert_eq!(header("athar-duplicate") == "true", header("athar-attempt").parse::<u32>().unwrap() > 1);
        let count = {
            let mut kept = kept.lock().unwrap();
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            kept.push((
                header("athar-event-id"),
                text(&event["type"]),
                text(&event["alert"]["txid"]),
                header("athar-duplicate") == "true",
            ));
            kept.len()
        };
        // an answer that is lost: it arrived, and the sender cannot know
        if count % 17 != 0 {
            let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
        return Some(());
    }
}

/// Every event came, at least one arrival of each, and every arrival after the first has its mark. How many came more than once.
fn check(arrivals: &[Arrival], raised: &BTreeSet<u64>, confirmed: &BTreeSet<u64>, way: &str) -> usize {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut told: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for (id, kind, txid, is_duplicate) in arrivals {
        let before = seen.entry(id).or_default();
        assert!(*before == 0 || *is_duplicate, "{way}: {kind} {id} came twice without its mark");
        *before += 1;
        told.entry(kind).or_default().insert(u64::from_str_radix(txid, 16).unwrap());
    }
    for (kind, all) in [("alert.raised", raised), ("alert.confirmed", confirmed)] {
        let came = told.remove(kind).unwrap_or_default();
        let lost: Vec<_> = all.difference(&came).collect();
        assert!(lost.is_empty(), "{way}: {kind} lost: {lost:?}");
    }
    seen.values().filter(|count| **count > 1).count()
}

#[test]
fn no_alert_is_lost_and_none_comes_twice_unmarked_however_often_the_process_is_killed() {
    let kills = std::env::var("ATHAR_DESK_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(20_i64);
    let folder = tempfile::tempdir().unwrap();
    let lines = folder.path().join("alerts.jsonl");
    let (url, arrivals) = server();
    let desk = Desk::open(folder.path()).unwrap();
    desk.add_watchlist("cases", "", "amal", 0).unwrap();
    desk.add_watches("cases", vec![NewWatch::new(WatchKind::Address, Some(Chain::Bitcoin), ADDRESS)], 0).unwrap();
    let at = url.trim_start_matches("http://").trim_end_matches("/hook").to_owned();
    desk.add_endpoint(&NewEndpoint { url, allow_internal: Some(at), ..NewEndpoint::default() }, 0).unwrap();
    desk.add_sink(&NewSink { url: format!("jsonl://{}", lines.display()), ..NewSink::default() }, 0).unwrap();
    drop(desk);
    let (mut raised, mut confirmed) = (BTreeSet::new(), BTreeSet::new());
    for kill in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "alert_kills::child_alerts", "--ignored", "--nocapture"])
            .env("ATHAR_TEST_FOLDER", folder.path())
            .env("ATHAR_TEST_FROM", (kill * 1_000_000).to_string())
            .env("ATHAR_TEST_NOW", ((kill + 1) * ROUND_SECONDS).to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = child.stdout.take().unwrap();
        let reader = thread::spawn(move || {
            let lines = BufReader::new(out).lines().map_while(Result::ok);
            lines
                .filter_map(|line| {
                    let (what, number) = line.split_once(' ')?;
                    Some((what == "raised", number.parse::<u64>().ok()?))
                        .filter(|_| matches!(what, "raised" | "confirmed"))
                })
                .collect::<Vec<_>>()
        });
        thread::sleep(Duration::from_millis(120 + (kill as u64 * 37) % 260));
        child.kill().unwrap();
        child.wait().unwrap();
        for (is_raised, number) in reader.join().unwrap() {
            if is_raised { &mut raised } else { &mut confirmed }.insert(number);
        }
    }
    // undisturbed to the end
    let desk = Desk::open(folder.path()).unwrap();
    assert_eq!(desk.verify().unwrap(), Vec::<String>::new());
    let mut now = (kills + 2) * ROUND_SECONDS;
    while desk.next_due().unwrap().is_some() {
        desk.deliver(&sender(), &|| now, &mut || true).unwrap();
        now += 100_000;
        assert!(now < 100_000_000, "what waits is never done");
    }
    assert!(desk.deliveries("dead", 0, 10).unwrap().rows.is_empty());
    // what a process had stored and could not say any more is there too: stored is what counts
    let mut after = 0;
    let mut stored = BTreeSet::new();
    loop {
        let page = desk.alerts(&AlertFilter::default(), after, 1_000).unwrap();
        stored.extend(page.rows.iter().map(|a| u64::from_str_radix(a.txid.as_deref().unwrap(), 16).unwrap()));
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert!(raised.is_subset(&stored), "an alert that was stored is gone");
    assert!(raised.len() > kills as usize, "the process got to work: {} alerts", raised.len());
    let twice = check(&arrivals.lock().unwrap(), &stored, &confirmed, "webhook");
    assert!(twice > 0, "nothing came twice: the answers that were lost did not matter");
    // a line that was cut is none
    let text = fs::read_to_string(&lines).unwrap();
    let mut by_lines = Vec::new();
    for line in text.lines() {
        let Ok(line) = serde_json::from_str::<Value>(line) else { continue };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let event = &line["event"];
        by_lines.push((
            text(&event["id"]),
            text(&event["type"]),
            text(&event["alert"]["txid"]),
            line["duplicate"] == true,
        ));
    }
    let twice_by_lines = check(&by_lines, &stored, &confirmed, "lines");
    let _ = writeln!(
        std::io::stderr(),
        "{kills} kills: {} alerts, {} confirmed; webhooks {} arrivals, {twice} events more than once; lines {} arrivals, {twice_by_lines} more than once",
        stored.len(),
        confirmed.len(),
        arrivals.lock().unwrap().len(),
        by_lines.len()
    );
}
