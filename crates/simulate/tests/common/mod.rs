//! Reads a simulated world back with the reference library, beside the project's own decoder.
#![allow(dead_code, clippy::unwrap_used)] // each test program uses a part; helpers of tests may unwrap

use athar_chains::bitcoin::{FrameHead, NoVisitor, XorKey, decode_block, frame_head};
use athar_simulate::{Settings, Summary, simulate};
use athar_types::Network;
use bitcoin::{Block, BlockHash, Txid, hashes::Hash};
use serde_json::Value;
use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// A world on disk and in memory.
pub(crate) struct World {
    /// Removed with the world.
    pub(crate) dir: TempDir,
    /// What the simulator said.
    pub(crate) summary: Summary,
    /// Every block in the order of the files.
    pub(crate) stored: Vec<Block>,
    /// The best chain, from the genesis block on.
    pub(crate) chain: Vec<Block>,
}

impl World {
    /// Simulates and reads back.
    pub(crate) fn new(change: impl FnOnce(Settings) -> Settings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = change(Settings::economy(1, 20_000, dir.path().join("world")));
        let summary = simulate(&settings, &mut |_| {}).unwrap();
        let stored = read_blocks(&settings.out);
        let chain = best_chain(&stored);
        Self { dir, summary, stored, chain }
    }

    /// A file of the world.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join("world").join(name)
    }

    /// A text file of the world.
    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// A JSON file of the world.
    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.text(name)).unwrap()
    }

    /// Rows of a table without quotes, the header left out.
    pub(crate) fn rows(&self, name: &str) -> Vec<Vec<String>> {
        self.text(name).lines().skip(1).map(|l| l.split(',').map(str::to_owned).collect()).collect()
    }

    /// The campaigns of the truth.
    pub(crate) fn campaigns(&self) -> Vec<Value> {
        self.json("truth/campaigns.json")["campaigns"].as_array().unwrap().clone()
    }

    /// Owner of every address: actor number, role and customer.
    pub(crate) fn owners(&self) -> HashMap<String, (u32, String)> {
        let rows = self.rows("truth/entities.csv");
        let count = rows.len();
        let map: HashMap<_, _> =
            rows.into_iter().map(|r| (r[0].clone(), (r[1].parse().unwrap(), r[2].clone()))).collect();
        assert_eq!(map.len(), count, "an address has one owner");
        map
    }
}

/// The address of a script, the project's way: a key paid directly has its P2PKH address.
pub(crate) fn address(script: &bitcoin::Script) -> Option<String> {
    let found = athar_chains::bitcoin::classify(script.as_bytes()).address()?;
    Some(found.to_text(Network::Regtest))
}

/// Every block of the files, in their order; both decoders must read each to its last byte.
pub(crate) fn read_blocks(root: &Path) -> Vec<Block> {
    let folder = root.join("blocks");
    let key = XorKey(fs::read(folder.join("xor.dat")).unwrap().try_into().unwrap());
    let mut names: Vec<_> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    names.retain(|p| p.extension().is_some_and(|e| e == "dat") && !p.ends_with("xor.dat"));
    names.sort();
    let mut blocks = Vec::new();
    for name in names {
        let raw = fs::read(&name).unwrap();
        let mut data = raw.clone();
        key.apply(&mut data, 0);
        let mut at = 0;
        while at + 8 <= data.len() {
            let head = frame_head(&data[at..at + 8].try_into().unwrap());
            let FrameHead::Block { network, len } = head else { break };
            assert_eq!(network, Network::Regtest);
            let bytes = &data[at + 8..at + 8 + len as usize];
            blocks.push(bitcoin::consensus::deserialize(bytes).unwrap());
            decode_block(bytes, &mut NoVisitor).unwrap();
            at += 8 + len as usize;
        }
        assert!(raw[at..].iter().all(|b| *b == 0), "after the last block come zeros as the file system makes them");
    }
    blocks
}

/// The longest chain; every block has the same work.
pub(crate) fn best_chain(stored: &[Block]) -> Vec<Block> {
    let by_hash: HashMap<BlockHash, &Block> = stored.iter().map(|b| (b.block_hash(), b)).collect();
    let mut heights: HashMap<BlockHash, usize> = HashMap::new();
    for block in stored {
        let mut path = Vec::new();
        let mut hash = block.block_hash();
        while !heights.contains_key(&hash) && hash != BlockHash::all_zeros() {
            path.push(hash);
            hash = by_hash[&hash].header.prev_blockhash;
        }
        let first = heights.get(&hash).map_or(0, |h| h + 1);
        heights.extend(path.into_iter().rev().zip(first..));
    }
    let (mut tip, top) = heights.iter().max_by_key(|(_, h)| **h).map(|(b, h)| (*b, *h)).unwrap();
    assert_eq!(heights.values().filter(|h| **h == top).count(), 1, "one best chain");
    let mut chain = Vec::new();
    while tip != BlockHash::all_zeros() {
        chain.push(by_hash[&tip].clone());
        tip = by_hash[&tip].header.prev_blockhash;
    }
    chain.reverse();
    chain
}

/// A txid as the truth writes it.
pub(crate) fn txid(value: &Value) -> Txid {
    value.as_str().unwrap().parse().unwrap()
}
