//! Pages of an address that a million transactions pay, as `athar address` answers them.
//!
//! `cargo bench -p athar-engine --bench busy [-- TRANSACTIONS]`. Makes the chain (rows, no block files), builds its
//! entities, and prints for several offsets the median of 25 answers in milliseconds: the page with totals, labels, prices
//! and snapshot. The first answer after opening is printed as well.

mod chain;

use athar_engine::{Engine, Options};
use athar_ledger::{BlockRows, InRow, TxFlags, TxRow};
use athar_types::{AddressKey, AddressKind, Hash32, Network};
use chain::{block_on, build, pay, txid};
use std::{error::Error, time::Instant};

const BLOCK_TXS: u32 = 2000;
const ANSWERS: usize = 25;

/// Blocks in which each transaction spends the change of the one before and pays the busy address.
fn block(first: u32, height: u32, parent: Hash32) -> BlockRows {
    let mut block = block_on(parent, 1_500_000_000 + height * 600);
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
    build(folder.path(), wanted.div_ceil(BLOCK_TXS), |height, parent| block(height * BLOCK_TXS, height, parent))?;

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
