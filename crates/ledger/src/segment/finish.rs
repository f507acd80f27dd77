//! Finishing a segment: match what was parted, link it, sort what is looked up, write it all.

use super::build::{NO_ADDRESS, SegmentBuilder};
use super::counts::CountData;
use super::paid::sort_paid;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::manifest::{Piece, RunMeta, SegmentMeta};
use crate::run::RUN;
use crate::schema::{RunData, SegmentData};
use athar_disk::Disk;
use athar_types::AddressKind;
use std::path::Path;

/// How the folders of segments begin.
pub(crate) const SEGMENT: &str = "segment";

impl SegmentBuilder {
    /// Matches the blocks with `earlier` (the ledger that they follow) and writes them as a segment and its run, two
    /// folders inside `folder`. Nothing is committed: the caller hands the result to [`crate::Store::append`].
    pub fn finish(mut self, earlier: &Ledger, disk: &Disk, folder: &Path) -> Result<Piece, LedgerError> {
        let mut run = RunData::default();
        let late = self.join_inputs(earlier, &mut run)?;
        let addresses = self.give_addresses(earlier, &mut run)?;
        self.link_inputs(&late, &addresses, earlier, &mut run)?;
        drop(late);
        self.keep_uncompressed(&addresses);
        sort_paid(&addresses, self.ranges.addresses[0], self.ranges.addresses[1], &mut run);
        self.data.output_address = addresses;
        self.data.set_outputs(CountData::from_starts(&std::mem::take(&mut self.tx_output)));
        self.data.set_inputs(CountData::from_starts(&std::mem::take(&mut self.tx_input)));
        let name = |kind: &str| folder_name(kind, self.ranges.blocks, &self.tip);
        let (segment, run_folder) = (name(SEGMENT), name(RUN));
        let run_files = write_folder(disk, &folder.join(&run_folder), |path| run.write(disk, path))?;
        drop(run);
        let files = write_folder(disk, &folder.join(&segment), |path| self.data.write(disk, path))?;
        let (ranges, tip, block_bytes) = (self.ranges, self.tip, self.block_bytes);
        Ok(Piece {
            segment: SegmentMeta { folder: segment, ranges, tip, block_bytes, files },
            run: RunMeta { folder: run_folder, ranges, files: run_files },
        })
    }

    /// The P2PKH addresses that show an uncompressed key here, each with the first transaction that does.
    fn keep_uncompressed(&mut self, addresses: &[u32]) {
        let (spent, paid) = (std::mem::take(&mut self.uncompressed), std::mem::take(&mut self.uncompressed_paid));
        let spent = spent.into_iter().map(|input| (self.data.input_address[input as usize], self.tx_of_input(input)));
        let paid = paid.into_iter().map(|output| {
            let tx = self.tx_output.partition_point(|start| *start <= output) - 1;
            (addresses[output as usize], tx as u32)
        });
        let mut shown: Vec<(u32, u32)> = spent.chain(paid).filter(|(address, _)| *address != NO_ADDRESS).collect();
        shown.sort_unstable();
        shown.dedup_by_key(|(address, _)| *address);
        self.data.uncompressed_address = shown.iter().map(|s| s.0).collect();
        self.data.uncompressed_tx = shown.iter().map(|s| s.1).collect();
    }
}

impl SegmentData {
    /// Fills in the numbers of outputs.
    pub(super) fn set_outputs(&mut self, counts: CountData) {
        self.tx_outputs = counts.count;
        self.tx_output_base = counts.base;
        self.outputs_tx = counts.many_tx;
        self.outputs_count = counts.many_count;
    }

    /// Fills in the numbers of inputs.
    pub(super) fn set_inputs(&mut self, counts: CountData) {
        self.tx_inputs = counts.count;
        self.tx_input_base = counts.base;
        self.inputs_tx = counts.many_tx;
        self.inputs_count = counts.many_count;
    }
}

/// The folder of a segment or run: its blocks, and the end of its last block's hash, so that two branches differ.
pub(crate) fn folder_name(kind: &str, blocks: [u32; 2], tip: &athar_types::Hash32) -> String {
    let tip = tip.to_string();
    format!("{kind}-{:07}-{:07}-{}", blocks[0], blocks[1] - 1, &tip[tip.len() - 8..])
}

/// Makes a folder anew and durable around what `write` puts into it. Its own name is durable once the folder that holds
/// it was synced: the commit's first step.
pub(crate) fn write_folder<T>(
    disk: &Disk,
    path: &Path,
    write: impl FnOnce(&Path) -> Result<T, LedgerError>,
) -> Result<T, LedgerError> {
    if path.exists() {
        disk.remove_folder(path)?;
    }
    disk.create_folder(path)?;
    let written = write(path)?;
    disk.sync_folder(path)?;
    Ok(written)
}

/// Bytes of an address's payload that stand in `address.head`; the others stand in `tail.bytes`.
pub(super) const HEAD_LEN: usize = 20;

/// Whether the payload of this kind stands whole in `program.bytes`.
pub(super) const fn is_program(kind: u8) -> bool {
    kind == AddressKind::Witness as u8
}
