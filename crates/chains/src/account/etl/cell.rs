//! Cells of a row by the meaning of their column.
//!
//! Exporters spell the same column in many ways (`block_number`, `blockId`, `block_id`). A name is compared without case
//! and underscores, so one list serves ethereum-etl, BigQuery's tables and GraphSense's dumps, as CSV and as JSON.

use super::EtlError;
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident: $($text:literal)|+,)*) => {
        /// What a column holds.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Field { $($(#[$doc])* $name,)* }

        impl Field {
            /// Every field.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The field with that name, which is in lower case and without underscores.
            fn of_plain(name: &[u8]) -> Option<Self> {
                Some(match name {
                    $($($text)|+ => Self::$name,)*
                    _ => return None,
                })
            }
        }
    };
}

fields! {
    /// The block's number, in the table of blocks.
    Number: b"number",
    /// The block's number.
    Block: b"blocknumber" | b"blockid",
    /// The hash of what the row is about.
    Hash: b"hash",
    /// The hash of the block.
    BlockHash: b"blockhash",
    /// The hash of the block before.
    ParentHash: b"parenthash",
    /// The time of a block.
    Timestamp: b"timestamp",
    /// The time of the block of a transaction.
    BlockTimestamp: b"blocktimestamp",
    /// Who gets the fees.
    Miner: b"miner",
    /// What is burned of each unit of gas.
    BaseFee: b"basefeepergas",
    /// How many transactions a block has.
    TxCount: b"transactioncount",
    /// Validators' withdrawals.
    Withdrawals: b"withdrawals",
    /// The hash of the transaction.
    TxHash: b"txhash" | b"transactionhash",
    /// The rank of the transaction.
    TxIndex: b"transactionindex" | b"internalindex",
    /// Who signed, gave or called.
    From: b"fromaddress" | b"from" | b"calleraddress",
    /// Who was called or received.
    To: b"toaddress" | b"to" | b"transfertoaddress",
    /// An amount.
    Value: b"value" | b"callvalue",
    /// Price of a unit of gas.
    GasPrice: b"gasprice",
    /// A transaction's nonce, which tells the table of transactions.
    Nonce: b"nonce",
    /// Input of a transaction or call.
    Input: b"input",
    /// Gas used.
    GasUsed: b"gasused",
    /// Gas used, in a table of transactions.
    ReceiptGasUsed: b"receiptgasused",
    /// Whether the row's transaction or call succeeded.
    Status: b"status",
    /// Whether it succeeded, in a table of transactions.
    ReceiptStatus: b"receiptstatus",
    /// The price paid.
    PricePaid: b"effectivegasprice" | b"receipteffectivegasprice",
    /// The contract created.
    Created: b"contractaddress" | b"receiptcontractaddress",
    /// Gas of all transactions so far, which tells the table of receipts.
    CumulativeGas: b"cumulativegasused",
    /// Units of blob gas.
    BlobGasUsed: b"blobgasused",
    /// Price of a unit of blob gas.
    BlobGasPrice: b"blobgasprice",
    /// What an optimistic chain charges for its data on layer 1.
    L1Fee: b"l1fee",
    /// The rank of a log.
    LogIndex: b"logindex",
    /// The contract that wrote a log.
    Address: b"address",
    /// A log's data.
    Data: b"data",
    /// A log's topics.
    Topics: b"topics",
    /// The token of a transfer.
    TokenAddress: b"tokenaddress",
    /// A trace's name: kind, transaction and place.
    TraceId: b"traceid",
    /// The rank of a trace in its block, or its transaction.
    TraceIndex: b"traceindex",
    /// Which of the amounts of one trace it is (Tron).
    CallInfoIndex: b"callinfoindex",
    /// A trace's kind.
    TraceType: b"tracetype" | b"note",
    /// How a call was made.
    CallType: b"calltype",
    /// Where in the tree of calls it stands.
    TraceAddress: b"traceaddress",
    /// Why a call failed.
    Error: b"error",
    /// Whether a call was taken back (Tron).
    Rejected: b"rejected",
    /// A token that the chain itself keeps (Tron).
    TokenId: b"tokenid" | b"calltokenid",
    /// A whole fee (Tron).
    Fee: b"fee",
    /// How a transaction ended (Tron).
    Result: b"result",
}

/// A column's name longer than this is none that we know.
const NAME_MAX: usize = 32;

impl Field {
    /// The field that a column's name means, if any.
    pub fn of(name: &str) -> Option<Self> {
        let mut plain = [0_u8; NAME_MAX];
        let mut len = 0;
        for byte in name.trim().trim_start_matches('\u{feff}').bytes().filter(|b| *b != b'_') {
            *plain.get_mut(len)? = byte.to_ascii_lowercase();
            len += 1;
        }
        Self::of_plain(&plain[..len])
    }
}

/// A cell as the file has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cell<'a> {
    /// A text: a CSV cell, or a JSON string.
    Text(Cow<'a, str>),
    /// Any other JSON value, unread.
    Json(&'a str),
}

/// The cells of one row that have a known meaning. What is empty or null is absent.
#[derive(Debug)]
pub struct Cells<'a>([Option<Cell<'a>>; Field::ALL.len()]);

impl Default for Cells<'_> {
    fn default() -> Self {
        Self([const { None }; Field::ALL.len()])
    }
}

impl<'a> Cells<'a> {
    /// Sets a cell. An empty text leaves it absent, but for [`Field::TraceAddress`], where it is the outermost call.
    pub fn set_text(&mut self, field: Field, text: &'a str) {
        let is_absent = text.is_empty() && field != Field::TraceAddress;
        self.0[field as usize] = if is_absent { None } else { Some(Cell::Text(Cow::Borrowed(text))) };
    }

    /// The cell of `field`.
    pub fn get(&self, field: Field) -> Option<&Cell<'a>> {
        self.0[field as usize].as_ref()
    }

    /// Whether the cell is there.
    pub fn has(&self, field: Field) -> bool {
        self.0[field as usize].is_some()
    }

    /// Reads one JSON object.
    pub fn of_json(line: &'a str) -> Result<Self, EtlError> {
        struct Row<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de> Visitor<'de> for Row<'de> {
            type Value = Cells<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("one object a line")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cells<'de>, A::Error> {
                let mut cells = Cells::default();
                while let Some(name) = map.next_key::<&str>()? {
                    let Some(field) = Field::of(name) else {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    };
                    let raw = map.next_value::<&RawValue>()?.get();
                    cells.0[field as usize] = match raw.as_bytes() {
                        // BigQuery's outermost calls have none
                        b"null" | b"\"\"" if field == Field::TraceAddress => Some(Cell::Text(Cow::Borrowed(""))),
                        b"null" | b"\"\"" => None,
                        [b'"', inner @ .., b'"'] if !inner.contains(&b'\\') => {
                            Some(Cell::Text(Cow::Borrowed(&raw[1..raw.len() - 1])))
                        }
                        [b'"', ..] => Some(Cell::Text(Cow::Owned(
                            serde_json::from_str(raw).map_err(<A::Error as serde::de::Error>::custom)?,
                        ))),
                        _ => Some(Cell::Json(raw)),
                    };
                }
                Ok(cells)
            }
        }
        let mut reader = serde_json::Deserializer::from_str(line);
        let cells = reader.deserialize_map(Row(std::marker::PhantomData)).map_err(EtlError::json)?;
        reader.end().map_err(EtlError::json)?;
        Ok(cells)
    }
}

/// Which column of a CSV file holds what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Columns(Vec<Option<Field>>);

impl Columns {
    /// Reads the names of the columns. `None` where one meaning is claimed by two columns: then neither can be believed.
    pub fn of<'a>(names: impl Iterator<Item = &'a str>) -> Option<Self> {
        let columns: Vec<_> = names.map(Field::of).collect();
        let mut seen = [false; Field::ALL.len()];
        for field in columns.iter().flatten() {
            if std::mem::replace(&mut seen[*field as usize], true) {
                return None;
            }
        }
        Some(Self(columns))
    }

    /// The number of columns, known or not.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the column at `at` holds.
    pub fn get(&self, at: usize) -> Option<Field> {
        self.0.get(at).copied().flatten()
    }

    /// The known fields among them, as cells that say only that they are there.
    pub fn present(&self) -> Cells<'static> {
        let mut cells = Cells::default();
        for field in self.0.iter().flatten() {
            cells.0[*field as usize] = Some(Cell::Json(""));
        }
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_meaning_has_many_spellings() {
        for name in ["block_number", "blockId", "block_id", "BLOCK_NUMBER", "\u{feff}blockid", " block_id "] {
            assert_eq!(Field::of(name), Some(Field::Block), "{name}");
        }
        assert_eq!(Field::of("blockIdGroup"), None);
        assert_eq!(Field::of(&"a".repeat(100)), None);
        assert_eq!(Columns::of(["block_id", "blockNumber"].into_iter()), None);
    }

    #[test]
    fn an_object_is_read_without_copying() {
        let line =
            r#"{"blockId": 7, "txHash": "0xab", "toAddress": null, "topics": ["a", "b"], "x": [{}], "data": ""}"#;
        let cells = Cells::of_json(line).unwrap();
        assert_eq!(cells.get(Field::Block), Some(&Cell::Json("7")));
        assert_eq!(cells.get(Field::TxHash), Some(&Cell::Text(Cow::Borrowed("0xab"))));
        assert_eq!(cells.get(Field::Topics), Some(&Cell::Json(r#"["a", "b"]"#)));
        assert!(!cells.has(Field::To) && !cells.has(Field::Data));
        for bad in ["", "[]", "7", "{", r#"{"blockId": 7"#, r#"{"blockId": 7} x"#, r#"{"blockId": }"#] {
            assert!(Cells::of_json(bad).is_err(), "{bad}");
        }
    }
}
