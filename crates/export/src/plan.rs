//! How the tables are cut into files: by the chain alone, so that the same store gives the same files.

use crate::error::ExportError;
use crate::table::Partition;
use crate::{Settings, Table};
use athar_ledger::Ledger;
use athar_types::{Height, TxNum};
use serde::{Deserialize, Serialize};
use std::{ops::Range, path::PathBuf};

/// Blocks in one `from_height` folder: about ten weeks of Bitcoin.
pub const BLOCKS_PER_PARTITION: u32 = 10_000;
/// Ids in one `from_address_id` or `from_entity_id` folder.
pub const IDS_PER_PARTITION: u32 = 8_000_000;
/// Rows in one file at most. It bounds what an interruption costs.
pub const PART_ROWS: u64 = 8_000_000;
/// Rows in one row group at most. It bounds the memory of a writer: compressed pages are held until their group ends.
pub(crate) const ROW_GROUP_ROWS: usize = 1_000_000;
/// Rows made at a time.
pub(crate) const BATCH_ROWS: u64 = 125_000;

/// How tables are cut into files. The defaults are for use; tests cut small chains smaller.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sizes {
    /// Blocks in one folder.
    pub blocks_per_partition: u32,
    /// Ids in one folder.
    pub ids_per_partition: u32,
    /// Rows in one file at most.
    pub part_rows: u64,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { blocks_per_partition: BLOCKS_PER_PARTITION, ids_per_partition: IDS_PER_PARTITION, part_rows: PART_ROWS }
    }
}

/// One file of the export.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Part {
    pub(crate) table: Table,
    /// Path inside the export's folder, with `/` on every system.
    pub(crate) path: String,
    /// What it covers, in the table's own numbers: heights, transactions, inputs, outputs, address ids (of entities:
    /// the address ids in which their names are looked for), places in the label store.
    pub(crate) rows: Range<u64>,
}

impl Part {
    pub(crate) fn len(&self) -> u64 {
        self.rows.end - self.rows.start
    }
}

/// The blocks that are exported: first, and last exclusive.
pub(crate) fn blocks(ledger: &Ledger, settings: &Settings) -> Result<Range<u32>, ExportError> {
    let tip = ledger.block_count().saturating_sub(1);
    let (from, to) = (settings.from.unwrap_or(0), settings.to.unwrap_or(tip));
    let what = if from > to {
        "the first is above the last".to_string()
    } else if to > tip {
        format!("the chain ends at {tip}")
    } else {
        return Ok(from..to + 1);
    };
    Err(ExportError::Range { from, to, what })
}

/// The files of the selected tables, in the order in which they are written.
pub(crate) fn parts(ledger: &Ledger, labels: usize, settings: &Settings) -> Result<Vec<Part>, ExportError> {
    let heights = blocks(ledger, settings)?;
    let mut parts = Vec::new();
    for table in Table::ALL.into_iter().filter(|t| settings.tables.contains(t)) {
        let (end, step) = match table.partition() {
            Partition::Height => (u64::from(heights.end), u64::from(settings.sizes.blocks_per_partition.max(1))),
            Partition::Id => (u64::from(ledger.address_count()), u64::from(settings.sizes.ids_per_partition.max(1))),
            Partition::None => (labels as u64, u64::MAX),
        };
        let first = if table.partition() == Partition::Height { u64::from(heights.start) } else { 0 };
        // a table without rows still has one file, so that a reader finds its columns
        let mut folder_start = first / step * step;
        loop {
            let covered = folder_start.max(first)..folder_start.saturating_add(step).min(end);
            let folder = match table.partition_key() {
                Some("from_height") => format!("{table}/from_height={folder_start:07}"),
                Some(key) => format!("{table}/{key}={folder_start:010}"),
                None => table.to_string(),
            };
            cut(table, &folder, rows(ledger, table, covered), settings.sizes.part_rows.max(1), &mut parts);
            folder_start = folder_start.saturating_add(step);
            if folder_start >= end {
                break;
            }
        }
    }
    Ok(parts)
}

/// The rows of a table for a range of blocks, ids or labels.
fn rows(ledger: &Ledger, table: Table, covered: Range<u64>) -> Range<u64> {
    if !matches!(table, Table::Transactions | Table::Inputs | Table::Outputs) || covered.is_empty() {
        return covered;
    }
    // every block has a transaction: where there is none such, the ledger has been damaged since it was opened
    let txs = |height: u64| ledger.block(Height(height as u32)).map(|b| b.txs).unwrap_or_default();
    let (first, last) = (txs(covered.start).start, txs(covered.end - 1).end.saturating_sub(1));
    match table {
        Table::Transactions => u64::from(first)..u64::from(last) + 1,
        Table::Inputs => ledger.tx_inputs(TxNum(first)).start..ledger.tx_inputs(TxNum(last)).end,
        _ => ledger.tx_outputs(TxNum(first)).start..ledger.tx_outputs(TxNum(last)).end,
    }
}

fn cut(table: Table, folder: &str, rows: Range<u64>, part_rows: u64, parts: &mut Vec<Part>) {
    let mut start = rows.start;
    for number in 0.. {
        let end = start.saturating_add(part_rows).min(rows.end).max(start);
        parts.push(Part { table, path: format!("{folder}/part-{number}.parquet"), rows: start..end });
        start = end;
        if start >= rows.end {
            return;
        }
    }
}

/// The table of a path that an export could have written; `None` for any other path.
pub(crate) fn table_of(path: &str) -> Option<Table> {
    let mut words = path.split('/');
    let table: Table = words.next()?.parse().ok()?;
    if let Some(key) = table.partition_key() {
        let value = words.next()?.strip_prefix(key)?.strip_prefix('=')?;
        number(value)?;
    }
    number(words.next()?.strip_prefix("part-")?.strip_suffix(".parquet")?)?;
    words.next().is_none().then_some(table)
}

fn number(text: &str) -> Option<u64> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// The path of a part inside a folder.
pub(crate) fn path_in(folder: &std::path::Path, path: &str) -> PathBuf {
    path.split('/').fold(folder.to_path_buf(), |at, word| at.join(word))
}

/// The numbers of the outputs of a block's transactions.
pub(crate) fn outputs_of(ledger: &Ledger, txs: &Range<u32>) -> Range<u64> {
    if txs.is_empty() {
        return 0..0;
    }
    ledger.tx_outputs(TxNum(txs.start)).start..ledger.tx_outputs(TxNum(txs.end - 1)).end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_that_an_export_writes_are_taken_for_its_own() {
        for (path, table) in [
            ("blocks/from_height=0000000/part-0.parquet", Table::Blocks),
            ("addresses/from_address_id=0008000000/part-12.parquet", Table::Addresses),
            ("entities/from_entity_id=0000000000/part-0.parquet", Table::Entities),
            ("labels/part-0.parquet", Table::Labels),
        ] {
            assert_eq!(table_of(path), Some(table), "{path}");
        }
        for foreign in [
            "",
            "blocks",
            "/etc/part-0.parquet",
            "../blocks/from_height=0000000/part-0.parquet",
            "blocks/../part-0.parquet",
            "blocks/from_height=/part-0.parquet",
            "blocks/from_height=1/part-.parquet",
            "blocks/from_height=1/part-0.parquet/x",
            "blocks/from_height=1/part-0.csv",
            "blocks/part-0.parquet",
            "labels/from_height=0000000/part-0.parquet",
            "labels/part-0.parquet.tmp",
        ] {
            assert_eq!(table_of(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn a_range_is_cut_without_gaps_and_an_empty_one_keeps_a_file() {
        let mut parts = Vec::new();
        cut(Table::Outputs, "outputs/from_height=0000000", 5..30, 10, &mut parts);
        assert_eq!(parts.iter().map(|p| p.rows.clone()).collect::<Vec<_>>(), [5..15, 15..25, 25..30]);
        assert_eq!(parts[2].path, "outputs/from_height=0000000/part-2.parquet");
        parts.clear();
        cut(Table::Labels, "labels", 0..0, 10, &mut parts);
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].len(), 0);
    }
}
