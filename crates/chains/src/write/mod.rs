//! The other direction for every chain: blocks with their work done, in each chain's format, for tests and simulations.
//!
//! [`crate::bitcoin::write`] makes Bitcoin's fast; this makes any chain's simply.

mod file;
mod zcash;

pub use file::ChainFile;
pub use zcash::ZcashTx;

use crate::bitcoin::write::{OwnedTx, merkle_root, write_bytes, write_compact_size};
use crate::bitcoin::{HEADER_LEN, Header, sha};
use crate::{dogecoin, proof};
use athar_types::{Chain, Hash32, Network, UnixTime};

/// A transaction in its chain's form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RawTx {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its id.
    pub txid: Hash32,
}

impl From<&OwnedTx> for RawTx {
    fn from(tx: &OwnedTx) -> Self {
        let mut bytes = Vec::new();
        tx.write(&mut bytes);
        Self { bytes, txid: tx.txid() }
    }
}

impl RawTx {
    /// The transaction that joins Litecoin's extension block: marked by a flag, its id that of the plain form.
    pub fn hogex(tx: &OwnedTx) -> Self {
        let mut bytes = tx.version.to_le_bytes().to_vec();
        bytes.extend_from_slice(&[0, 8]);
        tx.write_body(&mut bytes);
        bytes.push(0);
        bytes.extend_from_slice(&tx.locktime.to_le_bytes());
        Self { bytes, txid: tx.txid() }
    }
}

/// A Litecoin extension block with nothing in it, to stand behind the transactions; and the locking script by which the
/// transaction that joins it commits to it.
pub fn extension_block(height: u32, body: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut header = Vec::new();
    write_var_int(&mut header, height);
    header.extend_from_slice(&[7; 5 * 32]);
    write_var_int(&mut header, 300);
    write_var_int(&mut header, 5);
    let script = [&[0x58, 32][..], blake3::hash(&header).as_bytes()].concat();
    ([&[1][..], &header, body].concat(), script)
}

/// Bitcoin Core's internal form of numbers: seven bits a byte, the highest first, less one for each byte that follows.
fn write_var_int(out: &mut Vec<u8>, n: u32) {
    let mut bytes = vec![(n & 0x7f) as u8];
    let mut rest = n >> 7;
    while rest > 0 {
        rest -= 1;
        bytes.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    out.extend(bytes.into_iter().rev());
}

/// A block to write.
#[derive(Clone, Debug)]
pub struct NewBlock<'a> {
    /// Version; with bit 8 set a Dogecoin block's work is done for another block.
    pub version: i32,
    /// The block before it.
    pub prev: Hash32,
    /// The miner's clock.
    pub time: UnixTime,
    /// The target; each factor of two in it doubles the time to find the work.
    pub bits: u32,
    /// The transactions, the coinbase first.
    pub txs: &'a [RawTx],
    /// What stands behind the transactions: Litecoin's extension block.
    pub tail: &'a [u8],
}

impl NewBlock<'_> {
    /// The block in the format of `chain` with its work done, and its hash. `None` where the chain has no format or no
    /// nonce will do.
    pub fn write(&self, chain: Chain) -> Option<(Vec<u8>, Hash32)> {
        let txids: Vec<Hash32> = self.txs.iter().map(|tx| tx.txid).collect();
        let Self { version, prev, time, bits, .. } = *self;
        let header = Header { version, prev, merkle_root: merkle_root(&txids), time, bits, nonce: 0 };
        let (mut block, hash) = match chain {
            Chain::Zcash => zcash::mine(&header)?,
            Chain::Dogecoin if dogecoin::is_merge_mined(&header) => merge_mine(&header)?,
            _ => mine(chain, header)?,
        };
        write_compact_size(&mut block, self.txs.len() as u64);
        for tx in self.txs {
            block.extend_from_slice(&tx.bytes);
        }
        block.extend_from_slice(self.tail);
        Some((block, hash))
    }
}

/// A header whose nonce proves its work.
fn mine(chain: Chain, mut header: Header) -> Option<(Vec<u8>, Hash32)> {
    header.work()?;
    for nonce in 0..=u32::MAX {
        header.nonce = nonce;
        let raw = header.encode();
        if proof::is_proved(chain, &raw).ok()? {
            return Some((raw.to_vec(), Header::hash(&raw)));
        }
    }
    None
}

/// A header whose work another block's header proves, alone in its tree of chains.
fn merge_mine(header: &Header) -> Option<(Vec<u8>, Hash32)> {
    header.work()?;
    let raw = header.encode();
    let hash = Header::hash(&raw);
    let mut root = hash.0;
    root.reverse();
    let script = [&[0xfa, 0xbe, b'm', b'm'][..], &root, &1u32.to_le_bytes(), &0u32.to_le_bytes()].concat();
    let mut coinbase = 1i32.to_le_bytes().to_vec();
    coinbase.push(1);
    coinbase.extend_from_slice(&[0; 32]);
    coinbase.extend_from_slice(&[0xff; 4]);
    write_bytes(&mut coinbase, &script);
    coinbase.extend_from_slice(&[0xff; 4]);
    coinbase.push(1);
    coinbase.extend_from_slice(&[0; 8]);
    write_bytes(&mut coinbase, &[0x51]);
    coinbase.extend_from_slice(&[0; 4]);
    let parent = Header { version: 1, merkle_root: sha::sha256d(&coinbase), ..*header };
    for nonce in 0..=u32::MAX {
        let mut block = raw.to_vec();
        block.extend_from_slice(&coinbase);
        block.extend_from_slice(&[0; 32]); // hash of the other block, which nobody reads
        block.extend_from_slice(&[0; 5]); // no branch: the coinbase is the only transaction
        block.extend_from_slice(&[0; 5]); // no branch: the only chain
        block.extend_from_slice(&Header { nonce, ..parent }.encode());
        if proof::is_proved(Chain::Dogecoin, &block).ok()? {
            return Some((block, hash));
        }
    }
    None
}

/// Appends a frame of a block file. Nothing where the chain has no such network.
pub fn write_frame(out: &mut Vec<u8>, chain: Chain, network: Network, block: &[u8]) {
    if let Some(params) = chain.params(network) {
        out.extend_from_slice(&params.magic);
        out.extend_from_slice(&(block.len() as u32).to_le_bytes());
        out.extend_from_slice(block);
    }
}

const SATOSHI: [u8; 65] = *b"\x04\x67\x8a\xfd\xb0\xfe\x55\x48\x27\x19\x67\xf1\xa6\x71\x30\xb7\x10\x5c\xd6\xa8\x28\xe0\x39\x09\xa6\x79\x62\xe0\xea\x1f\x61\xde\xb6\x49\xf6\xbc\x3f\x4c\xef\x38\xc4\xf3\x55\x04\xe5\x1e\xc1\x12\xde\x5c\x38\x4d\xf7\xba\x0b\x8d\x57\x8a\x4c\x70\x2b\x6b\xf1\x1d\x5f";
const LEE: [u8; 65] = *b"\x04\x01\x84\x71\x0f\xa6\x89\xad\x50\x23\x69\x0c\x80\xf3\xa4\x9c\x8f\x13\xf8\xd4\x5b\x8c\x85\x7f\xbc\xbc\x8b\xc4\xa8\xe4\xd3\xeb\x4b\x10\xf4\xd4\x60\x4f\xa0\x8d\xce\x60\x1a\xaf\x0f\x47\x02\x16\xfe\x1b\x51\x85\x0b\x4a\xcf\x21\xb1\x79\xc4\x50\x70\xac\x7b\x03\xa9";
const ZCASH_SOLUTION: [u8; 36] = *b"\x01\x93\x6b\x7d\xb1\xeb\x4a\xc3\x9f\x15\x1b\x87\x04\x64\x2d\x0a\x8b\xda\x13\xec\x54\x7d\x54\xcd\x5e\x43\xba\x14\x2f\xc6\xd8\x87\x7c\xab\x07\xb3";

/// The genesis block of a chain's regtest network, from the fields in its node's `chainparams.cpp`.
pub fn regtest_genesis(chain: Chain) -> Option<Vec<u8>> {
    let (words, number, key, sat, nonce, bits): (&str, [u8; 4], _, u64, u32, u32) = match chain {
        Chain::Bitcoin | Chain::BitcoinCash => (
            "The Times 03/Jan/2009 Chancellor on brink of second bailout for banks",
            [0xff, 0xff, 0x00, 0x1d],
            SATOSHI,
            5_000_000_000,
            2,
            0x207f_ffff,
        ),
        Chain::Litecoin => (
            "NY Times 05/Oct/2011 Steve Jobs, Apple\u{2019}s Visionary, Dies at 56",
            [0xff, 0xff, 0x00, 0x1d],
            LEE,
            5_000_000_000,
            0,
            0x207f_ffff,
        ),
        Chain::Dogecoin => ("Nintondo", [0xff, 0xff, 0x00, 0x1d], LEE, 8_800_000_000, 2, 0x207f_ffff),
        Chain::Zcash => (
            "Zcash0b9c4eef8b7cc417ee5001e3500984b6fea35683a7cac141a043c42064835d34",
            [0xff, 0xff, 0x07, 0x1f],
            SATOSHI,
            0,
            9,
            0x200f_0f0f,
        ),
        _ => return None,
    };
    let script = [&[4][..], &number, &[1, 4, words.len() as u8], words.as_bytes()].concat();
    let mut tx = 1i32.to_le_bytes().to_vec();
    tx.push(1);
    tx.extend_from_slice(&[0; 32]);
    tx.extend_from_slice(&[0xff; 4]);
    write_bytes(&mut tx, &script);
    tx.extend_from_slice(&[0xff; 4]);
    tx.push(1);
    tx.extend_from_slice(&sat.to_le_bytes());
    write_bytes(&mut tx, &[&[65][..], &key, &[0xac]].concat());
    tx.extend_from_slice(&[0; 4]);
    let (version, time) = (if chain == Chain::Zcash { 4 } else { 1 }, UnixTime(1_296_688_602));
    let header = Header { version, prev: Hash32::ZERO, merkle_root: sha::sha256d(&tx), time, bits, nonce };
    let mut block = if chain == Chain::Zcash {
        zcash::plain_header(&header, u64::from(nonce)).to_vec()
    } else {
        header.encode()[..HEADER_LEN].to_vec()
    };
    if chain == Chain::Zcash {
        write_bytes(&mut block, &ZCASH_SOLUTION);
    }
    block.push(1);
    block.extend_from_slice(&tx);
    Some(block)
}
