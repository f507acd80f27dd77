//! Why bytes are no block or transaction, and where.

use super::frame::BLOCK_LEN_MAX;
use athar_types::Hash32;
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
    /// The segwit marker is followed by a flag other than 1 (BIP 144).
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
    /// An output of more than 21 million bitcoin.
    #[error("an output of {0} satoshi is more than all bitcoin")]
    Value(u64),
    /// Outputs of one transaction of more than 21 million bitcoin together.
    #[error("the outputs sum to {0} satoshi, more than all bitcoin")]
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
        })
    }
}
