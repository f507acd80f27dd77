//! How soon a follower has what the node announces: blocks of 4,000 transactions until they are committed, and mempool
//! transactions until their event is told. Against a real node; without `ATHAR_NODE_BITCOIND` it says so and ends.
//!
//!     ATHAR_NODE_BITCOIND=$(scripts/bitcoind.sh) cargo bench -p athar-node-tests --bench follow

#![allow(clippy::unwrap_used)] // a benchmark ends where anything goes wrong

use athar_engine::{
    Clustering, Credentials, RpcUrl, ZmqUrl,
    write::{FollowEvent, FollowSettings, Happening, MEMORY_BYTES, Observer, Stage, follow_bitcoin},
};
use athar_node_tests::{BlockFiles, Node, Rpc, configured};
use bitcoin::{
    Amount, Network, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Witness, absolute, address::Address,
    consensus::encode::serialize_hex, opcodes::OP_TRUE, script::Builder, transaction::Version,
};
use serde_json::json;
use std::{
    collections::HashMap,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Blocks measured, and transactions in each besides the coinbase.
const BLOCKS: usize = 6;
const TXS: usize = 4_000;
/// Single transactions measured, and the pause between two.
const SINGLES: usize = 300;
const PAUSE: Duration = Duration::from_millis(15);
const WAIT_MAX: Duration = Duration::from_secs(120);
/// Satoshi of each of the coins that the blocks spend.
const COIN_SAT: u64 = 200_000;

/// When each thing was told.
#[derive(Default)]
struct Told {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    added: HashMap<String, Instant>,
    /// When told, milliseconds from the announcement to the commit, transactions.
    blocks: HashMap<String, (Instant, u64, u32)>,
    is_ready: bool,
}

impl Told {
    fn wait<T>(&self, what: &str, look: impl Fn(&State) -> Option<T>) -> T {
        let deadline = Instant::now() + WAIT_MAX;
        let mut state = self.state.lock().unwrap();
        loop {
            if let Some(found) = look(&state) {
                return found;
            }
            assert!(Instant::now() < deadline, "{what} did not come");
            state = self.changed.wait_timeout(state, Duration::from_millis(100)).unwrap().0;
        }
    }
}

struct Listener(Arc<Told>);

impl Observer for Listener {
    fn event(&mut self, event: &FollowEvent) -> bool {
        let now = Instant::now();
        // what the program does with an event: one line of JSON
        let _ = serde_json::to_string(event).unwrap();
        let mut state = self.0.state.lock().unwrap();
        match &event.what {
            Happening::MempoolAdded(tx) => _ = state.added.insert(tx.txid.to_string(), now),
            Happening::Block { hash, commit_ms, txs, .. } => {
                _ = state.blocks.insert(hash.to_string(), (now, *commit_ms, *txs));
            }
            Happening::MempoolReady { .. } => state.is_ready = true,
            _ => return true,
        }
        self.0.changed.notify_all();
        true
    }

    fn stage(&mut self, _stage: Stage) {}

    fn warn(&mut self, text: &str) {
        eprintln!("{text}");
    }
}

/// A script that anybody may spend, and its witness.
fn anyone() -> (ScriptBuf, Witness) {
    let script = Builder::new().push_opcode(OP_TRUE).into_script();
    (script.to_p2wsh(), Witness::from_slice(&[script.as_bytes()]))
}

fn spend(coin: OutPoint, outputs: Vec<TxOut>) -> Transaction {
    let (_, witness) = anyone();
    let input = TxIn { previous_output: coin, script_sig: ScriptBuf::new(), sequence: Sequence::MAX, witness };
    Transaction { version: Version::TWO, lock_time: absolute::LockTime::ZERO, input: vec![input], output: outputs }
}

/// Confirms `count` coins that anybody may spend.
fn coins(rpc: &Rpc, wallet: &Rpc, count: usize) -> Vec<OutPoint> {
    let (script, _) = anyone();
    let address = Address::from_script(&script, Network::Regtest).unwrap().to_string();
    let amount = COIN_SAT * (count as u64 + 50);
    let amount = format!("{}.{:08}", amount / 100_000_000, amount % 100_000_000);
    let txid = wallet.text("sendtoaddress", json!([address, amount])).unwrap();
    let raw = wallet.call("getrawtransaction", json!([txid, true])).unwrap();
    let paid = raw["vout"].as_array().unwrap().iter().position(|o| o["scriptPubKey"]["address"] == json!(address));
    let coin = OutPoint { txid: txid.parse().unwrap(), vout: paid.unwrap() as u32 };
    let to = wallet.text("getnewaddress", json!([])).unwrap();
    wallet.call("generatetoaddress", json!([1, to])).unwrap();
    let outputs = vec![TxOut { value: Amount::from_sat(COIN_SAT), script_pubkey: script }; count];
    let fan = spend(coin, outputs);
    // larger than a node relays, but not than a block
    rpc.call("generateblock", json!([to, [serialize_hex(&fan)]])).unwrap();
    let txid = fan.compute_txid();
    (0..count as u32).map(|vout| OutPoint { txid, vout }).collect()
}

/// Spends a coin to two addresses that were never seen before.
fn payment(coin: OutPoint, number: usize) -> Transaction {
    let program = |kind: u8, len: usize| {
        let mut bytes = vec![kind, len as u8];
        bytes.extend((0..len).map(|i| (number >> (8 * (i % 4))) as u8 ^ (i as u8).wrapping_mul(31)));
        ScriptBuf::from_bytes(bytes)
    };
    let out = |script_pubkey| TxOut { value: Amount::from_sat(COIN_SAT / 2 - 1_000), script_pubkey };
    spend(coin, vec![out(program(0, 20)), out(program(0x51, 32))])
}

/// Ends the follower, also where the measurement fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn percentiles(what: &str, mut ms: Vec<f64>) {
    ms.sort_by(f64::total_cmp);
    let at = |share: f64| ms[((ms.len() - 1) as f64 * share).round() as usize];
    println!("{what}: p50 {:.1} ms, p99 {:.1} ms, worst {:.1} ms ({} measured)", at(0.5), at(0.99), at(1.0), ms.len());
}

fn main() {
    let Some(bitcoind) = configured("bench follow") else { return };
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let node = Node::start_with(&bitcoind, &folder.path().join("node"), BlockFiles::Default, true, &["-datacarrier=1"])
        .unwrap();
    let rpc = node.rpc();
    rpc.call("createwallet", json!(["alice"])).unwrap();
    let wallet = rpc.wallet("alice");
    let to = wallet.text("getnewaddress", json!([])).unwrap();
    wallet.call("generatetoaddress", json!([140, to])).unwrap();

    let settings = FollowSettings {
        rpc: RpcUrl::parse(&node.rpc_url()).unwrap().0,
        credentials: Credentials::Cookie(node.cookie()),
        zmq: node.zmq_urls().iter().map(|url| ZmqUrl::parse(url).unwrap()).collect(),
        blocks: None,
        network: None,
        memory_bytes: MEMORY_BYTES,
        clustering: Clustering::default(),
    };
    let (told, stop) = (Arc::new(Told::default()), AtomicBool::new(false));
    thread::scope(|scope| {
        let store = folder.path().join("store");
        let mut listener = Listener(Arc::clone(&told));
        let (settings, flag) = (&settings, &stop);
        let follower = scope.spawn(move || follow_bitcoin(&store, settings, flag, &mut listener).unwrap());
        let over = Over(&stop);
        told.wait("mempool-ready", |state| state.is_ready.then_some(()));
        println!(
            "node {}, blocks of {TXS} payments, {} CPUs",
            node.version(),
            thread::available_parallelism().unwrap()
        );

        let singles = coins(rpc, &wallet, SINGLES);
        thread::sleep(Duration::from_secs(2));
        let (mut from_call, mut from_answer) = (Vec::new(), Vec::new());
        for (number, coin) in singles.into_iter().enumerate() {
            let tx = payment(coin, number);
            let start = Instant::now();
            let txid = rpc.text("sendrawtransaction", json!([serialize_hex(&tx)])).unwrap();
            let answered = Instant::now();
            let at = told.wait("a mempool transaction", |state| state.added.get(&txid).copied());
            from_call.push(at.saturating_duration_since(start).as_secs_f64() * 1e3);
            from_answer.push(at.saturating_duration_since(answered).as_secs_f64() * 1e3);
            thread::sleep(PAUSE);
        }
        percentiles("mempool transaction, sendrawtransaction called to event told", from_call);
        percentiles("mempool transaction, sendrawtransaction answered to event told", from_answer);

        let (mut commits, mut calls) = (Vec::new(), Vec::new());
        for block in 0..BLOCKS {
            let mut txids = Vec::with_capacity(TXS);
            for (number, coin) in coins(rpc, &wallet, TXS).into_iter().enumerate() {
                let tx = payment(coin, (block + 1) * 1_000_000 + number);
                txids.push(rpc.text("sendrawtransaction", json!([serialize_hex(&tx)])).unwrap());
            }
            told.wait("the last payment", |state| state.added.get(&txids[TXS - 1]).copied());
            thread::sleep(Duration::from_millis(500));
            let to = wallet.text("getnewaddress", json!([])).unwrap();
            let start = Instant::now();
            // by id: a node's own choice may end at a smaller block
            let mined = rpc.call("generateblock", json!([to, txids])).unwrap();
            let hash = mined["hash"].as_str().unwrap();
            let (at, commit_ms, txs) = told.wait("the block", |state| state.blocks.get(hash).copied());
            assert!(txs as usize > TXS, "a block of {txs} transactions");
            commits.push(commit_ms as f64);
            calls.push(at.saturating_duration_since(start).as_secs_f64() * 1e3);
        }
        percentiles("block, received to committed", commits);
        percentiles("block, mining called to event told", calls);
        drop(over);
        follower.join().unwrap();
    });
}
