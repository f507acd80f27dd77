//! Blocks as bytes: coinbase with height and witness commitment, merkle root, work; and the stale ones beside them.

use super::{
    BlockPlan, Keyring, OutputPlan,
    genesis::{GENESIS_TIME, genesis_coinbase},
    plan::subsidy,
    tx::{Chunk, write_row},
};
use athar_chains::bitcoin::{
    Header, merkle_root,
    write::{REGTEST_BITS, mine, write_bytes, write_compact_size},
};
use athar_types::{Hash32, UnixTime, address::sha256d};
use rayon::prelude::*;

/// Version of every block: BIP 9's, no bit set.
const VERSION: i32 = 0x2000_0000;
/// Transactions that one task encodes.
const CHUNK_TXS: usize = 128;

/// A block ready for the files.
pub(crate) struct Encoded {
    /// Height.
    pub(crate) height: u32,
    /// The header's time.
    pub(crate) time: u32,
    /// Transactions, the coinbase included.
    pub(crate) txs: usize,
    /// Inputs, without the coinbase's.
    pub(crate) inputs: usize,
    /// Outputs, without the coinbase's commitment.
    pub(crate) outputs: usize,
    /// The block on the best chain, without frame.
    pub(crate) block: Vec<u8>,
    /// Stale blocks that arrive with it.
    pub(crate) stale: Vec<Vec<u8>>,
    /// Rows of `truth/entities.csv`.
    pub(crate) rows: Vec<u8>,
}

/// Turns plans into blocks, in chain order.
pub(crate) struct Encoder {
    seed: u64,
    ring: Keyring,
    rows: bool,
    parallel: bool,
    /// Txids of every transaction so far, by number.
    txids: Vec<Hash32>,
    prev: Hash32,
    /// Whether the genesis block has been encoded.
    started: bool,
}

/// The witness-bearing part of a block without its coinbase.
struct Body {
    raw: Vec<u8>,
    raw_ends: Vec<usize>,
    wtxids: Vec<Hash32>,
}

impl Encoder {
    /// For a world of about `txs` transactions. `rows` asks for the truth about addresses.
    pub(crate) fn new(seed: u64, txs: u32, rows: bool, parallel: bool) -> Self {
        let txids = Vec::with_capacity(txs as usize + 1);
        Self { seed, ring: Keyring::new(seed), rows, parallel, txids, prev: Hash32::ZERO, started: false }
    }

    /// The first block of regtest, which every chain of that network begins with.
    pub(crate) fn genesis(&mut self) -> Encoded {
        assert!(!self.started, "the genesis block is encoded once and first");
        self.started = true;
        let coinbase = genesis_coinbase();
        let txid = Hash32(sha256d(&coinbase));
        let mut header = Header {
            version: 1,
            prev: Hash32::ZERO,
            merkle_root: txid,
            time: UnixTime(GENESIS_TIME),
            bits: REGTEST_BITS,
            nonce: 2,
        };
        let (block, hash) = seal(&mut header, 1, &coinbase, &[]);
        self.txids.push(txid);
        self.prev = hash;
        Encoded {
            height: 0,
            time: GENESIS_TIME,
            txs: 1,
            inputs: 0,
            outputs: 1,
            block,
            stale: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// The next block. Plans must come in order, and number transactions without gaps.
    pub(crate) fn encode(&mut self, plan: &BlockPlan) -> Encoded {
        assert_eq!(self.txids.len(), plan.first_tx as usize, "transactions are numbered in chain order");
        let mut chunks = self.chunks(plan);
        // the coinbase's txid comes last, and nothing in its own block may spend it
        self.txids.push(Hash32::ZERO);
        let mut rows = Vec::new();
        for chunk in &mut chunks {
            chunk.link(&mut self.txids);
            rows.append(&mut chunk.rows);
        }
        let body = self.finish(plan, chunks);
        let (stale, prev) = (self.stale(plan, &body), self.prev);
        let (block, hash, txid) =
            self.assemble(plan.height, plan.time, prev, &plan.coinbase, plan.tag, &body, plan.txs.len(), plan.first_tx);
        self.txids[plan.first_tx as usize] = txid;
        self.prev = hash;
        if self.rows
            && let Some(name) = plan.named.last().filter(|n| n.output == u32::MAX)
        {
            let mut script = Vec::with_capacity(80);
            self.ring.lock(plan.coinbase.kind, plan.coinbase.key, 0, &mut script);
            write_row(&mut rows, &script, name);
        }
        Encoded {
            height: plan.height,
            time: plan.time,
            txs: plan.txs.len() + 1,
            inputs: plan.inputs.len(),
            outputs: plan.outputs.len() + 1,
            block,
            stale,
            rows,
        }
    }

    /// Txids of every transaction, by number.
    pub(crate) fn into_txids(self) -> Vec<Hash32> {
        self.txids
    }

    fn chunks(&self, plan: &BlockPlan) -> Vec<Chunk> {
        let count = plan.txs.len().div_ceil(CHUNK_TXS);
        let one = |i: usize| {
            let end = plan.txs.len().min((i + 1) * CHUNK_TXS);
            Chunk::new(plan, i * CHUNK_TXS, end, self.ring, self.seed, self.rows)
        };
        if self.parallel && count > 1 {
            (0..count).into_par_iter().map(one).collect()
        } else {
            (0..count).map(one).collect()
        }
    }

    fn finish(&self, plan: &BlockPlan, mut chunks: Vec<Chunk>) -> Body {
        let mut own = &self.txids[plan.first_tx as usize + 1..];
        let mut tasks = Vec::with_capacity(chunks.len());
        for chunk in &mut chunks {
            let (ids, rest) = own.split_at(chunk.len());
            tasks.push((chunk, ids));
            own = rest;
        }
        if self.parallel && tasks.len() > 1 {
            tasks.into_par_iter().for_each(|(chunk, ids)| chunk.finish(ids));
        } else {
            for (chunk, ids) in tasks {
                chunk.finish(ids);
            }
        }
        let mut body = Body {
            raw: Vec::with_capacity(chunks.iter().map(|c| c.raw.len()).sum()),
            raw_ends: Vec::with_capacity(plan.txs.len()),
            wtxids: Vec::with_capacity(plan.txs.len()),
        };
        for chunk in &chunks {
            let before = body.raw.len();
            body.raw.extend_from_slice(&chunk.raw);
            body.raw_ends.extend(chunk.raw_ends.iter().map(|end| before + end));
            body.wtxids.extend_from_slice(&chunk.wtxids);
        }
        body
    }

    /// Stale siblings: another miner's block over a part of the same transactions, and one that only found its own
    /// reward on top of it.
    fn stale(&self, plan: &BlockPlan, body: &Body) -> Vec<Vec<u8>> {
        let mut prev = self.prev;
        let mut count = plan.txs.len() * 3 / 4;
        let mut blocks = Vec::new();
        for (depth, coinbase) in plan.stale.iter().enumerate() {
            let height = plan.height + depth as u32;
            let time = plan.time + 7 + 60 * depth as u32;
            let paid = OutputPlan { value: subsidy(height) + plan.fees(count), ..*coinbase };
            let (block, hash, _) = self.assemble(height, time, prev, &paid, "/stale/", body, count, plan.first_tx);
            blocks.push(block);
            prev = hash;
            count = 0;
        }
        blocks
    }

    /// A block over the first `count` transactions: its bytes, hash and the coinbase's txid.
    #[allow(clippy::too_many_arguments)] // the parts of a block
    fn assemble(
        &self,
        height: u32,
        time: u32,
        prev: Hash32,
        reward: &OutputPlan,
        tag: &str,
        body: &Body,
        count: usize,
        first_tx: u32,
    ) -> (Vec<u8>, Hash32, Hash32) {
        let first = first_tx as usize;
        let segwit = body.wtxids[..count].iter().zip(&self.txids[first + 1..]).any(|(w, t)| w != t);
        let commitment = segwit.then(|| {
            let mut leaves = Vec::with_capacity(count + 1);
            leaves.push(Hash32::ZERO); // the coinbase stands for itself as zero (BIP 141)
            leaves.extend_from_slice(&body.wtxids[..count]);
            let mut text = [0; 64];
            text[..32].copy_from_slice(&merkle_root(&leaves).0);
            sha256d(&text)
        });
        let (raw, txid) = self.coinbase(height, time, reward, tag, commitment);
        let mut leaves = Vec::with_capacity(count + 1);
        leaves.push(txid);
        leaves.extend_from_slice(&self.txids[first + 1..=first + count]);
        let mut header = Header {
            version: VERSION,
            prev,
            merkle_root: merkle_root(&leaves),
            time: UnixTime(time),
            bits: REGTEST_BITS,
            nonce: 0,
        };
        let end = count.checked_sub(1).map_or(0, |last| body.raw_ends[last]);
        let (block, hash) = seal(&mut header, count + 1, &raw, &body.raw[..end]);
        (block, hash, txid)
    }

    /// A coinbase as the network sends it, and its txid.
    fn coinbase(
        &self,
        height: u32,
        time: u32,
        reward: &OutputPlan,
        tag: &str,
        commitment: Option<[u8; 32]>,
    ) -> (Vec<u8>, Hash32) {
        let mut script = Vec::with_capacity(64);
        push_height(&mut script, height);
        script.push(8);
        // an extra nonce, so that no two coinbases are equal
        script.extend_from_slice(&sha256d(&[self.seed.to_le_bytes(), (u64::from(time)).to_le_bytes()].concat())[..8]);
        script.extend_from_slice(tag.as_bytes());
        let mut legacy = Vec::with_capacity(256);
        legacy.extend_from_slice(&2u32.to_le_bytes());
        legacy.push(1);
        legacy.extend_from_slice(&[0; 32]);
        legacy.extend_from_slice(&[0xff; 4]);
        write_bytes(&mut legacy, &script);
        legacy.extend_from_slice(&[0xff; 4]);
        legacy.push(1 + u8::from(commitment.is_some()));
        legacy.extend_from_slice(&reward.value.to_le_bytes());
        let mut lock = Vec::with_capacity(80);
        self.ring.lock(reward.kind, reward.key, 0, &mut lock);
        write_bytes(&mut legacy, &lock);
        if let Some(root) = commitment {
            legacy.extend_from_slice(&0u64.to_le_bytes());
            legacy.extend_from_slice(&[38, 0x6a, 36, 0xaa, 0x21, 0xa9, 0xed]);
            legacy.extend_from_slice(&root);
        }
        legacy.extend_from_slice(&0u32.to_le_bytes());
        let txid = Hash32(sha256d(&legacy));
        if commitment.is_none() {
            return (legacy, txid);
        }
        let end = legacy.len() - 4;
        let mut raw = Vec::with_capacity(legacy.len() + 36);
        raw.extend_from_slice(&legacy[..4]);
        raw.extend_from_slice(&[0, 1]);
        raw.extend_from_slice(&legacy[4..end]);
        raw.extend_from_slice(&[1, 32]); // the witness reserved value (BIP 141)
        raw.extend_from_slice(&[0; 32]);
        raw.extend_from_slice(&legacy[end..]);
        (raw, txid)
    }
}

/// Finds the work and puts a block together.
fn seal(header: &mut Header, txs: usize, coinbase: &[u8], rest: &[u8]) -> (Vec<u8>, Hash32) {
    // regtest's target lets every second nonce pass, so that there always is one
    let hash = mine(header, REGTEST_BITS).unwrap_or_default();
    let mut block = Vec::with_capacity(90 + coinbase.len() + rest.len());
    block.extend_from_slice(&header.encode());
    write_compact_size(&mut block, txs as u64);
    block.extend_from_slice(coinbase);
    block.extend_from_slice(rest);
    (block, hash)
}

/// BIP 34: the height as the script language's number, pushed as Bitcoin Core's `CScript << height` does.
fn push_height(script: &mut Vec<u8>, height: u32) {
    if (1..=16).contains(&height) {
        script.push(0x50 + height as u8);
        return;
    }
    let bytes = height.to_le_bytes();
    let mut len = 4 - height.leading_zeros() as usize / 8;
    // a set top bit would be a sign
    len += usize::from(bytes[len - 1] & 0x80 != 0);
    script.push(len as u8);
    script.extend((0..len).map(|i| bytes.get(i).copied().unwrap_or(0)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use athar_types::Network;

    #[test]
    fn the_first_block_is_that_of_regtest() {
        let mut encoder = Encoder::new(0, 1, false, false);
        let genesis = encoder.genesis();
        assert_eq!(encoder.prev, Network::Regtest.genesis());
        assert_eq!(genesis.block.len(), 285);
        let reference = bitcoin::constants::genesis_block(bitcoin::Network::Regtest);
        assert_eq!(genesis.block, bitcoin::consensus::serialize(&reference));
    }

    #[test]
    fn heights_are_pushed_as_the_reference_library_does() {
        for height in [1, 16, 17, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, 8_388_608, 20_000_000] {
            let mut ours = Vec::new();
            push_height(&mut ours, height);
            let theirs = bitcoin::script::Builder::new().push_int(i64::from(height)).into_script();
            assert_eq!(ours, theirs.as_bytes(), "{height}");
        }
    }
}
