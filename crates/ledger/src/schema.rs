//! The columns of a store, all of them, by file name: those of a segment say what happened, row by row in chain order;
//! those of a run answer look-ups by key over a range of segments.
//!
//! Numbers inside a segment or run count from its own first row ("relative") where the text says so; all others are the
//! chain-wide dense ids. `docs/reference/tables.md` repeats this list for readers of the files.

use crate::column::write::Unsynced;
use crate::column::{ColumnWriter, Element, FileMeta};
use crate::error::LedgerError;
use athar_disk::Disk;
use std::path::Path;

pub(crate) type Written = Result<(FileMeta, Unsynced), LedgerError>;

macro_rules! columns {
    ($columns:ident, $data:ident, $($(#[$doc:meta])* $field:ident : $t:ty = $name:literal),* $(,)?) => {
        /// The columns, mapped.
        #[derive(Debug)]
        pub(crate) struct $columns { $($(#[$doc])* pub(crate) $field: $crate::Column<$t>,)* }

        impl $columns {
            pub(crate) fn open(folder: &std::path::Path) -> Result<Self, $crate::LedgerError> {
                Ok(Self { $($field: $crate::Column::open(folder, $name)?,)* })
            }
        }

        /// The columns in memory, ready to be written.
        #[derive(Debug, Default)]
        pub(crate) struct $data { $(pub(crate) $field: Vec<$t>,)* }

        impl $data {
            /// Writes every column to its file in `folder` and empties it.
            pub(crate) fn write(&mut self, disk: &$crate::Disk, folder: &std::path::Path) -> Result<Vec<$crate::FileMeta>, $crate::LedgerError> {
                use rayon::iter::ParallelIterator as _;
                let mut jobs: Vec<Box<dyn FnOnce() -> $crate::schema::Written + Send + '_>> = Vec::new();
                $({
                    let data = std::mem::take(&mut self.$field);
                    jobs.push(Box::new(move || $crate::schema::write_one::<$t>(disk, folder, $name, data)));
                })*
                let written = rayon::iter::IntoParallelIterator::into_par_iter(jobs).map(|job| job()).collect::<Result<Vec<_>, _>>()?;
                let (files, unsynced) = written.into_iter().unzip();
                $crate::column::write::Unsynced::sync_all(unsynced)?;
                Ok(files)
            }
        }
    };
}

pub(crate) use columns;

pub(crate) fn write_one<T: Element>(disk: &Disk, folder: &Path, name: &str, data: Vec<T>) -> Written {
    let mut writer = ColumnWriter::create(disk, folder, name)?;
    writer.extend(&data)?;
    writer.finish_unsynced()
}

columns! {
    SegmentColumns, SegmentData,

    /// The first 80 bytes of each header: all of it on every chain but Zcash.
    block_header: [u8; 80] = "block.header",
    /// Where what follows them begins in `block.more_bytes`; one more entry at the end.
    block_more_start: u32 = "block.more_start",
    /// The bytes of headers beyond the first 80.
    block_more_bytes: u8 = "block.more_bytes",
    /// Hash of each header, wire order.
    block_hash: [u8; 32] = "block.hash",
    /// The miner's time stamp, seconds since 1970.
    block_time: u32 = "block.time",
    /// End (exclusive) of each block's transactions, chain-wide.
    block_tx_end: u32 = "block.tx_end",
    /// Serialised size of each block in bytes.
    block_size: u32 = "block.size",

    /// Transaction ids, wire order.
    tx_id: [u8; 32] = "tx.id",
    /// Outputs of each transaction; 255 where they stand in `outputs.count`.
    tx_outputs: u8 = "tx.outputs",
    /// First output of every 64th transaction, relative; for `n` transactions `n / 64 + 1` entries.
    tx_output_base: u32 = "tx.output_base",
    /// Transactions (relative, ascending) with at least 255 outputs.
    outputs_tx: u32 = "outputs.tx",
    /// How many.
    outputs_count: u32 = "outputs.count",
    /// Inputs of each transaction, none for a coinbase; 255 where they stand in `inputs.count`.
    tx_inputs: u8 = "tx.inputs",
    /// First input of every 64th transaction, as with outputs.
    tx_input_base: u32 = "tx.input_base",
    /// Transactions (relative, ascending) with at least 255 inputs.
    inputs_tx: u32 = "inputs.tx",
    /// How many.
    inputs_count: u32 = "inputs.count",
    /// Version; 255 where it stands in `version.value`.
    tx_version: u8 = "tx.version",
    /// Weight in weight units (BIP 141); 65535 where it stands in `weight.value`.
    tx_weight: u16 = "tx.weight",
    /// Bits of [`crate::TxFlags`].
    tx_flags: u8 = "tx.flags",
    /// Transactions (relative, ascending) whose version is below 0 or above 254.
    version_tx: u32 = "version.tx",
    /// Their versions, as signed numbers.
    version_value: i32 = "version.value",
    /// Transactions (relative, ascending) of at least 65535 weight units.
    weight_tx: u32 = "weight.tx",
    /// Their weights.
    weight_value: u32 = "weight.value",
    /// Transactions (relative, ascending) whose lock time is not 0.
    locktime_tx: u32 = "locktime.tx",
    /// Their lock times as serialised.
    locktime_value: u32 = "locktime.value",
    /// Transactions (relative, ascending) that move value between transparent outputs and a named pool.
    pool_tx: u32 = "pool.tx",
    /// Number of [`athar_types::Pool`].
    pool_kind: u8 = "pool.kind",
    /// Value that enters the pool, negative where it leaves, in satoshi.
    pool_value: i64 = "pool.value",

    /// Value in satoshi.
    output_value: u64 = "output.value",
    /// Address paid, chain-wide id; 2^32-1 for none.
    output_address: u32 = "output.address",
    /// Number of [`athar_types::ScriptKind`].
    output_kind: u8 = "output.kind",
    /// Outputs (relative, ascending) whose script the address does not imply.
    script_output: u32 = "script.output",
    /// Where each such script begins in `script.bytes`; one more entry at the end.
    script_start: u64 = "script.start",
    /// The scripts.
    script_bytes: u8 = "script.bytes",

    /// Transaction whose output the input spends, chain-wide.
    input_prev_tx: u32 = "input.prev_tx",
    /// Which of its outputs; 255 where it stands in `vout.value`.
    input_prev_vout: u8 = "input.prev_vout",
    /// Address of the spent output, chain-wide id; 2^32-1 for none.
    input_address: u32 = "input.address",
    /// Inputs (relative, ascending) that spend an output past the 254th of its transaction.
    vout_input: u32 = "vout.input",
    /// Which one.
    vout_value: u32 = "vout.value",

    /// Kind of each address first paid here, in id order (number of [`athar_types::AddressKind`]).
    address_kind: u8 = "address.kind",
    /// The first 20 bytes of its payload, zeros where it is shorter.
    address_head: [u8; 20] = "address.head",
    /// Addresses (relative, ascending) whose payload has 32 bytes.
    tail_address: u32 = "tail.address",
    /// The last 12 of them.
    tail_bytes: [u8; 12] = "tail.bytes",
    /// Addresses (relative, ascending) of the kind without a fixed length.
    program_address: u32 = "program.address",
    /// Where the whole payload of each begins in `program.bytes`; one more entry at the end.
    program_start: u32 = "program.start",
    /// Those payloads (witness version first).
    program_bytes: u8 = "program.bytes",

    /// P2PKH addresses (chain-wide, ascending) spent from or paid here with an uncompressed key: they have no segwit form.
    uncompressed_address: u32 = "uncompressed.address",
    /// The first transaction here (relative) that shows it.
    uncompressed_tx: u32 = "uncompressed.tx",
}

columns! {
    RunColumns, RunData,

    /// 32 bits of each transaction id, ascending within a bucket: see `run::index`.
    txid_head: u32 = "txid.head",
    /// The transaction of each, relative.
    txid_tx: u32 = "txid.tx",
    /// Where the top bits of an id begin in the two columns above: 2^k + 1 entries.
    txid_bucket: u32 = "txid.bucket",

    /// The same for the addresses first paid here, by the hash of their key ([`crate::key_hash`]).
    key_head: u32 = "key.head",
    /// The address of each, relative.
    key_address: u32 = "key.address",
    /// Where the top bits of a hash begin: 2^k + 1 entries.
    key_bucket: u32 = "key.bucket",

    /// Addresses of earlier runs that are paid again here, chain-wide, ascending.
    paid_again: u32 = "paid.again",
    /// Where the outputs of each paid address begin in `paid.output`: first those of `paid.again`, then those first
    /// paid here in id order; one more entry at the end.
    paid_start: u32 = "paid.start",
    /// Outputs by address, relative, ascending within an address.
    paid_output: u32 = "paid.output",

    /// For each output of the run the transaction of the run that spends it, chain-wide; 2^32-1 for none.
    spent_by: u32 = "spent.by",
    /// Outputs of earlier runs that this one spends, chain-wide, ascending.
    late_output: u64 = "late.output",
    /// The spending transaction of each, chain-wide.
    late_spent_by: u32 = "late.spent_by",
}
