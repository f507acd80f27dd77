//! How fast answers of a node become rows of token transfers.
//!
//! `cargo bench -p athar-chains --bench account`. Takes some ten seconds; makes its own blocks of 200 transactions, each of
//! which writes one log: three of four a token's transfer, the fourth an approval, which is none. Texts are as nodes write them, with all
//! the fields that nobody reads here (bloom, input, signature). Each figure is the median of [`ROUNDS`] rounds on one thread.
//!
//! - `json`: texts of `eth_getBlockByNumber` and `eth_getBlockReceipts` to raw parts.
//! - `rows`: raw parts to rows.
//! - `whole`: one after the other, with traces of `trace_block` (one call a transaction) or without.

use athar_chains::account::raw::RawBlock;
use athar_chains::account::{Tokens, jsonrpc, rows};
use athar_types::Chain;
use athar_types::account::{AccountParams, AssetKey};
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const ROUNDS: usize = 9;
const BLOCKS: usize = 200;
const TXS: usize = 200;

const TRANSFER: &str = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
const APPROVAL: &str = "0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925";

/// The answers about one block.
struct Answers {
    block: String,
    receipts: String,
    traces: String,
}

fn main() -> ExitCode {
    // `cargo test --benches` starts benches without this argument: then one small round shows that all is well
    let (rounds, count) = if std::env::args().any(|a| a == "--bench") { (ROUNDS, BLOCKS) } else { (1, 2) };
    let Some(params) = Chain::Ethereum.account() else { return ExitCode::FAILURE };
    let mut random = SplitMix(7);
    let answers: Vec<Answers> = (0..count).map(|number| answers(number, &mut random)).collect();
    match run(&answers, params, rounds) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(answers: &[Answers], params: &AccountParams, rounds: usize) -> Result<(), String> {
    let (mut json, mut row, mut traced) = (Vec::new(), Vec::new(), Vec::new());
    let mut transfers = 0;
    for _ in 0..rounds {
        let start = Instant::now();
        let raw = answers.iter().map(|answers| read(answers, false)).collect::<Result<Vec<_>, _>>()?;
        json.push(start.elapsed());

        let start = Instant::now();
        transfers = count(&raw, params)?;
        row.push(start.elapsed());
        drop(raw);

        let start = Instant::now();
        let mut same = 0;
        for answers in answers {
            same += count(&[read(answers, true)?], params)?;
        }
        traced.push(start.elapsed());
        if same != transfers || same != answers.len() * TXS * 3 / 4 {
            return Err(format!("{transfers} and {same} transfers of tokens"));
        }
    }
    let bytes: usize = answers.iter().map(|a| a.block.len() + a.receipts.len()).sum();
    let [json, row, traced] = [json, row, traced].map(median);
    println!("{} blocks, {} MB without traces, {transfers} token transfers", answers.len(), bytes / 1_000_000);
    for (name, time) in [("json", json), ("rows", row), ("whole", json + row), ("whole with traces", traced)] {
        println!("  {name:<18} {:>9.0} token transfers/s", transfers as f64 / time.as_secs_f64());
    }
    println!("  text without traces {:.0} MB/s", bytes as f64 / 1e6 / json.as_secs_f64());
    Ok(())
}

fn read(answers: &Answers, with_traces: bool) -> Result<RawBlock, String> {
    let text = |error: athar_chains::account::AccountError| error.to_string();
    let mut raw = jsonrpc::block(&answers.block).map_err(text)?;
    jsonrpc::receipts(&answers.receipts, &mut raw).map_err(text)?;
    if with_traces {
        jsonrpc::trace_block(&answers.traces, &mut raw).map_err(text)?;
    }
    Ok(raw)
}

fn count(blocks: &[RawBlock], params: &AccountParams) -> Result<usize, String> {
    let mut found = 0;
    for raw in blocks {
        let block = rows(raw, params, Tokens::shipped()).map_err(|error| error.to_string())?;
        found += block.transfers.iter().filter(|t| matches!(t.asset, AssetKey::Token(_))).count();
        black_box(&block);
    }
    Ok(found)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn answers(number: usize, random: &mut SplitMix) -> Answers {
    let bloom = format!("0x{}", "0".repeat(512));
    let (block_hash, parent) = (random.hex(32), random.hex(32));
    let (mut txs, mut receipts, mut traces) = (Vec::new(), Vec::new(), Vec::new());
    for rank in 0..TXS {
        let (hash, from, to, token) = (random.hex(32), random.hex(20), random.hex(20), random.hex(20));
        let place =
            format!(r#""blockHash":"{block_hash}","blockNumber":"0x{number:x}","transactionIndex":"0x{rank:x}""#);
        let input = format!("0xa9059cbb{}{}", "0".repeat(24), &random.hex(52)[2..]);
        txs.push(format!(
            r#"{{{place},"from":"{from}","gas":"0x15f90","gasPrice":"0x4a817c800","hash":"{hash}","input":"{input}","nonce":"0x{rank:x}","to":"{token}","value":"0x0","type":"0x2","accessList":[],"chainId":"0x1","v":"0x0","r":"{}","s":"{}"}}"#,
            random.hex(32),
            random.hex(32)
        ));
        let topic = if rank % 4 == 3 { APPROVAL } else { TRANSFER };
        let word = |account: &str| format!("0x{}{}", "0".repeat(24), &account[2..]);
        receipts.push(format!(
            r#"{{{place},"contractAddress":null,"cumulativeGasUsed":"0xfffff","effectiveGasPrice":"0x4a817c800","from":"{from}","gasUsed":"0xfde8","logs":[{{"address":"{token}","topics":["{topic}","{}","{}"],"data":"0x{:064x}",{place},"transactionHash":"{hash}","logIndex":"0x{rank:x}","removed":false}}],"logsBloom":"{bloom}","status":"0x1","to":"{token}","transactionHash":"{hash}","type":"0x2"}}"#,
            word(&from),
            word(&to),
            random.next()
        ));
        traces.push(format!(
            r#"{{"action":{{"from":"{from}","callType":"call","gas":"0x0","input":"{input}","to":"{token}","value":"0x0"}},"blockHash":"{block_hash}","blockNumber":{number},"result":{{"gasUsed":"0x0","output":"0x01"}},"subtraces":0,"traceAddress":[],"transactionHash":"{hash}","transactionPosition":{rank},"type":"call"}}"#
        ));
    }
    let block = format!(
        r#"{{"number":"0x{number:x}","hash":"{block_hash}","parentHash":"{parent}","timestamp":"0x64000000","miner":"{}","baseFeePerGas":"0x3b9aca00","logsBloom":"{bloom}","transactions":[{}],"uncles":[]}}"#,
        random.hex(20),
        txs.join(",")
    );
    Answers { block, receipts: format!("[{}]", receipts.join(",")), traces: format!("[{}]", traces.join(",")) }
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

    fn hex(&mut self, bytes: usize) -> String {
        let digits: String = (0..bytes).map(|_| format!("{:02x}", self.next() as u8)).collect();
        format!("0x{digits}")
    }
}
