//! `bitcoin-explorer`: reads blocks by a node's block index, which is made here, from files without XOR.

use crate::{
    blocks::{BlockFiles, xor},
    counts::Counts,
    walk::header_hash,
};
use anyhow::{Context, Result, anyhow};
use bitcoin_explorer::{BitcoinDB, SBlock, SConnectedBlock};
use leveldb::{
    database::Database,
    kv::KV,
    options::{Options, WriteOptions},
};
use std::{collections::HashMap, fs, os::unix::fs::symlink, path::Path};

/// Valid to the scripts, and its data is there: Bitcoin Core's `BLOCK_VALID_SCRIPTS | BLOCK_HAVE_DATA`.
const STATUS: u64 = 5 | 8;

struct Key(Vec<u8>);

impl db_key::Key for Key {
    fn from_u8(key: &[u8]) -> Self {
        Self(key.to_vec())
    }

    fn as_slice<T, F: Fn(&[u8]) -> T>(&self, f: F) -> T {
        f(&self.0)
    }
}

/// Makes of the empty folder `node` what the library reads: a folder `blocks` with the block files without XOR (links,
/// or copies where there is a key) and the index of their blocks.
pub(crate) fn prepare(node: &Path, blocks: &Path) -> Result<()> {
    let files = BlockFiles::open(blocks)?;
    let folder = node.join("blocks");
    fs::create_dir(&folder)?;
    for path in &files.paths {
        let to = folder.join(path.file_name().unwrap_or_default());
        if files.key == [0; 8] {
            symlink(fs::canonicalize(path)?, to)?;
        } else {
            let mut bytes = fs::read(path)?;
            xor(&mut bytes, files.key);
            fs::write(&to, bytes).with_context(|| format!("cannot write {}", to.display()))?;
        }
    }
    write_index(&folder)
}

/// Writes the index of all blocks in `blocks` to its folder `index`, as Bitcoin Core would.
fn write_index(blocks: &Path) -> Result<()> {
    let mut options = Options::new();
    options.create_if_missing = true;
    let index: Database<Key> =
        Database::open(&blocks.join("index"), options).map_err(|e| anyhow!("cannot make the block index: {e}"))?;
    let mut heights: HashMap<[u8; 32], u64> = HashMap::new();
    BlockFiles::open(blocks)?.for_each(|file, offset, block| {
        let (header, body) = block.split_first_chunk::<80>().context("shorter than a header")?;
        let mut prev = [0; 32];
        prev.copy_from_slice(&header[4..36]);
        let height = match heights.get(&prev) {
            Some(height) => height + 1,
            None if prev == [0; 32] => 0,
            None => return Err(anyhow!("comes before its predecessor: no index is made of unordered files")),
        };
        let hash = header_hash(header);
        heights.insert(hash, height);
        // only whether it is zero is looked at
        let txs = u64::from(*body.first().context("no transactions")?);
        let mut value = Vec::new();
        for number in [1, height, STATUS, txs, file as u64, offset as u64] {
            push_varint(&mut value, number);
        }
        value.extend_from_slice(header);
        let key = Key([&b"b"[..], &hash].concat());
        index.put(WriteOptions::new(), key, &value).map_err(|e| anyhow!("cannot write the block index: {e}"))
    })
}

/// Bitcoin Core's base-128 number: most significant digit first, each but the last less one and marked.
fn push_varint(bytes: &mut Vec<u8>, mut number: u64) {
    let start = bytes.len();
    let mut mark = 0;
    loop {
        bytes.push((number & 0x7f) as u8 | mark);
        mark = 0x80;
        if number <= 0x7f {
            break;
        }
        number = (number >> 7) - 1;
    }
    bytes[start..].reverse();
}

fn open(blocks: &Path) -> Result<BitcoinDB> {
    let data = blocks.parent().context("the block folder has no parent")?;
    BitcoinDB::new(data, false).map_err(|e| anyhow!("bitcoin-explorer: {e}"))
}

/// Blocks with txids and the addresses of their outputs.
pub(crate) fn iterate(blocks: &Path) -> Result<Counts> {
    let db = open(blocks)?;
    let mut counts = Counts::default();
    for block in db.iter_block::<SBlock>(0, db.get_block_count()) {
        counts.blocks += 1;
        for tx in &block.txdata {
            counts.txs += 1;
            counts.inputs += tx.input.len() as u64;
            counts.outputs += tx.output.len() as u64;
            tx.output.iter().for_each(|output| counts.pay(output.value));
            fold(&mut counts, &tx.txid);
        }
    }
    Ok(counts)
}

/// Blocks whose inputs are the outputs they spend.
pub(crate) fn connect(blocks: &Path) -> Result<Counts> {
    let db = open(blocks)?;
    let mut counts = Counts::default();
    for block in db.iter_connected_block::<SConnectedBlock>(db.get_block_count()) {
        counts.blocks += 1;
        for tx in &block.txdata {
            counts.txs += 1;
            counts.inputs += tx.input.len() as u64;
            counts.outputs += tx.output.len() as u64;
            tx.output.iter().for_each(|output| counts.pay(output.value));
            tx.input.iter().for_each(|spent| counts.resolve(spent.value));
            fold(&mut counts, &tx.txid);
        }
    }
    Ok(counts)
}

fn fold(counts: &mut Counts, txid: &bitcoin_explorer::Txid) {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(&txid[..]);
    counts.fold_txid(&bytes);
}

#[cfg(test)]
mod tests {
    use super::push_varint;

    #[test]
    fn numbers_are_written_as_bitcoin_core_documents() {
        for (number, expected) in [
            (0, &[0][..]),
            (0x7f, &[0x7f]),
            (0x80, &[0x80, 0]),
            (0x1234, &[0xa3, 0x34]),
            (0xffff, &[0x82, 0xfe, 0x7f]),
            (0xffff_ffff, &[0x8e, 0xfe, 0xfe, 0xfe, 0x7f]),
        ] {
            let mut bytes = Vec::new();
            push_varint(&mut bytes, number);
            assert_eq!(bytes, expected, "{number}");
        }
    }
}
