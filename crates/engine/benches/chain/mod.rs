//! Chains of rows for benchmarks, made without block files: what a simulated economy does not have, such as one address that a
//! hundred thousand outputs pay.
#![allow(dead_code, unreachable_pub)] // each benchmark uses a part of it

use athar_entities::{Forest, Settings};
use athar_ledger::{BlockRows, Disk, OutRow, SegmentBuilder, Store, StoreLock, key_hash};
use athar_types::{AddressKind, Chain, Hash32, Network};
use std::error::Error;
use std::path::Path;

/// The id of the transaction of that number.
pub fn txid(number: u32) -> Hash32 {
    Hash32(*blake3::hash(&number.to_le_bytes()).as_bytes())
}

/// An empty block on top of another.
pub fn block_on(parent: Hash32, time: u32) -> BlockRows {
    let mut header = vec![0; 80];
    header[4..36].copy_from_slice(&parent.0);
    let hash = Hash32(*blake3::hash(&header).as_bytes());
    BlockRows { header, hash, time, size: 500_000, ..BlockRows::default() }
}

/// An output that pays a key's hash, in satoshi.
pub fn pay(block: &mut BlockRows, hash: [u8; 20], value: u64) {
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

/// Stores so many blocks, each made on top of the one before, and builds their entities.
pub fn build(
    folder: &Path,
    blocks: u32,
    mut block: impl FnMut(u32, Hash32) -> BlockRows,
) -> Result<(), Box<dyn Error>> {
    let lock = StoreLock::take(folder)?;
    let mut store = Store::open_for_writing(folder, &lock, Disk::default())?;
    store.set_network(Chain::Bitcoin, Network::Regtest)?;
    let chain_folder = store.chain_folder(Chain::Bitcoin);
    let ledger = store.ledger(Chain::Bitcoin)?.ok_or("no ledger")?;
    let mut builder = SegmentBuilder::new(ledger.end(), Hash32::ZERO);
    for height in 0..blocks {
        builder.push(&block(height, builder.tip()))?;
    }
    let piece = builder.finish(&ledger, store.disk(), &chain_folder)?;
    store.append(Chain::Bitcoin, piece)?;
    let ledger = store.ledger(Chain::Bitcoin)?.ok_or("no ledger")?;
    Forest::build(folder, store.disk(), &ledger, &Settings::default(), u64::MAX, &mut |_| ())?;
    Ok(())
}
