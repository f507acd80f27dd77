//! Alerts while a real node is followed: from the mempool within moments, confirmed by the block, told by a reorganisation.

use crate::run::{folder, mine, settings, wallet};
use athar_desk::Desk;
use athar_desk::alert::{Alert, AlertFilter, Stage, Watcher, WatcherSettings};
use athar_desk::watch::{Flow, NewWatch, WatchKind};
use athar_engine::write::{FollowEvent, Mempool, MempoolTx, Observer, follow_bitcoin};
use athar_engine::{Chain, Network, Options};
use athar_node_tests::{BlockFiles, Node, Rpc, configured};
use athar_types::{AddressKey, AddressKind, Hash32};
use serde_json::json;
use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

const WAIT_MAX: Duration = Duration::from_secs(60);
/// Payments whose time is measured, with one address and with many.
const PAYMENTS: usize = 50;
const MANY: u32 = 100_000;

/// What the follower told, as text: for whoever has to find out why a test failed.
type Said = Arc<Mutex<Vec<String>>>;

struct Listener(Arc<Watcher>, Said);

impl Listener {
    fn say(&self, what: String) {
        self.1.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }
}

impl Observer for Listener {
    fn event(&mut self, event: &FollowEvent) -> bool {
        self.say(serde_json::to_string(event).unwrap());
        true
    }

    fn stage(&mut self, _: athar_engine::write::Stage) {}

    fn warn(&mut self, text: &str) {
        self.say(format!("warning: {text}"));
    }

    fn entered(&mut self, tx: &MempoolTx) {
        self.0.entered(tx);
        self.say(format!("entered {}", tx.txid));
    }

    fn left(&mut self, txid: &Hash32, why: &'static str) {
        self.0.left(txid, why);
    }

    fn listed(&mut self, pool: &Mempool) {
        self.0.listed(pool);
    }

    fn waiting(&mut self, pool: &Mempool) {
        self.0.waiting(pool);
    }

    fn chain_changed(&mut self) {
        self.0.chain_changed();
    }
}

/// A follower that watches. Dropping it stops it.
struct Watching {
    desk: Arc<Desk>,
    watcher: Arc<Watcher>,
    rpc: Rpc,
    told: Said,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watching {
    fn start(node: &Node, store: &Path) -> Self {
        let desk = Arc::new(Desk::open(store).unwrap());
        let watching = WatcherSettings { store: store.into(), chain: Chain::Bitcoin, options: Options::default() };
        let watcher = Arc::new(Watcher::start(Arc::clone(&desk), watching).unwrap());
        let stop = Arc::new(AtomicBool::new(false));
        let told = Said::default();
        let (mut listener, flag) = (Listener(Arc::clone(&watcher), Arc::clone(&told)), Arc::clone(&stop));
        let (settings, store): (_, PathBuf) = (settings(node, true), store.into());
        let thread = thread::spawn(move || {
            follow_bitcoin(&store, &settings, &flag, &mut listener).unwrap();
        });
        Self { desk, watcher, rpc: node.rpc().clone(), told, stop, thread: Some(thread) }
    }

    fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + WAIT_MAX;
        while !is_so(self) {
            if Instant::now() >= deadline {
                let said = self.rpc.call("getrawmempool", json!([])).map(|pool| pool.to_string());
                let alerts: Vec<_> = self.all().into_iter().map(|a| (a.id, a.txid, a.stage, a.block_height)).collect();
                let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
                let told = &told[told.len().saturating_sub(20)..];
                panic!(
                    "{what} did not come; warnings {:?}; the node's mempool {said:?}; told last {told:?}; alerts {alerts:?}",
                    self.watcher.warnings()
                );
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn until_height(&self, rpc: &Rpc) {
        let height = rpc.call("getblockcount", json!([])).unwrap().as_u64().unwrap() as u32;
        self.until("the tip", |w| w.desk.watched_height("bitcoin").unwrap() == Some(height));
    }

    fn until_addresses(&self, count: usize) {
        self.until("the watches", |w| w.watcher.matcher().is_some_and(|m| m.addresses() == count));
    }

    fn all(&self) -> Vec<Alert> {
        let mut all = Vec::new();
        let mut after = Some(0);
        while let Some(from) = after {
            let page = self.desk.alerts(&AlertFilter::default(), from, 1_000).unwrap();
            all.extend(page.rows);
            after = page.next;
        }
        all
    }

    fn of(&self, txid: &str) -> Option<Alert> {
        let filter = AlertFilter { txid: Some(txid.into()), ..AlertFilter::default() };
        self.desk.alerts(&filter, 0, 10).unwrap().rows.into_iter().next()
    }

    fn until_stage(&self, txid: &str, stage: Stage) -> Alert {
        self.until(&format!("{txid} at {stage:?}"), |w| w.of(txid).is_some_and(|alert| alert.stage == stage));
        self.of(txid).unwrap()
    }

    fn actions(&self, alert: i64) -> Vec<String> {
        self.desk.alert_history(alert, 0, 100).unwrap().rows.into_iter().map(|entry| entry.action).collect()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A payment, signed and not sent.
fn signed(wallet: &Rpc, to: &str) -> String {
    let raw = wallet.text("createrawtransaction", json!([[], [{ to: "0.01" }]])).unwrap();
    let funded = wallet.call("fundrawtransaction", json!([raw, { "fee_rate": 5 }])).unwrap();
    let signed = wallet.call("signrawtransactionwithwallet", json!([funded["hex"]])).unwrap();
    signed["hex"].as_str().unwrap().to_owned()
}

/// Pays, one after the other; milliseconds from before the node was given each payment until its alert was stored, ascending.
fn measure(watching: &Watching, wallet: &Rpc, to: &str) -> (Vec<f64>, Vec<String>) {
    let mut times = Vec::new();
    let mut txids = Vec::new();
    for number in 0..PAYMENTS {
        // a node takes no long chains of unconfirmed payments
        if number % 15 == 14 {
            mine(wallet, 1);
            watching.until_height(wallet);
        }
        let raw = signed(wallet, to);
        let began = Instant::now();
        let txid = wallet.text("sendrawtransaction", json!([raw])).unwrap();
        watching.until("the alert", |w| w.of(&txid).is_some());
        times.push(began.elapsed().as_secs_f64() * 1e3);
        txids.push(txid);
        thread::sleep(Duration::from_millis(5));
    }
    times.sort_by(f64::total_cmp);
    (times, txids)
}

fn tell(what: &str, times: &[f64]) {
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    let within = times.iter().filter(|ms| **ms <= 100.0).count();
    let _ = writeln!(
        std::io::stderr(),
        "{what}: {} payments, from before the node had it to the stored alert: p50 {:.1} ms, p90 {:.1} ms, p99 {:.1} ms, most {:.1} ms; {within} within 100 ms",
        times.len(),
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0)
    );
}

fn text_of(number: u32) -> String {
    let hash = athar_types::address::sha256d(&number.to_le_bytes());
    AddressKey::new(AddressKind::P2wpkh, &hash[..20]).unwrap().to_text(Network::Regtest)
}

#[test]
fn a_watched_payment_raises_its_alert_from_the_mempool_its_block_confirms_it_and_a_reorganisation_is_told() {
    let Some(bitcoind) = configured("alerts") else { return };
    let (data, store) = (folder("alerts"), folder("alerts-store"));
    let node = Node::start_with(&bitcoind, &data, BlockFiles::Default, true, &[]).unwrap();
    let wallet = wallet(&node);
    // of somebody else: what the payer's wallet spends again would be sent, not received
    node.rpc().call("createwallet", json!(["bob"])).unwrap();
    let watched = node.rpc().wallet("bob").text("getnewaddress", json!([])).unwrap();
    std::fs::create_dir_all(&store).unwrap();
    let desk = Desk::open(&store).unwrap();
    desk.add_watchlist("cases", "", "amal", 1).unwrap();
    let new = |value: &str| NewWatch {
        direction: Flow::Received,
        ..NewWatch::new(WatchKind::Address, Some(Chain::Bitcoin), value)
    };
    desk.add_watches("cases", vec![new(&watched)], 1).unwrap();
    let watching = Watching::start(&node, &store);
    watching.until_addresses(1);
    watching.until_height(node.rpc());
    assert!(watching.all().is_empty(), "what was on the chain before is not told");

    let (one, mut txids) = measure(&watching, &wallet, &watched);
    tell("1 address", &one);
    let lines: Vec<String> = (0..MANY).map(text_of).collect();
    desk.import_watches_from("cases", lines.join("\n").as_bytes(), "many", &new(""), 1).unwrap();
    watching.until_addresses(MANY as usize + 1);
    let (many, more) = measure(&watching, &wallet, &watched);
    tell("100,001 addresses", &many);
    txids.extend(more);

    // each is one alert of what was paid
    let alert = watching.of(txids.last().unwrap()).unwrap();
    assert_eq!(
        (alert.stage, alert.subject.as_str(), alert.units.as_deref()),
        (Stage::Mempool, watched.as_str(), Some("1000000"))
    );
    let block = mine(&wallet, 1).remove(0);
    for txid in &txids {
        watching.until_stage(txid, Stage::Block);
    }
    assert_eq!(watching.of(txids.last().unwrap()).unwrap().block_hash.as_deref(), Some(block.as_str()));
    assert_eq!(watching.all().len(), txids.len(), "one alert a payment");

    // the block leaves the chain: told; and a block of another branch holds the payment again
    let last = txids.last().unwrap().clone();
    node.rpc().call("invalidateblock", json!([block])).unwrap();
    let reorged = watching.until_stage(&last, Stage::Reorged);
    assert_eq!(reorged.block_hash.as_deref(), Some(block.as_str()), "where it was is still said");
    let other = mine(&wallet, 2).remove(0);
    assert_ne!(other, block);
    let again = watching.until_stage(&last, Stage::Block);
    assert_eq!(again.block_hash.as_deref(), Some(other.as_str()));
    assert_eq!(watching.actions(again.id), ["raised", "confirmed", "reorged", "confirmed"]);

    // replaced in the mempool: the first is dropped, the second raised
    let first = wallet
        .text("sendtoaddress", json!({"address": watched, "amount": "0.02", "replaceable": true, "fee_rate": 5}))
        .unwrap();
    watching.until_stage(&first, Stage::Mempool);
    let bumped = wallet.call("bumpfee", json!([first, {"fee_rate": 50}])).unwrap();
    let by = bumped["txid"].as_str().unwrap().to_owned();
    watching.until_stage(&by, Stage::Mempool);
    let dropped = watching.until_stage(&first, Stage::Dropped);
    let why = watching.desk.alert_history(dropped.id, 0, 10).unwrap().rows.pop().unwrap();
    assert_eq!((why.action.as_str(), why.reason.as_str()), ("dropped", "replaced"));

    // while nobody watched a payment waited, and another was confirmed
    drop(watching);
    let (confirmed, left_waiting) = {
        let txid = wallet.text("sendtoaddress", json!([watched, "0.03"])).unwrap();
        mine(&wallet, 1);
        (txid, wallet.text("sendtoaddress", json!([watched, "0.04"])).unwrap())
    };
    let watching = Watching::start(&node, &store);
    watching.until_stage(&left_waiting, Stage::Mempool);
    watching.until_stage(&confirmed, Stage::Block);
    watching.until_stage(&by, Stage::Block);
    assert_eq!(watching.all().len(), txids.len() + 4);

    // what waits already when its watch is made is told before any block has it
    let late = node.rpc().wallet("bob").text("getnewaddress", json!([])).unwrap();
    let txid = wallet.text("sendtoaddress", json!([late, "0.05"])).unwrap();
    watching.until("the payment", |w| {
        w.told.lock().unwrap_or_else(PoisonError::into_inner).contains(&format!("entered {txid}"))
    });
    assert!(watching.of(&txid).is_none());
    desk.add_watches("cases", vec![new(&late)], 1).unwrap();
    watching.until_stage(&txid, Stage::Mempool);
    assert_eq!(watching.all().len(), txids.len() + 5);
    assert_eq!(watching.desk.verify().unwrap(), Vec::<String>::new());
}
