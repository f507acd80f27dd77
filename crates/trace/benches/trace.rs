//! How fast taint moves: edges a second under every policy, over a made chain of a million transactions or a store.
//!
//! `cargo bench -p athar-trace --bench trace [-- TRANSACTIONS | --store DIR]`. The made chain mixes near and far spends, one
//! to four inputs and outputs, fees, and three segments. Each line gives the median of three runs in processor time, all pages
//! warm, and the wall time to the first thousand edges; no stop is asked about, so the walk alone is measured.

use athar_ledger::{
    BlockRows, Disk, InRow, Ledger, OutRow, SegmentBuilder, Store, StoreLock, TxFlags, TxRow, key_hash,
};
use athar_trace::{Direction, Limits, Link, NoOwners, NoStops, Policy, Question, Sink, Sources, Totals, stream, trace};
use athar_types::{AddressId, AddressKind, Chain, Hash32, Network, OutputNum, ScriptKind};
use std::{error::Error, time::Instant};

/// Blocks of a chain that nobody mined: xorshift decides.
struct Maker {
    state: u64,
    unspent: Vec<(u32, u32, u64)>,
    txs: u32,
    tip: Hash32,
}

fn txid(number: u32) -> Hash32 {
    let mut id = [0; 32];
    let mixed = (u64::from(number) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    id[..8].copy_from_slice(&mixed.to_le_bytes());
    id[28..].copy_from_slice(&number.to_be_bytes());
    Hash32(id)
}

impl Maker {
    fn below(&mut self, sides: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 16) % sides
    }

    fn block(&mut self, txs: u32) -> BlockRows {
        let mut header = vec![0; 80];
        header[4..36].copy_from_slice(&self.tip.0);
        let mut hash = txid(self.txs);
        hash.0[31] ^= 0xff;
        self.tip = hash;
        let mut block = BlockRows { header, hash, size: 1_000_000, ..BlockRows::default() };
        for place in 0..txs {
            let (mut value, mut inputs) = (0, 0);
            if place == 0 {
                value = 5_000_000_000;
            } else {
                for _ in 0..[1, 1, 1, 2, 2, 4][self.below(6) as usize] {
                    let len = self.unspent.len() as u64;
                    // half of all spends are of young coins
                    let young = if self.below(2) == 0 { len.min(2000) } else { len };
                    if young == 0 {
                        break;
                    }
                    let at = len - 1 - self.below(young);
                    let (tx, vout, sat) = self.unspent.swap_remove(at as usize);
                    block.inputs.push(InRow { prev_txid: txid(tx), prev_vout: vout });
                    value += sat;
                    inputs += 1;
                }
                value -= (value / 10_000).min(20_000);
            }
            let outputs = if place == 0 { 1 } else { [1, 2, 2, 2, 2, 3][self.below(6) as usize] };
            for vout in 0..outputs {
                let sat = if vout + 1 == outputs { value } else { self.below(value + 1) };
                value -= sat;
                self.output(&mut block, sat);
                self.unspent.push((self.txs, vout, sat));
            }
            let flags = TxFlags(if place == 0 { TxFlags::COINBASE } else { 0 });
            block.txs.push(TxRow {
                txid: txid(self.txs),
                version: 2,
                weight: 800,
                flags,
                inputs,
                outputs,
                locktime: 0,
            });
            self.txs += 1;
        }
        block
    }

    fn output(&mut self, block: &mut BlockRows, value: u64) {
        let owner = self.below(u64::from(self.txs) + 10);
        let mut key = [0; 20];
        key[..8].copy_from_slice(&owner.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        let kind = AddressKind::P2wpkh as u8;
        let key_start = block.keys.len() as u32;
        block.keys.extend_from_slice(&key);
        let key_hash = key_hash(kind, &key);
        let kind_of_script = ScriptKind::P2wpkh;
        block.outputs.push(OutRow { value, key_hash, key_start, key_len: 20, key_kind: kind, kind: kind_of_script });
    }
}

fn ledger(folder: &std::path::Path, txs: u32) -> Result<Ledger, Box<dyn Error>> {
    let lock = StoreLock::take(folder)?;
    let mut store = Store::open_for_writing(folder, &lock, Disk::default())?;
    store.set_network(Chain::Bitcoin, Network::Regtest)?;
    let mut maker = Maker { state: 0x2545_f491_4f6c_dd1d, unspent: Vec::new(), txs: 0, tip: Hash32::ZERO };
    for part in 1..=3u64 {
        let ledger = store.ledger(Chain::Bitcoin)?.ok_or("the store has no chain")?;
        let mut builder = SegmentBuilder::new(ledger.end(), maker.tip);
        while u64::from(maker.txs) < u64::from(txs) * part / 3 {
            builder.push(&maker.block(2000.min(txs)))?;
        }
        let segment = builder.finish(&ledger, store.disk(), &store.chain_folder(Chain::Bitcoin))?;
        store.append(Chain::Bitcoin, segment)?;
    }
    Ok(store.ledger(Chain::Bitcoin)?.ok_or("the store has no chain")?)
}

/// Edges after which a first result is there.
const FIRST: u64 = 1_000;
/// Edges after which a trace is ended: haircut and poison reach nearly everything.
const EDGES_MAX: u64 = 10_000_000;

/// Counts the runs of satoshi that edges are made of, and takes the time of the first edges.
struct Runs {
    runs: u64,
    start: Instant,
    first_ns: u128,
}

impl Sink for Runs {
    #[inline]
    fn link(&mut self, _: &Link) {
        self.runs += 1;
    }

    #[inline]
    fn go_on(&mut self, edges: u64) -> bool {
        if edges >= FIRST && self.first_ns == 0 {
            self.first_ns = self.start.elapsed().as_nanos();
        }
        true
    }
}

/// Nanoseconds that this thread has spent on a processor, where the system tells (Linux); else those since `start`. On a
/// machine shared with others only the former says what the work costs.
fn spent(start: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ns = told.as_deref().and_then(|t| t.split(' ').next()).and_then(|ns| ns.parse().ok());
    ns.unwrap_or_else(|| start.elapsed().as_nanos() as f64)
}

fn report(name: &str, mut run: impl FnMut() -> (Totals, Option<Runs>)) {
    let mut times = Vec::new();
    let (mut totals, mut runs) = (Totals::default(), None);
    for _ in 0..3 {
        let start = Instant::now();
        let before = spent(start);
        (totals, runs) = run();
        times.push(spent(start) - before);
    }
    times.sort_by(f64::total_cmp);
    let (median, edges, frontier) = (times[1], totals.edge_count, totals.frontier_max);
    if edges < 10_000 || median <= 0.0 {
        return println!("{name:<44} {edges:>9} edges, too few to time");
    }
    let told = runs.map(|r| {
        format!(
            ", {:.2} runs/edge, first {FIRST} after {:.2} ms",
            r.runs as f64 / edges as f64,
            r.first_ns as f64 / 1e6
        )
    });
    println!(
        "{name:<44} {edges:>9} edges {:>8.0} ns/edge {:>6.2} M edges/s{}, frontier {frontier} spans",
        median / edges as f64,
        edges as f64 / median * 1e3,
        told.unwrap_or_default(),
    );
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).filter(|w| w != "--bench").collect();
    let folder = tempfile::tempdir()?;
    let start = Instant::now();
    let ledger = match &words[..] {
        [flag, store] if flag == "--store" => {
            Store::open(std::path::Path::new(store))?.ledger(Chain::Bitcoin)?.ok_or("the store has no chain")?
        }
        [] => ledger(folder.path(), 1_000_000)?,
        [txs] => ledger(folder.path(), txs.parse()?)?,
        _ => return Err("usage: trace [TRANSACTIONS | --store DIR]".into()),
    };
    println!(
        "{} transactions, {} outputs, {} inputs, there after {:.1} s",
        ledger.tx_count(),
        ledger.output_count(),
        ledger.input_count(),
        start.elapsed().as_secs_f64()
    );
    let limits = Limits { keep_paths: false, edges_listed_max: 0, edges_max: EDGES_MAX, ..Limits::NONE };
    let outputs = ledger.output_count();
    let coinbases: Vec<_> = (0..ledger.block_count())
        .filter_map(|h| ledger.block(athar_types::Height(h)))
        .map(|b| OutputNum(ledger.tx_outputs(athar_types::TxNum(b.txs.start)).start))
        .collect();
    let sets = [
        ("one early output", vec![OutputNum(20.min(outputs - 1))]),
        ("every coinbase", coinbases),
        ("every 100th output", (0..outputs).step_by(100).map(OutputNum).collect()),
        ("one address", ledger.address_outputs(AddressId(3)).collect()),
    ];
    for policy in Policy::ALL {
        for direction in [Direction::Forward, Direction::Backward] {
            for (name, set) in &sets {
                let sources = Sources::outputs(&ledger, set.iter().copied(), usize::MAX)?;
                let ask = |limits| Question {
                    policy,
                    direction,
                    sources: &sources,
                    stops: &NoStops,
                    owners: &NoOwners,
                    limits,
                };
                report(&format!("{policy} {direction}, {name}"), || {
                    let mut runs = Runs { runs: 0, start: Instant::now(), first_ns: 0 };
                    let totals = stream(&ledger, &ask(&limits), &mut runs);
                    (totals, Some(runs))
                });
                if direction == Direction::Forward && *name == "every coinbase" && policy == Policy::Fifo {
                    let whole = Limits { keep_paths: true, ..limits };
                    report(&format!("{policy} {direction}, {name}, kept with paths"), || {
                        (trace(&ledger, &ask(&whole)).totals, None)
                    });
                }
            }
        }
    }
    Ok(())
}
