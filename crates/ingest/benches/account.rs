//! How fast files of account chains are read into blocks.
//!
//! `cargo bench -p athar-ingest --bench account`. Writes ethereum-etl's tables of an invented chain (below 100 MB for
//! each form; of four transactions three transfer a token) into a temporary folder, in files of 2,000 blocks, and reads
//! them with every core. Each figure is the median of [`ROUNDS`] rounds; the files come out of the system's cache.
//!
//! - `logs`: the table of logs alone, as a store that holds one stablecoin would read it.
//! - `plain`: blocks, transactions, receipts and logs, merged: what most exports hold.
//! - `era1`: blocks of 100 signed transactions, each with a log; recovering who signed is most of the work.
//! - `all`: the same and traces, of which there are four for each token transfer.
#![allow(clippy::unwrap_used)] // a measurement

#[path = "../../chains/tests/support/era.rs"]
mod era;
#[path = "../tests/support/etl.rs"]
mod etl;

use athar_ingest::account::Source;
use athar_types::Chain;
use std::path::Path;
use std::time::Instant;

const ROUNDS: usize = 5;
const BLOCKS: u64 = 16_000;
const ERA_TXS: u64 = 100;
const FILE_BLOCKS: u64 = 2_000;

fn main() {
    // `cargo test --benches` starts benches without this argument: then one small round shows that all is well
    let (rounds, blocks) = if std::env::args().any(|a| a == "--bench") { (ROUNDS, BLOCKS) } else { (1, 100) };
    let filters: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    println!("cores: {}", std::thread::available_parallelism().map_or(1, usize::from));
    let folder = tempfile::tempdir().unwrap();
    if filters.is_empty() || filters.iter().any(|filter| filter == "era1") {
        archive(folder.path(), blocks.min(200), rounds);
    }
    for form in ["csv", "json", "csv.gz", "csv.zst"] {
        for (what, tables) in [
            ("logs", &["logs"][..]),
            ("plain", &["blocks", "transactions", "receipts", "logs"]),
            ("all", &["blocks", "transactions", "receipts", "logs", "traces"]),
        ] {
            if !filters.is_empty() && !filters.contains(&form.to_string()) && !filters.contains(&what.to_string()) {
                continue;
            }
            let place = folder.path().join(format!("{form}-{what}"));
            let bytes = write(&place, form, tables, blocks);
            let mut times: Vec<f64> = (0..rounds).map(|_| read(&place, blocks)).collect();
            times.sort_by(f64::total_cmp);
            let time = times[rounds / 2];
            let transfers = (blocks * (etl::TXS - 1)) as f64;
            println!(
                "{form:8} {what:5} {:4.0} MB of text: {:5.0} MB/s, {:9.0} token transfers/s",
                bytes as f64 / 1e6,
                bytes as f64 / 1e6 / time,
                transfers / time
            );
            std::fs::remove_dir_all(place).unwrap();
        }
    }
}

/// Writes an archive of `blocks` blocks of [`ERA_TXS`] transactions and reads it `rounds` times.
fn archive(folder: &Path, blocks: u64, rounds: usize) {
    let path = folder.join("made.era1");
    let entry = |kind: [u8; 2], content: &[u8]| -> Vec<u8> {
        [&kind[..], &(content.len() as u32).to_le_bytes(), &[0, 0], content].concat()
    };
    let mut out = entry([0x65, 0x32], &[]);
    let mut parent = [0; 32];
    for number in 0..blocks {
        let mut made = era::Made { number, parent, ..era::Made::default() };
        for tx in 0..ERA_TXS {
            let key = era::Key::new(1 + (tx % 200) as u8);
            made.txs.push(key.first_form(number.into(), Some(1), Some([1; 20]), tx.into(), &[0xa9; 68], false));
            let log = ([2; 20], vec![[1; 32], [2; 32], [3; 32]], vec![0; 32]);
            made.receipts.push(era::receipt(0, Some(true), 50_000 * u128::from(tx + 1), &[log]));
        }
        let tuple = made.tuple();
        parent = era::keccak(&tuple.header);
        for (kind, part) in [([3, 0], &tuple.header), ([4, 0], &tuple.body), ([5, 0], &tuple.receipts)] {
            out.extend(entry(kind, &era::pack(part)));
        }
    }
    let words: Vec<u64> = [vec![0], vec![0; blocks as usize], vec![blocks]].concat();
    out.extend(entry([0x66, 0x32], &words.into_iter().flat_map(u64::to_le_bytes).collect::<Vec<_>>()));
    std::fs::write(&path, out).unwrap();
    let mut times: Vec<f64> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            let mut source = Source::open(std::slice::from_ref(&path), Chain::Ethereum).unwrap();
            assert!(source.by_ref().all(|block| block.is_ok()));
            assert_eq!(source.counts().transactions, blocks * ERA_TXS);
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("era1           {:9.0} transactions/s", (blocks * ERA_TXS) as f64 / times[rounds / 2]);
}

/// Writes the tables; the length of their text.
fn write(place: &Path, form: &str, tables: &[&str], blocks: u64) -> usize {
    std::fs::create_dir_all(place).unwrap();
    let mut bytes = 0;
    for from in (0..blocks).step_by(FILE_BLOCKS as usize) {
        for table in etl::world(from, blocks.min(from + FILE_BLOCKS)) {
            if !tables.contains(&table.name) {
                continue;
            }
            let text = if form == "json" { table.json() } else { table.csv() };
            bytes += text.len();
            let packed = match form {
                "csv.gz" => {
                    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                    std::io::Write::write_all(&mut writer, text.as_bytes()).unwrap();
                    writer.finish().unwrap()
                }
                "csv.zst" => zstd::encode_all(text.as_bytes(), 3).unwrap(),
                _ => text.into_bytes(),
            };
            std::fs::write(place.join(format!("{}_{from}.{form}", table.name)), packed).unwrap();
        }
    }
    bytes
}

/// Reads them once; the seconds it took.
fn read(place: &Path, blocks: u64) -> f64 {
    let start = Instant::now();
    let mut source = Source::open(&[place.to_path_buf()], Chain::Ethereum).unwrap();
    let count = source.by_ref().map(|block| block.map(|_| 1).unwrap()).sum::<u64>();
    let time = start.elapsed().as_secs_f64();
    assert_eq!((count, source.counts().logs), (blocks, blocks * (etl::TXS - 1)));
    time
}
