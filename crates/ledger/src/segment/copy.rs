//! Segments as one segment, or without their last blocks: the same rows under the same ids in another folder.

use super::Segment;
use super::counts::CountData;
use super::finish::{SEGMENT, folder_name, write_folder};
use crate::error::LedgerError;
use crate::manifest::{Ranges, SegmentMeta};
use crate::schema::SegmentData;
use athar_disk::Disk;
use athar_types::{AddressId, Hash32};
use rayon::prelude::*;
use std::{path::Path, sync::Arc};

/// The part of a segment that is kept, and where its rows begin in the copy.
struct Kept<'a> {
    segment: &'a Segment,
    /// Ends of everything kept, chain-wide.
    end: Ranges,
    blocks: usize,
    txs: usize,
    outputs: usize,
    inputs: usize,
    addresses: usize,
    first_tx: u32,
    first_output: u32,
    first_input: u32,
    first_address: u32,
}

impl<'a> Kept<'a> {
    fn new(segment: &'a Segment, end_block: u32, first: &Ranges) -> Self {
        let r = segment.ranges;
        let end = segment.ranges_at(end_block);
        Self {
            segment,
            end,
            blocks: (end.blocks[1] - r.blocks[0]) as usize,
            txs: (end.txs[1] - r.txs[0]) as usize,
            outputs: (end.outputs[1] - r.outputs[0]) as usize,
            inputs: (end.inputs[1] - r.inputs[0]) as usize,
            addresses: (end.addresses[1] - r.addresses[0]) as usize,
            first_tx: r.txs[0] - first.txs[0],
            first_output: (r.outputs[0] - first.outputs[0]) as u32,
            first_input: (r.inputs[0] - first.inputs[0]) as u32,
            first_address: r.addresses[0] - first.addresses[0],
        }
    }
}

impl Segment {
    /// The ranges of this segment's rows before the block at `height` (chain-wide, inside the segment or at its end).
    pub(crate) fn ranges_at(&self, height: u32) -> Ranges {
        let (r, c) = (self.ranges, &self.columns);
        if height >= r.blocks[1] {
            return r;
        }
        let blocks = (height - r.blocks[0]) as usize;
        let tx_end = if blocks == 0 { r.txs[0] } else { c.block_tx_end[blocks - 1] };
        let txs = (tx_end - r.txs[0]) as usize;
        let outputs = self.outputs().start(txs);
        // addresses are numbered by their first output, so the newest one paid so far is the last
        let newest = c.output_address[..outputs as usize].par_iter().filter(|a| **a != AddressId::NONE).max();
        let addresses = newest.map_or(r.addresses[0], |a| r.addresses[0].max(a + 1));
        Ranges {
            blocks: [r.blocks[0], height],
            txs: [r.txs[0], tx_end],
            outputs: [r.outputs[0], r.outputs[0] + u64::from(outputs)],
            inputs: [r.inputs[0], r.inputs[0] + u64::from(self.inputs().start(txs))],
            addresses: [r.addresses[0], addresses],
        }
    }
}

/// Writes the blocks of `segments` (consecutive, not empty) below `end_block` as one segment into a new folder inside
/// `folder`. Holds the copy in memory: meant for small segments, and for cutting one.
pub(crate) fn copy(
    segments: &[Arc<Segment>],
    end_block: u32,
    disk: &Disk,
    folder: &Path,
) -> Result<SegmentMeta, LedgerError> {
    let first = segments[0].ranges;
    let parts: Vec<Kept<'_>> = segments.iter().map(|s| Kept::new(s, end_block, &first)).collect();
    let mut data = SegmentData::default();
    blocks(&mut data, &parts);
    txs(&mut data, &parts);
    outputs(&mut data, &parts);
    inputs(&mut data, &parts);
    addresses(&mut data, &parts);
    uncompressed(&mut data, &parts);

    let last = parts[parts.len() - 1].end;
    let ranges = Ranges {
        blocks: [first.blocks[0], last.blocks[1]],
        txs: [first.txs[0], last.txs[1]],
        outputs: [first.outputs[0], last.outputs[1]],
        inputs: [first.inputs[0], last.inputs[1]],
        addresses: [first.addresses[0], last.addresses[1]],
    };
    let tip = Hash32(data.block_hash.last().copied().unwrap_or_default());
    let block_bytes = data.block_size.iter().map(|size| u64::from(*size)).sum();
    let name = folder_name(SEGMENT, ranges.blocks, &tip);
    let files = write_folder(disk, &folder.join(&name), |path| data.write(disk, path))?;
    Ok(SegmentMeta { folder: name, ranges, tip, block_bytes, files })
}

/// Appends the starts of a part's rows to those before it, whose end the new ones replace.
fn starts<T: Copy>(out: &mut Vec<T>, part: &[T], shift: impl Fn(T, &mut Vec<T>)) {
    out.pop();
    for start in part {
        shift(*start, out);
    }
}

/// Appends the exceptions of a part among its first `rows` rows.
fn sparse<T: Copy>(
    (out_rows, out_values): (&mut Vec<u32>, &mut Vec<T>),
    (rows, values): (&[u32], &[T]),
    count: usize,
    first: u32,
) {
    let kept = rows.partition_point(|row| (*row as usize) < count);
    out_rows.extend(rows[..kept].iter().map(|row| first + row));
    out_values.extend_from_slice(&values[..kept]);
}

/// Appends the rows of variable length of a part: `kept` of them, with their starts and bytes.
fn bytes((out_start, out_bytes): (&mut Vec<u32>, &mut Vec<u8>), (start, bytes): (&[u32], &[u8]), kept: usize) {
    let base = out_bytes.len() as u32;
    starts(out_start, &start[..=kept], |at, out| out.push(base + at));
    out_bytes.extend_from_slice(&bytes[..start[kept] as usize]);
}

fn blocks(data: &mut SegmentData, parts: &[Kept<'_>]) {
    for part in parts {
        let (c, n) = (&part.segment.columns, part.blocks);
        data.block_header.extend_from_slice(&c.block_header[..n]);
        data.block_hash.extend_from_slice(&c.block_hash[..n]);
        data.block_time.extend_from_slice(&c.block_time[..n]);
        data.block_tx_end.extend_from_slice(&c.block_tx_end[..n]);
        data.block_size.extend_from_slice(&c.block_size[..n]);
        bytes((&mut data.block_more_start, &mut data.block_more_bytes), (&c.block_more_start, &c.block_more_bytes), n);
    }
}

fn txs(data: &mut SegmentData, parts: &[Kept<'_>]) {
    let (mut tx_output, mut tx_input) = (Vec::new(), Vec::new());
    for part in parts {
        let (c, n, first) = (&part.segment.columns, part.txs, part.first_tx);
        data.tx_id.extend_from_slice(&c.tx_id[..n]);
        starts(&mut tx_output, &part.segment.outputs().starts(n), |at, out| out.push(part.first_output + at));
        starts(&mut tx_input, &part.segment.inputs().starts(n), |at, out| out.push(part.first_input + at));
        data.tx_version.extend_from_slice(&c.tx_version[..n]);
        data.tx_weight.extend_from_slice(&c.tx_weight[..n]);
        data.tx_flags.extend_from_slice(&c.tx_flags[..n]);
        sparse((&mut data.version_tx, &mut data.version_value), (&c.version_tx, &c.version_value), n, first);
        sparse((&mut data.weight_tx, &mut data.weight_value), (&c.weight_tx, &c.weight_value), n, first);
        sparse((&mut data.locktime_tx, &mut data.locktime_value), (&c.locktime_tx, &c.locktime_value), n, first);
        let flows = data.pool_tx.len();
        sparse((&mut data.pool_tx, &mut data.pool_kind), (&c.pool_tx, &c.pool_kind), n, first);
        data.pool_value.extend_from_slice(&c.pool_value[..data.pool_tx.len() - flows]);
    }
    data.set_outputs(CountData::from_starts(&tx_output));
    data.set_inputs(CountData::from_starts(&tx_input));
}

fn outputs(data: &mut SegmentData, parts: &[Kept<'_>]) {
    for part in parts {
        let (c, n) = (&part.segment.columns, part.outputs);
        data.output_value.extend_from_slice(&c.output_value[..n]);
        data.output_address.extend_from_slice(&c.output_address[..n]);
        data.output_kind.extend_from_slice(&c.output_kind[..n]);
        let kept = c.script_output.partition_point(|output| (*output as usize) < n);
        data.script_output.extend(c.script_output[..kept].iter().map(|output| part.first_output + output));
        let base = data.script_bytes.len() as u64;
        starts(&mut data.script_start, &c.script_start[..=kept], |at, out| out.push(base + at));
        data.script_bytes.extend_from_slice(&c.script_bytes[..c.script_start[kept] as usize]);
    }
}

fn inputs(data: &mut SegmentData, parts: &[Kept<'_>]) {
    for part in parts {
        let (c, n) = (&part.segment.columns, part.inputs);
        data.input_prev_tx.extend_from_slice(&c.input_prev_tx[..n]);
        data.input_prev_vout.extend_from_slice(&c.input_prev_vout[..n]);
        data.input_address.extend_from_slice(&c.input_address[..n]);
        sparse((&mut data.vout_input, &mut data.vout_value), (&c.vout_input, &c.vout_value), n, part.first_input);
    }
}

fn addresses(data: &mut SegmentData, parts: &[Kept<'_>]) {
    for part in parts {
        let (c, n, first) = (&part.segment.columns, part.addresses, part.first_address);
        data.address_kind.extend_from_slice(&c.address_kind[..n]);
        data.address_head.extend_from_slice(&c.address_head[..n]);
        sparse((&mut data.tail_address, &mut data.tail_bytes), (&c.tail_address, &c.tail_bytes), n, first);
        let kept = c.program_address.partition_point(|address| (*address as usize) < n);
        data.program_address.extend(c.program_address[..kept].iter().map(|address| first + address));
        bytes((&mut data.program_start, &mut data.program_bytes), (&c.program_start, &c.program_bytes), kept);
    }
}

fn uncompressed(data: &mut SegmentData, parts: &[Kept<'_>]) {
    let mut shown: Vec<(u32, u32)> = Vec::new();
    for part in parts {
        let c = &part.segment.columns;
        let all = c.uncompressed_address.iter().zip(&*c.uncompressed_tx);
        shown.extend(
            all.filter(|(_, tx)| (**tx as usize) < part.txs).map(|(address, tx)| (*address, part.first_tx + tx)),
        );
    }
    shown.sort_unstable();
    shown.dedup_by_key(|(address, _)| *address);
    data.uncompressed_address = shown.iter().map(|s| s.0).collect();
    data.uncompressed_tx = shown.iter().map(|s| s.1).collect();
}
