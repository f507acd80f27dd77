//! Finishing a segment: ids for address rows, the answers of earlier segments, sorted runs and adjacency, then disk.

use super::build::{Addresses, SegmentBuilder};
use super::resolve::{self, Resolved, head};
use super::{CLASS_20, CLASS_32, CLASS_SHIFT, Segment, run};
use crate::disk::Disk;
use crate::error::{IoContext, LedgerError};
use crate::manifest::SegmentMeta;
use athar_types::{AddressId, AddressKind, Height, ScriptKind};
use rayon::prelude::*;
use std::{fs, path::Path, sync::Arc};

impl SegmentBuilder {
    /// Resolves what is left against `earlier` (all segments before this one, in chain order) and writes the segment
    /// as a folder inside `folder`. Nothing is committed: the caller hands the result to [`crate::Store::append`].
    pub fn finish(mut self, earlier: &[Arc<Segment>], disk: &Disk, folder: &Path) -> Result<SegmentMeta, LedgerError> {
        let tx_end = std::mem::take(&mut self.data.block_tx_end);
        let first_height = self.ranges.blocks[0];
        let height_of = |tx: u32| Height(first_height + tx_end.partition_point(|end| *end <= tx) as u32);
        let resolved = resolve::inputs(std::mem::take(&mut self.pending), earlier, height_of)?;
        let (ids, fresh) = resolve::addresses(&self.addresses, earlier, &mut self.ranges);
        self.data.block_tx_end = tx_end;

        self.give_ids(&ids, &resolved);
        self.sort_txids();
        self.keep_first_reveals();
        self.sort_paid(&ids, &fresh);
        drop(ids);
        self.sort_addresses(&fresh);
        drop(fresh);
        self.write(disk, folder)
    }

    /// Turns address rows into ids and files the answers for pending inputs.
    fn give_ids(&mut self, ids: &[u32], resolved: &[Resolved]) {
        let give = |row: &mut u32| {
            if *row != AddressId::NONE {
                *row = ids[*row as usize];
            }
        };
        self.data.input_address.par_iter_mut().for_each(give);
        self.data.output_address.par_iter_mut().for_each(give);
        for r in resolved {
            self.data.input_prev_tx[r.input as usize] = r.prev_tx;
            self.data.input_address[r.input as usize] = r.address;
        }
        self.data.late_output = resolved.iter().map(|r| r.output).collect();
        self.data.late_spent_by = resolved.iter().map(|r| r.tx).collect();
    }

    fn sort_txids(&mut self) {
        let mut order: Vec<(u64, u32)> =
            self.txids.par_iter().enumerate().map(|(row, id)| (head(id), row as u32)).collect();
        let txids = &self.txids;
        // the row last, so that of two equal ids (BIP 30) the later transaction stands last
        order.par_sort_unstable_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| txids[a.1 as usize].cmp(&txids[b.1 as usize]).then(a.1.cmp(&b.1)))
        });
        self.data.txid_sorted = order.par_iter().map(|(_, row)| txids[*row as usize]).collect();
        self.data.txid_tx = order.into_iter().map(|(_, row)| row).collect();
        self.txids = Vec::new();
        self.data.txid_bucket = run::buckets(&self.data.txid_sorted);
        self.data.tx_rank = vec![0; self.data.txid_tx.len()];
        for (rank, row) in self.data.txid_tx.iter().enumerate() {
            self.data.tx_rank[*row as usize] = rank as u32;
        }
    }

    /// Of several inputs that reveal the same address's key, keeps the first; drops reveals whose spent output is not
    /// of the kind that the input's shape promised.
    fn keep_first_reveals(&mut self) {
        let address_of = &self.data.input_address;
        let mut wrapped: Vec<(u32, u32, [u8; 20])> = (self.data.wrapped_input.iter().zip(&self.data.wrapped_hash))
            .map(|(input, hash)| (address_of[*input as usize], *input, *hash))
            .filter(|(address, ..)| *address != AddressId::NONE)
            .collect();
        wrapped.sort_unstable();
        wrapped.dedup_by_key(|w| w.0);
        wrapped.sort_unstable_by_key(|w| w.1);
        self.data.wrapped_input = wrapped.iter().map(|w| w.1).collect();
        self.data.wrapped_hash = wrapped.iter().map(|w| w.2).collect();

        let mut uncompressed: Vec<u32> = self.uncompressed.iter().map(|input| address_of[*input as usize]).collect();
        // a key paid directly shows its form in the output itself: 65 bytes and two opcodes
        for (at, output) in self.data.script_output.iter().enumerate() {
            let len = self.data.script_start[at + 1] - self.data.script_start[at];
            if self.data.output_kind[*output as usize] == ScriptKind::P2pk as u8 && len == 67 {
                uncompressed.push(self.data.output_address[*output as usize]);
            }
        }
        uncompressed.retain(|address| *address != AddressId::NONE);
        uncompressed.sort_unstable();
        uncompressed.dedup();
        self.data.uncompressed = uncompressed;
    }

    /// The adjacency from addresses to the outputs that pay them, by counting sort.
    fn sort_paid(&mut self, ids: &[u32], fresh: &[u32]) {
        let first_new = self.ranges.addresses[0];
        let mut again: Vec<u32> = ids.iter().copied().filter(|id| *id < first_new).collect();
        again.par_sort_unstable();
        let slots = again.len() + fresh.len();
        let slot_of = |id: u32| -> usize {
            if id >= first_new {
                again.len() + (id - first_new) as usize
            } else {
                again.partition_point(|known| *known < id)
            }
        };
        let mut start = vec![0u32; slots + 1];
        let paying = || self.data.output_address.iter().enumerate().filter(|(_, id)| **id != AddressId::NONE);
        for (_, id) in paying() {
            start[slot_of(*id) + 1] += 1;
        }
        for slot in 0..slots {
            start[slot + 1] += start[slot];
        }
        let mut next = start.clone();
        let mut outputs = vec![0; start[slots] as usize];
        for (output, id) in paying() {
            let place = &mut next[slot_of(*id)];
            outputs[*place as usize] = output as u32;
            *place += 1;
        }
        self.data.paid_again = again;
        self.data.paid_start = start;
        self.data.paid_output = outputs;
    }

    /// The sorted runs of the addresses first paid here.
    fn sort_addresses(&mut self, fresh: &[u32]) {
        let rows: Addresses = std::mem::take(&mut self.addresses);
        let first = self.ranges.addresses[0];
        let mut order: Vec<(u8, u64, u32)> = fresh
            .par_iter()
            .enumerate()
            .map(|(new, row)| {
                let row = *row as usize;
                let class = class_of(rows.kinds[row]);
                (class as u8, head(rows.payload(row)), new as u32)
            })
            .collect();
        let row_of = |new: u32| fresh[new as usize] as usize;
        order.par_sort_unstable_by(|a, b| {
            (a.0, a.1).cmp(&(b.0, b.1)).then_with(|| {
                let (x, y) = (row_of(a.2), row_of(b.2));
                rows.payload(x).cmp(rows.payload(y)).then(rows.kinds[x].cmp(&rows.kinds[y]))
            })
        });
        let data = &mut self.data;
        data.address_rank = vec![0; fresh.len()];
        data.addressx_start.push(0);
        for (class, _, new) in order {
            let (row, id) = (row_of(new), first + new);
            let (payload, kind) = (rows.payload(row), rows.kinds[row]);
            let rank = match u32::from(class) {
                CLASS_20 => {
                    data.address20_sorted.push(payload.try_into().unwrap_or([0; 20]));
                    data.address20_kind.push(kind);
                    data.address20_id.push(id);
                    data.address20_id.len()
                }
                CLASS_32 => {
                    data.address32_sorted.push(payload.try_into().unwrap_or([0; 32]));
                    data.address32_kind.push(kind);
                    data.address32_id.push(id);
                    data.address32_id.len()
                }
                _ => {
                    data.addressx_bytes.extend_from_slice(payload);
                    data.addressx_start.push(data.addressx_bytes.len() as u32);
                    data.addressx_id.push(id);
                    data.addressx_id.len()
                }
            };
            data.address_rank[new as usize] = u32::from(class) << CLASS_SHIFT | (rank - 1) as u32;
        }
        data.address20_bucket = run::buckets(&data.address20_sorted);
        data.address32_bucket = run::buckets(&data.address32_sorted);
    }

    fn write(mut self, disk: &Disk, folder: &Path) -> Result<SegmentMeta, LedgerError> {
        let tip = self.tip.to_string();
        let name =
            format!("segment-{:07}-{:07}-{}", self.ranges.blocks[0], self.ranges.blocks[1] - 1, &tip[tip.len() - 8..]);
        let path = folder.join(&name);
        if path.exists() {
            fs::remove_dir_all(&path).at("remove", &path)?;
        }
        fs::create_dir_all(&path).at("create the folder", &path)?;
        let files = self.data.write(disk, &path)?;
        Disk::sync_folder(&path)?;
        Ok(SegmentMeta { folder: name, ranges: self.ranges, tip: self.tip, block_bytes: self.block_bytes, files })
    }
}

/// Which of the sorted runs an address kind goes to.
fn class_of(kind: u8) -> u32 {
    match AddressKind::from_code(kind).and_then(AddressKind::payload_len) {
        Some(20) => CLASS_20,
        Some(32) => CLASS_32,
        _ => CLASS_32 + 1,
    }
}
