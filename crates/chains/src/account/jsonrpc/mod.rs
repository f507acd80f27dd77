//! Answers of a node's JSON-RPC, as raw parts of a block.
//!
//! Sources: the Ethereum execution API specification (`eth_getBlockByNumber`, `eth_getBlockReceipts`, `eth_getLogs`), OpenEthereum's
//! trace module (`trace_block`), geth's `debug_traceBlockByNumber` with its `callTracer`. Tron's nodes answer in the same forms,
//! with 21 bytes in hexadecimal where others have 20.
//!
//! Each function takes the text of the `result`, and checks that the parts are of one block: a node behind a balancer can
//! answer two questions from two chains.

mod block;
mod fields;
mod trace;

pub use block::{LogOf, block, logs, receipts};
pub use trace::{debug_trace_block, trace_block};

use super::AccountError;

fn json<'a, T: serde::Deserialize<'a>>(what: &'static str, text: &'a str) -> Result<T, AccountError> {
    serde_json::from_str(text).map_err(|error| AccountError::Json { what, error: error.to_string() })
}
