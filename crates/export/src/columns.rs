//! Every column of every table: its type, its unit, what it means, and what null means.
//!
//! This is the one list. The Arrow schemas are made from it and `docs/reference/tables.md` is generated from it.

use arrow_schema::{DataType, Field, TimeUnit};
use std::sync::Arc;

/// Digits of a price.
pub(crate) const PRICE_DIGITS: u8 = 20;
/// Those of them after the point: as many as the price table keeps.
pub(crate) const PRICE_DECIMALS: i8 = 10;

/// A column of a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// The unit, empty where there is none.
    pub unit: &'static str,
    /// What it says.
    pub doc: &'static str,
    /// What null means; `None` where it is never null.
    pub null: Option<&'static str>,
}

/// The type of a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// True or false.
    Bool,
    /// Signed, 32 bits.
    Int32,
    /// Signed, 64 bits.
    Int64,
    /// Unsigned, 32 bits: dense ids, which may pass 2^31.
    UInt32,
    /// 32 bytes in the order in which a hash is shown.
    Hash,
    /// Bytes of any length.
    Bytes,
    /// An instant, UTC, in milliseconds (Parquet has no seconds).
    Time,
    /// A calendar day.
    Day,
    /// Exact, twenty digits with ten of them after the point.
    Price,
    /// UTF-8.
    Text,
    /// UTF-8, one of few words.
    Word,
    /// A list of texts.
    Texts,
}

impl Kind {
    /// The type in Arrow.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Bool => DataType::Boolean,
            Self::Int32 => DataType::Int32,
            Self::Int64 => DataType::Int64,
            Self::UInt32 => DataType::UInt32,
            Self::Hash => DataType::FixedSizeBinary(32),
            Self::Bytes => DataType::Binary,
            Self::Time => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
            Self::Day => DataType::Date32,
            Self::Price => DataType::Decimal128(PRICE_DIGITS, PRICE_DECIMALS),
            Self::Text => DataType::Utf8,
            Self::Word => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
            Self::Texts => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, false))),
        }
    }

    /// The type as the documentation names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::UInt32 => "uint32",
            Self::Hash => "fixed binary(32)",
            Self::Bytes => "binary",
            Self::Time => "timestamp (ms, UTC)",
            Self::Day => "date",
            Self::Price => "decimal(20, 10)",
            Self::Text => "string",
            Self::Word => "string (dictionary)",
            Self::Texts => "list of string",
        }
    }
}

const fn column(name: &'static str, kind: Kind, unit: &'static str, doc: &'static str) -> Column {
    Column { name, kind, unit, doc, null: None }
}

const fn nullable(name: &'static str, kind: Kind, unit: &'static str, doc: &'static str, null: &'static str) -> Column {
    Column { name, kind, unit, doc, null: Some(null) }
}

const NO_PRICE: &str = "no price for that day, which is not zero";
const HEIGHT: Column = column("height", Kind::Int32, "blocks", "Height of its block; the genesis block is 0.");
const TIME: Column = column("time", Kind::Time, "", "The time stamp of its block: a miner's claim, whole seconds.");

pub(crate) const BLOCKS: &[Column] = &[
    column("height", Kind::Int32, "blocks", "Height in the best chain; the genesis block is 0."),
    column("hash", Kind::Hash, "", "Hash of the header, in the order in which it is shown."),
    column("prev_hash", Kind::Hash, "", "Hash of the block before it; zeros for the genesis block."),
    column("merkle_root", Kind::Hash, "", "Root of the merkle tree over its transactions."),
    column("time", Kind::Time, "", "The miner's time stamp, whole seconds."),
    column("version", Kind::Int32, "", "Version bits."),
    column("bits", Kind::UInt32, "", "Target in compact form."),
    column("nonce", Kind::UInt32, "", "Nonce."),
    column("size_bytes", Kind::Int32, "bytes", "Serialised size."),
    column("first_tx_id", Kind::UInt32, "", "Its first transaction, the coinbase; the others follow without a gap."),
    column("tx_count", Kind::Int32, "", "Number of transactions."),
    column("output_sat", Kind::Int64, "satoshi", "Sum of all outputs, the coinbase's included."),
    nullable(
        "price_usd",
        Kind::Price,
        "US dollars a coin",
        "Price of one coin (100,000,000 satoshi) on the UTC day of `time`, from the store's price table.",
        NO_PRICE,
    ),
    nullable("price_sources", Kind::Texts, "", "Every source that gives that price.", NO_PRICE),
    nullable("price_builtin", Kind::Bool, "", "Whether it is from the history that comes with the program.", NO_PRICE),
];

pub(crate) const TRANSACTIONS: &[Column] = &[
    column("tx_id", Kind::UInt32, "", "Rank in chain order over the whole chain."),
    column(
        "txid",
        Kind::Hash,
        "",
        "Transaction id, in the order in which it is shown. Two pairs of ids occur twice on mainnet (BIP 30).",
    ),
    HEIGHT,
    TIME,
    column("tx_index", Kind::Int32, "", "Place in its block; the coinbase is 0."),
    column("version", Kind::Int32, "", "Version."),
    column("locktime", Kind::UInt32, "", "Lock time as serialised."),
    column("weight", Kind::Int32, "weight units", "Weight (BIP 141)."),
    column("coinbase", Kind::Bool, "", "Whether it makes new coins."),
    column("segwit", Kind::Bool, "", "Whether it carries witness data."),
    column("rbf", Kind::Bool, "", "Whether it signals replaceability (BIP 125)."),
    column("first_input_id", Kind::Int64, "", "Where its inputs begin in `inputs`."),
    column("input_count", Kind::Int32, "", "Number of inputs that spend an output; 0 for a coinbase."),
    column("first_output_id", Kind::Int64, "", "Where its outputs begin in `outputs`."),
    column("output_count", Kind::Int32, "", "Number of outputs."),
    column("input_sat", Kind::Int64, "satoshi", "Sum of the outputs it spends; 0 for a coinbase."),
    column("output_sat", Kind::Int64, "satoshi", "Sum of its outputs."),
    nullable(
        "fee_sat",
        Kind::Int64,
        "satoshi",
        "What the miner was paid: `input_sat` less `output_sat`.",
        "a coinbase, which pays no fee",
    ),
    nullable(
        "coinjoin",
        Kind::Word,
        "",
        "The kind of CoinJoin that its shape is held for, so that it ties nobody: `whirlpool`, `wasabi1`, `wasabi2`, \
         `joinmarket-like`, `equal-output`.",
        "no rule matches, which is no proof that one person made it",
    ),
];

pub(crate) const INPUTS: &[Column] = &[
    column(
        "input_id",
        Kind::Int64,
        "",
        "Rank in chain order over the whole chain. Coinbase inputs spend nothing and have no row.",
    ),
    column("tx_id", Kind::UInt32, "", "The spending transaction."),
    column("input_index", Kind::Int32, "", "Which of its inputs."),
    HEIGHT,
    TIME,
    column("spent_output_id", Kind::Int64, "", "The output it spends."),
    column("prev_tx_id", Kind::UInt32, "", "The transaction that made that output."),
    column("prev_vout", Kind::Int32, "", "Which of its outputs."),
    column("value_sat", Kind::Int64, "satoshi", "Value of that output."),
    nullable("address_id", Kind::UInt32, "", "The address that output paid.", "its script names no address"),
];

pub(crate) const OUTPUTS: &[Column] = &[
    column("output_id", Kind::Int64, "", "Rank in chain order over the whole chain."),
    column("tx_id", Kind::UInt32, "", "The transaction that makes it."),
    column("vout", Kind::Int32, "", "Which of its outputs."),
    HEIGHT,
    TIME,
    column("value_sat", Kind::Int64, "satoshi", "Value."),
    nullable("address_id", Kind::UInt32, "", "The address it pays.", "its script names no address"),
    column(
        "script_kind",
        Kind::Word,
        "",
        "Kind of its script: `p2pk`, `p2pkh`, `p2sh`, `p2wpkh`, `p2wsh`, `p2tr`, `witness-unknown`, `multisig`, \
         `op-return`, `unknown`.",
    ),
    nullable(
        "script",
        Kind::Bytes,
        "",
        "The whole script where the address does not imply it: a key paid directly, bare multisig, data, anything unknown.",
        "the address implies the script",
    ),
    nullable(
        "spent_by_tx_id",
        Kind::UInt32,
        "",
        "The transaction that spends it.",
        "unspent at the tip that the file's metadata names, also where that lies past `--to`",
    ),
];

pub(crate) const ADDRESSES: &[Column] = &[
    column("address_id", Kind::UInt32, "", "Rank of the first output that pays it, over the whole chain."),
    column("address", Kind::Text, "", "Its text on the store's network."),
    column(
        "kind",
        Kind::Word,
        "",
        "Its kind, in the words of `outputs.script_kind`; a key paid directly has the address of `p2pkh`.",
    ),
    column("output_count", Kind::Int64, "", "Number of outputs that pay it."),
    column("received_sat", Kind::Int64, "satoshi", "Sum of those outputs."),
    column("sent_sat", Kind::Int64, "satoshi", "Sum of those that were spent."),
    column("first_tx_id", Kind::UInt32, "", "First transaction that pays it."),
    column("last_tx_id", Kind::UInt32, "", "Last transaction that pays it or spends from it."),
    column("first_height", Kind::Int32, "blocks", "Height of the first."),
    column("last_height", Kind::Int32, "blocks", "Height of the last."),
    column(
        "entity_id",
        Kind::UInt32,
        "",
        "Its entity by the heuristics that the file's metadata names: the smallest `address_id` in it. A lone address is \
         its own entity.",
    ),
];

pub(crate) const ENTITIES: &[Column] = &[
    column("entity_id", Kind::UInt32, "", "The smallest `address_id` in it. Lone addresses are entities of one."),
    column("entity", Kind::Text, "", "Its name: that first-seen address."),
    column("address_count", Kind::Int64, "", "Number of addresses."),
    column(
        "received_sat",
        Kind::Int64,
        "satoshi",
        "Sum of every output ever paid to its addresses, change included; held at 2^63-1 where it would pass it.",
    ),
    column("sent_sat", Kind::Int64, "satoshi", "Sum of those that were spent."),
    column("first_tx_id", Kind::UInt32, "", "First transaction that pays it."),
    column("last_tx_id", Kind::UInt32, "", "Last transaction that pays it or spends from it."),
    column("first_height", Kind::Int32, "blocks", "Height of the first."),
    column("last_height", Kind::Int32, "blocks", "Height of the last."),
];

const UNSAID: &str = "the source does not say";

pub(crate) const LABELS: &[Column] = &[
    column(
        "label_id",
        Kind::Int64,
        "",
        "Place in the order of the label store. Quarantined entries keep their numbers but have no row: they are no statement.",
    ),
    column("subject_kind", Kind::Text, "", "What it is about: `address`, `transaction` or `account`."),
    nullable(
        "chain",
        Kind::Text,
        "",
        "Chain of the subject; labels of every chain are here.",
        "an account, which lives on no chain",
    ),
    column("subject", Kind::Text, "", "Canonical text of the address, transaction id or account."),
    nullable(
        "address_id",
        Kind::UInt32,
        "",
        "The address on this chain.",
        "no address of this chain, or none that an output ever paid",
    ),
    nullable("tx_id", Kind::UInt32, "", "The transaction on this chain.", "no transaction of this chain"),
    nullable(
        "entity_id",
        Kind::UInt32,
        "",
        "The entity it speaks for.",
        "`address_id` is null, or the label is one customer's account at a service (`custodial_account`), which says nothing \
         about the service that holds it",
    ),
    column("label", Kind::Text, "", "The name given to the subject. A stranger's text: escape it where you show it."),
    column("category", Kind::Text, "", "The category that weighs most."),
    column("categories", Kind::Texts, "", "Every category, the weightiest first."),
    column(
        "basis",
        Kind::Text,
        "",
        "What the statement stands on: `designation`, `judgment`, `seizure_order`, `complaint`, `authority_statement`, `third_party_claim`, `own_analysis`.",
    ),
    nullable("source", Kind::Text, "", "Where the statement was made, as written.", UNSAID),
    nullable("confidence", Kind::Text, "", "How sure the source is, as written.", UNSAID),
    nullable(
        "confidence_level",
        Kind::Int32,
        "0 to 100",
        "The same as a number.",
        "the source does not say, or in a word that has no published level",
    ),
    nullable("actor", Kind::Text, "", "Id of the actor in an actor pack.", UNSAID),
    nullable("country", Kind::Text, "", "Country or jurisdiction, as written.", UNSAID),
    nullable("asset", Kind::Text, "", "Asset as written; it may contradict the chain, see `note`.", UNSAID),
    nullable("valid_from", Kind::Day, "", "First day on which it holds.", UNSAID),
    nullable("valid_to", Kind::Day, "", "Last day on which it holds.", UNSAID),
    nullable("lastmod", Kind::Day, "", "Day on which the source last changed it.", UNSAID),
    nullable("entry", Kind::Text, "", "Id of the entry in its list.", UNSAID),
    column("concepts", Kind::Texts, "", "The concepts as written."),
    column("aliases", Kind::Texts, "", "Other names that the list gives the subject."),
    nullable("context", Kind::Text, "", "Further context, often JSON, as written.", UNSAID),
    nullable("as_written", Kind::Text, "", "The subject as written.", "as `subject`"),
    nullable("note", Kind::Text, "", "A defect of the accepted entry.", "none was found"),
    column("pack_id", Kind::Text, "", "The file it was read from: BLAKE3 of what was stored of it, in hexadecimal."),
    column("pack_title", Kind::Text, "", "Title of that file."),
    column("pack_format", Kind::Text, "", "How it was read: `tagpack`, `ofac_csv`, …"),
    nullable("pack_as_of", Kind::Day, "", "Day of its version.", UNSAID),
    nullable("pack_license", Kind::Text, "", "Its licence, as the user said.", "the user did not say"),
    column("line", Kind::Int32, "", "Line in it, from 1."),
];

impl Column {
    /// Whether nearly every value is another one, so that collecting them in a dictionary is wasted work.
    pub(crate) fn is_plain(&self) -> bool {
        match self.kind {
            Kind::Hash => true,
            Kind::Text => matches!(self.name, "address" | "entity"),
            Kind::UInt32 | Kind::Int64 => self.name.ends_with("_id") || self.name.ends_with("_sat"),
            _ => false,
        }
    }
}
