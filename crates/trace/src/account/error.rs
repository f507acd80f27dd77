//! What can be wrong with a question about accounts.

/// A question that cannot be asked of these transfers. Nothing was traced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// There is no such transfer.
    #[error("the ledger has no transfer {transfer}: it has {count}")]
    UnknownTransfer {
        /// The transfer asked for.
        transfer: u64,
        /// How many there are.
        count: u64,
    },
    /// There is no such transaction.
    #[error("the ledger has no transaction {tx}")]
    UnknownTx {
        /// The transaction asked for.
        tx: u32,
    },
    /// The policy has no meaning on accounts.
    #[error(
        "policy `{policy}` has no meaning on accounts: it chooses among the outputs of one transaction, and a transfer has one receiver (fifo, lifo, haircut, poison)"
    )]
    NoSuchPolicy {
        /// Its name.
        policy: &'static str,
    },
}
