//! Runs as one run, or without the rows of their last blocks. Everything is read front to back and written front to
//! back: the memory it takes does not grow with the runs.

use super::{RUN, Run};
use crate::column::write::Unsynced;
use crate::column::{ColumnWriter, Element, FileMeta};
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::manifest::{Ranges, RunMeta};
use crate::run::index::Heads;
use crate::segment::finish::{folder_name, write_folder};
use athar_disk::Disk;
use athar_types::{AddressId, Hash32, TxNum};
use rayon::prelude::*;
use std::{path::Path, sync::Arc};

/// Writes the rows of `runs` (consecutive, of `ledger`, not empty) up to `end` as one run into a new folder inside
/// `folder`. `end` holds the ends of what is kept; `tip` is the hash of the last block kept.
pub(crate) fn merge(
    ledger: &Ledger,
    runs: &[Arc<Run>],
    end: &Ranges,
    tip: &Hash32,
    disk: &Disk,
    folder: &Path,
) -> Result<RunMeta, LedgerError> {
    let first = runs[0].ranges;
    let ranges = Ranges {
        blocks: [first.blocks[0], end.blocks[1]],
        txs: [first.txs[0], end.txs[1]],
        outputs: [first.outputs[0], end.outputs[1]],
        inputs: [first.inputs[0], end.inputs[1]],
        addresses: [first.addresses[0], end.addresses[1]],
    };
    let merging = Merging { ledger, runs, ranges };
    let name = folder_name(RUN, ranges.blocks, tip);
    let files = write_folder(disk, &folder.join(&name), |path| {
        // four parts that share nothing, each read front to back by itself
        let part = |number: usize| {
            let mut out = Out { disk, folder: path, files: Vec::new(), unsynced: Vec::new() };
            match number {
                0 => merging.paid(&mut out)?,
                1 => merging.keys(&mut out)?,
                2 => merging.txids(&mut out)?,
                _ => merging.spent(&mut out)?,
            }
            Ok((out.files, out.unsynced))
        };
        let written = (0..4).into_par_iter().with_max_len(1).map(part);
        let (files, unsynced): (Vec<_>, Vec<_>) = written.collect::<Result<Vec<_>, LedgerError>>()?.into_iter().unzip();
        Unsynced::sync_all(unsynced.into_iter().flatten().collect())?;
        Ok(files.into_iter().flatten().collect())
    })?;
    Ok(RunMeta { folder: name, ranges, files })
}

/// The files of the new run so far.
struct Out<'a> {
    disk: &'a Disk,
    folder: &'a Path,
    files: Vec<FileMeta>,
    unsynced: Vec<Unsynced>,
}

impl Out<'_> {
    fn column<T: Element>(&self, name: &str) -> Result<ColumnWriter<T>, LedgerError> {
        ColumnWriter::create(self.disk, self.folder, name)
    }

    fn keep<T: Element>(&mut self, column: ColumnWriter<T>) -> Result<(), LedgerError> {
        let (file, unsynced) = column.finish_unsynced()?;
        self.files.push(file);
        self.unsynced.push(unsynced);
        Ok(())
    }

    fn index(
        &mut self,
        [head_name, row_name, bucket_name]: [&str; 3],
        len: usize,
        sorted: impl Iterator<Item = (u64, u32)>,
    ) -> Result<(), LedgerError> {
        let (mut head, mut row) = (self.column::<u32>(head_name)?, self.column::<u32>(row_name)?);
        let mut heads = Heads::new(len);
        for (key, value) in sorted {
            head.push(heads.next(key))?;
            row.push(value)?;
        }
        self.keep(head)?;
        self.keep(row)?;
        let mut bucket = self.column::<u32>(bucket_name)?;
        bucket.extend(&heads.finish())?;
        self.keep(bucket)
    }
}

struct Merging<'a> {
    ledger: &'a Ledger,
    runs: &'a [Arc<Run>],
    /// Of the new run.
    ranges: Ranges,
}

/// Joins sorted sources into one; equal items come in the order of their sources. Few sources, so the smallest is
/// looked for among all of them.
struct Sorted<I: Iterator> {
    sources: Vec<(Option<I::Item>, I)>,
}

impl<I: Iterator> Sorted<I> {
    fn new(sources: impl Iterator<Item = I>) -> Self {
        Self { sources: sources.map(|mut source| (source.next(), source)).collect() }
    }
}

impl<I: Iterator<Item = (u64, u32)>> Iterator for Sorted<I> {
    type Item = (u64, u32);

    fn next(&mut self) -> Option<(u64, u32)> {
        let mut best: Option<(usize, (u64, u32))> = None;
        for (at, (head, _)) in self.sources.iter().enumerate() {
            if let Some(item) = head
                && best.is_none_or(|(_, least)| item.0 < least.0)
            {
                best = Some((at, *item));
            }
        }
        let (at, item) = best?;
        let (head, source) = &mut self.sources[at];
        *head = source.next();
        Some(item)
    }
}

impl Merging<'_> {
    /// Keys with the new run's relative rows, as far as they are kept.
    fn txids(&self, out: &mut Out<'_>) -> Result<(), LedgerError> {
        let [start, end] = self.ranges.txs;
        let sources = self.runs.iter().map(|run| {
            let first = run.ranges.txs[0];
            let key_of = move |row: u32| self.ledger.txid(TxNum(first + row)).prefix();
            let rows = run.txids().walk(key_of).map(move |(key, row)| (key, first + row - start));
            rows.filter(move |(_, row)| *row < end - start)
        });
        let names = ["txid.head", "txid.tx", "txid.bucket"];
        out.index(names, (end - start) as usize, Sorted::new(sources))
    }

    fn keys(&self, out: &mut Out<'_>) -> Result<(), LedgerError> {
        let [start, end] = self.ranges.addresses;
        let sources = self.runs.iter().map(|run| {
            let first = run.ranges.addresses[0];
            let key_of = move |row: u32| self.ledger.address_hash(AddressId(first + row));
            let rows = run.keys().walk(key_of).map(move |(key, row)| (key, first + row - start));
            rows.filter(move |(_, row)| *row < end - start)
        });
        let names = ["key.head", "key.address", "key.bucket"];
        out.index(names, (end - start) as usize, Sorted::new(sources))
    }

    fn paid(&self, out: &mut Out<'_>) -> Result<(), LedgerError> {
        let [first, end] = self.ranges.addresses;
        let outputs_end = self.ranges.outputs[1];
        let mut again = out.column::<u32>("paid.again")?;
        let mut start = out.column::<u32>("paid.start")?;
        let mut output = out.column::<u32>("paid.output")?;
        let mut slots: Vec<Slots<'_>> = self.runs.iter().map(|run| Slots { run, at: 0 }).collect();
        let mut written = 0_u32;
        while let Some(address) = slots.iter().filter_map(Slots::address).min().filter(|a| *a < end) {
            let begin = written;
            for slot in slots.iter_mut().filter(|slot| slot.address() == Some(address)) {
                let base = slot.run.ranges.outputs[0];
                for relative in slot.take() {
                    let global = base + u64::from(*relative);
                    if global < outputs_end {
                        // the first one shows that the slot is needed
                        if written == begin {
                            start.push(begin)?;
                            if address < first {
                                again.push(address)?;
                            }
                        }
                        output.push((global - self.ranges.outputs[0]) as u32)?;
                        written += 1;
                    }
                }
            }
        }
        start.push(written)?;
        out.keep(again)?;
        out.keep(start)?;
        out.keep(output)
    }

    fn spent(&self, out: &mut Out<'_>) -> Result<(), LedgerError> {
        let [start, outputs_end] = self.ranges.outputs;
        let tx_end = self.ranges.txs[1];
        let late = || {
            Sorted::new(self.runs.iter().map(|run| {
                let (outputs, txs) = run.late_spends();
                outputs.iter().copied().zip(txs.iter().copied())
            }))
            .filter(move |(_, tx)| *tx < tx_end)
        };
        let mut spent = out.column::<u32>("spent.by")?;
        let mut learned = late().skip_while(|(output, _)| *output < start).peekable();
        let mut at = start;
        for run in self.runs {
            for spender in run.output_spenders() {
                if at == outputs_end {
                    break;
                }
                let kept = if *spender < tx_end { *spender } else { TxNum::NONE };
                let later = learned.next_if(|(output, _)| *output == at);
                spent.push(later.map_or(kept, |(_, tx)| tx))?;
                at += 1;
            }
        }
        out.keep(spent)?;
        let mut output = out.column::<u64>("late.output")?;
        let mut spent_by = out.column::<u32>("late.spent_by")?;
        for (number, tx) in late().take_while(|(output, _)| *output < start) {
            output.push(number)?;
            spent_by.push(tx)?;
        }
        out.keep(output)?;
        out.keep(spent_by)
    }
}

/// The addresses of a run that outputs pay, in ascending order.
struct Slots<'a> {
    run: &'a Run,
    at: usize,
}

impl<'a> Slots<'a> {
    fn address(&self) -> Option<u32> {
        let again = &self.run.columns.paid_again;
        if let Some(address) = again.get(self.at) {
            return Some(*address);
        }
        let [first, end] = self.run.ranges.addresses;
        u32::try_from(self.at - again.len()).ok().and_then(|new| first.checked_add(new)).filter(|a| *a < end)
    }

    /// The outputs of the current address; goes on to the next.
    fn take(&mut self) -> &'a [u32] {
        let c = &self.run.columns;
        let outputs = c.paid_start[self.at] as usize..c.paid_start[self.at + 1] as usize;
        self.at += 1;
        &c.paid_output[outputs]
    }
}
