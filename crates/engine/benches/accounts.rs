//! Dumps of a chain of accounts into a store: decode, ledger, entities, all on disk. Prints token transfers a second.
//!
//! `cargo bench -p athar-engine --bench accounts [-- TRANSFERS]`
#![allow(clippy::unwrap_used, missing_docs)] // a bench

use athar_engine::Chain;
use athar_engine::write::{AccountIngestSettings, MEMORY_BYTES, Selected, ingest_account_files};
use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::{fs::File, path::Path, time::Instant};

const TOPIC: &str = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
const USDT: &str = "0xdac17f958d2ee523a2206206994597c13d831ec7";
const A_BLOCK: u64 = 200;
const ACCOUNTS: u64 = 200_000;
const ROUNDS: usize = 3;

fn hash(kind: u8, n: u64) -> String {
    let mut bytes = [0; 9];
    bytes[0] = kind;
    bytes[1..].copy_from_slice(&n.to_le_bytes());
    blake3::hash(&bytes).to_hex().to_string()
}

/// A table of blocks, of transactions with their receipts, and of logs, as ethereum-etl writes them.
fn write(folder: &Path, transfers: u64) -> u64 {
    let create = |name: &str| BufWriter::new(File::create(folder.join(name)).unwrap());
    let (mut blocks, mut txs, mut logs) = (create("blocks.csv"), create("transactions.csv"), create("logs.csv"));
    writeln!(logs, "log_index,transaction_hash,transaction_index,block_hash,block_number,address,data,topics").unwrap();
    writeln!(
        txs,
        "hash,nonce,block_hash,block_number,transaction_index,from_address,to_address,value,gas,gas_price,input,\
         block_timestamp,max_fee_per_gas,max_priority_fee_per_gas,transaction_type,receipt_gas_used,receipt_status,\
         receipt_effective_gas_price"
    )
    .unwrap();
    writeln!(blocks, "number,hash,parent_hash,miner,gas_limit,gas_used,timestamp,transaction_count,base_fee_per_gas")
        .unwrap();
    let account = |n: u64| hash(b'a', n % ACCOUNTS)[..40].to_string();
    let mut parent = format!("0x{}", "0".repeat(64));
    for n in 0..transfers {
        let (number, rank) = (16_000_000 + n / A_BLOCK, n % A_BLOCK);
        let of = format!("0x{}", hash(b'b', number));
        let time = 1_670_000_000 + 12 * (n / A_BLOCK);
        if rank == 0 {
            let miner = account(0);
            writeln!(blocks, "{number},{of},{parent},0x{miner},30000000,15000000,{time},{A_BLOCK},20000000000")
                .unwrap();
        }
        if rank == A_BLOCK - 1 {
            parent.clone_from(&of);
        }
        // two of five transfers are of a few busy accounts
        let (from, to) = (account(if n % 5 < 2 { n % 97 } else { n * 7_919 }), account(n * 104_729 + 1));
        let tx = format!("0x{}", hash(b't', n));
        let mut input = String::from("0xa9059cbb");
        write!(input, "{}{to}{:064x}", "0".repeat(24), n + 1).unwrap();
        writeln!(
            txs,
            "{tx},1,{of},{number},{rank},0x{from},{USDT},0,60000,30000000000,{input},{time},,,2,41000,1,25000000000"
        )
        .unwrap();
        let zeros = "0".repeat(24);
        writeln!(
            logs,
            "{rank},{tx},{rank},{of},{number},{USDT},0x{:064x},\"{TOPIC},0x{zeros}{from},0x{zeros}{to}\"",
            n + 1
        )
        .unwrap();
    }
    for table in [&mut blocks, &mut txs, &mut logs] {
        table.flush().unwrap();
    }
    ["blocks.csv", "transactions.csv", "logs.csv"].iter().map(|n| folder.join(n).metadata().unwrap().len()).sum()
}

fn main() {
    let asked = std::env::args().skip(1).find_map(|word| word.parse::<u64>().ok());
    let transfers = asked.unwrap_or(1_000_000).div_ceil(A_BLOCK) * A_BLOCK;
    let folder = tempfile::tempdir().unwrap();
    let dump = folder.path().join("dump");
    std::fs::create_dir(&dump).unwrap();
    let bytes = write(&dump, transfers);
    let settings = AccountIngestSettings {
        chain: Chain::Ethereum,
        chain_id: None,
        memory_bytes: MEMORY_BYTES,
        selected: Selected::default(),
        format: None,
        blocks: [0, u32::MAX],
    };
    for round in 0..ROUNDS {
        let store = folder.path().join(format!("store-{round}"));
        let begun = Instant::now();
        let summary = ingest_account_files(&store, std::slice::from_ref(&dump), &settings, &mut |_| true).unwrap();
        let seconds = begun.elapsed().as_secs_f64();
        println!(
            "{:.0} token transfers/s ({} transfers with fees, {} MB of CSV, {seconds:.2} s)",
            transfers as f64 / seconds,
            summary.transfers_added,
            bytes / 1_000_000
        );
    }
}
