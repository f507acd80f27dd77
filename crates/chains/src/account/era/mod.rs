//! Archives of Ethereum's history before the merge (`.era1`): entries of an e2store that hold headers, bodies and receipts.
//!
//! Sources: `eth-clients/e2store-format-specs` (`era1.md`, `e2store.md`), Ethereum's yellow paper for RLP, tries and blocks,
//! EIP-155, EIP-2718, EIP-2930, EIP-1559 and EIP-658 for transactions and receipts.
//!
//! A block is believed only as far as it proves itself: its hash is computed from its header; its transactions, uncles and
//! receipts must have the roots that the header names; senders are recovered from signatures. So what comes out hangs
//! together by hashes, and only whether the last hash is the chain's own is left to be known from elsewhere.
//!
//! Archives hold no traces and no genesis balances: value that contracts sent on is unknown. Rewards of blocks are not in
//! them either; they follow from the rules of the chain, which are not applied here.
//!
//! Not read, and said so: archives of the beacon chain (`.era`), which hold blocks of consensus, and archives of later
//! history (`.ere`, `.erae`, `.e2hs`), which order their parts otherwise and shorten receipts.

mod block;
mod entry;
mod receipt;
mod rlp;
mod trie;
mod tx;

pub use block::{Tuple, block, header_number};
pub use entry::{ENTRY_BYTES_MAX, Entry, HEAD_LEN, Index, Kind, entry_head, index, unpack};
pub use trie::ordered_root;

use sha3::{Digest, Keccak256};

/// Why an archive cannot be read. The reader adds file and place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EraError {
    /// The head of an entry is none.
    #[error("no entry of an e2store: its reserved bytes are not zero")]
    Reserved,
    /// An entry that is longer than is read.
    #[error("an entry of {0} bytes is longer than {ENTRY_BYTES_MAX}")]
    LongEntry(u32),
    /// What is compressed in an entry is damaged.
    #[error("damaged snappy frames: {0}")]
    Snappy(String),
    /// What is compressed in an entry is longer than is read.
    #[error("an entry that unpacks to more than {ENTRY_BYTES_MAX} bytes")]
    LongContent,
    /// An archive of another form.
    #[error("{0}")]
    OtherForm(&'static str),
    /// An index of blocks whose length does not fit its count.
    #[error("an index of blocks whose length does not fit its count")]
    Index,
    /// What should be RLP is none.
    #[error("{what} is no RLP of its form")]
    Rlp {
        /// Which part.
        what: &'static str,
    },
    /// A part of a block that is not what its header says.
    #[error("block {block}: {what}")]
    Block {
        /// The number in the header.
        block: u64,
        /// What does not fit.
        what: String,
    },
}

fn keccak(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}
