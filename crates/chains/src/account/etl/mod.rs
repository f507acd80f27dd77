//! Rows of ethereum-etl's tables and of GraphSense's dumps, and how the rows of a block become one block.
//!
//! Sources: the schemas of `blockchain-etl/ethereum-etl` (`docs/schema.md`), of BigQuery's `crypto_ethereum` and of
//! `graphsense/graphsense-lib` (raw keyspaces of account chains). The functions are pure: a reader splits a file into
//! lines and a CSV line into cells, and gives [`Cells`] here.

mod assemble;
mod cell;
mod record;
mod trace;
mod value;

pub use assemble::{Assembly, Fees, Parts, assemble};
pub use cell::{Cell, Cells, Columns, Field};
pub use record::{
    BlockPart, FeePart, LogPart, ReceiptPart, TRANSFER_TOPIC, Table, TxPart, block, block_of, fee, log, receipt,
    token_transfer, transaction,
};
pub use trace::{TracePart, TracePath, trace};

pub(crate) use value::{account, hash};

use std::fmt;

/// What is wrong with a cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Problem {
    /// It is needed and not there.
    Absent,
    /// Not a whole number, or one that is too large for what it means.
    Number,
    /// Written through a float, which cannot hold an amount exactly.
    Float,
    /// Below zero.
    Negative,
    /// Above 2^256 - 1.
    Large,
    /// Not yes or no.
    Truth,
    /// Not 32 bytes.
    Hash,
    /// Not 20 bytes.
    Address,
    /// Not bytes in hexadecimal or base64.
    Bytes,
    /// No time.
    Time,
    /// No list.
    List,
    /// A kind that is not known.
    Kind,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "is needed and absent",
            Self::Number => "is no whole number that fits",
            Self::Float => "was written through a float, which holds no amount exactly",
            Self::Negative => "is below zero",
            Self::Large => "is larger than 256 bits can hold",
            Self::Truth => "is neither 0 nor 1",
            Self::Hash => "is not 32 bytes",
            Self::Address => "is no address",
            Self::Bytes => "is not hexadecimal or base64",
            Self::Time => "is no time",
            Self::List => "is no list of the expected form",
            Self::Kind => "is of no known kind",
        })
    }
}

/// Why a row cannot be read, or a block not be made of its rows. The reader adds file and line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EtlError {
    /// The line is no JSON object.
    #[error("no JSON object: {0}")]
    Json(String),
    /// A cell does not hold what its column means.
    #[error("column {field:?} {problem}: `{text}`")]
    Field {
        /// What the column means.
        field: Field,
        /// What is wrong.
        problem: Problem,
        /// The cell, cut short.
        text: String,
    },
    /// A block has two rows in the table of blocks.
    #[error("block {0} occurs twice")]
    BlockTwice(u64),
    /// A transaction has two rows in one block.
    #[error("block {block}: transaction {} occurs twice", const_hex::encode_prefixed(tx))]
    TxTwice {
        /// The block.
        block: u64,
        /// The transaction.
        tx: [u8; 32],
    },
    /// A transaction has two receipts.
    #[error("block {block}: transaction {} has two receipts", const_hex::encode_prefixed(tx))]
    ReceiptTwice {
        /// The block.
        block: u64,
        /// The transaction.
        tx: [u8; 32],
    },
    /// A transaction, or a block, has two traces of one rank.
    #[error("block {block}: trace {order} occurs twice")]
    TraceTwice {
        /// The block.
        block: u64,
        /// The trace's rank.
        order: u64,
    },
    /// A block has two logs of one rank.
    #[error("block {block}: log {index} occurs twice")]
    LogTwice {
        /// The block.
        block: u64,
        /// The log's rank.
        index: u32,
    },
}

/// Characters of a cell that an error shows.
const SHOWN_MAX: usize = 80;

impl EtlError {
    pub(crate) fn field(field: Field, problem: Problem, text: &str) -> Self {
        Self::Field { field, problem, text: text.chars().take(SHOWN_MAX).collect() }
    }

    fn json(error: serde_json::Error) -> Self {
        Self::Json(error.to_string())
    }
}
