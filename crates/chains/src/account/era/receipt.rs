//! Receipts.

use super::EraError;
use super::rlp::Items;
use crate::account::raw::RawLog;

/// A receipt.
pub(super) struct Read {
    /// `None` before Byzantium, when it held a root of the state.
    pub(super) status: Option<bool>,
    /// Gas of this and all transactions before it in the block.
    pub(super) gas_so_far: u64,
    pub(super) logs: Vec<RawLog>,
}

/// Reads a receipt as it stands in the trie: RLP of the first form, or a type and RLP.
pub(super) fn receipt(bytes: &[u8]) -> Result<Read, EraError> {
    const WHAT: &str = "a receipt";
    let bytes = match bytes {
        [1..=0x7f, rest @ ..] => rest,
        _ => bytes,
    };
    let mut items = Items::of_list(bytes, WHAT)?;
    let status = match items.bytes()? {
        [] => Some(false),
        [1] => Some(true),
        root if root.len() == 32 => None,
        _ => return Err(EraError::Rlp { what: "a receipt's status" }),
    };
    let gas_so_far = items.small()?;
    let _bloom = items.fixed::<256>()?;
    let mut logs = Vec::new();
    let mut all = items.list()?;
    items.end()?;
    while !all.is_empty() {
        let mut log = all.list()?;
        let address = log.fixed()?;
        let mut topics = Vec::new();
        let mut list = log.list()?;
        while !list.is_empty() {
            topics.push(list.fixed()?);
        }
        let data = log.bytes()?.to_vec();
        log.end()?;
        logs.push(RawLog { address, topics, data, index: None });
    }
    Ok(Read { status, gas_so_far, logs })
}
