//! Who an endpoint is and what it can do, found out by asking it.

use super::{
    call::{Answer, Call},
    endpoint::Endpoint,
    error::EvmError,
    head, hex,
};
use serde_json::{json, value::RawValue};

/// How a node tells of value that contracts sent on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Traces {
    /// Not at all: internal transfers are then unknown, which is not none.
    None,
    /// `debug_traceBlockByNumber` with `callTracer` (Geth and its relatives).
    CallTracer,
    /// `trace_block` (Erigon, Nethermind, Reth, anvil): also rewards of blocks.
    TraceBlock,
}

impl Traces {
    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::CallTracer => "call_tracer",
            Self::TraceBlock => "trace_block",
        }
    }
}

/// How a node tells what came of transactions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Receipts {
    /// One call a transaction (`eth_getTransactionReceipt`).
    Each,
    /// One call a block (`eth_getBlockReceipts`).
    Block,
}

/// What an endpoint can do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Capabilities {
    /// What it answers to `eth_chainId`.
    pub chain_id: u64,
    /// Hash of its block 0.
    pub genesis: [u8; 32],
    /// Number of its newest block when it was asked.
    pub head: u64,
    /// Receipts.
    pub receipts: Receipts,
    /// Every kind of traces that it has, the best one last; [`Traces::None`] is always among them.
    pub traces: Vec<Traces>,
    /// For each method that it lacks, its own words.
    pub lacks: Vec<String>,
}

/// Asks the endpoint.
pub(crate) fn probe(endpoint: &Endpoint) -> Result<Capabilities, EvmError> {
    let calls = [
        Call::new("eth_chainId", json!([])),
        Call::new("eth_getBlockByNumber", json!(["0x0", false])),
        Call::new("eth_blockNumber", json!([])),
    ];
    let answers = endpoint.many(&calls)?;
    let result = |rank: usize| match &answers[rank] {
        Ok(raw) => Ok(&**raw),
        Err(error) => Err(endpoint.refused(calls[rank].method, error)),
    };
    let no_number = |rank: usize| endpoint.no_node(calls[rank].method, "no number".into());
    let chain_id = head::number(result(0)?).ok_or_else(|| no_number(0))?;
    let first = head::head(result(1)?).map_err(|what| endpoint.no_node(calls[1].method, what))?;
    let first = first.ok_or_else(|| endpoint.no_node(calls[1].method, "it has no block 0".into()))?;
    let newest = head::number(result(2)?).ok_or_else(|| no_number(2))?;
    // the newest block can go while it is asked about
    let at = hex::shown(newest.saturating_sub(1));
    let mut lacks = Vec::new();
    let mut can = |call: Call| -> Result<bool, EvmError> {
        let what = match endpoint.one(&call)? {
            Ok(raw) if is_list(&raw) => return Ok(true),
            Ok(_) => "no list".to_owned(),
            Err(error) => endpoint.refused(call.method, &error).to_string(),
        };
        lacks.push(format!("{}: {what}", call.method));
        Ok(false)
    };
    let receipts = if can(Call::new("eth_getBlockReceipts", json!([at])))? { Receipts::Block } else { Receipts::Each };
    let mut traces = vec![Traces::None];
    if can(call_tracer(&at))? {
        traces.push(Traces::CallTracer);
    }
    if can(Call::new("trace_block", json!([at])))? {
        traces.push(Traces::TraceBlock);
    }
    Ok(Capabilities { chain_id, genesis: first.hash, head: newest, receipts, traces, lacks })
}

/// The call for all traces of a block by `callTracer`.
pub(crate) fn call_tracer(number: &str) -> Call {
    Call::new("debug_traceBlockByNumber", json!([number, {"tracer": "callTracer"}]))
}

fn is_list(raw: &RawValue) -> bool {
    raw.get().trim_start().starts_with('[')
}

/// The result of a call, or the endpoint's error.
pub(crate) fn opened(endpoint: &Endpoint, method: &'static str, answer: Answer) -> Result<Box<RawValue>, EvmError> {
    answer.map_err(|error| endpoint.refused(method, &error))
}
