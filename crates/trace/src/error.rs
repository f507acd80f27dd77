//! What can be wrong with a question.

use athar_types::{AddressId, OutputNum, TxNum};

/// A question that cannot be asked of this ledger. Nothing was traced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// The ledger has no such output.
    #[error("the ledger has no output {output}: it has {count}")]
    UnknownOutput {
        /// The output asked for.
        output: OutputNum,
        /// How many the ledger has.
        count: u64,
    },
    /// The ledger has no such address.
    #[error("the ledger has no address {address}: it has {count}")]
    UnknownAddress {
        /// The address asked for.
        address: AddressId,
        /// How many the ledger has.
        count: u32,
    },
    /// The ledger has no such transaction.
    #[error("the ledger has no transaction {tx}: it has {count}")]
    UnknownTx {
        /// The transaction asked for.
        tx: TxNum,
        /// How many the ledger has.
        count: u32,
    },
    /// A part of an output that is empty, reversed or reaches past the output's value.
    #[error("satoshi {from} to {to} are no part of output {output}, which holds {value}")]
    NoSuchPart {
        /// The output.
        output: OutputNum,
        /// First satoshi of the part.
        from: u64,
        /// End of the part, exclusive.
        to: u64,
        /// The output's value.
        value: u64,
    },
    /// The sources together hold more than 2^64 - 1 satoshi: only a chain that breaks its own rules gets there.
    #[error("the sources hold more than 2^64 - 1 satoshi together")]
    TooMuch,
}
