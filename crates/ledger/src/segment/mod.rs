//! A segment: an immutable folder of columns for a range of blocks.

mod build;
mod finish;
mod resolve;
mod run;

pub use build::SegmentBuilder;

use crate::error::LedgerError;
use crate::manifest::{Ranges, SegmentMeta};
use crate::schema::Columns;
use athar_types::{AddressId, AddressKey, AddressKind, Hash32, ScriptKind, TxNum};
use std::{ops::Range, path::Path};

/// The tag of an address without a fixed payload length in `address.rank`.
const CLASS_SHIFT: u32 = 30;
const CLASS_20: u32 = 0;
const CLASS_32: u32 = 1;

/// An opened segment.
#[derive(Debug)]
pub struct Segment {
    pub(crate) ranges: Ranges,
    pub(crate) columns: Columns,
}

impl Segment {
    /// Maps a segment of the chain in `folder` and checks that its columns fit together.
    pub(crate) fn open(folder: &Path, meta: &SegmentMeta) -> Result<Self, LedgerError> {
        let folder = folder.join(&meta.folder);
        let columns = Columns::open(&folder)?;
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
            ("block.header_start", c.block_header_start.len(), blocks + 1),
            ("block.header", c.block_header.len(), c.block_header_start.last().map_or(0, |end| *end as usize)),
            ("block.time", c.block_time.len(), blocks),
            ("block.hash", c.block_hash.len(), blocks),
            ("block.tx_end", c.block_tx_end.len(), blocks),
            ("block.size", c.block_size.len(), blocks),
            ("txid.sorted", c.txid_sorted.len(), txs),
            ("txid.tx", c.txid_tx.len(), txs),
            ("tx.rank", c.tx_rank.len(), txs),
            ("tx.output", c.tx_output.len(), txs + 1),
            ("tx.input", c.tx_input.len(), txs + 1),
            ("tx.version", c.tx_version.len(), txs),
            ("tx.locktime", c.tx_locktime.len(), txs),
            ("tx.weight", c.tx_weight.len(), txs),
            ("tx.flags", c.tx_flags.len(), txs),
            ("output.value", c.output_value.len(), outputs),
            ("output.address", c.output_address.len(), outputs),
            ("output.kind", c.output_kind.len(), outputs),
            ("output.spent_by", c.output_spent_by.len(), outputs),
            ("script.start", c.script_start.len(), c.script_output.len() + 1),
            ("input.prev_tx", c.input_prev_tx.len(), inputs),
            ("input.prev_vout", c.input_prev_vout.len(), inputs),
            ("input.address", c.input_address.len(), inputs),
            ("late.spent_by", c.late_spent_by.len(), c.late_output.len()),
            ("address20.kind", c.address20_kind.len(), c.address20_sorted.len()),
            ("address20.id", c.address20_id.len(), c.address20_sorted.len()),
            ("address32.kind", c.address32_kind.len(), c.address32_sorted.len()),
            ("address32.id", c.address32_id.len(), c.address32_sorted.len()),
            ("addressx.start", c.addressx_start.len(), c.addressx_id.len() + 1),
            ("address ids", c.address20_id.len() + c.address32_id.len() + c.addressx_id.len(), addresses),
            ("address.rank", c.address_rank.len(), addresses),
            ("paid.start", c.paid_start.len(), c.paid_again.len() + addresses + 1),
            ("wrapped.hash", c.wrapped_hash.len(), c.wrapped_input.len()),
        ];
        lengths
            .into_iter()
            .find(|(_, found, expected)| found != expected)
            .map(|(name, found, expected)| format!("{name} has {found} rows, {expected} were expected"))
    }

    /// Its id ranges.
    pub fn ranges(&self) -> &Ranges {
        &self.ranges
    }

    /// The transaction of this segment with that id. Where an id occurs twice (BIP 30), the later one.
    pub(crate) fn tx_by_id(&self, txid: &Hash32) -> Option<TxNum> {
        let c = &self.columns;
        let rank = run::find_last(&c.txid_sorted, &c.txid_bucket, &txid.0)?;
        Some(TxNum(self.ranges.txs[0] + c.txid_tx[rank]))
    }

    /// The id of a transaction given by its relative number.
    #[inline]
    pub(crate) fn txid(&self, relative: usize) -> Hash32 {
        Hash32(self.columns.txid_sorted[self.columns.tx_rank[relative] as usize])
    }

    /// The id of an address first paid here.
    pub(crate) fn address_id(&self, key: &AddressKey) -> Option<AddressId> {
        let c = &self.columns;
        let kind = key.kind() as u8;
        match key.payload().len() {
            20 if key.kind() != AddressKind::Witness => {
                let payload: &[u8; 20] = key.payload().try_into().ok()?;
                run::find_kind(&c.address20_sorted, &c.address20_bucket, &c.address20_kind, payload, kind)
                    .map(|rank| c.address20_id[rank])
            }
            32 if key.kind() != AddressKind::Witness => {
                let payload: &[u8; 32] = key.payload().try_into().ok()?;
                run::find_kind(&c.address32_sorted, &c.address32_bucket, &c.address32_kind, payload, kind)
                    .map(|rank| c.address32_id[rank])
            }
            _ => {
                let at = |i: usize| &c.addressx_bytes[c.addressx_start[i] as usize..c.addressx_start[i + 1] as usize];
                let (mut low, mut high) = (0, c.addressx_id.len());
                while low < high {
                    let middle = low.midpoint(high);
                    match at(middle).cmp(key.payload()) {
                        std::cmp::Ordering::Equal => return Some(AddressId(c.addressx_id[middle])),
                        std::cmp::Ordering::Less => low = middle + 1,
                        std::cmp::Ordering::Greater => high = middle,
                    }
                }
                None
            }
        }
        .map(AddressId)
    }

    /// The key of an address first paid here, by its relative id.
    pub(crate) fn address_key(&self, relative: usize) -> Option<AddressKey> {
        let c = &self.columns;
        let tagged = c.address_rank[relative];
        let rank = (tagged & ((1 << CLASS_SHIFT) - 1)) as usize;
        match tagged >> CLASS_SHIFT {
            CLASS_20 => AddressKey::new(AddressKind::from_code(c.address20_kind[rank])?, &c.address20_sorted[rank]),
            CLASS_32 => AddressKey::new(AddressKind::from_code(c.address32_kind[rank])?, &c.address32_sorted[rank]),
            _ => {
                let bytes = c.addressx_start[rank] as usize..c.addressx_start[rank + 1] as usize;
                AddressKey::new(AddressKind::Witness, &c.addressx_bytes[bytes])
            }
        }
    }

    /// Places in `paid.output` of the outputs of an address, by chain-wide id.
    pub(crate) fn paid(&self, address: AddressId) -> Range<usize> {
        let c = &self.columns;
        let again = c.paid_again.len();
        let slot = if address.0 >= self.ranges.addresses[0] {
            again + (address.0 - self.ranges.addresses[0]) as usize
        } else if let Ok(slot) = c.paid_again.binary_search(&address.0) {
            slot
        } else {
            return 0..0;
        };
        c.paid_start[slot] as usize..c.paid_start[slot + 1] as usize
    }

    /// The script of an output (relative) where its address does not imply it.
    pub(crate) fn script(&self, relative: u32) -> Option<&[u8]> {
        let c = &self.columns;
        let at = c.script_output.binary_search(&relative).ok()?;
        Some(&c.script_bytes[c.script_start[at] as usize..c.script_start[at + 1] as usize])
    }

    /// The transaction of this segment that spends an output of an earlier one.
    pub(crate) fn late_spend(&self, output: u64) -> Option<TxNum> {
        let at = self.columns.late_output.binary_search(&output).ok()?;
        Some(TxNum(self.columns.late_spent_by[at]))
    }

    /// The script kind of an output (relative).
    pub(crate) fn kind(&self, relative: usize) -> ScriptKind {
        ScriptKind::from_code(self.columns.output_kind[relative]).unwrap_or(ScriptKind::Unknown)
    }
}
