//! From what a node says to rows, by the readers of [`athar_chains::account`].

use super::{capabilities::Traces, parts::BlockParts};
use athar_chains::account::{AccountError, Tokens, jsonrpc, raw::RawBlock, rows};
use athar_types::account::{AccountBlock, AccountParams};

/// The raw parts of a block.
pub fn raw_block(parts: &BlockParts) -> Result<RawBlock, AccountError> {
    let mut block = jsonrpc::block(parts.block.get())?;
    jsonrpc::receipts(parts.receipts.get(), &mut block)?;
    match (&parts.traces, parts.kind) {
        (Some(traces), Traces::TraceBlock) => jsonrpc::trace_block(traces.get(), &mut block)?,
        (Some(traces), Traces::CallTracer) => jsonrpc::debug_trace_block(traces.get(), &mut block)?,
        _ => {}
    }
    Ok(block)
}

/// The rows of a block.
pub fn account_block(
    parts: &BlockParts,
    params: &AccountParams,
    tokens: &Tokens,
) -> Result<AccountBlock, AccountError> {
    rows(&raw_block(parts)?, params, tokens)
}
