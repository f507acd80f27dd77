//! Blocks, receipts and logs.

use super::super::AccountError;
use super::super::raw::{RawBlock, RawLog, RawReceipt, RawTx};
use super::fields::{Address, Data, Hash, Input, Quantity};
use super::json;
use athar_types::account::U256;
use serde::Deserialize;

/// Wei in a gwei: withdrawals are told in gwei (EIP-4895).
const GWEI: u64 = 1_000_000_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Block {
    number: Quantity,
    hash: Hash,
    parent_hash: Hash,
    timestamp: Quantity,
    #[serde(default)]
    miner: Option<Address>,
    #[serde(default)]
    base_fee_per_gas: Option<Quantity>,
    transactions: Vec<Tx>,
    #[serde(default)]
    withdrawals: Option<Vec<Withdrawal>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tx {
    hash: Hash,
    from: Address,
    #[serde(default)]
    to: Option<Address>,
    value: Quantity,
    #[serde(default, alias = "data")]
    input: Input,
    #[serde(default)]
    gas_price: Option<Quantity>,
    #[serde(default)]
    max_fee_per_gas: Option<Quantity>,
    #[serde(default)]
    transaction_index: Option<Quantity>,
    #[serde(default)]
    block_hash: Option<Hash>,
}

#[derive(Deserialize)]
struct Withdrawal {
    address: Address,
    amount: Quantity,
}

/// The result of `eth_getBlockByNumber` or `eth_getBlockByHash`, with whole transactions.
///
/// # Errors
/// A text that is not such an answer, `null` (a block that the node does not have), and transactions that say another rank or
/// block than they stand in.
pub fn block(text: &str) -> Result<RawBlock, AccountError> {
    let what = "eth_getBlockByNumber";
    let Some(read): Option<Block> = json(what, text)? else {
        return Err(AccountError::Json { what, error: "the node does not have this block".into() });
    };
    let missing = |field: &str| AccountError::Json { what, error: format!("`{field}` is beyond 64 bits") };
    let number = read.number.small().ok_or_else(|| missing("number"))?;
    let mut txs = Vec::with_capacity(read.transactions.len());
    for (rank, tx) in (0_u64..).zip(read.transactions) {
        let wrong = |what: String| Err(AccountError::block(number, format!("transaction {rank}: {what}")));
        if tx.transaction_index.is_some_and(|at| at.small() != Some(rank)) {
            return wrong("it says that it stands elsewhere in the block".into());
        }
        if tx.block_hash.is_some_and(|hash| hash != read.hash) {
            return wrong("it says that it stands in another block".into());
        }
        txs.push(RawTx {
            hash: tx.hash.0,
            from: tx.from.0,
            to: tx.to.map(|to| to.0),
            value: tx.value.0,
            selector: tx.input.0,
            gas_price: tx.gas_price.or(tx.max_fee_per_gas).map_or(U256::ZERO, |price| price.0),
            receipt: None,
            trc10: None,
        });
    }
    let mut withdrawals = Vec::new();
    for one in read.withdrawals.into_iter().flatten() {
        let wei = one.amount.0.checked_mul(U256::from(GWEI));
        let wei = wei.ok_or_else(|| AccountError::block(number, "a withdrawal is beyond 256 bits"))?;
        withdrawals.push((one.address.0, wei));
    }
    Ok(RawBlock {
        number,
        hash: read.hash.0,
        parent: read.parent_hash.0,
        time: read.timestamp.small().ok_or_else(|| missing("timestamp"))?,
        producer: read.miner.map(|miner| miner.0).unwrap_or_default(),
        base_fee: read.base_fee_per_gas.map(|fee| fee.0),
        txs,
        is_value_vague: true,
        withdrawals,
        ..RawBlock::default()
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Receipt {
    transaction_hash: Hash,
    #[serde(default)]
    block_hash: Option<Hash>,
    #[serde(default)]
    status: Option<Quantity>,
    gas_used: Quantity,
    #[serde(default)]
    effective_gas_price: Option<Quantity>,
    #[serde(default)]
    blob_gas_used: Option<Quantity>,
    #[serde(default)]
    blob_gas_price: Option<Quantity>,
    #[serde(default, rename = "l1Fee")]
    l1_fee: Option<Quantity>,
    #[serde(default)]
    contract_address: Option<Address>,
    logs: Vec<Log>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Log {
    address: Address,
    topics: Vec<Hash>,
    data: Data,
    #[serde(default)]
    log_index: Option<Quantity>,
    #[serde(default)]
    block_number: Option<Quantity>,
    #[serde(default)]
    block_hash: Option<Hash>,
    #[serde(default)]
    transaction_hash: Option<Hash>,
    #[serde(default)]
    transaction_index: Option<Quantity>,
    #[serde(default)]
    removed: bool,
}

impl Log {
    fn raw(self) -> RawLog {
        RawLog {
            address: self.address.0,
            topics: self.topics.into_iter().map(|topic| topic.0).collect(),
            data: self.data.0,
            index: self.log_index.and_then(|at| at.small()?.try_into().ok()),
        }
    }
}

/// Adds the result of `eth_getBlockReceipts` (or of `eth_getTransactionReceipt` for each transaction, as an array) to a block.
///
/// # Errors
/// Receipts that are not those of the block's transactions, one for each and in their order; the block is then as it was.
pub fn receipts(text: &str, block: &mut RawBlock) -> Result<(), AccountError> {
    let Some(read): Option<Vec<Receipt>> = json("eth_getBlockReceipts", text)? else {
        return Err(AccountError::block(block.number, "the node has no receipts of it"));
    };
    let wrong = |what: String| Err(AccountError::block(block.number, what));
    if read.len() != block.txs.len() {
        return wrong(format!("{} transactions, {} receipts", block.txs.len(), read.len()));
    }
    let mut made = Vec::with_capacity(read.len());
    for (rank, (tx, receipt)) in block.txs.iter().zip(read).enumerate() {
        if receipt.transaction_hash.0 != tx.hash {
            return wrong(format!("receipt {rank} is of another transaction"));
        }
        if receipt.block_hash.is_some_and(|hash| hash.0 != block.hash) {
            return wrong(format!("receipt {rank} is of another block"));
        }
        if receipt.logs.iter().any(|log| log.transaction_hash.is_some_and(|hash| hash.0 != tx.hash)) {
            return wrong(format!("receipt {rank} has a log of another transaction"));
        }
        let gas_used = receipt.gas_used.small();
        let Some(gas_used) = gas_used else { return wrong(format!("receipt {rank}: `gasUsed` is beyond 64 bits")) };
        let blobs = match (receipt.blob_gas_used, receipt.blob_gas_price) {
            (Some(gas), Some(price)) => gas.0.checked_mul(price.0),
            _ => Some(U256::ZERO),
        };
        let beside = blobs.and_then(|blobs| blobs.checked_add(receipt.l1_fee.map_or(U256::ZERO, |fee| fee.0)));
        let Some(fee_beside) = beside else { return wrong(format!("receipt {rank}: its fee is beyond 256 bits")) };
        made.push(RawReceipt {
            status: receipt.status.map(|status| status.0 != U256::ZERO),
            gas_used,
            gas_price_paid: receipt.effective_gas_price.map(|price| price.0),
            fee_beside,
            fee: None,
            created: receipt.contract_address.map(|account| account.0),
            logs: receipt.logs.into_iter().map(Log::raw).collect(),
        });
    }
    for (tx, receipt) in block.txs.iter_mut().zip(made) {
        tx.receipt = Some(receipt);
    }
    Ok(())
}

/// A log with where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogOf {
    /// Number of its block.
    pub block: u64,
    /// The block's hash.
    pub block_hash: [u8; 32],
    /// Its transaction.
    pub tx: [u8; 32],
    /// The transaction's rank in the block.
    pub tx_index: u32,
    /// The log.
    pub log: RawLog,
}

/// The result of `eth_getLogs`, in order; removed logs, which belong to a block that has left the chain, are left out.
///
/// # Errors
/// A text that is not such an answer, and logs that do not say where they stand.
pub fn logs(text: &str) -> Result<Vec<LogOf>, AccountError> {
    let what = "eth_getLogs";
    let read: Vec<Log> = json(what, text)?;
    let mut out = Vec::with_capacity(read.len());
    for log in read.into_iter().filter(|log| !log.removed) {
        let place = (|| {
            let tx_index = u32::try_from(log.transaction_index?.small()?).ok()?;
            Some((log.block_number?.small()?, log.block_hash?.0, log.transaction_hash?.0, tx_index))
        })();
        let Some((block, block_hash, tx, tx_index)) = place else {
            return Err(AccountError::Json { what, error: "a log does not say where it stands".into() });
        };
        out.push(LogOf { block, block_hash, tx, tx_index, log: log.raw() });
    }
    out.sort_by_key(|log| (log.block, log.tx_index, log.log.index));
    Ok(out)
}
