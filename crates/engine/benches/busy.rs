//! Pages of an address that a million transactions pay, as `athar address` answers them.
//!
//! `cargo bench -p athar-engine --bench busy [-- TRANSACTIONS]`. Makes the chain (rows, no block files), builds its
//! entities, and prints for several offsets the median of 25 answers in milliseconds: the page with totals, labels, prices
//! and snapshot. The first answer after opening is printed as well.

use athar_engine::{Engine, Options};
use athar_entities::{Forest, Settings};
use athar_ledger::{BlockRows, Disk, InRow, OutRow, SegmentBuilder, Store, StoreLock, TxFlags, TxRow, key_hash};
use athar_types::{AddressKey, AddressKind, Chain, Hash32, Network};
use std::{error::Error, time::Instant};

const BLOCK_TXS: u32 = 2000;
const ANSWERS: usize = 25;

fn txid(number: u32) -> Hash32 {
    Hash32(*blake3::hash(&number.to_le_bytes()).as_bytes())
}

fn pay(block: &mut BlockRows, hash: [u8; 20], value: u64) {
    let kind = AddressKind::P2pkh;
    let key_start = block.keys.len() as u32;
    block.keys.extend_from_slice(&hash);
    block.outputs.push(OutRow {
        value,
        key_hash: key_hash(kind as u8, &hash),
        key_start,
        key_len: 20,
        key_kind: kind as u8,
        kind: kind.script_kind(),
    });
}

/// Blocks in which each transaction spends the change of the one before and pays the busy address.
fn block(first: u32, height: u32, parent: Hash32) -> BlockRows {
    let mut header = vec![0; 80];
    header[4..36].copy_from_slice(&parent.0);
    let hash = Hash32(*blake3::hash(&header).as_bytes());
    let time = 1_500_000_000 + height * 600;
    let mut block = BlockRows { header, hash, time, size: 500_000, ..BlockRows::default() };
    for number in first..first + BLOCK_TXS {
        let coinbase = number == first;
        if !coinbase {
            block.inputs.push(InRow { prev_txid: txid(number - 1), prev_vout: 0 });
        }
        let mut own = [0; 20];
        own[..4].copy_from_slice(&(number % 5000).to_le_bytes());
        pay(&mut block, own, 1_000_000);
        pay(&mut block, [7; 20], 1000);
        let flags = TxFlags(if coinbase { TxFlags::COINBASE } else { 0 });
        let inputs = u32::from(!coinbase);
        block.txs.push(TxRow { txid: txid(number), version: 2, weight: 600, flags, inputs, outputs: 2, locktime: 0 });
    }
    block
}

fn main() -> Result<(), Box<dyn Error>> {
    let wanted = std::env::args().skip(1).find_map(|a| a.parse::<u32>().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir()?;
    let lock = StoreLock::take(folder.path())?;
    let mut store = Store::open_for_writing(folder.path(), &lock, Disk::default())?;
    store.set_network(Chain::Bitcoin, Network::Regtest)?;
    let chain_folder = store.chain_folder(Chain::Bitcoin);
    let ledger = store.ledger(Chain::Bitcoin)?.ok_or("no ledger")?;
    let mut builder = SegmentBuilder::new(ledger.end(), Hash32::ZERO);
    for height in 0..wanted.div_ceil(BLOCK_TXS) {
        let next = block(height * BLOCK_TXS, height, builder.tip());
        builder.push(&next)?;
    }
    let piece = builder.finish(&ledger, store.disk(), &chain_folder)?;
    store.append(Chain::Bitcoin, piece)?;
    let ledger = store.ledger(Chain::Bitcoin)?.ok_or("no ledger")?;
    Forest::build(folder.path(), store.disk(), &ledger, &Settings::default(), u64::MAX, &mut |_| ())?;

    let key = AddressKey::new(AddressKind::P2pkh, &[7; 20]).ok_or("no key")?;
    let address = key.to_text(Network::Regtest);
    let engine = Engine::open(folder.path(), &Options::default())?;
    let count = engine.address(&address, 0, Some(1))?.ok_or("no address")?.output_count;
    println!("an address that {count} transactions pay, pages of 100");
    for offset in [0, 100, count / 2, count - 100] {
        let fresh = Engine::open(folder.path(), &Options::default())?;
        let ask = |engine: &Engine| -> Result<f64, Box<dyn Error>> {
            let start = Instant::now();
            let view = engine.address(&address, offset, Some(100))?.ok_or("no address")?;
            assert_eq!((view.outputs.len(), view.output_count), (100, count));
            Ok(start.elapsed().as_secs_f64() * 1000.0)
        };
        let first = ask(&fresh)?;
        let mut times = (0..ANSWERS).map(|_| ask(&fresh)).collect::<Result<Vec<_>, _>>()?;
        times.sort_by(f64::total_cmp);
        println!("from {offset:>8}: first {first:.2} ms, median {:.2} ms", times[ANSWERS / 2]);
    }
    Ok(())
}
