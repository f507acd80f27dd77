//! Why bytes are no block or transaction, and where.

use super::frame::BLOCK_LEN_MAX;
use athar_types::{Chain, Hash32};
use std::fmt;

/// Why bytes are no block or transaction. Nothing was lost: the bytes are the caller's, the offset is within them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset}: {kind}")]
pub struct DecodeError {
    /// Byte within the block (or the transaction, where that was decoded alone) at which the refused part begins.
    pub offset: usize,
    /// What is wrong there.
    pub kind: DecodeErrorKind,
}

/// What is wrong with a block or transaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The bytes end inside a part.
    #[error("the data ends inside {0}")]
    Truncated(Part),
    /// A CompactSize takes more bytes than its value needs; no node would have stored it.
    #[error("{0} is not in its shortest form")]
    NonCanonical(Part),
    /// A count or length is larger than the bytes that are left could hold.
    #[error("{part} is {claimed}, more than the {left} bytes left can hold")]
    TooMany {
        /// Which count or length.
        part: Part,
        /// Its value.
        claimed: u64,
        /// Bytes after it.
        left: usize,
    },
    /// More bytes than any block may have.
    #[error("{0} bytes are more than the {BLOCK_LEN_MAX} of the largest block")]
    TooLong(usize),
    /// The segwit marker is followed by a flag other than 1 (BIP 144; on Litecoin also 8 and 9).
    #[error("segwit flag {0} is unknown")]
    SegwitFlag(u8),
    /// A transaction in segwit form has no witness at all; no node would have stored it.
    #[error("segwit form without a witness")]
    EmptyWitness,
    /// A transaction without inputs.
    #[error("transaction without inputs")]
    NoInputs,
    /// A transaction without outputs.
    #[error("transaction without outputs")]
    NoOutputs,
    /// A block without transactions.
    #[error("block without transactions")]
    NoTransactions,
    /// The first transaction is not a coinbase.
    #[error("the first transaction is not a coinbase")]
    CoinbaseMissing,
    /// A coinbase after the first transaction, or an input that spends nothing beside others.
    #[error("an input that spends no output, which only the first transaction's only input may be")]
    CoinbaseExtra,
    /// An output of more than all money that the chain can have: 21 million bitcoin.
    #[error("an output of {0} satoshi is more than all money of the chain")]
    Value(u64),
    /// Outputs of one transaction of more than all money together.
    #[error("the outputs sum to {0} satoshi, more than all money of the chain")]
    ValueSum(u64),
    /// The transactions are not the ones that the header commits to.
    #[error("merkle root {computed} differs from the header's {claimed}")]
    MerkleRoot {
        /// The header's.
        claimed: Hash32,
        /// That of the transactions found.
        computed: Hash32,
    },
    /// Transactions repeat such that the merkle root does not show it (CVE-2012-2459).
    #[error("transactions are repeated in a way that the merkle root does not show")]
    MerkleDuplicate,
    /// Bytes after the last transaction.
    #[error("{0} bytes after the last transaction")]
    Trailing(usize),
    /// A Litecoin transaction in a block carries its own part of the extension block, which belongs behind the
    /// transactions.
    #[error("a transaction in a block carries data of the extension block itself")]
    MwebTx,
    /// The transaction that joins Litecoin's extension block is not the last one.
    #[error("the transaction that joins the extension block is not the last")]
    HogExPlace,
    /// The extension block that a Litecoin block ends in is missing or begins with neither 0 nor 1.
    #[error("the extension block is missing")]
    MwebMissing,
    /// The extension block is not the one that the transaction that joins it commits to.
    #[error("the extension block's header hashes to {computed}, the block commits to {claimed}")]
    MwebHash {
        /// In the first output of the transaction that joins it.
        claimed: Hash32,
        /// Of the extension block's header.
        computed: Hash32,
    },
    /// Proof of work done for another chain's block (auxpow) that does not commit to this block.
    #[error("the merge-mined proof of work does not hold: {0}")]
    AuxPow(&'static str),
    /// A Zcash transaction in a format that this program does not know. What it moves cannot be told without that.
    #[error("transaction format {version} with group {group:08x} is not known to this program")]
    TxVersion {
        /// Its version number.
        version: u32,
        /// Its version group id; 0 where it has none.
        group: u32,
    },
    /// A Zcash transaction moves more than all money into or out of a pool.
    #[error("{0} satoshi into or out of a pool is more than all money of the chain")]
    PoolValue(i64),
    /// The chain is none whose blocks this program reads.
    #[error("blocks of {0} are not known to this program")]
    Chain(Chain),
}

/// A part of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // shown in full by Display
pub enum Part {
    Header,
    TxCount,
    Version,
    SegwitFlag,
    InputCount,
    PrevOutput,
    ScriptSigLen,
    ScriptSig,
    Sequence,
    OutputCount,
    Value,
    ScriptLen,
    Script,
    WitnessCount,
    WitnessLen,
    WitnessItem,
    LockTime,
    MwebTx,
    MwebHeader,
    AuxPow,
    Solution,
    JoinSplits,
    Sapling,
    Orchard,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Header => "the header",
            Self::TxCount => "the number of transactions",
            Self::Version => "a transaction's version",
            Self::SegwitFlag => "a transaction's segwit flag",
            Self::InputCount => "a transaction's number of inputs",
            Self::PrevOutput => "an input's spent output",
            Self::ScriptSigLen => "the length of an input's script",
            Self::ScriptSig => "an input's script",
            Self::Sequence => "an input's sequence",
            Self::OutputCount => "a transaction's number of outputs",
            Self::Value => "an output's value",
            Self::ScriptLen => "the length of an output's script",
            Self::Script => "an output's script",
            Self::WitnessCount => "an input's number of witness items",
            Self::WitnessLen => "the length of a witness item",
            Self::WitnessItem => "a witness item",
            Self::LockTime => "a transaction's lock time",
            Self::MwebTx => "a transaction's part of the extension block",
            Self::MwebHeader => "the extension block's header",
            Self::AuxPow => "the merge-mined proof of work",
            Self::Solution => "the header's Equihash solution",
            Self::JoinSplits => "a transaction's JoinSplits",
            Self::Sapling => "a transaction's Sapling part",
            Self::Orchard => "a transaction's Orchard part",
        })
    }
}
