//! Calls inside transactions.

use super::super::AccountError;
use super::super::raw::{RawBlock, RawCall, RawCallKind};
use super::fields::{Address, Hash, Quantity};
use super::{json, quoted};
use athar_types::account::U256;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Calls inside one another. The machine itself allows 1,024.
const DEPTH_MAX: usize = 1_100;

/// Bytes of text that are read for the calls of one block. A call's text holds those of the calls inside, which are read
/// again with each: calls nested a thousand deep are read five hundred times over. Real blocks take a few times their
/// length.
const READ_MAX: u64 = 4 << 30;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trace<'a> {
    action: Action<'a>,
    #[serde(default)]
    block_hash: Option<Hash>,
    #[serde(default, borrow)]
    error: Option<Cow<'a, str>>,
    #[serde(default)]
    result: Option<Made>,
    #[serde(default)]
    trace_address: Vec<u32>,
    #[serde(default)]
    transaction_hash: Option<Hash>,
    #[serde(default)]
    transaction_position: Option<u32>,
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Action<'a> {
    #[serde(borrow)]
    call_type: Option<Cow<'a, str>>,
    from: Option<Address>,
    to: Option<Address>,
    value: Option<Quantity>,
    // of a self-destruction
    address: Option<Address>,
    refund_address: Option<Address>,
    balance: Option<Quantity>,
    // of a reward
    author: Option<Address>,
}

#[derive(Deserialize)]
struct Made {
    #[serde(default)]
    address: Option<Address>,
}

/// Adds the result of `trace_block` to a block.
///
/// # Errors
/// Traces of another block, or of a transaction that the block does not have; the block is then as it was.
pub fn trace_block(text: &str, block: &mut RawBlock) -> Result<(), AccountError> {
    let Some(read): Option<Vec<Trace<'_>>> = json("trace_block", text)? else {
        return Err(AccountError::block(block.number, "the node has no traces of it"));
    };
    let wrong = |what: String| AccountError::block(block.number, what);
    let mut calls = Vec::with_capacity(read.len());
    // where the calls that failed stand: what is below them failed with them
    let mut failed: HashMap<Option<u32>, HashSet<&[u32]>> = HashMap::new();
    for trace in &read {
        if trace.trace_address.len() > DEPTH_MAX {
            return Err(wrong(format!("a call is deeper than {DEPTH_MAX}")));
        }
        if trace.error.is_some() {
            failed.entry(trace.transaction_position).or_default().insert(&trace.trace_address);
        }
    }
    for trace in &read {
        if trace.block_hash.is_some_and(|hash| hash.0 != block.hash) {
            return Err(wrong("a trace is of another block".into()));
        }
        let tx = trace.transaction_position;
        if let Some(tx) = tx {
            let known = block.txs.get(tx as usize);
            let known = known.ok_or_else(|| wrong(format!("a trace is of transaction {tx} of {}", block.txs.len())))?;
            if trace.transaction_hash.is_some_and(|hash| hash.0 != known.hash) {
                return Err(wrong(format!("a trace of transaction {tx} names another hash")));
            }
        }
        let at = &trace.trace_address;
        let is_reverted = failed.get(&tx).is_some_and(|of_tx| (0..=at.len()).any(|len| of_tx.contains(&at[..len])));
        let (action, at) = (&trace.action, |account: Option<Address>| account.map(|a| a.0));
        let (kind, from, to, value) = match &*trace.kind {
            "call" => match action.call_type.as_deref() {
                // the others run another's code on the caller's own account, or may not carry value
                Some("call") | None => (RawCallKind::Call, at(action.from), at(action.to), action.value),
                Some(_) => continue,
            },
            "create" => {
                let made = trace.result.as_ref().and_then(|made| made.address);
                (RawCallKind::Create, at(action.from), at(made), action.value)
            }
            "suicide" | "selfdestruct" => {
                (RawCallKind::SelfDestruct, at(action.address), at(action.refund_address), action.balance)
            }
            "reward" => (RawCallKind::Reward, None, at(action.author), action.value),
            other => return Err(wrong(format!("a trace of the unknown type `{}`", quoted(other)))),
        };
        calls.push(RawCall {
            tx,
            kind,
            is_top: tx.is_some() && trace.trace_address.is_empty(),
            from,
            to,
            value: value.map_or(U256::ZERO, |value| value.0),
            trc10: None,
            is_reverted,
        });
    }
    block.calls = Some(calls);
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Traced<'a> {
    #[serde(default)]
    tx_hash: Option<Hash>,
    #[serde(default, borrow)]
    result: Option<&'a RawValue>,
    #[serde(default, borrow)]
    error: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(default)]
    from: Option<Address>,
    #[serde(default)]
    to: Option<Address>,
    #[serde(default)]
    value: Option<Quantity>,
    #[serde(default, borrow)]
    error: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    calls: Option<&'a RawValue>,
}

/// Adds the result of `debug_traceBlockByNumber` with the `callTracer` to a block.
///
/// # Errors
/// As [`trace_block`], and calls deeper than the machine allows. Calls are taken apart level by level, so that a hostile
/// answer cannot fill the stack.
pub fn debug_trace_block(text: &str, block: &mut RawBlock) -> Result<(), AccountError> {
    traced_within(READ_MAX, text, block)
}

fn traced_within(mut left: u64, text: &str, block: &mut RawBlock) -> Result<(), AccountError> {
    let what = "debug_traceBlockByNumber";
    let Some(read): Option<Vec<Traced<'_>>> = json(what, text)? else {
        return Err(AccountError::block(block.number, "the node has no traces of it"));
    };
    let wrong = |what: String| AccountError::block(block.number, what);
    if read.len() != block.txs.len() {
        return Err(wrong(format!("{} transactions, {} traces", block.txs.len(), read.len())));
    }
    let mut calls = Vec::new();
    for (rank, (tx, traced)) in (0_u32..).zip(block.txs.iter().zip(read)) {
        if traced.tx_hash.is_some_and(|hash| hash.0 != tx.hash) {
            return Err(wrong(format!("trace {rank} is of another transaction")));
        }
        let Some(result) = traced.result else {
            let why = traced.error.unwrap_or_default();
            return Err(wrong(format!("the node has no trace of transaction {rank}: {}", quoted(&why))));
        };
        // what is still to be read, the next one last: frame, depth, and whether a call around it failed
        let mut rest: Vec<(&RawValue, usize, bool)> = vec![(result, 0, false)];
        while let Some((text, depth, is_below)) = rest.pop() {
            if depth > DEPTH_MAX {
                return Err(wrong(format!("the calls of transaction {rank} are deeper than {DEPTH_MAX}")));
            }
            left = left.checked_sub(text.get().len() as u64).ok_or_else(|| {
                wrong(format!("the calls of transaction {rank} are nested so deep that too much would have to be read"))
            })?;
            let frame: Frame<'_> = json(what, text.get())?;
            let is_reverted = is_below || frame.error.is_some();
            let kind = match &*frame.kind {
                "CALL" => Some(RawCallKind::Call),
                "CREATE" | "CREATE2" => Some(RawCallKind::Create),
                "SELFDESTRUCT" => Some(RawCallKind::SelfDestruct),
                "DELEGATECALL" | "STATICCALL" | "CALLCODE" => None,
                other => return Err(wrong(format!("a call of the unknown type `{}`", quoted(other)))),
            };
            if let Some(kind) = kind {
                calls.push(RawCall {
                    tx: Some(rank),
                    kind,
                    is_top: depth == 0,
                    from: frame.from.map(|a| a.0),
                    to: frame.to.map(|a| a.0),
                    value: frame.value.map_or(U256::ZERO, |value| value.0),
                    trc10: None,
                    is_reverted,
                });
            }
            if let Some(inside) = frame.calls {
                let inside: Vec<&RawValue> = json(what, inside.get())?;
                rest.extend(inside.into_iter().rev().map(|frame| (frame, depth + 1, is_reverted)));
            }
        }
    }
    block.calls = Some(calls);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::super::raw::RawTx;
    use super::*;

    #[test]
    fn calls_that_would_be_read_over_and_over_are_refused() {
        let mut text = r#"{"type":"CALL"}"#.to_string();
        for _ in 0..40 {
            text = format!(r#"{{"type":"CALL","calls":[{text}]}}"#);
        }
        let mut block = RawBlock { number: 4, txs: vec![RawTx::default()], ..RawBlock::default() };
        let text = format!(r#"[{{"result":{text}}}]"#);
        let error = traced_within(20 * text.len() as u64, &text, &mut block).unwrap_err().to_string();
        assert!(error.starts_with("block 4: the calls of transaction 0 are nested so deep"), "{error}");
        assert_eq!(block.calls, None);
        traced_within(21 * text.len() as u64, &text, &mut block).unwrap();
        assert_eq!(block.calls.unwrap().len(), 41);
    }
}
