//! A segment: an immutable folder of columns for a range of blocks, one row after the other in chain order.

mod build;
pub(crate) mod copy;
mod counts;
pub(crate) mod finish;
mod join;
mod keys;
mod paid;
mod parts;
mod resolve;

pub use build::SegmentBuilder;

use crate::error::LedgerError;
use crate::manifest::{Ranges, SegmentMeta};
use crate::schema::SegmentColumns;
use athar_types::{AddressKey, AddressKind, Hash32, ScriptKind};
use build::exception;
use counts::Counts;
use finish::{HEAD_LEN, is_program};
use std::path::Path;

/// An opened segment.
#[derive(Debug)]
pub struct Segment {
    pub(crate) ranges: Ranges,
    pub(crate) columns: SegmentColumns,
}

impl Segment {
    /// Maps a segment of the chain in `folder` and checks that its columns fit together.
    pub(crate) fn open(folder: &Path, meta: &SegmentMeta) -> Result<Self, LedgerError> {
        let folder = folder.join(&meta.folder);
        let columns = SegmentColumns::open(&folder)?;
        let segment = Self { ranges: meta.ranges, columns };
        match segment.misfit() {
            None => Ok(segment),
            Some(what) => Err(LedgerError::corrupt(folder, what)),
        }
    }

    /// The first column whose length does not follow from the manifest.
    fn misfit(&self) -> Option<String> {
        let (r, c) = (&self.ranges, &self.columns);
        let blocks = (r.blocks[1] - r.blocks[0]) as usize;
        let txs = (r.txs[1] - r.txs[0]) as usize;
        let outputs = (r.outputs[1] - r.outputs[0]) as usize;
        let inputs = (r.inputs[1] - r.inputs[0]) as usize;
        let addresses = (r.addresses[1] - r.addresses[0]) as usize;
        let lengths = [
            ("block.header", c.block_header.len(), blocks),
            ("block.more_start", c.block_more_start.len(), blocks + 1),
            ("block.hash", c.block_hash.len(), blocks),
            ("block.time", c.block_time.len(), blocks),
            ("block.tx_end", c.block_tx_end.len(), blocks),
            ("block.size", c.block_size.len(), blocks),
            ("tx.id", c.tx_id.len(), txs),
            ("tx.version", c.tx_version.len(), txs),
            ("tx.weight", c.tx_weight.len(), txs),
            ("tx.flags", c.tx_flags.len(), txs),
            ("version.value", c.version_value.len(), c.version_tx.len()),
            ("weight.value", c.weight_value.len(), c.weight_tx.len()),
            ("locktime.value", c.locktime_value.len(), c.locktime_tx.len()),
            ("pool.kind", c.pool_kind.len(), c.pool_tx.len()),
            ("pool.value", c.pool_value.len(), c.pool_tx.len()),
            ("output.value", c.output_value.len(), outputs),
            ("output.address", c.output_address.len(), outputs),
            ("output.kind", c.output_kind.len(), outputs),
            ("script.start", c.script_start.len(), c.script_output.len() + 1),
            ("input.prev_tx", c.input_prev_tx.len(), inputs),
            ("input.prev_vout", c.input_prev_vout.len(), inputs),
            ("input.address", c.input_address.len(), inputs),
            ("vout.value", c.vout_value.len(), c.vout_input.len()),
            ("address.kind", c.address_kind.len(), addresses),
            ("address.head", c.address_head.len(), addresses),
            ("tail.bytes", c.tail_bytes.len(), c.tail_address.len()),
            ("program.start", c.program_start.len(), c.program_address.len() + 1),
            ("uncompressed.tx", c.uncompressed_tx.len(), c.uncompressed_address.len()),
        ];
        let of_counts = |name: &str, counts: Counts<'_>, rows: usize| {
            (!counts.fit(txs, rows))
                .then(|| format!("the columns of {name} do not fit {txs} transactions, {rows} rows"))
        };
        misfit(&lengths)
            .or_else(|| of_counts("tx.outputs", self.outputs(), outputs))
            .or_else(|| of_counts("tx.inputs", self.inputs(), inputs))
    }

    /// Which outputs (relative) each transaction (relative) has.
    #[inline]
    pub(crate) fn outputs(&self) -> Counts<'_> {
        let c = &self.columns;
        Counts { count: &c.tx_outputs, base: &c.tx_output_base, many_tx: &c.outputs_tx, many_count: &c.outputs_count }
    }

    /// Which inputs (relative) each transaction (relative) has.
    #[inline]
    pub(crate) fn inputs(&self) -> Counts<'_> {
        let c = &self.columns;
        Counts { count: &c.tx_inputs, base: &c.tx_input_base, many_tx: &c.inputs_tx, many_count: &c.inputs_count }
    }

    /// Its id ranges.
    pub fn ranges(&self) -> &Ranges {
        &self.ranges
    }

    /// The version of a transaction (relative).
    pub(crate) fn version(&self, tx: usize) -> i32 {
        let c = &self.columns;
        match c.tx_version[tx] {
            u8::MAX => exception(&c.version_tx, &c.version_value, tx as u32).unwrap_or(i32::from(u8::MAX)),
            version => i32::from(version),
        }
    }

    /// The weight of a transaction (relative).
    pub(crate) fn weight(&self, tx: usize) -> u32 {
        let c = &self.columns;
        match c.tx_weight[tx] {
            u16::MAX => exception(&c.weight_tx, &c.weight_value, tx as u32).unwrap_or(u32::from(u16::MAX)),
            weight => u32::from(weight),
        }
    }

    /// The lock time of a transaction (relative).
    pub(crate) fn locktime(&self, tx: usize) -> u32 {
        exception(&self.columns.locktime_tx, &self.columns.locktime_value, tx as u32).unwrap_or(0)
    }

    /// Which output an input (relative) spends.
    #[inline]
    pub(crate) fn prev_vout(&self, input: usize) -> u32 {
        let c = &self.columns;
        match c.input_prev_vout[input] {
            u8::MAX => exception(&c.vout_input, &c.vout_value, input as u32).unwrap_or(u32::from(u8::MAX)),
            vout => u32::from(vout),
        }
    }

    /// The id of a transaction (relative).
    #[inline]
    pub(crate) fn txid(&self, relative: usize) -> Hash32 {
        Hash32(self.columns.tx_id[relative])
    }

    /// Whether an address first paid here (relative id) has this kind and payload.
    #[inline]
    pub(crate) fn is_key(&self, relative: usize, kind: u8, payload: &[u8]) -> bool {
        let c = &self.columns;
        if c.address_kind[relative] != kind {
            return false;
        }
        if is_program(kind) {
            return self.program(relative as u32) == Some(payload);
        }
        let (head, tail) = payload.split_at(payload.len().min(HEAD_LEN));
        c.address_head[relative][..] == *head
            && (tail.is_empty()
                || exception(&c.tail_address, &c.tail_bytes, relative as u32).is_some_and(|t| t == *tail))
    }

    /// The key of an address first paid here, by its relative id.
    pub(crate) fn address_key(&self, relative: usize) -> Option<AddressKey> {
        let c = &self.columns;
        let kind = AddressKind::from_code(c.address_kind[relative])?;
        if is_program(kind as u8) {
            return AddressKey::new(kind, self.program(relative as u32)?);
        }
        let head = &c.address_head[relative];
        if kind.payload_len() == Some(HEAD_LEN) {
            return AddressKey::new(kind, head);
        }
        let mut whole = [0; 32];
        whole[..HEAD_LEN].copy_from_slice(head);
        whole[HEAD_LEN..].copy_from_slice(&exception(&c.tail_address, &c.tail_bytes, relative as u32)?);
        AddressKey::new(kind, &whole)
    }

    fn program(&self, relative: u32) -> Option<&[u8]> {
        let c = &self.columns;
        let at = c.program_address.binary_search(&relative).ok()?;
        c.program_bytes.get(c.program_start[at] as usize..c.program_start[at + 1] as usize)
    }

    /// The script of an output (relative) where its address does not imply it.
    pub(crate) fn script(&self, relative: u32) -> Option<&[u8]> {
        let c = &self.columns;
        let at = c.script_output.binary_search(&relative).ok()?;
        Some(&c.script_bytes[c.script_start[at] as usize..c.script_start[at + 1] as usize])
    }

    /// The script kind of an output (relative).
    pub(crate) fn kind(&self, relative: usize) -> ScriptKind {
        ScriptKind::from_code(self.columns.output_kind[relative]).unwrap_or(ScriptKind::Unknown)
    }

    /// The bytes of a header (relative block) beyond the first 80.
    pub(crate) fn header_rest(&self, block: usize) -> &[u8] {
        let c = &self.columns;
        &c.block_more_bytes[c.block_more_start[block] as usize..c.block_more_start[block + 1] as usize]
    }
}

/// The first column (name, rows, rows expected) of another length than expected, in words.
pub(crate) fn misfit(lengths: &[(&str, usize, usize)]) -> Option<String> {
    lengths
        .iter()
        .find(|(_, found, expected)| found != expected)
        .map(|(name, found, expected)| format!("{name} has {found} rows, {expected} were expected"))
}
