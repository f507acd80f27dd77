//! What a transaction is made of, as the decoder shows it: borrowed from the block's bytes.

use athar_types::{Hash32, Sats};

/// All bitcoin there can be: 21 million. No output and no transaction's sum of outputs is over it (`MAX_MONEY`).
pub const MONEY_MAX: Sats = Sats(21_000_000 * Sats::BTC);

/// What a transaction is as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TxHead {
    /// Double SHA-256 of the transaction without its witness; of Zcash's version 5 the tree hash of ZIP 244.
    pub txid: Hash32,
    /// Version; signed, as on the wire. Of Zcash without the bit that marks later formats.
    pub version: i32,
    /// Lock time: a height below 500,000,000, else a time.
    pub locktime: u32,
    /// Weight units: three times the bytes without the witness, plus all bytes (BIP 141).
    pub weight: u32,
    /// All bytes, with the witness.
    pub size: u32,
    /// Whether it is in segwit form (BIP 144).
    pub segwit: bool,
    /// Whether it creates new coins: its only input spends no output.
    pub coinbase: bool,
    /// Number of inputs, at least 1 (on Zcash: of transparent ones, maybe none). A coinbase has exactly 1.
    pub inputs: u32,
    /// Number of outputs, at least 1 (on Zcash: of transparent ones, maybe none).
    pub outputs: u32,
    /// Whether it is the transaction by which a Litecoin block joins its hidden extension block (HogEx, LIP 2).
    pub hogex: bool,
    /// Whether it has a part inside one of Zcash's shielded pools.
    pub shielded: bool,
}

/// An input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Input<'a> {
    /// The transaction whose output is spent; zero in a coinbase.
    pub prev_txid: Hash32,
    /// Which output of it; `u32::MAX` in a coinbase.
    pub prev_vout: u32,
    /// The unlocking script.
    pub script_sig: &'a [u8],
    /// Sequence number (BIP 68, BIP 125).
    pub sequence: u32,
}

impl Input<'_> {
    /// Whether it spends no output, as a coinbase's input does.
    #[inline]
    pub fn is_null(&self) -> bool {
        self.prev_vout == u32::MAX && self.prev_txid == Hash32::ZERO
    }
}

/// An output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Output<'a> {
    /// Its value, at most all money that the chain can have ([`MONEY_MAX`]).
    pub value: Sats,
    /// The locking script.
    pub script: &'a [u8],
}
