//! A header, a body and receipts as one block, held against one another.

use super::rlp::Items;
use super::{EraError, keccak, ordered_root, receipt, tx};
use crate::account::raw::{RawBlock, RawReceipt};
use athar_types::account::{AccountBytes, U256};

/// The parts of a block, unpacked.
#[derive(Clone, Debug, Default)]
pub struct Tuple {
    /// Its header.
    pub header: Vec<u8>,
    /// Its transactions and uncles.
    pub body: Vec<u8>,
    /// Its receipts.
    pub receipts: Vec<u8>,
}

struct Header {
    parent: [u8; 32],
    uncles: [u8; 32],
    producer: AccountBytes,
    transactions: [u8; 32],
    receipts: [u8; 32],
    number: u64,
    gas_used: u64,
    time: u64,
    base_fee: Option<U256>,
}

fn header(bytes: &[u8]) -> Result<Header, EraError> {
    let mut items = Items::of_list(bytes, "a header")?;
    let (parent, uncles, producer) = (items.fixed()?, items.fixed()?, items.fixed()?);
    let _state: [u8; 32] = items.fixed()?;
    let (transactions, receipts) = (items.fixed()?, items.fixed()?);
    let _bloom: [u8; 256] = items.fixed()?;
    let _difficulty = items.number()?;
    let number = items.small()?;
    let _gas_limit = items.number()?;
    let gas_used = items.small()?;
    let time = items.small()?;
    let _extra = items.bytes()?;
    let _mix: [u8; 32] = items.fixed()?;
    let _nonce: [u8; 8] = items.fixed()?;
    // later forks add fields behind this one; the hash is over all of them
    let base_fee = if items.is_empty() { None } else { Some(items.number()?) };
    Ok(Header { parent, uncles, producer, transactions, receipts, number, gas_used, time, base_fee })
}

/// The number in a header.
pub fn header_number(bytes: &[u8]) -> Result<u64, EraError> {
    header(bytes).map(|header| header.number)
}

/// Reads a block.
///
/// # Errors
/// Parts that are no RLP of their form, that do not have the roots that the header names, or whose gas does not add up, and
/// signatures that no key made.
pub fn block(tuple: &Tuple) -> Result<RawBlock, EraError> {
    let head = header(&tuple.header)?;
    let wrong = |what: String| EraError::Block { block: head.number, what };
    let mut body = Items::of_list(&tuple.body, "a body")?;
    let mut list = body.list()?;
    let uncles = body.item()?;
    if !body.is_empty() {
        return Err(wrong("its body has more than transactions and uncles".into()));
    }
    if keccak(uncles.raw) != head.uncles {
        return Err(wrong("its uncles are not those that its header names".into()));
    }
    let mut txs = Vec::new();
    while !list.is_empty() {
        txs.push(tx::encoded(&list.item()?));
    }
    if ordered_root(&txs) != head.transactions {
        return Err(wrong("its transactions are not those that its header names".into()));
    }
    let mut list = Items::of_list(&tuple.receipts, "receipts")?;
    let mut receipts = Vec::new();
    while !list.is_empty() {
        receipts.push(tx::encoded(&list.item()?));
    }
    if ordered_root(&receipts) != head.receipts {
        return Err(wrong("its receipts are not those that its header names".into()));
    }
    if receipts.len() != txs.len() {
        return Err(wrong(format!("it has {} transactions and {} receipts", txs.len(), receipts.len())));
    }
    let mut block = RawBlock {
        number: head.number,
        hash: keccak(&tuple.header),
        parent: head.parent,
        time: head.time,
        producer: head.producer,
        base_fee: head.base_fee,
        txs: Vec::with_capacity(txs.len()),
        ..RawBlock::default()
    };
    let (mut gas, mut index) = (0, 0);
    for (rank, (bytes, came)) in txs.into_iter().zip(receipts).enumerate() {
        let at = |error| wrong(format!("transaction {rank}: {error}"));
        let read = tx::transaction(bytes, head.base_fee).map_err(at)?;
        let came = receipt::receipt(came).map_err(at)?;
        let Some(gas_used) = came.gas_so_far.checked_sub(gas) else {
            return Err(wrong(format!("transaction {rank}: gas so far is less than before it")));
        };
        gas = came.gas_so_far;
        let mut tx = read.tx;
        let mut logs = came.logs;
        for log in &mut logs {
            log.index = Some(index);
            index += 1;
        }
        let created = (tx.to.is_none() && came.status != Some(false)).then(|| tx::created(&tx.from, read.nonce));
        tx.receipt = Some(RawReceipt {
            status: came.status,
            gas_used,
            gas_price_paid: read.paid,
            created,
            logs,
            ..RawReceipt::default()
        });
        block.txs.push(tx);
    }
    if gas != head.gas_used {
        return Err(wrong(format!("its transactions used {gas} gas, its header says {}", head.gas_used)));
    }
    Ok(block)
}
