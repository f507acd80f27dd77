//! Rows of the tables.

use super::cell::{Cells, Field};
use super::value::{account, amount};
use super::{EtlError, Problem};
use crate::account::raw::{RawLog, RawReceipt, RawTx};
use athar_types::account::{AccountBytes, U256};

/// `keccak256("Transfer(address,address,uint256)")`.
pub const TRANSFER_TOPIC: [u8; 32] = [
    0xdd, 0xf2, 0x52, 0xad, 0x1b, 0xe2, 0xc8, 0x9b, 0x69, 0xc2, 0xb0, 0x68, 0xfc, 0x37, 0x8d, 0xaa, 0x95, 0x2b, 0xa7,
    0xf1, 0x63, 0xc4, 0xa1, 0x16, 0x28, 0xf5, 0x5a, 0x4d, 0xf5, 0x23, 0xb3, 0xef,
];
/// Withdrawals are told in billionths of the coin.
const GWEI: U256 = U256::from_limbs([1_000_000_000, 0, 0, 0]);
/// More topics than a log can have are read up to here, so that a decoder can tell that they are too many.
const TOPICS_MAX: usize = 8;

/// A table of a dump.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Table {
    /// Blocks.
    Blocks,
    /// Transactions.
    Transactions,
    /// Receipts.
    Receipts,
    /// Logs.
    Logs,
    /// Token transfers, as some program understood the logs.
    TokenTransfers,
    /// Traces.
    Traces,
    /// Fees by transaction (GraphSense's dump of Tron).
    Fees,
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 7] =
        [Self::Blocks, Self::Transactions, Self::Receipts, Self::Logs, Self::TokenTransfers, Self::Traces, Self::Fees];

    /// The table whose columns these are.
    pub fn of(cells: &Cells<'_>) -> Option<Self> {
        let has = |field| cells.has(field);
        let has_block = has(Field::Block);
        Some(match () {
            () if has(Field::Fee) && has(Field::TxHash) && !has_block => Self::Fees,
            () if has(Field::TokenAddress) && has(Field::LogIndex) && has(Field::Value) && has_block => {
                Self::TokenTransfers
            }
            () if has(Field::LogIndex) && has(Field::Address) && has_block => Self::Logs,
            () if has_block && (has(Field::TraceId) || has(Field::TraceType) || has(Field::TraceAddress)) => {
                Self::Traces
            }
            () if has_block && has(Field::CumulativeGas) && !has(Field::From) => Self::Receipts,
            () if has(Field::ParentHash) && (has_block || has(Field::Number)) => Self::Blocks,
            () if has_block && has(Field::TxIndex) && (has(Field::Hash) || has(Field::TxHash)) && has(Field::From) => {
                Self::Transactions
            }
            () => return None,
        })
    }

    /// Its name in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::Transactions => "transactions",
            Self::Receipts => "receipts",
            Self::Logs => "logs",
            Self::TokenTransfers => "token_transfers",
            Self::Traces => "traces",
            Self::Fees => "fees",
        }
    }
}

/// A row of [`Table::Blocks`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BlockPart {
    /// Its number.
    pub number: u64,
    /// Its hash; zeros where absent.
    pub hash: [u8; 32],
    /// The hash of the block before; zeros where absent.
    pub parent: [u8; 32],
    /// Seconds since 1970.
    pub time: u64,
    /// Who gets the fees.
    pub producer: AccountBytes,
    /// What is burned of each unit of gas.
    pub base_fee: Option<U256>,
    /// How many transactions it has.
    pub tx_count: Option<u64>,
    /// Account and amount in the coin's smallest unit.
    pub withdrawals: Vec<(AccountBytes, U256)>,
}

/// A row of [`Table::Transactions`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TxPart {
    /// The block's number.
    pub block: u64,
    /// The block's hash.
    pub block_hash: Option<[u8; 32]>,
    /// The block's time.
    pub block_time: Option<u64>,
    /// Its rank.
    pub rank: Option<u32>,
    /// What it is.
    pub tx: RawTx,
}

/// A row of [`Table::Receipts`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReceiptPart {
    /// The block's number.
    pub block: u64,
    /// The transaction.
    pub tx: [u8; 32],
    /// Its rank.
    pub rank: Option<u32>,
    /// The receipt, without its logs.
    pub receipt: RawReceipt,
}

/// A row of [`Table::Logs`] or [`Table::TokenTransfers`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LogPart {
    /// The block's number.
    pub block: u64,
    /// The block's hash.
    pub block_hash: Option<[u8; 32]>,
    /// The transaction.
    pub tx: [u8; 32],
    /// Its rank.
    pub rank: Option<u32>,
    /// The log.
    pub log: RawLog,
}

/// A row of [`Table::Fees`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FeePart {
    /// The transaction.
    pub tx: [u8; 32],
    /// What it paid, in the coin's smallest unit.
    pub fee: U256,
    /// Whether it succeeded, where the row says.
    pub status: Option<bool>,
}

pub(super) fn needed<T>(field: Field, value: Option<T>) -> Result<T, EtlError> {
    value.ok_or_else(|| EtlError::field(field, Problem::Absent, ""))
}

pub(super) fn block_number(cells: &Cells<'_>) -> Result<u64, EtlError> {
    needed(Field::Block, cells.number(Field::Block)?)
}

fn tx_hash(cells: &Cells<'_>) -> Result<[u8; 32], EtlError> {
    needed(Field::TxHash, cells.hash(Field::TxHash)?)
}

/// The number of the row's block, where it has one that can be read.
pub fn block_of(cells: &Cells<'_>) -> Option<u64> {
    let field = if cells.has(Field::Block) { Field::Block } else { Field::Number };
    cells.number(field).ok().flatten()
}

/// Reads a row of [`Table::Blocks`].
pub fn block(cells: &Cells<'_>) -> Result<BlockPart, EtlError> {
    let number = match cells.number(Field::Block)? {
        Some(number) => number,
        None => needed(Field::Number, cells.number(Field::Number)?)?,
    };
    let hash = if cells.has(Field::BlockHash) { Field::BlockHash } else { Field::Hash };
    let time = if cells.has(Field::Timestamp) { Field::Timestamp } else { Field::BlockTimestamp };
    Ok(BlockPart {
        number,
        hash: cells.hash(hash)?.unwrap_or_default(),
        parent: cells.hash(Field::ParentHash)?.unwrap_or_default(),
        time: needed(time, cells.time(time)?)?,
        producer: cells.account(Field::Miner)?.unwrap_or_default(),
        base_fee: cells.amount(Field::BaseFee)?,
        tx_count: cells.number(Field::TxCount)?,
        withdrawals: withdrawals(cells)?,
    })
}

/// Objects in JSON, or as Python shows them, which is what ethereum-etl writes into CSV.
fn withdrawals(cells: &Cells<'_>) -> Result<Vec<(AccountBytes, U256)>, EtlError> {
    #[derive(serde::Deserialize)]
    struct Withdrawal<'a> {
        #[serde(borrow)]
        address: &'a str,
        #[serde(borrow)]
        amount: &'a serde_json::value::RawValue,
    }
    let Some(text) = cells.text(Field::Withdrawals) else { return Ok(Vec::new()) };
    let wrong = |problem| EtlError::field(Field::Withdrawals, problem, text);
    let json = if text.starts_with("[{'") { text.replace('\'', "\"") } else { text.to_string() };
    let rows: Vec<Withdrawal<'_>> = serde_json::from_str(&json).map_err(|_| wrong(Problem::List))?;
    rows.into_iter()
        .map(|row| {
            let gwei = amount(row.amount.get().trim_matches('"')).map_err(wrong)?;
            let wei = gwei.checked_mul(GWEI).ok_or_else(|| wrong(Problem::Large))?;
            Ok((account(row.address).ok_or_else(|| wrong(Problem::Address))?, wei))
        })
        .collect()
}

/// Reads a row of [`Table::Transactions`].
pub fn transaction(cells: &Cells<'_>) -> Result<TxPart, EtlError> {
    let hash = if cells.has(Field::TxHash) { Field::TxHash } else { Field::Hash };
    let receipt = match cells.number(Field::ReceiptGasUsed)? {
        Some(gas_used) => Some(receipt_of(cells, Field::ReceiptStatus, gas_used)?),
        None => None,
    };
    Ok(TxPart {
        block: block_number(cells)?,
        block_hash: cells.hash(Field::BlockHash)?,
        block_time: cells.time(Field::BlockTimestamp)?,
        rank: cells.rank(Field::TxIndex)?,
        tx: RawTx {
            hash: needed(hash, cells.hash(hash)?)?,
            from: needed(Field::From, cells.account(Field::From)?)?,
            to: cells.account(Field::To)?,
            value: cells.amount(Field::Value)?.unwrap_or_default(),
            selector: cells.selector(Field::Input)?,
            gas_price: cells.amount(Field::GasPrice)?.unwrap_or_default(),
            receipt,
            trc10: None,
        },
    })
}

fn receipt_of(cells: &Cells<'_>, status: Field, gas_used: u64) -> Result<RawReceipt, EtlError> {
    let blob = cells.amount(Field::BlobGasUsed)?.unwrap_or_default();
    let blob_price = cells.amount(Field::BlobGasPrice)?.unwrap_or_default();
    let layer1 = cells.amount(Field::L1Fee)?.unwrap_or_default();
    let beside = blob.checked_mul(blob_price).and_then(|fee| fee.checked_add(layer1));
    Ok(RawReceipt {
        status: cells.truth(status)?,
        gas_used,
        gas_price_paid: cells.amount(Field::PricePaid)?,
        fee_beside: beside.ok_or_else(|| EtlError::field(Field::BlobGasPrice, Problem::Large, ""))?,
        fee: None,
        created: cells.account(Field::Created)?,
        logs: Vec::new(),
    })
}

/// Reads a row of [`Table::Receipts`].
pub fn receipt(cells: &Cells<'_>) -> Result<ReceiptPart, EtlError> {
    Ok(ReceiptPart {
        block: block_number(cells)?,
        tx: tx_hash(cells)?,
        rank: cells.rank(Field::TxIndex)?,
        receipt: receipt_of(cells, Field::Status, needed(Field::GasUsed, cells.number(Field::GasUsed)?)?)?,
    })
}

/// Topics as a JSON array of texts, or as one text with `;` or `,` between. They hold no quotes or commas themselves, so
/// both are split alike.
fn topics(cells: &Cells<'_>) -> Result<Vec<[u8; 32]>, EtlError> {
    let text = cells.text(Field::Topics).unwrap_or_default();
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let mut topics = Vec::with_capacity((inner.len() / 66).min(4));
    for piece in inner.split([';', ',']).map(|piece| piece.trim().trim_matches(['"', '\''])) {
        if piece.is_empty() {
            continue;
        }
        let topic = super::value::hash(piece);
        topics.push(topic.ok_or_else(|| EtlError::field(Field::Topics, Problem::Hash, piece))?);
        if topics.len() == TOPICS_MAX {
            break;
        }
    }
    Ok(topics)
}

/// Reads a row of [`Table::Logs`].
pub fn log(cells: &Cells<'_>) -> Result<LogPart, EtlError> {
    Ok(LogPart {
        block: block_number(cells)?,
        block_hash: cells.hash(Field::BlockHash)?,
        tx: tx_hash(cells)?,
        rank: cells.rank(Field::TxIndex)?,
        log: RawLog {
            address: needed(Field::Address, cells.account(Field::Address)?)?,
            topics: topics(cells)?,
            data: cells.bytes(Field::Data)?,
            index: cells.rank(Field::LogIndex)?,
        },
    })
}

/// Reads a row of [`Table::TokenTransfers`] back into the log that it was made of.
///
/// ethereum-etl writes ERC-20 and ERC-721 transfers into one table and an ERC-721's id as its value; a row does not say
/// which it is, so it becomes the log of a fungible token.
pub fn token_transfer(cells: &Cells<'_>) -> Result<LogPart, EtlError> {
    let party = |field| -> Result<[u8; 32], EtlError> {
        let mut word = [0; 32];
        word[12..].copy_from_slice(&needed(field, cells.account(field)?)?);
        Ok(word)
    };
    let value: U256 = needed(Field::Value, cells.amount(Field::Value)?)?;
    Ok(LogPart {
        block: block_number(cells)?,
        block_hash: cells.hash(Field::BlockHash)?,
        tx: tx_hash(cells)?,
        rank: cells.rank(Field::TxIndex)?,
        log: RawLog {
            address: needed(Field::TokenAddress, cells.account(Field::TokenAddress)?)?,
            topics: vec![TRANSFER_TOPIC, party(Field::From)?, party(Field::To)?],
            data: value.to_be_bytes_vec(),
            index: cells.rank(Field::LogIndex)?,
        },
    })
}

/// Reads a row of [`Table::Fees`].
pub fn fee(cells: &Cells<'_>) -> Result<FeePart, EtlError> {
    Ok(FeePart {
        tx: tx_hash(cells)?,
        fee: needed(Field::Fee, cells.amount(Field::Fee)?)?,
        // java-tron's TransactionInfo: 0 is SUCESS, 1 is FAILED
        status: cells.number(Field::Result)?.map(|result| result == 0),
    })
}
