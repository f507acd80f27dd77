//! The texts that a node gives for a block, and whether they belong together.
//!
//! Block, receipts and traces are asked in one request, by number, and each says the hash of its block; so a
//! reorganisation in between, or a server behind a balancer that is on another branch, is seen.

use super::{
    bloom::Bloom,
    call::{Answer, Call},
    capabilities::{Capabilities, Receipts, Traces, call_tracer, opened},
    endpoint::Endpoint,
    error::EvmError,
    head::Head,
    hex,
};
use serde::Deserialize;
use serde_json::{json, value::RawValue};

/// What a node says of one block, as it came. It was checked that the parts belong together.
#[derive(Debug)]
pub struct BlockParts {
    /// Where it stands.
    pub head: Head,
    /// The answer to `eth_getBlockByNumber` with whole transactions.
    pub block: Box<RawValue>,
    /// The list of receipts of its transactions, in their order.
    pub receipts: Box<RawValue>,
    /// The answer to `trace_block` or `debug_traceBlockByNumber`; `None` without traces.
    pub traces: Option<Box<RawValue>>,
    /// What [`Self::traces`] is.
    pub kind: Traces,
}

impl BlockParts {
    /// Bytes of its texts.
    pub fn len(&self) -> usize {
        self.block.get().len() + self.receipts.get().len() + self.traces.as_ref().map_or(0, |t| t.get().len())
    }

    /// Whether there is no text; never so.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What of a chain's own ways the checks have to know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Checks {
    /// Whether `logsBloom` of a block is that of its logs. Not on Tron, whose nodes leave it empty.
    pub is_bloom: bool,
    /// Whether every transaction has traces. Not on Polygon, whose transfers from its other layer have none.
    pub is_every_tx_traced: bool,
}

impl Checks {
    /// For the chain with that id.
    pub fn of_chain_id(id: u64) -> Self {
        Self { is_bloom: !matches!(id, 728_126_428 | 2_494_104_990 | 3_448_148_188), is_every_tx_traced: id != 137 }
    }
}

#[derive(Deserialize)]
struct BlockJson<'a> {
    number: &'a str,
    hash: &'a str,
    #[serde(rename = "parentHash")]
    parent: &'a str,
    timestamp: &'a str,
    #[serde(rename = "logsBloom", default)]
    bloom: &'a str,
    #[serde(borrow)]
    transactions: Vec<TxJson<'a>>,
}

#[derive(Deserialize)]
struct TxJson<'a> {
    hash: &'a str,
}

#[derive(Deserialize)]
struct ReceiptJson<'a> {
    #[serde(rename = "transactionHash")]
    tx: &'a str,
    #[serde(rename = "blockHash")]
    block: &'a str,
    #[serde(borrow)]
    logs: Vec<LogJson<'a>>,
}

#[derive(Deserialize)]
struct LogJson<'a> {
    address: &'a str,
    #[serde(borrow)]
    topics: Vec<&'a str>,
}

#[derive(Deserialize)]
struct TraceJson<'a> {
    #[serde(rename = "blockHash", default)]
    block: Option<&'a str>,
    #[serde(rename = "transactionPosition", default)]
    position: Option<usize>,
    #[serde(rename = "traceAddress", default)]
    place: Vec<usize>,
}

#[derive(Deserialize)]
struct TracedJson<'a> {
    #[serde(rename = "txHash", default)]
    tx: Option<&'a str>,
    #[serde(borrow, default)]
    result: Option<&'a RawValue>,
}

/// Asks the endpoint for the blocks `from..from + count` and checks each.
pub(crate) fn fetch(
    endpoint: &Endpoint,
    can: &Capabilities,
    kind: Traces,
    from: u64,
    count: usize,
) -> Result<Vec<BlockParts>, EvmError> {
    let numbers = from..from + count as u64;
    let mut calls = Vec::with_capacity(3 * count);
    for number in numbers.clone() {
        let at = hex::shown(number);
        calls.push(Call::new("eth_getBlockByNumber", json!([at, true])));
        if can.receipts == Receipts::Block {
            calls.push(Call::new("eth_getBlockReceipts", json!([at])));
        }
        match kind {
            Traces::None => {}
            Traces::TraceBlock => calls.push(Call::new("trace_block", json!([at]))),
            Traces::CallTracer => calls.push(call_tracer(&at)),
        }
    }
    let mut answers = endpoint.many(&calls)?.into_iter();
    let checks = Checks::of_chain_id(can.chain_id);
    let mut blocks: Vec<BlockParts> = Vec::with_capacity(count);
    for number in numbers {
        let mut next = |method| -> Result<Box<RawValue>, EvmError> {
            let answer: Answer =
                answers.next().ok_or_else(|| endpoint.no_node(method, "answers are missing".into()))?;
            let raw = opened(endpoint, method, answer)?;
            // a node says so of a block that it does not have
            if raw.get() == "null" { Err(EvmError::Missing { url: endpoint.shown(), number }) } else { Ok(raw) }
        };
        let wrong = |what| EvmError::Block { url: endpoint.shown(), number, what };
        let block = next("eth_getBlockByNumber")?;
        let receipts = if can.receipts == Receipts::Block { Some(next("eth_getBlockReceipts")?) } else { None };
        let traces = match kind {
            Traces::None => None,
            Traces::TraceBlock => Some(next("trace_block")?),
            Traces::CallTracer => Some(next("debug_traceBlockByNumber")?),
        };
        let json: BlockJson<'_> = serde_json::from_str(block.get()).map_err(|error| wrong(error.to_string()))?;
        let receipts = match receipts {
            Some(receipts) => receipts,
            None => each(endpoint, number, &json)?,
        };
        let head = check(&json, number, &receipts, traces.as_deref(), kind, checks).map_err(wrong)?;
        if let Some(before) = blocks.last().map(|before| before.head) {
            if before.hash != head.parent {
                return Err(wrong("its parent is not the block before it".into()));
            }
            if before.time > head.time {
                return Err(wrong("it is older than the block before it".into()));
            }
        }
        blocks.push(BlockParts { head, block, receipts, traces, kind });
    }
    Ok(blocks)
}

/// Receipts one by one, where the node has no call for all of a block.
fn each(endpoint: &Endpoint, number: u64, block: &BlockJson<'_>) -> Result<Box<RawValue>, EvmError> {
    let method = "eth_getTransactionReceipt";
    let wrong = |what: &str| EvmError::Block { url: endpoint.shown(), number, what: what.to_owned() };
    let calls: Vec<Call> = block.transactions.iter().map(|tx| Call::new(method, json!([tx.hash]))).collect();
    let mut list = String::from("[");
    for answer in endpoint.many(&calls)? {
        let raw = opened(endpoint, method, answer)?;
        if raw.get() == "null" {
            return Err(wrong("a receipt is missing"));
        }
        if list.len() > 1 {
            list.push(',');
        }
        list.push_str(raw.get());
    }
    list.push(']');
    RawValue::from_string(list).map_err(|error| wrong(&error.to_string()))
}

/// Whether the parts are of the block asked for, complete, and of one another.
fn check(
    block: &BlockJson<'_>,
    number: u64,
    receipts: &RawValue,
    traces: Option<&RawValue>,
    kind: Traces,
    checks: Checks,
) -> Result<Head, String> {
    let wrong = |field: &str| format!("its {field} cannot be read");
    let head = Head {
        number: hex::quantity(block.number).ok_or_else(|| wrong("number"))?,
        hash: hex::fixed(block.hash).ok_or_else(|| wrong("hash"))?,
        parent: hex::fixed(block.parent).ok_or_else(|| wrong("parentHash"))?,
        time: hex::quantity(block.timestamp).ok_or_else(|| wrong("timestamp"))?,
    };
    if head.number != number {
        return Err(format!("it is block {}", head.number));
    }
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let receipts: Vec<ReceiptJson<'_>> =
        serde_json::from_str(receipts.get()).map_err(|error| format!("its receipts: {error}"))?;
    let count = block.transactions.len();
    if receipts.len() != count {
        return Err(format!("{} receipts for {count} transactions", receipts.len()));
    }
    let mut bloom = Bloom::default();
    for (rank, (tx, receipt)) in block.transactions.iter().zip(&receipts).enumerate() {
        if !same(tx.hash, receipt.tx) {
            return Err(format!("receipt {rank} is of another transaction"));
        }
        if !same(block.hash, receipt.block) {
            return Err(format!("receipt {rank} is of another block"));
        }
        for log in &receipt.logs {
            let address: [u8; 20] = hex::fixed(log.address).ok_or_else(|| wrong("log's address"))?;
            bloom.add(&address);
            for topic in &log.topics {
                bloom.add(&hex::fixed::<32>(topic).ok_or_else(|| wrong("log's topic"))?);
            }
        }
    }
    if checks.is_bloom {
        let said: [u8; 256] = hex::fixed(block.bloom).ok_or_else(|| wrong("logsBloom"))?;
        if said != bloom.0 {
            return Err("its logs are not those that its logsBloom says".into());
        }
    }
    let Some(traces) = traces else { return Ok(head) };
    let mut traced = vec![false; count];
    if kind == Traces::TraceBlock {
        let traces: Vec<TraceJson<'_>> =
            serde_json::from_str(traces.get()).map_err(|error| format!("its traces: {error}"))?;
        for trace in traces {
            if trace.block.is_some_and(|hash| !same(hash, block.hash)) {
                return Err("its traces are of another block".into());
            }
            let Some(position) = trace.position else { continue };
            let place =
                traced.get_mut(position).ok_or_else(|| format!("a trace of transaction {position} of {count}"))?;
            *place |= trace.place.is_empty();
        }
    } else {
        let traces: Vec<TracedJson<'_>> =
            serde_json::from_str(traces.get()).map_err(|error| format!("its traces: {error}"))?;
        if traces.len() > count {
            return Err(format!("{} traces for {count} transactions", traces.len()));
        }
        for (rank, trace) in traces.iter().enumerate() {
            if trace.tx.is_some_and(|hash| !same(hash, block.transactions[rank].hash)) {
                return Err(format!("trace {rank} is of another transaction"));
            }
            traced[rank] = trace.result.is_some();
        }
    }
    match traced.iter().position(|is| !is) {
        Some(rank) if checks.is_every_tx_traced => Err(format!("transaction {rank} has no trace")),
        _ => Ok(head),
    }
}

#[cfg(test)]
#[path = "parts_tests.rs"]
mod tests;
