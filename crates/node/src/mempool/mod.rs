//! The view of what is not confirmed yet.
//!
//! It is what *this node* holds, kept apart from the ledger: nothing of it is a fact of the chain, another node may
//! hold other transactions, and any of it may vanish. What becomes of a transaction is told as [`Change`]s.

mod pool;
mod tx;

pub use pool::{Change, MEMPOOL_BYTES_MAX, MEMPOOL_TXS_MAX, Mempool, Removal, SETTLE};
pub use tx::{MempoolTx, OutPoint, Outputs, Paid, Spent, parse_tx};
