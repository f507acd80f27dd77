//! Plain rows: what a decoder hands in, and what a query hands out.

use athar_types::{AddressId, Hash32, Height, InputNum, OutputNum, Sats, ScriptKind, TxNum, UnixTime};
use siphasher::sip::SipHasher13;
use std::ops::Range;

/// One decoded block, flat: everything the ledger keeps of it.
#[derive(Clone, Debug, Default)]
pub struct BlockRows {
    /// The bytes that its hash is over: 80, or on Zcash 140 and a solution behind its length.
    pub header: Vec<u8>,
    /// Its hash.
    pub hash: Hash32,
    /// The miner's time stamp, Unix seconds.
    pub time: u32,
    /// Serialised size in bytes.
    pub size: u32,
    /// Transactions in block order.
    pub txs: Vec<TxRow>,
    /// Outputs of all transactions, in order.
    pub outputs: Vec<OutRow>,
    /// Payloads of the outputs' addresses, see [`OutRow::key_start`].
    pub keys: Vec<u8>,
    /// Inputs of all transactions but the coinbase, in order.
    pub inputs: Vec<InRow>,
    /// Scripts that an address does not imply, by ascending output.
    pub scripts: Vec<RawScript>,
    /// Their bytes.
    pub script_bytes: Vec<u8>,
    /// Inputs (ascending) that push an uncompressed public key after a signature.
    pub uncompressed: Vec<u32>,
    /// What transactions (ascending) move into and out of hidden pools.
    pub pools: Vec<PoolFlow>,
}

/// What one transaction moves into a hidden pool, or out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolFlow {
    /// Index into [`BlockRows::txs`].
    pub tx: u32,
    /// Number of [`athar_types::Pool`].
    pub pool: u8,
    /// Satoshi from the transparent side into the pool; negative where they come out of it, never 0.
    pub value_sat: i64,
}

/// One transaction of a [`BlockRows`].
#[derive(Clone, Copy, Debug, Default)]
pub struct TxRow {
    /// Its id.
    pub txid: Hash32,
    /// Version as signed number.
    pub version: i32,
    /// Lock time as serialised.
    pub locktime: u32,
    /// Weight units.
    pub weight: u32,
    /// Facts in bits.
    pub flags: TxFlags,
    /// Number of inputs in [`BlockRows::inputs`]: none for a coinbase.
    pub inputs: u32,
    /// Number of outputs.
    pub outputs: u32,
}

/// One output of a [`BlockRows`].
#[derive(Clone, Copy, Debug)]
pub struct OutRow {
    /// Satoshi.
    pub value: u64,
    /// [`key_hash`] of the address; meaningless without one.
    pub key_hash: u64,
    /// Where the payload of the address begins in [`BlockRows::keys`].
    pub key_start: u32,
    /// Its length; 0 for an output without address.
    pub key_len: u8,
    /// Number of [`athar_types::AddressKind`].
    pub key_kind: u8,
    /// Script kind.
    pub kind: ScriptKind,
}

/// One input of a [`BlockRows`].
#[derive(Clone, Copy, Debug)]
pub struct InRow {
    /// Transaction whose output is spent.
    pub prev_txid: Hash32,
    /// Which of its outputs.
    pub prev_vout: u32,
}

/// A script that the ledger keeps whole.
#[derive(Clone, Debug)]
pub struct RawScript {
    /// Index into [`BlockRows::outputs`].
    pub output: u32,
    /// Where in [`BlockRows::script_bytes`].
    pub bytes: Range<u32>,
}

/// Facts about a transaction, in bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TxFlags(pub u8);

impl TxFlags {
    /// The first transaction of a block.
    pub const COINBASE: u8 = 1;
    /// Carries witness data.
    pub const SEGWIT: u8 = 2;
    /// Signals replaceability (BIP 125): some input's sequence is below 0xfffffffe.
    pub const RBF: u8 = 4;
    /// Pays into Litecoin's hidden extension block.
    pub const MWEB: u8 = 8;
    /// Joins a Litecoin block and its hidden extension block: holds what is inside and pays out what leaves.
    pub const HOGEX: u8 = 16;
    /// Has a part inside one of Zcash's shielded pools: its transparent inputs and outputs need not balance.
    pub const SHIELDED: u8 = 32;

    /// Whether all bits of `flag` are set.
    pub const fn has(self, flag: u8) -> bool {
        self.0 & flag == flag
    }
}

/// The 64-bit hash of an address that look-ups are sorted by: SipHash-1-3 (J.-P. Aumasson, D. J. Bernstein, 2012) with a
/// fixed key, over the kind and the payload. Stored columns depend on it. It is keyed so that nobody makes a million
/// addresses of one bucket for the price of their outputs; equal hashes are always compared byte by byte.
///
/// # Panics
/// On a payload of more than 41 bytes, which no address has.
#[inline]
pub fn key_hash(kind: u8, payload: &[u8]) -> u64 {
    let mut bytes = [0; 42];
    bytes[0] = kind;
    bytes[1..=payload.len()].copy_from_slice(payload);
    SipHasher13::new_with_keys(0x6174_6861_7220_6b65, 0x7920_6861_7368_2031).hash(&bytes[..=payload.len()])
}

/// A block of the best chain.
#[derive(Clone, Debug)]
pub struct BlockInfo {
    /// Height.
    pub height: Height,
    /// Hash.
    pub hash: Hash32,
    /// The bytes that its hash is over: 80, or on Zcash 140 and a solution behind its length.
    pub header: Vec<u8>,
    /// The miner's time stamp.
    pub time: UnixTime,
    /// Its transactions.
    pub txs: Range<u32>,
    /// Serialised size in bytes.
    pub size: u32,
}

impl BlockInfo {
    /// Hash of the block before it.
    pub fn prev(&self) -> Hash32 {
        let mut hash = [0; 32];
        hash.copy_from_slice(&self.header[4..36]);
        Hash32(hash)
    }

    /// The miner's time stamp.
    pub fn time(&self) -> UnixTime {
        self.time
    }
}

/// A transaction.
#[derive(Clone, Debug)]
pub struct Tx {
    /// Number.
    pub num: TxNum,
    /// Height of its block.
    pub height: Height,
    /// Version as signed number.
    pub version: i32,
    /// Lock time as serialised.
    pub locktime: u32,
    /// Weight units.
    pub weight: u32,
    /// Facts in bits.
    pub flags: TxFlags,
    /// Numbers of its outputs.
    pub outputs: Range<u64>,
    /// Numbers of its inputs that spend an output.
    pub inputs: Range<u64>,
}

/// An output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Output {
    /// Number.
    pub num: OutputNum,
    /// Value.
    pub value: Sats,
    /// Address paid.
    pub address: Option<AddressId>,
    /// Script kind.
    pub kind: ScriptKind,
    /// The transaction that spends it.
    pub spent_by: Option<TxNum>,
}

/// An input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input {
    /// Number.
    pub num: InputNum,
    /// Transaction whose output it spends.
    pub prev_tx: TxNum,
    /// Which of its outputs.
    pub prev_vout: u32,
    /// Address of that output.
    pub address: Option<AddressId>,
}
