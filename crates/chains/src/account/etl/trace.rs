//! Rows of traces.

use super::cell::{Cells, Field};
use super::record::block_number;
use super::value::number;
use super::{EtlError, Problem};
use crate::account::raw::{RawCall, RawCallKind};
use athar_types::account::U256;
use smallvec::SmallVec;

/// Calls nest at most 1,024 deep.
const DEPTH_MAX: usize = 1_025;

/// Where in the tree of calls of a transaction a call stands: which call of the transaction, which call of that, and so
/// on. Few calls stand deeper than six, and those need no room of their own.
pub type TracePath = SmallVec<[u32; 6]>;

/// A row of [`Table::Traces`](super::Table::Traces).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TracePart {
    /// The block's number.
    pub block: u64,
    /// The transaction; `None` for what is of the block.
    pub tx: Option<[u8; 32]>,
    /// The transaction's rank.
    pub rank: Option<u32>,
    /// Its rank among the traces of the block, or of the transaction; and which of its amounts the row is (Tron).
    pub order: Option<(u64, u32)>,
    /// Where in the tree of calls it stands; empty for the transaction itself. `None` where the row does not say.
    pub path: Option<TracePath>,
    /// Whether it can move the coin: delegate calls, static calls and call codes cannot.
    pub moves: bool,
    /// Whether its amount could not be read because it is negative: an exporter kept too few of its bits.
    pub is_value_lost: bool,
    /// What it is; without the rank of the transaction.
    pub call: RawCall,
}

/// What a trace's name says: its kind and, after the transaction, its place in the tree of calls.
fn trace_name(text: &str) -> Option<(&str, Option<TracePath>)> {
    let (kind, rest) = text.split_once('_')?;
    let Some((_, path)) = rest.strip_prefix("0x").and_then(|rest| rest.split_once('_')) else {
        return Some((kind, None));
    };
    let steps = path.split('_').filter(|step| !step.is_empty()).take(DEPTH_MAX);
    Some((kind, steps.map(|step| step.parse().ok()).collect()))
}

fn trace_address(cells: &Cells<'_>) -> Result<TracePath, EtlError> {
    let text = cells.text(Field::TraceAddress).unwrap_or_default();
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let steps = inner.split(',').map(str::trim).filter(|step| !step.is_empty()).take(DEPTH_MAX);
    let path: Option<TracePath> = steps.map(|step| number(step)?.try_into().ok()).collect();
    path.ok_or_else(|| EtlError::field(Field::TraceAddress, Problem::List, text))
}

/// Reads a row of [`Table::Traces`](super::Table::Traces).
pub fn trace(cells: &Cells<'_>) -> Result<TracePart, EtlError> {
    let name = cells.text(Field::TraceId).and_then(trace_name);
    let wrong_kind = |field: Field| EtlError::field(field, Problem::Kind, cells.text(field).unwrap_or_default());
    let (kind, mut path) = match (cells.text(Field::TraceType), name) {
        (Some(kind), Some((_, path))) => (kind, path),
        (Some(kind), None) => (kind, None),
        (None, Some((kind, path))) => (kind, path),
        (None, None) => return Err(wrong_kind(Field::TraceType)),
    };
    let tx = cells.hash(Field::TxHash)?;
    if tx.is_some() && cells.has(Field::TraceAddress) {
        path = Some(trace_address(cells)?);
    }
    let (call_kind, moves) = match kind {
        "call" => match cells.text(Field::CallType) {
            None | Some("call") => (RawCallKind::Call, true),
            Some("delegatecall" | "staticcall" | "callcode") => (RawCallKind::Call, false),
            Some(_) => return Err(wrong_kind(Field::CallType)),
        },
        "create" | "create2" => (RawCallKind::Create, true),
        "suicide" | "selfdestruct" => (RawCallKind::SelfDestruct, true),
        "reward" => (RawCallKind::Reward, true),
        "genesis" => (RawCallKind::Genesis, true),
        // the transfers that the fork of block 1,920,000 made by itself
        "daofork" => (RawCallKind::Call, true),
        _ => return Err(wrong_kind(Field::TraceType)),
    };
    let (value, is_value_lost) = match cells.amount(Field::Value) {
        Err(EtlError::Field { problem: Problem::Negative, .. }) => (U256::ZERO, true),
        other => (other?.unwrap_or_default(), false),
    };
    let is_failed = match (cells.truth(Field::Status)?, cells.truth(Field::Rejected)?) {
        (Some(is_success), _) => !is_success,
        (None, Some(is_rejected)) => is_rejected,
        (None, None) => cells.has(Field::Error),
    };
    Ok(TracePart {
        block: block_number(cells)?,
        tx,
        rank: cells.rank(Field::TxIndex)?,
        order: match cells.number(Field::TraceIndex)? {
            Some(order) => Some((order, cells.rank(Field::CallInfoIndex)?.unwrap_or_default())),
            None => None,
        },
        path,
        moves,
        is_value_lost,
        call: RawCall {
            tx: None,
            kind: call_kind,
            is_top: false,
            from: cells.account(Field::From)?,
            to: cells.account(Field::To)?,
            value,
            trc10: cells.number(Field::TokenId)?.filter(|id| *id != 0),
            is_reverted: is_failed,
        },
    })
}
