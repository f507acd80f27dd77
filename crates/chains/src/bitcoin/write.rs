//! The other direction: transactions, blocks and frames as bytes, for simulated chains and tests.
//!
//! Everything appends to a caller's buffer, so a generator can reuse one for a whole file.

use super::header::{HEADER_LEN, Header};
use super::sha;
use athar_types::{Hash32, Network, UnixTime};

pub use super::merkle::merkle_root;
pub use super::owned::{OwnedInput, OwnedOutput, OwnedTx, TxCollector};

/// The compact target of regtest: every second hash is good.
pub const REGTEST_BITS: u32 = 0x207f_ffff;

/// Appends a CompactSize: 1, 3, 5 or 9 bytes, the shortest that holds `n`.
pub fn write_compact_size(out: &mut Vec<u8>, n: u64) {
    match n {
        0..=0xfc => out.push(n as u8),
        0xfd..=0xffff => {
            out.push(0xfd);
            out.extend_from_slice(&(n as u16).to_le_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(0xfe);
            out.extend_from_slice(&(n as u32).to_le_bytes());
        }
        _ => {
            out.push(0xff);
            out.extend_from_slice(&n.to_le_bytes());
        }
    }
}

/// Bytes that [`write_compact_size`] appends for `n`.
pub fn compact_size_len(n: u64) -> usize {
    match n {
        0..=0xfc => 1,
        0xfd..=0xffff => 3,
        0x1_0000..=0xffff_ffff => 5,
        _ => 9,
    }
}

/// Appends bytes behind their length.
pub fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_compact_size(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends a frame of a block file: magic, length, block.
pub fn write_frame(out: &mut Vec<u8>, network: Network, block: &[u8]) {
    out.extend_from_slice(&network.params().magic);
    out.extend_from_slice(&(block.len() as u32).to_le_bytes());
    out.extend_from_slice(block);
}

/// Sets `bits` and finds the first nonce, from the header's own on, that proves the work.
///
/// Returns the block's hash; `None` where `bits` encodes no target or none of the 2^32 nonces will do. Meant for
/// [`REGTEST_BITS`]: each factor of two in the target doubles the time.
pub fn mine(header: &mut Header, bits: u32) -> Option<Hash32> {
    header.bits = bits;
    if !header.has_target() {
        return None;
    }
    let first = header.nonce;
    let mut raw = header.encode();
    loop {
        let hash = Header::hash(&raw);
        if header.proves_work(&hash) {
            return Some(hash);
        }
        header.nonce = header.nonce.wrapping_add(1);
        if header.nonce == first {
            return None;
        }
        raw[76..].copy_from_slice(&header.nonce.to_le_bytes());
    }
}

/// Collects the transactions of one block after another, reusing its buffers.
#[derive(Clone, Debug, Default)]
pub struct BlockBuilder {
    body: Vec<u8>,
    scratch: Vec<u8>,
    txids: Vec<Hash32>,
}

impl BlockBuilder {
    /// An empty block.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a transaction; the coinbase is the first. Returns its txid.
    pub fn push(&mut self, tx: &OwnedTx) -> Hash32 {
        let start = self.body.len();
        tx.write(&mut self.body);
        let txid = if tx.is_segwit() {
            self.scratch.clear();
            tx.write_body(&mut self.scratch);
            sha::sha256d_framed(tx.version.to_le_bytes(), &self.scratch, tx.locktime.to_le_bytes())
        } else {
            sha::sha256d(&self.body[start..])
        };
        self.txids.push(txid);
        txid
    }

    /// The txids so far, in order.
    pub fn txids(&self) -> &[Hash32] {
        &self.txids
    }

    /// Bytes of the block as it stands.
    pub fn block_len(&self) -> usize {
        HEADER_LEN + compact_size_len(self.txids.len() as u64) + self.body.len()
    }

    /// Computes the merkle root, mines the header at `bits`, appends the block to `out` and starts the next one.
    ///
    /// `None`, with nothing appended and nothing forgotten, where [`mine`] finds no nonce.
    pub fn finish(
        &mut self,
        out: &mut Vec<u8>,
        version: i32,
        prev: Hash32,
        time: UnixTime,
        bits: u32,
    ) -> Option<(Header, Hash32)> {
        let mut header = Header { version, prev, merkle_root: merkle_root(&self.txids), time, bits, nonce: 0 };
        let hash = mine(&mut header, bits)?;
        out.extend_from_slice(&header.encode());
        write_compact_size(out, self.txids.len() as u64);
        out.extend_from_slice(&self.body);
        self.body.clear();
        self.txids.clear();
        Some((header, hash))
    }

    /// As [`finish`](Self::finish), with the frame of a block file around the block.
    pub fn finish_framed(
        &mut self,
        out: &mut Vec<u8>,
        network: Network,
        version: i32,
        prev: Hash32,
        time: UnixTime,
        bits: u32,
    ) -> Option<(Header, Hash32)> {
        let start = out.len();
        write_frame(out, network, &[]);
        let body = out.len();
        let Some(found) = self.finish(out, version, prev, time, bits) else {
            out.truncate(start);
            return None;
        };
        let len = (out.len() - body) as u32;
        out[body - 4..body].copy_from_slice(&len.to_le_bytes());
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitcoin::{FRAME_HEAD_LEN, FrameHead, decode_block, decode_tx, frame_head};
    use athar_types::Sats;

    fn tx(seed: u8, witness: Vec<Vec<u8>>) -> OwnedTx {
        OwnedTx {
            version: 2,
            inputs: vec![OwnedInput {
                prev_txid: Hash32([seed; 32]),
                prev_vout: 1,
                sequence: 7,
                script_sig: vec![seed; 300],
            }],
            outputs: vec![OwnedOutput { value: Sats(u64::from(seed)), script: vec![0x51, seed] }],
            locktime: 9,
            witnesses: if witness.is_empty() { vec![] } else { vec![witness] },
        }
    }

    fn coinbase() -> OwnedTx {
        let mut tx = tx(1, vec![]);
        tx.inputs[0].prev_txid = Hash32::ZERO;
        tx.inputs[0].prev_vout = u32::MAX;
        tx
    }

    #[test]
    fn sizes_are_written_in_their_shortest_form() {
        for (n, len) in [(0, 1), (0xfc, 1), (0xfd, 3), (0xffff, 3), (0x1_0000, 5), (0xffff_ffff, 5), (1 << 32, 9)] {
            let mut out = Vec::new();
            write_compact_size(&mut out, n);
            assert_eq!((out.len(), compact_size_len(n)), (len, len), "{n}");
        }
    }

    #[test]
    fn a_built_block_decodes_to_what_was_put_in_and_the_builder_starts_afresh() {
        let mut builder = BlockBuilder::new();
        let mut file = vec![0xee; 5];
        let mut prev = Hash32::ZERO;
        for round in 0..2 {
            let txs = [coinbase(), tx(round + 2, vec![]), tx(round + 4, vec![vec![], vec![5; 70]])];
            for tx in &txs {
                assert_eq!(builder.push(tx), tx.txid());
            }
            let len = builder.block_len();
            let start = file.len();
            let (header, hash) = builder
                .finish_framed(&mut file, Network::Regtest, 4, prev, UnixTime(1_600_000_000), REGTEST_BITS)
                .unwrap();
            let (head, block) = file[start..].split_first_chunk::<FRAME_HEAD_LEN>().unwrap();
            assert_eq!(frame_head(head), FrameHead::Block { network: Network::Regtest, len: len as u32 });
            let mut seen = TxCollector::default();
            let decoded = decode_block(block, &mut seen).unwrap();
            assert_eq!((decoded.header, decoded.hash, decoded.tx_count), (header, hash, 3));
            assert!(header.proves_work(&hash));
            assert_eq!(header.prev, prev);
            assert_eq!(seen.txs.iter().map(|(_, tx)| tx).collect::<Vec<_>>(), txs.iter().collect::<Vec<_>>());
            prev = hash;
        }
    }

    #[test]
    fn heads_tell_size_weight_and_form() {
        let plain = tx(3, vec![]);
        let segwit = tx(3, vec![vec![1; 10]]);
        let mut raw = Vec::new();
        plain.write(&mut raw);
        let (head, used) = decode_tx(&raw).unwrap();
        assert_eq!((head.size as usize, used, head.weight as usize), (raw.len(), raw.len(), raw.len() * 4));
        assert!(!head.segwit && !head.coinbase);
        let mut long = Vec::new();
        segwit.write(&mut long);
        let (with, used) = decode_tx(&long).unwrap();
        assert_eq!(used, long.len());
        assert!(with.segwit);
        assert_eq!(with.txid, head.txid);
        // marker, flag, count, length and ten bytes, at a quarter of the weight
        assert_eq!(with.weight, head.weight + 14);
    }

    #[test]
    fn mining_goes_on_from_any_nonce_past_the_largest() {
        for time in 0..16 {
            let mut header = Header { time: UnixTime(time), nonce: u32::MAX, ..Header::default() };
            let hash = mine(&mut header, REGTEST_BITS).unwrap();
            assert_eq!(Header::hash(&header.encode()), hash);
            assert!(header.proves_work(&hash));
        }
    }

    #[test]
    fn no_target_means_no_nonce_and_nothing_written() {
        let mut builder = BlockBuilder::new();
        builder.push(&coinbase());
        let mut out = Vec::new();
        assert_eq!(builder.finish_framed(&mut out, Network::Regtest, 4, Hash32::ZERO, UnixTime(0), 0), None);
        assert!(out.is_empty());
        assert_eq!(builder.txids().len(), 1);
    }
}
