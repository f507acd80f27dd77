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

use super::{QUOTE_MAX, read_json as json};

/// The beginning of what a node wrote, for an error.
fn quoted(text: &str) -> String {
    text.chars().take(QUOTE_MAX / 5).flat_map(char::escape_default).collect()
}
