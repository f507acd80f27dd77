//! The columns of a segment, all of them, by file name.
//!
//! Numbers inside a segment count from its own first row ("relative") where the text says so; all others are the
//! chain-wide dense ids. `docs/reference/tables.md` repeats this list for readers of the files.

use crate::column::write::Unsynced;
use crate::column::{Column, ColumnWriter, Element, FileMeta};
use crate::disk::Disk;
use crate::error::LedgerError;
use std::path::Path;

macro_rules! columns {
    ($($(#[$doc:meta])* $field:ident : $t:ty = $name:literal),* $(,)?) => {
        /// A segment's columns, mapped.
        #[derive(Debug)]
        pub(crate) struct Columns { $($(#[$doc])* pub(crate) $field: Column<$t>,)* }

        impl Columns {
            pub(crate) fn open(folder: &Path) -> Result<Self, LedgerError> {
                Ok(Self { $($field: Column::open(folder, $name)?,)* })
            }
        }

        /// A segment's columns in memory, ready to be written.
        #[derive(Debug, Default)]
        pub(crate) struct ColumnData { $(pub(crate) $field: Vec<$t>,)* }

        impl ColumnData {
            /// Writes every column to its file in `folder` and empties it.
            pub(crate) fn write(&mut self, disk: &Disk, folder: &Path) -> Result<Vec<FileMeta>, LedgerError> {
                let written = [$(write_one::<$t>(disk, folder, $name, std::mem::take(&mut self.$field))?,)*];
                let (files, unsynced) = written.into_iter().unzip();
                Unsynced::sync_all(unsynced)?;
                Ok(files)
            }
        }
    };
}

fn write_one<T: Element>(
    disk: &Disk,
    folder: &Path,
    name: &str,
    data: Vec<T>,
) -> Result<(FileMeta, Unsynced), LedgerError> {
    let mut writer = ColumnWriter::create(disk, folder, name)?;
    writer.extend(&data)?;
    writer.finish_unsynced()
}

columns! {
    /// The headers, one after another.
    block_header: u8 = "block.header",
    /// Where each header begins in `block.header`; one more entry at the end.
    block_header_start: u64 = "block.header_start",
    /// Time stamp of each block, Unix seconds.
    block_time: u32 = "block.time",
    /// Hash of each header, wire order.
    block_hash: [u8; 32] = "block.hash",
    /// End (exclusive) of each block's transactions, chain-wide.
    block_tx_end: u32 = "block.tx_end",
    /// Serialised size of each block in bytes.
    block_size: u32 = "block.size",

    /// Transaction ids, wire order, sorted.
    txid_sorted: [u8; 32] = "txid.sorted",
    /// The relative transaction number at each place of the sorted ids.
    txid_tx: u32 = "txid.tx",
    /// Where the top bits of an id begin in the sorted ids: 2^k + 1 entries.
    txid_bucket: u32 = "txid.bucket",
    /// The place of each transaction in the sorted ids.
    tx_rank: u32 = "tx.rank",
    /// First output of each transaction, relative; one more entry at the end.
    tx_output: u32 = "tx.output",
    /// First input of each transaction, relative; one more entry at the end.
    tx_input: u32 = "tx.input",
    /// Version as signed number.
    tx_version: i32 = "tx.version",
    /// Lock time as serialised.
    tx_locktime: u32 = "tx.locktime",
    /// Weight in weight units (BIP 141).
    tx_weight: u32 = "tx.weight",
    /// Bits of [`crate::TxFlags`].
    tx_flags: u8 = "tx.flags",

    /// Value in satoshi.
    output_value: u64 = "output.value",
    /// Address paid, chain-wide id; 2^32-1 for none.
    output_address: u32 = "output.address",
    /// Number of [`athar_types::ScriptKind`].
    output_kind: u8 = "output.kind",
    /// Spending transaction where it lies in this segment, chain-wide; 2^32-1 otherwise.
    output_spent_by: u32 = "output.spent_by",

    /// Outputs (relative, ascending) whose script the address does not imply.
    script_output: u32 = "script.output",
    /// Where each such script begins in `script.bytes`; one more entry at the end.
    script_start: u64 = "script.start",
    /// The scripts.
    script_bytes: u8 = "script.bytes",

    /// Transaction whose output the input spends, chain-wide.
    input_prev_tx: u32 = "input.prev_tx",
    /// Which of its outputs.
    input_prev_vout: u32 = "input.prev_vout",
    /// Address of the spent output, chain-wide id; 2^32-1 for none.
    input_address: u32 = "input.address",

    /// Outputs of earlier segments that this one spends, chain-wide, ascending.
    late_output: u64 = "late.output",
    /// The spending transaction of each, chain-wide.
    late_spent_by: u32 = "late.spent_by",

    /// Addresses first paid here whose payload has 20 bytes: payloads, sorted with their kind.
    address20_sorted: [u8; 20] = "address20.sorted",
    /// Kind of each (number of [`athar_types::AddressKind`]).
    address20_kind: u8 = "address20.kind",
    /// Chain-wide id of each.
    address20_id: u32 = "address20.id",
    /// Where the top bits of a payload begin: 2^k + 1 entries.
    address20_bucket: u32 = "address20.bucket",
    /// The same for payloads of 32 bytes.
    address32_sorted: [u8; 32] = "address32.sorted",
    /// Kind of each.
    address32_kind: u8 = "address32.kind",
    /// Chain-wide id of each.
    address32_id: u32 = "address32.id",
    /// Where the top bits of a payload begin.
    address32_bucket: u32 = "address32.bucket",
    /// Any other payload, sorted: where each begins in `addressx.bytes`; one more entry at the end.
    addressx_start: u32 = "addressx.start",
    /// Those payloads (witness version first).
    addressx_bytes: u8 = "addressx.bytes",
    /// Chain-wide id of each.
    addressx_id: u32 = "addressx.id",
    /// For each address first paid here, in id order: its place in its sorted column; the two top bits say which one
    /// (0 = 20 bytes, 1 = 32 bytes, 2 = other).
    address_rank: u32 = "address.rank",

    /// Addresses of earlier segments that are paid again here, chain-wide, ascending.
    paid_again: u32 = "paid.again",
    /// Where the outputs of each paid address begin in `paid.output`: first those of `paid.again`, then those first
    /// paid here in id order; one more entry at the end.
    paid_start: u32 = "paid.start",
    /// Outputs by address, relative, ascending within an address.
    paid_output: u32 = "paid.output",

    /// Inputs (relative, ascending) that reveal a key hash wrapped in P2SH, the first for each address here.
    wrapped_input: u32 = "wrapped.input",
    /// The key hash inside.
    wrapped_hash: [u8; 20] = "wrapped.hash",
    /// P2PKH addresses (chain-wide, ascending) spent from here with an uncompressed key: they have no segwit form.
    uncompressed: u32 = "uncompressed.address",
}
