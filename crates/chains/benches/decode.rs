//! How fast blocks decode, beside the least that any decoder must do: walk the transactions and hash them.
//!
//! `cargo bench -p athar-chains`. Takes some ten seconds; makes its own chain of 64 MiB for each mix of forms:
//! transactions of about 450 bytes with 2.4 inputs and 2.6 outputs on average, in blocks of 1 MiB. Each figure is the
//! median of [`ROUNDS`] rounds on one thread; the contenders take turns, so that a busy machine treats them alike.
//!
//! - `bare`: reads counts and lengths without looking at anything else, and takes the double SHA-256 of each
//!   transaction without its witness through the hasher's usual interface. No merkle root, no check but against
//!   reading past the end, no visitor.
//! - `decode`: [`decode_block`] with a visitor that adds up what it is shown: txids, merkle root, every check.
//! - `classify`: the same, with the kind and address of every output and the key form of every input.

use athar_chains::bitcoin::write::{BlockBuilder, OwnedInput, OwnedOutput, OwnedTx, REGTEST_BITS};
use athar_chains::bitcoin::{
    BlockVisitor, Input, KeyReveal, Output, TxHead, Witness, classify, decode_block, key_reveal,
};
use athar_types::{Hash32, Sats, UnixTime};
use sha2::{Digest, Sha256};
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const ROUNDS: usize = 9;
const CHAIN_LEN: usize = 64 << 20;
const BLOCK_LEN: usize = 1 << 20;

fn main() -> ExitCode {
    // `cargo test --benches` starts benches without this argument: then one small round shows that all is well
    let (rounds, chain_len) =
        if std::env::args().any(|a| a == "--bench") { (ROUNDS, CHAIN_LEN) } else { (1, BLOCK_LEN) };
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    println!("SHA instructions: {}", if is_x86_feature_detected!("sha") { "yes" } else { "no" });
    println!("SHA-256 of one long message: {:.0} MB/s", mb_per_s(chain_len, sha_time(chain_len)));
    for (name, segwit_of_4) in [("legacy", 0), ("half segwit", 2), ("all segwit", 4)] {
        let Some(blocks) = chain(segwit_of_4, chain_len) else {
            eprintln!("no nonce found for a regtest block");
            return ExitCode::FAILURE;
        };
        if let Err(error) = compare(name, &blocks, rounds) {
            eprintln!("{name}: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Runs the contenders in turn and prints the medians; an error where they do not agree on what they saw.
fn compare(name: &str, blocks: &[Vec<u8>], rounds: usize) -> Result<(), String> {
    let bytes = blocks.iter().map(Vec::len).sum();
    let mut times = [const { Vec::new() }; 3];
    let mut totals = Totals::default();
    for _ in 0..rounds {
        let start = Instant::now();
        let bare: usize = blocks.iter().map(|block| bare_walk(block).unwrap_or(0)).sum();
        times[0].push(start.elapsed());

        totals = Totals::default();
        times[1].push(decode_all(blocks, &mut totals)?);
        let mut names = Names::default();
        times[2].push(decode_all(blocks, &mut names)?);

        black_box((totals.fold, names.fold));
        if bare != totals.txs || names.named != totals.outputs - blocks.len() || names.revealed == 0 {
            return Err(format!("{bare} transactions walked, {} decoded, {} named", totals.txs, names.named));
        }
    }
    let [bare, decode, classify] = times.map(|t| mb_per_s(bytes, median(t)));
    let mean = |n: usize| n as f64 / totals.txs as f64;
    println!(
        "{name}: {} MB, {} transactions of {:.0} bytes, {:.2} inputs, {:.2} outputs",
        bytes / 1_000_000,
        totals.txs,
        mean(bytes),
        mean(totals.inputs),
        mean(totals.outputs)
    );
    println!("  bare     {bare:>6.0} MB/s");
    println!("  decode   {decode:>6.0} MB/s  {:.1}% of bare", 100.0 * decode / bare);
    println!("  classify {classify:>6.0} MB/s  {:.1}% of bare", 100.0 * classify / bare);
    Ok(())
}

fn decode_all<V: BlockVisitor>(blocks: &[Vec<u8>], visitor: &mut V) -> Result<Duration, String> {
    let start = Instant::now();
    for block in blocks {
        decode_block(block, visitor).map_err(|error| error.to_string())?;
    }
    Ok(start.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn mb_per_s(bytes: usize, time: Duration) -> f64 {
    bytes as f64 / 1e6 / time.as_secs_f64()
}

fn sha_time(len: usize) -> Duration {
    let data = vec![7; len];
    let times = (0..3).map(|_| {
        let start = Instant::now();
        black_box(Sha256::digest(black_box(&data)));
        start.elapsed()
    });
    median(times.collect())
}

/// Adds up what the decoder shows.
#[derive(Default)]
struct Totals {
    txs: usize,
    inputs: usize,
    outputs: usize,
    fold: u64,
}

impl BlockVisitor for Totals {
    fn input(&mut self, _: u32, input: &Input<'_>) {
        self.inputs += 1;
        self.fold ^= u64::from(input.prev_vout) ^ input.prev_txid.prefix() ^ input.script_sig.len() as u64;
    }

    fn output(&mut self, _: u32, output: &Output<'_>) {
        self.outputs += 1;
        self.fold = self.fold.wrapping_add(output.value.0 ^ output.script.len() as u64);
    }

    fn tx(&mut self, head: &TxHead) {
        self.txs += 1;
        self.fold ^= head.txid.prefix() ^ u64::from(head.weight);
    }
}

/// Names every output and every reveal.
#[derive(Default)]
struct Names {
    named: usize,
    revealed: usize,
    fold: u8,
}

impl BlockVisitor for Names {
    fn input(&mut self, _: u32, input: &Input<'_>) {
        self.revealed += usize::from(key_reveal(input.script_sig, None) != KeyReveal::None);
    }

    fn output(&mut self, _: u32, output: &Output<'_>) {
        let script = classify(output.script);
        self.fold ^= script.kind() as u8;
        if let Some(address) = script.address() {
            self.named += 1;
            self.fold ^= address.payload()[3];
        }
    }

    fn witness(&mut self, _: u32, witness: &Witness<'_>) {
        self.revealed += usize::from(key_reveal(&[], Some(witness)) != KeyReveal::None);
    }
}

/// The least a decoder must do: the number of transactions, each walked and hashed.
fn bare_walk(block: &[u8]) -> Option<usize> {
    let mut at = 80;
    let count = size(block, &mut at)?;
    let mut fold = 0;
    for _ in 0..count {
        let start = at;
        at += 4;
        let segwit = *block.get(at)? == 0;
        at += if segwit { 2 } else { 0 };
        let body = at;
        let inputs = size(block, &mut at)?;
        for _ in 0..inputs {
            at += 36;
            at += size(block, &mut at)? + 4;
        }
        for _ in 0..size(block, &mut at)? {
            at += 8;
            at += size(block, &mut at)?;
        }
        let end = at;
        if segwit {
            for _ in 0..inputs {
                for _ in 0..size(block, &mut at)? {
                    at += size(block, &mut at)?;
                }
            }
        }
        at += 4;
        let inner = if segwit {
            Sha256::new()
                .chain_update(block.get(start..start + 4)?)
                .chain_update(block.get(body..end)?)
                .chain_update(block.get(at - 4..at)?)
                .finalize()
        } else {
            Sha256::digest(block.get(start..at)?)
        };
        fold ^= Sha256::digest(inner)[0];
    }
    black_box(fold);
    (at == block.len()).then_some(count)
}

fn size(block: &[u8], at: &mut usize) -> Option<usize> {
    let first = *block.get(*at)?;
    *at += 1;
    let len = match first {
        0xfd => 2,
        0xfe => 4,
        0xff => 8,
        small => return Some(usize::from(small)),
    };
    let mut bytes = [0; 8];
    bytes[..len].copy_from_slice(block.get(*at..*at + len)?);
    *at += len;
    Some(u64::from_le_bytes(bytes) as usize)
}

/// Blocks of transactions in the given mix of forms.
fn chain(segwit_of_4: u64, chain_len: usize) -> Option<Vec<Vec<u8>>> {
    let mut random = SplitMix(2);
    let mut builder = BlockBuilder::new();
    let (mut blocks, mut total, mut prev) = (Vec::new(), 0, Hash32::ZERO);
    while total < chain_len {
        builder.push(&coinbase(blocks.len() as u32));
        while builder.block_len() < BLOCK_LEN {
            let segwit = random.next() % 4 < segwit_of_4;
            builder.push(&payment(&mut random, segwit));
        }
        let mut block = Vec::with_capacity(BLOCK_LEN + 1024);
        let time = UnixTime(1_300_000_000 + blocks.len() as u32 * 600);
        prev = builder.finish(&mut block, 4, prev, time, REGTEST_BITS)?.1;
        total += block.len();
        blocks.push(block);
    }
    Some(blocks)
}

fn coinbase(height: u32) -> OwnedTx {
    let mut script_sig = vec![4];
    script_sig.extend_from_slice(&height.to_le_bytes());
    OwnedTx {
        version: 2,
        inputs: vec![OwnedInput { prev_vout: u32::MAX, script_sig, sequence: u32::MAX, ..OwnedInput::default() }],
        outputs: vec![OwnedOutput { value: Sats(50 * Sats::BTC), script: vec![0x51] }],
        ..OwnedTx::default()
    }
}

/// A payment with 1 to 5 inputs (2.4 on average) and 1 to 6 outputs (2.6 on average).
fn payment(random: &mut SplitMix, segwit: bool) -> OwnedTx {
    let inputs = [1, 1, 1, 2, 2, 2, 3, 3, 4, 5][(random.next() % 10) as usize];
    let outputs = [1, 2, 2, 2, 2, 2, 3, 3, 3, 6][(random.next() % 10) as usize];
    let mut tx = OwnedTx { version: 2, ..OwnedTx::default() };
    for _ in 0..inputs {
        let signature = random.bytes::<72>();
        let mut key = random.bytes::<33>();
        key[0] = 2 | key[0] & 1;
        let mut input = OwnedInput {
            prev_txid: Hash32(random.bytes()),
            prev_vout: (random.next() % 3) as u32,
            sequence: 0xffff_fffd,
            ..OwnedInput::default()
        };
        if segwit {
            tx.witnesses.push(vec![signature.to_vec(), key.to_vec()]);
        } else {
            input.script_sig.push(72);
            input.script_sig.extend_from_slice(&signature);
            input.script_sig.push(33);
            input.script_sig.extend_from_slice(&key);
        }
        tx.inputs.push(input);
    }
    for index in 0..outputs {
        let hash = random.bytes::<20>();
        let script = match (segwit, index % 3) {
            (true, 0 | 1) => [&[0, 20], &hash[..]].concat(),
            (_, 2) => [&[0xa9, 20], &hash[..], &[0x87]].concat(),
            (false, _) => [&[0x76, 0xa9, 20], &hash[..], &[0x88, 0xac]].concat(),
            (true, _) => [&[0x51, 32], &random.bytes::<32>()[..]].concat(),
        };
        tx.outputs.push(OwnedOutput { value: Sats(random.next() % 1_000_000_000), script });
    }
    tx
}

/// Steele, Lea and Flood's SplitMix64.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next() as u8)
    }
}
