//! Building the merge forest beside GraphSense's clustering, on the two data sets that its benchmark generates.
//!
//! `cargo bench -p athar-entities --bench forest [-- powerlaw|wallet]...` generates 20 million transactions with 62.6
//! million inputs in memory (the generator is counter-based, so it gives the same numbers in any language), builds the
//! forest with its evidence kept, maps every address to its entity, and prints time, memory and the checksum: the sum
//! over all ids, 0 included, of the smallest id in the cluster. The peer's program prints the same sum.

use athar_entities::{BuiltForest, ForestBuilder, Links};
use athar_types::{AddressId, TxNum};
use std::{env, fs, time::Instant};

const TXS: u32 = 20_000_000;
const IDS: u32 = 50_000_000;
/// Transactions handed over at once.
const BATCH: usize = 1_000_000;

const SEED_INPUTS: u64 = 1;
const SEED_ADDRESS: u64 = 2;
const SEED_WALLET: u64 = 3;

/// The finaliser of splitmix64 over a counter.
fn hash(seed: u64, index: u64) -> u64 {
    let mut z = seed.wrapping_add((index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The top 53 bits as a number in [0, 1).
fn unit(hash: u64) -> f64 {
    (hash >> 11) as f64 * 2f64.powi(-53)
}

/// Number of inputs of a transaction: 2 and more, each more half as likely, and now and then a consolidation.
fn inputs_of(tx: u32) -> u32 {
    let r = hash(SEED_INPUTS, u64::from(tx));
    if (r >> 40).is_multiple_of(1024) {
        50 + (((r >> 20) & 0xff) % 200) as u32
    } else {
        2 + (r | 1 << 20).trailing_zeros()
    }
}

/// Starts of the transactions' inputs, and the inputs.
fn generate(wallet: bool) -> (Vec<u32>, Vec<u32>) {
    let mut starts = Vec::with_capacity(TXS as usize + 1);
    let mut end = 0;
    starts.push(end);
    for tx in 0..TXS {
        end += inputs_of(tx);
        starts.push(end);
    }
    let mut addresses = Vec::with_capacity(end as usize);
    for tx in 0..TXS as usize {
        let v = unit(hash(SEED_WALLET, tx as u64));
        let base = (v * v * f64::from(IDS / 16)).floor() as u32;
        for input in starts[tx]..starts[tx + 1] {
            let x = hash(SEED_ADDRESS, u64::from(input));
            let u = unit(x);
            addresses.push(if wallet {
                1 + base * 16 + (x & 15) as u32
            } else {
                1 + (u * u * u * f64::from(IDS - 1)).floor() as u32
            });
        }
    }
    (starts, addresses)
}

/// Seconds of processor time this process has used (Linux; 0 elsewhere).
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = fields.iter().skip(11).take(2).filter_map(|f| f.parse::<u64>().ok()).sum();
    ticks as f64 / 100.0
}

/// A line of the process's memory status in MiB (Linux; 0 elsewhere).
fn memory_mib(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() / 1024
}

/// Times `work` and prints nanoseconds per input, wall and processor.
fn timed<T>(what: &str, inputs: usize, work: impl FnOnce() -> T) -> (T, f64, f64) {
    let (wall, cpu) = (Instant::now(), cpu_seconds());
    let made = work();
    let (wall, cpu) = (wall.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let ns = |seconds: f64| seconds * 1e9 / inputs as f64;
    println!("  {what:24} {wall:6.2} s wall  {cpu:6.2} s cpu  {:5.1} / {:5.1} ns an input", ns(wall), ns(cpu));
    (made, wall, cpu)
}

fn build(starts: &[u32], addresses: &[u32], ids: u32) -> BuiltForest {
    let mut builder = ForestBuilder::new(ids, false, &athar_ledger::Scratch::in_memory()).expect("memory");
    for first in (0..starts.len() - 1).step_by(BATCH) {
        let end = (first + BATCH).min(starts.len() - 1);
        builder.join_all(TxNum(first as u32), &starts[first..=end], addresses, &[]);
    }
    builder.finish()
}

fn main() {
    let asked: Vec<String> = env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    for (kind, checksum) in [("powerlaw", 720_815_377_409_457_u64), ("wallet", 1_249_999_792_128_965)] {
        if !asked.is_empty() && !asked.iter().any(|a| a == kind) {
            continue;
        }
        let (starts, addresses) = generate(kind == "wallet");
        let ids = addresses.iter().max().map_or(0, |max| max + 1);
        let inputs = addresses.len();
        println!("{kind}: {TXS} transactions, {inputs} inputs, ids below {ids}; {} MiB of input", memory_mib("VmRSS"));
        let (forest, wall_a, cpu_a) = timed("build, evidence kept", inputs, || build(&starts, &addresses, ids));
        let (names, wall_b, cpu_b) =
            timed("map to clusters", inputs, || forest.names(&athar_ledger::Scratch::in_memory()).expect("memory"));
        let ns = |seconds: f64| seconds * 1e9 / inputs as f64;
        println!("  {:24} {:5.1} ns wall, {:5.1} ns cpu an input", "together", ns(wall_a + wall_b), ns(cpu_a + cpu_b));
        let sum: u64 = names.iter().map(|name| u64::from(*name)).sum();
        let deepest = (0..ids).map(|id| forest.depth(AddressId(id))).max().unwrap_or(0);
        println!("  {} threads", rayon::current_num_threads());
        println!(
            "  peak {} MiB with input and mapping; {} links, deepest {deepest}",
            memory_mib("VmHWM"),
            forest.merges()
        );
        println!("  checksum {sum}: {}", if sum == checksum { "as expected" } else { "NOT as expected" });
        assert_eq!(sum, checksum, "{kind}");
    }
}
