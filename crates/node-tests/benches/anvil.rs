//! How fast blocks come from anvil, beside how fast it answers at all: `cargo bench -p athar-node-tests --bench anvil` with
//! `ATHAR_NODE_ANVIL` set.
//!
//! The same blocks are asked for in the same requests twice: once by a client that reads the bytes and throws them away,
//! once by Athar with all its checks and rows. The first is what the node takes; both run with four requests at a time, on
//! the node's own machine.
#![allow(clippy::unwrap_used)] // a measurement

use athar_chains::account::Tokens;
use athar_node::account::{EndpointSettings, EndpointUrl, EvmClient, EvmError, Fetcher, Wanted, account_block};
use athar_node_tests::evm::{Anvil, EvmRpc, EvmWorld, configured_anvil};
use athar_types::{Chain, account::AccountParams};
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    thread,
    time::Instant,
};

const BLOCKS: usize = 300;
const TXS: usize = 120;
/// As many as the fetcher comes to with blocks of this size.
const CHUNK: u64 = 8;
const WORKERS: usize = 4;
const ROUNDS: usize = 3;

fn main() {
    let Some(program) = configured_anvil("the measurement against anvil") else { return };
    let node = Anvil::start(&program, &[]).unwrap();
    let start = Instant::now();
    let mut world = EvmWorld::build(&node, 12).unwrap();
    world.live(BLOCKS, TXS).unwrap();
    let to = node.height().unwrap();
    println!("world of {} blocks made in {:.1} s", to + 1, start.elapsed().as_secs_f64());
    let client =
        EvmClient::connect(vec![EndpointSettings::new(EndpointUrl::parse(&node.url()).unwrap())], Wanted::default())
            .unwrap();
    let params = AccountParams::of(Chain::Ethereum).unwrap();
    for round in 1..=ROUNDS {
        let (seconds, bytes) = raw(node.rpc(), to);
        println!("round {round}: the node's answers alone: {seconds:.2} s, {:.1} MB", bytes as f64 / 1e6);
        let (mut txs, mut transfers) = (0, 0);
        let nanoseconds = AtomicU64::new(0);
        let start = Instant::now();
        Fetcher::new(&client)
            .with_workers(WORKERS)
            .run::<_, EvmError>(
                0,
                to,
                None,
                |parts| {
                    let start = Instant::now();
                    let block = account_block(parts, params, Tokens::shipped()).map_err(|error| error.to_string());
                    nanoseconds.fetch_add(start.elapsed().as_nanos() as u64, Ordering::Relaxed);
                    block
                },
                |_, block| {
                    txs += block.txs.len();
                    transfers += block.transfers.len();
                    Ok(true)
                },
            )
            .unwrap();
        let took = start.elapsed().as_secs_f64();
        println!(
            "round {round}: Athar: {took:.2} s ({:.2} of the node alone), {:.0} blocks/s, {:.0} tx/s, {:.0} transfers/s; \
             making rows took {:.2} s of it over all threads ({:.0} transfers/s)",
            took / seconds,
            (to + 1) as f64 / took,
            txs as f64 / took,
            transfers as f64 / took,
            nanoseconds.load(Ordering::Relaxed) as f64 / 1e9,
            transfers as f64 / (nanoseconds.load(Ordering::Relaxed) as f64 / 1e9),
        );
    }
}

/// Seconds and bytes of the node's answers, read and thrown away.
fn raw(rpc: &EvmRpc, to: u64) -> (f64, usize) {
    let (next, bytes) = (AtomicU64::new(0), AtomicUsize::new(0));
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let first = next.fetch_add(CHUNK, Ordering::Relaxed);
                    if first > to {
                        return;
                    }
                    let mut calls = Vec::new();
                    for number in first..=to.min(first + CHUNK - 1) {
                        let at = format!("{number:#x}");
                        for (method, params) in [
                            ("eth_getBlockByNumber", json!([at, true])),
                            ("eth_getBlockReceipts", json!([at])),
                            ("trace_block", json!([at])),
                        ] {
                            calls
                                .push(json!({"jsonrpc": "2.0", "id": calls.len(), "method": method, "params": params}));
                        }
                    }
                    bytes.fetch_add(rpc.raw("a batch", &Value::Array(calls)).unwrap().len(), Ordering::Relaxed);
                }
            });
        }
    });
    (start.elapsed().as_secs_f64(), bytes.into_inner())
}
