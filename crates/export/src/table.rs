//! The tables and what each of them depends on.

use crate::columns::{self, Column, Kind};
use arrow_schema::{Field, Schema, SchemaRef};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, sync::Arc};

/// A table of an export.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Blocks of the best chain.
    Blocks,
    /// Their transactions.
    Transactions,
    /// What the transactions spend.
    Inputs,
    /// What they pay.
    Outputs,
    /// Every address that an output ever paid.
    Addresses,
    /// Which addresses act as one.
    Entities,
    /// Who somebody says an address is.
    Labels,
}

/// How the files of a table are laid out in folders.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Partition {
    /// `from_height=…`: a range of blocks.
    Height,
    /// `from_address_id=…` or `from_entity_id=…`: a range of ids.
    Id,
    /// No folders.
    None,
}

impl Table {
    /// Every table, in the order in which they are written.
    pub const ALL: [Self; 7] =
        [Self::Blocks, Self::Transactions, Self::Inputs, Self::Outputs, Self::Addresses, Self::Entities, Self::Labels];

    /// The name: of the folder, in the manifest and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::Transactions => "transactions",
            Self::Inputs => "inputs",
            Self::Outputs => "outputs",
            Self::Addresses => "addresses",
            Self::Entities => "entities",
            Self::Labels => "labels",
        }
    }

    /// What a row is.
    pub const fn row(self) -> &'static str {
        match self {
            Self::Blocks => "A block of the best chain.",
            Self::Transactions => "A transaction of the best chain.",
            Self::Inputs => "An input that spends an output.",
            Self::Outputs => "An output, spent or not.",
            Self::Addresses => "An address that an output ever paid, in the order of its first.",
            Self::Entities => "An entity: addresses that act as one, by the heuristics in the file's metadata.",
            Self::Labels => "An accepted label: one statement by one source about one subject.",
        }
    }

    /// Its columns in order.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Blocks => columns::BLOCKS,
            Self::Transactions => columns::TRANSACTIONS,
            Self::Inputs => columns::INPUTS,
            Self::Outputs => columns::OUTPUTS,
            Self::Addresses => columns::ADDRESSES,
            Self::Entities => columns::ENTITIES,
            Self::Labels => columns::LABELS,
        }
    }

    /// Its schema in Arrow.
    pub fn schema(self) -> SchemaRef {
        let field = |c: &Column| Field::new(c.name, c.kind.data_type(), c.null.is_some());
        Arc::new(Schema::new(self.columns().iter().map(field).collect::<Vec<_>>()))
    }

    /// The folder key of its partitions, as in `outputs/from_height=0010000`; `None` where it has none.
    pub const fn partition_key(self) -> Option<&'static str> {
        match self {
            Self::Blocks | Self::Transactions | Self::Inputs | Self::Outputs => Some("from_height"),
            Self::Addresses => Some("from_address_id"),
            Self::Entities => Some("from_entity_id"),
            Self::Labels => None,
        }
    }

    pub(crate) const fn partition(self) -> Partition {
        match self {
            Self::Blocks | Self::Transactions | Self::Inputs | Self::Outputs => Partition::Height,
            Self::Addresses | Self::Entities => Partition::Id,
            Self::Labels => Partition::None,
        }
    }

    /// Whether it says which addresses act as one, or which transactions are CoinJoins, and so depends on the
    /// heuristics.
    pub(crate) const fn needs_entities(self) -> bool {
        matches!(self, Self::Transactions | Self::Addresses | Self::Entities | Self::Labels)
    }

    /// Whether it depends on the price table.
    pub(crate) const fn needs_prices(self) -> bool {
        matches!(self, Self::Blocks)
    }

    /// Whether it depends on the labels.
    pub(crate) const fn needs_labels(self) -> bool {
        matches!(self, Self::Labels)
    }

    /// The columns whose values rise by small steps: written as differences, which costs a fraction of a byte.
    pub(crate) fn rising(self) -> impl Iterator<Item = &'static Column> {
        self.columns().iter().filter(|c| matches!(c.kind, Kind::UInt32 | Kind::Int64) && c.name.ends_with("_id"))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Table {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|t| t.name() == text).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.into_iter().map(Self::name).collect();
            format!("one or more of {}, with commas", names.join(", "))
        })
    }
}
